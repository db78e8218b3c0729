"""What an offer is worth to a customer at one step of buying: price, service, personalisation, closeness.

    value_i(offer, need) = sum over components c of  weight_i[c] * step[need, c] * offer[c]

after the multi-attribute models of choice (Lancaster 1966; McFadden 1974).  `worth` is the mean of the values met so
far, less what contradictions between touchpoints take away; it carries part of the effect to satisfaction.  Called by
`rules.choose`, `rules.decide`, `views.experience` and `aftermath`.
"""

from __future__ import annotations

import numpy as np

from touchsim.engine.compiling import compiled
from touchsim.world.layout import GENERAL, N_COMPONENTS, NEEDS, General, Me, Need

__all__ = ["feel_worth", "value_of"]


@compiled
def value_of(world: np.ndarray, people: np.ndarray, i: int, row: int, column: int, need: int) -> float:
    """Value of the offer that stands in a row from `column` on, to customer `i` with a need."""
    total = 0.0
    for c in range(N_COMPONENTS):
        total += people[i, Me.WEIGHT + c] * world[NEEDS + need, Need.VALUE + c] * world[row, column + c]
    return total


@compiled
def feel_worth(world: np.ndarray, people: np.ndarray, i: int, value: float, conflict: float) -> None:
    """Take the value of one more contact into the mean of those met."""
    people[i, Me.WORTHS] += 1.0
    met = value - world[GENERAL, General.CONFLICT_VALUE] * conflict
    people[i, Me.WORTH] += (met - people[i, Me.WORTH]) / people[i, Me.WORTHS]
