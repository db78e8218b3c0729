"""Where a command puts its reporting sheets: beside its tables, with the versions that its manifest will hold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from touchsim.manifest import Manifest, OutputFolder, versions

if TYPE_CHECKING:
    from touchsim.show.forms import ReportingSheet
    from touchsim.world.scenario import Scenario

__all__ = ["sheets_beside"]


def sheets_beside(
    out: OutputFolder, manifest: Manifest, world: Scenario, result: Any, **known: Any
) -> tuple[ReportingSheet, ...]:
    """Write the reporting sheets of a result into the folder of its command, and return them."""
    from touchsim.show.sheets import write_sheets

    held = {"touchsim": manifest.touchsim} | versions()
    return write_sheets(out.folder / "sheets", world, result, versions=held, **known)
