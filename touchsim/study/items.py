"""Statistics of the items: what each question says alone, and beside the others of its scale.

    item_rest      correlation of an item with the sum of the others of its scale (corrected item-total correlation)
    alpha_without  Cronbach's alpha of the scale without the item; an item whose removal raises alpha hurts its scale
    loading        of the one-factor model of the scale, standardised; see `scales`
    skewness       mean((x - m)^3) / sd^3,  sd with n - 1                                   b1 of Joanes & Gill (1998)
    kurtosis       mean((x - m)^4) / sd^4 - 3                                               b2 of the same

Columns that stand alone have statistics of their own and none beside others.  Nothing is imputed: an item with gaps is
described by those who answered it, and beside others by those who answered the whole scale.  Called by `survey`; knows
frames only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from touchsim.study.scales import factor_loadings, raw_alpha

__all__ = ["ITEMS", "OF_ANSWERS", "item_table"]

Array = NDArray[np.float64]
OF_ANSWERS = ["skewness", "kurtosis", "lowest", "highest"]
"""Columns that need the answers themselves, not only their moments."""

ITEMS = ["construct", "item", "n", "mean", "sd", *OF_ANSWERS, "item_rest", "alpha_without", "loading"]


def item_table(items: pd.DataFrame, scales: Mapping[str, Sequence[str]], *, moments: bool = False) -> pd.DataFrame:
    """Describe every item of every scale.

    Parameters
    ----------
    items : DataFrame, shape (rows, items)
        nan where there is no answer.
    scales : mapping
        Construct to its item columns; a column alone is a construct of one item.
    moments : bool
        Whether only means, SDs and correlations are those of the survey: columns `OF_ANSWERS` are null then.

    Returns
    -------
    DataFrame
        `ITEMS`: n those who answered the item, mean and sd in points, lowest and highest the shares at the ends that
        were ticked; item_rest is null for one item, alpha_without for fewer than three, loading as well.

    Examples
    --------
    >>> frame = pd.DataFrame({"a": [1, 2, 3, 4], "b": [2, 2, 3, 5], "c": [1, 3, 3, 4]})
    >>> item_table(frame, {"trust": ["a", "b", "c"]})["item_rest"].round(3).tolist()
    [0.981, 0.849, 0.851]
    """
    rows = []
    for name, columns in scales.items():
        answered = items[list(columns)].to_numpy(float)
        values = answered[~np.isnan(answered).any(axis=1)]
        k = values.shape[1]
        varies = len(values) > 1 and bool((values.std(axis=0) > 0).all())
        loadings = factor_loadings(np.corrcoef(values, rowvar=False)) if k > 2 and varies else np.full(k, np.nan)
        for place, item in enumerate(columns):
            rest = np.delete(values, place, axis=1)
            beside = rest.sum(axis=1)
            together = k > 1 and len(values) > 1 and values[:, place].std() > 0 and beside.std() > 0
            own = answered[~np.isnan(answered[:, place]), place]
            rows.append({
                "construct": name, "item": item, "n": len(own), **_alone(own, moments),
                "item_rest": np.corrcoef(values[:, place], beside)[0, 1] if together else np.nan,
                "alpha_without": raw_alpha(rest) if k > 2 and len(values) > 1 else np.nan, "loading": loadings[place],
            })  # fmt: skip
    return pd.DataFrame(rows, columns=ITEMS)


def _alone(values: Array, moments: bool) -> dict[str, float]:
    mean, sd = float(values.mean()), float(values.std(ddof=1)) if len(values) > 1 else float("nan")
    found = {"mean": mean, "sd": sd} | dict.fromkeys(OF_ANSWERS, float("nan"))
    if moments:
        return found
    from_mean = (values - mean) / sd if sd > 0 else np.full(len(values), np.nan)
    return found | {
        "skewness": float((from_mean**3).mean()), "kurtosis": float((from_mean**4).mean() - 3),
        "lowest": float((values == values.min()).mean()), "highest": float((values == values.max()).mean()),
    }  # fmt: skip
