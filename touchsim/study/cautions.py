"""What a careful reader would object to, said before anyone quotes a number.

Each function looks at one possible fault of a survey or a model and returns sentences that name it and say what to look
at.  Nothing is repaired here.

| fault                         | sign                                                                               |
|-------------------------------|------------------------------------------------------------------------------------|
| undeclared code               | an answer or group far off the others, a 0 that is no rating (see `codes`)         |
| weak scale                    | see `soundness`                                                                    |
| constructs not told apart     | size of HTMT > .85, > .90 (Henseler, Ringle & Sarstedt 2015)                       |
| shared mood (common method)   | one factor carries much of all items, and HTMT fails (Podsakoff et al. 2003)       |
| one answer to everything      | more than 10 % give all items on the same points, six or more, the same            |
| ceiling, floor                | more than half of the respondents give the top answer, or the lowest               |
| collinear drivers             | VIF > 5 (Marquardt 1970), with the partner                                         |
| few rows                      | under 10 per driver or 30 in all; of two values under 10 of the rarer per driver   |
| rows repeated                 | more copy an earlier one than chance makes (see `repeats`)                         |
| rows lost                     | more than 20 % had a gap                                                           |
| no group                      | rows that do not say theirs                                                        |
| two values                    | an outcome of two under an estimator of distances                                  |
| few clusters                  | errors that rest on few of them (see `clusters`)                                   |

Thresholds are conventions, not laws of nature.  Called by `drivers`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from touchsim.languages import marked, tell, told
from touchsim.study.caution import EVERYONE, Caution, general, joined, named, two
from touchsim.study.clusters import FEW_CLUSTERS
from touchsim.study.codes import stray_items, undeclared_clusters, undeclared_codes, undeclared_groups
from touchsim.study.columns import Answers
from touchsim.study.estimators import Estimate, variance_inflation
from touchsim.study.model import BINARY, LATENT, SYSTEMS
from touchsim.study.soundness import scale_cautions

__all__ = ["collinear_drivers", "few_clusters", "few_rows", "imputed", "lone_clusters", "replaced_draws",
           "shared_mood", "shares_of_squares", "survey_cautions", "two_values", "unclustered_tests"]  # fmt: skip

Array = NDArray[np.float64]
CLOSE_HTMT, SAME_HTMT = 0.85, 0.90
MOST_POINTS = 11
MOOD_SHARE, MOOD_ALONE, SAME_SPAN = 0.40, 0.60, 3.0
LARGE_VIF = 5.0
ROWS_PER_DRIVER, FEWEST_ROWS = 10, 30
LARGE_LOSS = 0.20
MANY_REPLACED = 0.05
CEILING = 0.5
LEVELS = (*LATENT, "sem_wlsmv")
ITEMS_OF_ONE_ANSWER, POINTS_OF_ONE_ANSWER, MANY_OF_ONE_ANSWER = 6, 4, 0.10


def survey_cautions(
    answers: Answers,
    scales: Mapping[str, tuple[str, ...]],
    drivers: Mapping[str, tuple[str, ...]],
    reliability: pd.DataFrame,
    htmt: pd.DataFrame,
    estimator: str = "ols",
    marker: str | None = None,
) -> list[Caution]:
    """Everything about the survey as a whole.

    Parameters
    ----------
    answers : Answers
    scales : mapping
        Name to items, composites included.
    drivers : mapping
        Outcome to its drivers.
    reliability, htmt : DataFrame
        From `scales`.
    estimator : str
    marker : str, optional
        A construct without a coefficient that its scale could bias.

    Returns
    -------
    list of Caution
    """
    found = [Caution(note, about="reading") for note in answers.notes]
    found += _repeats(answers) + _loss(answers)
    found += undeclared_codes(answers.items, [answers.scores[outcome] for outcome in drivers])
    found += undeclared_groups(answers.group)
    found += undeclared_clusters(answers.cluster)
    found += _without_group(answers)
    found += scale_cautions(answers.items, scales, reliability[reliability["construct"] != marker], drivers=drivers,
                            estimator=estimator, coded=partial(stray_items, answers.items))  # fmt: skip
    found += _one_answer(answers.items, [items for name, items in scales.items() if name != marker])
    found += _close_constructs(htmt)
    found += shared_mood(answers.items, scales, drivers, htmt)
    levels = set(drivers) if estimator in LEVELS else set()  # of which an answer in levels has a highest one
    levels |= {name for names in drivers.values() for name in names} if estimator == "sem_wlsmv" else set()
    found += _ceiling(answers, {name: items for name, items in scales.items() if name not in levels})
    return found


def collinear_drivers(scores: pd.DataFrame, drivers: tuple[str, ...], outcome: str, group: str) -> list[Caution]:
    """Drivers whose coefficients are hard to tell apart, each with the driver it goes with most; one sentence."""
    values = scores[list(drivers)].to_numpy(float)
    vif = variance_inflation(values)
    together = np.abs(np.corrcoef(values, rowvar=False).reshape(len(drivers), len(drivers))) - 2 * np.eye(len(drivers))
    pairs: dict[frozenset[str], Callable[[], str]] = {}
    for j in np.argsort(-vif, kind="stable"):
        partner = drivers[int(together[j].argmax())]
        if vif[j] > LARGE_VIF:
            pairs.setdefault(frozenset((drivers[j], partner)), partial(
                tell, "{driver} (VIF {vif}) with {partner} (r = {r})", driver=named(drivers[j]), partner=named(partner),
                vif=partial(marked, f"{vif[j]:.1f}"), r=two(together[j].max())))  # fmt: skip
    if not pairs:
        return []
    words = told("drivers of {outcome} go together, {pairs}: read their coefficients jointly, not one by one")
    if len(pairs) > 3:
        words = told("drivers of {outcome} go together, {pairs} and {more} more: read their coefficients jointly, not "
                     "one by one")  # fmt: skip
    told_pairs = partial(joined, tuple(pairs.values())[:3], "; ")
    return [Caution(partial(tell, words, outcome=named(outcome), pairs=told_pairs, more=len(pairs) - 3), outcome, group,
                    "collinearity")]  # fmt: skip


def few_rows(scores: pd.DataFrame, drivers: tuple[str, ...], outcome: str, group: str, estimator: str) -> list[Caution]:
    """Too few answers for this many drivers."""
    n, p = len(scores), len(drivers)
    found = []
    if n < max(ROWS_PER_DRIVER * p, FEWEST_ROWS):
        words = told("{n} rows for {drivers} drivers of {outcome} are few (under {least} per driver)")
        if n >= ROWS_PER_DRIVER * p or p == 1:
            words = told("{n} rows for {outcome} are few (under {fewest}): errors and intervals are rough")
        found.append(partial(tell, words, n=n, drivers=p, outcome=named(outcome), least=ROWS_PER_DRIVER,
                             fewest=FEWEST_ROWS))  # fmt: skip
    if estimator in BINARY:
        rarer = int(scores[outcome].value_counts().min())
        if rarer < ROWS_PER_DRIVER * p:
            found.append(partial(tell, "the rarer value of {outcome} has {n} rows for {drivers} drivers (under {least} "
                                 "per driver): estimates lean away from zero", outcome=named(outcome), n=rarer,
                                 drivers=p, least=ROWS_PER_DRIVER))  # fmt: skip
    return [Caution(sentence, outcome, group, "rows") for sentence in found]


def shared_mood(
    items: pd.DataFrame,
    scales: Mapping[str, tuple[str, ...]],
    drivers: Mapping[str, tuple[str, ...]],
    htmt: pd.DataFrame,
) -> list[Caution]:
    """Signs that ratings share a mood, so that no driver or block can be said to lead.

    Harman's share: the first eigenvalue of the correlations of all items of one outcome and its drivers.  Alone it
    proves little (a strong common cause looks the same), so it counts together with HTMT between drivers above 0.90,
    or a median above 0.85; with one-item constructs, where HTMT does not exist, a
    share as of an even correlation above 0.60.

    Returns
    -------
    list of Caution
        ``about="mood"``, one for each outcome with signs.
    """
    found: list[Caution] = []
    coded = stray_items(items)
    for outcome, names in drivers.items():
        if len(names) < 2:
            continue
        used = list(dict.fromkeys(item for name in (*names, outcome) for item in scales[name]))
        spans = np.ptp(items[used].to_numpy(float), axis=0)
        if coded.intersection(used) or spans.max() > SAME_SPAN * spans.min():  # what a code does; no ratings at all
            continue
        values = np.linalg.eigvalsh(np.corrcoef(items[used].to_numpy(float), rowvar=False))
        share = float(values[-1] / values.sum())
        together = (share * len(used) - 1) / (len(used) - 1)  # the even correlation that would give this share
        among = htmt[htmt["a"].isin(names) & htmt["b"].isin(names)]["htmt"].dropna().abs()
        if among.empty:
            sign, proof = together > MOOD_ALONE, partial(tell, "one item each, so HTMT cannot be computed")
        else:
            sign = among.median() > CLOSE_HTMT or (share > MOOD_SHARE and among.max() > SAME_HTMT)
            proof = partial(tell, "HTMT between drivers up to {most}", most=two(among.max()))
        if sign:
            found.append(Caution(
                partial(tell, "ratings of {outcome} and its drivers may share a mood: one factor carries {share} % of "
                        "all items ({proof}), so neither a leading driver nor a leading block can be trusted without "
                        "another source (logs, a second wave, a marker question)", outcome=named(outcome),
                        share=f"{100 * share:.0f}", proof=proof), outcome, None, "mood"))  # fmt: skip
    return found


def _repeats(answers: Answers) -> list[Caution]:
    count, n, wholly = answers.repeats
    words = told("{count} of {n} rows give the same answers as an earlier row to all questions of the model: if they "
                 "were pasted twice under new names, n is too large and all errors are too small")  # fmt: skip
    if wholly:
        words = told("{count} of {n} rows repeat an earlier row in all columns: if a file was pasted twice, n is too "
                     "large and all errors are too small; leave the copies out")  # fmt: skip
    return [Caution(partial(tell, words, count=count, n=n), about="repeats")] if count else []


def _loss(answers: Answers) -> list[Caution]:
    if answers.n_lost <= LARGE_LOSS * answers.n_rows:
        return []
    worst = max(answers.losses.to_dict("records"), key=lambda row: int(row["gaps"]))
    part = 100 * answers.n_lost / answers.n_rows
    return [Caution(
        partial(tell, "{lost} of {n} rows ({share} %) had a gap and are left out, most for {worst} ({gaps}): the rest "
                "need not be a random sample of all", lost=answers.n_lost, n=answers.n_rows, share=f"{part:.0f}",
                worst=named(str(worst["construct"])), gaps=worst["gaps"]), about="loss")]  # fmt: skip


def _close_constructs(htmt: pd.DataFrame) -> list[Caution]:
    size = htmt["htmt"].abs()  # a scale that points the other way measures the same
    close = htmt.loc[size[size > CLOSE_HTMT].sort_values(ascending=False, kind="stable").index]
    if close.empty:
        return []
    pairs = [partial(tell, "{first} and {last} ({htmt})", first=named(near["a"]), last=named(near["b"]),
                     htmt=partial(_beyond, near["htmt"])) for near in close.head(4).to_dict("records")]  # fmt: skip
    left = len(close) - 4
    if left > 0:
        more = told("{pair} and {n} more pairs") if left > 1 else told("{pair} and {n} more pair")
        pairs[-1] = partial(tell, more, pair=pairs[-1], n=left)
    words = told("constructs are hardly told apart by those who answered (HTMT above {limit}): {pairs}")
    if size.max() > SAME_HTMT:
        words = told("constructs are not told apart by those who answered (HTMT above {limit}): {pairs}")
    return [Caution(partial(tell, words, limit=partial(marked, str(CLOSE_HTMT)),
                            pairs=partial(joined, tuple(pairs), "; ")), about="htmt")]  # fmt: skip


def _beyond(value: float) -> str:
    """Two decimals, or as many as show that it lies beyond .85."""
    digits = next((n for n in range(2, 9) if float(f"{abs(value):.{n}f}") != CLOSE_HTMT), 9)
    return marked(f"{value:.{digits}f}")


def _one_answer(items: pd.DataFrame, scales: Sequence[tuple[str, ...]]) -> list[Caution]:
    """Many respondents who give the same answer to all items that are answered on the same points, four or more."""
    alike: dict[tuple[float, float], list[str]] = {}
    for item in dict.fromkeys(item for members in scales for item in members):
        if items[item].nunique() >= POINTS_OF_ONE_ANSWER:
            alike.setdefault((float(items[item].min()), float(items[item].max())), []).append(item)
    most = max(alike.values(), key=len, default=[])
    values = items[most].to_numpy(float)
    same = int((values == values[:, :1]).all(axis=1).sum())
    if len(most) < ITEMS_OF_ONE_ANSWER or same <= MANY_OF_ONE_ANSWER * len(values):
        return []
    words = told("{count} of {n} rows give the same answer to all {items} items: who clicks through raises every "
                 "correlation, and what drives what is hidden behind it")  # fmt: skip
    if len(most) < items.shape[1]:
        words = told("{count} of {n} rows give the same answer to all {items} items of one answer scale: who clicks "
                     "through raises every correlation, and what drives what is hidden behind it")  # fmt: skip
    return [Caution(partial(tell, words, count=same, n=len(values), items=len(most)), about="one answer")]


def _ceiling(answers: Answers, scales: Mapping[str, tuple[str, ...]]) -> list[Caution]:
    """Constructs of which most respondents stand at one end."""
    found = []
    for name in scales:
        score, values = answers.scores[name], answers.items[list(scales[name])].to_numpy(float)
        top = float((score == values.max()).mean())
        if top > CEILING and len(np.unique(values)) > 2:
            found.append(Caution(
                partial(tell, "{share} % give {scale} the top answer: differences above it are not seen, and effects "
                        "look smaller than they are", share=f"{100 * top:.0f}", scale=named(name)),
                about="ceiling"))  # fmt: skip
        low = float((score == values.min()).mean())
        points = np.unique(values)  # a 0 of counts and money is one
        scale = points[0] == 1 or (points[0], points[-1]) == (0, MOST_POINTS - 1)
        if low > CEILING and 2 < len(points) <= MOST_POINTS and scale and not (points % 1).any():
            found.append(Caution(
                partial(tell, "{share} % give {scale} the lowest answer: differences below it are not seen, and "
                        "effects look smaller than they are", share=f"{100 * low:.0f}", scale=named(name)),
                about="ceiling"))  # fmt: skip
    return found


def _without_group(answers: Answers) -> list[Caution]:
    """Rows whose group is not known."""
    lost = 0 if answers.group is None else int(answers.group.isna().sum())
    if answers.group is None or not lost:
        return []
    return [Caution(
        partial(tell, "{lost} of {n} rows say no {groups}: they count among everyone and in no group", lost=lost,
                n=len(answers.group), groups=repr(str(answers.group.name))), about="groups")]  # fmt: skip


def two_values(scores: pd.DataFrame, outcome: str, group: str, estimator: str) -> list[Caution]:
    """Say what an outcome of two values means to an estimator of distances, or which of them a logit counts as 1."""
    values = np.unique(scores[outcome])
    if len(values) != 2:  # noqa: PLR2004
        return []
    names: dict[str, Any] = {"outcome": named(outcome), "low": general(values[0]), "high": general(values[1])}
    if estimator in BINARY:
        words = told("{outcome} is {low} or {high}: {high} counts as 1, and coefficients are for it")
        return [] if values.tolist() == [0, 1] else [Caution(partial(tell, words, **names), outcome, group, "reading")]
    words = told("{outcome} has two values, {low} and {high}: coefficients are differences in the share of the higher "
                 "one, and the line may leave what is possible; estimator: logit does not")  # fmt: skip
    return [] if estimator in LEVELS else [Caution(partial(tell, words, **names), outcome, group, "levels")]


def few_clusters(estimates: Mapping[tuple[str, str], Estimate], clusters: str | None) -> list[Caution]:
    """What errors by few clusters rest on, once for the whole study."""
    degrees = [int(fit.df) for fit in estimates.values() if fit.cov_type.startswith("CR")]
    least = min(degrees, default=FEW_CLUSTERS)
    if least + 1 >= FEW_CLUSTERS:
        return []
    words = told("errors are clustered by {clusters} and rest on {n} clusters, so intervals are those of t with "
                 "{degrees} degrees of freedom and wide; bootstrap draws of importance are of whole clusters, and say "
                 "little of so few")  # fmt: skip
    if least == 1:
        words = told("errors are clustered by {clusters} and rest on {n} clusters, so intervals are those of t with 1 "
                     "degree of freedom and wide; bootstrap draws of importance are of whole clusters, and say little "
                     "of so few")  # fmt: skip
    return [Caution(partial(tell, words, clusters=clusters, n=least + 1, degrees=least), about="clusters")]


def unclustered_tests(tested: bool, clusters: str | None) -> list[Caution]:
    """Say that tests of parallel slopes do not know clusters."""
    words = told("tests of parallel slopes (parallel.csv) take respondents as independent, whatever their {clusters}")
    return [Caution(partial(tell, words, clusters=clusters), about="clusters")] if tested and clusters else []


def shares_of_squares(estimator: str) -> list[Caution]:
    """Say whose shares of importance stand beside a median or a mixed model."""
    words = told("shares of importance are those of least squares: they divide what drivers explain of the mean, not "
                 "of the median")  # fmt: skip
    if estimator == "mixed":
        words = told("shares of importance are those of least squares, levels of clusters left aside; their bootstrap "
                     "draws are of whole clusters")  # fmt: skip
    return [Caution(partial(tell, words), about="shares")] if estimator in ("quantile", "mixed") else []


def imputed(items: pd.DataFrame, many: int) -> list[Caution]:
    """Say how many answers are made up, and on which assumption."""
    gaps = items.isna().to_numpy()
    return [Caution(
        partial(tell, "{gaps} answers left open by {respondents} of {n} respondents are imputed {many} times, as if "
                "they were open at random given the other answers; where a question did not apply there is nothing to "
                "impute: use how: listwise there", gaps=int(gaps.sum()), respondents=int(gaps.any(axis=1).sum()),
                n=len(items), many=many), about="imputed")]  # fmt: skip


def lone_clusters(answers: Answers, estimator: str) -> list[Caution]:
    """Say where errors are not clustered because all rows are of one cluster."""
    group, cluster = answers.group, answers.cluster
    if cluster is None or estimator in SYSTEMS:  # which say so themselves
        return []
    if cluster.nunique() == 1:
        words = told("errors are not clustered by {clusters}: all rows are of the same one, so how they differ is not "
                     "in any interval")  # fmt: skip
        return [Caution(partial(tell, words, clusters=cluster.name), about="clusters")]
    many = pd.Series(dtype=int) if group is None else cluster.groupby(group.to_numpy()).nunique()
    alone = tuple(partial(str, name) for name in many.index[many == 1])
    words = told("errors in {groups} are not clustered by {clusters}: all rows there are of the same one, so how they "
                 "differ is not in any interval")  # fmt: skip
    telling = partial(tell, words, groups=partial(joined, alone, ", "), clusters=cluster.name)
    return [Caution(telling, about="clusters")] if alone else []


def replaced_draws(outcome: str, share: float) -> list[Caution]:
    """Say that many draws behind shares of importance were no correlations, so that others stand in for them."""
    words = told("in {share} % of the draws behind the shares of {outcome} the constructs correlate as no variables "
                 "can; draws nearer to the estimate stand in for these, so intervals of importance are too "
                 "narrow")  # fmt: skip
    telling = partial(tell, words, share=f"{100 * share:.0f}", outcome=named(outcome))
    return [Caution(telling, outcome, EVERYONE, "interval")] if share > MANY_REPLACED else []
