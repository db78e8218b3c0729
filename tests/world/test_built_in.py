"""The built-in scenarios: short, honest about facts, alive in every section, and nothing that one would not show."""

from __future__ import annotations

import re

import pandas as pd
import pytest

import touchsim as ts
from touchsim.datasets import scenario_path, scenarios
from touchsim.measure.kpis import kpis_by_replication
from touchsim.world.scenario import Scenario, load_scenario

WORLDS = ("omnichannel_retailer", "bank_loan", "saas_subscription", "home_repair")
EVERYTHING = load_scenario("omnichannel_retailer")

# Sections that a scenario may leave to their defaults without being any the poorer for it
ALWAYS = {"name", "title", "about", "start", "currency", "days", "follow_up", "needs", "funnel", "interventions",
          "facts"}  # fmt: skip


def whole(scenario: Scenario) -> pd.Series:
    """Key figures of all customers of a short run, those of single touchpoints and segments left out."""
    table = kpis_by_replication(ts.simulate(scenario, customers=600, seed=3))
    return table[table["group"] == "all"].set_index("kpi")["value"]


@pytest.fixture(scope="module", params=WORLDS)
def world(request: pytest.FixtureRequest) -> Scenario:
    return load_scenario(request.param)


def test_the_four_worlds_are_there() -> None:
    assert set(WORLDS) <= set(scenarios())


@pytest.mark.parametrize("name", scenarios())
def test_a_scenario_is_short_and_says_in_its_head_what_it_is_for_and_what_is_fact(name: str) -> None:
    text = scenario_path(name).read_text(encoding="utf-8")
    head = text.split("\nname:")[0]
    assert len(text.splitlines()) < 200
    assert head.startswith("#") and "For:" in head.replace("\n# ", " ") and "Fact" in head
    assert max(map(len, text.splitlines())) <= (130 if name in WORLDS else 150)


@pytest.mark.parametrize("name", WORLDS)
def test_facts_of_a_scenario_name_a_source_with_its_year(name: str) -> None:
    for place, source in load_scenario(name).facts.items():
        assert re.search(r"(19|20)\d\d", source), place


@pytest.mark.parametrize("name", scenarios())
def test_every_intervention_has_a_label_and_moves_a_figure_of_the_whole(name: str) -> None:
    """Draws are addressed: the same customers and luck, so that whatever differs is due to the intervention."""
    scenario = load_scenario(name)
    base = whole(scenario)
    assert whole(scenario.with_(title="the same world by another title")).equals(base)
    for key, intervention in scenario.interventions.items():
        assert intervention.label
        assert not whole(scenario.with_(key)).reindex(base.index).equals(base), f"{key} moves nothing"


def test_whatever_is_named_is_met_by_somebody(world: Scenario) -> None:
    """A touchpoint that nobody ever meets is a line too many, unless an intervention opens it."""
    log = ts.simulate(world, customers=4000, seed=1)
    opened = {key for key, place in world.touchpoints.items() if place.reach == 0.0}
    assert set(world.touchpoints) - set(log.visits.column("touchpoint").unique().to_pylist()) == opened
    for key in opened:
        assert any("reach" in said.changes.get("touchpoints", {}).get(key, {}) for said in world.interventions.values())


def test_no_world_makes_an_absurd_loss_or_gain_and_most_customers_get_through(world: Scenario) -> None:
    table = ts.kpis(ts.simulate(world, customers=5000, replications=3, seed=1))
    told = table[table["group"] == "all"].set_index("kpi")["value"]
    assert 0.05 < told["conversion"] < 0.6
    assert 0.0 < told["profit"] < 0.8 * told["margin"]
    assert told["abandonment"] < 0.1
    assert 0.45 < told["csat"] < 0.85
    assert told["left_irritated"] < 0.08
    assert told["share_under_way"] < 0.05


def test_the_scenario_with_everything_on_says_something_in_every_section() -> None:
    """Each section differs from its default, so that a promise made to it is a promise about all of them together."""
    silent = [
        name
        for name, field in Scenario.model_fields.items()
        if name not in ALWAYS and getattr(EVERYTHING, name) == field.get_default(call_default_factory=True)
    ]
    assert silent == []


def test_the_scenario_with_everything_on_uses_every_field_of_the_new_touchpoints() -> None:
    places = EVERYTHING.touchpoints.values()
    assert any(not place.serves for place in places) and any(not place.managed for place in places)
    assert any(place.message > 0.0 for place in places) and any(place.risk.probability > 0.0 for place in places)
    assert any(not place.offer.is_usual for place in places)
    pairs = EVERYTHING.alignment.pairs.values()
    assert all(any(getattr(pair, name) > 0.0 for pair in pairs) for name in ("fidelity", "conflict", "supplement"))
    assert any(bought.targeting == 0.0 for bought in EVERYTHING.exposure.values())
    assert any(rule.brings_back > 0.0 for rule in EVERYTHING.automation.values())


def test_one_price_takes_away_the_conflicts_and_nothing_else() -> None:
    before, after = (scenario.alignment for scenario in (EVERYTHING, EVERYTHING.with_("one_price_everywhere")))
    assert any(pair.conflict for pair in before.pairs.values())
    bare = {key: pair.model_copy(update={"conflict": 0.0}) for key, pair in before.pairs.items()}
    assert after.pairs == bare


def test_the_connected_retailer_has_more_satisfied_buyers() -> None:
    """The three ready interventions on alignment raise satisfaction, each by itself."""
    names = ["one_price_everywhere", "return_status_online", "returns_explained_online"]
    comparison = ts.compare(EVERYTHING, *map(EVERYTHING.with_, names), customers=4000, replications=4, seed=1)
    table = comparison.table
    rows = table[(table["kpi"] == "satisfaction") & (table["group"] == "all")]
    assert len(rows) == len(names)
    assert (rows["low"] > 0.0).all()


def test_the_bank_is_not_far_from_the_log_that_it_was_held_against() -> None:
    """Shares of applications approved, days until then, leads called within the hour: see the head of the scenario."""
    log = ts.simulate(load_scenario("bank_loan"), customers=5000, seed=1)
    visits, people = log.visits.to_pandas(), log.customers.to_pandas().set_index("customer")
    asked = visits[(visits["need"] == "alternatives") & (visits["outcome"] == "served")]
    asked = asked[asked["touchpoint"].isin(["application", "branch", "call_centre", "sales_call"])]
    applied = asked.groupby("customer")["arrived"].min()
    days = (people["first_purchase"].reindex(applied.index) - applied).dropna()
    assert 0.13 < len(days) / len(applied) < 0.27
    assert 9.0 < days.median() < 20.0


def test_subscribers_renew_and_some_stop(world: Scenario) -> None:
    renewals = "renewal" in {need for place in world.touchpoints.values() for need in place.serves}
    log = ts.simulate(world, customers=2000, seed=2)
    reasons = log.customers.to_pandas()["reason"].value_counts()
    assert (reasons.get("not_renewed", 0) > 0) == renewals


@pytest.mark.parametrize("name", ["home_repair", "omnichannel_retailer"])
def test_a_request_for_a_review_brings_reviews(name: str) -> None:
    asking = load_scenario(name)
    silent = asking.with_(touchpoints={"review_request": {"asks_for_review": 0.0}})
    table = ts.compare(silent, asking, customers=2000, replications=4, seed=1).table
    rows = table[(table["kpi"] == "reviews_per_buyer") & (table["group"] == "all")]
    assert (rows["low"] > 0.0).all() and (rows["difference"] > 0.03 * rows["base"]).all()
