"""When doors open and close and who is on shift: the arithmetic of the week that both engines call.

A touchpoint with opening hours has two short tables below the world's rows, in minutes from the beginning of the week
in which the run starts (`world.hours` reads them, `world.blueprint` writes them):

    sessions    [opens, closes)               from opening to closing; none = it never closes
    shifts      [opens, closes), servers      server j is on shift where the count is above j

All instants come from one expression, (minutes of the week + weeks before) / 1440, so that equal instants are equal
bits, whoever asks for them.  Intervals are closed on the left, open on the right: who comes at the instant of opening
finds it open, at the instant of closing closed.  Without hours each function says "now" and "never closes".
"""

from __future__ import annotations

import numpy as np

from touchsim.engine.compiling import compiled, rule
from touchsim.engine.identity import block, place_at
from touchsim.engine.randomness import KNOW, mix, uniform
from touchsim.world.layout import GENERAL, General, Me, Touch, Window

__all__ = ["come_when_open", "door", "on_shift"]

_WEEK, _DAY = 10_080.0, 1440.0  # minutes


@rule
def _week_of(time: float) -> float:
    """Whole weeks before an instant; dividing may round up at its edge, never down beyond it."""
    week = np.floor(time / 7.0)
    return week - 1.0 if week * 7.0 > time else week


@compiled
def _session(world: np.ndarray, k: int, time: float) -> tuple[float, float]:
    """Opening (or `time`, if open then) and closing of the session at or after an instant."""
    if world[k, Touch.N_SESSIONS] == 0.0:
        return time, np.inf
    before = _week_of(time) - 1.0  # a session that goes on through the beginning of a week belongs to the week before
    first = int(world[k, Touch.SESSIONS])
    for week in range(3):
        weeks = (before + week) * _WEEK
        for row in range(first, first + int(world[k, Touch.N_SESSIONS])):
            closes = (weeks + world[row, Window.CLOSES]) / _DAY
            if time < closes:
                return max(time, (weeks + world[row, Window.OPENS]) / _DAY), closes
    return np.inf, np.inf


@compiled
def _next_shift(world: np.ndarray, k: int, server: int, time: float) -> float:
    before = _week_of(time)
    first = int(world[k, Touch.SHIFTS])
    for week in range(2):
        weeks = (before + week) * _WEEK
        for row in range(first, first + int(world[k, Touch.N_SHIFTS])):
            if world[row, Window.SERVERS] > server and time < (weeks + world[row, Window.CLOSES]) / _DAY:
                return max(time, (weeks + world[row, Window.OPENS]) / _DAY)
    return np.inf


# The next two are called, not put in line, so that worlds without hours run as fast as if there were no such thing.


@compiled
def _door(world: np.ndarray, people: np.ndarray, i: int, k: int, arrived: float) -> tuple[float, float]:
    opens, closes = _session(world, k, arrived)
    if world[k, Touch.INBOX] > 0.0:
        return opens, np.inf
    if opens > arrived + world[k, Touch.EARLY] * people[i, Me.PATIENCE]:
        return np.inf, closes
    return opens, closes


@compiled
def _when_open(
    world: np.ndarray, people: np.ndarray, i: int, k: int, time: float, need: int, nth: float
) -> float:  # fmt: skip
    opens, closes = _session(world, k, time)
    if opens == time or world[k, Touch.INBOX] > 0.0 or world[GENERAL, General.KNOWS_HOURS] == 0.0:
        return time
    knows, moment, _, _ = block(world, people, i, place_at(world, need), nth, KNOW)
    place = place_at(world, k)
    if uniform(mix(knows, place)) >= world[GENERAL, General.KNOWS_HOURS]:
        return time
    return opens + uniform(mix(moment, place)) * (closes - opens)


@rule
def on_shift(world: np.ndarray, k: int, server: int, time: float) -> float:
    """First instant, from `time` on, at which a server of touchpoint `k` is on shift."""
    return time if world[k, Touch.N_SHIFTS] == 0.0 else _next_shift(world, k, server, time)


@rule
def door(world: np.ndarray, people: np.ndarray, i: int, k: int, arrived: float) -> tuple[float, float]:
    """When the door opens for customer `i`, and when it closes on those in line.

    Returns
    -------
    opens : float
        `arrived` if it is open; the next opening if the customer waits for it; inf if they find it closed.
    closes : float
        Closing of that session; inf where it never closes, and for an inbox, which keeps what lies in it.
    """
    return (arrived, np.inf) if world[k, Touch.N_SHIFTS] == 0.0 else _door(world, people, i, k, arrived)


@rule
def come_when_open(
    world: np.ndarray, people: np.ndarray, i: int, k: int, time: float, need: int, nth: float
) -> float:  # fmt: skip
    """When a customer comes who would have stood before a closed door at `time`: many know the hours.

    With probability `knows_hours` it is a uniformly drawn moment of the next session.  `need` is the row of the need,
    `nth` how many-th choice this is there.
    """
    return time if world[k, Touch.N_SHIFTS] == 0.0 else _when_open(world, people, i, k, time, need, nth)
