"""Worlds made by chance: valid scenarios of every shape, on continuous time and on grids full of ties."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from touchsim.vocabulary import CHANNELS, FACETS, NEEDS, keys
from touchsim.world.arrivals import MONTHS, WEEKDAYS
from touchsim.world.scenario import Scenario

STEPS, AFTER = keys(NEEDS)[:4], keys(NEEDS)[4:]
GRID = ("0 days", "3 h", "6 h", "12 h", "1 day", "2 days")


@st.composite
def durations(draw: st.DrawFn, grid: bool) -> Any:
    """A law of duration: a multiple of three hours on a grid, else any law."""
    mean = draw(st.sampled_from(GRID))
    if grid or mean == "0 days":
        return mean
    law = draw(st.sampled_from(["fixed", "exponential", "lognormal", "gamma", "weibull", "triangular", "empirical"]))
    if law == "triangular":
        return {"law": law, "low": "1 h", "mode": mean, "high": "3 days"}
    if law == "empirical":
        return {"law": law, "values": ["1 h", mean, "2 days"]}
    more: dict[str, float] = {}
    if law in ("lognormal", "gamma"):
        more = {"cv": draw(st.sampled_from([0.3, 1.0, 1.7]))}
    if law == "weibull":
        more = {"shape": draw(st.sampled_from([0.7, 1.0, 2.5]))}
    return {"law": law, "mean": mean, **more}


@st.composite
def decisions(draw: st.DrawFn, need: str, grid: bool) -> dict[str, Any]:
    """Four probabilities in sixteenths that sum to 1 and lead out, and a law of thinking."""
    leave = draw(st.integers(1, 4))
    back = draw(st.integers(0, 3)) if need in STEPS[1:] else 0
    stay = draw(st.integers(0, 5))
    chances = {"advance": 16 - leave - back - stay, "stay": stay, "back": back, "leave": leave}
    return {key: value / 16 for key, value in chances.items()} | {"think": draw(durations(grid))}


@st.composite
def touchpoints(draw: st.DrawFn, grid: bool, must: str | None) -> dict[str, Any]:
    """A touchpoint that serves the need that it must, and perhaps others; with a line as often as without."""
    more = draw(st.lists(st.sampled_from(keys(NEEDS)), max_size=3, unique=True))
    serves = list(dict.fromkeys(([must] if must else []) + more)) or ["help"]
    place: dict[str, Any] = {
        "channel": draw(st.sampled_from(keys(CHANNELS))), "online": draw(st.booleans()), "serves": serves,
        "appeal": draw(st.sampled_from([0.5, 1.0, 3.0])), "reach": draw(st.sampled_from([1.0, 1.0, 0.5])),
        "noticed": draw(st.sampled_from([1.0, 1.0, 0.6])), "needs_consent": draw(st.sampled_from([False] * 4 + [True])),
        "service": draw(durations(grid)), "delay": draw(durations(grid)), "visit": draw(st.booleans()),
        "action": draw(st.booleans()), "cost": draw(st.sampled_from([0.0, 0.07, 3.0])),
        "handling": draw(durations(grid)), "steps": draw(st.integers(0, 5)),
        "facets": {key: draw(st.sampled_from([-1.0, 0.3])) for key in
                   draw(st.lists(st.sampled_from(keys(FACETS)), max_size=3, unique=True))},
    }  # fmt: skip
    if draw(st.booleans()):
        place |= {"capacity": draw(st.integers(1, 3)), "line": draw(st.sampled_from([None, 0, 1, 4])),
                  "patience": draw(durations(grid))}  # fmt: skip
    return place


@st.composite
def rhythms(draw: st.DrawFn) -> dict[str, Any]:
    """Factors of arrivals by weekday, month and hour, and a trend; often none."""
    if draw(st.booleans()):
        return {}
    factor = st.sampled_from([0.0, 0.5, 1.0, 3.0])
    return {
        "weekdays": draw(st.dictionaries(st.sampled_from(WEEKDAYS[:6]), factor, max_size=3)),
        "season": draw(st.dictionaries(st.sampled_from(MONTHS[:11]), factor, max_size=3)),
        "hours": draw(st.dictionaries(st.sampled_from(["08:00-12:30", "13:00-18:00", "22:00-02:00"]), factor)),
        "trend": draw(st.sampled_from([0.0, 0.0, -0.3, 0.8])),
    }


@st.composite
def worlds(draw: st.DrawFn) -> Scenario:
    """A valid scenario: two to eight touchpoints beyond none that is needed, up to three segments."""
    grid = draw(st.booleans())
    every = draw(st.sampled_from(["3 h", "12 h"])) if grid else "0 days"
    places = {f"place_{step}": draw(touchpoints(grid, step)) for step in STEPS}
    for n in range(draw(st.integers(0, 5))):
        places[f"more_{n}"] = draw(touchpoints(grid, draw(st.sampled_from([None, *AFTER]))))
    places["place_problem_recognition"]["needs_consent"] = False
    places["place_information_search"] |= {"visit": True, "action": True}
    segments = {
        f"segment_{n}": {
            "arrivals": draw(st.sampled_from([2.0, 8.0, 20.0])), "consent": draw(st.sampled_from([0.0, 0.7])),
            "every": every, "patience_sd": 0.0 if grid else draw(st.sampled_from([0.0, 0.5])),
            "stock": draw(st.sampled_from([0, 0, 1, 12])),
            "stock_as": draw(st.sampled_from(["suspect", "lead", "prospect", "customer"])),
        } | ({} if grid else draw(rhythms()))
        for n in range(draw(st.integers(1, 3)))
    }  # fmt: skip
    return Scenario.of(
        name="made_by_chance", follow_up=draw(st.sampled_from(["1 day", "9 days", "80 days"])), segments=segments,
        touchpoints=places, needs={need: draw(decisions(need, grid)) for need in keys(NEEDS)},
        loyalty={"gap": draw(durations(grid)), "repeat": draw(st.sampled_from([-50.0, 0.0]))},
        choice={"tries": draw(st.integers(1, 4)), "inertia": draw(st.sampled_from([0.0, 0.5]))},
        orders={"promised": draw(st.sampled_from(GRID))},
    )  # fmt: skip
