"""What a study says in words, made from its tables, never stronger than they are.

"The offline block leads" is written by one function only, `block_sentence`, and only when

    the bootstrap interval of the difference in shares does not contain 0,
    no sign of a shared mood stands against it (see `cautions`), and
    the truth, where a simulator knows it, does not say otherwise;

else the same sentence says what stands against it.  The true weight of a block is the sum of its squared standardised
coefficients, its part of the variance if drivers were uncorrelated.  Called by `importance` and `survey`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from touchsim.study.blocks import block_table
from touchsim.study.cautions import Caution
from touchsim.study.drivers import EVERYONE, Fit, said
from touchsim.vocabulary import label

if TYPE_CHECKING:
    from touchsim.study.importance import Importance

__all__ = ["answer_of", "block_sentence", "driver_sentence", "importance_paragraph", "truth_cautions"]

SURE = 0.95
NOTHING_TRUE = 0.05


def answer_of(importance: Importance, cautions: tuple[Caution, ...]) -> str:
    """Three sentences for one who decides: what goes most with the first outcome, which block, what to doubt."""
    outcome = next(iter(importance.fit.model.drivers))
    second = block_sentence(importance, outcome) or _open_drivers(importance.fit, outcome)
    return " ".join(filter(None, [driver_sentence(importance, outcome), second, _doubt(outcome, cautions)]))


def importance_paragraph(importance: Importance, outcome: str) -> str:
    """Shares of every driver of an outcome, strongest first, and what may be said about its blocks."""
    table = _shares(importance, outcome)
    terms = table[~table["term"].str.startswith("block:")].sort_values("share", ascending=False, kind="stable")
    if terms.empty:
        return f"{_upper(label(outcome))}: nothing could be estimated."
    parts = [f"{label(row['term'])} {_percent(row)}" for row in terms.to_dict("records")]
    latent = ", of the latent answer" if terms["method"].iloc[0].endswith("_latent") else ""
    way = "" if importance.error == 0 else f", sampled orders, error {100 * importance.error:.1f} %"
    mood = _mood(importance.fit, outcome)
    doubt = f" {said(mood)}" if mood and block_sentence(importance, outcome) is None else ""
    blocks = block_sentence(importance, outcome)
    how = f"({terms['method'].iloc[0]}{way}; 95 % bootstrap interval)"
    return (f"{_upper(label(outcome))}, shares of explained variance{latent} {how}: {', '.join(parts)}.{doubt}"
            + (f" {blocks}" if blocks else ""))  # fmt: skip


def driver_sentence(importance: Importance, outcome: str) -> str:
    """Say which driver goes most with an outcome, by how much, and how sure the first place is."""
    fit, order = importance.fit, importance.order
    n = len(fit.answers.items)
    whom = f"Among {n} complete answers" + (f" (of {fit.answers.n_rows})" if fit.answers.n_lost else "")
    first = order[order["outcome"] == outcome].set_index("term")["p_first"].to_dict()
    if not first:
        return f"{whom}, nothing can be said about the drivers of {label(outcome)}: no finite coefficients exist."
    row = max((row for row in _shares(importance, outcome).to_dict("records") if row["term"] in first),
              key=lambda row: float(row["share"]))  # fmt: skip
    here = (fit.table["outcome"] == outcome) & (fit.table["group"] == EVERYONE) & (fit.table["term"] == row["term"])
    term = fit.table[here].iloc[0]
    size = f"{_two(term['std_beta'])} SD per SD [{_two(term['std_low'])}; {_two(term['std_high'])}]"
    if len(first) == 1:
        return f"{whom}, {label(outcome)} goes with {label(row['term'])}: {size}."
    sure = first.pop(row["term"])
    rival = max(first, key=lambda name: float(first[name]))
    place = f"first in {100 * sure:.0f} % of the bootstrap draws" + (
        "" if sure >= SURE else f", so {label(str(rival))} ({100 * first[rival]:.0f} %) may as well be"
    )
    return (f"{whom}, {label(row['term'])} goes most with {label(outcome)}: {size}, {_percent(row)} of the explained "
            f"variance, {place}.")  # fmt: skip


def block_sentence(importance: Importance, outcome: str) -> str | None:
    """Say whether one block of drivers leads, together with what speaks against it; None without two blocks."""
    pair = _leading_pair(importance, outcome)
    if pair is None:
        return None
    a, b, gap = pair["a"], pair["b"], pair["gap"]
    shares = (f"{label(a)} {_percent(pair['shares'][a])} in {_drivers(pair['terms'][a])}, {label(b)} "
              f"{_percent(pair['shares'][b])} in {pair['terms'][b]}")  # fmt: skip
    difference = f"difference {100 * gap['share']:.0f} points [{100 * gap['low']:.0f}; {100 * gap['high']:.0f}]"
    truth = _true_leader(importance.fit, outcome)
    if gap["low"] <= 0:
        verdict = f"Which block leads cannot be said: {shares}, {difference}, zero included"
    elif _mood(importance.fit, outcome) is not None:
        verdict = (f"Do not conclude that a block leads: {shares}, {difference}, but the ratings may share a mood and "
                   "constructs are not told apart, so the ranking cannot be trusted")  # fmt: skip
    else:
        seems = "leads" if truth is None or truth[0] == a else "seems to lead"
        verdict = f"The {label(a)} block {seems}: {shares} of the explained variance, {difference}"
    if truth is None:
        return f"{verdict}."
    if truth[0] is None:
        return f"{verdict}; in truth no driver matters, so this regression is misled."
    ending = "" if gap["low"] <= 0 else " too" if truth[0] == a else ", so this regression is misled"
    return f"{verdict}; in truth {label(truth[0])} leads{ending}."


def truth_cautions(importance: Importance) -> list[Caution]:
    """Say where the truth is known and the regression is misled by it."""
    found = []
    for outcome in importance.fit.model.drivers:
        found += _misled_drivers(importance.fit, outcome)
        pair, truth = _leading_pair(importance, outcome), _true_leader(importance.fit, outcome)
        if pair is None or truth is None or pair["gap"]["low"] <= 0 or truth[0] == pair["a"]:
            continue
        says = "no driver matters" if truth[0] is None else f"{label(truth[0])} leads"
        found.append(Caution(f"the regression is misled about {label(outcome)}: {label(pair['a'])} seems to lead, in "
                             f"truth {says} ({truth[1]})", outcome, EVERYONE, "truth"))  # fmt: skip
    return found


def _misled_drivers(fit: Fit, outcome: str) -> list[Caution]:
    """Drivers whose 95 % interval misses the truth."""
    if fit.model.truth is None:
        return []
    rows = fit.table[(fit.table["outcome"] == outcome) & (fit.table["group"] == EVERYONE)].dropna(subset=["truth_std"])
    missed = rows[(rows["std_low"] > rows["truth_std"]) | (rows["std_high"] < rows["truth_std"])]
    if len(missed) <= max(1, 0.2 * len(rows)):
        return []
    names = ", ".join(f"{label(row['term'])} {_two(row['std_beta'])} instead of {_two(row['truth_std'])}"
                      for row in missed.to_dict("records"))  # fmt: skip
    return [Caution(f"{len(missed)} of {len(rows)} intervals of drivers of {label(outcome)} miss the truth "
                    f"({fit.model.truth.estimand}): {names}", outcome, EVERYONE, "interval")]  # fmt: skip


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


def _true_leader(fit: Fit, outcome: str) -> tuple[str | None, str] | None:
    """Block that leads in truth (None: no driver matters) and the figures; None where the truth is not known."""
    rows = fit.table[(fit.table["outcome"] == outcome) & (fit.table["group"] == EVERYONE)]
    if fit.model.truth is None or rows["truth_std"].isna().all():
        return None
    true = rows.set_index("term")["truth_std"].fillna(0.0)
    sums = {block: float((true[true.index.isin(names)] ** 2).sum()) for block, names in fit.model.blocks.items()}
    figures = ", ".join(f"{label(block)} {value:.2f}" for block, value in sums.items())
    if true.abs().max() < NOTHING_TRUE:
        return None, f"largest standardised coefficient {true.abs().max():.2f}"
    return max(sums, key=lambda block: sums[block]), f"sums of squared standardised coefficients: {figures}"


def _open_drivers(fit: Fit, outcome: str) -> str:
    """Say which drivers cannot be told from zero; nothing where none has an estimate."""
    rows = fit.table[(fit.table["outcome"] == outcome) & (fit.table["group"] == EVERYONE)]
    if rows["std_beta"].isna().all():
        return ""
    unsure = rows[~((rows["std_low"] > 0) | (rows["std_high"] < 0))]["term"]
    if unsure.empty:
        return "Every driver's interval excludes zero."
    return f"Not told from zero in this survey: {', '.join(map(label, unsure))}."


def _doubt(outcome: str, cautions: tuple[Caution, ...]) -> str:
    weight = {"truth": 0, "mood": 1, "fit": 2, "interval": 3, "code": 4, "loss": 5, "scale": 6, "htmt": 7}
    here = [item for item in cautions if item.outcome in (None, outcome) and item.about != "reading"]
    if not here:
        return "These are associations in one survey, not effects of a change: try the change before you count on it."
    worst = min(here, key=lambda item: weight.get(item.about, 9))
    more = "" if len(here) == 1 else f" (and {len(here) - 1} more warning{'s' if len(here) > 2 else ''})"
    return f"Read it with care: {worst.sentence.rstrip('.')}{more}."


def _mood(fit: Fit, outcome: str) -> Caution | None:
    return next((item for item in fit.cautions if item.about == "mood" and item.outcome == outcome), None)


def _shares(importance: Importance, outcome: str) -> pd.DataFrame:
    """Rows of the lmg shares of an outcome."""
    table = importance.table
    return table[(table["outcome"] == outcome) & table["method"].str.startswith("lmg")]


def _percent(row: Any) -> str:
    return f"{100 * row['share']:.0f} % [{100 * row['low']:.0f}; {100 * row['high']:.0f}]"


def _drivers(count: int) -> str:
    return "1 driver" if count == 1 else f"{count} drivers"


def _two(value: float) -> str:
    """Two digits, zero without a sign."""
    return f"{round(value, 2) + 0.0:.2f}"


def _upper(text: str) -> str:
    return text[0].upper() + text[1:]
