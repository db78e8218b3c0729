"""Importance against performance: a quadrant is given only where both intervals allow it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import touchsim as ts
from tests.study.surveys import asked, equation, rated, with_exact_moments
from touchsim.study.importance import relative_importance

MATTERS = {"slow": 0.8, "fine": 0.8, "idle": 0.05, "shiny": 0.05}


def survey(n: int = 800, *, seed: int = 1) -> pd.DataFrame:
    """Two drivers that matter and two that do not, one of each done badly."""
    frame = rated(MATTERS, n, seed=seed, noise=0.4)
    for name, shift in {"slow": -1, "idle": -1, "fine": 1, "shiny": 1}.items():
        columns = [f"{name}{item}" for item in (1, 2, 3)]
        frame[columns] = np.clip(frame[columns] + shift, 1, 7)
    return frame


def test_each_driver_lands_in_the_quadrant_in_which_it_was_made():
    found = ts.performance_map(ts.fit_drivers(survey(), asked(list(MATTERS))), draws=300)
    assert found.table.set_index("term")["quadrant"].to_dict() == {
        "slow": "concentrate", "fine": "keep_up", "idle": "low_priority", "shiny": "overkill"}  # fmt: skip
    assert "concentrate here: slow; keep up the good work: fine; low priority: idle" in found.text
    assert "no quadrant" not in found.text


def test_importance_is_the_lmg_share_and_performance_the_mean_with_the_interval_of_a_mean():
    fit = ts.fit_drivers(survey(300), asked(list(MATTERS)))
    table = ts.performance_map(fit, draws=300).table.set_index("term")
    shares = relative_importance(fit, draws=300).table.query("method == 'lmg'").set_index("term")
    assert table["importance"].to_dict() == shares["share"].to_dict()
    assert table["importance_low"].to_dict() == shares["low"].to_dict()
    scores = fit.answers.scores
    result = stats.ttest_1samp(scores["slow"], 0).confidence_interval()
    assert (table.loc["slow", "performance_low"], table.loc["slow", "performance_high"]) == pytest.approx(tuple(result))
    gap = scores["slow"] - scores[list(MATTERS)].mean(axis=1)
    result = stats.ttest_1samp(gap, 0).confidence_interval()
    assert (table.loc["slow", "above_low"], table.loc["slow", "above_high"]) == pytest.approx(tuple(result))
    assert table["above"].sum() == pytest.approx(0.0, abs=1e-12)


def test_drivers_that_are_alike_are_in_no_quadrant_and_the_text_says_so():
    even = np.array([[1, 0.4, 0.5], [0.4, 1, 0.5], [0.5, 0.5, 1]])
    frame = pd.DataFrame(with_exact_moments(np.full(3, 4.0), np.ones(3), even, 200), columns=["x0", "x1", "y"])
    found = ts.performance_map(ts.fit_drivers(frame, equation(2)), draws=300)
    assert list(found.table["quadrant"]) == ["", ""]
    assert "not told from a line, so in no quadrant: x0, x1" in found.text and "concentrate" not in found.text


def test_rows_of_one_cluster_that_say_the_same_do_not_narrow_an_interval():
    frame = survey(100)
    ten = pd.concat([frame.assign(who=range(100))] * 10, ignore_index=True)
    one = ts.performance_map(ts.fit_drivers(frame, asked(list(MATTERS))), draws=100).table
    both = ts.performance_map(ts.fit_drivers(ten, asked(list(MATTERS), clusters="who")), draws=100).table
    assert both["performance_low"].tolist() == pytest.approx(one["performance_low"].tolist())
    naive = ts.performance_map(ts.fit_drivers(ten, asked(list(MATTERS))), draws=100).table
    assert (naive["performance_low"] > both["performance_low"]).all()


def test_scales_of_different_length_are_compared_in_percent_of_their_range_and_that_is_said():
    frame = survey(300)
    yes = ["slow1", "slow2", "slow3"]
    frame[yes] = (frame[yes] >= 4).astype(int)
    found = ts.performance_map(ts.fit_drivers(frame, asked(list(MATTERS))), draws=100)
    assert set(found.table["unit"]) == {"percent"} and found.table["performance"].between(0, 100).all()
    assert found.table.set_index("term").loc["slow", "performance"] == pytest.approx(100 * frame[yes].to_numpy().mean())
    assert "answered on different scales" in found.text
    assert "% of the range" in found.plot().get_xlabel()


def test_a_study_and_a_published_table_have_the_map_and_a_logit_without_estimates_has_none():
    study = ts.study_survey(survey(300), asked(list(MATTERS)), draws=100)
    assert study.performance["term"].tolist() == list(MATTERS)
    table = pd.DataFrame({"a": [2, 1, 300, 1, 0.3, 0.6], "b": [4, 1, 300, 0.3, 1, 0.4], "y": [0, 1, 300, 0.6, 0.4, 1]},
                         index=["mean", "sd", "n", "a", "b", "y"])  # fmt: skip
    found = ts.performance_map(ts.fit_moments(table, {"drivers": {"y": ["a", "b"]}}), draws=300).table
    assert found["performance"].tolist() == pytest.approx([2.0, 4.0]) and set(found["unit"]) == {"points"}
    assert found["performance_high"].tolist() == pytest.approx([m + stats.t.ppf(0.975, 299) / 300**0.5 for m in (2, 4)])
    frame = survey(300)
    scale = {"scales": {}, "drivers": {"y": ["slow1", "fine1"]}, "estimator": "logit"}
    frame["y"] = (frame["slow1"] > 4).astype(int)
    assert ts.study_survey(frame, scale, draws=100).performance.empty
    with pytest.raises(ts.BadInput, match="no finite coefficients"):
        ts.performance_map(ts.fit_drivers(frame, scale), draws=100)


def test_what_cannot_be_mapped_is_refused():
    fit = ts.fit_drivers(survey(300), asked(list(MATTERS)))
    with pytest.raises(ts.BadInput, match="did you mean 'satisfaction'"):
        ts.performance_map(fit, "satisfacton")
    with pytest.raises(ts.BadInput, match="at least two drivers"):
        ts.performance_map(ts.fit_drivers(survey(300), {"drivers": {"slow1": ["fine1"]}}))


def test_the_picture_fills_what_is_told_from_both_lines_and_numbers_by_importance():
    from matplotlib import pyplot

    found = ts.performance_map(ts.fit_drivers(survey(), asked(list(MATTERS))), draws=300)
    table = found.table.assign(quadrant=["concentrate", "", "low_priority", ""])
    ax = type(found)(table, found.fit).plot()
    counted = {gid: len(ax.findobj(lambda part, gid=gid: part.get_gid() == gid)) for gid in ("sure", "unsure")}
    assert counted == {"sure": 2, "unsure": 2}
    named = [text.get_text() for text in ax.texts if text.get_text()[:2] in ("1 ", "2 ", "3 ", "4 ")]
    ranked = table.sort_values("importance", ascending=False)["term"]
    assert named == [f"{number}  {name}" for number, name in enumerate(ranked, start=1)]
    pyplot.close("all")


def test_drivers_that_stand_in_one_place_keep_numbers_that_can_be_read():
    from matplotlib import pyplot

    found = ts.performance_map(ts.fit_drivers(survey(), asked(list(MATTERS))), draws=300)
    crowd = pd.concat([found.table.iloc[[0]]] * 5 + [found.table], ignore_index=True)
    ax = type(found)(crowd, found.fit).plot()
    ax.figure.canvas.draw()
    boxes = [text.get_window_extent() for text in ax.texts if text.get_gid() == "number"]
    assert len(boxes) == 9
    assert not any(one.overlaps(other) for place, one in enumerate(boxes) for other in boxes[:place])
    pyplot.close("all")
