"""The part of a report that shows what customers did: funnel, map, journeys, emotion, key figures.

`answer_of_run` says in three sentences how far customers got, where the funnel narrows most and where it felt best and
worst; `sections_of_run` are the pictures and tables behind it.  All numbers come from ``measure``, all pictures from
``plots``; here they are put into words.

Called by ``show.report``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import pandas as pd

from touchsim.languages import tell, told
from touchsim.measure.definitions import KPIS, kpi_of
from touchsim.measure.emotion import emotion_along_needs
from touchsim.measure.journeys import flows_between_steps
from touchsim.measure.kpis import funnel
from touchsim.measure.tables import tables_of_run
from touchsim.measure.touchpoint_map import touchpoint_map
from touchsim.measure.weakest import weakest_touchpoints
from touchsim.plots.canvas import records
from touchsim.plots.emotion import plot_emotion
from touchsim.plots.funnel import plot_funnel
from touchsim.plots.journeys import plot_journeys
from touchsim.plots.numerals import interval, minutes, number, percent, signed, with_unit
from touchsim.plots.picture import picture_of
from touchsim.plots.touchpoint_map import plot_touchpoint_map
from touchsim.show.goals import section_of_promise, section_of_targets, section_of_worth
from touchsim.show.page import Cell, Plate, Section, Table
from touchsim.show.wall import weakest_table
from touchsim.vocabulary import label, name_of

if TYPE_CHECKING:
    from touchsim.log.eventlog import EventLog

__all__ = ["Measures", "answer_of_run", "estimate_cell", "measures_of", "sections_of_run", "warnings_of_run"]

AT_TOUCHPOINTS = ("contacts", "wait_minutes", "abandonment", "utilisation", "emotion", "cost")
"""Key figures shown for each touchpoint."""


@dataclass(frozen=True)
class Measures:
    """The frames of a run that its report is made of, each computed once."""

    facts: dict[str, Any]
    stages: pd.DataFrame
    cells: pd.DataFrame
    flows: pd.DataFrame
    feelings: pd.DataFrame
    figures: pd.DataFrame
    weakest: pd.DataFrame
    tables: Mapping[str, pd.DataFrame]


def measures_of(log: EventLog, tables: Mapping[str, pd.DataFrame] | None = None) -> Measures:
    """Measure a log for its report; `tables` are those of `tables_of_run`, if they are there already."""
    found = tables_of_run(log) if tables is None else tables
    return Measures(log.provenance, funnel(log), touchpoint_map(log), flows_between_steps(log, n_channels=3),
                    emotion_along_needs(log), found["kpis"], weakest_touchpoints(log), found)  # fmt: skip


def answer_of_run(run: Measures) -> tuple[str, ...]:
    """Three sentences: how many bought, where the funnel narrows most, where contacts felt best and worst."""
    stages = [row for row in records(run.stages) if row["share"] is not None]
    if not stages or not stages[0]["reached"]:
        return (tell("Nobody arrived in this run, so there is nothing to conclude."),)
    said = [_reach(run, stages[0]["reached"])]
    steps = [(upper, lower, upper["share"] - lower["share"]) for upper, lower in zip(stages, stages[1:], strict=False)]
    if steps:
        upper, lower, _ = max(steps, key=lambda step: step[2])
        said.append(tell("The funnel narrows most from {upper} to {lower}: {first} of all reach the first, {second} "
                         "the second.", upper=label(upper["stage"]), lower=label(lower["stage"]), first=_share(upper),
                         second=_share(lower)))  # fmt: skip
    cells = [row for row in records(run.cells) if row["emotion"] is not None and not row["sparse"]]
    if len(cells) > 1:
        cells.sort(key=lambda row: row["emotion"])
        said.append(tell("Contacts felt worst {worst}, and best {best}.", worst=_cell(cells[0]), best=_cell(cells[-1])))
    return tuple(said)


def warnings_of_run(run: Measures) -> tuple[str, ...]:
    """What a reader of the answer must know: one run only, journeys cut short."""
    said = []
    figures = {row["kpi"]: row for row in records(run.figures) if row["group"] == "all"}
    if int(run.facts.get("replications", 1)) == 1:
        said.append(tell("All figures come from a single run: they carry no interval, and another seed gives others. "
                         "Run several replications before you conclude."))  # fmt: skip
    cut = figures.get("share_under_way")
    if cut is not None and cut["value"] and cut["value"] > 0.05:
        said.append(tell("{share} of customers were still under way when the run ended: what they would have done is "
                         "not counted.", share=percent(cut["value"])))  # fmt: skip
    return tuple(said)


def sections_of_run(run: Measures) -> tuple[list[Section], list[Section]]:
    """Sections of pictures (funnel, map, journeys, emotion) and sections of tables (key figures)."""
    currency = str(run.facts.get("currency", ""))
    stages, cells, flows, feelings, figures = run.stages, run.cells, run.flows, run.feelings, run.figures
    pictures = [
        Section("funnel", tell("How far customers got"), plates=(
            Plate("funnel", picture_of(plot_funnel, stages), tell("A customer counts at every stage up to the deepest "
                  "one reached; stages once earned are kept."), _alt_of_funnel(stages)),)),
        Section("map", tell("The touchpoint map"), plates=(
            Plate("touchpoint_map", picture_of(plot_touchpoint_map, cells), tell("Steps of buying across, channels "
                  "down. A larger disc is more contacts, blue felt good, vermilion felt bad."),
                  _alt_of_map(cells, "emotion")),
            Plate("waits", picture_of(plot_touchpoint_map, cells, value="wait_minutes"), tell("The same plane, "
                  "coloured by the mean wait of those who were served, where one can wait."),
                  _alt_of_map(cells, "wait_minutes"))),
            tables=(weakest_table(run.weakest, run.facts, most=6),) if len(run.weakest) else ()),
        Section("journeys", tell("Journeys from step to step"), plates=(
            Plate("journeys", picture_of(plot_journeys, flows), tell("Online channels are blue, offline ones orange. "
                  "Only the first contact in each step counts here; channels beyond the three fullest of a side are "
                  "drawn together."), _alt_of_flows(flows)),)),
        Section("emotion", tell("Emotion along the steps"), plates=(
            Plate("emotion", picture_of(plot_emotion, feelings), tell("Mean over the contacts that left a feeling. The "
                  "contacts of a later need are those of the customers who got that far: who left is not in them."),
                  _alt_of_emotion(feelings)),)),
    ]  # fmt: skip
    goals = section_of_targets(run.tables["targets"], run.facts) if "targets" in run.tables else []
    goals += section_of_promise(run.tables["promise"])
    tables = [*goals, *section_of_worth(run.tables["lifetime"], run.facts),
              Section("kpis", tell("Key figures"), tables=(_main_figures(figures, currency),
                                                    _figures_by_touchpoint(figures, run.facts, currency)))]  # fmt: skip
    return pictures, tables


def estimate_cell(row: dict[str, Any], unit: str, currency: str) -> Cell:
    """Cell of a value with its interval below it, or the words "single run"."""
    if row["value"] is None:
        return Cell("–")
    unit = "" if unit == "ratio" else unit
    if row["low"] is None:
        return Cell(with_unit(row["value"], unit, currency), tell("single run"))
    known = unit in ("share", "probability", "minutes", "min", "cents", "money", "currency", currency)
    spell = partial(with_unit, unit=unit, currency=currency) if known else number
    main, _, rest = interval(row["value"], row["low"], row["high"], spell).partition(" (")
    if not rest:
        return Cell(main)
    words = "" if known or not unit else f" {tell(unit)}"
    return Cell(f"{main}{words}", rest.removesuffix(")"))


def _reach(run: Measures, arrived: float) -> str:
    """How many of how many bought, and bought again."""
    figures = {row["kpi"]: row for row in records(run.figures) if row["group"] == "all"}
    stock, again = int(run.facts.get("stock", 0)), figures.get("repeat_rate")
    if stock:
        words = told("Of {n} customers who arrived, besides {stock} present at the start, {bought} bought.")
        if again is not None:
            words = told("Of {n} customers who arrived, besides {stock} present at the start, {bought} bought, and "
                         "{again} of those bought again.")  # fmt: skip
    elif again is None:
        words = told("Of {n} customers who arrived, {bought} bought.")
    else:
        words = told("Of {n} customers who arrived, {bought} bought, and {again} of those bought again.")
    return tell(words, n=number(arrived - stock), stock=number(stock), bought=_figure(figures.get("conversion")),
                again=_figure(again))  # fmt: skip


def _figure(row: dict[str, Any] | None) -> str:
    return tell("none") if row is None else interval(row["value"], row["low"], row["high"], percent)


def _share(row: dict[str, Any]) -> str:
    low, high = (None, None) if row["low"] is None or row["low"] == row["high"] else (row["low"], row["high"])
    exact = low is None and row["low"] is not None
    return interval(row["share"], low, high, percent, single="" if exact else None)


def _cell(row: dict[str, Any]) -> str:
    felt = interval(row["emotion"], row["emotion_low"], row["emotion_high"], signed)
    felt = felt.replace(" (", "; ").removesuffix(")")
    return tell("in the channel {channel}, step {step} (emotion {felt})", channel=label(row["channel"]),
                step=label(row["step"]), felt=felt)  # fmt: skip


def _main_figures(figures: pd.DataFrame, currency: str) -> Table:
    """Figures over everybody, in the order of their definitions, each with what it means; those of nothing, last."""
    rows = {row["kpi"]: row for row in records(figures) if row["group"] == "all"}
    nil = [key for key, row in rows.items() if row["value"] == 0 and not row["low"] and not row["high"]]
    cells = tuple((Cell(kpi.label, kpi.definition), estimate_cell(rows[kpi.key], str(rows[kpi.key]["unit"]), currency))
                  for kpi in KPIS if kpi.key in rows and kpi.key not in nil)  # fmt: skip
    if nil:
        names = "; ".join(kpi.label for kpi in KPIS if kpi.key in nil)
        cells += ((Cell(tell("nothing of it in any replication"), names), estimate_cell(rows[nil[0]], "", currency)),)
    caption = tell("Key figures of the whole run, per replication, with 95 % intervals")
    return Table(caption, (tell("figure"), tell("value")), cells, frozenset({1}))


def _figures_by_touchpoint(figures: pd.DataFrame, run: dict[str, Any], currency: str) -> Table:
    """Figures of each touchpoint, in the order of the scenario."""
    known = {(row["group"], row["kpi"]): row for row in records(figures)}
    rows = []
    for key, facts in run.get("touchpoints", {}).items():
        found = [known.get((f"touchpoint:{key}", kpi)) for kpi in AT_TOUCHPOINTS]
        if any(found):
            side = "online" if facts.get("online") else "offline"
            name = Cell(name_of(key, facts.get("label")), f"{label(str(facts['channel']))}, {label(side)}")
            rows.append(
                (
                    name,
                    *(
                        estimate_cell(row, "" if kpi == "contacts" else str(row["unit"]), currency)
                        if row
                        else Cell("–")
                        for kpi, row in zip(AT_TOUCHPOINTS, found, strict=True)
                    ),
                )
            )
    head = (tell("touchpoint"), *(kpi_of(kpi).label for kpi in AT_TOUCHPOINTS))
    caption = tell("Key figures of each touchpoint, per replication, with 95 % intervals")
    return Table(caption, head, tuple(rows), frozenset(range(1, len(head))))


def _alt_of_funnel(stages: pd.DataFrame) -> str:
    parts = [f"{label(row['stage'])} {percent(row['share'])}" for row in records(stages)]
    return tell("Bars of the share of all customers that reached each stage: {stages}.", stages=", ".join(parts))


def _alt_of_map(cells: pd.DataFrame, value: str) -> str:
    if cells.empty:
        return tell("An empty map: nobody had a contact.")
    spell = signed if value == "emotion" else minutes
    parts = [tell("{channel} in {step} {value}", channel=label(row["channel"]), step=label(row["step"]),
                  value=spell(row[value])) for row in records(cells) if row[value] is not None]  # fmt: skip
    what = tell("emotion") if value == "emotion" else tell("wait minutes")
    return tell("Map of {what} by channel and step of buying: {cells}.", what=what,
                cells="; ".join(parts) or tell("no cell has a value"))  # fmt: skip


def _alt_of_flows(flows: pd.DataFrame) -> str:
    if flows.empty:
        return tell("An empty picture: nobody set out on a journey.")
    last = flows[flows["position"] == flows["position"].max()].drop_duplicates("target")
    ends = [f"{label(row['target'])} {percent(row['target_share'])}" for row in records(last)]
    return tell("Streams of customers from channel to channel, step by step, ending as: {ends}.", ends=", ".join(ends))


def _alt_of_emotion(feelings: pd.DataFrame) -> str:
    parts = [f"{label(row['need'])} {label('online' if row['online'] else 'offline')} {signed(row['emotion'])}"
             for row in records(feelings)]  # fmt: skip
    return tell("Lines of mean emotion along the needs: {needs}.",
                needs=", ".join(parts) or tell("no contact left a feeling"))  # fmt: skip
