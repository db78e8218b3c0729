"""One survey design in several worlds, side by side: the picture for a referee.

A row for each driver, in the same order everywhere; a column for each world, all on the same scale, so that a
coefficient means the same length in each.  The truth is a diamond on a tick; of each estimator the mean with the range
that holds 95 % of the studies, an arrowhead wherever mean or range leave the column.  On the right of a column, in the
estimator's colour, how often its 95 % interval held the truth, in bold where less than 90 %; in grey, with their
number, where more than one study in ten gave no estimate.  Called by ``referee_forest``; nothing is computed here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
from matplotlib.lines import Line2D

from touchsim.languages import tell
from touchsim.plots.canvas import (
    FAINT,
    INK,
    SOFT,
    headline,
    key_below,
    name_rows,
    nothing,
    plain,
    records,
    ruled,
    sheet,
)
from touchsim.plots.numerals import fixed
from touchsim.plots.reach import marked_beyond, within
from touchsim.plots.score import FAIR, LOST, NAMES, RANGE, SHADES, beside
from touchsim.vocabulary import label

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_worlds"]

BEYOND = 0.25
"""How far a column reaches past the truths at the most; what scatters further says nothing, and would hide the rest."""

WIDE, ROOM = (3.3, 3.9), (0.42, 0.68)
"""Inches of a column, and of its width the part for the shares on its right; and where studies have no estimate."""

TICK = 0.2
NAMED = 1.6
"""Rows above the first, for the names of the worlds."""


def plot_worlds(frame: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw truth, estimates and coverage of every driver in every world.

    Parameters
    ----------
    frame : DataFrame
        ``world`` (a title), ``estimator, term, truth, mean, emp_se, coverage, studies, failed, respondents`` of one
        size and one estimand (`touchsim.score_card`).
    ax : Axes, optional
        Where to draw; a new figure, as wide as there are worlds, if None.

    Returns
    -------
    Axes

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"world": ["A", "B"], "estimator": ["ols"] * 2, "term": ["returns"] * 2,
    ...                       "truth": [0.4, 0.0], "mean": [0.3, 0.1], "emp_se": [0.04] * 2, "coverage": [0.4, 0.5],
    ...                       "studies": [100] * 2, "failed": [0, 0], "respondents": [500] * 2})
    >>> [tick.get_text() for tick in plot_worlds(frame).get_yticklabels()]
    ['ease of return']
    """
    known = frame[frame["truth"].notna()] if not frame.empty else frame
    worlds, estimators, terms = ([] if known.empty else list(dict.fromkeys(known[column]))
                                 for column in ("world", "estimator", "term"))  # fmt: skip
    some = known[known["mean"].notna()] if worlds else known
    lost = bool((some["failed"] > LOST * (some["studies"] + some["failed"])).any()) if len(some) else False
    high = max(6, NAMED + len(terms) * (len(estimators) + 0.6))
    ax = sheet(ax, 2.6 + WIDE[lost] * max(1, len(worlds)), 2.6 + 0.26 * high)
    if not worlds:
        return nothing(ax, tell("no study gave an estimate"))
    low, high = _ends(known)
    column, step = (1 + ROOM[lost]) * (high - low), len(estimators) + 0.6
    for nth, world in enumerate(worlds):
        rows = known[known["world"] == world]
        zero = nth * column - low
        ax.plot([zero] * 2, [-0.7, len(terms) * step - 0.9], color=SOFT, linewidth=0.9, zorder=1)
        ax.text(nth * column, -0.9, plain(str(world), 34, most=2), fontsize=10, fontweight="bold", color=INK, ha="left",
                va="bottom", gid="world")  # fmt: skip
        for place, term in enumerate(terms):
            _driver(ax, place * step, records(rows[rows["term"] == term]), zero, (low, high))
    middles = [place * step + (len(estimators) - 1) / 2 for place in range(len(terms))]
    name_rows(ax, [label(term) for term in terms], middles, above=1.0 + NAMED, below=len(estimators) / 2 + 0.4)
    ruled(ax, "x", tell("standardised coefficient (SD of {outcome} per SD of the driver)",
                        outcome=label("satisfaction")))  # fmt: skip
    ticks = [TICK * many for many in range(-9, 10) if low <= TICK * many <= high]
    ax.set_xticks([nth * column - low + tick for nth in range(len(worlds)) for tick in ticks],
                  [fixed(tick, 1) for _ in worlds for tick in ticks])  # fmt: skip
    ax.grid(axis="x", color=FAINT, linewidth=0.8)
    ax.set_xlim(-0.02 * column, len(worlds) * column)
    first = records(known)[0]
    note = tell("{studies} studies of {n} respondents in each world; lines hold 95 % of the estimates; beside them: "
                "how often the 95 % interval held the truth (hollow, bold: under 90 %); one scale for all",
                n=first["respondents"], studies=first["studies"] + first["failed"])  # fmt: skip
    if known["mean"].isna().any():
        note = f"{note}; {tell('none')}: {tell('no study gave an estimate')}"
    headline(ax, tell("Where a survey finds the truth, and where it does not"), note=marked_beyond(ax, note), x=-0.12)
    marks: list[Any] = [Line2D([], [], color=SHADES[one], marker="o", linewidth=2.2, label=tell(NAMES[one]))
                        for one in estimators]  # fmt: skip
    marks.append(Line2D([], [], color=INK, marker="D", markerfacecolor="white", linestyle="none", markersize=6.5,
                        markeredgewidth=1.4, label=tell("truth")))  # fmt: skip
    key_below(ax, marks)
    return ax


def _ends(known: pd.DataFrame) -> tuple[float, float]:
    """Ends of every column: around all truths and zero, and all ranges that are not too far from them."""
    sound = known[known["mean"].notna()]
    reach = RANGE * sound["emp_se"].fillna(0.0)
    least, most = min(0.0, float(known["truth"].min())), max(0.0, float(known["truth"].max()))
    low = min(least, float((sound["mean"] - reach).min())) if len(sound) else least
    high = max(most, float((sound["mean"] + reach).max())) if len(sound) else most
    return max(low, least - BEYOND) - 0.02, min(high, most + BEYOND) + 0.02


def _driver(ax: Axes, top: float, rows: list[dict[str, Any]], zero: float, ends: tuple[float, float]) -> None:
    """The truth of one driver in one world, and what each estimator made of it."""
    if not rows:
        return
    low, high = ends
    truth = zero + rows[0]["truth"]
    ax.plot([truth] * 2, [top - 0.55, top + len(rows) - 0.45], color=INK, linewidth=1.2, zorder=2)
    ax.plot(truth, top + (len(rows) - 1) / 2, marker="D", markersize=6, markerfacecolor="white", markeredgecolor=INK,
            markeredgewidth=1.4, linestyle="none", zorder=4, gid="truth")  # fmt: skip
    for nth, row in enumerate(rows):
        shade, place, edge = SHADES[row["estimator"]], top + nth, zero + high + 0.05 * (high - low)
        beside(ax, edge, place, row)
        if row["mean"] is None:
            continue
        reach, fair = RANGE * row["emp_se"], row["coverage"] >= FAIR
        within(ax, place, row["mean"], (row["mean"] - reach, row["mean"] + reach), ends, shade=shade, zero=zero,
               filled=fair)  # fmt: skip
