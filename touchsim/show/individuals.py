"""Reports about one person: a customer's story, and what a mystery guest met against what was planned.

    write_story_report    the story, and the contacts that it was told from
    write_guest_report    where the promise broke, visit by visit, with the picture

Called by the command line; what is told is worked out in `show.story` and `experiment.mystery_guest`.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from touchsim.experiment.mystery_guest import MEASURES
from touchsim.plots.canvas import records
from touchsim.plots.mystery_guest import plot_guest
from touchsim.plots.numerals import interval, minutes, number, percent
from touchsim.plots.picture import picture_of
from touchsim.show.page import Cell, Page, Plate, Section, Table, save_page
from touchsim.vocabulary import label

if TYPE_CHECKING:
    from touchsim.experiment.mystery_guest import MysteryGuest
    from touchsim.show.story import Story

__all__ = ["write_guest_report", "write_story_report"]

_KEPT = ("title", "scenario", "scenario_hash", "interventions", "seed", "replications", "customers", "days", "start")


def write_story_report(path: str | Path, story: Story, facts: dict[str, Any]) -> list[Path]:
    """Write one customer's story as a page; return what was written."""
    rows = tuple(
        (Cell(f"{row['visit']}"), Cell(f"day {row['arrived']:.2f}"), Cell(str(row["touchpoint"]).replace("_", " ")),
         Cell(label(str(row["need"]))), Cell(label(str(row["outcome"]))),
         Cell(number(row["emotion"]) if row["emotion"] is not None else "–"), Cell(label(str(row["decision"]))))
        for row in records(story.table)
    )  # fmt: skip
    head = ("contact", "when", "touchpoint", "after what", "outcome", "emotion", "decision")
    table = Table("The contacts, as the log has them: each sentence stands for a row", head, rows, frozenset({5}))
    page = Page(
        title=f"The story of customer {story.customer}", subtitle=f"{facts.get('title', 'A run')}, single run",
        answer=story.sentences, answer_title="The story",
        sections=(Section("contacts", "What it was told from", tables=(table,)), _provenance(facts)),
    )  # fmt: skip
    return save_page(path, page)


def write_guest_report(path: str | Path, guest: MysteryGuest) -> list[Path]:
    """Write what a mystery guest met as a page, its picture beside it; return what was written."""
    runs = int(guest.provenance["replications"])
    frame = guest.table
    broken = records(frame[frame["broken"]])
    alt = "; ".join(f"{row['touchpoint']}, {MEASURES[row['measure']]}: {percent(row['broke'])}" for row in broken)
    plate = Plate("mystery_guest", picture_of(plot_guest, frame),
                  "Each bar is the share of replications in which the promise broke.",
                  f"Bars of broken promises: {alt or 'none broke'}.")  # fmt: skip
    rows = tuple(_row(row) for row in records(frame))
    head = ("visit", "what", "promised", "by", "met", "broke in")
    table = Table("Planned against actual", head, rows, frozenset({2, 4, 5}))
    warnings = ("This is a single run: no intervals.",) if runs == 1 else ()
    basis = "single run" if runs == 1 else f"{runs} replications"
    page = Page(
        title=f"Mystery guest {guest.name}: {guest.provenance['title']}",
        subtitle=f"A scripted customer among all others, {basis}, seed {guest.provenance['seed']}",
        answer=tuple(re.split(r"(?<=\.)\s+(?=[A-Z])", guest.text)), warnings=warnings,
        sections=(Section("promises", "Where the promise broke", plates=(plate,), tables=(table,)),
                  _provenance(guest.provenance)),
    )  # fmt: skip
    return save_page(path, page)


def _row(row: dict[str, Any]) -> tuple[Cell, ...]:
    whole = row["visit"] == 0
    place = label(row["touchpoint"]) if whole else str(row["touchpoint"]).replace("_", " ")
    spell = minutes if row["measure"] == "wait_minutes" else percent if row["measure"] in ("made", "served") else number
    met, _, rest = interval(row["value"], row["low"], row["high"], spell).partition(" (")
    promised = "" if row["promise"] is None else spell(row["promise"])
    broke = "" if row["broke"] is None else percent(row["broke"])
    return (Cell("whole journey" if whole else f"{row['visit']} {place}", "" if whole else label(row["need"])),
            Cell(f"{place}: {MEASURES[row['measure']]}" if whole else MEASURES[row["measure"]]), Cell(promised),
            Cell(row["by"] or ""), Cell(met, rest.removesuffix(")")),
            Cell(broke, "broken" if row["broken"] else ""))  # fmt: skip


def _provenance(facts: dict[str, Any]) -> Section:
    """Where it came from, so that anybody can make it again."""
    rows = tuple((Cell(key.replace("_", " ")), Cell(str(facts[key] or "none"))) for key in _KEPT
                 if facts.get(key) is not None)  # fmt: skip
    return Section("provenance", "Where these numbers come from", tables=(Table("The run", ("what", "value"), rows),))
