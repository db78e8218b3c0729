"""A log as a database: the one engine in which measures are computed.

DuckDB runs the same SQL on Arrow tables in memory and on Parquet files larger than memory, reads dictionary-encoded
words without copying them and spills to disk when a grouping does not fit; pandas does the first only, Polars does
both but adds a second table type to the house.  One thread, so that sums of floats have one order and a figure is
the same bit for bit on every machine (decided once, see ARCHITECTURE.md).

    visits, customers      the log's tables
    touchpoints            touchpoint, channel, online, customer_started, can_wait, has_hours, capacity,
                           cost_per_day_cents, standard_wait, standard_handling (days that customers find normal, NaN
                           if unknown)
    rivals                 rival, online
    runs                   replication, finish (last instant simulated, days)

Called by the other files of `touchsim.measure` only.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd

from touchsim.log.eventlog import EventLog

__all__ = ["open_database", "rivals_of", "runs_of", "server_days", "touchpoints_of"]


@contextmanager
def open_database(log: EventLog) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a log for queries; nothing is copied, nothing is written."""
    spill = str(Path(tempfile.gettempdir()) / "touchsim-spill")
    settings = {"threads": 1, "temp_directory": spill, "autoinstall_known_extensions": False}
    with duckdb.connect(":memory:", config=settings) as connection:
        connection.register("visits", log.visits)
        connection.register("customers", log.customers)
        connection.register("touchpoints", touchpoints_of(log))
        connection.register("rivals", rivals_of(log))
        connection.register("runs", runs_of(log, connection))
        yield connection


def touchpoints_of(log: EventLog) -> pd.DataFrame:
    """Return the log's touchpoints, one a row, as its provenance describes them."""
    rows = []
    for key, facts in log.provenance.get("touchpoints", {}).items():
        capacity = facts.get("capacity")
        rows.append({
            "touchpoint": key, "channel": facts["channel"], "online": bool(facts.get("online", False)),
            "side": "online" if facts.get("online", False) else "offline", "nature": facts.get("nature", "digital"),
            "management": "managed" if facts.get("managed", True) else "spontaneous",
            "customer_started": facts.get("started_by", "customer") == "customer",
            "can_wait": capacity is not None or facts.get("standard_wait_minutes") is not None,
            "has_hours": bool(facts.get("shifts")), "capacity": np.nan if capacity is None else float(capacity),
            "cost_per_day_cents": int(facts.get("cost_per_day_cents") or 0),
            "standard_wait": _number(facts.get("standard_wait_minutes")) / 1440,
            "standard_handling": _number(facts.get("standard_handling_days")),
        })  # fmt: skip
    types = {"touchpoint": str, "channel": str, "online": bool, "side": str, "nature": str, "management": str,
             "customer_started": bool, "can_wait": bool, "has_hours": bool, "capacity": float,
             "cost_per_day_cents": np.int64, "standard_wait": float, "standard_handling": float}  # fmt: skip
    return pd.DataFrame(rows, columns=list(types)).astype(types)


def _number(value: float | None) -> float:
    return np.nan if value is None else float(value)


def server_days(log: EventLog, touchpoint: str, days: np.ndarray) -> np.ndarray:
    """Capacity of a touchpoint on shift in the first so many days of a run, in server-days; nan without a limit.

    Around the clock, or by the windows of the week that the provenance tells (`shifts`: from and to in minutes of the
    week in which the run starts, and servers).
    """
    facts = log.provenance.get("touchpoints", {}).get(touchpoint, {})
    capacity, shifts = facts.get("capacity"), facts.get("shifts")
    if capacity is None:
        return np.full(days.shape, np.nan)
    if not shifts:
        return days * float(capacity)
    weeks = np.floor(days / 7.0)
    over = 1440.0 * (days - 7.0 * weeks)
    minutes = sum(n * (weeks * (until - since) + np.clip(over, since, until) - since) for since, until, n in shifts)
    return np.asarray(minutes / 1440.0, dtype=float)


def rivals_of(log: EventLog) -> pd.DataFrame:
    """Return the log's rivals, one a row, as its provenance describes them."""
    rows = [{"rival": key, "online": bool(facts.get("online", True))}
            for key, facts in log.provenance.get("rivals", {}).items()]  # fmt: skip
    return pd.DataFrame(rows, columns=["rival", "online"]).astype({"rival": str, "online": bool})


def runs_of(log: EventLog, connection: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """Return replications with their last instant (`finish`) and the day on which arrivals end (`opened`).

    A log that does not say the first takes the last instant it holds, one that does not say the second takes the first.
    """
    ends = log.provenance.get("end")
    if ends is not None:
        first = int(log.provenance.get("first_replication", 0))
        finish = np.atleast_1d(np.asarray(ends, dtype=float))
        opened = np.atleast_1d(np.asarray(log.provenance.get("arrivals_until", ends), dtype=float))
        numbers = np.arange(first, first + len(finish), dtype=np.int32)
        return pd.DataFrame({"replication": numbers, "finish": finish, "opened": opened})
    frame: pd.DataFrame = connection.execute("""
        SELECT replication, max(last) AS finish FROM (
            SELECT replication, greatest(arrived, started, ended) AS last FROM visits
            UNION ALL SELECT replication, greatest(born, ended) FROM customers)
        GROUP BY replication ORDER BY replication""").df()
    return frame.assign(opened=frame["finish"])
