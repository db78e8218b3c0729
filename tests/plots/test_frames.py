"""Frames that draw themselves: `plot` is their own picture, whatever pandas did to them, else pandas' own."""

from __future__ import annotations

import pickle
import subprocess
import sys

import pandas as pd
import pytest
from matplotlib.figure import Figure

import touchsim as ts
from touchsim.plots.frames import FunnelFrame, MapFrame
from touchsim.vocabulary import STAGES, label

LOG = ts.simulate(ts.load_scenario("corner_shop"), customers=100, replications=2)
FUNNEL, MAP = ts.funnel(LOG), ts.touchpoint_map(LOG)


def rows(ax) -> list[str]:
    """Words beside the rows of a picture."""
    return [tick.get_text().replace("\n", " ") for tick in ax.get_yticklabels()]


def test_the_funnel_and_the_map_draw_themselves_where_they_are_told():
    ax = Figure(figsize=(9, 6)).add_subplot()
    assert FUNNEL.plot(ax=ax) is ax
    assert rows(ax) == [word.label for word in STAGES]
    assert set(rows(MAP.plot())) == {label(channel) for channel in MAP["channel"]}
    assert "mean wait (minutes)" in [one.get_title(loc="left") for one in MAP.plot(value="wait_minutes").child_axes]


@pytest.mark.parametrize(
    "change",
    [lambda frame: frame.head(2), lambda frame: frame[frame["replications"] == 2].iloc[:2],
     lambda frame: frame.query("replications == 2")[:2], lambda frame: frame.assign(more=1).head(2),
     lambda frame: frame.head(2).copy(), lambda frame: pickle.loads(pickle.dumps(frame)).head(2)],
)  # fmt: skip
def test_what_pandas_makes_of_it_still_draws(change):
    part = change(FUNNEL)
    assert isinstance(part, FunnelFrame) and part.attrs["interval"] == FUNNEL.attrs["interval"]
    assert rows(part.plot()) == [word.label for word in STAGES[:2]]
    part = change(MAP)
    assert isinstance(part, MapFrame) and part.attrs["currency"] == "EUR"
    assert set(rows(part.plot())) == {label(channel) for channel in part["channel"]}


def test_a_frame_without_rows_says_so():
    assert any("nothing to show" in text.get_text() for text in FUNNEL[:0].plot().texts)
    assert any("nothing to show" in text.get_text() for text in MAP[:0].plot().texts)


def test_a_frame_that_lost_its_columns_is_drawn_by_pandas():
    numbers = FUNNEL[["low", "high"]]
    assert [line.get_label() for line in numbers.plot().lines] == ["low", "high"]
    assert [line.get_label() for line in MAP[["cost", "contacts"]].plot().lines] == ["cost", "contacts"]


def test_the_words_of_pandas_stay_its_own():
    assert len(FUNNEL.plot(x="stage", y="share", kind="barh").patches) == len(FUNNEL)
    assert len(FUNNEL.plot.bar(x="stage", y="share").patches) == len(FUNNEL)
    assert len(MAP.plot("contacts", "cost").lines) == 1


def test_a_word_that_the_map_cannot_show_is_a_finding():
    with pytest.raises(ts.BadInput, match="did you mean 'emotion'"):
        MAP.plot(value="emotions")


def test_the_frames_are_frames_in_everything_else():
    assert type(FUNNEL["share"]) is pd.Series
    pd.testing.assert_frame_equal(FUNNEL, pd.DataFrame(FUNNEL), check_frame_type=False)
    assert FUNNEL.merge(FUNNEL[["stage"]], on="stage").shape == FUNNEL.shape


def test_no_frame_imports_a_picture_before_it_is_drawn():
    code = "import sys, touchsim.measure.kpis; print('matplotlib' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_the_map_in_full_the_difference_and_the_weakest_draw_themselves():
    assert len([part for part in MAP.plot(value="lanes").patches if part.get_gid() == "cell"]) == len(MAP)
    change, weak = ts.map_difference(LOG, LOG), ts.weakest_touchpoints(LOG)
    assert any("What changes" in text.get_text() for text in change.plot(figure="cost").texts)
    assert any("What changes" in text.get_text() for text in change.query("channel == 'store'").plot().texts)
    assert len(weak.head(2).plot().patches) == 2 and len(weak.plot(most=3).patches) == 3
    assert len(weak.plot.bar(x="touchpoint", y="loss").patches) == len(weak)
    assert [line.get_label() for line in change[["low", "high"]].plot().lines] == ["low", "high"]


def test_long_questions_keep_their_beginning_and_their_end():
    from touchsim.plots.canvas import plain

    asked = "How satisfied are you overall with the {} in our shop in the main street (1 = not at all, 7 = entirely)?"
    for most in (2, 3, 4):
        written = plain(asked.format("opening hours"), 26, most=most).split("\n")
        assert len(written) == most and max(map(len, written)) <= 26
        assert written[0].startswith("How satisfied") and written[-1].endswith("entirely)?")
    assert plain("short", 26, most=2) == "short" and "…" not in plain(asked, 26)
