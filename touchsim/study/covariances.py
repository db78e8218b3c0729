"""Least squares from covariances of variables, published with some digits, and the tables that would be printed alike.

The arithmetic of `moments`: scores are means of variables, their covariances follow, and with them everything that
least squares say; see there for the equations.  Arrays in, arrays out.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from touchsim.study.estimators import Estimate
from touchsim.study.model import CLASSICAL
from touchsim.study.published import Moments

__all__ = ["ROUNDED", "composites", "drawn_correlations", "drawn_covariances", "rounded_tables", "squares_of_moments"]

Array = NDArray[np.float64]
ROUNDED = 500
TRIES = 20
SMALLEST_EIGENVALUE = 1e-10


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


def composites(table: Moments, scales: Mapping[str, tuple[str, ...]]) -> Array:
    """Weights of the variables in the scores, shape (scores, k): a score is the mean of its items."""
    weights = np.zeros((len(scales), len(table.names)))
    for i, items in enumerate(scales.values()):
        weights[i, [table.names.index(item) for item in items]] = 1 / len(items)
    return weights


def _solved(covariances: Array) -> Array:
    """Coefficients of the last variable on the others, shape (..., p)."""
    found = np.linalg.solve(covariances[..., :-1, :-1], covariances[..., :-1, -1:])
    return np.asarray(found[..., 0], dtype=np.float64)


def squares_of_moments(covariances: Array, near: Array, n: int) -> tuple[Estimate, Array]:
    """One equation: estimate, and by how much rounding widens each standard error.

    Parameters
    ----------
    covariances : array, shape (p + 1, p + 1)
        The outcome is the last.
    near : array, shape (draws, p + 1, p + 1)
        Those of tables that would be printed alike.
    n : int
    """
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
    return found, np.asarray(error / sampling - 1, dtype=np.float64)


def drawn_correlations(
    n: int, names: list[str], covariances: Array, near: Array, asked: list[str], draws: int, seed: int
) -> tuple[Array, float]:
    """Correlation matrices of the scores asked for: the published one, then draws (Wishart) around the rounded ones.

    Every draw is a correlation matrix, so the share of those that others stand in for is 0.0.
    """
    matrices, k = _drawn(n, names, covariances, near, asked, draws, seed), len(asked)
    scale = 1 / np.sqrt(np.diagonal(matrices, axis1=1, axis2=2))
    matrices = matrices * scale[:, :, None] * scale[:, None, :]
    matrices[:, np.arange(k), np.arange(k)] = 1.0
    return np.asarray(matrices, dtype=np.float64), 0.0


def drawn_covariances(
    n: int, names: list[str], covariances: Array, near: Array, asked: list[str], draws: int, seed: int
) -> Array:
    """Covariance matrices of the same draws, the published one first, shape (draws + 1, k, k)."""
    matrices = _drawn(n, names, covariances, near, asked, draws, seed)
    matrices[1:] /= n - 1
    return matrices


def _drawn(
    n: int, names: list[str], covariances: Array, near: Array, asked: list[str], draws: int, seed: int
) -> Array:
    """Published covariances, then sums of products of n - 1 draws from those of each rounded table."""
    place = np.array([names.index(name) for name in asked])
    k = len(asked)
    rng = np.random.default_rng([seed, n, k])
    around = near[np.arange(draws) % len(near)][:, place[:, None], place]
    bartlett = np.tril(rng.normal(size=(draws, k, k)), -1)
    bartlett[:, np.arange(k), np.arange(k)] = np.sqrt(rng.chisquare(n - 1 - np.arange(k), size=(draws, k)))
    root = np.linalg.cholesky(around) @ bartlett
    return np.concatenate([covariances[np.ix_(place, place)][None], root @ np.swapaxes(root, 1, 2)])
