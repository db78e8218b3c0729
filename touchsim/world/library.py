"""The library of ready touchpoints as a table: what there is to choose from, and what an entry says in full.

    touchpoints()        one row per entry: where it is, who starts it, which steps of buying it serves
    fields_of("phone")   one row per field of one entry: its value, from the library or the general default, and why

The entries stand in ``data/touchpoints.yaml`` and are completed by the defaults of `touchpoints.Touchpoint`.  Called
from notebooks, and by the command ``touchsim touchpoints``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from touchsim.documents import BadInput, Finding, defaults_of, nearest
from touchsim.vocabulary import CHANNELS, NEEDS, STEPS, keys, step_of
from touchsim.world.touchpoints import Touchpoint, library, ready_touchpoint

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["fields_of", "touchpoints"]

COLUMNS = ["key", "label", "channel", "online", "nature", "managed", "started_by", "mode", "steps", "needs", "capacity",
           "cost", "cost_per_day", "message"]  # fmt: skip
_OURS = "assumption of the library, to vary"
_MEANT = {
    "channel": "by what it reaches people", "online": "over the internet", "nature": "digital, analogue or physical",
    "started_by": "customer or brand", "mode": "sync: at once, with a line; async: an inbox",
    "facets": "evidence shown on each facet, in z; assumptions", "risk.label": "what may go wrong",
}  # fmt: skip


def touchpoints(*, channel: str | None = None, step: str | None = None) -> pd.DataFrame:
    """List the ready touchpoints that a scenario may name.

    Parameters
    ----------
    channel : str, optional
        Only those of this channel.
    step : str, optional
        Only those that serve this step of buying, or this need of after-sales.

    Returns
    -------
    DataFrame
        One row per entry, in the order of the channels; columns key, label, channel, online, nature, managed,
        started_by, mode, steps, needs, capacity (none: no limit), cost and cost_per_day (of each server), message (s).

    Raises
    ------
    BadInput
        An unknown channel or step, with the nearest one.

    Examples
    --------
    >>> touchpoints(channel="phone")["key"].tolist()
    ['phone_order', 'phone', 'sales_call']
    """
    import pandas as pd

    findings = []
    for name, word, words in (("channel", channel, keys(CHANNELS)), ("step", step, keys((*STEPS, *NEEDS)))):
        if word is not None and word not in words:
            known = dict.fromkeys(words)
            hint = nearest(word, known) or f"known: {', '.join(known)}"
            findings.append(Finding(name, f"there is no such {name}", got=str(word), hint=hint))
    if findings:
        raise BadInput(findings)
    rows = []
    for key in library():
        place = ready_touchpoint(key)
        steps = dict.fromkeys(step_of(need) for need in place.serves)
        if (channel is None or place.channel == channel) and (step is None or step in (*steps, *place.serves)):
            rows.append({
                "key": key, "label": place.label or key.replace("_", " "), "channel": place.channel,
                "online": place.online, "nature": place.nature, "managed": place.managed,
                "started_by": place.started_by, "mode": place.mode, "steps": ", ".join(steps),
                "needs": ", ".join(place.serves), "capacity": place.capacity, "cost": place.cost,
                "cost_per_day": place.cost_per_day, "message": place.message * 86_400.0,
            })  # fmt: skip
    table = pd.DataFrame(rows, columns=COLUMNS).astype({"capacity": "Int64"})
    order = table["channel"].map(keys(CHANNELS).index)
    return table.iloc[order.argsort(kind="stable")].reset_index(drop=True)


def fields_of(key: str) -> pd.DataFrame:
    """Say everything of one ready touchpoint.

    Parameters
    ----------
    key : str
        Of the library.

    Returns
    -------
    DataFrame
        One row per field, in the order of a scenario file; columns field, value (as a file writes it; empty: none),
        source (``library`` or ``default``), why.

    Raises
    ------
    BadInput
        An unknown key, with the nearest one.

    Examples
    --------
    >>> table = fields_of("sms").set_index("field")
    >>> table.loc["cost"].tolist()
    ['0.07', 'library', 'assumption of the library, to vary']
    >>> table.loc["reach"].tolist()
    ['1', 'default', 'assumption: probability of being considered at all']
    """
    import pandas as pd

    if key not in library():
        hint = nearest(key, library()) or "touchsim touchpoints lists them"
        raise BadInput(Finding("touchpoint", "is not in the library", got=str(key), hint=hint))
    said = library()[key]
    why = {path: text.removeprefix("assumption: ") for path, _, _, text in defaults_of(Touchpoint) if text}
    rows: list[tuple[str, str, str, str]] = []
    for name, value in ready_touchpoint(key).model_dump(mode="json").items():
        if name == "like" or (name == "label" and name not in said):
            continue
        parts = value if name in ("offer", "risk") else {"": value}
        for part, inner in parts.items():
            field, ours = (f"{name}.{part}", part in said.get(name, {})) if part else (name, name in said)
            meant = _MEANT.get(field) or Touchpoint.model_fields[name].description or ""
            if ours:
                reason = meant if field in _MEANT or isinstance(inner, bool) or name in ("label", "serves") else _OURS
            else:
                reason = f"assumption: {why[field]}" if field in why else meant
            rows.append((field, _written(inner), "library" if ours else "default", reason))
    return pd.DataFrame(rows, columns=["field", "value", "source", "why"])


def _written(value: Any) -> str:
    """Write a value as a file does."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        body = ", ".join(f"{name}: {_written(part)}" for name, part in value.items() if part is not None)
        return f"{{{body}}}" if body else ""
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(_written(part) for part in value)}]"
    return f"{value:g}" if isinstance(value, float) else str(value)
