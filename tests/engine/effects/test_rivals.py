"""Rivals win by their appeal and offer, lose to awareness and a good name, and must beat the cost of switching."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.engine.effects.small import MUTE, NEVER, assert_differ, assert_inside, assert_same, per_run, run, site, world
from touchsim.world.scenario import Scenario


def lost_to_rivals(scenario: Scenario) -> np.ndarray:
    _, people = run(scenario)
    return per_run(people.reason == "to_a_rival", people)


def weighing(rivals: dict[str, Any], places: dict[str, Any] | None = None, **said: Any) -> Scenario:
    ours = site(channel="store", online=False)
    there = {key: {"serves": ["alternatives"]} | rival for key, rival in rivals.items()}
    return world(places or {"ours": ours}, rivals=there, **said)


def test_rivals_share_by_appeal_and_value() -> None:
    rivals = {"cheap": {"appeal": 0.5, "offer": {"price": 1.5}}, "plain": {"appeal": 0.3}}
    cheap, plain = 0.5 * np.exp(0.6 * 1.0 * 1.5), 0.3
    scenario = weighing(rivals, value={"on_choice": 1.0})
    _, people = run(scenario)
    for key, weight in (("cheap", cheap), ("plain", plain)):
        assert_inside(per_run(people.rival == key, people), weight / (1.0 + cheap + plain))


def test_a_rival_online_gains_from_those_who_like_it_online() -> None:
    scenario = weighing({"web": {"appeal": 0.4}}, people={"online": 0.9})
    weight = 0.4 * np.exp(0.9)
    assert_inside(lost_to_rivals(scenario), weight / (1.0 + weight))


def test_awareness_draws_from_rivals() -> None:
    places = {"notice": site("problem_recognition", message="6 s"),
              "ours": site("information_search", "alternatives", "purchase_decision")}  # fmt: skip
    scenario = weighing({"web": {"appeal": 0.5}}, places, awareness={"on_choice": 2.0, "effect": 0.8})
    known = (1.0 - np.exp(-6 / 12)) * 0.8
    weight = 0.5 * np.exp(-2.0 * known)
    assert_inside(lost_to_rivals(scenario), weight / (1.0 + weight))


def test_a_good_name_draws_from_rivals() -> None:
    voice = MUTE | {"on_choice": 0.7, "prior_stars": 4.5}
    weight = 0.5 * np.exp(-0.7 * 1.5)
    assert_inside(lost_to_rivals(weighing({"web": {"appeal": 0.5}}, voice=voice)), weight / (1.0 + weight))


def coming_back(rivals: dict[str, Any], **said: Any) -> Scenario:
    return world(
        {"ours": site()}, rivals={key: {"serves": []} | rival for key, rival in rivals.items()},
        loyalty={"repeat": 50.0, "repeat_slope": 0.5, "switching": 0.4, "gap": NEVER}, value={"on_choice": 1.0},
        views={"promise": {"security": 0.8}}, satisfaction={"search": {"security": 1.0}}, **said,
    )  # fmt: skip


def test_when_the_need_comes_back_satisfaction_and_switching_stand_against_the_rival() -> None:
    scenario = coming_back({"web": {"next_time": 0.8, "offer": {"price": 1.0}}})
    ours, theirs = np.exp(0.4 + 0.5 * 0.8), 0.8 * np.exp(0.6 * 1.5)
    assert_inside(lost_to_rivals(scenario), theirs / (ours + theirs))


def test_a_rival_whom_nobody_thinks_of_changes_nobody() -> None:
    nobody = {"web": {"next_time": 0.0, "offer": {"price": 1.0}}}
    kept = {"value": {"on_choice": 0.0}}
    one = coming_back(nobody).with_(**kept)
    assert_same(one, coming_back({}).with_(**kept))


OWN = {"price": 0.6, "service": 0.4, "personalisation": 0.2, "closeness": 0.3}
BY_STEP = {"information_search": {"price": 1.3, "service": 0.7, "personalisation": 1.0, "closeness": 0.7},
           "purchase_decision": {"price": 0.8, "service": 1.0, "personalisation": 1.0, "closeness": 1.2}}  # fmt: skip


@pytest.mark.parametrize("step", BY_STEP)
@pytest.mark.parametrize(("component", "better"), [("service", 2.0), ("personalisation", 3.0), ("closeness", -2.5)])
def test_a_rival_wins_by_service_personalisation_and_closeness_too(step: str, component: str, better: float) -> None:
    rival = {"web": {"appeal": 0.5, "serves": [step], "offer": {component: better}}}
    weight = 0.5 * np.exp(1.3 * OWN[component] * BY_STEP[step][component] * better)
    assert_inside(lost_to_rivals(weighing(rival, value={"on_choice": 1.3})), weight / (1.0 + weight))


def test_components_of_a_rival_add_up_and_none_of_them_counts_where_value_moves_no_choice() -> None:
    offer = {"service": 2.0, "personalisation": 2.0, "closeness": -1.0}
    rivals = {"web": {"appeal": 0.5, "offer": offer}}
    weight = 0.5 * np.exp(sum(OWN[name] * better for name, better in offer.items()))
    assert_inside(lost_to_rivals(weighing(rivals, value={"on_choice": 1.0})), weight / (1.0 + weight))
    assert_same(weighing(rivals), weighing({"web": {"appeal": 0.5}}))
    assert_differ(weighing(rivals, value={"on_choice": 1.0}), weighing({"web": {"appeal": 0.5}}))


@pytest.mark.parametrize("switching", [0.0, 1.0, -0.7])
def test_the_cost_of_switching_alone_keeps_so_many(switching: float) -> None:
    alone = {"loyalty": {"switching": switching, "repeat_slope": 0.0}, "value": {"on_choice": 0.0}}
    scenario = coming_back({"web": {"next_time": 0.8}}).with_(**alone)
    assert_inside(lost_to_rivals(scenario), 0.8 / (np.exp(switching) + 0.8))


def test_switching_that_costs_nothing_is_a_race_by_weight_alone() -> None:
    """Without a cost and a slope, satisfaction and offers stand aside: the same people go, bit for bit."""
    free = {"loyalty": {"switching": 0.0, "repeat_slope": 0.0}, "value": {"on_choice": 0.0}}
    cheap = coming_back({"web": {"next_time": 0.8, "offer": {"price": 4.0}}}).with_(**free)
    assert_same(cheap, coming_back({"web": {"next_time": 0.8}}).with_(**free))
    _, people = run(cheap, replications=2)
    _, happier = run(cheap.with_(views={"promise": {"security": 2.0}}), replications=2)
    assert (people.rival == happier.rival).sum() == people.rival.notna().sum() == happier.rival.notna().sum() > 1000
    assert_differ(cheap, cheap.with_(loyalty={"switching": 0.5}))


def test_where_there_is_no_rival_switching_costs_nobody_anything() -> None:
    assert_same(coming_back({}), coming_back({}).with_(loyalty={"switching": 9.0}))
