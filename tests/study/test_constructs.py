"""A study between constructs: structural equations give what regressions of scale means blur."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import touchsim as ts
from tests.equations.cases import CLIENTS, DRIVEN, GOLDEN, ORDINAL, SHORT, THIRTEEN, bank, survey
from tests.study.surveys import asked, rated
from touchsim.errors import BadInput
from touchsim.study.latent import _beside

SCALES = {name: list(items) for name, items in THIRTEEN.items()}
MODEL: dict[str, Any] = {"scales": SCALES, "drivers": {name: list(drivers) for name, drivers in DRIVEN.items()},
                         "estimator": "sem"}  # fmt: skip


def parameters(case: str) -> dict[str, dict]:
    return {row["name"]: row for row in GOLDEN[case]["parameters"]}


@pytest.fixture(scope="module")
def study() -> Any:
    model = MODEL | {"blocks": {"online": list(SHORT)[:6], "offline": list(SHORT)[6:9]}, "groups": "goods_type"}
    return ts.study_survey(survey(), model, draws=300)


@pytest.mark.parametrize(("estimator", "case"), [("sem", "kit_1000"), ("sem_mlr", "kit_1000_mlr")])
def test_coefficients_of_a_study_are_the_paths_of_lavaan(estimator: str, case: str) -> None:
    fit = ts.fit_drivers(survey(), MODEL | {"estimator": estimator})
    there = parameters(case)
    for row in fit.table.to_dict("records"):
        path = there[f"{row['outcome']}~{row['term']}"]
        assert row["estimate"] == pytest.approx(path["est"], abs=1e-6)
        assert row["std_error"] == pytest.approx(path["se"], abs=1e-6)
        assert row["std_beta"] == pytest.approx(path["std"], abs=1e-6)
        assert row["std_high"] == pytest.approx(path["std"] + 1.959964 * path["std_se"], abs=1e-6)
    measures = GOLDEN[case]["measures"]
    line = fit.summary.iloc[0]
    assert line["chi2"] == pytest.approx(measures["chisq"], abs=1e-6)
    assert line["cfi"] == pytest.approx(measures.get("cfi.robust", measures["cfi"]), abs=1e-7)
    assert line["estimator"] == estimator and line["chi2_df"] == measures["df"]


def test_coefficients_of_ordinal_items_are_the_paths_of_lavaan() -> None:
    five = survey().head(500).iloc[:, 2:].sub(1).clip(1, 5)
    fit = ts.fit_drivers(five, MODEL | {"estimator": "sem_wlsmv"})
    figures = ORDINAL["kit_five"]
    there = {row["name"]: row for row in figures["parameters"]}
    for row in fit.table.to_dict("records"):
        path = there[f"{row['outcome']}~{row['term']}"]
        assert row["estimate"] == pytest.approx(path["est"], abs=1e-6)
        assert row["std_error"] == pytest.approx(path["se"], abs=1e-6)
        assert row["std_beta"] == pytest.approx(path["std"], abs=1e-6)
        assert row["std_high"] == pytest.approx(path["std"] + 1.959964 * path["std_se"], abs=2e-6)
    line, measures = fit.summary.iloc[0], figures["measures"]
    for ours, theirs in {"chi2_scaled": "chisq.scaled", "chi2_p": "pvalue.scaled", "cfi": "cfi.scaled",
                         "rmsea_high": "rmsea.ci.upper.scaled", "srmr": "srmr"}.items():  # fmt: skip
        assert line[ours] == pytest.approx(measures[theirs], rel=1e-6, abs=5e-6), ours
    assert line["cov_type"] == "WLSMV sandwich" and np.isnan(line["aic"])


def test_the_way_to_fit_is_the_estimator_of_the_model_or_what_is_asked() -> None:
    few = {"scales": {name: SCALES[name] for name in ("returns", "satisfaction")},
           "drivers": {"satisfaction": ["returns"]}}  # fmt: skip
    assert ts.fit_sem(survey(), few).estimator == "ml"
    assert ts.fit_sem(survey(), few | {"estimator": "sem_wlsmv"}).estimator == "wlsmv"
    assert ts.fit_sem(survey(), few | {"estimator": "sem_wlsmv"}, estimator="mlr").robust
    cfa = ts.fit_cfa(survey(), few, estimator="wlsmv")
    assert cfa.fit.estimator == "wlsmv" and cfa.text.startswith("chi2(8) = ") and "(WLSMV)" in cfa.text
    fine = ts.fit_cfa(survey(), few)
    assert (cfa.reliability["cr"] > fine.reliability["cr"]).all(), "a finer scale would be worth more"
    assert cfa.reliability["alpha"].tolist() == fine.reliability["alpha"].tolist()
    with pytest.raises(BadInput, match=r"must be one of ml, mlr, wlsmv \(got wlsm\); did you mean 'wlsmv'"):
        ts.fit_sem(survey(), few, estimator="wlsm")
    grouped = few | {"groups": "segment"}
    with pytest.raises(BadInput, match="one group at a time"):
        ts.fit_sem(survey(), grouped, estimator="wlsmv", by_group=True)
    with pytest.raises(BadInput, match="is tested by ml and mlr only"):
        ts.fit_cfa(survey(), grouped, estimator="wlsmv", invariance=True)


def test_groups_of_ordinal_items_are_studied_one_by_one_and_a_fine_scale_is_refused() -> None:
    few = {"scales": {name: SCALES[name] for name in ("returns", "fulfilment", "satisfaction")},
           "drivers": {"satisfaction": ["returns", "fulfilment"]}, "estimator": "sem_wlsmv"}  # fmt: skip
    study = ts.study_survey(survey(), few | {"groups": "goods_type"}, draws=100)
    here = survey().query("goods_type == 'search'")
    alone = ts.fit_drivers(here, few).table["estimate"].tolist()
    rows = study.coefficients.set_index("group")
    assert rows.loc["search", "estimate"].tolist() == pytest.approx(alone, abs=1e-12)
    assert study.measurement is not None and study.measurement.models["model"].tolist() == ["cfa"]
    assert any("not tested with sem_wlsmv" in sentence for sentence in study.warnings)
    assert "drawn correlation matrices" in study.text and "bootstrap" not in study.text + study.answer
    wide = survey().assign(price=np.arange(1000))
    model = few | {"drivers": {"satisfaction": ["returns", "price"]}}
    with pytest.raises(BadInput, match=r"column 'price': has more than 15 different answers.*\(got 1000\)"):
        ts.fit_drivers(wide, model)


@pytest.mark.parametrize("estimator", ["ols", "corrected", "sem", "sem_wlsmv"])
def test_a_weak_scale_pulls_only_where_nothing_corrects_it(estimator: str) -> None:
    slopes = {"fast": 0.6, "kind": 0.4}
    frame = rated(slopes, 800, noise=2.0, together=0.2).round().clip(-3, 3)
    text = " ".join(ts.fit_drivers(frame, asked(list(slopes), estimator=estimator)).warnings)
    assert ("pulled towards zero" in text) == (estimator == "ols")
    assert ("errors of its items are taken out" in text) == (estimator != "ols")


def test_constructs_recover_a_truth_that_scale_means_miss() -> None:
    slopes = {"fast": 0.6, "kind": 0.0}
    frame = rated(slopes, 6000, noise=1.0, together=0.6)
    height = np.sqrt(0.36 + 0.36)
    truth = {"fast": 0.6 / height, "kind": 0.0}
    means = ts.fit_drivers(frame, asked(list(slopes))).table.set_index("term")
    constructs = ts.fit_drivers(frame, asked(list(slopes), estimator="sem")).table.set_index("term")
    assert abs(constructs.loc["fast", "std_beta"] - truth["fast"]) < 0.04
    assert constructs.loc["kind", "std_low"] < 0 < constructs.loc["kind", "std_high"]
    assert means.loc["fast", "std_high"] < truth["fast"] - 0.1, "means lean towards zero"
    assert means.loc["kind", "std_low"] > 0.02, "and leak to a driver that does nothing"


def test_a_study_of_constructs_has_loadings_validity_and_steps_of_invariance(study: Any) -> None:
    tables = study.tables()
    assert len(tables["loadings"]) == 39 and len(tables["validity"]) == 13 and len(tables["discriminant"]) == 78
    assert tables["models"]["model"].tolist() == ["cfa", "configural", "metric", "scalar"]
    there = parameters("kit_cfa")
    for row in tables["loadings"].to_dict("records"):
        assert row["std"] == pytest.approx(there[f"{row['construct']}=~{row['item']}"]["std"], abs=1e-8)
    sums = study.importance[(study.importance["method"] == "lmg") & ~study.importance["term"].str.startswith("block:")]
    assert sums.groupby("outcome")["share"].sum().to_numpy() == pytest.approx(1)
    assert study.blocks["block"].iloc[:2].tolist() == ["online", "offline"]
    assert any("not from respondents drawn anew" in sentence for sentence in study.warnings)


def test_the_same_survey_gives_the_same_constructs_to_the_last_bit() -> None:
    one, two = (ts.study_survey(survey(), MODEL, draws=200).tables() for _ in range(2))
    for name, table in one.items():
        pd.testing.assert_frame_equal(table, two[name], check_exact=True)


def test_reliability_and_ratios_are_those_of_semtools() -> None:
    for case, scales, frame in (("kit_scales", THIRTEEN, survey), ("bank_scales", CLIENTS, bank)):
        cfa = ts.fit_cfa(frame(), {"scales": {name: list(items) for name, items in scales.items()}})
        there, k = GOLDEN[case], len(scales)
        for ours, theirs in {"alpha": "alpha", "omega": "omega", "ave_raw": "ave"}.items():
            assert cfa.reliability[ours].tolist() == pytest.approx(there[theirs][:k], abs=1e-8), ours
        names = list(scales)
        for ratio in ("htmt", "htmt2"):
            for row in cfa.discriminant.to_dict("records"):
                i, j = names.index(row["a"]), names.index(row["b"])
                assert row[ratio] == pytest.approx(there[ratio][j][i] or there[ratio][i][j], abs=1e-10)


def test_the_table_of_fornell_and_larcker_holds_roots_of_ave_and_correlations() -> None:
    cfa = ts.fit_cfa(survey(), {"scales": SCALES})
    table, ave = cfa.fornell_larcker, cfa.reliability.set_index("construct")["ave"]
    assert np.diag(table) == pytest.approx(np.sqrt(ave))
    assert table.isna().to_numpy()[np.triu_indices(13, 1)].all()
    (failed,) = [doubt for doubt in cfa.doubts if "discriminant validity" in doubt]
    assert "satisfaction and recommendation (0.83)" in failed
    assert cfa.discriminant["apart"].sum() == 77


def test_a_real_survey_whose_constructs_are_bound_together_gets_its_warnings() -> None:
    model = {"scales": {name: list(items) for name, items in CLIENTS.items()},
             "drivers": {"satisfaction": ["image", "expectation", "quality", "value"]}, "estimator": "sem"}  # fmt: skip
    study = ts.study_survey(bank(), model, draws=200)
    text = " ".join(study.warnings)
    assert "not positive definite" in text and "fits badly" in text and "discriminant validity fails" in text


@pytest.mark.parametrize("estimator", ["sem", "sem_wlsmv"])
def test_a_scale_with_an_item_of_its_own_name_is_the_same_scale(estimator: str) -> None:
    scales = {"trust": SCALES["fulfilment"], "liking": SCALES["satisfaction"]}
    frame, drivers = survey()[[*scales["trust"], *scales["liking"]]], {"liking": ["trust"]}
    plain = ts.fit_drivers(frame, {"scales": scales, "drivers": drivers, "estimator": estimator})
    first = {items[0]: name for name, items in scales.items()}
    named = {name: [first.get(item, item) for item in items] for name, items in scales.items()}
    there = {"scales": named, "drivers": drivers, "estimator": estimator}
    same = ts.fit_drivers(frame.rename(columns=first), there)
    figures = ["estimate", "std_error", "std_beta"]
    assert same.table[figures].to_numpy() == pytest.approx(plain.table[figures].to_numpy(), abs=1e-9)
    assert "trust (item)" in set(same.systems["all"].loadings["item"])


def test_an_index_beside_its_limit_shows_on_which_side_it_is() -> None:
    assert [_beside(*pair) for pair in ((0.8996, 0.9), (0.85, 0.9), (0.0804, 0.08), (0.899999, 0.9))] == [
        "0.8996", "0.85", "0.0804", "0.899999"]  # fmt: skip


def test_scales_of_one_item_and_plain_columns_stand_as_they_are() -> None:
    scales = {"satisfaction": SCALES["satisfaction"], "speed": ["OF1"]}
    drivers = {"satisfaction": ["speed", "RS1"], "RP1": ["satisfaction"]}
    fit = ts.fit_sem(survey(), {"scales": scales, "drivers": drivers})
    there = parameters("kit_observed")
    table = fit.table.set_index("name")["estimate"]
    assert table["satisfaction~speed"] == pytest.approx(there["satisfaction~OF1"]["est"], abs=1e-8)
    assert table["RP1~satisfaction"] == pytest.approx(there["RP1~satisfaction"]["est"], abs=1e-8)
    only_columns = {"drivers": {"SA1": ["OF1", "RS1"]}}
    least_squares = ts.fit_drivers(survey(), only_columns).table["std_beta"].tolist()
    study = ts.study_survey(survey(), only_columns | {"estimator": "sem"}, draws=200)
    assert study.coefficients["std_beta"].tolist() == pytest.approx(least_squares)
    assert study.measurement is None and "loadings" not in study.tables()


def test_groups_may_be_fitted_as_one_with_equal_loadings() -> None:
    model = MODEL | {"groups": "segment"}
    free = ts.fit_sem(survey(), model, by_group=True)
    bound = ts.fit_sem(survey(), model, by_group=True, equal_groups=("loadings", "regressions"))
    assert bound.indices["df"] == free.indices["df"] + 26 + 12
    with pytest.raises(BadInput, match="must name a column"):
        ts.fit_sem(survey(), MODEL, by_group=True)


def test_what_cannot_be_fitted_is_said_for_everyone_and_warned_of_in_a_group() -> None:
    with pytest.raises(BadInput, match=r"needs more complete rows than columns \(39\)"):
        ts.fit_drivers(survey().head(30), MODEL)
    few = survey().assign(shop=["b"] * 20 + ["a"] * 980)
    fit = ts.fit_drivers(few, MODEL | {"groups": "shop"})
    assert any("not estimated in group 'b'" in sentence for sentence in fit.warnings)
    assert fit.results_of("satisfaction", "a").indices["n"] == 980
    with pytest.raises(BadInput, match="for scales alone there is fit_cfa"):
        ts.fit_sem(survey(), {"scales": SCALES})
    with pytest.raises(BadInput, match="a scale of two items"):
        ts.fit_cfa(survey(), {"drivers": {"SA1": ["OF1"]}})


def test_clusters_that_are_not_used_are_said() -> None:
    fit = ts.fit_drivers(survey(), MODEL | {"clusters": "segment"})
    assert any("not clustered by segment" in sentence for sentence in fit.warnings)
