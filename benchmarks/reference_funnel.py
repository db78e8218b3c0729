"""The yardstick: a funnel of 14 touchpoints as anybody would write it in SimPy, after the examples of its manual.

Customers arrive at random.  In each need a customer thinks, picks a touchpoint that serves the need, goes there,
stands in line where places are few (and leaves the line when patience ends), is served, and then goes on, stays, goes
a step back or leaves.  A purchase raises further needs: delivery always, help and return sometimes, then a survey.
Every contact is one tuple in a list.  One generator per customer, `random.Random`, `simpy.Resource`, nothing else:
neither slowed down nor tuned.  The program is frozen (see README.md); speeds of touchsim are stated relative to it.

    python benchmarks/reference_funnel.py --customers 100000 --seed 1

All times are days; every duration is exponential.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Generator
from typing import Any

import simpy

HOUR, MINUTE = 1 / 24, 1 / 1440

ARRIVALS_PER_DAY = 960.0
HELP, RETURN, NEW_NEED = 0.30, 0.25, 0.50  # probabilities after a purchase; the last one after the survey

# What happens after a served contact, and how long a customer thinks before the next (mean).
NEEDS: dict[str, dict[str, float]] = {
    "problem_recognition": {"advance": 0.80, "stay": 0.10, "back": 0.00, "leave": 0.10, "think": 6 * HOUR},
    "information_search": {"advance": 0.60, "stay": 0.26, "back": 0.08, "leave": 0.06, "think": 4 * HOUR},
    "alternatives": {"advance": 0.62, "stay": 0.20, "back": 0.12, "leave": 0.06, "think": 4 * HOUR},
    "purchase_decision": {"advance": 0.70, "stay": 0.10, "back": 0.12, "leave": 0.08, "think": 3 * HOUR},
    "delivery": {"advance": 0.98, "stay": 0.02, "back": 0.00, "leave": 0.00, "think": 1 * HOUR},
    "help": {"advance": 0.75, "stay": 0.20, "back": 0.00, "leave": 0.05, "think": 6 * HOUR},
    "return": {"advance": 0.85, "stay": 0.10, "back": 0.00, "leave": 0.05, "think": 12 * HOUR},
    "survey": {"advance": 1.00, "stay": 0.00, "back": 0.00, "leave": 0.00, "think": 12 * HOUR},
}
BUYING = ["problem_recognition", "information_search", "alternatives", "purchase_decision"]
DECISIONS = ["advance", "stay", "back", "leave"]

# Means of service, patience and delay (travel, transit); capacity None = nobody ever waits.
TOUCHPOINTS: dict[str, dict[str, Any]] = {
    "print_ad": {"serves": ["problem_recognition"], "weight": 1.0, "service": 0.5 * MINUTE},
    "social_post": {"serves": ["problem_recognition", "information_search"], "weight": 1.5, "service": 1 * MINUTE},
    "newsletter": {"serves": ["problem_recognition"], "weight": 1.0, "service": 1 * MINUTE},
    "search_engine": {"serves": ["information_search"], "weight": 2.0, "service": 2 * MINUTE},
    "website": {"serves": ["information_search", "alternatives"], "weight": 3.0, "service": 8 * MINUTE},
    "app": {"serves": ["information_search", "alternatives", "purchase_decision"], "weight": 1.0,
            "service": 6 * MINUTE},
    "review_site": {"serves": ["alternatives"], "weight": 2.0, "service": 5 * MINUTE},
    "checkout": {"serves": ["purchase_decision"], "weight": 2.0, "service": 4 * MINUTE},
    "help_page": {"serves": ["help"], "weight": 1.0, "service": 5 * MINUTE},
    "delivery": {"serves": ["delivery"], "weight": 1.0, "service": 2 * MINUTE, "delay": 2.0},
    "survey_mail": {"serves": ["survey"], "weight": 1.0, "service": 4 * MINUTE},
    "phone": {"serves": ["information_search", "purchase_decision", "help"], "weight": 1.0, "service": 11 * MINUTE,
              "capacity": 6, "patience": 40 * MINUTE},
    "store": {"serves": ["alternatives", "purchase_decision"], "weight": 1.0, "service": 14.5 * MINUTE,
              "capacity": 6, "patience": 75 * MINUTE, "delay": 1 * HOUR},
    "return_desk": {"serves": ["return"], "weight": 1.0, "service": 9.5 * MINUTE,
                    "capacity": 2, "patience": 120 * MINUTE, "delay": 2 * HOUR},
}  # fmt: skip

OPTIONS = {need: [key for key, place in TOUCHPOINTS.items() if need in place["serves"]] for need in NEEDS}
WEIGHTS = {need: [TOUCHPOINTS[key]["weight"] for key in options] for need, options in OPTIONS.items()}
CHANCES = {need: [step[decision] for decision in DECISIONS] for need, step in NEEDS.items()}

# customer, need, touchpoint, arrived, started, ended, outcome
Contact = tuple[int, str, str, float, float | None, float, str]


def customer(
    env: simpy.Environment, number: int, queues: dict[str, simpy.Resource], rng: random.Random, log: list[Contact]
) -> Generator[simpy.Event, Any, None]:
    """Live one customer's journey from the first need to the last contact."""
    need = "problem_recognition"
    to_come: list[str] = []
    while True:
        yield env.timeout(rng.expovariate(1 / NEEDS[need]["think"]))
        key = rng.choices(OPTIONS[need], WEIGHTS[need])[0]
        touchpoint = TOUCHPOINTS[key]
        if "delay" in touchpoint:
            yield env.timeout(rng.expovariate(1 / touchpoint["delay"]))

        arrived = env.now
        if key in queues:
            with queues[key].request() as request:
                result = yield request | env.timeout(rng.expovariate(1 / touchpoint["patience"]))
                if request not in result:
                    log.append((number, need, key, arrived, None, env.now, "abandoned"))
                    continue
                started = env.now
                yield env.timeout(rng.expovariate(1 / touchpoint["service"]))
        else:
            started = arrived
            yield env.timeout(rng.expovariate(1 / touchpoint["service"]))
        log.append((number, need, key, arrived, started, env.now, "served"))

        decision = rng.choices(DECISIONS, CHANCES[need])[0]
        if decision == "leave":
            return
        if decision == "back":
            need = BUYING[BUYING.index(need) - 1]
        elif decision == "advance":
            if need in BUYING[:-1]:
                need = BUYING[BUYING.index(need) + 1]
                continue
            if need == "purchase_decision":
                to_come = ["delivery"]
                if rng.random() < HELP:
                    to_come.append("help")
                if rng.random() < RETURN:
                    to_come.append("return")
                to_come.append("survey")
            if to_come:
                need = to_come.pop(0)
            elif rng.random() < NEW_NEED:
                need = "problem_recognition"
            else:
                return


def arrivals(
    env: simpy.Environment, customers: int, queues: dict[str, simpy.Resource], rng: random.Random, log: list[Contact]
) -> Generator[simpy.Event, Any, None]:
    """Let customers in, one after the other."""
    for number in range(customers):
        yield env.timeout(rng.expovariate(ARRIVALS_PER_DAY))
        env.process(customer(env, number, queues, rng, log))


def simulate(customers: int, seed: int) -> list[Contact]:
    """Run the funnel until the last customer has left; return all contacts in the order in which they ended."""
    env = simpy.Environment()
    rng = random.Random(seed)
    limited = [key for key, place in TOUCHPOINTS.items() if "capacity" in place]
    queues = {key: simpy.Resource(env, capacity=TOUCHPOINTS[key]["capacity"]) for key in limited}
    log: list[Contact] = []
    env.process(arrivals(env, customers, queues, rng, log))
    env.run()
    return log


def main(customers: int = 10_000, seed: int = 1) -> dict[str, float]:
    """Run, time and print; return what was printed."""
    begin = time.perf_counter()
    log = simulate(customers, seed)
    seconds = time.perf_counter() - begin
    figures = {
        "contacts": len(log),
        "contacts/customer": len(log) / customers,
        "seconds": seconds,
        "microseconds/contact": seconds / len(log) * 1e6,
    }
    for name, value in figures.items():
        print(f"{name:22s} {value:12.2f}" if isinstance(value, float) else f"{name:22s} {value:9d}")
    return figures


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--customers", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    main(arguments.customers, arguments.seed)
