"""Survey files as form tools and spreadsheets write them: read the same whatever their dress."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.study.surveys import asked, continuous, equation, rated
from touchsim.documents import dump_yaml
from touchsim.errors import BadInput
from touchsim.study.model import model_of
from touchsim.study.survey import study_survey
from touchsim.study.tables import read_survey

PLAIN = pd.DataFrame({"Größe": [1.5, 2.25, 3.0], "SA1": [7, 6, 5], "wer": ["Änne", "Björn", "Chloé"]})


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1", "cp1252", "utf-16"])
@pytest.mark.parametrize(("separator", "decimal"), [(",", "."), (";", ","), (";", "."), ("\t", ","), ("|", ".")])
def test_every_common_dress_of_a_csv_reads_the_same(tmp_path, encoding, separator, decimal):
    file = tmp_path / "survey.txt"
    PLAIN.to_csv(file, sep=separator, decimal=decimal, encoding=encoding, index=False)
    pd.testing.assert_frame_equal(read_survey(file), PLAIN, check_dtype=False)


def test_parquet_is_told_by_its_content_not_its_name(tmp_path):
    PLAIN.to_parquet(tmp_path / "survey.csv")
    pd.testing.assert_frame_equal(read_survey(tmp_path / "survey.csv"), PLAIN, check_dtype=False)


def test_a_line_that_names_the_separator_is_skipped(tmp_path):
    (tmp_path / "excel.csv").write_bytes(b"sep=;\r\na;b\r\n1,5;2\r\n2,5;3\r\n")
    assert read_survey(tmp_path / "excel.csv").to_dict("list") == {"a": [1.5, 2.5], "b": [2, 3]}


def test_quoted_separators_and_spaces_around_names_do_no_harm(tmp_path):
    (tmp_path / "quoted.csv").write_text('"a" , b\n1,"x; y, z"\n2,"w"\n')
    frame = read_survey(tmp_path / "quoted.csv")
    assert list(frame) == ["a", "b"] and frame["b"].tolist() == ["x; y, z", "w"]


def test_a_comma_between_thousands_is_not_taken_for_a_decimal_comma(tmp_path):
    (tmp_path / "money.csv").write_text('a,b\n"1,234",2\n"5,678",3\n')
    assert read_survey(tmp_path / "money.csv")["a"].tolist() == ["1,234", "5,678"]


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_a_study_of_a_file_equals_the_study_of_its_frame(tmp_path, kind):
    frame, model = rated({"speed": 0.5, "price": 0.3}, 150), asked(["speed", "price"], blocks={"one": ["speed"]})
    file = tmp_path / f"survey.{kind}"
    frame.to_csv(file, index=False) if kind == "csv" else frame.to_parquet(file)
    (tmp_path / "model.yaml").write_text(dump_yaml(model_of(model)))
    filed, held = study_survey(file, tmp_path / "model.yaml", draws=100), study_survey(frame, model, draws=100)
    for name, table in held.tables().items():
        pd.testing.assert_frame_equal(table, filed.tables()[name], check_exact=True)


def test_nullable_boolean_and_category_columns_are_numbers():
    frame = continuous([0.5, 0.3], 60)
    frame["x0"] = pd.array(np.round(frame["x0"]).astype(int), dtype="Int8")
    frame["x1"] = frame["x1"] > 0
    frame["y"] = pd.Categorical(np.round(frame["y"]).astype(int))
    study = study_survey(frame, equation(2), draws=100)
    same = frame.astype({"x0": float, "x1": float, "y": float})
    pd.testing.assert_frame_equal(study.coefficients, study_survey(same, equation(2), draws=100).coefficients)


def test_ordered_words_count_as_steps_and_the_study_says_so():
    frame = continuous([0.8], 200)
    levels = np.digitize(frame["y"], [-1, 1])
    frame["y"] = pd.Categorical.from_codes(levels, ["unlikely", "likely", "certain"], ordered=True)
    study = study_survey(frame, equation(1, estimator="ordered_logit"), draws=100)
    assert "unlikely, likely, certain count as 3 equal steps" in " ".join(study.warnings)
    numbers = study_survey(frame.assign(y=levels), equation(1, estimator="ordered_logit"), draws=100)
    pd.testing.assert_frame_equal(study.coefficients, numbers.coefficients)


def test_a_binary_outcome_of_two_words_is_read_and_the_study_says_how():
    frame = continuous([0.8, 0.2], 300)
    upper = frame["y"] > 0
    words = frame.assign(y=np.where(upper, "satisfied", "neutral or dissatisfied"))
    study = study_survey(words, equation(2, estimator="logit"), draws=100)
    assert "'satisfied' counts as 1 and 'neutral or dissatisfied' as 0" in " ".join(study.warnings)
    numbers = study_survey(frame.assign(y=upper.astype(int)), equation(2, estimator="logit"), draws=100)
    pd.testing.assert_frame_equal(study.coefficients, numbers.coefficients)


WORDS = [("nein", "ja"), ("No", "Yes"), ("not bought", "bought"), ("neutral or dissatisfied", "satisfied"), ("A", "B")]


@pytest.mark.parametrize(("no", "yes"), WORDS)
def test_of_two_words_the_one_that_denies_is_zero_and_else_the_first_by_alphabet(no, yes):
    frame = continuous([0.8], 200)
    frame["y"] = np.where(frame["y"] > 0, yes, no)
    study = study_survey(frame, equation(1, estimator="logit"), draws=100)
    assert study.coefficients["estimate"].item() > 0
    assert f"'{yes}' counts as 1 and '{no}' as 0" in " ".join(study.warnings)


@pytest.mark.parametrize("dress", ["{} - {}", "{} = {}", "{}. {}", "({}) {}", "{}: {}", "{} ({})"])
@pytest.mark.parametrize("ends_only", [True, False])
def test_labels_beside_numbers_do_no_harm_and_the_study_says_what_it_read(dress, ends_only):
    frame, model = rated({"speed": 0.5, "price": 0.3}, 150), asked(["speed", "price"])
    words = {1: "strongly disagree", 2: "disagree", 3: "rather not", 4: "neither", 5: "rather", 6: "agree", 7: "fully"}
    dressed = {value: dress.format(value, word) for value, word in words.items()}
    told = frame.copy()
    for item in ("price1", "price2"):
        kept = {value: (text if value in (1, 7) or not ends_only else str(value)) for value, text in dressed.items()}
        told[item] = frame[item].map(kept)
    study = study_survey(told, model, draws=100)
    pd.testing.assert_frame_equal(study.coefficients, study_survey(frame, model, draws=100).coefficients)
    (note,) = (sentence for sentence in study.warnings if "labels stand beside" in sentence)
    assert note.startswith("'price1' and 'price2': ") and "'fully'" in note


def test_a_label_with_two_numbers_or_a_number_with_two_labels_is_no_answer_sheet():
    frame = continuous([0.8], 40)
    for words in (["1 - good", "2 - good"], ["1 - good", "1 - bad"], ["18-24", "25-34"]):
        with pytest.raises(BadInput, match="must hold numbers"):
            study_survey(frame.assign(x0=words * 20), equation(1))


def test_a_decimal_comma_is_read_beside_declared_words(tmp_path):
    frame = continuous([0.8], 80).round(2)
    words = frame.assign(x0=frame["x0"].astype(object))
    words.loc[[3, 5], "x0"] = "k. A."
    words.to_csv(tmp_path / "excel.csv", sep=";", decimal=",", index=False)
    text = (tmp_path / "excel.csv").read_text().replace(".", ",").replace("k, A,", "k. A.")
    (tmp_path / "excel.csv").write_text(text)
    study = study_survey(tmp_path / "excel.csv", equation(1, missing={"codes": ["k. A."]}), draws=100)
    plain = study_survey(frame.drop(index=[3, 5]), equation(1), draws=100)
    pd.testing.assert_frame_equal(study.coefficients, plain.coefficients)


def test_a_quoted_decimal_comma_is_read_where_commas_separate_too(tmp_path):
    (tmp_path / "quoted.csv").write_text('a,b\n"1,25","1,234"\n"2,5","5,678"\n')
    frame = read_survey(tmp_path / "quoted.csv")
    assert frame["a"].tolist() == [1.25, 2.5] and frame["b"].tolist() == ["1,234", "5,678"], "thousands stay words"


def test_a_line_break_in_a_name_reads_as_a_space(tmp_path):
    (tmp_path / "form.csv").write_text('"How was it?\n(1 = bad)",b\n1,2\n2,3\n')
    assert list(read_survey(tmp_path / "form.csv")) == ["How was it? (1 = bad)", "b"]


def test_a_word_for_no_answer_may_be_declared():
    frame = continuous([0.8], 80).round(2)
    frame["x0"] = frame["x0"].astype(object)
    frame.loc[[3, 5], "x0"] = "k. A."
    study = study_survey(frame, equation(1, missing={"codes": {"x0": ["k. A."]}}), draws=100)
    assert study.fit["n"].item() == 78


@pytest.mark.parametrize("code", [-99, -99.0, "-99", " -99"])
@pytest.mark.parametrize("kind", [int, float, str, "Int64"])
def test_a_code_that_is_a_number_is_found_quoted_or_not(code, kind):
    frame = continuous([0.8], 80)
    frame["x0"] = np.round(10 * frame["x0"]).astype(int)
    frame.loc[[3, 5], "x0"] = -99
    frame["x0"] = frame["x0"].astype(kind)
    study = study_survey(frame, equation(1, missing={"codes": {"x0": [code]}}), draws=100)
    assert study.fit["n"].item() == 78


@pytest.mark.parametrize("estimator", ["ols", "logit"])
def test_true_and_false_with_gaps_are_numbers_as_they_are_without(tmp_path, estimator):
    frame = continuous([0.8], 120)
    frame["y"] = (frame["y"] > 0).astype(object)
    frame.loc[[3, 5], "y"] = None
    frame.to_csv(tmp_path / "gaps.csv", index=False)
    study = study_survey(tmp_path / "gaps.csv", equation(1, estimator=estimator), draws=100)
    numbers = study_survey(frame.dropna().astype(float), equation(1, estimator=estimator), draws=100)
    assert study.fit["n_lost"].item() == 2 and not any("counts as 1" in warning for warning in study.warnings)
    np.testing.assert_allclose(study.coefficients["std_beta"], numbers.coefficients["std_beta"])


def test_empty_rows_at_the_foot_of_a_spreadsheet_are_no_respondents(tmp_path):
    (tmp_path / "excel.csv").write_text("a;b\n1,5;2\n;\n2,5;3\n;\n;\n\n")
    assert len(read_survey(tmp_path / "excel.csv")) == 3, "an empty row between others is somebody who said nothing"


@pytest.mark.parametrize(("rest", "first"), [("2,5", 147_670), ("2.5", 147.67)])
def test_a_dot_parts_thousands_where_commas_are_decimal(tmp_path, rest, first):
    (tmp_path / "a.csv").write_text("x;y\n" + "".join(f"{x};{rest}\n" for x in ("147.670", "133.125", "12.500")))
    assert read_survey(tmp_path / "a.csv")["x"].tolist()[0] == first


def test_dots_with_three_digits_beside_whole_numbers_part_thousands(tmp_path):
    (tmp_path / "a.csv").write_text("x;z;y\n147.670;1.125;3\n519;2.5;4\n1.000;3;5\n")
    found = read_survey(tmp_path / "a.csv")
    assert found["x"].tolist() == [147_670, 519, 1000] and found["z"].tolist() == [1.125, 2.5, 3]
    rows = "".join(f"{1 + j}.{j:02}0;{j % 7},5\n" for j in range(60))
    (tmp_path / "b.csv").write_text("x;y\n" + rows)
    said = study_survey(tmp_path / "b.csv", {"drivers": {"y": ["x"]}}, draws=100).warnings
    assert "'x': dots part thousands, 1.000 is read as 1000." in said


def test_a_study_of_a_file_says_which_bytes_it_studied(tmp_path):
    import hashlib

    frame = continuous([0.8], 80)
    frame.to_csv(tmp_path / "mine.csv", index=False)
    facts = study_survey(tmp_path / "mine.csv", equation(1), draws=100, seed=3).provenance
    sha = hashlib.sha256((tmp_path / "mine.csv").read_bytes()).hexdigest()
    assert facts == {"survey": "mine.csv", "sha256": sha, "rows": 80, "columns": 2, "draws": 100, "bootstrap_seed": 3}
    assert "survey" not in study_survey(frame, equation(1), draws=100).provenance


def test_what_a_frame_carries_along_does_not_slow_its_study_down():
    class Heavy:
        copies = 0

        def __deepcopy__(self, memo):
            Heavy.copies += 1
            return self

    frame = continuous([0.8, 0.2], 80).assign(kind=["a", "b"] * 40)
    frame.attrs["note"] = Heavy()
    study_survey(frame, equation(2, groups="kind"), draws=100)
    assert Heavy.copies == 0 and "note" in frame.attrs


def test_25000_rows_and_14_drivers_take_seconds():
    import time

    frame = continuous(list(np.linspace(0, 0.5, 14)), 25_000)
    start = time.process_time()
    study_survey(frame, equation(14, blocks={"a": ["x0", "x1"], "b": ["x2", "x3"]}))
    assert time.process_time() - start < 20


def test_utf_16_without_its_mark_and_signs_that_nobody_sees_in_names_do_no_harm(tmp_path):
    for encoding in ("utf-16-le", "utf-16-be"):
        (tmp_path / "wide.csv").write_bytes(PLAIN.to_csv(index=False).encode(encoding))
        pd.testing.assert_frame_equal(read_survey(tmp_path / "wide.csv"), PLAIN, check_dtype=False)
    (tmp_path / "unseen.csv").write_text("\u200ba,\ufeffb\u200b\n1,2\n", encoding="utf-8")
    assert list(read_survey(tmp_path / "unseen.csv")) == ["a", "b"]


@pytest.mark.parametrize(("content", "law"), [
    (b"$FL3@(#) SPSS", "is an SPSS file"), (b"ARROW1\0\0", "is a Feather file"),
    (b"<!DOCTYPE html><table>", "is a web page"), (b'{"a": [1, 2]}', "is JSON"), (b'[{"a": 1}]', "is JSON"),
    (b"a b c\n1 2 3\n4 5 6\n", "holds one column only .got a b c.; separate columns by commas"),
])  # fmt: skip
def test_files_of_other_kinds_are_called_by_their_name(tmp_path, content, law):
    (tmp_path / "survey.csv").write_bytes(content)
    with pytest.raises(BadInput, match=law):
        read_survey(tmp_path / "survey.csv")
    (tmp_path / "text.csv").write_text("what went wrong\nnothing at all\nthe queue\n")
    assert list(read_survey(tmp_path / "text.csv")) == ["what went wrong"], "sentences are no columns"


def test_numbers_that_a_spreadsheet_keeps_as_text_are_numbers(tmp_path):
    frame = continuous([0.8], 60)
    frame["x0"] = np.round(frame["x0"])
    frame.assign(x0=frame["x0"].map(lambda value: f'="{value:g}"')).to_csv(tmp_path / "text.csv", index=False)
    study, plain = (study_survey(what, equation(1), draws=100) for what in (tmp_path / "text.csv", frame))
    np.testing.assert_allclose(study.coefficients["estimate"], plain.coefficients["estimate"])


def test_a_header_that_has_none_of_many_columns_is_one_finding(tmp_path):
    (tmp_path / "other.csv").write_text("alpha,beta\n1,2\n2,3\n")
    with pytest.raises(BadInput) as bad:
        study_survey(tmp_path / "other.csv", equation(12))
    (finding,) = bad.value.findings
    assert finding.where.endswith("'x7' and 5 more") and finding.hint == "the survey has alpha and beta"
