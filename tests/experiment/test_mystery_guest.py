"""A mystery guest follows the script, disturbs nobody without lines, and says where a promise broke."""

from __future__ import annotations

from typing import Any

import pytest

import touchsim as ts
from touchsim.errors import BadInput
from touchsim.world.script import needs_of, read_script

SCRIPT: dict[str, Any] = {"name": "Anna", "starts": "2 days", "visits": [
    {"touchpoint": "website"}, {"touchpoint": "advice_line"}, {"touchpoint": "checkout"}, {"touchpoint": "delivery"},
    {"touchpoint": "return_desk"}]}  # fmt: skip


def test_both_engines_lead_a_guest_the_same_way_bit_for_bit() -> None:
    shop, script = ts.load_scenario("webshop"), read_script(SCRIPT)
    one, other = (ts.simulate(shop, customers=200, replications=2, guest=script, engine=engine)
                  for engine in ("compiled", "simpy"))  # fmt: skip
    assert one.describe_difference(other) is None
    guests = one.customers_frame().query("origin == 'guest'")
    assert len(guests) == 2 and (guests["reason"] == "script_ended").all()


def test_what_a_guest_is_after_follows_from_the_order_of_the_visits() -> None:
    needs = needs_of(read_script(SCRIPT), ts.load_scenario("webshop"))
    assert needs == ("information_search", "alternatives", "purchase_decision", "delivery", "return")


def test_a_script_that_does_not_fit_gives_clean_findings() -> None:
    shop = ts.load_scenario("webshop")
    with pytest.raises(BadInput, match=r"visits\[0\].touchpoint: no such touchpoint .*did you mean 'phone'"):
        ts.mystery_guest(shop, {"name": "A", "visits": [{"touchpoint": "phoen"}]})
    with pytest.raises(BadInput, match="nothing is ordered before"):
        ts.mystery_guest(shop, {"name": "A", "visits": [{"touchpoint": "delivery"}]})
    with pytest.raises(BadInput, match="must be in s, min, h"):
        ts.mystery_guest(shop, {"name": "A", "starts": "3 moons", "visits": [{"touchpoint": "phone"}]})


def test_a_broken_expectation_is_found_and_a_kept_one_is_not() -> None:
    def broken(outcome: str) -> bool:
        visit = {"touchpoint": "website", "expect": {"outcome": outcome}}
        script = {"name": "Anna", "visits": [visit]}
        table = ts.mystery_guest(ts.load_scenario("webshop"), script, replications=2, customers=20).table
        return bool(table.loc[table["measure"] == "outcome", "broken"].iloc[0])

    assert broken("closed") and not broken("served")


def test_a_guest_changes_nobody_in_a_world_without_lines() -> None:
    from touchsim.world.scenario import load_scenario

    shop = load_scenario("webshop")
    free = {key: {"capacity": None, "line": None} for key, place in shop.touchpoints.items() if place.capacity}
    calm = shop.with_(touchpoints=free)
    script = read_script({"name": "Anna", "starts": "2 days", "visits": [{"touchpoint": "phone"}]})
    alone, together = (ts.simulate(calm, customers=150, guest=guest).customers_frame() for guest in (None, script))
    others = together.query("origin != 'guest'")
    drop = ["customer", "origin"]
    one, other = (frame.drop(columns=drop).sort_values("identity", ignore_index=True) for frame in (alone, others))
    assert len(together) == len(alone) + 1
    assert one.equals(other)
