"""Several imputations, one answer: estimates averaged, what differs between them added to the errors.

    b = mean b_k,    T = mean V_k + (1 + 1/m) B,    B the covariance of the b_k                        Rubin (1987)
    df = 1 / (1 / df_m + 1 / df_obs),   df_m = (m - 1) / lambda^2,   lambda = (1 + 1/m) B / T   Barnard & Rubin (1999)
    fmi = (r + 2 / (df + 3)) / (1 + r),   r = (1 + 1/m) B / mean V

fmi, the fraction of missing information, says how much of what a full survey would know of a coefficient went with the
gaps.  For joint tests of several coefficients T stands in for V on the smallest df of them.  What is doubted in some
imputations only is told with their number, alphas and HTMT are judged by their means; an equation that one of them
cannot estimate has no pooled estimate.  Called by `drivers`.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from touchsim.languages import tell, told
from touchsim.study.adjustment import with_adjusted
from touchsim.study.caution import EVERYONE, Caution, named, two
from touchsim.study.estimate import Estimate, no_estimate
from touchsim.study.fit import Fit, warnings_of
from touchsim.study.parallel import parallel_doubts
from touchsim.vocabulary import label

__all__ = ["averaged", "pooled_cautions", "pooled_estimate", "pooled_fit", "pooled_value"]

Array = NDArray[np.float64]
MUCH_LOST = 0.5
OF_EACH = ("fit", "group", "collinearity", "rows", "levels")
"""Cautions that hang on what was filled in, so that each imputation has its own."""

NOTHING = replace(no_estimate(0), cov_type="")
TOLD = {"estimate": "coefficients", "std_error": "std_error", "statistic": "statistic", "p_value": "p_value",
        "low": "low", "high": "high", "std_beta": "std_beta", "std_low": "std_low", "std_high": "std_high"}  # fmt: skip


def pooled_estimate(parts: list[Estimate]) -> tuple[Estimate, Array]:
    """Pool the estimates of one equation; also fmi of each coefficient, shape (p,).

    Examples
    --------
    >>> from touchsim.study.estimators import estimate
    >>> x, noise = np.random.default_rng(1).normal(size=(2, 100))
    >>> one = estimate("ols", x + noise, x[:, None], ("price",))
    >>> same, fmi = pooled_estimate([one, one, one])
    >>> bool(np.isclose(same.std_error[0], one.std_error[0])), fmi.round(2).tolist()
    (True, [0.02])
    """
    first, m = parts[0], len(parts)
    b, std = np.array([part.coefficients for part in parts]), np.array([part.std_beta for part in parts])
    without = int((~np.isfinite(b).all(axis=1)).sum())
    if without:
        doubts = {_kind(one): one for part in reversed(parts) for one in part.doubts}
        none = partial(tell, "no pooled estimate: no finite coefficients in {count} of {many} imputations",
                       count=without, many=m)  # fmt: skip
        return no_estimate(b.shape[1], none, *doubts.values()), np.full(b.shape[1], np.nan)
    within = np.mean([part.covariance for part in parts], axis=0)
    between = np.atleast_2d(np.cov(b, rowvar=False))
    total = within + (1 + 1 / m) * between
    complete = min(part.df for part in parts)
    df, fmi = _degrees(np.diag(within), np.diag(between), m, complete)
    errors, mean = np.sqrt(np.diag(total)), b.mean(axis=0)
    reach = _quantile(df)
    widths = np.array([(part.std_high - part.std_low) / 2 / _quantile(np.array([part.df])) for part in parts])
    inside, apart = (widths**2).mean(axis=0), std.var(axis=0, ddof=1)
    std_reach = _quantile(_degrees(inside, apart, m, complete)[0]) * np.sqrt(inside + (1 + 1 / m) * apart)
    statistic, std_mean = mean / errors, std.mean(axis=0)
    found = replace(
        first, coefficients=mean, std_error=errors, statistic=statistic, p_value=2 * stats.t.sf(np.abs(statistic), df),
        low=mean - reach * errors, high=mean + reach * errors, std_beta=std_mean, std_low=std_mean - std_reach,
        std_high=std_mean + std_reach, covariance=total, df=float(df.min()), r2=_mean(parts, "r2"),
        adj_r2=_mean(parts, "adj_r2"), icc=_mean(parts, "icc"), cov_type=f"{first.cov_type}, {m} imputations",
        pulls=None,
    )  # fmt: skip
    return found, fmi


def pooled_value(values: Array, errors: Array, complete: float) -> tuple[float, float, float]:
    """Pool one number and its standard errors, shape (m,) each: its value and the ends of its 95 % interval.

    Parameters
    ----------
    values, errors : array, shape (m,)
        One of each imputation; of one alone the interval is its own.
    complete : float
        Degrees of freedom without gaps.

    Examples
    --------
    >>> [round(end, 2) for end in pooled_value(np.array([1.0, 1.2]), np.array([0.1, 0.1]), 100.0)]
    [1.1, 0.04, 2.16]
    """
    m, mean, within = len(values), float(values.mean()), float((errors**2).mean())
    between = float(values.var(ddof=1)) if m > 1 else 0.0
    total, df = within + (1 + 1 / m) * between, complete
    if m > 1 and total > 0:
        df = float(_degrees(np.array([within]), np.array([between]), m, complete)[0][0])
    reach = float(stats.t.ppf(0.975, df) * np.sqrt(total))
    return mean, mean - reach, mean + reach


def pooled_fit(fits: list[Fit]) -> Fit:
    """Pool the fits of several imputations; equations that only some of them have are left out, and that is told."""
    first = fits[0]
    pairs = [pair for pair in first.estimates if all(pair in fit.estimates for fit in fits)]
    pools = {pair: pooled_estimate([fit.estimates[pair] for fit in fits]) for pair in pairs}
    estimates = {pair: found for pair, (found, _) in pools.items()}
    here = pd.Series(list(zip(first.table["outcome"], first.table["group"], strict=True))).isin(pairs)
    table = first.table[here.to_numpy()].reset_index(drop=True)
    cautions = pooled_cautions(fits)
    for (outcome, group), (found, fmi) in pools.items():
        rows = np.flatnonzero((table["outcome"] == outcome) & (table["group"] == group))
        for column, name in TOLD.items():
            table.loc[rows, column] = getattr(found, name)
        table.loc[rows, "fmi"] = fmi
        worst = int(np.nanargmax(fmi)) if np.isfinite(fmi).any() else 0
        if fmi[worst] > MUCH_LOST:
            cautions.append(Caution(partial(
                tell, "most of what is to be known of {driver} on {outcome} went with the gaps (fraction of missing "
                "information {fmi}): more imputations do not bring it back", driver=named(table["term"][rows[worst]]),
                outcome=named(outcome), fmi=two(fmi[worst])), outcome, group, "imputed"))  # fmt: skip
        vif = [fit.table[(fit.table["outcome"] == outcome) & (fit.table["group"] == group)]["vif"] for fit in fits]
        table.loc[rows, "vif"] = np.mean([values.to_numpy(float) for values in vif], axis=0)
    summary = first.summary.copy()
    for place, row in enumerate(summary.to_dict("records")):
        known = estimates.get((row["outcome"], row["group"]), NOTHING)
        for column in ("r2", "adj_r2", "icc", "cov_type"):
            summary.loc[place, column] = getattr(known, column)
        summary.loc[place, "warnings"] = warnings_of(cautions, row["outcome"], row["group"])
    return replace(first, table=with_adjusted(table, "group")[list(first.table)], summary=summary, estimates=estimates,
                   scales=averaged([fit.scales for fit in fits]), htmt=averaged([fit.htmt for fit in fits]),
                   cautions=tuple(cautions), imputed=tuple(fits))  # fmt: skip


def pooled_cautions(fits: list[Fit]) -> list[Caution]:
    """Cautions of several imputations: each once, with the number of imputations that have it where not all do."""
    many, first = len(fits), fits[0]
    tested = {_kind(doubt) for (outcome, _), slopes in first.parallel.items() for doubt in
              parallel_doubts(slopes, first.model.estimator, first.model.drivers[outcome])}  # fmt: skip
    alike: dict[Hashable, list[Caution]] = {}
    for fit in fits:
        here = {(one.about, one.outcome, one.group, _kind(one.telling)): one for one in reversed(fit.cautions)
                if one.about in OF_EACH and _kind(_doubt_of(one)) not in tested}  # fmt: skip
        for kind, one in reversed(here.items()):
            alike.setdefault(kind, []).append(one)
    found = [_of_first(one, many) if _kind(_doubt_of(one)) in tested else one for one in first.cautions
             if one.about not in OF_EACH or _kind(_doubt_of(one)) in tested]  # fmt: skip
    for pair in dict.fromkeys(pair for fit in fits for pair in fit.estimates):
        parts = [fit.estimates[pair] for fit in fits if pair in fit.estimates]
        without = sum(not np.isfinite(part.coefficients).all() for part in parts)
        if len(parts) == many and 0 < without < many:
            outcome, group = pair
            words = told("{outcome}: {doubt}") if group == EVERYONE else told("{outcome} in group '{group}': {doubt}")
            doubt = pooled_estimate(parts)[0].doubts[0]
            telling = partial(tell, words, outcome=partial(label, outcome), group=group, doubt=doubt)
            found.append(Caution(telling, outcome, group, "fit"))
    return found + [_counted(same[0], len(same), many) for same in alike.values()]


def _doubt_of(caution: Caution) -> Callable[[], str] | str:
    """What a caution says of an equation, without its name."""
    return caution.telling.keywords.get("doubt", "") if isinstance(caution.telling, partial) else ""


def _kind(telling: Callable[[], str] | str) -> Hashable:
    """What a sentence says, whatever its numbers."""
    if not isinstance(telling, partial):
        return telling
    if telling.func is not tell:
        return telling.func
    return telling.args[0], _kind(telling.keywords.get("doubt", ""))


def _counted(caution: Caution, count: int, many: int) -> Caution:
    """Say in how many imputations a caution holds; nothing more where it is all of them."""
    if count == many:
        return caution
    words = told("{warning} (in {count} of {many} imputations)")
    if caution.about == "group":
        words = told("{warning} (in {count} of {many} imputations, so there is no pooled estimate)")
    return replace(caution, telling=partial(tell, words, warning=partial(_bare, caution), count=count, many=many))


def _of_first(caution: Caution, many: int) -> Caution:
    words = told("{warning} (in the first of {many} imputations; the others are not tested)")
    return replace(caution, telling=partial(tell, words, warning=partial(_bare, caution), many=many))


def _bare(caution: Caution) -> str:
    return caution.sentence.rstrip(".")


def _degrees(within: Array, between: Array, m: int, complete: float) -> tuple[Array, Array]:
    """Degrees of freedom and fraction of missing information, of each coefficient."""
    added = (1 + 1 / m) * between
    share = np.maximum(added / (within + added), 1e-12)
    left = complete if not np.isfinite(complete) else (complete + 1) / (complete + 3) * complete * (1 - share)
    df = 1 / (share**2 / (m - 1) + 1 / left)
    ratio = added / within
    return df, np.asarray((ratio + 2 / (df + 3)) / (1 + ratio), dtype=np.float64)


def _quantile(df: Array) -> Array:
    return np.asarray(stats.t.ppf(0.975, df), dtype=np.float64)


def _mean(parts: list[Estimate], name: str) -> float:
    return float(np.mean([getattr(part, name) for part in parts]))


def averaged(tables: list[pd.DataFrame]) -> pd.DataFrame:
    """Mean of the numbers of several tables of the same rows."""
    found = tables[0].copy()
    for column in found.select_dtypes("float"):
        found[column] = np.mean([table[column].to_numpy(float) for table in tables], axis=0)
    return found
