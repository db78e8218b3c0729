"""Contacts counted once, at the finest grain that any figure needs, then rolled up as often as wanted.

A run of a million customers has ten million contacts and a few thousand different (segment, stage, step, need,
touchpoint, outcome); one pass over the log adds each of these up, and every figure per touchpoint, channel, stage,
step or segment is a ratio of sums of them.  Sums of integer cents are exact, so that money adds up over any grouping.

`handling_days` is the time to the refund at a return that the customer brought, and the time from what called for it to
the hand-over at a contact that a rule planned (`sent_by` is there); the two are never mixed.

Time in line and in service is time spent while customers arrive; what falls into the follow-up, when a shop empties for
want of newcomers, does not count, nor does the part of a contact that lies there.  Called by
`touchsim.measure.figures`, `touchsim.measure.kpis` and `touchsim.measure.cells`.
"""

from __future__ import annotations

import duckdb
import pandas as pd

from touchsim.vocabulary import OUTCOMES, keys

__all__ = ["AMOUNTS", "contacts_cube", "quantiles_of_wait", "rolled_up"]

AMOUNTS = (
    "contacts", "first_contacts", "cost_cents", "emotions", "emotion", "days_busy", "days_in_line", "deliveries",
    "late", "days_late", "refunds", "refund_days", "line_contacts", "line_served", "line_wait", "line_abandoned",
    "line_turned_away", "sent", "sent_unnoticed", "unfinished", "care_contacts", "care_solved", "hours_contacts",
    "found_closed",
    "negative", "served", "asked", "asked_served", "asked_abandoned", "asked_turned_away", "sent_served",
    "sent_days",
    "returned", "messages", "messages_noticed", "planned", "planned_days", "linked", "risks",
)  # fmt: skip
"""Columns of the cube that add up."""

_CUBE = """
SELECT v.replication, v.segment, v.stage, v.step, v.need, v.touchpoint, v.channel, v.outcome,
    count(*) AS contacts,
    count(*) FILTER (v.nth = 1) AS first_contacts,
    sum(v.cost_cents)::BIGINT AS cost_cents,
    count(v.emotion) AS emotions, coalesce(fsum(v.emotion), 0) AS emotion,
    coalesce(fsum(v.started - v.arrived) FILTER (v.outcome = 'served'), 0) AS wait,
    coalesce(fsum(least(coalesce(v.ended, r.finish), r.opened) - least(v.started, r.opened))
        FILTER (v.started IS NOT NULL), 0) AS days_busy,
    coalesce(fsum(least(coalesce(v.started, v.ended, r.finish), r.opened) - least(v.arrived, r.opened)), 0)
        AS days_in_line,
    count(v.late_days) AS deliveries,
    count(*) FILTER (v.late_days > 0) AS late,
    coalesce(fsum(greatest(v.late_days, 0)) FILTER (v.late_days IS NOT NULL), 0) AS days_late,
    count(v.handling_days) FILTER (v.need = 'return' AND v.decision <> 'stay') AS returned,
    count(v.handling_days) FILTER (v.need = 'return' AND v.decision <> 'stay' AND v.sent_by IS NULL) AS refunds,
    coalesce(fsum(v.handling_days) FILTER (v.need = 'return' AND v.decision <> 'stay' AND v.sent_by IS NULL), 0)
        AS refund_days,
    count(v.sent_by) AS messages,
    count(v.sent_by) FILTER (v.outcome = 'served') AS messages_noticed,
    count(v.handling_days) FILTER (v.sent_by IS NOT NULL) AS planned,
    coalesce(fsum(v.handling_days) FILTER (v.sent_by IS NOT NULL), 0) AS planned_days,
    count(*) FILTER (v.linked) AS linked,
    count(*) FILTER (v.risk) AS risks,
    count(*) FILTER (v.outcome = 'served' AND v.decision NOT IN ('stay', 'leave')) AS solved,
    count(*) FILTER (v.emotion < 0) AS negative,
    coalesce(fsum(v.ended - v.started) FILTER (v.outcome = 'served'), 0) AS days_served
FROM visits v JOIN runs r USING (replication)
GROUP BY ALL ORDER BY ALL
"""

_QUANTILE = """
SELECT v.replication, CASE WHEN grouping(v.touchpoint) = 1 THEN 'all' ELSE 'touchpoint' END AS kind,
    coalesce(v.touchpoint, 'all') AS name,
    quantile_cont(v.started - v.arrived, 0.9) * 1440 AS value
FROM visits v JOIN touchpoints t USING (touchpoint)
WHERE t.can_wait AND v.outcome = 'served'
GROUP BY GROUPING SETS ((v.replication), (v.replication, v.touchpoint))
ORDER BY ALL
"""


def contacts_cube(connection: duckdb.DuckDBPyConnection, touchpoints: pd.DataFrame) -> pd.DataFrame:
    """Add up the contacts of a log.

    Returns
    -------
    DataFrame
        One row per replication, segment, stage, step, need, touchpoint (with its channel, side, nature and management)
        and outcome that occurs,
        with the columns of `AMOUNTS`.  ``line_*`` count at touchpoints where one can wait, ``sent*`` at brand-started
        ones, ``asked*`` at the others, ``care_*`` contacts for help or a return, ``hours_contacts`` where there are
        opening hours.
    """
    cube: pd.DataFrame = connection.execute(_CUBE).df()
    facts = touchpoints.set_index("touchpoint")
    at_line = cube["touchpoint"].map(facts["can_wait"]).fillna(False).astype(bool)
    by_brand = ~cube["touchpoint"].map(facts["customer_started"]).fillna(True).astype(bool)
    by_hours = cube["touchpoint"].map(facts["has_hours"]).fillna(False).astype(bool)
    care = cube["need"].isin(["help", "return"])
    had = {outcome: cube["outcome"] == outcome for outcome in keys(OUTCOMES)}
    count = cube["contacts"]
    kinds = {kind: cube["touchpoint"].map(facts[kind]) for kind in ("side", "nature", "management")}
    return cube.assign(
        **kinds,
        line_contacts=count.where(at_line, 0), line_served=count.where(at_line & had["served"], 0),
        line_wait=cube["wait"].where(at_line, 0.0), line_abandoned=count.where(at_line & had["abandoned"], 0),
        line_turned_away=count.where(at_line & had["turned_away"], 0), sent=count.where(by_brand, 0),
        sent_unnoticed=count.where(by_brand & had["unnoticed"], 0), unfinished=count.where(had["unfinished"], 0),
        care_contacts=count.where(care, 0), care_solved=cube["solved"].where(care, 0), all="all",
        hours_contacts=count.where(by_hours, 0), found_closed=count.where(had["closed"], 0),
        served=count.where(had["served"], 0), asked=count.where(~by_brand, 0),
        asked_served=count.where(~by_brand & had["served"], 0),
        asked_abandoned=count.where(~by_brand & had["abandoned"], 0),
        asked_turned_away=count.where(~by_brand & had["turned_away"], 0),
        sent_served=count.where(by_brand & had["served"], 0), sent_days=cube["days_served"].where(by_brand, 0.0),
    )  # fmt: skip


def quantiles_of_wait(connection: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """Ninetieth percentile of waits, over all and per touchpoint where one can wait.

    Returns
    -------
    DataFrame
        Columns ``replication, kind, name, value`` (minutes).
    """
    frame: pd.DataFrame = connection.execute(_QUANTILE).df()
    return frame


def rolled_up(cube: pd.DataFrame, by: list[str], replications: list[int], groups: list[str]) -> pd.DataFrame:
    """Sum the amounts of a cube per replication and group; a group in which nothing happened has zeros.

    Parameters
    ----------
    cube : DataFrame
        A cube of `contacts_cube`.
    by : list of str
        One column that names the groups.
    replications, groups : list
        All that there are, in the order wanted.

    Returns
    -------
    DataFrame
        Index (replication, group), columns `AMOUNTS`.
    """
    index = pd.MultiIndex.from_product([replications, groups], names=["replication", *by])
    return cube.groupby(["replication", *by], observed=True)[list(AMOUNTS)].sum().reindex(index, fill_value=0)
