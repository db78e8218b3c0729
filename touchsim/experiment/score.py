"""The score card of a study: what a survey of this design finds, against the truth that only a simulator knows.

    design --many simulated studies--> estimates --against the truth--> bias, errors, coverage, power, rank recovery

A simulation study in the sense of ADEMP (Morris, White & Crowther 2019): **aims**: can this survey find what drives
satisfaction; **data**: a scenario lived through by a new crowd for each study, asked by the scenario's questionnaire;
**estimand**: the regression projection among those asked, the structural weight of the world and, where it is asked
for, the total effect of raising a facet (`totals`); **methods**: the estimators of a study and LMG importance;
**performance**: `success`, every figure with its Monte Carlo error.

What mending a touchpoint would bring takes a paired experiment per touchpoint: `fix_weakest`.  Studies run side by side
in processes, ten at a time; a folder to keep them in makes a card resumable (`keeping`).  Called by the command
``score``, by `grid`, notebooks and proofs.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from touchsim.errors import BadInput, Finding, verb
from touchsim.experiment.keeping import all_tens
from touchsim.experiment.sizes import powers_of, sizes_needed, steps_below
from touchsim.experiment.studies import (
    TOO_FEW,
    StudyPlan,
    customers_needed,
    few_points,
    is_number,
    named_ones,
    one_of,
    whole_sizes,
)
from touchsim.experiment.success import Truth, performance, rank_recovery, truth_of
from touchsim.experiment.totals import raised_worlds
from touchsim.languages import marked, tell, told
from touchsim.plots.numerals import fixed, interval
from touchsim.vocabulary import FACETS, keys, label

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from touchsim.world.scenario import Scenario

__all__ = ["ESTIMANDS", "SCORED", "ScoreCard", "score_card"]

SCORED = ("ols", "corrected", "sem", "sem_mlr", "sem_wlsmv")
"""Estimators that a score card can try."""

ESTIMANDS = ("projection", "structural", "total")
"""Truths that a score card can hold estimates against."""

MAIN = "projection"
WHOLE, FEW = 0.8, 3
"""Share of complete answers below which a card warns, an assumption; drivers that are named one by one."""


@dataclass(frozen=True)
class ScoreCard:
    """What many simulated studies of one design found.

    Attributes
    ----------
    table : DataFrame
        One row per size, estimator, driver and estimand; see `success` for the measures, each with ``_mcse``, its Monte
        Carlo standard error.  Coefficients are standardised (SD per SD).
    ranks : DataFrame
        One row per size and estimator: ``found``, the share of studies in which LMG puts the true top driver first.
    studies : DataFrame
        Every estimate: one row per study, size, estimator and driver.
    truth : Truth
    design : dict
        What was simulated: scenario, interventions, questionnaire, customers in a crowd, response rate, seed, versions.
    powers : DataFrame, optional
        Power at the sizes of the card and at some below them, from which `sizes_needed` reads (`sizes.powers_of`).
    """

    table: pd.DataFrame
    ranks: pd.DataFrame
    studies: pd.DataFrame
    truth: Truth
    design: dict[str, Any]
    powers: pd.DataFrame | None = None

    @property
    def text(self) -> str:
        """The findings in a few sentences, for the largest size and the projection."""
        return "\n".join(_sentences(self))

    def sizes_needed(self, power: float = 0.8) -> pd.DataFrame:
        """Answers that each driver needs to be found with this power; see `sizes.sizes_needed`."""
        if not is_number(power) or not 0.05 < power < 1:  # noqa: PLR2004
            raise BadInput(Finding("power", "must be above 0.05 and below 1", got=str(power)))
        return sizes_needed(self.table, power, self.powers)

    def plot(self, ax: Axes | None = None, *, respondents: int | None = None, estimand: str = "projection") -> Axes:
        """Draw truth and estimates of every driver, with the coverage of the intervals, at the largest size."""
        from touchsim.plots.score import plot_score

        size = self.table["respondents"].max() if respondents is None else respondents
        findings = one_of("respondents", size, self.table["respondents"], "this score card has no such size")
        findings += one_of("estimand", estimand, self.table["estimand"], "this score card has no such truth")
        if findings:
            raise BadInput(findings)
        rows = self.table[(self.table["respondents"] == size) & (self.table["estimand"] == estimand)]
        return plot_score(rows, title=str(self.design["title"]), ax=ax)

    def plot_truths(self, ax: Axes | None = None) -> Axes:
        """Draw the truths of every driver beside each other, with their Monte Carlo intervals."""
        from touchsim.plots.truths import plot_truths

        rows = self.table[self.table["respondents"] == self.table["respondents"].max()]
        rows = rows.drop_duplicates(["term", "estimand"])
        return plot_truths(rows, title=str(self.design["title"]), ax=ax)

    def _repr_html_(self) -> str:
        shown = self.table[self.table["estimand"] == "projection"].drop(columns=["estimand", "failed"])
        told = "".join(f"<p>{html.escape(line)}</p>" for line in self.text.split("\n"))
        return f"{told}{shown.to_html(index=False, float_format='{:.3f}'.format, na_rep='')}"


@verb
def score_card(
    scenario: Scenario, *, n: int | Sequence[int] = 500, studies: int = 1000,
    estimators: Sequence[str] = ("ols", "corrected"), drivers: Sequence[str] | None = None,
    response_rate: float | None = None, customers: int | None = None, seed: int = 1, workers: int | None = None,
    keep: str | Path | None = None, progress: Callable[[int], None] | None = None,
    estimands: Sequence[str] = ESTIMANDS[:2],
) -> ScoreCard:  # fmt: skip
    """Simulate a survey study many times, fit it each time, and hold what it finds against the truth.

    Parameters
    ----------
    scenario : Scenario
        The world and its questionnaire; change items, points, mood or ceiling by ``scenario.with_(survey=...)``.
    n : int or sequence of int
        Respondents of a study; several sizes are parts of the same studies, as if the survey had been stopped earlier.
        Answers with gaps are left out, as in any study; column ``n`` of the table counts what is left.
    studies : int
        Independent studies.
    estimators : sequence of {"ols", "corrected", "sem", "sem_mlr", "sem_wlsmv"}
        Structural equations take some tenths of a second each.  A study without a proper solution is no estimate
        (`studies` says when), is counted in column ``failed`` and left out of the figures.
    drivers : sequence of str, optional
        Facets in the regression; all by default.  What is left out is omitted from the projection, too.
    response_rate : float, optional
        Share that answers, instead of the questionnaire's.  Where answering is pure chance (`on_extremity` and
        `on_disposition` are 0), everyone answers by default: the same law with smaller crowds.
    customers : int, optional
        Customers in the crowd of a study, in the order of their arrival; just enough for `n` answers by default.  Where
        lines build up over weeks, small crowds meet shorter ones, in the studies and in the truth.
    seed : int
        Same seed, same studies, whatever the number of workers.
    workers : int, optional
        Processes; all cores by default.
    keep : str or Path, optional
        Folder in which finished studies are kept: the same card, also one of more studies, goes on from there.
    progress : callable, optional
        Called with the number of studies just finished.
    estimands : sequence of {"projection", "structural", "total"}
        Truths to hold the estimates against; the projection is always one of them.  ``total`` lives through two more
        worlds for each driver, which takes several times as long; in a folder of kept studies it is added to them.

    Returns
    -------
    ScoreCard
        Frozen; ``.table``, ``.ranks``, ``.text``, ``.plot()``, ``.plot_truths()``, ``.sizes_needed(power)``.

    Raises
    ------
    BadInput
        For arguments out of range, a folder with other studies in it, a survey that nobody answers.

    Examples
    --------
    >>> from touchsim.world.scenario import load_scenario
    >>> card = score_card(load_scenario("corner_shop"), n=100, studies=4, workers=1)
    >>> card.table.groupby("estimator")["studies"].max().to_dict()
    {'corrected': 4, 'ols': 4}
    """
    from touchsim.engine.simulation import versions

    sizes, wrong = whole_sizes(n)
    wrong += _numbers(studies, response_rate, customers, seed, workers)
    methods, others = named_ones("estimators", estimators, SCORED)
    used, wrong_drivers = named_ones("drivers", keys(FACETS) if drivers is None else drivers, keys(FACETS))
    truths, wrong_truths = named_ones("estimands", estimands, ESTIMANDS)
    wrong += others + wrong_drivers + wrong_truths + few_points(scenario, methods)
    if len(used) == 1:
        law = "must be two or more, or none of them can come first"
        wrong.append(Finding("drivers", law, got=str(used[0])))
    if wrong:
        raise BadInput(wrong)
    response = scenario.survey.response
    if response_rate is None and response.on_extremity == 0 and response.on_disposition == 0 and response.rate > 0:
        response_rate = 1.0
    plan = StudyPlan(scenario, sizes, methods, used, response_rate, customers or 0, seed,
                     steps_below(sizes[-1], len(used)))
    plan = plan if customers else plan._replace(customers=customers_needed(plan))
    worlds = raised_worlds(scenario, used) if "total" in truths else None
    parts = list(all_tens(plan, studies, workers, None if keep is None else Path(keep), progress, worlds=worlds))
    rows, crowds, *totals = (pd.concat(some, ignore_index=True) for some in zip(*parts, strict=True))
    weights = {kind: getattr(scenario.satisfaction, kind).model_dump() for kind in ("search", "experience")}
    truth = truth_of(crowds, used, weights, *totals)
    powers, rows = powers_of(rows), rows[rows["respondents"].isin(sizes)].reset_index(drop=True)
    table, ranks = performance(rows, truth), rank_recovery(rows, truth)
    table = table[table["estimand"].isin([MAIN, *truths])].reset_index(drop=True)
    survey = scenario.survey
    design = {
        "scenario": scenario.name, "title": scenario.title or scenario.name, "interventions": list(scenario.applied),
        "studies": studies, "customers": plan.customers, "asked": truth.asked, "points": survey.points,
        "items": {name: survey.items.of(name) for name in (*used, "satisfaction")},
        "response_rate": response.rate if response_rate is None else response_rate, "seed": seed,
        "scenario_hash": scenario.hash, "versions": dict(versions()),
    }  # fmt: skip
    return ScoreCard(table, ranks, rows, truth, design, powers)


def _numbers(
    studies: int, response_rate: float | None, customers: int | None, seed: int, workers: int | None
) -> list[Finding]:
    findings = []
    for name, value, least in (("studies", studies, 2), ("seed", seed, 0), ("workers", workers, 1),
                               ("customers", customers, 1)):  # fmt: skip
        if value is None and name in ("workers", "customers"):
            continue
        if value is None or not is_number(value, whole=True) or value < least:
            findings.append(Finding(name, f"must be a whole number, {least} or more", got=str(value)))
    if response_rate is not None and not (is_number(response_rate) and 0.0 < response_rate <= 1.0):
        findings.append(Finding("response_rate", "must be above 0, at most 1", got=str(response_rate)))
    return findings


def _sentences(card: ScoreCard) -> Iterator[str]:
    size, design = card.table["respondents"].max(), card.design
    yield tell("{studies} simulated studies of {title}: {n} respondents each, drawn from everyone asked ({asked} "
               "people in all).", studies=marked(f"{design['studies']:,}"), title=design["title"], n=size,
               asked=marked(f"{design['asked']:,}"))  # fmt: skip
    here = card.table[(card.table["respondents"] == size) & (card.table["estimand"] == "projection")]
    yield from _of_gaps(size, here["n"].mean())
    for estimator, rows in here.groupby("estimator", sort=False):
        if rows["bias"].notna().any():
            yield _bias_in_words(estimator, rows)
        lost = int(rows["failed"].max())
        if lost:
            yield tell("{estimator}: {lost} of {studies} studies had no estimate; in power and rank they count as not "
                       "found, and they are left out of its other figures.", estimator=_named(estimator), lost=lost,
                       studies=design["studies"])  # fmt: skip
            few = _few(card, size, estimator)
            if few:
                yield tell("{few} of them had too few complete answers for as many drivers.", few=few)
    yield from _of_false_alarms(card, size)
    standing = any(card.truth.stands_off(MAIN, driver) for driver in card.truth.values[MAIN])
    if not standing:
        yield tell("No driver stands out: no true coefficient can be told from zero, so that none ought to come first.")
    known = set(here.loc[here["studies"] > 0, "estimator"]) if standing else set()
    ranks = card.ranks[(card.ranks["respondents"] == size) & card.ranks["estimator"].isin(known)]
    for row in ranks.to_dict("records"):
        words = told("{estimator}: {driver}, the true top driver (share {share}, next {second} with {next}), comes "
                     "first in {found} % of the studies (Monte Carlo error {error}).")  # fmt: skip
        if row["found"] in (0, 1):
            words = told("{estimator}: {driver}, the true top driver (share {share}, next {second} with {next}), comes "
                         "first in {found} % of the studies, {bound}.")  # fmt: skip
        yield tell(words, estimator=_named(row["estimator"]), driver=label(row["top"]),
                   bound=_by_rule_of_three(row["found"], design["studies"]),
                   share=marked(f"{row['top_share']:.2f}"), second=label(row["second"]),
                   next=marked(f"{row['second_share']:.2f}"), found=marked(f"{100 * row['found']:.0f}"),
                   error=marked(f"{100 * row['found_mcse']:.1f}"))  # fmt: skip
    yield from _of_totals(card)


def _of_gaps(size: int, whole: float) -> Iterator[str]:
    """Say how many answers are complete, where not all are."""
    if whole < size:
        yield tell("{answered} answered in each study, {complete} of them completely on average; answers with gaps are "
                   "left out.", answered=size, complete=fixed(whole, 0))  # fmt: skip
    if whole < WHOLE * size:
        yield tell("Less than {share} % of the answers are complete: all figures are those of so few answers, and who "
                   "leaves no gap may differ from the others.", share=f"{100 * WHOLE:.0f}")  # fmt: skip


def _few(card: ScoreCard, size: int, estimator: object) -> int:
    """Studies with too few complete answers for this estimator."""
    rows = card.studies[(card.studies["respondents"] == size) & (card.studies["estimator"] == estimator)]
    return int(rows.loc[rows["reason"] == TOO_FEW, "study"].nunique())


def _of_false_alarms(card: ScoreCard, size: int) -> Iterator[str]:
    """Say how often drivers are found whose truth is exactly 0."""
    from touchsim.plots.truths import ESTIMANDS as TRUTHS

    table = card.table[(card.table["respondents"] == size) & (card.table["truth"] == 0) & (card.table["studies"] > 0)]
    for (estimand, estimator), rows in table.groupby(["estimand", "estimator"], sort=False):
        least, most = (marked(f"{100 * share:.1f}") for share in (rows["power"].min(), rows["power"].max()))
        words = told("{estimator}: false alarms in {shares} % of the studies (Monte Carlo error {error}), where the "
                     "truth is exactly 0 ({estimand}: {drivers}).")  # fmt: skip
        if rows["power"].isin([0, 1]).all():
            words = told("{estimator}: false alarms in {shares} % of the studies, {bound}, where the truth is exactly "
                         "0 ({estimand}: {drivers}).")  # fmt: skip
        yield tell(words, estimator=_named(estimator), shares=_both(least, most),
                   bound=_by_rule_of_three(rows["power"].max(), card.design["studies"]),
                   error=marked(f"{100 * rows['power_mcse'].max():.1f}"),
                   estimand=tell(TRUTHS[str(estimand)]),
                   drivers=", ".join(map(label, rows["term"])) if len(rows) <= FEW else
                   tell("{n} drivers", n=len(rows)))  # fmt: skip


def _by_rule_of_three(share: float, studies: int) -> str:
    """Bound of a share of none or of all, where the formula of its error gives 0 (Hanley & Lippman-Hand 1983)."""
    reach = 100 * min(3 / studies, 1.0)
    if share == 0:
        return tell("at most {high} % (rule of three)", high=marked(f"{reach:.1f}"))
    return tell("at least {low} % (rule of three)", low=marked(f"{100 - reach:.1f}"))


def _both(least: str, most: str) -> str:
    return least if least == most else tell("{low} to {high}", low=least, high=most)


def _of_totals(card: ScoreCard) -> Iterator[str]:
    totals = card.truth.values.get("total", {})
    known = {driver: value for driver, value in totals.items() if value == value}
    felt = {driver: value for driver, value in known.items() if value > 0 and card.truth.stands_off("total", driver)}
    if known and not felt:
        yield tell("Of no driver can the total effect be told to be above zero.")
    if felt:
        best = max(felt, key=lambda driver: felt[driver])
        yield tell("Raised wherever it is met, {driver} brings most: a total effect of {total}, where its structural "
                   "weight is {structural} and the projection {projection} (SD per SD).", driver=label(best),
                   total=_with_interval(card, best), structural=fixed(card.truth.values["structural"][best], 2),
                   projection=fixed(card.truth.values[MAIN][best], 2))  # fmt: skip
    if known:
        apart = {driver: value - card.truth.values["structural"][driver] for driver, value in known.items()}
        told = [driver for driver in apart
                if card.truth.stands_off("total", driver, card.truth.values["structural"][driver])]  # fmt: skip
        if told:
            most = max(told, key=lambda driver: abs(apart[driver]))
            yield tell("What spills over (lines, choices, emotion, who is asked) changes most for {driver}: a total "
                       "effect of {total} instead of a structural weight of {structural}.", driver=label(most),
                       total=_with_interval(card, most),
                       structural=fixed(card.truth.values["structural"][most], 2))  # fmt: skip
        else:
            yield tell("Of no driver can the total effect be told from the structural weight.")
    if len(known) < len(totals):
        names = ", ".join(label(driver) for driver in totals if driver not in known)
        yield tell("No total effect is known of {names}: no touchpoint tells of it, or nobody who is asked met one.",
                   names=names)  # fmt: skip


def _with_interval(card: ScoreCard, driver: str) -> str:
    return interval(card.truth.values["total"][driver], *card.truth.intervals["total"][driver], lambda x: fixed(x, 2))


def _bias_in_words(estimator: object, rows: pd.DataFrame) -> str:
    worst = rows[rows["bias"].abs() == rows["bias"].abs().max()].iloc[0]
    least, most = (marked(f"{100 * share:.1f}") for share in (rows["coverage"].min(), rows["coverage"].max()))
    words = told("{estimator}: largest bias {bias} (Monte Carlo error {error}; {driver}, truth {truth}); 95 % "
                 "intervals hold the truth in {shares} % of the studies.")  # fmt: skip
    if rows["failed"].any():
        words = told("{estimator}: largest bias {bias} (Monte Carlo error {error}; {driver}, truth {truth}); 95 % "
                     "intervals hold the truth in {shares} % of the {some} of {all} studies that gave "
                     "one.")  # fmt: skip
    some, lost = int(rows["studies"].min()), int(rows["failed"].max())
    return tell(words, estimator=_named(estimator), bias=_signed(worst["bias"]),
                error=marked(f"{worst['bias_mcse']:.3f}"), driver=label(worst["term"]), truth=fixed(worst["truth"], 2),
                shares=_both(least, most), some=some, all=some + lost)  # fmt: skip


def _named(estimator: object) -> str:
    from touchsim.study.fit import ESTIMATORS

    words = tell(ESTIMATORS[str(estimator)])
    return words[0].upper() + words[1:]


def _signed(value: float) -> str:
    return marked(f"{value:+.3f}").replace("-", "−")
