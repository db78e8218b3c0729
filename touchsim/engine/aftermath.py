"""What follows from a decision: the next need, the order, after-sales, the stages of the funnel, the leaving.

    advance   next step; after the purchase decision an order, and with it the queue of after-sales needs
              delivery -> [help] -> [return -> refund] -> [survey] -> tell others -> next need, or gone
    back      the step before (a stage once earned is kept)
    leave     before the purchase: gone, with the reason; after it: this need is given up, the next one comes;
              who does not renew a subscription is gone

Events set off rules of automation (`messages.trigger`).  A need is raised only where some touchpoint serves it.  Help
is the likelier if the delivery was late, returns depend on the goods; recommending and coming back follow satisfaction
through a logistic curve (in the spirit of Fader, Hardie & Lee 2005: drop-out after each purchase); who comes back
chooses between us and the rivals, with a cost of switching, after a gap at a personal rate (gamma mixed: Schmittlein,
Morrison & Colombo 1987).  Called by `rules.decide`.
"""

from __future__ import annotations

import numpy as np

from touchsim.engine.compiling import compiled, rule
from touchsim.engine.durations import quantile
from touchsim.engine.identity import block, place_at
from touchsim.engine.messages import trigger
from touchsim.engine.profile import knowledge_of
from touchsim.engine.randomness import ORDER, RAISE, REPEAT, RIVAL, mix, uniform
from touchsim.engine.value import value_of
from touchsim.engine.views import remember, satisfaction
from touchsim.engine.voice import refer, speak
from touchsim.engine.words import (
    CART_ABANDONED,
    DELIVERED,
    DELIVERY,
    GONE,
    HELP,
    LEFT,
    NOT_RENEWED,
    PROBLEM_RECOGNITION,
    PURCHASE,
    PURCHASE_DECISION,
    RENEWAL,
    RETURN,
    RETURNED,
    SURVEY,
    TO_A_RIVAL,
    WENT_ELSEWHERE,
)  # fmt: skip
from touchsim.world.layout import GENERAL, N_STAGES, NEEDS, STAGES, Competitor, General, Me, Need, Stage

__all__ = ["advance", "enter_stages", "give_up", "settle", "turn_to"]


@rule
def turn_to(people: np.ndarray, i: int, need: int) -> None:
    """Turn to another need; failures with the last one are forgotten."""
    people[i, Me.NEED] = need
    people[i, Me.TRIES] = 0.0


@rule
def _go(world: np.ndarray, people: np.ndarray, i: int, reason: int) -> None:
    """Leave, with a reason; whoever leaves at the last step before the purchase leaves a cart behind."""
    need = int(people[i, Me.NEED])
    people[i, Me.LEFT_FROM] = need if need <= PURCHASE_DECISION else PROBLEM_RECOGNITION
    people[i, Me.NEED], people[i, Me.REASON], people[i, Me.ENDED] = GONE, reason, people[i, Me.NOW]
    if need == PURCHASE_DECISION:
        trigger(world, people, i, CART_ABANDONED)
    trigger(world, people, i, LEFT)


@compiled
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
            trigger(world, people, i, stage)


@compiled
def _order(world: np.ndarray, people: np.ndarray, i: int, k: int) -> None:
    """Book a purchase at touchpoint `k`; money in whole cents."""
    people[i, Me.PURCHASES] += 1.0
    people[i, Me.ORDERED] = people[i, Me.NOW]
    to_come = people[i, Me.NEED] == PURCHASE_DECISION and world[NEEDS + DELIVERY, Need.N_OPTIONS] > 0.0
    people[i, Me.RECEIVED] = 0.0 if to_come else 1.0  # else taken along, or a subscription that goes on
    people[i, Me.LATE] = 0.0
    people[i, Me.ASKED], people[i, Me.SILENT_SINCE] = 0.0, np.inf
    if people[i, Me.PURCHASES] == 1.0:
        people[i, Me.FIRST_PURCHASE], people[i, Me.BOUGHT_AT] = people[i, Me.NOW], k
    place = place_at(world, NEEDS + PURCHASE_DECISION)
    word, more, _, _ = block(world, people, i, place, people[i, Me.PURCHASES], ORDER)
    basket = np.floor(100.0 * quantile(world, GENERAL, General.BASKET, uniform(word)) + 0.5)
    chance = world[GENERAL, General.ADDON]
    if chance > 0.0:
        chance *= 1.0 + world[GENERAL, General.PROFILE_ADDON] * knowledge_of(world, people, i)
        if uniform(more) < chance:
            basket += np.floor(basket * world[GENERAL, General.ADDON_VALUE] + 0.5)
            people[i, Me.ADDONS] += 1.0
    margin = np.floor(basket * world[GENERAL, General.MARGIN] + 0.5)
    people[i, Me.SALE], people[i, Me.SALE_MARGIN] = basket, margin
    people[i, Me.REVENUE] += basket
    people[i, Me.MARGIN] += margin
    trigger(world, people, i, PURCHASE)


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
    has_it = people[i, Me.RECEIVED] > 0.0
    if done < RETURN and has_it and world[NEEDS + RETURN, Need.N_OPTIONS] > 0.0 and uniform(returned) < chance:
        turn_to(people, i, RETURN)
        return
    if done < SURVEY and world[NEEDS + SURVEY, Need.N_OPTIONS] > 0.0:
        if uniform(invited) < world[GENERAL, General.INVITED]:
            turn_to(people, i, SURVEY)
            return
    _close(world, people, i, told)


@compiled
def _goes_to_a_rival(world: np.ndarray, people: np.ndarray, i: int, content: float) -> bool:
    """Whether a rival wins the need that comes back: a race against satisfaction and the cost of switching.

    us: exp(switching + repeat_slope * S);  a rival: next_time * exp(value of the offer)
    """
    first, last = int(world[GENERAL, General.FIRST_RIVAL]), int(world[GENERAL, General.LAST_RIVAL])
    if first == last:
        return False
    place = place_at(world, NEEDS + PURCHASE_DECISION)
    mine, theirs, _, _ = block(world, people, i, place, people[i, Me.PURCHASES], RIVAL)
    pull = world[GENERAL, General.SWITCHING] + world[GENERAL, General.REPEAT_SLOPE] * content
    best, winner = -np.log(uniform(mine)) * np.exp(-pull), -1
    for r in range(first, last):
        weight = world[r, Competitor.NEXT_TIME]
        if weight > 0.0:
            offer = world[GENERAL, General.VALUE_CHOICE] * value_of(
                world, people, i, r, Competitor.OFFER, PROBLEM_RECOGNITION
            )
            finish = -np.log(uniform(mix(theirs, place_at(world, r)))) * np.exp(-offer) / weight
            if finish < best:
                best, winner = finish, r
    people[i, Me.RIVAL] = winner if winner >= 0 else people[i, Me.RIVAL]
    return winner >= 0


@compiled
def _close(world: np.ndarray, people: np.ndarray, i: int, told: int) -> None:
    """Close a purchase: tell others; then wait for the renewal, or for the need to come back, or go."""
    place, nth = place_at(world, NEEDS + PURCHASE_DECISION), people[i, Me.PURCHASES]
    turn_to(people, i, PROBLEM_RECOGNITION)  # the order is done with: who goes now leaves no cart behind
    content = satisfaction(world, people, i)
    speak(world, people, i, content, people[i, Me.NOW])
    again, gap, brings, later = block(world, people, i, place, nth, REPEAT)
    if uniform(told) < _likely(world[GENERAL, General.RECOMMEND], world[GENERAL, General.RECOMMEND_SLOPE], content):
        people[i, Me.RECOMMENDATIONS] += 1.0
        refer(world, people, i, brings, quantile(world, GENERAL, General.REFERRAL_DELAY, uniform(later)))
        enter_stages(world, people, i)
    if world[NEEDS + RENEWAL, Need.N_OPTIONS] > 0.0:
        people[i, Me.NOW] += quantile(world, GENERAL, General.RENEWAL, uniform(gap))
        turn_to(people, i, RENEWAL)
        return
    if uniform(again) >= _likely(world[GENERAL, General.REPEAT], world[GENERAL, General.REPEAT_SLOPE], content):
        _go(world, people, i, WENT_ELSEWHERE)
    elif _goes_to_a_rival(world, people, i, content):
        _go(world, people, i, TO_A_RIVAL)
    else:
        until_next = quantile(world, GENERAL, General.GAP, uniform(gap))
        if world[GENERAL, General.RATE_CV] > 0.0:
            until_next /= people[i, Me.RATE]
        people[i, Me.NOW] += until_next
        people[i, Me.JOURNEY] += 1.0
        people[i, Me.PEAK], people[i, Me.LAST_FELT] = 0.0, 0.0


@compiled
def settle(world: np.ndarray, people: np.ndarray, i: int, k: int, need: int) -> None:
    """Do what it amounts to that touchpoint `k` has served a need: an order, a parcel, a return, a survey."""
    if need == PURCHASE_DECISION or need == RENEWAL:
        _order(world, people, i, k)
        enter_stages(world, people, i)
    elif need == DELIVERY:
        trigger(world, people, i, DELIVERED)
    elif need == RETURN:
        trigger(world, people, i, RETURNED)
    elif need == SURVEY and np.isnan(people[i, Me.SURVEYED]):
        people[i, Me.SURVEYED] = people[i, Me.NOW]
        remember(world, people, i)


@compiled
def advance(world: np.ndarray, people: np.ndarray, i: int, k: int) -> None:
    """Go on from a need that touchpoint `k` has served."""
    need = int(people[i, Me.NEED])
    if need < PURCHASE_DECISION:
        turn_to(people, i, need + 1)
        return
    settle(world, people, i, k, need)
    need = DELIVERY if need == RENEWAL else need  # nothing is delivered when a subscription goes on
    _raise_next(world, people, i, need)


@compiled
def give_up(world: np.ndarray, people: np.ndarray, i: int, reason: int) -> None:
    """Leave before the purchase, or without renewing; else give up this after-sales need and turn to the next."""
    need = int(people[i, Me.NEED])
    if need <= PURCHASE_DECISION:
        _go(world, people, i, reason)
    elif need == RENEWAL:
        _go(world, people, i, NOT_RENEWED)
    else:
        _raise_next(world, people, i, need)
