"""After the purchase: renewals, coming back at a personal rate, orders that were late, and the next journey."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.engine.effects.small import (
    NEVER,
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


def subscribed(satisfaction: float = 0.8, **loyalty: Any) -> Scenario:
    """Everybody feels the same; a renewal every day."""
    return world(
        {"site": site(), "bill": site("renewal")}, {"renewal": decide(0.7)}, follow_up="300 days",
        loyalty={"renewal": "1 day", **loyalty}, views={"promise": {"security": satisfaction}},
        satisfaction={"search": {"security": 1.0}},
    )  # fmt: skip


@pytest.mark.parametrize("slope", [0.0, 0.6, -0.4])
def test_renewals_are_a_geometric_chain_that_satisfaction_lengthens(slope: float) -> None:
    visits, people = run(subscribed(renew_slope=slope))
    renews = 0.7 / (0.7 + 0.3 * np.exp(-slope * 0.8))
    asked = visits[visits.need == "renewal"]
    assert_inside(per_run(asked.decision == "advance", asked), renews)
    assert_inside(per_run(people.purchases, people), 1.0 / (1.0 - renews))
    for times in (1, 2, 3):
        assert_inside(per_run(people.purchases > times, people), renews**times)
    assert (people.reason == "not_renewed").all()


def test_a_renewal_comes_a_term_after_the_last_and_is_paid() -> None:
    visits, people = run(subscribed(renew_slope=0.6), replications=2)
    paid = visits[visits.revenue_cents > 0]
    gaps = (paid.arrived - paid.groupby(["replication", "customer"]).ended.shift()).dropna()
    assert np.allclose(gaps, 1.0, atol=1e-9) and len(gaps) > 1000
    assert (people.revenue_cents == 1000 * people.purchases).all()


def test_satisfaction_that_keeps_nobody_changes_nobody() -> None:
    assert_same(subscribed(0.8, renew_slope=0.0).with_(satisfaction={"search": {"security": 0.0}}),
                subscribed(0.8, renew_slope=5.0).with_(satisfaction={"search": {"security": 0.0}}))  # fmt: skip
    assert_differ(subscribed(renew_slope=0.0), subscribed(renew_slope=0.5))


def returning(gap: Any, **loyalty: Any) -> Scenario:
    needs = {STEPS[0]: decide(0.5)}
    return world({"site": site()}, needs, loyalty={"repeat": 50.0, "gap": gap, **loyalty}, follow_up="80 days")


def first_gaps(scenario: Scenario) -> Any:
    """Days from the first purchase to the first contact of the second journey."""
    visits, people = run(scenario, customers=10_000)
    second = visits[visits.journey == 2].groupby(["replication", "customer"]).arrived.min().rename("again")
    gaps = people.join(second, on=["replication", "customer"], how="inner")
    bought = int((people.purchases > 0).sum())
    assert bought - 5 <= len(gaps) <= bought, "who bought comes back, but for the rarest gaps beyond the end of the run"
    return gaps.assign(gap=gaps.again - gaps.first_purchase)


@pytest.mark.parametrize("cv", [0.0, 0.3])
def test_personal_rates_are_gamma_mixed(cv: float) -> None:
    gaps = first_gaps(returning({"law": "exponential", "mean": "2 days"}, rate_cv=cv))
    first, second = 2.0, 2.0 * 2.0**2  # moments of an exponential of two days
    if cv:
        shape = 1.0 / cv**2
        first *= shape / (shape - 1.0)  # E[1 / rate] and E[1 / rate^2] of a gamma law with mean 1
        second *= shape**2 / ((shape - 1.0) * (shape - 2.0))
    assert_inside(per_run(gaps.gap, gaps), first)
    assert_inside(per_run(gaps.gap**2, gaps), second, width=0.15)


def test_who_comes_back_often_keeps_coming_often() -> None:
    visits, _ = run(returning("1 day", rate_cv=0.6), replications=2)
    first_contact = visits.groupby(["replication", "customer", "journey"]).arrived.min().unstack()
    one, two = first_contact[2] - first_contact[1], first_contact[3] - first_contact[2]
    both = two.notna()
    assert both.sum() > 500 and np.allclose(one[both], two[both], rtol=1e-6)
    assert one[both].std() > 0.3


def test_a_spread_of_zero_changes_nobody() -> None:
    law = {"law": "exponential", "mean": "2 days"}
    assert_same(returning(law, rate_cv=0.0), returning(law))
    assert_differ(returning(law, rate_cv=0.3), returning(law))


def test_the_need_that_comes_back_opens_the_next_journey() -> None:
    visits, people = run(returning("5 days"), replications=2)
    assert (people.journeys == people.purchases + 1).all()
    grown = visits.groupby(["replication", "customer"]).journey.diff().dropna()
    assert set(grown) == {0, 1}
    opened = visits.need[grown.index[grown == 1]]
    assert (opened == STEPS[0]).all() and len(opened) > 1000


def test_a_delivery_that_waits_in_line_is_late() -> None:
    driver = site("delivery", channel="delivery", online=False, capacity=5, service="1 h", patience=NEVER)
    scenario = world({"site": site(), "van": driver}, orders={"promised": "1 day"}, people={"arrivals": 1000.0})
    visits, people = run(scenario, customers=600, replications=1)
    brought = visits[visits.touchpoint == "van"].merge(people, on=["replication", "customer"])
    brought = brought[brought.outcome == "served"]
    assert np.allclose(brought.late_days, brought.started - brought.first_purchase - 1.0, atol=1e-9)
    assert (brought.arrived - brought.first_purchase < 1.0).all(), "they came to the line in time"
    assert (brought.late_days > 0).mean() > 0.5


GRID = np.linspace(-8.0, 8.0, 16_001)
NORMAL = np.exp(-(GRID**2) / 2) / np.exp(-(GRID**2) / 2).sum()
"""Law of satisfaction where it is nothing but noise of weight 1."""


def loyal(noise: float = 1.0, **loyalty: float) -> Scenario:
    """Satisfaction is standard normal; nobody comes back within the run."""
    return world({"site": site()}, satisfaction={"noise": noise}, loyalty={"gap": NEVER, **loyalty})


def likely(intercept: float, slope: float) -> np.ndarray:
    return np.asarray(1.0 / (1.0 + np.exp(-intercept - slope * GRID)))


def assert_follows_satisfaction(people: pd.DataFrame, does: pd.Series, intercept: float, slope: float) -> None:
    """Assert the share of those who do it, and that satisfaction tells who."""
    chance = likely(intercept, slope)
    assert_inside(per_run(does, people), float(NORMAL @ chance))
    assert_inside(per_run(does * people.satisfaction, people), float(NORMAL @ (chance * GRID)), width=0.25)


@pytest.mark.parametrize(("intercept", "slope"), [(-0.6, 0.0), (-0.6, 0.9), (0.4, 1.6), (0.4, -0.8)])
def test_who_comes_back_and_who_churns_follows_satisfaction(intercept: float, slope: float) -> None:
    _, people = run(loyal(repeat=intercept, repeat_slope=slope))
    back = people.journeys > 1
    assert_follows_satisfaction(people, back, intercept, slope)
    assert ((people.status == "churned") == ~back).all() and (people.reason[~back] == "went_elsewhere").all()


@pytest.mark.parametrize(("intercept", "slope"), [(-0.6, 0.0), (-0.6, 0.9), (0.4, 1.6), (0.4, -0.8)])
def test_who_recommends_follows_satisfaction_and_is_an_advocate_from_then_on(intercept: float, slope: float) -> None:
    _, people = run(loyal(recommend=intercept, recommend_slope=slope))
    told = people.recommendations == 1
    assert_follows_satisfaction(people, told, intercept, slope)
    assert ((people.stage == "advocate") == told).all() and set(people.stage) == {"customer", "advocate"}
    assert (people.reached_advocate[told] == people.first_purchase[told]).all()
    assert people.reached_advocate[~told].isna().all()


@pytest.mark.parametrize("satisfaction", [-1.0, 0.0, 1.0])
def test_satisfaction_of_one_certain_size_gives_one_certain_chance(satisfaction: float) -> None:
    pleased = {"views": {"promise": {"security": satisfaction}}, "satisfaction": {"search": {"security": 1.0}}}
    _, people = run(loyal(0.0, repeat=-0.3, repeat_slope=0.7, recommend=-0.8, recommend_slope=1.1).with_(**pleased))
    assert_inside(per_run(people.journeys > 1, people), logistic(-0.3 + 0.7 * satisfaction))
    assert_inside(per_run(people.recommendations, people), logistic(-0.8 + 1.1 * satisfaction))


@pytest.mark.parametrize("slope", ["repeat_slope", "recommend_slope"])
def test_a_slope_of_zero_is_satisfaction_that_nobody_feels(slope: str) -> None:
    base = {"repeat": -0.3, "recommend": -0.3}
    (felt, feeling), (numb, unfeeling) = (run(loyal(noise, **base), replications=2) for noise in (1.0, 0.0))
    assert feeling.satisfaction.std() > 0.9 and (unfeeling.satisfaction == 0.0).all() and felt.equals(numb)
    assert feeling.drop(columns="satisfaction").equals(unfeeling.drop(columns="satisfaction"))
    assert_same(loyal(0.0, **base, **{slope: 3.0}), loyal(0.0, **base))
    assert_differ(loyal(1.0, **base, **{slope: 0.5}), loyal(1.0, **base))


def test_an_advocate_is_who_has_done_what_the_entry_rule_asks_for() -> None:
    asks = {"funnel": {"advocate": {"purchases": 2, "recommendations": 2}}}
    often = loyal(repeat=50.0, recommend=0.5).with_(loyalty={"gap": "5 days"}, follow_up="17 days", **asks)
    _, people = run(often, replications=10)
    assert (people.purchases == 4).all()
    assert ((people.stage == "advocate") == (people.recommendations >= 2)).all()
    p = logistic(0.5)
    assert_inside(per_run(people.stage == "advocate", people), 1.0 - (1.0 - p) ** 4 - 4 * p * (1.0 - p) ** 3)
