"""Importance against performance: a point with both intervals for each driver, in four quadrants.

Performance runs to the right, importance upwards, lines stand at the means (Martilla & James 1977).  Points are
numbered by importance and named beside the map; a filled one is told from both lines, a hollow one is not, so its
quadrant may be chance.  Nothing is estimated here: the frame comes from ``study.performance``.

Called by ``PerformanceMap.plot``, by reports and by notebooks.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pandas as pd
from matplotlib.transforms import ScaledTranslation

from touchsim.languages import tell, told
from touchsim.plots.canvas import FAINT, INK, SOFT, decimals, headline, nothing, plain, records, sheet, strip, whisker
from touchsim.vocabulary import BLOCKS, GREY, QUADRANTS, VERMILION, colour, in_its_names, label, tells_own_names

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_performance"]

CIRCLE = 13.0
CORNERS = {(0.0, 1.0): "concentrate", (1.0, 1.0): "keep_up", (0.0, 0.0): "low_priority", (1.0, 0.0): "overkill"}


@in_its_names
def plot_performance(frame: pd.DataFrame, *, outcome: str | None = None, ax: Axes | None = None) -> Axes:
    """Draw the map of importance and performance of the drivers of one outcome.

    Parameters
    ----------
    frame : DataFrame
        ``outcome, term, importance, performance`` with ``_low`` and ``_high``, ``above``, ``unit``, ``quadrant``
        (`touchsim.performance_map`).
    outcome : str, optional
        Which rows to draw; by default those of the first outcome.
    ax : Axes, optional
        Where to draw; a new figure if None.

    Returns
    -------
    Axes

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"outcome": "satisfaction", "term": ["returns", "security"], "importance": [0.7, 0.3],
    ...                       "importance_low": [0.6, 0.2], "importance_high": [0.8, 0.4], "performance": [3.0, 5.0],
    ...                       "performance_low": [2.9, 4.9], "performance_high": [3.1, 5.1], "above": [-1.0, 1.0],
    ...                       "unit": "points", "quadrant": ["concentrate", "overkill"]})
    >>> plot_performance(frame).get_xlabel()
    'performance: mean score (points)'
    """
    chosen = frame if outcome is None or frame.empty else frame[frame["outcome"] == outcome]
    if not chosen.empty:
        chosen = chosen[chosen["outcome"] == chosen["outcome"].iloc[0]]
    rows = records(chosen.sort_values("importance", ascending=False, kind="stable"))
    ax = sheet(ax, 9.2, max(5.2, 1.8 + 0.27 * len(rows)))
    if not rows:
        return nothing(ax, tell("no shares of drivers to put on a map"))
    center = sum(row["performance"] - row["above"] for row in rows) / len(rows)
    _frame(ax, rows, center, 100 / len(rows))
    step = min(0.11, 1.0 / len(rows))
    moves = _apart(ax, [(row["performance"], 100 * row["importance"]) for row in rows])
    for number, (row, move) in enumerate(zip(rows, moves, strict=True), start=1):
        _point(ax, row, number, move)
        beside = ax.transAxes + ScaledTranslation(12 / 72, 0, ax.figure.dpi_scale_trans)
        name = plain(f"{number}  {label(row['term'])}", 30, most=2)
        ax.text(1.0, 1.0 - step * (number - 0.5), name, transform=beside, ha="left", va="center",
                fontsize=9, color=INK, linespacing=1.1)  # fmt: skip
    words = told("performance: mean score (points)")
    if rows[0]["unit"] == "percent":
        words = told("performance: mean score (% of the range of answers)")
    strip(ax, keep=())
    ax.grid(color=FAINT, linewidth=0.8)
    ax.set_xlabel(tell(words), color=INK)
    ax.set_ylabel(tell("importance: share of the explained variance (%)"), color=INK)
    decimals(ax.xaxis)
    decimals(ax.yaxis)
    title = tell("What matters for {outcome}, and how well it is done", outcome=label(rows[0]["outcome"]))
    headline(ax, title, x=-0.09,
             note=tell("95 % intervals, lines at the means; hollow: not told from a line"))  # fmt: skip
    return ax


def _point(ax: Axes, row: dict[str, Any], number: int, move: tuple[float, float]) -> None:
    """Both intervals of a driver, and its number in a circle; where another stands there, aside with a line to it."""
    shade = GREY if tells_own_names() else next((colour(block) for block, terms in BLOCKS.items()
                                                 if row["term"] in terms), GREY)  # fmt: skip
    x, y, sure = row["performance"], 100 * row["importance"], bool(row["quadrant"])
    whisker(ax, y, row["performance_low"], row["performance_high"], shade=shade, width=1.4, alpha=0.8)
    whisker(ax, x, row["importance_low"], row["importance_high"], scale=100, upright=True, shade=shade, width=1.4,
            alpha=0.8)  # fmt: skip
    if move != (0.0, 0.0):
        ax.plot(x, y, marker="o", markersize=4, color=shade, linestyle="none", zorder=3)
        ax.annotate("", (x, y), xytext=move, textcoords="offset points", zorder=2.5,
                    arrowprops={"arrowstyle": "-", "color": shade, "linewidth": 0.8})  # fmt: skip
    spot = ax.transData + ScaledTranslation(move[0] / 72, move[1] / 72, ax.figure.dpi_scale_trans)
    ax.plot(x, y, marker="o", markersize=CIRCLE, markerfacecolor=shade if sure else "white", markeredgecolor=shade,
            markeredgewidth=1.4, linestyle="none", zorder=3.5, transform=spot,
            gid="sure" if sure else "unsure")  # fmt: skip
    ax.text(x, y, str(number), ha="center", va="center_baseline", fontsize=8, zorder=4, transform=spot,
            color="white" if sure else INK, gid="number")  # fmt: skip


def _apart(ax: Axes, points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """How far, in typographic points, each circle steps aside from those before it; nothing where there is room."""
    box = ax.get_window_extent()
    dpi = ax.figure.dpi
    wide, high = (end - start for start, end in (ax.get_xlim(), ax.get_ylim()))
    placed: list[tuple[float, float]] = []
    moves = []
    rings = [[(reach * math.cos(turn * math.pi / 4), reach * math.sin(turn * math.pi / 4)) for turn in range(8)]
             for reach in (20.0, 34.0, 48.0)]  # fmt: skip
    every = [(72 * box.width * x / wide / dpi, 72 * box.height * y / high / dpi) for x, y in points]

    def room(spot: tuple[float, float], others: list[tuple[float, float]]) -> float:
        return min((math.dist(spot, other) for other in others), default=math.inf)

    for x, y in every:
        move = (0.0, 0.0)
        if room((x, y), placed) < CIRCLE + 1:
            others = [*placed, *(point for point in every if point != (x, y))]
            best = [max(ring, key=lambda step: room((x + step[0], y + step[1]), others)) for ring in rings]
            move = next((step for step in best if room((x + step[0], y + step[1]), others) > CIRCLE + 2), best[0])
        moves.append(move)
        placed.append((x + move[0], y + move[1]))
    return moves


def _frame(ax: Axes, rows: list[dict[str, Any]], center: float, middle: float) -> None:
    """Lines at the means, room around the points, and the names of the quadrants in their corners."""
    left = min(center, *(row["performance_low"] for row in rows))
    right = max(center, *(row["performance_high"] for row in rows))
    top = max(middle, *(100 * row["importance_high"] for row in rows))
    bottom = min(0.0, *(100 * row["importance_low"] for row in rows))
    wide, high = max(right - left, 1e-9), max(top - bottom, 1e-9)
    ax.set_xlim(left - 0.08 * wide, right + 0.08 * wide)
    ax.set_ylim(bottom - 0.12 * high, top + 0.14 * high)
    ax.axvline(center, color=SOFT, linewidth=0.9, linestyle=(0, (4, 3)), zorder=1)
    ax.axhline(middle, color=SOFT, linewidth=0.9, linestyle=(0, (4, 3)), zorder=1)
    x0, y1 = ax.get_xlim()[0], ax.get_ylim()[1]
    ax.fill([x0, center, center, x0], [middle, middle, y1, y1], color=VERMILION, alpha=0.06, zorder=0, linewidth=0)
    ax.set_xticks([tick for tick in ax.get_xticks() if x0 <= tick <= ax.get_xlim()[1]])
    ax.set_yticks([tick for tick in ax.get_yticks() if ax.get_ylim()[0] <= tick <= min(y1, 100)])
    for (x, y), quadrant in CORNERS.items():
        ax.annotate(label(quadrant, QUADRANTS), (x, y), xycoords="axes fraction", xytext=(6 - 12 * x, 5 - 10 * y),
                    textcoords="offset points", ha="right" if x else "left", va="top" if y else "bottom", fontsize=9,
                    color=SOFT, style="italic")  # fmt: skip
