"""Importance against performance: what matters, and how well it is done (Martilla & James 1977).

    importance    lmg share of the driver in the explained variance of the outcome (see `importance`)
    performance   mean score of the driver, with the interval of a mean (of its clusters, where the model names some)
    lines         at the mean share (1 / p) and at the mean of the drivers' means

A driver has a quadrant only where it is told from both lines: the interval of its share without 1 / p, and the interval
of its difference to the mean of all drivers, respondent by respondent, without zero; else its place may be chance.
Scores are compared in points; where items of drivers were answered on different scales, in percent of the range of
answers given.  Structural equations give the importance of constructs; their performance is the mean of the items.
Derived importance is an association: a place on the map does not say what a change would bring, nor what it would
cost.  Of imputed answers means are those of all imputations, intervals those of Rubin (see `pooling`).  Called by
`survey` (a study's ``performance.csv``) and by the reader.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from touchsim.errors import BadInput, Finding, nearest, verb
from touchsim.languages import tell, told
from touchsim.study.care import Careful, concerning
from touchsim.study.caution import EVERYONE, Caution, said
from touchsim.study.cautions import replaced_draws
from touchsim.study.fit import Fit
from touchsim.study.importance import Importance, relative_importance
from touchsim.study.pooling import pooled_value
from touchsim.vocabulary import QUADRANTS, in_its_names, keys, label, signed

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["PERFORMANCE", "PerformanceMap", "performance_map", "performance_table"]

Array = NDArray[np.float64]
PERFORMANCE = ["outcome", "term", "importance", "importance_low", "importance_high", "performance", "performance_low",
               "performance_high", "above", "above_low", "above_high", "unit", "quadrant"]  # fmt: skip
SAME_SCALE = 1.0
"""Largest difference of the ends of two scales that may be the same: nobody ticked an end."""


@dataclass(frozen=True)
class PerformanceMap(Careful):
    """Importance and performance of the drivers of an outcome.

    Attributes
    ----------
    table : DataFrame
        outcome, term, importance (share), importance_low, importance_high, performance (mean), performance_low,
        performance_high, above (difference to the mean of all drivers), above_low, above_high, unit (points, or percent
        of the range of answers), quadrant (concentrate, keep_up, low_priority, overkill; empty where it is not told
        from a line).
    fit : Fit
    replaced : float
        Share of the draws behind importance that others stand in for (see `correlations`).
    """

    table: pd.DataFrame
    fit: Fit
    replaced: float = 0.0

    def __post_init__(self) -> None:
        signed(self.fit.model.names_its_own, self.table)

    @property
    def cautions(self) -> tuple[Caution, ...]:
        """What stands against the fit of this outcome, and against the draws behind importance."""
        outcome = str(self.table["outcome"].iloc[0])
        return (*concerning(self.fit.cautions, outcome, EVERYONE), *replaced_draws(outcome, self.replaced))

    @property
    @in_its_names
    def words(self) -> str:
        """Name the drivers of each quadrant, and those whose place may be chance."""
        outcome = str(self.table["outcome"].iloc[0])
        named = {key: ", ".join(label(term) for term in self.table.loc[self.table["quadrant"] == key, "term"])
                 for key in (*keys(QUADRANTS), "")}  # fmt: skip
        parts = [tell("{quadrant}: {drivers}", quadrant=label(key, QUADRANTS), drivers=named[key])
                 for key in keys(QUADRANTS) if named[key]]  # fmt: skip
        if named[""]:
            parts.append(tell("not told from a line, so in no quadrant: {drivers}", drivers=named[""]))
        words = told("Importance for {outcome} against performance, lines at the means (Martilla & James 1977): "
                     "{parts}.")  # fmt: skip
        sentences = [tell(words, outcome=label(outcome), parts="; ".join(parts))]
        if self.table["unit"].iloc[0] == "percent":
            words = told("Drivers were answered on different scales, so performance is in percent of the range of "
                         "answers given.")  # fmt: skip
            sentences.append(tell(words))
        sentences += [said(item) for item in self.fit.cautions if item.about == "mood" and item.outcome == outcome]
        return " ".join(sentences)

    @in_its_names
    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the map: a numbered point with both intervals for each driver."""
        from touchsim.plots.performance import plot_performance

        return self._noted(plot_performance(self.table, ax=ax))

    def _repr_html_(self) -> str:
        return str(self.table.to_html(index=False, float_format="{:.3f}".format)) + self._listed()


@verb
def performance_map(fit: Fit, outcome: str | None = None, *, draws: int = 2000, seed: int = 1) -> PerformanceMap:
    """Put every driver of an outcome on a map of importance against performance.

    Parameters
    ----------
    fit : Fit
        From `fit_drivers` or `fit_moments`.
    outcome : str, optional
        By default the first one that has two drivers.
    draws, seed : int
        Of `relative_importance`.

    Returns
    -------
    PerformanceMap

    Raises
    ------
    BadInput
        An outcome that is not there, has one driver, or no finite coefficients; a published table that states no
        means or no SDs.

    Examples
    --------
    >>> from touchsim.study.drivers import fit_drivers
    >>> speed, price, noise = np.random.default_rng(1).normal(size=(3, 400))
    >>> survey = pd.DataFrame({"speed": 2 + speed, "price": 4 + price, "liking": 2 * speed + price + noise})
    >>> found = performance_map(fit_drivers(survey, {"drivers": {"liking": ["price", "speed"]}}))
    >>> found.table["quadrant"].tolist()
    ['overkill', 'concentrate']
    """
    drivers = fit.model.drivers
    several = [name for name, terms in drivers.items() if len(terms) > 1]
    chosen = outcome or (several[0] if several else next(iter(drivers)))
    if chosen not in drivers:
        raise BadInput(Finding("outcome", "is no outcome of the model", got=chosen, hint=nearest(chosen, drivers)))
    if len(drivers[chosen]) < 2:
        raise BadInput(Finding("outcome", "needs at least two drivers, to hold one against the other", got=chosen))
    if fit.unstated:
        law = "needs means and standard deviations: the published table does not state them all"
        raise BadInput(Finding("fit", law, got=f"no {' and no '.join(fit.unstated)}"))
    importance = relative_importance(fit, draws=draws, seed=seed)
    table = performance_table(importance, chosen)
    if table.empty:
        raise BadInput(Finding("outcome", "has no finite coefficients, so nothing can be compared", got=chosen))
    return PerformanceMap(table, fit, importance.replaced.get((chosen, EVERYONE), 0.0))


def performance_table(importance: Importance, outcome: str) -> pd.DataFrame:
    """Rows of ``performance.csv`` of one outcome; none where there are no shares."""
    fit = importance.fit
    asked = set(fit.answers.items)
    terms = [name for name in fit.model.drivers[outcome] if asked.issuperset(fit.model.items_of(name))]  # no products
    table = importance.table
    table = table[(table["outcome"] == outcome) & table["method"].isin(["lmg", "lmg_latent"])]
    shares = {row["term"]: (row["share"], row["low"], row["high"]) for row in table.to_dict("records")}
    if not shares:
        return pd.DataFrame(columns=PERFORMANCE)
    comparable = [_comparable(one, terms) for one in fit.imputed or (fit,)]
    each, unit = [scores for scores, _ in comparable], comparable[0][1]
    cluster = None if fit.answers.cluster is None else fit.answers.cluster.to_numpy().astype(str)
    rows = []
    for j, term in enumerate(terms):
        share, low, high = shares[term]
        mean = _mean([scores[:, j] for scores in each], cluster)
        gap = _mean([scores[:, j] - scores.mean(axis=1) for scores in each], cluster)
        rows.append({
            "outcome": outcome, "term": term, "importance": share, "importance_low": low, "importance_high": high,
            "performance": mean[0], "performance_low": mean[1], "performance_high": mean[2], "above": gap[0],
            "above_low": gap[1], "above_high": gap[2], "unit": unit,
            "quadrant": _quadrant((low - 1 / len(terms), high - 1 / len(terms)), gap[1:]),
        })  # fmt: skip
    return pd.DataFrame(rows, columns=PERFORMANCE)


def _comparable(fit: Fit, terms: list[str]) -> tuple[Array, str]:
    """Scores of the drivers in points, or in percent of the range of answers where their scales differ."""
    scores = fit.answers.scores[terms].to_numpy(dtype=np.float64)
    if fit.of_table:  # answers behind a published table are not known, nor their range
        return scores, "points"
    ends = []
    for term in terms:
        items = fit.answers.items[list(fit.model.items_of(term))].to_numpy(dtype=np.float64)
        ends.append((items.min(), items.max(), bool((items == np.round(items)).all())))
    low, high = np.array([end[:2] for end in ends]).T
    if not all(end[2] for end in ends) or max(np.ptp(low), np.ptp(high)) <= SAME_SCALE:
        return scores, "points"
    return 100 * (scores - low) / (high - low), "percent"


def _mean(each: list[Array], cluster: NDArray[Any] | None) -> tuple[float, float, float]:
    """Mean with its 95 % interval, pooled over imputations; by clusters, from the sums of each cluster's deviations."""
    means, n = np.array([values.mean() for values in each]), len(each[0])
    sums = [values - values.mean() for values in each]
    if cluster is not None:
        places = np.unique(cluster, return_inverse=True)[1]
        sums = [np.bincount(places, weights=part).astype(np.float64) for part in sums]
    units = len(sums[0])
    if units < 2:
        return float(means.mean()), float("nan"), float("nan")
    errors = np.array([np.sqrt(units / (units - 1) * (part**2).sum()) / n for part in sums])
    return pooled_value(means, errors, units - 1)


def _quadrant(importance: tuple[float, float], performance: tuple[float, float]) -> str:
    """Quadrant of a driver whose intervals, less the lines, do not hold zero; empty otherwise."""
    signs = [1 if low > 0 else -1 if high < 0 else 0 for low, high in (importance, performance)]
    return {(1, -1): "concentrate", (1, 1): "keep_up", (-1, -1): "low_priority", (-1, 1): "overkill"}.get(
        (signs[0], signs[1]), "")  # fmt: skip
