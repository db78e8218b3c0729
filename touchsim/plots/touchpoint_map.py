"""The touchpoint map: steps of buying across, channels down, and in each cell how much happened and how it felt.

The cartesian plane of the touchpoint literature, computed instead of pinned to a wall.  Every cell that saw a contact
holds a disc: its *area* is the number of contacts, its *colour* the value asked for, and beside it stands the number
with its interval.  Emotion runs from vermilion (bad) over white to blue (good), symmetric about zero; waits and costs
run from light to dark.  Cells with too few contacts to be trusted (the frame says which: ``sparse``) are hatched.
Bands mark what lies before, during and after the purchase.

Called by the map frame that draws itself, by the reports and by notebooks; the frame comes from ``measure``.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from matplotlib.cm import ScalarMappable
from matplotlib.colors import LogNorm, Normalize, to_hex
from matplotlib.patches import Rectangle

from touchsim.errors import BadInput, Finding, nearest
from touchsim.languages import tell, told
from touchsim.plots.canvas import (
    DIVERGING,
    FAINT,
    INK,
    SEQUENTIAL,
    SOFT,
    decimals,
    headline,
    nothing,
    plain,
    records,
    replications_of,
    sheet,
    strip,
)
from touchsim.plots.numerals import minutes, money, number, signed
from touchsim.vocabulary import CHANNELS, PHASES, STEPS, keys, label, phase_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = [
    "VALUES", "draw_bands", "emotion_scale", "hatch", "in_order", "plot_touchpoint_map", "set_axes",
]  # fmt: skip

VALUES = {
    "emotion": ("emotion", "emotion_low", "emotion_high",
                told("How customers felt, step by step and channel by channel")),
    "contacts": ("contacts", "contacts_low", "contacts_high", told("Where customers meet the shop, step by step")),
    "wait_minutes": ("wait_minutes", "wait_low", "wait_high", told("How long customers waited, step by step")),
    "cost": ("cost", "cost_low", "cost_high", told("What the contacts cost, step by step")),
}  # fmt: skip
"""What a map can show: its column, the columns of its interval, and its headline."""

FAR, NEAR = (1 / 60, 1.0, 60.0, 1440.0, 43_200.0), (1 / 60, 1 / 6, 1.0, 10.0, 60.0, 600.0, 7200.0)
"""Minutes at which a scale of waits is named: a second, a minute, an hour ..., or closer where it spans few of them."""

PATCH = {"boxstyle": "square,pad=0.1", "facecolor": "white", "alpha": 0.6, "edgecolor": "none"}


def plot_touchpoint_map(
    frame: pd.DataFrame, *, value: str = "emotion", currency: str | None = None, ax: Axes | None = None
) -> Axes:
    """Draw the touchpoint map.

    Parameters
    ----------
    frame : DataFrame
        One row for each cell: ``step``, ``channel``, ``contacts`` (per replication), ``wait_minutes``, ``cost`` (per
        replication, currency units), ``emotion`` (-1..1), each with its interval (``contacts_low`` ...), ``sparse``
        and ``replications``.
    value : {"emotion", "contacts", "wait_minutes", "cost"}
        What the colour shows.
    currency : str, optional
        Unit of cost; default: what the frame carries in ``frame.attrs["currency"]``.
    ax : Axes, optional
        Where to draw; a new figure, as high as the map has channels, if None.

    Returns
    -------
    Axes

    Raises
    ------
    BadInput
        If `value` is none of the four.

    Examples
    --------
    >>> import pandas as pd
    >>> cell = {"step": "after_sales", "channel": "phone", "contacts": 40.0, "emotion": -0.2, "sparse": False,
    ...         "emotion_low": None, "emotion_high": None, "replications": 1}
    >>> ax = plot_touchpoint_map(pd.DataFrame([cell]))
    >>> [tick.get_text() for tick in ax.get_yticklabels()]
    ['phone']
    """
    if value not in VALUES:
        raise BadInput(Finding("value", f"must be one of {', '.join(VALUES)}", got=value, hint=nearest(value, VALUES)))
    column, low, high, sentence = VALUES[value]
    currency = currency if currency is not None else str(frame.attrs.get("currency", ""))
    seen = frame[frame["contacts"] > 0] if not frame.empty else frame
    channels = in_order(seen, "channel", keys(CHANNELS)) if not seen.empty else []
    ax = sheet(ax, 9.6, 2.3 + 0.52 * max(3, len(channels)))
    if seen.empty:
        return nothing(ax, tell("nobody had a contact at any touchpoint"))
    steps = list(keys(STEPS)) + [step for step in in_order(seen, "step", keys(STEPS)) if step not in keys(STEPS)]
    draw_bands(ax, steps, len(channels))
    colours = _scale(seen[column], value)
    most = float(seen["contacts"].max())
    x, y = [steps.index(step) for step in seen["step"]], [channels.index(key) for key in seen["channel"]]
    _draw_discs(ax, seen, [place - 0.26 for place in x], y, column, colours, len(channels))
    for place, row in enumerate(records(seen)):
        if row["sparse"]:
            hatch(ax, x[place], y[place])
        _write_number(ax, x[place] - 0.03, y[place], value, row.get(column), row.get(low), row.get(high), currency)
    set_axes(ax, steps, channels)
    _draw_key(ax, colours, most, value, currency, sparse=bool(seen["sparse"].any()),
              unknown=bool(seen[column].isna().any()))  # fmt: skip
    headline(ax, tell(sentence), replications=replications_of(seen), x=-0.12)
    return ax


def in_order(frame: pd.DataFrame, column: str, order: tuple[str, ...]) -> list[str]:
    """Words of `column` that occur, in the order of the vocabulary, unknown ones last."""
    present = {str(word) for word in frame[column].unique()}
    return [word for word in order if word in present] + sorted(present - set(order))


def _scale(values: pd.Series[Any], value: str) -> ScalarMappable:
    """Colour scale of a value: symmetric for emotion, logarithmic where the values span decades."""
    known = values.dropna().astype(float)
    if value == "emotion":
        return emotion_scale(known)
    positive = known[known > 0]
    if not len(positive):
        return ScalarMappable(Normalize(0, 1), SEQUENTIAL)
    if positive.max() / positive.min() > 50:
        return ScalarMappable(LogNorm(positive.min(), positive.max()), SEQUENTIAL)
    return ScalarMappable(Normalize(0, positive.max()), SEQUENTIAL)


def emotion_scale(values: pd.Series[Any]) -> ScalarMappable:
    """Colours of emotion, symmetric about zero, as far as the values reach."""
    known = values.dropna().astype(float)
    reach = max(0.1, math.ceil(10 * float(known.abs().max() if len(known) else 0.1)) / 10)
    return ScalarMappable(Normalize(-reach, reach), DIVERGING)


def draw_bands(ax: Axes, steps: list[str], n_channels: int) -> None:
    """Shade before, during and after the purchase, and rule the rows."""
    for number_of, phase in enumerate(PHASES):
        inside = [place for place, step in enumerate(steps) if phase_of(step) == phase.key]
        if not inside:
            continue
        left, right = min(inside) - 0.5, max(inside) + 0.5
        if number_of % 2 == 0:
            ax.add_patch(Rectangle((left, -0.5), right - left, n_channels, facecolor="#f6f7f8", edgecolor="none",
                                   zorder=0, gid="band"))  # fmt: skip
        ax.text((left + right) / 2, -0.62, label(phase.key), ha="center", va="bottom", fontsize=9, color=SOFT,
                fontstyle="italic")  # fmt: skip
    for row in range(n_channels + 1):
        ax.axhline(row - 0.5, color=FAINT, linewidth=0.8, zorder=1)


def _draw_discs(
    ax: Axes, cells: pd.DataFrame, x: list[float], y: list[int], column: str, colours: ScalarMappable, rows: int
) -> None:
    """Discs whose area is the share of the fullest cell; white where the value is unknown."""
    height = float(ax.figure.get_size_inches()[1]) * 72  # type: ignore[union-attr]
    diameter = min(30.0, 0.62 * height / (rows + 1))
    areas = [max(14.0, diameter**2 * contacts / cells["contacts"].max()) for contacts in cells["contacts"]]
    floor = float(colours.get_clim()[0] or 0.0)
    faces = []
    for amount in cells[column]:
        tint: Any = "#ffffff" if pd.isna(amount) else colours.to_rgba(np.maximum(amount, floor))
        faces.append(to_hex(tint))
    ax.scatter(x, y, s=areas, c=faces, edgecolors=INK, linewidths=0.7, zorder=3, gid="cells")


def hatch(ax: Axes, x: int, y: int) -> None:
    """Hatch a cell that rests on too few contacts."""
    ax.add_patch(Rectangle((x - 0.49, y - 0.47), 0.98, 0.94, facecolor="none", edgecolor="#c3c8cd", linewidth=0,
                           hatch="////", zorder=1.5, gid="sparse"))  # fmt: skip


def _write_number(ax: Axes, x: float, y: float, value: str, middle: Any, low: Any, high: Any, currency: str) -> None:
    """Write the number of a cell and, smaller, its interval."""

    def spell(amount: Any) -> str:
        if value == "emotion":
            return "–" if amount is None else signed(amount)
        if value == "wait_minutes":
            return minutes(amount)
        return money(amount) if value == "cost" else number(amount)

    has_interval = low is not None and middle is not None
    ax.text(x, y - (0.14 if has_interval else 0), spell(middle), ha="left", va="center", fontsize=8.5, color=INK,
            zorder=4, bbox=PATCH)  # fmt: skip
    if has_interval:
        words = tell("{low} to {high}", low=spell(low), high=spell(high))
        ax.text(x, y + 0.2, words, ha="left", va="center", fontsize=6.5, color=SOFT, zorder=4, bbox=PATCH)


def set_axes(ax: Axes, steps: list[str], channels: list[str]) -> None:
    """Name the steps across and the channels down."""
    ax.set_xlim(-0.5, len(steps) - 0.5)
    ax.set_ylim(len(channels) - 0.5, -1.05)
    ax.set_xticks(range(len(steps)), [plain(label(step), 14) for step in steps])
    ax.set_yticks(range(len(channels)), [plain(label(channel), 18) for channel in channels])
    ax.set_xlabel(tell("step of buying"), color=INK)
    ax.set_ylabel(tell("channel"), color=INK)
    strip(ax, keep=())


def _draw_key(
    ax: Axes, colours: ScalarMappable, most: float, value: str, currency: str, *, sparse: bool, unknown: bool
) -> None:
    """Colour scale, sizes and the meaning of hatching, under the map."""
    unit = {"emotion": tell("emotion (−1 bad to +1 good)"), "contacts": tell("contacts per replication"),
            "wait_minutes": tell("mean wait") if isinstance(colours.norm, LogNorm) else tell("mean wait (minutes)"),
            "cost": tell("cost per replication") + (f" ({currency})" if currency else "")}[value]  # fmt: skip
    height = float(ax.figure.get_size_inches()[1])  # type: ignore[union-attr]
    drop = 0.95 / height
    bar = ax.inset_axes((0.0, -drop - 0.10 / height, 0.36, 0.12 / height))
    bar.figure.colorbar(colours, cax=bar, orientation="horizontal")
    bar.tick_params(labelsize=8, length=2, labelcolor=INK)
    if isinstance(colours.norm, LogNorm):
        _name_decades(bar, *colours.get_clim(), value)
    else:
        decimals(bar.xaxis)
    bar.set_title(plain(unit, 60), fontsize=8.5, color=INK, loc="left", pad=3)
    words = tell("area of a disc = contacts (largest: {n} per replication)", n=number(most))
    if unknown:
        words += f"; {tell('white = no value')}"
    if sparse:
        words += f"\n{tell('hatched = fewer than 30 contacts in all: do not read much into it')}"
    ax.text(0.42, -drop, words, transform=ax.transAxes, ha="left", va="center", fontsize=8.5, color=INK,
            linespacing=1.5)  # fmt: skip


def _name_decades(bar: Axes, low: float, high: float, value: str) -> None:
    """Write the ticks of a logarithmic scale as people say them: 10 s, 1 min, 1 h, not powers of ten of a minute."""
    ladders = (FAR, NEAR) if value == "wait_minutes" else ([10.0**power for power in range(-3, 10)],)
    reached = [[spot for spot in ladder if low <= spot <= high] for ladder in ladders]
    spots = reached[0] if len(reached[0]) > 2 else reached[-1]
    bar.set_xticks(spots, [minutes(spot) if value == "wait_minutes" else number(spot) for spot in spots])
    bar.set_xticks([], minor=True)
