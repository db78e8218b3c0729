"""Every key figure that touchsim reports: its key, label, unit, definition and the direction that is better.

Quantities say how much (reach, conversion, waits, money), qualities how good (satisfaction, recommendation, effort,
emotion); a strategist needs both.  Reports, pictures and comparisons take labels and definitions from this table, so
that a figure means one thing everywhere.  How each is computed stands in `touchsim.measure.figures`.

Satisfaction is latent in the world, so that three figures need a scale to be said on:

    answer on 1..5  = 1 + number of cuts in (-1.5, -0.5, 0.5, 1.5) that latent satisfaction reaches      (CSAT)
    answer on 0..10 = latent satisfaction -2 -> 0, +2 -> 10, rounded to the nearest point, held in range    (NPS)

Both maps are **assumptions**: they put the neutral answer at latent zero, where disposition and facets cancel out.
"""

from __future__ import annotations

from dataclasses import dataclass

from touchsim import vocabulary as words
from touchsim.languages import tell

__all__ = ["CSAT_CUTS", "KPIS", "NPS_DETRACTOR_BELOW", "NPS_PROMOTER_FROM", "Kpi", "kpi_of"]

CSAT_CUTS = (-1.5, -0.5, 0.5, 1.5)
"""Latent satisfaction at which the answer on 1..5 steps up (assumption)."""

NPS_PROMOTER_FROM, NPS_DETRACTOR_BELOW = 1.4, 0.6
"""Latent satisfaction of an answer of 8.5 and of 6.5 on 0..10, the latter from -2..2 (assumption)."""


@dataclass(frozen=True)
class Kpi:
    """A key figure: what it is called, counted in, and means; `better` is higher, lower or None (it depends).

    `name` and `meaning` are English, with ``{word}`` where a word of the vocabulary (its English label) belongs;
    `label` and `definition` say them in the language spoken.
    """

    key: str
    name: str
    unit: str
    meaning: str
    better: str | None = None
    kind: str = "quantity"
    word: str = ""

    @property
    def label(self) -> str:
        """What it is called, in the language spoken."""
        return self._told(self.name)

    @property
    def definition(self) -> str:
        """What it means, in the language spoken."""
        return self._told(self.meaning)

    def _told(self, english: str) -> str:
        return tell(english, word=tell(self.word)) if self.word else tell(english)


_STATUSES = tuple(
    Kpi(f"share_{word.key}", "share: {word}", "share", "Share of all customers with this status at the end of the "
        "run: {word}.", better, word=word.label)
    for word, better in zip(words.STATUSES, (None, "lower", "higher", "lower"), strict=True)
)  # fmt: skip
_REASONS = tuple(
    Kpi(f"left_{word.key}", "gone: {word}", "share", "Share of all customers that left for this reason: {word}.",
        "lower", word=word.label)
    for word in words.REASONS[1:]
)  # fmt: skip

KPIS: tuple[Kpi, ...] = (
    Kpi("customers", "customers in the run", "customers", "Number of customers: all who arrived, and those present at "
        "the start."),
    Kpi("reach", "reach", "share", "Share of all customers with at least one contact at this touchpoint, noticed or "
        "not.", "higher"),
    Kpi("contacts", "contacts", "contacts", "Number of contacts, failures included."),
    Kpi("contacts_per_customer", "contacts per customer", "contacts", "Contacts divided by all customers."),
    Kpi("conversion", "conversion", "share", "Share of those born in the run that bought at least once; customers "
        "present at the start are left out.", "higher"),
    Kpi("drop_off", "drop-off", "share", "Share of those who reached this stage or deeper that did not reach the next "
        "stage before the run ended.", "lower"),
    Kpi("days_in_stage", "time in stage (mean)", "days", "Mean days from reaching this stage to reaching the next "
        "deeper one, among those born in the run who did.", None),
    Kpi("days_in_stage_median", "time in stage (median)", "days", "Median days from reaching this stage to reaching "
        "the next deeper one, among those born in the run who did.", None),
    Kpi("wait_minutes", "wait", "minutes", "Mean minutes from arrival to start of service, of served contacts at "
        "touchpoints where one can wait (limited capacity, opening hours or a standard for waits).", "lower"),
    Kpi("wait_p90_minutes", "wait, 90th percentile", "minutes", "Nine in ten of the same waits are shorter.", "lower"),
    Kpi("line_length", "customers in line", "customers", "Time average of the number of customers in line at this "
        "touchpoint, while customers arrive.", "lower"),
    Kpi("abandonment", "abandonment", "share", "Share of contacts that ended because patience did, at touchpoints "
        "where one can wait.", "lower"),
    Kpi("turned_away", "turned away", "share", "Share of contacts refused at a full line or a closed door, at "
        "touchpoints where one can wait.", "lower"),
    Kpi("found_closed", "found closed", "share", "Share of contacts that met a closed door and did not wait for the "
        "opening, at touchpoints with opening hours.", "lower"),
    Kpi("unnoticed", "unnoticed", "share", "Share of brand-started contacts that were not noticed.", "lower"),
    Kpi("unfinished", "unfinished", "share", "Share of contacts still under way when the run ended."),
    Kpi("utilisation", "utilisation", "share", "Time in service divided by capacity on shift, on the days on "
        "which customers arrive; around the clock where no hours are given. Service that overruns closing counts."),
    Kpi("purchases", "purchases", "purchases", "Number of purchases.", "higher"),
    Kpi("purchases_per_customer", "purchases per buyer", "purchases", "Purchases divided by customers who bought.",
        "higher"),
    Kpi("repeat_rate", "repeat rate", "share", "Share of buyers born in the run who bought twice or more.", "higher"),
    Kpi("revenue", "revenue", "currency", "Sum of all purchases.", "higher"),
    Kpi("margin", "margin", "currency", "Revenue less the cost of the goods.", "higher"),
    Kpi("cost", "contact cost", "currency", "Cost of all contacts.", "lower"),
    Kpi("overhead", "overhead", "currency", "Cost per day of the touchpoints (of each server, where "
        "capacity is limited: the most that a schedule has at once) times the days on which customers arrive, closed "
        "days included.", "lower"),
    Kpi("contribution", "contribution", "currency", "Margin less contact cost.", "higher"),
    Kpi("profit", "profit", "currency", "Margin less contact cost less overhead.", "higher"),
    Kpi("roi", "return on cost", "ratio", "Profit divided by contact cost plus overhead.", "higher"),
    Kpi("late_share", "late deliveries", "share", "Share of deliveries after the promised day.", "lower"),
    Kpi("days_late", "days late", "days", "Mean days beyond the promised day; a delivery in time counts as zero.",
        "lower"),
    Kpi("return_rate", "return rate", "share", "Returns that were taken back, divided by purchases.", "lower"),
    Kpi("refund_days", "refund", "days", "Mean days from return to refund.", "lower"),
    Kpi("webrooming", "webrooming", "share", "Share of buyers who searched online and first bought offline."),
    Kpi("showrooming", "showrooming", "share", "Share of buyers who searched offline and first bought online, with "
        "us."),
    *_STATUSES, *_REASONS,
    Kpi("messages_per_customer", "messages per customer", "messages", "Contacts that an exposure or a rule sent, "
        "noticed or not, planned calls included, divided by all customers."),
    Kpi("messages_noticed_per_customer", "messages noticed per customer", "messages", "Of the same contacts those that "
        "were noticed (served), divided by all customers.", "higher"),
    Kpi("opt_out", "opt-out", "share", "Share of all customers that withdrew their consent to be contacted.",
        "lower"),
    Kpi("linked_share", "linked contacts", "share", "Share of contacts that the brand can link to a person.", "higher"),
    Kpi("handover_hours", "hand-over to sales", "hours", "Mean hours from the event that called for it to the start of "
        "a planned contact, of those that were served.", "lower"),
    Kpi("contacts_spared", "contacts spared", "contacts", "Contacts not made because an earlier one had answered "
        "the question already, divided by all customers.", "higher"),
    Kpi("click_and_collect", "click-and-collect", "share", "Share of buyers who first bought online and collected an "
        "order at a store, a desk or a touchpoint named click_and_collect."),
    Kpi("appointment_then_visit", "appointment, then visit", "share", "Share of buyers who first bought online and "
        "were visited at home, or came to a touchpoint named branch, on a later day."),
    Kpi("lost_to_rivals", "lost to rivals", "share", "Share of all customers that left for a rival, before buying or "
        "when the need came back.", "lower"),
    Kpi("showrooming_at_rivals", "showrooming at rivals", "share", "Share of all customers that were served offline "
        "by us while shopping, bought nothing since, and left for a rival who sells online.", "lower"),
    Kpi("journeys_per_customer", "journeys per customer", "journeys", "Journeys begun (the first, and each return of "
        "the need or of the customer), divided by all customers.", "higher"),
    Kpi("addon_rate", "add-on rate", "share", "Share of purchases with an add-on (cross-sell).", "higher"),
    Kpi("risk_share", "mishaps", "share", "Share of contacts at which a risk event happened.", "lower"),
    Kpi("referrals_per_buyer", "referrals per buyer", "referrals", "New customers brought by a recommendation, divided "
        "by customers who bought.", "higher"),
    Kpi("reviews_per_buyer", "reviews per buyer", "reviews", "Reviews posted, divided by customers who bought."),
    Kpi("stars", "mean stars", "stars", "Mean of the last review of each customer who posted one, 1 to 5 stars.",
        "higher", "quality"),
    Kpi("one_star_share", "one-star reviews", "share", "Share of one star among the last reviews of those who posted.",
        "lower", "quality"),
    Kpi("five_star_share", "five-star reviews", "share", "Share of five stars among the last reviews of those who "
        "posted.", "higher", "quality"),
    Kpi("review_gap", "review gap", "stars", "Mean stars posted less the mean that all buyers would have given, by "
        "their satisfaction on the same cuts; above zero the reviews flatter.", None, "quality"),
    Kpi("recommendations", "recommendations per buyer", "recommendations", "Recommendations made, divided by customers "
        "who bought.", "higher", "quality"),
    Kpi("satisfaction", "latent satisfaction", "points", "Mean latent satisfaction of those invited to the survey, at "
        "the moment of the invitation.", "higher", "quality"),
    Kpi("csat", "CSAT", "share", "Share of those invited to the survey whose latent satisfaction reads 4 or 5 on a "
        "scale of 1..5 cut at -1.5, -0.5, 0.5, 1.5 (assumption).", "higher", "quality"),
    Kpi("nps", "NPS", "points", "Percentage at 9 or 10 less percentage at 6 or below, of those invited to the survey, "
        "latent satisfaction of -2..2 read as 0..10 (assumption; Reichheld 2003).", "higher", "quality"),
    Kpi("ces", "customer effort", "contacts", "Contacts for help or a return for each need that was met; one need "
        "solved at the first try counts 1 (after Dixon, Freeman & Toman 2010, counted instead of asked).", "lower",
        "quality"),
    Kpi("emotion", "emotion", "points", "Mean emotion of a contact, -1 to 1, where anything was experienced.",
        "higher", "quality"),
)  # fmt: skip
"""All key figures, in the order in which they are reported."""

_BY_KEY = {kpi.key: kpi for kpi in KPIS}


def kpi_of(key: str) -> Kpi:
    """Return the key figure of a key.

    Raises
    ------
    KeyError
        For a key of no figure.

    Examples
    --------
    >>> kpi_of("csat").better
    'higher'
    """
    return _BY_KEY[key]
