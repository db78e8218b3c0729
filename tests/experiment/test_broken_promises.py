"""Each promise to a mystery guest breaks where the world breaks it, by as much as the world says, and nowhere else."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

import touchsim as ts
from tests.engine.effects.small import site, world
from touchsim.errors import BadInput
from touchsim.experiment.mystery_guest import MysteryGuest
from touchsim.world.scenario import Scenario

ON_TIME = {"after": "0 s"}


def sent(scenario: Scenario, *visits: dict[str, Any], **said: Any) -> MysteryGuest:
    """A guest who thinks no longer than the script says, in three replications."""
    script = {"name": "Ida", "starts": said.pop("starts", "1 day"), "visits": [ON_TIME | visit for visit in visits]}
    return ts.mystery_guest(scenario, script, replications=3, **{"customers": 20, **said})


def row(guest: MysteryGuest, measure: str, by: str = "", visit: int = 1) -> pd.Series:
    """The row of a measure of a visit, and of who promised."""
    table = guest.table
    found = table[(table["visit"] == visit) & (table["measure"] == measure) & (table["by"] == by)]
    assert len(found) == 1, table
    return found.iloc[0]


def kept(guest: MysteryGuest) -> bool:
    return "No promise broke." in guest.sentences


def desk(**more: Any) -> Scenario:
    """Everybody comes to one desk within seconds and is served for a minute each; a guest comes at minute five."""
    line = {"capacity": 1, "line": None, "service": "1 min", "patience": "9000 days", "facets": {}}
    return world({"desk": site("problem_recognition", **line | more), "rest": site(*site()["serves"][1:])})


def wait_at(scenario: Scenario, longest: str) -> MysteryGuest:
    return sent(scenario, {"touchpoint": "desk", "expect": {"wait": longest}}, starts="5 min", customers=60)


def test_a_guest_behind_sixty_people_waits_until_all_of_them_have_been_served() -> None:
    guest = wait_at(desk(), "30 min")
    for by, promise in (("standard", 2.0), ("script", 30.0)):
        met = row(guest, "wait_minutes", by)
        assert met["promise"] == promise and met["broken"] and met["broke"] == 1.0
        assert met["value"] == pytest.approx(60 - 5, abs=0.2)
    assert "At visit 1, desk, the promise broke: wait, promised 2 min (standard), in 3 of 3" in guest.text


def test_a_wait_keeps_the_promise_that_is_longer_and_breaks_the_one_that_is_shorter() -> None:
    guest = wait_at(desk(), "1 h")
    assert row(guest, "wait_minutes", "standard")["broken"] and not row(guest, "wait_minutes", "script")["broken"]


def test_nobody_waits_where_capacity_is_unlimited_and_no_promise_breaks() -> None:
    guest = wait_at(desk(capacity=None), "0 s")
    assert row(guest, "wait_minutes", "script")["value"] == 0.0 and kept(guest)


def test_a_guest_who_finds_the_line_full_is_turned_away_instead_of_waiting() -> None:
    scenario = desk(line=10)
    guest = sent(scenario, {"touchpoint": "desk", "expect": {"outcome": "served"}}, starts="30 s", customers=60)
    assert row(guest, "turned_away")["value"] == 1.0 and row(guest, "served")["value"] == 0.0
    assert row(guest, "outcome", "script")["broken"] and row(guest, "wait_minutes", "standard")["value"] == 0.0


def shop(**more: Any) -> Scenario:
    """A site, a parcel that takes five days where three are promised, a desk that pays back after nine days."""
    places = {"site": site(), "parcel": site("delivery", started_by="brand", channel="delivery", delay="5 days"),
              "desk": site("return", handling="9 days", steps=5)}  # fmt: skip
    return world({key: place | more.get(key, {}) for key, place in places.items()}, orders={"promised": "3 days"})


def ordered(scenario: Scenario, late: str = "1 day", refund: str = "7 days") -> MysteryGuest:
    return sent(scenario, {"touchpoint": "site"}, {"touchpoint": "parcel", "expect": {"late": late}},
                {"touchpoint": "desk", "expect": {"refund": refund}})  # fmt: skip


def test_a_parcel_of_five_days_is_two_days_later_than_the_three_that_were_promised() -> None:
    guest = ordered(shop())
    for by, promise in (("promised days", 0.0), ("script", 1.0)):
        met = row(guest, "late_days", by, visit=2)
        assert met["value"] == pytest.approx(2.0) and met["promise"] == promise and met["broken"]
    assert not row(ordered(shop(), late="2.5 days"), "late_days", "script", visit=2)["broken"]
    early = row(ordered(shop(parcel={"delay": "2 days"})), "late_days", "promised days", visit=2)
    assert early["value"] == pytest.approx(-1.0) and not early["broken"]


def test_a_refund_and_its_steps_break_the_standard_that_they_exceed() -> None:
    guest = ordered(shop())
    for by, promise in (("standard", 5.0), ("script", 7.0)):
        met = row(guest, "refund_days", by, visit=3)
        assert met["value"] == pytest.approx(9.0) and met["promise"] == promise and met["broken"]
    steps = row(guest, "steps", "standard", visit=3)
    assert (steps["value"], steps["promise"], steps["broken"]) == (5.0, 3.0, True)
    quick = shop(desk={"handling": "4 days", "steps": 3}, parcel={"delay": "2 days"})
    assert kept(ordered(quick))


def facet(mean: float, sd: float, promise: float, replications: int = 3) -> tuple[pd.Series, MysteryGuest]:
    """What was shown of product information against the promise."""
    place = site(facets={"product_information": {"mean": mean, "sd": sd}})
    scenario = world({"site": place}, views={"promise": {"product_information": promise}})
    script = {"name": "Ida", "visits": [ON_TIME | {"touchpoint": "site"}]}
    guest = ts.mystery_guest(scenario, script, replications=replications, customers=2)
    table = guest.table
    return table[(table["touchpoint"] == "product_information") & (table["measure"] == "evidence")].iloc[0], guest


def test_a_facet_breaks_the_promise_of_the_brand_where_less_is_shown() -> None:
    less, guest = facet(-0.3, 0.0, promise=0.1)
    assert less["value"] == pytest.approx(-0.3) and less["broken"] and less["broke"] == 1.0
    assert "The brand promises +0.10 on product information and showed −0.30 (standard" in guest.text
    more, guest = facet(-0.3, 0.0, promise=-0.5)
    assert not more["broken"] and more["broke"] == 0.0 and kept(guest)


def test_a_facet_that_single_guests_miss_is_not_broken_while_the_mean_may_be_as_promised() -> None:
    noisy, guest = facet(0.5, 2.0, promise=0.1, replications=30)
    assert 0.2 < noisy["broke"] < 0.8 and not noisy["broken"] and kept(guest)


@pytest.mark.parametrize(("knows", "outcome"), [(0.0, "closed"), (1.0, "served")])
def test_a_guest_meets_a_closed_door_unless_the_hours_are_known(knows: float, outcome: str) -> None:
    hours = {"open": {"mon-fri": "09:00-17:00"}, "early": "0 s"}
    scenario = world({"desk": site("problem_recognition", **hours), "rest": site(*site()["serves"][1:])},
                     choice={"knows_hours": knows, "tries": 1})  # fmt: skip
    guest = sent(scenario, {"touchpoint": "desk", "expect": {"outcome": "served"}}, starts="20 h")
    assert row(guest, outcome)["value"] == 1.0
    assert row(guest, "outcome", "script")["broken"] == (outcome == "closed")
    assert ("found it closed in all 3 replications" in guest.text) == (outcome == "closed")


def test_what_needs_an_order_is_left_out_where_none_came_about_and_the_guest_goes_on() -> None:
    closed = {"open": {"sun": "09:00-17:00"}, "early": "0 s"}
    places = {"site": site(*site()["serves"][:3]), "till": site("purchase_decision", **closed),
              "parcel": site("delivery", started_by="brand", channel="delivery", delay="1 day"),
              "phone": site("help")}  # fmt: skip
    visits = ({"touchpoint": "till"}, {"touchpoint": "parcel"}, {"touchpoint": "phone"})
    for hours, made in ((closed, 0.0), ({"open": {}}, 1.0)):
        scenario = world(places | {"till": places["till"] | hours}, choice={"knows_hours": 0.0, "tries": 1})
        guest = sent(scenario, *visits)
        assert [row(guest, "made", visit=n)["value"] for n in (1, 2, 3)] == [1.0, made, 1.0]
        assert ("Visit 2, parcel: not made." in guest.sentences) == (made == 0.0)


def test_goods_that_never_came_are_not_returned_and_the_guest_goes_on() -> None:
    closed = {"open": {"sun": "09:00-17:00"}, "early": "0 s"}
    places = {"site": site(), "desk": site("return"), "phone": site("help"),
              "counter": site("delivery", channel="store", delay="1 day")}  # fmt: skip
    for hours, came in ((closed, 0.0), ({"open": {}}, 1.0)):
        scenario = world(places | {"counter": places["counter"] | hours}, choice={"knows_hours": 0.0, "tries": 1})
        guest = sent(scenario, *({"touchpoint": key} for key in ("site", "counter", "desk", "phone")))
        assert row(guest, "served", visit=2)["value"] == came
        assert [row(guest, "made", visit=n)["value"] for n in (1, 2, 3, 4)] == [1.0, 1.0, came, 1.0]


def test_a_script_that_returns_what_is_never_delivered_is_refused_unless_goods_are_taken_along() -> None:
    places = {"site": site(), "desk": site("return"), "parcel": site("delivery", delay="1 day")}
    visits = ({"touchpoint": "site"}, {"touchpoint": "desk"})
    with pytest.raises(BadInput) as bad:
        sent(world(places), *visits)
    assert str(bad.value) == ("visits[1].touchpoint: takes back what was never received (got desk); put a visit before "
                              "it that delivers (parcel)")  # fmt: skip
    again = ({"touchpoint": "site"}, {"touchpoint": "parcel"}, {"touchpoint": "site", "need": "purchase_decision"})
    with pytest.raises(BadInput, match=r"visits\[3\].touchpoint: takes back what was never received"):
        sent(world(places), *again, {"touchpoint": "desk"})
    carried = sent(world({key: place for key, place in places.items() if key != "parcel"}), *visits)
    assert row(carried, "served", visit=2)["value"] == 1.0


def test_a_visit_that_the_run_is_too_short_for_is_not_made() -> None:
    guest = sent(shop(), {"touchpoint": "site"}, {"touchpoint": "site", "after": "9000 days"})
    assert [row(guest, "made", visit=n)["value"] for n in (1, 2)] == [1.0, 0.0]
    assert guest.sentences[2] == "Visit 2, site: not made."


def test_steps_that_no_guest_could_take_are_refused_all_at_once_before_anything_runs() -> None:
    retailer = ts.load_scenario("omnichannel_retailer")
    script = {"name": "Ida", "segment": "planer", "visits": [
        {"touchpoint": "banner"}, {"touchpoint": "phone", "need": "deliverry"}]}  # fmt: skip
    with pytest.raises(BadInput) as bad:
        ts.mystery_guest(retailer, script)
    said = str(bad.value)
    assert "segment: no such segment in the scenario" in said and "did you mean 'planners'" in said
    assert "visits[0].touchpoint: serves no need" in said
    assert "visits[1].need: must be one of those that phone serves" in said
    with pytest.raises(BadInput, match=r"visits\[1\].touchpoint: delivers or takes back, and nothing is ordered"):
        ts.mystery_guest(retailer, {"name": "Ida", "visits": [{"touchpoint": "app"}, {"touchpoint": "return_desk"}]})
