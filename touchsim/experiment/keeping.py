"""All tens of a score card in order: read where an earlier run kept them, simulated side by side where not.

A ten is kept as one Parquet file per part: ``rows`` (estimates), ``crowds`` (sums of true views) and, where total
effects are asked for, ``totals``.  A part counts when its file is there, so that an interrupted card goes on where it
stopped, a longer one begins where a shorter one ended, and total effects join studies that were made without them.  A
folder belongs to one plan: scenario, sizes, estimators, drivers, seed.  Called by `score`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import pandas as pd

from touchsim.errors import BadInput, Finding
from touchsim.experiment.studies import AT_ONCE, StudyPlan, simulated_ten
from touchsim.experiment.totals import raised_ten

if TYPE_CHECKING:
    from touchsim.world.scenario import Scenario

__all__ = ["all_tens"]

PARTS = ("rows", "crowds", "totals")
Worlds: TypeAlias = "Mapping[str, tuple[Scenario, Scenario]]"
Ten = dict[str, pd.DataFrame]


def all_tens(
    plan: StudyPlan, studies: int, workers: int | None, keep: Path | None, progress: Callable[[int], None] | None, *,
    worlds: Worlds | None = None,
) -> Iterator[tuple[pd.DataFrame, ...]]:  # fmt: skip
    """Yield rows and crowds of every ten in order and, with the worlds of `totals.raised_worlds`, its totals.

    Raises
    ------
    BadInput
        Where the folder holds studies of another plan.
    """
    from joblib import Parallel, delayed

    counts = [min(AT_ONCE, studies - first) for first in range(0, studies, AT_ONCE)]
    wanted = PARTS[:2] if worlds is None else PARTS
    kept = {} if keep is None else _kept(keep, plan, wanted)
    ready = {place: {name: part for name, part in kept.get(place, {}).items() if part["study"].nunique() >= count}
             for place, count in enumerate(counts)}  # fmt: skip
    lacking = {place: tuple(name for name in wanted if name not in ready[place]) for place in ready}
    todo = [place for place, names in lacking.items() if names]
    if progress is not None and len(todo) < len(counts):
        progress(sum(count for place, count in enumerate(counts) if not lacking[place]))
    alone = workers == 1 or len(todo) < 2  # noqa: PLR2004
    made = Parallel(n_jobs=1 if alone else workers or -1, return_as="generator")(
        delayed(_made)(plan, worlds if "totals" in lacking[place] else None, place, counts[place], lacking[place])
        for place in todo)  # fmt: skip
    for place, count in enumerate(counts):
        ten = ready[place]
        if lacking[place]:
            fresh = next(made)
            if keep is not None:
                _put(keep, place, fresh)
            if progress is not None:
                progress(count)
            ten = ten | fresh
        yield tuple(ten[name][ten[name]["study"] < AT_ONCE * place + count] for name in wanted)


def _made(plan: StudyPlan, worlds: Worlds | None, place: int, count: int, names: tuple[str, ...]) -> Ten:
    """Make the parts of a ten that are lacking."""
    ten: Ten = {}
    if "rows" in names or "crowds" in names:
        ten["rows"], ten["crowds"] = simulated_ten(plan, place, count)
    if worlds is not None:
        ten["totals"] = raised_ten(plan, worlds, place, count)
    return ten


def _put(keep: Path, place: int, ten: Ten) -> None:
    """Write each part under another name first, so that a file that has its name is whole."""
    for name, part in ten.items():
        part.to_parquet(keep / f"{name}-{place:06d}.tmp", index=False)
        (keep / f"{name}-{place:06d}.tmp").replace(keep / f"{name}-{place:06d}.parquet")


def _kept(keep: Path, plan: StudyPlan, wanted: tuple[str, ...]) -> dict[int, Ten]:
    """Parts that lie in a folder; refuse one that holds studies of another plan."""
    said = json.dumps([plan.scenario.to_yaml(), *plan[1:]], default=str)
    mark, sign = keep / "plan.txt", hashlib.sha256(said.encode()).hexdigest()
    keep.mkdir(parents=True, exist_ok=True)
    if not mark.exists():
        mark.write_text(sign, encoding="utf-8")
    if mark.read_text(encoding="utf-8") != sign:
        law = "holds studies of another design, seed or scenario"
        raise BadInput(Finding("keep", law, hint="choose another folder or remove it", file=str(keep)))
    found: dict[int, Ten] = {}
    for name in wanted:
        for path in sorted(keep.glob(f"{name}-*.parquet")):
            found.setdefault(int(path.stem.split("-")[1]), {})[name] = pd.read_parquet(path)
    return found
