"""What has no unit where a published table states no standard deviations or no means: left empty, and named.

    correlations, n          every variable has SD 1: the standardised solution, and nothing in units of answers
    and SDs                  coefficients in units, too; no means of items, no intercepts, no map of performance
    and means                a whole table

Coefficients, shares, R2, tests and indices of fit do not depend on units: scaling a variable scales its coefficient
and its error alike, as long as SDs count as estimated, which the errors of standardised coefficients here do (Cudeck
1989 on what goes wrong where they do not).  A score of several items is another one: the mean of standardised items.
Called by `moments` and `survey`.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

import numpy as np
import pandas as pd

from touchsim.languages import tell, told
from touchsim.study.caution import Caution

__all__ = ["unit_cautions", "without_units"]

OF_SDS = {
    "coefficients": ("estimate", "std_error", "low", "high"),
    "items": ("mean", "sd"),
    "loadings": ("estimate", "std_error", "low", "high"),
    "mediation": ("indirect", "low", "high", "to_mediator", "from_mediator", "direct", "direct_low", "direct_high",
                  "total"),
}  # fmt: skip
OF_MEANS = {"items": ("mean",)}


def without_units(name: str, table: pd.DataFrame, unstated: tuple[str, ...]) -> pd.DataFrame:
    """Empty the columns of a table whose units are not known.

    Parameters
    ----------
    name : {"coefficients", "items", "loadings", "mediation"}
    table : DataFrame
    unstated : tuple of str
        Which of "mean" and "sd" the published table does not state.

    Examples
    --------
    >>> frame = pd.DataFrame({"item": ["a"], "mean": [0.0], "sd": [1.0], "loading": [0.7]})
    >>> without_units("items", frame, ("mean",)).to_numpy().tolist()
    [['a', nan, 1.0, 0.7]]
    """
    gone = OF_SDS.get(name, ()) if "sd" in unstated else OF_MEANS.get(name, ()) if unstated else ()
    return table.assign(**dict.fromkeys(gone, np.nan))


def unit_cautions(unstated: tuple[str, ...], sizes: Iterable[int]) -> list[Caution]:
    """Say what a table without SDs, or without means, leaves empty; `sizes` are numbers of items of the constructs."""
    if not unstated:
        return []
    words = told("the table states no means: means of items and the map of importance and performance are left empty, "
                 "and the twin survey holds deviations from the mean")  # fmt: skip
    if "sd" in unstated:
        words = told("the table states no standard deviations, so every variable has SD 1 and coefficients are "
                     "standardised: coefficients in units of answers, means and SDs of items and the map of importance "
                     "and performance are left empty, and the twin survey holds standardised answers")  # fmt: skip
    found = [words]
    if "sd" in unstated and max(sizes, default=1) > 1:
        found.append(told("without standard deviations a score of several items is the mean of standardised items, not "
                          "that of the answers, and alphas are those of standardised items"))  # fmt: skip
    return [Caution(partial(tell, each), about="reading") for each in found]
