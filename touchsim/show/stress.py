"""STRESS-DES: the reporting sheet of a discrete-event simulation, filled from a scenario and what was done with it.

Sections and items are those of Monks, Currie, Onggo, Robinson, Kunc & Taylor (2019), Journal of Simulation 13:55-67.
Called by `sheets`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from touchsim.measure.definitions import KPIS
from touchsim.show import inventory, portrait
from touchsim.show.forms import Block, Bullets, Item, Listing, Rows, plain
from touchsim.show.runs import (
    authors_work,
    code_access,
    estimation,
    execution,
    initialisation,
    run_length,
    sampling,
    software,
)  # fmt: skip
from touchsim.show.submodels import SUBMODELS
from touchsim.vocabulary import STAGES, keys, label

if TYPE_CHECKING:
    from touchsim.show.conduct import Conduct
    from touchsim.world.scenario import Scenario

__all__ = ["SOURCE", "items_of_stress"]

SOURCE = ("Items of STRESS-DES: Monks, T., Currie, C. S. M., Onggo, B. S., Robinson, S., Kunc, M. & Taylor, S. J. E. "
          "(2019). Strengthening the reporting of empirical simulation studies: Introducing the STRESS guidelines. "
          "Journal of Simulation 13(1), 55-67. doi:10.1080/17477778.2018.1442155.")  # fmt: skip
AIMS = {
    "": "Nothing was run yet.",
    "run": "One scenario was run as it is, to describe what its customers do; no variant was compared.",
    "study": "The simulated customers were surveyed, and the regression of satisfaction on the facets was fitted, to "
             "hold what the survey finds against the truth that only the simulator knows.",
    "score": "A survey design was simulated many times, to hold what it finds against the truth; the sheet in the "
             "order of ADEMP stands in `ademp.md`.",
}  # fmt: skip
EVENTS = {"cart_abandoned": "an abandoned cart", "purchase": "a purchase", "delivered": "a delivery",
          "returned": "a return", "left": "the customer's leaving", "contact": "a contact"}  # fmt: skip


def items_of_stress(scenario: Scenario, conduct: Conduct) -> Iterator[Item]:
    """Fill every item of STRESS-DES, in its order."""
    yield from _objectives(scenario, conduct)
    yield from _logic(scenario, conduct)
    yield from _data(scenario)
    part = "4 Experimentation"
    yield Item(part, "4.1", "Initialisation", *initialisation(scenario, conduct))
    yield Item(part, "4.2", "Run length", *run_length(scenario, conduct))
    yield Item(part, "4.3", "Estimation approach", *estimation(conduct))
    part = "5 Implementation"
    yield Item(part, "5.1", "Software or programming language", *software(conduct))
    yield Item(part, "5.2", "Random sampling", sampling(conduct))
    yield Item(part, "5.3", "Model execution", execution(conduct))
    yield Item(part, "5.4", "System specification", (
        "The results do not depend on the machine: neither the number of cores nor the order in which they work "
        "changes a row.",), ("model run time, and the machine it was measured on (processor, memory, operating "
                             "system)",))  # fmt: skip
    yield Item("6 Code access", "6.1", "Computer model sharing statement", *code_access(scenario))


def _objectives(scenario: Scenario, conduct: Conduct) -> Iterator[Item]:
    part = "1 Objectives"
    said: list[Block] = ["The model lets customers live through a marketing funnel across online and offline "
                         f"touchpoints: {plain(scenario.title or scenario.name)}."]  # fmt: skip
    if scenario.about:
        said.append(f"The scenario says of itself: {plain(scenario.about)}")
    yield Item(part, "1.1", "Purpose of the model", tuple(said), ("background and rationale of your study, and for "
                                                                  "whom its answer is meant",))  # fmt: skip
    yield Item(part, "1.2", "Model outputs", tuple(_outputs(scenario, conduct)))
    yield Item(part, "1.3", "Experimentation aims", *_aims(scenario, conduct))


def _outputs(scenario: Scenario, conduct: Conduct) -> Iterator[Block]:
    if conduct.card is not None:
        yield ("Bias, empirical standard error, root mean squared error, coverage and power of each estimator and "
               "driver, and how often the true top driver comes first, each with its Monte Carlo error; defined in "
               "`ademp.md`.")  # fmt: skip
    elif conduct.command == "study":
        yield ("Coefficients with 95 % intervals, relative importance (LMG shares of R2), reliability of the scales, "
               "and the truth beside them: the regression projection among all who were asked, whether they answered "
               "or not.")  # fmt: skip
    else:
        chosen = [kpi for kpi in KPIS if not conduct.figures or kpi.key in conduct.figures]
        rows = tuple((f"`{kpi.key}`", kpi.label, plain(scenario.currency) if kpi.unit == "currency" else kpi.unit,
                      kpi.definition) for kpi in chosen)  # fmt: skip
        yield ("Key figures are computed from the log after a run, replication by replication, over the whole run "
               "(no period is left out). Satisfaction is latent; CSAT and NPS read it by an assumed "
               "scale.")  # fmt: skip
        yield Rows(f"The {len(rows)} key figures and their definitions", ("key", "figure", "unit", "definition"), rows,
                   folded=True)  # fmt: skip
    if scenario.targets:
        yield "Targets, and how likely a run meets them (share of replications, score interval of Wilson 1927):"
        yield Rows("", ("target", "figure", "group", "at least", "at most"), tuple(
            (f"`{name}`", one.figure, f"`{one.group}`", *("" if goal is None else f"{goal:g}"
             for goal in (one.at_least, one.at_most))) for name, one in scenario.targets.items()))  # fmt: skip


def _aims(scenario: Scenario, conduct: Conduct) -> tuple[tuple[Block, ...], tuple[str, ...]]:
    if conduct.command != "compare":
        left = "what you experiment for" if conduct.command else "what you will experiment for"
        return (AIMS[conduct.command], *_applied(scenario)), (left,)
    rows = tuple((plain(name), _labels(scenario, one), str(len(inventory.changes(scenario, one).rows)))
                 for name, one in conduct.variants.items())  # fmt: skip
    return ("Scenario-based analysis: each variant is compared with the base, the same customers in both.",
            Rows("", ("variant", "description", "places changed (listed in 2.3)"), rows), *_applied(scenario)), (
            "why these variants were chosen",)  # fmt: skip


def _applied(scenario: Scenario) -> list[Block]:
    names = ", ".join(f"`{plain(name)}`" for name in scenario.applied)
    return [f"The scenario is itself a variant; applied to it: {names}."] if names else []


def _labels(base: Scenario, variant: Scenario) -> str:
    """What a variant is, in the words of the scenario."""
    known = [base.interventions[name].label or name for name in variant.applied[len(base.applied):]
             if name in base.interventions]  # fmt: skip
    return plain("; ".join(known)) or "changes given in Python or in a file"


def _logic(scenario: Scenario, conduct: Conduct) -> Iterator[Item]:
    part = "2 Logic"
    yield Item(part, "2.1", "Base model overview diagram", (
        "Process flow, drawn from the scenario; percentages are base probabilities, before emotion, lines and "
        "messages.",
        portrait.flow(scenario)))  # fmt: skip
    yield Item(part, "2.2", "Base model logic", (Bullets(tuple(_steps(scenario))), portrait.decisions(scenario),
                                                 _funnel(scenario)))  # fmt: skip
    yield Item(part, "2.3", "Scenario logic", tuple(_variants(scenario, conduct)))
    yield Item(part, "2.4", "Algorithms", tuple(_algorithms(scenario)))
    yield Item(part, "2.5.1", "Components: entities", (
        "One kind of entity: the customer, with the attributes drawn at birth by segment (2.4, traits) and the views, "
        "emotion, awareness, stage and need that change on the way.", portrait.segments(scenario)))  # fmt: skip
    yield Item(part, "2.5.2", "Components: activities", (
        "An activity is a contact of one customer with one touchpoint: travel, waiting, service, what was felt, a "
        "decision.", portrait.activities(scenario)))  # fmt: skip
    limits = portrait.resources(scenario)
    none: tuple[Block, ...] = ("There are none: no touchpoint has a limited capacity or opening hours, so nobody ever "
                               "waits.",)
    yield Item(part, "2.5.3", "Components: resources", (
        "Servers of touchpoints; alike, not shared between touchpoints, at work while their touchpoint is open.",
        limits) if limits.rows else none)  # fmt: skip
    yield Item(part, "2.5.4", "Components: queues", (
        "One queue for each touchpoint of the table under 2.5.3, first come first served, nobody preferred. Patience "
        "is that of the touchpoint times a personal factor; who runs out of it has abandoned the contact, who finds "
        "the line full or is in it at closing is turned away. "
        f"{_inboxes(scenario)}",) if limits.rows else none)  # fmt: skip
    yield Item(part, "2.5.5", "Components: entry and exit points", (
        "Entry: births by segment (2.5.1, and arrivals in 2.4)" + (
            ", customers referred by others" if scenario.voice and scenario.voice.referrals else "")
        + (f"; at most {scenario.market:,} people can ever be reached" if scenario.market else "") + ". Exit:",
        Bullets(tuple(portrait.exits(scenario)))))  # fmt: skip


def _inboxes(scenario: Scenario) -> str:
    names = ", ".join(f"`{key}`" for key, one in scenario.touchpoints.items() if one.mode == "async")
    return f"Inboxes keep what lies in them over closing times: {names}." if names else "There are no inboxes."


def _steps(scenario: Scenario) -> Iterator[str]:
    orders = scenario.orders
    yield ("The need arises (stage suspect). Until gone, the customer thinks, chooses a touchpoint for the current "
           "need, travels there, waits if there is a line, is served or not, and decides.")  # fmt: skip
    yield ("A contact is noticed or not, and ends as served, abandoned, turned away, closed, unnoticed or unfinished; "
           "each is a row of the log.")  # fmt: skip
    yield ("After the decision: on to the next step, stay, a step back, or leave (table below). After "
           f"{inventory.counted(scenario.choice.tries, 'failure')} with one need it is given up.")  # fmt: skip
    yield (f"A purchase has a basket of mean {orders.basket.mean:g} {plain(scenario.currency)} (lognormal, cv "
           f"{orders.basket.cv:g}) and a margin of {inventory.percent(orders.margin)}; delivery is promised in "
           f"{inventory.lasting(orders.promised)}.")  # fmt: skip
    yield "After the purchase, where a touchpoint serves it: delivery, help, return until the refund, survey."
    yield "Then the customer may tell others, and the need comes back after a time, or the customer is gone."
    if scenario.alignment.pairs:
        pairs = ", ".join(f"`{name}`" for name in scenario.alignment.pairs)
        yield f"Touchpoints hand over, contradict or replace each other in the pairs {pairs}."
    for key, one in scenario.exposure.items():
        yield f"Exposure `{key}` sends `{one.send}` at {one.intensity:g} contacts a day."
    for key, rule in scenario.automation.items():
        unless = "" if rule.unless == "nothing" else f" unless {_event(rule.unless)} came since then,"
        yield (f"Automation `{key}`: {inventory.duration(rule.wait)} after {_event(rule.when)},{unless} `{rule.send}` "
               f"is sent, at most {inventory.counted(rule.times, 'time')}.")  # fmt: skip


def _event(key: str) -> str:
    """What automation waits for, in words."""
    return EVENTS.get(key) or f"the entry into the stage {label(key)}"


def _funnel(scenario: Scenario) -> Rows:
    rows = []
    for stage in keys(STAGES)[1:]:
        rule = getattr(scenario.funnel, stage)
        asked = [inventory.counted(count, name) for name in ("visit", "action", "purchase", "recommendation")
                 if (count := getattr(rule, f"{name}s"))]  # fmt: skip
        rows.append((label(stage), ", ".join(asked + (["consent"] if rule.consent else []))))
    return Rows("Entry rules of the stages of the funnel (at least so many).", ("stage", "asks for"), tuple(rows))


def _variants(scenario: Scenario, conduct: Conduct) -> Iterator[Block]:
    if not conduct.variants:
        yield "No variant was run."
        if scenario.interventions:
            known = "; ".join(f"`{name}` ({plain(one.label or name)})" for name, one in scenario.interventions.items())
            yield f"The scenario describes interventions that were not applied here: {known}."
        return
    for name, one in conduct.variants.items():
        yield f"Variant {plain(name)}: {_labels(scenario, one)}. It differs from the base in these places only:"
        found = inventory.changes(scenario, one)
        yield found if found.rows else "none: it is the base again."


def _algorithms(scenario: Scenario) -> Iterator[Block]:
    off = [one.name for one in SUBMODELS if not one.is_on(scenario)]
    for one in SUBMODELS:
        if one.is_on(scenario):
            yield f"{one.name}. {one.words} Source: {one.sources}."
            yield Listing(one.equation)
    yield (f"Switched off in this scenario: {', '.join(off)}. A coefficient of 0 gives exactly what the absence of its "
           "effect would give." if off else "No part of the model is switched off in this scenario.")  # fmt: skip


def _data(scenario: Scenario) -> Iterator[Item]:
    part = "3 Data"
    facts, open_numbers = inventory.sourced_facts(scenario), inventory.unsourced(scenario)
    yours = authors_work(open_numbers)
    yield Item(part, "3.1", "Data sources", ("Facts, with their source:", Bullets(tuple(facts))) if facts else
               ("No number of the scenario is a fact with a source.",), yours)  # fmt: skip
    yield Item(part, "3.2", "Pre-processing", (
        "The program does none: every number enters the model as the scenario says it. Loss by late delivery is a "
        "grouped table of standardised review scores.",), ("how data behind your own numbers were prepared",)
        if open_numbers else ())  # fmt: skip
    kinds = scenario.assumptions()["kind"].value_counts()
    yield Item(part, "3.3", "Input parameters", (
        f"The scenario holds {int(kinds.sum())} numbers: {int(kinds.get('fact', 0))} are facts, "
        f"{int(kinds.get('assumption', 0))} are assumptions. The file `manifest.json` holds the same as text.",
        inventory.numbers(scenario, caption="Everything that the scenario says, defaults included")))  # fmt: skip
    yield Item(part, "3.4", "Assumptions", (
        f"{int(kinds.get('assumption', 0))} numbers are assumptions, to be varied; none is a finding. Of these "
        f"{open_numbers} are set by the scenario or the library of ready touchpoints, the others are defaults.",
        inventory.reasons_of_assumptions(scenario),
        "Not modelled: holidays and daylight saving; two contacts of one customer at a time; goods that run out; "
        "discounts by customer; the investment that an intervention takes (running costs only)."))  # fmt: skip
