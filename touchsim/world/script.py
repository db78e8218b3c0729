"""The script of a mystery guest: which touchpoints, in which order, and what is expected at each.

    name: anna
    starts: 3 days
    patience: 0.5
    visits:
      - {touchpoint: website}
      - {touchpoint: phone, expect: {wait: 2 min, outcome: served}}

A script belongs to the plan of a run, not to the scenario: `write_script` puts it below the world's table, where
`engine.script` reads it.  What a guest is after at a touchpoint follows from the order of the visits (`needs_of`): the
next step of buying that the touchpoint serves; where a delivery or a return is scripted, the last visit before it that
can take an order does; after it come the needs of after-sales.  Called by `engine.simulation` and
`experiment.mystery_guest`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
from pydantic import Field

from touchsim.documents import Assumption, Days, Document, Positive, read_document, validate_document
from touchsim.errors import BadInput, Finding, nearest
from touchsim.vocabulary import NEEDS as NEED_WORDS, keys
from touchsim.world.blueprint import Blueprint
from touchsim.world.layout import GENERAL, TOUCHPOINTS, Act, General, place_of
from touchsim.world.scenario import Scenario

__all__ = ["Expected", "Script", "ScriptedVisit", "needs_of", "read_script", "write_script"]

_NEEDS = keys(NEED_WORDS)
_ORDER, _DELIVERY = _NEEDS.index("purchase_decision"), _NEEDS.index("delivery")
_NEED_ORDER = ("delivery", "return")
Outcome = Literal["served", "abandoned", "turned_away", "unnoticed", "closed"]


class Expected(Document):
    """What a script expects of one visit; nothing said, nothing expected."""

    wait: Days | None = Field(default=None, description="longest wait before service")
    outcome: Outcome | None = Field(default=None, description="how the contact ends")
    late: Days | None = Field(default=None, description="most days later than promised, of a delivery")
    refund: Days | None = Field(default=None, description="most days to the refund")
    emotion: float | None = Field(default=None, ge=-1, le=1, description="worst feeling accepted")


class ScriptedVisit(Document):
    """One visit of a script."""

    touchpoint: str
    need: str | None = Field(default=None, description="what for; follows from the order if not said")
    after: Days | None = Field(default=None, description="time before; as others think if not said")
    expect: Expected = Expected()


class Script(Document):
    """What a mystery guest does; see the module."""

    name: str = Field(min_length=1)
    segment: str | None = Field(default=None, description="segment whose traits are drawn; the first if not said")
    starts: Days = Assumption("0 days", "the guest comes when the run begins")
    patience: Positive | None = Field(default=None, description="times the usual patience; drawn if not said")
    goods: Literal["search", "experience"] | None = Field(default=None, description="kind of goods; drawn if not said")
    consent: bool | None = Field(default=None, description="willing to be contacted; drawn if not said")
    visits: tuple[ScriptedVisit, ...] = Field(min_length=1)


def read_script(script: Script | Mapping[str, Any] | str | Path) -> Script:
    """Read a script from a file, or from plain data.

    Parameters
    ----------
    script : Script, mapping, str or Path
        A script, what its file would say, or the path of the file.

    Returns
    -------
    Script

    Raises
    ------
    BadInput
        With every finding.

    Examples
    --------
    >>> read_script({"name": "anna", "visits": [{"touchpoint": "phone"}]}).visits[0].touchpoint
    'phone'
    """
    if isinstance(script, Script):
        return script
    if isinstance(script, Mapping):
        return validate_document(Script, script)
    return read_document(Script, script)


def needs_of(script: Script, scenario: Scenario) -> tuple[str, ...]:
    """Say what the guest is after at each visit.

    Raises
    ------
    BadInput
        With everything that does not fit the scenario: touchpoints, segment, needs, a delivery of nothing, a return of
        what never came.

    Examples
    --------
    >>> from touchsim.world.scenario import load_scenario
    >>> needs_of(read_script({"name": "anna", "visits": [{"touchpoint": "website"}]}), load_scenario("webshop"))
    ('information_search',)
    """
    findings = []
    if script.segment is not None and script.segment not in scenario.segments:
        hint = nearest(script.segment, scenario.segments)
        findings.append(Finding("segment", "no such segment in the scenario", got=script.segment, hint=hint))
    serves: list[tuple[int, ...]] = []
    for n, visit in enumerate(script.visits):
        place = scenario.touchpoints.get(visit.touchpoint)
        where = f"visits[{n}]"
        if place is None:
            hint = nearest(visit.touchpoint, scenario.touchpoints)
            law = "no such touchpoint in the scenario"
            findings.append(Finding(f"{where}.touchpoint", law, got=visit.touchpoint, hint=hint))
        elif not place.serves:
            law = "serves no need: the brand sends it, and nobody can go there"
            findings.append(Finding(f"{where}.touchpoint", law, got=visit.touchpoint))
        elif visit.need is not None and visit.need not in place.serves:
            law = f"must be one of those that {visit.touchpoint} serves: {', '.join(place.serves)}"
            findings.append(Finding(f"{where}.need", law, got=visit.need, hint=nearest(visit.need, place.serves)))
        else:
            wanted = place.serves if visit.need is None else (visit.need,)
            serves.append(tuple(sorted(_NEEDS.index(need) for need in wanted)))
    if findings:
        raise BadInput(findings)
    found = _planned(serves)
    if isinstance(found, int):
        law = "delivers or takes back, and nothing is ordered before"
        hint = "put a visit before it that can take an order (need: purchase_decision)"
        raise BadInput(Finding(f"visits[{found}].touchpoint", law, got=script.visits[found].touchpoint, hint=hint))
    planned = tuple(_NEEDS[need] for need in found)
    findings = list(_never_received(script, scenario, planned))
    if findings:
        raise BadInput(findings)
    return planned


def _never_received(script: Script, scenario: Scenario, planned: tuple[str, ...]) -> Iterator[Finding]:
    """Findings about returns of what was ordered and not delivered; where nothing delivers, goods are taken along."""
    bringers = [key for key, place in scenario.touchpoints.items() if "delivery" in place.serves]
    received = False
    for n, (visit, need) in enumerate(zip(script.visits, planned, strict=True)):
        if need in ("purchase_decision", "delivery"):
            received = need == "delivery" or not bringers
        elif need == "return" and not received:
            hint = f"put a visit before it that delivers ({', '.join(bringers)})"
            yield Finding(f"visits[{n}].touchpoint", "takes back what was never received", visit.touchpoint, hint)


def _planned(serves: list[tuple[int, ...]]) -> list[int] | int:
    """Need of each visit, or the number of the first that delivers what nobody ordered."""
    asks = [all(need >= _DELIVERY for need in needs) and any(_NEEDS[need] in _NEED_ORDER for need in needs)
            for needs in serves]  # fmt: skip
    found: list[int] = []
    last, ordered = -1, False
    for n, needs in enumerate(serves):
        if asks[n] and not ordered:
            return n
        ahead = next((later for later in range(n + 1, len(serves)) if asks[later]), len(serves))
        can_order = any(_ORDER in serves[later] for later in range(n + 1, ahead))
        before, after = [need for need in needs if need <= _ORDER], [need for need in needs if need > _ORDER]
        if not ordered and _ORDER in needs and ahead < len(serves) and not can_order:
            need = _ORDER
        elif before and not ordered:
            most = _ORDER if len(needs) == 1 or ahead == len(serves) else _ORDER - 1
            fit = [need for need in before if last < need <= most] or [need for need in before if need <= most]
            need = fit[0] if fit else before[-1]
        elif after:
            fit = [need for need in after if need > last]
            need = fit[0] if fit and ordered else after[0]
        else:
            need = next((need for need in before if need > last), before[0])
        found.append(need)
        ordered = ordered or need == _ORDER
        last = need
    return found


def write_script(plan: Blueprint, scenario: Scenario, script: Script) -> Blueprint:
    """Write a script below the world's table: first the guest, then a row for each visit (columns of `layout.Act`)."""
    needs = needs_of(script, scenario)
    first, width = plan.table.shape
    rows = np.zeros((1 + len(needs), width))
    places = list(scenario.touchpoints)
    segment = list(scenario.segments).index(script.segment) if script.segment else 0
    goods = math.nan if script.goods is None else float(script.goods == "experience")
    consent = math.nan if script.consent is None else float(script.consent)
    rows.view(np.uint64)[0, Act.IDENTITY] = place_of(f"guest:{script.name}")
    rows[0, Act.STARTS] = script.starts
    rows[0, Act.SEGMENT] = plan.table[GENERAL, General.FIRST_SEGMENT] + segment
    rows[0, Act.PATIENCE] = math.nan if script.patience is None else script.patience
    rows[0, Act.GOODS], rows[0, Act.CONSENT] = goods, consent
    for n, (visit, need) in enumerate(zip(script.visits, needs, strict=True), start=1):
        rows[n, Act.TOUCHPOINT] = TOUCHPOINTS + places.index(visit.touchpoint)
        rows[n, Act.NEED] = _NEEDS.index(need)
        rows[n, Act.AFTER] = -1.0 if visit.after is None else visit.after
        rows[n, Act.ORDERED] = {"delivery": 1.0, "return": 2.0}.get(need, 0.0)
    table = np.ascontiguousarray(np.vstack([plan.table, rows]))
    table[GENERAL, General.SCRIPT], table[GENERAL, General.SCRIPT_ENDS] = first, first + 1 + len(needs)
    return replace(plan, table=table)
