"""Rows that hang together: errors by cluster equal to leaving each cluster out, and honest where there are few."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.study.surveys import continuous, equation
from touchsim.errors import BadInput
from touchsim.study.drivers import fit_drivers
from touchsim.study.survey import study_survey


def shops(n_shops: int = 12, n: int = 30, *, seed: int = 1, noise: float = 0.8) -> pd.DataFrame:
    """Answers from shops, each with a level of its own in the first driver and in the outcome."""
    rng = np.random.default_rng(seed)
    frame = continuous([0.5, 0.2], n_shops * n, seed=seed)
    shop = np.repeat(np.arange(n_shops), n)
    level = noise * rng.normal(size=n_shops)[shop]
    frame["x0"] += level
    frame["y"] += 0.5 * level + noise * rng.normal(size=n_shops)[shop]
    return frame.assign(shop=[f"s{one}" for one in shop])


def leaving_out(frame: pd.DataFrame, model: dict, column: str) -> np.ndarray:
    """Errors from refitting without each shop, by the public front door."""
    plain = {key: value for key, value in model.items() if key != "clusters"}
    left = np.array([fit_drivers(rest, plain).table[column].to_numpy()
                     for rest in (frame[frame["shop"] != one] for one in frame["shop"].unique())])  # fmt: skip
    gap = left - fit_drivers(frame, plain).table[column].to_numpy()
    return np.sqrt((len(left) - 1) / len(left) * (gap**2).sum(axis=0))


@pytest.mark.parametrize("estimator", ["ols", "ordered_logit"])
def test_errors_are_those_of_leaving_out_each_cluster(estimator):
    frame = shops()
    frame["y"] = np.digitize(frame["y"], [-1.0, 0.0, 1.0]) if estimator == "ordered_logit" else frame["y"]
    model = equation(2, estimator=estimator, clusters="shop")
    fit = fit_drivers(frame, model)
    assert fit.summary["cov_type"].item() == "CR3 by shop"
    assert fit.table["std_error"].tolist() == pytest.approx(leaving_out(frame, model, "estimate"), rel=1e-8)
    reach = (fit.table["std_high"] - fit.table["std_low"]) / 2
    assert (reach / 2.2009852).tolist() == pytest.approx(leaving_out(frame, model, "std_beta"), rel=1e-6), "t of 11"
    assert fit.table["estimate"].equals(fit_drivers(frame, equation(2, estimator=estimator)).table["estimate"])


@pytest.mark.parametrize("n_shops", [4, 12])
def test_intervals_hold_the_slope_where_rows_of_a_shop_hang_together_and_hc3_does_not(n_shops):
    hits = {"shop": 0, None: 0}
    for seed in range(120):
        frame = shops(n_shops, 20, seed=seed)
        for clusters in hits:
            row = fit_drivers(frame, equation(2, clusters=clusters)).table.iloc[0]
            hits[clusters] += row["low"] <= 0.5 <= row["high"]
    assert hits["shop"] >= 105, "95 % of 120 are 114; a binomial test at 0.1 % allows 105"
    assert hits[None] < 105


def test_few_clusters_are_said_and_their_blocks_tested_only_where_they_can_be():
    frame = shops(3)
    study = study_survey(frame, equation(2, clusters="shop", blocks={"a": ["x0"], "b": ["x1"]}), draws=100)
    doubt = "clustered by shop and rest on 3 clusters, so intervals are those of t with 2 degrees of freedom and wide"
    assert sum(doubt in sentence for sentence in study.warnings) == 1
    one = study.blocks.set_index("block").loc["a"]
    row = study.coefficients.iloc[0]
    assert one["df_den"] == 2 and one["p_value"] == pytest.approx(row["p_value"]), "one driver: F is t squared"
    both = study_survey(shops(2), equation(2, clusters="shop", blocks={"a": ["x0", "x1"]}), draws=100).blocks
    assert np.isnan(both["p_value"].item()), "two coefficients cannot be tested with two clusters"


def test_one_cluster_changes_nothing_and_a_needed_one_is_said():
    frame = shops(1)
    assert fit_drivers(frame, equation(2, clusters="shop")).summary["cov_type"].item() == "HC3"
    frame = shops(12)
    frame["x1"] = np.where(frame["shop"] == "s3", frame["x1"], 0.0)
    fit = fit_drivers(frame, equation(2, clusters="shop"))
    assert fit.summary["cov_type"].item() == "HC3" and "without one of the clusters" in " ".join(fit.warnings)


def test_a_cluster_that_is_not_named_or_not_given_is_a_finding():
    frame = shops()
    with pytest.raises(BadInput, match="clusters: no such column in the survey .got shops.; did you mean 'shop'"):
        fit_drivers(frame, equation(2, clusters="shops"))
    frame.loc[4, "shop"] = None
    with pytest.raises(BadInput, match="row 5 does not .got nothing in column 'shop'"):
        fit_drivers(frame, equation(2, clusters="shop"))
    with pytest.raises(BadInput, match="must be a column that is no item"):
        fit_drivers(frame, equation(2, clusters="x1"))


def test_pooled_replications_are_clusters_and_one_is_not():
    from touchsim.survey.respondents import survey_study
    from touchsim.world.scenario import load_scenario

    shop = load_scenario("corner_shop")
    answers, model = survey_study(shop, respondents=120, replications=3, seed=2)
    fit = fit_drivers(answers, model)
    assert set(fit.summary["cov_type"]) == {"CR3 by replication"}
    assert "clusters" not in survey_study(shop, respondents=120, seed=2)[1]
