"""What the brand knows of a customer grows with each linked contact, makes what it shows fit, and sells more."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.engine.effects.small import (
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
from touchsim.world.scenario import Scenario


def known(sd: float = 0.5, **crm: Any) -> Scenario:
    place = site(facets={"customisation": {"mean": 0.0, "sd": 0.0}})
    return world({"site": place}, people={"interest_sd": sd}, crm=crm, orders={"addon": 0.25, "addon_value": 0.5})


def test_a_contact_is_linked_with_the_probability_of_coverage() -> None:
    visits, _ = run(known(coverage=0.35))
    assert_inside(per_run(visits.linked, visits), 0.35)


@pytest.mark.parametrize(("coverage", "accuracy"), [(1.0, 0.3), (0.6, 0.5), (0.6, 1.0)])
def test_customisation_grows_with_every_linked_contact_and_with_interest(coverage: float, accuracy: float) -> None:
    visits, people = run(known(coverage=coverage, accuracy=accuracy, on_customisation=0.4), replications=2)
    linked = visits.linked.astype(int).groupby([visits.replication, visits.customer]).cumsum()
    propensity = visits.merge(people, on=["replication", "customer"]).propensity.to_numpy()
    evidence = 0.4 * (1.0 - (1.0 - accuracy) ** linked) * np.exp(0.5 * propensity)
    assert propensity.std() > 0.9 and linked.nunique() > 3
    assert np.allclose(visits.emotion, np.tanh(evidence), atol=1e-12)


def test_what_is_known_sells_more_along() -> None:
    _, people = run(known(accuracy=0.2, on_cross_sell=1.5), customers=4000)
    assert_inside(per_run(people.addons, people), 0.25 * (1.0 + 1.5 * (1.0 - 0.8 ** len(STEPS))))


def test_an_add_on_adds_its_share_to_the_order() -> None:
    _, people = run(known(), customers=4000)
    assert_inside(per_run(people.addons, people), 0.25)
    assert (people.revenue_cents == 1000 + 500 * people.addons).all()
    assert (people.margin_cents == 350 + 175 * people.addons).all()


@pytest.mark.parametrize("coefficient", ["on_customisation", "on_cross_sell"])
def test_knowledge_that_does_nothing_changes_nobody(coefficient: str) -> None:
    (visits, people), (blind, unknown) = (
        run(known(accuracy=accuracy, **{coefficient: 0.0}), replications=1) for accuracy in (0.3, 0.0)
    )
    assert visits.equals(blind) and (visits.emotion == 0.0).all() and people.addons.sum() > 100
    assert people.drop(columns="propensity").equals(unknown.drop(columns="propensity"))
    assert_differ(known(accuracy=0.3, **{coefficient: 1.0}), known(accuracy=0.3))


def test_where_nothing_is_learnt_nothing_is_known() -> None:
    used = {"on_customisation": 2.0, "on_cross_sell": 2.0}
    assert_same(known(accuracy=0.0, **used), known())
    assert_differ(known(accuracy=0.1, **used), known())


def test_no_add_on_changes_nobody() -> None:
    plain = known().with_(orders={"addon": 0.0})
    people = assert_same(plain, plain.with_(orders={"addon_value": 9.0})).customers_frame()
    assert not people.addons.any() and (people.revenue_cents == 1000).all()


PLAIN = {"customisation": {"mean": 0.0, "sd": 0.0}}


def both_sides(automation: bool = True, **crm: Any) -> Scenario:
    """A site and a shop to choose from at every step, and a letter after the second of four."""
    places = {"web": site(facets=PLAIN), "shop": site(channel="store", online=False, facets=PLAIN)}
    more: dict[str, Any] = {"orders": {"addon": 0.25}, "crm": crm}
    if automation:
        places["letter"] = sent(facets=PLAIN)
        more["automation"] = {"rule": {"when": "prospect", "wait": "0 days", "send": "letter"}}
    needs = {step: decide(1.0, think="1 day") for step in STEPS}
    people = {"interest_sd": 0.5, "correlation": {"interest, value": 0.3}}
    return world(places, needs, people, **more)


def test_a_profile_is_learnt_online_and_offline_alike() -> None:
    visits, people = run(both_sides(False, coverage=0.6, accuracy=0.4, on_customisation=0.4), replications=4)
    for place in ("web", "shop"):
        there = visits[visits.touchpoint == place]
        assert_inside(per_run(there.linked, there), 0.6, width=0.1)
    linked = visits.linked.astype(int).groupby([visits.replication, visits.customer]).cumsum()
    propensity = visits.merge(people, on=["replication", "customer"]).propensity.to_numpy()
    evidence = 0.4 * (1.0 - 0.6**linked) * np.exp(0.5 * propensity)
    assert np.allclose(visits.emotion, np.tanh(evidence), atol=1e-12)
    last = visits[visits.visit == 4]
    for place, other in (("web", "shop"), ("shop", "web")):  # what one side has learnt, the other knows
        elsewhere = visits[visits.touchpoint == other].groupby(["replication", "customer"]).linked.sum() == 3
        met = last[last.touchpoint == place].merge(elsewhere.rename("all"), on=["replication", "customer"])
        met = met[met["all"]].merge(people, on=["replication", "customer"])
        knows = 1.0 - 0.6 ** (3 + met.linked.astype(int))
        assert len(met) > 100 and np.allclose(met.emotion, np.tanh(0.4 * knows * np.exp(0.5 * met.propensity)))


def test_a_letter_links_whom_it_reaches() -> None:
    visits, people = run(both_sides(accuracy=0.4, on_customisation=0.4), customers=300, replications=1)
    known = visits.linked.astype(int).groupby(visits.customer).cumsum()
    propensity = visits.merge(people, on="customer").propensity.to_numpy()
    assert (visits.touchpoint == "letter").sum() == 300 and visits.linked.all()
    assert np.allclose(visits.emotion, np.tanh(0.4 * (1.0 - 0.6**known) * np.exp(0.5 * propensity)), atol=1e-12)


def test_without_coverage_nobody_is_linked_nothing_is_learnt_and_no_rule_sends() -> None:
    used = {"on_customisation": 2.0, "on_cross_sell": 2.0}
    log = assert_same(both_sides(coverage=0.0, accuracy=0.9, **used), both_sides(coverage=0.0))
    visits, people = log.visits_frame(), log.customers_frame()
    assert not visits.linked.any() and visits.sent_by.isna().all() and (visits.emotion == 0.0).all()
    assert people.consent.all() and people.reached_prospect.notna().all(), "all have agreed and set off the rule"
    visits, people = run(both_sides(coverage=0.0, accuracy=0.9, **used))
    assert_inside(per_run(people.addons, people), 0.25)
    assert_differ(both_sides(coverage=0.2, accuracy=0.9, **used), both_sides(coverage=0.0))


@pytest.mark.parametrize("coverage", [0.3, 0.8])
def test_a_rule_sends_to_whom_coverage_has_linked_in_time(coverage: float) -> None:
    visits, people = run(both_sides(coverage=coverage), replications=10)
    letters = visits[visits.sent_by == "rule"].groupby("replication").size() / 2000
    assert_inside(np.asarray(letters), 1.0 - (1.0 - coverage) ** 2)  # two contacts make a prospect
