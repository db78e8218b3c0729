"""The part of a report that shows what drives satisfaction: coefficients, importance, scales.

The study's own sentences are the answer; here are the pictures and tables behind it: a forest of standardised
coefficients for each outcome with several drivers (the truth marked where the simulator knows it), one forest for all
outcomes with a single driver, bars of relative importance, every coefficient as a table, the scales and how well they
are told apart, and the joint tests of blocks.

Called by ``show.report``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Protocol

from touchsim.languages import tell, told
from touchsim.plots.canvas import records
from touchsim.plots.drivers import group_name, plot_coefficients, plot_consequences, plot_importance
from touchsim.plots.numerals import fixed, interval, number, p_value, percent
from touchsim.plots.performance import plot_performance
from touchsim.plots.picture import picture_of
from touchsim.show.mediation import tables_of_mediation
from touchsim.show.page import Cell, Plate, Section, Table
from touchsim.study.fit import R2_KINDS
from touchsim.study.model import CLASSICAL, NORMAL, STRUCTURAL, SYSTEMS
from touchsim.vocabulary import QUADRANTS, in_its_names, label

if TYPE_CHECKING:
    import pandas as pd

    from touchsim.study.exploratory import Exploratory
    from touchsim.study.fit import Fit
    from touchsim.study.measurement import Measurement
    from touchsim.study.method import CommonMethod

__all__ = ["Studied", "sections_of_scales", "sections_of_study"]

EVERYONE = "all"
ESTIMATORS = {"ols": told("least squares"), "ordered_logit": told("ordered logit"), "logit": told("logit"),
              "ordered_probit": told("ordered probit"), "probit": told("probit"), "quantile": told("median regression"),
              "mixed": told("random intercepts by cluster, REML"),
              "sem": told("structural equations, maximum likelihood"),
              "sem_mlr": told("structural equations, robust maximum likelihood"),
              "sem_wlsmv": told("structural equations of ordinal items, WLSMV"),
              "corrected": told("least squares corrected for unreliability")}  # fmt: skip
WAYS = {"CR1": told("errors: CR1 by {clusters}"), "CR3": told("errors: CR3 by {clusters}"),
        "nonrobust": told("errors: observed information"), "influence": told("errors: influence of each answer"),
        "REML": told("errors: restricted likelihood"), "MLR sandwich": told("errors: robust sandwich"),
        "WLSMV sandwich": told("errors: robust sandwich"),
        "ML expected information": told("errors: expected information"),
        "Powell kernel": told("errors: Powell's, by a kernel"),
        CLASSICAL: told("errors: classical, and the rounding of the table"),
        NORMAL: told("errors: those of normal answers, and the rounding of the table"),
        STRUCTURAL: told("errors: expected information, and the rounding of the table")}  # fmt: skip
METHODS = ("lmg", "lmg_latent")


class Studied(Protocol):
    """What a report needs of a study (``study.survey.Study`` has it)."""

    @property
    def coefficients(self) -> pd.DataFrame:
        """Columns of ``coefficients.csv``."""

    @property
    def importance(self) -> pd.DataFrame:
        """Columns of ``importance.csv``."""

    @property
    def fit(self) -> pd.DataFrame:
        """Columns of ``fit.csv``."""

    @property
    def scales(self) -> pd.DataFrame:
        """Columns of ``scales.csv``."""

    @property
    def items(self) -> pd.DataFrame:
        """Columns of ``items.csv``."""

    @property
    def htmt(self) -> pd.DataFrame:
        """Columns of ``htmt.csv``."""

    @property
    def groups(self) -> pd.DataFrame:
        """Columns of ``groups.csv``; empty without groups."""

    @property
    def blocks(self) -> pd.DataFrame:
        """Columns of ``blocks.csv``."""

    @property
    def performance(self) -> pd.DataFrame:
        """Columns of ``performance.csv``."""

    @property
    def mediation(self) -> pd.DataFrame:
        """Columns of ``mediation.csv``; empty where no outcome drives another one."""

    @property
    def regressions(self) -> Fit:
        """The fit, with the answers behind it."""

    @property
    def parallel(self) -> pd.DataFrame:
        """Columns of ``parallel.csv``; empty without an ordered logit or probit."""

    @property
    def measurement(self) -> Measurement | None:
        """Confirmatory factor analysis, of structural equations."""

    @property
    def exploratory(self) -> Exploratory | None:
        """Factors of the items."""

    @property
    def method(self) -> CommonMethod | None:
        """Signs of a method that all answers share."""

    @property
    def words(self) -> str:
        """A paragraph for each outcome, without warnings, which stand beside it."""

    @property
    def answer(self) -> str:
        """Three sentences."""

    @property
    def warnings(self) -> tuple[str, ...]:
        """Sentences that diagnose."""


@in_its_names
def sections_of_study(study: Studied) -> list[Section]:
    """Coefficients with the truth marked, importance, and the tables behind them."""
    frame = study.coefficients
    truth = "truth_std" in frame and bool(frame["truth_std"].notna().any())
    estimand = _estimand(study.fit) if truth else ""
    several, plates = [], []
    for outcome in dict.fromkeys(frame["outcome"]):
        rows = frame[(frame["outcome"] == outcome) & (frame["group"] == EVERYONE)]
        if len(rows) > 1:
            several.append(str(outcome))
            plates.append(_forest(frame, str(outcome), EVERYONE, estimand))
    if len(several) < frame["outcome"].nunique():
        plates.append(Plate("consequences", picture_of(plot_consequences, frame, estimand=estimand),
                            tell("Outcomes with a single driver; read from the driver to the outcome."),
                            _alt_of_coefficients(frame[~frame["outcome"].isin(several)], EVERYONE)))  # fmt: skip
    groups = [str(group) for group in dict.fromkeys(frame["group"]) if group != EVERYONE]
    if several and len(groups) <= 4:
        plates += [_forest(frame, several[0], group, estimand) for group in groups]
    drawn = bool({CLASSICAL, NORMAL} & set(study.fit["cov_type"])) or bool({*SYSTEMS} & {*study.fit["estimator"]})
    shares = [_shares(study.importance, outcome, drawn) for outcome in several]
    shares += _map(study.performance)
    what = tell("A point is an estimate, a line its 95 % interval.")
    if truth:
        what += " " + tell("A diamond is the truth that the simulator knows and the survey does not.")
    return [
        Section("drivers", tell("What drives the outcomes"), (what,), tuple(plates),
                (_coefficients(frame), *_parallel(study.parallel), *_groups(study.groups),
                 *tables_of_mediation(study.mediation))),
        Section("importance", tell("How much each driver explains"), plates=tuple(shares),
                tables=_blocks(study.blocks)),
    ]  # fmt: skip


@in_its_names
def sections_of_scales(study: Studied) -> list[Section]:
    """Reliability of the scales, how well they are told apart, and how each equation was fitted."""
    scales = tuple(
        (Cell(label(str(row["construct"]))), Cell(number(row["items"])), Cell(number(row["n"])),
         *(Cell(_three(row.get(column))) for column in ("alpha", "omega", "cr", "ave")))
        for row in records(study.scales)
    )  # fmt: skip
    known = [row for row in records(study.htmt) if row["htmt"] is not None]
    close = sorted(known, key=lambda row: -abs(row["htmt"]))[:10]
    apart = tuple(
        (Cell(tell("{first} and {last}", first=label(str(row["a"])), last=label(str(row["b"])))),
         Cell(_three(row["htmt"])))
        for row in close
    )  # fmt: skip
    caption = tell("Scales: number of items and answers, Cronbach's alpha, omega, composite reliability, average "
                   "variance extracted (values of this sample)")  # fmt: skip
    head = (tell("scale"), tell("items"), "n", "alpha", "omega", "CR", "AVE")
    tables = [Table(caption, head, scales, frozenset(range(1, 7)))] if scales else []
    if apart:
        words = tell("The pairs of scales that are hardest to tell apart (HTMT; above .85 is a warning)")
        tables.append(Table(words, (tell("pair"), "HTMT"), apart, frozenset({1})))
    if study.measurement is not None:
        tables.append(_loadings(study.measurement))
    tables.append(_fits(study.fit))
    return [Section("scales", tell("How good the scales and the fits are"), tables=tuple(tables))]


def _forest(frame: pd.DataFrame, outcome: str, group: str, estimand: str) -> Plate:
    whom = "" if group == EVERYONE else f"_{group}"
    caption = tell("Drivers of {outcome}, strongest first.", outcome=label(outcome))
    if group != EVERYONE:
        caption = tell("Drivers of {outcome}, strongest first, {group}.", outcome=label(outcome),
                       group=group_name(group))  # fmt: skip
    picture = picture_of(plot_coefficients, frame, outcome=outcome, group=group, estimand=estimand)
    name = "".join(letter if letter.isalnum() else "_" for letter in f"coefficients_{outcome}{whom}")
    return Plate(name, picture, caption, _alt_of_coefficients(frame[frame["outcome"] == outcome], group))


def _shares(frame: pd.DataFrame, outcome: str, drawn: bool) -> Plate:
    """Bars of importance; `drawn` where intervals come from drawn matrices: published tables, structural equations."""
    rows = [row for row in records(frame) if row["outcome"] == outcome and row["method"] in METHODS]
    parts = [f"{label(row['term'].removeprefix('block:'))} {percent(row['share'])}" for row in rows]
    name = "".join(letter if letter.isalnum() else "_" for letter in f"importance_{outcome}")
    method = str(rows[0]["method"]) if rows else METHODS[0]
    caption = told("Shares add up to the explained variance (LMG; Lindeman, Merenda & Gold 1980); intervals from the "
                   "bootstrap.")  # fmt: skip
    if method.endswith("_latent"):
        caption = told("Shares add up to the explained variance of the latent answer that the model implies (LMG; "
                       "Lindeman, Merenda & Gold 1980; latent variance: McKelvey & Zavoina 1975); intervals from the "
                       "bootstrap.")  # fmt: skip
    if drawn:
        caption = told("Shares add up to the explained variance (LMG; Lindeman, Merenda & Gold 1980); intervals from "
                       "drawn correlation matrices.")  # fmt: skip
    if not rows:
        caption = told("No shares: the logit has no finite coefficients, see the warnings.")
    alt = tell("Bars of relative importance for {outcome}: {shares}.", outcome=label(outcome),
               shares=", ".join(parts) or tell("none could be computed"))  # fmt: skip
    return Plate(name, picture_of(plot_importance, frame, outcome=outcome, method=method), tell(caption), alt)


def _map(frame: pd.DataFrame) -> list[Plate]:
    """Importance against performance, of the first outcome only."""
    if frame.empty:
        return []
    rows = records(frame[frame["outcome"] == frame["outcome"].iloc[0]])
    parts = [tell("{driver} {share} of the explained variance, mean score {mean}", driver=label(str(row["term"])),
                  share=percent(row["importance"]), mean=number(row["performance"]))
             + (f" ({label(str(row['quadrant']), QUADRANTS)})" if row["quadrant"] else "") for row in rows]  # fmt: skip
    caption = tell("Importance against performance (Martilla & James 1977), with 95 % intervals on both axes and lines "
                   "at the means; a hollow point is not told from a line. The map shows associations: what a change "
                   "would bring, and cost, it does not say.")  # fmt: skip
    alt = tell("Map of importance against performance: {drivers}.", drivers="; ".join(parts))
    return [Plate("performance", picture_of(plot_performance, frame), caption, alt)]


def _estimand(fit: pd.DataFrame) -> str:
    known = [str(word) for word in fit["estimand"].dropna().unique() if str(word)] if "estimand" in fit else []
    return known[0] if len(known) == 1 else ""


def _coefficients(frame: pd.DataFrame) -> Table:
    """Every coefficient, folded; with the truth beside it where it is known."""
    known = "truth_std" in frame and bool(frame["truth_std"].notna().any())
    rows = tuple(
        (Cell(label(str(row["term"])), _of(row)), Cell(*_split(row["estimate"], row["low"], row["high"])),
         Cell(*_split(row["std_beta"], row["std_low"], row["std_high"])), Cell(p_value(row["p_value"])),
         *([Cell(_three(row.get("truth_std")))] if known else []), Cell(number(row.get("vif"))))
        for row in records(frame)
    )  # fmt: skip
    truth = [tell("truth (standardised)")] if known else []
    head = (tell("driver"), tell("estimate"), tell("standardised"), "p", *truth, "VIF")
    caption = tell("All {n} coefficients with 95 % intervals", n=len(rows))
    return Table(caption, head, rows, frozenset(range(1, len(head))), folded=True)


def _of(row: dict[str, Any]) -> str:
    group = "" if row["group"] == EVERYONE else f", {group_name(str(row['group']))}"
    return tell("of {outcome}", outcome=label(str(row["outcome"]))) + group


def _blocks(frame: pd.DataFrame) -> tuple[Table, ...]:
    rows = tuple(
        (Cell(label(str(row["block"]).replace(" - ", " − ")), _of(row)), Cell(_three(row["statistic"]), _degrees(row)),
         Cell(p_value(row["p_value"])), Cell(*_split(row["share"], row["low"], row["high"], percent)))
        for row in records(frame)
    )  # fmt: skip
    if not rows:
        return ()
    caption = tell("Blocks of drivers: joint test (all coefficients of the block zero) and share of the explained "
                   "variance")  # fmt: skip
    head = (tell("block"), tell("statistic"), "p", tell("share"))
    return (Table(caption, head, rows, frozenset({1, 2, 3})),)


def _groups(frame: pd.DataFrame) -> tuple[Table, ...]:
    """Whether drivers count for the same in all groups, and by how much they differ."""
    rows = tuple(
        (Cell(tell("all drivers") if row["term"] == EVERYONE else label(str(row["term"])),
              tell("of {outcome}", outcome=label(str(row["outcome"])))),
         Cell(" − ".join(group_name(str(row[side])) for side in ("first", "second")) if row["first"]
              else tell("all groups")),
         Cell(*(_split(row["difference"], row["low"], row["high"]) if row["first"] else ("",))),
         Cell(_three(row["statistic"]), _degrees(row)), Cell(p_value(row["p_value"])), Cell(p_value(row["p_holm"])))
        for row in records(frame)
    )  # fmt: skip
    if not rows:
        return ()
    caption = tell("Do drivers count for the same in all groups? Wald tests of equal slopes and differences of "
                   "coefficients with their 95 % interval; the last column is adjusted for many tests "
                   "(Holm)")  # fmt: skip
    head = (tell("driver"), tell("groups"), tell("difference"), tell("statistic"), "p", tell("p, adjusted"))
    return (Table(caption, head, rows, frozenset({2, 3, 4, 5}), folded=True),)


def _parallel(frame: pd.DataFrame) -> tuple[Table, ...]:
    """Whether a driver counts for the same at low and high answers, and its slope at each threshold."""
    rows, found = [], records(frame)
    slopes: dict[tuple[str, ...], list[str]] = {}
    for row in found:
        if row["above"] is not None:
            one = tell("above {answer}: {slope}", answer=number(row["above"]),
                       slope=interval(row["estimate"], row["low"], row["high"]))  # fmt: skip
            own = slopes.setdefault((row["outcome"], row["group"], row["term"]), [])
            own.append(one.replace(" ", "\N{NO-BREAK SPACE}"))
    for row in found:
        if row["above"] is None:
            name = tell("all drivers") if row["term"] == EVERYONE else label(str(row["term"]))
            each = "; ".join(slopes.get((row["outcome"], row["group"], row["term"]), []))
            if row["term"] == EVERYONE:
                each = tell("levels: {levels}", levels=str(row["levels"]))
                if row["p_value"] is None:
                    each += "; " + tell("no test: too few answers in three levels, or drivers separate them")
            rows.append((Cell(name, _of(row)), Cell(_three(row["statistic"]), _degrees({"df_num": row["df"]})),
                         Cell(p_value(row["p_value"])), Cell(p_value(row["p_holm"])), Cell(each)))  # fmt: skip
    if not rows:
        return ()
    caption = tell("Does a driver count for the same at low and high answers? Tests of one slope for all thresholds "
                   "(Brant 1990) and the slope at each with its 95 % interval; the last p is adjusted for the number "
                   "of drivers (Holm)")  # fmt: skip
    head = (tell("driver"), tell("statistic"), "p", tell("p, adjusted"), tell("slopes by threshold"))
    return (Table(caption, head, tuple(rows), frozenset({1, 2, 3}), folded=True),)


def _degrees(row: dict[str, Any]) -> str:
    first, second = row.get("df_num"), row.get("df_den")
    if first is None:
        return ""
    return f"df {number(first)}" + (f", {number(second)}" if second is not None and second == second else "")


def _loadings(measurement: Measurement) -> Table:
    rows = tuple((Cell(label(str(row["construct"]))), Cell(str(row["item"])),
                  Cell(*_split(row["std"], row["std_low"], row["std_high"])), Cell(_three(row["r2"])))
                 for row in records(measurement.loadings))  # fmt: skip
    caption = tell("Confirmatory factor analysis: standardised loadings with their 95 % interval. {fit}",
                   fit=measurement.fit.words)  # fmt: skip
    return Table(caption, (tell("scale"), tell("item"), tell("loading"), "R²"), rows, frozenset({2, 3}))


def _fits(frame: pd.DataFrame) -> Table:
    rows = tuple(
        (Cell(label(str(row["outcome"])), "" if row["group"] == EVERYONE else group_name(str(row["group"]))),
         Cell(number(row["n"]), _lost(row)),
         Cell(_three(row["r2"]), R2_KINDS.get(str(row["estimator"]), "").removesuffix(" R2")),
         Cell(_three(row.get("adj_r2"))), Cell(tell(ESTIMATORS.get(str(row["estimator"]), str(row["estimator"]))),
                                               _errors(str(row["cov_type"] or ""))))
        for row in records(frame)
    )  # fmt: skip
    caption = tell("Equations: complete answers, explained variance (sample values), estimator and covariance")
    head = (tell("outcome"), "n", "R²", tell("adjusted R²"), tell("estimator"))
    return Table(caption, head, rows, frozenset({1, 2, 3}))


def _errors(cov_type: str) -> str:
    """Say where standard errors come from, in words."""
    kind, many = re.fullmatch(r"(.*?)(?:, (\d+) imputations)?", cov_type).groups()  # type: ignore[union-attr]
    by = re.fullmatch(r"(CR[13]) by (.*)", kind)
    if by is not None:
        said = tell(WAYS[by[1]], clusters=by[2])
    else:
        said = tell(WAYS.get(kind, told("errors: {way}")), way=kind) if kind else ""
    return said + (f", {tell('{n} imputations', n=many)}" if many else "")


def _lost(row: dict[str, Any]) -> str:
    lost = row.get("n_lost")
    return tell("{lost} of {n} rows lost", lost=number(lost), n=number(row["n_rows"])) if lost else ""


def _split(value: Any, low: Any, high: Any, spell: Any = number) -> tuple[str, str]:
    main, _, rest = interval(value, low, high, spell, single=tell("no interval")).partition(" (")
    return main, rest.removesuffix(")")


def _three(value: Any) -> str:
    return fixed(value, 3)


def _alt_of_coefficients(frame: pd.DataFrame, group: str) -> str:
    rows = [row for row in records(frame[frame["group"] == group]) if row["std_beta"] is not None]
    rows.sort(key=lambda row: -row["std_beta"])
    parts = [tell("{driver} on {outcome} {value}", driver=label(str(row["term"])), outcome=label(str(row["outcome"])),
                  value=interval(row["std_beta"], row["std_low"], row["std_high"]))
             + (f", {tell('truth')} {_three(row['truth_std'])}" if row.get("truth_std") is not None else "")
             for row in rows]  # fmt: skip
    return tell("Forest of standardised coefficients: {drivers}.",
                drivers="; ".join(parts) or tell("none could be estimated"))  # fmt: skip
