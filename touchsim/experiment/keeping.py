"""All tens of a score card in order: read where an earlier run kept them, simulated side by side where not.

A ten is kept as one Parquet file per part: ``rows`` (estimates), ``crowds`` (sums of true views) and, where total
effects are asked for, ``totals``.  A part counts when its file is there, so that an interrupted card goes on where it
stopped, a longer one begins where a shorter one ended, and total effects join studies that were made without them.  A
folder belongs to one plan (scenario, sizes, estimators, drivers, seed) and one version of what simulates, and knows
the checksum of each of its parts.  Called by `score`.
"""

from __future__ import annotations

import hashlib
import io
import json
import warnings
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import pandas as pd

from touchsim.errors import BadInput, Finding
from touchsim.experiment.studies import AT_ONCE, StudyPlan, simulated_ten
from touchsim.experiment.totals import raised_ten

if TYPE_CHECKING:
    from touchsim.world.scenario import Scenario

__all__ = ["all_tens"]

PARTS = ("rows", "crowds", "totals")
PLAN, OTHERWISE = "plan.json", "choose another folder or remove it"
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
        Where the folder holds studies of another plan or version, or of none that is known.

    Warns
    -----
    UserWarning
        Names the parts that are made again, as they are not what was written.
    """
    from joblib import Parallel, delayed

    counts = [min(AT_ONCE, studies - first) for first in range(0, studies, AT_ONCE)]
    wanted = PARTS[:2] if worlds is None else PARTS
    folder = None if keep is None else _Folder(keep, plan)
    kept = {} if folder is None else folder.kept(wanted, len(counts))
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
            if folder is not None:
                folder.put(place, fresh)
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


class _Folder:
    """Parts of one plan in a folder; an unsound one counts as not there.

    ``plan.json`` holds the mark of the plan, the versions that made the studies, and the SHA-256 of every part by its
    name, so that a part that is cut short, changed, of another place or of somebody else's making is not taken for
    one of these studies.
    """

    def __init__(self, path: Path, plan: StudyPlan) -> None:
        from touchsim.engine.simulation import versions

        said = json.dumps([plan.scenario.to_yaml(), *plan[1:]], default=str)
        mine = {"plan": hashlib.sha256(said.encode()).hexdigest(), "versions": dict(versions())}
        self.path, self.file = path, path / PLAN
        try:
            path.mkdir(parents=True, exist_ok=True)
            there = self._read()
            if there is not None:
                _check(there, mine, path)
            self.plan = mine | {"parts": {} if there is None else there["parts"]}
            self._write(self.file, json.dumps(self.plan, indent=1).encode())
        except OSError as error:
            law = "must be a folder that can be written"
            raise BadInput(Finding("keep", law, got=(error.strerror or "").lower(), file=str(path))) from None

    def put(self, place: int, ten: Ten) -> None:
        """Write the parts of a ten, then what they are to be."""
        for name, part in ten.items():
            there = io.BytesIO()
            part.to_parquet(there, index=False)
            self._write(self.path / _file(name, place), there.getvalue())
            self.plan["parts"][_file(name, place)] = hashlib.sha256(there.getvalue()).hexdigest()
        self._write(self.file, json.dumps(self.plan, indent=1).encode())

    def kept(self, wanted: tuple[str, ...], places: int) -> dict[int, Ten]:
        """Sound parts by place; say which are not."""
        found: dict[int, Ten] = {place: {} for place in range(places)}
        unsound = []
        for place, ten in found.items():
            for name in wanted:
                file = self.path / _file(name, place)
                if not file.is_file():
                    continue
                there = file.read_bytes()
                if self.plan["parts"].get(file.name) == hashlib.sha256(there).hexdigest():
                    ten[name] = pd.read_parquet(io.BytesIO(there))
                else:
                    unsound.append(file.name)
        if unsound:
            warnings.warn(f"{self.path}: not as they were written, so that their studies are made again: "
                          f"{', '.join(unsound)}", stacklevel=2)  # fmt: skip
        return found

    def _read(self) -> dict[str, Any] | None:
        """What the folder says of its studies; none in a new one."""
        try:
            there = json.loads(self.file.read_bytes())
            if {"plan": str, "versions": dict, "parts": dict} == {name: type(there[name]) for name in there}:
                return dict(there)
        except FileNotFoundError:
            pass
        except (ValueError, TypeError):
            pass
        if self.file.exists() or any(path for name in PARTS for path in self.path.glob(f"{name}-*.parquet")):
            law = f"holds studies without a sound {PLAN}, so that nobody knows of which design they are"
            raise BadInput(Finding("keep", law, hint=OTHERWISE, file=str(self.path)))
        return None

    def _write(self, file: Path, content: bytes) -> None:
        """Write under another name first, so that a file that has its name is whole."""
        other = file.with_suffix(".tmp")
        other.write_bytes(content)
        other.replace(file)


def _file(name: str, place: int) -> str:
    return f"{name}-{place:06d}.parquet"


def _check(there: dict[str, Any], mine: dict[str, Any], path: Path) -> None:
    """Refuse studies of another plan or of other versions."""
    law, got = "holds studies of another design, seed or scenario", None
    if there["plan"] == mine["plan"]:
        old, new = there["versions"], mine["versions"]
        apart = [f"{name} {old.get(name)}, here {new.get(name)}" for name in {**new, **old}
                 if old.get(name) != new.get(name)]  # fmt: skip
        if not apart:
            return
        law, got = "holds studies made by another version", "; ".join(apart)
    raise BadInput(Finding("keep", law, got=got, hint=OTHERWISE, file=str(path)))
