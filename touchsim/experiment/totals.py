"""Total effects: what raising one facet wherever it is met does to satisfaction, all roads taken together.

A facet reaches customers by what contacts tell about it.  Every touchpoint that tells anything about facet f tells h
less of it in one world and h more in another, and the same customers live through both with the same luck (common
random numbers; Law 2015, section 11.2).  With S and V_f the means of true satisfaction and of the view of f among
those *asked in each world*,

    total_f = (S[+h] - S[-h]) / (V_f[+h] - V_f[-h]) * sd(V_f) / sd(S)           SD per SD, as the other estimands

A difference to both sides leaves an error of order h^2 only.  Where satisfaction is a weighted sum of views and nothing
else moves, this is the structural weight.  What makes it another number is the point: emotion, peak and end, offers
that are weighed anew, lines that grow as more go on, views of other facets, and who stays to be asked.

Sums are kept crowd by crowd; the Monte Carlo error is that of the jackknife over crowds (Quenouille 1956; Efron &
Tibshirani 1993, ch. 11), in which the pseudo-value of crowd r is  R total - (R - 1) total without r.  A facet that no
touchpoint tells of, or whose view nothing moves, has no total effect: nan.  Called by `score` and `success`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeAlias, cast

import numpy as np
import numpy.typing as npt
import pandas as pd

from touchsim.experiment.studies import AT_ONCE, OUTCOME, StudyPlan, own_seed

if TYPE_CHECKING:
    from touchsim.world.scenario import Scenario
    from touchsim.world.touchpoints import FacetKey

__all__ = ["STEP", "TOTALS", "raised_ten", "raised_worlds", "total_effects"]

Array = npt.NDArray[np.float64]
Both: TypeAlias = "tuple[Scenario, Scenario]"

STEP = 0.25
"""Evidence by which a facet is raised and lowered, in z: large against luck, small against what bends."""

LIMIT = 5.0
"""Most that a touchpoint may tell of a facet, in z (`world.touchpoints.FacetShown`)."""

SUMS = ("asked_less", "satisfaction_less", "view_less", "asked_more", "satisfaction_more", "view_more")
TOTALS = ["study", "term", *SUMS]
STILL = 1e-9
"""Shift of a mean view below which nothing moved it."""


def raised_worlds(scenario: Scenario, facets: tuple[str, ...]) -> dict[str, Both]:
    """The two worlds of every facet that some touchpoint tells of: less of it, and more.

    Near the limit of what can be told all touchpoints move by the same smaller step.

    Examples
    --------
    >>> from touchsim.world.scenario import load_scenario
    >>> less, more = raised_worlds(load_scenario("corner_shop"), ("checkout",))["checkout"]
    >>> [round(world.touchpoints["store"].facets["checkout"].mean, 2) for world in (less, more)]
    [-0.05, 0.45]
    """
    worlds: dict[str, Both] = {}
    for facet in facets:
        shown = {key: place.facets[name] for key, place in scenario.touchpoints.items()
                 if (name := cast("FacetKey", facet)) in place.facets}  # fmt: skip
        step = min((min(STEP, LIMIT - abs(told.mean)) for told in shown.values()), default=0.0)
        if step > 0.0:
            less, more = (
                scenario.with_(touchpoints={key: {"facets": {facet: {"mean": told.mean + move, "sd": told.sd}}}
                                            for key, told in shown.items()})
                for move in (-step, step))  # fmt: skip
            worlds[facet] = less, more
    return worlds


def raised_ten(plan: StudyPlan, worlds: Mapping[str, Both], place: int, count: int) -> pd.DataFrame:
    """Live through the worlds of every driver with the crowds of the first `count` studies of the ten at `place`.

    Returns
    -------
    DataFrame
        One row per study and driver: `TOTALS`, counts and sums over those asked with less and with more of it; null
        where nothing tells of the driver, 0 where nobody is asked.
    """
    rows = []
    for driver in plan.drivers:
        sums = np.full((count, len(SUMS)), np.nan)
        if driver in worlds:
            both = [_sums(plan, world, driver, place, count) for world in worlds[driver]]
            sums = np.column_stack(both)
        rows += [[AT_ONCE * place + study, driver, *own] for study, own in enumerate(sums)]
    return pd.DataFrame(rows, columns=TOTALS).sort_values(["study"], kind="stable", ignore_index=True)


def total_effects(totals: pd.DataFrame, drivers: tuple[str, ...], scales: Array) -> tuple[Array, Array]:
    """Total effects of all crowds together, and pseudo-values crowd by crowd.

    Parameters
    ----------
    totals : DataFrame
        Rows of `raised_ten`, of R crowds.
    drivers : tuple of str
    scales : array, shape (R + 1, drivers)
        SD of each view over that of satisfaction: among everyone asked, then without each crowd.

    Returns
    -------
    array, shape (drivers,), and array, shape (R, drivers)
        In SD per SD; nan where nothing moves the view.  The spread of the pseudo-values over the root of R is the
        Monte Carlo error.

    Examples
    --------
    >>> row = {"asked_less": 2, "satisfaction_less": 0.0, "view_less": 0.0, "asked_more": 2, "satisfaction_more": 1.0,
    ...        "view_more": 2.0}
    >>> table = pd.DataFrame([{"study": study, "term": "returns", **row} for study in range(3)])
    >>> total_effects(table, ("returns",), np.full((4, 1), 0.8))[0].tolist()
    [0.4]
    """
    studies = sorted(totals["study"].unique())
    each = np.array([totals[totals["term"] == driver].set_index("study").loc[studies, list(SUMS)].to_numpy(float)
                     for driver in drivers])  # fmt: skip
    everyone = each.sum(axis=1)[:, None]
    sums = np.concatenate([everyone, everyone - each], axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        satisfied = sums[..., 4] / sums[..., 3] - sums[..., 1] / sums[..., 0]
        viewed = sums[..., 5] / sums[..., 3] - sums[..., 2] / sums[..., 0]
        found = np.where(np.abs(viewed) > STILL, satisfied / viewed, np.nan).T * scales
    r = len(studies)
    return found[0], r * found[0] - (r - 1) * found[1:]


def _sums(plan: StudyPlan, world: Scenario, driver: str, place: int, count: int) -> Array:
    """People asked, sums of their satisfaction and of their view of a driver; shape (count, 3)."""
    from touchsim.engine.simulation import simulate
    from touchsim.survey.respondents import asked_views

    log = simulate(world, customers=plan.customers, seed=own_seed(plan.seed, place), replications=count)
    views = asked_views(log)
    who = views["replication"].to_numpy()
    return np.column_stack([
        np.bincount(who, minlength=count), *(np.bincount(who, weights=views[name].to_numpy(float), minlength=count)
                                             for name in (OUTCOME, driver)),
    ]).astype(float)  # fmt: skip
