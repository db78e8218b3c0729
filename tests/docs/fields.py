"""Every field of the scenario document, its default and why: the table at the end of docs/model.md, and its writer.

    python -m tests.docs.fields          writes the table anew after a field or a default has changed
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel

from touchsim.documents import defaults_of
from touchsim.vocabulary import CONSEQUENCES, FACETS, NEEDS, STAGES, keys
from touchsim.world.laws import Law
from touchsim.world.scenario import Scenario

PAGE = Path(__file__).resolve().parents[2] / "docs" / "model.md"
BEGIN, END = "<!-- fields: written by python -m tests.docs.fields -->", "<!-- end of fields -->"
ANSWERS = keys(CONSEQUENCES)
SAME = {"needs": keys(NEEDS), "funnel": keys(STAGES), "satisfaction": ("search", "experience"), "intentions": ANSWERS}
"""Sections whose entries all have the same fields: one row for all of them."""


def walked(document: type[BaseModel], path: str = "") -> Iterator[tuple[str, str]]:
    """Dotted places of all fields of a document, and what they say of themselves; a user's own name is ``*``."""
    for name, field in document.model_fields.items():
        at = f"{path}.{field.alias or name}" if path else field.alias or name
        yield at, field.description or ""
        yield from _inside(field.annotation, at)


def _inside(annotation: Any, at: str) -> Iterator[tuple[str, str]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        if annotation is not Law:  # a law of duration counts as one field
            yield from walked(annotation, at)
        return
    parts = get_args(annotation)
    if parts and str(annotation).startswith("dict"):
        yield from _inside(parts[1], f"{at}.*")
        return
    for part in parts:
        yield from _inside(part, at)


def merged(path: str) -> str | None:
    """Place with the entries of `SAME` written as ``*``; None for one of the nine facets or four consequences."""
    parts = path.split(".")
    for n in range(len(parts) - 2):
        if parts[n + 1] in SAME.get(parts[n], ()):
            parts[n + 1] = "*"
    per_construct = len(parts) > 2 and parts[-1] in (*keys(FACETS), *ANSWERS) and parts[-2] != "intentions"
    return None if per_construct and path != "survey.judge.fulfilment" else ".".join(parts)


def spoken(value: Any) -> str:
    """Default as a person writes it."""
    if isinstance(value, BaseModel):
        value = value.model_dump(mode="json")
    if isinstance(value, dict) and "law" in value:
        rest = ", ".join(f"{key} {number}" for key, number in value.items() if key != "law" and number is not None)
        return value["mean"] if value["law"] == "fixed" else f"{value['law']}, {rest}"
    if isinstance(value, dict):
        said = [f"{key} {spoken(part)}" for key, part in value.items() if part not in (0, 0.0, False, None)]
        return ", ".join(said) or "none"
    if isinstance(value, (list, tuple)):
        return "; ".join(spoken(part) for part in value)
    return "yes" if value is True else "no" if value is False else str(value) or "none"


def table() -> list[str]:
    """Lines of the table."""
    marked = {path: rest for path, *rest in defaults_of(Scenario)}
    lines = ["| field | default | kind | why, or source |", "|---|---|---|---|"]
    seen: set[str] = set()
    for path, description in walked(Scenario):
        place = merged(path)
        if place is None or place in seen:
            continue
        seen.add(place)
        default, kind, why = marked.get(path, ("", "", ""))
        if kind in ("", "unmarked"):
            kind, default = "", default if kind else ""
        shown = spoken(default) if default != "" else ""
        lines.append(f"| `{place}` | {shown} | {kind} | {why or description} |")
    return lines


def main() -> None:
    """Write the table into the page."""
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    PAGE.write_text("\n".join([before + BEGIN, *table(), END]) + after, encoding="utf-8")


if __name__ == "__main__":
    main()
