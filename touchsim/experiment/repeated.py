"""The same study again and again: what a survey of a given size finds when chance deals anew each time.

One survey is one draw.  Here a scenario is lived through by new customers for each study, they are surveyed, and the
same regression is run; as the simulator knows the truth, the studies can be counted:

    scenario --simulate, ask--> answers --the first n of a random order--> OLS, HC3 --> a row per study, size, driver
    significant   share of studies with p < 0.05: power where the truth is not zero, false alarms where it is
    bias          mean(estimate) - truth;   covered: share of 95 % intervals that hold the truth

(performance measures after Morris, White & Crowther 2019).  Smaller studies are parts of larger ones, as if the same
survey had been stopped earlier.  The truth is that of `survey.respondents`: the regression projection on the true views
of everyone who was asked.  Studies are independent of each other: ten at a time are replications of one run, and each
ten have a seed of their own, so that memory does not grow with their number.  Other estimators, Monte Carlo errors and
ranks are the business of `score`.  Called by notebooks and proofs.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from math import ceil
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from touchsim.errors import BadInput, Finding
from touchsim.measure.intervals import over_replications

if TYPE_CHECKING:
    from touchsim.world.scenario import Scenario

__all__ = ["count_found", "repeated_studies"]

AT_ONCE = 10
"""Studies that are simulated together, as replications of one run."""

LARGEST_CROWD = 20_000_000
SIGNIFICANT = 0.05
COLUMNS = ["study", "respondents", "n", "basis", "term", "std_beta", "std_low", "std_high", "p_value", "truth_std"]
ANSWERS, VIEWS = "answers", "true views"


class Plan(NamedTuple):
    """What is the same in every study."""

    scenario: Scenario
    sizes: tuple[int, ...]
    outcome: str
    views: bool
    response_rate: float | None


def repeated_studies(
    scenario: Scenario, *, respondents: Sequence[int] = (100, 400, 2000), studies: int = 200,
    outcome: str = "satisfaction", views: bool = False, response_rate: float | None = None, seed: int = 1,
    workers: int | None = None, progress: Callable[[int], None] | None = None,
) -> pd.DataFrame:  # fmt: skip
    """Simulate a survey study many times and fit the same regression each time.

    Parameters
    ----------
    scenario : Scenario
        The world; each study meets new customers in it.
    respondents : sequence of int
        Answers in a study; each study is evaluated at all these sizes.
    studies : int
        Independent studies.
    outcome : str
        What is explained, by the drivers that the survey's own model gives it.
    views : bool
        Regress the true views of the same people as well: what the survey would find if it could read minds.
    response_rate : float, optional
        Share that answers, instead of the questionnaire's.  1.0 is the fastest, and the same where answering is pure
        chance.
    seed : int
        Same seed, same studies, whatever the number of workers.
    workers : int, optional
        Tens of studies side by side; default: one for each core.
    progress : callable, optional
        Called with the number of studies just finished.

    Returns
    -------
    DataFrame
        One row per study, size, basis and driver: ``study, respondents, n`` (complete answers among them), ``basis``
        ("answers" or "true views"), ``term``, ``std_beta, std_low, std_high`` (SD per SD, 95 %, HC3), ``p_value`` (of
        the raw coefficient), ``truth_std``.

    Raises
    ------
    BadInput
        For arguments out of range, an outcome that the survey does not have, and studies too small for the regression.

    Examples
    --------
    >>> from touchsim.world.scenario import load_scenario
    >>> table = repeated_studies(load_scenario("corner_shop"), respondents=[100], studies=2, response_rate=1.0)
    >>> table.groupby("study").size().tolist()
    [9, 9]
    """
    _check(respondents, studies, seed, workers)
    plan = Plan(scenario, tuple(sorted(set(respondents))), outcome, views, response_rate)
    customers = _customers_needed(plan, seed)
    tens = [range(first, min(first + AT_ONCE, studies)) for first in range(0, studies, AT_ONCE)]

    def together(place: int) -> tuple[list[dict[str, Any]], dict[str, float]]:
        done = _studied(plan, tens[place], _own_seed(seed, place), customers)
        if progress is not None:
            progress(len(tens[place]))
        return done

    with ThreadPoolExecutor(workers or os.cpu_count() or 1) as pool:
        parts = list(pool.map(together, range(len(tens))))
    truth = pd.DataFrame([known for _, known in parts]).mul([len(ten) for ten in tens], axis=0).sum() / studies
    table = pd.DataFrame([row for rows, _ in parts for row in rows])
    table = table.assign(truth_std=table["term"].map(truth))[COLUMNS]
    table.attrs = {"title": f"{studies} studies of {scenario.title or scenario.name}", "outcome": outcome,
                   "scenario": scenario.name, "interventions": list(scenario.applied), "seed": seed}  # fmt: skip
    return table


def count_found(table: pd.DataFrame) -> pd.DataFrame:
    """Count what repeated studies found, beside the truth.

    Parameters
    ----------
    table : DataFrame
        From `repeated_studies`.

    Returns
    -------
    DataFrame
        One row per driver, size and basis: ``term, respondents, basis, studies, truth_std``; ``mean`` of the estimates;
        ``bias`` with its 95 % t interval; ``significant`` (share with p < 0.05) and ``covered`` (share of intervals
        that hold the truth), each with the 95 % interval of Wilson (1927) as ``_low``, ``_high``.

    Examples
    --------
    >>> study = {"respondents": 100, "n": 90, "basis": "answers", "term": "returns", "std_beta": 0.3, "std_low": 0.1,
    ...          "std_high": 0.5, "p_value": 0.01, "truth_std": 0.25}
    >>> card = count_found(pd.DataFrame([study | {"study": 0}, study | {"study": 1, "p_value": 0.2}]))
    >>> card[["bias", "significant", "significant_low", "covered"]].round(3).values.tolist()
    [[0.05, 0.5, 0.095, 1.0]]
    """
    by = ["term", "respondents", "basis"]
    told = table.assign(
        error=table["std_beta"] - table["truth_std"], found=table["p_value"] < SIGNIFICANT,
        held=(table["std_low"] <= table["truth_std"]) & (table["truth_std"] <= table["std_high"]),
    )  # fmt: skip
    grouped = told.groupby(by, sort=False)
    card = grouped.agg(studies=("study", "size"), truth_std=("truth_std", "first"), mean=("std_beta", "mean"))
    error = over_replications(told, by, "error")
    card[["bias", "bias_low", "bias_high"]] = error[["value", "low", "high"]].to_numpy()
    for name, column in (("significant", "found"), ("covered", "held")):
        share = grouped[column].mean()
        card[name] = share
        card[f"{name}_low"], card[f"{name}_high"] = _wilson(share.to_numpy(float), card["studies"].to_numpy(float))
    return card.reset_index()


def _check(respondents: Sequence[int], studies: int, seed: int, workers: int | None) -> None:
    findings = []
    if not len(respondents) or any(not _whole(size) or size < 1 for size in respondents):
        findings.append(Finding("respondents", "must be one or more whole numbers above 0", got=str(respondents)))
    for name, value, least in (("studies", studies, 1), ("seed", seed, 0), ("workers", workers, 1)):
        if value is not None and (not _whole(value) or value < least):
            findings.append(Finding(name, f"must be a whole number, {least} or more", got=str(value)))
    if findings:
        raise BadInput(findings)


def _whole(value: object) -> bool:
    return isinstance(value, (int, np.integer)) and not isinstance(value, bool)


def _own_seed(seed: int, place: int) -> int:
    """Seed of one ten of studies: far from those of all other tens and of other calls."""
    return int(np.random.SeedSequence([seed, place]).generate_state(1, np.uint64)[0] >> np.uint64(1))


def _customers_needed(plan: Plan, seed: int) -> int:
    """Customers of one study so that, as a rule, enough of them answer: a tenth more than a pilot needed."""
    from touchsim.engine.simulation import simulate
    from touchsim.survey.respondents import ask

    wanted, customers = plan.sizes[-1], max(2000, plan.sizes[-1])
    while True:
        got = len(ask(simulate(plan.scenario, customers=customers, seed=seed), response_rate=plan.response_rate))
        if got:
            return max(100, ceil(1.1 * customers * wanted / got))
        if customers > LARGEST_CROWD:
            raise BadInput(Finding("respondents", "nobody answers the survey of this scenario"))
        customers *= 8


def _studied(
    plan: Plan, numbers: range, seed: int, customers: int
) -> tuple[list[dict[str, Any]], dict[str, float]]:
    """Simulate and fit a few studies; rows of the table, and the truth among everyone asked in them."""
    from touchsim.engine.simulation import simulate
    from touchsim.study.scales import scale_scores
    from touchsim.survey.respondents import ask, survey_model

    while True:
        log = simulate(plan.scenario, customers=customers, seed=seed, replications=len(numbers))
        answers = ask(log, response_rate=plan.response_rate, seed=seed)
        got = answers.groupby("replication").size().reindex(range(len(numbers)), fill_value=0).min()
        if got >= plan.sizes[-1]:
            break
        if customers > LARGEST_CROWD:
            law = f"only {got} of {customers} customers answered, too few for a study"
            raise BadInput(Finding("respondents", law, got=str(plan.sizes[-1])))
        customers = ceil(1.2 * customers * plan.sizes[-1] / max(got, 1))
    model = survey_model(log, answers)
    if plan.outcome not in model["drivers"]:
        law = f"must be one of {', '.join(model['drivers'])}"
        raise BadInput(Finding("outcome", law, got=plan.outcome))
    truth: dict[str, float] = model["truth"]["coefficients"]["all"][plan.outcome]
    drivers = tuple(driver for driver in model["drivers"][plan.outcome] if driver in truth)
    names = [plan.outcome, *drivers]
    items = answers[[item for name in names for item in model["scales"][name]]].astype(float)
    whole = items.notna().all(axis=1).to_numpy()
    scores = {ANSWERS: scale_scores(items, {name: model["scales"][name] for name in names})[names].to_numpy(float)}
    if plan.views:
        scores[VIEWS] = answers[[f"latent_{name}" for name in names]].to_numpy(float)
    rng = np.random.default_rng(seed)
    rows = []
    for replication, study in enumerate(numbers):
        order = rng.permutation(np.flatnonzero(answers["replication"].to_numpy() == replication))
        for size in plan.sizes:
            chosen = order[:size][whole[order[:size]]]
            for basis, columns in scores.items():
                head = {"study": study, "respondents": size, "basis": basis}
                rows += [head | row for row in _fitted(columns[chosen], drivers)]
    return rows, truth


def _fitted(scores: npt.NDArray[np.float64], drivers: tuple[str, ...]) -> list[dict[str, Any]]:
    """Rows of one study at one size; the first column of the scores is the outcome."""
    from touchsim.study.estimators import estimate

    n = len(scores)
    if n < len(drivers) + 2:
        law = f"a study of this size left {n} complete answers for {len(drivers)} drivers"
        raise BadInput(Finding("respondents", law, hint="ask more people"))
    fit = estimate("ols", scores[:, 0], scores[:, 1:], drivers)
    columns = zip(drivers, fit.std_beta, fit.std_low, fit.std_high, fit.p_value, strict=True)
    return [{"n": n, "term": term, "std_beta": beta, "std_low": low, "std_high": high, "p_value": p}
            for term, beta, low, high, p in columns]  # fmt: skip


def _wilson(
    share: npt.NDArray[np.float64], n: npt.NDArray[np.float64]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """95 % interval of a share among n (Wilson 1927)."""
    z2 = 1.959963984540054**2
    middle = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = np.sqrt(z2 * (share * (1 - share) / n + z2 / (4 * n * n))) / (1 + z2 / n)
    return middle - half, middle + half
