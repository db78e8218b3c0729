"""Fit a system of equations by maximum likelihood: CFA, SEM, in one group or several.

    Equations + Sample --lay_out--> Layout --highest--> values --indices, standardised, doubts--> Fitted

The equations and conventions are those of the field, so that the figures equal those of its programs: covariances over
n, expected information for the errors of ML, observed information and scores for those of MLR (see `robust`).
Deterministic: no random number is drawn.  Called by `study.latent` and `invariance`.
"""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from touchsim.equations.doubts import doubts_of, undetermined
from touchsim.equations.indices import fit_indices
from touchsim.equations.likelihood import Likelihood
from touchsim.equations.parameters import ARROWS, Layout, lay_out
from touchsim.equations.ram import implied
from touchsim.equations.robust import robust_covariance, scalings
from touchsim.equations.rounding import rounding_covariance
from touchsim.equations.sample import Sample
from touchsim.equations.search import first_values, highest
from touchsim.equations.specification import Equations
from touchsim.equations.standardised import standardised_solution
from touchsim.errors import BadInput, Finding

__all__ = ["COLUMNS", "Fitted", "fit_equations"]

Array = NDArray[np.float64]
REACH = float(stats.norm.ppf(0.975))
COLUMNS = ["group", "name", "left", "operator", "right", "kind", "free", "estimate", "std_error", "statistic",
           "p_value", "low", "high", "std", "std_std_error", "std_low", "std_high"]  # fmt: skip


@dataclass(frozen=True)
class Fitted:
    """A fitted system of equations.

    Attributes
    ----------
    equations, sample, layout
        What was fitted to what.
    free : array, shape (k,)
        Values at the maximum, and `covariance`, shape (k, k), of their errors.
    table : DataFrame
        One row for each parameter: group, name (``visual=~x1``), left, operator, right, kind, free (False = fixed),
        estimate, std_error, statistic (z), p_value, low, high (95 %), std (every variable has SD 1), std_std_error,
        std_low, std_high.
    indices : mapping
        Fit as a whole; see `indices.fit_indices`.
    r_squared : DataFrame
        group, variable, r2: explained share of each item and outcome.
    robust : bool
        Errors and chi2 without normality (MLR).
    converged : bool
    doubts : tuple of str
        Sentences to read first.
    """

    equations: Equations
    sample: Sample
    layout: Layout
    free: Array
    covariance: Array
    table: pd.DataFrame
    indices: Mapping[str, float]
    r_squared: pd.DataFrame
    robust: bool
    converged: bool
    doubts: tuple[str, ...]

    @cached_property
    def loadings(self) -> pd.DataFrame:
        """Rows of the table that are loadings, with construct and item."""
        rows = self.table[self.table["kind"] == "loadings"]
        return rows.rename(columns={"left": "construct", "right": "item"}).reset_index(drop=True)

    def construct_covariances(self, group: int = 0) -> pd.DataFrame:
        """Implied covariances of the constructs, and of observed variables in equations, shape (v, v)."""
        at = implied(Likelihood(self.layout, self.sample).cells[group], self.free)
        items = {item for items in self.equations.measurement.values() for item in items}
        names = [name for name in self.layout.variables if name not in items or name in self.layout.constructs]
        place = [self.layout.variables.index(name) for name in names]
        return pd.DataFrame(at.v[np.ix_(place, place)], index=names, columns=names)

    def construct_correlations(self, group: int = 0) -> pd.DataFrame:
        """Implied correlations of the same variables, shape (v, v)."""
        found = self.construct_covariances(group)
        spread = np.sqrt(np.diag(found))
        return pd.DataFrame(found.to_numpy() / np.outer(spread, spread), index=found.index, columns=found.columns)

    @property
    def text(self) -> str:
        """One sentence on fit, made from the indices."""
        one, kind = self.indices, "_scaled" if self.robust else ""
        robust = "_robust" if self.robust else ""
        p = one["p_scaled" if self.robust else "p_value"]
        chance = "p < .001" if p < 0.001 else f"p = {p:.3f}".replace("0.", ".", 1)  # noqa: PLR2004
        return (f"chi2({one['df']:.0f}) = {one[f'chi2{kind}']:.2f}, {chance}, CFI = {one[f'cfi{robust}']:.3f}, "
                f"TLI = {one[f'tli{robust}']:.3f}, RMSEA = {one[f'rmsea{robust}']:.3f} "
                f"[90 % interval {one[f'rmsea{robust}_low']:.3f}; {one[f'rmsea{robust}_high']:.3f}], "
                f"SRMR = {one['srmr']:.3f}, n = {one['n']:.0f}{' (MLR)' if self.robust else ''}.")  # fmt: skip

    def _repr_html_(self) -> str:
        shown = self.table.loc[self.table["kind"].isin(["loadings", "regressions"]),
                               ["group", "name", "estimate", "low", "high", "std", "std_low", "std_high"]]  # fmt: skip
        doubts = "".join(f"<li>{html.escape(sentence)}</li>" for sentence in self.doubts)
        table = shown.to_html(index=False, float_format="{:.3f}".format, na_rep="")
        return f"<p>{html.escape(self.text)}</p>{table}<ul>{doubts}</ul>"


def fit_equations(
    sample: Sample,
    equations: Equations,
    *,
    robust: bool = False,
    means: bool | None = None,
    equal_groups: Sequence[str] = (),
    near: Array | None = None,
) -> Fitted:
    """Fit a system of equations.

    Parameters
    ----------
    sample : Sample
        From `sample_of` or `sample_from_moments`, with the columns ``equations.observed`` in that order.
    equations : Equations
    robust : bool
        Errors and chi2 that do not take answers as normal (MLR); needs the answers themselves.
    means : bool, optional
        Intercepts are part of the model; by default where there are several groups.
    equal_groups : sequence of str
        Kinds of parameters that are equal in all groups; see `parameters`.
    near : array, shape (draws, p, p), optional
        Covariances (over n - 1) that would be printed as those of the sample; what they say differently is error, too.

    Returns
    -------
    Fitted

    Raises
    ------
    BadInput
        Columns that do not agree, a model with more parameters than moments, moments where robust errors need rows.

    Examples
    --------
    >>> from touchsim.equations.sample import sample_from_moments
    >>> frame = pd.DataFrame([[1, 0.5, 0.4], [0.5, 1, 0.3], [0.4, 0.3, 1]], columns=["a", "b", "c"])
    >>> fit = fit_equations(sample_from_moments(frame, 200), Equations({"f": ["a", "b", "c"]}))
    >>> fit.loadings["std"].round(3).tolist(), fit.indices["df"]
    ([0.816, 0.612, 0.49], 0.0)
    """
    if sample.columns != equations.observed:
        law = f"must be those of the equations, in their order: {', '.join(equations.observed)}"
        raise BadInput(Finding("columns", law, got=", ".join(sample.columns)))
    if robust and not sample.has_rows:
        raise BadInput(Finding("robust", "needs the answers themselves, moments have none", hint="leave it out"))
    several = len(sample.groups) > 1
    layout = lay_out(equations, len(sample.groups), means=several if means is None else means,
                     equal_groups=equal_groups)  # fmt: skip
    likelihood = Likelihood(layout, sample)
    found = highest(likelihood, first_values(layout, sample.groups))
    free, k = found.free, layout.n_free
    nothing = np.full((k, k), np.nan)
    if undetermined(likelihood, free):
        covariance = nothing
    elif robust:
        covariance = robust_covariance(likelihood, free)
    else:
        covariance = np.linalg.inv(likelihood.expected(free)) / sample.n
        covariance = covariance if near is None else covariance + rounding_covariance(likelihood, free, near)
    scaling = scalings(likelihood, free) if robust else None
    with np.errstate(invalid="ignore"):
        errors = np.sqrt(np.diag(covariance))
    return Fitted(
        equations, sample, layout, free, covariance, _table(likelihood, free, covariance, errors),
        fit_indices(likelihood, free, scaling), _r_squared(likelihood, free), robust, found.converged,
        doubts_of(likelihood, found, errors),
    )  # fmt: skip


def _table(likelihood: Likelihood, free: Array, covariance: Array, errors: Array) -> pd.DataFrame:
    layout = likelihood.layout
    std, std_errors = standardised_solution(likelihood, free, covariance)
    rows: list[dict[str, Any]] = []
    for number, (place, one) in enumerate(zip(layout.place, layout.parameters, strict=True)):
        value = float(free[place]) if place >= 0 else float(one.value or 0.0)
        error = float(errors[place]) if place >= 0 else 0.0
        z = value / error if error > 0 else float("nan")
        rows.append({
            "group": likelihood.sample.groups[one.group].name, "name": one.name, "left": one.left,
            "operator": one.operator, "right": one.right, "kind": one.kind, "free": bool(place >= 0),
            "estimate": value, "std_error": error, "statistic": z, "p_value": 2 * float(stats.norm.sf(abs(z))),
            "low": value - REACH * error, "high": value + REACH * error, "std": std[number],
            "std_std_error": std_errors[number], "std_low": std[number] - REACH * std_errors[number],
            "std_high": std[number] + REACH * std_errors[number],
        })  # fmt: skip
    return pd.DataFrame(rows, columns=COLUMNS)


def _r_squared(likelihood: Likelihood, free: Array) -> pd.DataFrame:
    """Explained share of every variable with an arrow into it."""
    rows = []
    for cells, group in zip(likelihood.cells, likelihood.sample.groups, strict=True):
        at = implied(cells, free)
        for j in dict.fromkeys(cells.row[cells.matrix == ARROWS].tolist()):
            share = 1 - float(at.s[j, j]) / float(at.v[j, j])
            rows.append({"group": group.name, "variable": likelihood.layout.variables[j], "r2": share})
    return pd.DataFrame(rows, columns=["group", "variable", "r2"])
