"""Options that several commands share, and the way of every command: check all, write down what is asked, do it.

Called by `commands`, `individuals` and `scoring`.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from touchsim.errors import BadInput, Finding
from touchsim.languages import codes, language as speak

if TYPE_CHECKING:
    from touchsim.manifest import Manifest

__all__ = ["VISITS", "Customers", "Days", "Engine", "Language", "Out", "Replications", "Scene", "Seed"]

VISITS = "visits.parquet"

Scene = Annotated[str, typer.Argument(metavar="SCENARIO", help="a built-in name, or the path of a YAML file")]
Customers = Annotated[int | None, typer.Option(help="follow the first so many customers that are born")]
Days = Annotated[float | None, typer.Option(help="let customers arrive for so many days")]
Seed = Annotated[int, typer.Option(help="key of all randomness, 0 or more")]
Replications = Annotated[int, typer.Option(help="independent repetitions; intervals need at least two")]
Engine = Annotated[str, typer.Option(help="compiled (fast) or simpy (to read along); equal bit for bit")]
Language = Annotated[str, typer.Option(help=f"of report and pictures: {', '.join(codes())}; tables stay as they are")]
Out = Annotated[Path | None, typer.Option(help="folder for tables, manifest and report")]


def _numbers(**given: float | None) -> list[Finding]:
    """Findings of the numbers of options, all at once."""
    findings = []
    for name, value in given.items():
        least = 0 if name == "seed" else 1
        if value is None:
            continue
        if name == "days":
            if not (value > 0 and math.isfinite(value)):
                findings.append(Finding("--days", "must be a number above 0", got=f"{value:g}"))
        elif value < least:
            findings.append(Finding(f"--{name}", f"must be at least {least}", got=str(value)))
        elif value >= 2**63:
            findings.append(Finding(f"--{name}", "must be below 2**63", got=str(value)))
    return findings


def _language(code: str) -> list[Finding]:
    """Findings of a language."""
    try:
        speak(code)
    except BadInput as bad:
        hints = [item.hint if item.hint and "did you mean" in item.hint else None for item in bad.findings]
        return [Finding("--language", item.law, item.got, hint)
                for item, hint in zip(bad.findings, hints, strict=True)]  # fmt: skip
    return []


def _scenario(name_or_path: str, findings: list[Finding]) -> Any:
    """Load a scenario; its findings come together with those of the options."""
    from touchsim.world.scenario import load_scenario

    try:
        world = load_scenario(name_or_path)
    except BadInput as bad:
        raise BadInput([*findings, *bad.findings]) from None
    if findings:
        raise BadInput(findings)
    return world


def _texts(world: Any, variant: str | None) -> dict[str, str]:
    """Texts of the files of a variant ``a+b``, once it is known that it can be applied."""
    from touchsim.cli.jobs import readable, varied
    from touchsim.datasets import is_path

    if variant is None:
        return {}
    varied(world, variant, {})
    parts = variant.split("+")
    return {part: readable(Path(part)) for part in parts if is_path(part) and part not in world.interventions}


def _inputs(survey: Path, model: Path) -> dict[str, dict[str, str]]:
    """What a manifest keeps of the files of a study; the findings of both together."""
    from touchsim.cli.jobs import readable
    from touchsim.manifest import digest

    findings: list[Finding | str] = []
    kept: dict[str, dict[str, str]] = {"inputs": {}, "texts": {}}
    for key, path, read in (("inputs", survey, digest), ("texts", model, readable)):
        try:
            kept[key][str(path)] = read(path)
        except BadInput as bad:
            findings += bad.findings
    if findings:
        raise BadInput(findings)
    return kept


def _manifest(command: str, arguments: dict[str, Any], world: Any = None) -> Manifest:
    from touchsim.manifest import Manifest

    text = None if world is None else world.to_yaml()
    return Manifest(touchsim=_version(), command=command, arguments=arguments, scenario=text)


def _version() -> str:
    from touchsim import __version__

    return __version__


def _work(manifest: Manifest, out: Path, workers: int = 1) -> None:
    """Do what a manifest says, into a folder, and say where it is."""
    from touchsim.cli.jobs import perform
    from touchsim.manifest import REPORT, OutputFolder

    with OutputFolder(out, manifest) as folder:
        said = perform(manifest, folder, workers=workers)
    typer.echo(said)
    names = sorted(path.name for path in out.iterdir() if path.name != REPORT)
    typer.echo(f"report  {out / REPORT}\ntables  {out}: {', '.join(names)}")

