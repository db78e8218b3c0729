"""A better offer draws customers, speeds going on, and adds to satisfaction, as the value equation says."""

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
    site,
    world,
)  # fmt: skip
from touchsim.world.scenario import Scenario

OWN = {"price": 0.6, "service": 0.4, "personalisation": 0.2, "closeness": 0.3}
BY_STEP = {"price": (1.5, 1.3, 1.0, 0.8), "service": (0.5, 0.7, 1.0, 1.0),
           "personalisation": (0.7, 1.0, 1.0, 1.0), "closeness": (0.5, 0.7, 1.0, 1.2)}  # fmt: skip


def value(offer: dict[str, float], step: int) -> float:
    return sum(OWN[name] * BY_STEP[name][step] * offer[name] for name in offer)


def two_places(offer: dict[str, float], **coefficients: float) -> Scenario:
    return world({"better": site(offer=offer), "usual": site()}, value=coefficients)


@pytest.mark.parametrize("offer", [{"price": 1.5}, {"service": 1.0, "closeness": -2.0}, {"personalisation": 3.0}])
def test_choices_are_logit_in_the_value_of_the_step(offer: dict[str, float]) -> None:
    visits, _ = run(two_places(offer, on_choice=1.4))
    for n, step in enumerate(STEPS):
        there = visits[visits.need == step]
        assert_inside(per_run(there.touchpoint == "better", there), logistic(1.4 * value(offer, n)))


@pytest.mark.parametrize("price", [-2.0, 2.0])
def test_value_multiplies_the_chance_of_going_on(price: float) -> None:
    needs = {STEPS[0]: decide(0.4, 0.2)}
    scenario = world({"site": site(offer={"price": price})}, needs, value={"on_advance": 0.5})
    visits, _ = run(scenario, customers=8000)
    first = visits[visits.visit == 1]
    weight = 0.4 * np.exp(0.5 * value({"price": price}, 0))
    assert_inside(per_run(first.decision == "advance", first), weight / (weight + 0.6))


def test_the_mean_of_the_values_met_adds_to_satisfaction() -> None:
    offer = {"price": 1.0, "closeness": 0.5}
    scenario = world({"site": site(offer=offer)}, value={"on_satisfaction": 0.7}, satisfaction={"value": 2.0})
    _, people = run(scenario, replications=2)
    worth = np.mean([value(offer, step) for step in range(4)])
    assert np.allclose(people.satisfaction, 2.0 * (people.value + 0.7 * worth), atol=1e-12)


def test_an_offer_that_moves_nothing_changes_nobody() -> None:
    assert_same(two_places({"price": 2.0}), two_places({}))


@pytest.mark.parametrize("coefficient", ["on_choice", "on_advance", "on_satisfaction"])
def test_each_coefficient_alone_moves_customers(coefficient: str) -> None:
    def shop(**value_: float) -> Scenario:
        needs: dict[str, Any] = {step: decide(0.6) for step in STEPS}
        places = {"better": site(offer={"price": 2.0}), "usual": site()}
        return world(places, needs, satisfaction={"value": 1.0}, value=value_)

    assert_differ(shop(**{coefficient: 0.5}), shop())
