"""The models of lavaan.R, said in touchsim, and where their figures and answers are."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from touchsim.equations.sample import GroupSample, Sample
from touchsim.equations.specification import Equations

HERE = Path(__file__).parent
GOLDEN: dict[str, Any] = json.loads((HERE / "lavaan.json").read_text(encoding="utf-8"))
ORDINAL: dict[str, Any] = json.loads((HERE / "ordinal.json").read_text(encoding="utf-8"))
DATA = Path(os.environ.get("TOUCHSIM_DATA", HERE.parents[2] / "shared" / "data"))
SHORT = {
    "product_information": "PI", "appearance": "WA", "ease_of_use": "EU", "customisation": "CU", "checkout": "CO",
    "security": "SE", "fulfilment": "OF", "responsiveness": "RS", "returns": "ER", "satisfaction": "SA",
    "repurchase": "RP", "recommendation": "RC", "willingness_to_pay": "WP",
}  # fmt: skip
THIRTEEN = {name: tuple(f"{short}{j}" for j in (1, 2, 3)) for name, short in SHORT.items()}
DRIVEN = {"satisfaction": tuple(SHORT)[:9], **{name: ("satisfaction",) for name in tuple(SHORT)[10:]}}
KIT = Equations(THIRTEEN, DRIVEN)
FEW = Equations({name: THIRTEEN[name] for name in ("fulfilment", "returns", "satisfaction")})
SCHOOL = Equations({"visual": ("x1", "x2", "x3"), "textual": ("x4", "x5", "x6"), "speed": ("x7", "x8", "x9")})
TWIN_LOADINGS = tuple((f"dem60=~y{j}", f"dem65=~y{j + 4}") for j in (2, 3, 4))
NATIONS: dict[str, Any] = {
    "measurement": {"ind60": ("x1", "x2", "x3"), "dem60": ("y1", "y2", "y3", "y4"),
                    "dem65": ("y5", "y6", "y7", "y8")},
    "regressions": {"dem60": ("ind60",), "dem65": ("ind60", "dem60")},
    "covariances": (("y1", "y5"), ("y2", "y4"), ("y2", "y6"), ("y3", "y7"), ("y4", "y8"), ("y6", "y8")),
}  # fmt: skip
CLIENTS = {name: tuple(f"{short}{j + 1}" for j in range(n)) for name, (short, n) in {
    "image": ("imag", 5), "expectation": ("expe", 5), "quality": ("qual", 5), "value": ("val", 4),
    "satisfaction": ("sat", 4), "loyalty": ("loy", 4)}.items()}  # fmt: skip
LOYAL = {"satisfaction": ("image", "expectation", "quality", "value"), "loyalty": ("satisfaction",)}
MEASURES = {
    "n_free": "npar", "chi2": "chisq", "df": "df", "p_value": "pvalue", "cfi": "cfi", "tli": "tli", "rmsea": "rmsea",
    "rmsea_low": "rmsea.ci.lower", "rmsea_high": "rmsea.ci.upper", "rmsea_close_p": "rmsea.pvalue", "srmr": "srmr",
    "log_likelihood": "logl", "aic": "aic", "bic": "bic", "baseline_chi2": "baseline.chisq",
    "baseline_df": "baseline.df", "chi2_scaled": "chisq.scaled", "p_scaled": "pvalue.scaled",
    "scaling": "chisq.scaling.factor", "cfi_scaled": "cfi.scaled", "tli_scaled": "tli.scaled",
    "rmsea_scaled": "rmsea.scaled", "rmsea_scaled_low": "rmsea.ci.lower.scaled",
    "rmsea_scaled_high": "rmsea.ci.upper.scaled", "cfi_robust": "cfi.robust", "tli_robust": "tli.robust",
    "rmsea_robust": "rmsea.robust", "rmsea_robust_low": "rmsea.ci.lower.robust",
    "rmsea_robust_high": "rmsea.ci.upper.robust",
}  # fmt: skip
"""Our name of an index to lavaan's."""


def moments(figures: dict[str, Any]) -> Sample:
    """The sample behind a golden case, from its moments."""
    groups = [GroupSample(name, n, np.array(one["mean"] or np.zeros(len(one["cov"]))), np.array(one["cov"]))
              for (name, one), n in zip(figures["moments"].items(), figures["n"], strict=True)]  # fmt: skip
    return Sample(tuple(next(iter(figures["moments"].values()))["columns"]), tuple(groups))


@cache
def survey() -> pd.DataFrame:
    """1,000 answers of the kit's own customers."""
    return pd.read_csv(HERE / "survey.csv")


@cache
def bank() -> pd.DataFrame:
    """A real survey, where it is."""
    path = DATA / "bank_satisfaction.parquet"
    if not path.exists():
        pytest.skip(f"{path.name} is not here: set TOUCHSIM_DATA to the folder that holds it")
    return pd.read_parquet(path)


@cache
def classic(name: str) -> pd.DataFrame:
    """Rows of a data set that comes with lavaan, where R and lavaan are installed; they are not ours to ship."""
    if shutil.which("Rscript") is None:
        pytest.skip("needs R with lavaan for the rows behind robust errors")
    code = f"write.csv(lavaan::{name}, row.names = FALSE)"
    made = subprocess.run(["Rscript", "-e", code], capture_output=True, text=True, check=False)
    if made.returncode:
        pytest.skip("needs lavaan in R for the rows behind robust errors")
    from io import StringIO

    frame = pd.read_csv(StringIO(made.stdout))
    if "ageyr" in frame:
        frame["age"] = np.where(frame["ageyr"] <= 12, "to 12", np.where(frame["ageyr"] == 13, "13", "from 14"))
    return frame
