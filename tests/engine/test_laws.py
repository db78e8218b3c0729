"""Laws that hold in any valid scenario, and what must not change when something else does."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings

from tests.world.full_worlds import full_world
from tests.world.worlds import whole_worlds, worlds
from touchsim.datasets import scenarios
from touchsim.engine.simulation import simulate
from touchsim.vocabulary import FACETS, STAGES, keys
from touchsim.world.scenario import Scenario, load_scenario

SLOW = settings(deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, max_examples=40)


def before_the_run(scenario: Scenario, stock_as: str) -> tuple[int, int]:
    """Purchases and recommendations of the stock before the run: what the stages up to theirs ask for."""
    rules = [getattr(scenario.funnel, stage) for stage in keys(STAGES)[1 : keys(STAGES).index(stock_as) + 1]]
    bought = max((rule.purchases for rule in rules), default=0)
    return max(bought, int(stock_as == "customer")), max((rule.recommendations for rule in rules), default=0)


def assert_lawful(scenario: Scenario, visits: pd.DataFrame, people: pd.DataFrame, until: float) -> None:
    """Assert every law of the world model on one replication."""
    status = people.status.value_counts()
    assert len(people) == status.sum() == people.customer.nunique(), "arrived, with the stock, is all there is"
    here = people.origin == "stock"
    before = {key: before_the_run(scenario, segment.stock_as) for key, segment in scenario.segments.items()}
    bought, told = (people.segment.map({key: had[n] for key, had in before.items()}).astype(int) * here
                    for n in range(2))  # fmt: skip
    assert here.sum() == sum(segment.stock for segment in scenario.segments.values())
    assert (people.purchases + bought).gt(0).sum() == status.get("active", 0) + status.get("churned", 0)
    assert ((people.purchases.gt(0) & bought.eq(0)) == people.first_purchase.notna()).all()
    assert (people.bought_at.notna() == people.first_purchase.notna()).all()
    assert people.born[here].eq(0).all() and (people.customer[here] < here.sum()).all(), "the stock comes first"
    assert people.ended.notna().eq(people.status.isin(["lost", "churned"])).all()
    assert people.visits.sum() == len(visits)

    open_end = visits.ended.fillna(until)
    assert (visits.arrived <= visits.started.fillna(open_end)).all()
    assert (visits.started.fillna(visits.arrived) <= open_end).all()
    assert open_end.max() <= until
    own = visits[~is_message(scenario, visits)]  # a message comes beside the journey
    before = open_end[own.index].groupby(own.customer).shift()
    assert (own.arrived >= before.fillna(0.0)).all(), "contacts of one customer overlap"
    assert (visits.groupby("customer").cumcount() + 1 == visits.visit).all()

    for key, place in scenario.touchpoints.items():
        if place.week:
            assert_kept_hours(scenario, key, visits[visits.touchpoint == key])
        if place.servers is None:
            continue
        at = visits[(visits.touchpoint == key) & visits.started.notna()]
        moves = pd.concat([pd.Series(1, at.started), pd.Series(-1, at.ended.fillna(np.inf))])
        moves = moves.groupby(level=0).sum().sort_index()  # who leaves at an instant makes room for who comes then
        assert moves.cumsum().max() <= place.servers if len(moves) else True
        line = visits[visits.touchpoint == key]
        if place.line is not None:
            left = line.started.fillna(line.ended).fillna(np.inf)
            waits = left > line.arrived
            steps = pd.concat([pd.Series(1, line.arrived[waits]), pd.Series(-1, left[waits])])
            if len(steps):
                assert steps.groupby(level=0).sum().sort_index().cumsum().max() <= place.line

    rule = scenario.funnel
    reached = {key: people[f"reached_{key}"].notna() for key in keys(STAGES)[1:]}
    assert ((people.purchases + bought)[reached["customer"]] >= rule.customer.purchases).all()
    assert ((people.purchases + bought)[reached["repeat_customer"]] >= 2).all()
    assert ((people.recommendations + told)[reached["advocate"]] >= 1).all()
    for key, segment in scenario.segments.items():
        stages = keys(STAGES)[1 : keys(STAGES).index(segment.stock_as) + 1]
        mine = here & (people.segment == key) & people.opted_out.isna()
        assert all(people[f"reached_{stage}"][mine].eq(0).all() for stage in stages)
    assert people.consent[reached["lead"]].all(), "who opts out is no lead any more"
    assert not people.consent[people.opted_out.notna()].any()
    deepest = pd.DataFrame(reached).mul(list(range(1, len(reached) + 1)), axis=1).max(axis=1)
    assert (deepest == people.stage.map(keys(STAGES).index).astype(int)).all()

    moments = people.filter(regex="^(reached_|first_purchase|surveyed|ended)")
    assert not (moments.max() >= until).any(), "something happened after the end of the run"
    assert (moments.min(axis=1).fillna(np.inf) >= people.born).all()

    for money in ("cost_cents", "revenue_cents", "margin_cents"):
        total = visits.groupby("customer")[money].sum().reindex(people.customer, fill_value=0).to_numpy()
        assert (total == people[money].to_numpy()).all()
    assert visits.emotion.dropna().between(-1, 1).all()
    assert (people.journeys >= 1).all()
    assert visits.journey.between(1, visits.customer.map(people.set_index("customer").journeys)).all()
    assert_wanted(scenario, visits, people)


def is_message(scenario: Scenario, visits: pd.DataFrame) -> pd.Series:
    """Which contacts came beside the journey: sent by the brand, and not a planned call that takes a server's time."""
    planned = [key for key, rule in scenario.automation.items() if scenario.touchpoints[rule.send].capacity is not None]
    return visits.sent_by.notna() & ~visits.sent_by.isin(planned)


def assert_wanted(scenario: Scenario, visits: pd.DataFrame, people: pd.DataFrame) -> None:
    """Assert that what the brand sends comes only to those who consented, and automation only to persons it knows."""
    sent = visits[visits.sent_by.notna()]
    persons = people.set_index("customer").loc[sent.customer]
    opted_out = persons.opted_out.to_numpy()
    agreed = is_message(scenario, sent).to_numpy() <= (sent.arrived.to_numpy() <= opted_out)  # a call was agreed before
    willing = persons.consent.to_numpy() | (~np.isnan(opted_out) & agreed)
    ruled = sent.sent_by.isin(list(scenario.automation)).to_numpy()
    asks = sent.touchpoint.isin([key for key, place in scenario.touchpoints.items() if place.needs_consent]).to_numpy()
    assert willing[ruled | asks].all(), "a message came without consent"
    known = visits.linked.astype(int).groupby(visits.customer).cumsum() - visits.linked.astype(int)
    assert (known[sent.index][ruled] > 0).all(), "a rule sent to somebody of whom no contact is linked"


def assert_kept_hours(scenario: Scenario, key: str, visits: pd.DataFrame) -> None:
    """Assert that service begins on shift only, by no more than are on shift then, and that closed doors are closed."""
    place, day = scenario.touchpoints[key], scenario.start.weekday()

    def window(moments: pd.Series) -> pd.Series:
        minutes = ((moments + day) * 1440.0).round(6)
        found = pd.Series(-1, moments.index)
        for n, (opens, closes, _) in enumerate(place.week):
            found[(minutes % 10080.0 >= opens) & (minutes % 10080.0 < closes)] = n
        return found

    served = visits[visits.started.notna()]
    shift = window(served.started)
    assert (shift >= 0).all(), "service begins outside opening hours"
    closed = visits[visits.outcome == "closed"]
    assert (window(closed.arrived) < 0).all() and (closed.ended == closed.arrived).all()
    away = visits[(visits.outcome == "turned_away") & (visits.ended > visits.arrived)]
    assert (window(away.ended) < 0).all(), "who waited is turned away at closing only"
    if place.mode == "async":
        assert not visits.outcome.isin(["closed", "turned_away"]).any(), "an inbox turns nobody away"
    for (_, n), begun in served.groupby([((served.started + day + 1e-9) // 7.0), shift]):
        moves = pd.concat([pd.Series(1, begun.started), pd.Series(-1, begun.ended.fillna(np.inf))])
        servers = np.inf if place.servers is None else place.week[n].servers
        assert moves.groupby(level=0).sum().sort_index().cumsum().max() <= servers, "more serve than are on shift"


@settings(SLOW)
@given(scenario=worlds())
def test_worlds_made_by_chance_obey_every_law(scenario: Scenario) -> None:
    log = simulate(scenario, customers=120, seed=9)
    assert_lawful(scenario, log.visits_frame(), log.customers_frame(), log.provenance["end"][0])


@settings(SLOW, max_examples=80)
@given(scenario=whole_worlds())
def test_whole_worlds_obey_every_law(scenario: Scenario) -> None:
    log = simulate(scenario, customers=100, seed=9)
    assert_lawful(scenario, log.visits_frame(), log.customers_frame(), log.provenance["end"][0])


def assert_full_world_is_lawful(number: int) -> None:
    scenario = full_world(number)
    log = simulate(scenario, customers=100, seed=number)
    assert_lawful(scenario, log.visits_frame(), log.customers_frame(), log.provenance["end"][0])


@pytest.mark.parametrize("number", [0, 1, 2, 3, 65, 152, 188, 200, 248, 275])
def test_worlds_with_everything_on_obey_every_law(number: int) -> None:
    assert_full_world_is_lawful(number)


@pytest.mark.proof
@pytest.mark.parametrize("first", range(0, 300, 30))
def test_three_hundred_worlds_with_everything_on_obey_every_law(first: int) -> None:
    for number in range(first, first + 30):
        assert_full_world_is_lawful(number)


@pytest.mark.parametrize("name", scenarios())
def test_built_in_scenarios_obey_every_law(name: str) -> None:
    scenario = load_scenario(name)
    log = simulate(scenario, customers=3000, seed=9)
    assert_lawful(scenario, log.visits_frame(), log.customers_frame(), log.provenance["end"][0])


@pytest.mark.parametrize("mode", ["sync", "async"])
def test_busy_desks_with_shifts_obey_every_law(mode: str) -> None:
    shifts = {"mon-fri": {"09:00-12:00": 1, "12:00-13:00": 3, "13:00-17:00": 2}, "sat": {"10:00-16:00": 1}}
    desk = {"capacity": shifts, "service": {"law": "exponential", "mean": "2 h"}, "line": 4 if mode == "sync" else None,
            "patience": {"law": "exponential", "mean": "6 h"}, "mode": mode, "early": "1 h"}  # fmt: skip
    data = load_scenario("webshop").model_dump(mode="json")
    for key in ("phone", "store", "return_desk"):
        data["touchpoints"][key] |= desk
    scenario = Scenario.of(**data)
    log = simulate(scenario, customers=3000, seed=9)
    visits = log.visits_frame()
    at_desks = visits[visits.touchpoint.isin(["phone", "store", "return_desk"])]
    assert {"served", "abandoned"} | ({"turned_away", "closed"} if mode == "sync" else set()) <= set(at_desks.outcome)
    assert_lawful(scenario, visits, log.customers_frame(), log.provenance["end"][0])


def test_a_refund_after_the_end_of_the_run_opens_no_stage() -> None:
    visit = {"visit": True, "action": True}
    late = {"handling": {"law": "exponential", "mean": "30 days"}, **visit}
    shop = load_scenario("webshop")
    others = {key: {"visit": False, "action": False} for key in shop.touchpoints}
    scenario = shop.with_(touchpoints={**others, "return_desk": late, "return_parcel": late})
    log = simulate(scenario, customers=3000, seed=9)
    people = log.customers_frame()
    assert people.reached_lead.notna().any(), "some refunds come before the end"
    assert people.reached_lead.max() < log.provenance["end"][0]


def test_littles_law_holds_on_the_service_line() -> None:
    log = simulate(load_scenario("webshop"), days=60.0, seed=2)
    calls = log.visits_frame().query("touchpoint == 'phone'")
    end = log.provenance["end"][0]
    waited = calls.started.fillna(calls.ended).fillna(end) - calls.arrived
    in_line = pd.concat([pd.Series(1, calls.arrived), pd.Series(-1, calls.arrived + waited)]).groupby(level=0).sum()
    spans = np.diff([*in_line.index, end])
    mean_line = float((in_line.cumsum().to_numpy() * spans).sum() / end)
    assert mean_line == pytest.approx(len(calls) / end * waited.mean(), rel=1e-9)


def lonely(**changes: Any) -> Scenario:
    """The web shop without lines: nobody meets anybody."""
    shop = load_scenario("webshop")
    free = {key: {"capacity": None, "line": None} for key, place in shop.touchpoints.items() if place.capacity}
    data = shop.model_dump(mode="json")
    for key, change in free.items():
        data["touchpoints"][key] |= change
    return Scenario.of(**data).with_(**changes) if changes else Scenario.of(**data)


def test_one_more_customer_changes_nobody_else() -> None:
    shop = lonely()
    few, more = (simulate(shop, customers=n, seed=4) for n in (500, 501))
    end = few.provenance["end"][0]
    first = few.visits_frame().loc[lambda frame: frame["ended"] < end]
    again = more.visits_frame().loc[lambda frame: (frame["customer"] < 500) & (frame["ended"] < end)]
    pd.testing.assert_frame_equal(first.reset_index(drop=True), again.reset_index(drop=True), check_exact=True)


def test_a_touchpoint_that_nobody_reaches_changes_nobody() -> None:
    shop = load_scenario("webshop")
    kiosk = {"channel": "store", "online": False, "serves": ["information_search", "help"], "reach": 0.0}
    more = shop.with_(touchpoints={"a_kiosk": kiosk})
    a, b = (simulate(scenario, customers=800, seed=4).visits_frame() for scenario in (shop, more))
    pd.testing.assert_frame_equal(a.astype({"touchpoint": str}), b.astype({"touchpoint": str}), check_exact=True)


def test_another_order_of_touchpoints_in_the_file_changes_nobody() -> None:
    shop = load_scenario("webshop")
    data = shop.model_dump(mode="json")
    data["touchpoints"] = dict(reversed(data["touchpoints"].items()))
    a, b = (simulate(s, customers=800, seed=4).visits_frame() for s in (shop, Scenario.of(**data)))
    same = {"touchpoint": str, "channel": str}
    pd.testing.assert_frame_equal(a.astype(same), b.astype(same), check_exact=True)


def test_a_better_phone_follows_the_same_people() -> None:
    shop = load_scenario("webshop")
    a, b = (simulate(s, customers=2000, seed=4).customers_frame() for s in (shop, shop.with_("more_phone_staff")))
    assert (a.born == b.born).all() and (a.goods == b.goods).all()
    untouched = (a.satisfaction == b.satisfaction).mean()
    assert 0.8 < untouched < 1.0


@pytest.mark.parametrize("seed", [0, 1, 2**63 - 1])
def test_seeds_and_replications_make_other_worlds(seed: int) -> None:
    log = simulate(load_scenario("corner_shop"), customers=50, seed=seed, replications=2)
    born = log.customers_frame().groupby("replication").born.first()
    other = simulate(load_scenario("corner_shop"), customers=50, seed=seed ^ 4, replications=1).customers_frame()
    assert born.nunique() == 2 and other.born[0] not in set(born)


def test_views_stay_at_the_promise_where_nothing_is_expected_or_felt() -> None:
    shop = lonely(views={"expectation_sd": 0.0, "promise": {"returns": 0.7}})
    people = simulate(shop, customers=500, seed=1).customers_frame()
    for key in keys(FACETS):
        unseen = people[people[f"seen_{key}"] == 0][f"perceived_{key}"]
        assert set(unseen) <= {shop.views.promise.get(key, 0.0)}  # type: ignore[call-overload]
