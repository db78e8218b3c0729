"""The completely standardised solution: every variable, observed or latent, has variance 1.

    arrows        a_ij sqrt(V_jj / V_ii)         loadings and regressions: SD per SD
    variances     s_ii / V_ii                    the share that is not explained
    covariances   s_ij / sqrt(s_ii s_jj)         correlations of residuals, or of exogenous variables
    levels        m_i / sqrt(V_ii)

Their errors come from those of the free values by the delta method: the SDs are estimates, too.  Called by `fitted`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from touchsim.equations.parameters import ARROWS, LEVELS, SHARED
from touchsim.equations.ram import Implied, implied
from touchsim.equations.search import Surface

__all__ = ["standardised_solution"]

Array = NDArray[np.float64]


def standardised_solution(likelihood: Surface, free: Array, covariance: Array) -> tuple[Array, Array]:
    """Standardised values and their errors, each of shape (parameters,), in the order of the layout.

    Parameters
    ----------
    likelihood : Likelihood or Distance
    free : array, shape (k,)
    covariance : array, shape (k, k)
        Of the free values.

    Returns
    -------
    values, errors : array
        nan where a variance is negative.
    """
    values, errors = [], []
    for cells in likelihood.cells:
        at = implied(cells, free)
        found, slopes = _of_group(at)
        place = cells.place[cells.free]
        mine = covariance[np.ix_(place, place)]
        with np.errstate(invalid="ignore"):
            errors.append(np.sqrt(np.maximum(np.einsum("ij,jk,ik->i", slopes, mine, slopes, optimize=True), 0)))
        values.append(found)
    return np.concatenate(values), np.concatenate(errors)


def _of_group(at: Implied) -> tuple[Array, Array]:
    """Standardised cells of a group, and how they bend with its free cells, shape (cells, free cells)."""
    cells = at.cells
    kind, i, j = cells.matrix, cells.row, cells.column
    own = np.eye(len(kind))[:, cells.free]
    with np.errstate(invalid="ignore", divide="ignore"):
        variance, residual = _positive(np.diag(at.v)), _positive(np.diag(at.s))
        log_v = at.spreads() / variance[:, None] / 2  # slope of ln SD of every variable
        log_s = np.zeros((len(variance), len(kind)))
        diagonal = (kind == SHARED) & (i == j)
        log_s[i[diagonal], np.flatnonzero(diagonal)] = 0.5 / residual[i[diagonal]]
        log_s = log_s[:, cells.free]
        sd, rest = np.sqrt(variance), np.sqrt(residual)
        scale = np.select([kind == ARROWS, diagonal, kind == SHARED, kind == LEVELS],
                          [sd[j] / sd[i], 1 / variance[i], 1 / (rest[i] * rest[j]), 1 / sd[i]])  # fmt: skip
        turn = np.select([(kind == ARROWS)[:, None], diagonal[:, None], (kind == SHARED)[:, None],
                          (kind == LEVELS)[:, None]],
                         [log_v[j] - log_v[i], -2 * log_v[i], -log_s[i] - log_s[j], -log_v[i]])  # fmt: skip
        found = at.values * scale
        return found, own * scale[:, None] + np.where(found[:, None] == 0, 0.0, found[:, None] * turn)


def _positive(values: Array) -> Array:
    return np.where(values > 0, values, np.nan)
