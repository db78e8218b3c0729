"""Traits: what differs between the customers of one segment, drawn once at birth, and how traits go together.

Every trait hangs on a standard normal score; scores may be correlated within a segment,

    scores = L z,    L L' = correlation matrix,    z independent standard normal

(L by Cholesky).  The key of a correlation names two traits: ``{"price, span": -0.3}``.  `engine.traits` draws them.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from touchsim.documents import Finding, Laws, nearest

__all__ = ["TRAITS", "cholesky_of", "correlations_of"]

TRAITS = ("online", "patience", "product", "value", "disposition", "span", "tolerance", "price", "service",
          "personalisation", "closeness", "inertia", "interest", "voice", "rate")  # fmt: skip
"""Names of the traits, in the order in which their scores are drawn."""


def correlations_of(said: Mapping[str, float]) -> npt.NDArray[np.float64]:
    """Correlation matrix of all traits, shape (traits, traits), from pairs named in one key.

    Raises
    ------
    Laws
        An unknown trait, a pair said twice, or correlations that cannot hold together.

    Examples
    --------
    >>> float(correlations_of({"price, span": -0.3})[TRAITS.index("price"), TRAITS.index("span")])
    -0.3
    """
    matrix, findings = np.eye(len(TRAITS)), []
    for key, value in said.items():
        names = [name.strip() for name in key.split(",")]
        at = f"correlation.{key}"
        unknown = [name for name in names if name not in TRAITS]
        if len(names) != 2 or names[0] == names[-1]:  # noqa: PLR2004
            findings.append(Finding(at, "must name two traits", hint='e.g. "price, span"'))
        elif unknown:
            hint = nearest(unknown[0], TRAITS) or f"traits are {', '.join(TRAITS)}"
            findings.append(Finding(at, "names no trait", got=unknown[0], hint=hint))
        else:
            a, b = sorted(TRAITS.index(name) for name in names)
            if matrix[a, b]:
                findings.append(Finding(at, "says a pair of traits again"))
            matrix[a, b] = matrix[b, a] = value
    if not findings and float(np.linalg.eigvalsh(matrix)[0]) < 1e-9:
        findings.append(Finding("correlation", "these correlations cannot hold together", hint="make them smaller"))
    if findings:
        raise Laws(findings)
    return matrix


def cholesky_of(said: Mapping[str, float]) -> npt.NDArray[np.float64]:
    """Lower triangle L of the correlations of all traits, row after row, shape (traits * (traits + 1) / 2,)."""
    lower = np.linalg.cholesky(correlations_of(said))
    return np.asarray(lower[np.tril_indices(len(TRAITS))])
