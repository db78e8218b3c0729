"""Several studies side by side: one forest, a block of rows for each study, all on one scale.

Standardised coefficients of different studies have one unit, SD per SD, and different meanings: other people,
questions, scales and drivers beside them.  Hence each study keeps its own rows under its own name and n; nothing is
averaged over studies.  Hollow points have an interval that contains zero, a diamond is the truth where a simulator
knows it.  Called by notebooks and by whoever has two studies.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
from matplotlib.lines import Line2D

from touchsim.languages import tell
from touchsim.plots.canvas import INK, SOFT, headline, key_below, name_rows, nothing, records, ruled, sheet, whisker
from touchsim.plots.numerals import number
from touchsim.vocabulary import BLUE, FACETS, GREEN, ORANGE, OWN_NAMES, PURPLE, SKY, VERMILION, keys, label, naming

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_studies"]

SHADES = (BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY)
GAP = 0.7


def plot_studies(frame: pd.DataFrame, *, outcome: str = "satisfaction", ax: Axes | None = None) -> Axes:
    """Draw the standardised coefficients of several studies, each in rows of its own, strongest first.

    Parameters
    ----------
    frame : DataFrame
        ``study`` (its name), ``n`` (answers), ``outcome``, ``term``, ``std_beta``, ``std_low``, ``std_high``, with
        ``truth_std`` where it is known; and ``group``, of which the rows of everyone are taken.  Put together of tables
        of which some hold someone's own names, names are as written but for studies of the nine facets.
    outcome : str
        Which equation; all studies name it alike.
    ax : Axes, optional
        Where to draw; a new figure, as high as there are rows, if None.

    Returns
    -------
    Axes

    Examples
    --------
    >>> frame = pd.DataFrame({"study": ["a shop", "a bank"], "n": [300, 250], "outcome": "satisfaction",
    ...                       "term": ["returns", "value"], "std_beta": [0.4, 0.6], "std_low": [0.3, 0.5],
    ...                       "std_high": [0.5, 0.7]})
    >>> [tick.get_text() for tick in plot_studies(frame).get_yticklabels()]
    ['a shop (n = 300)', 'returns', 'a bank (n = 250)', 'value']
    """
    rows = frame[(frame["outcome"] == outcome) & frame["std_beta"].notna()] if len(frame) else frame
    rows = rows[rows["group"] == "all"] if "group" in rows else rows
    studies = list(dict.fromkeys(rows["study"])) if len(rows) else []
    owns = {study: frame.attrs.get(OWN_NAMES, {*rows.loc[rows["study"] == study, "term"]} != {*keys(FACETS)})
            for study in studies}  # fmt: skip
    with naming(any(owns.values())):
        words = label(outcome)
    ax = sheet(ax, 8.6, 2.2 + 0.31 * (len(rows) + (1 + GAP) * len(studies)))
    if not studies:
        return nothing(ax, tell("no coefficients of {outcome} in group {group}", outcome=words, group="all"))
    ax.axvline(0, color=SOFT, linewidth=0.9, zorder=1)
    names: list[str] = []
    places: list[float] = []
    heads: list[int] = []
    spot, knows_truth = 0.0, False
    for count, study in enumerate(studies):
        mine = rows[rows["study"] == study].sort_values("std_beta", ascending=False, kind="stable")
        heads.append(len(names))
        names.append(f"{study} (n = {number(int(mine['n'].iloc[0]))})")
        places.append(spot)
        for row in records(mine):
            spot += 1
            knows_truth |= _draw_row(ax, spot, row, SHADES[count % len(SHADES)])
            with naming(owns[study]):
                names.append(label(str(row["term"])))
            places.append(spot)
        spot += 1 + GAP
    name_rows(ax, names, places, width=46)
    for place, tick in enumerate(ax.get_yticklabels()):
        tick.set_fontweight("bold" if place in heads else "normal")
    ruled(ax, "x", tell("standardised coefficient (SD of {outcome} per SD of the driver)", outcome=words))
    ax.margins(x=0.08)
    note = tell("each study by itself: points with 95 % intervals; hollow: the interval contains zero")
    headline(ax, tell("What drives {outcome}", outcome=words), note=note, x=-0.4)
    if knows_truth:
        key_below(ax, [Line2D([], [], marker="D", color="none", markerfacecolor="none", markeredgecolor=INK,
                              markeredgewidth=1.4, label=tell("truth"))])  # fmt: skip
    return ax


def _draw_row(ax: Axes, spot: float, row: dict[str, Any], shade: str) -> bool:
    """One coefficient; whether its truth is known."""
    low, high, truth = row["std_low"], row["std_high"], row.get("truth_std")
    whisker(ax, spot, low, high, shade=shade, width=2.4)
    clear = low is None or not low <= 0 <= high
    ax.plot(row["std_beta"], spot, marker="o", markersize=6.5, color=shade, zorder=3, linestyle="none",
            markerfacecolor=shade if clear else "white", gid="estimate")  # fmt: skip
    if truth is not None:
        ax.plot(truth, spot, marker="D", markersize=6, markerfacecolor="none", zorder=4, markeredgecolor=INK,
                markeredgewidth=1.4, linestyle="none", gid="truth")  # fmt: skip
    return truth is not None
