"""The pen that writes a scenario into the world's table: numbers, words, laws of duration, tables of quantiles.

`blueprint` and `proposition` hold it; `layout` says which column is what, `engine.durations` reads the laws.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache

import numpy as np
import numpy.typing as npt

from touchsim.world.laws import Law

__all__ = ["Pen", "rarity"]

_KINDS = ("fixed", "exponential", "lognormal", "weibull", "gamma", "triangular", "empirical")
_GRID = -8.5 + np.arange(545) / 32.0


class Pen:
    """Writes rows of the table, and tables of quantiles below them."""

    def __init__(self, rows: int, width: int) -> None:
        self.cells = np.zeros((rows, width))
        self.below: list[npt.NDArray[np.float64]] = []
        self.next = rows

    def write(self, row: int, column: int, *values: float) -> None:
        """Write numbers from a column on."""
        self.cells[row, column : column + len(values)] = values

    def word(self, row: int, column: int, word: int) -> None:
        """Write the bits of a 64-bit word."""
        self.cells.view(np.uint64)[row, column] = word

    def law(self, row: int, column: int, law: Law) -> None:
        """Write a law of duration into four columns."""
        self.write(row, column, float(_KINDS.index(law.law)), *self._parameters(law))

    def _parameters(self, law: Law) -> tuple[float, ...]:
        mean, cv = law.mean or 0.0, law.cv or 0.0
        if law.law == "lognormal":
            sigma = math.sqrt(math.log1p(cv * cv))
            return math.log(mean) - sigma * sigma / 2.0, sigma
        if law.law == "weibull":
            shape = law.shape or 1.0
            return mean / math.gamma(1.0 + 1.0 / shape), shape
        if law.law == "gamma":
            shape = 1.0 / (cv * cv)
            return mean / shape, float(self.put_below(_gamma_table(shape)))
        if law.law == "triangular":
            return law.low or 0.0, law.mode or 0.0, law.high or 0.0
        if law.law == "empirical":
            values = np.sort(np.array(law.values, dtype=np.float64))
            return float(self.put_below(values)), float(len(values))
        return (mean,)

    def put_below(self, values: npt.NDArray[np.float64]) -> int:
        """Put a table (of quantiles, of a day's pieces) below the rows; return the row where it begins."""
        width = self.cells.shape[1]
        rows = -(-len(values) // width)
        filled = np.zeros(rows * width)
        filled[: len(values)] = values
        self.below.append(filled.reshape(rows, width))
        self.next += rows
        return self.next - rows

    def rows(self, lines: Sequence[Sequence[float]]) -> float:
        """Put lines of numbers below the rows, one a row; return the row of the first."""
        for line in lines:
            self.put_below(np.array(line, dtype=np.float64))
        return float(self.next - len(lines))

    def table(self) -> npt.NDArray[np.float64]:
        """Return what is written, tables below included."""
        return np.ascontiguousarray(np.vstack([self.cells, *self.below]))


@cache
def _gamma_table(shape: float) -> npt.NDArray[np.float64]:
    """Tabulate ln of the standard gamma quantile and its slope in z on the grid of `engine.durations`, pair by pair."""
    from scipy import special

    lower, upper = special.ndtr(_GRID), special.ndtr(-_GRID)
    q = np.where(_GRID < 0.0, special.gammaincinv(shape, lower), special.gammainccinv(shape, upper))
    log_q = np.log(np.maximum(q, 1e-300))
    log_density = (shape - 1.0) * log_q - q - special.gammaln(shape)
    log_normal = -0.5 * _GRID * _GRID - 0.5 * math.log(2.0 * math.pi)
    slope = np.where(q > 1e-300, np.exp(log_normal - log_density - log_q), 0.0)
    return np.ascontiguousarray(np.column_stack([log_q, slope])).reshape(-1)


def rarity(probability: float) -> float:
    """Reciprocal of a probability or weight: what a race multiplies with; infinite where it never happens."""
    return 1.0 / probability if probability > 0.0 else math.inf
