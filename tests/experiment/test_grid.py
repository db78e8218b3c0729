"""What a design grid promises: every combination once, the dial where it says, and a threat that shows."""

from __future__ import annotations

import dataclasses
import json

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


@pytest.mark.parametrize("dial", [dial for dial, place in DIALS.items() if place])
def test_a_dial_turns_one_number_or_word_of_the_questionnaire(dial: str) -> None:
    value = {"items": 4, "points": 5, "careless": 0.5, "asked": "all", "returns_judged": "impression"}.get(dial, 0.7)
    card = ts.design_grid(ts.load_scenario("corner_shop"), n=80, studies=2, workers=1, **{dial: (value,)}).cards[0]
    said = card.design["interventions"][0]
    assert said.count(":") == 1 + len(DIALS[dial]) and f": {json.dumps(value)}" in said


def test_a_facet_that_is_omitted_is_in_no_regression_of_its_setting() -> None:
    grid = ts.design_grid(SHOP, n=200, studies=4, workers=1, omitted=("none", "returns"), asked=("buyers", "returners"))
    assert [tuple(one.values()) for one in grid.settings][1:3] == [("none", "returners"), ("returns", "buyers")]
    terms = grid.table.groupby(["omitted", "asked"])["term"].nunique()
    assert terms["none"].eq(9).all() and terms["returns"].eq(8).all()
    assert not (grid.table["omitted"].eq("returns") & grid.table["term"].eq("returns")).any()
    same = ts.score_card(SHOP, n=200, studies=4, workers=1, estimators=("ols",))
    first = grid.table.query("omitted == 'none' and asked == 'buyers' and estimator == 'ols'")
    assert first["mean"].tolist() == same.table["mean"].tolist(), "a word that changes nothing changes nothing"
    assert "omitted: ease of return, asked: returners" in grid.text


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


def test_what_no_setting_has_cannot_be_drawn_or_counted(grid: DesignGrid) -> None:
    for odd, hint in (("retruns", "did you mean 'returns'"), ("delivery", "known: "), ("", "known: "), (3, "known: "),
                      (["returns"], "known: ")):  # fmt: skip
        with pytest.raises(ts.BadInput, match=hint) as caught:
            grid.plot(driver=odd)
        assert [finding.where for finding in caught.value.findings] == ["driver"]
    without = dataclasses.replace(grid, table=grid.table[grid.table["term"] != "returns"])
    with pytest.raises(ts.BadInput, match="no setting has this driver in its regression"):
        without.plot(driver="returns")
    for power in (0.0, 1.0, 80, "high", None, float("nan"), True, [0.8]):
        with pytest.raises(ts.BadInput, match=r"must be above 0\.05 and below 1") as caught:
            grid.smallest_n(power)
        assert len(caught.value.findings) == 1
    assert grid.plot(driver="returns").get_yticklabels()


def test_a_grid_speaks_the_language_and_its_tables_do_not(grid: DesignGrid) -> None:
    with ts.language("nl"):
        names = [tick.get_text().replace("\n", " ") for tick in grid.plot().get_yticklabels()]
        assert "stemming 0,9, plafond 1,5" in grid.text and "halo" not in grid.text
        assert names[3] == "stemming 0,9, plafond 1,5"
        assert list(grid.table.columns[:2]) == list(grid.smallest_n().columns[:2]) == ["halo", "ceiling"]


def test_a_setting_in_which_an_estimator_finds_nothing_says_none(grid: DesignGrid) -> None:
    lost = (grid.table["halo"] == 0.9) & (grid.table["estimator"] == "corrected")
    empty = grid.table.assign(**{name: grid.table[name].mask(lost) for name in ("mean", "emp_se", "coverage")},
                              studies=grid.table["studies"].mask(lost, 0), failed=20 * lost)  # fmt: skip
    ax = dataclasses.replace(grid, table=empty).plot()
    words = [text.get_text() for text in ax.texts if text.get_gid() == "coverage"]
    assert len(words) == 8 and words.count("none") == 2 and len(ax.get_yticklabels()) == 4
    assert sum(line.get_gid() == "estimate" for line in ax.lines) == 6
    said = " ".join(" ".join(text.get_text() for text in ax.texts).split())
    assert "20 studies of 300 respondents" in said and "none: no study gave an estimate" in said


def test_settings_of_the_wrong_kind_are_findings_before_any_study() -> None:
    with pytest.raises(ts.BadInput) as caught:
        ts.design_grid(SHOP, n="500", estimators="olz", halo=None, ceiling=([0.1],))
    assert [finding.where for finding in caught.value.findings] == ["n", "estimators", "halo", "ceiling"]
    with pytest.raises(ts.BadInput, match=r"15 points or fewer \(got 101 points\)"):
        ts.design_grid(SHOP, n=50, studies=2, estimators=["sem_wlsmv"], points=(5, 101), progress=pytest.fail)
    halves = (half / 2 for half in range(2))
    assert len(ts.design_grid(SHOP, n=50, studies=2, workers=1, estimators="ols", halo=halves).settings) == 2


def test_settings_that_make_no_sense_are_found_together() -> None:
    with pytest.raises(ts.BadInput) as caught:
        ts.design_grid(SHOP, haloo=(0.1,), ceiling=(), items=(3, 3))
    assert [finding.where for finding in caught.value.findings] == ["haloo", "ceiling", "items"]
    with pytest.raises(ts.BadInput) as caught:
        ts.design_grid(SHOP, halo=("much", True), asked=(1, "byers"), omitted=("delivery", "fulfillment"))
    assert [finding.where for finding in caught.value.findings] == ["halo", "halo", "asked", "omitted", "omitted"]
    assert "did you mean 'fulfilment'" in str(caught.value)
    with pytest.raises(ts.BadInput, match="did you mean 'buyers'"):
        ts.design_grid(SHOP, asked=("byers",))
    with pytest.raises(ts.BadInput, match="points"):
        ts.design_grid(SHOP, n=50, studies=2, points=(7, 500))
    with pytest.raises(ts.BadInput, match="names nothing"):
        ts.design_grid(SHOP)
