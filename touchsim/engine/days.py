"""Drive the compiled engine day by day, where people hear of each other: reviews, talk, referrals, a market that fills.

At midnight what was said is published (`voice.Opinion`), and those whom others referred are known for the coming day;
then the day is run: births, choices, lines.  Whoever would choose on a later day waits.  What is said during a day
reaches nobody before midnight, so that the order of customers within a day changes nothing.  Called by `simulation`,
in place of `relay`.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from touchsim.engine.arrivals import first_births
from touchsim.engine.kernel import BORN
from touchsim.engine.relay import Columns, Runner
from touchsim.engine.voice import Opinion
from touchsim.world.blueprint import Blueprint
from touchsim.world.layout import GENERAL, General

__all__ = ["hears_of_others", "run_days"]

_PLACES = 4_096


def hears_of_others(plan: Blueprint) -> bool:
    """Whether what a customer does may depend on what others said, or on how many there were; or a guest is awaited."""
    general = plan.table[GENERAL]
    return bool(general[General.VOICE] > 0.0 or general[General.MARKET] < np.inf or general[General.SCRIPT] > 0.0)


def run_days(
    plan: Blueprint, wanted: int, births_until: float, visits: Callable[[Columns], None],
    customers: Callable[[Columns], None], *, cores: int,
) -> None:  # fmt: skip
    """Let customers live through a world, day after day, on one core whatever there is; see `relay.run_relay`."""
    opinion = Opinion(plan.table)
    runner = Runner(plan, _PLACES, opinion.tally)
    runner.births[:-1] = first_births(plan.table, len(plan.segments))

    def write() -> None:
        contacts, left = runner.written()
        visits(contacts)
        customers(left)

    for day in range(len(opinion.tally)):
        runner.invite(opinion.publish(day, int(runner.desk[BORN])))
        tomorrow = day + 1.0
        for contacts, left in runner.go(wanted, tomorrow, min(births_until, tomorrow), tomorrow):
            visits(contacts)
            customers(left)
            opinion.expect(runner.referred())
        opinion.expect(runner.referred())
    write()
