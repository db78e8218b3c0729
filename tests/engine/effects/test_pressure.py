"""Contacts that the brand starts pile up and fade; too many make customers leave, hesitate, or opt out."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.engine.effects.small import (
    NEVER,
    STEPS,
    assert_differ,
    assert_inside,
    decide,
    logistic,
    per_run,
    run,
    sent,
    site,
    world,
)  # fmt: skip
from touchsim.world.scenario import Scenario


def pressed(**pressure: Any) -> Scenario:
    """A contact started by the brand every day, until the customer goes on or leaves."""
    places = {"push": site(STEPS[0], started_by="brand"), "site": site(*STEPS[1:])}
    needs = {STEPS[0]: decide(0.2, 0.65, think="1 day")}
    return world(places, needs, {"tolerance": 1.2}, pressure={"fading": "4 days", **pressure})


def overload(n: int) -> float:
    return max(sum(np.exp(-day / 4.0) for day in range(n)) - 1.2, 0.0)


def test_overload_speeds_leaving() -> None:
    visits, _ = run(pressed(on_leave=0.9), customers=4000)
    for n in (1, 2, 3, 4):
        contact = visits[(visits.touchpoint == "push") & (visits.nth == n)]
        weight = 0.15 * np.exp(0.9 * overload(n))
        assert_inside(per_run(contact.decision == "leave", contact), weight / (weight + 0.85), width=0.1)


def test_overload_slows_going_on() -> None:
    visits, _ = run(pressed(on_advance=0.9), customers=4000)
    for n in (1, 2, 3, 4):
        contact = visits[(visits.touchpoint == "push") & (visits.nth == n)]
        weight = 0.2 * np.exp(-0.9 * overload(n))
        assert_inside(per_run(contact.decision == "advance", contact), weight / (weight + 0.8), width=0.15)


def test_the_overloaded_turn_away_from_what_the_brand_starts() -> None:
    places = {"push": site(*STEPS[:2], started_by="brand"), "site": site(*STEPS[1:])}
    visits, _ = run(world(places, people={"tolerance": 0.25}, pressure={"on_choice": 1.2}))
    second = visits[visits.visit == 2]
    assert_inside(per_run(second.touchpoint == "push", second), logistic(-1.2 * 0.75))


def flooded(**pressure: Any) -> Scenario:
    """A message a day on average to somebody who visited once; nothing is forgotten."""
    return world(
        {"site": site(), "mail": sent()}, {STEPS[1]: decide(1.0, think=NEVER)}, {"tolerance": 1.0}, follow_up="6 days",
        exposure={"news": {"send": "mail", "intensity": 1.0}}, pressure={"fading": "900000 days", **pressure},
    )  # fmt: skip


def test_messages_beyond_what_is_tolerated_make_customers_opt_out() -> None:
    visits, people = run(flooded(opt_out=0.3))
    mails = visits[visits.touchpoint == "mail"]
    mails = mails.merge(people[["replication", "customer", "opted_out"]], on=["replication", "customer"])
    at_risk = mails[~(mails.arrived > mails.opted_out)]
    for n in (2, 3, 4):
        message = at_risk[at_risk.nth == n]
        assert_inside(per_run(message.arrived == message.opted_out, message), 1.0 - np.exp(-0.3 * (n - 1)))
    first = at_risk[at_risk.nth == 1]
    assert not (first.arrived == first.opted_out).any()


def test_who_opts_out_is_no_lead_any_more() -> None:
    _, people = run(flooded(opt_out=0.3), replications=2)
    out = people.opted_out.notna()
    assert 0.2 < out.mean() < 0.95
    assert not people.consent[out].any() and people.reached_lead[out].isna().all()
    assert (people.stage[out] == "suspect").all() and (people.stage[~out] == "lead").all()


@pytest.mark.parametrize("coefficient", ["on_leave", "on_advance", "on_choice"])
def test_pressure_that_does_nothing_changes_nobody(coefficient: str) -> None:
    """All are overloaded, and all do what they would do if they bore everything."""
    bears = {"segments": {"all": {"tolerance": 1000.0}}}
    assert assert_visits_same(pressed(**{coefficient: 0.0}), pressed(**{coefficient: 9.0}).with_(**bears)) > 1000


def test_pressure_moves_nobody_who_tolerates_everything() -> None:
    patient = {"segments": {"all": {"tolerance": 1000.0}}}
    every = {"on_leave": 1.0, "on_advance": 1.0, "on_choice": 1.0, "opt_out": 1.0}
    for scenario in (pressed, flooded):
        off = scenario().with_(**patient)
        visits = assert_visits_same(scenario(**every).with_(**patient), off)
        assert visits > 1000
        assert_differ(scenario(**every), scenario())


def assert_visits_same(one: Scenario, other: Scenario) -> int:
    a, b = (run(scenario, replications=2)[0] for scenario in (one, other))
    assert a.equals(b)
    return len(a)


def test_no_opting_out_changes_nobody() -> None:
    bears = {"segments": {"all": {"tolerance": 1000.0}}}
    assert assert_visits_same(flooded(opt_out=0.0), flooded(opt_out=9.0).with_(**bears)) > 1000
    assert run(flooded(opt_out=0.0), replications=2)[1].opted_out.isna().all()


def test_a_message_that_is_not_noticed_presses_and_costs_as_any_other() -> None:
    """Nobody reads anything, and all the same they opt out at the rate that the number of messages says."""
    unread = {"touchpoints": {"mail": {"noticed": 0.0, "cost": 0.25}}}
    visits, people = run(flooded(opt_out=0.3).with_(**unread), replications=10)
    mails = visits[visits.touchpoint == "mail"]
    assert (mails.outcome == "unnoticed").all()
    got = mails.groupby(["replication", "customer"]).size().reindex(
        people.set_index(["replication", "customer"]).index, fill_value=0
    )
    assert (people.cost_cents.to_numpy() == 25 * got.to_numpy()).all() and (mails.cost_cents == 25).all()
    mails = mails.merge(people[["replication", "customer", "opted_out"]], on=["replication", "customer"])
    at_risk = mails[~(mails.arrived > mails.opted_out)]
    for n in (2, 3, 4):
        message = at_risk[at_risk.nth == n]
        assert_inside(per_run(message.arrived == message.opted_out, message), 1.0 - np.exp(-0.3 * (n - 1)), width=0.1)


def test_who_notices_and_who_does_not_are_pressed_alike() -> None:
    read, unread = (flooded(opt_out=0.3).with_(touchpoints={"mail": {"noticed": share}}) for share in (1.0, 0.0))
    (_, some), (_, none) = (run(scenario, replications=2) for scenario in (read, unread))
    assert some.opted_out.equals(none.opted_out) and some.opted_out.notna().sum() > 500


def test_contacts_that_are_not_noticed_weigh_on_the_next_decision_and_cost() -> None:
    """A contact of the customer's own choice that the brand starts: noticed or not, it counts and is paid."""
    scenario = pressed(on_leave=0.9).with_(
        touchpoints={"push": {"noticed": 0.5, "cost": 0.4}}, choice={"tries": 1000}, needs={STEPS[1]: decide(1e-9)}
    )
    visits, people = run(scenario, customers=4000)
    push = visits[visits.touchpoint == "push"]
    for n in (1, 2, 3):
        read = push[(push.nth == n) & (push.outcome == "served")]
        weight = 0.15 * np.exp(0.9 * overload(n))
        assert_inside(per_run(read.decision == "leave", read), weight / (weight + 0.85), width=0.12)
    unread = push[push.outcome == "unnoticed"]
    assert len(unread) > 10_000 and (unread.decision == "stay").all(), "it moves nobody itself"
    paid = push.groupby(["replication", "customer"]).size()
    assert (people.set_index(["replication", "customer"]).cost_cents == 40 * paid).all()
