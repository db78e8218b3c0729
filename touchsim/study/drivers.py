"""What drives an outcome: one regression per outcome and group, with everything that must be read beside it.

    survey + model --columns--> complete answers --estimators--> coefficients --+
                                     |                                         +--> Fit
                                     +--scales, cautions--> reliability, doubts +

`fit_drivers` is the verb; `Fit` holds a row for each driver (raw and standardised coefficient, both with 95 % interval,
VIF, and the truth where a simulator knows it), a row for each equation (n, rows lost, R2, estimator, estimand,
warnings) and the sentences of warning.  The intercept is in `Fit.results`.  What cannot be estimated among everyone is
an error; in one group, a warning, and the others go on.  `importance` and `blocks` build on a Fit; `survey` runs them
all.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from touchsim.errors import BadInput, Finding, verb
from touchsim.languages import ENGLISH, language, marked, tell, told
from touchsim.study.cautions import Caution, collinear_drivers, few_rows, survey_cautions
from touchsim.study.clusters import FEW_CLUSTERS, MOST_REFITS, clustered, ols_without_each, refits_without_each
from touchsim.study.columns import Answers, complete_answers
from touchsim.study.estimators import (
    Estimate,
    dependent_columns,
    estimate,
    no_estimate,
    statsmodels_results,
    variance_inflation,
)
from touchsim.study.latent import FIT_COLUMNS, estimate_of, fit_columns, system_cautions, systems_of
from touchsim.study.model import LOGITS, StudyModel, model_of
from touchsim.study.scales import htmt_table, reliability_table
from touchsim.vocabulary import label

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from touchsim.equations.fitting import Fitted

__all__ = ["CLASSICAL", "COEFFICIENTS", "EVERYONE", "SUMMARY", "Fit", "fit_drivers", "said"]

EVERYONE = "all"
MOST_GROUPS = 20
MOST_LEVELS = 50
MOST_SHOWN = 6
ESTIMATORS = {"ols": told("least squares, HC3"), "ordered_logit": told("ordered logit"), "logit": told("logit"),
              "sem": told("structural equations, maximum likelihood"),
              "sem_mlr": told("structural equations, robust maximum likelihood")}  # fmt: skip
CLASSICAL = "classical, rounding"
COEFFICIENTS = ["outcome", "term", "group", "estimate", "std_error", "statistic", "p_value", "low", "high", "std_beta",
                "std_low", "std_high", "truth", "truth_std", "vif"]  # fmt: skip
SUMMARY = ["outcome", "group", "n", "n_rows", "n_lost", "r2", "adj_r2", "cov_type", "estimator", "estimand", "warnings",
           *FIT_COLUMNS]  # fmt: skip


@dataclass(frozen=True)
class Fit:
    """Regressions of every outcome of a model, for everyone and for each group.

    Attributes
    ----------
    model : StudyModel
    answers : Answers
        The complete rows behind the fit.
    table : DataFrame
        One row for each outcome, group and driver: outcome, term, group, estimate, std_error, statistic, p_value, low,
        high (95 %, units of the scores), std_beta, std_low, std_high (SD per SD), truth, truth_std, vif.
    summary : DataFrame
        One row for each outcome and group: n, n_rows, n_lost, r2, adj_r2, cov_type, estimator, estimand, warnings; then
        the indices of structural equations, the same for every outcome of a group.
    estimates : dict
        (outcome, group) to `Estimate`.
    scales, htmt : DataFrame
        Reliability of the constructs, and how far they are told apart.
    cautions : tuple of Caution
    drawn : callable or None
        Of a published table: names, number and seed to draws of their correlation matrix, the published one first.
    systems : dict
        Of structural equations: group to `Fitted`.
    """

    model: StudyModel
    answers: Answers
    table: pd.DataFrame
    summary: pd.DataFrame
    estimates: Mapping[tuple[str, str], Estimate]
    scales: pd.DataFrame
    htmt: pd.DataFrame
    cautions: tuple[Caution, ...]
    drawn: Callable[[list[str], int, int], NDArray[np.float64]] | None = None
    systems: Mapping[str, Fitted] = field(default_factory=dict)

    @property
    def warnings(self) -> tuple[str, ...]:
        """Sentences of warning, each once."""
        return tuple(dict.fromkeys(said(caution) for caution in self.cautions))

    @property
    def results(self) -> dict[str, Any]:
        """Outcome to its statsmodels results object, for everyone."""
        return {outcome: self.results_of(outcome) for outcome in self.model.drivers}

    def results_of(self, outcome: str, group: str = EVERYONE) -> Any:
        """Return the statsmodels results object of one equation, e.g. for ``.summary()``; errors without clusters.

        Structural equations have one object for all outcomes: their `Fitted`.
        """
        if self.systems:
            return self.systems[group]
        scores = self.scores_of(group)
        return statsmodels_results(self.model.estimator, scores[outcome], scores[list(self.model.drivers[outcome])])

    def scores_of(self, group: str = EVERYONE) -> pd.DataFrame:
        """Scores of the rows of a group, shape (n, constructs)."""
        return _rows_of(self.answers, group)

    @property
    def text(self) -> str:
        """A paragraph for each outcome, made from the table; the warnings are in `warnings`."""
        everyone = self.summary[self.summary["group"] == EVERYONE].to_dict("records")
        return "\n".join(_paragraph(self.table, row) for row in everyone)

    def plot(self, ax: Axes | None = None, *, outcome: str | None = None, group: str = EVERYONE) -> Axes:
        """Draw the standardised coefficients of an outcome (the first one by default) with intervals and truth."""
        from touchsim.plots.drivers import plot_coefficients

        name = outcome or next(iter(self.model.drivers))
        estimand = self.model.truth.estimand if self.model.truth else ""
        return plot_coefficients(self.table, outcome=name, group=group, estimand=estimand, ax=ax)

    def _repr_html_(self) -> str:
        shown = self.table[["outcome", "term", "group", "std_beta", "std_low", "std_high", "p_value", "vif"]]
        warnings = "".join(f"<li>{html.escape(sentence)}</li>" for sentence in self.warnings)
        return f"{shown.to_html(index=False, float_format='{:.3f}'.format, na_rep='')}<ul>{warnings}</ul>"


@verb
def fit_drivers(answers: pd.DataFrame, model: StudyModel | Mapping[str, Any] | str | Path | None = None) -> Fit:
    """Regress every outcome of a model on its drivers.

    Parameters
    ----------
    answers : DataFrame, shape (respondents, columns)
        A survey, simulated or real.
    model : StudyModel, mapping or path, optional
        What to ask of it; by default the model that a survey from ``ask`` carries in ``answers.attrs["model"]``.

    Returns
    -------
    Fit
        Frozen; ``.table``, ``.text``, ``.plot()``, ``.results``.

    Raises
    ------
    BadInput
        With every finding about model and columns, and about equations that cannot be estimated: more drivers than
        rows, drivers that are combinations of each other, outcomes that do not suit the estimator.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> speed, price = rng.normal(size=(2, 300))
    >>> survey = pd.DataFrame({"speed": speed, "price": price, "liking": speed + rng.normal(size=300)})
    >>> fit = fit_drivers(survey, {"drivers": {"liking": ["speed", "price"]}})
    >>> fit.table["std_beta"].round(2).tolist()
    [0.6, -0.02]
    """
    given = answers.attrs.get("model") if model is None else model
    if given is None:
        hint = "pass model=..., e.g. {'drivers': {'satisfaction': ['price']}}"
        raise BadInput(Finding("model", "is needed for a survey that brings none", hint=hint))
    study = model_of(given)
    complete = complete_answers(answers, study)
    groups = [EVERYONE, *_groups(complete, answers.attrs.get("file"))]
    scales = {name: study.items_of(name) for name in study.names}
    reliability = reliability_table(complete.items, study.scales)
    htmt = htmt_table(complete.items, study.scales)
    cautions = survey_cautions(complete, scales, study.drivers, reliability, htmt)
    systems, refused = systems_of(complete, study, groups, EVERYONE)
    cautions += system_cautions(systems, study.clusters, EVERYONE)
    estimates: dict[tuple[str, str], Estimate] = {}
    findings = list(refused.pop(EVERYONE, ()))
    for group in groups:
        scores = _rows_of(complete, group)
        for outcome, drivers in study.drivers.items():
            problems = [*_problems(scores, outcome, drivers, study.estimator), *refused.get(group, ())]
            if problems and group == EVERYONE:
                findings += problems
            elif problems:
                telling = partial(tell, "{outcome} is not estimated in group '{group}': {law}",
                                  outcome=partial(label, outcome), group=group, law=problems[0].law)  # fmt: skip
                cautions.append(Caution(telling, outcome, group, "group"))
            elif not findings:
                whole = systems.get(group)
                fit = estimate_of(whole, outcome, drivers) if whole else _estimated(complete, study, outcome, group)
                estimates[outcome, group] = fit
                here = told("{outcome} in group '{group}': {doubt}")
                words = told("{outcome}: {doubt}") if group == EVERYONE else here
                cautions += [Caution(partial(tell, words, outcome=partial(label, outcome), group=group, doubt=doubt),
                                     outcome, group, "fit") for doubt in fit.doubts]  # fmt: skip
                known = any(item.about == "collinearity" and item.outcome == outcome for item in cautions)
                cautions += [] if known else collinear_drivers(scores, drivers, outcome, group)
                cautions += few_rows(scores, drivers, outcome, group, study.estimator)
    cautions += _few_clusters(estimates, study.clusters)
    if findings:
        file = answers.attrs.get("file")
        raise BadInput([Finding(item.where, item.law, item.got, item.hint, file) for item in findings])
    coefficients = [row for (outcome, group), fit in estimates.items()
                    for row in _coefficients(study, _rows_of(complete, group), outcome, group, fit)]  # fmt: skip
    summary = [_equation(study, complete, outcome, group, estimates.get((outcome, group)), cautions)
               for outcome in study.drivers for group in groups]  # fmt: skip
    order = {pair: place for place, pair in enumerate((o, g) for o in study.drivers for g in groups)}
    table = pd.DataFrame(coefficients, columns=COEFFICIENTS)
    place = pd.Series([order[pair] for pair in zip(table["outcome"], table["group"], strict=True)], dtype=int)
    table = table.iloc[np.argsort(place.to_numpy(), kind="stable")].reset_index(drop=True)
    summary = [row | (fit_columns(systems[row["group"]]) if row["group"] in systems else {}) for row in summary]
    return Fit(study, complete, table, pd.DataFrame(summary, columns=SUMMARY), estimates, reliability, htmt,
               tuple(cautions), systems=systems)  # fmt: skip


def _estimated(answers: Answers, model: StudyModel, outcome: str, group: str) -> Estimate:
    """One equation, with the errors of its clusters where the model names some."""
    scores, drivers = _rows_of(answers, group), model.drivers[outcome]
    y, x = scores[outcome].to_numpy(), scores[list(drivers)].to_numpy()
    whole = estimate(model.estimator, y, x, drivers)
    if answers.cluster is None or model.clusters is None:
        return whole
    names, cluster = np.unique(answers.cluster.iloc[scores.index].to_numpy().astype(str), return_inverse=True)

    def refitted(kept: NDArray[np.bool_]) -> Estimate:
        levels = np.unique(y).size == np.unique(y[kept]).size and bool((np.ptp(x[kept], axis=0) > 0).all())
        known = levels and not dependent_columns(x[kept])
        return estimate(model.estimator, y[kept], x[kept], drivers) if known else no_estimate(len(drivers))

    if len(names) == 1:
        return whole
    if model.estimator == "ols":
        found = clustered(whole, ols_without_each(cluster, y, x), model.clusters)
    elif len(names) <= MOST_REFITS:
        found = clustered(whole, refits_without_each(cluster, refitted), model.clusters)
    else:
        doubt = partial(tell, "errors are not clustered by {clusters}: a logit takes at most {most} clusters",
                        clusters=model.clusters, most=MOST_REFITS)  # fmt: skip
        return replace(whole, doubts=(*whole.doubts, doubt))
    return found


def _few_clusters(estimates: Mapping[tuple[str, str], Estimate], clusters: str | None) -> list[Caution]:
    """What errors by cluster rest on, once for the whole study."""
    degrees = [int(fit.df) for fit in estimates.values() if fit.cov_type.startswith("CR3")]
    if not degrees:
        return []
    least = min(degrees)
    words = told("errors are clustered by {clusters}; bootstrap intervals of importance take respondents as "
                 "independent")  # fmt: skip
    if least == 1:
        words = told("errors are clustered by {clusters} and rest on {n} clusters, so intervals are those of t with 1 "
                     "degree of freedom and wide; bootstrap intervals of importance take respondents as "
                     "independent")  # fmt: skip
    elif least + 1 < FEW_CLUSTERS:
        words = told("errors are clustered by {clusters} and rest on {n} clusters, so intervals are those of t with "
                     "{degrees} degrees of freedom and wide; bootstrap intervals of importance take respondents as "
                     "independent")  # fmt: skip
    return [Caution(partial(tell, words, clusters=clusters, n=least + 1, degrees=least), about="clusters")]


def said(caution: Caution) -> str:
    """Write a caution as a sentence, in the language spoken."""
    sentence = caution.sentence
    if caution.about in ("collinearity", "rows") and caution.group not in (None, EVERYONE):
        sentence = tell("in group '{group}', {sentence}", group=caution.group, sentence=sentence)
    ending = "" if sentence.endswith("?") else "."
    return sentence[0].upper() + sentence[1:].rstrip(".") + ending


def _rows_of(answers: Answers, group: str) -> pd.DataFrame:
    if group == EVERYONE or answers.group is None:
        return answers.scores
    return answers.scores.loc[np.asarray(answers.group == group)]


def _groups(answers: Answers, file: str | None) -> list[str]:
    if answers.group is None:
        return []
    names = sorted(answers.group.dropna().unique())
    if not 1 < len(names) <= MOST_GROUPS:
        law = f"must have 2 to {MOST_GROUPS} different values among the complete rows"
        raise BadInput(Finding("groups", law, got=f"{len(names)} in column '{answers.group.name}'", file=file))
    return [str(name) for name in names]


def _problems(scores: pd.DataFrame, outcome: str, drivers: tuple[str, ...], estimator: str) -> list[Finding]:
    """Reasons why an equation has no estimate."""
    where, n, p = f"drivers.{outcome}", len(scores), len(drivers)
    if n < p + 2:
        return [Finding(where, f"needs more complete rows than drivers and intercept ({p + 1})", got=f"{n} rows")]
    flat = [name for name in (outcome, *drivers) if scores[name].nunique() < 2]
    if flat:
        return [Finding(where, f"{' and '.join(flat)} {'is' if len(flat) == 1 else 'are'} constant")]
    found = []
    for columns in dependent_columns(scores[list(drivers)].to_numpy()):
        *others, last = (drivers[j] for j in columns)
        law = f"'{last}' is an exact combination of {' and '.join(repr(name) for name in others)}"
        found.append(Finding(where, law, hint="leave one of them out"))
    levels = scores[outcome].nunique()
    if estimator == "logit" and levels != 2:
        few = f": {', '.join(f'{value:g}' for value in np.unique(scores[outcome]))}" if levels <= MOST_SHOWN else ""
        hint = "estimator: ordered_logit or ols" + ("; or is one of them a code for missing.codes?" if few else "")
        found.append(Finding(where, f"logit needs two values of '{outcome}'", got=f"{levels} values{few}", hint=hint))
    if estimator == "ordered_logit" and levels > MOST_LEVELS:
        law = f"ordered_logit needs at most {MOST_LEVELS} different values of '{outcome}'"
        found.append(Finding(where, law, got=f"{levels} values", hint="estimator: ols, or a single item"))
    if not found and estimator == "ols":
        flat_out = scores[outcome].to_numpy()
        design = np.column_stack([np.ones(n), scores[list(drivers)].to_numpy()])
        rest = flat_out - design @ np.linalg.lstsq(design, flat_out, rcond=None)[0]
        if rest.std() < 1e-9 * flat_out.std():
            law = "drivers explain the outcome without error, so there is nothing to estimate"
            found.append(Finding(where, law, hint="is the outcome computed from its drivers?"))
    return found


def _coefficients(
    model: StudyModel, scores: pd.DataFrame, outcome: str, group: str, fit: Estimate
) -> list[dict[str, Any]]:
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
            "std_high": fit.std_high[j], "truth": truth, "truth_std": truth_std, "vif": vif[j],
        })  # fmt: skip
    return rows


def _equation(
    model: StudyModel, answers: Answers, outcome: str, group: str, fit: Estimate | None, cautions: list[Caution]
) -> dict[str, Any]:
    with language(ENGLISH):  # a table is the same in every language
        here = [said(caution) for caution in cautions if caution.outcome in (None, outcome)
                and (caution.group == group or (caution.group is None and group == EVERYONE))]  # fmt: skip
    knows = model.truth is not None and outcome in model.truth.coefficients.get(group, {})
    n, nothing = len(_rows_of(answers, group)), float("nan")
    everyone = group == EVERYONE
    return {
        "outcome": outcome, "group": group, "n": n, "n_rows": answers.n_rows if everyone else n,
        "n_lost": answers.n_lost if everyone else 0, "r2": fit.r2 if fit else nothing,
        "adj_r2": fit.adj_r2 if fit else nothing, "cov_type": fit.cov_type if fit else "", "estimator": model.estimator,
        "estimand": model.truth.estimand if knows and model.truth else "", "warnings": " ".join(dict.fromkeys(here)),
    }  # fmt: skip


def _paragraph(table: pd.DataFrame, row: Mapping[Any, Any]) -> str:
    """One outcome among everyone, strongest driver first."""
    kind = "McFadden R2" if row["estimator"] in LOGITS else "R2"
    fit = f", {kind} = {_two(row['r2'])}" if np.isfinite(row["r2"]) else ""
    way = told("least squares from a published table") if row["cov_type"] == CLASSICAL else ESTIMATORS[row["estimator"]]
    what = f"{label(row['outcome'])} ({tell(way)}; n = {row['n']}{fit})"
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


def _two(value: float) -> str:
    return marked(f"{value:.2f}")
