"""The score card of the default world, study after study: what is promised is kept, and what is not is shown.

Promised (theory of large samples): with items that are continuous but for a hundred steps, err independently and share
no mood, the corrected regression and structural equations are unbiased within 3 Monte Carlo errors, and their 95 %
intervals hold the truth in 92 to 98 % of the studies.  Not promised, and shown: the bias of least squares, and what a
shared mood, habits of ticking and five points leave.
"""

from __future__ import annotations

import re

import pandas as pd
import pytest

import touchsim as ts
from touchsim.experiment.score import ScoreCard

CLEAN = {"points": 101, "method": 0.0, "response": {"skip": 0.0},
         "style": {"shift_mean": 0.0, "shift_sd": 0.0, "stretch_sd": 0.0, "careless": 0.0}}  # fmt: skip
WEB = ts.load_scenario("webshop")


def projection(card: ScoreCard) -> pd.DataFrame:
    return card.table[card.table["estimand"] == "projection"]


def assert_promise_kept(rows: pd.DataFrame) -> None:
    assert (rows["failed"] == 0).all()
    off = rows[rows["bias"].abs() > 3 * rows["bias_mcse"]]
    assert off.empty, off[["estimator", "term", "bias", "bias_mcse"]].to_string()
    wide = rows[(rows["coverage"] < 0.92) | (rows["coverage"] > 0.98)]
    assert wide.empty, wide[["estimator", "term", "coverage", "coverage_mcse"]].to_string()


@pytest.mark.proof
def test_corrected_regression_keeps_its_promise_in_a_thousand_studies_where_least_squares_is_biased() -> None:
    rows = projection(ts.score_card(WEB.with_(survey=CLEAN), n=500, studies=1000, seed=21))
    assert_promise_kept(rows[rows["estimator"] == "corrected"])
    plain = rows[(rows["estimator"] == "ols") & (rows["truth"] > 0.3)]
    assert len(plain) == 3 and (plain["bias"] < -50 * plain["bias_mcse"]).all() and (plain["coverage"] < 0.5).all()


@pytest.mark.proof
def test_structural_equations_keep_their_promise_in_two_hundred_studies() -> None:
    card = ts.score_card(WEB.with_(survey=CLEAN), n=500, studies=200, seed=11, estimators=("sem", "sem_mlr"))
    assert_promise_kept(projection(card))


@pytest.mark.proof
@pytest.mark.parametrize("name", ["corner_shop", "home_repair"])
def test_the_promise_is_kept_in_other_worlds(name: str) -> None:
    world = ts.load_scenario(name).with_(survey=CLEAN)
    assert_promise_kept(projection(ts.score_card(world, n=500, studies=400, seed=21, estimators=("corrected",))))


@pytest.mark.proof
@pytest.mark.parametrize("points", [5, 7])
def test_the_bias_that_mood_habits_and_few_points_leave_is_said(points: int) -> None:
    card = ts.score_card(WEB.with_(survey={"points": points}), n=500, studies=200, seed=5)
    rows = projection(card)
    for estimator, words in (("ols", "Least squares, HC3"), ("corrected", "Least squares corrected for unreliability")):
        own = rows[rows["estimator"] == estimator]
        worst = own.loc[own["bias"].abs().idxmax()]
        assert abs(worst["bias"]) > 10 * worst["bias_mcse"], "no correction knows of a mood"
        said = re.search(rf"{words}: largest bias (\S+) .Monte Carlo error", card.text)
        assert said is not None and float(said.group(1).replace("−", "-")) == pytest.approx(worst["bias"], abs=6e-4)


@pytest.mark.parametrize("estimator", ["sem", "sem_mlr"])
def test_structural_equations_find_what_least_squares_misses_in_a_few_studies(estimator: str) -> None:
    """Three drivers, so that it is quick: the others are left out of the truth as well."""
    drivers = ("fulfilment", "responsiveness", "returns")
    card = ts.score_card(WEB.with_(survey=CLEAN), n=400, studies=40, seed=3, drivers=drivers,
                         estimators=("ols", estimator), workers=1)  # fmt: skip
    rows = projection(card).set_index(["estimator", "term"])
    assert (rows.loc["ols", "bias"] < -8 * rows.loc["ols", "bias_mcse"]).all()
    own = rows.loc[estimator]
    assert (own["failed"] == 0).all() and (own["bias"].abs() < 3 * own["bias_mcse"]).all()
    assert own["coverage"].between(0.85, 1.0).all() and own["coverage"].mean() > 0.9
    assert (own["model_se"] / own["emp_se"]).between(0.75, 1.3).all()
    shares = card.studies[card.studies["estimator"] == estimator].groupby("study")["share"].sum()
    assert shares.round(9).eq(1.0).all()


def test_robust_structural_equations_differ_in_their_errors_only() -> None:
    card = ts.score_card(WEB.with_(survey=CLEAN), n=300, studies=4, seed=3, drivers=("fulfilment", "returns"),
                         estimators=("sem", "sem_mlr"), workers=1)  # fmt: skip
    plain, robust = (card.studies[card.studies["estimator"] == name].reset_index(drop=True)
                     for name in ("sem", "sem_mlr"))  # fmt: skip
    assert plain["std_beta"].equals(robust["std_beta"])
    assert not (plain["std_error"] - robust["std_error"]).abs().lt(1e-6).any()


def test_a_study_whose_structural_equations_fail_is_counted() -> None:
    mood = ts.load_scenario("halo_only")
    drivers = ("fulfilment", "returns")
    card = ts.score_card(mood, n=13, studies=8, seed=3, estimators=("sem",), workers=1, drivers=drivers)
    gone = card.studies["std_beta"].isna()
    assert 0 < card.table["failed"].max() == gone.groupby(card.studies["study"]).any().sum() < 8
    assert (card.table["failed"] + card.table["studies"] == 8).all()
    assert card.studies[gone][["p_value", "share", "std_low"]].isna().all(axis=None)
    assert "studies had no estimate" in card.text
