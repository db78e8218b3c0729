"""The stars that are posted beside the stars that all buyers would give.

Two bars for each number of stars: filled, the share of those who posted; open, the share of all buyers.  Where the
filled bars stand tall at the ends and low in the middle, moderate customers keep silent.

Called by the frame of reviews that draws itself and by reports; the frame comes from ``measure.reviews``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from matplotlib.patches import Patch

from touchsim.languages import tell
from touchsim.plots.canvas import INK, headline, key_below, nothing, records, replications_of, ruled, sheet, whisker
from touchsim.plots.numerals import interval, number, percent, signed
from touchsim.vocabulary import BLUE, ORANGE

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

__all__ = ["plot_reviews"]


def plot_reviews(frame: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw the distribution of the stars posted, beside that of all buyers.

    Parameters
    ----------
    frame : DataFrame
        See `touchsim.reviews`: ``stars, posted, everyone``, each share with ``_low, _high``, ``replications``; the
        mean gap in ``attrs["gap"]`` where it is there.
    ax : Axes, optional
        Where to draw; a new figure if None.

    Returns
    -------
    Axes

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"stars": [1, 5], "posted": [0.25, 0.75], "everyone": [0.5, 0.5], "posted_low": None,
    ...                       "posted_high": None, "everyone_low": None, "everyone_high": None, "replications": 1})
    >>> [float(bar.get_height()) for bar in plot_reviews(frame).patches]
    [25.0, 50.0, 75.0, 50.0]
    """
    ax = sheet(ax, 7.5, 4.2)
    rows = [row for row in records(frame) if row["posted"] is not None]
    if not rows:
        return nothing(ax, tell("nobody posted a review"))
    for row in rows:
        for side, shift, shade in (("posted", -0.2, BLUE), ("everyone", 0.2, ORANGE)):
            share, low, high = (row[f"{side}{end}"] for end in ("", "_low", "_high"))
            if share is None:
                continue
            at = row["stars"] + shift
            ax.bar(at, 100 * share, width=0.38, color=shade, alpha=0.85, linewidth=0)
            top = max(share, high) if whisker(ax, at, low, high, scale=100, upright=True) else share
            ax.text(at, 100 * top + 1.0, percent(share), ha="center", va="bottom", fontsize=8.5, color=INK)
    ax.set_xticks([row["stars"] for row in rows], [_stars(int(row["stars"])) for row in rows])
    ax.set_ylim(0, 1.12 * ax.get_ylim()[1])
    ruled(ax, "y", tell("share (%)"), keep=("bottom",))
    headline(ax, _sentence(frame), replications=replications_of(frame), note=_means(frame))
    sides = ((BLUE, tell("posted")), (ORANGE, tell("all buyers would give")))
    key_below(ax, [Patch(color=shade, label=words) for shade, words in sides], drop=30.0)
    return ax


def _sentence(frame: pd.DataFrame) -> str:
    """Which way the stars posted err, where the frame says so."""
    gap = frame.attrs.get("gap")
    if not gap or gap["value"] != gap["value"]:
        return tell("What reviews show, and what all buyers think")
    if abs(gap["value"]) < 0.005:
        return tell("Reviews are fair on average")
    if gap["value"] > 0:
        return tell("Reviews flatter: {gap} stars", gap=_spelt(gap))
    return tell("Reviews are harsher than buyers are: {gap} stars", gap=_spelt(gap))


def _stars(n: int) -> str:
    return tell("1 star") if n == 1 else tell("{n} stars", n=n)


def _spelt(mean: dict[str, float]) -> str:
    return interval(mean["value"], mean["low"], mean["high"], signed, single="")


def _means(frame: pd.DataFrame) -> str:
    posted, everyone = frame.attrs.get("posted"), frame.attrs.get("everyone")
    if not posted or not everyone:
        return ""
    return tell("mean posted {posted}, of all buyers {everyone}", posted=number(posted["value"]),
                everyone=number(everyone["value"]))  # fmt: skip
