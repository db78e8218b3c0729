"""The mystery guest: a customer who follows a script through the world in which all others decide for themselves.

    enter    the guest is born at `starts`, with the traits that the script gives
    follow   in place of a choice: the next scripted touchpoint, reached as anybody reaches it
    go_on    in place of a decision: what being served amounts to, then the next line of the script; at its end, gone

Lines, opening hours, travel and transit, what went before, days late and days until the refund are those of the world.
A guest goes on after a contact in vain, for that is what is reported; what needs an order is left out where no order
came about, and a return where the goods never came.  Identity is the hash of the guest's name, so that nobody else's
draws move; in lines a guest stands as anybody does.  Compiled, not put in line: one comparison is all that others pay.
Called by `rules`, `choice` and `decision`; who the guest is stands in `identity`, when they are born in `arrivals`.
"""

from __future__ import annotations

import numpy as np

from touchsim.engine.aftermath import settle, turn_to
from touchsim.engine.compiling import compiled
from touchsim.engine.durations import quantile
from touchsim.engine.hours import come_when_open
from touchsim.engine.identity import block, place_at
from touchsim.engine.randomness import CHOOSE, mix, uniform
from touchsim.engine.words import ADVANCE, DELIVERY, GONE, GUEST, LEAVE, NO_DECISION, SCRIPT_ENDED, SERVED  # fmt: skip
from touchsim.world.layout import GENERAL, NEEDS, Act, General, Me, Need, Touch

__all__ = ["enter", "follow", "go_on"]

COMING = np.int64(1)  # as in `choice`, which calls this room


@compiled
def enter(world: np.ndarray, people: np.ndarray, i: int) -> None:
    """Make the customer who has just been put into row `i` the guest."""
    row = int(world[GENERAL, General.SCRIPT])
    people[i, Me.SCRIPT], people[i, Me.ORIGIN] = row + 1.0, GUEST
    if not np.isnan(world[row, Act.PATIENCE]):
        people[i, Me.PATIENCE] = world[row, Act.PATIENCE]
    if not np.isnan(world[row, Act.GOODS]):
        people[i, Me.GOODS] = world[row, Act.GOODS]
    if not np.isnan(world[row, Act.CONSENT]):
        people[i, Me.WILLING] = world[row, Act.CONSENT]
    people[i, Me.NEED] = world[row + 1, Act.NEED]


@compiled
def follow(world: np.ndarray, people: np.ndarray, i: int) -> tuple[int, float]:
    """Turn to the next touchpoint of the script; return its row and when the guest gets there, as `choose` does.

    A parcel is under way from the order on, whatever else the guest does meanwhile.
    """
    act, need = int(people[i, Me.SCRIPT]), int(people[i, Me.NEED])
    row, k = NEEDS + need, int(world[act, Act.TOUCHPOINT])
    nth = people[i, Me.CHOICES + need]
    people[i, Me.CHOICES + need] = nth + 1.0
    _, _, thought, travel = block(world, people, i, place_at(world, row), nth, CHOOSE)
    pause = world[act, Act.AFTER]
    if pause < 0.0:
        pause = quantile(world, row, Need.THINK, uniform(thought))
    people[i, Me.REPUTATION], people[i, Me.TALK] = world[GENERAL, General.REPUTATION], world[GENERAL, General.TALK]
    people[i, Me.STEP], people[i, Me.CALLED_FOR], people[i, Me.SENT_BY] = COMING, np.nan, -1.0
    now = people[i, Me.ORDERED] if need == DELIVERY else people[i, Me.NOW]
    now += pause + quantile(world, k, Touch.DELAY, uniform(mix(travel, place_at(world, k))))
    now = come_when_open(world, people, i, k, max(now, people[i, Me.NOW]), row, nth)
    people[i, Me.NOW], people[i, Me.AT] = now, k
    return k, now


@compiled
def go_on(world: np.ndarray, people: np.ndarray, i: int, k: int, outcome: int) -> int:
    """Go on along the script, whatever came of the contact; return the code of the decision.

    After the last visit the guest is gone and is sent nothing more.
    """
    need = int(people[i, Me.NEED])
    if outcome == SERVED:
        settle(world, people, i, k, need)
    act = int(people[i, Me.SCRIPT]) + 1
    last = int(world[GENERAL, General.SCRIPT_ENDS])
    ready = min(people[i, Me.PURCHASES], 1.0) + people[i, Me.RECEIVED]
    while act < last and world[act, Act.ORDERED] > ready:
        act += 1
    people[i, Me.SCRIPT] = act
    if act < last:
        turn_to(people, i, int(world[act, Act.NEED]))
        return ADVANCE if outcome == SERVED else NO_DECISION
    if people[i, Me.NOW] < world[GENERAL, General.UNTIL]:
        people[i, Me.NEED], people[i, Me.REASON], people[i, Me.ENDED] = GONE, SCRIPT_ENDED, people[i, Me.NOW]
        people[i, Me.DUE], people[i, Me.CALL_AT] = np.inf, np.inf
    return LEAVE
