"""The one family of errors that a user of touchsim can cause, and how they are said.

A user's mistake is a *finding*: where it stands, which law it breaks, what was found there and what to try
instead.  All findings of one input are collected and raised together in one `BadInput`; the command line prints
them, one a line, and ends with exit code 2.  Everything else that is raised is a fault of touchsim itself.

    file:line: where: law broken (got ...); did you mean ...?

`verb` marks the functions of the front door, whose first argument is their subject: a name where a scenario belongs, or
a scenario where its log belongs, is such a mistake, too.
"""

from __future__ import annotations

import difflib
import inspect
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import wraps
from pathlib import PurePath
from typing import ParamSpec, TypeVar

__all__ = ["BadInput", "Finding", "nearest", "verb"]

_P = ParamSpec("_P")
_R = TypeVar("_R")


@dataclass(frozen=True)
class Finding:
    """One broken law in one place of one input.

    Parameters
    ----------
    where : str
        Place inside the document or table, e.g. ``touchpoints.phone.capacity`` or ``column 'age'``.
    law : str
        The law that is broken, as a sentence without a full stop: ``must be between 0 and 1``.
    got : str, optional
        What was found there, as the user wrote it.
    hint : str, optional
        What to try: a nearest valid name, or an example of the right form.
    file : str, optional
        File name as the user gave it.
    line : int, optional
        Line number in that file, counted from 1.

    Examples
    --------
    >>> print(Finding("segments.young.consent", "must be between 0 and 1", got="1.2", file="shop.yaml", line=7))
    shop.yaml:7: segments.young.consent: must be between 0 and 1 (got 1.2)
    """

    where: str
    law: str
    got: str | None = None
    hint: str | None = None
    file: str | None = None
    line: int | None = None

    def __str__(self) -> str:
        place = ""
        if self.file is not None:
            place = f"{self.file}: " if self.line is None else f"{self.file}:{self.line}: "
        where = f"{self.where}: " if self.where else ""
        got = "" if self.got is None else f" (got {self.got})"
        hint = "" if self.hint is None else f"; {self.hint}"
        return f"{place}{where}{self.law}{got}{hint}"


class BadInput(ValueError):  # noqa: N818  (it names what the user gave, not a fault of the program)
    """Everything that is wrong with one input, in the order in which it stands there.

    Parameters
    ----------
    findings : iterable of Finding or str
        At least one.  A plain string becomes a finding without a place.
    """

    def __init__(self, findings: Iterable[Finding | str] | Finding | str) -> None:
        if isinstance(findings, (Finding, str)):
            findings = [findings]
        self.findings: tuple[Finding, ...] = tuple(
            Finding("", item) if isinstance(item, str) else item for item in findings
        )
        super().__init__("\n".join(str(item) for item in self.findings))


def nearest(word: object, words: Iterable[str]) -> str | None:
    """Say ``did you mean 'phone'?`` for the valid word most like `word`, or None if none is alike.

    Examples
    --------
    >>> nearest("phoen", ["phone", "store"])
    "did you mean 'phone'?"
    """
    close = difflib.get_close_matches(str(word), list(words), n=1, cutoff=0.6)
    return f"did you mean '{close[0]}'?" if close else None


@dataclass(frozen=True)
class _Rung:
    """One thing that a study has in its hands: its class, how people call it, and what is typed to get it."""

    kind: str
    words: str
    made: str
    usual: str


_LADDER = (
    _Rung("str", "a name or a path", "", '"webshop"'),
    _Rung("touchsim.Scenario", "a scenario", "ts.load_scenario({})", "scenario"),
    _Rung("touchsim.EventLog", "the log of a run", "ts.simulate({})", "log"),
    _Rung("pandas.DataFrame", "a table of answers (DataFrame)", "ts.ask({})", "answers"),
    _Rung("touchsim.Fit", "a fit of drivers", "ts.fit_drivers({})", "fit"),
)
"""Each is made from the one before it."""

_PUBLISHED = {"load_fact": "the name of a published table", "read_moments": "the name of a published table or a file"}
_TABLE = "a published table: its name, a file, or what was read of it"
"""What verbs take that begin with a table of moments instead of a scenario; such a table ships under this name:"""
_SHIPPED = '"plspm_bank"'

_OURS = ("builtins", "pathlib", "numpy", "pandas", "touchsim")
"""Whose objects are told apart here; one of another class is trusted to behave as what it stands in for."""


def verb(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """Mark a verb of the front door: what it is given as its subject must be what its annotation says.

    The subject is the first parameter, and every further one without a name (``*variants``).  Anything else on the
    way from a name to a fit is answered with what to type instead.

    Raises
    ------
    BadInput
        When the verb is called; one finding for each wrong subject.

    Examples
    --------
    >>> @verb
    ... def run(scenario: Scenario) -> None:
    ...     pass
    >>> run("webshop")
    Traceback (most recent call last):
    touchsim.errors.BadInput: scenario: must be a scenario (got "webshop"); type ts.run(ts.load_scenario("webshop"))
    """
    parameters = list(inspect.signature(function).parameters.values())
    subjects = parameters[:1] + [item for item in parameters[1:] if item.kind is item.VAR_POSITIONAL]
    wanted = [[word.rpartition(".")[2] for word in str(item.annotation).split(" | ")] for item in subjects]

    @wraps(function)
    def checked(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        first = subjects[0].name
        given = [args[:1] or [kwargs[first]] if args or first in kwargs else [], args[1:]]
        findings = [
            _astray(function.__name__, subject, value, kinds)
            for subject, values, kinds in zip(subjects, given, wanted, strict=False)
            for value in values
            if type(value).__module__.partition(".")[0] in _OURS
            and not set(kinds) & {kind.__name__ for kind in type(value).__mro__}
        ]
        if findings:
            raise BadInput(findings)
        return function(*args, **kwargs)

    return checked


def _astray(called: str, subject: inspect.Parameter, value: object, kinds: list[str]) -> Finding:
    """Say that a verb was given another rung of the ladder than it takes, and how to climb from there."""
    there = max(n for n, rung in enumerate(_LADDER) if rung.kind.rpartition(".")[2] in kinds)
    classes = {f"{kind.__module__.partition('.')[0]}.{kind.__name__}" for kind in type(value).__mro__}
    here = next((n for n, rung in enumerate(_LADDER) if rung.kind in classes), None)
    text = json.dumps(str(value), ensure_ascii=False) if isinstance(value, (str, PurePath)) else ""
    if text:
        got, typed, climbed = text, text, 0
    else:
        got = "nothing" if value is None else type(value).__name__ if here is None else _LADDER[here].words
        climbed = 0 if here is None or here >= there else here
        typed = _LADDER[climbed].usual
    if called in _PUBLISHED or "Moments" in kinds:
        return Finding(subject.name, f"must be {_PUBLISHED.get(called, _TABLE)}", got=got,
                       hint=f"type ts.{called}({text or _SHIPPED})")  # fmt: skip
    for rung in _LADDER[climbed + 1 : there + 1]:
        typed = rung.made.format(typed)
    if subject.kind is subject.VAR_POSITIONAL:
        typed += f", or base.with_({text}) if it is an intervention" if text else ""
    elif text.lower().endswith(('.csv"', '.parquet"')):
        typed = f"ts.study_survey({text}, model=...)"
    else:
        typed = f"ts.{called}({typed}{', ...' if called == 'compare' else ''})"
    return Finding(subject.name, f"must be {_LADDER[there].words}", got=got, hint=f"type {typed}")
