"""How a scenario was run, for items that standards share: start, length, estimation, software, randomness, access.

Each function gives what is said of an item, and what is left empty: nothing was run yet, or only the author knows.
Called by `stress`, `odd` and `ademp`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from touchsim import datasets
from touchsim.show.forms import Block, Bullets, Rows, plain
from touchsim.show.inventory import lasting
from touchsim.world.scenario import load_scenario

if TYPE_CHECKING:
    from touchsim.show.conduct import Conduct
    from touchsim.world.scenario import Scenario

__all__ = [
    "authors_work", "code_access", "estimation", "execution", "initialisation", "run_length", "sampling", "software",
]  # fmt: skip

Filled = tuple[tuple[Block, ...], tuple[str, ...]]
LICENCE = "BSD-3-Clause"


def initialisation(scenario: Scenario, conduct: Conduct) -> Filled:
    """State at the beginning of a run, and whether anything is left out of the figures."""
    stock = {key: one for key, one in scenario.segments.items() if one.stock}
    lines = [f"A run begins on {scenario.start:%A, %d %B %Y} at 00:00 with empty lines, without messages under way and "
             "without reviews."]  # fmt: skip
    lines.append("Present at the start: " + "; ".join(
        f"{one.stock:,} of `{key}`, as {one.stock_as}" for key, one in stock.items()) + ". Their past is not simulated."
        if stock else "Nobody is present at the start: the system is empty.")  # fmt: skip
    if scenario.views.promise:
        promise = ", ".join(f"{facet.replace('_', ' ')} {mean:g}" for facet, mean in scenario.views.promise.items())
        lines.append(f"Views begin at what the brand promises (in z): {promise}; every other facet at 0.")
    else:
        lines.append("Views begin at 0 (an average promise), with a personal spread.")
    lines.append("There is no warm-up: figures count the whole run, its busy or empty beginning included.")
    return (Bullets(tuple(lines)),), ()


def run_length(scenario: Scenario, conduct: Conduct) -> Filled:
    """How long a run is, in which unit, and why: the latter is the author's."""
    unit = f"Time is continuous, in days; a run is terminating. It goes on for {lasting(scenario.follow_up)} after the last birth."  # noqa: E501
    if not conduct.command:
        return (unit, f"Births happen in {lasting(scenario.days)}, unless a run asks for so many customers."), (
            "the length of your runs (nothing was run yet), and why it is long enough",)  # fmt: skip
    customers, days = conduct.facts.get("customers"), conduct.facts.get("days")
    if customers is not None:
        length = f"Each run follows the first {customers:,} customers who arrive, at the scenario's own rates."
    else:
        length = f"Births happen in {lasting(float(days if days is not None else scenario.days))}."
    ends = [float(end) for end in conduct.facts.get("end") or ()]
    if ends:
        span = f"day {ends[0]:.1f}" if len(ends) == 1 else f"days {min(ends):.1f} to {max(ends):.1f}"
        length += f" Runs ended on {span}."
    return (unit, length), ("why this length is enough",)


def estimation(conduct: Conduct) -> Filled:
    """Replications, intervals, and why so many: the latter is the author's."""
    if conduct.card is not None:
        return (f"{conduct.facts['studies']:,} independent studies, each with a crowd of its own; every measure has "
                "its Monte Carlo standard error (`ademp.md`).",), ("whether these errors are small enough for your "
                                                                   "question",)  # fmt: skip
    many = conduct.replications
    if not many:
        return (), ("the number of replications (nothing was run yet), and why it is enough",)
    seed = f"seed {conduct.facts.get('seed')}"
    if conduct.command == "study":
        asked = conduct.facts.get("asked", {})
        said = (f"{many} simulated survey{'s' if many > 1 else ''} ({seed}): {asked.get('answered', 0):,} of "
                f"{asked.get('asked', 0):,} who were asked answered. Intervals of coefficients are those of the "
                "regression, at 95 %; one survey is a single draw of chance.")  # fmt: skip
        return (said,), ("why so many respondents",)
    if conduct.command == "compare":
        return (f"{many} paired replications ({seed}). Every scenario is played with the same seed and the same "
                "replication numbers (common random numbers); intervals are Student's t at 95 % over the paired "
                "differences, for each figure by itself, without a correction for their number (Law 2015). The chance "
                "of being best is the share of 2,000 bootstrap draws of whole replications.",), (
                "why so many replications",)  # fmt: skip
    if many == 1:
        return (f"A single run ({seed}): no figure has an interval over replications, and each is one draw of "
                "chance.",), (
            "why one run is enough, or a run with replications in its place",)  # fmt: skip
    return (f"{many} independent replications ({seed}); intervals are Student's t at 95 % over replications "
            "(Law 2015).",), ("why so many replications",)  # fmt: skip


def software(conduct: Conduct) -> Filled:
    """Program and versions, as the result or the manifest holds them."""
    found = conduct.versions
    if not found:
        return ("touchsim, a Python package; its readable engine is built on SimPy, its fast one compiled by "
                "numba.",), (
            "versions of touchsim, Python and libraries (nothing was run yet)",)  # fmt: skip
    engine = conduct.facts.get("engine")
    used = f" This was run by the {engine} engine." if engine else ""
    rows = tuple((name, version) for name, version in found.items())
    return ("touchsim, a Python package; its readable engine is built on SimPy, its fast one compiled by numba, and "
            f"both write the same rows bit for bit.{used}", Rows("", ("software", "version"), rows)), ()  # fmt: skip


def sampling(conduct: Conduct) -> tuple[Block, ...]:
    """Where random numbers come from."""
    seed = f" The seed is {conduct.facts['seed']}." if "seed" in conduct.facts else ""
    return ("Every draw is a function of its address by Philox 4x64-10 (Salmon, Moraes, Dror & Shaw 2011): the key is "
            "(seed, replication), the counter (customer, place, visit, decision). There is no stream that is used up, "
            "so that the same customer can be followed in two scenarios and replications are independent. All laws are "
            f"sampled by inversion of one uniform number.{seed}",)  # fmt: skip


def execution(conduct: Conduct) -> tuple[Block, ...]:
    """How time passes."""
    return ("Next-event time advance in one event list. Events at equal times go in this order: midnight, births, end "
            "of a service in a line, end of thinking, travel or a service without a line, a call of the first in line, "
            "closing, patience that runs out, joining; then by the number of the customer.",
            "Replications may run side by side on several cores; rows and their order do not depend on "
            "it.")  # fmt: skip


def code_access(scenario: Scenario) -> Filled:
    """Licence of program and scenario, and what makes the numbers again."""
    again = "`manifest.json` in the folder of a run says what `touchsim reproduce` needs to make every table again."
    program = f"touchsim is free software under the licence {LICENCE}."
    if _ships(scenario):
        return (program, f"The scenario `{scenario.name}` ships with touchsim, under the same licence.", again), (
            "the address at which your results and this folder can be had",)  # fmt: skip
    return (program, again), (f"licence and address of the scenario {plain(scenario.name)}, and of your results",)


def authors_work(unsourced: int) -> tuple[str, ...]:
    """What only the author knows of where numbers come from."""
    if not unsourced:
        return ()
    return (f"sources of those of the {unsourced} numbers without one (set by the scenario or taken from the library "
            "of ready touchpoints) that you measured or read; a scenario names them under `facts`",)  # fmt: skip


def _ships(scenario: Scenario) -> bool:
    return scenario.name in datasets.scenarios() and load_scenario(scenario.name).hash == scenario.hash
