"""How far an axis reaches, and the mark of what lies beyond it.

One wild estimate on an axis that shows everything crushes all others into a line.  Such an axis ends where estimates no
longer say anything; what goes on beyond is not dropped but **marked**: a range that leaves the picture ends in an
arrowhead, and a value beyond it is itself an arrow at the edge, with no number, since it has none worth reading.

`ends_of` finds robust ends: rows whose intervals are many times as wide as the middle one (median) do not stretch the
axis by more than a little, and no row stretches it past the limit that the caller sets.  `within` draws a value with
its range between two ends.  Called by `score`, `threats` and `worlds`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from touchsim.languages import tell
from touchsim.plots.canvas import whisker

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["ends_of", "marked_beyond", "within"]

ARROWS = ("<", ">")
WILD, ROOM = 5.0, 0.25
"""Times the median width beyond which an interval is wild; part of the sound span by which wild ones may stretch it."""


def ends_of(low: ArrayLike, high: ArrayLike, limits: tuple[float, float]) -> tuple[float, float]:
    """Ends of an axis that shows zero and all intervals that are not wild.

    Parameters
    ----------
    low, high : array_like, shape (rows,)
        Intervals, at least one.
    limits : tuple of float
        What no interval stretches the axis beyond, below and above zero.

    Returns
    -------
    tuple of float

    Examples
    --------
    >>> ends_of([-0.5, -0.5, -30.0], [0.0, 0.5, 40.0], (-1.0, 1.0))
    (-0.75, 0.75)
    >>> ends_of([-0.5, -0.5, -0.75], [0.0, 0.5, 0.5], (-1.0, 1.0))
    (-0.75, 0.5)
    """
    first, last = np.asarray(low, dtype=float), np.asarray(high, dtype=float)
    width = last - first
    sound = width <= WILD * float(np.median(width))
    least, most = min(0.0, float(first[sound].min())), max(0.0, float(last[sound].max()))
    room = ROOM * (most - least)
    ends = max(least - room, min(least, float(np.min(first)))), min(most + room, max(most, float(np.max(last))))
    return max(ends[0], limits[0]), min(ends[1], limits[1])


def within(
    ax: Axes, place: float, value: float, span: tuple[float | None, float | None], ends: tuple[float, float], *,
    shade: str, zero: float = 0.0, mark: str = "o", size: float = 6.0, width: float = 2.0, filled: bool = True,
    gid: str = "estimate",
) -> None:  # fmt: skip
    """Draw a value and its range between the ends of an axis; an arrow stands for what lies beyond.

    Parameters
    ----------
    ax : Axes
    place : float
        Row.
    value : float
    span : tuple of float or None
        Ends of its range, None for no range.
    ends : tuple of float
        Of the axis, or of the column of it that begins at `zero`.
    shade : str
        Colour.
    zero : float
        Where zero stands on the axis.
    mark, size, width, filled, gid
        Of the value inside; line width of the range; hollow or not; its name in the picture.
    """
    low, high = ends
    first, last = span
    if first is not None and last is not None:
        whisker(ax, place, zero + max(first, low), zero + min(last, high), shade=shade, width=width)
        for head, end, cut in (("<", low, first < low <= value), (">", high, last > high >= value)):
            if cut:
                ax.plot(zero + end, place, marker=head, markersize=0.75 * size, color=shade, linestyle="none", zorder=2,
                        gid="cut")  # fmt: skip
    shown = "<" if value < low else ">" if value > high else mark
    ax.plot(zero + min(max(value, low), high), place, marker=shown, markersize=size, color=shade, linestyle="none",
            markerfacecolor=shade if filled else "white", zorder=3,
            gid=gid)  # fmt: skip


def marked_beyond(ax: Axes, note: str) -> str:
    """Add to the note of a picture what its arrows say, where it has some."""
    beyond = any(line.get_marker() in ARROWS for line in ax.lines)
    return f"{note}; {tell('arrows point to what lies beyond the picture')}" if beyond else note
