"""A choice is a race by appeal among what is reached; what would pull at it does nothing at 0, bit for bit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.engine.effects.races import assert_chosen_by_appeal_alone
from tests.engine.effects.small import (
    MUTE,
    STEPS,
    assert_differ,
    assert_inside,
    assert_same,
    decide,
    per_run,
    run,
    site,
    world,
)  # fmt: skip
from touchsim.world.scenario import Scenario

SHORT = {STEPS[0]: decide(0.5), STEPS[1]: decide(1e-9)}
"""One contact that counts, then everybody leaves."""


def offered(tries: int = 6, **places: dict[str, Any]) -> Scenario:
    """Touchpoints for the first need; one for the later steps."""
    first = {key: site(STEPS[0], **said) for key, said in places.items()}
    return world(first | {"later": site(*STEPS[1:])}, SHORT, choice={"tries": tries})


@pytest.mark.parametrize(("one", "other"), [(1.0, 1.0), (3.0, 1.0), (0.2, 0.5)])
def test_appeal_shares_the_customers(one: float, other: float) -> None:
    visits, _ = run(offered(a={"appeal": one}, b={"appeal": other}))
    first = visits[visits.visit == 1]
    assert_inside(per_run(first.touchpoint == "a", first), one / (one + other))


@pytest.mark.parametrize("reach", [0.25, 0.8])
def test_a_touchpoint_is_considered_by_the_share_that_it_reaches(reach: float) -> None:
    visits, _ = run(offered(a={"reach": reach, "appeal": 2.0}, b={}))
    first = visits[visits.visit == 1]
    assert_inside(per_run(first.touchpoint == "a", first), reach * 2.0 / 3.0)


@pytest.mark.parametrize("tries", [1, 3])
def test_who_is_reached_by_nothing_thinks_again_and_gives_up_after_so_many_tries(tries: int) -> None:
    visits, people = run(offered(tries, a={"reach": 0.4}, b={"reach": 0.3}))
    nothing = 0.6 * 0.7
    assert_inside(per_run(people.reason == "nothing_reached", people), nothing**tries)
    first = visits[visits.visit == 1]
    assert_inside(per_run(first.touchpoint == "a", first), (0.4 * 0.7 + 0.4 * 0.3 / 2) / (1.0 - nothing))


def test_who_is_reached_by_all_is_not_asked_and_who_is_reached_by_none_is_not_there() -> None:
    both, alone = offered(a={"reach": 0.0}, b={}), offered(a={}, b={}).with_(touchpoints={"a": {"serves": STEPS[1:]}})
    alone = alone.with_(touchpoints={"later": {"appeal": 1e9}})
    assert_same(both.with_(touchpoints={"later": {"appeal": 1e9}}), alone)
    visits = assert_chosen_by_appeal_alone(offered(a={"appeal": 2.0}, b={"reach": 1.0}))
    assert {"a", "b"} < set(visits.touchpoint)
    assert_differ(offered(a={"reach": 0.9}, b={}), offered(a={}, b={}))


def contested(**said: Any) -> Scenario:
    """Two places of ours, a rival, and everything that could pull: offers, pairs, a message, a name, pressure."""
    ours = {"mail": site(started_by="brand", message="1 s", offer={"price": 2.0}, appeal=1.5), "shop": site(reach=0.8)}
    pairs = {"told": {"from": "mail", "to": "shop", "fidelity": 0.9}}
    return world(
        ours, people={"span": "1 h", "tolerance": 0.0}, rivals={"web": {"appeal": 0.3, "offer": {"price": 3.0}}},
        voice=MUTE | {"prior_stars": 5.0} | said.pop("voice", {}),
        alignment={"pairs": pairs} | said.pop("alignment", {}), **said,
    )  # fmt: skip


PULLS: list[dict[str, dict[str, float]]] = [
    {"value": {"on_choice": 0.6}}, {"alignment": {"pull": 0.6}}, {"pressure": {"on_choice": 0.6}},
    {"awareness": {"on_choice": 0.6}}, {"voice": {"on_choice": 0.6}}, {"choice": {"inertia": 0.6}},
]  # fmt: skip


def test_where_every_pull_is_zero_appeal_and_reach_alone_choose() -> None:
    zeros = {section: dict.fromkeys(pull, 0.0) for one in PULLS for section, pull in one.items()}
    visits = assert_chosen_by_appeal_alone(contested(**zeros))
    assert visits.nth.max() > 1 and set(visits.touchpoint) == {"mail", "shop"}


@pytest.mark.parametrize("pull", PULLS, ids=lambda pull: next(iter(pull)))
def test_each_pull_alone_moves_choices(pull: dict[str, dict[str, float]]) -> None:
    assert_differ(contested(**pull), contested())


def named(stars: float, on_choice: float) -> Scenario:
    voice = MUTE | {"prior_stars": stars, "on_choice": on_choice}
    return world({"shop": site()}, rivals={"web": {"appeal": 0.5}}, voice=voice)


@pytest.mark.parametrize(("stars", "on_choice"), [(5.0, 0.0), (1.0, 0.0), (5.0, 0.4), (1.0, 0.4)])
def test_a_name_draws_from_rivals_by_its_stars(stars: float, on_choice: float) -> None:
    _, people = run(named(stars, on_choice))
    weight = 0.5 * np.exp(-on_choice * (stars - 3.0))
    stays = (1.0 / (1.0 + weight)) ** 2  # the rival is met at two steps
    assert_inside(per_run(people.reason != "to_a_rival", people), stays)


def test_a_name_that_draws_nobody_changes_nobody() -> None:
    assert_same(named(5.0, 0.0), named(1.0, 0.0))
    assert_differ(named(5.0, 0.3), named(1.0, 0.3))
