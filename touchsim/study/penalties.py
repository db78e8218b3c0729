"""What a low rating costs and what a high one brings: penalty-reward contrasts (Brandt 1987).

    y = a + sum_j (p_j low_j + r_j high_j) + e     HC3 covariance (of clusters, where the model names some), t intervals

low_j and high_j are 1 where the score of driver j lies at least half an SD below or above its mean (or beyond cuts that
are given); the middle is what they are held against.  p_j < 0 is the penalty, r_j > 0 the reward.  Low and high ratings
are rarely equally far from the middle, and then even a straight line gives unequal contrasts.  So what is compared is
the slope on either side,

    asymmetry_j = r_j / (mean high - mean middle) - (-p_j) / (mean middle - mean low)

The words of Kano (1984) follow from intervals only; an interval that includes zero forbids every class that needs that
effect, and a class that says "little or no effect" needs more than an interval with zero in it:

    must-be           the penalty excludes zero, and per point it is more than twice the reward, with 95 % confidence
    attractive        the reward excludes zero, and per point it is more than twice the penalty, likewise
    one-dimensional   penalty and reward exclude zero, and neither is surely more than twice the other
    indifferent       neither excludes zero, and both intervals lie within a tenth of an SD of the outcome
    reverse           a low rating goes with a better outcome, or a high one with a worse, and nothing speaks against it
    (empty)           undecided: more answers, or another question, would be needed

Called by the reader.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from touchsim.errors import BadInput, Finding, nearest, verb
from touchsim.languages import marked, tell
from touchsim.study.care import Careful
from touchsim.study.caution import EVERYONE, Caution
from touchsim.study.drivers import fit_drivers
from touchsim.study.estimators import Estimate
from touchsim.study.model import StudyModel, model_of
from touchsim.vocabulary import KANO, in_its_names, label, signed

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["PenaltyReward", "penalty_reward"]

Array = NDArray[np.float64]
COLUMNS = ["outcome", "term", "low_cut", "high_cut", "n_low", "n_middle", "n_high", "penalty", "penalty_low",
           "penalty_high", "reward", "reward_low", "reward_high", "asymmetry", "asymmetry_low", "asymmetry_high",
           "kind"]  # fmt: skip
HALF_AN_SD, NEGLIGIBLE, TWICE = 0.5, 0.1, 2.0
"""Assumptions: where low and high begin (SD of the driver), what is too small to matter (SD of the outcome), and how
many times the other slope a slope must be, for one side to count alone (a bend inside the middle leaks into both)."""

LEAST_IN_A_CLASS = 10
OF_OTHERS = ("interval", "truth")
"""Cautions about the ordinary regression that say nothing of contrasts."""


@dataclass(frozen=True)
class PenaltyReward(Careful):
    """Contrasts of low and high ratings against the middle.

    Attributes
    ----------
    table : DataFrame
        A row for each driver: outcome, term, low_cut, high_cut (scores at or beyond count as low, high), n_low,
        n_middle, n_high, penalty, penalty_low, penalty_high, reward, reward_low, reward_high (95 %, points of the
        outcome), asymmetry, asymmetry_low, asymmetry_high (slope above less slope below the middle, points per point),
        kind (must_be, one_dimensional, attractive, indifferent, reverse; empty where undecided).
    cautions : tuple of Caution
    """

    table: pd.DataFrame
    cautions: tuple[Caution, ...]

    @property
    @in_its_names
    def words(self) -> str:
        """Say the class of each driver with both contrasts, then which stay undecided and why."""
        rows = self.table.to_dict("records")
        classed = [tell("{driver} {kind} (low {penalty}, high {reward})", driver=label(row["term"]),
                        kind=label(row["kind"], KANO), penalty=_effect(row, "penalty"), reward=_effect(row, "reward"))
                   for row in rows if row["kind"]]  # fmt: skip
        parts = "; ".join(classed) or tell("no driver can be classed")
        sentence = tell("Penalties and rewards of {outcome}, low and high ratings against the middle in points [95 % "
                        "interval]: {parts}.", outcome=label(rows[0]["outcome"]), parts=parts)  # fmt: skip
        undecided = ", ".join(label(row["term"]) for row in rows if not row["kind"])
        if undecided:
            sentence += " " + tell("An interval that includes zero forbids a class that needs this effect, so these "
                                   "stay undecided: {drivers}.", drivers=undecided)  # fmt: skip
        return sentence

    @in_its_names
    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw penalties to the left, rewards to the right, with intervals and the class of each driver."""
        from touchsim.plots.penalties import plot_penalties

        return self._noted(plot_penalties(self.table, ax=ax))

    def _repr_html_(self) -> str:
        return str(self.table.to_html(index=False, float_format="{:.3f}".format)) + self._listed()


@verb
def penalty_reward(
    answers: pd.DataFrame,
    model: StudyModel | Mapping[str, Any] | str | Path | None = None,
    outcome: str | None = None,
    *,
    cuts: tuple[float, float] | None = None,
) -> PenaltyReward:
    """Regress an outcome on low and high ratings of its drivers, against the middle.

    Parameters
    ----------
    answers : DataFrame, shape (respondents, columns)
        A survey, simulated or real.
    model : StudyModel, mapping or path, optional
        What to ask of it; by default the model that a survey from ``ask`` carries.  Always least squares, among
        everyone.
    outcome : str, optional
        By default the first one.
    cuts : (float, float), optional
        Scores up to the first are low, from the second on high, for every driver; by default half an SD from the mean
        of each.

    Returns
    -------
    PenaltyReward

    Raises
    ------
    BadInput
        As `fit_drivers`; an outcome that is not there; cuts that are no two numbers in order; gaps that are to
        be imputed; drivers with fewer than ten answers in one of the classes.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> speed, price = rng.normal(size=(2, 2000))
    >>> survey = pd.DataFrame({"speed": speed, "price": price})
    >>> survey["liking"] = np.minimum(speed, 0) + price + 0.5 * rng.normal(size=2000)
    >>> penalty_reward(survey, {"drivers": {"liking": ["speed", "price"]}}).table["kind"].tolist()
    ['must_be', 'one_dimensional']
    """
    given = answers.attrs.get("model") if model is None else model
    if given is None:
        hint = "pass model=..., e.g. {'drivers': {'satisfaction': ['price']}}"
        raise BadInput(Finding("model", "is needed for a survey that brings none", hint=hint))
    study = model_of(given)
    chosen = outcome or next(iter(study.drivers))
    if chosen not in study.drivers:
        like = nearest(chosen, study.drivers)
        raise BadInput(Finding("outcome", "is no outcome of the model", got=chosen, hint=like))
    if cuts is not None and not (len(cuts) == 2 and cuts[0] < cuts[1]):
        raise BadInput(Finding("cuts", "must be two numbers, the lower one first", got=str(cuts)))
    terms = study.drivers[chosen]
    plain = study.model_copy(update={"estimator": "ols", "groups": None, "truth": None, "blocks": {},
                                     "drivers": {chosen: terms}})  # fmt: skip
    fit = fit_drivers(answers, plain)
    if fit.imputed:
        law, way = "penalties and rewards need complete rows: must be listwise", "cuts and classes are not pooled"
        raise BadInput(Finding("missing.how", law, got="impute", hint=way))
    scores = fit.answers.scores
    x, y = scores[list(terms)].to_numpy(dtype=np.float64), scores[chosen].to_numpy(dtype=np.float64)
    lows, highs = _cuts(x, cuts)
    low, high = x <= lows, x >= highs
    counts = np.stack([low.sum(axis=0), (~low & ~high).sum(axis=0), high.sum(axis=0)])
    law, way = f"needs at least {LEAST_IN_A_CLASS} answers each low, middle and high", "pass cuts=..., or leave it out"
    findings = [Finding(f"drivers.{chosen}", f"'{term}' {law}", got=", ".join(map(str, counts[:, j])), hint=way)
                for j, term in enumerate(terms) if counts[:, j].min() < LEAST_IN_A_CLASS]  # fmt: skip
    if findings:
        raise BadInput(findings)
    names = [f"{side} {j}" for side in ("low", "high") for j in range(len(terms))]
    frame = pd.DataFrame(np.hstack([low, high]).astype(float), columns=names).assign(y=y)
    contrasts: dict[str, Any] = {"drivers": {"y": names}}
    if fit.answers.cluster is not None:
        frame["cluster"] = fit.answers.cluster.to_numpy()
        contrasts["clusters"] = "cluster"
    found = fit_drivers(frame, contrasts).estimates["y", EVERYONE]
    margin, p = NEGLIGIBLE * float(y.std(ddof=1)), len(terms)
    rows = [{"outcome": chosen, "term": term, "low_cut": lows[j], "high_cut": highs[j], "n_low": int(counts[0, j]),
             "n_middle": int(counts[1, j]), "n_high": int(counts[2, j]), **_part(found, "penalty", j),
             **_part(found, "reward", p + j), **_asymmetry(found, j, p + j, x[:, j], low[:, j], high[:, j])}
            for j, term in enumerate(terms)]  # fmt: skip
    table = pd.DataFrame([row | {"kind": _kind(row, margin)} for row in rows])[COLUMNS]
    signed(study.names_its_own, table)
    return PenaltyReward(table, tuple(item for item in fit.cautions if item.about not in OF_OTHERS))


def _cuts(x: Array, cuts: tuple[float, float] | None) -> tuple[Array, Array]:
    """Where low ends and high begins, for each driver; never beyond the answers given, so that a ceiling is high."""
    if cuts is not None:
        return np.full(x.shape[1], cuts[0]), np.full(x.shape[1], cuts[1])
    middle, reach = x.mean(axis=0), HALF_AN_SD * x.std(axis=0, ddof=1)
    return np.maximum(middle - reach, x.min(axis=0)), np.minimum(middle + reach, x.max(axis=0))


def _part(found: Estimate, name: str, j: int) -> dict[str, float]:
    return {name: float(found.coefficients[j]), f"{name}_low": float(found.low[j]),
            f"{name}_high": float(found.high[j])}  # fmt: skip


def _asymmetry(
    found: Estimate, j: int, k: int, x: Array, low: NDArray[np.bool_], high: NDArray[np.bool_]
) -> dict[str, Any]:
    """Slope above the middle less slope below it, with the interval of their covariance; distances taken as known.

    The same with one slope counted twice says whether the other is more than twice as steep.
    """
    middle = x[~low & ~high].mean()
    slopes = np.array([1 / (middle - x[low].mean()), 1 / (x[high].mean() - middle)])

    def bounds(below: float, above: float) -> tuple[float, float, float]:
        weights = slopes * [below, above]
        value = float(weights @ found.coefficients[[j, k]])
        error = float(np.sqrt(weights @ found.covariance[np.ix_([j, k], [j, k])] @ weights))
        reach = float(stats.t.ppf(0.975, found.df)) * error
        return value, value - reach, value + reach

    value, lower, upper = bounds(1.0, 1.0)
    return {"asymmetry": value, "asymmetry_low": lower, "asymmetry_high": upper,
            "costs_twice": bounds(1.0, TWICE)[2] < 0, "gains_twice": bounds(TWICE, 1.0)[1] > 0}  # fmt: skip


def _kind(row: Mapping[str, Any], margin: float) -> str:
    """Class of a driver from its intervals; see the module."""
    costs, gains = row["penalty_high"] < 0, row["reward_low"] > 0
    reverse_low, reverse_high = row["penalty_low"] > 0, row["reward_high"] < 0
    if (reverse_low and not gains) or (reverse_high and not costs):
        return "reverse"
    if costs and not reverse_high and row["costs_twice"]:
        return "must_be"
    if gains and not reverse_low and row["gains_twice"]:
        return "attractive"
    if costs and gains:
        return "one_dimensional"
    small = max(abs(row[f"{name}_{end}"]) for name in ("penalty", "reward") for end in ("low", "high")) < margin
    return "indifferent" if small and not costs and not gains else ""


def _effect(row: Mapping[Any, Any], name: str) -> str:
    keys = (name, f"{name}_low", f"{name}_high")
    value, low, high = (marked(f"{round(float(row[key]), 2) + 0.0:+.2f}") for key in keys)
    return f"{value} [{low}; {high}]"
