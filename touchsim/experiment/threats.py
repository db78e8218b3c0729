"""What each threat to a survey does to its drivers: one at a time, beside a design that none of them touches.

    crowd --asked by the clean design--> its truth, estimates --+--> bias against the truth,
          --asked with one threat--------------> estimates -----+    shift from the clean design
          --asked with another ...

**Clean** is the scenario's questionnaire with its own items, points and item errors and nothing else: everyone who is
asked answers every question, without mood, habit, carelessness, ceiling or lapse of memory.  Its **truth**, the
regression of true satisfaction on the true views of those whom the clean design asks, is the truth for all threats: a
survey of survivors is held against the people whom one wanted to know about, not against its own survivors.  `bias` is
against that truth, and has what items and points alone do to a least-squares estimate in it; `shift` is the difference
to the clean design, study by study among the same customers, and so is the threat's alone.

All designs of a study ask the same crowd, which lives once.  The setting of a threat is an assumption: it says how much
of it is tried, not how much there is; `design_grid` tries others.  Called by users and notebooks.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from touchsim.errors import BadInput, Finding, verb
from touchsim.experiment.grid import OMITTED, Setting, drivers_of, named, turned, worded
from touchsim.experiment.harm import sentences
from touchsim.experiment.pilot import HARDLY_ANYBODY, idle_threats, piloted, strongest_driver
from touchsim.experiment.score import SCORED
from touchsim.experiment.studies import (
    AT_ONCE,
    StudyPlan,
    customers_needed,
    few_points,
    is_number,
    lived_ten,
    named_ones,
    one_of,
    several,
    simulated_ten,
)
from touchsim.experiment.success import Truth, performance, rank_recovery, truth_of
from touchsim.plots.threats import CLEAN
from touchsim.vocabulary import FACETS, keys
from touchsim.world.questionnaire import ASKED

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from touchsim.world.scenario import Scenario

__all__ = ["THREATS", "Threats", "weigh_threats"]

LARGEST = 200_000
"""Customers in a crowd beyond which a threat is left out."""

NO_THREAT: dict[str, Any] = {
    "response": {"on_extremity": 0.0, "on_disposition": 0.0, "skip": 0.0}, "method": 0.0, "colouring": 0.0,
    "forgetting": 0.0, "recall_decay": 0.0,
    "style": {"shift_mean": 0.0, "shift_sd": 0.0, "stretch_sd": 0.0, "careless": 0.0},
    "judge": {"each": "impression", **dict.fromkeys(keys(FACETS), "impression")},
}  # fmt: skip
"""What the clean design says in place of the scenario's questionnaire."""

THREATS: dict[str, Setting] = {
    "only_buyers": {"asked": "buyers"}, "only_repeat_buyers": {"asked": "repeat_buyers"},
    "only_returners": {"asked": "returners"}, "cheerful_repliers": {"non_response": 1.0},
    "extreme_repliers": {"extremes": 1.0}, "halo": {"halo": 0.5}, "reverse_causation": {"colouring": 0.25},
    "lost_memory": {"recall": 0.05}, "faded_memory": {"collinearity": 0.05}, "ceiling": {"ceiling": 1.5},
    "careless": {"careless": 0.15}, "omitted_facet": {OMITTED: "the strongest"},
}  # fmt: skip
"""Threat to the one dial that it turns (`grid.DIALS`), and how far: assumptions, all of them; omitted is the strongest
driver of a pilot."""

COLUMNS = ["threat", "setting", "respondents", "estimator", "term", "truth", "studies", "failed", "n", "mean", "bias",
           "bias_mcse", "coverage", "coverage_mcse", "shift", "shift_mcse", "pairs", "bias_low",
           "bias_high"]  # fmt: skip


@dataclass(frozen=True)
class Threats:
    """What each threat did.

    Attributes
    ----------
    table : DataFrame
        One row per threat (the clean design first), estimator and driver: ``truth`` (that of the clean design),
        ``mean``, ``bias`` (mean less truth, with its 95 % Monte Carlo interval ``bias_low, bias_high``), ``coverage``
        of the 95 % intervals, ``shift`` from the clean design over ``pairs`` of studies, each with its Monte Carlo
        error ``_mcse``; standardised coefficients, SD per SD.
    ranks : DataFrame
        One row per threat and estimator: ``found``, the share of studies in which LMG puts the true top driver first
        (none, where it is left out).
    truth : Truth
        Of the clean design.
    design : dict
        Scenario, whom the clean design asks, respondents, studies, customers in a crowd, seed; ``response_rate`` where
        cheerful people or extremes answer more; ``settings``, threat to dial to value; ``left_out``, threat to the
        reason why it was not tried: it can do nothing to this survey, or this world has hardly anybody to ask.
    """

    table: pd.DataFrame
    ranks: pd.DataFrame
    truth: Truth
    design: dict[str, Any]

    @property
    def text(self) -> str:
        """The findings in a few sentences, for the first estimator."""
        return "\n".join(sentences(self.table, self.truth, self.design))

    def plot(self, ax: Axes | None = None, *, estimator: str | None = None, drivers: Sequence[str] = ()) -> Axes:
        """Draw the bias of three drivers under each threat: by default the two strongest and the weakest in truth."""
        from touchsim.plots.threats import plot_threats

        shown = self.table["estimator"].iloc[0] if estimator is None else estimator
        findings = one_of("estimator", shown, self.table["estimator"], "these studies had no such estimator")
        findings += named_ones("drivers", drivers, keys(FACETS))[1] if len(several(drivers)) else []
        if findings:
            raise BadInput(findings)
        by_size = sorted(self.truth.values["projection"].items(), key=lambda pair: -pair[1])
        terms = several(drivers) or [by_size[0][0], by_size[1][0], min(by_size, key=lambda pair: abs(pair[1]))[0]]
        rows = self.table[(self.table["estimator"] == shown) & self.table["term"].isin(terms)]
        said = {name: worded(setting) for name, setting in self.design["settings"].items()}
        return plot_threats(rows.assign(setting=rows["threat"].map(said)), title=str(self.design["title"]), ax=ax)

    def _repr_html_(self) -> str:
        lines = "".join(f"<p>{html.escape(line)}</p>" for line in self.text.split("\n"))
        return f"{lines}{self.table.to_html(index=False, float_format='{:.3f}'.format, na_rep='')}"


@verb
def weigh_threats(
    scenario: Scenario, *, n: int = 500, studies: int = 100, estimators: Sequence[str] = ("ols", "corrected"),
    among: str | None = None, only: Sequence[str] | None = None, seed: int = 1, workers: int | None = None,
    progress: Callable[[int], None] | None = None,
) -> Threats:  # fmt: skip
    """Turn on one threat to a survey at a time, and see what it does to the coefficients.

    Parameters
    ----------
    scenario : Scenario
        The world, and the items, points and item errors of its questionnaire.
    n : int
        Respondents of a study.
    studies : int
        Simulated studies of each design.
    estimators : sequence of {"ols", "corrected", "sem", "sem_mlr", "sem_wlsmv"}
        As for `score_card`.
    among : {"all", "buyers", "repeat_buyers", "returners"}, optional
        Whose truth is wanted: the clean design asks them, by default those whom the scenario asks.  Survivorship is
        asking fewer of them.
    only : sequence of str, optional
        Some of the threats (`THREATS`); all by default.
    seed : int
        Same seed, same studies, whatever the number of workers.
    workers : int, optional
        Processes; all cores by default.
    progress : callable, optional
        Called with the number of studies just finished.

    Returns
    -------
    Threats
        Frozen; ``.table``, ``.ranks``, ``.text``, ``.plot()``.

    Raises
    ------
    BadInput
        For arguments out of range, and for a survey that nobody answers.

    Examples
    --------
    >>> from touchsim.world.scenario import load_scenario
    >>> shop = load_scenario("corner_shop")
    >>> found = weigh_threats(shop, n=100, studies=3, only=["halo"], estimators=["ols"], workers=1)
    >>> found.table["threat"].unique().tolist(), found.table["setting"].unique().tolist()
    (['clean', 'halo'], ['', 'halo 0.5'])
    """
    who = scenario.survey.asked if among is None else among
    methods, wrong = named_ones("estimators", estimators, SCORED)
    places, astray = named_ones("among", who, ASKED)
    chosen, unknown = named_ones("only", THREATS if only is None else only, tuple(THREATS))
    if len(places) > 1:
        astray.append(Finding("among", "must be one word", got=", ".join(map(str, places))))
    _check(n, studies, seed, workers, [*wrong, *astray, *unknown, *few_points(scenario, methods)])
    who = places[0]
    clean = scenario.with_(survey={**NO_THREAT, "asked": who})
    pilot = piloted(clean, seed)
    tried: dict[str, Setting] = {
        name: {OMITTED: strongest_driver(pilot, seed)} if OMITTED in setting else setting
        for name, setting in THREATS.items() if name in chosen
    }  # fmt: skip
    idle = idle_threats(clean, pilot, tried, seed)
    settings: dict[str, Setting] = {CLEAN: {}, **{name: setting for name, setting in tried.items() if name not in idle}}
    plans, rare = _plans(clean, settings, n, methods, seed)
    reasons = {**idle, **dict.fromkeys(rare, HARDLY_ANYBODY)}
    rows, crowds = _studied(plans, studies, workers, progress)
    weights = {kind: getattr(scenario.satisfaction, kind).model_dump() for kind in ("search", "experience")}
    truth = truth_of(crowds, keys(FACETS), weights)
    ranks = pd.concat([rank_recovery(rows[name], truth).assign(threat=name) for name in plans], ignore_index=True)
    design = {
        "scenario": scenario.name, "title": scenario.title or scenario.name, "among": who, "respondents": n,
        "studies": studies, "customers": plans[CLEAN].customers, "asked": truth.asked, "seed": seed,
        "response_rate": clean.survey.response.rate, "settings": {name: settings[name] for name in plans},
        "left_out": {name: reasons[name] for name in tried if name in reasons},
    }  # fmt: skip
    return Threats(_table(rows, settings, truth), ranks[["threat", *ranks.columns.drop("threat")]], truth, design)


def _plans(
    clean: Scenario, settings: dict[str, Setting], n: int, estimators: tuple[str, ...], seed: int
) -> tuple[dict[str, StudyPlan], list[str]]:
    """Plan every design for the same crowd, and name the threats that this world hardly has.

    The crowd is as large as the neediest design asks for; where answering is pure chance, fewer of it answer.
    """
    plans, left_out = {}, []
    for name, setting in settings.items():
        world = turned(clean, setting)
        by_chance = world.survey.response.on_extremity == 0 and world.survey.response.on_disposition == 0
        plan = StudyPlan(world, (n,), estimators, drivers_of(setting), 1.0 if by_chance else None, 0, seed)
        try:
            plans[name] = plan._replace(customers=customers_needed(plan))
        except BadInput:
            if name == CLEAN:
                raise
            left_out.append(name)
    rare = [name for name, plan in plans.items() if name != CLEAN and plan.customers > LARGEST]
    plans = {name: plan for name, plan in plans.items() if name not in rare}
    crowd = max(plan.customers for plan in plans.values())
    thinned = {name: plan._replace(customers=crowd, response_rate=plan.response_rate and plan.customers / crowd)
               for name, plan in plans.items()}  # fmt: skip
    return thinned, left_out + rare


def _studied(
    plans: dict[str, StudyPlan], studies: int, workers: int | None, progress: Callable[[int], None] | None
) -> tuple[dict[str, pd.DataFrame], pd.DataFrame]:
    """Estimates of every design, and what everyone whom the clean one asks truly thinks."""
    from joblib import Parallel, delayed

    counts = [min(AT_ONCE, studies - first) for first in range(0, studies, AT_ONCE)]
    alone = workers == 1 or len(counts) < 2  # noqa: PLR2004
    made = Parallel(n_jobs=1 if alone else workers or -1, return_as="generator")(
        delayed(_ten)(plans, place, count) for place, count in enumerate(counts))  # fmt: skip
    rows: dict[str, list[pd.DataFrame]] = {name: [] for name in plans}
    crowds = []
    for count, (found, crowd) in zip(counts, made, strict=True):
        crowds.append(crowd)
        for name, some in found.items():
            rows[name].append(some)
        if progress is not None:
            progress(count)
    return {name: pd.concat(some, ignore_index=True) for name, some in rows.items()}, pd.concat(crowds)


def _ten(plans: dict[str, StudyPlan], place: int, count: int) -> tuple[dict[str, pd.DataFrame], pd.DataFrame]:
    """One crowd for ten studies, asked by every design."""
    log = lived_ten(plans[CLEAN], place, count)
    rows, crowds = {}, pd.DataFrame()
    for name, plan in plans.items():
        said = {**log.provenance, "survey": plan.scenario.survey.model_dump(mode="json")}
        rows[name], crowd = simulated_ten(plan, place, count, replace(log, provenance=said))
        crowds = crowd if name == CLEAN else crowds
    return rows, crowds


def _table(rows: dict[str, pd.DataFrame], settings: dict[str, Setting], truth: Truth) -> pd.DataFrame:
    """Columns `COLUMNS`: performance against the truth of the clean design, and the paired shift from it."""
    from scipy import stats

    place = ["estimator", "term", "study"]
    clean = rows[CLEAN].set_index(place)["std_beta"]
    parts = []
    for name, some in rows.items():
        against = performance(some, truth)
        against = against[against["estimand"] == "projection"]
        moved = (some.set_index(place)["std_beta"] - clean).dropna().groupby(level=["estimator", "term"])
        shift = pd.DataFrame({"shift": moved.mean(), "shift_mcse": moved.std() / np.sqrt(moved.size()),
                              "pairs": moved.size()})  # fmt: skip
        reach = stats.t.ppf(0.975, np.maximum(against["studies"] - 1, 1)) * against["bias_mcse"]
        against = against.assign(bias_low=against["bias"] - reach, bias_high=against["bias"] + reach)
        parts.append(against.assign(threat=name, setting=named(settings[name]))
                     .merge(shift, how="left", left_on=["estimator", "term"], right_index=True))  # fmt: skip
    table: pd.DataFrame = pd.concat(parts, ignore_index=True)[COLUMNS]
    table["pairs"] = table["pairs"].fillna(0).astype(int)
    return table


def _check(
    n: int, studies: int, seed: int, workers: int | None, others: list[Finding]
) -> None:
    findings = []
    for name, value, least in (("n", n, 1), ("studies", studies, 2), ("seed", seed, 0), ("workers", workers, 1)):
        if value is None and name == "workers":
            continue
        if value is None or not is_number(value, whole=True) or value < least:
            findings.append(Finding(name, f"must be a whole number, {least} or more", got=str(value)))
    if findings or others:
        raise BadInput([*findings, *others])
