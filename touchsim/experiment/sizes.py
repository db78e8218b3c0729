"""How many answers it takes to find a driver: read off simulated studies of several sizes.

A study that ends earlier is the first part of a longer one, so that smaller sizes cost only their fits: beside the
sizes of a score card, its studies are fitted at five sizes below the largest (`steps_below`; structural equations,
which take their time, only at those of the card).  Power at each is a share of studies, those that failed among them,

    z(n) = probit((k + 1/2) / (S + 1))        k of S studies with p < 0.05 at n answers

made monotone (isotonic regression: Barlow et al. 1972) and joined by straight lines over the root of n, on which a test
has power  Phi(d sqrt(n) - 1.96).  Where z crosses the probit of the wish, there is the size needed.  No formula is
trusted in between: standard errors of a corrected regression shrink faster than the root of n, and its small studies
fail.  Beyond the largest size N there are no studies; there, and only there, the law stands in for them,

    n = N ((1.96 + z(wish)) / (1.96 + z(N)))^2        (Cohen 1988, ch. 2; two-sided 5 %)

up to ten times N.  The interval are the sizes at which the ends of Wilson's (1927) 95 % interval of power cross the
wish: Monte Carlo error alone.  S studies that all find a driver tell of no power above  (S + 1/2) / (S + 1): for such a
wish there is no number, and studies that do not all find it may have it already.  Called by `score`.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from touchsim.experiment.success import FEW_STUDIES, NO_ESTIMATE, TRUTH_ZERO, WRONG_SIGN, found_share

__all__ = ["AT_MOST", "EXTRAPOLATED", "FARTHEST", "MORE_THAN", "SIMULATED", "powers_of", "sizes_needed", "steps_below"]

Array: TypeAlias = npt.NDArray[np.float64]
SIMULATED, AT_MOST, EXTRAPOLATED, MORE_THAN = "simulated", "at most", "extrapolated", "more than"
"""Where a number of answers comes from."""

STEPS = (1 / 8, 1 / 4, 3 / 8, 1 / 2, 3 / 4)
FARTHEST = 10
"""How many times the largest size a number of answers is extrapolated at most; an assumption."""

SURE = 1.959964
CERTAIN = 1 - 1e-9
"""A power of 1 that still has a probit."""


def steps_below(largest: int, drivers: int) -> tuple[int, ...]:
    """Sizes below the largest at which power is looked at, too; none that is too small for a regression.

    Examples
    --------
    >>> steps_below(500, 9), steps_below(40, 9)
    ((63, 125, 188, 250, 375), (15, 20, 30))
    """
    sizes = sorted({int(np.ceil(part * largest)) for part in STEPS})
    return tuple(size for size in sizes if drivers + 2 <= size < largest)


def powers_of(rows: pd.DataFrame) -> pd.DataFrame:
    """Power of every ``respondents, estimator, term``: a row each, with ``power`` and the ``studies`` behind it."""
    found = [{"respondents": size, "estimator": estimator, "term": term, "power": found_share(some["p_value"])["power"],
              "studies": len(some)}
             for (size, estimator, term), some in rows.groupby(["respondents", "estimator", "term"], sort=False)
             ]  # fmt: skip
    return pd.DataFrame(found)


def sizes_needed(table: pd.DataFrame, power: float, powers: pd.DataFrame | None = None) -> pd.DataFrame:
    """Answers that each driver needs for a wished power.

    Parameters
    ----------
    table : DataFrame
        See `success.performance`.
    power : float
        The wish.
    powers : DataFrame, optional
        Of `powers_of`, also at sizes that the table has not; those of the table, if None.

    Returns
    -------
    DataFrame
        ``estimator, term, respondents`` (the largest size), ``power`` (found there), ``needed, needed_low,
        needed_high``; then ``truth`` and ``doubt``, which says why no number of answers is given: ``no estimate``;
        ``truth not told from zero``, where its 95 % interval holds 0, so that whatever is found is a false alarm;
        ``wrong sign``, where more answers make surer of the wrong side; ``too few studies``, where all of the largest
        size find it and the wish is above what so many can tell (S studies: (S + 1/2) / (S + 1)). Then ``basis``:
        ``simulated``, between sizes of studies; ``at most``, where the smallest size has the power already;
        ``extrapolated``, beyond the largest; ``more than``, where that would be more than ten times as many, and
        ``needed`` is infinite.
    """
    of_main = table[table["estimand"] == "projection"]
    largest = of_main[of_main["respondents"] == of_main["respondents"].max()]
    if powers is None:
        powers = of_main.assign(studies=of_main["studies"] + of_main["failed"])
    mean, spread, truth, least, most, r = (
        largest[name].to_numpy(float) for name in ("mean", "emp_se", "truth", "truth_low", "truth_high", "studies"))
    with np.errstate(divide="ignore", invalid="ignore"):
        d = mean * np.sign(truth) / spread
        error = SURE * np.sqrt(1 / r + d**2 / (2 * (r - 1)))
    doubts = {NO_ESTIMATE: np.isnan(mean), TRUTH_ZERO: (least <= 0) & (most >= 0) | (truth == 0),
              WRONG_SIGN: d + error < 0}  # fmt: skip
    curves = dict(list(powers.groupby(["estimator", "term"], sort=False)))
    doubts[FEW_STUDIES] = np.array([_untold(curves[pair], power)
                                    for pair in zip(largest["estimator"], largest["term"], strict=True)])  # fmt: skip
    doubt = np.select(list(doubts.values()), list(doubts), default="")
    fewest = largest["term"].nunique() + 2
    needed = [(np.nan, np.nan, np.nan, "") if why else _needed(curves[estimator, term], power, fewest)
              for estimator, term, why in zip(largest["estimator"], largest["term"], doubt, strict=True)]  # fmt: skip
    told: pd.DataFrame = largest[["estimator", "term", "respondents", "power"]].reset_index(drop=True)
    told[["needed", "needed_low", "needed_high"]] = np.array([one[:3] for one in needed])
    return told.assign(truth=truth, doubt=doubt, basis=[one[3] for one in needed])


def _untold(curve: pd.DataFrame, power: float) -> bool:
    """Whether every study of the largest size finds a driver, and they are too few to tell of so much power."""
    share, many = curve.sort_values("respondents")[["power", "studies"]].to_numpy(float)[-1]
    return bool(share == 1 and power > _most(many))


def _most(studies: Any) -> Any:
    """Power that so many studies tell of if all find the driver."""
    return (studies + 0.5) / (studies + 1)


def _needed(curve: pd.DataFrame, power: float, fewest: int) -> tuple[float, float, float, str]:
    """Size of one driver, the ends of its interval and its basis; no regression has fewer answers than `fewest`."""
    from scipy import optimize, stats

    curve = curve.sort_values("respondents")
    sizes, many = curve["respondents"].to_numpy(float), curve["studies"].to_numpy(float)
    share = optimize.isotonic_regression(curve["power"].to_numpy(float), weights=many).x
    middle = (share + SURE**2 / (2 * many)) / (1 + SURE**2 / many)
    reach = SURE * np.sqrt(share * (1 - share) / many + SURE**2 / (4 * many**2)) / (1 + SURE**2 / many)
    goal = float(stats.norm.ppf(power))
    least, most = 0.5 / (many + 1), _most(many)
    whole = np.where(power > most, CERTAIN, most)  # the upper end of all studies is 1, and reaches every wish
    found, surely, perhaps = (
        _crossing(sizes, stats.norm.ppf(np.clip(one, least, highest)), goal)
        for one, highest in (((share * many + 0.5) / (many + 1), most), (middle - reach, most),
                             (middle + reach, whole)))  # fmt: skip
    low = float(fewest) if perhaps[1] == AT_MOST else perhaps[0]
    return found[0], min(low, found[0]), max(surely[0], found[0]), found[1]


def _crossing(sizes: Array, z: Array, goal: float) -> tuple[float, str]:
    """Where a rising curve over ascending sizes reaches a goal, and on what that rests."""
    if z[0] >= goal:
        return float(sizes[0]), AT_MOST
    if z[-1] < goal:
        distance = SURE + z[-1]
        size = float(np.ceil(sizes[-1] * ((SURE + goal) / distance) ** 2)) if distance > 0 else np.inf
        return (size, EXTRAPOLATED) if size <= FARTHEST * sizes[-1] else (np.inf, MORE_THAN)
    last = int(np.argmax(z >= goal))
    roots = np.sqrt(sizes[last - 1 : last + 1])
    return float(np.ceil(np.interp(goal, z[last - 1 : last + 1], roots) ** 2 - 1e-9)), SIMULATED
