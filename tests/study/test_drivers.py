"""Coefficients and their intervals: against formulas written out, other programs and repeated sampling."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.outliers_influence import variance_inflation_factor

from tests.study.surveys import asked, continuous, equation, rated
from touchsim.study.drivers import fit_drivers
from touchsim.study.estimators import estimate
from touchsim.study.ordered import likelihood_parts, newton_maximum


@pytest.fixture(scope="module")
def frame():
    return continuous([0.6, 0.2, 0.0], 300)


def test_ols_and_hc3_are_the_formulas_of_the_book(frame):
    x = np.column_stack([np.ones(300), frame[["x0", "x1", "x2"]]])
    inverse = np.linalg.inv(x.T @ x)
    b = inverse @ x.T @ frame["y"].to_numpy()
    rest = (frame["y"] - x @ b).to_numpy() / (1 - np.einsum("ij,jk,ik->i", x, inverse, x))
    covariance = inverse @ (x.T * rest**2) @ x @ inverse
    table = fit_drivers(frame, equation(3)).table
    assert table["estimate"].tolist() == pytest.approx(b[1:], rel=1e-9)
    assert table["std_error"].tolist() == pytest.approx(np.sqrt(np.diag(covariance))[1:], rel=1e-9)
    results = fit_drivers(frame, equation(3)).results["y"]
    assert results.bse.iloc[1:].tolist() == pytest.approx(table["std_error"], rel=1e-12)
    assert results.params.index.tolist() == ["const", "x0", "x1", "x2"]
    reach = 1.9680 * table["std_error"]  # the t quantile with 296 degrees of freedom
    assert table["high"].tolist() == pytest.approx(table["estimate"] + reach, abs=1e-4)
    assert table["low"].tolist() == pytest.approx(table["estimate"] - reach, abs=1e-4)


def test_a_standardised_coefficient_is_the_coefficient_of_standardised_scores(frame):
    z = (frame - frame.mean()) / frame.std()
    assert fit_drivers(frame, equation(3)).table["std_beta"].tolist() == pytest.approx(
        fit_drivers(z, equation(3)).table["estimate"], rel=1e-9
    )


@pytest.mark.parametrize("estimator", ["ols", "logit", "ordered_logit"])
def test_intervals_of_standardised_coefficients_agree_with_a_bootstrap(estimator):
    frame, names = continuous([1.0, 0.4], 400, seed=5), ("x0", "x1")
    y, x = frame["y"].to_numpy(), frame[["x0", "x1"]].to_numpy()
    if estimator != "ols":
        cuts = [0.2] if estimator == "logit" else [-1, 0.2, 1.5]
        y, x = rated_by_logit(np.random.default_rng(5), 400, [1.0, 0.4], cuts)
    fit = estimate(estimator, y, x, names)
    rng = np.random.default_rng(1)
    draws = []
    for _ in range(300):
        rows = rng.integers(0, 400, 400)
        draws.append(estimate(estimator, y[rows], x[rows], names).std_beta)
    reach = 1.9659 if estimator == "ols" else 1.9600
    assert (fit.std_high - fit.std_low) / 2 / reach == pytest.approx(np.std(draws, axis=0), rel=0.15)


def rated_by_logit(rng: np.random.Generator, n: int, slopes: list[float], cuts: list[float]) -> tuple:
    x = rng.normal(size=(n, len(slopes))) @ np.array([[1, 0.4], [0, 1]])
    return np.digitize(x @ slopes + rng.logistic(size=n), cuts).astype(float), x


@pytest.mark.parametrize("cuts", [[0.3], [-1.5, 0.2, 1.5]])
def test_a_row_of_a_logit_does_not_contradict_itself(cuts):
    """p > .05 where the interval holds 0, standardised or not; among them are ratios near 1.96, where it is close."""
    kind, close = "logit" if len(cuts) == 1 else "ordered_logit", 0
    for seed in range(300):
        y, x = rated_by_logit(np.random.default_rng(seed), 60, [0.6, 0.5], cuts)
        fit = estimate(kind, y, x, ("a", "b"))
        if np.isnan(fit.coefficients).any():
            continue
        close += int((np.abs(np.abs(fit.statistic) - 1.96) < 0.1).sum())
        open_ones = fit.p_value > 0.05
        assert ((fit.low < 0) & (fit.high > 0)).tolist() == open_ones.tolist()
        assert ((fit.std_low < 0) & (fit.std_high > 0)).tolist() == open_ones.tolist()
        assert ((fit.std_low < fit.std_beta) & (fit.std_beta < fit.std_high)).all()
    assert close > 20


@pytest.mark.parametrize("cuts", [[0.3], [-1.5, 0.2, 1.5]])
def test_standardised_intervals_of_a_logit_cover_the_truth_as_often_as_they_say(cuts):
    """400 samples: 95 % within 3 Monte Carlo errors, and the misses on both sides."""
    slopes = np.array([1.2, 0.5])
    covariance = np.array([[1, 0.4], [0.4, 1.16]])
    truth = slopes * np.sqrt(np.diag(covariance)) / np.sqrt(slopes @ covariance @ slopes + np.pi**2 / 3)
    kind, below, above = "logit" if len(cuts) == 1 else "ordered_logit", np.zeros(2), np.zeros(2)
    for seed in range(400):
        y, x = rated_by_logit(np.random.default_rng(seed), 250, list(slopes), cuts)
        fit = estimate(kind, y, x, ("a", "b"))
        below, above = below + (fit.std_high < truth), above + (fit.std_low > truth)
    assert (np.abs((below + above) / 400 - 0.05) < 3 * np.sqrt(0.05 * 0.95 / 400)).all()
    assert (np.maximum(below, above) < 400 * 0.05).all()


def test_vif_is_that_of_statsmodels(frame):
    x = np.column_stack([np.ones(300), frame[["x0", "x1", "x2"]]])
    expected = [variance_inflation_factor(x, j) for j in (1, 2, 3)]
    assert fit_drivers(frame, equation(3)).table["vif"].tolist() == pytest.approx(expected, rel=1e-9)


def test_a_frequency_counts_as_that_many_equal_rows():
    frame = continuous([0.5, 0.3], 60).round(1)
    frame["n"] = np.random.default_rng(1).integers(0, 5, 60)
    written_out = frame.loc[frame.index.repeat(frame["n"])].drop(columns="n")
    weighted, repeated = fit_drivers(frame, equation(2, weights="n")), fit_drivers(written_out, equation(2))
    pd.testing.assert_frame_equal(weighted.table, repeated.table)
    assert weighted.summary["n"].item() == frame["n"].sum() == weighted.summary["n_rows"].item()


def test_logit_is_that_of_statsmodels(frame):
    binary = frame.assign(y=(frame["y"] > 0.3).astype(int))
    fit = fit_drivers(binary, equation(3, estimator="logit"))
    other = fit.results["y"]
    assert fit.table["estimate"].tolist() == pytest.approx(other.params.iloc[1:], rel=1e-6)
    assert fit.table["std_error"].tolist() == pytest.approx(other.bse.iloc[1:], rel=1e-6)
    assert fit.table["p_value"].tolist() == pytest.approx(other.pvalues.iloc[1:], abs=1e-7)
    assert fit.summary["r2"].item() == pytest.approx(other.prsquared, rel=1e-6)
    assert other.model.exog_names == ["const", "x0", "x1", "x2"]


def test_ordered_logit_is_that_of_statsmodels_in_any_units(frame):
    ordinal = frame.assign(y=np.digitize(frame["y"], [-1, 0, 0.5, 2]), x0=1000 * frame["x0"] + 5000)
    fit = fit_drivers(ordinal, equation(3, estimator="ordered_logit"))
    other = fit.results["y"]
    assert fit.table["estimate"].tolist() == pytest.approx(other.params[:3], rel=1e-5)
    assert fit.table["std_error"].tolist() == pytest.approx(other.bse[:3], rel=1e-3)
    assert fit.summary["r2"].item() == pytest.approx(other.prsquared, rel=1e-6)


def test_derivatives_of_the_ordered_likelihood_are_those_of_small_steps():
    rng = np.random.default_rng(2)
    x, levels = rng.normal(size=(80, 2)), np.repeat(np.arange(4), 20)
    at = np.array([0.4, -0.2, -1.0, 0.1, 1.2])

    def parts(point):
        return likelihood_parts(levels, x, point[:2], point[2:])

    _, scores, information = parts(at)
    for j, step in enumerate(1e-5 * np.eye(5)):
        slope = (parts(at + step)[0] - parts(at - step)[0]) / 2e-5
        bend = (parts(at + step)[1] - parts(at - step)[1]).sum(axis=0) / 2e-5
        assert scores[:, j].sum() == pytest.approx(slope, abs=1e-6)
        assert -information[j] == pytest.approx(bend, abs=1e-5)


def test_newton_finds_slopes_that_made_the_data():
    rng = np.random.default_rng(3)
    x = rng.normal(size=(20_000, 2))
    levels = np.digitize(x @ [1.0, -0.5] + rng.logistic(size=20_000), [-1.5, 0, 1])
    slopes, cuts, converged = newton_maximum(levels, x)
    assert (
        converged and slopes == pytest.approx([1.0, -0.5], abs=0.06) and cuts == pytest.approx([-1.5, 0, 1], abs=0.06)
    )


def test_five_of_a_hundred_intervals_miss_the_slope_that_made_the_data():
    hits = 0
    for seed in range(200):
        frame = continuous([0.5, 0.0], 150, seed=seed)
        fit = estimate("ols", frame["y"].to_numpy(), frame[["x0", "x1"]].to_numpy(), ("x0", "x1"))
        hits += (fit.low <= [0.5, 0.0]).sum() + (fit.high >= [0.5, 0.0]).sum() - 2
    assert 361 <= hits <= 396, "of 400; 380 expected, the rest at 0.1 %"


def test_groups_are_fitted_on_their_own_rows_and_everyone_on_all():
    frame = continuous([0.5, 0.2], 400).assign(kind=["a", "b", "b", None] * 100)
    fit = fit_drivers(frame, equation(2, groups="kind"))
    alone = fit_drivers(frame[frame["kind"] == "b"], equation(2))
    here = fit.table[fit.table["group"] == "b"].drop(columns="group").reset_index(drop=True)
    pd.testing.assert_frame_equal(here, alone.table.drop(columns="group"))
    assert fit.summary.set_index("group")["n"].to_dict() == {"all": 400, "a": 100, "b": 200}


def test_a_group_too_small_is_left_out_with_a_warning_and_the_others_stay():
    frame = continuous([0.5, 0.2], 203).assign(kind=[1] * 100 + [2] * 100 + [3] * 3)
    fit = fit_drivers(frame, equation(2, groups="kind"))
    assert set(fit.table["group"]) == {"all", "1", "2"}
    row = fit.summary.set_index("group").loc["3"]
    assert row["n"] == 3 and np.isnan(row["r2"]) and "not estimated in group '3'" in row["warnings"]


def test_truth_is_shown_in_both_units():
    truth = {"estimand": "structural weight", "units": "standardised", "coefficients": {"all": {"y": {"x0": 0.4}}}}
    frame = continuous([0.5, 0.2]) * 3
    fit = fit_drivers(frame.assign(y=frame["y"] * 2), equation(2, truth=truth))
    first, second = fit.table.to_dict("records")
    assert first["truth_std"] == 0.4 and first["truth"] == pytest.approx(0.4 * first["estimate"] / first["std_beta"])
    assert np.isnan(second["truth"]) and fit.summary["estimand"].item() == "structural weight"
    raw = fit_drivers(frame, equation(2, truth=truth | {"units": "raw"})).table.iloc[0]
    assert raw["truth"] == 0.4 and raw["truth_std"] == pytest.approx(0.4 * raw["std_beta"] / raw["estimate"])


def test_missing_codes_and_gaps_take_the_row_with_them_and_are_counted():
    frame = rated({"speed": 0.5, "price": 0.3}, 200).astype(float)
    frame.loc[:9, "speed1"] = -99
    frame.loc[5:19, "price2"] = np.nan
    frame["age"] = 0
    model = asked(["speed", "price"], missing={"codes": {"speed": [-99], "age": [0]}})
    fit = fit_drivers(frame, model)
    assert (fit.summary["n"].item(), fit.summary["n_rows"].item(), fit.summary["n_lost"].item()) == (180, 200, 20)
    losses = fit.answers.losses.set_index("construct")
    assert losses.loc["speed"].tolist() == [10, 5] and losses.loc["price"].tolist() == [15, 10]
    complete = fit_drivers(frame.iloc[20:], asked(["speed", "price"]))
    pd.testing.assert_frame_equal(fit.table, complete.table)


@pytest.mark.parametrize("codes", [{"speed1": -99}, [-99, 8], -99, {"*": [-99]}])
def test_codes_may_be_said_of_a_construct_an_item_or_everything(codes):
    frame = rated({"speed": 0.5}, 100)
    frame.loc[3, "speed1"] = -99
    assert fit_drivers(frame, asked(["speed"], missing={"codes": codes})).summary["n"].item() == 99


def test_a_survey_may_bring_its_own_model():
    frame = continuous([0.5])
    frame.attrs["model"] = equation(1)
    assert fit_drivers(frame).table.equals(fit_drivers(frame, equation(1)).table)


def test_the_paragraph_says_what_the_table_says(frame):
    fit = fit_drivers(frame, equation(3))
    top = fit.table.loc[fit.table["std_beta"].idxmax()]
    assert f"{top['term']} {top['std_beta']:.2f} [{top['std_low']:.2f}; {top['std_high']:.2f}]" in fit.text
    assert "n = 300" in fit.text and "R2 = " in fit.text
    assert "<table" in fit._repr_html_()


def test_a_fit_draws_itself(frame):
    import matplotlib.pyplot as plt

    ax = fit_drivers(frame, equation(3)).plot()
    assert {tick.get_text() for tick in ax.get_yticklabels()} == {"x0", "x1", "x2"}
    plt.close(ax.figure)


@pytest.mark.parametrize("estimator", ["logit", "ordered_logit"])
def test_nearly_collinear_drivers_have_the_maximum_of_their_sum_and_difference(estimator):
    rng = np.random.default_rng(3)
    both, gap = rng.normal(size=(2, 600))
    y = np.digitize(both + 0.3 * gap + rng.logistic(size=600), [0.0] if estimator == "logit" else [-1.0, 1.0])
    frame = pd.DataFrame({"a": both, "b": both + 1e-5 * gap, "both": both, "gap": gap, "y": y})
    near = fit_drivers(frame, {"drivers": {"y": ["a", "b"]}, "estimator": estimator}).table["estimate"].to_numpy()
    apart = fit_drivers(frame, {"drivers": {"y": ["both", "gap"]}, "estimator": estimator}).table["estimate"].to_numpy()
    assert [near.sum(), near[1] * 1e-5] == pytest.approx(apart, abs=1e-6)
