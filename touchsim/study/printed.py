"""Figures as they are printed: with stars, footnote marks, typographic minus, decimal comma.

A figure is read without all that, and known to as many decimals as it is printed with.  What is wrong in many places is
told once.  Called by `published`.
"""

from __future__ import annotations

import math
import re
from dataclasses import replace

from touchsim.errors import Finding

__all__ = ["MOST_ALIKE", "decimals_of", "number_of", "or_nan", "plain_figure", "told_once"]

MOST_ALIKE = 3


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

