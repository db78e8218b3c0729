"""Who is there when the run begins: customers of the stock, with what they must have done to be what they are.

A customer of the stock has earned the stages up to `stock_as`, with exactly the counts that the entry rules of these
stages ask for (a `customer` has bought once at least), and stands where such a customer stands: a lead searches for
information, a prospect weighs alternatives, a customer waits for the next need, with the same gap as after a purchase,
or stands somewhere between two renewals of a subscription.
Touchpoints met, money, orders and views of the time before are not simulated: the views stand at the expectation, and
what was bought before counts for stages and statuses but not in the log's purchases, which are those of the run.

Called by `rules.be_born`.
"""

from __future__ import annotations

import numpy as np

from touchsim.engine.aftermath import enter_stages
from touchsim.engine.compiling import compiled
from touchsim.engine.durations import quantile
from touchsim.engine.identity import block, place_at
from touchsim.engine.randomness import REPEAT, uniform
from touchsim.engine.words import ALTERNATIVES, CUSTOMER, INFORMATION_SEARCH, LEAD, PROSPECT, PURCHASE_DECISION, RENEWAL
from touchsim.world.layout import GENERAL, NEEDS, STAGES, General, Me, Need, Segment, Stage

__all__ = ["be_present"]


@compiled
def be_present(world: np.ndarray, people: np.ndarray, i: int) -> None:
    """Make a customer who has just been put into row `i` one who was there before the run began."""
    stage = int(world[int(people[i, Me.SEGMENT]), Segment.STOCK_STAGE])
    for earned in range(1, stage + 1):
        row = STAGES + earned
        people[i, Me.VISITED] = max(people[i, Me.VISITED], world[row, Stage.VISITS])
        people[i, Me.CONSENT] = max(people[i, Me.CONSENT], world[row, Stage.CONSENT])
        people[i, Me.ACTIONS] = max(people[i, Me.ACTIONS], world[row, Stage.ACTIONS])
        people[i, Me.PURCHASES] = max(people[i, Me.PURCHASES], world[row, Stage.PURCHASES])
        people[i, Me.RECOMMENDATIONS] = max(people[i, Me.RECOMMENDATIONS], world[row, Stage.RECOMMENDATIONS])
    if stage >= CUSTOMER:
        people[i, Me.PURCHASES] = max(people[i, Me.PURCHASES], 1.0)
        people[i, Me.RECEIVED] = 1.0
    people[i, Me.BOUGHT_BEFORE], people[i, Me.TOLD_BEFORE] = people[i, Me.PURCHASES], people[i, Me.RECOMMENDATIONS]
    if people[i, Me.CONSENT] > 0.0:
        people[i, Me.WILLING] = 1.0  # who has agreed was willing, and is at the next visit
    elif people[i, Me.VISITED] > 0.0:
        people[i, Me.CONSENT] = people[i, Me.WILLING]
    if stage > 0:
        people[i, Me.FELT] = 1.0  # the first impression has been made
    enter_stages(world, people, i)
    if stage == LEAD:
        people[i, Me.NEED] = INFORMATION_SEARCH
    elif stage == PROSPECT:
        people[i, Me.NEED] = ALTERNATIVES
    elif stage >= CUSTOMER:
        place = place_at(world, NEEDS + PURCHASE_DECISION)
        _, gap, _, part = block(world, people, i, place, people[i, Me.PURCHASES], REPEAT)
        if world[NEEDS + RENEWAL, Need.N_OPTIONS] > 0.0:  # somewhere between two renewals
            people[i, Me.NEED] = RENEWAL
            people[i, Me.NOW] += uniform(part) * quantile(world, GENERAL, General.RENEWAL, uniform(gap))
            return
        people[i, Me.NOW] += quantile(world, GENERAL, General.GAP, uniform(gap))
