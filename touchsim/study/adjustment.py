"""Many tests at once: p values that keep their word over all of them.

    holm   the chance of one false finding or more stays below 5 % (Holm 1979)
    bh     of the findings, 5 % are false on average (Benjamini & Hochberg 1995)

Called by `drivers` and `moments` for the table of coefficients, and by `groups`; arrays or frames in, the same out.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

__all__ = ["ADJUSTED", "benjamini_hochberg", "holm", "with_adjusted"]

Array = NDArray[np.float64]
ADJUSTED = ["p_holm", "p_bh"]


def holm(p: Array) -> Array:
    """Adjust p values by Holm's steps; nan stays nan and is no test.

    Examples
    --------
    >>> holm(np.array([0.01, 0.04, 0.03, np.nan])).tolist()
    [0.03, 0.06, 0.06, nan]
    """
    return _adjusted(p, down=True)


def benjamini_hochberg(p: Array) -> Array:
    """Adjust p values by the steps of Benjamini and Hochberg; nan stays nan and is no test.

    Examples
    --------
    >>> benjamini_hochberg(np.array([0.01, 0.04, 0.03, np.nan])).tolist()
    [0.03, 0.04, 0.04, nan]
    """
    return _adjusted(p, down=False)


def with_adjusted(table: pd.DataFrame, family: list[pd.Series] | str) -> pd.DataFrame:
    """Add the columns p_holm and p_bh at the end of a table with p_value.

    Parameters
    ----------
    table : DataFrame
    family : str or list of Series
        What tells families of tests apart, as for ``groupby``.
    """
    values = table["p_value"].astype(float)
    grouped = values.groupby(family if isinstance(family, list) else table[family], sort=False)
    steps = {"p_holm": holm, "p_bh": benjamini_hochberg}
    return table.assign(**{name: grouped.transform(lambda p, step=step: step(p.to_numpy(float)))
                           for name, step in steps.items()})  # fmt: skip


def _adjusted(p: Array, *, down: bool) -> Array:
    found = np.full(len(p), np.nan)
    known = np.flatnonzero(np.isfinite(p))
    order = known[np.argsort(p[known], kind="stable")]
    m = len(order)
    if down:
        steps = np.maximum.accumulate(p[order] * (m - np.arange(m)))
    else:
        steps = np.minimum.accumulate((p[order] * m / (np.arange(m) + 1))[::-1])[::-1]
    found[order] = np.minimum(steps, 1.0)
    return found
