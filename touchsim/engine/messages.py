"""What the brand sends beside the customer's own journey: bought exposure, and rules of automation.

    exposure   a Poisson stream of contacts at rate  intensity * exp(targeting * propensity_i) * [searching]   per day;
               targeting 0 is a randomised campaign, above 0 reaches those who would buy anyway (Gordon et al. 2019)
    rule       when something happens: wait; unless something else has happened since: send

A rule sends only to customers who consented and of whom one contact is linked; an exposure only where its touchpoint
does not ask for a consent that is missing. A message is read at once; one that comes during a contact is read when that
is over. It teaches and presses, shows facets, costs money, may ask for a review (`voice.ask`), and may bring back a
customer who had left. Where it takes a server's time (a sales call), it is not a message but the customer's next
contact (`called`). In the customers' table each exposure and rule has three columns: when it is due, since when it was
coming, how often it came. Called by both engines between the steps of a journey.
"""

from __future__ import annotations

import numpy as np

from touchsim.engine.alignment import answered
from touchsim.engine.awareness import is_long_enough, learn
from touchsim.engine.compiling import compiled, rule
from touchsim.engine.durations import quantile
from touchsim.engine.identity import block, place_at
from touchsim.engine.pressure import may_opt_out, press
from touchsim.engine.randomness import ANSWER, CONTACT, EXPOSE, WAIT, uniform
from touchsim.engine.records import write_contact
from touchsim.engine.views import experience
from touchsim.engine.voice import ask
from touchsim.engine.words import (
    ALTERNATIVES,
    CONTACT_SINCE,
    GONE,
    INFORMATION_SEARCH,
    NO_CAUSE,
    NO_DECISION,
    PURCHASE,
    SERVED,
    UNNOTICED,
)  # fmt: skip
from touchsim.world.layout import GENERAL, N_STAGES, TOUCHPOINTS, General, Me, Message, Touch

__all__ = ["called", "expose", "send", "trigger"]


@rule
def _slot(world: np.ndarray, m: int) -> int:
    """First of the three columns of the message in row `m`."""
    n_touchpoints = int(world[GENERAL, General.LAST_TOUCHPOINT]) - TOUCHPOINTS
    return Me.MET + 2 * n_touchpoints + 3 * (m - int(world[GENERAL, General.FIRST_MESSAGE]))


@compiled
def _look_ahead(world: np.ndarray, people: np.ndarray, i: int) -> None:
    """Note when the next message and the next planned contact are due."""
    due, call = np.inf, np.inf
    for m in range(int(world[GENERAL, General.FIRST_MESSAGE]), int(world[GENERAL, General.LAST_MESSAGE])):
        at = people[i, _slot(world, m)]
        if world[m, Message.PLANNED] > 0.0:
            call = min(call, at)
        else:
            due = min(due, at)
    people[i, Me.DUE], people[i, Me.CALL_AT] = due, call


@compiled
def _next_exposure(world: np.ndarray, people: np.ndarray, i: int, m: int, now: float) -> float:
    """When the exposure in row `m` may meet the customer next, at the highest rate that it can have (see `_meets`)."""
    rate = world[m, Message.INTENSITY] * np.exp(world[m, Message.TARGETING] * people[i, Me.PROPENSITY])
    rate *= max(world[m, Message.SEARCHING], 1.0)
    if rate <= 0.0 or people[i, Me.NEED] == GONE:
        return np.inf
    word, _, _, _ = block(world, people, i, place_at(world, m), people[i, _slot(world, m) + 2], EXPOSE)
    return now - np.log(uniform(word)) / rate


@compiled
def _meets(world: np.ndarray, people: np.ndarray, i: int, m: int) -> bool:
    """Whether the exposure in row `m`, due now, meets the customer: the stream at the highest rate is thinned out.

    Kept with probability rate now / highest rate, which is exact whenever a search begins or ends (thinning: Lewis &
    Shedler 1979).  Gone, or without a consent that its touchpoint asks for, a customer is not met.
    """
    need, searching = people[i, Me.NEED], world[m, Message.SEARCHING]
    if need == GONE or people[i, Me.CONSENT] < world[m, Message.NEEDS_CONSENT]:
        return False
    if searching == 1.0:
        return True
    kept = searching if need == INFORMATION_SEARCH or need == ALTERNATIVES else 1.0
    _, word, _, _ = block(world, people, i, place_at(world, m), people[i, _slot(world, m) + 2], EXPOSE)
    return uniform(word) * max(searching, 1.0) < kept


@compiled
def expose(world: np.ndarray, people: np.ndarray, i: int) -> None:
    """Begin with the messages of a customer who is born: exposures are on their way, rules wait to be set off."""
    people[i, Me.DUE], people[i, Me.CALL_AT] = np.inf, np.inf
    if world[GENERAL, General.FIRST_MESSAGE] == world[GENERAL, General.LAST_MESSAGE]:
        return
    for m in range(int(world[GENERAL, General.FIRST_MESSAGE]), int(world[GENERAL, General.LAST_MESSAGE])):
        at = np.inf
        if world[m, Message.INTENSITY] > 0.0:
            at = _next_exposure(world, people, i, m, people[i, Me.BORN])
        people[i, _slot(world, m)] = at
    _look_ahead(world, people, i)


@compiled
def trigger(world: np.ndarray, people: np.ndarray, i: int, event: int) -> None:
    """Set off the rules that wait for an event: a stage, or one of the events of `words`."""
    if world[GENERAL, General.FIRST_MESSAGE] == world[GENERAL, General.LAST_MESSAGE]:
        return
    now = people[i, Me.NOW]
    for m in range(int(world[GENERAL, General.FIRST_MESSAGE]), int(world[GENERAL, General.LAST_MESSAGE])):
        slot = _slot(world, m)
        waits = world[m, Message.TIMES] > 0.0 and world[m, Message.WHEN] == event
        if waits and people[i, slot] == np.inf and people[i, slot + 2] < world[m, Message.TIMES]:
            word, _, _, _ = block(world, people, i, place_at(world, m), people[i, slot + 2], WAIT)
            people[i, slot] = now + quantile(world, m, Message.WAIT, uniform(word))
            people[i, slot + 1] = now
    _look_ahead(world, people, i)


@compiled
def _may_send(world: np.ndarray, people: np.ndarray, i: int, m: int) -> bool:
    """Whether the rule in row `m` may send now: consent, a linked person, and nothing has come between."""
    if people[i, Me.CONSENT] == 0.0 or people[i, Me.LINKED] == 0.0:
        return False
    unless, since = int(world[m, Message.UNLESS]), people[i, _slot(world, m) + 1]
    if unless < N_STAGES:
        return np.isnan(people[i, Me.REACHED + unless])
    if unless == PURCHASE:
        return not (people[i, Me.PURCHASES] > 0.0 and people[i, Me.ORDERED] > since)
    if unless == CONTACT_SINCE:
        return people[i, Me.CAME] <= since
    return True


@compiled
def called(world: np.ndarray, people: np.ndarray, i: int, when: float) -> int:
    """Row of the rule whose planned contact comes before `when`, or -1; that rule is done with then."""
    while people[i, Me.CALL_AT] <= when:
        for m in range(int(world[GENERAL, General.FIRST_MESSAGE]), int(world[GENERAL, General.LAST_MESSAGE])):
            slot = _slot(world, m)
            if world[m, Message.PLANNED] > 0.0 and people[i, slot] == people[i, Me.CALL_AT]:
                allowed = _may_send(world, people, i, m)
                if allowed:
                    people[i, Me.NOW] = max(people[i, Me.NOW], people[i, slot])
                    people[i, Me.CALLED_FOR] = people[i, slot + 1]
                    people[i, slot + 2] += 1.0
                people[i, slot] = np.inf
                _look_ahead(world, people, i)
                if allowed:
                    return m
                break
    return -1


@compiled
def _come_back(world: np.ndarray, people: np.ndarray, i: int, k: int, chance: float, now: float) -> None:
    """Bring back a customer who had left, perhaps, to the step at which they left: their next journey.

    A message that came during the contact after which they left is read when that is over, not before.
    """
    now = max(now, people[i, Me.NOW])
    _, word, _, _ = block(world, people, i, place_at(world, k), people[i, Me.NTH_THEN], ANSWER)
    if uniform(word) < chance:
        people[i, Me.NEED], people[i, Me.TRIES] = people[i, Me.LEFT_FROM], 0.0
        people[i, Me.REASON], people[i, Me.ENDED], people[i, Me.RIVAL] = 0.0, np.nan, 0.0
        people[i, Me.JOURNEY] += 1.0
        people[i, Me.NOW] = now
        for m in range(int(world[GENERAL, General.FIRST_MESSAGE]), int(world[GENERAL, General.LAST_MESSAGE])):
            if world[m, Message.INTENSITY] > 0.0:
                people[i, _slot(world, m)] = _next_exposure(world, people, i, m, now)
        _look_ahead(world, people, i)


@compiled
def send(world: np.ndarray, people: np.ndarray, i: int, visits: np.ndarray, n: int) -> bool:
    """Send the message that is due; True if it came to a contact, which is written as row `n` of `visits`."""
    m, now = int(world[GENERAL, General.FIRST_MESSAGE]), people[i, Me.DUE]
    while world[m, Message.PLANNED] > 0.0 or people[i, _slot(world, m)] != now:
        m += 1
    slot, gone = _slot(world, m), people[i, Me.NEED] == GONE
    bought = world[m, Message.INTENSITY] > 0.0
    wanted = _meets(world, people, i, m) if bought else _may_send(world, people, i, m)
    if wanted or (bought and not gone):  # a stream goes on, counted, whether it meets the customer or not
        people[i, slot + 2] += 1.0
    people[i, slot] = _next_exposure(world, people, i, m, now) if bought else np.inf
    _look_ahead(world, people, i)
    if not wanted:
        return False
    k = int(world[m, Message.TOUCHPOINT])
    people[i, Me.MET + (k - TOUCHPOINTS)] += 1.0
    people[i, Me.NTH_THEN] = people[i, Me.MET + (k - TOUCHPOINTS)]
    people[i, Me.VISIT] += 1.0
    people[i, Me.NEED_THEN] = people[i, Me.LEFT_FROM] if gone else people[i, Me.NEED]
    sender, called_for = people[i, Me.SENT_BY], people[i, Me.CALLED_FOR]  # of a planned contact on the way, if any
    people[i, Me.STAGE_THEN], people[i, Me.SENT_BY], people[i, Me.CALLED_FOR] = people[i, Me.STAGE], m, np.nan
    people[i, Me.JOURNEY_THEN], people[i, Me.SALE], people[i, Me.SALE_MARGIN] = people[i, Me.JOURNEY], 0.0, 0.0
    people[i, Me.LINKED_THEN], people[i, Me.RISK_THEN], people[i, Me.CAUSE] = 0.0 if bought else 1.0, 0.0, NO_CAUSE
    if not bought:
        people[i, Me.LINKED] += 1.0
    word, _, _, _ = block(world, people, i, place_at(world, k), people[i, Me.NTH_THEN], CONTACT)
    noticed = world[k, Touch.NOTICED] >= 1.0 or uniform(word) < world[k, Touch.NOTICED]
    outcome = SERVED if noticed and is_long_enough(world, people, i, k) else UNNOTICED
    own = people[i, Me.NOW]
    people[i, Me.NOW] = now
    emotion = experience(world, people, i, k, outcome, now, now, GONE)
    people[i, Me.NOW] = own
    people[i, Me.COST] += world[k, Touch.COST]
    if outcome == SERVED:
        answered(world, people, i, k)
        learn(world, people, i, k, now)
        ask(world, people, i, k, now)
    press(world, people, i, now)
    may_opt_out(world, people, i, k, now)
    if gone and outcome == SERVED and world[m, Message.BRINGS_BACK] > 0.0:
        _come_back(world, people, i, k, world[m, Message.BRINGS_BACK], now)
    write_contact(world, people, i, k, outcome, now, now if outcome == SERVED else np.nan, now, emotion, NO_DECISION,
                  visits, n)  # fmt: skip
    people[i, Me.SENT_BY], people[i, Me.CALLED_FOR] = sender, called_for
    return True
