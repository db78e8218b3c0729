"""Who the customers are and how they choose, order, judge and return: the sections of a scenario about people.

`Segment` draws traits at birth, `Choice` is how a touchpoint is chosen and how emotion moves decisions, `Orders` what
a purchase sets off, `Views` how contacts become views, `Satisfaction` what views weigh, `Loyalty` what follows from it.
The equations stand in `engine.rules`, `engine.views` and `engine.aftermath`; every number here is a fact with its
source or an assumption to vary.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from touchsim.documents import Assumption, Days, Document, Fact, Finding, Laws, NonNegative, Probability  # fmt: skip
from touchsim.world.arrivals import Rhythm
from touchsim.world.laws import Duration, Law
from touchsim.world.touchpoints import Channel, FacetKey
from touchsim.world.traits import correlations_of

__all__ = ["Basket", "Choice", "Lateness", "Loyalty", "Orders", "Satisfaction", "Segment", "Views", "Weights"]

Real = Annotated[float, Field(ge=-50.0, le=50.0)]
Spread = Annotated[float, Field(ge=0.0, le=50.0)]
"""Standard deviation of what stands in an exponent; beyond this the exponential overflows."""
Correlation = Annotated[float, Field(ge=-1.0, le=1.0)]


class Segment(Rhythm):
    """A kind of customer: how many arrive and when, and the laws of the traits drawn once at birth."""

    label: str = Field("", description="name for people; the key if empty")
    arrivals: NonNegative = Field(description="customers a day in whom the need arises")
    every: Days = Assumption("0 days", "they come at any time; 1 day = all of a day at once, as after a daily mailing")
    consent: Probability = Assumption(0.5, "share willing to be contacted, once they visit the site")
    experience_goods: Probability = Assumption(0.5, "share that buys experience goods, the others search goods")
    online: Real = Assumption(0.0, "pull of online touchpoints, in logits")
    online_sd: Spread = Assumption(0.5, "how much that differs from person to person")
    affinity: dict[Channel, Real] = Assumption(
        dict, "no channel is liked better than another unless said: pull of its touchpoints, in logits: {chat: 0.4}"
    )
    patience_sd: Spread = Assumption(0.3, "standard deviation of the logarithm of personal patience")
    span: Days = Assumption("10 s", "median span of attention for a message; said to be 7 to 15 s now, vary it", gt=0.0)
    span_sd: Spread = Assumption(0.5, "standard deviation of the logarithm of that span")
    tolerance: NonNegative = Assumption(3.0, "median number of recent brand contacts that are no burden")
    tolerance_sd: Spread = Assumption(0.4, "standard deviation of the logarithm of that number")
    price: Real = Assumption(0.6, "own weight of the price")
    service: Real = Assumption(0.4, "own weight of service")
    personalisation: Real = Assumption(0.2, "own weight of personalisation")
    closeness: Real = Assumption(0.3, "own weight of closeness: trust and respect conveyed")
    value_sd: NonNegative = Assumption(0.2, "how much these weights differ from person to person")
    inertia_sd: NonNegative = Assumption(0.0, "how much the pull of the channel used last differs, in logits")
    interest_sd: Spread = Assumption(0.5, "standard deviation of the logarithm of the wish for what fits personally")
    voice_sd: NonNegative = Assumption(0.0, "how much the urge to speak up differs from person to person, in logits")
    correlation: dict[str, Correlation] = Assumption(dict, "traits are independent unless said: {'price, span': -0.3}")

    @model_validator(mode="after")
    def _correlations_fit_together(self) -> Segment:
        correlations_of(self.correlation)
        return self

    @model_validator(mode="after")
    def _one_rhythm(self) -> Segment:
        if self.every > 0.0 and self.flows:
            law = "customers who come every so often come at an even rate: no weekdays, season, hours or trend"
            raise Laws([Finding("every", law, hint="say one or the other, or make two segments")])
        return self


class Choice(Document):
    """How a touchpoint is chosen and what moves decisions; effects in logits, 0 switches one off."""

    inertia: Real = Assumption(0.3, "pull of the channel used last (state dependence: Dube, Hitsch & Rossi 2010)")
    emotion_on_advance: Real = Assumption(0.6, "feeling well speeds going on")
    emotion_on_leave: Real = Assumption(0.8, "feeling badly speeds leaving")
    vain_on_leave: Real = Assumption(0.7, "a contact in vain (abandoned, turned away) speeds leaving")
    disposition_on_advance: Real = Assumption(0.0, "cheerful people buy more: a confounder; off unless said")
    tries: Annotated[int, Field(ge=1, le=1_000_000)] = Assumption(6, "failures with one need before giving it up")
    knows_hours: Probability = Assumption(
        0.8, "opening hours are a search away: so often a customer who would meet a closed door comes when it is open"
    )


class Basket(Document):
    """What one order is worth, in the scenario's currency: lognormal; cv 0 = always the mean."""

    mean: Annotated[float, Field(gt=0.0, le=1e9)] = Assumption(60.0, "illustrative; put your own average basket here")
    cv: Annotated[float, Field(ge=0.0, le=3.0)] = Assumption(0.7, "orders differ widely")


class Orders(Document):
    """What a purchase sets off: delivery against a promise, problems, returns, an invitation to the survey."""

    basket: Basket = Basket()
    margin: Probability = Assumption(0.35, "share of the basket that pays for everything else")
    promised: Days = Assumption("3 days", "promised days from order to delivery")
    help: Probability = Assumption(0.15, "share of orders on time that need help")
    help_if_late: Probability = Assumption(0.45, "share of late orders that need help")
    return_search: Probability = Assumption(0.08, "share of orders of search goods that are returned")
    return_experience: Probability = Assumption(0.25, "share of orders of experience goods that are returned")
    invited: Probability = Assumption(1.0, "share of orders followed by a survey invitation")
    addon: Probability = Assumption(0.0, "share of orders with an add-on (cross-sell); off unless said")
    addon_value: NonNegative = Assumption(0.3, "what an add-on adds to the basket, as a share of it")


class Lateness(Document):
    """A loss on fulfilment that grows in steps: beyond `days` after the promised day it is `loss` (z)."""

    days: Days
    loss: NonNegative


def _later(days: float, loss: float) -> Lateness:
    return Lateness.model_validate({"days": f"{days} days", "loss": loss})


_OLIST = (
    "standardised drop of the mean review by days late in the Olist orders of 2016-2018 "
    "(data/facts/olist_delay_review_grouped.csv); an association: some surveys precede late deliveries"
)


class Views(Document):
    """How contacts become views; all in z, the standard deviation of judgements between customers."""

    promise: dict[FacetKey, Real] = Assumption(dict, "the brand promises an average performance unless said otherwise")
    expectation_sd: NonNegative = Assumption(0.7, "people expect different things of the same brand")
    prior: NonNegative = Assumption(1.0, "an expectation weighs as much as this many contacts")
    recency: Probability = Assumption(0.2, "the newest contact weighs at least this much")
    wait: NonNegative = Assumption(0.4, "loss per e-fold of the wait beyond the standard")
    wait_softening: Days = Assumption("1 min", "waits below a minute are hardly felt", gt=0.0)
    refused: NonNegative = Assumption(0.8, "extra loss when the wait was in vain")
    lateness: NonNegative = Fact(1.0, f"scales the steps below; 1 = {_OLIST}")
    late: Annotated[tuple[Lateness, ...], Field(max_length=4)] = Fact(
        (_later(0.0, 0.23), _later(0.5, 0.68), _later(2.5, 1.79), _later(7.5, 2.25)), _OLIST,
    )
    handling: NonNegative = Assumption(0.5, "loss per e-fold of the refund days beyond the standard")
    handling_softening: Days = Assumption("1 day", "refunds within a day are all the same", gt=0.0)
    steps: NonNegative = Assumption(0.2, "loss per step of a return beyond the standard")
    disconfirmation: NonNegative = Assumption(0.0, "extra weight of surprise (Oliver 1980); 0 = the linear case")
    loss: NonNegative = Assumption(1.0, "a bad surprise weighs so many times a good one; equal unless varied")
    learn: Probability = Assumption(0.0, "share of the surprise by which a contact moves the expectation")
    primacy: NonNegative = Assumption(0.0, "extra weight of the first contact felt (first impression); off unless said")

    @model_validator(mode="after")
    def _thresholds_rise(self) -> Views:
        days = [step.days for step in self.late]
        if days != sorted(days):
            raise Laws([Finding("late", "thresholds must rise, in days")])
        return self


class Weights(Document):
    """Weight of each facet in satisfaction, for one kind of goods; a facet that is not named weighs nothing."""

    product_information: Real = 0.0
    appearance: Real = 0.0
    ease_of_use: Real = 0.0
    customisation: Real = 0.0
    checkout: Real = 0.0
    security: Real = 0.0
    fulfilment: Real = 0.0
    responsiveness: Real = 0.0
    returns: Real = 0.0


_STUDY = ("size assumed; order, sign and what weighs more for experience goods follow the abstract of Pham & Ahammad "
          "(2017), appearance taken as 0")  # fmt: skip


def _weights(*values: float) -> Weights:
    return Weights(**dict(zip(Weights.model_fields, values, strict=True)))


class Satisfaction(Document):
    """What satisfaction is made of: the nine facets by kind of goods, and what the survey does not ask."""

    search: Weights = Assumption(lambda: _weights(0.08, 0.0, 0.09, 0.06, 0.08, 0.10, 0.55, 0.46, 0.50), _STUDY)
    experience: Weights = Assumption(lambda: _weights(0.14, 0.0, 0.09, 0.13, 0.08, 0.10, 0.65, 0.56, 0.50), _STUDY)
    product: Real = Assumption(0.25, "weight of how well the product suits")
    value: Real = Assumption(0.25, "weight of value for the price")
    disposition: Real = Assumption(0.25, "weight of a cheerful or grumpy nature")
    noise: NonNegative = Assumption(0.4, "weight of everything else")
    peak_end: Real = Assumption(0.0, "weight of the mean of strongest and last emotion; off unless said")


def _two_months() -> Law:
    return Law.model_validate({"law": "exponential", "mean": "60 days"})


def _a_month() -> Law:
    return Law.model_validate({"law": "fixed", "mean": "30 days"})


class Loyalty(Document):
    """What follows from satisfaction S: logistic curves, in logits."""

    recommend: Real = Assumption(-1.2, "logit of telling others at S = 0")
    recommend_slope: Real = Assumption(1.0, "positive by the abstract of Pham & Ahammad (2017); size assumed")
    repeat: Real = Assumption(-0.6, "logit of a next need that comes back to us at S = 0")
    repeat_slope: Real = Assumption(0.8, "drop-out after each purchase falls with S (after Fader et al. 2005); assumed")
    gap: Duration = Assumption(_two_months, "days until the next need")
    rate_cv: Annotated[float, Field(ge=0.0, le=3.0)] = Assumption(0.0, "spread of personal rates (gamma mixed)")
    switching: Real = Assumption(1.0, "cost of switching to a rival when the need comes back, in logits")
    renewal: Duration = Assumption(_a_month, "subscription: days until the renewal, where a touchpoint serves it")
    renew_slope: Real = Assumption(0.8, "satisfaction keeps from ending the subscription, in logits")


