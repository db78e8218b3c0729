"""What is promised of the number of answers that a driver takes: simulating it finds the power that was wished for."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import touchsim as ts
from touchsim.experiment.score import ScoreCard
from touchsim.experiment.sizes import powers_of, sizes_needed

SHOP, STUDIES = ts.load_scenario("webshop"), 120


@pytest.fixture(scope="module")
def card() -> ScoreCard:
    return ts.score_card(SHOP, n=500, studies=STUDIES, workers=1, seed=3)


def one(term: str = "a", **changed: object) -> dict[str, object]:
    """A row of a score card."""
    return {"estimator": "ols", "term": term, "respondents": 100, "power": 0.5, "estimand": "projection", "mean": 0.2,
            "emp_se": 0.1, "studies": 1000, "failed": 0, "truth": 0.2, "truth_low": 0.1, "truth_high": 0.3,
            **changed}  # fmt: skip


def test_studies_of_the_size_that_is_told_have_the_power_that_was_wished_for(card: ScoreCard) -> None:
    needed = card.sizes_needed(0.8).query("truth > 0.3").set_index(["estimator", "term"])
    assert len(needed) == 6 and (needed["basis"] == "simulated").all()
    error = np.sqrt(2 * 0.8 * 0.2 / STUDIES)
    for estimator, some in needed.groupby("estimator"):
        sizes = [int(size) for size in some["needed"]]
        tried = ts.score_card(SHOP, n=sizes, studies=STUDIES, workers=1, seed=4, estimators=estimator)
        power = tried.table.query("estimand == 'projection'").set_index(["term", "respondents"])["power"]
        for (_, term), row in some.iterrows():
            found = power[term, row["needed"]]
            assert abs(found - 0.8) < 3 * error, f"{estimator} {term} with {row['needed']}: {found}"
            assert row["needed_low"] < row["needed"] < row["needed_high"]


def test_steps_of_a_card_are_in_its_powers_alone(card: ScoreCard) -> None:
    assert sorted(card.powers["respondents"].unique()) == [63, 125, 188, 250, 375, 500]
    assert set(card.table["respondents"]) == set(card.studies["respondents"]) == set(card.ranks["respondents"]) == {500}
    at_end = card.powers.query("respondents == 500")["power"].tolist()
    assert at_end == card.table.query("estimand == 'projection'")["power"].tolist()
    smaller = ts.score_card(SHOP, n=[250, 500], studies=10, workers=1, seed=3, estimators="ols")
    first = powers_of(smaller.studies)
    again = smaller.powers.merge(first, on=["respondents", "estimator", "term"], suffixes=("", "_asked"))
    assert len(again) == 18 and (again["power"] == again["power_asked"]).all(), "a step is a study that ended earlier"


def test_between_two_sizes_the_probit_of_power_is_a_line_over_the_root_of_n() -> None:
    d = 0.28
    powers = pd.DataFrame([one(respondents=n, power=stats.norm.cdf(d * np.sqrt(n) - 1.959964), studies=10**9)
                           for n in (36, 64, 144, 196)])  # fmt: skip
    found = sizes_needed(pd.DataFrame([one(respondents=196)]), 0.8, powers).iloc[0]
    assert found["needed"] == np.ceil(((1.959964 + 0.841621) / d) ** 2) == 101
    assert found["basis"] == "simulated" and found["needed_low"] <= 101 <= found["needed_high"] <= 102


def test_beyond_the_largest_size_the_law_of_the_root_stands_in_up_to_ten_times() -> None:
    found = sizes_needed(pd.DataFrame([one(), one("b", power=0.05), one("c", power=0.9)]), 0.8)
    by_law = np.ceil(100 * ((1.959964 + 0.841621) / 1.959964) ** 2)
    assert found["needed"].tolist() == [by_law, np.inf, 100]
    assert found["basis"].tolist() == ["extrapolated", "more than", "at most"]
    assert found["needed_low"][2] == 5, "three drivers take five answers"
    assert found["needed_low"][0] < by_law < found["needed_high"][0] < 300


def test_failures_are_not_found_and_power_never_falls_with_more_answers() -> None:
    powers = pd.DataFrame([one(respondents=n, power=p, studies=100) for n, p in ((50, 0.5), (70, 0.4), (100, 1.0))])
    found = sizes_needed(pd.DataFrame([one(studies=10, failed=90)]), 0.48, powers).iloc[0]
    assert 70 < found["needed"] < 80, "0.5 and 0.4 are pooled"


def test_no_number_of_answers_is_told_where_there_is_nothing_to_find_or_the_wrong_side_is_found() -> None:
    rows = pd.DataFrame([
        one("a", truth=0.0, truth_low=-0.01, truth_high=0.01, studies=99), one("b", mean=-0.2, studies=99),
        one("c", studies=99), one("d", mean=np.nan, emp_se=np.nan, studies=0, failed=99),
        one("e", mean=-0.2, truth=-0.2, truth_low=-0.3, truth_high=-0.1, studies=99)])  # fmt: skip
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = sizes_needed(rows, 0.8)
    assert list(found.columns[-3:]) == ["truth", "doubt", "basis"] and found["truth"].tolist() == rows["truth"].tolist()
    assert found["doubt"].tolist() == ["truth not told from zero", "wrong sign", "", "no estimate", ""]
    assert found["needed"].isna().tolist() == [True, True, False, True, False]
    assert found["needed"][2] == found["needed"][4] and found["basis"].tolist() == ["", "", "extrapolated"] + [
        "", "extrapolated"]  # fmt: skip


def test_twenty_studies_that_all_find_a_driver_tell_of_no_power_of_98_percent() -> None:
    powers = pd.DataFrame([one(respondents=n, power=1.0, studies=20) for n in (63, 125, 500)])
    table = pd.DataFrame([one(respondents=500, power=1.0, studies=20)])
    told, known = (sizes_needed(table, wish, powers).iloc[0] for wish in (0.98, 0.97))
    assert told["doubt"] == "too few studies" and np.isnan(told["needed"]) and told["basis"] == ""
    assert known["doubt"] == "" and known["basis"] == "at most" and known["needed"] == 63
    many = sizes_needed(table, 0.98, powers.assign(studies=40)).iloc[0]
    assert many["doubt"] == "" and many["needed"] == 63, "forty can tell"
    default = sizes_needed(table, 0.8, powers.assign(studies=2)).iloc[0]
    assert default["doubt"] == "" and default["needed"] == 63, "two studies tell of 83 %"


def test_the_interval_of_a_high_wish_begins_where_the_studies_may_have_it_already() -> None:
    powers = pd.DataFrame([one(respondents=n, power=p, studies=20) for n, p in ((63, 0.5), (125, 0.9), (500, 0.95))])
    found = sizes_needed(pd.DataFrame([one(respondents=500, power=0.95, studies=20)]), 0.98, powers).iloc[0]
    assert found["basis"] == "extrapolated" and found["needed"] > 500
    assert 125 < found["needed_low"] < 500, "19 of 20 has a Wilson interval up to 99.1 %"
