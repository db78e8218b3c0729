"""What a study dares to say: a block leads only where nothing speaks against it."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from tests.study.surveys import asked, continuous, equation, rated, with_exact_moments
from touchsim.study.drivers import fit_drivers
from touchsim.study.moments import study_moments
from touchsim.study.survey import study_survey

LEADS = re.compile(r"The \w+ block leads")
BLOCKS = {"online": ["looks", "ease"], "offline": ["speed", "price"]}
OFFLINE = {"looks": 0.05, "ease": 0.05, "speed": 0.6, "price": 0.6}


def truth(**coefficients: float) -> dict:
    return {"estimand": "structural weight", "units": "standardised",
            "coefficients": {"all": {"satisfaction": coefficients}}}  # fmt: skip


def words(study) -> str:
    return " ".join([study.answer, study.text, study.shares.text, *study.warnings])


@pytest.fixture(scope="module")
def led():
    return study_survey(rated(OFFLINE, 800, noise=0.4), asked(list(OFFLINE), blocks=BLOCKS), draws=500)


def test_a_block_that_leads_is_said_to_lead(led):
    assert "The offline block leads: offline" in led.answer
    assert led.answer.count("The offline block leads") == 1 and "misled" not in words(led)


def test_no_block_leads_where_the_interval_of_the_difference_holds_zero():
    slopes = dict.fromkeys(OFFLINE, 0.4)
    study = study_survey(rated(slopes, 150), asked(list(slopes), blocks=BLOCKS), draws=500)
    gap = study.blocks[study.blocks["block"].str.contains(" - ")].iloc[0]
    assert gap["low"] <= 0
    assert "Which block leads cannot be said" in study.answer and not LEADS.search(words(study))


def test_no_block_leads_where_ratings_share_a_mood():
    frame = rated({**OFFLINE, "looks": -0.9, "ease": -0.9}, 2000, mood=3.0, noise=0.8)
    study = study_survey(frame, asked(list(OFFLINE), blocks=BLOCKS), draws=500)
    gap = study.blocks[study.blocks["block"].str.contains(" - ")].iloc[0]
    assert gap["low"] > 0, "without its warning this study would be quoted"
    assert "Do not conclude that a block leads" in study.answer and "cannot be trusted" in study.answer
    assert not LEADS.search(words(study)) and "may share a mood" in " ".join(study.warnings)


def test_a_study_misled_about_the_leader_says_so():
    frame = rated(OFFLINE, 800, noise=0.4)
    model = asked(list(OFFLINE), blocks=BLOCKS, truth=truth(looks=0.5, ease=0.5, speed=0.1, price=0.0))
    study = study_survey(frame, model, draws=500)
    assert "The offline block seems to lead" in study.answer and "in truth online leads" in study.answer
    assert "The regression is misled about satisfaction" in " ".join(study.warnings)
    assert "is misled about satisfaction" in study.fit["warnings"].item()
    assert not LEADS.search(words(study))


def test_truth_and_mood_are_told_once_so_that_what_comes_next_has_its_place():
    model = asked(list(OFFLINE), blocks=BLOCKS, truth=truth(looks=0.5, ease=0.5, speed=0.1, price=0.0))
    study = study_survey(rated(OFFLINE, 800, noise=0.4), model, draws=200)
    care = study.text.partition("Read it with care: ")[2]
    assert "miss the truth" in care and "is misled about" not in study.text, "the sentence on blocks said that before"
    assert study.answer.count("misled") == 1 and "Read it with care: 4 of 4 intervals" in study.answer
    frame = rated({"speed": 0.6, "price": 0.6}, 600, mood=3.0, noise=0.8).assign(speed1=lambda all_: 8 - all_["speed1"])
    moody = study_survey(frame.assign(price1=frame["price2"]), asked(["speed", "price"]), draws=200)
    assert moody.text.count("may share a mood") == 1 and "may share a mood" in moody.shares.words
    assert "speed1" in moody.text.partition("Read it with care: ")[2]


def test_a_study_that_finds_drivers_where_none_matters_says_so():
    model = asked(list(OFFLINE), blocks=BLOCKS, truth=truth(**dict.fromkeys(OFFLINE, 0.0)))
    study = study_survey(rated(OFFLINE, 800, noise=0.4), model, draws=500)
    assert "in truth no driver matters" in study.answer and not LEADS.search(words(study))


def test_a_study_that_agrees_with_the_truth_says_that(led):
    model = asked(list(OFFLINE), blocks=BLOCKS, truth=truth(looks=0.0, ease=0.0, speed=0.6, price=0.6))
    study = study_survey(rated(OFFLINE, 800, noise=0.4), model, draws=500)
    assert "The offline block leads" in study.answer and "in truth offline leads too" in study.answer


def test_the_answer_is_three_sentences(led):
    for study in (led, study_survey(continuous([0.5, 0.1]), equation(2), draws=100)):
        ends = study.answer.replace("0.", "0").replace("1.", "1").count(". ") + 1
        assert ends == 3 and study.answer.endswith(".")


def test_constructs_that_correlate_above_one_have_coefficients_and_no_shares():
    names = ["a1", "a2", "b1", "b2", "y1", "y2"]
    r = np.full((6, 6), 0.3) + 0.7 * np.eye(6)
    r[:2, 2:4] = r[2:4, :2] = 0.505
    for i, j in ((0, 1), (2, 3), (4, 5)):
        r[i, j] = r[j, i] = 0.5
    head = pd.DataFrame(np.repeat([[3.0], [1.0], [500.0]], 6, axis=1), ["mean", "sd", "n"], names)
    scales = {name: [f"{name}1", f"{name}2"] for name in "aby"}
    study = study_moments(pd.concat([head, pd.DataFrame(r, names, names)]),
                          {"scales": scales, "drivers": {"y": ["a", "b"]}, "estimator": "sem"}, draws=100)  # fmt: skip
    assert study.coefficients["estimate"].notna().all() and study.importance.empty
    assert "drivers of y have no shares of explained variance: the correlations of the constructs" in study.answer
    assert "Y: no shares of explained variance" in study.text and "no finite coefficients" not in study.text


def test_a_first_place_that_is_not_sure_names_the_rival():
    even = np.array([[1, 0.4, 0.5], [0.4, 1, 0.5], [0.5, 0.5, 1]])
    frame = pd.DataFrame(with_exact_moments(np.zeros(3), np.ones(3), even, 150), columns=["x0", "x1", "y"])
    study = study_survey(frame, equation(2), draws=300)
    assert re.search(r"first in \d+ % of the bootstrap draws; x[01] is first in \d+ %\.", study.answer)


def test_the_answer_counts_every_warning_that_stands_below_it():
    rng = np.random.default_rng(8)
    x = rng.normal(size=(60, 3))
    x[:, 1] = x[:, 0] + 0.1 * x[:, 1]
    frame = pd.DataFrame(x, columns=["a", "b", "c"]).assign(y=x[:, 0] + rng.normal(size=60))
    frame["z"] = frame["y"] + rng.normal(size=60)
    study = study_survey(frame, {"drivers": {"y": ["a", "b", "c"], "z": ["b", "a", "y"]}}, draws=100)
    more = re.search(r"and (\d+) more warning", study.answer)
    assert len(study.warnings) > 1 and more
    assert int(more.group(1)) == len(study.warnings) - 1


def test_a_block_is_tested_by_the_wald_statistic_of_the_robust_covariance():
    frame = continuous([0.3, 0.2, 0.0], 300)
    blocks = study_survey(frame, equation(3, blocks={"first": ["x0", "x1"], "last": ["x2"]}), draws=100).blocks
    result = fit_drivers(frame, equation(3)).results["y"]
    test = result.f_test(np.eye(4)[1:3])
    row = blocks.iloc[0]
    assert (row["statistic"], row["p_value"]) == (pytest.approx(test.fvalue), pytest.approx(test.pvalue))
    assert (row["df_num"], row["df_den"], row["terms"]) == (2, 296, "x0, x1")


def test_a_block_of_one_driver_is_tested_as_its_coefficient():
    frame = continuous([0.3, 0.2], 300)
    study = study_survey(frame, equation(2, blocks={"one": ["x0"]}), draws=100)
    assert study.blocks["p_value"].item() == pytest.approx(study.coefficients["p_value"].iloc[0])
    binary = frame.assign(y=(frame["y"] > 0).astype(int))
    study = study_survey(binary, equation(2, blocks={"one": ["x0"]}, estimator="logit"), draws=100)
    assert study.blocks["p_value"].item() == pytest.approx(study.coefficients["p_value"].iloc[0])
    assert study.blocks["statistic"].item() == pytest.approx(stats.chi2.isf(study.blocks["p_value"].item(), 1))


def test_the_share_of_a_block_is_the_sum_of_its_members(led):
    shares = led.importance.query("method == 'lmg'").set_index("term")["share"]
    assert shares["block:offline"] == pytest.approx(shares["speed"] + shares["price"])
    gap = led.blocks.set_index("block").loc["offline - online"]
    assert gap["share"] == pytest.approx(shares["block:offline"] - shares["block:online"])


def test_every_table_has_its_columns(led):
    columns = {name: list(table) for name, table in led.tables().items()}
    assert columns == {
        "coefficients": ["outcome", "term", "group", "estimate", "std_error", "statistic", "p_value", "low", "high",
                         "std_beta", "std_low", "std_high", "truth", "truth_std", "vif",
                         "p_holm", "p_bh", "fmi"],
        "importance": ["outcome", "term", "method", "share", "low", "high"],
        "orders": ["outcome", "a", "b", "method", "difference", "low", "high", "p_above"],
        "fit": ["outcome", "group", "n", "n_rows", "n_lost", "r2", "adj_r2", "cov_type", "estimator", "estimand",
                "warnings", "chi2", "chi2_df", "chi2_p", "chi2_scaled", "cfi", "tli", "rmsea", "rmsea_low",
                "rmsea_high", "srmr", "aic", "bic", "icc"],
        "scales": ["construct", "items", "n", "alpha", "omega", "cr", "ave", "alpha_std"],
        "items": ["construct", "item", "n", "mean", "sd", "skewness", "kurtosis", "lowest", "highest", "item_rest",
                  "alpha_without", "loading"],
        "htmt": ["a", "b", "htmt", "htmt2"],
        "exploratory": ["item", "construct", "factor", "loading", "structure", "remark", "communality", "uniqueness"],
        "eigenvalues": ["number", "eigenvalue", "parallel_mean", "parallel_95", "map", "carried"],
        "method": ["method", "what", "outcome", "term", "plain", "plain_low", "plain_high", "adjusted", "adjusted_low",
                   "adjusted_high", "change", "change_low", "change_high", "n"],
        "performance": ["outcome", "term", "importance", "importance_low", "importance_high", "performance",
                        "performance_low", "performance_high", "above", "above_low", "above_high", "unit", "quadrant"],
        "blocks": ["outcome", "group", "block", "terms", "statistic", "df_num", "df_den", "p_value", "share", "low",
                   "high"],
    }  # fmt: skip


def test_the_same_survey_gives_the_same_study_to_the_last_bit(led):
    again = study_survey(rated(OFFLINE, 800, noise=0.4), asked(list(OFFLINE), blocks=BLOCKS), draws=500)
    for name, table in led.tables().items():
        pd.testing.assert_frame_equal(table, again.tables()[name], check_exact=True)
    assert (again.answer, again.text, again.warnings) == (led.answer, led.text, led.warnings)


def test_a_block_of_one_driver_holds_one_driver_and_warnings_are_no_markup():
    frame = continuous([0.8, 0.1], 300).rename(columns={"x1": "<b>"})
    frame.loc[:3, "<b>"] = 999
    model = {"drivers": {"y": ["x0", "<b>"]}, "blocks": {"one": ["x0"], "two": ["<b>"]}}
    study = study_survey(frame, model, draws=100)
    assert "in 1 driver, " in study.answer and "1 drivers" not in study.answer
    assert "<b>" not in study.regressions._repr_html_() and "&lt;b&gt;" in study.regressions._repr_html_()
