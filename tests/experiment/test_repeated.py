"""What repeated studies promise: the same seed gives the same studies, and minds that are read tell the truth."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest

import touchsim as ts
from touchsim.experiment.repeated import count_found, repeated_studies

FACETS = 9


@pytest.fixture(scope="module")
def studies() -> pd.DataFrame:
    shop = ts.load_scenario("webshop")
    return repeated_studies(shop, respondents=[300, 100], studies=40, views=True, response_rate=1.0, seed=5)


def test_the_same_seed_gives_the_same_studies_with_any_number_of_workers() -> None:
    shop = ts.load_scenario("corner_shop")
    one, two = (repeated_studies(shop, respondents=[80], studies=12, response_rate=1.0, workers=n) for n in (1, 2))
    pd.testing.assert_frame_equal(one, two)
    assert not one.equals(repeated_studies(shop, respondents=[80], studies=12, response_rate=1.0, seed=2))


def test_every_study_has_a_row_for_each_size_basis_and_driver(studies: pd.DataFrame) -> None:
    assert len(studies) == 40 * 2 * 2 * FACETS
    assert not studies.duplicated(["study", "respondents", "basis", "term"]).any()
    assert (studies["n"] <= studies["respondents"]).all()
    assert studies.groupby("study")["std_beta"].first().nunique() == 40


def test_from_true_views_the_intervals_hold_the_truth_as_often_as_they_say(studies: pd.DataFrame) -> None:
    views = studies[(studies["basis"] == "true views") & (studies["respondents"] == 300)]
    held = ((views["std_low"] <= views["truth_std"]) & (views["truth_std"] <= views["std_high"])).sum()
    assert binomtest(int(held), len(views), 0.95).pvalue > 0.001


def test_from_answers_strong_drivers_look_weaker_than_they_are(studies: pd.DataFrame) -> None:
    card = count_found(studies[(studies["basis"] == "answers") & (studies["respondents"] == 300)])
    strong = card[card["term"].isin(["fulfilment", "responsiveness", "returns"])]
    assert len(strong) == 3 and (strong["bias_high"] < 0).all()


def test_a_score_card_counts_what_was_significant_with_the_interval_of_wilson(studies: pd.DataFrame) -> None:
    row = count_found(studies).iloc[-1]
    same = studies[["term", "respondents", "basis"]].eq(row[["term", "respondents", "basis"]]).all(axis=1)
    found = int((studies[same]["p_value"] < 0.05).sum())
    interval = binomtest(found, 40).proportion_ci(method="wilson")
    expected = (found / 40, interval.low, interval.high)
    np.testing.assert_allclose(row[["significant", "significant_low", "significant_high"]].to_numpy(float), expected)


def test_arguments_that_make_no_sense_are_found_together() -> None:
    with pytest.raises(ts.BadInput) as caught:
        repeated_studies(ts.load_scenario("corner_shop"), respondents=[0], studies=0, seed=-1, workers=0)
    assert [finding.where for finding in caught.value.findings] == ["respondents", "studies", "seed", "workers"]


def test_a_study_too_small_for_its_regression_is_refused() -> None:
    with pytest.raises(ts.BadInput, match="complete answers for 9 drivers"):
        repeated_studies(ts.load_scenario("corner_shop"), respondents=[8], studies=1, response_rate=1.0)
