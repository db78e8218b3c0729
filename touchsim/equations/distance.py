"""How far the correlations that a model implies are from those behind the answers: diagonally weighted least squares.

    F = sum over pairs of (r - rho)^2 / g                  g the diagonal of gamma; chi2 = (n - 1) F    Muthen (1984)

Every observed variable has variance 1 (the *delta* parameterization): its own residual is what is left of 1 and no
value to search.  The values that are searched, theta, are all others; `whole` adds the residuals and `turns` says how
these bend with theta, so that errors follow for them, too.  Thresholds fit by themselves.  Called by `ordinal` and,
through it, by `search`; it looks like a `Likelihood` to those who only want slope and information.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from touchsim.equations.parameters import SHARED, Layout
from touchsim.equations.ram import Cells, Implied, cells_of, implied
from touchsim.equations.sample import Sample

__all__ = ["Distance"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Distance:
    """A model beside correlations: everything is a function of theta, the free values that are searched, shape (t,).

    `sample` holds the correlations (as covariances), `weights`, shape (q,), one for each pair of ``np.tril_indices``.
    """

    layout: Layout
    sample: Sample
    weights: Array

    @cached_property
    def cells(self) -> list[Cells]:
        """Cells of the one group."""
        return cells_of(self.layout)

    @cached_property
    def own(self) -> NDArray[np.int64]:
        """Place of each observed variable's residual among all free values, shape (p,)."""
        found = {one.row: place for place, one in zip(self.layout.place, self.layout.parameters, strict=True)
                 if one.matrix == SHARED and one.row == one.column < len(self.layout.observed)}  # fmt: skip
        return np.array([found[row] for row in range(len(self.layout.observed))], dtype=np.int64)

    @cached_property
    def searched(self) -> NDArray[np.int64]:
        """Places of theta among all free values, shape (t,)."""
        return np.setdiff1d(np.arange(self.layout.n_free), self.own)

    @property
    def goal(self) -> str:
        """What is searched: the shortest distance."""
        return "minimum"

    def names(self) -> list[str]:
        """Names of theta."""
        names = self.layout.names()
        return [names[place] for place in self.searched]

    def whole(self, free: Array) -> Array:
        """All free values, residuals among them, shape (k,)."""
        found = np.zeros(self.layout.n_free)
        found[self.searched] = free
        at = implied(self.cells[0], found)
        p = len(self.own)
        found[self.own] = np.linalg.solve(at.b[:p, :p] ** 2, 1 - np.diag(at.sigma))
        return found

    def at(self, free: Array) -> Implied:
        """Moments that theta implies."""
        return implied(self.cells[0], self.whole(free))

    def turns(self, free: Array) -> Array:
        """How all free values bend with theta, shape (k, t)."""
        return self._bent(self.at(free))[1]

    def slopes(self, free: Array) -> Array:
        """How the implied correlations bend with theta, shape (q, t)."""
        return self._bent(self.at(free))[0]

    def gaps(self, free: Array) -> Array:
        """Correlations behind the answers less those implied, shape (q,)."""
        lower = np.tril_indices(len(self.own), -1)
        return np.asarray((self.sample.groups[0].covariance - self.at(free).sigma)[lower])

    def misfit(self, free: Array) -> float:
        """F at a point."""
        return float(self.weights @ self.gaps(free) ** 2)

    def gradient(self, free: Array) -> Array:
        """Slope of F, shape (t,)."""
        return np.asarray(-2 * self.slopes(free).T @ (self.weights * self.gaps(free)))

    def expected(self, free: Array) -> Array:
        """Half the second derivative of F where the model holds, shape (t, t)."""
        slopes = self.slopes(free)
        return np.asarray(slopes.T @ (self.weights[:, None] * slopes))

    def observed(self, free: Array) -> Array:
        """The same: steps of Gauss and Newton lead to the last digit."""
        return self.expected(free)

    def _bent(self, at: Implied) -> tuple[Array, Array]:
        u, w, _ = at.bends
        first, second = np.tril_indices(len(self.own), -1)
        place = self.cells[0].place[self.cells[0].free]
        pairs, ones = np.zeros((self.layout.n_free, len(first))), np.zeros((self.layout.n_free, len(self.own)))
        np.add.at(pairs, place, (u[first] * w[second] + w[first] * u[second]).T)
        np.add.at(ones, place, 2 * (u * w).T)
        turns = np.eye(self.layout.n_free)[:, self.searched]
        turns[self.own] = -np.linalg.solve(ones[self.own].T, ones[self.searched].T)
        return np.asarray(pairs.T @ turns), turns
