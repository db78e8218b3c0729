"""A published table: correlations and n, and means and standard deviations where it states them, read strictly.

Many studies publish no answers, but the table from which all linear regressions follow.  The file is that table,

    "",     price, speed, liking          names of the variables
    mean,   5.1,   6.2,   5.9           (optional: without them no intercepts, no map of performance)
    sd,     1.4,   1.1,   1.6           (optional: without them the standardised solution only)
    n,      250,   250,   250             (one number is enough)
    min,    1,     1,     1               (min and max of the answers: optional, then means must lie between them)
    alpha,  .81,   ,      .88             (reliabilities, optional: `corrected` and `sem` take errors out by them)
    price,  1
    speed,  .41,   1                      full, or one triangle; the diagonal may be empty
    liking, .52,   .47,   1

or the same with `mean`, `sd`, `n` as columns beside the correlations, which may be numbered as in papers (``1. price``
under ``1``).  Stars of significance are taken off.  Figures are known to half a unit of their last digit; a block (SDs,
correlations) counts as given to as many decimals as its longest figure, since programs leave out final zeros (no figure
of a study hangs on the means).  What is not stated is not made up: without SDs every variable has SD 1, and what stands
in units of answers is left empty; a row of SDs or means that is there must be full.  Everything broken is told at
once.  What is no correlation matrix (not positive definite) is refused with the variables that make it so and the
nearest one that is (Higham 2002). Figures below 1 on the diagonal, where papers print reliabilities or roots of AVE,
are not correlations: 1 is read there and a note says so.  Which of the two they are only the paper knows, so they are
used for nothing; alphas have a row.

Called by `moments`, `twins`, the command line and the reader.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from touchsim.errors import BadInput, Finding, nearest as alike, verb
from touchsim.languages import told
from touchsim.study.catalogue import Fact, fact_of, no_table
from touchsim.study.matrices import definite_matrix, symmetric_matrix
from touchsim.study.printed import MOST_ALIKE, decimals_of, named_columns, number_of, or_nan, told_once
from touchsim.study.tables import SEPARATORS, read_cells

__all__ = ["Moments", "moments_of", "published_path", "read_moments"]

Array = NDArray[np.float64]
ROWS = {"mean": ("mean", "means", "m"), "sd": ("sd", "sds", "s.d.", "std", "standard deviation"), "n": ("n", "obs"),
        "min": ("min", "minimum"), "max": ("max", "maximum"),
        "alpha": ("alpha", "alphas", "cronbach's alpha", "cronbach alpha", "α")}  # fmt: skip
MEANING = {"mean": "mean", "sd": "standard deviation", "n": "number of answers", "min": "smallest answer",
           "max": "largest answer", "alpha": "reliability"}  # fmt: skip
WORDS = {word: key for key, words in ROWS.items() for word in words}
LARGEST_N = 1_000_000
ALIKE = 1e-9
FEWEST = 2


@dataclass(frozen=True)
class Moments:
    """Means, SDs, correlations and n of k variables.

    Attributes
    ----------
    names : tuple of str
    means, sds : array, shape (k,)
        Means are nan, SDs 1, where the table states none.
    correlations : array, shape (k, k)
    n : int
        Number of cases; the smallest one where variables differ.
    rounding : dict
        Half a unit of the last digit of "sd" and "correlation".
    notes : tuple of str
        What was read in a way worth saying.
    source : dict
        Name and sha256 of the file.
    alphas : array, shape (k,)
        Reliabilities that the table states; nan where it states none.
    diagonal : tuple of float
        What the diagonal held instead of 1; empty as a rule.
    unstated : tuple of str
        Which of "mean" and "sd" are not known; without SDs means are not, either, as their unit is unknown.

    Examples
    --------
    >>> frame = pd.DataFrame({"a": [2, 1, 50, 1, 0.5], "b": [3, 2, 50, 0.5, 1]}, index=["mean", "sd", "n", "a", "b"])
    >>> moments_of(frame).covariances.tolist()
    [[1.0, 1.0], [1.0, 4.0]]
    """

    names: tuple[str, ...]
    means: Array
    sds: Array
    correlations: Array
    n: int
    rounding: Mapping[str, float]
    notes: tuple[str, ...] = ()
    source: Mapping[str, str] = field(default_factory=dict)
    alphas: Array = field(default_factory=lambda: np.empty(0))
    diagonal: tuple[float, ...] = ()
    unstated: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if len(self.alphas) != len(self.names):
            object.__setattr__(self, "alphas", np.full(len(self.names), np.nan))

    @property
    def covariances(self) -> Array:
        """Covariance matrix, shape (k, k)."""
        return np.asarray(self.correlations * np.outer(self.sds, self.sds), dtype=np.float64)

    @property
    def table(self) -> pd.DataFrame:
        """The table again, in the form in which it is read."""
        rows = {"mean": self.means, "sd": self.sds, "n": np.full(len(self.names), self.n)}
        rows = {key: row for key, row in rows.items() if key not in self.unstated}
        rows |= {"alpha": self.alphas} if np.isfinite(self.alphas).any() else {}
        rows |= dict(zip(self.names, self.correlations, strict=True))
        return pd.DataFrame.from_dict(rows, orient="index", columns=list(self.names))


def published_path(path: str | Path) -> Path:
    """Find a table: a file, or one of the catalogue by its name; a path that is neither is returned as it is.

    Raises
    ------
    BadInput
        A name of the catalogue whose table has no moments, or a name that is nearly one.
    """
    place = Path(path)
    if place.is_file() or len(place.parts) > 1:
        return place
    known = fact_of(place.name)
    if known is not None and known.kind != "moments":
        law = f"has no means, SDs and correlations of answers: {known.what}"
        raise BadInput(Finding(place.name, law, hint="ts.load_fact shows it"))
    if known is None and (finding := no_table(place.name)) is not None:
        raise BadInput(finding)
    return place if known is None else known.path


@verb
def read_moments(path: str | Path, *, nearest: bool = False) -> Moments:
    r"""Read a published table of moments.

    Parameters
    ----------
    path : str or Path
        CSV of any common separator, see the module for its form; or the name of a table that ships with touchsim.
    nearest : bool
        Take the nearest correlation matrix (Higham 2002) where the published one is not positive definite.

    Returns
    -------
    Moments

    Raises
    ------
    BadInput
        With every finding: correlations or n missing, no numbers, a row of means or SDs with gaps, not symmetric,
        beyond -1 and 1, SD not above 0, mean outside the range stated, not positive definite.

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "table.csv"
    >>> _ = file.write_text(",a,b\nmean,2.1,3\nsd,1,2\nn,50\na,1\nb,.50**,1\n")
    >>> float(read_moments(file).correlations[0, 1]), read_moments(file).rounding["correlation"]
    (0.5, 0.005)
    """
    place = published_path(path)
    rows = read_cells(place)
    source = {"survey": place.name, "sha256": hashlib.sha256(place.read_bytes()).hexdigest()}
    read, known = _read(rows, str(path), nearest), fact_of(place)
    return replace(read, source=source, notes=(*read.notes, *([] if known is None else [known.caution])))


def moments_of(moments: Moments | Fact | pd.DataFrame | str | Path, *, nearest: bool = False) -> Moments:
    """Accept moments in any form: read already, a file, or a frame of its rows."""
    if isinstance(moments, Moments):
        return moments
    if isinstance(moments, Fact):
        return read_moments(moments.file, nearest=nearest)
    if not isinstance(moments, pd.DataFrame):
        return read_moments(moments, nearest=nearest)
    head = ["", *map(str, moments.columns)]
    body = [[str(name), *("" if pd.isna(cell) else _digits(cell) for cell in row)]
            for name, row in zip(moments.index, moments.to_numpy(), strict=True)]  # fmt: skip
    return _read([head, *body], None, nearest)


def _digits(cell: object) -> str:
    return np.format_float_positional(cell, trim="-") if isinstance(cell, (float, np.floating)) else str(cell)


def _read(rows: list[list[str]], file: str | None, repair: bool) -> Moments:
    """Turn rows of text into moments; every finding at once."""
    findings: list[Finding] = []
    names, table = _named(named_columns(rows, WORDS), findings)
    if not names:
        raise BadInput(told_once(findings, file))
    if not table and len(rows) > MOST_ALIKE and not any(WORDS.get(row[0].lower()) for row in rows):
        law = f"looks like {len(rows) - 1} answers, not a table of moments"
        hint = "use --survey instead of --moments, ts.study_survey instead of ts.study_moments"
        raise BadInput(Finding("", law, got=f"no row 'mean', 'sd' or '{names[0]}'", hint=hint, file=file))
    for name in names:
        if name not in table:
            findings.append(Finding(f"row '{name}'", "is missing: correlations need a row for each variable"))
    if "n" not in table:
        findings.append(Finding("row 'n'", "is missing: without it nothing can be said about errors"))
    if findings:
        raise BadInput(told_once(findings, file))
    cells = {key: [number_of(cell, f"row '{key}', column '{name}'", findings)
                   for name, cell in zip(names, table[key], strict=True)] for key in table}  # fmt: skip
    gaps = [None] * len(names)
    means, sds = (np.array([or_nan(cell) for cell in cells.get(key, gaps)]) for key in ("mean", "sd"))
    for key, values in (("mean", means), ("sd", sds)):
        findings += [Finding(f"row '{key}', column '{name}'", "must be a number", got="nothing",
                             hint="leave a row out that is not known")
                     for name, value, text in zip(names, values, table.get(key, gaps), strict=True)
                     if np.isnan(value) and text == ""]  # fmt: skip
    findings += [Finding(f"row 'sd', column '{name}'", "must be above 0", got=f"{sd:g}")
                 for name, sd in zip(names, sds, strict=True) if sd <= 0]  # fmt: skip
    findings += _outside(names, table, cells)
    notes: list[str] = []
    n = _cases(names, cells["n"], findings, notes)
    diagonal = _diagonal(names, cells, notes)
    matrix = symmetric_matrix(names, {name: cells[name] for name in names}, findings)
    alphas = np.array([or_nan(cell) for cell in cells.get("alpha", [None] * len(names))])
    findings += [Finding(f"row 'alpha', column '{name}'", "must be above 0 and at most 1", got=f"{alpha:g}")
                 for name, alpha in zip(names, alphas, strict=True) if not (np.isnan(alpha) or 0 < alpha <= 1)]
    unstated = ("mean", "sd") if "sd" not in table else ("mean",) if "mean" not in table else ()
    if not findings:
        matrix = definite_matrix(names, matrix, repair, findings, notes)
    if findings:
        raise BadInput(told_once(findings, file))
    blocks = {"correlation": [cell for i, name in enumerate(names) for j, cell in enumerate(table[name]) if i != j]}
    blocks |= {"sd": table["sd"]} if "sd" in table else {}
    blocks |= {"alpha": table["alpha"]} if "alpha" in table else {}
    rounding = {"sd": 0.0} | {key: 0.5 * 10.0 ** -max((decimals_of(cell) for cell in block), default=0)
                for key, block in blocks.items()}  # fmt: skip
    if "sd" in unstated:
        means, sds = np.full(len(names), np.nan), np.ones(len(names))
        if "mean" in table:
            notes.append(told("the table states means but no standard deviations: their unit is not known, so they are "
                              "used for nothing"))  # fmt: skip
    return Moments(tuple(names), means, sds, matrix, n, rounding, tuple(notes), alphas=alphas, diagonal=diagonal,
                   unstated=unstated)  # fmt: skip


def _diagonal(names: list[str], cells: dict[str, list[float | None]], notes: list[str]) -> tuple[float, ...]:
    """Take out of the diagonal what papers print there; two figures between 0 and 1 and nothing else make a habit."""
    own = [cells[name][place] for place, name in enumerate(names)]
    below = [value for value in own if value is not None and 0 < value < 1 - ALIKE]
    if len(below) < FEWEST or any(value is not None and not 0 < value <= 1 + ALIKE for value in own):
        return ()
    for place, name in enumerate(names):
        cells[name][place] = None
    notes.append(f"the diagonal holds {min(below):g} to {max(below):g}, as papers print reliabilities or roots of AVE "
                 "there; 1 is read instead, and if they are alphas, write them in a row 'alpha' to correct by them")
    return tuple(below)


def _named(rows: list[list[str]], findings: list[Finding]) -> tuple[list[str], dict[str, list[str]]]:
    """Names of the variables, and each row of the table by its name, cells filled up with nothing."""
    head = [" ".join(cell.split()) for cell in rows[0]]
    beside = {j: WORDS[cell.lower()] for j, cell in enumerate(head) if j and cell.lower() in WORDS}
    places = [j for j, cell in enumerate(head) if j and j not in beside and cell]
    names = [head[j] for j in places]
    for name in dict.fromkeys(names):
        if names.count(name) > 1:
            findings.append(Finding(f"column '{name}'", "stands twice in the header"))
    if not names:
        findings.append(Finding("", "must have a header with the names of the variables"))
        return names, {}
    for j, word in beside.items():
        if sum(row[0].lower() in ROWS[word] for row in rows[1:]) > 0:
            law = f"is a reserved name: it stands for the {MEANING[word]}, which has a row, too"
            hint = f"if '{head[j]}' is a variable, give it another name; else leave out the column or the row"
            findings.append(Finding(f"column '{head[j]}'", law, hint=hint))
            return [], {}
    table: dict[str, list[str]] = {}
    for row in rows[1:]:
        full = [*row, *[""] * (len(head) - len(row))]
        name = " ".join(full[0].split())
        key = name if name in names else WORDS.get(name.lower(), "")
        other = next((mark for mark in SEPARATORS if mark in row[0] and len(row) == 1), None) if not key else None
        if other is not None:
            law, first = f"is separated by {_shown(other)}, the header is not", row[0].split(other)[0].strip()
            findings.append(Finding(f"row '{first}'", law, hint="a file has one separator: write all rows alike"))
            continue
        if not key or key in table:
            law = "stands twice" if key else "is no variable of the header, nor mean, sd, n, min, max, alpha"
            findings.append(Finding(f"row '{name}'", law, hint=None if key else alike(name, [*names, *ROWS])))
            continue
        if any(full[len(head) :]):
            law = f"must have at most as many cells as the header ({len(head)})"
            findings.append(Finding(f"row '{name}'", law, got=str(len(full))))
        table[key] = [full[j] for j in places]
        if key not in names:  # one number for all may stand under any column
            given = [full[j] for j in beside if full[j]]
            table[key] = table[key] if any(table[key]) or not given else [given[0], *table[key][1:]]
            continue
        for j, word in beside.items():
            table.setdefault(word, [""] * len(names))[names.index(key)] = full[j]
    return names, table


def _shown(separator: str) -> str:
    return "tabs" if separator == "\t" else f"'{separator}'"


def _outside(
    names: list[str], table: Mapping[str, list[str]], cells: Mapping[str, list[float | None]]
) -> list[Finding]:  # fmt: skip
    """Means beyond the range that the table states, and SDs that no answers within it have.

    At most sd^2 = (max - mean)(mean - min) n / (n - 1), everybody at one of the ends (Bhatia & Davis 2000).
    """
    found = []
    for j, name in enumerate(names):
        mean, sd, low, high, n = (cells[key][j] if key in cells else None for key in ("mean", "sd", "min", "max", "n"))
        if None not in (mean, sd, low, high) and low < mean < high:  # type: ignore[operator]
            near = [min(max(mean + way * _half(table["mean"][j]), low), high) for way in (-1, 0, 1)]  # type: ignore
            cases = n or min((count for count in cells.get("n", []) if count), default=2.0)
            most = (max((high - one) * (one - low) for one in near) * cases / max(cases - 1, 1)) ** 0.5  # type: ignore
            if sd - _half(table["sd"][j]) > most * (1 + 1e-9):  # type: ignore[operator]
                law = f"must be at most {most:.3g}, as answers from {_said(low)} to {_said(high)} have with this mean"
                found.append(Finding(f"row 'sd', column '{name}'", law, got=f"{sd:g}"))
        if mean is not None and ((low is not None and mean < low) or (high is not None and mean > high)):
            law = f"must lie between min and max ({_said(low)} to {_said(high)})"
            found.append(Finding(f"row 'mean', column '{name}'", law, got=f"{mean:g}"))
    return found


def _half(cell: str) -> float:
    """Half a step of the last decimal printed."""
    return float(0.5 * 10.0 ** -decimals_of(cell))


def _said(value: float | None) -> str:
    return "none" if value is None else f"{value:g}"


def _cases(names: list[str], given: list[float | None], findings: list[Finding], notes: list[str]) -> int:
    counts = [value for value in given if value is not None]
    wrong = [value for value in counts if not (2 <= value <= LARGEST_N and value == int(value))]
    if not counts:
        findings.append(Finding("row 'n'", "must hold the number of answers", got="nothing"))
    if wrong:
        findings.append(Finding("row 'n'", f"must be whole, 2 to {LARGEST_N:,}", got=f"{wrong[0]:g}"))
    if not counts or wrong:
        return 0
    least, most = int(min(counts)), int(max(counts))
    if least < most:
        notes.append(f"n differs between variables ({least} to {most}), so the smallest is used; correlations of "
                     "different cases need not fit together")  # fmt: skip
    elif 1 < len(counts) < len(names):
        notes.append(f"n is given for {len(counts)} of {len(names)} variables and taken for all")
    return least
