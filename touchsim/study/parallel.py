"""Proportional odds, driver by driver: whether a driver counts for the same at low and at high answers.

    P(y > k) = F(x'b_k - cut_k)         an ordered regression says b_1 = b_2 = ...; here each threshold k has its own

The regressions of y > k on the drivers, one for each threshold, are fitted apart; their joint covariance is (Brant
1990; McCullagh & Nelder 1989, 5.2)

    cov(b_k, b_l) = I_k^-1  X' diag(w_k w_l (pi_l - pi_k pi_l)) X  I_l^-1,     k <= l,  pi = P(y > .) as fitted

with w = f / (pi (1 - pi)), which is 1 for logistic noise.  Where the fitted pi of two thresholds cross so far that this
is no covariance, the smaller of both stands for pi_l.  The Wald statistic of all differences b_k - b_1 is the test of
the whole assumption, on p (K - 2) degrees of freedom, that of one driver on K - 2: the driver that breaks it has a
name.  What to do then stands in the same rows: the slope at each threshold (as in a partial proportional odds model
where every slope is free; Peterson & Harrell 1990), so that a reader sees which conclusion hangs on one slope for all.

Levels that fewer respondents gave than ten per driver (Peduzzi et al. 1996: events per variable of a logit) are merged
with the neighbour that fewer gave, as are two that drivers separate without error; so is the smallest level, as long as
there are more than 20.  Under three levels there is no
test, and the row says why.  Respondents are taken as independent, answers as given: where a model names clusters, or
gaps are imputed, the row says so.  Called by `drivers` and `survey`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from touchsim.languages import ENGLISH, language, marked, tell, told
from touchsim.study.adjustment import holm
from touchsim.study.caution import anded, named
from touchsim.study.noise import LOGISTIC, Noise
from touchsim.study.ordered import newton_maximum, uncorrelated

__all__ = ["PARALLEL", "TESTED", "Parallel", "parallel_doubts", "parallel_table", "slopes_by_threshold"]

Array = NDArray[np.float64]
PARALLEL = ["outcome", "group", "test", "term", "above", "estimate", "std_error", "low", "high", "statistic", "df",
            "p_value", "p_holm", "levels", "note"]  # fmt: skip
TESTED = {"ordered_logit": "Brant", "ordered_probit": "Wald"}
"""Estimators that have one slope for all thresholds, and what the test of that is called."""

ALL_DRIVERS = "all"
DOUBT = 0.01
GUILTY = 0.05
ANSWERS_PER_DRIVER = 10
LEAST_LEVELS, MOST_LEVELS = 3, 20
LEAST_EIGENVALUE = 1e-10


@dataclass(frozen=True)
class Parallel:
    """Slopes at each threshold of one equation, and the tests that they are equal.

    Attributes
    ----------
    above : array, shape (K - 1,)
        Thresholds, as the answers above which a respondent stands.
    slopes, errors : array, shape (K - 1, p)
        Of the regressions of standing above each; units of the drivers.
    statistic, p_value : array, shape (p + 1,)
        Chi-squared of all drivers together, then of each; nan without a test.
    df : array of int, shape (p + 1,)
    levels : tuple of tuple of float
        The answers that count as one level each.
    why_not : callable or None
        Tells why there is no test.
    """

    above: Array
    slopes: Array
    errors: Array
    statistic: Array
    df: NDArray[np.int64]
    p_value: Array
    levels: tuple[tuple[float, ...], ...]
    why_not: Callable[[], str] | None = None

    @property
    def broken(self) -> bool:
        """Whether one slope for all thresholds is in doubt: by all drivers together, or by one after Holm."""
        return bool(self.p_value[0] < DOUBT or (holm(self.p_value[1:]) < DOUBT).any())

    @property
    def guilty(self) -> list[int]:
        """Drivers that break it (Holm, 5 %), worst first; where none does alone, the one that comes nearest."""
        order = [int(j) for j in np.argsort(self.p_value[1:], kind="stable")]
        return [j for j in order if holm(self.p_value[1:])[j] < GUILTY] or order[:1]


def slopes_by_threshold(outcome: Array, drivers: Array, noise: Noise = LOGISTIC) -> Parallel:
    """Regress standing above each threshold on the drivers, and test whether slopes are equal (Brant 1990).

    Parameters
    ----------
    outcome : array, shape (n,)
        Answers in levels.
    drivers : array, shape (n, p)
        Of full rank.
    noise : Noise

    Returns
    -------
    Parallel

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> x = rng.normal(size=(2000, 1))
    >>> y = np.digitize(x[:, 0] + rng.logistic(size=2000), [-1, 1]).astype(float)
    >>> found = slopes_by_threshold(y, x)
    >>> found.above.tolist(), found.df.tolist(), bool(found.p_value[0] > 0.01)
    ([0.0, 1.0], [1, 1], True)
    """
    n, p = drivers.shape
    values, place = np.unique(outcome, return_inverse=True)
    ends = _merged(np.bincount(place), ANSWERS_PER_DRIVER * p)
    axes, turn = uncorrelated(drivers)
    design = np.column_stack([np.ones(n), axes])
    fits: dict[int, tuple[Array, Array, Array]] = {}
    for end in ends[:-1]:
        slopes, cuts, converged = newton_maximum((place > end).astype(np.int64), axes, noise=noise)
        if converged:
            line = axes @ slopes - cuts[0]
            share = np.asarray(noise.below(line), dtype=np.float64)
            fits[end] = slopes, share, noise.density(line) / np.maximum(share * (1 - share), 1e-300)
    kept = [*fits, len(values) - 1]
    levels = tuple(tuple(float(one) for one in values[first + 1 : last + 1])
                   for first, last in zip([-1, *kept], kept, strict=False))  # fmt: skip
    slopes = np.array([slopes @ turn.T for slopes, _, _ in fits.values()]).reshape(len(fits), p)
    above = values[list(fits)]
    if len(levels) < LEAST_LEVELS:
        none = np.full(p + 1, np.nan)
        why = told("no test: under three levels of the outcome have at least {least} answers each")
        if len(ends) >= LEAST_LEVELS:
            why = told("no test: drivers separate the levels of the outcome without error")
        telling = partial(tell, why, least=ANSWERS_PER_DRIVER * p)
        return Parallel(above[:0], slopes[:0], slopes[:0], none, np.zeros(p + 1, dtype=np.int64), none, levels, telling)
    covariance = _joint(list(fits.values()), design, turn, crossing=False)
    if np.linalg.eigvalsh(covariance / _outer(covariance))[0] < LEAST_EIGENVALUE:
        covariance = _joint(list(fits.values()), design, turn, crossing=True)
    differ = len(fits) - 1
    contrast = np.kron(np.column_stack([-np.ones(differ), np.eye(differ)]), np.eye(p))
    gap, spread = contrast @ slopes.ravel(), contrast @ covariance @ contrast.T
    sets = [np.arange(p * differ), *(np.arange(differ) * p + j for j in range(p))]
    statistic = np.array([gap[one] @ np.linalg.solve(spread[np.ix_(one, one)], gap[one]) for one in sets])
    df = np.array([len(one) for one in sets], dtype=np.int64)
    errors = np.sqrt(np.diag(covariance)).reshape(len(fits), p)
    return Parallel(above, slopes, errors, statistic, df, stats.chi2.sf(statistic, df), levels)


def parallel_doubts(found: Parallel, estimator: str, drivers: tuple[str, ...]) -> list[Callable[[], str]]:
    """Say that one slope for all thresholds is in doubt, and whose; nothing where it is not."""
    if not found.broken:
        return []
    words = told("slopes differ between low and high answers, most for {drivers} (Brant test, p = {p}), so "
                 "proportional odds are in doubt and one slope per driver is an average of those at each threshold, "
                 "which parallel.csv shows")  # fmt: skip
    if estimator == "ordered_probit":
        words = told("slopes differ between low and high answers, most for {drivers} (Wald test, p = {p}), so "
                     "parallel slopes are in doubt and one slope per driver is an average of those at each threshold, "
                     "which parallel.csv shows")  # fmt: skip
    names = tuple(drivers[j] for j in found.guilty)
    return [partial(tell, words, drivers=partial(_anded, names), p=partial(marked, f"{found.p_value[0]:.2g}"))]


def parallel_table(
    found: Mapping[tuple[str, str], Parallel], drivers: Mapping[str, tuple[str, ...]], estimator: str, note: str = ""
) -> pd.DataFrame:
    """Rows of ``parallel.csv``: of each equation all drivers together, then each driver and its slopes.

    Parameters
    ----------
    found : mapping
        (outcome, group) to `Parallel`.
    drivers : mapping
        Outcome to its drivers.
    estimator : str
    note : str
        What must be known of all these tests.

    Returns
    -------
    DataFrame
        outcome, group, test (Brant, or Wald of a probit), term (``all``: all drivers together), above (empty in rows
        of tests), estimate, std_error, low, high (95 %; of the regression of standing above), statistic (chi-squared),
        df, p_value, p_holm (over the drivers of the equation), levels (answers that count as one), note.
    """
    rows: list[dict[str, Any]] = []
    reach = float(stats.norm.ppf(0.975))
    for (outcome, group), one in found.items():
        with language(ENGLISH):  # a table is the same in every language
            notes = [*([one.why_not()] if one.why_not else []), *([note] if note else [])]
        levels = " | ".join("+".join(f"{value:g}" for value in level) for level in one.levels)
        same = {"outcome": outcome, "group": group, "test": TESTED[estimator], "levels": levels,
                "note": "; ".join(notes)}  # fmt: skip
        adjusted = [np.nan, *holm(one.p_value[1:])]
        for j, term in enumerate((ALL_DRIVERS, *drivers[outcome])):
            rows.append({**same, "term": term, "statistic": one.statistic[j], "df": one.df[j] or np.nan,
                         "p_value": one.p_value[j], "p_holm": adjusted[j]})  # fmt: skip
            slopes = zip(one.above, one.slopes[:, j - 1], one.errors[:, j - 1], strict=True) if j else ()
            rows += [{**same, "term": term, "above": above, "estimate": b, "std_error": error,
                      "low": b - reach * error, "high": b + reach * error} for above, b, error in slopes]  # fmt: skip
    return pd.DataFrame(rows, columns=PARALLEL)


def _merged(counts: NDArray[np.int64], least: int) -> list[int]:
    """Last answer of each level, after the smallest one is merged with its smaller neighbour, again and again."""
    ends, sizes = list(range(len(counts))), [int(count) for count in counts]
    while len(sizes) > 1 and (min(sizes) < least or len(sizes) > MOST_LEVELS):
        j = sizes.index(min(sizes))
        lower = j > 0 and (j == len(sizes) - 1 or sizes[j - 1] <= sizes[j + 1])
        j -= lower
        sizes[j : j + 2] = [sizes[j] + sizes[j + 1]]
        del ends[j]
    return ends


def _joint(fits: list[tuple[Array, Array, Array]], design: Array, turn: Array, *, crossing: bool) -> Array:
    """Covariance of the slopes of all thresholds, shape (thresholds * p, thresholds * p)."""
    p, many = len(turn), len(fits)
    inverse = [np.linalg.inv(design.T * (weight**2 * share * (1 - share)) @ design) for _, share, weight in fits]
    found = np.empty((many, p, many, p))
    for k, (_, low, w_low) in enumerate(fits):
        for m, (_, high, w_high) in enumerate(fits[k:], start=k):
            both = np.minimum(low, high) if crossing else high
            middle = design.T * (w_low * w_high * (both - low * high)) @ design
            block = turn @ (inverse[k] @ middle @ inverse[m])[1:, 1:] @ turn.T
            found[k, :, m], found[m, :, k] = block, block.T
    return found.reshape(many * p, many * p)


def _outer(covariance: Array) -> Array:
    spread = np.sqrt(np.diag(covariance))
    return np.outer(spread, spread)


def _anded(names: tuple[str, ...]) -> str:
    return anded(tuple(named(name)() for name in names))
