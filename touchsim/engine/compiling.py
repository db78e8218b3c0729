"""How functions of this room are compiled: once, kept on disk, without the interpreter's lock.

`compiled` is for what Python calls with whole runs, `rule` for the small steps of a journey, which are put in line
wherever compiled code calls them, because passing two arrays to a function costs more than most rules do.  Division
follows IEEE (no exception).  Never `fastmath`: it would change a third of all results in the last bit.
"""

from __future__ import annotations

from numba import njit

__all__ = ["compiled", "rule"]

compiled = njit(cache=True, nogil=True, error_model="numpy")
rule = njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
