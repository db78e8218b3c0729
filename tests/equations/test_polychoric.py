"""What correlations behind ordered answers promise, held without any other program of their kind."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st
from scipy import optimize
from scipy.stats import multivariate_normal, norm

from tests.equations.cases import FEW, THIRTEEN, survey
from touchsim.equations.bivariate import joint_chance, joint_density
from touchsim.equations.fitting import fit_equations
from touchsim.equations.invariance import compare_fits
from touchsim.equations.ordinal import fit_ordinal
from touchsim.equations.polychoric import polychorics_of
from touchsim.equations.sample import sample_from_moments, sample_of
from touchsim.equations.specification import Equations
from touchsim.errors import BadInput

CORRELATIONS = [-0.999, -0.95, -0.925, -0.6, 0.0, 0.3, 0.9, 0.924, 0.926, 0.97, 0.99, 0.999]


def cut(r: float, n: int, *cuts: list[float], seed: int = 1) -> np.ndarray:
    """Codes of as many items as there are cuts, all correlated r behind."""
    p = len(cuts)
    fine = np.random.default_rng(seed).multivariate_normal(np.zeros(p), np.full((p, p), r) + (1 - r) * np.eye(p), n)
    return np.column_stack([np.digitize(column, some) for column, some in zip(fine.T, cuts, strict=True)])


@pytest.mark.parametrize("r", CORRELATIONS)
def test_chances_of_two_normal_variables_are_those_of_scipy(r: float) -> None:
    rng = np.random.default_rng(7)
    h = rng.normal(size=60) * 1.5
    k = np.where(np.arange(60) % 2, rng.normal(size=60), np.sign(r) * h + 0.05 * rng.normal(size=60))
    there = [multivariate_normal.cdf([a, b], cov=[[1, r], [r, 1]], abseps=1e-14, releps=1e-14)
             for a, b in zip(h, k, strict=True)]  # fmt: skip
    assert joint_chance(h, k, np.array(r)) == pytest.approx(there, abs=2e-13)


@given(st.floats(-6, 6), st.floats(-6, 6), st.floats(-0.9999, 0.9999))
def test_quarters_of_the_plane_add_up_to_one_and_turn_into_each_other(h: float, k: float, r: float) -> None:
    one, two, three, four = (joint_chance(np.array(a * h), np.array(b * k), np.array(a * b * r))
                             for a in (1, -1) for b in (1, -1))  # fmt: skip
    assert one + two + three + four == pytest.approx(1, abs=1e-14)
    assert one + two == pytest.approx(norm.cdf(h), abs=1e-14)
    assert 0 <= one + 1e-15 and one <= min(norm.cdf(h), norm.cdf(k)) + 1e-15


@pytest.mark.parametrize("r", CORRELATIONS[1:-1])
def test_the_density_is_the_slope_of_the_chance(r: float) -> None:
    h, k, step = np.array([0.3, -1.0, 1.2]), np.array([0.5, 0.4, 1.3]), 1e-6
    slope = (joint_chance(h, k, np.array(r + step)) - joint_chance(h, k, np.array(r - step))) / (2 * step)
    assert joint_density(h, k, np.array(r)) == pytest.approx(slope, rel=1e-6, abs=1e-9)


def test_two_items_cut_in_the_middle_have_the_tetrachoric_correlation_of_sheppard() -> None:
    codes = np.repeat([[0, 0], [1, 1], [0, 1], [1, 0]], [35, 35, 15, 15], axis=0)
    assert polychorics_of(codes).correlations[0, 1] == pytest.approx(-np.cos(2 * np.pi * 0.35), abs=1e-12)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.floats(-0.9, 0.9), st.integers(2, 6), st.integers(2, 6))
def test_no_correlation_makes_a_table_likelier(seed: int, r: float, rows: int, columns: int) -> None:
    first, second = (list(norm.ppf(np.arange(1, many) / many)) for many in (rows, columns))
    codes = cut(r, 150, first, second, seed=seed)
    codes = np.column_stack([np.unique(column, return_inverse=True)[1] for column in codes.T])
    found = polychorics_of(codes)
    table = np.zeros((codes[:, 0].max() + 1, codes[:, 1].max() + 1))
    np.add.at(table, tuple(codes.T), 1)
    if min(table.shape) < 2 or found.patched or abs(found.correlations[0, 1]) > 0.99:
        return
    a, b = (np.array([-np.inf, *some, np.inf]) for some in found.thresholds)

    def misfit(one: float) -> float:
        chance = np.diff(np.diff(joint_chance(a[:, None], b[None, :], np.array(one)), axis=0), axis=1)
        return -float((table * np.log(np.maximum(chance, 1e-14))).sum())

    best = optimize.minimize_scalar(misfit, bounds=(-0.995, 0.995), method="bounded", options={"xatol": 1e-9})
    assert misfit(found.correlations[0, 1]) <= best.fun + 1e-8


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 1000), st.lists(st.booleans(), min_size=3, max_size=3))
def test_an_item_read_from_its_other_end_turns_its_correlations_and_nothing_else(seed: int, turn: list[bool]) -> None:
    codes = cut(0.5, 300, [-1, 0, 1], [0.2], [-0.5, 0.5], seed=seed)
    sign = np.where(turn, -1, 1)
    other = np.where(turn, codes.max(axis=0) - codes, codes)
    one, two = polychorics_of(codes), polychorics_of(other)
    assert two.correlations == pytest.approx(np.outer(sign, sign) * one.correlations, abs=1e-9)
    pairs = np.array([sign[i] * sign[j] for i, j in zip(*np.tril_indices(3, -1), strict=True)])
    assert two.gamma == pytest.approx(np.outer(pairs, pairs) * one.gamma, rel=1e-6, abs=1e-9)


def test_answers_on_five_points_lose_a_part_of_the_correlation_that_thresholds_give_back() -> None:
    codes = cut(0.7, 40_000, [-0.5, 0.8], [0.6, 1.4])
    assert np.corrcoef(codes, rowvar=False)[0, 1] < 0.6
    assert polychorics_of(codes).correlations[0, 1] == pytest.approx(0.7, abs=0.012)


def test_errors_of_correlations_are_their_scatter_over_samples() -> None:
    many = [polychorics_of(cut(0.5, 400, [-1, 0.3, 1.0], [0.4], [-0.7, 0.7], seed=seed)) for seed in range(500)]
    first, second = np.tril_indices(3, -1)
    scatter = np.cov(np.array([one.correlations[first, second] for one in many]), rowvar=False) * 400
    told = np.mean([one.gamma for one in many], axis=0)
    assert np.abs(told - scatter).max() < 0.18, "three Monte Carlo errors of variances near 1.2"


def careless(share: float, n: int, seed: int, *, rounds: int = 1) -> np.ndarray:
    """Three items, or so many times three, of which a share of people tick one column, or anything."""
    p = 3 * rounds
    codes = cut(0.7, n, *rounds * [[-1, 0.3, 1.0], [-1, 0.2, 1.0], [-0.7, 0.2, 0.7]], seed=seed)
    rng = np.random.default_rng([seed, 9])
    who = rng.random(n) < share
    many = int(who.sum())
    column = np.repeat(rng.integers(0, 4, (many, 1)), p, axis=1)
    codes[who] = np.where(rng.random((many, 1)) < 0.5, column, rng.integers(0, 4, (many, p)))
    return codes


def test_among_careless_people_only_errors_from_second_derivatives_are_the_scatter() -> None:
    many = [polychorics_of(careless(0.1, 400, seed)) for seed in range(400)]
    lower = np.tril_indices(3, -1)
    scatter = np.var(np.array([one.correlations[lower] for one in many]), axis=0) * 400
    told, usual = (np.mean([np.diag(getattr(one, name)) for one in many], axis=0) for name in ("observed", "gamma"))
    assert told / scatter == pytest.approx(np.ones(3), abs=0.18)
    assert (usual / told < 0.85).all()


def test_with_normal_variables_both_kinds_of_errors_are_the_same() -> None:
    found = polychorics_of(cut(0.6, 60_000, [-1, 0.3, 1.0], [-1, 0.2, 1.0], [-0.7, 0.2, 0.7]))
    assert found.observed == pytest.approx(found.gamma, rel=0.03)


def test_a_survey_of_careless_people_says_how_much_errors_are_too_small() -> None:
    def doubts(share: float) -> list[str]:
        frame = pd.DataFrame(careless(share, 1500, 3), columns=list("abc"))
        fit = fit_ordinal(sample_of(frame, "abc"), Equations({"F": ("a", "b", "c")}))
        return [doubt for doubt in fit.doubts if "speak against the normal variables" in doubt]

    assert doubts(0.0) == []
    (doubt,) = doubts(0.1)
    assert 8 < float(doubt.split("standard errors are ")[1].split(" %")[0]) < 40


def test_few_sound_answers_are_not_accused_and_careless_ones_of_500_are() -> None:
    def accused(share: float, n: int, seed: int) -> bool:
        frame = pd.DataFrame(careless(share, n, seed, rounds=2), columns=list("abcdef"))
        fit = fit_ordinal(sample_of(frame, "abcdef"), Equations({"F": tuple("abcdef")}))
        return any("speak against the normal variables" in doubt for doubt in fit.doubts)

    for n in (100, 200):
        assert sum(accused(0.0, n, seed) for seed in range(40)) <= 2, "at 1 % more come once in 120 times"
    assert sum(accused(0.1, 500, seed) for seed in range(20)) >= 19


def test_strain_is_a_standard_normal_value_where_variables_are_normal() -> None:
    many = [polychorics_of(careless(0.0, 2000, seed)).strain for seed in range(200)]
    assert abs(np.mean(many)) < 0.3, "it leans below 0 in small samples"
    assert np.std(many) == pytest.approx(1, abs=0.15), "three Monte Carlo errors"


def test_words_of_the_points_do_not_matter_only_their_order() -> None:
    equations = Equations({"fulfilment": THIRTEEN["fulfilment"], "returns": THIRTEEN["returns"]})
    frame = survey()[list(equations.observed)]
    one = fit_ordinal(sample_of(frame, equations.observed), equations)
    two = fit_ordinal(sample_of(frame**3 - 5.5, equations.observed), equations)
    assert one.table["estimate"].tolist() == two.table["estimate"].tolist()


def test_scaling_by_marker_or_by_variance_says_the_same() -> None:
    sample = sample_of(survey(), FEW.observed)
    one = fit_ordinal(sample, FEW)
    two = fit_ordinal(sample, Equations(FEW.measurement, scaling="variance"))
    for index in ("chi2", "chi2_scaled", "cfi_scaled", "srmr", "df"):
        assert one.indices[index] == pytest.approx(two.indices[index], rel=1e-8), index
    assert one.table["std"].tolist() == pytest.approx(two.table["std"].tolist(), abs=1e-8)
    assert one.table["std_std_error"].tolist() == pytest.approx(two.table["std_std_error"].tolist(), abs=1e-7)


def test_a_model_of_which_correlations_are_born_is_found_again() -> None:
    loadings = np.array([0.8, 0.7, 0.6])
    sigma = np.kron([[1, 0.4], [0.4, 1]], np.outer(loadings, loadings))
    np.fill_diagonal(sigma, 1)
    fine = np.random.default_rng(5).multivariate_normal(np.zeros(6), sigma, 30_000)
    frame = pd.DataFrame(np.digitize(fine, [-0.4, 0.5, 1.3]), columns=list("abcdef"))
    equations = Equations({"F": list("abc"), "G": list("def")}, {"G": ["F"]})
    sample = sample_of(frame, equations.observed)
    fit, blunt = fit_ordinal(sample, equations), fit_equations(sample, equations)
    row = fit.table.set_index("name").loc["G~F"]
    assert row["std_low"] < 0.4 < row["std_high"] and fit.indices["p_scaled"] > 0.001
    assert fit.loadings["std"].to_numpy() == pytest.approx(np.tile(loadings, 2), abs=0.02)
    assert (blunt.loadings["std"].to_numpy() < np.tile(loadings, 2) - 0.02).all(), "distances lose a part"


def test_what_has_no_thresholds_is_refused_with_a_way_out() -> None:
    equations = Equations({"f": ("a", "b", "c")})
    rng = np.random.default_rng(1)
    answers = pd.DataFrame(rng.normal(size=(300, 1)) + rng.normal(size=(300, 3)), columns=list("abc"))
    with pytest.raises(BadInput, match=r"column 'a': has more than 15 different answers.*sem_mlr"):
        fit_ordinal(sample_of(answers, "abc"), equations)
    five = pd.DataFrame(np.digitize(answers, [-1, 0, 1]), columns=list("abc"))
    with pytest.raises(BadInput, match="one group at a time"):
        fit_ordinal(sample_of(five, "abc", ["x", "y"] * 150), equations)
    with pytest.raises(BadInput, match="b is constant"):
        fit_ordinal(sample_of(five.assign(b=1), "abc"), equations)
    with pytest.raises(BadInput, match="column 'c': orders people as 'a' does"):
        fit_ordinal(sample_of(five.assign(c=(five["a"] > 1).astype(int)), "abc"), equations)
    with pytest.raises(BadInput, match="needs the answers themselves"):
        fit_ordinal(sample_from_moments(pd.DataFrame(np.eye(3) + 0.2, columns=list("abc")), 100), equations)
    with pytest.raises(BadInput, match="'a~~a': cannot be fixed or set equal"):
        fit_ordinal(sample_of(five, "abc"), Equations({"f": ("a", "b", "c")}, fixed={"a~~a": 0.5}))
    with pytest.raises(BadInput, match="not identified"):
        fit_ordinal(sample_of(five[["a", "b"]], "ab"), Equations({"f": ("a", "b")}))
    fit = fit_ordinal(sample_of(five, "abc"), equations)
    with pytest.raises(BadInput, match="be fitted by likelihood"):
        compare_fits({"one": fit, "two": fit})


def test_odd_answers_are_told() -> None:
    codes = np.repeat([[0, 0, 0], [1, 1, 0], [1, 0, 1], [1, 1, 1], [0, 0, 1], [1, 0, 0]], [40, 30, 9, 40, 12, 20],
                      axis=0)  # fmt: skip
    frame = pd.DataFrame(codes, columns=list("abc"))
    fit = fit_ordinal(sample_of(frame, "abc"), Equations({"f": ("a", "b", "c")}))
    text = " ".join(fit.doubts)
    assert "one of the four pairs of answers to a with b" in text and "151 answers are few for ordinal items" in text
    rare = frame.assign(c=np.where(np.arange(151) == 3, 2, frame["c"]))
    told = " ".join(fit_ordinal(sample_of(rare, "abc"), Equations({"f": ("a", "b", "c")})).doubts)
    assert "c = 2 (1)" in told and "fewer than 5" in told


def test_correlations_that_no_variables_can_have_and_heywood_cases_are_told() -> None:
    rng = np.random.default_rng(3)
    fine = rng.multivariate_normal(np.zeros(12), np.full((12, 12), 0.9) + 0.1 * np.eye(12), 60)
    names = tuple("abcdefghijkl")
    frame = pd.DataFrame(np.digitize(fine, [0.0, 0.8]), columns=list(names))
    sample = sample_of(frame, names)
    fit = fit_ordinal(sample, Equations({"F": names}))
    assert any("polychoric correlations are not positive definite" in doubt for doubt in fit.doubts)
    behind = [[1, 0.9, 0.8], [0.9, 1, 0.5], [0.8, 0.5, 1]]
    fine = rng.multivariate_normal(np.zeros(3), behind, 600)
    codes = pd.DataFrame(np.digitize(fine, [-1, 0, 1]), columns=list("abc"))
    fit = fit_ordinal(sample_of(codes, "abc"), Equations({"F": ("a", "b", "c")}))
    rows = fit.table.set_index("name")
    assert rows.loc["a~~a", "estimate"] < 0 and rows.loc["a~~a", "std_error"] > 0
    (doubt,) = [one for one in fit.doubts if "is negative" in one]
    assert doubt.startswith("the residual variance of a is negative (-0.")
