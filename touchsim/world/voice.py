"""Opinions that travel: reviews, word of mouth, referrals, and the market that they fill.

    review     P(post) = 1 / (1 + exp(-(post + above * max(S - r, 0) + below * max(r - S, 0) + v_i + asked)))
    reputation prior-weighted mean of the stars posted, in z, plus `volume` * ln(1 + number); published at midnight
    word       a satisfied buyer tells `good` people, a dissatisfied one `bad`; what was told arrives with a speed
    referral   a recommendation makes a new customer with probability `referrals`, born on a later day

Only buyers post, and the moderate post less (Hu, Pavlou & Zhang 2009); those who are asked post more (`asks_for_review`
of the touchpoint that asks: Askalidis, Kim & Malthouse 2017; Karaman 2021); whether bad news travels faster is an
assumption to vary, equal by default.  Equations in `engine.voice`.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from touchsim.documents import Assumption, Days, Document, NonNegative, Probability
from touchsim.world.laws import Duration, Law

__all__ = ["Voice"]

Logits = Annotated[float, Field(ge=-50.0, le=50.0)]
Slope = Annotated[float, Field(ge=-10.0, le=10.0)]


def _three_days() -> Law:
    return Law.model_validate({"law": "exponential", "mean": "3 days"})


class Voice(Document):
    """Who speaks up, how far it carries, and what it does to those who listen; 0 switches an effect off."""

    post: Logits = Assumption(-2.2, "logit of posting a review at the reference: about one in ten")
    above: Slope = Assumption(0.6, "posting grows with delight (under-reporting of the moderate: Hu et al. 2009)")
    below: Slope = Assumption(0.8, "posting grows with disappointment")
    reference: Slope = Assumption(0.0, "satisfaction at which one has least to say")
    prior: NonNegative = Assumption(10.0, "reviews that the reader's own expectation weighs as much as")
    prior_stars: Annotated[float, Field(ge=1.0, le=5.0)] = Assumption(3.5, "what a reader expects of an unknown shop")
    volume: NonNegative = Assumption(0.05, "pull of many reviews, in z per e-fold of their number")
    on_advance: Logits = Assumption(0.2, "a good name speeds going on, per z of reputation")
    on_choice: Logits = Assumption(0.2, "a good name draws from rivals, per z of reputation")
    on_view: NonNegative = Assumption(0.3, "evidence at reviews and word of mouth, in z per z of what is said there")
    good: NonNegative = Assumption(2.0, "people told by a satisfied buyer who speaks")
    bad: NonNegative = Assumption(2.0, "people told by a dissatisfied buyer who speaks; equal unless varied")
    good_speed: Days = Assumption("2 days", "time until two thirds of good news have arrived", gt=0.0)
    bad_speed: Days = Assumption("2 days", "the same for bad news; equal unless varied", gt=0.0)
    fading: Days = Assumption("30 days", "time in which what was heard is two thirds forgotten", gt=0.0)
    talk_advance: Logits = Assumption(0.2, "good talk speeds going on, per unit of net tone (-1..1)")
    referrals: Probability = Assumption(0.0, "chance that a recommendation brings a new customer")
    referral_delay: Duration = Assumption(_three_days, "until the new customer feels the need; at least the next day")
