"""The behaviour of a customer, written once: both engines call these functions and neither adds to them.

A customer meets them in this order, again and again until gone:

    be_born      traits, expectations, the first need
    choose       what can be reached for the current need, what suits best, and when the customer gets there
    begin        noticed or not; how long service will take, how long patience will last
    experience   what happened becomes evidence, evidence becomes views, views an emotion (`views`)
    decide       advance, stay, go back or leave, with all that follows (`aftermath`)

`world` is the world's table, `people` the customers' table (`world.layout`), `i` a row of it, `k` the row of a
touchpoint.  Every choice is a *race*: option j would finish at -ln(u_j) / exp(U_j), the first to finish wins.  That
is the logit choice argmax(U_j + Gumbel noise) (Luce 1959; McFadden 1974) with one logarithm per option, and each
option's noise hangs on its own key.  A coefficient of zero multiplies by exp(0) = 1 and changes no bit.
"""

from __future__ import annotations

import numpy as np

from touchsim.engine.aftermath import advance, enter_stages, give_up, turn_to
from touchsim.engine.compiling import rule
from touchsim.engine.durations import quantile
from touchsim.engine.identity import block, identity_of, place_at
from touchsim.engine.randomness import BIRTH, CHOOSE, CONTACT, DECIDE, mix, normal, put_word, uniform
from touchsim.engine.stock import be_present
from touchsim.engine.views import expect, experience
from touchsim.engine.words import (
    ADVANCE,
    ARRIVAL,
    BACK,
    DISAPPOINTED,
    GAVE_UP,
    LEAVE,
    NO_NEED,
    NOTHING_REACHED,
    PROBLEM_RECOGNITION,
    SERVED,
    STAY,
    STOCK,
    UNNOTICED,
)  # fmt: skip
from touchsim.world.layout import GENERAL, N_STAGES, NEEDS, TOUCHPOINTS, General, Me, Need, Option, Segment, Touch

__all__ = ["NOWHERE", "be_born", "begin", "choose", "decide", "experience"]

NOWHERE = -1
"""Nothing was reached this time."""


@rule
def _finish(u: float, rarity: float, best: float) -> float:
    """When an option finishes its race; "never" where -ln(u) >= 1 - u tells that it is too late for the best so far."""
    return -np.log(u) * rarity if (1.0 - u) * rarity < best else np.inf


@rule
def be_born(world: np.ndarray, people: np.ndarray, i: int, row: int, segment: int, ordinal: int, now: float) -> None:
    """Put the `ordinal`-th customer of a segment into row `i`; those present at the start come first."""
    present = ordinal < world[segment, Segment.STOCK]
    origin = STOCK if present else ARRIVAL
    _appear(world, people, i, row, segment, identity_of(world, segment, ordinal), origin, max(now, 0.0))
    if present:
        be_present(world, people, i)


@rule
def _appear(
    world: np.ndarray, people: np.ndarray, i: int, row: int, segment: int, identity: int, origin: int, now: float
) -> None:
    """Put a new customer into row `i`: identity, running number `row`, traits, the first need."""
    people[i, :] = 0.0
    people[i, Me.ROW], people[i, Me.SEGMENT], people[i, Me.ORIGIN] = row, segment, origin
    put_word(people, i, Me.IDENTITY, identity)
    people[i, Me.BORN], people[i, Me.NOW] = now, now
    people[i, Me.AT], people[i, Me.LAST], people[i, Me.BOUGHT_AT] = NOWHERE, NOWHERE, NOWHERE
    people[i, Me.ENDED], people[i, Me.FIRST_PURCHASE], people[i, Me.SURVEYED] = np.nan, np.nan, np.nan
    for stage in range(1, N_STAGES):
        people[i, Me.REACHED + stage] = np.nan
    people[i, Me.REACHED] = now
    a, b, c, d = block(world, people, i, place_at(world, segment), 0.0, BIRTH)
    people[i, Me.WILLING] = 1.0 if uniform(a) < world[segment, Segment.CONSENT] else 0.0
    people[i, Me.GOODS] = 1.0 if uniform(b) < world[segment, Segment.EXPERIENCE] else 0.0
    affinity = world[segment, Segment.AFFINITY]
    if world[segment, Segment.AFFINITY_SD] > 0.0:
        affinity += world[segment, Segment.AFFINITY_SD] * normal(uniform(c))
    people[i, Me.ONLINE_RARITY] = np.exp(-affinity)
    people[i, Me.PATIENCE] = 1.0
    if world[segment, Segment.PATIENCE_SD] > 0.0:
        people[i, Me.PATIENCE] = np.exp(world[segment, Segment.PATIENCE_SD] * normal(uniform(d)))
    expect(world, people, i)
    people[i, Me.NEED] = PROBLEM_RECOGNITION


@rule
def choose(world: np.ndarray, people: np.ndarray, i: int) -> tuple[int, float]:
    """Choose a touchpoint for the current need, and say when the customer gets there.

    A touchpoint is considered with probability `reach`; among those considered, the race is won with probability
    proportional to ``appeal * exp(affinity * online + inertia * same channel)`` (state dependence: Dube, Hitsch &
    Rossi 2010).  Thinking comes first, then travel or, for a delivery, transit.

    Returns
    -------
    k : int
        Row of the touchpoint, or `NOWHERE`.
    when : float
        Days; the customer arrives there, or has thought in vain.
    """
    need = int(people[i, Me.NEED])
    row = NEEDS + need
    nth = people[i, Me.CHOICES + need]
    people[i, Me.CHOICES + need] = nth + 1.0
    noise, considered, thought, travel = block(world, people, i, place_at(world, row), nth, CHOOSE)
    now = people[i, Me.NOW] + quantile(world, row, Need.THINK, uniform(thought))
    last = int(people[i, Me.LAST])
    used = world[last, Touch.CHANNEL] if last != NOWHERE else NOWHERE
    consent, online, same = people[i, Me.CONSENT], people[i, Me.ONLINE_RARITY], world[GENERAL, General.SAME_RARITY]
    best, chosen, chosen_place = np.inf, NOWHERE, np.uint64(0)
    for j in range(int(world[row, Need.N_OPTIONS])):
        at = Need.OPTION + Option.WIDTH * j
        if world[row, at + Option.NEEDS_CONSENT] > consent:
            continue
        place = place_at(world, row, at)
        reach = world[row, at + Option.REACH]
        if reach < 1.0 and uniform(mix(considered, place)) >= reach:
            continue
        rarity = world[row, at + Option.RARITY]
        if world[row, at + Option.ONLINE] > 0.0:
            rarity *= online
        if world[row, at + Option.CHANNEL] == used:
            rarity *= same
        finish = _finish(uniform(mix(noise, place)), rarity, best)
        if finish < best:
            best, chosen, chosen_place = finish, int(world[row, at + Option.TOUCHPOINT]), place
    if chosen != NOWHERE:
        now += quantile(world, chosen, Touch.DELAY, uniform(mix(travel, chosen_place)))
    people[i, Me.NOW], people[i, Me.AT] = now, chosen
    return chosen, now


@rule
def find_nothing(world: np.ndarray, people: np.ndarray, i: int) -> None:
    """Count a search in vain; after `tries` failures the customer gives the need up."""
    people[i, Me.TRIES] += 1.0
    if people[i, Me.TRIES] >= world[GENERAL, General.TRIES]:
        give_up(world, people, i, NOTHING_REACHED)


@rule
def begin(world: np.ndarray, people: np.ndarray, i: int, k: int) -> tuple[bool, float, float]:
    """Begin a contact: is it noticed, how long will service take, how long will patience last (days)."""
    nth = people[i, Me.MET + (k - TOUCHPOINTS)] + 1.0
    people[i, Me.MET + (k - TOUCHPOINTS)] = nth
    people[i, Me.VISIT] += 1.0
    people[i, Me.NEED_THEN], people[i, Me.STAGE_THEN] = people[i, Me.NEED], people[i, Me.STAGE]
    a, b, c, _ = block(world, people, i, place_at(world, k), nth, CONTACT)
    noticed = world[k, Touch.NOTICED] >= 1.0 or uniform(a) < world[k, Touch.NOTICED]
    service = quantile(world, k, Touch.SERVICE, uniform(b))
    patience = np.inf
    if world[k, Touch.CAPACITY] > 0.0:
        patience = quantile(world, k, Touch.PATIENCE, uniform(c)) * people[i, Me.PATIENCE]
    return noticed, service, patience


@rule
def _count(world: np.ndarray, people: np.ndarray, i: int, k: int) -> None:
    """Count what a served contact amounts to for the funnel: a visit of the site, consent, an action."""
    if world[k, Touch.VISIT] > 0.0:
        people[i, Me.VISITED] += 1.0
        people[i, Me.CONSENT] = people[i, Me.WILLING]
    people[i, Me.ACTIONS] += world[k, Touch.ACTION]
    if world[k, Touch.VISIT] + world[k, Touch.ACTION] > 0.0:
        enter_stages(world, people, i)


@rule
def decide(world: np.ndarray, people: np.ndarray, i: int, k: int, outcome: int, emotion: float) -> int:
    """Decide after a contact and do what follows; return the code of the decision.

    A race between advance, stay, back and leave, whose base probabilities belong to the need; a good emotion speeds
    advancing and slows leaving.  After a contact in vain nobody advances and leaving is the likelier; an unnoticed
    message moves nobody.
    """
    row, need = NEEDS + int(people[i, Me.NEED]), int(people[i, Me.NEED])
    people[i, Me.LAST] = k
    people[i, Me.COST] += world[k, Touch.COST] if outcome == SERVED or outcome == UNNOTICED else 0.0
    if outcome != SERVED:
        people[i, Me.TRIES] += 1.0
        if people[i, Me.TRIES] >= world[GENERAL, General.TRIES]:
            give_up(world, people, i, GAVE_UP)
            return LEAVE
        if outcome == UNNOTICED:
            return STAY
    feeling = 0.0 if np.isnan(emotion) else emotion
    nth = people[i, Me.MET + (k - TOUCHPOINTS)]
    a, b, c, d = block(world, people, i, place_at(world, k), nth, DECIDE)
    chosen, best = STAY, _finish(uniform(b), world[row, Need.STAY], np.inf)
    if outcome == SERVED:
        _count(world, people, i, k)
        rarity = world[row, Need.ADVANCE]
        if feeling != 0.0:
            rarity *= np.exp(-world[GENERAL, General.EMOTION_ADVANCE] * feeling)
        finish = _finish(uniform(a), rarity, best)
        if finish < best:
            chosen, best = ADVANCE, finish
    if world[row, Need.BACK] < np.inf:
        finish = _finish(uniform(c), world[row, Need.BACK], best)
        if finish < best:
            chosen, best = BACK, finish
    rarity = world[row, Need.LEAVE]
    pull = -world[GENERAL, General.EMOTION_LEAVE] * feeling
    if outcome != SERVED:
        pull += world[GENERAL, General.VAIN_LEAVE]
    if pull != 0.0:
        rarity *= np.exp(-pull)
    if _finish(uniform(d), rarity, best) < best:
        chosen = LEAVE
    if chosen == ADVANCE:
        advance(world, people, i, k)
    elif chosen == BACK:
        turn_to(people, i, need - 1)
    elif chosen == LEAVE:
        reason = GAVE_UP if outcome != SERVED else (DISAPPOINTED if feeling < 0.0 else NO_NEED)
        give_up(world, people, i, reason)
    return chosen
