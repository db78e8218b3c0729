"""What maximum likelihood promises, held without any other program."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.equations.cases import GOLDEN, KIT, NATIONS, SCHOOL, moments, survey
from touchsim.equations import fitting, search
from touchsim.equations.fitting import fit_equations
from touchsim.equations.likelihood import Likelihood
from touchsim.equations.parameters import lay_out
from touchsim.equations.ram import implied
from touchsim.equations.sample import GroupSample, Sample, sample_of
from touchsim.equations.search import Found, first_values, highest
from touchsim.equations.specification import Equations


@pytest.mark.parametrize("means", [False, True])
def test_gradient_and_observed_information_are_the_slopes_of_the_likelihood(means: bool) -> None:
    sample = moments(GOLDEN["pd"])
    likelihood = Likelihood(lay_out(Equations(**NATIONS), means=means), sample)
    at = first_values(likelihood.layout, sample.groups)
    at = at + 0.03 * np.random.default_rng(1).normal(size=len(at))
    steps = 1e-5 * np.eye(len(at))
    slope = [(likelihood.misfit(at + step) - likelihood.misfit(at - step)) / 2e-5 for step in steps]
    bend = [(likelihood.gradient(at + step) - likelihood.gradient(at - step)) / 4e-5 for step in steps]
    assert likelihood.gradient(at) == pytest.approx(np.array(slope), rel=1e-6, abs=1e-7)
    assert likelihood.observed(at) == pytest.approx(np.array(bend), rel=1e-6, abs=1e-7)


def test_moments_that_a_model_implies_are_fitted_without_misfit_and_give_its_values_back() -> None:
    equations = Equations(**NATIONS)
    layout = lay_out(equations)
    known = {"loadings": 0.8, "regressions": 0.5, "residuals": 0.7, "covariances": 0.1, "variances": 1.2}
    values = np.array([known[one.kind] for place, one in zip(layout.place, layout.parameters, strict=True)
                       if place >= 0])  # fmt: skip
    sample = moments(GOLDEN["pd"])
    sigma = implied(Likelihood(layout, sample).cells[0], values).sigma
    fit = fit_equations(Sample(equations.observed, (GroupSample("all", 400, np.zeros(11), sigma),)), equations)
    assert fit.free == pytest.approx(values, abs=1e-9)
    assert fit.indices["chi2"] == pytest.approx(0, abs=1e-9)
    assert fit.indices["cfi"] == 1 and fit.indices["rmsea"] == 0


def test_a_regression_of_observed_columns_is_least_squares() -> None:
    frame = survey()
    equations = Equations({}, {"SA1": ("OF1", "RS1", "ER1")})
    fit = fit_equations(sample_of(frame, equations.observed), equations)
    design = np.column_stack([np.ones(len(frame)), frame[["OF1", "RS1", "ER1"]]])
    slopes = np.linalg.lstsq(design, frame["SA1"].to_numpy(float), rcond=None)[0][1:]
    found = fit.table[fit.table["kind"] == "regressions"]
    assert found["estimate"].to_numpy() == pytest.approx(slopes, abs=1e-12)
    rest = frame["SA1"] - design @ np.linalg.lstsq(design, frame["SA1"].to_numpy(float), rcond=None)[0]
    assert fit.r_squared["r2"].item() == pytest.approx(1 - rest.var() / frame["SA1"].var(), abs=1e-12)


def test_the_way_a_construct_gets_its_scale_changes_neither_fit_nor_standardised_values() -> None:
    sample = moments(GOLDEN["pd"])
    one = fit_equations(sample, Equations(**NATIONS))
    two = fit_equations(sample, Equations(**NATIONS, scaling="variance"))
    assert two.indices["chi2"] == pytest.approx(one.indices["chi2"], abs=1e-9)
    paths = one.table["kind"].isin(["loadings", "regressions"])
    for column in ("std", "std_std_error"):
        assert two.table[column][paths].to_numpy() == pytest.approx(one.table[column][paths].to_numpy(), abs=1e-8)


def test_units_of_the_items_change_neither_fit_nor_standardised_values() -> None:
    sample = moments(GOLDEN["hs"])
    (group,) = sample.groups
    stretch = np.array([1e-3, 1, 1e4, 1, 7, 1, 1, 100, 1])
    other = replace(group, covariance=group.covariance * np.outer(stretch, stretch))
    one, two = fit_equations(sample, SCHOOL), fit_equations(replace(sample, groups=(other,)), SCHOOL)
    assert two.indices["chi2"] == pytest.approx(one.indices["chi2"], abs=1e-8)
    assert two.table["std"].to_numpy() == pytest.approx(one.table["std"].to_numpy(), abs=1e-8)


def test_a_value_can_be_fixed_and_a_second_order_construct_measured() -> None:
    sample = moments(GOLDEN["hs"])
    free = fit_equations(sample, SCHOOL)
    apart = {"visual~~textual": 0.0, "speed~~visual": 0.0, "textual~~speed": 0.0}
    bound = fit_equations(sample, replace(SCHOOL, fixed=apart))
    assert bound.indices["df"] == free.indices["df"] + 3
    assert bound.indices["chi2"] == pytest.approx(153.527, abs=5e-4), "orthogonal constructs"
    higher = fit_equations(sample, Equations({**SCHOOL.measurement, "g": ("visual", "textual", "speed")}))
    assert higher.indices["chi2"] == pytest.approx(free.indices["chi2"], abs=1e-8), "three correlations, three loadings"


def test_errors_of_mlr_equal_those_of_ml_for_normal_answers_and_exceed_them_for_heavy_tails() -> None:
    rng = np.random.default_rng(3)
    equations = Equations({"f": tuple("abcd")})
    n = 40_000
    ratio = {}
    for name, draw in (("normal", rng.normal), ("heavy", lambda size: rng.standard_t(6, size=size))):
        rows = draw(size=(n, 1)) + draw(size=(n, 4))
        sample = sample_of(pd.DataFrame(rows, columns=list("abcd")), list("abcd"))
        ml, mlr = fit_equations(sample, equations), fit_equations(sample, equations, robust=True)
        free = ml.table["free"]
        ratio[name] = (mlr.table["std_error"][free] / ml.table["std_error"][free]).mean()
    assert ratio["normal"] == pytest.approx(1, abs=0.02)
    assert ratio["heavy"] > 1.1


def test_a_search_ends_where_rounding_lets_it_come_no_nearer(monkeypatch: pytest.MonkeyPatch) -> None:
    ends: list[Found] = []

    def kept(*given: Any) -> Found:
        ends.append(highest(*given))
        return ends[-1]

    monkeypatch.setattr(search, "ENOUGH", 0.0)  # which no step can promise, as where rounding is coarse
    monkeypatch.setattr(fitting, "highest", kept)
    fit = fit_equations(sample_of(survey().head(300), KIT.observed), KIT)
    assert fit.converged and max(end.steps for end in ends) < 60
    assert fit.indices["chi2"] == pytest.approx(GOLDEN["kit_300"]["measures"]["chisq"], abs=1e-9)
