"""Items of a scale that do not say the same thing: named each for what it is, and no other blamed."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.study.surveys import asked, rated
from touchsim.study.drivers import fit_drivers
from touchsim.study.soundness import backward_items
from touchsim.study.survey import study_survey

DRIVERS = {"speed": 0.5, "price": 0.3, "tone": 0.1}


def warnings_of(frame: pd.DataFrame, model: dict | None = None) -> str:
    return "\n".join(fit_drivers(frame, model or asked(list(DRIVERS))).warnings)


@pytest.mark.parametrize("turned", [["price2"], ["price1"], ["price1", "price4"], ["price2", "price5"]])
def test_only_the_items_coded_backwards_are_named(turned):
    frame = rated(DRIVERS, noise=0.9, items=5)
    frame[turned] = 8 - frame[turned]
    model = asked(list(DRIVERS), items=5)
    names = " and ".join(map(repr, turned))
    assert f"{names} run{'s' if len(turned) == 1 else ''} against the other items of price" in warnings_of(frame, model)
    assert "run" not in warnings_of(rated(DRIVERS, noise=0.9, items=5), model)


def test_of_three_items_one_coded_backwards_is_not_the_fault_of_all(small=600):
    frame = rated(DRIVERS, small, noise=0.7)
    frame["price2"] = 8 - frame["price2"]
    assert backward_items(frame[["price1", "price2", "price3"]]) == ("price2",)


def test_two_items_that_run_against_each_other_are_asked_about_both():
    frame = rated(DRIVERS, noise=0.4, items=2)
    frame["price2"] = 8 - frame["price2"]
    study = study_survey(frame, asked(list(DRIVERS), items=2), draws=100)
    question = "'price1' and 'price2', the items of price, run against each other: is one of them reverse-coded?"
    assert question in study.warnings and "?." not in study.answer
    assert not any("reliability of price" in sentence.lower() for sentence in study.warnings)


def test_items_that_have_nothing_in_common_are_weak_not_backward():
    frame = rated(DRIVERS, noise=0.4)
    frame[["price1", "price2", "price3"]] = np.random.default_rng(1).integers(1, 8, (600, 3))
    said = warnings_of(frame)
    assert "reliability of price is poor" in said.lower() and "against" not in said


def test_a_code_in_an_item_is_told_as_a_code_and_not_as_an_item_coded_backwards():
    frame = rated(DRIVERS, noise=0.4)
    frame.loc[frame.index[frame["price1"] > 5][:60], "price1"] = -99
    said = warnings_of(frame)
    assert "'price1' holds -99" in said and "against" not in said


def test_a_weak_outcome_is_explained_less_and_a_weak_driver_is_pulled_to_zero():
    frame = rated(DRIVERS, noise=0.4)
    rng = np.random.default_rng(1)
    for scale in ("price", "satisfaction"):
        frame[[f"{scale}{item}" for item in (1, 2, 3)]] += 4 * rng.normal(size=(600, 3))
    said = warnings_of(frame).lower()
    assert "of satisfaction is poor" in said.split("its drivers seem to explain less")[0].split("\n")[-1]
    assert "of price is poor" in said.split("its coefficient is pulled towards zero")[0].split("\n")[-1]
    without = warnings_of(frame, asked(list(DRIVERS), estimator="sem")).lower()
    assert "taken out" in without and "pulled towards zero" not in without


def test_columns_that_are_copies_are_named_within_a_scale_and_between_two():
    frame = rated(DRIVERS, noise=0.9)
    frame["price2"] = frame["price1"]
    assert "'price1' and 'price2' hold the same answers in every row" in warnings_of(frame)
    frame = rated(DRIVERS, noise=0.9)
    frame["tone3"] = frame["price1"]
    assert "'price1' and 'tone3' hold the same answers in every row" in warnings_of(frame)


def test_a_heywood_case_is_named_with_its_item():
    rng = np.random.default_rng(1)
    mood = rng.normal(size=600)
    frame = rated(DRIVERS, noise=0.4)
    frame["price1"], frame["price2"] = mood, mood + 0.02 * rng.normal(size=600)
    frame["price3"] = 0.3 * mood + rng.normal(size=600)
    said = warnings_of(frame)
    assert "the one-factor model of price leaves" in said.lower() and "(a Heywood case)" in said
    assert "Heywood" not in warnings_of(rated(DRIVERS, noise=0.4))


def test_many_who_give_everything_the_same_answer_are_counted():
    frame = rated(DRIVERS, noise=0.4)
    frame.iloc[:120] = np.random.default_rng(1).integers(1, 8, 120)[:, None]
    assert "20 of 600 rows give the same answer to all 12 items" in warnings_of(frame)
    frame = rated(DRIVERS, noise=0.4)
    frame.iloc[:40] = 4
    assert "the same answer to all" not in warnings_of(frame)


def test_one_answer_is_counted_among_items_of_one_scale_and_never_of_yes_or_no():
    frame = rated(dict.fromkeys(["speed", "price", "tone"], 0.3))
    frame.iloc[:100] = 4.0
    model = asked(["speed", "price", "tone"])
    model["scales"] |= {"blue": "blue"}
    other = frame.assign(blue=np.resize(np.arange(11.0), len(frame)))
    sentence = "100 of 600 rows give the same answer to all 12 items"
    assert f"{sentence}: who" in warnings_of(frame, asked(["speed", "price", "tone"]))
    assert f"{sentence}: who" not in warnings_of(other, model | {"marker": "blue"})
    assert f"{sentence} of one answer scale" in warnings_of(other, model | {"marker": "blue"})
    assert f"{sentence} of one answer scale" in warnings_of(other, model)
    assert "the same answer to all" not in warnings_of((frame > 4) * 1.0, asked(["speed", "price", "tone"]))
