"""Drive the compiled engine: a relay in which newcomers are walked ahead, on as many cores as there are.

Until customers stand in their first line, nothing about them depends on anybody else.  So births are cut into blocks,
and each block is walked by itself: every newcomer to the first line, or to the end, for most never stand in one.  The
anchor then takes over those who stand at a line and calls them in the order of time, as far as the first birth of the
next block.  A newcomer is walked in one row of a table that never leaves the processor's cache; and blocks may be
walked in any order and on any core while the anchor runs.  Blocks begin small, so that the anchor soon has work, and
grow, so that little is said between the two.

What is written down, and in which order, does not depend on how many cores there are.  Called by `simulation`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import takewhile
from queue import SimpleQueue
from typing import NamedTuple

import numpy as np

from touchsim.engine.arrivals import first_births, pass_over
from touchsim.engine.columns import columns_of
from touchsim.engine.kernel import (
    ASKED,
    BORN,
    DESK,
    FREE,
    FULL,
    LEFT,
    REFERRED,
    ROOM,
    TAKEN,
    WAITING,
    WALKER,
    WRITTEN,
    admit,
    run,
)  # fmt: skip
from touchsim.log.rows import CUSTOMER_ROW, VISIT_ROW
from touchsim.world.blueprint import Blueprint
from touchsim.world.layout import TOUCHPOINTS, Touch

__all__ = ["Columns", "Runner", "run_relay"]

_CHUNK = 65_536
_SMALLEST, _LARGEST = 512, 8_192  # births in a block
_STANDING = 16_384  # places for those who stand at a line; the rows of places never taken cost nothing
_WALKERS, _AHEAD = 3, 4  # who walk, and blocks ahead of the anchor for each; more would cost memory
Columns = dict[str, np.ndarray]


class _Start(NamedTuple):
    """Where a block begins: customers born before, the births to come, and how many belong to it."""

    born: int
    births: np.ndarray
    ordinals: np.ndarray
    size: int
    until: float


class _Block(NamedTuple):
    """What became of a block: who walked it, what was written down before the last rows, when the next block begins."""

    runner: Runner
    written: list[tuple[Columns, Columns]]
    next_birth: float


class Runner:
    """The memory of one who runs: customers' table, calendar, births, lines and buffers (see `kernel.run`)."""

    def __init__(self, plan: Blueprint, places: int, tally: np.ndarray | None = None) -> None:
        self.world, shape = plan.table, plan.table[TOUCHPOINTS : TOUCHPOINTS + len(plan.touchpoints)]
        self.people, self.calendar = np.empty((places, plan.width)), np.empty((places, 3))
        self.free = np.arange(places - 1, -1, -1, dtype=np.int64)
        self.births, self.ordinals = np.full(len(plan.segments) + 1, np.inf), np.zeros(len(plan.segments), np.int64)
        self.servers = np.zeros((len(shape), max(1, int(shape[:, Touch.CAPACITY].max()))))
        self.exits = np.full((len(shape), max(1, int(shape[:, Touch.LINE].max()))), -np.inf)
        self.contacts, self.left = np.empty(_CHUNK, VISIT_ROW), np.empty(_CHUNK, CUSTOMER_ROW)
        self.guests = np.empty((0, 3))
        self.tally = np.zeros((0, 7), np.int64) if tally is None else tally
        self.referrals = np.empty((1 if tally is None else _CHUNK, 3))
        self.desk = np.zeros(DESK, dtype=np.int64)
        self.desk[FREE], self.desk[WALKER] = places, -1

    def go(
        self, births_wanted: int, serve_until: float, births_before: float = np.inf, midnight: float = np.inf
    ) -> Iterator[tuple[Columns, Columns]]:
        """Run as far as told; yield what was written down whenever a buffer is full."""
        while True:
            said = run(self.world, self.people, self.free, self.calendar, self.births, self.ordinals, births_wanted,
                       births_before, serve_until, midnight, self.guests, self.servers, self.exits, self.contacts,
                       self.left, self.tally, self.referrals, self.desk)  # fmt: skip
            if said == ROOM:
                self.grow()
            elif said == FULL:
                yield self.written()
            else:
                return

    def written(self) -> tuple[Columns, Columns]:
        """Take what is in the buffers."""
        found = columns_of(self.contacts[: self.desk[WRITTEN]]), columns_of(self.left[: self.desk[LEFT]])
        self.desk[WRITTEN] = self.desk[LEFT] = 0
        return found

    def referred(self) -> np.ndarray:
        """Take the referrals, shape (n, 3)."""
        found = self.referrals[: self.desk[REFERRED]].copy()
        self.desk[REFERRED] = 0
        return found

    def invite(self, guests: np.ndarray) -> None:
        """Take the referred customers who will be born next, in order of time, shape (n, 3)."""
        self.guests, self.desk[TAKEN] = guests, 0
        self.births[-1] = guests[0, 0] if len(guests) else np.inf

    def walk(self, start: _Start, over: list[bool]) -> _Block:
        """Walk a block of newcomers to their first line; stop short when all is `over`, as after an interruption."""
        self.births[:-1], self.ordinals[:] = start.births, start.ordinals
        self.desk[BORN] = self.desk[ASKED] = start.born
        steps = self.go(start.born + start.size, -np.inf)
        return _Block(self, list(takewhile(lambda _: not over, steps)), start.until)

    def grow(self) -> None:
        """Double the customers' table."""
        places = len(self.people)
        for table in ("people", "calendar"):
            old = getattr(self, table)
            setattr(self, table, np.empty((2 * places, old.shape[1])))
            getattr(self, table)[:places] = old
        more = np.arange(2 * places - 1, places - 1, -1, dtype=np.int64)
        self.free = np.concatenate([self.free[: self.desk[FREE]], more, np.empty(places - self.desk[FREE], int)])
        self.desk[FREE] += places

    def take_over(self, other: Runner) -> None:
        """Take those who stand at a line elsewhere; enlarge the customers' table when they are too many for it."""
        while self.desk[FREE] < other.desk[WAITING]:
            self.grow()
        admit(other.people, other.free, other.calendar, other.desk, self.people, self.free, self.calendar, self.desk)


class _Births:
    """The births still to come, cut into blocks."""

    def __init__(self, plan: Blueprint, wanted: int, until: float) -> None:
        self.table, self.wanted, self.until, self.born = plan.table, wanted, until, 0
        self.days = first_births(plan.table, len(plan.segments))
        self.ordinals = np.zeros(len(plan.segments), np.int64)

    def block(self, size: int) -> _Start | None:
        """Cut off the next block of so many births at most; None if nobody else is born."""
        if self.born >= self.wanted or self.days.min() >= self.until:
            return None
        days, ordinals = self.days.copy(), self.ordinals.copy()
        n = pass_over(self.table, self.days, self.ordinals, min(size, self.wanted - self.born), self.until)
        self.born += n
        over = self.born >= self.wanted or self.days.min() >= self.until
        return _Start(self.born - n, days, ordinals, n, np.inf if over else float(self.days.min()))

    def blocks(self, largest: int) -> Iterator[_Start]:
        """Yield blocks that grow up to so many births."""
        size = min(2 * _SMALLEST, largest)
        while (start := self.block(size)) is not None:
            yield start
            size = min(2 * size, largest)


def _ahead(
    walk: Callable[[_Start], _Block], starts: Iterator[_Start], walkers: int, over: list[bool]
) -> Iterator[_Block]:
    """Yield block after block, walked by others ahead of time; whoever would have to wait for one walks a later one.

    In the end, also after an interruption, `over` is told so, and walkers stop.
    """
    coming: deque[tuple[_Start, Future[_Block]]] = deque()

    def help_out() -> bool:
        for place, (start, future) in enumerate(coming):
            if future.cancel():  # nobody has begun with it
                done: Future[_Block] = Future()
                done.set_result(walk(start))
                coming[place] = start, done
                return True
        return False

    pool = ThreadPoolExecutor(walkers)
    try:
        while True:
            while len(coming) < _AHEAD * walkers and (start := next(starts, None)) is not None:
                coming.append((start, pool.submit(walk, start)))
            if not coming:
                return
            while not coming[0][1].done() and help_out():
                pass
            yield coming.popleft()[1].result()
    finally:
        over.append(True)
        pool.shutdown(cancel_futures=True)


def run_relay(
    plan: Blueprint, wanted: int, births_until: float, visits: Callable[[Columns], None],
    customers: Callable[[Columns], None], *, cores: int,
) -> None:  # fmt: skip
    """Let customers live through a world.

    Parameters
    ----------
    plan : Blueprint
        The world; `UNTIL`, seed and replication are set.
    wanted, births_until : int, float
        Births end with this many customers, or with this day.
    visits, customers : callable
        Take the columns of finished rows.
    cores : int
        With two or more, newcomers walk on cores of their own.
    """
    idle: SimpleQueue[Runner] = SimpleQueue()
    walkers = min(cores - 1, _WALKERS)
    for _ in range(_AHEAD * walkers + 1):
        idle.put(Runner(plan, _LARGEST))

    over: list[bool] = []

    def walk(start: _Start) -> _Block:
        return idle.get().walk(start, over)

    def write(written: tuple[Columns, Columns]) -> int:
        visits(written[0])
        customers(written[1])
        return len(written[0]["customer"])

    def take(block: _Block) -> int:
        """Write down a block, let the anchor run up to the next; return the rows of the block."""
        rows = sum(write(written) for written in (*block.written, block.runner.written()))
        anchor.take_over(block.runner)
        idle.put(block.runner)
        for written in anchor.go(0, block.next_birth):
            write(written)
        return rows

    anchor = Runner(plan, _STANDING)
    births = _Births(plan, wanted, births_until)
    if (start := births.block(_SMALLEST)) is not None:
        rows = take(walk(start))  # how much a newcomer leaves to be written bounds what a block may hold
        starts = births.blocks(max(1, min(_LARGEST, _CHUNK * start.size // max(rows, 1))))
        for block in _ahead(walk, starts, walkers, over) if walkers else map(walk, starts):
            take(block)
    write(anchor.written())
