"""Documents written out again: as YAML that reads back to an equal document, as JSON Schema, as a table of defaults.

The short form leaves out what a document does not say otherwise than its defaults; the full form says everything, so
that it means the same when a default changes one day (manifests keep that one).  Durations get their units back; text
that would read as a number, a truth or nothing is put in quotes.

Called by `manifest`, `cli` and the report through `documents`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any, Literal, get_origin

import yaml
from pydantic import BaseModel, TypeAdapter
from pydantic_core import PydanticUndefined

from touchsim.documents.marks import Path, dotted, resolved
from touchsim.documents.sentences import models_at

__all__ = ["defaults_of", "dump_yaml", "json_schema"]

_NOTHING: tuple[Any, ...] = (None, (), {}, [], "", frozenset(), PydanticUndefined)


def json_schema(cls: type[BaseModel]) -> dict[str, Any]:
    """JSON Schema of a document, for editors that complete and check YAML."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema"} | cls.model_json_schema()


def dump_yaml(document: BaseModel, *, full: bool = False) -> str:
    r"""Write a document as YAML that reads back to an equal one.

    Parameters
    ----------
    document : Document
        What to write.
    full : bool
        Write defaults too, so that the text means the same when a default changes one day.

    Returns
    -------
    str
        Keys in the order of the class; durations with units.

    Examples
    --------
    >>> from touchsim.documents import Document
    >>> class Line(Document):
    ...     label: str
    ...     capacity: int = 1
    >>> dump_yaml(Line(label="no")), dump_yaml(Line(label="no"), full=True)
    ("label: 'no'\n", "label: 'no'\ncapacity: 1\n")
    """
    data = document.model_dump(mode="json") if full else _short(document)
    return str(yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110, default_flow_style=None))


def defaults_of(cls: type[BaseModel]) -> list[tuple[str, Any, str, str]]:
    """Every default that a document class holds, nested ones too.

    Returns
    -------
    list of (path, default, status, text)
        ``touchpoints.*.capacity`` style path, the default as it is written, ``"fact"``, ``"assumption"`` or
        ``"unmarked"``, and the source or reason.  Unmarked empty defaults (None, no entries) are left out.
    """
    rows: list[tuple[str, Any, str, str]] = []

    def walk(model: type[BaseModel], path: Path, above: tuple[type[BaseModel], ...]) -> None:
        for name, field in model.model_fields.items():
            extra = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
            default = field.get_default(call_default_factory=True)
            name = field.alias or name
            inner = [(more, nested) for more, nested in models_at(field.annotation) if nested not in above]
            if "status" in extra:
                text = str(extra.get("why") or extra.get("source") or "")
                shown = default.model_dump(mode="json") if isinstance(default, BaseModel) else default
                rows.append((dotted((*path, name)), shown, str(extra["status"]), text))
            elif not inner and get_origin(field.annotation) is not Literal and default not in _NOTHING:
                rows.append((dotted((*path, name)), default, "unmarked", ""))
            for more, nested in inner:
                walk(nested, (*path, name, *more), (*above, nested))

    walk(cls, (), (cls,))
    return list({row[0]: row for row in rows}.values())


class _Dumper(yaml.SafeDumper):
    """Writes text in quotes wherever it would read back as something else."""

    def serialize(self, node: yaml.Node) -> None:
        if isinstance(node, yaml.CollectionNode):
            node.flow_style = False  # one key a line at the top, however short the document
        super().serialize(node)

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    plain = isinstance(resolved(text), str) and re.fullmatch(r"[^\W\d][\w /().-]*|[0-9.]+ [a-z]+", text) is not None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=None if plain else '"')


_Dumper.add_representer(str, _represent_text)


@cache
def _defaults(cls: type[BaseModel]) -> dict[str, Any]:
    """Validated default of every field that has one."""
    values = {}
    for name, field in cls.model_fields.items():
        if not field.is_required():
            adapter: TypeAdapter[Any] = TypeAdapter(field.rebuild_annotation())
            values[name] = adapter.validate_python(field.get_default(call_default_factory=True), strict=False)
    return values


def _short(document: BaseModel) -> dict[str, Any]:
    """Plain data of a document without its defaults."""
    full = document.model_dump(mode="json")
    defaults = _defaults(type(document))

    def shortened(value: Any, plain: Any) -> Any:
        if isinstance(value, BaseModel):
            return _short(value)
        if isinstance(value, Mapping):
            return {key: shortened(item, plain[str(key)]) for key, item in value.items()}
        if isinstance(value, tuple):
            return [shortened(item, one) for item, one in zip(value, plain, strict=True)]
        return plain

    tags = {name for name, field in type(document).model_fields.items() if get_origin(field.annotation) is Literal}
    kept = {name: value for name, value in document if name not in defaults or defaults[name] != value or name in tags}
    fields = type(document).model_fields
    written = {name: fields[name].alias or name for name in kept}
    return {written[name]: shortened(value, full[written[name]]) for name, value in kept.items()}
