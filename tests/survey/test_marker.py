"""A marker scale is asked like every other, leaves all other answers alone, and takes out a common method."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.survey.crowd import WEIGHTS, Crowd, changed, customers
from touchsim.study.drivers import fit_drivers
from touchsim.study.method import common_method
from touchsim.survey.respondents import ask
from touchsim.vocabulary import FACETS, keys

FACET_NAMES, BLUE = list(keys(FACETS)), "liking_of_blue"
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


def study(seed: int, method: float, *, alike: bool = True) -> pd.DataFrame:
    """Plain and adjusted coefficients of one survey, with the truth: what the latent views of these people give.

    Where `alike`, satisfaction varies as much as the facets, and hangs half as much on them as in the crowd.
    """
    people = customers(600, seed=seed)
    if alike:
        views = people[[f"perceived_{name}" for name in FACET_NAMES]].to_numpy() @ np.array(list(WEIGHTS.values())) / 2
        rest = np.sqrt(1 - sum(weight**2 for weight in WEIGHTS.values()) / 4)
        people["satisfaction"] = views + rest * np.random.default_rng([seed, 7]).standard_normal(len(people))
    survey = changed(marker=3, method=method, loading=0.8, noise=0.4, points=11, span=8.0)
    answers = ask(Crowd(people, survey), seed=seed)
    names = [*FACET_NAMES, "satisfaction"]
    latent = answers[[f"latent_{name}" for name in names]].to_numpy(float)
    r = np.corrcoef(latent, rowvar=False)
    truth = pd.Series(np.linalg.solve(r[:-1, :-1], r[:-1, -1]), index=FACET_NAMES)
    scales = {name: items for name, items in answers.attrs["model"]["scales"].items() if name in (*names, BLUE)}
    model = {"scales": scales, "drivers": {"satisfaction": FACET_NAMES}, "marker": BLUE}
    table = common_method(fit_drivers(answers, model)).table
    return table[table["what"] == "coefficient"].set_index("term").assign(truth=truth, seed=seed)


@pytest.mark.proof
def test_with_a_strong_method_the_marker_brings_the_most_inflated_facet_nearer_the_truth() -> None:
    table = pd.concat([study(seed, 1.0) for seed in range(60)])
    bias = (table["plain"] - table["truth"]).groupby(level=0).mean()
    worst = str(bias.idxmax())
    rows = table.loc[worst]
    error = rows["plain"] - rows["truth"], rows["adjusted"] - rows["truth"]
    assert bias[worst] > 0.03 and abs(error[1].mean()) < bias[worst] / 2
    nearer = error[0].abs() - error[1].abs()
    assert nearer.mean() > 0
    whole = table.groupby("seed")[["plain", "adjusted", "truth"]].sum().mean()  # of all facets: what a mood inflates
    assert abs(whole["adjusted"] - whole["truth"]) < whole["plain"] - whole["truth"]


@pytest.mark.proof
def test_without_a_method_the_marker_changes_nothing_beyond_sampling_error() -> None:
    table = pd.concat([study(seed, 0.0) for seed in range(80)])
    assert table["change"].abs().mean() < 0.02
    assert ((table["plain_low"] <= table["adjusted"]) & (table["adjusted"] <= table["plain_high"])).all()
    plain, adjusted = (table[name] - table["truth"] for name in ("plain", "adjusted"))
    assert np.sqrt((adjusted**2).mean()) == pytest.approx(np.sqrt((plain**2).mean()), rel=0.1)


@pytest.mark.proof
def test_where_satisfaction_varies_less_than_the_facets_the_formula_takes_out_too_little() -> None:
    """A limit, not a promise: the method weighs more in what varies less, which the formula does not know."""
    table = pd.concat([study(seed, 1.0, alike=False) for seed in range(40)])
    assert (table["adjusted"] - table["truth"]).groupby(level=0).mean().min() > 0.03
