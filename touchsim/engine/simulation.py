"""Run a scenario: choose the engine, hand it the table, take the rows, return the log.

    Scenario -> blueprint -> kernel or journey -> rows -> LogWriter -> EventLog

The only place that knows that there are two engines.  Replications are independent runs with the same seed and
another replication number; on several cores they run side by side (the compiled engine releases the lock) and are
written down in their order, so that the log does not depend on the number of cores.  Side by side means that their rows
wait in memory for their turn; replications of a large crowd run one after the other and stream their rows instead.
"""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import cache, partial
from importlib.metadata import PackageNotFoundError, version
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from touchsim.engine.arrivals import LAST_DAY, last_birth
from touchsim.engine.columns import columns_of
from touchsim.engine.days import hears_of_others, run_days
from touchsim.engine.relay import Columns, run_relay
from touchsim.errors import BadInput, Finding, nearest, verb
from touchsim.log.rows import CUSTOMER_ROW, VISIT_ROW
from touchsim.world.arrivals import births_expected
from touchsim.world.blueprint import Blueprint, draw
from touchsim.world.hours import counted_from
from touchsim.world.layout import GENERAL, General
from touchsim.world.script import write_script

if TYPE_CHECKING:
    from touchsim.log.eventlog import EventLog
    from touchsim.world.scenario import Scenario
    from touchsim.world.script import Script

__all__ = ["simulate", "versions"]

_CROWD = 250_000  # customers of one replication whose rows may wait in memory
_ENGINES = ("compiled", "simpy")
Take = Callable[[Columns], None]


@verb
def simulate(
    scenario: Scenario, *, customers: int | None = None, days: float | None = None, seed: int = 1,
    replications: int = 1, engine: Literal["compiled", "simpy"] = "compiled", out: str | Path | None = None,
    progress: Callable[[int], None] | None = None, guest: Script | None = None,
) -> EventLog:  # fmt: skip
    """Let customers live through a scenario.

    Parameters
    ----------
    scenario : Scenario
        The world.
    customers : int, optional
        Only the first so many arrivals, at the scenario's own rates; the last one is followed for `follow_up` days.
        Customers present at the start (`stock`) come on top.
    days : float, optional
        Births during so many days instead; the scenario's own `days` if neither is given.
    seed : int
        Key of all randomness, 0 or more, below 2**63.
    replications : int
        Independent repetitions; intervals need at least two.
    engine : {"compiled", "simpy"}
        Same rows bit for bit; the second can be read along.
    out : str or Path, optional
        Folder into which the two tables are streamed, instead of memory.
    progress : callable, optional
        Called with 1 after each replication.
    guest : Script, optional
        A mystery guest who comes on top of all others and follows a script (`touchsim.mystery_guest` reports it).

    Returns
    -------
    EventLog

    Raises
    ------
    BadInput
        An argument that makes no sense, or more customers than ever arrive.

    Examples
    --------
    >>> from touchsim.world.scenario import load_scenario
    >>> log = simulate(load_scenario("corner_shop"), customers=10, seed=1)
    >>> log.customers.num_rows
    10
    """
    from touchsim.log.writer import Codebook, LogWriter

    _check(customers, days, seed, replications, engine)
    plan = draw(scenario, seed=seed)
    if guest is not None:
        plan = write_script(plan, scenario, guest)
    births_until = np.inf if customers is not None else (scenario.days if days is None else float(days))
    stock = sum(segment.stock for segment in scenario.segments.values())
    wanted = customers + stock if customers is not None else 2**62
    until: list[float] = []

    def plans() -> Iterator[Blueprint]:
        """Yield the plan of each replication: another number, another last birth, hence another end."""
        for replication in range(replications):
            table = plan.table.copy()
            table.view(np.uint64)[GENERAL, General.REPLICATION] = replication
            end = births_until
            if customers is not None:
                end = last_birth(table, len(plan.segments), wanted)
                if end == np.inf:
                    law = f"so many never arrive: fewer are born within {LAST_DAY:,.0f} days"
                    hint = "give days instead, or look at arrivals, season and trend"
                    raise BadInput(Finding("customers", law, got=str(customers), hint=hint))
            until.append(max(end + scenario.follow_up, float(np.nextafter(end, np.inf))))  # the last one is born, too
            table[GENERAL, General.UNTIL] = until[-1]
            if guest is not None and guest.starts >= until[-1]:
                law = f"must be before the run ends, on day {until[-1]:.4g}"
                raise BadInput(Finding("starts", law, got=f"day {guest.starts:.4g}", hint="or let the run take longer"))
            yield replace(plan, table=table)

    crowd = float(wanted)
    if customers is None:
        segments = scenario.segments.values()
        crowd = stock + sum(births_expected(segment, scenario.start, births_until) for segment in segments)
    play = _readable if engine == "simpy" else run_days if hears_of_others(plan) else run_relay
    codebook = Codebook(plan.segments, plan.touchpoints, plan.channels, plan.rivals, plan.messages)
    with LogWriter(codebook, None if out is None else Path(out)) as writer:
        if replications == 1 or crowd > _CROWD:
            for replication, one in enumerate(plans()):
                play(one, wanted, births_until, partial(writer.visits, replication=replication),
                     partial(writer.customers, replication=replication), cores=os.cpu_count() or 1)  # fmt: skip
                _tell(progress)
        else:
            for replication, (visits, people) in enumerate(_side_by_side(play, plans(), wanted, births_until)):
                for columns in visits:
                    writer.visits(columns, replication)
                for columns in people:
                    writer.customers(columns, replication)
                _tell(progress)
        return writer.close(_provenance(scenario, seed, replications, engine, customers, days, until))


def _check(customers: int | None, days: float | None, seed: int, replications: int, engine: str) -> None:
    findings = []
    if customers is not None and days is not None:
        findings.append(Finding("customers", "a run has either so many customers or so many days, not both"))
    if customers is not None and not (_whole(customers) and 1 <= customers <= 2**31):
        findings.append(Finding("customers", "must be a whole number between 1 and 2147483648", got=str(customers)))
    if days is not None and not 0.0 < days <= 1e6:
        findings.append(Finding("days", "must be above 0, at most a million", got=str(days)))
    if not (_whole(seed) and 0 <= seed < 2**63):
        findings.append(Finding("seed", "must be a whole number, 0 or more", got=str(seed)))
    if not (_whole(replications) and 1 <= replications <= 1_000_000):
        law = "must be a whole number between 1 and a million"
        findings.append(Finding("replications", law, got=str(replications)))
    if engine not in _ENGINES:
        findings.append(Finding("engine", "must be 'compiled' or 'simpy'", got=engine, hint=nearest(engine, _ENGINES)))
    if findings:
        raise BadInput(findings)


def _whole(value: object) -> bool:
    return isinstance(value, (int, np.integer)) and not isinstance(value, bool)


def _tell(progress: Callable[[int], None] | None) -> None:
    if progress is not None:
        progress(1)


def _side_by_side(
    play: Callable[..., None], plans: Iterator[Blueprint], wanted: int, births_until: float
) -> Iterator[tuple[list[Columns], list[Columns]]]:
    """Run replications on all cores, a few at a time; give back each one's rows in their order."""
    cores = 1 if play is _readable else os.cpu_count() or 1

    def alone(plan: Blueprint) -> tuple[list[Columns], list[Columns]]:
        visits: list[Columns] = []
        people: list[Columns] = []
        play(plan, wanted, births_until, visits.append, people.append, cores=1)
        return visits, people

    with ThreadPoolExecutor(cores) as pool:
        while batch := list(islice(plans, cores)):
            yield from pool.map(alone, batch)


def _readable(
    plan: Blueprint, wanted: int, births_until: float, visits: Take, customers: Take, *, cores: int
) -> None:
    """Let the readable engine run, on one core whatever there is."""
    from touchsim.engine.journey import Book, Shop

    books = [Book(dtype, lambda rows, take=take: take(columns_of(rows)))  # type: ignore[misc]
             for dtype, take in ((VISIT_ROW, visits), (CUSTOMER_ROW, customers))]  # fmt: skip
    Shop(plan.table, plan.width, wanted, births_until, *books).open()
    for book in books:
        book.close()


def _provenance(
    scenario: Scenario, seed: int, replications: int, engine: str, customers: int | None, days: float | None,
    until: list[float],
) -> dict[str, Any]:  # fmt: skip
    stock = sum(segment.stock for segment in scenario.segments.values())
    return {
        "scenario": scenario.name, "title": scenario.title or scenario.name, "scenario_hash": scenario.hash,
        "interventions": list(scenario.applied), "seed": int(seed), "replications": replications, "engine": engine,
        "days": None if customers is not None else (scenario.days if days is None else float(days)),
        "follow_up": scenario.follow_up, "end": until,
        "arrivals_until": [end - scenario.follow_up for end in until], "customers": customers,
        "stock": stock,
        "versions": dict(versions()), "currency": scenario.currency, "start": scenario.start.isoformat(),
        "survey": scenario.survey.model_dump(mode="json"), "promised_days": scenario.orders.promised,
        "touchpoints": {
            key: {
                "label": place.label or key.replace("_", " "), "channel": place.channel, "online": place.online,
                "nature": place.nature, "managed": place.managed, "started_by": place.started_by, "mode": place.mode,
                "capacity": place.servers,
                "cost_per_day_cents": round(100.0 * place.cost_per_day) * (place.servers or 1),
                "standard_wait_minutes":
                    1440.0 * (place.standard.mean or 0.0) if place.capacity or place.open else None,
                "shifts": [list(window) for window in counted_from(place.week, scenario.start)],
                "serves": list(place.serves), "message_seconds": 86400.0 * place.message,
                "facets": {str(facet): shown.mean for facet, shown in place.facets.items()},
                "risk": place.risk.label if place.risk.probability else None,
                "standard_handling_days": place.handling_standard.mean if "return" in place.serves else None,
            }
            for key, place in scenario.touchpoints.items()
        },
        "segments": {key: {"label": segment.label or key.replace("_", " ")}
                     for key, segment in scenario.segments.items()},
        "rivals": {key: {"label": rival.label or key.replace("_", " "), "online": rival.online}
                   for key, rival in scenario.rivals.items()},
        "messages": {key: {"kind": kind, "touchpoint": entry.send}
                     for kind, entries in (("exposure", scenario.exposure), ("automation", scenario.automation))
                     for key, entry in entries.items()},
        "targets": {key: target.model_dump() for key, target in scenario.targets.items()},
        "promise": {str(facet): mean for facet, mean in scenario.views.promise.items()},
        "weights": {goods: getattr(scenario.satisfaction, goods).model_dump() for goods in ("search", "experience")},
    }  # fmt: skip


@cache
def versions() -> dict[str, str]:
    """Versions of Python, touchsim and the libraries that pass time."""
    found = {"python": platform.python_version()}
    for package in ("touchsim", "numpy", "numba", "simpy"):
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "unknown"
    return found
