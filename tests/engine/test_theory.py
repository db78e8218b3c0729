"""Scale of correctness: one station is M/M/c or Erlang-A, a funnel without lines is an absorbing Markov chain.

Each simulated figure must lie inside its 99 % interval around theory, from independent replications; seeds are fixed.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats

from tests.theory import formulas
from touchsim.engine.simulation import simulate
from touchsim.vocabulary import NEEDS, keys
from touchsim.world.scenario import Scenario

MINUTE = 1 / 1440
STEPS = keys(NEEDS)[:4]
AT_ONCE = {"advance": 0.0, "leave": 1.0, "think": "0 days"}


def station(servers: int, patience: str | None, line: int | None = None) -> Scenario:
    """One exponential touchpoint: 0.8 arrivals a minute per server, service of one minute."""
    open_to_all: dict[str, Any] = {"channel": "phone", "online": False, "visit": True, "action": True}
    place = {
        **open_to_all, "serves": ["problem_recognition"], "capacity": servers, "line": line,
        "service": {"law": "exponential", "mean": "1 min"},
        "patience": {"law": "exponential", "mean": patience} if patience else "900000 days",
    }  # fmt: skip
    rest = {**open_to_all, "serves": list(STEPS[1:])}
    return Scenario.of(
        name="station", follow_up="1 day", segments={"callers": {"arrivals": 0.8 * servers * 1440, "patience_sd": 0.0}},
        touchpoints={"line": {k: v for k, v in place.items() if v is not None}, "rest": rest},
        needs={"problem_recognition": {"advance": 1e-9, "leave": 1 - 1e-9, "think": "0 days"}},
        choice={"tries": 1},
    )  # fmt: skip


def means(scenario: Scenario, customers: int, replications: int) -> dict[str, np.ndarray]:
    """Mean wait (minutes), share that waits at all and share abandoned of each replication, warm-up left out."""
    visits = simulate(scenario, customers=customers, seed=7, replications=replications).visits_frame()
    visits = visits[(visits.touchpoint == "line") & (visits.customer >= customers // 5)]
    waited = visits.started.fillna(visits.ended) - visits.arrived
    gone, away = visits.outcome == "abandoned", visits.outcome == "turned_away"
    frame = visits.assign(wait=waited / MINUTE, gone=gone, away=away)
    return {name: frame.groupby("replication")[name].mean().to_numpy() for name in ("wait", "gone", "away")}


def assert_inside(sample: np.ndarray, theory: float) -> None:
    n = len(sample)
    half = stats.t.ppf(0.995, n - 1) * sample.std(ddof=1) / np.sqrt(n)
    assert abs(sample.mean() - theory) < half, f"{sample.mean():.5f} is not {theory:.5f} within {half:.5f}"
    assert half < 0.05 * max(theory, 0.05), "the interval is too wide to prove anything"


@pytest.mark.parametrize("servers", [1, 3])
def test_an_exponential_touchpoint_is_m_m_c(servers: int) -> None:
    sample = means(station(servers, None), customers=40_000 * servers, replications=30)
    assert_inside(sample["wait"], formulas.mmc_wait(arrivals=0.8 * servers, service=1.0, servers=servers))


@pytest.mark.parametrize("servers", [1, 4])
def test_with_patience_it_is_erlang_a(servers: int) -> None:
    sample = means(station(servers, "2 min"), customers=40_000, replications=30)
    theory = formulas.erlang_a(arrivals=0.8 * servers, service=1.0, servers=servers, patience=2.0)
    assert_inside(sample["gone"], theory.abandoned)
    assert_inside(sample["wait"], theory.wait)


def test_with_a_short_line_it_is_m_m_c_k() -> None:
    sample = means(station(2, None, line=3), customers=40_000, replications=30)
    assert_inside(sample["away"], formulas.mmck(arrivals=1.6, service=1.0, servers=2, room=5).turned_away)


def test_without_lines_the_funnel_is_an_absorbing_chain() -> None:
    chances = {
        "problem_recognition": (0.6, 0.2, 0.0, 0.2), "information_search": (0.5, 0.3, 0.1, 0.1),
        "alternatives": (0.4, 0.3, 0.2, 0.1), "purchase_decision": (0.5, 0.1, 0.2, 0.2),
    }  # fmt: skip
    words = ("advance", "stay", "back", "leave")
    place = {"channel": "website", "online": True, "serves": list(STEPS), "visit": True, "action": True}
    scenario = Scenario.of(
        name="chain", segments={"all": {"arrivals": 100.0}}, touchpoints={"site": place}, follow_up="400 days",
        needs={step: dict(zip(words, chances[step], strict=True)) | {"think": "1 h"} for step in STEPS},
        loyalty={"repeat": -50.0, "repeat_slope": 0.0},
    )  # fmt: skip
    moves, exits = np.zeros((4, 4)), np.zeros((4, 2))
    for n, step in enumerate(STEPS):
        advance, stay, back, leave = chances[step]
        moves[n, n], exits[n, 1] = stay, leave
        if n:
            moves[n, n - 1] = back
        if n < 3:
            moves[n, n + 1] = advance
        else:
            exits[n, 0] = advance
    log = simulate(scenario, customers=20_000, seed=3, replications=30)
    people, visits = log.customers_frame(), log.visits_frame()
    bought = (people.purchases > 0).groupby(people.replication).mean().to_numpy()
    assert_inside(bought, float(formulas.absorbed(moves, exits)[0, 0]))
    expected = formulas.expected_visits(moves)[0]
    for n, step in enumerate(STEPS):
        contacts = (visits.need == step).groupby(visits.replication).sum().to_numpy() / 20_000
        assert_inside(contacts, float(expected[n]))
