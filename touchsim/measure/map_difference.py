"""The touchpoint map as it is against the map as it could be: cell by cell, paired replication by replication.

Replication r of both worlds was played with the same seed and number, so that the same people met the same luck
(common random numbers).  For a value with b_r in the base and v_r in the variant

    d_r = v_r - b_r,    mean(d) +- t(0.975; R - 1) * sd(d) / sqrt(R)          (Law 2015, section 10.2)

A sum (contacts, cost) over a cell in which nothing happened is zero; a ratio (wait, emotion, shares) is unknown there,
and its pair is left out.  There are as many intervals as cells and values: some will miss their truth by chance.

Called by users and the command line; `touchsim.plots.map_difference` draws it.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from touchsim import vocabulary as words
from touchsim.errors import BadInput, Finding, verb
from touchsim.log.eventlog import EventLog
from touchsim.measure.cells import ADDS_UP, BOUNDS, SPARSE_BELOW, Cells, cells_of
from touchsim.measure.intervals import over_replications, signed
from touchsim.plots.frames import MapDifferenceFrame

__all__ = ["check_pairs", "difference_of", "map_difference"]

_NOISE = 1e-12
"""Relative difference that is only the order in which equal numbers were added."""

_MUST_BE_EQUAL = ("seed", "first_replication", "replications", "customers", "days", "currency", "start")


@verb
def map_difference(base: EventLog, variant: EventLog) -> MapDifferenceFrame:
    """Subtract the touchpoint map of one world from that of another, pair by pair of replications.

    Parameters
    ----------
    base : EventLog
        The world as it is.
    variant : EventLog
        The world as it could be: simulated with the same seed, replications and length.

    Returns
    -------
    MapDifferenceFrame
        A DataFrame whose ``.plot(ax=None, figure="emotion")`` draws it.  One row per cell in which a contact happened
        in either world, and value: ``step, channel, figure`` (contacts, wait_minutes, cost, emotion, quality, asked,
        served, abandoned, turned_away, sent, noticed, seconds, negative), ``base`` and ``value`` (means over the pairs
        in which both are known), ``difference, low, high`` (value less base, paired t interval), ``sparse`` (fewer
        than 30 contacts in all in either world) and ``replications`` (pairs).  A value that no pair knows has no row.

    Raises
    ------
    BadInput
        When the two runs cannot be paired: another seed, number of replications or length; all findings at once.

    Examples
    --------
    >>> import touchsim as ts
    >>> shop = ts.load_scenario("corner_shop")
    >>> base, more = (ts.simulate(one, customers=80, replications=2) for one in (shop, shop.with_("second_assistant")))
    >>> bool((ts.map_difference(base, base)["difference"] == 0).all()), len(ts.map_difference(base, more)) > 20
    (True, True)
    """
    if not isinstance(variant, EventLog):
        raise BadInput(Finding("variant", "must be the log of a run", got=type(variant).__name__,
                               hint="type ts.simulate(scenario.with_(...))"))  # fmt: skip
    check_pairs(base, variant)
    return difference_of(cells_of(base), cells_of(variant), base, variant)


def check_pairs(base: EventLog, variant: EventLog) -> None:
    """Raise `BadInput` when the replications of two runs cannot be paired."""
    findings = [
        Finding(f"variant: {key}", "must be that of the base, so that replications pair up",
                got=f"{_said(there)}, base {_said(here)}", hint="simulate both with the same seed, replications and "
                "customers or days")
        for key in _MUST_BE_EQUAL
        if (here := base.provenance.get(key)) != (there := variant.provenance.get(key))
    ]  # fmt: skip
    if findings:
        raise BadInput(findings)


def difference_of(ours: Cells, theirs: Cells, base: EventLog, variant: EventLog) -> MapDifferenceFrame:
    """Subtract cells that have been counted already."""
    if ours.replications != theirs.replications:
        raise BadInput(Finding("variant", "must have the replications of the base", got=f"{theirs.replications}"))
    names = {*ours.values["cell"], *theirs.values["cell"]}
    order = [f"{step}/{channel}" for step in words.keys(words.STEPS) for channel in words.keys(words.CHANNELS)]
    index = pd.MultiIndex.from_product([ours.replications, [cell for cell in order if cell in names], list(BOUNDS)],
                                       names=["replication", "cell", "figure"])  # fmt: skip
    pairs = pd.DataFrame({"base": _tall(ours.values, index), "value": _tall(theirs.values, index)}).reset_index()
    both = pairs["base"].notna() & pairs["value"].notna()
    pairs[["base", "value"]] = pairs[["base", "value"]].where(both)
    apart = pairs["value"] - pairs["base"]
    pairs["difference"] = apart.where(~(apart.abs() <= _NOISE * pairs["base"].abs()), 0.0)
    by = ["cell", "figure"]
    table = over_replications(pairs, by, "difference").rename(columns={"value": "difference"})
    for side in ("base", "value"):
        table[side] = over_replications(pairs, by, side)["value"]
    few = [side.contacts.reindex(table["cell"]).fillna(0).to_numpy() < SPARSE_BELOW for side in (ours, theirs)]
    parts = table["cell"].str.split("/", n=1)
    table = table.assign(step=parts.str[0], channel=parts.str[1], sparse=np.logical_or(*few))
    table = table[table["replications"] > 0].reset_index(drop=True)
    columns = ["step", "channel", "figure", "base", "value", "difference", "low", "high", "sparse", "replications"]
    signed(table, base.provenance, "Difference of two touchpoint maps")
    applied = [str(item) for item in variant.provenance.get("interventions", [])]
    known = len(base.provenance.get("interventions", []))
    frame = MapDifferenceFrame(table[columns])
    frame.attrs = table.attrs | {
        "variant": " + ".join(applied[known:]) or str(variant.provenance.get("scenario", "")),
        "variant_provenance": dict(variant.provenance),
    }
    return frame


def _tall(values: pd.DataFrame, index: pd.MultiIndex) -> pd.Series:
    """One value a row, in the order of `index`; sums of a cell in which nothing happened are zero."""
    wide = values.melt(["replication", "cell"], list(BOUNDS), "figure", "known")
    tall = wide.set_index(["replication", "cell", "figure"])["known"].reindex(index)
    adds_up = index.get_level_values("figure").isin(ADDS_UP)
    return tall.where(~adds_up, tall.fillna(0.0))


def _said(value: object) -> str:
    return "none" if value is None else str(value)
