"""Every language says everything: each text of the program has its words in each file, and no other stands there."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from string import Formatter

import pytest
import yaml

import touchsim as ts
from touchsim import vocabulary as words
from touchsim.languages import ENGLISH, codes, language, spoken, tell, texts_of
from touchsim.measure.definitions import KPIS
from touchsim.show import sentences

PACKAGE = Path(ts.__file__).parent
OTHERS = codes()[1:]
LISTS = {name: getattr(words, name) for name in words.__all__ if name.isupper() and name not in ("BLOCKS", "OWN_NAMES")}
IN_A_PAGE = re.compile(r"tell\(\"([^\"]+)\"")


def texts_in_code() -> set[str]:
    """English texts that the program tells, or marks to be told: first words of every ``tell`` and ``told``."""
    found = set()
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in ("tell", "told", "partial"):
                later = ast.unparse(node.func) == "partial"
                if later and ast.unparse(node.args[0]) != "tell":
                    continue
                first = node.args[later]
                if isinstance(first, ast.Constant):
                    about = next((key.value.value for key in node.keywords if key.arg == "about"), "")
                    if ast.unparse(node.func) == "told" and len(node.args) > 1:
                        about = node.args[1].value
                    found.add(f"{first.value}|{about}" if about else first.value)
                else:
                    glued = isinstance(first, (ast.JoinedStr, ast.BinOp))
                    assert not glued, f"{path}:{node.lineno}: a text in parts cannot be translated"
    for path in sorted(PACKAGE.rglob("*.jinja")):
        found |= set(IN_A_PAGE.findall(path.read_text(encoding="utf-8")))
    return found


def texts_of_stories() -> set[str]:
    """Words of a story that stand in its tables."""
    tables = (sentences.AFTER, sentences.ACTS, sentences.ARRIVALS, dict(sentences.FEELINGS), sentences.ADVANCES,
              sentences.STAYS)  # fmt: skip
    entries = [entry for table in tables for entry in table.values()]
    ways = {way for entry in entries for way in ([entry] if isinstance(entry, str) else entry)}
    return ways | set(sentences.WEEKDAYS) | set(sentences.MONTHS)


def texts_of_lists() -> set[str]:
    """Labels, names and meanings of key figures, units, names of the touchpoints that ship with touchsim."""
    library = yaml.safe_load((PACKAGE.parent / "data" / "touchpoints.yaml").read_text(encoding="utf-8"))["touchpoints"]
    return {
        *(word.label for list_ in LISTS.values() for word in list_), "online", "offline",
        *(text for kpi in KPIS for text in (kpi.name, kpi.meaning)),
        *({kpi.unit for kpi in KPIS} - {"share", "currency", "ratio"}),
        *(key.replace("_", " ") for key in library), *ts.facts()["caution"],
    }  # fmt: skip


TEXTS = texts_in_code() | texts_of_lists() | texts_of_stories()
ABOUT_ITSELF = {"name of this language", "name in English", "mark of decimals", "mark of thousands"}


def fields(text: str) -> list[str]:
    return sorted(name for _, name, _, _ in Formatter().parse(text) if name is not None)


@pytest.mark.parametrize("code", OTHERS)
def test_every_text_of_the_program_stands_in_the_file_of_a_language_and_no_other(code: str) -> None:
    there = set(texts_of(code))
    missing = "\n".join(f'"{text}" = ""' for text in sorted(TEXTS - there))
    assert not missing, f"add to touchsim/languages/{code}.toml:\n{missing}"
    assert there - TEXTS == ABOUT_ITSELF, "a text that nobody tells (any more)"


@pytest.mark.parametrize("code", OTHERS)
def test_a_translation_keeps_every_field_and_ends_as_the_text_does(code: str) -> None:
    for english, text in texts_of(code).items():
        plain = english.rpartition("|")[0] or english
        assert text and fields(text) == fields(plain), english
        assert text.endswith(".") or not plain.endswith("."), english
        assert text == text.strip() or text == "\u00a0", english


@pytest.mark.parametrize("code", OTHERS)
def test_no_text_stands_twice_in_a_file(code: str) -> None:
    lines = (PACKAGE / "languages" / f"{code}.toml").read_text(encoding="utf-8").splitlines()
    keys = [line.partition('" = "')[0] for line in lines if line.startswith('"')]
    assert len(keys) == len(set(keys)) == len(texts_of(code))


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("code", codes())
def test_each_word_of_a_list_has_a_label_of_its_own_in_each_language(code: str, name: str) -> None:
    with language(code):
        labels = [tell(word.label) for word in LISTS[name]]
    assert all(labels) and len(set(labels)) == len(labels)


@pytest.mark.parametrize("code", OTHERS)
def test_key_figures_are_told_apart_and_told_in_the_language(code: str) -> None:
    with language(code):
        labels = [kpi.label for kpi in KPIS]
        meanings = [kpi.definition for kpi in KPIS]
    assert len(set(labels)) == len(labels) and not any("{" in text for text in labels + meanings)
    assert not set(meanings) & {kpi.definition for kpi in KPIS}


def test_a_language_ends_with_its_with_also_when_something_fails() -> None:
    with pytest.raises(ZeroDivisionError), ts.language("nl"):
        assert words.label("satisfaction") == "tevredenheid"
        with ts.language("sv"):
            assert words.label("satisfaction") == "nöjdhet"
        assert spoken() == "nl"
        _ = 1 / 0
    assert spoken() == ENGLISH and words.label("satisfaction") == "satisfaction"


def test_no_thread_hears_the_language_of_another() -> None:
    def heard(code: str) -> str:
        with language(code):
            return words.label("returns")

    with language("de"), ThreadPoolExecutor(4) as pool:
        assert pool.submit(spoken).result() == ENGLISH
        assert list(pool.map(heard, codes() * 20)) == [heard(code) for code in codes()] * 20
        assert spoken() == "de"


@pytest.mark.parametrize(
    ("wrong", "hint"),
    [("nk", "did you mean 'nl'?"), ("NL", "did you mean 'nl'?"), ("dutch", "did you mean 'nl'?"),
     ("Deutsch", "did you mean 'de'?"), ("svensk", "did you mean 'sv'?"), ("zz", "type ts.language(")],
)  # fmt: skip
def test_a_misspelt_language_is_answered_with_the_nearest(wrong: str, hint: str) -> None:
    with pytest.raises(ts.BadInput, match="must be one of en, de, nl, sv") as bad:
        ts.language(wrong)
    assert hint in str(bad.value)


def test_labels_of_a_scenario_are_shown_as_they_are_and_keys_of_the_library_in_the_language() -> None:
    with language("nl"):
        assert words.name_of("phone", "phone number 5") == "phone number 5"
        assert words.name_of("return_desk", "return desk") == words.name_of("return_desk") == "retourbalie"
        assert words.name_of("my_own_place", "") == "my own place"


def test_the_words_are_there_without_anything_heavy() -> None:
    code = "import sys, touchsim.vocabulary as v; v.label('help'); from touchsim.languages import texts_of as t; "
    code += "print(t('en'), 'tomllib' in sys.modules and 'numpy' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=PACKAGE.parent)
    assert ran.stdout.split() == ["{}", "False"]


@pytest.mark.parametrize("code", OTHERS)
def test_no_word_that_stands_under_a_picture_is_broken_where_it_may_not_be(code: str) -> None:
    from touchsim.plots.canvas import plain

    for word in (*words.NEEDS, *words.STEPS, *words.CHANNELS):
        with language(code):
            name = words.label(word.key)
            drawn = plain(name, 13).replace("\n", " ")
        assert name in (drawn.replace("- ", ""), drawn.replace("- ", "-")), f"mark a soft hyphen in {name}: {drawn}"
        assert "\u00ad" not in name
