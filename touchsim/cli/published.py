"""What ``study --moments`` checks before it works; see `commands` for the options."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from touchsim.cli.options import _inputs as inputs_of
from touchsim.documents import dump_yaml
from touchsim.errors import BadInput, Finding
from touchsim.manifest import digest
from touchsim.study.catalogue import Fact, fact_of, facts, load_fact, name_of
from touchsim.study.published import published_path

__all__ = ["listing", "manifest_of", "table_asked"]


def table_asked(
    moments: Path, model: Path | None, others: Mapping[str, Any], findings: list[Finding]
) -> tuple[Path, Path | Fact]:
    """Return where table and model lie, or the entry of the catalogue that brings the model.

    `BadInput` when other options were given, which a table does not go with, or when nothing brings a model.
    """
    findings = findings + [Finding(name, "cannot go with --moments", got=str(value), hint="leave it out")
                           for name, value in others.items() if value is not None]  # fmt: skip
    known = fact_of(moments)
    asked = known if model is None and known is not None and known.kind == "moments" else model
    if asked is None:
        hint = "only tables of the catalogue bring one: touchsim facts"
        findings.append(Finding("--model", "is required: the two go together", hint=hint))
    try:
        table = published_path(moments)
    except BadInput as bad:
        findings = [item for item in findings if item.where != "--model"] + list(bad.findings)
    if findings or asked is None:
        raise BadInput(findings)
    return table, asked


def manifest_of(table: Path, asked: Path | Fact) -> tuple[dict[str, Any], dict[str, dict[str, str]]]:
    """Arguments and files of a study of a table, for its manifest; one of the catalogue goes by its name."""
    told = name_of(table) or str(table)
    if isinstance(asked, Path):
        kept = inputs_of(table, asked)
        return {"moments": told, "model": str(asked)}, kept | {"inputs": {told: kept["inputs"][str(table)]}}
    name = f"{table.stem}.yaml"
    kept = {"inputs": {told: digest(table)}, "texts": {name: dump_yaml(asked.model)}} if asked.model else {}
    return {"moments": told, "model": name, "ready": True}, kept


def listing(name: str | None) -> str:
    """List the tables of the catalogue, or say all that is known of one."""
    if name is not None:
        return load_fact(name).text
    rows = facts().to_dict("records")
    wide = max(len(row["name"]) for row in rows)
    return "\n".join(f"{row['name']:{wide}}  {row['n']:>7,}  {row['what']}" for row in rows)
