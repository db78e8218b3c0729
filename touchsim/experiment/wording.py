"""What a mystery guest met, in whole sentences: each visit, each promise that broke, and what it rests on.

Every clause stands for a row of the guest's table; nothing is worked out here but words.  Called by `mystery_guest`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd

from touchsim.languages import tell, told
from touchsim.plots.canvas import records
from touchsim.plots.mystery_guest import PROMISERS, SHARES, broke_in, measure_name, place_name, spelled
from touchsim.plots.numerals import interval, signed
from touchsim.vocabulary import label

__all__ = ["told_guest"]

TOLD = (*SHARES, "wait_minutes", "late_days", "refund_days", "steps", "emotion")
"""Measures of a visit that are told, in this order."""


def told_guest(table: pd.DataFrame, name: str, facts: dict[str, Any]) -> tuple[str, ...]:
    """Tell the table of a mystery guest, in the language spoken.

    Parameters
    ----------
    table : DataFrame
        See `touchsim.experiment.mystery_guest.MysteryGuest`.
    name : str
        Of the guest.
    facts : dict
        Provenance: ``title, seed, replications, touchpoints``.

    Returns
    -------
    tuple of str
        Whole sentences: the plan, the visits, the broken promises, the basis.

    Examples
    --------
    >>> row = {"visit": 1, "touchpoint": "phone", "need": "help", "measure": "made", "promise": None, "by": "",
    ...        "value": 0.0, "low": None, "high": None, "replications": 1, "broke": None, "broken": False}
    >>> told_guest(pd.DataFrame([row]), "Anna", {"title": "A shop", "seed": 1, "replications": 1})[1]
    'Visit 1, phone: not made.'
    """
    rows, runs = records(table), int(facts["replications"])
    places = facts.get("touchpoints", {})
    visits: dict[int, list[dict[str, Any]]] = {}
    for row in rows:
        visits.setdefault(int(row["visit"]), []).append(row)
    facets = visits.pop(0, [])
    title = str(facts["title"])
    said = [tell("{name} was sent to one touchpoint of “{title}”.", name=name, title=title) if len(visits) == 1
            else tell("{name} was sent to {n} touchpoints of “{title}”.", name=name, n=len(visits), title=title)]
    said += [_visit(met, places) for met in visits.values()]
    broken = [_broken(met, places, runs) for met in visits.values() if any(row["broken"] for row in met)]
    broken += [tell("The brand promises {promise} on {facet} and showed {met} (standard deviations between customers).",
                    promise=signed(row["promise"]), facet=label(row["touchpoint"]), met=_met(row))
               for row in facets if row["broken"]]  # fmt: skip
    said += broken or [tell("No promise broke.")]
    seed = facts["seed"]
    said.append(tell("This is a single run (seed {seed}).", seed=seed) if runs == 1 else
                tell("Means of {n} replications with 95 % intervals (seed {seed}).", n=runs, seed=seed))
    return tuple(said)


def _visit(rows: list[dict[str, Any]], places: dict[str, Any]) -> str:
    """Sentence of one visit: how it ended, the wait, the days, the feeling."""
    first: dict[str, dict[str, Any]] = {}
    for row in rows:
        first.setdefault(row["measure"], row)
    n, place = rows[0]["visit"], place_name(rows[0], places)
    if not first["made"]["value"]:
        return tell("Visit {n}, {place}: not made.", n=n, place=place)
    parts = [_clause(first[name]) for name in TOLD if name in first and first[name]["replications"]]
    return tell("Visit {n}, {place} ({need}): {findings}.", n=n, place=place, need=label(rows[0]["need"]),
                findings=", ".join(part for part in parts if part))  # fmt: skip


def _clause(row: dict[str, Any]) -> str:
    """Clause of one measure; nothing where it goes without saying."""
    name, runs = measure_name(row["measure"]), row["replications"]
    always, never = row["value"] == 1.0, row["value"] == 0.0
    if row["measure"] in SHARES:
        if never or (always and row["measure"] == "made"):
            return ""
        if always:
            return tell("{what} in all {n} replications", what=name, n=runs) if runs > 1 else name
    if row["measure"] == "wait_minutes" and never and row["promise"] is None:
        return ""
    return f"{name} {_met(row)}"


def _broken(rows: list[dict[str, Any]], places: dict[str, Any], runs: int) -> str:
    """Sentence of the promises that broke at one visit."""
    clauses = [_break(row, runs) for row in rows if row["broken"]]
    return tell("At visit {n}, {place}, the promise broke: {clauses}.", n=rows[0]["visit"],
                place=place_name(rows[0], places), clauses="; ".join(clauses))  # fmt: skip


def _break(row: dict[str, Any], runs: int) -> str:
    """Clause of one broken promise, with how often it broke."""
    if row["measure"] == "outcome":
        what = tell("not the outcome that the script expects")
    else:
        words = told("{what}, promised {promise} ({by})")
        if row["by"] == "script":
            words = told("{what}, expected {promise}")
        what = tell(words, what=measure_name(row["measure"]), promise=spelled(row["measure"])(row["promise"]),
                    by=tell(PROMISERS[row["by"]]))  # fmt: skip
    if runs == 1:
        return what
    return tell("{what}, in {count} replications", what=what, count=broke_in(row))


def _met(row: dict[str, Any]) -> str:
    """Mean with its interval; alone where every replication has the same, and in a single run, which is said once."""
    spell: Callable[[float | None], str] = spelled(row["measure"])
    if row["low"] is not None and row["low"] == row["high"] == row["value"]:
        return spell(row["value"])
    return interval(row["value"], row["low"], row["high"], spell, single="")
