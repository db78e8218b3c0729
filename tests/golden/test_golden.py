"""The same seed tells the same story as when the golden numbers were written."""

from __future__ import annotations

import copy
import json
from pathlib import Path

import pytest

from tests.golden.write import FILE, SCENARIOS, differences, flat, run_numbers, study_numbers

ROOT = Path(__file__).resolve().parents[2]
GOLDEN = json.loads(FILE.read_text(encoding="utf-8"))
ADVICE = "golden numbers changed; if they should: make golden, and a line marked [NUMBERS] in CHANGELOG.md"


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_run_is_what_it_was(name: str) -> None:
    found = differences(GOLDEN[name]["run"], run_numbers(name))
    assert not found, "\n".join([ADVICE, *found[:20]])


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_study_is_what_it_was(name: str) -> None:
    found = differences(GOLDEN[name]["study"], study_numbers(name))
    assert not found, "\n".join([ADVICE, *found[:20]])


def test_a_change_of_one_cent_or_of_the_eighth_digit_is_seen() -> None:
    changed = copy.deepcopy(GOLDEN)
    changed["webshop"]["run"]["revenue_cents"] += 1
    changed["webshop"]["run"]["sums"]["satisfaction"] *= 1 + 1e-8
    del changed["corner_shop"]["run"]["outcome"]["abandoned"]
    assert len(differences(GOLDEN, changed)) == 3
    assert not differences(GOLDEN, copy.deepcopy(GOLDEN))


def test_the_file_is_small_and_holds_no_gap() -> None:
    assert FILE.stat().st_size < 50_000
    leaves = flat(GOLDEN)
    assert len(leaves) > 300
    assert all(value == value and isinstance(value, (int, float)) for value in leaves.values())


def test_changes_have_a_place_in_the_changelog() -> None:
    assert "**[NUMBERS]**" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
