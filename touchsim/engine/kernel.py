"""The compiled engine: an event loop over fixed buffers that stops when a buffer is full and goes on when told to.

Between two queues nothing that a customer does depends on anybody else, so a customer is *walked straight through*
until the next line, the end of the run or the leaving; only the moments of joining a line are in the calendar, a
binary heap ordered by (time, customer).  And because every line is first come first served and shifts are known, all
that happens to a joiner is known at once: service begins when the first server is on shift and free of those ahead,

    start = min over servers j of the first instant >= max(joined, next-free time of j) at which j is on shift,
    served if start <= opens + patience and start < closes, else abandoned or turned away, whichever comes first

(the recursion of Kiefer & Wolfowitz 1955 with impatience; without hours opens = joined and the line never closes).
`journey` queues people one by one instead and must come to the same bits; the tie rule is in ``docs/model.md``.

`run` lets customers be born, or calls those who stand at lines, or both, as far as it is told to; `relay` divides the
two between two runners.  Nothing is allocated in it; the caller hands full buffers to a sink and calls again.  Memory
follows the number of customers present.  Releases the GIL.
"""

from __future__ import annotations

import numpy as np

from touchsim.engine.arrivals import first, next_birth
from touchsim.engine.compiling import compiled, fetch, rule
from touchsim.engine.hours import door, on_shift
from touchsim.engine.records import write_contact, write_customer, write_unfinished
from touchsim.engine.rules import NOWHERE, be_born, begin, choose, decide, experience, find_nothing
from touchsim.engine.words import ABANDONED, CLOSED, GONE, SERVED, TURNED_AWAY, UNNOTICED
from touchsim.world.layout import GENERAL, TOUCHPOINTS, General, Me, Touch

__all__ = ["BORN", "FREE", "FULL", "LEFT", "WAITING", "WALKER", "WRITTEN", "admit", "run"]

DONE, FULL = range(2)
"""What `run` says: it has gone as far as it was told to; or `visits` or `customers` is full, empty both."""

WAITING, FREE, BORN, WALKER, CALLED, WRITTEN, LEFT = range(7)
"""Entries of `desk`, the loop's own memory: how many wait in the calendar, are free in the customers' table, were born;
who is being walked (-1 nobody) and whether that one stands at a line now; rows in `visits` and rows in `customers`."""


@rule
def _push(calendar: np.ndarray, n: int, time: float, customer: float, i: float) -> None:
    """Put (time, customer) into the calendar of `n` entries; `i` is the customer's row."""
    at = n
    while at > 0:
        above = (at - 1) >> 1
        if calendar[above, 0] < time or (calendar[above, 0] == time and calendar[above, 1] < customer):
            break
        calendar[at, 0], calendar[at, 1], calendar[at, 2] = calendar[above, 0], calendar[above, 1], calendar[above, 2]
        at = above
    calendar[at, 0], calendar[at, 1], calendar[at, 2] = time, customer, i


@rule
def _pop(calendar: np.ndarray, n: int) -> None:
    """Take the earliest out of the calendar of `n` entries."""
    n -= 1
    time, customer, i = calendar[n, 0], calendar[n, 1], calendar[n, 2]
    at = 0
    while True:
        below = 2 * at + 1
        if below >= n:
            break
        right = below + 1
        if right < n and (
            calendar[right, 0] < calendar[below, 0]
            or (calendar[right, 0] == calendar[below, 0] and calendar[right, 1] < calendar[below, 1])
        ):
            below = right
        if time < calendar[below, 0] or (time == calendar[below, 0] and customer < calendar[below, 1]):
            break
        calendar[at, 0], calendar[at, 1], calendar[at, 2] = calendar[below, 0], calendar[below, 1], calendar[below, 2]
        at = below
    calendar[at, 0], calendar[at, 1], calendar[at, 2] = time, customer, i


@rule
def _first_free(world: np.ndarray, servers: np.ndarray, k: int, joined: float) -> tuple[int, float]:
    """Which server of touchpoint `k` serves the next in line, and when: the first to be free and on shift."""
    q = k - TOUCHPOINTS
    if world[k, Touch.N_SHIFTS] == 0.0:
        server = 0
        for j in range(1, int(world[k, Touch.CAPACITY])):
            if servers[q, j] < servers[q, server]:
                server = j
        return server, max(joined, servers[q, server])
    server, start = 0, np.inf
    for j in range(int(world[k, Touch.CAPACITY])):
        if servers[q, j] < start:
            could = on_shift(world, k, j, max(joined, servers[q, j]))
            if could < start:
                server, start = j, could
    return server, start


@rule
def _join(
    world: np.ndarray, servers: np.ndarray, exits: np.ndarray, k: int, joined: float, opens: float, closes: float,
    service: float, patience: float,
) -> tuple[int, float, float]:  # fmt: skip
    """Say what becomes of one who joins the line of touchpoint `k`: outcome, start of service (or nan), end.

    `opens` and `closes` are the answer of `hours.door`; patience counts from `opens`.
    """
    q = k - TOUCHPOINTS
    server, start = _first_free(world, servers, k, joined)
    gives_up = opens + patience
    if start > joined:
        limit = world[k, Touch.LINE]
        if limit >= 0.0:
            waiting, free = 0, -1
            for j in range(int(limit)):
                if exits[q, j] > joined:
                    waiting += 1
                else:
                    free = j
            if waiting >= limit:
                return TURNED_AWAY, np.nan, joined
            exits[q, free] = min(start, gives_up, closes)
        if start > gives_up or start >= closes:
            if gives_up < closes:
                return ABANDONED, np.nan, gives_up
            return TURNED_AWAY, np.nan, closes
    servers[q, server] = start + service
    return SERVED, start, start + service


@rule
def _meet(
    world: np.ndarray, people: np.ndarray, i: int, k: int, when: float, servers: np.ndarray, exits: np.ndarray,
    visits: np.ndarray, n: int,
) -> bool:  # fmt: skip
    """Go through one contact and write it down as row `n`; False if the run ends before the contact does."""
    noticed, service, patience = begin(world, people, i, k)
    if not noticed:
        outcome, started, ended = UNNOTICED, np.nan, when
    else:
        opens, closes = door(world, people, i, k, when)
        if opens == np.inf:
            outcome, started, ended = CLOSED, np.nan, when
        elif world[k, Touch.CAPACITY] > 0.0:
            outcome, started, ended = _join(world, servers, exits, k, when, opens, closes, service, patience)
        else:
            outcome, started, ended = SERVED, opens, opens + service
    until = world[GENERAL, General.UNTIL]
    if ended >= until:
        write_unfinished(world, people, i, k, when, started if started < until else np.nan, visits, n)
        return False
    emotion = experience(world, people, i, k, outcome, started, ended)
    decision = decide(world, people, i, k, outcome, emotion)
    write_contact(world, people, i, k, outcome, when, started, ended, emotion, decision, visits, n)
    return True


@compiled
def run(
    world: np.ndarray, people: np.ndarray, free: np.ndarray, calendar: np.ndarray, births: np.ndarray,
    ordinals: np.ndarray, births_wanted: int, serve_until: float, servers: np.ndarray, exits: np.ndarray,
    visits: np.ndarray, customers: np.ndarray, desk: np.ndarray,
) -> int:  # fmt: skip
    """Go on until everybody has walked to a line or left, and nobody else is to be born or called; or a buffer is full.

    Parameters
    ----------
    world : ndarray of float64, shape (rows, columns)
        The world's table; `UNTIL`, seed and replication are set.
    people : ndarray of float64, shape (places, columns)
        The customers' table; it must hold all who are born before somebody is called.
    free : ndarray of int64, shape (places,)
        Free rows of it, a stack of ``desk[FREE]`` entries.
    calendar : ndarray of float64, shape (places, 3)
        Who joins a line next: when, which customer, which row of `people`.
    births, ordinals : ndarrays, shape (segments,)
        Next birth of each segment, and which of its customers that is.
    births_wanted : int
        Births end when so many were born.
    serve_until : float
        Those who join a line at this instant or later are left waiting.
    servers : ndarray of float64, shape (touchpoints, largest capacity)
        When each server is free next.
    exits : ndarray of float64, shape (touchpoints, longest limited line)
        When those who wait leave the line.
    visits, customers : record arrays
        Buffers of `rows.VISIT_ROW` and `rows.CUSTOMER_ROW`.
    desk : ndarray of int64, shape (7,)
        The loop's memory between calls.
    """
    until = world[GENERAL, General.UNTIL]
    first_segment = int(world[GENERAL, General.FIRST_SEGMENT])
    while True:
        i = desk[WALKER]
        while i >= 0:  # walk straight through to the next line, the end of the run, or the leaving
            if desk[WRITTEN] >= len(visits) or desk[LEFT] >= len(customers):
                return FULL
            here = people[i, Me.NEED] != GONE
            if here:
                if desk[CALLED]:
                    desk[CALLED] = 0
                    k, when = int(people[i, Me.AT]), people[i, Me.NOW]
                else:
                    k, when = choose(world, people, i)
                    if when < until:
                        if k == NOWHERE:
                            find_nothing(world, people, i)
                            continue
                        if world[k, Touch.CAPACITY] > 0.0:
                            _push(calendar, desk[WAITING], when, people[i, Me.ROW], float(i))
                            desk[WAITING] += 1
                            break
                here = when < until
                if here:
                    here = _meet(world, people, i, k, when, servers, exits, visits, desk[WRITTEN])
                    desk[WRITTEN] += 1
            if not here:
                write_customer(world, people, i, customers, desk[LEFT])
                desk[LEFT] += 1
                free[desk[FREE]] = i
                desk[FREE] += 1
                break
        g = first(births)
        called = desk[WAITING] > 0 and calendar[0, 0] < serve_until
        if desk[BORN] < births_wanted and (not called or births[g] <= calendar[0, 0]):
            desk[FREE] -= 1
            i = free[desk[FREE]]
            be_born(world, people, i, desk[BORN], first_segment + g, ordinals[g], births[g])
            desk[BORN] += 1
            ordinals[g] += 1
            births[g] = next_birth(world, first_segment + g, ordinals[g], births[g])
            desk[WALKER] = i
        elif called:
            desk[WALKER], desk[CALLED] = int(calendar[0, 2]), 1
            _pop(calendar, desk[WAITING])
            desk[WAITING] -= 1
            if desk[WAITING] > 0:  # most likely the next: meanwhile that row can come nearer
                fetch(people, int(calendar[0, 2]))
        else:
            desk[WALKER] = -1
            return DONE


@compiled
def admit(
    there: np.ndarray, free_there: np.ndarray, calendar_there: np.ndarray, desk_there: np.ndarray,
    people: np.ndarray, free: np.ndarray, calendar: np.ndarray, desk: np.ndarray,
) -> None:  # fmt: skip
    """Take over all who stand at a line in another table, with their place in its calendar; free their rows there."""
    for n in range(desk_there[WAITING]):
        desk[FREE] -= 1
        i, other = free[desk[FREE]], int(calendar_there[n, 2])
        for column in range(people.shape[1]):
            people[i, column] = there[other, column]
        _push(calendar, desk[WAITING], calendar_there[n, 0], calendar_there[n, 1], float(i))
        desk[WAITING] += 1
        free_there[desk_there[FREE] + n] = other
    desk_there[FREE] += desk_there[WAITING]
    desk_there[WAITING] = 0
