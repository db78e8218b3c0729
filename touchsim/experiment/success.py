"""How well an estimator does over many studies: performance measures with their Monte Carlo errors.

For R studies with estimates b_r, standard errors s_r and 95 % intervals, and the truth T of a named estimand
(Morris, White & Crowther 2019, table 6):

    bias       mean(b) - T                                 error  see below
    emp_se     sd(b)                                              emp_se / sqrt(2 (R - 1))
    rmse       sqrt(mean((b - T)^2))                              sd((b - T)^2) / sqrt(R) / (2 rmse)
    coverage   share of intervals that hold T                     sqrt(c (1 - c) / R)
    power      share of studies with p < 0.05                     sqrt(p (1 - p) / R)

Truth is estimated as well, from everyone asked in all crowds together.  They are the people who are surveyed, so that
luck of the draw is common to both and goes out of the bias: its error is that of the difference,

    var(b)/R + var(q)/R - 2 cov(b, q)/R        q_r = the estimand among everyone asked in crowd r

Estimands: ``projection``, the regression of true satisfaction on the true views of the drivers among those asked, which
is all that a survey can find; ``structural``, the weight that the world itself gives a view (averaged over kinds of
goods), in SD per SD, which is what acting on it changes.  The two differ by what is left out, confounded or pooled.
Called by `score`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from touchsim.experiment.studies import first_names

__all__ = ["SIGNIFICANT", "Truth", "performance", "rank_recovery", "sizes_needed", "truth_of"]

Array = npt.NDArray[np.float64]
SIGNIFICANT = 0.05
MEASURES = ["respondents", "estimator", "term", "estimand", "truth", "studies", "failed", "n", "mean", "bias",
            "bias_mcse", "emp_se", "emp_se_mcse", "model_se", "rmse", "rmse_mcse", "coverage", "coverage_mcse", "power",
            "power_mcse"]  # fmt: skip
RANKS = ["respondents", "estimator", "top", "top_share", "second", "second_share", "studies", "found", "found_mcse"]


@dataclass(frozen=True)
class Truth:
    """What the studies should have found.

    Attributes
    ----------
    values : dict
        Estimand to driver to standardised coefficient.
    by_crowd : dict
        Estimand to values crowd by crowd, shape (crowds, drivers).
    shares : dict
        Driver to its lmg share in the projection.
    asked : int
        People behind it.
    """

    values: dict[str, dict[str, float]]
    by_crowd: dict[str, Array]
    shares: dict[str, float]
    asked: int


def truth_of(crowds: pd.DataFrame, drivers: tuple[str, ...], weights: Mapping[str, Mapping[str, float]]) -> Truth:
    """Estimands of all crowds together; `weights` is kind of goods to facet to structural weight."""
    from touchsim.study.shapley import lmg_shares

    each = np.array([_moments(row, len(drivers) + 1) for row in crowds[first_names(drivers)].to_numpy(float)])
    n, experience = crowds["asked"].to_numpy(float), crowds["experience"].to_numpy(float)
    pooled, own = _covariance(each.sum(axis=0)), [_covariance(one) for one in each]
    everyone = {"projection": _projected(pooled),
                "structural": _structural(pooled, drivers, weights, float(n @ experience / n.sum()))}  # fmt: skip
    by_crowd = {
        "projection": np.array([_projected(one) for one in own]),
        "structural": np.array([_structural(one, drivers, weights, e) for one, e in zip(own, experience, strict=True)]),
    }
    sd = np.sqrt(np.diag(pooled))
    shares = lmg_shares((pooled / np.outer(sd, sd))[None])[0][0]
    values = {name: dict(zip(drivers, map(float, value), strict=True)) for name, value in everyone.items()}
    return Truth(values, by_crowd, dict(zip(drivers, map(float, shares / shares.sum()), strict=True)), int(n.sum()))


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
            own = truth.by_crowd[estimand][sound["study"].to_numpy(int), place[str(term)]]
            table.append(head | (_measures(sound, goal, own) if r > 1 else {}))
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


def sizes_needed(table: pd.DataFrame, power: float) -> pd.DataFrame:
    """Answers that each driver needs for a wished power, from the studies of the largest size.

    At n answers the mean estimate stands d = abs(mean) / emp_se standard errors from zero; errors shrink with the root
    of n, so that power is reached at  n ((1.96 + z(power)) / d)^2, z the normal quantile.  The interval is that of d,
    whose Monte Carlo error is sqrt(1/R + d^2 / (2 (R - 1))).

    Returns
    -------
    DataFrame
        ``estimator, term, respondents`` (of the studies behind it), ``power`` (found there), ``needed, needed_low,
        needed_high``; infinite where d cannot be told from 0.
    """
    from scipy import stats

    largest = table[(table["respondents"] == table["respondents"].max()) & (table["estimand"] == "projection")]
    d = (largest["mean"].abs() / largest["emp_se"]).to_numpy(float)
    r = largest["studies"].to_numpy(float)
    error = 1.959964 * np.sqrt(1 / r + d**2 / (2 * (r - 1)))
    goal = stats.norm.ppf(0.975) + stats.norm.ppf(power)
    size = largest["respondents"].to_numpy(float)
    with np.errstate(divide="ignore"):
        needed, low, high = (np.ceil(size * (goal / np.maximum(one, 0)) ** 2) for one in (d, d + error, d - error))
    told: pd.DataFrame = largest[["estimator", "term", "respondents", "power"]].reset_index(drop=True)
    told[["needed", "needed_low", "needed_high"]] = np.column_stack([needed, low, high])
    return told


def _measures(sound: pd.DataFrame, goal: float, own: Array) -> dict[str, float]:
    b, r = sound["std_beta"].to_numpy(float), len(sound)
    square = (b - goal) ** 2
    spread, rmse = b.std(ddof=1), float(np.sqrt(square.mean()))
    held = float(((sound["std_low"] <= goal) & (goal <= sound["std_high"])).mean())
    power = float((sound["p_value"] < SIGNIFICANT).mean())
    return {
        "mean": b.mean(), "bias": b.mean() - goal, "bias_mcse": (b - own).std(ddof=1) / np.sqrt(r), "emp_se": spread,
        "emp_se_mcse": spread / np.sqrt(2 * (r - 1)), "model_se": np.sqrt((sound["std_error"] ** 2).mean()),
        "rmse": rmse, "rmse_mcse": square.std(ddof=1) / np.sqrt(r) / (2 * rmse) if rmse > 0 else 0.0,
        "coverage": held, "coverage_mcse": np.sqrt(held * (1 - held) / r), "power": power,
        "power_mcse": np.sqrt(power * (1 - power) / r),
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
    return np.asarray(slopes * np.sqrt(np.diag(covariance)[:p] / covariance[p, p]), dtype=np.float64)


def _structural(
    covariance: Array, drivers: tuple[str, ...], weights: Mapping[str, Mapping[str, float]], experience: float
) -> Array:
    """Weights of the world in SD per SD, averaged over kinds of goods as they were bought."""
    search, tried = (np.array([weights[kind][driver] for driver in drivers]) for kind in ("search", "experience"))
    mean = (1 - experience) * search + experience * tried
    return np.asarray(mean * np.sqrt(np.diag(covariance)[:-1] / covariance[-1, -1]), dtype=np.float64)
