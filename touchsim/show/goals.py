"""What was wanted and what came of it, as sections of the report of a run or a comparison.

    targets           goal, figure with interval, chance that a run meets it
    promise           what the brand promises beside what customers met, and who got less
    lifetime value    margin less contact cost of a customer over a year

Each takes a frame of ``measure`` and says nothing where there is nothing to say.  Called by `show.journeys` and
`show.report`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from touchsim.languages import tell
from touchsim.measure.definitions import kpi_of
from touchsim.plots.canvas import records
from touchsim.plots.numerals import interval, number, percent, with_unit
from touchsim.plots.picture import picture_of
from touchsim.plots.promise import plot_promise_gap
from touchsim.show.page import Cell, Plate, Section, Table
from touchsim.vocabulary import label, name_of

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["section_of_promise", "section_of_targets", "section_of_worth"]


def section_of_targets(table: pd.DataFrame, facts: dict[str, Any], scenarios: tuple[str, ...] = ()) -> list[Section]:
    """Targets, one a row; of a comparison one for each scenario."""
    currency, rows = str(facts.get("currency", "")), []
    for row in records(table):
        kpi = kpi_of(str(row["kpi"]))
        what = Cell(kpi.label, "" if row["group"] == "all" else _group(str(row["group"]), facts))
        low, high = (None if row[end] is None else _value(row[end], kpi.unit, currency)
                     for end in ("at_least", "at_most"))  # fmt: skip
        goal = (tell("at least {goal}", goal=low) if high is None else tell("at most {goal}", goal=high) if low is None
                else tell("{low} to {high}", low=low, high=high))  # fmt: skip
        where = (Cell(str(row["scenario"])),) if scenarios else ()
        main, _, rest = _spelt(row, kpi.unit, currency)
        chance, _, between = interval(row["probability"], row["probability_low"], row["probability_high"],
                                      percent).partition(" (")  # fmt: skip
        single = Cell(tell("met") if row["met"] else tell("missed"), tell("single run"))
        met = single if row["probability"] is None else Cell(chance, between.removesuffix(")"))
        rows.append((Cell(str(row["target"]).replace("_", " ")), *where, what, Cell(goal), Cell(main, rest), met))
    if not rows:
        return []
    head = (tell("target"), *((tell("scenario"),) if scenarios else ()), tell("figure"), tell("goal"), tell("value"),
            tell("chance that a run meets it"))  # fmt: skip
    numbers = frozenset({len(head) - 2, len(head) - 1})
    said = tell("The chance is the share of replications that met the goal, with the 95 % interval of Wilson (1927).")
    return [Section("targets", tell("What was wanted"), (said,), tables=(Table(tell("Targets"), head, tuple(rows),
                                                                               numbers),))]  # fmt: skip


def section_of_promise(gap: pd.DataFrame) -> list[Section]:
    """Promise and delivery: the picture of who got less, and the table behind it."""
    rows = records(gap)
    if not rows:
        return []
    cells = []
    for row in rows:
        unit = "" if row["unit"] == "z" else tell(str(row["unit"]))
        main, _, rest = interval(row["gap"], row["low"], row["high"], number).partition(" (")
        less, _, between = interval(row["disappointed"], row["disappointed_low"], row["disappointed_high"],
                                    percent).partition(" (")  # fmt: skip
        kind = "" if row["kind"] == "facet" else tell(str(row["kind"]))
        cells.append((Cell(tell(str(row["label"])), kind), Cell(f"{number(row['promise'])} {unit}".rstrip()),
                      Cell(f"{number(row['delivered'])} {unit}".rstrip()),
                      Cell(f"{main} {unit}".rstrip(), rest.removesuffix(")")), Cell(less, between.removesuffix(")"))))
    head = (tell("promise"), tell("promised"), tell("delivered"), tell("gap"), tell("got less than promised"))
    caption = tell("What the brand promises beside what customers met; a gap below zero is a broken promise. Facets in "
                   "standard deviations between customers, standards in their own unit")  # fmt: skip
    plate = Plate("promise", picture_of(plot_promise_gap, gap), tell("Share of customers, of contacts for waits and "
                  "days, that got less than was promised."),
                  tell("Bars of the share that got less than promised: {bars}.", bars="; ".join(
                      f"{tell(str(row['label']))} {percent(row['disappointed'])}" for row in rows)))  # fmt: skip
    return [Section("promise", tell("What was promised, and what came"), plates=(plate,),
                    tables=(Table(caption, head, tuple(cells), frozenset({1, 2, 3, 4}), folded=True),))]


def section_of_worth(table: pd.DataFrame, facts: dict[str, Any]) -> list[Section]:
    """What a customer is worth, since birth and since the first purchase, for all and for each segment."""
    currency, rows = str(facts.get("currency", "")), []
    for row in records(table):
        if row["value"] is None:
            continue
        since = tell("since birth") if row["since"] == "birth" else tell("since the first purchase")
        name = tell("all customers") if row["group"] == "all" else _group(str(row["group"]), facts)
        value, rest = _money(row, "value", "low", "high", currency)
        told, between = _money(row, "referral_value", "referral_low", "referral_high", currency)
        rows.append((Cell(name, since), Cell(number(row["customers"])), Cell(value, rest), Cell(told, between),
                     Cell(percent(row["censored"]))))  # fmt: skip
    if not rows:
        return []
    head = (tell("customers"), tell("number in a run"), tell("lifetime value"), tell("value of referrals"),
            tell("still here when the run ended"))  # fmt: skip
    caption = tell("Margin less contact cost of a customer over a year, discounted by 10 % a year; what comes after "
                   "the end of a run is not guessed, so that it is a lower bound for those still here")  # fmt: skip
    return [Section("worth", tell("What a customer is worth"), tables=(Table(caption, head, tuple(rows),
                                                                             frozenset({1, 2, 3, 4})),))]  # fmt: skip


def _group(group: str, facts: dict[str, Any]) -> str:
    """Name of a group for people: the label of a touchpoint or a segment, the word of anything else."""
    kind, _, key = group.partition(":")
    entries = facts.get({"touchpoint": "touchpoints", "segment": "segments", "rival": "rivals"}.get(kind, ""), {})
    return name_of(key, entries[key]["label"]) if key in entries else label(key)


def _value(value: float | None, unit: str, currency: str) -> str:
    if value is None:
        return "–"
    return with_unit(value, unit, currency) if unit in ("share", "minutes", "currency") else _plain(value, unit)


def _plain(value: float, unit: str) -> str:
    return f"{number(value)} {'' if unit == 'ratio' else tell(unit)}".rstrip()


def _spelt(row: dict[str, Any], unit: str, currency: str) -> tuple[str, str, str]:
    if row["value"] is None:
        return "–", "", ""
    if row["low"] is None:
        return _value(row["value"], unit, currency), "", tell("single run")
    found = interval(row["value"], row["low"], row["high"], lambda value: _value(value, unit, currency))
    main, between, rest = found.partition(" (")
    return main, between, rest.removesuffix(")")


def _money(row: dict[str, Any], value: str, low: str, high: str, currency: str) -> tuple[str, str]:
    if row[value] is None:
        return "–", ""
    if row[low] is None:
        return with_unit(row[value], "currency", currency), tell("single run")
    found = interval(row[value], row[low], row[high], lambda amount: with_unit(amount, "currency", currency))
    main, _, rest = found.partition(" (")
    return main, rest.removesuffix(")")
