"""What a model implies for means and covariances, and how that bends with each parameter.

    B = (I - A)^-1,   V = B S B'  (all variables),   Sigma = F V F',   mu = F B m          McArdle & McDonald (1984)

F keeps the observed variables.  With G = F B, every cell bends Sigma by u w' + w u' (rank two) and mu by a column:

    A[i, j]      u = G[:, i],  w = (V F')[j, :],  dmu = G[:, i] (B m)[j]
    S[i, j]      u = G[:, i],  w = G[:, j]                                   (w halved where i = j)
    m[i]         dmu = G[:, i]

so that gradient and information are a few products of matrices with a column for each parameter.  Called by
`likelihood` and `standardised`; arrays in, arrays out, complex values too.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from touchsim.equations.parameters import ARROWS, LEVELS, SHARED, Layout

__all__ = ["Cells", "Implied", "cells_of", "implied"]

Array = NDArray[np.float64]
Whole = NDArray[np.int64]


@dataclass(frozen=True)
class Cells:
    """Cells of one group: `matrix`, `row`, `column`, shape (k,); `place` in the free vector; `value` where fixed."""

    matrix: Whole
    row: Whole
    column: Whole
    place: Whole
    value: Array
    n_variables: int
    n_observed: int

    @property
    def free(self) -> NDArray[np.bool_]:
        """Cells that are not fixed."""
        return np.asarray(self.place >= 0)


def cells_of(layout: Layout) -> list[Cells]:
    """Cells of each group of a layout."""
    found = []
    for group in range(layout.n_groups):
        mine = [number for number, parameter in enumerate(layout.parameters) if parameter.group == group]
        chosen = [layout.parameters[number] for number in mine]
        found.append(Cells(
            np.array([one.matrix for one in chosen]), np.array([one.row for one in chosen]),
            np.array([one.column for one in chosen]), layout.place[mine],
            np.array([0.0 if one.value is None else one.value for one in chosen]), len(layout.variables),
            len(layout.observed),
        ))  # fmt: skip
    return found


@dataclass(frozen=True)
class Implied:
    """Moments that values imply in one group; matrices as in the module."""

    cells: Cells
    values: Array
    s: Array
    b: Array
    level: Array

    @cached_property
    def g(self) -> Array:
        """Observed rows of B, shape (p, v)."""
        return self.b[: self.cells.n_observed]

    @cached_property
    def v(self) -> Array:
        """Covariances of all variables, shape (v, v)."""
        return np.asarray(self.b @ self.s @ self.b.T)

    @property
    def sigma(self) -> Array:
        """Covariances of the observed variables, shape (p, p)."""
        p = self.cells.n_observed
        return self.v[:p, :p]

    @property
    def all_means(self) -> Array:
        """Means of all variables, shape (v,)."""
        return np.asarray(self.b @ self.level)

    @property
    def mu(self) -> Array:
        """Means of the observed variables, shape (p,)."""
        return self.all_means[: self.cells.n_observed]

    @cached_property
    def bends(self) -> tuple[Array, Array, Array]:
        """Columns u, w and dmu of the free cells, each of shape (p, free)."""
        free, p = self.cells.free, self.cells.n_observed
        kind, i, j = self.cells.matrix[free], self.cells.row[free], self.cells.column[free]
        u = self.g[:, i].copy()
        w = np.where(kind == ARROWS, self.v[:p][:, j], self.g[:, j])
        w = np.where((kind == SHARED) & (i == j), w / 2, w)
        w[:, kind == LEVELS] = 0
        dmu = u * np.where(kind == ARROWS, self.all_means[j], np.where(kind == LEVELS, 1.0, 0.0))
        u[:, kind == LEVELS] = 0
        return u, np.asarray(w), np.asarray(dmu)

    def spreads(self) -> Array:
        """How the variance of every variable bends with each free cell, shape (v, free)."""
        free = self.cells.free
        kind, i, j = self.cells.matrix[free], self.cells.row[free], self.cells.column[free]
        first = self.b[:, i]
        found = 2 * first * np.where(kind == ARROWS, self.v[:, j], self.b[:, j])
        found = np.where((kind == SHARED) & (i == j), found / 2, found)
        return np.where(kind == LEVELS, 0.0, found)


def implied(cells: Cells, free: NDArray[Any]) -> Implied:
    """Fill the matrices of a group with the vector of free values; complex values stay complex."""
    values = np.where(cells.place >= 0, free[np.maximum(cells.place, 0)] if len(free) else 0.0, cells.value)
    v = cells.n_variables
    a = np.zeros((v, v), dtype=values.dtype)
    s, level = a.copy(), np.zeros(v, dtype=values.dtype)
    arrows, shared, levels = (cells.matrix == kind for kind in (ARROWS, SHARED, LEVELS))
    a[cells.row[arrows], cells.column[arrows]] = values[arrows]
    s[cells.row[shared], cells.column[shared]] = values[shared]
    s[cells.column[shared], cells.row[shared]] = values[shared]
    level[cells.row[levels]] = values[levels]
    return Implied(cells, values, s, np.asarray(np.linalg.inv(np.eye(v) - a)), level)
