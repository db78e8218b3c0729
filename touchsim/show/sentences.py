"""The words in which a journey is told: one contact, one sentence.

A contact becomes: when it was, what the customer was after, what they did or what reached them, how long they waited,
how it ended, how it felt and what they decided.  Where there are several good words for one thing, the contact's
number picks one, so that a story is not monotonous and yet the same every time.  What the customer did is told in parts
that all languages can put after their word for "they", in this order and the past tense.

Called by ``show.story`` only; takes plain values and gives text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from touchsim.languages import tell, told
from touchsim.plots.numerals import minutes, number
from touchsim.vocabulary import NEEDS, keys, label, name_of

__all__ = ["Contact", "clock_of", "contact_of", "day_of", "sentence_of", "spoken", "when_of"]

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
          "December")  # fmt: skip

AFTER = {
    "problem_recognition": ("with nothing particular in mind", "not looking for anything yet"),
    "information_search": ("looking for information", "wanting to know more"),
    "alternatives": ("weighing the alternatives", "comparing what there was"),
    "purchase_decision": ("about to decide", "ready to buy"),
    "delivery": ("waiting for what they had ordered",),
    "help": ("in need of help", "with a problem to solve"),
    "return": ("with something to send back or put right",),
    "survey": ("with the purchase behind them",),
}
ACTS = {
    "website": "opened {the}", "app": "opened {the}", "search": "looked at {the}", "social": "looked at {the}",
    "email": "wrote an e-mail{as_}", "chat": "opened {the}", "reviews": "read {the}",
    "word_of_mouth": "listened to {bare}", "phone": "phoned{as_}", "sms": "sent a text message{as_}",
    "fax": "sent a fax{as_}", "print": "leafed through {the}", "store": "went to {the}",
    "delivery": "used {the}", "desk": "went to {the}", "home": "had a visit at home{as_}",
    "product": "used {the}", "survey": "opened {the}",
}  # fmt: skip
BY = {"email": told("by e-mail"), "sms": told("by text message"),
      "app": told("in the app"), "print": told("by post"), "fax": told("by fax"),
      "phone": told("by phone"), "chat": told("in the chat"), "social": told("on social media")}  # fmt: skip
ARRIVALS = {"delivery": "{the} came", "home": "{the} was due"}
FEELINGS = (
    (0.6, ("felt delighted", "were more than happy")), (0.3, ("felt pleased", "were happy with it")),
    (0.1, ("felt fairly content", "were content enough")), (-0.1, ("felt neither good nor bad", "were left cold")),
    (-0.3, ("felt a little put off", "were not quite happy")), (-0.6, ("felt annoyed", "were unhappy with it")),
    (-2.0, ("felt angry", "were thoroughly fed up")),
)  # fmt: skip
ADVANCES = {
    "problem_recognition": ("began to look for information", "decided to find out more"),
    "information_search": ("went on to weigh the alternatives", "began to compare"),
    "alternatives": ("made ready to buy", "narrowed it down to this brand"),
    "purchase_decision": ("bought", "said yes"),
    "help": ("had the matter settled", "got what they needed"),
    "return": ("had it settled",),
}
STAYS = {
    "problem_recognition": ("left it at that for the moment",), "information_search": ("kept looking",),
    "alternatives": ("kept comparing", "stayed undecided"), "purchase_decision": ("put off the decision",),
}  # fmt: skip
PASSED = (told("{when} {name} passed them by unnoticed."),
          told("{when} {name} passed them by unnoticed, and they left for good."))  # fmt: skip
SENT = (told("{when} {name} was sent, but they did not notice it."),
        told("{when} {name} was sent, but they did not notice it, and they left for good."))  # fmt: skip
SHOWN = (told("{when} {name} was shown, but they did not notice it."),
         told("{when} {name} was shown, but they did not notice it, and they left for good."))  # fmt: skip
RENEWAL = {"stay": told("{when} {name} was sent, but they did not notice it; it would come again."),
           "leave": told("{when} {name} was sent, but they did not notice it, and so they did not renew.")}  # fmt: skip
BEFORE = frozenset(keys(NEEDS)[:4])
IN_VAIN = ("abandoned", "turned_away", "closed")
GLAD = 0.1
"""Emotion from which a feeling is a good one: a cheerful nature, not worth a word where a contact was in vain."""
ON_TIME = 0.04
"""Days late of which nobody would speak: an hour."""


@dataclass(frozen=True)
class Contact:
    """What a sentence needs to know of one contact; waits in minutes, null = did not happen."""

    number: int
    need: str
    touchpoint: str
    channel: str
    started_by: str
    outcome: str
    decision: str
    emotion: float | None
    waited: float | None
    late_days: float | None
    handling_days: float | None
    in_service: bool = False
    message: str = ""
    planned: bool = False


def day_of(moment: datetime) -> str:
    """Weekday, day and month, spelled out: ``Monday 5 January``."""
    weekday, month = tell(WEEKDAYS[moment.weekday()]), tell(MONTHS[moment.month - 1])
    return tell("{weekday} {day} {month}", weekday=weekday, day=moment.day, month=month)


def clock_of(moment: datetime) -> str:
    """Hour and minute: ``09:05``."""
    return tell("{hour}:{minute}", hour=f"{moment:%H}", minute=f"{moment:%M}")


def when_of(moment: datetime, before: datetime | None, turn: int = 0) -> str:
    """Say when, seen from the last moment that was told; `turn` picks one of several good ways.

    Examples
    --------
    >>> first, second = datetime(2026, 1, 5, 9, 5), datetime(2026, 1, 6, 10, 0)
    >>> when_of(first, None), when_of(second, first), when_of(second, first, 1)
    ('On Monday 5 January 2026 at 09:05', 'The next day at 10:00', 'On Tuesday at 10:00')
    """
    clock, weekday = clock_of(moment), tell(WEEKDAYS[moment.weekday()])
    if before is None or moment.year != before.year:
        return tell("On {day} {year} at {clock}", day=day_of(moment), year=moment.year, clock=clock)
    apart = (moment.date() - before.date()).days
    if apart == 0 and moment - before < timedelta(minutes=15):
        return tell("Minutes later, at {clock},", clock=clock)
    if apart == 0:
        return tell(_pick((told("At {clock} the same day"), told("Later that day, at {clock},")), turn), clock=clock)
    if apart == 1 and turn % 2 == 0:
        return tell("The next day at {clock}", clock=clock)
    if apart < 6:
        return tell("On {weekday} at {clock}", weekday=weekday, clock=clock)
    return tell("On {day} at {clock}", day=day_of(moment), clock=clock)


def spoken(name: str) -> str:
    """Name of a touchpoint with its article: ``the web shop``; a name that has one keeps it."""
    if name.lower().startswith(("the ", "a ", "an ", "our ", "my ")):
        return tell("{name}", about="has an article", name=name)
    return tell("the {name}", name=name)


def sentence_of(contact: Contact, when: str, *, new_need: bool) -> str:
    """Tell one contact.

    Examples
    --------
    >>> contact = Contact(2, "help", "phone", "phone", "customer", "abandoned", "stay", -0.4, 6.0, None, None)
    >>> sentence_of(contact, "At 10:00 the same day", new_need=False)
    'At 10:00 the same day they phoned, gave up after waiting 6 min, felt annoyed and would have to try again.'
    """
    sentence = _sentence(contact, when, new_need)
    return sentence[0].upper() + sentence[1:]


def _sentence(contact: Contact, when: str, new_need: bool) -> str:
    if contact.message and not contact.planned:
        return _told_of_rule(contact, when)
    aim = _pick(AFTER.get(contact.need, (told("with {need} in mind"),)), contact.number)
    if contact.started_by == "brand" and contact.channel not in ARRIVALS:
        return _told_of_message(contact, when, aim, new_need)
    if contact.started_by == "brand":
        awaited = contact.channel == "home" and (contact.late_days or 0.0) <= ON_TIME
        arrival = _fill(ARRIVALS[contact.channel], contact) + ("" if awaited else _lateness(contact.late_days))
        rest = _ending(contact)
        if not rest:
            return tell("{when} {arrival}.", when=when, arrival=arrival)
        return tell("{when} {arrival}; they {deeds}.", when=when, arrival=arrival, deeds=_listed(rest))
    act = _fill(ACTS.get(contact.channel, told("turned to {the}")), contact)
    if contact.planned:
        act = tell("were called about the {rule} ({touchpoint})", rule=contact.message, touchpoint=contact.touchpoint)
    deeds = _listed([act, *_ending(contact)])
    if not new_need:
        return tell("{when} they {deeds}.", when=when, deeds=deeds)
    return tell("{when}, {aim}, they {deeds}.", when=when.rstrip(","), aim=tell(aim, need=label(contact.need)),
                deeds=deeds)  # fmt: skip


def _told_of_rule(contact: Contact, when: str) -> str:
    """Sentence of a message that a rule of automation sent: the cart reminder came by e-mail; they read it."""
    if contact.channel in BY:
        by = tell(BY[contact.channel])
        came = tell("{when} the message “{rule}” came {by}", when=when, rule=contact.message, by=by)
    else:
        came = tell("{when} the message “{rule}” came", when=when, rule=contact.message)
    if contact.outcome == "unnoticed":
        return tell("{came}; they did not notice it.", came=came)
    return tell("{came}; they {deeds}.", came=came, deeds=_listed([tell("read it"), *_ending(contact)]))


def _told_of_message(contact: Contact, when: str, aim: str, new_need: bool) -> str:
    """Sentence of a contact that the brand started: a message that reached them or went unnoticed."""
    if new_need and aim.partition(" ")[0].endswith("ing"):  # an aim that can stand after "were"
        when = tell("{when}, while they were {aim},", when=when.rstrip(","), aim=tell(aim, need=label(contact.need)))
    name = spoken(contact.touchpoint)
    if contact.outcome == "unnoticed" and contact.need == "renewal" and contact.decision in RENEWAL:
        return tell(RENEWAL[contact.decision], when=when, name=name)
    if contact.outcome == "unnoticed":
        gone = contact.decision == "leave" and contact.need in BEFORE
        to_them = SENT if contact.channel in BY and contact.channel != "social" else SHOWN
        return tell(_pick((to_them[gone], PASSED[gone]), contact.number), when=when, name=name)
    if contact.outcome == "closed":
        return tell("{when} {name} came to nothing outside opening hours; they {deeds}.", when=when, name=name,
                    deeds=_listed(_ending(contact)[1:]))  # fmt: skip
    if contact.outcome == "unfinished":
        return tell("{when} {name} was on its way when the simulation ended.", when=when, name=name)
    rest = _ending(contact)
    if not rest:
        return tell("{when} {name} reached them.", when=when, name=name)
    return tell("{when} {name} reached them; they {deeds}.", when=when, name=name, deeds=_listed(rest))


def _ending(contact: Contact) -> list[str]:
    """Wait, outcome, feeling and decision, as parts of a sentence about "they"."""
    waited = contact.waited if contact.waited is not None and contact.waited >= 1 else None
    time = minutes(waited) if waited else ""
    parts = []
    if contact.outcome == "abandoned":
        parts.append(tell("gave up after waiting {time}", time=time) if time else tell("gave up almost at once"))
    elif contact.outcome == "turned_away":
        parts.append(tell("were turned away at closing time after waiting {time}", time=time) if time
                     else tell("were turned away"))  # fmt: skip
    elif contact.outcome == "closed":
        parts.append(tell("found it closed", about="deed"))
    elif contact.outcome == "unfinished":
        parts.append(tell("were being served when the simulation ended") if contact.in_service
                     else tell("were still waiting when the simulation ended"))  # fmt: skip
        return parts
    elif time:
        ways = (told("waited {time}"), told("were served after {time}"))
        parts.append(tell(ways[0] if contact.channel == "home" else _pick(ways, contact.number), time=time))
    glad = contact.emotion is not None and contact.emotion >= GLAD
    if contact.emotion is not None and not (glad and contact.outcome in IN_VAIN):
        words = next(words for floor, words in FEELINGS if contact.emotion >= floor)
        parts.append(tell(_pick(words, contact.number)))
    if contact.handling_days is not None and contact.need == "return":
        ended = told("had it put right after {days}") if contact.channel == "home" else told("had the money back after "
                                                                                             "{days}")  # fmt: skip
        parts.append(tell(ended, days=_days(contact.handling_days)))
    if contact.handling_days is None or (contact.need, contact.decision) != ("return", "advance"):
        parts.append(_decision(contact))
    return [part for part in parts if part]


def _decision(contact: Contact) -> str:
    before = contact.need in BEFORE
    if contact.decision == "advance":
        return tell(_pick(ADVANCES.get(contact.need, ("",)), contact.number))
    if contact.decision == "stay":
        return tell(_pick(STAYS[contact.need], contact.number)) if before else tell("would have to try again")
    if contact.decision == "back":
        return tell("went a step back")
    if contact.decision == "leave":
        return tell("left") if before else tell("let the matter rest")
    return ""


def _lateness(days: float | None) -> str:
    if days is None:
        return ""
    if days > ON_TIME:
        return tell(", {days} later than promised", days=_days(days))
    return tell(", {days} earlier than promised", days=_days(-days)) if days < -1 else tell(", as promised")


def _days(days: float) -> str:
    if days < 1:
        return tell("{n} hours", n=round(24 * days)) if round(24 * days) > 1 else tell("an hour")
    text = number(days, 2)
    return tell("a day") if text == "1" else tell("{n} days", n=text)


def _fill(pattern: str, contact: Contact) -> str:
    bare = contact.touchpoint
    plain_name = bare.lower() in (label(contact.channel).lower(), contact.channel)
    return tell(pattern, the=spoken(bare), bare=bare, as_="" if plain_name else f" ({bare})")


def _pick(words: tuple[str, ...], turn: int) -> str:
    return words[turn % len(words)]


def _listed(parts: list[str]) -> str:
    """Join parts of a sentence with commas and a last "and"."""
    if not parts:
        return tell("took note")
    return parts[0] if len(parts) == 1 else tell("{first} and {last}", first=", ".join(parts[:-1]), last=parts[-1])


def contact_of(
    row: Mapping[str, Any], facts: Mapping[str, Any], messages: Mapping[str, Any] | None = None
) -> Contact:
    """Make a `Contact` of a row of the log and what the provenance says about its touchpoint."""
    waited = None
    end = row["started"] if row["started"] is not None else row["ended"]
    if end is not None and row["outcome"] != "unnoticed":
        waited = (end - row["arrived"]) * 1440
    sender = row.get("sent_by")
    rule = sender is not None and (messages or {}).get(str(sender), {}).get("kind") == "automation"
    return Contact(
        number=int(row["visit"]), need=str(row["need"]),
        touchpoint=name_of(str(row["touchpoint"]), facts.get("label")), channel=str(row["channel"]),
        started_by=str(facts.get("started_by", "customer")), outcome=str(row["outcome"]),
        decision=str(row["decision"]), emotion=row["emotion"], waited=waited, late_days=row["late_days"],
        handling_days=row["handling_days"], in_service=row["started"] is not None,
        message=str(sender).replace("_", " ") if rule else "", planned=rule and str(row["decision"]) != "none",
    )  # fmt: skip
