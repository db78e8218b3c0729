"""Drivers from a published table: means, SDs, correlations and n instead of answers.

    table --published--> moments --composites--> S, covariances of the scores --solve--> coefficients

    b = S_xx^-1 S_xy      R2 = b' S_xy / s_yy      var(b) = S_xx^-1 (1 - R2) s_yy / (n - p - 1)       classical errors
    std_j = b_j s_j / s_y                          var(std_j) = (VIF_j (1 - R2) + std_j^2 (1 - r_jy^2)
                                                                 - 2 std_j^2 (1 - R2)) / (n - p - 1)

the last by the delta method for normal variables, SDs not taken as known (Yuan & Chan 2011, Psychometrika 76: 670-690).
Least squares need no more than S, so that coefficients, classical errors and R2 are those of the answers.  HC3 errors,
logits, groups and gaps need the answers themselves.

**Rounding.** What is printed to k decimals is known to half a unit of the last digit.  `ROUNDED` tables are drawn
evenly within that rounding (SDs and correlations), those whose correlations are positive definite are kept, and

    variance = variance of sampling (at the published figures) + variance of the coefficient over these tables

as errors of independent sources add (Rubin 1987).  Should positive definite ones be rare, the others are pulled halfway
towards the published table until they are.

**Importance** takes no bootstrap of cases: draws of the correlation matrix follow the Wishart law of n - 1 degrees of
freedom (Bartlett 1933), each around another one of the rounded tables, and intervals are percentiles over them: the
parametric bootstrap for normal answers.

The rest of a `Fit` (alpha, HTMT, VIF, warnings on mood and collinearity) follows from covariances alone and is read off
a twin survey (see `twins`).  Called by the command line, notebooks and the reader.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from touchsim.errors import BadInput, Finding, verb
from touchsim.languages import ENGLISH, language, tell, told
from touchsim.study.adjustment import with_adjusted
from touchsim.study.caution import EVERYONE, Caution, said
from touchsim.study.cautions import collinear_drivers, few_rows, survey_cautions
from touchsim.study.columns import complete_answers
from touchsim.study.estimators import Estimate
from touchsim.study.fit import COEFFICIENTS, SUMMARY, Fit
from touchsim.study.model import CLASSICAL, StudyModel, model_of
from touchsim.study.published import Moments, moments_of
from touchsim.study.scales import htmt_table, reliability_table
from touchsim.study.survey import Study, study_of
from touchsim.study.twins import twin
from touchsim.vocabulary import label

__all__ = ["ROUNDED", "fit_moments", "rounded_tables", "study_moments", "study_of_table", "table_and_model"]

Array = NDArray[np.float64]
ROUNDED = 500
TRIES = 20
SMALLEST_EIGENVALUE = 1e-10
ABOUT_MOMENTS = ("scale", "htmt", "mood")
NOTICED = 0.05


@verb
def fit_moments(
    moments: Moments | pd.DataFrame | str | Path,
    model: StudyModel | Mapping[str, Any] | str | Path,
    *,
    nearest: bool = False,
    seed: int = 1,
) -> Fit:
    """Regress outcomes on drivers from a published table.

    Parameters
    ----------
    moments : Moments, DataFrame or path
        Rows mean, sd, n and the correlations; see `published`.
    model : StudyModel, mapping or path
        What to ask; a scale is the mean of its items, which are variables of the table.
    nearest : bool
        Take the nearest correlation matrix where the published one is not positive definite.
    seed : int
        Of the tables drawn within rounding, and of the twin survey.

    Returns
    -------
    Fit
        As of answers; `answers` are those of the twin survey, and `results` statsmodels' on them, whose HC3 errors
        mean nothing here.

    Raises
    ------
    BadInput
        With every finding about table and model; groups, weights, clusters, codes and logits need the answers.

    Examples
    --------
    >>> frame = pd.DataFrame({"a": [2, 1, 50, 1, 0.5], "b": [3, 2, 50, 0.5, 1]}, index=["mean", "sd", "n", "a", "b"])
    >>> fit = fit_moments(frame, {"drivers": {"b": ["a"]}})
    >>> fit.table[["estimate", "std_beta"]].round(3).to_numpy().tolist(), fit.summary["r2"].round(3).tolist()
    ([[1.0, 0.5]], [0.25])
    """
    return _fitted(*table_and_model(moments, model, nearest=nearest), seed)


def _fitted(table: Moments, study: StudyModel, seed: int) -> Fit:
    answers = twin(table, seed=seed)
    answers.attrs["file"] = table.source.get("survey")
    complete = complete_answers(answers, study)
    reliability, htmt = reliability_table(complete.items, study.scales), htmt_table(complete.items, study.scales)
    scales = {name: study.items_of(name) for name in study.names}
    cautions = [Caution(note, about="reading") for note in table.notes]
    cautions += [item for item in survey_cautions(complete, scales, study.drivers, reliability, htmt)
                 if item.about in ABOUT_MOMENTS]  # fmt: skip
    names, weights = list(scales), _composites(table, scales)
    covariances = weights @ table.covariances @ weights.T
    sds, correlations = rounded_tables(table, seed=seed)
    near = weights @ (correlations * sds[:, :, None] * sds[:, None, :]) @ weights.T
    estimates, rows, summary, of_a_table = {}, [], [], _of_a_table(table)
    for outcome, drivers in study.drivers.items():
        place = np.array([names.index(name) for name in (*drivers, outcome)])
        here = np.ix_(place, place)
        found, vif, added = _estimated(covariances[here], near[:, place[:, None], place], table.n)
        estimates[outcome, EVERYONE] = found
        mine = [*collinear_drivers(complete.scores, drivers, outcome, EVERYONE),
                *few_rows(complete.scores, drivers, outcome, EVERYONE, "ols"),
                *_rounding(outcome, drivers, added)]  # fmt: skip
        cautions += mine
        rows += _rows(study, outcome, found, vif)
        with language(ENGLISH):  # a table is the same in every language
            warned = [said(item) for item in [*cautions, of_a_table] if item.outcome in (None, outcome)]
        summary.append({"outcome": outcome, "group": EVERYONE, "n": table.n, "n_rows": table.n, "n_lost": 0,
                        "r2": found.r2, "adj_r2": found.adj_r2, "cov_type": found.cov_type, "estimator": "ols",
                        "estimand": "", "warnings": " ".join(dict.fromkeys(warned))})  # fmt: skip
    return Fit(model=study, answers=complete, table=with_adjusted(pd.DataFrame(rows, columns=COEFFICIENTS), "group"),
               summary=pd.DataFrame(summary, columns=SUMMARY), estimates=estimates, scales=reliability, htmt=htmt,
               cautions=(*cautions, of_a_table), drawn=partial(_drawn, table.n, names, covariances, near))  # fmt: skip


@verb
def study_moments(
    moments: Moments | pd.DataFrame | str | Path,
    model: StudyModel | Mapping[str, Any] | str | Path,
    *,
    nearest: bool = False,
    draws: int = 2000,
    seed: int = 1,
) -> Study:
    """Run a whole study of a published table: the same tables, text and report as of a survey.

    Parameters
    ----------
    moments, model, nearest
        As of `fit_moments`.
    draws : int
        Correlation matrices drawn for the intervals of importance.
    seed : int
        Same seed, same study.

    Returns
    -------
    Study

    Raises
    ------
    BadInput
        With every finding about table and model.

    Examples
    --------
    >>> frame = pd.DataFrame({"a": [2, 1, 50, 1, 0.5], "b": [3, 2, 50, 0.5, 1]}, index=["mean", "sd", "n", "a", "b"])
    >>> study_moments(frame, {"drivers": {"b": ["a"]}}).answer[:46]
    'Among 50 complete answers, b goes with a: 0.50'
    """
    return study_of_table(*table_and_model(moments, model, nearest=nearest), draws=draws, seed=seed)


def study_of_table(table: Moments, study: StudyModel, *, draws: int = 2000, seed: int = 1) -> Study:
    """Run a whole study of a table and a model that `table_and_model` has read."""
    source = {**table.source, "rows": table.n, "columns": len(table.names)} if table.source else {}
    return study_of(_fitted(table, study, seed), source=source, draws=draws, seed=seed)


def rounded_tables(table: Moments, *, draws: int = ROUNDED, seed: int = 1) -> tuple[Array, Array]:
    """Draw SDs and correlations that would have been printed as the published ones; see the module.

    Returns
    -------
    sds : array, shape (draws, k)
    correlations : array, shape (draws, k, k)
        Positive definite.
    """
    k = len(table.names)
    rng = np.random.default_rng([seed, table.n, k, draws])
    half = min(table.rounding["sd"], 0.9 * float(table.sds.min()))
    sds = table.sds + rng.uniform(-half, half, size=(draws, k))
    left, right = np.tril_indices(k, -1)
    kept, last = np.empty((0, k, k)), np.empty((0, k, k))
    for _ in range(TRIES):
        last = np.broadcast_to(table.correlations, (draws, k, k)).copy()
        last[:, left, right] += rng.uniform(-1, 1, size=(draws, len(left))) * table.rounding["correlation"]
        last[:, right, left] = last[:, left, right]
        kept = np.concatenate([kept, last[np.linalg.eigvalsh(last)[:, 0] > SMALLEST_EIGENVALUE]])
        if len(kept) >= draws:
            return sds, kept[:draws]
    while len(kept) < draws:
        last = (last + table.correlations) / 2
        kept = np.concatenate([kept, last[np.linalg.eigvalsh(last)[:, 0] > SMALLEST_EIGENVALUE]])
    return sds, kept[:draws]


def table_and_model(
    moments: Moments | pd.DataFrame | str | Path,
    model: StudyModel | Mapping[str, Any] | str | Path | Callable[[], StudyModel],
    *,
    nearest: bool = False,
) -> tuple[Moments, StudyModel]:
    """Read table and model, which may be a function that reads it.

    Raises
    ------
    BadInput
        The findings of both together, and what this model may not ask of a table.
    """
    findings: list[Finding] = []
    table, study = None, None
    for read in (lambda: moments_of(moments, nearest=nearest), lambda: model() if callable(model) else model_of(model)):
        try:
            got: Any = read()
            table, study = (got, study) if isinstance(got, Moments) else (table, got)
        except BadInput as bad:
            findings += bad.findings
    if study is not None:
        asked = {"groups": study.groups, "interactions": study.interactions, "weights": study.weights,
                 "clusters": study.clusters, "missing.codes": study.missing.codes, "truth": study.truth,
                 "estimator": None if study.estimator == "ols" else study.estimator}  # fmt: skip
        findings += [Finding(where, "needs the answers themselves, a table of moments has none", hint="leave it out")
                     for where, value in asked.items() if value]  # fmt: skip
    if table is not None and study is not None:
        for outcome, drivers in study.drivers.items():
            if table.n < len(drivers) + 2:
                law = f"needs more answers than drivers and intercept ({len(drivers) + 1})"
                findings.append(Finding(f"drivers.{outcome}", law, got=f"n = {table.n}"))
        if not findings and table.n <= len(table.names):
            findings.append(Finding("row 'n'", f"must be above the number of variables ({len(table.names)})",
                                    got=str(table.n)))  # fmt: skip
    if findings or table is None or study is None:
        raise BadInput(findings)
    return table, study


def _composites(table: Moments, scales: Mapping[str, tuple[str, ...]]) -> Array:
    """Weights of the variables in the scores, shape (scores, k): a score is the mean of its items."""
    weights = np.zeros((len(scales), len(table.names)))
    for i, items in enumerate(scales.values()):
        weights[i, [table.names.index(item) for item in items]] = 1 / len(items)
    return weights


def _solved(covariances: Array) -> Array:
    """Coefficients of the last variable on the others, shape (..., p)."""
    found = np.linalg.solve(covariances[..., :-1, :-1], covariances[..., :-1, -1:])
    return np.asarray(found[..., 0], dtype=np.float64)


def _estimated(covariances: Array, near: Array, n: int) -> tuple[Estimate, Array, Array]:
    """One equation: estimate, VIF, and by how much rounding widens each standard error."""
    p = len(covariances) - 1
    df, b, inverse = n - p - 1, _solved(covariances), np.linalg.inv(covariances[:-1, :-1])
    height, spread = np.sqrt(covariances[-1, -1]), np.sqrt(np.diag(covariances)[:-1])
    r2 = float(b @ covariances[:-1, -1]) / height**2
    vif, std, r = np.diag(inverse) * spread**2, b * spread / height, covariances[:-1, -1] / spread / height
    slopes = _solved(near)
    scale = np.sqrt(np.diagonal(near, axis1=1, axis2=2))
    covariance = inverse * (1 - r2) * height**2 / df
    sampling = np.sqrt(np.diag(covariance))
    covariance = covariance + np.atleast_2d(np.cov(slopes, rowvar=False))
    error = np.sqrt(np.diag(covariance))
    std_error = np.sqrt((vif * (1 - r2) + std**2 * (1 - r**2) - 2 * std**2 * (1 - r2)) / df
                        + (slopes * scale[:, :-1] / scale[:, -1:]).var(axis=0, ddof=1))  # fmt: skip
    reach = float(stats.t.ppf(0.975, df))
    found = Estimate(coefficients=b, std_error=error, statistic=b / error,
                     p_value=2 * stats.t.sf(np.abs(b / error), df), low=b - reach * error, high=b + reach * error,
                     std_beta=std, std_low=std - reach * std_error, std_high=std + reach * std_error,
                     covariance=covariance, df=float(df), r2=r2, adj_r2=1 - (1 - r2) * (n - 1) / df,
                     cov_type=CLASSICAL)  # fmt: skip
    return found, np.asarray(vif, dtype=np.float64), np.asarray(error / sampling - 1, dtype=np.float64)


def _rows(study: StudyModel, outcome: str, found: Estimate, vif: Array) -> list[dict[str, Any]]:
    nothing = float("nan")
    return [{"outcome": outcome, "term": driver, "group": EVERYONE, "estimate": found.coefficients[j],
             "std_error": found.std_error[j], "statistic": found.statistic[j], "p_value": found.p_value[j],
             "low": found.low[j], "high": found.high[j], "std_beta": found.std_beta[j],
             "std_low": found.std_low[j], "std_high": found.std_high[j], "truth": nothing, "truth_std": nothing,
             "vif": vif[j]} for j, driver in enumerate(study.drivers[outcome])]  # fmt: skip


def _drawn(n: int, names: list[str], covariances: Array, near: Array, asked: list[str], draws: int, seed: int) -> Array:
    """Correlation matrices of the scores asked for: the published one, then draws (Wishart) around the rounded ones."""
    place = np.array([names.index(name) for name in asked])
    k = len(asked)
    rng = np.random.default_rng([seed, n, k])
    around = near[np.arange(draws) % len(near)][:, place[:, None], place]
    bartlett = np.tril(rng.normal(size=(draws, k, k)), -1)
    bartlett[:, np.arange(k), np.arange(k)] = np.sqrt(rng.chisquare(n - 1 - np.arange(k), size=(draws, k)))
    root = np.linalg.cholesky(around) @ bartlett
    matrices = np.concatenate([covariances[np.ix_(place, place)][None], root @ np.swapaxes(root, 1, 2)])
    scale = 1 / np.sqrt(np.diagonal(matrices, axis1=1, axis2=2))
    matrices = matrices * scale[:, :, None] * scale[:, None, :]
    matrices[:, np.arange(k), np.arange(k)] = 1.0
    return np.asarray(matrices, dtype=np.float64)


def _rounding(outcome: str, drivers: tuple[str, ...], added: Array) -> list[Caution]:
    """Say where the digits that were left out are part of the uncertainty."""
    worst = int(added.argmax())
    if added[worst] < NOTICED:
        return []
    telling = partial(tell, "the published figures are rounded so far that the standard error of {driver} on {outcome} "
                      "is {percent} % larger than that of sampling: ask the authors for more decimals",
                      driver=partial(label, drivers[worst]), outcome=partial(label, outcome),
                      percent=f"{100 * added[worst]:.0f}")  # fmt: skip
    return [Caution(telling, outcome, EVERYONE, "rounding")]


def _of_a_table(table: Moments) -> Caution:
    words = told("refitted from a published table of {n} answers: errors take the scatter as even and answers as "
                 "normal, intervals of importance come from drawn correlation matrices, and outliers, ceilings and "
                 "curves cannot be seen")  # fmt: skip
    return Caution(partial(tell, words, n=table.n), about="reading")
