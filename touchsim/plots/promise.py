"""Promised and delivered: how far each facet and each standard of service fell short, and for how many.

One bar for each: the share of customers (or, of a standard in time, of contacts) that got less than was promised, with
its interval.  Beside it stand the promise and what was delivered on average, of facets with the gap in z.  Less than
promised on average is vermilion, more is blue, grey where the interval of the gap holds zero.

Called by the promise frame that draws itself and by reports; the frame comes from ``measure.promise``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from touchsim.languages import tell, told
from touchsim.plots.canvas import (
    INK,
    SOFT,
    headline,
    name_rows,
    nothing,
    plain,
    records,
    replications_of,
    ruled,
    sheet,
    whisker,
)
from touchsim.plots.numerals import interval, minutes, number, percent, signed
from touchsim.vocabulary import BLUE, GREY, VERMILION, label, name_of

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

__all__ = ["plot_promise_gap"]

_KINDS = {"wait": told("wait: {name}"), "delivery": told("delivery: {name}"), "refund": told("refund: {name}")}
_DAY = told("the promised day")


def plot_promise_gap(frame: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw the shares that got less than was promised, with the gap beside each.

    Parameters
    ----------
    frame : DataFrame
        See `touchsim.promise_gap`: ``kind, name, label, promise, delivered, unit, gap, low, high, disappointed,
        disappointed_low, disappointed_high, replications``.
    ax : Axes, optional
        Where to draw; a new figure if None.

    Returns
    -------
    Axes

    Examples
    --------
    >>> import pandas as pd
    >>> row = {"kind": "facet", "name": "returns", "label": "ease of return", "promise": 0.0, "delivered": -0.5,
    ...        "unit": "z", "gap": -0.5, "low": None, "high": None, "disappointed": 0.75, "disappointed_low": None,
    ...        "disappointed_high": None, "replications": 1}
    >>> [float(bar.get_width()) for bar in plot_promise_gap(pd.DataFrame([row])).patches]
    [75.0]
    """
    rows = records(frame)
    ax = sheet(ax, 9.0, 1.7 + 0.42 * max(len(rows), 3))
    if not rows:
        return nothing(ax, tell("nobody saw anything that was promised"))
    for place, row in enumerate(rows):
        share, low, high = row["disappointed"], row["disappointed_low"], row["disappointed_high"]
        ax.barh(place, 100 * share, height=0.62, color=_shade(row), alpha=0.85, linewidth=0)
        end = max(share, high) if whisker(ax, place, low, high, scale=100) else share
        ax.text(100 * end + 1.5, place, percent(share), va="center", ha="left", fontsize=9, color=INK)
        ax.text(126, place, plain(_gap_in_words(row), 60), va="center", ha="left", fontsize=9, color=INK)
    ax.text(126, -0.85, tell("promised, delivered"), va="center", ha="left", fontsize=9, color=SOFT)
    name_rows(ax, [_name(row) for row in rows], width=30, above=1.2, below=0.5)
    ax.set_xlim(0, 200)
    ax.set_xticks(range(0, 101, 20))
    ruled(ax, "x", tell("got less than was promised (%)"), left=True)
    note = tell("vermilion: less than promised on average; facets in standard deviations between customers")
    headline(ax, _sentence(rows), replications=replications_of(frame), note=note, x=-0.28)
    return ax


def _shade(row: dict[str, Any]) -> str:
    """Colour by the sign of the gap, grey where the interval holds zero."""
    if row["low"] is not None and row["low"] <= 0.0 <= row["high"]:
        return GREY
    return VERMILION if row["gap"] < 0.0 else BLUE


def _name(row: dict[str, Any]) -> str:
    """Facet, or what was waited for and where, in the language spoken."""
    if row["kind"] not in _KINDS:
        return label(row["name"])
    name = tell(_DAY) if row["name"] == "all" else name_of(row["name"], row["label"])
    return tell(_KINDS[row["kind"]], name=name)


def _gap_in_words(row: dict[str, Any]) -> str:
    if row["unit"] == "z":
        gap = interval(row["gap"], row["low"], row["high"], signed, single="")
        return tell("{promise}, {delivered}; gap {gap}", promise=signed(row["promise"]),
                    delivered=signed(row["delivered"]), gap=gap)  # fmt: skip
    spell = minutes if row["unit"] == "minutes" else lambda value: tell("{n} days", n=number(value))
    return f"{spell(row['promise'])}, {spell(row['delivered'])}"


def _sentence(rows: list[dict[str, Any]]) -> str:
    worst = max(rows, key=lambda row: row["disappointed"])
    return tell("The promise is broken most often on {name}: {share} got less", name=_name(worst),
                share=percent(worst["disappointed"]))  # fmt: skip
