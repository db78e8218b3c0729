"""Traits spread and go together as the segment says, and what customers choose shows it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.engine.effects.races import assert_chosen_by_appeal_alone, assert_decided_by_chance_alone
from tests.engine.effects.small import (
    MUTE,
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
from touchsim.vocabulary import FACETS, keys
from touchsim.world.scenario import Scenario

POINTS, WEIGHTS = np.polynomial.hermite_e.hermegauss(61)
WEIGHTS = WEIGHTS / WEIGHTS.sum()
"""Mean over a standard normal score: WEIGHTS @ f(POINTS)."""


def chance(x: np.ndarray) -> np.ndarray:
    return np.asarray(1.0 / (1.0 + np.exp(-x)))


@pytest.mark.parametrize(("one", "other", "rho"), [
    ("disposition", "interest", 0.6), ("product", "value", -0.5), ("value", "interest", 0.45),
])  # fmt: skip
def test_traits_go_together_as_said(one: str, other: str, rho: float) -> None:
    scenario = world({"site": site()}, people={"correlation": {f"{one}, {other}": rho}})
    _, people = run(scenario)
    columns = [people["propensity" if name == "interest" else name] for name in (one, other)]
    assert_inside(per_run(columns[0] * columns[1], people), rho)
    for column in columns:
        assert_inside(per_run(column**2, people), 1.0)


def web_or_shop(**people: Any) -> Scenario:
    return world({"web": site(), "shop": site(channel="store", online=False)}, people=people)


@pytest.mark.parametrize(("mean", "sd"), [(0.7, 0.0), (0.7, 1.5)])
def test_affinity_spreads_the_choice_of_channel(mean: float, sd: float) -> None:
    visits, _ = run(web_or_shop(online=mean, online_sd=sd))
    first = visits[visits.visit == 1]
    assert_inside(per_run(first.touchpoint == "web", first), float(WEIGHTS @ chance(mean + sd * POINTS)))


@pytest.mark.parametrize("rho", [0.7, -0.4])
def test_choices_show_the_correlation_with_a_trait_that_is_seen(rho: float) -> None:
    visits, people = run(web_or_shop(online_sd=1.5, correlation={"online, disposition": rho}))
    first = visits[visits.visit == 1].merge(people, on=["replication", "customer"])
    together = float(WEIGHTS @ (POINTS * chance(1.5 * POINTS))) * rho  # E[d * choice], d regressed on affinity
    assert_inside(per_run((first.touchpoint == "web") * first.disposition, first), together, width=0.1)


@pytest.mark.parametrize("sd", [0.0, 0.8])
def test_personal_weights_spread_the_choice_by_price(sd: float) -> None:
    places = {"cheap": site(offer={"price": 1.0}), "usual": site()}
    visits, _ = run(world(places, people={"price": 0.5, "value_sd": sd}, value={"on_choice": 1.0}))
    first = visits[visits.visit == 1]
    assert_inside(per_run(first.touchpoint == "cheap", first), float(WEIGHTS @ chance(1.5 * (0.5 + sd * POINTS))))


def test_price_and_attention_may_go_together() -> None:
    places = {"cheap": site(offer={"price": 1.0}, message="10 s"), "usual": site(message="10 s")}
    people = {"price": 0.0, "value_sd": 0.8, "span_sd": 0.5, "correlation": {"price, span": 0.6}}
    visits, _ = run(world(places, people=people, value={"on_choice": 1.0}), customers=3000)
    first = visits[(visits.visit == 1)]
    attentive = first[first.outcome == "served"]
    assert_inside(per_run(first.outcome == "served", first), 0.5)
    z = np.random.default_rng(1).standard_normal((2_000_000, 2))
    price = 0.6 * np.abs(z[:, 0]) + 0.8 * z[:, 1]  # scores of price among those whose span is above the median
    assert_inside(per_run(attentive.touchpoint == "cheap", attentive), float(chance(1.5 * 0.8 * price).mean()))


@pytest.mark.parametrize("sd", [0.0, 1.2])
def test_inertia_spreads_the_pull_of_the_channel_used_last(sd: float) -> None:
    scenario = web_or_shop(inertia_sd=sd).with_(choice={"inertia": 0.6})
    visits, _ = run(scenario)
    again = (visits.touchpoint.astype(str) == visits.touchpoint.astype(str).shift())[visits.visit == 2]
    assert_inside(per_run(again, visits[visits.visit == 2]), float(WEIGHTS @ chance(0.6 + sd * POINTS)))


def test_the_urge_to_speak_spreads_who_posts() -> None:
    scenario = world({"site": site()}, people={"voice_sd": 1.5}, voice=MUTE | {"post": -1.0})
    _, people = run(scenario)
    assert_inside(per_run(people.posts, people), float(WEIGHTS @ chance(-1.0 + 1.5 * POINTS)))


def test_the_cheerful_go_on_more_often() -> None:
    scenario = world({"site": site()}, {STEPS[0]: decide(0.5)}, choice={"disposition_on_advance": 0.8})
    visits, people = run(scenario)
    first = visits[visits.visit == 1].merge(people, on=["replication", "customer"])
    went_on = (first.decision == "advance").astype(float)
    together = float(WEIGHTS @ (POINTS * chance(0.8 * POINTS)))
    assert_inside(per_run(went_on * first.disposition, first), together, width=0.1)


def everything(**people: Any) -> Scenario:
    """A world in which each trait is read."""
    cheap = site(offer={"price": 1.0}, message="9 s", facets={"customisation": 0.0})
    places = {"cheap": cheap, "usual": site(started_by="brand"), "shop": site(channel="store", online=False)}
    spreads = {f"{trait}_sd": 0.4 for trait in ("span", "tolerance", "value", "interest", "online")}
    return world(
        places, {STEPS[1]: decide(0.5, 0.4)}, spreads | {"tolerance": 0.5} | people, value={"on_choice": 1.0},
        crm={"accuracy": 0.5, "on_customisation": 1.0}, pressure={"on_leave": 1.0}, voice=MUTE | {"post": -1.0},
        satisfaction={"noise": 1.0, "disposition": 0.3}, choice={"disposition_on_advance": 0.3},
    )  # fmt: skip


@pytest.mark.parametrize("pair", ["price, span", "online, disposition", "tolerance, interest", "inertia, voice"])
def test_a_correlation_of_zero_changes_nobody(pair: str) -> None:
    apart = everything(inertia_sd=0.3, voice_sd=0.3)
    assert_same(everything(inertia_sd=0.3, voice_sd=0.3, correlation={pair: 0.0}), apart)
    assert_differ(everything(inertia_sd=0.3, voice_sd=0.3, correlation={pair: 0.5}), apart)


@pytest.mark.parametrize("spread", ["inertia_sd", "voice_sd"])
def test_a_spread_of_zero_changes_nobody(spread: str) -> None:
    assert_same(everything(**{spread: 0.0}), everything())
    assert_differ(everything(**{spread: 0.5}), everything())


@pytest.mark.parametrize("spread", ["span_sd", "tolerance_sd", "value_sd", "interest_sd", "online_sd"])
def test_each_spread_alone_moves_customers(spread: str) -> None:
    assert_differ(everything(**{spread: 0.0}), everything())


def judged(**satisfaction: Any) -> Scenario:
    """Half buy search goods, half experience goods; every facet is expected to be something else."""
    facets = keys(FACETS)
    promise = {facet: 0.25 + 0.1 * n * (-1) ** n for n, facet in enumerate(facets)}
    return world({"site": site()}, people={"experience_goods": 0.5}, satisfaction=satisfaction,
                 views={"promise": promise})  # fmt: skip


@pytest.mark.parametrize("trait", ["disposition", "product", "value"])
@pytest.mark.parametrize("weight", [0.7, -0.4, 0.0])
def test_what_the_survey_does_not_ask_adds_to_satisfaction_by_its_weight(trait: str, weight: float) -> None:
    _, people = run(judged(**{trait: weight}), customers=300, replications=1)
    assert people[trait].std() > 0.9 and np.allclose(people.satisfaction, weight * people[trait], atol=1e-12)
    assert (people.satisfaction != 0.0).any() == bool(weight)


def test_each_facet_weighs_what_it_weighs_for_the_kind_of_goods() -> None:
    facets = keys(FACETS)
    search = {facet: 0.1 * (n + 1) for n, facet in enumerate(facets)}
    experience = {facet: 0.9 - 0.07 * n * n for n, facet in enumerate(facets)}
    _, people = run(judged(search=search, experience=experience), customers=300, replications=1)
    expected = np.array([0.25 + 0.1 * n * (-1) ** n for n in range(len(facets))])
    for goods, weights in (("search", search), ("experience", experience)):
        those = people[people.goods == goods]
        assert len(those) > 100
        assert np.allclose(those.satisfaction, np.array(list(weights.values())) @ expected, atol=1e-12)


@pytest.mark.parametrize("facet", keys(FACETS))
@pytest.mark.parametrize("goods", ["search", "experience"])
def test_a_facet_without_weight_is_as_good_as_unjudged(facet: str, goods: str) -> None:
    weights = {"security": 0.5, "returns": 0.5}
    one = judged(**{goods: weights | {facet: 0.0}})
    _, people = run(one, customers=100, replications=1)
    _, other = run(one.with_(views={"promise": {facet: -3.0}}), customers=100, replications=1)
    assert (people.satisfaction == other.satisfaction).all() and (people[f"perceived_{facet}"] > -1.0).all()
    _, weighed = run(judged(**{goods: weights | {facet: 0.3}}), customers=100, replications=1)
    those = people.goods == goods
    assert ((people.satisfaction != weighed.satisfaction) == those).all()


def confounded(on_advance: float, on_satisfaction: float) -> Scenario:
    return world({"site": site()}, {STEPS[0]: decide(0.5)}, choice={"disposition_on_advance": on_advance},
                 satisfaction={"disposition": on_satisfaction})  # fmt: skip


@pytest.mark.parametrize(("on_advance", "on_satisfaction"), [(0.8, 0.5), (-0.6, 0.5), (0.8, 0.0), (0.0, 0.5)])
def test_a_confounder_needs_both_of_its_paths(on_advance: float, on_satisfaction: float) -> None:
    """Who buys is more content than who does not, though buying made nobody so; without either path nothing shows."""
    _, people = run(confounded(on_advance, on_satisfaction))
    bought = people.purchases > 0
    buys = chance(on_advance * POINTS)
    assert_inside(per_run(bought, people), float(WEIGHTS @ buys))
    assert_inside(per_run(bought * people.disposition, people), float(WEIGHTS @ (POINTS * buys)), width=0.25)
    if not on_satisfaction:
        assert (people.satisfaction == 0.0).all()
        return
    together = on_satisfaction * float(WEIGHTS @ (POINTS * buys))
    assert_inside(per_run(bought * people.satisfaction, people), together, width=0.25)
    gap = per_run(people.satisfaction[bought], people[bought]) - per_run(people.satisfaction[~bought], people[~bought])
    none = on_satisfaction * float(WEIGHTS @ (POINTS * (1.0 - buys)) / (WEIGHTS @ (1.0 - buys)))
    assert_inside(gap, together / float(WEIGHTS @ buys) - none, width=0.25)


def test_a_disposition_that_moves_no_decision_leaves_all_to_chance() -> None:
    assert_decided_by_chance_alone(confounded(0.0, 0.5).with_(needs={STEPS[1]: decide(0.5, 0.3)}))
    assert_differ(confounded(0.5, 0.5), confounded(0.0, 0.5))


@pytest.mark.parametrize("pull", [0.0, 0.9, -0.5])
def test_state_dependence_alone_draws_to_the_channel_used_last(pull: float) -> None:
    visits, _ = run(web_or_shop(online_sd=0.0).with_(choice={"inertia": pull}), replications=10)
    again = (visits.touchpoint.astype(str) == visits.touchpoint.astype(str).shift())[visits.visit > 1]
    assert_inside(per_run(again, visits[visits.visit > 1]), float(chance(np.array(pull))))


def test_without_inertia_and_affinity_appeal_alone_chooses() -> None:
    visits = assert_chosen_by_appeal_alone(web_or_shop(inertia_sd=0.0).with_(choice={"inertia": 0.0}))
    assert len(visits) == 1200 and set(visits.touchpoint) == {"web", "shop"}
    plain = web_or_shop()
    assert_differ(web_or_shop(inertia_sd=0.5), plain)
    assert_differ(plain.with_(choice={"inertia": 0.5}), plain)
