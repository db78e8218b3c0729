"""CFA and SEM say what R's lavaan says at the maximum.

The floors of the kit are chi2 to 1e-6, indices to 1e-7, estimates and errors to 1e-4; held here to more digits.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.equations.cases import (
    CLIENTS,
    FEW,
    GOLDEN,
    KIT,
    LOYAL,
    MEASURES,
    NATIONS,
    SCHOOL,
    THIRTEEN,
    TWIN_LOADINGS,
    bank,
    classic,
    moments,
    survey,
)
from touchsim.equations.fitting import Fitted, fit_equations
from touchsim.equations.invariance import measurement_invariance
from touchsim.equations.sample import Sample, sample_of
from touchsim.equations.specification import Equations

OBSERVED = Equations({"satisfaction": THIRTEEN["satisfaction"]},
                     {"satisfaction": ("OF1", "RS1"), "RP1": ("satisfaction",)})  # fmt: skip
CASES: dict[str, tuple[Callable[[], Sample], Equations, bool]] = {
    "hs": (lambda: moments(GOLDEN["hs"]), SCHOOL, False),
    "hs_variance": (lambda: moments(GOLDEN["hs"]), replace(SCHOOL, scaling="variance"), False),
    "hs_means": (lambda: moments(GOLDEN["hs_means"]), SCHOOL, False),
    "hs_mlr": (lambda: sample_of(classic("HolzingerSwineford1939"), SCHOOL.observed), SCHOOL, True),
    "pd": (lambda: moments(GOLDEN["pd"]), Equations(**NATIONS), False),
    "pd_mlr": (lambda: sample_of(classic("PoliticalDemocracy"), Equations(**NATIONS).observed), Equations(**NATIONS),
               True),
    "pd_equal": (lambda: moments(GOLDEN["pd"]), Equations(**NATIONS, equal=TWIN_LOADINGS), False),
    "pd_equal_mlr": (lambda: sample_of(classic("PoliticalDemocracy"), Equations(**NATIONS).observed),
                     Equations(**NATIONS, equal=TWIN_LOADINGS), True),
    "kit_300": (lambda: sample_of(survey().head(300), KIT.observed), KIT, False),
    "kit_1000": (lambda: sample_of(survey(), KIT.observed), KIT, False),
    "kit_300_mlr": (lambda: sample_of(survey().head(300), KIT.observed), KIT, True),
    "kit_1000_mlr": (lambda: sample_of(survey(), KIT.observed), KIT, True),
    "kit_cfa": (lambda: sample_of(survey(), Equations(THIRTEEN).observed), Equations(THIRTEEN), False),
    "kit_observed": (lambda: sample_of(survey(), OBSERVED.observed), OBSERVED, False),
    "bank_cfa": (lambda: sample_of(bank(), Equations(CLIENTS).observed), Equations(CLIENTS), False),
    "bank_sem": (lambda: sample_of(bank(), Equations(CLIENTS, LOYAL).observed), Equations(CLIENTS, LOYAL), False),
    "bank_sem_mlr": (lambda: sample_of(bank(), Equations(CLIENTS, LOYAL).observed), Equations(CLIENTS, LOYAL), True),
}  # fmt: skip
LOOSER = {"rmsea_low", "rmsea_high", "rmsea_scaled_low", "rmsea_scaled_high", "rmsea_robust_low", "rmsea_robust_high"}
"""lavaan looks for these ends to four digits of a noncentrality."""


def agrees(fit: Fitted, figures: dict) -> None:
    """Hold every index and every parameter against lavaan's."""
    for ours, theirs in MEASURES.items():
        if theirs not in figures["measures"]:
            continue
        within = 2e-6 if ours in LOOSER else 1e-6 if ours == "chi2_scaled" else 1e-9
        assert fit.indices[ours] == pytest.approx(figures["measures"][theirs], abs=within, rel=1e-12), ours
    groups = figures["groups"] if len(fit.sample.groups) > 1 else [fit.sample.groups[0].name]
    known = {(groups[row["group"] - 1], row["name"]): row for row in figures["parameters"]}
    assert len(known) == len(fit.table)
    for row in fit.table.to_dict("records"):
        there = known.get((row["group"], row["name"])) or known[row["group"], f"{row['right']}~~{row['left']}"]
        for ours, theirs in {"estimate": "est", "std_error": "se", "std": "std", "std_std_error": "std_se"}.items():
            if there[theirs] is not None:
                assert row[ours] == pytest.approx(there[theirs], abs=1e-6, rel=1e-7), (row["name"], ours)


@pytest.mark.parametrize("name", CASES)
def test_chi2_indices_estimates_and_errors_are_those_of_lavaan(name: str) -> None:
    sample, equations, robust = CASES[name]
    fit = fit_equations(sample(), equations, robust=robust, means=name == "hs_means")
    assert fit.converged
    agrees(fit, GOLDEN[name])


@pytest.mark.parametrize("name", ["hs_groups", "hs_groups_mlr", "kit_groups", "kit_groups_mlr"])
def test_steps_of_invariance_in_three_groups_are_those_of_lavaan(name: str) -> None:
    robust = name.endswith("mlr")
    if name == "hs_groups":
        sample = moments(GOLDEN[name]["fits"]["configural"])
    elif name == "hs_groups_mlr":
        sample = sample_of(classic("HolzingerSwineford1939"), SCHOOL.observed, "age")
    else:
        sample = sample_of(survey(), FEW.observed, "segment" if name.startswith("kit") else None)
    found = measurement_invariance(sample, SCHOOL if name.startswith("hs") else FEW, robust=robust)
    for step, fit in found.fits.items():
        agrees(fit, GOLDEN[name]["fits"][step])
    theirs = GOLDEN[name]["difference"]
    rows = found.table.iloc[1:]
    assert rows["chi2_difference"].tolist() == pytest.approx(theirs["chisq"], abs=1e-6)
    assert rows["df_difference"].tolist() == theirs["df"]
    assert rows["p_difference"].tolist() == pytest.approx(theirs["p"], abs=1e-8)


def test_figures_come_from_the_lavaan_that_is_named() -> None:
    assert GOLDEN["versions"]["lavaan"].startswith("0.6")
