"""What a command leaves behind: one folder, whole or not at all, with a manifest from which it can be made again.

`OutputFolder` writes everything into a hidden folder beside the one asked for and renames it when all is well, so that
nobody ever finds half a run.  It refuses a folder that holds anything else than the very same run (equal command,
arguments, inputs and version of touchsim), and says so before any work starts.

`Manifest` (``manifest.json``) holds the command, its arguments (seed, replications, engine, interventions ...), the
whole scenario as text with every default written out, the small files that were read, the versions, and the SHA-256 of
every table that was written.  No clock: the same run gives the same bytes.  The report is not hashed: its pictures
depend on the fonts of the machine.  `cli` calls this room; ``touchsim reproduce`` reads it back.
"""

from __future__ import annotations

import errno
import glob
import hashlib
import json
import os
import platform
import shutil
import sys
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from touchsim.documents import Document, missing, read_document
from touchsim.errors import BadInput, Finding

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "MANIFEST", "REPORT", "Manifest", "OutputFolder", "difference", "digest", "digests", "read_manifest", "versions",
]  # fmt: skip

MANIFEST, REPORT, PICTURES = "manifest.json", "report.html", "pictures"
_LIBRARIES = ("duckdb", "numba", "numpy", "pandas", "pyarrow", "pydantic", "scipy", "simpy", "statsmodels")


class Manifest(Document):
    """One run of one command; see the module."""

    touchsim: str
    command: str
    arguments: dict[str, bool | int | float | str | tuple[str, ...] | None]
    scenario: str | None = None
    texts: dict[str, str] = {}
    inputs: dict[str, str] = {}
    versions: dict[str, str] = {}
    files: dict[str, str] = {}

    def same_run(self, other: Manifest) -> bool:
        """Whether two runs must give the same files: equal command, arguments, inputs and version of touchsim."""
        keys = ("touchsim", "command", "arguments", "scenario", "texts", "inputs")
        return all(getattr(self, key) == getattr(other, key) for key in keys)


def read_manifest(folder: str | Path) -> Manifest:
    """Read the manifest of a run; `BadInput` when the folder holds none."""
    path = Path(folder) / MANIFEST
    if not path.is_file():
        law = "holds no manifest.json, so it is no run" if Path(folder).is_dir() else "no such folder"
        raise BadInput(Finding("", law, file=str(folder)))
    return read_document(Manifest, path)


def versions() -> dict[str, str]:
    """Versions of Python and of the libraries that can change a number."""
    return {"python": ".".join(map(str, sys.version_info[:3]))} | {name: metadata.version(name) for name in _LIBRARIES}


def digest(path: str | Path) -> str:
    """SHA-256 of a file, in hex; `BadInput` when it cannot be read."""
    if not Path(path).exists():
        raise BadInput(missing(path))
    try:
        with open(path, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise BadInput(Finding("", f"cannot be read: {_reason(error)}", file=str(path))) from None


def digests(folder: Path) -> dict[str, str]:
    """SHA-256 of every file of a run but its manifest, its report and the report's pictures, by name."""
    names = sorted(path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    kept = (name for name in names if name.parts[0] != PICTURES and name.as_posix() not in (MANIFEST, REPORT))
    return {name.as_posix(): digest(folder / name) for name in kept}


class OutputFolder:
    """A folder that appears whole, or not at all.

    Parameters
    ----------
    path : str or Path
        The folder asked for; its parents are made when missing.
    manifest : Manifest, optional
        What is run; `files` and `versions` are filled in at the end.  Without one the folder must be new or empty.

    Raises
    ------
    BadInput
        On entering, before any work: the folder cannot be written or holds something else than the same run.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as parent:
    ...     with OutputFolder(f"{parent}/run", Manifest(touchsim="0", command="run", arguments={})) as out:
    ...         _ = (out.folder / "answer.txt").write_text("42")
    ...     sorted(path.name for path in Path(parent, "run").iterdir())
    ['answer.txt', 'manifest.json']
    """

    def __init__(self, path: str | Path, manifest: Manifest | None = None) -> None:
        self.path = Path(path)
        self.manifest = manifest
        self.folder = self.path.parent / f".{self.path.name}.{platform.node()}-{os.getpid()}.part"
        self._made: list[Path] = []

    def __enter__(self) -> Self:
        try:
            self._check()
            missing = [parent for parent in self.path.absolute().parents if not parent.exists()]
            for parent in reversed(missing):
                parent.mkdir()
                self._made.append(parent)
            self._sweep()
            self.folder.mkdir()
        except OSError as error:
            self._forget()
            raise self._bad(f"cannot be written: {_reason(error)}") from None
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            self._forget()
            if isinstance(error, OSError) and self._concerns_us(error):
                raise self._bad(f"cannot be written: {_reason(error)}") from error
            return
        try:
            if self.manifest is not None:
                whole = self.manifest.model_copy(update={"files": digests(self.folder), "versions": versions()})
                text = json.dumps(whole.model_dump(mode="json"), indent=1, ensure_ascii=False)
                self.text(MANIFEST, f"{text}\n")
            self._publish()
        except OSError as fault:
            self._forget()
            raise self._bad(f"cannot be written: {_reason(fault)}") from None

    def table(self, name: str, frame: pd.DataFrame) -> None:
        """Write a frame as ``name.csv`` and ``name.parquet``."""
        plain = frame.copy(deep=False)
        plain.attrs = {}
        plain.to_csv(self.folder / f"{name}.csv", index=False)
        plain.to_parquet(self.folder / f"{name}.parquet", index=False)

    def text(self, name: str, text: str) -> None:
        """Write a text file."""
        (self.folder / name).write_text(text, encoding="utf-8")

    def _check(self) -> None:
        """Refuse a place that holds something else."""
        if not os.path.lexists(self.path):
            return
        if not self.path.is_dir():
            raise self._bad("is a file, must be a folder")
        if self.manifest is not None and (self.path / MANIFEST).is_file():
            try:
                there = read_manifest(self.path)
                untouched = there.same_run(self.manifest) and set(digests(self.path)) <= set(there.files)
            except BadInput:
                untouched = False
            if not untouched:
                raise self._bad("holds another run, which is never overwritten", "choose another folder or remove it")
        elif any(self.path.iterdir()):
            raise self._bad("holds other files, which are never overwritten", "choose another folder")
        if not os.access(self.path, os.W_OK):
            raise self._bad("cannot be written: permission denied")

    def _publish(self) -> None:
        """Put the whole folder in its place; an equal run or an empty folder that stands there gives way."""
        if not self.path.exists():
            self.folder.rename(self.path)
            return
        aside = self.folder.with_suffix(".old")
        self.path.rename(aside)
        self.folder.rename(self.path)
        shutil.rmtree(aside, ignore_errors=True)

    def _sweep(self) -> None:
        """Remove what runs of this machine left here when they were killed; where processes can be asked for."""
        if os.name != "posix":
            return
        for left in self.path.parent.glob(f".{glob.escape(self.path.name)}.{glob.escape(platform.node())}-*.part"):
            number = left.stem.rpartition("-")[2]
            if number.isdecimal() and not _lives(int(number)):
                shutil.rmtree(left, ignore_errors=True)

    def _forget(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
        for parent in reversed(self._made):
            try:
                parent.rmdir()
            except OSError:
                break

    def _concerns_us(self, error: OSError) -> bool:
        """Whether a failure is that of writing here: a full or read-only disk, or a file of this folder."""
        full = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EFBIG)
        return full or str(error.filename or "").startswith(str(self.folder))

    def _bad(self, law: str, hint: str | None = None) -> BadInput:
        return BadInput(Finding("", law, hint=hint, file=str(self.path)))


def difference(one: Manifest, other: Manifest) -> list[str]:
    """Sentences on what differs between two runs of the same command; empty when every file is identical.

    Examples
    --------
    >>> a = Manifest(touchsim="0", command="run", arguments={}, files={"kpis.csv": "12"})
    >>> difference(a, a.model_copy(update={"files": {"kpis.csv": "34"}}))
    ['kpis.csv differs']
    """
    found = [f"{name} differs" for name, sha in one.files.items() if other.files.get(name, sha) != sha]
    found += [f"{name} is missing now" for name in one.files if name not in other.files]
    found += [f"{name} is new" for name in other.files if name not in one.files]
    if found:
        pairs: Mapping[str, tuple[str | None, str | None]] = {
            name: (one.versions.get(name), other.versions.get(name)) for name in one.versions | other.versions
        } | {"touchsim": (one.touchsim, other.touchsim)}
        found += [f"{name} was {old}, is {new}" for name, (old, new) in pairs.items() if old != new]
    return found


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return process != os.getpid()


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()
