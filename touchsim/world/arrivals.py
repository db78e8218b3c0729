"""When customers come: the rhythm of week, year and day, the trend, and who is there when the run begins.

    rate(t) = arrivals * weekday * month * hour of the day * (1 + trend) ** (whole days since the start / 365)

Each factor is 1 where a scenario does not say otherwise, and none is scaled so that a week or a year comes to the same
number as before: ``weekdays: {sun: 0}`` takes a seventh of the customers away.  Weekdays and months are those of the
calendar, counted from the scenario's `start`, leap years included; the trend steps from day to day, so that the rate
is constant in pieces and its integral has an exact inverse (`engine.arrivals`).

`Rhythm` is what a segment says of this; `day_of` cuts its day into pieces, `births_expected` adds up the rate.
"""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, Annotated, Literal, get_args

import numpy as np
from pydantic import AfterValidator, Field

from touchsim.documents import Assumption, Count, Document, NonNegative, broken

if TYPE_CHECKING:
    from touchsim.world.customers import Segment

__all__ = ["MONTHS", "WEEKDAYS", "Rhythm", "births_expected", "day_of"]

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
Month = Literal["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
WEEKDAYS: tuple[str, ...] = get_args(Weekday)
MONTHS: tuple[str, ...] = get_args(Month)

Factor = Annotated[NonNegative, Field(le=1e6)]
_SPAN = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])-([01][0-9]|2[0-4]):([0-5][0-9])")
_DAY = 1440  # minutes
_YEAR = 365.0  # days in which the trend grows once


def _minutes(text: str) -> list[tuple[int, int]]:
    """Minutes of the day that a span covers, one or two pieces: ``22:00-02:00`` goes on after midnight."""
    match = _SPAN.fullmatch(text)
    if match is None:
        raise broken("must be a span of the day", 'e.g. "09:00-17:00"')
    opens, closes = (60 * int(match[1]) + int(match[2]), 60 * int(match[3]) + int(match[4]))
    if closes > _DAY or opens == closes:
        raise broken("must be a span of the day that begins before it ends, at 24:00 at the latest",
                     'e.g. "09:00-17:00"; all day is "00:00-24:00"')  # fmt: skip
    if opens < closes:
        return [(opens, closes)]
    return [(opens, _DAY)] + ([(0, closes)] if closes else [])


def _span(text: str) -> str:
    _minutes(text)
    return text


def _some(factors: dict[str, float], names: tuple[str, ...], what: str) -> dict[str, float]:
    if all(factors.get(name, 1.0) == 0.0 for name in names):
        raise broken(f"nobody ever arrives: the factors of all {what} are 0")
    return factors


def _week(factors: dict[str, float]) -> dict[str, float]:
    return _some(factors, WEEKDAYS, "seven weekdays")


def _year(factors: dict[str, float]) -> dict[str, float]:
    return _some(factors, MONTHS, "twelve months")


def _pieces(hours: dict[str, float]) -> list[tuple[int, float]]:
    """Pieces of a day in order, each with its last minute and its factor; they do not check overlaps."""
    said = sorted((piece, factor) for span, factor in hours.items() for piece in _minutes(span))
    found, at = [], 0
    for (opens, closes), factor in said:
        if opens > at:
            found.append((opens, 1.0))
        found.append((closes, factor))
        at = closes
    return found if at == _DAY else [*found, (_DAY, 1.0)]


def _hours(hours: dict[str, float]) -> dict[str, float]:
    covered: dict[int, str] = {}
    for span in hours:
        for opens, closes in _minutes(span):
            for minute in range(opens, closes):
                if minute in covered:
                    raise broken(f"'{span}' overlaps with '{covered[minute]}'")
                covered[minute] = span
    if all(factor == 0.0 for _, factor in _pieces(hours)):
        raise broken("nobody ever arrives: the factors of all hours are 0")
    return hours


class Rhythm(Document):
    """How the arrivals of a segment rise and fall, and who of it is there when the run begins."""

    weekdays: Annotated[dict[Weekday, Factor], AfterValidator(_week)] = Assumption(
        dict, "every weekday alike unless said otherwise", description="factor of arrivals by weekday, mon ... sun"
    )
    season: Annotated[dict[Month, Factor], AfterValidator(_year)] = Assumption(
        dict, "every month alike unless said otherwise", description="factor of arrivals by month, jan ... dec"
    )
    hours: Annotated[dict[Annotated[str, AfterValidator(_span)], Factor], AfterValidator(_hours)] = Assumption(
        dict, "every hour alike unless said otherwise", description="factor of arrivals by span of the day"
    )
    trend: Annotated[float, Field(gt=-1.0, le=10.0)] = Assumption(
        0.0, "no growth unless said otherwise", description="growth of arrivals per 365 days"
    )
    stock: Count = Assumption(
        0, "nobody is there when the run begins", description="customers present at the start, besides arrivals"
    )
    stock_as: Literal["suspect", "lead", "prospect", "customer"] = Assumption(
        "customer", "most whom a shop knows have bought", description="how far those present at the start have come"
    )

    @property
    def flows(self) -> bool:
        """Whether arrivals ever rise or fall; factors of 1 say nothing."""
        factors = (*self.weekdays.values(), *self.season.values(), *self.hours.values())
        return self.trend != 0.0 or any(factor != 1.0 for factor in factors)


def day_of(rhythm: Rhythm) -> list[tuple[float, float]]:
    """Cut a day into pieces of constant rate.

    Returns
    -------
    list of (float, float)
        In order: end of the piece as a fraction of the day, and its factor; the last one ends at 1.

    Examples
    --------
    >>> day_of(Rhythm(hours={"18:00-06:00": 0.5}))
    [(0.25, 0.5), (0.75, 1.0), (1.0, 0.5)]
    """
    return [(closes / _DAY, factor) for closes, factor in _pieces(rhythm.hours)]


def births_expected(segment: Segment, start: date, days: float) -> float:
    """Expected number of arrivals of a segment in so many days from the start: the integral of its rate.

    Examples
    --------
    >>> from touchsim.world.customers import Segment
    >>> births_expected(Segment(arrivals=10.0, weekdays={"sun": 0.0}), date(2026, 1, 5), 14.0)
    120.0
    """
    if not segment.flows:
        return segment.arrivals * days
    whole = np.arange(int(np.ceil(days)))
    calendar = np.datetime64(start, "D") + whole
    week = np.array([segment.weekdays.get(key, 1.0) for key in WEEKDAYS])  # type: ignore[call-overload]
    year = np.array([segment.season.get(key, 1.0) for key in MONTHS])  # type: ignore[call-overload]
    rate = week[(start.weekday() + whole) % 7] * year[calendar.astype("datetime64[M]").astype(int) % 12]
    opens, of_day = 0.0, 0.0
    for closes, factor in day_of(segment):
        of_day += factor * (closes - opens)
        opens = closes
    with np.errstate(over="ignore"):
        rate = rate * (1.0 + segment.trend) ** (whole / _YEAR) * of_day
    share = np.minimum(days - whole, 1.0)  # of the last day, which may be begun only
    return float(segment.arrivals * (rate * share).sum())
