"""Regression corrected for reliability: the truth without the errors of items, with errors that hold."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest

import touchsim as ts
from tests.equations.cases import DRIVEN, THIRTEEN, survey
from tests.study.surveys import asked, equation, rated
from touchsim.study.corrected import corrected_correlations, corrected_draws, corrected_estimate, corrected_without_each
from touchsim.study.estimators import Estimate, estimate
from touchsim.study.scales import raw_alpha

SLOPES = (0.5, 0.3, 0.0)
TRUTH = np.array(SLOPES) / np.sqrt(0.25 + 0.09 + 2 * 0.5 * 0.15 + 0.36)


def equal_items(n: int, seed: int, items: int = 3, noise: float = 0.8) -> tuple[np.ndarray, list[np.ndarray]]:
    """Items that lean equally on what they measure; drivers correlate .5, the residual has SD .6."""
    rng = np.random.default_rng(seed)
    x = np.sqrt(0.5) * (rng.normal(size=(n, 1)) + rng.normal(size=(n, 3)))
    y = x @ np.array(SLOPES) + 0.6 * rng.normal(size=n)
    outcome, *drivers = (true[:, None] + noise * rng.normal(size=(n, items)) for true in (y, *x.T))
    return outcome, drivers


def fitted(outcome: np.ndarray, drivers: list[np.ndarray], second_order: bool = False) -> Estimate:
    return corrected_estimate(outcome, drivers, ("a", "b", "c", "y"), second_order=second_order)


def test_the_formula_is_that_of_a_covariance_matrix_with_alpha_on_its_diagonal() -> None:
    outcome, drivers = equal_items(200, 1)
    scores = np.column_stack([items.mean(axis=1) for items in (*drivers, outcome)])
    matrix = np.cov(scores, rowvar=False)
    alpha = [raw_alpha(items) for items in (*drivers, outcome)]
    matrix[np.diag_indices(4)] *= alpha
    expected = np.linalg.solve(matrix[:3, :3], matrix[:3, 3])
    found = fitted(outcome, drivers)
    np.testing.assert_allclose(found.coefficients, expected, rtol=1e-10)
    np.testing.assert_allclose(found.std_beta, expected * np.sqrt(np.diag(matrix)[:3] / matrix[3, 3]), rtol=1e-10)


def test_errors_are_close_to_those_of_leaving_out_each_respondent() -> None:
    outcome, drivers = equal_items(150, 2)
    found = fitted(outcome, drivers)
    raw, standard = corrected_without_each(np.arange(150), outcome, drivers, found)
    for left, error in ((raw, found.std_error), (standard, (found.std_high - found.std_low) / 2 / 1.976122)):
        jackknife = np.sqrt(149 / 150 * ((left - left.mean(axis=0)) ** 2).sum(axis=0))
        np.testing.assert_allclose(error, jackknife, rtol=0.03)


def test_leaving_out_a_cluster_from_sums_is_leaving_out_its_rows() -> None:
    outcome, drivers = equal_items(120, 3)
    cluster = np.random.default_rng(1).integers(0, 6, 120)
    raw, standard = corrected_without_each(cluster, outcome, drivers, fitted(outcome, drivers))
    for one in range(6):
        rest = fitted(outcome[cluster != one], [items[cluster != one] for items in drivers])
        np.testing.assert_allclose(raw[one], rest.coefficients, rtol=1e-9)
        np.testing.assert_allclose(standard[one], rest.std_beta, rtol=1e-9)


def test_in_small_surveys_the_drift_of_a_quotient_is_taken_off() -> None:
    plain, better = (np.array([fitted(*equal_items(200, 9000 + seed, items=2, noise=1.0), second_order=order).std_beta
                               for seed in range(800)]) for order in (False, True))  # fmt: skip
    error = better.std(axis=0) / np.sqrt(800)
    assert plain[:, 2].mean() < -3 * error[2]
    assert (np.abs(better.mean(axis=0) - TRUTH) < 3 * error).all()
    assert (better.std(axis=0) < plain.std(axis=0)).all()


def test_intervals_hold_the_truth_as_often_as_they_say_and_those_of_least_squares_do_not() -> None:
    studies, held, plain = 400, np.zeros(3), np.zeros(3)
    for seed in range(studies):
        outcome, drivers = equal_items(300, 100 + seed)
        found = fitted(outcome, drivers, second_order=True)
        held += (found.std_low <= TRUTH) & (found.std_high >= TRUTH)
        scores = np.column_stack([items.mean(axis=1) for items in drivers])
        means = estimate("ols", outcome.mean(axis=1), scores, ("a", "b", "c"))
        plain += (means.std_low <= TRUTH) & (means.std_high >= TRUTH)
    for one in held:
        assert binomtest(int(one), studies, 0.95).pvalue > 0.001
    assert binomtest(int(plain[2]), studies, 0.95).pvalue < 0.001, "the idle one gets a part of the others"


def test_it_agrees_with_structural_equations_where_items_lean_equally() -> None:
    frame = rated({"fast": 0.6, "kind": 0.0, "cheap": 0.2}, 4000, noise=0.9, together=0.5)
    tables = {one: ts.fit_drivers(frame, asked(["fast", "kind", "cheap"], estimator=one)).table
              for one in ("corrected", "sem_mlr")}  # fmt: skip
    for column, within in (("std_beta", 0.004), ("std_low", 0.006), ("std_high", 0.006)):
        gap = tables["corrected"][column] - tables["sem_mlr"][column]
        assert gap.abs().max() < within, column


def test_a_survey_of_thirteen_constructs_gives_about_the_same_as_structural_equations() -> None:
    model = {"scales": {name: list(items) for name, items in THIRTEEN.items()},
             "drivers": {"satisfaction": list(DRIVEN["satisfaction"])}}  # fmt: skip
    tables = {one: ts.fit_drivers(survey(), model | {"estimator": one}).table for one in ("corrected", "sem")}
    assert (tables["corrected"]["std_beta"] - tables["sem"]["std_beta"]).abs().max() < 0.04


def test_importance_gives_nothing_to_a_driver_that_only_correlates_beyond_its_correlation() -> None:
    frame = rated({"fast": 0.6, "kind": 0.0}, 5000, noise=1.0, together=0.3)
    shares = {}
    for one in ("ols", "corrected"):
        importance = ts.relative_importance(ts.fit_drivers(frame, asked(["fast", "kind"], estimator=one)), draws=300)
        rows = importance.table[importance.table["method"] == "lmg"].set_index("term")
        shares[one] = rows.loc["kind", "share"]
        assert (rows["low"] <= rows["share"]).all() and (rows["share"] <= rows["high"]).all()
        assert rows["share"].sum() == pytest.approx(1)
    assert shares["corrected"] == pytest.approx(0.3**2 / 2, abs=0.015), "lmg of r = .3 and one slope: r^2 / 2"
    assert importance.draws["satisfaction", "all"].shape == (301, 2)


def test_draws_scatter_as_much_as_the_errors_say() -> None:
    outcome, drivers = equal_items(400, 5)
    matrices = corrected_correlations([*drivers, outcome], 1500, seed=1)
    betas = np.linalg.solve(matrices[:, :3, :3], matrices[:, :3, 3:])[:, :, 0]
    found = fitted(outcome, drivers)
    np.testing.assert_allclose(betas[0], found.std_beta, rtol=1e-9)
    np.testing.assert_allclose(betas[1:].std(axis=0), (found.std_high - found.std_low) / 2 / 1.966, rtol=0.1)


@pytest.mark.parametrize("estimator", ["corrected", "sem"])
def test_draws_that_are_no_correlations_are_counted_and_many_of_them_are_said(estimator: str) -> None:
    shares = []
    for together, noise in ((0.97, 1.8), (0.3, 0.5)):
        frame = rated({"fast": 0.6, "kind": 0.2}, 300, noise=noise, together=together)
        study = ts.study_survey(frame, asked(["fast", "kind"], estimator=estimator), draws=300)
        said = [sentence for sentence in study.warnings if "the constructs correlate as no variables can" in sentence]
        shares.append(study.shares.replaced["satisfaction", "all"])
        assert len(said) == (shares[-1] > 0.05) == len(study.shares.of_draws)
        assert all(f"In {100 * shares[-1]:.0f} % of the draws" in sentence for sentence in said)
        assert all(sentence in study.fit["warnings"].item() for sentence in said)
    assert shares[0] > 0.05 and shares[1] == 0.0


def test_dominance_and_the_map_say_as_importance_does_that_draws_were_replaced() -> None:
    frame = rated({"fast": 0.6, "kind": 0.2}, 60, items=2, noise=1.2).assign(shop="one")
    twice = pd.concat([frame, rated({"fast": 0.6, "kind": 0.2}, 300, items=2, seed=2).assign(shop="two")])
    for model, group in ({}, "all"), ({"groups": "shop"}, "one"):
        given = asked(["fast", "kind"], items=2, estimator="corrected", **model)
        fit = ts.fit_drivers(twice if model else frame, given)
        held = ts.dominance(fit, group=group, draws=200)
        assert held.replaced > 0.05
        notes = [text.get_text() for text in held.plot().texts if text.get_gid() == "footnote"]
        assert "correlate as no variables can" in held.text and "draws behind the shares" in " ".join(notes)
    fit = ts.fit_drivers(frame, asked(["fast", "kind"], items=2, estimator="corrected"))
    (said,) = ts.relative_importance(fit, draws=200).of_draws
    found = ts.performance_map(fit, draws=200)
    assert said.sentence in [item.sentence for item in found.cautions]
    sound = ts.fit_drivers(rated({"fast": 0.6, "kind": 0.2}, 300), asked(["fast", "kind"], estimator="corrected"))
    assert not ts.dominance(sound, draws=100).warnings and not ts.performance_map(sound, draws=100).warnings


def test_the_share_of_draws_moved_is_that_of_cases_drawn_anew_without_an_estimate() -> None:
    frame = rated({"fast": 0.6, "kind": 0.2}, 300, noise=1.8, together=0.97)
    names = ("fast", "kind", "satisfaction")
    scales = [frame[[f"{name}{j}" for j in (1, 2, 3)]].to_numpy(float) for name in names]
    matrices, moved = corrected_draws(scales, 600)
    rng = np.random.default_rng(9)
    none = 0
    for _ in range(600):
        rows = rng.integers(0, 300, 300)
        items = [scale[rows] for scale in scales]
        none += np.isnan(corrected_estimate(items[2], items[:2], names, second_order=False).coefficients).any()
    assert 0.05 < moved < 0.6 and abs(moved - none / 600) < 4 * np.sqrt(2 * 0.25 / 600)
    assert np.linalg.eigvalsh(matrices[:, :2, :2])[:, 0].min() > 0


def test_scales_of_one_item_give_least_squares_and_a_word_of_caution() -> None:
    rng = np.random.default_rng(1)
    frame = pd.DataFrame(rng.normal(size=(200, 2)), columns=["x0", "x1"])
    frame["y"] = frame["x0"] + rng.normal(size=200)
    plain, found = (ts.fit_drivers(frame, equation(2, estimator=one)) for one in ("ols", "corrected"))
    np.testing.assert_allclose(found.table["std_beta"], plain.table["std_beta"], atol=0.005)
    np.testing.assert_allclose(found.table["std_low"], plain.table["std_low"], atol=0.01)
    (said,) = (sentence for sentence in found.warnings if "a single item shows no error" in sentence)
    assert said.startswith("Y: a single item") and said.endswith("incomplete: x0, x1 and y."), "the outcome once before"
    assert found.results_of("y").cov_type == "influence"


def test_improper_corrections_give_a_warning_and_no_figure() -> None:
    rng = np.random.default_rng(3)
    same = rng.normal(size=(60, 1))
    frame = pd.DataFrame(same + rng.normal(size=(60, 6)), columns=["a1", "a2", "b1", "b2", "y1", "y2"])
    frame["a2"] = -frame["a1"] + 0.5 * frame["a2"]
    model = {"scales": {"a": ["a1", "a2"], "b": ["b1", "b2"], "y": ["y1", "y2"]}, "drivers": {"y": ["a", "b"]}}
    fit = ts.fit_drivers(frame, model | {"estimator": "corrected"})
    assert fit.table["estimate"].isna().all()
    assert any("no corrected estimate" in sentence for sentence in fit.warnings)
    assert ts.relative_importance(fit, draws=100).table.empty


def test_groups_and_clusters_have_corrected_estimates_too() -> None:
    frame = rated({"fast": 0.6, "kind": 0.2}, 600).assign(kind_of=np.repeat(["x", "y"], 300), shop=np.arange(600) % 20)
    fit = ts.fit_drivers(frame, asked(["fast", "kind"], estimator="corrected", groups="kind_of", clusters="shop"))
    assert fit.summary["cov_type"].eq("CR3 by shop").all() and len(fit.summary) == 3
    half = ts.fit_drivers(frame[frame["kind_of"] == "y"], asked(["fast", "kind"], estimator="corrected"))
    rows = fit.table[fit.table["group"] == "y"]
    np.testing.assert_allclose(rows["estimate"], half.table["estimate"], rtol=1e-10)
