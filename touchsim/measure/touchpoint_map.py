"""The touchpoint map: a plane of buying steps and channels, computed from what happened.

Practitioners pin such maps to the wall; here each cell is counted: how many contacts, how long the waits, what they
cost, how they felt, each a mean over replications with its 95 % t interval (`touchsim.measure.intervals`; cut where a
value cannot be).  A cell with few contacts is flagged as sparse rather than left out.

Called by users, the command line and reports; `touchsim.plots.touchpoint_map` draws it.
"""

from __future__ import annotations

import pandas as pd

from touchsim import vocabulary as words
from touchsim.errors import verb
from touchsim.log.eventlog import EventLog
from touchsim.measure.contacts import contacts_cube, rolled_up
from touchsim.measure.database import open_database, runs_of, touchpoints_of
from touchsim.measure.intervals import over_replications, signed
from touchsim.plots.frames import MapFrame

__all__ = ["SPARSE_BELOW", "touchpoint_map"]

SPARSE_BELOW = 30
"""Contacts over all replications under which a cell of the map is flagged as sparse."""

_BOUNDS = {"contacts": (0.0, None), "wait": (0.0, None), "cost": (0.0, None), "emotion": (-1.0, 1.0)}


@verb
def touchpoint_map(log: EventLog) -> MapFrame:
    """Lay the contacts out on the plane of buying steps and channels.

    Returns
    -------
    MapFrame
        A DataFrame whose ``.plot(ax=None, value="emotion")`` draws the map.  One row per cell in which a contact
        happened, steps first, then channels, in the order of the vocabulary: ``step, channel``, ``contacts`` and
        ``cost`` (currency units) per replication, ``wait_minutes`` (served contacts where one can wait, else null),
        ``emotion`` (-1..1), each with ``_low`` and ``_high`` (``wait_low, wait_high`` for the wait), ``sparse``
        (fewer than 30 contacts in all) and ``replications``.
    """
    with open_database(log) as connection:
        replications = [int(number) for number in runs_of(log, connection)["replication"]]
        cube = contacts_cube(connection, touchpoints_of(log))
    cube["cell"] = cube["step"].astype(str) + "/" + cube["channel"].astype(str)
    order = [f"{step}/{channel}" for step in words.keys(words.STEPS) for channel in words.keys(words.CHANNELS)]
    cells = [cell for cell in order if cell in set(cube["cell"])]
    sums = rolled_up(cube, ["cell"], replications, cells)
    values = {
        "contacts": sums["contacts"].astype(float), "cost": sums["cost_cents"] / 100,
        "wait": sums["line_wait"] / sums["line_served"].where(sums["line_served"] > 0) * 1440,
        "emotion": sums["emotion"] / sums["emotions"].where(sums["emotions"] > 0),
    }  # fmt: skip
    table = pd.DataFrame({"cell": cells})
    table["step"], table["channel"] = ([cell.split("/")[axis] for cell in cells] for axis in (0, 1))
    for name, (least, most) in _BOUNDS.items():
        part = over_replications(values[name].rename("value").reset_index(), ["cell"])
        table["wait_minutes" if name == "wait" else name] = part["value"].to_numpy()
        table[f"{name}_low"] = part["low"].clip(lower=least).to_numpy()
        table[f"{name}_high"] = part["high"].clip(upper=most).to_numpy()
    table["sparse"] = (sums["contacts"].groupby("cell", sort=False).sum() < SPARSE_BELOW).to_numpy()
    table["replications"] = len(replications)
    return signed(MapFrame(table.drop(columns="cell")), log.provenance, "Touchpoint map: steps of buying by channels")
