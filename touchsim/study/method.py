"""What a survey says about a method that all its answers share: Harman's test and a marker question.

Drivers and outcome are answered by one person, at one time, on one scale, in one mood: part of their correlation may
come from that alone (Podsakoff, MacKenzie, Lee & Podsakoff 2003).  Two aids, neither of which proves anything:

    harman   share of the variance of all items on their first unrotated factor (component).  It neither shows nor
             excludes a common method: one strong cause looks the same, and a moderate method stays below any limit
    marker   a construct that in theory has nothing to do with the others can only correlate with them through the
             method.  With its mean correlation m with them, 0 if that is negative (Lindell & Whitney 2001),

                 r* = (r - m) / (1 - m)          and coefficients of least squares from r* instead of r

Without a marker the second smallest positive correlation among the constructs stands in for m, as Lindell & Whitney
propose: it is picked after the fact, and takes out true associations where constructs truly hang together.  The formula
takes the method for equally strong in all constructs: in one that varies less than the others it weighs more, too
little is taken out of its correlations, and adjusted coefficients may be worse than plain ones.  With many drivers the
method need not inflate coefficients at all, because they carry it for each other (Siemsen, Roth & Oliveira 2010).

Intervals (95 %) are those of the delta method on the correlations, whatever the distribution of the answers: case i
moves r_kl by z_k z_l - r_kl (z_k^2 + z_l^2) / 2 (Devlin, Gnanadesikan & Kettenring 1975), and everything here is a
function of the correlations.  Cases of one cluster move together; imputations are pooled (Rubin 1987).  Called by
`survey`; `common_method` is a verb of the front door.
"""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from touchsim.errors import BadInput, Finding, verb
from touchsim.languages import marked, tell, told
from touchsim.study.care import Careful, of_items
from touchsim.study.caution import Caution
from touchsim.study.fit import Fit
from touchsim.study.scales import raw_alpha
from touchsim.vocabulary import in_its_names, label, signed

__all__ = ["METHOD", "CommonMethod", "common_method", "method_of"]

Array = NDArray[np.float64]
METHOD = ["method", "what", "outcome", "term", "plain", "plain_low", "plain_high", "adjusted", "adjusted_low",
          "adjusted_high", "change", "change_low", "change_high", "n"]  # fmt: skip
FEWEST_ITEMS, FEWEST_CONSTRUCTS = 3, 4
WEAK_ALPHA = 0.7
CORRELATIONS = ("mean_correlation", "marker_correlation", "correlation")
"""Figures whose intervals are made on Fisher's scale, which keeps them between -1 and 1."""


@dataclass(frozen=True)
class CommonMethod(Careful):
    """Harman's share, what the marker correlates with, and what is left of the coefficients without it.

    Attributes
    ----------
    table : DataFrame
        method (harman, marker, second_smallest), what (share, mean_correlation: what is taken out, marker_correlation,
        correlation, coefficient), outcome, term, then each with ``_low`` and ``_high``: plain, adjusted, change; n.
        Coefficients are standardised least squares on the scores, whatever the estimator of the study.
    marker : str or None
        The marker of the model.
    alpha : float
        Of the marker's items; nan for a single one.
    pair : tuple of str
        Without a marker: the constructs of the second smallest correlation.
    cautions : tuple of Caution
        What stands against the answers.
    """

    table: pd.DataFrame
    marker: str | None
    alpha: float
    pair: tuple[str, ...]
    cautions: tuple[Caution, ...] = ()

    @property
    @in_its_names
    def words(self) -> str:
        """What was found, and how little it proves."""
        rows = self.table.to_dict("records")
        found = []
        for row in rows:
            if row["method"] == "harman":
                found.append(tell(
                    "Harman's single factor: the first unrotated factor carries {share} % [{low}; {high}] of the "
                    "variance of all items. That neither shows nor excludes a common method (Podsakoff et al. 2003).",
                    share=marked(f"{100 * row['plain']:.0f}"), low=marked(f"{100 * row['plain_low']:.0f}"),
                    high=marked(f"{100 * row['plain_high']:.0f}")))  # fmt: skip
            elif row["what"] == "mean_correlation":
                found.append(self._taken_out(row))
        changed = [row for row in rows if row["what"] == "coefficient" and row["change_low"] * row["change_high"] > 0]
        taken = any(row["what"] == "mean_correlation" and row["plain"] > 0 for row in rows)
        if self.marker is None or not taken:  # what stands in for a marker proves too little to be quoted
            changed = []
        changed.sort(key=lambda row: -abs(row["change"]))
        if changed:
            parts = "; ".join(map(_change, changed[:3]))
            found.append(tell("Largest changes of standardised coefficients: {changes}.", changes=parts))
        return " ".join([*found, *self._doubts()])

    @property
    def doubts(self) -> tuple[str, ...]:
        """What stands against the adjusted figures, and against the answers."""
        return (*self._doubts(), *self.warnings)

    def _doubts(self) -> list[str]:
        found = []
        taken = self.table.loc[self.table["what"] == "mean_correlation", "plain"].gt(0).any()
        if self.marker is not None and taken and not self.alpha >= WEAK_ALPHA:
            words = told("The marker is a single item of unknown reliability, so its correlations, and what is taken "
                         "out, may be too small.")  # fmt: skip
            if np.isfinite(self.alpha):
                words = told("The marker is measured badly (alpha {alpha}), so its correlations, and what is taken "
                             "out, are too small.")  # fmt: skip
            found.append(tell(words, alpha=_two(self.alpha)))
        if self.table["what"].eq("coefficient").any() and self.table["adjusted"].isna().all():
            found.append(tell("What would be left are no correlations, so there are no adjusted coefficients."))
        return found

    def _taken_out(self, row: Mapping[Any, Any]) -> str:
        """Sentence on what the marker, or what stands in for it, has in common with the constructs."""
        value, low, high = (_two(row[name]) for name in ("plain", "plain_low", "plain_high"))
        if self.marker is None:
            names = tell("{first} and {last}", first=label(self.pair[0]), last=label(self.pair[1]))
            return tell(
                "Without a marker question, the second smallest correlation among the constructs ({names}: {value} "
                "[{low}; {high}]) stands in for what a method adds to all of them (Lindell & Whitney 2001): picked "
                "after the fact, it may take out true associations.", names=names, value=value, low=low, high=high,
            )  # fmt: skip
        words = told("The marker ({marker}) correlates {value} [{low}; {high}] with the constructs on average. "
                     "Adjusted coefficients are without that share (Lindell & Whitney 2001): right if a method adds "
                     "the same to all answers and the marker has nothing else in common with them.")  # fmt: skip
        if row["plain"] <= 0:
            words = told("The marker ({marker}) correlates {value} [{low}; {high}] with the constructs on average, so "
                         "there is no sign of a method that all answers share, and nothing is taken out.")  # fmt: skip
        return tell(words, marker=label(self.marker), value=value, low=low, high=high)

    def _repr_html_(self) -> str:
        table = self.table.to_html(index=False, float_format="{:.3f}".format)
        return f"<p>{html.escape(self.words)}</p>{table}{self._listed()}"


@verb
def common_method(fit: Fit) -> CommonMethod:
    """Ask a survey for signs of a method that all its answers share, and what a marker question leaves.

    Parameters
    ----------
    fit : Fit
        From `fit_drivers`; its model may name a `marker`.

    Returns
    -------
    CommonMethod

    Raises
    ------
    BadInput
        A fit of a published table (there are no answers), or fewer than three items.

    Examples
    --------
    >>> from touchsim.study.drivers import fit_drivers
    >>> speed, price, own, noise, mood = np.random.default_rng(1).normal(size=(5, 4000, 1))
    >>> answers = np.hstack([speed, price, own, 0.6 * speed + 0.8 * noise]) + mood
    >>> survey = pd.DataFrame(answers, columns=["speed", "price", "blue", "liking"])
    >>> found = common_method(fit_drivers(survey, {"drivers": {"liking": ["speed", "price"]}, "marker": "blue"}))
    >>> found.table[found.table["what"] == "coefficient"][["plain", "adjusted"]].round(1).to_numpy().tolist()
    [[0.7, 0.6], [0.1, -0.0]]
    """
    if fit.of_table:
        raise BadInput(Finding("fit", "must be of answers: a published table has none", hint="fit_drivers(survey)"))
    found = method_of(fit)
    if found is None:
        law = f"must have at least {FEWEST_ITEMS} items, beside those of a marker"
        raise BadInput(Finding("fit", law, got=str(len(_items(fit)))))
    return found


def method_of(fit: Fit) -> CommonMethod | None:
    """`CommonMethod` of a study; None for a published table and for fewer than three items."""
    if fit.of_table or len(_items(fit)) < FEWEST_ITEMS:
        return None
    parts = [_Correlated(one) for one in fit.imputed or (fit,)]
    rows, marker = parts[0].rows, fit.model.marker
    alpha, pair = float("nan"), parts[0].pair
    if marker is not None:
        alpha = raw_alpha(fit.answers.items[list(fit.model.items_of(marker))].to_numpy(float))
    figures = _pooled(np.array([part.values for part in parts]), np.array([part.errors for part in parts]),
                      [row[1] in CORRELATIONS for row in rows], parts[0].df)  # fmt: skip
    table = [dict(zip(METHOD, (*row, *each, len(fit.answers.items)), strict=True))
             for row, each in zip(rows, figures, strict=True)]  # fmt: skip
    found_rows = pd.DataFrame(table, columns=METHOD)
    signed(fit.model.names_its_own, found_rows)
    return CommonMethod(found_rows, marker, alpha, pair, of_items(fit.cautions))


def _items(fit: Fit) -> list[str]:
    """Items of the equations and of scales, but for those of the marker."""
    model = fit.model
    asked = [item for name in model.names if name != model.marker for item in model.items_of(name)]
    return [item for item in dict.fromkeys(asked) if item in fit.answers.items]


def _pooled(values: Array, errors: Array, bounded: list[bool], df: float) -> list[list[float]]:
    """Plain, adjusted and change of each row with intervals: (imputations, rows, 3) in, nine figures a row out."""
    estimate, variance = values.mean(axis=0), (errors**2).mean(axis=0)
    if len(values) > 1:
        variance = variance + (1 + 1 / len(values)) * values.var(axis=0, ddof=1)
    reach = stats.t.ppf(0.975, df) * np.sqrt(variance) if df > 0 else np.full_like(variance, np.nan)
    found = []
    for row, arm, fisher in zip(estimate, reach, bounded, strict=True):
        each: list[float] = []
        for place, (value, out) in enumerate(zip(row, arm, strict=True)):
            ends = (value - out, value + out)
            if fisher and place < 2 and abs(value) < 1:
                ends = tuple(np.tanh(np.arctanh(value) + np.array([-1, 1]) * out / (1 - value**2)))
            each += [float(value), float(ends[0]), float(ends[1])]
        found.append(each)
    return found


class _Correlated:
    """Correlations of one set of complete answers, with how every case moves each figure made of them."""

    def __init__(self, fit: Fit) -> None:
        self.rows: list[tuple[str, str, str, str]] = []
        self.values: list[list[float]] = []
        self.errors: list[list[float]] = []
        self.pair: tuple[str, ...] = ()
        cluster = None if fit.answers.cluster is None else fit.answers.cluster.to_numpy().astype(str)
        self.cluster = None if cluster is None else np.unique(cluster, return_inverse=True)[1]
        units = len(fit.answers.items) if self.cluster is None else int(self.cluster.max()) + 1
        self.df = units - 1
        self._harman(fit)
        self._marker(fit)

    def _harman(self, fit: Fit) -> None:
        z = _standard(fit.answers.items[_items(fit)].to_numpy(float))
        correlation = z.T @ z / len(z)
        values, vectors = np.linalg.eigh(correlation)
        first = vectors[:, -1]
        moved = _moved(z, correlation, np.outer(first, first) / len(values))
        self._add(("harman", "share", "", ""), [float(values[-1] / len(values)), np.nan, np.nan], [moved, None, None])

    def _marker(self, fit: Fit) -> None:
        drivers = {outcome: [name for name in names if set(fit.model.items_of(name)) <= set(fit.answers.items)]
                   for outcome, names in fit.model.drivers.items()}  # fmt: skip
        names = list(dict.fromkeys(name for outcome, terms in drivers.items() for name in (*terms, outcome)))
        marker = fit.model.marker
        columns = [*names, marker] if marker is not None else names
        z = _standard(fit.answers.scores[columns].to_numpy(float))
        r = z.T @ z / len(z)
        k, method = len(columns), "marker"
        shared = np.zeros((k, k))
        if marker is not None:
            shared[-1, :-1] = shared[:-1, -1] = 0.5 / len(names)
        else:
            left, right = np.triu_indices(k, 1)
            order = np.argsort(r[left, right], kind="stable")
            order = order[r[left, right][order] > 0]
            if k < FEWEST_CONSTRUCTS or len(order) < 2:
                return
            a, b = int(left[order[1]]), int(right[order[1]])
            shared[a, b] = shared[b, a] = 0.5
            method, self.pair = "second_smallest", (columns[a], columns[b])
        mean, nan = float((shared * r).sum()), float("nan")
        common = _moved(z, r, shared)
        self._add((method, "mean_correlation", "", marker or ""), [mean, nan, nan], [common, None, None])
        for j, name in enumerate(names if marker is not None else ()):
            moved = _moved(z, r, _pair(k, j, k - 1))
            self._add((method, "marker_correlation", "", name), [r[j, -1], nan, nan], [moved, None, None])
        taken, drift = max(mean, 0.0), common * (mean > 0)
        left_over = (r - taken) / (1 - taken) if taken > 0 else r.copy()  # nothing taken out changes nothing at all
        np.fill_diagonal(left_over, 1.0)
        for outcome, terms in drivers.items():
            y = columns.index(outcome)
            for term in terms:
                x = columns.index(term)
                moved = _moved(z, r, _pair(k, x, y))
                other = (moved - drift * (1 - left_over[x, y])) / (1 - taken)
                self._add((method, "correlation", outcome, term), _three(r[x, y], left_over[x, y]),
                          [moved, other, other - moved])  # fmt: skip
            places = np.array([columns.index(term) for term in terms], dtype=np.intp)
            plain, weights = _slopes(r, places, y)
            adjusted, others = _slopes(left_over, places, y)
            for j, term in enumerate(terms):
                moved = _moved(z, r, _form(weights[j], plain, places, y, k))
                form = _form(others[j], adjusted, places, y, k)
                other = (_moved(z, r, form) - drift * float((form * (1 - left_over)).sum())) / (1 - taken)
                self._add((method, "coefficient", outcome, term), _three(plain[j], adjusted[j]),
                          [moved, other, other - moved])  # fmt: skip

    def _add(self, row: tuple[str, str, str, str], values: list[float], moved: list[Array | None]) -> None:
        self.rows.append(row)
        self.values.append(values)
        self.errors.append([float("nan") if each is None else self._error(each) for each in moved])

    def _error(self, moved: Array) -> float:
        sums = moved if self.cluster is None else np.bincount(self.cluster, weights=moved)
        units = len(sums)
        return float(np.sqrt(units / max(units - 1, 1) * (sums**2).sum()) / len(moved))


def _standard(values: Array) -> Array:
    return np.asarray((values - values.mean(axis=0)) / values.std(axis=0), dtype=np.float64)


def _moved(z: Array, correlation: Array, form: Array) -> Array:
    """How much each case moves sum_kl form_kl r_kl; shape (n,)."""
    together = ((z @ form) * z).sum(axis=1)
    return np.asarray(together - (z**2) @ ((form + form.T) / 2 * correlation).sum(axis=1), dtype=np.float64)


def _pair(k: int, a: int, b: int) -> Array:
    form = np.zeros((k, k))
    form[a, b] = form[b, a] = 0.5
    return form


def _slopes(r: Array, x: NDArray[np.intp], y: int) -> tuple[Array, Array]:
    """Standardised coefficients and the inverse of the drivers' correlations; nan where these are none."""
    among = r[np.ix_(x, x)]
    if len(x) and np.linalg.eigvalsh(among)[0] < 1e-10:
        return np.full(len(x), np.nan), np.full((len(x), len(x)), np.nan)
    inverse = np.linalg.inv(among)
    return np.asarray(inverse @ r[x, y]), np.asarray(inverse)


def _form(weights: Array, slopes: Array, x: NDArray[np.intp], y: int, k: int) -> Array:
    """What a coefficient is of small changes dR of the correlations: weights' dR (outcome less drivers by slopes)."""
    left, right = np.zeros(k), np.zeros(k)
    left[x], right[x], right[y] = weights, -slopes, 1.0
    form = np.outer(left, right)
    return np.asarray((form + form.T) / 2)


def _three(plain: float, adjusted: float) -> list[float]:
    return [float(plain), float(adjusted), float(adjusted - plain)]


def _change(row: Mapping[Any, Any]) -> str:
    return tell("{driver} on {outcome} {plain} to {adjusted} [{low}; {high}]", driver=label(row["term"]),
                outcome=label(row["outcome"]), plain=_two(row["plain"]), adjusted=_two(row["adjusted"]),
                low=_two(row["adjusted_low"]), high=_two(row["adjusted_high"]))  # fmt: skip


def _two(value: float) -> str:
    return marked(f"{value:z.2f}")
