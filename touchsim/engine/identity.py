"""Who and where: the address of a draw, put together from the two tables.

A customer's identity is (segment, ordinal within the segment), so that the same person is born in every scenario that
keeps the segment; the running number of the birth is internal and never part of an address.  Places carry their
64-bit hash in two columns of 32 bits.  Called by every rule that draws.
"""

from __future__ import annotations

import numpy as np

from touchsim.engine.compiling import rule
from touchsim.engine.randomness import philox
from touchsim.world.layout import GENERAL, General, Me, Segment

__all__ = ["block", "block_of", "facet_at", "place_at"]


@rule
def _joined(high: float, low: float) -> np.uint64:
    return (np.uint64(np.int64(high)) << np.uint64(32)) | np.uint64(np.int64(low))


@rule
def place_at(world: np.ndarray, row: int, column: int = 0) -> int:
    """Hash of the need, touchpoint or segment in a row: its first two columns, unless said otherwise."""
    return _joined(world[row, column], world[row, column + 1])


@rule
def facet_at(world: np.ndarray, facet: int) -> int:
    """Hash of a facet."""
    return _joined(world[GENERAL, General.FACET_HIGH + facet], world[GENERAL, General.FACET_LOW + facet])


@rule
def block_of(
    world: np.ndarray, segment: int, ordinal: float, place: int, nth: float, decision: int
) -> tuple[int, int, int, int]:
    """Four words for the `ordinal`-th customer of the segment in row `segment`."""
    seed = _joined(world[GENERAL, General.SEED_HIGH], world[GENERAL, General.SEED_LOW])
    replication = np.uint64(np.int64(world[GENERAL, General.REPLICATION]))
    who = _joined(world[segment, Segment.HASH_HIGH], ordinal)
    return philox(seed, replication, who, place, np.uint64(np.int64(nth)), np.uint64(decision))


@rule
def block(
    world: np.ndarray, people: np.ndarray, i: int, place: int, nth: float, decision: int
) -> tuple[int, int, int, int]:
    """Four words for customer `i` at their `nth` meeting with a place, for one decision."""
    return block_of(world, int(people[i, Me.SEGMENT]), people[i, Me.ORDINAL], place, nth, decision)
