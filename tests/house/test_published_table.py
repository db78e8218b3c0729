"""A published table on the command line: the same tables as of a survey, a twin, and the run made again."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from touchsim.cli import main
from touchsim.datasets import fact_path
from touchsim.study.catalogue import facts

BANK = "plspm_bank_n250_moments.csv"
MODEL = "drivers:\n  sat: [imag, expe, qual, val]\n"


def touchsim(*words: str) -> int:
    """Exit code of a command."""
    with pytest.raises(SystemExit) as left:
        main(list(words))
    return int(left.value.code or 0)


@pytest.fixture
def model(tmp_path: Path) -> str:
    file = tmp_path / "model.yaml"
    file.write_text(MODEL)
    return str(file)


def test_a_table_that_ships_with_touchsim_is_studied_by_its_name(model: str, tmp_path: Path) -> None:
    out = tmp_path / "bank"
    assert touchsim("study", "--moments", BANK, "--model", model, "--out", str(out)) == 0
    names = {path.name for path in out.iterdir()}
    assert {f"{name}.csv" for name in ("coefficients", "importance", "fit", "scales", "htmt", "blocks")} <= names
    assert {"twin.parquet", "report.html", "manifest.json"} <= names
    assert {"tables.tex", "tables.html", "text.md"} <= names
    assert "least squares from a published table" in (out / "text.md").read_text(encoding="utf-8")
    coefficients = pd.read_csv(out / "coefficients.csv")
    assert coefficients["std_beta"].round(3).tolist() == [0.188, 0.009, 0.150, 0.558]
    twin = pd.read_parquet(out / "twin.parquet")
    published = pd.read_csv(fact_path(BANK), index_col=0)
    np.testing.assert_allclose(twin.corr(), published.loc[list(published)], atol=1e-10)
    assert touchsim("reproduce", str(out)) == 0


def test_findings_of_table_and_model_come_together(
    model: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = tmp_path / "table.csv"
    table.write_text(",sat,imag\nmean,7,7\nsd,1,-1\nn,50\nsat,1,1.5\nimag\n")
    Path(model).write_text("drivers: {sat: [sat]}\n")
    assert touchsim("study", "--moments", str(table), "--model", model, "--out", str(tmp_path / "out")) == 2
    said = capsys.readouterr().err
    assert "must be above 0 (got -1)" in said and "must be between -1 and 1" in said and "its own driver" in said
    assert not (tmp_path / "out").exists()


def test_options_of_other_studies_do_not_go_with_a_table(model: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert touchsim("study", "corner_shop", "--moments", BANK, "--seed", "3") == 2
    said = capsys.readouterr().err
    assert all(f"{name}: " in said for name in ("SCENARIO", "--seed"))
    assert touchsim("study", "corner_shop", "--nearest") == 2
    assert "--nearest: belongs to --moments" in capsys.readouterr().err


def test_a_table_of_the_catalogue_needs_no_model_and_is_made_again(tmp_path: Path) -> None:
    out = tmp_path / "ads"
    assert touchsim("study", "--moments", "bayesm_customerSat", "--out", str(out)) == 0
    coefficients = pd.read_csv(out / "coefficients.csv")
    known = [0.116, 0.050, 0.334, 0.041, 0.330, 0.106, 0.030, -0.034, 0.035]
    assert coefficients["std_beta"].round(3).tolist() == known
    assert "price_for_volume" in (out / "model.yaml").read_text(encoding="utf-8")
    assert touchsim("reproduce", str(out)) == 0
    again = tmp_path / "again"  # the model that was written is one to start from
    words = ("--moments", "bayesm_customerSat", "--model", str(out / "model.yaml"), "--out", str(again))
    assert touchsim("study", *words) == 0
    pd.testing.assert_frame_equal(pd.read_csv(again / "coefficients.csv"), coefficients)


def test_a_table_of_ones_own_needs_a_model(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mine = tmp_path / "mine.csv"
    mine.write_text(fact_path(BANK).read_text())
    assert touchsim("study", "--moments", str(mine)) == 2
    assert "--model: is required: the two go together; only tables of the catalogue" in capsys.readouterr().err
    assert touchsim("study", "--moments", "olist_delay") == 2
    said = capsys.readouterr().err
    assert "olist_delay: has no means, SDs and correlations" in said and "--model" not in said


def test_the_catalogue_is_listed_and_a_table_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert touchsim("facts") == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == facts()["name"].tolist()
    assert touchsim("facts", "plspm_bank") == 0
    assert "country: Spain" in capsys.readouterr().out
    assert touchsim("facts", "plspm_bnk") == 2
    assert "did you mean 'plspm_bank'?" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["plspm_bnk", "plspm_bnk.csv"])
def test_a_name_that_is_nearly_one_of_the_catalogue_is_answered(
    name: str, model: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for more in ((), ("--model", model)):
        assert touchsim("study", "--moments", name, *more) == 2
        said = capsys.readouterr().err
        assert f"{name}: there is no such file" in said and "did you mean 'plspm_bank'?" in said
        assert "--model" not in said
    assert touchsim("study", "--moments", "zzz") == 2
    assert "there are: bayesm_customerSat" in capsys.readouterr().err
    assert touchsim("study", "--moments", "zzz.csv", "--model", model) == 2
    assert "zzz.csv" in capsys.readouterr().err


def test_the_manifest_names_a_table_of_the_catalogue_and_no_place_of_this_machine(
    model: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for given, more in ((BANK, ("--model", "model.yaml")), (str(fact_path(BANK)), ())):
        out = tmp_path / f"out{len(more)}"
        assert touchsim("study", "--moments", given, *more, "--out", str(out)) == 0
        manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
        assert manifest["arguments"]["moments"] == "plspm_bank" and list(manifest["inputs"]) == ["plspm_bank"]
        assert str(fact_path(BANK).parent) not in (out / "manifest.json").read_text(encoding="utf-8")
        assert touchsim("reproduce", str(out)) == 0
    text = (out / "manifest.json").read_text(encoding="utf-8")
    (out / "manifest.json").write_text(text.replace(manifest["inputs"]["plspm_bank"], "0" * 64), encoding="utf-8")
    capsys.readouterr()
    assert touchsim("reproduce", str(out)) == 1
    assert "plspm_bank is another file now" in capsys.readouterr().out


@pytest.mark.parametrize("estimator", ["corrected", "sem"])
def test_other_estimators_of_a_table_write_every_table_and_are_made_again(estimator: str, tmp_path: Path) -> None:
    model, out = tmp_path / "model.yaml", tmp_path / "out"
    scales = "image: [imag1, imag2, imag3], value: [val1, val2, val3], satisfaction: [sat1, sat2, sat3]"
    model.write_text(f"scales: {{{scales}}}\ndrivers: {{satisfaction: [image, value]}}\nestimator: {estimator}\n")
    assert touchsim("study", "--moments", "plspm_bank_items", "--model", str(model), "--out", str(out)) == 0
    assert "from a published table" in (out / "text.md").read_text(encoding="utf-8")
    assert pd.read_csv(out / "coefficients.csv")["std_error"].notna().all()
    assert (out / "loadings.csv").exists() == (estimator == "sem")
    assert touchsim("reproduce", str(out)) == 0
