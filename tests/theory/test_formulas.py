"""The closed forms themselves: each equals an independent computation or a number printed in a textbook."""

from __future__ import annotations

import numpy as np
import pytest

from tests.theory.formulas import (
    absorbed,
    birth_death,
    erlang_a,
    erlang_c,
    ever_reached,
    expected_visits,
    mmc_wait,
    mmc_wait_longer,
    mmck,
    visits_sd,
)

STATIONS = [(0.7, 1.0, 1), (2.6, 1.0, 3), (45.0, 0.2, 10), (380.0, 0.0055, 3)]


def long_run(births, deaths):
    """Solve p G = 0 with the full generator, by least squares; knows nothing of cuts and products."""
    n = len(births) + 1
    generator = np.zeros((n, n))
    for i, rate in enumerate(births):
        generator[i, i + 1] = rate
    for i, rate in enumerate(deaths):
        generator[i + 1, i] = rate
    generator -= np.diag(generator.sum(axis=1))
    equations = np.vstack([generator.T, np.ones(n)])
    return np.linalg.lstsq(equations, np.r_[np.zeros(n), 1.0], rcond=None)[0]


def test_a_birth_death_chain_balances_its_full_generator():
    births, deaths = np.array([3.0, 2.0, 1.0, 0.5]), np.array([1.0, 2.0, 2.5, 4.0])
    assert birth_death(births, deaths) == pytest.approx(long_run(births, deaths), abs=1e-12)


def test_a_long_chain_neither_overflows_nor_loses_mass():
    shares = birth_death(np.full(5000, 10.0), np.full(5000, 1.0))
    assert shares.sum() == pytest.approx(1.0)
    assert shares[-1] == pytest.approx(0.9)


@pytest.mark.parametrize(("arrivals", "service", "servers"), STATIONS)
def test_erlang_c_equals_a_station_with_room_for_everybody(arrivals, service, servers):
    station = mmck(arrivals, service, servers, room=2000)
    assert station.must_wait == pytest.approx(erlang_c(arrivals, service, servers), rel=1e-9)
    assert station.wait == pytest.approx(mmc_wait(arrivals, service, servers), rel=1e-9)
    assert station.utilisation == pytest.approx(arrivals * service / servers, rel=1e-9)


def test_one_server_has_the_textbook_wait():
    assert mmc_wait(0.5, 1.0, 1) == pytest.approx(1.0)  # rho / (mu - lambda)
    assert mmc_wait(0.9, 1.0, 1) == pytest.approx(9.0)


def test_two_servers_have_the_textbook_probability_of_waiting():
    load = 1.5  # 2 rho^2 / (1 + rho), with rho = load / 2
    assert erlang_c(load, 1.0, 2) == pytest.approx(2 * 0.75**2 / 1.75)


@pytest.mark.parametrize(("arrivals", "service", "servers"), STATIONS)
def test_the_tail_of_the_wait_integrates_to_the_mean_wait(arrivals, service, servers):
    mean = mmc_wait(arrivals, service, servers)
    grid = np.linspace(0, 200 * max(mean, service), 400_001)
    tail = [mmc_wait_longer(arrivals, service, servers, than) for than in grid[::100]]
    assert np.trapezoid(tail, grid[::100]) == pytest.approx(mean, rel=2e-2)
    assert tail[0] == pytest.approx(erlang_c(arrivals, service, servers))


def test_a_station_without_a_line_loses_what_erlang_b_says():
    blocking = (2.0**3 / 6) / (1 + 2 + 2 + 8 / 6)
    assert mmck(2.0, 1.0, 3, room=3).turned_away == pytest.approx(blocking)
    assert mmck(2.0, 1.0, 3, room=3).wait == 0.0


@pytest.mark.parametrize("load", [0.5, 0.95, 1.3])
def test_erlang_a_equals_the_long_run_of_its_generator(load):
    servers, service, patience, room = 4, 0.25, 0.6, 60
    arrivals = load * servers / service
    inside = np.arange(1, room + 1)
    deaths = np.minimum(inside, servers) / service + np.maximum(inside - servers, 0) / patience
    shares = long_run(np.full(room, arrivals), deaths)
    station = erlang_a(arrivals, service, servers, patience)
    in_line = shares @ np.maximum(np.arange(room + 1) - servers, 0)
    assert station.in_line == pytest.approx(in_line, rel=1e-6)
    assert station.abandoned == pytest.approx(in_line / patience / arrivals, rel=1e-6)
    assert station.must_wait == pytest.approx(shares[servers:].sum(), rel=1e-6)


@pytest.mark.parametrize(("arrivals", "service", "servers"), [*STATIONS, (9.0, 1.0, 3)])
@pytest.mark.parametrize("patience", [0.01, 0.5, 20.0])
def test_with_patience_whoever_is_not_served_has_abandoned(arrivals, service, servers, patience):
    station = erlang_a(arrivals, service, servers, patience)
    served = station.utilisation * servers / service / arrivals
    assert served + station.abandoned == pytest.approx(1.0, abs=1e-9)
    assert station.abandoned == pytest.approx(station.wait / patience, rel=1e-9)  # theta E[W] = P(abandon)


def test_endless_patience_is_erlang_c():
    station = erlang_a(2.6, 1.0, 3, patience=1e9, room=3000)
    assert station.must_wait == pytest.approx(erlang_c(2.6, 1.0, 3), rel=1e-6)
    assert station.abandoned < 1e-6


def test_patience_as_long_as_service_makes_an_infinite_server_line():
    # with theta = mu all who are inside leave at the same rate: a Poisson number of customers
    load, servers = 3.5, 3
    shares = erlang_a(load, 1.0, servers, patience=1.0).shares
    poisson = np.exp(-load) * np.cumprod(np.r_[1.0, load / np.arange(1, len(shares))])
    assert shares == pytest.approx(poisson, abs=1e-12)


def test_a_funnel_in_a_row_keeps_the_product_of_its_shares():
    moves = np.diag([0.5, 0.4], k=1)
    assert ever_reached(moves)[0] == pytest.approx([1.0, 0.5, 0.2])
    assert expected_visits(moves)[0] == pytest.approx([1.0, 0.5, 0.2])


def test_the_fundamental_matrix_sums_the_powers_of_the_chain():
    rng = np.random.default_rng(3)
    moves = rng.dirichlet(np.ones(6), size=5)[:, :5] * 0.9
    powers, total = np.eye(5), np.zeros((5, 5))
    for _ in range(2000):
        total += powers
        powers = powers @ moves
    assert expected_visits(moves) == pytest.approx(total, rel=1e-9)


def test_the_share_ever_reached_makes_the_target_absorbing():
    rng = np.random.default_rng(4)
    moves = rng.dirichlet(np.ones(5), size=4)[:, :4]
    target = 2
    others = [0, 1, 3]
    hit = absorbed(moves[np.ix_(others, others)], moves[np.ix_(others, [target])])[:, 0]
    assert ever_reached(moves)[others, target] == pytest.approx(hit)


def test_everybody_is_absorbed_somewhere():
    rng = np.random.default_rng(5)
    rows = rng.dirichlet(np.ones(6), size=4)
    ends = absorbed(rows[:, :4], rows[:, 4:])
    assert ends.sum(axis=1) == pytest.approx(1.0)


def test_the_gamblers_ruin_has_its_known_answer():
    moves = np.diag(np.full(3, 0.5), 1) + np.diag(np.full(3, 0.5), -1)
    exits = np.zeros((4, 2))
    exits[0, 0] = exits[3, 1] = 0.5
    assert absorbed(moves, exits)[:, 1] == pytest.approx(np.arange(1, 5) / 5)


def test_repeated_stays_make_a_geometric_number_of_visits():
    assert expected_visits([[0.75]])[0, 0] == pytest.approx(4.0)
    assert visits_sd([[0.75]])[0, 0] == pytest.approx(np.sqrt(0.75) / 0.25)
