"""Three truths of each driver side by side: what a survey can find, what the view weighs, what raising it brings.

One group of rows for each driver, the largest projection on top; each truth is a mark with its Monte Carlo interval
(over crowds), told apart by form as well as colour.  Where the marks of a driver stand apart, the question "how much
does it matter" has more than one answer.  Called by ``ScoreCard.plot_truths``, reports and notebooks; nothing is
computed here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
from matplotlib.lines import Line2D

from touchsim.languages import tell, told
from touchsim.plots.canvas import SOFT, headline, key_below, name_rows, nothing, records, ruled, sheet, whisker
from touchsim.vocabulary import label

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["ESTIMANDS", "plot_truths"]

ESTIMANDS = {"projection": told("regression projection among those asked"), "structural": told("structural weight"),
             "total": told("total effect of raising it")}  # fmt: skip
MARKS = {"projection": ("D", "#0072B2"), "structural": ("s", "#5b636b"), "total": ("o", "#D55E00")}


def plot_truths(frame: pd.DataFrame, *, title: str = "", ax: Axes | None = None) -> Axes:
    """Draw the truths of every driver.

    Parameters
    ----------
    frame : DataFrame
        One row per driver and truth, from `touchsim.score_card`: ``term, estimand, truth, truth_low, truth_high``.
    title : str
        Whose truths they are.
    ax : Axes, optional
        Where to draw; a new figure, as high as there are drivers, if None.

    Returns
    -------
    Axes

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"term": "returns", "estimand": ["projection", "total"], "truth": [0.4, 0.3],
    ...                       "truth_low": [0.38, 0.2], "truth_high": [0.42, 0.4]})
    >>> [tick.get_text() for tick in plot_truths(frame).get_yticklabels()]
    ['ease of return']
    """
    known = [name for name in ESTIMANDS if name in set(frame["estimand"])] if not frame.empty else []
    first = frame[frame["estimand"] == known[0]] if known else frame
    terms = list(first.sort_values("truth", ascending=False, kind="stable")["term"]) if known else []
    step = len(known) + 0.7
    ax = sheet(ax, 9.4, 2.1 + 0.24 * max(6, len(terms) * step))
    if not terms:
        return nothing(ax, tell("no study gave an estimate"))
    ax.axvline(0, color=SOFT, linewidth=0.9, zorder=1)
    for place, term in enumerate(terms):
        for nth, name in enumerate(known):
            mark, shade = MARKS[name]
            for row in records(frame[(frame["term"] == term) & (frame["estimand"] == name)]):
                if row["truth"] is None:
                    ax.text(0, place * step + nth, "  " + tell("nothing raises it"), color=shade, fontsize=8.5,
                            va="center", gid="none")  # fmt: skip
                    continue
                whisker(ax, place * step + nth, row["truth_low"], row["truth_high"], shade=shade, width=2.2)
                ax.plot(row["truth"], place * step + nth, marker=mark, markersize=6, color=shade, linestyle="none",
                        zorder=3, gid="truth")  # fmt: skip
    middles = [place * step + (len(known) - 1) / 2 for place in range(len(terms))]
    name_rows(ax, [label(term) for term in terms], middles, above=len(known) / 2 + 0.2, below=len(known) / 2 + 0.4)
    outcome = label("satisfaction")
    ruled(ax, "x", tell("SD of {outcome} per SD of the driver", outcome=outcome))
    note = tell("lines are 95 % Monte Carlo intervals over simulated crowds")
    headline(ax, tell("{title}: what counts as a driver's effect", title=title) if title
             else tell("What counts as a driver's effect"), note=note, x=-0.25)  # fmt: skip
    handles = [Line2D([], [], color=MARKS[name][1], marker=MARKS[name][0], linewidth=2.2, label=tell(ESTIMANDS[name]))
               for name in known]  # fmt: skip
    key_below(ax, handles, x=-0.25, columns=3)
    return ax
