"""What people think becomes what they tick, by the equations of the questionnaire and nothing else."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from tests.survey.crowd import WEIGHTS, Crowd, changed, customers
from touchsim.survey.answers import cut_points
from touchsim.survey.respondents import ask
from touchsim.vocabulary import FACETS, keys
from touchsim.world.questionnaire import Questionnaire

FINE = {"points": 101, "span": 16.0}  # so many points that a tick is the value itself
STEP = 16.0 / 101


def items(answers: pd.DataFrame) -> list[str]:
    return [item for scale in answers.attrs["model"]["scales"].values() for item in scale]


def values(answers: pd.DataFrame, columns: list[str]) -> np.ndarray:
    """Ticks on the fine scale, back as values."""
    return (answers[columns].to_numpy(float) - 51) * STEP


def alpha(x: np.ndarray) -> float:
    k = x.shape[1]
    return k / (k - 1) * (1 - x.var(axis=0, ddof=1).sum() / x.sum(axis=1).var(ddof=1))


@pytest.mark.parametrize("points", [2, 5, 7, 10])
def test_without_any_error_a_tick_is_the_view_between_its_cut_points(points):
    crowd = Crowd(customers(500), changed(points=points))
    answers = ask(crowd)
    edges = [-np.inf, *cut_points(Questionnaire(points=points)), np.inf]
    for item, view in (("PI1", "perceived_product_information"), ("SA2", "satisfaction")):
        ticks, views = answers[item].to_numpy(int), crowd.people[view].to_numpy()
        assert all(edges[tick - 1] <= value < edges[tick] for tick, value in zip(ticks, views, strict=True))
    assert set(answers["PI1"]) == set(range(1, points + 1))


def test_a_view_on_a_cut_point_falls_to_the_upper_answer():
    people = customers(2)
    people["perceived_appearance"] = [0.5, np.nextafter(0.5, 0)]
    assert ask(Crowd(people, changed(points=5, span=5.0)))["WA1"].tolist() == [4, 3]


def test_items_of_one_scale_agree_as_much_as_theory_says():
    loading, noise = 0.8, 0.6
    answers = ask(Crowd(customers(20_000), changed(loading=loading, noise=noise, **FINE)))
    expected = 9 * loading**2 / (9 * loading**2 + 3 * noise**2)
    assert alpha(values(answers, ["EU1", "EU2", "EU3"])) == pytest.approx(expected, abs=0.006)


def test_a_common_mood_makes_unrelated_facets_agree_by_its_share():
    loading, noise, method = 0.8, 0.5, 0.4
    answers = ask(Crowd(customers(20_000), changed(loading=loading, noise=noise, method=method, **FINE)))
    expected = method**2 / (loading**2 + method**2 + noise**2)
    found = np.corrcoef(values(answers, ["PI1", "ER1", "WA2", "SE3"]).T)[np.triu_indices(4, 1)]
    assert found == pytest.approx(np.full(6, expected), abs=4 / np.sqrt(20_000))


def test_the_mood_goes_with_disposition_as_strongly_as_halo_says():
    people = customers(20_000)
    answers = ask(Crowd(people, changed(loading=0.0, method=0.5, halo=0.6, **FINE)))
    mood = values(answers, ["PI1"])[:, 0] / 0.5
    assert np.corrcoef(mood, people["disposition"])[0, 1] == pytest.approx(0.6, abs=0.02)
    assert mood.std() == pytest.approx(1.0, abs=0.02)


@pytest.mark.parametrize("weighty", [True, False])
def test_a_mood_gives_something_to_every_facet_and_takes_from_true_drivers(weighty):
    people, method = customers(20_000), 0.7
    weights = np.array(list(WEIGHTS.values())) * weighty
    own = people["satisfaction"] - people[[f"perceived_{facet}" for facet in keys(FACETS)]] @ list(WEIGHTS.values())
    people["satisfaction"] = own + people[[f"perceived_{facet}" for facet in keys(FACETS)]].to_numpy() @ weights
    answers = ask(Crowd(people, changed(method=method, **FINE)))
    inner = np.eye(9) + method**2
    slopes = np.linalg.solve(inner, weights + method**2)
    spread = np.sqrt(weights @ weights + 0.3**2 + 0.6**2 + method**2)
    expected = slopes * np.sqrt(1 + method**2) / spread
    satisfaction = values(answers, ["SA1", "SA2", "SA3"]).mean(axis=1)
    found = standardised_slopes(scores(answers), satisfaction)
    assert found == pytest.approx(expected, abs=4.5 / np.sqrt(20_000))
    assert found[1] < -0.01 if weighty else found.min() > 0.05, "appearance drives nothing in either world"


def test_people_shift_and_stretch_the_scale_as_much_as_said():
    style = {"shift_mean": 0.4, "shift_sd": 0.3, "stretch_sd": 0.25}
    survey = changed(loading=0.0, noise=1.0, items={"each": 20}, style=style, **FINE)
    answers = ask(Crowd(customers(2_000), survey))
    ticks = values(answers, items(answers))
    k = ticks.shape[1]
    assert ticks.mean() == pytest.approx(0.4, abs=0.03)
    assert np.sqrt(ticks.mean(axis=1).var() - 1 / k * np.exp(2 * 0.25**2)) == pytest.approx(0.3, abs=0.02)
    assert np.sqrt(np.log(ticks.std(axis=1)).var() - 1 / (2 * k)) == pytest.approx(0.25, abs=0.02)


def test_straight_liners_tick_one_column_each_and_all_columns_alike():
    answers = ask(Crowd(customers(3_000), changed(style={"careless": 1.0, "straight_lining": 1.0})))
    ticks = answers[items(answers)].to_numpy(int)
    assert (ticks == ticks[:, :1]).all()
    assert stats.chisquare(np.bincount(ticks[:, 0], minlength=8)[1:]).pvalue > 1e-3


def test_the_random_tickers_know_nothing():
    answers = ask(Crowd(customers(3_000), changed(style={"careless": 1.0, "straight_lining": 0.0})))
    assert stats.chisquare(np.bincount(answers["RS2"].to_numpy(int), minlength=8)[1:]).pvalue > 1e-3
    assert abs(np.corrcoef(answers["RS2"].to_numpy(float), answers["latent_responsiveness"])[0, 1]) < 0.07


def test_the_share_of_careless_people_is_as_said():
    answers = ask(Crowd(customers(4_000), changed(style={"careless": 0.2, "straight_lining": 1.0})))
    same = (answers[items(answers)].nunique(axis=1) == 1).mean()
    assert abs(same - 0.2) < 4 * np.sqrt(0.2 * 0.8 / 4_000)


def test_what_nobody_experienced_is_not_applicable_and_everything_else_is_answered():
    people = customers(400)
    people.loc[::4, "seen_fulfilment"] = 0
    people.loc[::3, "seen_returns"] = 0
    answers = ask(Crowd(people, changed(judge={"fulfilment": "experience", "returns": "impression"})))
    unseen = people["seen_fulfilment"] == 0
    assert answers.loc[unseen, ["OF1", "OF2", "OF3"]].isna().all(axis=None)
    assert answers.loc[~unseen, ["OF1", "OF2", "OF3"]].notna().all(axis=None)
    assert answers[[item for item in items(answers) if not item.startswith("OF")]].notna().all(axis=None)


def test_single_items_are_skipped_as_often_as_said():
    answers = ask(Crowd(customers(1_000), changed(response={"skip": 0.1})))
    gaps = answers[items(answers)].isna().to_numpy()
    assert abs(gaps.mean() - 0.1) < 4 * np.sqrt(0.09 / gaps.size)


def test_faded_memory_keeps_only_the_overall_impression():
    people = customers(300)
    answers = ask(Crowd(people, changed(forgetting=100.0, **FINE)))
    overall = people[[f"perceived_{facet}" for facet in keys(FACETS)]].mean(axis=1).to_numpy()
    assert values(answers, ["PI1", "ER3"]) == pytest.approx(np.column_stack([overall, overall]), abs=STEP)
    assert values(answers, ["SA1"])[:, 0] == pytest.approx(people["satisfaction"].to_numpy(), abs=STEP)


def test_memory_fades_by_the_days_since_buying():
    people = customers(50)
    people["surveyed"] = people["first_purchase"] + 3.0
    answers = ask(Crowd(people, changed(forgetting=0.2, **FINE)))
    overall = people[[f"perceived_{facet}" for facet in keys(FACETS)]].mean(axis=1)
    expected = np.exp(-0.6) * people["perceived_checkout"] + (1 - np.exp(-0.6)) * overall
    assert values(answers, ["CO1"])[:, 0] == pytest.approx(expected.to_numpy(), abs=STEP)


def standardised_slopes(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    z = (x - x.mean(axis=0)) / x.std(axis=0)
    return np.linalg.lstsq(z, (y - y.mean()) / y.std(), rcond=None)[0]


def scores(answers: pd.DataFrame) -> np.ndarray:
    """Means of the items of each facet on the fine scale."""
    scales = answers.attrs["model"]["scales"]
    return np.column_stack([values(answers, scales[facet]).mean(axis=1) for facet in keys(FACETS)])


def test_lost_memories_are_guessed_once_per_facet_and_attenuate_by_what_is_kept():
    people = customers(20_000)
    people["surveyed"] = people["first_purchase"] + 3.0
    answers = ask(Crowd(people, changed(recall_decay=0.2, **FINE)))
    kept = np.exp(-0.6)
    assert np.corrcoef(values(answers, ["SE1"])[:, 0], people["perceived_security"])[0, 1] == pytest.approx(
        kept, abs=4 / np.sqrt(20_000))  # fmt: skip
    assert alpha(values(answers, ["SE1", "SE2", "SE3"])) == pytest.approx(1.0, abs=1e-9), "no reliability shows it"
    satisfaction = people["satisfaction"].to_numpy()
    assert values(answers, ["SA1"])[:, 0] == pytest.approx(satisfaction, abs=STEP), "the summary lasts"
    true = np.array(list(WEIGHTS.values())) / satisfaction.std()
    assert standardised_slopes(scores(answers), satisfaction) == pytest.approx(kept * true, abs=4 / np.sqrt(20_000))


def test_nothing_is_lost_on_the_day_itself():
    people = customers(200)
    people["surveyed"] = people["first_purchase"]
    fresh, old = ask(Crowd(people, changed())), ask(Crowd(people, changed(recall_decay=9.0)))
    assert fresh.equals(old)


def test_who_fades_and_who_guesses_differ_in_what_facets_share():
    people = customers(20_000)
    people["surveyed"] = people["first_purchase"] + 3.0
    shared = {name: np.corrcoef(scores(ask(Crowd(people, changed(**{name: 0.4}, **FINE)))).T)[np.triu_indices(9, 1)]
              for name in ("forgetting", "recall_decay")}  # fmt: skip
    kept = np.exp(-1.2)
    own, common = kept**2, (1 - kept**2) / 9
    assert shared["forgetting"] == pytest.approx(np.full(36, common / (own + common)), abs=4 / np.sqrt(20_000))
    assert shared["recall_decay"] == pytest.approx(np.zeros(36), abs=4.5 / np.sqrt(20_000))


@pytest.mark.parametrize("share", [0.2, 0.6])
def test_satisfaction_that_colours_the_answers_makes_drivers_of_what_drives_nothing(share):
    people = customers(20_000)
    satisfaction = people["satisfaction"].to_numpy()
    answers = ask(Crowd(people, changed(colouring=share, **FINE)))
    weights, ones = np.array(list(WEIGHTS.values())), np.ones(9)
    variance, own = weights @ weights + 0.3**2 + 0.6**2, 1 - share
    inner = own**2 * np.eye(9) + own * share * (np.outer(weights, ones) + np.outer(ones, weights)) \
        + share**2 * variance * np.outer(ones, ones)  # fmt: skip
    slopes = np.linalg.solve(inner, own * weights + share * variance * ones)
    expected = slopes * np.sqrt(np.diag(inner) / variance)
    found = standardised_slopes(scores(answers), satisfaction)
    assert found == pytest.approx(expected, abs=4.5 / np.sqrt(20_000))
    assert found[1] > 0.05 > WEIGHTS["appearance"] == 0.0, "appearance drives nothing"
    assert values(answers, ["SA2"])[:, 0] == pytest.approx(satisfaction, abs=STEP)


def test_without_colouring_facets_know_nothing_of_satisfaction():
    people = customers(200)
    turned = people.assign(satisfaction=-people["satisfaction"])
    facets = [item for key in keys(FACETS) for item in Questionnaire().columns()[key]]
    assert ask(Crowd(people, changed(colouring=0.0)))[facets].equals(ask(Crowd(turned, changed()))[facets])
    assert not ask(Crowd(people, changed(colouring=0.3)))[facets].equals(ask(Crowd(people, changed()))[facets])


def test_intentions_follow_satisfaction_with_slope_and_spread():
    people = customers(10_000)
    survey = changed(intentions={"repurchase": {"slope": 0.5, "spread": 0.4}})
    said = ask(Crowd(people, survey))["latent_repurchase"].to_numpy()
    slope, intercept = np.polyfit(people["satisfaction"], said, 1)
    assert slope == pytest.approx(0.5, abs=0.02)
    assert (said - slope * people["satisfaction"] - intercept).std() == pytest.approx(0.4, abs=0.02)


def test_an_intention_without_slope_has_nothing_of_satisfaction():
    people = customers(2_000)
    flat = changed(intentions={"willingness_to_pay": {"slope": 0.0, "spread": 1.0}})
    here = ask(Crowd(people, flat))
    there = ask(Crowd(people.assign(satisfaction=-people["satisfaction"]), flat))
    assert here[["WP1", "WP2", "WP3"]].equals(there[["WP1", "WP2", "WP3"]])


def test_stated_importance_follows_the_true_weights_by_insight():
    weights = np.array(list(WEIGHTS.values()))
    true = (weights - weights.mean()) / weights.std()
    answers = ask(Crowd(customers(3_000), changed(stated={"level": 1.0, "insight": 0.5, "noise": 0.7}, **FINE)))
    means = values(answers, [f"stated_{facet}" for facet in keys(FACETS)]).mean(axis=0)
    assert means == pytest.approx(1.0 + 0.5 * true, abs=0.06)


def test_stated_importance_is_asked_only_where_wanted():
    assert not [column for column in ask(Crowd(customers(20), changed())) if column.startswith("stated_")]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"method": 0.0, "halo": 0.0}, {"method": 0.0, "halo": 0.9}),
        ({"style": {"careless": 0.0, "straight_lining": 0.1}}, {"style": {"careless": 0.0, "straight_lining": 0.9}}),
        ({"stated": None}, {"stated": {"insight": 0.9}}),
        ({"response": {"rate": 0.4}}, {"response": {"rate": 0.4, "on_extremity": 0.0, "on_disposition": 0.0}}),
    ],
)
def test_a_coefficient_of_zero_is_the_same_as_its_absence(one, other):
    people = customers(200)
    base = {"noise": 0.5, "loading": 0.8}
    here, there = ask(Crowd(people, changed(**base, **one))), ask(Crowd(people, changed(**base, **other)))
    assert here.equals(there[here.columns])


def test_without_forgetting_dates_do_not_matter():
    people = customers(100)
    late = people.assign(surveyed=people["surveyed"] + 1000.0)
    plain = changed(forgetting=0.0, recall_decay=0.0)
    assert ask(Crowd(people, plain)).equals(ask(Crowd(late, changed())))


def test_careless_people_are_no_special_kind_of_people():
    people = customers(4_000)
    style = {"shift_sd": 0.5, "stretch_sd": 0.3, "straight_lining": 1.0}
    careful = ask(Crowd(people, changed(loading=0.0, noise=1.0, style=style, items={"each": 10}, **FINE)))
    mixed = ask(Crowd(people, changed(loading=0.0, noise=1.0, style=style | {"careless": 0.3}, items={"each": 10},
                                      **FINE)))  # fmt: skip
    careless = (mixed[items(mixed)].nunique(axis=1) == 1).to_numpy()
    ticks = values(careful, items(careful))
    for habit in (ticks.mean(axis=1), ticks.std(axis=1), people["disposition"].to_numpy()):
        assert stats.ttest_ind(habit[careless], habit[~careless]).pvalue > 1e-3
