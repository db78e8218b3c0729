"""Reports about one person: a customer's story, and what a mystery guest met against what was planned.

    write_story_report    the story, and the contacts that it was told from
    write_guest_report    where the promise broke, visit by visit, with the picture

Called by the command line; what is told is worked out in `show.story` and `experiment.mystery_guest`.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from touchsim.languages import tell
from touchsim.plots.canvas import records
from touchsim.plots.mystery_guest import PROMISERS, broke_in, measure_name, place_name, plot_guest, spelled
from touchsim.plots.numerals import fixed, interval, number, percent
from touchsim.plots.picture import picture_of
from touchsim.show.origins import origin_of
from touchsim.show.page import Cell, Page, Plate, Section, Table, save_page
from touchsim.vocabulary import label

if TYPE_CHECKING:
    from touchsim.experiment.mystery_guest import MysteryGuest
    from touchsim.show.story import Story

__all__ = ["write_guest_report", "write_story_report"]


def write_story_report(path: str | Path, story: Story, facts: dict[str, Any]) -> list[Path]:
    """Write one customer's story as a page; return what was written."""
    places = facts.get("touchpoints", {})
    rows = tuple(
        (Cell(f"{row['visit']}"), Cell(tell("day {n}", n=fixed(row["arrived"], 2))), Cell(place_name(row, places)),
         Cell(label(str(row["need"]))), Cell(label(str(row["outcome"]))), Cell(number(row["emotion"])),
         Cell(label(str(row["decision"]))))
        for row in records(story.table)
    )  # fmt: skip
    head = (tell("contact", about="one of a customer"), tell("when"), tell("touchpoint"), tell("after what"),
            tell("outcome"), tell("emotion"), tell("decision"))  # fmt: skip
    caption = tell("The contacts, as the log has them: each sentence stands for a row")
    table = Table(caption, head, rows, frozenset({5}))
    title = str(facts.get("title") or tell("A run"))
    page = Page(
        title=tell("The story of customer {n}", n=story.customer),
        subtitle=tell("{title}: one customer of a single run", title=title),
        answer=story.sentences, answer_title=tell("The story"),
        sections=(Section("contacts", tell("What it was told from"), tables=(table,)), origin_of(facts)),
    )  # fmt: skip
    return save_page(path, page)


def write_guest_report(path: str | Path, guest: MysteryGuest) -> list[Path]:
    """Write what a mystery guest met as a page, its picture beside it; return what was written."""
    facts, frame = guest.provenance, guest.table
    runs, places = int(facts["replications"]), facts.get("touchpoints", {})
    broken = "; ".join(f"{_place(row, places)}, {measure_name(row['measure'])}: {percent(row['broke'])}"
                       for row in records(frame[frame["broken"]]))  # fmt: skip
    plate = Plate("mystery_guest", picture_of(plot_guest, frame),
                  tell("Each bar is the share of replications in which the promise broke."),
                  tell("Bars of broken promises: {bars}.", bars=broken or tell("none broke")))  # fmt: skip
    rows = tuple(_row(row, places) for row in records(frame))
    head = (tell("visit"), tell("what"), tell("promised"), tell("by"), tell("met"), tell("broke in"))
    table = Table(tell("Planned against actual"), head, rows, frozenset({2, 4, 5}))
    basis = tell("a single run") if runs == 1 else tell("{n} replications", n=runs)
    page = Page(
        title=tell("Mystery guest {name}: {title}", name=guest.name, title=str(facts["title"])),
        subtitle=tell("A scripted customer among all others, {basis}, seed {seed}", basis=basis, seed=facts["seed"]),
        answer=guest.sentences,
        warnings=(tell("This is a single run: no intervals."),) if runs == 1 else (),
        sections=(Section("promises", tell("Where the promise broke"), plates=(plate,), tables=(table,)),
                  origin_of(facts)),
    )  # fmt: skip
    return save_page(path, page)


def _place(row: dict[str, Any], places: dict[str, Any]) -> str:
    """Facet, or touchpoint of a visit."""
    return label(row["touchpoint"]) if row["visit"] == 0 else place_name(row, places)


def _row(row: dict[str, Any], places: dict[str, Any]) -> tuple[Cell, ...]:
    whole, spell = row["visit"] == 0, spelled(row["measure"])
    met, _, rest = interval(row["value"], row["low"], row["high"], spell).partition(" (")
    if row["low"] is not None and row["low"] == row["high"] == row["value"]:
        rest = tell("the same in all")
    measure = measure_name(row["measure"])
    return (Cell(tell("whole journey") if whole else f"{row['visit']} {_place(row, places)}",
                 "" if whole else label(row["need"])),
            Cell(f"{_place(row, places)}: {measure}" if whole else measure),
            Cell("" if row["promise"] is None else spell(row["promise"])), Cell(tell(PROMISERS[row["by"]])),
            Cell(met, rest.removesuffix(")")),
            Cell("" if row["broke"] is None else broke_in(row), tell("broken") if row["broken"] else ""))  # fmt: skip
