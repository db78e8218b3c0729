"""Where a promise broke for a mystery guest: a bar for each promise, in the order of the visits, then the facets.

The bar is the share of replications in which the promise broke; a promise that never broke is a dot at zero.  Beside it
stands what the guest met, with its interval, against what was promised.  A facet is promised on average: it is grey
where the mean may well keep the promise, however many single guests saw less.

The names of what a guest measures stand here, for the sentences (`experiment.wording`) and the report as well.  Called
by the result that draws itself (``ts.mystery_guest(...).plot()``) and its report.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from touchsim.languages import tell, told
from touchsim.plots.canvas import (
    FAINT,
    INK,
    SOFT,
    headline,
    nothing,
    plain,
    records,
    replications_of,
    sheet,
    strip,
)  # fmt: skip
from touchsim.plots.numerals import interval, minutes, number, percent, signed
from touchsim.vocabulary import GREEN, GREY, OUTCOMES, VERMILION, keys, label, name_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["MEASURES", "PROMISERS", "SHARES", "broke_in", "measure_name", "place_name", "plot_guest", "spelled"]

SHARES = ("made", *(key for key in keys(OUTCOMES) if key != "unfinished"))
"""Measures that are shares of replications: whether the visit was made, and how it ended."""

MEASURES = {
    "made": told("visit made"), "wait_minutes": told("wait"), "late_days": told("days late (below zero: early)"),
    "refund_days": told("days until the refund"), "steps": told("steps of the return"),
    "outcome": told("outcome as expected"), "emotion": told("emotion"), "evidence": told("what was shown of it"),
    "change": told("change of the customer's view"),
}  # fmt: skip
PROMISERS = {"": "", "standard": told("standard"), "script": told("script"), "promised days": told("promised days"),
             "brand": told("brand")}  # fmt: skip
_BESIDE = 1.33
"""Where the words beside the bars begin: right of the longest bar and its number."""


def plot_guest(frame: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw how often each promise broke, and what was met against it.

    Parameters
    ----------
    frame : DataFrame
        The table of a `MysteryGuest`: ``visit, touchpoint, measure, promise, by, value, low, high, replications, broke,
        broken``; names of touchpoints come from the provenance in ``frame.attrs``.
    ax : Axes, optional
        Where to draw; a new figure if None.

    Returns
    -------
    Axes

    Examples
    --------
    >>> row = {"visit": 1, "touchpoint": "phone", "measure": "wait_minutes", "promise": 2.0, "by": "standard",
    ...        "value": 3.0, "low": None, "high": None, "replications": 1, "broke": 1.0, "broken": True}
    >>> [float(bar.get_width()) for bar in plot_guest(pd.DataFrame([row])).patches]
    [1.0]
    """
    rows = [row for row in records(frame) if row["broke"] is not None]
    ax = sheet(ax, 11.0, 1.9 + 0.34 * max(len(rows), 3))
    if not rows:
        return nothing(ax, tell("nothing was promised"))
    places: list[float] = []
    facts = frame.attrs.get("provenance", {}).get("touchpoints", {})
    for n, row in enumerate(rows):
        apart = 1.0 if n == 0 or rows[n - 1]["visit"] == row["visit"] else 1.5
        place = places[-1] + apart if places else 0.0
        places.append(place)
        share, shade = float(row["broke"]), _shade(row)
        ax.barh(place, share, color=shade, height=0.66, linewidth=0)
        if share == 0.0:
            ax.scatter([0.0], [place], color=shade, s=30, zorder=3, clip_on=False)
        ax.text(share + 0.025, place, broke_in(row), va="center", ha="left", fontsize=9, color=INK)
        ax.text(_BESIDE, place, _against(row), va="center", ha="left", fontsize=9, color=INK)
    ax.text(_BESIDE, -0.95, tell("met, against what was promised"), va="center", ha="left", fontsize=9, color=SOFT)
    ax.set_yticks(places, [plain(_name(row, facts), 60) for row in rows])
    ax.set_ylim(max(places[-1] + 0.6, 1.6), -1.3)
    ax.set_xlim(0.0, 2.5)
    ax.set_xticks([0.0, 0.25, 0.5, 0.75, 1.0], [f"{share}\u00a0%" for share in (0, 25, 50, 75, 100)])
    ax.set_xlabel(tell("share of replications in which the promise broke"), loc="left", color=INK)
    strip(ax, keep=())
    ax.vlines([0.0, 0.25, 0.5, 0.75, 1.0], -0.5, places[-1] + 0.5, color=FAINT, linewidth=0.8, zorder=0)
    note = tell("vermilion: broken; green: kept")
    if rows[-1]["visit"] == 0:
        facets = tell("grey: a facet whose mean may keep its promise (in standard deviations between customers)")
        note = f"{note}; {facets}"
    title = tell("Where the promise broke, visit by visit")
    headline(ax, title, replications=replications_of(frame), note=note, x=-0.3)
    return ax


def measure_name(measure: str) -> str:
    """Name of a measure in the language spoken; how a visit ended has the name of its outcome.

    Examples
    --------
    >>> measure_name("wait_minutes"), measure_name("turned_away")
    ('wait', 'turned away')
    """
    return tell(MEASURES[measure]) if measure in MEASURES else label(measure)


def place_name(row: Mapping[str, Any], facts: Mapping[str, Any]) -> str:
    """Name of the touchpoint of a row, as its scenario gives it."""
    return name_of(str(row["touchpoint"]), facts.get(str(row["touchpoint"]), {}).get("label"))


def spelled(measure: str) -> Callable[[float | None], str]:
    """How values of a measure are written: minutes as time, shares in percent, facets with their sign."""
    if measure in ("evidence", "change"):
        return signed
    return minutes if measure == "wait_minutes" else percent if measure in (*SHARES, "outcome") else number


def broke_in(row: Mapping[str, Any]) -> str:
    """In how many of the replications that count the promise of a row broke."""
    counted = row["replications"]
    return tell("{n} of {all}", n=round(row["broke"] * counted), all=counted)


def _shade(row: dict[str, Any]) -> str:
    if row["broken"]:
        return VERMILION
    return GREY if row["visit"] == 0 and row["broke"] else GREEN


def _against(row: dict[str, Any]) -> str:
    """What was met, with its interval, and what was promised, by whom."""
    spell = spelled(row["measure"])
    met = interval(row["value"], row["low"], row["high"], spell, single="")
    if row["low"] is not None and row["low"] == row["high"] == row["value"]:
        met = spell(row["value"])
    return tell("{met} against {promise} ({by})", met=met, promise=spell(row["promise"]), by=tell(PROMISERS[row["by"]]))


def _name(row: dict[str, Any], facts: Mapping[str, Any]) -> str:
    if row["visit"] == 0:
        return label(str(row["touchpoint"]))
    return f"{row['visit']} {place_name(row, facts)}: {measure_name(row['measure'])}"
