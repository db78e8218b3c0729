"""Correlations of every outcome with its drivers: the survey's own, then those of the draws behind every interval.

    answers                a case bootstrap, the same draws of cases for all outcomes        (Efron 1979); of whole
                           clusters where the model names them                 (Cameron & Miller 2015)
    logits, probits        correlations with the latent answer y* that the fitted model implies:
                           cov(x, y*) = S b,  var(y*) = b'S b + v,  S the covariance of the drivers, v that of the noise
    structural equations   correlations of the constructs, drawn from the distribution of the estimates
    corrected              correlations of what the items of each scale have in common, each draw by its own errors
    imputed answers        draws of cases from all imputations in turn (Schomaker & Heumann 2018)
    a published table      Wishart draws

Draws of corrected or latent constructs may be no correlations that variables can have: others, nearer to the estimate,
stand in for these, and their share goes with the matrices.  Whatever shares out, orders or compares drivers
(`importance`, `dominance`) starts from these matrices, and so means the same for every estimator.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from touchsim.study.corrected import corrected_draws
from touchsim.study.fit import Fit
from touchsim.study.latent import construct_draws
from touchsim.study.model import LATENT
from touchsim.study.noise import LOGISTIC, noise_of
from touchsim.study.resampling import correlation_draws, moment_draws

__all__ = ["correlations_of", "draws_of", "latent_correlations"]

Array = NDArray[np.float64]
Drawn = tuple[str, Array, float]
Drawing = Callable[[Fit, pd.DataFrame, list[str], str, int, int], Iterator[Drawn]]


def correlations_of(fit: Fit, group: str, *, draws: int, seed: int) -> Iterator[tuple[str, Array]]:
    """Go through the outcomes of a group, each with the correlation matrices of its drivers and itself.

    Parameters
    ----------
    fit : Fit
    group : str
        ``all``, or a value of the groups column.
    draws : int
        Of the bootstrap.
    seed : int

    Yields
    ------
    outcome : str
    matrices : array, shape (draws + 1, p + 1, p + 1)
        The survey's own first; drivers in the order of the model, the outcome last.  An outcome without finite
        estimates is left out.
    """
    for outcome, matrices, _ in draws_of(fit, group, draws=draws, seed=seed):
        yield outcome, matrices


def draws_of(fit: Fit, group: str, *, draws: int, seed: int) -> Iterator[Drawn]:
    """Go through `correlations_of`, each with the share of its draws that others stand in for."""
    scores = fit.scores_of(group)
    outcomes = [outcome for outcome, name in fit.estimates if name == group]
    found = _of_constructs if fit.systems else _of_levels if fit.model.estimator in LATENT else _of_answers
    found = _of_common_parts if fit.model.estimator == "corrected" else found
    found = partial(_of_imputations, found) if fit.imputed else found
    yield from found(fit, scores, outcomes, group, draws, seed)


def _of_imputations(
    found: Drawing, fit: Fit, scores: pd.DataFrame, outcomes: list[str], group: str, draws: int, seed: int
) -> Iterator[Drawn]:
    """Correlations of all imputations: their mean first, then draws of cases from each in turn (Schomaker 2018)."""
    many = len(fit.imputed)
    parts = [{outcome: (matrices, share) for outcome, matrices, share in
              found(one, one.scores_of(group), outcomes, group, -(-draws // many), seed + place)}
             for place, one in enumerate(fit.imputed)]  # fmt: skip
    for outcome in outcomes:
        if all(outcome in part for part in parts):
            mean = np.mean([part[outcome][0][0] for part in parts], axis=0)
            drawn = np.concatenate([part[outcome][0][1:] for part in parts])
            share = float(np.mean([part[outcome][1] for part in parts]))
            yield outcome, np.concatenate([mean[None], drawn[:draws]]), share


def _of_answers(
    fit: Fit, scores: pd.DataFrame, outcomes: list[str], group: str, draws: int, seed: int
) -> Iterator[Drawn]:
    """Correlations of the drivers and the outcome as answered, all outcomes from the same draws of cases."""
    names = list(dict.fromkeys(name for outcome in outcomes for name in (*fit.model.drivers[outcome], outcome)))
    if not names:
        return
    drawn: tuple[Array, float] | None
    if fit.drawn is not None:  # a published table has no cases to draw
        drawn = fit.drawn(names, draws, seed)
    else:
        drawn = correlation_draws(scores[names].to_numpy(), draws, seed=seed, clusters=fit.clusters_of(group)), 0.0
    if drawn is None:
        return
    matrices, share = drawn
    for outcome in outcomes:
        place = np.array([names.index(name) for name in (*fit.model.drivers[outcome], outcome)])
        yield outcome, matrices[:, place[:, None], place], share


def _of_levels(
    fit: Fit, scores: pd.DataFrame, outcomes: list[str], group: str, draws: int, seed: int
) -> Iterator[Drawn]:
    """Correlations of the drivers and the latent outcome of a logit or probit; nothing where it has no estimate."""
    clusters = fit.clusters_of(group)
    for outcome in outcomes:
        found, x = fit.estimates[outcome, group], scores[list(fit.model.drivers[outcome])].to_numpy()
        if found.pulls is None:
            continue
        covariances, moved = moment_draws(x, draws, seed=seed, beside=found.pulls, clusters=clusters)
        moved[0] = 0.0  # the scores of all cases sum to nothing at the maximum
        spread = x.std(axis=0)
        slopes = (found.coefficients + moved) * spread
        yield outcome, latent_correlations(covariances, slopes, noise_of(fit.model.estimator).variance), 0.0


def _of_constructs(
    fit: Fit, scores: pd.DataFrame, outcomes: list[str], group: str, draws: int, seed: int
) -> Iterator[Drawn]:
    """Correlations of the constructs that structural equations imply; nothing where they are no correlations."""
    if group not in fit.systems:
        return
    names, matrices, share = construct_draws(fit.systems[group], draws, seed)
    if matrices is None:
        return
    for outcome in outcomes:
        place = np.array([names.index(name) for name in (*fit.model.drivers[outcome], outcome)])
        yield outcome, matrices[:, place[:, None], place], share


def _of_common_parts(
    fit: Fit, scores: pd.DataFrame, outcomes: list[str], group: str, draws: int, seed: int
) -> Iterator[Drawn]:
    """Correlations of the common parts of scales; nothing where they are improper."""
    for outcome in outcomes:
        names = [*fit.model.drivers[outcome], outcome]
        if fit.drawn is not None:
            found = fit.drawn(names, draws, seed)
        else:
            items = fit.items_of(names, group)
            found = corrected_draws(items, draws, seed=seed, clusters=fit.clusters_of(group))
        if found is not None:
            yield outcome, *found


def latent_correlations(covariances: Array, slopes: Array, noise: float = LOGISTIC.variance) -> Array:
    """Correlation matrices of drivers and latent outcome y* = x'b + e.

    Parameters
    ----------
    covariances : array, shape (draws, p, p)
        Of the drivers.
    slopes : array, shape (draws, p)
    noise : float
        Variance of e; by default that of the logistic distribution.

    Returns
    -------
    array, shape (draws, p + 1, p + 1)
        The outcome is the last row; a driver that does not vary in a draw correlates 0.

    Examples
    --------
    >>> found = latent_correlations(np.eye(2)[None], np.array([[np.pi / np.sqrt(3), 0.0]]))
    >>> (found[0, 2] ** 2).round(3).tolist()
    [0.5, 0.0, 1.0]
    """
    draws, p, _ = covariances.shape
    with_outcome = (covariances @ slopes[:, :, None])[:, :, 0]
    height = np.sqrt((with_outcome * slopes).sum(axis=1) + noise)
    variance = np.diagonal(covariances, axis1=1, axis2=2)
    scale = np.where(variance > 1e-12, 1 / np.sqrt(np.maximum(variance, 1e-12)), 0.0)  # noqa: PLR2004
    matrices = np.empty((draws, p + 1, p + 1))
    matrices[:, :p, :p] = covariances * scale[:, :, None] * scale[:, None, :]
    matrices[:, :p, p] = matrices[:, p, :p] = with_outcome * scale / height[:, None]
    diagonal = np.arange(p + 1)
    matrices[:, diagonal, diagonal] = 1.0
    return matrices
