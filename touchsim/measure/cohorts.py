"""Cohorts: customers by the week or month in which they were born, and what each cohort came to.

    conversion            = buyers / customers of the cohort
    revenue_per_customer  = revenue / customers of the cohort
    repeat_rate           = those who bought twice or more / buyers of the cohort
    days_followed         = mean days from birth to the end of the run

Customers present at the start are in no cohort: nobody knows when they came.  A late cohort has had less time to buy
than an early one, so that figures fall towards the end of a run for that reason alone; `days_followed` says how much
time each had.  Called by users through the front door.
"""

from __future__ import annotations

from datetime import date
from typing import Literal

import pandas as pd

from touchsim.errors import BadInput, Finding, nearest, verb
from touchsim.log.eventlog import EventLog
from touchsim.measure.database import open_database, runs_of
from touchsim.measure.definitions import Kpi, kpi_of
from touchsim.measure.intervals import over_replications, signed

__all__ = ["COHORT_KPIS", "cohorts"]

COHORT_KPIS = (
    kpi_of("customers"), kpi_of("conversion"),
    Kpi("revenue_per_customer", "revenue per customer", "currency", "Sum of all purchases of the cohort divided by its "
        "customers, buyers or not.", "higher"),
    kpi_of("repeat_rate"),
    Kpi("days_followed", "days followed", "days", "Mean days from birth to the end of the run, in which the other "
        "figures came about."),
)  # fmt: skip
"""Figures of a cohort, in the order of their rows."""

_BY = {"week": "%G-W%V", "month": "%Y-%m"}
_QUERY = """
SELECT replication, greatest(date_diff('day', DATE '{start}', first), 0)::DOUBLE AS begins,
    strftime(first, '{form}') AS cohort, count(*)::DOUBLE AS customers,
    count(*) FILTER (purchases > 0) / count(*) AS conversion,
    sum(revenue_cents)::BIGINT / 100 / count(*) AS revenue_per_customer,
    count(*) FILTER (purchases > 1) / nullif(count(*) FILTER (purchases > 0), 0) AS repeat_rate,
    favg(finish - born) AS days_followed
FROM (SELECT *, date_trunc('{by}', DATE '{start}' + floor(born)::INTEGER)::DATE AS first FROM customers)
    JOIN runs USING (replication)
WHERE origin <> 'stock' GROUP BY ALL ORDER BY begins, replication
"""


@verb
def cohorts(log: EventLog, *, by: Literal["week", "month"] = "month") -> pd.DataFrame:
    """Figures of customers by the week or month of their birth: the mean over replications, 95 % interval.

    Parameters
    ----------
    log : EventLog
        In memory or opened from a run folder.
    by : {"week", "month"}
        Weeks begin on Mondays (ISO 8601); months are those of the calendar.

    Returns
    -------
    DataFrame
        One row per cohort and figure: ``cohort`` (``2026-01`` or ``2026-W02``), ``begins`` (days since the start, 0
        for a cohort that began before), ``kpi`` (`COHORT_KPIS`), ``value, unit, low, high, replications``.  A
        replication in which nobody was born in a cohort counts as 0 customers and leaves the other figures out.

    Raises
    ------
    BadInput
        Another period.

    Examples
    --------
    >>> import touchsim as ts
    >>> table = cohorts(ts.simulate(ts.load_scenario("corner_shop"), days=40, seed=1))
    >>> table["cohort"].unique().tolist(), table["kpi"].unique().tolist()[:2]
    (['2026-01', '2026-02'], ['customers', 'conversion'])
    """
    if by not in _BY:
        raise BadInput(Finding("by", "must be 'week' or 'month'", got=str(by), hint=nearest(str(by), _BY)))
    start = date.fromisoformat(str(log.provenance["start"]))
    with open_database(log) as connection:
        found: pd.DataFrame = connection.execute(_QUERY.format(start=start, by=by, form=_BY[by])).df()
        replications = [int(number) for number in runs_of(log, connection)["replication"]]
    names = [kpi.key for kpi in COHORT_KPIS]
    order = found[["begins", "cohort"]].drop_duplicates()
    grid = order.merge(pd.DataFrame({"replication": replications}), how="cross")
    wide = grid.merge(found, how="left", on=["begins", "cohort", "replication"])
    wide["customers"] = wide["customers"].fillna(0.0)
    tall = wide.melt(["begins", "cohort", "replication"], names, "kpi")
    place = {name: n for n, name in enumerate(names)}
    tall = tall.sort_values(["begins", "kpi", "replication"], key=lambda of: of.map(place) if of.name == "kpi" else of)
    table = over_replications(tall, ["cohort", "begins", "kpi"])
    table = table[table["replications"] > 0].reset_index(drop=True)
    units = table["kpi"].map({kpi.key: kpi.unit for kpi in COHORT_KPIS})
    table["unit"] = units.where(units != "currency", str(log.provenance.get("currency", "currency")))
    table["low"] = table["low"].clip(lower=0.0)
    table.loc[units == "share", "high"] = table.loc[units == "share", "high"].clip(upper=1.0)
    table = table[["cohort", "begins", "kpi", "value", "unit", "low", "high", "replications"]]
    return signed(table, log.provenance, f"Cohorts by {by} of birth")
