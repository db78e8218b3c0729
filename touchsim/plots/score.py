"""What many simulated studies of one design found, beside the truth: a forest of estimators.

One group of rows for each driver, the strongest truth on top: the truth as a diamond on a vertical tick, and for each
estimator the mean of its estimates with the range that holds 95 % of the studies.  Grey is how sure the truth itself
is.  On the right, in the estimator's colour, how often its 95 % interval held the truth, hollow where that is less than
90 %: an estimator whose point stands off the diamond is biased, one whose number is small is sure of something wrong.
Where more than one study in ten gave no estimate the number is grey, as it speaks for the others alone, and says so.
Called by ``ScoreCard.plot`` and notebooks; nothing is computed here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from touchsim.languages import tell, told
from touchsim.plots.canvas import INK, SOFT, headline, key_below, name_rows, nothing, plain, records, ruled, sheet
from touchsim.plots.reach import marked_beyond, within
from touchsim.plots.truths import ESTIMANDS
from touchsim.vocabulary import label

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["LOST", "beside", "plot_score"]

SHADES = {"ols": "#D55E00", "corrected": "#0072B2", "sem": "#009E73", "sem_mlr": "#CC79A7",
          "sem_wlsmv": "#882255"}  # fmt: skip
NAMES = {"ols": told("least squares"), "corrected": told("corrected for unreliability"),
         "sem": told("structural equations"), "sem_mlr": told("structural equations, robust"),
         "sem_wlsmv": told("structural equations, ordinal items")}  # fmt: skip
RANGE = 1.959964
WIDEST = 1.1
"""Where the sheet ends at the latest: an estimator that scatters further says nothing, and would hide the others."""

FAIR, LOST = 0.90, 0.10
"""Coverage that is fair; share of studies without an estimate above which figures of the others are grey."""


def plot_score(frame: pd.DataFrame, *, title: str = "", driver: str = "", ax: Axes | None = None) -> Axes:
    """Draw a score card at one size and for one estimand.

    Parameters
    ----------
    frame : DataFrame
        ``estimator, term, truth, mean, emp_se, coverage, studies, respondents`` (`touchsim.score_card`).
    title : str
        Whose score card it is.
    driver : str
        The one driver whose settings are drawn; then ``term`` names settings, which keep their order.
    ax : Axes, optional
        Where to draw; a new figure, as high as there are drivers, if None.

    Returns
    -------
    Axes

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"estimator": ["ols"], "term": ["returns"], "truth": [0.4], "mean": [0.3],
    ...                       "emp_se": [0.04], "coverage": [0.4], "studies": [100], "respondents": [500]})
    >>> [tick.get_text() for tick in plot_score(frame, title="A shop").get_yticklabels()]
    ['ease of return']
    """
    frame = frame[frame["truth"].notna()] if not frame.empty else frame
    sound = frame[frame["mean"].notna()] if not frame.empty else frame
    estimators = list(dict.fromkeys(frame["estimator"])) if not sound.empty else []
    terms = frame.drop_duplicates("term") if estimators else frame
    terms = terms if driver or not estimators else terms.sort_values("truth", ascending=False, kind="stable")
    ax = sheet(ax, 9.4, 2.3 + 0.26 * max(6, len(terms) * (len(estimators) + 0.6)))
    if not estimators:
        return nothing(ax, tell("no study gave an estimate"))
    step = len(estimators) + 0.6
    ax.axvline(0, color=SOFT, linewidth=0.9, zorder=1)
    end = min(WIDEST, max(row["mean"] + RANGE * row["emp_se"] for row in records(sound)))
    low = max(-WIDEST, min(row["mean"] - RANGE * row["emp_se"] for row in records(sound)))
    edge = max(end, float(frame["truth"].max())) + 0.04 * (end - low)
    room = 0.30 if "failed" in sound and bool((sound["failed"] > 0).any()) else 0.16
    for place, goal in enumerate(records(terms)):
        top = place * step
        ax.plot([goal["truth"]] * 2, [top - 0.55, top + len(estimators) - 0.45], color=INK, linewidth=1.2, zorder=2)
        ax.plot(goal["truth"], top + (len(estimators) - 1) / 2, marker="D", markersize=6.5, markerfacecolor="white",
                markeredgecolor=INK, markeredgewidth=1.4, linestyle="none", zorder=4, gid="truth")  # fmt: skip
        if goal.get("truth_low") is not None and goal.get("truth_high") is not None:
            ax.fill_betweenx([top - 0.55, top + len(estimators) - 0.45], goal["truth_low"], goal["truth_high"],
                             color=SOFT, alpha=0.3, linewidth=0, zorder=1, gid="truth interval")  # fmt: skip
        for nth, row in enumerate(records(frame[frame["term"] == goal["term"]])):
            _draw(ax, top + nth, row, (low, end, edge))
    middles = [place * step + (len(estimators) - 1) / 2 for place in range(len(terms))]
    names = list(terms["term"]) if driver else [label(term) for term in terms["term"]]
    name_rows(ax, names, middles, above=0.9, below=len(estimators) / 2 + 0.4)
    ax.set_xlim(min(low, 0.0) - 0.03 * (end - low), edge + room * (end - low))
    outcome = label("satisfaction")
    ruled(ax, "x", tell("standardised coefficient (SD of {outcome} per SD of the driver)", outcome=outcome))
    first = records(frame)[0]
    note = tell("{studies} studies of {n} respondents each; lines hold 95 % of the estimates; on the right: how often "
                "the 95 % interval held the truth (hollow, bold: under 90 %)",
                studies=first["studies"] + (first.get("failed") or 0), n=first["respondents"])  # fmt: skip
    if len(sound) < len(frame):
        note = f"{note}; {tell('none')}: {tell('no study gave an estimate')}"
    words = ": ".join(part for part in (title, label(driver) if driver else "") if part)
    headline(ax, plain(words, 60) if words else tell("What a survey finds"), note=marked_beyond(ax, note),
             x=-0.25)  # fmt: skip
    marks: list[Any] = [Line2D([], [], color=SHADES[one], marker="o", linewidth=2.2, label=tell(NAMES[one]))
                        for one in estimators]  # fmt: skip
    marks.append(Line2D([], [], color=INK, marker="D", markerfacecolor="white", linestyle="none", markersize=6.5,
                        markeredgewidth=1.4, label=_which(frame)))  # fmt: skip
    if "truth_low" in frame and bool(frame["truth_low"].notna().any()):
        marks.append(Patch(color=SOFT, alpha=0.3, linewidth=0, label=tell("its 95 % Monte Carlo interval")))
    key_below(ax, marks, x=-0.25)
    return ax


def _which(frame: pd.DataFrame) -> str:
    """Name the truth, and which one it is where it is not the usual one."""
    named = set(frame["estimand"]) if "estimand" in frame else set()
    return tell("truth") + ("" if named <= {"projection"} or len(named) > 1 else f" ({tell(ESTIMANDS[named.pop()])})")


def _draw(ax: Axes, place: float, row: dict[str, Any], ends: tuple[float, float, float]) -> None:
    """Mean, range and coverage of one estimator for one driver; a mean beyond the sheet is an arrow at its end."""
    low, end, edge = ends
    beside(ax, edge, place, row)
    if row["mean"] is None:
        return
    shade, reach = SHADES[row["estimator"]], RANGE * row["emp_se"]
    fair = row["coverage"] >= FAIR
    within(ax, place, row["mean"], (row["mean"] - reach, row["mean"] + reach), (low, end), shade=shade, size=6.5,
           width=2.2, filled=fair)  # fmt: skip


def beside(ax: Axes, edge: float, place: float, row: dict[str, Any]) -> None:
    """Write how often the intervals of one estimator held the truth, and of how many studies that is."""
    failed, shade, size = row.get("failed") or 0, SHADES[row["estimator"]], 8.5
    if row["mean"] is None:
        words, fair = tell("none"), True
    else:
        share, fair = f"{100 * row['coverage']:.0f}", row["coverage"] >= FAIR
        words = tell("{share} % of {n}", share=share, n=row["studies"]) if failed else f"{share} %"
        if failed > LOST * (row["studies"] + failed):
            lost = tell("no estimate in {lost} of {all}", lost=failed, all=row["studies"] + failed)
            words, shade, size = f"{words}\n{lost}", SOFT, 7.0
    ax.text(edge, place, words, color=shade, fontsize=size, ha="left", va="center", linespacing=1.0,
            fontweight="normal" if fair else "bold", gid="coverage")  # fmt: skip
