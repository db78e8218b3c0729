"""Every parameter of a model in every group: where it stands in the matrices, whether it is free, equal or fixed.

In RAM form (McArdle & McDonald 1984) all variables stand in one vector v = (observed, constructs):

    v = m + A v + u,  Cov(u) = S        A holds arrows (loadings, regressions), S (co)variances, m intercepts and means

A parameter is one cell of A, S or m in one group.  Cells with one value (by `Equations.equal`, or across groups) share
one place in the vector of free parameters.  Across groups `equal_groups` says what is equal (Meredith 1993):

    ()                         configural: the same pattern
    ("loadings",)              metric: constructs have one unit
    ("loadings", "intercepts") scalar: and one zero, so that their means may be compared; those of later groups are free

Called by `fitting`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from touchsim.equations.specification import Equations
from touchsim.errors import BadInput, Finding, nearest

__all__ = ["KINDS", "Layout", "Parameter", "lay_out"]

Array = NDArray[np.float64]
Whole = NDArray[np.int64]
KINDS = ("loadings", "regressions", "intercepts", "means", "residuals", "covariances", "variances")
ARROWS, SHARED, LEVELS = 0, 1, 2


@dataclass(frozen=True)
class Parameter:
    """One cell: `left`, `operator`, `right` say it as the field does; `value` is None where it is free."""

    left: str
    operator: str
    right: str
    kind: str
    matrix: int
    row: int
    column: int
    group: int
    value: float | None

    @property
    def name(self) -> str:
        """Name within its group, e.g. ``visual=~x1``."""
        return f"{self.left}{self.operator}{self.right}"


@dataclass(frozen=True)
class Layout:
    """All parameters, and the vector of free values behind them.

    `place`, shape (parameters,), is the place of each in the vector, -1 where it is fixed; `n_free` its length.
    `means` says whether intercepts are part of the model; where they are not, means fit by themselves.
    `covariates` are observed variables that drive and are not driven.
    """

    observed: tuple[str, ...]
    constructs: tuple[str, ...]
    parameters: tuple[Parameter, ...]
    place: Whole
    n_free: int
    n_groups: int
    means: bool
    covariates: tuple[str, ...]

    @property
    def variables(self) -> tuple[str, ...]:
        """Observed variables, then constructs."""
        return (*self.observed, *self.constructs)

    @property
    def n_moments(self) -> int:
        """Moments that are fitted, in all groups."""
        p = len(self.observed)
        return self.n_groups * (p * (p + 1) // 2 + (p if self.means else 0))

    def names(self) -> list[str]:
        """One name for each free value: that of its first parameter, with its group where there are several."""
        found = [""] * self.n_free
        for number, parameter in zip(self.place, self.parameters, strict=True):
            if number >= 0 and not found[number]:
                found[number] = parameter.name + (f" (group {parameter.group + 1})" if self.n_groups > 1 else "")
        return found


def lay_out(
    equations: Equations, n_groups: int = 1, *, means: bool = False, equal_groups: Sequence[str] = ()
) -> Layout:
    """Put every parameter in its place.

    Parameters
    ----------
    equations : Equations
    n_groups : int
    means : bool
        Intercepts are part of the model.
    equal_groups : sequence of str
        Kinds of parameters that are equal in all groups: some of loadings, regressions, intercepts, means, residuals,
        covariances, variances.

    Returns
    -------
    Layout

    Raises
    ------
    BadInput
        A name in ``equal``, ``fixed`` or `equal_groups` that is none of the model's; more free parameters than moments.

    Examples
    --------
    >>> lay_out(Equations({"visual": ["x1", "x2", "x3"]})).names()
    ['visual=~x2', 'visual=~x3', 'x1~~x1', 'x2~~x2', 'x3~~x3', 'visual~~visual']
    """
    findings = [Finding("equal_groups", f"must be some of {', '.join(KINDS)}", kind, nearest(kind, KINDS))
                for kind in equal_groups if kind not in KINDS]  # fmt: skip
    parameters = [parameter for group in range(n_groups)
                  for parameter in _one_group(equations, group, means, tuple(equal_groups))]  # fmt: skip
    known = {parameter.name for parameter in parameters}
    asked = [("fixed", name) for name in equations.fixed] + [("equal", name) for names in equations.equal
                                                             for name in names]  # fmt: skip
    findings += [Finding(section, f"'{name}' is no parameter of the model", hint=nearest(name, known))
                 for section, name in asked if _turned(name) not in known and name not in known]  # fmt: skip
    if findings:
        raise BadInput(findings)
    same = {name: names[0] for names in equations.equal for name in names}
    seats: dict[tuple[str, int], int] = {}
    place = np.full(len(parameters), -1, dtype=np.int64)
    for number, parameter in enumerate(parameters):
        if parameter.value is None:
            name = same.get(parameter.name, parameter.name)
            key = (name, -1 if parameter.kind in equal_groups else parameter.group)
            place[number] = seats.setdefault(key, len(seats))
    layout = Layout(equations.observed, equations.constructs, tuple(parameters), place, len(seats), n_groups, means,
                    equations.covariates)  # fmt: skip
    if layout.n_free > layout.n_moments:
        law = f"not identified: {layout.n_free} free parameters for {layout.n_moments} moments"
        hint = "give each construct three items, or fix something"
        raise BadInput(Finding("", law, got=f"{layout.n_moments - layout.n_free} degrees of freedom", hint=hint))
    return layout


def _turned(name: str) -> str:
    """The same covariance, written the other way round."""
    left, operator, right = name.partition("~~")
    return f"{right}{operator}{left}" if operator else name


def _one_group(equations: Equations, group: int, means: bool, equal: tuple[str, ...]) -> list[Parameter]:
    variables = [*equations.observed, *equations.constructs]
    where = {name: number for number, name in enumerate(variables)}
    fixed = {**equations.fixed, **{_turned(name): value for name, value in equations.fixed.items()}}
    later = group > 0
    found: list[Parameter] = []

    def add(left: str, operator: str, right: str, kind: str, cell: tuple[int, int, int], value: float | None) -> None:
        told = fixed.get(f"{left}{operator}{right}")
        found.append(Parameter(left, operator, right, kind, *cell, group, value if told is None else float(told)))

    for name, items in equations.measurement.items():
        for number, item in enumerate(items):
            marker = 1.0 if equations.scaling == "marker" and number == 0 else None
            add(name, "=~", item, "loadings", (ARROWS, where[item], where[name]), marker)
    for outcome, drivers in equations.regressions.items():
        for driver in drivers:
            add(outcome, "~", driver, "regressions", (ARROWS, where[outcome], where[driver]), None)
    for name in variables:
        latent = name in equations.measurement
        one = 1.0 if latent and equations.scaling == "variance" and not (later and "loadings" in equal) else None
        add(name, "~~", name, "variances" if latent else "residuals", (SHARED, where[name], where[name]), one)
    for a, b in equations.pairs():
        add(a, "~~", b, "covariances", (SHARED, where[a], where[b]), None)
    for name in variables if means else []:
        latent = name in equations.measurement
        zero = None if not latent or (later and "intercepts" in equal and "means" not in equal) else 0.0
        add(name, "~1", "", "means" if latent else "intercepts", (LEVELS, where[name], 0), zero)
    return found
