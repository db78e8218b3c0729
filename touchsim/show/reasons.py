"""What stands behind a contact and an end, in whole sentences: what went wrong, why, the price, the next journey.

Each function returns one whole sentence, or nothing where the log says that nothing of the kind happened; so a story
in which nothing new happens is told as before.  Called by ``show.story`` only.
"""

from __future__ import annotations

from typing import Any

from touchsim.plots.numerals import money

__all__ = ["afterwards_of", "paid_of", "remarks_of", "returned_of", "went_wrong_of", "why_of"]

WENT_ON = {
    "felt_well": "It was the good feeling that carried them on.",
    "felt_badly": "They went on although it had felt bad.",
    "pressed": "They went on although they had been sent too many messages.",
    "aware": "That they knew the brand weighed most.",
    "worth_it": "That the offer was worth it weighed most.",
    "not_worth_it": "They went on although the offer was hardly worth it to them.",
    "good_name": "That others spoke well of the shop weighed most.",
    "bad_name": "They went on although others spoke badly of the shop.",
    "cheerful": "It was their own nature that weighed most.",
}
LEFT = {
    "felt_badly": "It was the bad feeling that made them go.",
    "came_in_vain": "It was that they had come in vain.",
    "went_wrong": "It was what had gone wrong that scared them away.",
    "pressed": "It was the many messages that drove them away.",
}
ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")


def went_wrong_of(risk: str | None) -> str:
    """Say what went wrong at the contact.

    Examples
    --------
    >>> went_wrong_of("the parcel is damaged"), went_wrong_of(None)
    ('What went wrong: the parcel is damaged.', '')
    """
    return "" if risk is None else f"What went wrong: {risk.rstrip('.')}."


def why_of(cause: str, decision: str) -> str:
    """Say what weighed most in going on or in leaving; nothing where they made up their own mind.

    Examples
    --------
    >>> why_of("pressed", "leave"), why_of("own_mind", "leave")
    ('It was the many messages that drove them away.', '')
    """
    return {"advance": WENT_ON, "leave": LEFT}.get(decision, {}).get(cause, "")


def paid_of(cents: int, currency: str) -> str:
    """Say what was paid."""
    return f"They paid {money(cents / 100, currency)}." if cents else ""


def returned_of(journey: int, before: int) -> str:
    """Say that a contact begins another journey.

    Examples
    --------
    >>> returned_of(2, 1)
    'With this their second journey began.'
    """
    if journey <= before:
        return ""
    word = ORDINALS[journey - 1] if journey <= len(ORDINALS) else f"{journey}th"
    return f"With this their {word} journey began."


def remarks_of(row: dict[str, Any], facts: dict[str, Any], before: int) -> list[str]:
    """Whole sentences that follow the one about a contact."""
    place = facts.get("touchpoints", {}).get(str(row["touchpoint"]), {})
    wrong = (place.get("risk") or "something that the scenario does not name") if row.get("risk") else None
    said = [
        went_wrong_of(wrong), paid_of(int(row.get("revenue_cents") or 0), str(facts.get("currency", ""))),
        why_of(str(row.get("cause") or "none"), str(row["decision"])),
        returned_of(int(row.get("journey") or 1), before),
    ]  # fmt: skip
    return [sentence for sentence in said if sentence]


def afterwards_of(who: dict[str, Any], facts: dict[str, Any], opted_out: str) -> list[str]:
    """Whole sentences about the whole of a customer: the rival, opting out, reviews, referrals, contacts spared."""
    said = []
    if who.get("rival") is not None:
        rival = str(who["rival"])
        name = facts.get("rivals", {}).get(rival, {}).get("label") or rival.replace("_", " ")
        said.append(f"The rival was {name}.")
    if opted_out:
        said.append(f"On {opted_out} they opted out of messages.")
    if int(who.get("stars") or 0):
        stars = int(who["stars"])
        said.append(f"Their {'last ' if int(who.get('posts') or 0) > 1 else ''}review gave "
                    f"{'one star' if stars == 1 else f'{stars} stars'}.")  # fmt: skip
    if int(who.get("referrals") or 0):
        n = int(who["referrals"])
        said.append(f"They sent {'another customer' if n == 1 else f'{n} other customers'} to the shop.")
    if int(who.get("spared") or 0):
        n = int(who["spared"])
        said.append(f"{'One contact was' if n == 1 else f'{n} contacts were'} spared them, because the question was "
                    "answered already.")  # fmt: skip
    return said
