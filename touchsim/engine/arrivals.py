"""Births: when the next customer of a segment feels a need, the same for both engines.

Within a segment the gaps are exponential, each drawn at the address of the customer who is born at its end
(inversion of the cumulative rate; Lewis & Shedler 1979), so that one more customer moves nobody else.  Running
numbers follow the time of birth; at equal times the segment that stands first in the scenario comes first.

A segment that comes `every` so often (by bus, by daily mailing) has geometric gaps on that grid, none of them included,
with the same mean: floor(E) of an exponential E with rate ln(1 + rate * every) per grid step has mean 1/(rate * every).
"""

from __future__ import annotations

import numpy as np

from touchsim.engine.compiling import compiled, rule
from touchsim.engine.identity import block_of, identity_of, place_at
from touchsim.engine.randomness import GAP, uniform
from touchsim.world.layout import GENERAL, General, Segment

__all__ = ["first", "first_births", "is_left_in_market", "last_birth", "next_birth", "pass_over"]


@rule
def next_birth(world: np.ndarray, segment: int, ordinal: int, now: float) -> float:
    """Return the day on which the `ordinal`-th customer of the segment is born, `now` being the birth before."""
    if world[segment, Segment.RATE] <= 0.0:
        return np.inf
    word, _, _, _ = block_of(world, identity_of(world, segment, ordinal), place_at(world, segment), 0.0, GAP)
    every = world[segment, Segment.EVERY]
    if every > 0.0:
        return now + every * np.floor(-np.log(uniform(word)) / np.log1p(world[segment, Segment.RATE] * every))
    return now - np.log(uniform(word)) / world[segment, Segment.RATE]


@rule
def first(times: np.ndarray) -> int:
    """Index of the segment whose next birth is the earliest."""
    best = 0
    for g in range(1, len(times)):
        if times[g] < times[best]:
            best = g
    return best


def first_births(world: np.ndarray, segments: int) -> np.ndarray:
    """Return the day of the first birth of each segment, shape (segments,)."""
    first_segment = int(world[GENERAL, General.FIRST_SEGMENT])
    return np.array([next_birth(world, first_segment + g, 0, 0.0) for g in range(segments)])


@rule
def is_left_in_market(world: np.ndarray, identity: int, segment: int) -> bool:
    """Whether somebody is still to be reached: with probability 1 - reached / market (Bass 1969 has the same ceiling)."""
    market = world[GENERAL, General.MARKET]
    if market == np.inf:
        return True
    _, word, _, _ = block_of(world, identity, place_at(world, segment), 0.0, GAP)
    return uniform(word) >= world[GENERAL, General.REACHED] / market


@compiled
def pass_over(world: np.ndarray, births: np.ndarray, ordinals: np.ndarray, most: int, until: float) -> int:
    """Pass over the next births, so many at most and none on the day `until` or later; return how many they were.

    `births` and `ordinals`, shape (segments,), hold the next birth of each segment and which of its customers that
    is; they are changed.
    """
    first_segment = int(world[GENERAL, General.FIRST_SEGMENT])
    for n in range(most):
        g = first(births)
        if births[g] >= until:
            return n
        ordinals[g] += 1
        births[g] = next_birth(world, first_segment + g, ordinals[g], births[g])
    return most


def last_birth(world: np.ndarray, segments: int, customers: int) -> float:
    """Return the day on which the last of so many customers is born."""
    births, ordinals = first_births(world, segments), np.zeros(segments, np.int64)
    pass_over(world, births, ordinals, customers - 1, np.inf)
    return float(births.min())
