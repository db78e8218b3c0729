"""What a system of equations says: which items measure a construct, which constructs drive which.

    visual  =~ x1 + x2 + x3        measurement: x_j = intercept + loading_j visual + error_j
    trust    ~ visual + price      regressions: an arrow into `trust` from each of its drivers
    y1      ~~ y5                  covariances: what two (residual) terms share beyond the model

The names of single parameters are those of the field: `visual=~x1`, `trust~price`, `y1~~y5`, `x1~1`.  They are used to
set parameters equal or fixed.  What is not said follows the custom of CFA and SEM programs: every exogenous variable
covaries with every other, so do the residuals of outcomes that drive nothing; each construct has its scale from its
first loading (`marker`) or from its variance (`variance`), which is then 1.  Called by whoever fits (`fitting`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from touchsim.errors import BadInput, Finding, nearest

__all__ = ["Equations"]

SCALINGS = ("marker", "variance")


@dataclass(frozen=True)
class Equations:
    """Measurement and structure, before any data are seen.

    Parameters
    ----------
    measurement : mapping
        Construct to its items, in order; the first is the marker.
    regressions : mapping
        Outcome to its drivers; constructs or observed columns.
    covariances : sequence of pairs
        (Residual) covariances that are free beyond the usual ones, e.g. ``("y1", "y5")``.
    equal : sequence of sequences
        Names of parameters that have one value, e.g. ``("dem60=~y2", "dem65=~y6")``.
    fixed : mapping
        Name of a parameter to its value, e.g. ``{"visual~~textual": 0.0}``.
    scaling : {"marker", "variance"}
        First loading 1, or (residual) variance of each construct 1.

    Raises
    ------
    BadInput
        With every broken law.

    Examples
    --------
    >>> model = Equations({"visual": ["x1", "x2", "x3"]}, {"visual": ["age"]})
    >>> model.observed, model.constructs, model.endogenous
    (('x1', 'x2', 'x3', 'age'), ('visual',), ('visual',))
    """

    measurement: Mapping[str, Sequence[str]]
    regressions: Mapping[str, Sequence[str]] = field(default_factory=dict)
    covariances: Sequence[tuple[str, str]] = ()
    equal: Sequence[Sequence[str]] = ()
    fixed: Mapping[str, float] = field(default_factory=dict)
    scaling: str = "marker"

    def __post_init__(self) -> None:
        findings = [*self._measurement_laws(), *self._structure_laws()]
        if findings:
            raise BadInput(findings)

    @property
    def constructs(self) -> tuple[str, ...]:
        """Latent variables, in order."""
        return tuple(self.measurement)

    @property
    def observed(self) -> tuple[str, ...]:
        """Columns that the model needs: items first, then variables that stand in equations themselves."""
        items = [item for items in self.measurement.values() for item in items if item not in self.measurement]
        used = [name for outcome, drivers in self.regressions.items() for name in (*drivers, outcome)]
        return tuple(dict.fromkeys([*items, *(name for name in used if name not in self.measurement)]))

    @property
    def endogenous(self) -> tuple[str, ...]:
        """Variables with an arrow from a driver."""
        return tuple(self.regressions)

    @property
    def covariates(self) -> tuple[str, ...]:
        """Observed variables that drive and are not driven; independence leaves them their covariances."""
        drivers = [name for names in self.regressions.values() for name in names]
        return tuple(dict.fromkeys(name for name in drivers if name not in {*self.measurement, *self.regressions}))

    def pairs(self) -> list[tuple[str, str]]:
        """Covariances that are free: those of exogenous variables, of last outcomes, and those asked for."""
        items = {item for items in self.measurement.values() for item in items}
        variables = [name for name in (*self.constructs, *self.observed) if name not in items]
        drivers = {name for names in self.regressions.values() for name in names}
        start = [name for name in variables if name not in self.regressions]
        end = [name for name in variables if name in self.regressions and name not in drivers]
        usual = [(a, b) for names in (start, end) for i, a in enumerate(names) for b in names[i + 1 :]]
        known = {frozenset(pair) for pair in usual}
        return usual + [pair for pair in self.covariances if frozenset(pair) not in known]

    def _measurement_laws(self) -> Iterator[Finding]:
        if self.scaling not in SCALINGS:
            yield Finding("scaling", f"must be {' or '.join(SCALINGS)}", self.scaling, nearest(self.scaling, SCALINGS))
        if not self.measurement and not self.regressions:
            yield Finding("measurement", "needs a construct with its items, or regressions an outcome")
        for name, items in self.measurement.items():
            if isinstance(items, str) or not items:
                yield Finding(f"measurement.{name}", "must be a list of items", got=repr(items))
            elif name in items:
                yield Finding(f"measurement.{name}", "a construct cannot be its own item", got=name)
            elif len(set(items)) < len(items):
                yield Finding(f"measurement.{name}", "an item stands once in a construct", got=", ".join(items))

    def _structure_laws(self) -> Iterator[Finding]:
        known = {*self.measurement, *self.observed}
        for outcome, drivers in self.regressions.items():
            if isinstance(drivers, str) or not drivers:
                yield Finding(f"regressions.{outcome}", "must be a list of drivers", got=repr(drivers))
            elif outcome in drivers:
                yield Finding(f"regressions.{outcome}", "an outcome cannot be its own driver", got=outcome)
            elif len(set(drivers)) < len(drivers):
                yield Finding(f"regressions.{outcome}", "a driver stands once in an equation", got=", ".join(drivers))
        for pair in self.covariances:
            for name in pair:
                if name not in known:
                    yield Finding("covariances", f"'{name}' is not in the model", hint=nearest(name, known))
            if len(set(pair)) != len(pair) or len(pair) != 2:  # noqa: PLR2004
                yield Finding("covariances", "must be pairs of two variables", got=", ".join(pair))
