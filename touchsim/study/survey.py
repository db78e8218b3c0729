"""A whole study of one survey: scales, drivers, importance, blocks, warnings, and the answer in three sentences.

    survey (file or frame) + MODEL.yaml --> Fit --> Importance --> blocks --> Study
                                             +--> Measurement (structural equations only)

The same way for simulated and real surveys; nothing here knows where the answers came from.  Every number is
deterministic: bootstrap draws hang on `seed` alone.  Called by the command line, reports and notebooks.
"""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from touchsim.errors import BadInput, verb
from touchsim.languages import ENGLISH, language, tell, told
from touchsim.study.blocks import block_table
from touchsim.study.care import with_care
from touchsim.study.caution import EVERYONE, Caution, said
from touchsim.study.drivers import fit_drivers
from touchsim.study.exploratory import Exploratory, explored
from touchsim.study.fit import Fit
from touchsim.study.groups import group_cautions, group_table, groups_paragraph
from touchsim.study.importance import Importance, relative_importance
from touchsim.study.items import item_table
from touchsim.study.measurement import Measurement, measurement_of
from touchsim.study.method import CommonMethod, method_of
from touchsim.study.model import StudyModel, model_of
from touchsim.study.parallel import parallel_table
from touchsim.study.paths import mediation_of, unmediated
from touchsim.study.performance import PERFORMANCE, performance_table
from touchsim.study.refusals import drawing_findings
from touchsim.study.tables import read_survey
from touchsim.study.units import without_units
from touchsim.study.verdicts import answer_of, truth_cautions
from touchsim.vocabulary import in_its_names, signed

__all__ = ["Study", "read_survey", "study_of", "study_survey"]

OF_ANSWERS = ("the polychoric correlations are not positive", "answers given by fewer than",
              "nobody gave one of the four")  # fmt: skip
"""How doubts of ordinal items begin that come from answers, whatever the equations."""


@dataclass(frozen=True)
class Study:
    """Everything that a survey says about its model.

    Attributes
    ----------
    coefficients, importance, orders, fit, scales, htmt, blocks, performance, items, groups, mediation, \
    parallel : DataFrame
        The tables, with the columns of the files of the same names; groups is empty without groups,
        mediation without an outcome that drives another one, parallel without an ordered logit or probit.
    losses : DataFrame
        construct, gaps, alone: cases lost to a gap.
    warnings : tuple of str
        Sentences that diagnose.
    answer : str
        Three sentences for someone who decides.
    text : str
        A paragraph for each outcome: coefficients, then importance and blocks; the two gravest warnings that these
        do not say already.
    regressions : Fit
    shares : Importance
    model : StudyModel
    measurement : Measurement or None
        Confirmatory factor analysis of the scales, where structural equations were asked for.
    exploratory : Exploratory or None
        Factors of the items of all scales, where these have three items in all and no exact combinations.
    method : CommonMethod or None
        Signs of a method that all answers share, of three items on; none for a published table.
    words : str
        The text without warnings.
    provenance : dict
        Of a survey file: its name without folders, sha256, rows, columns; then draws and seed of the bootstrap, or of
        the correlation matrices drawn around a published table.
    """

    coefficients: pd.DataFrame
    importance: pd.DataFrame
    orders: pd.DataFrame
    fit: pd.DataFrame
    scales: pd.DataFrame
    htmt: pd.DataFrame
    blocks: pd.DataFrame
    performance: pd.DataFrame
    losses: pd.DataFrame
    warnings: tuple[str, ...]
    answer: str
    text: str
    regressions: Fit
    shares: Importance
    model: StudyModel
    groups: pd.DataFrame = field(default_factory=pd.DataFrame)
    mediation: pd.DataFrame = field(default_factory=pd.DataFrame)
    parallel: pd.DataFrame = field(default_factory=pd.DataFrame)
    items: pd.DataFrame = field(default_factory=pd.DataFrame)
    measurement: Measurement | None = None
    exploratory: Exploratory | None = None
    method: CommonMethod | None = None
    words: str = ""
    provenance: dict[str, Any] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        signed(self.model.names_its_own, self.losses, *self.tables().values())

    def tables(self) -> dict[str, pd.DataFrame]:
        """Name of the file to its table."""
        found = {"coefficients": self.coefficients, "importance": self.importance, "orders": self.orders,
                 "fit": self.fit, "scales": self.scales, "htmt": self.htmt, "blocks": self.blocks,
                 "performance": self.performance, "items": self.items}  # fmt: skip
        if len(self.groups):
            found["groups"] = self.groups
        if len(self.mediation):
            found["mediation"] = self.mediation
        if len(self.parallel):
            found["parallel"] = self.parallel
        if self.measurement is not None:
            found |= {"loadings": self.measurement.loadings, "validity": self.measurement.reliability,
                      "discriminant": self.measurement.discriminant, "models": self.measurement.models}  # fmt: skip
        if self.exploratory is not None:
            found |= {"exploratory": self.exploratory.table, "eigenvalues": self.exploratory.eigenvalues}
        if self.method is not None:
            found["method"] = self.method.table
        return found

    def _repr_html_(self) -> str:
        shown = self.coefficients[["outcome", "term", "group", "std_beta", "std_low", "std_high", "p_value", "vif"]]
        warnings = "".join(f"<li>{html.escape(sentence)}</li>" for sentence in self.warnings)
        table = shown.to_html(index=False, float_format="{:.3f}".format, na_rep="")
        return f"<p>{html.escape(self.answer)}</p>{table}<ul>{warnings}</ul>"


@verb
def study_survey(
    survey: pd.DataFrame | str | Path,
    model: StudyModel | Mapping[str, Any] | str | Path | None = None,
    *,
    draws: int = 2000,
    seed: int = 1,
) -> Study:
    """Run a whole study of one survey.

    Parameters
    ----------
    survey : DataFrame or path
        One row per respondent; a path is read by `read_survey`.
    model : StudyModel, mapping or path, optional
        What to ask; by default the model that a survey from ``ask`` carries.
    draws : int
        Bootstrap draws behind intervals of importance.
    seed : int
        Of the bootstrap; same seed, same study.

    Returns
    -------
    Study

    Raises
    ------
    BadInput
        With every finding about both files; see `read_survey`, `read_model` and `fit_drivers`.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(1)
    >>> speed, price = rng.normal(size=(2, 300))
    >>> frame = pd.DataFrame({"speed": speed, "price": price, "liking": speed + rng.normal(size=300)})
    >>> study = study_survey(frame, {"drivers": {"liking": ["speed", "price"]}})
    >>> study.answer[:48]
    'Among 300 complete answers, speed goes most with'
    """
    findings = drawing_findings(seed, draws)
    asked: StudyModel | None = None
    try:
        asked = None if model is None else model_of(model)
    except BadInput as bad:
        findings += bad.findings
    try:
        frame = survey if isinstance(survey, pd.DataFrame) else read_survey(survey)
    except BadInput as bad:
        findings += bad.findings
    if findings:
        raise BadInput(findings)
    return study_of(fit_drivers(frame, asked), source=_source(frame), draws=draws, seed=seed)


@in_its_names
def study_of(fit: Fit, *, source: Mapping[str, Any], draws: int = 2000, seed: int = 1) -> Study:
    """Build a whole study on a fit, of a survey or of a published table; `source` says where the fit came from."""
    importance = relative_importance(fit, draws=draws, seed=seed)
    misled = truth_cautions(importance)
    measurement, beyond = _measured(fit)
    exploratory, unimputed = _explored(fit, seed)
    cautions = (*fit.cautions, *beyond, *group_cautions(fit), *misled, *importance.of_draws, *unimputed,
                *unmediated(fit))  # fmt: skip
    groups = group_table(fit)
    apart = f"\n{groups_paragraph(groups)}" if len(groups) else ""
    method = method_of(fit)
    beside = "".join(f"\n{found.words}" for found in (exploratory, method) if found is not None)
    words = f"{fit.words}\n{importance.words}{apart}{beside}"
    summary = fit.summary.copy()
    for caution in (*misled, *importance.of_draws):
        here = (summary["outcome"] == caution.outcome) & (summary["group"] == EVERYONE)
        with language(ENGLISH):  # a table is the same in every language
            sentence = said(caution)
        summary.loc[here, "warnings"] = (summary.loc[here, "warnings"] + f" {sentence}").str.strip()
    return Study(
        coefficients=fit.table,
        importance=importance.table,
        orders=importance.orders,
        fit=summary,
        scales=fit.scales,
        htmt=fit.htmt,
        blocks=block_table(fit, importance),
        performance=_performance(importance),
        losses=fit.answers.losses,
        warnings=tuple(dict.fromkeys(said(caution) for caution in cautions)),
        answer=answer_of(importance, cautions),
        text=with_care(words, cautions, besides=("truth",)),
        words=words,
        regressions=fit,
        shares=importance,
        model=fit.model,
        groups=groups,
        mediation=mediation_of(fit, draws=draws, seed=seed),
        parallel=_parallel(fit),
        items=_items(fit),
        measurement=measurement,
        exploratory=exploratory,
        method=method,
        provenance=dict(source) | {"draws": draws, "bootstrap_seed" if fit.drawn is None else "seed": seed},
    )


def _items(fit: Fit) -> pd.DataFrame:
    """Statistics of every item; products of drivers are none."""
    asked = {name: fit.model.items_of(name) for name in fit.model.names}
    known = {name: items for name, items in asked.items() if {*items} <= {*fit.answers.items}}
    return without_units("items", item_table(fit.items_as_answered, known, moments=fit.of_table), fit.unstated)


def _explored(fit: Fit, seed: int) -> tuple[Exploratory | None, list[Caution]]:
    """Factors of the items as they were answered, and whom that leaves out where other figures are of imputed gaps."""
    found = explored(replace(fit.answers, items=fit.items_as_answered), fit.model, seed=seed,
                     cautions=fit.cautions)  # fmt: skip
    n = len(fit.answers.items)
    if fit.observed is None or (found is not None and found.n == n):
        return found, []
    words = told("there are no exploratory factors: nothing is imputed there, and too few respondents answered every "
                 "item")  # fmt: skip
    if found is not None:
        words = told("exploratory factors are of the {complete} of {n} respondents who answered every item: nothing is "
                     "imputed there")  # fmt: skip
    complete = found.n if found is not None else 0
    known = found is not None or explored(fit.answers, fit.model, seed=seed) is not None
    return found, [Caution(partial(tell, words, complete=complete, n=n), about="imputed")] if known else []


def _parallel(fit: Fit) -> pd.DataFrame:
    """Tests of one slope for all thresholds, with what they leave aside."""
    notes = []
    if fit.model.clusters is not None:
        notes.append(f"respondents are taken as independent, whatever their {fit.model.clusters}")
    if fit.imputed:
        notes.append(f"of the first of {len(fit.imputed)} imputations, as if nothing had been open")
    return parallel_table(fit.parallel, fit.model.drivers, fit.model.estimator, "; ".join(notes))


def _performance(importance: Importance) -> pd.DataFrame:
    """Maps of all outcomes that have two drivers and shares."""
    fit = importance.fit
    tables = [performance_table(importance, outcome) for outcome, drivers in fit.model.drivers.items()
              if len(drivers) > 1 and not fit.unstated]  # fmt: skip
    known = [table for table in tables if not table.empty]
    return pd.concat(known, ignore_index=True) if known else pd.DataFrame(columns=PERFORMANCE)


def _measured(fit: Fit) -> tuple[Measurement | None, list[Caution]]:
    """Measurement behind structural equations, and what it says beyond them."""
    if EVERYONE not in fit.systems or not any(len(items) > 1 for items in fit.model.scales.values()):
        return None, []
    way, known = fit.systems[EVERYONE].estimator, {*fit.systems[EVERYONE].doubts}
    several = fit.answers.group is not None
    try:
        found = measurement_of(fit.answers, fit.model, way, invariance=several and way != "wlsmv")
        found = replace(found, loadings=without_units("loadings", found.loadings, fit.unstated))
        doubts = list(found.doubts)
    except BadInput as bad:
        found, doubts = None, [str(finding) for finding in bad.findings]
    used = {name for outcome, drivers in fit.model.drivers.items() for name in (outcome, *drivers)}
    inside = all(name in used for name, items in fit.model.scales.items() if len(items) > 1)
    told_once = (f"{len(fit.answers.items)} answers", *(stem for stem in OF_ANSWERS if inside and any(
        doubt.startswith(stem) for doubt in known)))  # fmt: skip
    words = told("measurement of the scales: {doubt}")
    said_here = [Caution(partial(tell, words, doubt=doubt), about="measurement") for doubt in doubts
                 if doubt not in known and not doubt.startswith(told_once)]  # fmt: skip
    if several and way == "wlsmv":
        words = told("whether groups read the items alike is not tested with sem_wlsmv; sem_mlr tests it")
        said_here.append(Caution(partial(tell, words), about="measurement"))
    return found, said_here


def _source(frame: pd.DataFrame) -> dict[str, Any]:
    """Say which file a survey was read from; nothing for a frame that came from none."""
    if "sha256" not in frame.attrs:
        return {}
    return {"survey": Path(str(frame.attrs["file"])).name, "sha256": frame.attrs["sha256"], "rows": len(frame),
            "columns": len(frame.columns)}  # fmt: skip
