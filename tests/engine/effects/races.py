"""The two races of a journey, run once more from their addresses with nothing at work in them: what "absent" means.

    choice      option j finishes at -ln(u_j) / appeal_j, among those reached
    decision    advance, stay, back and leave finish at -ln(u) / their base probability; in vain nobody advances

A coefficient of 0 must leave every choice and decision where these races put it, bit for bit, however strong that on
which it would act; two scenarios that say the same could not show it.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from touchsim.engine.identity import block_of
from touchsim.engine.randomness import CHOOSE, DECIDE, mix, uniform
from touchsim.engine.simulation import simulate
from touchsim.world.blueprint import draw
from touchsim.world.layout import place_of
from touchsim.world.scenario import Scenario

SEED = 8
DECISIONS = ("advance", "stay", "back", "leave")


def contacts_of(scenario: Scenario, customers: int = 300) -> tuple[pd.DataFrame, np.ndarray]:
    """Contacts at which somebody decides, with the identity of each, and the table of the world."""
    log = simulate(scenario, customers=customers, seed=SEED)
    visits = log.visits_frame().merge(log.customers_frame()[["customer", "identity"]], on="customer")
    assert not visits.outcome.isin(["unnoticed", "unfinished"]).any(), "these decide nothing"
    words = ["need", "touchpoint", "decision", "outcome"]
    return visits[visits.decision.notna()].astype(dict.fromkeys(words, str)), draw(scenario, seed=SEED).table


def who(identity: int) -> np.uint64:
    """Identity as the word that an address takes."""
    return np.uint64(np.int64(identity))


def place(key: str) -> np.uint64:
    """Hash of a key, as the word that an address takes."""
    return np.uint64(place_of(key))


def at(word: int, key: str) -> float:
    """Uniform number of one option, which hangs on its own key."""
    return float(uniform(np.uint64(mix(np.uint64(word), place(key)))))


def assert_decided_by_chance_alone(scenario: Scenario, customers: int = 300) -> pd.DataFrame:
    """Assert that nothing but base probabilities decides, and return the contacts."""
    visits, table = contacts_of(scenario, customers)
    for contact in visits.itertuples():
        words = block_of(table, who(contact.identity), place(contact.touchpoint), float(contact.nth), DECIDE)
        base = scenario.needs.of(contact.need)
        chances = [getattr(base, name) for name in DECISIONS]
        if contact.outcome != "served":
            chances[0] = 0.0
        numbers = [uniform(np.uint64(word)) for word in words]
        finish = [-np.log(u) / p if p else np.inf for u, p in zip(numbers, chances, strict=True)]
        assert contact.decision == DECISIONS[int(np.argmin(finish))], contact
    return visits


def assert_chosen_by_appeal_alone(scenario: Scenario, customers: int = 300) -> pd.DataFrame:
    """Assert that nothing but appeal and reach chooses, where nobody searches in vain; return the contacts."""
    visits, table = contacts_of(scenario, customers)
    before = visits.groupby(["customer", "need"]).cumcount()
    for contact, nth in zip(visits.itertuples(), before, strict=True):
        need = place(f"need:{contact.need}")
        noise, considered, _, _ = block_of(table, who(contact.identity), need, float(nth), CHOOSE)
        finish = {}
        for key, option in scenario.touchpoints.items():
            if contact.need in option.serves and at(considered, key) < option.reach:
                finish[key] = -np.log(at(noise, key)) / option.appeal
        for key, rival in scenario.rivals.items():
            if contact.need in rival.serves:
                finish[f"rival:{key}"] = -np.log(at(noise, f"rival:{key}")) / rival.appeal
        assert contact.touchpoint == min(finish, key=finish.__getitem__), contact
    return visits
