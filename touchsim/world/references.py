"""Names that refer to each other within a scenario: what the brand sends, pairs of touchpoints, referrals that explode.

Called by `scenario` after every section has been validated by itself.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from touchsim.documents import Finding, nearest
from touchsim.world.touchpoints import Touchpoint, ready_touchpoint

if TYPE_CHECKING:
    from touchsim.world.scenario import Scenario

__all__ = ["broken_references", "mean_referrals"]

_NODES = (
    (-2.0201828704560856, 0.01995324205904591), (-0.9585724646138185, 0.3936193231522412), (0.0, 0.9453087204829419),
    (0.9585724646138185, 0.3936193231522412), (2.0201828704560856, 0.01995324205904591),
)  # fmt: skip
"""Gauss-Hermite points and weights: means over a standard normal satisfaction."""

_VISITED = ("appeal", "reach", "delay", "service", "open", "early", "patience", "risk", "visit", "action", "handling",
            "handling_standard", "steps", "steps_standard")  # fmt: skip
"""What only a touchpoint has that customers go to, or that a server of the brand attends."""


def broken_references(scenario: Scenario) -> list[Finding]:
    """Findings about keys that name nothing, or nothing that would do."""
    return [*_sendings(scenario), *_pairs(scenario), *_referrals(scenario)]


def _sendings(scenario: Scenario) -> Iterator[Finding]:
    places, sent = scenario.touchpoints, set()
    for section, entries in (("exposure", scenario.exposure), ("automation", scenario.automation)):
        for key, entry in entries.items():
            at = f"{section}.{key}.send"
            sent.add(entry.send)
            if entry.send not in places:
                hint = nearest(entry.send, places)
                yield Finding(at, "names no touchpoint of this scenario", got=entry.send, hint=hint)
            elif places[entry.send].started_by != "brand":
                hint = f"set touchpoints.{entry.send}.started_by: brand"
                yield Finding(at, "names a touchpoint that customers start; the brand cannot send it", hint=hint)
            elif section == "exposure" and places[entry.send].capacity is not None:
                yield Finding(at, "names a touchpoint with a limited capacity, which nobody can buy contacts of")
    for key, place in places.items():
        if not place.serves and key not in sent:
            law = "serves no need and nothing sends it: nobody ever meets it"
            yield Finding(f"touchpoints.{key}.serves", law, hint="name a need, or send it by exposure or automation")
        if place.started_by == "brand" and not place.serves and place.capacity is None:
            yield from _unread(key, place)


def _unread(key: str, place: Touchpoint) -> Iterator[Finding]:
    """What a scenario says of a touchpoint that is only sent, and that only going there would bring to bear."""
    ready = ready_touchpoint(place.like or key)
    for name in _VISITED:
        if getattr(place, name) != getattr(ready, name):
            law = "changes nothing: the brand sends this touchpoint, and customers never go there"
            yield Finding(f"touchpoints.{key}.{name}", law, hint="leave it out, or name needs served there")


def _pairs(scenario: Scenario) -> Iterator[Finding]:
    for key, pair in scenario.alignment.pairs.items():
        for side, names in (("from", pair.first), ("to", pair.then)):
            for name in names:
                if name not in scenario.touchpoints:
                    hint = nearest(name, scenario.touchpoints)
                    at = f"alignment.pairs.{key}.{side}"
                    yield Finding(at, "names no touchpoint of this scenario", got=name, hint=hint)


def mean_referrals(scenario: Scenario) -> float:
    """Mean number of new customers that one buyer brings, over a standard normal satisfaction; 0 without a voice."""
    if scenario.voice is None:
        return 0.0
    loyalty = scenario.loyalty

    def mean(intercept: float, slope: float) -> float:
        points = [(math.sqrt(2.0) * x, w / math.sqrt(math.pi)) for x, w in _NODES]
        return sum(w / (1.0 + math.exp(-intercept - slope * x)) for x, w in points)

    again = mean(loyalty.repeat, loyalty.repeat_slope)
    told = mean(loyalty.recommend, loyalty.recommend_slope)
    return scenario.voice.referrals * told / (1.0 - again) if again < 1.0 else math.inf


def _referrals(scenario: Scenario) -> Iterator[Finding]:
    mean = mean_referrals(scenario)
    if mean >= 1.0 and scenario.market is None:
        law = f"each buyer brings {mean:.3g} new customers on average: the crowd grows without end in an endless market"
        yield Finding("voice.referrals", law, hint="set a market, or less of voice.referrals")
