"""Eigenvalues of a survey's items, largest first, beside those of items that have nothing in common.

A factor is worth having as long as its eigenvalue lies above the 95th percentile of eigenvalues of independent items
(Horn 1965); those are filled, the others hollow.  Nothing is computed here: the frame comes from ``study.exploratory``.

Called by ``Exploratory.plot``, by reports and by notebooks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from matplotlib.ticker import MaxNLocator

from touchsim.languages import tell
from touchsim.plots.canvas import SOFT, decimals, headline, nothing, records, ruled, sheet
from touchsim.vocabulary import BLUE, VERMILION

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

__all__ = ["plot_eigenvalues"]


def plot_eigenvalues(frame: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw a scree of eigenvalues with parallel analysis.

    Parameters
    ----------
    frame : DataFrame
        ``number, eigenvalue, parallel_mean, parallel_95`` (`touchsim.exploratory_factors`).
    ax : Axes, optional
        Where to draw; a new figure if None.

    Returns
    -------
    Axes

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"number": [1, 2, 3], "eigenvalue": [1.8, 0.7, 0.5], "parallel_mean": [1.1, 1.0, 0.9],
    ...                       "parallel_95": [1.2, 1.05, 0.95]})
    >>> plot_eigenvalues(frame).get_xlabel()
    'number of the factor'
    """
    rows = records(frame)
    ax = sheet(ax, 8.0, 4.4)
    if not rows:
        return nothing(ax, tell("no items to look for factors in"))
    places = [row["number"] for row in rows]
    held, limit = ([row[name] for row in rows] for name in ("eigenvalue", "parallel_95"))
    above = next((n for n, (own, least) in enumerate(zip(held, limit, strict=True)) if own <= least), len(rows))
    ax.plot(places, limit, color=VERMILION, linewidth=1.6, linestyle=(0, (4, 2)), gid="limit",
            label=tell("items with nothing in common (95th percentile)"))  # fmt: skip
    ax.plot(places, held, color=BLUE, linewidth=1.2, marker="o", markersize=6, markerfacecolor="white",
            markeredgecolor=BLUE, gid="eigenvalues", label=tell("this survey"))  # fmt: skip
    ax.plot(places[:above], held[:above], linestyle="none", marker="o", markersize=6, color=BLUE, gid="above")
    ax.axhline(1.0, color=SOFT, linewidth=0.8, linestyle=":", label=tell("1: an item's own variance (Kaiser)"))
    ruled(ax, "y", tell("eigenvalue (variance in units of one item)"), keep=("bottom",))
    ax.set_xlabel(tell("number of the factor"))
    ax.set_ylim(bottom=0)
    ax.set_xlim(0.4, len(rows) + 0.6)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    decimals(ax.xaxis)
    ax.legend(frameon=False, fontsize=9, loc="upper right")
    words = tell("{n} factors stand above chance", n=above) if above != 1 else tell("1 factor stands above chance")
    headline(ax, words, note=tell("parallel analysis (Horn 1965); filled: above the line, up to the first that is not"))
    return ax
