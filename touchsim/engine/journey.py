"""The readable engine: one customer, told as a story in SimPy; the rules are those of `rules`, only time passes here.

    `Shop.journey`   the story: think, go there, perhaps stand in line, be served, feel, decide
    `Shop.stays`     between two contacts: read what the brand has sent, wait for the next moment of one's own
    `Shop.midnights` what was said is published, and the referred of the day are born
    `Line`           first come first served, with patience; who is called, who gives up, who is turned away
    `Clock`          SimPy's environment with events at *absolute* times, ordered by the one tie rule

**The tie rule.** At the same instant an end of service comes before an arrival without a line, that before a call of
the first in line (one at a time, to the lowest number among idle servers on shift), that before closing, that before a
patience that runs out, that before a joining; then the customer's running number decides; births come first and
consequences happen at once; midnight comes before everything.  So patience that ends at the very instant at which a
server becomes free is served.
The `kernel` never queues anybody and must write the same rows, bit for bit.
"""

from __future__ import annotations

from bisect import insort
from collections import deque
from collections.abc import Callable, Generator
from heapq import heappush
from typing import Any

import numpy as np
import simpy

from touchsim.engine.arrivals import first, first_births, is_left_in_market, next_birth, origin_of
from touchsim.engine.hours import door, on_shift
from touchsim.engine.identity import identity_of
from touchsim.engine.randomness import word_at
from touchsim.engine.records import write_contact, write_customer, write_unfinished
from touchsim.engine.rules import be_born, begin, choose, decide, experience, hand_over, pass_by, send
from touchsim.engine.voice import Opinion
from touchsim.engine.words import ABANDONED, CLOSED, GONE, REFERRAL, SERVED, TURNED_AWAY, UNNOTICED
from touchsim.world.layout import GENERAL, TOUCHPOINTS, General, Me, Touch

__all__ = ["Book", "Clock", "Line", "Shop"]

MIDNIGHT, BIRTH, END, DWELL, CALL, CLOSE, RENEGE, JOIN = range(8)
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
    world : ndarray of float64, shape (rows, columns)
        The world's table.
    k : int
        Row of the touchpoint.
    """

    def __init__(self, clock: Clock, world: np.ndarray, k: int) -> None:
        self.clock, self.world, self.k, self.limit = clock, world, k, float(world[k, Touch.LINE])
        self.idle = list(range(int(world[k, Touch.CAPACITY])))  # servers, lowest number first
        self.serves: dict[int, int] = {}
        self.waiting: deque[tuple[int, simpy.Event]] = deque()
        self.next_call = self.next_closing = np.inf

    def join(self, who: int, opens: float, closes: float, patience: float) -> simpy.Event | None:
        """Stand in line: the event of one's turn, whose value is the outcome; None if served at once."""
        if self._serve(who):
            return None
        turn = simpy.Event(self.clock)
        if 0 <= self.limit <= len(self.waiting):
            return turn.succeed(TURNED_AWAY)
        self.waiting.append((who, turn))
        if patience != np.inf:
            self.clock.at(opens + patience, RENEGE, who).callbacks.append(lambda _: self._give_up(who, turn))
        if closes not in (np.inf, self.next_closing):
            self.next_closing = closes
            self.clock.at(closes, CLOSE, self.k).callbacks.append(lambda _: self._close())
        self._plan_call()
        return turn

    def leave(self, who: int) -> None:
        """Go, and let the next in line be called."""
        insort(self.idle, self.serves.pop(who))
        self._plan_call()

    def _serve(self, who: int) -> bool:
        """Take the first idle server who is on shift now, if there is one."""
        for server in self.idle:
            if on_shift(self.world, self.k, server, self.clock.now) == self.clock.now:
                self.idle.remove(server)
                self.serves[who] = server
                return True
        return False

    def _plan_call(self) -> None:
        """Call whoever is first in line at the next instant at which an idle server is on shift."""
        if self.waiting and self.idle:
            when = min(on_shift(self.world, self.k, server, self.clock.now) for server in self.idle)
            if when < self.next_call:
                self.next_call = when
                self.clock.at(when, CALL, self.k).callbacks.append(lambda _: self._call())

    def _call(self) -> None:
        """Call one; whether there is a server for the next is seen after a service that takes no time."""
        self.next_call = np.inf
        if self.waiting and self._serve(self.waiting[0][0]):
            self.waiting.popleft()[1].succeed(SERVED)
        self._plan_call()

    def _close(self) -> None:
        """Close the doors on all who are still waiting."""
        while self.waiting:
            self.waiting.popleft()[1].succeed(TURNED_AWAY)

    def _give_up(self, who: int, turn: simpy.Event) -> None:
        if not turn.triggered:
            self.waiting.remove((who, turn))
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

    def write(self, shop: Shop, how: Callable[..., bool | None], *what: Any) -> None:
        """Write one row with a function that may say False: nothing was written after all."""
        if self.n == len(self.rows):
            self.close()
        if how(shop.world, shop.people, *what, self.rows, self.n) is not False:
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
            k: Line(self.clock, world, k)
            for k in range(TOUCHPOINTS, int(world[GENERAL, General.LAST_TOUCHPOINT]))
            if world[k, Touch.CAPACITY] > 0
        }
        self.under_way: dict[int, tuple[int, float, float]] = {}
        self.until, self.born = float(world[GENERAL, General.UNTIL]), 0
        self.opinion, self.referral = Opinion(world), np.empty((1, 3))

    def journey(self, me: int, number: int) -> Steps:
        """One customer's story, from the first need to the leaving; `me` is the row, `number` the order of birth."""
        world, clock = self.world, self.clock
        while (yield from self.stays(me, number)):
            place, when = choose(world, self.people, me)
            line = self.lines.get(place)
            self.read(me, when)  # on the way
            yield clock.at(when, JOIN if line else DWELL, number)  # thinks, and goes there
            if place < 0:
                pass_by(world, self.people, me)  # nothing was reached, or a rival, or there is no need to ask
                self.listen(me)
                continue
            noticed, service, patience = begin(world, self.people, me, place)
            outcome, started = SERVED if noticed else UNNOTICED, np.nan
            opens, closes = door(world, self.people, me, place, when)
            self.under_way[me] = place, when, started
            if noticed and opens == np.inf:
                outcome = CLOSED
            elif noticed and line:
                turn = line.join(number, opens, closes, patience)
                outcome = SERVED if turn is None else (yield turn)  # stands in line
            elif noticed and opens > when:
                yield clock.at(opens, DWELL, number)  # waits for the opening
            if outcome == SERVED:
                started = clock.now
                self.under_way[me] = place, when, started
                yield clock.at(started + service, END if line else DWELL, number)  # is served
                if line:
                    line.leave(number)
            need = int(self.people[me, Me.NEED])
            emotion = experience(world, self.people, me, place, outcome, started, clock.now, need)
            decision = decide(world, self.people, me, place, outcome, emotion)
            del self.under_way[me]
            self.visits.write(self, write_contact, me, place, outcome, when, started, clock.now, emotion, decision)
            self.listen(me)
        self.customers.write(self, write_customer, me)
        self.people[me, Me.ROW] = -1.0
        self.free.append(me)

    def stays(self, me: int, number: int) -> Generator[simpy.Event, Any, bool]:
        """Read what comes until the next moment of one's own, and wait for that; False if there is none any more."""
        while True:
            gone = self.people[me, Me.NEED] == GONE
            moment = self.until if gone else float(self.people[me, Me.NOW])
            if self.people[me, Me.DUE] < min(moment, self.until):
                self.visits.write(self, send, me)  # which may bring back one who had gone
                self.listen(me)
            elif gone:
                return False
            else:
                if moment > self.clock.now:  # a refund to wait for, or the next need
                    yield self.clock.at(moment, DWELL, number)
                return True

    def read(self, me: int, moment: float) -> None:
        """Read what the brand has sent before this moment."""
        while self.people[me, Me.DUE] < min(moment, self.until):
            self.visits.write(self, send, me)
            self.listen(me)

    def listen(self, me: int) -> None:
        """Take down what a customer says to others."""
        if hand_over(self.people, me, self.opinion.tally, self.referral, 0):
            self.opinion.expect(self.referral.copy())

    def birth(self, identity: Any, segment: int, origin: int, time: float) -> None:
        """Let somebody be born, if the market is not exhausted."""
        if is_left_in_market(self.world, identity, segment):
            me, number = self._place(), self.born
            be_born(self.world, self.people, me, number, segment, identity, origin, time)
            self.born += 1
            self.clock.process(self.journey(me, number))

    def births(self) -> Steps:
        """Let customers be born, each segment at its own rate."""
        first_segment = int(self.world[GENERAL, General.FIRST_SEGMENT])
        segments = int(self.world[GENERAL, General.LAST_SEGMENT]) - first_segment
        ordinals = [0] * segments
        times = first_births(self.world, segments)
        for _ in range(self.customers_wanted):
            g = first(times)
            if times[g] >= self.births_until:
                return
            yield self.clock.at(max(times[g], 0.0), BIRTH, g)
            identity = np.uint64(identity_of(self.world, first_segment + g, ordinals[g]))
            origin = origin_of(self.world, first_segment + g, ordinals[g])
            self.birth(identity, first_segment + g, origin, max(times[g], 0.0))
            ordinals[g] += 1
            times[g] = next_birth(self.world, first_segment + g, ordinals[g], times[g])

    def guest(self, time: float, identity: Any, segment: int, order: int) -> Steps:
        """Let a referred customer be born."""
        yield self.clock.at(time, BIRTH, order)
        self.birth(identity, segment, int(REFERRAL), time)

    def midnights(self) -> Steps:
        """Publish what was said, day by day, and expect whom it brings."""
        for day in range(len(self.opinion.tally)):
            yield self.clock.at(float(day), MIDNIGHT, 0)
            guests = self.opinion.publish(day, self.born)
            for n in range(len(guests)):
                order = int(self.world[GENERAL, General.LAST_SEGMENT]) + n
                self.clock.process(self.guest(guests[n, 0], np.uint64(word_at(guests, n, 1)), int(guests[n, 2]), order))

    def open(self) -> None:
        """Run until `UNTIL`; then write down the contacts and the customers still there."""
        self.people[:, Me.ROW] = -1.0
        self.clock.process(self.midnights())
        self.clock.process(self.births())
        while self.clock.peek() < self.until:
            self.clock.step()
        for me, (place, when, started) in self.under_way.items():
            self.visits.write(self, write_unfinished, me, place, when, started)
        for present in np.flatnonzero(self.people[:, Me.ROW] >= 0.0):
            self.read(int(present), self.until)
            self.customers.write(self, write_customer, int(present))

    def _place(self) -> int:
        """Find a free row of the customers' table; twice as many when all are taken."""
        if not self.free:
            n = len(self.people)
            self.people = np.concatenate([self.people, np.full_like(self.people, -1.0)])
            self.free = list(range(2 * n - 1, n - 1, -1))
        return self.free.pop()
