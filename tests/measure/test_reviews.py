"""What reviews hide: the stars posted beside those of all buyers, on paper and in simulated worlds."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.figure import Figure

import touchsim as ts
from tests.log.small import Rows, small_log
from touchsim.measure.reviews import reviews

BUYERS: Rows = [
    {"customer": 0, "purchases": 1, "satisfaction": -1.6, "stars": 1, "posts": 1},
    {"customer": 1, "purchases": 1, "satisfaction": -0.5},
    {"customer": 2, "purchases": 1, "satisfaction": 0.0},
    {"customer": 3, "purchases": 2, "satisfaction": 1.5, "stars": 5, "posts": 2},
    {"customer": 4, "satisfaction": 3.0},
]  # fmt: skip


def test_both_distributions_equal_what_paper_says() -> None:
    table = reviews(small_log(([], BUYERS)))
    assert table["stars"].tolist() == [1, 2, 3, 4, 5]
    assert table["posted"].tolist() == [0.5, 0, 0, 0, 0.5]
    assert table["everyone"].tolist() == [0.25, 0, 0.5, 0, 0.25]
    assert (table.attrs["reviewers"], table.attrs["buyers"]) == (2.0, 4.0)
    assert [table.attrs[name]["value"] for name in ("posted", "everyone", "gap")] == [3.0, 3.0, 0.0]
    assert table.attrs["interval"] == "single run" and np.isnan(table.attrs["gap"]["low"])


def test_where_nobody_posts_there_are_no_shares_and_the_picture_says_so() -> None:
    table = reviews(small_log(([], [{"customer": 0, "purchases": 1, "satisfaction": 1.0}])))
    assert table["posted"].isna().all() and table["everyone"].tolist() == [0, 0, 0, 1, 0]
    assert any("nobody posted" in text.get_text() for text in table.plot().texts)


@pytest.mark.parametrize(("above", "below", "sign"), [(2.0, -2.0, 1.0), (-2.0, 2.0, -1.0)])
def test_the_gap_has_the_sign_of_the_posting_slopes(above: float, below: float, sign: float) -> None:
    """If delight makes people speak and disappointment keeps them silent, reviews flatter; and the other way round."""
    shop = ts.load_scenario("corner_shop").with_(voice={"above": above, "below": below, "post": -1.0})
    gap = reviews(ts.simulate(shop, customers=1500, replications=4)).attrs["gap"]
    assert sign * gap["value"] > 0.1 and sign * (gap["low"] if sign > 0 else gap["high"]) > 0.0


def test_who_speaks_at_the_extremes_only_empties_the_middle_of_the_reviews() -> None:
    shop = ts.load_scenario("corner_shop").with_(voice={"above": 2.5, "below": 2.5, "post": -4.0})
    table = reviews(ts.simulate(shop, customers=1500, replications=4)).set_index("stars")
    assert table.loc[3, "posted"] < 0.7 * table.loc[3, "everyone"]
    assert table.loc[5, "posted"] > table.loc[5, "everyone"]


def test_each_side_sums_to_one_and_the_gap_is_the_key_figure() -> None:
    shop = ts.load_scenario("corner_shop").with_(voice={})
    log = ts.simulate(shop, customers=500, replications=3)
    table = reviews(log)
    assert table["posted"].sum() == pytest.approx(1.0) and table["everyone"].sum() == pytest.approx(1.0)
    figures = ts.kpis(log).set_index(["kpi", "group"])["value"]
    assert table.attrs["gap"]["value"] == pytest.approx(figures["review_gap", "all"])
    assert table.attrs["posted"]["value"] == pytest.approx(figures["stars", "all"])


def test_the_table_draws_itself() -> None:
    ax = Figure().add_subplot()
    table = reviews(small_log(([], BUYERS)))
    assert table.plot(ax=ax) is ax
    assert [float(bar.get_height()) for bar in ax.patches] == [50, 25, 0, 0, 0, 50, 0, 0, 50, 25]
    assert [line.get_label() for line in table[["posted", "everyone"]].plot().lines] == ["posted", "everyone"]
