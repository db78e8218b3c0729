"""What the data say, and all that maximum likelihood hears of them: n, means and covariances of each group.

Covariances divide by n (the *normal* likelihood of CFA programs), not by n - 1.  The rows themselves are kept where
they are known: only robust errors need them.  Called by `fitting`; frames or moments in.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from touchsim.errors import BadInput, Finding, nearest

__all__ = ["GroupSample", "Sample", "sample_from_moments", "sample_of"]

Array = NDArray[np.float64]
ONE_GROUP = "all"
FLAT = 1e-10


@dataclass(frozen=True)
class GroupSample:
    """Moments of one group: `mean`, shape (p,), `covariance`, shape (p, p), over n; `rows`, shape (n, p), if known."""

    name: str
    n: int
    mean: Array
    covariance: Array
    rows: Array | None = None


@dataclass(frozen=True)
class Sample:
    """Groups of answers to the same columns."""

    columns: tuple[str, ...]
    groups: tuple[GroupSample, ...]

    @property
    def n(self) -> int:
        """Answers in all groups."""
        return sum(group.n for group in self.groups)

    @property
    def has_rows(self) -> bool:
        """Whether the answers themselves are known."""
        return all(group.rows is not None for group in self.groups)


def sample_of(frame: pd.DataFrame, columns: Sequence[str], group: str | Sequence[object] | None = None) -> Sample:
    """Moments of the complete rows of a frame.

    Parameters
    ----------
    frame : DataFrame, shape (rows, columns)
    columns : sequence of str
        Which to take, in this order; rows with a gap in one of them are left out.
    group : str or sequence, optional
        Column of groups, or the group of each row; groups in order of appearance.

    Returns
    -------
    Sample

    Raises
    ------
    BadInput
        Columns that are not there or not numbers; groups with no more rows than columns; columns that are constant or
        combinations of each other.

    Examples
    --------
    >>> frame = pd.DataFrame({"a": [1.0, 2, 3, 6], "b": [1.0, 0, 1, 4]})
    >>> sample_of(frame, ["a", "b"]).groups[0].covariance.tolist()
    [[3.5, 2.5], [2.5, 2.25]]
    """
    names = tuple(columns)
    missing = [name for name in names if name not in frame.columns]
    if missing:
        known = [str(name) for name in frame.columns]
        raise BadInput([Finding(f"column '{name}'", "is no construct and no column", hint=nearest(name, known))
                        for name in missing])  # fmt: skip
    words = [name for name in names if not pd.api.types.is_numeric_dtype(frame[name])]
    if words:
        raise BadInput([Finding(f"column '{name}'", "must hold numbers") for name in words])
    rows = frame[list(names)].to_numpy(float, na_value=np.nan)
    if group is None:
        labels = np.full(len(rows), ONE_GROUP, dtype=object)
    else:
        given = frame[group] if isinstance(group, str) else pd.Series(list(group))
        labels = given.astype("object").map(lambda value: f"{value:g}" if isinstance(value, float) else str(value),
                                            na_action="ignore").to_numpy()  # fmt: skip
    kept = np.isfinite(rows).all(axis=1) & ~pd.isna(labels)
    rows, labels = rows[kept], labels[kept]
    if not len(rows):
        raise BadInput(Finding("", "no row is complete on every column that the model names"))
    parts = []
    for name in pd.unique(labels):
        mine = np.ascontiguousarray(rows[labels == name])
        centred = mine - mine.mean(axis=0)
        parts.append(GroupSample(str(name), len(mine), mine.mean(axis=0), centred.T @ centred / len(mine), mine))
    return _sound(Sample(names, tuple(parts)))


def sample_from_moments(
    covariance: pd.DataFrame, n: int, means: Sequence[float] | None = None, *, over: str = "n - 1"
) -> Sample:
    """One group from a covariance matrix, as papers print it.

    Parameters
    ----------
    covariance : DataFrame, shape (p, p)
        Columns name the variables.
    n : int
        Answers behind it.
    means : sequence of float, optional
        Shape (p,); zeros by default.
    over : {"n - 1", "n"}
        Divisor of the covariances.

    Returns
    -------
    Sample

    Raises
    ------
    BadInput
        A matrix that is not positive definite, or n not above p.

    Examples
    --------
    >>> sample_from_moments(pd.DataFrame([[2.0, 1], [1, 2]], columns=["a", "b"]), 10).groups[0].covariance[0].tolist()
    [1.8, 0.9]
    """
    matrix = covariance.to_numpy(float) * (1.0 if over == "n" else (n - 1) / n)
    columns = tuple(map(str, covariance.columns))
    mean = np.zeros(len(columns)) if means is None else np.asarray(means, dtype=np.float64)
    return _sound(Sample(columns, (GroupSample(ONE_GROUP, int(n), mean, matrix),)))


def _sound(sample: Sample) -> Sample:
    """Refuse what has no likelihood."""
    findings = []
    for group in sample.groups:
        where = "" if group.name == ONE_GROUP else f"group '{group.name}'"
        spread = np.sqrt(np.maximum(np.diag(group.covariance), 0))
        flat = [name for name, sd in zip(sample.columns, spread, strict=True) if sd < FLAT]
        if group.n <= len(sample.columns):
            law = f"needs more complete rows than columns ({len(sample.columns)})"
            findings.append(Finding(where, law, got=f"{group.n} rows"))
        elif flat:
            findings.append(Finding(where, f"{' and '.join(flat)} {'is' if len(flat) == 1 else 'are'} constant"))
        else:
            values, vectors = np.linalg.eigh(group.covariance / np.outer(spread, spread))
            if values[0] < FLAT:
                guilty = [sample.columns[j] for j in np.flatnonzero(np.abs(vectors[:, 0]) > 1e-3)]  # noqa: PLR2004
                law = f"{', '.join(guilty)} are exact combinations of each other (covariances not positive definite)"
                findings.append(Finding(where, law, hint="leave one of them out"))
    if findings:
        raise BadInput(findings)
    return sample
