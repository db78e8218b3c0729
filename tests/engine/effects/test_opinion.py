"""What the public hears is fair unless said: good news as fast as bad, and reviews skewed by who bought."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.engine.effects.small import (
    MUTE,
    STEPS,
    assert_inside,
    assert_same,
    decide,
    per_run,
    run,
    site,
    world,
)  # fmt: skip
from tests.engine.effects.test_voice import CUTS, GRID, NORMAL, STARS, posting
from touchsim.engine.simulation import simulate
from touchsim.world.scenario import Scenario
from touchsim.world.voice import Voice


def test_good_and_bad_news_are_alike_unless_a_scenario_says_otherwise() -> None:
    ready = Voice()
    assert ready.good == ready.bad > 0.0
    assert ready.good_speed == ready.bad_speed > 0.0


def gossip(satisfaction: float, **voice: Any) -> Scenario:
    """Hear from friends first, then buy; all are equally content or discontent, and nobody minds what is said."""
    certain = {"security": {"mean": 0.0, "sd": 0.0}}
    places = {"friends": site(STEPS[0], channel="word_of_mouth", facets=certain), "shop": site(*STEPS[1:])}
    return world(places, people={"arrivals": 100.0}, views={"promise": {"checkout": satisfaction}},
                 satisfaction={"search": {"checkout": 1.0}},
                 voice=MUTE | {"post": -0.5, "above": 0.5, "below": 0.5, "on_view": 1.0} | voice)  # fmt: skip


def heard_by_day(satisfaction: float, **voice: Any) -> pd.Series:
    """What is heard from friends on each day, in z."""
    visits = simulate(gossip(satisfaction, **voice), days=8.0, seed=4).visits_frame()
    there = visits[visits.touchpoint == "friends"]
    by_day = there.emotion.groupby(np.floor(there.arrived))
    assert (by_day.max() == by_day.min()).all()
    return by_day.first()


def test_by_default_bad_news_is_the_mirror_of_good_news() -> None:
    good, bad = heard_by_day(0.8), heard_by_day(-0.8)
    assert good.is_monotonic_increasing and good.iloc[0] == 0.0 and good.iloc[-1] > 0.7
    assert np.allclose(bad, -good, atol=1e-12)


@pytest.mark.parametrize("said", [{"bad": 4.0}, {"bad_speed": "8 h"}])
def test_news_that_goes_further_or_faster_is_heard_more_and_only_that(said: dict[str, Any]) -> None:
    good, bad, more = heard_by_day(0.8, **said), heard_by_day(-0.8), heard_by_day(-0.8, **said)
    assert (good == heard_by_day(0.8)).all(), "where there is no bad news its reach and speed matter to nobody"
    days = good.index > 0
    assert (more[days] < bad[days]).all()


@pytest.mark.parametrize(("side", "speed"), [("good", "good_speed"), ("bad", "bad_speed")])
def test_each_speed_is_an_exponential_approach_of_its_own(side: str, speed: str) -> None:
    sign = 1.0 if side == "good" else -1.0
    log = simulate(gossip(sign * 0.8, **{side: 1.5, speed: "3 days", "fading": "900000 days"}), days=8.0, seed=4)
    people, visits = log.customers_frame(), log.visits_frame()
    told = people[people.posts > 0].groupby(np.floor(people.first_purchase)).size()
    coming = arrived = 0.0
    for day in range(8):
        coming += 1.5 * told.get(day - 1, 0)
        arrived, coming = arrived + coming * -np.expm1(-1 / 3), coming * np.exp(-1 / 3)
        today = visits.emotion[(visits.touchpoint == "friends") & (np.floor(visits.arrived) == day)]
        assert np.allclose(today, np.tanh(sign * arrived / (arrived + 1.0)), atol=1e-9)


def reviewed(buys: float, post: float, slope: float) -> Scenario:
    """Who is cheerful buys more often by so much, and is more content; posting leans to neither side."""
    return world({"site": site()}, {STEPS[0]: decide(0.5)}, choice={"disposition_on_advance": buys},
                 satisfaction={"disposition": 1.0},
                 voice=MUTE | {"post": post, "above": slope, "below": slope})  # fmt: skip


def stars_of(people: pd.DataFrame) -> pd.Series:
    """Stars that each customer would give."""
    return 1 + sum((people.satisfaction >= cut).astype(int) for cut in CUTS)


@pytest.mark.parametrize(("buys", "slope"), [(0.8, 0.0), (-0.8, 0.0), (0.8, 1.0), (0.0, 1.0)])
def test_reviews_flatter_by_who_buys(buys: float, slope: float) -> None:
    """Mean stars posted less the mean that all who came would give: purchasing bias, by quadrature."""
    _, people = run(reviewed(buys, -1.0, slope))
    weight = NORMAL / (1.0 + np.exp(-buys * GRID)) * posting(-1.0, slope, slope)
    assert_inside(per_run(people.posts, people), float(weight.sum()))
    posted = people[people.posts > 0]
    gap = float(weight @ STARS / weight.sum() - NORMAL @ STARS)
    assert np.sign(gap if abs(gap) > 1e-3 else 0.0) == np.sign(buys)
    assert_inside(per_run(posted.stars, posted) - per_run(stars_of(people), people), gap, width=0.4)


def test_selection_of_buyers_and_silence_of_the_moderate_make_a_j() -> None:
    _, people = run(reviewed(0.8, -4.0, 2.5), customers=4000)
    weight = NORMAL / (1.0 + np.exp(-0.8 * GRID)) * posting(-4.0, 2.5, 2.5)
    posted = people[people.posts > 0]
    shares = [float(weight[STARS == stars].sum() / weight.sum()) for stars in range(1, 6)]
    for stars, share in enumerate(shares, 1):
        assert_inside(per_run(posted.stars == stars, posted), share, width=0.15)
    one, two, three, four, five = (float((posted.stars == stars).mean()) for stars in range(1, 6))
    assert three < one < two < four < five, "few in the middle, most at the top"
    usual = stars_of(people).value_counts()
    assert usual.idxmax() == 3 and abs(usual[5] / usual[1] - 1.0) < 0.1, "though all who came are moderate and even"


def test_who_buys_by_nature_alone_changes_no_review_where_nature_pleases_nobody() -> None:
    blind = {"satisfaction": {"disposition": 0.0}}
    _, people = run(reviewed(0.8, -1.0, 1.0).with_(**blind), replications=10)
    assert set(people.stars[people.posts > 0]) == {3}
    bought = people[people.purchases > 0]
    assert_inside(per_run(bought.posts, bought), float(posting(-1.0, 1.0, 1.0)[len(GRID) // 2]))
    assert_same(reviewed(0.8, -50.0, 0.0), reviewed(0.8, -50.0, 1.0))
