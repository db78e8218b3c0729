"""Write into the world's table what draws and drives customers beyond the touchpoints: traits, rivals, pairs, messages.

The second half of `blueprint`, which calls it; every effect that a scenario does not use is written as zero, so that
the rules of the engine may skip it.
"""

from __future__ import annotations

import math

from touchsim.vocabulary import NEEDS as NEED_WORDS, STAGES, keys
from touchsim.world.contacting import UNLESS, WHEN
from touchsim.world.customers import Segment as SegmentSaid
from touchsim.world.laws import Law
from touchsim.world.layout import (
    GENERAL,
    TOUCHPOINTS,
    Competitor,
    Fit,
    General,
    Message,
    Segment,
    Touch,
    place_of,
)  # fmt: skip
from touchsim.world.pen import Pen, rarity
from touchsim.world.scenario import Scenario
from touchsim.world.traits import TRAITS, cholesky_of
from touchsim.world.value import COMPONENTS

__all__ = ["write_effects", "write_messages", "write_pairs", "write_rivals", "write_traits"]

_GAMMA_CV = 0.01


def write_effects(pen: Pen, scenario: Scenario, first_segment: int) -> None:
    """Write the coefficients of affinity, offers, alignment, awareness, pressure, profile, loyalty and voice."""
    value, fit, aware, press, crm = (scenario.value, scenario.alignment, scenario.awareness, scenario.pressure,
                                     scenario.crm)  # fmt: skip
    first_rival = first_segment + len(scenario.segments)
    first_message = first_rival + len(scenario.rivals)
    for n, trait in enumerate(TRAITS):
        pen.word(GENERAL, General.TRAIT + n, place_of(f"trait:{trait}"))
    offers = any(not place.offer.is_usual for place in scenario.touchpoints.values())
    rich = (offers and value.on_choice) or (fit.pairs and fit.pull) or press.on_choice
    last_message = first_message + len(scenario.exposure) + len(scenario.automation)
    pen.write(GENERAL, General.FIRST_RIVAL, first_rival, first_message, first_message, last_message,
              float(bool(rich)), value.on_choice, value.on_advance, value.on_satisfaction, fit.pull, fit.reinforce,
              fit.penalty, fit.on_value, fit.saves, aware.learn, aware.effect, aware.memory, aware.on_choice,
              aware.on_advance, press.fading, press.on_leave, press.on_advance, press.on_choice, press.opt_out,
              crm.coverage, crm.accuracy, crm.on_customisation, crm.on_cross_sell)  # fmt: skip
    affine = any(pull for segment in scenario.segments.values() for pull in segment.affinity.values())
    pen.write(GENERAL, General.AFFINE, float(affine))
    views, loyalty, orders = scenario.views, scenario.loyalty, scenario.orders
    pen.write(GENERAL, General.DISCONFIRMATION, views.disconfirmation, views.loss, views.learn, views.primacy,
              scenario.satisfaction.peak_end, scenario.choice.disposition_on_advance, orders.addon,
              orders.addon_value, loyalty.switching, loyalty.renew_slope)  # fmt: skip
    pen.law(GENERAL, General.RENEWAL, loyalty.renewal)
    pen.write(GENERAL, General.RATE_CV, loyalty.rate_cv)
    if loyalty.rate_cv >= _GAMMA_CV:
        pen.law(GENERAL, General.RATE, Law.model_construct(law="gamma", mean=1.0, cv=loyalty.rate_cv))
    pen.write(GENERAL, General.MARKET, math.inf if scenario.market is None else float(scenario.market))
    voice = scenario.voice
    if voice is None:
        return
    pen.write(GENERAL, General.VOICE, 1.0, voice.post, voice.above, voice.below, voice.reference, voice.prior,
              voice.prior_stars, voice.volume, voice.on_advance, voice.on_choice, voice.on_view, voice.talk_advance,
              voice.good, voice.bad, voice.good_speed, voice.bad_speed, voice.fading, voice.referrals)  # fmt: skip
    pen.law(GENERAL, General.REFERRAL_DELAY, voice.referral_delay)


def write_traits(pen: Pen, scenario: Scenario, row: int, segment: SegmentSaid) -> None:
    """Write the laws of a segment's further traits; `DRAWN` is 0 where nothing would read them."""
    messages = any(place.message > 0.0 for place in scenario.touchpoints.values())
    value = scenario.value
    weighed = value.on_choice or value.on_advance or value.on_satisfaction
    offers = weighed and (scenario.rivals or any(not place.offer.is_usual for place in scenario.touchpoints.values()))
    exposed = any(bought.intensity > 0.0 for bought in scenario.exposure.values())
    press, crm = scenario.pressure, scenario.crm
    drawn = (messages or offers or exposed or segment.inertia_sd or segment.correlation or crm.accuracy
             or press.on_leave or press.on_advance or press.on_choice or press.opt_out or scenario.voice is not None
             or scenario.loyalty.rate_cv)  # fmt: skip
    pen.write(row, Segment.DRAWN, float(bool(drawn)), float(bool(segment.correlation)), segment.span, segment.span_sd,
              segment.tolerance, segment.tolerance_sd, *(getattr(segment, name) for name in COMPONENTS),
              segment.value_sd, segment.inertia_sd, segment.interest_sd, segment.voice_sd)  # fmt: skip
    if segment.correlation:
        pen.write(row, Segment.CHOLESKY, *cholesky_of(segment.correlation))


def write_rivals(pen: Pen, scenario: Scenario, first: int) -> None:
    """Write the rivals."""
    for n, (key, rival) in enumerate(scenario.rivals.items()):
        pen.word(first + n, Competitor.HASH, place_of(f"rival:{key}"))
        pen.write(first + n, Competitor.RARITY, rarity(rival.appeal), float(rival.online), rival.next_time,
                  *(getattr(rival.offer, name) for name in COMPONENTS),
                  *(float(need in rival.serves) for need in keys(NEED_WORDS)))  # fmt: skip


def write_messages(pen: Pen, scenario: Scenario, first: int) -> None:
    """Write exposures, then rules of automation."""
    rows = {key: TOUCHPOINTS + n for n, key in enumerate(scenario.touchpoints)}
    for n, (key, bought) in enumerate(scenario.exposure.items()):
        pen.word(first + n, Message.HASH, place_of(f"exposure:{key}"))
        pen.write(first + n, Message.TOUCHPOINT, rows[bought.send], bought.intensity, bought.targeting,
                  bought.searching)  # fmt: skip
        pen.write(first + n, Message.NEEDS_CONSENT, float(scenario.touchpoints[bought.send].needs_consent))
    first += len(scenario.exposure)
    for n, (key, rule) in enumerate(scenario.automation.items()):
        planned = scenario.touchpoints[rule.send].capacity is not None
        pen.word(first + n, Message.HASH, place_of(f"rule:{key}"))
        pen.write(first + n, Message.TOUCHPOINT, rows[rule.send])
        pen.write(first + n, Message.WHEN, _code(rule.when, WHEN), _code(rule.unless, UNLESS), rule.times,
                  rule.brings_back)  # fmt: skip
        pen.law(first + n, Message.WAIT, rule.wait)
        pen.write(first + n, Message.PLANNED, float(planned))


def _code(word: str, words: tuple[str, ...]) -> float:
    """Code of a trigger: a stage by its own code, another event by 100 and its place in the list."""
    stages = keys(STAGES)
    return float(stages.index(word) if word in stages else 100 + words.index(word))


def write_pairs(pen: Pen, scenario: Scenario) -> None:
    """Write the alignment matrix into the rows of the second touchpoint of each pair."""
    number = {key: n for n, key in enumerate(scenario.touchpoints)}
    for pair in scenario.alignment.pairs.values():
        for b in pair.then:
            row = TOUCHPOINTS + number[b]
            pen.write(row, Touch.FITTED, 1.0)
            if pair.supplement > 0.0:
                pen.write(row, Touch.SPARED, 1.0)
            for a in pair.first:
                pen.write(row, Touch.PAIR + Fit.WIDTH * number[a], pair.fidelity, pair.conflict, pair.supplement)
