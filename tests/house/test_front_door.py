"""The front door is kind: a verb that is given the wrong thing says what it takes and what to type instead."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import touchsim as ts

VERBS = sorted(set(ts.__all__) - {"BadInput", "facts", "scenarios", "touchpoints"})
SHOP = ts.load_scenario("corner_shop")
LOG = ts.simulate(SHOP, customers=30)

# verb, what it is given, what must be said
ASTRAY: dict[str, tuple[str, tuple[Any, ...], str]] = {
    "a name for a scenario": ("simulate", ("webshop",), 'scenario: must be a scenario (got "webshop"); '
                              'type ts.simulate(ts.load_scenario("webshop"))'),
    "a path for a log": ("kpis", (Path("my/shop.yaml"),), 'log: must be the log of a run (got "my/shop.yaml"); '
                         'type ts.kpis(ts.simulate(ts.load_scenario("my/shop.yaml")))'),
    "a scenario for a log": ("funnel", (SHOP,), "log: must be the log of a run (got a scenario); "
                             "type ts.funnel(ts.simulate(scenario))"),
    "a scenario to ask": ("ask", (SHOP,), "log: must be the log of a run (got a scenario); "
                          "type ts.ask(ts.simulate(scenario))"),
    "a file for answers": ("fit_drivers", ("x.csv",), 'answers: must be a table of answers (DataFrame) (got "x.csv"); '
                           'type ts.study_survey("x.csv", model=...)'),
    "a log for answers": ("fit_drivers", (LOG,), "type ts.fit_drivers(ts.ask(log))"),
    "a scenario for a survey": ("study_survey", (SHOP,), "type ts.study_survey(ts.ask(ts.simulate(scenario)))"),
    "answers for a fit": ("relative_importance", (pd.DataFrame(),), "type ts.relative_importance(ts.fit_drivers("),
    "a log for a scenario": ("simulate", (LOG,), "(got the log of a run); type ts.simulate(ts.load_scenario("),
    "a number for a name": ("load_scenario", (3,), "must be a name or a path (got int); type "
                            'ts.load_scenario("webshop")'),
    "a number for a fact": ("load_fact", (3,), "name: must be the name of a published table (got int); type "
                            'ts.load_fact("plspm_bank")'),
    "nothing for a table": ("study_moments", (None,), "moments: must be a published table: its name, a file, or what "
                            'was read of it (got nothing); type ts.study_moments("plspm_bank")'),
    "a scenario for a table": ("twin", (SHOP,), '(got a scenario); type ts.twin("plspm_bank")'),
    "names to compare": ("compare", ("a", "b"), 'type ts.compare(ts.load_scenario("a"), ...)\nvariants: must be a '
                         'scenario (got "b"); type ts.load_scenario("b"), or base.with_("b") if it is an intervention'),
}  # fmt: skip


@pytest.mark.parametrize("case", ASTRAY)
def test_a_wrong_subject_is_answered_with_what_to_type(case: str) -> None:
    verb, given, said = ASTRAY[case]
    with pytest.raises(ts.BadInput) as bad:
        getattr(ts, verb)(*given)
    assert said in str(bad.value)


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("wrong", [None, 5, object(), [SHOP]], ids=["nothing", "number", "object", "list"])
def test_no_verb_takes_just_anything(verb: str, wrong: object) -> None:
    with pytest.raises(ts.BadInput, match="must be .* type ts."):
        getattr(ts, verb)(wrong)


def test_a_subject_given_by_name_is_held_to_the_same_law() -> None:
    with pytest.raises(ts.BadInput, match=r"answers: must be a table of answers \(DataFrame\) \(got nothing\)"):
        ts.fit_drivers(answers=None)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="missing 1 required positional argument: 'scenario'"):
        ts.simulate()  # type: ignore[call-arg]
