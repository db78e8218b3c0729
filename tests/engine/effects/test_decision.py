"""A decision is a race by base probabilities; what would pull at it does nothing at 0, bit for bit."""

from __future__ import annotations

from typing import Any

import pytest

from tests.engine.effects.races import assert_decided_by_chance_alone
from tests.engine.effects.small import (
    MUTE,
    STEPS,
    assert_differ,
    assert_inside,
    decide,
    per_run,
    run,
    site,
    world,
)  # fmt: skip
from touchsim.world.scenario import Scenario

CHANCES = {step: decide(0.5, 0.2) for step in STEPS} | {"renewal": decide(0.5, 0.2)}
PULLS: list[dict[str, dict[str, float]]] = [
    {"choice": {"emotion_on_advance": 0.5}}, {"choice": {"emotion_on_leave": 0.5}},
    {"choice": {"vain_on_leave": 0.5}}, {"choice": {"disposition_on_advance": 0.5}}, {"value": {"on_advance": 0.5}},
    {"awareness": {"on_advance": 0.5}}, {"pressure": {"on_advance": 0.5}}, {"pressure": {"on_leave": 0.5}},
    {"voice": {"on_advance": 0.5}}, {"loyalty": {"renew_slope": 0.5}},
]  # fmt: skip


def pulled(scares: float = 0.0, **said: dict[str, float]) -> Scenario:
    """All that could move a decision is there: feelings, offers, messages, a name, pressure, mishaps, a closed door."""
    shown = {"security": {"mean": 0.8, "sd": 0.6}}
    push = site(started_by="brand", appeal=3.0, message="2 s", offer={"price": 2.0}, facets=shown,
                risk={"probability": 0.3, "loss": 0.5, "scares": scares})  # fmt: skip
    shut = site(*STEPS, open={"sun": "09:00-12:00"}, early="0 min")
    choice = {"knows_hours": 0.0, "tries": 1000} | said.pop("choice", {})
    loyalty = {"renewal": "12 h", "renew_slope": 0.0} | said.pop("loyalty", {})
    return world(
        {"push": push, "shut": shut, "bill": site("renewal", facets=shown)}, CHANCES, {"span": "1 h", "tolerance": 0.0},
        choice=choice, voice=MUTE | {"prior_stars": 5.0} | said.pop("voice", {}), follow_up="3 days",
        satisfaction={"search": {"security": 1.0}}, loyalty=loyalty, **said,
    )  # fmt: skip


def test_base_probabilities_are_what_customers_do() -> None:
    needs = {STEPS[0]: decide(1.0), STEPS[1]: {"advance": 0.4, "stay": 0.3, "back": 0.2, "leave": 0.1, "think": "1 h"},
             STEPS[2]: decide(1e-9)}  # fmt: skip
    visits, _ = run(world({"site": site()}, needs))
    second = visits[(visits.visit == 2)]
    for decision, share in (("advance", 0.4), ("stay", 0.3), ("back", 0.2), ("leave", 0.1)):
        assert_inside(per_run(second.decision == decision, second), share)


def test_where_every_pull_is_zero_chance_alone_decides() -> None:
    zeros: dict[str, Any] = {}
    for one in PULLS:
        for section, pull in one.items():
            zeros[section] = zeros.get(section, {}) | dict.fromkeys(pull, 0.0)
    visits = assert_decided_by_chance_alone(pulled(**zeros), customers=500)
    assert {"served", "closed"} == set(visits.outcome) and visits.risk.sum() > 100
    assert visits.emotion.abs().max() > 0.8 and (visits.need == "renewal").sum() > 50


@pytest.mark.parametrize("pull", PULLS, ids=lambda pull: ".".join((*pull, *next(iter(pull.values())))))
def test_each_pull_alone_moves_decisions(pull: dict[str, dict[str, float]]) -> None:
    assert_differ(pulled(**pull), pulled())


def test_a_fright_alone_moves_decisions() -> None:
    assert_differ(pulled(scares=0.5), pulled())
