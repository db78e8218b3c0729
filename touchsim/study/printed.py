"""Figures as they are printed: with stars, footnote marks, typographic minus, decimal comma; columns by their number.

A figure is read without all that, and known to as many decimals as it is printed with.  What is wrong in many places is
told once.  Called by `published`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection
from dataclasses import replace

from touchsim.errors import Finding

__all__ = ["MOST_ALIKE", "decimals_of", "named_columns", "number_of", "or_nan", "plain_figure", "told_once"]

MOST_ALIKE = 3
NUMBER = re.compile(r"\(?(\d+)[.)]?")


def told_once(findings: list[Finding], file: str | None) -> list[Finding]:
    """Findings of one law in many places as one, the first places named."""
    alike: dict[str, list[Finding]] = {}
    for item in findings:
        alike.setdefault(item.law, []).append(item)
    told = []
    for several in alike.values():
        first, more = several[0], len(several) - MOST_ALIKE
        if more > 1:
            where = ", ".join(item.where for item in several[:MOST_ALIKE])
            told.append(replace(first, where=f"{where} and {more} more", file=file))
        else:
            told += [replace(item, file=file) for item in several]
    return told


def named_columns(rows: list[list[str]], words: Collection[str]) -> list[list[str]]:
    """Give columns that are numbered, as papers do, the names of the rows: ``1. Price, 5.1, 1.4, -`` under ``1``.

    The last variable may have no column, and the names of the rows their numbers or not.  Other tables are left alone.

    Parameters
    ----------
    rows : list of list of str
        Cells, the header first.
    words : collection of str
        Names of rows and columns that are no variables, in small letters.

    Examples
    --------
    >>> rows = [["", "M", "SD", "1", "2"], ["1. Price", "5.1", "1.4", "-"], ["2. Speed", "6.2", "1.1", ".41", "-"]]
    >>> named_columns(rows, {"m", "sd"})[0], named_columns(rows, {"m", "sd"})[2][0]
    (['', 'M', 'SD', 'Price', 'Speed'], 'Speed')
    """
    head = [" ".join(cell.split()) for cell in rows[0]]
    columns = [j for j, cell in enumerate(head) if j and cell and cell.lower() not in words]
    found = [NUMBER.fullmatch(head[j]) for j in columns]
    variables = [i for i, row in enumerate(rows) if i and row and row[0].strip()
                 and row[0].strip().lower() not in words]  # fmt: skip
    counted = [int(mark[1]) for mark in found if mark] == list(range(1, len(columns) + 1))
    if not counted or not columns or len(variables) - len(columns) not in (0, 1):
        return rows
    labels = [" ".join(rows[i][0].split()) for i in variables]
    if all(NUMBER.fullmatch(label) for label in labels):
        return rows
    names = [re.sub(rf"^{NUMBER.pattern}\s+", "", label) for label in labels]
    named = [*head, *[""] * (max(columns) + 1 + len(names) - len(columns) - len(head))]
    for j, name in zip([*columns, max(columns) + 1], names, strict=False):
        if j < len(head) and j not in columns and head[j]:
            return rows
        named[j] = name
    place = dict(zip(variables, names, strict=True))
    return [named, *([place.get(i, row[0]) if row else "", *row[1:]] for i, row in enumerate(rows) if i)]


def number_of(text: str, where: str, findings: list[Finding]) -> float | None:
    """Read a figure as printed; None where there is none."""
    plain = plain_figure(text)
    if plain in ("", "-", "—"):
        return None
    try:
        value = float(plain)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        findings.append(Finding(where, "must be a number", got=text))
    return value


def plain_figure(text: str) -> str:
    """A figure without stars, footnote marks and typographic minus; 0,45 as 0.45."""
    bare = re.sub(r"[*†‡\s]|(?<=\d)[a-c]$", "", text).replace("−", "-").replace("–", "-")  # noqa: RUF001
    return bare.replace(",", ".") if re.fullmatch(r"[-+]?\d*,\d+", bare) else bare.strip("()")


def decimals_of(text: str) -> int:
    """Count the decimals of a figure as printed.

    Examples
    --------
    >>> decimals_of(".50**"), decimals_of("3"), decimals_of("1.2e-3")
    (2, 0, 4)
    """
    mantissa, _, exponent = plain_figure(text).lower().partition("e")
    return max(0, len(mantissa.partition(".")[2]) - int(exponent or 0))


def or_nan(value: float | None) -> float:
    """Give nan for a figure that is not there."""
    return math.nan if value is None else value

