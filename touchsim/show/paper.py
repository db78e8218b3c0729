"""Tables fit for a paper: what a study found about its outcomes, and the text beside them.

    Study --sheets_of--> Sheet for each outcome, for importance, for the instrument --typeset--> .tex, .html

Statistics that cannot exceed 1 (standardised shares, p, alpha ...) stand without a leading zero, p below .001 as
``< .001``, an interval in brackets.  A note under each table says n, R2, errors, and every warning of its equation: no
figure leaves without them.  The tables are English in every language, like the columns they come from; the text beside
them (``text.md``) is told in the language spoken.  Called by the command line for every `study`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from touchsim.languages import ENGLISH, language, tell
from touchsim.plots.canvas import records
from touchsim.plots.drivers import group_name
from touchsim.show.drivers import ESTIMATORS
from touchsim.show.instrument import sheet_of_constructs, sheets_of_instrument
from touchsim.show.spelled import EVERYONE, bare, p_text, slug, span, term_name, two, whole
from touchsim.show.typeset import Sheet
from touchsim.study.fit import R2_KINDS
from touchsim.study.model import CLASSICAL, NORMAL, STRUCTURAL
from touchsim.vocabulary import in_its_names, label

if TYPE_CHECKING:
    from touchsim.show.drivers import Studied

__all__ = ["sheets_of", "text_page"]

ERRORS = {"HC3": "Standard errors are HC3", "nonrobust": "Standard errors from the observed information",
          "REML": "Standard errors of restricted maximum likelihood",
          "Powell kernel": "Standard errors are Powell's (kernel)",
          "influence": "Standard errors from the influence of each answer",
          "CR1": "Standard errors are CR1, by clusters of {clusters}",
          "CR3": "Standard errors are CR3 (jackknife), by clusters of {clusters}",
          "MLR sandwich": "Standard errors are robust (sandwich, for answers that are not normal)",
          "WLSMV sandwich": "Standard errors are robust (sandwich, for ordinal answers)",
          CLASSICAL: "Standard errors are classical, and widened by the rounding of the table",
          NORMAL: "Standard errors are those of normal answers, and widened by the rounding of the table",
          STRUCTURAL: "Standard errors from the expected information, widened by the rounding of the table",
          "ML expected information": "Standard errors from the expected information"}  # fmt: skip
"""Kind of the errors, as `cov_type` has it before its clusters and imputations, to its words below a table."""

SENTENCE = re.compile(r"(?<=[.!?])(?<!\bal\.)(?<!\bch\.)(?<!\bcf\.)(?<!\bvs\.)(?<!e\.g\.)(?<!i\.e\.) ")


@in_its_names
def sheets_of(study: Studied) -> tuple[Sheet, ...]:
    """Tables of a study: constructs, coefficients by outcome and group, indirect effects, importance, scales, factors.

    Outcomes with a single driver stand in one table.  Structural equations add the loadings of their items and how far
    the constructs are told apart.

    Parameters
    ----------
    study : Study

    Returns
    -------
    tuple of Sheet
        Empty tables are left out.
    """
    with language(ENGLISH):
        found = [*sheet_of_constructs(study), *_coefficients(study), *_single(study), *_mediation(study),
                 *_parallel(study), *_importance(study), *sheets_of_instrument(study)]  # fmt: skip
    return tuple(sheet for sheet in found if sheet.rows)


def text_page(study: Studied) -> str:
    """Write the study in words, with its warnings, as Markdown, in the language spoken."""
    paragraphs = [part for part in study.words.split("\n") if part]
    warnings = [f"- {sentence}" for sentence in study.warnings]
    return "\n\n".join([f"# {tell('The study in words')}", study.answer, *paragraphs,
                        *(["\n".join(warnings)] if warnings else [])]) + "\n"  # fmt: skip


def _coefficients(study: Studied) -> list[Sheet]:
    found = []
    fits = {(row["outcome"], row["group"]): row for row in records(study.fit)}
    for (outcome, group), frame in study.coefficients.groupby(["outcome", "group"], sort=False):
        if (outcome, group) in _alone(study):
            continue
        fit = fits[outcome, group]
        known = bool(frame["truth_std"].notna().any())
        units = _has_units(records(frame))
        head = ("Driver", *(("B", "SE", "95 % CI") if units else ()), "β", "95 % CI of β", "p",
                *(["truth (β)"] if known else []))  # fmt: skip
        rows = tuple(
            (label(str(row["term"])),
             *((two(row["estimate"]), two(row["std_error"]), span(row, "low", "high", two)) if units else ()),
             bare(row["std_beta"]), span(row, "std_low", "std_high", bare), p_text(row["p_value"]),
             *([bare(row["truth_std"])] if known else []))
            for row in records(frame)
        )  # fmt: skip
        title = f"Drivers of {label(str(outcome))}{_whom(str(group))}"
        found.append(Sheet(f"coefficients-{slug(outcome, group)}", title, head, rows, _note(fit)))
    return found


def _has_units(rows: Iterable[Mapping[str, Any]]) -> bool:
    """Whether coefficients are known in units: not of a published table that has correlations alone."""
    rows = list(rows)
    return any(row["estimate"] is not None for row in rows) or all(row["std_beta"] is None for row in rows)


def _alone(study: Studied) -> set[tuple[str, str]]:
    """Outcomes and groups with a single driver each, where there are several: rows of one table."""
    sizes = study.coefficients.groupby(["outcome", "group"], sort=False).size()
    single = {(str(outcome), str(group)) for outcome, group in sizes.index[sizes == 1]}
    return single if len(single) > 1 else set()


def _single(study: Studied) -> list[Sheet]:
    """One table of all outcomes with a single driver, each followed by its groups."""
    alone = _alone(study)
    rows = [row for row in records(study.coefficients) if (row["outcome"], row["group"]) in alone]
    if not rows:
        return []
    fits = {(row["outcome"], row["group"]): row for row in records(study.fit)}
    known, driver = any(row["truth_std"] is not None for row in rows), {str(row["term"]) for row in rows}
    several, units = len(driver) > 1, _has_units(rows)
    head = ("Outcome", *(["Driver"] if several else []), *(("B", "SE", "95 % CI") if units else ()), "β",
            "95 % CI of β", "p", *(["truth (β)"] if known else []))  # fmt: skip
    body = tuple(
        (label(str(row["outcome"])) if row["group"] == EVERYONE else f"– {group_name(str(row['group']))}",
         *([label(str(row["term"]))] if several else []),
         *((two(row["estimate"]), two(row["std_error"]), span(row, "low", "high", two)) if units else ()),
         bare(row["std_beta"]), span(row, "std_low", "std_high", bare), p_text(row["p_value"]),
         *([bare(row["truth_std"])] if known else []))
        for row in rows
    )  # fmt: skip
    mine = [fits[row["outcome"], row["group"]] for row in rows]
    sizes = dict.fromkeys((str(fit["group"]), int(fit["n"])) for fit in mine)
    counts = "; ".join(f"N = {n}" if group == EVERYONE else f"{group_name(group)} N = {n}" for group, n in sizes)
    plain = all(fit["estimator"] == "ols" and "imputations" not in str(fit["cov_type"]) for fit in mine)
    fitted = f"{_kind(mine[0])} = " + ", ".join(bare(fit["r2"]) or "–" for fit in mine)  # noqa: RUF001
    fitted = "R² is the square of β" if plain else fitted
    warned = "".join(f" {sentence}" for sentence in _sentences(fit.get("warnings") for fit in mine))
    title = "Outcomes with a single driver" if several else f"Outcomes of {label(driver.pop())}"
    note = f"{counts}. {fitted} (of this sample); {_way(mine[0])}{warned}"
    return [Sheet("coefficients-single", title, head, body, note)]


def _sentences(warnings: Iterable[str | None]) -> list[str]:
    """Sentences of the warnings of several equations, each once."""
    return list(dict.fromkeys(sentence for one in warnings if one for sentence in SENTENCE.split(one)))


def _whom(group: str) -> str:
    """Whom a table is about, after its title; nothing for everyone."""
    name = group_name(group)
    return "" if group == EVERYONE else f", group {group}" if name == group else f", {name}"


def _kind(fit: Mapping[str, Any]) -> str:
    return str(R2_KINDS.get(fit["estimator"], "R2")).replace("R2", "R²").replace("R1", "R¹")


def _note(fit: Mapping[str, Any]) -> str:
    """N, R2, errors, estimand and warnings of one equation."""
    warned = f" {fit['warnings']}" if fit.get("warnings") else ""
    return f"N = {int(fit['n'])}; {_kind(fit)} = {bare(fit['r2'])} (of this sample); {_way(fit)}{warned}"


def _way(fit: Mapping[str, Any]) -> str:
    """How an equation was fitted, and what its truth is."""
    found = re.fullmatch(r"(.*?)(?: by (.*?))?(?:, (\d+) imputations)?", str(fit["cov_type"] or ""), re.DOTALL)
    kind, clusters, many = found.groups() if found else ("", None, None)
    errors = ERRORS.get(kind, f"Standard errors are {kind}" if kind else "No standard errors")
    errors = errors.replace("{clusters}", str(clusters)) + (f", pooled over {many} imputations" if many else "")
    estimand = f" The truth is the {fit['estimand']}." if fit.get("estimand") else ""
    return f"{ESTIMATORS[fit['estimator']]}. {errors}. CI = confidence interval.{estimand}"


def _mediation(study: Studied) -> list[Sheet]:
    """Indirect and direct effects, standardised, of each consequence and mediator."""
    found: list[Sheet] = []
    if study.mediation.empty:
        return found
    fits = {row["outcome"]: row for row in records(study.fit) if row["group"] == EVERYONE}
    for (outcome, through), frame in study.mediation.groupby(["outcome", "mediator"], sort=False):
        rows = tuple(
            (label(str(row["term"])), bare(row["std_indirect"]), span(row, "std_low", "std_high", bare),
             bare(row["std_direct"]), span(row, "std_direct_low", "std_direct_high", bare))
            for row in records(frame)
        )  # fmt: skip
        head = ("Driver", "indirect β", "95 % CI", "direct β", "95 % CI")
        note = (f"N = {int(fits[outcome]['n'])}; SD per SD. Indirect: product of the paths to and from "
                f"{label(str(through))}, by least squares with the direct paths in. CI = confidence interval "
                f"({frame['interval'].iloc[0]}). That {label(str(through))} comes between is assumed, not shown. "
                f"{fits[outcome]['warnings'] or ''}")  # fmt: skip
        title = f"Effects on {label(str(outcome))} through {label(str(through))}"
        found.append(Sheet(f"mediation-{slug(outcome, through)}", title, head, rows, note.strip()))
    return found


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
            ("All drivers" if row["term"] == EVERYONE else label(str(row["term"])), two(row["statistic"]),
             whole(row["df"]), p_text(row["p_value"]), p_text(row["p_holm"]),
             *(_slope(slopes.get((row["term"], answer))) for answer in above))
            for row in rows if row["above"] is None
        )  # fmt: skip
        head = ("Driver", "χ²", "df", "p", "p (Holm)", *(f"B [95 % CI] above {answer:g}" for answer in above))
        noted = f" {str(first['note'])[0].upper()}{str(first['note'])[1:]}." if first["note"] else ""
        kind = "Brant (1990) test of proportional odds" if first["test"] == "Brant" else "Wald test of parallel slopes"
        note = (f"{kind}: slopes of separate binary regressions, of standing above each threshold, are equal. Levels: "
                f"{first['levels']} (those joined by + have too few answers to stand alone). CI = confidence "
                f"interval.{noted}")  # fmt: skip
        title = f"Slopes by threshold of the drivers of {label(str(outcome))}{_whom(str(group))}"
        found.append(Sheet(f"parallel-{slug(outcome, group)}", title, head, lines, note))
    return found


def _slope(row: Mapping[str, Any] | None) -> str:
    return "" if row is None else f"{two(row['estimate'])} {span(row, 'low', 'high', two)}"


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
            (term_name(str(term)), *(part for method in methods for part in _share(cells.get((term, method)))))
            for term in dict.fromkeys(frame["term"])
        ) + tuple(
            (f"{term_name(str(row['term']))}, as one player", *_share(row), *([""] * (2 * len(methods) - 2)))
            for row in records(frame) if row["method"] in players and str(row["term"]).startswith("block:")
        )  # fmt: skip
        warned = str(fits[outcome]["warnings"] or "") if outcome in fits else ""
        group = (" A block is the sum of its drivers; as one player it has the Shapley value of the game among blocks "
                 "(grouped Shapley; Owen 1977).") if players else ""  # fmt: skip
        note = ("Shares of R²; they sum to 1 over the drivers. lmg: Lindeman, Merenda and Gold (1980); johnson: "
                "Johnson (2000); pratt: Pratt (1987), which may be negative (a suppressor) and is then no "
                f"share.{group} CI = interval from resampled or drawn correlation matrices. {warned}")  # fmt: skip
        title = f"Relative importance of the drivers of {label(str(outcome))}"
        found.append(Sheet(f"importance-{slug(outcome)}", title, head, rows, note.strip()))
    return found


def _share(row: Mapping[str, Any] | None) -> tuple[str, str]:
    return ("", "") if row is None else (bare(row["share"]), span(row, "low", "high", bare))
