"""The work behind ``study``: of a simulated survey, a real one, or a published table; see `jobs` for the others.

Each writes every table of the study, for a program and for a paper, the report, and says what was found.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from touchsim.cli.sheets import sheets_beside
from touchsim.documents import parse_document
from touchsim.errors import BadInput, Finding
from touchsim.languages import tell
from touchsim.manifest import REPORT, Manifest, OutputFolder

if TYPE_CHECKING:
    from touchsim.study.survey import Study
    from touchsim.world.scenario import Scenario

__all__ = ["study_file", "study_scenario", "study_table"]


def study_scenario(world: Scenario, manifest: Manifest, given: Mapping[str, Any], out: OutputFolder) -> str:
    """Ask the customers of a scenario and study their answers."""
    from touchsim.documents import dump_yaml
    from touchsim.engine.simulation import simulate
    from touchsim.show.report import write_study_report
    from touchsim.study.model import model_of
    from touchsim.survey.respondents import survey_study

    answers, model = survey_study(world, **given)
    ran = answers.attrs["provenance"]
    log = simulate(world, customers=ran["customers"], seed=ran["seed"], replications=ran["replications"])
    out.table("answers", answers)
    text = dump_yaml(model_of(model))
    out.text("model.yaml", text)
    try:
        study = _studied(out.folder / "answers.parquet", text, "model.yaml", out)
    except BadInput as bad:  # the file is ours and never appears: speak of the survey, and of what the user may change
        told = f"ask more people: --respondents above {given['respondents']}"
        raise BadInput([Finding(f"the survey of {world.name}: {item.where}".removesuffix(": "), item.law, item.got,
                                item.hint or told) for item in bad.findings]) from None  # fmt: skip
    sheets = sheets_beside(out, manifest, world, answers, estimator=study.model.estimator)
    write_study_report(out.folder / REPORT, study, scenario=world, log=log, sheets=sheets)
    return _told(study)


def study_file(survey: Path, model: str, file: str, out: OutputFolder) -> str:
    """Study the answers that lie in a file, by the text of a model."""
    from touchsim.show.report import write_study_report

    study = _studied(survey, model, file, out)
    write_study_report(out.folder / REPORT, study)
    return _told(study)


def study_table(given: Mapping[str, Any], model: str, out: OutputFolder) -> str:
    """Study a published table, and write a survey that has its figures beside it."""
    from touchsim.show.report import write_study_report
    from touchsim.study.model import StudyModel
    from touchsim.study.moments import study_of_table, table_and_model
    from touchsim.study.twins import twin

    reading = partial(parse_document, StudyModel, model, file=str(given["model"]))
    table, asked = table_and_model(str(given["moments"]), reading, nearest=bool(given["nearest"]))
    study = study_of_table(table, asked)
    if given.get("ready"):
        out.text("model.yaml", model)
    _write(study, out)
    twin(table).to_parquet(out.folder / "twin.parquet", index=False)
    write_study_report(out.folder / REPORT, study)
    return _told(study)


def _write(study: Study, out: OutputFolder) -> None:
    """Write every table of a study, for a program and for a paper, and its text."""
    from touchsim.show.paper import sheets_of, text_page
    from touchsim.show.typeset import html_tables, latex_tables

    for name, table in study.tables().items():
        out.table(name, table)
    sheets = sheets_of(study)
    out.text("tables.tex", latex_tables(sheets))
    out.text("tables.html", html_tables(sheets))
    out.text("text.md", text_page(study))


def _studied(survey: Path, model: str, file: str, out: OutputFolder) -> Study:
    """Study a survey file by the text of a model and write the tables: one way, for simulated and real surveys."""
    from touchsim.study.model import StudyModel
    from touchsim.study.survey import study_survey

    study = study_survey(survey, parse_document(StudyModel, model, file=file))
    _write(study, out)
    return study


def _told(study: Study) -> str:
    return "\n".join([study.answer, *(tell("warning: {what}", what=warning) for warning in study.warnings)])

