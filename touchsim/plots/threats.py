"""What threats do to the coefficients of a survey: one row per threat, the clean design on top.

For each of a few drivers, with a colour and a mark of its own, the bias of the mean estimate against the truth of the
clean design, with its 95 % Monte Carlo interval; hollow where the survey's own 95 % interval holds the truth in less
than 90 % of the studies.  A dotted line leads the clean design down through all threats: what stands off it, the threat
has done.  On the right the setting that was tried.  What is too wild to say anything does not stretch the axis, and is
an arrow at its edge (`reach`).  Called by ``Threats.plot``; nothing is computed here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
from matplotlib.lines import Line2D

from touchsim.languages import marked, tell, told
from touchsim.plots.canvas import (
    FAINT,
    INK,
    SOFT,
    headline,
    key_below,
    name_rows,
    nothing,
    plain,
    records,
    ruled,
    sheet,
)
from touchsim.plots.reach import ends_of, marked_beyond, within
from touchsim.plots.score import FAIR, NAMES
from touchsim.vocabulary import label

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["CLEAN", "LABELS", "plot_threats"]

CLEAN = "clean"
LABELS = {
    CLEAN: told("clean design"), "only_buyers": told("only buyers asked"),
    "only_repeat_buyers": told("only repeat buyers asked"), "only_returners": told("only returners asked"),
    "cheerful_repliers": told("cheerful people answer more"), "extreme_repliers": told("extremes answer more"),
    "halo": told("a mood runs through all answers"), "reverse_causation": told("satisfaction colours the answers"),
    "lost_memory": told("views are lost and guessed"), "faded_memory": told("views fade into one impression"),
    "ceiling": told("answers crowd at the top"), "careless": told("some do not read"),
    "omitted_facet": told("the strongest driver is left out"),
}  # fmt: skip

SHADES = ("#D55E00", "#0072B2", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#999999", "#7a5c3e")
MARKS = ("o", "s", "^", "D", "v", "P", "X", "p", "h")
STEP, BAND, INCHES = 0.24, 0.84, 0.11
"""Rows between the marks of two drivers at the most; part of a row that they share; inches that each takes at least."""

BEYOND = 0.25
"""How far past the largest truth an estimate may err and still stretch the axis."""


def plot_threats(frame: pd.DataFrame, *, title: str = "", ax: Axes | None = None) -> Axes:
    r"""Draw the bias of a few drivers under each threat.

    Parameters
    ----------
    frame : DataFrame
        ``threat, setting, term, truth, bias, bias_low, bias_high, coverage, studies, respondents, estimator`` of one
        estimator, the clean design first (`touchsim.weigh_threats`); ``setting`` is written as it is.
    title : str
        Whose survey it is.
    ax : Axes, optional
        Where to draw; a new figure, as high as there are threats, if None.

    Returns
    -------
    Axes

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"threat": ["clean", "halo"], "setting": ["", "halo 0.5"], "term": ["returns"] * 2,
    ...                       "truth": [0.4] * 2, "bias": [0.0, 0.1], "bias_low": [-0.02, 0.08],
    ...                       "bias_high": [0.02, 0.12], "coverage": [0.95, 0.5], "studies": [100] * 2,
    ...                       "respondents": [500] * 2, "estimator": ["ols"] * 2})
    >>> [tick.get_text() for tick in plot_threats(frame, title="A shop").get_yticklabels()]
    ['clean design', 'a mood runs through all\nanswers']
    """
    frame = frame[frame["bias"].notna()] if not frame.empty else frame
    rows = frame.drop_duplicates("threat") if not frame.empty else frame
    many = 0 if frame.empty else frame["term"].nunique()
    ax = sheet(ax, 9.4, 2.2 + max(0.46, INCHES * (many + 1)) * max(4, len(rows)))
    if frame.empty:
        return nothing(ax, tell("no study gave an estimate"))
    drivers = list(frame.sort_values("truth", ascending=False, kind="stable")["term"].drop_duplicates())
    step = min(STEP, BAND / many)
    places = {name: float(place) for place, name in enumerate(rows["threat"])}
    for place in list(places.values())[1::2]:
        ax.axhspan(place - 0.5, place + 0.5, color=FAINT, alpha=0.5, zorder=0)
    ax.axvline(0, color=INK, linewidth=1.2, zorder=1, gid="truth")
    far = float(frame["truth"].abs().max()) + BEYOND
    low, high = (frame[end].fillna(frame["bias"]) for end in ("bias_low", "bias_high"))
    ends = ends_of(low, high, (-far, far))
    for nth, driver in enumerate(drivers):
        _of_one(ax, records(frame[frame["term"] == driver]), places, nth, (nth - (many - 1) / 2) * step, ends)
    ax.set_xlim(*(end + 0.03 * side * (ends[1] - ends[0]) for end, side in zip(ends, (-1, 1), strict=True)))
    name_rows(ax, [tell(LABELS[threat]) for threat in places])
    for row in records(rows):
        ax.text(1.01, places[row["threat"]], plain(row["setting"], 22), transform=ax.get_yaxis_transform(), color=SOFT,
                fontsize=8.5, ha="left", va="center", gid="setting")  # fmt: skip
    ruled(ax, "x", tell("bias of the standardised coefficient (SD of {outcome} per SD of the driver)",
                        outcome=label("satisfaction")))  # fmt: skip
    first = records(frame)[0]
    note = tell("{studies} studies of {n} respondents each, {estimator}; lines: 95 % Monte Carlo intervals; dotted: "
                "the clean design; hollow: less than {fair} % of the surveys' own intervals hold the truth",
                studies=first["studies"], n=first["respondents"], estimator=tell(NAMES[first["estimator"]]),
                fair=f"{100 * FAIR:.0f}")  # fmt: skip
    headline(ax, plain(title, 60) if title else tell("What threats do to a survey"),
             note=marked_beyond(ax, note), x=-0.28)  # fmt: skip
    truths = frame.drop_duplicates("term").set_index("term")["truth"]
    marks = [Line2D([], [], color=_shade(nth), marker=MARKS[nth % len(MARKS)], linewidth=2.2,
                    label=tell("{driver} (truth {truth})", driver=label(driver), truth=_two(truths[driver])))
             for nth, driver in enumerate(drivers)]  # fmt: skip
    key_below(ax, marks, x=-0.28, columns=3)
    return ax


def _of_one(
    ax: Axes, rows: list[dict[str, Any]], places: dict[str, float], nth: int, off: float, ends: tuple[float, float]
) -> None:
    """Marks of one driver, and the dotted line of its clean design."""
    shade = _shade(nth)
    if rows[0]["threat"] == CLEAN and ends[0] <= rows[0]["bias"] <= ends[1]:
        ax.plot([rows[0]["bias"]] * 2, [-0.4, len(places) - 0.4], color=shade, linewidth=0.9, linestyle=":", zorder=1)
    for row in rows:
        within(ax, places[row["threat"]] + off, row["bias"], (row["bias_low"], row["bias_high"]), ends, shade=shade,
               mark=MARKS[nth % len(MARKS)], width=1.8, filled=row["coverage"] >= FAIR, gid="bias")  # fmt: skip


def _shade(nth: int) -> str:
    return SHADES[nth % len(SHADES)]


def _two(value: float) -> str:
    return marked(f"{round(value, 2) + 0.0:.2f}")
