"""Shares of explained variance: equal to refitting every subset, sums that must hold, intervals that cover."""

from __future__ import annotations

from itertools import combinations
from math import comb

import numpy as np
import pytest

from tests.study.surveys import continuous, equation
from touchsim.errors import BadInput
from touchsim.study import shapley
from touchsim.study.drivers import fit_drivers
from touchsim.study.importance import relative_importance
from touchsim.study.resampling import ROWS_AT_ONCE, correlation_draws, product_in_pieces
from touchsim.study.shapley import johnson_shares, lmg_shares, subset_r2
from touchsim.study.survey import study_survey


def r2_of(x: np.ndarray, y: np.ndarray) -> float:
    """R2 by least squares on raw columns; nothing in common with the code under test."""
    design = np.column_stack([np.ones(len(y)), x])
    rest = y - design @ np.linalg.lstsq(design, y, rcond=None)[0]
    return 1 - rest @ rest / ((y - y.mean()) @ (y - y.mean()))


def refitted(x: np.ndarray, y: np.ndarray) -> list[float]:
    """Shares by refitting all 2^p models (Lindeman, Merenda & Gold 1980)."""
    p = x.shape[1]
    shares = []
    for j in range(p):
        others = [k for k in range(p) if k != j]
        shares.append(
            sum((r2_of(x[:, [*chosen, j]], y) - r2_of(x[:, chosen], y)) / (p * comb(p - 1, size))
                for size in range(p) for chosen in map(list, combinations(others, size)))
        )  # fmt: skip
    return shares


@pytest.mark.parametrize("p", [1, 2, 4, 5])
def test_shares_equal_those_of_refitting_every_subset(p):
    frame = continuous(list(np.linspace(-0.4, 1.0, p)), 120, seed=p)
    found, error = lmg_shares(np.corrcoef(frame.to_numpy(), rowvar=False)[None])
    assert found[0].tolist() == pytest.approx(refitted(frame.iloc[:, :-1].to_numpy(), frame["y"].to_numpy()), abs=1e-12)
    assert error == 0.0


def test_r2_of_every_subset_is_that_of_its_regression():
    frame = continuous([0.5, 0.2, -0.3], 80)
    table = subset_r2(np.corrcoef(frame.to_numpy(), rowvar=False)[None])[:, 0]
    for subset in range(1, 8):
        chosen = [j for j in range(3) if subset >> (2 - j) & 1]
        assert table[subset] == pytest.approx(r2_of(frame.iloc[:, chosen].to_numpy(), frame["y"].to_numpy()), abs=1e-12)


def test_two_drivers_share_by_the_closed_form():
    r1, r2, r12 = 0.6, 0.3, 0.5
    matrix = np.array([[1, r12, r1], [r12, 1, r2], [r1, r2, 1]])
    both = (r1**2 + r2**2 - 2 * r1 * r2 * r12) / (1 - r12**2)
    assert lmg_shares(matrix[None])[0][0].tolist() == pytest.approx([(both + r1**2 - r2**2) / 2,
                                                                     (both + r2**2 - r1**2) / 2])  # fmt: skip


def test_both_methods_give_squared_correlations_to_drivers_that_do_not_hang_together():
    matrix = np.eye(4)
    matrix[:3, 3] = matrix[3, :3] = [0.6, -0.4, 0.2]
    assert lmg_shares(matrix[None])[0][0] == pytest.approx([0.36, 0.16, 0.04])
    assert johnson_shares(matrix[None])[0] == pytest.approx([0.36, 0.16, 0.04])


def test_johnson_is_the_regression_on_the_nearest_orthogonal_drivers():
    frame = continuous([0.6, 0.1, -0.3], 200, seed=3)
    z = (frame - frame.mean()) / frame.std(ddof=0)
    x, y = z.iloc[:, :3].to_numpy(), z["y"].to_numpy()
    left, _, right = np.linalg.svd(x, full_matrices=False)
    nearest = left @ right * np.sqrt(len(y))  # orthogonal, closest to x
    beta, weights = nearest.T @ y / len(y), nearest.T @ x / len(y)
    assert johnson_shares(np.corrcoef(frame.to_numpy(), rowvar=False)[None])[0] == pytest.approx(
        (weights**2).T @ beta**2
    )


@pytest.mark.parametrize("p", [3, 9])
def test_shares_of_both_methods_sum_to_r2(p):
    frame = continuous(list(np.linspace(0, 1, p)), 150)
    matrix = np.corrcoef(frame.to_numpy(), rowvar=False)[None]
    whole = r2_of(frame.iloc[:, :-1].to_numpy(), frame["y"].to_numpy())
    assert lmg_shares(matrix)[0].sum() == pytest.approx(whole, abs=1e-12)
    assert johnson_shares(matrix)[0].sum() == pytest.approx(whole, abs=1e-12)


def test_sampled_orders_agree_with_the_exact_shares_within_their_stated_error(monkeypatch):
    frame = continuous(list(np.linspace(0, 1, 10)), 300)
    matrices = correlation_draws(frame.to_numpy(), 20)
    exact = lmg_shares(matrices)[0]
    monkeypatch.setattr(shapley, "EXACT_UP_TO", 5)
    sampled, error = lmg_shares(matrices)
    assert 0 < error < 0.01
    assert np.abs(sampled[0] - exact[0]).max() < 4.5 * error
    assert np.abs(sampled - exact).max() < 20 * error, "draws use fewer orders, and the survey's own miss is added back"
    assert sampled.sum(axis=1) == pytest.approx(exact.sum(axis=1), abs=1e-7)


def test_twenty_four_drivers_are_shared_out_and_the_error_is_said():
    frame = continuous([0.1] * 24, 500)
    found = relative_importance(fit_drivers(frame, equation(24)), draws=100)
    assert found.table.query("method == 'lmg'")["share"].sum() == pytest.approx(1.0)
    assert 0 < found.error < 0.02 and "sampled orders" in found.text


def test_counted_moments_are_those_of_the_copied_rows():
    scores = np.random.default_rng(2).normal(size=(50, 3)) + 100
    matrices = correlation_draws(scores, 3, seed=9)
    rng = np.random.default_rng([9, 50, 3])
    rng.multinomial(50, [1.0], size=3)
    for draw in range(3):
        rows = scores[rng.integers(0, 50, 50)]
        assert matrices[draw + 1] == pytest.approx(np.corrcoef(rows, rowvar=False), abs=1e-10)
    assert matrices[0] == pytest.approx(np.corrcoef(scores, rowvar=False), abs=1e-12)


def test_draws_over_several_slabs_spread_as_theory_says():
    n = 2 * ROWS_AT_ONCE + 100
    x = np.random.default_rng(1).normal(size=(n, 2))
    spread = correlation_draws(x, 400)[1:, 0, 1].std()
    assert spread == pytest.approx(1 / np.sqrt(n), rel=0.12), "the SE of a zero correlation"


def test_a_product_in_pieces_is_the_product():
    rng = np.random.default_rng(1)
    a, b = rng.normal(size=(40, 9001)), rng.normal(size=(9001, 30))
    assert product_in_pieces(a, b) == pytest.approx(a @ b, abs=1e-9)


def test_the_same_seed_gives_the_same_intervals_and_another_seed_others():
    fit = fit_drivers(continuous([0.5, 0.3]), equation(2))
    first, again, other = (relative_importance(fit, draws=200, seed=seed).table for seed in (1, 1, 2))
    assert first.equals(again) and not first.equals(other)


def test_intervals_hold_the_true_share_about_as_often_as_they_say():
    # two drivers with correlation .4 and slopes .6 and .2: shares of R2 in the population by the closed form
    together, b = 0.4, np.array([0.6, 0.2])
    sd = np.sqrt(b @ np.array([[1, together], [together, 1]]) @ b + 1)
    r1, r2 = (b[0] + together * b[1]) / sd, (b[1] + together * b[0]) / sd
    both = 1 - 1 / sd**2
    true = (both + r1**2 - r2**2) / 2 / both
    hits = 0
    for seed in range(150):
        fit = fit_drivers(continuous(list(b), 300, seed=seed, together=together), equation(2))
        row = relative_importance(fit, draws=200).table.iloc[0]
        hits += row["low"] <= true <= row["high"]
    assert 132 <= hits <= 149, "95 % of 150 are 142.5; a binomial test at 0.1 % allows 132 to 149"


def answered(estimator: str, n: int = 500, seed: int = 1):
    frame = continuous([1.0, 0.5, 0.0], n, seed=seed)
    frame["y"] = np.digitize(frame["y"], [0.0] if estimator == "logit" else [-1.5, -0.3, 1.0])
    return fit_drivers(frame, equation(3, estimator=estimator))


@pytest.mark.parametrize("estimator", ["logit", "ordered_logit"])
def test_shares_of_logits_divide_the_latent_r2_by_refitting_every_subset(estimator):
    fit = answered(estimator)
    x, b = fit.answers.scores[["x0", "x1", "x2"]].to_numpy(), fit.table["estimate"].to_numpy()
    whole = (x @ b).var() / ((x @ b).var() + np.pi**2 / 3)
    table = relative_importance(fit, draws=100).table
    assert set(table["method"]) == {"lmg_latent", "johnson_latent"}
    # what a subset explains of y* = x'b + e is what it explains of x'b, times the share of x'b in y*
    brute = np.array(refitted(x, x @ b)) * whole
    assert brute.sum() == pytest.approx(whole, abs=1e-12)
    shares = table.query("method == 'lmg_latent'")["share"]
    assert shares.tolist() == pytest.approx(brute / brute.sum(), abs=1e-10)


def test_the_step_of_a_logit_draw_ends_near_where_a_refit_ends():
    fit = answered("ordered_logit", 400)
    table = relative_importance(fit, draws=2000).table.query("method == 'lmg_latent'")
    rng, shares = np.random.default_rng(5), []
    frame = fit.answers.scores
    for _ in range(300):
        rows = frame.iloc[rng.integers(0, len(frame), len(frame))].reset_index(drop=True)
        again = fit_drivers(rows, equation(3, estimator="ordered_logit"))
        line = rows[["x0", "x1", "x2"]].to_numpy() @ again.table["estimate"].to_numpy()
        shares.append(refitted(rows[["x0", "x1", "x2"]].to_numpy(), line))
    low, high = np.percentile(shares, [2.5, 97.5], axis=0)
    assert table["low"].tolist() == pytest.approx(low, abs=0.025)
    assert table["high"].tolist() == pytest.approx(high, abs=0.025)


def test_a_logit_without_finite_coefficients_has_no_shares_and_nobody_leads():
    frame = continuous([1.0, 0.3], 200)
    frame["y"] = (frame["x0"] > 0).astype(int)
    model = equation(2, estimator="logit", blocks={"one": ["x0"], "two": ["x1"]})
    study = study_survey(frame, model, draws=100)
    assert study.importance.empty and study.blocks.empty
    assert "nothing can be said about the drivers of y" in study.answer
    assert "leads" not in study.answer and "Not told from zero" not in study.answer
    assert study.shares.plot().get_title() == "" and "nothing could be estimated" in study.text


def test_too_few_draws_are_refused():
    with pytest.raises(BadInput, match="at least 100"):
        relative_importance(fit_drivers(continuous([1.0]), equation(1)), draws=10)
