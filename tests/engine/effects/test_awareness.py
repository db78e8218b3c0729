"""Messages are delivered to those whose attention lasts; they teach, they fade, and what is known speeds going on."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats

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
from touchsim.engine.simulation import simulate
from touchsim.world.scenario import Scenario


@pytest.mark.parametrize(("seconds", "sd"), [(10, 0.5), (6, 1.0)])
def test_a_message_is_delivered_if_noticed_and_no_longer_than_the_span(seconds: int, sd: float) -> None:
    places = {"notice": site(message="8 s", noticed=0.7)}
    visits, _ = run(world(places, people={"span": f"{seconds} s", "span_sd": sd}))
    first = visits[visits.visit == 1]
    delivered = 0.7 * stats.norm.cdf(np.log(seconds / 8.0) / sd)
    assert_inside(per_run(first.outcome == "served", first), delivered)


def test_awareness_is_refilled_by_each_contact_and_fades_between_them() -> None:
    needs = {STEPS[0]: decide(1e-9, 1.0 - 2e-9, think="3 days")}
    scenario = world(
        {"notice": site(message="5 s", noticed=0.8)}, needs, awareness={"effect": 0.4, "memory": "10 days"},
        follow_up="20 days", choice={"tries": 1000},
    )  # fmt: skip
    log = simulate(scenario, customers=500, seed=3)
    visits, people, end = log.visits_frame(), log.customers_frame(), log.provenance["end"][0]
    assert people.awareness.nunique() > 20
    content = 0.4 * (1.0 - np.exp(-5 / 12))
    for customer, contacts in visits[visits.outcome == "served"].groupby("customer"):
        known, at = 0.0, 0.0
        for moment in contacts.ended:
            known *= np.exp(-(moment - at) / 10.0)
            known, at = known + content * (1.0 - known), moment
        assert people.awareness[customer] == pytest.approx(known * np.exp(-(end - at) / 10.0), rel=1e-9)


def advert(**awareness: Any) -> Scenario:
    return world({"notice": site(message="6 s")}, {STEPS[0]: decide(0.3, 0.3)}, awareness={"effect": 0.8, **awareness},
                 rivals={"web": {"appeal": 0.5}})  # fmt: skip


def test_awareness_speeds_going_on() -> None:
    visits, _ = run(advert(on_advance=2.0))
    first = visits[visits.visit == 1]
    weight = 0.3 * np.exp(2.0 * 0.8 * (1.0 - np.exp(-6 / 12)))
    assert_inside(per_run(first.decision == "advance", first), weight / (weight + 0.7))


@pytest.mark.parametrize("coefficient", ["on_advance", "on_choice"])
def test_awareness_that_does_nothing_changes_nobody(coefficient: str) -> None:
    assert_same(advert(**{coefficient: 0.0}), advert())
    assert_differ(advert(**{coefficient: 1.0}), advert())


def test_where_nothing_is_learnt_nothing_moves() -> None:
    nothing = {"effect": 0.0}
    people = assert_same(advert(on_advance=3.0, on_choice=3.0, **nothing), advert(**nothing)).customers_frame()
    assert not people.awareness.any()


def read_by(span: str, message: str) -> Scenario:
    """Everything that a message does is switched on, and spans differ from person to person."""
    return world(
        {"notice": site(STEPS[0], message=message), "ours": site(*STEPS[1:], offer={"price": 1.0})},
        {STEPS[0]: decide(0.3, 0.3)}, {"span": span, "span_sd": 0.8, "correlation": {"price, span": 0.5}},
        awareness={"effect": 0.8, "on_choice": 2.0, "on_advance": 2.0}, rivals={"web": {"appeal": 0.5}},
        value={"on_choice": 1.0},
    )  # fmt: skip


def test_where_there_is_no_message_attention_changes_nobody() -> None:
    log = assert_same(read_by("1 s", "0 s"), read_by("1 h", "0 s"))
    people, visits = log.customers_frame(), log.visits_frame()
    assert (visits.outcome == "served").all() and not people.awareness.any()
    assert_differ(read_by("1 s", "6 s"), read_by("1 h", "6 s"))


def test_the_longer_the_message_the_more_is_learnt_and_the_fewer_read_it() -> None:
    for seconds in (3, 12):
        places = {"notice": site(STEPS[0], message=f"{seconds} s"), "site": site(*STEPS[1:])}
        spans = {"span": "8 s", "span_sd": 0.5}
        scenario = world(places, {STEPS[0]: decide(0.5)}, spans, awareness={"effect": 0.8})
        visits, people = run(scenario)
        first = visits[visits.visit == 1]
        reads = float(stats.norm.cdf(np.log(8.0 / seconds) / 0.5))
        assert_inside(per_run(first.outcome == "served", first), reads, width=0.1)
        gone = people[(people.visits == 1)]  # they leave the moment that the message ends
        assert np.allclose(gone.awareness, 0.8 * (1.0 - np.exp(-seconds / 12)), atol=1e-12) and len(gone) > 1000
