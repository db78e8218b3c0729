"""Where a promise broke for a mystery guest: a bar for each promise, in the order of the visits.

The bar is the share of replications in which the promise broke; a promise kept is a dot at zero.  Called by the result
that draws itself (``ts.mystery_guest(...).plot()``) and its report.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from touchsim.plots.canvas import INK, headline, nothing, plain, records, replications_of, sheet, strip
from touchsim.vocabulary import GREEN, VERMILION, label

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_guest"]

WORDS = {
    "title": "Where the promise broke, visit by visit",
    "note": "vermilion: broken, green: kept; of a facet, broken means that the whole interval lies below the promise",
    "axis": "share of replications in which the promise broke",
    "wait_minutes": "wait", "late_days": "days late", "refund_days": "days until the refund", "steps": "steps",
    "outcome": "outcome", "emotion": "emotion", "evidence": "evidence",
}  # fmt: skip


def plot_guest(frame: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw how often each promise broke.

    Parameters
    ----------
    frame : DataFrame
        The table of a `MysteryGuest`.
    ax : Axes, optional

    Returns
    -------
    Axes
    """
    rows = [row for row in records(frame) if row["broke"] is not None]
    ax = sheet(ax, 8.0, 1.6 + 0.32 * max(len(rows), 3))
    if not rows:
        return nothing(ax, "nothing was promised")
    rows = rows[::-1]
    colours = [VERMILION if row["broken"] else GREEN for row in rows]
    places = list(range(len(rows)))
    shares = [float(row["broke"]) for row in rows]
    ax.barh(places, shares, color=colours, height=0.62)
    ax.scatter(shares, places, color=colours, s=26, zorder=3, clip_on=False)
    ax.set_yticks(places, [plain(_name(row), 52) for row in rows], fontsize=9, color=INK)
    ax.set_xlim(0.0, 1.0)
    ax.set_xticks([0.0, 0.25, 0.5, 0.75, 1.0], ["0 %", "25 %", "50 %", "75 %", "100 %"])
    ax.set_xlabel(WORDS["axis"])
    strip(ax)
    headline(ax, WORDS["title"], replications=replications_of(frame), note=WORDS["note"])
    return ax


def _name(row: dict[str, object]) -> str:
    if row["visit"] == 0:
        return f"{label(str(row['touchpoint']))} (brand)"
    place = str(row["touchpoint"]).replace("_", " ")
    return f"{row['visit']} {place}: {WORDS[str(row['measure'])]} ({row['by']})"
