"""The touchpoint map as a page to pin to the wall: the plane in four lanes, the weakest touchpoints, what changes.

`maps_of` measures a log, and the log of a world with an intervention if there is one; the rest of the file puts those
frames into sentences, grids, tables and pictures.  Printed, a map takes an A3 sheet.  Called by ``show.report`` and the
command line.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from touchsim.experiment.fixes import FIXED, Fixes
from touchsim.languages import hyphenated, marked, tell, told
from touchsim.measure.cells import cells_of
from touchsim.measure.features import features_of
from touchsim.measure.map_difference import check_pairs, difference_of
from touchsim.measure.touchpoint_map import map_of
from touchsim.measure.weakest import reason_of, weakest_touchpoints
from touchsim.plots.canvas import records
from touchsim.plots.fixes import plot_fixes
from touchsim.plots.lanes import WORDS, ground_of, lines_of_cell, plot_lanes
from touchsim.plots.map_difference import FIGURES, SHARES, plot_map_difference
from touchsim.plots.numerals import interval, number, percent, signed
from touchsim.plots.picture import picture_of
from touchsim.plots.touchpoint_map import emotion_scale
from touchsim.plots.weakest import plot_weakest
from touchsim.show.page import Cell, Grid, Plate, Section, Table, Tile
from touchsim.vocabulary import CHANNELS, LANES, PHASES, STEPS, keys, label, name_of, phase_of

if TYPE_CHECKING:
    from matplotlib.cm import ScalarMappable

    from touchsim.log.eventlog import EventLog

__all__ = [
    "Maps", "answer_of_map", "maps_of", "pictures_of_map", "sections_of_map", "warnings_of_map", "weakest_table",
]  # fmt: skip

_LONG = 24
"""Rows from which a table is folded."""

PAIRED = ("emotion", "wait_minutes", "contacts")
"""Differences that are drawn."""


@dataclass(frozen=True)
class Maps:
    """The frames of a map; None without a second world (`to_be`, `difference`) or where nothing was fixed (`fixes`)."""

    facts: dict[str, Any]
    cells: pd.DataFrame
    features: pd.DataFrame
    weakest: pd.DataFrame
    to_be: pd.DataFrame | None = None
    difference: pd.DataFrame | None = None
    fixes: Fixes | None = None

    def tables(self) -> dict[str, pd.DataFrame]:
        """Frames by the name of their file."""
        found = {"touchpoint_map": self.cells, "map_features": self.features, "weakest": self.weakest,
                 "touchpoint_map_to_be": self.to_be, "map_difference": self.difference,
                 "fixes": None if self.fixes is None else self.fixes.table}  # fmt: skip
        return {name: frame for name, frame in found.items() if frame is not None}


def maps_of(log: EventLog, variant: EventLog | None = None) -> Maps:
    """Measure a log, and its difference from that of a variant, for a map."""
    if variant is not None:
        check_pairs(log, variant)
    cells = cells_of(log)  # each log is read once
    base = Maps(log.provenance, map_of(cells, log), features_of(cells, log), weakest_touchpoints(log))
    if variant is None:
        return base
    others = cells_of(variant)
    difference = difference_of(cells, others, log, variant)
    return replace(base, to_be=map_of(others, variant), difference=difference)


def answer_of_map(maps: Maps) -> tuple[str, ...]:
    """How much happened and where it felt best and worst; which touchpoint is weakest; what the variant changes."""
    if maps.cells.empty:
        return (tell("Nobody had a contact in this run, so there is no map."),)
    rows = records(maps.cells)
    sparse = sum(bool(row["sparse"]) for row in rows)
    felt = [row for row in rows if row["emotion"] is not None and not row["sparse"]]
    felt.sort(key=lambda row: row["emotion"])
    where = told("Contacts happened in {cells} cells of the map.")
    if sparse:
        where = told("Contacts happened in {cells} cells of the map, {sparse} of them too sparse to read much into.")
    said = [tell(where, cells=len(rows), sparse=sparse)]
    if len(felt) > 1:
        where = told("Contacts happened in {cells} cells of the map; they felt worst {worst}, and best {best}.")
        if sparse:
            where = told("Contacts happened in {cells} cells of the map, {sparse} of them too sparse to read much "
                         "into; they felt worst {worst}, and best {best}.")  # fmt: skip
        said = [tell(where, cells=len(rows), sparse=sparse, worst=_where(felt[0]), best=_where(felt[-1]))]
    weak = records(maps.weakest)[0]
    if weak["loss"] is not None and weak["loss"] > 0:
        loss = interval(weak["loss"], weak["loss_low"], weak["loss_high"], _points)
        words = told("The weakest touchpoint is {touchpoint}: it costs {loss} of mean emotion; {reason}.")
        if (weak["loss_low"] or 0.0) < 0:
            words = told("The weakest touchpoint is {touchpoint}: it costs {loss} of mean emotion, which its interval "
                         "does not tell from nothing; {reason}.")  # fmt: skip
        said.append(tell(words, touchpoint=_name(weak, maps.facts), loss=loss, reason=_reason(weak, maps.facts)))
    if maps.fixes is not None:
        said.append(maps.fixes.text)
    if maps.difference is not None:
        said.append(_change_in_words(maps.difference))
    return tuple(said)


def warnings_of_map(maps: Maps) -> tuple[str, ...]:
    """What a reader of the map must know."""
    said = []
    if int(maps.facts.get("replications", 1)) == 1:
        said.append(tell("All figures come from a single run: they carry no interval, and another seed gives others. "
                         "Ask for several replications before you conclude."))  # fmt: skip
    if maps.fixes is None:
        said.append(tell("The ranking of touchpoints is one of symptoms, not of what mending them would bring: ask for "
                         "that with touchsim map --fix, or touchsim compare."))  # fmt: skip
    if maps.difference is not None:
        said.append(tell("Each interval stands for its own cell: among a hundred cells that do not change, some five "
                         "will seem to."))  # fmt: skip
    return tuple(said)


def sections_of_map(maps: Maps) -> list[Section]:
    """The map, the map as it could be, what changes, the weakest touchpoints, the features shown."""
    currency = str(maps.facts.get("currency", ""))
    as_is = tell("The touchpoint map") if maps.to_be is None else tell("The touchpoint map as it is")
    colours = emotion_scale(pd.concat([frame["emotion"] for frame in (maps.cells, maps.to_be) if frame is not None]))
    sections = [Section("map", as_is, grids=(_grid(maps.cells, colours, currency),))]
    if maps.to_be is not None and maps.difference is not None:
        name = str(maps.difference.attrs.get("variant", tell("the variant")))
        sections.append(Section("to_be", tell("The map with {variant}", variant=name),
                                grids=(_grid(maps.to_be, colours, currency),)))  # fmt: skip
        plates = tuple(
            Plate(f"difference_{figure}", picture_of(plot_map_difference, maps.difference, figure=figure),
                  tell("Difference in {figure}, cell by cell: the same customers with the same luck in both worlds.",
                       figure=tell(FIGURES[figure][0])), _alt_of_difference(maps.difference, figure))
            for figure in PAIRED
        )  # fmt: skip
        sections.append(Section("difference", tell("What changes"), plates=plates,
                                tables=(_table_of_changes(maps.difference, currency),)))  # fmt: skip
    bars = Plate("weakest", picture_of(plot_weakest, maps.weakest), tell("Loss: number of contacts times the "
                 "shortfall of their emotion against the mean of all, divided by all contacts. The losses of all "
                 "touchpoints sum to zero."), _alt_of_weakest(maps))  # fmt: skip
    sections.append(Section("weakest", tell("The weakest touchpoints, and why"), plates=(bars,),
                            tables=(weakest_table(maps.weakest, maps.facts),)))  # fmt: skip
    if maps.fixes is not None and len(maps.fixes.table):
        sections.append(_section_of_fixes(maps.fixes, maps.facts))
    if len(maps.features):
        sections.append(Section("features", tell("Product features shown"),
                                tables=(_table_of_features(maps.features),)))
    return sections


def pictures_of_map(maps: Maps) -> tuple[Plate, ...]:
    """The maps themselves as pictures: the page shows them as grids."""
    found = {"touchpoint_map": maps.cells, "touchpoint_map_to_be": maps.to_be}
    return tuple(Plate(name, picture_of(plot_lanes, frame), "", "") for name, frame in found.items()
                 if frame is not None)  # fmt: skip


def weakest_table(weakest: pd.DataFrame, facts: dict[str, Any], most: int | None = None) -> Table:
    """Table of the weakest touchpoints: what each loses, its contacts and emotion, and the reason."""
    rows = []
    for row in records(weakest)[:most]:
        if row["loss"] is None:
            continue
        side = "" if row["managed"] else tell("spontaneous: not run by the brand")
        name = Cell(f"{row['rank']}. {_name(row, facts)}", tell("few contacts: sparse") if row["sparse"] else side)
        due = interval(row["part"], row["part_low"], row["part_high"], _points)
        part = "" if row["part"] is None else tell("due to it: {part}", part=due)
        rows.append((name, _estimate(row, "loss", _points), _estimate(row, "contacts", number),
                     _estimate(row, "emotion", signed), Cell(_reason(row, facts), part)))  # fmt: skip
    head = (tell("touchpoint"), tell("loss of mean emotion"), tell("contacts"), tell("emotion"),
            tell("reason that contributes most"))  # fmt: skip
    return Table(tell("Touchpoints by what they lose: contacts times shortfall of emotion against the mean, over all "
                      "contacts; below zero a touchpoint lifts the mean. Symptoms, not the effect of mending them"),
                 head, tuple(rows), frozenset({1, 2, 3}))  # fmt: skip


def _section_of_fixes(fixes: Fixes, facts: dict[str, Any]) -> Section:
    """What fixing each of the weakest alone would bring, as dots in the order of the map and as a table."""
    rows = records(fixes.table)
    cells = []
    for row in rows:
        fix = tell(FIXED[row["cause"]]) if row["changed"] else tell("nothing to fix")
        cells.append((Cell(f"{row['rank']}. {_name(row, facts)}", fix), _estimate(row, "loss", _points),
                      _estimate(row, "gain", _points), Cell(str(row["rank_by_gain"])),
                      _estimate(row, "served", percent), _estimate(row, "purchases", _points)))  # fmt: skip
    head = (tell("touchpoint, and what is fixed"), tell("loss of mean emotion"),
            tell("gain in latent satisfaction (z)"), tell("place by effect"), tell("change of the share served"),
            tell("change of purchases per customer"))  # fmt: skip
    gains = "; ".join(f"{_name(row, facts)} {_points(row['gain'])}" for row in rows)
    plate = Plate("fixes", picture_of(plot_fixes, fixes.table, names={row["touchpoint"]: _name(row, facts) for row in
                  rows}), tell("Each touchpoint fixed alone, in a world that is otherwise the same: the same customers "
                  "with the same luck. What a fix costs is left out."),
                  tell("Dots of the gain of each fix, in the order of the map: {gains}.", gains=gains))  # fmt: skip
    caption = tell("What fixing each of the weakest alone would bring, with 95 % paired intervals; touchpoints that "
                   "the brand does not run are left out")  # fmt: skip
    return Section("fixes", tell("Which of them are worth fixing"), plates=(plate,),
                   tables=(Table(caption, head, tuple(cells), frozenset({1, 2, 3, 4, 5})),))


def _grid(frame: pd.DataFrame, colours: ScalarMappable, currency: str) -> Grid:
    cells = {(row["channel"], row["step"]): row for row in records(frame)}
    steps = keys(STEPS)

    def tile(channel: str, step: str) -> Tile | None:
        row = cells.get((channel, step))
        if row is None:
            return None
        head, lanes = lines_of_cell(row, currency)
        lines = tuple((label(word.key), word.colour, lanes[word.key]) for word in LANES if lanes[word.key])
        return Tile(head, lines, ground_of(row["emotion"], colours), bool(row["sparse"]))

    groups = tuple((label(phase.key), phase.colour, sum(phase_of(step) == phase.key for step in steps))
                   for phase in PHASES)  # fmt: skip
    met = {channel for channel, _ in cells}
    rows = tuple((hyphenated(label(channel)), tuple(tile(channel, step) for step in steps))
                 for channel in keys(CHANNELS) if channel in met)  # fmt: skip
    note = WORDS["single" if len(frame) and int(frame["replications"].max()) == 1 else "key"]
    return Grid(tell("Steps of buying across, channels down; {note}", note=tell(note)), groups,
                tuple(label(step) for step in steps), rows,
                (*((label(word.key), word.colour) for word in LANES), *_grounds(colours)))  # fmt: skip


def _grounds(colours: ScalarMappable) -> list[tuple[str, str]]:
    """Legend of the grounds: the worst, the middle and the best."""
    ends = [float(end or 0.0) for end in colours.get_clim()]
    return [(tell(WORDS["felt"], emotion=signed(value)), ground_of(value, colours))
            for value in (ends[0], 0.0, ends[1])]  # fmt: skip


def _table_of_changes(difference: pd.DataFrame, currency: str) -> Table:
    """Cells and values whose interval leaves zero out; of a single pair, nothing can be told."""
    rows = []
    for row in records(difference):
        if row["low"] is None or row["low"] <= 0 <= row["high"]:
            continue
        name = Cell(f"{label(row['channel'])}, {label(row['step'])}", tell("sparse") if row["sparse"] else "")
        rows.append((name, Cell(tell(FIGURES[row["figure"]][0])), _change(row, currency)))
    caption = told("No cell has a paired interval that leaves zero out")
    if rows:
        caption = told("Every cell and value whose paired interval leaves zero out")
    return Table(tell(caption), (tell("cell"), tell("value"), tell("difference")), tuple(rows), frozenset({2}),
                 folded=len(rows) > _LONG)  # fmt: skip


def _table_of_features(features: pd.DataFrame) -> Table:
    rows = tuple(
        (Cell(f"{label(row['channel'])}, {label(row['step'])}", tell("sparse") if row["sparse"] else ""),
         Cell(label(row["facet"])), _estimate(row, "contacts", number), _estimate(row, "share", percent),
         _estimate(row, "quality", signed))
        for row in records(features)
    )  # fmt: skip
    head = (tell("cell"), tell("facet"), tell("served contacts that showed it"), tell("of those served there"),
            tell("quality shown (z)"))  # fmt: skip
    return Table(tell("Facets that each cell shows, and the quality that the scenario gives them; what waits, lateness "
                      "and refunds add on the day is in the emotion"), head, rows, frozenset({2, 3, 4}),
                 folded=True)  # fmt: skip


def _estimate(row: dict[str, Any], name: str, spell: Callable[[float | None], str]) -> Cell:
    """Cell of a value with its interval below it, or the words "single run"."""
    value, low, high = (row[f"{name}{end}"] for end in ("", "_low", "_high"))
    main, _, rest = interval(value, low, high, spell).partition(" (")
    return Cell(main, rest.removesuffix(")"))


def _change(row: dict[str, Any], currency: str) -> Cell:
    scale = 100.0 if row["figure"] in SHARES else 1.0
    value, low, high = (scale * row[part] for part in ("difference", "low", "high"))
    main, _, rest = interval(value, low, high).partition(" (")
    unit = {"cost": currency, "wait_minutes": tell("minutes")}.get(row["figure"], "")
    if row["figure"] in SHARES:
        unit = tell("points", about="of percent")
    return Cell(f"{main} {unit}".rstrip(), rest.removesuffix(")"))


def _points(value: float | None) -> str:
    return "–" if value is None else marked(f"{value:.4f}").replace("-", "−")


def _name(row: dict[str, Any], facts: dict[str, Any]) -> str:
    return name_of(row["touchpoint"], facts.get("touchpoints", {}).get(row["touchpoint"], {}).get("label"))


def _reason(row: dict[str, Any], facts: dict[str, Any]) -> str:
    return reason_of(row, facts.get("touchpoints", {}).get(row["touchpoint"], {}))


def _where(row: dict[str, Any]) -> str:
    felt = interval(row["emotion"], row["emotion_low"], row["emotion_high"], signed).replace(" (", "; ")
    return tell("in the channel {channel}, step {step} (emotion {felt})", channel=label(row["channel"]),
                step=label(row["step"]), felt=felt.removesuffix(")"))  # fmt: skip


def _change_in_words(difference: pd.DataFrame) -> str:
    """What a variant does to emotion, in one sentence."""
    rows = [row for row in records(difference) if row["figure"] == "emotion" and not row["sparse"]]
    name = str(difference.attrs.get("variant", tell("the variant")))
    if not rows:
        return tell("With {variant}, no cell has an emotion to compare.", variant=name)
    most = max(rows, key=lambda row: abs(row["difference"]))
    moved = interval(most["difference"], most["low"], most["high"], signed)
    sure, words = 0, told("With {variant}, emotion changes most in the channel {channel}, step {step}: {change}.")
    if most["low"] is not None:
        sure = sum(row["low"] > 0 or row["high"] < 0 for row in rows)
        words = told("With {variant}, emotion changes most in the channel {channel}, step {step}: {change}; in {sure} "
                     "of {cells} cells the interval leaves zero out.")  # fmt: skip
    return tell(words, variant=name, channel=label(most["channel"]), step=label(most["step"]), change=moved, sure=sure,
                cells=len(rows))  # fmt: skip


def _alt_of_weakest(maps: Maps) -> str:
    parts = [f"{_name(row, maps.facts)} {_points(row['loss'])} ({label(row['cause'])})"
             for row in records(maps.weakest)[:12] if row["loss"] is not None]  # fmt: skip
    return tell("Bars of what the weakest touchpoints lose, with the cause: {losses}.",
                losses="; ".join(parts) or tell("none"))  # fmt: skip


def _alt_of_difference(difference: pd.DataFrame, figure: str) -> str:
    parts = [tell("{channel} in {step} {value}", channel=label(row["channel"]), step=label(row["step"]),
                  value=number(row["difference"]))
             for row in records(difference) if row["figure"] == figure]  # fmt: skip
    return tell("Map of the differences in {figure}: {cells}.", figure=tell(FIGURES[figure][0]),
                cells="; ".join(parts) or tell("no cell has a value in both maps"))  # fmt: skip
