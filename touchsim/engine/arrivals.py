"""Births: when the next customer of a segment feels a need, the same for both engines.

Within a segment the gaps are exponential, each drawn at the address of the customer who is born at its end
(inversion of the cumulative rate; Lewis & Shedler 1979), so that one more customer moves nobody else.  Running
numbers follow the time of birth; at equal times the segment that stands first in the scenario comes first.

Where arrivals rise and fall (`world.arrivals`), the k-th birth stands where the integral of the rate reaches the sum
of the first k exponentials, so that a factor changed a little moves births a little.  The rate is constant in pieces:
from the last birth on, day by day and in the day piece by piece, the exponential is used up.  Weekday and month are
computed from the number of the day (after Fliegel & Van Flandern 1968), not tabulated, because a run may last for ever.
Nobody is born after `LAST_DAY`, so that a rate that falls to nothing ends the search.

Customers present at the start are the first ordinals of their segment and come before the run begins (`BEFORE`), hence
before all arrivals; they are born at 0.

A segment that comes `every` so often (by bus, by daily mailing) has geometric gaps on that grid, none of them included,
with the same mean: floor(E) of an exponential E with rate ln(1 + rate * every) per grid step has mean 1/(rate * every).
"""

from __future__ import annotations

import numpy as np

from touchsim.engine.compiling import compiled, rule
from touchsim.engine.durations import cell
from touchsim.engine.identity import block_of, identity_of, place_at
from touchsim.engine.randomness import GAP, uniform
from touchsim.engine.words import ARRIVAL, STOCK
from touchsim.world.layout import GENERAL, General, Segment

__all__ = ["LAST_DAY", "first", "first_births", "is_left_in_market", "last_birth", "next_birth"]
__all__ += ["origin_of", "pass_over"]

BEFORE = -1.0
"""The day of those present at the start: before all arrivals, of which the first may be born at 0."""

LAST_DAY = 1e6
"""The longest run in days (2,738 years); arrivals that rise and fall are looked for no farther."""


@rule
def _month(day: int) -> int:
    """Month (0 = January) of a day counted from 1 March of the year 0: after Fliegel & Van Flandern (1968)."""
    of_era = day % 146_097  # the calendar repeats every 400 years
    year = (of_era - of_era // 1460 + of_era // 36_524 - of_era // 146_096) // 365
    of_year = of_era - (365 * year + year // 4 - year // 100)
    return ((5 * of_year + 2) // 153 + 2) % 12


@compiled
def _in_rhythm(world: np.ndarray, segment: int, now: float, left: float) -> float:
    """Return the day on which the integral of the rate from `now` on comes to `left`; infinite after `LAST_DAY`."""
    day = np.floor(now)
    opens = now - day
    while day < LAST_DAY:
        date = int(world[GENERAL, General.START]) + int(day)
        rate = world[segment, Segment.RATE] * world[segment, Segment.WEEKDAY + (date + 2) % 7]
        rate *= world[segment, Segment.MONTH + _month(date)]
        if rate > 0.0 and world[segment, Segment.GROWTH] != 1.0:
            rate *= world[segment, Segment.GROWTH] ** (day / 365.0)
        if opens == 0.0 and left > rate * world[segment, Segment.OF_DAY]:
            left -= rate * world[segment, Segment.OF_DAY]
        else:
            table = int(world[segment, Segment.DAY])
            for n in range(int(world[segment, Segment.PIECES])):
                closes, height = cell(world, table, 2 * n), rate * cell(world, table, 2 * n + 1)
                if closes > opens:
                    if height > 0.0 and left <= height * (closes - opens):
                        return float(day + (opens + left / height))
                    left -= height * (closes - opens)
                    opens = closes
        day += 1.0
        opens = 0.0
    return np.inf


@rule
def next_birth(world: np.ndarray, segment: int, ordinal: int, now: float) -> float:
    """Return the day on which the `ordinal`-th customer of the segment is born, `now` being the birth before.

    `BEFORE` for those present at the start, infinite if there is no such customer.
    """
    if ordinal < world[segment, Segment.STOCK]:
        return BEFORE
    if world[segment, Segment.RATE] <= 0.0:
        return np.inf
    now = max(now, 0.0)
    word, _, _, _ = block_of(world, identity_of(world, segment, ordinal), place_at(world, segment), 0.0, GAP)
    every = world[segment, Segment.EVERY]
    if every > 0.0:
        return now + every * np.floor(-np.log(uniform(word)) / np.log1p(world[segment, Segment.RATE] * every))
    if world[segment, Segment.FLOWS] > 0.0:
        return _in_rhythm(world, segment, now, -np.log(uniform(word)))
    return now - np.log(uniform(word)) / world[segment, Segment.RATE]


@rule
def origin_of(world: np.ndarray, segment: int, ordinal: int) -> int:
    """Where the `ordinal`-th customer of a segment comes from: those present at the start come first."""
    return STOCK if ordinal < world[segment, Segment.STOCK] else ARRIVAL


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
    """Whether somebody is still to be reached: with probability 1 - reached / market (the ceiling of Bass 1969)."""
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
    """Return the day on which the last of so many customers is born, those present at the start among them.

    Infinite if fewer are ever born.
    """
    births, ordinals = first_births(world, segments), np.zeros(segments, np.int64)
    pass_over(world, births, ordinals, customers - 1, np.inf)
    return float(births.min())
