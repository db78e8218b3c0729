"""No result is read without what stands against it: text, page and picture carry the cautions of the survey."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

import touchsim as ts
from touchsim.languages import language
from touchsim.study.care import doubted
from touchsim.study.caution import Caution
from touchsim.study.soundness import scales_in_groups

SCALES = {name: [f"{name}{i}" for i in (1, 2, 3)] for name in ("speed", "price", "liking", "loyalty")}
MODEL: dict[str, Any] = {"scales": SCALES, "drivers": {"liking": ["speed", "price"], "loyalty": ["liking"]}}


def sound(n: int = 400, seed: int = 5) -> pd.DataFrame:
    """Seven-point answers with good scales, nothing odd."""
    rng = np.random.default_rng(seed)
    speed, price = rng.normal(size=(2, n))
    liking = 0.5 * speed + 0.4 * price + 0.6 * rng.normal(size=n)
    about = {"speed": speed, "price": price, "liking": liking, "loyalty": 0.6 * liking + 0.7 * rng.normal(size=n)}
    return pd.DataFrame({
        item: np.clip(np.round(4 + 1.1 * about[name] / about[name].std() + 0.6 * rng.normal(size=n)), 1, 7)
        for name, items in SCALES.items() for item in items
    })  # fmt: skip


def coded() -> pd.DataFrame:
    """A -99 of each kind of respondent that means no answer, and was not declared."""
    frame = sound()
    frame.loc[::20, "speed1"] = -99
    return frame


def backwards() -> pd.DataFrame:
    frame = sound()
    return frame.assign(speed2=8 - frame["speed2"])


def noisy() -> pd.DataFrame:
    frame, rng = sound(), np.random.default_rng(1)
    return frame.assign(**{item: np.where(rng.random(len(frame)) < 0.75, rng.integers(1, 8, len(frame)), frame[item])
                           for item in SCALES["speed"]})  # fmt: skip


def results(frame: pd.DataFrame) -> dict[str, Any]:
    """Every kind of result."""
    fit = ts.fit_drivers(frame, MODEL)
    study = ts.study_survey(frame, MODEL, draws=100)
    return {
        "fit": fit, "importance": ts.relative_importance(fit, draws=100), "dominance": ts.dominance(fit, draws=100),
        "mediation": ts.mediation(frame, MODEL, draws=1000), "performance": ts.performance_map(fit, draws=100),
        "penalties": ts.penalty_reward(frame, MODEL, cuts=(3.5, 4.5)), "method": ts.common_method(fit),
        "exploratory": ts.exploratory_factors(frame, MODEL, draws=50), "cfa": ts.fit_cfa(frame, MODEL),
        "sem": ts.fit_sem(frame, MODEL), "study": study, "study.exploratory": study.exploratory,
        "study.method": study.method, "study.shares": study.shares,
    }  # fmt: skip


@pytest.mark.parametrize(("survey", "sign"), [(coded, "-99"), (backwards, "speed2"), (noisy, "speed")])
def test_every_result_names_the_fault_in_text_and_on_a_page(survey, sign: str) -> None:
    for name, found in results(survey()).items():
        (care,) = [part for part in found.text.split("Read it with care: ")[1:]]
        assert sign in care, name
        listed = found._repr_html_().partition("<ul>")[2]
        assert sign in listed, name


def test_sound_answers_add_nothing() -> None:
    for name, found in results(sound()).items():
        assert "with care" not in found.text, name
        assert "<li>" not in found._repr_html_(), name
        assert not getattr(found, "doubts", ()), name


@pytest.mark.parametrize("name", ["fit", "importance", "dominance", "mediation", "performance", "penalties",
                                  "exploratory"])  # fmt: skip
@pytest.mark.parametrize(("survey", "many"), [(sound, 0), (coded, 1)])
def test_a_picture_has_a_line_on_the_gravest_fault_only_where_there_is_one(name: str, survey, many: int) -> None:
    ax = made(survey, name).plot()
    notes = [text for text in ax.texts if text.get_gid() == "footnote"]
    assert len(notes) == many
    assert all("-99" in text.get_text() and ".warnings" in text.get_text() for text in notes)


def test_the_line_under_a_picture_stands_clear_of_all_else_and_on_the_sheet() -> None:
    for code in ("en", "de"):
        with language(code):
            ax = made(coded, "fit").plot()
        figure = ax.figure
        figure.canvas.draw()
        (note,) = [text for text in ax.texts if text.get_gid() == "footnote"]
        place = note.get_window_extent()
        others = [*ax.get_xticklabels(), *ax.get_yticklabels(), ax.xaxis.label, ax.get_legend(), *ax.texts]
        for other in others:
            if other is not None and other is not note and other.get_window_extent().width:
                assert not place.overlaps(other.get_window_extent()), other
        assert figure.bbox.x0 <= place.x0 and place.x1 <= figure.bbox.x1 and place.y0 >= figure.bbox.y0


def made(survey, name: str, cache: dict[Any, Any] = {}) -> Any:  # noqa: B006 - results of each survey are made once
    if survey not in cache:
        cache[survey] = results(survey())
    return cache[survey][name]


def test_the_gravest_come_first_and_the_rest_is_a_number() -> None:
    frame = coded()
    frame[SCALES["price"]] = np.random.default_rng(2).integers(1, 8, (len(frame), 3))
    found = ts.fit_drivers(frame, MODEL)
    care = found.text.partition("Read it with care: ")[2]
    assert care.startswith("'speed1' holds -99") and care.endswith("(and 3 more: .warnings).")
    assert len(found.warnings) == 5


def test_everyone_comes_before_a_group_and_how_a_survey_was_read_is_no_doubt() -> None:
    of_group, of_all = Caution("weak there", group="a", about="scale"), Caution("weak", about="scale")
    given = [Caution("top answers", about="ceiling"), of_group, Caution("yes is 1", about="reading"), of_all]
    assert [item.sentence for item in doubted(given)] == ["weak", "weak there", "top answers"]


def in_groups() -> pd.DataFrame:
    """A group of 90 that answers the items of one scale at random, and 310 others."""
    frame, rng = sound().assign(shop="large"), np.random.default_rng(3)
    frame.loc[:89, "shop"] = "small"
    frame.loc[:89, SCALES["speed"]] = rng.integers(1, 8, (90, 3))
    return frame


def test_a_scale_that_is_poor_in_one_group_only_is_told_of_that_group() -> None:
    found = ts.fit_drivers(in_groups(), MODEL | {"groups": "shop"})
    poor = [item for item in found.cautions if item.group == "small" and item.about == "scale"]
    assert len(poor) == 1 and "speed" in poor[0].sentence and "difference between groups" in poor[0].sentence
    assert not [item for item in found.cautions if item.group == "large"]
    rows = found.summary.set_index(["outcome", "group"])["warnings"]
    assert "In group 'small', reliability of speed is poor" in rows["liking", "small"]
    assert "In group" not in rows["liking", "large"] + rows["liking", "all"]
    notes = {group: [text.get_text() for text in found.plot(group=group).texts if text.get_gid() == "footnote"]
             for group in ("large", "small")}  # fmt: skip
    assert "in group 'small'" in " ".join(notes["small"]) and not any("in group" in note for note in notes["large"])


def test_items_that_are_reversed_in_one_group_and_constructs_it_does_not_tell_apart_are_told_of_it() -> None:
    frame = sound().assign(shop=np.where(np.arange(400) < 120, "old", "new"))
    frame.loc[:119, "speed2"] = 8 - frame.loc[:119, "speed2"]
    for i in (1, 2, 3):
        frame.loc[:119, f"loyalty{i}"] = frame.loc[:119, f"liking{i % 3 + 1}"]
    told = [item for item in ts.fit_drivers(frame, MODEL | {"groups": "shop"}).cautions if item.group is not None]
    assert {item.group for item in told} == {"old"}
    assert any("'speed2' runs against" in item.sentence for item in told)
    assert any(item.about == "htmt" and "liking and loyalty" in item.sentence for item in told)


def test_small_groups_of_sound_answers_are_hardly_ever_called_poor() -> None:
    wrong = []
    for seed in range(20):
        frame = sound(n=150, seed=seed)  # and more noise: alpha of everyone near .75
        frame += np.random.default_rng(seed).normal(scale=0.95, size=frame.shape)
        scales, shop = {name: tuple(items) for name, items in SCALES.items()}, pd.Series(np.arange(150) % 5).astype(str)
        wrong += scales_in_groups(frame, shop, scales, drivers=MODEL["drivers"], estimator="ols")
    assert len(wrong) <= 4  # of 400 scales of 100 groups of 30


def test_groups_of_sound_answers_add_nothing() -> None:
    frame = sound(n=600).assign(shop=np.arange(600) % 5)
    found = ts.fit_drivers(frame, MODEL | {"groups": "shop"})
    assert not found.warnings and not any(found.summary["warnings"])


def test_rows_of_groups_have_the_warnings_of_the_whole_survey_and_of_drivers_that_go_together() -> None:
    frame = coded().assign(shop=np.where(np.arange(400) % 2, "odd", "even"))
    frame["twin"] = frame["price1"] + np.random.default_rng(4).integers(0, 2, 400)
    found = ts.fit_drivers(frame, MODEL | {"groups": "shop", "drivers": {"loyalty": ["speed", "price1", "twin"]}})
    rows = found.summary.set_index("group")["warnings"]
    for group in ("all", "odd", "even"):
        assert "holds -99" in rows[group] and "go together" in rows[group], group
    assert sum("go together" in sentence for sentence in found.warnings) == 1


def test_the_errors_that_a_paragraph_names_are_those_of_its_intervals() -> None:
    frame = sound().assign(shop=np.arange(400) % 40)
    plain, by_shop = (ts.fit_drivers(frame, MODEL | extra) for extra in ({}, {"clusters": "shop"}))
    assert plain.text.count("(least squares, HC3; n = 400") == 2
    assert by_shop.text.count("(least squares, CR3 by shop; n = 400") == 2 and "HC3" not in by_shop.text
    corrected = ts.fit_drivers(frame, MODEL | {"clusters": "shop", "estimator": "corrected"})
    assert corrected.text.count("(least squares corrected for unreliability, CR3 by shop; n = 400") == 2
    frame.loc[:9, "price1"] = np.nan
    filled = ts.fit_drivers(frame, MODEL | {"clusters": "shop", "missing": {"how": "impute", "imputations": 3}})
    assert "(least squares, CR3 by shop, 3 imputations; n = 400" in filled.text


def test_a_model_that_fits_everyone_together_and_no_group_is_told() -> None:
    rng = np.random.default_rng(3)
    group, (one, shared) = np.arange(600) % 2, rng.normal(size=(2, 600))
    other = 0.5 * one + 0.87 * rng.normal(size=600)
    frame = pd.DataFrame({f"{name}{i}": about + 0.7 * rng.normal(size=600)
                          for name, about in (("a", one), ("b", other)) for i in (1, 2, 3, 4)})  # fmt: skip
    frame["a1"] += 0.8 * shared
    frame["a2"] += 0.8 * shared * np.where(group, 1, -1)  # a pair that goes together in one group, apart in the other
    model = {"scales": {name: [f"{name}{i}" for i in (1, 2, 3, 4)] for name in "ab"}, "groups": "group"}
    cfa = ts.fit_cfa(frame.assign(group=group), model, invariance=True)
    rows = cfa.models.set_index("model")
    assert rows["rmsea"]["cfa"] < 0.08 < rows["rmsea"]["configural"]
    told = [doubt for doubt in cfa.doubts if doubt.startswith("configural: the model fits badly")]
    assert len(told) == 1 and "RMSEA" in told[0] and "configural: the model fits badly" in cfa.text


def test_a_fall_of_cfi_is_told_where_the_scaled_difference_says_nothing() -> None:
    frame = sound(n=900).assign(shop=np.arange(900) % 2)
    steps = ts.fit_cfa(frame, MODEL | {"groups": "shop"}, estimator="mlr", invariance=True).invariance
    assert steps is not None and steps.doubts == ()
    table = steps.table.copy()
    table.loc[1, ["chi2_difference", "p_difference", "cfi_difference"]] = [np.nan, np.nan, -0.02]
    (told,) = replace(steps, table=table).doubts
    assert told.startswith("metric invariance fails (no scaled difference of chi2, CFI falls by 0.020)")
