"""Whether the items of a scale say the same thing: what alpha, signs and copies give away.

| fault                    | sign                                                                                    |
|--------------------------|-----------------------------------------------------------------------------------------|
| items coded backwards    | on the first axis of the correlations they stand against the greater part of the scale  |
| weak scale               | alpha < .7 (Nunnally 1978), < .6                                                        |
| copies                   | two columns with the same answer in every row                                           |
| Heywood case             | the one-factor model of the scale leaves an item no error (Heywood 1931)                |

What a weak scale does to a study depends on its place: a driver's coefficient is pulled towards zero, an outcome is
explained less; and on the estimator, which may take errors of items out.  A scale that is good among everyone may be
poor in one group, whose coefficients then differ from those of others for no other reason.  Called by `cautions` and
`drivers`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from functools import partial

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from touchsim.languages import tell, told
from touchsim.study.caution import Caution, anded, joined, named, two
from touchsim.study.factors import SMALLEST_UNIQUENESS
from touchsim.study.model import SYSTEMS
from touchsim.study.scales import factor_loadings, htmt_table, raw_alpha

__all__ = ["backward_items", "scale_cautions", "scales_in_groups"]

Array = NDArray[np.float64]
WEAK_ALPHA, POOR_ALPHA = 0.7, 0.6
AGAINST, ERRORS, PAIR_ERRORS = -0.1, 3.0, 2.6
FEWEST_COPIES = 20
FEWEST_IN_GROUP, FEWEST_FOR_HTMT, SURE_OF_HTMT = 20, 50, 100
CLOSE_HTMT, SAME_HTMT, ONE = 0.85, 0.90, 1.0
CHANCE = 0.01
WITHOUT_ERRORS = (*SYSTEMS, "corrected")


def scale_cautions(
    items: pd.DataFrame,
    scales: Mapping[str, tuple[str, ...]],
    reliability: pd.DataFrame,
    *,
    drivers: Mapping[str, tuple[str, ...]],
    estimator: str,
    coded: Callable[[], Collection[str]] = tuple,
) -> list[Caution]:
    """Everything about the items of each scale.

    Parameters
    ----------
    items : DataFrame, shape (n, items)
    scales : mapping
        Name to items, composites included.
    reliability : DataFrame
        From `scales`.
    drivers : mapping
        Outcome to its drivers.
    estimator : str
    coded : callable
        Gives the items that hold codes for "no answer", whose signs say nothing.

    Returns
    -------
    list of Caution
    """
    turned, found = [], []
    causes = {name for names in drivers.values() for name in names}
    for row in reliability.to_dict("records"):
        name, alpha = str(row["construct"]), float(row["alpha"])
        values = items[list(scales[name])]
        against = backward_items(values)
        against = () if against and set(values).intersection(coded()) else against
        if against:
            turned.append(_backward(name, against, values.shape[1]))
        if alpha < WEAK_ALPHA and (not against or _turned_alpha(values, against) < POOR_ALPHA):
            found.append(_weak(name, alpha, name in causes or name not in drivers, estimator))
        if not against and values.shape[1] > 2:
            found += _without_error(name, values)
    found += _copies(items)
    return [Caution(sentence, about="backward") for sentence in turned] + [
        Caution(sentence, about="scale") for sentence in found]


def scales_in_groups(
    items: pd.DataFrame,
    group: pd.Series[str] | None,
    scales: Mapping[str, tuple[str, ...]],
    *,
    drivers: Mapping[str, tuple[str, ...]],
    estimator: str,
    coded: Collection[str] = (),
) -> list[Caution]:
    """What is wrong with scales in a group and not among everyone: alpha under .6, signs, HTMT above .9.

    An alpha counts where sampling from everyone would hardly give it: (1 - alpha) / (1 - alpha of everyone) beyond the
    99 % point of F on (n - 1)(k - 1) and n - 1 degrees of freedom (Feldt 1965).  Signs count where chance would hardly
    turn them, however few answers there are (`backward_items`).

    Parameters
    ----------
    items : DataFrame, shape (n, items)
    group : Series, shape (n,), or None
        Groups of fewer than 20 answers are not judged, those of fewer than 50 not by HTMT, and those of fewer than 100
        by HTMT above 1 only: chance may do the rest.
    scales : mapping
        Name to items.
    drivers : mapping
        Outcome to its drivers.
    estimator : str
    coded : collection of str
        Items that hold codes for "no answer": their scales are not judged again.

    Returns
    -------
    list of Caution

    Examples
    --------
    >>> a, noise = np.random.default_rng(1).normal(size=(2, 100))
    >>> frame = pd.DataFrame({"a": a, "b": np.where(np.arange(100) < 70, a, noise)})
    >>> goods = pd.Series(["search"] * 70 + ["experience"] * 30)
    >>> found = scales_in_groups(frame, goods, {"trust": ("a", "b")}, drivers={"sat": ("trust",)}, estimator="ols")
    >>> [(item.group, item.sentence[:45]) for item in found]
    [('experience', 'reliability of trust is poor (alpha 0.17): it')]
    """
    several = {name: columns for name, columns in scales.items() if len(columns) > 1 and not {*columns} & {*coded}}
    if group is None or not several:
        return []
    causes = {name for names in drivers.values() for name in names}
    sound = {name: columns for name, columns in several.items() if not backward_items(items[list(columns)])}
    alphas = {name: raw_alpha(items[list(columns)].to_numpy(float)) for name, columns in several.items()}
    known = _pairs(items, several, CLOSE_HTMT)
    found = []
    for here in sorted(group.dropna().unique()):
        rows = items[np.asarray(group == here)]
        if len(rows) < FEWEST_IN_GROUP:
            continue
        varied = {name: columns for name, columns in sound.items() if (rows[list(columns)].nunique() > 1).all()}
        turned, sentences, good = [], [], {}
        for name, columns in varied.items():
            answers = rows[list(columns)]
            alpha, against = raw_alpha(answers.to_numpy(float)), backward_items(answers, few=True)
            if against:
                turned.append(_backward(name, against, len(columns)))
            elif alpha >= POOR_ALPHA:
                good[name] = columns
            elif alphas[name] >= POOR_ALPHA and _chance_of(alpha, alphas[name], answers.shape) < CHANCE:
                weak = _weak(name, alpha, name in causes or name not in drivers, estimator)
                unlike = partial(tell, "{sentence}; that may look like a difference between groups", sentence=weak)
                sentences.append(weak if estimator in WITHOUT_ERRORS else unlike)
        found += [Caution(sentence, None, str(here), "backward") for sentence in turned]
        found += [Caution(sentence, None, str(here), "scale") for sentence in sentences]
        limit = SAME_HTMT if len(rows) >= SURE_OF_HTMT else ONE
        close = {pair: value for pair, value in _pairs(rows, good, limit).items() if pair not in known}
        if close and len(rows) >= FEWEST_FOR_HTMT:
            told_pairs = tuple(partial(tell, "{first} and {last} ({htmt})", first=named(a), last=named(b),
                                       htmt=two(value)) for (a, b), value in close.items())  # fmt: skip
            words = told("constructs are not told apart by those who answered (HTMT above {limit}): {pairs}")
            found.append(Caution(partial(tell, words, limit=two(limit), pairs=partial(joined, told_pairs, "; ")),
                                 None, str(here), "htmt"))  # fmt: skip
    return found


def _chance_of(alpha: float, whole: float, shape: tuple[int, int]) -> float:
    """How probable so low an alpha of n answers to k items is where that of everyone holds (Feldt 1965)."""
    n, k = shape
    return float(stats.f.sf((1 - alpha) / (1 - whole), (n - 1) * (k - 1), n - 1)) if whole < 1 else 0.0


def _pairs(items: pd.DataFrame, scales: Mapping[str, tuple[str, ...]], limit: float) -> dict[tuple[str, str], float]:
    """Pairs of constructs with HTMT above a limit, in either direction."""
    table = htmt_table(items, scales)
    return {(row["a"], row["b"]): row["htmt"] for row in table[table["htmt"].abs() > limit].to_dict("records")}


def backward_items(items: pd.DataFrame, *, few: bool = False) -> tuple[str, ...]:
    """Items that run against the greater part of their scale; of two, both.

    Turned round, they go with the rest: by .1 on average, or by less where that is beyond what the first axis of k
    independent items makes of chance, about 2 sqrt(k / n) / (k - 1).

    Parameters
    ----------
    items : DataFrame, shape (n, k)
    few : bool
        Whether answers are few, as in a group: then .1 is not enough where chance alone may give it; two items count
        by 2.6 standard errors of their correlation.

    Examples
    --------
    >>> a = np.arange(50.0)
    >>> backward_items(pd.DataFrame({"a": a, "b": a + np.sin(a), "c": 10 - a + np.cos(a)}))
    ('c',)
    """
    values = items.to_numpy(float)
    if values.shape[1] < 2 or (values.std(axis=0) == 0).any():  # noqa: PLR2004
        return ()
    correlation = np.corrcoef(values, rowvar=False)
    n, k = values.shape
    bound = ERRORS * float(np.sqrt(k / n)) / (k - 1)
    least = max(-AGAINST, bound) if few else min(-AGAINST, bound)
    if k == 2:  # noqa: PLR2004
        least = max(-AGAINST, PAIR_ERRORS / float(np.sqrt(n))) if few else least
        return tuple(map(str, items)) if correlation[0, 1] < -least else ()
    axis = np.linalg.eigh(correlation)[1][:, -1]
    signs = np.where(axis < 0, -1.0, 1.0)
    signs *= signs[0] if signs.sum() == 0 else np.sign(signs.sum())
    keyed = correlation * np.outer(signs, signs)
    with_rest = (keyed.sum(axis=1) - 1) / (len(keyed) - 1)
    return tuple(str(item) for item, sign, mean in zip(items, signs, with_rest, strict=True)
                 if sign < 0 and mean > least)  # fmt: skip


def _turned_alpha(values: pd.DataFrame, against: tuple[str, ...]) -> float:
    """Alpha after the items that run against the others are turned round; of two, one."""
    turned = list(against if values.shape[1] > 2 else against[:1])  # noqa: PLR2004
    return raw_alpha(values.assign(**{name: -values[name] for name in turned}).to_numpy(float))


def _backward(name: str, against: tuple[str, ...], many: int) -> Callable[[], str]:
    words = told("{items} run against the other items of {scale}: reverse-coded?")
    if many == 2:  # noqa: PLR2004
        words = told("{items}, the items of {scale}, run against each other: is one of them reverse-coded?")
    elif len(against) == 1:
        words = told("{item} runs against the other items of {scale}: reverse-coded?")
    return partial(tell, words, item=repr(against[0]), items=partial(anded, tuple(map(repr, against))),
                   scale=named(name))  # fmt: skip


def _weak(name: str, alpha: float, driver: bool, estimator: str) -> Callable[[], str]:
    words = told("reliability of {scale} is weak (alpha {alpha}): its coefficient is pulled towards zero, and "
                 "others take its part")  # fmt: skip
    if alpha < POOR_ALPHA:
        words = told("reliability of {scale} is poor (alpha {alpha}): its coefficient is pulled towards zero, and "
                     "others take its part")  # fmt: skip
    if not driver:
        words = told("reliability of {scale} is weak (alpha {alpha}): its drivers seem to explain less of it than "
                     "they do")  # fmt: skip
        if alpha < POOR_ALPHA:
            words = told("reliability of {scale} is poor (alpha {alpha}): its drivers seem to explain less of it "
                         "than they do")  # fmt: skip
    if estimator in WITHOUT_ERRORS:
        words = told("reliability of {scale} is weak (alpha {alpha}): the errors of its items are taken out, but "
                     "what is left rests on few common answers")  # fmt: skip
        if alpha < POOR_ALPHA:
            words = told("reliability of {scale} is poor (alpha {alpha}): the errors of its items are taken out, "
                         "but what is left rests on few common answers")  # fmt: skip
    return partial(tell, words, scale=named(name), alpha=two(alpha))


def _without_error(name: str, values: pd.DataFrame) -> Iterator[Callable[[], str]]:
    if (values.std() == 0).any():
        return
    loadings = factor_loadings(np.corrcoef(values.to_numpy(float), rowvar=False))
    exact = tuple(repr(str(item)) for item, loading in zip(values, loadings, strict=True)
                  if loading**2 > 1 - 1.01 * SMALLEST_UNIQUENESS)  # fmt: skip
    if exact:
        yield partial(tell, "the one-factor model of {scale} leaves {items} no error (a Heywood case): omega, cr and "
                      "ave of this scale are not to be trusted", scale=named(name), items=partial(anded, exact))


def _copies(items: pd.DataFrame) -> Iterator[Callable[[], str]]:
    """Columns that hold the same answers as one before them."""
    if len(items) < FEWEST_COPIES:
        return
    same: dict[bytes, list[str]] = {}
    for item in items:
        same.setdefault(items[item].to_numpy(float).tobytes(), []).append(repr(str(item)))
    for names in same.values():
        if len(names) > 1:
            yield partial(tell, "{items} hold the same answers in every row: is one a copy of another?",
                          items=partial(anded, tuple(names)))  # fmt: skip
