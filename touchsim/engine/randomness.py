"""Randomness is addressed, not consumed: every draw is a pure function of who, where, how-many-th and what for.

A draw has an address (seed, replication | customer, place, nth, decision) and the counter-based generator
Philox4x64-10 (Salmon, Moraes, Dror & Shaw 2011) turns the address into four 64-bit words; there is no generator
object, no global seed and no order of draws.  Hence two engines that pass time in different ways draw the same
numbers, the same customer can be followed into another scenario, and adding a touchpoint disturbs nobody else's draws.

    key     = (seed, replication)
    counter = (customer identity, place, nth, decision)

`place` is a stable hash of a key such as ``phone`` or ``need:help`` (`world.layout.place_of`), `nth` says how many-th
time this customer meets this place, and `decision` is one of the codes below, which are never renumbered.  Where one
decision needs a number per option, one word of its block is mixed with the option's own hash (`mix`), so that the noise
of an option does not depend on which others there are (Gumbel-max coupling; Oberst & Sontag 2019).

Called by `rules` and the arrival process of both engines; the words are checked against `numpy.random.Philox`
and the published test vectors.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from touchsim.engine.compiling import rule
from touchsim.world.layout import constant

__all__ = ["BIRTH", "CHOOSE", "CONTACT", "DECIDE", "EVIDENCE", "EXPECT", "GAP", "HANDLE", "LATENT", "ORDER", "RAISE"]
__all__ += ["ANSWER", "EXPOSE", "KNOW", "LINK", "REPEAT", "RIVAL", "SPARE", "SPEAK", "TRAIT", "WAIT"]
__all__ += ["mix", "normal", "philox", "put_word", "uniform", "word_at"]

GAP, BIRTH, EXPECT, LATENT, CHOOSE, CONTACT, EVIDENCE, DECIDE, RAISE, REPEAT, ORDER, HANDLE, KNOW = (
    constant(n) for n in range(1, 14))
TRAIT, LINK, SPARE, EXPOSE, WAIT, ANSWER, RIVAL, SPEAK = (constant(n) for n in range(14, 22))
"""Decision codes, the last word of an address.  Never renumber: new decisions get new codes."""


@intrinsic
def _multiply_high(typingctx: Any, a: Any, b: Any) -> Any:
    """Upper 64 bits of the 128-bit product, one machine instruction; numba has no such integer."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        wide = ir.IntType(128)
        product = builder.mul(builder.zext(args[0], wide), builder.zext(args[1], wide))
        return builder.trunc(builder.lshr(product, ir.Constant(wide, 64)), ir.IntType(64))

    return types.uint64(types.uint64, types.uint64), codegen


@intrinsic
def _bits(typingctx: Any, x: Any) -> Any:
    """The 64 bits of a float64 as an integer."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.bitcast(args[0], ir.IntType(64))

    return types.uint64(types.float64), codegen


@intrinsic
def _float(typingctx: Any, word: Any) -> Any:
    """The float64 that has these 64 bits."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.bitcast(args[0], ir.DoubleType())

    return types.float64(types.uint64), codegen


@rule
def word_at(table: np.ndarray, row: int, column: int) -> np.uint64:
    """Read a 64-bit word out of a table of float64 (see `world.layout`)."""
    return _bits(table[row, column])


@rule
def put_word(table: np.ndarray, row: int, column: int, word: int) -> None:
    """Write a 64-bit word into a table of float64."""
    table[row, column] = _float(np.uint64(word))


@rule
def philox(
    key0: int, key1: int, c0: int, c1: int, c2: int, c3: int
) -> tuple[np.uint64, np.uint64, np.uint64, np.uint64]:
    """Return the block of four 64-bit words that stands at one address (Philox4x64-10; Salmon et al. 2011).

    Parameters
    ----------
    key0, key1 : uint64
        Seed and replication.
    c0, c1, c2, c3 : uint64
        Customer, place, nth visit, decision.

    Returns
    -------
    tuple of four uint64

    Examples
    --------
    >>> import numpy as np
    >>> zero = np.uint64(0)
    >>> hex(philox(zero, zero, zero, zero, zero, zero)[0])
    '0x16554d9eca36314c'
    """
    k0, k1 = np.uint64(key0), np.uint64(key1)
    a, b, c, d = np.uint64(c0), np.uint64(c1), np.uint64(c2), np.uint64(c3)
    for _ in range(10):
        high0 = _multiply_high(np.uint64(0xD2E7470EE14C6C93), a)
        low0 = np.uint64(0xD2E7470EE14C6C93) * a
        high1 = _multiply_high(np.uint64(0xCA5A826395121157), c)
        low1 = np.uint64(0xCA5A826395121157) * c
        a, b, c, d = high1 ^ b ^ k0, low1, high0 ^ d ^ k1, low0
        k0 += np.uint64(0x9E3779B97F4A7C15)
        k1 += np.uint64(0xBB67AE8584CAA73B)
    return a, b, c, d


@rule
def uniform(word: int) -> float:
    """Return a uniform number strictly between 0 and 1 from the upper 52 bits of a word.

    52 bits and a half step: with 53 bits the largest word would round to exactly 1, whose logarithm ends a race.

    Examples
    --------
    >>> import numpy as np
    >>> uniform(np.uint64(2**64 - 1)) < 1.0
    True
    """
    return (np.float64(np.uint64(word) >> np.uint64(12)) + 0.5) * 2.220446049250313e-16


@rule
def mix(word: int, place: int) -> np.uint64:
    """Return the word that belongs to one option of a decision: the finaliser of SplitMix64 (Steele et al. 2014)."""
    z = np.uint64(word) ^ np.uint64(place)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


@rule
def normal(u: float) -> float:
    """Return the standard normal quantile of a uniform number (PPND16 of AS 241; Wichura 1988), to about 1e-16.

    Examples
    --------
    >>> round(normal(0.975), 12)
    1.95996398454
    """
    q = u - 0.5
    if abs(q) <= 0.425:
        r = 0.180625 - q * q
        top = (((((((2509.0809287301226727 * r + 33430.575583588128105) * r + 67265.770927008700853) * r
                   + 45921.953931549871457) * r + 13731.693765509461125) * r + 1971.5909503065514427) * r
                + 133.14166789178437745) * r + 3.387132872796366608)  # fmt: skip
        low = (((((((5226.495278852545925 * r + 28729.085735721942674) * r + 39307.89580009271061) * r
                   + 21213.794301586595867) * r + 5394.1960214247511077) * r + 687.1870074920579083) * r
                + 42.313330701600911252) * r + 1.0)  # fmt: skip
        return q * top / low
    r = np.sqrt(-np.log(u if q < 0.0 else 1.0 - u))
    if r <= 5.0:
        r -= 1.6
        top = (((((((7.7454501427834140764e-4 * r + 0.0227238449892691845833) * r + 0.24178072517745061177) * r
                   + 1.27045825245236838258) * r + 3.64784832476320460504) * r + 5.7694972214606914055) * r
                + 4.6303378461565452959) * r + 1.42343711074968357734)  # fmt: skip
        low = (((((((1.05075007164441684324e-9 * r + 5.475938084995344946e-4) * r + 0.0151986665636164571966) * r
                   + 0.14810397642748007459) * r + 0.68976733498510000455) * r + 1.6763848301838038494) * r
                + 2.05319162663775882187) * r + 1.0)  # fmt: skip
    else:
        r -= 5.0
        top = (((((((2.01033439929228813265e-7 * r + 2.71155556874348757815e-5) * r + 0.0012426609473880784386) * r
                   + 0.026532189526576123093) * r + 0.29656057182850489123) * r + 1.7848265399172913358) * r
                + 5.4637849111641143699) * r + 6.6579046435011037772)  # fmt: skip
        low = (((((((2.04426310338993978564e-15 * r + 1.4215117583164458887e-7) * r + 1.8463183175100546818e-5) * r
                   + 7.868691311456132591e-4) * r + 0.0148753612908506148525) * r + 0.13692988092273580531) * r
                + 0.59983220655588793769) * r + 1.0)  # fmt: skip
    return -top / low if q < 0.0 else top / low
