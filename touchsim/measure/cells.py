"""The cells of the touchpoint map, replication by replication: step of buying x channel, in four lanes.

Lemon & Verhoef (2016) and the practice of journey mapping ask of each cell what the brand shows there, what the
customer does, what the brand says, and how it feels.  Each is counted from the contacts of one replication:

    features         quality      mean over the facets shown in served contacts, of what the touchpoint shows (z)
    interactions     asked        contacts that customers started; served, abandoned, turned away are shares of them
    communication    sent         contacts that the brand started; noticed is a share of them, seconds the mean time
                                  that a served one took
    emotions         emotion      mean over the contacts that left a feeling; negative is the share of them below 0

A sum over nothing is zero, a ratio over nothing is null.  `quality` is what the scenario says a touchpoint shows,
weighed by how often it was met there; what waits, lateness and the refund add on the day is in the emotion.

Called by `touchsim.measure.touchpoint_map` (means with intervals), `touchsim.measure.features` and
`touchsim.measure.map_difference` (pairs).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from touchsim import vocabulary as words
from touchsim.log.eventlog import EventLog
from touchsim.measure.contacts import contacts_cube, rolled_up
from touchsim.measure.database import open_database, runs_of, touchpoints_of

__all__ = ["ADDS_UP", "BOUNDS", "SPARSE_BELOW", "Cells", "cells_of"]

SPARSE_BELOW = 30
"""Contacts over all replications under which a cell of the map is flagged as sparse."""

BOUNDS: dict[str, tuple[float | None, float | None]] = {
    "contacts": (0.0, None), "wait_minutes": (0.0, None), "cost": (0.0, None), "emotion": (-1.0, 1.0),
    "quality": (None, None), "asked": (0.0, None), "served": (0.0, 1.0), "abandoned": (0.0, 1.0),
    "turned_away": (0.0, 1.0), "sent": (0.0, None), "noticed": (0.0, 1.0), "seconds": (0.0, None),
    "negative": (0.0, 1.0),
}  # fmt: skip
"""Values of a cell, each with the least and the most that it can be."""

ADDS_UP = ("contacts", "cost", "asked", "sent")
"""Values that are sums: a cell in which nothing happened has none of them, where the others are unknown."""


@dataclass(frozen=True)
class Cells:
    """The cells of a log in which anything happened, steps first, then channels, in the order of the vocabulary.

    Parameters
    ----------
    values : DataFrame
        One row per replication and cell: ``replication, cell, step, channel`` and the columns of `BOUNDS`.
    shown : DataFrame
        One row per replication, cell and facet that was shown there: ``replication, cell, step, channel, facet``,
        ``contacts`` (served ones), ``share`` (of the served ones of the cell) and ``quality``.
    contacts : Series
        Contacts of each cell over all replications.
    replications : list of int
    """

    values: pd.DataFrame
    shown: pd.DataFrame
    contacts: pd.Series
    replications: list[int]


def cells_of(log: EventLog, segment: str | None = None) -> Cells:
    """Count the cells of a log, or of the contacts of one segment, replication by replication."""
    with open_database(log) as connection:
        replications = [int(number) for number in runs_of(log, connection)["replication"]]
        cube = contacts_cube(connection, touchpoints_of(log))
    if segment is not None:
        cube = cube[cube["segment"].astype(str) == segment].copy()
    cube["cell"] = cube["step"].astype(str) + "/" + cube["channel"].astype(str)
    order = [f"{step}/{channel}" for step in words.keys(words.STEPS) for channel in words.keys(words.CHANNELS)]
    cells = [cell for cell in order if cell in set(cube["cell"])]
    sums = rolled_up(cube, ["cell"], replications, cells)
    shown = _shown(cube, log, replications, cells, sums["served"])
    values = _values(sums).assign(quality=_quality(shown, sums.index)).reset_index()
    return Cells(_placed(values)[["replication", "cell", "step", "channel", *BOUNDS]], _placed(shown),
                 sums["contacts"].groupby("cell", sort=False).sum(), replications)  # fmt: skip


def _values(sums: pd.DataFrame) -> pd.DataFrame:
    def over(top: str, below: str) -> pd.Series:
        return sums[top] / sums[below].where(sums[below] > 0)

    return pd.DataFrame({
        "contacts": sums["contacts"].astype(float), "wait_minutes": over("line_wait", "line_served") * 1440,
        "cost": sums["cost_cents"] / 100, "emotion": over("emotion", "emotions"), "asked": sums["asked"].astype(float),
        "served": over("asked_served", "asked"), "abandoned": over("asked_abandoned", "asked"),
        "turned_away": over("asked_turned_away", "asked"), "sent": sums["sent"].astype(float),
        "noticed": 1 - over("sent_unnoticed", "sent"), "seconds": over("sent_days", "sent_served") * 86400,
        "negative": over("negative", "emotions"),
    })  # fmt: skip


def _shown(
    cube: pd.DataFrame, log: EventLog, replications: list[int], cells: list[str], served: pd.Series
) -> pd.DataFrame:
    """Facets that served contacts showed, cell by cell; a facet that was ever shown in a cell has a row in all runs."""
    known = log.provenance.get("touchpoints", {})
    rows = [(place, facet, mean) for place, facts in known.items() for facet, mean in facts.get("facets", {}).items()]
    facets = pd.DataFrame(rows, columns=["touchpoint", "facet", "quality"])
    facets = facets.astype({"touchpoint": str, "facet": str, "quality": float})
    met = cube.assign(touchpoint=cube["touchpoint"].astype(str)).merge(facets, on="touchpoint")
    met["quality"] *= met["served"]
    sums = met[met["served"] > 0].groupby(["replication", "cell", "facet"])[["served", "quality"]].sum()
    rank = {key: place for place, key in enumerate(words.keys(words.FACETS))}
    pairs = sorted({(cells.index(cell), rank.get(facet, len(rank)), facet) for _, cell, facet in sums.index})
    index = pd.MultiIndex.from_tuples(
        [(number, cells[place], facet) for number in replications for place, _, facet in pairs],
        names=["replication", "cell", "facet"],
    )
    table = sums.reindex(index, fill_value=0).reset_index()
    below = served.reindex(pd.MultiIndex.from_frame(table[["replication", "cell"]])).to_numpy(float)
    count = table["served"].astype(float)
    table["share"] = count / pd.Series(below).where(below > 0)
    table["quality"] /= count.where(count > 0)
    return table.assign(contacts=count).drop(columns="served")


def _quality(shown: pd.DataFrame, index: pd.Index[Any]) -> pd.Series:
    """Mean quality over everything shown in a cell."""
    parts = shown.assign(total=(shown["quality"] * shown["contacts"]).fillna(0.0)).groupby(["replication", "cell"])
    sums = parts[["total", "contacts"]].sum()
    return (sums["total"] / sums["contacts"].where(sums["contacts"] > 0)).reindex(index)


def _placed(table: pd.DataFrame) -> pd.DataFrame:
    """Write step and channel beside the name of a cell."""
    parts = table["cell"].str.split("/", n=1)
    return table.assign(step=parts.str[0], channel=parts.str[1])
