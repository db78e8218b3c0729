"""Reports and stories in every language: no English is left in them, and their tables are the same in all."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pandas as pd
import pytest

import touchsim as ts
from touchsim.cli import main
from touchsim.languages import codes, language, texts_of
from touchsim.show.individuals import write_guest_report, write_story_report
from touchsim.show.report import write_run_report, write_study_report

OTHERS = codes()[1:]
SLIPS = re.compile(r"  | ,|,,| \.|\.\.|_|\bnan\b|None|[{}]|[;:] \.|\(\)")
ENGLISH = re.compile(r"\b(the|they|and|with|at|was sent|customer|found|left|after)\b")
NAMES_OF_OURS = "webshop|corner_shop|service line|advice by phone|planners|browsers|second_assistant"


class Words(HTMLParser):
    """Texts of a page, each alone, captions and texts of pictures too."""

    def __init__(self) -> None:
        super().__init__()
        self.said, self.hidden, self.language = [], False, ""

    def handle_starttag(self, tag, attrs):
        facts = dict(attrs)
        self.hidden = tag == "style"
        self.language = facts.get("lang", self.language)
        self.said += [facts[name] for name in ("alt", "aria-label") if name in facts]

    def handle_data(self, data):
        if not self.hidden:
            self.said.append(data)


def read(path) -> tuple[str, list[str]]:
    """Language and texts of a report."""
    words = Words()
    words.feed(path.read_text(encoding="utf-8"))
    return words.language, [" ".join(text.split()) for text in words.said if text.strip()]


@pytest.fixture(scope="module")
def shop():
    return ts.load_scenario("webshop")


@pytest.fixture(scope="module")
def log(shop):
    return ts.simulate(shop, customers=300, seed=3, replications=2)


@pytest.fixture(scope="module")
def answers(shop):
    return ts.ask(ts.simulate(shop, customers=2500, seed=3))


@pytest.fixture(scope="module")
def pages(tmp_path_factory, shop, log, answers):
    """A report of a run and of a study in each language."""
    folder, found = tmp_path_factory.mktemp("languages"), {}
    for code in codes():
        (folder / code).mkdir()
        with language(code):
            study = ts.study_survey(answers, draws=100)
            write_run_report(folder / code / "run.html", log)
            write_study_report(folder / code / "study.html", study, log=log)
        found[code] = {name: read(folder / code / f"{name}.html") for name in ("run", "study")}
    return found


def fixed(code):
    """English texts without fields, but for those that read the same in a language."""
    return {english.partition("|")[0] for english, text in texts_of(code).items()
            if "{" not in english and english.partition("|")[0] not in texts_of(code).values()}  # fmt: skip


@pytest.mark.parametrize("name", ["run", "study"])
@pytest.mark.parametrize("code", OTHERS)
def test_a_report_has_no_english_text_among_its_headings_captions_cells_and_sentences(code, name, pages):
    spoken, said = pages[code][name]
    english = fixed(code)
    assert spoken == code and pages["en"][name][0] == "en"
    assert not english & set(said)
    assert len(english & set(pages["en"][name][1])) > 40, "the test looks for what English says"
    long = [text for text in english if len(text.split()) > 4]
    assert not [text for text in long if any(text in part for part in said)]


@pytest.mark.parametrize("name", ["run", "study"])
@pytest.mark.parametrize("code", OTHERS)
def test_a_report_says_as_much_in_each_language(code, name, pages):
    assert len(pages[code][name][1]) == len(pages["en"][name][1])


@pytest.mark.parametrize("code", OTHERS)
def test_numbers_of_a_report_have_the_marks_of_its_language(code, pages):
    said = " ".join(pages[code]["run"][1])
    assert re.search(r"\d,\d %", said) and not re.search(r"\d\.\d %", said)
    said = " ".join(text for text in pages[code]["study"][1] if "SD" in text)
    assert re.search(r"0,\d\d SD", said) and not re.search(r"\d\.\d\d SD", said)


@pytest.mark.parametrize("code", OTHERS)
def test_stories_are_clean_and_told_in_no_english(code, log):
    for customer in range(0, 300, 5):
        with language(code):
            tale = ts.story(log, customer=customer)
        assert len(tale.sentences) == len(tale.table) + 2
        for sentence in tale.sentences:
            plain = re.sub(NAMES_OF_OURS, "", sentence)
            assert sentence[0].isupper() and sentence.endswith(".")
            assert not SLIPS.search(sentence) and not ENGLISH.search(plain), sentence


@pytest.mark.parametrize("code", OTHERS)
def test_the_tables_of_a_study_are_the_same_in_each_language(code, answers):
    plain = ts.study_survey(answers, draws=100)
    with language(code):
        study = ts.study_survey(answers, draws=100)
        assert study.answer != plain.answer and study.text != plain.text
        assert study.warnings != plain.warnings or not plain.warnings
    for name, table in plain.tables().items():
        pd.testing.assert_frame_equal(table, study.tables()[name])


def test_the_answer_to_what_if_is_told_in_the_language_of_the_moment():
    shop = ts.load_scenario("corner_shop")
    compared = ts.compare(shop, shop.with_("second_assistant"), replications=2, customers=40)
    said = {}
    for code in codes():
        with language(code):
            said[code] = compared.paragraphs
            assert compared.text == " ".join(compared.paragraphs) and len(compared.paragraphs) == 2
    assert said["en"][0].startswith("Against corner_shop, ")
    assert said["nl"][0].startswith("Ten opzichte van corner_shop ")
    assert len(set(said.values())) == len(codes())


def test_a_command_writes_its_report_in_the_language_asked_for_and_can_be_done_again(tmp_path, capsys):
    words = ["run", "corner_shop", "--customers", "40", "--seed", "2"]
    for code in ("en", "nl"):
        with pytest.raises(SystemExit) as left:
            main([*words, "--language", code, "--out", str(tmp_path / code)])
        assert not left.value.code
    assert "klanten" in capsys.readouterr().out
    assert read(tmp_path / "nl" / "report.html")[0] == "nl"
    assert (tmp_path / "nl" / "kpis.csv").read_bytes() == (tmp_path / "en" / "kpis.csv").read_bytes()
    with pytest.raises(SystemExit) as left:
        main(["reproduce", str(tmp_path / "nl")])
    assert not left.value.code and "identical" in capsys.readouterr().out


def test_a_command_answers_a_misspelt_language_with_the_nearest(capsys):
    with pytest.raises(SystemExit) as left:
        main(["run", "corner_shop", "--language", "nll", "--customers", "0"])
    said = capsys.readouterr().err
    assert left.value.code == 2 and "--customers" in said
    assert "--language: must be one of en, de, nl, sv (got nll); did you mean 'nl'?" in said


@pytest.fixture(scope="module")
def guest():
    script = {"name": "Ida", "visits": [{"touchpoint": "store", "expect": {"wait": "0 s", "outcome": "closed"}},
                                        {"touchpoint": "phone"}]}  # fmt: skip
    return ts.mystery_guest(ts.load_scenario("corner_shop"), script, replications=3, days=5)


@pytest.mark.parametrize("name", ["guest", "story"])
@pytest.mark.parametrize("code", OTHERS)
def test_the_page_of_one_person_is_written_in_the_language_spoken(code, name, guest, log, tmp_path):
    said = {}
    for spoken in ("en", code):
        with language(spoken):
            if name == "guest":
                write_guest_report(tmp_path / f"{spoken}.html", guest)
            else:
                write_story_report(tmp_path / f"{spoken}.html", ts.story(log, customer=5), log.provenance)
        said[spoken] = read(tmp_path / f"{spoken}.html")[1]
    english = fixed(code)
    assert len(said[code]) == len(said["en"])
    assert not english & set(said[code]) and len(english & set(said["en"])) > 10
    long = [text for text in english if len(text.split()) > 4]
    assert not [text for text in long if any(text in part for part in said[code])]


@pytest.mark.parametrize("code", OTHERS)
def test_what_a_guest_met_is_told_in_no_english(code, guest):
    with language(code):
        told = guest.sentences
    assert len(told) == len(guest.sentences) and told != guest.sentences
    for sentence in told:
        assert sentence.endswith(".") and not SLIPS.search(sentence) and not re.search(r"\b(promise|visit|in all|of)\b",
                                                                                       sentence), sentence  # fmt: skip


def test_a_story_and_a_guest_speak_the_language_that_the_command_asks_for(tmp_path, capsys):
    script = tmp_path / "ida.yaml"
    script.write_text("name: Ida\nvisits: [{touchpoint: store}]\n")
    for words in (["story", "corner_shop", "--customers", "10"],
                  ["mystery-guest", "corner_shop", "--script", str(script), "--replications", "2", "--days", "2",
                   "--out", str(tmp_path / "guest")]):  # fmt: skip
        with pytest.raises(SystemExit) as left:
            main([*words, "--language", "nl"])
        assert not left.value.code
        assert re.search(r"\bklant\b|contactpunt", capsys.readouterr().out)
    assert read(tmp_path / "guest" / "report.html")[0] == "nl"
