"""Mediation: how much of a driver reaches a consequence through satisfaction.

    M = i1 + sum_j a_j x_j + e1                 M satisfaction, x its drivers
    Y = i2 + b M + sum_j c_j x_j + e2           Y repurchase, recommendation, willingness to pay ...
    indirect effect of x_j on Y:  a_j b         direct: c_j         total: a_j b + c_j

Every outcome that drives another outcome of the model is a mediator.  Direct paths are always there, also where the
model has none: without them what a driver does past the mediator would be counted in b.  A product of coefficients is
skewed, so intervals are those of the bias-corrected and accelerated bootstrap (BCa; Efron 1987, Preacher & Hayes 2008):
with z0 from the share of draws below the estimate and the acceleration from the influence U_i of each respondent,

    acceleration = sum U_i^3 / (6 (sum U_i^2)^(3/2))

A published table has no respondents: its intervals are percentiles over covariance matrices drawn around it (Wishart,
rounding and all; see `moments`), which take answers as normal, and are called Monte Carlo intervals (MacKinnon,
Lockwood & Williams 2004, Multivariate Behavioral Research 39: 99-128).  Where a model names clusters, draws are of
whole ones, U_i is the sum over a cluster, and the ends lie as far out as few clusters ask for (see `resampling`).

Paths are those of least squares on scores, so an unreliable mediator makes direct paths up, and "through" is an
arithmetic of paths: that satisfaction comes first, and nothing else moves both, no survey proves.  Where a simulator
knows the truth of both equations, the product of the standardised truths stands beside (consequences of the kit follow
from satisfaction alone).  Called by `survey` and by the reader.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from touchsim.errors import BadInput, Finding, verb
from touchsim.languages import marked, tell, told
from touchsim.study.care import Careful, concerning
from touchsim.study.caution import EVERYONE, Caution
from touchsim.study.drivers import fit_drivers
from touchsim.study.estimate import square_shift
from touchsim.study.estimators import dependent_columns
from touchsim.study.fit import Fit
from touchsim.study.model import StudyModel
from touchsim.study.refusals import chance_findings
from touchsim.study.resampling import moment_draws, reach_of
from touchsim.study.units import without_units
from touchsim.vocabulary import in_its_names, label, signed

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["Mediation", "mediation", "mediation_of", "unmediated"]

Array = NDArray[np.float64]
COLUMNS = ["outcome", "mediator", "term", "indirect", "low", "high", "std_indirect", "std_low", "std_high", "truth_std",
           "to_mediator", "from_mediator", "direct", "direct_low", "direct_high", "total", "std_direct",
           "std_direct_low", "std_direct_high", "std_total", "interval"]  # fmt: skip
BCA, MONTE_CARLO = "BCa bootstrap", "Monte Carlo, normal answers"
Ends = tuple[Array, Array]


@dataclass(frozen=True)
class Mediation(Careful):
    """Indirect effects of drivers on the consequences of an outcome, everyone.

    Attributes
    ----------
    table : DataFrame
        One row for each consequence, mediator and driver: outcome, mediator, term, indirect, low, high (95 %, points
        per point), std_indirect, std_low, std_high (SD per SD), truth_std, to_mediator (a), from_mediator (b), direct,
        direct_low, direct_high, total, std_direct, std_direct_low, std_direct_high, std_total, interval (of which kind:
        BCa bootstrap, or of a published table Monte Carlo, normal answers).
    fit : Fit
    """

    table: pd.DataFrame
    fit: Fit

    def __post_init__(self) -> None:
        signed(self.fit.model.names_its_own, self.table)

    @property
    def cautions(self) -> tuple[Caution, ...]:
        """What stands against the fit of everyone, of the outcomes of these chains."""
        chained = {None, *self.table["outcome"], *self.table["mediator"]}
        return tuple(item for item in concerning(self.fit.cautions, group=EVERYONE) if item.outcome in chained)

    @property
    @in_its_names
    def words(self) -> str:
        """A paragraph for each consequence."""
        parts = self.table.groupby(["outcome", "mediator"], sort=False)
        return "\n".join(_paragraph(str(outcome), str(through), rows) for (outcome, through), rows in parts)

    @in_its_names
    def plot(self, ax: Axes | None = None, *, outcome: str | None = None) -> Axes:
        """Draw the standardised indirect effects on an outcome (the first consequence by default)."""
        from touchsim.plots.drivers import plot_coefficients

        name = outcome or str(self.table["outcome"].iloc[0])
        truth = self.fit.model.truth
        table = self.table.rename(columns={"std_indirect": "std_beta"}).assign(group=EVERYONE)
        chains = replace(self, table=self.table[self.table["outcome"] == name])
        return chains._noted(plot_coefficients(table, outcome=name, estimand=truth.estimand if truth else "", ax=ax))

    def _repr_html_(self) -> str:
        return str(self.table.to_html(index=False, float_format="{:.3f}".format, na_rep="")) + self._listed()


@verb
def mediation(
    answers: pd.DataFrame | Fit,
    model: StudyModel | Mapping[str, Any] | str | Path | None = None,
    *,
    draws: int = 2000,
    seed: int = 1,
) -> Mediation:
    """Say how much of each driver reaches the consequences of an outcome through that outcome.

    Parameters
    ----------
    answers : DataFrame, shape (respondents, columns), or Fit
        A fit from `fit_drivers`, or from `fit_moments` of a published table, brings its model.
    model : StudyModel, mapping or path, optional
        With an outcome that drives another one; by default the model that a survey from ``ask`` carries.
    draws : int
        Bootstrap draws; of a published table, covariance matrices.
    seed : int
        Same seed, same intervals.

    Returns
    -------
    Mediation

    Raises
    ------
    BadInput
        Whatever `fit_drivers` finds; a model without a chain of outcomes; another estimator than ols.

    Examples
    --------
    >>> price, noise, luck = np.random.default_rng(1).normal(size=(3, 500))
    >>> survey = pd.DataFrame({"price": price, "liking": 0.6 * price + noise})
    >>> survey["loyalty"] = 0.5 * survey["liking"] + luck
    >>> found = mediation(survey, {"drivers": {"liking": ["price"], "loyalty": ["liking"]}}).table.iloc[0]
    >>> bool(found["low"] < 0.3 < found["high"]), bool(found["direct_low"] < 0 < found["direct_high"])
    (True, True)
    """
    if wrong := chance_findings(seed, draws, 1000, ": the ends of an interval lie far out"):
        raise BadInput(wrong)
    fit = answers if isinstance(answers, Fit) else fit_drivers(answers, model)
    findings = []
    if isinstance(answers, Fit) and model is not None:
        findings.append(Finding("model", "is that of the fit", hint="leave it out"))
    if fit.model.estimator != "ols":
        findings.append(Finding("estimator", "mediation is by least squares: must be ols", got=fit.model.estimator))
    if fit.imputed:
        findings.append(Finding("missing.how", "mediation needs complete rows: must be listwise", got="impute"))
    if not any(_chains(fit.model)):
        findings.append(Finding("drivers", "no outcome drives another one, so nothing is mediated",
                                hint="e.g. drivers: {satisfaction: [price], repurchase: [satisfaction]}"))  # fmt: skip
    if findings:
        raise BadInput(findings)
    return Mediation(mediation_of(fit, draws=draws, seed=seed), fit)


def mediation_of(fit: Fit, *, draws: int = 2000, seed: int = 1) -> pd.DataFrame:
    """Rows of ``mediation.csv`` of a fit by least squares; none for any other, or without a chain of outcomes."""
    rows: list[dict[str, Any]] = []
    chains = list(_chains(fit.model)) if fit.model.estimator == "ols" and not fit.imputed else []
    names = list(dict.fromkeys(name for chain in chains for name in (*chain[2], chain[1], chain[0])))
    if names:
        scores = fit.scores_of()[names].to_numpy(float)
        spread = scores.std(axis=0, ddof=1)
        if fit.drawn_covariances is None:
            covariances, _ = moment_draws(scores, draws, seed=seed, clusters=fit.clusters_of())
        else:
            covariances = fit.drawn_covariances(names, draws, seed)
            spread = np.sqrt(np.diagonal(covariances[0]))
            covariances = covariances / np.outer(spread, spread)
        for chain in chains:
            place = [names.index(name) for name in (*chain[2], chain[1], chain[0])]
            if dependent_columns(scores[:, place[:-1]]):
                continue
            found = _Paths(covariances[:, np.array(place)[:, None], place], len(fit.model.drivers[chain[1]]))
            ends = found.percentiles() if fit.drawn_covariances else found.bca(scores[:, place], fit.clusters_of())
            rows += _rows(fit, chain, found, ends, spread[place])
    return without_units("mediation", pd.DataFrame(rows, columns=COLUMNS), fit.unstated)


def unmediated(fit: Fit) -> list[Caution]:
    """Say that a chain of outcomes has no indirect effects here, and why."""
    if not any(_chains(fit.model)) or (fit.model.estimator == "ols" and not fit.imputed):
        return []
    words = told("no indirect effects are given: those of touchsim are by least squares, of complete rows (estimator: "
                 "ols, missing.how: listwise)")  # fmt: skip
    return [Caution(partial(tell, words), about="reading")]


def _chains(model: StudyModel) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Consequence, mediator, and what stands beside the mediator: first its own drivers, then those of the other."""
    for outcome, drivers in model.drivers.items():
        for through in drivers:
            if through in model.drivers:
                beside = dict.fromkeys([*model.drivers[through], *drivers])
                yield outcome, through, tuple(name for name in beside if name not in (through, outcome))


@dataclass(frozen=True)
class _Paths:
    """Paths of one chain in every draw, in SDs of the survey; `p` drivers first, then what stands beside, M and Y.

    Effects, each of shape (draws + 1, p), the estimate first: indirect, std_indirect, direct, std_direct.
    """

    covariances: Array
    p: int

    @cached_property
    def a(self) -> Array:
        """Coefficients of the drivers on the mediator."""
        return _solved(self.covariances[:, : self.p, : self.p], self.covariances[:, : self.p, -2])

    @cached_property
    def paths(self) -> Array:
        """Coefficients of everything on the consequence, the mediator last."""
        return _solved(self.covariances[:, :-1, :-1], self.covariances[:, :-1, -1])

    @cached_property
    def effects(self) -> dict[str, Array]:
        """Effects in units of the survey's SDs, and in those of each draw."""
        indirect, direct = self.a * self.paths[:, -1:], self.paths[:, : self.p]
        sd = np.sqrt(np.diagonal(self.covariances, axis1=1, axis2=2))
        x, y = sd[:, : self.p], sd[:, -1:]
        return {"indirect": indirect, "std_indirect": indirect * x / y, "direct": direct, "std_direct": direct * x / y}

    def percentiles(self) -> dict[str, Ends]:
        """Ends of the 95 % percentile intervals over the draws."""
        return {name: (*np.percentile(draws[1:], [2.5, 97.5], axis=0),) for name, draws in self.effects.items()}

    def bca(self, scores: Array, clusters: NDArray[np.int64] | None) -> dict[str, Ends]:
        """Ends of the 95 % BCa intervals, from what each respondent does to the effects."""
        p, a, b = self.p, self.a[0], self.paths[0, -1:]
        z = (scores - scores.mean(axis=0)) / scores.std(axis=0)
        pull_a = z[:, :p] @ np.linalg.inv(self.covariances[0, :p, :p]) * (z[:, -2] - z[:, :p] @ a)[:, None]
        rest = z[:, -1] - z[:, :-1] @ self.paths[0]
        pulls = z[:, :-1] @ np.linalg.inv(self.covariances[0, :-1, :-1]) * rest[:, None]
        influence = {"indirect": pull_a * b + a * pulls[:, -1:], "direct": pulls[:, :p]}
        shifts = square_shift(scores[:, :p]) - square_shift(scores[:, -1:])
        for name in ("indirect", "direct"):
            influence[f"std_{name}"] = influence[name] + self.effects[f"std_{name}"][0] / 2 * shifts
        return {name: _bca(draws, influence[name], clusters) for name, draws in self.effects.items()}


def _rows(
    fit: Fit, chain: tuple[str, str, tuple[str, ...]], found: _Paths, ends: Mapping[str, Ends], spread: Array
) -> list[dict[str, Any]]:
    """Rows of one chain, in units of the answers."""
    outcome, through, _ = chain
    drivers, scale = fit.model.drivers[through], spread[-1] / spread[: found.p]
    effect = {name: draws[0] for name, draws in found.effects.items()}
    low, high = ({name: pair[side] for name, pair in ends.items()} for side in (0, 1))
    truth = _true_products(fit.model, outcome, through)
    return [{"outcome": outcome, "mediator": through, "term": driver, "indirect": effect["indirect"][j] * scale[j],
             "low": low["indirect"][j] * scale[j], "high": high["indirect"][j] * scale[j],
             "std_indirect": effect["std_indirect"][j], "std_low": low["std_indirect"][j],
             "std_high": high["std_indirect"][j], "truth_std": truth.get(driver, float("nan")),
             "to_mediator": found.a[0, j] * spread[-2] / spread[j],
             "from_mediator": found.paths[0, -1] * spread[-1] / spread[-2], "direct": effect["direct"][j] * scale[j],
             "direct_low": low["direct"][j] * scale[j], "direct_high": high["direct"][j] * scale[j],
             "total": (effect["indirect"][j] + effect["direct"][j]) * scale[j], "std_direct": effect["std_direct"][j],
             "std_direct_low": low["std_direct"][j], "std_direct_high": high["std_direct"][j],
             "std_total": effect["std_indirect"][j] + effect["std_direct"][j],
             "interval": BCA if fit.drawn_covariances is None else MONTE_CARLO}
            for j, driver in enumerate(drivers)]  # fmt: skip


def _solved(left: Array, right: Array) -> Array:
    """Coefficients in every draw; a draw in which drivers happen to coincide takes the shortest."""
    try:
        return np.asarray(np.linalg.solve(left, right[:, :, None])[:, :, 0], dtype=np.float64)
    except np.linalg.LinAlgError:
        return np.asarray((np.linalg.pinv(left, hermitian=True) @ right[:, :, None])[:, :, 0], dtype=np.float64)


def _bca(draws: Array, influence: Array, clusters: NDArray[np.int64] | None) -> Ends:
    """Ends of the 95 % BCa interval; the first draw is the estimate, shapes (draws + 1, p) and (n, p)."""
    if clusters is not None:
        influence = np.array([np.bincount(clusters, column) for column in influence.T]).T
    estimate, drawn = draws[0], draws[1:]
    few = 0.5 / len(drawn)
    below = np.clip((drawn < estimate).mean(axis=0), few, 1 - few)
    bias = stats.norm.ppf(below)
    acceleration = (influence**3).sum(axis=0) / np.maximum(6 * (influence**2).sum(axis=0) ** 1.5, 1e-300)
    ends = []
    reach = reach_of(0 if clusters is None else len(influence))
    for z in (-reach, reach):
        room = 1 - acceleration * (bias + z)  # none is left so far out: the outermost draw
        share = np.where(room > 0, stats.norm.cdf(bias + (bias + z) / np.where(room > 0, room, 1.0)), float(z > 0))
        ends.append(np.array([np.quantile(drawn[:, j], share[j]) for j in range(len(estimate))]))
    return ends[0], ends[1]


def _true_products(model: StudyModel, outcome: str, through: str) -> dict[str, float]:
    """Standardised truths of both equations multiplied, where a simulator knows them."""
    if model.truth is None or model.truth.units != "standardised":
        return {}
    known = model.truth.coefficients.get(EVERYONE, {})
    second = known.get(outcome, {})
    if set(second) != {through}:  # a consequence with other true drivers has direct effects
        return {}
    return {driver: value * second[through] for driver, value in known.get(through, {}).items()}


def _paragraph(outcome: str, through: str, rows: pd.DataFrame) -> str:
    names = {"outcome": label(outcome), "mediator": label(through)}
    ordered = rows.sort_values("std_indirect", ascending=False, kind="stable", key=abs)
    parts = [f"{label(row['term'])} {_two(row['std_indirect'])} [{_two(row['std_low'])}; {_two(row['std_high'])}]"
             for row in ordered.to_dict("records")]  # fmt: skip
    low, high = (rows[f"direct_{end}"].fillna(rows[f"std_direct_{end}"]) for end in ("low", "high"))
    past = rows[(low > 0) | (high < 0)]["term"]
    words = told("Through {mediator} on {outcome}, SD per SD [95 % BCa interval]: {parts}.")
    if (rows["interval"] == MONTE_CARLO).all():
        words = told("Through {mediator} on {outcome}, SD per SD [95 % Monte Carlo interval, answers taken as normal]: "
                     "{parts}.")  # fmt: skip
    what = tell(words, **names, parts=", ".join(parts))
    if past.empty:
        return what + " " + tell("No driver is shown to reach {outcome} past {mediator}.", **names)
    drivers = ", ".join(map(label, past))
    return what + " " + tell("Past {mediator}, {outcome} also goes with {drivers}, or the scale of {mediator} is too "
                             "unreliable to carry all that passes through it.", **names, drivers=drivers)  # fmt: skip


def _two(value: float) -> str:
    return marked(f"{value:z.2f}")
