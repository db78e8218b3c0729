"""The truth beside a simulated survey: what least squares on the latent views of all who were asked would find."""

from __future__ import annotations

import sys
import types

import numpy as np
import pandas as pd
import pytest

from tests.survey.crowd import WEIGHTS, Crowd, changed, customers
from touchsim.errors import BadInput
from touchsim.study.model import model_of
from touchsim.survey.respondents import ESTIMAND, ask, survey_model, survey_study
from touchsim.vocabulary import FACETS, keys


def truth_of(crowd: Crowd) -> dict[str, dict[str, dict[str, float]]]:
    return survey_model(crowd, ask(crowd))["truth"]["coefficients"]


def test_independent_views_give_back_the_weights_of_the_world():
    people = customers(40_000)
    found = truth_of(Crowd(people, changed()))["all"]["satisfaction"]
    spread = people["satisfaction"].std()
    for facet, weight in WEIGHTS.items():
        assert found[facet] == pytest.approx(weight / spread, abs=4 / np.sqrt(40_000))


def test_the_truth_solves_the_normal_equations_of_correlations():
    people = customers(500)
    people["perceived_returns"] += 0.8 * people["perceived_responsiveness"] + 0.5 * people["disposition"]
    found = truth_of(Crowd(people, changed()))["all"]["satisfaction"]
    views = [f"perceived_{facet}" for facet in keys(FACETS)]
    r = people[[*views, "satisfaction"]].corr().to_numpy()
    assert list(found.values()) == pytest.approx(np.linalg.solve(r[:-1, :-1], r[:-1, -1]), abs=1e-10)


def test_a_driver_that_the_survey_does_not_ask_moves_the_projection_off_the_weights():
    people = customers(40_000)
    people["perceived_appearance"] += people["disposition"]  # cheerful people like the looks; the weight stays 0
    found = truth_of(Crowd(people, changed()))["all"]["satisfaction"]
    # regression of 0.3 * disposition on view + disposition, both of variance 1: slope 0.15, in standard deviations
    assert found["appearance"] == pytest.approx(0.15 * np.sqrt(2) / people["satisfaction"].std(), abs=0.02)


def test_intentions_have_their_standardised_slope():
    people = customers(30_000)
    crowd = Crowd(people, changed(intentions={"repurchase": {"slope": 0.5, "spread": 0.4}}))
    answers = ask(crowd)
    found = survey_model(crowd, answers)["truth"]["coefficients"]["all"]
    seen = np.corrcoef(answers["latent_satisfaction"], answers["latent_repurchase"])[0, 1]
    assert found["repurchase"]["satisfaction"] == pytest.approx(seen, abs=4 / np.sqrt(30_000))
    assert found["willingness_to_pay"]["satisfaction"] == 0.0


def test_each_kind_of_goods_has_a_truth_of_its_own():
    people = customers(20_000)
    experience = people["goods"] == "experience"
    people.loc[experience, "satisfaction"] += 0.5 * people.loc[experience, "perceived_customisation"]
    found = truth_of(Crowd(people, changed()))
    assert set(found) == {"all", "search", "experience"}
    assert found["experience"]["satisfaction"]["customisation"] > found["all"]["satisfaction"]["customisation"] + 0.1
    assert found["search"]["satisfaction"]["customisation"] < found["all"]["satisfaction"]["customisation"] - 0.1


def test_the_truth_is_that_of_all_who_were_asked_not_of_those_who_answered():
    crowd = Crowd(customers(3_000), changed())
    few, many = ask(crowd, response_rate=0.02), ask(crowd, response_rate=0.9)
    assert survey_model(crowd, few)["truth"] == survey_model(crowd, many)["truth"]


def test_customers_who_were_not_asked_do_not_count():
    people = customers(1_000)
    strangers = customers(500, seed=9).assign(customer=np.arange(1_000, 1_500), surveyed=np.nan, satisfaction=50.0)
    both = pd.concat([people, strangers], ignore_index=True)
    assert truth_of(Crowd(both, changed())) == truth_of(Crowd(people, changed()))


def test_a_facet_that_nobody_sees_differently_has_no_coefficient():
    people = customers(200).assign(perceived_security=0.3)
    found = truth_of(Crowd(people, changed()))["all"]["satisfaction"]
    assert "security" not in found
    assert len(found) == len(FACETS) - 1


def test_the_model_with_its_truth_is_a_valid_study_model_and_names_the_estimand():
    crowd = Crowd(customers(300), changed())
    model = model_of(survey_model(crowd, ask(crowd)))
    assert (model.truth.estimand, model.truth.units) == (ESTIMAND, "standardised")
    assert set(model.truth.coefficients["all"]) == set(model.drivers)


def test_without_truth_the_model_says_nothing_of_it():
    crowd = Crowd(customers(30), changed())
    assert survey_model(crowd, ask(crowd), truth=False) == ask(crowd).attrs["model"]


@pytest.fixture
def engine(monkeypatch):
    """An engine that makes hand-made customers, of whom only `buying` in a hundred reach the survey."""
    module = types.ModuleType("touchsim.engine.simulation")
    module.asked_for, module.buying = [], 30

    def simulate(scenario, *, customers: int, seed: int, replications: int) -> Crowd:
        module.asked_for.append(customers)
        people = make(customers, replications=replications)
        people.loc[people["customer"] % 100 >= module.buying, "surveyed"] = np.nan
        return Crowd(people, scenario)

    make = customers
    module.simulate = simulate
    monkeypatch.setitem(sys.modules, "touchsim.engine.simulation", module)
    return module


def test_a_study_gets_exactly_the_respondents_it_wants(engine):
    answers, model = survey_study(changed(response={"rate": 0.3}), respondents=150, seed=4, replications=2)
    assert answers.groupby("replication").size().tolist() == [150, 150]
    assert "truth" in model
    assert answers.attrs["model"].items() <= model.items()


def test_of_too_many_answers_the_lowest_customer_numbers_are_kept(engine):
    scenario = changed(response={"rate": 0.9})
    few, _ = survey_study(scenario, respondents=40)
    everybody = ask(Crowd(customers(engine.asked_for[-1]).query("customer % 100 < 30"), scenario))
    assert few["customer"].tolist() == everybody["customer"].head(40).tolist()


def test_the_truth_of_a_study_comes_from_many_more_than_its_respondents(engine):
    answers, _ = survey_study(changed(), respondents=60)
    assert answers.attrs["provenance"]["asked"]["asked"] >= 20 * 60


def test_a_study_of_a_finite_market_is_content_with_everybody_there_is(engine, monkeypatch):
    endless = engine.simulate
    monkeypatch.setattr(engine, "simulate", lambda world, *, customers, seed, replications: endless(
        world, customers=min(customers, 3_000), seed=seed, replications=replications))  # fmt: skip
    answers, model = survey_study(changed(), respondents=60)
    asked = answers.attrs["provenance"]["asked"]["asked"]
    assert len(answers) == 60 < asked < 20 * 60 and "truth" in model
    assert len(engine.asked_for) <= 3, "more customers would be nobody new"


def test_a_world_that_surveys_nobody_says_so_at_once(engine):
    engine.buying = 0
    with pytest.raises(BadInput, match="surveyed nobody"):
        survey_study(changed(), respondents=50)
    assert len(engine.asked_for) == 1


def test_a_world_where_nobody_answers_says_so_in_the_end(engine, monkeypatch):
    monkeypatch.setattr("touchsim.survey.respondents.LARGEST_STUDY", 1_000)
    with pytest.raises(BadInput, match="too few for 20 respondents"):
        survey_study(changed(response={"rate": 0.0}), respondents=20)


def test_wrong_sizes_of_a_study_are_found_together():
    with pytest.raises(BadInput) as caught:
        survey_study(None, respondents=0, replications=0)
    assert [finding.where for finding in caught.value.findings] == ["respondents", "replications"]


def test_a_study_of_one_respondent_does_not_stumble_over_a_crowd_without_buyers(engine):
    engine.buying = 1
    answers, _ = survey_study(changed(), respondents=1)
    assert len(answers) == 1
