"""The touchpoint map as it could be less the map as it is, cell by cell.

The same plane: steps of buying across, channels down.  A cell is coloured by the difference: blue is better, vermilion
worse where the value has a better side (less wait, more noticed), purple less and orange more where it has none
(contacts, cost).  The number stands in the cell with its paired 95 % interval; it is bold where the interval leaves
zero out.  Sparse cells are hatched.

Called by the frame that draws itself (``ts.map_difference(a, b).plot()``) and by the map page.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
from matplotlib.cm import ScalarMappable
from matplotlib.colors import LinearSegmentedColormap, Normalize
from matplotlib.patches import Rectangle

from touchsim.errors import BadInput, Finding, nearest
from touchsim.languages import marked, tell, told
from touchsim.plots.canvas import DIVERGING, INK, headline, nothing, plain, records, replications_of, sheet
from touchsim.plots.numerals import minutes, number, signed
from touchsim.plots.touchpoint_map import draw_bands, hatch, in_order, set_axes
from touchsim.vocabulary import CHANNELS, ORANGE, PURPLE, STEPS, keys

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["FIGURES", "plot_map_difference"]

MORE_OR_LESS = LinearSegmentedColormap.from_list("touchsim_more_or_less", [PURPLE, "#f4f4f2", ORANGE])
"""Purple (less) over near-white to orange (more): a difference that is neither good nor bad."""

FIGURES = {
    "contacts": (told("contacts per replication"), None), "wait_minutes": (told("mean wait"), "lower"),
    "cost": (told("cost per replication"), None), "emotion": (told("emotion"), "higher"),
    "quality": (told("quality shown"), "higher"), "asked": (told("contacts started by customers"), None),
    "served": (told("share served"), "higher"), "abandoned": (told("share abandoned"), "lower"),
    "turned_away": (told("share turned away"), "lower"), "sent": (told("contacts started by the brand"), None),
    "noticed": (told("share noticed"), "higher"), "seconds": (told("seconds of a contact by the brand"), None),
    "negative": (told("share of negative contacts"), "lower"),
}  # fmt: skip
"""What can be shown: its name, and which direction is better."""

SHARES = ("served", "abandoned", "turned_away", "noticed", "negative")
WORDS = {
    "title": told("What changes on the touchpoint map: {name}"),
    "against": told("{variant} less the map as it is, run by run"),
    "better": told("better"), "worse": told("worse"), "more": told("more"), "less": told("less"),
    "key": told("bold = the interval leaves zero out; hatched = fewer than 30 contacts in one of the worlds"),
}  # fmt: skip


def plot_map_difference(frame: pd.DataFrame, *, figure: str = "emotion", ax: Axes | None = None) -> Axes:
    """Draw the difference of one value between two touchpoint maps.

    Parameters
    ----------
    frame : DataFrame
        ``step, channel, figure, difference, low, high, sparse, replications`` (`touchsim.map_difference`).
    figure : str
        Which value: one of `FIGURES`.
    ax : Axes, optional
        Where to draw; a new figure if None.

    Returns
    -------
    Axes

    Raises
    ------
    BadInput
        If `figure` is no value of the map.

    Examples
    --------
    >>> import pandas as pd
    >>> cell = {"step": "after_sales", "channel": "phone", "figure": "emotion", "difference": 0.2, "low": 0.1,
    ...         "high": 0.3, "sparse": False, "replications": 5}
    >>> ax = plot_map_difference(pd.DataFrame([cell]))
    >>> [text.get_text() for text in ax.texts if text.get_fontweight() == "bold"][0]
    '+0.20'
    """
    if figure not in FIGURES:
        law = f"must be one of {', '.join(FIGURES)}"
        raise BadInput(Finding("figure", law, got=str(figure), hint=nearest(figure, FIGURES)))
    name, better = FIGURES[figure]
    shown = frame[frame["figure"] == figure] if not frame.empty else frame
    channels = in_order(shown, "channel", keys(CHANNELS)) if not shown.empty else []
    ax = sheet(ax, 9.6, 2.2 + 0.5 * max(3, len(channels)))
    if shown.empty:
        return nothing(ax, tell("no cell of both maps has a value: {name}", name=tell(name)))
    steps = list(keys(STEPS))
    draw_bands(ax, steps, len(channels))
    reach = max(float(shown["difference"].abs().max()), 1e-9)
    scale = DIVERGING if better else MORE_OR_LESS
    colours = ScalarMappable(Normalize(-reach, reach), scale)
    for row in records(shown):
        x, y = steps.index(row["step"]), channels.index(row["channel"])
        sign = -1.0 if better == "lower" else 1.0
        ax.add_patch(Rectangle((x - 0.48, y - 0.45), 0.96, 0.9, facecolor=colours.to_rgba(sign * row["difference"]),
                               alpha=0.6, edgecolor="none", zorder=1.2, gid="cells"))  # fmt: skip
        if row["sparse"]:
            hatch(ax, x, y)
        _write(ax, x, y, row, figure)
    set_axes(ax, steps, channels)
    variant = str(frame.attrs.get("variant", ""))
    note = tell(WORDS["against"], variant=variant) if variant else ""
    headline(ax, tell(WORDS["title"], name=tell(name)), replications=replications_of(shown), note=note, x=-0.12)
    ends = ("worse", "better") if better else ("less", "more")
    _draw_key(ax, ScalarMappable(Normalize(-1, 1), scale), [tell(WORDS[end]) for end in ends])
    return ax


def _spell(value: float, figure: str) -> str:
    """Difference with its sign, in the unit of the value."""
    if figure in ("emotion", "quality"):
        return marked(f"{value:+.3f}").replace("-", "−") if 0.0005 <= abs(value) < 0.005 else signed(value)
    plus = "+" if value > 0 else ""
    if figure in SHARES:
        return tell("{n} pts", n=f"{plus}{number(100 * value, 2)}")
    if figure == "wait_minutes":
        return f"{plus}{minutes(value)}" if abs(value) > 0.5 / 60 else minutes(0.0)
    return f"{plus}{number(value, 2 if abs(value) < 1 else 3)}"


def _write(ax: Axes, x: int, y: int, row: dict[str, Any], figure: str) -> None:
    low, high = row["low"], row["high"]
    sure = low is not None and (low > 0 or high < 0)
    ax.text(x, y - (0.0 if low is None else 0.14), _spell(row["difference"], figure), ha="center", va="center",
            fontsize=8.5, fontweight="bold" if sure else "normal", color=INK, zorder=4)  # fmt: skip
    if low is not None:
        ends = tell("{low} to {high}", low=_spell(low, figure), high=_spell(high, figure))
        ax.text(x, y + 0.2, ends, ha="center", va="center", fontsize=6.5, color=INK, zorder=4)


def _draw_key(ax: Axes, colours: ScalarMappable, ends: list[str]) -> None:
    height = float(ax.figure.get_size_inches()[1])  # type: ignore[union-attr]
    tall = max(height - 1.6, 0.5)  # of the axes
    drop = 0.95 / tall
    bar = ax.inset_axes((0.0, -drop - 0.04 / tall, 0.3, 0.1 / tall))
    bar.figure.colorbar(colours, cax=bar, orientation="horizontal")
    bar.set_xticks([-0.8, 0.8], ends)
    bar.tick_params(labelsize=8, length=0, labelcolor=INK)
    ax.text(0.36, -drop, plain(tell(WORDS["key"]), 78), transform=ax.transAxes, ha="left", va="center", fontsize=8.5,
            color=INK, linespacing=1.5)  # fmt: skip
