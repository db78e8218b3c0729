"""The sheet on which every picture is drawn: axes, titles, notes and the choices that all pictures share.

A picture of touchsim takes a finished frame and an ``ax`` and gives the ``ax`` back.  It computes no statistics, calls
no ``show`` and changes no global setting: everything that makes the pictures look alike is said here, once, and is
applied to the axes at hand.

* `sheet` makes axes where the caller gave none.
* `headline` writes the title as a sentence and, below it, what the numbers rest on: *single run* when there was one
  replication only, else how many replications lie behind the intervals.
* `nothing` turns an empty frame into an honest picture: "nothing to show: ..." instead of an error or a blank.
* `plain` makes any label safe to draw: long ones wrap, and a dollar sign stays a dollar sign.
* `ruled` sets up the axes: no frame, faint lines across the axis that carries the numbers, its name, and `decimals`,
  its numbers with the marks of the language spoken; `name_rows` writes names down the side, a row each.
* `whisker` draws an interval, the same way in every picture.
* `DIVERGING` and `SEQUENTIAL` are colour scales made from the palette of Okabe & Ito (2008), so that good and bad can
  be told apart with the common forms of colour blindness and in a grey print.

Called by every file of ``touchsim.plots`` and by nobody else.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd
from matplotlib.axes import Axes as AnyAxes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.ticker import ScalarFormatter
from matplotlib.transforms import ScaledTranslation

from touchsim.errors import BadInput, Finding
from touchsim.languages import ENGLISH, marks, parts_of, spoken, tell
from touchsim.vocabulary import BLUE, SKY, VERMILION

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis

__all__ = [
    "ANY_SIZE", "DIVERGING", "FAINT", "INK", "PAPER", "SEQUENTIAL", "SOFT", "decimals", "headline", "key_below",
    "name_rows", "nothing", "plain", "records", "replications_of", "ruled", "sheet", "strip", "whisker",
]  # fmt: skip

INK, SOFT, FAINT, PAPER = "#1f2328", "#5b636b", "#e6e8ea", "#ffffff"
ANY_SIZE = "touchsim: any size"
"""Mark (gid) of a figure that takes the size which its picture likes best."""

TITLE_SIZE, NOTE_SIZE, LABEL_SIZE = 12.0, 9.0, 9.5
MOST_LINES = 3

DIVERGING = LinearSegmentedColormap.from_list("touchsim_diverging", [VERMILION, "#f2c9ab", "#f4f4f2", "#b5d3e7", BLUE])
"""Vermilion (bad) over near-white to blue (good)."""

SEQUENTIAL = LinearSegmentedColormap.from_list("touchsim_sequential", ["#dbe9f4", SKY, BLUE, "#0b2f4a"])
"""Near-white (little) to dark blue (much); its lightness falls steadily."""


def sheet(ax: Axes | None, width: float = 8.0, height: float = 4.5) -> Axes:
    """Return `ax`, or new axes on a figure of `width` x `height` inches where the caller gave none.

    Raises
    ------
    BadInput
        For what is no axes.
    """
    if ax is not None:
        if not _drawable(ax):
            hint = "all other arguments are named, as in plot(driver=...)"
            raise BadInput(Finding("ax", "must be axes of matplotlib", got=str(ax), hint=hint))
        figure = ax.get_figure(root=True)
        if figure is not None and figure.get_gid() == ANY_SIZE:
            figure.set_size_inches(width, height)
        return ax
    from matplotlib import pyplot

    return pyplot.figure(figsize=(width, height), layout="constrained").add_subplot()


def _drawable(given: object) -> bool:
    return isinstance(given, AnyAxes)


def strip(ax: Axes, *, keep: tuple[str, ...] = ("bottom",)) -> None:
    """Take away the frame of the axes but for the spines named in `keep`, and calm the ticks down."""
    for side, spine in ax.spines.items():
        spine.set_visible(side in keep)
        spine.set_color(SOFT)
    ax.tick_params(length=0, labelsize=LABEL_SIZE, labelcolor=INK)
    ax.set_axisbelow(True)


def decimals(axis: Axis) -> None:
    """Write the numbers of an axis with the marks of the language spoken, however late it is drawn."""
    if spoken() != ENGLISH and isinstance(axis.get_major_formatter(), ScalarFormatter):
        axis.set_major_formatter(_Numbers(*marks()))


class _Numbers(ScalarFormatter):
    """Numbers of an axis as matplotlib writes them, with other marks."""

    def __init__(self, point: str, thousands: str) -> None:
        super().__init__()
        self.table = {ord("."): point, ord(","): thousands}

    def __call__(self, x: float, pos: int | None = None) -> str:
        """Text of the number at a tick."""
        return str(super().__call__(x, pos)).translate(self.table)


def ruled(
    ax: Axes, carries: Literal["x", "y"], words: str, *, keep: tuple[str, ...] = (), left: bool = False
) -> None:
    """Set up axes of which one carries numbers: frame away, faint lines across, its name and its numbers.

    Parameters
    ----------
    ax : Axes
    carries : str
        The axis with the numbers, ``x`` or ``y``.
    words : str
        Its name, with the unit.
    keep : tuple of str
        Spines to keep.
    left : bool
        Whether the name of a lying axis stands at its left end, not in the middle.
    """
    strip(ax, keep=keep)
    ax.grid(axis=carries, color=FAINT, linewidth=0.8)
    if carries == "x":
        ax.set_xlabel(words, color=INK, loc="left" if left else "center")
    else:
        ax.set_ylabel(words, color=INK)
    decimals(ax.xaxis if carries == "x" else ax.yaxis)


def name_rows(
    ax: Axes, names: Sequence[str], places: Sequence[float] | None = None, *, width: int = 26, above: float = 0.6,
    below: float = 0.6,
) -> None:  # fmt: skip
    """Write the names of rows down the side, the first on top, with so much room above the first and below the last."""
    spots = [float(place) for place in range(len(names))] if places is None else list(places)
    ax.set_yticks(spots, [plain(name, width, most=MOST_LINES) for name in names])
    ax.set_ylim(max(spots) + below, -above)


def whisker(
    ax: Axes, place: float, low: float | None, high: float | None, *, scale: float = 1.0, upright: bool = False,
    shade: str = INK, width: float = 1.6, alpha: float = 1.0,
) -> bool:  # fmt: skip
    """Draw the interval from `low` to `high`, times `scale`, at `place`, lying or upright; False if there is none."""
    if low is None or high is None or not low < high:
        return False
    along, across = [scale * low, scale * high], [place, place]
    ax.plot(across if upright else along, along if upright else across, color=shade, linewidth=width, alpha=alpha,
            zorder=2, solid_capstyle="butt", gid="interval")  # fmt: skip
    return True


def replications_of(frame: pd.DataFrame) -> int | None:
    """How many replications lie behind `frame`; None where it does not say (a survey has none)."""
    if "replications" not in frame or frame.empty:
        return None
    return int(frame["replications"].max())


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows of `frame` as mappings, with None for everything missing."""
    return [{str(key): None if pd.isna(value) else value for key, value in row.items()}
            for row in frame.to_dict("records")]  # fmt: skip


def headline(ax: Axes, sentence: str, *, replications: int | None = None, note: str = "", x: float = 0.0) -> None:
    """Write the title and, under it, a note on what the numbers rest on.

    Parameters
    ----------
    ax : Axes
    sentence : str
        The title; wraps when it is long.
    replications : int, optional
        Behind the numbers; 1 writes "single run", None writes nothing about them.
    note : str
        Anything else that a reader must know to read the picture.
    x : float
        Where the text starts, in axes coordinates (negative reaches over the labels on the left).
    """
    parts = [note] if note else []
    if replications == 1:
        parts.append(tell("single run: no intervals"))
    elif replications is not None:
        parts.append(tell("means of {n} replications with 95\u00a0% intervals", n=replications))
    room = _inches(ax)
    below = plain("; ".join(parts), int(13.0 * room))
    figure = ax.figure
    points = figure.dpi_scale_trans
    lift = 7.0 / 72.0
    if below:
        ax.text(x, 1.0, below, transform=ax.transAxes + ScaledTranslation(0, lift, points), fontsize=NOTE_SIZE,
                color=SOFT, ha="left", va="bottom", linespacing=1.25)  # fmt: skip
        lift += (below.count("\n") + 1) * NOTE_SIZE * 1.3 / 72.0 + 3.0 / 72.0
    ax.text(x, 1.0, plain(sentence, int(8.5 * room)), transform=ax.transAxes + ScaledTranslation(0, lift, points),
            fontsize=TITLE_SIZE, fontweight="bold", color=INK, ha="left", va="bottom", gid="headline")  # fmt: skip


def key_below(ax: Axes, handles: list[Any], *, drop: float = 46.0, columns: int = 4, x: float = 0.0) -> None:
    """Put the legend `drop` points under the axes, free of their height."""
    if handles:
        place = ax.transAxes + ScaledTranslation(0, -drop / 72.0, ax.figure.dpi_scale_trans)
        ax.legend(handles=handles, loc="upper left", bbox_to_anchor=(x, 0.0), bbox_transform=place, ncols=columns,
                  frameon=False, fontsize=NOTE_SIZE, columnspacing=1.6, handletextpad=0.6,
                  borderaxespad=0.0)  # fmt: skip


def _inches(ax: Axes) -> float:
    """Width on which a headline may run: the whole sheet for axes alone on it, else about their own."""
    width = float(ax.figure.get_size_inches()[0])  # type: ignore[union-attr]
    return width if len(ax.figure.axes) < 2 else width * min(1.0, float(ax.get_position().width) + 0.1)


def nothing(ax: Axes, why: str) -> Axes:
    """Say in the middle of empty axes that there is nothing to show, and why."""
    for spine in ax.spines.values():
        spine.set_visible(False)
    ax.set_xticks([])
    ax.set_yticks([])
    ax.text(0.5, 0.5, plain(tell("nothing to show: {why}", why=why), 56), transform=ax.transAxes, ha="center",
            va="center", fontsize=11, color=SOFT, linespacing=1.4)  # fmt: skip
    return ax


def plain(text: str, width: int = 28, *, most: int | None = None) -> str:
    r"""Wrap `text` at `width` characters and keep matplotlib from reading dollar signs as formulas.

    Of a text with more than `most` lines the middle is left out: questions of a survey often differ at their end only.

    Examples
    --------
    >>> plain("responsiveness of customer service", 20)
    'responsiveness of\ncustomer service'
    >>> plain("How satisfied are you with the opening hours of our shops?", 20, most=2)
    'How satisfied are …\nhours of our shops?'
    """
    lines = [line for part in str(text).split("\n") for line in (textwrap.wrap(_hyphened(part, width), width) or [""])]
    if most is not None and len(lines) > most:
        first = lines[: most // 2]
        end = textwrap.wrap(" ".join(lines)[::-1], width)[: most - len(first)]
        begun = first[-1] if len(first[-1]) + 2 <= width else first[-1].rpartition(" ")[0] or first[-1][: width - 2]
        lines = [*first[:-1], f"{begun} …", *(line[::-1] for line in reversed(end))]
    return "\n".join(lines).replace("$", r"\$")


def _hyphened(line: str, width: int) -> str:
    """Break words that are longer than a line where their language allows it."""
    words = []
    for word in line.split(" "):
        pieces = [""]
        for part in parts_of(word) if len(word) > width else [word]:
            if pieces[-1] and len(pieces[-1] + part) >= width:
                pieces.append("")
            pieces[-1] += part
        words.append("- ".join(pieces))
    return " ".join(words)
