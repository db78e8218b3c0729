"""Interventions: named changes of a scenario, applied to its plain data.

An intervention says only what changes, in the form of the scenario file:

    faster_returns:
      label: refunds within three days
      changes: {touchpoints: {return_desk: {handling: 3 days, steps: 2}}}

Mappings are merged key by key, anything else is replaced; a law of duration is replaced as a whole; ``null`` takes a
key away.  A limit of a touchpoint (``capacity``, ``line``, ``open``) that is ``null`` is lifted, also where the library
of ready touchpoints has one: no limit, always open.  `scenario.Scenario.with_` applies them and validates
the result as a new scenario.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import Field

from touchsim.documents import Document

__all__ = ["Intervention", "changed"]


class Intervention(Document):
    """A named change."""

    label: str = ""
    changes: dict[str, Any] = Field(min_length=1)


_LIFTED: dict[str, Any] = {"capacity": None, "line": None, "open": {}}
"""Limits of a touchpoint, and what stands there without a limit; a key that is gone would bring the library's back."""


def changed(data: Any, changes: Any, *, within: tuple[str, ...] = ()) -> Any:
    """Return plain data with changes applied; neither argument is touched; `within` says where in a scenario it is.

    Examples
    --------
    >>> changed({"phone": {"capacity": 3, "line": 9}}, {"phone": {"capacity": 6, "line": None}})
    {'phone': {'capacity': 6}}
    >>> changed({"touchpoints": {"phone": {"capacity": 3}}}, {"touchpoints": {"phone": {"capacity": None}}})
    {'touchpoints': {'phone': {'capacity': None}}}
    """
    if not isinstance(changes, Mapping) or not isinstance(data, Mapping) or "law" in changes:
        return changes
    merged = dict(data)
    of_touchpoint = len(within) == 2 and within[0] == "touchpoints"
    for key, change in changes.items():
        if change is None and of_touchpoint and key in _LIFTED:
            merged[key] = _LIFTED[key]
        elif change is None:
            merged.pop(key, None)
        else:
            merged[key] = changed(merged[key], change, within=(*within, key)) if key in merged else change
    return merged
