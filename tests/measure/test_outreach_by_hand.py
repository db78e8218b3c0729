"""Messages, rivals, reviews and what follows from them: a small log, worked out on paper."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.log.small import Rows, small_log
from touchsim.measure.kpis import kpis, kpis_by_replication

NAN = np.nan

# Eva gets three banners (notices one), opts out, looks at the store and leaves for the giant, who sells online.
# Finn is called back after a day, buys online twice, collects in the store, returns one, posts five stars, brings two.
# Gus buys in the store, is disappointed, posts one star, and next time the giant wins him.  Hal leaves for the corner.
VISITS: Rows = [
    {"customer": 0, "visit": 1, "touchpoint": "newsletter", "sent_by": "banner", "outcome": "unnoticed", "ended": 0.5},
    {"customer": 0, "visit": 2, "touchpoint": "newsletter", "sent_by": "banner", "outcome": "unnoticed", "ended": 0.6},
    {"customer": 0, "visit": 3, "touchpoint": "newsletter", "sent_by": "banner", "started": 0.7, "ended": 0.7},
    {"customer": 0, "visit": 4, "need": "alternatives", "touchpoint": "store", "arrived": 1.0, "started": 1.0,
     "ended": 1.1, "risk": 1},
    {"customer": 1, "visit": 1, "segment": "old", "touchpoint": "phone", "sent_by": "call_back", "arrived": 2.0,
     "started": 2.0, "ended": 2.1, "handling_days": 1.0, "linked": 1},
    {"customer": 1, "visit": 2, "segment": "old", "need": "purchase_decision", "decision": "advance", "arrived": 3.0,
     "started": 3.0, "ended": 3.0, "linked": 1, "revenue_cents": 5000, "margin_cents": 2000},
    {"customer": 1, "visit": 3, "segment": "old", "need": "delivery", "touchpoint": "store", "arrived": 4.0,
     "started": 4.0, "ended": 4.0, "late_days": 0.0, "linked": 1},
    {"customer": 1, "visit": 4, "segment": "old", "need": "return", "touchpoint": "store", "arrived": 5.0,
     "started": 5.0, "ended": 5.0, "handling_days": 4.0, "decision": "advance"},
    {"customer": 2, "visit": 1, "need": "purchase_decision", "touchpoint": "store", "decision": "advance",
     "arrived": 1.0, "started": 1.0, "ended": 1.0, "revenue_cents": 5000, "margin_cents": 2000},
    {"customer": 3, "visit": 1, "need": "alternatives", "touchpoint": "store", "arrived": 1.0, "started": 1.0,
     "ended": 1.1},
]  # fmt: skip
CUSTOMERS: Rows = [
    {"customer": 0, "status": "lost", "reason": "to_a_rival", "rival": "giant", "opted_out": 0.7, "visits": 4},
    {"customer": 1, "segment": "old", "stage": "repeat_customer", "status": "active", "purchases": 2, "journeys": 2,
     "bought_at": "site", "first_purchase": 3.0, "addons": 1, "spared": 3, "posts": 2, "stars": 5, "referrals": 2,
     "satisfaction": 1.6, "visits": 4},
    {"customer": 2, "stage": "customer", "status": "churned", "reason": "to_a_rival", "rival": "giant", "purchases": 1,
     "bought_at": "store", "first_purchase": 1.0, "posts": 1, "stars": 1, "satisfaction": -0.5, "visits": 1},
    {"customer": 3, "status": "lost", "reason": "to_a_rival", "rival": "corner", "visits": 1},
]  # fmt: skip


@pytest.fixture(scope="module")
def value() -> pd.Series:
    return kpis(small_log((VISITS, CUSTOMERS))).set_index(["kpi", "group"])["value"]


@pytest.mark.parametrize(("kpi", "group", "expected"), [
    ("messages_per_customer", "all", 4 / 4), ("messages_per_customer", "segment:young", 3 / 3),
    ("messages_noticed_per_customer", "all", 2 / 4), ("opt_out", "all", 1 / 4), ("opt_out", "segment:old", 0.0),
    ("linked_share", "all", 3 / 10), ("linked_share", "touchpoint:phone", 1.0),
    ("linked_share", "channel:store", 1 / 5),
    ("handover_hours", "all", 24.0), ("handover_hours", "touchpoint:phone", 24.0),
    ("refund_days", "all", 4.0), ("return_rate", "all", 1 / 3), ("return_rate", "segment:young", 0.0),
    ("contacts_spared", "all", 3 / 4), ("click_and_collect", "all", 1 / 2),
    ("appointment_then_visit", "all", 0.0), ("lost_to_rivals", "all", 3 / 4),
    ("lost_to_rivals", "rival:giant", 2 / 4), ("lost_to_rivals", "rival:corner", 1 / 4),
    ("lost_to_rivals", "segment:young", 3 / 3), ("showrooming_at_rivals", "all", 1 / 4),
    ("showrooming_at_rivals", "rival:giant", 1 / 4), ("showrooming_at_rivals", "rival:corner", 0.0),
    ("journeys_per_customer", "all", 5 / 4), ("addon_rate", "all", 1 / 3), ("risk_share", "touchpoint:store", 1 / 5),
    ("referrals_per_buyer", "all", 2 / 2), ("reviews_per_buyer", "all", 3 / 2), ("stars", "all", 3.0),
    ("one_star_share", "all", 1 / 2), ("five_star_share", "segment:old", 1.0), ("review_gap", "all", 3.0 - 4.0),
])  # fmt: skip
def test_key_figure_equals_what_paper_says(value: pd.Series, kpi: str, group: str, expected: float) -> None:
    assert value[kpi, group] == pytest.approx(expected, rel=1e-12)


def test_a_return_arranged_by_a_planned_call_is_a_return_but_its_hand_over_is_no_refund() -> None:
    """Both times stand in one column: what a rule planned carries the hours until the call, not until the refund."""
    call = VISITS[7] | {"visit": 5, "sent_by": "call_back", "handling_days": 0.25}
    value = kpis(small_log(([*VISITS, call], CUSTOMERS))).set_index(["kpi", "group"])["value"]
    assert value["refund_days", "all"] == 4.0
    assert value["return_rate", "all"] == pytest.approx(2 / 3)
    assert value["handover_hours", "all"] == pytest.approx(24 * (1.0 + 0.25) / 2)


def test_a_world_without_rivals_loses_nobody_to_them_and_names_none() -> None:
    nobody = [row | {"rival": None} for row in CUSTOMERS]
    table = kpis_by_replication(small_log((VISITS, nobody), rivals={}))
    values = table[table["kpi"].isin(["lost_to_rivals", "showrooming_at_rivals"])]
    assert (values["value"].dropna() == 0.0).all()
    assert not table["group"].str.startswith("rival:").any()
