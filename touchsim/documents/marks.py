"""Where each value of a YAML file stands: the text is read once, by events, into plain data and line marks.

A scenario or a study model is written by a person, so every complaint about it must name a line.  This room turns
YAML text into plain Python data (mappings, lists, text, numbers, true and false, nothing) and keeps beside it, for
every value, the line of its key, its own line and its text as it was written.  `documents` looks them up when a law
is broken.

YAML 1.1 reads ``no`` as false, ``012`` as ten, ``1:30`` as ninety and ``1_000`` as a thousand.  Here such words stay
text, so that a strict document refuses them and shows what was written; only the unmistakable forms become something
else: ``true false``, whole and decimal numbers, ``null`` or nothing at all.  Keys are always text.

Reading by events has no recursion, so that neither deep nesting nor a chain of aliases can exhaust anything.  Tags,
anchors, aliases, duplicate keys and second documents are findings.  Only `documents` calls this room.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import Any

import yaml

from touchsim.errors import BadInput, Finding, nearest

__all__ = [
    "DEEPEST", "LARGEST", "Mark", "Marks", "Path", "dotted", "marked", "missing", "resolved", "stepped", "text_of",
]  # fmt: skip

Path = tuple[str | int, ...]
DEEPEST = 40
"""Levels of nesting that a document may have; the deepest of ours has eight."""

LARGEST = 2_000_000
"""Bytes that a document may have."""

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_WHOLE = re.compile(r"[-+]?(0|[1-9][0-9]{0,29})")
_DECIMAL = re.compile(r"[-+]?((0|[1-9][0-9]*)?\.[0-9]+|(0|[1-9][0-9]*)\.?)([eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_WORDS: dict[str, bool | None] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip


@dataclass(frozen=True)
class Mark:
    """Lines (from 1) of a value and of its key, and the value as it was written (``""`` for nothing at all)."""

    key_line: int
    line: int
    text: str


Marks = Mapping[Path, Mark]


def resolved(text: str) -> str | int | float | bool | None:
    """Read one plain scalar: a number, true, false or nothing if it is unmistakably one, else its text.

    Examples
    --------
    >>> [resolved(text) for text in ("12", "0.5", "1e3", "true", "no", "012", "1:30", "1_000", "2026-01-31")]
    [12, 0.5, 1000.0, True, 'no', '012', '1:30', '1_000', '2026-01-31']
    """
    if text in _WORDS:
        return _WORDS[text]
    if _WHOLE.fullmatch(text):
        return int(text)
    if _DECIMAL.fullmatch(text):
        return float(text)
    if _NOT_FINITE.fullmatch(text):
        return float(text.replace(".", "").lower())
    return text


def dotted(path: Path) -> str:
    """Write a path as people read it.

    Examples
    --------
    >>> dotted(("touchpoints", "phone", "needs", 0))
    'touchpoints.phone.needs[0]'
    """
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def stepped(where: str) -> Path:
    """Read a dotted path back into its parts.

    Examples
    --------
    >>> stepped("touchpoints.phone.needs[0]")
    ('touchpoints', 'phone', 'needs', 0)
    """
    parts = re.findall(r"\[(\d+)\]|([^.\[\]]+)", where)
    return tuple(int(index) if index else key for index, key in parts)


@dataclass
class _Level:
    """One open mapping or list on the way down."""

    path: Path
    data: Any
    key: str | None = None
    key_line: int = 0


def marked(text: str, *, file: str) -> tuple[Any, dict[Path, Mark], list[Finding]]:
    """Read YAML text into plain data, line marks and findings.

    Parameters
    ----------
    text : str
        The whole document.
    file : str
        Name shown in findings.

    Returns
    -------
    data : mapping, list, text, number, bool or None
        What was written; where a finding stands, the last of two equal keys.
    marks : dict
        Path to `Mark`; the empty path is the top of the document.
    findings : list of Finding
        Broken laws of writing (syntax, duplicate keys, tags, anchors, depth).  The data is usable beside findings
        unless it is None.
    """
    findings: list[Finding] = []
    marks: dict[Path, Mark] = {}
    levels: list[_Level] = []
    top: Any = None
    documents = 0

    def found(where: Path, law: str, line: int, got: str | None = None, hint: str | None = None) -> None:
        findings.append(Finding(dotted(where), law, got=got, hint=hint, file=file, line=line))

    def put(value: Any, line: int, written: str) -> Path:
        nonlocal top
        path: Path = ()
        key_line = line
        if not levels:
            top = value
        else:
            level = levels[-1]
            if isinstance(level.data, list):
                path = (*level.path, len(level.data))
                level.data.append(value)
            else:
                path, key_line = (*level.path, str(level.key)), level.key_line
                level.data[level.key] = value
                level.key = None
        marks[path] = Mark(key_line, line, written)
        return path

    try:
        for event in yaml.parse(text, Loader=_LOADER):
            line = event.start_mark.line + 1 if event.start_mark else 1
            here = levels[-1].path if levels else ()
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    found((), "must hold one document", line, hint="remove the line ---")
                    break
            elif isinstance(event, yaml.AliasEvent):
                found(here, "anchors and aliases are not read", line, f"*{event.anchor}", "write the value out")
                return None, marks, findings
            elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
                levels.pop()
            elif isinstance(event, (yaml.ScalarEvent, yaml.MappingStartEvent, yaml.SequenceStartEvent)):
                if event.anchor:
                    found(here, "anchors and aliases are not read", line, f"&{event.anchor}", "write the value out")
                if event.tag:
                    found(here, "tags are not read", line, str(event.tag), "write the plain value")
                wants_key = bool(levels) and isinstance(levels[-1].data, dict) and levels[-1].key is None
                if isinstance(event, yaml.ScalarEvent):
                    if wants_key:
                        level = levels[-1]
                        level.key, level.key_line = event.value, line
                        if event.value in level.data:
                            first = marks[(*level.path, event.value)].key_line
                            found((*level.path, event.value), f"key stands twice, first on line {first}", line)
                    else:
                        plain = event.style is None or event.style == ""
                        plain = plain and event.implicit[0]
                        put(resolved(event.value) if plain else event.value, line,
                            event.value if plain else f'"{event.value}"')  # fmt: skip
                elif wants_key:
                    found(here, "a key must be a plain word", line)
                    return None, marks, findings
                elif len(levels) >= DEEPEST:
                    found(here[:4], "is nested too deep", line, f"more than {DEEPEST} levels")
                    return None, marks, findings
                else:
                    new: Any = {} if isinstance(event, yaml.MappingStartEvent) else []
                    path = put(new, line, "a mapping" if isinstance(new, dict) else "a list")
                    levels.append(_Level(path, new))
    except yaml.YAMLError as error:
        findings.append(_syntax(error, file))
        return None, marks, findings
    return top, marks, findings


def text_of(path: FilePath, file: str) -> str:
    """Text of a file, shown as `file` in findings; raises `BadInput` with the reason when there is none."""
    try:
        if not path.exists():
            raise BadInput(missing(file))
        if path.is_dir():
            raise BadInput(Finding("", "is a folder, must be a file", file=file))
        if not path.is_file():
            raise BadInput(Finding("", "is not a regular file", file=file))
        size = path.stat().st_size
        if size > LARGEST:
            raise BadInput(Finding("", f"is {size / 1e6:.0f} MB, must be under 2 MB", file=file))
        content = path.read_bytes()
    except (OSError, ValueError) as error:
        if isinstance(error, BadInput):
            raise
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise BadInput(Finding("", f"cannot be read: {reason.lower()}", file=file)) from None
    if not content.strip():
        raise BadInput(Finding("", "is empty, must be a mapping of keys", file=file))
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise BadInput(Finding("", "is not a text file in UTF-8", file=file, line=line)) from None
    if "\0" in text:
        raise BadInput(Finding("", "is a binary file, must be text", file=file))
    return text


def missing(file: str | FilePath) -> Finding:
    """Say that a file is not there, and which one of its folder may be meant."""
    path = FilePath(file)
    names = [entry.name for entry in path.parent.iterdir()] if path.parent.is_dir() else []
    return Finding("", "no such file", hint=nearest(path.name, names), file=str(file))


def _syntax(error: yaml.YAMLError, file: str) -> Finding:
    """Say a syntax error of YAML in one line."""
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    if mark is None:
        return Finding("", "is not a text file", got=" ".join(str(error).split())[:80], file=file)
    problem = " ".join(str(getattr(error, "problem", None) or "cannot be read").split())
    hint = "indent with spaces, not tabs" if "\\t" in problem or "'\t'" in str(error) else None
    if "mapping values are not allowed" in problem:
        hint = "is the line above complete, and is a text with a colon in quotes?"
    return Finding("", f"is not YAML: {problem}", hint=hint, file=file, line=mark.line + 1)
