"""Addressed random numbers for whole columns: Philox4x64-10 in numpy (Salmon, Moraes, Dror & Shaw 2011).

A survey draws for many respondents at once what the engines draw one by one, by the same rule: a draw is a pure
function of its address

    key = (seed, replication), counter = (identity, place, nth, decision), place = hash of ``survey:<what>``

so that a person gives the same answers whoever else is born or asked, and worlds that are compared share their
response draws.  numpy's own `Philox` starts one stream per address, which is far too slow for a million of them; the
rounds are therefore written out here, with 64 x 64 -> 128 bit products made of 32-bit halves (Knuth 1997, 4.3.1).
Checked word for word against `numpy.random.Philox` and the published test vectors.  Called by `answers` and
`respondents`.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri

from touchsim.world.layout import place_of

__all__ = ["identities", "normals", "philox_words", "survey_words", "uniforms"]

Words = NDArray[np.uint64]
Floats = NDArray[np.float64]
_M0, _M1 = np.uint64(0xD2E7470EE14C6C93), np.uint64(0xCA5A826395121157)
_W0, _W1 = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBB67AE8584CAA73B)
_LOW, _HALF = np.uint64(0xFFFFFFFF), np.uint64(32)


def _multiplied(constant: np.uint64, x: Words) -> tuple[Words, Words]:
    """Upper and lower 64 bits of constant * x."""
    low, high = constant & _LOW, constant >> _HALF
    x_low, x_high = x & _LOW, x >> _HALF
    first = low * x_low
    middle = high * x_low + (first >> _HALF)  # cannot overflow: (2^32-1)^2 + 2^32-1 < 2^64
    other = low * x_high + (middle & _LOW)
    return high * x_high + (middle >> _HALF) + (other >> _HALF), constant * x


def philox_words(key: tuple[ArrayLike, ArrayLike], counter: tuple[ArrayLike, ArrayLike, ArrayLike, ArrayLike]) -> Words:
    """Return the four words at each address.

    Parameters
    ----------
    key : two arrays of uint64
        Seed and replication.
    counter : four arrays of uint64
        Identity, place, nth, decision; all six are broadcast against each other.

    Returns
    -------
    array of uint64, shape (4, ...)

    Examples
    --------
    >>> hex(philox_words((0, 0), (0, 0, 0, 0))[0])
    '0x16554d9eca36314c'
    """
    k0, k1, a, b, c, d = np.broadcast_arrays(*(np.asarray(part, dtype=np.uint64) for part in (*key, *counter)))
    shape = k0.shape
    k0, k1, a, b, c, d = (np.atleast_1d(part) for part in (k0, k1, a, b, c, d))
    for _ in range(10):
        high0, low0 = _multiplied(_M0, a)
        high1, low1 = _multiplied(_M1, c)
        a, b, c, d = high1 ^ b ^ k0, low1, high0 ^ d ^ k1, low0
        k0, k1 = k0 + _W0, k1 + _W1
    return np.stack([a, b, c, d]).reshape(4, *shape)


def identities(people: pd.DataFrame) -> Words:
    """Identity words of a frame of customers: (segment, ordinal) or (referrer, nth), the same in every scenario."""
    return people["identity"].to_numpy(np.int64).view(np.uint64)


def survey_words(seed: int, replication: ArrayLike, identity: ArrayLike, what: str, nth: int = 1) -> Words:
    """Return four words for each identity at the place ``survey:<what>``, shape (4, customers)."""
    return philox_words((seed, replication), (identity, place_of(f"survey:{what}"), nth, 0))


def uniforms(words: Words) -> Floats:
    """Uniform numbers strictly between 0 and 1 from the upper 52 bits, as in the engines."""
    return np.asarray(((words >> np.uint64(12)).astype(np.float64) + 0.5) * 2.0**-52, dtype=np.float64)


def normals(words: Words) -> Floats:
    """Return standard normal numbers by inversion."""
    return np.asarray(ndtri(uniforms(words)), dtype=np.float64)
