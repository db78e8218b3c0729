"""Customers counted once: how far they came, how they ended, what they spent and how they felt.

The funnel counts "reached this stage or deeper", so that it never widens.  Time in a stage runs from reaching it to
reaching the next deeper stage that this customer earned later; whoever stopped there has no such time and is counted
by the drop-off instead.

Newcomers are those who were born in the run, that is everyone but the stock present at the start: of these only is it
known whether they ever bought before, and when each stage was earned.  Conversion, repeat rate and time in a stage are
theirs; all other figures count everyone.

Called by `touchsim.measure.figures` and `touchsim.measure.kpis`.
"""

from __future__ import annotations

import duckdb
import pandas as pd

from touchsim import vocabulary as words
from touchsim.measure.definitions import CSAT_CUTS, NPS_DETRACTOR_BELOW, NPS_PROMOTER_FROM

__all__ = [
    "STARS", "TOTALS", "collectors", "customers_cube", "days_in_stage", "lost_to_rivals", "reached", "switchers",
    "visited",
]  # fmt: skip

STAGES = words.keys(words.STAGES)

STARS = f"(1 + {' + '.join(f'(satisfaction >= {cut})::INTEGER' for cut in CSAT_CUTS)})"
"""Stars that a customer would give, as SQL: satisfaction on the cuts of CSAT, which are those of `engine.voice`."""

TOTALS = (
    "customers", "newcomers", "converted", "buyers", "repeaters", "purchases", "revenue_cents", "margin_cents",
    "cost_cents", "recommendations", "surveyed", "satisfaction", "satisfied", "promoters", "detractors", "addons",
    "spared", "posts", "referrals", "journeys", "opted_out", "to_rivals", "reviewers", "stars", "one_star",
    "five_stars", "would_give",
    *(f"status_{key}" for key in words.keys(words.STATUSES)), *(f"reason_{key}" for key in words.keys(words.REASONS)),
)  # fmt: skip
"""Columns of the cube of customers that add up."""

_CUBE = f"""
SELECT replication, segment, stage, status, reason,
    count(*) AS customers,
    count(*) FILTER (origin <> 'stock') AS newcomers,
    count(*) FILTER (origin <> 'stock' AND purchases > 0) AS converted,
    count(*) FILTER (purchases > 0) AS buyers,
    count(*) FILTER (origin <> 'stock' AND purchases > 1) AS repeaters,
    sum(purchases)::BIGINT AS purchases,
    sum(revenue_cents)::BIGINT AS revenue_cents,
    sum(margin_cents)::BIGINT AS margin_cents,
    sum(cost_cents)::BIGINT AS cost_cents,
    sum(recommendations)::BIGINT AS recommendations,
    count(surveyed) AS surveyed,
    coalesce(fsum(satisfaction) FILTER (surveyed IS NOT NULL), 0) AS satisfaction,
    count(*) FILTER (surveyed IS NOT NULL AND satisfaction >= {CSAT_CUTS[2]}) AS satisfied,
    count(*) FILTER (surveyed IS NOT NULL AND satisfaction >= {NPS_PROMOTER_FROM}) AS promoters,
    count(*) FILTER (surveyed IS NOT NULL AND satisfaction < {NPS_DETRACTOR_BELOW}) AS detractors,
    sum(addons)::BIGINT AS addons, sum(spared)::BIGINT AS spared, sum(posts)::BIGINT AS posts,
    sum(referrals)::BIGINT AS referrals, sum(journeys)::BIGINT AS journeys,
    count(opted_out) AS opted_out, count(rival) AS to_rivals,
    count(*) FILTER (stars > 0) AS reviewers,
    coalesce(sum(stars) FILTER (stars > 0), 0)::BIGINT AS stars,
    count(*) FILTER (stars = 1) AS one_star,
    count(*) FILTER (stars = 5) AS five_stars,
    coalesce(sum({STARS}) FILTER (purchases > 0), 0)::BIGINT AS would_give
FROM customers
GROUP BY ALL ORDER BY ALL
"""


def customers_cube(connection: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """Add up the customers of a log, one row per replication, segment, deepest stage, status and reason."""
    cube: pd.DataFrame = connection.execute(_CUBE).df()
    for column, list_of_words in (("status", words.STATUSES), ("reason", words.REASONS)):
        for key in words.keys(list_of_words):
            cube[f"{column}_{key}"] = cube["customers"].where(cube[column] == key, 0)
    cube["all"] = "all"
    return cube


def reached(cube: pd.DataFrame, replications: list[int]) -> pd.DataFrame:
    """Count the customers that reached each stage or deeper.

    Returns
    -------
    DataFrame
        Index replication, one column per stage, from wide to narrow.
    """
    deepest = cube.pivot_table(index="replication", columns="stage", values="customers", aggfunc="sum",
                               fill_value=0, observed=True)  # fmt: skip
    deepest = deepest.reindex(index=replications, columns=list(STAGES), fill_value=0)
    return deepest.iloc[:, ::-1].cumsum(axis=1).iloc[:, ::-1]


def days_in_stage(connection: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """Mean and median days from reaching a stage to reaching the next deeper one, per replication, of newcomers.

    Returns
    -------
    DataFrame
        Columns ``replication, name, mean, median``; a stage that nobody left has no row.
    """
    moments = ["born", *(f"reached_{stage}" for stage in STAGES[1:])]
    queries = []
    for place, stage in enumerate(STAGES[:-1]):
        here, deeper = moments[place], moments[place + 1 :]
        later = f"least({', '.join(f'CASE WHEN {moment} >= {here} THEN {moment} END' for moment in deeper)})"
        queries.append(f"""
            SELECT replication, {place} AS place, '{stage}' AS name, favg({later} - {here}) AS mean,
                median({later} - {here}) AS median
            FROM customers WHERE {later} IS NOT NULL AND origin <> 'stock' GROUP BY replication""")
    frame: pd.DataFrame = connection.execute(" UNION ALL ".join(queries) + " ORDER BY replication, place").df()
    return frame.drop(columns="place")


_SWITCHERS = """
WITH searched AS (
    SELECT v.replication, v.customer, bool_or(t.online) AS online, bool_or(NOT t.online) AS offline
    FROM visits v JOIN touchpoints t USING (touchpoint) JOIN customers c USING (replication, customer)
    WHERE v.step IN ('information_search', 'alternatives') AND v.outcome = 'served' AND t.customer_started
        AND v.arrived <= c.first_purchase
    GROUP BY ALL)
SELECT c.replication, 'all' AS name,
    count(*) AS buyers,
    count(*) FILTER (NOT b.online AND s.online) AS webrooming,
    count(*) FILTER (b.online AND s.offline) AS showrooming
FROM customers c JOIN touchpoints b ON c.bought_at = b.touchpoint LEFT JOIN searched s USING (replication, customer)
GROUP BY ALL ORDER BY ALL
"""


def switchers(connection: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """Count buyers who searched on one side and first bought on the other, per replication.

    Returns
    -------
    DataFrame
        Columns ``replication, name, buyers, webrooming, showrooming``.  Searching is a served contact that the customer
        started, in the steps information search or alternatives, not after the first purchase.
    """
    frame: pd.DataFrame = connection.execute(_SWITCHERS).df()
    return frame


_COLLECTORS = """
WITH collected AS (
    SELECT DISTINCT replication, customer FROM visits
    WHERE need = 'delivery' AND outcome = 'served'
        AND (channel IN ('store', 'desk') OR touchpoint = 'click_and_collect') AND touchpoint <> 'branch')
SELECT c.replication, 'all' AS name, count(*) AS buyers,
    count(*) FILTER (b.online AND s.customer IS NOT NULL) AS click_and_collect
FROM customers c JOIN touchpoints b ON c.bought_at = b.touchpoint LEFT JOIN collected s USING (replication, customer)
GROUP BY ALL ORDER BY ALL
"""


def collectors(connection: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """Count buyers who first bought online and collected an order in person, per replication.

    Returns
    -------
    DataFrame
        Columns ``replication, name, buyers, click_and_collect``.  Collecting is a served contact for a delivery at a
        touchpoint of the channels store or desk, or at one named ``click_and_collect``; going to a ``branch`` is none.
    """
    frame: pd.DataFrame = connection.execute(_COLLECTORS).df()
    return frame


_VISITED = """
WITH called AS (
    SELECT v.replication, v.customer
    FROM visits v JOIN customers c USING (replication, customer)
    WHERE v.need = 'delivery' AND v.outcome = 'served' AND (v.channel = 'home' OR v.touchpoint = 'branch')
        AND floor(v.started) > floor(c.first_purchase)
    GROUP BY ALL)
SELECT c.replication, 'all' AS name, count(*) AS buyers,
    count(*) FILTER (b.online AND s.customer IS NOT NULL) AS appointment_then_visit
FROM customers c JOIN touchpoints b ON c.bought_at = b.touchpoint LEFT JOIN called s USING (replication, customer)
GROUP BY ALL ORDER BY ALL
"""


def visited(connection: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """Count buyers who first bought online, an appointment, and were visited or came in person on a later day.

    Returns
    -------
    DataFrame
        Columns ``replication, name, buyers, appointment_then_visit``.  The visit is a served contact for a delivery at
        a touchpoint of the channel home, or at one named ``branch``, that starts on a later day than the first
        purchase.
    """
    frame: pd.DataFrame = connection.execute(_VISITED).df()
    return frame


_RIVALS = """
WITH bought AS (
    SELECT replication, customer, max(visit) AS last FROM visits
    WHERE need IN ('purchase_decision', 'renewal') AND decision = 'advance' GROUP BY ALL),
shown AS (
    SELECT DISTINCT v.replication, v.customer
    FROM visits v JOIN touchpoints t USING (touchpoint) LEFT JOIN bought b USING (replication, customer)
    WHERE v.need IN ('information_search', 'alternatives', 'purchase_decision') AND v.outcome = 'served'
        AND v.sent_by IS NULL AND t.customer_started AND NOT t.online AND v.visit > coalesce(b.last, 0))
SELECT c.replication, CASE WHEN grouping(c.rival) = 1 THEN 'all' ELSE c.rival END AS name, count(*) AS customers,
    count(*) FILTER (r.online AND s.customer IS NOT NULL) AS showrooming_at_rivals
FROM customers c LEFT JOIN rivals r ON c.rival = r.rival LEFT JOIN shown s USING (replication, customer)
WHERE c.rival IS NOT NULL
GROUP BY GROUPING SETS ((c.replication), (c.replication, c.rival)) ORDER BY ALL
"""


def lost_to_rivals(connection: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """Count customers lost to each rival, and those of them who had looked at the goods with us first.

    Returns
    -------
    DataFrame
        Columns ``replication, name`` (a rival, or all), ``customers, showrooming_at_rivals``.  The latter met an
        offline touchpoint of ours on their own account, was served there while shopping, bought nothing since, and
        left for a rival who sells online.
    """
    frame: pd.DataFrame = connection.execute(_RIVALS).df()
    return frame
