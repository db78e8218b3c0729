"""Small logs written by hand, row by row, whose answers can be worked out on paper."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from touchsim import vocabulary as words
from touchsim.engine.columns import columns_of
from touchsim.log.eventlog import EventLog
from touchsim.log.rows import CUSTOMER_ROW, GOODS, VISIT_ROW
from touchsim.log.writer import Codebook, LogWriter

MINUTE = 1 / 1440
TOUCHPOINTS: dict[str, dict[str, Any]] = {
    "site": {"label": "web shop", "channel": "website", "online": True, "managed": True, "started_by": "customer",
             "capacity": None, "cost_per_day_cents": 1000, "standard_wait_minutes": None},
    "phone": {"label": "phone", "channel": "phone", "online": False, "managed": True, "started_by": "customer",
              "capacity": 2, "cost_per_day_cents": 20000, "standard_wait_minutes": 2.0},
    "store": {"label": "store", "channel": "store", "online": False, "managed": True, "started_by": "customer",
              "capacity": 1, "cost_per_day_cents": 0, "standard_wait_minutes": None, "shifts": [[0, 10080, 1]]},
    "newsletter": {"label": "newsletter", "channel": "email", "online": True, "managed": True, "started_by": "brand",
                   "capacity": None, "cost_per_day_cents": 0, "standard_wait_minutes": None},
    "parcel": {"label": "parcel", "channel": "delivery", "online": False, "managed": True, "started_by": "brand",
               "capacity": None, "cost_per_day_cents": 0, "standard_wait_minutes": None},
}  # fmt: skip
RIVALS = {"giant": {"label": "the giant", "online": True}, "corner": {"label": "round the corner", "online": False}}
MESSAGES = {"banner": {"kind": "exposure", "touchpoint": "newsletter"},
            "call_back": {"kind": "automation", "touchpoint": "phone"}}  # fmt: skip
SEGMENTS = {"young": {"label": "young"}, "old": {"label": "old"}}
_LISTS = {"stage": words.keys(words.STAGES), "need": words.keys(words.NEEDS), "outcome": words.keys(words.OUTCOMES),
          "decision": words.keys(words.DECISIONS), "status": words.keys(words.STATUSES),
          "reason": words.keys(words.REASONS), "goods": GOODS, "segment": tuple(SEGMENTS),
          "origin": words.keys(words.ORIGINS),
          "touchpoint": tuple(TOUCHPOINTS), "bought_at": tuple(TOUCHPOINTS), "rival": tuple(RIVALS),
          "sent_by": tuple(MESSAGES), "cause": words.keys(words.CAUSES)}  # fmt: skip
_VISIT = {"visit": 1, "nth": 1, "segment": "young", "stage": "suspect", "need": "information_search",
          "touchpoint": "site", "outcome": "served", "decision": "none", "arrived": 0.0, "started": np.nan,
          "ended": np.nan, "emotion": np.nan, "late_days": np.nan, "handling_days": np.nan,
          "cause": "none", "sent_by": None, "journey": 1}  # fmt: skip
_CUSTOMER = {"segment": "young", "goods": "search", "origin": "arrival", "stage": "suspect", "status": "under_way",
             "reason": "none",
             "bought_at": None, "born": 0.0, "ended": np.nan, "first_purchase": np.nan, "surveyed": np.nan,
             "reached": np.nan, "perceived": 0.0, "rival": None, "opted_out": np.nan, "delivered": np.nan,
             "journeys": 1}  # fmt: skip

Rows = list[dict[str, Any]]


def codebook() -> Codebook:
    return Codebook(tuple(SEGMENTS), tuple(TOUCHPOINTS), tuple(facts["channel"] for facts in TOUCHPOINTS.values()),
                    tuple(RIVALS), tuple(MESSAGES))  # fmt: skip


def provenance(replications: int = 1, end: float = 10.0, **more: Any) -> dict[str, Any]:
    return {"scenario": "small", "title": "Small shop", "replications": replications, "seed": 1, "engine": "by hand",
            "end": [end] * replications, "currency": "EUR", "touchpoints": TOUCHPOINTS, "segments": SEGMENTS,
            "rivals": RIVALS, "messages": MESSAGES} | more


def coded(rows: Rows, dtype: np.dtype[np.void], defaults: dict[str, Any]) -> np.ndarray:
    table = np.zeros(len(rows), dtype)
    for place, row in enumerate(rows):
        for name, value in (defaults | row).items():
            if name in _LISTS:
                value = -1 if value is None else _LISTS[name].index(value)
            table[place][name] = value
    return table


def visit_rows(rows: Rows) -> np.ndarray:
    return coded(rows, VISIT_ROW, _VISIT)


def customer_rows(rows: Rows) -> np.ndarray:
    return coded(rows, CUSTOMER_ROW, _CUSTOMER)


def small_log(*replications: tuple[Rows, Rows], out: Path | None = None, end: float = 10.0, **more: Any) -> EventLog:
    """Write a log; each replication is (visits, customers), rows naming only what differs from the default."""
    with LogWriter(codebook(), out) as writer:
        for number, (visits, customers) in enumerate(replications):
            writer.visits(columns_of(visit_rows(visits)), number)
            writer.customers(columns_of(customer_rows(customers)), number)
        return writer.close(provenance(len(replications), end, **more))
