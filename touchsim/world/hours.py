"""When a touchpoint is open, and how many serve there: a week, as a person writes it.

    open: {mon-fri: "09:00-12:00, 13:00-17:00", sat: "10:00-16:00"}     days not named are closed
    capacity: {mon-fri: {"09:00-12:00": 2, "12:00-17:00": 4}}           a schedule; its hours are the opening hours

Days are ``mon`` ... ``sun``, a range (``tue-thu``), several (``mon,wed``) or ``daily``; a span is `[open, close)`
between 00:00 and 24:00.  A night is written as two spans; spans that touch, also at midnight, are one session, at whose
end alone the doors close.  A count of 0 is a break in which the line is kept: open, but nobody serves.

`touchpoints` reads the week and says what is wrong with it, `blueprint` writes it below the world's table, where
`engine.hours` reads it; `start` of the scenario says which weekday day 0 of a run is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Annotated, NamedTuple

from pydantic import Discriminator, Field, Tag

from touchsim.documents import Finding, nearest

__all__ = ["CLOSED", "DAY", "WEEK", "Capacity", "Opening", "Window", "counted_from", "read_week", "sessions"]

DAY, WEEK = 1440, 7 * 1440
"""Minutes."""
CLOSED = "closed"
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

Opening = dict[str, str]
"""Days to spans, as written."""
Schedule = dict[str, dict[str, Annotated[int, Field(ge=0, le=10_000)]]]
"""Days to spans to servers."""
Capacity = Annotated[
    Annotated[int, Field(ge=1, le=10_000), Tag("count")] | Annotated[Schedule, Tag("schedule")],
    Discriminator(lambda value: "schedule" if isinstance(value, dict) else "count"),
]
"""Servers at any time, or a schedule of them."""

_SPAN = re.compile(r"\s*(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})\s*")


class Window(NamedTuple):
    """A piece of the week with a constant number of servers: `[opens, closes)` in minutes from its beginning."""

    opens: int
    closes: int
    servers: int


def read_week(
    opened: Mapping[str, str], capacity: int | Mapping[str, Mapping[str, int]] | None
) -> tuple[tuple[Window, ...], list[Finding]]:
    """Read the week of a touchpoint.

    Parameters
    ----------
    opened : mapping
        Opening hours as written; empty: always open, unless the capacity is a schedule.
    capacity : int, mapping or None
        A constant number of servers, a schedule, or no limit (then every window counts one).

    Returns
    -------
    windows : tuple of Window
        In the order of the week, from Monday 00:00; empty: always open.
    findings : list of Finding
        Every broken law, with places such as ``open.mon-fri``.

    Examples
    --------
    >>> read_week({"sat,sun": "10:00-16:00"}, 2)[0]
    (Window(opens=7800, closes=8160, servers=2), Window(opens=9240, closes=9600, servers=2))
    >>> print(read_week({"mon": "09:00-25:00"}, 2)[1][0])
    open.mon: must lie between 00:00 and 24:00 (got 09:00-25:00)
    """
    if isinstance(capacity, Mapping):
        name, written = "capacity", {days: dict(spans) for days, spans in capacity.items()}
        if opened:
            law = "must not stand beside a schedule of capacity, whose hours are the opening hours"
            return (), [Finding("open", law, hint="in an intervention, open: null takes it away")]
    else:
        name, count = "open", capacity or 1
        written = {days: {} if spans.strip() == CLOSED else {spans: count} for days, spans in opened.items()}
    if not written and name == "open":
        return (), []
    found: list[tuple[Window, str]] = []
    findings: list[Finding] = []
    closed = {day for days, spans in written.items() if not spans for day in _weekdays(days, name, findings)}
    for days, spans in written.items():
        here = _weekdays(days, name, findings) if spans else []
        if clash := closed.intersection(here):
            law = f"opens on a day that is closed as well ({WEEKDAYS[min(clash)]})"
            findings.append(Finding(f"{name}.{days}", law))
        for text, servers in spans.items():
            for opens, closes, span in _spans(text, f"{name}.{days}", findings):
                found += [(Window(DAY * day + opens, DAY * day + closes, servers), span) for day in here]
    found.sort()
    for (one, span), (two, other) in zip(found, found[1:], strict=False):
        if two.opens < one.closes:
            law = f"spans overlap on {WEEKDAYS[two.opens // DAY]}: {span} and {other}"
            findings.append(Finding(name, law))
            break
    if not findings and not any(window.servers for window, _ in found):
        law = "is never open" if name == "open" else "nobody ever serves"
        findings.append(Finding(name, law))
    return (() if findings else tuple(window for window, _ in found)), list(dict.fromkeys(findings))


def sessions(windows: tuple[Window, ...]) -> list[tuple[int, int]]:
    """Join windows that touch into sessions; the last one may end in the next week.  Nothing if it is always open.

    Examples
    --------
    >>> sessions((Window(0, 60, 1), Window(60, 240, 2), Window(9_000, 10_080, 1)))
    [(9000, 10320)]
    >>> sessions((Window(0, 10_080, 1),))
    []
    """
    joined: list[tuple[int, int]] = []
    for opens, closes, _ in windows:
        if joined and joined[-1][1] == opens:
            joined[-1] = joined[-1][0], closes
        else:
            joined.append((opens, closes))
    if joined and joined[0][0] == 0 and joined[-1][1] == WEEK:  # on through midnight of Sunday
        if len(joined) == 1:
            return []
        first = joined.pop(0)
        joined[-1] = joined[-1][0], WEEK + first[1]
    return joined


def counted_from(windows: tuple[Window, ...], start: date) -> tuple[Window, ...]:
    """Return the windows in the order of the week that begins with the day `start`.

    Examples
    --------
    >>> counted_from((Window(0, 60, 1), Window(8_640, 8_700, 1)), date(2026, 1, 11))  # a Sunday
    (Window(opens=0, closes=60, servers=1), Window(opens=1440, closes=1500, servers=1))
    """
    before = DAY * start.weekday()
    return tuple(sorted(
        Window((opens - before) % WEEK, (opens - before) % WEEK + closes - opens, n) for opens, closes, n in windows
    ))  # fmt: skip


def _weekdays(text: str, name: str, findings: list[Finding]) -> list[int]:
    """Read days such as ``mon``, ``tue-thu``, ``mon,wed`` or ``daily``."""
    days: list[int] = []
    for part in text.split(","):
        ends = [end.strip() for end in part.split("-")]
        if ends == ["daily"]:
            days += range(7)
        elif len(ends) <= 2 and all(end in WEEKDAYS for end in ends):
            first, last = WEEKDAYS.index(ends[0]), WEEKDAYS.index(ends[-1])
            days += [day % 7 for day in range(first, first + (last - first) % 7 + 1)]
        else:
            wrong = next((end for end in ends if end not in WEEKDAYS), part)
            usual = "write days as mon, tue-thu, mon,wed or daily"
            alike = None if wrong.startswith("week") else nearest(wrong[:3].lower(), WEEKDAYS)
            findings.append(Finding(f"{name}.{text}", "is no day of the week", got=wrong, hint=alike or usual))
            return []
    return sorted(set(days))


def _spans(text: str, where: str, findings: list[Finding]) -> list[tuple[int, int, str]]:
    """Read spans such as ``09:00-12:00, 13:00-17:00`` into minutes of the day, each with its text."""
    read = []
    for part in text.split(","):
        match, span = _SPAN.fullmatch(part), part.strip()
        if match is None:
            hint = 'e.g. "09:00-17:00"' + (' or "closed"' if where.startswith("open") else "")
            findings.append(Finding(where, "must be hours of the day", got=span or "nothing", hint=hint))
            continue
        hours, minutes, until, rest = (int(digits) for digits in match.groups())
        opens, closes = 60 * hours + minutes, 60 * until + rest
        if minutes > 59 or rest > 59 or max(opens, closes) > DAY:
            findings.append(Finding(where, "must lie between 00:00 and 24:00", got=span))
        elif closes <= opens:
            hint = 'write a night as two spans, e.g. mon: "22:00-24:00" and tue: "00:00-02:00"'
            findings.append(Finding(where, "must close after it opens", got=span, hint=hint))
        else:
            read.append((opens, closes, span))
    return read
