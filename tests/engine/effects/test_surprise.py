"""Surprise, loss, learning, first impressions, and peak and end, each recomputed contact by contact by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.engine.effects.small import (
    STEPS,
    assert_differ,
    assert_inside,
    assert_same,
    decide,
    per_run,
    run,
    sent,
    site,
    world,
)  # fmt: skip
from touchsim.world.scenario import Scenario

EVIDENCE = (-0.6, 0.9, 0.2, -0.3)
PROMISE, PRIOR, RECENCY = 0.4, 1.0, 0.2


def contacts(peak_end: float = 0.0, **views: Any) -> Scenario:
    """Four contacts, one a step, each a certain witness of security."""
    places = {f"place_{n}": site(step, facets={"security": {"mean": seen, "sd": 0.0}})
              for n, (step, seen) in enumerate(zip(STEPS, EVIDENCE, strict=True))}  # fmt: skip
    return world(places, views={"promise": {"security": PROMISE}, **views}, satisfaction={"peak_end": peak_end})


def by_hand(
    disconfirmation: float = 0.0, loss: float = 1.0, learn: float = 0.0, primacy: float = 0.0
) -> tuple[float, list[float]]:
    """View after the contacts, and the emotion at each."""
    view, expected, emotions = PROMISE, PROMISE, []
    for n, seen in enumerate(EVIDENCE, 1):
        surprise = seen - expected
        heard = seen + disconfirmation * (surprise if surprise > 0 else loss * surprise)
        weight = max(RECENCY, 1.0 / (n + PRIOR))
        if n == 1:
            weight = min(1.0, weight * (1.0 + primacy))
        view += weight * (heard - view)
        expected += learn * (seen - expected)
        emotions.append(float(np.tanh(heard)))
    return view, emotions


@pytest.mark.parametrize("said", [
    {}, {"disconfirmation": 0.8}, {"disconfirmation": 0.8, "loss": 2.5}, {"disconfirmation": 0.8, "learn": 0.5},
    {"primacy": 0.6}, {"primacy": 5.0}, {"disconfirmation": 0.3, "loss": 2.0, "learn": 1.0, "primacy": 0.2},
])  # fmt: skip
def test_views_and_emotions_are_what_the_equations_say(said: dict[str, float]) -> None:
    visits, people = run(contacts(**said), customers=50, replications=1)
    view, emotions = by_hand(**said)
    assert np.allclose(people.perceived_security, view, atol=1e-12)
    assert np.allclose(visits.emotion.to_numpy().reshape(-1, 4), emotions, atol=1e-12)


def test_a_loss_weighs_so_many_times_a_gain() -> None:
    def heard(loss: float) -> np.ndarray:
        visits, _ = run(contacts(disconfirmation=0.5, loss=loss), customers=20, replications=1)
        return np.arctanh(visits.emotion.to_numpy().reshape(-1, 4)[0]) - EVIDENCE

    once, twice = heard(1.0), heard(2.0)
    bad = np.array(EVIDENCE) < PROMISE
    assert np.allclose(twice[bad], 2.0 * once[bad]) and np.allclose(twice[~bad], once[~bad])


def test_an_episode_is_remembered_by_its_peak_and_its_end() -> None:
    _, people = run(contacts(peak_end=1.5), customers=50, replications=1)
    _, emotions = by_hand()
    peak = max(emotions, key=abs)
    assert np.allclose(people.satisfaction, 1.5 * (peak + emotions[-1]) / 2.0, atol=1e-12)


@pytest.mark.parametrize("coefficient", ["disconfirmation", "learn", "primacy", "peak_end"])
def test_a_coefficient_of_zero_changes_nobody(coefficient: str) -> None:
    also = {"disconfirmation": 0.3} if coefficient == "learn" else {}
    assert_same(contacts(**{coefficient: 0.0}, **also), contacts(**also), customers=50)
    assert_differ(contacts(**{coefficient: 0.4}, **also), contacts(**also), customers=50)


def test_the_first_impression_is_of_the_first_contact_that_is_felt() -> None:
    """An advert that nobody sees comes before, and changes nothing."""
    places = {f"place_{n}": site(step, facets={"security": {"mean": seen, "sd": 0.0}})
              for n, (step, seen) in enumerate(zip(STEPS, EVIDENCE, strict=True))}  # fmt: skip
    places["advert"] = sent(noticed=0.0, facets={"security": {"mean": 3.0, "sd": 0.0}})
    scenario = world(places, {STEPS[0]: decide(1.0, think="20 days")}, views={"promise": {"security": PROMISE},
                     "primacy": 0.6}, exposure={"x": {"send": "advert", "intensity": 1.0}})  # fmt: skip
    visits, people = run(scenario, customers=50, replications=1)
    assert (visits[visits.visit == 1].touchpoint == "advert").mean() > 0.9
    assert np.allclose(people.perceived_security, by_hand(primacy=0.6)[0], atol=1e-12)


def test_who_is_present_at_the_start_has_had_a_first_impression() -> None:
    scenario = contacts(primacy=0.6).with_(segments={"all": {"stock": 40, "stock_as": "lead"}})
    _, people = run(scenario, customers=50, replications=1)
    views = people.groupby("origin").perceived_security
    assert set(people.origin) == {"arrival", "stock"}
    assert views.nunique().eq(1).all() and views.first().nunique() == 2


@pytest.mark.parametrize("sd", [0.4, 1.1])
def test_expectations_spread_about_the_promise_facet_by_facet(sd: float) -> None:
    promise = {"security": PROMISE, "checkout": -0.3}
    _, people = run(world({"site": site()}, views={"promise": promise, "expectation_sd": sd}), customers=4000)
    off = {facet: people[f"perceived_{facet}"] - mean for facet, mean in (promise | {"returns": 0.0}).items()}
    for deviation in off.values():
        assert_inside(per_run(deviation, people), 0.0, width=0.4)
        assert_inside(per_run(deviation**2, people), sd**2)
    assert_inside(per_run(off["security"] * off["checkout"], people), 0.0, width=0.4)
    assert_inside(per_run(off["security"].abs() < sd, people), 0.682689)


def test_a_contact_surprises_whoever_expected_something_else_of_it() -> None:
    """The spread of expectations stays in the view as the prior's share, and in the surprise with its own weight."""
    first = {"place_0": {"facets": {"security": {"mean": EVIDENCE[0], "sd": 0.0}}}}
    places = {f"place_{n}": {"facets": {"security": None}} for n in (1, 2, 3)}
    scenario = contacts(expectation_sd=0.8, disconfirmation=0.5).with_(touchpoints=first | places)
    visits, people = run(scenario)
    heard = np.arctanh(visits.emotion[visits.visit == 1])
    spread = heard - heard.groupby(visits.replication).transform("mean")
    assert_inside(per_run(spread**2, visits[visits.visit == 1]), (0.5 * 0.8) ** 2, width=0.15)
    view = people.perceived_security
    off = view - view.groupby(people.replication).transform("mean")
    assert_inside(per_run(off**2, people), (0.5 * 0.8 - 0.5 * 0.5 * 0.8) ** 2, width=0.15)


def test_where_all_expect_the_same_the_promise_is_what_they_expect() -> None:
    _, people = run(world({"site": site()}, views={"promise": {"security": PROMISE}, "expectation_sd": 0.0}),
                    customers=100, replications=1)  # fmt: skip
    assert (people.perceived_security == PROMISE).all() and (people.perceived_returns == 0.0).all()
    spread, same = (contacts(expectation_sd=sd) for sd in (0.5, 0.0))
    assert_differ(spread, same, customers=50)
    certain = {"views": {"prior": 0.0}}
    (_, some), (_, none) = (run(one.with_(**certain), customers=50, replications=1) for one in (spread, same))
    assert np.allclose(some.perceived_security, none.perceived_security, atol=1e-12), "contacts say all"
