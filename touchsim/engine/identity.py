"""Who and where: the address of a draw, put together from the two tables.

A customer's identity is (segment, ordinal within the segment), so that the same person is born in every scenario that
keeps the segment; the running number of the birth is internal and never part of an address.  Called by
every rule that draws.
"""

from __future__ import annotations

import numpy as np

from touchsim.engine.compiling import compiled, rule
from touchsim.engine.randomness import philox, word_at
from touchsim.world.layout import GENERAL, Act, General, Me, Segment

__all__ = ["block", "block_of", "facet_at", "identity_of", "is_guest", "place_at"]


@rule
def place_at(world: np.ndarray, row: int, column: int = 0) -> int:
    """Hash of the need, touchpoint or segment in a row: its first column, unless said otherwise."""
    return word_at(world, row, column)


@rule
def facet_at(world: np.ndarray, facet: int) -> int:
    """Hash of a facet."""
    return word_at(world, GENERAL, General.FACET + facet)


@rule
def identity_of(world: np.ndarray, segment: int, ordinal: int) -> np.uint64:
    """Identity of the `ordinal`-th customer of the segment in row `segment`: half the segment's hash, half ordinal.

    Ordinals count those present at the start first; they have a hash of their own, and arrivals count from 0 again, so
    that a larger stock changes nobody who arrives.
    """
    stock = np.int64(world[segment, Segment.STOCK])
    hash_, nth = word_at(world, segment, Segment.HASH), np.int64(ordinal) - stock
    if nth < 0:
        hash_, nth = word_at(world, segment, Segment.STOCK_HASH), np.int64(ordinal)
    return (hash_ >> np.uint64(32) << np.uint64(32)) | np.uint64(nth)


@rule
def block_of(world: np.ndarray, identity: int, place: int, nth: float, decision: int) -> tuple[int, int, int, int]:
    """Four words for one identity at its `nth` meeting with a place, for one decision."""
    seed, replication = word_at(world, GENERAL, General.SEED), word_at(world, GENERAL, General.REPLICATION)
    return philox(seed, replication, identity, place, np.uint64(np.int64(nth)), np.uint64(decision))


@rule
def block(
    world: np.ndarray, people: np.ndarray, i: int, place: int, nth: float, decision: int
) -> tuple[int, int, int, int]:
    """Four words for customer `i` at their `nth` meeting with a place, for one decision."""
    return block_of(world, word_at(people, i, Me.IDENTITY), place, nth, decision)


@compiled
def is_guest(world: np.ndarray, identity: int) -> bool:
    """Whether the customer about to be born is the scripted one."""
    row = int(world[GENERAL, General.SCRIPT])
    return row > 0 and word_at(world, row, Act.IDENTITY) == np.uint64(identity)
