"""What happened in a run: one row per contact, one row per customer, and where it came from.

A log has two tables.  `visits` holds every contact of a customer with a touchpoint, *failures included*: a contact
that was abandoned, turned away, unnoticed or unfinished is a row like any other, and null only ever says "did not
happen".  `customers` holds everyone who arrived or was there at the start: the stages reached and when, the money,
why they left, and the snapshot of what they felt at the moment of the survey contact (or, never surveyed, when they
left or the run ended).

Times are days since the start of the scenario, money is integer cents of the scenario's currency, words are the keys
of `touchsim.vocabulary` (dictionary-encoded).  A log of a run in memory holds Arrow tables; a log opened from a run
folder holds Parquet data sets that are read piece by piece, so that it may be larger than memory.  Measures, surveys
and exports take a log and do not ask which of the two it is.

Engines write rows through `touchsim.log.writer`; nothing else makes a log.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
import pyarrow.parquet as pq

from touchsim import vocabulary as words
from touchsim.errors import BadInput, Finding

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["CUSTOMERS", "METADATA_KEY", "VISITS", "EventLog", "open_log"]

METADATA_KEY = b"touchsim"
"""Key of the Parquet file metadata under which the provenance stands, as JSON."""

_WORD = pa.dictionary(pa.int8(), pa.string())
_PLACE = pa.dictionary(pa.int16(), pa.string())

VISITS: pa.Schema = pa.schema([
    ("replication", pa.int32()), ("customer", pa.int64()), ("segment", _PLACE), ("visit", pa.int32()),
    ("nth", pa.int32()), ("stage", _WORD), ("step", _WORD), ("need", _WORD), ("touchpoint", _PLACE),
    ("channel", _WORD), ("arrived", pa.float64()), ("started", pa.float64()), ("ended", pa.float64()),
    ("outcome", _WORD), ("decision", _WORD), ("emotion", pa.float64()), ("cost_cents", pa.int64()),
    ("late_days", pa.float64()), ("handling_days", pa.float64()), ("cause", _WORD), ("journey", pa.int32()),
    ("sent_by", _PLACE), ("linked", pa.bool_()), ("risk", pa.bool_()), ("revenue_cents", pa.int64()),
    ("margin_cents", pa.int64()),
])  # fmt: skip
"""Columns of the table of contacts."""

CUSTOMERS: pa.Schema = pa.schema([
    ("replication", pa.int32()), ("customer", pa.int64()), ("segment", _PLACE), ("origin", _WORD), ("goods", _WORD),
    ("born", pa.float64()), ("consent", pa.bool_()), ("stage", _WORD), ("status", _WORD), ("reason", _WORD),
    ("ended", pa.float64()), ("visits", pa.int32()), ("purchases", pa.int32()), ("first_purchase", pa.float64()),
    ("bought_at", _PLACE), ("revenue_cents", pa.int64()), ("margin_cents", pa.int64()), ("cost_cents", pa.int64()),
    ("recommendations", pa.int32()), ("journeys", pa.int32()), ("addons", pa.int32()), ("spared", pa.int32()),
    ("posts", pa.int32()), ("stars", pa.int16()), ("referrals", pa.int32()), ("rival", _PLACE),
    ("opted_out", pa.float64()), ("awareness", pa.float64()), ("propensity", pa.float64()), ("identity", pa.int64()),
    *((f"reached_{key}", pa.float64()) for key in words.keys(words.STAGES)[1:]),
    ("surveyed", pa.float64()), ("disposition", pa.float64()), ("product", pa.float64()), ("value", pa.float64()),
    ("satisfaction", pa.float64()),
    *((f"perceived_{key}", pa.float64()) for key in words.keys(words.FACETS)),
    *((f"seen_{key}", pa.int32()) for key in words.keys(words.FACETS)),
    *((f"delivered_{key}", pa.float64()) for key in words.keys(words.FACETS)),
])  # fmt: skip
"""Columns of the table of customers."""

_ORDER = {"visits": ("replication", "customer", "visit"), "customers": ("replication", "customer")}
_ROWS_AT_ONCE = 2_000_000

Rows: TypeAlias = pa.Table | ds.Dataset


@dataclass(frozen=True, eq=False, repr=False)
class EventLog:
    """A run: its contacts, its customers and its provenance.

    Parameters
    ----------
    visits, customers : pyarrow.Table or pyarrow.dataset.Dataset
        Rows with the columns of `VISITS` and `CUSTOMERS`, in any order of rows.
    provenance : dict
        Scenario (name, title, hash, interventions), seed, replications, engine, horizon, versions, and the labels of
        touchpoints and segments: everything that is needed to run it again and to read it.

    Notes
    -----
    Two logs are equal when their rows are, compared bit for bit after ordering by (replication, customer, visit);
    provenance does not count, so that the logs of two engines can be equal.
    """

    visits: Rows
    customers: Rows
    provenance: dict[str, Any] = field(default_factory=dict)

    __hash__ = None  # type: ignore[assignment]

    @property
    def n_visits(self) -> int:
        """Number of contacts over all replications."""
        return _count(self.visits)

    @property
    def n_customers(self) -> int:
        """Number of customers over all replications."""
        return _count(self.customers)

    def visits_frame(self) -> pd.DataFrame:
        """Return the contacts as pandas, sorted by (replication, customer, visit); words as categories."""
        return self._frame("visits")

    def customers_frame(self) -> pd.DataFrame:
        """Return the customers as pandas, sorted by (replication, customer); words as categories."""
        return self._frame("customers")

    def returns_frame(self) -> pd.DataFrame:
        """Return who sent something back, and when: ``replication, customer, arrived`` of each served return."""
        sent_back = (pc.field("need").cast(pa.string()) == "return") & pc.is_valid(pc.field("handling_days"))
        columns = ["replication", "customer", "arrived"]
        rows = self.visits
        here = rows.filter(sent_back).select(columns) if isinstance(rows, pa.Table) else rows.to_table(
            columns=columns, filter=sent_back)  # fmt: skip
        frame: pd.DataFrame = _in_order(here, (*columns,)).to_pandas()
        return frame

    def _frame(self, name: str) -> pd.DataFrame:
        table = _in_order(_load(getattr(self, name)), _ORDER[name])
        frame: pd.DataFrame = table.to_pandas()
        frame.attrs["provenance"] = self.provenance
        return frame

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, EventLog):
            return NotImplemented
        return self.describe_difference(other) is None

    def describe_difference(self, other: EventLog) -> str | None:
        """Name the first place where two logs differ, or return None if all rows are equal bit for bit.

        Returns
        -------
        str or None
            Such as ``visits: replication 0, customer 12, visit 3: started is 1.5 here, 1.25 there``.
        """
        for name in ("customers", "visits"):
            mine, yours = getattr(self, name), getattr(other, name)
            for these, those in zip(_blocks(mine, yours), _blocks(yours, mine), strict=True):
                said = _difference(name, _in_order(these, _ORDER[name]), _in_order(those, _ORDER[name]))
                if said is not None:
                    return said
        return None

    def __repr__(self) -> str:
        facts = self.provenance
        return (
            f"EventLog of {facts.get('scenario', 'an unnamed scenario')!r}: {self.n_visits:,} contacts of "
            f"{self.n_customers:,} customers, replications: {facts.get('replications', '?')}, "
            f"seed: {facts.get('seed', '?')}, engine: {facts.get('engine', '?')}"
        )


def open_log(folder: str | Path) -> EventLog:
    """Open the log of a run folder without reading its rows.

    Parameters
    ----------
    folder : str or Path
        Folder with ``visits.parquet`` and ``customers.parquet``.

    Raises
    ------
    BadInput
        When a table is missing, unreadable or lacks a column.
    """
    folder, findings, tables = Path(folder), [], {}
    provenance: dict[str, Any] = {}
    for name, schema in (("visits", VISITS), ("customers", CUSTOMERS)):
        path = folder / f"{name}.parquet"
        if not path.is_file():
            findings.append(Finding(str(path), "a run folder must hold this file", hint="see touchsim run --out"))
            continue
        try:
            tables[name] = ds.dataset(path, format="parquet")
            provenance = json.loads((pq.read_metadata(path).metadata or {}).get(METADATA_KEY, b"{}"))
        except (pa.ArrowInvalid, OSError) as fault:
            findings.append(Finding(str(path), "must be a Parquet file", got=str(fault).splitlines()[0][:80]))
            continue
        lacking = [column for column in schema.names if column not in tables[name].schema.names]
        findings += [Finding(str(path), f"must have the column '{column}'") for column in lacking]
    if findings:
        raise BadInput(findings)
    return EventLog(tables["visits"], tables["customers"], provenance)


def _count(rows: Rows) -> int:
    return rows.num_rows if isinstance(rows, pa.Table) else int(rows.count_rows())


def _load(rows: Rows) -> pa.Table:
    return (rows if isinstance(rows, pa.Table) else rows.to_table()).unify_dictionaries()


def _in_order(table: pa.Table, order: tuple[str, ...]) -> pa.Table:
    return table.sort_by([(column, "ascending") for column in order])


def _blocks(rows: Rows, other: Rows) -> Iterator[pa.Table]:
    """Cut rows into runs of replications that fit into memory; both sides of a comparison are cut alike."""
    highest = max(_highest_replication(rows), _highest_replication(other))
    largest = max(_count(rows), _count(other))
    if largest <= _ROWS_AT_ONCE:
        yield _load(rows)
        return
    step = max(1, _ROWS_AT_ONCE * (highest + 1) // largest)
    for first in range(0, highest + 1, step):
        inside = (pc.field("replication") >= first) & (pc.field("replication") < first + step)
        yield rows.filter(inside) if isinstance(rows, pa.Table) else rows.to_table(filter=inside)


def _highest_replication(rows: Rows) -> int:
    if isinstance(rows, pa.Table):
        return int(pc.max(rows["replication"]).as_py() or 0)
    return max((pc.max(batch["replication"]).as_py() or 0 for batch in rows.to_batches(columns=["replication"])),
               default=0)  # fmt: skip


def _difference(name: str, mine: pa.Table, yours: pa.Table) -> str | None:
    order = _ORDER[name]
    columns = [*order, *(column for column in mine.column_names if column not in order)]
    rows = min(mine.num_rows, yours.num_rows)
    first: tuple[int, str] | None = None
    for column in columns:
        here, there = _plain(mine[column]).slice(0, rows), _plain(yours[column]).slice(0, rows)
        if here.equals(there):
            continue
        unequal = pc.not_equal(here, there)
        one_null = pc.xor(here.is_null(), there.is_null())
        at = pc.index(pc.or_(pc.fill_null(unequal, False), one_null), True).as_py()
        if at >= 0 and (first is None or at < first[0]):
            first = (at, column)
    if first is not None:
        at, column = first
        place = ", ".join(f"{key} {mine[key][at].as_py()}" for key in order)
        return f"{name}: {place}: {column} is {mine[column][at].as_py()!r} here, {yours[column][at].as_py()!r} there"
    if mine.num_rows != yours.num_rows:
        return f"{name}: {mine.num_rows} rows here, {yours.num_rows} there; the first {rows} are equal"
    return None


def _plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return column.cast(pa.string()) if pa.types.is_dictionary(column.type) else column
