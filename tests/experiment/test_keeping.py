"""What is promised of kept studies: only sound ones of the same design are gone on with."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import warnings
from pathlib import Path

import pandas as pd
import pytest

import touchsim as ts
from touchsim.cli import main
from touchsim.errors import BadInput
from touchsim.experiment.score import ScoreCard

SHOP = ts.load_scenario("corner_shop")


def scored(keep: Path | None, seed: int = 1, studies: int = 20) -> ScoreCard:
    return ts.score_card(SHOP, n=60, studies=studies, workers=1, estimators="ols", seed=seed, keep=keep)


@pytest.fixture(scope="module")
def fresh() -> ScoreCard:
    return scored(None)


@pytest.fixture
def keep(tmp_path: Path) -> Path:
    scored(tmp_path / "keep")
    return tmp_path / "keep"


def truncated(keep: Path) -> None:
    file = keep / "rows-000001.parquet"
    file.write_bytes(file.read_bytes()[:500])


def emptied(keep: Path) -> None:
    (keep / "rows-000001.parquet").write_bytes(b"")


def swapped(keep: Path) -> None:
    one, other = keep / "rows-000000.parquet", keep / "rows-000001.parquet"
    first, second = one.read_bytes(), other.read_bytes()
    one.write_bytes(second)
    other.write_bytes(first)


def changed(keep: Path) -> None:
    file = keep / "rows-000001.parquet"
    frame = pd.read_parquet(file)
    frame["std_beta"] += 1
    frame.to_parquet(file, index=False)


def unlisted(keep: Path) -> None:
    plan = json.loads((keep / "plan.json").read_text())
    del plan["parts"]["rows-000001.parquet"]
    (keep / "plan.json").write_text(json.dumps(plan))


@pytest.mark.parametrize("befalls", [truncated, emptied, swapped, changed, unlisted])
def test_what_is_not_as_it_was_written_is_made_again_and_said_once(befalls, keep: Path, fresh: ScoreCard) -> None:
    befalls(keep)
    with pytest.warns(UserWarning, match="not as they were written.*rows-000001.parquet") as said:
        again = scored(keep)
    assert len(said) == 1
    pd.testing.assert_frame_equal(again.studies, fresh.studies)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        pd.testing.assert_frame_equal(scored(keep).table, fresh.table)


def test_a_file_of_somebody_else_is_passed_over(keep: Path, fresh: ScoreCard) -> None:
    (keep / "rows-abc.parquet").write_bytes(b"mine")
    pd.testing.assert_frame_equal(scored(keep).table, fresh.table)
    assert (keep / "rows-abc.parquet").read_bytes() == b"mine"


@pytest.mark.parametrize("content", [None, "", "[]", "{}", '{"plan": 1, "versions": {}, "parts": {}}'])
@pytest.mark.parametrize("seed", [1, 2])
def test_studies_without_a_plan_are_refused(content: str | None, seed: int, keep: Path) -> None:
    (keep / "plan.json").unlink() if content is None else (keep / "plan.json").write_text(content)
    with pytest.raises(BadInput, match=r"keep: holds studies without a sound plan.json.*choose another folder"):
        scored(keep, seed=seed)


def test_studies_of_another_seed_or_version_are_refused(keep: Path) -> None:
    with pytest.raises(BadInput, match="holds studies of another design, seed or scenario"):
        scored(keep, seed=2)
    plan = json.loads((keep / "plan.json").read_text())
    plan["versions"]["touchsim"] = "0.0.1"
    (keep / "plan.json").write_text(json.dumps(plan))
    with pytest.raises(BadInput, match=r"made by another version \(got touchsim 0.0.1, here "):
        scored(keep)


def test_a_file_in_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "keep").write_text("mine")
    with pytest.raises(BadInput, match="keep: must be a folder that can be written"):
        scored(tmp_path / "keep")


def test_what_a_killed_score_left_is_swept_gone_on_with_and_spoken_of_in_words_of_the_command(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["score", "corner_shop", "--n", "60", "--workers", "1", "--estimator", "ols"]
    words += ["--out", str(tmp_path / "card")]
    killed = ("import os, signal, sys, touchsim.experiment.keeping as keeping; from touchsim.cli import main; "
              "made = keeping.simulated_ten; keeping.simulated_ten = lambda plan, place, count: "
              "os.kill(os.getpid(), signal.SIGKILL) if place else made(plan, place, count); main(sys.argv[1:])")
    run = subprocess.run([sys.executable, "-c", killed, *words, "--studies", "20"], check=False,
                         env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)})  # fmt: skip
    assert run.returncode == -9
    left = {path.suffix for path in tmp_path.iterdir()}
    assert left == {".part", ".studies"}
    alive = tmp_path / f".card.{platform.node()}-{os.getppid()}.part"
    alive.mkdir()
    with pytest.raises(SystemExit) as ended:
        main([*words, "--studies", "20", "--seed", "2"])
    said = capsys.readouterr().err
    assert ended.value.code == 2 and "keep" not in said
    assert "--out: beside it waits .card.studies, which holds studies of another design, seed or scenario" in said
    assert f"remove {tmp_path / '.card.studies'} or choose another --out" in said
    assert [path for path in tmp_path.glob(".*.part")] == [alive], "what lives is left alone, what is dead is swept"
    (tmp_path / ".card.studies" / "rows-000000.parquet").write_bytes(b"")
    with pytest.raises(SystemExit) as ended:
        main([*words, "--studies", "20"])
    said = capsys.readouterr().err
    assert ended.value.code == 0 and said.count("not as they were written") == 1 and "UserWarning" not in said
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([alive.name, "card"])
