"""The behaviour of a customer, written once: both engines call these functions and neither adds to them.

A customer meets them in this order, again and again until gone:

    be_born      traits (`traits`), expectations (`views`), the first need, what the brand will send (`messages`)
    choose       what can be reached for the current need, what suits best, and when the customer gets there (`choice`)
    pass_by      what follows where the choice led to no touchpoint of ours: nothing reached, a rival, or spared
    begin        noticed or not; linked or not; how long service will take, how long patience will last
    experience   what happened becomes evidence, evidence becomes views, views an emotion (`views`)
    decide       advance, stay, go back or leave (`decision`), with all that follows (`aftermath`)

and between two steps `send` delivers what the brand sends, and `hand_over` takes what they say to others (`voice`).
`world` is the world's table, `people` the customers' table (`world.layout`), `i` a row of it, `k` the row of a
touchpoint.
"""

from __future__ import annotations

import numpy as np

from touchsim.engine.alignment import fidelity_of
from touchsim.engine.awareness import is_long_enough
from touchsim.engine.choice import CHOOSING, COMING, NOWHERE, OVER, choose, pass_by
from touchsim.engine.compiling import rule
from touchsim.engine.decision import decide
from touchsim.engine.durations import quantile
from touchsim.engine.identity import block, is_guest, place_at
from touchsim.engine.messages import expose, send
from touchsim.engine.profile import link
from touchsim.engine.randomness import CONTACT, put_word, uniform
from touchsim.engine.script import enter
from touchsim.engine.stock import be_present
from touchsim.engine.traits import draw_traits
from touchsim.engine.views import expect, experience
from touchsim.engine.voice import hand_over
from touchsim.engine.words import PROBLEM_RECOGNITION, STOCK
from touchsim.world.layout import GENERAL, N_STAGES, TOUCHPOINTS, General, Me, Touch

__all__ = ["CHOOSING", "COMING", "OVER", "be_born", "begin", "choose", "decide", "experience", "hand_over", "pass_by"]
__all__ += ["send"]


@rule
def be_born(
    world: np.ndarray, people: np.ndarray, i: int, row: int, segment: int, identity: int, origin: int, now: float
) -> None:
    """Put a new customer into row `i`: identity, running number `row`, traits, expectations, the first need.

    Who is present at the start has a past (`stock`); a referred customer differs from an arrival in the origin only.
    """
    people[i, :] = 0.0
    people[i, Me.ROW], people[i, Me.SEGMENT], people[i, Me.ORIGIN] = row, segment, origin
    put_word(people, i, Me.IDENTITY, identity)
    people[i, Me.BORN], people[i, Me.NOW] = now, now
    people[i, Me.AT], people[i, Me.BOUGHT_AT] = NOWHERE, NOWHERE
    people[i, Me.LAST], people[i, Me.BEFORE] = NOWHERE, NOWHERE
    people[i, Me.SENT_BY], people[i, Me.CALLED_FOR], people[i, Me.OPTED_OUT] = -1.0, np.nan, np.nan
    people[i, Me.ENDED], people[i, Me.FIRST_PURCHASE], people[i, Me.SURVEYED] = np.nan, np.nan, np.nan
    for stage in range(1, N_STAGES):
        people[i, Me.REACHED + stage] = np.nan
    people[i, Me.REACHED] = now
    people[i, Me.CAME], people[i, Me.SILENT_SINCE] = -np.inf, np.inf
    people[i, Me.JOURNEY] = 1.0
    draw_traits(world, people, i, segment)
    expect(world, people, i)
    people[i, Me.NEED] = PROBLEM_RECOGNITION
    if origin == STOCK:
        be_present(world, people, i)
    expose(world, people, i)
    if is_guest(world, identity):
        enter(world, people, i)


@rule
def begin(world: np.ndarray, people: np.ndarray, i: int, k: int) -> tuple[bool, float, float]:
    """Begin a contact: is it noticed, how long will service take, how long will patience last (days)."""
    nth = people[i, Me.MET + (k - TOUCHPOINTS)] + 1.0
    people[i, Me.MET + (k - TOUCHPOINTS)] = nth
    people[i, Me.VISIT] += 1.0
    people[i, Me.NTH_THEN], people[i, Me.CAME], people[i, Me.SALE] = nth, people[i, Me.NOW], 0.0
    people[i, Me.SALE_MARGIN], people[i, Me.STEP] = 0.0, CHOOSING
    people[i, Me.NEED_THEN], people[i, Me.STAGE_THEN] = people[i, Me.NEED], people[i, Me.STAGE]
    people[i, Me.JOURNEY_THEN] = people[i, Me.JOURNEY]
    link(world, people, i, k)
    a, b, c, d = block(world, people, i, place_at(world, k), nth, CONTACT)
    noticed = world[k, Touch.NOTICED] >= 1.0 or uniform(a) < world[k, Touch.NOTICED]
    noticed = noticed and is_long_enough(world, people, i, k)
    people[i, Me.RISK_THEN] = 1.0 if world[k, Touch.RISK] > 0.0 and uniform(d) < world[k, Touch.RISK] else 0.0
    service = quantile(world, k, Touch.SERVICE, uniform(b))
    if world[k, Touch.FITTED] > 0.0 and world[GENERAL, General.SAVES] > 0.0:
        service *= 1.0 - world[GENERAL, General.SAVES] * fidelity_of(world, people, i, k)
    patience = np.inf
    if world[k, Touch.CAPACITY] > 0.0:
        patience = quantile(world, k, Touch.PATIENCE, uniform(c)) * people[i, Me.PATIENCE]
    return noticed, service, patience
