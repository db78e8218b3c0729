"""Journeys as flows: where customers first turned in each step of buying, and where they ended.

For every customer and every step of buying the first contact that was noticed says where the customer turned.  A step
passed without one is ``none``; after the last contact of a customer who left without buying every later step reads
``lost``, of one who has not bought but is still here ``under_way``.  The last column is the status.  So each column
holds every customer exactly once, and a flow counts those who went from one block of a column to one of the next.

Shares are means over replications with the t interval of ``measure.intervals``; with one replication there is none.
Computed where all measures are (``measure.database``), drawn by ``plots.journeys``, called by reports and notebooks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import pandas as pd

from touchsim.errors import BadInput, Finding, nearest
from touchsim.measure.database import open_database
from touchsim.measure.intervals import over_replications
from touchsim.vocabulary import STEPS, keys

if TYPE_CHECKING:
    from touchsim.log.eventlog import EventLog

__all__ = ["flows_between_steps", "journey_of"]

COLUMNS = ["position", "source", "target", "customers", "share", "low", "high", "source_group", "target_group",
           "source_share", "source_low", "source_high", "target_share", "target_low", "target_high",
           "replications"]  # fmt: skip
FLOW = ["position", "source", "target"]
MARK = "|"
"""Stands between a block's key and its group while the flows are counted: ``website|online``."""


def flows_between_steps(
    log: EventLog, *, by: Literal["channel", "side"] = "channel", n_channels: int = 4
) -> pd.DataFrame:
    """Count customers who went from one channel (or side) in a step to another in the next step.

    Parameters
    ----------
    log : EventLog
    by : {"channel", "side"}
        Name the channel of the first contact, or only whether it was ``online`` or ``offline``.
    n_channels : int
        How many channels of each side (online, offline) keep their name in a step, the fullest first; the others
        become ``other_online`` and ``other_offline``.

    Returns
    -------
    DataFrame
        One row for each flow: ``position`` (0 = from the first step to the second, ..., 4 = from the last step to the
        end), ``source``, ``target`` (a channel, a side, ``none``, or a status), ``customers`` (per replication),
        ``share`` (0..1 of all customers) with ``low``, ``high``; the groups of both ends (``online``, ``offline``,
        ``none``, ``end``); the shares of both blocks with their intervals (95 %, over replications; null with one);
        ``replications``.

    Raises
    ------
    BadInput
        If `by` is neither of the two.

    Examples
    --------
    >>> import touchsim as ts
    >>> flows = flows_between_steps(ts.simulate(ts.load_scenario("corner_shop"), customers=200), by="side")
    >>> round(float(flows[flows["position"] == 0]["share"].sum()), 9)
    1.0
    """
    if by not in ("channel", "side"):
        raise BadInput(Finding("by", "must be channel or side", got=str(by), hint=nearest(by, ("channel", "side"))))
    with open_database(log) as base:
        totals = base.execute("SELECT replication, count(*) AS arrived FROM customers GROUP BY 1 ORDER BY 1").df()
        counts: pd.DataFrame = base.execute(_flows_query(by)).df()
    if counts.empty:
        return pd.DataFrame(columns=COLUMNS)
    names = _names(counts, n_channels)
    counts["source"] = [names[block] for block in zip(counts["position"], counts["source"], strict=True)]
    counts["target"] = [names[block] for block in zip(counts["position"] + 1, counts["target"], strict=True)]
    flows = _shares(counts, FLOW, totals)
    for side in ("source", "target"):
        blocks = _shares(counts, ["position", side], totals).drop(columns=["customers", "replications"])
        blocks = blocks.rename(columns={part: f"{side}_{part}" for part in ("share", "low", "high")})
        flows = flows.merge(blocks, on=["position", side], how="left", validate="many_to_one")
    for side in ("source", "target"):
        flows[[side, f"{side}_group"]] = [word.split(MARK) for word in flows[side]]
    return flows[COLUMNS].sort_values(FLOW, ignore_index=True)


def _flows_query(by: str) -> str:
    """Query for customers per replication, position, source and target; words as ``key|group``."""
    steps = keys(STEPS)
    places = range(len(steps))
    side = "CASE WHEN online THEN 'online' ELSE 'offline' END"
    word = "v.channel::VARCHAR" if by == "channel" else side
    first = ", ".join(f"max(word) FILTER (step = '{step}') AS at_{place}" for place, step in enumerate(steps))
    nodes = []
    for place in places:
        no_more = " AND ".join(f"at_{later} IS NULL" for later in places if later >= place)
        nodes.append(f"CASE WHEN at_{place} IS NOT NULL THEN at_{place} WHEN status IN ('lost', 'under_way') AND "
                     f"{no_more} THEN status || '{MARK}end' ELSE 'none{MARK}none' END AS node_{place}")  # fmt: skip
    flows = " UNION ALL ".join(f"SELECT replication, {place} AS position, node_{place} AS source, node_{place + 1} AS "
                               "target FROM nodes" for place in places)  # fmt: skip
    return f"""
        WITH noticed AS (
            SELECT replication, customer, visit, step::VARCHAR AS step, {word} || '{MARK}' || {side} AS word
            FROM visits v JOIN touchpoints t ON v.touchpoint::VARCHAR = t.touchpoint
            WHERE outcome::VARCHAR <> 'unnoticed'),
        firsts AS (
            SELECT replication, customer, step, arg_min(word, visit) AS word FROM noticed GROUP BY ALL),
        wide AS (SELECT replication, customer, {first} FROM firsts GROUP BY ALL),
        ended AS (
            SELECT c.replication, c.status::VARCHAR AS status, wide.* EXCLUDE (replication, customer)
            FROM customers c LEFT JOIN wide ON c.replication = wide.replication AND c.customer = wide.customer),
        nodes AS (SELECT replication, {", ".join(nodes)}, status || '{MARK}end' AS node_{len(steps)} FROM ended)
        SELECT replication, position, source, target, count(*) AS customers
        FROM ({flows}) GROUP BY ALL ORDER BY ALL"""


def _names(counts: pd.DataFrame, n_channels: int) -> dict[tuple[int, str], str]:
    """Name that each block keeps in its column: its own, or ``other_<side>`` beyond the fullest `n_channels`."""
    last = counts[counts["position"] == counts["position"].max()]
    ends = last.assign(position=last["position"] + 1, word=last["target"])
    blocks = pd.concat([counts.assign(word=counts["source"]), ends])[["position", "word", "customers"]]
    sizes = blocks.groupby(["position", "word"], as_index=False)["customers"].sum()
    sizes = sizes.sort_values(["position", "customers", "word"], ascending=[True, False, True])
    names: dict[tuple[int, str], str] = {}
    taken: dict[tuple[int, str], int] = {}
    for place, word in zip(sizes["position"], sizes["word"], strict=True):
        side = word.partition(MARK)[2]
        taken[place, side] = taken.get((place, side), 0) + 1
        beyond = side in ("online", "offline") and taken[place, side] > n_channels
        names[place, word] = f"other_{side}{MARK}{side}" if beyond else word
    return names


def _shares(counts: pd.DataFrame, by: list[str], totals: pd.DataFrame) -> pd.DataFrame:
    """Customers per replication and share of all customers, with interval; zero where nobody went that way."""
    arrived = totals.set_index("replication")["arrived"]
    wide = counts.pivot_table(index=by, columns="replication", values="customers", aggfunc="sum", fill_value=0)
    wide = wide.reindex(columns=arrived.index, fill_value=0)
    long = wide.div(arrived, axis=1).melt(ignore_index=False, value_name="value").reset_index()
    table = over_replications(long, by).rename(columns={"value": "share"})
    return table.assign(customers=wide.mean(axis=1).to_numpy())


def journey_of(log: EventLog, customer: int, *, replication: int = 0) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Contacts of one customer in time order, and the customer's row; both empty if there is no such customer.

    Examples
    --------
    >>> import touchsim as ts
    >>> visits, row = journey_of(ts.simulate(ts.load_scenario("corner_shop"), customers=20), 3)
    >>> int(row["visits"].iloc[0]) == len(visits)
    True
    """
    this = "WHERE replication = ? AND customer = ?"
    with open_database(log) as base:
        visits: pd.DataFrame = base.execute(f"SELECT * FROM visits {this} ORDER BY visit", [replication, customer]).df()
        row: pd.DataFrame = base.execute(f"SELECT * FROM customers {this}", [replication, customer]).df()
    return visits, row
