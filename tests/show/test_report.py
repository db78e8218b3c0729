"""Reports: the answer first, nothing hidden, nothing fetched, the same every time."""

from __future__ import annotations

import dataclasses
import re
from html.parser import HTMLParser
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

import touchsim as ts
from touchsim.languages import language
from touchsim.measure.definitions import kpi_of
from touchsim.show.drivers import _errors
from touchsim.show.journeys import answer_of_run, measures_of, sections_of_run
from touchsim.show.page import Cell
from touchsim.show.report import write_compare_report, write_run_report, write_study_report

VOID = {"meta", "img", "br", "link", "input"}


class Reader(HTMLParser):
    """Reads a page strictly: every tag closed in order; collects text, images, captions, ids and links."""

    def __init__(self) -> None:
        super().__init__()
        self.open, self.words, self.images, self.ids, self.links, self.tags = [], [], [], [], [], []

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        self.tags.append(tag)
        if tag == "img":
            self.images.append(attributes)
        if "id" in attributes:
            self.ids.append(attributes["id"])
        if "href" in attributes:
            self.links.append(attributes["href"])
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open and self.open.pop() == tag, f"</{tag}> closes nothing"

    def handle_data(self, data):
        if not self.open or self.open[-1] != "style":
            self.words.append(data)

    @property
    def text(self):
        return re.sub(r"\s+", " ", " ".join(self.words))


def read(path):
    reader = Reader()
    reader.feed(path.read_text(encoding="utf-8"))
    reader.close()
    assert not reader.open
    return reader


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("reports")


@pytest.fixture(scope="module")
def pages(folder, single, several, shop, study, comparison):
    """All kinds of reports."""
    paths = {}
    for name in ("run", "runs", "study", "survey", "compare"):
        (folder / name).mkdir()
        paths[name] = folder / name / "report.html"
    write_run_report(paths["run"], single, shop)
    write_run_report(paths["runs"], several, shop)
    write_study_report(paths["study"], study, scenario=shop, log=several)
    write_study_report(paths["survey"], study)
    write_compare_report(paths["compare"], comparison)
    return paths


def test_every_report_is_sound_html_that_fetches_nothing_and_shows_every_picture_in_words(pages):
    for path in pages.values():
        source, page = path.read_text(encoding="utf-8"), read(path)
        assert source.startswith('<!DOCTYPE html>\n<html lang="en">')
        written = re.sub(r"data:image/[a-z+]+;base64,[A-Za-z0-9+/=]+", "", source)  # base64 has slashes of its own
        assert not re.search(r"https?://|//[a-z]|@import|<script|<link|url\(", written)
        assert "default-src 'none'" in source
        assert all(image["src"].startswith("data:image/") for image in page.images)
        assert all(len(image["alt"]) > 30 for image in page.images)
        assert page.tags.count("table") == page.tags.count("caption")
        assert len(page.ids) == len(set(page.ids))
        assert all(link.removeprefix("#") in page.ids for link in page.links)
        assert path.stat().st_size < 2_000_000


def test_the_answer_stands_before_everything_else_with_all_warnings_right_below(pages, study):
    source = pages["study"].read_text(encoding="utf-8")
    answer, first = source.index("Offline leads."), source.index("<img")
    assert answer < source.index("&lt;mood&gt;") < source.index("180 of 600 rows had a gap.") < first
    assert "<mood>" not in source


def test_a_study_report_shows_its_parts_in_the_order_in_which_they_are_needed(pages):
    titles = re.findall(r'<h2 id="(\w+)"', pages["study"].read_text(encoding="utf-8"))
    assert titles == ["answer", "care", "drivers", "importance", "scales", "words", "funnel", "map", "journeys",
                      "emotion", "kpis", "provenance", "assumptions"]  # fmt: skip


def test_a_report_of_a_real_survey_shows_no_simulated_customers(pages):
    page = read(pages["survey"])
    assert not {"funnel", "map", "assumptions", "provenance"} & set(page.ids)
    assert {"drivers", "importance", "scales"} <= set(page.ids)
    source = pages["survey"].read_text(encoding="utf-8")
    assert "Map of importance against performance: ease of return 45" in source and "(concentrate here)" in source


def test_a_report_of_a_survey_file_says_which_file_and_how_it_was_read(tmp_path):
    rows = "".join(f"{k % 7},{k % 5},{(k * k) % 7 + k % 5}\n" for k in range(90))
    (tmp_path / "mine.csv").write_text(f"a,b,c\n{rows}")
    model = {"drivers": {"c": ["a", "b"]}, "missing": {"codes": {"a": [-99]}}}
    study = ts.study_survey(tmp_path / "mine.csv", model, draws=100)
    write_study_report(tmp_path / "report.html", study)
    text = read(tmp_path / "report.html").text
    assert "Report of a study of the survey mine.csv" in text and str(tmp_path) not in text
    for fact in ("survey mine.csv", f"sha256 {study.provenance['sha256']}", "rows 90", "missing codes a: -99",
                 "missing rows listwise", "estimator ols"):  # fmt: skip
        assert fact in text
    assert "truth" not in text, "nobody knows the truth of a real survey"


def test_a_single_run_is_called_so_in_warning_sentences_and_tables(pages):
    one, many = read(pages["run"]).text, read(pages["runs"]).text
    assert "All figures come from a single run" in one
    assert one.count("single run") > 30
    assert "single run" not in many.replace("says that it comes from a single run", "")


def test_numbers_are_written_for_people(pages):
    text = read(pages["study"]).text
    assert "p < .001" in text and "p = .005" in text
    assert "180 of 600 rows lost" in text and "0.612" in text
    assert re.search(r"\d EUR", text) and " cents" not in text
    assert not re.search(r"\b\d\.\d{7,}|\bnan\b|\bNone\b|e-\d\d", text.replace("0.068.1", ""))


def test_pictures_lie_beside_the_report_as_png_and_are_returned(tmp_path, several, shop):
    written = write_run_report(tmp_path / "report.html", several, shop)
    names = ["funnel", "touchpoint_map", "waits", "journeys", "emotion", "promise"]
    assert written == [tmp_path / "report.html", *(tmp_path / "pictures" / f"{name}.png" for name in names)]
    assert all(path.read_bytes()[:4] == b"\x89PNG" for path in written[1:])


def test_the_same_run_gives_the_same_report_to_the_last_byte(pages, tmp_path, several, shop):
    write_run_report(tmp_path / "report.html", several, shop)
    files = sorted(path.relative_to(tmp_path) for path in tmp_path.rglob("*.*"))
    assert len(files) == 7
    assert all((tmp_path / file).read_bytes() == (pages["runs"].parent / file).read_bytes() for file in files)


def test_names_that_look_like_html_are_shown_as_they_are(tmp_path, several):
    title = '<script>alert("A & B")</script>'
    touchpoints = {key: {**facts, "label": f"<i>{key}</i> $5 & $6"} for key, facts in
                   several.provenance["touchpoints"].items()}  # fmt: skip
    log = dataclasses.replace(several, provenance={**several.provenance, "title": title, "touchpoints": touchpoints})
    write_run_report(tmp_path / "report.html", log)
    page = read(tmp_path / "report.html")
    assert title in page.text
    assert "<i>phone</i> $5 & $6" in page.text
    assert "script" not in page.tags and "i" not in page.tags


def test_a_run_in_which_nobody_arrived_says_so_instead_of_failing(tmp_path, nobody, shop):
    write_run_report(tmp_path / "report.html", nobody, shop)
    assert "Nobody arrived" in read(tmp_path / "report.html").text


def test_a_study_in_which_nothing_could_be_estimated_says_so_instead_of_failing(tmp_path, study):
    names = ("coefficients", "importance", "htmt", "blocks", "scales")
    empty = SimpleNamespace(**{**vars(study), **{name: getattr(study, name).iloc[:0] for name in names}})
    write_study_report(tmp_path / "report.html", empty)
    assert "Offline leads." in read(tmp_path / "report.html").text


def test_provenance_and_every_number_of_the_scenario_stand_at_the_foot(pages, several, shop):
    text = read(pages["runs"]).text
    for key in ("scenario_hash", "seed", "engine"):
        assert str(several.provenance[key]) in text
    rows = shop.assumptions()
    assert f"The scenario holds {len(rows)} numbers" in text
    assert all(path in text for path in rows["path"])


def test_a_comparison_shows_differences_with_intervals_and_points_for_shares(pages):
    text = read(pages["compare"]).text
    assert "faster_phone changes nothing for certain" in text
    assert "0.60 points 0.32 to 0.88" in text
    assert "18.5 % 18.3 to 18.7 %" in text
    assert "60.0 %" in text


def test_who_bought_again_is_a_share_of_buyers_not_of_the_deeper_stages(pages, several):
    figures = ts.kpis(several).set_index(["kpi", "group"])["value"]
    answer = re.search(r"Of 300 customers who arrived, (\S+) %.*? bought, and (\S+) %.*? of those bought again",
                       read(pages["runs"]).text)  # fmt: skip
    assert float(answer[1]) == pytest.approx(100 * figures["conversion", "all"], abs=0.051)
    assert float(answer[2]) == pytest.approx(100 * figures["repeat_rate", "all"], abs=0.051)


def test_a_report_names_no_folder_of_this_machine(pages, folder):
    for path in pages.values():
        assert str(folder) not in path.read_text(encoding="utf-8")


def test_the_answer_keeps_those_present_at_the_start_apart() -> None:
    shop = ts.load_scenario("corner_shop").with_(segments={"neighbours": {"stock": 40}})
    answer = answer_of_run(measures_of(ts.simulate(shop, customers=60, seed=1)))[0]
    assert answer.startswith("Of 60 customers who arrived, besides 40 present at the start,")


def test_the_count_of_customers_in_a_report_names_those_present_at_the_start() -> None:
    shop = ts.load_scenario("corner_shop").with_(segments={"neighbours": {"stock": 40}})
    run = measures_of(ts.simulate(shop, customers=60, seed=1))
    pictures, tables = sections_of_run(run)
    tables = [section for section in tables if section.key == "kpis"]
    first = tables[0].tables[0].rows[0]
    assert (first[0].main, first[1].main) == ("customers in the run", "100 customers")
    assert "those present at the start" in first[0].small
    assert "40 present at the start among them" in pictures[0].plates[0].picture.svg
    assert not [row[0].small for row in tables[0].tables[0].rows[1:] if "who arrived" in row[0].small]


def test_figures_of_which_there_was_nothing_share_one_row_at_the_foot_of_the_table(several) -> None:
    run = measures_of(several)
    table = next(section for section in sections_of_run(run)[1] if section.key == "kpis").tables[0]
    whole = run.figures[run.figures["group"] == "all"]
    nil = whole[(whole["value"] == 0) & (whole["high"] == 0)]["kpi"]
    *said, last = table.rows
    assert len(nil) > 3 and len(said) == len(whole) - len(nil)
    assert last[0].main == "nothing of it in any replication" and last[1] == Cell("0", "0 to 0")
    assert set(last[0].small.split("; ")) == {kpi_of(key).label for key in nil}
    assert not {kpi_of(key).label for key in nil} & {row[0].main for row in said}


@pytest.mark.parametrize(("kind", "english", "dutch"), [
    ("classical, rounding", "errors: classical, and the rounding of the table",
     "fouten: klassiek, plus de afronding van de tabel"),
    ("HC3, 20 imputations", "errors: HC3, 20 imputations", "fouten: HC3, 20 imputaties"),
    ("CR3 by my, shop", "errors: CR3 by my, shop", "fouten: CR3 naar my, shop"), ("", "", ""),
])  # fmt: skip
def test_where_errors_come_from_is_said_in_the_language_spoken(kind, english, dutch):
    assert _errors(kind) == english
    with language("nl"):
        assert _errors(kind) == dutch


def test_a_study_says_its_factors_and_its_method_once(tmp_path):
    rng = np.random.default_rng(1)
    views = rng.normal(size=(300, 3))
    items = {f"{name}{j}": views[:, k] + rng.normal(size=300) for k, name in enumerate("ABY") for j in range(3)}
    scales = {name: [f"{name}{j}" for j in range(3)] for name in "ABY"}
    study = ts.study_survey(pd.DataFrame(items), {"scales": scales, "drivers": {"Y": ["A", "B"]}}, draws=100)
    write_study_report(tmp_path / "report.html", study)
    text = read(tmp_path / "report.html").text
    assert all(text.count(re.sub(r"\s+", " ", found.words)) == 1 for found in (study.exploratory, study.method))
    assert all(part in text for part in study.regressions.words.split("\n"))
