"""Scale scores and how far to trust them: alpha, omega, composite reliability, AVE, HTMT.

A construct such as *order fulfilment* is asked by several items; its score is their mean.  Before a regression may
speak about constructs, two questions stand: do the items of one construct say the same thing (reliability), and do
the items of two constructs say different things (discriminant validity)?

    alpha = k/(k-1) * (1 - sum of item variances / variance of the sum)                    Cronbach (1951)
            standardised: the same of items with variance 1, k r / (1 + (k-1) r), r their mean correlation
    omega = (sum l_i)^2 / ((sum l_i)^2 + sum t_i),  l, t of the raw items                  McDonald (1999)
    cr    = the same on standardised items                                                 Joereskog (1971)
    ave   = mean of squared standardised loadings                                          Fornell & Larcker (1981)
    htmt  = mean correlation between two constructs' items / geometric mean of the mean
            correlations inside each                                                       Henseler et al. (2015)
    htmt2 = the same with geometric means of the correlations, which does not ask for
            equal loadings                                          Roemer, Schuberth & Henseler (2021)

Loadings come from a one-factor model, fitted by maximum likelihood to the correlation matrix (scale-free, so that raw
loadings are standardised ones times the item's standard deviation).  Two items cannot identify one factor: omega, cr
and ave are null there, and so is everything for a single item.  Called by the whole study (`survey`) on the rows that
are complete; knows frames and arrays only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from touchsim.study.factors import unrotated

__all__ = ["factor_loadings", "htmt_table", "raw_alpha", "reliability_table", "scale_scores",
           "standardised_alpha"]  # fmt: skip

Array = NDArray[np.float64]


def scale_scores(items: pd.DataFrame, scales: Mapping[str, Sequence[str]]) -> pd.DataFrame:
    """Score each construct as the mean of its items.

    Parameters
    ----------
    items : DataFrame, shape (rows, items)
        Numbers, complete.
    scales : mapping
        Construct to its item columns.

    Returns
    -------
    DataFrame, shape (rows, constructs)
        In the unit of the items.

    Examples
    --------
    >>> frame = pd.DataFrame({"SA1": [1, 5], "SA2": [3, 6]})
    >>> scale_scores(frame, {"satisfaction": ["SA1", "SA2"]})["satisfaction"].tolist()
    [2.0, 5.5]
    """
    scores = {name: items[list(columns)].to_numpy(float).mean(axis=1) for name, columns in scales.items()}
    return pd.DataFrame(scores, index=items.index)


def raw_alpha(items: Array) -> float:
    """Cronbach's alpha of the covariances (Cronbach 1951); nan for a single item.

    Parameters
    ----------
    items : array, shape (rows, k)

    Examples
    --------
    >>> round(raw_alpha(np.array([[1.0, 2.0], [2.0, 2.0], [3.0, 5.0]])), 4)
    0.8571
    """
    k = items.shape[1]
    if k < 2:
        return float("nan")
    total = items.sum(axis=1).var(ddof=1)
    return float(k / (k - 1) * (1 - items.var(axis=0, ddof=1).sum() / total)) if total > 0 else float("nan")


def standardised_alpha(values: Array) -> float:
    """Cronbach's alpha of items brought to variance 1; nan for a single item or one that does not vary.

    Parameters
    ----------
    values : array, shape (n, k)

    Examples
    --------
    >>> round(standardised_alpha(np.array([[1.0, 2.0], [2.0, 2.0], [3.0, 3.0], [4.0, 5.0]])), 3)
    0.954
    """
    k = values.shape[1]
    if k < 2 or (values.std(axis=0) == 0).any():
        return float("nan")
    r = float((np.corrcoef(values, rowvar=False).sum() - k) / (k * (k - 1)))
    return k * r / (1 + (k - 1) * r) if 1 + (k - 1) * r > 0 else float("nan")


def factor_loadings(correlation: Array) -> Array:
    """Loadings of a one-factor model by maximum likelihood (Joereskog 1967), signed so that their sum is positive.

    Uniquenesses are kept above 0.005 (see `factors`): a loading of 0.9975 is a Heywood case.

    Parameters
    ----------
    correlation : array, shape (k, k)
        At least three items; two cannot identify a factor.

    Returns
    -------
    array, shape (k,)
        All nan when `k` < 3 or the matrix is singular.

    Examples
    --------
    >>> true = np.array([0.9, 0.8, 0.7, 0.6])
    >>> matrix = np.outer(true, true) + np.diag(1 - true**2)
    >>> factor_loadings(matrix).round(4).tolist()
    [0.9, 0.8, 0.7, 0.6]
    """
    content = np.ascontiguousarray(correlation, dtype=np.float64).tobytes()
    return np.frombuffer(_factor(content, len(correlation))).copy()


@lru_cache(maxsize=64)
def _factor(content: bytes, k: int) -> bytes:
    """Loadings from a correlation matrix as bytes: those who look at a scale twice search once."""
    correlation = np.frombuffer(content).reshape(k, k)
    if k < 3 or not np.isfinite(correlation).all() or np.linalg.eigvalsh(correlation)[0] < 1e-10:
        return np.full(k, np.nan).tobytes()
    return np.asarray(unrotated(correlation, 1).loadings[:, 0], dtype=np.float64).tobytes()


def reliability_table(items: pd.DataFrame, scales: Mapping[str, Sequence[str]]) -> pd.DataFrame:
    """Alpha, omega, composite reliability and average variance extracted of each construct.

    Parameters
    ----------
    items : DataFrame, shape (rows, items)
    scales : mapping
        Construct to its item columns.

    Returns
    -------
    DataFrame
        construct, items (count), n (rows), alpha (raw), omega (raw metric), cr and ave (standardised metric),
        alpha_std (standardised); null where it is not identified (one item: all; two items: all but the alphas).

    Examples
    --------
    >>> frame = pd.DataFrame({"a": [1, 2, 3, 4], "b": [2, 2, 3, 5], "c": [1, 3, 3, 4]})
    >>> table = reliability_table(frame, {"trust": ["a", "b", "c"], "single": ["a"]})
    >>> table["alpha"].round(3).tolist()
    [0.947, nan]
    """
    rows = []
    for name, columns in scales.items():
        values = items[list(columns)].to_numpy(float)
        omega = cr = ave = float("nan")
        if len(columns) > 2:
            spread = values.std(axis=0, ddof=1)
            loadings = factor_loadings(np.corrcoef(values, rowvar=False))
            omega = _omega(loadings * spread, (1 - loadings**2) * spread**2)
            cr, ave = _omega(loadings, 1 - loadings**2), float(np.mean(loadings**2))
        rows.append({"construct": name, "items": len(columns), "n": len(values), "alpha": raw_alpha(values),
                     "omega": omega, "cr": cr, "ave": ave, "alpha_std": standardised_alpha(values)})  # fmt: skip
    return pd.DataFrame(rows, columns=["construct", "items", "n", "alpha", "omega", "cr", "ave", "alpha_std"])


def htmt_table(items: pd.DataFrame, scales: Mapping[str, Sequence[str]]) -> pd.DataFrame:
    """Heterotrait-monotrait ratio of correlations for each pair of constructs (Henseler, Ringle & Sarstedt 2015).

    A ratio above 0.85 (strict) or 0.90 says that two constructs are hardly told apart by those who answered.

    Parameters
    ----------
    items : DataFrame, shape (rows, items)
    scales : mapping
        Construct to its item columns; constructs of one item have no monotrait correlation and are left out.

    Returns
    -------
    DataFrame
        a, b, htmt (null where the items of a construct do not correlate positively on average), htmt2 (null where one
        of the correlations is not positive).

    Examples
    --------
    >>> frame = pd.DataFrame({"a": [1, 2, 3, 4], "b": [2, 2, 3, 5], "c": [1, 3, 3, 4], "d": [1, 1, 4, 4]})
    >>> htmt_table(frame, {"one": ["a", "b"], "two": ["c", "d"]})["htmt"].round(3).tolist()
    [1.067]
    """
    several = {name: list(columns) for name, columns in scales.items() if len(columns) > 1}
    names = [column for columns in several.values() for column in columns]
    correlation = pd.DataFrame(np.corrcoef(items[names].to_numpy(float), rowvar=False)) if names else pd.DataFrame()
    matrix, ends = correlation.to_numpy(), np.cumsum([0, *map(len, several.values())])
    where = {name: slice(ends[i], ends[i + 1]) for i, name in enumerate(several)}
    inside, among = {}, {}
    for name, span in where.items():
        block = matrix[span, span]
        block = block[np.triu_indices(len(block), 1)]
        inside[name], among[name] = block.mean(), _geometric_mean(block)
    rows = []
    for i, a in enumerate(several):
        for b in list(several)[i + 1 :]:
            product = inside[a] * inside[b] if min(inside[a], inside[b]) > 0 else np.nan
            across = matrix[where[a], where[b]]
            rows.append({"a": a, "b": b, "htmt": across.mean() / np.sqrt(product),
                         "htmt2": _geometric_mean(across) / np.sqrt(among[a] * among[b])})  # fmt: skip
    return pd.DataFrame(rows, columns=["a", "b", "htmt", "htmt2"]).astype({"htmt": float, "htmt2": float})


def _geometric_mean(correlations: Array) -> float:
    return float(np.exp(np.log(correlations).mean())) if (correlations > 0).all() else float("nan")


def _omega(loadings: Array, uniqueness: Array) -> float:
    common = loadings.sum() ** 2
    return float(common / (common + uniqueness.sum()))
