"""How far a scale can be trusted: formulas worked by hand and loadings known beforehand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.study.surveys import with_exact_moments
from touchsim.study.scales import factor_loadings, htmt_table, raw_alpha, reliability_table, scale_scores


def test_alpha_is_the_one_computed_by_hand():
    # variances 1 and 3, covariance 1.5: alpha = 2 * (1 - 4 / 7) = 6 / 7
    items = np.array([[1.0, 2.0], [2.0, 2.0], [3.0, 5.0]])
    assert raw_alpha(items) == pytest.approx(6 / 7)


@pytest.mark.parametrize("true", [[0.9, 0.8, 0.7], [0.5, 0.6, 0.7, 0.8], [0.3, 0.9, 0.4, 0.7, 0.6], [-0.6, 0.8, 0.7]])
def test_loadings_of_a_matrix_that_obeys_one_factor_are_found_again(true):
    true = np.array(true)
    matrix = np.outer(true, true) + np.diag(1 - true**2)
    assert factor_loadings(matrix) == pytest.approx(true, abs=1e-5)


def test_loadings_are_the_maximum_of_the_likelihood_when_one_factor_does_not_fit():
    rng = np.random.default_rng(4)
    matrix = np.corrcoef(rng.normal(size=(60, 5)) @ rng.normal(size=(5, 5)) + rng.normal(size=(60, 1)), rowvar=False)

    def misfit(loadings):
        implied = np.outer(loadings, loadings) + np.diag(1 - loadings**2)
        return np.linalg.slogdet(implied)[1] + np.trace(np.linalg.solve(implied, matrix))

    found = factor_loadings(matrix)
    best = misfit(found)
    for step in 0.01 * np.random.default_rng(5).normal(size=(200, 5)):
        assert misfit(np.clip(found + step, -0.997, 0.997)) >= best - 1e-9


def test_omega_and_ave_follow_from_known_loadings():
    true = np.array([0.9, 0.8, 0.7])
    matrix = np.outer(true, true) + np.diag(1 - true**2)
    rows = with_exact_moments(np.zeros(3), np.array([1.0, 2.0, 3.0]), matrix, 400)
    table = reliability_table(pd.DataFrame(rows, columns=["a", "b", "c"]), {"trust": ["a", "b", "c"]}).iloc[0]
    raw, theta = true * [1, 2, 3], (1 - true**2) * np.array([1, 4, 9])
    assert table["omega"] == pytest.approx(raw.sum() ** 2 / (raw.sum() ** 2 + theta.sum()), abs=1e-6)
    assert table["cr"] == pytest.approx(2.4**2 / (2.4**2 + (1 - true**2).sum()), abs=1e-6)
    assert table["ave"] == pytest.approx((0.81 + 0.64 + 0.49) / 3, abs=1e-6)


def test_two_items_have_an_alpha_and_nothing_else_and_one_item_has_nothing():
    items = pd.DataFrame(np.random.default_rng(1).normal(size=(50, 3)), columns=["a", "b", "c"])
    two, one = reliability_table(items, {"two": ["a", "b"], "one": ["c"]}).to_dict("records")
    assert np.isfinite(two["alpha"]) and all(np.isnan(two[name]) for name in ("omega", "cr", "ave"))
    assert all(np.isnan(one[name]) for name in ("alpha", "omega", "cr", "ave"))


def test_htmt_is_the_mean_between_over_the_geometric_mean_within():
    matrix = np.full((5, 5), 0.3)
    matrix[:2, :2], matrix[2:, 2:] = 0.5, 0.72
    np.fill_diagonal(matrix, 1)
    items = pd.DataFrame(with_exact_moments(np.zeros(5), np.ones(5), matrix, 200), columns=list("abcde"))
    table = htmt_table(items, {"one": ["a", "b"], "two": ["c", "d", "e"], "single": ["a"]})
    assert table["htmt"].tolist() == pytest.approx([0.3 / np.sqrt(0.5 * 0.72)]), "constructs of one item are left out"


def test_a_score_is_the_mean_of_its_items():
    items = pd.DataFrame({"a": [1.0, 4.0], "b": [2.0, 6.0]})
    assert scale_scores(items, {"both": ["a", "b"], "b": ["b"]}).to_numpy().tolist() == [[1.5, 2.0], [5.0, 6.0]]
