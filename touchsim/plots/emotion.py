"""Emotion along the journey: how contacts felt, need by need, online against offline.

The classic "emotional journey" line, computed: the mean emotion of the contacts of each need (-1 bad ... +1 good), one
line for online and one for offline touchpoints, with the interval over replications.  Points that rest on few contacts
are hollow.  The frame comes from ``measure.emotion``.

Called by reports and notebooks.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from matplotlib.lines import Line2D

from touchsim.languages import tell
from touchsim.plots.canvas import (
    INK,
    SOFT,
    headline,
    key_below,
    nothing,
    plain,
    records,
    replications_of,
    ruled,
    sheet,
    whisker,
)
from touchsim.plots.numerals import number
from touchsim.vocabulary import NEEDS, PHASES, colour, keys, label, phase_of, step_of

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

__all__ = ["plot_emotion"]

FEW = 30
SHAPES = {"online": "o", "offline": "s"}
DARK_ORANGE = "#8f6200"
"""The orange of offline touchpoints, dark enough for small print on white."""


def plot_emotion(frame: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw mean emotion along the needs of a journey, online and offline.

    Parameters
    ----------
    frame : DataFrame
        One row for each need and side: ``need``, ``step``, ``online`` (bool), ``contacts`` (per replication),
        ``emotion`` (-1..1), ``low``, ``high`` (null with one replication), ``replications``.
    ax : Axes, optional
        Where to draw; a new figure if None.

    Returns
    -------
    Axes

    Examples
    --------
    >>> import pandas as pd
    >>> row = {"need": "help", "step": "after_sales", "online": False, "contacts": 50.0, "emotion": -0.1,
    ...        "low": None, "high": None, "replications": 1}
    >>> ax = plot_emotion(pd.DataFrame([row]))
    """
    ax = sheet(ax, 9.6, 4.4)
    known = frame.dropna(subset=["emotion"]) if not frame.empty else frame
    if known.empty:
        return nothing(ax, tell("no contact left a feeling"))
    present = set(known["need"])
    needs = [need for need in keys(NEEDS) if need in present] + sorted(present - set(keys(NEEDS)))
    ends = known[[column for column in ("emotion", "low", "high") if column in known]].astype(float)
    top, bottom = max(0.05, float(ends.max().max())), min(-0.05, float(ends.min().min()))
    _draw_bands(ax, needs)
    ax.axhline(0, color=SOFT, linewidth=0.9, zorder=1)
    marks = [Line2D([], [], color=colour(key), marker=shape, label=tell("{side} touchpoints", side=label(key)))
             for key, shape in SHAPES.items()]  # fmt: skip
    marks.append(Line2D([], [], linestyle="none", marker="o", color=SOFT, markerfacecolor="white",
                        label=tell("hollow: fewer than {n} contacts in all", n=FEW)))  # fmt: skip
    for online in (True, False):
        rows = known[known["online"].astype(bool) == online]
        if not rows.empty:
            _draw_line(ax, rows, needs, online)
    ax.set_xticks(range(len(needs)), [plain(label(need), 13) for need in needs])
    ax.set_xlim(-0.5, len(needs) - 0.5)
    ax.set_ylim(bottom - 0.3 * (top - bottom), top + 0.28 * (top - bottom))
    ax.set_yticks([tick for tick in ax.get_yticks() if bottom - 0.1 < tick < top + 0.1 and abs(tick) <= 1])
    ax.set_xlabel(tell("what the customer needed at that moment"), color=INK)
    ruled(ax, "y", tell("mean emotion of contacts\n(−1 bad to +1 good)"))
    key_below(ax, marks, drop=58.0)
    headline(ax, tell("How contacts felt along the journey"), replications=replications_of(known),
             note=tell("at the foot: contacts per replication, online above, offline below"))  # fmt: skip
    return ax


def _draw_bands(ax: Axes, needs: list[str]) -> None:
    """Shade and name what lies before, during and after the purchase."""
    for place, phase in enumerate(PHASES):
        inside = [spot for spot, need in enumerate(needs) if phase_of(step_of(need)) == phase.key]
        if not inside:
            continue
        left, right = min(inside) - 0.5, max(inside) + 0.5
        if place % 2 == 0:
            ax.axvspan(left, right, color="#f6f7f8", zorder=0, linewidth=0)
        ax.text((left + right) / 2, 0.98, plain(label(phase.key), 12 * len(inside)), transform=ax.get_xaxis_transform(),
                ha="center", va="top", fontsize=9, color=SOFT, fontstyle="italic")  # fmt: skip


def _draw_line(ax: Axes, rows: pd.DataFrame, needs: list[str], online: bool) -> None:
    """Line, intervals and points of one side; hollow points rest on fewer than `FEW` contacts in all."""
    key = "online" if online else "offline"
    shade, nudge = colour(key), -0.06 if online else 0.06
    by_need = {row["need"]: row for row in records(rows)}
    heights = [by_need[need]["emotion"] if need in by_need else math.nan for need in needs]
    ax.plot([place + nudge for place in range(len(needs))], heights, color=shade, linewidth=1.8, zorder=2, gid=key)
    for place, need in enumerate(needs):
        if need not in by_need:
            continue
        row, spot = by_need[need], place + nudge
        whisker(ax, spot, row.get("low"), row.get("high"), upright=True, shade=shade, width=3.2, alpha=0.45)
        few = row["contacts"] * row["replications"] < FEW
        ax.plot(spot, row["emotion"], marker=SHAPES[key], markersize=7, color=shade, zorder=3, linestyle="none",
                markerfacecolor="white" if few else shade, gid="point")  # fmt: skip
        ax.text(place, 0.085 if online else 0.03, number(row["contacts"]), transform=ax.get_xaxis_transform(),
                ha="center", va="center", fontsize=7.5, color=shade if online else DARK_ORANGE)  # fmt: skip
