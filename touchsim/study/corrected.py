"""Regression corrected for the unreliability of scales: what OLS would find if items had no errors.

A mean of k items holds the average of their errors, so that its own coefficient leans towards zero and its neighbours
take its part (Spearman 1904; Bollen 1989, ch. 5).  Errors of different items do not go together; hence the mean
covariance among the items of a scale is the variance of what they have in common,

    c_j = mean over pairs of cov(item, other item of scale j)       = alpha_j * var(score_j): the correction by alpha
    M   = covariance matrix of the driver scores d with c on its diagonal,   s = cov(d, outcome)
    b   = M^-1 s,    standardised  b_j sqrt(c_j / c_y)               (method of moments: Fuller 1987, ch. 2)

It is exact where the items of a scale lean equally on the construct (tau-equivalence) and their errors are
uncorrelated with everything.  A mood that runs through all answers is no such error: it stays in, halo and all.  A
scale of one item shows no error: it is taken as exact.

Row i moves b by  M^-1 (d_i y_i - d_i d_i'b - (t_i - d_i^2) o b) / n,  with deviations d, y from the means,
S_i = sum of the deviations of the k items of a scale, and  t_i = (S_i^2 - sum of their squares) / (k (k - 1)), whose
mean is c.  Call this influence u_i / n, and m_i = d_i d_i' + diag(t_i - d_i^2) - M that on M.  A quotient of moments
is off by a term of order 1/n, from the chance that M and b share; it is estimated and taken off (the next term of the
expansion, which the jackknife of Quenouille 1956 removes, too; Fuller 1987 modifies his estimators to the same end):

    drift of b = -M^-1 mean(m_i u_i) / n        never more than half a standard error

Standard errors are the spread of the influences, each divided by 1 - h_i, h_i = d_i' M^-1 d_i / n, which brings them
close to the jackknife, as HC3 does for OLS (MacKinnon & White 1985); standardised coefficients take along the influence
on c_j and c_y.  Where M is not positive definite (more is explained away as error than there is), there is no estimate,
but a doubt that says so.  Called by `drivers`, `importance` and the score card; arrays in, arrays out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from touchsim.languages import marked, tell
from touchsim.study.caution import anded, joined, named
from touchsim.study.estimators import Estimate, no_estimate
from touchsim.study.resampling import moment_draws

__all__ = ["Solved", "common_part", "corrected_correlations", "corrected_draws", "corrected_estimate",
           "corrected_without_each", "estimate_of_parts", "held", "is_proper", "solved"]  # fmt: skip

Array = NDArray[np.float64]
LEAST_EIGENVALUE = 1e-3
"""Of the corrected correlations of the drivers: below it, they cannot be told apart."""

LARGE_VIF = 10.0
"""Of the common parts of the drivers: above it, a coefficient of its own means little."""

HALVINGS = 30
COV_TYPE = "influence"


def corrected_estimate(
    outcome: Array, drivers: Sequence[Array], names: tuple[str, ...], *, second_order: bool = True
) -> Estimate:
    """Regress the common part of one scale on the common parts of others.

    Parameters
    ----------
    outcome : array, shape (n, k)
        Items of the outcome.
    drivers : sequence of arrays, shape (n, k_j) each
        Items of each driver.
    names : tuple of str
        Of the drivers and then the outcome, for doubts.
    second_order : bool
        Take off the drift of order 1/n.

    Returns
    -------
    Estimate
        In units of the scale means; t intervals on n - p - 1 degrees of freedom.  All nan, with a doubt, where the
        corrected covariances are improper.

    Examples
    --------
    >>> true, error, noise, other = np.split(np.random.default_rng(1).normal(size=(1000, 10)), [1, 4, 7], axis=1)
    >>> y = true + 0.5 * noise
    >>> fit = corrected_estimate(y, [true + error], ("trust", "liking"))
    >>> from touchsim.study.estimators import estimate
    >>> plain = estimate("ols", y.mean(axis=1), (true + error).mean(axis=1)[:, None], ("trust",))
    >>> fit.coefficients.round(1).tolist(), plain.coefficients.round(1).tolist()
    ([1.0], [0.8])
    """
    scales = [*drivers, outcome]
    n, p = len(outcome), len(drivers)
    d, t = _deviations(scales)
    c, covariance = t.sum(axis=0) / (n - 1), d.T @ d / (n - 1)
    single = tuple(name for name, items in zip(names, scales, strict=True) if items.shape[1] == 1)
    found = solved(covariance, c, single)
    if isinstance(found, Estimate):
        return found
    inverse, b = found.inverse, found.coefficients
    x, y = d[:, :p], d[:, p]
    h = np.minimum(np.einsum("ij,jk,ik->i", x, inverse, x) / n, 0.9)
    pull = x * y[:, None] - x * (x @ b)[:, None] - (t[:, :p] - x**2) * b
    influence = pull / (1 - h)[:, None] @ inverse
    influence -= influence.mean(axis=0)
    scale = np.sqrt(c[:p] / c[p])
    std, shift = b * scale, t / c - 1
    moved = influence * scale + std / 2 * (shift[:, :p] - shift[:, p:])
    covariance_b = influence.T @ influence / n**2
    error, std_error = np.sqrt(np.diag(covariance_b)), moved.std(axis=0) / np.sqrt(n)
    if second_order:
        plain = pull @ inverse
        drift = -inverse @ (x * (x * plain).sum(axis=1)[:, None] + (t[:, :p] - x**2) * plain).mean(axis=0) / n
        std_drift = drift * scale + _ratio_drift(plain * scale, std, shift[:, :p], shift[:, p:])
        b, std = b - held(drift, error), std - held(std_drift, std_error)
    return estimate_of_parts(found, b, error, std, std_error, covariance_b, n, COV_TYPE)


@dataclass(frozen=True)
class Solved:
    """Common parts regressed on each other: M^-1, shape (p, p), b = M^-1 s, shape (p,), R2, and doubts about them."""

    inverse: Array
    coefficients: Array
    r2: float
    doubts: tuple[Callable[[], str], ...]


def solved(between: Array, c: Array, single: tuple[str, ...]) -> Solved | Estimate:
    """Regress the common part of the last scale on those of the others, from answers or from moments.

    Parameters
    ----------
    between : array, shape (p + 1, p + 1)
        Covariances of the scores.
    c : array, shape (p + 1,)
        Common variances.
    single : tuple of str
        Constructs of one item.

    Returns
    -------
    Solved, or Estimate
        An estimate of nothing, with its doubts, where the corrected covariances are improper.
    """
    p = len(c) - 1
    doubts = [partial(tell, "a single item shows no error of its own and is taken as exact, so the correction "
                      "is incomplete: {names}", names=partial(said_names, single))] if single else []  # fmt: skip
    m, s = common_part(between, c)[:p, :p], between[:p, p]
    if not is_proper(m, c):
        return no_estimate(p, *doubts, partial(
            tell, "no corrected estimate: without the errors of the items, variances or their differences are no "
            "longer positive; look at scales with low alpha and at pairs of drivers with HTMT near 1"))  # fmt: skip
    inverse = np.asarray(np.linalg.inv(m), dtype=np.float64)
    vif = float((np.diag(inverse) * np.diag(m)).max())
    if vif > LARGE_VIF:
        doubts.append(partial(tell, "without the errors of the items the drivers can hardly be told apart (VIF up to "
                              "{vif}): read their corrected coefficients jointly, not one by one",
                              vif=partial(marked, f"{vif:.0f}")))  # fmt: skip
    b = inverse @ s
    return Solved(inverse, b, float(b @ s / c[p]), tuple(doubts))


def estimate_of_parts(
    found: Solved, b: Array, error: Array, std: Array, std_error: Array, covariance: Array, n: int, cov_type: str
) -> Estimate:
    """Estimate of what `solved` found, once drift is taken off and errors are known; t on n - p - 1 degrees."""
    df, doubts = n - len(b) - 1, found.doubts
    reach, statistic = float(stats.t.ppf(0.975, df)), b / error
    if found.r2 >= 1:
        doubts = (*doubts, partial(tell, "after the correction the drivers explain more than everything: what is left "
                                   "of the outcome has a negative variance"))  # fmt: skip
    return Estimate(b, error, statistic, 2 * stats.t.sf(np.abs(statistic), df), b - reach * error, b + reach * error,
                    std, std - reach * std_error, std + reach * std_error, covariance, float(df), found.r2,
                    1 - (1 - found.r2) * (n - 1) / df, cov_type, doubts)  # fmt: skip


def corrected_correlations(
    scales: Sequence[Array], draws: int, *, seed: int = 1, clusters: NDArray[np.int64] | None = None
) -> Array | None:
    """Draw correlations of the common parts of scales, from resampled cases; the survey's own come first.

    A draw that is no correlation matrix is moved towards the survey's own, by halves, until it is one.

    Parameters
    ----------
    scales : sequence of arrays, shape (n, k_j) each
        Items of each scale; all but the last must be told apart, the last is the outcome.
    draws : int
    seed : int
    clusters : array of int, shape (n,), optional
        0 .. G-1: resample these instead of cases.

    Returns
    -------
    array, shape (draws + 1, scales, scales), or None
        None where the survey's own are improper.
    """
    found = corrected_draws(scales, draws, seed=seed, clusters=clusters)
    return None if found is None else found[0]


def corrected_draws(
    scales: Sequence[Array], draws: int, *, seed: int = 1, clusters: NDArray[np.int64] | None = None
) -> tuple[Array, float] | None:
    """Draw `corrected_correlations`, and say which share of the draws was moved towards the survey's own."""
    q = len(scales)
    sizes = np.array([items.shape[1] for items in scales])
    owner = np.repeat(np.arange(q), sizes)
    scores = np.column_stack([items.mean(axis=1) for items in scales])
    spread = scores.std(axis=0)
    items = np.column_stack([one - one.mean(axis=0) for one in scales]) / spread[owner]
    squares = np.add.reduceat(items**2, np.searchsorted(owner, np.arange(q)), axis=1)
    beside = np.column_stack([squares, items])
    covariances, sums = moment_draws(scores, draws, seed=seed, beside=beside, clusters=clusters)
    n = len(scores)
    variances = np.diagonal(covariances, axis1=1, axis2=2)
    c = _common_variances(variances, sums[:, :q] / n, sums[:, q:] / n, sizes)
    matrices = common_part(covariances, c)
    if not is_proper(matrices[0, :-1, :-1], c[0]):
        return None
    moved = np.zeros(draws + 1, dtype=bool)
    for _ in range(HALVINGS):
        bad = np.array([not is_proper(one[:-1, :-1], np.diag(one)) for one in matrices])
        if not bad.any():
            break
        matrices[bad], moved = (matrices[bad] + matrices[0]) / 2, moved | bad
    scale = 1 / np.sqrt(np.diagonal(matrices, axis1=1, axis2=2))
    found = np.asarray(matrices * scale[:, :, None] * scale[:, None, :], dtype=np.float64)
    return found, float(moved.sum() / max(draws, 1))


def corrected_without_each(
    clusters: NDArray[np.int64], outcome: Array, drivers: Sequence[Array], around: Estimate
) -> tuple[Array, Array]:
    """Coefficients, raw and standardised, without each cluster, from sums of products; shape (G, p) both.

    The drift of order 1/n is taken as that of all rows, so that the values lie around the estimate `around`.

    Parameters
    ----------
    clusters : array of int, shape (n,)
        0 .. G-1.
    outcome, drivers : arrays
        Items, as for `corrected_estimate`; nan where a cluster is needed for an estimate to exist.
    """
    scales = [*drivers, outcome]
    p, many = len(drivers), int(clusters.max()) + 1
    sizes = np.array([items.shape[1] for items in scales])
    d, _ = _deviations(scales)
    items = np.column_stack([one - one.mean(axis=0) for one in scales])
    squares = np.add.reduceat(items**2, np.concatenate([[0], np.cumsum(sizes)[:-1]]), axis=1)
    rows = np.column_stack([np.ones(len(d)), d, squares, items])
    order = np.argsort(clusters, kind="stable")
    starts = np.searchsorted(clusters[order], np.arange(many))
    sums = np.add.reduceat(rows[order], starts, axis=0)
    products = np.array([part.T @ part for part in np.split(d[order], starts[1:])])
    sums, products = sums.sum(axis=0) - sums, products.sum(axis=0) - products
    n = sums[:, :1]
    mean = sums[:, 1 : p + 2] / n
    covariance = products / n[:, :, None] - mean[:, :, None] * mean[:, None, :]
    variances = np.diagonal(covariance, axis1=1, axis2=2)
    c = _common_variances(variances, sums[:, p + 2 : 2 * p + 3] / n, sums[:, 2 * p + 3 :] / n, sizes)
    raw = np.full((many, p), np.nan)
    for g, (matrix, own) in enumerate(zip(common_part(covariance, c), c, strict=True)):
        if is_proper(matrix[:p, :p], own):
            raw[g] = np.linalg.solve(matrix[:p, :p], matrix[:p, p])
    with np.errstate(invalid="ignore"):
        standard = raw * np.sqrt(c[:, :p] / c[:, p:])
    whole = corrected_estimate(outcome, drivers, ("",) * (p + 1), second_order=False)
    return raw + (around.coefficients - whole.coefficients), standard + (around.std_beta - whole.std_beta)


def _deviations(scales: Sequence[Array]) -> tuple[Array, Array]:
    """Deviations of the scores, and products of the deviations of different items of a scale; (n, scales) both."""
    scores, products = [], []
    for items in scales:
        z = items - items.mean(axis=0)
        k = z.shape[1]
        total = z.sum(axis=1)
        scores.append(total / k)
        products.append((total**2 - (z**2).sum(axis=1)) / (k * (k - 1)) if k > 1 else total**2)
    return np.column_stack(scores), np.column_stack(products)


def _common_variances(variances: Array, squares: Array, means: Array, sizes: NDArray[np.int64]) -> Array:
    """Mean covariance among the items of each scale, from the variance of their mean and their sums of squares.

    `squares` are means of the sum of squared items, shape (..., scales), `means` those of the items.
    """
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    each = squares - np.add.reduceat(means**2, starts, axis=-1)
    found = (sizes**2 * variances - each) / np.maximum(sizes * (sizes - 1), 1)
    return np.asarray(np.where(sizes > 1, found, variances), dtype=np.float64)


def common_part(covariances: Array, c: Array) -> Array:
    """Covariances with the common variances on the diagonal."""
    found = covariances.copy()
    place = np.arange(c.shape[-1])
    found[..., place, place] = c
    return found


def _ratio_drift(influence: Array, std: Array, own: Array, other: Array) -> Array:
    """Drift of b sqrt(c_j / c_y) over that of b: b and the root go together, and the root is curved; shape (p,)."""
    curved = -(own**2) / 8 + 3 * other**2 / 8 - own * other / 4
    return np.asarray((influence * (own - other) / 2 + std * curved).mean(axis=0) / len(own), dtype=np.float64)


def held(drift: Array, error: Array) -> Array:
    """Keep a drift within half a standard error of every coefficient: beyond, the expansion says nothing."""
    return np.asarray(drift * min(1.0, 0.5 / max(float((np.abs(drift) / error).max()), 1e-12)), dtype=np.float64)


def is_proper(m: Array, c: Array) -> bool:
    """Whether common variances are positive and the drivers can be told apart."""
    if not (c > 0).all():
        return False
    scale = 1 / np.sqrt(np.diag(m))
    return bool(np.linalg.eigvalsh(m * np.outer(scale, scale))[0] > LEAST_EIGENVALUE)


def said_names(names: tuple[str, ...]) -> str:
    """Tell the labels of constructs, with "and" between a few of them."""
    return anded(tuple(name() for name in map(named, names))) if len(names) < 4 else joined(  # noqa: PLR2004
        tuple(map(named, names)), ", ")  # fmt: skip
