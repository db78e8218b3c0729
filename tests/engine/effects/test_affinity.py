"""A segment that likes a channel goes there as often as the logit of its affinity says, others as before."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.engine.effects.small import (
    STEPS,
    assert_differ,
    assert_inside,
    assert_same,
    logistic,
    per_run,
    run,
    site,
    world,
)  # fmt: skip
from touchsim.engine.simulation import simulate
from touchsim.errors import BadInput
from touchsim.world.scenario import Scenario


def called_or_written(**people: Any) -> Scenario:
    """One touchpoint of each of two channels, for every need."""
    return world({"call": site(channel="phone"), "write": site(channel="chat")}, people=people)


@pytest.mark.parametrize("affinity", [{"phone": -0.5, "chat": 0.4}, {"phone": 1.2}, {"chat": 2.0, "store": 5.0}])
def test_shares_of_two_channels_are_logistic_in_the_difference_of_their_affinities(affinity: dict[str, float]) -> None:
    visits, _ = run(called_or_written(affinity=affinity))
    pull = affinity.get("phone", 0.0) - affinity.get("chat", 0.0)
    for step in STEPS:
        there = visits[visits.need == step]
        assert_inside(per_run(there.touchpoint == "call", there), logistic(pull))


def test_affinity_pulls_at_every_touchpoint_of_the_channel_and_adds_to_the_pull_of_online() -> None:
    places = {"call": site(channel="phone", online=False), "ring": site(channel="phone", online=False, appeal=2.0),
              "write": site(channel="chat")}  # fmt: skip
    visits, _ = run(world(places, people={"affinity": {"phone": 0.7, "chat": -0.2}, "online": 0.5}))
    first = visits[visits.visit == 1]
    weights = {"call": np.exp(0.7), "ring": 2.0 * np.exp(0.7), "write": np.exp(0.5 - 0.2)}
    for key, weight in weights.items():
        assert_inside(per_run(first.touchpoint == key, first), weight / sum(weights.values()))


def test_each_segment_has_affinities_of_its_own() -> None:
    base = called_or_written()
    said = base.segments["all"].model_dump(mode="json") | {"arrivals": 1e6, "affinity": {"phone": 1.5}}
    two = base.with_(segments={"fond": {key: said[key] for key in ("arrivals", "affinity", "consent", "online_sd")}})
    visits, _ = run(two)
    first = visits[visits.visit == 1]
    for segment, pull in (("all", 0.0), ("fond", 1.5)):
        there = first[first.segment == segment]
        assert_inside(per_run(there.touchpoint == "call", there), logistic(pull))


def test_an_affinity_of_zero_changes_no_bit_beside_another_segment_that_has_some() -> None:
    assert_same(called_or_written(affinity={"phone": 0.0, "chat": 0.0}), called_or_written())
    assert_same(called_or_written(affinity={"store": 3.0}), called_or_written())
    assert_same(called_or_written(affinity={"phone": 0.6, "chat": 0.0}), called_or_written(affinity={"phone": 0.6}))
    assert_differ(called_or_written(affinity={"phone": 0.1}), called_or_written())


def test_liking_a_channel_more_moves_nobody_away_from_it_and_nobody_between_two_others() -> None:
    """Each option's noise hangs on its own key."""
    places = {"call": site(channel="phone"), "write": site(channel="chat"), "visit": site(channel="store")}
    first = []
    for pull in (0.0, 0.8):
        log = simulate(world(places, people={"affinity": {"phone": pull}}), customers=2000, seed=3)
        visits = log.visits_frame()
        first.append(visits[visits.visit == 1].set_index("customer").touchpoint.astype(str).sort_index())
    before, after = first
    moved = before != after
    assert moved.any()
    assert set(after[moved]) == {"call"}


def test_engines_agree_where_segments_like_channels() -> None:
    scenario = called_or_written(affinity={"phone": -0.5, "chat": 0.4})
    logs = [simulate(scenario, customers=200, seed=4, engine=engine) for engine in ("simpy", "compiled")]
    assert logs[0].describe_difference(logs[1]) is None


def test_a_channel_that_does_not_exist_is_told_with_the_nearest_one() -> None:
    with pytest.raises(BadInput) as told:
        called_or_written(affinity={"phne": 0.5})
    assert len(told.value.findings) == 1
    assert "phone" in str(told.value)
