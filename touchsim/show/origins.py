"""Where the numbers of a report came from and what was assumed: the sections at its foot.

Called by ``show.report`` and ``show.individuals``.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from touchsim.languages import tell, told
from touchsim.plots.canvas import records
from touchsim.show.page import Cell, Section, Table

if TYPE_CHECKING:
    from touchsim.show.drivers import Studied
    from touchsim.world.scenario import Scenario

__all__ = ["assumptions_of", "origin_of", "origin_of_study"]

ORIGINS = ("title", "scenario", "scenario_hash", "scenarios", "interventions", "seed", "replications", "engine",
           "customers", "days", "follow_up", "start", "currency", "versions")  # fmt: skip
"""What the foot of a report says of where its numbers come from."""

KINDS = {"fact": (told("{n} fact"), told("{n} facts")), "assumption": (told("{n} assumption"), told("{n} assumptions")),
         "unmarked": (told("{n} unmarked"), told("{n} unmarked"))}  # fmt: skip

WORDS = (
    told("title"), told("scenario"), told("scenario hash"), told("scenarios"), told("interventions"), told("seed"),
    told("replications"), told("engine"), told("customers"), told("days"), told("follow up"), told("start"),
    told("currency"), told("versions"), told("survey"), told("rows"), told("columns"), told("draws"),
    told("bootstrap seed"), told("missing codes"), told("missing rows"), told("estimator"), told("groups"),
    told("weights"), told("fact"), told("assumption"), told("unmarked"),
)  # fmt: skip
"""Keys as they are read."""


def origin_of(facts: dict[str, Any]) -> Section:
    """Where the numbers came from, so that anybody can make them again."""
    rows = []
    for key in ORIGINS:
        if key in facts and facts[key] is not None:
            rows.append((Cell(tell(key.replace("_", " "))), Cell(_said(facts[key]))))
    head = (tell("what"), tell("value"))
    table = Table(tell("Everything that is needed to make these numbers again"), head, tuple(rows))
    return Section("provenance", tell("Where these numbers come from"), tables=(table,))


def origin_of_study(study: Studied) -> list[Section]:
    """Where the answers of a real survey came from, and how the model read them; nothing without a file."""
    facts: dict[str, Any] = getattr(study, "provenance", {})
    if "sha256" not in facts:
        return []
    asked = getattr(study, "model", None)
    if asked is not None:
        facts = facts | {"missing_codes": dict(asked.missing.codes), "missing_rows": asked.missing.how,
                         "estimator": asked.estimator, "groups": asked.groups or tell("none"),
                         "weights": asked.weights or tell("none")}  # fmt: skip
    rows = tuple((Cell(tell(key.replace("_", " "))), Cell(_said(value))) for key, value in facts.items())
    head = (tell("what"), tell("value"))
    table = Table(tell("The file that was studied, and how it was read"), head, rows)
    return [Section("provenance", tell("Where these numbers come from"), tables=(table,))]


def _said(value: Any) -> str:
    if isinstance(value, dict):
        return "; ".join(f"{key}: {_said(part)}" for key, part in value.items()) or tell("none")
    if isinstance(value, (list, tuple)):
        return ", ".join(_said(part) for part in value) or tell("none")
    return str(value)


def assumptions_of(scenario: Scenario | None) -> list[Section]:
    """Facts first, then assumptions by the part of the scenario to which they belong."""
    if scenario is None:
        return []
    rows = records(scenario.assumptions())
    kinds = {kind: sum(row["kind"] == kind for row in rows) for kind in dict.fromkeys(str(row["kind"]) for row in rows)}
    counts = ", ".join(tell(KINDS[kind][count != 1], n=count) for kind, count in sorted(kinds.items()))
    head = (tell("number"), tell("value"), tell("kind"), tell("source, or why this number"))
    tables = []
    facts = [row for row in rows if row["kind"] == "fact"]
    if facts:
        tables.append(Table(tell("Facts, with their source"), head, tuple(map(_assumption, facts))))
    parts: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        if row["kind"] != "fact":
            path = str(row["path"]).split(".")
            part = ".".join(path[:2]) if path[0] in ("touchpoints", "segments") and len(path) > 2 else path[0]
            parts.setdefault(part, []).append(row)
    for part, inside in parts.items():
        caption = f"{part.replace('.', ': ').replace('_', ' ')} ({len(inside)})"
        tables.append(Table(caption, head, tuple(map(_assumption, inside)), folded=True))
    said = tell("The scenario holds {n} numbers: {counts}. An assumption is no finding; it is there to be varied.",
                n=len(rows), counts=counts)  # fmt: skip
    return [Section("assumptions", tell("Facts and assumptions"), (said,), tables=tuple(tables))]


def _assumption(row: dict[str, Any]) -> tuple[Cell, ...]:
    value = row["value"]
    text = json.dumps(value) if isinstance(value, (dict, list)) else str(value)
    return Cell(str(row["path"])), Cell(text), Cell(tell(str(row["kind"]))), Cell(str(row["source"] or ""))

