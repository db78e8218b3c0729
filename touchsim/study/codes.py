"""Answers that look like codes for "no answer" but were not declared: -99, 99 after 1 to 7, a 0 that rates nothing.

So do groups and clusters called -99.

Nothing is removed: an undeclared -99 stays in the data, and a sentence says so.  Called by `cautions`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from touchsim.languages import tell
from touchsim.study.caution import Caution, anded, general

__all__ = ["stray_items", "undeclared_clusters", "undeclared_codes", "undeclared_groups"]

Array = NDArray[np.float64]
CODES_A_SIDE = 4
SAME_SCALE = 3
SCALE_STEPS, OFTEN = 4, 5
FULL_SLIDER = 100
FREE_DIGITS, BEYOND_TEN = frozenset([8.0, 9.0]), frozenset([11.0, 12.0])
FEWEST_ZEROS = 10
MOST_COLUMNS, FIRST_COLUMNS = 40, 1
LOWEST_GROUP_CODE, FAR_GROUP = 66, 3
CODES = frozenset([-9999, -999, -998, -997, *range(-99, -87), -77, -66, *range(-9, 0), 8, 9, 66, 77, 88, 90,
                   *range(94, 100), 666, 777, 888, 997, 998, 999, 8888, 9998, 9999, 99999])  # fmt: skip


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
    found: dict[float, list[_Stray]] = {}
    for stray in _strays(items):
        found.setdefault(stray.value, []).append(stray)
    return [_code(partial(_of_strays, tuple(strays), len(items))) for strays in found.values()] + (
        _odd_zeros(items, outcomes))  # fmt: skip


def _code(telling: Callable[[int], str]) -> Caution:
    """Make a caution of a sentence about so many columns: all of them, or the first few."""
    return Caution(partial(telling, MOST_COLUMNS), about="code", short=partial(telling, FIRST_COLUMNS))


def _columns(parts: list[str], most: int) -> str:
    """What is said of each column, of `most` columns; the rest is a number."""
    if len(parts) <= most + 1:
        return anded(tuple(parts))
    return tell("{columns} ({n} more columns likewise)", columns=", ".join(parts[:most]), n=len(parts) - most)


def stray_items(items: pd.DataFrame) -> set[str]:
    """Items that hold what looks like a code."""
    return {stray.name for stray in _strays(items)}


@dataclass(frozen=True)
class _Stray:
    """One answer of one item that looks like a code, and the ends of the others."""

    name: str
    value: float
    count: int
    low: float
    high: float


def _strays(items: pd.DataFrame) -> Iterator[_Stray]:
    tops = items.max().to_numpy(float)
    for name in items:
        values, counts = np.unique(items[name].to_numpy(float), return_counts=True)
        below, above = _off_both_ends(values)
        if not above:
            above = _beyond_a_step(values[below:], counts[below:]) or _beyond_the_others(values[below:], tops)
        for j in [*range(below), *range(len(values) - above, len(values))]:
            yield _Stray(str(name), values[j], int(counts[j]), values[below], values[-above - 1])


def _of_strays(strays: tuple[_Stray, ...], n: int, most: int) -> str:
    """Say of one value in which columns it stands."""
    value, ends = general(strays[0].value), [one.low for one in strays] + [one.high for one in strays]
    if len(strays) == 1:
        (one,) = strays
        return tell("'{name}' holds {value} in {count} of {n} rows, far off its other answers ({low} to {high}): if "
                    "that means 'no answer', declare it under missing.codes; it is counted as an answer here", n=n,
                    name=one.name, value=value(), count=one.count, low=general(one.low)(),
                    high=general(one.high)())  # fmt: skip
    parts = _columns([tell("'{name}' holds {value} in {count}", name=one.name, value=value(), count=one.count)
                      for one in strays], most)  # fmt: skip
    return tell("{columns} of {n} rows, far off their other answers ({low} to {high}): if that means 'no answer', "
                "declare it under missing.codes; it is counted as an answer here", columns=parts, n=n,
                low=general(min(ends))(), high=general(max(ends))())  # fmt: skip


def undeclared_groups(groups: pd.Series[str] | None) -> list[Caution]:
    """Groups that look like codes for "no answer": a -99, or a 99 far above all other groups.

    Examples
    --------
    >>> undeclared_groups(pd.Series(["1", "2", "-99", "1"]))[0].sentence[:38]
    "group '-99' (1 of 4 rows) looks like a"
    """
    return [Caution(partial(tell, "group '{group}' ({count} of {n} rows) looks like a code for 'no answer': if it is, "
                            "declare it under missing.codes, and its rows are in no group; it counts as a group here",
                            group=group, count=count, n=0 if groups is None else len(groups)), about="code")
            for group, count in _coded(groups)]  # fmt: skip


def undeclared_clusters(clusters: pd.Series[str] | None) -> list[Caution]:
    """Clusters that look like codes for "not known", whose rows would be taken to hang together.

    Examples
    --------
    >>> undeclared_clusters(pd.Series(["1", "2", "-99", "1"]))[0].sentence[:40]
    "cluster '-99' (1 of 4 rows) looks like a"
    """
    return [Caution(partial(tell, "cluster '{cluster}' ({count} of {n} rows) looks like a code for 'not known': if it "
                            "is, its rows do not hang together; give each a cluster of its own, or leave them out",
                            cluster=cluster, count=count, n=0 if clusters is None else len(clusters)), about="code")
            for cluster, count in _coded(clusters)]  # fmt: skip


def _coded(groups: pd.Series[str] | None) -> list[tuple[str, int]]:
    """Names that are numbers used as codes, with their rows: a -99, or a 99 far above all the others."""
    if groups is None:
        return []
    counts = groups.astype(str).value_counts()
    numbers = pd.to_numeric(pd.Series(counts.index, index=counts.index), errors="coerce").dropna()
    coded = numbers[numbers.isin(list(CODES)) & ((numbers < 0) | (numbers >= LOWEST_GROUP_CODE))]
    rest = numbers.drop(coded.index)
    low, high = (0.0, 0.0) if rest.empty else (float(rest.min()), float(rest.max()))
    odd = coded[((coded < 0) & (low >= 0)) | (coded > FAR_GROUP * high)]
    return [(str(name), int(counts[name])) for name in odd.index]


def _off_both_ends(values: Array) -> tuple[int, int]:
    """How many of the lowest and of the highest look like codes: what lies off the rest once the farthest are gone."""
    below, above = _off_the_range(values)
    if below + above:
        more = _off_the_range(values[below : len(values) - above])
        below, above = below + more[0], above + more[1]
    return below, above


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
    """How many of the values lie just beyond a scale that most items, and several, share: 8, 9 after 7; 11 after 10."""
    for free, usual in ((FREE_DIGITS, tops[tops < min(FREE_DIGITS)]), (BEYOND_TEN, tops[tops == min(BEYOND_TEN) - 1])):
        top = float(np.median(usual)) if len(usual) else np.inf
        shared = int((tops == top).sum())
        above = values[values > top]
        same_scale = shared >= SAME_SCALE and shared > len(tops) / 2 and len(values) - len(above) > 1
        if same_scale and len(above) and set(above.tolist()) <= free:
            return len(above)
    ends = int((tops == min(BEYOND_TEN)).sum())  # 11 "I do not know" of every item, of which none ends at 10
    everywhere = ends >= SAME_SCALE and ends > len(tops) / 2 and len(values) > min(BEYOND_TEN)
    return int(everywhere and values[0] == 0 and values[-1] == min(BEYOND_TEN))


def _far(core: Array, outer: Array) -> bool:
    """Whether values outside the core, nearest first, are too far off it."""
    if (outer % 1).any():
        return False
    gap = float(np.abs(core - outer[0]).min())
    span, step = float(core[-1] - core[0]), float(np.diff(core).max())
    coded = bool(np.isin(outer, list(CODES)).all())
    whole = not (core % 1).any()
    below_zero = outer[0] < 0 <= core[0] and (
        whole and (gap >= 2 or (len(outer) == 1 and len(core) > 4)) or bool((outer <= -LOWEST_GROUP_CODE).all()))
    no_age = len(outer) == 1 and outer[0] == 0 and whole and gap > max(4 * step, 10) and core[-1] != FULL_SLIDER
    return gap > 3 * span or no_age or (coded and (gap > max(0.5 * span, 1.5 * step) or below_zero))


def _odd_zeros(items: pd.DataFrame, outcomes: list[pd.Series[float]]) -> list[Caution]:
    """Zeros on a short scale that begins at 1 elsewhere, or whose respondents rate the outcome as if in the middle."""
    elsewhere: list[tuple[str, int]] = []
    beside: dict[tuple[float, int], list[tuple[str, int]]] = {}
    for name in items:
        x = items[name].to_numpy(float)
        zero = x == 0
        if not 0 < zero.sum() < len(x) / 2 or x.min() < 0 or not 3 <= x.max() <= 10 or (x % 1).any():
            continue
        others = _begin_at_one(items, float(x.max()))
        if len(others) >= SAME_SCALE:
            beside.setdefault((float(x.max()), len(others)), []).append((str(name), int(zero.sum())))
        elif zero.sum() >= FEWEST_ZEROS and _rated_elsewhere(x, zero, outcomes):
            elsewhere.append((str(name), int(zero.sum())))
    many = {key: tuple(zeros) for key, zeros in beside.items() if max(count for _, count in zeros) >= FEWEST_ZEROS}
    found = [_code(partial(_of_zeros, zeros, len(items), *key)) for key, zeros in many.items()]
    if elsewhere:
        found.append(_code(partial(_of_zeros_elsewhere, tuple(elsewhere), len(items))))
    return found


def _of_zeros(zeros: tuple[tuple[str, int], ...], n: int, top: float, others: int, most: int) -> str:
    parts = _columns([tell("'{name}' is 0 in {count}", name=name, count=count) for name, count in zeros], most)
    return tell("{columns} of {n} rows, while {others} other items up to {top} begin at 1: if 0 means 'not "
                "applicable', declare it under missing.codes; it is counted as the lowest answer here", columns=parts,
                n=n, others=others, top=general(top)())  # fmt: skip


def _of_zeros_elsewhere(zeros: tuple[tuple[str, int], ...], n: int, most: int) -> str:
    parts = _columns([tell("'{name}' is 0 in {count}", name=name, count=count) for name, count in zeros], most)
    return tell("{columns} of {n} rows, and those respondents answer elsewhere as if they had not rated it low: if 0 "
                "means 'not applicable', declare it under missing.codes; it is counted as the lowest answer here",
                columns=parts, n=n)  # fmt: skip


def _rated_elsewhere(x: Array, zero: NDArray[np.bool_], outcomes: list[pd.Series[float]]) -> bool:
    """Whether those who say 0 rate an outcome as if they had not rated this item low."""
    for y in (outcome.to_numpy(float) for outcome in outcomes if not np.array_equal(outcome.to_numpy(float), x)):
        rest, reply = x[~zero], y[~zero]
        if rest.std() == 0 or y.std() == 0:
            continue
        slope = np.cov(rest, reply)[0, 1] / rest.var(ddof=1)
        expected, middle = reply.mean() - slope * rest.mean(), reply.mean()
        error = max(reply.std(ddof=1), y[zero].std(ddof=1)) / np.sqrt(zero.sum())
        off = (y[zero].mean() - expected) * np.sign(slope)
        if abs(slope) * rest.std() > 0.1 * reply.std() and off > 4 * error and off > 0.6 * abs(middle - expected):
            return True
    return False


def _begin_at_one(items: pd.DataFrame, top: float) -> list[str]:
    """Items with this top answer that are 1 often enough, and never 0."""
    found = []
    for name in items:
        x = items[name].to_numpy(float)
        if x.max() == top and x.min() == 1 and (x == 1).sum() >= 10 and not (x % 1).any():
            found.append(str(name))
    return found
