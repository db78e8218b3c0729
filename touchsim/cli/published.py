"""What ``study --moments`` checks before it works; see `commands` for the options."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from touchsim.errors import BadInput, Finding
from touchsim.study.published import published_path

__all__ = ["table_asked"]


def table_asked(
    moments: Path, model: Path | None, others: Mapping[str, Any], findings: list[Finding]
) -> tuple[Path, Path]:
    """Return where table and model lie; `BadInput` when other options were given, which a table does not go with."""
    findings = findings + [Finding(name, "cannot go with --moments", got=str(value), hint="leave it out")
                           for name, value in others.items() if value is not None]  # fmt: skip
    if model is None:
        findings.append(Finding("--model", "is required: the two go together"))
    if findings or model is None:
        raise BadInput(findings)
    return published_path(moments), model
