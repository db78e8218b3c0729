"""Worlds with everything on: each behaviour that a scenario can say is at work in each of them, with numbers by chance.

`full_world(number)` makes the same scenario from the same number on any machine.  Unlike `worlds.whole_worlds`, which
switches behaviours on and off, none is off here, and no number that a run reads stays at its default throughout:
reviews with what a reader expects of them, word of mouth, referrals in a market that fills, rivals, adverts, rules and
planned calls, hand-overs and contradictions, lines, shifts and inboxes, risk, stock, seasons, and what follows from it.
Every other world has subscriptions; in one of three durations lie on a grid of three hours, so that moments tie.
"""

from __future__ import annotations

from datetime import date, timedelta
from random import Random
from typing import Any

from tests.world.worlds import GRID, OPENINGS, SCHEDULES
from touchsim.vocabulary import CHANNELS, FACETS, NEEDS, STEPS, keys
from touchsim.world.arrivals import MONTHS, WEEKDAYS
from touchsim.world.contacting import UNLESS, WHEN
from touchsim.world.proposition import COMPONENTS
from touchsim.world.scenario import Scenario

BUYING, AFTER = keys(NEEDS)[:4], keys(NEEDS)[4:-1]
LAWS = ("fixed", "exponential", "lognormal", "gamma", "weibull", "triangular", "empirical")
CORRELATIONS = (
    {"price, span": -0.4, "disposition, voice": 0.5, "online, rate": 0.3},
    {"interest, tolerance": 0.6},
    {"service, closeness": 0.4, "patience, inertia": -0.3, "product, value": 0.2},
)


class Chance(Random):
    """Numbers, words and laws by chance; `grid` puts durations on multiples of three hours."""

    grid = False

    def number(self, low: float, high: float) -> float:
        return round(self.uniform(low, high), 3)

    def signed(self, high: float) -> float:
        return self.choice([-1, 1]) * self.number(0.05, high)

    def hours(self, low: float, high: float) -> str:
        return f"{self.number(low, high)} h"

    def law(self, low: float, high: float) -> Any:
        """A law of duration with a mean between so many hours."""
        if self.grid:
            return self.choice(GRID)
        law, mean = self.choice(LAWS), self.number(low, high)
        if law == "triangular":
            return {"law": law, "low": f"{mean / 2} h", "mode": f"{mean} h", "high": f"{2 * mean} h"}
        if law == "empirical":
            return {"law": law, "values": [f"{mean / 3} h", f"{mean} h", f"{2 * mean} h"]}
        more = {
            "lognormal": {"cv": self.number(0.2, 1.5)},
            "gamma": {"cv": self.number(0.2, 1.5)},
            "weibull": {"shape": self.number(0.7, 2.5)},
        }
        return {"law": law, "mean": f"{mean} h", **more.get(law, {})}


def full_world(number: int) -> Scenario:
    """Return the world of this number, with everything on."""
    by = Chance(number)
    by.grid = number % 3 == 2
    places = _places(by, renewals=number % 2 == 1)
    start = date(2026, 1, 1) + timedelta(days=by.randrange(730))
    return Scenario.of(
        name=f"full_world_{number}",
        start=start.isoformat(),
        days=f"{by.randint(20, 60)} days",
        follow_up=f"{by.randint(4, 50)} days",
        segments=_segments(by),
        touchpoints=places,
        needs={need: _decision(by, need) for need in keys(NEEDS)},
        funnel=_funnel(by),
        market=by.choice([150, 900, 5000]),
        rivals={f"rival_{n}": _rival(by) for n in range(by.randint(1, 2))},
        **_people(by),
        **_contacts(by, places),
    )


def _offer(by: Chance) -> dict[str, float]:
    return {name: by.signed(1.2) for name in COMPONENTS}


def _place(by: Chance, *serves: str, **said: Any) -> dict[str, Any]:
    """A touchpoint of a customer's own; what is said besides holds."""
    facets = {key: {"mean": by.signed(1.0), "sd": by.number(0.2, 1.2)} for key in by.sample(keys(FACETS), 3)}
    return {
        "channel": by.choice(keys(CHANNELS)),
        "online": by.random() < 0.5,
        "serves": list(serves),
        "offer": _offer(by),
        "appeal": by.number(0.3, 3.0),
        "reach": by.number(0.7, 0.99),
        "noticed": by.number(0.85, 0.99),
        "facets": facets,
        "service": by.law(0.05, 8.0),
        "delay": by.law(0.1, 30.0),
        "message": f"{by.number(0.5, 5)} s",
        "early": by.choice(["0 min", "15 min", "6 h", "3 days"]),
        "standard": by.hours(0.01, 1.0),
        "visit": by.random() < 0.7,
        "action": by.random() < 0.6,
        "managed": by.random() < 0.7,
        "nature": by.choice(["digital", "analogue", "physical"]),
        "handling": by.law(5.0, 90.0),
        "handling_standard": by.hours(20.0, 150.0),
        "steps": by.randint(0, 6),
        "steps_standard": by.randint(1, 4),
        "cost": by.number(0.01, 4.0),
        "cost_per_day": by.number(1.0, 90.0),
        "asks_for_review": by.number(0.1, 2.0),
        "risk": {"probability": by.number(0.05, 0.4), "loss": by.number(0.2, 2.0), "scares": by.number(0.2, 2.0)},
    } | said


def _places(by: Chance, renewals: bool) -> dict[str, Any]:
    """Touchpoints for every need, lines and shifts among them, and two that the brand sends."""
    line = {"capacity": by.randint(1, 2), "patience": by.law(0.3, 12.0)}
    shifts = {"capacity": by.choice(SCHEDULES), "patience": by.law(0.3, 12.0)}
    places = {f"place_{step}": _place(by, step) for step in BUYING}
    places["place_problem_recognition"]["reach"] = 1.0
    places["place_information_search"] |= {"visit": True, "action": True}
    places |= {
        "stars": _place(by, "information_search", "alternatives", channel="reviews", online=True, managed=False),
        "gossip": _place(by, "problem_recognition", "alternatives", channel="word_of_mouth", managed=False),
        "counter": _place(by, *by.sample(BUYING[1:], 2), line=by.randint(0, 4), open=by.choice(OPENINGS), **line),
        "desk": _place(by, "return", "help", by.choice(BUYING[1:]), line=by.randint(0, 4), **shifts),
        "inbox": _place(by, "help", by.choice(BUYING), mode="async", **shifts),
        "member_page": _place(by, by.choice(BUYING[1:]), "help", needs_consent=True),
        "hand_over": _place(by, "delivery", open=by.choice(OPENINGS)),
        "parcel": _place(by, "delivery", "return"),
        "form": _place(by, "survey"),
    }
    if renewals:
        places["reminder"] = _place(by, "renewal", started_by="brand")
    sent = {
        key: _place(by)[key]
        for key in ("channel", "online", "noticed", "facets", "offer", "cost", "nature", "asks_for_review", "message")
    }
    places["mail"] = sent | {"serves": [], "started_by": "brand", "mode": "async", "needs_consent": by.random() < 0.5}
    places["call"] = _place(by, started_by="brand", **line)
    return places


def _segments(by: Chance) -> dict[str, Any]:
    """One that comes with the seasons, one that comes every so often, and perhaps a third."""

    def one(**rhythm: Any) -> dict[str, Any]:
        return {
            "arrivals": by.number(3.0, 30.0),
            "consent": by.number(0.4, 0.95),
            "experience_goods": by.number(0.1, 0.9),
            "online": by.signed(1.0),
            "online_sd": by.number(0.1, 1.0),
            "patience_sd": by.number(0.1, 0.8),
            "span": f"{by.number(5, 14)} s",
            "span_sd": by.number(0.1, 0.9),
            "tolerance": by.number(0.2, 3.0),
            "tolerance_sd": by.number(0.1, 0.8),
            "value_sd": by.number(0.1, 0.6),
            "inertia_sd": by.number(0.1, 0.6),
            "interest_sd": by.number(0.1, 0.8),
            "voice_sd": by.number(0.1, 0.9),
            "correlation": by.choice(CORRELATIONS),
            "stock": by.randint(1, 12),
            "stock_as": by.choice(["suspect", "lead", "prospect", "customer"]),
            **rhythm,
        } | {name: by.signed(0.9) for name in COMPONENTS}

    def seasons() -> dict[str, Any]:
        spans = by.choice([["08:00-12:30"], ["22:00-02:00", "13:00-18:00"]])
        return {
            "weekdays": {day: by.choice([0.0, by.number(0.3, 3.0)]) for day in by.sample(WEEKDAYS, 3)},
            "season": {month: by.number(0.3, 3.0) for month in MONTHS},
            "trend": by.signed(0.6),
            "hours": {span: by.number(0.0, 3.0) for span in spans},
        }

    segments = {"by_season": one(**seasons()), "by_post": one(every=by.choice(["3 h", "12 h", "1 day"]))}
    return segments | ({"more": one(**seasons())} if by.random() < 0.3 else {})


def _decision(by: Chance, need: str) -> dict[str, Any]:
    leave, stay = 1, by.randint(1, 3)
    back = by.randint(1, 2) if need in BUYING[1:] else 0
    chances = {"advance": 16 - leave - back - stay, "stay": stay, "back": back, "leave": leave}
    return {key: value / 16 for key, value in chances.items()} | {"think": by.law(0.5, 40.0)}


def _funnel(by: Chance) -> dict[str, Any]:
    lead = {"visits": by.randint(1, 2), "consent": True}
    return {
        "lead": lead,
        "prospect": {"actions": by.randint(1, 3)},
        "customer": {"purchases": 1, "visits": 1},
        "repeat_customer": {"purchases": by.randint(2, 3)},
        "advocate": {"purchases": 1, "recommendations": by.randint(1, 2)},
    }


def _rival(by: Chance) -> dict[str, Any]:
    serves = by.sample(BUYING[1:], by.randint(1, 3))
    return {
        "offer": _offer(by),
        "appeal": by.number(0.02, 0.3),
        "online": by.random() < 0.5,
        "serves": serves,
        "next_time": by.number(0.05, 1.0),
    }


def _people(by: Chance) -> dict[str, Any]:
    """How customers choose, order, judge, come back and speak up."""
    weights = [{key: by.signed(0.7) for key in keys(FACETS)} for _ in range(2)]
    days = sorted(by.number(0.0, 9.0) for _ in range(by.randint(1, 4)))
    return {
        "choice": {
            "inertia": by.signed(1.0),
            "emotion_on_advance": by.signed(1.5),
            "emotion_on_leave": by.signed(1.5),
            "vain_on_leave": by.signed(1.5),
            "disposition_on_advance": by.signed(0.6),
            "tries": by.randint(1, 6),
            "knows_hours": by.number(0.1, 0.9),
        },
        "orders": {
            "basket": {"mean": by.number(9.0, 300.0), "cv": by.number(0.1, 1.5)},
            "margin": by.number(0.1, 0.9),
            "promised": by.law(5.0, 90.0) if by.grid else by.hours(5.0, 90.0),
            "help": by.number(0.1, 0.6),
            "help_if_late": by.number(0.3, 0.9),
            "return_search": by.number(0.1, 0.5),
            "invited": by.number(0.4, 0.9),
            "return_experience": by.number(0.1, 0.6),
            "addon": by.number(0.1, 0.6),
            "addon_value": by.number(0.1, 2.0),
        },
        "views": {
            "promise": {key: by.signed(0.6) for key in by.sample(keys(FACETS), 4)},
            "prior": by.number(0.2, 3.0),
            "expectation_sd": by.number(0.1, 1.2),
            "recency": by.number(0.05, 0.6),
            "wait": by.number(0.1, 1.0),
            "wait_softening": by.hours(0.01, 1.0),
            "refused": by.number(0.2, 2.0),
            "lateness": by.number(0.2, 2.0),
            "late": [{"days": f"{day} days", "loss": by.number(0.1, 2.5)} for day in days],
            "handling": by.number(0.1, 1.0),
            "handling_softening": by.hours(3.0, 50.0),
            "steps": by.number(0.05, 0.5),
            "disconfirmation": by.number(0.1, 1.0),
            "loss": by.number(0.3, 3.0),
            "learn": by.number(0.05, 0.9),
            "primacy": by.number(0.1, 1.5),
        },
        "satisfaction": {
            "search": weights[0],
            "experience": weights[1],
            "product": by.signed(0.6),
            "value": by.signed(0.6),
            "disposition": by.signed(0.6),
            "noise": by.number(0.1, 0.9),
            "peak_end": by.signed(0.9),
        },
        "loyalty": {
            "recommend": by.number(-0.5, 2.0),
            "recommend_slope": by.signed(1.5),
            "repeat": by.number(-1.0, 1.5),
            "repeat_slope": by.signed(1.2),
            "gap": by.law(20.0, 300.0),
            "switching": by.signed(1.5),
            "rate_cv": by.number(0.1, 1.5),
            "renewal": by.law(20.0, 300.0),
            "renew_slope": by.signed(1.5),
        },
        "value": {name: by.signed(1.2) for name in ("on_choice", "on_advance", "on_satisfaction")}
        | {"steps": {name: {step: by.number(0.1, 1.8) for step in keys(STEPS)} for name in COMPONENTS}},
        "voice": {
            "post": by.signed(1.5),
            "above": by.signed(1.2),
            "below": by.signed(1.2),
            "reference": by.signed(0.7),
            "prior": by.number(0.5, 20.0),
            "prior_stars": by.number(1.0, 5.0),
            "volume": by.number(0.01, 0.4),
            "on_advance": by.signed(0.8),
            "on_choice": by.signed(0.8),
            "on_view": by.number(0.1, 1.5),
            "good": by.number(0.3, 6.0),
            "bad": by.number(0.3, 6.0),
            "good_speed": f"{by.number(0.3, 9.0)} days",
            "bad_speed": f"{by.number(0.3, 9.0)} days",
            "fading": f"{by.number(2.0, 40.0)} days",
            "talk_advance": by.signed(0.9),
            "referrals": by.number(0.3, 1.0),
            "referral_delay": by.law(3.0, 90.0),
        },
        "survey": {
            "points": by.choice([5, 9, 11]),
            "asked": by.choice(["buyers", "all"]),
            "response": {"rate": by.number(0.1, 0.9), "on_extremity": by.signed(0.6)},
            "forgetting": by.number(0.001, 0.1),
        },
    }


def _contacts(by: Chance, places: dict[str, Any]) -> dict[str, Any]:
    """What the brand sends, what that does, and how touchpoints fit each other."""
    names = sorted(places)
    couples = by.sample([(a, b) for a in names for b in names], 12)
    asked = [
        key for key, place in places.items() if {"information_search", "alternatives", "help"} & set(place["serves"])
    ]
    couples += [(a, b) for a, b in [(by.choice(names), b) for b in by.sample(asked, 3)] if (a, b) not in couples]
    pairs = {
        f"pair_{n}": {
            "from": a,
            "to": b,
            "fidelity": by.number(0.1, 1.0),
            "conflict": by.number(0.1, 1.0),
            "supplement": by.number(0.1, 0.7),
        }
        for n, (a, b) in enumerate(couples)
    }

    def rule(send: str, when: str) -> dict[str, Any]:
        return {
            "when": when,
            "wait": by.law(0.5, 60.0),
            "unless": by.choice(UNLESS),
            "send": send,
            "times": by.randint(1, 4),
            "brings_back": by.number(0.05, 0.9),
        }

    moments = by.sample(WHEN, 4)
    return {
        "alignment": {
            "pull": by.signed(1.5),
            "reinforce": by.number(0.1, 1.0),
            "penalty": by.number(0.1, 1.5),
            "on_value": by.number(0.1, 1.0),
            "saves": by.number(0.05, 0.9),
            "pairs": pairs,
        },
        "awareness": {
            "learn": f"{by.number(1, 30)} s",
            "effect": by.number(0.1, 0.9),
            "on_choice": by.signed(1.2),
            "memory": f"{by.number(2, 50)} days",
            "on_advance": by.signed(1.2),
        },
        "pressure": {
            "fading": f"{by.number(2, 40)} days",
            "on_leave": by.signed(0.8),
            "on_advance": by.signed(0.8),
            "on_choice": by.signed(0.8),
            "opt_out": by.number(0.02, 0.5),
        },
        "crm": {
            "coverage": by.number(0.3, 0.95),
            "accuracy": by.number(0.05, 0.9),
            "on_customisation": by.number(0.1, 1.5),
            "on_cross_sell": by.number(0.1, 2.0),
        },
        "exposure": {
            f"advert_{n}": {
                "send": "mail",
                "intensity": by.number(0.03, 0.4),
                "targeting": by.signed(1.2),
                "searching": by.number(1.5, 6.0),
            }
            for n in range(by.randint(1, 2))
        },
        "automation": {f"rule_{n}": rule("mail", when) for n, when in enumerate(moments)}
        | {"planned": rule("call", by.choice(("lead", "prospect", "purchase"))) | {"unless": "nothing"}},
    }
