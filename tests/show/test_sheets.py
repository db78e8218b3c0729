"""Reporting sheets: every item of each standard is there, filled from what is true of a scenario, or named as empty."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from functools import cache
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, strategies as st

import touchsim as ts
from touchsim.cli import main
from touchsim.documents import days_of
from touchsim.languages import language
from touchsim.manifest import read_manifest, versions
from touchsim.show import portrait
from touchsim.show.forms import ReportingSheet
from touchsim.show.inventory import lasting, short, unsourced
from touchsim.show.submodels import SUBMODELS
from touchsim.world.questionnaire import ASKED
from touchsim.world.scenario import Scenario

STRESS = """1.1 Purpose of the model; 1.2 Model outputs; 1.3 Experimentation aims; 2.1 Base model overview diagram;
2.2 Base model logic; 2.3 Scenario logic; 2.4 Algorithms; 2.5.1 Components: entities; 2.5.2 Components: activities;
2.5.3 Components: resources; 2.5.4 Components: queues; 2.5.5 Components: entry and exit points; 3.1 Data sources;
3.2 Pre-processing; 3.3 Input parameters; 3.4 Assumptions; 4.1 Initialisation; 4.2 Run length; 4.3 Estimation approach;
5.1 Software or programming language; 5.2 Random sampling; 5.3 Model execution; 5.4 System specification;
6.1 Computer model sharing statement"""  # Monks et al. (2019), table of STRESS-DES
ODD = """1 Purpose and patterns; 2 Entities, state variables, and scales; 3 Process overview and scheduling;
4.1 Basic principles; 4.2 Emergence; 4.3 Adaptation; 4.4 Objectives; 4.5 Learning; 4.6 Prediction; 4.7 Sensing;
4.8 Interaction; 4.9 Stochasticity; 4.10 Collectives; 4.11 Observation; 5 Initialization; 6 Input data; 7 Submodels"""
ADEMP = "Aims; Data-generating mechanisms; Estimands; Methods; Performance measures"  # Morris et al. (2019), table 1

SHOP = ts.load_scenario("corner_shop")
RETAILER = ts.load_scenario("omnichannel_retailer")
BUILT_IN = [ts.load_scenario(name) for name in ts.scenarios()]

# what a scenario may say, a change of it, and what must then stand in both sheets
CHANGES = {
    "segments": {"planners": {"arrivals": 317.0}},
    "touchpoints": {"phone": {"patience": {"law": "exponential", "mean": "17 min"}}},
    "needs": {"alternatives": {"advance": 0.43, "stay": 0.35}},
    "funnel": {"prospect": {"actions": 7}},
    "choice": {"tries": 13},
    "orders": {"promised": "11 days"},
    "views": {"prior": 3.75},
    "satisfaction": {"noise": 0.47},
    "loyalty": {"gap": {"law": "exponential", "mean": "77 days"}},
    "value": {"on_choice": 1.37},
    "rivals": {"discounter": {"appeal": 0.273}},
    "alignment": {"penalty": 0.83},
    "awareness": {"memory": "37 days"},
    "pressure": {"fading": "19 days"},
    "crm": {"coverage": 0.57},
    "exposure": {"banners": {"intensity": 0.087}},
    "automation": {"come_back": {"wait": "18 days"}},
    "voice": {"prior": 67.0},
    "market": 260_123,
    "survey": {"points": 11},
    "targets": {"content": {"figure": "csat", "at_least": 0.617}},
    "days": "71 days",
    "follow_up": "83 days",
    "start": "2027-03-02",
    "currency": "SEK",
    "title": "A retailer renamed",
    "about": "Another purpose.",
}
SEEN = {
    "segments": "317", "touchpoints": "mean 17 min", "needs": "43", "funnel": "prospect.actions "
                                                                              "7", "choice": "tries 13",
    "orders": "11 days", "views": "prior 3.75", "satisfaction": "noise 0.47", "loyalty": "mean 77 days",
    "value": "on_choice 1.37", "rivals": "appeal 0.273", "alignment": "penalty 0.83", "awareness": "memory 37 days",
    "pressure": "fading 19 days", "crm": "coverage 0.57", "exposure": "0.087", "automation": "18 days",
    "voice": "prior 67", "market": "260,123", "survey": "points 11", "targets": "0.617", "days": "71 days",
    "follow_up": "83 days", "start": "02 March 2027", "currency": "SEK", "title": "A retailer renamed",
    "about": "Another purpose.",
}  # fmt: skip


def titles(sheet) -> list[str]:
    return [item.title for item in sheet.items]


def listed(items: str) -> list[str]:
    return [" ".join(item.split()) for item in items.split(";")]


@cache
def filled(name: str, standard: str) -> ReportingSheet:
    """Sheet of a scenario that ships."""
    return ts.reporting_sheet(ts.load_scenario(name), standard)


def plainly(text: str) -> str:
    """Text of a sheet without the marks of Markdown, and with plain spaces."""
    return re.sub(r"\\([\\*_<\[\]|$`~])", r"\1", text).replace("\u00a0", " ")


@pytest.fixture(scope="module")
def log():
    return ts.simulate(SHOP, customers=80, seed=4, replications=3)


@pytest.fixture(scope="module")
def card():
    return ts.score_card(SHOP, n=(60, 80), studies=4, seed=3, workers=1)


@pytest.mark.parametrize("scenario", BUILT_IN, ids=lambda one: one.name)
@pytest.mark.parametrize(("standard", "items"), [("stress", STRESS), ("odd", ODD)])
def test_every_item_of_a_standard_is_there_in_its_order_and_filled(scenario, standard: str, items: str) -> None:
    sheet = filled(scenario.name, standard)
    assert titles(sheet) == listed(items)
    assert all(item.said or item.empty for item in sheet.items)
    headings = re.findall(r"^### (.*)$", sheet.text, re.MULTILINE)
    assert [plainly(one) for one in headings] == listed(items)


def test_ademp_has_its_five_letters_and_the_number_of_studies_with_its_reason(card) -> None:
    sheet = ts.reporting_sheet(SHOP, "ademp", result=card)
    assert titles(sheet)[:5] == listed(ADEMP)
    text = plainly(sheet.text)
    assert "4 independent studies" in text and "sqrt(0.95 * 0.05 / 4) = 10.90 percentage points" in text
    assert "1,900 studies for 0.5" in text and "475 studies for 1" in text, "c (1 - c) / e^2 by hand"
    assert "60, 80 of those asked" in text and "response rate 100 % (of the scenario: 25 %)" in text
    worst = card.table["coverage_mcse"].max()
    assert f"coverage {worst:.4f}" in text
    for term, value in card.truth.values["structural"].items():
        low, high = card.truth.intervals["structural"][term]
        assert f"| {value:.3f} [{low:.2f}; {high:.2f}] |" in text, term


def test_ademp_speaks_of_the_estimands_of_its_card_and_of_no_other(card) -> None:
    def part(one, name: str) -> str:
        return plainly(ts.reporting_sheet(SHOP, "ademp", result=one).text).split(f"## {name}")[1].split("\n## ")[0]

    def rows(*kinds: str):
        table = [card.table[card.table["estimand"] == "structural"].assign(estimand=kind) for kind in kinds]
        return replace(card, table=pd.concat(table))

    known = {"projection": "regression projection", "structural": "structural weight", "total": "total effect"}
    for kinds in (("projection",), ("projection", "total"), tuple(known)):
        told = part(rows(*kinds), "Estimands") + part(rows(*kinds), "Performance measures")
        assert f"| driver | {' | '.join(kinds)} |" in told
        assert {kind for kind, words in known.items() if words in told} == set(kinds)
        assert {kind for kind in known if f"Against the estimand {kind}" in told} == set(kinds)
    none = card.table.assign(estimand="total", truth=float("nan"), truth_low=float("nan"), truth_high=float("nan"))
    assert "| none |" in part(replace(card, table=none), "Estimands")
    assert "nan" not in part(replace(card, table=none), "Performance measures")


@pytest.mark.parametrize(("who", "said"), [
    ("all", "all customers, buyers or not"), ("buyers", "those whom a survey contact reached;"),
    ("repeat_buyers", "those who are repeat customers at the end"),
    ("returners", "those who had sent something back before")])  # fmt: skip
def test_odd_and_ademp_say_who_is_asked_and_what_lies_between_view_and_answer(card, who: str, said: str) -> None:
    survey = {"asked": who, "forgetting": 0.013, "recall_decay": 0.017, "colouring": 0.23, "marker": 4}
    there = SHOP.with_(survey=survey)
    texts = [plainly(ts.reporting_sheet(there, "odd").text).split("### 4.11 ")[1].split("\n## ")[0]]
    there_too = replace(card, design={**card.design, "scenario_hash": there.hash})
    texts.append(plainly(ts.reporting_sheet(there, "ademp", result=there_too).text))
    for text in texts:
        assert said.rstrip(";") in text
        for words in ("at a rate of 0.013 a day", "at a rate of 0.017 a day", "a share of 0.23",
                      "a marker scale of 4 items"):  # fmt: skip
            assert words in text, words
    assert set(ASKED) == set(portrait.ASKED)


def test_the_submodel_of_the_survey_has_the_equations_of_the_description_of_the_model() -> None:
    page = (Path(__file__).parents[2] / "docs" / "model.md").read_text(encoding="utf-8")
    listed = " ".join(next(one.equation for one in SUBMODELS if one.name == "Survey").split())
    equations = page.split("## Survey")[1].split("    answer = cut")[1].split("\n\n")[0].split("\n")
    right = [re.split(r",? {2,}| \((?=[A-Z])", line.partition("=")[2].strip())[0] for line in equations]
    assert len(right) == 8
    for one in (*right, "r = exp(-recall_decay * d", "w = exp(-forgetting * d", "stretch = exp(stretch_sd * e)"):
        assert one in listed, one


def test_lengths_of_time_and_steps_read_as_a_person_writes_them() -> None:
    text = plainly(filled("webshop", "odd").text)
    assert "exponential (mean 9.6 h)" in text and "576 min" not in text
    assert "late 0.23 beyond 0 s, 0.68 beyond 12 h, 1.79 beyond 60 h, 2.25 beyond 7.5 days" in text
    assert "days days" not in text and '{"' not in text
    shop = plainly(filled("corner_shop", "odd").text)
    assert len(SHOP.segments) == 1 and "customers, of 1 segment; " in shop


@given(st.floats(1e-4, 4000.0))
def test_a_length_of_time_is_written_exactly(days: float) -> None:
    assert math.isclose(days_of(lasting(days)), days, rel_tol=1e-8)


@pytest.mark.parametrize("section", CHANGES)
def test_a_change_of_any_section_changes_both_sheets_where_it_belongs(section: str) -> None:
    there = RETAILER.with_(**{section: CHANGES[section]})
    for standard in ("stress", "odd"):
        before = plainly(filled(RETAILER.name, standard).text)
        after = plainly(ts.reporting_sheet(there, standard).text)
        assert SEEN[section] in after and before.count(SEEN[section]) < after.count(SEEN[section]), standard


def test_no_section_of_a_scenario_is_forgotten_here() -> None:
    assert set(Scenario.model_fields) == {*CHANGES, "name", "interventions", "facts"}


@pytest.mark.parametrize("scenario", BUILT_IN, ids=lambda one: one.name)
def test_every_number_of_the_scenario_stands_in_both_sheets(scenario) -> None:
    for standard in ("stress", "odd"):
        text = plainly(filled(scenario.name, standard).text)
        rows: dict[str, str] = {}
        for owner, said in re.findall(r"^\| `([^`]+)` \| (.*) \| (?:fact|assumption|words) \|$", text, re.MULTILINE):
            rows[owner] = rows.get(owner, "") + said + "; "
        for path, *_ in scenario.assumptions().itertuples(index=False):
            owner = max((one for one in rows if path == one or path.startswith(f"{one}.")), key=len)
            inside = path.removeprefix(owner).lstrip(".")
            if not inside:
                assert rows[owner] == f"{short(scenario.model_dump(mode='json')[path])}; ", (standard, path)
                continue
            law = inside.rpartition(".")[0]
            assert f"{inside} " in rows[owner] or (law and f"{law} " in rows[owner]), (standard, path)


@pytest.mark.parametrize("scenario", BUILT_IN, ids=lambda one: one.name)
def test_nothing_is_left_of_a_form_to_fill_and_nothing_is_invented(scenario) -> None:
    for standard in ("stress", "odd"):
        text = plainly(filled(scenario.name, standard).text)
        assert not re.search(r"\bNone\b|\bnan\b|TODO|TBD|lorem|\bxxx\b", text)
        assert not re.search(r"\{[a-z_.]+(:[^}]*)?\}", text), "a field that was never filled"
        assert str(Path.home()) not in text and "/tmp" not in text


def test_what_is_empty_is_counted_at_the_head_listed_and_marked_where_it_belongs(log) -> None:
    for result in (None, log):
        sheet = ts.reporting_sheet(SHOP, "stress", result=result)
        head, body = plainly(sheet.text).split("## 1 Objectives")
        assert f"{len(sheet.empty)} entries in {sum(bool(item.empty) for item in sheet.items)} of 24 items" in head
        assert all(f"- {line}" in head for line in sheet.empty)
        assert body.count("> **Yours to write:**") == len(sheet.empty)
        assert sheet._repr_html_().count("<blockquote>") == len(sheet.empty)
    alone, ran = ("; ".join(ts.reporting_sheet(SHOP, "stress", result=result).empty) for result in (None, log))
    assert alone.count("nothing was run yet") == 3 and "nothing was run yet" not in ran
    assert "1.1 Purpose of the model" in ran and "5.4 System specification" in ran


def test_the_count_of_numbers_without_a_source_falls_when_a_scenario_names_one() -> None:
    before = unsourced(SHOP)
    sourced = SHOP.with_(facts={"orders.basket": "till receipts of the shop, 2025"})
    assert unsourced(sourced) == before - 1, "the mean was set by the scenario, the cv was a default"
    text = plainly(ts.reporting_sheet(sourced, "stress").text)
    assert "`orders.basket`: till receipts of the shop, 2025" in text
    assert f"sources of those of the {before - 1} numbers" in text
    assert unsourced(SHOP.with_(choice={"tries": 7})) == before + 1


def test_a_run_says_its_seed_replications_length_and_versions(log) -> None:
    text = plainly(ts.reporting_sheet(SHOP, "stress", result=log).text)
    assert "3 independent replications (seed 4)" in text and "the first 80 customers who arrive" in text
    ends = log.provenance["end"]
    assert f"Runs ended on days {min(ends):.1f} to {max(ends):.1f}." in text
    for name, version in log.provenance["versions"].items():
        assert f"| {name} | {version} |" in text
    once = ts.reporting_sheet(SHOP, "stress", result=ts.simulate(SHOP, days=5, seed=9))
    assert "A single run (seed 9)" in once.text and "Births happen in 5 days." in once.text


def test_only_key_figures_of_the_run_are_defined(log) -> None:
    text = ts.reporting_sheet(SHOP, "stress", result=log).text
    keys = set(ts.kpis(log)["kpi"])
    for key in ("conversion", "wait_minutes"):
        assert key in keys and f"| `{key}` |" in text
    assert "stars" not in keys and "| `stars` |" not in text


def test_a_comparison_lists_just_what_its_variants_change() -> None:
    busier = SHOP.with_("second_assistant")
    cheaper = SHOP.with_(orders={"basket": {"mean": 21.0}})
    comparison = ts.compare(SHOP, busier, cheaper, replications=2, customers=40)
    text = plainly(ts.reporting_sheet(SHOP, "stress", result=comparison).text)
    assert "| `touchpoints.store.capacity` | 1 | 2 |" in text and "a second assistant in the shop" in text
    assert "| `orders.basket.mean` | 25 | 21 |" in text
    logic = text.split("### 2.3 Scenario logic")[1].split("### 2.4")[0]
    assert len(re.findall(r"^\| `", logic, re.MULTILINE)) == 2
    assert "2 paired replications (seed 1)" in text
    assert "places" in text and "No variant was run" not in text


def test_a_survey_says_who_was_asked_and_who_answered(log) -> None:
    answers = ts.ask(log, response_rate=0.8)
    said = answers.attrs["provenance"]["asked"]
    text = ts.reporting_sheet(SHOP, "stress", result=answers).text
    assert f"{said['answered']:,} of {said['asked']:,} who were asked answered" in text


def test_parts_of_the_model_are_named_as_switched_off_until_a_scenario_uses_them() -> None:
    def off(scenario) -> str:
        text = ts.reporting_sheet(scenario, "stress").text
        return text.split("Switched off in this scenario: ")[1].split(". A coefficient")[0]

    for name in ("Alignment of touchpoints", "Awareness", "Contact pressure", "Voice: reviews, word of mouth, "
                                                                              "referrals"):
        assert name in off(SHOP), name
    assert "Awareness" not in off(SHOP.with_(awareness={"on_advance": 0.4}))
    assert "Voice" not in off(SHOP.with_(voice={}))
    assert "No part of the model is switched off" in ts.reporting_sheet(RETAILER, "stress").text
    sections = {name for one in SUBMODELS for name in one.sections}
    assert set(Scenario.model_fields) - sections == {"name", "title", "about", "targets", "interventions", "facts"}


def test_a_scenario_that_does_not_ship_has_a_licence_of_its_own() -> None:
    theirs = ts.reporting_sheet(SHOP, "stress").empty[-1]
    mine = ts.reporting_sheet(SHOP.with_(choice={"tries": 7}), "stress").empty[-1]
    assert "licence" not in theirs and "licence and address of the scenario corner_shop" in mine


def test_whatever_a_scenario_is_called_the_page_stays_whole() -> None:
    nasty = "<b>`A|B`</b> *x* [y](z) $1 & co; | _u_ ```"
    named = SHOP.with_(title=nasty, about=nasty, touchpoints={"store": {"label": nasty}})
    sheet = ts.reporting_sheet(named, "stress")
    assert "<b>" not in re.sub(r"<b>Yours to write:</b>", "", sheet._repr_html_())
    assert not re.search(r"(?<!\\)<b>", re.sub(r"`[^`]*`", "", sheet.text))
    tables = [line for line in sheet.text.split("\n") if line.startswith("| ")]
    rows = [line for line in tables if line.startswith("| `store` |") and "co;" in line]
    assert rows and all(len(re.findall(r"(?<!\\)\|", row)) == 11 for row in rows), "ten cells"
    assert sheet.text.count("```") % 2 == 0


def test_sheets_are_english_in_every_language(log) -> None:
    english = ts.reporting_sheet(SHOP, "stress", result=log).text
    with language("nl"):
        assert ts.reporting_sheet(SHOP, "stress", result=log).text == english


def test_an_unknown_standard_or_another_scenarios_result_is_refused(log) -> None:
    with pytest.raises(ts.BadInput, match="did you mean 'stress'"):
        ts.reporting_sheet(SHOP, "stres")
    with pytest.raises(ts.BadInput, match="is of another scenario than corner_shop"):
        ts.reporting_sheet(SHOP.with_("second_assistant"), "stress", result=log)
    with pytest.raises(ts.BadInput, match="must be a score card"):
        ts.reporting_sheet(SHOP, "ademp", result=log)
    with pytest.raises(ts.BadInput, match="a log, answers, a comparison or a score card"):
        ts.reporting_sheet(SHOP, "odd", result="runs/corner_shop-1")


def left_by(*words: str) -> int:
    """Exit code of a command."""
    with pytest.raises(SystemExit) as left:
        main(words)
    return int(left.value.code or 0)


COMMANDS = {
    "run": "run corner_shop --customers 60 --language nl",
    "study": "study corner_shop --respondents 120",
    "compare": "compare corner_shop --with second_assistant --customers 40 --replications 2",
    "score": "score corner_shop --n 60 --studies 3 --workers 1 --with second_assistant",
}


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_writes_its_sheets_links_them_and_makes_them_again_byte_for_byte(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert left_by(*COMMANDS[command].split(), "--out", str(out)) == 0
    names = {"stress_des.md", "odd.md"} | ({"ademp.md"} if command == "score" else set())
    assert {path.name for path in (out / "sheets").iterdir()} == names
    manifest = read_manifest(out)
    assert {f"sheets/{name}" for name in names} <= set(manifest.files)
    page = (out / "report.html").read_text(encoding="utf-8")
    assert all(f'href="sheets/{name}"' in page for name in names)
    text = (out / "sheets" / "stress_des.md").read_text(encoding="utf-8")
    for name, version in versions().items():
        assert f"| {name} | {version} |" in text, "versions as the manifest holds them"
    assert "Yours to write" in text and str(tmp_path) not in text
    if command == "run":
        log = ts.simulate(SHOP, customers=60, seed=1)
        here = ts.reporting_sheet(SHOP, "stress", result=log).text
        known = (*versions(), "touchsim")
        bare = [[line for line in one.split("\n") if not line.startswith(tuple(f"| {name} |" for name in known))]
                for one in (text, here)]  # fmt: skip
        assert bare[0] == bare[1], "the same from Python, but for versions of more libraries"
    if command == "score":
        assert "applied to it: `second_assistant`" in text
    if command in ("study", "compare"):
        return  # tests/house makes them again
    capsys.readouterr()
    assert left_by("reproduce", str(out)) == 0
    assert "identical" in capsys.readouterr().out
    (out / "sheets" / "odd.md").write_text(text + "my purpose", encoding="utf-8")
    assert left_by("reproduce", str(out)) == 1
    assert "sheets/odd.md differs since the run: changed by hand?" in capsys.readouterr().out
