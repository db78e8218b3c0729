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


AFTER = {"price": 0.4, "service": 1.5, "personalisation": 1.8, "closeness": 2.2}
"""What each weighs in after-sales; of price and service it is the default."""
SAID = {"steps": {name: {"after_sales": AFTER[name]} for name in ("personalisation", "closeness")}}


def after_sales(offer: dict[str, float], **value_: Any) -> Scenario:
    """Buy at one place; then two bring the parcel, and two help, one of each with an offer of its own."""
    served = ("delivery", "help")
    return world(
        {"shop": site(), "better": site(*served, offer=offer), "usual": site(*served)},
        {need: decide(1.0) for need in served}, orders={"help": 1.0}, value=SAID | value_,
    )  # fmt: skip


@pytest.mark.parametrize("offer", [{"price": 3.0}, {"service": 1.2}, {"personalisation": 1.5}, {"closeness": 1.5}])
@pytest.mark.parametrize("pull", [0.0, 1.2])
def test_after_the_purchase_a_component_weighs_what_it_weighs_in_after_sales(
    offer: dict[str, float], pull: float
) -> None:
    visits, _ = run(after_sales(offer, on_choice=pull), replications=10)
    worth = sum(OWN[name] * AFTER[name] * better for name, better in offer.items())
    for need in ("delivery", "help"):
        there = visits[visits.need == need]
        assert_inside(per_run(there.touchpoint == "better", there), logistic(pull * worth))


def test_the_weights_of_a_step_are_its_own() -> None:
    """A weight of 0 in after-sales is no offer at all there, and before the purchase it changes nobody."""
    weightless = {"steps": {"service": {"after_sales": 0.0}}}
    offer = {"service": 2.0}
    some, none = after_sales(offer, on_choice=1.0), after_sales({"service": 1e-300}, on_choice=1.0)
    assert_same(some.with_(value=weightless), none)
    assert_differ(some, none)
    before = two_places(offer, on_choice=1.0)
    assert_same(before.with_(value=weightless), before)


def test_an_offer_met_after_the_purchase_counts_in_satisfaction_at_its_weight_there() -> None:
    offer = {"closeness": 2.0}
    helps = {"needs": {"help": decide(1.0)}, "orders": {"help": 1.0}}
    scenario = world({"shop": site(), "desk": site("help", offer=offer)}, value=SAID | {"on_satisfaction": 0.7},
                     satisfaction={"value": 1.0}).with_(**helps)  # fmt: skip
    _, people = run(scenario, replications=1)
    worth = OWN["closeness"] * AFTER["closeness"] * 2.0
    assert np.allclose(people.satisfaction - people.value, 0.7 * worth, atol=1e-12)
