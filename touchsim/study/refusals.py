"""Reasons why an equation has no estimate: too few rows, constants, exact combinations, outcomes of another kind.

Called by `drivers`, before anything is estimated: among everyone a reason is an error, in one group a warning.  Beside
them what may be asked of chance: how many draws, from which seed.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from touchsim.errors import Finding
from touchsim.study.estimators import dependent_columns
from touchsim.study.model import BINARY, LATENT

__all__ = ["chance_findings", "drawing_findings", "reasons_against"]

MOST_LEVELS = 50
DISTANCES = ("ols", "quantile", "mixed", "corrected")
MOST_SHOWN = 6


def chance_findings(seed: object, draws: object = None, least: int = 1, why: str = "") -> list[Finding]:
    """Findings on a seed and on a number of draws: whole numbers, and draws at least `least`, for the reason `why`."""
    found = []
    if draws is not None and not (_whole(draws) and draws >= least):  # type: ignore[operator]
        law = f"must be at least {least}{why}" if _whole(draws) else f"must be a whole number, {least} or more{why}"
        found.append(Finding("draws", law, got=str(draws)))
    if not (_whole(seed) and seed >= 0):  # type: ignore[operator]
        found.append(Finding("seed", "must be a whole number, 0 or more", got=str(seed)))
    return found


def drawing_findings(seed: object, draws: object) -> list[Finding]:
    """Findings on seed and number of draws of an interval by percentiles."""
    return chance_findings(seed, draws, 100, ", or the interval means nothing")


def _whole(value: object) -> bool:
    return isinstance(value, (int, np.integer)) and not isinstance(value, bool)


def reasons_against(
    scores: pd.DataFrame, outcome: str, drivers: tuple[str, ...], estimator: str, clusters: pd.Series[str] | None = None
) -> list[Finding]:
    """Reasons why an equation has no estimate; `clusters` are those of the rows, for random intercepts."""
    where, n, p = f"drivers.{outcome}", len(scores), len(drivers)
    if n < p + 2:
        return [Finding(where, f"needs more complete rows than drivers and intercept ({p + 1})", got=f"{n} rows")]
    flat = [name for name in (outcome, *drivers) if scores[name].nunique() < 2]
    if flat:
        return [Finding(where, f"{' and '.join(flat)} {'is' if len(flat) == 1 else 'are'} constant")]
    found = []
    if estimator == "mixed" and clusters is not None and not 1 < clusters.nunique() < n:
        law = "mixed needs two clusters or more, and more than one row in some of them"
        found.append(Finding(where, law, got=f"{clusters.nunique()} clusters in {n} rows"))
    for columns in dependent_columns(scores[list(drivers)].to_numpy()):
        *others, last = (drivers[j] for j in columns)
        law = f"'{last}' is an exact combination of {' and '.join(repr(name) for name in others)}"
        found.append(Finding(where, law, hint="leave one of them out"))
    levels = scores[outcome].nunique()
    if estimator in BINARY and levels != 2:
        few = f": {', '.join(f'{value:g}' for value in np.unique(scores[outcome]))}" if levels <= MOST_SHOWN else ""
        hint = f"estimator: ordered_{estimator} or ols"
        hint += "; or is one of them a code for missing.codes?" if few else ""
        law = f"{estimator} needs two values of '{outcome}'"
        found.append(Finding(where, law, got=f"{levels} values{few}", hint=hint))
    if estimator in LATENT and estimator not in BINARY and levels > MOST_LEVELS:
        law = f"{estimator} needs at most {MOST_LEVELS} different values of '{outcome}'"
        found.append(Finding(where, law, got=f"{levels} values", hint="estimator: ols, or a single item"))
    if not found and estimator in DISTANCES:
        flat_out = scores[outcome].to_numpy()
        design = np.column_stack([np.ones(n), scores[list(drivers)].to_numpy()])
        rest = flat_out - design @ np.linalg.lstsq(design, flat_out, rcond=None)[0]
        if rest.std() < 1e-9 * flat_out.std():
            law = "drivers explain the outcome without error, so there is nothing to estimate"
            found.append(Finding(where, law, hint="is the outcome computed from its drivers?"))
    return found
