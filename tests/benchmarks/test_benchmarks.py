"""The benchmark runs and measures what it says: same world, same contacts, every floor beside its ratio."""

from __future__ import annotations

import re

import pytest

from benchmarks import reference_funnel
from benchmarks.__main__ import FLOORS, FUNNEL, Timed, main, ratio
from touchsim.engine.simulation import simulate
from touchsim.world.scenario import load_scenario


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What a trial of the benchmark writes."""
    out = tmp_path_factory.mktemp("bench") / "results.md"
    main(["--quick", "--out", str(out)])
    return out.read_text()


def sections(page: str) -> dict[str, list[list[str]]]:
    """Rows of the table under each heading, without its head."""
    parts = re.split(r"^## ", page, flags=re.M)[1:]
    return {
        part.split("\n", 1)[0]: [[cell.strip() for cell in line.strip("|").split("|")] for line in part.splitlines()
                                 if line.startswith("|")][2:]
        for part in parts
    }  # fmt: skip


def test_it_states_every_floor_beside_a_ratio_with_its_range(page: str) -> None:
    rows = sections(page)["Floors"]
    assert [row[0] for row in rows] == list(FLOORS)
    for _, middle, low, high, floor, holds in rows:
        assert 0 < float(low) <= float(middle) <= float(high)
        kind, number = floor.rsplit(" ", 1)
        assert holds == ("yes" if (float(middle) <= float(number)) == (kind == "at most") else "NO")


def test_both_engines_did_the_same_contacts(page: str) -> None:
    for heading, rows in sections(page).items():
        contacts = {row[0]: row[1] for row in rows}
        if "customers" in heading:
            assert contacts["touchsim, SimPy engine"] == contacts["touchsim, compiled"] != "0"


def test_streamed_runs_grow_with_the_customers(page: str) -> None:
    (small, large) = sections(page)["The reference funnel, compiled, streamed to disk"]
    assert (small[0], large[0]) == ("200", "400")
    assert 1.5 < int(large[1].replace(",", "")) / int(small[1].replace(",", "")) < 2.7


def test_the_machine_is_described_without_its_name(page: str) -> None:
    assert re.search(r"\d+ cores, Python 3\.\d+\.\d+, numba [\d.]+, numpy [\d.]+, simpy [\d.]+; 2 alternating", page)


def test_a_ratio_is_taken_within_rounds() -> None:
    rounds = [{"a": Timed(10, 20.0, 30.0), "b": Timed(10, 10.0, 10.0)},
              {"a": Timed(10, 90.0, 50.0), "b": Timed(10, 10.0, 10.0)}]  # fmt: skip
    assert ratio(rounds, "a", "b") == (5.5, 2.0, 9.0)
    assert ratio(rounds, "a", "b", "work") == (4.0, 3.0, 5.0)


def test_the_scenario_is_the_world_of_the_frozen_program() -> None:
    customers = 3000
    program = reference_funnel.simulate(customers, seed=5)
    log = simulate(load_scenario(FUNNEL), customers=customers, seed=5, replications=4).visits_frame()
    theirs, ours = len(program) / customers, log.groupby("replication").size() / customers
    assert abs(theirs - ours.mean()) < 0.5
    shares = log["outcome"].value_counts(normalize=True)
    assert abs(shares["abandoned"] - sum(row[6] == "abandoned" for row in program) / len(program)) < 0.01
    assert log["touchpoint"].nunique() == len(reference_funnel.TOUCHPOINTS)
