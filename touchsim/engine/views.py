"""What a customer thinks: evidence of contacts becomes views of the nine facets, views become satisfaction.

    evidence     = quality + gain * signal + reinforce * fidelity - penalty * conflict - loss of what went wrong
                   + what others say (at reviews and word of mouth) + fit to a known interest + spread * noise
    heard        = evidence + disconfirmation * (max(d, 0) - loss * max(-d, 0)),    d = evidence - expectation
    view        += max(recency, 1 / (n + n0)) * (heard - view)            beginning at the customer's expectation
    expectation += learn * (evidence - expectation)
    satisfaction = sum of weight[goods, facet] * view + w_product * product + w_value * (value + worth of offers met)
                   + w_disposition * disposition + w_noise * noise + w_peak_end * (peak + end) / 2

All on one z-scale: 0 is an average judgement, 1 a standard deviation between customers.  The view is the running mean
of Bayesian updating with n0 = weight of the expectation (Boulding, Kalra, Staelin & Zeithaml 1993), floored by a
recency weight; surprise weighs extra, bad surprise perhaps more (Oliver 1980; Anderson & Sullivan 1993); the first
contact that is felt may weigh extra (primacy); an episode is remembered by its peak and its end (Fredrickson & Kahneman
1993).
Product, value and disposition are drivers that the nine-facet survey does not ask.

Called by `rules` (each contact) and `aftermath` (after each order; at the survey).
"""

from __future__ import annotations

import numpy as np

from touchsim.engine.alignment import conflict_of, fidelity_of
from touchsim.engine.compiling import compiled, rule
from touchsim.engine.durations import quantile
from touchsim.engine.identity import block, facet_at, place_at
from touchsim.engine.profile import knowledge_of
from touchsim.engine.randomness import EVIDENCE, EXPECT, HANDLE, mix, normal, uniform
from touchsim.engine.value import feel_worth, value_of
from touchsim.engine.words import (
    CUSTOMISATION,
    DELIVERY,
    FULFILMENT,
    PROBLEM_RECOGNITION,
    RESPONSIVENESS,
    RETURN,
    RETURNS,
    SERVED,
    UNNOTICED,
)  # fmt: skip
from touchsim.world.layout import GENERAL, N_FACETS, N_LATE, General, Me, Touch

__all__ = ["expect", "experience", "remember", "satisfaction"]


@rule
def expect(world: np.ndarray, people: np.ndarray, i: int) -> None:
    """Begin every view at what is expected: the brand's promise, blurred by `expectation sd`."""
    blur = world[GENERAL, General.EXPECTATION_SD]
    word, _, _, _ = block(world, people, i, place_at(world, int(people[i, Me.SEGMENT])), 0.0, EXPECT)
    for facet in range(N_FACETS):
        view = world[GENERAL, General.PROMISE + facet]
        if blur > 0.0:
            view += blur * normal(uniform(mix(word, facet_at(world, facet))))
        people[i, Me.VIEW + facet] = view
        people[i, Me.EXPECTED + facet] = view


@rule
def _signal(
    world: np.ndarray, people: np.ndarray, i: int, k: int, facet: int, outcome: int, waited: float, need: int
) -> float:
    """Say what events tell about a facet: a wait, days beyond the promise, steps and refund days of a return.

    ``-gain * ln((waited + w0) / (standard + w0))`` and the same in days for handling (perceived duration grows as the
    logarithm: Fechner 1860); lateness is a loss that grows in steps, not a line (see the Olist table of the facts).
    """
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
    if facet == CUSTOMISATION and world[GENERAL, General.ACCURACY] > 0.0:
        return world[GENERAL, General.PROFILE_VIEW] * knowledge_of(world, people, i) * people[i, Me.INTEREST]
    return 0.0


@rule
def _from_around(world: np.ndarray, people: np.ndarray, i: int, k: int, outcome: int) -> float:
    """Evidence on every facet shown that comes from around the contact: fit, what went wrong, what others say."""
    total = 0.0
    if outcome == SERVED and world[k, Touch.FITTED] > 0.0:
        total += world[GENERAL, General.REINFORCE] * fidelity_of(world, people, i, k)
        total -= world[GENERAL, General.PENALTY] * conflict_of(world, people, i, k)
    if people[i, Me.RISK_THEN] > 0.0:
        total -= world[k, Touch.RISK_LOSS]
    if world[GENERAL, General.VOICE] > 0.0 and world[k, Touch.TALK] > 0.0:
        said = people[i, Me.REPUTATION] if world[k, Touch.TALK] == 1.0 else people[i, Me.TALK]
        total += world[GENERAL, General.NAME_VIEW] * said
    return total


@rule
def _move(world: np.ndarray, people: np.ndarray, i: int, facet: int, evidence: float) -> float:
    """Move the view of a facet by one piece of evidence; return how it was heard."""
    heard, expected = evidence, people[i, Me.EXPECTED + facet]
    if world[GENERAL, General.DISCONFIRMATION] > 0.0:
        surprise = evidence - expected
        if surprise < 0.0:
            surprise *= world[GENERAL, General.LOSS]
        heard += world[GENERAL, General.DISCONFIRMATION] * surprise
    seen = people[i, Me.SEEN + facet] + 1.0
    weight = max(world[GENERAL, General.RECENCY], 1.0 / (seen + world[GENERAL, General.PRIOR]))
    if world[GENERAL, General.PRIMACY] > 0.0 and people[i, Me.FELT] == 0.0:
        weight = min(weight * (1.0 + world[GENERAL, General.PRIMACY]), 1.0)
    people[i, Me.VIEW + facet] += weight * (heard - people[i, Me.VIEW + facet])
    people[i, Me.SEEN + facet] = seen
    people[i, Me.DELIVERED + facet] += evidence
    if world[GENERAL, General.LEARN] > 0.0:
        people[i, Me.EXPECTED + facet] = expected + world[GENERAL, General.LEARN] * (evidence - expected)
    return heard


@rule
def experience(
    world: np.ndarray, people: np.ndarray, i: int, k: int, outcome: int, started: float, ended: float, need: int
) -> float:
    """Turn a contact into evidence on each facet shown, move the views, and return the emotion (-1 .. 1, or nan).

    Emotion is the hyperbolic tangent of the mean of what was heard.  A contact in vain is evidence on responsiveness
    only, an unnoticed one is none.  Days late (a delivery comes when its service begins, after any line) and days until
    the refund become known here; after a return the customer's clock stands at the refund.  A message that the brand
    sends serves no need (`GONE`).
    """
    arrived = people[i, Me.NOW]
    people[i, Me.NOW] = ended
    if outcome == SERVED and need == DELIVERY:
        people[i, Me.RECEIVED] = 1.0
        people[i, Me.LATE] = started - people[i, Me.ORDERED] - world[GENERAL, General.PROMISED]
    nth = people[i, Me.NTH_THEN]
    if outcome == SERVED and need == RETURN:
        word, _, _, _ = block(world, people, i, place_at(world, k), nth, HANDLE)
        people[i, Me.HANDLING] = quantile(world, k, Touch.HANDLING, uniform(word))
        people[i, Me.NOW] = ended + people[i, Me.HANDLING]
    if outcome == SERVED and world[k, Touch.OFFERED] + world[k, Touch.FITTED] > 0.0:
        value = value_of(world, people, i, k, Touch.OFFER, max(need, PROBLEM_RECOGNITION))
        feel_worth(world, people, i, value, conflict_of(world, people, i, k))
    shown = int(world[k, Touch.N_SHOWN])
    if shown == 0 or outcome == UNNOTICED:
        return np.nan
    waited = started - arrived if outcome == SERVED else ended - arrived
    if people[i, Me.CALLED_FOR] == people[i, Me.CALLED_FOR]:  # a planned contact: waited for since it was due
        waited += arrived - people[i, Me.CALLED_FOR]
    around = _from_around(world, people, i, k, outcome)
    word, _, _, _ = block(world, people, i, place_at(world, k), nth, EVIDENCE)
    total, heard = 0.0, 0
    for j in range(shown):
        facet = int(world[k, Touch.SHOWN + j])
        if outcome != SERVED and facet != RESPONSIVENESS:
            continue
        evidence = world[k, Touch.QUALITY + j] + _signal(world, people, i, k, facet, outcome, waited, need)
        if around != 0.0:
            evidence += around
        if world[k, Touch.SPREAD + j] > 0.0:
            evidence += world[k, Touch.SPREAD + j] * normal(uniform(mix(word, facet_at(world, facet))))
        total += _move(world, people, i, facet, evidence)
        heard += 1
    if heard == 0:
        return np.nan
    people[i, Me.FELT] += 1.0
    emotion = 1.0 - 2.0 / (np.exp(2.0 * total / heard) + 1.0)  # tanh, twice as fast
    people[i, Me.LAST_FELT] = emotion
    if abs(emotion) > abs(people[i, Me.PEAK]):
        people[i, Me.PEAK] = emotion
    return emotion


@compiled
def satisfaction(world: np.ndarray, people: np.ndarray, i: int) -> float:
    """Weigh the views and what the survey does not ask."""
    total = world[GENERAL, General.W_NOISE] * people[i, Me.NOISE]
    total += world[GENERAL, General.W_PRODUCT] * people[i, Me.PRODUCT]
    worth = world[GENERAL, General.VALUE_SATISFACTION] * people[i, Me.WORTH]
    total += world[GENERAL, General.W_VALUE] * (people[i, Me.VALUE] + worth)
    total += world[GENERAL, General.W_DISPOSITION] * people[i, Me.DISPOSITION]
    first = General.WEIGHT_EXPERIENCE if people[i, Me.GOODS] > 0.0 else General.WEIGHT_SEARCH
    for facet in range(N_FACETS):
        total += world[GENERAL, first + facet] * people[i, Me.VIEW + facet]
    if world[GENERAL, General.W_PEAK_END] != 0.0:
        total += world[GENERAL, General.W_PEAK_END] * 0.5 * (people[i, Me.PEAK] + people[i, Me.LAST_FELT])
    return total


@compiled
def remember(world: np.ndarray, people: np.ndarray, i: int) -> None:
    """Keep satisfaction and views as they are now: what a survey at this moment would ask about."""
    people[i, Me.SATISFACTION] = satisfaction(world, people, i)
    for facet in range(N_FACETS):
        people[i, Me.VIEW_THEN + facet] = people[i, Me.VIEW + facet]
        people[i, Me.SEEN_THEN + facet] = people[i, Me.SEEN + facet]
