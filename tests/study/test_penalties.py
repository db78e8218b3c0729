"""Penalty-reward contrasts: a class is given only where the intervals allow it, never by the skew of the ratings."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

import touchsim as ts

Effect = Callable[[np.ndarray], np.ndarray]
EFFECTS: dict[str, Effect] = {
    "must_be": lambda x: np.minimum(x, 0), "attractive": lambda x: np.maximum(x, 0), "one_dimensional": lambda x: x,
    "indifferent": lambda x: 0 * x, "reverse": lambda x: -x,
}  # fmt: skip


def survey(n: int = 4000, *, seed: int = 1, noise: float = 0.5) -> pd.DataFrame:
    """One driver of each class, and what they add up to."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, len(EFFECTS)))
    frame = pd.DataFrame(x, columns=list(EFFECTS))
    y = sum(effect(x[:, j]) for j, effect in enumerate(EFFECTS.values()))
    return frame.assign(y=y + noise * rng.normal(size=n))


MODEL = {"drivers": {"y": list(EFFECTS)}}


def test_every_class_is_found_in_the_world_in_which_it_was_made():
    found = ts.penalty_reward(survey(), MODEL)
    assert found.table.set_index("term")["kind"].to_dict() == {name: name for name in EFFECTS}
    assert "must_be must-be (low -" in found.text and "undecided" not in found.text


def test_contrasts_are_the_least_squares_of_dummies_with_hc3_errors():
    frame = survey(400)
    table = ts.penalty_reward(frame, MODEL).table
    x = frame[list(EFFECTS)].to_numpy()
    half = x.std(axis=0, ddof=1) / 2
    low, high = x <= x.mean(axis=0) - half, x >= x.mean(axis=0) + half
    result = sm.OLS(frame["y"], sm.add_constant(np.hstack([low, high]).astype(float))).fit(cov_type="HC3", use_t=True)
    interval = result.conf_int().to_numpy()
    assert table["penalty"].tolist() == pytest.approx(result.params.to_numpy()[1:6])
    assert table["reward"].tolist() == pytest.approx(result.params.to_numpy()[6:])
    assert table[["penalty_low", "penalty_high"]].to_numpy() == pytest.approx(interval[1:6])
    assert table[["reward_low", "reward_high"]].to_numpy() == pytest.approx(interval[6:])
    assert table["n_low"].tolist() == low.sum(axis=0).tolist() and (table.filter(like="n_").sum(axis=1) == 400).all()


def test_an_interval_that_includes_zero_forbids_the_class_and_the_words_say_so():
    found = ts.penalty_reward(survey(60, noise=4.0), MODEL)
    for row in found.table.to_dict("records"):
        costs, gains = row["penalty_high"] < 0, row["reward_low"] > 0
        if row["kind"] == "one_dimensional":
            assert costs and gains
        if row["kind"] == "must_be":
            assert costs and row["asymmetry_high"] < 0 and not row["reward_high"] < 0
        if row["kind"] == "attractive":
            assert gains and row["asymmetry_low"] > 0 and not row["penalty_low"] > 0
    assert (found.table["kind"] == "").any() and "indifferent" not in set(found.table["kind"])
    assert "An interval that includes zero forbids a class that needs this effect" in found.text


def test_skewed_ratings_with_a_straight_effect_are_one_dimensional_and_not_must_be():
    rng = np.random.default_rng(2)
    x = 7 - rng.gamma(1.0, 1.2, size=6000)  # most are content, a few are far from it
    frame = pd.DataFrame({"x": x, "y": 0.5 * x + rng.normal(size=6000)})
    row = ts.penalty_reward(frame, {"drivers": {"y": ["x"]}}).table.iloc[0]
    assert -row["penalty"] > 2 * row["reward"], "by its contrasts alone it would look like a must-be"
    assert row["kind"] == "one_dimensional" and row["asymmetry_low"] < 0 < row["asymmetry_high"]


def test_the_asymmetry_holds_zero_about_as_often_as_it_says_where_the_effect_is_straight():
    hits = 0
    for seed in range(150):
        rng = np.random.default_rng(seed)
        x = rng.normal(size=300)
        frame = pd.DataFrame({"x": x, "y": 0.5 * x + rng.normal(size=300)})
        row = ts.penalty_reward(frame, {"drivers": {"y": ["x"]}}).table.iloc[0]
        hits += row["asymmetry_low"] <= 0 <= row["asymmetry_high"]
    assert 132 <= hits <= 149, "95 % of 150 are 142.5; a binomial test at 0.1 % allows 132 to 149"


def test_a_ceiling_is_high_and_cuts_may_be_given():
    rng = np.random.default_rng(3)
    x = np.minimum(np.round(rng.normal(6.2, 1.5, 800)), 7)
    frame = pd.DataFrame({"x": x, "y": x + rng.normal(size=800)})
    row = ts.penalty_reward(frame, {"drivers": {"y": ["x"]}}).table.iloc[0]
    assert row["n_high"] == (x == 7).sum() and row["high_cut"] <= 7
    row = ts.penalty_reward(frame, {"drivers": {"y": ["x"]}}, cuts=(4, 7)).table.iloc[0]
    assert (row["n_low"], row["n_middle"]) == ((x <= 4).sum(), ((x > 4) & (x < 7)).sum())


def test_rows_of_one_cluster_that_say_the_same_do_not_narrow_an_interval():
    frame = survey(100).assign(who=range(100))
    ten = pd.concat([frame] * 10, ignore_index=True)
    alone, copied = ts.penalty_reward(ten, MODEL).table, ts.penalty_reward(ten, {**MODEL, "clusters": "who"}).table
    wide = (copied["reward_high"] - copied["reward_low"]) / (alone["reward_high"] - alone["reward_low"])
    assert (wide > 2.5).all()


def test_what_cannot_be_contrasted_is_refused_at_once():
    frame = survey(200).assign(must_be=lambda f: (f["must_be"] > 0).astype(int), reverse=lambda f: f["reverse"] > 0)
    frame["reverse"] = frame["reverse"].astype(int)
    with pytest.raises(ts.BadInput, match="at least 10 answers each low, middle and high") as bad:
        ts.penalty_reward(frame, MODEL)
    assert len(bad.value.findings) == 2 and "'must_be'" in str(bad.value) and "'reverse'" in str(bad.value)
    with pytest.raises(ts.BadInput, match="the lower one first"):
        ts.penalty_reward(survey(200), MODEL, cuts=(5, 4))
    with pytest.raises(ts.BadInput, match="is no outcome"):
        ts.penalty_reward(survey(200), MODEL, "z")
    with pytest.raises(ts.BadInput, match="is needed for a survey that brings none"):
        ts.penalty_reward(survey(200))


def test_the_picture_is_hollow_where_an_interval_includes_zero():
    from matplotlib import pyplot

    found = ts.penalty_reward(survey(300), MODEL)
    ax = found.plot()
    table = found.table
    clear = sum(((table[f"{side}_low"] > 0) | (table[f"{side}_high"] < 0)).sum() for side in ("penalty", "reward"))
    assert len(ax.findobj(lambda part: part.get_gid() == "clear")) == clear
    assert len(ax.findobj(lambda part: part.get_gid() == "open")) == 10 - clear
    pyplot.close("all")
