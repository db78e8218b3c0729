"""Reading: YAML text or plain data in, a frozen document or every broken law with its line out.

A document is read once, at the border: unknown keys are forbidden, nothing is silently converted, and all broken laws
are collected and raised together as `BadInput`, each with file, line, place, law in plain words, what was written and
what to try.  After that it never changes.

    text --marks--> plain data + line marks --pydantic (strict)--> Document
                                     ^                    |
                                     +--- findings <------+  (places of errors walked down the data to their lines)

A document is a pydantic model that subclasses `Document`; its fields are made of the kinds in `quantities`.  A
law between fields is a model validator that raises `Laws` with all its findings, places relative to itself.
Tuples, not lists, hold several values, so that documents stay frozen.  `world` and `study` build on this room.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path as FilePath
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from touchsim.documents.marks import DEEPEST, LARGEST, Marks, Path, dotted, marked, stepped, text_of
from touchsim.documents.sentences import sentence
from touchsim.errors import BadInput, Finding

__all__ = ["Document", "Laws", "parse_document", "read_document", "validate_document"]


class Document(BaseModel):
    """A frozen, strict piece of a file; see the module for the rules.

    Examples
    --------
    >>> class Line(Document):
    ...     capacity: int = 2
    >>> parse_document(Line, "capacity: 3")
    Line(capacity=3)
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, validate_default=True, allow_inf_nan=False,
                              serialize_by_alias=True)  # fmt: skip

    @classmethod
    def completed(cls, data: dict[str, Any]) -> dict[str, Any]:
        """Return what the user gave, completed by what else it means; a document that has a library overrides this."""
        return data


T = TypeVar("T", bound=BaseModel)


class Laws(ValueError):
    """Several broken laws of one document; raised in its model validators.

    Parameters
    ----------
    findings : iterable of Finding
        ``where`` is relative to the document that raises; file and line are looked up from it.
    """

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__("; ".join(str(finding) for finding in self.findings))


def read_document(cls: type[T], path: str | FilePath) -> T:
    """Read a YAML file.

    Parameters
    ----------
    cls : type
        The document class.
    path : str or Path
        The file.

    Returns
    -------
    Document
        Frozen and valid.

    Raises
    ------
    BadInput
        With every finding: a file that is missing, a folder, unreadable, empty, binary, too large or not YAML, and
        every law of the document that it breaks.
    """
    return parse_document(cls, text_of(FilePath(path), str(path)), file=str(path))


def parse_document(cls: type[T], text: str, *, file: str = "<text>") -> T:
    """Read YAML text; findings name `file`.  See `read_document`."""
    if len(text) > LARGEST:
        raise BadInput(Finding("", f"is {len(text) / 1e6:.0f} MB, must be under 2 MB", file=file))
    data, marks, findings = marked(text, file=file)
    if data is None:
        raise BadInput([*findings] or Finding("", "is empty, must be a mapping of keys", file=file))
    if not isinstance(data, dict):
        law = "must be a mapping of keys at the top"
        raise BadInput([*findings, Finding("", law, got=marks[()].text[:60], file=file, line=marks[()].line)])
    try:
        document = validate_document(cls, data, file=file, marks=marks)
    except BadInput as bad:
        raise BadInput(_sorted([*findings, *bad.findings])) from None
    if findings:
        raise BadInput(_sorted(findings))
    return document


def validate_document(
    cls: type[T], data: Mapping[str, Any], *, file: str | None = None, marks: Marks | None = None
) -> T:
    """Make a document from plain Python data: mappings, lists or tuples, text, numbers, dates and other documents.

    Parameters
    ----------
    cls : type
        The document class.
    data : mapping
        What a file would say; durations as text with a unit.
    file, marks : optional
        Name and line marks for findings (see `touchsim.documents.marks`).

    Returns
    -------
    Document
        Frozen and valid.

    Raises
    ------
    BadInput
        With every finding.

    Examples
    --------
    >>> class Line(Document):
    ...     capacity: int
    >>> validate_document(Line, {"capcity": 3})
    Traceback (most recent call last):
    touchsim.errors.BadInput: capacity: is required
    capcity: unknown key; did you mean 'capacity'?
    """
    findings: list[Finding] = []
    plain = _plain(data, (), findings)
    if not findings:
        try:
            complete = getattr(cls, "completed", None)
            return cls.model_validate_json(json.dumps(complete(plain) if complete else plain))
        except ValidationError as error:
            findings = _findings(cls, error, plain, marks or {})
    placed = [_placed(finding, plain, file, marks or {}) for finding in findings]
    raise BadInput(_sorted(placed))


def _plain(value: Any, path: Path, findings: list[Finding]) -> Any:
    """Turn data into what JSON can say; anything else becomes a finding."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        if any("\ud800" <= letter <= "\udfff" for letter in value):
            findings.append(Finding(dotted(path), "holds a broken letter"))
        return value
    if hasattr(value, "item") and getattr(value, "ndim", None) == 0:  # a numpy number
        value = value.item()
    if isinstance(value, (int, float)):
        if isinstance(value, int) and abs(value) > 10**30:
            findings.append(Finding(dotted(path), "is too large a number"))
        return value
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    if len(path) >= DEEPEST:
        findings.append(Finding(dotted(path[:4]), "is nested too deep", got=f"more than {DEEPEST} levels"))
        return None
    if isinstance(value, Mapping):
        for key in value:
            if not isinstance(key, str) or any("\ud800" <= letter <= "\udfff" for letter in key):
                findings.append(Finding(dotted(path), "keys must be text", got=_shortened(repr(key))))
        return {key: _plain(item, (*path, key), findings) for key, item in value.items() if isinstance(key, str)}
    if isinstance(value, (list, tuple)):
        return [_plain(item, (*path, index), findings) for index, item in enumerate(value)]
    law = "must be plain data: text, a number, a date, a list or a mapping"
    findings.append(Finding(dotted(path), law, got=type(value).__name__))
    return None


def _findings(cls: type[BaseModel], error: ValidationError, data: Any, marks: Marks) -> list[Finding]:
    """Say every pydantic error in plain words, at its place in the data."""
    laws: list[Finding] = []
    said: dict[Path, list[tuple[str, str | None]]] = {}
    for item in error.errors(include_url=False, include_input=False):
        raised = item.get("ctx", {}).get("error")
        path = _walked(data, item["loc"])
        if isinstance(raised, (Laws, BadInput)):
            for finding in raised.findings:
                place = dotted((*path, *stepped(finding.where)))
                laws.append(Finding(place, finding.law, finding.got, finding.hint))
            continue
        if item["type"] == "missing":
            path = (*path, str(item["loc"][-1]))
        elif item["type"] == "union_tag_invalid":
            path = (*path, str(item["ctx"]["discriminator"]).strip("'"))
        is_key = item["loc"][-1:] == ("[key]",)
        written = str(path[-1]) if is_key else _written(path, data, marks)
        law, hint = sentence(cls, dict(item), path, written, data)
        if is_key:
            laws.append(Finding(dotted(path), law, hint=hint))
        else:
            said.setdefault(path, []).append((law, hint))
    inner = {path[:depth] for path in said for depth in range(len(path))}
    findings = []
    for path, sentences in said.items():
        if path in inner:  # a union: the mapping branch fits and says more below
            continue
        laws_here = list(dict.fromkeys(law for law, _ in sentences))
        law = laws_here[0] + "".join(f" or {more.removeprefix('must be ')}" for more in laws_here[1:])
        hint = next((hint for _, hint in sentences if hint), None)
        got = None if laws_here[0] in ("is required", "unknown key") else _written(path, data, marks)
        findings.append(Finding(dotted(path), law, got=got, hint=hint))
    return findings + laws


def _walked(data: Any, loc: tuple[Any, ...]) -> Path:
    """Path in the data of a pydantic place, whose parts may also be tags of unions: the walk that uses most parts."""
    if not loc:
        return ()
    part, rest = loc[0], loc[1:]
    skipped = _walked(data, rest)
    inside = (isinstance(data, dict) and part in data) or (
        isinstance(data, list) and isinstance(part, int) and part < len(data)
    )
    if not inside:
        return skipped
    taken = (part, *_walked(data[part], rest))
    return taken if len(taken) >= len(skipped) else skipped


def _written(path: Path, data: Any, marks: Marks) -> str:
    """Show a value as the user wrote it."""
    if path in marks:
        return _shortened(marks[path].text) or "nothing"
    for part in path:
        try:
            data = data[part]
        except (KeyError, IndexError, TypeError):
            return "nothing"
    if isinstance(data, (dict, list)):
        return "a mapping" if isinstance(data, dict) else "a list"
    return "nothing" if data is None else _shortened(json.dumps(data, ensure_ascii=False))


def _sorted(findings: list[Finding]) -> list[Finding]:
    """Order findings as they stand in the file, each once."""
    return sorted(dict.fromkeys(findings), key=lambda finding: finding.line or 0)


def _shortened(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 60 else text[:57] + "..."


def _placed(finding: Finding, data: Any, file: str | None, marks: Marks) -> Finding:
    """Give a finding its file and line: its own key or value, else the nearest one above it."""
    path = stepped(finding.where)
    line = None
    for depth in range(len(path), -1, -1):
        mark = marks.get(path[:depth])
        if mark is not None:
            line = mark.key_line if depth < len(path) or finding.law == "unknown key" else mark.line
            line = mark.key_line if mark.text in ("a mapping", "a list") else line
            break
    return Finding(finding.where, finding.law, finding.got, finding.hint, file, line)
