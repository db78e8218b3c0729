"""Emotion along the journey: the mean feeling of the contacts of each need, online and offline.

A contact that left a feeling carries an emotion between -1 and 1 in the log.  For each need (the first four steps of
buying, then delivery, help, return and survey) and each side (online, offline) this file takes the mean over contacts
in each replication, then the mean over replications with the t interval of ``measure.intervals``; with one replication
there is none.  Who is absent is not averaged: the contacts of a later need are those of the customers who got there.

Computed where all measures are (``measure.database``), drawn by ``plots.emotion``, called by reports and notebooks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from touchsim.measure.database import open_database
from touchsim.measure.intervals import over_replications
from touchsim.vocabulary import NEEDS, keys, step_of

if TYPE_CHECKING:
    from touchsim.log.eventlog import EventLog

__all__ = ["emotion_along_needs"]

COLUMNS = ["need", "step", "online", "contacts", "emotion", "low", "high", "replications"]


def emotion_along_needs(log: EventLog) -> pd.DataFrame:
    """Mean emotion of contacts for each need, online and offline.

    Parameters
    ----------
    log : EventLog

    Returns
    -------
    DataFrame
        Rows in the order of the vocabulary: ``need``, ``step``, ``online`` (bool), ``contacts`` (those that left a
        feeling, per replication), ``emotion`` (-1..1), ``low``, ``high`` (95 % interval; null when fewer than two
        replications had such a contact), ``replications`` (all of the run).

    Examples
    --------
    >>> import touchsim as ts
    >>> frame = emotion_along_needs(ts.simulate(ts.load_scenario("corner_shop"), customers=200))
    >>> bool(frame["emotion"].between(-1, 1).all())
    True
    """
    with open_database(log) as base:
        n = base.execute("SELECT count(DISTINCT replication) AS n FROM customers").df()["n"].iloc[0]
        runs: pd.DataFrame = base.execute("""
            SELECT need::VARCHAR AS need, online, replication, count(emotion) AS contacts,
                   fsum(emotion) / count(emotion) AS value
            FROM visits v JOIN touchpoints t ON v.touchpoint::VARCHAR = t.touchpoint
            WHERE emotion IS NOT NULL
            GROUP BY ALL ORDER BY ALL""").df()
    if runs.empty:
        return pd.DataFrame(columns=COLUMNS)
    table = over_replications(runs, ["need", "online"]).rename(columns={"value": "emotion"})
    contacts = runs.groupby(["need", "online"], sort=False)["contacts"].sum().to_numpy() / int(n)
    order = {need: place for place, need in enumerate(keys(NEEDS))}
    table = table.assign(contacts=contacts, replications=int(n), step=[step_of(need) for need in table["need"]],
                         place=[order.get(need, len(order)) for need in table["need"]])  # fmt: skip
    return table.sort_values(["place", "need", "online"], ascending=[True, True, False], ignore_index=True)[COLUMNS]
