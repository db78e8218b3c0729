"""Survey files of every odd kind: CSV of any separator, decimal comma and encoding, and Parquet.

Surveys come out of form tools and spreadsheets: separated by commas, semicolons, tabs or bars, with a decimal comma
where the separator leaves room for it, in UTF-8 (with or without a mark), UTF-16 or a Windows code page, with a line
``sep=;`` on top.  `read_survey` finds out which by looking, never by the ending of the name, and says in one clean
message when a file is no survey.  What the columns hold is judged later, in `columns`, where the model is known.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
import warnings
from pathlib import Path

import numpy as np
import pandas as pd

from touchsim.errors import BadInput, Finding, nearest

__all__ = ["SEPARATORS", "read_cells", "read_survey"]

SEPARATORS = (",", ";", "\t", "|")
HEAD_LINES = 30
WIDE = 0.7
OTHER_KINDS = {
    b"PK\x03\x04": "is an Excel or zip file, must be CSV or Parquet",
    b"\xd0\xcf\x11\xe0": "is an old Excel file, must be CSV or Parquet",
    b"$FL2": "is an SPSS file, must be CSV or Parquet",
    b"$FL3": "is an SPSS file, must be CSV or Parquet",
    b"ARROW1": "is a Feather file, must be CSV or Parquet",
    b"<stata_dta>": "is a Stata file, must be CSV or Parquet",
    b"%PDF": "is a PDF, must be CSV or Parquet",
    b"\x1f\x8b": "is a compressed file, must be CSV or Parquet",
}


OTHER_TEXTS = (
    (re.compile(r"\s*<(!doctype|html|table|\?xml)", re.IGNORECASE), "is a web page or XML, must be CSV or Parquet"),
    (re.compile(r'\s*(\{\s*"|\[\s*[{\[])'), "is JSON, must be CSV or Parquet"),
)
UNSEEN = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff"))


def read_survey(path: str | Path) -> pd.DataFrame:
    r"""Read a survey: one row per respondent, one column per item.

    Parameters
    ----------
    path : str or Path
        CSV (any common separator, encoding and decimal mark) or Parquet, told apart by content.

    Returns
    -------
    DataFrame
        Columns as in the file, names stripped; ``attrs["file"]`` is the path as given, ``attrs["thousands"]`` a number
        of each column in which dots part thousands, ``attrs["sha256"]`` that of
        its bytes.  Empty rows at the foot of a CSV, as spreadsheets leave them, are no respondents.

    Raises
    ------
    BadInput
        A file that is missing, a folder, unreadable, empty, of another kind, without rows, or whose rows do not fit
        the header.

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "odd.csv"
    >>> _ = file.write_bytes("Größe;SA1\n1,5;7\n2,5;6\n".encode("latin-1"))
    >>> read_survey(file)["Größe"].tolist()
    [1.5, 2.5]
    """
    file, name = Path(path), str(path)
    try:
        if not file.exists():
            names = [entry.name for entry in file.parent.iterdir()] if file.parent.is_dir() else []
            raise BadInput(Finding("", "no such file", hint=nearest(file.name, names), file=name))
        if file.is_dir():
            raise BadInput(Finding("", "is a folder, must be a CSV or Parquet file", file=name))
        with file.open("rb") as stream:
            head = stream.read(64)
        if not head:
            raise BadInput(Finding("", "is empty, must hold a header and rows", file=name))
        frame = _parquet(file, name) if head.startswith(b"PAR1") else _csv(file.read_bytes(), name)
        with file.open("rb") as stream:
            sha = hashlib.file_digest(stream, "sha256").hexdigest()
    except (OSError, MemoryError) as error:
        reason = (getattr(error, "strerror", None) or str(error) or "not enough memory").lower()
        raise BadInput(Finding("", f"cannot be read: {reason}", file=name)) from None
    frame.columns = pd.Index([" ".join(str(column).translate(UNSEEN).split()) for column in frame.columns])
    if len(frame) == 0:
        raise BadInput(Finding("", "has a header but no rows", file=name))
    frame.attrs |= {"file": name, "sha256": sha}
    return frame


def read_cells(path: str | Path) -> list[list[str]]:
    """Read a small table as the text that stands in it, digit for digit: a list of rows, empty ones left out.

    Raises
    ------
    BadInput
        A file that is missing, unreadable, empty or no text.
    """
    file, name = Path(path), str(path)
    try:
        content = file.read_bytes()
    except OSError as error:
        names = [entry.name for entry in file.parent.iterdir()] if file.parent.is_dir() else []
        law = "no such file" if not file.exists() else f"cannot be read: {(error.strerror or str(error)).lower()}"
        hint = nearest(file.name, names) if not file.exists() else None
        raise BadInput(Finding("", law, hint=hint, file=name)) from None
    text = _decoded(content, name)
    if not text.strip():
        raise BadInput(Finding("", "is empty, must hold a header and rows", file=name))
    rows = csv.reader(io.StringIO(text), delimiter=_separator(text), skipinitialspace=True)
    return [cells for row in rows if any(cells := [cell.strip() for cell in row])]


def _parquet(file: Path, name: str) -> pd.DataFrame:
    try:
        return pd.read_parquet(file).reset_index(drop=True)
    except (ValueError, OSError, KeyError, NotImplementedError) as error:
        reason = " ".join(str(error).split())[:120]
        raise BadInput(Finding("", "is a broken Parquet file", got=reason, file=name)) from None


def _csv(content: bytes, name: str) -> pd.DataFrame:
    text = _decoded(content, name)
    separator = None
    first, _, rest = text.partition("\n")
    if first.strip().lower().startswith("sep=") and len(first.strip()) == len("sep=") + 1:
        separator, text = first.strip()[-1], rest
    if not text.strip():
        raise BadInput(Finding("", "is empty, must hold a header and rows", file=name))
    separator = separator or _separator(text)
    header = next(csv.reader(io.StringIO(text), delimiter=separator))
    _one_column(header, text, name)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", pd.errors.ParserWarning)  # rows longer than the header: told below
            frame = pd.read_csv(io.StringIO(text), sep=separator, skipinitialspace=True, low_memory=False,
                                index_col=False)  # fmt: skip
    except (pd.errors.ParserError, pd.errors.EmptyDataError, csv.Error, ValueError) as error:
        reason = " ".join(str(error).replace("Error tokenizing data. C error:", "").split())[:120]
        law = f"is no table: rows must have as many fields as the header ({len(header)})"
        raise BadInput(Finding("", law, got=reason, hint=_title(header), file=name)) from None
    if len(header) == frame.shape[1]:  # names as they stand, where pandas tells twins apart by a number
        frame.columns = pd.Index([own if own.strip() else made for own, made in zip(header, frame, strict=True)])
    _fits(text, separator, header, name)
    answered = np.flatnonzero(frame.notna().any(axis=1))
    frame = frame.iloc[: answered[-1] + 1 if len(answered) else 0]
    columns = [_decimal_comma(frame.iloc[:, j], separator) for j in range(frame.shape[1])]
    if separator != ",":
        commas = any(new is not frame.iloc[:, j] and not new.equals(frame.iloc[:, j]) for j, new in enumerate(columns))
        columns = _thousands_read(columns, text, separator, commas)
    read = pd.concat(columns, axis=1) if columns else frame
    parted = {str(column.name).strip(): column.attrs["thousands"] for column in columns if "thousands" in column.attrs}
    read.attrs = {"thousands": parted} if parted else {}
    return read


def _thousands_read(columns: list[pd.Series], text: str, separator: str, commas: bool) -> list[pd.Series]:
    """Read 147.670 as 147670 where a dot can only part thousands.

    It does in a file that has decimal commas elsewhere, and in a column in which every dot has three digits behind it,
    some of them a last 0, while other numbers have no dot: no program writes decimals so.
    """
    pointed = [j for j, column in enumerate(columns) if pd.api.types.is_float_dtype(column)]
    if not pointed:
        return columns
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", pd.errors.ParserWarning)
        whole = pd.read_csv(io.StringIO(text), sep=separator, skipinitialspace=True, index_col=False, dtype=str)
    for j in pointed:
        cells = whole.iloc[: len(columns[j]), j].str.strip()
        dotted = cells[cells.str.contains(".", regex=False, na=False)]
        parted = len(dotted) > 0 and bool(dotted.str.fullmatch(r"[-+]?[1-9]\d{0,2}\.\d{3}").all())
        mixed = len(dotted) < cells.notna().sum() and bool(dotted.str.endswith("0").any())
        if parted and (commas or mixed):
            plain = pd.to_numeric(cells.str.replace(".", "", regex=False), errors="coerce")
            columns[j] = pd.Series(plain.to_numpy(), index=columns[j].index, name=columns[j].name)
            columns[j].attrs["thousands"] = f"{dotted.iloc[0]}"
    return columns


def _one_column(header: list[str], text: str, name: str) -> None:
    """Refuse a table whose columns are separated by spaces: words in one column, as many in each row."""
    names = header[0].split() if len(header) == 1 else []
    rows = [line.split() for line in text.split("\n", HEAD_LINES)[1:HEAD_LINES] if line.strip()]
    if len(names) > 1 and rows and all(len(row) == len(names) for row in rows):
        hint = "separate columns by commas, semicolons, tabs or bars"
        raise BadInput(Finding("", "holds one column only", got=header[0][:60], hint=hint, file=name))


def _title(header: list[str]) -> str | None:
    return "is there a title above the header? take it out" if len(header) == 1 else None


def _fits(text: str, separator: str, header: list[str], name: str) -> None:
    """Refuse rows that hold something beyond the last column of the header, which pandas would leave out."""
    if not any(line.count(separator) >= len(header) for line in text.split("\n")):
        return
    for place, row in enumerate(csv.reader(io.StringIO(text), delimiter=separator)):
        if any(cell.strip() for cell in row[len(header) :]):
            law = f"is no table: rows must have as many fields as the header ({len(header)})"
            raise BadInput(Finding("", law, got=f"{len(row)} in row {place}", hint=_title(header), file=name))


def _decoded(content: bytes, name: str) -> str:
    """Text of a file in UTF-8, UTF-16 or, failing these, the Windows code page of western Europe."""
    for magic, law in OTHER_KINDS.items():
        if content.startswith(magic):
            raise BadInput(Finding("", law, hint="export it as CSV", file=name))
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = content.decode("utf-16", errors="replace")
    elif wide := _wide(content[:4096]):
        text = content.decode(wide, errors="replace")
    elif b"\0" in content[:65_536]:
        raise BadInput(Finding("", "is a binary file, must be CSV or Parquet", file=name))
    else:
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = content.decode("cp1252", errors="replace")
    odd = sum(ord(letter) < 32 and letter not in "\t\r\n\f" for letter in text[:65_536])
    if odd > len(text[:65_536]) / 100:
        raise BadInput(Finding("", "is a binary file, must be CSV or Parquet", file=name))
    for beginning, law in OTHER_TEXTS:
        if beginning.match(text):
            raise BadInput(Finding("", law, hint="export it as CSV", file=name))
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _wide(head: bytes) -> str | None:
    """UTF-16 without its mark: nearly every second byte is empty, and none of the others."""
    even, odd = head[::2].count(0), head[1::2].count(0)
    half = len(head) / 2
    return "utf-16-le" if odd > WIDE * half and not even else "utf-16-be" if even > WIDE * half and not odd else None


def _separator(text: str) -> str:
    """Choose the separator that cuts the first lines into equally many, and most, fields."""
    lines = text.split("\n", HEAD_LINES)[:HEAD_LINES]

    def fit(separator: str) -> tuple[float, int]:
        rows = [row for row in csv.reader(lines, delimiter=separator) if row]
        widths = [len(row) for row in rows]
        agree = sum(width == widths[0] for width in widths) / len(widths)
        return (agree if widths[0] > 1 else 0.0, widths[0])

    return max(SEPARATORS, key=fit)


def _decimal_comma(column: pd.Series, separator: str) -> pd.Series:
    """Read 3,5 as 3.5 where the comma cannot separate columns or thousands; words beside the numbers stay words."""
    if pd.api.types.is_numeric_dtype(column):
        return column
    cells = column.astype("string").str.strip()
    text = cells.dropna()
    numbers = text.str.fullmatch(r"[-+]?\d+(,\d+)?|[-+]?,\d+")
    if separator == ",":
        numbers &= ~text.str.fullmatch(r"[-+]?\d+,\d{3}")
    other = text[~numbers].str.contains(r"\d", regex=True)
    if other.any() or not text[numbers].str.contains(",", regex=False).any():
        return column
    pointed = cells.mask(cells.isin(text[numbers]), cells.str.replace(",", ".", regex=False))
    return pd.to_numeric(pointed).astype(float) if numbers.all() else pointed.astype(object)
