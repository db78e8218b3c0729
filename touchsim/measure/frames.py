"""The three tables a user asks a log for: key figures, the funnel, the touchpoint map; averages with intervals.

Each is a plain DataFrame with a row per figure, stage or cell: the mean over replications and its 95 % t interval
(`touchsim.measure.intervals`; cut where a value cannot be: a share outside 0..1, fewer than no contacts), null when
there was one replication; `frame.attrs` carries ``title``, ``interval``
(what the interval is, or "single run"), ``currency`` and ``provenance``.

    ts.kpis(log)             how much and how good, per touchpoint, channel, stage, step and segment
    ts.funnel(log)           how many got how far
    ts.touchpoint_map(log)   the plane of steps and channels: volume, wait, cost, emotion in each cell
"""

from __future__ import annotations

import pandas as pd

from touchsim import vocabulary as words
from touchsim.log.eventlog import EventLog
from touchsim.measure.contacts import contacts_cube, rolled_up
from touchsim.measure.customers import customers_cube, reached
from touchsim.measure.database import open_database, runs_of, touchpoints_of
from touchsim.measure.definitions import kpi_of
from touchsim.measure.intervals import over_replications
from touchsim.measure.kpis import kpis_by_replication

__all__ = ["SPARSE_BELOW", "funnel", "kpis", "touchpoint_map"]

SPARSE_BELOW = 30
"""Contacts over all replications under which a cell of the map is flagged as sparse."""

_NEVER_NEGATIVE = ("customers", "contacts", "purchases", "recommendations", "minutes", "days")
_BOUNDS = {"contacts": (0.0, None), "wait": (0.0, None), "cost": (0.0, None), "emotion": (-1.0, 1.0)}


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
        ``segment:...``; `low` and `high` are null when fewer than two replications count; figures that are a ratio
        over nothing in every replication have no row.
    """
    table = over_replications(kpis_by_replication(log), ["kpi", "group"])
    table = table[table["replications"] > 0].reset_index(drop=True)
    currency = str(log.provenance.get("currency", "currency"))
    units = table["kpi"].map(lambda key: kpi_of(key).unit)
    table["unit"] = units.where(units != "currency", currency)
    shares, counts = units == "share", units.isin(_NEVER_NEGATIVE)
    table.loc[shares, ["low", "high"]] = table.loc[shares, ["low", "high"]].clip(0.0, 1.0)
    table.loc[counts, "low"] = table.loc[counts, "low"].clip(lower=0.0)
    table = table[["kpi", "group", "value", "unit", "low", "high", "replications"]]
    return _signed(table, log, "Key figures")


def funnel(log: EventLog) -> pd.DataFrame:
    """How many customers reached each stage or deeper.

    Returns
    -------
    DataFrame
        One row per stage from wide to narrow: ``stage, reached`` (customers per replication), ``share`` (of all who
        arrived), ``low, high`` (of the share), ``replications``.
    """
    with open_database(log) as connection:
        replications = [int(number) for number in runs_of(log, connection)["replication"]]
        counts = reached(customers_cube(connection), replications)
    shares = counts.div(counts.iloc[:, 0].where(counts.iloc[:, 0] > 0), axis=0)
    tall = shares.melt(ignore_index=False, var_name="stage", value_name="value")
    table = over_replications(tall, ["stage"]).rename(columns={"value": "share"})
    table.insert(1, "reached", counts.mean().to_numpy())
    table[["low", "high"]] = table[["low", "high"]].clip(0.0, 1.0)
    return _signed(table, log, "Funnel: reached this stage or deeper")


def touchpoint_map(log: EventLog) -> pd.DataFrame:
    """Lay the contacts out on the plane of buying steps and channels.

    Returns
    -------
    DataFrame
        One row per cell in which a contact happened, steps first, then channels, in the order of the vocabulary:
        ``step, channel``, ``contacts`` and ``cost`` (currency units) per replication, ``wait_minutes`` (served
        contacts where one can wait, else null), ``emotion`` (-1..1), each with ``_low`` and ``_high``
        (``wait_low, wait_high`` for the wait), ``sparse`` (fewer than 30 contacts in all) and ``replications``.
    """
    with open_database(log) as connection:
        replications = [int(number) for number in runs_of(log, connection)["replication"]]
        cube = contacts_cube(connection, touchpoints_of(log))
    cube["cell"] = cube["step"].astype(str) + "/" + cube["channel"].astype(str)
    order = [f"{step}/{channel}" for step in words.keys(words.STEPS) for channel in words.keys(words.CHANNELS)]
    cells = [cell for cell in order if cell in set(cube["cell"])]
    sums = rolled_up(cube, ["cell"], replications, cells)
    values = {
        "contacts": sums["contacts"].astype(float), "cost": sums["cost_cents"] / 100,
        "wait": sums["line_wait"] / sums["line_served"].where(sums["line_served"] > 0) * 1440,
        "emotion": sums["emotion"] / sums["emotions"].where(sums["emotions"] > 0),
    }  # fmt: skip
    table = pd.DataFrame({"cell": cells})
    table["step"], table["channel"] = ([cell.split("/")[axis] for cell in cells] for axis in (0, 1))
    for name, (least, most) in _BOUNDS.items():
        part = over_replications(values[name].rename("value").reset_index(), ["cell"])
        table["wait_minutes" if name == "wait" else name] = part["value"].to_numpy()
        table[f"{name}_low"] = part["low"].clip(lower=least).to_numpy()
        table[f"{name}_high"] = part["high"].clip(upper=most).to_numpy()
    table["sparse"] = (sums["contacts"].groupby("cell", sort=False).sum() < SPARSE_BELOW).to_numpy()
    table["replications"] = len(replications)
    return _signed(table.drop(columns="cell"), log, "Touchpoint map: steps of buying by channels")


def _signed(table: pd.DataFrame, log: EventLog, title: str) -> pd.DataFrame:
    """Write on a frame what it shows and where it came from."""
    runs = int(table["replications"].max()) if len(table) else 0
    name = log.provenance.get("title") or log.provenance.get("scenario")
    table.attrs = {
        "title": f"{title}, {name}" if name else title,
        "interval": "single run" if runs < 2 else f"95 % t interval over {runs} replications",
        "currency": str(log.provenance.get("currency", "")),
        "provenance": log.provenance,
    }
    return table
