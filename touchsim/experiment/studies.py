"""Ten simulated studies at a time: crowds live through a world, are surveyed, and every estimator has its say.

    scenario --simulate--> a crowd per study --everyone asked--> sums of products of the true views    (crowds)
                                             --n who answer----> an estimate per estimator and driver  (rows)

Each study has a crowd of its own, a replication with its own lines and days: one big crowd cut into pieces would be
cheaper by nothing that counts, and its pieces would share queues, so that they were no independent studies.  A crowd is
just large enough for its answers.

An estimator that needs a proper solution has **no estimate** in a study where there is none, and the study is counted
as failed: structural equations without a maximum, without errors or with impossible constructs; the correction where
the corrected correlations, the outcome's among them, are not positive definite or nearly singular, their smallest
eigenvalue at most 0.01: there the scales hold more error than differences, coefficients run off to any size, and one
such study would outweigh all others in every mean; all of them where fewer than two complete answers more than drivers
are left.  A study that failed is a row without figures, with its reason: `TOO_FEW` or `NO_SOLUTION`.

Tens are independent of each other and of how many there are; a ten is what is
written down when a score card must be able to go on later.  Called by `score`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from touchsim.errors import BadInput, Finding, nearest

if TYPE_CHECKING:
    from touchsim.log.eventlog import EventLog
    from touchsim.study.estimators import Estimate
    from touchsim.world.scenario import Scenario

__all__ = ["AT_ONCE", "CORRELATED", "NO_SOLUTION", "OUTCOME", "ROWS", "TOO_FEW", "StudyPlan", "customers_needed",
           "few_points", "first_names", "is_number", "lived_ten", "named_ones", "one_of", "own_seed", "several",
           "simulated_ten", "stepped", "whole_sizes"]  # fmt: skip

Array = npt.NDArray[np.float64]
AT_ONCE = 10
"""Studies that are simulated together, as replications of one run."""

OUTCOME = "satisfaction"
PILOT, LARGEST_CROWD = 10_000, 20_000_000
NEARLY_SINGULAR = 0.01
"""Smallest eigenvalue of corrected correlations up to which a correction is no estimate."""

SPARE = 3.0
"""SDs of the number of answers by which a crowd is larger than its mean need: one study in 700 falls a little short."""

ROWS = ["study", "respondents", "n", "estimator", "term", "std_beta", "std_error", "std_low", "std_high", "p_value",
        "share", "reason"]  # fmt: skip
TOO_FEW, NO_SOLUTION = "too few complete answers", "no proper solution"
"""Why a study has no estimate."""

CORRELATED = "product"


class StudyPlan(NamedTuple):
    """What is the same in every study.

    `respondents` ascending; `customers` live in the crowd of one study; `steps`, sizes below the largest at which only
    significance is wanted, by the estimators that take no time.
    """

    scenario: Scenario
    respondents: tuple[int, ...]
    estimators: tuple[str, ...]
    drivers: tuple[str, ...]
    response_rate: float | None
    customers: int
    seed: int
    steps: tuple[int, ...] = ()


def several(given: Any) -> list[Any]:
    """List of what was given; a bare word, number or nothing is one.

    Examples
    --------
    >>> several("ols"), several((1, 2)), several(None)
    (['ols'], [1, 2], [None])
    """
    alone = isinstance(given, (str, bytes)) or not isinstance(given, Iterable) or getattr(given, "ndim", 1) == 0
    return [given] if alone else list(given)


def is_number(given: Any, *, whole: bool = False) -> bool:
    """Whether a number was given, and not a word, a truth value or a list."""
    kinds = (int, np.integer) if whole else (int, float, np.number)
    return isinstance(given, kinds) and not isinstance(given, bool)


def whole_sizes(given: Any) -> tuple[tuple[int, ...], list[Finding]]:
    """Sizes of studies, ascending, and what is wrong with them."""
    sizes = several(given)
    if not sizes or not all(is_number(size, whole=True) and size >= 1 for size in sizes):
        got = repr(given) if isinstance(given, str) else str(sizes)
        return (), [Finding("n", "must be one or more whole numbers above 0", got=got)]
    return tuple(sorted({int(size) for size in sizes})), []


def named_ones(name: str, given: Any, known: tuple[str, ...]) -> tuple[tuple[str, ...], list[Finding]]:
    """Words out of a closed list, and what is wrong with them."""
    words, hint = several(given), f"known: {', '.join(known)}"
    wrong = [] if words else [Finding(name, "names nothing", hint=hint)]
    wrong += [Finding(name, "no such one", got=str(word), hint=nearest(word, known) or hint)
              for word in words if not isinstance(word, str) or word not in known]  # fmt: skip
    if len(set(map(str, words))) < len(words):
        wrong.append(Finding(name, "each is named once", got=", ".join(map(str, words))))
    return tuple(words), wrong


def one_of(name: str, given: Any, known: Iterable[Any], law: str) -> list[Finding]:
    """Refuse what is not one of a few words or whole numbers, with the nearest of them.

    Examples
    --------
    >>> print(one_of("driver", "retruns", ("fulfilment", "returns"), "no such driver")[0])
    driver: no such driver (got retruns); did you mean 'returns'?
    >>> one_of("respondents", 500, (200, 500), "no such size")
    []
    """
    words = list(dict.fromkeys(known))
    fits = isinstance(given, str) or is_number(given, whole=True)
    if fits and given in words:
        return []
    hint = nearest(given, words) if isinstance(given, str) and all(isinstance(word, str) for word in words) else None
    return [Finding(name, law, got=str(given), hint=hint or f"known: {', '.join(map(str, words))}")]


def few_points(scenario: Scenario, estimators: tuple[str, ...]) -> list[Finding]:
    """Refuse thresholds for scales that have too many."""
    from touchsim.study.latent import MOST_LEVELS

    points = scenario.survey.points
    law = f"sem_wlsmv is for answers on {MOST_LEVELS} points or fewer"
    return [Finding("estimators", law, got=f"{points} points", hint="sem_mlr")] \
        if "sem_wlsmv" in estimators and points > MOST_LEVELS else []  # fmt: skip


def first_names(drivers: tuple[str, ...]) -> list[str]:
    """Columns of a row of `crowds`: study, asked, share of experience goods, then sums and products of the views."""
    views = (*drivers, OUTCOME)
    pairs = [f"{CORRELATED}_{a}_{b}" for i, a in enumerate(views) for b in views[i:]]
    return ["study", "asked", "experience", *(f"sum_{view}" for view in views), *pairs]


def customers_needed(plan: StudyPlan) -> int:
    """Customers of one study, so that enough of them answer in all but one study in 700.

    Raises
    ------
    BadInput
        When nobody answers.
    """
    from touchsim.engine.simulation import simulate
    from touchsim.survey.respondents import ask

    customers, seed = PILOT, own_seed(plan.seed, 2**32)
    while True:
        log = simulate(plan.scenario, customers=customers, seed=seed)
        got = len(ask(log, response_rate=plan.response_rate, seed=seed))
        share = got / customers
        if got >= 100:
            break
        if customers > LARGEST_CROWD:
            raise BadInput(Finding("scenario", "nobody answers the survey of this scenario", got=plan.scenario.name))
        customers *= 8
    root = (SPARE + np.sqrt(SPARE**2 + 4 * plan.respondents[-1])) / 2
    return int(np.ceil(root**2 / share))


def lived_ten(plan: StudyPlan, place: int, count: int) -> EventLog:
    """Let the crowds of the first `count` studies of the ten at `place` live, unasked as yet."""
    from touchsim.engine.simulation import simulate

    return simulate(plan.scenario, customers=plan.customers, seed=own_seed(plan.seed, place), replications=count)


def simulated_ten(
    plan: StudyPlan, place: int, count: int, log: EventLog | None = None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Simulate and fit the first `count` studies of the ten at `place`; `log`: their crowds, where they have lived.

    Returns
    -------
    rows : DataFrame
        One row per study, size, estimator and driver: `ROWS`; nulls and a reason where an estimator gave none.
    crowds : DataFrame
        One row per study: `first_names`.
    """
    from touchsim.study.estimators import no_estimate
    from touchsim.survey.respondents import ask, asked_views

    seed = own_seed(plan.seed, place)
    log = lived_ten(plan, place, count) if log is None else log
    views = asked_views(log)
    answers = ask(log, response_rate=plan.response_rate, seed=seed)
    scales = answers.attrs["model"]["scales"]
    answers.attrs = {}  # pandas copies attrs, deeply, whenever a column is taken
    columns = {name: list(scales[name]) for name in (*plan.drivers, OUTCOME)}
    items = {name: answers[some].to_numpy(float, na_value=np.nan) for name, some in columns.items()}
    whole = ~np.any([np.isnan(values).any(axis=1) for values in items.values()], axis=0)
    rng = np.random.default_rng(seed)
    who = answers["replication"].to_numpy()
    heads: list[dict[str, Any]] = []
    fits: list[tuple[Estimate, Array | None]] = []
    p = len(plan.drivers)
    for study in range(count):
        order = rng.permutation(np.flatnonzero(who == study))
        for size in sorted({*plan.respondents, *plan.steps}):
            chosen = order[:size][whole[order[:size]]]
            some = {name: values[chosen] for name, values in items.items()}
            asked = size in plan.respondents
            for estimator in plan.estimators if asked else stepped(plan.estimators):
                few = len(chosen) < p + 2
                fit, correlations = (no_estimate(p), None) if few else _fitted(estimator, some)
                lost = TOO_FEW if few else NO_SOLUTION if np.isnan(fit.std_beta).all() else ""
                heads.append({"study": AT_ONCE * place + study, "respondents": size, "n": len(chosen),
                              "estimator": estimator, "reason": lost})  # fmt: skip
                fits.append((fit, correlations if asked else None))
    return _rows(plan, heads, fits), _crowds(plan, place, count, views)


def stepped(estimators: tuple[str, ...]) -> tuple[str, ...]:
    """Estimators that take no time: all but structural equations."""
    return tuple(one for one in estimators if not one.startswith("sem"))


def own_seed(seed: int, place: int) -> int:
    """Seed of one ten: far from those of all others."""
    return int(np.random.SeedSequence([seed, place, 7]).generate_state(1, np.uint64)[0] >> np.uint64(1))


def _fitted(estimator: str, items: dict[str, Array]) -> tuple[Estimate, Array | None]:
    """Estimate of one study, and the correlations from which importance follows; None where there are none."""
    from touchsim.study.corrected import corrected_correlations, corrected_estimate
    from touchsim.study.estimators import dependent_columns, estimate, no_estimate

    *drivers, outcome = items
    p = len(drivers)
    if estimator.startswith("sem"):
        return _of_system(estimator, items)
    scores = np.column_stack([values.mean(axis=1) for values in items.values()])
    if (np.ptp(scores, axis=0) == 0).any() or dependent_columns(scores[:, :p]):
        return no_estimate(p), None
    if estimator == "ols":
        return estimate("ols", scores[:, p], scores[:, :p], tuple(drivers)), np.corrcoef(scores, rowvar=False)
    found = corrected_correlations(list(items.values()), 0)
    if found is None or np.linalg.eigvalsh(found[0])[0] <= NEARLY_SINGULAR:
        return no_estimate(p), None
    return corrected_estimate(items[outcome], [items[driver] for driver in drivers], (*drivers, outcome)), found[0]


def _of_system(estimator: str, items: dict[str, Array]) -> tuple[Estimate, Array | None]:
    """Fit structural equations; no maximum, no errors, or constructs that cannot be as they are, is no estimate."""
    from touchsim.study.drivers import fit_drivers
    from touchsim.study.estimators import no_estimate

    *drivers, outcome = items
    scales = {name: [f"{name}_{j}" for j in range(values.shape[1])] for name, values in items.items()}
    columns = [column for some in scales.values() for column in some]
    frame = pd.DataFrame(np.column_stack(list(items.values())), columns=columns)
    try:
        fit = fit_drivers(frame, {"scales": scales, "drivers": {outcome: drivers}, "estimator": estimator})
    except BadInput:
        return no_estimate(len(drivers)), None
    system, one = fit.systems["all"], fit.estimates[outcome, "all"]
    found = system.construct_covariances().loc[[*drivers, outcome], [*drivers, outcome]].to_numpy()
    if not system.converged or not np.isfinite(one.std_high).all() or np.linalg.eigvalsh(found)[0] <= 0:
        return no_estimate(len(drivers)), None
    sd = np.sqrt(np.diag(found))
    return one, found / np.outer(sd, sd)


def _rows(
    plan: StudyPlan, heads: list[dict[str, Any]], fits: list[tuple[Estimate, Array | None]]
) -> pd.DataFrame:
    from scipy import stats

    from touchsim.study.shapley import lmg_shares

    p = len(plan.drivers)
    shares = np.full((len(fits), p), np.nan)
    known = [place for place, (_, correlations) in enumerate(fits) if correlations is not None]
    if known:
        lmg, _ = lmg_shares(np.array([fits[place][1] for place in known]))
        shares[known] = lmg / lmg.sum(axis=1, keepdims=True)
    rows = []
    for head, (fit, _), share in zip(heads, fits, shares, strict=True):
        error = (fit.std_high - fit.std_low) / 2 / stats.t.ppf(0.975, fit.df)
        values = zip(plan.drivers, fit.std_beta, error, fit.std_low, fit.std_high, fit.p_value, share, strict=True)
        rows += [{**head, **dict(zip(ROWS[4:-1], value, strict=True))} for value in values]
    return pd.DataFrame(rows, columns=ROWS)


def _crowds(plan: StudyPlan, place: int, count: int, views: pd.DataFrame) -> pd.DataFrame:
    """Sums of products of the true views of everyone asked, study by study."""
    names = [*plan.drivers, OUTCOME]
    values, who = views[names].to_numpy(float), views["replication"].to_numpy()
    experience = views["goods"].astype(str).to_numpy() == "experience"
    upper = np.triu_indices(len(names))
    rows = []
    for study in range(count):
        mine = values[who == study]
        products = (mine.T @ mine)[upper]
        rows.append([AT_ONCE * place + study, len(mine), experience[who == study].mean(), *mine.sum(axis=0), *products])
    return pd.DataFrame(rows, columns=first_names(plan.drivers)).astype({"study": int, "asked": int})

