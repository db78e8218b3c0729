"""Groups: whether drivers count for the same in all of them.

    slopes equal in all groups     W = (C b)' (C V C')^-1 (C b),   b and V of every group, C the contrasts
                                   F = W / q on q and the degrees of freedom of all groups together;
                                   chi-squared where intervals are those of a normal distribution
    difference of one driver       b_g - b_h,  error sqrt(V_g + V_h),  t on the degrees of Welch (1947)

This is the test of Chow (1960) for slopes, with levels free, and with each group's own robust errors (HC3 for least
squares) it is the Wald test of all interactions with the group in one regression: unequal scatter does no harm (Toyoda
1974 shows what it does to Chow's own).  Where the same clusters have rows in several groups (replications, shops), V is
that of all groups at once, one cluster left out of all of them; q coefficients need more clusters than q, as in
Hotelling's (1931) test.  A group that is one cluster is compared with no other: what is due to the group and what to
the cluster cannot be told apart.  p values are adjusted over all rows of their kind: all equations, all drivers, all
pairs.

Called by `survey`; takes a Fit with groups, gives the rows of ``groups.csv``.
"""

from __future__ import annotations

from functools import partial
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import linalg, stats

from touchsim.languages import marked, tell, told
from touchsim.study.adjustment import ADJUSTED, with_adjusted
from touchsim.study.caution import EVERYONE, Caution, joined, named
from touchsim.study.clusters import ols_without_each, pulls_without_each, scatter_of_clusters
from touchsim.study.corrected import corrected_without_each
from touchsim.study.estimate import Estimate
from touchsim.study.fit import Fit
from touchsim.study.model import LATENT
from touchsim.vocabulary import label

__all__ = ["group_cautions", "group_table", "groups_paragraph"]

Array = NDArray[np.float64]
COLUMNS = ["outcome", "term", "first", "second", "difference", "std_error", "low", "high", "statistic", "df_num",
           "df_den", "p_value", *ADJUSTED]  # fmt: skip
ALL = "all"
FINDING = 0.05


def group_table(fit: Fit) -> pd.DataFrame:
    """Test whether coefficients differ between groups.

    Parameters
    ----------
    fit : Fit
        With groups; else the table is empty.

    Returns
    -------
    DataFrame
        outcome, term (a driver; all = all of them together), first, second (the two groups of a difference; empty where
        all groups are tested at once), difference (first less second, units of the coefficients), std_error, low, high
        (95 %), statistic (F; chi-squared for logits, probits and mixed models, df_den null), df_num, df_den, p_value,
        p_holm, p_bh.

    Examples
    --------
    >>> from touchsim.study.drivers import fit_drivers
    >>> x, noise = np.random.default_rng(1).normal(size=(2, 400))
    >>> goods = np.repeat(["search", "experience"], 200)
    >>> survey = pd.DataFrame({"price": x, "goods": goods, "liking": np.where(goods == "search", 1.5, 0.5) * x + noise})
    >>> found = group_table(fit_drivers(survey, {"drivers": {"liking": ["price"]}, "groups": "goods"}))
    >>> found[["term", "first", "second"]].to_numpy().tolist(), bool((found["p_value"] < 0.001).all())
    ([['all', '', ''], ['price', 'experience', 'search']], True)
    """
    rows: list[dict[str, Any]] = []
    for outcome, drivers in fit.model.drivers.items():
        found = _estimated(fit, outcome)
        covariance = _covariance(fit, outcome, found) if len(found) > 1 else None
        if covariance is not None:
            rows += _of_outcome(outcome, drivers, found, covariance)
    table = pd.DataFrame(rows, columns=COLUMNS[: -len(ADJUSTED)])
    if table.empty:
        return pd.DataFrame(columns=COLUMNS)
    kinds = [table["term"] == ALL, table["first"] == ""]
    return with_adjusted(table, kinds)[COLUMNS]


def group_cautions(fit: Fit) -> list[Caution]:
    """Say what a comparison of groups cannot tell."""
    if fit.answers.group is None:
        return []
    found, clusters = [], named(str(fit.model.clusters))
    if alone := _single_clusters(fit):
        words = told("coefficients of {groups} are compared with those of no other group: all rows there are of one "
                     "{clusters}, so what the group does cannot be told from what the {clusters} does")  # fmt: skip
        telling = partial(tell, words, groups=partial(joined, tuple(map(named, alone)), ", "), clusters=clusters)
        found.append(Caution(telling, about="groups"))
    several = {outcome: one for outcome in fit.model.drivers if len(one := _estimated(fit, outcome)) > 1}
    unknown = [outcome for outcome, one in several.items() if _covariance(fit, outcome, one) is None]
    if unknown and not _knows_shared_clusters(fit):
        words = told("coefficients are not compared between groups: rows of the same {clusters} are in more than one "
                     "of them")  # fmt: skip
        found.append(Caution(partial(tell, words, clusters=clusters), about="groups"))
    elif unknown:
        words = told("coefficients for {outcome} are not compared between groups, which share rows of the same "
                     "{clusters}: without one of these there is no estimate")  # fmt: skip
        found += [Caution(partial(tell, words, outcome=named(outcome), clusters=clusters), outcome, about="groups")
                  for outcome in unknown]  # fmt: skip
    if fit.model.estimator in LATENT and len(several) > len(unknown):
        words = told("coefficients of logits and probits are in units of what drivers leave unexplained: groups that "
                     "differ in that differ in all coefficients (Allison 1999); look at whether all of them differ by "
                     "the same factor")  # fmt: skip
        found.append(Caution(partial(tell, words), about="groups"))
    return found


def groups_paragraph(table: pd.DataFrame) -> str:
    """Say for each outcome whether its drivers count for the same in all groups."""
    return " ".join(_sentence(table[table["outcome"] == outcome]) for outcome in dict.fromkeys(table["outcome"]))


def _sentence(table: pd.DataFrame) -> str:
    whole = table[table["term"] == ALL].iloc[0]
    singles = table[table["term"] != ALL]
    surely = dict.fromkeys(singles[singles["p_holm"] < FINDING]["term"])
    p = marked("< .001") if whole["p_value"] < 0.001 else "= " + marked(f"{whole['p_value']:.3f}")  # noqa: PLR2004
    names = {"outcome": label(whole["outcome"]), "p": p, "drivers": ", ".join(label(name) for name in surely)}
    if np.isnan(whole["p_value"]):
        return tell("Whether drivers of {outcome} count differently in the groups cannot be tested.", **names)
    if whole["p_value"] >= FINDING:
        return tell("That drivers of {outcome} count differently in the groups is not shown (all slopes at once: "
                    "p {p}).", **names)  # fmt: skip
    words = told("Drivers of {outcome} count differently in the groups (all slopes at once: p {p}), but after Holm's "
                 "correction no single driver is shown to.")  # fmt: skip
    if surely:
        words = told("Drivers of {outcome} count differently in the groups (all slopes at once: p {p}); after Holm's "
                     "correction this is shown of {drivers}.")  # fmt: skip
    return tell(words, **names)


def _estimated(fit: Fit, outcome: str) -> dict[str, Estimate]:
    """Groups that can be compared."""
    left_out = (EVERYONE, *_single_clusters(fit))
    return {group: found for (name, group), found in fit.estimates.items()
            if name == outcome and group not in left_out and np.isfinite(found.coefficients).all()}  # fmt: skip


def _single_clusters(fit: Fit) -> tuple[str, ...]:
    """Groups whose rows are all of one cluster, where there are several."""
    group, cluster = fit.answers.group, fit.answers.cluster
    if group is None or cluster is None or cluster.nunique() == 1:
        return ()
    many = cluster.groupby(group.to_numpy()).nunique()
    return tuple(str(name) for name in many.index[many == 1])


def _shared_clusters(fit: Fit) -> bool:
    """Whether a cluster has rows in more than one of the groups that are compared; not where there is one cluster."""
    group, cluster = fit.answers.group, fit.answers.cluster
    if group is None or cluster is None or cluster.nunique() == 1:
        return False
    group = group.where(~group.isin(_single_clusters(fit)))
    return bool((group.groupby(cluster.to_numpy()).nunique() > 1).any())


def _knows_shared_clusters(fit: Fit) -> bool:
    """Whether coefficients of all groups can be had without each cluster."""
    return not fit.imputed and not fit.systems and fit.model.estimator != "mixed"


def _covariance(fit: Fit, outcome: str, found: dict[str, Estimate]) -> Array | None:
    """Covariance of the coefficients, one group after the other; None where groups hang together by unknown errors."""
    clusters = fit.answers.cluster
    if clusters is None or not _shared_clusters(fit):
        return np.asarray(linalg.block_diag(*(one.covariance for one in found.values())), dtype=np.float64)
    if not _knows_shared_clusters(fit):
        return None
    names, cluster = np.unique(clusters.to_numpy().astype(str), return_inverse=True)
    drivers, pulled, moved = fit.model.drivers[outcome], False, []
    for group, one in found.items():
        scores = fit.scores_of(group)
        y, x = scores[outcome].to_numpy(), scores[list(drivers)].to_numpy()
        present, own = np.unique(cluster[scores.index], return_inverse=True)
        if fit.model.estimator == "ols":
            left = ols_without_each(own, y, x)[0]
        elif fit.model.estimator == "corrected":
            last, *first = fit.items_of((outcome, *drivers), group)
            left = corrected_without_each(own, last, first, one)[0]
        else:
            pulled, left = True, pulls_without_each(own, one, y, x)[0]
        gap = np.zeros((len(names), x.shape[1]))
        gap[present] = left - one.coefficients
        moved.append(gap)
    every = np.column_stack(moved)
    return scatter_of_clusters(every, "CR1" if pulled else "CR3") if np.isfinite(every).all() else None


def _of_outcome(
    outcome: str, drivers: tuple[str, ...], found: dict[str, Estimate], covariance: Array
) -> list[dict[str, Any]]:
    nothing: dict[str, Any] = {"first": "", "second": ""}
    p, each = len(drivers), list(found.values())
    rows = [{"outcome": outcome, "term": ALL, **nothing, **_equal(each, list(range(p)), covariance)}]
    if len(found) > 2:  # noqa: PLR2004 - with two groups it is the test of their difference
        rows += [{"outcome": outcome, "term": driver, **nothing, **_equal(each, [j], covariance)}
                 for j, driver in enumerate(drivers)]  # fmt: skip
    for (a, first), (b, second) in combinations(enumerate(found), 2):
        for j, driver in enumerate(drivers):
            here = np.ix_([a * p + j, b * p + j], [a * p + j, b * p + j])
            rows.append({"outcome": outcome, "term": driver, "first": first, "second": second,
                         **_apart(each[a], each[b], j, covariance[here])})  # fmt: skip
    return rows


def _apart(a: Estimate, b: Estimate, j: int, covariance: Array) -> dict[str, float]:
    """Difference of one coefficient; `covariance` (2, 2) is that of the two."""
    gap, parts = float(a.coefficients[j] - b.coefficients[j]), np.diag(covariance)
    error = float(np.sqrt(parts.sum() - 2 * covariance[0, 1]))
    weight = float((parts**2 / [a.df, b.df]).sum())
    df = float(parts.sum() ** 2 / weight) if weight else float("inf")
    if covariance[0, 1] != 0:  # the same clusters in both
        df = max(a.df, b.df)
    reach = float(stats.t.ppf(0.975, df)) * error
    return {"difference": gap, "std_error": error, "low": gap - reach, "high": gap + reach,
            "statistic": (gap / error) ** 2, "df_num": 1, "df_den": df if np.isfinite(df) else float("nan"),
            "p_value": 2 * float(stats.t.sf(abs(gap / error), df))}  # fmt: skip


def _equal(each: list[Estimate], columns: list[int], covariance: Array) -> dict[str, float]:
    """Wald test that these coefficients are the same in every group."""
    many, p = len(each), len(each[0].coefficients)
    b = np.concatenate([found.coefficients for found in each])
    contrasts = np.kron(np.column_stack([np.ones(many - 1), -np.eye(many - 1)]), np.eye(p)[columns])
    gap, q = contrasts @ b, (many - 1) * len(columns)
    wald = float(gap @ np.linalg.pinv(contrasts @ covariance @ contrasts.T) @ gap)
    if not np.isfinite([found.df for found in each]).any():
        return {"statistic": wald, "df_num": q, "df_den": float("nan"), "p_value": float(stats.chi2.sf(wald, q))}
    df = sum(found.df for found in each)
    if any(found.cov_type.startswith("CR") for found in each):  # on the clusters of the group that has fewest
        least = min(found.df for found in each)
        df = least - q + 1
        wald = wald * df / least
    if df < 1:
        return {"statistic": float("nan"), "df_num": q, "df_den": float("nan"), "p_value": float("nan")}
    return {"statistic": wald / q, "df_num": q, "df_den": df, "p_value": float(stats.f.sf(wald / q, q, df))}
