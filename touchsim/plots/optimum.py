"""The inverted U: a key figure along one dial, with intervals, and where it has its top.

Called by the result of ``experiment.optimum``, which hands over its frame; nothing is computed here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from touchsim.languages import tell
from touchsim.plots.canvas import INK, decimals, headline, nothing, records, replications_of, ruled, sheet, whisker
from touchsim.plots.numerals import together
from touchsim.vocabulary import BLUE, ORANGE

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

__all__ = ["plot_optimum"]


def plot_optimum(
    frame: pd.DataFrame, *, best: float, low: float, high: float, inside: bool, setting: str, figure: str,
    unit: str = "", ax: Axes | None = None,
) -> Axes:  # fmt: skip
    """Draw a figure along one dial.

    Parameters
    ----------
    frame : DataFrame
        ``setting, value, low, high, replications``.
    best, low, high : float
        Top and its interval.
    inside : bool
        Whether there is a top between the settings.
    setting, figure, unit : str
        Words for the axes.
    ax : Axes, optional
        Where to draw; a new figure if None.

    Returns
    -------
    Axes

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"setting": [0.0, 1.0, 2.0], "value": [1.0, 2.0, 1.5], "low": [0.9, 1.9, 1.4],
    ...                       "high": [1.1, 2.1, 1.6], "replications": 9})
    >>> ax = plot_optimum(frame, best=1.2, low=1.0, high=1.3, inside=True, setting="times", figure="profit")
    >>> ax.get_xlabel()
    'times'
    """
    ax = sheet(ax, 7.5, 4.2)
    rows = records(frame)
    if not rows:
        return nothing(ax, tell("no setting was tried"))
    ax.axvspan(low, high, color=ORANGE, alpha=0.25, linewidth=0)
    if inside:
        ax.axvline(best, color=ORANGE, linewidth=1.6)
    ax.plot([row["setting"] for row in rows], [row["value"] for row in rows], color=BLUE, linewidth=1.8, marker="o",
            markersize=5)  # fmt: skip
    for row in rows:
        whisker(ax, row["setting"], row["low"], row["high"], upright=True)
    ax.set_xlabel(setting, color=INK)
    decimals(ax.xaxis)
    ruled(ax, "y", f"{figure} ({tell(unit)})" if unit else figure, keep=("bottom", "left"))
    top, first, last = together(best, low, high)
    found = {"figure": figure[:1].upper() + figure[1:], "low": first, "high": last}
    sentence = tell("{figure} has no certain top inside: the best is at the edge ({low} to {high})", **found)
    if inside:
        sentence = tell("{figure} is best at {setting} of {value} ({low} to {high})", value=top,
                        setting=setting, **found)  # fmt: skip
    headline(ax, sentence, replications=replications_of(frame),
             note=tell("orange: 95\u00a0% bootstrap interval of the top"))  # fmt: skip
    return ax
