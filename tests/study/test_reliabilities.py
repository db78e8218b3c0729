"""Structural equations of scores whose reliabilities a table states: single indicators with a fixed error."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import touchsim as ts
from tests.study.test_tabled import DRIVERS, FACETS, SCALES, answers, scores, table_of
from touchsim.equations.fitting import fit_equations
from touchsim.equations.sample import sample_from_moments
from touchsim.equations.specification import Equations
from touchsim.study.covariances import rounded_tables
from touchsim.study.published import Moments, moments_of

LAVAAN: dict[str, Any] = json.loads((Path(__file__).parent / "reliabilities.json").read_text(encoding="utf-8"))
SEM = {"drivers": DRIVERS, "estimator": "sem"}
SAID = "measures its construct with the error that the stated reliability leaves"


def stated(digits: int | None = None, **alphas: float) -> pd.DataFrame:
    table = table_of(scores(), digits)
    table.loc["alpha"] = pd.Series({**LAVAAN["alphas"], **alphas})
    return table


def exact(table: pd.DataFrame) -> Moments:
    return replace(moments_of(table), rounding={"sd": 0.0, "correlation": 0.0, "alpha": 0.0})


def test_scores_with_reliabilities_give_the_equations_that_lavaan_finds() -> None:
    fit = ts.fit_moments(exact(stated()), SEM)
    mine = fit.table.set_index(fit.table["outcome"] + "~" + fit.table["term"]).loc[LAVAAN["names"]]
    for ours, theirs in {"estimate": "est", "std_error": "se", "std_beta": "std"}.items():
        np.testing.assert_allclose(mine[ours], LAVAAN[theirs], atol=1e-7)
    half = (mine["std_high"] - mine["std_low"]) / 2
    np.testing.assert_allclose(half / 1.959963984540054, LAVAAN["std_se"], atol=1e-7)
    for ours, name in {"chi2": "chisq", "cfi": "cfi", "tli": "tli", "rmsea": "rmsea", "srmr": "srmr"}.items():
        np.testing.assert_allclose(fit.summary[ours], LAVAAN["measures"][name], atol=1e-7)
    assert fit.summary.set_index("outcome")["r2"].to_dict() == pytest.approx(LAVAAN["r2"], abs=1e-7)
    (said,) = [sentence for sentence in fit.warnings if SAID in sentence]
    assert "(fulfilment 0.84" in said and "sampling error is in no interval" in said


def test_one_equation_of_scores_is_the_regression_of_disattenuated_correlations() -> None:
    """Spearman (1904): r / sqrt(alpha_a alpha_b); as many equations as moments, so that the system fits exactly."""
    fit = ts.fit_moments(exact(stated()), {**SEM, "drivers": {"satisfaction": FACETS}})
    names = [*FACETS, "satisfaction"]
    root = np.sqrt([LAVAAN["alphas"][name] for name in names])
    true = scores()[names].corr().to_numpy() / np.outer(root, root)
    np.fill_diagonal(true, 1)
    beta = np.linalg.solve(true[:3, :3], true[:3, 3])
    np.testing.assert_allclose(fit.table["std_beta"], beta, atol=1e-8)
    np.testing.assert_allclose(fit.summary["r2"], beta @ true[:3, 3], atol=1e-8)
    corrected = ts.fit_moments(exact(stated()), {"drivers": {"satisfaction": FACETS}, "estimator": "corrected"})
    np.testing.assert_allclose(fit.table["std_beta"], corrected.table["std_beta"], atol=5e-3)


def test_reliabilities_of_one_or_none_leave_the_scores_as_they_are() -> None:
    bare = ts.fit_moments(table_of(scores()), SEM)
    for table in (stated().assign(**dict.fromkeys(SCALES, 1.0)).loc[["alpha"]], None):
        one = table_of(scores())
        if table is not None:
            one.loc["alpha"] = table.loc["alpha"]
        fit = ts.fit_moments(one, SEM)
        pd.testing.assert_frame_equal(fit.table, bare.table)
        assert not any(SAID in sentence for sentence in fit.warnings)
    some = ts.fit_moments(stated(fulfilment=np.nan, returns=1.0), SEM)
    (said,) = [sentence for sentence in some.warnings if SAID in sentence]
    assert "fulfilment" not in said and "return" not in said and "satisfaction 0.88" in said


def test_items_and_stated_scores_stand_in_one_system() -> None:
    items = answers()[[*SCALES["fulfilment"], *SCALES["satisfaction"]]]
    table = table_of(pd.concat([items, scores()["returns"]], axis=1))
    table.loc["alpha"] = np.nan
    table.loc["alpha", "returns"] = 0.79
    scales = {name: SCALES[name] for name in ("fulfilment", "satisfaction")} | {"return": ["returns"]}
    model = {"scales": scales, "drivers": {"satisfaction": ["fulfilment", "return"]}, "estimator": "sem"}
    study = ts.study_moments(table, model, draws=100)
    full = ts.fit_drivers(answers(), {**SEM, "scales": SCALES, "drivers": {"satisfaction": ["fulfilment", "returns"]}})
    np.testing.assert_allclose(study.coefficients["std_beta"], full.table["std_beta"], atol=0.02)
    assert set(study.tables()["loadings"]["construct"]) == {"fulfilment", "satisfaction"}
    assert study.importance.query("method == 'lmg'")["share"].sum() == pytest.approx(1)


def test_rounding_of_reliabilities_widens_errors_by_what_refits_spread() -> None:
    table = moments_of(stated(2))
    sds, correlations = rounded_tables(table, draws=150)
    near = correlations * sds[:, :, None] * sds[:, None, :]
    drawn = np.random.default_rng(2).uniform(-0.02, 0.02, near.shape[:2]) + table.alphas
    share = (table.n - 1) / table.n

    def errors(alphas: np.ndarray, covariance: np.ndarray) -> dict[str, Any]:
        at = range(len(table.names))
        return {f"s{j}~~s{j}": (1 - alphas[..., j]) * covariance[..., j, j] * share for j in at}

    def equations(fixed: dict[str, Any]) -> Equations:
        return Equations({name: [f"s{j}"] for j, name in enumerate(table.names)}, DRIVERS, fixed=fixed)

    columns = [f"s{j}" for j in range(len(table.names))]
    first = equations(errors(table.alphas, table.covariances))
    sample = sample_from_moments(pd.DataFrame(table.covariances, columns=columns), table.n)
    place = fit_equations(sample, first).table.query("kind == 'regressions'").index
    refits = [fit_equations(sample_from_moments(pd.DataFrame(one, columns=columns), table.n),
                            equations(errors(alphas, one))).table.loc[place, "estimate"]
              for one, alphas in zip(near, drawn, strict=True)]  # fmt: skip
    plain = fit_equations(sample, first).table.loc[place, "std_error"]
    wide = fit_equations(sample, first, near=near, near_fixed=errors(drawn, near)).table.loc[place, "std_error"]
    np.testing.assert_allclose(np.sqrt(wide**2 - plain**2), np.std(refits, axis=0), rtol=0.05)
    blurred = ts.fit_moments(replace(table, rounding={**table.rounding, "alpha": 0.03}), SEM).table["std_error"]
    assert (blurred > 1.02 * ts.fit_moments(table, SEM).table["std_error"]).any()


def test_reliabilities_too_low_for_the_correlations_are_told_as_constructs_that_no_variables_can_be() -> None:
    low = stated(**dict.fromkeys(SCALES, 0.3))
    study = ts.study_moments(low, {**SEM, "drivers": {"satisfaction": FACETS}}, draws=100)
    assert any("not positive definite" in sentence or "negative" in sentence for sentence in study.warnings)
