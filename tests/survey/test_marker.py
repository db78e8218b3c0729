"""A marker scale is asked like every other, leaves all other answers alone, and takes out a common method."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.survey.crowd import Crowd, changed, customers
from touchsim.study.drivers import fit_drivers
from touchsim.study.method import common_method
from touchsim.survey.respondents import ask
from touchsim.vocabulary import FACETS, keys

FACET_NAMES = list(keys(FACETS))
COLUMNS = ["LB1", "LB2", "LB3", "latent_liking_of_blue"]


def test_a_marker_changes_no_other_answer_and_stands_at_the_end() -> None:
    crowd = customers(300)
    plain = ask(Crowd(crowd, {"stated": {}, "response": {"rate": 1.0}}))
    marked = ask(Crowd(crowd, {"stated": {}, "response": {"rate": 1.0}, "marker": 3}))
    assert list(marked) == [*plain, *COLUMNS]
    pd.testing.assert_frame_equal(marked[list(plain)], plain)
    assert marked.attrs["model"]["marker"] == "liking_of_blue"
    assert marked.attrs["model"]["scales"]["liking_of_blue"] == COLUMNS[:3]
    assert "marker" not in plain.attrs["model"] and "liking_of_blue" not in plain.attrs["model"]["scales"]


def test_a_marker_is_of_nothing_in_the_world() -> None:
    people = customers(20_000)
    answers = ask(Crowd(people, changed(marker=3, method=0.6, noise=0.5)))
    blue = answers["latent_liking_of_blue"]
    beside = [*(f"latent_{facet}" for facet in FACET_NAMES), "latent_satisfaction"]
    assert answers[beside].corrwith(blue).abs().max() < 4 / np.sqrt(20_000)
    assert blue.std() == pytest.approx(1.0, abs=0.02)
    score = answers[COLUMNS[:3]].astype(float).mean(axis=1)
    assert score.corr(answers[["PI1", "PI2", "PI3"]].astype(float).mean(axis=1)) > 0.15, "the mood is in both"


def study(seed: int, method: float) -> pd.DataFrame:
    """Plain and adjusted coefficients of one survey, with the truth: what the latent views of these people give."""
    people = customers(600, seed=seed)
    survey = changed(marker=3, method=method, loading=0.8, noise=0.4, points=11, span=8.0)
    answers = ask(Crowd(people, survey), seed=seed)
    latent = answers[[f"latent_{name}" for name in [*FACET_NAMES, "satisfaction"]]].set_axis(
        [*FACET_NAMES, "satisfaction"], axis=1)  # fmt: skip
    latent.attrs = {}
    truth = fit_drivers(latent, {"drivers": {"satisfaction": FACET_NAMES}}).table.set_index("term")["std_beta"]
    table = common_method(fit_drivers(answers)).table
    table = table[(table["what"] == "coefficient") & (table["outcome"] == "satisfaction")].set_index("term")
    return table.assign(truth=truth, seed=seed)


@pytest.mark.proof
def test_with_a_strong_method_the_marker_brings_the_most_inflated_facet_nearer_the_truth() -> None:
    studies = [study(seed, 1.0) for seed in range(100)]
    table = pd.concat(studies)
    bias = (table["plain"] - table["truth"]).groupby(level=0).mean()
    worst = str(bias.idxmax())
    rows = table.loc[worst]
    assert bias[worst] > 0.05
    plain, adjusted = (np.abs(rows[name] - rows["truth"]) for name in ("plain", "adjusted"))
    assert abs((rows["adjusted"] - rows["truth"]).mean()) < bias[worst] / 3
    assert (plain - adjusted).mean() > 4 * (plain - adjusted).std() / np.sqrt(len(rows))
    assert (adjusted < plain).mean() > 0.75


@pytest.mark.proof
def test_without_a_method_the_marker_changes_nothing_beyond_sampling_error() -> None:
    table = pd.concat([study(seed, 0.0) for seed in range(100)])
    change = table["change"]
    assert change.abs().mean() < 0.02
    assert ((change - table["change_low"]) < (table["plain_high"] - table["plain_low"])).all()
    within = (table["plain_low"] <= table["adjusted"]) & (table["adjusted"] <= table["plain_high"])
    assert within.all()
    plain, adjusted = (table[name] - table["truth"] for name in ("plain", "adjusted"))
    assert np.sqrt((adjusted**2).mean()) == pytest.approx(np.sqrt((plain**2).mean()), rel=0.1)
