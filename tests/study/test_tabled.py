"""What a table is enough for: structural equations as lavaan has them, the corrected regression as of answers."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import touchsim as ts
from tests.equations.cases import GOLDEN, KIT, survey
from tests.study.surveys import asked, rated
from touchsim.equations.fitting import fit_equations
from touchsim.equations.sample import sample_from_moments
from touchsim.equations.specification import Equations
from touchsim.study.corrected import corrected_estimate
from touchsim.study.corrected_moments import corrected_of_moments, items_of_scores
from touchsim.study.covariances import rounded_tables
from touchsim.study.published import moments_of, read_moments
from touchsim.study.scales import raw_alpha

LAVAAN: dict[str, Any] = json.loads((Path(__file__).parent / "moments.json").read_text(encoding="utf-8"))
SHORT = {"fulfilment": "OF", "responsiveness": "RS", "returns": "ER", "satisfaction": "SA", "repurchase": "RP"}
SCALES = {name: [f"{short}{j}" for j in (1, 2, 3)] for name, short in SHORT.items()}
FACETS = ["fulfilment", "responsiveness", "returns"]
DRIVERS = {"satisfaction": FACETS, "repurchase": ["satisfaction"]}
SEM = {"scales": SCALES, "drivers": DRIVERS, "estimator": "sem"}
CORRECTED = {**SEM, "drivers": {"satisfaction": FACETS}, "estimator": "corrected"}
ONE = {"drivers": {"satisfaction": FACETS}, "estimator": "corrected"}


def table_of(answers: pd.DataFrame, digits: int | None = None) -> pd.DataFrame:
    head = pd.DataFrame([answers.mean(), answers.std(), pd.Series(len(answers), answers.columns)], ["mean", "sd", "n"])
    table = pd.concat([head, answers.corr()])
    return table if digits is None else table.round(digits)


def answers() -> pd.DataFrame:
    return survey()[[item for items in SCALES.values() for item in items]]


def scores() -> pd.DataFrame:
    return pd.DataFrame({name: survey()[items].mean(axis=1) for name, items in SCALES.items()})


def with_alphas(digits: int | None = None) -> pd.DataFrame:
    table = table_of(scores(), digits)
    alphas = [raw_alpha(survey()[items].to_numpy(float)) for items in SCALES.values()]
    table.loc["alpha"] = alphas if digits is None else np.round(alphas, digits)
    return table


def test_a_corrected_table_says_how_many_draws_were_moved_as_its_answers_do() -> None:
    shares = []
    for together, noise in ((0.97, 1.8), (0.3, 0.5)):
        frame = rated({"fast": 0.6, "kind": 0.2}, 300, noise=noise, together=together)
        model = asked(["fast", "kind"], estimator="corrected")
        of_table = ts.relative_importance(ts.fit_moments(table_of(frame), model), draws=1000)
        of_answers = ts.relative_importance(ts.fit_drivers(frame, model), draws=1000)
        shares.append([one.replaced["satisfaction", "all"] for one in (of_table, of_answers)])
        assert len(of_table.of_draws) == (shares[-1][0] > 0.05)
    assert shares[0][0] > 0.05 and shares[0] == pytest.approx([shares[0][1]] * 2, abs=0.06) and shares[1] == [0, 0]


@pytest.mark.parametrize("kind", ["full", "rounded"])
def test_structural_equations_of_a_table_are_those_of_lavaan_on_the_same_table(kind: str) -> None:
    theirs = LAVAAN[kind]
    names = theirs["columns"]
    head = pd.DataFrame([theirs["mean"], theirs["sd"], [theirs["n"]] * len(names)], ["mean", "sd", "n"], names)
    table = moments_of(pd.concat([head, pd.DataFrame(theirs["correlation"], names, names)]))
    exact = replace(table, rounding={"sd": 0.0, "correlation": 0.0})
    fit = ts.fit_moments(exact, SEM)
    mine = fit.table.set_index(fit.table["outcome"] + "~" + fit.table["term"]).loc[theirs["names"]]
    np.testing.assert_allclose(mine["estimate"], theirs["est"], atol=1e-7)
    np.testing.assert_allclose(mine["std_error"], theirs["se"], atol=1e-7)
    np.testing.assert_allclose(mine["std_beta"], theirs["std"], atol=1e-7)
    half = (mine["std_high"] - mine["std_low"]) / 2
    np.testing.assert_allclose(half / 1.959963984540054, theirs["std_se"], atol=1e-7)
    for ours, name in {"chi2": "chisq", "cfi": "cfi", "tli": "tli", "rmsea": "rmsea", "srmr": "srmr"}.items():
        np.testing.assert_allclose(fit.summary[ours], theirs["measures"][name], atol=1e-7)


def test_the_whole_questionnaire_as_a_table_gives_what_lavaan_finds_in_its_answers() -> None:
    columns = [item for items in KIT.measurement.values() for item in items]
    model = {"scales": KIT.measurement, "drivers": KIT.regressions, "estimator": "sem"}
    fit = ts.fit_moments(table_of(survey()[columns]), model)
    theirs = {row["name"]: row for row in GOLDEN["kit_1000"]["parameters"]}
    for row in fit.table.to_dict("records"):
        there = theirs[f"{row['outcome']}~{row['term']}"]
        assert [row["estimate"], row["std_error"], row["std_beta"]] == pytest.approx(
            [there["est"], there["se"], there["std"]], abs=1e-6)  # fmt: skip
    assert fit.summary["chi2"].iloc[0] == pytest.approx(GOLDEN["kit_1000"]["measures"]["chisq"], abs=1e-6)


def test_table_answers_and_twin_have_the_same_structural_equations() -> None:
    table = table_of(answers())
    whole, raw, twin = (ts.fit_moments(table, SEM), ts.fit_drivers(answers(), SEM), ts.fit_drivers(ts.twin(table), SEM))
    for column in ("estimate", "std_error", "std_beta", "std_low", "vif"):
        np.testing.assert_allclose(whole.table[column], raw.table[column], atol=1e-8)
        np.testing.assert_allclose(whole.table[column], twin.table[column], atol=1e-8)
    ours, theirs = (ts.study_survey(answers(), SEM, draws=100), ts.study_moments(table, SEM, draws=100))
    np.testing.assert_allclose(ours.importance["share"], theirs.importance["share"], atol=1e-8)
    np.testing.assert_allclose(ours.tables()["loadings"]["std"], theirs.tables()["loadings"]["std"], atol=1e-8)


def test_rounding_widens_errors_of_structural_equations_by_what_refits_of_rounded_tables_spread() -> None:
    table = moments_of(table_of(answers(), 2))
    sds, correlations = rounded_tables(table, draws=120)
    near = correlations * sds[:, :, None] * sds[:, None, :]
    equations = Equations(SCALES, DRIVERS)
    frames = [pd.DataFrame(one, columns=table.names) for one in (table.covariances, *near)]
    sample = [sample_from_moments(frame, table.n) for frame in frames]
    place = fit_equations(sample[0], equations).table.query("kind == 'regressions'").index
    spread = np.std([fit_equations(one, equations).table.loc[place, "estimate"] for one in sample[1:]], axis=0)
    plain, wide = (fit_equations(sample[0], equations, near=one).table.loc[place, "std_error"] for one in (None, near))
    np.testing.assert_allclose(np.sqrt(wide**2 - plain**2), spread, rtol=0.03)


def test_the_corrected_regression_of_a_table_is_that_of_its_answers_but_for_the_drift_of_order_one_over_n() -> None:
    table = moments_of(table_of(answers()))
    scales = [survey()[SCALES[name]].to_numpy(float) for name in (*FACETS, "satisfaction")]
    raw = corrected_estimate(scales[3], scales[:3], ("",) * 4, second_order=False)
    place = [table.names.index(item) for name in (*FACETS, "satisfaction") for item in SCALES[name]]
    items, covariances = items_of_scores(np.kron(np.eye(4), np.ones(3) / 3), table.covariances[np.ix_(place, place)],
                                         np.full(12, np.nan))  # fmt: skip
    mine = corrected_of_moments(items, covariances, covariances[None], table.n, ("",) * 4, second_order=False)
    for name in ("coefficients", "std_beta", "r2"):
        np.testing.assert_allclose(getattr(mine, name), getattr(raw, name), atol=1e-10)
    fit, both = ts.fit_moments(table, CORRECTED), ts.fit_drivers(answers(), CORRECTED)
    np.testing.assert_allclose(fit.table["std_beta"], both.table["std_beta"], atol=0.004)
    twin = ts.fit_drivers(ts.twin(table), CORRECTED)
    np.testing.assert_allclose(fit.table["std_beta"], twin.table["std_beta"], atol=0.002)
    np.testing.assert_allclose(fit.table["std_error"], twin.table["std_error"], rtol=0.05)
    ours, theirs = (ts.relative_importance(one).table.query("method == 'lmg'") for one in (fit, twin))
    np.testing.assert_allclose(ours["share"], theirs["share"], atol=1e-10)
    np.testing.assert_allclose(ours[["low", "high"]], theirs[["low", "high"]], atol=0.02)


def test_stated_reliabilities_correct_as_the_items_do() -> None:
    """Alpha times the variance of a mean is the mean covariance of its items, so that nothing is lost but errors."""
    items, stated = ts.fit_moments(table_of(answers()), CORRECTED), ts.fit_moments(with_alphas(), ONE)
    np.testing.assert_allclose(stated.table["std_beta"], items.table["std_beta"], atol=2e-3)
    assert (stated.table["std_error"] > 0.99 * items.table["std_error"]).all()
    np.testing.assert_allclose(stated.summary["r2"], items.summary["r2"], atol=1e-10)
    said = " ".join(stated.warnings)
    assert "reliabilities that the table states" in said and "two parallel items" in said
    assert "corrected for unreliability, from a published table" in stated.text
    table = moments_of(with_alphas())
    blurred = ts.fit_moments(replace(table, rounding={**table.rounding, "alpha": 0.02}), ONE)
    assert (blurred.table["std_error"] > 1.01 * stated.table["std_error"]).all()
    coarse = ts.fit_moments(with_alphas(1), ONE)
    assert (coarse.table["std_error"] > 1.05 * stated.table["std_error"]).all()
    assert any("more decimals" in sentence for sentence in coarse.warnings)


def test_an_alpha_of_one_corrects_nothing_and_of_a_half_by_its_root() -> None:
    frame = pd.DataFrame([[0, 0], [1, 1], [400, 400], [1, 0.3], [0.3, 1]], ["mean", "sd", "n", "a", "y"], ["a", "y"])
    plain = ts.fit_moments(frame, {"drivers": {"y": ["a"]}}).table["std_beta"].item()
    for alpha, root in ((1.0, 1.0), (0.5, 0.5**0.5)):
        frame.loc["alpha"] = [alpha, np.nan]
        fit = ts.fit_moments(frame, {"drivers": {"y": ["a"]}, "estimator": "corrected"})
        assert fit.table["std_beta"].item() == pytest.approx(plain / root, rel=0.01)
        assert any("a single item shows no error" in sentence for sentence in fit.warnings)


@pytest.mark.proof
def test_intervals_of_the_corrected_regression_of_a_table_hold_the_truth_as_often_as_they_say() -> None:
    """1,500 tables of 250 answers, half the variance of each item error; 95 % within 3 Monte Carlo errors."""
    rng = np.random.default_rng(3)
    root = np.linalg.cholesky(np.array([[1, 0.5, 0.4], [0.5, 1, 0.3], [0.4, 0.3, 1]]))
    beta, weights = np.array([0.5, 0.2, 0.0]), np.kron(np.eye(4), np.ones(3) / 3)
    rest = np.sqrt(1 - beta @ root @ root.T @ beta)
    held = []
    for _ in range(1500):
        x = rng.normal(size=(250, 3)) @ root.T
        y = x @ beta + rest * rng.normal(size=250)
        seen = np.column_stack([one[:, None] + rng.normal(size=(250, 3)) for one in (*x.T, y)])
        items, found = items_of_scores(weights, np.cov(seen, rowvar=False), np.full(12, np.nan))
        fit = corrected_of_moments(items, found, found[None], 250, ("",) * 4)
        held.append((fit.std_low < beta) & (beta < fit.std_high))
    assert np.abs(np.mean(held, axis=0) - 0.95).max() < 3 * np.sqrt(0.95 * 0.05 / 1500)


def test_robust_errors_and_a_correction_without_reliabilities_are_refused_with_what_to_do() -> None:
    with pytest.raises(ts.BadInput, match="estimator: needs the answers themselves.*sem_mlr.*estimator: sem"):
        ts.fit_moments(table_of(answers()), {**SEM, "estimator": "sem_mlr"})
    with pytest.raises(ts.BadInput, match="estimator: needs scales of several items in the table, or a row 'alpha'"):
        ts.fit_moments(table_of(scores()), ONE)


def test_figures_on_the_diagonal_are_said_and_not_used(tmp_path: Path) -> None:
    table = table_of(scores())
    for name, value in zip(table, (0.82, 0.84, 0.91, 0.88, 0.79), strict=True):
        table.loc[name, name] = value
    read = moments_of(table)
    assert (np.diag(read.correlations) == 1).all() and read.diagonal == (0.82, 0.84, 0.91, 0.88, 0.79)
    assert any("the diagonal holds 0.79 to 0.91" in note for note in read.notes)
    with pytest.raises(ts.BadInput, match="write the alphas of the diagonal in a row 'alpha'"):
        ts.fit_moments(table, ONE)
    plain = ts.fit_moments(table, {**ONE, "estimator": "ols"}).table
    pd.testing.assert_frame_equal(plain, ts.fit_moments(table_of(scores()), {**ONE, "estimator": "ols"}).table)
    file = tmp_path / "columns.csv"  # alphas as a column beside the correlations, as papers print them
    beside = table_of(scores()).round(3).loc[list(SCALES)]
    beside.insert(0, "Alpha", [0.82, 0.84, 0.91, np.nan, 0.79])
    for name, row in (("N", "n"), ("SD", "sd"), ("M", "mean")):
        beside.insert(0, name, table.loc[row])
    beside.to_csv(file)
    assert read_moments(file).alphas.round(2).tolist()[:3] == [0.82, 0.84, 0.91]


def test_an_alpha_that_is_none_is_told() -> None:
    table = with_alphas()
    table.loc["alpha", "returns"] = 1.2
    with pytest.raises(ts.BadInput, match=r"row 'alpha', column 'returns': must be above 0 and at most 1 \(got 1.2\)"):
        moments_of(table)


def three(alphas: list[float], n: int = 300, r: float = 0.4) -> pd.DataFrame:
    names = ["a", "b", "y"]
    rows = [[3.0] * 3, [1.0] * 3, [n] * 3, *(np.full((3, 3), r) + (1 - r) * np.eye(3)), alphas]
    return pd.DataFrame(rows, ["mean", "sd", "n", *names, "alpha"], names)


OF_THREE = {"drivers": {"y": ["a", "b"]}, "estimator": "corrected"}


def test_an_alpha_makes_two_items_of_which_there_are_fewer_than_answers() -> None:
    with pytest.raises(ts.BadInput, match=r"row 'n': must be above the number of variables \(6, .*\) \(got 6\)"):
        ts.study_moments(three([0.8, 0.8, 0.8], n=6), OF_THREE, draws=100)
    for alphas, n in (([0.8, 0.8, 0.8], 7), ([1.0, 0.8, np.nan], 5)):
        assert np.isfinite(ts.study_moments(three(alphas, n), OF_THREE, draws=100).importance["share"]).all()


def test_alphas_of_one_are_exact_and_those_that_are_printed_as_nearly_one_are_drawn_below_it() -> None:
    exact = ts.study_moments(three([1.0, 1.0, 1.0]), OF_THREE, draws=100)
    plain = ts.study_moments(three([1.0, 1.0, 1.0]), {**OF_THREE, "estimator": "ols"}, draws=100)
    np.testing.assert_allclose(exact.coefficients["std_beta"], plain.coefficients["std_beta"], atol=2e-3)
    np.testing.assert_allclose(exact.importance["share"], plain.importance["share"], atol=1e-10)
    table = moments_of(three([0.99, 1.0, 0.99]))
    near = ts.study_moments(replace(table, rounding={**table.rounding, "alpha": 0.05}), OF_THREE, draws=100)
    assert np.isfinite(near.importance[["share", "low", "high"]]).all(axis=None)


def test_rounded_tables_without_an_estimate_are_counted() -> None:
    table = moments_of(three([0.58, 0.58, 0.58], r=0.55))
    few = ts.fit_moments(replace(table, rounding={**table.rounding, "correlation": 0.05, "alpha": 0.05}), OF_THREE)
    (doubt,) = [sentence for sentence in few.warnings if "would be printed as this one" in sentence]
    share = int(doubt.split(": ")[1].split(" %")[0])
    assert 5 < share < 50 and np.isfinite(few.table["std_beta"]).all()
    exact = ts.fit_moments(replace(table, rounding={"sd": 0.0, "correlation": 0.0}), OF_THREE)
    assert not any("would be printed as this one" in sentence for sentence in exact.warnings)


def test_no_estimate_is_told_where_rounded_tables_have_none() -> None:
    items, found = items_of_scores(np.eye(3), moments_of(three([0.8] * 3)).covariances, np.full(3, 0.8))
    near = np.repeat(items_of_scores(np.eye(3), np.full((3, 3), 0.9) + 0.1 * np.eye(3), np.full(3, 0.8))[1][None], 9, 0)
    none = corrected_of_moments(items, found, near, 300, ("a", "b", "y"))
    assert np.isnan(none.coefficients).all() and "100 % of the tables" in none.doubts[-1]()
    assert np.isfinite(corrected_of_moments(items, found, found[None], 300, ("a", "b", "y")).coefficients).all()


@pytest.mark.parametrize("estimator", ["corrected", "sem"])
def test_a_weak_scale_pulls_no_coefficient_towards_zero_where_the_estimator_takes_errors_out(estimator: str) -> None:
    rng = np.random.default_rng(4)
    x, y = rng.normal(size=(2, 400, 1))
    items = np.column_stack([x + 1.3 * rng.normal(size=(400, 3)), x + y + rng.normal(size=(400, 3))])
    table = table_of(pd.DataFrame(items, columns=["x1", "x2", "x3", "y1", "y2", "y3"]))
    model = {"scales": {"x": ["x1", "x2", "x3"], "y": ["y1", "y2", "y3"]}, "drivers": {"y": ["x"]}}
    assert any("pulled towards zero" in sentence for sentence in ts.fit_moments(table, model).warnings)
    fit = ts.fit_moments(table, {**model, "estimator": estimator})
    assert not any("pulled towards zero" in sentence for sentence in fit.warnings)
    assert any("x" in sentence and "(alpha 0." in sentence for sentence in fit.warnings)


def test_the_table_of_moments_is_read_back_with_its_alphas() -> None:
    read = moments_of(with_alphas())
    again = moments_of(read.table)
    np.testing.assert_array_equal(again.alphas, read.alphas)
    assert moments_of(table_of(scores())).table.index.tolist()[:3] == ["mean", "sd", "n"]


def test_answers_and_their_moments_have_one_corrected_equation_and_the_same_doubts() -> None:
    one, other = (survey()[SCALES[name]].to_numpy(float) for name in ("fulfilment", "satisfaction"))
    near = one[:, :1] + 0.3 * np.random.default_rng(1).normal(size=(len(one), 1))
    names = ("first", "near", "liking")
    for law, scales in {"VIF up to": [one[:, :1], near, other[:, :1]],
                        "no corrected estimate": [one[:, :2], one[:, 1:], other[:, :2]]}.items():  # fmt: skip
        raw = corrected_estimate(scales[2], scales[:2], names, second_order=False)
        sizes = [items.shape[1] for items in scales]
        weights = np.repeat(np.eye(3) / np.array(sizes)[:, None], sizes, axis=1)
        items, found = items_of_scores(weights, np.cov(np.hstack(scales), rowvar=False), np.full(sum(sizes), np.nan))
        mine = corrected_of_moments(items, found, found[None], len(one), names, second_order=False)
        np.testing.assert_allclose(mine.coefficients, raw.coefficients, atol=1e-8)
        assert [doubt() for doubt in mine.doubts] == [doubt() for doubt in raw.doubts]
        assert law in mine.doubts[-1]()
