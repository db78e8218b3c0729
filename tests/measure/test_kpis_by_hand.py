"""One small log, worked out on paper."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.log.small import MINUTE, Rows, small_log
from touchsim import vocabulary as words
from touchsim.log.eventlog import EventLog
from touchsim.measure.definitions import KPIS, kpi_of
from touchsim.measure.kpis import funnel, kpis, kpis_by_replication
from touchsim.measure.touchpoint_map import touchpoint_map

NAN = np.nan

# Anna searches online, buys in the store, gets her parcel two days late, calls twice (once in vain) and returns it.
# Ben searches in the store and buys online; he is surveyed and delighted.  Carl leaves.  Dora is still looking.
VISITS: Rows = [
    {"customer": 0, "visit": 1, "arrived": 1.0, "started": 1.0, "ended": 1.1, "emotion": 0.5, "cost_cents": 10},
    {"customer": 0, "visit": 2, "stage": "lead", "need": "purchase_decision", "touchpoint": "store", "arrived": 2.0,
     "started": 2.0 + 10 * MINUTE, "ended": 2.5, "emotion": 0.1, "cost_cents": 400},
    {"customer": 0, "visit": 3, "stage": "customer", "need": "delivery", "touchpoint": "parcel", "arrived": 6.0,
     "started": 6.0, "ended": 6.0, "emotion": -0.6, "cost_cents": 500, "late_days": 2.0},
    {"customer": 0, "visit": 4, "stage": "customer", "need": "help", "touchpoint": "phone", "arrived": 6.5,
     "ended": 6.5 + 5 * MINUTE, "outcome": "abandoned", "emotion": -0.4},
    {"customer": 0, "visit": 5, "nth": 2, "stage": "customer", "need": "help", "touchpoint": "phone", "arrived": 7.0,
     "started": 7.0 + 2 * MINUTE, "ended": 8.0 + 2 * MINUTE, "cost_cents": 300, "emotion": 0.2},
    {"customer": 0, "visit": 6, "nth": 2, "stage": "customer", "need": "return", "touchpoint": "store", "arrived": 9.0,
     "started": 9.0, "ended": 9.5, "cost_cents": 700, "handling_days": 4.0},
    {"customer": 1, "segment": "old", "visit": 1, "need": "alternatives", "touchpoint": "store", "arrived": 2.0,
     "started": 2.5, "ended": 3.0, "cost_cents": 400},
    {"customer": 1, "segment": "old", "visit": 2, "need": "purchase_decision", "touchpoint": "site", "arrived": 4.0,
     "started": 4.0, "ended": 4.0, "cost_cents": 10},
    {"customer": 1, "segment": "old", "visit": 3, "stage": "customer", "need": "delivery", "touchpoint": "parcel",
     "arrived": 5.0, "started": 5.0, "ended": 5.0, "cost_cents": 500, "late_days": -1.0},
    {"customer": 2, "visit": 1, "touchpoint": "newsletter", "need": "problem_recognition", "arrived": 3.0,
     "ended": 3.0, "outcome": "unnoticed", "cost_cents": 1},
    {"customer": 2, "visit": 2, "nth": 2, "touchpoint": "newsletter", "need": "problem_recognition", "arrived": 4.0,
     "started": 4.0, "ended": 4.0, "cost_cents": 1, "decision": "leave"},
    {"customer": 3, "segment": "old", "visit": 1, "touchpoint": "phone", "arrived": 9.75, "outcome": "unfinished"},
]  # fmt: skip
CUSTOMERS: Rows = [
    {"customer": 0, "stage": "customer", "status": "churned", "reason": "disappointed", "bought_at": "store",
     "visits": 6, "purchases": 1, "first_purchase": 2.5, "revenue_cents": 10000, "margin_cents": 4000,
     "cost_cents": 1910, "reached": [1.0, NAN, 2.5, NAN, NAN], "surveyed": 9.0, "satisfaction": 0.2, "ended": 9.5},
    {"customer": 1, "segment": "old", "stage": "advocate", "status": "active", "bought_at": "site", "visits": 3,
     "purchases": 3, "first_purchase": 4.0, "revenue_cents": 30000, "margin_cents": 9000, "cost_cents": 910,
     "reached": [2.0, 3.0, 4.0, 7.0, 9.0], "surveyed": 6.0, "satisfaction": 1.6, "recommendations": 2},
    {"customer": 2, "status": "lost", "reason": "no_need", "visits": 2, "cost_cents": 2, "ended": 4.0,
     "satisfaction": -3.0},
    {"customer": 3, "segment": "old", "visits": 1, "born": 9.0},
]  # fmt: skip


@pytest.fixture(scope="module")
def log() -> EventLog:
    return small_log((VISITS, CUSTOMERS))


@pytest.fixture(scope="module")
def value(log: EventLog) -> pd.Series:
    return kpis(log).set_index(["kpi", "group"])["value"]


@pytest.mark.parametrize(("kpi", "group", "expected"), [
    ("customers", "all", 4), ("customers", "segment:old", 2), ("conversion", "all", 2 / 4),
    ("reach", "touchpoint:site", 2 / 4), ("reach", "touchpoint:newsletter", 1 / 4),
    ("reach", "touchpoint:phone", 2 / 4),
    ("contacts", "all", 12), ("contacts", "touchpoint:phone", 3), ("contacts", "channel:store", 3),
    ("contacts", "step:after_sales", 5), ("contacts", "stage:customer", 5), ("contacts", "segment:old", 4),
    ("contacts_per_customer", "segment:young", 8 / 2),
    ("drop_off", "stage:suspect", 2 / 4), ("drop_off", "stage:lead", 0.0), ("drop_off", "stage:customer", 1 / 2),
    ("days_in_stage", "stage:suspect", (1.0 + 2.0) / 2), ("days_in_stage_median", "stage:lead", (1.5 + 1.0) / 2),
    ("days_in_stage", "stage:customer", 3.0), ("days_in_stage", "stage:repeat_customer", 2.0),
    ("wait_minutes", "touchpoint:store", (10 + 0 + 720) / 3), ("wait_minutes", "touchpoint:phone", 2.0),
    ("wait_minutes", "all", (10 + 0 + 720 + 2) / 4), ("wait_p90_minutes", "touchpoint:store", 10 + 0.8 * 710),
    ("abandonment", "touchpoint:phone", 1 / 3), ("abandonment", "all", 1 / 6), ("turned_away", "all", 0.0),
    ("unnoticed", "touchpoint:newsletter", 1 / 2), ("unnoticed", "all", 1 / 4), ("unfinished", "all", 1 / 12),
    ("utilisation", "touchpoint:phone", 1.0 / (2 * 10)), ("line_length", "touchpoint:phone", (7 / 1440 + 0.25) / 10),
    ("utilisation", "touchpoint:store", (0.5 - 10 * MINUTE + 0.5 + 0.5) / 10),
    ("purchases", "all", 4), ("purchases_per_customer", "all", 2.0), ("repeat_rate", "all", 0.5),
    ("revenue", "all", 400.0), ("margin", "segment:old", 90.0), ("cost", "all", 28.22), ("cost", "channel:phone", 3.0),
    ("overhead", "touchpoint:phone", 2000.0), ("overhead", "channel:website", 100.0), ("overhead", "all", 2100.0),
    ("contribution", "all", 130 - 28.22), ("contribution", "segment:old", 90 - 9.10),
    ("profit", "all", 130 - 28.22 - 2100), ("roi", "all", (130 - 28.22 - 2100) / (28.22 + 2100)),
    ("late_share", "all", 1 / 2), ("days_late", "all", 1.0), ("return_rate", "all", 1 / 4), ("refund_days", "all", 4.0),
    ("webrooming", "all", 1 / 2), ("showrooming", "all", 1 / 2),
    ("share_lost", "all", 1 / 4), ("share_active", "segment:old", 1 / 2), ("left_no_need", "all", 1 / 4),
    ("left_disappointed", "segment:young", 1 / 2), ("recommendations", "all", 1.0),
    ("satisfaction", "all", 0.9), ("csat", "all", 1 / 2), ("csat", "stage:advocate", 1.0), ("nps", "all", 0.0),
    ("nps", "segment:old", 100.0), ("ces", "all", 3 / 2), ("ces", "touchpoint:phone", 2.0),
    ("emotion", "all", (0.5 + 0.1 - 0.6 - 0.4 + 0.2) / 5), ("emotion", "channel:phone", -0.1),
])  # fmt: skip
def test_key_figure_equals_what_paper_says(value: pd.Series, kpi: str, group: str, expected: float) -> None:
    assert value[kpi, group] == pytest.approx(expected, rel=1e-12)


def test_a_ratio_over_nothing_has_no_row(value: pd.Series) -> None:
    for absent in (("wait_minutes", "touchpoint:site"), ("unnoticed", "touchpoint:phone"), ("csat", "stage:suspect"),
                   ("utilisation", "touchpoint:site"), ("emotion", "touchpoint:newsletter")):  # fmt: skip
        assert absent not in value.index


def test_every_figure_is_reported_in_the_order_of_its_table_and_carries_its_unit(log: EventLog) -> None:
    table = kpis(log)
    defined = list(dict.fromkeys(table["kpi"]))
    assert defined == [kpi.key for kpi in KPIS if kpi.key in defined]
    assert {kpi.key for kpi in KPIS} - set(defined) == {
        "handover_hours", "stars", "one_star_share", "five_star_share", "review_gap",  # nobody called, nobody posted
    }  # fmt: skip
    assert set(table.loc[table["kpi"] == "profit", "unit"]) == {"EUR"}
    assert table["unit"].notna().all()
    assert list(table.columns) == ["kpi", "group", "value", "unit", "low", "high", "replications"]


def test_every_figure_is_defined_once_and_says_what_is_better() -> None:
    keys = [kpi.key for kpi in KPIS]
    assert len(set(keys)) == len(keys)
    assert {kpi.better for kpi in KPIS} == {"higher", "lower", None}
    assert all(kpi.definition.endswith(".") and kpi.unit and kpi.kind in ("quantity", "quality") for kpi in KPIS)
    assert kpi_of("nps").label == "NPS"


def test_a_single_run_has_no_interval_and_says_so(log: EventLog) -> None:
    for table in (kpis(log), funnel(log)):
        assert table["low"].isna().all() and table["high"].isna().all()
        assert table.attrs["interval"] == "single run"
        assert table.attrs["provenance"]["scenario"] == "small" and "Small shop" in table.attrs["title"]


def test_the_funnel_counts_this_stage_or_deeper(log: EventLog) -> None:
    table = funnel(log)
    assert table["stage"].tolist() == list(words.keys(words.STAGES))
    assert table["reached"].tolist() == [4, 2, 2, 2, 1, 1]
    assert table["share"].tolist() == [1, 0.5, 0.5, 0.5, 0.25, 0.25]


def test_the_map_holds_each_cell_in_which_something_happened(log: EventLog) -> None:
    table = touchpoint_map(log).set_index(["step", "channel"])
    assert table.index.tolist() == [
        ("problem_recognition", "email"), ("information_search", "website"), ("information_search", "phone"),
        ("alternatives", "store"), ("purchase_decision", "website"), ("purchase_decision", "store"),
        ("after_sales", "phone"), ("after_sales", "store"), ("after_sales", "delivery"),
    ]  # fmt: skip
    call = table.loc[("after_sales", "phone")]
    assert (call["contacts"], call["wait_minutes"], call["cost"]) == (2, pytest.approx(2.0), 3.0)
    assert call["emotion"] == pytest.approx(-0.1) and call["sparse"] and call["replications"] == 1
    assert np.isnan(table.loc[("information_search", "website"), "wait_minutes"])


def test_intervals_are_students_over_replications() -> None:
    def lost(n: int) -> Rows:
        return [{"customer": i, "status": "lost" if i < n else "under_way"} for i in range(10)]

    log = small_log(*((VISITS[:1], lost(n)) for n in (1, 2, 6)))
    row = kpis(log).set_index(["kpi", "group"]).loc[("share_lost", "all")]
    half = 4.302652729911275 * np.std([0.1, 0.2, 0.6], ddof=1) / np.sqrt(3)  # t(0.975; 2 degrees of freedom)
    assert row["value"] == pytest.approx(0.3)
    assert row["low"] == max(0.0, 0.3 - half) == 0.0
    assert row["high"] == pytest.approx(0.3 + half) and row["replications"] == 3


def test_a_replication_in_which_nothing_happened_counts_as_zero_not_as_missing() -> None:
    log = small_log((VISITS, CUSTOMERS), ([], CUSTOMERS))
    table = kpis_by_replication(log).set_index(["kpi", "group", "replication"])["value"].sort_index()
    assert table["contacts", "touchpoint:phone"].tolist() == [3, 0]
    assert table["wait_minutes", "all"].isna().tolist() == [False, True]
    assert kpis(log).set_index(["kpi", "group"]).loc[("wait_minutes", "all"), "replications"] == 1


def test_use_is_counted_in_opening_hours_and_closed_doors_where_there_are_any() -> None:
    # ten days from a Monday: the desk has one server on Mondays 0-12 and two on Tuesdays 6-18, hence 3 days on shift
    desk = {"channel": "desk", "capacity": 2, "shifts": [[0, 720, 1], [1800, 2520, 2]]}
    visits: Rows = [
        {"customer": 0, "visit": 1, "touchpoint": "phone", "arrived": 0.25, "started": 0.25, "ended": 0.75},
        {"customer": 0, "visit": 2, "touchpoint": "phone", "arrived": 2.0, "ended": 2.0, "outcome": "closed"},
        {"customer": 0, "visit": 3, "touchpoint": "site", "arrived": 3.0, "started": 3.0, "ended": 3.0},
    ]
    log = small_log((visits, CUSTOMERS[:1]), touchpoints={"phone": desk, "site": {"channel": "website"}})
    value = kpis(log).set_index(["kpi", "group"])["value"]
    assert value["utilisation", "touchpoint:phone"] == pytest.approx(0.5 / 3.0)
    assert value["found_closed", "touchpoint:phone"] == value["found_closed", "all"] == pytest.approx(1 / 2)
    assert value["turned_away", "touchpoint:phone"] == 0.0 and ("found_closed", "touchpoint:site") not in value.dropna()
