"""What a fitted system of equations holds: every parameter, fit as a whole, doubts, and how they are told.

Built by `fitting` (maximum likelihood) and `ordinal` (items on few points); read by `study` and `invariance`.
"""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from touchsim.equations.doubts import read_with_care
from touchsim.equations.parameters import ARROWS, Layout
from touchsim.equations.ram import cells_of, implied
from touchsim.equations.sample import Sample
from touchsim.equations.search import Surface
from touchsim.equations.specification import Equations
from touchsim.equations.standardised import standardised_solution
from touchsim.errors import BadInput, Finding
from touchsim.languages import ENGLISH, language

__all__ = ["COLUMNS", "REACH", "Fitted", "explained", "parameter_table", "same_columns"]

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
        Values where the search ended, and `covariance`, shape (k, k), of their errors.
    table : DataFrame
        One row for each parameter: group, name (``visual=~x1``), left, operator, right, kind, free (False = fixed, or
        what is left of 1), estimate, std_error, statistic (z), p_value, low, high (95 %), std (every variable has SD
        1), std_std_error, std_low, std_high.
    indices : mapping
        Fit as a whole; see `indices.fit_indices`.
    r_squared : DataFrame
        group, variable, r2: explained share of each item and outcome.
    estimator : {"ml", "mlr", "wlsmv"}
        Maximum likelihood; with errors and chi2 without normality; of ordinal items (`ordinal`), whose correlations are
        then those of `sample`.
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
    estimator: str
    converged: bool
    doubts: tuple[str, ...]

    @cached_property
    def loadings(self) -> pd.DataFrame:
        """Rows of the table that are loadings, with construct and item."""
        rows = self.table[self.table["kind"] == "loadings"]
        return rows.rename(columns={"left": "construct", "right": "item"}).reset_index(drop=True)

    def construct_covariances(self, group: int = 0) -> pd.DataFrame:
        """Implied covariances of the constructs, and of observed variables in equations, shape (v, v)."""
        at = implied(cells_of(self.layout)[group], self.free)
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
    def robust(self) -> bool:
        """Whether errors are those of MLR."""
        return self.estimator == "mlr"

    @property
    def variant(self) -> str:
        """Ending of the indices to read: ``_robust`` of MLR, ``_scaled`` of WLSMV, none of ML."""
        return {"mlr": "_robust", "wlsmv": "_scaled"}.get(self.estimator, "")

    @property
    def text(self) -> str:
        """One sentence on fit, made from the indices, and the two gravest doubts."""
        with language(ENGLISH):
            return f"{self.words} {read_with_care(self.doubts, '.doubts')}".rstrip()

    @property
    def words(self) -> str:
        """One sentence on fit alone."""
        one, kind, scaled = self.indices, self.variant, "" if self.estimator == "ml" else "_scaled"
        p = one["p_scaled" if scaled else "p_value"]
        chance = "p < .001" if p < 0.001 else f"p = {p:.3f}".replace("0.", ".", 1)  # noqa: PLR2004
        how = f" ({self.estimator.upper()})" if scaled else ""
        return (f"chi2({one['df']:.0f}) = {one[f'chi2{scaled}']:.2f}, {chance}, CFI = {one[f'cfi{kind}']:.3f}, "
                f"TLI = {one[f'tli{kind}']:.3f}, RMSEA = {one[f'rmsea{kind}']:.3f} "
                f"[90 % interval {one[f'rmsea{kind}_low']:.3f}; {one[f'rmsea{kind}_high']:.3f}], "
                f"SRMR = {one['srmr']:.3f}, n = {one['n']:.0f}{how}.")  # fmt: skip

    def _repr_html_(self) -> str:
        shown = self.table.loc[self.table["kind"].isin(["loadings", "regressions"]),
                               ["group", "name", "estimate", "low", "high", "std", "std_low", "std_high"]]  # fmt: skip
        doubts = "".join(f"<li>{html.escape(sentence)}</li>" for sentence in self.doubts)
        table = shown.to_html(index=False, float_format="{:.3f}".format, na_rep="")
        return f"<p>{html.escape(self.words)}</p>{table}<ul>{doubts}</ul>"


def same_columns(sample: Sample, equations: Equations) -> None:
    """Refuse a sample of other columns than those of the equations.

    Raises
    ------
    BadInput
    """
    if sample.columns != equations.observed:
        law = f"must be those of the equations, in their order: {', '.join(equations.observed)}"
        raise BadInput(Finding("columns", law, got=", ".join(sample.columns)))


def parameter_table(likelihood: Surface, free: Array, covariance: Array) -> pd.DataFrame:
    """One row for each parameter; see `Fitted`."""
    with np.errstate(invalid="ignore"):
        errors = np.sqrt(np.diag(covariance))
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


def explained(likelihood: Surface, free: Array) -> pd.DataFrame:
    """Explained share of every variable with an arrow into it."""
    rows = []
    for cells, group in zip(likelihood.cells, likelihood.sample.groups, strict=True):
        at = implied(cells, free)
        for j in dict.fromkeys(cells.row[cells.matrix == ARROWS].tolist()):
            share = 1 - float(at.s[j, j]) / float(at.v[j, j])
            rows.append({"group": group.name, "variable": likelihood.layout.variables[j], "r2": share})
    return pd.DataFrame(rows, columns=["group", "variable", "r2"])
