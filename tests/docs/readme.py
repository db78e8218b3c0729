"""Write what the examples of README.md print today; part of `make golden`.

    python -m tests.docs.readme

An output with an ellipsis stays as a person wrote it.
"""

from __future__ import annotations

import contextlib
import doctest
import io
from pathlib import Path
from typing import Any

README = Path(__file__).resolve().parents[2] / "README.md"


def printed(example: doctest.Example, names: dict[str, Any]) -> str:
    """What an example prints, value of an expression included."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(compile(example.source, "README.md", "single"), names)
    return out.getvalue()


def main() -> None:
    """Run every example and write its output into the page."""
    text = README.read_text(encoding="utf-8")
    names: dict[str, Any] = {}
    for example in doctest.DocTestParser().get_examples(text):
        now = printed(example, names)
        if example.want and "..." not in example.want and now != example.want:
            assert text.count(example.want) == 1, example.want
            text = text.replace(example.want, now)
    README.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
