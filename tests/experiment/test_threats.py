"""What weighing threats promises: one truth, one crowd, a clean design, each threat in the direction of theory."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import touchsim as ts
from tests.engine.effects.small import site, world
from touchsim.experiment.grid import DIALS, SAID, WORDS, named, worded
from touchsim.experiment.harm import _moved
from touchsim.experiment.pilot import (
    ALL_ANSWER,
    HARDLY_ANYBODY,
    NO_CHANGE,
    NOBODY_ANSWERS,
    NOT_FEWER,
    OTHERS,
    SAME_DAY,
    idle_threats,
    piloted,
)
from touchsim.experiment.studies import StudyPlan, lived_ten, simulated_ten
from touchsim.experiment.threats import COLUMNS, NO_THREAT, THREATS, Threats
from touchsim.languages import codes
from touchsim.plots.threats import CLEAN, LABELS, plot_threats
from touchsim.vocabulary import FACETS, keys
from touchsim.world.questionnaire import ASKED

SHOP = ts.load_scenario("webshop")


@pytest.fixture(scope="module")
def found() -> Threats:
    return ts.weigh_threats(SHOP, n=400, studies=20, workers=1, seed=2)


def shifts(found: Threats, estimator: str = "ols") -> pd.DataFrame:
    rows = found.table[found.table["estimator"] == estimator]
    return rows.pivot_table(index="term", columns="threat", values="shift", sort=False)


def test_each_threat_turns_one_dial_and_has_a_name() -> None:
    assert all(len(setting) == 1 and set(setting) <= set(DIALS) for setting in THREATS.values())
    assert set(LABELS) == {CLEAN, *THREATS}
    turned = {next(iter(setting)) for setting in THREATS.values()}
    assert {"asked", "non_response", "extremes", "halo", "recall", "ceiling", "omitted", "colouring"} <= turned


def test_every_threat_has_a_row_for_every_driver_and_the_clean_design_stands_first(found: Threats) -> None:
    assert list(found.table.columns) == COLUMNS
    assert list(found.table["threat"].unique()) == [CLEAN, *(name for name in THREATS if name != "only_buyers")]
    terms = found.table.groupby(["threat", "estimator"])["term"].nunique()
    assert terms.drop("omitted_facet").eq(9).all() and terms["omitted_facet"].eq(8).all()
    clean = found.table[found.table["threat"] == CLEAN]
    assert clean["shift"].eq(0).all() and clean["setting"].eq("").all() and clean["n"].eq(400).all()


def test_one_truth_for_all_that_of_those_whom_the_clean_design_asks(found: Threats) -> None:
    assert found.table.groupby("term")["truth"].nunique().eq(1).all()
    card = ts.score_card(SHOP.with_(survey={"response": {"rate": 1.0}}), n=100, studies=20, workers=1, seed=2,
                         customers=found.design["customers"])  # fmt: skip
    assert found.truth.values["projection"] == card.truth.values["projection"]


def test_the_clean_design_is_a_score_card_of_a_questionnaire_without_threats(found: Threats) -> None:
    clean = SHOP.with_(survey=NO_THREAT)
    answers = ts.ask(ts.simulate(clean, customers=2_000, seed=1), response_rate=1.0)
    assert answers[[item for item in answers if item[-1].isdigit()]].notna().all(axis=None)
    rows = found.table.query("threat == 'clean' and estimator == 'corrected'")
    assert (rows["bias"].abs() < 3.5 * rows["bias_mcse"] + 0.02).all(), "only coarse answers are left"
    ols = found.table.query("threat == 'clean' and estimator == 'ols' and truth > 0.3")
    assert (ols["bias"] < -3 * ols["bias_mcse"]).all(), "items that err lean towards zero"


def test_the_shift_is_the_mean_difference_in_the_same_studies(found: Threats) -> None:
    means = found.table.pivot_table(index=["estimator", "term"], columns="threat", values="mean")
    shift = found.table.pivot_table(index=["estimator", "term"], columns="threat", values="shift")
    whole = means.columns.difference(["omitted_facet"])
    assert np.allclose(shift[whole], means[whole].sub(means[CLEAN], axis=0), atol=1e-12)
    rows = found.table[found.table["estimator"] == "ols"].set_index("threat")
    assert rows.loc["halo", "shift_mcse"].mean() < 0.8 * rows.loc["halo", "bias_mcse"].mean(), "the same people"


def test_threats_move_drivers_as_theory_says(found: Threats) -> None:
    moved, weak = shifts(found), ["appearance", "product_information"]
    strong = ["fulfilment", "returns", "responsiveness"]
    assert (moved.loc[strong, ["lost_memory", "faded_memory", "ceiling", "careless"]] < -0.01).all(axis=None)
    assert (moved.loc[weak, "reverse_causation"] > 0.04).all(), "what drives nothing seems to drive"
    assert (moved.loc[strong, "reverse_causation"] < 0.0).all()
    assert moved.loc[strong, "lost_memory"].mean() < moved.loc[strong, "faded_memory"].mean() - 0.04
    fixed = shifts(found, "corrected")
    assert (fixed.loc[strong, "lost_memory"] < -0.08).all(), "items agree on a guess: no correction helps"
    assert moved.loc["returns", "only_returners"] < -0.03, "who returned differ less in how returns went"


def test_a_driver_that_is_uncorrelated_with_the_others_is_left_out_without_harm_to_them(found: Threats) -> None:
    left = found.table.query("threat == 'omitted_facet' and estimator == 'ols'")
    assert left["setting"].unique().tolist() == ["omitted returns"] and "returns" not in set(left["term"])
    assert left["shift"].abs().max() < 0.03
    assert found.ranks.query("threat == 'omitted_facet'")["found"].eq(0).all()


def test_the_crowd_is_asked_by_every_design_as_if_it_had_lived_for_it_alone() -> None:
    plan = StudyPlan(SHOP, (50,), ("ols",), keys(FACETS), 1.0, 600, 3)
    rows, crowds = simulated_ten(plan, 0, 2)
    again, same = simulated_ten(plan, 0, 2, lived_ten(plan._replace(scenario=SHOP.with_(survey=NO_THREAT)), 0, 2))
    assert crowds.equals(same)
    assert not rows.equals(again), "the log says how it is asked"


def test_survivors_are_fewer_of_those_one_wants_to_know_about() -> None:
    names = list(THREATS)[:3]
    everyone = ts.weigh_threats(SHOP, n=150, studies=3, only=names, estimators=["ols"], among="all", workers=1)
    assert list(everyone.table["threat"].unique()) == [CLEAN, *names]
    assert everyone.design["among"] == "all" and everyone.design["asked"] == 3 * everyone.design["customers"]
    again = ts.weigh_threats(SHOP, n=150, studies=3, only=["only_returners", "halo"], estimators=["ols"], workers=1,
                       among="repeat_buyers")  # fmt: skip
    assert list(again.table["threat"].unique()) == [CLEAN, "halo"], "returners are no part of the repeat buyers"


def test_a_threat_that_a_world_does_not_have_is_left_out_and_said() -> None:
    shop = ts.load_scenario("corner_shop").with_(orders={"return_search": 0, "return_experience": 0})
    found = ts.weigh_threats(shop, n=80, studies=3, only=["only_returners", "halo"], estimators=["ols"], workers=1)
    assert found.design["left_out"] == {"only_returners": HARDLY_ANYBODY}
    assert found.text.split("\n")[-1] == "Not tried: only returners asked (this world has hardly anybody to ask)."


def idle(scenario: ts.Scenario, among: str, *names: str) -> dict[str, str]:
    clean = scenario.with_(survey={**NO_THREAT, "asked": among})
    return idle_threats(clean, piloted(clean, 1), {name: THREATS[name] for name in names}, 1)


def test_whom_a_threat_asks_are_all_of_those_whom_the_clean_design_asks_or_others_or_it_is_tried() -> None:
    three = ("only_buyers", "only_repeat_buyers", "only_returners")
    assert idle(SHOP, "all", *three) == {}
    assert idle(SHOP, "buyers", *three) == {"only_buyers": NOT_FEWER}
    assert idle(SHOP, "repeat_buyers", *three) == dict(zip(three, (NOT_FEWER, NOT_FEWER, OTHERS), strict=True))
    assert idle(SHOP, "returners", *three) == dict(zip(three, (NOT_FEWER, OTHERS, NOT_FEWER), strict=True))
    everybody = world({"site": site(), "card": site("survey", visit=False, action=False)})
    assert idle(everybody, "all", *three[:2]) == {"only_buyers": NOT_FEWER, "only_repeat_buyers": HARDLY_ANYBODY}


@pytest.mark.parametrize(("rate", "reason"), [(1.0, ALL_ANSWER), (0.0, NOBODY_ANSWERS), (0.25, None)])
def test_who_answers_more_is_no_threat_where_all_answer_or_nobody(rate: float, reason: str | None) -> None:
    names = ("cheerful_repliers", "extreme_repliers", "omitted_facet")
    found = idle(SHOP.with_(survey={"response": {"rate": rate}}), "buyers", *names)
    assert found == ({} if reason is None else dict.fromkeys(names[:2], reason))


def test_memory_is_no_threat_on_the_day_of_buying_and_ticks_that_do_not_change_are_none() -> None:
    names = ("lost_memory", "faded_memory", "halo", "ceiling", "careless", "reverse_causation")
    assert idle(SHOP, "buyers", *names) == {}
    clean = SHOP.with_(survey={**NO_THREAT, "asked": "all"})
    log = piloted(clean, 1)
    at_once = log.customers_frame()
    at_once["first_purchase"] = at_once["surveyed"]
    same_day = OnTheSpot(at_once, log.provenance)
    assert idle_threats(clean, same_day, {name: THREATS[name] for name in names}, 1) == dict.fromkeys(
        names[:2], SAME_DAY)  # fmt: skip
    none = {"halo": {"halo": 0.0}, "careless": {"careless": 0.0}}
    assert idle_threats(clean, log, none, 1) == dict.fromkeys(none, NO_CHANGE)


@dataclasses.dataclass
class OnTheSpot:
    """A log whose customers are surveyed as they buy."""

    people: pd.DataFrame
    provenance: dict[str, Any]

    def customers_frame(self) -> pd.DataFrame:
        return self.people.copy()


def test_workers_change_nothing() -> None:
    settings = {"n": 80, "studies": 12, "only": ["halo"], "estimators": ["ols"], "seed": 4}
    shop = ts.load_scenario("corner_shop")
    one, two = (ts.weigh_threats(shop, workers=many, **settings) for many in (1, 2))
    assert one.table.equals(two.table) and one.text == two.text


def test_the_text_and_the_picture_say_every_threat(found: Threats) -> None:
    for threat in found.table["threat"].unique():
        assert LABELS[threat] in found.text.lower() or LABELS[threat] in found.text, threat
    ax = found.plot()
    names = [tick.get_text().replace("\n", " ") for tick in ax.get_yticklabels()]
    assert names == [LABELS[threat] for threat in found.table["threat"].unique()]
    marks = ax.findobj(lambda part: part.get_gid() == "bias")
    assert len(marks) == 3 * len(names) - 1, "what is left out has no mark"
    drawn = sorted(round(float(mark.get_xdata()[0]), 12) for mark in marks)
    terms = ["returns", "fulfilment", "appearance"]
    rows = found.table[(found.table["estimator"] == "ols") & found.table["term"].isin(terms)]
    assert drawn == sorted(rows["bias"].round(12))
    hollow = [mark for mark in marks if mark.get_markerfacecolor() == "white"]
    assert len(hollow) == (rows["coverage"] < 0.9).sum() > 0
    nobody = plot_threats(found.table.iloc[:0])
    assert any("no study gave an estimate" in text.get_text().replace("\n", " ") for text in nobody.texts)


def test_a_shift_is_told_as_surely_as_few_studies_and_many_drivers_allow() -> None:
    rng = np.random.default_rng(1)
    alarms = 0
    for _ in range(400):
        shifts = rng.normal(size=(9, 5))
        rows = pd.DataFrame({"pairs": 5, "shift": shifts.mean(axis=1),
                             "shift_mcse": shifts.std(axis=1, ddof=1) / np.sqrt(5)})  # fmt: skip
        alarms += bool(_moved(rows, 9).any())
    assert alarms / 400 < 0.08, "3 Monte Carlo errors gave some 30 %"
    sure = pd.DataFrame({"pairs": [100], "shift": [0.1], "shift_mcse": [0.02]})
    assert _moved(sure, 108).all()


def test_studies_without_an_estimate_are_told_also_where_none_has_one(found: Threats) -> None:
    table = found.table.copy()
    clean = (table["threat"] == CLEAN) & (table["estimator"] == "ols")
    table.loc[clean, ["bias", "bias_mcse", "mean"]] = np.nan
    table.loc[clean, "failed"] = 20
    table.loc[table["estimator"] == "ols", ["shift", "shift_mcse", "pairs"]] = [np.nan, np.nan, 0]
    text = dataclasses.replace(found, table=table).text
    assert "left out of the figures: clean design 20." in text and "nan" not in text
    tried = ", ".join(LABELS[name] for name in THREATS if name != "only_buyers")
    assert f"for want of two studies with an estimate in both designs: {tried}." in text
    assert "told apart" not in text and "moves" not in text


def test_settings_are_said_to_people_in_their_language_and_stay_english_in_the_table(found: Threats) -> None:
    english = {name: (named(setting), worded(setting)) for name, setting in found.design["settings"].items()}
    assert found.table.drop_duplicates("threat").set_index("threat")["setting"].to_dict() == {
        name: key for name, (key, _) in english.items()}  # fmt: skip
    assert english["only_repeat_buyers"] == ("asked repeat buyers", "asked: repeat buyers")
    for code in codes():
        with ts.language(code):
            said = {name: worded(setting) for name, setting in found.design["settings"].items() if setting}
            text = found.text
            drawn = [part.get_text().replace("\n", " ") for part in found.plot().texts if part.get_gid() == "setting"]
        assert drawn == ["", *said.values()]
        if code != "en":
            assert not any(words == english[name][1] for name, words in said.items()), "all are translated"
            assert "recall decay" not in text and "0.05" not in " ".join([text, *drawn])
            assert said["lost_memory"] in text and "0,05" in said["lost_memory"]


@pytest.mark.parametrize("code", codes())
def test_every_dial_and_word_has_a_name_of_its_own(code: str) -> None:
    assert set(SAID) == set(DIALS)
    with ts.language(code):
        names = [worded({dial: 1.0}) for dial in DIALS if dial not in WORDS]
        said = [worded({"asked": who}) for who in ASKED]
        said += [worded({"returns_judged": how}) for how in ("impression", "experience")]
        said += [worded({"omitted": facet}) for facet in ("none", *keys(FACETS))]
    assert len(set(names)) == len(names) and len(set(said)) == len(said)
    assert not any("_" in words or "{" in words for words in names + said)
    assert worded({"ceiling": -0.5}) == "ceiling \N{MINUS SIGN}0.5"
    assert worded({"halo": 0.1234567}) != worded({"halo": 0.1234568})


def test_a_shift_is_told_from_where_to_where_with_what_the_clean_design_covers(found: Threats) -> None:
    rows = found.table.query("estimator == 'ols' and term == 'returns'").set_index("threat")
    clean, lost = rows.loc[CLEAN], rows.loc["lost_memory"]
    line = next(line for line in found.text.split("\n") if line.startswith("Views are lost"))
    signed = [f"{value:+.3f}".replace("-", "\N{MINUS SIGN}") for value in (lost["shift"], clean["bias"], lost["bias"])]
    assert f"by {signed[0]}" in line and "from a bias of {} to {};".format(*signed[1:]) in line
    assert f"holds the truth in {100 * lost['coverage']:.0f} % of the studies" in line
    assert line.endswith(f"in the clean design in {100 * clean['coverage']:.0f} %.")
    people = f"{found.design['asked']:,} people in all"
    assert f"everybody whom the clean design asks (asked: buyers; {people})." in found.text
    assert "at a response rate of 25 %" in found.text and "No driver stands out" not in found.text


def test_where_no_driver_stands_out_the_text_says_so(found: Threats) -> None:
    drivers = found.truth.values["projection"]
    truth = dataclasses.replace(
        found.truth, values={**found.truth.values, "projection": dict.fromkeys(drivers, 0.0)},
        intervals={**found.truth.intervals, "projection": dict.fromkeys(drivers, (-0.01, 0.01))})  # fmt: skip
    assert "No driver stands out" in dataclasses.replace(found, truth=truth).text


def test_intervals_of_the_bias_know_how_few_studies_there_are(found: Threats) -> None:
    table = found.table
    reach = stats.t.ppf(0.975, table["studies"] - 1) * table["bias_mcse"]
    np.testing.assert_allclose(table["bias_high"] - table["bias"], reach, rtol=1e-12)
    np.testing.assert_allclose(table["bias"] - table["bias_low"], reach, rtol=1e-9)
    assert (table["pairs"] == 20 - table["failed"]).all(), "the clean design has an estimate in all"
    ends = {round(x, 12) for line in found.plot().lines if line.get_gid() == "interval" for x in line.get_xdata()}
    clean = table.query("threat == 'clean' and estimator == 'ols' and term == 'returns'").iloc[0]
    assert {round(clean["bias_low"], 12), round(clean["bias_high"], 12)} <= ends


def test_what_is_not_on_the_sheet_cannot_be_drawn(found: Threats) -> None:
    with pytest.raises(ts.BadInput) as caught:
        found.plot(estimator="corected", drivers=["retruns"])
    assert [finding.where for finding in caught.value.findings] == ["estimator", "drivers"]
    hints = [finding.hint for finding in caught.value.findings]
    assert hints == ["did you mean 'corrected'?", "did you mean 'returns'?"]
    for odd in (["ols"], 3, np.array(["ols", "sem"])):
        with pytest.raises(ts.BadInput, match="known: ols, corrected"):
            found.plot(estimator=odd)
    with pytest.raises(ts.BadInput, match="15 points or fewer"):
        ts.weigh_threats(SHOP.with_(survey={"points": 101}), n=100, studies=2, estimators=["sem_wlsmv"])


def test_nothing_is_no_number_and_two_words_are_not_one() -> None:
    with pytest.raises(ts.BadInput) as caught:
        ts.weigh_threats(SHOP, n=None, studies=None, seed=None, among=["buyers", "all"])
    assert [finding.where for finding in caught.value.findings] == ["n", "studies", "seed", "among"]


def test_arguments_that_make_no_sense_are_found_together() -> None:
    with pytest.raises(ts.BadInput) as caught:
        ts.weigh_threats(SHOP, n=0, studies=1, among="byers", only=["hallo"], estimators=["median"])
    assert [finding.where for finding in caught.value.findings] == ["n", "studies", "estimators", "among", "only"]
    assert "did you mean 'buyers'" in str(caught.value) and "did you mean 'halo'" in str(caught.value)
