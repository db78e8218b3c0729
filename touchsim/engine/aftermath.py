"""What follows from a decision: the next need, the order, after-sales, the stages of the funnel, the leaving.

    advance   next step; after the purchase decision an order, and with it the queue of after-sales needs
              delivery -> [help] -> [return -> refund] -> [survey] -> tell others -> next need, or gone
    back      the step before (a stage once earned is kept)
    leave     before the purchase: gone, with the reason; after it: this need is given up, the next one comes

A need is raised only where some touchpoint serves it.  Help is the likelier if the delivery was late, returns depend
on the goods; recommending and coming back follow satisfaction through a logistic curve (in the spirit of Fader,
Hardie & Lee 2005: drop-out after each purchase).  Called by `rules.decide`.
"""

from __future__ import annotations

import numpy as np

from touchsim.engine.compiling import compiled, rule
from touchsim.engine.durations import quantile
from touchsim.engine.identity import block, place_at
from touchsim.engine.randomness import ORDER, RAISE, REPEAT, uniform
from touchsim.engine.views import remember, satisfaction
from touchsim.engine.words import (
    DELIVERY,
    GONE,
    HELP,
    PROBLEM_RECOGNITION,
    PURCHASE_DECISION,
    RETURN,
    SURVEY,
    WENT_ELSEWHERE,
)  # fmt: skip
from touchsim.world.layout import GENERAL, N_STAGES, NEEDS, STAGES, General, Me, Need, Stage

__all__ = ["advance", "enter_stages", "give_up", "turn_to"]


@rule
def turn_to(people: np.ndarray, i: int, need: int) -> None:
    """Turn to another need; failures with the last one are forgotten."""
    people[i, Me.NEED] = need
    people[i, Me.TRIES] = 0.0


@rule
def _go(people: np.ndarray, i: int, reason: int) -> None:
    people[i, Me.NEED], people[i, Me.REASON], people[i, Me.ENDED] = GONE, reason, people[i, Me.NOW]


@rule
def enter_stages(world: np.ndarray, people: np.ndarray, i: int) -> None:
    """Enter each stage whose entry rule is met now; the deepest one is where the customer stands."""
    if people[i, Me.NOW] >= world[GENERAL, General.UNTIL]:
        return  # after a return the clock stands at the refund, which may lie beyond the end of the run
    for stage in range(1, N_STAGES):
        row = STAGES + stage
        if (
            np.isnan(people[i, Me.REACHED + stage])
            and people[i, Me.VISITED] >= world[row, Stage.VISITS]
            and people[i, Me.CONSENT] >= world[row, Stage.CONSENT]
            and people[i, Me.ACTIONS] >= world[row, Stage.ACTIONS]
            and people[i, Me.PURCHASES] >= world[row, Stage.PURCHASES]
            and people[i, Me.RECOMMENDATIONS] >= world[row, Stage.RECOMMENDATIONS]
        ):
            people[i, Me.REACHED + stage] = people[i, Me.NOW]
            people[i, Me.STAGE] = max(people[i, Me.STAGE], float(stage))


@compiled
def _order(world: np.ndarray, people: np.ndarray, i: int, k: int) -> None:
    """Book a purchase at touchpoint `k`; money in whole cents."""
    people[i, Me.PURCHASES] += 1.0
    people[i, Me.ORDERED] = people[i, Me.NOW]
    people[i, Me.LATE] = 0.0
    if people[i, Me.PURCHASES] == 1.0:
        people[i, Me.FIRST_PURCHASE], people[i, Me.BOUGHT_AT] = people[i, Me.NOW], k
    place = place_at(world, NEEDS + PURCHASE_DECISION)
    word, _, _, _ = block(world, people, i, place, people[i, Me.PURCHASES], ORDER)
    basket = np.floor(100.0 * quantile(world, GENERAL, General.BASKET, uniform(word)) + 0.5)
    people[i, Me.REVENUE] += basket
    people[i, Me.MARGIN] += np.floor(basket * world[GENERAL, General.MARGIN] + 0.5)


@rule
def _likely(intercept: float, slope: float, x: float) -> float:
    return 1.0 / (1.0 + np.exp(-intercept - slope * x))


@compiled
def _raise_next(world: np.ndarray, people: np.ndarray, i: int, done: int) -> None:
    """Turn to the next after-sales need that events raise; after the last one tell others, then come back or go."""
    if people[i, Me.NOW] >= world[GENERAL, General.UNTIL]:
        return  # the refund comes after the end of the run: nothing follows any more
    place, nth = place_at(world, NEEDS + PURCHASE_DECISION), people[i, Me.PURCHASES]
    helped, returned, invited, told = block(world, people, i, place, nth, RAISE)
    if done < DELIVERY and world[NEEDS + DELIVERY, Need.N_OPTIONS] > 0.0:
        turn_to(people, i, DELIVERY)
        return
    late = people[i, Me.LATE] > 0.0
    chance = world[GENERAL, General.HELP_LATE] if late else world[GENERAL, General.HELP]
    if done < HELP and world[NEEDS + HELP, Need.N_OPTIONS] > 0.0 and uniform(helped) < chance:
        turn_to(people, i, HELP)
        return
    chance = world[GENERAL, General.RETURN_EXPERIENCE if people[i, Me.GOODS] > 0.0 else General.RETURN_SEARCH]
    if done < RETURN and world[NEEDS + RETURN, Need.N_OPTIONS] > 0.0 and uniform(returned) < chance:
        turn_to(people, i, RETURN)
        return
    if done < SURVEY and world[NEEDS + SURVEY, Need.N_OPTIONS] > 0.0:
        if uniform(invited) < world[GENERAL, General.INVITED]:
            turn_to(people, i, SURVEY)
            return
    content = satisfaction(world, people, i)
    if uniform(told) < _likely(world[GENERAL, General.RECOMMEND], world[GENERAL, General.RECOMMEND_SLOPE], content):
        people[i, Me.RECOMMENDATIONS] += 1.0
        enter_stages(world, people, i)
    again, gap, _, _ = block(world, people, i, place, nth, REPEAT)
    if uniform(again) < _likely(world[GENERAL, General.REPEAT], world[GENERAL, General.REPEAT_SLOPE], content):
        people[i, Me.NOW] += quantile(world, GENERAL, General.GAP, uniform(gap))
        turn_to(people, i, PROBLEM_RECOGNITION)
    else:
        _go(people, i, WENT_ELSEWHERE)


@compiled
def advance(world: np.ndarray, people: np.ndarray, i: int, k: int) -> None:
    """Go on from a need that touchpoint `k` has served."""
    need = int(people[i, Me.NEED])
    if need < PURCHASE_DECISION:
        turn_to(people, i, need + 1)
        return
    if need == PURCHASE_DECISION:
        _order(world, people, i, k)
        enter_stages(world, people, i)
    elif need == SURVEY and np.isnan(people[i, Me.SURVEYED]):
        people[i, Me.SURVEYED] = people[i, Me.NOW]
        remember(world, people, i)
    _raise_next(world, people, i, need)


@compiled
def give_up(world: np.ndarray, people: np.ndarray, i: int, reason: int) -> None:
    """Leave for good before the purchase; after it, give up this need and turn to the next."""
    need = int(people[i, Me.NEED])
    if need <= PURCHASE_DECISION:
        _go(people, i, reason)
    else:
        _raise_next(world, people, i, need)
