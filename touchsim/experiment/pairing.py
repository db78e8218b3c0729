"""Paired differences between worlds: what common random numbers buy, and how sure we are who is best.

Replication r of every scenario is played with the same seed and the same replication number, so that the same people
meet the same luck; only the change itself makes a difference.  For a key figure with values b_r and v_r

    d_r = v_r - b_r,    mean(d) +- t(0.975; R - 1) * sd(d) / sqrt(R)          (Law 2015, section 10.2)
    variance ratio = (var(b) + var(v)) / var(d)

The ratio says how many times as many *independent* replications would give as short an interval; it is usually above
1, never by law.  The probability of being best is the share of bootstrap draws of whole replications (Efron &
Tibshirani 1993) in which a scenario's mean beats all others; ties share the draw.  Called by
`touchsim.experiment.comparison`.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from touchsim.measure.definitions import kpi_of
from touchsim.measure.intervals import over_replications

__all__ = ["DRAWS", "differences", "share_of_draws_best"]

Values: TypeAlias = npt.NDArray[np.float64]

DRAWS = 2000
"""Bootstrap draws behind a probability of being best."""

_KEY = 20170101
_ADDS_UP = ("contacts", "cost", "overhead", "reach")
_COLUMNS = ["kpi", "group", "variant", "base", "value", "difference", "low", "high", "p_best", "replications",
            "variance_ratio"]  # fmt: skip


def differences(runs: pd.DataFrame, base: str, variants: list[str]) -> pd.DataFrame:
    """Compare variants with a base, figure by figure, over paired replications.

    Parameters
    ----------
    runs : DataFrame
        Columns ``scenario, replication, kpi, group, value``: each figure of each replication of each scenario.  A
        touchpoint that a scenario does not have counts as zero contacts and zero cost there.
    base : str
        Scenario that the others are compared with.
    variants : list of str
        The others, in order.

    Returns
    -------
    DataFrame
        One row per variant, figure and group: ``kpi, group, variant, base, value`` (means over the replications in
        which both have a value), ``difference, low, high`` (95 % paired t interval), ``p_best`` (null where no
        direction is better), ``replications``, ``variance_ratio`` (infinite where the difference never varies).
    """
    names = [base, *variants]
    known = runs.dropna(subset="value")
    order = pd.MultiIndex.from_frame(known[["kpi", "group"]].drop_duplicates())
    numbers = sorted(runs["replication"].unique())
    wide = {
        name: _filled(rows.pivot(index=["kpi", "group"], columns="replication", values="value"), order, numbers)
        for name, rows in known.groupby("scenario", sort=False)
    }
    empty = pd.DataFrame(np.nan, index=order, columns=numbers)
    values = np.stack([wide.get(name, empty).to_numpy(float) for name in names])
    best = share_of_draws_best(values, [kpi_of(kpi).better for kpi in order.get_level_values("kpi")])
    parts = [_against_base(values[0], values[place], order).assign(variant=name, p_best=best[place])
             for place, name in enumerate(variants, start=1)]  # fmt: skip
    table = pd.concat(parts, ignore_index=True)[_COLUMNS]
    return table[table["replications"] > 0].reset_index(drop=True)


def share_of_draws_best(values: Values, better: list[str | None], *, draws: int = DRAWS) -> Values:
    """Share of bootstrap draws in which each scenario has the best mean.

    Parameters
    ----------
    values : array of shape (scenarios, figures, replications)
        Null where a figure has no value; only replications in which all scenarios have one are drawn.
    better : list
        For each figure ``higher``, ``lower`` or None.
    draws : int
        Number of draws; the same replications are drawn for all figures and scenarios.

    Returns
    -------
    array of shape (scenarios, figures)
        Sums to 1 over scenarios; null where `better` is None or fewer than two replications are complete.

    Examples
    --------
    >>> share_of_draws_best(np.array([[[1.0, 2.0, 3.0]], [[2.0, 3.0, 4.0]]]), ["higher"]).tolist()
    [[0.0], [1.0]]
    """
    scenarios, figures, replications = values.shape
    drawn = np.random.Generator(np.random.Philox(key=_KEY)).integers(0, replications, (draws, replications))
    weight = np.zeros((draws, replications))
    np.add.at(weight, (np.arange(draws)[:, np.newaxis], drawn), 1.0)
    shares = np.full((scenarios, figures), np.nan)
    for figure, direction in enumerate(better):
        complete = ~np.isnan(values[:, figure]).any(axis=0)
        if direction is None or complete.sum() < 2:
            continue
        # Compared as differences from the first: equal worlds then tie exactly, whatever the sums round to.
        own = values[:, figure, complete]
        apart = (own - own[0]) @ weight[:, complete].T * (1.0 if direction == "higher" else -1.0)
        wins = apart == apart.max(axis=0)
        shares[:, figure] = (wins / wins.sum(axis=0)).mean(axis=1)
    return shares


def _filled(table: pd.DataFrame, order: pd.MultiIndex, numbers: list[int]) -> pd.DataFrame:
    table = table.reindex(index=order, columns=numbers)
    adds_up = table.index.get_level_values("kpi").isin(_ADDS_UP)
    table.loc[adds_up] = table.loc[adds_up].fillna(0.0)
    return table


def _against_base(base: Values, variant: Values, order: pd.MultiIndex) -> pd.DataFrame:
    """Means, paired differences and variance ratios; arrays of shape (figures, replications)."""
    paired = ~np.isnan(base) & ~np.isnan(variant)
    ours, theirs = np.where(paired, base, np.nan), np.where(paired, variant, np.nan)
    apart = pd.DataFrame(theirs - ours, index=order).reset_index()
    tall = apart.melt(id_vars=["kpi", "group"], var_name="replication")
    table = over_replications(tall, ["kpi", "group"]).rename(columns={"value": "difference"})
    one, other = pd.DataFrame(ours), pd.DataFrame(theirs)
    alone = (one.var(axis=1) + other.var(axis=1)).to_numpy()
    together = pd.DataFrame(theirs - ours).var(axis=1).to_numpy()
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = alone / together
    return table.assign(base=one.mean(axis=1).to_numpy(), value=other.mean(axis=1).to_numpy(), variance_ratio=ratio)
