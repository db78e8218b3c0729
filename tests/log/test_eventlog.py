from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from tests.log.small import TOUCHPOINTS, codebook, customer_rows, provenance, small_log, visit_rows
from touchsim import vocabulary as words
from touchsim.engine.columns import columns_of
from touchsim.errors import BadInput
from touchsim.log.eventlog import CUSTOMERS, VISITS, EventLog, open_log
from touchsim.log.rows import CUSTOMER_ROW, VISIT_ROW
from touchsim.log.writer import LogWriter

VISITS_OF_TWO = [
    {"customer": 1, "touchpoint": "phone", "need": "help", "arrived": 0.5, "outcome": "abandoned", "ended": 0.75},
    {"customer": 0, "visit": 2, "arrived": 0.3, "started": 0.3, "ended": 0.4, "emotion": 0.25, "cost_cents": 12},
    {"customer": 0, "visit": 1, "arrived": 0.1, "started": 0.1, "ended": 0.2, "decision": "advance"},
]
TWO = [{"customer": 0, "consent": 1, "reached": [0.1, np.nan, np.nan, np.nan, np.nan]},
       {"customer": 1, "segment": "old", "bought_at": "store", "first_purchase": 0.4}]  # fmt: skip


def random_rows(dtype: np.dtype[np.void], n: int, seed: int) -> np.ndarray:
    """Rows with every field filled at random within its codes, floats partly missing."""
    random = np.random.default_rng(seed)
    top = {"segment": 2, "stage": 6, "need": 8, "touchpoint": 5, "outcome": 5, "decision": 5, "status": 4,
           "reason": 6, "goods": 2, "consent": 2, "origin": 3,
           "cause": len(words.CAUSES), "linked": 2, "risk": 2, "stars": 6}  # fmt: skip
    rows = np.zeros(n, dtype)
    for name in dtype.names or ():
        shape = rows[name].shape
        if rows[name].dtype.kind == "f":
            rows[name] = np.where(random.random(shape) < 0.3, np.nan, random.normal(size=shape))
        elif name in ("bought_at", "rival", "sent_by"):
            rows[name] = random.integers(-1, 5 if name == "bought_at" else 2, shape)
        else:
            rows[name] = random.integers(0, top.get(name, 1000), shape)
    rows["customer"] = np.arange(n) // 3 if dtype == VISIT_ROW else np.arange(n)
    if dtype == VISIT_ROW:
        rows["visit"] = np.arange(n) % 3 + 1
    return rows


def random_log(n: int, seed: int, out: Path | None = None, chunk: int = 7, shuffle: bool = False) -> EventLog:
    with LogWriter(codebook(), out) as writer:
        for replication in (0, 1):
            visits = random_rows(VISIT_ROW, n, seed + replication)
            customers = random_rows(CUSTOMER_ROW, n // 3 + 1, seed + replication)
            if shuffle:
                np.random.default_rng(seed).shuffle(visits)
            for start in range(0, n, chunk):
                writer.visits(columns_of(visits[start : start + chunk]), replication)
            writer.customers(columns_of(customers), replication)
        return writer.close(provenance(2))


def test_tables_have_the_columns_and_types_of_the_schemas() -> None:
    log = small_log((VISITS_OF_TWO, TWO))
    assert log.visits.schema.equals(VISITS)
    assert log.customers.schema.equals(CUSTOMERS)


def test_frames_come_sorted_and_null_means_did_not_happen() -> None:
    visits = small_log((VISITS_OF_TWO, TWO)).visits_frame()
    assert visits[["customer", "visit"]].values.tolist() == [[0, 1], [0, 2], [1, 1]]
    assert visits["started"].isna().tolist() == [False, False, True]
    assert visits["emotion"].isna().tolist() == [True, False, True]
    customers = small_log((VISITS_OF_TWO, TWO)).customers_frame()
    assert customers["bought_at"].isna().tolist() == [True, False]
    assert customers["bought_at"].tolist()[1] == "store"
    assert customers["consent"].tolist() == [True, False]
    assert customers["reached_lead"].tolist()[0] == 0.1 and customers["reached_lead"].isna().tolist() == [False, True]


def test_step_follows_from_the_need_and_channel_from_the_touchpoint() -> None:
    log = random_log(60, seed=3)
    visits = log.visits_frame().astype({"need": str, "step": str, "touchpoint": str, "channel": str})
    assert visits["step"].tolist() == [words.step_of(need) for need in visits["need"]]
    assert visits["channel"].tolist() == [TOUCHPOINTS[key]["channel"] for key in visits["touchpoint"]]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(n=st.integers(0, 60), seed=st.integers(0, 99), chunk=st.integers(1, 70))
def test_every_cell_of_every_row_survives_the_round_trip(n: int, seed: int, chunk: int, tmp_path: Path) -> None:
    folder = tmp_path / f"{n}-{seed}-{chunk}"
    for log in (random_log(n, seed, chunk=chunk), random_log(n, seed, folder, chunk)):
        frame = log.visits_frame()
        for replication in (0, 1):
            rows = random_rows(VISIT_ROW, n, seed + replication)
            mine = frame[frame["replication"] == replication]
            for name in ("customer", "visit", "nth", "arrived", "ended", "emotion", "late_days", "cost_cents"):
                np.testing.assert_array_equal(mine[name].to_numpy(rows[name].dtype), rows[name])
            assert mine["outcome"].tolist() == [words.keys(words.OUTCOMES)[code] for code in rows["outcome"]]
            assert mine["touchpoint"].tolist() == [list(TOUCHPOINTS)[code] for code in rows["touchpoint"]]
        people = log.customers_frame()
        rows = random_rows(CUSTOMER_ROW, n // 3 + 1, seed)
        mine = people[people["replication"] == 0]
        np.testing.assert_array_equal(mine["perceived_returns"], rows["perceived"][:, 8])
        np.testing.assert_array_equal(mine["seen_product_information"], rows["seen"][:, 0])
        np.testing.assert_array_equal(mine["reached_advocate"], rows["reached"][:, 4])
        assert mine["status"].tolist() == [words.keys(words.STATUSES)[code] for code in rows["status"]]


def test_the_engine_may_reuse_its_buffer_at_once() -> None:
    buffer = visit_rows(VISITS_OF_TWO)
    with LogWriter(codebook()) as writer:
        writer.visits(columns_of(buffer), 0)
        buffer["arrived"], buffer["customer"], buffer["outcome"], buffer["need"] = 99.0, 99, 0, 0
        writer.customers(columns_of(customer_rows(TWO)), 0)
        log = writer.close(provenance())
    assert log == small_log((VISITS_OF_TWO, TWO))


def test_a_log_on_disk_equals_the_same_log_in_memory_whatever_the_order_of_rows(tmp_path: Path) -> None:
    in_memory = random_log(500, seed=1)
    on_disk = random_log(500, seed=1, out=tmp_path / "run", chunk=64, shuffle=True)
    assert in_memory == on_disk and on_disk == in_memory
    assert in_memory == open_log(tmp_path / "run")
    pd.testing.assert_frame_equal(in_memory.visits_frame(), on_disk.visits_frame())


def test_a_single_last_bit_makes_logs_differ_and_the_cell_is_named() -> None:
    changed = [dict(row) for row in VISITS_OF_TWO]
    changed[1]["ended"] = np.nextafter(0.4, 1.0)
    one, other = small_log((VISITS_OF_TWO, TWO)), small_log((changed, TWO))
    assert one != other
    said = one.describe_difference(other)
    assert said == "visits: replication 0, customer 0, visit 2: ended is 0.4 here, 0.4000000000000001 there"


def test_a_missing_row_a_null_and_a_word_are_differences_too() -> None:
    log = small_log((VISITS_OF_TWO, TWO))
    assert log.describe_difference(small_log((VISITS_OF_TWO[1:], TWO))) == (
        "visits: 3 rows here, 2 there; the first 2 are equal"
    )
    with_null = [VISITS_OF_TWO[0], VISITS_OF_TWO[1] | {"emotion": np.nan}, VISITS_OF_TWO[2]]
    assert "emotion is 0.25 here, None there" in str(log.describe_difference(small_log((with_null, TWO))))
    other_word = small_log((VISITS_OF_TWO, [TWO[0], TWO[1] | {"segment": "young"}]))
    assert "segment is 'old' here, 'young' there" in str(log.describe_difference(other_word))


def test_large_logs_are_compared_in_blocks_of_replications(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("touchsim.log.eventlog._ROWS_AT_ONCE", 10)
    changed = [VISITS_OF_TWO[0] | {"ended": 0.8}, *VISITS_OF_TWO[1:]]
    same = [(VISITS_OF_TWO, TWO)] * 9
    log = small_log(*same)
    assert log == small_log(*same, out=tmp_path / "same")
    said = log.describe_difference(small_log(*same[:7], (changed, TWO), same[0], out=tmp_path / "other"))
    assert said == "visits: replication 7, customer 1, visit 1: ended is 0.75 here, 0.8 there"
    assert "rows" in str(log.describe_difference(small_log(*same[:8])))


def test_provenance_stands_in_the_files(tmp_path: Path) -> None:
    log = small_log((VISITS_OF_TWO, TWO), out=tmp_path)
    stamp = json.loads(pq.read_metadata(tmp_path / "customers.parquet").metadata[b"touchsim"])
    assert stamp == log.provenance == open_log(tmp_path).provenance
    assert stamp["scenario"] == "small"
    assert log.visits_frame().attrs["provenance"]["scenario"] == "small"


def test_an_interrupted_run_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), LogWriter(codebook(), tmp_path) as writer:
        writer.visits(columns_of(visit_rows(VISITS_OF_TWO)), 0)
        raise KeyboardInterrupt
    assert list(tmp_path.iterdir()) == []


def test_a_touchpoint_code_out_of_range_is_refused() -> None:
    rows = visit_rows(VISITS_OF_TWO)
    rows["touchpoint"][0] = 17
    with LogWriter(codebook()) as writer, pytest.raises(IndexError):
        writer.visits(columns_of(rows), 0)


def test_a_folder_that_is_no_run_is_refused_with_every_reason_at_once(tmp_path: Path) -> None:
    (tmp_path / "customers.parquet").write_bytes(b"\x00\x01 not parquet")
    with pytest.raises(BadInput) as caught:
        open_log(tmp_path)
    assert [finding.law for finding in caught.value.findings] == [
        "a run folder must hold this file", "must be a Parquet file",
    ]  # fmt: skip


def test_a_log_of_nobody_is_a_log() -> None:
    log = small_log(([], []))
    assert (log.n_visits, log.n_customers) == (0, 0)
    assert list(log.visits_frame().columns) == VISITS.names


def test_a_customer_may_live_through_more_journeys_than_two_bytes_hold():
    log = small_log(([{"customer": 0, "journey": 70_000}], [{"customer": 0, "journeys": 70_000}]))
    assert log.visits_frame()["journey"].tolist() == log.customers_frame()["journeys"].tolist() == [70_000]
    assert VISIT_ROW["journey"] == CUSTOMER_ROW["journeys"]


def test_every_list_of_words_fits_into_one_byte():
    lists = {name: getattr(words, name) for name in words.__all__ if name.isupper()}
    codes = {name: len(value) for name, value in lists.items() if isinstance(value, (tuple, dict))}
    assert {"STAGES", "STEPS", "NEEDS", "CHANNELS", "OUTCOMES", "DECISIONS", "STATUSES", "REASONS", "CAUSES",
            "ORIGINS"} <= set(codes)  # fmt: skip
    assert {name: count for name, count in codes.items() if count > np.iinfo(np.int8).max} == {}
