"""Gaps filled in several times: only with answers that were given, unbiased where listwise is not, honest in width."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.study.surveys import asked, continuous, equation, rated
from touchsim.errors import BadInput
from touchsim.study.drivers import fit_drivers
from touchsim.study.estimators import estimate
from touchsim.study.imputation import filled, nearest_of
from touchsim.study.pooling import pooled_estimate
from touchsim.study.survey import study_survey

IMPUTED = {"how": "impute", "imputations": 5}


def with_gaps(frame: pd.DataFrame, column: str, share: float = 0.4, *, seed: int = 1) -> pd.DataFrame:
    """Leave a column open for some, more often where the outcome is high: at random given the outcome."""
    rank = frame["y"].rank(pct=True)
    gaps = np.random.default_rng(seed).random(len(frame)) < 2 * share * rank
    return frame.assign(**{column: frame[column].mask(gaps)})


def test_every_gap_takes_an_answer_that_somebody_gave_and_no_answer_is_touched():
    items = rated({"speed": 0.5, "price": 0.3}, 300).to_numpy(float)
    gaps = np.random.default_rng(1).random(items.shape) < 0.2
    whole = filled(np.where(gaps, np.nan, items), [1])
    assert (whole[~gaps] == items[~gaps]).all()
    for j in range(items.shape[1]):
        assert np.isin(whole[gaps[:, j], j], items[~gaps[:, j], j]).all()
    assert (whole == filled(np.where(gaps, np.nan, items), [1])).all(), "the same address, the same draws"
    assert (whole != filled(np.where(gaps, np.nan, items), [2])).any()


def test_imputation_finds_the_slopes_that_rows_without_gaps_do_not():
    imputed, listwise = [], []
    for seed in range(25):
        frame = with_gaps(continuous([0.6, 0.3], 500, seed=seed), "x0", seed=seed)
        listwise.append(fit_drivers(frame, equation(2)).table["estimate"].iloc[0])
        model = equation(2, missing=IMPUTED | {"seed": seed})
        imputed.append(fit_drivers(frame, model).table["estimate"].iloc[0])
    error = np.std(imputed, ddof=1) / 5
    assert abs(np.mean(imputed) - 0.6) < 3 * error + 0.02
    assert np.mean(listwise) < 0.6 - 0.05, "who is left is not a random sample of all"


def test_five_of_a_hundred_intervals_of_imputed_answers_miss_the_slope_that_made_the_data():
    hits = 0
    for seed in range(80):
        frame = with_gaps(continuous([0.6, 0.3], 200, seed=seed), "x0", 0.3, seed=seed)
        row = fit_drivers(frame, equation(2, missing=IMPUTED | {"seed": seed})).table.iloc[0]
        hits += row["low"] <= 0.6 <= row["high"]
    assert hits >= 68, "95 % of 80 are 76; 68 is at 0.1 %"


def test_pooling_is_the_formulas_of_rubin_and_barnard():
    rng = np.random.default_rng(1)
    parts = []
    for _ in range(4):
        x = rng.normal(size=(60, 1))
        parts.append(estimate("ols", 0.5 * x[:, 0] + rng.normal(size=60), x, ("x",)))
    pooled, fmi = pooled_estimate(parts)
    b, v = np.array([part.coefficients[0] for part in parts]), np.array([part.std_error[0] ** 2 for part in parts])
    total = v.mean() + 1.25 * b.var(ddof=1)
    share = 1.25 * b.var(ddof=1) / total
    df = 1 / (share**2 / 3 + 1 / (59 / 61 * 58 * (1 - share)))
    r = 1.25 * b.var(ddof=1) / v.mean()
    assert pooled.coefficients[0] == pytest.approx(b.mean()) and pooled.std_error[0] == pytest.approx(np.sqrt(total))
    assert pooled.df == pytest.approx(df) and fmi[0] == pytest.approx((r + 2 / (df + 3)) / (1 + r))


def test_missing_information_grows_with_the_gaps_and_much_of_it_is_said():
    frame = continuous([0.6, 0.3], 400)
    few, many = (fit_drivers(with_gaps(frame, "x0", share), equation(2, missing=IMPUTED)) for share in (0.05, 0.48))
    assert few.table["fmi"].iloc[0] < many.table["fmi"].iloc[0]
    assert few.table["std_error"].iloc[0] < many.table["std_error"].iloc[0]
    assert "respondents are imputed 5 times" in few.warnings[0] and "5 imputations" in few.summary["cov_type"].item()
    assert fit_drivers(frame, equation(2, missing=IMPUTED)).table.equals(fit_drivers(frame, equation(2)).table)


def test_a_study_of_imputed_items_keeps_every_row_and_has_shares_and_groups():
    frame = rated({"speed": 0.8, "price": 0.3}, 400).astype(float)
    gaps = np.random.default_rng(3).random(frame.shape) < 0.1
    frame = frame.mask(gaps).assign(kind=["a", "b"] * 200)
    blocks = {"one": ["speed"], "two": ["price"]}
    study = study_survey(frame, asked(["speed", "price"], groups="kind", blocks=blocks, missing=IMPUTED), draws=200)
    assert study.fit["n"].tolist() == [400, 200, 200] and study.answer.startswith("Among 400 answers, gaps imputed")
    shares = study.importance.query("method == 'lmg'").set_index("term")["share"]
    assert shares["speed"] > shares["price"] and shares[["speed", "price"]].sum() == pytest.approx(1)
    assert len(study.groups) == 3 and study.coefficients["fmi"].notna().all()
    whole = study_survey(rated({"speed": 0.8, "price": 0.3}, 400), asked(["speed", "price"]), draws=200)
    gap = study.coefficients.query("group == 'all'")["std_beta"].to_numpy() - whole.coefficients["std_beta"].to_numpy()
    assert np.abs(gap).max() < 0.06


def test_ordered_answers_can_be_imputed_too():
    frame = continuous([0.6, 0.3], 400)
    frame["y"] = np.digitize(frame["y"], [-1, 0, 1]).astype(float)
    frame.loc[:40, "y"], frame.loc[60:120, "x1"] = np.nan, np.nan
    study = study_survey(frame, equation(2, estimator="ordered_logit", missing=IMPUTED), draws=100)
    assert np.isfinite(study.coefficients["estimate"]).all()
    assert set(study.importance["method"]) == {"lmg_latent", "johnson_latent", "pratt_latent"}


def test_what_imputations_do_not_know_is_refused():
    for more in ({"interactions": ["x0", "x1"]}, {"estimator": "sem"}):
        with pytest.raises(BadInput, match="which the imputations do not know"):
            fit_drivers(continuous([0.5, 0.3]), equation(2, missing=IMPUTED, **more))


def test_donors_are_the_nearest_of_all_also_at_the_ends():
    rng = np.random.default_rng(3)
    for many in (5, 6, 40):
        offered = np.sort(rng.normal(size=many))
        wanted = np.concatenate([rng.normal(size=60), [-9.0, 9.0], offered[:2]])
        rank = rng.integers(0, 5, size=len(wanted))
        distance = np.abs(offered - wanted[:, None])
        nearest = np.argsort(distance, axis=1, kind="stable")[np.arange(len(wanted)), rank]
        assert nearest_of(offered, wanted, rank).tolist() == nearest.tolist()
