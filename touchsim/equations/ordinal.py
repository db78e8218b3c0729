"""Fit a system of equations to items answered on few points: thresholds, DWLS, robust errors (WLSMV).

    answers --polychorics--> correlations behind them, gamma --Distance, highest--> theta --> Fitted

Answers on five points are no distances: correlations of such items are too small, and so is what follows from them.
Here each item is a cut of a normal variable, and the equations hold among these variables, which all have variance 1.
With D the slopes of the implied correlations and W the inverse diagonal of gamma (Muthen, du Toit & Spisic 1997),

    errors     (D'WD)^-1 D'W gamma W D (D'WD)^-1 / (n - 1)
    chi2       a (n - 1) F + b,   a = sqrt(df / tr (U gamma)^2),  b = df - a tr U gamma,  U = W - W D (D'WD)^-1 D'W

so that mean and variance of chi2 are those of its distribution (Asparouhov & Muthen 2010).  Indices with `_scaled` are
of this chi2; SRMR counts the diagonal, as that of ML does.  One group; rows with gaps are left out before.  The
assumption is the normal variable behind each item: skewed answers are no fault; skewed feelings, careless people and
habits of answering are.  Errors that need it less (see `polychoric`) are held beside, and a difference is told where it
is beyond sampling error.  Called by `study`.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from touchsim.equations.distance import Distance
from touchsim.equations.doubts import doubts_of, undetermined
from touchsim.equations.fitted import COLUMNS, REACH, Fitted, explained, parameter_table, same_columns
from touchsim.equations.indices import distance_indices
from touchsim.equations.parameters import Layout, lay_out
from touchsim.equations.polychoric import BOUND, Polychorics, polychorics_of
from touchsim.equations.sample import GroupSample, Sample
from touchsim.equations.search import first_values, highest
from touchsim.equations.specification import Equations
from touchsim.errors import BadInput, Finding

__all__ = ["MOST_LEVELS", "fit_ordinal"]

Array = NDArray[np.float64]
MOST_LEVELS = 15
"""Items with more answers are as good as distances, and their tables are mostly empty."""

FEWEST_ROWS, RARE, LEAST_EIGENVALUE, SHOWN = 200, 5, 1e-8, 4
TOO_SMALL, STRAINED = 0.05, 2.33


def fit_ordinal(sample: Sample, equations: Equations) -> Fitted:
    """Fit a system of equations to ordinal items.

    Parameters
    ----------
    sample : Sample
        From `sample_of`, one group, with the columns ``equations.observed`` in that order; every column is ordinal.
    equations : Equations

    Returns
    -------
    Fitted
        Its table ends with a row for each threshold (``x1|t1``); residuals of items are what is left of 1.

    Raises
    ------
    BadInput
        Columns that do not agree, several groups, moments instead of answers, items with more than 15 answers, items
        that order people alike, a residual variance that is fixed or set equal, more parameters than correlations.

    Examples
    --------
    >>> from touchsim.equations.sample import sample_of
    >>> rng = np.random.default_rng(1)
    >>> fine = rng.normal(size=(1000, 1)) + rng.normal(size=(1000, 3))
    >>> answers = pd.DataFrame(np.digitize(fine, [-2.5, -1, 0.5, 2]), columns=["a", "b", "c"])
    >>> fit = fit_ordinal(sample_of(answers, ["a", "b", "c"]), Equations({"f": ["a", "b", "c"]}))
    >>> fit.loadings["std"].round(1).tolist(), fit.estimator
    ([0.7, 0.7, 0.7], 'wlsmv')
    """
    same_columns(sample, equations)
    levels, behind = _read(sample)
    layout = lay_out(equations)
    _residuals_are_free(layout)
    here = GroupSample(sample.groups[0].name, behind.n, np.zeros(len(levels)), behind.correlations)
    moments = Sample(sample.columns, (here,))
    distance = Distance(layout, moments, 1 / np.diag(behind.gamma))
    found = highest(distance, first_values(layout, moments.groups)[distance.searched])
    loose = undetermined(distance, found.free)
    covariance, traces = _spread(distance, found.free, behind.gamma, known=not loose)
    turns = distance.turns(found.free)
    whole, full = distance.whole(found.free), turns @ covariance @ turns.T
    with np.errstate(invalid="ignore"):
        errors = np.sqrt(np.diag(full))
    table = parameter_table(distance, whole, full)
    own = (table["left"] == table["right"]) & table["left"].isin(sample.columns)
    table = pd.concat([table.assign(free=table["free"] & ~own), _thresholds(moments, behind)], ignore_index=True)
    n_cuts = sum(map(len, behind.thresholds))
    indices = distance_indices(distance, found.free, behind.gamma, traces, n_cuts)
    doubts = doubts_of(distance, replace(found, free=whole), errors, loose, int(indices["n_free"]))
    doubts += _abnormal(distance, found.free, behind, covariance)
    return Fitted(equations, moments, layout, whole, full, table, indices, explained(distance, whole), "wlsmv",
                  found.converged, (*doubts, *_odd_answers(sample.columns, levels, behind)))  # fmt: skip


def _read(sample: Sample) -> tuple[list[Array], Polychorics]:
    """Answers of each item in order, and what is behind them."""
    if len(sample.groups) > 1:
        raise BadInput(Finding("groups", "ordinal items are fitted in one group at a time", got=str(len(sample.groups)),
                               hint="fit each group alone, or take ml or mlr"))  # fmt: skip
    rows = sample.groups[0].rows
    if rows is None:
        raise BadInput(Finding("estimator", "wlsmv needs the answers themselves, moments have none"))
    levels, codes = zip(*(np.unique(column, return_inverse=True) for column in rows.T), strict=True)
    law = f"has more than {MOST_LEVELS} different answers, too many for thresholds"
    hint = "estimator: sem_mlr takes them as distances"
    findings = [Finding(f"column '{name}'", law, got=str(len(one)), hint=hint)
                for name, one in zip(sample.columns, levels, strict=True) if len(one) > MOST_LEVELS]  # fmt: skip
    if findings:
        raise BadInput(findings)
    behind = polychorics_of(np.column_stack(codes).astype(np.int64))
    alike = np.argwhere(np.tril(np.abs(behind.correlations), -1) >= BOUND - 1e-9)
    if len(alike):
        raise BadInput([Finding(f"column '{sample.columns[i]}'", f"orders people as '{sample.columns[j]}' does: their "
                                "polychoric correlation has no finite estimate", hint="leave one of them out")
                        for i, j in alike])  # fmt: skip
    return list(levels), behind


def _residuals_are_free(layout: Layout) -> None:
    """Refuse equations that say what only the variance of 1 can say."""
    own = [(one.name, int(place)) for place, one in zip(layout.place, layout.parameters, strict=True)
           if one.operator == "~~" and one.left == one.right and one.left in layout.observed]  # fmt: skip
    seats = layout.place.tolist()
    wrong = [name for name, place in own if place < 0 or seats.count(place) > 1]
    if wrong:
        law = "cannot be fixed or set equal: with ordinal items it is what is left of 1"
        raise BadInput([Finding(f"'{name}'", law) for name in wrong])


def _spread(distance: Distance, free: Array, gamma: Array, *, known: bool) -> tuple[Array, tuple[float, float]]:
    """Sandwich covariance of theta, and the traces of U gamma and of its square."""
    slopes, weights = distance.slopes(free), distance.weights
    nothing = np.full((len(free), len(free)), np.nan)
    if not known:
        return nothing, (float("nan"), float("nan"))
    bread = np.linalg.inv(distance.expected(free)) if len(free) else np.zeros((0, 0))
    pulled = slopes.T * weights
    covariance = bread @ pulled @ gamma @ pulled.T @ bread / (distance.sample.n - 1)
    left = weights[:, None] * gamma - pulled.T @ (bread @ (pulled @ gamma))
    return np.asarray(covariance), (float(np.trace(left)), float((left * left.T).sum()))


def _abnormal(distance: Distance, free: Array, behind: Polychorics, covariance: Array) -> tuple[str, ...]:
    """Say how much errors and chi2 owe to the assumption that the variables behind the answers are normal.

    Only where it is much, and the answers are against the assumption beyond sampling error (at 1 %).
    """
    if behind.strain < STRAINED:
        return ()
    freer, traces = _spread(distance, free, behind.observed, known=bool(np.isfinite(covariance).all()))
    with np.errstate(invalid="ignore"):
        larger = float(np.median(np.sqrt(np.diag(freer) / np.diag(covariance)))) - 1 if len(free) else 0.0
    if not larger > TOO_SMALL:
        return ()
    there = distance_indices(distance, free, behind.observed, traces, 0)
    return (f"the answers speak against the normal variables behind them, as careless people and habits of answering "
            f"make them do: without that assumption standard errors are {100 * larger:.0f} % larger and chi2 is "
            f"{there['chi2_scaled']:.2f} (p = {there['p_scaled']:.3f})",)  # fmt: skip


def _thresholds(sample: Sample, behind: Polychorics) -> pd.DataFrame:
    """Rows of the table, one for each threshold; every item has SD 1, so that they are standardised as they are."""
    rows = []
    for item, cuts, errors in zip(sample.columns, behind.thresholds, behind.threshold_errors, strict=True):
        for number, (value, error) in enumerate(zip(cuts, errors, strict=True), start=1):
            ends = value - REACH * error, value + REACH * error
            rows.append([sample.groups[0].name, f"{item}|t{number}", item, "|", f"t{number}", "thresholds", True, value,
                         error, value / error, 2 * float(stats.norm.sf(abs(value / error))), *ends, value, error,
                         *ends])  # fmt: skip
    return pd.DataFrame(rows, columns=COLUMNS)


def _odd_answers(columns: tuple[str, ...], levels: list[Array], behind: Polychorics) -> list[str]:
    """What the answers themselves say against the correlations behind them."""
    said = []
    least = float(np.linalg.eigvalsh(behind.correlations)[0])
    if least < LEAST_EIGENVALUE:
        said.append(f"the polychoric correlations are not positive definite (least eigenvalue {least:.3f}): answers "
                    "are too few or items too much alike, so errors and chi2 are rough")  # fmt: skip
    if behind.n < FEWEST_ROWS:
        said.append(f"{behind.n} answers are few for ordinal items (under {FEWEST_ROWS}): standard errors of WLSMV are "
                    "then too small (Flora & Curran 2004)")  # fmt: skip
    if behind.patched:
        names = _listed([f"{columns[i]} with {columns[j]}" for i, j in behind.patched])
        said.append(f"nobody gave one of the four pairs of answers to {names}; half a person is put there")
    rare = [f"{name} = {level:g} ({count:.0f})" for name, answers, counts in
            zip(columns, levels, behind.counts, strict=True)
            for level, count in zip(answers, counts, strict=True) if count < RARE]  # fmt: skip
    if rare:
        said.append(f"answers given by fewer than {RARE} people leave their thresholds unsure: {_listed(rare)}; join "
                    "them with their neighbours")  # fmt: skip
    return said


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more
