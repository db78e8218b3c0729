"""What a fit holds: a row for each driver, a row for each equation, the sentences of warning, and how they are told.

Built by `drivers` (from answers) and by `moments` (from a published table); read by `importance`, `blocks`, `survey`,
pictures and reports.  The intercept is in `Fit.results`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from touchsim.languages import ENGLISH, language, marked, tell, told
from touchsim.study.adjustment import ADJUSTED
from touchsim.study.care import Careful
from touchsim.study.caution import EVERYONE, Caution, said
from touchsim.study.columns import Answers
from touchsim.study.estimators import Estimate, statsmodels_results, variance_inflation
from touchsim.study.latent import FIT_COLUMNS
from touchsim.study.model import CLASSICAL, LATENT, NORMAL, STRUCTURAL, StudyModel
from touchsim.vocabulary import in_its_names, label, signed

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from touchsim.equations.fitting import Fitted
    from touchsim.study.parallel import Parallel

__all__ = ["COEFFICIENTS", "ESTIMATORS", "R2_KINDS", "SUMMARY", "Fit", "coefficient_rows", "equation_row", "rows_of",
           "warnings_of"]  # fmt: skip

ESTIMATORS = {"ols": told("least squares, HC3"), "ordered_logit": told("ordered logit"), "logit": told("logit"),
              "ordered_probit": told("ordered probit"), "probit": told("probit"), "quantile": told("median regression"),
              "mixed": told("random intercepts by cluster, REML"),
              "sem": told("structural equations, maximum likelihood"),
              "sem_mlr": told("structural equations, robust maximum likelihood"),
              "sem_wlsmv": told("structural equations of ordinal items, WLSMV"),
              "corrected": told("least squares corrected for unreliability")}  # fmt: skip
FROM_TABLES = {CLASSICAL: told("least squares from a published table"),
               NORMAL: told("least squares corrected for unreliability, from a published table"),
               STRUCTURAL: told("structural equations, maximum likelihood, from a published table")}  # fmt: skip
"""Kind of the errors to the way in which a published table was refitted."""

R2_KINDS = {**dict.fromkeys(LATENT, "McFadden R2"), "quantile": "Koenker-Machado R1", "mixed": "marginal R2"}
"""Estimator to the kind of r2 that stands in its row, where it is not that of least squares."""
COEFFICIENTS = ["outcome", "term", "group", "estimate", "std_error", "statistic", "p_value", "low", "high", "std_beta",
                "std_low", "std_high", "truth", "truth_std", "vif", *ADJUSTED, "fmi"]  # fmt: skip
SUMMARY = ["outcome", "group", "n", "n_rows", "n_lost", "r2", "adj_r2", "cov_type", "estimator", "estimand", "warnings",
           *FIT_COLUMNS, "icc"]  # fmt: skip


@dataclass(frozen=True)
class Fit(Careful):
    """Regressions of every outcome of a model, for everyone and for each group.

    Attributes
    ----------
    model : StudyModel
    answers : Answers
        The complete rows behind the fit.
    table : DataFrame
        One row for each outcome, group and driver: outcome, term, group, estimate, std_error, statistic, p_value, low,
        high (95 %, units of the scores), std_beta, std_low, std_high (SD per SD), truth, truth_std, vif, p_holm, p_bh
        (adjusted over all drivers of all outcomes in the group), fmi (fraction of missing information, imputed only).
    summary : DataFrame
        One row for each outcome and group: n, n_rows, n_lost, r2, adj_r2, cov_type, estimator, estimand, warnings; then
        the indices of structural equations, the same for every outcome of a group; icc of a mixed model.
    estimates : dict
        (outcome, group) to `Estimate`.
    scales, htmt : DataFrame
        Reliability of the constructs, and how far they are told apart.
    cautions : tuple of Caution
    drawn : callable or None
        Of a published table: names, number and seed to draws of their correlation matrix, the published one first, and
        the share of the draws that others stand in for.
    drawn_covariances : callable or None
        Of a published table by least squares: the same draws as covariances of the scores.
    systems : dict
        Of structural equations: group to `Fitted`.
    imputed : tuple of Fit
        Of imputed surveys: the fit of each imputation; `answers` and `results` are those of the first.
    observed : DataFrame or None
        Of imputed surveys: the items as they were answered, gaps and all.
    parallel : dict
        Of ordered regressions: (outcome, group) to the slopes at each threshold and their test.
    unstated : tuple of str
        Which of "mean" and "sd" a published table does not state: what stands in their units is null in the tables.
    """

    model: StudyModel
    answers: Answers
    table: pd.DataFrame
    summary: pd.DataFrame
    estimates: Mapping[tuple[str, str], Estimate]
    scales: pd.DataFrame
    htmt: pd.DataFrame
    cautions: tuple[Caution, ...]
    drawn: Callable[[list[str], int, int], tuple[NDArray[np.float64], float] | None] | None = None
    systems: Mapping[str, Fitted] = field(default_factory=dict)
    imputed: tuple[Fit, ...] = ()
    observed: pd.DataFrame | None = None
    parallel: Mapping[tuple[str, str], Parallel] = field(default_factory=dict)
    unstated: tuple[str, ...] = ()
    drawn_covariances: Callable[[list[str], int, int], NDArray[np.float64]] | None = None

    def __post_init__(self) -> None:
        signed(self.model.names_its_own, self.table, self.summary, self.scales, self.htmt)

    @property
    def of_table(self) -> bool:
        """Whether it was fitted to a published table: answers are those of a twin then, with its moments only."""
        return bool({CLASSICAL, NORMAL, STRUCTURAL} & {*self.summary["cov_type"]})

    @property
    def items_as_answered(self) -> pd.DataFrame:
        """Items with nothing filled in, shape (n, items)."""
        return self.answers.items if self.observed is None else self.observed

    @property
    def results(self) -> dict[str, Any]:
        """Outcome to its statsmodels results object, for everyone."""
        return {outcome: self.results_of(outcome) for outcome in self.model.drivers}

    def results_of(self, outcome: str, group: str = EVERYONE) -> Any:
        """Return the statsmodels results object of one equation, e.g. for ``.summary()``; errors without clusters.

        Structural equations have one object for all outcomes: their `Fitted`.  A corrected regression is none of
        statsmodels: its `Estimate`.
        """
        if self.systems:
            return self.systems[group]
        if self.model.estimator == "corrected":
            return self.estimates[outcome, group]
        scores = self.scores_of(group)
        clusters = None if self.answers.cluster is None else self.answers.cluster.iloc[scores.index]
        return statsmodels_results(self.model.estimator, scores[outcome], scores[list(self.model.drivers[outcome])],
                                   clusters)  # fmt: skip

    def items_of(self, names: Iterable[str], group: str = EVERYONE) -> list[NDArray[np.float64]]:
        """Items of each construct in the rows of a group, shape (n, k) each."""
        items = self.answers.items.loc[self.scores_of(group).index]
        return [items[list(self.model.items_of(name))].to_numpy(float) for name in names]

    def scores_of(self, group: str = EVERYONE) -> pd.DataFrame:
        """Scores of the rows of a group, shape (n, constructs)."""
        return rows_of(self.answers, group)

    def clusters_of(self, group: str = EVERYONE) -> NDArray[np.int64] | None:
        """Cluster of each row of a group, 0 .. G-1, shape (n,), for the bootstrap.

        None where the model names none, all rows are in one, or nothing is resampled (structural equations).
        """
        if self.answers.cluster is None or self.systems:
            return None
        names = self.answers.cluster.iloc[self.scores_of(group).index].to_numpy().astype(str)
        found = np.unique(names, return_inverse=True)[1].astype(np.int64)
        return found if len(found) and found.max() > 0 else None

    def n_clusters_of(self, group: str = EVERYONE) -> int:
        """Number of clusters in a group; 0 where rows are taken as independent."""
        found = self.clusters_of(group)
        return 0 if found is None else int(found.max()) + 1

    @property
    @in_its_names
    def text(self) -> str:
        """A paragraph for each outcome, made from the table, and the two gravest warnings; all are in `warnings`."""
        return self._with_care(self.words, besides=("shares",))

    @property
    @in_its_names
    def words(self) -> str:
        """A paragraph for each outcome alone."""
        everyone = self.summary[self.summary["group"] == EVERYONE].to_dict("records")
        return "\n".join(_paragraph(self.table, row) for row in everyone)

    @in_its_names
    def plot(self, ax: Axes | None = None, *, outcome: str | None = None, group: str = EVERYONE) -> Axes:
        """Draw the standardised coefficients of an outcome (the first one by default) with intervals and truth."""
        from touchsim.plots.drivers import plot_coefficients

        name = outcome or next(iter(self.model.drivers))
        estimand = self.model.truth.estimand if self.model.truth else ""
        ax = plot_coefficients(self.table, outcome=name, group=group, estimand=estimand, ax=ax)
        return self._noted(ax, name, group)

    def _repr_html_(self) -> str:
        shown = self.table[["outcome", "term", "group", "std_beta", "std_low", "std_high", "p_value", "vif"]]
        return str(shown.to_html(index=False, float_format="{:.3f}".format, na_rep="")) + self._listed()


def rows_of(answers: Answers, group: str) -> pd.DataFrame:
    """Scores of the rows of a group."""
    if group == EVERYONE or answers.group is None:
        return answers.scores
    return answers.scores.loc[np.asarray(answers.group == group)]


def coefficient_rows(
    model: StudyModel, scores: pd.DataFrame, outcome: str, group: str, fit: Estimate
) -> list[dict[str, Any]]:
    """Rows of ``coefficients.csv`` of one equation."""
    drivers = model.drivers[outcome]
    vif = variance_inflation(scores[list(drivers)].to_numpy())
    known = model.truth.coefficients.get(group, {}).get(outcome, {}) if model.truth else {}
    rows = []
    for j, driver in enumerate(drivers):
        scale = scores[driver].std() / scores[outcome].std()
        if model.estimator != "ols":
            scale = fit.std_beta[j] / fit.coefficients[j] if fit.coefficients[j] else float("nan")
        value = known.get(driver, float("nan"))
        raw = model.truth is not None and model.truth.units == "raw"
        truth, truth_std = (value, value * scale) if raw else (value / scale, value)
        rows.append({
            "outcome": outcome, "term": driver, "group": group, "estimate": fit.coefficients[j],
            "std_error": fit.std_error[j], "statistic": fit.statistic[j], "p_value": fit.p_value[j],
            "low": fit.low[j], "high": fit.high[j], "std_beta": fit.std_beta[j], "std_low": fit.std_low[j],
            "std_high": fit.std_high[j], "truth": truth, "truth_std": truth_std, "vif": vif[j], "fmi": float("nan"),
        })  # fmt: skip
    return rows


def equation_row(
    model: StudyModel, answers: Answers, outcome: str, group: str, fit: Estimate | None, cautions: list[Caution]
) -> dict[str, Any]:
    """Row of ``fit.csv`` of one equation, with every warning about it, those about the whole survey included."""
    everyone = group == EVERYONE
    knows = model.truth is not None and outcome in model.truth.coefficients.get(group, {})
    n, nothing = len(rows_of(answers, group)), float("nan")
    return {
        "outcome": outcome, "group": group, "n": n, "n_rows": answers.n_rows if everyone else n,
        "n_lost": answers.n_lost if everyone else 0, "r2": fit.r2 if fit else nothing,
        "adj_r2": fit.adj_r2 if fit else nothing, "cov_type": fit.cov_type if fit else "", "estimator": model.estimator,
        "estimand": model.truth.estimand if knows and model.truth else "",
        "warnings": warnings_of(cautions, outcome, group),
        "icc": fit.icc if fit else nothing,
    }  # fmt: skip


def warnings_of(cautions: Iterable[Caution], outcome: str, group: str) -> str:
    """Every warning about one equation, in English: a table is the same in every language."""
    with language(ENGLISH):
        here = [said(caution) for caution in cautions if caution.outcome in (None, outcome) and (
            caution.group == group or (caution.group is None and (group == EVERYONE or caution.about != "reading")))]
    return " ".join(dict.fromkeys(here))


def _paragraph(table: pd.DataFrame, row: Mapping[Any, Any]) -> str:
    """One outcome among everyone, strongest driver first."""
    kind = R2_KINDS.get(row["estimator"], "R2")
    fit = f", {kind} = {_two(row['r2'])}" if np.isfinite(row["r2"]) else ""
    what = f"{label(row['outcome'])} ({_way(row['estimator'], row['cov_type'])}; n = {row['n']}{fit})"
    what = what[0].upper() + what[1:]
    terms = table[(table["outcome"] == row["outcome"]) & (table["group"] == EVERYONE)].sort_values(
        "std_beta", ascending=False, kind="stable", key=abs
    )
    if terms["std_beta"].isna().all():
        return tell("{what}: no estimate.", what=what)
    parts = [f"{label(term['term'])} {_two(term['std_beta'])} [{_two(term['std_low'])}; {_two(term['std_high'])}]"
             for term in terms.to_dict("records")]  # fmt: skip
    open_ones = terms[(terms["std_low"] <= 0) & (terms["std_high"] >= 0)]["term"]
    names = ", ".join(map(label, open_ones))
    unsure = " " + tell("The interval of {names} includes zero.", names=names) if names else ""
    told_parts = ", ".join(parts)
    return tell("{what}; standardised coefficients [95 % interval]: {parts}.", what=what, parts=told_parts) + unsure


def _way(estimator: str, cov_type: str) -> str:
    """Estimator with the errors that it has here: those of clusters where it has them."""
    if cov_type in FROM_TABLES:
        return tell(FROM_TABLES[cov_type])
    kind, many = re.fullmatch(r"(.*?)(?:, (\d+) imputations)?", cov_type, re.DOTALL).groups()  # type: ignore[union-attr]
    way = tell(ESTIMATORS[estimator] if estimator != "ols" or kind == "HC3" else told("least squares"))
    if (by := re.fullmatch(r"(CR\d) by (.*)", kind, re.DOTALL)) is not None:
        way = tell("{way}, {kind} by {clusters}", way=way, kind=by[1], clusters=by[2])
    return f"{way}, {tell('{n} imputations', n=many)}" if many else way


def _two(value: float) -> str:
    return marked(f"{value:z.2f}")
