"""The touchpoint map: a plane of buying steps and channels, computed from what happened.

Practitioners pin such maps to the wall; here each cell is counted: how many contacts, how long the waits, what they
cost, how they felt, and in four lanes what was shown, what customers did, what the brand said and what was felt
(`touchsim.measure.cells` defines each), every value a mean over replications with its 95 % t interval
(`touchsim.measure.intervals`; cut where a value cannot be).  A cell with few contacts is flagged as sparse rather than
left out.

Called by users, the command line and reports; `touchsim.plots.touchpoint_map` draws one value of it,
`touchsim.plots.lanes` all four lanes.
"""

from __future__ import annotations

import pandas as pd

from touchsim.errors import BadInput, Finding, nearest, verb
from touchsim.log.eventlog import EventLog
from touchsim.measure.cells import BOUNDS, SPARSE_BELOW, Cells, cells_of
from touchsim.measure.intervals import over_replications, signed
from touchsim.plots.frames import MapFrame

__all__ = ["SPARSE_BELOW", "map_of", "touchpoint_map"]

_FIRST = ("contacts", "wait_minutes", "cost", "emotion")


@verb
def touchpoint_map(log: EventLog, *, segment: str | None = None) -> MapFrame:
    """Lay the contacts out on the plane of buying steps and channels.

    Parameters
    ----------
    log : EventLog
        In memory or opened from a run folder.
    segment : str, optional
        Only the contacts of this segment: which channels fit it, and which do not; all of them unless said.

    Returns
    -------
    MapFrame
        A DataFrame whose ``.plot(ax=None, value="emotion")`` draws the map, ``.plot(value="lanes")`` all of it.  One
        row per cell in which a contact happened, steps first, then channels, in the order of the vocabulary:
        ``step, channel``, ``contacts`` and ``cost`` (currency units) per replication, ``wait_minutes`` (served
        contacts where one can wait, else null), ``emotion`` (-1..1), ``sparse`` (fewer than 30 contacts in all),
        ``replications``; then the four lanes: ``facets`` (shown there, comma between them, most often shown first) and
        their ``quality`` (z); ``asked`` (contacts that customers started) with the shares ``served, abandoned,
        turned_away``; ``sent`` (contacts that the brand started) with the share ``noticed`` and the ``seconds`` that a
        served one took; ``negative`` (share of felt contacts below 0).  Every number has its ``_low`` and ``_high``
        (``wait_low, wait_high`` for the wait); a ratio over nothing is null.

    Raises
    ------
    BadInput
        A segment that the log does not know.

    Examples
    --------
    >>> import touchsim as ts
    >>> cells = ts.touchpoint_map(ts.simulate(ts.load_scenario("corner_shop"), customers=50))
    >>> cells.loc[cells["channel"] == "phone", ["step", "facets"]].values.tolist()
    [['after_sales', 'responsiveness']]
    """
    known = list(log.provenance.get("segments", {}))
    if segment is not None and segment not in known:
        hint = nearest(segment, known) or f"one of {', '.join(known)}"
        raise BadInput(Finding("segment", "is no segment of this log", got=str(segment), hint=hint))
    return map_of(cells_of(log, segment), log)


def map_of(cells: Cells, log: EventLog) -> MapFrame:
    """Average the cells of a log over its replications."""
    once = cells.values.drop_duplicates("cell").reset_index(drop=True)
    table = once[["step", "channel"]].copy()
    table = _averaged(table, cells, _FIRST)
    table["sparse"] = (cells.contacts.reindex(once["cell"]) < SPARSE_BELOW).to_numpy()
    table["replications"] = len(cells.replications)
    total = cells.shown.groupby(["cell", "facet"], sort=False)["contacts"].sum().reset_index()
    total = total.sort_values("contacts", ascending=False, kind="stable")
    named = total.groupby("cell")["facet"].agg(", ".join)
    table["facets"] = named.reindex(once["cell"]).fillna("").to_numpy()
    table = _averaged(table, cells, tuple(name for name in BOUNDS if name not in _FIRST))
    return signed(MapFrame(table), log.provenance, "Touchpoint map: steps of buying by channels")


def _averaged(table: pd.DataFrame, cells: Cells, names: tuple[str, ...]) -> pd.DataFrame:
    """Append values, each with the ends of its interval."""
    columns = {}
    for name in names:
        least, most = BOUNDS[name]
        part = over_replications(cells.values, ["cell"], name)
        short = name.removesuffix("_minutes")
        columns[name] = part["value"].to_numpy()
        columns[f"{short}_low"] = part["low"].clip(lower=least).to_numpy()
        columns[f"{short}_high"] = part["high"].clip(upper=most).to_numpy()
    return table.assign(**columns)
