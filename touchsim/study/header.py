"""What the header of a survey lacks, and what the findings about its columns have in common.

A model names columns; a survey has a header.  Told here: columns that are not there (with the nearest name, else those
that are), a first line that is no header but answers, names that stand twice, codes declared for nobody, a scale that
hides a column of its name.  Findings with one cause are told as one: the questions that a form tool writes below the
header, and the same words in many columns.  Called by `columns`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from touchsim.errors import Finding, nearest
from touchsim.study.model import EVERY_COLUMN, StudyModel

__all__ = ["as_one", "header_findings", "hidden_columns"]

SECTIONS = ("groups", "weights", "clusters")
LINES_OF_HEADER = 3
MOST_NAMED = 8
ALL_THERE = "the survey has"
FIRST_ROWS_ONLY = re.compile(r"row 1 does not($|, nor does 1 more$)")
NUMBER = re.compile(r"[-+]?\d+([.,]\d+)?")


def header_findings(columns: Sequence[str], model: StudyModel) -> list[Finding]:
    """Say which names of a model are no column, which stand twice, and which codes are for nobody.

    Examples
    --------
    >>> from touchsim.study.model import model_of
    >>> print(header_findings(["price", "sat"], model_of({"drivers": {"sat": ["speed"]}}))[0])
    column 'speed': is no construct and no column; the survey has price and sat
    """
    return [*_missing(columns, model), *_unknown_codes(columns, model)]


def hidden_columns(columns: Sequence[str], model: StudyModel) -> list[str]:
    """Scales that bear the name of a column which is none of their items: the column is not used."""
    return [name for name, items in model.scales.items() if name in columns and name not in items]


def as_one(findings: list[Finding], words: Mapping[str, frozenset[str]], columns: Sequence[str]) -> list[Finding]:
    """Tell findings with one cause as one.

    Parameters
    ----------
    findings : list of Finding
        One for each column.
    words : mapping
        Place of a finding to the words that stand in its column.
    columns : sequence of str
        The header.
    """
    return _same_words(_second_header(findings), words, columns)


def _missing(columns: Sequence[str], model: StudyModel) -> list[Finding]:
    absent = [(name, item) for name in model.names for item in model.items_of(name) if item not in columns]
    strangers = not any(item in columns for item in model.items)
    if strangers and columns and all(NUMBER.fullmatch(column.strip()) for column in columns):
        law, first = "is no header: it holds numbers, and no name of the model", ", ".join(columns[:MOST_NAMED])
        return [Finding("the first line", law, got=first, hint="write the names of the columns above it")]
    findings, listed = [], False
    for name, item in absent:
        scaled = name in model.scales
        law = "no such column in the survey" if scaled else "is no construct and no column"
        hint = _like(item, columns if scaled else [*columns, *model.scales])
        if hint is None and not listed:
            hint, listed = _all_there(columns), True
        findings.append(Finding(f"column '{item}'", law, hint=hint))
    for section in SECTIONS:
        column = getattr(model, section)
        if column is not None and column not in columns:
            hint = _like(column, columns)
            if hint is None and not listed:
                hint, listed = _all_there(columns), True
            findings.append(Finding(section, "no such column in the survey", got=column, hint=hint))
    needed = dict.fromkeys([*model.items, *(str(getattr(model, section)) for section in SECTIONS)])
    law, hint = "stands twice in the header", "give one of the two another name, or take it out"
    twice = [name for name in needed if list(columns).count(name) > 1]
    return _strangers(findings) + [Finding(f"column '{name}'", law, hint=hint) for name in twice]


def _strangers(findings: list[Finding]) -> list[Finding]:
    """One finding for many columns that are not there and have no like."""
    alone = [one for one in findings if one.hint is None or one.hint.startswith(ALL_THERE)]
    if len(alone) <= MOST_NAMED:
        return findings
    places = ", ".join(one.where.removeprefix("column ") for one in alone[:MOST_NAMED])
    whole = Finding(f"columns {places} and {len(alone) - MOST_NAMED} more", "no such columns in the survey",
                    hint=next(one.hint for one in alone if one.hint))  # fmt: skip
    return [whole if one is alone[0] else one for one in findings if one is alone[0] or one not in alone]


def _like(name: str, names: Sequence[str]) -> str | None:
    """Say the nearest name; one that differs by capitals only is the nearest of all."""
    twin = next((other for other in names if other.casefold() == name.casefold()), None)
    return nearest(name, names) if twin is None else f"did you mean '{twin}'?"


def _all_there(columns: Sequence[str]) -> str:
    """Name the columns that there are, the first ones of many."""
    if len(columns) > MOST_NAMED + 1:
        return f"{ALL_THERE} {', '.join(columns[:MOST_NAMED])} and {len(columns) - MOST_NAMED} more"
    *more, last = columns
    return f"{ALL_THERE} {', '.join(more)} and {last}" if more else f"{ALL_THERE} {last}"


def _unknown_codes(columns: Sequence[str], model: StudyModel) -> list[Finding]:
    known = {EVERY_COLUMN, *model.names, *columns}
    named = [*((f"missing.codes.{name}", name) for name in model.missing.codes),
             *((f"words.{name}", name) for name in model.words)]  # fmt: skip
    return [Finding(where, "is no construct and no column", hint=nearest(name, known))
            for where, name in named if name not in known]  # fmt: skip


def _second_header(findings: list[Finding]) -> list[Finding]:
    """One finding for many, where a form tool wrote the questions into the first rows below the header."""
    first = [finding for finding in findings if FIRST_ROWS_ONLY.search(finding.law)]
    if len(first) < LINES_OF_HEADER:
        return findings
    law = f"holds words in {len(first)} columns that must hold numbers"
    one = Finding("row 1", law, got=first[0].got, hint="a second line of header? take it out of the file")
    return [one, *(finding for finding in findings if finding not in first)]


def _same_words(
    findings: list[Finding], words: Mapping[str, frozenset[str]], columns: Sequence[str]
) -> list[Finding]:
    """One finding for columns that hold the same words, or some of them, in the place of the first."""
    heads: list[list[Finding]] = []  # each begins with the column of the most words
    for finding in sorted((item for item in findings if item.where in words), key=lambda item: -len(words[item.where])):
        home = next((group for group in heads if words[finding.where] <= words[group[0].where]), None)
        if home is None:
            heads.append([finding])
        else:
            home.append(finding)
    told = list(findings)
    for group in (group for group in heads if len(group) > 1):
        members = [finding for finding in findings if finding in group]
        names = [finding.where.removeprefix("column ") for finding in members]
        law = f"must hold numbers, and hold the same words: {_quoted(words[group[0].where])}"
        hint = group[0].hint
        if hint is not None and hint.startswith("code the words as numbers"):  # they stand in the law already
            hint = "code the words as numbers, or list them in the model, the lowest first: words: [...]"
        one = replace(group[0], where=f"columns {_places(names, columns)}", law=law, got=None, hint=hint)
        told = [one if item is members[0] else item for item in told if item is members[0] or item not in members]
    return told


def _quoted(words: frozenset[str]) -> str:
    shown = [f"'{word[:40]}'" for word in sorted(words)]
    rest = len(shown) - MOST_NAMED
    return ", ".join(shown[:MOST_NAMED]) + f" and {rest} more" if rest > 1 else ", ".join(shown)


def _places(names: list[str], columns: Sequence[str]) -> str:
    """Names of columns; the first and last where they are many and stand side by side."""
    start = list(columns).index(names[0].strip("'"))
    if len(names) > LINES_OF_HEADER and [f"'{name}'" for name in columns[start : start + len(names)]] == names:
        return f"{names[0]} to {names[-1]}"
    rest = len(names) - MOST_NAMED
    if rest > 1:
        return f"{', '.join(names[:MOST_NAMED])} and {rest} more"
    *more, last = names
    return f"{', '.join(more)} and {last}"
