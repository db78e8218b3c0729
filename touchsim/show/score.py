"""The report of a score card: what the design finds, the forest against the truth, every measure, the ADEMP sheet.

Aims, data-generating mechanism, estimands, methods and performance measures of a simulation study (Morris, White &
Crowther 2019) are filled from what was done.  Called by the command ``score``.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from touchsim.experiment.sizes import AT_MOST, EXTRAPOLATED, FARTHEST, MORE_THAN
from touchsim.experiment.success import FEW_STUDIES, NO_ESTIMATE, TRUTH_ZERO, WRONG_SIGN
from touchsim.languages import marked, tell, told
from touchsim.plots.canvas import records
from touchsim.plots.numerals import fixed
from touchsim.plots.picture import picture_of
from touchsim.plots.score import NAMES, plot_score
from touchsim.plots.truths import ESTIMANDS, plot_truths
from touchsim.show.page import Cell, Page, Plate, Section, Table, save_page
from touchsim.show.sheets import section_of_sheets
from touchsim.vocabulary import label

if TYPE_CHECKING:
    from touchsim.experiment.score import ScoreCard
    from touchsim.show.forms import ReportingSheet
    from touchsim.world.scenario import Scenario

__all__ = ["sheet_of", "write_score_report"]

DOUBTS = {NO_ESTIMATE: told("no estimate"), TRUTH_ZERO: told("truth not told from zero"),
          WRONG_SIGN: told("wrong sign"), FEW_STUDIES: told("too few studies")}  # fmt: skip
POWER = 0.8


def write_score_report(
    path: str | Path, card: ScoreCard, scenario: Scenario, sheets: tuple[ReportingSheet, ...] = ()
) -> list[Path]:
    """Write the report of a score card and its picture; return what was written."""
    size = card.table["respondents"].max()
    rows = card.table[(card.table["respondents"] == size) & (card.table["estimand"] == "projection")]
    plate = Plate("score_card", picture_of(plot_score, rows, title=str(card.design["title"])),
                  tell("Truth and what the studies found: points off the diamond are biased, intervals that hold the "
                       "truth less often than 95 % are too sure."), card.text)  # fmt: skip
    sections = [Section("forest", tell("Does this survey find the truth?"), plates=(plate,))]
    if "total" in card.truth.values:
        truths = card.table[card.table["respondents"] == size].drop_duplicates(["term", "estimand"])
        plate = Plate("truths", picture_of(plot_truths, truths, title=str(card.design["title"])),
                      tell("What a survey can find at best, what the view alone weighs, and what raising the facet "
                           "wherever it is met brings, with all that spills over."), card.text)  # fmt: skip
        sections.append(Section("truths", tell("Three truths about each driver"), plates=(plate,)))
    for estimand, words in _named(card).items():
        table = _measures(card, size, estimand, tell(words))
        sections.append(Section(estimand, tell("Against the {estimand}", estimand=tell(words)), tables=(table,)))
    sections.append(Section("needed", tell("How many answers it takes"), tables=(_needed(card), *_powers(card))))
    lines = tuple(f"{name}: {words}" for name, words in sheet_of(card, scenario))
    sections.append(Section("ademp", tell("The study in the order of ADEMP"), sentences=lines))
    sections += section_of_sheets(sheets)
    page = Page(title=str(card.design["title"]), subtitle=tell("Score card of a survey design"),
                answer=(*_answer(card), *card.text.split("\n")), sections=tuple(sections),
                figures=tell("Truths and numbers of answers carry their 95 % interval; ± is one Monte Carlo standard "
                             "error."))  # fmt: skip
    return save_page(path, page)


def sheet_of(card: ScoreCard, scenario: Scenario) -> list[tuple[str, str]]:
    """Lines of the ADEMP sheet: name and words."""
    design, survey = card.design, scenario.survey
    methods = ", ".join(tell(NAMES[one]) for one in dict.fromkeys(card.table["estimator"]))
    items = ", ".join(f"{label(name)} {many}" for name, many in design["items"].items())
    changed = ", ".join(design["interventions"]) or tell("none")
    return [
        (tell("Aims"), tell("whether a survey of this design finds what drives {outcome}",
                            outcome=label("satisfaction"))),
        (tell("Data"), tell("scenario {scenario} (interventions: {changed}), a new crowd of {customers} customers for "
                            "each of {studies} studies, seed {seed}; {points} answer points; items: {items}; mood "
                            "{method}, response rate {rate}", scenario=design["scenario"], changed=changed,
                            customers=marked(f"{design['customers']:,}"),
                            studies=marked(f"{design['studies']:,}"), seed=design["seed"],
                            points=survey.points, items=items, method=marked(f"{survey.method:g}"),
                            rate=marked(f"{design['response_rate']:g}"))),
        (tell("Estimands"), ", ".join(tell(words) for words in _named(card).values())),
        (tell("Methods"), methods + "; LMG"),
        (tell("Performance"), tell("bias, empirical standard error, root mean squared error, coverage, power (the rate "
                                   "of false alarms where the truth is exactly 0) and recovery of the top driver, each "
                                   "with its Monte Carlo standard error")),
    ]  # fmt: skip


def _named(card: ScoreCard) -> dict[str, str]:
    """Estimands of a card, with their names."""
    return {name: words for name, words in ESTIMANDS.items() if name in set(card.table["estimand"])}


def _measures(card: ScoreCard, size: int, estimand: str, words: str) -> Table:
    chosen = card.table[(card.table["respondents"] == size) & (card.table["estimand"] == estimand)]
    body = tuple((Cell(label(row["term"]), tell(NAMES[row["estimator"]])), _truth(row),
                  *(_with_error(row, name) for name in ("bias", "emp_se", "rmse")),
                  *(_percent(row, name) for name in ("coverage", "power")))
                 for row in records(chosen.sort_values("truth", ascending=False, kind="stable")))  # fmt: skip
    caption = tell("Every measure with its Monte Carlo standard error; {n} respondents, {complete} of them with "
                   "complete answers on average, estimand: {estimand}; power is the share of all studies that find the "
                   "driver", n=fixed(size, 0), complete=fixed(chosen["n"].mean(), 0), estimand=words)  # fmt: skip
    head = (tell("driver"), tell("truth"), tell("bias"), tell("empirical SE"), "RMSE", tell("coverage"), tell("power"))
    return Table(caption, head, body, frozenset(range(1, 7)), folded=estimand != "projection")


def _needed(card: ScoreCard) -> Table:
    found = card.sizes_needed(POWER).sort_values("truth", ascending=False, kind="stable")
    rows = records(found)
    body = tuple((Cell(label(row["term"]), tell(NAMES[row["estimator"]])), Cell(_three(row["truth"])),
                  Cell(tell(DOUBTS[row["doubt"]])) if row["doubt"] else
                  _respondents(row)) for row in rows)  # fmt: skip
    caption = tell("Respondents that give each driver a power of 80 %, read between simulated sizes, with its 95 % "
                   "Monte Carlo interval; beyond the largest size extrapolated, up to ten times as many")  # fmt: skip
    return Table(caption, (tell("driver"), tell("truth"), tell("respondents")), body, frozenset({1, 2}))


def _answer(card: ScoreCard) -> tuple[str, ...]:
    """Which drivers are found with so many answers, by the first estimator, and which take the most of them."""
    first = card.table["estimator"].iloc[0]
    rows = [row for row in records(card.sizes_needed(POWER).sort_values("truth", ascending=False, kind="stable"))
            if row["estimator"] == first and row["doubt"] != TRUTH_ZERO]  # fmt: skip
    if not rows:
        return ()
    found = [label(row["term"]) for row in rows if not row["doubt"] and row["power"] >= POWER]
    words = told("With {n} answers, none of {drivers} drivers is found in at least 80 % of the studies ({estimator}).")
    if found:
        words = told("With {n} answers, at least 80 % of the studies find {many} of {drivers} drivers ({estimator}): "
                     "{names}.")  # fmt: skip
    sentence = tell(words, n=fixed(rows[0]["respondents"], 0), estimator=tell(NAMES[first]), many=len(found),
                    drivers=len(rows), names=", ".join(found))  # fmt: skip
    missed = [row for row in rows if not row["doubt"] and row["power"] < POWER and row["needed"] is not None]
    return (f"{sentence} {_most_answers(missed, others=bool(found))}",) if missed else (sentence,)


def _most_answers(missed: list[dict[str, Any]], *, others: bool) -> str:
    """Which driver takes most answers, or which take more than are extrapolated; `others`, where some are found."""
    last = max(missed, key=lambda row: row["needed"])
    beyond = [label(row["term"]) for row in missed if row["basis"] == MORE_THAN]
    words = (told("Of the others {driver} takes most: {needed} answers (95 % Monte Carlo interval {low} to {high})."),
             told("Most answers are needed for {driver}: {needed} (95 % Monte Carlo interval {low} to {high})."))
    if len(beyond) == 1:
        words = (told("Of the others {driver} takes most: {needed} answers (extrapolated)."),
                 told("Most answers are needed for {driver}: {needed} (extrapolated)."))  # fmt: skip
    if len(beyond) > 1:
        words = (told("Of the others {many} take {needed} answers each (extrapolated): {names}."),
                 told("{many} of them take {needed} answers each (extrapolated): {names}."))  # fmt: skip
    needed, low, high = (_count(last[name], last["respondents"]) for name in ("needed", "needed_low", "needed_high"))
    if last["basis"] == EXTRAPOLATED:
        high = f"{high}; {tell('extrapolated')}"
    return tell(words[0 if others else 1], driver=label(last["term"]), needed=needed, low=low, high=high,
                many=len(beyond), names=", ".join(beyond))  # fmt: skip


def _powers(card: ScoreCard) -> tuple[Table, ...]:
    """Power of every driver at every size, where there are several."""
    sizes = sorted(card.table["respondents"].unique())
    if len(sizes) < 2:  # noqa: PLR2004
        return ()
    here = card.table[card.table["estimand"] == "projection"].sort_values("truth", ascending=False, kind="stable")
    known = {(row["estimator"], row["term"], row["respondents"]): row for row in records(here)}
    pairs = here.drop_duplicates(["estimator", "term"])[["estimator", "term", "truth"]].to_dict("records")
    body = tuple((Cell(label(str(pair["term"])), tell(NAMES[pair["estimator"]])), Cell(_three(pair["truth"])),
                  *(_percent(known[pair["estimator"], pair["term"], size], "power") for size in sizes))
                 for pair in pairs)  # fmt: skip
    head = (tell("driver"), tell("truth"), *(tell("{n} respondents", n=fixed(size, 0)) for size in sizes))
    caption = tell("Power by number of respondents: the share of studies that find the driver, with its Monte Carlo "
                   "standard error")  # fmt: skip
    return (Table(caption, head, body, frozenset(range(1, len(head)))),)


def _respondents(row: dict[str, Any]) -> Cell:
    """How many answers a driver takes, and on what that rests."""
    least, most = (_count(row[name], row["respondents"]) for name in ("needed", "needed_high"))
    if row["basis"] == AT_MOST:
        return Cell(tell("at most {n}", n=least))
    if row["basis"] == MORE_THAN:
        return Cell(least, tell("extrapolated"))
    ends = _ends(_count(row["needed_low"], row["respondents"]), most)
    return Cell(least, f"{ends}; {tell('extrapolated')}" if row["basis"] == EXTRAPOLATED else ends)


def _truth(row: dict[str, Any]) -> Cell:
    if row["truth"] is None:
        return Cell("")
    ends = [row["truth_low"], row["truth_high"]]
    return Cell(_three(row["truth"]), "" if None in ends else _ends(*map(_three, ends)))


def _with_error(row: dict[str, Any], name: str) -> Cell:
    return Cell("") if row[name] is None else Cell(_three(row[name]), f"± {_three(row[f'{name}_mcse'])}")


def _percent(row: dict[str, Any], name: str) -> Cell:
    if row[name] is None:
        return Cell("")
    among = row["studies"] + (row["failed"] if name == "power" else 0)
    error, least = "± " + marked(f"{100 * row[f'{name}_mcse']:.1f}"), 100 * min(3 / among, 1.0)
    if row[name] in (0, 1):  # where the formula of the error gives 0 (Hanley & Lippman-Hand 1983)
        error = tell("at least {low} % (rule of three)", low=marked(f"{100 - least:.1f}"))
        if row[name] == 0:
            error = tell("at most {high} % (rule of three)", high=marked(f"{least:.1f}"))
    if name == "power" and row["truth"] == 0:
        error = f"{error}; {tell('false alarms')}"
    if name == "coverage" and row["failed"]:
        all_studies = row["studies"] + row["failed"]
        error = f"{error}; {tell('{some} of {all} studies', some=row['studies'], all=all_studies)}"
    return Cell(marked(f"{100 * row[name]:.1f}") + " %", error)


def _three(value: float | None) -> str:
    return fixed(value, 3)


def _ends(low: str, high: str) -> str:
    return tell("{low} to {high}", low=low, high=high)


def _count(value: float, largest: float) -> str:
    """A number of respondents; infinitely many are more than the most that are extrapolated."""
    many = marked(f"{min(value, FARTHEST * largest):,.0f}")
    return many if value <= FARTHEST * largest else tell("more than {n}", n=many)
