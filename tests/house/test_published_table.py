"""A published table on the command line: the same tables as of a survey, a twin, and the run made again."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from touchsim.cli import main
from touchsim.datasets import fact_path

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
    assert all(f"{name}: " in said for name in ("SCENARIO", "--seed", "--model"))
    assert touchsim("study", "corner_shop", "--nearest") == 2
    assert "--nearest: belongs to --moments" in capsys.readouterr().err
