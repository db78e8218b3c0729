"""One slope for all thresholds: tested as often wrong as it says, the driver that breaks it named, or told why not."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.study.surveys import equation
from touchsim.languages import language
from touchsim.show.paper import sheets_of
from touchsim.study.drivers import fit_drivers
from touchsim.study.parallel import PARALLEL, slopes_by_threshold
from touchsim.study.survey import study_survey


def levels(n: int, slopes: list[float], cuts: list[float], *, seed: int = 1) -> pd.DataFrame:
    """Drivers x0, x1, ... and answers y in levels by proportional odds."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, len(slopes)))
    y = np.digitize(x @ slopes + rng.logistic(size=n), cuts) + 1.0
    return pd.DataFrame(x, columns=[f"x{j}" for j in range(len(slopes))]).assign(y=y)


def uneven(n: int = 1500, *, seed: int = 5) -> pd.DataFrame:
    """x1 moves people out of the lowest answers and never into the highest; x0 counts for the same everywhere."""
    rng = np.random.default_rng(seed)
    x, luck = rng.normal(size=(n, 2)), rng.logistic(size=n)
    y = 1.0 + (0.7 * x[:, 0] + 1.2 * x[:, 1] + luck > -1) * 1 + (0.7 * x[:, 0] + luck > 0.8) * 1
    return pd.DataFrame(x, columns=["x0", "x1"]).assign(y=y)


def test_the_tests_are_right_about_as_often_as_they_say():
    chances = []
    for seed in range(200):
        frame = levels(300, [0.8, 0.4], [-2, -0.5, 1], seed=seed)
        chances.append(slopes_by_threshold(frame["y"].to_numpy(), frame[["x0", "x1"]].to_numpy()).p_value)
    assert np.shape(chances) == (200, 3)
    share = (np.array(chances) < 0.05).sum(axis=0)
    assert (share >= 2).all() and (share <= 22).all(), "10 of 200 expected, of all drivers and of each"


def test_the_driver_that_breaks_it_has_a_name_and_the_other_has_not():
    study = study_survey(uneven(), equation(2, estimator="ordered_logit"), draws=100)
    (doubt,) = [sentence for sentence in study.warnings if "proportional odds are in doubt" in sentence]
    assert "most for x1 (Brant test" in doubt
    tests = study.parallel[study.parallel["above"].isna()].set_index("term")
    assert tests.loc["x1", "p_holm"] < 1e-6 < 0.01 < tests.loc["x0", "p_holm"]
    slopes = study.parallel.query("term == 'x1'").dropna(subset="above").set_index("above")
    assert slopes.loc[1, "low"] > 0.5, "above 1 it counts"
    assert slopes.loc[2, "low"] < 0 < slopes.loc[2, "high"], "above 2 not"
    assert study.tables()["parallel"].columns.tolist() == PARALLEL
    assert "proportional odds are in doubt" in study.fit["warnings"].item()


def test_slopes_that_turn_round_between_thresholds_are_seen():
    rng = np.random.default_rng(1)
    x = rng.normal(size=(700, 1))
    outer = np.where(rng.random(700) < 0.5, 0, 4)
    turned = np.where(x[:, 0] > 0.4, outer, rng.integers(1, 4, 700)).astype(float)
    assert slopes_by_threshold(turned, x).p_value[0] < 1e-6


def test_units_of_drivers_do_not_matter_nor_does_the_order_of_the_tests():
    frame = uneven(500)
    x, y = frame[["x0", "x1"]].to_numpy(), frame["y"].to_numpy()
    one, other = slopes_by_threshold(y, x), slopes_by_threshold(10 * y, 1000 + 50 * x[:, ::-1])
    assert other.statistic == pytest.approx(one.statistic[[0, 2, 1]], rel=1e-7)
    assert other.slopes[:, ::-1] * 50 == pytest.approx(one.slopes, rel=1e-7)
    assert other.above.tolist() == [10.0, 20.0]


def test_rare_answers_are_merged_with_their_smaller_neighbour_and_said():
    frame = levels(400, [0.5, 0.2], [-5, -1, 1, 2.5, 5])
    counts = frame["y"].value_counts().sort_index()
    assert counts.min() < 20 <= counts[2], "ten answers for each of two drivers"
    table = study_survey(frame, equation(2, estimator="ordered_logit"), draws=100).parallel
    assert set(table["levels"]) == {"1+2 | 3 | 4 | 5+6"}
    assert table["df"].dropna().tolist() == [4, 2, 2] and table["above"].dropna().unique().tolist() == [2, 3, 4]


def test_where_there_is_no_test_the_row_says_why():
    few = study_survey(levels(35, [0.3, 0.3], [-1, 1]), equation(2, estimator="ordered_logit"), draws=100).parallel
    assert few["p_value"].isna().all() and few["term"].tolist() == ["all", "x0", "x1"]
    assert set(few["note"]) == {"no test: under three levels of the outcome have at least 20 answers each"}
    frame = levels(600, [0.3], [-1, 1])
    frame["x0"] = np.where(frame["y"] == 3, 5.0, frame["x0"].clip(-1, 1))  # nobody below the top is above 1
    apart = slopes_by_threshold(frame["y"].to_numpy(), frame[["x0"]].to_numpy())
    assert np.isnan(apart.p_value).all() and apart.levels == ((1.0,), (2.0, 3.0))
    assert apart.why_not is not None and "separate" in apart.why_not()


def test_two_values_least_squares_and_groups_without_estimates_have_no_such_table():
    frame = levels(300, [0.5], [0])
    assert "parallel" not in study_survey(frame, equation(1, estimator="logit"), draws=100).tables()
    assert "parallel" not in study_survey(frame, equation(1), draws=100).tables()


def test_clusters_and_gaps_are_left_aside_and_that_is_said():
    frame = levels(300, [0.5], [-1, 1]).assign(shop=np.arange(300) // 30)
    table = study_survey(frame, equation(1, estimator="ordered_logit", clusters="shop"), draws=100).parallel
    assert set(table["note"]) == {"respondents are taken as independent, whatever their shop"}
    assert any("whatever their shop" in sentence for sentence in fit_drivers(
        frame, equation(1, estimator="ordered_logit", clusters="shop")).warnings)  # fmt: skip
    frame.loc[::7, "x0"] = np.nan
    model = equation(1, estimator="ordered_logit", missing={"how": "impute", "imputations": 3})
    assert "of the first of 3 imputations" in study_survey(frame, model, draws=100).parallel["note"].iloc[0]


def test_the_paper_has_a_table_of_it_with_a_column_for_each_threshold():
    study = study_survey(uneven(), equation(2, estimator="ordered_logit"), draws=100)
    (sheet,) = [sheet for sheet in sheets_of(study) if sheet.name.startswith("parallel")]
    assert sheet.head == ("Driver", "χ²", "df", "p", "p (Holm)", "B [95 % CI] above 1", "B [95 % CI] above 2")
    assert [row[0] for row in sheet.rows] == ["All drivers", "x0", "x1"] and sheet.rows[2][3] == "< .001"


@pytest.mark.parametrize("code", ["nl", "de", "sv"])
def test_the_doubt_is_told_in_every_language(code):
    fit = fit_drivers(uneven(), equation(2, estimator="ordered_probit"))
    with language(code):
        (doubt,) = [sentence for sentence in fit.warnings if "parallel.csv" in sentence]
    assert "x1" in doubt and "slopes" not in doubt


def test_many_levels_are_merged_to_twenty():
    rng = np.random.default_rng(1)
    x = rng.normal(size=(4000, 1))
    y = np.clip(np.round(50 + 20 * (x[:, 0] + rng.logistic(size=4000))), 0, 100)
    found = slopes_by_threshold(y, x)
    assert len(np.unique(y)) == 101 and len(found.levels) == 20
    assert sorted(value for level in found.levels for value in level) == np.unique(y).tolist()
