"""Shares of explained variance: equal to refitting every subset, sums that must hold, intervals that cover."""

from __future__ import annotations

from itertools import combinations, permutations
from math import comb

import numpy as np
import pandas as pd
import pytest

from tests.study.surveys import continuous, equation, with_exact_moments
from touchsim.errors import BadInput
from touchsim.study import shapley
from touchsim.study.drivers import fit_drivers
from touchsim.study.importance import relative_importance
from touchsim.study.moments import fit_moments
from touchsim.study.resampling import ROWS_AT_ONCE, correlation_draws, product_in_pieces
from touchsim.study.shapley import johnson_shares, lmg_shares, pratt_shares, subset_r2
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
    assert set(table["method"]) == {"lmg_latent", "johnson_latent", "pratt_latent"}
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


@pytest.mark.parametrize("players", [[[0, 2], [1, 3, 4]], [[4], [0, 1, 2], [3]], [[3, 1], [0], [2], [4]]])
def test_blocks_as_players_get_the_mean_of_what_they_add_over_all_orders_of_blocks(players):
    frame = continuous([0.5, 0.2, -0.3, 0.1, 0.4], 90, seed=4)
    x, y = frame.iloc[:, :-1].to_numpy(), frame["y"].to_numpy()
    brute = np.zeros(len(players))
    orders = list(permutations(range(len(players))))
    for order in orders:
        inside: list[int] = []
        for player in order:
            before = r2_of(x[:, inside], y)
            inside = [*inside, *players[player]]
            brute[player] += (r2_of(x[:, inside], y) - before) / len(orders)
    found, error = lmg_shares(np.corrcoef(frame.to_numpy(), rowvar=False)[None], players=players)
    assert found[0].tolist() == pytest.approx(brute, abs=1e-10) and error == 0.0


def test_sampled_orders_of_blocks_agree_with_the_exact_ones(monkeypatch):
    frame = continuous(list(np.linspace(0, 1, 10)), 300)
    matrices, players = correlation_draws(frame.to_numpy(), 20), [[0, 5], [1], [2, 3, 4], [6], [7], [8, 9]]
    exact = lmg_shares(matrices, players=players)[0]
    monkeypatch.setattr(shapley, "EXACT_UP_TO", 5)
    sampled, error = lmg_shares(matrices, players=players)
    assert 0 < error < 0.01 and np.abs(sampled[0] - exact[0]).max() < 4.5 * error


def test_the_importance_of_blocks_names_each_player_and_a_driver_of_no_block_plays_alone():
    frame = continuous([0.8, 0.4, 0.2, 0.1], 400)
    model = equation(4, blocks={"few": ["x0"], "many": ["x2", "x3"]})
    table = relative_importance(fit_drivers(frame, model), draws=200).table.set_index(["method", "term"])
    assert list(table.loc["lmg_blocks"].index) == ["block:few", "block:many", "x1"]
    assert table.loc["lmg_blocks"]["share"].sum() == pytest.approx(1.0)
    brute, _ = lmg_shares(np.corrcoef(frame.to_numpy(), rowvar=False)[None], players=[[0], [2, 3], [1]])
    assert table.loc["lmg_blocks"]["share"].tolist() == pytest.approx(list(brute[0] / brute.sum()), abs=1e-10)
    assert (table["low"] <= table["share"]).all() and (table["share"] <= table["high"]).all()
    summed = table.loc["lmg", "block:many"]["share"]
    assert summed == pytest.approx(table.loc["lmg", "x2"]["share"] + table.loc["lmg", "x3"]["share"])
    assert summed != pytest.approx(table.loc["lmg_blocks", "block:many"]["share"], abs=1e-4), "another game"


def test_without_blocks_nobody_plays_as_a_block():
    table = relative_importance(fit_drivers(continuous([0.8, 0.4]), equation(2)), draws=100).table
    assert set(table["method"]) == {"lmg", "johnson", "pratt"}


def test_pratt_is_coefficient_times_correlation_sums_to_r2_and_is_negative_for_a_suppressor():
    frame = continuous([1.0, -0.35, 0.3], 300, together=0.7)
    fit = fit_drivers(frame, equation(3))
    found = pratt_shares(np.corrcoef(frame.to_numpy(), rowvar=False)[None])[0]
    by_hand = fit.table["std_beta"].to_numpy() * frame.corr()["y"].to_numpy()[:-1]
    assert found.tolist() == pytest.approx(by_hand, abs=1e-12)
    assert found.sum() == pytest.approx(fit.summary["r2"].item())
    table = relative_importance(fit, draws=100).table.query("method == 'pratt'").set_index("term")
    assert table.loc["x1", "share"] < 0 < frame.corr().loc["x1", "y"], "its coefficient and correlation disagree"
    assert table["share"].sum() == pytest.approx(1.0)


def test_the_chance_of_an_order_is_counted_over_the_draws():
    importance = relative_importance(fit_drivers(continuous([0.5, 0.45, 0.4], 200), equation(3)), draws=500)
    shares = importance.draws["y", "all"]
    pairs = importance.orders.query("b != 'every other'").set_index(["a", "b"])
    assert len(pairs) == 3
    for (a, b), row in pairs.iterrows():
        gap = shares[:, int(a[1])] - shares[:, int(b[1])]
        assert row["difference"] == pytest.approx(gap[0]) and gap[0] >= 0
        assert row["p_above"] == pytest.approx((gap[1:] > 0).mean())
        assert row["low"] <= row["difference"] <= row["high"]
    first = importance.orders.query("b == 'every other'").set_index("a")
    assert first["p_above"].sum() == pytest.approx(1.0)
    assert first["p_above"].to_dict() == importance.order.set_index("term")["p_first"].to_dict()
    top = shares[0].argmax()
    assert first.loc[f"x{top}", "difference"] == pytest.approx(np.sort(shares[0])[-1] - np.sort(shares[0])[-2])


def test_two_drivers_that_are_alike_stand_above_each_other_in_half_the_draws_and_the_text_says_so():
    even = np.array([[1, 0.4, 0.5], [0.4, 1, 0.5], [0.5, 0.5, 1]])
    frame = pd.DataFrame(with_exact_moments(np.zeros(3), np.ones(3), even, 400), columns=["x0", "x1", "y"])
    importance = relative_importance(fit_drivers(frame, equation(2)), draws=2000)
    row = importance.orders.query("b != 'every other'").iloc[0]
    assert row["p_above"] == pytest.approx(0.5, abs=0.06) and row["low"] < 0 < row["high"]
    said = f"How sure the order is: {row['a']} above {row['b']} in {100 * row['p_above']:.0f} % of the draws."
    assert said in importance.text


def test_orders_of_structural_equations_and_of_published_tables_come_from_the_same_draws():
    rng = np.random.default_rng(3)
    liked = rng.normal(size=(400, 2)) @ np.array([[1, 0.3], [0, 1]])
    y = liked @ [0.7, 0.3] + rng.normal(size=400)
    items = {f"{name}{n}": values + 0.6 * rng.normal(size=400)
             for name, values in (("a", liked[:, 0]), ("b", liked[:, 1]), ("y", y)) for n in (1, 2, 3)}  # fmt: skip
    scales = {name: [f"{name}{n}" for n in (1, 2, 3)] for name in "aby"}
    model = {"scales": scales, "drivers": {"y": ["a", "b"]}, "estimator": "sem",
             "blocks": {"one": ["a"], "two": ["b"]}}  # fmt: skip
    table = pd.DataFrame({"a": [0, 1, 300, 1, 0.3, 0.6], "b": [0, 1, 300, 0.3, 1, 0.4], "y": [0, 1, 300, 0.6, 0.4, 1]},
                         index=["mean", "sd", "n", "a", "b", "y"])  # fmt: skip
    for fit in (fit_drivers(pd.DataFrame(items), model), fit_moments(table, {"drivers": {"y": ["a", "b"]}})):
        importance = relative_importance(fit, draws=300)
        row = importance.orders.query("a == 'a' and b == 'b' and method == 'lmg'").iloc[0]
        assert row["p_above"] == pytest.approx((importance.draws["y", "all"][1:, 0] > 0.5).mean())
        assert row["p_above"] > 0.9
