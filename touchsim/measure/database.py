"""A log as a database: the one engine in which measures are computed.

DuckDB runs the same SQL on Arrow tables in memory and on Parquet files larger than memory, reads dictionary-encoded
words without copying them and spills to disk when a grouping does not fit; pandas does the first only, Polars does
both but adds a second table type to the house.  One thread, so that sums of floats have one order and a figure is
the same bit for bit on every machine (decided once, see ARCHITECTURE.md).

    visits, customers      the log's tables
    touchpoints            touchpoint, channel, online, customer_started, can_wait, capacity, cost_per_day_cents
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

__all__ = ["open_database", "rivals_of", "runs_of", "touchpoints_of"]


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
            "customer_started": facts.get("started_by", "customer") == "customer",
            "can_wait": capacity is not None or facts.get("standard_wait_minutes") is not None,
            "capacity": np.nan if capacity is None else float(capacity),
            "cost_per_day_cents": int(facts.get("cost_per_day_cents") or 0),
        })  # fmt: skip
    types = {"touchpoint": str, "channel": str, "online": bool, "customer_started": bool, "can_wait": bool,
             "capacity": float, "cost_per_day_cents": np.int64}  # fmt: skip
    return pd.DataFrame(rows, columns=list(types)).astype(types)


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
