"""Items on few points: thresholds, polychoric correlations and WLSMV are those of R's lavaan."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.equations.cases import KIT, MEASURES, ORDINAL, SCHOOL, THIRTEEN, classic, survey
from touchsim.equations.fitted import Fitted
from touchsim.equations.ordinal import fit_ordinal
from touchsim.equations.polychoric import polychorics_of
from touchsim.equations.sample import sample_of
from touchsim.equations.specification import Equations

NAMES = ("fulfilment", "returns", "satisfaction")
FEW = {name: THIRTEEN[name] for name in NAMES}
OBSERVED = Equations({"satisfaction": THIRTEEN["satisfaction"]},
                     {"satisfaction": ("OF1", "RS1"), "RP1": ("satisfaction",)})  # fmt: skip
EQUAL = Equations(FEW, covariances=[("OF1", "ER1")], equal=[("fulfilment=~OF2", "fulfilment=~OF3")],
                  fixed={"fulfilment~~returns": 0.3})  # fmt: skip


def five() -> pd.DataFrame:
    return (survey().head(500).iloc[:, 2:] - 1).clip(1, 5)


def two() -> pd.DataFrame:
    return (survey().iloc[:, 2:] > 5).astype(int)


def school() -> pd.DataFrame:
    frame = classic("HolzingerSwineford1939")[list(SCHOOL.observed)]
    return frame.apply(lambda x: pd.cut(x, [-np.inf, *x.quantile([0.1, 0.4, 0.8]), np.inf], labels=False))


CASES: dict[str, tuple[Callable[[], pd.DataFrame], Equations]] = {
    "hs_four": (school, SCHOOL),
    "kit_seven": (survey, KIT),
    "kit_five": (five, KIT),
    "few_five": (five, Equations(FEW, scaling="variance")),
    "few_two": (two, Equations(FEW)),
    "few_equal": (five, EQUAL),
    "observed": (five, OBSERVED),
}
LOOSER = {"rmsea_low", "rmsea_high", "rmsea_scaled_low", "rmsea_scaled_high"}
LIKEWISE = {*MEASURES.values(), "baseline.chisq.scaled"}
AGAINST_INDEPENDENCE = {"baseline_chi2", "baseline_df", "cfi", "tli", "cfi_scaled", "tli_scaled"}
"""Observed drivers keep their covariance in our independence, as with ML; behind constructs of one item they do not."""

EMPTY = {"OF1~~OF1", "RS1~~RS1"}
"""What constructs of one item leave of their items: nothing."""



def fitted(name: str) -> tuple[Fitted, dict[str, Any]]:
    frame, equations = CASES[name]
    return fit_ordinal(sample_of(frame(), equations.observed), equations), ORDINAL[name]


@pytest.mark.parametrize("name", CASES)
def test_polychoric_correlations_and_their_covariance_are_those_of_lavaan(name: str) -> None:
    frame, figures = CASES[name][0](), ORDINAL[name]
    codes = np.column_stack([np.unique(frame[item], return_inverse=True)[1] for item in figures["columns"]])
    found = polychorics_of(codes.astype(np.int64))
    p = codes.shape[1]
    assert found.correlations == pytest.approx(np.array(figures["correlations"]), abs=2e-7)
    place = {pair: number for number, pair in enumerate(zip(*np.tril_indices(p, -1), strict=True))}
    down = [place[i, j] for j in range(p) for i in range(j + 1, p)]  # lavaan goes down columns
    assert np.diag(found.gamma)[down] == pytest.approx(figures["gamma"], rel=2e-6)
    assert found.gamma.sum() == pytest.approx(figures["gamma_sum"], rel=2e-6)


@pytest.mark.parametrize("name", CASES)
def test_chi2_indices_estimates_and_errors_are_those_of_lavaan(name: str) -> None:
    fit, figures = fitted(name)
    assert fit.converged
    measures = figures["measures"]
    assert len(LIKEWISE & {*measures}) == len(measures)
    for ours, theirs in MEASURES.items():
        if theirs in measures and not (name == "observed" and ours in AGAINST_INDEPENDENCE):
            within = 5e-6 if ours in LOOSER else 1e-7
            assert fit.indices[ours] == pytest.approx(measures[theirs], abs=within, rel=1e-6), ours
    assert fit.indices["baseline_chi2_scaled"] == pytest.approx(measures["baseline.chisq.scaled"], rel=1e-6) or (
        name == "observed")  # fmt: skip
    assert fit.indices["shift"] == pytest.approx(figures["shift"], rel=1e-6)
    known = {row["name"]: row for row in figures["parameters"] if name != "observed" or row["name"] not in EMPTY}
    own = {f"{item}~~{item}" for item in fit.sample.columns}
    met = 0
    for row in fit.table.to_dict("records"):
        there = known.get(row["name"]) or known.get(f"{row['right']}~~{row['left']}")
        if there is None:
            there = known[row["name"].replace("OF1", "OF").replace("RS1", "RS")]  # constructs of one item there
        met += 1
        for ours, theirs in {"estimate": "est", "std_error": "se", "std": "std", "std_std_error": "std_se"}.items():
            if row["name"] in own and ours == "std_error":
                continue  # lavaan has none for what is left of 1
            assert row[ours] == pytest.approx(there[theirs], abs=2e-6, rel=2e-6), (row["name"], ours)
    assert met == len(fit.table) >= fit.indices["n_free"]


def test_figures_come_from_the_lavaan_that_is_named() -> None:
    assert ORDINAL["versions"]["lavaan"].startswith("0.6")
