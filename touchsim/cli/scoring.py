"""The command that scores a survey design: ``touchsim score``; see `commands` for the others."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from touchsim.cli.individuals import app
from touchsim.cli.options import (
    Language,
    Out,
    Scene,
    Seed,
    _language,
    _manifest,
    _numbers,
    _scenario,
    _texts,
    _work,
)  # fmt: skip
from touchsim.errors import Finding, nearest
from touchsim.languages import ENGLISH

__all__ = ["app"]

SCORED = ("ols", "corrected", "sem", "sem_mlr", "sem_wlsmv")


@app.command()
def score(
    scenario: Scene,
    n: Annotated[list[int] | None, typer.Option("--n", help="respondents of a study; may be given again")] = None,
    studies: Annotated[int, typer.Option(help="simulated studies")] = 1000,
    estimator: Annotated[list[str] | None, typer.Option(help=f"{', '.join(SCORED)}; may be given again")] = None,
    variant: Annotated[str | None, typer.Option("--with", help="an intervention or a YAML file; a+b = both")] = None,
    seed: Seed = 1,
    total: Annotated[bool, typer.Option("--total", help="also the total effect of raising each facet; takes longer")]
    = False,
    workers: Annotated[int | None, typer.Option(help="processes; all cores by default")] = None,
    language: Language = ENGLISH,
    out: Out = None,
) -> None:
    """Score a survey design against the truth: bias, coverage, power; an interrupted run goes on where it stopped."""
    sizes, chosen = n or [500], estimator or ["ols", "corrected"]
    findings = _numbers(seed=seed, workers=workers) + _language(language)
    findings += [Finding("--n", "must be at least 1", got=str(size)) for size in sizes if size < 1]
    if studies < 2:  # noqa: PLR2004
        findings.append(Finding("--studies", "must be at least 2", got=str(studies)))
    findings += [Finding("--estimator", f"must be one of {', '.join(SCORED)}", got=one, hint=nearest(one, SCORED))
                 for one in chosen if one not in SCORED]  # fmt: skip
    world = _scenario(scenario, findings)
    asked = {"n": tuple(str(size) for size in sorted(set(sizes))), "studies": studies, "seed": seed,
             "estimators": tuple(dict.fromkeys(chosen)), "with": variant, "language": language,
             **({"total": True} if total else {})}  # fmt: skip
    manifest = _manifest("score", asked, world).model_copy(update={"texts": _texts(world, variant)})
    _work(manifest, out or Path("runs") / f"score-{world.name}-{seed}", workers or 0)
