"""Total effects: the weight itself where nothing spills over, and off it as the equations say where something does."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import touchsim as ts
from tests.engine.effects.small import STEPS, decide, site, world
from touchsim.experiment import keeping
from touchsim.experiment.score import ScoreCard
from touchsim.experiment.totals import STEP, TOTALS, raised_worlds, total_effects
from touchsim.world.scenario import Scenario

ALL = ("projection", "structural", "total")
DRIVERS = ("security", "checkout")
WEIGHTS = {"security": 0.6, "checkout": 0.3}
SHOP = ts.load_scenario("corner_shop")


def told(mean: float, sd: float = 0.8) -> dict[str, float]:
    return {"mean": mean, "sd": sd}


def shop(needs: dict[str, Any] | None = None, *, checkout: float = 0.0, **said: Any) -> Scenario:
    """Security is shown at every step, check-out at the last only; everybody who buys is asked."""
    places = {f"place_{n}": site(step, facets={"security": told(0.2 * n)}) for n, step in enumerate(STEPS)}
    places["place_3"]["facets"]["checkout"] = told(checkout)
    places["card"] = site("survey", visit=False, action=False)
    weights = {"search": WEIGHTS, "noise": 0.5} | said.pop("satisfaction", {})
    return world(places, needs, satisfaction=weights, survey={"response": {"rate": 1.0}}, **said)


def card_of(scenario: Scenario, studies: int = 20, n: int = 100) -> ScoreCard:
    return ts.score_card(scenario, n=n, studies=studies, drivers=DRIVERS, workers=1, estimands=ALL, estimators=("ols",))


def test_where_nothing_spills_over_the_total_effect_is_the_structural_weight() -> None:
    card = card_of(shop(), studies=4)
    total, weight = card.truth.values["total"], card.truth.values["structural"]
    for driver in DRIVERS:
        assert total[driver] == pytest.approx(weight[driver], abs=1e-9)
    assert total["security"] > 0.2 and "Of no driver can the total effect be told" in card.text


def test_peak_and_end_add_what_emotion_brings() -> None:
    """One certain contact: the view moves by half the evidence, and peak and end are its emotion, tanh(evidence)."""
    seen, weight, peak_end = 0.4, 0.6, 0.5
    places = {"site": site(), "card": site("survey", visit=False, action=False),
              "till": site("purchase_decision", facets={"security": told(seen, 0.0)})}  # fmt: skip
    places["site"]["serves"] = STEPS[:3]
    scenario = world(places, views={"prior": 1.0, "recency": 0.0, "expectation_sd": 0.5},
                     satisfaction={"search": {"security": weight}, "peak_end": peak_end, "noise": 0.5},
                     survey={"response": {"rate": 1.0}})  # fmt: skip
    card = card_of(scenario, studies=3)
    emotion = np.tanh(seen + STEP) - np.tanh(seen - STEP)
    ratio = 1 + peak_end * emotion / (2 * STEP * 0.5) / weight
    assert card.truth.values["total"]["security"] == pytest.approx(
        ratio * card.truth.values["structural"]["security"], rel=1e-9)  # fmt: skip
    assert np.isnan(card.truth.values["total"]["checkout"])
    assert "No total effect is known of ease of check-out" in card.text


def test_who_stays_to_be_asked_takes_some_of_it_back() -> None:
    """Where bad feelings make people leave, more security keeps people whom a bad check-out would have driven out."""
    mixed = decide(0.5, think="1 h")
    feeling = {"emotion_on_advance": 2.0, "emotion_on_leave": 2.0}
    places = {"site": site(*STEPS[:3]), "card": site("survey", visit=False, action=False),
              "till": site("purchase_decision", facets={"security": told(0.0), "checkout": told(0.0)})}  # fmt: skip
    scenario = world(places, {"purchase_decision": mixed}, choice=feeling, survey={"response": {"rate": 1.0}},
                     satisfaction={"search": {"security": 0.2, "checkout": 0.8}, "noise": 0.3})  # fmt: skip
    card = card_of(scenario, studies=40, n=200)
    low, high = card.truth.intervals["total"]["security"]
    assert low < high < card.truth.values["structural"]["security"]
    assert "What spills over" in card.text


def spoken(card: ScoreCard, **total: tuple[float, float]) -> str:
    """Text of a card whose total effects, and how far their intervals reach, are said to be these."""
    values = {driver: value for driver, (value, _) in total.items()}
    intervals = {driver: (value - reach, value + reach) for driver, (value, reach) in total.items()}
    truth = dataclasses.replace(card.truth, values={**card.truth.values, "total": values},
                                intervals={**card.truth.intervals, "total": intervals})  # fmt: skip
    return dataclasses.replace(card, truth=truth).text


def test_the_text_says_of_total_effects_what_their_intervals_allow_and_no_more() -> None:
    card = card_of(shop(), studies=4)
    weight, found = card.truth.values["structural"], card.truth.values["projection"]
    sure = spoken(card, security=(0.9, 0.001), checkout=(0.5, 0.001))
    line = "Raised wherever it is met, security assurance brings most: a total effect of 0.90 (0.90 to 0.90), where "
    line += f"its structural weight is {weight['security']:.2f} and the projection {found['security']:.2f} (SD per SD)."
    assert line in sure
    assert "What spills over" in sure and "told to be above zero" not in sure
    unsure = spoken(card, security=(0.2, 0.4), checkout=(0.1, 0.3))
    assert "Of no driver can the total effect be told to be above zero." in unsure and "brings most" not in unsure
    assert "Of no driver can the total effect be told from the structural weight." in unsure
    below = spoken(card, security=(-0.2, 0.001), checkout=(-0.1, 0.001))
    assert "Of no driver can the total effect be told to be above zero." in below and "brings most" not in below
    second = spoken(card, security=(0.9, 4.0), checkout=(0.5, 0.001))
    assert "Raised wherever it is met, ease of check-out brings most" in second, "the larger one is not told from zero"
    none = spoken(card, security=(float("nan"), float("nan")), checkout=(float("nan"), float("nan")))
    assert "No total effect is known of security assurance, ease of check-out" in none
    assert "brings most" not in none and "Of no driver" not in none and "What spills over" not in none


def test_a_ratio_of_paired_differences_and_its_jackknife() -> None:
    rng = np.random.default_rng(3)
    r = 50
    asked = rng.integers(80, 120, r)
    table = pd.DataFrame({"study": np.arange(r), "term": "security", "asked_less": asked, "asked_more": asked + 3,
                          "satisfaction_less": rng.normal(0, 5, r), "satisfaction_more": rng.normal(20, 5, r),
                          "view_less": rng.normal(-20, 5, r), "view_more": rng.normal(30, 5, r)})  # fmt: skip
    found, pseudo = total_effects(table, ("security",), np.full((r + 1, 1), 0.7))
    means = {name: table[f"{name}_more"].sum() / (asked + 3).sum() - table[f"{name}_less"].sum() / asked.sum()
             for name in ("satisfaction", "view")}  # fmt: skip
    assert found[0] == pytest.approx(0.7 * means["satisfaction"] / means["view"])
    lot = rng.integers(0, r, (4000, r))
    sums = table.drop(columns=["study", "term"]).to_numpy(float)[lot].sum(axis=1)
    drawn = dict(zip(table.columns[2:], sums.T, strict=True))
    apart = {name: drawn[f"{name}_more"] / drawn["asked_more"] - drawn[f"{name}_less"] / drawn["asked_less"]
             for name in ("satisfaction", "view")}  # fmt: skip
    spread = (0.7 * apart["satisfaction"] / apart["view"]).std()
    assert pseudo[:, 0].std(ddof=1) / np.sqrt(r) == pytest.approx(spread, rel=0.08)


def test_every_touchpoint_moves_by_the_same_step_and_none_beyond_what_can_be_told() -> None:
    scenario = shop(checkout=4.9)
    worlds = raised_worlds(scenario, (*DRIVERS, "returns"))
    assert set(worlds) == set(DRIVERS)
    means = [[place.facets[driver].mean - scenario.touchpoints[key].facets[driver].mean
              for key, place in one.touchpoints.items() if driver in place.facets]
             for driver in DRIVERS for one in worlds[driver]]  # fmt: skip
    assert np.allclose(means[0], [-STEP] * 4) and np.allclose(means[1], [STEP] * 4)
    assert np.allclose(means[2:], [[-0.1], [0.1]])
    assert "checkout" not in raised_worlds(shop(checkout=5.0), DRIVERS)


def test_total_effects_join_kept_studies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    how: dict[str, Any] = {"n": 80, "studies": 12, "seed": 5, "workers": 1, "drivers": ("fulfilment", "checkout")}
    at_once = ts.score_card(SHOP, **how, estimands=ALL)
    ts.score_card(SHOP, **how, keep=tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(keeping, "simulated_ten", None)  # studies that are there are not simulated again
        joined = ts.score_card(SHOP, **how, keep=tmp_path, estimands=ALL)
        patch.setattr(keeping, "raised_ten", None)
        again = ts.score_card(SHOP, **how, keep=tmp_path, estimands=ALL)
    pd.testing.assert_frame_equal(at_once.table, joined.table)
    pd.testing.assert_frame_equal(at_once.table, again.table)
    assert list(pd.read_parquet(tmp_path / "totals-000000.parquet").columns) == TOTALS


def test_every_truth_has_an_interval_and_only_those_named_are_in_the_table() -> None:
    how: dict[str, Any] = {"n": 80, "studies": 4, "workers": 1, "drivers": ("fulfilment", "returns")}
    card = ts.score_card(SHOP, **how, estimands=("projection", "total"))
    assert list(dict.fromkeys(card.table["estimand"])) == ["projection", "total"]
    known = card.table[card.table["truth"].notna()]
    assert (known["truth_low"] < known["truth"]).all() and (known["truth"] < known["truth_high"]).all()
    nothing = card.table[(card.table["estimand"] == "total") & (card.table["term"] == "returns")]
    assert nothing[["truth", "truth_low", "bias", "rmse", "coverage"]].isna().all(axis=None)
    assert nothing["mean"].notna().all() and nothing["power"].notna().all()
    labels = [tick.get_text() for tick in card.plot(estimand="total").get_yticklabels()]
    assert labels == ["order fulfilment"]
    ax = card.plot_truths()
    assert sum(line.get_gid() == "truth" for line in ax.lines) == 3
    assert sum(text.get_gid() == "none" for text in ax.texts) == 1
    with pytest.raises(ts.BadInput, match="known: projection, total"):
        card.plot(estimand="structural")
    with pytest.raises(ts.BadInput, match="'total'"):
        ts.score_card(SHOP, **how, estimands=("totals",))


def test_the_command_writes_total_effects_when_asked(tmp_path: Path) -> None:
    from touchsim.cli import main

    out = tmp_path / "card"
    few = ["--n", "80", "--studies", "3", "--workers", "1"]
    for words in (["score", "corner_shop", *few, "--total", "--out", str(out)], ["reproduce", str(out)]):
        with pytest.raises(SystemExit) as left:
            main(words)
        assert left.value.code == 0
    table = pd.read_csv(out / "score_card.csv")
    assert set(table["estimand"]) == set(ALL) and list(table.columns[-2:]) == ["truth_low", "truth_high"]
    assert "total effect of raising it" in (out / "text.md").read_text()
    assert "Three truths about each driver" in (out / "report.html").read_text()
