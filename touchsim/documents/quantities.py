"""The kinds of values that documents are made of: durations, probabilities, counts, keys, and where defaults come from.

A duration carries its unit in the file (``15 min``, ``2 days``) and is a number of days everywhere else; a plain
number is refused in files, because nobody can see whether it means minutes or days.  A default is either a **fact**
(with its source) or an **assumption** (with the reason, and to be varied); `Fact` and `Assumption` write that into the
field, from where the JSON Schema, the tables of defaults and the reports take it.

Called by every document (`world`, `study`) through `documents`, which exports all of this.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer, ValidationInfo, WithJsonSchema
from pydantic_core import PydanticCustomError

from touchsim.errors import nearest

__all__ = [
    "Assumption", "Count", "Days", "Fact", "Key", "NonNegative", "Positive", "Probability", "broken", "days_of",
    "duration_of",
]  # fmt: skip

_SECONDS = {
    "s": 1.0, "sec": 1.0, "second": 1.0, "seconds": 1.0, "min": 60.0, "minute": 60.0, "minutes": 60.0,
    "h": 3600.0, "hour": 3600.0, "hours": 3600.0, "d": 86400.0, "day": 86400.0, "days": 86400.0,
    "week": 604800.0, "weeks": 604800.0,
}  # fmt: skip
_NUMBER = r"(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?"
_DURATION = re.compile(rf"\s*({_NUMBER})\s*([^\W\d]+)\s*")
_KEY = re.compile(r"[a-z][a-z0-9_]*")


def broken(law: str, hint: str | None = None) -> PydanticCustomError:
    """Return the error that a validator of one field raises: the law in plain words, and what to try.

    Examples
    --------
    >>> raise broken("must be even", hint="try 2")
    Traceback (most recent call last):
    pydantic_core._pydantic_core.PydanticCustomError: must be even
    """
    return PydanticCustomError("law", "{law}", {"law": law, "hint": hint})


def days_of(text: str) -> float:
    """Days of a duration written with its unit.

    Parameters
    ----------
    text : str
        A number and a unit out of s, min, h, days, weeks and their long forms.

    Returns
    -------
    float
        Days, 0 or more.

    Raises
    ------
    ValueError
        The law that is broken, in plain words.

    Examples
    --------
    >>> days_of("36 h"), days_of("1 week")
    (1.5, 7.0)
    """
    match = _DURATION.fullmatch(text)
    if match is None:
        raise ValueError("must be a duration with its unit")
    number, unit = float(match[1]), match[2].lower()
    if unit not in _SECONDS:
        raise ValueError(f"must be in s, min, h, days or weeks, not in '{match[2]}'")
    days = number * _SECONDS[unit] / 86400.0
    if not days < 1e6:
        raise ValueError("must be shorter than a million days")
    return number if _SECONDS[unit] == 86400.0 else days


@cache
def duration_of(days: float) -> str:
    """Write days as the shortest duration with unit that reads back to exactly the same number.

    Examples
    --------
    >>> duration_of(1.5), duration_of(7.0), duration_of(days_of("15 min")), duration_of(0.0)
    ('36 h', '7 days', '15 min', '0 s')
    """
    candidates = []
    for unit in ("days", "h", "min", "s"):
        for number in (f"{days * 86400.0 / _SECONDS[unit]:.12g}", repr(days * 86400.0 / _SECONDS[unit])):
            if "e" not in number and days_of(f"{number} {unit}") == days:
                whole = number.removesuffix(".0")
                candidates.append(f"{whole} {unit}")
    exact = candidates or [f"{days!r} days"]
    if days == 0.0:
        return "0 s"
    best = min(exact, key=lambda text: ("." in text, len(text.split()[0])))
    return "1 day" if best == "1 days" else best


def _duration(value: object, info: ValidationInfo) -> float:
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise broken("must be a duration with its unit", 'e.g. "15 min" or "2 days"')
    if not isinstance(value, str):
        if info.mode == "python" and 0.0 <= value < 1e6:  # a default, or a document built in Python: days
            return float(value)
        raise broken("must be a duration with its unit", f'write a unit, e.g. "{value:g} min"')
    try:
        return days_of(value)
    except ValueError as error:
        match = _DURATION.fullmatch(value)
        if match is not None and match[2].lower() not in _SECONDS:
            raise broken(str(error), nearest(match[2].lower(), _SECONDS)) from None
        number = re.fullmatch(rf"\s*({_NUMBER})\s*", value)
        hint = f'write a unit, e.g. "{number[1]} min"' if number else 'e.g. "15 min" or "2 days"'
        raise broken(str(error), None if match else hint) from None


def _probability(value: float) -> float:
    if not 0.0 <= value <= 1.0:
        raise broken("must be between 0 and 1", f"did you mean {value / 100:g}?" if 2.0 <= value <= 100.0 else None)
    return value


def _key(value: str) -> str:
    if not _KEY.fullmatch(value):
        word = re.sub(r"[^a-z0-9_]+", "_", value.lower()).strip("_0123456789")
        raise broken("must be a key of small letters, digits and _, starting with a letter",
                     f"did you mean '{word}'?" if _KEY.fullmatch(word) else None)  # fmt: skip
    return value


Days = Annotated[
    float,
    BeforeValidator(_duration),
    PlainSerializer(duration_of, return_type=str),
    WithJsonSchema({
        "type": "string",
        "pattern": rf"^\s*{_NUMBER}\s*({'|'.join(sorted(_SECONDS, key=len, reverse=True))})\s*$",
        "description": 'a duration with its unit, e.g. "15 min", "4 h", "2 days"',
    }),
]  # fmt: skip
"""A duration: text with a unit in files, days (float) in Python, text again when dumped."""

Probability = Annotated[
    float, Field(allow_inf_nan=False), AfterValidator(_probability),
    WithJsonSchema({"type": "number", "minimum": 0, "maximum": 1}),
]  # fmt: skip
"""A number from 0 to 1."""

NonNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]
"""A finite number, 0 or more."""

Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
"""A finite number above 0."""

Count = Annotated[int, Field(ge=0, le=2_000_000_000)]
"""A whole number from 0 to two billion."""

Key = Annotated[str, AfterValidator(_key), WithJsonSchema({"type": "string", "pattern": f"^{_KEY.pattern}$"})]
"""Name of a touchpoint, segment, rule ...: small letters, digits and underscores, starting with a letter."""


def Assumption(default: Any, why: str, **field: Any) -> Any:  # noqa: N802  (reads like the Field it wraps)
    """Give a field a default that is an assumption, to be varied; `why` says where the number comes from."""
    return _sourced(default, "assumption", "why", why, field)


def Fact(default: Any, source: str, **field: Any) -> Any:  # noqa: N802
    """Give a field a default that is a published fact; `source` names author and year."""
    return _sourced(default, "fact", "source", source, field)


def _sourced(default: Any, status: str, word: str, text: str, field: dict[str, Any]) -> Any:
    said = field.pop("description", None)
    extra = {"status": status, word: text} | field.pop("json_schema_extra", {})
    given = {"default_factory": default} if callable(default) else {"default": default}
    description = f"{said} ({status}: {text})" if said else f"{status}: {text}"
    return Field(**given, description=description, json_schema_extra=extra, **field)
