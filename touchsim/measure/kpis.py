"""What a user asks a log first: the key figures and the funnel, averages with intervals.

Each is a DataFrame with a row per figure and group, or per stage: the mean over replications and its 95 % t
interval (`touchsim.measure.intervals`; cut where a value cannot be: a share outside 0..1, fewer than no contacts),
null when there was one replication.  `frame.attrs` carries ``title``, ``interval`` (what the interval is, or "single
run"), ``currency`` and ``provenance``.

    ts.kpis(log)       how much and how good, per touchpoint, channel, stage, step and segment
    ts.funnel(log)     how many got how far

Called by users, the command line and reports.
"""

from __future__ import annotations

import pandas as pd

from touchsim.errors import verb
from touchsim.log.eventlog import EventLog
from touchsim.measure.customers import customers_cube, reached
from touchsim.measure.database import open_database, runs_of
from touchsim.measure.definitions import kpi_of
from touchsim.measure.figures import kpis_by_replication
from touchsim.measure.intervals import over_replications, signed, within_bounds
from touchsim.plots.frames import FunnelFrame

__all__ = ["funnel", "kpis", "kpis_by_replication"]


@verb
def kpis(log: EventLog) -> pd.DataFrame:
    """Key figures of a log: the mean over replications and its 95 % interval.

    Parameters
    ----------
    log : EventLog
        In memory or opened from a run folder.

    Returns
    -------
    DataFrame
        Columns ``kpi, group, value, unit, low, high, replications``; `touchsim.measure.definitions.KPIS` defines
        each figure.  `group` is ``all`` or ``touchpoint:...``, ``channel:...``, ``stage:...``, ``step:...``,
        ``segment:...``, ``rival:...``; `low` and `high` are null when fewer than two replications count;
        figures that are a ratio over nothing in every replication have no row.
    """
    table = over_replications(kpis_by_replication(log), ["kpi", "group"])
    table = table[table["replications"] > 0].reset_index(drop=True)
    currency = str(log.provenance.get("currency", "currency"))
    units = table["kpi"].map(lambda key: kpi_of(key).unit)
    table["unit"] = units.where(units != "currency", currency)
    table = within_bounds(table, units)[["kpi", "group", "value", "unit", "low", "high", "replications"]]
    return signed(table, log.provenance, "Key figures")


@verb
def funnel(log: EventLog) -> FunnelFrame:
    """How many customers reached each stage or deeper.

    Returns
    -------
    FunnelFrame
        A DataFrame whose ``.plot(ax=None)`` draws the funnel.  One row per stage from wide to narrow: ``stage,
        reached`` (customers per replication), ``share`` (of all who arrived or were there at the
        start), ``low, high`` (of the share), ``replications``.
    """
    with open_database(log) as connection:
        replications = [int(number) for number in runs_of(log, connection)["replication"]]
        counts = reached(customers_cube(connection), replications)
    shares = counts.div(counts.iloc[:, 0].where(counts.iloc[:, 0] > 0), axis=0)
    tall = shares.melt(ignore_index=False, var_name="stage", value_name="value")
    table = over_replications(tall, ["stage"]).rename(columns={"value": "share"})
    table.insert(1, "reached", counts.mean().to_numpy())
    table[["low", "high"]] = table[["low", "high"]].clip(0.0, 1.0)
    return signed(FunnelFrame(table), log.provenance, "Funnel: reached this stage or deeper")
