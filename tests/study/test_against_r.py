"""Regressions are those of R, digit for digit: lm with sandwich, polr, glm, rq, lmer (figures in drivers.json)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.equations.cases import SHORT, survey
from touchsim.study.adjustment import benjamini_hochberg, holm
from touchsim.study.drivers import fit_drivers
from touchsim.study.fit import Fit
from touchsim.study.groups import group_table
from touchsim.study.parallel import parallel_table

R: dict[str, Any] = json.loads((Path(__file__).parent / "drivers.json").read_text(encoding="utf-8"))
FACETS = list(SHORT)[:9]


def fitted(outcome: str, estimator: str = "ols", **more: Any) -> Fit:
    """The same regression by touchsim: facets as scales, the outcome as drivers.R makes it."""
    answers = survey().copy()
    row = np.arange(len(answers))
    answers["shop"], answers["street"] = row // 40, row // 4
    answers["rippled"] = answers[["SA1", "SA2", "SA3"]].mean(axis=1) + 0.2 * np.sin(row) + 0.3 * np.cos(2 * (row // 40))
    answers["content"] = (answers["SA1"] >= 6).astype(int)
    scales = {name: [f"{SHORT[name]}{j}" for j in (1, 2, 3)] for name in (*FACETS, "satisfaction")}
    scales = scales if outcome == "satisfaction" else {name: scales[name] for name in FACETS}
    return fit_drivers(answers, {"scales": scales, "drivers": {outcome: FACETS}, "estimator": estimator, **more})


def fitted_parallel(estimator: str, drivers: list[str]) -> pd.DataFrame:
    """Rows of parallel.csv of the first item of satisfaction."""
    scales = {name: [f"{SHORT[name]}{j}" for j in (1, 2, 3)] for name in drivers}
    fit = fit_drivers(survey(), {"scales": scales, "drivers": {"SA1": drivers}, "estimator": estimator})
    return parallel_table(fit.parallel, fit.model.drivers, estimator)


def columns(fit: Fit, group: str = "all") -> pd.DataFrame:
    """Rows of one group."""
    return fit.table[fit.table["group"] == group]


def test_the_drivers_are_those_of_the_script():
    assert R["drivers"] == FACETS


def test_least_squares_and_hc3_are_those_of_lm_and_sandwich():
    fit = fitted("satisfaction")
    assert fit.table["estimate"].tolist() == pytest.approx(R["lm"]["estimate"], abs=1e-8)
    assert fit.table["std_error"].tolist() == pytest.approx(R["lm"]["std_error"], abs=1e-8)
    assert fit.summary["r2"].item() == pytest.approx(R["lm"]["r2"], abs=1e-10)
    assert fit.summary["adj_r2"].item() == pytest.approx(R["lm"]["adj_r2"], abs=1e-10)


def test_groups_and_the_test_between_them_are_those_of_lm_with_all_interactions():
    fit = fitted("satisfaction", groups="goods_type")
    for group, other in R["lm_groups"].items():
        assert columns(fit, group)["estimate"].tolist() == pytest.approx(other["estimate"], abs=1e-8)
        assert columns(fit, group)["std_error"].tolist() == pytest.approx(other["std_error"], abs=1e-8)
    row = group_table(fit).iloc[0]
    assert {name: row[name] for name in R["wald"]} == pytest.approx(R["wald"], rel=1e-8)


@pytest.mark.parametrize(("estimator", "case"), [("ordered_logit", "polr_logistic"), ("ordered_probit", "polr_probit")])
def test_ordered_regressions_are_those_of_polr(estimator, case):
    fit = fitted("SA1", estimator)
    assert fit.table["estimate"].tolist() == pytest.approx(R[case]["estimate"], abs=1e-5)
    assert fit.table["std_error"].tolist() == pytest.approx(R[case]["std_error"], abs=1e-5)


@pytest.mark.parametrize(("estimator", "drivers", "case"), [
    ("ordered_logit", FACETS, "brant"), ("ordered_logit", ["fulfilment"], "brant_fulfilment"),
    ("ordered_probit", FACETS, "wald_probit"),
])  # fmt: skip
def test_parallel_slopes_are_tested_as_brant_does_in_glm(estimator, drivers, case):
    table = fitted_parallel(estimator, drivers)
    tests, slopes = table[table["above"].isna()], table[table["above"].notna()].sort_values("above", kind="stable")
    for column in ("statistic", "df", "p_value"):
        assert tests[column].tolist() == pytest.approx(R[case][column], rel=1e-6)
    for column in ("estimate", "std_error"):
        assert slopes[column].tolist() == pytest.approx(R[case][column], rel=1e-6, abs=1e-8)
    assert slopes["above"].unique().tolist() == R[case]["above"] or case != "brant_fulfilment"


@pytest.mark.parametrize("estimator", ["logit", "probit"])
def test_regressions_of_two_values_are_those_of_glm(estimator):
    fit = fitted("content", estimator)
    assert fit.table["estimate"].tolist() == pytest.approx(R[f"glm_{estimator}"]["estimate"], abs=1e-8)
    # glm takes the expected information, which for the logit is the observed one
    alike = 1e-8 if estimator == "logit" else 2e-3
    assert fit.table["std_error"].tolist() == pytest.approx(R[f"glm_{estimator}"]["std_error"], abs=alike)


@pytest.mark.parametrize(("outcome", "estimator", "case", "rel"), [
    ("content", "logit", "glm_logit", 1e-7), ("content", "probit", "glm_probit", 0.03),  # glm: expected information
    ("SA1", "ordered_logit", "polr_logistic", 1e-4), ("SA1", "ordered_probit", "polr_probit", 1e-4),
])  # fmt: skip
def test_errors_of_many_clusters_are_those_of_sandwich(outcome, estimator, case, rel):
    fit = fitted(outcome, estimator, clusters="street")
    assert fit.summary["cov_type"].item() == "CR1 by street" and not any("clustered" in one for one in fit.warnings)
    assert fit.table["std_error"].tolist() == pytest.approx(R[case]["std_error_by_street"], rel=rel)
    assert fit.table["std_error"].tolist() != pytest.approx(R[case]["std_error"], rel=1e-3)


def test_errors_of_many_clusters_of_a_probit_are_those_of_statsmodels_which_takes_the_observed_information():
    fit = fitted("content", "probit", clusters="street")
    plain = fit.results["content"]
    street = np.arange(fit.summary["n"].item()) // 4
    other = plain.model.fit(disp=0, tol=1e-10, cov_type="cluster", cov_kwds={"groups": street, "use_correction": False})
    assert fit.table["std_error"].tolist() == pytest.approx(np.sqrt(250 / 249) * other.bse[1:], rel=1e-6)


def test_the_median_is_that_of_quantreg():
    fit = fitted("rippled", "quantile")
    assert fit.table["estimate"].tolist() == pytest.approx(R["rq"]["estimate"], abs=1e-8)


def test_random_intercepts_are_those_of_lme4():
    fit = fitted("rippled", "mixed", clusters="shop")
    assert fit.table["estimate"].tolist() == pytest.approx(R["lmer"]["estimate"], abs=1e-7)
    assert fit.table["std_error"].tolist() == pytest.approx(R["lmer"]["std_error"], abs=1e-7)
    assert fit.summary["icc"].item() == pytest.approx(R["lmer"]["icc"], abs=1e-6)


def test_adjusted_p_values_are_those_of_p_adjust():
    p = np.array(R["p_adjust"]["p"])
    assert holm(p) == pytest.approx(R["p_adjust"]["holm"], rel=1e-10)
    assert benjamini_hochberg(p) == pytest.approx(R["p_adjust"]["bh"], rel=1e-10)
