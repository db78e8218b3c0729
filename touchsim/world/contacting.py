"""How the brand reaches out: awareness that builds and fades, pressure that tires, exposure, CRM and automation.

`Exposure` is bought: contacts come at a rate, more often to those who would buy anyway if `targeting` is above 0.
`Rule` is automation: *when* something happened *wait*, and *unless* something else happened *send*, only to customers
who consented and are linked to a person (`Crm`).  Every contact that the brand starts adds to the pressure on a
customer, whether noticed or not; what is noticed teaches and reminds.  The equations stand in `engine.awareness`,
`engine.pressure`, `engine.profile` and `engine.messages`.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from touchsim.documents import Assumption, Days, Document, Key, NonNegative, Probability
from touchsim.world.laws import Duration

__all__ = ["UNLESS", "WHEN", "Awareness", "Crm", "Exposure", "Pressure", "Rule"]

WHEN = ("lead", "prospect", "customer", "repeat_customer", "advocate", "cart_abandoned", "purchase", "delivered",
        "returned", "left")  # fmt: skip
UNLESS = ("nothing", "lead", "prospect", "customer", "repeat_customer", "advocate", "purchase", "contact")
WhenKey = Literal["lead", "prospect", "customer", "repeat_customer", "advocate", "cart_abandoned", "purchase",
                  "delivered", "returned", "left"]  # fmt: skip
UnlessKey = Literal["nothing", "lead", "prospect", "customer", "repeat_customer", "advocate", "purchase", "contact"]
Logits = Annotated[float, Field(ge=-50.0, le=50.0)]


class Awareness(Document):
    """How contacts teach and remind, and what awareness does; 0 switches an effect off."""

    learn: Days = Assumption("12 s", "seconds of message after which two thirds have been taken in", gt=0.0)
    effect: Probability = Assumption(0.5, "share of what is missing that one fully learnt message fills")
    memory: Days = Assumption("30 days", "time in which awareness fades to a third", gt=0.0)
    on_choice: Logits = Assumption(0.0, "awareness draws from rivals; off unless a scenario says so")
    on_advance: Logits = Assumption(0.0, "awareness speeds going on before the purchase; off unless said")


class Pressure(Document):
    """What too many contacts do; overload is what exceeds a customer's tolerance."""

    fading: Days = Assumption("14 days", "time in which a contact is two thirds forgotten as a burden", gt=0.0)
    on_leave: Logits = Assumption(0.0, "irritation speeds leaving, per contact of overload; off unless said")
    on_advance: Logits = Assumption(0.0, "irritation slows going on, per contact of overload; off unless said")
    on_choice: Logits = Assumption(0.0, "aversion to what the brand starts, per contact of overload; off unless said")
    opt_out: NonNegative = Assumption(0.0, "rate of withdrawing consent at a message, per contact of overload")


class Crm(Document):
    """How much the brand knows: which contacts are linked to a person, and what is learnt from them."""

    coverage: Probability = Assumption(1.0, "share of contacts linked to a person; 1 = every contact is known")
    accuracy: Probability = Assumption(0.0, "share of what is unknown of an interest that a linked contact reveals")
    on_customisation: NonNegative = Assumption(0.5, "evidence on customisation, in z, where an interest is known fully")
    on_cross_sell: NonNegative = Assumption(1.0, "extra chance of an add-on where an interest is known fully: factor")


class Exposure(Document):
    """Contacts that are bought: adverts, banners, search ads; they come beside the customer's own journey."""

    send: Key
    intensity: NonNegative = Assumption(0.05, "contacts a day for an average customer")
    targeting: Logits = Assumption(0.0, "0 = at random, as in an experiment; above 0 = to those who would buy anyway")
    searching: NonNegative = Assumption(1.0, "factor while searching and weighing alternatives: search ads")


class Rule(Document):
    """One rule of marketing automation: when, wait, unless, send."""

    when: WhenKey
    wait: Duration
    unless: UnlessKey = Field("nothing", description="happened since then: nothing is sent")
    send: Key
    times: Annotated[int, Field(ge=1, le=1_000_000)] = Assumption(1, "how often at most for one customer")
    brings_back: Probability = Assumption(0.0, "chance that a delivered message brings back a customer who had left")
