"""Every notebook asks a question, runs from top to bottom, and stays light enough to be read on the web."""

from __future__ import annotations

import re
import statistics
from pathlib import Path

import nbformat
import pytest

from tests.notebooks.execute import FOLDER, executed

NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
named = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


NUMBER = re.compile(r"[-\u2212]?\d[\d,]*(?:\.\d+)?")


def told(cell: nbformat.NotebookNode) -> str:
    """What a cell prints or shows as text, in one line."""
    texts = [output.get("text") or output.get("data", {}).get("text/plain", "") for output in cell.get("outputs", ())]
    return " ".join(" ".join(texts).split())


def numbers(text: str) -> list[float]:
    return [float(found.replace(",", "").replace("\u2212", "-")) for found in NUMBER.findall(text)]


@named
def test_a_notebook_runs_from_top_to_bottom_and_says_what_is_committed(path: Path) -> None:
    for cell, committed in zip(executed(path).cells, nbformat.read(path, as_version=4).cells, strict=True):
        for output in cell.get("outputs", ()):
            assert output.output_type != "stream" or output.name != "stderr", output.text
        now, before = told(cell), told(committed)
        assert NUMBER.sub("#", now) == NUMBER.sub("#", before), "run `make notebooks`"
        assert numbers(now) == pytest.approx(numbers(before), rel=0.02, abs=0.02), "run `make notebooks`"


@named
def test_a_notebook_is_committed_with_light_outputs_in_order(path: Path) -> None:
    code = [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1)), "run `make notebooks`"
    assert path.stat().st_size < 500_000


@named
def test_a_notebook_is_a_question_told_in_short_cells(path: Path) -> None:
    cells = nbformat.read(path, as_version=4).cells
    title = cells[0].source.splitlines()[0]
    assert title.startswith("# ") and title.endswith("?"), "the title is the question"
    assert 10 <= len(cells) <= 25
    code = [cell.source for cell in cells if cell.cell_type == "code"]
    assert statistics.median(len(source.splitlines()) for source in code) <= 6
    assert not [source for source in code if "pip install" in source or "sys.path" in source]
    assert any("assert " in source for source in code), "the last cells pin the numbers of the prose"
