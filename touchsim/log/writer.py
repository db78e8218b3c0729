"""The sink behind both engines: rows of codes go in, chunk by chunk; typed tables come out.

An engine fills fixed buffers of rows (`touchsim.log.rows`) and hands over their columns; the writer turns codes
into words by the `Codebook`, derives step from need and channel from touchpoint, and turns NaN into null.  Without a
folder the tables stay in memory.  With a folder they stream to ``visits.parquet`` and ``customers.parquet``: written
under another name and renamed when all is well, so that nobody ever finds half a log.

    with LogWriter(Codebook(segments, touchpoints, channels), out=folder) as writer:
        writer.visits(columns, replication=0)
        writer.customers(columns, replication=0)
        log = writer.close(provenance)
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from touchsim import vocabulary as words
from touchsim.log.eventlog import CUSTOMERS, METADATA_KEY, VISITS, EventLog, open_log
from touchsim.log.rows import GOODS

__all__ = ["Codebook", "LogWriter"]

_ROWS_PER_GROUP = 131_072
_COMPRESSION = "snappy"
_CODES: dict[str, tuple[str, ...]] = {
    "stage": words.keys(words.STAGES), "step": words.keys(words.STEPS), "need": words.keys(words.NEEDS),
    "channel": words.keys(words.CHANNELS), "outcome": words.keys(words.OUTCOMES),
    "decision": words.keys(words.DECISIONS), "status": words.keys(words.STATUSES),
    "reason": words.keys(words.REASONS), "cause": words.keys(words.CAUSES), "goods": GOODS,
    "origin": words.keys(words.ORIGINS),
}  # fmt: skip
_OPTIONAL = {"bought_at", "rival", "sent_by"}  # words that need not be there; stars are 0 where nothing was posted
_STEP_OF_NEED = np.array([_CODES["step"].index(words.step_of(need)) for need in _CODES["need"]], dtype=np.int8)


class Codebook(NamedTuple):
    """The words of one scenario, in the order of their codes; `channels` gives the channel of each touchpoint."""

    segments: tuple[str, ...]
    touchpoints: tuple[str, ...]
    channels: tuple[str, ...]
    rivals: tuple[str, ...] = ()
    messages: tuple[str, ...] = ()


class LogWriter:
    """Write the rows of a run to memory or, when `out` is a folder, to Parquet files in it.

    Parameters
    ----------
    codebook : Codebook
        The scenario's segments, touchpoints and the channel of each touchpoint.
    out : Path, optional
        Folder (made when missing) that receives the two tables on `close`.

    Notes
    -----
    A context manager: when it is left by an error or without `close`, nothing stays behind.
    """

    def __init__(self, codebook: Codebook, out: Path | None = None) -> None:
        self._codes = _CODES | {
            "segment": tuple(codebook.segments), "touchpoint": tuple(codebook.touchpoints),
            "bought_at": tuple(codebook.touchpoints), "rival": tuple(codebook.rivals),
            "sent_by": tuple(codebook.messages),
        }  # fmt: skip
        self._words = {name: pa.array(keys, pa.string()) for name, keys in self._codes.items()}
        channels = _CODES["channel"]
        self._channel_of = np.array([channels.index(key) for key in codebook.channels], dtype=np.int8)
        self._out = None if out is None else Path(out)
        self._tables = {"visits": _Table("visits", VISITS, self._out), "customers": _Table("customers", CUSTOMERS,
                                                                                          self._out)}  # fmt: skip

    def visits(self, columns: Mapping[str, npt.NDArray[Any]], replication: int) -> None:
        """Take contacts of one replication: a contiguous array per field of `rows.VISIT_ROW`, which the log keeps."""
        step, channel = _STEP_OF_NEED.take(columns["need"]), self._channel_of.take(columns["touchpoint"])
        flags = {name: columns[name] != 0 for name in ("linked", "risk")}
        self._take("visits", {**columns, **flags, "step": step, "channel": channel}, replication)

    def customers(self, columns: Mapping[str, npt.NDArray[Any]], replication: int) -> None:
        """Take customers of one replication: an array per field of `rows.CUSTOMER_ROW`, nested ones as ``field.n``."""
        named = {**columns, "consent": columns["consent"] != 0}
        named |= {f"reached_{key}": columns[f"reached.{n}"] for n, key in enumerate(_CODES["stage"][1:])}
        for n, key in enumerate(words.keys(words.FACETS)):
            named |= {f"{what}_{key}": columns[f"{what}.{n}"] for what in ("perceived", "seen", "delivered")}
        self._take("customers", named, replication)

    def close(self, provenance: dict[str, Any]) -> EventLog:
        """Finish both tables, write the provenance into them and return the log."""
        stamp = {METADATA_KEY: json.dumps(provenance).encode()}
        visits, customers = (self._tables[name].finish(stamp) for name in ("visits", "customers"))
        if self._out is None:
            return EventLog(visits, customers, provenance)
        for table in self._tables.values():
            table.publish()
        return open_log(self._out)

    def __enter__(self) -> LogWriter:
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None,
                 trace: TracebackType | None) -> None:  # fmt: skip
        for table in self._tables.values():
            table.discard()

    def _take(self, name: str, columns: dict[str, npt.NDArray[Any]], replication: int) -> None:
        n = len(columns["customer"])
        if not n:
            return
        table = self._tables[name]
        columns["replication"] = np.full(n, replication, dtype=np.int32)
        arrays = [self._array(column, columns[column.name]) for column in table.schema]
        table.add(pa.RecordBatch.from_arrays(arrays, schema=table.schema))

    def _array(self, column: pa.Field, values: npt.NDArray[Any]) -> pa.Array:
        if pa.types.is_dictionary(column.type):
            codes = values.astype(column.type.index_type.to_pandas_dtype(), copy=False)
            null = codes < 0 if column.name in _OPTIONAL else None
            return pa.DictionaryArray.from_arrays(pa.array(codes, mask=null), self._words[column.name], safe=False)
        if pa.types.is_floating(column.type):
            there = np.packbits(values == values, bitorder="little")  # NaN is the one number that differs from itself
            return pa.Array.from_buffers(column.type, len(values), [pa.py_buffer(there), pa.py_buffer(values)])
        return pa.array(values, column.type)


class _Table:
    """One table under construction: batches in memory, or row groups of a Parquet file with a provisional name."""

    def __init__(self, name: str, schema: pa.Schema, out: Path | None) -> None:
        self.schema = schema
        self._batches: list[pa.RecordBatch] = []
        self._rows = 0
        self._file: pq.ParquetWriter | None = None
        if out is not None:
            out.mkdir(parents=True, exist_ok=True)
            self._final = out / f"{name}.parquet"
            self._path = out / f"{name}.parquet.tmp"
            # Dictionaries and statistics cost more time than all the rest; they pay only where they are used.
            coded = [column.name for column in schema if pa.types.is_dictionary(column.type)]
            self._file = pq.ParquetWriter(self._path, schema, compression=_COMPRESSION, use_dictionary=coded,
                                          write_statistics=["replication"])  # fmt: skip

    def add(self, batch: pa.RecordBatch) -> None:
        self._batches.append(batch)
        self._rows += batch.num_rows
        if self._file is not None and self._rows >= _ROWS_PER_GROUP:
            self._flush()

    def _flush(self) -> None:
        assert self._file is not None
        self._file.write_table(pa.Table.from_batches(self._batches, self.schema).combine_chunks())
        self._batches, self._rows = [], 0

    def finish(self, stamp: dict[bytes, bytes]) -> pa.Table:
        """Write what is left, stamp it and return the rows still in memory."""
        if self._file is not None:
            if self._rows:
                self._flush()
            self._file.add_key_value_metadata(stamp)
            self._file.close()
        table = pa.Table.from_batches(self._batches, self.schema)
        return table.replace_schema_metadata(stamp)

    def publish(self) -> None:
        """Give the finished file its name, in one step."""
        os.replace(self._path, self._final)
        self._file = None

    def discard(self) -> None:
        """Forget an unfinished file."""
        if self._file is not None:
            self._file.close()
            self._path.unlink(missing_ok=True)
            self._file = None
