"""Figures of R's lavaan, against which `touchsim.equations` is held.  Their one writer is this module:

    python -m tests.equations.write            survey.csv (from the kit) and lavaan.json (from R)
    python -m tests.equations.write figures    lavaan.json only
    python -m tests.equations.write ordinal    ordinal.json only: items on few points (a quarter of an hour)

It needs R with lavaan and jsonlite (Debian: r-base-core r-cran-lavaan r-cran-jsonlite) and the real surveys in the
folder TOUCHSIM_DATA.  lavaan.json and ordinal.json hold results and, of the two classical data sets that come with
lavaan, sample moments; never their rows, nor those of a real survey.  survey.csv is a simulated one and ours: it is
kept so that these figures do not move with the world.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pandas as pd

HERE = Path(__file__).parent
SURVEY, FIGURES, SCRIPT = HERE / "survey.csv", HERE / "lavaan.json", HERE / "lavaan.R"
ORDINAL = HERE / "ordinal.json"
DATA = Path(os.environ.get("TOUCHSIM_DATA", HERE.parents[2] / "shared" / "data"))
ROWS = 1000


def write_survey() -> None:
    """1,000 complete answers to the 39 items of the web shop."""
    import touchsim as ts
    from touchsim.survey.respondents import survey_study

    answers, model = survey_study(ts.load_scenario("webshop"), respondents=3000, seed=2026)
    items = [item for columns in model["scales"].values() for item in columns]
    frame = answers[["goods_type", "segment", *items]].dropna().head(ROWS)
    frame.to_csv(SURVEY, index=False)


def write_figures() -> None:
    """Everything that lavaan says of the cases in lavaan.R."""
    with tempfile.TemporaryDirectory() as folder:
        bank = Path(folder) / "bank.csv"
        pd.read_parquet(DATA / "bank_satisfaction.parquet").to_csv(bank, index=False)
        subprocess.run(["Rscript", str(SCRIPT), str(SURVEY), str(bank), str(FIGURES)], check=True)


def write_ordinal() -> None:
    """Everything that lavaan says of the cases in ordinal.R."""
    subprocess.run(["Rscript", str(ORDINAL.with_suffix(".R")), str(SURVEY), str(ORDINAL)], check=True)


if __name__ == "__main__":
    if not {"figures", "ordinal"} & {*sys.argv[1:]}:
        write_survey()
    if "ordinal" not in sys.argv[1:]:
        write_figures()
    if "figures" not in sys.argv[1:]:
        write_ordinal()
