"""Probit, median and random intercepts: against statsmodels, against what made the data, and where they must doubt."""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings, strategies as st
from scipy import stats
from scipy.optimize import linprog

from tests.study.surveys import continuous, equation
from touchsim.errors import BadInput
from touchsim.study.drivers import fit_drivers
from touchsim.study.estimators import estimate
from touchsim.study.importance import relative_importance
from touchsim.study.median import median_line, median_ranges
from touchsim.study.noise import LOGISTIC, NORMAL
from touchsim.study.ordered import likelihood_parts
from touchsim.study.parallel import slopes_by_threshold


def shops(many: int = 40, n: int = 15, *, level: float = 0.8, seed: int = 1) -> pd.DataFrame:
    """Answers from shops that differ in level by a normal draw of SD `level`."""
    frame = continuous([0.5, 0.2], many * n, seed=seed)
    shop = np.repeat(np.arange(many), n)
    frame["y"] += level * np.random.default_rng(seed + 1).normal(size=many)[shop]
    return frame.assign(shop=[f"s{one}" for one in shop])


def test_probit_is_that_of_statsmodels():
    frame = continuous([0.6, 0.2, 0.0], 400)
    frame["y"] = (frame["y"] > 0.3).astype(int)
    fit = fit_drivers(frame, equation(3, estimator="probit"))
    other = fit.results["y"]
    assert fit.table["estimate"].tolist() == pytest.approx(other.params.iloc[1:], rel=1e-6)
    assert fit.table["std_error"].tolist() == pytest.approx(other.bse.iloc[1:], rel=1e-6)
    assert fit.summary["r2"].item() == pytest.approx(other.prsquared, rel=1e-6)


def test_ordered_probit_is_that_of_statsmodels_in_any_units():
    frame = continuous([0.6, 0.2, 0.0], 400)
    frame = frame.assign(y=np.digitize(frame["y"], [-1, 0, 0.5, 2]), x0=1000 * frame["x0"] + 5000)
    fit = fit_drivers(frame, equation(3, estimator="ordered_probit"))
    other = fit.results["y"]
    assert fit.table["estimate"].tolist() == pytest.approx(other.params[:3], rel=1e-5)
    assert fit.table["std_error"].tolist() == pytest.approx(other.bse[:3], rel=1e-3)
    assert fit.summary["r2"].item() == pytest.approx(other.prsquared, rel=1e-6)


def test_derivatives_of_the_normal_likelihood_are_those_of_small_steps():
    rng = np.random.default_rng(2)
    x, levels = rng.normal(size=(80, 2)), np.repeat(np.arange(4), 20)
    at = np.array([0.4, -0.2, -1.0, 0.1, 1.2])

    def parts(point):
        return likelihood_parts(levels, x, point[:2], point[2:], NORMAL)

    _, scores, information = parts(at)
    for j, step in enumerate(1e-5 * np.eye(5)):
        assert scores[:, j].sum() == pytest.approx((parts(at + step)[0] - parts(at - step)[0]) / 2e-5, abs=1e-6)
        bend = (parts(at + step)[1] - parts(at - step)[1]).sum(axis=0) / 2e-5
        assert -information[j] == pytest.approx(bend, abs=1e-5)


def test_a_standardised_probit_coefficient_is_that_of_the_latent_answer_and_nearly_that_of_the_logit():
    frame = continuous([0.8, 0.4], 3000)
    squares = fit_drivers(frame, equation(2)).table["std_beta"]
    frame["y"] = np.digitize(frame["y"], [-1, 0, 1])
    probit = fit_drivers(frame, equation(2, estimator="ordered_probit"))
    logit = fit_drivers(frame, equation(2, estimator="ordered_logit"))
    assert probit.table["std_beta"].tolist() == pytest.approx(squares, abs=0.03), "normal noise of variance 1"
    assert (logit.table["estimate"] / probit.table["estimate"]).between(1.5, 2.0).all()
    shares = [relative_importance(fit, draws=100).table.query("method == 'lmg_latent'")["share"].to_numpy()
              for fit in (probit, logit)]  # fmt: skip
    assert shares[0] == pytest.approx(shares[1], abs=0.02)


def test_small_shares_far_out_keep_their_digits():
    for noise, law in ((NORMAL, stats.norm), (LOGISTIC, stats.logistic)):
        bounds = np.array([-3.0, 0.5, 4.0])
        assert noise.below(bounds) == pytest.approx(law.cdf(bounds), rel=1e-12)
        assert noise.bound(noise.below(bounds)) == pytest.approx(bounds, rel=1e-8)
    assert NORMAL.between(np.array([8.0]), np.array([9.0])).item() == pytest.approx(stats.norm.sf(8), rel=1e-3)


@pytest.mark.parametrize("estimator", ["probit", "ordered_probit"])
def test_separation_is_named_for_probits_and_no_number_is_invented(estimator):
    frame = continuous([0.5, 0.2], 200)
    frame["y"] = np.digitize(frame["x1"], [0.0] if estimator == "probit" else [-0.5, 0.5])
    fit = fit_drivers(frame, equation(2, estimator=estimator))
    assert "no finite coefficients: x1 separate" in "\n".join(fit.warnings)
    assert fit.table[["estimate", "std_beta", "low", "p_value"]].isna().all().all()


def test_parallel_slopes_of_a_probit_are_doubted_about_as_often_as_the_test_says_and_where_they_differ():
    rng = np.random.default_rng(4)
    chances = []
    for _ in range(100):
        x = rng.normal(size=(300, 2))
        levels = np.digitize(x @ [0.8, 0.4] + rng.normal(size=300), [-1, 1])
        chances.append(slopes_by_threshold(levels.astype(float), x, NORMAL).p_value[0])
    assert 0 <= np.sum(np.array(chances) < 0.05) <= 14, "5 of 100 expected"
    x = rng.normal(size=1500)
    low = x * 2 + rng.normal(size=1500) > -1
    frame = pd.DataFrame({"x0": x, "y": low.astype(int) + (low & (rng.random(1500) < 0.4))})
    fit = fit_drivers(frame, equation(1, estimator="ordered_probit"))
    assert any("parallel slopes are in doubt" in sentence for sentence in fit.warnings)


def test_a_median_line_has_half_of_the_answers_above_it_and_no_line_is_nearer():
    frame = continuous([0.6, 0.2], 301)
    fit = fit_drivers(frame, equation(2, estimator="quantile"))
    b, other = fit.table["estimate"].to_numpy(), fit.results["y"]
    assert b == pytest.approx(other.params.iloc[1:], abs=1e-4), "statsmodels comes near the exact line"
    x, y = frame[["x0", "x1"]].to_numpy(), frame["y"].to_numpy()
    rest = y - x @ b
    rest -= np.median(rest)
    assert np.abs(rest).sum() <= np.abs(other.resid).sum() + 1e-9
    assert (np.abs(rest) < 1e-9).sum() == 3, "as many answers lie on it as it has coefficients"
    assert fit.summary["r2"].item() == pytest.approx(other.prsquared, abs=1e-6)


@settings(max_examples=60, deadline=None)
@given(n=st.integers(6, 14), p=st.integers(1, 3), seed=st.integers(0, 10**6))
def test_ends_of_the_coefficients_of_a_median_are_those_of_the_linear_programme_over_all_nearest_lines(n, p, seed):
    rng = np.random.default_rng(seed)
    design = np.column_stack([np.ones(n), rng.integers(0, 3, (n, p))]).astype(float)
    y = rng.integers(0, 5, n).astype(float)
    assume(np.linalg.matrix_rank(design) == p + 1)
    line, side = median_line(y, design)
    least = np.abs(y - design @ line).sum()
    split, cost = np.hstack([design, np.eye(n), -np.eye(n)]), np.concatenate([np.zeros(p + 1), np.ones(2 * n)])
    ends = []
    for j, sign in product(range(p + 1), (1, -1)):
        aim = np.zeros(len(cost))
        aim[j] = sign
        found = linprog(aim, A_eq=split, b_eq=y, A_ub=cost[None], b_ub=[least + 1e-9], method="highs",
                        bounds=[(None, None)] * (p + 1) + [(0, None)] * 2 * n)  # fmt: skip
        ends.append(found.fun * sign)
    assert median_ranges(y, design, line, side).ravel() == pytest.approx(ends, abs=1e-6)


def test_a_median_with_many_lines_says_from_where_to_where_and_one_with_one_line_says_nothing():
    frame = pd.DataFrame({"x0": [0.0] * 4 + [1.0] * 4, "y": [1.0, 2, 4, 9, 3, 5, 8, 12]})
    fit = fit_drivers(frame, equation(1, estimator="quantile"))
    (said,) = (sentence for sentence in fit.warnings if "equally well" in sentence)
    unit = frame["x0"].std() / frame["y"].std()
    assert f"x0 from {1 * unit:.2f} to {6 * unit:.2f} SD per SD" in said, "medians 2..4 and 5..8, and so 5 - 4 to 8 - 2"
    alone = fit_drivers(continuous([0.6, 0.2], 301), equation(2, estimator="quantile"))
    assert not any("equally well" in sentence for sentence in alone.warnings)


def test_errors_of_a_median_are_the_scatter_of_repeated_surveys_where_scatter_of_answers_grows():
    fits = []
    for seed in range(150):
        rng = np.random.default_rng(seed)
        x = rng.normal(size=(400, 2))
        y = x @ [1.0, 0.3] + rng.normal(size=400) * np.exp(0.5 * x[:, 0])
        fits.append(estimate("quantile", y, x, ("a", "b")))
    scatter = np.std([fit.coefficients for fit in fits], axis=0)
    assert np.mean([fit.std_error for fit in fits], axis=0) == pytest.approx(scatter, rel=0.2)
    reach = np.mean([fit.std_high - fit.std_low for fit in fits], axis=0) / 2 / 1.966
    assert reach == pytest.approx(np.std([fit.std_beta for fit in fits], axis=0), rel=0.2)


def test_a_median_of_few_values_is_doubted_and_its_shares_are_said_to_be_those_of_means():
    frame = continuous([0.6, 0.2], 300)
    frame["y"] = np.clip(np.round(frame["y"]), -2, 2)
    said = " ".join(fit_drivers(frame, equation(2, estimator="quantile")).warnings)
    assert "take 5 values, so its median moves in steps" in said and "of the mean, not of the median" in said


def test_errors_of_a_median_grow_where_rows_of_a_shop_hang_together():
    frame = shops(30, 20)
    frame["x0"] += np.repeat(np.random.default_rng(5).normal(size=30), 20)
    plain, by_shop = (fit_drivers(frame, equation(2, estimator="quantile", clusters=clusters))
                      for clusters in (None, "shop"))  # fmt: skip
    assert by_shop.summary["cov_type"].item() == "CR1 by shop"
    assert by_shop.table["std_error"].iloc[0] > 1.4 * plain.table["std_error"].iloc[0]
    assert by_shop.table["estimate"].equals(plain.table["estimate"])


def test_random_intercepts_are_those_of_statsmodels():
    fit = fit_drivers(shops(), equation(2, estimator="mixed", clusters="shop"))
    other = fit.results["y"]
    assert fit.table["estimate"].tolist() == pytest.approx(other.params.iloc[1:3], rel=1e-4)
    assert fit.table["std_error"].tolist() == pytest.approx(other.bse.iloc[1:3], rel=2e-3), "its search stops early"
    row = fit.summary.iloc[0]
    between = float(other.cov_re.iloc[0, 0])
    assert row["icc"] == pytest.approx(between / (between + other.scale), rel=1e-3) and row["cov_type"] == "REML"
    assert "clusters left aside" in row["warnings"]


def test_random_intercepts_find_the_slope_inside_shops_that_levels_hide():
    hits = 0
    for seed in range(60):
        frame = shops(20, 15, level=2.0, seed=seed)
        row = fit_drivers(frame, equation(2, estimator="mixed", clusters="shop")).table.iloc[0]
        hits += row["low"] <= 0.5 <= row["high"]
    assert hits >= 51, "95 % of 60 are 57; 51 is at 0.1 %"


def test_shops_that_do_not_differ_give_least_squares_and_say_so():
    frame = continuous([0.5, 0.2], 200).assign(shop=list("abcdefghij") * 20)
    frame["y"] -= frame.groupby("shop")["y"].transform("mean")
    fit = fit_drivers(frame, equation(2, estimator="mixed", clusters="shop"))
    assert fit.summary["icc"].item() == 0 and "variance between clusters is at zero" in " ".join(fit.warnings)
    squares = fit_drivers(frame, equation(2)).table["estimate"]
    assert fit.table["estimate"].tolist() == pytest.approx(squares, rel=1e-9)


def test_few_clusters_of_a_mixed_model_are_said():
    said = " ".join(fit_drivers(shops(4, 30), equation(2, estimator="mixed", clusters="shop")).warnings)
    assert "rests on 4 clusters" in said


def test_a_mixed_model_without_clusters_or_with_one_row_in_each_is_refused():
    with pytest.raises(BadInput, match="clusters: is needed by estimator: mixed"):
        fit_drivers(continuous([0.5]), equation(1, estimator="mixed"))
    frame = continuous([0.5], 50)
    with pytest.raises(BadInput, match="two clusters or more, and more than one row in some"):
        fit_drivers(frame.assign(one=range(50)), equation(1, estimator="mixed", clusters="one"))
    with pytest.raises(BadInput, match="probit needs two values of 'y'"):
        fit_drivers(frame, equation(1, estimator="probit"))
