"""What README.md prints is true: its files are valid, its commands run, its messages are those of the program."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import touchsim
from touchsim.cli import main

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", README, flags=re.M | re.S)
COMMANDS = [line for kind, text in BLOCKS if kind == "sh" for line in text.splitlines()]
MESSAGES = [text.splitlines() for kind, text in BLOCKS if kind == "console"]
BROKEN = {"slips.yaml", "wrong.yaml"}


def files() -> dict[str, str]:
    """Files that the page shows, by the name in their first line."""
    named = [(re.match(r"# (\S+\.yaml)\n", text), text) for kind, text in BLOCKS if kind == "yaml"]
    return {match[1]: text for match, text in named if match}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the files of the page, and a survey that its model.yaml asks about."""
    folder = tmp_path_factory.mktemp("desk")
    for name, text in files().items():
        (folder / name).write_text(text, encoding="utf-8")
    rng = np.random.default_rng(1)
    service, delivery = rng.normal(size=(2, 240))
    liking = service + delivery + rng.normal(size=240)
    columns = {"Q1": service, "Q2": service, "Q3": service, "Q4": delivery, "Q5": delivery, "Q6": liking, "Q7": liking}
    ticks = {name: np.clip(np.round(4 + latent + rng.normal(size=240) / 2), 1, 7) for name, latent in columns.items()}
    ticks |= {"price": rng.integers(1, 8, 240), "would_return": np.clip(np.round(4 + liking), 1, 7)}
    pd.DataFrame(ticks).astype(int).to_csv(folder / "my_survey.csv", index=False)
    return folder


def said(words: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of a line of the page, called here."""
    program, *rest = shlex.split(words, comments=True)
    assert program == "touchsim"
    capsys.readouterr()
    with pytest.raises(SystemExit) as left:
        main(rest)
    printed = capsys.readouterr()
    return int(left.value.code or 0), printed.out, printed.err


def test_every_command_of_the_page_runs(
    desk: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(desk)
    verbs = {"new", "check", "touchpoints", "facts", "run", "study", "compare", "score", "map", "reproduce"}
    assert verbs == {line.split()[1] for line in COMMANDS}
    for line in COMMANDS:
        code, out, err = said(line, capsys)
        assert code == 0, f"{line}: {err}"
        assert out
    assert (desk / "study" / "report.html").exists() and (desk / "mine" / "coefficients.csv").exists()


@pytest.mark.parametrize("text", MESSAGES, ids=[text[0] for text in MESSAGES])
def test_every_message_of_the_page_is_what_the_program_prints(
    text: list[str], desk: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(desk)
    code, out, err = said(text[0].removeprefix("$ "), capsys)
    assert (code, out, err.splitlines()) == (2, "", text[1:])


def test_the_page_shows_a_valid_scenario_of_twenty_lines_and_broken_files() -> None:
    assert set(files()) == {"model.yaml", "my_shop.yaml"} | BROKEN
    assert len(files()["my_shop.yaml"].splitlines()) <= 20
    assert len(MESSAGES) >= 3


def test_the_page_names_every_verb_of_the_front_door() -> None:
    for name in touchsim.__all__:
        assert re.search(rf"\bts\.{name}\b", README), name


def test_the_page_links_to_nothing_that_is_missing() -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        assert target.startswith("http") or (ROOT / target).exists(), target
