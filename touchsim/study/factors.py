"""Common factors of items by maximum likelihood, and their rotation (Joereskog 1967; Jennrich 2002).

    R = L L' + U      L loadings of q factors, U uniquenesses: what an item shares with no other

For given uniquenesses the likelihood is maximal at the leading eigenvectors of U^-1/2 R U^-1/2 (eigenvalues e); what is
left is a search over the uniquenesses alone,

    misfit = sum over the other p - q eigenvalues of (e - log e - 1)
    chi2   = (n - 1 - (2 p + 5) / 6 - 2 q / 3) * misfit,   df = ((p - q)^2 - p - q) / 2          Bartlett (1951)

kept above 0.005, where a Heywood case ends.  Loadings are turned to simple structure by varimax (Kaiser 1958, rows
normalised) or direct oblimin (Jennrich & Sampson 1966, gamma 0), by gradient projection from two starts, of which the
better end counts.  Called by `scales` (one factor each) and by `exploratory`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, stats

__all__ = ["ROTATIONS", "SMALLEST_UNIQUENESS", "Factors", "Rotated", "most_factors", "rotated", "unrotated"]

Array = NDArray[np.float64]
SMALLEST_UNIQUENESS = 0.005
SINGULAR = 1e-10
ROTATIONS = ("oblimin", "varimax", "none")
STEPS, NEAR = 2000, 1e-7
FLAT = 1e-4
"""Slope of the discrepancy at a minimum, whatever the search says of its last step."""


@dataclass(frozen=True)
class Factors:
    """Factors before rotation.

    Attributes
    ----------
    loadings : array, shape (p, q)
        Largest factor first; all nan where there is no solution.
    uniqueness : array, shape (p,)
    misfit : float
        Minimum of the discrepancy.
    converged : bool
        Whether the search ended at a minimum.
    """

    loadings: Array
    uniqueness: Array
    misfit: float
    converged: bool = True

    def chi2(self, n: int) -> tuple[float, int, float]:
        """Likelihood ratio test that so many factors are enough for `n` answers: chi2, df, p (nan without df)."""
        p, q = self.loadings.shape
        df = ((p - q) ** 2 - p - q) // 2
        value = (n - 1 - (2 * p + 5) / 6 - 2 * q / 3) * self.misfit
        return value, df, float(stats.chi2.sf(value, df)) if df > 0 else float("nan")


@dataclass(frozen=True)
class Rotated:
    """Factors after rotation, the one that carries most first, each with a positive sum of loadings.

    Attributes
    ----------
    loadings : array, shape (p, q)
        Pattern: weights of the factors in each item.
    correlations : array, shape (q, q)
        Of the factors; the identity after varimax.
    """

    loadings: Array
    correlations: Array

    @property
    def structure(self) -> Array:
        """Correlations of the items with the factors, shape (p, q)."""
        return self.loadings @ self.correlations

    @property
    def communality(self) -> Array:
        """Share of each item that the factors carry, shape (p,)."""
        return np.asarray((self.loadings * self.structure).sum(axis=1))

    @property
    def carried(self) -> Array:
        """Sum of squared loadings of each factor, shape (q,); they add up to the sum of communalities."""
        return np.asarray((self.loadings * self.structure).sum(axis=0))


def most_factors(p: int) -> int:
    """Most factors that `p` items can tell: the largest q with df >= 0 (Ledermann 1937).

    Examples
    --------
    >>> [most_factors(p) for p in (2, 3, 5, 6, 39)]
    [0, 1, 2, 3, 30]
    """
    return max(q for q in range(p + 1) if q == 0 or ((p - q) ** 2 >= p + q and q < p))


def unrotated(correlation: Array, q: int) -> Factors:
    """Find `q` factors of a correlation matrix by maximum likelihood.

    Parameters
    ----------
    correlation : array, shape (p, p)
    q : int
        At most `most_factors(p)`.

    Returns
    -------
    Factors
        All nan where `q` is too many or the matrix is singular.

    Examples
    --------
    >>> true = np.array([[0.9, 0.0], [0.8, 0.0], [0.7, 0.0], [0.0, 0.8], [0.0, 0.7], [0.0, 0.6]])
    >>> matrix = true @ true.T + np.diag(1 - (true**2).sum(axis=1))
    >>> unrotated(matrix, 2).uniqueness.round(4).tolist()
    [0.19, 0.36, 0.51, 0.36, 0.51, 0.64]
    """
    p = len(correlation)
    lacking = not 0 < q <= most_factors(p) or not np.isfinite(correlation).all()
    if lacking or np.linalg.eigvalsh(correlation)[0] < SINGULAR:
        return Factors(np.full((p, q), np.nan), np.full(p, np.nan), float("nan"), converged=False)

    def axes(uniqueness: Array) -> tuple[Array, Array]:
        root = np.sqrt(uniqueness)
        values, vectors = np.linalg.eigh(correlation / np.outer(root, root))
        loadings = root[:, None] * vectors[:, : p - q - 1 : -1] * np.sqrt(np.maximum(values[: p - q - 1 : -1] - 1, 0))
        return values[: p - q], loadings

    def misfit(uniqueness: Array) -> tuple[float, Array]:
        rest, loadings = axes(uniqueness)
        gap = ((loadings**2).sum(axis=1) + uniqueness - 1) / uniqueness**2
        return float(np.sum(rest - np.log(rest) - 1)), gap

    start = np.clip(1 / np.diag(np.linalg.inv(correlation)) * (1 - 0.5 * q / p), SMALLEST_UNIQUENESS, 1)
    found = optimize.minimize(misfit, start, jac=True, method="L-BFGS-B", bounds=[(SMALLEST_UNIQUENESS, 1.0)] * p,
                              options={"maxiter": STEPS, "maxfun": 20_000, "ftol": 1e-14, "gtol": 1e-9})  # fmt: skip
    loadings = axes(found.x)[1]
    slope = found.x - np.clip(found.x - found.jac, SMALLEST_UNIQUENESS, 1)
    return Factors(loadings * np.where(loadings.sum(axis=0) >= 0, 1, -1), np.asarray(found.x), float(found.fun),
                   bool(found.success or np.abs(slope).max() < FLAT))  # fmt: skip


def rotated(loadings: Array, rotation: str = "oblimin") -> Rotated:
    """Turn loadings to simple structure.

    Parameters
    ----------
    loadings : array, shape (p, q)
    rotation : str
        One of `ROTATIONS`.

    Returns
    -------
    Rotated

    Examples
    --------
    >>> clean = np.array([[0.8, 0.0], [0.7, 0.0], [0.0, 0.6], [0.0, 0.5]])
    >>> mixed = clean @ np.array([[0.8, 0.6], [-0.6, 0.8]])
    >>> np.abs(rotated(mixed).loadings).round(3).tolist()
    [[0.8, 0.0], [0.7, 0.0], [0.0, 0.6], [0.0, 0.5]]
    """
    q = loadings.shape[1]
    if q == 1 or rotation == "none" or not np.isfinite(loadings).all():
        return _ordered(loadings, np.eye(q))
    turned = _varimax(loadings)
    if rotation == "varimax":
        return _ordered(turned, np.eye(q))
    ends = [_oblimin(start) for start in (loadings, turned)]
    best = min(ends, key=lambda end: round(_complexity(end[0]), 9))
    return _ordered(*best)


def _varimax(loadings: Array) -> Array:
    from statsmodels.multivariate.factor_rotation import rotate_factors

    size = np.sqrt((loadings**2).sum(axis=1))[:, None]
    size = np.where(size > 0, size, 1)
    with np.errstate(divide="ignore"):  # it takes logarithms of gradients, which may be nothing
        turned, _ = rotate_factors(loadings / size, "varimax", max_tries=STEPS, tol=NEAR)
    return np.asarray(turned * size)


def _oblimin(loadings: Array) -> tuple[Array, Array]:
    from statsmodels.multivariate.factor_rotation import rotate_factors

    with np.errstate(divide="ignore"):
        turned, axes = rotate_factors(loadings, "oblimin", 0, "oblique", max_tries=STEPS, tol=NEAR)
    return np.asarray(turned), np.asarray(axes.T @ axes)


def _complexity(loadings: Array) -> float:
    """Criterion of direct oblimin: sum over pairs of factors of products of squared loadings."""
    squares = loadings**2
    return float((squares.sum(axis=1) ** 2 - (squares**2).sum(axis=1)).sum() / 4)


def _ordered(loadings: Array, correlations: Array) -> Rotated:
    """The factor that carries most first, every sum of loadings positive."""
    carried = (loadings * (loadings @ correlations)).sum(axis=0)
    order = np.argsort(-carried, kind="stable")
    sign = np.where(loadings.sum(axis=0) >= 0, 1.0, -1.0)[order]
    return Rotated(loadings[:, order] * sign, correlations[np.ix_(order, order)] * np.outer(sign, sign))
