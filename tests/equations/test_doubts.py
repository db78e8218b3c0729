"""A solution that cannot be trusted says so, and names what is wrong."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.equations.cases import CLIENTS, KIT, NATIONS, SCHOOL, bank, survey
from touchsim.equations.fitting import fit_equations
from touchsim.equations.invariance import compare_fits, measurement_invariance
from touchsim.equations.ordinal import fit_ordinal
from touchsim.equations.parameters import lay_out
from touchsim.equations.sample import sample_from_moments, sample_of
from touchsim.equations.specification import Equations
from touchsim.errors import BadInput


def correlations(values: list[float], names: str = "abcdefgh") -> pd.DataFrame:
    """A matrix from its lower triangle."""
    k = int((1 + np.sqrt(1 + 8 * len(values))) / 2)
    matrix = np.eye(k)
    matrix[np.tril_indices(k, -1)] = values
    return pd.DataFrame(matrix + matrix.T - np.eye(k), columns=list(names[:k]))


def test_a_heywood_case_names_its_item_and_how_far_below_zero_it_is() -> None:
    fit = fit_equations(sample_from_moments(correlations([0.9, 0.8, 0.5]), 500), Equations({"f": ("a", "b", "c")}))
    assert fit.table.set_index("name").loc["a~~a", "estimate"] < 0
    (doubt,) = [one for one in fit.doubts if "negative" in one]
    assert doubt.startswith("the residual variance of a is negative (-0.4")


def test_a_likelihood_without_a_maximum_is_not_called_converged() -> None:
    table = correlations([0.72, -0.05, -0.06, 0.03, 0.07, -0.26, 0.02, 0.06, 0.41, -0.43, 0, 0, 0.4, -0.37, 0.55])
    equations = Equations({"f": ("a", "b"), "g": ("c", "d", "e", "f1")}, {"g": ("f",)})
    fit = fit_equations(sample_from_moments(table.set_axis(list(equations.observed), axis=1), 300), equations)
    assert not fit.converged and fit.doubts[0].startswith("the search for the maximum did not converge")
    assert not any("nan" in doubt for doubt in fit.doubts)


def test_a_proper_solution_in_many_rows_has_no_doubts() -> None:
    fit = fit_equations(sample_from_moments(correlations([0.5, 0.4, 0.3]), 500), Equations({"f": ("a", "b", "c")}))
    assert fit.doubts == ()
    assert fit_equations(sample_of(survey(), KIT.observed), KIT).doubts == ()


def test_two_constructs_that_correlate_above_one_are_named() -> None:
    table = correlations([0.5, 0.6, 0.6, 0.6, 0.6, 0.5])
    fit = fit_equations(sample_from_moments(table, 500), Equations({"f": ("a", "b"), "g": ("c", "d")}))
    assert any("not positive definite: f and g correlate 1.2" in one for one in fit.doubts)


def test_constructs_of_a_real_survey_that_are_bound_together_are_named() -> None:
    fit = fit_equations(sample_of(bank(), Equations(CLIENTS).observed), Equations(CLIENTS))
    assert any("not positive definite" in one and "expectation" in one and "quality" in one for one in fit.doubts)


def test_what_is_not_identified_has_no_errors_and_is_named() -> None:
    table = correlations([0.5, 0.0, 0.0, 0.0, 0.0, 0.5])
    equations = Equations({"f": ("a", "b"), "g": ("c", "d")})
    fit = fit_equations(sample_from_moments(table, 500), equations)
    (doubt,) = [one for one in fit.doubts if one.startswith("not identified")]
    assert "f=~b" in doubt and "g=~d" in doubt
    assert fit.table["std_error"][fit.table["free"]].isna().all()


def test_more_parameters_than_moments_are_refused_before_anything_is_fitted() -> None:
    with pytest.raises(BadInput, match="4 free parameters for 3 moments"):
        lay_out(Equations({"f": ("a", "b")}))


def test_few_rows_are_counted_against_parameters() -> None:
    fit = fit_equations(sample_of(survey().head(300), KIT.observed), KIT)
    assert any(one.startswith("300 answers for 129 free parameters are few") for one in fit.doubts)


def test_few_rows_are_counted_against_parameters_and_thresholds_of_ordinal_items() -> None:
    names = ["OF1", "OF2", "OF3", "ER1", "ER2", "ER3"]
    fit = fit_ordinal(sample_of(survey().head(150), names), Equations({"f": tuple(names[:3]), "g": tuple(names[3:])}))
    (doubt,) = [one for one in fit.doubts if "free parameters are few" in one]
    assert doubt.startswith(f"150 answers for {fit.indices['n_free']:.0f} free parameters")
    assert fit.indices["n_free"] == fit.table["free"].sum() > 13


def test_rows_that_have_no_likelihood_are_refused_with_the_reason() -> None:
    frame = survey()
    with pytest.raises(BadInput, match=r"needs more complete rows than columns \(39\)"):
        sample_of(frame.head(30), KIT.observed)
    with pytest.raises(BadInput, match="PI1 is constant"):
        sample_of(frame.assign(PI1=3), KIT.observed)
    with pytest.raises(BadInput, match="PI1, PI2, SUM are exact combinations"):
        sample_of(frame.assign(SUM=frame["PI1"] + frame["PI2"]), ["PI1", "PI2", "SUM"])
    with pytest.raises(BadInput, match=r"no construct and no column; did you mean 'PI1'"):
        sample_of(frame, ["PI11"])


def test_every_broken_law_of_the_equations_is_said_at_once() -> None:
    with pytest.raises(BadInput) as raised:
        Equations({"f": "abc", "g": ("a", "a")}, {"g": ("g",)}, scaling="markr", covariances=(("a", "z"),))
    text = str(raised.value)
    for law in ("did you mean 'marker'?", "must be a list of items", "stands once", "its own driver", "'z' is not in"):
        assert law in text
    with pytest.raises(BadInput, match=r"'dem60=~y9' is no parameter of the model; did you mean"):
        lay_out(Equations(**NATIONS, equal=(("dem60=~y9", "dem65=~y6"),)))


def test_robust_errors_without_rows_are_refused() -> None:
    sample = sample_from_moments(correlations([0.5, 0.4, 0.3]), 500)
    with pytest.raises(BadInput, match="moments have none"):
        fit_equations(sample, Equations({"f": ("a", "b", "c")}), robust=True)


def test_invariance_that_fails_is_said_and_the_step_is_named() -> None:
    rng = np.random.default_rng(1)
    factor, group = rng.normal(size=(2000, 1)), np.repeat(["north", "south"], 1000)
    rows = factor * np.array([1.0, 0.9, 0.8, 0.7]) + rng.normal(size=(2000, 4))
    frame = pd.DataFrame(rows, columns=list("abcd"))
    equations = Equations({"f": tuple("abcd")})
    assert measurement_invariance(sample_of(frame, list("abcd"), group), equations).doubts == ()
    frame.loc[group == "south", "d"] += 0.6
    doubts = measurement_invariance(sample_of(frame, list("abcd"), group), equations).doubts
    assert len(doubts) == 1 and doubts[0].startswith("scalar invariance fails")


def test_models_that_are_not_nested_are_not_compared() -> None:
    sample = sample_of(survey(), KIT.observed)
    fit = fit_equations(sample, KIT)
    with pytest.raises(BadInput, match="more degrees of freedom"):
        compare_fits({"one": fit, "the same": fit})
    with pytest.raises(BadInput, match='kind of errors.*estimator="mlr" for both'):
        compare_fits({"one": fit, "robust": fit_equations(sample, KIT, robust=True)})
    with pytest.raises(BadInput, match="two groups"):
        measurement_invariance(sample, SCHOOL)
