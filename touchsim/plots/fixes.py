"""What fixing the weakest touchpoints is worth: the gain of each, in the order in which the map ranks them.

The weakest by the map stands on top.  The dot is the gain in mean latent satisfaction when this touchpoint alone is
fixed, with its 95 % paired interval; words beside it give its place by effect.  If the map ranked by effect, the dots
would fall from the upper right to the lower left.

Called by the result of ``experiment.fixes`` and by the report of the map, which hand over the frame; nothing is
computed here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pandas as pd
from matplotlib.transforms import ScaledTranslation

from touchsim.languages import tell
from touchsim.plots.canvas import INK, SOFT, decimals, headline, nothing, plain, records, replications_of, sheet, strip
from touchsim.vocabulary import colour, label, name_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_fixes"]


def plot_fixes(frame: pd.DataFrame, *, names: Mapping[str, str] | None = None, ax: Axes | None = None) -> Axes:
    """Draw the gain of each fix.

    Parameters
    ----------
    frame : DataFrame
        ``rank, rank_by_gain, touchpoint, cause, changed, gain, gain_low, gain_high, replications``
        (`touchsim.fix_weakest`), the weakest first.
    names : mapping, optional
        Names of touchpoints as people say them; the key without one.
    ax : Axes, optional
        Where to draw; a new figure if None.

    Returns
    -------
    Axes

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"rank": [1], "rank_by_gain": [1], "touchpoint": ["phone"], "cause": ["in_vain"],
    ...                       "changed": [True], "gain": [0.2], "gain_low": [0.1], "gain_high": [0.3],
    ...                       "replications": [9]})
    >>> [text.get_text() for text in plot_fixes(frame).get_yticklabels()]
    ['1. phone']
    """
    rows = records(frame)
    ax = sheet(ax, 9.6, 2.0 + 0.44 * max(3, len(rows)))
    if not rows:
        return nothing(ax, tell("no touchpoint that the brand runs loses anything"))
    for place, row in enumerate(rows):
        ax.plot([row["gain_low"], row["gain_high"]], [place, place], color=INK, linewidth=1.4, zorder=2,
                gid="interval")  # fmt: skip
        ax.plot([row["gain"]], [place], marker="o", markersize=8, color=colour(row["cause"]), zorder=3,
                linestyle="none", gid="gain")  # fmt: skip
        beside = ax.transData + ScaledTranslation(8 / 72, 0, ax.figure.dpi_scale_trans)
        words = tell("no. {place} by effect; {cause}", place=row["rank_by_gain"], cause=label(row["cause"]))
        if not row["changed"]:
            words = tell("no. {place} by effect; nothing to fix", place=row["rank_by_gain"])
        ax.text(max(row["gain_high"], row["gain"], 0.0), place, words, transform=beside, ha="left", va="center",
                fontsize=8.5, color=SOFT)  # fmt: skip
    ax.axvline(0.0, color=SOFT, linewidth=0.8, zorder=1)
    named = names or {}
    spoken = [f"{row['rank']}. {named.get(row['touchpoint'], name_of(row['touchpoint'], None))}" for row in rows]
    ax.set_yticks(range(len(rows)), [plain(name, 30) for name in spoken])
    ax.set_ylim(len(rows) - 0.4, -0.6)
    ax.set_xlabel(tell("gain in mean latent satisfaction when this touchpoint alone is fixed (z)"), color=INK)
    low, high = min(0.0, *(row["gain_low"] for row in rows)), max(0.0, *(row["gain_high"] for row in rows))
    room = max(high - low, 1e-9)
    ax.set_xlim(low - 0.03 * room, high + 0.62 * room)
    strip(ax)
    decimals(ax.xaxis)
    headline(ax, tell("Which of the weakest touchpoints are worth fixing"), replications=replications_of(frame),
             note=tell("numbered by the map, the weakest on top; each fixed alone"), x=-0.2)  # fmt: skip
    return ax
