"""What a customer decides after a contact: advance, stay, back or leave, and what weighed most in it.

A race (see `choice`) between the four, whose base probabilities belong to the need:

    advance   * exp(emotion + value + disposition + awareness + reputation + talk - overload)
    leave     * exp(-emotion + in vain + fright + overload - satisfaction of a subscriber)

each with a coefficient of its own; 0 switches it off.  The largest pull is written down as the cause, for the story.
One of the `rules`.
"""

from __future__ import annotations

import numpy as np

from touchsim.engine.aftermath import advance, enter_stages, give_up, turn_to
from touchsim.engine.alignment import answered
from touchsim.engine.awareness import awareness_of, learn
from touchsim.engine.choice import finish
from touchsim.engine.compiling import compiled, rule
from touchsim.engine.identity import block, place_at
from touchsim.engine.pressure import overload, press
from touchsim.engine.randomness import DECIDE, uniform
from touchsim.engine.script import go_on
from touchsim.engine.value import value_of
from touchsim.engine.views import satisfaction
from touchsim.engine.voice import ask
from touchsim.engine.words import (
    ADVANCE,
    AWARE,
    BACK,
    BAD_NAME,
    CHEERFUL,
    DISAPPOINTED,
    FELT_BADLY,
    FELT_WELL,
    GAVE_UP,
    GOOD_NAME,
    IN_VAIN,
    IRRITATED,
    LEAVE,
    NO_CAUSE,
    NO_NEED,
    NOT_WORTH_IT,
    OWN_MIND,
    PRESSED,
    PURCHASE_DECISION,
    RENEWAL,
    SCARED_AWAY,
    SERVED,
    STAY,
    UNNOTICED,
    WENT_WRONG,
    WORTH_IT,
)  # fmt: skip
from touchsim.world.layout import GENERAL, NEEDS, General, Me, Need, Touch

__all__ = ["decide"]


@rule
def _count(world: np.ndarray, people: np.ndarray, i: int, k: int) -> None:
    """Count what a served contact amounts to for the funnel: a visit of the site, consent, an action."""
    if world[k, Touch.VISIT] > 0.0:
        people[i, Me.VISITED] += 1.0
        people[i, Me.CONSENT] = people[i, Me.WILLING]
    people[i, Me.ACTIONS] += world[k, Touch.ACTION]
    if world[k, Touch.VISIT] + world[k, Touch.ACTION] > 0.0:
        enter_stages(world, people, i)


@rule
def _heavier(most: float, cause: float, pull: float, helps: int, hinders: int) -> tuple[float, float]:
    """Keep the cause that weighed most so far, or the one whose pull is now added."""
    if abs(pull) > abs(most):
        return pull, float(helps if pull > 0.0 else hinders)
    return most, cause


@rule
def _pull_on(world: np.ndarray, people: np.ndarray, i: int, k: int, need: int, feeling: float) -> float:
    """Pull towards going on, in logits; what weighed most of it is noted as the cause.

    emotion + value of the offer + disposition, and before the purchase + awareness + reputation + talk - overload
    """
    pull = world[GENERAL, General.EMOTION_ADVANCE] * feeling
    most, cause = _heavier(0.0, float(OWN_MIND), pull, FELT_WELL, FELT_BADLY)
    if world[k, Touch.OFFERED] > 0.0:
        worth = world[GENERAL, General.VALUE_ADVANCE] * value_of(world, people, i, k, Touch.OFFER, need)
        most, cause = _heavier(most, cause, worth, WORTH_IT, NOT_WORTH_IT)
        pull += worth
    if world[GENERAL, General.CHEERFUL] != 0.0:
        nature = world[GENERAL, General.CHEERFUL] * people[i, Me.DISPOSITION]
        most, cause = _heavier(most, cause, nature, CHEERFUL, CHEERFUL)
        pull += nature
    if need <= PURCHASE_DECISION:
        if world[GENERAL, General.AWARE_ADVANCE] != 0.0:
            known = world[GENERAL, General.AWARE_ADVANCE] * awareness_of(world, people, i, people[i, Me.NOW])
            most, cause = _heavier(most, cause, known, AWARE, AWARE)
            pull += known
        if world[GENERAL, General.VOICE] > 0.0:
            said = world[GENERAL, General.NAME_ADVANCE] * people[i, Me.REPUTATION]
            said += world[GENERAL, General.TALK_ADVANCE] * people[i, Me.TALK]
            most, cause = _heavier(most, cause, said, GOOD_NAME, BAD_NAME)
            pull += said
        if world[GENERAL, General.PRESSURE_ADVANCE] != 0.0:
            burden = -world[GENERAL, General.PRESSURE_ADVANCE] * overload(world, people, i, people[i, Me.NOW])
            most, cause = _heavier(most, cause, burden, PRESSED, PRESSED)
            pull += burden
    people[i, Me.CAUSE] = cause
    return pull


@rule
def _pull_out(
    world: np.ndarray, people: np.ndarray, i: int, k: int, need: int, outcome: int, feeling: float
) -> tuple[float, float]:
    """Pull towards leaving, in logits, and what weighed most of it: a bad feeling, in vain, a fright, messages.

    Who feels well stays; satisfaction keeps a subscriber from ending (`renew_slope`).
    """
    pull = -world[GENERAL, General.EMOTION_LEAVE] * feeling
    most, cause = _heavier(0.0, float(OWN_MIND), max(pull, 0.0), FELT_BADLY, FELT_BADLY)
    if outcome != SERVED:
        pull += world[GENERAL, General.VAIN_LEAVE]
        most, cause = _heavier(most, cause, max(world[GENERAL, General.VAIN_LEAVE], 0.0), IN_VAIN, IN_VAIN)
    if people[i, Me.RISK_THEN] > 0.0 and outcome == SERVED:
        pull += world[k, Touch.RISK_SCARES]
        most, cause = _heavier(most, cause, world[k, Touch.RISK_SCARES], WENT_WRONG, WENT_WRONG)
    if world[GENERAL, General.PRESSURE_LEAVE] != 0.0:
        burden = world[GENERAL, General.PRESSURE_LEAVE] * overload(world, people, i, people[i, Me.NOW])
        most, cause = _heavier(most, cause, max(burden, 0.0), PRESSED, PRESSED)
        pull += burden
    if need == RENEWAL and world[GENERAL, General.RENEW_SLOPE] != 0.0:
        content = -world[GENERAL, General.RENEW_SLOPE] * satisfaction(world, people, i)
        most, cause = _heavier(most, cause, max(content, 0.0), FELT_BADLY, FELT_BADLY)
        pull += content
    return pull, cause


@compiled
def _along_the_script(world: np.ndarray, people: np.ndarray, i: int, k: int, outcome: int) -> int:
    """Learn and count as anybody does, then go on as the script says."""
    if outcome == SERVED:
        learn(world, people, i, k, people[i, Me.NOW])
        _count(world, people, i, k)
    return go_on(world, people, i, k, outcome)


@rule
def _reason(cause: float, outcome: int, feeling: float) -> int:
    """Reason of a customer who leaves after a contact."""
    if cause == WENT_WRONG:
        return SCARED_AWAY
    if cause == PRESSED:
        return IRRITATED
    if outcome != SERVED:
        return GAVE_UP
    return DISAPPOINTED if feeling < 0.0 else NO_NEED


@rule
def decide(world: np.ndarray, people: np.ndarray, i: int, k: int, outcome: int, emotion: float) -> int:
    """Decide after a contact and do what follows; return the code of the decision.

    A race between advance, stay, back and leave, whose base probabilities belong to the need; pulls speed advancing
    (`_pull_on`) and leaving (`_pull_out`).  After a contact in vain nobody advances and leaving is the likelier; an
    unnoticed message moves nobody.
    """
    row, need = NEEDS + int(people[i, Me.NEED]), int(people[i, Me.NEED])
    people[i, Me.LAST], people[i, Me.DONE] = k, people[i, Me.NOW]
    people[i, Me.COST] += world[k, Touch.COST] if outcome == SERVED or outcome == UNNOTICED else 0.0
    if outcome == SERVED:
        answered(world, people, i, k)
        people[i, Me.BEFORE] = k
    if world[k, Touch.BRAND] > 0.0:
        press(world, people, i, people[i, Me.NOW])
    people[i, Me.CAUSE] = NO_CAUSE
    if people[i, Me.SCRIPT] > 0.0:
        return _along_the_script(world, people, i, k, outcome)
    if outcome != SERVED:
        people[i, Me.TRIES] += 1.0
        if people[i, Me.TRIES] >= world[GENERAL, General.TRIES]:
            people[i, Me.CAUSE] = IN_VAIN
            give_up(world, people, i, GAVE_UP)
            return LEAVE
        if outcome == UNNOTICED:
            return STAY
    feeling = 0.0 if np.isnan(emotion) else emotion
    a, b, c, d = block(world, people, i, place_at(world, k), people[i, Me.NTH_THEN], DECIDE)
    chosen, best = STAY, finish(uniform(b), world[row, Need.STAY], np.inf)
    people[i, Me.CAUSE] = OWN_MIND
    if outcome == SERVED:
        learn(world, people, i, k, people[i, Me.NOW])
        _count(world, people, i, k)
        rarity, pull = world[row, Need.ADVANCE], _pull_on(world, people, i, k, need, feeling)
        if pull != 0.0:
            rarity *= np.exp(-pull)
        done = finish(uniform(a), rarity, best)
        if done < best:
            chosen, best = ADVANCE, done
    if world[row, Need.BACK] < np.inf:
        done = finish(uniform(c), world[row, Need.BACK], best)
        if done < best:
            chosen, best = BACK, done
    rarity = world[row, Need.LEAVE]
    pull, cause = _pull_out(world, people, i, k, need, outcome, feeling)
    if pull != 0.0:
        rarity *= np.exp(-pull)
    if finish(uniform(d), rarity, best) < best:
        chosen = LEAVE
        people[i, Me.CAUSE] = cause
    if chosen == ADVANCE:
        advance(world, people, i, k)
    elif chosen == BACK:
        turn_to(people, i, need - 1)
    elif chosen == LEAVE:
        give_up(world, people, i, _reason(cause, outcome, feeling))
    if outcome == SERVED:
        ask(world, people, i, k, people[i, Me.DONE])
    return chosen
