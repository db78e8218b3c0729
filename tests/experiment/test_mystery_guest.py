"""A mystery guest follows the script, disturbs nobody without lines, and says where a promise broke."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import touchsim as ts
from tests.engine.effects.small import decide, sent, site, world
from touchsim.errors import BadInput
from touchsim.world.scenario import Scenario
from touchsim.world.script import Script, ScriptedVisit, needs_of, read_script

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


MINUTE = 1 / 1440
VISITS: list[dict[str, Any]] = [
    {"touchpoint": "site", "after": "1 h"}, {"touchpoint": "line", "after": "10 min"},
    {"touchpoint": "parcel", "after": "0 s"}, {"touchpoint": "desk", "after": "2 days"},
]  # fmt: skip


def errand() -> Scenario:
    """A site, a line where nobody serves before two, a parcel that comes two days late, a desk that refunds slowly.

    Half of all are willing to be contacted, half buy experience goods; nothing else differs from person to person.
    """
    seen = {"mean": 0.3, "sd": 0.0}
    places = {
        "site": site(), "letter": sent(),
        "line": site("purchase_decision", capacity={"daily": {"00:00-02:00": 0, "02:00-24:00": 99}},
                     patience="40 min", facets={"responsiveness": seen}),
        "parcel": site("delivery", delay="5 days"), "desk": site("return", handling="12 days"),
    }  # fmt: skip
    rule = {"when": "lead", "wait": "5 min", "send": "letter"}
    weights = {"search": {"security": 1.0}, "experience": {"security": 3.0}}
    small = world(
        places, {need: decide(1.0) for need in ("delivery", "return")}, {"arrivals": 200.0, "consent": 0.5,
        "experience_goods": 0.5}, automation={"rule": rule}, orders={"promised": "3 days"}, satisfaction=weights,
        views={"promise": {"security": 0.5}, "wait": 0.4},
    )  # fmt: skip
    return small.with_(segments={"old": {"arrivals": 100.0, "consent": 1.0, "experience_goods": 1.0}})


def sent_guest(**said: Any) -> tuple[pd.Series, pd.DataFrame]:
    """Row and contacts of a guest with a script of one's own, among fifty others."""
    script = read_script({"name": "Anna", "segment": "all", "visits": VISITS} | said)
    log = ts.simulate(errand(), customers=50, seed=3, guest=script)
    people, visits = log.customers_frame(), log.visits_frame()
    guest = people[people.origin == "guest"].iloc[0]
    return guest, visits[visits.customer == guest.customer].set_index("touchpoint")


@pytest.mark.parametrize(("patience", "outcome", "minutes"), [
    (0.25, "abandoned", 10.0), (1.0, "abandoned", 40.0), (1.4, "abandoned", 56.0), (1.6, "served", 60.0),
])  # fmt: skip
def test_patience_says_how_long_a_guest_stands_in_line(patience: float, outcome: str, minutes: float) -> None:
    guest, visits = sent_guest(patience=patience, visits=[VISITS[0] | {"after": "45 min"}, VISITS[1]])
    line = visits.loc["line"]
    waited = (line.started if outcome == "served" else line.ended) - line.arrived
    assert line.outcome == outcome and waited == pytest.approx(minutes * MINUTE, abs=1e-9)
    assert guest.purchases == (outcome == "served")
    vain = 0.8 if outcome == "abandoned" else 0.0
    assert line.emotion == pytest.approx(np.tanh(0.3 - 0.4 * np.log((minutes + 1.0) / 3.0) - vain), abs=1e-9)


@pytest.mark.parametrize(("goods", "weight"), [("search", 1.0), ("experience", 3.0)])
def test_goods_say_what_weighs_in_the_satisfaction_of_a_guest(goods: str, weight: float) -> None:
    guest, _ = sent_guest(goods=goods)
    assert guest.goods == goods and guest.satisfaction == pytest.approx(weight * 0.5)


@pytest.mark.parametrize("consent", [True, False])
def test_consent_says_whether_a_guest_is_a_lead_who_is_written_to(consent: bool) -> None:
    guest, visits = sent_guest(consent=consent)
    assert guest.consent == consent == pd.notna(guest.reached_lead) == ("letter" in visits.index)


def test_a_segment_says_whose_traits_a_guest_has() -> None:
    """All of the older are willing and buy experience goods; of the others that is drawn, name by name."""
    drawn: set[tuple[bool, str]] = set()
    for name in ("Anna", "Ben", "Carl", "Dora", "Emil", "Fay"):
        guest, visits = sent_guest(segment="old", name=name)
        assert guest.segment == "old" and guest.consent and guest.goods == "experience" and "letter" in visits.index
        guest, _ = sent_guest(name=name)
        assert guest.segment == "all"
        drawn.add((bool(guest.consent), str(guest.goods)))
    assert len(drawn) > 2
    unsaid, _ = sent_guest(segment=None)
    assert unsaid.segment == "all", "the first of the scenario, unless the script says so"


@pytest.mark.parametrize(("need", "purchases"), [("information_search", 0), ("purchase_decision", 1)])
def test_a_need_says_what_a_guest_is_after(need: str, purchases: int) -> None:
    guest, visits = sent_guest(visits=[{"touchpoint": "site", "need": need}])
    assert visits.loc["site"].need == need and guest.purchases == purchases


def test_name_start_and_pauses_say_who_comes_when() -> None:
    (anna, _), (ben, _) = sent_guest(), sent_guest(name="Ben")
    assert anna.identity != ben.identity and anna.product != ben.product
    guest, visits = sent_guest(starts="1.25 days", patience=100.0)
    assert guest.born == 1.25 and visits.loc["site"].arrived == pytest.approx(1.25 + 1 / 24)
    back = visits.loc["desk"]
    assert back.arrived == pytest.approx(visits.loc["parcel"].ended + 2.0) and back.handling_days == 12.0


@pytest.mark.parametrize(("visit", "expect", "kept", "broken"), [
    (1, "wait", "70 min", "30 min"), (1, "outcome", "served", "abandoned"), (2, "late", "3 days", "1 day"),
    (3, "refund", "12 days", "11 days"), (1, "emotion", -1.0, 0.9),
])  # fmt: skip
def test_each_expectation_breaks_where_it_is_not_met_and_only_there(
    visit: int, expect: str, kept: Any, broken: Any
) -> None:
    found = []
    for value in (kept, broken):
        visits = [dict(one) for one in VISITS]
        visits[visit]["expect"] = {expect: value}
        script = {"name": "Anna", "segment": "all", "patience": 100.0, "visits": visits}
        table = ts.mystery_guest(errand(), script, replications=2, customers=20).table
        (row,) = table[table["by"] == "script"].itertuples()
        found.append((row.visit, bool(row.broken)))
    assert found == [(visit + 1, False), (visit + 1, True)]


def test_these_are_all_the_fields_of_a_script() -> None:
    """A field that comes new asks for a test that shows what it moves."""
    assert set(Script.model_fields) == {"name", "segment", "starts", "patience", "goods", "consent", "visits"}
    assert set(ScriptedVisit.model_fields) == {"touchpoint", "need", "after", "expect"}
