"""One person on the command line: a customer's story, and a mystery guest with a script."""

from __future__ import annotations

from pathlib import Path

import pytest

from touchsim.cli import main

SCRIPT = """name: anna
starts: 2 days
visits:
  - {touchpoint: store, expect: {wait: 0 s, outcome: served}}
  - {touchpoint: phone}
"""


def touchsim(*words: str) -> int:
    """Exit code of a command."""
    with pytest.raises(SystemExit) as left:
        main(list(words))
    return int(left.value.code or 0)


def test_a_story_is_told_and_told_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "story"
    assert touchsim("story", "corner_shop", "--customer", "3", "--customers", "20", "--out", str(out)) == 0
    assert "Customer 3 is one of the" in capsys.readouterr().out
    assert touchsim("reproduce", str(out)) == 0


def test_a_mystery_guest_reports_what_the_script_asks(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    script, out = tmp_path / "anna.yaml", tmp_path / "guest"
    script.write_text(SCRIPT)
    words = ("--script", str(script), "--replications", "2", "--out", str(out))
    assert touchsim("mystery-guest", "corner_shop", *words) == 0
    said = capsys.readouterr().out
    assert "anna was sent to 2 touchpoints" in said and "2 replications" in said
    assert (out / "guest.csv").exists() and (out / "report.html").exists()
    assert touchsim("reproduce", str(out)) == 0


@pytest.mark.parametrize(("wrong", "said"), [
    (SCRIPT.replace("store", "stroe"), "store"), (SCRIPT.replace("0 s", "0 seks"), "seks"),
    ("name: anna\nvisits: []\n", "visits"),
])  # fmt: skip
def test_a_bad_script_is_one_clean_message(
    wrong: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    script, out = tmp_path / "anna.yaml", tmp_path / "guest"
    script.write_text(wrong)
    assert touchsim("mystery-guest", "corner_shop", "--script", str(script), "--out", str(out)) == 2
    heard = capsys.readouterr()
    assert said in heard.err + heard.out and "Traceback" not in heard.err and not out.exists()
