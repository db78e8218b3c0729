"""The first lane of the touchpoint map, facet by facet: what a cell shows, to how many, and how good it is.

A row of this table is a facet in a cell.  `quality` is the mean over served contacts of what the scenario says the
touchpoints of that cell show (z); it varies over replications only where several touchpoints share a cell and are met
in another mix.  A log that does not say what its touchpoints show (a real one) has no rows.

Called by the command line and by the map page; the map itself holds the mean over facets (`touchsim.measure.cells`).
"""

from __future__ import annotations

import pandas as pd

from touchsim.errors import verb
from touchsim.log.eventlog import EventLog
from touchsim.measure.cells import SPARSE_BELOW, Cells, cells_of
from touchsim.measure.intervals import over_replications, signed

__all__ = ["features_of", "features_shown"]

_BOUNDS: dict[str, tuple[float | None, float | None]] = {
    "contacts": (0.0, None), "share": (0.0, 1.0), "quality": (None, None),
}  # fmt: skip


@verb
def features_shown(log: EventLog) -> pd.DataFrame:
    """List the facets that each cell of the touchpoint map shows.

    Returns
    -------
    DataFrame
        One row per step, channel and facet shown there in a served contact: ``step, channel, facet``, ``contacts``
        (served ones that showed it, per replication), ``share`` (of the served contacts of the cell), ``quality`` (z),
        each with ``_low`` and ``_high``; ``sparse`` (fewer than 30 such contacts in all) and ``replications``.

    Examples
    --------
    >>> import touchsim as ts
    >>> table = features_shown(ts.simulate(ts.load_scenario("corner_shop"), customers=50))
    >>> table.loc[table["channel"] == "phone", ["facet", "share", "quality"]].values.tolist()
    [['responsiveness', 1.0, 0.3]]
    """
    return features_of(cells_of(log), log)


def features_of(cells: Cells, log: EventLog) -> pd.DataFrame:
    """List the facets of cells that have been counted already."""
    keys = ["step", "channel", "facet"]
    table = cells.shown[keys].drop_duplicates().reset_index(drop=True)
    columns = {}
    for name, (least, most) in _BOUNDS.items():
        part = over_replications(cells.shown, keys, name)
        columns[name] = part["value"].to_numpy()
        columns[f"{name}_low"] = part["low"].clip(lower=least).to_numpy()
        columns[f"{name}_high"] = part["high"].clip(upper=most).to_numpy()
    total = cells.shown.groupby(keys, sort=False)["contacts"].sum().to_numpy()
    table = table.assign(**columns, sparse=total < SPARSE_BELOW, replications=len(cells.replications))
    return signed(table, log.provenance, "Product features shown")
