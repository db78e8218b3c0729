"""The commands about one person: the story of a customer, and a mystery guest; see `commands` for the others."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from touchsim.cli.commands import app
from touchsim.cli.options import (
    VISITS,
    Customers,
    Days,
    Language,
    Out,
    Scene,
    Seed,
    _language,
    _manifest,
    _numbers,
    _scenario,
    _work,
)  # fmt: skip
from touchsim.errors import BadInput, Finding
from touchsim.languages import ENGLISH, language as speak

__all__ = ["app"]


@app.command()
def story(
    scenario: Annotated[str, typer.Argument(metavar="SCENARIO|RUN", help="a scenario, or the folder of a run")],
    customer: Annotated[int, typer.Option(help="number of the customer, counted from 0 in order of birth")] = 0,
    replication: Annotated[int, typer.Option(help="which run, counted from 0")] = 0,
    customers: Customers = None,
    seed: Annotated[int | None, typer.Option(help="key of all randomness; 1 by default")] = None,
    language: Language = ENGLISH,
    out: Out = None,
) -> None:
    """Tell the journey of one customer in plain words: what happened, what they felt, why they decided."""
    from touchsim.cli.jobs import told_story
    from touchsim.manifest import digest

    findings = _numbers(customers=customers, seed=seed) + _language(language)
    findings += [Finding(f"--{name}", "must be at least 0", got=str(value))
                 for name, value in (("customer", customer), ("replication", replication)) if value < 0]  # fmt: skip
    asked = {"customer": customer, "replication": replication, "language": language}
    folder = Path(scenario)
    if (folder / VISITS).is_file():
        findings += [Finding(f"--{name}", "belongs to a scenario: a run is told as it is")
                     for name, value in (("customers", customers), ("seed", seed)) if value is not None]  # fmt: skip
        if findings:
            raise BadInput(findings)
        inputs = {str(folder / name): digest(folder / name) for name in (VISITS, "customers.parquet")}
        manifest = _manifest("story", asked | {"run": scenario}).model_copy(update={"inputs": inputs})
    else:
        world = _scenario(scenario, findings)
        many = max(1000, customer + 1) if customers is None else customers
        manifest = _manifest("story", asked | {"customers": many, "seed": 1 if seed is None else seed}, world)
    if out is None:
        with speak(language):
            typer.echo(told_story(manifest)[0].text)
    else:
        _work(manifest, out)


@app.command("mystery-guest")
def mystery_guest(
    scenario: Scene,
    script: Annotated[Path, typer.Option(help="YAML file: who the guest is, which touchpoints, what is expected")],
    replications: Annotated[int, typer.Option(help="independent repetitions; intervals need at least two")] = 20,
    at: Annotated[str | None, typer.Option(help='when the guest comes, as "2 days"; as the script says if not')] = None,
    customers: Customers = None, days: Days = None, seed: Seed = 1,
    language: Language = ENGLISH, out: Out = None,
) -> None:  # fmt: skip
    """Send a scripted customer through a scenario; report planned against actual, and where the promise broke."""
    from touchsim.cli.jobs import readable, scripted
    from touchsim.documents import days_of

    findings = _numbers(customers=customers, days=days, seed=seed, replications=replications) + _language(language)
    if customers is not None and days is not None:
        findings.append(Finding("--days", "cannot go with --customers", hint="give one of them"))
    begins = None
    if at is not None:
        try:
            begins = days_of(at)
        except ValueError as error:
            findings.append(Finding("--at", str(error), got=at, hint='e.g. "2 days"'))
    world = None
    try:
        world = _scenario(scenario, [])
    except BadInput as bad:
        findings += bad.findings
    text = ""
    try:
        text = readable(script)
        scripted(text, str(script), world)
    except BadInput as bad:
        findings += bad.findings
    if findings or world is None:
        raise BadInput(findings)
    arguments = {"script": str(script), "at": begins, "customers": customers, "days": days, "seed": seed,
                 "replications": replications, "language": language}  # fmt: skip
    manifest = _manifest("mystery-guest", arguments, world).model_copy(update={"texts": {str(script): text}})
    _work(manifest, out or Path("runs") / f"guest-{world.name}-{seed}")
