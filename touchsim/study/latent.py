"""The same study with the constructs themselves: structural equations instead of regressions of scale means.

    model of a study --equations_of--> Equations (scales measure, drivers drive) --equations.fitting--> Fitted
                                                                                    --estimate_of--> Estimate of drivers

A mean of items holds their errors, too, and a regression on such means leans towards zero and leaks from one driver to
the next (Bollen 1989, ch. 5).  Structural equations fit all equations of the model at once, for everyone or for a
group, between the constructs.  A name of one column is that column.  `sem` has the errors of ML, for answers that are
close to normal; `sem_mlr` those of MLR, which do not need that; `sem_wlsmv` takes every item as a cut of a normal
variable and fits the correlations of these.  Called by `drivers`, `importance` and `measurement`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from touchsim.equations.fitting import COLUMNS, Fitted, fit_equations
from touchsim.equations.ordinal import MOST_LEVELS, fit_ordinal
from touchsim.equations.parameters import ARROWS, SHARED
from touchsim.equations.sample import Sample, sample_of
from touchsim.equations.specification import Equations
from touchsim.errors import BadInput, Finding, nearest, verb
from touchsim.languages import ENGLISH, language, tell, told
from touchsim.study.care import doubted, of_items
from touchsim.study.caution import Caution
from touchsim.study.cautions import survey_cautions
from touchsim.study.columns import Answers, complete_answers
from touchsim.study.estimators import Estimate
from touchsim.study.model import SYSTEMS, StudyModel, model_of
from touchsim.study.scales import htmt_table, reliability_table

__all__ = ["FIT_COLUMNS", "MOST_LEVELS", "SCORE", "answers_and_model", "beside_cautions", "columns_of_equations",
           "construct_draws", "equations_of", "estimate_of", "estimator_of", "fit_columns", "fit_sem",
           "items_of_equations", "misfit_of", "system_cautions", "system_fit", "systems_of"]  # fmt: skip

Array = NDArray[np.float64]
WAYS = dict(zip(SYSTEMS, ("ml", "mlr", "wlsmv"), strict=True))
ERRORS = {"ml": "ML expected information", "mlr": "MLR sandwich", "wlsmv": "WLSMV sandwich"}
LOW_CFI, HIGH_RMSEA, HIGH_SRMR = 0.90, 0.08, 0.10
SCORE = " (score)"
TRIES, LEAST_EIGENVALUE = 20, 1e-6
FIT_COLUMNS = ["chi2", "chi2_df", "chi2_p", "chi2_scaled", "cfi", "tli", "rmsea", "rmsea_low", "rmsea_high", "srmr",
               "aic", "bic"]  # fmt: skip


@verb
def fit_sem(
    answers: pd.DataFrame,
    model: StudyModel | Mapping[str, Any] | str | Path | None = None,
    *,
    estimator: str | None = None,
    by_group: bool = False,
    equal_groups: Sequence[str] = (),
) -> Fitted:
    """Fit all equations of a model at once, between constructs.

    Parameters
    ----------
    answers : DataFrame, shape (respondents, columns)
        A survey, simulated or real.
    model : StudyModel, mapping or path, optional
        Scales measure, drivers drive; by default the model that a survey from ``ask`` carries.
    estimator : {"ml", "mlr", "wlsmv"}, optional
        Maximum likelihood; with errors and chi2 that do not take answers as normal; or with every item as a cut of a
        normal variable (up to 15 answers).  By default what the model's estimator says, else ml.
    by_group : bool
        One model in every group of the model's column ``groups``.
    equal_groups : sequence of str
        What is equal in all groups: some of loadings, regressions, intercepts, means, residuals, covariances,
        variances.

    Returns
    -------
    Fitted
        Frozen; ``.table``, ``.indices``, ``.r_squared``, ``.text``, ``.doubts``.

    Raises
    ------
    BadInput
        With every finding about model, columns and answers; a model that is not identified by count; groups with
        wlsmv, which fits one group at a time.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> speed = rng.normal(size=(400, 1))
    >>> liking = 0.6 * speed + 0.8 * rng.normal(size=(400, 1))
    >>> items = np.hstack([speed, speed, speed, liking, liking, liking]) + 0.7 * rng.normal(size=(400, 6))
    >>> survey = pd.DataFrame(items, columns=["S1", "S2", "S3", "L1", "L2", "L3"])
    >>> scales = {"speed": ["S1", "S2", "S3"], "liking": ["L1", "L2", "L3"]}
    >>> fit = fit_sem(survey, {"scales": scales, "drivers": {"liking": ["speed"]}})
    >>> fit.table.set_index("name").loc["liking~speed", "std"].round(1)
    np.float64(0.6)
    """
    complete, study, cautions = answers_and_model(answers, model)
    if not study.drivers:
        hint = "for scales alone there is fit_cfa"
        raise BadInput(Finding("drivers", "are needed: an outcome and what drives it", hint=hint))
    if by_group and complete.group is None:
        raise BadInput(Finding("groups", "must name a column, to fit a model in every group"))
    equations = equations_of(study)
    group = list(complete.group) if by_group and complete.group is not None else None
    sample = sample_of(items_of_equations(complete, study, equations), equations.observed, group)
    found = system_fit(sample, equations, estimator_of(study, estimator), equal_groups)
    return replace(found, doubts=beside_cautions((*found.doubts, *misfit_of(found)), cautions))


def estimator_of(model: StudyModel, asked: str | None) -> str:
    """Way to fit a system: what is asked, or what the model says.

    Raises
    ------
    BadInput
    """
    if asked is not None and asked not in ERRORS:
        law = f"must be one of {', '.join(ERRORS)}"
        raise BadInput(Finding("estimator", law, got=asked, hint=nearest(asked, ERRORS)))
    return asked or WAYS.get(model.estimator, "ml")


def system_fit(sample: Sample, equations: Equations, way: str, equal_groups: Sequence[str] = ()) -> Fitted:
    """Fit a system by ml, mlr or wlsmv."""
    if way == "wlsmv":
        return fit_ordinal(sample, equations)
    return fit_equations(sample, equations, robust=way == "mlr", equal_groups=equal_groups)


def answers_and_model(
    answers: pd.DataFrame, model: StudyModel | Mapping[str, Any] | str | Path | None
) -> tuple[Answers, StudyModel, tuple[Caution, ...]]:
    """Complete answers, their model, which may have scales without drivers where it is a mapping, and what to doubt."""
    given = answers.attrs.get("model") if model is None else model
    if given is None:
        hint = "pass model=..., e.g. {'scales': {'trust': ['T1', 'T2', 'T3']}}"
        raise BadInput(Finding("model", "is needed for a survey that brings none", hint=hint))
    if isinstance(given, Mapping) and not given.get("drivers") and given.get("scales"):
        study = model_of({**given, "drivers": {"an outcome": ["a driver"]}}).model_copy(update={"drivers": {}})
    else:
        study = model_of(given)
    complete = complete_answers(answers, study)
    return complete, study, _cautions(complete, study)


def _cautions(answers: Answers, model: StudyModel) -> tuple[Caution, ...]:
    """What stands against the answers, whose errors a system of equations takes out; rows with gaps left out."""
    whole = answers.items.notna().all(axis=1).to_numpy()
    items, scores = (frame[whole].reset_index(drop=True) for frame in (answers.items, answers.scores))
    if not (items.nunique() > 1).all():  # nothing is fitted to these
        return ()
    scales = {name: model.items_of(name) for name in model.names}
    estimator = model.estimator if model.estimator in SYSTEMS else SYSTEMS[0]
    found = survey_cautions(replace(answers, items=items, scores=scores), scales, model.drivers,
                            reliability_table(items, model.scales), htmt_table(items, model.scales), estimator,
                            model.marker)  # fmt: skip
    return of_items(found)


def beside_cautions(doubts: Iterable[str], cautions: Iterable[Caution]) -> tuple[str, ...]:
    """Doubts of a fit, in English in every language, with cautions: codes first, which may be why it fails."""
    with language(ENGLISH):
        told_of = [(caution.about == "code", caution.sentence.rstrip(".")) for caution in doubted(cautions)]
    return (*(said for coded, said in told_of if coded), *doubts, *(said for coded, said in told_of if not coded))


def equations_of(
    model: StudyModel, *, structure: bool = True, errors: Mapping[str, float] | None = None
) -> Equations:
    """Say a model as equations: those of its drivers, or (`structure` = False) its scales only, all free to covary.

    `errors` are known error variances of constructs of one column, which then measures its construct and is called by
    its name and `SCORE`: a single indicator with a fixed error (Bollen 1989, ch. 5).

    An item that bears the name of a scale is called ``name (item)`` there, as equations have each name once.
    """
    used = [name for outcome, drivers in model.drivers.items() for name in (*drivers, outcome)]
    scales = {name: tuple(_item_name(item, model) for item in items) for name, items in model.scales.items()
              if len(items) > 1 and (not structure or name in used)}  # fmt: skip
    known = errors or {}
    single = {name: (name + SCORE,) for name in known}
    return Equations({**scales, **single}, dict(model.drivers) if structure else {},
                     fixed={f"{name}{SCORE}~~{name}{SCORE}": error for name, error in known.items()})  # fmt: skip


def _item_name(item: str, model: StudyModel) -> str:
    return f"{item} (item)" if item in model.scales else item


def columns_of_equations(model: StudyModel, equations: Equations) -> dict[str, str]:
    """Column behind each name that equations observe; a scale of one item stands under its own name."""
    renamed = {_item_name(item, model): item for item in model.items if item in model.scales}
    scores = {name + SCORE: name for name in model.names}
    found = {name: renamed.get(name, scores.get(name, name)) for name in equations.observed}
    return {name: column if name in renamed else model.items_of(column)[0] if column in model.scales else column
            for name, column in found.items()}  # fmt: skip


def items_of_equations(answers: Answers, model: StudyModel, equations: Equations) -> pd.DataFrame:
    """Answers to the items that equations observe, under the names they have there."""
    columns = columns_of_equations(model, equations)
    return pd.DataFrame({name: answers.items[column].to_numpy() for name, column in columns.items()})


def systems_of(
    answers: Answers, model: StudyModel, groups: Sequence[str], everyone: str
) -> tuple[dict[str, Fitted], dict[str, tuple[Finding, ...]]]:
    """Fit the system of a model among everyone and in each group; where that cannot be, say why."""
    fits: dict[str, Fitted] = {}
    refused: dict[str, tuple[Finding, ...]] = {}
    if model.estimator not in SYSTEMS:
        return fits, refused
    equations = equations_of(model)
    items = items_of_equations(answers, model, equations)
    for group in groups:
        here = items if group == everyone or answers.group is None else items[np.asarray(answers.group == group)]
        try:
            sample = sample_of(here, equations.observed)
            fits[group] = system_fit(sample, equations, WAYS[model.estimator])
        except BadInput as bad:
            refused[group] = bad.findings
    return fits, refused


def estimate_of(fit: Fitted, outcome: str, drivers: Sequence[str]) -> Estimate:
    """One equation of a system as an estimate; its doubts are those of the system and told there."""
    rows = fit.table.set_index("name").loc[[f"{outcome}~{driver}" for driver in drivers]]
    place = [next(int(at) for at, one in zip(fit.layout.place, fit.layout.parameters, strict=True) if one.name == name)
             for name in rows.index]  # fmt: skip
    value = {name: rows[name].to_numpy(float) for name in COLUMNS[COLUMNS.index("estimate") :]}
    r2 = float(fit.r_squared.set_index("variable")["r2"][outcome])
    return Estimate(
        value["estimate"], value["std_error"], value["statistic"], value["p_value"], value["low"], value["high"],
        value["std"], value["std_low"], value["std_high"], fit.covariance[np.ix_(place, place)], float("inf"), r2,
        float("nan"), ERRORS[fit.estimator],
    )  # fmt: skip


def fit_columns(fit: Fitted) -> dict[str, float]:
    """Indices of a system as columns of fit.csv: robust ones of MLR, scaled ones of WLSMV."""
    one, robust = fit.indices, fit.variant
    found = {"chi2": one["chi2"], "chi2_df": one["df"], "chi2_p": one["p_scaled" if robust else "p_value"],
             "chi2_scaled": one.get("chi2_scaled", float("nan"))}  # fmt: skip
    found |= {name: one[f"{name}{robust}"] for name in ("cfi", "tli", "rmsea")}
    found |= {f"rmsea_{end}": one[f"rmsea{robust}_{end}"] for end in ("low", "high")}
    return found | {name: one[name] for name in ("srmr", "aic", "bic")}


def misfit_of(fit: Fitted) -> list[str]:
    """Say where a model fits too badly to speak of its coefficients (conventions: Hu & Bentler 1999)."""
    one = fit_columns(fit)
    signs: list[str] = [f"CFI {_beside(one['cfi'], LOW_CFI)}, below {LOW_CFI:.2f}"] if one["cfi"] < LOW_CFI else []
    signs += [f"RMSEA {_beside(one['rmsea'], HIGH_RMSEA)}, above {HIGH_RMSEA:.2f}"] if one["rmsea"] > HIGH_RMSEA else []
    signs += [f"SRMR {_beside(one['srmr'], HIGH_SRMR)}, above {HIGH_SRMR:.2f}"] if one["srmr"] > HIGH_SRMR else []
    return [f"the model fits badly ({'; '.join(signs)}): look for items that go with another construct than their own, "
            "or for drivers that are missing"] if signs else []  # fmt: skip


def _beside(value: float, limit: float) -> str:
    """Two decimals, or as many as show on which side of a limit it lies."""
    digits = next((n for n in range(2, 9) if float(f"{value:.{n}f}") != limit), 9)
    return f"{value:.{digits}f}"


def system_cautions(systems: Mapping[str, Fitted], clusters: str | None, everyone: str) -> list[Caution]:
    """What structural equations say against themselves."""
    found = []
    for group, fit in systems.items():
        here = told("structural equations in group '{group}': {doubt}")
        words = told("structural equations: {doubt}") if group == everyone else here
        found += [Caution(partial(tell, words, group=group, doubt=doubt), None, group, "system")
                  for doubt in (*fit.doubts, *misfit_of(fit))]  # fmt: skip
    if systems:
        words = told("intervals of importance come from values drawn around the estimates of the structural equations, "
                     "not from respondents drawn anew")  # fmt: skip
        found.append(Caution(partial(tell, words), about="reading"))
    if systems and clusters is not None:
        words = told("errors are not clustered by {clusters}: structural equations take respondents as independent")
        found.append(Caution(partial(tell, words, clusters=clusters), about="clusters"))
    return found


def construct_draws(fit: Fitted, draws: int, seed: int) -> tuple[list[str], Array | None, float]:
    """Draw correlations of the constructs from the sampling distribution of a system, the estimate first.

    Values are drawn normal around the maximum with their covariance; draws that are no correlations are drawn again,
    and, after 20 rounds, moved towards the estimate.

    Returns
    -------
    names : list of str
    matrices : array, shape (draws + 1, v, v), or None
        None where the estimate itself is no correlation matrix or has no errors.
    replaced : float
        Share of the first draws that were none.
    """
    names = list(fit.construct_covariances().columns)
    place = {fit.layout.variables.index(name): number for number, name in enumerate(names)}
    cells = [(at, one) for at, one in zip(fit.layout.place, fit.layout.parameters, strict=True)
             if one.matrix in (ARROWS, SHARED) and one.row in place and one.column in place]  # fmt: skip
    v, center = len(names), fit.free

    def correlations(free: Array) -> tuple[Array, NDArray[np.bool_]]:
        a, s = np.zeros((len(free), v, v)), np.zeros((len(free), v, v))
        for at, one in cells:
            value = free[:, at] if at >= 0 else float(one.value or 0.0)
            i, j = place[one.row], place[one.column]
            if one.matrix == ARROWS:
                a[:, i, j] = value
            else:
                s[:, i, j] = s[:, j, i] = value
        b = np.linalg.inv(np.eye(v) - a)
        cov = b @ s @ np.swapaxes(b, 1, 2)
        variance = np.diagonal(cov, axis1=1, axis2=2)
        scale = 1 / np.sqrt(np.maximum(variance, 1e-300))
        found = cov * scale[:, :, None] * scale[:, None, :]
        sound: NDArray[np.bool_] = np.asarray((variance > 0).all(axis=1))
        sound[sound] = np.linalg.eigvalsh(found[sound])[:, 0] > LEAST_EIGENVALUE
        return found, sound

    first, proper = correlations(center[None])
    if not proper[0] or not np.isfinite(fit.covariance).all():
        return names, None, 0.0
    values, axes = np.linalg.eigh(fit.covariance)
    root = axes * np.sqrt(np.maximum(values, 0))
    rng = np.random.default_rng([seed, draws, v])
    kept, replaced, wanted = [first], [], draws
    for _ in range(TRIES):
        moved = rng.normal(size=(wanted, len(center))) @ root.T
        found, sound = correlations(center + moved)
        kept.append(found[sound])
        wanted -= int(sound.sum())
        replaced.append(wanted / max(draws, 1))
        if not wanted:
            break
    while wanted:
        moved = moved[~sound] / 2
        found, sound = correlations(center + moved)
        kept.append(found[sound])
        wanted -= int(sound.sum())
    return names, np.concatenate(kept), replaced[0]
