"""Bought contacts are a Poisson stream: at random, or to those who would buy anyway, or while they search."""

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
    per_run,
    run,
    sent,
    site,
    world,
)  # fmt: skip
from touchsim.world.scenario import Scenario

DAYS = 20.0


def campaign(needs: dict[str, Any] | None = None, mail: dict[str, Any] | None = None, **exposure: Any) -> Scenario:
    """Twenty days of exposure for everybody; nobody does anything unless a test says so."""
    return world(
        {"site": site(), "banner": sent(**(mail or {}))}, needs or {STEPS[0]: decide(1.0, think=NEVER)},
        {"interest_sd": 0.5}, follow_up="20 days", exposure={"ads": {"send": "banner", **exposure}},
    )  # fmt: skip


def counts(scenario: Scenario) -> pd.DataFrame:
    """How many messages each customer got, beside the customers' columns."""
    visits, people = run(scenario, customers=3000)
    got = visits[visits.sent_by == "ads"].groupby(["replication", "customer"]).size().rename("got")
    return people.join(got, on=["replication", "customer"]).fillna({"got": 0.0})


def test_contacts_at_random_are_poisson_and_know_nothing_of_propensity() -> None:
    people = counts(campaign(intensity=0.3))
    assert_inside(per_run(people.got, people), 0.3 * DAYS)
    assert_inside(per_run((people.got - 0.3 * DAYS) ** 2, people), 0.3 * DAYS)
    assert_inside(per_run((people.got - 0.3 * DAYS) * people.propensity, people), 0.0, width=0.5)
    assert people.propensity.std() == pytest.approx(1.0, abs=0.02)


@pytest.mark.parametrize("targeting", [0.5, -0.4])
def test_targeting_reaches_those_who_would_buy_anyway(targeting: float) -> None:
    people = counts(campaign(intensity=0.2, targeting=targeting))
    mean = 0.2 * DAYS * np.exp(targeting**2 / 2)  # of intensity * exp(targeting * z), z standard normal
    assert_inside(per_run(people.got, people), mean)
    assert_inside(per_run(people.got * people.propensity, people), targeting * mean)


@pytest.mark.parametrize("searching", [0.0, 0.4, 3.0])
def test_search_ads_come_at_their_own_rate_while_searching(searching: float) -> None:
    needs = {STEPS[0]: decide(1.0, think="5 days"), STEPS[1]: decide(1.0, think="4 days"),
             STEPS[2]: decide(1.0, think="2 days"), STEPS[3]: decide(1.0, think=NEVER)}  # fmt: skip
    people = counts(campaign(needs, intensity=0.3, searching=searching))
    mean = 0.3 * (5.0 + 6.0 * searching + 9.0)
    assert_inside(per_run(people.got, people), mean)
    assert_inside(per_run((people.got - mean) ** 2, people), mean)


def test_a_banner_that_needs_consent_reaches_only_who_gave_it() -> None:
    asks = {"needs_consent": True}
    needs = {STEPS[0]: decide(1.0, think="8 days"), STEPS[1]: decide(1.0, think=NEVER)}
    people = counts(campaign(needs, asks, intensity=0.3).with_(segments={"all": {"consent": 0.4}}))
    assert not people.got[~people.consent].any()
    willing = people[people.consent]
    assert_inside(per_run(willing.got, willing), 0.3 * 12.0)  # consent is given at the visit after eight days


def test_an_intensity_of_zero_changes_nobody() -> None:
    none = campaign(intensity=0.3).with_(exposure={"ads": None}, touchpoints={"banner": None})
    off = campaign(intensity=0.0).with_(touchpoints={"banner": {"cost": 3.0}})
    visits, people = run(off, replications=2)
    visits_without, people_without = run(none, replications=2)
    same = {"touchpoint": str, "channel": str, "sent_by": str}
    pd.testing.assert_frame_equal(visits.astype(same), visits_without.astype(same), check_exact=True)
    pd.testing.assert_frame_equal(people.astype({"bought_at": str}), people_without.astype({"bought_at": str}))


@pytest.mark.parametrize(("coefficient", "neutral"), [("targeting", 0.0), ("searching", 1.0)])
def test_a_neutral_coefficient_changes_nobody(coefficient: str, neutral: float) -> None:
    needs = {STEPS[1]: decide(1.0, think=NEVER)}
    assert_same(campaign(needs, intensity=0.3, **{coefficient: neutral}), campaign(needs, intensity=0.3))
    assert_differ(campaign(needs, intensity=0.3, **{coefficient: 0.7}), campaign(needs, intensity=0.3))
