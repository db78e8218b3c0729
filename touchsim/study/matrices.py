"""Correlation matrices as they are published: full or one triangle, and not always ones that answers can have.

A matrix that is not positive definite (rounded, mistyped, of different cases) is refused with the variables that make
it so, or mended where asked: the nearest one that is (Higham 2002).  Called by `published`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from touchsim.errors import Finding

__all__ = ["definite_matrix", "nearest_correlation", "symmetric_matrix"]

Array = NDArray[np.float64]
ALIKE = 1e-9
SMALLEST_EIGENVALUE = 1e-10
GUILTY = 0.3
REPAIRED = 1e-4
MOST_CHANGES = 3


def symmetric_matrix(names: list[str], cells: Mapping[str, list[float | None]], findings: list[Finding]) -> Array:
    """The full matrix, of a full one or of a triangle."""
    matrix = np.eye(len(names))
    for i, a in enumerate(names):
        own = cells[a][i]
        if own is not None and abs(own - 1) > ALIKE and not math.isnan(own):
            hint = "leave reliabilities out of the diagonal" if 0 < own < 1 else None
            hint = "of covariances, write correlations, and roots of the diagonal in a row 'sd'" if own > 1 else hint
            findings.append(Finding(f"row '{a}', column '{a}'", "must be 1, or empty", got=f"{own:g}", hint=hint))
        for j, b in enumerate(names[:i]):
            lower, upper = cells[a][j], cells[b][i]
            where = f"row '{a}', column '{b}'"
            value = upper if lower is None else lower
            if value is None:
                findings.append(Finding(where, "must be a correlation", got="nothing"))
            elif abs(value) > 1:
                findings.append(Finding(where, "must be between -1 and 1", got=f"{value:g}"))
            elif lower is not None and upper is not None and abs(lower - upper) > ALIKE:
                law = f"is not symmetric: row '{b}', column '{a}' says {upper:g}"
                findings.append(Finding(where, law, got=f"{lower:g}"))
            matrix[i, j] = matrix[j, i] = math.nan if value is None else value
    return matrix


def definite_matrix(names: list[str], matrix: Array, repair: bool, findings: list[Finding], notes: list[str]) -> Array:
    """Refuse, or mend where asked, a matrix that no answers can have."""
    values, vectors = np.linalg.eigh(matrix)
    if values[0] > SMALLEST_EIGENVALUE:
        return matrix
    load = np.abs(vectors[:, 0])
    guilty = [names[j] for j in np.argsort(-load, kind="stable") if load[j] > GUILTY * load.max()]
    mended = nearest_correlation(matrix)
    change = np.abs(np.tril(mended - matrix, -1))
    pairs = [np.unravel_index(place, change.shape) for place in np.argsort(-change, axis=None)[:MOST_CHANGES]]
    moved = ", ".join(f"r({names[j]}, {names[i]}) {matrix[i, j]:.3f} to {mended[i, j]:.3f}" for i, j in pairs
                      if change[i, j] > 0)  # fmt: skip
    if repair:
        notes.append(f"the published correlations are not positive definite (smallest eigenvalue {values[0]:.2g}); the "
                     f"nearest correlation matrix is used instead, which moves {moved}")  # fmt: skip
        return mended
    law = f"are not positive definite, so no answers can have them: look at {', '.join(guilty)}"
    findings.append(Finding("correlations", law, got=f"smallest eigenvalue {values[0]:.2g}",
                            hint=f"the nearest correlation matrix moves {moved}; take it by nearest=True or --nearest"))
    return matrix


def nearest_correlation(matrix: Array, *, rounds: int = 500) -> Array:
    """Nearest positive definite correlation matrix, in the sum of squared differences.

    Alternating projections with the correction of Dykstra (Higham 2002, IMA Journal of Numerical Analysis 22: 329-343),
    then shrunk towards independence as little as makes the smallest eigenvalue 1e-4.

    Examples
    --------
    >>> bad = np.array([[1, 0.9, -0.9], [0.9, 1, 0.9], [-0.9, 0.9, 1]])
    >>> nearest_correlation(bad).round(2)[0].tolist()
    [1.0, 0.5, -0.5]
    """
    y, correction = matrix.copy(), np.zeros_like(matrix)
    for _ in range(rounds):
        shifted = y - correction
        values, vectors = np.linalg.eigh(shifted)
        x = (vectors * np.maximum(values, 0)) @ vectors.T
        correction = x - shifted
        before, y = y, x.copy()
        np.fill_diagonal(y, 1.0)
        if np.abs(y - before).max() < ALIKE:
            break
    least = float(np.linalg.eigvalsh(y)[0])
    part = 0.0 if least >= REPAIRED else (REPAIRED - least) / (1 - least)
    return np.asarray((1 - part) * (y + y.T) / 2 + part * np.eye(len(y)), dtype=np.float64)

