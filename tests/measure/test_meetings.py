"""Journeys from the site to a person: collecting an order, and an appointment with the visit that follows it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import touchsim as ts
from tests.engine.effects.small import STEPS, assert_inside, decide, site, world
from touchsim.measure.kpis import kpis_by_replication


def shares(place: str, **delivery: Any) -> dict[str, np.ndarray]:
    """Both figures of each replication where one in four buys online and everything is handed over at one place."""
    places = {
        "site": site(*STEPS[:3]), "booking": site(STEPS[3]),
        "shop": site(STEPS[3], channel="store", online=False, appeal=3.0),
        place: site("delivery", online=False, **delivery),
    }  # fmt: skip
    small = world(places, {"delivery": decide(1.0)}, {"arrivals": 40.0})
    log = ts.simulate(small, customers=2000, seed=5, replications=20)
    table = kpis_by_replication(log)
    return {kpi: rows["value"].to_numpy() for kpi, rows in table[table["group"] == "all"].groupby("kpi")}


@pytest.mark.parametrize(("place", "channel", "delay", "share"), [
    ("engineer", "home", "24 h", 1 / 4),
    ("engineer", "home", "18 h", 1 / 4 * 18 / 24),  # who books, at any hour, in the last 18 h of a day
    ("branch", "store", "24 h", 1 / 4),
])  # fmt: skip
def test_the_share_visited_is_that_of_bookings_online_times_that_of_visits_on_a_later_day(
    place: str, channel: str, delay: str, share: float
) -> None:
    found = shares(place, channel=channel, delay=delay)
    assert_inside(found["appointment_then_visit"], share)
    assert (found["click_and_collect"] == 0.0).all()


@pytest.mark.parametrize(("place", "channel"), [("desk", "desk"), ("click_and_collect", "home"), ("van", "delivery")])
def test_what_is_collected_or_brought_is_no_appointment_unless_at_home(place: str, channel: str) -> None:
    found = shares(place, channel=channel, delay="24 h")
    assert (found["appointment_then_visit"] > 0.0).all() == (channel == "home")
    assert (found["click_and_collect"] > 0.0).all() == (channel != "delivery")


def test_free_hours_on_the_booking_page_make_more_journeys_from_appointment_to_visit() -> None:
    repair = ts.load_scenario("home_repair")
    table = ts.compare(repair, repair.with_("booking_online_first"), customers=1500, replications=4, seed=1).table
    row = table[(table["kpi"] == "appointment_then_visit") & (table["group"] == "all")].iloc[0]
    assert row["base"] > 0.1 and row["low"] > 0.0
