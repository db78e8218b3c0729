"""Studies stand side by side in one forest, each with its own rows, and none is averaged away."""

from __future__ import annotations

import numpy as np
import pandas as pd

from tests.plots.frames import coefficients, studies
from touchsim.plots.studies import plot_studies
from touchsim.vocabulary import FACETS, keys, signed


def parts(ax, gid):
    return ax.findobj(lambda part: part.get_gid() == gid)


def test_every_study_has_a_head_with_its_n_and_its_rows_strongest_first():
    ax = plot_studies(studies())
    names = [tick.get_text() for tick in ax.get_yticklabels()]
    assert names[0] == "the first study (n = 300)" and names[10] == "the second study (n = 1,811)" and len(names) == 20
    assert [tick.get_fontweight() for tick in ax.get_yticklabels()].count("bold") == 2
    values = [point.get_xdata()[0] for point in parts(ax, "estimate")]
    known = coefficients().query("outcome == 'satisfaction'")["std_beta"].dropna().sort_values(ascending=False)
    assert values == [*known, *known]
    assert len(parts(ax, "interval")) == 18


def test_truth_is_drawn_where_it_is_known_and_hollow_points_are_those_whose_interval_holds_zero():
    frame = studies()
    ax = plot_studies(frame)
    assert len(parts(ax, "truth")) == 9 and ax.get_legend() is not None
    hollow = [point.get_markerfacecolor() == "white" for point in parts(ax, "estimate")]
    rows = frame.dropna(subset="std_beta").query("outcome == 'satisfaction'")
    assert sum(hollow) == ((rows["std_low"] <= 0) & (rows["std_high"] >= 0)).sum() > 0
    assert plot_studies(frame.query("study == 'the second study'")).get_legend() is None


def test_groups_are_left_out_gaps_have_no_line_and_nothing_is_said_to_be_nothing():
    frame = pd.concat([studies(), studies().assign(group="search")])
    assert len(parts(plot_studies(frame), "estimate")) == 18
    bare = studies().assign(std_low=np.nan, std_high=np.nan)
    assert not parts(plot_studies(bare), "interval")
    assert "nothing to show" in plot_studies(studies().iloc[:0]).texts[0].get_text()


def test_studies_put_together_keep_names_of_their_own_and_the_nine_facets_their_labels():
    def rows(study, terms):
        return pd.DataFrame({"study": study, "n": 99, "outcome": "satisfaction", "term": terms, "std_beta": 0.3,
                             "std_low": 0.2, "std_high": 0.4})  # fmt: skip

    own, kit = rows("own", ["returns", "price_x"]), rows("kit", list(keys(FACETS)))
    signed(True, own)
    signed(False, kit)
    names = [tick.get_text().replace("\n", " ") for tick in plot_studies(pd.concat([own, kit])).get_yticklabels()]
    assert {"returns", "price_x", "ease of return"} < set(names)
    assert "returns" not in [tick.get_text() for tick in plot_studies(kit).get_yticklabels()]
