r"""Tables fit for a paper: what a study found in LaTeX (booktabs) and in HTML with three rules (APA 2020, ch. 7).

    Study --paper--> Sheet (title, head, rows, note) for each outcome, for importance, for the scales --> .tex, .html
                     and, of structural equations, for loadings and discriminant validity

Statistics that cannot exceed 1 (standardised shares, p, alpha ...) stand without a leading zero, p below .001 as
``< .001``, an interval in brackets.  A note under each table says n, R2, errors, and every warning of its equation: no
figure leaves without them.  The tables are English in every language, like the columns they come from; the text beside
them (``text.md``) is told in the language spoken.  ``tables.tex`` needs ``\usepackage{booktabs}`` and nothing else.
Called by the command line for every `study`.
"""

from __future__ import annotations

import html
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from touchsim.languages import ENGLISH, language, tell
from touchsim.plots.canvas import records
from touchsim.study.fit import R2_KINDS
from touchsim.study.model import CLASSICAL, NORMAL, STRUCTURAL
from touchsim.vocabulary import label

if TYPE_CHECKING:
    from touchsim.show.drivers import Studied

__all__ = ["Sheet", "escaped", "html_tables", "latex_tables", "sheets_of", "text_page"]

EVERYONE = "all"
LONG, FEW = 24, 6
SPECIAL = {"\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_", "{": r"\{",
           "}": r"\}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "<": r"\textless{}",
           ">": r"\textgreater{}", "−": "$-$", "β": r"$\beta$", "ω": r"$\omega$", "α": r"$\alpha$",
           "²": r"\textsuperscript{2}", "χ": r"$\chi$"}  # fmt: skip  # noqa: RUF001
FITTING = r"\footnotesize\setlength{\tabcolsep}{3pt}"
"""So that eight columns stand in the width of an article's page."""

STYLE = ("table{border-collapse:collapse;margin:0 0 .4em;font:15px 'Times New Roman',serif}"
         "thead th{border-top:1.5px solid;border-bottom:1px solid;font-weight:normal;text-align:right}"
         "td{white-space:nowrap}"
         "tbody tr:last-child td{border-bottom:1.5px solid}th,td{padding:.15em .8em;text-align:right}"
         "th:first-child,td:first-child{text-align:left}caption{text-align:left;font-style:italic;padding:.4em 0}"
         "p{font:14px 'Times New Roman',serif;max-width:46em;margin:0 0 2.4em}body{margin:2em}")  # fmt: skip
ERRORS = {"HC3": "Standard errors are HC3", "nonrobust": "Standard errors from the observed information",
          "REML": "Standard errors of restricted maximum likelihood",
          "Powell kernel": "Standard errors are Powell's (kernel)",
          CLASSICAL: "Standard errors are classical, and widened by the rounding of the table",
          NORMAL: "Standard errors are those of normal answers, and widened by the rounding of the table",
          STRUCTURAL: "Standard errors from the expected information, widened by the rounding of the table",
          "ML expected information": "Standard errors from the expected information"}  # fmt: skip


@dataclass(frozen=True)
class Sheet:
    """One table of a paper: title, heads of the columns, rows of text, and the note below."""

    name: str
    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str


def sheets_of(study: Studied) -> tuple[Sheet, ...]:
    """Tables of a study: coefficients for each outcome and group, importance for each outcome, scales, factors.

    Structural equations add the loadings of their items and how far the constructs are told apart.

    Parameters
    ----------
    study : Study

    Returns
    -------
    tuple of Sheet
        Empty tables are left out.
    """
    with language(ENGLISH):
        found = [*_coefficients(study), *_parallel(study), *_importance(study), *_scales(study), *_measured(study),
                 *_factors(study), *_method(study)]  # fmt: skip
    return tuple(sheet for sheet in found if sheet.rows)


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
    term & B \\
    \midrule
    price\_1 & $-$0.50 \\
    \bottomrule
    \end{tabular}
    <BLANKLINE>
    \smallskip
    \textit{Note.} n = 9.
    \end{table}
    <BLANKLINE>
    """
    parts = ["% needs \\usepackage{booktabs}\n"]
    for sheet in sheets:
        lines = [" & ".join(_cell(cell) for cell in row) + r" \\" for row in (sheet.head, *sheet.rows)]
        parts.append("\n".join([
            r"\begin{table}", rf"\caption{{{escaped(sheet.title)}}}", rf"\label{{tab:{sheet.name}}}", FITTING,
            rf"\begin{{tabular}}{{{_columns(sheet)}}}", r"\toprule", lines[0], r"\midrule", *lines[1:],
            r"\bottomrule", r"\end{tabular}", "", r"\smallskip", rf"\textit{{Note.}} {escaped(sheet.note)}",
            r"\end{table}", ""]))  # fmt: skip
    return "\n".join(parts)


def html_tables(sheets: Iterable[Sheet]) -> str:
    """Write tables as one HTML page, numbered, with three rules and a note below each."""
    parts = ["<!doctype html>", '<html lang="en"><head><meta charset="utf-8"><title>Tables</title>',
             f"<style>{STYLE}</style></head><body>"]  # fmt: skip
    for number, sheet in enumerate(sheets, start=1):
        head = "".join(f"<th>{html.escape(cell)}</th>" for cell in sheet.head)
        rows = "".join("<tr>" + "".join(f"<td>{_shown(cell)}</td>" for cell in row) + "</tr>\n" for row in sheet.rows)
        title = f"<b>Table {number}.</b> {html.escape(sheet.title)}"
        parts.append(f'<table id="{html.escape(sheet.name)}"><caption>{title}</caption>\n'
                     f"<thead><tr>{head}</tr></thead>\n<tbody>{rows}</tbody></table>\n"
                     f"<p><i>Note.</i> {html.escape(sheet.note)}</p>")  # fmt: skip
    return "\n".join([*parts, "</body></html>", ""])


def text_page(study: Studied) -> str:
    """Write the study in words, with its warnings, as Markdown, in the language spoken."""
    paragraphs = [part for part in study.text.split("\n") if part]
    warnings = [f"- {sentence}" for sentence in study.warnings]
    return "\n\n".join([f"# {tell('The study in words')}", study.answer, *paragraphs,
                        *(["\n".join(warnings)] if warnings else [])]) + "\n"  # fmt: skip


def escaped(text: str) -> str:
    r"""Write text so that LaTeX prints it as it is.

    Examples
    --------
    >>> escaped("50 % of A_1 & B^2 \\ {x}")
    '50 \\% of A\\_1 \\& B\\textasciicircum{}2 \\textbackslash{} \\{x\\}'
    """
    return "".join(SPECIAL.get(letter, letter) for letter in text)


def _columns(sheet: Sheet) -> str:
    """Columns of a table in LaTeX; long names in the first are broken where the others need the width."""
    longest = max((len(row[0]) for row in (sheet.head, *sheet.rows)), default=0)
    first = r"p{.26\linewidth}" if longest > LONG and len(sheet.head) > FEW else "l"
    return "@{}" + first + "r" * (len(sheet.head) - 1) + "@{}"


def _cell(text: str) -> str:
    """A cell in LaTeX: the minus of a number is a minus, not a hyphen."""
    return re.sub(r"(?<![\w.])-(?=[.\d])", "$-$", escaped(text)) if _is_number(text) else escaped(text)


def _shown(text: str) -> str:
    """A cell in HTML, likewise."""
    return html.escape(text.replace("-", "−") if _is_number(text) else text)  # noqa: RUF001


def _is_number(text: str) -> bool:
    return bool(re.fullmatch(r"[\[\]<\-+.\d, ]+", text))


def _coefficients(study: Studied) -> list[Sheet]:
    found = []
    fits = {(row["outcome"], row["group"]): row for row in records(study.fit)}
    for (outcome, group), frame in study.coefficients.groupby(["outcome", "group"], sort=False):
        fit = fits[outcome, group]
        known = bool(frame["truth_std"].notna().any())
        head = ("Driver", "B", "SE", "95 % CI", "β", "95 % CI of β", "p", *(["truth (β)"] if known else []))
        rows = tuple(
            (label(str(row["term"])), _two(row["estimate"]), _two(row["std_error"]), _range(row, "low", "high", _two),
             _bare(row["std_beta"]), _range(row, "std_low", "std_high", _bare), _p(row["p_value"]),
             *([_bare(row["truth_std"])] if known else []))
            for row in records(frame)
        )  # fmt: skip
        whom = "" if group == EVERYONE else f", group {group}"
        title = f"Drivers of {label(str(outcome))}{whom}"
        found.append(Sheet(f"coefficients-{_slug(outcome, group)}", title, head, rows, _note(fit)))
    return found


def _note(fit: Mapping[str, Any]) -> str:
    """N, R2, errors, estimand and warnings of one equation."""
    kind = R2_KINDS.get(fit["estimator"], "R2")
    cov = str(fit["cov_type"] or "")
    errors = ERRORS.get(cov, f"Standard errors are {cov}" if cov else "No standard errors")
    estimand = f" The truth is the {fit['estimand']}." if fit.get("estimand") else ""
    warned = f" {fit['warnings']}" if fit.get("warnings") else ""
    return (f"N = {int(fit['n'])}; {kind} = {_bare(fit['r2'])} (of this sample); estimator {fit['estimator']}. "
            f"{errors}. CI = confidence interval.{estimand}{warned}")  # fmt: skip


def _parallel(study: Studied) -> list[Sheet]:
    """Tests of one slope for all thresholds, and the slope at each, for each ordered regression."""
    found: list[Sheet] = []
    if study.parallel.empty:
        return found
    for (outcome, group), frame in study.parallel.groupby(["outcome", "group"], sort=False):
        rows = records(frame)
        above = list(dict.fromkeys(row["above"] for row in rows if row["above"] is not None))
        slopes = {(row["term"], row["above"]): row for row in rows if row["above"] is not None}
        first = rows[0]
        lines = tuple(
            ("All drivers" if row["term"] == EVERYONE else label(str(row["term"])), _two(row["statistic"]),
             _whole(row["df"]), _p(row["p_value"]), _p(row["p_holm"]),
             *(_slope(slopes.get((row["term"], answer))) for answer in above))
            for row in rows if row["above"] is None
        )  # fmt: skip
        head = ("Driver", "χ²", "df", "p", "p (Holm)", *(f"B [95 % CI] above {answer:g}" for answer in above))
        noted = f" {str(first['note'])[0].upper()}{str(first['note'])[1:]}." if first["note"] else ""
        kind = "Brant (1990) test of proportional odds" if first["test"] == "Brant" else "Wald test of parallel slopes"
        note = (f"{kind}: slopes of separate binary regressions, of standing above each threshold, are equal. Levels: "
                f"{first['levels']} (those joined by + have too few answers to stand alone). CI = confidence "
                f"interval.{noted}")  # fmt: skip
        whom = "" if group == EVERYONE else f", group {group}"
        title = f"Slopes by threshold of the drivers of {label(str(outcome))}{whom}"
        found.append(Sheet(f"parallel-{_slug(outcome, group)}", title, head, lines, note))
    return found


def _slope(row: Mapping[str, Any] | None) -> str:
    return "" if row is None else f"{_two(row['estimate'])} {_range(row, 'low', 'high', _two)}"


def _importance(study: Studied) -> list[Sheet]:
    found = []
    fits = {row["outcome"]: row for row in records(study.fit) if row["group"] == EVERYONE}
    for outcome, frame in study.importance.groupby("outcome", sort=False):
        if frame["term"].nunique() == 1:  # one driver explains all that is explained
            continue
        methods = list(dict.fromkeys(frame["method"]))
        cells = {(row["term"], row["method"]): row for row in records(frame)}
        players = [method for method in methods if method.startswith("lmg_blocks")]
        methods = [method for method in methods if method not in players]
        head = ("Driver", *(part for method in methods for part in (method, "95 % CI")))
        rows = tuple(
            (_term(str(term)), *(part for method in methods for part in _share(cells.get((term, method)))))
            for term in dict.fromkeys(frame["term"])
        ) + tuple(
            (f"{_term(str(row['term']))}, as one player", *_share(row), *([""] * (2 * len(methods) - 2)))
            for row in records(frame) if row["method"] in players and str(row["term"]).startswith("block:")
        )  # fmt: skip
        warned = str(fits[outcome]["warnings"] or "") if outcome in fits else ""
        group = (" A block is the sum of its drivers; as one player it has the Shapley value of the game among blocks "
                 "(grouped Shapley; Owen 1977).") if players else ""  # fmt: skip
        note = ("Shares of R2; they sum to 1 over the drivers. lmg: Lindeman, Merenda and Gold (1980); johnson: "
                "Johnson (2000); pratt: Pratt (1987), which may be negative (a suppressor) and is then no "
                f"share.{group} CI = interval from resampled or drawn correlation matrices. {warned}")  # fmt: skip
        title = f"Relative importance of the drivers of {label(str(outcome))}"
        found.append(Sheet(f"importance-{_slug(outcome)}", title, head, rows, note.strip()))
    return found


def _scales(study: Studied) -> list[Sheet]:
    columns = {"items": "items", "n": "n", "alpha": "α", "omega": "ω", "cr": "CR", "ave": "AVE"}  # noqa: RUF001
    rows = tuple(
        (label(str(row["construct"])), *(_whole(row[key]) if key in ("items", "n") else _bare(row.get(key))
                                         for key in columns))
        for row in records(study.scales)
    )  # fmt: skip
    note = ("Values of this sample, without interval. α = Cronbach's alpha; ω = McDonald's omega; CR = composite "  # noqa: RUF001
            "reliability; AVE = average variance extracted.")  # fmt: skip
    return [Sheet("scales", "Reliability of the scales", ("Scale", *columns.values()), rows, note)]


def _measured(study: Studied) -> list[Sheet]:
    """Loadings, and the matrix of Fornell and Larcker with HTMT above its diagonal."""
    cfa = study.measurement
    if cfa is None:
        return []
    worth = {row["construct"]: row for row in records(cfa.reliability)}
    rows, last = [], ""
    for row in records(cfa.loadings):
        new = row["construct"] != last
        last = str(row["construct"])
        scale = (label(last), _bare(worth[last]["cr"]), _bare(worth[last]["ave"])) if new else ("", "", "")
        rows.append((scale[0], str(row["item"]), _bare(row["std"]), _range(row, "std_low", "std_high", _bare),
                     _bare(row["r2"]), *scale[1:]))  # fmt: skip
    behind = (" Loadings, correlations, CR and AVE are of the normal variables behind the answers."
              if cfa.fit.estimator == "wlsmv" else "")  # fmt: skip
    doubts = " ".join(f"{doubt[0].upper()}{doubt[1:].removesuffix('.')}." for doubt in cfa.doubts)
    note = (f"Confirmatory factor analysis of all scales at once: {cfa.fit.text} CI = confidence interval; CR = "
            "composite reliability; AVE = average variance extracted, both without "
            f"interval.{behind} {doubts}")  # fmt: skip
    head = ("Scale", "Item", "Loading (standardised)", "95 % CI", "R²", "CR", "AVE")
    found = [Sheet("loadings", "Loadings of the items", head, tuple(rows), note.strip())]
    matrix = cfa.fornell_larcker
    names = [str(name) for name in matrix.columns]
    ratio = {frozenset((row["a"], row["b"])): row["htmt"] for row in records(cfa.discriminant)}
    body = tuple(
        (f"{i + 1} {label(a)}", *(_bare(matrix.loc[a, b]) if j <= i else _bare(ratio.get(frozenset((a, b))))
                                  for j, b in enumerate(names)))
        for i, a in enumerate(names)
    )  # fmt: skip
    note = ("Below the diagonal: correlations of the constructs, without the errors of their items; on it: square "
            "roots of AVE, which should exceed the correlations beside and below them (Fornell and Larcker 1981); "
            "above it: HTMT of the answers, which should stay below .85 (Henseler, Ringle and Sarstedt 2015). "
            f"Values of this sample, without interval.{behind}")  # fmt: skip
    numbered = ("Scale", *(str(number) for number in range(1, len(names) + 1)))
    return [*found, Sheet("discriminant", "How far the constructs are told apart", numbered,
                          body if len(names) > 1 else (), note)]  # fmt: skip


def _factors(study: Studied) -> list[Sheet]:
    """Loadings of an exploratory factor analysis, small ones and all."""
    found = study.exploratory
    if found is None:
        return []
    uniqueness = found.table.drop_duplicates("item").set_index("item")["uniqueness"]
    rows = tuple((str(item), *map(_bare, loadings), _bare(uniqueness[item]))
                 for item, loadings in zip(found.loadings.index, found.loadings.to_numpy(), strict=True))  # fmt: skip
    title = f"Exploratory factor analysis of the items ({found.rotation})"
    note = f"Loadings (pattern); maximum likelihood. {found.text}"
    return [Sheet("exploratory", title, ("Item", *found.correlations, "uniqueness"), rows, note)]


def _method(study: Studied) -> list[Sheet]:
    """Coefficients as answered and without what a marker shares with all constructs; only where there is a marker."""
    found = study.method
    if found is None or found.marker is None:
        return []
    figures = ("plain", "adjusted", "change")
    rows = tuple(
        (f"{label(str(row['term']))} on {label(str(row['outcome']))}",
         *(part for name in figures for part in (_bare(row[name]), _range(row, f"{name}_low", f"{name}_high", _bare))))
        for row in records(found.table) if row["what"] == "coefficient"
    )  # fmt: skip
    head = ("Driver", "β", "95 % CI", "β, adjusted", "95 % CI", "change", "95 % CI")
    note = f"Standardised coefficients of least squares; CI = confidence interval (delta method). {found.text}"
    return [Sheet("method", "Coefficients adjusted by a marker variable", head, rows, note)]


def _term(term: str) -> str:
    return f"Block {label(term[6:])}" if term.startswith("block:") else label(term)


def _share(row: Mapping[str, Any] | None) -> tuple[str, str]:
    return ("", "") if row is None else (_bare(row["share"]), _range(row, "low", "high", _bare))


def _range(row: Mapping[str, Any], low: str, high: str, spell: Any) -> str:
    ends = spell(row[low]), spell(row[high])
    return f"[{ends[0]}, {ends[1]}]" if all(ends) else ""


def _two(value: Any) -> str:
    return "" if _empty(value) else f"{round(float(value), 2) + 0.0:.2f}"


def _bare(value: Any) -> str:
    """Two decimals without a leading zero."""
    return re.sub(r"^(-?)0\.", r"\1.", _two(value))


def _p(value: Any) -> str:
    return "" if _empty(value) else "< .001" if value < 0.001 else f"{value:.3f}".removeprefix("0")


def _whole(value: Any) -> str:
    return "" if _empty(value) else f"{int(value)}"


def _empty(value: Any) -> bool:
    return value is None or (isinstance(value, float) and math.isnan(value))


def _slug(*words: object) -> str:
    return "-".join(re.sub(r"[^a-z0-9]+", "-", str(word).lower()).strip("-") for word in words if word != EVERYONE)
