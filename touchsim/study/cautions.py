"""What a careful reader would object to, said before anyone quotes a number.

Each function looks at one possible fault of a survey or a model and returns sentences that name it and say what to look
at.  Nothing is repaired here: an undeclared -99 stays in the data, and the sentence says so.

| fault                         | sign                                                                               |
|-------------------------------|------------------------------------------------------------------------------------|
| undeclared code               | an answer far off the others; a 0 whose respondents do not answer like a 0         |
| weak scale                    | alpha < .7 (Nunnally 1978), < .6; an item that runs against its scale              |
| constructs not told apart     | HTMT > .85, > .90 (Henseler, Ringle & Sarstedt 2015)                               |
| shared mood (common method)   | one factor carries much of all items, and HTMT fails (Podsakoff et al. 2003)       |
| ceiling                       | more than half of the respondents give the top answer                              |
| collinear drivers             | VIF > 5 (Marquardt 1970), with the partner                                         |
| few rows                      | under 10 per driver; for binary outcomes under 10 of the rarer value per driver    |
| rows lost                     | more than 20 % had a gap                                                           |

Thresholds are conventions, not laws of nature.  Called by `drivers`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial, reduce

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from touchsim.languages import marked, tell, told
from touchsim.study.columns import Answers
from touchsim.study.estimators import variance_inflation
from touchsim.vocabulary import label

__all__ = ["Caution", "collinear_drivers", "few_rows", "shared_mood", "survey_cautions", "undeclared_codes"]

Array = NDArray[np.float64]
WEAK_ALPHA, POOR_ALPHA = 0.7, 0.6
CLOSE_HTMT, SAME_HTMT = 0.85, 0.90
MOOD_SHARE, MOOD_ALONE = 0.40, 0.60
LARGE_VIF = 5.0
ROWS_PER_DRIVER = 10
LARGE_LOSS = 0.20
CEILING = 0.5
CODES_A_SIDE = 4
SAME_SCALE = 3
SCALE_STEPS, OFTEN = 4, 5
FREE_DIGITS = frozenset([8.0, 9.0])
CODES = frozenset([-9999, -999, -998, -997, *range(-99, -87), -77, -66, *range(-9, 0), 8, 9, 66, 77, 88, 90,
                   *range(94, 100), 666, 777, 888, 997, 998, 999, 8888, 9998, 9999, 99999])  # fmt: skip


@dataclass(frozen=True)
class Caution:
    """One sentence of warning; `outcome` and `group` say what it is about, None = the whole study.

    `telling` is called when the sentence is read: in English for a table, in the language spoken for people.
    """

    telling: Callable[[], str] | str
    outcome: str | None = None
    group: str | None = None
    about: str = ""

    @property
    def sentence(self) -> str:
        """The sentence, in the language spoken."""
        return self.telling if isinstance(self.telling, str) else self.telling()


def survey_cautions(
    answers: Answers,
    scales: Mapping[str, tuple[str, ...]],
    drivers: Mapping[str, tuple[str, ...]],
    reliability: pd.DataFrame,
    htmt: pd.DataFrame,
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

    Returns
    -------
    list of Caution
    """
    found = [Caution(note, about="reading") for note in answers.notes]
    found += _loss(answers)
    found += undeclared_codes(answers.items, [answers.scores[outcome] for outcome in drivers])
    found += _weak_scales(answers.items, scales, reliability)
    found += _close_constructs(htmt)
    found += shared_mood(answers.items, scales, drivers, htmt)
    found += _ceiling(answers, scales)
    return found


def undeclared_codes(items: pd.DataFrame, outcomes: list[pd.Series[float]]) -> list[Caution]:
    """Answers that look like codes for "no answer" but were not declared; nothing is removed.

    Parameters
    ----------
    items : DataFrame, shape (n, items)
    outcomes : list of Series
        Scores of outcomes, against which a suspicious 0 is held.

    Returns
    -------
    list of Caution

    Examples
    --------
    >>> frame = pd.DataFrame({"SA1": [1, 2, 3, 4, 5, 99, 4, 3]})
    >>> undeclared_codes(frame, [])[0].sentence[:41]
    "'SA1' holds 99 in 1 of 8 rows, far off it"
    """
    found = []
    tops = items.max().to_numpy(float)
    for name in items:
        values, counts = np.unique(items[name].to_numpy(float), return_counts=True)
        below, above = _off_the_range(values)
        if not below and not above:
            above = _beyond_a_step(values, counts) or _beyond_the_others(values, tops)
        for j in [*range(below), *range(len(values) - above, len(values))]:
            found.append(Caution(
                partial(tell, "'{name}' holds {value} in {count} of {n} rows, far off its other answers ({low} to "
                        "{high}): if that means 'no answer', declare it under missing.codes; it is counted as an "
                        "answer here", name=name, value=_general(values[j]), count=counts[j], n=len(items),
                        low=_general(values[below]), high=_general(values[-above - 1])), about="code"))  # fmt: skip
    return found + _odd_zeros(items, outcomes)


def _off_the_range(values: Array) -> tuple[int, int]:
    """How many of the lowest and of the highest different values look like codes, not like answers."""
    most = min(CODES_A_SIDE, len(values) - 3)
    cuts = [(below, above) for below in range(most + 1) for above in range(most + 1 - below)][1:] if most > 0 else []
    for below, above in sorted(cuts, key=sum):
        core = values[below : len(values) - above]
        if (not below or _far(core, values[:below][::-1])) and (not above or _far(core, values[len(values) - above :])):
            return below, above
    return 0, 0


def _beyond_a_step(values: Array, counts: NDArray[np.int64]) -> int:
    """1 where the highest value is a code that leaves out a step of a scale without gaps: 9 after 1 to 7; else 0.

    Counts of things thin out towards the top, so that a few may leave one out; `OFTEN` answers beyond it do not.
    """
    core = values[:-1]
    steady = len(core) >= SCALE_STEPS and bool((np.diff(core) == 1).all()) and core[0] in (0, 1)
    return int(steady and values[-1] in CODES and values[-1] > core[-1] + 1 and counts[-1] >= OFTEN)


def _beyond_the_others(values: Array, tops: Array) -> int:
    """How many of the values are an 8 or a 9 where most items, and several, end lower: 1 to 7, then 8 and 9."""
    usual = tops[tops < min(FREE_DIGITS)]
    top = float(np.median(usual)) if len(usual) else np.inf
    shared = int((tops == top).sum())
    above = values[values > top]
    same_scale = shared >= SAME_SCALE and shared > len(tops) / 2 and len(values) - len(above) > 1
    return len(above) if same_scale and len(above) and set(above.tolist()) <= FREE_DIGITS else 0


def _far(core: Array, outer: Array) -> bool:
    """Whether values outside the core, nearest first, are too far off it."""
    if (outer % 1).any():
        return False
    gap = float(np.abs(core - outer[0]).min())
    span, step = float(core[-1] - core[0]), float(np.diff(core).max())
    coded = bool(np.isin(outer, list(CODES)).all())
    below_zero = outer[0] < 0 <= core[0] and not (core % 1).any() and (gap >= 2 or (len(outer) == 1 and len(core) > 4))
    return gap > 3 * span or (coded and (gap > max(0.5 * span, 1.5 * step) or below_zero))


def _odd_zeros(items: pd.DataFrame, outcomes: list[pd.Series[float]]) -> list[Caution]:
    """Zeros on a short scale that begins at 1 elsewhere, or whose respondents rate the outcome as if in the middle."""
    found = []
    for name in items:
        x = items[name].to_numpy(float)
        zero = x == 0
        if not 10 <= zero.sum() < len(x) / 2 or x.min() < 0 or not 3 <= x.max() <= 10 or (x % 1).any():
            continue
        others = _begin_at_one(items, float(x.max()))
        if len(others) >= SAME_SCALE:
            found.append(Caution(
                partial(tell, "'{name}' is 0 in {count} of {n} rows, while {others} other items up to {top} begin at "
                        "1: if 0 means 'not applicable', declare it under missing.codes; it is counted as the lowest "
                        "answer here", name=name, count=int(zero.sum()), n=len(x), others=len(others),
                        top=_general(x.max())), about="code"))  # fmt: skip
            continue
        for y in (outcome.to_numpy(float) for outcome in outcomes if not np.array_equal(outcome.to_numpy(float), x)):
            rest, reply = x[~zero], y[~zero]
            if rest.std() == 0 or y.std() == 0:
                continue
            slope = np.cov(rest, reply)[0, 1] / rest.var(ddof=1)
            expected, middle = reply.mean() - slope * rest.mean(), reply.mean()
            error = max(reply.std(ddof=1), y[zero].std(ddof=1)) / np.sqrt(zero.sum())
            off = (y[zero].mean() - expected) * np.sign(slope)
            if abs(slope) * rest.std() > 0.1 * reply.std() and off > 4 * error and off > 0.6 * abs(middle - expected):
                found.append(Caution(
                    partial(tell, "'{name}' is 0 in {count} of {n} rows, and those respondents answer elsewhere as if "
                            "they had not rated it low: if 0 means 'not applicable', declare it under missing.codes; "
                            "it is counted as the lowest answer here", name=name, count=int(zero.sum()), n=len(x)),
                    about="code"))  # fmt: skip
                break
    return found


def _begin_at_one(items: pd.DataFrame, top: float) -> list[str]:
    """Items with this top answer that are 1 often enough, and never 0."""
    found = []
    for name in items:
        x = items[name].to_numpy(float)
        if x.max() == top and x.min() == 1 and (x == 1).sum() >= 10 and not (x % 1).any():
            found.append(str(name))
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
                tell, "{driver} (VIF {vif}) with {partner} (r = {r})", driver=_name(drivers[j]), partner=_name(partner),
                vif=partial(marked, f"{vif[j]:.1f}"), r=_two(together[j].max())))  # fmt: skip
    if not pairs:
        return []
    words = told("drivers of {outcome} go together, {pairs}: read their coefficients jointly, not one by one")
    if len(pairs) > 3:
        words = told("drivers of {outcome} go together, {pairs} and {more} more: read their coefficients jointly, not "
                     "one by one")  # fmt: skip
    told_pairs = partial(_joined, tuple(pairs.values())[:3], "; ")
    return [Caution(partial(tell, words, outcome=_name(outcome), pairs=told_pairs, more=len(pairs) - 3), outcome, group,
                    "collinearity")]  # fmt: skip


def few_rows(scores: pd.DataFrame, drivers: tuple[str, ...], outcome: str, group: str, estimator: str) -> list[Caution]:
    """Too few answers for this many drivers."""
    n, p = len(scores), len(drivers)
    found = []
    if n < ROWS_PER_DRIVER * p:
        found.append(partial(tell, "{n} rows for {drivers} drivers of {outcome} are few (under {least} per driver)",
                             n=n, drivers=p, outcome=_name(outcome), least=ROWS_PER_DRIVER))  # fmt: skip
    if estimator == "logit":
        rarer = int(scores[outcome].value_counts().min())
        if rarer < ROWS_PER_DRIVER * p:
            found.append(partial(tell, "the rarer value of {outcome} has {n} rows for {drivers} drivers (under {least} "
                                 "per driver): estimates lean away from zero", outcome=_name(outcome), n=rarer,
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
    found = []
    for outcome, names in drivers.items():
        if len(names) < 2:
            continue
        used = list(dict.fromkeys(item for name in (*names, outcome) for item in scales[name]))
        values = np.linalg.eigvalsh(np.corrcoef(items[used].to_numpy(float), rowvar=False))
        share = float(values[-1] / values.sum())
        together = (share * len(used) - 1) / (len(used) - 1)  # the even correlation that would give this share
        among = htmt[htmt["a"].isin(names) & htmt["b"].isin(names)]["htmt"].dropna()
        if among.empty:
            sign, proof = together > MOOD_ALONE, partial(tell, "one item each, so HTMT cannot be computed")
        else:
            sign = among.median() > CLOSE_HTMT or (share > MOOD_SHARE and among.max() > SAME_HTMT)
            proof = partial(tell, "HTMT between drivers up to {most}", most=_two(among.max()))
        if sign:
            found.append(Caution(
                partial(tell, "ratings of {outcome} and its drivers may share a mood: one factor carries {share} % of "
                        "all items ({proof}), so neither a leading driver nor a leading block can be trusted without "
                        "another source (logs, a second wave, a marker question)", outcome=_name(outcome),
                        share=f"{100 * share:.0f}", proof=proof), outcome, None, "mood"))  # fmt: skip
    return found


def _loss(answers: Answers) -> list[Caution]:
    if answers.n_lost <= LARGE_LOSS * answers.n_rows:
        return []
    worst = max(answers.losses.to_dict("records"), key=lambda row: int(row["gaps"]))
    part = 100 * answers.n_lost / answers.n_rows
    return [Caution(
        partial(tell, "{lost} of {n} rows ({share} %) had a gap and are left out, most for {worst} ({gaps}): the rest "
                "are not a random sample of all", lost=answers.n_lost, n=answers.n_rows, share=f"{part:.0f}",
                worst=_name(str(worst["construct"])), gaps=worst["gaps"]), about="loss")]  # fmt: skip


def _weak_scales(
    items: pd.DataFrame, scales: Mapping[str, tuple[str, ...]], reliability: pd.DataFrame
) -> list[Caution]:
    found = []
    for row in reliability.to_dict("records"):
        name, alpha = str(row["construct"]), float(row["alpha"])
        values = items[list(scales[name])]
        against: list[str] = []
        if values.shape[1] > 2:
            rest = values.sum(axis=1).to_numpy()
            against = [str(item) for item in values if np.corrcoef(values[item], rest - values[item])[0, 1] < 0]
        if against:
            words = told("{item} runs against the other items of {scale}: reverse-coded?")
            if len(against) > 1:
                words = told("{items} run against the other items of {scale}: reverse-coded?")
            found.append(partial(tell, words, item=repr(against[0]), items=partial(_anded, tuple(map(repr, against))),
                                 scale=_name(name)))  # fmt: skip
        elif alpha < WEAK_ALPHA:
            words = told("reliability of {scale} is weak (alpha {alpha}): its coefficient is pulled towards zero, and "
                         "others take its part")  # fmt: skip
            if alpha < POOR_ALPHA:
                words = told("reliability of {scale} is poor (alpha {alpha}): its coefficient is pulled towards zero, "
                             "and others take its part")  # fmt: skip
            found.append(partial(tell, words, scale=_name(name), alpha=_two(alpha)))
    return [Caution(sentence, about="scale") for sentence in found]


def _close_constructs(htmt: pd.DataFrame) -> list[Caution]:
    close = htmt[htmt["htmt"] > CLOSE_HTMT].sort_values("htmt", ascending=False, kind="stable")
    if close.empty:
        return []
    pairs = [partial(tell, "{first} and {last} ({htmt})", first=_name(near["a"]), last=_name(near["b"]),
                     htmt=_two(near["htmt"])) for near in close.head(4).to_dict("records")]  # fmt: skip
    left = len(close) - 4
    if left > 0:
        more = told("{pair} and {n} more pairs") if left > 1 else told("{pair} and {n} more pair")
        pairs[-1] = partial(tell, more, pair=pairs[-1], n=left)
    words = told("constructs are hardly told apart by those who answered (HTMT above {limit}): {pairs}")
    if close["htmt"].max() > SAME_HTMT:
        words = told("constructs are not told apart by those who answered (HTMT above {limit}): {pairs}")
    return [Caution(partial(tell, words, limit=partial(marked, str(CLOSE_HTMT)),
                            pairs=partial(_joined, tuple(pairs), "; ")), about="htmt")]  # fmt: skip


def _ceiling(answers: Answers, scales: Mapping[str, tuple[str, ...]]) -> list[Caution]:
    found = []
    for name, score in answers.scores.items():
        values = answers.items[list(scales[str(name)])].to_numpy(float)
        top = float((score == values.max()).mean())
        if top > CEILING and len(np.unique(values)) > 2:
            found.append(Caution(
                partial(tell, "{share} % give {scale} the top answer: differences above it are not seen, and effects "
                        "look smaller than they are", share=f"{100 * top:.0f}", scale=_name(str(name))),
                about="ceiling"))  # fmt: skip
    return found


def _name(key: str) -> Callable[[], str]:
    return partial(label, key)


def _two(value: float) -> Callable[[], str]:
    return partial(marked, f"{value:.2f}")


def _general(value: float) -> Callable[[], str]:
    return partial(marked, f"{value:g}")


def _anded(names: tuple[str, ...]) -> str:
    return reduce(lambda first, last: tell("{first} and {last}", first=first, last=last), names)


def _joined(parts: tuple[Callable[[], str], ...], between: str) -> str:
    return between.join(part() for part in parts)
