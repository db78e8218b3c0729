"""Why a cumulative regression has no finite coefficients: drivers that separate answers without error.

Where a line through the drivers puts every row on the right side, the likelihood rises for ever (Albert & Anderson
1984); a linear programme finds such a line, if there is one (Konis 2007).  It does not matter whether the noise is
logistic or normal.  Called by `cumulative`, for a sentence that names the drivers.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial, reduce

import numpy as np
from numpy.typing import NDArray
from scipy import optimize

from touchsim.languages import tell

__all__ = ["why_no_maximum"]

Array = NDArray[np.float64]
SEPARATED = 1e-4
LEAST_GUILT = 0.05


def why_no_maximum(levels: NDArray[np.int64], z: Array, names: tuple[str, ...]) -> Callable[[], str]:
    """Say which drivers separate two levels, or that nothing does and the search failed.

    Parameters
    ----------
    levels : array of int, shape (n,)
    z : array, shape (n, p)
        Standardised drivers.
    names : tuple of str
        Of the drivers.
    """
    guilty = []
    for j, name in enumerate(names):
        ends = [(z[levels == level, j].min(), z[levels == level, j].max()) for level in range(int(levels.max()) + 1)]
        pairs = list(zip(ends, ends[1:], strict=False))
        if all(a[1] <= b[0] for a, b in pairs) or all(a[0] >= b[1] for a, b in pairs):
            guilty.append(name)
    if not guilty:
        weights = np.abs(_separating_slopes(levels, z))
        strong = np.flatnonzero(weights > LEAST_GUILT * weights.max())
        if 0 < len(strong) < len(names) and not _separating_slopes(levels, z[:, strong]).any():
            strong = np.flatnonzero(weights > 0)
        guilty = [names[j] for j in strong]
    if len(guilty) == 1:
        return partial(tell, "no finite coefficients: {name} separates some of its values without error; leave it out, "
                       "or ask more people", name=guilty[0])  # fmt: skip
    if guilty:
        return partial(tell, "no finite coefficients: {names} separate some of its values without error; leave them "
                       "out, or ask more people", names=partial(_all_of, guilty))  # fmt: skip
    return partial(tell, "no finite coefficients: the search for the maximum did not converge; look for values with "
                   "few answers")  # fmt: skip


def _all_of(names: list[str]) -> str:
    return reduce(lambda first, last: tell("{first} and {last}", first=first, last=last), names)


def _separating_slopes(levels: NDArray[np.int64], z: Array) -> Array:
    """Slopes of a line that puts no row on the wrong side of its cuts and some rows off them; zeros if there is none.

    Each row of level k asks for cut_(k-1) <= x'b <= cut_k; with slopes of zero all cuts are zero, too.
    """
    p = z.shape[1]
    cuts = np.eye(int(levels.max()))
    below, above = levels > 0, levels < levels.max()
    rows = np.unique(np.concatenate([np.column_stack([z[below], -cuts[levels[below] - 1]]),
                                     np.column_stack([-z[above], cuts[levels[above]]])]), axis=0)  # fmt: skip
    found = optimize.linprog(-rows.mean(axis=0), A_ub=-rows, b_ub=np.zeros(len(rows)), bounds=(-1, 1))
    if found.status != 0 or float((rows @ found.x).max()) < SEPARATED:
        return np.zeros(p)
    return np.asarray(found.x[:p], dtype=np.float64)
