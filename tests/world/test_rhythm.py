"""What a segment may say of the rhythm of its arrivals, and what is said back to it when that is wrong."""

from __future__ import annotations

from typing import Any

import pytest

from touchsim.errors import BadInput
from touchsim.world.arrivals import MONTHS, WEEKDAYS, Rhythm, day_of
from touchsim.world.scenario import Scenario, load_scenario

# name: (what the segment says, what must be said back)
BROKEN: dict[str, tuple[dict[str, Any], str]] = {
    "unknown weekday": ({"weekdays": {"satu": 2.0}}, "did you mean 'sat'"),
    "unknown month": ({"season": {"april": 2.0}}, "did you mean 'apr'"),
    "negative factor": ({"weekdays": {"sat": -1.0}}, r"weekdays\.sat: must be (at least 0|0 or more)"),
    "negative season": ({"season": {"dec": -1.0}}, r"season\.dec"),
    "negative hour": ({"hours": {"09:00-17:00": -1.0}}, r"hours\.09:00-17:00"),
    "an endless factor": ({"weekdays": {"sat": float("inf")}}, r"weekdays\.sat"),
    "a week of nothing": ({"weekdays": dict.fromkeys(WEEKDAYS, 0.0)}, "factors of all seven weekdays are 0"),
    "a year of nothing": ({"season": dict.fromkeys(MONTHS, 0.0)}, "factors of all twelve months are 0"),
    "a day of nothing": ({"hours": {"06:00-18:00": 0.0, "18:00-06:00": 0.0}}, "factors of all hours are 0"),
    "no span": ({"hours": {"nine to five": 2.0}}, "must be a span of the day"),
    "an hour that is none": ({"hours": {"09:00-25:00": 2.0}}, "must be a span of the day"),
    "after midnight": ({"hours": {"09:00-24:30": 2.0}}, "24:00 at the latest"),
    "no time at all": ({"hours": {"09:00-09:00": 2.0}}, "begins before it ends"),
    "hours that overlap": ({"hours": {"09:00-17:00": 2.0, "16:00-20:00": 3.0}}, "overlaps with '09:00-17:00'"),
    "overlap at night": ({"hours": {"22:00-02:00": 2.0, "01:00-03:00": 3.0}}, "overlaps with '22:00-02:00'"),
    "shrinking to nothing": ({"trend": -1.0}, "trend: must be above -1"),
    "growth beyond all numbers": ({"trend": 11.0}, "trend: must be at most 10"),
    "half a customer": ({"stock": 1.5}, "stock: must be a whole number"),
    "fewer than nobody": ({"stock": -1}, "stock: must be at least 0"),
    "unknown stage": ({"stock_as": "custumer"}, "did you mean 'customer'"),
    "a stage too deep": ({"stock_as": "advocate"}, "stock_as: must be one of"),
    "a bus with weekdays": ({"every": "1 day", "weekdays": {"sun": 0.0}}, "every: customers who come every so often"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_rhythm_is_a_clean_finding(name: str) -> None:
    segment, said = BROKEN[name]
    with pytest.raises(BadInput, match=said):
        load_scenario("corner_shop").with_(segments={"neighbours": segment})


def test_all_findings_come_at_once() -> None:
    wrong = {"weekdays": {"sut": 1.0, "mon": -1.0}, "hours": {"9-17": 1.0}, "trend": -2.0}
    with pytest.raises(BadInput) as bad:
        load_scenario("corner_shop").with_(segments={"neighbours": wrong})
    assert len(bad.value.findings) == 4


def test_a_rhythm_reads_back_from_its_own_yaml(tmp_path: Any) -> None:
    said = {"weekdays": {"sat": 1.6}, "season": {"dec": 1.9}, "hours": {"22:00-06:00": 0.1}, "trend": -0.1, "stock": 7}
    shop = load_scenario("corner_shop").with_(segments={"neighbours": said})
    (tmp_path / "again.yaml").write_text(shop.to_yaml(), encoding="utf-8")
    again: Scenario = load_scenario(tmp_path / "again.yaml")
    assert again.segments == shop.segments and again.hash == shop.hash != load_scenario("corner_shop").hash


def test_factors_that_a_scenario_sets_are_among_its_assumptions() -> None:
    said = {"weekdays": {"sat": 1.6}, "hours": {"22:00-06:00": 0.1}}
    table = load_scenario("corner_shop").with_(segments={"neighbours": said}).assumptions().set_index("path")
    assert table.loc["segments.neighbours.weekdays.sat", "value"] == 1.6
    assert table.loc["segments.neighbours.hours.22:00-06:00", "kind"] == "assumption"


def test_a_day_is_cut_where_spans_begin_and_end() -> None:
    assert day_of(Rhythm()) == [(1.0, 1.0)]
    assert day_of(Rhythm(hours={"00:00-06:00": 0.0, "06:00-24:00": 2.0})) == [(0.25, 0.0), (1.0, 2.0)]
    assert day_of(Rhythm(hours={"12:00-18:00": 3.0})) == [(0.5, 1.0), (0.75, 3.0), (1.0, 1.0)]
    assert day_of(Rhythm(hours={"18:00-00:00": 3.0})) == [(0.75, 1.0), (1.0, 3.0)]


def test_only_factors_other_than_one_make_a_rhythm() -> None:
    assert not Rhythm(weekdays={"mon": 1.0}, stock=5).flows
    assert Rhythm(weekdays={"mon": 1.0 + 1e-12}).flows and Rhythm(trend=1e-12).flows
