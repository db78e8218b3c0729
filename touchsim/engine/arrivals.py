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
from touchsim.engine.identity import block_of, place_at
from touchsim.engine.randomness import GAP, uniform
from touchsim.world.layout import Segment

__all__ = ["first", "last_birth", "next_birth"]


@rule
def next_birth(world: np.ndarray, segment: int, ordinal: int, now: float) -> float:
    """Return the day on which the `ordinal`-th customer of the segment is born, `now` being the birth before."""
    if world[segment, Segment.RATE] <= 0.0:
        return np.inf
    word, _, _, _ = block_of(world, segment, ordinal, place_at(world, segment), 0.0, GAP)
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


@compiled
def last_birth(world: np.ndarray, first_segment: int, segments: int, customers: int) -> float:
    """Return the day on which the last of so many customers is born."""
    times = np.zeros(segments)
    ordinals = np.zeros(segments, dtype=np.int64)
    for g in range(segments):
        times[g] = next_birth(world, first_segment + g, 0, 0.0)
    now = 0.0
    for _ in range(customers):
        g = first(times)
        now = times[g]
        ordinals[g] += 1
        times[g] = next_birth(world, first_segment + g, ordinals[g], now)
    return now
