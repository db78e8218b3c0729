"""Regression corrected for unreliability, from the covariances of the items alone; see `corrected` for that of answers.

All of it is linear in the covariances S of the items (n - 1 in the divisor), or a smooth function of what is:

    c_j  = mean of the covariances among the items of scale j = <E_j, S>          M, s   covariances of the scale means,
                                                                                         c on the diagonal of M
    b    = M^-1 s        db = M^-1 (ds - dM b)
    std_j = b_j sqrt(c_j / c_y)                  d(std_j) = sqrt(c_j / c_y) db_j + std_j/2 (dc_j / c_j - dc_y / c_y)

so each coefficient has a gradient G with d(coefficient) = <G, dS>, and for normal answers

    cov(<A, S>, <B, S>) = 2 tr(A S B S) / (n - 1)                        (Wishart; e.g. Muirhead 1982, section 3.2)

gives its error and, in M^-1 cov(dM, db), the drift of order 1/n that `corrected` takes off, too.  Estimates are those
of the answers; errors and drift are what they would be if the answers were normal.  A scale known by its alpha a
instead of its items stands for two parallel ones, with covariance a var(score): two, because the alpha of few items
varies most (van Zyl, Neudecker & Nel 2000), so that the error is not made too small; one whose alpha is 1 is exact and
stays one.  Called by `tabled`; arrays in, arrays out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from touchsim.languages import marked, tell
from touchsim.study.corrected import common_part, estimate_of_parts, held, is_proper, solved
from touchsim.study.estimators import Estimate, no_estimate
from touchsim.study.model import NORMAL

__all__ = ["Items", "corrected_of_moments", "is_split", "items_of_scores", "tabled_correlations"]

Array = NDArray[np.float64]
HALVINGS = 30
NOTICED, FEWEST = 0.05, 2


@dataclass(frozen=True)
class Items:
    """Scales as weights of items.

    Attributes
    ----------
    weights : array, shape (scales, items)
        Of the scores: one over the number of items.
    pairs : array, shape (scales, items, items)
        <pairs, S> is what the items of a scale have in common; of a single item, its variance.
    """

    weights: Array
    pairs: Array

    def scores(self, covariances: Array) -> tuple[Array, Array]:
        """Covariances of the scores, shape (..., scales, scales), and common variances, shape (..., scales)."""
        between = self.weights @ covariances @ self.weights.T
        return between, np.einsum("kij,...ij->...k", self.pairs, covariances)

    def only(self, place: Sequence[int]) -> Items:
        """Some of the scales, in this order."""
        return Items(self.weights[list(place)], self.pairs[list(place)])


def items_of_scores(weights: Array, covariances: Array, alphas: Array) -> tuple[Items, Array]:
    """Scales and the covariances of their items; one of a single variable with a known alpha gets two parallel items.

    Parameters
    ----------
    weights : array, shape (scales, k)
        Of the variables in the scores.
    covariances : array, shape (..., k, k)
        Of the variables.
    alphas : array, shape (..., k)
        nan where none is known, 1 where a variable is exact; which are split, the first row says.

    Returns
    -------
    items : Items
    covariances : array, shape (..., items, items)

    Examples
    --------
    >>> one = np.array([[4.0, 1.0], [1.0, 2.0]])
    >>> items, found = items_of_scores(np.eye(2), one, np.array([0.75, np.nan]))
    >>> found.tolist(), items.scores(found)[1].tolist()
    ([[5.0, 3.0, 1.0], [3.0, 5.0, 1.0], [1.0, 1.0, 2.0]], [3.0, 2.0])
    """
    split = is_split(weights, np.atleast_2d(alphas)[0])
    owner = np.repeat(np.arange(len(split)), 1 + split)
    found = covariances[..., owner[:, None], owner]
    for first in np.flatnonzero(split[owner] & np.r_[True, owner[1:] != owner[:-1]]):
        common = alphas[..., owner[first]] * covariances[..., owner[first], owner[first]]
        rest = 2 * covariances[..., owner[first], owner[first]] - common
        found[..., first, first] = found[..., first + 1, first + 1] = rest
        found[..., first, first + 1] = found[..., first + 1, first] = common
    wide = weights[:, owner] / (1 + split)[owner]
    pairs = []
    for row in wide > 0:
        several = np.outer(row, row).astype(float)
        many = int(row.sum())
        pairs.append((several - np.diag(np.diag(several))) / (many * (many - 1)) if many > 1 else several)
    return Items(wide, np.array(pairs)), found


def is_split(weights: Array, alphas: Array) -> NDArray[np.bool_]:
    """Whether a variable stands for two parallel items: a scale of its own with an alpha below 1; shape (k,)."""
    alone = np.array([(weights[weights[:, j] > 0] == 1).any() for j in range(weights.shape[1])])
    return np.asarray(alone & (alphas < 1))


def corrected_of_moments(
    items: Items, covariances: Array, near: Array, n: int, names: tuple[str, ...], *, second_order: bool = True
) -> Estimate:
    """Regress the common part of the last scale on those of the others.

    Parameters
    ----------
    items : Items
        Drivers and then the outcome.
    covariances : array, shape (q, q)
        Of the items.
    near : array, shape (draws, q, q)
        Covariances that would be printed as these; what they say differently is error, too.
    n : int
        Answers.
    names : tuple of str
        Of the drivers and then the outcome, for doubts.
    second_order : bool
        Take off the drift of order 1/n.

    Returns
    -------
    Estimate
        As of `corrected.corrected_estimate`.

    Examples
    --------
    >>> scale = np.full((3, 3), 0.5) + 0.5 * np.eye(3)
    >>> both = np.block([[scale, np.full((3, 3), 0.25)], [np.full((3, 3), 0.25), scale]])
    >>> items, found = items_of_scores(np.kron(np.eye(2), np.ones(3) / 3), both, np.full(6, np.nan))
    >>> corrected_of_moments(items, found, found[None], 10_000, ("trust", "liking")).std_beta.round(2).tolist()
    [0.5]
    """
    p = len(names) - 1
    between, c = items.scores(covariances)
    single = tuple(name for name, row in zip(names, items.weights, strict=True) if (row > 0).sum() == 1)
    found = solved(between, c, single)
    if isinstance(found, Estimate):
        return found
    inverse, b, doubts, df = found.inverse, found.coefficients, found.doubts, n - p - 1
    scale = np.sqrt(c[:p] / c[p])
    std = b * scale
    joint = _products(items)  # gradients of every cell of M and s, shape (p, p + 1, q, q)
    lean = joint[:, p] - np.einsum("kl...,l->k...", joint[:, :p], b)
    gradients = np.einsum("rk,k...->r...", inverse, lean)
    shift = items.pairs / c[:, None, None]
    moved = scale[:, None, None] * gradients + std[:, None, None] / 2 * (shift[:p] - shift[p])
    covariance, std_covariance = (_together(one, one, covariances) / df for one in (gradients, moved))
    slopes, standard = _slopes(items, near, p)
    lost = 1 - len(slopes) / len(near)
    share = partial(marked, f"{100 * lost:.0f}")
    if lost and len(slopes) < FEWEST:
        return no_estimate(p, *doubts, partial(
            tell, "no corrected estimate: {share} % of the tables that would be printed as this one have none; ask the "
            "authors for more decimals", share=share))  # fmt: skip
    if lost > NOTICED:
        doubts = (*doubts, partial(tell, "{share} % of the tables that would be printed as this one have no corrected "
                                   "estimate and are left out, so rounding adds more to the errors than is said: ask "
                                   "the authors for more decimals", share=share))  # fmt: skip
    covariance = covariance + _spread(slopes)
    error = np.sqrt(np.diag(covariance))
    std_error = np.sqrt(np.diag(std_covariance) + np.diag(_spread(standard)))
    if second_order:
        turned = np.array([_together(joint[k, :p], gradients, covariances) for k in range(p)])  # cov(dM_kl, db_r)
        drift = -inverse @ np.einsum("kll->k", turned) / n
        own, other = shift[:p], np.broadcast_to(shift[p], (p, *shift[p].shape))
        curved = np.array([-_paired(x, x, covariances) / 8 + 3 * _paired(y, y, covariances) / 8
                           - _paired(x, y, covariances) / 4
                           for x, y in zip(own, other, strict=True)])  # fmt: skip
        leans = np.array([scale[j] * _paired(gradients[j], own[j] - other[j], covariances) / 2 for j in range(p)])
        std_drift = drift * scale + (leans + std * curved) / n
        b, std = b - held(drift, error), std - held(std_drift, std_error)
    return estimate_of_parts(replace(found, doubts=doubts), b, error, std, std_error, covariance, n, NORMAL)


def tabled_correlations(
    items: Items, near: Array, covariances: Array, n: int, draws: int, seed: int
) -> tuple[Array, float] | None:
    """Correlations of the common parts: those published, then Wishart draws around the rounded tables.

    A draw that is no correlation matrix is moved towards the published one, by halves, until it is one.

    Returns
    -------
    matrices : array, shape (draws + 1, scales, scales)
    moved : float
        Share of the draws that were moved.  None instead of both where the published ones are improper.
    """
    q = covariances.shape[-1]
    rng = np.random.default_rng([seed, n, q])
    around = near[np.arange(draws) % len(near)]
    bartlett = np.tril(rng.normal(size=(draws, q, q)), -1)
    bartlett[:, np.arange(q), np.arange(q)] = np.sqrt(rng.chisquare(n - 1 - np.arange(q), size=(draws, q)))
    root = np.linalg.cholesky(around) @ bartlett / np.sqrt(n - 1)
    matrices = common_part(*items.scores(np.concatenate([covariances[None], root @ np.swapaxes(root, 1, 2)])))
    if not is_proper(matrices[0, :-1, :-1], np.diag(matrices[0])):
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


def _products(items: Items) -> Array:
    """Gradients of the cells of M, and of s in the last column, shape (p, p + 1, q, q), symmetric."""
    w = items.weights
    p = len(w) - 1
    crossed = np.einsum("ki,lj->klij", w[:p], w)
    crossed = (crossed + np.swapaxes(crossed, 2, 3)) / 2
    crossed[np.arange(p), np.arange(p)] = items.pairs[:p]
    return np.asarray(crossed, dtype=np.float64)


def _together(left: Array, right: Array, covariances: Array) -> Array:
    """2 tr(A S B S) of every A and every B, shapes (a, q, q) and (b, q, q)."""
    return np.asarray(2 * np.einsum("aij,bji->ab", left @ covariances, right @ covariances), dtype=np.float64)


def _paired(left: Array, right: Array, covariances: Array) -> float:
    return float(_together(left[None], right[None], covariances)[0, 0])


def _slopes(items: Items, near: Array, p: int) -> tuple[Array, Array]:
    """Coefficients, raw and standardised, of the rounded tables that have some, shape (draws, p) both."""
    between, c = items.scores(near)
    matrices = common_part(between, c)
    sound = np.array([is_proper(one[:p, :p], own) for one, own in zip(matrices, c, strict=True)])
    matrices, c = matrices[sound], c[sound]
    raw = np.linalg.solve(matrices[:, :p, :p], matrices[:, :p, p:])[:, :, 0]
    return raw, raw * np.sqrt(c[:, :p] / c[:, p:])


def _spread(values: Array) -> Array:
    """Covariance of draws; nothing where there are not two."""
    p = values.shape[1]
    return np.atleast_2d(np.cov(values, rowvar=False)) if len(values) > 1 else np.zeros((p, p))
