"""Worlds made by chance: valid scenarios of every shape, on continuous time and on grids full of ties."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from touchsim.vocabulary import CHANNELS, FACETS, NEEDS, keys
from touchsim.world.arrivals import MONTHS, WEEKDAYS
from touchsim.world.contacting import UNLESS, WHEN
from touchsim.world.scenario import Scenario

STEPS, AFTER = keys(NEEDS)[:4], keys(NEEDS)[4:]
GRID = ("0 days", "3 h", "6 h", "12 h", "1 day", "2 days")

OPENINGS = (
    {"daily": "00:00-24:00"}, {"daily": "06:00-21:00"}, {"mon-fri": "09:00-12:00, 12:00-18:00", "sat": "closed"},
    {"sat-mon": "00:00-24:00"}, {"fri": "18:00-24:00", "sat": "00:00-03:00, 21:00-24:00", "sun": "00:00-06:00"},
    {"mon,wed": "03:00-09:00", "sun": "15:00-24:00", "thu": "09:10-09:20"},
)  # fmt: skip
SCHEDULES = (
    {"mon-fri": {"06:00-12:00": 1, "12:00-15:00": 3, "15:00-21:00": 2}, "sun": {"18:00-24:00": 2}},
    {"daily": {"00:00-09:00": 1, "09:00-24:00": 2}}, {"daily": {"09:00-12:00": 2, "12:00-15:00": 0, "15:00-18:00": 1}},
    {"tue": {"09:30-10:00, 10:00-17:45": 3}, "fri,sat": {"18:00-24:00": 1, "00:00-03:00": 2}},
)  # fmt: skip


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
def decisions(draw: st.DrawFn, need: str, grid: bool, whole: bool = False) -> dict[str, Any]:
    """Four probabilities in sixteenths that sum to 1 and lead out, and a law of thinking."""
    leave = 1 if whole else draw(st.integers(1, 4))
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
    if draw(st.integers(0, 2)) == 0:
        place |= draw(hours("capacity" in place, place.get("line")))
    return place


OFFERS = st.fixed_dictionaries({}, optional={
    name: st.sampled_from([-1.0, 0.4, 1.5]) for name in ("price", "service", "personalisation", "closeness")
})  # fmt: skip


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
def hours(draw: st.DrawFn, limited: bool, line: int | None) -> dict[str, Any]:
    """Opening hours or, where capacity is limited, a schedule of it; an inbox where no line has a limit."""
    said: dict[str, Any] = {"early": draw(st.sampled_from(["0 min", "15 min", "6 h", "3 days"]))}
    if line is None and draw(st.booleans()):
        said["mode"] = "async"
    if limited and draw(st.booleans()):
        return said | {"capacity": draw(st.sampled_from(SCHEDULES))}
    return said | {"open": draw(st.sampled_from(OPENINGS))}


@st.composite
def messages(draw: st.DrawFn, grid: bool, places: dict[str, Any]) -> dict[str, Any]:
    """Exposure and automation of every kind, and the touchpoints that they send."""
    message = {"channel": "email", "online": True, "started_by": "brand", "mode": "async", "serves": [], "cost": 0.05,
               "message": draw(st.sampled_from(["0 s", "5 s", "20 s"])), "noticed": draw(st.sampled_from([1.0, 0.5])),
               "needs_consent": draw(st.booleans()), "asks_for_review": draw(st.sampled_from([0.0, 1.5, 40.0])),
               "facets": draw(st.sampled_from([{}, {"customisation": 0.3}]))}  # fmt: skip
    places["mail"] = message
    places["call"] = message | {"capacity": draw(st.integers(1, 2)), "service": draw(durations(grid)), "mode": "sync"}
    exposure = {f"advert_{n}": {"send": "mail", "intensity": draw(st.sampled_from([0.0, 0.2, 1.0])),
                                "targeting": draw(st.sampled_from([0.0, 1.0])), "searching": 2.0}
                for n in range(draw(st.integers(0, 2)))}  # fmt: skip
    rules = {
        f"rule_{n}": {
            "when": draw(st.sampled_from(WHEN)), "wait": draw(durations(grid)), "unless": draw(st.sampled_from(UNLESS)),
            "send": draw(st.sampled_from(["mail", "mail", "call"])), "times": draw(st.sampled_from([1, 3])),
            "brings_back": draw(st.sampled_from([0.0, 0.7])),
        }
        for n in range(draw(st.integers(0, 4)))
    }  # fmt: skip
    if not exposure and not any(rule["send"] == "mail" for rule in rules.values()):
        rules["rule_mail"] = {"when": "lead", "wait": "1 day", "send": "mail"}
    if not any(rule["send"] == "call" for rule in rules.values()):
        rules["rule_call"] = {"when": "prospect", "wait": draw(durations(grid)), "send": "call"}
    return {"exposure": exposure, "automation": rules}


@st.composite
def behaviours(draw: st.DrawFn, grid: bool, places: dict[str, Any]) -> dict[str, Any]:
    """Every further behaviour, each switched on more often than not."""
    some = st.sampled_from([0.0, 0.4, 2.0])
    for place in places.values():
        place["offer"] = draw(OFFERS)
        place["noticed"], place["reach"] = max(place["noticed"], 0.9), 1.0
        place["message"] = draw(st.sampled_from(["0 s", "0 s", "8 s"]))
        if draw(st.booleans()):
            place["risk"] = {"probability": 0.3, "loss": draw(some), "scares": draw(some)}
    said = draw(messages(grid, places)) if draw(st.booleans()) else {}
    names, pairs, couples = sorted(places), {}, set()
    for _ in range(draw(st.integers(0, 4))):
        couple = (draw(st.sampled_from(names)), draw(st.sampled_from(names)))
        if couple not in couples:
            couples.add(couple)
            strength = {key: draw(st.sampled_from([0.0, 0.5, 1.0])) for key in ("fidelity", "conflict", "supplement")}
            pairs[f"{couple[0]}_to_{couple[1]}"] = {"from": couple[0], "to": couple[1], **strength}
    rivals = {f"rival_{n}": {"offer": draw(OFFERS), "appeal": draw(st.sampled_from([0.02, 0.2])),
                             "online": draw(st.booleans())} for n in range(draw(st.integers(0, 2)))}  # fmt: skip
    voice = None
    if draw(st.booleans()):
        voice = {"post": draw(st.sampled_from([-2.0, 2.0])), "on_advance": draw(some), "on_choice": draw(some),
                 "on_view": draw(some), "talk_advance": draw(some), "referrals": draw(st.sampled_from([0.0, 0.9])),
                 "referral_delay": draw(durations(grid)), "bad_speed": "5 days"}  # fmt: skip
    return said | {
        "rivals": rivals, "voice": voice, "market": draw(st.sampled_from([60, 5000] if voice else [None, 400])),
        "value": {"on_choice": draw(some), "on_advance": draw(some), "on_satisfaction": draw(some)},
        "alignment": {"pairs": pairs, "pull": draw(some), "saves": draw(st.sampled_from([0.0, 0.5]))},
        "awareness": {"on_choice": draw(some), "on_advance": draw(some)},
        "pressure": {"on_leave": draw(some), "on_advance": draw(some), "on_choice": draw(some), "opt_out": draw(some)},
        "crm": {"coverage": draw(st.sampled_from([1.0, 0.5])), "accuracy": draw(st.sampled_from([0.0, 0.3, 1.0]))},
    }  # fmt: skip


@st.composite
def whole_worlds(draw: st.DrawFn) -> Scenario:
    """A valid scenario in which every behaviour may be at work."""
    return draw(worlds(whole=True))


@st.composite
def worlds(draw: st.DrawFn, whole: bool = False) -> Scenario:
    """A valid scenario: two to eight touchpoints beyond none that is needed, up to three segments."""
    grid = draw(st.booleans())
    every = draw(st.sampled_from(["3 h", "12 h"])) if grid else "0 days"
    places = {f"place_{step}": draw(touchpoints(grid, step)) for step in STEPS}
    for n in range(draw(st.integers(0, 5))):
        places[f"more_{n}"] = draw(touchpoints(grid, draw(st.sampled_from([None, *AFTER]))))
    places["place_problem_recognition"]["needs_consent"] = False
    places["place_information_search"] |= {"visit": True, "action": True}
    more = draw(behaviours(grid, places)) if whole else {}
    traits = st.fixed_dictionaries({
        "affinity": st.dictionaries(st.sampled_from(keys(CHANNELS)), st.sampled_from([-1.5, 0.0, 0.8]), max_size=6),
        "span": st.just("9 s"), "tolerance": st.sampled_from([0.0, 1.0]), "value_sd": st.sampled_from([0.0, 0.5]),
        "inertia_sd": st.sampled_from([0.0, 0.5]), "voice_sd": st.sampled_from([0.0, 1.0]),
        "correlation": st.sampled_from([{}, {"price, span": -0.4, "disposition, voice": 0.5, "online, rate": 0.3}]),
    })  # fmt: skip
    segments = {
        f"segment_{n}": {
            **(draw(traits) if whole else {}),
            "arrivals": draw(st.sampled_from([2.0, 8.0, 20.0])), "consent": draw(st.sampled_from([0.0, 0.7])),
            "every": every, "patience_sd": 0.0 if grid else draw(st.sampled_from([0.0, 0.5])),
            "stock": draw(st.sampled_from([0, 0, 1, 12])),
            "stock_as": draw(st.sampled_from(["suspect", "lead", "prospect", "customer"])),
        } | ({} if grid else draw(rhythms()))
        for n in range(draw(st.integers(1, 3)))
    }  # fmt: skip
    return Scenario.of(
        name="made_by_chance", follow_up=draw(st.sampled_from(["1 day", "9 days", "80 days"])), segments=segments,
        touchpoints=places, needs={need: draw(decisions(need, grid, whole)) for need in keys(NEEDS)},
        loyalty={"gap": draw(durations(grid)), "repeat": draw(st.sampled_from([-50.0, 0.0])),
                 "recommend": 1.0 if whole else -1.2, "renewal": "5 days",
                 "rate_cv": draw(st.sampled_from([0.0, 0.8])) if whole and not grid else 0.0},
        choice={"tries": 5 if whole else draw(st.integers(1, 4)), "inertia": draw(st.sampled_from([0.0, 0.5])),
                "knows_hours": draw(st.sampled_from([0.0, 0.5, 1.0])), "disposition_on_advance": 0.3 if whole else 0.0},
        start=draw(st.sampled_from(["2026-01-05", "2026-03-06", "2026-08-09"])),
        orders={"promised": draw(st.sampled_from(GRID)), "addon": 0.3 if whole else 0.0},
        views={"disconfirmation": 0.5, "loss": 2.0, "learn": 0.3, "primacy": 1.0} if whole else {},
        satisfaction={"peak_end": 0.4} if whole else {}, **more,
    )  # fmt: skip
