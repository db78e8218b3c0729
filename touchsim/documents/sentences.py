"""What a broken law of a document is called in plain words, and what to try instead.

pydantic says ``float_type`` or ``extra_forbidden``; a person reads "must be a number" or "unknown key; did you mean
'capacity'?".  This room holds the dictionary, and the walk down a document class that finds which keys are valid at a
place.  Only `documents` calls it.
"""

from __future__ import annotations

import re
import types
from collections.abc import Iterator
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel

from touchsim.errors import nearest

__all__ = ["models_at", "sentence"]

_LAWS = {
    "missing": "is required",
    "extra_forbidden": "unknown key",
    "string_type": "must be text",
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "int_parsing": "must be a whole number",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "finite_number": "must be a finite number",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "model_type": "must be a mapping of keys",
    "model_attributes_type": "must be a mapping of keys",
    "dict_type": "must be a mapping of keys",
    "tuple_type": "must be a list",
    "list_type": "must be a list",
    "set_type": "must be a list",
    "frozen_set_type": "must be a list",
    "none_required": "must be left empty",
    "date_type": "must be a date such as 2026-01-31",
    "date_parsing": "must be a date such as 2026-01-31",
    "date_from_datetime_parsing": "must be a date such as 2026-01-31",
    "date_from_datetime_inexact": "must be a date without a time",
    "greater_than": "must be above {gt:.10g}",
    "greater_than_equal": "must be at least {ge:.10g}",
    "less_than": "must be below {lt:.10g}",
    "less_than_equal": "must be at most {le:.10g}",
    "string_too_short": "must have at least {min_length} letters",
    "string_too_long": "must have at most {max_length} letters",
    "too_short": "must have at least {min_length} entries",
    "too_long": "must have at most {max_length} entries",
    "union_tag_not_found": "must say its kind under {discriminator}",
    "recursion_loop": "refers to itself",
}
_TRUTHS = {"yes": "true", "on": "true", "y": "true", "no": "false", "off": "false", "n": "false"}


def sentence(
    cls: type[BaseModel], error: dict[str, Any], path: tuple[str | int, ...], written: str, data: Any
) -> tuple[str, str | None]:
    """Say one pydantic error.

    Parameters
    ----------
    cls : type
        The document class that was read.
    error : dict
        One entry of ``ValidationError.errors()``.
    path : tuple
        Its place in the data.
    written : str
        The value as the user wrote it.
    data : mapping
        The whole document as plain data.

    Returns
    -------
    law : str
        ``must be ...``, without a full stop.
    hint : str or None
        The nearest valid word, or an example of the right form.
    """
    kind, ctx = error["type"], error.get("ctx", {})
    if kind == "law":
        return str(ctx["law"]), ctx.get("hint")
    if kind in ("value_error", "assertion_error"):
        return str(ctx.get("error", error["msg"])), None
    if kind in ("literal_error", "enum", "union_tag_invalid"):
        words = re.findall(r"'([^']*)'", str(ctx.get("expected") or ctx.get("expected_tags")))
        if not words:
            return f"must be {ctx.get('expected') or ctx.get('expected_tags')}", None
        law = f"must be one of {', '.join(words)}" if len(words) > 1 else f"must be {words[0]}"
        return law, nearest(written.strip('"'), words)
    message = str(error["msg"])
    try:
        law = _LAWS[kind].format(**ctx)
    except (KeyError, ValueError):
        law = message[:1].lower() + message[1:]
    return law, _hint(cls, kind, path, written, data)


def _hint(cls: type[BaseModel], kind: str, path: tuple[str | int, ...], written: str, data: Any) -> str | None:
    if kind == "extra_forbidden":
        known = _keys(cls, path[:-1], data)
        if not known:
            return None
        return nearest(path[-1], known) or f"known keys: {', '.join(known)}"
    if kind in ("bool_type", "bool_parsing") and written.lower() in _TRUTHS:
        return f"did you mean {_TRUTHS[written.lower()]}?"
    if kind == "string_type" and written not in ("nothing", "a mapping", "a list"):
        return f'write it in quotes: "{written}"'
    if kind in ("tuple_type", "list_type") and written not in ("nothing", "a mapping"):
        return f"write [{written}]"
    return None


def _keys(cls: type[BaseModel], path: tuple[str | int, ...], data: Any) -> list[str]:
    """Valid keys at a place: of the class, or of the classes of a union that agree with what is written there."""
    kinds: list[Any] = [cls]
    for part in path:
        try:
            data = data[part]
        except (KeyError, IndexError, TypeError):
            return []
        kinds = [inner for kind in kinds for one in _branches(kind) for inner in _inside(one, part)]
    here = [one for kind in kinds for one in _branches(kind) if _is_model(one) and _agrees(one, data)]
    return list(dict.fromkeys(field.alias or name for one in here for name, field in one.model_fields.items()))


def _branches(kind: Any) -> Iterator[Any]:
    """Kinds that a type may be, annotations and unions opened."""
    origin = get_origin(kind)
    if origin is Annotated:
        yield from _branches(get_args(kind)[0])
    elif origin in (Union, types.UnionType):
        for one in get_args(kind):
            yield from _branches(one)
    elif kind is not None and kind is not type(None):
        yield kind


def _inside(kind: Any, part: str | int) -> list[Any]:
    """Kinds of what stands under a key or index of a value of this kind."""
    if _is_model(kind):
        named = [field.annotation for name, field in kind.model_fields.items() if part in (name, field.alias)]
        return named
    if get_origin(kind) is dict:
        return [get_args(kind)[1]]
    return [one for one in get_args(kind) if one is not Ellipsis]


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def _agrees(cls: type[BaseModel], data: Any) -> bool:
    """Whether no literal of a class contradicts what is written."""
    for name, field in cls.model_fields.items():
        if get_origin(field.annotation) is Literal and isinstance(data, dict) and name in data:
            if data[name] not in get_args(field.annotation):
                return False
    return True


def models_at(kind: Any) -> Iterator[tuple[tuple[str, ...], type[BaseModel]]]:
    """Document classes inside a type, each with the path to it: ``()`` itself, ``("*",)`` under any key or index."""
    for one in _branches(kind):
        if _is_model(one):
            yield (), one
        elif get_origin(one) is dict:
            for path, model in models_at(get_args(one)[1]):
                yield ("*", *path), model
        elif get_origin(one) in (tuple, list, frozenset):
            for inner in get_args(one):
                if inner is not Ellipsis:
                    for path, model in models_at(inner):
                        yield ("*", *path), model
