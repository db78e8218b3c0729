"""The weakest touchpoints as bars: what each loses, coloured by what contributes most to it.

The bar is the loss in points of mean emotion, with its 95 % interval; it reaches right where the touchpoint pulls the
mean down, left where it lifts it.  The colour, and the words beside the bar, name the cause.  Sparse touchpoints are
hatched.  The ranking is one of symptoms: the longest bar is not always the best place to begin.

Called by the frame that draws itself (``ts.weakest_touchpoints(log).plot()``), the reports and the command line.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
from matplotlib.transforms import ScaledTranslation

from touchsim.languages import tell, told
from touchsim.plots.canvas import INK, SOFT, decimals, headline, nothing, plain, records, replications_of, sheet, strip
from touchsim.vocabulary import colour, label, name_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_weakest"]

WORDS = {
    "title": told("Which touchpoints pull the feeling down, and by what"),
    "note": told("loss = contacts × shortfall of emotion, per contact of all: a ranking of symptoms"),
    "axis": told("loss (points of mean emotion; left of zero: lifts the mean)"),
    "spontaneous": told("{touchpoint} (spontaneous)"),
    "hatched": told("hatched: fewer than 30 contacts in all"),
}


def plot_weakest(frame: pd.DataFrame, *, most: int = 12, ax: Axes | None = None) -> Axes:
    """Draw the weakest touchpoints, the weakest on top.

    Parameters
    ----------
    frame : DataFrame
        ``touchpoint, loss, loss_low, loss_high, cause, sparse, replications`` (`touchsim.weakest_touchpoints`); names
        come from the provenance in ``frame.attrs``.
    most : int
        Only the first so many rows.
    ax : Axes, optional
        Where to draw; a new figure if None.

    Returns
    -------
    Axes

    Examples
    --------
    >>> import touchsim as ts
    >>> ax = plot_weakest(ts.weakest_touchpoints(ts.simulate(ts.load_scenario("corner_shop"), customers=80)), most=3)
    >>> len(ax.patches)
    3
    """
    shown = frame.dropna(subset="loss").head(most)
    ax = sheet(ax, 9.6, 1.9 + 0.36 * max(3, len(shown)))
    if shown.empty:
        return nothing(ax, tell("no contact left a feeling"))
    facts = frame.attrs.get("provenance", {}).get("touchpoints", {})
    rows = records(shown)
    for place, row in enumerate(rows):
        ax.barh(place, row["loss"], height=0.66, color=colour(row["cause"]), edgecolor="white",
                hatch="////" if row["sparse"] else None, linewidth=0, zorder=2)  # fmt: skip
        if row["loss_low"] is not None:
            ax.plot([row["loss_low"], row["loss_high"]], [place, place], color=INK, linewidth=1.2, zorder=3,
                    gid="interval")  # fmt: skip
        right = max(row["loss"], row["loss_high"] or 0.0, 0.0)
        beside = ax.transData + ScaledTranslation(6 / 72, 0, ax.figure.dpi_scale_trans)
        ax.text(right, place, label(row["cause"]), transform=beside, ha="left", va="center", fontsize=8.5, color=SOFT)
    ax.axvline(0.0, color=SOFT, linewidth=0.8, zorder=1)
    ax.set_yticks(range(len(rows)), [_name(row, facts) for row in rows])
    ax.set_ylim(len(rows) - 0.4, -0.6)
    ax.set_xlabel(tell(WORDS["axis"]), color=INK)
    low = min(0.0, *(row["loss"] if row["loss_low"] is None else row["loss_low"] for row in rows))
    high = max(0.0, *(row["loss"] if row["loss_high"] is None else row["loss_high"] for row in rows))
    room = max(high - low, 1e-9)
    ax.set_xlim(low - 0.03 * room, high + 0.42 * room)
    strip(ax)
    decimals(ax.xaxis)
    note = tell(WORDS["note"]) + (f"; {tell(WORDS['hatched'])}" if any(row["sparse"] for row in rows) else "")
    headline(ax, tell(WORDS["title"]), replications=replications_of(shown), note=note, x=-0.2)
    return ax


def _name(row: dict[str, Any], facts: dict[str, Any]) -> str:
    """Name of a touchpoint, and whether it is out of the brand's hands."""
    name = name_of(row["touchpoint"], facts.get(row["touchpoint"], {}).get("label"))
    return plain(name if row.get("managed", True) else tell(WORDS["spontaneous"], touchpoint=name), 30)
