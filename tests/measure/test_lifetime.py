"""What a customer is worth, against the closed form of a constant stream, and on paper."""

from __future__ import annotations

import numpy as np
import pytest

import touchsim as ts
from tests.engine.effects.small import decide, site, world
from tests.log.small import Rows, small_log
from touchsim.errors import BadInput
from touchsim.log.eventlog import EventLog
from touchsim.measure.lifetime import lifetime_value


def stream(every: float, n: int, born: float = 0.0, customer: int = 0) -> Rows:
    """A purchase of 20.00 margin and 5.00 cost each so many days, the first after one such time."""
    return [{"customer": customer, "visit": k, "arrived": born, "ended": born + k * every, "margin_cents": 2000,
             "cost_cents": 500} for k in range(1, n + 1)]  # fmt: skip


def buyer(**said: object) -> dict[str, object]:
    return {"customer": 0, "purchases": 9, "bought_at": "site", "first_purchase": 30.0} | said


def test_a_constant_stream_is_worth_its_geometric_series() -> None:
    log = small_log((stream(30.0, 12), [buyer()]), end=400.0)
    value = lifetime_value(log, horizon=365.0, discount=0.10).set_index(["since", "group"])
    q = 1.1 ** (-30.0 / 365.0)
    assert value.loc[("birth", "all"), "value"] == pytest.approx(15.0 * q * (1 - q**12) / (1 - q), rel=1e-12)
    assert value.loc[("first_purchase", "all"), "value"] == pytest.approx(15.0 * (1 - q**12) / (1 - q), rel=1e-12)
    assert value.loc[("birth", "all"), "margin"] == pytest.approx(20.0 * q * (1 - q**12) / (1 - q), rel=1e-12)
    assert value.loc[("birth", "all"), "censored"] == 0.0


def test_a_longer_horizon_counts_more_of_the_stream_and_no_discount_just_adds_up() -> None:
    log = small_log((stream(30.0, 12), [buyer()]), end=400.0)
    for horizon, purchases in ((29.0, 0), (30.0, 1), (95.0, 3), (1000.0, 12)):
        table = lifetime_value(log, horizon=horizon, discount=0.0).set_index(["since", "group"])
        assert table.loc[("birth", "all"), "value"] == pytest.approx(15.0 * purchases)


def test_segments_censoring_and_referrals_equal_what_paper_says() -> None:
    """Two young (one gone, one still here too short), one old who brings two, each worth what an old one is."""
    visits = [*stream(1.0, 2), *stream(1.0, 4, customer=2)]
    log = small_log((visits, [
        buyer(first_purchase=1.0, status="churned", ended=2.5, reason="no_need"), {"customer": 1, "born": 5.0},
        buyer(customer=2, segment="old", first_purchase=1.0, referrals=2),
    ]), end=10.0)  # fmt: skip
    visits_of_old = lifetime_value(log, horizon=8.0, discount=0.0).set_index(["since", "group"])
    young, old, whole = (visits_of_old.loc[("birth", group)] for group in ("segment:young", "segment:old", "all"))
    assert young["customers"] == 2 and young["value"] == 15.0 and young["censored"] == 0.5
    assert old["value"] == 60.0 and old["censored"] == 0.0 and old["referral_value"] == 120.0
    assert whole["value"] == pytest.approx(30.0) and whole["referral_value"] == pytest.approx(40.0)
    assert whole["referrals"] == pytest.approx(2 / 3) and whole["censored"] == pytest.approx(1 / 3)
    buyers = visits_of_old.loc[("first_purchase", "all")]
    assert buyers["customers"] == 2 and buyers["value"] == pytest.approx((30.0 + 60.0) / 2)


@pytest.fixture(scope="module")
def log() -> EventLog:
    return ts.simulate(ts.load_scenario("webshop"), customers=600, replications=3)


def test_over_all_days_without_discount_it_is_the_contribution_per_customer(log: EventLog) -> None:
    figures = ts.kpis(log).set_index(["kpi", "group"])["value"]
    table = lifetime_value(log, horizon=1e6, discount=0.0).set_index(["since", "group"])
    assert table.loc[("birth", "all"), "value"] == pytest.approx(figures["contribution", "all"] / 600)


def test_groups_add_up_and_time_costs(log: EventLog) -> None:
    table = lifetime_value(log)
    for since, rows in table.groupby("since"):
        parts, whole = rows[rows["group"] != "all"], rows[rows["group"] == "all"].iloc[0]
        assert parts["customers"].sum() == pytest.approx(whole["customers"]), since
        assert (rows["low"] <= rows["value"]).all() and (rows["value"] <= rows["high"]).all()
    cheap, dear = (lifetime_value(log, discount=rate).set_index(["since", "group"])["margin"] for rate in (0.0, 0.5))
    assert (dear < cheap).all()


def test_a_horizon_or_a_discount_that_makes_no_sense_is_refused_at_once(log: EventLog) -> None:
    with pytest.raises(BadInput) as caught:
        lifetime_value(log, horizon=0.0, discount=-0.1)
    assert "horizon" in str(caught.value) and "discount" in str(caught.value)
    with pytest.raises(BadInput):
        lifetime_value(log, horizon=np.inf)


def relation(satisfaction: float, stays: float = 0.7, slope: float = 0.8) -> EventLog:
    """Everybody subscribes, is equally content, and pays 10.00 (3.50 of it margin) at every renewal, once a month."""
    scenario = world(
        {"site": site(), "bill": site("renewal", service="0 s")}, {"renewal": decide(stays)}, follow_up="9000 days",
        loyalty={"renewal": "30 days", "renew_slope": slope}, views={"promise": {"security": satisfaction}},
        satisfaction={"search": {"security": 1.0}},
    )  # fmt: skip
    return ts.simulate(scenario, customers=1000, seed=5, replications=20)


def assert_worth(log: EventLog, expected: float, **how: float) -> None:
    """Assert that value since the first purchase is the one expected, within its 99 % interval, a narrow one."""
    row = lifetime_value(log, **how).set_index(["since", "group"]).loc[("first_purchase", "all")]
    half = (row["high"] - row["low"]) / 2 * 2.861 / 2.093  # Student's t with 19 degrees of freedom, 99 % for 95 %
    assert abs(row["value"] - expected) < half < 0.05 * expected


@pytest.mark.parametrize("satisfaction", [-1.0, 0.0, 1.0])
def test_satisfaction_raises_what_a_subscriber_is_worth_by_the_geometric_series(satisfaction: float) -> None:
    log, renews = relation(satisfaction), 0.7 / (0.7 + 0.3 * np.exp(-0.8 * satisfaction))
    assert_worth(log, 3.5 / (1.0 - renews), horizon=8000.0, discount=0.0)
    q = renews * 1.5 ** (-30.0 / 365.0)
    assert_worth(log, 3.5 / (1.0 - q), horizon=8000.0, discount=0.5)
    assert_worth(log, 3.5 * (1.0 - renews**4) / (1.0 - renews), horizon=105.0, discount=0.0)  # three renewals


@pytest.mark.parametrize("stays", [0.5, 0.8])
def test_the_more_renew_the_more_a_subscriber_is_worth(stays: float) -> None:
    assert_worth(relation(1.0, stays, slope=0.0), 3.5 / (1.0 - stays), horizon=8000.0, discount=0.0)


def test_satisfaction_that_keeps_nobody_is_worth_nothing() -> None:
    pleased, annoyed = (relation(satisfaction, slope=0.0) for satisfaction in (1.0, -1.0))
    assert lifetime_value(pleased).equals(lifetime_value(annoyed))


@pytest.mark.parametrize("satisfaction", [-1.0, 1.0])
def test_who_comes_back_content_is_worth_more(satisfaction: float) -> None:
    """The same by repurchase: a need that comes back every five days, as often as satisfaction says."""
    scenario = world(
        {"site": site()}, follow_up="400 days", loyalty={"repeat": 0.2, "repeat_slope": 0.7, "gap": "5 days"},
        views={"promise": {"security": satisfaction}}, satisfaction={"search": {"security": 1.0}},
    )  # fmt: skip
    log = ts.simulate(scenario, customers=1000, seed=5, replications=20)
    back = 1.0 / (1.0 + np.exp(-0.2 - 0.7 * satisfaction))
    assert_worth(log, 3.5 / (1.0 - back), horizon=400.0, discount=0.0)
