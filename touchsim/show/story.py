"""One customer's journey told as a story: who, what they needed, where they turned, how it felt, how it ended.

A journey map starts with one person.  `story` takes one customer out of a log and tells every contact in time order in
plain sentences, from the same rows that the measures count.  Nothing is invented: each clause stands for a column of
the log, and whoever doubts a sentence finds the row in `Story.table`.

Called from the front door (``ts.story``), the command line and the notebooks.
"""

from __future__ import annotations

import html
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pandas as pd

from touchsim.errors import BadInput, Finding, verb
from touchsim.measure.journeys import journey_of
from touchsim.plots.numerals import money
from touchsim.show.reasons import afterwards_of, remarks_of
from touchsim.show.sentences import contact_of, day_of, sentence_of, when_of
from touchsim.vocabulary import label

if TYPE_CHECKING:
    from touchsim.log.eventlog import EventLog

__all__ = ["Story", "story"]

GOODS = {"search": "search goods, which can be judged before buying",
         "experience": "experience goods, which can only be judged in use"}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Story:
    """The journey of one customer.

    Attributes
    ----------
    sentences : tuple of str
        Who, then one sentence for each contact in time order, then the end.
    table : DataFrame
        The contacts as the log has them, one row each.
    customer, replication : int
        Whose journey it is.
    """

    sentences: tuple[str, ...]
    table: pd.DataFrame = field(repr=False)
    customer: int
    replication: int

    @property
    def text(self) -> str:
        """The whole story as one paragraph."""
        return " ".join(self.sentences)

    def __str__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        told = "".join(f"<li>{html.escape(sentence)}</li>" for sentence in self.sentences[1:-1])
        first, last = html.escape(self.sentences[0]), html.escape(self.sentences[-1])
        return f"<div><p>{first}</p><ol>{told}</ol><p>{last}</p></div>"


@verb
def story(log: EventLog, *, customer: int = 0, replication: int = 0) -> Story:
    """Tell the journey of one customer.

    Parameters
    ----------
    log : EventLog
    customer : int
        Number of the customer, counted from 0 in order of birth.
    replication : int
        Which run, counted from 0.

    Returns
    -------
    Story
        Frozen; ``.text`` is the story, ``.table`` its contacts.

    Raises
    ------
    BadInput
        If the log has no such customer.

    Examples
    --------
    >>> import touchsim as ts
    >>> told = story(ts.simulate(ts.load_scenario("corner_shop"), customers=20), customer=3)
    >>> told.text.startswith("Customer 3 is one of the ")
    True
    >>> len(told.sentences) == len(told.table) + 2
    True
    """
    visits, found = journey_of(log, customer, replication=replication)
    if found.empty:
        law = f"must be one of the {log.n_customers:,} customers of the log, counted from 0"
        raise BadInput(Finding("customer", law, got=f"customer {customer} of replication {replication}"))
    facts = log.provenance
    who = _plain(found.iloc[0])
    start = datetime.fromisoformat(str(facts["start"]))
    said, before, need = [_opening(who, facts, start)], _moment(start, float(who["born"])), ""
    journey = 1
    for _, visit in visits.iterrows():
        row = _plain(visit)
        place = facts.get("touchpoints", {}).get(str(visit["touchpoint"]), {})
        contact = contact_of(row, place, facts.get("messages"))
        moment = _moment(start, float(visit["arrived"]))
        told = sentence_of(contact, when_of(moment, before, contact.number), new_need=contact.need != need)
        said.append(" ".join([told, *remarks_of(row, facts, journey)]))
        journey = max(journey, int(row.get("journey") or 1))
        before, need = moment, contact.need
    said.append(_closing(who, facts, start))
    return Story(tuple(said), visits, int(customer), int(replication))


def _plain(row: pd.Series[Any]) -> dict[str, Any]:
    """Row as a mapping with None for null."""
    return {str(key): None if pd.isna(value) else value for key, value in row.items()}


def _moment(start: datetime, days: float) -> datetime:
    """Date and time, to the minute."""
    return start + timedelta(minutes=int(days * 1440))


def _opening(who: dict[str, Any], facts: dict[str, Any], start: datetime) -> str:
    """Who this is and when the need arose."""
    segment = str(who["segment"])
    name = facts.get("segments", {}).get(segment, {}).get("label") or segment.replace("_", " ")
    goods = GOODS.get(str(who["goods"]), f"{who['goods']} goods")
    consent = "has agreed to be contacted" if who["consent"] else "has not agreed to be contacted"
    born = _moment(start, float(who["born"]))
    said = f"Customer {who['customer']} is one of the {name}, is after {goods}, and {consent}"
    if who.get("origin") == "stock":
        return f"{said}; they were there when the simulation began, on {day_of(born)} {born.year}."
    if who.get("origin") == "referral":
        said += "; another customer had sent them"
    elif who.get("origin") == "guest":
        said += "; they are a mystery guest who follows a script"
    return f"{said}; the need arose on {day_of(born)} {born.year} at {born:%H:%M}."


def _closing(who: dict[str, Any], facts: dict[str, Any], start: datetime) -> str:
    """How it ended, in words of the status and the reason, with what was bought."""
    n = int(who["purchases"])
    spent = money(int(who["revenue_cents"]) / 100, str(facts.get("currency", "")))
    bought = {0: "without buying", 1: f"after one purchase of {spent}"}.get(n, f"after {n} purchases of {spent} in all")
    why = "" if who["reason"] in (None, "none") else f" ({label(str(who['reason']))})"
    told = int(who.get("recommendations") or 0)
    praise = f" They recommended the shop {'once' if told == 1 else f'{told} times'}." if told else ""
    if who["ended"] is not None:
        gone = _moment(start, float(who["ended"]))
        end = f"On {day_of(gone)} {gone.year} they were gone, {bought}{why}."
    elif who["status"] == "active":
        end = f"When the simulation ended they were still a customer, {bought}."
    else:
        end = f"When the simulation ended they were still under way, {bought}."
    out = who.get("opted_out")
    opted_out = "" if out is None else day_of(_moment(start, float(out)))
    more = "".join(f" {sentence}" for sentence in afterwards_of(who, facts, opted_out))
    return f"{end}{praise}{more} This is one customer of a single run, not an average."
