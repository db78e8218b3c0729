"""Warnings that diagnose: each fault, once built into a survey, is named; sound surveys are left in peace."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.study.surveys import asked, continuous, equation, rated
from touchsim.study.drivers import fit_drivers
from touchsim.study.survey import study_survey

DRIVERS = {"speed": 0.5, "price": 0.3, "tone": 0.1}


def warnings_of(frame: pd.DataFrame, model: dict | None = None) -> str:
    return "\n".join(fit_drivers(frame, model or asked(list(DRIVERS))).warnings)


def test_a_sound_survey_gets_no_warning():
    assert warnings_of(rated(DRIVERS, noise=0.4)) == ""


@pytest.mark.parametrize("code", [99, -99, 9999, 98, -9, 77])
def test_an_undeclared_code_is_named_and_kept(code):
    frame = rated(DRIVERS, noise=0.4)
    frame.loc[:4, "price2"] = code
    fit = fit_drivers(frame, asked(list(DRIVERS)))
    assert f"'price2' holds {code} in 5 of 600 rows" in "\n".join(fit.warnings)
    assert fit.answers.items["price2"].isin([code]).sum() == 5


@pytest.mark.parametrize("code", [-99, 99, 999])
def test_a_group_that_looks_like_a_code_is_named_and_leaves_when_declared(code):
    frame = rated(DRIVERS, noise=0.4)
    frame["region"] = np.resize([1, 2, 3], len(frame))
    frame.loc[:49, "region"] = code
    model = asked(list(DRIVERS)) | {"groups": "region"}
    fit = fit_drivers(frame, model)
    assert f"Group '{code}' (50 of 600 rows) looks like a code for 'no answer'" in "\n".join(fit.warnings)
    assert str(code) in set(fit.table["group"])
    declared = fit_drivers(frame, model | {"missing": {"codes": {"region": code}}})
    assert set(declared.table["group"]) == {"all", "1", "2", "3"} and "looks like" not in "\n".join(declared.warnings)
    assert declared.summary["n"].tolist() == [600, *frame["region"].value_counts().sort_index().drop(code)]


def test_groups_that_are_numbers_of_regions_are_no_codes():
    frame = rated(DRIVERS, noise=0.4)
    frame["region"] = np.resize([1, 2, 8, 9, 30, 77], len(frame))
    assert "looks like" not in warnings_of(frame, asked(list(DRIVERS)) | {"groups": "region"})


def test_a_scale_that_hides_a_column_of_its_name_is_named():
    frame = rated(DRIVERS, noise=0.4).assign(speed=1)
    assert "'speed': a scale bears this name, so the column of the same name is not used." in warnings_of(frame)


def test_two_undeclared_codes_in_one_column_are_both_named():
    frame = rated(DRIVERS, noise=0.4)
    frame.loc[:4, "price2"], frame.loc[10:12, "price2"] = 98, 99
    said = warnings_of(frame)
    assert "holds 98 in 5" in said and "holds 99 in 3" in said


def test_a_zero_on_a_scale_from_0_to_10_is_an_answer():
    rng = np.random.default_rng(1)
    frame = rated(DRIVERS, 2000, noise=0.4)
    frame = (frame - 1) * 10 // 6
    frame.loc[rng.random(2000) < 0.03, "price2"] = 0
    assert "holds 0" not in warnings_of(frame) and "is 0 in" not in warnings_of(frame[frame["price2"] > 0])


def test_a_zero_that_means_not_applicable_gives_itself_away_by_the_other_answers():
    frame = rated({"speed": 0.7, "price": 0.5}, 2000, noise=0.3, items=1)
    hidden = np.random.default_rng(1).random(2000) < 0.06
    frame.loc[hidden, "speed1"] = 0
    assert "'speed1' is 0 in" in warnings_of(frame, asked(["speed", "price"], items=1))


def test_a_zero_gives_itself_away_by_other_items_of_the_same_scale_that_begin_at_one():
    frame = rated({"speed": 0.7, "price": 0.0}, 600, noise=0.6)
    hidden = np.random.default_rng(1).random(600) < 0.06
    frame.loc[hidden, "price1"] = 0
    said = warnings_of(frame, asked(["speed", "price"]))
    assert "'price1' is 0 in" in said and "begin at 1" in said
    declared = asked(["speed", "price"], missing={"codes": {"price": 0}})
    assert "is 0 in" not in warnings_of(frame, declared)


def test_ages_delays_and_other_long_tails_are_not_called_codes():
    rng = np.random.default_rng(1)
    frame = continuous([0.5], 3000)
    frame["delay"] = np.round(rng.exponential(30, 3000) * (rng.random(3000) > 0.5))
    frame["age"] = rng.integers(18, 99, 3000)
    assert "missing.codes" not in warnings_of(frame, {"drivers": {"y": ["x0", "delay", "age"]}})


def test_a_minus_99_among_decimals_and_a_zero_among_ages_are_asked_about():
    rng = np.random.default_rng(2)
    frame = continuous([0.5, 0.2], 400).assign(x0=rng.lognormal(3, 1, 400).round(2), x1=rng.integers(18, 80, 400))
    assert "x0" not in warnings_of(frame, equation(2)) and "x1" not in warnings_of(frame, equation(2))
    frame.loc[:20, "x0"], frame.loc[5:30, "x1"] = -99, 0
    said = warnings_of(frame, equation(2))
    assert "'x0' holds -99 in 21 of 400" in said and "'x1' holds 0 in 26 of 400" in said


def test_a_zero_far_below_other_ratings_is_an_answer():
    rng = np.random.default_rng(2)
    frame = continuous([0.5, 0.2], 400).assign(x0=rng.integers(5, 11, 400), x1=rng.integers(25, 101, 400))
    frame.loc[:20, "x0"], frame.loc[5:30, "x1"] = 0, 0
    assert "holds 0" not in warnings_of(frame, equation(2))


def test_a_cluster_that_is_a_code_and_weights_that_multiply_rows_are_said():
    frame = continuous([0.5], 300).assign(shop=[str(i % 40) for i in range(300)], times=[1, 2, 99] * 100)
    frame.loc[:30, "shop"] = "-99"
    said = warnings_of(frame, equation(1, clusters="shop", weights="times"))
    assert "Cluster '-99'" in said and "count 300 rows as 10200 respondents, up to 99 for one row" in said


def test_codes_at_both_ends_are_both_told():
    rng = np.random.default_rng(5)
    frame = continuous([0.5], 400).assign(x0=rng.integers(1, 7, 400))
    frame.loc[:59, "x0"], frame.loc[60:89, "x0"] = -9, 99
    said = warnings_of(frame, equation(1))
    assert "holds -9 in 60 of 400 rows" in said
    assert "holds 99 in 30 of 400 rows, far off its other answers (1 to 6)" in said


def test_an_eleven_in_every_item_from_0_to_10_is_asked_about():
    rng = np.random.default_rng(5)
    frame = pd.DataFrame(rng.integers(0, 11, (300, 4)), columns=["x0", "x1", "x2", "y"])
    assert "11" not in warnings_of(frame, equation(3))
    for j, name in enumerate(frame):
        frame.loc[6 * j : 6 * j + 5, name] = 11
    assert "hold 11" in warnings_of(frame, equation(3)) or "holds 11" in warnings_of(frame, equation(3))


def test_a_floor_is_said_as_a_ceiling_is():
    frame = continuous([0.5], 400)
    frame["y"] = (3 * frame["y"] - 1).clip(0, 4).round()
    assert "lowest answer" not in warnings_of(frame, equation(1)), "a 0 of counts is one"
    frame["y"] += 1
    assert "give y the lowest answer" in warnings_of(frame, equation(1))


def test_of_a_code_and_the_mood_that_it_makes_the_answer_names_the_code():
    rng = np.random.default_rng(6)
    frame = pd.DataFrame(rng.integers(1, 6, (400, 6)), columns=[*"abcdef"])
    frame[rng.random(frame.shape) < 0.02] = -99
    frame.loc[:20] = -99
    model = {"scales": {"one": ["a", "b"], "two": ["c", "d"], "y": ["e", "f"]}, "drivers": {"y": ["one", "two"]}}
    study = study_survey(frame, model, draws=100)
    assert "-99" in study.answer and not any("share a mood" in told for told in study.warnings)


def test_measures_of_many_units_share_no_mood():
    rng = np.random.default_rng(7)
    size = rng.normal(size=300)
    frame = pd.DataFrame({"x0": 150 + 20 * size + rng.normal(size=300), "x1": 60 + 3 * size + rng.normal(size=300),
                          "y": 10 + size + 0.2 * rng.normal(size=300)})  # fmt: skip
    assert "share a mood" not in warnings_of(frame, equation(2))


def test_items_keyed_the_other_way_are_named_where_all_correlations_are_low():
    rng = np.random.default_rng(8)
    items = 0.3 * rng.normal(size=(3000, 1)) * [1, 1, 1, -1, -1, -1] + rng.normal(size=(3000, 6))
    frame = pd.DataFrame(items, columns=[*"abcdef"]).assign(y=rng.normal(size=3000))
    said = warnings_of(frame, {"scales": {"lie": [*"abcdef"]}, "drivers": {"y": ["lie"]}})
    assert "run against the other items of lie" in said and "reliability of lie is poor" in said.lower()


def test_weak_and_poor_reliability_are_told_apart():
    assert "reliability of speed is poor" in warnings_of(rated(DRIVERS, noise=2.2)).lower()
    assert "reliability of speed is weak" in warnings_of(rated(DRIVERS, noise=1.25)).lower()


def test_an_item_coded_the_other_way_round_is_named():
    frame = rated(DRIVERS, noise=0.4)
    frame["price3"] = 8 - frame["price3"]
    assert "'price3' runs against the other items of price: reverse-coded?" in warnings_of(frame).split("\n")


def test_constructs_that_nobody_tells_apart_are_named():
    frame = rated(DRIVERS, noise=0.6)
    for item in (1, 2, 3):
        frame[f"tone{item}"] = frame[f"price{item}"].where(np.random.default_rng(item).random(600) < 0.8, 4)
    assert "constructs are not told apart" in warnings_of(frame).lower() and "price and tone" in warnings_of(frame)


def test_constructs_that_point_opposite_ways_are_not_told_apart_either():
    rng = np.random.default_rng(4)
    core = rng.normal(size=(400, 1))
    items = core * [1, 1, -1, -1] + 0.4 * rng.normal(size=(400, 4))
    frame = pd.DataFrame(items, columns=["a1", "a2", "b1", "b2"]).assign(y=core[:, 0] + rng.normal(size=400))
    said = warnings_of(frame, {"scales": {"a": ["a1", "a2"], "b": ["b1", "b2"]}, "drivers": {"y": ["a", "b"]}})
    assert "constructs are not told apart" in said.lower() and "a and b (-1." in said


def test_collinear_drivers_are_named_with_their_partner():
    frame = continuous([0.5, 0.3, 0.2], 400)
    frame["x2"] = frame["x0"] + 0.3 * np.random.default_rng(1).normal(size=400)
    said = warnings_of(frame, equation(3))
    assert "go together, x2 (VIF" in said and "with x0 (r = 0.9" in said and "x1" not in said


def test_few_rows_are_said():
    assert "25 rows for 3 drivers" in warnings_of(continuous([0.5, 0.2, 0.1], 25), equation(3))


def test_few_rows_in_all_are_said_whatever_the_number_of_drivers():
    assert "12 rows for y are few (under 30)" in warnings_of(continuous([0.9], 12), equation(1))
    assert "rows for y" not in warnings_of(continuous([0.9], 30), equation(1))


def test_a_rare_value_of_a_binary_outcome_is_said():
    frame = continuous([0.3, 0.3], 400)
    frame["y"] = (frame["y"] > frame["y"].nlargest(15).min()).astype(int)
    assert "the rarer value of y has 14 rows" in warnings_of(frame, equation(2, estimator="logit")).lower()


def test_a_large_loss_of_rows_is_said_with_the_construct_that_caused_it():
    frame = rated(DRIVERS, 400, noise=0.4)
    frame.loc[:119, "tone1"] = np.nan
    assert "120 of 400 rows (30 %) had a gap and are left out, most for tone (120)" in warnings_of(frame)


def test_a_ceiling_is_said():
    frame = rated(DRIVERS, noise=0.4)
    for item in (1, 2, 3):
        frame[f"satisfaction{item}"] = np.minimum(frame[f"satisfaction{item}"] + 3, 7)
    assert "give satisfaction the top answer" in warnings_of(frame)


def test_a_shared_mood_is_said_and_a_strong_common_cause_alone_is_not():
    assert "may share a mood" in warnings_of(rated(DRIVERS, noise=0.5, mood=3.0))
    assert "may share a mood" not in warnings_of(rated(DRIVERS, noise=0.5, together=0.6))


def test_a_shared_mood_is_said_even_where_noisy_items_hide_it():
    frame = rated(DRIVERS, 3000, noise=1.8, mood=0.5, together=0.95)
    said = warnings_of(frame)
    assert "may share a mood" in said and int(said.split("one factor carries ")[1].split(" %")[0]) < 40


@pytest.mark.parametrize("estimator", ["logit", "ordered_logit"])
def test_separation_is_named_and_no_number_is_invented(estimator):
    frame = continuous([0.5, 0.2], 200)
    frame["y"] = np.digitize(frame["x1"], [0.0] if estimator == "logit" else [-0.5, 0.5])
    study = study_survey(frame, equation(2, estimator=estimator), draws=100)
    assert "no finite coefficients: x1 separate" in "\n".join(study.warnings)
    assert study.coefficients[["estimate", "std_beta", "low", "p_value"]].isna().all().all()
    assert "no finite coefficients" in study.answer


def test_separation_by_two_drivers_together_is_found():
    frame = continuous([0.5, 0.2, 0.1], 200)
    frame["y"] = (frame["x0"] + frame["x1"] > 0).astype(int)
    said = warnings_of(frame, equation(3, estimator="logit"))
    assert "no finite coefficients: x0 and x1" in said


@pytest.mark.parametrize("estimator", ["logit", "ordered_logit"])
def test_a_rare_answer_that_always_goes_with_one_value_is_separation_too(estimator):
    frame = continuous([0.5, 0.2], 700).assign(rare=0)
    frame["y"] = np.digitize(frame["y"], [0.0] if estimator == "logit" else [-1.0, 0.0])
    frame.loc[frame.index[frame["y"] == frame["y"].max()][:30], "rare"] = 1
    fit = fit_drivers(frame, {"drivers": {"y": ["x0", "x1", "rare"]}, "estimator": estimator})
    assert "no finite coefficients: rare separates some of its values" in "\n".join(fit.warnings)
    assert fit.table[["estimate", "std_error", "p_value"]].isna().all().all()


def test_three_levels_separated_by_two_drivers_together_name_both():
    frame = continuous([0.5, 0.2, 0.1], 300)
    frame["y"] = np.digitize(frame["x0"] + frame["x1"], [-0.5, 0.5])
    assert "coefficients: x0 and x1 separate" in warnings_of(frame, equation(3, estimator="ordered_logit"))


def test_nearly_collinear_drivers_are_not_called_separation():
    frame = continuous([0.5], 400)
    frame["x1"] = frame["x0"] + 1e-5 * np.random.default_rng(1).normal(size=400)
    frame["y"] = (frame["y"] > 0).astype(int)
    said = warnings_of(frame, equation(2, estimator="logit"))
    assert "go together" in said and "no finite coefficients" not in said


def test_a_nine_after_a_scale_to_seven_is_asked_about_and_a_thin_top_is_not():
    frame = rated({"x0": 0.5}, 300)
    frame.loc[frame.index[:20], "x01"] = 9
    said = warnings_of(frame, asked(["x0"]))
    assert "'x01' holds 9 in 20 of 300 rows, far off its other answers (1 to 7)" in said
    visits = continuous([0.5], 300).assign(x0=np.r_[[1] * 150, [2] * 80, [3] * 40, [4] * 20, [5] * 8, 7, 9])
    assert "missing.codes" not in warnings_of(visits, equation(1))


def test_an_eight_and_a_nine_of_one_item_are_asked_about_where_all_others_end_at_seven():
    frame = rated(DRIVERS, noise=0.4)
    frame.loc[:19, "price2"], frame.loc[20:39, "price2"] = 8, 9
    said = warnings_of(frame)
    assert "'price2' holds 8 in 20" in said and "'price2' holds 9 in 20 of 600 rows" in said
    longer = rated(DRIVERS, noise=0.4) + 2
    assert "missing.codes" not in warnings_of(longer), "3 to 9 is a scale, too"


def test_a_code_in_many_columns_is_one_sentence_that_names_them_all():
    frame = rated(DRIVERS, noise=0.4)
    for item in ("speed1", "price2", "tone3"):
        frame.loc[:9, item] = -99
    frame.loc[10:19, "price2"] = 9
    model = asked(list(DRIVERS))
    (first, second) = fit_drivers(frame, model).warnings[:2]
    names = "'speed1' holds -99 in 10, 'price2' holds -99 in 10 and 'tone3' holds -99 in 10 of 600 rows"
    assert first.startswith(names)
    assert second.startswith("'price2' holds 9 in 10 of 600 rows, far off its other answers (1 to 7)")


def test_of_a_code_in_many_columns_the_answer_names_the_first():
    frame = rated(DRIVERS, noise=0.4)
    for column in range(8):
        frame.iloc[9 * column : 9 * column + 9, column] = -99
    study = study_survey(frame, asked(list(DRIVERS)), draws=100)
    assert "'speed1' holds -99 in 9 (7 more columns likewise) of 600 rows" in study.answer
    assert "'tone2' holds -99 in 9 of 600 rows" in study.warnings[0] and "likewise" not in study.warnings[0]


def test_an_eleven_beside_scales_that_end_at_ten_is_asked_about():
    frame = (rated(DRIVERS, 2000, noise=0.4) - 1) * 10 // 6
    frame.loc[:39, "price2"] = 11
    assert "'price2' holds 11 in 40 of 2000 rows, far off its other answers (0 to 10)" in warnings_of(frame)


def test_few_zeros_are_named_beside_many_others():
    frame = rated({"speed": 0.7, "price": 0.0}, 600, noise=0.6)
    frame.loc[:30, "price1"], frame.loc[40:42, "price2"] = 0, 0
    assert "'price1' is 0 in 31 and 'price2' is 0 in 3 of 600 rows" in warnings_of(frame, asked(["speed", "price"]))
    frame.loc[:30, "price1"] = 1
    assert "is 0 in" not in warnings_of(frame, asked(["speed", "price"])), "three may be slips"


@pytest.mark.parametrize("estimator", ["ols", "mixed", "corrected", "logit", "ordered_logit"])
def test_least_squares_of_two_values_are_told_what_they_are(estimator):
    frame = continuous([0.5, 0.2], 400).assign(shop=np.arange(400) % 20)
    frame["y"] = (frame["y"] > 0).astype(int)
    said = warnings_of(frame, equation(2, estimator=estimator, clusters="shop"))
    assert ("Y has two values, 0 and 1: coefficients are differences in the share" in said) == ("log" not in estimator)
    assert "counts as 1" not in said


def test_a_logit_of_one_and_two_says_which_counts():
    frame = continuous([0.5, 0.2], 400)
    frame["y"] = 2 - (frame["y"] > 0)
    assert "Y is 1 or 2: 2 counts as 1" in warnings_of(frame, equation(2, estimator="logit"))


def test_a_ceiling_of_levels_is_no_fault_of_an_ordered_logit():
    frame = continuous([0.5, 0.2], 400)
    frame["y"] = np.digitize(frame["y"], [-1, -0.5, -0.2])
    assert "top answer" in warnings_of(frame, equation(2))
    assert "top answer" not in warnings_of(frame, equation(2, estimator="ordered_logit"))


def test_structural_equations_of_ordered_items_know_two_values_and_ceilings():
    frame = rated(DRIVERS, noise=0.4).clip(upper=4)
    frame["bought"] = (frame["satisfaction1"] > 3).astype(int)
    model = asked(list(DRIVERS))
    model = {"scales": {name: model["scales"][name] for name in DRIVERS}, "drivers": {"bought": list(DRIVERS)}}
    said = warnings_of(frame, {**model, "estimator": "sem_mlr"})
    assert "Bought has two values" in said and "speed the top answer" in said
    said = warnings_of(frame, {**model, "estimator": "sem_wlsmv"})
    assert "two values" not in said and "top answer" not in said


def test_drivers_that_go_together_in_one_group_are_told_of_another_too():
    frame = continuous([0.5, 0.2, 0.1], 600, together=0.0).assign(shop=np.resize(["a", "b", "c", "d"], 600))
    for shop in ("a", "b"):
        here = frame["shop"] == shop
        frame.loc[here, "x1"] = frame["x0"] + 0.1 * frame["x1"]
    model = equation(3) | {"groups": "shop"}
    said = warnings_of(frame, model)
    assert "In group 'a', drivers of y go together" in said and "In group 'b', drivers of y go together" in said
    assert "\nDrivers of y go together" not in f"\n{said}" and "In group 'c'" not in said


def test_doubts_of_rare_answers_are_told_once_of_structure_and_measurement():
    frame = rated(DRIVERS, noise=0.4).clip(2, 6)
    frame.loc[:1, ["speed1", "tone1"]] = 1.0
    scales = asked(list(DRIVERS))["scales"] | {"tone": ["tone1"]}
    for more, times in (({"scales": scales}, 1), ({"drivers": {"satisfaction": ["speed", "price"]}}, 2)):
        said = study_survey(frame, asked(list(DRIVERS), estimator="sem_wlsmv") | more, draws=100).warnings
        assert sum("answers given by fewer than" in sentence for sentence in said) == times


def test_sound_scales_of_small_groups_are_not_called_reversed_or_poor():
    rng = np.random.default_rng(11)
    alarms = 0
    for _ in range(20):
        views = rng.normal(size=(132, 2))
        items = {f"{name}{j}": views[:, k] + 1.5 * rng.normal(size=132)
                 for k, name in enumerate("ab") for j in range(6)}  # fmt: skip
        frame = pd.DataFrame(items).assign(y=views.sum(axis=1), g=np.repeat([*"uvwxyz"], 22))
        scales = {name: [f"{name}{j}" for j in range(6)] for name in "ab"}
        fit = fit_drivers(frame, {"scales": scales, "drivers": {"y": ["a", "b"]}, "groups": "g"})
        alarms += sum("reverse-coded" in said or "is poor" in said for said in fit.warnings)
    assert alarms <= 3, "of 240 scales in groups"
