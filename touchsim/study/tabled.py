"""The estimators that a published table is enough for: least squares, the corrected regression, structural equations.

    ols          covariances of the scores                                                 see `covariances`
    corrected    covariances of the items, or of scores whose alphas the table states      see `corrected_moments`
    sem          covariances of the items: maximum likelihood hears nothing else           see `equations`

A score whose alpha the table states is to `sem` a single indicator of its construct, x = construct + error, with the
error variance fixed at (1 - alpha) var(x) (Bollen 1989, ch. 5), variances over n as maximum likelihood has them, so
that its reliability is alpha.  Alphas count as known there; `corrected` has their sampling error in its errors.

Each gives an estimate for every outcome, what rounding adds to its errors, and how to draw correlations.  Errors that
do not take answers as normal (`sem_mlr`), levels, medians, groups and gaps need the answers.  Called by `moments`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from touchsim.equations.fitting import Fitted, fit_equations
from touchsim.equations.sample import sample_from_moments
from touchsim.languages import marked, tell, told
from touchsim.study.caution import EVERYONE, Caution, joined
from touchsim.study.corrected_moments import Items, corrected_of_moments, items_of_scores, tabled_correlations
from touchsim.study.covariances import drawn_correlations, drawn_covariances, squares_of_moments
from touchsim.study.estimators import Estimate
from touchsim.study.latent import SCORE, columns_of_equations, equations_of, estimate_of
from touchsim.study.model import STRUCTURAL, StudyModel
from touchsim.study.published import Moments
from touchsim.vocabulary import label

__all__ = ["ESTIMATING", "Tabled"]

Array = NDArray[np.float64]
LEAST_ALPHA = 1e-6
COARSE = 5e-4
"""Half a unit of a correlation with three decimals: from here on indices of fit are said to be of a rounded table."""


@dataclass(frozen=True)
class Tabled:
    """What an estimator makes of a table.

    Attributes
    ----------
    estimates : mapping
        Outcome to estimate.
    added : mapping
        Outcome to the share by which rounding widens each standard error, shape (p,).
    drawn : callable or None
        Names, number and seed to draws of their correlations, the published ones first, and the share of the draws
        that others stand in for; None where `systems` draw.
    systems : mapping
        Group to structural equations.
    spread : callable or None
        Of least squares: the same draws as covariances.
    cautions, reading : list of Caution
        About the estimates, and about how to read them.
    """

    estimates: Mapping[str, Estimate]
    added: Mapping[str, Array]
    drawn: Callable[[list[str], int, int], tuple[Array, float] | None] | None = None
    systems: Mapping[str, Fitted] = field(default_factory=dict)
    spread: Callable[[list[str], int, int], Array] | None = None
    cautions: list[Caution] = field(default_factory=list)
    reading: list[Caution] = field(default_factory=list)


def _by_squares(table: Moments, model: StudyModel, names: list[str], weights: Array, near: Array, seed: int) -> Tabled:
    covariances, around = weights @ table.covariances @ weights.T, weights @ near @ weights.T
    estimates, added = {}, {}
    for outcome, drivers in model.drivers.items():
        place = np.array([names.index(name) for name in (*drivers, outcome)])
        estimates[outcome], added[outcome] = squares_of_moments(covariances[np.ix_(place, place)],
                                                                around[:, place[:, None], place], table.n)  # fmt: skip
    return Tabled(estimates, added, partial(drawn_correlations, table.n, names, covariances, around),
                  spread=partial(drawn_covariances, table.n, names, covariances, around))  # fmt: skip


def _corrected(table: Moments, model: StudyModel, names: list[str], weights: Array, near: Array, seed: int) -> Tabled:
    alphas = _alphas_within_rounding(table, len(near), seed)

    def of(asked: Sequence[str]) -> tuple[Items, Array, Array]:
        mine = weights[[names.index(name) for name in asked]]
        used = np.flatnonzero(mine.any(axis=0))
        items, covariances = items_of_scores(mine[:, used], table.covariances[np.ix_(used, used)], table.alphas[used])
        return items, covariances, items_of_scores(mine[:, used], near[:, used[:, None], used], alphas[:, used])[1]

    estimates, added = {}, {}
    for outcome, drivers in model.drivers.items():
        asked = (*drivers, outcome)
        items, covariances, around = of(asked)
        estimates[outcome] = corrected_of_moments(items, covariances, around, table.n, asked)
        plain = corrected_of_moments(items, covariances, covariances[None], table.n, asked)
        added[outcome] = np.nan_to_num(estimates[outcome].std_error / plain.std_error - 1)

    def drawn(asked: list[str], draws: int, seed: int) -> tuple[Array, float] | None:
        if np.isnan(estimates[asked[-1]].coefficients).any():
            return None
        items, covariances, around = of(asked)
        return tabled_correlations(items, around, covariances, table.n, draws, seed)

    words = told("corrected by the reliabilities that the table states ({alphas}); their sampling error is taken as "
                 "that of two parallel items each, the largest there is")  # fmt: skip
    return Tabled(estimates, added, drawn, reading=_stated(_alphas_of(table, model), words))


def _alphas_within_rounding(table: Moments, draws: int, seed: int) -> Array:
    """Reliabilities that would be printed as those stated, shape (draws, k)."""
    half = table.rounding.get("alpha", 0.0)
    known = table.alphas[None] + np.random.default_rng([seed, table.n]).uniform(-half, half, (draws, len(table.names)))
    return np.where(table.alphas < 1, np.clip(known, LEAST_ALPHA, 1 - LEAST_ALPHA), table.alphas)


def _system(table: Moments, model: StudyModel, names: list[str], weights: Array, near: Array, seed: int) -> Tabled:
    alphas, share = _alphas_within_rounding(table, len(near), seed), (table.n - 1) / table.n
    errors, around = {}, {}
    for name, alpha in _alphas_of(table, model).items():
        j = table.names.index(model.items_of(name)[0])
        if alpha < 1:
            errors[name] = (1 - alpha) * table.sds[j] ** 2 * share
            around[f"{name}{SCORE}~~{name}{SCORE}"] = (1 - alphas[:, j]) * near[:, j, j] * share
    equations = equations_of(model, errors=errors)
    place = np.array([table.names.index(column) for column in columns_of_equations(model, equations).values()])
    covariances = pd.DataFrame(table.covariances[np.ix_(place, place)], columns=list(equations.observed))
    sample = sample_from_moments(covariances, table.n)
    plain = fit_equations(sample, equations)
    whole = fit_equations(sample, equations, near=near[:, place[:, None], place], near_fixed=around)
    estimates, added = {}, {}
    for outcome, drivers in model.drivers.items():
        estimates[outcome] = replace(estimate_of(whole, outcome, drivers), cov_type=STRUCTURAL)
        ratio = estimates[outcome].std_error / estimate_of(plain, outcome, drivers).std_error
        added[outcome] = np.nan_to_num(ratio - 1)
    words = told("chi2, indices of fit and loadings are those of the rounded figures: the answers may fit better or "
                 "worse")  # fmt: skip
    coarse = table.rounding["correlation"] >= COARSE
    taken = told("each score measures its construct with the error that the stated reliability leaves ({alphas}); "
                 "alphas count as known, so their sampling error is in no interval (estimator: corrected takes it "
                 "in)")  # fmt: skip
    reading = _stated({name: alpha for name, alpha in _alphas_of(table, model).items() if alpha < 1}, taken)
    return Tabled(estimates, added, None, {EVERYONE: whole},
                  reading=[*reading, *([Caution(partial(tell, words), about="reading")] if coarse else [])])


def _alphas_of(table: Moments, model: StudyModel) -> dict[str, float]:
    """Constructs of one variable whose reliability the table states."""
    asked = dict.fromkeys(name for outcome, drivers in model.drivers.items() for name in (*drivers, outcome))
    used = {name: float(table.alphas[table.names.index(model.items_of(name)[0])]) for name in asked
            if len(model.items_of(name)) == 1}  # fmt: skip
    return {name: alpha for name, alpha in used.items() if np.isfinite(alpha)}


def _stated(known: Mapping[str, float], words: str) -> list[Caution]:
    """Say which reliabilities were taken from the table, and as what."""
    if not known:
        return []
    parts = tuple(partial(_with_alpha, name, alpha) for name, alpha in known.items())
    return [Caution(partial(tell, words, alphas=partial(joined, parts, ", ")), about="reading")]


def _with_alpha(name: str, alpha: float) -> str:
    return f"{label(name)} {marked(f'{alpha:.2f}')}"


ESTIMATING: Mapping[str, Callable[[Moments, StudyModel, list[str], Array, Array, int], Tabled]] = {
    "ols": _by_squares, "corrected": _corrected, "sem": _system,
}  # fmt: skip
"""Estimator to what it makes of a table, a model, the names and weights of the scores, and the tables printed alike."""
