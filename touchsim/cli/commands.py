"""The words of the command line and their options; each command checks everything it was given before it works.

A command makes a `Manifest` of what is asked, opens an `OutputFolder` and lets `jobs.perform` fill it, so that
``reproduce`` can do the very same again from the manifest alone.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from touchsim.cli.options import (
    VISITS,
    Customers,
    Days,
    Engine,
    Language,
    Out,
    Replications,
    Scene,
    Seed,
    _inputs,
    _language,
    _manifest,
    _numbers,
    _scenario,
    _texts,
    _version,
    _work,
)  # fmt: skip
from touchsim.errors import BadInput, Finding, nearest
from touchsim.languages import ENGLISH

if TYPE_CHECKING:
    from touchsim.manifest import Manifest

__all__ = ["app"]

ENGINES = ("compiled", "simpy")
SURVEY_FILES = (".csv", ".parquet", ".tsv", ".txt", ".xlsx", ".xls", ".sav")

app = typer.Typer(
    name="touchsim", no_args_is_help=True, add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False,
    help="Simulate customer journeys across online and offline touchpoints, survey the customers, and see whether the "
    "regression finds the truth. Every command takes --debug, which shows the traceback of a failure.",
)  # fmt: skip


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"touchsim {_version()}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[bool, typer.Option("--version", callback=_show_version, help="show the version")] = False,
) -> None:
    """Take the options that stand before a command."""


@app.command()
def new(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="folder to make")],
    source: Annotated[str, typer.Option("--from", help="scenario to start from")] = "corner_shop",
) -> None:
    """Copy a working scenario to start from, with a schema by which editors complete and check it."""
    from touchsim.cli.jobs import starter

    made = starter(folder, source)
    typer.echo(f"{made}: edit it, then  touchsim check {made}  and  touchsim run {made}")


@app.command()
def check(
    scenario: Annotated[str | None, typer.Argument(help="a built-in name, or the path of a YAML file")] = None,
    schema: Annotated[bool, typer.Option("--schema", help="print the JSON Schema of scenario files")] = False,
) -> None:
    """Validate a scenario; print every finding as file:line: where: law, and leave with 2 if there is one."""
    from touchsim.cli.jobs import description, schema_text

    if schema:
        typer.echo(schema_text())
    elif scenario is None:
        raise BadInput(Finding("SCENARIO", "is required", hint="or --schema"))
    else:
        typer.echo(description(scenario))


@app.command()
def touchpoints(
    key: Annotated[str | None, typer.Argument(metavar="KEY", help="say all of this one")] = None,
    channel: Annotated[str | None, typer.Option(help="only those of this channel")] = None,
    step: Annotated[str | None, typer.Option(help="only those that serve this step of buying, or this need")] = None,
) -> None:
    """List the ready touchpoints that a scenario may name, or say all of one: fields, values, where they come from."""
    from touchsim.show.library import entry, listing

    if key is None:
        typer.echo(listing(channel=channel, step=step))
        return
    if channel is not None or step is not None:
        raise BadInput(Finding("--channel" if channel else "--step", "cannot go with a key", hint="give one of them"))
    typer.echo(entry(key))


@app.command()
def facts(
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="say all that is known of this one")] = None,
) -> None:
    """List the published tables that ship with touchsim: study --moments NAME refits one by its ready model."""
    from touchsim.cli.published import listing

    typer.echo(listing(name))


@app.command()
def run(
    scenario: Scene, customers: Customers = None, days: Days = None, seed: Seed = 1, replications: Replications = 1,
    engine: Engine = "compiled", language: Language = ENGLISH, out: Out = None,
) -> None:  # fmt: skip
    """Let customers live through a scenario; write their contacts, the KPIs and a report."""
    findings = _numbers(customers=customers, days=days, seed=seed, replications=replications)
    if customers is not None and days is not None:
        findings.append(Finding("--days", "cannot go with --customers", hint="give one of them"))
    if engine not in ENGINES:
        law = f"must be one of {', '.join(ENGINES)}"
        findings.append(Finding("--engine", law, got=engine, hint=nearest(engine, ENGINES)))
    findings += _language(language)
    world = _scenario(scenario, findings)
    arguments = {"customers": customers, "days": days, "seed": seed, "replications": replications, "engine": engine,
                 "language": language}  # fmt: skip
    _work(_manifest("run", arguments, world), out or Path("runs") / f"{world.name}-{seed}")


@app.command()
def study(
    scenario: Annotated[str | None, typer.Argument(help="a built-in name, or the path of a YAML file")] = None,
    survey: Annotated[Path | None, typer.Option(help="a real survey (CSV or Parquet) instead of a scenario")] = None,
    moments: Annotated[Path | None, typer.Option(help="a published table (CSV), or one that ships: see facts")] = None,
    model: Annotated[Path | None, typer.Option(help="MODEL.yaml of that survey or table")] = None,
    nearest: Annotated[bool, typer.Option("--nearest", help="mend a table that is not positive definite")] = False,
    respondents: Annotated[int | None, typer.Option(help="answers of the simulated survey; 1000 by default")] = None,
    seed: Annotated[int | None, typer.Option(help="seed of the simulated survey; 1 by default")] = None,
    replications: Annotated[int | None, typer.Option(help="simulated surveys, pooled; 1 by default")] = None,
    language: Language = ENGLISH,
    out: Out = None,
) -> None:
    """Ask which facets drive satisfaction: of simulated customers (SCENARIO) or of a real survey (--survey --model).

    Or of a table that somebody published (--moments --model; a table that ships with touchsim brings its model).
    """
    simulated = {"respondents": respondents, "seed": seed, "replications": replications}
    findings = _numbers(**simulated) + _language(language)
    if moments is not None:
        from touchsim.cli.published import manifest_of, table_asked

        others = {"SCENARIO": scenario, "--survey": survey} | {f"--{name}": simulated[name] for name in simulated}
        table, asked_of = table_asked(moments, model, others, findings)
        arguments, kept = manifest_of(table, asked_of)
        arguments |= {"nearest": nearest, "language": language}
        manifest = _manifest("study", arguments).model_copy(update=kept)
        _work(manifest, out or Path("runs") / f"study-{table.stem}")
        return
    if nearest:
        findings.append(Finding("--nearest", "belongs to --moments", hint="leave it out"))
    if scenario is None and survey is None and model is None:
        findings.append(Finding("SCENARIO", "is required, or --survey with --model", hint="give one of the two"))
    if scenario is not None and survey is not None:
        findings.append(Finding("SCENARIO", "cannot go with --survey", got=scenario, hint="give one of the two"))
    elif scenario is not None and model is not None:
        law = "belongs to --survey; the model of a simulated survey is written beside it"
        findings.append(Finding("--model", law, got=str(model), hint="leave it out"))
    elif (survey is None) != (model is None):
        findings.append(Finding("--model" if model is None else "--survey", "is required: the two go together"))
    if scenario is not None and Path(scenario).suffix.lower() in SURVEY_FILES:
        law = "must be a scenario, and this is the name of a survey"
        findings.append(Finding("SCENARIO", law, got=scenario, hint=f"study --survey {scenario} --model MODEL.yaml"))
        raise BadInput(findings)
    if survey is not None:
        needless = [name for name, value in simulated.items() if value is not None]
        findings += [Finding(f"--{name}", "belongs to a simulated survey, not to --survey") for name in needless]
    if scenario is not None and survey is None:
        world = _scenario(scenario, findings)
        ready = {"respondents": 1000, "seed": 1, "replications": 1}
        asked = {name: ready[name] if value is None else value for name, value in simulated.items()}
        arguments = {**asked, "language": language}
        _work(_manifest("study", arguments, world), out or Path("runs") / f"study-{world.name}-{arguments['seed']}")
        return
    if findings or survey is None or model is None:
        raise BadInput(findings)
    manifest = _manifest("study", {"survey": str(survey), "model": str(model), "language": language})
    manifest = manifest.model_copy(update=_inputs(survey, model))
    _work(manifest, out or Path("runs") / f"study-{survey.stem}")


@app.command()
def compare(
    scenario: Scene,
    variants: Annotated[list[str], typer.Option("--with", help="interventions by name, or YAML files; a+b = together")],
    customers: Customers = None,
    replications: Annotated[int, typer.Option(help="paired repetitions, at least two")] = 20,
    seed: Seed = 1,
    workers: Annotated[int, typer.Option(help="processes; the figures do not depend on it")] = 1,
    language: Language = ENGLISH,
    out: Out = None,
) -> None:
    """Ask what if: the scenario against each variant, the same customers in both, differences with intervals."""
    findings = _numbers(customers=customers, seed=seed, workers=workers) + _language(language)
    if replications < 2:  # noqa: PLR2004
        law = "must be at least 2, for an interval"
        findings.append(Finding("--replications", law, got=str(replications)))
    world = _scenario(scenario, findings)
    from touchsim.cli.jobs import readable, varied
    from touchsim.datasets import is_path

    parts = [part for variant in variants for part in variant.split("+")]
    for variant in variants:
        try:
            varied(world, variant, {})
        except BadInput as bad:
            findings += bad.findings
    if findings:
        raise BadInput(findings)
    texts = {part: readable(Path(part)) for part in parts if is_path(part) and part not in world.interventions}
    arguments = {"with": tuple(variants), "customers": customers, "replications": replications, "seed": seed,
                 "language": language}  # fmt: skip
    manifest = _manifest("compare", arguments, world).model_copy(update={"texts": texts})
    _work(manifest, out or Path("runs") / f"compare-{world.name}-{seed}", workers)


@app.command("map")
def touchpoint_map(
    scenario: Annotated[str, typer.Argument(metavar="SCENARIO|RUN", help="a scenario, or the folder of a run")],
    variant: Annotated[str | None, typer.Option("--with", help="an intervention or a YAML file; a+b = both")] = None,
    customers: Customers = None,
    replications: Annotated[int | None, typer.Option(help="independent repetitions; 10 by default")] = None,
    seed: Annotated[int | None, typer.Option(help="key of all randomness; 1 by default")] = None,
    fix: Annotated[int | None, typer.Option(help="fix so many of the weakest, each alone, and show the gain")] = None,
    language: Language = ENGLISH,
    out: Out = None,
) -> None:
    """Draw the touchpoint map in full, rank the weakest touchpoints; with an intervention also what it changes."""
    from touchsim.datasets import scenarios

    asked = {"customers": customers, "replications": replications, "seed": seed, "fix": fix}
    findings = _numbers(**asked) + _language(language)
    if fix is not None and replications == 1:
        findings.append(Finding("--replications", "must be at least 2 with --fix, for an interval", got="1"))
    folder = Path(scenario)
    if (folder / VISITS).is_file() or (folder.is_dir() and scenario not in scenarios()):
        findings += [Finding(f"--{name}", "belongs to a scenario: a run is measured as it is")
                     for name, value in asked.items() if value is not None]  # fmt: skip
        manifest = _map_of_run(folder, variant, findings)
        manifest = manifest.model_copy(update={"arguments": manifest.arguments | {"language": language}})
        _work(manifest, out or Path("runs") / f"map-{folder.resolve().name}")
        return
    world = _scenario(scenario, findings)
    ready = {"customers": customers, "replications": replications or 10, "seed": 1 if seed is None else seed}
    fixing = {} if fix is None else {"fix": fix}
    manifest = _manifest("map", ready | fixing | {"with": variant, "language": language}, world)
    manifest = manifest.model_copy(update={"texts": _texts(world, variant)})
    _work(manifest, out or Path("runs") / f"map-{world.name}-{ready['seed']}")


@app.command()
def reproduce(folder: Annotated[Path, typer.Argument(metavar="RUN", help="folder of a run")]) -> None:
    """Do a run again from its manifest; say identical (exit code 0), or what differs (1)."""
    from touchsim.cli.jobs import perform
    from touchsim.manifest import OutputFolder, difference, digest, digests, read_manifest
    from touchsim.study.published import published_path

    then = read_manifest(folder)
    found = difference(then, then.model_copy(update={"files": digests(folder)}))
    changed = [f"{name} since the run: changed by hand?" for name in found]
    tables = {str(then.arguments.get("moments"))}
    changed += [f"{path} is another file now" for path, sha in then.inputs.items()
                if digest(published_path(path) if path in tables else path) != sha]  # fmt: skip
    with tempfile.TemporaryDirectory() as parent:
        asked = then.model_copy(update={"files": {}, "versions": {}, "touchsim": _version()})
        with OutputFolder(Path(parent) / "again", asked) as again:
            perform(asked, again)
        found = changed + difference(then, read_manifest(Path(parent) / "again"))
    if found:
        typer.echo("\n".join([f"{folder}: not identical", *(f"  {line}" for line in found)]))
        raise typer.Exit(1)
    typer.echo(f"{folder}: identical ({len(then.files)} files)")


def _map_of_run(folder: Path, variant: str | None, findings: list[Finding]) -> Manifest:
    """What is asked of a run that lies in a folder; its own manifest says how to play the same customers again."""
    from touchsim.documents import parse_document
    from touchsim.log.eventlog import open_log
    from touchsim.manifest import MANIFEST, digest, read_manifest
    from touchsim.world.scenario import Scenario

    known = (folder / MANIFEST).is_file()
    try:
        open_log(folder)
        run = read_manifest(folder) if known else None
    except BadInput as bad:
        raise BadInput([*findings, *bad.findings]) from None
    text = run.scenario if run is not None and run.command == "run" else None
    if variant is not None and text is None:
        findings.append(Finding("--with", "needs a run that has its manifest.json, so that the same customers can be "
                                "played again", got=str(folder)))  # fmt: skip
    if findings:
        raise BadInput(findings)
    played = ("customers", "days", "replications", "seed")
    arguments = {name: run.arguments.get(name) for name in played} if run is not None and text is not None else {}
    manifest = _manifest("map", arguments | {"run": str(folder), "with": variant})
    world = parse_document(Scenario, text, file=str(folder / MANIFEST)) if text is not None else None
    inputs = {str(folder / name): digest(folder / name) for name in (VISITS, "customers.parquet")}
    return manifest.model_copy(update={"scenario": text, "inputs": inputs, "texts": _texts(world, variant)})
