"""From a survey's columns to scores: numbers, missing codes, complete rows, one score per construct.

    columns --numbers, codes--> items --complete rows--> items --frequencies--> items --means--> scores

Everything that can be wrong with the columns is found in one go and raised together: columns that are not there (with
the nearest name), words in a column of numbers (with row and word), dates, infinities, columns without any answer or
without any difference, codes for columns that do not exist, frequencies that are no whole numbers.  What is odd but
possible is left to `cautions`.  Rows with a gap in any item of the model are left out (listwise), and the loss is
counted per construct, because survivors differ from the rest: only buyers rate delivery, only returners rate returns.
Called by `drivers`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from touchsim.errors import BadInput, Finding, nearest
from touchsim.study.model import EVERY_COLUMN, StudyModel
from touchsim.study.scales import scale_scores

__all__ = ["Answers", "complete_answers"]

Column = Any  # a pandas Series of whatever the file holds
MOST_CASES = 5_000_000
MOST_WORDS = 12


@dataclass(frozen=True)
class Answers:
    """The complete rows of a survey, as numbers.

    Attributes
    ----------
    items : DataFrame, shape (n, items)
        Every item that the model names; frequencies are already written out as rows.
    scores : DataFrame, shape (n, constructs)
        Means of items, one column for each construct and each composite.
    group : Series or None
        Group of each row as text; null where unknown.
    n_rows, n_lost : int
        Cases in the survey, and cases left out for a gap.
    losses : DataFrame
        construct, gaps (cases with a gap in it), alone (cases lost to this construct only).
    notes : tuple of str
        What was read in a way worth saying, e.g. which word counts as 1.
    """

    items: pd.DataFrame
    scores: pd.DataFrame
    group: Column | None
    n_rows: int
    n_lost: int
    losses: pd.DataFrame
    notes: tuple[str, ...] = field(default=())


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
    file = survey.attrs.get("file")
    survey = pd.DataFrame(survey, copy=False)  # without attrs, which pandas copies deeply at every step
    survey.columns = pd.Index([str(column) for column in survey.columns])
    findings = [*_missing_columns(survey, model), *_unknown_codes(survey, model)]
    if len(survey) == 0:
        raise BadInput(_in_file(Finding("", "has no rows"), file))
    read: dict[str, Column] = {}
    notes: list[str] = []
    for item in (item for item in model.items if item in survey):
        column, finding, note = _numbers(survey[item], _codes_of(item, model), _may_be_words(item, model))
        read[item] = column
        findings += [] if finding is None else [finding]
        notes += [] if note is None else [note]
    frequency, finding = _frequencies(survey, model)
    findings += [] if finding is None else [finding]
    if findings:
        raise BadInput([_in_file(finding, file) for finding in findings])
    items = pd.DataFrame(read)
    gaps = pd.DataFrame({name: items[list(model.items_of(name))].isna().any(axis=1) for name in model.names})
    kept = (~gaps.any(axis=1) & (frequency > 0)).to_numpy()
    findings = _nothing_left(items[kept], gaps)
    if findings:
        raise BadInput([_in_file(finding, file) for finding in findings])
    alone = gaps.sum(axis=1) == 1
    losses = pd.DataFrame({
        "construct": list(gaps), "gaps": [int(frequency[gaps[name]].sum()) for name in gaps],
        "alone": [int(frequency[gaps[name] & alone].sum()) for name in gaps],
    })  # fmt: skip
    rows = np.repeat(np.flatnonzero(kept), frequency[kept].to_numpy(np.int64))
    items = items.iloc[rows].reset_index(drop=True)
    group = None if model.groups is None else _group_names(survey[model.groups].iloc[rows].reset_index(drop=True))
    scores = scale_scores(items, {name: model.items_of(name) for name in model.names})
    n_rows = int(frequency.sum())
    return Answers(items, scores, group, n_rows, n_rows - len(items), losses, tuple(notes))


def _in_file(finding: Finding, file: str | None) -> Finding:
    return Finding(finding.where, finding.law, finding.got, finding.hint, file)


def _missing_columns(survey: pd.DataFrame, model: StudyModel) -> list[Finding]:
    columns: list[str] = list(survey.columns)
    findings = []
    for name in model.names:
        for item in model.items_of(name):
            if item not in columns:
                law = "no such column in the survey" if name in model.scales else "is no construct and no column"
                findings.append(Finding(f"column '{item}'", law, hint=_like(item, [*columns, *model.scales])))
    for section in ("groups", "weights"):
        column = getattr(model, section)
        if column is not None and column not in columns:
            findings.append(Finding(section, "no such column in the survey", got=column, hint=_like(column, columns)))
    return findings


def _like(name: str, names: Sequence[str]) -> str | None:
    """Say the nearest name; one that differs by capitals only is the nearest of all."""
    twin = next((other for other in names if other.casefold() == name.casefold()), None)
    return nearest(name, names) if twin is None else f"did you mean '{twin}'?"


def _unknown_codes(survey: pd.DataFrame, model: StudyModel) -> list[Finding]:
    known = {EVERY_COLUMN, *model.names, *survey.columns}
    return [Finding(f"missing.codes.{name}", "is no construct and no column", hint=nearest(name, known))
            for name in model.missing.codes if name not in known]  # fmt: skip


def _codes_of(item: str, model: StudyModel) -> tuple[int | float | str, ...]:
    owners = [EVERY_COLUMN, item, *(name for name in model.names if item in model.items_of(name))]
    return tuple(code for name in owners for code in model.missing.codes.get(name, ()))


def _may_be_words(item: str, model: StudyModel) -> bool:
    """Whether a column may hold two words: the only item of an outcome of a logit."""
    return model.estimator == "logit" and any(model.items_of(outcome) == (item,) for outcome in model.drivers)


def _numbers(
    column: Column, codes: Sequence[int | float | str], may_be_words: bool
) -> tuple[Column, Finding | None, str | None]:
    """Turn one column into floats with nan for gaps; else say what is wrong, else what was read how."""
    where = f"column '{column.name}'"
    note = None
    if pd.api.types.is_datetime64_any_dtype(column) or pd.api.types.is_timedelta64_dtype(column):
        return column, Finding(where, "must hold numbers", got="dates"), None
    if isinstance(column.dtype, pd.CategoricalDtype):
        words = column.cat.categories
        if column.cat.ordered and not pd.api.types.is_numeric_dtype(words):
            ranks = {word: float(place) for place, word in enumerate(words, 1) if str(word) not in map(str, codes)}
            note = f"'{column.name}' is ordered words: {', '.join(map(str, ranks))} count as {len(ranks)} equal steps."
            column = column.astype(object).map(ranks)
        else:
            column = column.astype(words.dtype)
    if pd.api.types.is_numeric_dtype(column) or pd.api.types.is_bool_dtype(column):
        values: Column = pd.Series(column.to_numpy(dtype=float, na_value=np.nan), index=column.index)
    else:
        text: Column = column.astype("string").str.strip()
        text = text.mask(text.isin([str(code) for code in codes]) | (text == ""))
        parsed: Column = pd.to_numeric(_truths(text), errors="coerce")
        values = parsed.astype(float)
        wrong = text.notna() & values.isna()
        words = sorted(text.dropna().unique())
        if wrong.any() and may_be_words and len(words) == 2:
            values = text.map({words[0]: 0.0, words[1]: 1.0}).astype(float)
            note = f"'{column.name}' holds two words: '{words[1]}' counts as 1 and '{words[0]}' as 0."
        elif wrong.any():
            row = int(np.argmax(wrong.to_numpy()))
            return values, _no_number(where, str(text.iloc[row]), row + 1, len(words), int(wrong.sum())), None
    values = values.mask(values.isin([number for number in map(_as_number, codes) if number is not None]))
    if np.isinf(values).any():
        row = int(np.argmax(np.isinf(values.to_numpy())))
        return values, Finding(where, f"must hold finite numbers, row {row + 1} does not", got="infinity"), None
    if values.isna().all():
        return values, Finding(where, "has no answer at all", hint="is it really asked, and are its codes right?"), None
    return values.reset_index(drop=True), None, note


def _truths(text: Column) -> Column:
    """Read true and false, in any case, as 1 and 0 where a column holds no other word."""
    lower = text.str.lower()
    return lower.map({"true": "1", "false": "0"}) if lower.dropna().isin(["true", "false"]).all() else text


def _as_number(code: int | float | str) -> float | None:
    """Value of a code that is a number, quoted or not."""
    try:
        return float(code)
    except ValueError:
        return None


def _no_number(where: str, word: str, row: int, n_words: int, n_wrong: int) -> Finding:
    hint = "code the words as numbers" if n_words <= MOST_WORDS else None
    if n_wrong < 3:
        hint = f"if it means no answer: missing: {{codes: ['{word}']}}"
    if re.fullmatch(r"[-+]?\d[\d.,' ]*%?", word):
        hint = "write plain numbers, without separators of thousands and percent signs"
    if re.fullmatch(r"[-+]?\d+,\d+", word):
        hint = "write a decimal point, or separate the columns by semicolons"
    more = f", nor {'do' if n_wrong > 2 else 'does'} {n_wrong - 1} more" if n_wrong > 1 else ""
    return Finding(where, f"must hold numbers, row {row} does not{more}", got=f"'{word[:40]}'", hint=hint)


def _frequencies(survey: pd.DataFrame, model: StudyModel) -> tuple[Column, Finding | None]:
    """Cases behind each row: 1, or the column of frequencies."""
    ones = pd.Series(np.ones(len(survey), dtype=np.int64))
    if model.weights is None or model.weights not in survey:
        return ones, None
    where = f"column '{model.weights}'"
    values, finding, _ = _numbers(survey[model.weights], (), False)
    if finding is not None:
        return ones, finding
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


def _nothing_left(items: pd.DataFrame, gaps: pd.DataFrame) -> list[Finding]:
    """Say that no row is complete, or which items do not differ among the complete rows."""
    if items.empty:
        worst = gaps.sum().idxmax()
        hint = f"'{worst}' has the most gaps ({int(gaps[worst].sum())} of {len(gaps)} rows): leave it out of the model?"
        return [Finding("", "no row is complete on every item that the model names", hint=hint)]
    same = items.nunique() == 1
    law = "is constant among the complete rows: nothing can be explained by it or in it"
    return [Finding(f"column '{item}'", law, got=f"{items[item].iloc[0]:g} in all {len(items)}") for item in
            items.columns[same]]  # fmt: skip


def _group_names(column: Column) -> Column:
    """Groups as text: 1.0 reads as 1."""
    if pd.api.types.is_float_dtype(column):
        return column.map(lambda value: f"{value:g}", na_action="ignore").astype("object")
    return column.map(str, na_action="ignore").astype("object")
