"""Output folders appear whole or not at all, and a manifest says how to make them again."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from touchsim.errors import BadInput
from touchsim.manifest import Manifest, OutputFolder, difference, digests, read_manifest, versions

RUN = Manifest(touchsim="0.1.0", command="run", arguments={"seed": 1, "customers": None, "with": ("a", "b")})
FRAME = pd.DataFrame({"kpi": ["reach", "wait"], "value": [0.1, 1 / 3]})


def write(path: Path, manifest: Manifest | None = RUN) -> None:
    with OutputFolder(path, manifest) as out:
        out.table("kpis", FRAME)
        out.text("note.txt", "héllo")


def test_a_folder_holds_tables_twice_and_a_manifest_that_reads_back(tmp_path: Path) -> None:
    write(tmp_path / "deep" / "run")
    assert {path.name for path in (tmp_path / "deep" / "run").iterdir()} == {
        "kpis.csv", "kpis.parquet", "manifest.json", "note.txt",
    }  # fmt: skip
    pd.testing.assert_frame_equal(pd.read_csv(tmp_path / "deep" / "run" / "kpis.csv"), FRAME)
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "deep" / "run" / "kpis.parquet"), FRAME)
    manifest = read_manifest(tmp_path / "deep" / "run")
    assert manifest.same_run(RUN)
    assert manifest.files == digests(tmp_path / "deep" / "run")
    assert manifest.versions == versions()
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["run"], "nothing else is left beside it"


def test_the_same_run_gives_the_same_bytes_and_may_be_written_again(tmp_path: Path) -> None:
    write(tmp_path / "run")
    before = {path.name: path.read_bytes() for path in (tmp_path / "run").iterdir()}
    write(tmp_path / "run")
    assert {path.name: path.read_bytes() for path in (tmp_path / "run").iterdir()} == before


@pytest.mark.parametrize(
    "other",
    [
        RUN.model_copy(update={"arguments": {"seed": 2}}),
        RUN.model_copy(update={"command": "study"}),
        RUN.model_copy(update={"scenario": "name: other"}),
        RUN.model_copy(update={"texts": {"a.yaml": "x: 1"}}),
        RUN.model_copy(update={"touchsim": "0.2.0"}),
        None,
    ],
)
def test_another_run_is_never_overwritten(tmp_path: Path, other: Manifest | None) -> None:
    write(tmp_path / "run")
    before = digests(tmp_path / "run")
    with pytest.raises(BadInput, match="never overwritten"):
        write(tmp_path / "run", other)
    assert digests(tmp_path / "run") == before


def test_a_manifest_keeps_files_in_folders_too_but_for_pictures(tmp_path: Path) -> None:
    with OutputFolder(tmp_path / "run", RUN) as out:
        for place in ("sheets", "pictures"):
            (out.folder / place).mkdir()
            (out.folder / place / "one.md").write_text("x")
    assert set(read_manifest(tmp_path / "run").files) == {"sheets/one.md"}


def test_files_that_somebody_put_there_are_never_overwritten(tmp_path: Path) -> None:
    write(tmp_path / "run")
    (tmp_path / "run" / "drafts").mkdir()
    (tmp_path / "run" / "drafts" / "chapter.md").write_text("call me")
    with pytest.raises(BadInput, match="never overwritten"):
        write(tmp_path / "run")
    (tmp_path / "run" / "drafts" / "chapter.md").unlink()
    (tmp_path / "run" / "my_notes.txt").write_text("dear diary")
    with pytest.raises(BadInput, match="never overwritten"):
        write(tmp_path / "run")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.tex").write_text("chapter 1")
    with pytest.raises(BadInput, match="holds other files"):
        write(tmp_path / "mine")
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "manifest.json").write_text("{")
    with pytest.raises(BadInput, match="holds another run"):
        write(tmp_path / "broken")


def test_an_empty_folder_is_filled(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    write(tmp_path / "run", None)
    assert sorted(path.name for path in (tmp_path / "run").iterdir()) == ["kpis.csv", "kpis.parquet", "note.txt"]


FULL = OSError(28, "No space left on device")


@pytest.mark.parametrize("failure", [RuntimeError("a fault"), KeyboardInterrupt(), FULL])
def test_nothing_is_left_half_written(tmp_path: Path, failure: BaseException) -> None:
    with (
        pytest.raises(BadInput if isinstance(failure, OSError) else type(failure)),
        OutputFolder(tmp_path / "a" / "b" / "run", RUN) as out,
    ):
        out.table("kpis", FRAME)
        raise failure
    assert list(tmp_path.iterdir()) == []


def test_a_failure_leaves_the_run_that_stood_there_untouched(tmp_path: Path) -> None:
    write(tmp_path / "run")
    before = digests(tmp_path / "run")
    with pytest.raises(RuntimeError), OutputFolder(tmp_path / "run", RUN):
        raise RuntimeError
    assert digests(tmp_path / "run") == before
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_a_place_that_cannot_be_written_is_refused_before_any_work(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    unwritable = (tmp_path / "file" / "run", Path("/proc/run"), tmp_path / ("x" * 300))
    for place, law in ((tmp_path / "file", "is a file"), *((path, "cannot be written") for path in unwritable)):
        worked = False
        with pytest.raises(BadInput, match=law), OutputFolder(place, RUN):
            worked = True
        assert not worked


def test_a_difference_names_the_file_and_the_versions(tmp_path: Path) -> None:
    write(tmp_path / "run")
    one = read_manifest(tmp_path / "run")
    assert difference(one, one) == []
    other = one.model_copy(update={
        "files": {**one.files, "kpis.csv": "0"} | {"more.csv": "1"}, "versions": {**one.versions, "numpy": "9"},
    })  # fmt: skip
    del other.files["note.txt"]
    assert difference(one, other) == [
        "kpis.csv differs", "note.txt is missing now", "more.csv is new", f"numpy was {one.versions['numpy']}, is 9",
    ]  # fmt: skip
    same_files = one.model_copy(update={"versions": {**one.versions, "numpy": "9"}})
    assert difference(one, same_files) == [], "other versions alone make no difference"


def test_a_folder_without_a_readable_manifest_is_no_run(tmp_path: Path) -> None:
    for name, text in (("nowhere", None), ("empty", ""), ("other", json.dumps({"command": "run"}))):
        if text is not None:
            (tmp_path / name).mkdir()
            (tmp_path / name / "manifest.json").write_text(text)
        with pytest.raises(BadInput):
            read_manifest(tmp_path / name)
