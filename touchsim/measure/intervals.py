"""How sure a number is: Student's t interval over independent replications.

One run of a simulation is one draw; its customers share lines, reviews and days, so that an interval over customers
would be too short.  Replications are independent, so that for the mean of R of them

    mean +- t(0.975; R - 1) * sd / sqrt(R)                                  (Law 2015, section 9.4)

With one replication there is no interval, and whoever shows the number says "single run"; frames carry these words.
Called by the frames of `touchsim.measure` and by comparisons, which apply it to paired differences.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

import numpy as np
import pandas as pd
from scipy.special import stdtrit

__all__ = ["LEVEL", "over_replications", "signed", "within_bounds"]

_Frame = TypeVar("_Frame", bound=pd.DataFrame)

LEVEL = 0.95
"""Confidence of every interval shown."""

_NEVER_NEGATIVE = ("customers", "contacts", "purchases", "recommendations", "minutes", "days", "hours", "messages",
                   "journeys", "referrals", "reviews")  # fmt: skip


def over_replications(frame: pd.DataFrame, by: list[str], value: str = "value") -> pd.DataFrame:
    """Average a value over replications, with its t interval.

    Parameters
    ----------
    frame : DataFrame
        One row per replication and group; a null value (a ratio over nothing) leaves its replication out.
    by : list of str
        Columns that name a group; groups keep the order of their first row.
    value : str
        Column to average.

    Returns
    -------
    DataFrame
        Columns `by`, ``value``, ``low``, ``high`` (null where fewer than two replications count), ``replications``.

    Examples
    --------
    >>> runs = pd.DataFrame({"kpi": "wait", "replication": [0, 1, 2], "value": [1.0, 2.0, 3.0]})
    >>> over_replications(runs, ["kpi"]).round(3).values.tolist()
    [['wait', 2.0, -0.484, 4.484, 3]]
    """
    grouped = frame.groupby(by, sort=False, observed=True)[value]
    table = grouped.agg(["mean", "std", "count"])
    count = table["count"].to_numpy(dtype=float)
    half = np.full(len(table), np.nan)
    several = count > 1
    half[several] = (
        stdtrit(count[several] - 1, 0.5 + LEVEL / 2) * table["std"].to_numpy()[several] / np.sqrt(count[several])
    )
    mean = table["mean"].to_numpy()
    columns = {"value": mean, "low": mean - half, "high": mean + half, "replications": count.astype(np.int64)}
    return table.index.to_frame(index=False).assign(**columns)


def within_bounds(table: _Frame, units: pd.Series) -> _Frame:
    """Cut intervals where a value cannot be: a share outside 0 to 1, fewer than no contacts, minutes or days.

    Parameters
    ----------
    table : DataFrame
        Columns ``low, high``.
    units : Series
        Unit of each row.

    Examples
    --------
    >>> table = pd.DataFrame({"low": [-0.1, -2.0, -3.0], "high": [0.4, 5.0, 1.0]})
    >>> within_bounds(table, pd.Series(["share", "minutes", "points"]))["low"].tolist()
    [0.0, 0.0, -3.0]
    """
    shares, counts = units == "share", units.isin(_NEVER_NEGATIVE)
    table.loc[shares, ["low", "high"]] = table.loc[shares, ["low", "high"]].clip(0.0, 1.0)
    table.loc[counts, "low"] = table.loc[counts, "low"].clip(lower=0.0)
    return table


def signed(table: _Frame, provenance: Mapping[str, Any], title: str) -> _Frame:
    """Write on a frame with a column ``replications`` what it shows, how sure it is and where it came from.

    Returns
    -------
    DataFrame
        The same frame; `attrs` has ``title``, ``interval``, ``currency`` and ``provenance``.

    Examples
    --------
    >>> signed(pd.DataFrame({"replications": [1]}), {"scenario": "shop"}, "Funnel").attrs["interval"]
    'single run'
    """
    runs = int(table["replications"].max()) if len(table) else 0
    name = provenance.get("title") or provenance.get("scenario")
    table.attrs = {
        "title": f"{title}, {name}" if name else title,
        "interval": "single run" if runs < 2 else f"95 % t interval over {runs} replications",
        "currency": str(provenance.get("currency", "")),
        "provenance": dict(provenance),
    }
    return table
