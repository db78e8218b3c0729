"""Whether groups read the items alike, and whether one model is worse than another that holds it.

    configural   the same items measure the same constructs
    metric       and one point of a construct moves each item as far in every group
    scalar       and equal constructs give equal answers: means of constructs may be compared       Meredith (1993)

Each step is held against the one before by the difference of chi2; of robust fits by the scaled difference,

    T = (chi2_a - chi2_b) / c,   c = (df_a c_a - df_b c_b) / (df_a - df_b)                  Satorra & Bentler (2001)

and by the fall of CFI, where .01 is the custom (Cheung & Rensvold 2002).  Called by `study.latent`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from touchsim.equations.fitting import Fitted, fit_equations
from touchsim.equations.sample import Sample
from touchsim.equations.specification import Equations
from touchsim.errors import BadInput, Finding

__all__ = ["STEPS", "Invariance", "compare_fits", "measurement_invariance"]

STEPS: dict[str, tuple[str, ...]] = {
    "configural": (), "metric": ("loadings",), "scalar": ("loadings", "intercepts"),
}  # fmt: skip
COLUMNS = ["model", "chi2", "df", "p_value", "cfi", "tli", "rmsea", "srmr", "aic", "bic", "chi2_difference",
           "df_difference", "p_difference", "cfi_difference"]  # fmt: skip
FALL_OF_CFI, SURE = 0.01, 0.05


@dataclass(frozen=True)
class Invariance:
    """Steps of invariance: `table`, one row each (see `compare_fits`), and `fits` by the name of the step."""

    table: pd.DataFrame
    fits: dict[str, Fitted]

    @property
    def doubts(self) -> tuple[str, ...]:
        """Sentences to read first: those of every fit, and the first step that fails."""
        found = []
        for number, (name, fit) in enumerate(self.fits.items()):
            few = f"{fit.sample.n} answers"  # said once, of the step with the most parameters
            found += [f"{name}: {doubt}" for doubt in fit.doubts if not (number and doubt.startswith(few))]
        for row in self.table.iloc[1:].to_dict("records"):
            p = row["p_difference"]
            if row["cfi_difference"] < -FALL_OF_CFI and not p >= SURE:
                chance = f"p = {p:.2g}" if np.isfinite(p) else "no scaled difference of chi2"
                found.append(f"{row['model']} invariance fails ({chance}, CFI falls by "
                             f"{-row['cfi_difference']:.3f}): groups read some items differently, so do not compare "
                             "what rests on it")  # fmt: skip
                break
        return tuple(found)


def compare_fits(fits: dict[str, Fitted]) -> pd.DataFrame:
    """Hold each model against the one before it, which must be nested with it.

    Parameters
    ----------
    fits : dict
        Name to fit, all of one sample, all robust or none, the freest first.

    Returns
    -------
    DataFrame
        model, chi2, df, p_value, cfi, tli, rmsea, srmr, aic, bic (of robust fits: scaled chi2 and p, robust cfi, tli,
        rmsea), chi2_difference, df_difference, p_difference, cfi_difference (null in the first row; nan where a scaled
        difference is negative and says nothing).

    Raises
    ------
    BadInput
        Fits of other answers, mixed errors, or no more degrees of freedom than the model before.
    """
    several = list(fits.items())
    findings = []
    for (before, a), (name, b) in zip(several, several[1:], strict=False):
        if a.sample.n != b.sample.n or a.sample.columns != b.sample.columns:
            findings.append(Finding(name, f"must be fitted to the answers of '{before}'"))
        elif a.estimator != b.estimator or a.estimator == "wlsmv":
            law = f"must have the kind of errors of '{before}', and be fitted by likelihood"
            findings.append(Finding(name, law, got=b.estimator, hint='estimator="mlr" for both'))
        elif b.indices["df"] <= a.indices["df"]:
            law = f"must be nested in '{before}' and have more degrees of freedom"
            findings.append(Finding(name, law, got=f"{b.indices['df']:.0f} against {a.indices['df']:.0f}"))
    if findings:
        raise BadInput(findings)
    rows: list[dict[str, Any]] = []
    for number, (name, fit) in enumerate(several):
        one, robust = fit.indices, "_robust" if fit.robust else ""
        row: dict[str, Any] = {
               "model": name, "chi2": one["chi2_scaled" if fit.robust else "chi2"], "df": int(one["df"]),
               "p_value": one["p_scaled" if fit.robust else "p_value"], "cfi": one[f"cfi{robust}"],
               "tli": one[f"tli{robust}"], "rmsea": one[f"rmsea{robust}"], "srmr": one["srmr"], "aic": one["aic"],
               "bic": one["bic"]}  # fmt: skip
        if number:
            row |= _difference(several[number - 1][1], fit)
            row["cfi_difference"] = row["cfi"] - rows[-1]["cfi"]
        rows.append(row)
    return pd.DataFrame(rows, columns=COLUMNS)


def measurement_invariance(
    sample: Sample, equations: Equations, *, robust: bool = False, steps: Sequence[str] = tuple(STEPS)
) -> Invariance:
    """Fit configural, metric and scalar models to the groups of a sample.

    Parameters
    ----------
    sample : Sample
        Of two or more groups.
    equations : Equations
    robust : bool
        MLR, with scaled differences.
    steps : sequence of str
        Some of configural, metric, scalar, in this order.

    Returns
    -------
    Invariance

    Raises
    ------
    BadInput
        One group only.

    Examples
    --------
    >>> from touchsim.equations.sample import sample_of
    >>> rng = np.random.default_rng(1)
    >>> answers = pd.DataFrame(rng.normal(size=(300, 1)) + rng.normal(size=(300, 4)), columns=list("abcd"))
    >>> sample = sample_of(answers, list("abcd"), ["x", "y", "z"] * 100)
    >>> measurement_invariance(sample, Equations({"f": list("abcd")})).table["df"].tolist()
    [6, 12, 18]
    """
    if len(sample.groups) < 2:  # noqa: PLR2004
        raise BadInput(Finding("groups", "invariance needs two groups or more", got=str(len(sample.groups))))
    fits = {step: fit_equations(sample, equations, robust=robust, equal_groups=STEPS[step]) for step in steps}
    return Invariance(compare_fits(fits), fits)


def _difference(free: Fitted, bound: Fitted) -> dict[str, float]:
    df = bound.indices["df"] - free.indices["df"]
    chi2 = bound.indices["chi2"] - free.indices["chi2"]
    if free.robust:
        c = bound.indices["df"] * bound.indices["scaling"]
        c -= free.indices["df"] * free.indices["scaling"] if free.indices["df"] else 0.0
        chi2 = chi2 * df / c if c > 0 else float("nan")
    p = float(stats.chi2.sf(chi2, df)) if np.isfinite(chi2) else float("nan")
    return {"chi2_difference": chi2, "df_difference": int(df), "p_difference": p}
