"""Pictures show what their frames say: every row, its interval, its label, and nothing that was not there."""

from __future__ import annotations

from functools import partial

import matplotlib
import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from touchsim import vocabulary as words
from touchsim.errors import BadInput
from touchsim.plots.comparison import plot_differences
from touchsim.plots.drivers import plot_coefficients, plot_consequences, plot_importance
from touchsim.plots.emotion import plot_emotion
from touchsim.plots.funnel import plot_funnel
from touchsim.plots.journeys import plot_journeys
from touchsim.plots.lanes import lines_of_cell, plot_lanes
from touchsim.plots.map_difference import plot_map_difference
from touchsim.plots.mystery_guest import plot_guest
from touchsim.plots.optimum import plot_optimum
from touchsim.plots.performance import plot_performance
from touchsim.plots.promise import plot_promise_gap
from touchsim.plots.reviews import plot_reviews
from touchsim.plots.touchpoint_map import plot_touchpoint_map
from touchsim.plots.weakest import plot_weakest

PICTURES = {
    "funnel": plot_funnel, "touchpoint_map": plot_touchpoint_map, "flows": plot_journeys, "emotion": plot_emotion,
    "comparison": plot_differences, "lanes": plot_lanes, "map_difference": plot_map_difference, "weakest": plot_weakest,
    "mystery_guest": plot_guest,
    "promise": plot_promise_gap, "reviews": plot_reviews,
    "optimum": partial(plot_optimum, best=0.42, low=0.39, high=0.47, inside=True, setting="intensity of the banner",
                       figure="conversion", unit="share"),
}  # fmt: skip


def written(ax):
    """All words of a picture, lines joined."""
    texts = [text.get_text() for text in ax.figure.findobj(lambda part: hasattr(part, "get_text"))]
    return " | ".join(text.replace("\n", " ") for text in texts)


def parts(ax, gid):
    """Parts of a picture that carry a name."""
    return ax.findobj(lambda part: part.get_gid() == gid)


@pytest.mark.parametrize("name", PICTURES)
def test_a_single_run_says_so_and_many_replications_say_how_many(name, frames):
    assert "single run" in written(PICTURES[name](getattr(frames, name)(1)))
    many = written(PICTURES[name](getattr(frames, name)(20)))
    assert "20 replications" in many and "single run" not in many


@pytest.mark.parametrize("name", PICTURES)
def test_an_empty_frame_says_that_there_is_nothing_to_show(name, frames):
    assert "nothing to show" in written(PICTURES[name](getattr(frames, name)().iloc[:0]))


def test_no_rows_of_an_outcome_say_that_there_is_nothing_to_show(frames):
    assert "nothing to show" in written(plot_coefficients(frames.coefficients(), outcome="recommendation"))
    assert "nothing to show" in written(plot_importance(frames.importance(), outcome="recommendation"))


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_is_drawn_on_the_axes_that_it_is_given_and_changes_no_setting(name, frames):
    before = dict(matplotlib.rcParams)
    ax = Figure(figsize=(9, 6)).add_subplot()
    assert PICTURES[name](getattr(frames, name)(), ax=ax) is ax
    assert dict(matplotlib.rcParams) == before


def test_the_funnel_has_a_bar_as_long_as_the_share_of_each_stage(frames):
    frame = frames.funnel()
    ax = plot_funnel(frame)
    assert [bar.get_width() for bar in ax.patches] == pytest.approx((100 * frame["share"]).tolist())
    assert [tick.get_text() for tick in ax.get_yticklabels()] == [word.label for word in words.STAGES]
    assert len(parts(ax, "interval")) == 5
    assert "1,840 · 18.4 % (17.6 to 19.2 %)" in written(ax)


def test_the_funnel_counts_all_customers_and_says_how_many_were_there_at_the_start(frames):
    frame = frames.funnel()
    assert "share of all customers that" in written(plot_funnel(frame)) and "arrived" not in written(plot_funnel(frame))
    assert "present at the start" not in written(plot_funnel(frame))
    frame.attrs["provenance"] = {"stock": 1500}
    assert "customers and share, 1,500 present at the start among them" in written(plot_funnel(frame))


def test_the_map_lays_channels_and_steps_out_in_the_order_of_the_vocabulary(frames):
    ax = plot_touchpoint_map(frames.touchpoint_map())
    rows = [tick.get_text() for tick in ax.get_yticklabels()]
    order = [words.label(key) for key in words.keys(words.CHANNELS)]
    assert rows == [name for name in order if name in rows] and len(rows) == 17
    assert [tick.get_text().replace("\n", " ") for tick in ax.get_xticklabels()] == [w.label for w in words.STEPS]
    assert all(phase.label in written(ax) for phase in words.PHASES)


def test_the_area_of_a_disc_is_the_number_of_contacts_of_its_cell(frames):
    frame = frames.touchpoint_map()
    sizes = parts(plot_touchpoint_map(frame), "cells")[0].get_sizes()
    big = (frame["contacts"] > 1000).to_numpy()
    ratio = sizes[big] / frame.loc[big, "contacts"].to_numpy()
    assert ratio == pytest.approx(np.full(big.sum(), ratio[0]))


def test_good_and_bad_emotions_lie_on_opposite_sides_of_the_colour_scale(frames):
    frame = frames.touchpoint_map()
    faces = parts(plot_touchpoint_map(frame), "cells")[0].get_facecolors()
    for emotion, (red, _, blue, _) in zip(frame["emotion"], faces, strict=True):
        if emotion == emotion and abs(emotion) > 0.1:
            assert (blue > red) == (emotion > 0)


def test_sparse_cells_of_the_map_are_hatched_and_explained(frames):
    frame = frames.touchpoint_map()
    ax = plot_touchpoint_map(frame)
    assert len(parts(ax, "sparse")) == int(frame["sparse"].sum()) == 2
    assert "fewer than 30 contacts" in written(ax)
    assert "fewer than 30" not in written(plot_touchpoint_map(frame[~frame["sparse"]]))


@pytest.mark.parametrize(
    ("value", "unit"),
    [("emotion", "−1 bad to +1 good"), ("contacts", "contacts per replication"), ("wait_minutes", "mean wait | "),
     ("cost", "EUR")],
)  # fmt: skip
def test_every_map_names_the_unit_of_its_colour(value, unit, frames):
    assert unit in written(plot_touchpoint_map(frames.touchpoint_map(), value=value, currency="EUR"))


def test_an_unknown_value_of_the_map_is_refused_with_a_hint(frames):
    with pytest.raises(BadInput, match="did you mean 'emotion'"):
        plot_touchpoint_map(frames.touchpoint_map(), value="emotions")


@pytest.mark.parametrize(("value", "said"), [("wait_minutes", ["10 min", "1 h", "10 h"]), ("contacts", ["1", "10"])])
def test_a_scale_over_decades_is_named_as_people_say_it(value, said, frames):
    bar = plot_touchpoint_map(frames.touchpoint_map(), value=value).child_axes[0]
    bar.figure.canvas.draw()
    ticks = [tick.get_text().replace("\xa0", " ") for tick in bar.get_xticklabels()]
    assert ticks[: len(said)] == said and not any("^" in tick for tick in ticks)
    few = frames.touchpoint_map().assign(wait_minutes=[0.1, 8.0] * 11)
    bar = plot_touchpoint_map(few, value="wait_minutes").child_axes[0]
    assert [tick.get_text().replace("\xa0", " ") for tick in bar.get_xticklabels()] == ["10 s", "1 min"]


def test_a_message_that_takes_no_time_is_not_said_to_take_none():
    row = {"contacts": 40.0, "sent": 40.0, "noticed": 1.0, "seconds": 0.0}
    assert "each" not in lines_of_cell(row)[1]["communication"]
    assert "3 min each" in lines_of_cell(row | {"seconds": 180.0})[1]["communication"].replace("\xa0", " ")


def test_bands_of_journeys_are_as_thick_as_their_share_of_customers(frames):
    frame = frames.flows()
    bands = parts(plot_journeys(frame), "band")
    assert len(bands) == len(frame)
    thick = sorted(band.get_path().vertices[4, 1] - band.get_path().vertices[3, 1] for band in bands)
    assert thick == pytest.approx(sorted(frame["customers"] / 10_000))


def test_blocks_of_every_column_add_up_to_everybody_and_do_not_overlap(frames):
    blocks = parts(plot_journeys(frames.flows()), "block")
    columns = {}
    for block in blocks:
        columns.setdefault(round(block.get_x(), 6), []).append((block.get_y(), block.get_height()))
    assert len(columns) == 6
    for column in columns.values():
        assert sum(height for _, height in column) == pytest.approx(1.0)
        column.sort()
        assert all(top + height <= below + 1e-9 for (top, height), (below, _) in zip(column, column[1:], strict=False))


def test_online_channels_of_a_column_stand_above_offline_ones_and_the_lost_at_the_foot(frames):
    ax = plot_journeys(frames.flows())
    text = {part.get_text().split("\n")[0]: part.get_position()[1] for part in ax.texts
            if 1 <= part.get_position()[0] < 1.5}  # fmt: skip
    assert text["website"] < text["search engine"] < text["store"] < text["lost"]


@pytest.mark.parametrize("replications", [1, 20])
@pytest.mark.parametrize("size", [(11, 6.2), (9, 5)])
def test_words_of_a_crowded_column_are_pushed_apart_and_tied_to_their_block(size, replications, frames):
    ax = plot_journeys(frames.crowded_flows(replications), ax=Figure(figsize=size).add_subplot())
    ax.figure.draw_without_rendering()
    said, ties = parts(ax, "words"), parts(ax, "hairline")
    assert len(said) == 10 + 10 + 1 and len(ties) >= 10
    boxes = [part.get_window_extent() for part in said]
    for place, (part, box) in enumerate(zip(said, boxes, strict=True)):
        for other, rival in zip(said[place + 1 :], boxes[place + 1 :], strict=True):
            wide, high = min(box.x1, rival.x1) - max(box.x0, rival.x0), min(box.y1, rival.y1) - max(box.y0, rival.y0)
            assert min(wide, high) <= 0, f"{part.get_text()!r} runs over {other.get_text()!r}"
        assert part.get_path_effects(), "words lie on bands, so they need a halo"
    middles = {round(block.get_y() + block.get_height() / 2, 9) for block in parts(ax, "block")}
    spots = {round(part.get_position()[1], 9) for part in said}
    for tie in ties:
        start, end = (round(float(y), 9) for y in tie.get_ydata())
        assert start in middles and end in spots


def test_words_of_a_column_keep_the_order_of_its_blocks_and_stay_beside_them_where_there_is_room(frames):
    ax = plot_journeys(frames.crowded_flows())
    for place in (0, 1):
        column = [part for part in parts(ax, "words") if place < part.get_position()[0] < place + 1]
        blocks = [block for block in parts(ax, "block") if round(block.get_x() + block.get_width() / 2) == place]
        assert [part.get_position()[1] for part in column] == sorted(part.get_position()[1] for part in column)
        biggest = max(blocks, key=lambda block: block.get_height())
        middle = biggest.get_y() + biggest.get_height() / 2
        assert min(abs(part.get_position()[1] - middle) for part in column) < 0.03


def test_emotion_has_a_line_for_each_side_that_breaks_where_nothing_was_felt(frames):
    ax = plot_emotion(frames.emotion())
    online, offline = parts(ax, "online")[0].get_ydata(), parts(ax, "offline")[0].get_ydata()
    assert np.isnan(online[4]) and not np.isnan(offline[4])
    assert online[3] == 0.26 and offline[5] == -0.33
    assert len(parts(ax, "interval")) == len(frames.emotion())
    assert not parts(plot_emotion(frames.emotion(1)), "interval")


def test_points_of_emotion_that_rest_on_few_contacts_are_hollow(frames):
    points = parts(plot_emotion(frames.emotion()), "point")
    hollow = [point for point in points if to_hex(point.get_markerfacecolor()) == "#ffffff"]
    assert [float(point.get_ydata()[0]) for point in hollow] == [-0.05]


def test_coefficients_are_sorted_and_carry_their_interval_and_the_truth_as_a_diamond(frames):
    frame = frames.coefficients()
    ax = plot_coefficients(frame, estimand="structural weight")
    rows = frame[(frame["outcome"] == "satisfaction") & (frame["term"] != "const")]
    rows = rows.sort_values("std_beta", ascending=False)
    names = [tick.get_text().replace("\n", " ") for tick in ax.get_yticklabels()]
    assert names == [words.label(term) for term in rows["term"]]
    for gid, column in (("estimate", "std_beta"), ("truth", "truth_std")):
        marks = [(float(mark.get_xdata()[0]), float(mark.get_ydata()[0])) for mark in parts(ax, gid)]
        assert marks == [(value, place) for place, value in enumerate(rows[column])]
    assert {mark.get_marker() for mark in parts(ax, "truth")} == {"D"}
    ends = [tuple(line.get_xdata()) for line in parts(ax, "interval")]
    assert ends == list(zip(rows["std_low"], rows["std_high"], strict=True))
    assert "truth (structural weight)" in written(ax)


def test_outcomes_with_a_single_driver_share_one_forest(frames):
    ax = plot_consequences(frames.coefficients())
    assert len(parts(ax, "estimate")) == len(parts(ax, "truth")) == 1
    assert "satisfaction → repurchase intention" in written(ax)
    assert "nothing to show" in written(plot_consequences(frames.coefficients().iloc[:5]))


def test_without_a_known_truth_no_diamond_and_no_word_of_it_is_drawn(frames):
    ax = plot_coefficients(frames.coefficients(with_truth=False))
    assert not parts(ax, "truth") and "truth" not in written(ax)


def test_a_coefficient_whose_interval_contains_zero_is_hollow(frames):
    marks = parts(plot_coefficients(frames.coefficients()), "estimate")
    hollow = {int(mark.get_ydata()[0]) for mark in marks if to_hex(mark.get_markerfacecolor()) == "#ffffff"}
    assert hollow == {7, 8}


def test_online_and_offline_drivers_wear_the_colours_of_their_blocks(frames):
    marks = parts(plot_coefficients(frames.coefficients()), "estimate")
    assert to_hex(marks[0].get_color()).upper() == words.colour("offline")
    assert to_hex(marks[-1].get_color()).upper() == words.colour("online")


def test_importance_has_a_bar_for_each_driver_and_block_of_the_method(frames):
    ax = plot_importance(frames.importance())
    assert len(ax.patches) == 11
    assert sum(bar.get_width() for bar in ax.patches[:9]) == pytest.approx(100)
    assert [tick.get_text() for tick in ax.get_yticklabels()][-2:] == ["all offline drivers", "all online drivers"]
    assert "71.0 % (67.0 to 75.0 %)" in written(ax)
    assert "no interval" in written(plot_importance(frames.importance(), method="johnson"))


def test_differences_are_percentages_of_the_base_and_figures_without_a_base_are_named(frames):
    ax = plot_differences(frames.comparison(), labels={"csat": "CSAT"})
    assert float(parts(ax, "estimate")[0].get_xdata()[0]) == pytest.approx(100 * 0.006 / 0.184)
    assert len(parts(ax, "estimate")) == 8
    assert "base is zero: referrals" in written(ax) and "CSAT" in written(ax)


def test_dollar_signs_and_long_names_of_variants_are_drawn_as_they_are(frames):
    frame = frames.comparison()
    frame["variant"] = "free $5 coupon or $6 for everyone who has ever bought anything at all from us"
    ax = plot_differences(frame)
    ax.figure.canvas.draw()
    assert "\n" in ax.get_legend().get_texts()[0].get_text()
    assert r"\$5" in ax.get_legend().get_texts()[0].get_text()


@pytest.mark.parametrize("replications", [1, 20])
@pytest.mark.parametrize("name", PICTURES)
def test_no_words_of_a_picture_run_over_each_other(name, replications, frames):
    ax = PICTURES[name](getattr(frames, name)(replications))
    ax.figure.canvas.draw()
    said = [*ax.texts, *ax.get_xticklabels(), *ax.get_yticklabels(), ax.xaxis.label, ax.yaxis.label]
    if ax.get_legend():
        said += ax.get_legend().get_texts()
    boxes = [(text.get_text(), text.get_window_extent()) for text in said if text.get_text() and text.get_visible()]
    for place, (one, box) in enumerate(boxes):
        for other, rival in boxes[place + 1 :]:
            wide = min(box.x1, rival.x1) - max(box.x0, rival.x0)
            high = min(box.y1, rival.y1) - max(box.y0, rival.y0)
            assert min(wide, high) <= 1.5, f"{one!r} runs over {other!r}"


def test_the_full_map_has_a_ground_for_each_cell_and_hatches_the_sparse_ones(frames):
    frame = frames.lanes()
    ax = plot_lanes(frame)
    assert len(parts(ax, "cell")) == len(frame) and len(parts(ax, "sparse")) == frame["sparse"].sum()
    grounds = {part.get_facecolor() for part in parts(ax, "cell")}
    assert len(grounds) > 5 and (1.0, 1.0, 1.0, 1.0) in grounds, "white where nothing was felt"
    for word in (*words.LANES, *words.STEPS, *words.PHASES):
        assert word.label in written(ax)


def test_a_cell_writes_each_lane_with_half_widths_and_none_for_a_single_run(frames):
    row = frames.lanes().query("step == 'after_sales' and channel == 'phone'").iloc[0].to_dict()
    head, lanes = lines_of_cell(row, "EUR")
    assert head == "910 ±46 contacts · 3,640 ±182 EUR"
    said = {lane: text.replace("\xa0", " ") for lane, text in lanes.items()}
    assert said["features"] == "responsiveness of customer service (quality +0.20 ±0.01)"
    assert said["interactions"].startswith("910 ±46 by customers · 93.0 ±4.7 % served · 5.0 ±0.25 % abandoned")
    assert said["communication"] == "" and said["emotions"].startswith("−0.31 ±0.03 · 40.0 ±2 % negative")
    single = frames.lanes(1).query("step == 'after_sales' and channel == 'phone'").iloc[0]
    assert "±" not in str(lines_of_cell(single.where(single.notna(), None).to_dict()))


def test_the_difference_of_maps_is_bold_where_it_is_sure_and_blue_where_it_is_better(frames):
    frame = frames.map_difference()
    ax = plot_map_difference(frame, figure="wait_minutes")
    shown = frame[frame["figure"] == "wait_minutes"]
    assert len(parts(ax, "cells")) == len(shown)
    sure = [text for text in ax.texts if text.get_fontweight() == "bold" and text.get_gid() != "headline"]
    assert len(sure) == ((shown["low"] > 0) | (shown["high"] < 0)).sum() > 0
    least = min(parts(ax, "cells"), key=lambda part: part.get_facecolor()[0])
    red, _, blue, _ = least.get_facecolor()
    assert blue > red, "a shorter wait is better"
    assert "less" in written(plot_map_difference(frame, figure="contacts"))
    with pytest.raises(BadInput, match="did you mean 'emotion'"):
        plot_map_difference(frame, figure="emotions")


def test_the_weakest_touchpoints_are_coloured_and_named_by_their_cause(frames):
    frame = frames.weakest()
    ax = plot_weakest(frame)
    assert len(ax.patches) == len(frame) - 1, "what was never judged has no bar"
    assert [to_hex(bar.get_facecolor()).upper() for bar in ax.patches] == [words.colour(row) for row in
                                                                          frame["cause"][:-1]]  # fmt: skip
    assert all(words.label(cause) in written(ax) for cause in frame["cause"])
    assert "spontaneous" in written(ax) and "hatched" in written(ax)
    assert len(parts(plot_weakest(frame, most=3), "interval")) == 3
    assert parts(plot_weakest(frames.weakest(1)), "interval") == []


def test_the_bars_of_a_guest_are_the_shares_in_which_promises_broke_and_their_colour_says_which_count(frames):
    frame = frames.mystery_guest()
    ax = plot_guest(frame)
    promised = frame.dropna(subset="broke")
    assert [bar.get_width() for bar in ax.patches] == pytest.approx(list(promised["broke"]))
    shades = [to_hex(bar.get_facecolor()).upper() for bar in ax.patches]
    grey = (promised["visit"] == 0) & ~promised["broken"]
    assert [shade == words.VERMILION for shade in shades] == list(promised["broken"])
    assert [shade == words.GREY for shade in shades] == list(grey)
    assert "13 of 20" in written(ax) and "6.70 (6.50 to 6.90) against 5 (standard)" in written(ax)


@pytest.mark.parametrize("plot", [plot_importance, plot_performance])
def test_no_tick_stands_above_the_whole_of_a_share(plot):
    frame = pd.DataFrame({
        "outcome": "y", "term": ["a", "b"], "method": "lmg", "share": [0.9, 0.1], "low": [0.8, 0.0],
        "high": [0.98, 0.2], "importance": [0.9, 0.1], "importance_low": [0.8, 0.0], "importance_high": [0.98, 0.2],
        "performance": [3.0, 4.0], "performance_low": [2.9, 3.9], "performance_high": [3.1, 4.1], "above": [-0.5, 0.5],
        "unit": "points", "quadrant": ["concentrate", "overkill"]})  # fmt: skip
    ax = plot(frame, outcome="y")
    ticks = ax.get_xticks() if plot is plot_importance else ax.get_yticks()
    assert ticks.max() == 100 and len(ticks) > 2
