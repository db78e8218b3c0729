"""What a design grid promises: every combination once, the dial where it says, and a threat that shows."""

from __future__ import annotations

import pytest

import touchsim as ts
from touchsim.experiment.grid import DIALS, DesignGrid

SHOP = ts.load_scenario("webshop")


@pytest.fixture(scope="module")
def grid() -> DesignGrid:
    return ts.design_grid(SHOP, n=[100, 300], studies=20, workers=1, halo=(0.0, 0.9), ceiling=(0.3, 1.5))


def test_every_combination_has_a_card_of_its_own(grid: DesignGrid) -> None:
    assert [tuple(one.values()) for one in grid.settings] == [(0.0, 0.3), (0.0, 1.5), (0.9, 0.3), (0.9, 1.5)]
    assert len(grid.table) == 4 * 2 * 2 * 9 * 2 and list(grid.table.columns[:2]) == ["halo", "ceiling"]
    assert len(grid.ranks) == 4 * 2 * 2


@pytest.mark.parametrize("dial", DIALS)
def test_a_dial_turns_one_number_of_the_questionnaire(dial: str) -> None:
    value = {"items": 4, "points": 5, "careless": 0.5}.get(dial, 0.7)
    card = ts.design_grid(ts.load_scenario("corner_shop"), n=80, studies=2, workers=1, **{dial: (value,)}).cards[0]
    said = card.design["interventions"][0]
    assert said.count(":") == 1 + len(DIALS[dial]) and f": {value}" in said


def test_a_ceiling_hides_a_part_of_what_drives(grid: DesignGrid) -> None:
    strong = grid.table[(grid.table["truth"] > 0.3) & (grid.table["respondents"] == 300) & (grid.table["halo"] == 0)]
    found = strong.groupby(["estimator", "ceiling"])["mean"].mean().unstack()
    assert (found[1.5] < found[0.3] - 0.02).all()
    assert strong.groupby("term")["truth"].nunique().eq(2).all(), "one truth for each estimand, in every setting"


def test_the_smallest_n_is_told_for_every_setting(grid: DesignGrid) -> None:
    found = grid.smallest_n(0.8)
    assert len(found) == 4 * 2 * 9 and list(found.columns[:2]) == ["halo", "ceiling"]
    assert (found["respondents"] == 300).all()


def test_the_grid_says_and_draws_every_setting(grid: DesignGrid) -> None:
    assert "halo 0.9, ceiling 1.5" in grid.text
    names = [tick.get_text().replace("\n", " ") for tick in grid.plot().get_yticklabels()]
    assert names == ["halo 0, ceiling 0.3", "halo 0, ceiling 1.5", "halo 0.9, ceiling 0.3", "halo 0.9, ceiling 1.5"]


def test_settings_that_make_no_sense_are_found_together() -> None:
    with pytest.raises(ts.BadInput) as caught:
        ts.design_grid(SHOP, haloo=(0.1,), ceiling=(), items=(3, 3))
    assert [finding.where for finding in caught.value.findings] == ["haloo", "ceiling", "items"]
    with pytest.raises(ts.BadInput, match="points"):
        ts.design_grid(SHOP, n=50, studies=2, points=(7, 500))
    with pytest.raises(ts.BadInput, match="names nothing"):
        ts.design_grid(SHOP)
