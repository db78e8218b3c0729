"""Whether the items measure what the scales say: confirmatory factor analysis of all scales at once.

Every scale is a construct that its items, and no others, load on; all constructs covary.  From the fit:

    omega    (sum l)^2 f / ((sum l)^2 f + sum t)    raw loadings l, construct variance f, residuals t    McDonald (1999)
    cr       the same with standardised loadings                                                        Joereskog (1971)
    ave      mean squared standardised loading                                                 Fornell & Larcker (1981)
    ave_raw  sum of l^2 f / (sum of l^2 f + sum of t), as some programs have it

By `wlsmv` all of them but alpha are those of the variables behind the answers: what the scales would be worth on a fine
scale (ordinal omega; Zumbo, Gadermann & Zeisser 2007), not what their means are worth.
Unlike those of `scales`, which fits every scale alone, two items are enough here.  Two constructs are told apart
(Fornell & Larcker 1981) when the AVE of both is above the square of their correlation.  With groups, the steps of
invariance say whether the groups read the items alike.  `fit_cfa` is a verb of the front door; `survey` calls it for
studies with structural equations.
"""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from touchsim.equations.doubts import read_with_care
from touchsim.equations.fitting import Fitted
from touchsim.equations.invariance import Invariance, measurement_invariance
from touchsim.equations.sample import sample_of
from touchsim.errors import BadInput, Finding, verb
from touchsim.languages import ENGLISH, language
from touchsim.study.care import Careful
from touchsim.study.caution import Caution
from touchsim.study.columns import Answers
from touchsim.study.latent import (
    answers_and_model,
    beside_cautions,
    equations_of,
    estimator_of,
    fit_columns,
    items_of_equations,
    misfit_of,
    system_fit,
)
from touchsim.study.model import StudyModel
from touchsim.study.scales import htmt_table, raw_alpha

__all__ = ["LOADINGS", "Measurement", "fit_cfa", "measurement_of"]

LOADINGS = ["construct", "item", "estimate", "std_error", "statistic", "p_value", "low", "high", "std", "std_std_error",
            "std_low", "std_high", "r2"]  # fmt: skip
RELIABILITY = ["construct", "items", "n", "alpha", "omega", "cr", "ave", "ave_raw"]
APART = ["a", "b", "correlation", "squared", "ave_a", "ave_b", "apart", "htmt", "htmt2"]
MODELS = ["model", "n", "chi2", "chi2_df", "chi2_p", "chi2_scaled", "cfi", "tli", "rmsea", "rmsea_low", "rmsea_high",
          "srmr", "aic", "bic", "chi2_difference", "df_difference", "p_difference", "cfi_difference"]  # fmt: skip
LOW_AVE = 0.5


@dataclass(frozen=True)
class Measurement(Careful):
    """A confirmatory factor analysis and what it says of the scales.

    Attributes
    ----------
    fit : Fitted
        Every parameter, index and doubt.
    loadings : DataFrame
        construct, item, estimate, std_error, statistic, p_value, low, high, std, std_std_error, std_low, std_high, r2.
    reliability : DataFrame
        construct, items, n, alpha, omega, cr, ave (standardised metric), ave_raw; see the module.
    discriminant : DataFrame
        Each pair of constructs: a, b, correlation, squared, ave_a, ave_b, apart (Fornell-Larcker), htmt, htmt2.
    invariance : Invariance or None
        Configural, metric and scalar models of the groups.
    cautions : tuple of Caution
        What stands against the answers.
    """

    fit: Fitted
    loadings: pd.DataFrame
    reliability: pd.DataFrame
    discriminant: pd.DataFrame
    invariance: Invariance | None = None
    cautions: tuple[Caution, ...] = ()

    @property
    def indices(self) -> Mapping[str, float]:
        """Fit as a whole; see `equations.indices`."""
        return self.fit.indices

    @property
    def models(self) -> pd.DataFrame:
        """The CFA and each step of invariance: model, n, indices, and the difference from the step before."""
        first = {"model": "cfa", "n": self.fit.sample.n, **fit_columns(self.fit)}
        steps: list[dict[str, Any]] = []
        for row in self.invariance.table.to_dict("records") if self.invariance else []:
            fit = self.invariance.fits[str(row["model"])] if self.invariance else self.fit
            differences = {str(name): value for name, value in row.items() if str(name).endswith("_difference")}
            differences["p_difference"] = row["p_difference"]
            steps.append({"model": row["model"], "n": fit.sample.n, **fit_columns(fit), **differences})
        return pd.DataFrame([first, *steps], columns=MODELS)

    @property
    def fornell_larcker(self) -> pd.DataFrame:
        """The table of papers: square roots of AVE on the diagonal, correlations below, shape (v, v)."""
        names = [name for name in self.reliability["construct"] if name in self.fit.equations.measurement]
        ave = self.reliability.set_index("construct")["ave"]
        found = self.fit.construct_correlations().loc[names, names]
        for i, a in enumerate(names):
            for b in names[i:]:
                found.loc[a, b] = ave[a] ** 0.5 if a == b else float("nan")
        return found

    @property
    def text(self) -> str:
        """A sentence on fit, one on the weakest scale, and the two gravest doubts."""
        with language(ENGLISH):
            return f"{self.words} {read_with_care(self.doubts, '.doubts')}".rstrip()

    @property
    def words(self) -> str:
        """A sentence on fit and one on the weakest scale, made from the tables."""
        weak = self.reliability.dropna(subset=["ave"]).sort_values("ave").head(1).to_dict("records")
        least = f" Lowest AVE: {weak[0]['construct']} ({weak[0]['ave']:.2f}, CR {weak[0]['cr']:.2f})." if weak else ""
        return self.fit.words + least

    @property
    def doubts(self) -> tuple[str, ...]:
        """Sentences to read first."""
        found = [*self.fit.doubts, *misfit_of(self.fit)]
        weak = self.reliability[self.reliability["ave"] < LOW_AVE]
        if len(weak):
            names = ", ".join(f"{row['construct']} {row['ave']:.2f}" for row in weak.to_dict("records"))
            found.append(f"items hold more error than construct (AVE below {LOW_AVE:.2f}): {names}")
        close = self.discriminant[~self.discriminant["apart"].astype(bool)]
        if len(close):
            pairs = [f"{row['a']} and {row['b']} ({row['correlation']:.2f})" for row in close.to_dict("records")]
            more = f" and {len(pairs) - 3} more" if len(pairs) > 3 else ""  # noqa: PLR2004
            found.append("discriminant validity fails (squared correlation above an AVE, Fornell & Larcker 1981): "
                         f"{', '.join(pairs[:3])}{more}")  # fmt: skip
        if self.invariance:
            found += [f"configural: {doubt}" for doubt in misfit_of(self.invariance.fits["configural"])]
            found += self.invariance.doubts
        return beside_cautions(found, self.cautions)

    def _repr_html_(self) -> str:
        doubts = "".join(f"<li>{html.escape(sentence)}</li>" for sentence in self.doubts)
        shown = self.loadings[["construct", "item", "std", "std_low", "std_high", "r2"]]
        tables = "".join(table.to_html(index=False, float_format="{:.3f}".format, na_rep="")
                         for table in (shown, self.reliability))  # fmt: skip
        return f"<p>{html.escape(self.words)}</p>{tables}<ul>{doubts}</ul>"


@verb
def fit_cfa(
    answers: pd.DataFrame,
    model: StudyModel | Mapping[str, Any] | str | Path | None = None,
    *,
    estimator: str | None = None,
    invariance: bool = False,
) -> Measurement:
    """Hold the scales of a model against the answers.

    Parameters
    ----------
    answers : DataFrame, shape (respondents, columns)
        A survey, simulated or real.
    model : StudyModel, mapping or path, optional
        Its ``scales``; a mapping needs no ``drivers`` here.  By default the model that a survey from ``ask`` carries.
    estimator : {"ml", "mlr", "wlsmv"}, optional
        Maximum likelihood; with errors and chi2 that do not take answers as normal; or with every item as a cut of a
        normal variable (up to 15 answers).  By default what the model's estimator says, else ml.
    invariance : bool
        Fit configural, metric and scalar models to the groups of the model's column ``groups``, too.

    Returns
    -------
    Measurement
        Frozen; ``.loadings``, ``.reliability``, ``.discriminant``, ``.indices``, ``.invariance``, ``.text``,
        ``.doubts``.

    Raises
    ------
    BadInput
        With every finding about model, columns and answers; no scale of two items or more; invariance without
        groups, or with wlsmv.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(1)
    >>> items = rng.normal(size=(500, 1)) + rng.normal(size=(500, 4))
    >>> names = ["T1", "T2", "T3", "T4"]
    >>> cfa = fit_cfa(pd.DataFrame(items, columns=names), {"scales": {"trust": names}})
    >>> cfa.reliability[["construct", "cr", "ave"]].round(2).values.tolist()
    [['trust', 0.78, 0.47]]
    """
    complete, study, cautions = answers_and_model(answers, model)
    return replace(measurement_of(complete, study, estimator_of(study, estimator), invariance=invariance),
                   cautions=cautions)  # fmt: skip


def measurement_of(answers: Answers, model: StudyModel, way: str, *, invariance: bool) -> Measurement:
    """Fit the scales of a model to complete answers; see `fit_cfa`."""
    equations = equations_of(model, structure=False) if any(len(items) > 1 for items in model.scales.values()) else None
    if equations is None:
        raise BadInput(Finding("scales", "must hold a scale of two items or more"))
    if invariance and answers.group is None:
        raise BadInput(Finding("groups", "must name a column, to compare how groups read the items"))
    if invariance and way == "wlsmv":
        raise BadInput(Finding("invariance", "is tested by ml and mlr only", got=way, hint='estimator="mlr"'))
    items = items_of_equations(answers, model, equations)
    fit = system_fit(sample_of(items, equations.observed), equations, way)
    steps = None
    if invariance and answers.group is not None:
        sample = sample_of(items, equations.observed, list(answers.group))
        steps = measurement_invariance(sample, equations, robust=way == "mlr")
    reliability = _reliability(fit, answers, model)
    return Measurement(fit, _loadings(fit), reliability, _discriminant(fit, reliability, answers, model), steps)


def _loadings(fit: Fitted) -> pd.DataFrame:
    share = fit.r_squared.set_index("variable")["r2"]
    return fit.loadings.assign(r2=fit.loadings["item"].map(share))[LOADINGS]


def _reliability(fit: Fitted, answers: Answers, model: StudyModel) -> pd.DataFrame:
    value = fit.table.set_index("name")["estimate"]
    rows = []
    for name, items in fit.equations.measurement.items():
        mine = fit.loadings[fit.loadings["construct"] == name]
        factor = float(value[f"{name}~~{name}"])
        rest = value[[f"{item}~~{item}" for item in items]].to_numpy(float)
        loadings, std = mine["estimate"].to_numpy(float), mine["std"].to_numpy(float)
        common, one = loadings.sum() ** 2 * factor, (loadings**2).sum() * factor
        rows.append({
            "construct": name, "items": len(items), "n": fit.sample.n,
            "alpha": raw_alpha(answers.items[list(model.items_of(name))].to_numpy(float)),
            "omega": common / (common + rest.sum()), "cr": std.sum() ** 2 / (std.sum() ** 2 + (1 - std**2).sum()),
            "ave": (std**2).mean(), "ave_raw": one / (one + rest.sum()),
        })  # fmt: skip
    return pd.DataFrame(rows, columns=RELIABILITY)


def _discriminant(fit: Fitted, reliability: pd.DataFrame, answers: Answers, model: StudyModel) -> pd.DataFrame:
    between = fit.construct_correlations()
    ave = {str(row["construct"]): float(row["ave"]) for row in reliability.to_dict("records")}
    rows = []
    for row in htmt_table(answers.items, model.scales).to_dict("records"):
        a, b = str(row["a"]), str(row["b"])
        r = float(between[b][a])
        rows.append({
            "a": a, "b": b, "correlation": r, "squared": r**2, "ave_a": ave[a], "ave_b": ave[b],
            "apart": r**2 < min(ave[a], ave[b]), "htmt": row["htmt"], "htmt2": row["htmt2"],
        })  # fmt: skip
    return pd.DataFrame(rows, columns=APART)
