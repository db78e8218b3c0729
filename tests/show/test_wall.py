"""The map to pin to the wall: every cell with its lanes, the weakest with their reason, and what changes."""

from __future__ import annotations

import re

import pandas as pd
import pytest

import touchsim as ts
from tests.show.test_report import read
from touchsim.show.report import write_map_report, write_run_report
from touchsim.show.wall import maps_of, sections_of_map
from touchsim.vocabulary import CHANNELS, LANES, PHASES, STEPS, keys, label


@pytest.fixture(scope="module")
def variant(shop):
    return ts.simulate(shop.with_("faster_returns"), customers=300, seed=3, replications=3)


@pytest.fixture(scope="module")
def pinned(tmp_path_factory, several, variant, shop):
    """Pages of a map and of a map with its variant."""
    folder = tmp_path_factory.mktemp("wall")
    paths = {name: folder / name / "report.html" for name in ("plain", "paired")}
    for path in paths.values():
        path.parent.mkdir()
    write_map_report(paths["plain"], maps_of(several), shop)
    write_map_report(paths["paired"], maps_of(several, variant), shop)
    return paths


def test_the_page_is_sound_html_that_fetches_nothing(pinned):
    for path in pinned.values():
        source, page = path.read_text(encoding="utf-8"), read(path)
        written = re.sub(r"data:image/[a-z+]+;base64,[A-Za-z0-9+/=]+", "", source)  # base64 has slashes of its own
        assert not re.search(r"https?://|//[a-z]|@import|<script|<link|url\(", written)
        assert all(link.removeprefix("#") in page.ids for link in page.links)
        assert page.tags.count("table") == page.tags.count("caption")
        assert len(page.ids) == len(set(page.ids))
        assert not re.search(r"\b\d\.\d{7,}|\bnan\b|\bNone\b|e-\d\d", page.text.replace("0.068.1", ""))
        assert path.stat().st_size < 2_000_000


def test_every_cell_of_the_map_is_a_tile_with_its_lanes(pinned, several):
    source, text = pinned["plain"].read_text(encoding="utf-8"), read(pinned["plain"]).text
    cells = ts.touchpoint_map(several)
    assert source.count('<div class="tile') == len(cells)
    assert source.count('<div class="tile sparse"') == cells["sparse"].sum() > 0
    assert source.count(f"<dt>{LANES[3].label}</dt>") == cells["emotion"].notna().sum()
    assert source.count(f"<dt>{LANES[2].label}</dt>") == (cells["sent"] > 0).sum()
    for word in (*STEPS, *PHASES, *LANES):
        assert word.label in text
    assert all(label(channel) in text for channel in cells["channel"])


def test_the_answer_names_the_weakest_touchpoint_with_interval_and_reason(pinned, several):
    weak = ts.weakest_touchpoints(several).iloc[0]
    name = several.provenance["touchpoints"][weak["touchpoint"]]["label"]
    text = read(pinned["plain"]).text
    low = f"{weak['loss_low']:.4f}".replace("-", "−")
    assert f"The weakest touchpoint is {name}: it costs {weak['loss']:.4f} ({low} to" in text
    assert ("its interval does not tell from nothing" in text) == (weak["loss_low"] < 0)
    assert f"; {weak['reason']}." in text
    assert "one of symptoms, not of what mending them would bring" in text


def test_with_a_variant_the_page_shows_both_maps_and_only_sure_changes_in_its_table(pinned, several, variant):
    text = pinned["paired"].read_text(encoding="utf-8")
    titles = re.findall(r'<h2 id="(\w+)"', text)
    assert titles == ["answer", "care", "map", "to_be", "difference", "weakest", "features", "provenance",
                      "assumptions"]  # fmt: skip
    change = ts.map_difference(several, variant)
    sure = change[(change["low"] > 0) | (change["high"] < 0)]
    table = text[text.index("paired interval leaves zero out"):text.index('<h2 id="weakest"')]
    assert table.count("<tr>") == len(sure) + 1 > 1
    assert "With faster_returns, emotion changes most in the channel" in text


def test_pictures_of_maps_lie_beside_the_page_that_shows_them_as_grids(pinned):
    names = {path.name for path in (pinned["paired"].parent / "pictures").iterdir()}
    assert names == {"touchpoint_map.png", "touchpoint_map_to_be.png", "weakest.png", "difference_emotion.png",
                     "difference_wait_minutes.png", "difference_contacts.png"}  # fmt: skip
    assert len(read(pinned["paired"]).images) == 4


def test_tables_of_the_page_are_those_of_the_verbs(several, variant):
    tables = maps_of(several, variant).tables()
    pd.testing.assert_frame_equal(tables["touchpoint_map"], ts.touchpoint_map(several))
    pd.testing.assert_frame_equal(tables["touchpoint_map_to_be"], ts.touchpoint_map(variant))
    pd.testing.assert_frame_equal(tables["map_difference"], ts.map_difference(several, variant))
    pd.testing.assert_frame_equal(tables["weakest"], ts.weakest_touchpoints(several))


def test_a_single_run_and_an_empty_run_say_what_they_are(tmp_path, single, nobody, shop):
    write_map_report(tmp_path / "report.html", maps_of(single, single), shop)
    text = read(tmp_path / "report.html").text
    assert "All figures come from a single run" in text and "single run: no intervals" in text and "±" not in text
    write_map_report(tmp_path / "nobody.html", maps_of(nobody, nobody), shop)
    assert "Nobody had a contact" in read(tmp_path / "nobody.html").text


def test_the_report_of_a_run_names_the_weakest_touchpoints_beside_the_map(tmp_path, several, shop):
    write_run_report(tmp_path / "report.html", several, shop)
    text = read(tmp_path / "report.html").text
    weak = ts.weakest_touchpoints(several)
    assert "1. " + several.provenance["touchpoints"][weak["touchpoint"][0]]["label"] in text
    assert weak["reason"][0] in text


def test_long_names_of_channels_break_where_their_language_allows_it(several) -> None:
    with ts.language("de"):
        names = [name for name, _ in sections_of_map(maps_of(several))[0].grids[0].rows]
        known = {label(key) for key in keys(CHANNELS)}
    whole = [name.replace("\u00ad", "") for name in names]
    assert set(whole) <= known and "Suchmaschine" in whole
    assert any("\u00ad" in name for name in names)
