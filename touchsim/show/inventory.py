"""Every number of a scenario: what is said, what is fact and what assumption, why, and what a variant changes.

A number is written as short as it is read, a law of duration in words.  A default carries the reason that its field
gives; whatever is no default was set by the scenario, or by the library of ready touchpoints for it, and only the
author knows where it comes from.  Called by `portrait` and the sheets.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from touchsim.documents import days_of, defaults_of, duration_of
from touchsim.show.forms import Rows, plain

if TYPE_CHECKING:
    from touchsim.world.laws import Law
    from touchsim.world.scenario import Scenario

__all__ = [
    "changes", "counted", "duration", "lasting", "numbers", "percent", "reasons_of_assumptions", "short",
    "sourced_facts", "unsourced",
]  # fmt: skip

OURS = "set by this scenario"
WORDS_ONLY = ("name", "title", "about", "targets", "interventions", "facts")
NAMED = ("touchpoints", "segments", "rivals", "exposure", "automation")
NO_BREAK = "\u00a0"
TIMED = re.compile(r"\d+(\.\d+)? (days?|h|min|s)")
UNITS = (("days", 1), ("h", 24), ("min", 1440), ("s", 86_400))
MANY = 100
"""From so many on, a length of time reads better in a larger unit."""


def percent(share: float) -> str:
    """Share as a percentage that no line breaks, as short as it is exact enough to be read.

    Examples
    --------
    >>> percent(0.45).replace(NO_BREAK, " "), percent(0.125).replace(NO_BREAK, " ")
    ('45 %', '12.5 %')
    """
    return f"{100 * share:.4g}{NO_BREAK}%"


def counted(count: float, word: str) -> str:
    """Count with its word, in the plural where there is not just one.

    Examples
    --------
    >>> counted(1, "visit"), counted(20, "time")
    ('1 visit', '20 times')
    """
    return f"{count:g} {word}" + ("" if count == 1 else "s")


def lasting(days: float) -> str:
    """Length of time as it is read: at most two decimals, no hundreds where a larger unit has few.

    Examples
    --------
    >>> lasting(0.4), lasting(2.2), lasting(1.5), lasting(120.0)
    ('9.6 h', '2.2 days', '36 h', '120 days')
    """
    exact = duration_of(days)
    count = exact.split()[0]
    if "." in count or float(count) >= MANY:
        for unit, size in UNITS:
            number = days * size
            if number >= 1 and abs(number - round(number, 2)) < 1e-9 * number:
                return f"{round(number, 2):.12g} {unit}"
    return exact


def duration(law: Law) -> str:
    """Law of duration in words.

    Examples
    --------
    >>> from touchsim.world.laws import Law
    >>> duration(Law.model_validate({"law": "gamma", "mean": "36 h", "cv": 0.5}))
    'gamma (mean 36 h, cv 0.5)'
    """
    if law.law == "fixed":
        return lasting(law.mean or 0.0)
    return _law(law.model_dump(mode="json", exclude_none=True))


def short(value: Any) -> str:
    """Write a value as short as it is read."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return _law(value) if "law" in value else "; ".join(f"{key} {short(one)}" for key, one in value.items())
    if isinstance(value, list):
        return ", ".join(map(_step, value))
    if isinstance(value, str) and TIMED.fullmatch(value):
        return lasting(days_of(value))
    return f"{value:g}" if isinstance(value, float) else str(value)


def numbers(scenario: Scenario, sections: Iterable[str] | None = None, *, caption: str) -> Rows:
    """Everything a scenario says in these sections, defaults included, by place and by fact or assumption.

    Parameters
    ----------
    scenario : Scenario
    sections : iterable of str, optional
        Keys at the top of a scenario; all of them by default.
    caption : str
    """
    rows = scenario.assumptions()
    kinds = dict(zip(rows["path"], rows["kind"], strict=True))
    data = scenario.model_dump(mode="json", exclude=set(WORDS_ONLY))
    chosen = list(data) if sections is None else [name for name in data if name in set(sections)]
    grouped: dict[tuple[str, str], list[str]] = {}
    for path, value in _leaves({name: data[name] for name in chosen}):
        owner = _owner(path)
        kind = _kind(path, kinds)
        inside = path.removeprefix(owner).lstrip(".")
        grouped.setdefault((owner, kind), []).append(f"{inside} {short(value)}".strip())
    body = tuple((f"`{owner}`", plain("; ".join(said)), kind) for (owner, kind), said in grouped.items())
    return Rows(caption, ("place", "what is said", "kind"), body, folded=True)


def sourced_facts(scenario: Scenario) -> list[str]:
    """Facts of the scenario with their source, places of one source together."""
    rows = scenario.assumptions()
    found: dict[str, list[str]] = {}
    for path, _, kind, source in rows.itertuples(index=False):
        if kind == "fact":
            place = next((mark for mark in scenario.facts if path == mark or path.startswith(f"{mark}.")), path)
            places = found.setdefault(plain(source), [])
            places += [] if place in places else [place]
    return [f"{', '.join(f'`{place}`' for place in _together(places))}: {source}" for source, places in found.items()]


def unsourced(scenario: Scenario) -> int:
    """Count of the assumptions that are no defaults: set by this scenario or the library, without naming a source."""
    usual = _defaults(scenario)
    return sum(OURS in source or not _is_usual(path, value, usual) for path, value, source in _assumed(scenario))


def reasons_of_assumptions(scenario: Scenario) -> Rows:
    """Why each default is what it is, a line for each field that rests on one."""
    seen: dict[tuple[str, str], int] = {}
    usual = _defaults(scenario)
    for path, value, source in _assumed(scenario):
        if OURS not in source and _is_usual(path, value, usual):
            key = _pattern(path), plain(source)
            seen[key] = seen.get(key, 0) + 1
    body = tuple((f"`{pattern}`", why, str(count)) for (pattern, why), count in seen.items())
    return Rows(f"Defaults that stand in this scenario, and why they are what they are ({len(body)} fields)",
                ("field", "reason", "numbers"), body, folded=True)  # fmt: skip


def changes(base: Scenario, variant: Scenario) -> Rows:
    """Every place at which a variant says something else than the base."""
    here, there = (dict(_leaves(one.model_dump(mode="json", exclude=set(WORDS_ONLY)))) for one in (base, variant))
    body = tuple(
        (f"`{path}`", *(plain(short(one[path])) if path in one else "not there" for one in (here, there)))
        for path in (*here, *(path for path in there if path not in here)) if here.get(path) != there.get(path)
    )  # fmt: skip
    return Rows("", ("place", "base", "variant"), body)


def _together(places: list[str]) -> list[str]:
    """Places under the part of the scenario that holds them all, where there is one that is not the whole section."""
    above = {place.rpartition(".")[0] for place in places}
    return [next(iter(above))] if len(places) > 1 and len(above) == 1 and "." in next(iter(above)) else places


def _assumed(scenario: Scenario) -> Iterator[tuple[str, Any, str]]:
    for path, value, kind, source in scenario.assumptions().itertuples(index=False):
        if kind == "assumption":
            yield path, value, source


def _pattern(path: str) -> str:
    """Place of a field: names that the scenario gave become ``*``."""
    parts = path.split(".")
    if parts[0] in NAMED:
        parts[1] = "*"
    elif parts[:2] == ["alignment", "pairs"]:
        parts[2] = "*"
    return ".".join(parts)


def _defaults(scenario: Scenario) -> dict[str, Any]:
    return {path: default for path, default, status, _ in defaults_of(type(scenario)) if status != "unmarked"}


def _is_usual(path: str, value: Any, usual: Mapping[str, Any]) -> bool:
    """Whether a number is the default of its field."""
    parts = _pattern(path).split(".")
    for depth in range(len(parts), 0, -1):
        if (general := ".".join(parts[:depth])) in usual:
            default = usual[general]
            for part in parts[depth:]:
                default = default.get(part) if isinstance(default, Mapping) else None
            if isinstance(default, Mapping) and default.get("law") == "fixed":
                default = default["mean"]
            return bool(_plainly(default) == _plainly(value))
    return False


def _plainly(value: Any) -> Any:
    """A duration in days, anything else as it is."""
    try:
        return days_of(value) if isinstance(value, str) else value
    except ValueError:
        return value


def _owner(path: str) -> str:
    """Part of the scenario that a place belongs to: an entry where entries have names, else the section."""
    parts = path.split(".")
    depth = 2 if parts[0] in NAMED else 3 if parts[:2] == ["alignment", "pairs"] else 1
    return ".".join(parts[:depth])


def _kind(path: str, kinds: Mapping[str, str]) -> str:
    """Fact or assumption for numbers; nothing of the two for words."""
    if path in kinds:
        return kinds[path]
    inside = [kind for place, kind in kinds.items() if place.startswith(f"{path}.")]
    return inside[0] if inside else "words"


def _leaves(data: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, Any]]:
    """Values of plain data with their places; a law of duration is one value, and what says nothing is left out."""
    for key, value in data.items():
        place = f"{path}.{key}" if path else key
        if isinstance(value, Mapping) and "law" not in value:
            yield from _leaves(value, place)
        elif value not in (None, "", []):
            yield place, value


def _step(one: Any) -> str:
    """An entry of a list; a step of a loss by late delivery in words."""
    if not isinstance(one, Mapping):
        return short(one)
    return f"{short(one['loss'])} beyond {short(one['days'])}" if set(one) == {"days", "loss"} else f"({short(one)})"


def _law(said: Mapping[str, Any]) -> str:
    inside = ", ".join(f"{name} {short(value)}" for name, value in said.items() if name != "law" and value is not None)
    return f"{said['law']} ({inside})"
