"""Cohorts add up to the run, by hand and by chance; those present at the start are in none."""

from __future__ import annotations

from typing import Any

import pytest

import touchsim as ts
from tests.log.small import small_log
from touchsim.measure.kpis import kpis_by_replication

# start on Wednesday 28 January 2026: days 0-3 are January; 0-4 the fifth week, 5 is Monday 2 February
PEOPLE: list[dict[str, Any]] = [
    {"customer": 0, "origin": "stock", "stage": "customer", "status": "active", "purchases": 3, "revenue_cents": 90000},
    {"customer": 1, "born": 0.5, "purchases": 1, "revenue_cents": 1000, "status": "active"},
    {"customer": 2, "born": 3.999},
    {"customer": 3, "born": 4.0, "purchases": 2, "revenue_cents": 5000, "status": "active"},
    {"customer": 4, "born": 5.0, "origin": "referral", "purchases": 1, "revenue_cents": 2000, "status": "active"},
]


def figures(by: str, *replications: list[dict[str, Any]]) -> dict[tuple[str, str], float]:
    log = small_log(*(([], people) for people in replications), start="2026-01-28")
    table = ts.cohorts(log, by=by)  # type: ignore[arg-type]
    return {(row.cohort, row.kpi): row.value for row in table.itertuples()}


def test_months_by_hand() -> None:
    assert figures("month", PEOPLE) == {
        ("2026-01", "customers"): 2, ("2026-01", "conversion"): 0.5, ("2026-01", "revenue_per_customer"): 5.0,
        ("2026-01", "repeat_rate"): 0.0, ("2026-01", "days_followed"): pytest.approx(10 - (0.5 + 3.999) / 2),
        ("2026-02", "customers"): 2, ("2026-02", "conversion"): 1.0, ("2026-02", "revenue_per_customer"): 35.0,
        ("2026-02", "repeat_rate"): 0.5, ("2026-02", "days_followed"): 5.5,
    }  # fmt: skip


def test_weeks_by_hand_begin_on_mondays() -> None:
    found = figures("week", PEOPLE)
    assert {key: value for key, value in found.items() if key[1] == "customers"} == {
        ("2026-W05", "customers"): 3, ("2026-W06", "customers"): 1}  # fmt: skip


def test_a_cohort_that_a_replication_lacks_counts_as_nobody_there() -> None:
    table = ts.cohorts(small_log(([], PEOPLE), ([], PEOPLE[:3]), start="2026-01-28"))
    late = table[table["cohort"] == "2026-02"].set_index("kpi")
    assert late.loc["customers", "value"] == 1.0 and late.loc["customers", "replications"] == 2
    assert late.loc["conversion", "value"] == 1.0 and late.loc["conversion", "replications"] == 1
    assert table.attrs["interval"] == "95 % t interval over 2 replications"
    assert table["low"].dropna().ge(0).all() and table[table["unit"] == "share"]["high"].dropna().le(1).all()


def test_cohorts_of_a_run_add_up_to_its_figures() -> None:
    shop = ts.load_scenario("corner_shop").with_(segments={"neighbours": {"stock": 40}})
    log = ts.simulate(shop, days=80, seed=2)
    whole = kpis_by_replication(log).query("group == 'all'").set_index("kpi")["value"]
    for by in ("week", "month"):
        wide = ts.cohorts(log, by=by).pivot(index="begins", columns="kpi", values="value")  # type: ignore[arg-type]
        assert wide["customers"].sum() == whole["customers"] - 40
        converted = (wide["customers"] * wide["conversion"]).sum()
        assert converted / wide["customers"].sum() == pytest.approx(whole["conversion"])
        cents = log.customers_frame().query("origin == 'arrival'")["revenue_cents"].sum()
        assert (wide["customers"] * wide["revenue_per_customer"]).sum() == pytest.approx(cents / 100)


def test_the_stock_is_left_out_of_conversion_repeat_rate_and_times_in_stages_only() -> None:
    shop = ts.load_scenario("corner_shop")
    log = ts.simulate(shop.with_(segments={"neighbours": {"stock": 300}}), customers=200, seed=2)
    people = log.customers_frame()
    new = people[people["origin"] == "arrival"]
    told = kpis_by_replication(log).set_index(["kpi", "group"])["value"]
    assert told["customers", "all"] == 500
    assert told["conversion", "all"] == (new["purchases"] > 0).mean()
    assert told["repeat_rate", "all"] == (new["purchases"] > 1).sum() / (new["purchases"] > 0).sum()
    assert told["purchases", "all"] == people["purchases"].sum() > new["purchases"].sum()
    stays = (new.filter(regex="^reached_").min(axis=1) - new["born"]).dropna()
    assert told["days_in_stage", "stage:suspect"] == pytest.approx(stays.mean()), "no stay of 0 days"
    shares = [told[f"share_{key}", "all"] for key in ("under_way", "lost", "active", "churned")]
    assert sum(shares) == pytest.approx(1.0)


def test_another_period_is_a_finding() -> None:
    log = small_log(([], PEOPLE), start="2026-01-28")
    with pytest.raises(ts.BadInput, match="by: must be 'week' or 'month'"):
        ts.cohorts(log, by="weak")  # type: ignore[arg-type]


def test_a_run_of_customers_who_were_all_there_before_has_no_cohort() -> None:
    people = {"neighbours": {"arrivals": 0.0, "stock": 40}}
    log = ts.simulate(ts.load_scenario("corner_shop").with_(segments=people), days=20, seed=1, replications=2)
    assert log.n_customers == 80
    assert list(ts.cohorts(log)) == list(ts.cohorts(ts.simulate(ts.load_scenario("corner_shop"), days=20, seed=1)))
    assert ts.cohorts(log).empty
