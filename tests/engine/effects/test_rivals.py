"""Rivals win by their appeal and offer, lose to awareness and a good name, and must beat the cost of switching."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.engine.effects.small import MUTE, NEVER, assert_inside, assert_same, per_run, run, site, world
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
