"""Relative importance: how the explained variance of an outcome is shared among its drivers.

    scores --resampling--> correlation matrices (the survey's own, then the bootstrap draws)
           --shapley-----> lmg and johnson shares of R2 of every matrix
           --percentiles-> share, low, high; how often a driver comes first

A share is a part of R2, divided by R2, so that the shares of an outcome sum to 1.  A block's share is the sum of the
shares of its members (the block as one player of the game would get another value).  Intervals are percentiles of a
case bootstrap (Efron 1979).

For logits and probits the explained variance is that of the latent answer y* = x'b + e, whose R2 is var(x'b) /
(var(x'b) + v), v = pi^2/3 for the logits and 1 for the probits (McKelvey & Zavoina 1975).  The fitted model implies the
correlations of y* with every driver,

    cov(x, y*) = S b,    var(y*) = b'S b + v,    S the covariance of the drivers,

and the shares are those of these matrices, exact as for ols: what a subset of drivers explains is what its best linear
predictor of y* does.  They do not depend on v, nor on how many values the answer has.  A bootstrap draw takes S
from its cases and moves b by their scores, one Newton step from the maximum (Kline & Santos 2012).  The methods are
then called ``lmg_latent`` and ``johnson_latent``; where no finite coefficients exist, there are no shares.

A median and a mixed model have no shares of their own: theirs are those of least squares, which a warning says.

With imputed answers draws come from all imputations in turn (Schomaker & Heumann 2018).

Structural equations imply the correlations of the constructs themselves; their draws come from the sampling
distribution of the estimates (see `latent`), and the shares are of the R2 of the construct.

Called by `survey` and by the reader; builds on a `Fit`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from touchsim.errors import BadInput, Finding, verb
from touchsim.study.caution import EVERYONE
from touchsim.study.fit import Fit
from touchsim.study.latent import construct_draws
from touchsim.study.model import LATENT
from touchsim.study.noise import LOGISTIC, noise_of
from touchsim.study.resampling import correlation_draws, moment_draws
from touchsim.study.shapley import johnson_shares, lmg_shares
from touchsim.study.verdicts import importance_paragraph

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["Importance", "latent_correlations", "relative_importance"]

Array = NDArray[np.float64]
Drawing = Callable[[Fit, pd.DataFrame, list[str], str, int, int], Iterator[tuple[str, Array]]]


@dataclass(frozen=True)
class Importance:
    """Shares of explained variance, with bootstrap intervals.

    Attributes
    ----------
    table : DataFrame
        outcome, term (a driver or ``block:<name>``), method, share (0..1 of R2), low, high (95 %); everyone.  An
        outcome whose logit or probit has no finite coefficients has no rows.
    order : DataFrame
        outcome, term, p_first: in which part of the bootstrap draws this driver has the largest lmg share.
    draws : dict
        (outcome, group) to lmg shares, shape (draws + 1, drivers); the first row is the survey itself.
    error : float
        Largest Monte Carlo standard error of an lmg share; 0.0 up to 15 drivers, where shares are exact.
    fit : Fit
    """

    table: pd.DataFrame
    order: pd.DataFrame
    draws: Mapping[tuple[str, str], Array]
    error: float
    fit: Fit

    @property
    def text(self) -> str:
        """A paragraph for each outcome; which block leads is said only together with what speaks against it."""
        return "\n".join(importance_paragraph(self, outcome) for outcome in self.fit.model.drivers)

    def plot(self, ax: Axes | None = None, *, outcome: str | None = None) -> Axes:
        """Draw the lmg shares of an outcome (the first one by default) with intervals, blocks below."""
        from touchsim.plots.drivers import plot_importance

        name = outcome or next(iter(self.fit.model.drivers))
        method = "lmg_latent" if self.fit.model.estimator in LATENT else "lmg"
        return plot_importance(self.table, outcome=name, method=method, ax=ax)

    def _repr_html_(self) -> str:
        return str(self.table.to_html(index=False, float_format="{:.3f}".format))


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
        Fewer than 100 draws.

    Examples
    --------
    >>> from touchsim.study.drivers import fit_drivers
    >>> speed, price, noise = np.random.default_rng(1).normal(size=(3, 400))
    >>> survey = pd.DataFrame({"speed": speed, "price": price, "liking": 2 * speed + price + noise})
    >>> shares = relative_importance(fit_drivers(survey, {"drivers": {"liking": ["speed", "price"]}}))
    >>> shares.table.query("method == 'lmg'")["share"].round(1).tolist()
    [0.7, 0.3]
    """
    if draws < 100:
        raise BadInput(Finding("draws", "must be at least 100, or the interval means nothing", got=str(draws)))
    model = fit.model
    suffix = "_latent" if model.estimator in LATENT else ""
    groups = [EVERYONE] if not model.blocks else list(fit.summary["group"].unique())
    rows, order = [], []
    shares: dict[tuple[str, str], Array] = {}
    error = 0.0
    for group in groups:
        scores = fit.scores_of(group)
        outcomes = [outcome for outcome, name in fit.estimates if name == group]
        found = _of_constructs if fit.systems else _latent if model.estimator in LATENT else _observed
        found = partial(_of_imputations, found) if fit.imputed else found
        for outcome, chosen in found(fit, scores, outcomes, group, draws, seed):
            drivers = model.drivers[outcome]
            lmg, spread = lmg_shares(chosen, seed=seed)
            shares[outcome, group] = _of_one(lmg)
            if group != EVERYONE:
                continue
            error = max(error, spread / max(float(lmg[0].sum()), 1e-12))
            johnson = _of_one(johnson_shares(chosen))
            for method, values in (("lmg", shares[outcome, group]), ("johnson", johnson)):
                rows += [{"outcome": outcome, "term": term, "method": method + suffix, "share": values[0, column].sum(),
                          **_interval(values[1:, column].sum(axis=1))}
                         for term, column in _terms(drivers, model.blocks)]  # fmt: skip
            first = np.bincount(shares[outcome, group][1:].argmax(axis=1), minlength=len(drivers)) / draws
            order += [{"outcome": outcome, "term": driver, "p_first": first[j]} for j, driver in enumerate(drivers)]
    table = pd.DataFrame(rows, columns=["outcome", "term", "method", "share", "low", "high"])
    return Importance(table, pd.DataFrame(order, columns=["outcome", "term", "p_first"]), shares, error, fit)


def _of_imputations(
    found: Drawing, fit: Fit, scores: pd.DataFrame, outcomes: list[str], group: str, draws: int, seed: int
) -> Iterator[tuple[str, Array]]:
    """Correlations of all imputations: their mean first, then draws of cases from each in turn (Schomaker 2018)."""
    many = len(fit.imputed)
    parts = [dict(found(one, one.scores_of(group), outcomes, group, -(-draws // many), seed + place))
             for place, one in enumerate(fit.imputed)]  # fmt: skip
    for outcome in outcomes:
        if all(outcome in part for part in parts):
            mean = np.mean([part[outcome][0] for part in parts], axis=0)
            drawn = np.concatenate([part[outcome][1:] for part in parts])
            yield outcome, np.concatenate([mean[None], drawn[:draws]])


def _observed(
    fit: Fit, scores: pd.DataFrame, outcomes: list[str], group: str, draws: int, seed: int
) -> Iterator[tuple[str, Array]]:
    """Correlations of the drivers and the outcome as answered, all outcomes from the same draws of cases."""
    names = list(dict.fromkeys(name for outcome in outcomes for name in (*fit.model.drivers[outcome], outcome)))
    if not names:
        return
    if fit.drawn is not None:  # a published table has no cases to draw
        matrices = fit.drawn(names, draws, seed)
    else:
        matrices = correlation_draws(scores[names].to_numpy(), draws, seed=seed)
    for outcome in outcomes:
        place = np.array([names.index(name) for name in (*fit.model.drivers[outcome], outcome)])
        yield outcome, matrices[:, place[:, None], place]


def _latent(
    fit: Fit, scores: pd.DataFrame, outcomes: list[str], group: str, draws: int, seed: int
) -> Iterator[tuple[str, Array]]:
    """Correlations of the drivers and the latent outcome that a logit implies; nothing where it has no estimate."""
    for outcome in outcomes:
        found, x = fit.estimates[outcome, group], scores[list(fit.model.drivers[outcome])].to_numpy()
        if found.pulls is None:
            continue
        covariances, moved = moment_draws(x, draws, seed=seed, beside=found.pulls)
        moved[0] = 0.0  # the scores of all cases sum to nothing at the maximum
        spread = x.std(axis=0)
        slopes = (found.coefficients + moved) * spread
        yield outcome, latent_correlations(covariances, slopes, noise_of(fit.model.estimator).variance)


def _of_constructs(
    fit: Fit, scores: pd.DataFrame, outcomes: list[str], group: str, draws: int, seed: int
) -> Iterator[tuple[str, Array]]:
    """Correlations of the constructs that structural equations imply; nothing where they are no correlations."""
    if group not in fit.systems:
        return
    names, matrices = construct_draws(fit.systems[group], draws, seed)
    if matrices is None:
        return
    for outcome in outcomes:
        place = np.array([names.index(name) for name in (*fit.model.drivers[outcome], outcome)])
        yield outcome, matrices[:, place[:, None], place]


def latent_correlations(covariances: Array, slopes: Array, noise: float = LOGISTIC.variance) -> Array:
    """Correlation matrices of drivers and latent outcome y* = x'b + e.

    Parameters
    ----------
    covariances : array, shape (draws, p, p)
        Of the drivers.
    slopes : array, shape (draws, p)
    noise : float
        Variance of e; by default that of the logistic distribution.

    Returns
    -------
    array, shape (draws, p + 1, p + 1)
        The outcome is the last row; a driver that does not vary in a draw correlates 0.

    Examples
    --------
    >>> found = latent_correlations(np.eye(2)[None], np.array([[np.pi / np.sqrt(3), 0.0]]))
    >>> (found[0, 2] ** 2).round(3).tolist()
    [0.5, 0.0, 1.0]
    """
    draws, p, _ = covariances.shape
    with_outcome = (covariances @ slopes[:, :, None])[:, :, 0]
    height = np.sqrt((with_outcome * slopes).sum(axis=1) + noise)
    variance = np.diagonal(covariances, axis1=1, axis2=2)
    scale = np.where(variance > 1e-12, 1 / np.sqrt(np.maximum(variance, 1e-12)), 0.0)  # noqa: PLR2004
    matrices = np.empty((draws, p + 1, p + 1))
    matrices[:, :p, :p] = covariances * scale[:, :, None] * scale[:, None, :]
    matrices[:, :p, p] = matrices[:, p, :p] = with_outcome * scale / height[:, None]
    diagonal = np.arange(p + 1)
    matrices[:, diagonal, diagonal] = 1.0
    return matrices


def _terms(drivers: tuple[str, ...], blocks: Mapping[str, tuple[str, ...]]) -> list[tuple[str, list[int]]]:
    """Drivers and blocks of an equation, each with the columns whose shares it sums."""
    members = {block: [drivers.index(name) for name in names if name in drivers] for block, names in blocks.items()}
    return [*((driver, [j]) for j, driver in enumerate(drivers)),
            *((f"block:{block}", columns) for block, columns in members.items() if columns)]  # fmt: skip


def _of_one(shares: Array) -> Array:
    """Shares of R2 instead of parts of it."""
    return np.asarray(shares / np.maximum(shares.sum(axis=1, keepdims=True), 1e-12), dtype=np.float64)


def _interval(draws: Array) -> dict[str, float]:
    low, high = np.percentile(draws, [2.5, 97.5])
    return {"low": float(low), "high": float(high)}
