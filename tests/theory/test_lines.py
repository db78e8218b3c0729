"""Lines with opening hours and shifts: both engines say what a slow reference says, step by step, tie by tie."""

from __future__ import annotations

import random
from datetime import date, timedelta

import numpy as np
import pytest

from tests.theory.lines import STEPS_A_DAY, Desk, Join, some_desk, some_joins
from touchsim.engine import journey, kernel
from touchsim.engine.hours import door
from touchsim.engine.simulation import simulate
from touchsim.engine.words import CLOSED, SERVED
from touchsim.vocabulary import NEEDS, OUTCOMES, keys
from touchsim.world.blueprint import draw
from touchsim.world.layout import TOUCHPOINTS, Me, Touch
from touchsim.world.scenario import Scenario

WEEKS = 3
STEPS = WEEKS * 7 * STEPS_A_DAY
MONDAY = date(2026, 1, 5)
Fates = dict[int, tuple[str, float, float]]


def world_of(said: dict[str, object], start: date, **more: object) -> Scenario:
    desk = {"channel": "desk", "online": False, "serves": list(keys(NEEDS)[:4]), "visit": True, "action": True, **said}
    return Scenario.of(name="one_desk", start=start, segments={"all": {"arrivals": 1.0, "patience_sd": 0.0}},
                       touchpoints={"desk": desk}, **more)  # fmt: skip


def told(outcome: int, started: float, ended: float) -> tuple[str, float, float]:
    return keys(OUTCOMES)[outcome], -1.0 if np.isnan(started) else started * STEPS_A_DAY, ended * STEPS_A_DAY


def in_kernel(table: np.ndarray, people: np.ndarray, joins: list[Join]) -> Fates:
    """Ask the recursion of the compiled engine, one who joins after the other."""
    k = TOUCHPOINTS
    servers, exits = np.zeros((1, int(table[k, Touch.CAPACITY]))), np.full((1, 10), -np.inf)
    fates = {}
    for who, join in enumerate(joins):
        at, service, patience = (steps / STEPS_A_DAY for steps in (join.at, join.service, join.patience))
        opens, closes = door(table, people, 0, k, at)
        fate = (CLOSED, np.nan, at)
        if opens < np.inf:
            fate = kernel._join(table, servers, exits, k, at, opens, closes, service, patience)
        fates[who] = told(*fate)
    return fates


def in_simpy(table: np.ndarray, people: np.ndarray, joins: list[Join]) -> Fates:
    """Let them stand in the line of the readable engine."""
    clock = journey.Clock()
    line = journey.Line(clock, table, TOUCHPOINTS)
    fates = {}

    def come(who: int, join: Join) -> journey.Steps:
        at, service, patience = (steps / STEPS_A_DAY for steps in (join.at, join.service, join.patience))
        yield clock.at(at, journey.JOIN, who)
        opens, closes = door(table, people, 0, TOUCHPOINTS, at)
        outcome, started = CLOSED, np.nan
        if opens < np.inf:
            turn = line.join(who, opens, closes, patience)
            outcome = SERVED if turn is None else (yield turn)
        if outcome == SERVED:
            started = clock.now
            yield clock.at(started + service, journey.END, who)
            line.leave(who)
        fates[who] = told(outcome, started, clock.now)

    for who, join in enumerate(joins):
        clock.process(come(who, join))
    clock.run()
    return fates


def told_by_all(desk: Desk, joins: list[Join], first_day: int) -> tuple[Fates, Fates, Fates]:
    table = draw(world_of(desk.said, MONDAY + timedelta(first_day))).table
    people = np.zeros((1, Me.MET + 1))
    people[0, Me.PATIENCE] = 1.0
    return desk.serve(joins, STEPS), in_kernel(table, people, joins), in_simpy(table, people, joins)


def assert_same(seeds: range) -> None:
    seen: set[str] = set()
    for seed in seeds:
        chance = random.Random(seed)
        first_day = chance.randrange(7)
        desk, joins = some_desk(chance, first_day), some_joins(chance, 7 * STEPS_A_DAY)
        reference, compiled, simpy = told_by_all(desk, joins, first_day)
        for who in range(len(joins)):
            known = reference.get(who)
            if known is None:  # still in line when the reference ends
                assert compiled[who][2] > STEPS - 1
            else:
                seen.add(known[0])
                assert compiled[who] == known, (seed, who, desk.said)
            assert simpy[who] == compiled[who], (seed, who, desk.said)
    assert seen == {"served", "abandoned", "turned_away", "closed"}


def test_both_engines_serve_a_line_with_hours_and_shifts_as_the_reference_does() -> None:
    assert_same(range(400))


@pytest.mark.proof
def test_both_engines_serve_many_lines_with_hours_and_shifts_as_the_reference_does() -> None:
    assert_same(range(1000, 11_000))


@pytest.mark.parametrize(("early", "closed"), [("0 min", 16 / 24), ("2 h", 14 / 24), ("16 h", 0.0)])
def test_a_door_that_is_open_a_third_of_the_day_is_found_closed_as_often_as_it_is(early: str, closed: float) -> None:
    hours = {"open": {"daily": "08:00-16:00"}, "early": early}
    shop = world_of(hours, MONDAY, choice={"knows_hours": 0.0})
    visits = simulate(shop, customers=20_000, seed=1).visits_frame()
    first = visits[visits["visit"] == 1]
    share = (first["outcome"] == "closed").mean()
    assert share == pytest.approx(closed, abs=4.0 * np.sqrt(closed * (1.0 - closed) / len(first)))


def test_who_knows_the_hours_comes_at_any_moment_of_the_next_session() -> None:
    shop = world_of({"open": {"daily": "08:00-16:00"}, "early": "0 min"}, MONDAY, choice={"knows_hours": 0.75})
    first = simulate(shop, customers=20_000, seed=1).visits_frame().query("visit == 1")
    assert (first["outcome"] == "closed").mean() == pytest.approx(0.25 * 16 / 24, abs=0.01)
    hour = 24.0 * (first.loc[first["outcome"] == "served", "arrived"] % 1.0)
    assert hour.between(8.0, 16.0).all()
    assert np.histogram(hour, 8)[0].std() / (len(hour) / 8) < 0.05, "spread evenly over the session"
