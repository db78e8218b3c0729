"""The part of a report that asks whether items measure what they should, and whether answers share a method.

Eigenvalues beside those of chance, loadings of an exploratory factor analysis with whatever stands apart from the
model in words, then Harman's share and what a marker question (or what stands in for it) leaves of the coefficients.

Called by ``show.report``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from touchsim.languages import tell, told
from touchsim.plots.canvas import records
from touchsim.plots.eigenvalues import plot_eigenvalues
from touchsim.plots.numerals import fixed, interval
from touchsim.plots.picture import picture_of
from touchsim.show.page import Cell, Plate, Section, Table
from touchsim.vocabulary import in_its_names, label

if TYPE_CHECKING:
    from touchsim.show.drivers import Studied
    from touchsim.study.exploratory import Exploratory
    from touchsim.study.method import CommonMethod

__all__ = ["sections_of_factors"]

REMARKS = {"weak": told("main loading under .4"), "elsewhere": told("main loading on another factor than the scale"),
           "cross": told("second loading above .3")}  # fmt: skip


@in_its_names
def sections_of_factors(study: Studied) -> list[Section]:
    """Exploratory factors and signs of a common method; nothing where a study has neither."""
    found = []
    if study.exploratory is not None:
        found.append(_factors(study.exploratory))
    if study.method is not None:
        found.append(_method(study.method))
    return found


def _factors(found: Exploratory) -> Section:
    rows = records(found.eigenvalues)
    parts = [f"{row['number']}: {fixed(row['eigenvalue'], 2)} ({fixed(row['parallel_95'], 2)})" for row in rows[:8]]
    alt = tell("Eigenvalues, and in brackets those of items with nothing in common: {values}.", values=", ".join(parts))
    plate = Plate("eigenvalues", picture_of(plot_eigenvalues, found.eigenvalues),
                  tell("How many factors the items have: eigenvalues beside the 95th percentile of those of items with "
                       "nothing in common (parallel analysis; Horn 1965)."), alt)  # fmt: skip
    return Section("factors", tell("Which items hang together"), (found.words,), (plate,),
                   (_loadings(found), *_correlations(found)))  # fmt: skip


def _loadings(found: Exploratory) -> Table:
    names = [str(name) for name in found.correlations]
    items = []
    for item, part in found.table.groupby("item", sort=False):
        mine = {str(row["factor"]): row for row in records(part)}
        said = "; ".join(tell(text) for word, text in REMARKS.items()
                         if word in {row["remark"] for row in mine.values()})  # fmt: skip
        first = mine[names[0]]
        items.append((Cell(str(item), label(str(first["construct"]))),
                      *(Cell(fixed(mine[name]["loading"], 2)) for name in names),
                      Cell(fixed(first["uniqueness"], 2)), Cell(said)))  # fmt: skip
    caption = tell("Loadings of an exploratory factor analysis (maximum likelihood, {rotation}; values of this sample, "
                   "without interval)", rotation=found.rotation)  # fmt: skip
    head = (tell("item"), *names, tell("uniqueness"), tell("remark"))
    return Table(caption, head, tuple(items), frozenset(range(1, len(names) + 2)), folded=len(items) > 12)


def _correlations(found: Exploratory) -> tuple[Table, ...]:
    names = [str(name) for name in found.correlations]
    if len(names) < 2 or found.rotation != "oblimin":
        return ()
    between = found.correlations.to_numpy()
    rows = tuple((Cell(name), *(Cell(fixed(float(between[i, j]), 2) if j < i else "") for j in range(len(names))))
                 for i, name in enumerate(names))  # fmt: skip
    caption = tell("Correlations of the factors (values of this sample, without interval)")
    return (Table(caption, ("", *names), rows, frozenset(range(1, len(names) + 1)), folded=True),)


def _method(found: CommonMethod) -> Section:
    rows = tuple(
        (Cell(label(str(row["term"])), tell("of {outcome}", outcome=label(str(row["outcome"])))),
         *(Cell(*_split(row, name)) for name in ("plain", "adjusted", "change")))
        for row in records(found.table) if row["what"] == "coefficient"
    )  # fmt: skip
    words = told("Standardised coefficients of least squares as answered and without what the marker shares with all "
                 "constructs (Lindell & Whitney 2001), with 95 % intervals of the delta method, not those of the "
                 "study's estimator")  # fmt: skip
    if found.marker is None:
        words = told("Standardised coefficients of least squares as answered and without the second smallest "
                     "correlation among the constructs, in place of a marker (Lindell & Whitney 2001), with 95 % "
                     "intervals of the delta method, not those of the study's estimator")  # fmt: skip
    head = (tell("driver"), tell("as answered"), tell("adjusted"), tell("change"))
    tables = (Table(tell(words), head, rows, frozenset({1, 2, 3}), folded=found.marker is None),) if rows else ()
    return Section("method", tell("Do the answers share a method?"), (found.words,), tables=tables)


def _split(row: dict[str, Any], name: str) -> tuple[str, str]:
    spelled = interval(row[name], row[f"{name}_low"], row[f"{name}_high"], single=tell("no interval"))
    main, _, rest = spelled.partition(" (")
    return main, rest.removesuffix(")")
