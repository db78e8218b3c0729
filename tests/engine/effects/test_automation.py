"""Rules send when, after how long, unless, how often and to whom they say; planned calls take their turn."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.engine.effects.races import assert_decided_by_chance_alone
from tests.engine.effects.small import (
    NEVER,
    STEPS,
    assert_differ,
    assert_inside,
    assert_same,
    decide,
    per_run,
    run,
    sent,
    site,
    world,
)  # fmt: skip
from touchsim.engine.simulation import simulate
from touchsim.world.scenario import Scenario

CALL = {"channel": "phone", "mode": "sync", "capacity": 1000, "service": "30 min"}
EXPONENTIAL = {"law": "exponential", "mean": "2 days"}


def ruled(needs: dict[str, Any] | None = None, people: dict[str, Any] | None = None, **said: Any) -> Scenario:
    rules = {"rule": {"send": "letter", "wait": "2 days", **said.pop("rule")}} | said.pop("more", {})
    places = {"site": site(), "letter": sent(), "ring": sent(**CALL)}
    if not any(rule["send"] == "ring" for rule in rules.values()):
        del places["ring"]
    if not any(rule["send"] == "letter" for rule in rules.values()):
        del places["letter"]
    return world(places, needs, people, automation=rules, **said)


def shares_sent(visits: pd.DataFrame) -> np.ndarray:
    """Messages per customer, in each replication of 2000."""
    return np.asarray(visits[visits.sent_by == "rule"].groupby("replication").size()) / 2000


def test_a_message_comes_so_long_after_its_event() -> None:
    visits, people = run(ruled(rule={"when": "lead"}), replications=2)
    letters = visits[visits.sent_by == "rule"].merge(people, on=["replication", "customer"])
    assert len(letters) == len(people)
    assert (letters.arrived == letters.reached_lead + 2.0).all()


def test_a_message_is_held_back_where_something_else_came_first() -> None:
    needs = {STEPS[1]: decide(1.0) | {"think": EXPONENTIAL}, STEPS[2]: decide(1.0, think=NEVER)}
    visits, _ = run(ruled(needs, rule={"when": "lead", "unless": "contact"}))
    assert_inside(shares_sent(visits), np.exp(-1.0))


def test_a_purchase_in_between_holds_a_message_back() -> None:
    needs = {STEPS[3]: decide(1.0) | {"think": EXPONENTIAL}}
    visits, people = run(ruled(needs, rule={"when": "lead", "unless": "purchase"}))
    assert_inside(shares_sent(visits), np.exp(-1.0))
    assert (people.purchases == 1).all()


@pytest.mark.parametrize("times", [1, 3])
def test_a_rule_sends_no_more_often_than_it_says(times: int) -> None:
    loyal = {"repeat": 50.0, "gap": "5 days"}
    visits, people = run(ruled(rule={"when": "purchase", "times": times}, loyalty=loyal), replications=2)
    got = (visits.sent_by == "rule").groupby([visits.replication, visits.customer]).sum()
    assert (people.purchases > 5).all() and (got == times).all()


def test_only_who_consented_and_is_known_gets_a_message() -> None:
    rule = {"when": "purchase", "wait": "0 days"}
    visits, _ = run(ruled(rule=rule, people={"consent": 0.4}, crm={"coverage": 0.3}))
    assert_inside(shares_sent(visits), 0.4 * (1.0 - 0.7**4))  # one contact of four must be linked


def leaving(chance: float) -> Scenario:
    needs = {STEPS[2]: decide(0.4)}
    return ruled(needs, rule={"when": "left", "brings_back": chance, "wait": "1 day", "unless": "customer"})


def test_a_message_brings_back_its_share_to_the_step_they_left_on_their_second_journey() -> None:
    visits, people = run(leaving(0.3), customers=4000)
    got = visits[visits.sent_by == "rule"].merge(people, on=["replication", "customer"])
    assert_inside(per_run(got.journeys == 2, got), 0.3)
    again = visits[(visits.journey == 2) & visits.sent_by.isna()].groupby(["replication", "customer"]).head(1)
    assert (again.need == STEPS[2]).all()
    bought = people[people.journeys == 2]
    assert_inside(per_run(bought.purchases, bought), 0.4)


def test_a_message_that_brings_nobody_back_leaves_everybody_gone() -> None:
    log = assert_same(leaving(0.0), leaving(0.0).with_(automation={"rule": {"brings_back": None}}))
    assert (log.customers_frame().journeys == 1).all()


def test_a_cart_is_abandoned_only_at_the_last_step() -> None:
    needs = {STEPS[2]: decide(0.5), STEPS[3]: decide(0.5)}
    visits, people = run(ruled(needs, rule={"when": "cart_abandoned"}), replications=2)
    left_a_cart = people[(people.visits - 4 == 1) & (people.purchases == 0)]
    assert len(left_a_cart) == (visits.sent_by == "rule").sum() > 500


def test_a_rule_whose_event_never_comes_changes_nobody() -> None:
    rare = {"when": "returned"}
    visits, people = run(ruled(rule=rare), replications=2)
    visits_without, people_without = run(world({"site": site()}), replications=2)
    assert (visits.arrived == visits_without.arrived).all() and visits.sent_by.isna().all()
    for column in ("satisfaction", "purchases", "stage", "ended", "cost_cents"):
        assert (people[column].to_numpy() == people_without[column].to_numpy()).all()


HAND_OVER = {"when": "lead", "wait": EXPONENTIAL, "send": "ring"}


def test_a_planned_call_is_the_next_contact_after_the_wait_that_its_law_says() -> None:
    needs = {STEPS[1]: decide(1.0, think=NEVER)}
    visits, people = run(ruled(needs, rule=HAND_OVER))
    calls = visits[visits.sent_by == "rule"].merge(people, on=["replication", "customer"])
    assert_inside(per_run(calls.handling_days, calls), 2.0)
    assert_inside(per_run(calls.handling_days > 2.0, calls), np.exp(-1.0))
    assert np.allclose(calls.handling_days, calls.started - calls.reached_lead, atol=1e-12)


def test_a_planned_call_comes_before_whatever_comes_later() -> None:
    needs = {STEPS[1]: decide(1.0) | {"think": EXPONENTIAL}, STEPS[2]: decide(1.0, think=NEVER)}
    visits, _ = run(ruled(needs, rule=HAND_OVER))
    second = visits[visits.visit == 2]
    assert_inside(per_run(second.sent_by == "rule", second), 0.5)  # two exponential waits of the same mean


def test_a_message_read_on_the_way_to_a_call_is_no_call() -> None:
    needs = {STEPS[1]: decide(1.0, think=NEVER)}
    more = {"hello": {"when": "lead", "wait": "1 day", "send": "letter"}}
    shown = {"responsiveness": {"mean": 0.0, "sd": 0.0}}
    scenario = ruled(needs, rule=HAND_OVER | {"wait": "3 days"}, more=more).with_(
        touchpoints={"letter": {"facets": shown}, "ring": {"facets": shown}}
    )
    visits, _ = run(scenario, customers=800, replications=2)
    letters, calls = (visits[visits.sent_by == rule] for rule in ("hello", "rule"))
    assert len(letters) == len(calls) == 1600
    assert letters.handling_days.isna().all() and np.allclose(calls.handling_days, 3.0)
    assert (calls.touchpoint == "ring").all()
    assert (letters.emotion >= 0.0).all() and (calls.emotion < -0.9).all(), "only the call was waited for"


def called(wait: Any, think: str = NEVER, **said: Any) -> Scenario:
    """A call agreed with every lead, in place of whatever they would do after `think`."""
    needs = {STEPS[1]: decide(0.4, 0.3, think=think), STEPS[2]: decide(1e-9)}
    shown = {"responsiveness": {"mean": 0.5, "sd": 0.0}}
    scenario = ruled(needs, rule=HAND_OVER | {"wait": wait}, **said)
    return scenario.with_(touchpoints={"ring": {"facets": shown, "standard": "1 h", "capacity": 9999}})


def test_a_call_without_delay_comes_at_once_in_place_of_what_the_customer_would_do() -> None:
    visits, people = run(called("0 days"), customers=400, replications=2)
    calls = visits[visits.sent_by == "rule"].merge(people, on=["replication", "customer"])
    assert len(calls) == 800 and (calls.handling_days == 0.0).all() and (calls.started == calls.reached_lead).all()
    assert (calls.visit == 2).all() and (calls.need == STEPS[1]).all()


@pytest.mark.parametrize("wait", ["0 days", "20 min", "6 h", "2 days"])
@pytest.mark.parametrize("gain", [0.0, 0.4])
def test_the_delay_of_a_call_costs_responsiveness_and_with_it_conversion(wait: str, gain: float) -> None:
    visits, people = run(called(wait, views={"wait": gain}, choice={"emotion_on_advance": 1.2}))
    calls = visits[visits.sent_by == "rule"]
    minutes = {"0 days": 0.0, "20 min": 20.0, "6 h": 360.0, "2 days": 2880.0}[wait]
    evidence = 0.5 - gain * np.log((minutes + 1.0) / (60.0 + 1.0))
    assert np.allclose(calls.emotion, np.tanh(evidence), atol=1e-9)
    assert np.allclose(people.delivered_responsiveness, evidence, atol=1e-9)
    weight = 0.4 * np.exp(1.2 * np.tanh(evidence))
    assert_inside(per_run(calls.decision == "advance", calls), weight / (weight + 0.6))


def test_a_delay_that_nobody_minds_converts_by_chance_alone_whatever_it_is() -> None:
    soon, late = (called(wait, views={"wait": 0.4}) for wait in ("0 days", "2 days"))
    (first, _), (second, _) = (run(one, customers=400, replications=2) for one in (soon, late))
    a, b = (frame[frame.sent_by == "rule"] for frame in (first, second))
    assert (a.emotion > 0.9).all() and (b.emotion < -0.7).all()
    assert (a.decision.to_numpy() == b.decision.to_numpy()).all() and set(a.decision) == {"advance", "stay", "leave"}
    assert_decided_by_chance_alone(soon)
    slow = {"choice": {"emotion_on_advance": 0.8}}
    assert_differ(late.with_(**slow), late)


def test_a_call_that_nothing_calls_for_changes_nobody() -> None:
    def shop(when: str, wait: str) -> Scenario:
        return called(wait, think="1 h").with_(automation={"rule": {"when": when}})

    log = assert_same(shop("returned", "0 days"), shop("returned", "9 days"))
    visits, people = log.visits_frame(), log.customers_frame()
    assert visits.sent_by.isna().all()
    needs = {STEPS[1]: decide(0.4, 0.3, think="1 h"), STEPS[2]: decide(1e-9)}
    alone = simulate(world({"site": site()}, needs), customers=500, seed=8, replications=2)
    assert visits.arrived.equals(alone.visits_frame().arrived)
    assert (people.reason.to_numpy() == alone.customers_frame().reason.to_numpy()).all()
    assert_differ(shop("lead", "0 days"), shop("returned", "0 days"))
