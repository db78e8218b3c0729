"""Gaps filled in several times: only with answers that were given, unbiased where listwise is not, honest in width."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import t

from tests.study.surveys import asked, continuous, equation, rated
from touchsim.errors import BadInput
from touchsim.study.drivers import fit_drivers
from touchsim.study.estimators import estimate
from touchsim.study.imputation import filled, nearest_of
from touchsim.study.penalties import penalty_reward
from touchsim.study.pooling import pooled_estimate
from touchsim.study.survey import study_survey

IMPUTED = {"how": "impute", "imputations": 5}


def with_gaps(frame: pd.DataFrame, column: str, share: float = 0.4, *, seed: int = 1) -> pd.DataFrame:
    """Leave a column open for some, more often where the outcome is high: at random given the outcome."""
    rank = frame["y"].rank(pct=True)
    gaps = np.random.default_rng(seed).random(len(frame)) < 2 * share * rank
    return frame.assign(**{column: frame[column].mask(gaps)})


def test_every_gap_takes_an_answer_that_somebody_gave_and_no_answer_is_touched():
    items = rated({"speed": 0.5, "price": 0.3}, 300).to_numpy(float)
    gaps = np.random.default_rng(1).random(items.shape) < 0.2
    whole = filled(np.where(gaps, np.nan, items), [1])
    assert (whole[~gaps] == items[~gaps]).all()
    for j in range(items.shape[1]):
        assert np.isin(whole[gaps[:, j], j], items[~gaps[:, j], j]).all()
    assert (whole == filled(np.where(gaps, np.nan, items), [1])).all(), "the same address, the same draws"
    assert (whole != filled(np.where(gaps, np.nan, items), [2])).any()


def test_imputation_finds_the_slopes_that_rows_without_gaps_do_not():
    imputed, listwise = [], []
    for seed in range(25):
        frame = with_gaps(continuous([0.6, 0.3], 500, seed=seed), "x0", seed=seed)
        listwise.append(fit_drivers(frame, equation(2)).table["estimate"].iloc[0])
        model = equation(2, missing=IMPUTED | {"seed": seed})
        imputed.append(fit_drivers(frame, model).table["estimate"].iloc[0])
    error = np.std(imputed, ddof=1) / 5
    assert abs(np.mean(imputed) - 0.6) < 3 * error + 0.02
    assert np.mean(listwise) < 0.6 - 0.05, "who is left is not a random sample of all"


def test_five_of_a_hundred_intervals_of_imputed_answers_miss_the_slope_that_made_the_data():
    hits = 0
    for seed in range(80):
        frame = with_gaps(continuous([0.6, 0.3], 200, seed=seed), "x0", 0.3, seed=seed)
        row = fit_drivers(frame, equation(2, missing=IMPUTED | {"seed": seed})).table.iloc[0]
        hits += row["low"] <= 0.6 <= row["high"]
    assert hits >= 68, "95 % of 80 are 76; 68 is at 0.1 %"


def test_pooling_is_the_formulas_of_rubin_and_barnard():
    rng = np.random.default_rng(1)
    parts = []
    for _ in range(4):
        x = rng.normal(size=(60, 1))
        parts.append(estimate("ols", 0.5 * x[:, 0] + rng.normal(size=60), x, ("x",)))
    pooled, fmi = pooled_estimate(parts)
    b, v = np.array([part.coefficients[0] for part in parts]), np.array([part.std_error[0] ** 2 for part in parts])
    total = v.mean() + 1.25 * b.var(ddof=1)
    share = 1.25 * b.var(ddof=1) / total
    df = 1 / (share**2 / 3 + 1 / (59 / 61 * 58 * (1 - share)))
    r = 1.25 * b.var(ddof=1) / v.mean()
    assert pooled.coefficients[0] == pytest.approx(b.mean()) and pooled.std_error[0] == pytest.approx(np.sqrt(total))
    assert pooled.df == pytest.approx(df) and fmi[0] == pytest.approx((r + 2 / (df + 3)) / (1 + r))


def test_missing_information_grows_with_the_gaps_and_much_of_it_is_said():
    frame = continuous([0.6, 0.3], 400)
    few, many = (fit_drivers(with_gaps(frame, "x0", share), equation(2, missing=IMPUTED)) for share in (0.05, 0.48))
    assert few.table["fmi"].iloc[0] < many.table["fmi"].iloc[0]
    assert few.table["std_error"].iloc[0] < many.table["std_error"].iloc[0]
    assert "respondents are imputed 5 times" in few.warnings[0] and "5 imputations" in few.summary["cov_type"].item()
    assert fit_drivers(frame, equation(2, missing=IMPUTED)).table.equals(fit_drivers(frame, equation(2)).table)


def test_a_study_of_imputed_items_keeps_every_row_and_has_shares_and_groups():
    frame = rated({"speed": 0.8, "price": 0.3}, 400).astype(float)
    gaps = np.random.default_rng(3).random(frame.shape) < 0.1
    frame = frame.mask(gaps).assign(kind=["a", "b"] * 200)
    blocks = {"one": ["speed"], "two": ["price"]}
    study = study_survey(frame, asked(["speed", "price"], groups="kind", blocks=blocks, missing=IMPUTED), draws=200)
    assert study.fit["n"].tolist() == [400, 200, 200] and study.answer.startswith("Among 400 answers, gaps imputed")
    shares = study.importance.query("method == 'lmg'").set_index("term")["share"]
    assert shares["speed"] > shares["price"] and shares[["speed", "price"]].sum() == pytest.approx(1)
    assert len(study.groups) == 3 and study.coefficients["fmi"].notna().all()
    whole = study_survey(rated({"speed": 0.8, "price": 0.3}, 400), asked(["speed", "price"]), draws=200)
    gap = study.coefficients.query("group == 'all'")["std_beta"].to_numpy() - whole.coefficients["std_beta"].to_numpy()
    assert np.abs(gap).max() < 0.06


def test_ordered_answers_can_be_imputed_too():
    frame = continuous([0.6, 0.3], 400)
    frame["y"] = np.digitize(frame["y"], [-1, 0, 1]).astype(float)
    frame.loc[:40, "y"], frame.loc[60:120, "x1"] = np.nan, np.nan
    study = study_survey(frame, equation(2, estimator="ordered_logit", missing=IMPUTED), draws=100)
    assert np.isfinite(study.coefficients["estimate"]).all()
    assert set(study.importance["method"]) == {"lmg_latent", "johnson_latent", "pratt_latent"}


def test_what_imputations_do_not_know_is_refused():
    for more in ({"interactions": ["x0", "x1"]}, {"estimator": "sem"}):
        with pytest.raises(BadInput, match="which the imputations do not know"):
            fit_drivers(continuous([0.5, 0.3]), equation(2, missing=IMPUTED, **more))


def test_donors_are_the_nearest_of_all_also_at_the_ends():
    rng = np.random.default_rng(3)
    for many in (5, 6, 40):
        offered = np.sort(rng.normal(size=many))
        wanted = np.concatenate([rng.normal(size=60), [-9.0, 9.0], offered[:2]])
        rank = rng.integers(0, 5, size=len(wanted))
        distance = np.abs(offered - wanted[:, None])
        nearest = np.argsort(distance, axis=1, kind="stable")[np.arange(len(wanted)), rank]
        assert nearest_of(offered, wanted, rank).tolist() == nearest.tolist()


def close_scales(seed: int, n: int, items: float, *, share: float, alone: bool = False) -> tuple[pd.DataFrame, dict]:
    """Scales that are hard to tell apart once errors are taken out, with gaps; `alone`: the outcome is one column."""
    rng = np.random.default_rng(seed)
    first = rng.normal(size=n)
    second = 0.85 * first + np.sqrt(1 - 0.85**2) * rng.normal(size=n)
    latent = {"a": first, "b": first if alone else second, "y": first if alone else first + second}
    frame = pd.DataFrame({f"{name}{k}": value + items * rng.normal(size=n)
                          for name, value in latent.items() for k in (1, 2, 3)})  # fmt: skip
    gaps = rng.random((n, 6)) < share
    frame.iloc[:, :6] = frame.iloc[:, :6].mask(gaps)
    return frame, {"scales": {name: [f"{name}{k}" for k in (1, 2, 3)] for name in latent},
                   "drivers": {"y": ["a", "b"]}, "estimator": "corrected"}  # fmt: skip


def test_what_is_doubted_in_some_imputations_is_told_with_their_number():
    frame, model = close_scales(505, 120, 0.8, share=0.15)
    fit = fit_drivers(frame, model | {"missing": {"how": "impute", "imputations": 10}})
    count = sum(part.estimates["y", "all"].r2 >= 1 for part in fit.imputed)
    assert 0 < count < 10 and fit.imputed[0].estimates["y", "all"].r2 < 1, "the first is silent"
    (said,) = (sentence for sentence in fit.warnings if "negative variance" in sentence)
    assert said.endswith(f"(in {count} of 10 imputations).") and said in fit.summary["warnings"].item()


def test_why_an_equation_has_no_pooled_estimate_is_told():
    for seed in range(20):
        frame, model = close_scales(seed, 70, 2.0, share=0.2, alone=True)
        fit = fit_drivers(frame, model | {"missing": IMPUTED})
        without = sum(not np.isfinite(part.table["estimate"]).all() for part in fit.imputed)
        if 0 < without < 5 and np.isfinite(fit.imputed[0].table["estimate"]).all():
            break
    assert fit.table["estimate"].isna().all() and fit.estimates["y", "all"].doubts[0]().startswith("no pooled estimate")
    said = " ".join(fit.warnings)
    assert f"Y: no pooled estimate: no finite coefficients in {without} of 5 imputations." in said
    assert f"HTMT near 1 (in {without} of 5 imputations)." in said and "no pooled" in fit.summary["warnings"].item()


def test_an_equation_that_some_imputations_cannot_estimate_is_left_out_and_told():
    frame = continuous([0.8, 0.3], 212)
    frame["y"] = (frame["y"] > 0).astype(float)
    frame["kind"] = ["a"] * 200 + ["b"] * 12
    frame.loc[200:, "y"] = 1.0
    frame.loc[200:203, "y"], frame.loc[200:203, "x0"] = np.nan, -0.6
    fit = fit_drivers(frame, equation(2, estimator="logit", groups="kind", missing=IMPUTED))
    missing = sum(("y", "b") not in part.estimates for part in fit.imputed)
    assert 0 < missing < 5 and ("y", "b") not in fit.estimates and "b" not in set(fit.table["group"])
    (said,) = (sentence for sentence in fit.warnings if "is not estimated in group 'b'" in sentence)
    assert said.endswith(f"(in {missing} of 5 imputations, so there is no pooled estimate).")
    row = fit.summary.set_index("group").loc["b"]
    assert np.isnan(row["r2"]) and row["cov_type"] == "" and said in row["warnings"]


def test_tests_of_parallel_slopes_are_those_of_the_first_imputation_and_vif_is_that_of_all():
    frame = continuous([1.0, 0.3], 900)
    steep = np.where(frame["y"] > 0, frame["x0"] - frame["x1"], -frame["x0"])
    frame["y"] = np.digitize(frame["y"] + steep, [-1, 0, 1]).astype(float)
    frame.loc[:150, "x1"] = np.nan
    fit = fit_drivers(frame, equation(2, estimator="ordered_logit", missing=IMPUTED))
    (said,) = (sentence for sentence in fit.warnings if "Brant test" in sentence)
    assert said.endswith("(in the first of 5 imputations; the others are not tested).")
    vif = np.mean([part.table["vif"] for part in fit.imputed], axis=0)
    assert fit.table["vif"].tolist() == pytest.approx(vif) and vif[0] != fit.imputed[0].table["vif"].iloc[0]


def answers_with_gaps(n: int = 300, share: float = 0.25) -> tuple[pd.DataFrame, dict]:
    """Rated items with gaps at random, and their model."""
    frame = rated({"speed": 0.8, "price": 0.3}, n).astype(float)
    gaps = np.random.default_rng(3).random(frame.shape) < share
    return frame.mask(gaps), asked(["speed", "price"], missing=IMPUTED)


def test_reliabilities_in_warnings_are_those_of_the_tables_means_of_all_imputations():
    frame = rated({"speed": 0.8, "price": 0.3}, 200, noise=1.2, seed=3, together=0.9).astype(float)
    frame = frame.mask(np.random.default_rng(3).random(frame.shape) < 0.25)
    fit = fit_drivers(frame, asked(["speed", "price"], missing=IMPUTED))
    means = fit.scales.set_index("construct")["alpha"]
    first = fit.imputed[0].scales.set_index("construct")["alpha"]
    assert means["speed"] < 0.7 < first["speed"] and means["price"] < 0.6 < first["price"], "the first judges otherwise"
    told = " ".join(fit.warnings)
    for name, much in (("speed", "weak"), ("price", "poor"), ("satisfaction", "weak")):
        assert f"eliability of {name} is {much} (alpha {means[name]:.2f})" in told
    close = fit.htmt[fit.htmt["htmt"] > 0.85]
    assert len(close) == 2 and all(f"({value:.2f})" in told for value in close["htmt"])
    rows = fit.summary["warnings"].item()
    assert f"speed is weak (alpha {means['speed']:.2f})" in rows


def test_performance_is_the_mean_of_all_imputations_with_the_interval_of_rubin():
    frame, model = answers_with_gaps()
    study = study_survey(frame, model, draws=100)
    parts = [part.answers.scores["speed"] for part in study.regressions.imputed]
    means, within = np.array([part.mean() for part in parts]), np.mean([part.var() / 300 for part in parts])
    row = study.performance.set_index("term").loc["speed"]
    total = within + 1.2 * means.var(ddof=1)
    share = 1.2 * means.var(ddof=1) / total
    df = 1 / (share**2 / 4 + 1 / (300 / 302 * 299 * (1 - share)))
    assert row["performance"] == pytest.approx(means.mean()) and means.std() > 0.005
    assert (row["performance_high"] - row["performance_low"]) / 2 == pytest.approx(t.ppf(0.975, df) * np.sqrt(total))


def test_items_and_factors_of_an_imputed_study_are_those_that_were_answered():
    frame, model = answers_with_gaps()
    study = study_survey(frame, model, draws=100)
    items = study.items.set_index("item")
    assert items["n"].to_dict() == frame.notna().sum().to_dict()
    assert items["mean"].tolist() == pytest.approx(frame.mean()) and items["sd"].tolist() == pytest.approx(frame.std())
    scale = frame[["speed1", "speed2", "speed3"]].dropna()
    rest = np.corrcoef(scale["speed1"], scale["speed2"] + scale["speed3"])[0, 1]
    assert items.loc["speed1", "item_rest"] == pytest.approx(rest)
    complete = len(frame.dropna())
    listwise = study_survey(frame, model | {"missing": {"how": "listwise"}}, draws=100)
    assert 0 < complete < 60 and study.exploratory.n == complete
    assert study.exploratory.table.equals(listwise.exploratory.table)
    said = f"Exploratory factors are of the {complete} of 300 respondents who answered every item"
    assert said in " ".join(study.warnings) and said not in " ".join(listwise.warnings)


def test_a_study_without_complete_rows_says_that_it_has_no_factors():
    frame, model = answers_with_gaps()
    for row in range(300):
        frame.iloc[row, row % 9] = np.nan
    study = study_survey(frame, model, draws=100)
    assert study.exploratory is None and "There are no exploratory factors: nothing is" in " ".join(study.warnings)
    assert np.isfinite(study.coefficients["estimate"]).all() and study.items["item_rest"].notna().all()


def test_penalties_and_rewards_of_imputed_answers_are_refused():
    frame, model = answers_with_gaps()
    with pytest.raises(BadInput, match="missing.how: penalties and rewards need complete rows: must be listwise"):
        penalty_reward(frame, model)
    whole, _ = answers_with_gaps(share=0.0)
    assert len(penalty_reward(whole, model).table) == 2
