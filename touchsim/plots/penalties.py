"""What a low rating costs and a high one brings: bars to the left and to the right of zero, a row for each driver.

The bar of low ratings (against the middle) is vermilion, that of high ratings blue; a hollow bar has an interval that
includes zero.  The class of a driver stands at the right, or that it is undecided.  Nothing is estimated here: the
frame comes from ``study.penalties``.

Called by ``PenaltyReward.plot`` and by notebooks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
from matplotlib.patches import Rectangle

from touchsim.languages import tell, told
from touchsim.plots.canvas import INK, SOFT, headline, key_below, name_rows, nothing, records, ruled, sheet, whisker
from touchsim.vocabulary import BLUE, KANO, VERMILION, in_its_names, label

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_penalties"]

SIDES = {"penalty": (VERMILION, told("low ratings against the middle")),
         "reward": (BLUE, told("high ratings against the middle"))}  # fmt: skip


@in_its_names
def plot_penalties(frame: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw penalties and rewards of the drivers of one outcome, the largest sum on top.

    Parameters
    ----------
    frame : DataFrame
        ``outcome, term, penalty, reward`` with ``_low`` and ``_high``, ``kind`` (`touchsim.penalty_reward`).
    ax : Axes, optional
        Where to draw; a new figure, as high as there are drivers, if None.

    Returns
    -------
    Axes

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"outcome": "satisfaction", "term": ["returns"], "penalty": [-0.5], "penalty_low": [-0.6],
    ...                       "penalty_high": [-0.4], "reward": [0.1], "reward_low": [-0.1], "reward_high": [0.3],
    ...                       "kind": ["must_be"]})
    >>> [round(float(bar.get_width()), 1) for bar in plot_penalties(frame).patches]
    [-0.5, 0.1]
    """
    rows = records(frame)
    rows.sort(key=lambda row: row["penalty"] - row["reward"])
    ax = sheet(ax, 9.2, 2.2 + 0.4 * max(3, len(rows)))
    if not rows:
        return nothing(ax, tell("no contrasts of low and high ratings"))
    for place, row in enumerate(rows):
        for side, (shade, _) in SIDES.items():
            low, high = row[f"{side}_low"], row[f"{side}_high"]
            clear = not low <= 0 <= high
            spot = place + (0.17 if side == "reward" else -0.17)
            ax.barh(spot, row[side], height=0.3, facecolor=shade if clear else "white", edgecolor=shade, linewidth=1.2,
                    alpha=0.85, zorder=1, gid="clear" if clear else "open")  # fmt: skip
            whisker(ax, spot, low, high)
    left = min(0.0, *(min(row["penalty_low"], row["reward_low"]) for row in rows))
    right = max(0.0, *(max(row["penalty_high"], row["reward_high"]) for row in rows))
    room = max(right - left, 1e-9)
    for place, row in enumerate(rows):
        kind = row["kind"] or ""
        words = label(kind, KANO) if kind else tell("undecided")
        ax.text(right + 0.04 * room, place, words, ha="left", va="center", fontsize=9, color=INK if kind else SOFT,
                style="normal" if kind else "italic")  # fmt: skip
    ax.axvline(0, color=SOFT, linewidth=0.9, zorder=2)
    ax.set_xlim(left - 0.03 * room, right + 0.3 * room)
    name_rows(ax, [label(row["term"]) for row in rows])
    outcome = label(rows[0]["outcome"])
    ruled(ax, "x", tell("difference in {outcome} (points)", outcome=outcome))
    ax.set_xticks([tick for tick in ax.get_xticks() if left - 0.03 * room <= tick <= right])
    marks = [Rectangle((0, 0), 1, 1, facecolor=shade, label=tell(words)) for shade, words in SIDES.values()]
    key_below(ax, marks, x=-0.25)
    note = tell("bars with 95 % intervals; hollow: the interval includes zero, which forbids a class that needs it")
    headline(ax, tell("What low ratings cost and high ones bring in {outcome}", outcome=outcome), x=-0.25, note=note)
    return ax
