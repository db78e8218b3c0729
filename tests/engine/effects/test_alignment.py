"""Touchpoints that fit draw, please and save time; those that contradict each other cost; some spare a contact."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.engine.effects.small import (
    STEPS,
    assert_differ,
    assert_inside,
    assert_same,
    decide,
    logistic,
    per_run,
    run,
    sent,
    site,
    world,
)  # fmt: skip
from touchsim.world.scenario import Scenario

PAIR = {"from": "a", "to": "b", "fidelity": 0.6, "conflict": 0.25}
MINUTE = 1 / 1440


def named(*said: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {f"{pair['from']}_to_{pair['to']}": pair for pair in said}


def pairs(*said: dict[str, Any], **coefficients: float) -> Scenario:
    """First a, then b or c, then b for the rest; b shows security and takes ten minutes."""
    places = {"a": site(STEPS[0]), "c": site(STEPS[1]),
              "b": site(*STEPS[1:], facets={"security": {"mean": 0.1, "sd": 0.0}}, service="10 min")}  # fmt: skip
    return world(places, alignment={"pairs": named(*said), **coefficients}, satisfaction={"value": 1.0},
                 value={"on_satisfaction": 1.0})  # fmt: skip


def test_fidelity_pulls_towards_the_next_touchpoint() -> None:
    visits, _ = run(pairs(PAIR, pull=1.5))
    second = visits[visits.need == STEPS[1]]
    assert_inside(per_run(second.touchpoint == "b", second), logistic(1.5 * 0.6))


def test_a_fit_reinforces_and_a_contradiction_costs_what_is_seen() -> None:
    visits, _ = run(pairs(PAIR, reinforce=0.5, penalty=0.8), replications=2)
    after_a = (visits.visit == 2) & (visits.touchpoint == "b")
    assert np.allclose(visits.emotion[after_a], np.tanh(0.1 + 0.5 * 0.6 - 0.8 * 0.25), atol=1e-12)
    assert np.allclose(visits.emotion[(visits.visit > 2)], np.tanh(0.1), atol=1e-12)


def test_what_need_not_be_told_again_saves_time() -> None:
    visits, _ = run(pairs(PAIR, saves=0.5), replications=2)
    took = (visits.ended - visits.started)[(visits.visit == 2) & (visits.touchpoint == "b")]
    assert np.allclose(took, 10 * MINUTE * (1.0 - 0.5 * 0.6), atol=1e-9)


def test_a_contradiction_takes_from_the_value_met() -> None:
    visits, people = run(pairs(PAIR, on_value=2.0), replications=2)
    at_b = visits[visits.touchpoint == "b"].groupby(["replication", "customer"])
    after_a = at_b.visit.min() == 2  # then b was met three times, once right after a; else twice, never after a
    worth = np.where(after_a, -2.0 * 0.25 / at_b.size(), 0.0)
    assert 0.4 < after_a.mean() < 0.6
    assert np.allclose(people.satisfaction - people.value, worth, atol=1e-12)


def test_contacts_before_spare_one_each_with_its_own_chance() -> None:
    places = {"a": site(STEPS[0]), "b": site(STEPS[1]), "c": site(STEPS[2]), "d": site(STEPS[3])}
    spare = [{"from": "a", "to": "c", "supplement": 0.3}, {"from": "b", "to": "c", "supplement": 0.5},
             {"from": "d", "to": "c", "supplement": 1.0}, {"from": "a", "to": "d", "supplement": 1.0}]  # fmt: skip
    visits, people = run(world(places, alignment={"pairs": named(*spare)}))
    assert_inside(per_run(people.spared, people), 1.0 - 0.7 * 0.5)
    assert (people.purchases == 1).all(), "an order is never spared"
    assert (visits.touchpoint == "c").sum() == (people.spared == 0).sum()


def test_pairs_that_do_nothing_change_nobody() -> None:
    assert_same(pairs(PAIR), pairs())


@pytest.mark.parametrize("strength", ["fidelity", "conflict", "supplement"])
def test_a_strength_of_zero_changes_nobody(strength: str) -> None:
    full = {"pull": 1.0, "reinforce": 1.0, "penalty": 1.0, "on_value": 1.0, "saves": 1.0}
    one = {"from": "a", "to": "b", strength: 0.0}
    assert_same(pairs(one, **full), pairs(**full))
    assert_differ(pairs(one | {strength: 0.9}, **full), pairs(**full))


@pytest.mark.parametrize("coefficient", ["pull", "reinforce", "penalty", "on_value", "saves"])
def test_each_coefficient_alone_moves_customers(coefficient: str) -> None:
    assert_differ(pairs(PAIR, **{coefficient: 1.0}), pairs(PAIR))


def busy(**alignment: Any) -> Scenario:
    """A line at a that almost nobody waits for; then b or a again for the same need; then c or nothing."""
    places = {"a": site(STEPS[0], capacity=1, service="300 days", patience="1 s", appeal=3.0),
              "b": site(STEPS[0], facets={"security": {"mean": 0.1, "sd": 0.0}}),
              "c": site(STEPS[2]), "d": site(STEPS[1], STEPS[3])}  # fmt: skip
    return world(places, alignment=alignment, choice={"tries": 1000}, people={"arrivals": 1000.0})


def test_who_was_served_nowhere_brings_nothing_along() -> None:
    visits, _ = run(busy(pairs=named(PAIR), reinforce=0.5), customers=300, replications=1)
    after = visits.groupby("customer")[["touchpoint", "outcome"]].shift()
    at_b = (visits.touchpoint == "b") & (visits.outcome == "served")
    in_vain = at_b & (after.touchpoint == "a") & (after.outcome == "abandoned")
    assert in_vain.sum() > 100
    assert np.allclose(visits.emotion[at_b], np.tanh(0.1), atol=1e-12)


def test_a_contact_in_vain_spares_none() -> None:
    said = {"pairs": named({"from": "a", "to": "c", "supplement": 1.0})}
    visits, people = run(busy(**said), customers=300, replications=1)
    served = set(visits.customer[(visits.touchpoint == "a") & (visits.outcome == "served")])
    assert (visits.outcome == "abandoned").sum() > 100
    assert set(people.customer[people.spared > 0]) <= served


@pytest.mark.parametrize("noticed", [0.0, 1.0])
def test_a_message_spares_a_contact_if_it_is_noticed(noticed: float) -> None:
    places = {"site": site(), "c": site(STEPS[2], appeal=1e9), "mail": sent(noticed=noticed)}
    said = named({"from": "mail", "to": "c", "supplement": 1.0})
    visits, people = run(
        world(places, {STEPS[1]: decide(1.0, think="5 days")}, exposure={"x": {"send": "mail", "intensity": 5.0}},
              alignment={"pairs": said}), customers=300, replications=1)  # fmt: skip
    reached = people.customer.isin(visits.customer[visits.touchpoint == "mail"])
    assert reached.mean() > 0.9
    assert (people.spared[reached].mean() > 0.9) if noticed else (people.spared == 0).all()
