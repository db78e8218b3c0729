"""Rows that hang together: errors by cluster equal to leaving each cluster out, and honest where there are few."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from tests.study.surveys import continuous, equation
from touchsim.errors import BadInput
from touchsim.study import clusters as ways
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
    one = fit_drivers(shops(1), equation(2, clusters="shop"))
    assert one.summary["cov_type"].item() == "HC3"
    said = "Errors are not clustered by shop: all rows are of the same one, so how they differ is not in any interval."
    assert said in one.warnings
    frame = shops(12)
    frame["x1"] = np.where(frame["shop"] == "s3", frame["x1"], 0.0)
    fit = fit_drivers(frame, equation(2, clusters="shop"))
    assert fit.summary["cov_type"].item() == "HC3" and "without one of the clusters" in " ".join(fit.warnings)


@pytest.mark.parametrize("estimator", ["logit", "ordered_logit"])
def test_a_driver_that_one_cluster_alone_tells_has_no_errors_by_cluster(estimator):
    frame = shops(12)
    frame["x1"] = np.where(frame["shop"] == "s3", frame["x1"], 0.0)
    frame["y"] = np.digitize(frame["y"], [0.0] if estimator == "logit" else [-0.5, 0.5])
    fit = fit_drivers(frame, equation(2, estimator=estimator, clusters="shop"))
    assert fit.summary["cov_type"].item() == "nonrobust" and "without one of the clusters" in " ".join(fit.warnings)


def test_a_level_that_one_shop_alone_gives_is_left_out_with_it():
    frame = shops(12)
    frame["y"] = np.digitize(frame["y"], [-1.0, 0.0, 1.0])
    frame.loc[np.flatnonzero(frame["shop"] == "s3")[:4], "y"] = 9
    model = equation(2, estimator="ordered_logit", clusters="shop")
    fit = fit_drivers(frame, model)
    assert fit.summary["cov_type"].item() == "CR3 by shop" and "not clustered" not in " ".join(fit.warnings)
    assert fit.table["std_error"].tolist() == pytest.approx(leaving_out(frame, model, "estimate"), rel=1e-8)


def test_where_a_cluster_keeps_answers_from_being_separated_errors_are_those_of_the_sandwich():
    frame = shops(12)
    frame["x1"] = (frame["x1"] > 0).astype(float)
    frame["y"] = ((frame["y"] > 0) | (frame["x1"] > 0)).astype(float)
    frame.loc[np.flatnonzero((frame["shop"] == "s3") & (frame["x1"] > 0))[:3], "y"] = 0.0
    fit = fit_drivers(frame, equation(2, estimator="logit", clusters="shop"))
    assert fit.summary["cov_type"].item() == "CR1 by shop"
    assert "those of the sandwich (CR1), not of the jackknife" in " ".join(fit.warnings)
    design = sm.add_constant(frame[["x0", "x1"]])
    shop = frame["shop"].astype("category").cat.codes
    other = sm.Logit(frame["y"], design).fit(disp=0, tol=1e-10, cov_type="cluster",
                                             cov_kwds={"groups": shop, "use_correction": False})  # fmt: skip
    assert fit.table["std_error"].tolist() == pytest.approx(np.sqrt(12 / 11) * other.bse[["x0", "x1"]], rel=1e-6)


@pytest.mark.parametrize("estimator", ["ordered_logit", "probit"])
def test_intervals_of_the_sandwich_are_near_those_of_leaving_out_each_cluster(estimator):
    frame = shops(150, 10)
    frame["y"] = np.digitize(frame["y"], [0.0] if estimator == "probit" else [-1.0, 0.0, 1.0])
    model = equation(2, estimator=estimator, clusters="shop")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ways, "MOST_REFITS", 10)
        sandwich = fit_drivers(frame, model)
    jackknife = fit_drivers(frame, model)
    assert [fit.summary["cov_type"].item() for fit in (sandwich, jackknife)] == ["CR1 by shop", "CR3 by shop"]
    for low, high in (("low", "high"), ("std_low", "std_high")):
        wide, other = (fit.table[high] - fit.table[low] for fit in (sandwich, jackknife))
        assert wide.tolist() == pytest.approx(other, rel=0.03)


def test_errors_of_a_median_by_cluster_are_the_sandwich_with_few_clusters_counted():
    frame = shops(8, 40)
    plain, by_shop = (fit_drivers(frame, equation(2, estimator="quantile", clusters=name)) for name in (None, "shop"))
    pulls, shop = plain.estimates["y", "all"].pulls, frame["shop"].astype("category").cat.codes
    sums = pd.DataFrame(pulls).groupby(shop).sum().to_numpy()
    assert by_shop.table["std_error"].tolist() == pytest.approx(np.sqrt(8 / 7 * (sums**2).sum(axis=0)), rel=1e-9)


def test_a_group_of_one_cluster_is_said_to_have_errors_without_it():
    frame = shops(4).assign(kind=lambda rows: np.where(rows["shop"] == "s0", "lone", "other"))
    fit = fit_drivers(frame, equation(2, clusters="shop", groups="kind"))
    assert fit.summary["cov_type"].tolist() == ["CR3 by shop", "HC3", "CR3 by shop"]
    said = "Errors in lone are not clustered by shop: all rows there are of the same one"
    assert sum(sentence.startswith(said) for sentence in fit.warnings) == 1


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
