"""Arrivals follow their rate, exactly and on average; those present at the start come before them and change nobody."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from scipy import stats

from touchsim.engine.simulation import simulate
from touchsim.errors import BadInput
from touchsim.vocabulary import STAGES, keys
from touchsim.world.arrivals import MONTHS, WEEKDAYS, births_expected
from touchsim.world.scenario import Scenario, load_scenario

RHYTHM: dict[str, Any] = {
    "weekdays": {"tue": 1.5, "sat": 1.6, "sun": 0.2}, "season": {"jan": 0.8, "feb": 0.0, "dec": 1.9},
    "hours": {"09:00-12:30": 2.0, "12:30-18:00": 1.4, "22:00-06:00": 0.1}, "trend": 0.25,
}  # fmt: skip
FACTOR_OF_HOUR = {**dict.fromkeys(range(9, 12), 2.0), 12: 1.7, **dict.fromkeys(range(13, 18), 1.4),
                  **dict.fromkeys([22, 23, *range(6)], 0.1)}  # fmt: skip
PEOPLE = ["disposition", "product", "value", "goods"]


def shop(start: str = "2027-11-10", **segment: Any) -> Scenario:
    """The corner shop with one segment of its own."""
    return load_scenario("corner_shop").with_(start=start, segments={"neighbours": segment})


def rate_by_hour(start: str, days: int, arrivals: float) -> pd.DataFrame:
    """Expected arrivals in every hour, written down with Python's calendar instead of the engine's."""
    rows = []
    for hour in range(24 * days):
        now = datetime.fromisoformat(start) + timedelta(hours=hour)
        factor = RHYTHM["weekdays"].get(WEEKDAYS[now.weekday()], 1.0) * FACTOR_OF_HOUR.get(now.hour, 1.0)
        factor *= RHYTHM["season"].get(MONTHS[now.month - 1], 1.0) * 1.25 ** (hour // 24 / 365)
        rows.append((now, arrivals * factor / 24))
    return pd.DataFrame(rows, columns=["hour", "expected"])


def cumulative(table: pd.DataFrame, born: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Integral of the rate up to each birth; noon to 12:30 is busier than the half hour after it."""
    hour = np.floor(born * 24).astype(int)
    before = np.concatenate([[0.0], table["expected"].cumsum()])[hour]
    part = born * 24 - hour
    noon = table["hour"].dt.hour.to_numpy()[hour] == 12
    part = np.where(noon, np.where(part < 0.5, part * 2.0, 1.0 + (part - 0.5) * 1.4) / 1.7, part)
    return np.asarray(before + part * table["expected"].to_numpy()[hour])


def test_the_kth_customer_is_born_where_the_integral_of_the_rate_is_the_sum_of_k_exponentials() -> None:
    people = simulate(shop(arrivals=4.0, **RHYTHM), customers=3000, seed=8).customers_frame()
    exponentials = simulate(shop(arrivals=1.0), customers=3000, seed=8).customers_frame()["born"].to_numpy()
    born = people["born"].to_numpy()
    table = rate_by_hour("2027-11-10", int(born.max()) + 1, 4.0)
    assert born.max() > 600, "more than a year, with a leap day in it"
    np.testing.assert_allclose(cumulative(table, born), exponentials, rtol=1e-10)


@pytest.mark.parametrize("unit", ["day_of_week", "month", "hour", "date"])
def test_counts_by_weekday_month_hour_and_day_are_poisson_about_the_integral(unit: str) -> None:
    days = 800
    born = simulate(shop(arrivals=30.0, **RHYTHM), days=days, seed=3).customers_frame()["born"]
    table = rate_by_hour("2027-11-10", days, 30.0)
    moments = pd.Timestamp("2027-11-10") + pd.to_timedelta(born, unit="D")
    expected = table.groupby(getattr(table["hour"].dt, unit))["expected"].sum()
    counts = getattr(moments.dt, unit).value_counts().reindex(expected.index, fill_value=0)
    assert (counts[expected == 0] == 0).all(), "nobody comes where the rate is 0"
    some = expected > 0
    distance = float(((counts - expected)[some] ** 2 / expected[some]).sum())
    assert stats.chi2.ppf(0.005, some.sum()) < distance < stats.chi2.ppf(0.995, some.sum())


@pytest.mark.parametrize("start", ["2026-01-05", "2027-12-31", "1900-02-27", "2100-02-27", "2000-02-28"])
def test_months_and_weekdays_are_those_of_the_calendar(start: str) -> None:
    only = {day: 0.0 for day in WEEKDAYS if day != "mon"}
    monday = simulate(shop(start, arrivals=20.0, weekdays=only), days=900, seed=1).customers_frame()["born"]
    assert {(date.fromisoformat(start) + timedelta(days=int(day))).weekday() for day in monday} == {0}
    only = {month: 0.0 for month in MONTHS if month != "feb"}
    february = simulate(shop(start, arrivals=20.0, season=only), days=3000, seed=1).customers_frame()["born"]
    days = {date.fromisoformat(start) + timedelta(days=int(day)) for day in february}
    first = date.fromisoformat(start)
    all_days = {first + timedelta(days=n) for n in range(3000)}
    assert days == {day for day in all_days if day.month == 2}


def test_expected_births_are_the_integral_over_the_calendar() -> None:
    segment = shop(arrivals=4.0, **RHYTHM).segments["neighbours"]
    table = rate_by_hour("2027-11-10", 500, 4.0)
    assert births_expected(segment, date(2027, 11, 10), 500.0) == pytest.approx(table["expected"].sum(), rel=1e-12)


def test_factors_of_one_and_no_stock_change_no_bit() -> None:
    plain = shop()
    same = shop(weekdays={"sat": 1.0}, season={"dec": 1.0}, hours={"09:00-17:00": 1.0}, trend=0.0, stock_as="lead")
    assert simulate(plain, customers=400, seed=4) == simulate(same, customers=400, seed=4)


def test_a_factor_changed_a_little_moves_births_a_little_and_keeps_the_people() -> None:
    shops = (shop(weekdays={"sat": factor}) for factor in (1.6, 1.601))
    a, b = (simulate(scenario, customers=500, seed=4).customers_frame() for scenario in shops)
    assert 0.0 < (a.born - b.born).abs().max() < 0.1
    assert (a[PEOPLE] == b[PEOPLE]).all().all()


def test_the_stock_comes_on_top_and_first_and_changes_nobody_who_arrives() -> None:
    none, few, many = (simulate(shop(stock=n), customers=100, seed=6).customers_frame() for n in (0, 20, 50))
    assert [len(people) for people in (none, few, many)] == [100, 120, 150]
    for people, n in ((few, 20), (many, 50)):
        assert (people["origin"] == ["stock"] * n + ["arrival"] * 100).all()
        assert (people["born"][:n] == 0.0).all()
        arrived = people[n:].reset_index(drop=True)
        assert (arrived[["born", *PEOPLE]] == none[["born", *PEOPLE]]).all().all(), "the same people arrive"
    assert (few[PEOPLE][:20] == many[PEOPLE][:20]).all().all(), "the same stock, as far as it goes"
    assert not few["disposition"][:20].isin(none["disposition"]).any(), "other people than those who arrive"


def test_the_stock_of_all_segments_comes_before_arrivals_at_the_first_instant() -> None:
    web = load_scenario("webshop")
    two = {key: {"every": "30 days", "arrivals": 40.0, "stock": 3} for key in web.segments}
    people = simulate(web.with_(segments=two), customers=5, seed=1).customers_frame()
    assert len(people) == 3 * len(two) + 5
    assert (people["origin"][: 3 * len(two)] == "stock").all() and (people["born"] == 0.0).all()


STANDS = {"suspect": "problem_recognition", "lead": "information_search", "prospect": "alternatives",
          "customer": "problem_recognition"}  # fmt: skip


@pytest.mark.parametrize(("stage", "need"), STANDS.items())
def test_the_stock_has_earned_its_stages_and_goes_on_from_there(stage: str, need: str) -> None:
    log = simulate(shop(stock=200, stock_as=stage, arrivals=0.01), customers=1, seed=2)
    people = log.customers_frame().query("origin == 'stock'")
    earned = keys(STAGES)[1 : keys(STAGES).index(stage) + 1]
    assert all((people[f"reached_{one}"] == 0.0).all() for one in earned)
    assert not any((people[f"reached_{one}"] == 0.0).any() for one in keys(STAGES)[1:] if one not in earned)
    assert people["consent"].all() if stage != "suspect" else True
    visits = log.visits_frame()
    first = visits[visits["customer"].isin(people["customer"]) & (visits["visit"] == 1)]
    assert (first["need"] == need).all() and len(first) > 150
    assert (people["purchases"] > 0).any(), "some buy"


def test_customers_of_the_stock_wait_as_after_a_purchase_and_count_from_their_second() -> None:
    gap = {"law": "exponential", "mean": "40 days"}
    at_once = {"problem_recognition": {"think": "0 s"}}
    patient = shop(stock=4000, arrivals=0.01).with_(loyalty={"gap": gap}, needs=at_once, follow_up="400 days")
    log = simulate(patient, customers=1, seed=2)
    people, visits = log.customers_frame().query("origin == 'stock'"), log.visits_frame()
    first = visits[visits["customer"].isin(people["customer"]) & (visits["visit"] == 1)]["arrived"]
    assert first.mean() == pytest.approx(40.0, abs=3 * 40 / np.sqrt(4000) + 1.0)
    assert set(people["status"]) <= {"active", "churned"}
    assert people["first_purchase"].isna().all() and people["bought_at"].isna().all()
    assert (people["reached_repeat_customer"].notna() == (people["purchases"] > 0)).all()


def test_a_shop_may_live_on_its_stock_alone() -> None:
    alone = shop(arrivals=0.0, stock=30)
    log = simulate(alone, days=50.0, seed=1)
    assert log.n_customers == 30 and log.n_visits > 30
    assert log == simulate(alone, days=50.0, seed=1, engine="simpy")
    with pytest.raises(BadInput, match="customers: so many never arrive"):
        simulate(alone, customers=1)


@pytest.mark.parametrize("segment", [{"arrivals": 1e-9, "season": {"jan": 2.0}}, {"trend": -0.99},
                                     {"arrivals": 1e-300, "trend": -0.5}])  # fmt: skip
def test_customers_who_never_come_are_a_finding_and_no_endless_search(segment: dict[str, Any]) -> None:
    with pytest.raises(BadInput, match="customers: so many never arrive"):
        simulate(shop(**segment), customers=2000, seed=1)


def test_a_falling_trend_brings_as_many_as_its_integral() -> None:
    born = simulate(shop(arrivals=100.0, trend=-0.9), days=4000.0, seed=1).customers_frame()["born"]
    expected = 100.0 / (1.0 - 0.1 ** (1 / 365))
    assert len(born) == pytest.approx(expected, abs=2.6 * np.sqrt(expected))
