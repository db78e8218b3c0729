"""Two engines, one truth: contacts and customers are equal with ``==``, whatever the world."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from tests.world.full_worlds import full_world
from tests.world.worlds import whole_worlds, worlds
from touchsim.datasets import scenarios
from touchsim.engine import relay
from touchsim.engine.simulation import simulate
from touchsim.errors import BadInput
from touchsim.world.scenario import Scenario, load_scenario

SLOW = settings(deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)


def assert_equal(scenario: Scenario, customers: int, seed: int, replications: int) -> None:
    compiled, simpy = (
        simulate(scenario, customers=customers, seed=seed, replications=replications, engine=engine)
        for engine in ("compiled", "simpy")
    )
    stock = sum(segment.stock for segment in scenario.segments.values())
    if scenario.market is None and scenario.voice is None:
        assert compiled.customers.num_rows == (customers + stock) * replications
    assert compiled.describe_difference(simpy) is None


@pytest.mark.parametrize("name", scenarios())
def test_built_in_scenarios_are_equal_bit_for_bit(name: str) -> None:
    assert_equal(load_scenario(name), customers=600, seed=11, replications=4)


@settings(SLOW, max_examples=60)
@given(scenario=worlds(), seed=st.integers(0, 2**63 - 1))
def test_worlds_made_by_chance_are_equal_bit_for_bit(scenario: Scenario, seed: int) -> None:
    assert_equal(scenario, customers=80, seed=seed, replications=2)


@settings(SLOW, max_examples=100)
@given(scenario=whole_worlds(), seed=st.integers(0, 2**63 - 1))
def test_whole_worlds_made_by_chance_are_equal_bit_for_bit(scenario: Scenario, seed: int) -> None:
    assert_equal(scenario, customers=60, seed=seed, replications=2)


@pytest.mark.parametrize("number", [0, 1, 2, 3, 65, 140, 152, 188, 191, 220])
def test_worlds_with_everything_on_are_equal_bit_for_bit(number: int) -> None:
    assert_equal(full_world(number), customers=80, seed=number, replications=3)


@pytest.mark.proof
@pytest.mark.parametrize("first", range(0, 300, 30))
def test_three_hundred_worlds_with_everything_on_are_equal_bit_for_bit(first: int) -> None:
    for number in range(first, first + 30):
        assert_equal(full_world(number), customers=80, seed=number, replications=3)


@pytest.mark.proof
@settings(SLOW, max_examples=400)
@given(scenario=whole_worlds(), seed=st.integers(0, 2**63 - 1))
def test_many_whole_worlds_made_by_chance_are_equal_bit_for_bit(scenario: Scenario, seed: int) -> None:
    assert_equal(scenario, customers=100, seed=seed, replications=3)


@pytest.mark.proof
@settings(SLOW, max_examples=400)
@given(scenario=worlds(), seed=st.integers(0, 2**63 - 1))
def test_many_worlds_made_by_chance_are_equal_bit_for_bit(scenario: Scenario, seed: int) -> None:
    assert_equal(scenario, customers=150, seed=seed, replications=3)


@pytest.mark.proof
@pytest.mark.parametrize("name", scenarios())
def test_built_in_scenarios_are_equal_in_thirty_replications(name: str) -> None:
    assert_equal(load_scenario(name), customers=400, seed=2026, replications=30)


def test_a_day_horizon_is_equal_too() -> None:
    shop = load_scenario("corner_shop")
    compiled, simpy = (simulate(shop, days=20.0, seed=3, engine=engine) for engine in ("compiled", "simpy"))
    assert compiled.customers.num_rows > 50
    assert compiled.describe_difference(simpy) is None


def test_engines_are_equal_where_the_run_ends_with_the_last_birth() -> None:
    shop = load_scenario("corner_shop").with_(follow_up="1e-12 s")  # less than the last bit of the day of that birth
    assert_equal(shop, customers=60, seed=1, replications=1)


@pytest.mark.parametrize("trait", ["patience_sd", "online_sd"])
def test_engines_are_equal_at_the_widest_spread_of_traits(trait: str) -> None:
    people, place = {"arrivals": 200.0, trait: 50.0}, {"patience": "0 s"}
    shop = load_scenario("corner_shop").with_(segments={"neighbours": people}, touchpoints={"store": place})
    assert_equal(shop, customers=600, seed=1, replications=1)


def test_a_large_crowd_streams_the_same_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    shop = load_scenario("corner_shop")
    side_by_side = simulate(shop, customers=80, seed=6, replications=3)
    monkeypatch.setattr("touchsim.engine.simulation._CROWD", 79)
    streamed = simulate(shop, customers=80, seed=6, replications=3)
    assert side_by_side.describe_difference(streamed) is None
    assert side_by_side.provenance == streamed.provenance


def test_a_replication_is_the_same_whatever_others_there_are() -> None:
    shop = load_scenario("corner_shop")
    few, many = (simulate(shop, customers=60, seed=6, replications=n).customers_frame() for n in (2, 5))
    pd.testing.assert_frame_equal(few, many[many.replication < 2], check_exact=True)


@pytest.mark.parametrize("wrong", [{"customers": 10.5}, {"customers": True}, {"replications": 2.0}, {"seed": 1.0}])
def test_counts_are_whole_numbers(wrong: dict[str, Any]) -> None:
    with pytest.raises(BadInput, match="must be a whole number"):
        simulate(load_scenario("corner_shop"), **wrong)


def test_arrivals_on_a_grid_really_make_ties() -> None:
    shop = load_scenario("corner_shop").with_(segments={"neighbours": {"every": "1 day"}})
    born = simulate(shop, customers=400, seed=1).customers_frame()["born"]
    assert born.duplicated().mean() > 0.5
    assert (born == born.round()).all()


@settings(SLOW, max_examples=30)
@given(scenario=st.one_of(worlds(), whole_worlds()))
def test_small_buffers_change_nothing(scenario: Scenario) -> None:
    whole = simulate(scenario, customers=120, seed=5)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(relay, "_CHUNK", 7)
        patch.setattr(relay, "_SMALLEST", 2)
        patch.setattr(relay, "_LARGEST", 8)
        pieces = simulate(scenario, customers=120, seed=5)
    assert whole.describe_difference(pieces) is None
