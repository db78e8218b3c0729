"""Who speaks up follows the slopes, hence the shape of the reviews; what is public is recomputed from the log."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from tests.engine.effects.small import (
    MUTE,
    STEPS,
    assert_differ,
    assert_inside,
    assert_same,
    decide,
    logistic,
    per_run,
    run,
    sent,
    site,
    world,
)  # fmt: skip
from touchsim.engine.simulation import simulate
from touchsim.world.scenario import Scenario

CUTS = (-1.5, -0.5, 0.5, 1.5)
GRID = np.linspace(-8.0, 8.0, 160_001)
NORMAL = stats.norm.pdf(GRID) / stats.norm.pdf(GRID).sum()
STARS = 1 + np.searchsorted(CUTS, GRID, side="right")
"""Satisfaction is standard normal here; its law on a grid, and the stars that it would give."""


def spoken(**voice: Any) -> Scenario:
    return world({"site": site()}, satisfaction={"noise": 1.0}, voice=MUTE | voice)


def posting(post: float, above: float, below: float, reference: float = 0.0) -> np.ndarray:
    off = GRID - reference
    return np.asarray(1.0 / (1.0 + np.exp(-(post + above * np.maximum(off, 0.0) + below * np.maximum(-off, 0.0)))))


@pytest.mark.parametrize(("above", "below", "reference"), [(1.5, 0.0, 0.0), (0.0, 1.5, 0.0), (1.0, 1.8, 0.4)])
def test_posting_and_the_stars_posted_follow_the_slopes(above: float, below: float, reference: float) -> None:
    _, people = run(spoken(post=-1.0, above=above, below=below, reference=reference), customers=3000)
    chance = posting(-1.0, above, below, reference)
    assert_inside(per_run(people.posts, people), float(NORMAL @ chance))
    posted = people[people.posts > 0]
    for stars in range(1, 6):
        share = float((NORMAL * chance)[STARS == stars].sum() / (NORMAL @ chance))
        assert_inside(per_run(posted.stars == stars, posted), share, width=0.2)


def mean_gap(above: float, below: float) -> np.ndarray:
    """Mean stars posted less the mean stars that all buyers would give, in each replication."""
    _, people = run(spoken(post=-2.0, above=above, below=below), customers=3000)
    all_stars = 1 + sum((people.satisfaction >= cut).astype(int) for cut in CUTS)
    posted = people[people.posts > 0]
    assert (posted.stars == all_stars[posted.index]).all()
    return per_run(posted.stars, posted) - per_run(all_stars, people)


@pytest.mark.parametrize(("above", "below"), [(1.2, 0.2), (0.2, 1.2)])
def test_reviews_err_to_the_side_that_speaks_up_more(above: float, below: float) -> None:
    chance = posting(-2.0, above, below)
    gap = float((NORMAL * chance) @ STARS / (NORMAL @ chance) - NORMAL @ STARS)
    assert gap * (above - below) > 0.3
    assert_inside(mean_gap(above, below), gap, width=0.1)


def test_the_moderate_report_less_and_reviews_turn_j_shaped() -> None:
    _, people = run(spoken(post=-4.0, above=2.0, below=2.0), customers=3000)
    shares = people[people.posts > 0].stars.value_counts(normalize=True)
    assert shares[3] < shares[1] and shares[3] < shares[5], "few speak of what was as expected"
    usual = 1 + sum((people.satisfaction >= cut).astype(int) for cut in CUTS)
    assert usual.value_counts().idxmax() == 3, "though most are moderate"


def asked(asks: float | None, requests: int = 1, post: float = -1.0, **more: Any) -> Scenario:
    """Buy, and be asked for a review so many times, from two days after the purchase on."""
    letter = sent(**({} if asks is None else {"asks_for_review": asks}) | more.pop("letter", {}))
    rules = {f"please_{n}": {"when": "purchase", "wait": f"{n + 2} days", "send": "letter"} for n in range(requests)}
    return world({"site": site(), "letter": letter} | more.pop("places", {}), automation=rules,
                 voice=MUTE | {"post": post, "above": 0.0, "below": 0.0}, **more)  # fmt: skip


PARCEL = {"parcel": site("delivery", delay="10 days")}
"""A delivery that comes after the request: what is asked is answered when all about the purchase is done."""


@pytest.mark.parametrize("places", [{}, PARCEL], ids=["asked_after", "asked_before"])
@pytest.mark.parametrize(("asks", "requests"), [(0.8, 1), (0.8, 3), (2.0, 1)])
def test_being_asked_shifts_the_logit_of_posting(asks: float, requests: int, places: dict[str, Any]) -> None:
    _, people = run(asked(asks, requests, places=places, needs={"delivery": decide(1.0)}), customers=3000)
    assert people.posts.max() == 1, "one purchase, one review, however often one is asked"
    assert_inside(per_run(people.posts, people), logistic(-1.0 + asks * requests))


def test_a_request_that_is_not_noticed_asks_nobody() -> None:
    _, people = run(asked(2.0, letter={"noticed": 0.4}), customers=3000)
    assert_inside(per_run(people.posts, people), 0.4 * logistic(1.0) + 0.6 * logistic(-1.0))


def test_who_would_post_unasked_posts_the_same_when_asked() -> None:
    (_, before), (_, after) = (run(asked(asks), replications=4) for asks in (0.0, 1.0))
    assert (after.posts >= before.posts).all() and after.posts.sum() > before.posts.sum()


def test_being_asked_for_nothing_is_not_being_asked() -> None:
    assert assert_same(asked(0.0), asked(None)).customers_frame().posts.sum() > 100
    never = {"please_0": {"when": "returned"}}
    assert_same(asked(2.0).with_(automation=never), asked(None).with_(automation=never))


def test_a_request_is_about_the_last_purchase_only() -> None:
    loyal = {"repeat": 1.0, "gap": "20 days"}
    rules = {"please_0": {"times": 9}, "please_1": {"wait": "21 days", "times": 9}}  # a day after the second purchase
    _, people = run(asked(0.8, 2, loyalty=loyal, follow_up="30 days").with_(automation=rules))
    once = people[people.purchases == 2]
    assert len(once) > 1000
    assert_inside(per_run(once.posts, once), logistic(-0.2) + logistic(0.6))


def test_what_was_asked_for_is_read_from_the_day_after_the_answer() -> None:
    rule = {"please": {"when": "purchase", "wait": "2 days", "send": "letter"}}
    places = {"letter": sent(asks_for_review=50.0)}
    told = heard(post=-20.0, above=0.0, below=0.0, prior=7.0, prior_stars=3.8)
    log = simulate(told.with_(touchpoints=places, automation=rule), days=9.0, seed=4)
    people, visits = log.customers_frame(), log.visits_frame()
    posted = people[people.posts > 0]
    assert len(posted) > 500
    for day in range(9):
        before = posted[np.floor(posted.first_purchase + 2.0) < day]
        reputation = (7.0 * 3.8 + before.stars.sum()) / (7.0 + len(before)) - 3.0
        today = visits[(np.floor(visits.arrived) == day) & (visits.touchpoint == "read")]
        assert np.allclose(today.emotion, np.tanh(0.5 * reputation), atol=1e-9)


def heard(**voice: Any) -> Scenario:
    """Read reviews, hear from friends, buy; a few hundred a day, each at the moment of birth."""
    certain = {"security": {"mean": 0.0, "sd": 0.0}}
    places = {"read": site(STEPS[0], channel="reviews", facets=certain), "shop": site(*STEPS[2:]),
              "friends": site(STEPS[1], channel="word_of_mouth", facets=certain)}  # fmt: skip
    return world(places, people={"arrivals": 200.0}, satisfaction={"noise": 1.0},
                 voice=MUTE | {"post": -0.5, "above": 0.4, "below": 0.9, "on_view": 0.5} | voice)  # fmt: skip


def test_reputation_and_talk_are_what_was_posted_before_midnight() -> None:
    voice = {"prior": 7.0, "prior_stars": 3.8, "volume": 0.1, "good": 1.5, "bad": 3.0, "good_speed": "2 days",
             "bad_speed": "1 day", "fading": "9 days", "reference": 0.2}  # fmt: skip
    log = simulate(heard(**voice), days=12.0, seed=4)
    people, visits = log.customers_frame(), log.visits_frame()
    posted = people[people.posts > 0]
    day_posted, first_day = np.floor(posted.first_purchase), np.floor(visits.arrived)
    coming, news = np.zeros(2), np.zeros(2)
    for day in range(12):
        before = posted[day_posted < day]
        mean = (7.0 * 3.8 + before.stars.sum()) / (7.0 + len(before))
        reputation = mean - 3.0 + 0.1 * np.log(1 + len(before))
        yesterday = posted[day_posted == day - 1]
        good = (yesterday.satisfaction >= 0.2).sum()
        coming += np.array([1.5, 3.0]) * [good, len(yesterday) - good]
        arrives = coming * (1.0 - np.exp(-1.0 / np.array([2.0, 1.0])))
        coming -= arrives
        news = news * np.exp(-1.0 / 9.0) + arrives
        talk = (news[0] - news[1]) / (news.sum() + 1.0)
        today = visits[first_day == day]
        for place, said in (("read", reputation), ("friends", talk)):
            assert np.allclose(today.emotion[today.touchpoint == place], np.tanh(0.5 * said), atol=1e-9)
    assert abs(talk) > 0.1 and len(posted) > 500


@pytest.mark.parametrize(("stars", "pull"), [(5.0, 0.6), (1.0, 0.6), (4.0, -0.9)])
def test_a_good_name_speeds_going_on(stars: float, pull: float) -> None:
    voice = MUTE | {"prior_stars": stars, "on_advance": pull}
    visits, _ = run(world({"site": site()}, {STEPS[0]: decide(0.3, 0.3)}, voice=voice), customers=3000)
    first = visits[visits.visit == 1]
    weight = 0.3 * np.exp(pull * (stars - 3.0))
    assert_inside(per_run(first.decision == "advance", first), weight / (weight + 0.7))


@pytest.mark.parametrize(("pull", "good", "bad"), [(0.9, 3.0, 0.0), (0.9, 0.0, 3.0), (-0.6, 3.0, 1.0)])
def test_good_talk_speeds_going_on_and_bad_talk_slows_it(pull: float, good: float, bad: float) -> None:
    told = {"post": -0.5, "talk_advance": pull, "good": good, "bad": bad, "good_speed": "8 h", "bad_speed": "8 h"}
    scenario = world({"site": site()}, {STEPS[0]: decide(0.3, 0.3)}, {"arrivals": 300.0},
                     satisfaction={"noise": 1.0}, voice=MUTE | told | {"fading": "9 days"})  # fmt: skip
    log = simulate(scenario, days=8.0, seed=4, replications=20)
    people, visits = log.customers_frame(), log.visits_frame()
    first = visits[visits.need == STEPS[0]].assign(day=np.floor(visits.arrived))
    posted = people[people.posts > 0].assign(day=np.floor(people.first_purchase))
    off = []
    for replication in range(20):
        coming, news = np.zeros(2), np.zeros(2)
        mine, said = first[first.replication == replication], posted[posted.replication == replication]
        for day in range(8):
            satisfied = said.satisfaction[said.day == day - 1] >= 0.0
            coming += np.array([good, bad]) * [satisfied.sum(), (~satisfied).sum()]
            arrives = coming * (1.0 - np.exp(-3.0))
            coming, news = coming - arrives, news * np.exp(-1.0 / 9.0) + arrives
            weight = 0.3 * np.exp(pull * (news[0] - news[1]) / (news.sum() + 1.0))
            off.append((replication, (mine.decision[mine.day == day] == "advance") - weight / (weight + 0.7)))
    apart = pd.concat([values.to_frame("off").assign(replication=replication) for replication, values in off])
    assert abs(weight / (weight + 0.7) - 0.3) > 0.05, "there is something to see"
    assert_inside(per_run(apart.off, apart), 0.0, width=0.1)


def test_volume_makes_a_name() -> None:
    assert_differ(heard(volume=0.5), heard(volume=0.0))


@pytest.mark.parametrize("coefficient", ["on_advance", "talk_advance", "on_view"])
def test_each_coefficient_of_listening_alone_moves_customers(coefficient: str) -> None:
    needs = {"needs": {STEPS[1]: decide(0.5, 0.2), STEPS[2]: decide(0.5, 0.2)}}
    still = {"on_view": 0.0, "prior_stars": 4.5}
    assert_differ(heard(**still | {coefficient: 0.8}).with_(**needs), heard(**still).with_(**needs))


def test_a_voice_that_nobody_listens_to_changes_what_nobody_does() -> None:
    deaf = heard(on_view=0.0)
    visits, people = run(deaf, replications=2)
    visits_without, people_without = run(deaf.with_(voice=None), replications=2)
    assert visits.equals(visits_without) and people.posts.sum() > 500
    said = ["posts", "stars", "propensity"]
    assert people.drop(columns=said).equals(people_without.drop(columns=said))


def test_where_nobody_posts_slopes_matter_to_nobody() -> None:
    assert_same(spoken(above=0.0, below=0.0), spoken(above=0.5, below=0.9))
