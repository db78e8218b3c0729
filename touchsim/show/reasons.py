"""What stands behind a contact and an end, in whole sentences: what went wrong, why, the price, the next journey.

Each function returns one whole sentence, or nothing where the log says that nothing of the kind happened; so a story
in which nothing new happens is told as before.  Called by ``show.story`` only.
"""

from __future__ import annotations

from typing import Any

from touchsim.languages import tell, told
from touchsim.plots.numerals import money
from touchsim.show.sentences import BEFORE

__all__ = ["afterwards_of", "paid_of", "remarks_of", "returned_of", "went_wrong_of", "why_of"]

FELT = 0.1
"""Emotion, to either side, from which a feeling is called good or bad."""
WENT_ON = {
    "felt_well": told("It was the good feeling that carried them on."),
    "felt_badly": told("They went on although it had felt bad."),
    "pressed": told("They went on although they had been sent too many messages."),
    "aware": told("That they knew the brand weighed most."),
    "worth_it": told("That the offer was worth it weighed most."),
    "not_worth_it": told("They went on although the offer was hardly worth it to them."),
    "good_name": told("That others spoke well of the brand weighed most."),
    "bad_name": told("They went on although others spoke badly of the brand."),
    "cheerful": told("It was their own nature that weighed most."),
}
LEFT = {
    "felt_badly": told("It was the bad feeling that made them go."),
    "came_in_vain": told("That it had been in vain weighed most."),
    "went_wrong": told("It was what had gone wrong that scared them away."),
    "pressed": told("It was the many messages that drove them away."),
}


def went_wrong_of(risk: str | None) -> str:
    """Say what went wrong at the contact.

    Examples
    --------
    >>> went_wrong_of("the parcel is damaged"), went_wrong_of(None)
    ('What went wrong: the parcel is damaged.', '')
    """
    return "" if risk is None else tell("What went wrong: {risk}.", risk=risk.rstrip("."))


def why_of(row: dict[str, Any]) -> str:
    """Say what weighed most in going on or in leaving; nothing where they made up their own mind.

    Nothing either where it would say nothing to a reader: going on after the purchase without paying again, a feeling
    that was neither good nor bad, a message in vain that nobody noticed.

    Examples
    --------
    >>> row = {"cause": "pressed", "decision": "leave", "need": "alternatives", "outcome": "served", "emotion": 0.4}
    >>> why_of(row), why_of(row | {"cause": "own_mind"})
    ('It was the many messages that drove them away.', '')
    >>> row |= {"cause": "felt_well", "decision": "advance"}
    >>> why_of(row), why_of(row | {"emotion": 0.0})
    ('It was the good feeling that carried them on.', '')
    """
    cause, decision = str(row.get("cause") or "none"), str(row["decision"])
    if decision == "advance" and str(row["need"]) not in BEFORE and not row.get("revenue_cents"):
        return ""
    if cause in ("felt_well", "felt_badly") and abs(row.get("emotion") or 0.0) < FELT:
        return ""
    if row["outcome"] == "unnoticed":
        return ""
    words = {"advance": WENT_ON, "leave": LEFT}.get(decision, {}).get(cause, "")
    return tell(words) if words else ""


def paid_of(cents: int, currency: str) -> str:
    """Say how much it was, in words that fit a price, a fee and a loan."""
    return tell("The sum was {sum}.", sum=money(cents / 100, currency)) if cents else ""


def returned_of(journey: int, before: int) -> str:
    """Say that a contact begins another journey.

    Examples
    --------
    >>> returned_of(2, 1)
    'With this their journey number 2 began.'
    """
    if journey <= before:
        return ""
    return tell("With this their journey number {n} began.", n=journey)


def remarks_of(row: dict[str, Any], facts: dict[str, Any], before: int, opted_out: float | None = None) -> list[str]:
    """Whole sentences that follow the one about a contact; `opted_out` is the day on which messages were refused."""
    place = facts.get("touchpoints", {}).get(str(row["touchpoint"]), {})
    wrong = (place.get("risk") or tell("something that the scenario does not name")) if row.get("risk") else None
    said = [
        went_wrong_of(wrong), paid_of(int(row.get("revenue_cents") or 0), str(facts.get("currency", ""))),
        why_of(row),
        tell("Then they opted out of messages.") if opted_out == row["arrived"] else "",
        returned_of(int(row.get("journey") or 1), before),
    ]  # fmt: skip
    return [sentence for sentence in said if sentence]


def afterwards_of(who: dict[str, Any], facts: dict[str, Any]) -> list[str]:
    """Whole sentences about the whole of a customer: the rival, reviews, referrals, contacts spared."""
    said = []
    if who.get("rival") is not None:
        rival = str(who["rival"])
        name = facts.get("rivals", {}).get(rival, {}).get("label") or rival.replace("_", " ")
        said.append(tell("The rival was {name}.", name=name))
    stars, sent, spared = (int(who.get(name) or 0) for name in ("stars", "referrals", "spared"))
    if stars == 1:
        said.append(tell("Their last review gave one star."))
    elif stars:
        said.append(tell("Their last review gave {n} stars.", n=stars))
    if sent == 1:
        said.append(tell("They brought the brand another customer."))
    elif sent:
        said.append(tell("They brought the brand {n} other customers.", n=sent))
    if spared == 1:
        said.append(tell("One contact was spared them, because the question was answered already."))
    elif spared:
        said.append(tell("{n} contacts were spared them, because the question was answered already.", n=spared))
    return said
