"""The work behind the commands: what a manifest says is done, and written into an open output folder.

    run      scenario -> simulate -> kpis, cohorts, promise, lifetime, targets -> visits, customers, these, report
    study    scenario -> survey -> answers, model -> study    -> coefficients, importance, orders, fit, scales, items,
                                                                 htmt, blocks, performance, exploratory, eigenvalues,
                                                                 method, groups, mediation, parallel
             survey file, model           -> study            -> the same
             published table, model       -> study, twin      -> the same, twin
    map      scenario or run, variant     -> maps             -> map, features, weakest, difference, report
    compare  scenario, variants -> paired differences         -> comparison, report
    score    scenario, design             -> many studies     -> score_card, ranks, estimates, tables.tex, report
    story    scenario or run, customer    -> story            -> story, contacts, report
    mystery-guest  scenario, script       -> guest            -> guest, contacts, report

`run`, `study` of a scenario, `compare` and `score` also write reporting sheets into ``sheets``.

`perform` reads nothing but the manifest (and the survey file or run that it names), so that ``reproduce`` repeats a run
exactly.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from touchsim import datasets
from touchsim.cli.sheets import sheets_beside
from touchsim.cli.surveys import study_file, study_scenario, study_table
from touchsim.documents import json_schema, parse_document, text_of
from touchsim.errors import BadInput, Finding
from touchsim.languages import ENGLISH, language, marked, tell
from touchsim.manifest import REPORT, Manifest, OutputFolder
from touchsim.world.scenario import Scenario, load_scenario

if TYPE_CHECKING:
    from touchsim.show.story import Story
    from touchsim.world.script import Script

__all__ = ["description", "perform", "readable", "schema_text", "scripted", "starter"]
__all__ += ["told_story", "varied"]

SCHEMA = "scenario.schema.json"


def perform(manifest: Manifest, out: OutputFolder, *, workers: int = 1) -> str:
    """Do what a manifest says, into an open folder.

    Parameters
    ----------
    manifest : Manifest
        The command, its arguments and inputs.
    out : OutputFolder
        Entered already.
    workers : int
        Processes of a comparison; the figures do not depend on it.

    Returns
    -------
    str
        What was found, in a few sentences, in the language that the manifest asks for.
    """
    given = {name: value for name, value in manifest.arguments.items() if name != "language"}
    with language(str(manifest.arguments.get("language", ENGLISH))):
        return _done(manifest, given, out, workers)


def _done(manifest: Manifest, given: Mapping[str, Any], out: OutputFolder, workers: int) -> str:
    world = parse_document(Scenario, manifest.scenario, file="manifest.json") if manifest.scenario else None
    if manifest.command == "study" and world is None:
        name = str(given["model"])
        if "moments" in given:
            return study_table(given, manifest.texts[name], out)
        return study_file(Path(str(given["survey"])), manifest.texts[name], name, out)
    if manifest.command == "map":
        with tempfile.TemporaryDirectory() as folder:
            variant = given.get("with")
            other = None if world is None or variant is None else varied(world, variant, _files(manifest, folder))
            return _map(world, other, given, out)
    if manifest.command == "story":
        return _story(manifest, out)
    if manifest.command == "mystery-guest" and world is not None:
        return _guest(world, manifest, out)
    if world is None or manifest.command not in ("run", "study", "compare", "score"):
        raise BadInput(Finding("command", "cannot be done again", got=manifest.command, file="manifest.json"))
    if manifest.command == "run":
        return _run(world, manifest, given, out)
    if manifest.command == "study":
        return study_scenario(world, manifest, given, out)
    if manifest.command == "score":
        with tempfile.TemporaryDirectory() as folder:
            files = _files(manifest, folder)
            scored = varied(world, given["with"], files) if given["with"] else world
            return _score(scored, manifest, given, out, workers)
    with tempfile.TemporaryDirectory() as folder:
        variants = [varied(world, variant, _files(manifest, folder)) for variant in given["with"]]
        return _compare(world, variants, manifest, given, out, workers)


def _run(world: Scenario, manifest: Manifest, given: Mapping[str, Any], out: OutputFolder) -> str:
    from touchsim.engine.simulation import simulate
    from touchsim.measure.goals import check_targets
    from touchsim.measure.tables import tables_of_run
    from touchsim.show.report import write_run_report

    check_targets(world)
    replications = int(given["replications"])
    with _bar(replications) as progress:
        log = simulate(world, **given, out=out.folder, progress=progress)
    tables = tables_of_run(log)
    for name, table in tables.items():
        out.table(name, table)
    sheets = sheets_beside(out, manifest, world, log, figures=tuple(dict.fromkeys(tables["kpis"]["kpi"])))
    write_run_report(out.folder / REPORT, log, world, tables, sheets)
    once = tell("single run") if replications == 1 else tell("{n} replications", n=replications)
    customers, contacts = (marked(f"{many:,}") for many in (log.n_customers, log.n_visits))
    return tell("{scenario}: {customers} customers, {contacts} contacts ({once}, seed {seed})", scenario=world.name,
                customers=customers, contacts=contacts, once=once, seed=given["seed"])  # fmt: skip


def _compare(
    world: Scenario, variants: list[Scenario], manifest: Manifest, given: Mapping[str, Any], out: OutputFolder,
    workers: int,
) -> str:  # fmt: skip
    from touchsim.experiment.comparison import compare
    from touchsim.measure.goals import check_targets
    from touchsim.show.report import write_compare_report

    for scenario in (world, *variants):
        check_targets(scenario)
    numbers = {name: given[name] for name in ("customers", "replications", "seed")}
    runs = given["replications"] * (1 + len(variants))
    with _bar(runs if workers == 1 else 1) as progress:
        comparison = compare(world, *variants, **numbers, workers=workers, progress=progress)
    out.table("comparison", comparison.table)
    if len(comparison.targets):
        out.table("targets", comparison.targets)
    write_compare_report(out.folder / REPORT, comparison, sheets=sheets_beside(out, manifest, world, comparison))
    return str(comparison.text)


def _score(world: Scenario, manifest: Manifest, given: Mapping[str, Any], out: OutputFolder, workers: int) -> str:
    """Score a design; finished studies wait in a hidden folder beside the one asked for until all are there."""
    from touchsim.experiment.score import ESTIMANDS, score_card
    from touchsim.show.score import sheet_of, write_score_report
    from touchsim.show.scored import sheets_of_card
    from touchsim.show.typeset import html_tables, latex_tables

    keep = out.path.parent / f".{out.path.name}.studies"
    with _bar(int(given["studies"])) as progress, _waiting(keep):
        card = score_card(world, n=[int(size) for size in given["n"]], studies=int(given["studies"]),
                          estimators=tuple(given["estimators"]), seed=int(given["seed"]), workers=workers or None,
                          keep=keep, progress=progress,
                          estimands=ESTIMANDS if given.get("total") else ESTIMANDS[:2])  # fmt: skip
    out.table("score_card", card.table)
    out.table("ranks", card.ranks)
    card.studies.to_parquet(out.folder / "estimates.parquet", index=False)
    out.text("tables.tex", latex_tables(sheets_of_card(card)))
    out.text("tables.html", html_tables(sheets_of_card(card)))
    lines = [f"- **{name}**: {said}" for name, said in sheet_of(card, world)]
    out.text("text.md", "\n".join([card.text, "", *lines, ""]))
    write_score_report(out.folder / REPORT, card, world, sheets=sheets_beside(out, manifest, world, card))
    shutil.rmtree(keep)
    return card.text


@contextmanager
def _waiting(keep: Path) -> Iterator[None]:
    """Speak of the hidden folder of kept studies in words of the command line, beside a bar that runs."""
    from tqdm import tqdm

    with warnings.catch_warnings():
        warnings.showwarning = lambda message, *_, **__: tqdm.write(str(message), file=sys.stderr)
        try:
            yield
        except BadInput as bad:
            raise BadInput([
                replace(finding, where="--out", law=f"beside it waits {keep.name}, which {finding.law}", file=None,
                        hint=f"remove {keep} or choose another --out") if finding.where == "keep" else finding
                for finding in bad.findings]) from None  # fmt: skip


def _map(world: Scenario | None, variant: Scenario | None, given: Mapping[str, Any], out: OutputFolder) -> str:
    """Measure a run that lies in a folder, or a new one, and that of the variant; the logs are gone afterwards."""
    from touchsim.engine.simulation import simulate
    from touchsim.experiment.fixes import fix_weakest
    from touchsim.log.eventlog import open_log
    from touchsim.show.report import write_map_report
    from touchsim.show.wall import answer_of_map, maps_of

    run = given.get("run")
    fix = int(given.get("fix") or 0)
    worlds = [one for one in (None if run else world, variant) if one is not None]
    how = {name: given[name] for name in ("customers", "days", "replications", "seed") if name in given}
    with (
        tempfile.TemporaryDirectory(prefix="touchsim-") as folder,
        _bar((len(worlds) + (1 + fix if fix else 0)) * int(given.get("replications") or 1)) as progress,
    ):
        logs = [open_log(str(run))] if run else []
        for place, one in enumerate(worlds):
            logs.append(simulate(one, **how, out=Path(folder) / str(place), progress=progress))
        maps = maps_of(*logs)
        if world is not None and fix:
            maps = replace(maps, fixes=fix_weakest(world, top=fix, **how, progress=progress))
    for name, table in maps.tables().items():
        out.table(name, table)
    write_map_report(out.folder / REPORT, maps, world)
    return "\n".join(answer_of_map(maps))


def told_story(manifest: Manifest) -> tuple[Story, dict[str, Any]]:
    """Tell the story that a manifest asks for; return it with the provenance of its run."""
    from touchsim.engine.simulation import simulate
    from touchsim.log.eventlog import open_log
    from touchsim.show.story import story

    given: Mapping[str, Any] = manifest.arguments
    which = {"customer": int(given["customer"]), "replication": int(given["replication"])}
    if given.get("run"):
        log = open_log(str(given["run"]))
        return story(log, **which), log.provenance
    world = parse_document(Scenario, manifest.scenario or "", file="manifest.json")
    with tempfile.TemporaryDirectory(prefix="touchsim-") as folder:
        log = simulate(world, customers=int(given["customers"]), seed=int(given["seed"]),
                       replications=which["replication"] + 1, out=folder)  # fmt: skip
        return story(log, **which), log.provenance


def _story(manifest: Manifest, out: OutputFolder) -> str:
    from touchsim.show.individuals import write_story_report

    tale, facts = told_story(manifest)
    out.text("story.txt", tale.text + "\n")
    out.table("contacts", tale.table)
    write_story_report(out.folder / REPORT, tale, facts)
    return tale.text


def scripted(text: str, file: str, world: Scenario | None) -> Script:
    """Read the script of a mystery guest and hold it against the scenario; `BadInput` names the file."""
    from touchsim.world.script import Script, needs_of

    script = parse_document(Script, text, file=file)
    if world is not None:
        try:
            needs_of(script, world)
        except BadInput as bad:
            raise BadInput([replace(finding, file=file) for finding in bad.findings]) from None
    return script


def _guest(world: Scenario, manifest: Manifest, out: OutputFolder) -> str:
    from touchsim.experiment.mystery_guest import mystery_guest
    from touchsim.show.individuals import write_guest_report

    given: Mapping[str, Any] = manifest.arguments
    name = str(given["script"])
    numbers = {key: given[key] for key in ("replications", "at", "customers", "days", "seed")}
    with _bar(int(given["replications"])) as progress:
        guest = mystery_guest(world, scripted(manifest.texts[name], name, world), **numbers, progress=progress)
    out.table("guest", guest.table)
    out.table("contacts", guest.visits)
    write_guest_report(out.folder / REPORT, guest)
    return guest.text


@contextmanager
def _bar(total: int) -> Iterator[Callable[[int], None]]:
    """Progress on stderr, where somebody watches and there is more than one piece of work."""
    from tqdm import tqdm

    with tqdm(total=total, unit="run", disable=None if total > 1 else True) as bar:
        yield lambda done: None if bar.update(done) else None


def varied(world: Scenario, variant: str, files: Mapping[str, Path]) -> Scenario:
    """Apply the interventions of one ``a+b``, by name or file; `files` says where the text of a file lies now."""
    return world.with_(*(files.get(part, part) for part in variant.split("+")))


def readable(path: Path) -> str:
    """Text of a small file that a command reads; `BadInput` when there is none."""
    return text_of(path, str(path))


def description(scenario: str) -> str:
    """Say that a scenario is valid, and what is in it."""
    from touchsim.measure.goals import check_targets

    world = load_scenario(scenario)
    check_targets(world)
    guessed = world.assumptions()["kind"].value_counts()
    return (
        f"{scenario}: valid; {len(world.touchpoints)} touchpoints, {len(world.segments)} segments, "
        f"{len(world.interventions)} interventions, {guessed.get('fact', 0)} facts and "
        f"{guessed.get('assumption', 0)} assumptions"
    )


def schema_text() -> str:
    """JSON Schema of scenario files, for editors."""
    return json.dumps(json_schema(Scenario), indent=1, ensure_ascii=False)


def starter(folder: Path, source: str) -> Path:
    """Copy a working scenario and its schema into a folder that is new or empty; return the path of the copy."""
    world = load_scenario(source)
    text = readable(datasets.scenario_path(source))
    with OutputFolder(folder) as out:
        out.text(f"{world.name}.yaml", f"# yaml-language-server: $schema={SCHEMA}\n{text}")
        out.text(SCHEMA, schema_text())
    return folder / f"{world.name}.yaml"


def _files(manifest: Manifest, folder: str) -> dict[str, Path]:
    """Write the small files of a manifest into a folder, each in one of its own, so that it keeps its name."""
    files = {}
    for number, (path, text) in enumerate(manifest.texts.items()):
        place = Path(folder) / str(number)
        place.mkdir(exist_ok=True)
        files[path] = place / Path(path).name
        files[path].write_text(text, encoding="utf-8")
    return files
