"""Bootstrap draws of whole clusters: draws are their rows counted, and intervals hold the truth of the world."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.study.surveys import continuous, equation
from touchsim.study.correlations import correlations_of
from touchsim.study.dominance import dominance
from touchsim.study.drivers import fit_drivers
from touchsim.study.importance import relative_importance
from touchsim.study.paths import mediation_of
from touchsim.study.resampling import correlation_draws, moment_draws, percentile_interval, reach_of
from touchsim.study.survey import study_survey

CHAIN = {"drivers": {"m": ["a", "b", "c"], "y": ["m"]}}
SLOPES, ONWARDS = np.array([0.6, 0.4, 0.2]), 0.5
SHARES, THROUGH = SLOPES**2 / (SLOPES**2).sum(), ONWARDS * SLOPES
SURVEYS, LEAST_SHARES, LEAST_THROUGH, MOST_WITHOUT = 60, 51, 48, 48
"""Of 60 at 95 %, 57 are expected (and below 51 once in 300); BCa intervals of a product hold 91 % with 30 shops."""


def shops(n_shops: int, n: int, seed: int) -> pd.DataFrame:
    """Shops differ in the levels of drivers and mediator and in every slope, around the means `SLOPES` and `ONWARDS`.

    Drivers are independent of each other, with equal variances, half of which lies between shops: their shares go by
    the squares of the mean slopes.
    """
    rng = np.random.default_rng(seed)
    shop = np.repeat(np.arange(n_shops), n)
    x = 0.7 * rng.normal(size=(n_shops, 3))[shop] + 0.7 * rng.normal(size=(len(shop), 3))
    slopes = SLOPES + 0.3 * rng.normal(size=(n_shops, 3))
    m = (x * slopes[shop]).sum(axis=1) + 0.4 * rng.normal(size=n_shops)[shop] + 0.6 * rng.normal(size=len(shop))
    y = (ONWARDS + 0.25 * rng.normal(size=n_shops))[shop] * m + 0.3 * rng.normal(size=n_shops)[shop]
    return pd.DataFrame(x, columns=["a", "b", "c"]).assign(m=m, y=y + 0.6 * rng.normal(size=len(shop)), shop=shop)


def test_a_draw_of_clusters_is_that_of_their_rows_counted():
    frame = shops(7, 30, 1).iloc[:-11]  # of unequal size
    scores, shop = frame[["a", "b", "m"]].to_numpy(), frame["shop"].to_numpy()
    order = np.random.default_rng(4).permutation(len(frame))
    covariances, sums = moment_draws(scores[order], 40, seed=3, beside=scores[order, :1], clusters=shop[order])
    rng, z = np.random.default_rng([3, 7, 3]), scores / scores.std(axis=0)
    for draw in range(1, 41):
        rows = np.concatenate([np.flatnonzero(shop == one) for one in rng.integers(0, 7, 7)])
        assert covariances[draw] == pytest.approx(np.cov(z[rows], rowvar=False, ddof=0), abs=1e-10)
        assert sums[draw, 0] == pytest.approx(scores[rows, 0].mean() * len(frame), abs=1e-8)
    assert covariances[0] == pytest.approx(np.corrcoef(scores, rowvar=False), abs=1e-10)


def test_a_cluster_for_each_row_is_the_plain_bootstrap():
    x = np.random.default_rng(1).normal(size=(300, 2))
    plain = correlation_draws(x, 2000)[1:, 0, 1].std()
    assert correlation_draws(x, 2000, clusters=np.arange(300))[1:, 0, 1].std() == pytest.approx(plain, rel=0.06)
    assert reach_of(300) == pytest.approx(reach_of(0), rel=0.01)


def test_intervals_reach_as_far_as_t_of_few_clusters_does():
    draws = np.random.default_rng(1).normal(size=200_000)
    low, high = percentile_interval(draws, 10)
    assert high == pytest.approx(2.2622 * (10 / 9) ** 0.5, rel=0.02) and low == pytest.approx(-high, rel=0.03)
    assert percentile_interval(draws) == pytest.approx((-1.96, 1.96), rel=0.01)


@pytest.mark.parametrize("n_shops", [12, pytest.param(30, marks=pytest.mark.proof)])
def test_intervals_of_importance_and_mediation_hold_the_truth_of_strongly_clustered_answers(n_shops):
    hits = {clusters: np.zeros((2, 3)) for clusters in ("shop", None)}
    for seed in range(SURVEYS):
        frame = shops(n_shops, 20, seed)
        for clusters, found in hits.items():
            fit = fit_drivers(frame, CHAIN | {"clusters": clusters})
            table = relative_importance(fit, draws=300).table.query("method == 'lmg' and outcome == 'm'")
            through = mediation_of(fit, draws=300)
            found[0] += ((table["low"] <= SHARES) & (table["high"] >= SHARES)).to_numpy()
            found[1] += ((through["low"] <= THROUGH) & (through["high"] >= THROUGH)).to_numpy()
    assert (hits["shop"][0] >= LEAST_SHARES).all() and (hits["shop"][1] >= LEAST_THROUGH).all(), hits
    assert (hits[None] <= MOST_WITHOUT).all(), "with draws of cases they would not"


@pytest.mark.parametrize("estimator", ["ordered_logit", "corrected", "mixed", "quantile"])
def test_every_estimator_that_resamples_takes_whole_clusters(estimator):
    frame = shops(8, 40, 2)
    if estimator == "ordered_logit":
        frame["m"] = np.digitize(frame["m"], [-0.7, 0.0, 0.7])
    luck = np.random.default_rng(1).normal(size=(len(frame), 8))
    items = {f"{name}{j}": frame[name] + 0.3 * luck[:, 2 * place + j]
             for place, name in enumerate("abcm") for j in (0, 1)}  # fmt: skip
    model = {"drivers": {"m": ["a", "b", "c"]}, "estimator": estimator, "clusters": "shop"}
    if estimator == "corrected":
        frame = pd.DataFrame(items).assign(shop=frame["shop"])
        model["scales"] = {name: [f"{name}0", f"{name}1"] for name in "abcm"}
    fit = fit_drivers(frame, model)
    ((_, matrices),) = correlations_of(fit, "all", draws=400, seed=1)
    if estimator == "mixed":
        ((_, rows),) = correlations_of(fit_drivers(frame, model | {"estimator": "ols", "clusters": None}), "all",
                                       draws=400, seed=1)  # fmt: skip
    else:
        plain = {key: value for key, value in model.items() if key != "clusters"}
        ((_, rows),) = correlations_of(fit_drivers(frame, plain), "all", draws=400, seed=1)
    assert matrices[0] == pytest.approx(rows[0], abs=1e-12)
    assert matrices[1:, 0, 3].std() > 1.5 * rows[1:, 0, 3].std()


def test_dominance_blocks_and_groups_know_clusters_and_the_warning_that_they_do_not_is_gone():
    frame = shops(14, 30, 5).assign(half=lambda f: np.where(f["shop"] < 7, "a", "b"))
    model = {"drivers": {"m": ["a", "b", "c"]}, "blocks": {"first": ["a"], "rest": ["b", "c"]}, "groups": "half"}
    study = study_survey(frame, model | {"clusters": "shop"}, draws=300)
    plain = study_survey(frame, model, draws=300)
    wide, narrow = ((one.blocks["high"] - one.blocks["low"]).to_numpy() for one in (study, plain))
    assert len(wide) == 9 and (wide > narrow).all(), "two blocks and their difference, of everyone and of each half"
    clustered, rows = (dominance(one.regressions, draws=300).increments for one in (study, plain))
    assert ((clustered["high"] - clustered["low"]) > (rows["high"] - rows["low"])).mean() > 0.9
    assert not any("independent" in sentence for sentence in study.warnings)


def test_structural_equations_resample_nothing_and_are_not_widened():
    frame = continuous([0.5, 0.3], 300).assign(shop=np.arange(300) // 100)
    fit = fit_drivers(frame, equation(2, estimator="sem", clusters="shop"))
    assert fit.n_clusters_of() == 0
