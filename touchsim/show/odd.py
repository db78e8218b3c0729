"""ODD: overview, design concepts and details of an individual-based model, filled from a scenario.

Elements and design concepts are those of Grimm et al. (2020), JASSS 23(2):7, in their order.  Most of them need no run:
ODD describes a model, not an experiment.  Called by `sheets`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from touchsim.show import inventory, portrait
from touchsim.show.forms import Block, Bullets, Item, Listing, Rows, plain
from touchsim.show.runs import authors_work, execution, initialisation, run_length, sampling
from touchsim.show.submodels import SUBMODELS
from touchsim.vocabulary import STAGES, STEPS, keys, label

if TYPE_CHECKING:
    from touchsim.show.conduct import Conduct
    from touchsim.world.scenario import Scenario

__all__ = ["SOURCE", "items_of_odd"]

SOURCE = ("Elements of ODD: Grimm, V., Railsback, S. F., Vincenot, C. E., Berger, U., Gallagher, C. et al. (2020). The "
          "ODD protocol for describing agent-based and other simulation models: A second update to improve clarity, "
          "replication, and structural realism. Journal of Artificial Societies and Social Simulation 23(2), 7. "
          "doi:10.18564/jasss.4259.")  # fmt: skip
HELD = (
    "one exponential touchpoint alone waits as M/M/c, with patience as Erlang-A",
    "without emotion and lines the funnel is an absorbing Markov chain with the base probabilities (Kemeny & Snell "
    "1960)",
    "arrivals follow the integral of their rate",
    "a coefficient of 0 gives, bit for bit, the world without its effect",
)
STATE = (
    ("customer", "drawn at birth", "segment, kind of goods, willing to be contacted, pull of online, patience, span of "
     "attention, tolerance, weights of the offer, disposition, product, value (z)"),
    ("customer", "changes", "clock (days), need, stage, views and expectations of nine facets (z), contacts per facet, "
     "emotion (-1 to 1), awareness (0 to 1), pressure, consent, channel used last, purchases, money (cents), failures "
     "with the current need"),
    ("touchpoint", "fixed", "channel, needs, appeal, reach, laws of duration, servers and hours, evidence on facets, "
     "offer, cost"),
    ("touchpoint", "changes", "customers in line, instants at which servers become free"),
)


def items_of_odd(scenario: Scenario, conduct: Conduct) -> Iterator[Item]:
    """Fill every element of ODD, in its order."""
    part = "Overview"
    purpose: list[Block] = ["To follow customers through the steps of buying across online and offline touchpoints, to "
                            "survey them, and to hold what a survey finds against the truth."]  # fmt: skip
    if scenario.about:
        purpose.append(f"The scenario says of itself: {plain(scenario.about)}")
    facts = inventory.sourced_facts(scenario)
    yield Item(part, "1", "Purpose and patterns", (
        *purpose, "Patterns that the program is held against by its own tests, in any scenario:", Bullets(HELD),
        *(("Facts that enter this scenario:", Bullets(tuple(facts))) if facts else ()), *_targets(scenario)),
        ("the purpose of your study", "patterns of your market that the model must show to be believed, and how well "
         "it shows them"))  # fmt: skip
    yield Item(part, "2", "Entities, state variables, and scales", tuple(_entities(scenario, conduct)))
    yield Item(part, "3", "Process overview and scheduling", tuple(_processes(scenario, conduct)))
    yield from _concepts(scenario, conduct)
    part = "Details"
    yield Item(part, "5", "Initialization", *initialisation(scenario, conduct))
    yield Item(part, "6", "Input data", tuple(_input(scenario)), authors_work(inventory.unsourced(scenario)))
    yield Item(part, "7", "Submodels", tuple(_submodels(scenario)))


def _targets(scenario: Scenario) -> list[Block]:
    if not scenario.targets:
        return []
    goals = tuple(
        f"`{name}`: `{one.figure}` of `{one.group}`" + ("" if one.at_least is None else f", at least {one.at_least:g}")
        + ("" if one.at_most is None else ", at most "
                                          f"{one.at_most:g}") for name, one in scenario.targets.items())  # fmt: skip
    return ["Goals of the brand (they move no customer):", Bullets(goals)]


def _entities(scenario: Scenario, conduct: Conduct) -> Iterator[Block]:
    rivals = ", ".join(f"`{key}`" for key in scenario.rivals)
    kinds, places = (inventory.counted(len(many), word) for many, word in (
        (scenario.segments, "segment"), (scenario.touchpoints, "touchpoint")))  # fmt: skip
    yield (f"Entities: customers, of {kinds}; {places} of the brand; "
           + (f"rivals ({rivals}), known by their offer only; " if rivals else "no rivals; ")
           + ("the public, with a reputation and talk." if scenario.voice else "no public opinion."))  # fmt: skip
    rows = [*STATE]
    if scenario.voice is not None:
        rows.append(("public", "changes", "number and sum of stars, good and bad news on their way and heard"))
    if scenario.market is not None:
        rows.append(("market", "changes", f"people reached, of {scenario.market:,}"))
    yield Rows("State variables.", ("entity", "kind", "variables"), tuple(rows))
    yield portrait.segments(scenario)
    yield portrait.activities(scenario)
    said, _ = run_length(scenario, conduct)
    yield "Scales. There is no space: near and far are a channel and a travel time. Judgements are on one z-scale."
    yield from said


def _processes(scenario: Scenario, conduct: Conduct) -> Iterator[Block]:
    steps = ", ".join(label(step) for step in keys(STEPS))
    yield f"The five steps of buying are {steps}; the stages of the funnel, earned beside them, {_stages()}."
    yield portrait.flow(scenario)
    order = ["the need arises", "think, choose a touchpoint, go there", "notice it or not; find it open or closed",
             "stand in line where servers are limited; be served, leave the line or be turned away",
             "experience: evidence, views, emotion", "decide: advance, stay, back or leave"]  # fmt: skip
    if scenario.automation or scenario.exposure:
        order.append("messages of the brand come in between, and are read after a contact under way")
    if scenario.voice is not None:
        order.append("reviews and talk are published at midnight and constant until the next")
    yield "Each customer, again and again until gone:"
    yield Bullets(tuple(order))
    yield from execution(conduct)


def _stages() -> str:
    return ", ".join(label(stage) for stage in keys(STAGES))


def _concepts(scenario: Scenario, conduct: Conduct) -> Iterator[Item]:
    part = "4 Design concepts"
    on = {one.name for one in SUBMODELS if one.is_on(scenario)}
    views, choice = scenario.views, scenario.choice
    yield Item(part, "4.1", "Basic principles", (
        "A funnel (who has come how far) beside five steps of buying (what is wanted now; Engel, Kollat & Blackwell "
        "1968); choices are random utility. Principles, by submodel:",
        Bullets(tuple(f"{one.name}: {one.sources}" for one in SUBMODELS if one.name in on))))  # fmt: skip
    made = ["waits and abandonment", "views and satisfaction", "conversion and repeat purchase", "the mix of channels"]
    made += ["reputation and the shape of reviews"] if scenario.voice is not None else []
    yield Item(part, "4.2", "Emergence", (
        f"Emerge from what individuals meet: {', '.join(made)}. Imposed: base probabilities of decisions, appeal of "
        "touchpoints, means of evidence, weights of the facets.",))  # fmt: skip
    moved = [f"emotion (advance {choice.emotion_on_advance:g}, leave {choice.emotion_on_leave:g} logits)",
             f"contacts in vain (leave {choice.vain_on_leave:g} logits)", f"the channel used last ({choice.inertia:g} "
                                                                          "logits)"]  # fmt: skip
    moved += [name for submodel, name in (
        ("Value of an offer, and rivals", "offers of touchpoints and rivals"), ("Awareness", "awareness"),
        ("Contact pressure", "overload of messages"), ("Alignment of touchpoints", "hand-over and conflict"),
        ("Voice: reviews, word of mouth, referrals", "reputation and talk")) if submodel in on]  # fmt: skip
    yield Item(part, "4.3", "Adaptation", (f"Choices of touchpoints and decisions respond to {'; '.join(moved)}.",))
    yield Item(part, "4.4", "Objectives", (
        "Nothing is optimised: customers follow logit choice with random tastes. "
        + ("What an offer is worth to a customer is the weighted sum of its four components (submodel value)."
           if "Value of an offer, and rivals" in on else "All offers are alike in this scenario."),))  # fmt: skip
    learnt = [f"Customers learn what to think of each facet: Bayesian updating with a prior of "
              f"{inventory.counted(views.prior, 'contact')}; the newest contact weighs at least "
              f"{views.recency:g}."]  # fmt: skip
    learnt += [f"Expectations learn, too (share {views.learn:g} of a surprise)."] if views.learn else []
    if scenario.crm.accuracy:
        learnt.append(f"The brand learns an interest (accuracy {scenario.crm.accuracy:g} a linked contact).")
    yield Item(part, "4.5", "Learning", (" ".join(learnt),))
    promise = ", ".join(f"{label(facet)} {mean:g}" for facet, mean in views.promise.items()) or "average on every facet"
    yield Item(part, "4.6", "Prediction", (
        f"Customers expect what the brand promises ({promise}), with a personal spread of {views.expectation_sd:g}; "
        f"they are promised delivery in {inventory.lasting(scenario.orders.promised)}. They foresee no "
        "lines.",))  # fmt: skip
    talk = ", and reputation and talk where they shop" if scenario.voice is not None else ""
    yield Item(part, "4.7", "Sensing", (
        f"Customers know what they met themselves, opening hours with probability {choice.knows_hours:g}{talk}; a line "
        f"they see when they come. The brand knows who a contact was with probability {scenario.crm.coverage:g}, and "
        "reaches by automation only those who consented.",))  # fmt: skip
    yield Item(part, "4.8", "Interaction", (" ".join(_interaction(scenario)),))
    yield Item(part, "4.9", "Stochasticity", (
        "Births, traits, choices, durations, evidence, decisions, orders and answers are drawn; laws and parameters "
        "stand under 7.", *sampling(conduct)))  # fmt: skip
    yield Item(part, "4.10", "Collectives", (
        "Segments are imposed, and share laws of traits and rhythms: " + ", ".join(
            f"`{key}`" for key in scenario.segments) + ". Stages of the funnel are counted, and act through automation "
        "only. No collective forms by itself.",))  # fmt: skip
    survey = scenario.survey
    yield Item(part, "4.11", "Observation", (
        "Everything is seen: one row per contact, failures included, and one per customer; key figures are computed "
        f"from them after the run. A survey sees less, as a real one would. Asked are {portrait.asked(scenario)}; "
        f"{inventory.percent(survey.response.rate)} of a reference crowd answer, on {survey.points} points. Of what "
        f"they think: {portrait.recollection(scenario)}.",))  # fmt: skip


def _interaction(scenario: Scenario) -> Iterator[str]:
    lines = ", ".join(f"`{key}`" for key, one in scenario.touchpoints.items() if one.capacity is not None)
    yield f"Customers meet in lines, where one's service is another's wait: {lines}." if lines else (
        "Nobody meets anybody in a line.")  # fmt: skip
    voice = scenario.voice
    if voice is None:
        yield ("Nobody speaks up: there are no reviews by buyers, no word of mouth from other customers and no "
               "referrals. What a touchpoint of that name tells is fixed by the scenario.")  # fmt: skip
    else:
        yield (f"Buyers who speak tell {voice.good:g} people when satisfied and {voice.bad:g} when not; a "
               f"recommendation brings a new customer with probability {voice.referrals:g}.")  # fmt: skip
    if scenario.market is not None:
        yield f"All share a market of {scenario.market:,} people, which thins arrivals as it fills."


def _input(scenario: Scenario) -> Iterator[Block]:
    yield "No file is read while a run goes on. What changes with time is said in the scenario itself:"
    lines = []
    for key, one in scenario.segments.items():
        for name in ("weekdays", "season", "hours"):
            if factors := getattr(one, name):
                said = ", ".join(f"{when} {factor:g}" for when, factor in factors.items())
                lines.append(f"`{key}`, factors of arrivals by {name}: {said}")
        if one.trend:
            lines.append(f"`{key}`, trend of arrivals: {one.trend:+g} a year")
    doors = [key for key, place in scenario.touchpoints.items() if place.open or isinstance(place.capacity, dict)]
    if doors:
        lines.append("opening hours and shifts by weekday (under 7): " + ", ".join(f"`{key}`" for key in doors))
    yield Bullets(tuple(lines or ("nothing: arrivals are even, and doors are always open",)))


def _submodels(scenario: Scenario) -> Iterator[Block]:
    shown: set[str] = set()
    limits = portrait.resources(scenario)
    for number, one in enumerate(SUBMODELS, start=1):
        state = "" if one.is_on(scenario) else " Switched off in this scenario."
        yield f"7.{number} {one.name}. {one.words}{state} Source: {one.sources}."
        yield Listing(one.equation)
        if one.name == "Door and line" and limits.rows:
            yield limits
        if one.name == "Decision after a contact":
            yield portrait.decisions(scenario)
        new = [name for name in one.sections if name not in shown]
        shown.update(new)
        table = inventory.numbers(scenario, new, caption=f"Numbers of {', '.join(new)}")
        if new and table.rows:
            yield table
    yield inventory.reasons_of_assumptions(scenario)
