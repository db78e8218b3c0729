"""What a customer is worth: margin less the cost of contacts over a horizon, discounted to the day it begins.

    value_i = sum over the contacts of i with 0 <= t <= horizon of  (margin - cost) * (1 + discount) ** (-t / 365)

with t the days since birth or, for buyers, since the first purchase (customer lifetime value: Gupta, Lehmann & Stuart
2004; Berger & Nasr 1998).  Money falls due when the contact ends.  What a run has not seen is not guessed: a customer
who is still here when the run ends before the horizon does is *censored*, their later money is missing, and the share
of them is given beside the value, which is then a lower bound in a world that earns.

Referrals are worth something to the brand that is in nobody's own purchases; their value is given apart, never added:

    referral_value = sum over segments of  referrals made * mean value since birth of that segment's customers
                     / number of customers                     (the same segment: a referral brings its own kind)

at most that much (the referred are born later, and some not any more in this run); referrals of the referred are in it
as far as these were born.  Called by users and reports.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from touchsim.errors import BadInput, Finding, verb
from touchsim.log.eventlog import EventLog
from touchsim.measure.database import open_database
from touchsim.measure.intervals import over_replications, signed

__all__ = ["lifetime_value"]

COLUMNS = ["since", "group", "customers", "margin", "cost", "value", "low", "high", "censored", "referrals",
           "referral_value", "referral_low", "referral_high", "replications"]  # fmt: skip
SINCE = ("birth", "first_purchase")

_VALUES = """
WITH begun AS (
    SELECT c.replication, c.customer, c.segment::VARCHAR AS segment, {begin} AS begin, c.referrals,
        (c.ended IS NULL AND {begin} + $horizon > r.finish) AS censored
    FROM customers c JOIN runs r USING (replication) WHERE {begin} IS NOT NULL),
money AS (
    SELECT v.replication, v.customer, v.margin_cents, v.cost_cents,
        power($growth, -(coalesce(v.ended, v.started, v.arrived) - b.begin) / 365.0) AS factor
    FROM visits v JOIN begun b USING (replication, customer)
    WHERE coalesce(v.ended, v.started, v.arrived) BETWEEN b.begin AND b.begin + $horizon),
worth AS (
    SELECT replication, customer, fsum(margin_cents * factor) / 100 AS margin, fsum(cost_cents * factor) / 100 AS cost
    FROM money GROUP BY ALL)
SELECT b.replication, b.segment, count(*) AS customers, coalesce(fsum(w.margin), 0) AS margin,
    coalesce(fsum(w.cost), 0) AS cost, count(*) FILTER (b.censored) AS censored, sum(b.referrals)::DOUBLE AS referrals
FROM begun b LEFT JOIN worth w USING (replication, customer)
GROUP BY ALL ORDER BY ALL
"""
_BEGIN = {"birth": "c.born", "first_purchase": "c.first_purchase"}


@verb
def lifetime_value(log: EventLog, *, horizon: float = 365.0, discount: float = 0.10) -> pd.DataFrame:
    """Discounted margin less contact cost per customer, since birth and since the first purchase.

    Parameters
    ----------
    log : EventLog
    horizon : float
        Days that count, from birth or from the first purchase; above 0.
    discount : float
        Rate per year, 0 or more: at 0.10, 110 a year from now is worth 100 today.

    Returns
    -------
    DataFrame
        One row per beginning and group: ``since`` (birth, first_purchase), ``group`` (all, ``segment:...``),
        ``customers`` per replication, ``margin`` and ``cost`` (discounted, per customer), ``value`` with its 95 %
        interval ``low, high`` over replications, ``censored`` (share of customers still here whose horizon ends
        after the run), ``referrals`` (made, per customer), ``referral_value`` with its interval, ``replications``.
        Money in the scenario's currency.

    Raises
    ------
    BadInput
        A horizon of no days, or a discount below 0.

    Examples
    --------
    >>> import touchsim as ts
    >>> table = lifetime_value(ts.simulate(ts.load_scenario("corner_shop"), customers=300), horizon=60)
    >>> list(table["since"].unique())
    ['birth', 'first_purchase']
    """
    findings = []
    if not (np.isfinite(horizon) and horizon > 0.0):
        findings.append(Finding("horizon", "must be a number of days above 0", got=str(horizon)))
    if not (np.isfinite(discount) and discount >= 0.0):
        findings.append(Finding("discount", "must be a rate per year, 0 or more", got=str(discount)))
    if findings:
        raise BadInput(findings)
    asked = {"horizon": float(horizon), "growth": 1.0 + float(discount)}
    with open_database(log) as base:
        sums = {since: base.execute(_VALUES.format(begin=_BEGIN[since]), asked).df() for since in SINCE}
    born = sums["birth"]
    worth = (born["margin"] - born["cost"]) / born["customers"]
    each = dict(zip(zip(born["replication"], born["segment"], strict=True), worth, strict=True))
    order = list(dict.fromkeys([*log.provenance.get("segments", {}), *born["segment"]]))
    parts = [_rows(rows, each, order).assign(since=since) for since, rows in sums.items() if len(rows)]
    table = pd.concat(parts, ignore_index=True)[COLUMNS] if parts else pd.DataFrame(columns=COLUMNS)
    title = f"Lifetime value over {horizon:g} days at {100 * discount:g} % a year"
    return signed(table, log.provenance, title)


def _rows(sums: pd.DataFrame, each: dict[tuple[int, str], float], order: list[str]) -> pd.DataFrame:
    """One beginning: sums per replication and segment become means per customer, for all and for each segment."""
    keys = zip(sums["replication"], sums["segment"], strict=True)
    brought = [count * each[key] if count else 0.0 for count, key in zip(sums["referrals"], keys, strict=True)]
    sums = sums.assign(brought=brought)
    columns = ["customers", "margin", "cost", "censored", "referrals", "brought"]
    whole = sums.groupby("replication", as_index=False)[columns].sum().assign(group="all")
    parts = sums.assign(group="segment:" + sums["segment"], place=sums["segment"].map(order.index))
    runs = pd.concat([whole, parts.sort_values(["place", "replication"])], ignore_index=True)
    per_head = runs[columns[1:]].div(runs["customers"], axis=0)
    runs[columns[1:]] = per_head
    runs["value"] = runs["margin"] - runs["cost"]
    means = runs.groupby("group", sort=False)[columns].mean().reset_index(drop=True)
    table = over_replications(runs, ["group"]).join(means)
    worth = over_replications(runs, ["group"], "brought")
    return table.assign(referral_value=worth["value"], referral_low=worth["low"], referral_high=worth["high"])
