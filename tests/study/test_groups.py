"""Groups, interactions and many tests: against one regression with all interactions, and against repeated surveys."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from statsmodels.stats.multitest import multipletests

from tests.study.surveys import continuous, equation
from touchsim.errors import BadInput
from touchsim.study.adjustment import benjamini_hochberg, holm
from touchsim.study.drivers import fit_drivers
from touchsim.study.groups import group_cautions, group_table
from touchsim.study.survey import study_survey


def in_groups(slopes: dict[str, list[float]], n: int = 200, *, seed: int = 1) -> pd.DataFrame:
    """Answers of groups with slopes of their own."""
    return pd.concat([continuous(b, n, seed=seed + place).assign(kind=name) for place, (name, b) in
                      enumerate(slopes.items())], ignore_index=True)  # fmt: skip


def compared(frame: pd.DataFrame, **more: object) -> pd.DataFrame:
    """Rows of groups.csv."""
    return group_table(fit_drivers(frame, equation(2, groups="kind", **more)))


def test_the_test_of_equal_slopes_is_that_of_all_interactions_with_the_group_in_one_regression():
    frame = in_groups({"a": [0.5, 0.2], "b": [0.9, 0.2], "c": [0.5, 0.0]})
    dummies = [np.asarray(frame["kind"] == name, dtype=float) for name in "abc"]
    x = frame[["x0", "x1"]].to_numpy()
    design = np.column_stack([*dummies, *(dummy[:, None] * x for dummy in dummies)])
    whole = sm.OLS(frame["y"].to_numpy(), design).fit(cov_type="HC3", use_t=True)
    equal = np.zeros((4, 9))
    for row, (j, other) in enumerate(((0, 5), (1, 6), (0, 7), (1, 8))):
        equal[row, 3 + j], equal[row, other] = 1, -1
    one = compared(frame).iloc[0]
    other = whole.f_test(equal)
    assert one["statistic"] == pytest.approx(float(np.squeeze(other.fvalue)), rel=1e-9)
    assert (one["df_num"], one["df_den"]) == (4, 591) == (other.df_num, other.df_denom)
    assert one["p_value"] == pytest.approx(float(other.pvalue), rel=1e-9)


def test_rows_are_all_drivers_then_each_driver_then_each_pair():
    table = compared(in_groups({"a": [0.5, 0.2], "b": [0.9, 0.2], "c": [0.5, 0.0]}))
    assert table["term"].tolist() == ["all", "x0", "x1"] + ["x0", "x1"] * 3
    assert table["first"].tolist() == [""] * 3 + ["a", "a", "a", "a", "b", "b"]
    two = compared(in_groups({"a": [0.5, 0.2], "b": [0.9, 0.2]}))
    assert two["term"].tolist() == ["all", "x0", "x1"] and two["first"].tolist() == ["", "a", "a"]


def test_a_difference_is_that_of_the_coefficients_with_the_errors_of_both():
    frame = in_groups({"a": [0.5, 0.2], "b": [0.9, 0.2]})
    fit = fit_drivers(frame, equation(2, groups="kind"))
    parts = fit.table.set_index(["group", "term"])
    row = group_table(fit).iloc[1]
    a, b = parts.loc[("a", "x0")], parts.loc[("b", "x0")]
    assert row["difference"] == pytest.approx(a["estimate"] - b["estimate"])
    assert row["std_error"] == pytest.approx(np.hypot(a["std_error"], b["std_error"]))
    assert row["low"] < row["difference"] < row["high"] and 197 < row["df_den"] < 394


def test_equal_slopes_are_called_different_about_as_often_as_the_test_says_however_unequal_the_scatter():
    false = 0
    for seed in range(200):
        frame = in_groups({"a": [0.5, 0.2], "b": [0.5, 0.2]}, 80, seed=1000 + 2 * seed)
        noise = np.random.default_rng(seed).normal(size=160)
        frame["y"] += np.where(frame["kind"] == "a", 3.0, 0.0) * noise
        frame = frame.drop(frame.index[100:150])  # the group with little scatter is small, where Chow's own test fails
        false += compared(frame)["p_value"].iloc[0] < 0.05
    assert 2 <= false <= 21, "10 of 200 expected"


def test_groups_that_share_clusters_are_compared_by_leaving_out_each_cluster_in_all_groups():
    rng = np.random.default_rng(2)
    frame = in_groups({"a": [0.5, 0.2], "b": [0.7, 0.2]}, 240)
    shop = np.tile(np.repeat(np.arange(12), 20), 2)
    frame["y"] += rng.normal(size=12)[shop] * frame["x0"]
    frame["shop"] = [f"s{one}" for one in shop]
    row = compared(frame, clusters="shop").iloc[1]
    gaps = []
    for one in range(12):
        left = fit_drivers(frame[shop != one], equation(2, groups="kind")).table.set_index(["group", "term"])
        gaps.append(left.loc[("a", "x0"), "estimate"] - left.loc[("b", "x0"), "estimate"])
    expected = np.sqrt(11 / 12 * ((np.array(gaps) - row["difference"]) ** 2).sum())
    assert row["std_error"] == pytest.approx(expected, rel=1e-8) and row["df_den"] == 11
    alone = fit_drivers(frame, equation(2, groups="kind", clusters="shop")).table.set_index(["group", "term"])
    apart = np.hypot(alone.loc[("a", "x0"), "std_error"], alone.loc[("b", "x0"), "std_error"])
    assert row["std_error"] < 0.7 * apart, "what a shop does to both groups does not count"


def in_shops(shops: dict[str, list[int]], *, seed: int = 2) -> pd.DataFrame:
    """Answers of two items for each name, of groups in these shops; each shop with a slope of its own."""
    rng, parts = np.random.default_rng(seed), []
    for kind, numbers in shops.items():
        for number in numbers:
            part = continuous([0.6 + 0.3 * np.sin(9 * number), 0.2], 40, seed=100 * seed + number + len(kind))
            parts.append(part.assign(kind=kind, shop=f"s{number}"))
    frame = pd.concat(parts, ignore_index=True)
    n, names = len(frame), ("x0", "x1", "y")
    items = {f"{name}_{j}": frame[name] + 0.4 * rng.normal(size=n) for name in names for j in (1, 2)}
    return frame.assign(**items)


def of_items(estimator: str, **more: object) -> dict:
    return {"scales": {name: [f"{name}_1", f"{name}_2"] for name in ("x0", "x1", "y")}, "estimator": estimator,
            "drivers": {"y": ["x0", "x1"]}, "groups": "kind", "clusters": "shop", **more}  # fmt: skip


@pytest.mark.parametrize("estimator", ["ols", "ordered_logit", "corrected", "sem"])
def test_groups_that_are_clusters_are_not_compared_and_that_is_said(estimator):
    frame = in_shops({"a": [1], "bb": [2], "ccc": [3]})
    frame[["y_1", "y_2"]] = np.round(frame[["y_1", "y_2"]])
    latent = estimator in ("corrected", "sem")
    model = of_items(estimator) if latent else equation(2, estimator=estimator, groups="kind")
    if estimator == "ordered_logit":
        frame["y"] = np.digitize(frame["y"], [-0.5, 0.5])
    study = study_survey(frame, model | {"clusters": "kind"}, draws=100)
    assert study.groups.empty and "groups" not in study.tables()
    said = "Coefficients of a, bb, ccc are compared with those of no other group: all rows there are of one kind"
    assert sum(sentence.startswith(said) for sentence in study.warnings) == 1


def test_only_the_group_of_one_cluster_is_left_out_and_one_shop_for_all_is_no_cluster():
    frame = in_shops({"a": [1], "bb": [2, 3, 4, 5], "ccc": [6, 7, 8, 9, 10]})
    fit = fit_drivers(frame, equation(2, groups="kind", clusters="shop"))
    table = group_table(fit)
    assert {*table["first"], *table["second"]} == {"", "bb", "ccc"} and np.isfinite(table["p_value"]).all()
    assert [caution.sentence.split(" are ")[0] for caution in group_cautions(fit)] == ["coefficients of a"]
    alone = frame.assign(shop="s1")
    assert compared(alone, clusters="shop").equals(compared(alone)), "as its coefficients: HC3"


def test_corrected_slopes_of_groups_that_share_clusters_are_compared_without_each_cluster():
    frame = in_shops({"a": list(range(12)), "bb": list(range(12))})
    row = group_table(fit_drivers(frame, of_items("corrected"))).iloc[1]
    gaps = []
    for shop in frame["shop"].unique():
        left = fit_drivers(frame[frame["shop"] != shop], of_items("corrected", clusters=None))
        left = left.table.set_index(["group", "term"])["estimate"]
        gaps.append(left["a", "x0"] - left["bb", "x0"])
    expected = np.sqrt(11 / 12 * ((np.array(gaps) - row["difference"]) ** 2).sum())
    assert row["std_error"] == pytest.approx(expected, rel=0.02), "the drift is that of all rows"


@pytest.mark.parametrize(("estimator", "why"), [
    ("sem", "are not compared between groups: rows of the same Shop are in more than one of them"),
    ("ols", "are not compared between groups, which share rows of the same Shop: without one of these there is no"),
])  # fmt: skip
def test_a_comparison_that_cannot_be_is_never_left_out_silently(estimator, why):
    frame = in_shops({"a": list(range(8)), "bb": list(range(8))})
    frame["x1"] = np.where(frame["shop"] == "s3", frame["x1"], 0.0)
    model = of_items("sem") if estimator == "sem" else equation(2, groups="kind", clusters="shop")
    study = study_survey(frame, model, draws=100)
    assert study.groups.empty and sum(why.lower() in sentence.lower() for sentence in study.warnings) == 1


def test_a_study_says_whether_groups_differ_and_for_which_driver():
    differing = study_survey(in_groups({"a": [0.3, 0.2], "b": [1.2, 0.2]}), equation(2, groups="kind"), draws=100)
    assert "count differently in the groups (all slopes at once: p < .001); after Holm's" in differing.text
    assert "this is shown of x0.\n" in differing.text and differing.tables()["groups"] is differing.groups
    same = study_survey(in_groups({"a": [0.5, 0.2], "b": [0.5, 0.2]}, 100), equation(2, groups="kind"), draws=100)
    assert "is not shown (all slopes at once: p = " in same.text
    alone = study_survey(continuous([0.5, 0.2]), equation(2), draws=100)
    assert "groups" not in alone.tables() and "in the groups" not in alone.text


def test_logits_of_groups_are_compared_with_the_doubt_that_their_units_differ():
    frame = in_groups({"a": [0.5, 0.2], "b": [0.9, 0.2]})
    frame["y"] = (frame["y"] > 0).astype(int)
    study = study_survey(frame, equation(2, groups="kind", estimator="logit"), draws=100)
    assert "Allison 1999" in " ".join(study.warnings) and np.isnan(study.groups["df_den"]).all()


@pytest.mark.parametrize(("adjust", "name"), [(holm, "holm"), (benjamini_hochberg, "fdr_bh")])
def test_adjusted_p_values_are_those_of_statsmodels(adjust, name):
    p = np.random.default_rng(1).uniform(size=20) ** 3
    assert adjust(p) == pytest.approx(multipletests(p, method=name)[1], rel=1e-12)


def test_p_values_are_adjusted_over_all_drivers_of_all_outcomes_of_a_group():
    frame = in_groups({"a": [0.15, 0.1], "b": [0.1, 0.0]})
    frame["z"] = 0.1 * frame["y"] + np.random.default_rng(1).normal(size=400)
    model = {"drivers": {"y": ["x0", "x1"], "z": ["y"]}, "groups": "kind"}
    table = fit_drivers(frame, model).table
    for _, rows in table.groupby("group"):
        assert rows["p_holm"].tolist() == pytest.approx(holm(rows["p_value"].to_numpy()))
        assert rows["p_bh"].tolist() == pytest.approx(benjamini_hochberg(rows["p_value"].to_numpy()))
    assert list(table)[-3:] == ["p_holm", "p_bh", "fmi"]


def test_an_interaction_is_the_centred_product_and_leaves_the_slopes_at_the_mean():
    frame = continuous([0.5, 0.3], 2000) + 3
    frame["y"] += 0.4 * (frame["x0"] - 3) * (frame["x1"] - 3)
    fit = fit_drivers(frame, equation(2, interactions=["x0", "x1"]))
    assert fit.table["term"].tolist() == ["x0", "x1", "x0*x1"]
    assert fit.table["estimate"].tolist() == pytest.approx([0.5, 0.3, 0.4], abs=0.08)
    product = (frame["x0"] - frame["x0"].mean()) * (frame["x1"] - frame["x1"].mean())
    by_hand = fit_drivers(frame.assign(both=product), {"drivers": {"y": ["x0", "x1", "both"]}})
    assert fit.table["estimate"].tolist() == pytest.approx(by_hand.table["estimate"], rel=1e-9)
    assert "x0 × x1 0." in fit.text
    study = study_survey(frame, equation(2, interactions=[["x0", "x1"]], blocks={"one": ["x0"]}), draws=100)
    assert study.importance.query("method == 'lmg'")["term"].tolist() == ["x0", "x1", "x0*x1", "block:one"]


@pytest.mark.parametrize(
    ("asked", "law"),
    [
        ({"interactions": [["x0", "x9"]]}, "'x9' drives no outcome"),
        ({"interactions": [["x0", "x0"]]}, "must be two different drivers"),
        ({"interactions": [["x0", "x1"], ["x1", "x0"]]}, "a pair stands once"),
        ({"interactions": [["x0", "x1"]], "estimator": "sem"}, "cannot be had with estimator: sem"),
        ({"drivers": {"y": ["x0"], "z": ["x1"]}, "interactions": ["x0", "x1"]}, "are in no equation together"),
    ],
)
def test_an_interaction_that_cannot_be_is_refused(asked, law):
    with pytest.raises(BadInput, match=law):
        fit_drivers(continuous([0.5, 0.3]), equation(2) | asked)


def test_a_group_called_all_is_not_everyone():
    frame = continuous([0.5, 0.2], 300)
    frame["kind"] = np.where(np.arange(300) < 120, "all", "some")
    fit = fit_drivers(frame, equation(2, groups="kind"))
    assert fit.summary[["group", "n"]].to_numpy().tolist() == [["all", 300], ["all (kind)", 120], ["some", 180]]
    assert "'kind': its value 'all' is called 'all (kind)' here." in fit.warnings


def test_rows_without_a_group_are_counted_and_spaces_around_a_group_are_none():
    frame = continuous([0.5, 0.2], 300)
    frame["kind"] = np.resize(["a", "a ", " b", None, "  "], 300)
    fit = fit_drivers(frame, equation(2, groups="kind"))
    assert fit.summary[["group", "n"]].to_numpy().tolist() == [["all", 300], ["a", 120], ["b", 60]]
    assert "120 of 300 rows say no 'kind': they count among everyone and in no group." in fit.warnings
