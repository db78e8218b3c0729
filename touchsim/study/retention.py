"""How many factors items have, and whether they have any: parallel analysis, Kaiser, MAP; KMO and sphericity.

    parallel    leading eigenvalues above the 95th percentile of those of independent normal items   Horn (1965)
    kaiser      eigenvalues above 1: mostly too many                                        Kaiser (1960)
    map         number of components whose removal leaves the least average squared partial
                correlation                                                                 Velicer (1976)
    kmo         sum of r^2 / (sum of r^2 + sum of partial r^2), off the diagonal            Kaiser (1974)
    sphericity  -(n - 1 - (2 p + 5) / 6) log det R, chi2 with p (p - 1) / 2 df               Bartlett (1950)

Eigenvalues are those of the correlations of items as they are.  Tables of independent items are never drawn row by row:
their sum of squares is Wishart, and Bartlett's (1933) decomposition draws it at once, so that parallel analysis takes
as long for a million answers as for a hundred.  Called by `exploratory`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import stats

__all__ = ["average_partials", "independent_eigenvalues", "leading", "sampling_adequacy", "sphericity"]

Array = NDArray[np.float64]
TABLES_AT_ONCE = 200


def independent_eigenvalues(n: int, p: int, *, draws: int = 1000, seed: int = 1) -> Array:
    """Eigenvalues of correlation matrices of `p` independent normal items answered by `n` people, largest first.

    Returns
    -------
    array, shape (draws, p)

    Examples
    --------
    >>> found = independent_eigenvalues(200, 5, draws=100)
    >>> found.shape, bool(np.allclose(found.sum(axis=1), 5))
    ((100, 5), True)
    """
    rng = np.random.default_rng([seed, n, p])
    found = []
    for first in range(0, draws, TABLES_AT_ONCE):
        many = min(TABLES_AT_ONCE, draws - first)
        lower = np.tril(rng.normal(size=(many, p, p)), -1)
        lower[:, np.arange(p), np.arange(p)] = np.sqrt(rng.chisquare(n - 1 - np.arange(p), size=(many, p)))
        products = lower @ lower.transpose(0, 2, 1)
        scale = 1 / np.sqrt(np.diagonal(products, axis1=1, axis2=2))
        found.append(np.linalg.eigvalsh(products * scale[:, :, None] * scale[:, None, :])[:, ::-1])
    return np.concatenate(found)


def leading(eigenvalues: Array, above: Array) -> int:
    """Number of eigenvalues that exceed those they are held against, up to the first that does not.

    Examples
    --------
    >>> leading(np.array([2.5, 1.2, 0.9]), np.array([1.3, 1.25, 0.8]))
    1
    """
    exceed = eigenvalues > above
    return len(exceed) if exceed.all() else int(np.argmin(exceed))


def average_partials(correlation: Array) -> Array:
    """Average squared partial correlation of the items after 0, 1, ... p - 2 components are taken out (Velicer 1976).

    Returns
    -------
    array, shape (p - 1,)
        nan from where nothing is left.

    Examples
    --------
    >>> average_partials(np.full((3, 3), 0.5) + 0.5 * np.eye(3)).round(3).tolist()
    [0.25, 0.25]
    """
    p = len(correlation)
    values, vectors = np.linalg.eigh(correlation)
    loadings = vectors[:, ::-1] * np.sqrt(np.maximum(values[::-1], 0))
    off = ~np.eye(p, dtype=bool)
    found = np.full(p - 1, np.nan)
    for m in range(p - 1):
        rest = correlation - loadings[:, :m] @ loadings[:, :m].T
        spread = np.diag(rest)
        if spread.min() < 1e-12:
            break
        found[m] = np.mean((rest / np.sqrt(np.outer(spread, spread)))[off] ** 2)
    return found


def sampling_adequacy(correlation: Array) -> tuple[float, Array]:
    """Kaiser-Meyer-Olkin measure of all items, and of each; above .8 good, under .5 unacceptable (Kaiser 1974).

    Examples
    --------
    >>> overall, each = sampling_adequacy(np.full((3, 3), 0.5) + 0.5 * np.eye(3))
    >>> round(overall, 3), each.round(3).tolist()
    (0.692, [0.692, 0.692, 0.692])
    """
    inverse = np.linalg.inv(correlation)
    size = np.sqrt(np.diag(inverse))
    plain, partial = correlation**2, (inverse / np.outer(size, size)) ** 2
    np.fill_diagonal(plain, 0)
    np.fill_diagonal(partial, 0)
    each = plain.sum(axis=0) / (plain.sum(axis=0) + partial.sum(axis=0))
    return float(plain.sum() / (plain.sum() + partial.sum())), np.asarray(each)


def sphericity(correlation: Array, n: int) -> tuple[float, int, float]:
    """Bartlett's test that no two items correlate: chi2, df, p.

    Examples
    --------
    >>> chi2, df, p = sphericity(np.array([[1.0, 0.5], [0.5, 1.0]]), 50)
    >>> round(chi2, 2), df, p < 0.001
    (13.66, 1, True)
    """
    p = len(correlation)
    value = -(n - 1 - (2 * p + 5) / 6) * float(np.linalg.slogdet(correlation)[1])
    df = p * (p - 1) // 2
    return value, df, float(stats.chi2.sf(value, df))
