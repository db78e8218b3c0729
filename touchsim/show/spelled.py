"""Figures and names as a paper prints them (APA 2020, ch. 6): what cannot exceed 1 stands without a leading zero."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

from touchsim.vocabulary import label

__all__ = ["EVERYONE", "bare", "missing", "p_text", "slug", "span", "term_name", "two", "whole"]

EVERYONE = "all"


def term_name(term: str) -> str:
    """Name a driver, or a block of drivers."""
    return f"Block {label(term[6:])}" if term.startswith("block:") else label(term)


def span(row: Mapping[str, Any], low: str, high: str, spell: Any) -> str:
    """Write an interval; nothing where an end is missing."""
    ends = spell(row[low]), spell(row[high])
    return f"[{ends[0]}, {ends[1]}]" if all(ends) else ""


def two(value: Any) -> str:
    """Write two decimals; nothing for what is missing."""
    return "" if missing(value) else f"{round(float(value), 2) + 0.0:.2f}"


def bare(value: Any) -> str:
    """Write two decimals, without a leading zero."""
    return re.sub(r"^(-?)0\.", r"\1.", two(value))


def p_text(value: Any) -> str:
    """Write a p value: three decimals, or below .001."""
    return "" if missing(value) else "< .001" if value < 0.001 else f"{value:.3f}".removeprefix("0")


def whole(value: Any) -> str:
    """Write a whole number; nothing for what is missing."""
    return "" if missing(value) else f"{int(value)}"


def missing(value: Any) -> bool:
    """Say whether there is no figure."""
    return value is None or (isinstance(value, float) and math.isnan(value))


def slug(*words: object) -> str:
    """Make the name of a table from words; everyone is not named."""
    return "-".join(re.sub(r"[^a-z0-9]+", "-", str(word).lower()).strip("-") for word in words if word != EVERYONE)
