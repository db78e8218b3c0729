"""Blocks of drivers: whether they matter together, and whether one carries more than another.

    joint test     W / q  ~  F(q, n - p - 1)     W = b_B' V_B^-1 b_B, V the HC3 covariance; W ~ chi2(q) for the logits
                   W (G - q) / (q (G - 1))  ~  F(q, G - q)     for G clusters (Hotelling 1931); none where q >= G
    share          sum of the lmg shares of the members, with percentile interval of the bootstrap
    difference     of two blocks' shares, draw by draw; an interval with 0 in it says that neither leads

A block of many drivers tends to sum to more than a block of few; the number of terms stands beside it.  Called by
`survey`.
"""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy import stats

from touchsim.study.fit import Fit
from touchsim.study.resampling import percentile_interval

if TYPE_CHECKING:
    from touchsim.study.importance import Importance

__all__ = ["block_table"]

COLUMNS = ["outcome", "group", "block", "terms", "statistic", "df_num", "df_den", "p_value", "share", "low", "high"]


def block_table(fit: Fit, importance: Importance) -> pd.DataFrame:
    """Test and weigh the blocks of a model.

    Parameters
    ----------
    fit : Fit
    importance : Importance
        Of the same fit.

    Returns
    -------
    DataFrame
        outcome, group, block, terms (names, comma between them), statistic (F; chi-squared for logits, df_den null),
        df_num, df_den, p_value, share, low, high (95 %).  A pair of blocks has a row ``a - b``, the larger share
        first: share, low, high are those of the difference, the test is null.

    Examples
    --------
    >>> from touchsim.study.drivers import fit_drivers
    >>> from touchsim.study.importance import relative_importance
    >>> speed, price, noise = np.random.default_rng(1).normal(size=(3, 400))
    >>> survey = pd.DataFrame({"speed": speed, "price": price, "liking": 2 * speed + price + noise})
    >>> model = {"drivers": {"liking": ["speed", "price"]}, "blocks": {"cost": ["price"], "service": ["speed"]}}
    >>> fit = fit_drivers(survey, model)
    >>> block_table(fit, relative_importance(fit))["block"].tolist()
    ['cost', 'service', 'service - cost']
    """
    rows: list[dict[str, Any]] = []
    for (outcome, group), shares in importance.draws.items():
        drivers, found, within = fit.model.drivers[outcome], fit.estimates[outcome, group], fit.n_clusters_of(group)
        sums = {}
        for block, members in fit.model.blocks.items():
            columns = [drivers.index(name) for name in members if name in drivers]
            if not columns:
                continue
            sums[block] = shares[:, columns].sum(axis=1)
            b = found.coefficients[columns]
            wald = float(b @ np.linalg.pinv(found.covariance[np.ix_(columns, columns)]) @ b) if b[0] == b[0] else np.nan
            q, linear = len(columns), np.isfinite(found.df)
            by_clusters = found.cov_type.startswith("CR")
            rest = found.df - q + 1 if by_clusters else found.df
            statistic = wald * rest / (found.df * q) if by_clusters else wald / q if linear else wald
            if rest < 1:
                statistic = rest = np.nan
            p = stats.f.sf(statistic, q, rest) if linear else stats.chi2.sf(statistic, q)
            rows.append({"outcome": outcome, "group": group, "block": block,
                         "terms": ", ".join(drivers[j] for j in columns), "statistic": statistic, "df_num": q,
                         "df_den": rest if linear else np.nan, "p_value": p,
                         **_share(sums[block], within)})  # fmt: skip
        for pair in combinations(sums, 2):
            first, second = sorted(pair, key=lambda block: -sums[block][0])
            rows.append({"outcome": outcome, "group": group, "block": f"{first} - {second}",
                         "terms": f"{first}, {second}", **_share(sums[first] - sums[second], within)})  # fmt: skip
    table = pd.DataFrame(rows, columns=COLUMNS)
    place = {outcome: number for number, outcome in enumerate(fit.model.drivers)}
    return table.sort_values("outcome", key=lambda names: names.map(place), kind="stable").reset_index(drop=True)


def _share(draws: np.ndarray[Any, np.dtype[np.float64]], clusters: int) -> dict[str, float]:
    low, high = percentile_interval(draws[1:], clusters)
    return {"share": float(draws[0]), "low": low, "high": high}
