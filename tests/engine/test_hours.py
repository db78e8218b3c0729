"""Opening hours and shifts in whole runs: what they change, and what they must not."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from touchsim.engine.simulation import simulate
from touchsim.log.eventlog import EventLog
from touchsim.world.scenario import Scenario, load_scenario

OFFICE = {"mon-fri": "09:00-12:00, 13:00-17:00", "sat": "10:00-16:00"}
SHIFTS = {"mon-fri": {"09:00-12:00": 2, "12:00-17:00": 1}}


def shop(**store: Any) -> Scenario:
    data = load_scenario("corner_shop").model_dump(mode="json")
    data["touchpoints"]["store"] |= store
    return Scenario.of(**data)


def run(scenario: Scenario, engine: Any = "compiled") -> EventLog:
    return simulate(scenario, customers=1500, seed=8, engine=engine)


@pytest.mark.parametrize("engine", ["compiled", "simpy"])
@pytest.mark.parametrize("hours", [
    {"open": {"daily": "00:00-24:00"}}, {"open": {"mon-wed": "00:00-24:00", "thu-sun": "00:00-12:00, 12:00-24:00"}},
    {"capacity": {"daily": {"00:00-08:00": 1, "08:00-24:00": 1}}},
])  # fmt: skip
def test_hours_that_never_close_change_no_bit(hours: dict[str, Any], engine: str) -> None:
    assert run(shop(**hours), engine).describe_difference(run(shop())) is None


def test_who_knows_the_hours_changes_no_bit_where_there_are_none() -> None:
    knowing = shop().with_(choice={"knows_hours": 0.1}, touchpoints={"store": {"early": "2 days"}})
    assert run(knowing).describe_difference(run(shop())) is None


@pytest.mark.parametrize("store", [
    {"open": OFFICE}, {"capacity": SHIFTS}, {"capacity": SHIFTS, "line": None, "mode": "async"},
    {"capacity": None, "line": None, "open": OFFICE}, {"capacity": 3, "line": 2, "open": OFFICE, "early": "2 h"},
])  # fmt: skip
def test_engines_agree_on_a_shop_with_hours(store: dict[str, Any]) -> None:
    assert run(shop(**store)).describe_difference(run(shop(**store), "simpy")) is None


def test_nothing_happens_on_the_day_on_which_a_shop_is_closed_whatever_day_a_run_begins_with() -> None:
    for start in ("2026-01-05", "2026-01-10"):
        scenario = shop(open={"mon-sat": "00:00-24:00"}, early="0 min").with_(start=start, choice={"knows_hours": 0.0})
        visits = run(scenario).visits_frame().query("touchpoint == 'store'")
        weekday = (np.floor(visits["arrived"]) + scenario.start.weekday()) % 7
        assert (visits.loc[weekday == 6, "outcome"] == "closed").all() and (weekday == 6).any()
        assert not (visits.loc[weekday != 6, "outcome"] == "closed").any()


def test_a_closed_door_is_a_contact_in_vain() -> None:
    scenario = shop(open={"sun": "03:00-03:01"}, early="0 min").with_(choice={"knows_hours": 0.0, "tries": 2})
    log = run(scenario)
    closed = log.visits_frame().query("outcome == 'closed'")
    open_all_day = run(shop()).visits_frame().query("touchpoint == 'store' and outcome == 'served'")
    assert closed["emotion"].mean() < open_all_day["emotion"].mean(), "it is felt, on responsiveness"
    assert (closed["cost_cents"] == 0).all() and closed["started"].isna().all()
    assert not closed["decision"].isin(["advance", "none"]).any()
    assert (log.customers_frame()["reason"] == "gave_up").any()


def test_an_inbox_is_joined_at_night_and_read_in_the_morning() -> None:
    mail = {"mode": "async", "capacity": 1, "line": None, "patience": "90 days", "service": "1 s"}
    visits = run(shop(open={"daily": "09:00-10:00"}, **mail)).visits_frame().query("touchpoint == 'store'")
    night = visits[(visits["arrived"] % 1.0 > 10 / 24) & visits["started"].notna()]
    assert len(night) > 100 and (np.floor(night["started"]) == np.floor(night["arrived"]) + 1.0).all()
    assert (night["started"] % 1.0 < 9.2 / 24).all()


def test_who_comes_early_waits_for_the_opening_and_patience_begins_then() -> None:
    early = {"early": "12 h", "patience": "0 s", "capacity": 1, "line": None, "service": "1 min"}
    scenario = shop(open={"daily": "12:00-18:00"}, **early)
    scenario = scenario.with_(choice={"knows_hours": 0.0}, segments={"neighbours": {"patience_sd": 0.0}})
    visits = run(scenario).visits_frame().query("touchpoint == 'store'")
    before_noon = visits[(visits["arrived"] % 1.0 < 0.5) & visits["ended"].notna()]
    served, gone = (before_noon[before_noon["outcome"] == outcome] for outcome in ("served", "abandoned"))
    assert len(served) and (served["started"] % 1.0 == 0.5).all()
    assert len(gone) and (gone["ended"] % 1.0 == 0.5).all(), "one is served at noon, the others cannot wait"
    assert not (before_noon["outcome"] == "closed").any()


def test_money_and_capacity_of_a_schedule_are_those_of_its_largest_count() -> None:
    place = run(shop(capacity=SHIFTS)).provenance["touchpoints"]["store"]
    constant = run(shop(capacity=2)).provenance["touchpoints"]["store"]
    assert place["capacity"] == 2 and place["cost_per_day_cents"] == constant["cost_per_day_cents"]
    assert len(place["shifts"]) == 10 and constant["shifts"] == []
