"""Flows between steps and emotion along needs, counted by hand on a log small enough to read."""

from __future__ import annotations

import math

import pyarrow as pa
import pytest

from touchsim.errors import BadInput
from touchsim.log.eventlog import EventLog
from touchsim.measure.emotion import emotion_along_needs
from touchsim.measure.journeys import flows_between_steps

PLACES = {
    "site": {"label": "site", "channel": "website", "online": True},
    "forum": {"label": "forum", "channel": "reviews", "online": True},
    "shop": {"label": "shop", "channel": "store", "online": False},
    "parcel": {"label": "parcel", "channel": "delivery", "online": False},
    "banner": {"label": "banner", "channel": "social", "online": True},
}


def small_log(replications: int = 1) -> EventLog:
    """Three customers: one buys on the site, one looks on the site and is lost in the shop, one sees nothing."""
    visits, customers = [], []
    for replication in range(replications):
        rows = [
            (0, 1, "problem_recognition", "site", "served", 0.2), (0, 2, "problem_recognition", "shop", "served", 0.1),
            (0, 3, "alternatives", "site", "served", 0.4), (0, 4, "purchase_decision", "site", "served", None),
            (0, 5, "after_sales", "parcel", "served", -0.5 - 0.1 * replication),
            (1, 1, "problem_recognition", "site", "served", 0.6),
            (1, 2, "information_search", "shop", "abandoned", -0.3),
            (2, 1, "problem_recognition", "banner", "unnoticed", None),
        ]  # fmt: skip
        for customer, visit, step, place, outcome, emotion in rows:
            visits.append({
                "replication": replication, "customer": customer, "visit": visit, "step": step,
                "need": "delivery" if step == "after_sales" else step, "touchpoint": place,
                "channel": PLACES[place]["channel"], "outcome": outcome, "emotion": emotion,
            })  # fmt: skip
        for customer, status in enumerate(("active", "lost", "under_way")):
            customers.append({"replication": replication, "customer": customer, "status": status})
    facts = {"touchpoints": PLACES, "end": [10.0] * replications, "replications": replications}
    return EventLog(pa.Table.from_pylist(visits), pa.Table.from_pylist(customers), facts)


def flow(frame, position, source, target):
    """Customers of one flow, zero where it does not occur."""
    rows = frame[(frame["position"] == position) & (frame["source"] == source) & (frame["target"] == target)]
    return float(rows["customers"].sum())


def test_a_customer_turns_in_each_step_to_the_channel_of_the_first_contact():
    frame = flows_between_steps(small_log())
    assert flow(frame, 0, "website", "none") == 1
    assert flow(frame, 1, "none", "website") == 1
    assert flow(frame, 3, "website", "delivery") == 1
    assert flow(frame, 4, "delivery", "active") == 1


def test_who_left_stays_lost_until_the_end_and_who_is_here_stays_under_way():
    frame = flows_between_steps(small_log())
    assert flow(frame, 0, "website", "store") == 1
    assert [flow(frame, place, "lost", "lost") for place in (1, 2, 3, 4)] == [0, 1, 1, 1]
    assert flow(frame, 1, "store", "lost") == 1
    assert [flow(frame, place, "under_way", "under_way") for place in range(5)] == [1] * 5


def test_an_unnoticed_message_is_no_first_contact():
    assert "social" not in set(flows_between_steps(small_log())["source"])


def test_every_column_holds_every_customer_once():
    frame = flows_between_steps(small_log(3))
    assert frame.groupby("position")["customers"].sum().tolist() == [3.0] * 5
    assert frame.groupby("position")["share"].sum().tolist() == pytest.approx([1.0] * 5)


def test_blocks_of_both_ends_carry_their_share_and_one_replication_carries_no_interval():
    frame = flows_between_steps(small_log())
    start = frame[(frame["position"] == 0) & (frame["source"] == "website")].iloc[0]
    assert start["source_share"] == pytest.approx(2 / 3)
    assert start["source_group"] == "online"
    assert frame[["low", "high", "source_low", "target_high"]].isna().all().all()
    assert flows_between_steps(small_log(3))[["low", "source_low", "target_high"]].notna().all().all()


def test_sides_replace_channels_on_request_and_small_channels_fold_into_the_others():
    sides = flows_between_steps(small_log(), by="side")
    assert set(sides["source"]) == {"online", "offline", "none", "lost", "under_way"}
    folded = flows_between_steps(small_log(), n_channels=0)
    assert "other_online" in set(folded["source"]) and "website" not in set(folded["source"])


def test_any_other_grouping_is_refused_with_a_hint():
    with pytest.raises(BadInput, match="did you mean 'channel'"):
        flows_between_steps(small_log(), by="chanel")  # type: ignore[arg-type]


def test_the_order_of_the_rows_of_a_log_makes_no_difference():
    log = small_log(2)
    turned = EventLog(log.visits.take(list(range(log.n_visits))[::-1]), log.customers, log.provenance)
    assert flows_between_steps(turned).equals(flows_between_steps(log))


def test_emotion_is_the_mean_over_contacts_of_a_need_on_one_side():
    frame = emotion_along_needs(small_log()).set_index(["need", "online"])
    assert frame.loc[("problem_recognition", True), "emotion"] == pytest.approx(0.4)
    assert frame.loc[("problem_recognition", True), "contacts"] == 2
    assert frame.loc[("information_search", False), "emotion"] == pytest.approx(-0.3)
    assert math.isnan(frame.loc[("problem_recognition", True), "low"])
    assert ("purchase_decision", True) not in frame.index


def test_emotion_over_replications_has_a_t_interval_around_its_mean():
    row = emotion_along_needs(small_log(2)).set_index(["need", "online"]).loc[("delivery", False)]
    assert row["emotion"] == pytest.approx(-0.55)
    assert row["high"] - row["emotion"] == pytest.approx(12.706204736 * 0.05, rel=1e-6)
    assert (row["step"], row["replications"]) == ("after_sales", 2)


def test_a_log_of_nobody_gives_empty_frames():
    log = small_log()
    empty = EventLog(log.visits.slice(0, 0), log.customers.slice(0, 0), log.provenance)
    assert flows_between_steps(empty).empty and emotion_along_needs(empty).empty
