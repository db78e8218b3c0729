"""How numbers are written for people: three figures that matter, a unit, and an interval or the words "single run".

The same spelling is used in pictures, tables and sentences, so that a share reads ``12.3 %`` everywhere.  Whole parts
are never cut (``12,345`` keeps its digits), a true minus sign is used, what is missing is an en dash.  Words and marks
of decimals and thousands are those of the language spoken: ``12.345,6`` in Dutch.

Called by the pictures of ``touchsim.plots`` and by the reports and stories of ``touchsim.show``.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import pandas as pd

from touchsim.languages import marked, marks, tell

__all__ = ["fixed", "interval", "minutes", "money", "number", "p_value", "percent", "signed", "together",
           "with_unit"]

MISSING = "–"


def _missing(value: object) -> bool:
    return value is None or bool(pd.isna(value)) or (isinstance(value, float) and math.isinf(value))  # type: ignore[call-overload]


def _marked(text: str) -> str:
    """Put the marks of the language spoken, and a true minus, into a number as Python writes it."""
    return marked(text).replace("-", "−")


def fixed(value: float | None, places: int) -> str:
    """Write with so many decimals; what rounds to zero has no sign.

    Examples
    --------
    >>> fixed(-0.3, 2), fixed(-0.001, 2), fixed(1234.56, 1), fixed(None, 3)
    ('−0.30', '0.00', '1,234.6', '–')
    """
    if value is None or _missing(value):
        return MISSING
    text = f"{float(value):,.{places}f}"
    return _marked(text.removeprefix("-") if float(text.replace(",", "")) == 0 else text)


def number(value: float | None, digits: int = 3) -> str:
    """Write a number with `digits` significant digits, thousands apart, never in powers of ten.

    Examples
    --------
    >>> number(0.123456), number(12345.6), number(-0.5), number(None)
    ('0.123', '12,346', '−0.5', '–')
    """
    if value is None or _missing(value):
        return MISSING
    value = float(value)
    if value == 0:
        return "0"
    places = max(0, digits - 1 - math.floor(math.log10(abs(value))))
    text = f"{value:,.{min(places, 9)}f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return _marked(text) if text not in ("-0", "0") else "0"


def percent(value: float | None) -> str:
    """Write a share (0..1) as percent, one decimal below 99.95.

    Examples
    --------
    >>> percent(0.12345), percent(1.0), percent(0.0004)
    ('12.3 %', '100 %', '0.04 %')
    """
    if value is None or _missing(value):
        return MISSING
    scaled = 100 * float(value)
    places = 2 if 0 < abs(scaled) < 0.1 else 1
    text = f"{scaled:.{places}f}"
    if text in ("100.0", "-100.0", "0.0", "-0.0"):
        text = f"{scaled:.0f}".replace("-0", "0")
    return f"{_marked(text)} %"


def money(value: float | None, currency: str = "") -> str:
    """Write an amount with its currency: cents below a hundred, whole units above.

    Examples
    --------
    >>> money(12.5, "EUR"), money(12345.6, "EUR")
    ('12.50 EUR', '12,346 EUR')
    """
    if value is None or _missing(value):
        return MISSING
    text = f"{float(value):,.2f}" if abs(float(value)) < 100 else f"{float(value):,.0f}"
    return f"{_marked(text)} {currency}".rstrip()


def signed(value: float | None) -> str:
    """Write a number with its sign and two decimals; what rounds to zero has no sign.

    Examples
    --------
    >>> signed(0.251), signed(-0.3), signed(-0.001)
    ('+0.25', '−0.30', '0.00')
    """
    if value is None or _missing(value):
        return MISSING
    text = f"{float(value):+.2f}"
    return _marked("0.00" if text in ("+0.00", "-0.00") else text)


def minutes(value: float | None) -> str:
    """Write a time given in minutes in the unit in which people would say it.

    Examples
    --------
    >>> minutes(0.4), minutes(4.25), minutes(90), minutes(2880)
    ('24 s', '4.2 min', '1.5 h', '2 days')
    """
    if value is None or _missing(value):
        return MISSING
    value = float(value)
    if abs(value) < 1:
        return tell("{n} s", n=fixed(value * 60, 0))
    if abs(value) < 60:
        return tell("{n} min", n=number(value, 2))
    if abs(value) < 1440:
        return tell("{n} h", n=number(value / 60, 2))
    days = number(value / 1440, 2)
    return tell("{n} day", n=days) if days == "1" else tell("{n} days", n=days)


def p_value(value: float | None) -> str:
    """Write a p value as the field does: three decimals, never ``.000``; without a leading zero where a dot is used.

    Examples
    --------
    >>> p_value(0.0123), p_value(0.00001)
    ('p = .012', 'p < .001')
    """
    if value is None or _missing(value):
        return MISSING
    sign, shown = "=", float(value)
    if shown < 0.001:
        sign, shown = "<", 0.001
    elif shown > 0.999:
        sign, shown = ">", 0.999
    text = f"{shown:.3f}"
    return f"p {sign} {text.replace('0.', '.', 1) if marks()[0] == '.' else _marked(text)}"


def with_unit(value: float | None, unit: str = "", currency: str = "") -> str:
    """Write a number in its unit; knows shares (``share``, ``probability``), money and minutes, appends any other.

    Examples
    --------
    >>> with_unit(0.25, "share"), with_unit(3.14159, "days"), with_unit(12, "EUR", "EUR")
    ('25.0 %', '3.14 days', '12.00 EUR')
    """
    if value is None or _missing(value):
        return MISSING
    if unit in ("share", "probability"):
        return percent(value)
    if unit in ("minutes", "min"):
        return minutes(value)
    if unit == "cents":
        return money(float(value) / 100, currency)
    if unit in ("money", "currency") or (unit and unit == currency):
        return money(value, currency)
    return f"{number(value)} {tell(unit)}".rstrip()


def together(value: float | None, low: float, high: float) -> tuple[str, str, str]:
    """Write a number and the ends of its interval with the same decimals, two figures of the half width.

    Examples
    --------
    >>> together(0.3689, 0.2642, 0.4341), together(0.4, 0.4, 0.4)
    (('0.369', '0.264', '0.434'), ('0.4', '0.4', '0.4'))
    """
    if high <= low:
        return number(value), number(low), number(high)
    places = max(0, min(9, 1 - math.floor(math.log10((high - low) / 2))))
    return fixed(value, places), fixed(low, places), fixed(high, places)


def interval(
    value: float | None,
    low: float | None,
    high: float | None,
    spell: Callable[[float | None], str] = number,
    *,
    single: str | None = None,
) -> str:
    """Write a value with its interval, or with the words `single` ("single run") where it has none.

    Examples
    --------
    >>> interval(0.25, 0.2, 0.3, percent), interval(0.25, None, None, percent)
    ('25.0 % (20.0 to 30.0 %)', '25.0 % (single run)')
    >>> interval(0.006, 0.00316, 0.00884), interval(0.03, -0.0001, 0.06)
    ('0.0060 (0.0032 to 0.0088)', '0.030 (0.000 to 0.060)')
    """
    if _missing(value):
        return MISSING
    if low is None or high is None or _missing(low) or _missing(high):
        single = tell("single run") if single is None else single
        return f"{spell(value)} ({single})" if single else spell(value)
    if spell is number and high > low:
        middle, first, last = together(value, low, high)
        return f"{middle} ({tell('{low} to {high}', low=first, high=last)})"
    first, last = spell(low), spell(high)
    unit = last.rpartition(" ")[2]
    if unit and not unit[-1].isdigit() and first.endswith(f" {unit}"):
        first = first.removesuffix(f" {unit}")
    return f"{spell(value)} ({tell('{low} to {high}', low=first, high=last)})"
