"""Small worlds for one effect at a time: no lines, no noise, and nothing at work that a test does not switch on."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from touchsim.engine.simulation import simulate
from touchsim.log.eventlog import EventLog
from touchsim.vocabulary import NEEDS, keys
from touchsim.world.scenario import Scenario

STEPS = keys(NEEDS)[:4]
NEVER = "9000 days"
"""Longer than any run: who thinks so long does nothing any more."""

_QUIET: dict[str, dict[str, Any]] = {
    "choice": {"inertia": 0.0, "emotion_on_advance": 0.0, "emotion_on_leave": 0.0, "vain_on_leave": 0.0},
    "orders": {"basket": {"mean": 10.0, "cv": 0.0}},
    "views": {"expectation_sd": 0.0},
    "satisfaction": {"search": {}, "experience": {}, "product": 0.0, "value": 0.0, "disposition": 0.0, "noise": 0.0},
    "loyalty": {"recommend": -50.0, "recommend_slope": 0.0, "repeat": -50.0, "repeat_slope": 0.0},
    "value": {"on_choice": 0.0, "on_advance": 0.0, "on_satisfaction": 0.0},
    "alignment": {"pull": 0.0, "reinforce": 0.0, "penalty": 0.0, "on_value": 0.0, "saves": 0.0},
    "crm": {"on_customisation": 0.0, "on_cross_sell": 0.0},
}  # fmt: skip
_ALIKE = {"consent": 1.0, "experience_goods": 0.0, "online_sd": 0.0, "patience_sd": 0.0, "span_sd": 0.0,
          "tolerance_sd": 0.0, "value_sd": 0.0, "interest_sd": 0.0}  # fmt: skip
MUTE = {"post": -50.0, "volume": 0.0, "on_advance": 0.0, "on_choice": 0.0, "on_view": 0.0, "talk_advance": 0.0}
"""A voice that says nothing and that nobody listens to."""


def site(*serves: str, **more: Any) -> dict[str, Any]:
    """A touchpoint without a line, for some needs; for the four steps of buying if none is named."""
    return {"channel": "website", "online": True, "visit": True, "action": True, "serves": list(serves or STEPS)} | more


def sent(**more: Any) -> dict[str, Any]:
    """A touchpoint that only the brand starts."""
    return {"channel": "email", "online": True, "started_by": "brand", "mode": "async", "serves": []} | more


def decide(advance: float, stay: float = 0.0, think: str = "0 days") -> dict[str, Any]:
    """Chances of a need; who neither goes on nor stays leaves."""
    return {"advance": advance, "stay": stay, "leave": 1.0 - advance - stay, "think": think}


def world(
    places: dict[str, Any], needs: dict[str, Any] | None = None, people: dict[str, Any] | None = None, **said: Any
) -> Scenario:
    """A quiet world: everybody goes on at once from need to need, and is gone after the purchase."""
    sections = {key: quiet | said.pop(key, {}) for key, quiet in _QUIET.items()}
    segment = {"arrivals": 1e6, **_ALIKE, **(people or {})}
    return Scenario.of(
        name="small", touchpoints=places, segments={"all": segment}, follow_up=said.pop("follow_up", "90 days"),
        needs={step: decide(1.0) for step in STEPS} | (needs or {}), **sections, **said,
    )  # fmt: skip


def run(scenario: Scenario, customers: int = 2000, replications: int = 20) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Contacts and customers of a run."""
    log = simulate(scenario, customers=customers, seed=5, replications=replications)
    return log.visits_frame(), log.customers_frame()


def per_run(values: pd.Series, frame: pd.DataFrame) -> np.ndarray:
    """Mean of each replication."""
    return np.asarray(values.astype(float).groupby(frame.replication).mean())


def assert_inside(sample: np.ndarray, theory: float, width: float = 0.05) -> None:
    """Assert that theory lies in the 99 % interval of the mean of replications, and that the interval is narrow."""
    n = len(sample)
    half = float(stats.t.ppf(0.995, n - 1) * sample.std(ddof=1) / np.sqrt(n))
    assert abs(sample.mean() - theory) < half, f"{sample.mean():.5f} is not {theory:.5f} within {half:.5f}"
    assert half < width * max(abs(theory), 0.1), "the interval is too wide to prove anything"


def assert_same(one: Scenario, other: Scenario, customers: int = 500) -> EventLog:
    """Assert that two scenarios tell the same story bit for bit, and return its log."""
    logs = [simulate(scenario, customers=customers, seed=8, replications=2) for scenario in (one, other)]
    assert logs[0].describe_difference(logs[1]) is None
    return logs[0]


def assert_differ(one: Scenario, other: Scenario, customers: int = 500) -> None:
    """Assert that two scenarios do not tell the same story."""
    logs = [simulate(scenario, customers=customers, seed=8, replications=2) for scenario in (one, other)]
    assert logs[0].describe_difference(logs[1]) is not None


def logistic(x: float) -> float:
    """Inverse of the logit."""
    return float(1.0 / (1.0 + np.exp(-x)))
