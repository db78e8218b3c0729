"""What a customer thinks: evidence of contacts becomes views of the nine facets, views become satisfaction.

    evidence     = quality + gain * signal + spread * noise
    view        += max(recency, 1 / (n + n0)) * (evidence - view)         beginning at the customer's expectation
    satisfaction = sum of weight[goods, facet] * view + w_product * product + w_value * value
                   + w_disposition * disposition + w_noise * noise

All on one z-scale: 0 is an average judgement, 1 a standard deviation between customers.  The view is the running mean
of Bayesian updating with n0 = weight of the expectation (Boulding, Kalra, Staelin & Zeithaml 1993), floored by a
recency weight.  Product, value and disposition are drivers that the nine-facet survey does not ask.

Called by `rules` (each contact) and `aftermath` (after each order; at the survey).
"""

from __future__ import annotations

import numpy as np

from touchsim.engine.compiling import compiled, rule
from touchsim.engine.durations import quantile
from touchsim.engine.identity import block, facet_at, place_at
from touchsim.engine.randomness import EVIDENCE, EXPECT, HANDLE, LATENT, mix, normal, uniform
from touchsim.engine.words import DELIVERY, FULFILMENT, RESPONSIVENESS, RETURN, RETURNS, SERVED, UNNOTICED
from touchsim.world.layout import GENERAL, N_FACETS, N_LATE, TOUCHPOINTS, General, Me, Touch

__all__ = ["expect", "experience", "remember", "satisfaction"]


@rule
def expect(world: np.ndarray, people: np.ndarray, i: int) -> None:
    """Begin every view at the brand's promise, blurred by `expectation sd`; draw what the survey does not ask."""
    blur = world[GENERAL, General.EXPECTATION_SD]
    word, _, _, _ = block(world, people, i, place_at(world, int(people[i, Me.SEGMENT])), 0.0, EXPECT)
    for facet in range(N_FACETS):
        view = world[GENERAL, General.PROMISE + facet]
        if blur > 0.0:
            view += blur * normal(uniform(mix(word, facet_at(world, facet))))
        people[i, Me.VIEW + facet] = view
    a, b, c, d = block(world, people, i, place_at(world, int(people[i, Me.SEGMENT])), 0.0, LATENT)
    people[i, Me.PRODUCT], people[i, Me.VALUE] = normal(uniform(a)), normal(uniform(b))
    people[i, Me.DISPOSITION], people[i, Me.NOISE] = normal(uniform(c)), normal(uniform(d))


@rule
def _signal(world: np.ndarray, people: np.ndarray, i: int, k: int, facet: int, outcome: int, waited: float) -> float:
    """Say what events tell about a facet: a wait, days beyond the promise, steps and refund days of a return.

    ``-gain * ln((waited + w0) / (standard + w0))`` and the same in days for handling (perceived duration grows as the
    logarithm: Fechner 1860); lateness is a loss that grows in steps, not a line (see the Olist table of the facts).
    """
    need = int(people[i, Me.NEED])
    if facet == RESPONSIVENESS:
        soft = world[GENERAL, General.WAIT_SOFTENING]
        heard = world[GENERAL, General.GAIN_WAIT] * -np.log((waited + soft) / (world[k, Touch.STANDARD] + soft))
        return heard if outcome == SERVED else heard - world[GENERAL, General.REFUSED]
    if facet == FULFILMENT and need == DELIVERY:
        loss = 0.0
        for j in range(N_LATE):
            if people[i, Me.LATE] > world[GENERAL, General.LATE_FROM + j]:
                loss = world[GENERAL, General.LATE_LOSS + j]
        return -world[GENERAL, General.GAIN_LATENESS] * loss
    if facet == RETURNS and need == RETURN:
        soft = world[GENERAL, General.HANDLING_SOFTENING]
        days = -np.log((people[i, Me.HANDLING] + soft) / (world[k, Touch.HANDLING_STANDARD] + soft))
        return world[GENERAL, General.GAIN_HANDLING] * days - world[GENERAL, General.GAIN_STEPS] * world[k, Touch.STEPS]
    return 0.0


@rule
def experience(
    world: np.ndarray, people: np.ndarray, i: int, k: int, outcome: int, started: float, ended: float
) -> float:
    """Turn a contact into evidence on each facet shown, move the views, and return the emotion (-1 .. 1, or nan).

    Emotion is the hyperbolic tangent of the mean evidence.  A contact in vain is evidence on responsiveness only, an
    unnoticed one is none.  Days late and days until the refund become known here; after a return the customer's clock
    stands at the refund.
    """
    arrived, need = people[i, Me.NOW], int(people[i, Me.NEED])
    people[i, Me.NOW] = ended
    if outcome == SERVED and need == DELIVERY:
        people[i, Me.LATE] = arrived - people[i, Me.ORDERED] - world[GENERAL, General.PROMISED]
    if outcome == SERVED and need == RETURN:
        word, _, _, _ = block(world, people, i, place_at(world, k), people[i, Me.MET + (k - TOUCHPOINTS)], HANDLE)
        people[i, Me.HANDLING] = quantile(world, k, Touch.HANDLING, uniform(word))
        people[i, Me.NOW] = ended + people[i, Me.HANDLING]
    shown = int(world[k, Touch.N_SHOWN])
    if shown == 0 or outcome == UNNOTICED:
        return np.nan
    waited = started - arrived if outcome == SERVED else ended - arrived
    word, _, _, _ = block(world, people, i, place_at(world, k), people[i, Me.MET + (k - TOUCHPOINTS)], EVIDENCE)
    total, heard = 0.0, 0
    for j in range(shown):
        facet = int(world[k, Touch.SHOWN + j])
        if outcome != SERVED and facet != RESPONSIVENESS:
            continue
        evidence = world[k, Touch.QUALITY + j] + _signal(world, people, i, k, facet, outcome, waited)
        if world[k, Touch.SPREAD + j] > 0.0:
            evidence += world[k, Touch.SPREAD + j] * normal(uniform(mix(word, facet_at(world, facet))))
        seen = people[i, Me.SEEN + facet] + 1.0
        weight = max(world[GENERAL, General.RECENCY], 1.0 / (seen + world[GENERAL, General.PRIOR]))
        people[i, Me.VIEW + facet] += weight * (evidence - people[i, Me.VIEW + facet])
        people[i, Me.SEEN + facet] = seen
        total += evidence
        heard += 1
    return 1.0 - 2.0 / (np.exp(2.0 * total / heard) + 1.0) if heard > 0 else np.nan  # tanh, twice as fast


@compiled
def satisfaction(world: np.ndarray, people: np.ndarray, i: int) -> float:
    """Weigh the views and what the survey does not ask."""
    total = world[GENERAL, General.W_NOISE] * people[i, Me.NOISE]
    total += world[GENERAL, General.W_PRODUCT] * people[i, Me.PRODUCT]
    total += world[GENERAL, General.W_VALUE] * people[i, Me.VALUE]
    total += world[GENERAL, General.W_DISPOSITION] * people[i, Me.DISPOSITION]
    first = General.WEIGHT_EXPERIENCE if people[i, Me.GOODS] > 0.0 else General.WEIGHT_SEARCH
    for facet in range(N_FACETS):
        total += world[GENERAL, first + facet] * people[i, Me.VIEW + facet]
    return total


@compiled
def remember(world: np.ndarray, people: np.ndarray, i: int) -> None:
    """Keep satisfaction and views as they are now: what a survey at this moment would ask about."""
    people[i, Me.SATISFACTION] = satisfaction(world, people, i)
    for facet in range(N_FACETS):
        people[i, Me.VIEW_THEN + facet] = people[i, Me.VIEW + facet]
        people[i, Me.SEEN_THEN + facet] = people[i, Me.SEEN + facet]
