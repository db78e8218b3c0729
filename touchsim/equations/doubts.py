"""When a solution cannot be trusted, and which parameter says so.

| fault                  | sign                                                                                       |
|------------------------|--------------------------------------------------------------------------------------------|
| no maximum             | the search did not converge                                                                |
| not identified         | the information is singular; the parameters in its empty direction are named               |
| negative variance      | a variance below zero (Heywood 1931)                                                       |
| constructs not apart   | covariances of the constructs are not positive definite: a correlation of 1 or more        |
| residuals not possible | covariances of the residuals are not positive definite                                     |
| few rows               | under 5 answers for each free parameter (Bentler & Chou 1987), or under 100 (Boomsma 1985) |

The last two thresholds are conventions, not laws of nature.  Called by `fitting` and `ordinal`; sentences
without a full stop out.  `read_with_care` makes one short sentence of many, for whatever is printed.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from touchsim.equations.parameters import SHARED
from touchsim.equations.ram import Implied, implied
from touchsim.equations.search import Found, Surface
from touchsim.languages import tell

__all__ = ["doubts_of", "gist", "read_with_care", "undetermined"]

Array = NDArray[np.float64]
EMPTY, SEEN, HEAVY, LEAST_EIGENVALUE = 1e-9, 0.05, 0.4, 1e-8
ROWS_PER_PARAMETER, FEWEST_ROWS = 5, 100
TWO, REACH = 2, 1.959963984540054
GISTS, SHORT, SHORTER, LONG = 2, 60, 40, 110


def read_with_care(sentences: Iterable[str], where: str = ".warnings") -> str:
    """Say the first two of some sentences of warning in one, how many more there are, and where; nothing of none.

    Parameters
    ----------
    sentences : iterable of str
        The gravest first.
    where : str
        What of the result holds them all.

    Examples
    --------
    >>> read_with_care(["'Q1' holds -99 in 5 rows", "Q2 runs backwards", "few rows"])
    "Read it with care: 'Q1' holds -99 in 5 rows; Q2 runs backwards (and 1 more: .warnings)."
    """
    each = list(dict.fromkeys(sentences))
    if not each:
        return ""
    warning, more = "; ".join(map(gist, each[:GISTS])), len(each) - GISTS
    if more > 0:
        return tell("Read it with care: {warning} (and {n} more: {where}).", warning=warning, n=more, where=where)
    return tell("Read it with care: {warning}.", warning=warning).replace("?.", "?")


def gist(sentence: str) -> str:
    """First part of a long sentence: up to the colon or semicolon after which it explains, brackets not looked into.

    Examples
    --------
    >>> gist("the model fits badly (CFI 0.71, below 0.90; RMSEA 0.13, above 0.08): look for items that go elsewhere.")
    'the model fits badly (CFI 0.71, below 0.90; RMSEA 0.13, above 0.08)'
    """
    first = _until(sentence, SHORT)
    return first if len(first) <= LONG else _until(sentence, SHORTER)


def _until(sentence: str, least: int) -> str:
    """Sentence up to the first colon or semicolon beyond so many signs, outside brackets."""
    depth = 0
    for place, sign in enumerate(sentence):
        depth += (sign in "([") - (sign in ")]")
        if place >= least and not depth and sentence[place : place + 2] in (": ", "; "):
            return sentence[:place]
    return sentence.rstrip(".")


def undetermined(likelihood: Surface, free: Array) -> list[str]:
    """Free values that the data do not determine: those in the empty directions of the expected information."""
    if not len(free):
        return []
    information = likelihood.expected(free)
    scale = 1 / np.sqrt(np.maximum(np.diag(information), 1e-300))
    values, vectors = np.linalg.eigh(information * np.outer(scale, scale))
    empty = vectors[:, values < EMPTY]
    names = likelihood.names()
    return [names[j] for j in np.flatnonzero(np.abs(empty).max(axis=1, initial=0) > SEEN)]


def doubts_of(likelihood: Surface, found: Found, errors: Array, loose: list[str], n_free: int) -> tuple[str, ...]:
    """Sentences on what went wrong, the gravest first.

    Parameters
    ----------
    likelihood : Likelihood or Distance
    found : Found
        Where the search ended; all free values.
    errors : array, shape (k,)
        Standard errors of the free values.
    loose : list of str
        Values that are `undetermined`.
    n_free : int
        Free parameters of the whole model, thresholds included: those of the indices of fit.

    Returns
    -------
    tuple of str
    """
    said: list[str] = []
    layout, sample = likelihood.layout, likelihood.sample
    if not found.converged:
        said.append(f"the search for the {likelihood.goal} did not converge after {found.steps} steps, so no figure "
                    "can be trusted; look for items that hardly hang together, or fix something")  # fmt: skip
    if loose:
        said.append(f"not identified: the data do not determine {_some(loose)}, so they have no standard errors; fix "
                    "one of them or give the construct more items")  # fmt: skip
    for number, cells in enumerate(likelihood.cells):
        at = implied(cells, found.free)
        where = f" in group '{sample.groups[number].name}'" if layout.n_groups > 1 else ""
        said += _negative(likelihood, number, found.free, errors, where)
        said += _impossible(likelihood, at, where)
    n = sample.n
    if n < ROWS_PER_PARAMETER * n_free:
        said.append(f"{n} answers for {n_free} free parameters are few (under {ROWS_PER_PARAMETER} each): chi2 and "
                    "standard errors hold in large samples only")  # fmt: skip
    elif n < FEWEST_ROWS:
        said.append(f"{n} answers are few (under {FEWEST_ROWS}): chi2 and standard errors hold in large samples only")
    return tuple(said)


def _negative(likelihood: Surface, group: int, free: Array, errors: Array, where: str) -> list[str]:
    said = []
    for place, one in zip(likelihood.layout.place, likelihood.layout.parameters, strict=True):
        if one.group != group or one.matrix != SHARED or one.row != one.column or place < 0 or free[place] >= 0:
            continue
        error = float(errors[place])
        size, chance = f"{free[place]:.3g}", ""
        if np.isfinite(error):
            size += f", standard error {error:.2g}"
            chance = ", which sampling error may do" if free[place] + REACH * error > 0 else ", beyond sampling error"
        what = "variance" if one.row >= len(likelihood.layout.observed) else "residual variance"
        said.append(f"the {what} of {one.left}{where} is negative ({size}), an improper solution{chance}: look at "
                    "items that correlate beyond their construct, or set it to a small value")  # fmt: skip
    return said


def _impossible(likelihood: Surface, at: Implied, where: str) -> list[str]:
    """Constructs, and residuals, whose covariances no variables can have."""
    layout = likelihood.layout
    p, said = len(layout.observed), []
    between = at.v[p:, p:]
    spread = np.diag(between)
    if len(between) > 1 and (spread > 0).all():
        correlation = between / np.sqrt(np.outer(spread, spread))
        if np.linalg.eigvalsh(correlation)[0] < LEAST_EIGENVALUE:
            apart = np.abs(np.tril(correlation, -1))
            a, b = np.unravel_index(apart.argmax(), apart.shape)
            if apart[a, b] >= 1:
                pair = f"{layout.constructs[b]} and {layout.constructs[a]} correlate {correlation[a, b]:.2f}"
            else:
                axis = np.abs(np.linalg.eigh(correlation)[1][:, 0])
                strong = np.flatnonzero(axis > HEAVY * axis.max())
                pair = (f"{_some([layout.constructs[j] for j in strong])} say the same together, with "
                        f"{layout.constructs[b]} and {layout.constructs[a]} nearest ({correlation[a, b]:.2f})")
            said.append(f"covariances of the constructs{where} are not positive definite: {pair}; those who "
                        "answered do not tell them apart, so join them or leave one out")  # fmt: skip
    residuals = at.s[:p, :p]
    spread = np.diag(residuals)
    shared = np.flatnonzero((np.abs(residuals) > 0).sum(axis=1) >= TWO)
    if len(shared) and (spread[shared] > 0).all():
        mine = residuals[np.ix_(shared, shared)]
        correlation = mine / np.sqrt(np.outer(np.diag(mine), np.diag(mine)))
        if np.linalg.eigvalsh(correlation)[0] < LEAST_EIGENVALUE:
            names = _some([layout.observed[j] for j in shared])
            said.append(f"covariances of the residuals{where} of {names} are not positive definite; take one of them "
                        "out")  # fmt: skip
    return said


def _some(names: list[str], most: int = 6) -> str:
    """Names with commas, not more than can be read."""
    shown = names[:most]
    more = [f"{len(names) - most} more"] if len(names) > most else []
    parts = [*shown, *more]
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
