"""What an order sets off: a loss by days late, help, a return by kind of goods, an invitation to the survey."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.engine.effects.small import assert_differ, assert_inside, assert_same, decide, per_run, run, site, world
from touchsim.world.scenario import Scenario

STEPS_OF_LATENESS = ((0.0, 0.23), (0.5, 0.68), (2.5, 1.79), (7.5, 2.25))


def brought(lateness: float = 1.0, **views: Any) -> Scenario:
    """Parcels promised in three days that take from one to twelve."""
    days = {"law": "empirical", "values": ["1 day", "2.9 days", "3.2 days", "5 days", "8 days", "12 days"]}
    parcel = site("delivery", delay=days, facets={"fulfilment": {"mean": 0.2, "sd": 0.0}})
    return world({"site": site(), "parcel": parcel}, {"delivery": decide(1.0)}, orders={"promised": "3 days"},
                 views={"lateness": lateness, **views})  # fmt: skip


@pytest.mark.parametrize("lateness", [0.0, 0.4, 1.0])
@pytest.mark.parametrize("steps", [STEPS_OF_LATENESS, ((1.0, 0.5),)])
def test_days_late_cost_the_loss_of_the_highest_step_that_they_exceed(lateness: float, steps: Any) -> None:
    late = [{"days": f"{days} days", "loss": loss} for days, loss in steps]
    visits, people = run(brought(lateness, late=late), customers=200, replications=1)
    parcels = visits[visits.need == "delivery"]
    assert sorted(parcels.late_days.round(1).unique()) == [-2.0, -0.1, 0.2, 2.0, 5.0, 9.0]
    loss = [max((loss for days, loss in steps if late > days), default=0.0) for late in parcels.late_days]
    assert len(set(loss)) == len(steps) + 1, "every step is met"
    assert np.allclose(parcels.emotion, np.tanh(0.2 - lateness * np.array(loss)), atol=1e-12)
    assert np.allclose(people.delivered_fulfilment, 0.2 - lateness * np.array(loss), atol=1e-12)


def test_lateness_that_costs_nothing_changes_nobody() -> None:
    assert_same(brought(0.0), brought(1.0, late=[]))
    assert_differ(brought(0.0), brought(0.5))


def helped(on_time: float, late: float, places: dict[str, Any] | None = None) -> Scenario:
    days = {"law": "empirical", "values": ["1 day", "5 days"]}
    there = {"site": site(), "parcel": site("delivery", delay=days), "desk": site("help")} | (places or {})
    return world(there, {"delivery": decide(1.0), "help": decide(1.0)},
                 orders={"promised": "3 days", "help": on_time, "help_if_late": late})  # fmt: skip


@pytest.mark.parametrize(("on_time", "late"), [(0.15, 0.6), (0.5, 0.25), (0.4, 0.0), (0.0, 0.4)])
def test_orders_on_time_and_late_ones_need_help_each_in_their_share(on_time: float, late: float) -> None:
    visits, _ = run(helped(on_time, late), replications=10)
    parcels = visits[visits.need == "delivery"]
    asked = visits[visits.need == "help"][["replication", "customer"]].assign(asked=1.0)
    orders = parcels.merge(asked, on=["replication", "customer"], how="left").fillna({"asked": 0.0})
    for is_late, share in ((False, on_time), (True, late)):
        those = orders[(orders.late_days > 0.0) == is_late]
        if share:
            assert_inside(per_run(those.asked, those), share, width=0.15)
        else:
            assert not those.asked.any()


def test_where_nobody_is_late_help_if_late_helps_nobody() -> None:
    fast = {"touchpoints": {"parcel": {"delay": "1 day"}}}
    assert_same(helped(0.3, 0.9).with_(**fast), helped(0.3, 0.0).with_(**fast))
    assert_differ(helped(0.3, 0.9), helped(0.3, 0.0))


def sent_back(search: float, experience: float) -> Scenario:
    return world({"site": site(), "desk": site("return")}, {"return": decide(1.0)}, {"experience_goods": 0.4},
                 orders={"return_search": search, "return_experience": experience})  # fmt: skip


@pytest.mark.parametrize(("search", "experience"), [(0.15, 0.5), (0.45, 0.2), (0.3, 0.0), (0.0, 0.3)])
def test_goods_are_returned_each_kind_in_its_share(search: float, experience: float) -> None:
    visits, people = run(sent_back(search, experience), replications=10)
    back = visits[visits.need == "return"][["replication", "customer"]].assign(back=1.0)
    orders = people.merge(back, on=["replication", "customer"], how="left").fillna({"back": 0.0})
    assert_inside(per_run(orders.goods == "experience", orders), 0.4)
    for goods, share in (("search", search), ("experience", experience)):
        those = orders[orders.goods == goods]
        if share:
            assert_inside(per_run(those.back, those), share, width=0.15)
        else:
            assert not those.back.any()


@pytest.mark.parametrize("invited", [0.0, 0.35, 1.0])
def test_so_many_orders_are_followed_by_a_survey(invited: float) -> None:
    scenario = world({"site": site(), "ask": site("survey")}, {"survey": decide(1.0)}, orders={"invited": invited})
    visits, people = run(scenario, replications=10)
    if 0.0 < invited < 1.0:
        assert_inside(per_run(people.surveyed.notna(), people), invited)
    else:
        assert (people.surveyed.notna() == bool(invited)).all()
    assert (visits.need == "survey").sum() == people.surveyed.notna().sum()


ALL_NEEDS = {"help": decide(1.0), "return": decide(1.0), "survey": decide(1.0)}


@pytest.mark.parametrize(("need", "share"), [("help", "help"), ("return", "return_search"), ("survey", "invited")])
def test_a_need_that_no_order_raises_is_as_good_as_a_need_that_nobody_serves(need: str, share: str) -> None:
    orders = {"help": 0.4, "help_if_late": 0.4, "return_search": 0.4, "invited": 0.4}
    served = ["help", "return", "survey"]
    never = world({"site": site(), "desk": site(*served)}, ALL_NEEDS, orders=orders | {share: 0.0})
    fewer = [other for other in served if other != need]
    assert_same(never, world({"site": site(), "desk": site(*fewer)}, ALL_NEEDS, orders=orders))


def test_what_never_came_is_not_sent_back() -> None:
    desk = site("delivery", capacity=1, service="2 days", patience="1 h")
    scenario = world({"site": site(), "desk": desk, "returns": site("return")},
                     {"delivery": decide(1.0), "return": decide(1.0)}, {"arrivals": 3.0},
                     orders={"return_search": 1.0}, choice={"tries": 1})  # fmt: skip
    visits, people = run(scenario, customers=400, replications=1)
    came = set(visits.customer[(visits.need == "delivery") & (visits.outcome == "served")])
    assert 0.1 < len(came) / people.purchases.sum() < 0.9
    assert set(visits.customer[visits.need == "return"]) == came
