"""Recommendations bring new customers, the same ones in every scenario; a finite market thins out whoever may come."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.engine.effects.small import MUTE, STEPS, assert_inside, assert_same, decide, per_run, run, site, world
from touchsim.engine.randomness import mix
from touchsim.engine.simulation import simulate
from touchsim.world.scenario import Scenario

TOLD = {"recommend": 50.0}
GOLDEN = np.uint64(0x9E3779B97F4A7C15)


def referred(chance: float, needs: dict[str, Any] | None = None, **said: Any) -> Scenario:
    voice = MUTE | {"referrals": chance, "referral_delay": "1.5 days"}
    people = {"arrivals": 300.0, **said.pop("people", {})}
    return world({"site": site()}, needs, people, voice=voice, loyalty=TOLD, **said)


def test_each_recommendation_brings_one_with_its_probability() -> None:
    _, people = run(referred(0.3))
    assert set(people.referrals) == {0, 1}
    assert_inside(per_run(people.referrals, people), 0.3)
    everybody = np.asarray(people.groupby("replication").size()) / 2000
    assert_inside(everybody, 1.0 / (1.0 - 0.3))  # and each of those brings others in turn


def test_the_referred_are_born_after_the_delay_on_a_later_day() -> None:
    _, people = run(referred(0.4), replications=1)
    who = {np.uint64(np.int64(identity)): born for identity, born in zip(people.identity, people.born, strict=True)}
    bringers = people[people.referrals == 1]
    with np.errstate(over="ignore"):
        brought = [np.uint64(mix(np.uint64(np.int64(identity)), GOLDEN)) for identity in bringers.identity]
    born = np.array([who[identity] for identity in brought])
    assert len(set(brought)) == len(bringers) == len(people) - 2000
    told = bringers.first_purchase.to_numpy()
    assert (np.floor(born) > np.floor(told)).all()
    assert (born == np.maximum(np.floor(told) + 1.0, told + 1.5)).all()


def test_the_same_referral_is_the_same_person_in_another_scenario() -> None:
    needs = {step: decide(0.9) for step in STEPS}
    first, other = referred(0.5, needs), referred(0.5, needs, orders={"basket": {"mean": 99.0, "cv": 0.3}}).with_(
        touchpoints={"stall": site(channel="store", online=False)}, needs={STEPS[3]: decide(0.8)}
    )
    a, b = (run(scenario, replications=1)[1].set_index("identity") for scenario in (first, other))
    assert a.index.is_unique and b.index.is_unique
    both = a.index.intersection(b.index)
    assert len(both) > 2100 and len(a) > len(b), "some of the referred are met in both, some only where more bought"
    traits = ["goods", "segment", "disposition", "product", "value", "propensity"]
    assert a.loc[both, traits].equals(b.loc[both, traits])


def test_no_referrals_change_nobody() -> None:
    log = assert_same(referred(0.0), referred(0.0).with_(voice={"referral_delay": "9 days"}))
    assert log.n_customers == 1000 and not log.customers_frame().referrals.any()


def test_arrivals_thin_out_as_the_market_fills() -> None:
    market, rate, days = 3000, 200.0, 20
    _, people = run_days(world({"site": site()}, people={"arrivals": rate}, market=market), days)
    expected, reached = [], 0.0
    for _ in range(days):
        expected.append(rate * (1.0 - reached / market))
        reached += expected[-1]
    for day in (0, 5, 19):
        born = (np.floor(people.born) == day).groupby(people.replication).sum().to_numpy()
        assert_inside(born, expected[day], width=0.1)
    assert_inside(np.asarray(people.groupby("replication").size()), reached)


def run_days(scenario: Scenario, days: int) -> tuple[Any, Any]:
    log = simulate(scenario, days=float(days), seed=2, replications=20 if scenario.voice else 60)
    return log.visits_frame(), log.customers_frame()


def test_the_referred_thin_out_too() -> None:
    _, people = run_days(referred(0.9, people={"arrivals": 300.0}, market=600), 3)
    assert (people.groupby("replication").size() < 640).all()
    _, free = run_days(referred(0.9, people={"arrivals": 300.0}, market=2_000_000_000), 3)
    assert len(free) > 5 * len(people)


@pytest.mark.parametrize("market", [2_000_000_000])
def test_a_market_that_never_fills_hinders_hardly_anybody(market: int) -> None:
    needs = {step: decide(0.7) for step in STEPS}
    one = world({"site": site()}, needs, market=market)
    assert_same(one, world({"site": site()}, needs))
