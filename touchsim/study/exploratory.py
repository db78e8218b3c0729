"""Which items hang together when nobody says which should: exploratory factor analysis, beside the scales of the model.

    items --parallel analysis, Kaiser, MAP--> number of factors --maximum likelihood--> loadings --oblimin--> pattern

The number of factors is that of parallel analysis (Horn 1965) unless it is given; extraction and rotation are those of
`factors`.  A scale is at home on the factor that carries most of its items; an item whose main loading is elsewhere,
under .4, or which has another one above .3 (conventions: Hair et al. 2010), is named.  Parallel analysis of components
finds too few factors where factors correlate much (Crawford et al. 2010), so that scales may share one; whether they
can be told apart is better asked of HTMT and of a confirmatory analysis (`scales`, `measurement`).  Loadings are values
of the sample, without interval, and said to be unsure where items have little in common (KMO under .5: Kaiser 1974) or
answers are few (under 100, or under 5 per item: Gorsuch 1983; conventions as well).  `exploratory_factors` is a verb of
the front door; `survey` calls `explored`.
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from touchsim.errors import BadInput, Finding, nearest, verb
from touchsim.languages import marked, tell, told
from touchsim.study.care import Careful, of_items
from touchsim.study.caution import Caution
from touchsim.study.columns import Answers
from touchsim.study.factors import ROTATIONS, SMALLEST_UNIQUENESS, Rotated, most_factors, rotated, unrotated
from touchsim.study.latent import answers_and_model
from touchsim.study.model import StudyModel
from touchsim.study.refusals import chance_findings
from touchsim.study.retention import average_partials, independent_eigenvalues, leading, sampling_adequacy, sphericity
from touchsim.vocabulary import in_its_names, label, signed

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["EIGENVALUES", "EXPLORATORY", "Exploratory", "exploratory_factors", "explored"]

Array = NDArray[np.float64]
EXPLORATORY = ["item", "construct", "factor", "loading", "structure", "remark", "communality", "uniqueness"]
EIGENVALUES = ["number", "eigenvalue", "parallel_mean", "parallel_95", "map", "carried"]
MAIN, CROSS = 0.4, 0.3
LITTLE_IN_COMMON, FEW_ROWS, FEW_PER_ITEM, LARGE_SAMPLE = 0.5, 100, 5, 300
FEWEST_ITEMS = 3
SINGULAR = 1e-10
SHOWN = 6
TABLES = 1000


@dataclass(frozen=True)
class Exploratory(Careful):
    """Factors of a survey's items, and how the scales of its model lie on them.

    Attributes
    ----------
    table : DataFrame
        A row for each item and factor: item, construct, factor, loading (pattern), structure (correlation with the
        factor), remark (main, weak: main but under .4, elsewhere: main but not on the factor of its scale, cross:
        another one above .3; else empty), communality, uniqueness.
    eigenvalues : DataFrame
        number, eigenvalue, parallel_mean and parallel_95 (of independent items), map (average squared partial
        correlation after so many components), carried (sum of squared loadings of the factor).
    correlations : DataFrame, shape (q, q)
        Of the factors.
    suggested : dict
        parallel, kaiser, map: numbers of factors.
    chi2, p_value : float
        Whether so many factors are enough.
    df, n : int
    kmo : float
        Sampling adequacy of all items.
    sphericity : tuple
        Bartlett's test that no items correlate: chi2, df, p.
    rotation : str
    converged : bool
        Whether the search for the maximum of the likelihood ended at one.
    cautions : tuple of Caution
        What stands against the answers.
    """

    table: pd.DataFrame
    eigenvalues: pd.DataFrame
    correlations: pd.DataFrame
    suggested: Mapping[str, int]
    chi2: float
    df: int
    p_value: float
    n: int
    kmo: float
    sphericity: tuple[float, int, float]
    rotation: str
    converged: bool = True
    cautions: tuple[Caution, ...] = ()

    @property
    def factors(self) -> int:
        """Number of factors."""
        return len(self.correlations)

    @property
    def loadings(self) -> pd.DataFrame:
        """Pattern matrix, an item a row, shape (p, q)."""
        return self._wide("loading")

    @property
    def structure(self) -> pd.DataFrame:
        """Correlations of items with factors, shape (p, q)."""
        return self._wide("structure")

    @property
    def homes(self) -> dict[str, str]:
        """Factor that carries most of each construct."""
        squares = self.table.assign(size=self.table["loading"] ** 2)
        sums = squares.groupby(["construct", "factor"], sort=False)["size"].sum().unstack()
        return {str(name): str(row.idxmax()) for name, row in sums.iterrows()}

    @property
    def heywood(self) -> tuple[str, ...]:
        """Items of which nothing is left: their uniqueness ended at its bound."""
        bound = self.table.drop_duplicates("item").set_index("item")["uniqueness"] <= SMALLEST_UNIQUENESS * (1 + 1e-6)
        return tuple(bound.index[bound])

    @property
    @in_its_names
    def words(self) -> str:
        """What the factors are, and which items and scales stand apart from the model."""
        scales = self.table["construct"].nunique()
        parts = [tell(
            "Exploratory factor analysis of {items} items (n = {n}; KMO {kmo}). Number of factors by parallel analysis "
            "{parallel}, by Kaiser's rule {kaiser}, by MAP {map}; number of scales in the model {scales}. Taken: "
            "{factors} (maximum likelihood, {rotation}; values of this sample, without interval).",
            items=self.table["item"].nunique(), n=self.n, kmo=_two(self.kmo), parallel=self.suggested["parallel"],
            kaiser=self.suggested["kaiser"], map=self.suggested["map"], scales=scales, factors=self.factors,
            rotation=self.rotation)]  # fmt: skip
        if self.df > 0:
            words = told("That so many are enough is not rejected: chi2({df}) = {chi2}, {p}.")
            if self.p_value < 0.05:
                words = told("That so many are enough is rejected: chi2({df}) = {chi2}, {p}.")
                if self.n >= LARGE_SAMPLE:
                    words = told("That so many are enough is rejected: chi2({df}) = {chi2}, {p}; in large samples it "
                                 "nearly always is.")  # fmt: skip
            p = f"p < {marked('0.001')}" if self.p_value < 0.001 else f"p = {marked(f'{self.p_value:.3f}')}"
            parts.append(tell(words, df=self.df, chi2=marked(f"{self.chi2:.1f}"), p=p))
        return " ".join([*parts, *self._doubts(), *self._apart()])

    @property
    def doubts(self) -> tuple[str, ...]:
        """What stands against factors of these answers, and against the answers."""
        return (*self._doubts(), *self.warnings)

    def _doubts(self) -> list[str]:
        found, items = [], self.table["item"].nunique()
        if self.kmo < LITTLE_IN_COMMON:
            found.append(tell("Items have too little in common for factors (KMO under {least}: Kaiser 1974).",
                              least=marked(str(LITTLE_IN_COMMON))))  # fmt: skip
        if self.n < max(FEW_ROWS, FEW_PER_ITEM * items):
            found.append(tell(
                "{n} answers to {items} items are few (under {rows}, or under {each} per item: Gorsuch 1983): other "
                "respondents may give other factors.", n=self.n, items=items, rows=FEW_ROWS, each=FEW_PER_ITEM,
            ))  # fmt: skip
        if not self.converged:
            found.append(tell("The search for the factors did not end at a maximum: loadings are not to be trusted."))
        return found

    def _apart(self) -> list[str]:
        """Sentences on scales that share a factor, on items that stand elsewhere, and on Heywood cases."""
        found = []
        homes, sizes = self.homes, self.table.groupby("construct")["item"].nunique()
        shared = [[name for name in homes if homes[name] == factor] for factor in dict.fromkeys(homes.values())]
        pairs = "; ".join(", ".join(map(label, names)) for names in shared if len(names) > 1)
        if pairs:
            words = told("On one factor together: {scales}. Parallel analysis finds too few factors where factors "
                         "correlate much (Crawford et al. 2010).")  # fmt: skip
            if any((sizes[names] > 1).sum() > 1 for names in shared):
                words = told("On one factor together: {scales}. Parallel analysis finds too few factors where factors "
                             "correlate much (Crawford et al. 2010): see HTMT.")  # fmt: skip
            found.append(tell(words, scales=pairs))
        elsewhere, weak, cross = (self._named(remark) for remark in ("elsewhere", "weak", "cross"))
        if elsewhere:
            found.append(tell("Items that load most on another factor than their scale: {items}.", items=elsewhere))
        if weak:
            found.append(tell("Items without a loading of {least}: {items}.", items=weak, least=marked(str(MAIN))))
        if cross:
            found.append(tell("Items with a second loading above {most}: {items}.", items=cross,
                              most=marked(str(CROSS))))  # fmt: skip
        homely = self.factors >= len(sizes) and (sizes > 1).all()  # else there is no factor of a scale
        if homely and not elsewhere and not weak and not cross:
            found.append(tell("Every item loads most, and only, on the factor of its scale."))
        if self.heywood:
            found.append(tell("Heywood case: {items} keep no variance of their own, which no item has: too many "
                              "factors, or too few answers.", items=", ".join(self.heywood)))  # fmt: skip
        return found

    def _named(self, remark: str) -> str:
        rows = self.table[self.table["remark"] == remark]
        names = [f"{row['item']} ({row['factor']} {_two(row['loading'])})" for row in rows.to_dict("records")]
        more = [tell("{n} more", n=len(names) - SHOWN)] if len(names) > SHOWN else []
        return ", ".join([*names[:SHOWN], *more])

    def _wide(self, column: str) -> pd.DataFrame:
        wide = self.table.pivot(index="item", columns="factor", values=column)
        return wide.loc[list(dict.fromkeys(self.table["item"])), list(self.correlations)]

    @in_its_names
    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the eigenvalues beside those of independent items."""
        from touchsim.plots.eigenvalues import plot_eigenvalues

        return self._noted(plot_eigenvalues(self.eigenvalues, ax=ax))

    def _repr_html_(self) -> str:
        table = self.loadings.to_html(float_format="{:.2f}".format)
        return f"<p>{html.escape(self.words)}</p>{table}{self._listed()}"


@verb
def exploratory_factors(
    answers: pd.DataFrame, model: StudyModel | Mapping[str, Any] | str | Path | None = None, *,
    factors: int | None = None, rotation: str = "oblimin", draws: int = TABLES, seed: int = 1,
) -> Exploratory:  # fmt: skip
    """Explore which items of a survey hang together, beside the scales of its model.

    Parameters
    ----------
    answers : DataFrame, shape (respondents, columns)
    model : StudyModel, mapping or path, optional
        Its `scales` name the items; by default the model that a survey from ``ask`` carries.
    factors : int, optional
        By default as many as parallel analysis suggests, at least one and at most what the items can tell.
    rotation : str
        oblimin (factors may correlate), varimax (they may not) or none.
    draws, seed : int
        Tables of independent items behind parallel analysis.

    Returns
    -------
    Exploratory
        Frozen; ``.table``, ``.loadings``, ``.text``, ``.plot()``.

    Raises
    ------
    BadInput
        Fewer than three items in scales, more items than answers, items that are constant or combinations of others, a
        number of factors that so many items cannot tell, an unknown rotation.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> speed, price = rng.normal(size=(2, 400, 1))
    >>> items = np.hstack([speed + 0.6 * rng.normal(size=(400, 3)), price + 0.6 * rng.normal(size=(400, 3))])
    >>> survey = pd.DataFrame(items, columns=["S1", "S2", "S3", "P1", "P2", "P3"])
    >>> found = exploratory_factors(survey, {"scales": {"speed": ["S1", "S2", "S3"], "price": ["P1", "P2", "P3"]}})
    >>> found.factors, found.homes
    (2, {'speed': 'F2', 'price': 'F1'})
    """
    complete, asked, cautions = answers_and_model(answers, model)
    findings = []
    if rotation not in ROTATIONS:
        law = f"must be one of {', '.join(ROTATIONS)}"
        findings.append(Finding("rotation", law, got=str(rotation), hint=nearest(rotation, ROTATIONS)))
    most = most_factors(len(_items(asked)))
    whole = isinstance(factors, (int, np.integer)) and not isinstance(factors, bool)
    if factors is not None and not (whole and 1 <= factors <= max(most, 1)):
        law = f"must be a whole number from 1 to {max(most, 1)}, as many as {len(_items(asked))} items can tell"
        findings.append(Finding("factors", law, got=str(factors)))
    findings += chance_findings(seed, draws)
    reason = _reason_against(complete, asked)
    if reason is not None or findings:
        raise BadInput([*findings, *([] if reason is None else [reason])])
    return replace(_explored(complete, asked, factors, rotation, draws, seed), cautions=of_items(cautions))


def explored(
    answers: Answers, model: StudyModel, *, seed: int = 1, cautions: Iterable[Caution] = ()
) -> Exploratory | None:
    """Explore the items of all scales of a study; None where they are too few or exact combinations."""
    if _reason_against(answers, model) is not None:
        return None
    return replace(_explored(answers, model, None, ROTATIONS[0], TABLES, seed), cautions=of_items(cautions))


def _items(model: StudyModel) -> list[str]:
    return list(dict.fromkeys(item for items in model.scales.values() for item in items))


def _complete(answers: Answers, items: list[str]) -> Array:
    """Rows without a gap; with `how: impute` the items may have some."""
    return answers.items[items].dropna().to_numpy(float)


def _reason_against(answers: Answers, model: StudyModel) -> Finding | None:
    """Why there are no factors, if so."""
    items = _items(model)
    if len(items) < FEWEST_ITEMS:
        law = f"must have at least {FEWEST_ITEMS} items in all: fewer do not identify a factor"
        return Finding("scales", law, got=str(len(items)))
    values = _complete(answers, items)
    if len(values) <= len(items):
        law = f"needs more complete rows than items ({len(items)})"
        return Finding("", law, got=f"{len(values)} rows")
    flat = [item for item, spread in zip(items, np.ptp(values, axis=0), strict=True) if spread == 0]
    if flat:
        law, hint = "is constant among the rows complete on every item", "leave it out of the scales"
        return Finding(f"column '{flat[0]}'", law, got=f"{values[0, items.index(flat[0])]:g}", hint=hint)
    if np.linalg.eigvalsh(np.corrcoef(values, rowvar=False))[0] < SINGULAR:
        return Finding("scales", "must not hold items that are exact combinations of others", hint="leave one out")
    return None


def _explored(
    answers: Answers, model: StudyModel, factors: int | None, rotation: str, draws: int, seed: int
) -> Exploratory:
    items = _items(model)
    values = _complete(answers, items)
    n, p = values.shape
    correlation: Array = np.asarray(np.corrcoef(values, rowvar=False))
    eigenvalues: Array = np.asarray(np.linalg.eigvalsh(correlation)[::-1], dtype=np.float64)
    drawn = independent_eigenvalues(n, p, draws=draws, seed=seed)
    limit: Array = np.asarray(np.quantile(drawn, 0.95, axis=0), dtype=np.float64)
    partials = average_partials(correlation)
    suggested = {"parallel": leading(eigenvalues, limit), "kaiser": int((eigenvalues > 1).sum()),
                 "map": int(np.nanargmin(partials))}  # fmt: skip
    q = int(factors or min(max(suggested["parallel"], 1), most_factors(p)))
    plain = unrotated(correlation, q)
    turned = rotated(plain.loadings, rotation)
    chi2, df, p_value = plain.chi2(n)
    names = [f"F{j + 1}" for j in range(q)]
    nothing = np.full(p, np.nan)
    carried, after = nothing.copy(), nothing.copy()
    carried[:q], after[: p - 2] = turned.carried, partials[1:]
    table = _table(items, model, turned, plain.uniqueness, names)
    signed(model.names_its_own, table)
    return Exploratory(
        table=table,
        eigenvalues=pd.DataFrame({"number": np.arange(1, p + 1), "eigenvalue": eigenvalues,
                                  "parallel_mean": drawn.mean(axis=0), "parallel_95": limit, "map": after,
                                  "carried": carried}, columns=EIGENVALUES),
        correlations=pd.DataFrame(turned.correlations, index=names, columns=names), suggested=suggested, chi2=chi2,
        df=df, p_value=p_value, n=n, kmo=sampling_adequacy(correlation)[0], sphericity=sphericity(correlation, n),
        rotation=rotation, converged=plain.converged)  # fmt: skip


def _table(
    items: list[str], model: StudyModel, turned: Rotated, uniqueness: Array, names: list[str]
) -> pd.DataFrame:
    owner = {item: name for name, members in model.scales.items() for item in members}
    size = np.abs(turned.loadings)
    home = {name: int((size[[items.index(item) for item in members]] ** 2).sum(axis=0).argmax())
            for name, members in model.scales.items()}  # fmt: skip
    rows: list[dict[str, Any]] = []
    for i, item in enumerate(items):
        main = int(size[i].argmax())
        for j, factor in enumerate(names):
            remark = "cross" if j != main and size[i, j] > CROSS else ""
            if j == main:
                remark = "weak" if size[i, j] < MAIN else "main" if j == home[owner[item]] else "elsewhere"
            rows.append({
                "item": item, "construct": owner[item], "factor": factor, "loading": turned.loadings[i, j],
                "structure": turned.structure[i, j], "remark": remark, "communality": turned.communality[i],
                "uniqueness": uniqueness[i],
            })  # fmt: skip
    return pd.DataFrame(rows, columns=EXPLORATORY)


def _two(value: float) -> str:
    return marked(f"{value:z.2f}")
