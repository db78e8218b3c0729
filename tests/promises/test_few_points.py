"""Answers on five points with a ceiling: what they take from coefficients, and which estimators give it back."""

from __future__ import annotations

import pytest

import touchsim as ts

HONEST = {"shift_sd": 0.0, "stretch_sd": 0.0, "careless": 0.0}
LEADERS = ["fulfilment", "responsiveness", "returns"]
STUDIES, RESPONDENTS = 60, 1000


@pytest.mark.proof
def test_thresholds_give_back_what_five_points_with_a_ceiling_take_even_from_corrected_coefficients() -> None:
    happy = ts.load_scenario("corner_shop").with_(
        survey={"points": 5, "method": 0.0, "style": HONEST | {"shift_mean": 1.3}})  # fmt: skip
    card = ts.score_card(happy, n=RESPONDENTS, studies=STUDIES, estimators=("ols", "corrected", "sem_wlsmv"), seed=5)
    rows = card.table[(card.table["estimand"] == "projection") & card.table["term"].isin(LEADERS)]
    truth = rows.groupby("term")["truth"].first()
    found = card.studies[card.studies["term"].isin(LEADERS)]
    gap = (found["std_beta"] - found["term"].map(truth)).groupby([found["estimator"], found["study"]]).mean()
    by = gap.groupby("estimator")
    bias = by.median()  # a mean would be that of the few studies without a proper solution
    error = 1.2533 * 1.4826 * by.apply(lambda one: (one - one.median()).abs().median()) / STUDIES**0.5
    told = {name: f"{bias[name]:+.3f} (Monte Carlo error {error[name]:.3f})" for name in bias.index}
    assert bias["ols"] < -0.1, told
    assert bias["corrected"] < -0.02, told
    assert abs(bias["sem_wlsmv"]) < 0.02 and error.max() < 0.01, told
