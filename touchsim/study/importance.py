"""Relative importance: how the explained variance of an outcome is shared among its drivers.

    correlations of outcome and drivers, then of the draws (see `correlations`)
        --shapley-----> lmg, johnson and pratt parts of R2 of every matrix
        --percentiles-> share, low, high; how often a driver comes first, and stands above each other one

A share is a part of R2, divided by R2, so that the shares of an outcome sum to 1.  Pratt's may be negative: then it is
the sign of a suppressor (its coefficient and its correlation disagree), not a share.  A block has two shares:

    of lmg, johnson, pratt    the sum of the shares of its members (more members tend to sum to more)
    of lmg_blocks             its own Shapley value: each block is one player that enters whole, a driver of no block a
                              player alone (grouped Shapley: the game among coalitions, Owen 1977)

Intervals are percentiles over the draws (of whole clusters where the model names them: see `resampling`), and the
probability that one driver stands above another is the share of draws in which it does: what the resampled surveys say,
not a posterior.  For logits and probits the explained variance is that of the latent answer y* = x'b + e, whose R2 is
var(x'b) / (var(x'b) + v), v = pi^2/3 for the logits and 1 for the probits (McKelvey & Zavoina 1975): what a subset of
drivers explains is what its best linear predictor of y* does, and the shares do not depend on v, nor on how many values
the answer has.  A bootstrap draw takes the covariance of drivers
from its cases and moves b by their scores, one Newton step from the maximum (Kline & Santos 2012).  The methods are
then called ``lmg_latent`` and so on; where no finite coefficients exist, there are no shares.  A median and a mixed
model have no shares of their own: theirs are those of least squares, which a warning says.  Structural equations share
the R2 of the construct, a corrected regression the corrected R2; of imputed answers draws come from all imputations in
turn (Schomaker & Heumann 2018).

Called by `survey` and by the reader; builds on a `Fit`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from touchsim.errors import BadInput, verb
from touchsim.study.care import Careful, concerning
from touchsim.study.caution import EVERYONE, Caution
from touchsim.study.cautions import replaced_draws
from touchsim.study.correlations import draws_of
from touchsim.study.fit import Fit
from touchsim.study.model import LATENT
from touchsim.study.refusals import drawing_findings
from touchsim.study.resampling import percentile_interval
from touchsim.study.shapley import johnson_shares, lmg_shares, pratt_shares
from touchsim.study.verdicts import EVERY_OTHER, importance_paragraph, truth_cautions
from touchsim.vocabulary import in_its_names, signed

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["Importance", "relative_importance"]

Array = NDArray[np.float64]
SHARES = ["outcome", "term", "method", "share", "low", "high"]
ORDERS = ["outcome", "a", "b", "method", "difference", "low", "high", "p_above"]


@dataclass(frozen=True)
class Importance(Careful):
    """Shares of explained variance, with bootstrap intervals.

    Attributes
    ----------
    table : DataFrame
        outcome, term (a driver or ``block:<name>``), method, share (0..1 of R2; below 0 for pratt only), low, high
        (95 %); everyone.  An outcome whose logit or probit has no finite coefficients has no rows.
    order : DataFrame
        outcome, term, p_first: in which part of the bootstrap draws this driver has the largest lmg share.
    orders : DataFrame
        outcome, a, b, method, difference of their lmg shares, low, high (95 %), p_above: in which part of the draws a
        stands above b.  A row for each pair, the larger share first, and one for each driver against ``every other``
        (the strongest of them), whose p_above is the chance to be the first; then the same of blocks as players.
    draws : dict
        (outcome, group) to lmg shares, shape (draws + 1, drivers); the first row is the survey itself.
    error : float
        Largest Monte Carlo standard error of an lmg share; 0.0 up to 15 drivers, where shares are exact.
    fit : Fit
    replaced : dict
        (outcome, group) to the share of the draws in which constructs correlate as no variables can, so that draws
        nearer to the estimate stand in for them; above 0 for corrected regressions and structural equations only.
    """

    table: pd.DataFrame
    order: pd.DataFrame
    orders: pd.DataFrame
    draws: Mapping[tuple[str, str], Array]
    error: float
    fit: Fit
    replaced: Mapping[tuple[str, str], float] = field(default_factory=dict)

    @property
    def of_draws(self) -> tuple[Caution, ...]:
        """What speaks against the draws."""
        return tuple(caution for (outcome, group), share in self.replaced.items() if group == EVERYONE
                     for caution in replaced_draws(outcome, share))  # fmt: skip

    @property
    def cautions(self) -> tuple[Caution, ...]:
        """What stands against the fit, against shares where the truth is known, and against their draws."""
        return (*concerning(self.fit.cautions), *truth_cautions(self), *self.of_draws)

    def __post_init__(self) -> None:
        signed(self.fit.model.names_its_own, self.table, self.order, self.orders)

    @property
    @in_its_names
    def text(self) -> str:
        """A paragraph for each outcome, and the two gravest warnings; that a block leads is said with the truth."""
        return self._with_care(self.words, besides=("truth",))

    @property
    @in_its_names
    def words(self) -> str:
        """A paragraph for each outcome; which block leads is said only together with what speaks against it."""
        return "\n".join(filter(None, (importance_paragraph(self, outcome) for outcome in self.fit.model.drivers)))

    @in_its_names
    def plot(self, ax: Axes | None = None, *, outcome: str | None = None) -> Axes:
        """Draw the lmg shares of an outcome (the first one by default) with intervals, blocks below."""
        from touchsim.plots.drivers import plot_importance

        name = outcome or next(iter(self.fit.model.drivers))
        method = "lmg_latent" if self.fit.model.estimator in LATENT else "lmg"
        return self._noted(plot_importance(self.table, outcome=name, method=method, ax=ax), name, EVERYONE)

    def _repr_html_(self) -> str:
        return str(self.table.to_html(index=False, float_format="{:.3f}".format)) + self._listed()


@verb
def relative_importance(fit: Fit, *, draws: int = 2000, seed: int = 1) -> Importance:
    """Share the explained variance of each outcome among its drivers.

    Parameters
    ----------
    fit : Fit
        From `fit_drivers`.
    draws : int
        Bootstrap draws.
    seed : int
        Same seed, same intervals.

    Returns
    -------
    Importance

    Raises
    ------
    BadInput
        Fewer than 100 draws, a seed below 0.

    Examples
    --------
    >>> from touchsim.study.drivers import fit_drivers
    >>> speed, price, noise = np.random.default_rng(1).normal(size=(3, 400))
    >>> survey = pd.DataFrame({"speed": speed, "price": price, "liking": 2 * speed + price + noise})
    >>> shares = relative_importance(fit_drivers(survey, {"drivers": {"liking": ["speed", "price"]}}))
    >>> shares.table.query("method == 'lmg'")["share"].round(1).tolist()
    [0.7, 0.3]
    """
    if wrong := drawing_findings(seed, draws):
        raise BadInput(wrong)
    model = fit.model
    suffix = "_latent" if model.estimator in LATENT else ""
    groups = [EVERYONE] if not model.blocks else list(fit.summary["group"].unique())
    rows, first, orders = [], [], []
    shares: dict[tuple[str, str], Array] = {}
    replaced: dict[tuple[str, str], float] = {}
    error = 0.0
    within = fit.n_clusters_of()
    for group in groups:
        for outcome, matrices, share in draws_of(fit, group, draws=draws, seed=seed):
            drivers, replaced[outcome, group] = model.drivers[outcome], share
            lmg, spread = lmg_shares(matrices, seed=seed)
            shares[outcome, group] = _of_one(lmg)
            if group != EVERYONE:
                continue
            error = max(error, spread / max(float(lmg[0].sum()), 1e-12))
            ways = {"lmg": shares[outcome, group], "johnson": _of_one(johnson_shares(matrices)),
                    "pratt": _of_one(pratt_shares(matrices))}  # fmt: skip
            for method, values in ways.items():
                rows += [_share(outcome, term, method + suffix, values[:, columns].sum(axis=1), within)
                         for term, columns in _terms(drivers, model.blocks)]  # fmt: skip
            held = _orders(outcome, drivers, f"lmg{suffix}", shares[outcome, group], within)
            first += [{"outcome": outcome, "term": row["a"], "p_first": row["p_above"]}
                      for row in held if row["b"] == EVERY_OTHER]  # fmt: skip
            orders += held
            players = _players(drivers, model.blocks)
            if len(players) > 1 and any(name.startswith("block:") for name in players):
                parts, _ = lmg_shares(matrices, seed=seed, players=[*players.values()])
                whole = _of_one(parts)
                rows += [_share(outcome, name, f"lmg_blocks{suffix}", whole[:, j], within)
                         for j, name in enumerate(players)]  # fmt: skip
                orders += _orders(outcome, tuple(players), f"lmg_blocks{suffix}", whole, within)
    return Importance(pd.DataFrame(rows, columns=SHARES), pd.DataFrame(first, columns=["outcome", "term", "p_first"]),
                      pd.DataFrame(orders, columns=ORDERS), shares, error, fit, replaced)  # fmt: skip


def _orders(outcome: str, terms: tuple[str, ...], method: str, shares: Array, clusters: int) -> list[dict[str, Any]]:
    """Hold every term against every other, and each pair of terms against each other, draw by draw."""
    rows: list[dict[str, Any]] = []

    def row(a: str, b: str, gap: Array, above: Array) -> dict[str, Any]:
        return {"outcome": outcome, "a": a, "b": b, "method": method, "difference": float(gap[0]),
                **_interval(gap[1:], clusters), "p_above": float(np.mean(above))}  # fmt: skip

    ranked = np.argsort(-shares[0], kind="stable")
    first = shares[1:].argmax(axis=1)
    for j in range(len(terms)):
        rest = np.delete(shares, j, axis=1)
        rival = rest.max(axis=1) if rest.shape[1] else np.zeros(len(shares))
        rows.append(row(terms[j], EVERY_OTHER, shares[:, j] - rival, first == j))
    for i, j in combinations(ranked, 2):
        gap = shares[:, i] - shares[:, j]
        rows.append(row(terms[i], terms[j], gap, (gap[1:] > 0) + 0.5 * (gap[1:] == 0)))
    return rows


def _players(drivers: tuple[str, ...], blocks: Mapping[str, tuple[str, ...]]) -> dict[str, list[int]]:
    """Blocks with their columns, then the drivers of no block, each with its own."""
    found = {f"block:{block}": [drivers.index(name) for name in names if name in drivers]
             for block, names in blocks.items()}  # fmt: skip
    found = {name: columns for name, columns in found.items() if columns}
    taken = {column for columns in found.values() for column in columns}
    return found | {name: [j] for j, name in enumerate(drivers) if j not in taken}


def _terms(drivers: tuple[str, ...], blocks: Mapping[str, tuple[str, ...]]) -> list[tuple[str, list[int]]]:
    """Drivers and blocks of an equation, each with the columns whose shares it sums."""
    members = {block: [drivers.index(name) for name in names if name in drivers] for block, names in blocks.items()}
    return [*((driver, [j]) for j, driver in enumerate(drivers)),
            *((f"block:{block}", columns) for block, columns in members.items() if columns)]  # fmt: skip


def _share(outcome: str, term: str, method: str, values: Array, clusters: int) -> dict[str, Any]:
    return {"outcome": outcome, "term": term, "method": method, "share": float(values[0]),
            **_interval(values[1:], clusters)}  # fmt: skip


def _of_one(shares: Array) -> Array:
    """Shares of R2 instead of parts of it."""
    return np.asarray(shares / np.maximum(shares.sum(axis=1, keepdims=True), 1e-12), dtype=np.float64)


def _interval(draws: Array, clusters: int) -> dict[str, float]:
    low, high = percentile_interval(draws, clusters)
    return {"low": low, "high": high}
