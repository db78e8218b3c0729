"""From rows to columns: takes records of the engine's buffers apart, in one pass over memory.

A log keeps columns, an engine writes rows; copying field after field would read every row as often as it has fields.
Called by `touchsim.log.writer`.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt

from touchsim.engine.compiling import compiled

__all__ = ["columns_of"]


@compiled
def _take(cells: np.ndarray, which: np.ndarray, taken: np.ndarray) -> None:
    """Copy some columns of a matrix into `taken`, shape (len(which), rows), each of them contiguous."""
    for row in range(len(cells)):
        for j in range(len(which)):
            taken[j, row] = cells[row, which[j]]


@cache
def _fields(dtype: np.dtype[np.void]) -> dict[int, list[tuple[str, np.dtype[np.generic], int]]]:
    """Fields by width in bytes: name, type and index in a row of cells of that width; nested ones one by one."""
    found: dict[int, list[tuple[str, np.dtype[np.generic], int]]] = {}
    for name in dtype.names or ():
        assert dtype.fields is not None
        field, offset = dtype.fields[name][:2]
        many = field.shape[0] if field.shape else 0
        for n in range(many or 1):
            width = field.base.itemsize
            key = f"{name}.{n}" if many else name
            found.setdefault(width, []).append((key, field.base, offset // width + n))
    return found


def columns_of(rows: npt.NDArray[np.void]) -> dict[str, npt.NDArray[np.generic]]:
    """Return the fields of records as contiguous arrays of their own.

    Parameters
    ----------
    rows : record array, shape (n,)
        Aligned records, as of `rows.VISIT_ROW`; contiguous.

    Returns
    -------
    dict
        Field to array of shape (n,); element n of a nested field is called ``field.n``.

    Examples
    --------
    >>> import numpy as np
    >>> pairs = np.array([(1, 2.0), (3, 4.0)], np.dtype([("a", np.int16), ("b", np.float64)], align=True))
    >>> columns_of(pairs)["b"].tolist()
    [2.0, 4.0]
    """
    found: dict[str, npt.NDArray[np.generic]] = {}
    widths, n = _fields(rows.dtype), len(rows)
    room = np.empty(sum(width * len(fields) for width, fields in widths.items()) * n, np.int8)  # of huge pages if large
    for width, fields in sorted(widths.items(), reverse=True):  # the widest first, so that all are aligned
        cells = rows.view(f"i{width}").reshape(n, rows.dtype.itemsize // width)
        part, room = np.split(room, [width * len(fields) * n])
        taken = part.view(cells.dtype).reshape(len(fields), n)
        _take(cells, np.array([index for _, _, index in fields]), taken)
        found |= {name: column.view(kind) for (name, kind, _), column in zip(fields, taken, strict=True)}
    return found
