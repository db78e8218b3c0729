"""How a touchpoint is chosen: what can be reached for the current need, what suits best, when the customer gets there.

Every choice is a *race*: option j would finish at -ln(u_j) / exp(U_j), the first to finish wins.  That is the logit
choice argmax(U_j + Gumbel noise) (Luce 1959; McFadden 1974) with one logarithm per option, and each option's noise
hangs on its own key (Gumbel-max coupling; Oberst & Sontag 2019).  What pulls at it comes from rooms of its own:
`value`, `alignment`, `awareness`, `pressure`, `voice`; a coefficient of zero multiplies by exp(0) = 1 and changes no
bit.  One of the `rules`.
"""

from __future__ import annotations

import numpy as np

from touchsim.engine.aftermath import give_up, turn_to
from touchsim.engine.alignment import fidelity_of, is_spared
from touchsim.engine.awareness import awareness_of
from touchsim.engine.compiling import compiled, rule
from touchsim.engine.durations import quantile
from touchsim.engine.hours import come_when_open
from touchsim.engine.identity import block, place_at
from touchsim.engine.messages import called
from touchsim.engine.pressure import overload
from touchsim.engine.randomness import CHOOSE, mix, uniform
from touchsim.engine.script import follow
from touchsim.engine.value import value_of
from touchsim.engine.words import NO_NEED, NOTHING_REACHED, PURCHASE_DECISION, TO_A_RIVAL
from touchsim.world.layout import (
    GENERAL,
    NEEDS,
    Competitor,
    General,
    Me,
    Message,
    Need,
    Option,
    Segment,
    Touch,
    constant,
)  # fmt: skip

__all__ = ["CHOOSING", "COMING", "ELSEWHERE", "NOWHERE", "OVER", "SPARED", "choose", "finish", "pass_by"]

NOWHERE, ELSEWHERE, SPARED = (constant(-n) for n in (1, 2, 3))
"""Where a choice may lead besides a touchpoint: nothing was reached; a rival; what was asked is answered already."""

CHOOSING, COMING, OVER = (constant(n) for n in range(3))
"""Steps of a customer between two contacts: about to choose; on the way to a touchpoint; the run is over."""


@rule
def finish(u: float, rarity: float, best: float) -> float:
    """When an option finishes its race; "never" where -ln(u) >= 1 - u tells that it is too late for the best so far."""
    return -np.log(u) * rarity if (1.0 - u) * rarity < best else np.inf


@compiled
def _pull(world: np.ndarray, people: np.ndarray, i: int, k: int, need: int, brand: float, burden: float) -> float:
    """Pull of touchpoint `k` on a choice, in logits: its offer, what is handed over to it, aversion to the brand."""
    pull = 0.0
    if world[k, Touch.OFFERED] > 0.0:
        pull += world[GENERAL, General.VALUE_CHOICE] * value_of(world, people, i, k, Touch.OFFER, need)
    if world[k, Touch.FITTED] > 0.0:
        pull += world[GENERAL, General.PULL] * fidelity_of(world, people, i, k)
    return pull - world[GENERAL, General.PRESSURE_CHOICE] * burden * brand


@compiled
def _rival(world: np.ndarray, people: np.ndarray, i: int, noise: int, need: int, best: float) -> float:
    """Let the rivals run in the race for a need; return when the first finished, `best` if none was faster.

    A rival runs at  appeal * exp(value of the offer - on_choice * awareness of us - on_choice * our reputation).
    """
    for r in range(int(world[GENERAL, General.FIRST_RIVAL]), int(world[GENERAL, General.LAST_RIVAL])):
        if world[r, Competitor.SERVES + need] > 0.0:
            pull = world[GENERAL, General.VALUE_CHOICE] * value_of(world, people, i, r, Competitor.OFFER, need)
            pull -= world[GENERAL, General.AWARE_CHOICE] * awareness_of(world, people, i, people[i, Me.NOW])
            pull -= world[GENERAL, General.NAME_CHOICE] * people[i, Me.REPUTATION]
            rarity = world[r, Competitor.RARITY] * np.exp(-pull)
            if world[r, Competitor.ONLINE] > 0.0:
                rarity *= people[i, Me.ONLINE_RARITY]
            done = finish(uniform(mix(noise, place_at(world, r))), rarity, best)
            if done < best:
                best, people[i, Me.RIVAL] = done, r
    return best


@rule
def choose(world: np.ndarray, people: np.ndarray, i: int) -> tuple[int, float]:
    """Choose a touchpoint for the current need, and say when the customer gets there.

    A touchpoint is considered with probability `reach`; among those considered, the race is won with probability
    proportional to ``appeal * exp(online + affinity[channel] + inertia * same channel + pull)``, `online` the personal
    pull of touchpoints that are online, `affinity` the segment's of each channel (state dependence: Dube, Hitsch &
    Rossi 2010), and rivals run along.  Thinking comes first, then travel or, for a delivery, transit.  A contact that
    the brand has planned (a sales call) comes first where it comes sooner.

    Returns
    -------
    k : int
        Row of the touchpoint, or `NOWHERE`, `ELSEWHERE`, `SPARED`.
    when : float
        Days; the customer arrives there, or has thought in vain.
    """
    if people[i, Me.SCRIPT] > 0.0:
        return follow(world, people, i)
    need = int(people[i, Me.NEED])
    row = NEEDS + need
    nth = people[i, Me.CHOICES + need]
    people[i, Me.CHOICES + need] = nth + 1.0
    noise, considered, thought, travel = block(world, people, i, place_at(world, row), nth, CHOOSE)
    now = people[i, Me.NOW] + quantile(world, row, Need.THINK, uniform(thought))
    people[i, Me.REPUTATION], people[i, Me.TALK] = world[GENERAL, General.REPUTATION], world[GENERAL, General.TALK]
    people[i, Me.STEP], people[i, Me.CALLED_FOR], people[i, Me.SENT_BY] = COMING, np.nan, -1.0
    last, rich = int(people[i, Me.LAST]), world[GENERAL, General.RICH] > 0.0
    used = world[last, Touch.CHANNEL] if last != NOWHERE else NOWHERE
    consent, online, same = people[i, Me.CONSENT], people[i, Me.ONLINE_RARITY], people[i, Me.SAME_RARITY]
    fond = int(people[i, Me.SEGMENT]) if world[GENERAL, General.AFFINE] > 0.0 else NOWHERE
    burden = 0.0
    if rich and world[GENERAL, General.PRESSURE_CHOICE] != 0.0:
        burden = overload(world, people, i, people[i, Me.NOW])
    best, chosen, chosen_place = np.inf, NOWHERE, np.uint64(0)
    for j in range(int(world[row, Need.N_OPTIONS])):
        at = Need.OPTION + Option.WIDTH * j
        if world[row, at + Option.NEEDS_CONSENT] > consent:
            continue
        place = place_at(world, row, at)
        reach = world[row, at + Option.REACH]
        if reach < 1.0 and uniform(mix(considered, place)) >= reach:
            continue
        rarity = world[row, at + Option.RARITY]
        if world[row, at + Option.ONLINE] > 0.0:
            rarity *= online
        if fond >= 0:
            rarity *= world[fond, Segment.CHANNEL_RARITY + int(world[row, at + Option.CHANNEL])]
        if world[row, at + Option.CHANNEL] == used:
            rarity *= same
        if rich:
            k = int(world[row, at + Option.TOUCHPOINT])
            pull = _pull(world, people, i, k, need, world[row, at + Option.BRAND], burden)
            if pull != 0.0:
                rarity *= np.exp(-pull)
        done = finish(uniform(mix(noise, place)), rarity, best)
        if done < best:
            best, chosen, chosen_place = done, int(world[row, at + Option.TOUCHPOINT]), place
    if need <= PURCHASE_DECISION and world[GENERAL, General.FIRST_RIVAL] < world[GENERAL, General.LAST_RIVAL]:
        if _rival(world, people, i, noise, need, best) < best:
            chosen = ELSEWHERE
    if chosen >= 0 and world[chosen, Touch.SPARED] > 0.0 and is_spared(world, people, i, chosen, need):
        chosen = SPARED
    if chosen >= 0:
        now += quantile(world, chosen, Touch.DELAY, uniform(mix(travel, chosen_place)))
        now = come_when_open(world, people, i, chosen, now, row, nth)
    if people[i, Me.CALL_AT] <= now:
        m = called(world, people, i, now)
        if m >= 0:
            chosen, now = int(world[m, Message.TOUCHPOINT]), people[i, Me.NOW]
            people[i, Me.SENT_BY] = m
    people[i, Me.NOW], people[i, Me.AT] = now, chosen
    return chosen, now


@compiled
def pass_by(world: np.ndarray, people: np.ndarray, i: int) -> None:
    """Do what follows where a choice led to no touchpoint of ours.

    A search in vain is counted, and after `tries` failures the need is given up; a rival takes the customer; a question
    that is answered already lets the customer go on.
    """
    place, need = int(people[i, Me.AT]), int(people[i, Me.NEED])
    people[i, Me.STEP] = CHOOSING
    if place == ELSEWHERE:
        give_up(world, people, i, TO_A_RIVAL)
    elif place == SPARED:
        people[i, Me.SPARED] += 1.0
        if need < PURCHASE_DECISION:
            turn_to(people, i, need + 1)
        else:
            give_up(world, people, i, NO_NEED)
    else:
        people[i, Me.TRIES] += 1.0
        if people[i, Me.TRIES] >= world[GENERAL, General.TRIES]:
            give_up(world, people, i, NOTHING_REACHED)
