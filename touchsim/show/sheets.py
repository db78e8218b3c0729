"""Reporting sheets for a paper: STRESS-DES, ODD and ADEMP, filled from a scenario and what was done with it.

    scenario, result --conduct--> items of a standard --> ReportingSheet --> sheets/stress_des.md, odd.md, ademp.md

Each item is filled with what the scenario, its library, its facts and assumptions, and the result say; what only the
author can say is left empty, counted and listed at the head.  The sheets are English in every language, as the tables
for a paper are: they go into an English paper.  They hold no clock, no machine and no path.  Called from notebooks, and
by the commands `run`, `study`, `compare` and `score`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from touchsim.errors import BadInput, Finding, nearest, verb
from touchsim.languages import ENGLISH, language, tell
from touchsim.show import ademp, odd, stress
from touchsim.show.conduct import Conduct, conduct_of
from touchsim.show.forms import ReportingSheet, plain
from touchsim.show.page import Section

if TYPE_CHECKING:
    import pandas as pd

    from touchsim.experiment.comparison import Comparison
    from touchsim.experiment.score import ScoreCard
    from touchsim.log.eventlog import EventLog
    from touchsim.world.scenario import Scenario

__all__ = ["FILES", "reporting_sheet", "section_of_sheets", "write_sheets"]

FILES = {"stress": "stress_des.md", "odd": "odd.md", "ademp": "ademp.md"}
"""Standard to the name of its file in the folder ``sheets`` of a run."""

NAMES = {"stress": "STRESS-DES", "odd": "ODD", "ademp": "ADEMP"}
SOURCES = {"stress": stress.SOURCE, "odd": odd.SOURCE, "ademp": ademp.SOURCE}
DONE = {"": " alone; nothing was run yet", "run": " and from a run", "study": " and from a study of a simulated survey",
        "compare": " and from a paired comparison", "score": " and from a score card of a survey design"}  # fmt: skip


@verb
def reporting_sheet(
    scenario: Scenario, standard: str = "stress", *,
    result: EventLog | Comparison | ScoreCard | pd.DataFrame | None = None,
) -> ReportingSheet:  # fmt: skip
    """Fill the reporting sheet of a standard from a scenario and what was done with it.

    Parameters
    ----------
    scenario : Scenario
        The world; of a comparison its base.
    standard : {"stress", "odd", "ademp"}
        STRESS-DES (Monks et al. 2019), ODD (Grimm et al. 2020) or ADEMP (Morris, White & Crowther 2019).
    result : EventLog, Comparison, ScoreCard or DataFrame of answers, optional
        What came of it; without one the items of running are left empty.  ADEMP needs a score card.

    Returns
    -------
    ReportingSheet
        Frozen; ``.text`` is Markdown, ``.empty`` names what only the author can say.

    Raises
    ------
    BadInput
        An unknown standard, a result of another kind or scenario, ADEMP without a score card.

    Examples
    --------
    >>> from touchsim.world.scenario import load_scenario
    >>> sheet = reporting_sheet(load_scenario("corner_shop"), "stress")
    >>> len(sheet.items), sheet.empty[0]
    (24, '1.1 Purpose of the model: background and rationale of your study, and for whom its answer is meant')
    """
    if standard not in FILES:
        hint = nearest(standard, FILES) or f"known: {', '.join(FILES)}"
        raise BadInput(Finding("standard", "is no reporting standard known here", got=str(standard), hint=hint))
    return _filled(scenario, standard, conduct_of(scenario, result))


def write_sheets(
    folder: Path, scenario: Scenario, result: EventLog | Comparison | ScoreCard | pd.DataFrame, *,
    versions: Mapping[str, str], figures: tuple[str, ...] = (), estimator: str = "",
) -> tuple[ReportingSheet, ...]:  # fmt: skip
    """Write the sheets that go with a result into a folder; versions are those of the manifest.

    Returns
    -------
    tuple of ReportingSheet
        STRESS-DES and ODD, and ADEMP of a score card.
    """
    found = conduct_of(scenario, result, figures=figures)
    found = replace(found, facts={**found.facts, "versions": dict(versions)}, estimator=estimator or found.estimator)
    sheets = tuple(_filled(scenario, standard, found) for standard in FILES if standard != "ademp" or found.card)
    folder.mkdir(exist_ok=True)
    for sheet in sheets:
        (folder / FILES[sheet.standard]).write_text(sheet.text, encoding="utf-8")
    return sheets


def section_of_sheets(sheets: tuple[ReportingSheet, ...]) -> list[Section]:
    """Section of a report that leads to the sheets beside it; none without sheets."""
    if not sheets:
        return []
    links = tuple(
        (tell("{standard}: {filled} of {all} items filled; yours to write: {open}",
              standard=NAMES[sheet.standard], filled=sum(not item.empty for item in sheet.items), all=len(sheet.items),
              open=len(sheet.empty)), f"sheets/{FILES[sheet.standard]}") for sheet in sheets
    )  # fmt: skip
    said = tell("What a journal asks of a simulation, filled from the scenario and this run, in English. What only you "
                "can say is left empty and listed at the head of each sheet. Copy a sheet before you write in it: "
                "doing the run again replaces it.")  # fmt: skip
    return [Section("sheets", tell("Reporting sheets for a paper"), (said,), links=links)]


def _filled(scenario: Scenario, standard: str, conduct: Conduct) -> ReportingSheet:
    title = f"{NAMES[standard]} sheet: {plain(scenario.title or scenario.name)}"
    about = (f"Filled by touchsim from the scenario `{scenario.name}` ({scenario.hash}){DONE[conduct.command]}. Doing "
             "a run again replaces the sheets in its folder: copy this one before you write in it.")  # fmt: skip
    with language(ENGLISH):
        if standard == "stress":
            items = tuple(stress.items_of_stress(scenario, conduct))
        elif standard == "odd":
            items = tuple(odd.items_of_odd(scenario, conduct))
        else:
            items = tuple(ademp.items_of_ademp(scenario, conduct))
    return ReportingSheet(standard, title, SOURCES[standard], (about,), items)
