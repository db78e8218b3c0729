"""What a customer knows of the brand: contacts teach and remind, then it fades.

    delivered = noticed in the clutter, and the span of attention at least as long as the message
    A        <- A * exp(-dt / memory),  then  A += (1 - exp(-seconds / learn)) * effect * (1 - A)   if delivered

(goodwill that decays and is refilled: Nerlove & Arrow 1962).  Called by `rules` and `messages`.
"""

from __future__ import annotations

import numpy as np

from touchsim.engine.compiling import compiled, rule
from touchsim.world.layout import GENERAL, General, Me, Touch

__all__ = ["awareness_of", "is_long_enough", "learn"]


@rule
def is_long_enough(world: np.ndarray, people: np.ndarray, i: int, k: int) -> bool:
    """Whether the span of attention lasts for the message of touchpoint `k`."""
    return world[k, Touch.MESSAGE] == 0.0 or people[i, Me.SPAN] >= world[k, Touch.MESSAGE]


@compiled
def awareness_of(world: np.ndarray, people: np.ndarray, i: int, now: float) -> float:
    """Awareness at one moment, 0 to 1."""
    if people[i, Me.AWARE] == 0.0:
        return 0.0
    since = max(now - people[i, Me.AWARE_AT], 0.0)  # a message may be read after the contact during which it came
    return people[i, Me.AWARE] * np.exp(-since / world[GENERAL, General.AWARE_MEMORY])


@rule
def learn(world: np.ndarray, people: np.ndarray, i: int, k: int, now: float) -> None:
    """Take in the message of touchpoint `k`, which was delivered."""
    if world[k, Touch.MESSAGE] > 0.0:
        known = awareness_of(world, people, i, now)
        content = 1.0 - np.exp(-world[k, Touch.MESSAGE] / world[GENERAL, General.AWARE_LEARN])
        people[i, Me.AWARE] = known + content * world[GENERAL, General.AWARE_EFFECT] * (1.0 - known)
        people[i, Me.AWARE_AT] = max(now, people[i, Me.AWARE_AT])
