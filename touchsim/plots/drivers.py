"""What drives an outcome: a forest of coefficients with the truth marked, and bars of relative importance.

`plot_coefficients` draws one row for each driver: the standardised estimate with its 95 % interval, coloured by the
block it belongs to (blue: met on the web shop, orange: met after the click), and, where the simulator knows it, the
truth as a diamond.  `plot_importance` draws how the explained variance of the outcome is shared among the drivers, and
below, among their blocks.  Nothing is estimated here: both frames come from ``study``.

Called by ``Fit.plot``, by reports and by notebooks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
from matplotlib.lines import Line2D

from touchsim.languages import tell, told
from touchsim.plots.canvas import (
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
    whisker,
)
from touchsim.plots.numerals import interval, percent
from touchsim.vocabulary import BLOCKS, GREY, colour, in_its_names, label, tells_own_names

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["group_name", "plot_coefficients", "plot_consequences", "plot_importance"]

CONSTANTS = ("const", "intercept", "Intercept", "constant")
GOODS = {"search": told("search goods"), "experience": told("experience goods")}
WAYS = {"lmg": told("LMG, averaged over all orders of entry"), "johnson": told("relative weights (Johnson)")}
NOTE = told("points with 95 % intervals of one survey; hollow: the interval contains zero")


def group_name(group: str) -> str:
    """Name of a group of respondents; the two types of goods get their noun, those of someone's own survey nothing.

    Examples
    --------
    >>> group_name("search"), group_name("heavy_users")
    ('search goods', 'heavy users')
    """
    if tells_own_names():
        return group
    return tell(GOODS[group]) if group in GOODS else group.replace("_", " ")


@in_its_names
def plot_coefficients(
    frame: pd.DataFrame,
    *,
    outcome: str = "satisfaction",
    group: str = "all",
    estimand: str = "",
    ax: Axes | None = None,
) -> Axes:
    """Draw standardised coefficients, strongest first, with intervals and the truth where it is known.

    Parameters
    ----------
    frame : DataFrame
        ``outcome``, ``term``, ``group``, ``std_beta``, ``std_low``, ``std_high`` and, where known, ``truth_std``.
    outcome, group : str
        Which rows to draw.
    estimand : str
        What the truth is, for the legend, e.g. ``"regression projection among those asked"``.
    ax : Axes, optional
        Where to draw; a new figure, as high as there are drivers, if None.

    Returns
    -------
    Axes

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"outcome": "satisfaction", "term": ["fulfilment", "appearance"], "group": "all",
    ...                       "std_beta": [0.4, 0.0], "std_low": [0.3, -0.1], "std_high": [0.5, 0.1]})
    >>> [tick.get_text() for tick in plot_coefficients(frame).get_yticklabels()]
    ['order fulfilment', 'website appearance']
    """
    rows = _rows(frame, outcome, group)
    ax = sheet(ax, 8.6, 2.2 + 0.36 * max(3, len(rows)))
    if rows.empty:
        why = tell("no coefficients of {outcome} in group {group}", outcome=label(outcome), group=group_name(group))
        return nothing(ax, why)
    rows = rows.sort_values("std_beta", ascending=False, kind="stable")
    unit = tell("standardised coefficient (SD of {outcome} per SD of the driver)", outcome=label(outcome))
    _draw_forest(ax, rows, [label(term) for term in rows["term"]], unit, estimand)
    title = tell("What drives {outcome}", outcome=label(outcome)) + ("" if group == "all" else f", {group_name(group)}")
    headline(ax, title, note=tell(NOTE), x=-0.25)
    return ax


@in_its_names
def plot_consequences(frame: pd.DataFrame, *, group: str = "all", estimand: str = "", ax: Axes | None = None) -> Axes:
    """Draw the coefficients of all outcomes that have a single driver, such as what follows from satisfaction.

    Parameters
    ----------
    frame : DataFrame
        As for `plot_coefficients`.
    group, estimand : str
        As for `plot_coefficients`.
    ax : Axes, optional
        Where to draw; a new figure if None.

    Returns
    -------
    Axes

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"outcome": ["repurchase"], "term": ["satisfaction"], "group": "all",
    ...                       "std_beta": [0.6], "std_low": [0.5], "std_high": [0.7]})
    >>> [tick.get_text().split() for tick in plot_consequences(frame).get_yticklabels()]
    [['satisfaction', '→', 'repurchase', 'intention']]
    """
    every = [_rows(frame, outcome, group) for outcome in dict.fromkeys(frame["outcome"])] if not frame.empty else []
    single = [rows for rows in every if len(rows) == 1]
    ax = sheet(ax, 8.6, 2.0 + 0.42 * max(2, len(single)))
    if not single:
        return nothing(ax, tell("no outcome has a single driver"))
    rows = pd.concat(single)
    names = [f"{label(term)} →\n{label(outcome)}" for term, outcome in zip(rows["term"], rows["outcome"], strict=True)]
    unit = tell("standardised coefficient (SD of the outcome per SD of the driver)")
    _draw_forest(ax, rows, names, unit, estimand)
    headline(ax, tell("What follows from it"), note=tell(NOTE), x=-0.25)
    return ax


@in_its_names
def plot_importance(
    frame: pd.DataFrame, *, outcome: str = "satisfaction", method: str = "lmg", ax: Axes | None = None
) -> Axes:
    """Draw relative importance as bars with intervals, drivers first and their blocks below.

    Parameters
    ----------
    frame : DataFrame
        ``outcome``, ``term`` (a driver or ``block:<name>``), ``method``, ``share`` (0..1 of the explained variance),
        ``low``, ``high``.
    outcome, method : str
        Which rows to draw.
    ax : Axes, optional
        Where to draw; a new figure if None.

    Returns
    -------
    Axes

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"outcome": "satisfaction", "term": ["returns", "security"], "method": "lmg",
    ...                       "share": [0.7, 0.3], "low": [0.6, 0.2], "high": [0.8, 0.4]})
    >>> [float(bar.get_width()) for bar in plot_importance(frame).patches]
    [70.0, 30.0]
    """
    chosen = frame[(frame["outcome"] == outcome) & (frame["method"] == method)] if not frame.empty else frame
    ax = sheet(ax, 8.6, 2.0 + 0.36 * max(3, len(chosen)))
    if chosen.empty:
        why = tell("no importance of drivers of {outcome}: no finite coefficients exist", outcome=label(outcome))
        return nothing(ax, why)
    is_block = chosen["term"].astype(str).str.startswith("block:")
    drivers = records(chosen[~is_block].sort_values("share", ascending=False, kind="stable"))
    blocks = records(chosen[is_block].sort_values("share", ascending=False, kind="stable"))
    places, names = [], []
    for place, row in enumerate(drivers + blocks):
        spot = place + (0.6 if place >= len(drivers) and drivers else 0.0)
        places.append(spot)
        names.append(_block_name(row["term"]))
        _draw_share(ax, spot, row)
    lows = [row["share"] if row["low"] is None else row["low"] for row in drivers + blocks]
    highs = [row["share"] if row["high"] is None else row["high"] for row in drivers + blocks]
    name_rows(ax, names, places)
    ax.set_xlim(100 * min(0.0, *lows), 150 * max(0.05, *highs))
    if max(highs) <= 1:  # room for the figures, on which there are no shares
        ax.set_xticks([tick for tick in ax.get_xticks() if 100 * min(0.0, *lows) <= tick <= min(100, ax.get_xlim()[1])])
    words = told("share of the explained variance of {outcome} (%)")
    if method.endswith("_latent"):
        words = told("share of the explained variance of {outcome}, latent answer (%)")
    ruled(ax, "x", tell(words, outcome=label(outcome)))
    way = WAYS.get(method.removesuffix("_latent"), method)
    headline(ax, tell("How much each driver explains of {outcome}", outcome=label(outcome)), x=-0.25,
             note=f"{tell(way)}; {tell('bars with 95 % intervals')}")  # fmt: skip
    return ax


def _draw_forest(ax: Axes, rows: pd.DataFrame, names: list[str], unit: str, estimand: str) -> None:
    """Draw estimates with intervals in the order of `rows`, the truth as diamonds, and the key."""
    ax.axvline(0, color=SOFT, linewidth=0.9, zorder=1)
    knows_truth = "truth_std" in rows and bool(rows["truth_std"].notna().any())
    for place, row in enumerate(records(rows)):
        shade = _colour(row["term"])
        low, high = row["std_low"], row["std_high"]
        whisker(ax, place, low, high, shade=shade, width=2.4)
        clear = low is None or not low <= 0 <= high
        ax.plot(row["std_beta"], place, marker="o", markersize=7.5, color=shade, zorder=3, linestyle="none",
                markerfacecolor=shade if clear else "white", gid="estimate")  # fmt: skip
        if knows_truth and row["truth_std"] is not None:
            ax.plot(row["truth_std"], place, marker="D", markersize=6.5, markerfacecolor="none", zorder=4,
                    markeredgecolor=INK, markeredgewidth=1.4, linestyle="none", gid="truth")  # fmt: skip
    name_rows(ax, names)
    ruled(ax, "x", unit)
    ax.margins(x=0.08)
    _legend(ax, rows, knows_truth, estimand)


def _rows(frame: pd.DataFrame, outcome: str, group: str) -> pd.DataFrame:
    """Rows of one outcome and group that have an estimate and are no constant."""
    if frame.empty:
        return frame
    keep = (frame["outcome"] == outcome) & (frame["group"] == group) & ~frame["term"].isin(CONSTANTS)
    return frame[keep & frame["std_beta"].notna()]


def _colour(term: str) -> str:
    """Colour of the block to which a driver belongs; grey for a driver of no block."""
    name = term.removeprefix("block:")
    for block, terms in () if tells_own_names() else BLOCKS.items():
        if name in terms or (name == block and term.startswith("block:")):
            return colour(block)
    return GREY


def _block_name(term: str) -> str:
    block = label(term.removeprefix("block:"))
    return tell("all {block} drivers", block=block) if term.startswith("block:") else block


def _draw_share(ax: Axes, spot: float, row: dict[str, Any]) -> None:
    """Bar, interval and number of one driver or block."""
    ax.barh(spot, 100 * row["share"], height=0.62, color=_colour(row["term"]), alpha=0.85, linewidth=0)
    end = row["share"]
    if whisker(ax, spot, row["low"], row["high"], scale=100):
        end = max(end, row["high"])
    words = interval(row["share"], row["low"], row["high"], percent, single=tell("no interval"))
    ax.annotate(words, (100 * end, spot), xytext=(5, 0), textcoords="offset points", va="center", fontsize=8.5,
                color=INK)  # fmt: skip


def _legend(ax: Axes, rows: pd.DataFrame, knows_truth: bool, estimand: str) -> None:
    """Blocks that occur, and what the diamond means."""
    shades = {_colour(term) for term in rows["term"]}
    marks = [Line2D([], [], color=colour(block), marker="o", linewidth=2.4,
                    label=tell("{block} driver", block=label(block)))
             for block in BLOCKS if colour(block) in shades]  # fmt: skip
    if GREY in shades and marks:
        marks.append(Line2D([], [], color=GREY, marker="o", linewidth=2.4, label=tell("other driver")))
    if knows_truth:
        words = tell("truth") + (f" ({tell(estimand)})" if estimand else "")
        marks.append(Line2D([], [], color=INK, marker="D", markerfacecolor="none", linestyle="none", markersize=6.5,
                            markeredgewidth=1.4, label=plain(words, 52)))  # fmt: skip
    key_below(ax, marks, x=-0.25)
