"""Answers in words: the model says which number each word has, and codes never hit a word by its number."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.study.surveys import asked, continuous, equation, rated
from touchsim.errors import BadInput
from touchsim.study.model import model_of, read_model
from touchsim.study.survey import study_survey

SCALE = ["strongly disagree", "disagree", "rather not", "neither", "rather", "agree", "strongly agree"]


def in_words(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.apply(lambda column: column.map(dict(enumerate(SCALE, 1))))


@pytest.mark.parametrize("dress", [str, str.upper, lambda word: f" {word} "])
def test_a_list_of_words_in_the_model_counts_from_the_lowest(tmp_path, dress):
    frame, model = rated({"speed": 0.5, "price": 0.3}, 150), asked(["speed", "price"])
    in_words(frame).map(dress).to_csv(tmp_path / "words.csv", index=False)
    study = study_survey(tmp_path / "words.csv", {**model, "words": SCALE}, draws=100)
    pd.testing.assert_frame_equal(study.coefficients, study_survey(frame, model, draws=100).coefficients)


def test_each_column_may_have_numbers_of_its_own_beside_those_of_every_column(tmp_path):
    frame = continuous([0.8, 0.4], 200)
    frame["x0"], frame["x1"] = (np.digitize(frame[name], [-0.5, 0.5]) for name in ("x0", "x1"))
    told = frame.assign(x0=frame["x0"].map({0: "low", 1: "middle", 2: "high"}),
                        x1=frame["x1"].map({0: "low", 1: "middle", 2: "high"}))  # fmt: skip
    (tmp_path / "model.yaml").write_text(
        "drivers: {y: [x0, x1]}\nwords:\n  '*': [low, middle, high]\n  x1: {low: 0, middle: 1, high: 10}\n"
    )
    study = study_survey(told, read_model(tmp_path / "model.yaml"), draws=100)
    numbers = frame.assign(x0=frame["x0"] + 1, x1=frame["x1"].map({0: 0, 1: 1, 2: 10}))
    pd.testing.assert_frame_equal(study.coefficients, study_survey(numbers, equation(2), draws=100).coefficients)


def test_a_word_that_the_model_does_not_know_is_told_and_numbers_stay_numbers():
    frame = continuous([0.8], 90).assign(x0=["low", "2", "high"] * 30)
    frame.loc[4, "x0"] = "hihg"
    with pytest.raises(BadInput, match="column 'x0': must hold numbers, row 5 does not .*; did you mean 'high'"):
        study_survey(frame, equation(1, words={"x0": ["low", "middle", "high"]}), draws=100)
    study = study_survey(frame.drop(index=4), equation(1, words={"x0": ["low", "middle", "high"]}), draws=100)
    assert study.fit["n"].item() == 89
    with pytest.raises(BadInput, match="words.x1: is no construct and no column"):
        study_survey(frame, equation(1, words={"x1": ["low", "high"]}), draws=100)


def test_a_word_that_the_model_forgot_may_be_one_of_the_order():
    frame = continuous([0.8], 90).assign(x0=["low", "rather", "high"] * 30)
    with pytest.raises(BadInput, match=r"codes: \['rather'\]}; or list it in the model's words, in its place"):
        study_survey(frame, equation(1, words={"x0": ["low", "high"]}), draws=100)


def test_the_hint_says_how_to_tell_the_order():
    frame = continuous([0.8], 90).assign(x0=["low", "middle", "high"] * 30)
    with pytest.raises(BadInput, match=r"the lowest first: words: \{'x0': \[...\]\}"):
        study_survey(frame, equation(1), draws=100)
    frame = continuous([0.8], 90).assign(y=["satisfied", "neutral or dissatisfied"] * 45)
    with pytest.raises(BadInput, match="or estimator: logit, which reads two words"):
        study_survey(frame, equation(1), draws=100)


@pytest.mark.parametrize("kind", ["two words", "true and false", "ordered categories"])
def test_a_code_for_every_column_does_not_hit_a_word_by_its_number(kind):
    frame = continuous([0.8], 300)
    frame["x0"] = np.clip(np.round(frame["x0"] + 2), 0, 5)
    upper = frame["y"] > frame["y"].median()
    frame["y"] = upper.map({True: "yes", False: "no"})
    if kind == "true and false":
        frame["y"] = upper
    if kind == "ordered categories":
        frame["y"] = pd.Categorical(frame["y"], ["no", "yes"], ordered=True)
    code = 1 if kind == "ordered categories" else 0
    study = study_survey(frame, equation(1, estimator="logit", missing={"codes": [code]}), draws=100)
    assert study.fit["n"].item() == (frame["x0"] != code).sum()


def test_a_code_for_every_column_that_empties_one_is_named():
    frame = continuous([0.8, 0.3], 300).assign(x1=np.arange(300) % 2)
    with pytest.raises(BadInput, match="reads 0 as no answer in every column: name the columns for which it is one"):
        study_survey(frame, equation(2, missing={"codes": [0]}), draws=100)
    with pytest.raises(BadInput, match="column 'x1': is constant .*; leave it out of the model$"):
        study_survey(frame.assign(x1=3), equation(2), draws=100)


@pytest.mark.parametrize("words", [["never", "Never", "often"], {"y": {"never": 1, " NEVER": 2}}])
def test_a_word_stands_once_whatever_its_letters(words):
    with pytest.raises(BadInput, match="a word stands once, in small or capital letters: 'never' stands twice"):
        model_of({"drivers": {"y": ["x"]}, "words": words})


def test_one_word_is_no_list_of_words():
    with pytest.raises(BadInput, match="words: must be a list of words, the lowest first, or a mapping"):
        model_of({"drivers": {"y": ["x"]}, "words": "never"})
