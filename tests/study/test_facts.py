"""The catalogue says of each table what its source says, and every table answers its own model."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import touchsim as ts
from touchsim.datasets import data_folder
from touchsim.study.catalogue import fact_of
from touchsim.study.published import read_moments

DATA = Path(os.environ.get("TOUCHSIM_DATA", "../shared/data"))
LIST = ts.facts()
TABLES = LIST.loc[LIST["kind"] == "moments", "name"].tolist()


def test_every_table_of_the_folder_is_in_the_catalogue_and_no_other() -> None:
    assert sorted(LIST["file"]) == sorted(path.name for path in (data_folder() / "facts").glob("*.csv"))


@pytest.mark.parametrize("name", LIST["name"])
def test_an_entry_says_as_many_cases_as_its_file_and_leaves_out_what_is_not_known(name: str) -> None:
    fact = ts.load_fact(name)
    counted = fact.table["n"].sum() if fact.kind == "groups" else fact.table.loc["n"].unique()
    assert fact.n == np.atleast_1d(counted).item()
    assert all(text.strip() == text and text for text in (fact.what, fact.population, fact.source, fact.caution))
    assert ("not stated" in fact.text) == (fact.country is None or fact.years is None)


@pytest.mark.parametrize("name", TABLES)
def test_every_table_of_moments_has_a_model_of_all_its_variables_and_names_them(name: str) -> None:
    fact = ts.load_fact(name)
    assert fact.model is not None and list(fact.model.items) == list(dict.fromkeys(fact.model.items))
    assert set(fact.model.items) == set(fact.table.columns)
    assert set(fact.constructs) == set(fact.model.names)
    study = ts.study_moments(name, draws=100)
    assert study.coefficients["estimate"].notna().all()
    assert any(fact.caution[:40].lower() in said.lower() for said in study.warnings), "its caution is told"


def test_the_ready_models_give_the_known_coefficients() -> None:
    bayesm, bank = (ts.fit_moments(name).table for name in ("bayesm_customerSat", "plspm_bank"))
    known = [0.116, 0.050, 0.334, 0.041, 0.330, 0.106, 0.030, -0.034, 0.035]
    assert bayesm["std_beta"].round(3).tolist() == known
    assert bank.query("outcome == 'satisfaction'")["std_beta"].round(3).tolist() == [0.188, 0.009, 0.150, 0.558]


def test_name_file_stem_path_fact_and_moments_of_a_table_are_one() -> None:
    fact = ts.load_fact("plspm_bank")
    wanted = ts.fit_moments("plspm_bank").table
    stem = fact.file.removesuffix(".csv")
    for given in (fact, fact.file, stem, str(fact.path), fact.path, read_moments("plspm_bank")):
        pd.testing.assert_frame_equal(ts.fit_moments(given).table, wanted)
    pd.testing.assert_frame_equal(ts.twin(fact), ts.twin("plspm_bank"))


def test_a_table_that_brings_no_model_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fact = ts.load_fact("plspm_bank")
    mine = tmp_path / fact.file  # the name of a known table, another content
    fact.table.round(2).to_csv(mine)
    monkeypatch.chdir(tmp_path)
    for given in (mine, read_moments(mine), fact.table, fact.file):
        with pytest.raises(ts.BadInput, match=r"model: is needed: this table brings none; e\.g\. .*ts\.facts\(\)"):
            ts.fit_moments(given)
    assert fact_of(mine) is None and fact_of("nothing.csv") is None


def test_a_table_of_groups_is_no_table_of_moments_and_a_misspelt_name_is_answered() -> None:
    with pytest.raises(ts.BadInput, match="olist_delay: has no means, SDs and correlations of answers: stars"):
        ts.study_moments("olist_delay")
    with pytest.raises(ts.BadInput, match="did you mean 'olist_delay'"):
        ts.load_fact("olist_dealy")


def test_the_questions_of_the_bank_give_the_table_of_its_scales() -> None:
    whole, items = (ts.fit_moments(name).table for name in ("plspm_bank", "plspm_bank_items"))
    np.testing.assert_allclose(items["std_beta"], whole["std_beta"], atol=1e-5)
    alphas = ts.fit_moments("plspm_bank_items").scales["alpha"]
    assert alphas.round(4).tolist() == [0.8219, 0.8431, 0.8685, 0.8320, 0.8943, 0.8206]


def test_the_tables_of_the_bank_were_computed_from_its_survey() -> None:
    file = DATA / "bank_satisfaction.parquet"
    if not file.exists():
        pytest.skip("set TOUCHSIM_DATA to the folder that holds bank_satisfaction.parquet")
    answers = pd.read_parquet(file)
    items = read_moments("plspm_bank_items")
    mine = answers[list(items.names)]
    np.testing.assert_allclose(items.means, mine.mean(), atol=6e-7)
    np.testing.assert_allclose(items.sds, mine.std(), atol=6e-7)
    np.testing.assert_allclose(items.correlations, mine.corr(), atol=6e-7)


def test_late_deliveries_are_a_threshold_not_a_line() -> None:
    stars = ts.load_fact("olist_delay").table
    spread = stars["n"] * (stars["mean"] - np.average(stars["mean"], weights=stars["n"])) ** 2
    inside = (stars["n"] - 1) * stars["sd"] ** 2
    assert spread.sum() / (spread.sum() + inside.sum()) == pytest.approx(0.172, abs=0.0005)
    assert stars["mean"].is_monotonic_decreasing
