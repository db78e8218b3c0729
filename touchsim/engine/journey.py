"""The readable engine: one customer, told as a story in SimPy; the rules are those of `rules`, only time passes here.

    `Shop.journey`   the story: think, go there, perhaps stand in line, be served, feel, decide
    `Line`           first come first served, with patience; who is called, who gives up, who is turned away
    `Clock`          SimPy's environment with events at *absolute* times, ordered by the one tie rule

**The tie rule.** At the same instant an end of service comes before an arrival without a line, that before a
patience that runs out, that before a joining; then the customer's running number decides; births come first and
consequences happen at once.  So patience that ends at the very instant at which a server becomes free is served.
The `kernel` never queues anybody and must write the same rows, bit for bit.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator
from heapq import heappush
from typing import Any

import numpy as np
import simpy

from touchsim.engine.arrivals import first, first_births, next_birth
from touchsim.engine.records import write_contact, write_customer, write_unfinished
from touchsim.engine.rules import NOWHERE, be_born, begin, choose, decide, experience, find_nothing
from touchsim.engine.words import ABANDONED, GONE, SERVED, TURNED_AWAY, UNNOTICED
from touchsim.world.layout import GENERAL, TOUCHPOINTS, General, Me, Touch

__all__ = ["Book", "Clock", "Line", "Shop"]

BIRTH, END, DWELL, RENEGE, JOIN = range(1, 6)
_KIND = 1 << 48

Steps = Generator[simpy.Event, Any, None]


class Clock(simpy.Environment):
    """SimPy's environment, with events at absolute times; equal times are ordered by kind, then customer."""

    def at(self, time: float, kind: int, who: int) -> simpy.Event:
        """Return the event of one kind for one customer at this time."""
        event = simpy.Event(self)
        event._ok, event._value = True, None
        heappush(self._queue, (time, kind * _KIND + who, next(self._eid), event))
        return event


class Line:
    """A touchpoint with limited capacity: so many are served at a time, the others wait in order, as they can bear.

    Parameters
    ----------
    clock : Clock
    capacity : int
        How many are served at once.
    limit : float
        How many may wait; negative = any number.
    """

    def __init__(self, clock: Clock, capacity: int, limit: float) -> None:
        self.clock, self.free, self.limit = clock, capacity, limit
        self.waiting: deque[simpy.Event] = deque()

    def join(self, who: int, patience: float) -> simpy.Event | None:
        """Stand in line: the event of one's turn, whose value is the outcome; None if served at once."""
        if self.free:
            self.free -= 1
            return None
        turn = simpy.Event(self.clock)
        if 0 <= self.limit <= len(self.waiting):
            return turn.succeed(TURNED_AWAY)
        self.waiting.append(turn)
        if patience != np.inf:
            self.clock.at(self.clock.now + patience, RENEGE, who).callbacks.append(lambda _: self._give_up(turn))
        return turn

    def leave(self) -> None:
        """Go, and call the next in line."""
        if self.waiting:
            self.waiting.popleft().succeed(SERVED)
        else:
            self.free += 1

    def _give_up(self, turn: simpy.Event) -> None:
        if not turn.triggered:
            self.waiting.remove(turn)
            turn.succeed(ABANDONED)


class Book:
    """A buffer of rows that hands itself to a sink when it is full.

    Parameters
    ----------
    dtype : numpy.dtype
        `rows.VISIT_ROW` or `rows.CUSTOMER_ROW`.
    sink : callable
        Takes an array of finished rows, which is used again afterwards.
    """

    def __init__(self, dtype: np.dtype[np.void], sink: Callable[[np.ndarray], None], length: int = 16_384) -> None:
        self.rows, self.n, self.sink = np.zeros(length, dtype), 0, sink

    def write(self, shop: Shop, how: Callable[..., None], *what: Any) -> None:
        """Write one row with a function of `records`."""
        if self.n == len(self.rows):
            self.close()
        how(shop.world, shop.people, *what, self.rows, self.n)
        self.n += 1

    def close(self) -> None:
        """Hand over what is there."""
        self.sink(self.rows[: self.n])
        self.n = 0


class Shop:
    """A world under way: its tables, its clock, its lines and its two books.

    Parameters
    ----------
    world : ndarray of float64, shape (rows, columns)
        The world's table; `UNTIL`, seed and replication are set.
    width : int
        Columns of the customers' table.
    customers_wanted, births_until : int, float
        Births end with this many customers, or with this day.
    visits, customers : Book
        Where rows are written down.
    """

    def __init__(
        self, world: np.ndarray, width: int, customers_wanted: int, births_until: float, visits: Book, customers: Book
    ) -> None:
        self.world, self.visits, self.customers = world, visits, customers
        self.customers_wanted, self.births_until = customers_wanted, births_until
        self.people = np.zeros((1024, width))
        self.free = list(range(1023, -1, -1))
        self.clock = Clock()
        self.lines = {
            k: Line(self.clock, int(world[k, Touch.CAPACITY]), float(world[k, Touch.LINE]))
            for k in range(TOUCHPOINTS, int(world[GENERAL, General.LAST_TOUCHPOINT]))
            if world[k, Touch.CAPACITY] > 0
        }
        self.under_way: dict[int, tuple[int, float, float]] = {}

    def journey(self, me: int, number: int) -> Steps:
        """One customer's story, from the first need to the leaving; `me` is the row, `number` the order of birth."""
        world, clock = self.world, self.clock
        while self.people[me, Me.NEED] != GONE:
            place, when = choose(world, self.people, me)
            line = self.lines.get(place)
            yield clock.at(when, JOIN if line else DWELL, number)  # thinks, and goes there
            if place == NOWHERE:
                find_nothing(world, self.people, me)
                continue
            noticed, service, patience = begin(world, self.people, me, place)
            outcome, started = SERVED if noticed else UNNOTICED, np.nan
            self.under_way[me] = place, when, started
            if noticed:
                turn = line.join(number, patience) if line else None
                outcome = SERVED if turn is None else (yield turn)  # stands in line
            if outcome == SERVED:
                started = clock.now
                self.under_way[me] = place, when, started
                yield clock.at(started + service, END if line else DWELL, number)  # is served
                if line:
                    line.leave()
            emotion = experience(world, self.people, me, place, outcome, started, clock.now)
            decision = decide(world, self.people, me, place, outcome, emotion)
            del self.under_way[me]
            self.visits.write(self, write_contact, me, place, outcome, when, started, clock.now, emotion, decision)
        self.customers.write(self, write_customer, me)
        self.people[me, Me.ROW] = -1.0
        self.free.append(me)

    def births(self) -> Steps:
        """Let customers be born, each segment at its own rate."""
        first_segment = int(self.world[GENERAL, General.FIRST_SEGMENT])
        segments = int(self.world[GENERAL, General.LAST_SEGMENT]) - first_segment
        ordinals = [0] * segments
        times = first_births(self.world, segments)
        for number in range(self.customers_wanted):
            g = first(times)
            if times[g] >= self.births_until:
                return
            yield self.clock.at(max(times[g], 0.0), BIRTH, g)
            me = self._place()
            be_born(self.world, self.people, me, number, first_segment + g, ordinals[g], times[g])
            self.clock.process(self.journey(me, number))
            ordinals[g] += 1
            times[g] = next_birth(self.world, first_segment + g, ordinals[g], times[g])

    def open(self) -> None:
        """Run until `UNTIL`; then write down the contacts and the customers still there."""
        until = float(self.world[GENERAL, General.UNTIL])
        self.people[:, Me.ROW] = -1.0
        self.clock.process(self.births())
        while self.clock.peek() < until:
            self.clock.step()
        for me, (place, when, started) in self.under_way.items():
            self.visits.write(self, write_unfinished, me, place, when, started)
        for present in np.flatnonzero(self.people[:, Me.ROW] >= 0.0):
            self.customers.write(self, write_customer, int(present))

    def _place(self) -> int:
        """Find a free row of the customers' table; twice as many when all are taken."""
        if not self.free:
            n = len(self.people)
            self.people = np.concatenate([self.people, np.full_like(self.people, -1.0)])
            self.free = list(range(2 * n - 1, n - 1, -1))
        return self.free.pop()
