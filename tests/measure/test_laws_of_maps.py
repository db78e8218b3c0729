"""What must hold for the map of any log: counted again in pandas, and on simulated worlds."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings

import touchsim as ts
from tests.measure.test_laws_of_measures import logs
from touchsim.log.eventlog import EventLog, open_log
from touchsim.measure.features import features_shown
from touchsim.measure.figures import kpis_by_replication

SHOP = ts.load_scenario("webshop")


@pytest.fixture(scope="module")
def log() -> EventLog:
    return ts.simulate(SHOP, customers=400, replications=3, seed=5)


@settings(max_examples=12, deadline=None)
@given(logs)
def test_sums_over_cells_are_the_sums_over_everything(log: EventLog) -> None:
    cells, visits, runs = ts.touchpoint_map(log), log.visits_frame(), log.provenance["replications"]
    by_brand = visits["touchpoint"].isin(["newsletter", "parcel"])
    assert cells["contacts"].sum() * runs == pytest.approx(len(visits))
    assert cells["asked"].sum() * runs == pytest.approx((~by_brand).sum())
    assert cells["sent"].sum() * runs == pytest.approx(by_brand.sum())
    np.testing.assert_allclose(cells["asked"] + cells["sent"], cells["contacts"])


@settings(max_examples=12, deadline=None)
@given(logs)
def test_losses_sum_to_zero_and_their_parts_to_the_losses(log: EventLog) -> None:
    table = ts.weakest_touchpoints(log).dropna(subset="loss")
    assert table["loss"].sum() == pytest.approx(0, abs=1e-12)
    np.testing.assert_allclose(table.filter(like="from_").sum(axis=1), table["loss"], atol=1e-12)
    assert table["loss"].is_monotonic_decreasing
    named = table[table["part"].notna()]
    np.testing.assert_allclose(
        named["part"], [row[f"from_{row['cause']}"] for row in named.to_dict("records")], atol=1e-12
    )


@settings(max_examples=8, deadline=None)
@given(logs)
def test_the_difference_of_a_log_with_itself_is_zero_everywhere(log: EventLog) -> None:
    table = ts.map_difference(log, log)
    assert (table["difference"] == 0).all()
    assert (table["base"] == table["value"]).all()


def test_the_map_of_a_world_agrees_with_its_key_figures(log: EventLog) -> None:
    cells = ts.touchpoint_map(log)
    figures = kpis_by_replication(log)
    whole = figures[figures["group"] == "all"].groupby("kpi")["value"].mean()
    assert cells["contacts"].sum() == pytest.approx(whole["contacts"])
    assert cells["cost"].sum() == pytest.approx(whole["cost"])
    visits = log.visits_frame()
    part = visits[(visits["step"] == "after_sales") & (visits["channel"] == "delivery")]
    runs = part.groupby("replication")
    row = cells.set_index(["step", "channel"]).loc[("after_sales", "delivery")]
    assert row["negative"] == pytest.approx(runs["emotion"].agg(lambda felt: (felt.dropna() < 0).mean()).mean())
    assert row["emotion"] == pytest.approx(runs["emotion"].mean().mean())


def test_every_facet_of_a_world_stands_where_its_touchpoints_were_met(log: EventLog) -> None:
    table = features_shown(log)
    visits = log.visits_frame()
    served = visits[visits["outcome"] == "served"]
    for facet in ("returns", "checkout"):
        places = [key for key, place in SHOP.touchpoints.items() if facet in place.facets]
        count = served["touchpoint"].isin(places).sum() / 3
        assert table.loc[table["facet"] == facet, "contacts"].sum() == pytest.approx(count)
    assert table["quality"].between(-5, 5).all() and (table["share"] <= 1).all()


def test_quality_is_weighed_by_how_often_each_touchpoint_of_a_cell_was_met(log: EventLog) -> None:
    visits = log.visits_frame()
    here = visits[(visits["step"] == "alternatives") & (visits["channel"] == "website")]
    shown = {key: [facet.mean for facet in place.facets.values()] for key, place in SHOP.touchpoints.items()}
    runs = [[value for place in run["touchpoint"] for value in shown[place]] for _, run in here.groupby("replication")]
    row = ts.touchpoint_map(log).set_index(["step", "channel"]).loc[("alternatives", "website")]
    assert row["quality"] == pytest.approx(np.mean([np.mean(values) for values in runs]))
    assert row["quality_low"] < row["quality"] < row["quality_high"]
    assert row["facets"].startswith("product_information, "), "both touchpoints show it"


def test_mending_what_is_named_mends_the_cell(log: EventLog) -> None:
    """Refunds within the standard take the slow refunds away, and the cells of returns feel better."""
    named = ts.weakest_touchpoints(log).set_index("touchpoint")
    assert named.loc["return_parcel", "cause"] in ("slow_refund", "poor_evidence")
    days = {"handling": "1 day"}
    mended = ts.simulate(SHOP.with_(touchpoints={"return_parcel": days, "return_desk": days}), customers=400,
                         replications=3, seed=5)  # fmt: skip
    assert ts.weakest_touchpoints(mended).set_index("touchpoint").loc["return_parcel", "from_slow_refund"] == 0
    change = ts.map_difference(log, mended).set_index(["channel", "figure"])
    assert change.loc[("desk", "emotion"), "low"].item() > 0


def test_a_map_from_disk_equals_the_map_from_memory_bit_for_bit(tmp_path, log: EventLog) -> None:
    ts.simulate(SHOP, customers=400, replications=3, seed=5, out=tmp_path)
    again = open_log(tmp_path)
    for measure in (ts.touchpoint_map, ts.weakest_touchpoints, features_shown):
        pd.testing.assert_frame_equal(measure(log), measure(again), check_exact=True)
    assert (ts.map_difference(log, again)["difference"] == 0).all()


def test_a_log_that_does_not_say_what_touchpoints_show_still_has_a_map(log: EventLog) -> None:
    less = {key: {name: value for name, value in facts.items() if name in ("channel", "started_by", "capacity")}
            for key, facts in log.provenance["touchpoints"].items()}  # fmt: skip
    real = dataclasses.replace(log, provenance=log.provenance | {"touchpoints": less})
    assert features_shown(real).empty
    cells = ts.touchpoint_map(real)
    assert (cells["facets"] == "").all() and cells["quality"].isna().all()
    pd.testing.assert_series_equal(cells["emotion"], ts.touchpoint_map(log)["emotion"])
    assert "weak even when nothing goes wrong" in set(ts.weakest_touchpoints(real)["reason"])
