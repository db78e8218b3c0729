"""Golden numbers: what the same seeds must tell tomorrow.  Their one writer is this module (`make golden`).

    python -m tests.golden.write         writes golden.json anew and says which numbers changed; then the numbers in
                                         README.md, docs/model.md and data/registry.csv

A changed number is a change of what touchsim says: it needs a line in CHANGELOG.md marked **[NUMBERS]** that says why.
Whole numbers (rows, words, cents) hold exactly; sums of times, views and fits to a relative 1e-9.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd

import touchsim as ts
from tests.docs import fields, readme, registry
from touchsim.survey.respondents import survey_study
from touchsim.vocabulary import FACETS, keys

FILE = Path(__file__).with_name("golden.json")
SCENARIOS = ("corner_shop", "webshop")
Numbers = dict[str, Any]


def counted(column: pd.Series) -> dict[str, int]:
    """Rows of each word, those without any left out."""
    counts = column.astype(str).value_counts().sort_index()
    return {word: int(n) for word, n in counts.items() if n}


def run_numbers(name: str) -> Numbers:
    """Numbers of two replications of a run."""
    log = ts.simulate(ts.load_scenario(name), customers=800, replications=2, seed=2026)
    visits, people = log.visits_frame(), log.customers_frame()
    money = ("revenue_cents", "margin_cents", "cost_cents")
    moments = ("arrived", "started", "ended", "late_days", "handling_days")
    times = {f"visits.{column}": visits[column] for column in moments}
    times |= {f"customers.{column}": people[column] for column in ("born", "ended", "first_purchase", "surveyed")}
    views = {column: people[column] for column in ("satisfaction", "product", "value", "disposition")}
    views |= {f"perceived_{key}": people[f"perceived_{key}"] for key in keys(FACETS)}
    return {
        "contacts": len(visits), "customers": len(people), "purchases": int(people["purchases"].sum()),
        "recommendations": int(people["recommendations"].sum()),
        **{column: counted(visits[column]) for column in ("outcome", "decision", "need", "touchpoint")},
        **{column: counted(people[column]) for column in ("stage", "status", "reason", "segment", "goods")},
        **{column: int(people[column].sum()) for column in money},
        "sums": {key: float(values.sum()) for key, values in (times | views | {"emotion": visits["emotion"]}).items()},
    }  # fmt: skip


def study_numbers(name: str) -> Numbers:
    """Numbers of a study of 400 answers: every coefficient, share and fit among everyone."""
    answers, model = survey_study(ts.load_scenario(name), respondents=400, seed=2026)
    study = ts.study_survey(answers, model, draws=200, seed=2026)
    coefficients = study.coefficients[study.coefficients["group"] == "all"]
    columns = ["estimate", "std_error", "std_beta", "low", "high", "truth", "vif"]
    fit = study.fit[study.fit["group"] == "all"].set_index("outcome")
    return {
        "answers": len(answers), "n": {outcome: int(n) for outcome, n in fit["n"].items()},
        "r2": {outcome: float(r2) for outcome, r2 in fit["r2"].items()},
        "coefficients": {f"{row['outcome']} on {row['term']}": [float(row[column]) for column in columns]
                         for row in coefficients.to_dict("records")},
        "shares": {f"{row['outcome']} on {row['term']}": float(row["share"])
                   for row in study.importance.query("method == 'johnson'").to_dict("records")},
        "alpha": {row["construct"]: float(row["alpha"]) for row in study.scales.to_dict("records")},
    }  # fmt: skip


def numbers() -> Numbers:
    """All golden numbers, computed now."""
    return {name: {"run": run_numbers(name), "study": study_numbers(name)} for name in SCENARIOS}


def flat(tree: Any, path: str = "") -> dict[str, float]:
    """Leaves of a tree by their place."""
    if isinstance(tree, dict):
        return {at: leaf for key, part in tree.items() for at, leaf in flat(part, f"{path}/{key}").items()}
    if isinstance(tree, list):
        return {at: leaf for n, part in enumerate(tree) for at, leaf in flat(part, f"{path}/{n}").items()}
    return {path: tree}


def differences(then: Numbers, now: Numbers) -> list[str]:
    """Places where two sets of numbers differ: whole numbers at all, others by more than a relative 1e-9."""
    old, new = flat(then), flat(now)
    said = [f"{place} is gone" for place in old if place not in new]
    for place, value in new.items():
        if place not in old:
            said.append(f"{place} is new: {value}")
        elif isinstance(value, int) != isinstance(old[place], int):
            said.append(f"{place}: {old[place]} was another kind of number than {value}")
        elif isinstance(value, int) and value != old[place]:
            said.append(f"{place}: {old[place]} became {value}")
        elif abs(value - old[place]) > 1e-9 * abs(old[place]) + 1e-12:
            said.append(f"{place}: {old[place]!r} became {value!r}")
    return said


def main() -> None:
    """Write the numbers of today, here and into the pages that show some."""
    now = numbers()
    changed = differences(json.loads(FILE.read_text()), now) if FILE.exists() else ["all of them are new"]
    if changed:
        FILE.write_text(json.dumps(now, indent=1) + "\n", encoding="utf-8")
        print(*changed[:20], sep="\n")
        print(f"{len(changed)} golden numbers changed: say why in CHANGELOG.md, in a line marked **[NUMBERS]**")
    else:
        print("golden numbers are as they were")
    for page in (fields, registry, readme):
        page.main()


if __name__ == "__main__":
    main()
