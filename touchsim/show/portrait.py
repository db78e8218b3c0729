"""A scenario in tables and one diagram: who comes, where they go and wait, what they decide, how they leave.

Everything here is read from the scenario, in English and without a judgement; `stress` and `odd` put it under the items
of their standards.  Only a scenario is needed, no run.
"""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from touchsim.show.forms import Listing, Rows, plain
from touchsim.show.inventory import counted, duration, lasting, percent, short
from touchsim.vocabulary import NEEDS, keys, label
from touchsim.world.arrivals import births_expected

if TYPE_CHECKING:
    from touchsim.world.scenario import Scenario

__all__ = ["activities", "asked", "decisions", "exits", "flow", "recollection", "resources", "segments"]

WIDTH = 78
REACHED = "those whom a survey contact reached"
ASKED = {
    "all": "all customers, buyers or not",
    "buyers": REACHED,
    "repeat_buyers": f"of {REACHED}, those who are repeat customers at the end of the run",
    "returners": f"of {REACHED}, those who had sent something back before it",
}


def segments(scenario: Scenario) -> Rows:
    """Kinds of customers: rate and rhythm of arrivals, those there at the start, and the traits that matter most."""
    rows = []
    for key, one in scenario.segments.items():
        expected = births_expected(one, scenario.start, scenario.days)
        rhythm = [name for name in ("weekdays", "season", "hours") if getattr(one, name)]
        rhythm += [f"trend {one.trend:+g} a year"] if one.trend else []
        rhythm += [f"in groups every {lasting(one.every)}"] if one.every else []
        rows.append((f"`{key}`", plain(one.label or key.replace("_", " ")), f"{one.arrivals:g}", f"{expected:,.0f}",
                     ", ".join(rhythm) or "even", f"{one.stock:,} as {one.stock_as}" if one.stock else "none",
                     percent(one.consent), percent(one.experience_goods), f"{one.online:g} (SD "
                                                                          f"{one.online_sd:g})"))  # fmt: skip
    head = ("segment", "name", "arrivals a day", f"expected in {lasting(scenario.days)}", "rhythm",
            "present at the start", "consent", "experience goods", "pull of online (logits)")  # fmt: skip
    return Rows("Segments of customers.", head, tuple(rows))


def activities(scenario: Scenario) -> Rows:
    """Touchpoints as activities: where, for which needs, travel and duration."""
    rows = [
        (f"`{key}`", plain(one.label or key.replace("_", " ")),
         f"{label(one.channel)}, {'online' if one.online else 'offline'}, {one.nature}",
         ("brand" if one.started_by == "brand" else "customer") + ("" if one.managed else ", spontaneous"),
         ", ".join(map(label, one.serves)) or "none: the brand sends it", f"{one.appeal:g}", percent(one.reach),
         duration(one.delay), duration(one.service), f"{one.cost:g}")
        for key, one in scenario.touchpoints.items()
    ]  # fmt: skip
    head = ("touchpoint", "name", "where", "started by", "needs", "appeal", "reach", "travel or transit", "service",
            f"cost a contact ({plain(scenario.currency)})")  # fmt: skip
    return Rows("Touchpoints as activities.", head, tuple(rows))


def resources(scenario: Scenario) -> Rows:
    """Touchpoints with limits: servers, hours, the line and who leaves it."""
    rows = []
    for key, one in scenario.touchpoints.items():
        if one.capacity is None and not one.open:
            continue
        data = one.model_dump(mode="json")
        rows.append((f"`{key}`", short(data["capacity"]) if one.capacity is not None else "no limit",
                     short(data["open"]) if one.open else
                     "as the schedule of capacity" if isinstance(one.capacity, dict) else "always",
                     "inbox, first come first served" if one.mode == "async" else "line, first come first served",
                     "no limit" if one.line is None else str(one.line), duration(one.patience),
                     duration(one.standard), f"{one.cost_per_day:g}"))  # fmt: skip
    head = ("touchpoint", "servers", "open", "queue", "most who wait", "patience", "wait felt as normal",
            f"cost a day and server ({plain(scenario.currency)})")  # fmt: skip
    return Rows("Touchpoints with a limited capacity or opening hours.", head, tuple(rows))


def decisions(scenario: Scenario) -> Rows:
    """Base probabilities of every need that some touchpoint serves, and the time of thinking before a contact."""
    rows = []
    for need in served(scenario):
        one = scenario.needs.of(need)
        rows.append((label(need), *(percent(getattr(one, way)) for way in ("advance", "stay", "back", "leave")),
                     duration(one.think), ", ".join(f"`{key}`" for key in _serving(scenario, need))))  # fmt: skip
    head = ("need", "advance", "stay", "back", "leave", "thinking before a contact", "touchpoints")
    return Rows("What customers decide after a contact, when they feel neither well nor badly.", head, tuple(rows))


def served(scenario: Scenario) -> list[str]:
    """Needs that some touchpoint serves, in the order in which they are met."""
    return [need for need in keys(NEEDS) if _serving(scenario, need)]


def exits(scenario: Scenario) -> list[str]:
    """Ways out of the simulated world."""
    ways = [f"lost before buying: leaving at a step (base probabilities in 2.2), or after "
            f"{counted(scenario.choice.tries, 'failure')} with one need"]  # fmt: skip
    if scenario.rivals:
        names = ", ".join(plain(rival.label or key) for key, rival in scenario.rivals.items())
        ways.append(f"to a rival: {names}")
    ways.append("gone after buying: the need does not come back to the brand"
                if "renewal" not in served(scenario) else "gone after buying: the subscription is not "
                                                          "renewed")  # fmt: skip
    ways.append(f"still there when the run ends, {lasting(scenario.follow_up)} after the last birth: contacts "
                "under way then are rows with the outcome unfinished")  # fmt: skip
    return ways


def flow(scenario: Scenario) -> Listing:
    """Draw the journey as a process flow: entry, a box for each need with its touchpoints, and the ways out."""
    entry = [f"{plain(one.label or key)} {one.arrivals:g} a day" + (f" (+ {one.stock:,} there at the start)"
             if one.stock else "") for key, one in scenario.segments.items()]  # fmt: skip
    if scenario.voice is not None and scenario.voice.referrals > 0:
        entry.append(f"referred: {percent(scenario.voice.referrals)} of recommendations")
    lines = [*textwrap.wrap("ENTER: " + "; ".join(entry), WIDTH), "   |"]
    here = served(scenario)
    raised = {
        "delivery": "every order", "survey": f"{percent(scenario.orders.invited)} of orders",
        "help": f"{percent(scenario.orders.help)} of orders in time, {percent(scenario.orders.help_if_late)} of late "
                "ones",
        "return": f"{percent(scenario.orders.return_search)} of search goods, "
                  f"{percent(scenario.orders.return_experience)} of experience goods",
        "renewal": f"after {duration(scenario.loyalty.renewal)}",
    }  # fmt: skip
    for need in here:
        one, before = scenario.needs.of(need), need in keys(NEEDS)[:4]
        lines += ["   v", *_box(label(need).upper() + ("" if before else f": {raised[need]}"),
                                        ", ".join(_serving(scenario, need)))]  # fmt: skip
        ways = [f"advance {percent(one.advance)}"] + [f"{way} {percent(getattr(one, way))}"
                for way in ("stay", "back") if getattr(one, way)]  # fmt: skip
        if one.leave:
            ways.append(f"leave {percent(one.leave)} -> " + ("LOST" if before else
                        "GONE" if need == "renewal" else "next need"))  # fmt: skip
        lines += ["   | " + ", ".join(ways)]
        if need == "purchase_decision":
            lines += ["   v", "PURCHASE", "   |"]
    after = "renewal again" if "renewal" in here else \
        f"problem recognition again, after {duration(scenario.loyalty.gap)}"  # fmt: skip
    lines += ["   v", *textwrap.wrap(f"the need comes back -> {after}; else -> GONE", WIDTH)]
    if scenario.rivals and {"alternatives", "purchase_decision"} & set(here):
        lines += textwrap.wrap("Rivals compete in the needs that they serve: " + ", ".join(
            plain(one.label or key) for key, one in scenario.rivals.items()), WIDTH)  # fmt: skip
    sent = [*scenario.exposure, *scenario.automation]
    if sent:
        lines += textwrap.wrap("Messages come beside the journey: " + ", ".join(sent), WIDTH)
    return Listing("\n".join(lines))


def asked(scenario: Scenario) -> str:
    """Whom the survey asks, in words."""
    return ASKED[scenario.survey.asked]


def recollection(scenario: Scenario) -> str:
    """What lies between a view and what is said of it: memory, the colour of satisfaction, and a marker beside."""
    survey = scenario.survey
    lost = [f"{what} at a rate of {rate:g} a day (`{name}`)" for what, rate, name in (
        ("single views fade into the overall impression", survey.forgetting, "forgetting"),
        ("single views are lost and guessed", survey.recall_decay, "recall_decay")) if rate]  # fmt: skip
    memory = " and ".join(lost) + " between the first purchase and the survey" if lost else \
        "every view is remembered (`forgetting` 0, `recall_decay` 0)"  # fmt: skip
    drawn = f"what is said of each facet is drawn to satisfaction by a share of {survey.colouring:g} (`colouring`)" \
        if survey.colouring else "satisfaction does not colour what is said of facets (`colouring` 0)"  # fmt: skip
    marker = "no marker scale" if survey.marker is None else f"a marker scale of {counted(survey.marker, 'item')}"
    return f"{memory}; {drawn}; {marker}"


def _serving(scenario: Scenario, need: str) -> list[str]:
    return [key for key, place in scenario.touchpoints.items() if need in place.serves]


def _box(title: str, inside: str) -> list[str]:
    lines = [*textwrap.wrap(title, WIDTH - 4), *textwrap.wrap(inside, WIDTH - 4)]
    return ["+" + "-" * (WIDTH - 2) + "+", *(f"| {line:<{WIDTH - 4}} "
                                             "|" for line in lines), "+" + "-" * (WIDTH - 2) + "+"]
