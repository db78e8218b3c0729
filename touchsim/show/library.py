"""The library of ready touchpoints in words: the lines that ``touchsim touchpoints`` prints.

    listing    one line per touchpoint: where it is, who starts it, which steps of buying it serves
    entry      one touchpoint in full: every field, and whether its value is the library's or the general default

The tables come from `world.library`; nothing is worked out here.
"""

from __future__ import annotations

from collections.abc import Sequence

from touchsim.vocabulary import label, step_of
from touchsim.world.library import fields_of, touchpoints

__all__ = ["entry", "listing"]

HEAD = ("key", "label", "channel", "place", "nature", "managed", "started by", "mode", "steps of buying served")
NOT_CHOSEN = "none: the brand sends it"


def listing(*, channel: str | None = None, step: str | None = None) -> str:
    """Lines of the ready touchpoints, as many as fit a channel and a step; `BadInput` as `touchpoints`.

    Examples
    --------
    >>> print(listing(channel="survey").splitlines()[0][:40])
    key          label        channel  place
    """
    rows = [HEAD]
    table = touchpoints(channel=channel, step=step)
    for row in table.to_dict("records"):
        needs = [word for word in row["needs"].split(", ") if word]
        served = [label(word) for word in needs if step_of(word) == word]
        later = [label(word) for word in needs if step_of(word) != word]
        served += [f"{label('after_sales')} ({', '.join(later)})"] if later else []
        rows.append((row["key"], row["label"], label(row["channel"]), "online" if row["online"] else "offline",
                     row["nature"], "managed" if row["managed"] else "spontaneous", row["started_by"], row["mode"],
                     ", ".join(served) or NOT_CHOSEN))  # fmt: skip
    if table.empty:
        return "no ready touchpoint fits; a scenario may say its own"
    many = "1 ready touchpoint" if len(table) == 1 else f"{len(table)} ready touchpoints"
    return "\n".join([*_aligned(rows), "", f"{many}; touchsim touchpoints KEY says all of one"])


def entry(key: str) -> str:
    """Lines of one ready touchpoint: its fields and where each value comes from; `BadInput` as `fields_of`.

    Examples
    --------
    >>> print(entry("banner").splitlines()[0])
    banner: a ready touchpoint; a scenario names it and overrides what differs
    """
    fields = fields_of(key)
    rows = [("field", "value", "from", "why, or what it means"), *fields.itertuples(index=False, name=None)]
    head = f"{key}: a ready touchpoint; a scenario names it and overrides what differs"
    return "\n".join([head, "", *_aligned(rows)])


def _aligned(rows: Sequence[tuple[str, ...]]) -> list[str]:
    """Columns as wide as their longest word; the last one as it is."""
    widths = [max(len(row[n]) for row in rows) for n in range(len(rows[0]) - 1)] + [0]
    return ["  ".join(word.ljust(width) for word, width in zip(row, widths, strict=True)).rstrip() for row in rows]
