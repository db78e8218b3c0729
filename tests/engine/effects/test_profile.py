"""What the brand knows of a customer grows with each linked contact, makes what it shows fit, and sells more."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.engine.effects.small import STEPS, assert_differ, assert_inside, assert_same, per_run, run, site, world
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
    assert_same(known(accuracy=0.3, **{coefficient: 0.0}), known(accuracy=0.3))
    assert_differ(known(accuracy=0.3, **{coefficient: 1.0}), known(accuracy=0.3))


def test_where_nothing_is_learnt_nothing_is_known() -> None:
    used = {"on_customisation": 2.0, "on_cross_sell": 2.0}
    assert_same(known(accuracy=0.0, **used), known())
    assert_differ(known(accuracy=0.1, **used), known())


def test_no_add_on_changes_nobody() -> None:
    plain = known().with_(orders={"addon": 0.0})
    assert_same(plain, known().with_(orders={"addon": None}))
