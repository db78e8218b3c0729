"""Who dominates whom: a cell for each pair of drivers, as dark as their order is strict.

Drivers stand in the order of their mean, the strongest on top; the cell in the row of a and the column of b says at
which level a dominates b (in every subset of the others, at every number of them, on average only) and in which share
of the bootstrap draws that comes out again: a filled cell in 95 % at least, a hollow one in fewer.  Nothing is
estimated here: the frame comes from ``study.dominance``.

Called by ``Dominance.plot`` and by notebooks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
from matplotlib.patches import Rectangle

from touchsim.languages import tell, told
from touchsim.plots.canvas import INK, SOFT, headline, key_below, nothing, plain, records, sheet, strip
from touchsim.vocabulary import BLUE, GREY, SKY, in_its_names, label

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_dominance"]

SHADES = {"complete": BLUE, "conditional": SKY, "general": GREY}
NAMES = {"complete": told("in every subset of the others"), "conditional": told("at every number of others"),
         "general": told("on average only")}  # fmt: skip
SURE, MOST_WITH_NUMBERS = 0.95, 16


@in_its_names
def plot_dominance(frame: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw the dominance of each pair of drivers of one outcome.

    Parameters
    ----------
    frame : DataFrame
        ``outcome, level, a, b, dominance, reproducibility`` (`touchsim.dominance`).
    ax : Axes, optional
        Where to draw; a new figure, as high as there are drivers, if None.

    Returns
    -------
    Axes

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"outcome": "satisfaction", "level": ["complete"], "a": ["returns"], "b": ["security"],
    ...                       "dominance": [1.0], "reproducibility": [0.98]})
    >>> [tick.get_text() for tick in plot_dominance(frame).get_yticklabels()]
    ['1  ease of return', '2  security assurance']
    """
    names = list(dict.fromkeys([*frame["a"], *frame["b"]])) if not frame.empty else []
    p = len(names)
    ax = sheet(ax, 5.4 + 0.5 * max(4, p), 2.4 + 0.44 * max(3, p))
    if not names:
        return nothing(ax, tell("no pair of drivers to hold against each other"))
    place = {name: number for number, name in enumerate(names)}
    reached: dict[tuple[str, str], dict[str, object]] = {}
    for level in reversed(SHADES):
        reached |= {(row["a"], row["b"]): row for row in records(frame[frame["level"] == level])
                    if row["dominance"] == 1}  # fmt: skip
    for (a, b), row in reached.items():
        shade, again = SHADES[str(row["level"])], float(str(row["reproducibility"]))
        sure = again >= SURE
        x, y = place[b], place[a]
        ax.add_patch(Rectangle((x - 0.44, y - 0.42), 0.88, 0.84, facecolor=shade if sure else "white", edgecolor=shade,
                               linewidth=1.6, gid="sure" if sure else "unsure"))  # fmt: skip
        if p <= MOST_WITH_NUMBERS:
            ink = "white" if sure and row["level"] == "complete" else INK
            ax.text(x, y, f"{100 * again:.0f}", ha="center", va="center", fontsize=8.5, color=ink)
    ax.set_xlim(0.4, p - 0.4)
    ax.set_ylim(p - 0.4, -0.6)
    ax.set_xticks(range(1, p), [str(number + 1) for number in range(1, p)])
    ax.set_yticks(range(p), [plain(f"{number + 1}  {label(name)}", 34) for number, name in enumerate(names)])
    strip(ax, keep=())
    ax.set_xlabel(tell("dominates the driver with this number; % of the bootstrap draws that say so again"), color=INK)
    marks = [Rectangle((0, 0), 1, 1, facecolor=shade, label=tell(NAMES[level])) for level, shade in SHADES.items()]
    hollow = tell("hollow: in under {share} of the draws", share=f"{100 * SURE:.0f} %")
    marks.append(Rectangle((0, 0), 1, 1, facecolor="white", edgecolor=SOFT, label=hollow))
    key_below(ax, marks, drop=44.0, columns=2, x=-0.25)
    outcome = label(str(frame["outcome"].iloc[0]))
    headline(ax, tell("Which drivers of {outcome} dominate which", outcome=outcome), x=-0.33,
             note=tell("row over column by what each adds to R2; the strongest on top"))  # fmt: skip
    return ax
