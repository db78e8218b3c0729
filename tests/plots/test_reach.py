"""Axes end where estimates no longer say anything, and arrows point to what lies beyond."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, strategies as st
from matplotlib import pyplot

from tests.plots.frames import threats, wild_threats
from touchsim.errors import BadInput
from touchsim.languages import codes, language, tell
from touchsim.plots.reach import ROOM, WILD, ends_of
from touchsim.plots.score import plot_score
from touchsim.plots.threats import BEYOND, plot_threats

ARROWS = "arrows point to what lies beyond the picture"
INTERVALS = st.lists(st.tuples(st.floats(-5, 5), st.floats(0.001, 3)), min_size=1, max_size=30)


@pytest.fixture(autouse=True)
def closed():
    yield
    pyplot.close("all")


def parts(ax, gid: str) -> list:
    return [line for line in ax.lines if line.get_gid() == gid]


def words(ax) -> str:
    return " ".join(" ".join(text.get_text() for text in ax.texts).split())


@given(rows=INTERVALS, limit=st.floats(0.1, 10))
def test_ends_show_zero_and_every_interval_that_is_not_wild_up_to_the_limit(rows, limit):
    low, high = (np.array([value + side * half for value, half in rows]) for side in (-1, 1))
    first, last = ends_of(low, high, (-limit, limit))
    assert -limit <= first <= 0 <= last <= limit
    sound = high - low <= WILD * np.median(high - low)
    assert sound.sum() >= len(rows) / 2
    assert (low[sound] >= first - 1e-12).all() or first == -limit
    assert (high[sound] <= last + 1e-12).all() or last == limit
    span = max(0, high[sound].max()) - min(0, low[sound].min())
    assert last - first <= (1 + 2 * ROOM) * span + 1e-12, "wild ones stretch it by a little"
    assert first >= min(0, low.min()) and last <= max(0, high.max()), "no axis is longer than what it shows"


@given(rows=INTERVALS, times=st.sampled_from([0.25, 4.0]))
def test_ends_have_the_unit_of_the_intervals(rows, times):
    low, high = (np.array([value + side * half for value, half in rows]) for side in (-1, 1))
    ends = np.array(ends_of(low, high, (-1.0, 1.0)))
    assert ends_of(times * low, times * high, (-times, times)) == pytest.approx(times * ends)


def test_a_wild_threat_leaves_the_others_as_wide_as_they_were_and_is_an_arrow_itself():
    clean, ax = plot_threats(threats()), plot_threats(wild_threats())
    spans = [np.ptp(one.get_xlim()) for one in (clean, ax)]
    assert spans[1] < 1.6 * spans[0], "7 would have made it 40 times as wide"
    assert [ARROWS in words(one) for one in (clean, ax)] == [False, True] and not parts(clean, "cut")
    marks = parts(ax, "bias")
    beyond = [mark for mark in marks if mark.get_marker() == ">"]
    assert len(beyond) == 3 and len({mark.get_xdata()[0] for mark in beyond}) == 1
    assert [mark.get_marker() for mark in parts(ax, "cut")] == ["<"] * 3
    low, high = ax.get_xlim()
    drawn = [x for line in marks + parts(ax, "cut") + parts(ax, "interval") for x in line.get_xdata()]
    assert low < min(drawn) and max(drawn) < high
    frame = threats()
    others = sorted(frame.loc[frame["threat"] != "lost_memory", "bias"].round(12))
    assert sorted(round(float(m.get_xdata()[0]), 12) for m in marks if m not in beyond) == others, "at their values"


def test_a_bias_that_is_sure_is_shown_at_its_value_as_far_as_it_says_anything():
    far = threats()["truth"].abs().max() + BEYOND
    frames = [threats() for _ in range(2)]
    for frame, bias in zip(frames, (-0.6, -3.0), strict=True):
        lost = frame["threat"] == "lost_memory"
        frame.loc[lost, ["bias", "bias_low", "bias_high"]] = [bias, bias - 0.01, bias + 0.01]
    sure, absurd = map(plot_threats, frames)
    assert -0.6 in [mark.get_xdata()[0] for mark in parts(sure, "bias")] and ARROWS not in words(sure)
    assert min(mark.get_xdata()[0] for mark in parts(absurd, "bias")) == pytest.approx(-far) and ARROWS in words(absurd)
    assert not parts(absurd, "cut"), "one arrow says it"


@pytest.mark.parametrize("code", codes()[1:])
def test_arrows_are_explained_in_every_language(code):
    with language(code):
        ax = plot_threats(wild_threats())
        assert tell(ARROWS) in words(ax) and tell(ARROWS) != ARROWS


def test_marks_of_nine_drivers_stay_in_the_row_of_their_threat():
    some = threats().query("term == 'returns'")
    frame = pd.concat([some.assign(term=term, truth=0.1) for term in
                       ("product_information", "appearance", "ease_of_use", "customisation", "checkout", "security",
                        "fulfilment", "responsiveness", "returns")])  # fmt: skip
    ax = plot_threats(frame)
    places = np.sort([mark.get_ydata()[0] for mark in parts(ax, "bias")])
    assert len(places) == 9 * 6 and (np.abs(places - places.round()) < 0.5).all()
    assert pd.Series(places.round()).value_counts().eq(9).all()
    assert not {"<", ">"} & {mark.get_marker() for mark in parts(ax, "bias")}, "arrows say something else"


def test_the_dotted_line_is_that_of_the_clean_design_and_of_no_other():
    frame = threats()
    dotted = [[line for line in plot_threats(one).lines if line.get_linestyle() == ":"]
              for one in (frame, frame[frame["threat"] != "clean"])]  # fmt: skip
    assert [len(lines) for lines in dotted] == [3, 0]


def test_a_range_that_leaves_a_score_card_ends_in_an_arrowhead_too():
    frame = pd.DataFrame({"estimator": ["ols", "sem"], "term": "returns", "truth": 0.4, "mean": [0.3, 0.5],
                          "emp_se": [0.04, 2.0], "coverage": [0.4, 0.9], "studies": 100,
                          "respondents": 500})  # fmt: skip
    ax = plot_score(frame)
    assert [line.get_marker() for line in parts(ax, "cut")] == ["<", ">"] and ARROWS in words(ax)
    assert not parts(plot_score(frame.iloc[:1]), "cut")


def test_what_is_no_axes_is_answered_before_anything_is_drawn():
    with pytest.raises(BadInput, match=r"ax: must be axes of matplotlib \(got returns\); all other arguments are"):
        plot_threats(threats(), ax="returns")
    assert not pyplot.get_fignums()
