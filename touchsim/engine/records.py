"""Writing down: how a contact and a customer become rows of the log, the same for both engines.

A row is written when a contact has ended (or when the run ends while it is under way) and when a customer has left
(or when the run ends); see `touchsim.log.rows` for the columns.
"""

from __future__ import annotations

import numpy as np

from touchsim.engine.awareness import awareness_of
from touchsim.engine.compiling import rule
from touchsim.engine.randomness import word_at
from touchsim.engine.views import remember
from touchsim.engine.words import (
    ACTIVE,
    CHURNED,
    DELIVERY,
    GONE,
    LOST,
    NO_CAUSE,
    NO_DECISION,
    RETURN,
    SERVED,
    TO_A_RIVAL,
    UNDER_WAY,
    UNFINISHED,
    UNNOTICED,
)  # fmt: skip
from touchsim.world.layout import GENERAL, N_FACETS, N_STAGES, TOUCHPOINTS, General, Me, Touch

__all__ = ["write_contact", "write_customer", "write_unfinished"]


@rule
def write_contact(
    world: np.ndarray, people: np.ndarray, i: int, k: int, outcome: int, arrived: float, started: float, ended: float,
    emotion: float, decision: int, visits: np.ndarray, n: int,
) -> None:  # fmt: skip
    """Write row `n` of `visits`, a record array of `touchsim.log.rows.VISIT_ROW`."""
    row = visits[n]
    row.customer = int(people[i, Me.ROW])
    row.visit = int(people[i, Me.VISIT])
    row.nth = int(people[i, Me.NTH_THEN])
    row.cause, row.journey = int(people[i, Me.CAUSE]), int(people[i, Me.JOURNEY_THEN])
    sender = int(people[i, Me.SENT_BY])
    row.sent_by = sender - int(world[GENERAL, General.FIRST_MESSAGE]) if sender >= 0 else -1
    row.linked, row.risk = int(people[i, Me.LINKED_THEN]), int(people[i, Me.RISK_THEN])
    row.segment = int(people[i, Me.SEGMENT] - world[GENERAL, General.FIRST_SEGMENT])
    row.stage = int(people[i, Me.STAGE_THEN])
    row.need = int(people[i, Me.NEED_THEN])
    row.touchpoint = k - TOUCHPOINTS
    row.outcome = outcome
    row.decision = decision
    row.arrived, row.started, row.ended, row.emotion = arrived, started, ended, emotion
    served, called_for = outcome == SERVED, people[i, Me.CALLED_FOR]
    own = served and (sender < 0 or not np.isnan(called_for))
    row.late_days = people[i, Me.LATE] if own and people[i, Me.NEED_THEN] == DELIVERY else np.nan
    row.handling_days = people[i, Me.HANDLING] if own and people[i, Me.NEED_THEN] == RETURN else np.nan
    if own and sender >= 0:
        row.handling_days = started - called_for
    row.revenue_cents, row.margin_cents = int(people[i, Me.SALE]), int(people[i, Me.SALE_MARGIN])
    row.cost_cents = int(world[k, Touch.COST]) if served or outcome == UNNOTICED else 0


@rule
def write_unfinished(
    world: np.ndarray, people: np.ndarray, i: int, k: int, arrived: float, started: float, visits: np.ndarray, n: int
) -> None:
    """Write a contact that is still under way when the run ends (`started` is nan for those in line).

    What is read after it is read after the end: a request for a review is not answered any more.
    """
    people[i, Me.CAUSE], people[i, Me.SILENT_SINCE] = NO_CAUSE, np.inf
    write_contact(world, people, i, k, UNFINISHED, arrived, started, np.nan, np.nan, NO_DECISION, visits, n)


@rule
def write_customer(world: np.ndarray, people: np.ndarray, i: int, customers: np.ndarray, n: int) -> None:
    """Write row `n` of `customers`, a record array of `touchsim.log.rows.CUSTOMER_ROW`."""
    if np.isnan(people[i, Me.SURVEYED]):
        remember(world, people, i)
    row = customers[n]
    row.customer = int(people[i, Me.ROW])
    row.segment = int(people[i, Me.SEGMENT] - world[GENERAL, General.FIRST_SEGMENT])
    row.origin = int(people[i, Me.ORIGIN])
    row.goods = int(people[i, Me.GOODS])
    row.consent = int(people[i, Me.CONSENT])
    row.stage = int(people[i, Me.STAGE])
    if people[i, Me.NEED] == GONE:
        row.status = CHURNED if people[i, Me.PURCHASES] > 0.0 else LOST
    else:
        row.status = ACTIVE if people[i, Me.PURCHASES] > 0.0 else UNDER_WAY
    row.reason = int(people[i, Me.REASON])
    row.bought_at = int(people[i, Me.BOUGHT_AT]) - TOUCHPOINTS if people[i, Me.BOUGHT_AT] >= 0.0 else -1
    row.visits = int(people[i, Me.VISIT])
    row.purchases = int(people[i, Me.PURCHASES] - people[i, Me.BOUGHT_BEFORE])
    row.recommendations = int(people[i, Me.RECOMMENDATIONS] - people[i, Me.TOLD_BEFORE])
    lost_to = people[i, Me.RIVAL] if people[i, Me.REASON] == TO_A_RIVAL else -1.0
    row.rival = int(lost_to) - int(world[GENERAL, General.FIRST_RIVAL]) if lost_to >= 0.0 else -1
    row.journeys, row.addons = int(people[i, Me.JOURNEY]), int(people[i, Me.ADDONS])
    row.spared, row.posts = int(people[i, Me.SPARED]), int(people[i, Me.POSTS])
    row.stars, row.referrals = int(people[i, Me.STARS]), int(people[i, Me.REFERRED])
    row.identity = np.int64(word_at(people, i, Me.IDENTITY))
    row.opted_out, row.propensity = people[i, Me.OPTED_OUT], people[i, Me.PROPENSITY]
    end = people[i, Me.ENDED] if people[i, Me.NEED] == GONE else world[GENERAL, General.UNTIL]
    row.awareness = awareness_of(world, people, i, end)
    row.born, row.ended = people[i, Me.BORN], people[i, Me.ENDED]
    row.first_purchase, row.surveyed = people[i, Me.FIRST_PURCHASE], people[i, Me.SURVEYED]
    for stage in range(1, N_STAGES):
        row.reached[stage - 1] = people[i, Me.REACHED + stage]
    row.revenue_cents = int(people[i, Me.REVENUE])
    row.margin_cents = int(people[i, Me.MARGIN])
    row.cost_cents = int(people[i, Me.COST])
    row.disposition, row.product = people[i, Me.DISPOSITION], people[i, Me.PRODUCT]
    row.value, row.satisfaction = people[i, Me.VALUE], people[i, Me.SATISFACTION]
    for facet in range(N_FACETS):
        row.perceived[facet] = people[i, Me.VIEW_THEN + facet]
        row.seen[facet] = int(people[i, Me.SEEN_THEN + facet])
        seen = people[i, Me.SEEN + facet]
        row.delivered[facet] = people[i, Me.DELIVERED + facet] / seen if seen > 0.0 else np.nan
