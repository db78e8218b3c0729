"""A comparison as a forest: by how many percent each variant moves each key figure, with paired intervals.

One row for each key figure, one colour for each variant; the point is the difference as a percentage of the base
scenario's value, the line its 95 % interval over paired replications.  Beside it stands the difference in the units of
the figure.  Figures whose base value is zero have no percentage and are named in the note instead.

Called by comparison results and reports; the frame comes from ``experiment``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from matplotlib.lines import Line2D

from touchsim.languages import tell
from touchsim.plots.canvas import (
    INK,
    SOFT,
    headline,
    key_below,
    name_rows,
    nothing,
    plain,
    records,
    replications_of,
    ruled,
    sheet,
    whisker,
)
from touchsim.plots.numerals import interval, number
from touchsim.vocabulary import BLUE, GREEN, ORANGE, PURPLE, SKY, VERMILION, label

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

__all__ = ["plot_differences"]

SHADES = (BLUE, ORANGE, GREEN, PURPLE, VERMILION, SKY)


def plot_differences(
    frame: pd.DataFrame,
    *,
    kpis: tuple[str, ...] | None = None,
    group: str = "all",
    labels: Mapping[str, str] | None = None,
    units: Mapping[str, str] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw relative differences between variants and the base scenario.

    Parameters
    ----------
    frame : DataFrame
        ``kpi``, ``group``, ``variant``, ``base``, ``value``, ``difference``, ``low``, ``high`` (of the difference),
        ``replications``.
    kpis : tuple of str, optional
        Which key figures, in this order; default all of the group, in the order of the frame.
    group : str
        Which group of rows.
    labels : mapping of str to str, optional
        What the key figures are called; a key that is not in it is its own label.
    units : mapping of str to str, optional
        Units of the key figures, written behind their differences; a ``share`` differs by percentage points.
    ax : Axes, optional
        Where to draw; a new figure if None.

    Returns
    -------
    Axes

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"kpi": ["conversion"], "group": "all", "variant": "b", "base": 0.2, "value": 0.22,
    ...                       "difference": 0.02, "low": 0.01, "high": 0.03, "replications": 20})
    >>> ax = plot_differences(frame)
    >>> round(float(ax.lines[-1].get_xdata()[0]), 6)
    10.0
    """
    named = labels or {}
    rows = frame[frame["group"] == group] if not frame.empty else frame
    if kpis is not None and not rows.empty:
        rows = rows[rows["kpi"].isin(kpis)]
    flat = sorted({named.get(kpi, label(kpi)) for kpi in rows.loc[rows["base"] == 0, "kpi"]}) if not rows.empty else []
    rows = rows[(rows["base"] != 0) & rows["difference"].notna()] if not rows.empty else rows
    names = list(dict.fromkeys(rows["kpi"])) if not rows.empty else []
    if kpis is not None:
        names = [kpi for kpi in kpis if kpi in names]
    variants = list(dict.fromkeys(rows["variant"])) if not rows.empty else []
    ax = sheet(ax, 9.2, 2.2 + (0.2 + 0.26 * max(1, len(variants))) * max(2, len(names)))
    if rows.empty:
        return nothing(ax, tell("no key figure differs from zero in the base scenario"))
    ax.axvline(0, color=SOFT, linewidth=0.9, zorder=1)
    step = 0.72 / len(variants)
    for row in records(rows):
        turn = variants.index(row["variant"])
        spot = names.index(row["kpi"]) + (turn - (len(variants) - 1) / 2) * step
        shade, scale = SHADES[turn % len(SHADES)], 100 / abs(row["base"])
        known = row["low"] is not None
        whisker(ax, spot, row["low"], row["high"], scale=scale, shade=shade, width=2.4)
        words = _difference(row, (units or {}).get(row["kpi"], ""))
        ax.text(1.02, spot, words, transform=ax.get_yaxis_transform(), va="center", fontsize=8, color=INK)
        clear = not known or not (row["low"] <= 0 <= row["high"])
        ax.plot(scale * row["difference"], spot, marker="o", markersize=7, color=shade, zorder=3, linestyle="none",
                markerfacecolor=shade if clear else "white", gid="estimate")  # fmt: skip
    ax.text(1.02, -0.66, tell("difference in own units"), transform=ax.get_yaxis_transform(), va="center", fontsize=8,
            color=SOFT, fontstyle="italic")  # fmt: skip
    name_rows(ax, [named.get(kpi, label(kpi)) for kpi in names], above=0.85)
    ruled(ax, "x", tell("difference from the base scenario (% of its value)"))
    ax.margins(x=0.08)
    marks = [Line2D([], [], color=SHADES[turn % len(SHADES)], marker="o", linewidth=2.4,
                    label=plain(label(variant), 30))
             for turn, variant in enumerate(variants)]  # fmt: skip
    key_below(ax, marks, columns=3, x=-0.25)
    sure = rows["low"].notna().any()
    note = tell("hollow: the interval contains zero") if sure else tell("differences without intervals")
    if flat:
        note += f"; {tell('without a percentage, as the base is zero: {figures}', figures=', '.join(flat))}"
    headline(ax, tell("What changes against the base scenario"), replications=replications_of(rows), note=note, x=-0.25)
    return ax


def _difference(row: dict[str, Any], unit: str) -> str:
    """Write a difference with its interval in its unit; shares in percentage points."""
    scale = 100.0 if unit == "share" else 1.0
    word = tell("points", about="of percent") if unit == "share" else "" if unit in ("", "ratio") else tell(unit)
    middle, low, high = (None if row[part] is None else scale * row[part] for part in ("difference", "low", "high"))
    return f"{interval(middle, low, high, number)} {word}".rstrip()
