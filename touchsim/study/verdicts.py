"""What a study says in words, made from its tables, never stronger than they are.

"The offline block leads" is written by one function only, `block_sentence`, and only when

    the bootstrap interval of the difference in shares does not contain 0,
    no sign of a shared mood stands against it (see `cautions`), and
    the truth, where a simulator knows it, does not say otherwise;

else the same sentence says what stands against it.  The true weight of a block is the sum of its squared standardised
coefficients, its part of the variance if drivers were uncorrelated.  Called by `importance` and `survey`.
"""

from __future__ import annotations

from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from touchsim.languages import marked, tell, told
from touchsim.study.blocks import block_table
from touchsim.study.care import concerning, doubted
from touchsim.study.caution import EVERYONE, Caution, said
from touchsim.study.fit import Fit
from touchsim.vocabulary import in_its_names, label

if TYPE_CHECKING:
    from touchsim.study.importance import Importance

__all__ = ["EVERY_OTHER", "answer_of", "block_sentence", "driver_sentence", "importance_paragraph", "truth_cautions"]

SURE = 0.95
NOTHING_TRUE = 0.05
METHODS = ("lmg", "lmg_latent")
NEIGHBOURS = 3
EVERY_OTHER = "every other"
"""In place of `b` in the table of orders: the strongest of all other drivers."""


@in_its_names
def answer_of(importance: Importance, cautions: tuple[Caution, ...]) -> str:
    """Three sentences for one who decides: what goes most with the first outcome, which block, what to doubt."""
    outcome = next(iter(importance.fit.model.drivers))
    second = block_sentence(importance, outcome) or _open_drivers(importance.fit, outcome)
    return " ".join(filter(None, [driver_sentence(importance, outcome), second, _doubt(outcome, cautions)]))


@in_its_names
def importance_paragraph(importance: Importance, outcome: str) -> str:
    """Shares of every driver of an outcome, strongest first, and what may be said about its blocks.

    Empty where an outcome has one driver, which explains all that is explained.
    """
    if len(importance.fit.model.drivers[outcome]) == 1:
        return ""
    table = _shares(importance, outcome)
    terms = table[~table["term"].str.startswith("block:")].sort_values("share", ascending=False, kind="stable")
    if terms.empty:
        words = told("{outcome}: nothing could be estimated.")
        if (why := _without_shares(importance.fit, outcome)) is not None:
            words = told("{outcome}: no shares of explained variance: {why}.")
        return tell(words, outcome=_upper(label(outcome)), why=why)
    parts = [f"{label(row['term'])} {_percent(row)}" for row in terms.to_dict("records")]
    way = str(terms["method"].iloc[0])
    words = told("{outcome}, shares of explained variance ({way}; 95 % bootstrap interval): {shares}.")
    if way.endswith("_latent"):
        words = told("{outcome}, shares of explained variance, of the latent answer ({way}; 95 % bootstrap interval): "
                     "{shares}.")  # fmt: skip
    if _is_drawn(importance.fit):
        words = told("{outcome}, shares of explained variance ({way}; 95 % interval over drawn correlation matrices): "
                     "{shares}.")  # fmt: skip
    if importance.error != 0:
        error = marked(f"{100 * importance.error:.1f}")
        way = tell("{method}, sampled orders, error {error} %", method=way, error=error)
    mood = _mood(importance.fit, outcome)
    doubt = _order_sentence(importance, outcome)
    doubt += f" {said(mood)}" if mood and block_sentence(importance, outcome) is None else ""
    blocks = block_sentence(importance, outcome)
    shares = tell(words, outcome=_upper(label(outcome)), way=way, shares=", ".join(parts))
    return f"{shares}{doubt}" + (f" {blocks}" if blocks else "")


@in_its_names
def driver_sentence(importance: Importance, outcome: str) -> str:
    """Say which driver goes most with an outcome, by how much, and how sure the first place is."""
    fit, order = importance.fit, importance.order
    n = len(fit.answers.items)
    whom = tell("Among {n} answers, gaps imputed", n=n) if fit.imputed else tell("Among {n} complete answers", n=n)
    if fit.answers.n_lost and not fit.imputed:
        whom = tell("Among {n} complete answers (of {rows})", n=n, rows=fit.answers.n_rows)
    first = order[order["outcome"] == outcome].set_index("term")["p_first"].to_dict()
    if not first:
        words = told("{whom}, nothing can be said about the drivers of {outcome}: no finite coefficients exist.")
        if (why := _without_shares(fit, outcome)) is not None:
            words = told("{whom}, drivers of {outcome} have no shares of explained variance: {why}.")
        return tell(words, whom=whom, outcome=label(outcome), why=why)
    row = max((row for row in _shares(importance, outcome).to_dict("records") if row["term"] in first),
              key=lambda row: float(row["share"]))  # fmt: skip
    here = (fit.table["outcome"] == outcome) & (fit.table["group"] == EVERYONE) & (fit.table["term"] == row["term"])
    term = fit.table[here].iloc[0]
    names = {"whom": whom, "outcome": label(outcome), "driver": label(row["term"])}
    size = tell("{beta} SD per SD [{low}; {high}]", beta=_two(term["std_beta"]), low=_two(term["std_low"]),
                high=_two(term["std_high"]))  # fmt: skip
    if len(first) == 1:
        return tell("{whom}, {outcome} goes with {driver}: {size}.", **names, size=size)
    sure = first.pop(row["term"])
    rival = max(first, key=lambda name: float(first[name]))
    words = told("{whom}, {driver} goes most with {outcome}: {size}, {share} of the explained variance, first in "
                 "{sure} % of the bootstrap draws.")  # fmt: skip
    if _is_drawn(fit):
        words = told("{whom}, {driver} goes most with {outcome}: {size}, {share} of the explained variance, first in "
                     "{sure} % of the drawn correlation matrices.")  # fmt: skip
    if sure < SURE:
        words = told("{whom}, {driver} goes most with {outcome}: {size}, {share} of the explained variance, first in "
                     "{sure} % of the bootstrap draws; {rival} is first in {other} %.")  # fmt: skip
        if _is_drawn(fit):
            words = told("{whom}, {driver} goes most with {outcome}: {size}, {share} of the explained variance, first "
                         "in {sure} % of the drawn correlation matrices; {rival} is first in {other} %.")  # fmt: skip
    return tell(words, **names, size=size, share=_percent(row), sure=f"{100 * sure:.0f}", rival=label(str(rival)),
                other=f"{100 * first[rival]:.0f}")  # fmt: skip


def _without_shares(fit: Fit, outcome: str) -> str | None:
    """Why an outcome has coefficients and no shares; None where it has no coefficients either."""
    found = fit.estimates.get((outcome, EVERYONE))
    if found is None or not np.isfinite(found.coefficients).all():
        return None
    if not np.isfinite(found.covariance).all():
        return tell("the data do not determine every figure of the model")
    return tell("the correlations of the constructs are none that variables can have")


def _order_sentence(importance: Importance, outcome: str) -> str:
    """Say in how many draws the first drivers stand in the order of their shares; nothing for a single driver."""
    orders = importance.orders
    here = orders[(orders["outcome"] == outcome) & orders["method"].isin(METHODS) & (orders["b"] != EVERY_OTHER)]
    pairs = {(row["a"], row["b"]): row for row in here.to_dict("records")}
    ranked = list(dict.fromkeys([*here["a"], *here["b"]]))[: NEIGHBOURS + 1]
    parts = [tell("{a} above {b} in {share} % of the draws", a=label(a), b=label(b),
                  share=f"{100 * pairs[a, b]['p_above']:.0f}")
             for a, b in pairwise(ranked)]  # fmt: skip
    return " " + tell("How sure the order is: {pairs}.", pairs=", ".join(parts)) if parts else ""


@in_its_names
def block_sentence(importance: Importance, outcome: str) -> str | None:
    """Say whether one block of drivers leads, together with what speaks against it; None without two blocks."""
    pair = _leading_pair(importance, outcome)
    if pair is None:
        return None
    a, b, gap = pair["a"], pair["b"], pair["gap"]
    words = told("{a} {share_a} in {n_a} drivers, {b} {share_b} in {n_b}")
    if pair["terms"][a] == 1:
        words = told("{a} {share_a} in {n_a} driver, {b} {share_b} in {n_b}")
    shares = tell(words, a=label(a), b=label(b), share_a=_percent(pair["shares"][a]),
                  share_b=_percent(pair["shares"][b]), n_a=pair["terms"][a], n_b=pair["terms"][b])  # fmt: skip
    difference = tell("difference {points} points [{low}; {high}]", points=f"{100 * gap['share']:.0f}",
                      low=f"{100 * gap['low']:.0f}", high=f"{100 * gap['high']:.0f}")  # fmt: skip
    truth = _true_leader(importance.fit, outcome)
    if gap["low"] <= 0:
        words = told("Which block leads cannot be said: {shares}, {difference}, zero included")
    elif _mood(importance.fit, outcome) is not None:
        words = told("Do not conclude that a block leads: {shares}, {difference}, but the ratings may share a mood and "
                     "constructs are not told apart, so the ranking cannot be trusted")  # fmt: skip
    elif truth is None or truth[0] == a:
        words = told("The {block} block leads: {shares} of the explained variance, {difference}")
    else:
        words = told("The {block} block seems to lead: {shares} of the explained variance, {difference}")
    verdict = tell(words, block=label(a), shares=shares, difference=difference)
    if truth is None:
        return f"{verdict}."
    if truth[0] is None:
        return tell("{verdict}; in truth no driver matters, so this regression is misled.", verdict=verdict)
    words = told("{verdict}; in truth {block} leads.")
    if gap["low"] > 0:
        words = told("{verdict}; in truth {block} leads, so this regression is misled.")
        if truth[0] == a:
            words = told("{verdict}; in truth {block} leads too.")
    return tell(words, verdict=verdict, block=label(truth[0]))


def truth_cautions(importance: Importance) -> list[Caution]:
    """Say where the truth is known and the regression is misled by it."""
    found = []
    for outcome in importance.fit.model.drivers:
        found += _misled_drivers(importance.fit, outcome)
        pair, truth = _leading_pair(importance, outcome), _true_leader(importance.fit, outcome)
        if pair is None or truth is None or pair["gap"]["low"] <= 0 or truth[0] == pair["a"]:
            continue
        words = told("the regression is misled about {outcome}: {block} seems to lead, in truth {leader} leads "
                     "({figures})")  # fmt: skip
        if truth[0] is None:
            words = told("the regression is misled about {outcome}: {block} seems to lead, in truth no driver matters "
                         "({figures})")  # fmt: skip
        found.append(Caution(
            partial(tell, words, outcome=partial(label, outcome), block=partial(label, pair["a"]),
                    leader=partial(label, truth[0] or ""), figures=partial(_figures, *truth[1])),
            outcome, EVERYONE, "truth"))  # fmt: skip
    return found


def _misled_drivers(fit: Fit, outcome: str) -> list[Caution]:
    """Drivers whose 95 % interval misses the truth."""
    if fit.model.truth is None:
        return []
    rows = fit.table[(fit.table["outcome"] == outcome) & (fit.table["group"] == EVERYONE)].dropna(subset=["truth_std"])
    missed = rows[(rows["std_low"] > rows["truth_std"]) | (rows["std_high"] < rows["truth_std"])]
    if len(missed) <= max(1, 0.2 * len(rows)):
        return []
    estimand, frame = fit.model.truth.estimand, missed[["term", "std_beta", "truth_std"]]
    names = partial(_missed, tuple(frame.itertuples(index=False, name=None)))
    telling = partial(tell, "{n} of {drivers} intervals of drivers of {outcome} miss the truth ({estimand}): {names}",
                      n=len(missed), drivers=len(rows), outcome=partial(label, outcome),
                      estimand=partial(tell, estimand), names=names)  # fmt: skip
    return [Caution(telling, outcome, EVERYONE, "interval")]


def _missed(rows: tuple[tuple[str, float, float], ...]) -> str:
    return ", ".join(tell("{driver} {estimate} instead of {truth}", driver=label(term), estimate=_two(estimate),
                          truth=_two(truth)) for term, estimate, truth in rows)  # fmt: skip


def _leading_pair(importance: Importance, outcome: str) -> dict[str, Any] | None:
    """The two blocks with the largest shares, their difference and sizes."""
    blocks = block_table(importance.fit, importance)
    here = blocks[(blocks["outcome"] == outcome) & (blocks["group"] == EVERYONE)]
    rows = {str(row["block"]): row for row in here.to_dict("records")}
    names = [name for name in importance.fit.model.blocks if name in rows]
    if len(names) < 2:
        return None
    a, b = sorted(names, key=lambda name: -float(rows[name]["share"]))[:2]
    gap = rows.get(f"{a} - {b}") or rows[f"{b} - {a}"]
    return {"a": a, "b": b, "gap": gap, "shares": rows, "terms": {name: int(rows[name]["df_num"]) for name in (a, b)}}


def _true_leader(fit: Fit, outcome: str) -> tuple[str | None, tuple[float, dict[str, float]]] | None:
    """Block that leads in truth (None: no driver matters) and the figures; None where the truth is not known."""
    rows = fit.table[(fit.table["outcome"] == outcome) & (fit.table["group"] == EVERYONE)]
    if fit.model.truth is None or rows["truth_std"].isna().all():
        return None
    true = rows.set_index("term")["truth_std"].fillna(0.0)
    sums = {block: float((true[true.index.isin(names)] ** 2).sum()) for block, names in fit.model.blocks.items()}
    largest = float(true.abs().max())
    return (None if largest < NOTHING_TRUE else max(sums, key=lambda block: sums[block])), (largest, sums)


def _figures(largest: float, sums: dict[str, float]) -> str:
    """Say what the truth about blocks rests on."""
    if largest < NOTHING_TRUE:
        return tell("largest standardised coefficient {value}", value=marked(f"{largest:.2f}"))
    figures = ", ".join(f"{label(block)} {marked(f'{value:.2f}')}" for block, value in sums.items())
    return tell("sums of squared standardised coefficients: {figures}", figures=figures)


def _open_drivers(fit: Fit, outcome: str) -> str:
    """Say which drivers cannot be told from zero; nothing where none has an estimate."""
    rows = fit.table[(fit.table["outcome"] == outcome) & (fit.table["group"] == EVERYONE)]
    if rows["std_beta"].isna().all():
        return ""
    unsure = rows[~((rows["std_low"] > 0) | (rows["std_high"] < 0))]["term"]
    if unsure.empty:
        return tell("Every driver's interval excludes zero.")
    return tell("Not told from zero in this survey: {names}.", names=", ".join(map(label, unsure)))


def _doubt(outcome: str, cautions: tuple[Caution, ...]) -> str:
    here = [item for item in doubted(concerning(cautions, outcome)) if item.about != "truth"]  # told with the block
    if not here:
        return tell("These are associations in one survey, not effects of a change: try the change before you count on "
                    "it.")  # fmt: skip
    listed = len({said(item) for item in cautions})  # as many as stand below the answer, of other outcomes as well
    words = {1: told("Read it with care: {warning}."), 2: told("Read it with care: {warning} (and 1 more warning).")}
    many = told("Read it with care: {warning} (and {n} more warnings).")
    return tell(words.get(listed, many), warning=here[0].brief, n=listed - 1).replace("?.", "?")


def _mood(fit: Fit, outcome: str) -> Caution | None:
    return next((item for item in fit.cautions if item.about == "mood" and item.outcome == outcome), None)


def _shares(importance: Importance, outcome: str) -> pd.DataFrame:
    """Rows of the lmg shares of an outcome."""
    table = importance.table
    return table[(table["outcome"] == outcome) & table["method"].isin(METHODS)]


def _percent(row: Any) -> str:
    return f"{100 * row['share']:.0f} % [{100 * row['low']:.0f}; {100 * row['high']:.0f}]"


def _two(value: float) -> str:
    """Two digits, zero without a sign."""
    return marked(f"{round(value, 2) + 0.0:.2f}")


def _upper(text: str) -> str:
    return text[0].upper() + text[1:]


def _is_drawn(fit: Fit) -> bool:
    """Whether draws are of correlation matrices: those of a published table, or of structural equations."""
    return fit.drawn is not None or bool(fit.systems)
