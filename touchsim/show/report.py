"""Reports: one self-contained HTML file for a run, a study or a comparison, and its pictures beside it.

    write_run_report      what happened                   answer, funnel, map, journeys, emotion, key figures
    write_study_report    what drives satisfaction        the same where there is a log, and drivers, importance, scales
    write_compare_report  what changes if                 answer, differences
    write_map_report      the touchpoint map to pin up    answer, map in four lanes, weakest touchpoints, differences

The answer comes first, in three sentences, its warnings right below it; where everything came from (scenario, hash,
seed, versions) and what was assumed stand at the foot.  Reports hold no clock and no path, so that doing a run again
gives the same file.

Called by the command line, from notebooks, and by whoever holds a log or a study.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from touchsim.languages import tell
from touchsim.measure.definitions import KPIS, kpi_of
from touchsim.measure.intervals import over_replications
from touchsim.plots.canvas import records
from touchsim.plots.comparison import plot_differences
from touchsim.plots.numerals import interval, number, percent
from touchsim.plots.picture import picture_of
from touchsim.show.drivers import Studied, sections_of_scales, sections_of_study
from touchsim.show.factors import sections_of_factors
from touchsim.show.goals import section_of_targets
from touchsim.show.journeys import answer_of_run, estimate_cell, measures_of, sections_of_run, warnings_of_run
from touchsim.show.origins import assumptions_of, origin_of, origin_of_study
from touchsim.show.page import Cell, Page, Plate, Section, Table, save_page
from touchsim.show.sheets import section_of_sheets
from touchsim.show.wall import Maps, answer_of_map, pictures_of_map, sections_of_map, warnings_of_map
from touchsim.vocabulary import label, naming

if TYPE_CHECKING:
    import pandas as pd

    from touchsim.log.eventlog import EventLog
    from touchsim.show.forms import ReportingSheet
    from touchsim.world.scenario import Scenario

__all__ = ["write_compare_report", "write_map_report", "write_run_report", "write_study_report"]

MAIN = ("conversion", "repeat_rate", "csat", "nps", "ces", "emotion", "wait_minutes", "abandonment", "late_share",
        "return_rate", "refund_days", "revenue", "cost", "contribution", "profit")  # fmt: skip
"""Key figures drawn in a comparison."""


class Compared(Protocol):
    """What a report needs of a comparison (``experiment.comparison.Comparison`` has it)."""

    @property
    def table(self) -> pd.DataFrame:
        """Columns of ``comparison.csv``."""

    @property
    def runs(self) -> pd.DataFrame:
        """What the table was made of: ``scenario, replication, kpi, group, value``."""

    @property
    def targets(self) -> pd.DataFrame:
        """Columns of ``targets.csv``, with ``scenario``."""

    @property
    def text(self) -> str:
        """A paragraph made from the table."""

    @property
    def base(self) -> str:
        """Name of the base scenario."""

    @property
    def variants(self) -> tuple[str, ...]:
        """Names of the others."""

    @property
    def provenance(self) -> dict[str, Any]:
        """Where it came from."""


def write_run_report(
    path: str | Path, log: EventLog, scenario: Scenario | None = None,
    tables: Mapping[str, pd.DataFrame] | None = None, sheets: tuple[ReportingSheet, ...] = (),
) -> list[Path]:  # fmt: skip
    """Write the report of a run.

    Parameters
    ----------
    path : str or Path
        The HTML file; its pictures go into ``pictures/`` beside it, as PNG.
    log : EventLog
    scenario : Scenario, optional
        For the list of facts and assumptions.
    tables : mapping, optional
        What `touchsim.measure.tables.tables_of_run` gave of this log, if it is there already.
    sheets : tuple of ReportingSheet
        That lie beside the report, in ``sheets``.

    Returns
    -------
    list of Path
        What was written, the report first.
    """
    run = measures_of(log, tables)
    pictures, figures = sections_of_run(run)
    page = Page(
        title=str(log.provenance.get("title") or log.provenance.get("scenario") or tell("A run")),
        subtitle=tell("Report of a simulated run: {basis}", basis=_basis(log.provenance)),
        answer=answer_of_run(run),
        warnings=warnings_of_run(run),
        sections=(*pictures, *figures, origin_of(log.provenance), *section_of_sheets(sheets),
                  *assumptions_of(scenario)),  # fmt: skip
        answer_title=tell("The answer in three sentences"),
    )
    return save_page(path, page)


def write_study_report(
    path: str | Path, study: Studied, scenario: Scenario | None = None, log: EventLog | None = None,
    sheets: tuple[ReportingSheet, ...] = (),
) -> list[Path]:  # fmt: skip
    """Write the report of a study; with a scenario and its log, also of what the customers did.

    Parameters
    ----------
    path : str or Path
        The HTML file; its pictures go into ``pictures/`` beside it, as PNG.
    study : Study
        Of a simulated or a real survey.
    scenario : Scenario, optional
    log : EventLog, optional
    sheets : tuple of ReportingSheet

    Returns
    -------
    list of Path
        What was written, the report first.
    """
    before, after = sections_of_run(measures_of(log)) if log is not None else ([], [])
    after = [section for section in after if section.key == "kpis"]  # promise and worth are no part of a survey
    facts = {} if log is None else log.provenance
    file = getattr(study, "provenance", {}).get("survey")
    source = tell("Report of a study of a survey")
    if file is not None:
        source = tell("Report of a study of the survey {file}", file=file)
    if log is not None:
        source = tell("Report of a study of a survey of simulated customers: {basis}", basis=_basis(facts))
    title = tell("What drives satisfaction")
    if log is not None:
        title += f": {facts.get('title') or facts.get('scenario')}"
    elif len(study.coefficients):
        with naming(study):
            title = tell("What drives {outcome}", outcome=label(str(study.coefficients["outcome"].iloc[0])))
    factors = sections_of_factors(study)
    page = Page(
        title=title,
        subtitle=source,
        answer=tuple(part for part in re.split(r"(?<=[.!?])\s+(?=[A-ZÄÅÖ])", study.answer) if part),
        warnings=tuple(study.warnings),
        sections=(
            *sections_of_study(study), *sections_of_scales(study), *factors, *_in_words(study, factors),
            *before, *after,
            *([origin_of(facts)] if facts else origin_of_study(study)), *section_of_sheets(sheets),
            *assumptions_of(scenario),
        ),
        figures=tell("Coefficients, shares and means carry their 95 % interval; reliability, HTMT, factors, tests and "
                     "indices of fit are values of this sample, without one."),
        answer_title=tell("The answer in three sentences"),
    )  # fmt: skip
    return save_page(path, page)


def write_compare_report(
    path: str | Path, comparison: Compared, sheets: tuple[ReportingSheet, ...] = ()
) -> list[Path]:
    """Write the report of a comparison.

    Parameters
    ----------
    path : str or Path
        The HTML file; its picture goes into ``pictures/`` beside it, as PNG.
    comparison : Comparison
    sheets : tuple of ReportingSheet

    Returns
    -------
    list of Path
        What was written, the report first.
    """
    facts, frame = comparison.provenance, comparison.table
    currency = str(facts.get("currency", ""))
    names = {kpi.key: kpi.label for kpi in KPIS}
    units = {kpi.key: currency if kpi.unit == "currency" else kpi.unit for kpi in KPIS}
    variants = ", ".join(comparison.variants)
    forest = Plate("differences", picture_of(plot_differences, frame, kpis=MAIN, labels=names, units=units),
                   tell("Each point is the mean of paired differences: the same customers with the same luck in both "
                        "worlds."), _alt_of_differences(frame))  # fmt: skip
    sections = [Section("differences", tell("What changes"), plates=(forest,), tables=_differences(comparison))]
    runs = number(facts.get("replications"))
    page = Page(
        title=tell("What changes: {variants} against {base}", variants=variants, base=comparison.base),
        subtitle=tell("Report of a comparison over {runs} paired replications, seed {seed}", runs=runs,
                      seed=facts.get("seed", "–")),
        answer=getattr(comparison, "paragraphs", (comparison.text,)),
        warnings=(tell("Each interval stands for its own figure: among a hundred figures that do not change, some five "
                       "will seem to."),),
        sections=(*sections, *section_of_targets(comparison.targets, facts, tuple(facts.get("scenarios", ()))),
                  origin_of(facts), *section_of_sheets(sheets)),
    )  # fmt: skip
    return save_page(path, page)


def write_map_report(path: str | Path, maps: Maps, scenario: Scenario | None = None) -> list[Path]:
    """Write the touchpoint map as a page to pin to the wall.

    Parameters
    ----------
    path : str or Path
        The HTML file; its pictures, and the maps themselves, go into ``pictures/`` beside it, as PNG.
    maps : Maps
        The frames of the map and, for as-is against to-be, of the other world (`touchsim.show.wall.maps_of`).
    scenario : Scenario, optional
        For the list of facts and assumptions.

    Returns
    -------
    list of Path
        What was written, the report first.
    """
    facts = maps.facts
    title = str(facts.get("title") or facts.get("scenario") or tell("A run"))
    page = Page(
        title=tell("Touchpoint map: {title}", title=title),
        subtitle=tell("Steps of buying by channels, {basis}", basis=_basis(facts)),
        answer=answer_of_map(maps),
        warnings=warnings_of_map(maps),
        sections=(*sections_of_map(maps), origin_of(facts), *assumptions_of(scenario)),
        answer_title=tell("The answer in short"),
    )
    return save_page(path, page, pictures_of_map(maps))


def _basis(facts: dict[str, Any]) -> str:
    """What the numbers rest on, in half a sentence."""
    runs = int(facts.get("replications", 1))
    many = tell("a single run") if runs == 1 else tell("{n} replications", n=runs)
    customers = facts.get("customers")
    whom = tell("{n} customers", n=number(customers)) if customers else tell("{n} days", n=number(facts.get("days")))
    return f"{whom}, {many}, {tell('seed {seed}', seed=facts.get('seed', '–'))}"


def _in_words(study: Studied, beside: list[Section]) -> list[Section]:
    """Paragraphs of a study that do not stand in other sections of its page already."""
    known = {sentence for section in beside for sentence in section.sentences}
    parts = tuple(part for part in study.words.split("\n") if part and part not in known)
    return [Section("words", tell("The study in words"), parts)] if parts else []


def _differences(comparison: Compared) -> tuple[Table, ...]:
    """A table for each variant: base, value, difference with interval, and the chance of being best."""
    currency = str(comparison.provenance.get("currency", ""))
    table = over_replications(comparison.runs, ["scenario", "kpi", "group"])
    shares = table["kpi"].isin([kpi.key for kpi in KPIS if kpi.unit == "share"])
    table.loc[shares, ["low", "high"]] = table.loc[shares, ["low", "high"]].clip(0.0, 1.0)
    means = records(table)
    known = {(row["scenario"], row["kpi"]): row for row in means if row["group"] == "all"}
    order = [kpi.key for kpi in KPIS]
    tables = []
    for variant in comparison.variants:
        rows = []
        for row in records(comparison.table):
            if row["group"] != "all" or row["variant"] != variant or row["kpi"] not in order:
                continue
            kpi = kpi_of(str(row["kpi"]))
            before, after = (
                estimate_cell(known.get((name, kpi.key), {"value": None}), kpi.unit, currency)
                for name in (comparison.base, variant)
            )
            best = "–" if row["p_best"] is None else percent(row["p_best"])
            rows.append((Cell(kpi.label), before, after, _change(row, kpi.unit, currency), Cell(best)))
        caption = tell("{variant} against {base}: means with 95 % intervals, the paired difference with its own, and "
                       "the share of bootstrap draws in which it is the best of all", variant=variant,
                       base=comparison.base)  # fmt: skip
        head = (tell("figure"), comparison.base, variant, tell("difference"), tell("best of all in"))
        tables.append(Table(caption, head, tuple(rows), frozenset({1, 2, 3, 4})))
    return tuple(tables)


def _change(row: dict[str, Any], unit: str, currency: str) -> Cell:
    """Difference with its interval; shares in percentage points, times in their own unit."""
    scale = 100.0 if unit == "share" else 1.0
    value, low, high = (None if row[part] is None else scale * row[part] for part in ("difference", "low", "high"))
    main, _, rest = interval(value, low, high, number).partition(" (")
    word = {"share": tell("points", about="of percent"), "currency": currency, "ratio": ""}.get(unit, tell(unit))
    return Cell(f"{main} {word}".rstrip(), rest.removesuffix(")"))


def _alt_of_differences(frame: pd.DataFrame) -> str:
    parts = [f"{row['variant']}, {kpi_of(str(row['kpi'])).label}: "
             f"{estimate_cell({**row, 'value': row['difference']}, '', '').main}"
             for row in records(frame) if row["group"] == "all" and row["kpi"] in MAIN]  # fmt: skip
    return tell("Forest of differences from the base scenario: {differences}.",
                differences="; ".join(parts) or tell("none"))  # fmt: skip
