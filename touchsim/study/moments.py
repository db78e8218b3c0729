"""Drivers from a published table: correlations, n, and SDs and means where it states them, instead of answers.

    table --published--> moments --composites--> S, covariances of the scores --solve--> coefficients

    b = S_xx^-1 S_xy      R2 = b' S_xy / s_yy      var(b) = S_xx^-1 (1 - R2) s_yy / (n - p - 1)       classical errors
    std_j = b_j s_j / s_y                          var(std_j) = (VIF_j (1 - R2) + std_j^2 (1 - r_jy^2)
                                                                 - 2 std_j^2 (1 - R2)) / (n - p - 1)

the last by the delta method for normal variables, SDs not taken as known (Yuan & Chan 2011, Psychometrika 76: 670-690).
Least squares need no more than S, so that coefficients, classical errors and R2 are those of the answers.  `corrected`
and `sem` (both from items, or from alphas that the table states) need no more, either (see `tabled`); HC3 and MLR
errors, logits, groups and gaps need the answers themselves.  Without SDs there is the standardised solution (see
`units`).

**Rounding.** What is printed to k decimals is known to half a unit of the last digit.  `ROUNDED` tables are drawn
evenly within that rounding (SDs and correlations), those whose correlations are positive definite are kept, and

    variance = variance of sampling (at the published figures) + variance of the coefficient over these tables

as errors of independent sources add (Rubin 1987).  Should positive definite ones be rare, the others are pulled halfway
towards the published table until they are.

**Importance** takes no bootstrap of cases: draws of the correlation matrix follow the Wishart law of n - 1 degrees of
freedom (Bartlett 1933), each around another one of the rounded tables, and intervals are percentiles over them: the
parametric bootstrap for normal answers.  Indirect effects have their intervals from the same draws, as covariances:
the Monte Carlo interval of a product (MacKinnon, Lockwood & Williams 2004), here of whole tables, not of two paths.

The rest of a `Fit` (alpha, HTMT, VIF, warnings on mood and collinearity) follows from covariances alone and is read off
a twin survey (see `twins`).  Called by the command line, notebooks and the reader.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from touchsim.errors import BadInput, Finding, verb
from touchsim.languages import tell, told
from touchsim.study.adjustment import with_adjusted
from touchsim.study.catalogue import Fact, fact_of
from touchsim.study.caution import EVERYONE, Caution
from touchsim.study.cautions import collinear_drivers, few_rows, survey_cautions
from touchsim.study.columns import complete_answers
from touchsim.study.corrected_moments import is_split
from touchsim.study.covariances import ROUNDED, composites, rounded_tables
from touchsim.study.fit import COEFFICIENTS, SUMMARY, Fit, coefficient_rows, equation_row
from touchsim.study.header import header_findings
from touchsim.study.latent import fit_columns, system_cautions
from touchsim.study.model import StudyModel, model_of
from touchsim.study.published import Moments, moments_of
from touchsim.study.refusals import drawing_findings
from touchsim.study.scales import htmt_table, reliability_table
from touchsim.study.survey import Study, study_of
from touchsim.study.tabled import ESTIMATING
from touchsim.study.twins import twin
from touchsim.study.units import unit_cautions, without_units
from touchsim.vocabulary import label, naming

__all__ = ["ROUNDED", "fit_moments", "rounded_tables", "study_moments", "study_of_table", "table_and_model"]

Array = NDArray[np.float64]
ABOUT_MOMENTS = ("backward", "scale", "htmt", "mood")
NEEDS_ANSWERS = "needs the answers themselves, a table of moments has none"
INSTEAD = {"sem_mlr": "estimator: sem has errors for normal answers",
           "sem_wlsmv": "estimator: sem takes items as distances, with errors for normal answers"}  # fmt: skip
NOTICED = 0.05


@verb
def fit_moments(
    moments: Moments | Fact | pd.DataFrame | str | Path,
    model: StudyModel | Mapping[str, Any] | str | Path | None = None,
    *,
    nearest: bool = False,
    seed: int = 1,
) -> Fit:
    """Regress outcomes on drivers from a published table.

    Parameters
    ----------
    moments : Moments, Fact, DataFrame, path or name
        Rows n and the correlations, and mean, sd and alpha if known; see `published`.  A name is one of the catalogue.
        Without SDs coefficients are standardised, and what stands in units of answers is null.
    model : StudyModel, mapping or path, optional
        What to ask; a scale is the mean of its items, which are variables of the table.  Estimators are ols, corrected
        (where scales have items, or the table a row alpha) and sem.  By default the ready model of the catalogue.
    nearest : bool
        Take the nearest correlation matrix where the published one is not positive definite.
    seed : int
        Of the tables drawn within rounding, and of the twin survey.

    Returns
    -------
    Fit
        As of answers; `answers` are those of the twin survey, and `results` statsmodels' on them, whose HC3 errors
        mean nothing here.

    Raises
    ------
    BadInput
        With every finding about table and model; groups, weights, clusters, codes, words, a marker, imputation, logits,
        sem_mlr and sem_wlsmv need the answers.

    Examples
    --------
    >>> frame = pd.DataFrame({"a": [2, 1, 50, 1, 0.5], "b": [3, 2, 50, 0.5, 1]}, index=["mean", "sd", "n", "a", "b"])
    >>> fit = fit_moments(frame, {"drivers": {"b": ["a"]}})
    >>> fit.table[["estimate", "std_beta"]].round(3).to_numpy().tolist(), fit.summary["r2"].round(3).tolist()
    ([[1.0, 0.5]], [0.25])
    """
    table, study = table_and_model(moments, model, nearest=nearest)
    with naming(study.names_its_own):
        return _fitted(table, study, seed)


def _fitted(table: Moments, study: StudyModel, seed: int) -> Fit:
    answers = twin(table, seed=seed)
    answers.attrs["file"] = table.source.get("survey")
    complete = complete_answers(answers, study)
    reliability, htmt = reliability_table(complete.items, study.scales), htmt_table(complete.items, study.scales)
    scales = {name: study.items_of(name) for name in study.names}
    cautions = [Caution(partial(tell, note), about="reading") for note in table.notes]
    warned = survey_cautions(complete, scales, study.drivers, reliability, htmt, study.estimator, study.marker)
    cautions += [item for item in warned if item.about in ABOUT_MOMENTS]
    sds, correlations = rounded_tables(table, seed=seed)
    near = correlations * sds[:, :, None] * sds[:, None, :]
    weights = composites(table, scales)
    found = ESTIMATING[study.estimator](table, study, list(scales), weights, near, seed)
    cautions += system_cautions(found.systems, None, EVERYONE) + found.cautions
    of_a_table = [*found.reading, *unit_cautions(table.unstated, map(len, scales.values())), _of_a_table(table)]
    rows, summary = [], []
    for outcome, drivers in study.drivers.items():
        one = found.estimates[outcome]
        mine = [*collinear_drivers(complete.scores, drivers, outcome, EVERYONE),
                *few_rows(complete.scores, drivers, outcome, EVERYONE, study.estimator),
                *_rounding(outcome, drivers, found.added[outcome])]  # fmt: skip
        mine += [Caution(partial(tell, "{outcome}: {doubt}", outcome=partial(label, outcome), doubt=doubt), outcome,
                         EVERYONE, "fit") for doubt in one.doubts]  # fmt: skip
        cautions += mine
        rows += coefficient_rows(study, complete.scores, outcome, EVERYONE, one)
        summary.append(equation_row(study, complete, outcome, EVERYONE, one, [*cautions, *of_a_table])
                       | (fit_columns(found.systems[EVERYONE]) if found.systems else {}))  # fmt: skip
    coefficients = with_adjusted(pd.DataFrame(rows, columns=COEFFICIENTS), "group")
    return Fit(model=study, answers=complete, table=without_units("coefficients", coefficients, table.unstated),
               summary=pd.DataFrame(summary, columns=SUMMARY), scales=reliability, htmt=htmt,
               estimates={(outcome, EVERYONE): one for outcome, one in found.estimates.items()},
               cautions=(*cautions, *of_a_table), drawn=found.drawn, systems=found.systems,
               unstated=table.unstated, drawn_covariances=found.spread)  # fmt: skip


@verb
def study_moments(
    moments: Moments | Fact | pd.DataFrame | str | Path,
    model: StudyModel | Mapping[str, Any] | str | Path | None = None,
    *,
    nearest: bool = False,
    draws: int = 2000,
    seed: int = 1,
) -> Study:
    """Run a whole study of a published table: the same tables, text and report as of a survey.

    Parameters
    ----------
    moments, model, nearest
        As of `fit_moments`.
    draws : int
        Correlation matrices drawn for the intervals of importance.
    seed : int
        Same seed, same study.

    Returns
    -------
    Study

    Raises
    ------
    BadInput
        With every finding about table and model.

    Examples
    --------
    >>> frame = pd.DataFrame({"a": [2, 1, 50, 1, 0.5], "b": [3, 2, 50, 0.5, 1]}, index=["mean", "sd", "n", "a", "b"])
    >>> study_moments(frame, {"drivers": {"b": ["a"]}}).answer[:46]
    'Among 50 complete answers, b goes with a: 0.50'
    """
    return study_of_table(*table_and_model(moments, model, nearest=nearest), draws=draws, seed=seed)


def study_of_table(table: Moments, study: StudyModel, *, draws: int = 2000, seed: int = 1) -> Study:
    """Run a whole study of a table and a model that `table_and_model` has read."""
    if wrong := drawing_findings(seed, draws):
        raise BadInput(wrong)
    source = {**table.source, "rows": table.n, "columns": len(table.names)} if table.source else {}
    with naming(study.names_its_own):
        return study_of(_fitted(table, study, seed), source=source, draws=draws, seed=seed)


def table_and_model(
    moments: Moments | Fact | pd.DataFrame | str | Path,
    model: StudyModel | Mapping[str, Any] | str | Path | Callable[[], StudyModel] | None,
    *,
    nearest: bool = False,
) -> tuple[Moments, StudyModel]:
    """Read table and model, which may be a function that reads it.

    Raises
    ------
    BadInput
        The findings of both together, and what this model may not ask of a table.
    """
    findings: list[Finding] = []
    table, study = None, None
    asking = ready_model(moments) if model is None else model
    for read in (lambda: moments_of(moments, nearest=nearest),
                 lambda: asking() if callable(asking) else model_of(asking)):  # fmt: skip
        try:
            got: Any = read()
            table, study = (got, study) if isinstance(got, Moments) else (table, got)
        except BadInput as bad:
            findings += bad.findings
    if study is not None:
        asked = {"groups": study.groups, "interactions": study.interactions, "weights": study.weights,
                 "clusters": study.clusters, "marker": study.marker, "words": study.words,
                 "missing.codes": study.missing.codes, "missing.how": study.missing.how == "impute",
                 "truth": study.truth}  # fmt: skip
        findings += [Finding(where, NEEDS_ANSWERS, hint="leave it out") for where, value in asked.items() if value]
        if study.estimator not in ESTIMATING:
            hint = INSTEAD.get(study.estimator, "estimator: ols")
            findings.append(Finding("estimator", NEEDS_ANSWERS, got=study.estimator, hint=hint))
    if table is not None and study is not None:
        findings += _of_header(table, study)
        for outcome, drivers in study.drivers.items():
            if table.n < len(drivers) + 2:
                law = f"needs more answers than drivers and intercept ({len(drivers) + 1})"
                findings.append(Finding(f"drivers.{outcome}", law, got=f"n = {table.n}"))
        if study.estimator == "corrected" and not _reliabilities(table, study):
            law = "needs scales of several items in the table, or a row 'alpha' of reliabilities: there is neither"
            hint = "write the alphas of the diagonal in a row 'alpha'" if table.diagonal else "estimator: ols"
            findings.append(Finding("estimator", law, got="corrected", hint=hint))
        findings += [] if findings else _too_few(table, study)
    if findings or table is None or study is None:
        raise BadInput(findings)
    return table, study


def ready_model(moments: object) -> Callable[[], StudyModel]:
    """How to get at the catalogue's model of a table, which may be none of it."""

    def asked() -> StudyModel:
        given = moments.source.get("survey", "") if isinstance(moments, Moments) else moments
        known = given if isinstance(given, Fact) else fact_of(given) if isinstance(given, (str, Path)) else None
        same = not isinstance(moments, Moments) or known is None or known.sha256 == moments.source.get("sha256")
        if known is not None and known.model is not None and same:
            return known.model
        hint = "e.g. {'drivers': {'satisfaction': ['price']}}; tables of the catalogue (ts.facts()) bring one"
        raise BadInput(Finding("model", "is needed: this table brings none", hint=hint))

    return asked


def _of_header(table: Moments, study: StudyModel) -> list[Finding]:
    """Say which names of the model are none of the table."""
    told = header_findings(table.names, study)
    return [replace(item, law=item.law.replace("the survey", "the table"), file=table.source.get("survey"),
                    hint=item.hint and item.hint.replace("the survey", "the table")) for item in told]  # fmt: skip


def _too_few(table: Moments, study: StudyModel) -> list[Finding]:
    """Say where variables, of which an alpha makes two, are as many as answers."""
    least = len(table.names)
    law = f"must be above the number of variables ({least})"
    if study.estimator == "corrected":
        halves = int(is_split(composites(table, {name: study.items_of(name) for name in study.names}),
                              table.alphas).sum())  # fmt: skip
        law = law if not halves else f"must be above the number of variables ({least + halves}, as an alpha makes two)"
        least += halves
    return [Finding("row 'n'", law, got=str(table.n))] if table.n <= least else []


def _reliabilities(table: Moments, study: StudyModel) -> bool:
    """Whether any scale has items, or an alpha."""
    used = {name for outcome, drivers in study.drivers.items() for name in (outcome, *drivers)}
    alone = [table.names.index(study.items_of(name)[0]) for name in used
             if len(study.items_of(name)) == 1 and study.items_of(name)[0] in table.names]  # fmt: skip
    return any(len(study.items_of(name)) > 1 for name in used) or bool(np.isfinite(table.alphas[alone]).any())


def _rounding(outcome: str, drivers: tuple[str, ...], added: Array) -> list[Caution]:
    """Say where the digits that were left out are part of the uncertainty."""
    worst = int(added.argmax())
    if added[worst] < NOTICED:
        return []
    telling = partial(tell, "the published figures are rounded so far that the standard error of {driver} on {outcome} "
                      "is {percent} % larger than that of sampling: ask the authors for more decimals",
                      driver=partial(label, drivers[worst]), outcome=partial(label, outcome),
                      percent=f"{100 * added[worst]:.0f}")  # fmt: skip
    return [Caution(telling, outcome, EVERYONE, "rounding")]


def _of_a_table(table: Moments) -> Caution:
    words = told("refitted from a published table of {n} answers: errors take the scatter as even and answers as "
                 "normal, intervals of importance come from drawn correlation matrices, and outliers, ceilings and "
                 "curves cannot be seen")  # fmt: skip
    return Caution(partial(tell, words, n=table.n), about="reading")
