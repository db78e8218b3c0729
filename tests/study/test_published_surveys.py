"""Surveys that others have analysed: the figures are theirs, or were computed with other programs."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.study.surveys import with_exact_moments
from touchsim.study.drivers import fit_drivers
from touchsim.study.importance import relative_importance
from touchsim.study.survey import study_survey

ROOT = Path(__file__).resolve().parents[2]
DATA = Path(os.environ.get("TOUCHSIM_DATA", ROOT.parent / "shared" / "data"))
BANK = DATA / "bank_satisfaction.parquet"
ITEMS = {"image": ("imag", 5), "expectation": ("expe", 5), "quality": ("qual", 5), "value": ("val", 4),
         "satisfaction": ("sat", 4), "loyalty": ("loy", 4)}  # fmt: skip
MODEL = {
    "scales": {name: [f"{short}{item}" for item in range(1, n + 1)] for name, (short, n) in ITEMS.items()},
    "drivers": {"satisfaction": ["image", "expectation", "quality", "value"]},
}


@pytest.fixture(scope="module")
def bank():
    if not BANK.exists():
        pytest.skip(f"{BANK.name} is not here: set TOUCHSIM_DATA to the folder that holds it")
    return study_survey(BANK, MODEL)


def test_the_bank_clients_give_the_published_standardised_coefficients(bank):
    assert bank.coefficients["std_beta"].tolist() == pytest.approx([0.18795, 0.00893, 0.14975, 0.55798], abs=5e-6)
    assert bank.fit["r2"].item() == pytest.approx(0.683914, abs=5e-7)
    assert bank.fit["n"].item() == 250, "0 is an answer on this scale"


def test_the_bank_clients_give_the_shares_of_a_package_of_another_language(bank):
    shares = bank.importance.query("method == 'lmg'")["share"]
    assert shares.tolist() == pytest.approx([0.21867, 0.14866, 0.21589, 0.41679], abs=1.2e-5)


def test_the_bank_clients_give_the_known_alphas_and_inflation(bank):
    assert bank.scales["alpha"].tolist() == pytest.approx([0.8219, 0.8431, 0.8685, 0.8320, 0.8943, 0.8206], abs=5.1e-5)
    vif = bank.coefficients.set_index("term")["vif"]
    assert vif["quality"] == pytest.approx(4.59, abs=0.005)


def test_the_true_zeros_of_the_bank_clients_are_not_called_codes(bank):
    assert not any("missing.codes" in sentence for sentence in bank.warnings)


def test_the_bank_clients_do_not_tell_expectation_from_quality_and_the_study_says_so(bank):
    assert any("expectation and quality (0.98)" in sentence for sentence in bank.warnings)


def moments(name: str) -> tuple[pd.DataFrame, np.ndarray, np.ndarray, int]:
    table = pd.read_csv(ROOT / "data" / "facts" / name, index_col=0)
    return table, table.loc["mean"].to_numpy(), table.loc["sd"].to_numpy(), int(table.loc["n"].iloc[0])


def test_a_survey_with_the_moments_of_1811_customers_gives_their_regression():
    table, mean, sd, n = moments("bayesm_customerSat_n1811_moments.csv")
    survey = pd.DataFrame(with_exact_moments(mean, sd, table.loc[table.columns].to_numpy(), n), columns=table.columns)
    fit = fit_drivers(survey, {"drivers": {"q1": list(table.columns[1:])}})
    known = [0.116, 0.050, 0.334, 0.041, 0.330, 0.106, 0.030, -0.034, 0.035]
    assert fit.table["std_beta"].tolist() == pytest.approx(known, abs=5e-4)
    assert fit.summary["r2"].item() == pytest.approx(0.717, abs=5e-4)
    shares = relative_importance(fit).table.query("method == 'lmg'")
    assert shares["share"].sum() == pytest.approx(1.0, abs=1e-12)


def test_the_published_moments_of_the_bank_clients_say_the_same_as_their_answers():
    table, mean, sd, n = moments("plspm_bank_n250_moments.csv")
    survey = pd.DataFrame(with_exact_moments(mean, sd, table.loc[table.columns].to_numpy(), n), columns=table.columns)
    fit = fit_drivers(survey, {"drivers": {"sat": ["imag", "expe", "qual", "val"]}})
    assert fit.table["std_beta"].tolist() == pytest.approx([0.18795, 0.00893, 0.14975, 0.55798], abs=2e-5)
