"""What the brand knows of a customer: contacts linked to a person (CRM), and the interest learnt from them.

    linked     with probability `coverage`, contact by contact, online and offline alike
    knowledge  1 - (1 - accuracy) ^ (number of linked contacts)

Knowledge makes what is shown fit better (customisation), in proportion to the customer's own interest, and sells more
along with an order; only a customer with a linked contact can be sent anything.  Called by `rules`, `views`,
`aftermath` and `messages`.
"""

from __future__ import annotations

import numpy as np

from touchsim.engine.compiling import compiled, rule
from touchsim.engine.identity import block, place_at
from touchsim.engine.randomness import LINK, uniform
from touchsim.world.layout import GENERAL, General, Me

__all__ = ["knowledge_of", "link"]


@rule
def link(world: np.ndarray, people: np.ndarray, i: int, k: int) -> None:
    """Link the contact under way at touchpoint `k` to the person, or not."""
    coverage = world[GENERAL, General.COVERAGE]
    linked = 1.0
    if coverage < 1.0:
        word, _, _, _ = block(world, people, i, place_at(world, k), people[i, Me.NTH_THEN], LINK)
        linked = 1.0 if uniform(word) < coverage else 0.0
    people[i, Me.LINKED_THEN] = linked
    people[i, Me.LINKED] += linked


@compiled
def knowledge_of(world: np.ndarray, people: np.ndarray, i: int) -> float:
    """How much of a customer's interest is known, 0 to 1."""
    accuracy = world[GENERAL, General.ACCURACY]
    if accuracy == 0.0 or people[i, Me.LINKED] == 0.0:
        return 0.0
    if accuracy == 1.0:
        return 1.0
    return 1.0 - np.exp(people[i, Me.LINKED] * np.log1p(-accuracy))
