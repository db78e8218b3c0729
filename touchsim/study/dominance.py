"""Which driver is the better one whatever else is asked: dominance analysis (Budescu 1993; Azen & Budescu 2003).

Driver a is held against driver b on every subset S of the other drivers, by what each adds to R2:

    complete       R2(S + a) >= R2(S + b) on every S, more on some         a is worse in no model
    conditional    the mean of what a adds to subsets of k other drivers is larger, for each k = 0 .. p - 1
    general        the mean over all sizes is larger; that mean is the lmg part of R2 (see `importance`)

Complete implies conditional, conditional implies general; a pair of which neither holds is undecided at that level.
What a survey says may be chance: `reproducibility` is the share of bootstrap draws that say the same as the survey
(Azen & Budescu 2003), beside the shares of draws in which a, b or neither dominates.  Everything starts from the
matrices of `correlations`, so logits (latent answer) and structural equations (constructs) are judged alike.  Beyond 15
drivers subsets are sampled (see `subsets`): the number of subsets and the error are said.  Called by the reader.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import combinations, pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from touchsim.errors import BadInput, Finding, nearest, verb
from touchsim.languages import marked, tell, told
from touchsim.study.care import Careful, concerning
from touchsim.study.caution import EVERYONE, Caution
from touchsim.study.cautions import replaced_draws
from touchsim.study.correlations import draws_of
from touchsim.study.fit import Fit
from touchsim.study.refusals import chance_findings
from touchsim.study.resampling import percentile_interval
from touchsim.study.subsets import Additions, additions_of
from touchsim.vocabulary import in_its_names, label, signed

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["LEVELS", "Dominance", "dominance"]

Array = NDArray[np.float64]
COLUMNS = ["outcome", "level", "a", "b", "dominance", "share", "low", "high", "p_a", "p_b", "p_neither",
           "reproducibility"]  # fmt: skip
LEVELS = ("complete", "conditional", "general")
SAME = 1e-12
SURE = 0.95
NEIGHBOURS = 3


@dataclass(frozen=True)
class Dominance(Careful):
    """Which drivers of an outcome dominate which.

    Attributes
    ----------
    table : DataFrame
        A row for each level (complete, conditional, general) and pair: outcome, level, a, b (a is the one with the
        larger mean), dominance (1: a dominates b; 0.5: undecided), share (of the comparisons of that level in which a
        adds more: of subsets, of sizes, of the one mean), low, high (95 %), p_a, p_b, p_neither (shares of bootstrap
        draws in which a, b, neither dominates), reproducibility (of draws that say the same as the survey).
    increments : DataFrame
        outcome, term, size (how many other drivers are there already; empty: mean over all sizes, the general
        dominance), increment (mean of what the driver adds to R2), low, high.
    draws : int
    subsets : int
        On how many subsets each pair was compared, at least.
    exact : bool
        Whether these are all subsets there are.
    error : float
        Largest Monte Carlo standard error of an increment; 0.0 where exact.
    fit : Fit
    group : str
    replaced : float
        Share of the draws that others stand in for (see `correlations`).
    """

    table: pd.DataFrame
    increments: pd.DataFrame
    draws: int
    subsets: int
    exact: bool
    error: float
    fit: Fit
    group: str = EVERYONE
    replaced: float = 0.0

    def __post_init__(self) -> None:
        signed(self.fit.model.names_its_own, self.table, self.increments)

    @property
    def cautions(self) -> tuple[Caution, ...]:
        """What stands against the fit of this outcome, and against the draws."""
        outcome = str(self.table["outcome"].iloc[0])
        of_draws = [replace(item, group=self.group) for item in replaced_draws(outcome, self.replaced)]
        return (*concerning(self.fit.cautions, outcome, self.group), *of_draws)

    @property
    @in_its_names
    def words(self) -> str:
        """Say who dominates whom among the strongest drivers, how sure that is, and how many pairs are ordered."""
        pairs = {(row["a"], row["b"], row["level"]): row for row in self.table.to_dict("records")}
        every = self.table[self.table["level"] == "complete"]
        ranked = list(dict.fromkeys([*every["a"], *every["b"]]))
        parts = []
        for a, b in list(pairwise(ranked))[:NEIGHBOURS]:
            level = next((level for level in LEVELS if pairs[a, b, level]["dominance"] == 1), "none")
            again = pairs[a, b, level if level != "none" else "general"]["reproducibility"]
            parts.append(tell(WORDS[level], a=label(a), b=label(b), share=f"{100 * again:.0f}"))
        held = every[every["dominance"] == 1]
        words = told("{n} of {pairs} pairs are ordered completely (one driver adds more to every subset of the "
                     "others), {sure} of them again in at least 95 % of the draws")  # fmt: skip
        sure = int((held["reproducibility"] >= SURE).sum())
        counts = tell(words, n=len(held), pairs=len(every), sure=sure)
        sampled = ""
        if not self.exact:
            words = told("Subsets are sampled, {n} for a pair at least, so up to {percent} % of all subsets may go the "
                         "other way; the error of a mean is at most {error} of R2.")  # fmt: skip
            missed, error = marked(f"{300 / self.subsets:.1f}"), marked(f"{self.error:.4f}")  # rule of three (95 %)
            sampled = " " + tell(words, n=self.subsets, percent=missed, error=error)
        outcome = label(str(self.table["outcome"].iloc[0]))
        return tell("Dominance among the drivers of {outcome} ({draws} bootstrap draws): {parts}. {counts}.",
                    outcome=outcome, draws=self.draws, parts="; ".join(parts), counts=counts) + sampled  # fmt: skip

    @in_its_names
    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw who dominates whom: a cell for each pair, filled where at least 95 % of the draws agree."""
        from touchsim.plots.dominance import plot_dominance

        return self._noted(plot_dominance(self.table, ax=ax), group=self.group)

    def _repr_html_(self) -> str:
        return str(self.table.to_html(index=False, float_format="{:.3f}".format)) + self._listed()


WORDS = {"complete": told("{a} over {b} completely (in {share} % of the draws)"),
         "conditional": told("{a} over {b} on average at every number of other drivers (in {share} % of the draws)"),
         "general": told("{a} over {b} on average only (in {share} % of the draws)"),
         "none": told("{a} and {b} undecided (in {share} % of the draws)")}  # fmt: skip


@verb
def dominance(
    fit: Fit, outcome: str | None = None, *, group: str = EVERYONE, draws: int = 1000, seed: int = 1
) -> Dominance:
    """Hold every driver against every other on all subsets of the rest.

    Parameters
    ----------
    fit : Fit
        From `fit_drivers` or `fit_moments`.
    outcome : str, optional
        By default the first one that has two drivers.
    group : str
        A value of the groups column; by default everyone.
    draws : int
        Bootstrap draws behind reproducibility and intervals; Azen & Budescu (2003) take 1,000.
    seed : int
        Same seed, same draws.

    Returns
    -------
    Dominance

    Raises
    ------
    BadInput
        An outcome or group that is not there, has one driver, or no finite coefficients; fewer than 100 draws; a seed
        below 0.

    Examples
    --------
    >>> from touchsim.study.drivers import fit_drivers
    >>> speed, price, noise = np.random.default_rng(1).normal(size=(3, 400))
    >>> survey = pd.DataFrame({"speed": speed, "price": price, "liking": 2 * speed + price + noise})
    >>> found = dominance(fit_drivers(survey, {"drivers": {"liking": ["price", "speed"]}}), draws=200)
    >>> found.table[["level", "a", "b", "dominance", "reproducibility"]].to_numpy().tolist()[0]
    ['complete', 'speed', 'price', 1.0, 1.0]
    """
    model = fit.model
    several = [name for name, drivers in model.drivers.items() if len(drivers) > 1]
    chosen = outcome or (several[0] if several else next(iter(model.drivers)))
    findings = chance_findings(seed, draws, 100, ", or the share means nothing")
    if chosen not in model.drivers:
        hint = nearest(chosen, model.drivers)
        findings.append(Finding("outcome", "is no outcome of the model", got=chosen, hint=hint))
    elif len(model.drivers[chosen]) < 2:
        findings.append(Finding("outcome", "needs at least two drivers, to hold one against the other", got=chosen))
    groups = list(fit.summary["group"].unique())
    if group not in groups:
        findings.append(Finding("group", "is no group of the model", got=group, hint=nearest(group, groups)))
    if findings:
        raise BadInput(findings)
    drawn = {name: (matrices, share) for name, matrices, share in draws_of(fit, group, draws=draws, seed=seed)}
    matrices, replaced = drawn.get(chosen, (None, 0.0))
    if matrices is None:
        raise BadInput(Finding("outcome", "has no finite coefficients, so nothing can be compared", got=chosen))
    found = additions_of(matrices, seed=seed)
    drivers = model.drivers[chosen]
    order = np.argsort(-found.general[0], kind="stable")
    held, within = _levels(found), fit.n_clusters_of(group)
    rows = [_pair(chosen, level, drivers[i], drivers[j], beats[:, i, j], beats[:, j, i], shares[:, i, j], within)
            for level, (beats, shares) in held.items() for i, j in combinations(order, 2)]  # fmt: skip
    p = len(drivers)
    means = [{"outcome": chosen, "term": drivers[i], "size": size, "increment": float(values[0]),
              **_interval(values[1:], within)}
             for i in order for size, values in [*((float(k), found.by_size[:, i, k]) for k in range(p)),
                                                 (np.nan, found.general[:, i])]]  # fmt: skip
    exact = found.error == 0.0
    increments = pd.DataFrame(means, columns=["outcome", "term", "size", "increment", "low", "high"])
    return Dominance(pd.DataFrame(rows, columns=COLUMNS), increments, draws, found.subsets, exact, found.error, fit,
                     group, replaced)  # fmt: skip


def _levels(found: Additions) -> dict[str, tuple[NDArray[np.bool_], Array]]:
    """Level to who dominates whom, and the share of its comparisons won; both (draws, p, p)."""
    draws, p, _ = found.by_size.shape
    wins, losses = np.zeros((draws, p, p)), np.zeros((draws, p, p))
    for k in range(p):
        gap = found.by_size[:, :, None, k] - found.by_size[:, None, :, k]
        wins += gap > SAME
        losses += gap < -SAME
    over = found.general[:, :, None] - found.general[:, None, :] > SAME
    return {"complete": (found.never_less, found.more), "conditional": ((losses == 0) & (wins > 0), wins / p),
            "general": (over, over.astype(np.float64))}  # fmt: skip


def _pair(
    outcome: str, level: str, a: str, b: str, over: NDArray[np.bool_], under: NDArray[np.bool_], share: Array,
    clusters: int,
) -> dict[str, Any]:
    """One pair at one level: the survey's own in the first place, then the draws."""
    said = 0.5 + 0.5 * over.astype(np.float64) - 0.5 * under
    again, neither = said[1:] == said[0], said[1:] == 0.5
    return {"outcome": outcome, "level": level, "a": a, "b": b, "dominance": float(said[0]), "share": float(share[0]),
            **_interval(share[1:], clusters), "p_a": float(over[1:].mean()), "p_b": float(under[1:].mean()),
            "p_neither": float(neither.mean()), "reproducibility": float(again.mean())}  # fmt: skip


def _interval(draws: Array, clusters: int) -> dict[str, float]:
    low, high = percentile_interval(draws, clusters)
    return {"low": low, "high": high}
