"""The picture for a referee: one design in several worlds on one scale; what cannot stand there is named."""

from __future__ import annotations

import matplotlib.colors as colors
import pandas as pd
import pytest
from matplotlib import pyplot

import touchsim as ts
from touchsim.experiment.score import ScoreCard
from touchsim.plots.canvas import SOFT
from touchsim.plots.score import FAIR, RANGE
from touchsim.plots.worlds import BEYOND, plot_worlds


@pytest.fixture(scope="module")
def cards() -> list[ScoreCard]:
    return [ts.score_card(ts.load_scenario(name), n=(150, 300), studies=12, workers=1, seed=3,
                          estimators=["ols", "corrected"]) for name in ("corner_shop", "halo_only")]  # fmt: skip


@pytest.fixture(autouse=True)
def closed():
    yield
    pyplot.close("all")


def test_truths_and_means_stand_at_their_values_in_the_column_of_their_world(cards: list[ScoreCard]) -> None:
    ax = ts.referee_forest(*cards)
    truths = [line.get_xdata()[0] for line in ax.lines if line.get_gid() == "truth"]
    tables = [card.table.query("estimand == 'projection' and respondents == 300") for card in cards]
    expected = [table[table["estimator"] == "ols"]["truth"].to_numpy() for table in tables]
    zeros = [truths[0] - expected[0][0], truths[9] - expected[1][0]]
    assert truths == pytest.approx([*(zeros[0] + expected[0]), *(zeros[1] + expected[1])], abs=1e-12)
    assert zeros[1] - zeros[0] > 1.2 * max(expected[0])
    marks = [line for line in ax.lines if line.get_gid() == "estimate"]
    circles = {round(line.get_xdata()[0], 9) for line in marks if line.get_marker() == "o"}
    ols = [table[table["estimator"] == "ols"]["mean"].to_numpy() for table in tables]
    assert {round(value, 9) for zero, means in zip(zeros, ols, strict=True) for value in zero + means} <= circles


def test_a_share_is_bold_and_its_mark_hollow_where_intervals_fail(cards: list[ScoreCard]) -> None:
    ax = ts.referee_forest(*cards)
    tables = [card.table.query("estimand == 'projection' and respondents == 300") for card in cards]
    expected = [share for table in tables for share in table["coverage"].dropna()]
    bold = [text.get_fontweight() == "bold" for text in ax.texts if text.get_gid() == "coverage"
            and text.get_text() != "none"]  # fmt: skip
    hollow = [colors.to_hex(line.get_markerfacecolor()) == "#ffffff" for line in ax.lines
              if line.get_gid() == "estimate"]  # fmt: skip
    assert sum(bold) == sum(hollow) == sum(share < FAIR for share in expected) > 0


def frame(**columns) -> pd.DataFrame:
    one = {"world": ["A"], "estimator": ["ols"], "term": ["returns"], "truth": [0.0], "mean": [0.1], "emp_se": [0.02],
           "coverage": [0.95], "studies": [100], "failed": [0], "respondents": [500]}  # fmt: skip
    return pd.DataFrame(one | {name: [value] for name, value in columns.items()})


def drawn(ax, gid: str) -> list:
    return [line for line in ax.lines if line.get_gid() == gid]


def test_a_range_that_leaves_its_column_ends_in_an_arrowhead_and_a_range_inside_does_not() -> None:
    wide, low, inside = frame(emp_se=0.4), frame(mean=-0.1, emp_se=0.1), frame()
    heads = [[line.get_marker() for line in drawn(plot_worlds(one), "cut")] for one in (wide, low, inside)]
    assert -0.1 - RANGE * 0.1 < -BEYOND - 0.02 and heads == [["<", ">"], ["<"], []]
    ax = plot_worlds(wide)
    (whisker,) = drawn(ax, "interval")
    ends = sorted(line.get_xdata()[0] for line in drawn(ax, "cut"))
    assert sorted(whisker.get_xdata()) == pytest.approx(ends)
    beyond = plot_worlds(pd.concat([frame(), frame(term="fulfilment", mean=3.0)]))
    assert not drawn(beyond, "cut") and [line.get_marker() for line in drawn(beyond, "estimate")] == ["o", ">"]


def test_ticks_have_a_minus_and_none_is_explained_only_where_it_stands() -> None:
    lower = plot_worlds(frame(mean=-0.2))
    assert "\N{MINUS SIGN}0.2" in [tick.get_text() for tick in lower.get_xticklabels()]
    missing = plot_worlds(pd.concat([frame(), frame(term="fulfilment", mean=None, emp_se=None, coverage=None)]))
    words = [" ".join(" ".join(text.get_text() for text in ax.texts).split()) for ax in (lower, missing)]
    assert ["none: no study gave an estimate" in one for one in words] == [False, True]


def test_a_share_of_few_studies_is_grey_and_says_how_many_gave_no_estimate() -> None:
    sound, some, most = (plot_worlds(frame(studies=60 - lost, failed=lost, coverage=1.0)) for lost in (0, 6, 58))
    told = [next(text for text in ax.texts if text.get_gid() == "coverage") for ax in (sound, some, most)]
    assert [text.get_text() for text in told] == ["100 %", "100 % of 54", "100 % of 2\nno estimate in 58 of 60"]
    assert [text.get_color() == SOFT for text in told] == [False, False, True]


def test_the_world_of_mood_alone_fails_visibly_by_least_squares(cards: list[ScoreCard]) -> None:
    ax = ts.referee_forest(*cards, respondents=300)
    mood = cards[1].table.query("estimand == 'projection' and respondents == 300 and estimator == 'ols'")
    assert mood["coverage"].mean() < 0.8 and mood["truth"].abs().max() < 0.05 < mood["mean"].mean()
    assert [text.get_text().replace("\n", " ") for text in ax.texts if text.get_gid() == "world"] == [
        str(card.design["title"]) for card in cards]  # fmt: skip


def test_cards_that_cannot_stand_side_by_side_are_all_named(cards: list[ScoreCard]) -> None:
    few = ts.score_card(ts.load_scenario("halo_only"), n=80, studies=3, workers=1, drivers=["fulfilment", "returns"],
                        estimators=["ols"])  # fmt: skip
    with pytest.raises(ts.BadInput) as caught:
        ts.referee_forest(*cards, few, estimand="projection")
    said = " ".join(str(caught.value).split())
    for part in ("card 3", "another term", "another estimator", "another number of studies", "named once",
                 "no number of respondents in common"):  # fmt: skip
        assert part in said
    for wrong, part in (((), "names nothing"), (("webshop",), "must be a score card")):
        with pytest.raises(ts.BadInput, match=part):
            ts.referee_forest(*wrong)
    with pytest.raises(ts.BadInput, match="lacks this estimand"):
        ts.referee_forest(*cards, estimand="total")
    with pytest.raises(ts.BadInput, match="no such one"):
        ts.referee_forest(*cards, estimand="truth")
    with pytest.raises(ts.BadInput, match="not in all cards.*known: 150, 300"):
        ts.referee_forest(*cards, respondents=151)
    with pytest.raises(ts.BadInput) as caught:
        ts.referee_forest(*cards, estimand="structrual", respondents=["300"])
    assert [finding.where for finding in caught.value.findings] == ["estimand", "respondents"]
    assert "did you mean 'structural'?" in str(caught.value)
