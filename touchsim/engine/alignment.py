"""How a touchpoint fits the one before it, and whether one contact makes another needless.

    fidelity, conflict   of the ordered pair (last touchpoint that served -> this one), 0 where nothing is said
    spared               a contact at b is needless with probability 1 - product over touchpoints a that have served of
                         (1 - supplement[a, b]): each of them may already have answered the question

A contact in vain, or a message that nobody noticed, hands over nothing and answers nothing.  Noted by `answered`, where
a contact ends; read by `rules.choose` (pull, sparing), `rules.begin` (time saved) and `views.experience` (reinforce,
penalty).
"""

from __future__ import annotations

import numpy as np

from touchsim.engine.compiling import compiled, rule
from touchsim.engine.identity import block, place_at
from touchsim.engine.randomness import SPARE, mix, uniform
from touchsim.engine.words import ALTERNATIVES, HELP, INFORMATION_SEARCH
from touchsim.world.layout import GENERAL, NEEDS, TOUCHPOINTS, Fit, General, Me, Touch

__all__ = ["answered", "conflict_of", "fidelity_of", "is_spared"]


@rule
def _served(world: np.ndarray, k: int) -> int:
    """Column of a customer in which stands how often touchpoint `k` served."""
    return Me.MET + int(world[GENERAL, General.LAST_TOUCHPOINT]) - TOUCHPOINTS + k - TOUCHPOINTS


@rule
def answered(world: np.ndarray, people: np.ndarray, i: int, k: int) -> None:
    """Note that touchpoint `k` has served the customer."""
    people[i, _served(world, k)] += 1.0


@rule
def _pair(world: np.ndarray, k: int, last: int, column: int) -> float:
    if last < TOUCHPOINTS or world[k, Touch.FITTED] == 0.0:
        return 0.0
    return world[k, Touch.PAIR + Fit.WIDTH * (last - TOUCHPOINTS) + column]


@rule
def fidelity_of(world: np.ndarray, people: np.ndarray, i: int, k: int) -> float:
    """How much of what was told where the customer was last served is known at touchpoint `k`, 0 to 1."""
    return _pair(world, k, int(people[i, Me.BEFORE]), Fit.FIDELITY)


@rule
def conflict_of(world: np.ndarray, people: np.ndarray, i: int, k: int) -> float:
    """How far touchpoint `k` contradicts the last one that served, 0 to 1."""
    return _pair(world, k, int(people[i, Me.BEFORE]), Fit.CONFLICT)


@compiled
def is_spared(world: np.ndarray, people: np.ndarray, i: int, k: int, need: int) -> bool:
    """Whether contacts before have made this one at touchpoint `k` needless; only for questions, never for an order."""
    if need != INFORMATION_SEARCH and need != ALTERNATIVES and need != HELP:
        return False
    asks = 1.0
    for n in range(int(world[GENERAL, General.LAST_TOUCHPOINT]) - TOUCHPOINTS):
        supplement = world[k, Touch.PAIR + Fit.WIDTH * n + Fit.SUPPLEMENT]
        if supplement > 0.0 and people[i, _served(world, TOUCHPOINTS + n)] > 0.0:
            asks *= 1.0 - supplement
    if asks >= 1.0:
        return False
    word, _, _, _ = block(world, people, i, place_at(world, k), people[i, Me.CHOICES + need], SPARE)
    return uniform(mix(word, place_at(world, NEEDS + need))) >= asks
