"""Closed forms from queueing theory and Markov chains, against which simulations are held.

Symbols: `arrivals` (lambda, per day), `service` (mean, days), `servers` (c), `patience` (mean, days).  Every station is
a birth-death chain on the number of customers present, so that its long-run shares follow from the balance of flows
across each cut, p[n+1] * death[n+1] = p[n] * birth[n]; M/M/c, M/M/c/K and M/M/c+M differ only in births and deaths.
Arrivals see time averages (Wolff 1982) and lengths of lines become waits by Little's law (Little 1961).

    Erlang, A. K. (1917). Solution of some problems in the theory of probabilities of significance ...
    Little, J. D. C. (1961). A proof for the queuing formula L = lambda W. Operations Research 9(3).
    Wolff, R. W. (1982). Poisson arrivals see time averages. Operations Research 30(2).
    Garnett, O., Mandelbaum, A. & Reiman, M. (2002). Designing a call center with impatient customers. MSOM 4(3).
    Kemeny, J. G. & Snell, J. L. (1960). Finite Markov Chains. Van Nostrand.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, factorial

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Station:
    """Long-run figures of one station; shares are of arrivals, times in the unit of the rates given.

    `wait` is the mean time in line over all who enter the station, whether served or gone in vain.
    """

    must_wait: float
    abandoned: float
    turned_away: float
    in_line: float
    wait: float
    utilisation: float
    shares: Floats


def birth_death(births: ArrayLike, deaths: ArrayLike) -> Floats:
    """Return long-run shares of states 0..n from births[i] (i -> i+1) and deaths[i] (i+1 -> i), both of length n.

    Products are summed as logarithms, so that long chains neither overflow nor underflow.
    """
    steps = np.log(np.asarray(births, float)) - np.log(np.asarray(deaths, float))
    heights = np.concatenate([[0.0], np.cumsum(steps)])
    weights = np.exp(heights - heights.max())
    return np.asarray(weights / weights.sum(), dtype=np.float64)


def _station(arrivals: float, service: float, servers: int, patience: float, room: int) -> Station:
    """Shares and waits of M/M/c+M with at most `room` customers inside (patience may be infinite)."""
    inside = np.arange(1, room + 1)
    deaths = np.minimum(inside, servers) / service + np.maximum(inside - servers, 0) / patience
    shares = birth_death(np.full(room, arrivals), deaths)
    states = np.arange(room + 1)
    in_line = float(shares @ np.maximum(states - servers, 0))
    turned_away = float(shares[-1])
    abandoned = in_line / patience / arrivals
    entered = 1.0 - turned_away
    return Station(
        must_wait=float(shares[servers:-1].sum()),
        abandoned=abandoned,
        turned_away=turned_away,
        in_line=in_line,
        wait=in_line / (arrivals * entered),
        utilisation=float(shares @ np.minimum(states, servers)) / servers,
        shares=shares,
    )


def erlang_c(arrivals: float, service: float, servers: int) -> float:
    """Return the probability that a customer of M/M/c must wait (Erlang 1917).

    >>> round(erlang_c(arrivals=0.8, service=1.0, servers=1), 12)  # one server: the utilisation
    0.8
    """
    load = arrivals * service
    if load >= servers:
        raise ValueError("M/M/c has a long run only below full utilisation")
    last = load**servers / factorial(servers) * servers / (servers - load)
    return last / (sum(load**n / factorial(n) for n in range(servers)) + last)


def mmc_wait(arrivals: float, service: float, servers: int) -> float:
    """Return the mean wait in line of M/M/c, those who need not wait included."""
    return erlang_c(arrivals, service, servers) / (servers / service - arrivals)


def mmc_wait_longer(arrivals: float, service: float, servers: int, than: float) -> float:
    """Return the probability that a customer of M/M/c (first come, first served) waits longer than `than`."""
    return erlang_c(arrivals, service, servers) * exp(-(servers / service - arrivals) * than)


def mmck(arrivals: float, service: float, servers: int, room: int) -> Station:
    """M/M/c/K: at most `room` customers inside, line and service together; others are turned away."""
    return _station(arrivals, service, servers, float("inf"), room)


def erlang_a(arrivals: float, service: float, servers: int, patience: float, room: int | None = None) -> Station:
    """M/M/c+M, the Erlang-A station: whoever waits leaves at rate 1/patience (Garnett, Mandelbaum & Reiman 2002).

    Without `room` the chain is cut where less than 1e-16 of its mass lies beyond: the death rate grows without bound,
    so there is a long run at any load.
    """
    if room is None:
        room = servers
        log_share = 0.0
        deaths = servers / service
        while log_share > -60.0 or deaths < 2 * arrivals:
            room += 1
            deaths = servers / service + (room - servers) / patience
            log_share += float(np.log(arrivals / deaths)) if deaths > arrivals else 0.0
    return _station(arrivals, service, servers, patience, room)


def expected_visits(moves: ArrayLike) -> Floats:
    """Return N = (I - Q)^-1, shape (states, states): expected visits to j from a start in i (Kemeny & Snell 1960).

    Parameters
    ----------
    moves : array_like, shape (states, states)
        Q: probabilities of moving between transient states; what is missing in a row to 1 is leaving for good.
    """
    q = np.asarray(moves, dtype=np.float64)
    return np.asarray(np.linalg.solve(np.eye(len(q)) - q, np.eye(len(q))), dtype=np.float64)


def absorbed(moves: ArrayLike, exits: ArrayLike) -> Floats:
    """Return B = N R, shape (states, exits): probability of ending in each absorbing state (Kemeny & Snell 1960)."""
    return np.asarray(expected_visits(moves) @ np.asarray(exits, dtype=np.float64), dtype=np.float64)


def ever_reached(moves: ArrayLike) -> Floats:
    """Return H, shape (states, states): probability of ever being in j after a start in i, the start itself counted.

    H[i, j] = N[i, j] / N[j, j] (Kemeny & Snell 1960, theorem 3.5.7 with the start counted), so a funnel's share
    "reached this state or passed it" is a row of H.
    """
    visits = expected_visits(moves)
    return np.asarray(visits / np.diag(visits), dtype=np.float64)


def visits_sd(moves: ArrayLike) -> Floats:
    """Return standard deviations of the number of visits, shape (states, states) (Kemeny & Snell 1960, 3.3.3)."""
    visits = expected_visits(moves)
    squares = visits @ (2 * np.diag(np.diag(visits)) - np.eye(len(visits)))
    return np.asarray(np.sqrt(np.maximum(squares - visits**2, 0.0)), dtype=np.float64)
