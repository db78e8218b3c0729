"""A drawn picture as files: SVG for reports, PNG for slides, the same bytes every time.

`picture_of` calls one of the plots of this room on a sheet of its own (no window, nothing kept open) and returns the
bytes.  Words are drawn as outlines, so that a picture looks alike on every machine; no date and no version is written
into it, and the ids inside an SVG come from a fixed salt: the same frame gives the same bytes.

Called by the reports of ``touchsim.show``, which know no matplotlib.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import matplotlib
from matplotlib.figure import Figure

from touchsim.plots.canvas import ANY_SIZE

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Picture", "picture_of"]

SALT: Any = {"svg.hashsalt": "touchsim", "svg.fonttype": "path"}
RESOLUTION = 144
"""Dots per inch of a PNG."""


@dataclass(frozen=True)
class Picture:
    """A picture as an SVG text and as PNG bytes, with its width and height in inches."""

    svg: str
    png: bytes
    width: float
    height: float


def picture_of(plot: Callable[..., Any], frame: pd.DataFrame, **options: Any) -> Picture:
    """Draw `frame` with `plot` and return the picture.

    Parameters
    ----------
    plot : callable
        One of the plots of this room: takes a frame and ``ax``.
    frame : DataFrame
    **options
        Further arguments of the plot.

    Examples
    --------
    >>> import pandas as pd
    >>> from touchsim.plots.funnel import plot_funnel
    >>> frame = pd.DataFrame({"stage": ["suspect"], "reached": [9], "share": [1.0], "low": [None], "high": [None],
    ...                       "replications": 1})
    >>> picture = picture_of(plot_funnel, frame)
    >>> picture.svg == picture_of(plot_funnel, frame).svg, picture.png[1:4]
    (True, b'PNG')
    """
    figure = Figure(figsize=(8.0, 4.5), layout="constrained")
    figure.set_gid(ANY_SIZE)
    plot(frame, ax=figure.add_subplot(), **options)
    figure.draw_without_rendering()
    figure.set_layout_engine("none")  # laid out once, saved twice
    svg, png = io.BytesIO(), io.BytesIO()
    with matplotlib.rc_context(SALT):
        figure.savefig(svg, format="svg", bbox_inches="tight", pad_inches=0.08,
                       metadata={"Date": None, "Creator": "touchsim"})  # fmt: skip
        figure.savefig(png, format="png", bbox_inches="tight", pad_inches=0.08, dpi=RESOLUTION,
                       metadata={"Software": None})  # fmt: skip
    width, height = figure.get_size_inches()
    return Picture(svg.getvalue().decode(), png.getvalue(), float(width), float(height))
