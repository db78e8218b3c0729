"""What may go wrong at a touchpoint goes wrong that often, costs what it says, and scares away."""

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
    per_run,
    run,
    site,
    world,
)  # fmt: skip
from touchsim.world.scenario import Scenario


def risky(**risk: Any) -> Scenario:
    shown = {"security": {"mean": 0.2, "sd": 0.0}}
    return world({"site": site(facets=shown, risk={"loss": 0.0, "scares": 0.0, **risk})}, {STEPS[0]: decide(0.5, 0.3)})


def test_it_goes_wrong_with_its_probability() -> None:
    visits, _ = run(risky(probability=0.15))
    assert_inside(per_run(visits.risk, visits), 0.15)


def test_what_went_wrong_lowers_what_is_seen() -> None:
    visits, _ = run(risky(probability=0.3, loss=0.9), replications=2)
    assert np.allclose(visits.emotion, np.tanh(np.where(visits.risk, 0.2 - 0.9, 0.2)), atol=1e-12)


def test_a_fright_speeds_leaving_and_is_the_reason() -> None:
    visits, people = run(risky(probability=0.4, scares=1.3), customers=4000)
    first = visits[visits.visit == 1]
    wrong = first[first.risk]
    weight = 0.2 * np.exp(1.3)
    assert_inside(per_run(wrong.decision == "leave", wrong), weight / (weight + 0.8))
    calm = first[~first.risk]
    assert_inside(per_run(calm.decision == "leave", calm), 0.2)
    gone = first[(first.decision == "leave")].merge(people, on=["replication", "customer"])
    assert (gone.risk == (gone.reason == "scared_away")).all()


@pytest.mark.parametrize("coefficient", ["loss", "scares"])
def test_what_does_no_harm_changes_nobody(coefficient: str) -> None:
    assert_differ(risky(probability=0.3, **{coefficient: 1.0}), risky(probability=0.3))
    visits, people = run(risky(probability=0.3, **{coefficient: 0.0}), replications=2)
    calm_visits, calm_people = run(risky(), replications=2)
    assert visits.drop(columns="risk").equals(calm_visits.drop(columns="risk")) and people.equals(calm_people)


def test_a_probability_of_zero_changes_nobody() -> None:
    assert_same(risky(probability=0.0, loss=3.0, scares=5.0), risky())
