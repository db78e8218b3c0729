"""What a service standard is worth: waiting, being refused, days until the refund and steps of a return, one by one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.engine.effects.small import NEVER, STEPS, assert_differ, assert_same, decide, run, site, world
from touchsim.world.scenario import Scenario

MINUTE = 1 / 1440
SEEN = {"mean": 0.1, "sd": 0.0}
STILL: dict[str, Any] = {"wait": 0.0, "refused": 0.0, "handling": 0.0, "steps": 0.0}
"""Nothing that happens tells anything; a test switches on what it is about."""


def lined(desk: dict[str, Any] | None = None, **views: Any) -> Scenario:
    """A line at the desk of the first need, longer and longer; what is seen there is certain."""
    shown = {"responsiveness": SEEN, "security": {"mean": 0.5, "sd": 0.0}}
    queue = {"capacity": 1, "service": "2 min", "patience": NEVER, "standard": "10 min", "facets": shown}
    needs = {STEPS[0]: decide(0.5), STEPS[1]: decide(1e-9)}
    places = {"desk": site(STEPS[0], **queue | (desk or {})), "site": site(*STEPS[1:])}
    return world(places, needs, {"arrivals": 900.0}, views=STILL | views, choice={"tries": 1})


@pytest.mark.parametrize(("gain", "softening", "standard"), [(0.4, 1, 10), (0.2, 1, 10), (0.4, 5, 10), (0.4, 1, 3)])
def test_a_wait_costs_the_logarithm_of_how_far_it_exceeds_the_standard(
    gain: float, softening: float, standard: float
) -> None:
    views = {"wait": gain, "wait_softening": f"{softening} min"}
    visits, people = run(lined({"standard": f"{standard} min"}, **views), customers=300, replications=2)
    waited = (visits.started - visits.arrived) / MINUTE
    signal = -gain * np.log((waited + softening) / (standard + softening))
    asked = visits.touchpoint == "desk"
    assert waited[asked].min() < standard < 3 * standard < waited[asked].max(), "some wait less than usual, some more"
    assert np.allclose(visits.emotion[asked], np.tanh((0.1 + signal + 0.5) / 2)[asked], atol=1e-9)
    assert np.allclose(people.delivered_responsiveness, (0.1 + signal)[asked], atol=1e-9)
    assert (people.delivered_security == 0.5).all(), "a wait tells nothing about anything else"


@pytest.mark.parametrize("extra", [{"line": 0}, {"patience": "7 min"}], ids=["turned_away", "abandoned"])
@pytest.mark.parametrize("refused", [0.0, 0.8, 2.0])
def test_a_wait_in_vain_costs_so_much_more(extra: dict[str, Any], refused: float) -> None:
    visits, people = run(lined(extra, wait=0.4, refused=refused), customers=300, replications=2)
    vain = visits[visits.outcome.isin(["turned_away", "abandoned"])]
    assert len(vain) > 50
    signal = -0.4 * np.log(((vain.ended - vain.arrived) / MINUTE + 1.0) / 11.0) - refused
    assert np.allclose(vain.emotion, np.tanh(0.1 + signal), atol=1e-9), "of responsiveness alone"
    assert np.allclose(vain.ended - vain.arrived, 0.0 if "line" in extra else 7 * MINUTE, atol=1e-9)
    told = vain[["replication", "customer"]].merge(people, on=["replication", "customer"])
    assert (told.seen_security == 0).all() and (told.seen_responsiveness == 1).all()
    served = visits[(visits.outcome == "served") & (visits.touchpoint == "desk")]
    calm = -0.4 * np.log(((served.started - served.arrived) / MINUTE + 1.0) / 11.0)
    assert np.allclose(served.emotion, np.tanh((0.1 + calm + 0.5) / 2), atol=1e-9)


def test_a_wait_that_costs_nothing_is_as_good_as_none() -> None:
    """Bit for bit: the line is there, the evidence is that of a desk where nobody waits."""
    (waited, _), (at_once, _) = (run(lined(desk), customers=300, replications=2) for desk in ({}, {"capacity": 9999}))
    assert (waited.started - waited.arrived).max() > 10 * MINUTE
    assert (waited.emotion.to_numpy() == at_once.emotion.to_numpy()).sum() == waited.emotion.notna().sum() > 0
    assert_same(lined({"standard": "1 min"}), lined({"standard": "3 h"}))
    assert_differ(lined({"standard": "1 min"}, wait=0.2), lined({"standard": "3 h"}, wait=0.2))


def test_what_nobody_is_refused_costs_nobody() -> None:
    assert_same(lined(wait=0.4, refused=5.0), lined(wait=0.4, refused=0.0))
    short = {"patience": "7 min"}
    assert_differ(lined(short, wait=0.4, refused=5.0), lined(short, wait=0.4, refused=0.0))


def returned(desk: dict[str, Any] | None = None, **views: Any) -> Scenario:
    """Everybody buys, and sends it back."""
    back = {"facets": {"returns": SEEN}, "handling": {"law": "exponential", "mean": "6 days"},
            "handling_standard": "4 days"} | (desk or {})  # fmt: skip
    orders = {"return_search": 1.0}
    places = {"site": site(), "desk": site("return", channel="desk", **back)}
    return world(places, {"return": decide(1.0)}, orders=orders, views=STILL | views)


@pytest.mark.parametrize(("gain", "softening", "standard"), [(0.5, 1, 4), (0.25, 1, 4), (0.5, 3, 4), (0.5, 1, 9)])
def test_a_refund_costs_the_logarithm_of_the_days_beyond_the_standard(
    gain: float, softening: float, standard: float
) -> None:
    views = {"handling": gain, "handling_softening": f"{softening} days"}
    visits, people = run(returned({"handling_standard": f"{standard} days"}, **views), customers=300, replications=2)
    back = visits[visits.need == "return"]
    days = back.handling_days
    assert days.min() < 1.0 < 20.0 < days.max()
    signal = -gain * np.log((days + softening) / (standard + softening))
    assert np.allclose(back.emotion, np.tanh(0.1 + signal), atol=1e-9)
    assert np.allclose(people.delivered_returns, 0.1 + signal, atol=1e-9)


@pytest.mark.parametrize("gain", [0.0, 0.2, 0.45])
@pytest.mark.parametrize(("steps", "usual"), [(5, 3), (1, 3), (3, 3), (3, 1)])
def test_each_step_of_a_return_beyond_the_usual_costs_the_same(gain: float, steps: int, usual: int) -> None:
    visits, _ = run(returned({"steps": steps, "steps_standard": usual}, steps=gain), customers=30, replications=1)
    back = visits[visits.need == "return"]
    assert len(back) == 30 and np.allclose(back.emotion, np.tanh(0.1 - gain * (steps - usual)), atol=1e-12)


def test_days_and_steps_that_cost_nothing_change_nobody() -> None:
    assert_same(returned({"handling_standard": "1 day"}), returned({"handling_standard": "90 days"}))
    assert_same(returned({"steps": 9}), returned({"steps": 3}))
    visits, _ = run(returned(), customers=300, replications=1)
    plain, _ = run(returned({"facets": {"returns": SEEN, "security": SEEN}}), customers=300, replications=1)
    back, other = (frame.emotion[frame.need == "return"] for frame in (visits, plain))
    assert (back == other).all() and back.nunique() == 1, "as any certain evidence of any other facet"
    assert_differ(returned({"steps": 9}, steps=0.2), returned({"steps": 3}, steps=0.2))
    assert_differ(returned(handling=0.5), returned())


def test_the_clock_stands_at_the_refund_and_nothing_follows_one_beyond_the_end() -> None:
    told = returned().with_(
        touchpoints={"ask": site("survey")}, needs={"survey": decide(1.0)}, follow_up="8 days",
        orders={"invited": 1.0},
    )  # fmt: skip
    visits, people = run(told, customers=400, replications=2)
    back = visits[visits.need == "return"].merge(people, on=["replication", "customer"])
    end = 8.0 + people.born.groupby(people.replication).transform("max").iloc[0]
    refund = back.ended_x + back.handling_days
    asked = back.surveyed.notna()
    assert 0.6 < asked.mean() < 0.9 and (asked == (refund < end - 0.01)).mean() > 0.99
    late = 5 * MINUTE  # the survey takes five minutes
    assert np.allclose(back.surveyed[asked], refund[asked] + late, atol=1e-9)
