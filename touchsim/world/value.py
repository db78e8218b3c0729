"""The value proposition: price, service, personalisation and closeness, of our touchpoints and of named rivals.

Each touchpoint and each rival makes an `Offer` in four components on the z-scale (0 = usual, 1 = a standard deviation
better; a *high* price component is a *good* price; closeness is the trust and respect conveyed).  A customer's own
weights (`Segment`) times the weights of the buying step say what it is worth to them:

    value_i(k, step) = sum over components c of  weight_i[c] * steps[c][step] * offer_k[c]

The price weighs most in the early steps.  `engine.value` computes it; choices, decisions and satisfaction read it.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from touchsim.documents import Assumption, Document, Finding, Laws, NonNegative, Positive
from touchsim.vocabulary import STEPS, keys

__all__ = ["COMPONENTS", "Offer", "Rival", "Value"]

COMPONENTS = ("price", "service", "personalisation", "closeness")
Component = Literal["price", "service", "personalisation", "closeness"]
StepKey = Literal["problem_recognition", "information_search", "alternatives", "purchase_decision", "after_sales"]
ShoppingNeed = Literal["information_search", "alternatives", "purchase_decision"]
Better = Annotated[float, Field(ge=-5.0, le=5.0)]
Logits = Annotated[float, Field(ge=-50.0, le=50.0)]


class Offer(Document):
    """What is offered in the four components, in z; 0 is the usual."""

    price: Better = Assumption(0.0, "the usual price; above 0 = cheaper")
    service: Better = Assumption(0.0, "the usual service")
    personalisation: Better = Assumption(0.0, "as personal as usual")
    closeness: Better = Assumption(0.0, "as much trust and respect as usual")

    @property
    def is_usual(self) -> bool:
        """Whether nothing about it is special."""
        return not any(getattr(self, name) for name in COMPONENTS)


class StepWeights(Document):
    """How much a component weighs in each step of buying, against the customer's own weight."""

    problem_recognition: NonNegative = 1.0
    information_search: NonNegative = 1.0
    alternatives: NonNegative = 1.0
    purchase_decision: NonNegative = 1.0
    after_sales: NonNegative = 1.0


_EARLY = "the price weighs more in early moments, service and closeness in late ones; sizes assumed"


def _weights(*values: float) -> StepWeights:
    return StepWeights(**dict(zip(keys(STEPS), values, strict=True)))


class ComponentWeights(Document):
    """Weights of the buying steps, component by component."""

    price: StepWeights = Assumption(lambda: _weights(1.5, 1.3, 1.0, 0.8, 0.4), _EARLY)
    service: StepWeights = Assumption(lambda: _weights(0.5, 0.7, 1.0, 1.0, 1.5), _EARLY)
    personalisation: StepWeights = Assumption(lambda: _weights(0.7, 1.0, 1.0, 1.0, 1.0), _EARLY)
    closeness: StepWeights = Assumption(lambda: _weights(0.5, 0.7, 1.0, 1.2, 1.3), _EARLY)


class Value(Document):
    """What an offer does, in logits per unit of value; 0 switches an effect off."""

    steps: ComponentWeights = ComponentWeights()
    on_choice: Logits = Assumption(1.0, "a better offer draws customers; the unit in which personal weights are meant")
    on_advance: Logits = Assumption(0.5, "a better offer speeds going on")
    on_satisfaction: Logits = Assumption(0.5, "offers met add to what is thought of value for the price")


class Rival(Document):
    """A competitor with the same four components, to whom a customer may turn while weighing and deciding."""

    label: str = Field("", description="name for people; the key if empty")
    offer: Offer = Offer()
    appeal: Positive = Assumption(0.2, "relative weight beside our touchpoints of the same need")
    online: bool = Field(True, description="where they sell; a customer who leaves our store for it was showrooming")
    serves: tuple[ShoppingNeed, ...] = Assumption(("alternatives", "purchase_decision"), "met when options are weighed")
    next_time: NonNegative = Assumption(0.3, "weight against us when the need comes back (0 = no thought of them then)")

    @model_validator(mode="after")
    def _makes_sense(self) -> Rival:
        if len(set(self.serves)) < len(self.serves):
            raise Laws([Finding("serves", "names a need twice")])
        return self
