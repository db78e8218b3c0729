"""How well an estimator does over many studies: performance measures with their Monte Carlo errors.

For R studies with estimates b_r, standard errors s_r and 95 % intervals, and the truth T of a named estimand
(Morris, White & Crowther 2019, table 6):

    bias       mean(b) - T                                 error  see below
    emp_se     sd(b)                                              emp_se / sqrt(2 (R - 1))
    rmse       sqrt(mean((b - T)^2))                              sd((b - T)^2) / sqrt(R) / (2 rmse)
    coverage   share of intervals that hold T                     sqrt(c (1 - c) / R)
    power      share of all S studies with p < 0.05               sqrt(p (1 - p) / S)

A study without an estimate is left out of all figures but one: it has found nothing, so that power counts it among
those that did not find the driver, as recovery of ranks does.  Where the truth is exactly 0, power is the rate of false
alarms.

Truth is estimated as well, from everyone asked in all crowds together.  They are the people who are surveyed, so that
luck of the draw is common to both and goes out of the bias: its error is that of the difference,

    var(b)/R + var(q)/R - 2 cov(b, q)/R        q_r = the estimand among everyone asked in crowd r

Estimands: ``projection``, the regression of true satisfaction on the true views of the drivers among those asked, which
is all that a survey can find; ``structural``, the weight that the world itself gives a view (averaged over kinds of
goods), in SD per SD, which is what acting on the view alone changes; ``total``, what raising the facet wherever it is
met changes (`totals`), lines, choices and selection included.  The first two differ by what is left out, confounded or
pooled, the last two by what spills over.  Each comes with its interval: that of the jackknife over crowds.  Called by
`score`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from touchsim.experiment.studies import first_names
from touchsim.experiment.totals import total_effects

__all__ = ["FEW_STUDIES", "NO_ESTIMATE", "SIGNIFICANT", "TRUTH_ZERO", "WRONG_SIGN", "Truth", "found_share",
           "performance", "rank_recovery", "truth_of"]  # fmt: skip

Array = npt.NDArray[np.float64]
SIGNIFICANT, DUST = 0.05, 1e-9
MEASURES = ["respondents", "estimator", "term", "estimand", "truth", "studies", "failed", "n", "mean", "bias",
            "bias_mcse", "emp_se", "emp_se_mcse", "model_se", "rmse", "rmse_mcse", "coverage", "coverage_mcse", "power",
            "power_mcse", "truth_low", "truth_high"]  # fmt: skip
NO_ESTIMATE, TRUTH_ZERO, WRONG_SIGN, FEW_STUDIES = ("no estimate", "truth not told from zero", "wrong sign",
                                                     "too few studies")  # fmt: skip
RANKS = ["respondents", "estimator", "top", "top_share", "second", "second_share", "studies", "found", "found_mcse"]


@dataclass(frozen=True)
class Truth:
    """What the studies should have found.

    Attributes
    ----------
    values : dict
        Estimand to driver to standardised coefficient; nan where there is none.
    by_crowd : dict
        Estimand to values crowd by crowd, shape (crowds, drivers); of ``total`` the pseudo-values of the jackknife.
    shares : dict
        Driver to its lmg share in the projection.
    asked : int
        People behind it.
    intervals : dict
        Estimand to driver to the ends of its 95 % Monte Carlo interval.
    """

    values: dict[str, dict[str, float]]
    by_crowd: dict[str, Array]
    shares: dict[str, float]
    asked: int
    intervals: dict[str, dict[str, tuple[float, float]]] = field(default_factory=dict)

    def stands_off(self, estimand: str, driver: str, value: float = 0.0) -> bool:
        """Whether a truth is told from a value, as sure as if of all drivers only one were looked at.

        The interval is widened for the number of drivers (Bonferroni), and by numerical dust; a truth without an
        interval is told from every other value, an unknown one from none.
        """
        from scipy import stats

        known = self.values[estimand]
        low, _ = self.intervals.get(estimand, {}).get(driver, (known[driver], known[driver]))
        wider = 1.0
        if len(self.by_crowd[estimand]) > 1:
            goals, df = np.array([1 - 0.025 / len(known), 0.975]), len(self.by_crowd[estimand]) - 1
            wider = float(np.divide(*stats.t.ppf(goals, df)))
        return bool(abs(known[driver] - value) > wider * (known[driver] - low) + DUST)


def truth_of(
    crowds: pd.DataFrame, drivers: tuple[str, ...], weights: Mapping[str, Mapping[str, float]],
    totals: pd.DataFrame | None = None,
) -> Truth:  # fmt: skip
    """Estimands of all crowds together; `weights` is kind of goods to facet to structural weight.

    `totals` are the rows of `totals.raised_ten`; without them there is no ``total``.
    """
    from touchsim.study.shapley import lmg_shares

    each = np.array([_moments(row, len(drivers) + 1) for row in crowds[first_names(drivers)].to_numpy(float)])
    n, experience = crowds["asked"].to_numpy(float), crowds["experience"].to_numpy(float)
    pooled, own = _covariance(each.sum(axis=0)), [_covariance(one) for one in each]
    without = [_covariance(one) for one in each.sum(axis=0) - each] if len(each) > 1 else []
    asked, tried = n.sum(), n @ experience
    of_others = (tried - n * experience) / np.maximum(asked - n, 1)
    everyone = {"projection": _projected(pooled),
                "structural": _structural(pooled, drivers, weights, float(tried / asked))}  # fmt: skip
    by_crowd = {
        "projection": np.array([_projected(one) for one in own]),
        "structural": np.array([_structural(one, drivers, weights, e) for one, e in zip(own, experience, strict=True)]),
    }
    r = len(each)
    pseudo = {
        "projection": r * everyone["projection"] - (r - 1) * np.array([_projected(one) for one in without]),
        "structural": r * everyone["structural"] - (r - 1) * np.array(
            [_structural(one, drivers, weights, e) for one, e in zip(without, of_others, strict=False)]),
    } if without else {}  # fmt: skip
    if totals is not None:
        everyone["total"], by_crowd["total"] = total_effects(
            totals, drivers, np.array([_scales(one) for one in (pooled, *without)]))
        pseudo["total"] = by_crowd["total"]
    intervals = {name: _intervals(everyone[name], values, drivers) for name, values in pseudo.items()}
    sd = np.sqrt(np.diag(pooled))
    shares = lmg_shares((pooled / np.outer(sd, sd))[None])[0][0]
    values = {name: dict(zip(drivers, map(float, value), strict=True)) for name, value in everyone.items()}
    first = dict(zip(drivers, map(float, shares / shares.sum()), strict=True))
    return Truth(values, by_crowd, first, int(asked), intervals)


def performance(rows: pd.DataFrame, truth: Truth) -> pd.DataFrame:
    """Measure every estimator at every size; one row per size, estimator, driver and estimand: `MEASURES`."""
    table = []
    place = {driver: j for j, driver in enumerate(truth.values["projection"])}
    for (size, estimator, term), some in rows.groupby(["respondents", "estimator", "term"], sort=False):
        sound = some[some["std_beta"].notna()]
        r = len(sound)
        for estimand, values in truth.values.items():
            goal = values[str(term)]
            head = {"respondents": size, "estimator": estimator, "term": term, "estimand": estimand, "truth": goal,
                    "studies": r, "failed": len(some) - r, "n": some["n"].mean()}  # fmt: skip
            low, high = truth.intervals.get(estimand, {}).get(str(term), (np.nan, np.nan))
            head |= {"truth_low": low, "truth_high": high}
            own = truth.by_crowd[estimand][sound["study"].to_numpy(int), place[str(term)]]
            table.append(head | (_measures(sound, goal, own) if r > 1 else {}) | found_share(some["p_value"]))
    return pd.DataFrame(table, columns=MEASURES)


def rank_recovery(rows: pd.DataFrame, truth: Truth) -> pd.DataFrame:
    """In which share of studies the largest LMG share falls on the driver that truly has it; columns `RANKS`.

    A study whose estimator gave no shares counts as one that did not find it.
    """
    top, second = sorted(truth.shares, key=lambda driver: -truth.shares[driver])[:2]
    found = []
    for (size, estimator), some in rows.groupby(["respondents", "estimator"], sort=False):
        shares = some.pivot(index="study", columns="term", values="share")
        hits = (shares.fillna(-np.inf).idxmax(axis=1) == top) & shares.notna().any(axis=1)
        share = float(hits.mean())
        found.append([size, estimator, top, truth.shares[top], second, truth.shares[second], len(hits), share,
                      np.sqrt(share * (1 - share) / len(hits))])  # fmt: skip
    return pd.DataFrame(found, columns=RANKS)


def found_share(p_values: pd.Series[float]) -> dict[str, float]:
    """Power, and its Monte Carlo error: the share of all studies with p < 0.05, where none has no estimate."""
    power = float((p_values < SIGNIFICANT).mean())
    return {"power": power, "power_mcse": float(np.sqrt(power * (1 - power) / len(p_values)))}


def _measures(sound: pd.DataFrame, goal: float, own: Array) -> dict[str, float]:
    b, r = sound["std_beta"].to_numpy(float), len(sound)
    square = (b - goal) ** 2
    spread, rmse = b.std(ddof=1), float(np.sqrt(square.mean()))
    held = float(((sound["std_low"] <= goal) & (goal <= sound["std_high"])).mean()) if goal == goal else np.nan
    return {
        "mean": b.mean(), "bias": b.mean() - goal, "bias_mcse": (b - own).std(ddof=1) / np.sqrt(r), "emp_se": spread,
        "emp_se_mcse": spread / np.sqrt(2 * (r - 1)), "model_se": np.sqrt((sound["std_error"] ** 2).mean()),
        "rmse": rmse, "rmse_mcse": square.std(ddof=1) / np.sqrt(r) / (2 * rmse) if rmse != 0 else 0.0,
        "coverage": held, "coverage_mcse": np.sqrt(held * (1 - held) / r),
    }  # fmt: skip


def _moments(row: Array, v: int) -> Array:
    """Count, sums and products of one crowd as a matrix, shape (v + 1, v + 1), with 1 as the first variable."""
    found = np.empty((v + 1, v + 1))
    found[0, 0] = row[1]
    found[0, 1:] = found[1:, 0] = row[3 : 3 + v]
    upper = np.triu_indices(v)
    inner = np.empty((v, v))
    inner[upper] = row[3 + v :]
    inner.T[upper] = row[3 + v :]
    found[1:, 1:] = inner
    return found


def _covariance(moments: Array) -> Array:
    mean = moments[0, 1:] / moments[0, 0]
    return np.asarray(moments[1:, 1:] / moments[0, 0] - np.outer(mean, mean), dtype=np.float64)


def _projected(covariance: Array) -> Array:
    """Standardised coefficients of the last variable on the others."""
    p = len(covariance) - 1
    slopes = np.linalg.lstsq(covariance[:p, :p], covariance[:p, p], rcond=None)[0]
    return np.asarray(slopes * _scales(covariance), dtype=np.float64)


def _scales(covariance: Array) -> Array:
    """SD of each view over that of the last variable."""
    return np.asarray(np.sqrt(np.diag(covariance)[:-1] / covariance[-1, -1]), dtype=np.float64)


def _intervals(value: Array, pseudo: Array, drivers: tuple[str, ...]) -> dict[str, tuple[float, float]]:
    """Interval (t) around a value from the pseudo-values of the crowds, shape (crowds, drivers)."""
    from scipy import stats

    r = len(pseudo)
    reach = stats.t.ppf(0.975, r - 1) * pseudo.std(axis=0, ddof=1) / np.sqrt(r)
    return {driver: (float(v - w), float(v + w)) for driver, v, w in zip(drivers, value, reach, strict=True)}


def _structural(
    covariance: Array, drivers: tuple[str, ...], weights: Mapping[str, Mapping[str, float]], experience: float
) -> Array:
    """Weights of the world in SD per SD, averaged over kinds of goods as they were bought."""
    search, tried = (np.array([weights[kind][driver] for driver in drivers]) for kind in ("search", "experience"))
    mean = (1 - experience) * search + experience * tried
    return np.asarray(mean * _scales(covariance), dtype=np.float64)
