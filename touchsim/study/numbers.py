"""From one column of a survey to numbers, however a form tool wrote them.

| written                                  | read as                                                                  |
|------------------------------------------|--------------------------------------------------------------------------|
| 5, "5", 5.0, decimals, nullable, Int8    | the number                                                               |
| true, false, in any case                 | 1, 0                                                                     |
| ordered categories (Parquet)             | their places 1, 2, 3 ...; a note says so                                 |
| 7 - strongly agree, agree (6), 7 (very)  | the number, where each number has one label of its own; a note says so   |
| words to which the model gives numbers   | those numbers                                                            |
| two words, for the outcome of a logit    | 1 and 0: a word that denies the other, or a plain no, is 0; a note       |
| a declared code, an empty cell           | a gap                                                                    |

Anything else is a finding: words are never guessed to be an order.  Called by `columns`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from touchsim.errors import Finding, nearest
from touchsim.languages import tell

__all__ = ["ColumnNumbers", "numbers_of"]

Column = Any  # a pandas Series of whatever the file holds
MOST_WORDS = 12
WORDS_FOR_NO_ANSWER = 2
THOUSANDS = re.compile(r"[-+]?\d{1,3}(,\d{3})+")
PLAIN = r"[-+]?\d+(?:\.\d+)?"
LABELLED = tuple(re.compile(pattern) for pattern in (
    rf"(?P<number>{PLAIN})\s*(?:[-\u2013\u2014=:)]|\.(?!\d))\s*(?P<label>\D+)",  # 7 - agree, 7. agree
    rf"[(\[](?P<number>{PLAIN})[)\]]\s*(?P<label>\D+)",  # (7) agree
    rf"(?P<label>\D+?)\s*[(\[](?P<number>{PLAIN})[)\]]",  # agree (7)
    rf"(?P<number>{PLAIN})\s*[(\[](?P<label>\D+)[)\]]",  # 7 (agree)
))  # fmt: skip
AS_TEXT = re.compile(r'^=?"(.*)"$')  # ="7", with which spreadsheets keep a number from being one
DENIALS = frozenset(["no", "nein", "non", "nee", "nej", "n", "não", "nao", "нет", "never", "nie"])


@dataclass(frozen=True)
class ColumnNumbers:
    """One column as floats with nan for gaps, or what is wrong with it, or what was read how (without its name).

    `words` are those that stand where numbers must, without the names of the columns in which they do.
    """

    values: Column
    finding: Finding | None = None
    note: Callable[[], str] | None = None
    words: frozenset[str] = frozenset()


def numbers_of(
    column: Column, codes: Sequence[int | float | str] = (), may_be_words: bool = False,
    words: Mapping[str, float] | None = None,
) -> ColumnNumbers:  # fmt: skip
    """Turn one column into floats with nan for gaps; else say what is wrong.

    Parameters
    ----------
    column : Series
        As the file holds it.
    codes : sequence
        Answers that mean "no answer".
    may_be_words : bool
        Whether two words may stand for 1 and 0.
    words : mapping, optional
        Word, in small letters, to its number.

    Examples
    --------
    >>> read = numbers_of(pd.Series(["1 - never", "2", "3 - always", ".", None], name="Q1"), ["."])
    >>> read.values.tolist(), read.note()
    ([1.0, 2.0, 3.0, nan, nan], "labels stand beside the numbers: 1 'never', 3 'always'.")
    """
    where = f"column '{column.name}'"
    note: Callable[[], str] | None = None
    spoken = pd.api.types.is_bool_dtype(column)
    if pd.api.types.is_datetime64_any_dtype(column) or pd.api.types.is_timedelta64_dtype(column):
        return ColumnNumbers(column, Finding(where, "must hold numbers", got="dates"))
    if column.dtype == object and column.map(lambda cell: isinstance(cell, (list, tuple, dict, np.ndarray))).any():
        law, hint = "must hold one number in each row, and holds lists", "give each element a column of its own"
        return ColumnNumbers(column, Finding(where, law, got=f"{column.dropna().iloc[0]}"[:40], hint=hint))
    if isinstance(column.dtype, pd.CategoricalDtype):
        kinds = column.cat.categories
        told = pd.api.types.is_numeric_dtype(kinds) or _labelled(kinds.astype("string")) is not None
        if column.cat.ordered and not told and not words:
            ranks = {word: float(place) for place, word in enumerate(kinds, 1) if str(word) not in map(str, codes)}
            note = partial(tell, "ordered words, {words} count as {n} equal steps.", n=len(ranks),
                           words=", ".join(map(str, ranks)))  # fmt: skip
            column, spoken = column.astype(object).map(ranks), True
        else:
            column = column.astype(kinds.dtype)
    if pd.api.types.is_numeric_dtype(column) or pd.api.types.is_bool_dtype(column):
        values: Column = pd.Series(column.to_numpy(dtype=float, na_value=np.nan), index=column.index)
    else:
        text: Column = column.astype("string").str.replace(AS_TEXT, r"\1", regex=True).str.strip()
        text = text.mask(text.isin([str(code) for code in codes]) | (text == ""))
        values, note, spoken = _of_text(text, may_be_words, words or {})
        wrong = text.notna() & values.isna()
        if wrong.any():
            finding = _no_number(where, text, wrong, may_be_words, words or {})
            return ColumnNumbers(values, finding, words=frozenset(text[wrong].unique()))
    if not spoken:  # a code 0 means a 0 that was answered, not the word that counts as 0
        values = values.mask(values.isin([number for number in map(_as_number, codes) if number is not None]))
    if np.isinf(values).any():
        row = int(np.argmax(np.isinf(values.to_numpy())))
        law = f"must hold finite numbers, row {row + 1} does not"
        return ColumnNumbers(values, Finding(where, law, got="infinity"))
    if values.isna().all():
        hint = "is it really asked, and are its codes right?"
        return ColumnNumbers(values, Finding(where, "has no answer at all", hint=hint))
    return ColumnNumbers(values.reset_index(drop=True), note=note)


def _of_text(
    text: Column, may_be_words: bool, given: Mapping[str, float]
) -> tuple[Column, Callable[[], str] | None, bool]:
    """Read words as floats, nan where they are none, with a note on what was not plain; and whether all were words."""
    lower = text.str.casefold()
    if not given and lower.dropna().isin(["true", "false"]).all():
        return lower.map({"true": 1.0, "false": 0.0}).astype(float), None, True
    values: Column = pd.to_numeric(text, errors="coerce")
    values = values.astype(float)
    spoken = bool(values.isna().all())
    values = values.fillna(lower.map(dict(given)).astype(float))
    words = sorted(text[values.isna()].dropna().unique())
    if not words:
        return values, None, spoken
    if may_be_words and len(words) == 2 and values.isna().all():  # noqa: PLR2004
        no, yes = sorted(words, key=lambda word: not _denies(word, words))
        note = partial(tell, "two words, '{yes}' counts as 1 and '{no}' as 0.", yes=yes, no=no)
        return text.map({no: 0.0, yes: 1.0}).astype(float), note, True
    labels = _labelled(pd.Series(words, dtype="string"))
    if labels is None:
        return values, None, spoken
    shown = ", ".join(f"{number:g} '{label}'" for number, label in sorted(labels.values()))
    beside: Column = text.map({word: number for word, (number, _) in labels.items()})
    note = partial(tell, "labels stand beside the numbers: {labels}.", labels=shown)
    return values.fillna(beside.astype(float)), note, False


def _labelled(words: Column) -> dict[str, tuple[float, str]] | None:
    """Number and label of each word; None unless all have both, and no two share either."""
    for pattern in LABELLED:
        found = {str(word): match for word in words if (match := pattern.fullmatch(str(word)))}
        if len(found) == len(words) > 0:
            pairs = {word: (float(match["number"]), match["label"].strip()) for word, match in found.items()}
            numbers, labels = zip(*pairs.values(), strict=True)
            return pairs if len(set(numbers)) == len(numbers) and len(set(labels)) == len(labels) else None
    return None


def _denies(word: str, words: Sequence[str]) -> bool:
    """Whether one of two words is a plain no, or holds the other one: 'not bought', 'dissatisfied'."""
    (other,) = (one for one in words if one != word)
    if other.casefold() in DENIALS:
        return False
    if word.casefold() in DENIALS or other.casefold() in word.casefold():
        return True
    return word.casefold() not in other.casefold() and word == words[0]


def _as_number(code: int | float | str) -> float | None:
    """Value of a code that is a number, quoted or not."""
    try:
        return float(code)
    except ValueError:
        return None


def _no_number(
    where: str, text: Column, wrong: Column, may_be_words: bool, given: Mapping[str, float]
) -> Finding:  # fmt: skip
    """Say which row holds no number, and what it may mean: a code, a separator, an order of words."""
    row, n_wrong = int(np.argmax(wrong.to_numpy())), int(wrong.sum())
    word, words = str(text.iloc[row]), sorted(text[wrong].unique())
    hint = None
    if n_wrong < 3 or (len(words) <= WORDS_FOR_NO_ANSWER and n_wrong < int(text.notna().sum()) / 2):  # noqa: PLR2004
        listed = ", ".join(f"'{one}'" for one in words)
        hint = f"if {'it means' if len(words) == 1 else 'they mean'} no answer: missing: {{codes: [{listed}]}}"
    elif len(words) <= MOST_WORDS:
        hint = f"code the words as numbers: {', '.join(words)}"
        if may_be_words and wrong.sum() == text.notna().sum():
            hint += "; or leave two of them, the others under missing.codes"
        hint += f"; or list them in the model, the lowest first: words: {{{where.removeprefix('column ')}: [...]}}"
    if given and hint is not None and n_wrong < int(text.notna().sum()):
        hint += "" if "words:" in hint else "; or list it in the model's words, in its place"
    hint = nearest(word.casefold(), given) or hint
    if begun := re.match(rf"[(\[]?({PLAIN})[)\]]?\s*[^\d\s.,:/%\u2013-]", word):  # 7 very, 7 (very) beside 7 (much)
        hint = f"write the number alone: {begun[1]}, not '{word[:40]}'"
    if re.fullmatch(r"[-+]?\d[\d.,' ]*%?", word):
        hint = "write plain numbers, without separators of thousands and percent signs"
    if re.fullmatch(r"[-+]?\d+,\d+", word) and not all(THOUSANDS.fullmatch(one) for one in words):
        hint = "write a decimal point, or separate the columns by semicolons"
    more = f", nor {'do' if n_wrong > 2 else 'does'} {n_wrong - 1} more" if n_wrong > 1 else ""  # noqa: PLR2004
    return Finding(where, f"must hold numbers, row {row + 1} does not{more}", got=f"'{word[:40]}'", hint=hint)
