"""Rows that repeat an earlier row: a file pasted twice, a wave appended again.

People may answer alike by chance, the more so on few points, few questions or in one mood.  Rows are copies only if

    repeats     more than 5 % of the complete rows, five or more, repeat an earlier one
    chance      c = prod_j sum_v share_jv^2, that two people agree in all columns if columns were independent, is below
                1e-6, and the n (n - 1) / 2 pairs would make under a hundredth of the repeats
    near ones   more rows repeat in all columns than repeat in all but one, or in all but those of one scale: among
                people who agree by chance or mood, or click through scale by scale, those who differ once are many
                more than those who never differ; among copies they are few
    alike       five patterns or more repeat, and four in five of them equally often: twice in a file pasted twice; who
                uses nothing and answers 0 to everything crowds at a few patterns, of every frequency

and rows that give one answer to everything are left aside.  Looked at are all columns, but for those that number the
rows, and then the answers of the model alone, in case of copies with new names.  Rows are looked at before frequencies
write them out.  Thresholds are conventions.  Called by `columns`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

__all__ = ["repeated_rows"]

Codes = NDArray[np.int64]
FEWEST, MANY, CHANCE, PART, ITEMS_OF_ONE_ANSWER, EQUALLY = 5, 0.05, 1e-6, 0.01, 6, 0.8


def repeated_rows(
    survey: pd.DataFrame, items: pd.DataFrame, scales: Iterable[Sequence[str]] = ()
) -> tuple[int, bool]:  # fmt: skip
    """Count rows that copy an earlier one.

    Parameters
    ----------
    survey : DataFrame, shape (n, columns)
        Complete rows as they are in the file, frequencies left out.
    items : DataFrame, shape (n, k)
        Answers that a model uses, as numbers.
    scales : iterable of sequences of str
        Items that belong together.

    Returns
    -------
    count : int
        0 where chance may make as many.
    wholly : bool
        Whether they repeat it in all columns, or (False) in the answers of the model only.

    Examples
    --------
    >>> frame = pd.DataFrame(np.random.default_rng(1).integers(0, 5, (60, 20)))
    >>> repeated_rows(pd.concat([frame, frame]), pd.concat([frame, frame]))
    (60, True)
    >>> repeated_rows(frame, frame)
    (0, False)
    """
    varied = ~_one_answer(items.to_numpy(float)) & items.notna().all(axis=1).to_numpy()
    if not varied.any():
        return 0, False
    own = {str(name): _codes(items[name])[varied] for name in items}
    if _count(list(own.values())) == 0:  # rows that are the same in all columns are so in these
        return 0, False
    others = survey.loc[:, ~survey.columns.duplicated() & ~survey.columns.isin(items.columns)]
    rest = {f"{name} ": _codes(others[name].astype(str))[varied] for name in others}
    every = own | {name: codes for name, codes in rest.items() if len(np.unique(codes)) < len(codes)}
    blocks = [list(members) for members in scales]
    for columns, wholly in ((every, True), (own, False)):
        found = _copies(columns, blocks)
        if found:
            return found, wholly
    return 0, False


def _codes(column: pd.Series[float] | pd.Series[str]) -> Codes:
    return np.asarray(pd.factorize(column, use_na_sentinel=False)[0], dtype=np.int64)


def _one_answer(values: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Rows that give the same answer to all items on the same points, where six or more have the same."""
    ends, many = np.unique(np.column_stack([values.min(axis=0), values.max(axis=0)]), axis=0, return_counts=True)
    groups = [values[:, (values.min(axis=0) == low) & (values.max(axis=0) == high)]
              for low, high in ends[many >= ITEMS_OF_ONE_ANSWER]]  # fmt: skip
    same = [(alike == alike[:, :1]).all(axis=1) for alike in groups]
    return np.asarray(np.all(same, axis=0) if same else np.zeros(len(values)), dtype=np.bool_)


def _count(columns: list[Codes]) -> int:
    """Rows that repeat an earlier one, where they are many."""
    n = len(columns[0])
    found = n - len(np.unique(_marks(columns).sum(axis=0, dtype=np.uint64)))
    return found if found >= FEWEST and found > MANY * n else 0


def _copies(columns: dict[str, Codes], blocks: list[list[str]]) -> int:
    """Rows that repeat an earlier one, where chance makes no such number."""
    found, n = _count(list(columns.values())), len(next(iter(columns.values())))
    if not found:
        return 0
    names = list({codes.tobytes(): name for name, codes in columns.items()}.values())  # not what says what another says
    parts = [columns[name] for name in names]
    chance = float(np.prod([((np.bincount(codes) / n) ** 2).sum() for codes in parts]))
    if chance > min(CHANCE, PART * found / (n * (n - 1) / 2)):
        return 0
    marks = _marks(parts)
    whole = marks.sum(axis=0, dtype=np.uint64)
    by_scale = [marks[[name in block for name in names]].sum(axis=0, dtype=np.uint64) for block in blocks]
    near = (sum(n - len(np.unique(whole - left)) - found for left in many) for many in (marks, by_scale))
    return found if _alike_often(whole) and max(near) < found else 0


def _alike_often(whole: NDArray[np.uint64]) -> bool:
    """Whether several patterns repeat, most of them equally often: what crowds at a few answers does not."""
    times = np.unique(whole, return_counts=True)[1]
    times = times[times > 1]
    return len(times) >= FEWEST and bool((times == np.bincount(times).argmax()).mean() >= EQUALLY)


def _marks(columns: list[Codes]) -> NDArray[np.uint64]:
    """A large number for each answer, (columns, rows): sums of equal rows are equal, others almost surely are not."""
    rng = np.random.default_rng(len(columns))
    return np.array([rng.integers(0, 2**63, int(codes.max()) + 1, dtype=np.uint64)[codes] for codes in columns])
