"""docs/model.md describes the world as it is: every field of a scenario, with the default that it has."""

from __future__ import annotations

import re

import pytest

from tests.docs.fields import BEGIN, END, PAGE, merged, table, walked
from touchsim.engine import randomness
from touchsim.vocabulary import CONSEQUENCES, FACETS, ORIGINS, OUTCOMES, REASONS, STAGES, STATUSES, keys
from touchsim.world.scenario import Scenario

TEXT = PAGE.read_text(encoding="utf-8")
BODY = TEXT.partition(BEGIN)[0]
FIELDS = sorted({place for path, _ in walked(Scenario) if (place := merged(path)) is not None})


def test_the_table_of_fields_is_that_of_the_documents() -> None:
    written = TEXT.partition(BEGIN)[2].partition(END)[0].strip().splitlines()
    assert written == table(), "run: python -m tests.docs.fields"


@pytest.mark.parametrize("place", FIELDS)
def test_every_field_is_explained_by_name(place: str) -> None:
    name = place.rpartition(".")[2]
    code = " ".join(re.findall(r"`[^`]+`|^    .*$|^```.*?^```", BODY, flags=re.M | re.S))
    assert re.search(rf"(?<!\w){re.escape(name)}(?!\w)", code), f"docs/model.md does not say what {place} does"


@pytest.mark.parametrize("words", [FACETS, CONSEQUENCES, OUTCOMES, STATUSES, STAGES, REASONS[1:], ORIGINS])
def test_the_page_knows_the_closed_lists_of_words(words: tuple) -> None:
    for key in keys(words):
        assert re.search(rf"(?<!\w){key}(?!\w)", BODY), key


def test_the_page_gives_every_decision_its_code() -> None:
    written = dict(re.findall(r"^\| ([A-Z]+) (\d+) \|", BODY, flags=re.M))
    codes = {name: str(getattr(randomness, name)) for name in randomness.__all__ if name.isupper()}
    assert written == codes


def test_the_page_names_files_that_exist() -> None:
    root = PAGE.parents[1]
    for folder, name in re.findall(r"`(engine|world|survey)/(\w+)`", BODY):
        assert (root / "touchsim" / folder / f"{name}.py").exists(), name
