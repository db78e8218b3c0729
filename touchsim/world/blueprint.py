"""From a scenario to the one table of numbers that both engines see.

    Scenario -> draw(...) -> Blueprint(table, ...) -> engine

Durations become parameters of laws, probabilities become rarities (their reciprocals, so that a race costs one
multiplication), keys become 64-bit hashes and row numbers; `layout` says which column is what.  Called by
`engine.simulation` once per replication.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from touchsim.errors import BadInput, Finding
from touchsim.vocabulary import CHANNELS, FACETS, NEEDS as NEED_WORDS, STAGES as STAGE_WORDS, keys, step_of
from touchsim.world import layout
from touchsim.world.arrivals import MONTHS, WEEKDAYS, day_of
from touchsim.world.customers import Segment as SegmentDocument, Weights
from touchsim.world.hours import counted_from, sessions
from touchsim.world.laws import Law
from touchsim.world.layout import GENERAL, NEEDS, STAGES, TOUCHPOINTS, General, Need, Segment, Stage, Touch, place_of
from touchsim.world.pen import Pen, rarity
from touchsim.world.proposition import write_effects, write_messages, write_pairs, write_rivals, write_traits
from touchsim.world.scenario import Scenario
from touchsim.world.value import COMPONENTS

__all__ = ["Blueprint", "draw"]

MOST_OF_A_KIND = 32_767
"""Touchpoints, segments, rivals or messages: a log writes their codes in two bytes."""

_FACETS = keys(FACETS)


@dataclass(frozen=True)
class Blueprint:
    """What the engines need to know of a scenario.

    Parameters
    ----------
    table : ndarray of float64, shape (rows, columns)
        The world's table (see `layout`).
    width : int
        Columns of the customers' table.
    segments, touchpoints, channels : tuple of str
        Keys in the order of their codes; channel of each touchpoint.
    rivals, messages : tuple of str
        Keys of the rivals, and of exposures and rules of automation, in the order of their codes.
    """

    table: npt.NDArray[np.float64]
    width: int
    segments: tuple[str, ...]
    touchpoints: tuple[str, ...]
    channels: tuple[str, ...]
    rivals: tuple[str, ...]
    messages: tuple[str, ...]


def draw(scenario: Scenario, *, seed: int = 1, replication: int = 0) -> Blueprint:
    """Write a scenario into the world's table.

    Parameters
    ----------
    scenario : Scenario
    seed, replication : int
        Key of every draw.

    Returns
    -------
    Blueprint
        `General.UNTIL` is still infinite; the run sets it.

    Raises
    ------
    BadInput
        More of a kind than a log has codes for; two segments whose customers would be the same persons.

    Examples
    --------
    >>> from touchsim.world.scenario import load_scenario
    >>> draw(load_scenario("corner_shop")).table.dtype
    dtype('float64')
    """
    _check(scenario)
    places, segments = scenario.touchpoints, scenario.segments
    first_segment = TOUCHPOINTS + len(places)
    messages = (*scenario.exposure, *scenario.automation)
    first_rival = first_segment + len(segments)
    width, width_of_customer = layout.columns(len(places), len(messages))
    pen = Pen(first_rival + len(scenario.rivals) + len(messages), width)
    for key, column in zip(_FACETS, range(len(_FACETS)), strict=True):
        pen.word(GENERAL, General.FACET + column, place_of(f"facet:{key}"))
    _general(pen, scenario, seed, replication, first_segment)
    for n, need in enumerate(keys(NEED_WORDS)):
        _need(pen, scenario, NEEDS + n, need)
    for n, stage in enumerate(keys(STAGE_WORDS)):
        if n:
            rule = getattr(scenario.funnel, stage)
            pen.write(STAGES + n, Stage.VISITS, rule.visits, float(rule.consent), rule.actions, rule.purchases,
                      rule.recommendations)  # fmt: skip
    for n, key in enumerate(places):
        _touchpoint(pen, scenario, TOUCHPOINTS + n, key)
    for n, (key, segment) in enumerate(segments.items()):
        row = first_segment + n
        pen.word(row, Segment.HASH, place_of(f"segment:{key}"))
        pen.write(row, Segment.RATE, segment.arrivals, segment.every, segment.consent, segment.experience_goods,
                  segment.online, segment.online_sd, segment.patience_sd)  # fmt: skip
        fond = {str(channel): pull for channel, pull in segment.affinity.items()}
        pen.write(row, Segment.CHANNEL_RARITY, *(math.exp(-fond.get(channel, 0.0)) for channel in keys(CHANNELS)))
        _rhythm(pen, row, key, segment)
        write_traits(pen, scenario, row, segment)
    write_rivals(pen, scenario, first_rival)
    write_messages(pen, scenario, first_rival + len(scenario.rivals))
    write_pairs(pen, scenario)
    channels = tuple(place.channel for place in places.values())
    return Blueprint(pen.table(), width_of_customer, tuple(segments), tuple(places), channels, tuple(scenario.rivals),
                     messages)  # fmt: skip


def _check(scenario: Scenario) -> None:
    """Refuse what the table could hold but the log or the addresses of draws could not tell apart."""
    findings = []
    messages = {"exposure and automation": len(scenario.exposure) + len(scenario.automation)}
    kinds = {name: len(getattr(scenario, name)) for name in ("touchpoints", "segments", "rivals")} | messages
    for name, count in kinds.items():
        if count > MOST_OF_A_KIND:
            findings.append(Finding(name, f"must be at most {MOST_OF_A_KIND:,}", got=f"{count:,}", hint="merge some"))
    owners: dict[int, str] = {}
    for key, segment in scenario.segments.items():
        for kind in ("segment", "stock") if segment.stock else ("segment",):
            half = place_of(f"{kind}:{key}") >> 32  # the other half of an identity is the ordinal of the customer
            if owners.setdefault(half, key) != key:
                law = f"has, by chance, the hash of '{owners[half]}', so their customers would be the same persons"
                findings.append(Finding(f"segments.{key}", law, hint="give one of the two another name"))
    if findings:
        raise BadInput(findings)


def _general(pen: Pen, scenario: Scenario, seed: int, replication: int, first_segment: int) -> None:
    choice, orders, views = scenario.choice, scenario.orders, scenario.views
    content, loyalty = scenario.satisfaction, scenario.loyalty
    values: dict[int, Any] = {
        General.UNTIL: math.inf, General.LAST_TOUCHPOINT: first_segment, General.FIRST_SEGMENT: first_segment,
        General.LAST_SEGMENT: first_segment + len(scenario.segments), General.TRIES: choice.tries,
        General.SAME_RARITY: math.exp(-choice.inertia), General.RECENCY: views.recency, General.PRIOR: views.prior,
        General.EXPECTATION_SD: views.expectation_sd, General.GAIN_WAIT: views.wait,
        General.GAIN_LATENESS: views.lateness, General.GAIN_HANDLING: views.handling, General.GAIN_STEPS: views.steps,
        General.WAIT_SOFTENING: views.wait_softening, General.HANDLING_SOFTENING: views.handling_softening,
        General.REFUSED: views.refused, General.EMOTION_ADVANCE: choice.emotion_on_advance,
        General.EMOTION_LEAVE: choice.emotion_on_leave, General.VAIN_LEAVE: choice.vain_on_leave,
        General.PROMISED: orders.promised, General.HELP: orders.help, General.HELP_LATE: orders.help_if_late,
        General.RETURN_SEARCH: orders.return_search, General.RETURN_EXPERIENCE: orders.return_experience,
        General.INVITED: orders.invited, General.MARGIN: orders.margin, General.W_PRODUCT: content.product,
        General.W_VALUE: content.value, General.W_DISPOSITION: content.disposition, General.W_NOISE: content.noise,
        General.RECOMMEND: loyalty.recommend, General.RECOMMEND_SLOPE: loyalty.recommend_slope,
        General.REPEAT: loyalty.repeat, General.REPEAT_SLOPE: loyalty.repeat_slope,
        General.KNOWS_HOURS: choice.knows_hours,
    }  # fmt: skip
    for column, value in values.items():
        pen.write(GENERAL, column, float(value))
    write_effects(pen, scenario, first_segment)
    pen.write(GENERAL, General.START, float(scenario.start.toordinal() + 305))  # ordinal 1 is 1 January of the year 1
    pen.word(GENERAL, General.SEED, seed)
    pen.word(GENERAL, General.REPLICATION, replication)
    basket = orders.basket
    spread = "lognormal" if basket.cv > 0.0 else "fixed"
    pen.law(GENERAL, General.BASKET, Law.model_construct(law=spread, mean=basket.mean, cv=basket.cv))
    pen.law(GENERAL, General.GAP, loyalty.gap)
    steps = [*views.late, *[views.late[-1]] * (layout.N_LATE - len(views.late))] if views.late else []
    pen.write(GENERAL, General.LATE_FROM, *([step.days for step in steps] or [math.inf] * layout.N_LATE))
    pen.write(GENERAL, General.LATE_LOSS, *[step.loss for step in steps])
    pen.write(GENERAL, General.WEIGHT_SEARCH, *_in_order(content.search))
    pen.write(GENERAL, General.WEIGHT_EXPERIENCE, *_in_order(content.experience))
    promise = {str(facet): mean for facet, mean in views.promise.items()}
    pen.write(GENERAL, General.PROMISE, *[promise.get(key, 0.0) for key in _FACETS])


def _in_order(weights: Weights) -> list[float]:
    return [float(getattr(weights, key)) for key in _FACETS]


def _rhythm(pen: Pen, row: int, key: str, segment: SegmentDocument) -> None:
    """When the customers of a segment come, and who is there at the start."""
    week = [float(segment.weekdays.get(day, 1.0)) for day in WEEKDAYS]  # type: ignore[call-overload]
    year = [float(segment.season.get(month, 1.0)) for month in MONTHS]  # type: ignore[call-overload]
    pieces = day_of(segment)
    opens = [0.0, *(closes for closes, _ in pieces)]
    of_day = sum(factor * (closes - opens[n]) for n, (closes, factor) in enumerate(pieces))
    pen.write(row, Segment.FLOWS, float(segment.flows), 1.0 + segment.trend, *week, *year, float(len(pieces)))
    if segment.flows:
        day = pen.put_below(np.array(pieces, dtype=np.float64).reshape(-1))
        pen.write(row, Segment.DAY, float(day), of_day)
    stage = keys(STAGE_WORDS).index(segment.stock_as)
    pen.write(row, Segment.STOCK, float(segment.stock), float(stage))
    pen.word(row, Segment.STOCK_HASH, place_of(f"stock:{key}"))


def _need(pen: Pen, scenario: Scenario, row: int, need: str) -> None:
    decision = scenario.needs.of(need)
    pen.word(row, Need.HASH, place_of(f"need:{need}"))
    chances = (decision.advance, decision.stay, decision.back, decision.leave)
    pen.write(row, Need.ADVANCE, *map(rarity, chances))
    pen.law(row, Need.THINK, decision.think)
    steps = scenario.value.steps
    pen.write(row, Need.VALUE, *(getattr(getattr(steps, name), step_of(need)) for name in COMPONENTS))
    options = [(n, *item) for n, item in enumerate(scenario.touchpoints.items()) if need in item[1].serves]
    options.sort(key=lambda option: -option[2].appeal)  # whoever is likely to win goes first, which ends the race early
    pen.write(row, Need.N_OPTIONS, float(len(options)))
    for j, (n, key, place) in enumerate(options):
        at = Need.OPTION + layout.Option.WIDTH * j
        pen.word(row, at + layout.Option.HASH, place_of(key))
        channel = keys(CHANNELS).index(place.channel)
        pen.write(row, at + layout.Option.TOUCHPOINT, float(TOUCHPOINTS + n), float(channel), rarity(place.appeal),
                  place.reach, float(place.needs_consent), float(place.online),
                  float(place.started_by == "brand"))  # fmt: skip


def _touchpoint(pen: Pen, scenario: Scenario, row: int, key: str) -> None:
    place = scenario.touchpoints[key]
    pen.word(row, Touch.HASH, place_of(key))
    pen.write(row, Touch.CHANNEL, float(keys(CHANNELS).index(place.channel)), place.noticed)
    pen.write(row, Touch.CAPACITY, float(place.servers or 0), -1.0 if place.line is None else float(place.line))
    if week := counted_from(place.week, scenario.start):
        doors = sessions(week)
        pen.write(row, Touch.N_SHIFTS, float(len(week)))
        pen.write(row, Touch.SHIFTS, pen.rows(week), pen.rows(doors), float(len(doors)))
    pen.write(row, Touch.INBOX, float(place.mode == "async"), place.early)
    pen.law(row, Touch.DELAY, place.delay)
    pen.law(row, Touch.SERVICE, place.service)
    pen.law(row, Touch.PATIENCE, place.patience)
    pen.law(row, Touch.HANDLING, place.handling)
    pen.write(row, Touch.STANDARD, place.standard.mean or 0.0, place.handling_standard.mean or 0.0,
              float(place.steps - place.steps_standard), round(100.0 * place.cost), float(place.visit),
              float(place.action), float(len(place.facets)))  # fmt: skip
    facets = {str(facet): shown for facet, shown in place.facets.items()}
    for n, facet in enumerate(key for key in _FACETS if key in facets):
        shown = facets[facet]
        pen.write(row, Touch.SHOWN + n, float(_FACETS.index(facet)))
        pen.write(row, Touch.QUALITY + n, shown.mean)
        pen.write(row, Touch.SPREAD + n, shown.sd)
    risk, talk = place.risk, {"reviews": 1.0, "community": 1.0, "word_of_mouth": 2.0}.get(place.channel, 0.0)
    pen.write(row, Touch.BRAND, float(place.started_by == "brand"), place.message, talk, risk.probability,
              risk.loss, risk.scares, place.asks_for_review, float(not place.offer.is_usual),
              *(getattr(place.offer, name) for name in COMPONENTS))  # fmt: skip
