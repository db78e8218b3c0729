"""The frozen yardstick stays what it was: about ten contacts per customer, busy queues, some abandonment."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from tests.theory.formulas import ever_reached, expected_visits

PLACE = Path(__file__).parents[2] / "benchmarks" / "reference_funnel.py"
CUSTOMERS = 4000


@pytest.fixture(scope="module")
def funnel():
    spec = importlib.util.spec_from_file_location("reference_funnel", PLACE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def log(funnel):
    return funnel.simulate(CUSTOMERS, seed=7)


@pytest.fixture(scope="module")
def chain(funnel):
    """Moves between needs as an absorbing chain; each pattern of after-sales needs is a path of its own."""
    names = list(funnel.BUYING)
    patterns = [
        (h * r, ["delivery"] + ["help"] * wants_help + ["return"] * wants_return + ["survey"])
        for wants_help, h in ((True, funnel.HELP), (False, 1 - funnel.HELP))
        for wants_return, r in ((True, funnel.RETURN), (False, 1 - funnel.RETURN))
    ]
    states = [*names, *((i, need) for i, (_, path) in enumerate(patterns) for need in path)]
    moves = np.zeros((len(states), len(states)))
    for i, need in enumerate(names):
        step = funnel.NEEDS[need]
        moves[i, i] += step["stay"]
        moves[i, max(i - 1, 0)] += step["back"]
        if i + 1 < len(names):
            moves[i, i + 1] += step["advance"]
        else:
            for number, (chance, path) in enumerate(patterns):
                moves[i, states.index((number, path[0]))] += step["advance"] * chance
    for number, (_, path) in enumerate(patterns):
        for here, then in zip(path, [*path[1:], None], strict=True):
            i, step = states.index((number, here)), funnel.NEEDS[here]
            moves[i, i] += step["stay"]
            if then is None:
                moves[i, 0] += step["advance"] * funnel.NEW_NEED
            else:
                moves[i, states.index((number, then))] += step["advance"]
    return states, moves


def test_the_probabilities_of_every_need_sum_to_one(funnel):
    for step in funnel.NEEDS.values():
        assert sum(step[decision] for decision in funnel.DECISIONS) == pytest.approx(1.0)


def test_it_has_fourteen_touchpoints_and_three_queues(funnel):
    assert len(funnel.TOUCHPOINTS) == 14
    assert sum("capacity" in place for place in funnel.TOUCHPOINTS.values()) == 3
    assert all(funnel.OPTIONS[need] for need in funnel.NEEDS)


def test_served_contacts_per_customer_are_those_of_the_absorbing_chain(funnel, log, chain):
    states, moves = chain
    expected = expected_visits(moves)[0].sum()
    per_customer = np.bincount([row[0] for row in log if row[6] == "served"], minlength=CUSTOMERS)
    error = per_customer.std(ddof=1) / np.sqrt(CUSTOMERS)
    assert 9 <= expected <= 11
    assert abs(per_customer.mean() - expected) < 3.3 * error


def test_the_share_that_ever_buys_is_that_of_the_absorbing_chain(log, chain):
    states, moves = chain
    need = states.index("purchase_decision")
    decided = ever_reached(moves)[0, need]
    share = len({row[0] for row in log if row[1] == "purchase_decision" and row[6] == "served"}) / CUSTOMERS
    assert abs(share - decided) < 3.3 * np.sqrt(decided * (1 - decided) / CUSTOMERS)


def test_the_queues_are_busy_and_lose_some_percent(funnel):
    customers = 18_000
    log = funnel.simulate(customers, seed=2)
    first, last = 9.0, customers / funnel.ARRIVALS_PER_DAY
    for key in ("phone", "store", "return_desk"):
        rows = [row for row in log if row[2] == key and first <= row[3] < last]
        busy = sum(row[5] - row[4] for row in rows if row[6] == "served")
        utilisation = busy / (last - first) / funnel.TOUCHPOINTS[key]["capacity"]
        assert 0.65 < utilisation < 0.92, key
        assert 0.01 < sum(row[6] == "abandoned" for row in rows) / len(rows) < 0.15, key


def test_the_same_seed_gives_the_same_contacts(funnel):
    assert funnel.simulate(50, seed=3) == funnel.simulate(50, seed=3)
    assert funnel.simulate(50, seed=3) != funnel.simulate(50, seed=4)


def test_it_prints_its_four_figures(funnel, capsys):
    figures = funnel.main(100, seed=1)
    printed = capsys.readouterr().out
    assert list(figures) == ["contacts", "contacts/customer", "seconds", "microseconds/contact"]
    assert all(name in printed for name in figures)
