"""Broken surveys: each one a clean message with place, law, what was found and what to try."""

from __future__ import annotations

import datetime
import os

import numpy as np
import pandas as pd
import pytest

from tests.study.surveys import continuous, equation
from touchsim.errors import BadInput
from touchsim.study.dominance import dominance
from touchsim.study.drivers import fit_drivers
from touchsim.study.importance import relative_importance
from touchsim.study.moments import study_moments
from touchsim.study.paths import mediation
from touchsim.study.performance import performance_map
from touchsim.study.survey import study_survey
from touchsim.study.tables import read_survey
from touchsim.study.twins import twin


def sound() -> pd.DataFrame:
    return continuous([0.5, 0.2, 0.1], 40).round(3).assign(kind=["a", "b"] * 20, n=2)


def changed(**columns) -> pd.DataFrame:
    return sound().assign(**columns)


def with_value(column: str, row: int, value: object) -> pd.DataFrame:
    frame = sound()
    frame[column] = frame[column].astype(object)
    frame.loc[row, column] = value
    return frame


# survey, what is added to the model, where, law, got, hint
BROKEN = {
    "a misspelt column": (sound().rename(columns={"x1": "X_1"}), {}, "column 'x1'", "no construct and no column", None,
                          None),
    "a misspelt item": (sound(), {"scales": {"x0": ["x00"]}}, "column 'x00'", "no such column", None,
                        "did you mean 'x0'?"),
    "a misspelt group": (sound(), {"groups": "kin"}, "groups", "no such column", "kin", "did you mean 'kind'?"),
    "a misspelt weight": (sound(), {"weights": "m"}, "weights", "no such column", "m", None),
    "a code for nobody": (sound(), {"missing": {"codes": {"x1_": 0}}}, "missing.codes.x1_", "is no construct",
                          None, "did you mean"),
    "a word among numbers": (with_value("x1", 6, "often"), {}, "column 'x1'", "must hold numbers, row 7 does not",
                             "'often'", "if it means no answer: missing: {codes: ['often']}"),
    "words instead of numbers": (changed(x1=["yes", "no"] * 20), {}, "column 'x1'",
                                 "row 1 does not, nor do 39 more", "'yes'", "code the words as numbers"),
    "a decimal comma": (with_value("x1", 0, "3,5"), {}, "column 'x1'", "must hold numbers", "'3,5'", "decimal point"),
    "capitals only": (sound().rename(columns={"x1": "X1", "x2": "x22"}), {"drivers": {"y": ["x0", "x1"]}},
                      "column 'x1'", "no construct and no column", None, "did you mean 'X1'?"),
    "a separator of thousands": (with_value("x1", 0, "1.234,5"), {}, "column 'x1'", "must hold numbers", "'1.234,5'",
                                 "plain numbers"),
    "percent signs": (changed(x1=["5%", "6%"] * 20), {}, "column 'x1'", "must hold numbers", "'5%'", "plain numbers"),
    "dates": (changed(x1=pd.Timestamp("2026-01-01")), {}, "column 'x1'", "must hold numbers", "dates", None),
    "python dates": (changed(x1=datetime.date(2026, 1, 1)), {}, "column 'x1'", "must hold numbers", "'2026-01-01'",
                     None),
    "infinity": (with_value("x1", 2, np.inf), {}, "column 'x1'", "finite numbers, row 3", "infinity", None),
    "a constant driver": (changed(x1=3), {}, "column 'x1'", "is constant", "3 in all 40", None),
    "a constant outcome": (changed(y=5), {}, "column 'y'", "is constant", "5 in all 40", None),
    "a column without answers": (changed(x1=np.nan), {}, "column 'x1'", "has no answer at all", None, None),
    "a column of codes only": (changed(x1=-99), {"missing": {"codes": -99}}, "column 'x1'", "has no answer at all",
                               None, None),
    "no complete row": (changed(x1=[1, None] * 20, x2=[None, 1] * 20), {}, "", "no row is complete", None,
                        "leave it out of the model"),
    "no rows": (sound().iloc[:0], {}, "", "has no rows", None, None),
    "more drivers than rows": (sound().iloc[:4], {}, "drivers.y", "needs more complete rows than", "4 rows", None),
    "a driver twice under two names": (changed(x2=sound()["x0"]), {}, "drivers.y",
                                       "'x2' is an exact combination of 'x0'", None, "leave one of them out"),
    "a sum of drivers": (changed(x2=2 * sound()["x0"] - sound()["x1"] + 7), {}, "drivers.y",
                         "'x2' is an exact combination of 'x0' and 'x1'", None, None),
    "an outcome computed from its drivers": (changed(y=sound()["x0"] + sound()["x1"]), {}, "drivers.y",
                                             "without error", None, "computed from its drivers"),
    "a logit of many values": (sound(), {"estimator": "logit"}, "drivers.y", "needs two values", "values",
                               "ordered_logit or ols"),
    "an ordered logit of measurements": (continuous([0.5, 0.2, 0.1], 200), {"estimator": "ordered_logit"}, "drivers.y",
                                         "at most 50 different values", "200 values", "ols"),
    "half a person": (with_value("n", 4, 1.5), {"weights": "n"}, "column 'n'", "whole numbers, 0 or more, row 5", "1.5",
                      "sampling weights"),
    "a negative frequency": (with_value("n", 0, -1), {"weights": "n"}, "column 'n'", "whole numbers", "-1", None),
    "a frequency that is not given": (with_value("n", 9, None), {"weights": "n"}, "column 'n'", "row 10", "nothing",
                                     None),
    "nobody": (changed(n=0), {"weights": "n"}, "column 'n'", "must add up to", "0", None),
    "too many people": (changed(n=10**9), {"weights": "n"}, "column 'n'", "must add up to", "4e+10", None),
    "a group of everybody": (changed(kind="a"), {"groups": "kind"}, "groups", "2 to 20 different values",
                             "1 in column 'kind'", None),
    "a group for each person": (changed(kind=range(40)), {"groups": "kind"}, "groups", "2 to 20", "40 in", None),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_survey_is_refused_with_place_law_and_hint(name):
    survey, more, where, law, got, hint = BROKEN[name]
    with pytest.raises(BadInput) as bad:
        fit_drivers(survey, equation(3, **more))
    (finding,) = bad.value.findings
    assert finding.where == where and law in finding.law
    assert got is None or got in str(finding.got)
    assert hint is None or hint in str(finding.hint)


def test_everything_wrong_with_the_columns_is_said_at_once():
    frame = changed(x0="a", x1=np.inf, n=-1).drop(columns="x2")
    with pytest.raises(BadInput) as bad:
        fit_drivers(frame, equation(3, weights="n"))
    assert {finding.where for finding in bad.value.findings} == {f"column '{name}'" for name in ("x0", "x1", "x2", "n")}


def test_both_files_are_judged_before_either_is_refused(tmp_path):
    (tmp_path / "model.yaml").write_text("drivers: {y: [y]}")
    with pytest.raises(BadInput) as bad:
        study_survey(tmp_path / "nowhere.csv", tmp_path / "model.yaml")
    assert "own driver" in str(bad.value) and "no such file" in str(bad.value)


def test_a_finding_in_a_file_names_the_file(tmp_path):
    changed(x1=3).to_csv(tmp_path / "mine.csv", index=False)
    with pytest.raises(BadInput, match="mine.csv: column 'x1': is constant"):
        study_survey(tmp_path / "mine.csv", equation(3))


def test_a_survey_without_a_model_is_refused():
    with pytest.raises(BadInput, match="pass model="):
        fit_drivers(sound())


FILES = {
    "empty": (b"", "is empty"),
    "blank": (b"\n \n", "is empty"),
    "a header only": (b"a,b,c\n", "no rows"),
    "a picture": (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4, "binary"),
    "noise": (bytes(np.random.default_rng(1).integers(1, 256, 4000, dtype=np.uint8)), "binary"),
    "Excel": (b"PK\x03\x04" + b"x" * 100, "Excel"),
    "SPSS": (b"$FL2@(#)" + b" " * 100, "SPSS"),
    "a broken Parquet": (b"PAR1" + b"\x00" * 50, "broken Parquet"),
    "a cut Parquet": (b"PAR1 and nothing more", "broken Parquet"),
    "rows longer than the header": (b"a,b\n1,2\n1,2,3\n1,2\n", "as many fields as the header"),
    "a title above the header": (b"Survey of March\na,b\n1,2\n3,4\n", "as many fields as the header (1)"),
    "one row that goes on": (b"a,b\n1,2\n1,2,3\n", "as many fields as the header"),
}


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_is_no_survey_is_refused_with_its_name(tmp_path, name):
    content, law = FILES[name]
    (tmp_path / "survey.csv").write_bytes(content)
    with pytest.raises(BadInput) as bad:
        read_survey(tmp_path / "survey.csv")
    (finding,) = bad.value.findings
    assert law in finding.law and finding.file == str(tmp_path / "survey.csv")


def test_a_column_twice_matters_only_where_the_model_needs_it(tmp_path):
    text = sound().rename(columns={"n": "x2 "}).to_csv(index=False)
    (tmp_path / "twice.csv").write_text(text)
    with pytest.raises(BadInput, match="column 'x2': stands twice in the header"):
        fit_drivers(read_survey(tmp_path / "twice.csv"), equation(3))
    fit = fit_drivers(read_survey(tmp_path / "twice.csv"), equation(2))
    assert fit.table["estimate"].tolist() == fit_drivers(sound(), equation(2)).table["estimate"].tolist()


def test_questions_in_a_second_line_of_header_are_one_finding_not_one_a_column(tmp_path):
    questions = pd.DataFrame([{name: f"How about {name}?" for name in sound()}])
    pd.concat([questions, sound().astype(object)]).to_csv(tmp_path / "tool.csv", index=False)
    with pytest.raises(BadInput) as bad:
        study_survey(tmp_path / "tool.csv", equation(3))
    (finding,) = bad.value.findings
    assert finding.where == "row 1" and "words in 4 columns" in finding.law and "second line" in str(finding.hint)


def test_the_same_words_in_many_columns_are_one_finding():
    scale = ["never", "sometimes", "often", "always"]
    frame = changed(x0=scale * 10, x1=scale[::-1] * 10, x2=scale[:2] * 20)
    with pytest.raises(BadInput) as bad:
        fit_drivers(frame, equation(3))
    (finding,) = bad.value.findings
    assert finding.where == "columns 'x0', 'x1' and 'x2'" and "code the words as numbers" in str(finding.hint)
    assert "the same words: 'always', 'never', 'often', 'sometimes'" in finding.law
    many = pd.DataFrame({f"q{i}": scale * 10 for i in range(1, 25)}).assign(y=range(40))
    with pytest.raises(BadInput, match="columns 'q1' to 'q24': must hold numbers"):
        fit_drivers(many, {"scales": {"q": [f"q{i}" for i in range(1, 25)]}, "drivers": {"y": ["q"]}})


def test_different_words_in_two_columns_are_two_findings():
    with pytest.raises(BadInput) as bad:
        fit_drivers(changed(x0=["yes", "no"] * 20, x1=["red", "blue"] * 20), equation(3))
    assert [finding.where for finding in bad.value.findings] == ["column 'x0'", "column 'x1'"]


@pytest.mark.parametrize("word", ["7 very", "7 (20 to 30)"])
def test_a_number_with_a_word_is_never_taken_for_no_answer(word):
    with pytest.raises(BadInput) as bad:
        fit_drivers(with_value("x1", 3, word), equation(3))
    (finding,) = bad.value.findings
    assert finding.hint == f"write the number alone: 7, not '{word}'"


def test_lists_in_a_column_are_named_as_such():
    with pytest.raises(BadInput, match="column 'x1': must hold one number in each row, and holds lists"):
        fit_drivers(changed(x1=[[1, 2]] * 40), equation(3))


def test_a_first_line_of_numbers_is_told_to_be_no_header(tmp_path):
    sound()[["y", "x0", "x1", "x2"]].to_csv(tmp_path / "bare.csv", index=False, header=False)
    with pytest.raises(BadInput) as bad:
        study_survey(tmp_path / "bare.csv", equation(3))
    (finding,) = bad.value.findings
    assert finding.where == "the first line" and "is no header" in finding.law
    numbered = sound().rename(columns={"y": "1", "x0": "2", "x1": "3"})[["1", "2", "3"]]
    with pytest.raises(BadInput, match="column '4': is no construct and no column; the survey has 1, 2 and 3"):
        fit_drivers(numbered, {"drivers": {"1": ["2", "4"]}})


def test_columns_that_are_not_there_are_told_together_with_those_that_are():
    with pytest.raises(BadInput) as bad:
        fit_drivers(sound(), {"drivers": {"y": ["speed", "advice", "X0"]}})
    hints = [finding.hint for finding in bad.value.findings]
    assert hints == ["the survey has x0, x1, x2, y, kind and n", None, "did you mean 'x0'?"]


def test_one_word_in_many_rows_is_asked_about_as_a_code():
    frame = changed(x1=[".", 1.5] * 5 + list(range(30)))
    with pytest.raises(BadInput, match=r"if it means no answer: missing: {codes: \['.'\]}"):
        fit_drivers(frame, equation(3))


def test_words_that_are_an_order_are_not_guessed_but_listed():
    frame = changed(x1=["never", "sometimes", "often", "always"] * 10)
    with pytest.raises(BadInput, match="code the words as numbers: always, never, often, sometimes"):
        fit_drivers(frame, equation(3))


def test_a_third_word_of_a_binary_outcome_may_be_declared_or_coded():
    frame = changed(y=["yes", "no"] * 19 + ["don't know"] * 2)
    with pytest.raises(BadInput, match="don't know, no, yes; or leave two of them, the others under missing.codes"):
        fit_drivers(frame, equation(3, estimator="logit"))


def test_a_third_value_of_a_binary_outcome_is_shown():
    frame = changed(y=[1, 2] * 19 + [9, 9])
    with pytest.raises(BadInput, match=r"got 3 values: 1, 2, 9.*a code for missing.codes"):
        fit_drivers(frame, equation(3, estimator="logit"))


def test_an_item_that_is_no_column_is_not_likened_to_its_own_construct():
    with pytest.raises(BadInput) as bad:
        fit_drivers(sound(), {"scales": {"info": ["info_1", "x1"]}, "drivers": {"y": ["info"]}})
    assert bad.value.findings[0].hint == "the survey has x0, x1, x2, y, kind and n", "not 'info', which is no column"


def test_a_missing_file_hints_at_its_neighbour_and_a_folder_is_no_file(tmp_path):
    (tmp_path / "survey.csv").write_text("a\n1\n")
    with pytest.raises(BadInput, match="no such file; did you mean 'survey.csv'"):
        read_survey(tmp_path / "survye.csv")
    with pytest.raises(BadInput, match="is a folder"):
        read_survey(tmp_path)


def test_a_file_that_disappears_while_it_is_read_is_a_finding(tmp_path, monkeypatch):
    file = tmp_path / "survey.csv"
    file.write_text("a,b\n1,2\n")
    monkeypatch.setattr("pathlib.Path.exists", lambda path: bool(os.remove(file)) or True)
    with pytest.raises(BadInput, match="cannot be read: no such file"):
        read_survey(file)


CHANCE = {
    "study": lambda **asked: study_survey(sound(), equation(3), **asked),
    "moments": lambda **asked: study_moments("plspm_bank", **asked),
    "importance": lambda **asked: relative_importance(fit_drivers(sound(), equation(3)), **asked),
    "dominance": lambda **asked: dominance(fit_drivers(sound(), equation(3)), **asked),
    "performance": lambda **asked: performance_map(fit_drivers(sound(), equation(3)), **asked),
    "mediation": lambda **asked: mediation(sound(), {"drivers": {"x1": ["x0"], "y": ["x1"]}}, **asked),
}


@pytest.mark.parametrize("verb", CHANCE.values(), ids=CHANCE)
@pytest.mark.parametrize("asked", [{"seed": -1, "draws": 0}, {"seed": 1.5, "draws": True}, {"seed": "one"}])
def test_seed_and_draws_are_whole_numbers_and_said_together(verb, asked):
    with pytest.raises(BadInput) as bad:
        verb(**asked)
    assert {finding.where for finding in bad.value.findings} == set(asked)


def test_a_twin_takes_a_seed_from_nought_up():
    with pytest.raises(BadInput) as bad:
        twin("plspm_bank", n=2, seed=-3)
    assert [finding.where for finding in bad.value.findings] == ["seed", "n"]
