"""Who feels well goes on, who feels badly leaves, and who came in vain leaves: each by its own coefficient alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.engine.effects.races import assert_decided_by_chance_alone
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

NEEDS = {STEPS[0]: decide(0.3, 0.3), STEPS[1]: decide(1e-9)}
"""One need in which all may happen; then everybody leaves."""


def felt(seen: float, **choice: float) -> Scenario:
    """A certain witness of security at every contact: emotion is tanh(seen)."""
    return world({"page": site(facets={"security": {"mean": seen, "sd": 0.0}})}, NEEDS, choice=choice)


@pytest.mark.parametrize(("coefficient", "seen"), [(0.0, 1.2), (0.5, 1.2), (0.5, -0.8), (-0.6, 1.2)])
def test_feeling_well_speeds_going_on_and_feeling_badly_slows_it(coefficient: float, seen: float) -> None:
    visits, _ = run(felt(seen, emotion_on_advance=coefficient))
    first = visits[visits.visit == 1]
    assert np.allclose(first.emotion, np.tanh(seen), atol=1e-12)
    weight = 0.3 * np.exp(coefficient * np.tanh(seen))
    assert_inside(per_run(first.decision == "advance", first), weight / (weight + 0.7))
    assert_inside(per_run(first.decision == "leave", first), 0.4 / (weight + 0.7))


@pytest.mark.parametrize(("coefficient", "seen"), [(0.0, 1.2), (0.5, 1.2), (0.5, -0.8), (-0.6, 1.2)])
def test_feeling_badly_speeds_leaving_and_feeling_well_slows_it(coefficient: float, seen: float) -> None:
    visits, people = run(felt(seen, emotion_on_leave=coefficient))
    first = visits[visits.visit == 1].merge(people, on=["replication", "customer"])
    weight = 0.4 * np.exp(-coefficient * np.tanh(seen))
    assert_inside(per_run(first.decision == "leave", first), weight / (weight + 0.6))
    assert_inside(per_run(first.decision == "advance", first), 0.3 / (weight + 0.6))
    gone = first[first.decision == "leave"]
    assert (gone.reason == ("disappointed" if seen < 0.0 else "no_need")).all()


def test_each_coefficient_of_emotion_acts_on_its_own_decision_only() -> None:
    (on, _), (out, _) = (run(felt(0.9, **{key: 1.0}), replications=5)
                         for key in ("emotion_on_advance", "emotion_on_leave"))  # fmt: skip
    for visits, eager in ((on, np.exp(np.tanh(0.9))), (out, 1.0)):
        first = visits[visits.visit == 1]
        went, stayed = ((first.decision == decision).sum() for decision in ("advance", "stay"))
        assert went / stayed == pytest.approx(eager, rel=0.1)


@pytest.mark.parametrize("coefficient", ["emotion_on_advance", "emotion_on_leave"])
def test_emotion_that_moves_nobody_leaves_all_to_chance(coefficient: str) -> None:
    visits = assert_decided_by_chance_alone(felt(-1.5, **{coefficient: 0.0}))
    assert (visits.emotion < -0.9).all()
    assert_differ(felt(-1.5, **{coefficient: 0.5}), felt(-1.5, **{coefficient: 0.0}))
    assert_same(felt(0.0, **{coefficient: 0.0}), felt(0.0, **{coefficient: 9.0}))


SUNDAYS = {"sun": "09:00-12:00"}


def in_vain(hours: dict[str, str], **said: Any) -> Scenario:
    """A site that is closed when everybody comes, on a Monday at midnight; a stall for the later steps."""
    needs = {STEPS[0]: decide(0.3, 0.5), STEPS[1]: decide(1e-9)}
    places = {"site": site(STEPS[0], open=hours, early="0 min"), "stall": site(*STEPS[1:])}
    return world(places, needs, choice={"knows_hours": 0.0, "tries": 1000, **said.pop("choice", {})},
                 follow_up="1 day", **said)  # fmt: skip


@pytest.mark.parametrize("coefficient", [0.0, 0.7, -0.9])
def test_a_contact_in_vain_speeds_leaving(coefficient: float) -> None:
    visits, people = run(in_vain(SUNDAYS, choice={"vain_on_leave": coefficient}))
    first = visits[visits.visit == 1]
    assert (first.outcome == "closed").all() and first.emotion.isna().all()
    assert (people.purchases == 0).all(), "in vain nobody goes on"
    weight = 0.2 * np.exp(coefficient)
    assert_inside(per_run(first.decision == "leave", first), weight / (weight + 0.5))
    assert (people.reason == "gave_up").all()


def test_a_contact_in_vain_that_scares_nobody_leaves_all_to_chance() -> None:
    visits = assert_decided_by_chance_alone(in_vain(SUNDAYS, choice={"vain_on_leave": 0.0}))
    assert (visits.outcome == "closed").all() and len(visits) > 400
    some, none = (in_vain(SUNDAYS, choice={"vain_on_leave": value}) for value in (0.5, 0.0))
    assert_differ(some, none)


def test_where_nobody_comes_in_vain_the_fright_of_it_moves_nobody() -> None:
    assert_same(in_vain({}, choice={"vain_on_leave": 9.0}), in_vain({}, choice={"vain_on_leave": 0.0}))
