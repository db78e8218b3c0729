"""Webrooming, showrooming and click-and-collect arise from choices: shares in closed form, and what moves them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.engine.effects.small import (
    STEPS,
    assert_differ,
    assert_inside,
    assert_same,
    decide,
    logistic,
    site,
    world,
)  # fmt: skip
from touchsim.engine.simulation import simulate
from touchsim.measure.customers import collectors, lost_to_rivals, switchers
from touchsim.measure.database import open_database
from touchsim.world.scenario import Scenario

WEB = {"web": site()}
SHOP = {"shop": site(channel="store", online=False)}


def shares(scenario: Scenario, count: Any, column: str, of: str | None = None) -> np.ndarray:
    """Share of one kind in each of 20 replications: of `of`, or of all who arrived; 0 where there is none."""
    log = simulate(scenario, customers=2000, seed=5, replications=20)
    with open_database(log) as base:
        frame: pd.DataFrame = count(base)
    frame = frame[frame["name"] == "all"].set_index("replication").reindex(range(20), fill_value=0)
    return np.asarray(frame[column] / (2000 if of is None else frame[of].clip(lower=1)), float)


def both(**said: Any) -> Scenario:
    """A site and a shop at every step of buying."""
    return world(WEB | SHOP, **said)


@pytest.mark.parametrize("online", [0.0, 0.8, -0.5])
def test_searching_on_one_side_and_buying_on_the_other_arises_by_chance_and_affinity(online: float) -> None:
    scenario, p = both(people={"online": online}), logistic(online)
    searched_online, searched_offline = 1.0 - (1.0 - p) ** 2, 1.0 - p**2  # at one of two steps at least
    assert_inside(shares(scenario, switchers, "webrooming", "buyers"), searched_online * (1.0 - p))
    assert_inside(shares(scenario, switchers, "showrooming", "buyers"), searched_offline * p)


def handed_over(first: str, then: str, fidelity: float, pull: float) -> Scenario:
    """What was told at the one place is known at the other, so that it draws."""
    pair = {"from": first, "to": then, "fidelity": fidelity}
    return both(alignment={"pairs": {"told": pair}, "pull": pull})


@pytest.mark.parametrize(("first", "then", "kind"), [("web", "shop", "webrooming"), ("shop", "web", "showrooming")])
@pytest.mark.parametrize("pull", [0.0, 2.0])
def test_a_hand_over_draws_searchers_to_the_other_side(first: str, then: str, kind: str, pull: float) -> None:
    """A chain over four steps: after `first` the other side is chosen with probability q, else with one half."""
    q = logistic(pull * 0.9)
    after = np.array([[1.0 - q, q], [0.5, 0.5]])  # from `first`, from `then`; to `first`, to `then`
    start = np.array([0.5, 0.5]) @ after  # where one is at information search
    two = start[:, None] * after  # at information search, then at alternatives
    bought = sum(two[i, j] * after[j, 1] for i in (0, 1) for j in (0, 1) if 0 in (i, j))
    assert_inside(shares(handed_over(first, then, 0.9, pull), switchers, kind, "buyers"), bought)


def test_a_hand_over_that_draws_nobody_changes_nobody() -> None:
    assert_same(handed_over("web", "shop", 0.9, 0.0), both())
    assert_same(handed_over("web", "shop", 0.0, 2.0), both())
    assert_differ(handed_over("web", "shop", 0.9, 2.0), both())


def test_on_one_side_alone_nobody_switches() -> None:
    for places in (WEB, SHOP):
        for kind in ("webrooming", "showrooming"):
            assert not shares(world(places), switchers, kind, "buyers").any()


def looked_at(*, online: bool = True, **rival: Any) -> Scenario:
    """A shop, and a rival who is met when the purchase is decided."""
    rivals = {"web": {"appeal": 0.4, "online": online, "serves": ["purchase_decision"], **rival}}
    return world(SHOP, people={"online": 0.5}, rivals=rivals, value={"on_choice": 1.0})


@pytest.mark.parametrize("price", [0.0, 1.5])
def test_an_online_rival_makes_showroomers_of_those_who_looked_in_the_shop(price: float) -> None:
    weight = 0.4 * np.exp(0.5 + 0.6 * 0.8 * price)  # affinity; own weight of the price times its weight at that step
    scenario = looked_at(offer={"price": price})
    assert_inside(shares(scenario, lost_to_rivals, "showrooming_at_rivals"), weight / (1.0 + weight))


def test_a_rival_with_a_shop_takes_customers_and_makes_no_showroomers() -> None:
    offline = looked_at(online=False)
    assert not shares(offline, lost_to_rivals, "showrooming_at_rivals").any()
    assert_inside(shares(offline, lost_to_rivals, "customers"), 0.4 / 1.4)
    on_site = looked_at().with_(touchpoints={"shop": None, "site": site()})
    assert not shares(on_site, lost_to_rivals, "showrooming_at_rivals").any(), "they looked at no goods with us"


def collecting(appeal: float = 1.0, pull: float = 0.0) -> Scenario:
    """Bought on the site or in the shop; the parcel comes, or is collected at the counter."""
    places = {"parcel": site("delivery", channel="delivery", online=False),
              "counter": site("delivery", channel="desk", online=False, appeal=appeal)}  # fmt: skip
    pairs = {"collected": {"from": "web", "to": "counter", "fidelity": 0.8}}
    return world(WEB | SHOP | places, {"delivery": decide(1.0)}, alignment={"pairs": pairs, "pull": pull})


@pytest.mark.parametrize(("appeal", "pull"), [(1.0, 0.0), (0.25, 0.0), (1.0, 1.5), (0.25, 1.5)])
def test_click_and_collect_is_buying_online_and_choosing_the_counter(appeal: float, pull: float) -> None:
    weight = appeal * np.exp(pull * 0.8)
    collected = 0.5 * weight / (1.0 + weight)
    assert_inside(shares(collecting(appeal, pull), collectors, "click_and_collect", "buyers"), collected)


def test_where_nothing_is_collected_nobody_clicks_and_collects() -> None:
    nowhere = collecting().with_(touchpoints={"counter": {"serves": list(STEPS[:2])}})
    assert not shares(nowhere, collectors, "click_and_collect", "buyers").any()
    assert_same(collecting(pull=0.0), collecting(pull=0.0).with_(alignment={"pairs": {"collected": None}}))
