"""Touchpoints: where brand and customer meet, and the library of ready ones.

A scenario names a touchpoint by its key.  If the library (``data/touchpoints.yaml``) has an entry of that key, or
of the key under `like`, the scenario overrides what differs and keeps the rest; the library's numbers are assumptions
to vary, like every default below.

A touchpoint `serves` needs: the first four steps of buying, and the after-sales needs delivery, help, return, survey.
Limited `capacity` makes a line, `patience` makes people leave it; `open` closes the door at times (see `hours`).
`facets` says what a contact there tells about each facet, on the z-scale of judgements (0 average, 1 a
standard deviation): a number, or mean and sd.
"""

from __future__ import annotations

from functools import cache
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer, TypeAdapter, model_validator

from touchsim import datasets
from touchsim.documents import (
    Assumption,
    Count,
    Days,
    Document,
    Finding,
    Laws,
    NonNegative,
    Positive,
    Probability,
    broken,
    nearest,
    parse_document,
    validate_document,
)  # fmt: skip
from touchsim.world.hours import Capacity, Opening, Window, read_week
from touchsim.world.laws import Duration, Law
from touchsim.world.value import Offer

__all__ = ["Channel", "FacetShown", "Library", "Risk", "Touchpoint", "library", "ready_touchpoint"]

Channel = Literal["website", "app", "search", "social", "email", "chat", "reviews", "community", "word_of_mouth",
                  "phone", "sms", "fax", "print", "store", "delivery", "desk", "home", "product", "survey"]  # fmt: skip
NeedKey = Literal["problem_recognition", "information_search", "alternatives", "purchase_decision", "delivery", "help",
                  "return", "survey", "renewal"]  # fmt: skip
FacetKey = Literal["product_information", "appearance", "ease_of_use", "customisation", "checkout", "security",
                   "fulfilment", "responsiveness", "returns"]  # fmt: skip

Cost = Annotated[float, Field(ge=0.0, le=1e9)]
"""Money, in the scenario's currency; within bounds in which sums of integer cents stay exact."""


Asked = Annotated[float, Field(ge=0.0, le=50.0)]


class FacetShown(Document):
    """What a contact tells about one facet: mean and spread of the evidence, in z."""

    mean: float = Field(ge=-5.0, le=5.0)
    sd: NonNegative = Assumption(0.8, "one contact is a noisy witness")


_SHOWN: TypeAdapter[FacetShown] = TypeAdapter(FacetShown)


def _shown(value: object) -> object:
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return {"mean": value} if is_number else value


def _plain(shown: FacetShown) -> Any:
    return shown.mean if shown.sd == FacetShown(mean=0.0).sd else shown.model_dump(mode="json")


Shown = Annotated[FacetShown, BeforeValidator(_shown), PlainSerializer(_plain)]


def _fixed(mean: str) -> Any:
    return lambda: Law.model_validate({"law": "fixed", "mean": mean})


def _ten_minutes() -> Law:
    return Law.model_validate({"law": "exponential", "mean": "10 min"})


def _known(like: str) -> str:
    if like not in library():
        raise broken("no such touchpoint in the library", nearest(like, library()))
    return like


class Risk(Document):
    """An event that goes wrong at a contact: it lowers what is seen there and may scare the customer away."""

    label: str = Field(default="", description="what happens, for people")
    probability: Probability = Assumption(0.0, "nothing goes wrong unless said")
    loss: NonNegative = Assumption(1.0, "evidence lost on every facet shown, in z")
    scares: NonNegative = Assumption(1.0, "speeds leaving, in logits")


class Touchpoint(Document):
    """One place of contact; every number has a default that is an assumption to vary."""

    like: Annotated[str, AfterValidator(_known)] | None = Field(None, description="library entry to start from")
    label: str = Field("", description="name for people; the key if empty")
    channel: Channel
    online: bool
    nature: Literal["digital", "analogue", "physical"] = "digital"
    managed: bool = Field(True, description="by the brand; false: spontaneous, as reviews and word of mouth are")
    started_by: Literal["customer", "brand"] = "customer"
    mode: Literal["sync", "async"] = "sync"
    serves: tuple[NeedKey, ...] = Field(description="needs in which customers may choose it; none: the brand sends it")
    appeal: Positive = Assumption(1.0, "relative weight among the touchpoints of a need")
    reach: Probability = Assumption(1.0, "probability of being considered at all")
    needs_consent: bool = Field(False, description="reaches only customers who consented to be contacted")
    noticed: Probability = Assumption(1.0, "probability that a contact is noticed in the clutter")
    delay: Duration = Assumption(_fixed("0 days"), "travel or transit after choosing it")
    service: Duration = Assumption(_fixed("5 min"), "five minutes")
    open: Opening = Field(default_factory=dict, description="hours by days of the week; nothing said: always open")
    early: Days = Assumption("15 min", "who finds the door closed waits for an opening that is so near, else goes")
    capacity: Capacity | None = Field(
        None, description="served at once, or a schedule of that by days and hours; none: no limit"
    )
    line: Annotated[int, Field(ge=0, le=10_000)] | None = Field(None, description="most who may wait; none: no limit")
    patience: Duration = Assumption(_ten_minutes, "ten minutes on average")
    standard: Duration = Assumption(_fixed("2 min"), "the wait that customers find normal")
    handling: Duration = Assumption(_fixed("0 days"), "days until the refund, at a touchpoint that serves returns")
    handling_standard: Duration = Assumption(_fixed("5 days"), "the days until a refund that customers find normal")
    steps: Count = Assumption(3, "steps of a return at this touchpoint")
    steps_standard: Count = Assumption(3, "the steps of a return that customers find normal")
    facets: dict[FacetKey, Shown] = Field(default_factory=dict)
    offer: Offer = Offer()
    message: Days = Assumption("0 s", "seconds of attention that its message asks for; 0 = no message")
    asks_for_review: Asked = Assumption(0.0, "urge to post a review that its request adds, in logits; none unless said")
    risk: Risk = Risk()
    visit: bool = Field(False, description="counts as a visit of the site (entry rules of the funnel)")
    action: bool = Field(False, description="counts as an action of a prospect (free content, an offer taken)")
    cost: Cost = Assumption(0.0, "per contact, in the scenario's currency")
    cost_per_day: Cost = Assumption(0.0, "per day and, with a capacity, per server, in the scenario's currency")

    @model_validator(mode="after")
    def _makes_sense(self) -> Touchpoint:
        findings = []
        findings += read_week(self.open, self.capacity)[1]
        if self.line is not None and self.capacity is None:
            findings.append(Finding("line", "needs a capacity: where nobody is limited, nobody waits"))
        if self.line is not None and self.mode == "async":
            findings.append(Finding("line", "an inbox turns nobody away: async touchpoints have no limit of the line"))
        if len(set(self.serves)) < len(self.serves):
            findings.append(Finding("serves", "names a need twice"))
        for name in ("standard", "handling_standard"):
            if getattr(self, name).law != "fixed":
                findings.append(Finding(name, "must be a plain duration", hint='e.g. "2 min"'))
        if findings:
            raise Laws(findings)
        return self

    @property
    def week(self) -> tuple[Window, ...]:
        """Opening hours with the number of servers, from Monday 00:00; empty: always open."""
        return read_week(self.open, self.capacity)[0]

    @property
    def servers(self) -> int | None:
        """Most who are served at once; None: no limit."""
        return max(window.servers for window in self.week) if isinstance(self.capacity, dict) else self.capacity


class Library(Document):
    """Ready touchpoints by key; kept as plain data, because a scenario completes and overrides it."""

    touchpoints: dict[str, dict[str, Any]]


@cache
def library() -> dict[str, dict[str, Any]]:
    """Ready touchpoints, key to fields as a scenario would write them.

    Examples
    --------
    >>> library()["phone"]["channel"]
    'phone'
    """
    file = datasets.data_folder() / "touchpoints.yaml"
    return parse_document(Library, file.read_text(encoding="utf-8"), file=file.name).touchpoints


@cache
def ready_touchpoint(key: str) -> Touchpoint:
    """One entry of the library, completed by the defaults; the bare defaults if it has none of this name.

    Examples
    --------
    >>> ready_touchpoint("phone").channel, ready_touchpoint("no such").appeal
    ('phone', 1.0)
    """
    bare = {"channel": "email", "online": True, "serves": []}
    return validate_document(Touchpoint, library().get(key, bare))
