"""Every number of a scenario is called a fact, with its source, or an assumption, with its reason."""

from __future__ import annotations

import pytest

from touchsim.datasets import scenarios
from touchsim.world.scenario import load_scenario


def kinds(scenario) -> dict[str, tuple[str, str]]:
    table = scenario.assumptions()
    return dict(zip(table["path"], zip(table["kind"], table["source"], strict=True), strict=True))


@pytest.mark.parametrize("name", scenarios())
def test_every_number_is_a_fact_or_an_assumption_and_says_why(name: str) -> None:
    scenario = load_scenario(name)
    table = scenario.assumptions()
    assert set(table["kind"]) == {"fact", "assumption"}
    assert table["path"].is_unique
    assert (table["source"].str.len() > 5).all()
    said = "|".join([r"views\.late", r"funnel\.", *scenario.facts])
    assert table.loc[table["kind"] == "fact", "path"].str.match(said).all()


def test_a_fact_that_is_changed_is_an_assumption() -> None:
    shop = load_scenario("corner_shop")
    late = {"lateness": 3.0, "late": [{"days": "1 day", "loss": 1.0}]}
    changed = shop.with_(views=late, funnel={"customer": {"purchases": 2}})
    for path in ("views.lateness", "views.late", "funnel.customer.purchases"):
        assert kinds(shop)[path][0] == "fact"
        assert kinds(changed)[path] == ("assumption", "set by this scenario")


def test_a_scenario_marks_facts_of_its_own() -> None:
    known = load_scenario("corner_shop").with_(facts={"orders.basket": "till receipts of May 2025"})
    assert kinds(known)["orders.basket.mean"] == ("fact", "till receipts of May 2025")
