"""Too much of a good thing: contacts that the brand starts weigh on a customer, tire, and make them opt out.

    P        <- P * exp(-dt / fading) + 1      at each contact that the brand starts, noticed or not
    overload  = max(0, P - tolerance_i)
    opt-out     with probability 1 - exp(-opt_out * overload) at a message

(wear-in and wear-out of repeated contact: Pechmann & Stewart 1988).  Overload also slows going on and speeds leaving
(`rules.decide`) and turns customers away from what the brand starts (`rules.choose`).
"""

from __future__ import annotations

import numpy as np

from touchsim.engine.compiling import compiled, rule
from touchsim.engine.identity import block, place_at
from touchsim.engine.randomness import ANSWER, uniform
from touchsim.engine.words import LEAD
from touchsim.world.layout import GENERAL, N_STAGES, General, Me

__all__ = ["may_opt_out", "overload", "press"]


@rule
def press(world: np.ndarray, people: np.ndarray, i: int, now: float) -> None:
    """Count one more contact that the brand starts."""
    since = now - people[i, Me.PRESSED_AT]
    if since >= 0.0:
        people[i, Me.PRESSED] = people[i, Me.PRESSED] * np.exp(-since / world[GENERAL, General.PRESSURE_FADING]) + 1.0
        people[i, Me.PRESSED_AT] = now
    else:  # it came during a contact that has ended meanwhile: as much of it as is left
        people[i, Me.PRESSED] += np.exp(since / world[GENERAL, General.PRESSURE_FADING])


@compiled
def overload(world: np.ndarray, people: np.ndarray, i: int, now: float) -> float:
    """Contacts beyond what the customer tolerates, at one moment; 0 or more."""
    if people[i, Me.PRESSED] == 0.0:
        return 0.0
    since = max(now - people[i, Me.PRESSED_AT], 0.0)
    left = people[i, Me.PRESSED] * np.exp(-since / world[GENERAL, General.PRESSURE_FADING])
    return max(left - people[i, Me.TOLERANCE], 0.0)


@compiled
def may_opt_out(world: np.ndarray, people: np.ndarray, i: int, k: int, now: float) -> None:
    """Withdraw consent, perhaps, after a message from touchpoint `k`: no lead any more, and no further message."""
    rate = world[GENERAL, General.OPT_OUT]
    if rate == 0.0 or people[i, Me.CONSENT] == 0.0:
        return
    burden = overload(world, people, i, now)
    if burden > 0.0:
        word, _, _, _ = block(world, people, i, place_at(world, k), people[i, Me.NTH_THEN], ANSWER)
        if uniform(word) >= np.exp(-rate * burden):
            people[i, Me.CONSENT], people[i, Me.WILLING] = 0.0, 0.0
            people[i, Me.OPTED_OUT] = now
            people[i, Me.REACHED + LEAD] = np.nan
            people[i, Me.STAGE] = 0.0
            for stage in range(1, N_STAGES):
                if not np.isnan(people[i, Me.REACHED + stage]):
                    people[i, Me.STAGE] = float(stage)
