"""The part of a report that shows what reaches a consequence through an outcome: indirect and direct effects.

Standardised, each with its interval, and of which kind that is.  Called by ``show.drivers``; see ``study.paths``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from touchsim.languages import tell, told
from touchsim.plots.canvas import records
from touchsim.plots.numerals import interval, number
from touchsim.show.page import Cell, Table
from touchsim.vocabulary import label

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["tables_of_mediation"]

MONTE_CARLO = "Monte Carlo, normal answers"


def tables_of_mediation(frame: pd.DataFrame) -> tuple[Table, ...]:
    """A table of indirect effects, folded; none where no outcome drives another one.

    Parameters
    ----------
    frame : DataFrame
        Columns of ``mediation.csv``.
    """
    if frame.empty:
        return ()
    names = ("std_indirect", "std_low", "std_high"), ("std_direct", "std_direct_low", "std_direct_high")
    rows = tuple(
        (Cell(label(str(row["term"])), tell("through {mediator} on {outcome}", mediator=label(str(row["mediator"])),
                                            outcome=label(str(row["outcome"])))),
         *(_effect(*(row[name] for name in three)) for three in names))
        for row in records(frame)
    )  # fmt: skip
    words = told("What reaches an outcome through another one, SD per SD, with 95 % BCa intervals (bootstrap); through "
                 "is an arithmetic of paths, which no survey proves")  # fmt: skip
    if (frame["interval"] == MONTE_CARLO).all():
        words = told("What reaches an outcome through another one, SD per SD, with 95 % Monte Carlo intervals over "
                     "drawn covariance matrices, answers taken as normal; through is an arithmetic of paths, which no "
                     "survey proves")  # fmt: skip
    head = (tell("driver"), tell("indirect"), tell("direct"))
    return (Table(tell(words), head, rows, frozenset({1, 2}), folded=True),)


def _effect(value: Any, low: Any, high: Any) -> Cell:
    main, _, rest = interval(value, low, high, number, single=tell("no interval")).partition(" (")
    return Cell(main, rest.removesuffix(")"))
