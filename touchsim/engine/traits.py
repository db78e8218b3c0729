"""Who somebody is: the traits drawn once at birth, correlated within a segment where the scenario says so.

    scores = L z         z independent standard normal, L the Cholesky factor of the segment's correlations
    trait  = median * exp(sd * score)     spans, tolerance, patience, interest
    trait  = mean + sd * score            weights of the offer, affinity, inertia, voice

Each score hangs on its own trait's key, so that a further trait changes no other.  Called by `rules.be_born`.
"""

from __future__ import annotations

import math

import numpy as np

from touchsim.engine.compiling import compiled, rule
from touchsim.engine.durations import quantile
from touchsim.engine.identity import block, place_at
from touchsim.engine.randomness import BIRTH, LATENT, TRAIT, mix, normal, uniform
from touchsim.world.layout import GENERAL, N_COMPONENTS, N_TRAITS, General, Me, Segment
from touchsim.world.traits import TRAITS

__all__ = ["draw_traits"]

ONLINE, PATIENCE, PRODUCT, VALUE, DISPOSITION, SPAN, TOLERANCE = range(7)
PRICE, INERTIA = TRAITS.index("price"), TRAITS.index("inertia")
INTEREST, VOICE, RATE = TRAITS.index("interest"), TRAITS.index("voice"), TRAITS.index("rate")


@rule
def draw_traits(world: np.ndarray, people: np.ndarray, i: int, segment: int) -> None:
    """Draw what customer `i` of the segment in row `segment` is like; further traits only where they are read."""
    place = place_at(world, segment)
    a, b, c, d = block(world, people, i, place, 0.0, BIRTH)
    people[i, Me.WILLING] = 1.0 if uniform(a) < world[segment, Segment.CONSENT] else 0.0
    people[i, Me.GOODS] = 1.0 if uniform(b) < world[segment, Segment.EXPERIENCE] else 0.0
    e, f, g, h = block(world, people, i, place, 0.0, LATENT)
    drawn = world[segment, Segment.DRAWN] > 0.0
    if drawn or world[segment, Segment.AFFINITY_SD] > 0.0:
        people[i, Me.SCORE + ONLINE] = normal(uniform(c))
    if drawn or world[segment, Segment.PATIENCE_SD] > 0.0:
        people[i, Me.SCORE + PATIENCE] = normal(uniform(d))
    people[i, Me.SCORE + PRODUCT], people[i, Me.SCORE + VALUE] = normal(uniform(e)), normal(uniform(f))
    people[i, Me.SCORE + DISPOSITION], people[i, Me.NOISE] = normal(uniform(g)), normal(uniform(h))
    if drawn:
        _draw_further(world, people, i, segment)
    affinity, patience = world[segment, Segment.AFFINITY], 1.0
    if world[segment, Segment.AFFINITY_SD] > 0.0:
        affinity += world[segment, Segment.AFFINITY_SD] * people[i, Me.SCORE + ONLINE]
    if world[segment, Segment.PATIENCE_SD] > 0.0:
        patience = np.exp(world[segment, Segment.PATIENCE_SD] * people[i, Me.SCORE + PATIENCE])
    people[i, Me.ONLINE_RARITY], people[i, Me.PATIENCE] = np.exp(-affinity), patience
    people[i, Me.PRODUCT], people[i, Me.VALUE] = people[i, Me.SCORE + PRODUCT], people[i, Me.SCORE + VALUE]
    people[i, Me.DISPOSITION] = people[i, Me.SCORE + DISPOSITION]
    people[i, Me.SAME_RARITY] = world[GENERAL, General.SAME_RARITY]
    if drawn and world[segment, Segment.INERTIA_SD] > 0.0:
        people[i, Me.SAME_RARITY] *= np.exp(-world[segment, Segment.INERTIA_SD] * people[i, Me.SCORE + INERTIA])


@compiled
def _draw_further(world: np.ndarray, people: np.ndarray, i: int, segment: int) -> None:
    """Draw spans, weights, interest, voice and rate; then let traits go together."""
    word, _, _, _ = block(world, people, i, place_at(world, segment), 0.0, TRAIT)
    for trait in range(SPAN, N_TRAITS):
        people[i, Me.SCORE + trait] = normal(uniform(mix(word, place_at(world, GENERAL, General.TRAIT + trait))))
    if world[segment, Segment.CORRELATED] > 0.0:
        for trait in range(N_TRAITS - 1, -1, -1):  # downwards: a score needs the independent ones before it
            row = Segment.CHOLESKY + trait * (trait + 1) // 2
            score = 0.0
            for other in range(trait + 1):
                score += world[segment, row + other] * people[i, Me.SCORE + other]
            people[i, Me.SCORE + trait] = score
    span = world[segment, Segment.SPAN_SD] * people[i, Me.SCORE + SPAN]
    people[i, Me.SPAN] = world[segment, Segment.SPAN] * np.exp(span)
    people[i, Me.TOLERANCE] = world[segment, Segment.TOLERANCE] * np.exp(
        world[segment, Segment.TOLERANCE_SD] * people[i, Me.SCORE + TOLERANCE]
    )
    for c in range(N_COMPONENTS):
        spread = world[segment, Segment.WEIGHT_SD] * people[i, Me.SCORE + PRICE + c]
        people[i, Me.WEIGHT + c] = world[segment, Segment.WEIGHT + c] + spread
    people[i, Me.PROPENSITY] = people[i, Me.SCORE + INTEREST]
    people[i, Me.INTEREST] = np.exp(world[segment, Segment.INTEREST_SD] * people[i, Me.SCORE + INTEREST])
    people[i, Me.VOICE] = world[segment, Segment.VOICE_SD] * people[i, Me.SCORE + VOICE]
    people[i, Me.RATE] = 1.0
    if world[GENERAL, General.RATE_CV] > 0.0:  # the gamma law reads the score's own uniform number
        u = 0.5 * math.erfc(-people[i, Me.SCORE + RATE] * 0.7071067811865476)
        people[i, Me.RATE] = quantile(world, GENERAL, General.RATE, min(max(u, 1e-16), 1.0 - 1e-16))
