"""What drives an outcome: one regression per outcome and group, with everything that must be read beside it.

    survey + model --columns--> complete answers --estimators--> coefficients --+
                                     |                                         +--> Fit
                                     +--scales, cautions--> reliability, doubts +

With `missing: {how: impute}` that is done for each imputation, and `pooling` makes one Fit of them all.
`fit_drivers` is the verb; `Fit` holds a row for each driver (raw and standardised coefficient, both with 95 % interval,
VIF, and the truth where a simulator knows it), a row for each equation (n, rows lost, R2, estimator, estimand,
warnings) and the sentences of warning.  The intercept is in `Fit.results`.  What cannot be estimated among everyone is
an error; in one group, a warning, and the others go on.  `importance` and `blocks` build on a Fit; `survey` runs them
all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
from touchsim.study.caution import EVERYONE, Caution
from touchsim.study.cautions import (
    collinear_drivers,
    few_clusters,
    few_rows,
    imputed,
    lone_clusters,
    shares_of_squares,
    survey_cautions,
    two_values,
    unclustered_tests,
)
from touchsim.study.clusters import clustered, levels_clustered, ols_without_each, pulls_without_each
from touchsim.study.codes import stray_items
from touchsim.study.columns import Answers, complete_answers
from touchsim.study.corrected import corrected_estimate, corrected_without_each
from touchsim.study.estimators import Estimate, estimate
from touchsim.study.fit import COEFFICIENTS, SUMMARY, Fit, coefficient_rows, equation_row, rows_of
from touchsim.study.imputation import completed
from touchsim.study.interactions import crossed
from touchsim.study.latent import estimate_of, fit_columns, system_cautions, systems_of
from touchsim.study.model import StudyModel, model_of
from touchsim.study.noise import noise_of
from touchsim.study.parallel import TESTED, Parallel, parallel_doubts, slopes_by_threshold
from touchsim.study.pooling import averaged, pooled_fit
from touchsim.study.refusals import reasons_against
from touchsim.study.scales import htmt_table, reliability_table
from touchsim.study.soundness import scales_in_groups
from touchsim.vocabulary import label, naming

__all__ = ["fit_drivers"]

MOST_GROUPS = 20
FLAT = 1e-12
Scales = tuple[pd.DataFrame, pd.DataFrame]
"""Reliability of the scales, and how far constructs are told apart."""


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
    with naming(study.names_its_own):
        return _of_survey(answers, study)


def _of_survey(answers: pd.DataFrame, study: StudyModel) -> Fit:
    """Fit of a survey, with every gap filled as often as the model says."""
    complete = complete_answers(answers, study)
    file = answers.attrs.get("file")
    if study.missing.how != "impute" or not complete.items.isna().any(axis=None):
        own = _scales_of(complete, study)
        return _fitted(complete, study, file, own, own)
    told_before = imputed(complete.items, study.missing.imputations)
    surveys = list(completed(complete, study))
    each = [_scales_of(whole, study) for whole in surveys]
    judged = averaged([scales for scales, _ in each]), averaged([htmt for _, htmt in each])
    pooled = pooled_fit([_fitted(whole, study, file, own, judged if place == 0 else None, told_before)
                         for place, (whole, own) in enumerate(zip(surveys, each, strict=True))])  # fmt: skip
    return replace(pooled, observed=complete.items)


def _scales_of(answers: Answers, study: StudyModel) -> Scales:
    return reliability_table(answers.items, study.scales), htmt_table(answers.items, study.scales)


def _fitted(
    complete: Answers, study: StudyModel, file: str | None, own: Scales, judged: Scales | None,
    told_before: Sequence[Caution] = (),
) -> Fit:
    """Everything about one set of complete rows, its `own` scales among it.

    The survey as a whole is judged once, not for each imputation, by the scales `judged`: means of all imputations.
    """
    groups = [EVERYONE, *_groups(complete, file)]
    scales = {name: study.items_of(name) for name in study.names}
    cautions = [*told_before]
    if judged is not None:
        cautions += survey_cautions(complete, scales, study.drivers, *judged, study.estimator, study.marker)
        asked = {name: columns for name, columns in scales.items() if name != study.marker}
        cautions += scales_in_groups(complete.items, complete.group, asked, drivers=study.drivers,
                                     estimator=study.estimator, coded=stray_items(complete.items))  # fmt: skip
    systems, refused = systems_of(complete, study, groups, EVERYONE)
    cautions += system_cautions(systems, study.clusters, EVERYONE)
    study, complete = crossed(study, complete)
    cautions += shares_of_squares(study.estimator)
    known: list[Caution] = []  # of a group, where the same is said of everyone
    estimates: dict[tuple[str, str], Estimate] = {}
    parallel: dict[tuple[str, str], Parallel] = {}
    findings = [*refused.pop(EVERYONE, ()), *_flat_marker(complete, study)]
    for group in groups:
        scores = rows_of(complete, group)
        for outcome, drivers in study.drivers.items():
            clusters = None if complete.cluster is None else complete.cluster.iloc[scores.index]
            problems = [*reasons_against(scores, outcome, drivers, study.estimator, clusters), *refused.get(group, ())]
            if problems and group == EVERYONE:
                findings += problems
            elif problems:
                telling = partial(tell, "{outcome} is not estimated in group '{group}': {law}",
                                  outcome=partial(label, outcome), group=group, law=problems[0].law)  # fmt: skip
                cautions.append(Caution(telling, outcome, group, "group"))
            elif not findings:
                whole = systems.get(group)
                fit = estimate_of(whole, outcome, drivers) if whole else _estimated(complete, study, outcome, group)
                if judged is not None and study.estimator in TESTED and np.isfinite(fit.coefficients).all():
                    apart = slopes_by_threshold(scores[outcome].to_numpy(float), scores[list(drivers)].to_numpy(float),
                                                noise_of(study.estimator))  # fmt: skip
                    parallel[outcome, group] = apart
                    fit = replace(fit, doubts=(*fit.doubts, *parallel_doubts(apart, study.estimator, drivers)))
                estimates[outcome, group] = fit
                here = told("{outcome} in group '{group}': {doubt}")
                words = told("{outcome}: {doubt}") if group == EVERYONE else here
                cautions += [Caution(partial(tell, words, outcome=partial(label, outcome), group=group, doubt=doubt),
                                     outcome, group, "fit") for doubt in fit.doubts]  # fmt: skip
                same = any(item.about == "collinearity" and (item.outcome, item.group) == (outcome, EVERYONE)
                           for item in cautions)  # fmt: skip
                (known if same else cautions).extend(collinear_drivers(scores, drivers, outcome, group))
                cautions += few_rows(scores, drivers, outcome, group, study.estimator)
                cautions += two_values(scores, outcome, group, study.estimator) if group == EVERYONE else []
    cautions += few_clusters(estimates, study.clusters) + lone_clusters(complete, study.estimator)
    cautions += unclustered_tests(bool(parallel), study.clusters)
    if findings:
        raise BadInput([Finding(item.where, item.law, item.got, item.hint, file) for item in findings])
    coefficients = [row for (outcome, group), fit in estimates.items()
                    for row in coefficient_rows(study, rows_of(complete, group), outcome, group, fit)]  # fmt: skip
    summary = [equation_row(study, complete, outcome, group, estimates.get((outcome, group)), [*cautions, *known])
               for outcome in study.drivers for group in groups]  # fmt: skip
    order = {pair: place for place, pair in enumerate((o, g) for o in study.drivers for g in groups)}
    table = with_adjusted(pd.DataFrame(coefficients, columns=COEFFICIENTS), "group")
    place = pd.Series([order[pair] for pair in zip(table["outcome"], table["group"], strict=True)], dtype=int)
    table = table.iloc[np.argsort(place.to_numpy(), kind="stable")].reset_index(drop=True)
    summary = [row | (fit_columns(systems[row["group"]]) if row["group"] in systems else {}) for row in summary]
    return Fit(study, complete, table, pd.DataFrame(summary, columns=SUMMARY), estimates, *own,
               tuple(cautions), systems=systems, parallel=parallel)  # fmt: skip


def _flat_marker(answers: Answers, model: StudyModel) -> list[Finding]:
    """Say that the score of a marker does not differ, though its items may: the mean of an item and its reverse."""
    if model.marker is None or np.ptp(score := answers.scores[model.marker].to_numpy(float)) > FLAT * np.ptp(
        answers.items[list(model.items_of(model.marker))].to_numpy(float)
    ):
        return []
    law = f"the score of '{model.marker}' is constant, so it can correlate with nothing"
    return [Finding("marker", law, got=f"{score[0]:g} in all {len(score)}", hint="are some of its items reversed?")]


def _estimated(answers: Answers, model: StudyModel, outcome: str, group: str) -> Estimate:
    """One equation, with the errors of its clusters where the model names some."""
    scores, drivers = rows_of(answers, group), model.drivers[outcome]
    y, x = scores[outcome].to_numpy(), scores[list(drivers)].to_numpy()
    cluster: NDArray[np.intp] | None = None
    names = np.empty(0)
    if answers.cluster is not None and model.clusters is not None:
        names, cluster = np.unique(answers.cluster.iloc[scores.index].to_numpy().astype(str), return_inverse=True)
    corrected = model.estimator == "corrected"
    if corrected:
        rows = answers.items.loc[scores.index]
        last, *first = (rows[list(model.items_of(name))].to_numpy(float) for name in (outcome, *drivers))
        whole = corrected_estimate(last, first, (*drivers, outcome))
    else:
        whole = estimate(model.estimator, y, x, drivers, cluster)
    if cluster is None or model.clusters is None:
        return whole

    def refitted(kept: NDArray[np.bool_]) -> Estimate:
        return estimate(model.estimator, y[kept], x[kept], drivers)

    if len(names) == 1 or model.estimator == "mixed":
        return whole
    if corrected:
        found = clustered(whole, corrected_without_each(cluster, last, first, whole), model.clusters)
    elif model.estimator == "ols":
        found = clustered(whole, ols_without_each(cluster, y, x), model.clusters)
    elif model.estimator == "quantile":
        found = clustered(whole, pulls_without_each(cluster, whole, y, x), model.clusters, "CR1")
    else:
        noise = noise_of(model.estimator).variance
        found = levels_clustered(whole, cluster, y, x, noise, model.clusters, refitted)
    return found


def _groups(answers: Answers, file: str | None) -> list[str]:
    if answers.group is None:
        return []
    names = sorted(answers.group.dropna().unique())
    if not 1 < len(names) <= MOST_GROUPS:
        law = f"must have 2 to {MOST_GROUPS} different values among the complete rows"
        raise BadInput(Finding("groups", law, got=f"{len(names)} in column '{answers.group.name}'", file=file))
    return [str(name) for name in names]
