r"""Tables as they are set for a paper: LaTeX (booktabs) and HTML with three rules (APA 2020, ch. 7).

    Sheet (title, head, rows, note) --latex_tables, html_tables--> text

Latin letters of statistics are italic (*B*, *SE*, *p*), in heads wherever they stand alone, in notes before their
figure; a minus is a minus.  ``tables.tex`` needs ``\usepackage{booktabs}`` and nothing else.  Called by `paper`,
`instrument` and `scored`, which fill the sheets, and by the command line.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

__all__ = ["FITTING", "Sheet", "escaped", "html_tables", "latex_tables"]

LONG, FEW, WIDE = 24, 6, 12
SPECIAL = {"\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_", "{": r"\{",
           "}": r"\}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "<": r"\textless{}",
           ">": r"\textgreater{}", "−": "$-$", "β": r"$\beta$", "ω": r"$\omega$", "α": r"$\alpha$",
           "¹": r"\textsuperscript{1}", "²": r"\textsuperscript{2}", "χ": r"$\chi$",
           "∞": r"$\infty$"}  # fmt: skip  # noqa: RUF001
FITTING = r"\footnotesize\setlength{\tabcolsep}{3pt}"
"""So that eight columns stand in the width of an article's page."""

LETTERS = r"(?<![\w.])(?:SE|SD|MSE|df|[BFMNRnprt])"
HEADED = re.compile(rf"({LETTERS})(?![A-Za-z\d_.])")
NOTED = re.compile(rf"({LETTERS}(?=(?:\(\d+\))? [=<])|(?<![\w.])R(?=[²¹]))")
MINUS = re.compile(r"(?<![\w.)\]])-(?=\.?\d)")

STYLE = ("table{border-collapse:collapse;margin:0 0 .4em;font:15px 'Times New Roman',serif}"
         "thead th{border-top:1.5px solid;border-bottom:1px solid;font-weight:normal;text-align:right}"
         "td{white-space:nowrap}"
         "tbody tr:last-child td{border-bottom:1.5px solid}th,td{padding:.15em .8em;text-align:right}"
         "th:first-child,td:first-child{text-align:left}caption{text-align:left;font-style:italic;padding:.4em 0}"
         "p{font:14px 'Times New Roman',serif;max-width:46em;margin:0 0 2.4em}body{margin:2em}")  # fmt: skip


LEFT = ' style="text-align:left"'


@dataclass(frozen=True)
class Sheet:
    """One table of a paper: title, heads of the columns, rows of text, and the note below."""

    name: str
    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str


def latex_tables(sheets: Iterable[Sheet]) -> str:
    r"""Write tables in LaTeX with the rules of booktabs.

    Examples
    --------
    >>> print(latex_tables([Sheet("t", "Costs & time", ("term", "B"), (("price_1", "-0.50"),), "n = 9.")]))
    % needs \usepackage{booktabs}
    <BLANKLINE>
    \begin{table}
    \caption{Costs \& time}
    \label{tab:t}
    \footnotesize\setlength{\tabcolsep}{3pt}
    \begin{tabular}{@{}lr@{}}
    \toprule
    term & \textit{B} \\
    \midrule
    price\_1 & $-$0.50 \\
    \bottomrule
    \end{tabular}
    <BLANKLINE>
    \smallskip
    \textit{Note.} \textit{n} = 9.
    \end{table}
    <BLANKLINE>
    """
    parts = ["% needs \\usepackage{booktabs}\n"]
    for sheet in sheets:
        head = " & ".join(_italic(cell, HEADED, r"\textit{%s}", escaped) for cell in sheet.head)
        lines = [f"{line} \\\\" for line in (head, *(" & ".join(map(_cell, row)) for row in sheet.rows))]
        note = _italic(_noted(sheet.note), NOTED, r"\textit{%s}", escaped)
        parts.append("\n".join([
            r"\begin{table}", rf"\caption{{{escaped(sheet.title)}}}", rf"\label{{tab:{sheet.name}}}",
            FITTING if len(sheet.head) <= WIDE else FITTING.replace("3pt", "2pt"),
            rf"\begin{{tabular}}{{{_columns(sheet)}}}", r"\toprule", lines[0], r"\midrule", *lines[1:],
            r"\bottomrule", r"\end{tabular}", "", r"\smallskip", rf"\textit{{Note.}} {note}",
            r"\end{table}", ""]))  # fmt: skip
    return "\n".join(parts)


def html_tables(sheets: Iterable[Sheet]) -> str:
    """Write tables as one HTML page, numbered, with three rules and a note below each."""
    parts = ["<!doctype html>", '<html lang="en"><head><meta charset="utf-8"><title>Tables</title>',
             f"<style>{STYLE}</style></head><body>"]  # fmt: skip
    for number, sheet in enumerate(sheets, start=1):
        left = _texts(sheet)
        head = "".join(f"<th{LEFT if place in left else ''}>{_italic(cell, HEADED, '<i>%s</i>', html.escape)}</th>"
                       for place, cell in enumerate(sheet.head))  # fmt: skip
        rows = "".join("<tr>" + "".join(f"<td{LEFT if place in left else ''}>{_shown(cell)}</td>"
                       for place, cell in enumerate(row)) + "</tr>\n" for row in sheet.rows)  # fmt: skip
        title = f"<b>Table {number}.</b> {html.escape(sheet.title)}"
        parts.append(f'<table id="{html.escape(sheet.name)}"><caption>{title}</caption>\n'
                     f"<thead><tr>{head}</tr></thead>\n<tbody>{rows}</tbody></table>\n"
                     f"<p><i>Note.</i> {_italic(_noted(sheet.note), NOTED, '<i>%s</i>', html.escape)}</p>")  # fmt: skip
    return "\n".join([*parts, "</body></html>", ""])


def escaped(text: str) -> str:
    r"""Write text so that LaTeX prints it as it is.

    Examples
    --------
    >>> escaped("50 % of A_1 & B^2 \\ {x}")
    '50 \\% of A\\_1 \\& B\\textasciicircum{}2 \\textbackslash{} \\{x\\}'
    """
    return "".join(SPECIAL.get(letter, letter) for letter in text)


def _italic(text: str, letters: re.Pattern[str], mark: str, spell: Callable[[str], str]) -> str:
    """Text spelled for its page, the letters of statistics italic."""
    parts = letters.split(text)
    return "".join(mark % part if place % 2 else spell(part) for place, part in enumerate(parts))


def _noted(note: str) -> str:
    """A note with its signs: minus, chi square, no zero before the point of a p value."""
    signed = MINUS.sub("−", note).replace("chi2", "χ²")  # noqa: RUF001
    return re.sub(r"\bp ([=<]) 0\.", r"p \1 .", signed)


def _columns(sheet: Sheet) -> str:
    """Columns of a table in LaTeX; long names in the first are broken where the others need the width."""
    longest = max((len(row[0]) for row in (sheet.head, *sheet.rows)), default=0)
    first = r"p{.26\linewidth}" if longest > LONG and len(sheet.head) > FEW else "l"
    left = _texts(sheet)
    return "@{}" + first + "".join("l" if place in left else "r" for place in range(1, len(sheet.head))) + "@{}"


def _texts(sheet: Sheet) -> set[int]:
    """Columns after the first that hold words only."""
    columns = {place: [row[place] for row in sheet.rows if row[place] not in ("", "–")]
               for place in range(1, len(sheet.head))}  # fmt: skip
    return {place for place, cells in columns.items() if cells and not any(map(_is_number, cells))}


def _cell(text: str) -> str:
    """A cell in LaTeX: the minus of a number is a minus, not a hyphen."""
    return re.sub(r"(?<![\w.])-(?=[.\d])", "$-$", escaped(text)) if _is_number(text) else escaped(text)


def _shown(text: str) -> str:
    """A cell in HTML, likewise."""
    return html.escape(text.replace("-", "−") if _is_number(text) else text)  # noqa: RUF001


def _is_number(text: str) -> bool:
    return bool(re.fullmatch(r"[\[\]()<\-+.\d, ∞]+", text))
