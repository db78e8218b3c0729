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
from touchsim.languages import tell, told
from touchsim.measure.journeys import journey_of
from touchsim.plots.numerals import money
from touchsim.show.reasons import afterwards_of, remarks_of
from touchsim.show.sentences import clock_of, contact_of, day_of, sentence_of, when_of
from touchsim.vocabulary import label, name_of

if TYPE_CHECKING:
    from touchsim.log.eventlog import EventLog

__all__ = ["Story", "story"]

GOODS = {"search": told("search goods, which can be judged before buying"),
         "experience": told("experience goods, which can only be judged in use")}  # fmt: skip


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
    """Tell the journey of one customer, in the language spoken (see `touchsim.language`).

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
        said.append(" ".join([told, *remarks_of(row, facts, journey, who.get("opted_out"))]))
        journey = max(journey, int(row.get("journey") or 1))
        before, need = moment, contact.need
    last = None if visits.empty else float(visits["arrived"].max())
    said.append(_closing(who, facts, start, last))
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
    name = name_of(segment, facts.get("segments", {}).get(segment, {}).get("label"))
    goods = tell(GOODS.get(str(who["goods"]), told("{kind} goods")), kind=str(who["goods"]))
    born = _moment(start, float(who["born"]))
    there = who.get("origin") == "stock"
    words = told("Customer {n} is one of the {segment}, is after {goods}, and has not agreed to be contacted; the need "
                 "arose on {day} {year} at {clock}.")  # fmt: skip
    if there:
        words = told("Customer {n} is one of the {segment}, is after {goods}, and has not agreed to be contacted; they "
                     "were there when the simulation began, on {day} {year}.")  # fmt: skip
    agreed = who["consent"] or who.get("opted_out") is not None
    if agreed:
        words = told("Customer {n} is one of the {segment}, is after {goods}, and has agreed to be contacted; the need "
                     "arose on {day} {year} at {clock}.")  # fmt: skip
    if agreed and there:
        words = told("Customer {n} is one of the {segment}, is after {goods}, and has agreed to be contacted; they "
                     "were there when the simulation began, on {day} {year}.")  # fmt: skip
    said = tell(words, n=who["customer"], segment=name, goods=goods, day=day_of(born), year=born.year,
                clock=clock_of(born))  # fmt: skip
    if who.get("origin") == "referral":
        return f"{said} {tell('Another customer had sent them.')}"
    if who.get("origin") == "guest":
        return f"{said} {tell('They are a mystery guest who follows a script.')}"
    return said


def _closing(who: dict[str, Any], facts: dict[str, Any], start: datetime, last: float | None) -> str:
    """How it ended, in words of the status and the reason, with what was bought; day `last` saw the last contact."""
    n = int(who["purchases"])
    spent = money(int(who["revenue_cents"]) / 100, str(facts.get("currency", "")))
    none = told("without buying in that time") if who.get("origin") == "stock" else told("without buying")
    words = {0: none, 1: told("after one purchase of {spent}")}
    bought = tell(words.get(n, told("after {n} purchases of {spent} in all")), n=n, spent=spent)
    why = "" if who["reason"] in (None, "none") else f" ({label(str(who['reason']))})"
    praised = int(who.get("recommendations") or 0)
    words = {0: "", 1: told("They recommended the brand once.")}
    praise = tell(words.get(praised, told("They recommended the brand {n} times.")), n=praised)
    if who["ended"] is not None:
        gone = _moment(start, float(who["ended"]))
        way = told("On {day} {year} they were gone, {bought}{why}.")
        if last is not None and last > float(who["ended"]):
            way = told("They had been gone since {day} {year}, {bought}{why}; what came later did not bring them back.")
        end = tell(way, day=day_of(gone), year=gone.year, bought=bought, why=why)
    elif who["status"] == "active":
        end = tell("When the simulation ended they were still a customer, {bought}.", bought=bought)
    else:
        end = tell("When the simulation ended they were still under way, {bought}.", bought=bought)
    single = tell("This is one customer of a single run, not an average.")
    parts = (end[0].upper() + end[1:], praise, *afterwards_of(who, facts), single)
    return " ".join(part for part in parts if part)
