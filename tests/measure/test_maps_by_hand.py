"""The touchpoint map, its weakest touchpoints and the difference of two maps, worked out on paper."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.special import stdtrit

import touchsim as ts
from tests.log.small import MINUTE, TOUCHPOINTS, Rows, small_log
from touchsim.log.eventlog import EventLog
from touchsim.measure.cells import BOUNDS
from touchsim.measure.features import features_shown

PLACES: dict[str, dict[str, Any]] = {
    **TOUCHPOINTS,
    "site": TOUCHPOINTS["site"] | {"facets": {"appearance": 0.2, "product_information": -0.4}},
    "phone": TOUCHPOINTS["phone"] | {"facets": {"responsiveness": 0.3}},
    "store": TOUCHPOINTS["store"] | {"standard_handling_days": 5.0},
    "newsletter": TOUCHPOINTS["newsletter"] | {"managed": False},
}


def contact(touchpoint: str, need: str, emotion: float = np.nan, *, wait: float = 0.0, **more: Any) -> dict[str, Any]:
    """A contact on the first day: served after `wait` minutes, in a minute."""
    started = 1.0 + wait * MINUTE
    row = {"touchpoint": touchpoint, "need": need, "emotion": emotion, "arrived": 1.0, "started": started,
           "ended": started + MINUTE}  # fmt: skip
    if more.get("outcome", "served") != "served":
        row["started"] = np.nan
    return row | more


def log_of(*replications: Rows, **more: Any) -> EventLog:
    numbered = [[row | {"customer": place} for place, row in enumerate(rows)] for rows in replications]
    people = [[{"customer": place} for place in range(len(rows))] for rows in replications]
    return small_log(*zip(numbered, people, strict=True), touchpoints=PLACES, **more)


FIRST: Rows = [
    contact("site", "information_search", 0.4), contact("site", "information_search", -0.2),
    contact("phone", "help", 0.5, wait=1, cost_cents=300),
    contact("phone", "help", -0.3, wait=10, cost_cents=300, decision="stay"),
    contact("phone", "help", -0.6, outcome="abandoned"), contact("phone", "help", outcome="turned_away"),
    contact("newsletter", "help", outcome="unnoticed", cost_cents=2), contact("newsletter", "help", 0.1, cost_cents=2),
    contact("parcel", "delivery", -0.5, late_days=2.0), contact("parcel", "delivery", 0.7, late_days=-1.0),
    contact("store", "return", -0.4, handling_days=9.0), contact("store", "return", 0.2, handling_days=2.0),
    contact("store", "return", outcome="unfinished", ended=np.nan),
]  # fmt: skip


@pytest.fixture(scope="module")
def cells() -> pd.DataFrame:
    return ts.touchpoint_map(log_of(FIRST)).set_index(["step", "channel"])


def test_the_lane_of_features_names_what_is_shown_and_how_good_it_is(cells: pd.DataFrame) -> None:
    site, phone = cells.loc["information_search", "website"], cells.loc["after_sales", "phone"]
    assert set(site["facets"].split(", ")) == {"appearance", "product_information"}
    assert site["quality"] == pytest.approx((0.2 - 0.4) / 2)
    assert (phone["facets"], phone["quality"]) == ("responsiveness", pytest.approx(0.3))
    assert cells.loc["after_sales", "store"]["facets"] == "" and np.isnan(cells.loc["after_sales", "store"]["quality"])


def test_the_lane_of_interactions_holds_the_shares_of_what_customers_started(cells: pd.DataFrame) -> None:
    phone = cells.loc["after_sales", "phone"]
    assert phone[["asked", "served", "abandoned", "turned_away"]].tolist() == [4, 2 / 4, 1 / 4, 1 / 4]
    assert phone["wait_minutes"] == pytest.approx((1 + 10) / 2)
    assert np.isnan(phone["noticed"]) and phone["sent"] == 0
    assert cells.loc["after_sales", "store"]["served"] == pytest.approx(2 / 3), "the unfinished one counts, too"


def test_the_lane_of_communication_holds_what_the_brand_started() -> None:
    mails = [contact("newsletter", "help"), *[contact("newsletter", "help", outcome="unnoticed")] * 3]
    mail = ts.touchpoint_map(log_of(mails)).iloc[0]
    assert mail[["asked", "sent", "noticed"]].tolist() == [0, 4, 1 / 4]
    assert mail["seconds"] == pytest.approx(60) and np.isnan(mail["served"])


def test_the_lane_of_emotions_holds_the_mean_and_the_share_of_negative_contacts(cells: pd.DataFrame) -> None:
    phone = cells.loc["after_sales", "phone"]
    assert phone["emotion"] == pytest.approx((0.5 - 0.3 - 0.6) / 3)
    assert phone["negative"] == pytest.approx(2 / 3), "the one turned away left no feeling"


def test_a_loss_is_contacts_times_shortfall_and_its_parts_sum_to_it() -> None:
    table = ts.weakest_touchpoints(log_of(FIRST)).set_index("touchpoint")
    judged = [0.4, -0.2, 0.5, -0.3, -0.6, 0.0, 0.0, 0.1, -0.5, 0.7, -0.4, 0.2]
    mean, n = float(np.mean(judged)), len(judged)
    phone = table.loc["phone"]
    assert phone["loss"] == pytest.approx((4 * mean - (0.5 - 0.3 - 0.6 + 0.0)) / n)
    assert phone["from_in_vain"] == pytest.approx((2 * 0.5 - (-0.6 + 0.0)) / n)
    assert phone["from_long_wait"] == pytest.approx((0.5 + 0.3) / n), "ten minutes against two found normal"
    assert phone["from_poor_evidence"] == pytest.approx(4 * (mean - 0.5) / n)
    assert table.loc["parcel", "from_late_delivery"] == pytest.approx((0.7 + 0.5) / n)
    assert table.loc["store", "from_slow_refund"] == pytest.approx((0.2 + 0.4) / n)
    assert table.loc["newsletter", "from_unnoticed"] == pytest.approx((0.1 - 0.0) / n)
    assert table["loss"].sum() == pytest.approx(0, abs=1e-15)
    np.testing.assert_allclose(table.filter(like="from_").sum(axis=1), table["loss"], atol=1e-15)


def test_a_closed_door_is_a_contact_in_vain_though_it_left_no_feeling() -> None:
    rows = [contact("site", "information_search", 0.4), contact("phone", "help", 0.4),
            *[contact("phone", "help", outcome="closed", ended=1.0)] * 2]  # fmt: skip
    phone = ts.weakest_touchpoints(log_of(rows)).set_index("touchpoint").loc["phone"]
    assert phone["cause"] == "in_vain" and phone["share"] == pytest.approx(2 / 3)
    assert phone["loss"] == pytest.approx((3 * 0.2 - 0.4) / 4), "it counts as 0, the middle of the scale"


def test_the_cause_is_the_largest_part_and_the_reason_says_how_many_contacts_it_hit() -> None:
    table = ts.weakest_touchpoints(log_of(FIRST)).set_index("touchpoint")
    assert table["loss"].is_monotonic_decreasing and table["rank"].tolist() == [1, 2, 3, 4, 5]
    assert table.loc["phone", "cause"] == "in_vain" and table.loc["phone", "share"] == 2 / 4
    assert table.loc["phone", "reason"] == (
        "customers give up, are turned away or find it closed, in 50.0 % (single run) of its contacts"
    )
    assert table.loc["store", "cause"] == "slow_refund" and "the 5 days" in table.loc["store", "reason"]
    assert table.loc["parcel", "cause"] == "late_delivery"
    assert table.loc["parcel", "reason"].endswith("it lifts the mean all the same")
    assert not table.loc["newsletter", "managed"] and table.loc["phone", "managed"]
    assert table["sparse"].all() and table.attrs["interval"] == "single run"


def test_poor_evidence_names_the_weakest_facet_and_cost_is_named_where_feeling_is_fine() -> None:
    rows = [contact("site", "information_search", -0.5), contact("store", "information_search", 0.5, cost_cents=400,
                                                                 decision="stay")]  # fmt: skip
    table = ts.weakest_touchpoints(log_of(rows)).set_index("touchpoint")
    assert table.loc["site", "cause"] == "poor_evidence"
    assert "product information is shown at −0.40 only" in table.loc["site", "reason"]
    assert (table.loc["store", "cause"], table.loc["store", "idle_cost"]) == ("idle_cost", 4.0)
    assert np.isnan(table.loc["store", "part"]) and table.loc["store", "share"] == 1.0


def test_touchpoints_that_only_had_good_contacts_and_progress_lose_nothing() -> None:
    rows = [contact("site", "help", -0.5), contact("store", "help", 0.5, cost_cents=400, decision="advance")]
    table = ts.weakest_touchpoints(log_of(rows)).set_index("touchpoint")
    assert table.loc["store", "cause"] == "no_loss" and table.loc["store", "reason"].startswith("none")


def test_contacts_with_other_endings_are_not_judged_unless_they_left_a_feeling() -> None:
    """Words of outcomes may be added: what neither failed nor was felt loses nothing."""
    rows = [contact("site", "help", -0.5), contact("site", "help", 0.5), contact("store", "help", outcome="unfinished"),
            contact("phone", "help", 0.0, outcome="unfinished")]  # fmt: skip
    table = ts.weakest_touchpoints(log_of(rows)).set_index("touchpoint")
    assert table.loc["store", "loss"] == 0 and table.loc["store", "cause"] == "no_loss"
    assert table.loc["phone", "loss"] == 0


def test_a_difference_of_maps_is_the_paired_difference_with_its_t_interval() -> None:
    base = [[contact("site", "help", 0.1)] * (10 + r) for r in range(3)]
    better = [[contact("site", "help", 0.1 + gain)] * (12 + r) for r, gain in enumerate((0.1, 0.2, 0.6))]
    table = ts.map_difference(log_of(*base), log_of(*better)).set_index("figure")
    gains = np.array([0.1, 0.2, 0.6])
    half = stdtrit(2, 0.975) * gains.std(ddof=1) / np.sqrt(3)
    assert table.loc["emotion", ["difference", "low", "high"]].tolist() == pytest.approx(
        [0.3, 0.3 - half, 0.3 + half]
    )
    assert table.loc["contacts", ["base", "value", "difference", "low", "high"]].tolist() == [11, 13, 2, 2, 2]
    assert not table["sparse"].any() and table.loc["emotion", "replications"] == 3


def test_a_cell_of_one_world_only_is_zero_contacts_in_the_other_and_has_no_feeling_to_compare() -> None:
    base, other = log_of([contact("site", "help", 0.1)]), log_of([contact("phone", "help", 0.1)])
    table = ts.map_difference(base, other).set_index(["channel", "figure"])["difference"]
    assert table["website", "contacts"] == -1 and table["phone", "asked"] == 1
    assert ("website", "emotion") not in table.index
    assert ts.map_difference(base, other)["sparse"].all()


def test_maps_that_cannot_be_paired_are_refused_with_every_reason() -> None:
    base = log_of([contact("site", "help")])
    other = log_of([contact("site", "help")], [contact("site", "help")], seed=2, customers=5)
    with pytest.raises(ts.BadInput) as bad:
        ts.map_difference(base, other)
    assert [finding.where for finding in bad.value.findings] == [
        "variant: seed", "variant: replications", "variant: customers",
    ]  # fmt: skip
    assert "(got 2, base 1)" in str(bad.value)
    with pytest.raises(ts.BadInput, match="variant: must be the log of a run"):
        ts.map_difference(base, ts.load_scenario("corner_shop"))  # type: ignore[arg-type]


def test_a_log_in_which_nothing_happened_has_an_empty_map_and_ranking() -> None:
    empty = log_of([])
    assert ts.touchpoint_map(empty).empty and ts.weakest_touchpoints(empty).empty and features_shown(empty).empty
    assert ts.map_difference(empty, empty).empty


def test_every_value_of_a_cell_can_be_subtracted() -> None:
    twice = ts.map_difference(log_of(FIRST), log_of(FIRST))
    assert set(twice["figure"]) == set(BOUNDS)
    assert (twice["difference"] == 0).all()
