"""What must hold for any log: counted again in plain Python and pandas."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st

from tests.log.small import TOUCHPOINTS, Rows, small_log
from touchsim import vocabulary as words
from touchsim.log.eventlog import EventLog
from touchsim.measure.kpis import funnel, kpis, kpis_by_replication
from touchsim.measure.touchpoint_map import touchpoint_map

PLACES = list(TOUCHPOINTS)
STAGES = words.keys(words.STAGES)
END = 10.0


def random_visit(random: np.random.Generator, customer: int, visit: int, segment: str) -> dict[str, object]:
    """A contact that makes sense: nobody starts before arriving, nobody in vain is served."""
    outcome = str(random.choice(words.keys(words.OUTCOMES)))
    arrived, wait, service = random.random(3) * [6.0, 1.0, 2.0]
    served = outcome == "served" or (outcome == "unfinished" and random.random() < 0.5)
    end_of = {"served": arrived + wait + service, "abandoned": arrived + wait, "unfinished": np.nan}
    need = str(random.choice(words.keys(words.NEEDS)))
    return {
        "customer": customer, "visit": visit, "nth": visit, "segment": segment, "need": need, "outcome": outcome,
        "stage": str(random.choice(STAGES)), "touchpoint": str(random.choice(PLACES)), "arrived": arrived,
        "started": arrived + wait if served else np.nan, "ended": end_of.get(outcome, arrived),
        "cost_cents": int(random.integers(0, 999)),
        "emotion": random.uniform(-1, 1) if outcome in ("served", "abandoned") else np.nan,
        "late_days": random.normal() if need == "delivery" and outcome == "served" else np.nan,
    }  # fmt: skip


def random_customer(random: np.random.Generator, customer: int, visits: Rows, segment: str) -> dict[str, object]:
    stage = int(random.integers(0, len(STAGES)))
    bought = stage >= 3
    moments = np.sort(random.random(5) * END)
    gone = random.random() < 0.5
    here, away = ("active", "churned") if bought else ("under_way", "lost")
    return {
        "customer": customer, "segment": segment, "stage": STAGES[stage], "status": away if gone else here,
        "reason": str(random.choice(words.keys(words.REASONS)[1:])) if gone else "none", "visits": len(visits),
        "purchases": int(bought) + int(stage >= 4), "revenue_cents": 900 * bought, "margin_cents": 300 * bought,
        "cost_cents": sum(int(str(row["cost_cents"])) for row in visits), "bought_at": "store" if bought else None,
        "first_purchase": moments[2] if bought else np.nan,
        "reached": [moments[i] if i < stage else np.nan for i in range(5)],
        "surveyed": 9.0 if bought and random.random() < 0.7 else np.nan, "satisfaction": random.normal(),
    }  # fmt: skip


def random_replication(seed: int, n: int) -> tuple[Rows, Rows]:
    random = np.random.default_rng(seed)
    visits: Rows = []
    customers: Rows = []
    for customer in range(n):
        segment = "young" if customer % 3 else "old"
        own = [random_visit(random, customer, visit + 1, segment) for visit in range(int(random.integers(0, 6)))]
        visits += own
        customers.append(random_customer(random, customer, own, segment))
    return visits, customers


logs = st.builds(
    lambda seeds, n: small_log(*(random_replication(seed, n) for seed in seeds), end=END),
    st.lists(st.integers(0, 10**6), min_size=1, max_size=3, unique=True), st.integers(1, 30),
)  # fmt: skip


def by_key(log: EventLog) -> pd.Series:
    return kpis_by_replication(log).set_index(["kpi", "group", "replication"])["value"].sort_index()


@settings(max_examples=12, deadline=None)
@given(logs)
def test_figures_equal_a_second_computation_in_pandas(log: EventLog) -> None:
    value, visits, people = by_key(log), log.visits_frame(), log.customers_frame()
    for number in people["replication"].unique():
        rows, those = visits[visits["replication"] == number], people[people["replication"] == number]
        line = rows[rows["touchpoint"].isin(["phone", "store"])]
        served = line[line["outcome"] == "served"]
        assert value["contacts", "all", number] == len(rows)
        assert value["customers", "all", number] == len(those)
        for kpi, wanted in {
            "wait_minutes": ((served["started"] - served["arrived"]) * 1440).mean(),
            "wait_p90_minutes": ((served["started"] - served["arrived"]) * 1440).quantile(0.9),
            "abandonment": (line["outcome"] == "abandoned").mean() if len(line) else np.nan,
            "emotion": rows["emotion"].mean(), "late_share": (rows["late_days"].dropna() > 0).mean(),
            "days_late": rows["late_days"].dropna().clip(lower=0).mean(), "cost": rows["cost_cents"].sum() / 100,
            "satisfaction": those.loc[those["surveyed"].notna(), "satisfaction"].mean(),
            "conversion": (those["purchases"] > 0).mean(),
        }.items():  # fmt: skip
            got = value.get((kpi, "all", number), np.nan)
            assert got == pytest.approx(wanted, rel=1e-9, nan_ok=True), kpi
        for place in PLACES:
            at = rows[rows["touchpoint"] == place]
            assert value["reach", f"touchpoint:{place}", number] == pytest.approx(
                at[at["nth"] == 1]["customer"].nunique() / len(those)
            )
            busy = (at["ended"].fillna(END) - at["started"]).sum()
            capacity = TOUCHPOINTS[place]["capacity"]
            if capacity:
                assert value["utilisation", f"touchpoint:{place}", number] == pytest.approx(busy / capacity / END)
        for stage, name in enumerate(STAGES[1:-1], start=1):
            moments = those[[f"reached_{key}" for key in STAGES[1:]]].to_numpy()
            stays = (moments[:, stage] - moments[:, stage - 1])[~np.isnan(moments[:, stage])]
            if len(stays):
                assert value["days_in_stage", f"stage:{name}", number] == pytest.approx(stays.mean())
                assert value["days_in_stage_median", f"stage:{name}", number] == pytest.approx(np.median(stays))


@settings(max_examples=12, deadline=None)
@given(logs)
def test_everyone_who_arrived_is_under_way_lost_active_or_churned(log: EventLog) -> None:
    value = by_key(log)
    for number in range(log.provenance["replications"]):
        shares = [value[f"share_{key}", "all", number] for key in words.keys(words.STATUSES)]
        assert sum(shares) == pytest.approx(1.0)
        converted = value["share_active", "all", number] + value["share_churned", "all", number]
        assert value["conversion", "all", number] == pytest.approx(converted)
        left = sum(value[f"left_{key}", "all", number] for key in words.keys(words.REASONS)[1:])
        assert left == pytest.approx(value["share_lost", "all", number] + value["share_churned", "all", number])


@settings(max_examples=12, deadline=None)
@given(logs)
def test_money_and_contacts_add_up_over_any_grouping(log: EventLog) -> None:
    table = kpis_by_replication(log)
    table["kind"] = table["group"].str.split(":").str[0]
    for kpi, kinds in {"cost": ("touchpoint", "channel", "stage", "step", "segment"),
                       "contacts": ("touchpoint", "channel", "stage", "step", "segment"),
                       "overhead": ("touchpoint", "channel"), "margin": ("segment",), "revenue": ("segment",),
                       "contribution": ("segment",), "customers": ("segment",)}.items():  # fmt: skip
        rows = table[table["kpi"] == kpi]
        whole = rows[rows["kind"] == "all"].set_index("replication")["value"]
        for kind in kinds:
            parts = rows[rows["kind"] == kind].groupby("replication")["value"].sum()
            np.testing.assert_allclose(parts, whole, atol=1e-9, rtol=1e-12, err_msg=f"{kpi} by {kind}")
    value = by_key(log)
    cells = touchpoint_map(log)
    assert cells["cost"].sum() == pytest.approx(value["cost", "all"].mean())
    assert cells["contacts"].sum() == pytest.approx(value["contacts", "all"].mean())
    people = log.customers_frame()
    for number in range(log.provenance["replications"]):
        own = people.loc[people["replication"] == number, "cost_cents"].sum() / 100
        assert value["cost", "all", number] == pytest.approx(own)


@settings(max_examples=12, deadline=None)
@given(logs)
def test_the_funnel_never_widens_and_starts_with_everyone(log: EventLog) -> None:
    table = funnel(log)
    assert table["share"].iloc[0] == 1.0
    assert (table["reached"].diff().iloc[1:] <= 0).all()
    stages = log.customers_frame()["stage"].astype(str)
    assert table["reached"].iloc[-1] == (stages == "advocate").sum() / log.provenance["replications"]


def people_in_line(rows: pd.DataFrame) -> float:
    """Time average of the number in line, by walking from event to event."""
    leave = rows["started"].fillna(rows["ended"]).fillna(END)
    steps = sorted([(time, 1) for time in rows["arrived"]] + [(time, -1) for time in leave])
    area, present, now = 0.0, 0, 0.0
    for time, change in steps:
        area, present, now = area + present * (time - now), present + change, time
    assert present == 0
    return area / END


@settings(max_examples=12, deadline=None)
@given(logs)
def test_little_mean_number_in_line_is_arrival_rate_times_mean_time_in_line(log: EventLog) -> None:
    """L = lambda W on a finite run (Little 2011): the counted line against arrivals and times in line."""
    value, visits = by_key(log), log.visits_frame()
    for number in range(log.provenance["replications"]):
        for place in ("phone", "store"):
            rows = visits[(visits["replication"] == number) & (visits["touchpoint"] == place)]
            length = value["line_length", f"touchpoint:{place}", number]
            assert length == pytest.approx(people_in_line(rows), abs=1e-12)
            served = rows["outcome"].eq("served").all()
            if len(rows) and served:
                wait = value["wait_minutes", f"touchpoint:{place}", number] / 1440
                assert length == pytest.approx(len(rows) / END * wait)


@settings(max_examples=5, deadline=None)
@given(st.lists(st.integers(0, 10**6), min_size=2, max_size=3, unique=True), st.integers(1, 30))
def test_figures_from_disk_equal_figures_from_memory_bit_for_bit(seeds: list[int], n: int) -> None:
    runs = [random_replication(seed, n) for seed in seeds]
    with tempfile.TemporaryDirectory() as folder:
        in_memory, on_disk = small_log(*runs), small_log(*runs, out=Path(folder))
        for measure in (kpis, funnel, touchpoint_map, kpis_by_replication):
            pd.testing.assert_frame_equal(measure(in_memory), measure(on_disk), check_exact=True)


def test_time_in_a_stage_skips_stages_that_were_never_reached() -> None:
    buyer = {"customer": 0, "stage": "customer", "status": "active", "purchases": 1, "bought_at": "site",
             "reached": [np.nan, 1.0, 4.0, np.nan, np.nan]}  # fmt: skip
    value = by_key(small_log(([], [buyer])))
    assert value["days_in_stage", "stage:suspect", 0] == 1.0
    assert value["days_in_stage", "stage:prospect", 0] == 3.0
    assert np.isnan(value["days_in_stage", "stage:lead", 0])


def test_a_stage_earned_after_a_deeper_one_was_not_left_before_it_was_reached() -> None:
    consented_after_buying = {"customer": 0, "stage": "repeat_customer", "status": "active", "purchases": 2,
                              "bought_at": "site", "reached": [5.0, np.nan, 4.0, 6.5, np.nan]}  # fmt: skip
    value = by_key(small_log(([], [consented_after_buying])))
    assert value["days_in_stage", "stage:suspect", 0] == 4.0
    assert value["days_in_stage", "stage:lead", 0] == 1.5
    assert value["days_in_stage", "stage:customer", 0] == 2.5


def test_a_log_that_does_not_say_when_it_ended_ends_with_its_last_instant() -> None:
    visits: Rows = [
        {"customer": 0, "touchpoint": "store", "arrived": 1.0, "started": 1.0, "ended": 3.0},
        {"customer": 1, "touchpoint": "site", "arrived": 3.5, "started": 3.5, "ended": 4.0},
    ]  # fmt: skip
    log = small_log((visits, [{"customer": 0}, {"customer": 1}]))
    silent = EventLog(log.visits, log.customers, {k: v for k, v in log.provenance.items() if k != "end"})
    assert by_key(log)["utilisation", "touchpoint:store", 0] == 2.0 / 10
    assert by_key(silent)["utilisation", "touchpoint:store", 0] == 2.0 / 4
