"""The chance that two standard normal variables, correlated r, both stay below their limits.

    P(h, k, r) = P(h) P(k) + integral from 0 to arcsin r of exp(-(h^2 + k^2 - 2 h k sin t) / (2 cos^2 t)) dt / 2 pi

which Gauss and Legendre's 20 points give to 15 digits while r is below .925 (Drezner & Wesolowsky 1990).  Near r = 1
the integral is taken down from P(h, k, 1) = P(min(h, k)) instead: with s the cosine and d = h - k,

    integrand    exp(-d^2 / 2 s^2) g(s),   g(s) = exp(-h k / (1 + c)) / c,   c = sqrt(1 - s^2)

g is even; its terms in 1, s^2 and s^4 are integrated by parts and only the small rest by points (after Genz 2004).
Negative r turns round one axis: P(h, k, -r) = P(h) - P(h, -k, r).  Called by `polychoric`; arrays in, arrays out.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

__all__ = ["FAR", "joint_chance", "joint_density"]

Array = NDArray[np.float64]
FAR = 9.0
"""A limit that nothing passes: less than 1e-18 of a normal variable lies beyond."""

STEEP = 0.925
POINTS, WEIGHTS = (np.asarray(part, dtype=np.float64) for part in np.polynomial.legendre.leggauss(20))
ROOT = float(np.sqrt(2 * np.pi))


def joint_density(h: Array, k: Array, r: Array) -> Array:
    """Density of two standard normal variables, which is also how `joint_chance` changes with r (Plackett 1954).

    Parameters
    ----------
    h, k, r : arrays
        Of shapes that go together; r strictly between -1 and 1.

    Returns
    -------
    array
    """
    left = 1 - r**2
    return np.asarray(np.exp(-(h**2 - 2 * r * h * k + k**2) / (2 * left)) / (2 * np.pi * np.sqrt(left)))


def joint_chance(h: Array, k: Array, r: Array) -> Array:
    """Chance that both variables are below their limits.

    Parameters
    ----------
    h, k : arrays
        Limits, of shapes that go together; beyond 9 either way they count as 9.
    r : array
        Correlations from -1 to 1.

    Returns
    -------
    array

    Examples
    --------
    >>> joint_chance(np.zeros(3), np.zeros(3), np.array([-0.5, 0.0, 0.5])).round(12).tolist()
    [0.166666666667, 0.25, 0.333333333333]
    """
    shape = np.broadcast_shapes(np.shape(h), np.shape(k), np.shape(r))
    a, b, c = (np.broadcast_to(part, shape).ravel() for part in (np.clip(h, -FAR, FAR), np.clip(k, -FAR, FAR), r))
    found = np.empty(a.shape)
    steep = np.abs(c) >= STEEP
    found[~steep] = _flat(a[~steep], b[~steep], c[~steep])
    if steep.any():
        found[steep] = _steep(a[steep], b[steep], c[steep])
    return found.reshape(shape)


def _flat(h: Array, k: Array, r: Array) -> Array:
    """Up from no correlation."""
    half = np.arcsin(r) / 2
    both, across = (h**2 + k**2) / 2, h * k
    total = np.zeros(h.shape)
    for point, weight in zip(POINTS, WEIGHTS, strict=True):
        sine = np.sin(half * (1 + point))
        total += weight * np.exp((across * sine - both) / (1 - sine**2))
    return np.asarray(ndtr(h) * ndtr(k) + half * total / (2 * np.pi))


def _steep(h: Array, k: Array, r: Array) -> Array:
    """Down from full correlation."""
    turned = r < 0
    other = np.where(turned, -k, k)
    q, d = h * other, np.abs(h - other)
    end = np.sqrt((1 - r) * (1 + r))
    safe = np.maximum(end, 1e-150)
    last = np.exp(-((d / safe) ** 2) / 2)
    none = end * last - d * ROOT * ndtr(-d / safe)
    two = (end**3 * last - d**2 * none) / 3
    four = (end**5 * last - d**2 * two) / 5
    a, b = 1 / 2 - q / 8, 3 / 8 - q / 8 + q**2 / 128
    total = none + a * two + b * four
    for point, weight in zip(POINTS, WEIGHTS, strict=True):
        s = safe * (1 + point) / 2
        c = np.sqrt((1 - s) * (1 + s))
        rest = np.exp(q * (1 / 2 - 1 / (1 + c))) / c - 1 - a * s**2 - b * s**4
        total += end / 2 * weight * np.exp(-((d / s) ** 2) / 2) * rest
    below = ndtr(np.minimum(h, other)) - np.exp(-q / 2) * total / (2 * np.pi)
    return np.asarray(np.where(turned, ndtr(h) - below, below))
