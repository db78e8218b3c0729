"""Who is asked and who answers, and that a customer's answers depend on nobody else."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from tests.survey.crowd import Crowd, changed, customers
from touchsim.documents import parse_document
from touchsim.engine.simulation import simulate
from touchsim.errors import BadInput
from touchsim.study.model import model_of
from touchsim.survey.respondents import ask
from touchsim.vocabulary import FACETS, keys
from touchsim.world.questionnaire import ASKED, Questionnaire
from touchsim.world.scenario import load_scenario


def numbers(answers: pd.DataFrame) -> set[int]:
    return set(answers["customer"])


def items(answers: pd.DataFrame) -> list[str]:
    return [item for scale in answers.attrs["model"]["scales"].values() for item in scale]


def standard(n: int) -> pd.DataFrame:
    """Customers whose satisfaction is standard normal and free of disposition, as in the reference crowd."""
    return customers(n).assign(satisfaction=np.random.default_rng(8).standard_normal(n))


@pytest.mark.parametrize("rate", [0.05, 0.25, 0.8])
@pytest.mark.parametrize("slopes", [(0.0, 0.0), (0.9, 0.0), (-0.5, 0.7)])
def test_the_response_rate_is_hit_in_a_reference_crowd(rate, slopes):
    n = 20_000
    survey = changed(response={"rate": rate, "on_extremity": slopes[0], "on_disposition": slopes[1]})
    answered = len(ask(Crowd(standard(n), survey)))
    assert abs(answered / n - rate) < 4 * np.sqrt(rate * (1 - rate) / n)


def test_the_response_rate_of_the_call_stands_above_that_of_the_questionnaire():
    crowd = Crowd(customers(4_000), changed(response={"rate": 0.9}))
    assert abs(len(ask(crowd, response_rate=0.2)) / 4_000 - 0.2) < 4 * np.sqrt(0.16 / 4_000)


def test_without_slopes_the_answering_are_like_the_silent():
    people = standard(20_000)
    answered = people["customer"].isin(numbers(ask(Crowd(people, changed(response={"rate": 0.5})))))
    for trait in (people["satisfaction"].abs(), people["disposition"], people["perceived_returns"]):
        difference = trait[answered].mean() - trait[~answered].mean()
        assert abs(difference) < 4 * trait.std() * np.sqrt(2 / 10_000)


def test_extreme_and_cheerful_people_answer_more_when_slopes_say_so():
    people = standard(20_000)
    survey = changed(response={"rate": 0.3, "on_extremity": 1.0, "on_disposition": 0.8})
    answered = people["customer"].isin(numbers(ask(Crowd(people, survey)))).to_numpy(float)
    design = np.column_stack([np.ones(len(people)), people["satisfaction"].abs(), people["disposition"]])
    b = np.zeros(3)
    for _ in range(25):  # logistic regression by Newton's method, apart from the code under test
        p = 1 / (1 + np.exp(-design @ b))
        b += np.linalg.solve(design.T @ (design * (p * (1 - p))[:, None]), design.T @ (answered - p))
    assert b[1:] == pytest.approx([1.0, 0.8], abs=0.12)


def test_a_rate_of_one_reaches_everybody_and_zero_nobody():
    crowd = Crowd(customers(50), changed())
    assert len(ask(crowd, response_rate=1.0)) == 50
    nobody = ask(crowd, response_rate=0.0)
    assert len(nobody) == 0
    assert {"PI1", "latent_fulfilment", "seen_returns"} <= set(nobody.columns)


def test_buyers_are_those_whom_the_survey_reached():
    people = customers(60)
    people.loc[:19, "surveyed"] = np.nan
    assert numbers(ask(Crowd(people, changed(asked="buyers")))) == set(range(20, 60))
    assert numbers(ask(Crowd(people, changed(asked="all")))) == set(range(60))


@pytest.fixture(scope="module")
def shop_log():
    return simulate(load_scenario("webshop").with_(segments={"browsers": {"stock": 200, "stock_as": "customer"}}),
                    customers=4_000, seed=3)  # fmt: skip


def whom(log, asked: str) -> set[int]:
    survey = {**(log.provenance["survey"] or {}), "asked": asked, "response": {"rate": 1.0}}
    return numbers(ask(replace(log, provenance={**log.provenance, "survey": survey})))


def test_returners_are_those_who_had_sent_something_back_before_they_were_asked(shop_log):
    people, contacts = shop_log.customers_frame().set_index("customer"), shop_log.visits_frame()
    surveyed = people["surveyed"].dropna()
    sent = contacts[(contacts["need"] == "return") & (contacts["outcome"] == "served")]
    before = sent[sent["arrived"] < sent["customer"].map(surveyed)]
    assert whom(shop_log, "returners") == set(before["customer"])
    later = set(sent["customer"]) & set(surveyed.index) - set(before["customer"])
    assert later, "some send something back after the survey, and are no returners then"


def test_repeat_buyers_have_bought_again_whether_they_were_there_at_the_start_or_not(shop_log):
    people = shop_log.customers_frame().set_index("customer")
    again = people["purchases"] + (people["origin"] == "stock") >= 2
    assert whom(shop_log, "repeat_buyers") == set(people.index[again & people["surveyed"].notna()])
    assert people.loc[list(whom(shop_log, "repeat_buyers")), "origin"].nunique() == 2


def test_each_word_asks_fewer_than_the_one_before(shop_log):
    everyone, buyers, again, back = (whom(shop_log, word) for word in ASKED)
    assert everyone > buyers > again and buyers > back and again != back


def test_a_run_whose_buyers_never_return_anything_says_so():
    shop = load_scenario("corner_shop").with_(orders={"return_search": 0, "return_experience": 0},
                                              survey={"asked": "returners"})  # fmt: skip
    with pytest.raises(BadInput, match="nobody who belongs to the returners among 300 customers") as caught:
        ask(simulate(shop, customers=300, seed=1))
    (finding,) = caught.value.findings
    assert finding.where == "survey" and finding.hint == (
        "give the scenario a touchpoint for the need 'return' and orders that go back, run more customers, "
        "or set survey.asked: buyers")  # fmt: skip


@pytest.mark.parametrize(
    ("asked", "surveyed", "law", "hint"),
    [("all", True, "surveyed nobody among", "run more customers"),
     ("buyers", False, "surveyed nobody among", "a touchpoint for the need 'survey'"),
     ("repeat_buyers", True, "nobody who belongs to the repeat buyers", "let customers buy again"),
     ("repeat_buyers", False, "nobody who belongs to the repeat buyers", "a touchpoint for the need 'survey'")],
)  # fmt: skip
def test_who_finds_nobody_to_ask_is_told_what_the_world_lacks(asked, surveyed, law, hint):
    people = customers(5).assign(reached_repeat_customer=np.nan)
    people["surveyed"] = people["surveyed"] if surveyed else np.nan
    people["satisfaction"] = np.nan if asked == "all" else people["satisfaction"]
    with pytest.raises(BadInput) as caught:
        ask(Crowd(people, {"asked": asked}))
    (finding,) = caught.value.findings
    assert law in finding.law and finding.hint.startswith(("give the scenario " + hint, hint))
    assert ("survey.asked: all" in finding.hint) == (asked != "all" and not surveyed)


def test_repeat_buyers_of_a_log_that_does_not_know_them_are_told_in_a_message():
    with pytest.raises(BadInput, match="must have the column reached_repeat_customer"):
        ask(Crowd(customers(5), {"asked": "repeat_buyers"}))


def test_a_customer_answers_the_same_whoever_else_is_there():
    people = customers(300)
    survey = changed(noise=0.5, method=0.3, style={"shift_sd": 0.3, "careless": 0.1}, response={"rate": 0.5})
    everybody = ask(Crowd(people, survey)).set_index("customer")
    some = ask(Crowd(people.iloc[1::3], survey)).set_index("customer")
    assert len(some) > 20
    assert some.equals(everybody.loc[some.index])


def test_a_person_answers_the_same_in_a_world_where_others_are_born_first():
    town = load_scenario("corner_shop").with_(touchpoints={"store": {"capacity": None, "line": None}})
    busy = town.with_(segments={"strangers": {"arrivals": 9}})
    sheets = []
    for world in (town, busy):
        log = simulate(world, days=60, seed=4)
        answers = ask(log, response_rate=0.5)
        people = log.customers_frame().set_index("customer")
        assert answers["identity"].equals(people.loc[answers["customer"], "identity"].reset_index(drop=True))
        sheets.append(answers.set_index("identity"))
    alone, among = sheets
    assert alone.index.is_unique and among.index.is_unique, "one row per person: sheets can be joined"
    assert len(alone) > 20
    assert len(among) > len(alone)
    assert (among.loc[alone.index, "customer"] != alone["customer"]).any(), "their running numbers moved"
    ticks = items(answers)
    assert alone[ticks].equals(among.loc[alone.index, ticks])


def test_smaller_samples_are_parts_of_larger_ones():
    crowd = Crowd(customers(200, replications=2), changed())
    small, large = ask(crowd, sample=20), ask(crowd, sample=90)
    assert small.groupby("replication").size().tolist() == [20, 20]
    both = ["replication", "customer"]
    assert small.merge(large, on=[*both, "PI1", "SA1"], how="inner").shape[0] == len(small)
    assert small[both].to_numpy().tolist() == sorted(small[both].to_numpy().tolist())


def test_a_sample_is_drawn_from_all_customers_alike():
    n = 2_000
    lots = np.array([customer for seed in range(20) for customer in ask(Crowd(customers(n), changed()), sample=100,
                                                                        seed=seed)["customer"]])  # fmt: skip
    assert abs(lots.mean() - (n - 1) / 2) < 4 * n / np.sqrt(12 * len(lots))


def test_seed_and_replication_change_the_answers():
    people = customers(200)
    survey = changed(noise=1.0)
    base = ask(Crowd(people, survey))[items(ask(Crowd(people, survey)))]
    assert not base.equals(ask(Crowd(people, survey), seed=2)[base.columns])
    assert not base.equals(ask(Crowd(people.assign(replication=1), survey))[base.columns])


def test_worlds_that_are_compared_share_their_response_draws():
    people = customers(2_000)
    better = people.assign(perceived_returns=people["perceived_returns"] + 0.1)
    survey = changed(noise=0.5, response={"rate": 0.5})
    here, there = ask(Crowd(people, survey)), ask(Crowd(better, survey))
    assert here["customer"].equals(there["customer"])
    assert here["PI1"].equals(there["PI1"])
    moved = there["ER1"].astype(int) - here["ER1"].astype(int)
    assert (moved >= 0).all()
    assert 0 < moved.sum() < len(moved)


CHANGES = {
    "points": 5, "span": 2.0, "items": {"each": 4}, "asked": "all", "loading": 0.3, "method": 0.9, "halo": -0.9,
    "noise": 0.1, "forgetting": 0.5, "recall_decay": 0.5, "colouring": 0.5, "stated": {},
    "judge.each": "experience", "judge.fulfilment": "impression",
    "judge.returns": "experience", "items.appearance": 1, "style.shift_mean": -0.5, "style.shift_sd": 0.0,
    "style.stretch_sd": 0.9, "style.careless": 0.5, "style.straight_lining": 0.0, "response.rate": 0.9,
    "response.on_extremity": 2.0, "response.on_disposition": 2.0, "response.skip": 0.3,
    "intentions.repurchase": {"slope": 2.0, "spread": 0.6}, "intentions.recommendation": {"slope": 0.8, "spread": 3.0},
    "intentions.willingness_to_pay": {"slope": 1.0, "spread": 0.9}, "marker": 2,
}  # fmt: skip


@pytest.mark.parametrize("field", CHANGES)
def test_every_field_of_the_questionnaire_moves_the_answers(field):
    people = customers(400)
    people.loc[::5, [f"seen_{facet}" for facet in keys(FACETS)]] = 0
    people.loc[:9, "surveyed"] = np.nan
    section, _, name = field.partition(".")
    survey = {section: {name: CHANGES[field]} if name else CHANGES[field]}
    assert not ask(Crowd(people, {})).equals(ask(Crowd(people, survey)))


def test_every_field_is_in_the_list_above():
    fields = set()
    for name, info in Questionnaire.model_fields.items():
        inner = getattr(info.annotation, "model_fields", {})
        fields |= {f"{name}.{key}" for key in inner} or {name}
    spared = {f"items.{key}" for key in type(Questionnaire().items).model_fields} | {
        f"judge.{key}" for key in keys(FACETS)
    }  # one of each kind stands for its sisters
    assert fields - spared <= set(CHANGES)


def test_the_columns_are_those_of_the_contract():
    answers = ask(Crowd(customers(30), {}), response_rate=1.0)
    assert answers.columns[:6].tolist() == ["replication", "customer", "identity", "segment", "goods_type", "PI1"]
    assert {f"latent_{facet}" for facet in keys(FACETS)} | {"latent_satisfaction"} <= set(answers.columns)
    assert {f"seen_{facet}" for facet in keys(FACETS)} <= set(answers.columns)
    assert {str(answers[item].dtype) for item in items(answers)} == {"Int8"}


def test_the_model_that_comes_along_is_a_valid_study_model():
    answers = ask(Crowd(customers(30), {"items": {"each": 2, "returns": 4}}))
    model = model_of(answers.attrs["model"])
    assert model.scales["returns"] == ("ER1", "ER2", "ER3", "ER4")
    assert model.drivers["satisfaction"] == keys(FACETS)
    assert model.groups == "goods_type"
    assert set(model.items) <= set(answers.columns)


def test_where_all_goods_are_of_one_kind_there_are_no_groups():
    assert "groups" not in ask(Crowd(customers(30).assign(goods="search"), {}), response_rate=1.0).attrs["model"]


def test_what_travels_with_the_answers_survives_a_file(tmp_path):
    answers = ask(Crowd(customers(40), changed()))
    json.dumps(answers.attrs)
    answers.to_parquet(tmp_path / "answers.parquet")
    back = pd.read_parquet(tmp_path / "answers.parquet")
    assert back.attrs == answers.attrs
    pd.testing.assert_frame_equal(back, answers)


def test_a_run_that_surveyed_nobody_says_so():
    with pytest.raises(BadInput, match=r"surveyed nobody among 5 customers.*survey.asked: all"):
        ask(Crowd(customers(5).assign(surveyed=np.nan), {}))


def test_a_log_whose_customers_lack_columns_is_told_in_one_message():
    people = customers(5)
    with pytest.raises(BadInput) as caught:
        ask(Crowd(people.drop(columns="identity"), {}))
    (finding,) = caught.value.findings
    assert "must have the column identity" in finding.law and finding.hint == "run it again"
    with pytest.raises(BadInput, match="must have the columns identity, perceived_returns"):
        ask(Crowd(people.drop(columns=["identity", "perceived_returns"]), {}))


def test_wrong_arguments_are_found_together():
    with pytest.raises(BadInput) as caught:
        ask(Crowd(customers(5), {}), response_rate=1.5, seed=-1, sample=0)
    assert [finding.where for finding in caught.value.findings] == ["response_rate", "seed", "sample"]


def test_findings_of_a_questionnaire_come_together_with_their_lines():
    text = "points: 1\njudge: {retuns: experience}\nresponse: {rate: 25}\nhalo: 2\nitems: {returns: 0}\n"
    with pytest.raises(BadInput) as caught:
        parse_document(Questionnaire, text, file="shop.yaml")
    assert [finding.line for finding in caught.value.findings] == [1, 2, 3, 4, 5]
    assert "did you mean 'returns'?" in str(caught.value)
