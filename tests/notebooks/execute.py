"""Execute notebooks from top to bottom, each in its own kernel; ``make notebooks`` rewrites them with their outputs.

    python -m tests.notebooks.execute [NOTEBOOK ...]
"""

from __future__ import annotations

import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient

FOLDER = Path(__file__).resolve().parents[2] / "notebooks"


def executed(path: Path) -> nbformat.NotebookNode:
    """The notebook after a run in its own folder; raises what a cell raises."""
    notebook = nbformat.read(path, as_version=4)
    quiet = ["--IPKernelApp.log_level=ERROR"]
    client = NotebookClient(
        notebook, timeout=900, kernel_name="python3", resources={"metadata": {"path": str(path.parent)}},
        extra_arguments=quiet,
    )  # fmt: skip
    client.execute()
    for number, cell in enumerate(notebook.cells):
        cell.id = f"cell-{number:02d}"
        cell.metadata = {key: value for key, value in cell.metadata.items() if key == "tags"}
    notebook.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    return notebook


if __name__ == "__main__":
    for name in sys.argv[1:] or sorted(FOLDER.glob("*.ipynb")):
        print(f"executing {Path(name).name} ...")
        nbformat.write(executed(Path(name)), name)
