"""The estimators that a published table is enough for: least squares, the corrected regression, structural equations.

    ols          covariances of the scores                                                 see `covariances`
    corrected    covariances of the items, or of scores whose alphas the table states      see `corrected_moments`
    sem          covariances of the items: maximum likelihood hears nothing else           see `equations`

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
from touchsim.study.covariances import drawn_correlations, squares_of_moments
from touchsim.study.estimators import Estimate
from touchsim.study.latent import columns_of_equations, equations_of, estimate_of
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
        Names, number and seed to draws of their correlations, the published ones first; None where `systems` draw.
    systems : mapping
        Group to structural equations.
    cautions, reading : list of Caution
        About the estimates, and about how to read them.
    """

    estimates: Mapping[str, Estimate]
    added: Mapping[str, Array]
    drawn: Callable[[list[str], int, int], Array | None] | None = None
    systems: Mapping[str, Fitted] = field(default_factory=dict)
    cautions: list[Caution] = field(default_factory=list)
    reading: list[Caution] = field(default_factory=list)


def _by_squares(table: Moments, model: StudyModel, names: list[str], weights: Array, near: Array, seed: int) -> Tabled:
    covariances, around = weights @ table.covariances @ weights.T, weights @ near @ weights.T
    estimates, added = {}, {}
    for outcome, drivers in model.drivers.items():
        place = np.array([names.index(name) for name in (*drivers, outcome)])
        estimates[outcome], added[outcome] = squares_of_moments(covariances[np.ix_(place, place)],
                                                                around[:, place[:, None], place], table.n)  # fmt: skip
    return Tabled(estimates, added, partial(drawn_correlations, table.n, names, covariances, around))


def _corrected(table: Moments, model: StudyModel, names: list[str], weights: Array, near: Array, seed: int) -> Tabled:
    half = table.rounding.get("alpha", 0.0)
    known = table.alphas[None] + np.random.default_rng([seed, table.n]).uniform(-half, half, (len(near), near.shape[1]))
    alphas = np.where(table.alphas < 1, np.clip(known, LEAST_ALPHA, 1 - LEAST_ALPHA), table.alphas)

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

    def drawn(asked: list[str], draws: int, seed: int) -> Array | None:
        if np.isnan(estimates[asked[-1]].coefficients).any():
            return None
        items, covariances, around = of(asked)
        return tabled_correlations(items, around, covariances, table.n, draws, seed)

    return Tabled(estimates, added, drawn, reading=_stated(table, model))


def _system(table: Moments, model: StudyModel, names: list[str], weights: Array, near: Array, seed: int) -> Tabled:
    equations = equations_of(model)
    place = np.array([table.names.index(column) for column in columns_of_equations(model, equations).values()])
    covariances = pd.DataFrame(table.covariances[np.ix_(place, place)], columns=list(equations.observed))
    sample = sample_from_moments(covariances, table.n)
    plain = fit_equations(sample, equations)
    whole = fit_equations(sample, equations, near=near[:, place[:, None], place])
    estimates, added = {}, {}
    for outcome, drivers in model.drivers.items():
        estimates[outcome] = replace(estimate_of(whole, outcome, drivers), cov_type=STRUCTURAL)
        ratio = estimates[outcome].std_error / estimate_of(plain, outcome, drivers).std_error
        added[outcome] = np.nan_to_num(ratio - 1)
    words = told("chi2, indices of fit and loadings are those of the rounded figures: the answers may fit better or "
                 "worse")  # fmt: skip
    coarse = table.rounding["correlation"] >= COARSE
    return Tabled(estimates, added, None, {EVERYONE: whole},
                  reading=[Caution(partial(tell, words), about="reading")] if coarse else [])  # fmt: skip


def _stated(table: Moments, model: StudyModel) -> list[Caution]:
    """Say which reliabilities were taken from the table."""
    asked = dict.fromkeys(name for outcome, drivers in model.drivers.items() for name in (*drivers, outcome))
    used = {name: float(table.alphas[table.names.index(model.items_of(name)[0])]) for name in asked
            if len(model.items_of(name)) == 1}  # fmt: skip
    known = {name: alpha for name, alpha in used.items() if np.isfinite(alpha)}
    if not known:
        return []
    parts = tuple(partial(_with_alpha, name, alpha) for name, alpha in known.items())
    words = told("corrected by the reliabilities that the table states ({alphas}); their sampling error is taken as "
                 "that of two parallel items each, the largest there is")  # fmt: skip
    return [Caution(partial(tell, words, alphas=partial(joined, parts, ", ")), about="reading")]


def _with_alpha(name: str, alpha: float) -> str:
    return f"{label(name)} {marked(f'{alpha:.2f}')}"


ESTIMATING: Mapping[str, Callable[[Moments, StudyModel, list[str], Array, Array, int], Tabled]] = {
    "ols": _by_squares, "corrected": _corrected, "sem": _system,
}  # fmt: skip
"""Estimator to what it makes of a table, a model, the names and weights of the scores, and the tables printed alike."""
