"""Factors of items are those of R (factanal, GPArotation, psych), and known factors are found again."""

from __future__ import annotations

import json
from itertools import permutations
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st
from scipy.optimize import linear_sum_assignment

import touchsim as ts
from tests.equations.cases import SHORT, survey
from tests.study.surveys import asked, rated
from touchsim.study.exploratory import EXPLORATORY, Exploratory, exploratory_factors
from touchsim.study.factors import _complexity, most_factors, rotated, unrotated
from touchsim.study.retention import average_partials, independent_eigenvalues, sampling_adequacy, sphericity

R: dict[str, Any] = json.loads((Path(__file__).parent / "factors.json").read_text(encoding="utf-8"))
CASES = [("few", "two"), ("few", "three"), ("many", "nine")]


def correlation(of: str) -> np.ndarray:
    return np.corrcoef(survey()[R[of]["items"]].to_numpy(float), rowvar=False)


def alike(own: np.ndarray, other: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Order and signs that bring columns of `own` next to those of `other`."""
    together = own.T @ other
    rows, columns = linear_sum_assignment(-np.abs(together))
    order = rows[np.argsort(columns)]
    return order, np.sign([together[j, k] for k, j in enumerate(order)])


def matched(own: np.ndarray, other: np.ndarray) -> np.ndarray:
    order, sign = alike(own, other)
    return own[:, order] * sign


@pytest.mark.parametrize(("of", "many"), CASES)
def test_uniqueness_and_chi2_are_those_of_factanal(of: str, many: str) -> None:
    other = R[of][many]
    found = unrotated(correlation(of), other["factors"])
    chi2, df, p = found.chi2(len(survey()))
    assert chi2 == pytest.approx(other["chi2"], rel=1e-6)
    assert df == other["df"] and p == pytest.approx(other["p"], rel=1e-4)
    assert found.uniqueness == pytest.approx(np.array(other["uniqueness"]), abs=1e-5)


@pytest.mark.parametrize(("of", "many"), CASES)
def test_varimax_is_that_of_factanal(of: str, many: str) -> None:
    other = R[of][many]
    own = rotated(unrotated(correlation(of), other["factors"]).loadings, "varimax").loadings
    assert matched(own, np.array(other["varimax"])) == pytest.approx(np.array(other["varimax"]), abs=2e-5)


@pytest.mark.parametrize(("of", "many"), CASES)
def test_oblimin_is_that_of_gparotation(of: str, many: str) -> None:
    other = R[of][many]
    own = rotated(unrotated(correlation(of), other["factors"]).loadings)
    assert _complexity(own.loadings) == pytest.approx(other["complexity"], rel=1e-5)
    order, sign = alike(own.loadings, np.array(other["oblimin"]))
    assert own.loadings[:, order] * sign == pytest.approx(np.array(other["oblimin"]), abs=1e-4)
    between = own.correlations[np.ix_(order, order)] * np.outer(sign, sign)
    assert between == pytest.approx(np.array(other["phi"]), abs=1e-4)


@pytest.mark.parametrize("of", ["few", "many"])
def test_the_whole_analysis_is_that_of_psych(of: str) -> None:
    other = R[of]["psych"]
    items = R[of]["items"]
    scales = {name: [f"{short}{j}" for j in (1, 2, 3)] for name, short in SHORT.items() if f"{short}1" in items}
    found = exploratory_factors(survey(), {"scales": scales}, factors=len(scales))
    theirs = np.array(other["loadings"])
    own = found.loadings.loc[items].to_numpy()
    order, sign = alike(own, theirs)
    assert own[:, order] * sign == pytest.approx(theirs, abs=2e-3)
    assert found.correlations.to_numpy()[np.ix_(order, order)] * np.outer(sign, sign) == pytest.approx(
        np.array(other["phi"]), abs=2e-3)  # fmt: skip
    assert found.chi2 == pytest.approx(other["chi2"], rel=1e-4) and found.df == other["df"]
    assert found.suggested["parallel"] == R[of]["judged"]["components"]


@pytest.mark.parametrize("of", ["few", "many"])
def test_what_speaks_for_factors_is_that_of_psych(of: str) -> None:
    other, here, n = R[of]["judged"], correlation(of), len(survey())
    assert np.linalg.eigvalsh(here)[::-1] == pytest.approx(np.array(other["eigenvalues"]), abs=1e-8)
    kmo, each = sampling_adequacy(here)
    assert kmo == pytest.approx(other["kmo"], abs=1e-8) and each == pytest.approx(np.array(other["kmo_each"]), abs=1e-8)
    chi2, df, p = sphericity(here, n)
    assert chi2 == pytest.approx(other["chi2"], rel=1e-8) and df == other["df"]
    assert p == pytest.approx(other["p"], abs=1e-12)
    known = np.array(other["map"])
    assert average_partials(here)[1 : len(known) + 1] == pytest.approx(known, abs=1e-8)
    drawn = independent_eigenvalues(n, len(here))
    assert drawn.mean(axis=0) == pytest.approx(np.array(other["simulated"]), abs=0.01)  # psych shows means


def test_drawn_at_once_the_eigenvalues_are_those_of_tables_drawn_row_by_row() -> None:
    n, p = 60, 8
    rng = np.random.default_rng(5)
    rows = np.array([np.linalg.eigvalsh(np.corrcoef(rng.normal(size=(n, p)), rowvar=False))[::-1] for _ in range(3000)])
    drawn = independent_eigenvalues(n, p, draws=3000)
    assert drawn.mean(axis=0) == pytest.approx(rows.mean(axis=0), abs=0.012)
    assert np.quantile(drawn, 0.95, axis=0) == pytest.approx(np.quantile(rows, 0.95, axis=0), abs=0.03)


@settings(deadline=None, max_examples=40)
@given(st.integers(1, 3), st.integers(0, 10_000))
def test_factors_behind_a_matrix_are_found_exactly(q: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    true = np.zeros((4 * q, q))
    for j in range(q):
        true[4 * j : 4 * j + 4, j] = rng.uniform(0.5, 0.9, size=4)
    matrix = true @ true.T + np.diag(1 - (true**2).sum(axis=1))
    found = unrotated(matrix, q)
    assert found.misfit == pytest.approx(0, abs=1e-7)
    for rotation in ("varimax", "oblimin"):
        own = rotated(found.loadings, rotation)
        assert np.abs(matched(own.loadings, true)) == pytest.approx(true, abs=2e-3)
        assert own.communality == pytest.approx(1 - found.uniqueness, abs=1e-6)


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10_000))
def test_a_rotation_changes_no_communality_and_the_order_of_items_nothing(seed: int) -> None:
    rng = np.random.default_rng(seed)
    loadings = rng.uniform(-0.6, 0.6, size=(9, 3))
    order = rng.permutation(9)
    for rotation in ("varimax", "oblimin", "none"):
        own = rotated(loadings, rotation)
        assert own.communality == pytest.approx((loadings**2).sum(axis=1), abs=1e-8)
        assert np.diag(own.correlations) == pytest.approx(np.ones(3))
    assert rotated(loadings[order], "varimax").communality == pytest.approx((loadings**2).sum(axis=1)[order], abs=1e-8)


def test_as_many_factors_as_items_can_tell() -> None:
    for p in range(1, 60):
        most = most_factors(p)
        assert (p - most) ** 2 >= p + most or most == 0
        assert (p - most - 1) ** 2 < p + most + 1 or most == p - 1 or most == 0


SLOPES = {"speed": 0.5, "price": 0.3, "help": 0.4}


def explored(frame: pd.DataFrame, **more: Any) -> Exploratory:
    return exploratory_factors(frame, asked(list(SLOPES)), **more)


def test_items_are_at_home_on_the_factor_of_their_scale() -> None:
    found = explored(rated(SLOPES, n=800, together=0.1), factors=4)
    assert list(found.table) == EXPLORATORY
    assert len(set(found.homes.values())) == 4
    assert (found.table.groupby("item")["remark"].agg(lambda remarks: "main" in set(remarks))).all()
    assert "Every item loads most, and only, on the factor of its scale." in found.text
    assert found.structure.to_numpy() == pytest.approx(found.loadings.to_numpy() @ found.correlations.to_numpy())


def test_an_item_in_the_wrong_scale_is_named() -> None:
    frame = rated(SLOPES, n=800, together=0.1).rename(columns={"speed1": "price1", "price1": "speed1"})
    found = explored(frame, factors=4)
    rows = found.table[found.table["remark"] == "elsewhere"]
    assert sorted(rows["item"]) == ["price1", "speed1"]
    assert "load most on another factor than their scale: speed1 (F" in found.text


def test_an_item_of_noise_is_weak_and_one_of_two_factors_crosses() -> None:
    frame = rated(SLOPES, n=2000, together=0.1)
    rng = np.random.default_rng(3)
    frame["help3"] = rng.integers(1, 8, size=len(frame))
    frame["price3"] = frame["price1"] + frame["speed1"] + rng.integers(0, 3, size=len(frame))
    remarks = explored(frame, factors=4).table.groupby("item")["remark"].agg(set)
    assert "weak" in remarks["help3"] and "cross" in remarks["price3"]
    assert "cross" not in remarks["price1"] and "weak" not in remarks["help1"]


def test_scales_that_share_a_factor_are_told_together() -> None:
    found = explored(rated(SLOPES, n=800, together=0.1), factors=2)
    assert "On one factor together: " in found.text and "HTMT" in found.text


def test_a_heywood_case_is_named() -> None:
    rng = np.random.default_rng(1)
    factor = rng.normal(size=300)
    frame = pd.DataFrame({"A1": factor, **{f"A{j}": factor + rng.normal(size=300) for j in (2, 3, 4)}})
    frame["A1"] += 1e-3 * rng.normal(size=300)
    found = exploratory_factors(frame, {"scales": {"trust": list(frame)}}, factors=1)
    assert found.heywood == ("A1",) and "Heywood case: A1 keep" in found.text


def test_unrelated_items_get_one_factor_and_are_called_weak() -> None:
    frame = pd.DataFrame(np.random.default_rng(1).normal(size=(500, 6)), columns=[f"A{j}" for j in range(6)])
    found = exploratory_factors(frame, {"scales": {"trust": list(frame)}})
    assert found.suggested["parallel"] == 0 and found.factors == 1
    assert "Items without a loading of 0.4" in found.text


@pytest.mark.parametrize(
    ("more", "said"),
    [({"factors": 9}, "factors: must be a whole number from 1 to 7, as many as 12 items can tell (got 9)"),
     ({"factors": 1.5}, "factors: must be a whole number"), ({"factors": True}, "factors: must be a whole number"),
     ({"rotation": "oblimn"}, "rotation: must be one of oblimin, varimax, none (got oblimn); did you mean 'oblimin'?"),
     ({"draws": 0}, "draws: must be at least 1"),
     ({"seed": -1}, "seed: must be a whole number, 0 or more (got -1)")],
)  # fmt: skip
def test_what_cannot_be_is_said(more: dict[str, Any], said: str) -> None:
    with pytest.raises(ts.BadInput) as bad:
        explored(rated(SLOPES), **more)
    assert said in str(bad.value)


def test_items_that_have_no_factors_are_said() -> None:
    frame = rated(SLOPES)
    with pytest.raises(ts.BadInput, match="at least 3 items in all"):
        exploratory_factors(frame, {"scales": {"speed": ["speed1", "speed2"]}})
    frame["speed3"] = frame["speed1"] + frame["speed2"]
    with pytest.raises(ts.BadInput, match="exact combinations of others"):
        explored(frame)
    with pytest.raises(ts.BadInput, match="more complete rows than items"):
        explored(rated(SLOPES).head(12))


def test_the_order_of_columns_is_of_no_account() -> None:
    frame = rated(SLOPES, n=400)
    for columns in list(permutations(["speed1", "speed2", "speed3"]))[:2]:
        other = frame[[*columns, *(name for name in frame if name not in columns)]]
        assert explored(other).table.equals(explored(frame).table)


def test_an_item_that_is_constant_without_the_rows_that_have_gaps_is_said() -> None:
    frame = rated(SLOPES)
    frame.loc[10:, "speed1"], frame.loc[:299, "price1"] = 4.0, np.nan
    model = asked(list(SLOPES), missing={"how": "impute"})
    with pytest.raises(ts.BadInput, match="column 'speed1': is constant among the rows complete on every item"):
        exploratory_factors(frame, model)


def test_few_answers_with_little_in_common_are_said_and_many_with_much_are_not() -> None:
    few = pd.DataFrame(np.random.default_rng(3).normal(size=(41, 39)), columns=[f"A{j}" for j in range(39)])
    found = exploratory_factors(few, {"scales": {"trust": list(few)}}, factors=1, draws=20)
    assert found.kmo < 0.5 and "too little in common for factors (KMO under 0.5" in found.text
    assert "41 answers to 39 items are few" in found.text and "large samples" not in found.text
    assert explored(rated(SLOPES)).doubts == ()
    assert "99 answers to 12 items are few" in explored(rated(SLOPES, n=99)).text
    assert explored(rated(SLOPES, n=100)).doubts == ()


def test_a_rejection_is_laid_on_a_large_sample_only_where_it_is_one() -> None:
    small, large = (explored(rated(SLOPES, n=n, noise=0.3), factors=1) for n in (200, 300))
    assert max(small.p_value, large.p_value) < 0.05
    assert "is rejected: chi2" in small.text and "large samples" not in small.text
    assert "is rejected: chi2" in large.text and "large samples" in large.text


def test_a_search_that_did_not_end_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    assert explored(rated(SLOPES)).converged
    monkeypatch.setattr("touchsim.study.factors.STEPS", 1)
    found = explored(rated(SLOPES), factors=1)
    assert not found.converged and "did not end at a maximum" in found.text


def test_scales_of_one_item_have_no_factor_of_their_own_and_no_htmt() -> None:
    frame = rated({"speed": 0.5}, n=800)
    items = list(frame)
    alone = exploratory_factors(frame, {"scales": {item: [item] for item in items}}, factors=1)
    assert not alone.table["remark"].isin(["weak", "elsewhere", "cross"]).any()
    assert "Every item loads most" not in alone.text and "HTMT" not in alone.text
    assert "On one factor together: " in alone.text
    together = exploratory_factors(frame, {"scales": {"speed": items[:3], "satisfaction": items[3:]}}, factors=1)
    assert "Every item loads most" not in together.text and "HTMT" in together.text
