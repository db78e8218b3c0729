"""Tables fit for a paper: what a score card found, at its largest size, at every size, and how many answers it takes.

    ScoreCard --sheets_of_card--> Sheet for each truth, for power, for answers --typeset--> .tex, .html

Monte Carlo standard errors stand in parentheses.  A share that is 0 or 1 has none that says anything: for it the note
gives the rule of three (Hanley & Lippman-Hand 1983).  English in every language, as the tables of a study.  Called by
the command line for every `score`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from touchsim.experiment.sizes import AT_MOST, EXTRAPOLATED, FARTHEST, MORE_THAN
from touchsim.languages import ENGLISH, language
from touchsim.plots.canvas import records
from touchsim.plots.numerals import number
from touchsim.plots.score import NAMES
from touchsim.plots.truths import ESTIMANDS
from touchsim.show.spelled import bare, slug
from touchsim.show.typeset import Sheet
from touchsim.vocabulary import label

if TYPE_CHECKING:
    from touchsim.experiment.score import ScoreCard

__all__ = ["sheets_of_card"]

POWER = 0.8


def sheets_of_card(card: ScoreCard) -> tuple[Sheet, ...]:
    """Tables of a score card: measures against each truth, power at every size, and answers for a power of 80 %.

    Parameters
    ----------
    card : ScoreCard

    Returns
    -------
    tuple of Sheet
    """
    with language(ENGLISH):
        kinds = [kind for kind in ESTIMANDS if kind in set(card.table["estimand"])]
        return tuple(sheet for one in dict.fromkeys(card.table["estimator"])
                     for sheet in (*(_measured(card, kind, one) for kind in kinds), *_powers(card, one),
                                   _needed(card, one)))  # fmt: skip


def _measured(card: ScoreCard, kind: str, estimator: str) -> Sheet:
    """Every measure of an estimator at the largest size, the strongest truth first."""
    size = int(card.table["respondents"].max())
    rows = card.table[(card.table["respondents"] == size) & (card.table["estimand"] == kind)]
    rows = rows[rows["estimator"] == estimator].sort_values("truth", ascending=False, kind="stable")
    head = ("Driver", "Truth", "95 % CI", "Bias", "Empirical SE", "Coverage", "Power")
    body = tuple((label(str(row["term"])), bare(row["truth"]), _between(row),
                  *(_with_error(row, name) for name in ("bias", "emp_se", "coverage", "power")))
                 for row in records(rows))  # fmt: skip
    note = (f"{int(card.design['studies']):,} simulated studies of N = {size:,} answers each. Truth: "
            f"{ESTIMANDS[kind]}, in SD per SD; CI = Monte Carlo confidence interval. In parentheses: Monte Carlo "
            f"standard errors. {_rule(card)}{_lost(rows['failed'].max())}")  # fmt: skip
    title = f"{NAMES[estimator].capitalize()} against the {ESTIMANDS[kind]}"
    return Sheet(f"score-{slug(estimator, kind)}", title, head, body, note)


def _powers(card: ScoreCard, estimator: str) -> tuple[Sheet, ...]:
    """Power of an estimator at every size; nothing where there is one."""
    sizes = sorted(card.table["respondents"].unique())
    if len(sizes) < 2:  # noqa: PLR2004
        return ()
    rows = card.table[(card.table["estimand"] == "projection") & (card.table["estimator"] == estimator)]
    rows = rows.sort_values("truth", ascending=False, kind="stable")
    known = {(row["term"], row["respondents"]): row for row in records(rows)}
    truths = rows.drop_duplicates("term").set_index("term")["truth"].to_dict()
    body = tuple((label(str(term)), bare(truth), *(_with_error(known[term, size], "power") for size in sizes))
                 for term, truth in truths.items())  # fmt: skip
    head = ("Driver", "Truth", *(f"N = {int(size):,}" for size in sizes))
    note = (f"Share of {int(card.design['studies']):,} simulated studies with p < .05; in parentheses: Monte Carlo "
            f"standard errors. {_rule(card)}")  # fmt: skip
    title = f"Power by number of answers: {NAMES[estimator]}"
    return (Sheet(f"score-{slug(estimator)}-power", title, head, body, note),)


def _needed(card: ScoreCard, estimator: str) -> Sheet:
    """Answers that a power of 80 % takes."""
    found = card.sizes_needed(POWER).sort_values("truth", ascending=False, kind="stable")
    rows = records(found[found["estimator"] == estimator])
    body = tuple((label(str(row["term"])), bare(row["truth"]), *((str(row["doubt"]), "") if row["doubt"]
                                                                 else _answers(row))) for row in rows)  # fmt: skip
    note = f"Answers that give a power of 80 %; CI = Monte Carlo confidence interval.{_bases(rows)}"
    title = f"Answers that it takes to find each driver: {NAMES[estimator]}"
    return Sheet(f"score-{slug(estimator)}-answers", title, ("Driver", "Truth", "Answers", "95 % CI"), body, note)


def _bases(rows: Sequence[Mapping[str, Any]]) -> str:
    """On what the numbers of answers rest that are not read between simulated sizes, where there are any."""
    kinds, largest = {row["basis"] for row in rows}, max((int(row["respondents"]) for row in rows), default=0)
    words = {EXTRAPOLATED: f" Extrapolated: beyond the largest size simulated (N = {largest:,}), where the probit of "
                           "power is taken to grow with the root of N.",
             MORE_THAN: f" More than: extrapolated to over {FARTHEST} times the largest size simulated (N = "
                        f"{largest:,}), no further.",
             AT_MOST: " At most: the smallest size simulated has this power already."}  # fmt: skip
    return "".join(said for kind, said in words.items() if kind in kinds)


def _answers(row: Mapping[str, Any]) -> tuple[str, str]:
    """How many answers a driver takes and on what that rests; its interval, where it has one."""
    needed, low, high = (_count(row[name], row["respondents"]) for name in ("needed", "needed_low", "needed_high"))
    if row["basis"] in (AT_MOST, MORE_THAN):
        return needed if row["basis"] == MORE_THAN else f"at most {needed}", ""
    return f"{needed}, extrapolated" if row["basis"] == EXTRAPOLATED else needed, f"[{low}, {high}]"


def _count(value: float, largest: float) -> str:
    """A number of answers; infinitely many are more than the most that are extrapolated."""
    most = FARTHEST * largest
    return f"{value:,.0f}" if value <= most else f"more than {most:,.0f}"


def _rule(card: ScoreCard) -> str:
    least = number(min(300 / int(card.design["studies"]), 100.0), 2)
    return (f"A share of .00 or 1.00 may be up to {least} percentage points away (rule of three, "
            "Hanley and Lippman-Hand 1983).")  # fmt: skip


def _lost(most: int) -> str:
    return f" Up to {int(most):,} studies had no estimate." if most else ""


def _between(row: Mapping[str, Any]) -> str:
    ends = bare(row["truth_low"]), bare(row["truth_high"])
    return f"[{ends[0]}, {ends[1]}]" if all(ends) else ""


def _with_error(row: Mapping[str, Any], name: str) -> str:
    """A measure with its Monte Carlo error, which is left out where its formula gives 0 for a share of 0 or 1."""
    if row[name] is None:
        return ""
    share = name in ("coverage", "power")
    value = bare(row[name]) if share else _three(row[name])
    certain = share and row[name] in (0, 1)
    return value if certain else f"{value} ({bare(row[f'{name}_mcse']) if share else _three(row[f'{name}_mcse'])})"


def _three(value: float) -> str:
    """Three decimals, without a leading zero."""
    return f"{value:z.3f}".replace("0.", ".", 1) if abs(value) < 1 else f"{value:.3f}"
