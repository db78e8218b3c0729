"""The funnel as a picture: how many of all customers reached each stage, from wide to narrow.

One bar for each stage of ``vocabulary.STAGES``, as long as the share of all customers that reached this stage *or
a deeper one*; the interval over replications is drawn at the end of the bar and written beside it.  The frame comes
from ``measure`` and is drawn as it is: nothing is counted here.

Called by the funnel frame that draws itself, by the reports and by notebooks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from touchsim.languages import tell
from touchsim.plots.canvas import INK, headline, name_rows, nothing, records, replications_of, ruled, sheet, whisker
from touchsim.plots.numerals import interval, number, percent
from touchsim.vocabulary import colour, label

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

__all__ = ["plot_funnel"]


def plot_funnel(frame: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw the funnel of stages.

    Parameters
    ----------
    frame : DataFrame
        One row for each stage, widest first: ``stage``, ``reached`` (customers per replication), ``share`` (0..1 of
        all customers), ``low``, ``high`` (of the share; null with one replication), ``replications``.  Where its
        ``attrs["provenance"]`` says how many customers were present at the start (``stock``), the picture says so.
    ax : Axes, optional
        Where to draw; a new figure if None.

    Returns
    -------
    Axes

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"stage": ["suspect", "lead"], "reached": [100, 40], "share": [1.0, 0.4],
    ...                       "low": None, "high": None, "replications": 1})
    >>> ax = plot_funnel(frame)
    >>> [float(bar.get_width()) for bar in ax.patches]
    [100.0, 40.0]
    """
    ax = sheet(ax, 8.0, 3.8)
    if frame.empty or not frame["reached"].sum() > 0:
        return nothing(ax, tell("nobody arrived"))
    rows = records(frame)
    for place, row in enumerate(rows):
        share, low, high = row["share"], row["low"], row["high"]
        ax.barh(place, 100 * share, height=0.62, color=colour(row["stage"]), alpha=0.85, linewidth=0)
        end = share
        if whisker(ax, place, low, high, scale=100):
            end = max(share, high)
        else:
            low = high = None
        words = f"{number(row['reached'])} · {interval(share, low, high, percent, single='')}"
        ax.text(100 * end + 1.2, place, words, va="center", ha="left", fontsize=9, color=INK)
    name_rows(ax, [label(row["stage"]) for row in rows], width=28, above=0.5, below=0.5)
    ax.set_xlim(0, 142)
    ax.set_xticks(range(0, 101, 20))
    ruled(ax, "x", tell("share of all customers that reached this stage or a deeper one (%)"), left=True)
    stock = int(frame.attrs.get("provenance", {}).get("stock") or 0)
    note = tell("customers and share, {n} present at the start among them", n=number(stock)) if stock else ""
    headline(ax, tell("How many customers reach each stage of the funnel"), replications=replications_of(frame),
             note=note or tell("customers and share"))  # fmt: skip
    return ax
