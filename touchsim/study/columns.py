"""From a survey's columns to scores: numbers, missing codes, complete rows, one score per construct.

    columns --numbers, codes--> items --complete rows--> items --frequencies--> items --means--> scores

Everything that can be wrong with the columns is found in one go and raised together: columns that are not there (with
the nearest name, see `header`), words in a column of numbers (with row and word), dates, infinities, columns without
any answer or without any difference, codes for columns that do not exist, frequencies that are no whole numbers.  What
is odd but possible is left to `cautions`.  Rows with a gap in any item of the model are left out (listwise), and the
loss is counted per construct, because survivors differ from the rest: only buyers rate delivery, only returners rate
returns.  With `how: impute` rows stay, gaps and all, as long as one item is answered; `imputation` fills them in.
Called by `drivers`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from touchsim.errors import BadInput, Finding
from touchsim.languages import tell
from touchsim.study.caution import EVERYONE
from touchsim.study.header import as_one, header_findings, hidden_columns
from touchsim.study.model import BINARY, EVERY_COLUMN, StudyModel
from touchsim.study.numbers import numbers_of
from touchsim.study.repeats import repeated_rows
from touchsim.study.scales import scale_scores

__all__ = ["Answers", "complete_answers"]

Column = Any  # a pandas Series of whatever the file holds
MOST_CASES = 5_000_000


@dataclass(frozen=True)
class Answers:
    """The complete rows of a survey, as numbers.

    Attributes
    ----------
    items : DataFrame, shape (n, items)
        Every item that the model names; frequencies are already written out as rows.  Gaps with `how: impute` only.
    scores : DataFrame, shape (n, constructs)
        Means of items, one column for each construct and each composite.
    group : Series or None
        Group of each row as text; null where unknown, or declared a code.
    cluster : Series or None
        Cluster of each row as text.
    n_rows, n_lost : int
        Cases in the survey, and cases left out for a gap.
    losses : DataFrame
        construct, gaps (cases with a gap in it), alone (cases lost to this construct only).
    notes : tuple of str
        What was read in a way worth saying, e.g. which word counts as 1.
    repeats : tuple of int, int, bool
        Rows that copy an earlier one, of how many, and whether in all columns; see `repeats`.
    """

    items: pd.DataFrame
    scores: pd.DataFrame
    group: Column | None
    cluster: Column | None
    n_rows: int
    n_lost: int
    losses: pd.DataFrame
    notes: tuple[Callable[[], str], ...] = field(default=())
    repeats: tuple[int, int, bool] = (0, 0, False)


def complete_answers(survey: pd.DataFrame, model: StudyModel) -> Answers:
    """Read the columns that a model names and keep the rows that are complete on all its items.

    Parameters
    ----------
    survey : DataFrame, shape (rows, columns)
        One row per respondent.
    model : StudyModel
        Constructs, drivers, missing codes, groups and weights.

    Returns
    -------
    Answers

    Raises
    ------
    BadInput
        With every finding about the columns; see the module.

    Examples
    --------
    >>> from touchsim.study.model import model_of
    >>> model = model_of({"drivers": {"sat": ["price"]}, "missing": {"codes": {"price": -99}}})
    >>> answers = complete_answers(pd.DataFrame({"sat": [1, 2, 4], "price": [3, -99, 5]}), model)
    >>> answers.scores["price"].tolist(), answers.n_lost
    ([3.0, 5.0], 1)
    """
    file, parted = survey.attrs.get("file"), survey.attrs.get("thousands", {})
    survey = pd.DataFrame(survey, copy=False)  # without attrs, which pandas copies deeply at every step
    survey.columns = pd.Index([str(column) for column in survey.columns])
    columns = list(survey.columns)
    findings = header_findings(columns, model)
    if len(survey) == 0:
        raise BadInput(_in_file(Finding("", "has no rows"), file))
    read: dict[str, Column] = {}
    notes: dict[str, tuple[Callable[[], str], list[str]]] = {}
    words: dict[str, frozenset[str]] = {}
    for item in (item for item in model.items if columns.count(item) == 1):
        column = numbers_of(survey[item], _codes_of(item, model), _may_be_words(item, model), _words_of(item, model))
        read[item] = column.values
        if column.finding is not None:
            findings.append(_or_a_logit(column.finding, item, column.words, survey[item], model))
            words |= {column.finding.where: column.words} if column.words else {}
        if column.note is not None:
            notes.setdefault(column.note(), (column.note, []))[1].append(item)  # the same note is said once
    findings = as_one(findings, words, columns)
    frequency, finding = _frequencies(survey, model)
    findings += [] if finding is None else [finding]
    findings += _clusters_named(survey, model)
    if findings:
        raise BadInput([_in_file(finding, file) for finding in findings])
    items = pd.DataFrame(read)
    gaps = pd.DataFrame({name: items[list(model.items_of(name))].isna().any(axis=1) for name in model.names})
    answered = items.notna().any(axis=1) if model.missing.how == "impute" else ~gaps.any(axis=1)
    kept = (answered & (frequency > 0)).to_numpy()
    findings = _nothing_left(items[kept], gaps, model, survey)
    if findings:
        raise BadInput([_in_file(finding, file) for finding in findings])
    alone = gaps.sum(axis=1) == 1
    losses = pd.DataFrame({
        "construct": list(gaps), "gaps": [int(frequency[gaps[name]].sum()) for name in gaps],
        "alone": [int(frequency[gaps[name] & alone].sum()) for name in gaps],
    })  # fmt: skip
    rows = np.repeat(np.flatnonzero(kept), frequency[kept].to_numpy(np.int64))
    in_file = survey.iloc[np.flatnonzero(kept)].drop(columns=[name for name in (model.weights,) if name is not None])
    copies, wholly = repeated_rows(in_file, items[kept], model.scales.values())
    items = items.iloc[rows].reset_index(drop=True)
    group, cluster = (None if name is None else _group_names(survey[name].iloc[rows].reset_index(drop=True))
                      for name in (model.groups, model.clusters))  # fmt: skip
    if group is not None:
        group = group.mask(group.isin([_written(code) for code in _codes_of(str(model.groups), model)]))
        if (group == EVERYONE).any():  # which has a meaning of its own in every table
            own = f"{EVERYONE} ({model.groups})"
            group = group.replace(EVERYONE, own)
            renamed = partial(tell, "its value '{value}' is called '{own}' here.", value=EVERYONE, own=own)
            notes.setdefault("everyone", (renamed, [str(model.groups)]))
    for item in (item for item in model.items if item in parted):
        thousands = partial(tell, "dots part thousands, {written} is read as {value}.", written=parted[item],
                            value=parted[item].replace(".", ""))  # fmt: skip
        notes.setdefault(f"thousands {item}", (thousands, [item]))
    for name in hidden_columns(columns, model):
        hiding = partial(tell, "a scale bears this name, so the column of the same name is not used.")
        notes.setdefault(f"hidden {name}", (hiding, [name]))
    if model.weights is not None and len(items) != int(kept.sum()):
        counting = partial(tell, "its frequencies count {rows} rows as {n} respondents, up to {most} for one row; "
                           "sampling weights are another thing, with which errors would be too small.",
                           rows=int(kept.sum()), n=len(items), most=int(frequency[kept].max()))  # fmt: skip
        notes.setdefault("weights", (counting, [model.weights]))
    scores = scale_scores(items, {name: model.items_of(name) for name in model.names})
    n_rows = int(frequency.sum())
    return Answers(items, scores, group, cluster, n_rows, n_rows - len(items), losses, _said(notes.values()),
                   (copies, len(in_file), wholly))  # fmt: skip


def _in_file(finding: Finding, file: str | None) -> Finding:
    return Finding(finding.where, finding.law, finding.got, finding.hint, file)


def _said(notes: Iterable[tuple[Callable[[], str], list[str]]]) -> tuple[Callable[[], str], ...]:
    """Notes with the columns they are about, to be told later."""
    return tuple(partial(tell, "{names}: {note}", names=partial(_all_of, names), note=note) for note, names in notes)


def _all_of(names: list[str]) -> str:
    *more, last = map(repr, names)
    return tell("{first} and {last}", first=", ".join(more), last=last) if more else last


def _codes_of(item: str, model: StudyModel) -> tuple[int | float | str, ...]:
    owners = [EVERY_COLUMN, item, *(name for name in model.names if item in model.items_of(name))]
    return tuple(code for name in owners for code in model.missing.codes.get(name, ()))


def _words_of(item: str, model: StudyModel) -> dict[str, float]:
    """Numbers of the words of a column; what is said of it alone goes before what is said of every column."""
    owners = [EVERY_COLUMN, *(name for name in model.names if item in model.items_of(name)), item]
    return {word.casefold(): number for name in owners for word, number in model.words.get(name, {}).items()}


def _may_be_words(item: str, model: StudyModel) -> bool:
    """Whether a column may hold two words: the only item of an outcome of a logit or probit."""
    return model.estimator in BINARY and any(model.items_of(outcome) == (item,) for outcome in model.drivers)


def _or_a_logit(
    finding: Finding, item: str, words: frozenset[str], column: Column, model: StudyModel
) -> Finding:  # fmt: skip
    """Add that a logit reads an outcome of two words."""
    outcome = any(model.items_of(name) == (item,) for name in model.drivers)
    if not outcome or len(words) != 2 or column.nunique() != 2 or finding.hint is None:  # noqa: PLR2004
        return finding
    return replace(finding, hint=f"{finding.hint}; or estimator: logit, which reads two words")


def _frequencies(survey: pd.DataFrame, model: StudyModel) -> tuple[Column, Finding | None]:
    """Cases behind each row: 1, or the column of frequencies."""
    ones = pd.Series(np.ones(len(survey), dtype=np.int64))
    if model.weights is None or list(survey.columns).count(model.weights) != 1:
        return ones, None
    where = f"column '{model.weights}'"
    column = numbers_of(survey[model.weights])
    if column.finding is not None:
        return ones, column.finding
    values = column.values
    law = "must hold frequencies: whole numbers, 0 or more"
    wrong = ~((values >= 0) & (values == np.floor(values)))
    if wrong.any():
        row = int(np.argmax(wrong.to_numpy()))
        hint = "sampling weights are another thing: leave them out here"
        got = "nothing" if np.isnan(values.iloc[row]) else f"{values.iloc[row]:g}"
        return ones, Finding(where, f"{law}, row {row + 1} does not", got=got, hint=hint)
    if not 0 < values.sum() <= MOST_CASES:
        return ones, Finding(where, f"must add up to between 1 and {MOST_CASES:,} cases", got=f"{values.sum():g}")
    return values.astype(np.int64), None


def _clusters_named(survey: pd.DataFrame, model: StudyModel) -> list[Finding]:
    if model.clusters is None or list(survey.columns).count(model.clusters) != 1:
        return []
    gaps = survey[model.clusters].isna().to_numpy()
    law = f"must say for every row which others it hangs together with, row {int(np.argmax(gaps)) + 1} does not"
    return [Finding("clusters", law, got=f"nothing in column '{model.clusters}'")] if gaps.any() else []


def _nothing_left(items: pd.DataFrame, gaps: pd.DataFrame, model: StudyModel, survey: pd.DataFrame) -> list[Finding]:
    """Say that no row is complete, or which items do not differ among the complete rows."""
    if items.empty:
        worst = gaps.sum().idxmax()
        hint = f"'{worst}' has the most gaps ({int(gaps[worst].sum())} of {len(gaps)} rows): leave it out of the model?"
        return [Finding("", "no row is complete on every item that the model names", hint=hint)]
    found = []
    law = "is constant among the complete rows: nothing can be explained by it or in it"
    for item in items.columns[items.nunique() == 1]:
        hint = "leave it out of the model"
        if len(items) < len(gaps):
            hint += ", or look at the rows that were left out for a gap in another column"
        asked = numbers_of(survey[item], (), True, _words_of(str(item), model)).values
        coded = [code for code in model.missing.codes.get(EVERY_COLUMN, ()) if asked.isin([code]).any()]
        if coded:
            codes = " and ".join(map(_written, coded))
            hint = f"missing.codes reads {codes} as no answer in every column: name the columns for which it is one"
        found.append(Finding(f"column '{item}'", law, got=f"{items[item].iloc[0]:g} in all {len(items)}", hint=hint))
    return found


def _written(code: float | str) -> str:
    """A code as a group is written: 9.0 reads as 9."""
    return f"{code:g}" if isinstance(code, float) else str(code)


def _group_names(column: Column) -> Column:
    """Groups as text: 1.0 reads as 1."""
    if pd.api.types.is_float_dtype(column):
        return column.map(lambda value: f"{value:g}", na_action="ignore").astype("object")
    words = column.map(lambda value: str(value).strip(), na_action="ignore").astype("object")
    return words.mask(words == "")
