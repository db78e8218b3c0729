"""The compiled engine: an event loop over fixed buffers that stops when a buffer is full and goes on when told to.

Between two queues nothing that a customer does depends on anybody else, so a customer is *walked straight through*
until the next line, the end of the run or the leaving; only the moments of joining a line are in the calendar, a
binary heap ordered by (time, customer).  And because every line is first come first served and shifts are known, all
that happens to a joiner is known at once: service begins when the first server is on shift and free of those ahead,

    start = min over servers j of the first instant >= max(joined, next-free time of j) at which j is on shift,
    served if start <= opens + patience and start < closes, else abandoned or turned away, whichever comes first

(the recursion of Kiefer & Wolfowitz 1955 with impatience; without hours opens = joined and the line never closes).
`journey` queues people one by one instead and must come to the same bits; the tie rule is in ``docs/model.md``.

Where people hear of each other (reviews, referrals, a market that fills) nobody may choose before it is midnight what
was said until then: whoever would choose at `midnight` or later waits in the calendar, too, and `days` runs day by day.

`run` lets customers be born, or calls those who stand at lines, or both, as far as it is told to; `relay` divides the
two between two runners.  Nothing is allocated in it; the caller hands full buffers to a sink and calls again.  Memory
follows the number of customers present.  Releases the GIL.
"""

from __future__ import annotations

import numpy as np

from touchsim.engine.arrivals import first, is_left_in_market, next_birth, origin_of
from touchsim.engine.compiling import compiled, fetch, rule
from touchsim.engine.hours import door, on_shift
from touchsim.engine.identity import identity_of
from touchsim.engine.randomness import word_at
from touchsim.engine.records import write_contact, write_customer, write_unfinished
from touchsim.engine.rules import (
    COMING,
    OVER,
    be_born,
    begin,
    choose,
    decide,
    experience,
    hand_over,
    pass_by,
    send,
)  # fmt: skip
from touchsim.engine.words import ABANDONED, CLOSED, GONE, REFERRAL, SERVED, TURNED_AWAY, UNNOTICED
from touchsim.world.layout import GENERAL, TOUCHPOINTS, General, Me, Touch

__all__ = ["ASKED", "BORN", "DESK", "FREE", "FULL", "LEFT", "REFERRED", "ROOM", "TAKEN", "WAITING", "WALKER", "WRITTEN"]
__all__ += ["admit", "run"]

DONE, FULL, ROOM = range(3)
"""What `run` says: it has gone as far as it was told to; a buffer is full, empty all; the customers' table is full."""

WAITING, FREE, BORN, ASKED, WALKER, WRITTEN, LEFT, REFERRED, TAKEN = range(9)
"""Entries of `desk`, the loop's own memory: how many wait in the calendar, are free in the customers' table, were born,
would have been born in an endless market; who is being walked (-1 nobody); rows in `visits`, in `customers`, in
`referrals`; rows taken of `guests`."""
DESK = 9


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
) -> None:  # fmt: skip
    """Go through one contact and write it down as row `n`; if the run ends before the contact does, it is over."""
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
        people[i, Me.STEP] = OVER
        return
    emotion = experience(world, people, i, k, outcome, started, ended, int(people[i, Me.NEED]))
    decision = decide(world, people, i, k, outcome, emotion)
    write_contact(world, people, i, k, outcome, when, started, ended, emotion, decision, visits, n)


@compiled
def run(
    world: np.ndarray, people: np.ndarray, free: np.ndarray, calendar: np.ndarray, births: np.ndarray,
    ordinals: np.ndarray, births_wanted: int, births_before: float, serve_until: float, midnight: float,
    guests: np.ndarray, servers: np.ndarray, exits: np.ndarray, visits: np.ndarray, customers: np.ndarray,
    tally: np.ndarray, referrals: np.ndarray, desk: np.ndarray,
) -> int:  # fmt: skip
    """Go on until everybody has walked to a line or left, and nobody else is to be born or called; or a buffer is full.

    Parameters
    ----------
    world : ndarray of float64, shape (rows, columns)
        The world's table; `UNTIL`, seed and replication are set.
    people : ndarray of float64, shape (places, columns)
        The customers' table.
    free : ndarray of int64, shape (places,)
        Free rows of it, a stack of ``desk[FREE]`` entries.
    calendar : ndarray of float64, shape (places, 3)
        Who joins a line, or chooses on a later day: when, which customer, which row of `people`.
    births : ndarray, shape (segments + 1,)
        Next birth of each segment, and of the next guest.
    ordinals : ndarray, shape (segments,)
        Which of its customers the next one of each segment is.
    births_wanted, births_before : int, float
        Births of segments end when so many would have been born, and before this instant.
    serve_until : float
        Those who join a line, or wait to choose, at this instant or later are left waiting.
    midnight : float
        Nobody chooses at this instant or later.
    guests : ndarray of float64, shape (n, 3)
        Referred customers to be born: when, identity (a word), row of the segment; in order of time.
    servers : ndarray of float64, shape (touchpoints, largest capacity)
        When each server is free next.
    exits : ndarray of float64, shape (touchpoints, longest limited line)
        When those who wait leave the line.
    visits, customers : record arrays
        Buffers of `rows.VISIT_ROW` and `rows.CUSTOMER_ROW`.
    tally : ndarray of int64, shape (days, columns)
        What was said on each day (see `voice`).
    referrals : ndarray of float64, shape (rows, 3)
        Buffer of referrals, in the form of `guests`.
    desk : ndarray of int64, shape (DESK,)
        The loop's memory between calls.
    """
    first_segment = int(world[GENERAL, General.FIRST_SEGMENT])
    spoken = world[GENERAL, General.VOICE] > 0.0
    segments, until = len(ordinals), world[GENERAL, General.UNTIL]
    called = desk[WALKER] < -1
    while True:
        i = desk[WALKER]
        while i >= 0:  # walk straight through to the next line, the next day, the end of the run, or the leaving
            if desk[WRITTEN] >= len(visits) or desk[LEFT] >= len(customers) or desk[REFERRED] >= len(referrals):
                desk[WALKER] = -2 - i if called else i
                return FULL
            step, gone = people[i, Me.STEP], people[i, Me.NEED] == GONE
            moment = until if gone or step == OVER else min(people[i, Me.NOW], until)
            if people[i, Me.DUE] < moment:  # what the brand has sent comes first
                if send(world, people, i, visits, desk[WRITTEN]):
                    desk[WRITTEN] += 1
                    if spoken:  # asked for a review
                        desk[REFERRED] = hand_over(people, i, tally, referrals, desk[REFERRED])
                continue
            if gone or moment >= until:
                write_customer(world, people, i, customers, desk[LEFT])
                desk[LEFT] += 1
                free[desk[FREE]] = i
                desk[FREE] += 1
                break
            k = int(people[i, Me.AT])
            at_line = step == COMING and k >= 0 and world[k, Touch.CAPACITY] > 0.0 and not called
            if at_line or (step != COMING and moment >= midnight):
                _push(calendar, desk[WAITING], people[i, Me.NOW], people[i, Me.ROW], float(i))
                desk[WAITING] += 1
                break
            if step != COMING:
                choose(world, people, i)
                continue
            called = False
            if k < 0:
                pass_by(world, people, i)
            else:
                _meet(world, people, i, k, people[i, Me.NOW], servers, exits, visits, desk[WRITTEN])
                desk[WRITTEN] += 1
            if spoken:
                desk[REFERRED] = hand_over(people, i, tally, referrals, desk[REFERRED])
        if i < -1:  # somebody was called to a line when a buffer was full
            desk[WALKER], called = -2 - i, True
            continue
        called = False
        g = first(births)
        some = desk[WAITING] > 0 and calendar[0, 0] < serve_until
        more = births[g] < births_before and desk[ASKED] < births_wanted
        if not more and births[segments] < midnight:  # guests come until the run ends, whoever else does
            g, more = segments, True
        if more and (not some or births[g] <= calendar[0, 0]):
            if desk[FREE] == 0:
                desk[WALKER] = -1
                return ROOM
            if g == segments:
                guest, born = desk[TAKEN], births[g]
                segment, identity, origin = int(guests[guest, 2]), word_at(guests, guest, 1), REFERRAL
                desk[TAKEN] += 1
                births[g] = guests[guest + 1, 0] if guest + 1 < len(guests) else np.inf
            else:
                segment, born = first_segment + g, births[g]
                identity, origin = identity_of(world, segment, ordinals[g]), origin_of(world, segment, ordinals[g])
                desk[ASKED] += 1
                ordinals[g] += 1
                births[g] = next_birth(world, segment, ordinals[g], born)
            desk[WALKER] = -1
            if is_left_in_market(world, identity, segment):
                desk[FREE] -= 1
                i = free[desk[FREE]]
                be_born(world, people, i, desk[BORN], segment, identity, origin, max(born, 0.0))
                desk[BORN] += 1
                desk[WALKER] = i
        elif some:
            desk[WALKER] = int(calendar[0, 2])
            called = people[desk[WALKER], Me.STEP] == COMING
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
