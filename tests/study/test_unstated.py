"""A table that states no SDs, or no means, says the standardised solution and leaves empty what it cannot know."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import touchsim as ts
from tests.study.test_moments import MODEL, NAMES, survey, table_of
from tests.study.test_tabled import CORRECTED, FACETS, ONE, SEM, answers, scores, table_of as rounded, with_alphas
from touchsim.cli import main
from touchsim.show.paper import sheets_of
from touchsim.study.published import moments_of, read_moments

STANDARDISED = ["std_beta", "std_low", "std_high", "vif"]
IN_UNITS = ["estimate", "std_error", "low", "high"]
BOTH = {"drivers": {"satisfaction": FACETS, "repurchase": ["satisfaction"]}}


def without(table: pd.DataFrame, *rows: str) -> pd.DataFrame:
    return table.drop(index=list(rows))


@pytest.mark.parametrize("model", [BOTH, ONE, {**ONE, "estimator": "sem"}], ids=["ols", "corrected", "sem"])
def test_correlations_and_n_give_the_standardised_solution_of_the_whole_table(model: dict[str, object]) -> None:
    table = with_alphas()
    whole, bare = ts.study_moments(table, model, draws=100), ts.study_moments(without(table, "mean", "sd"), model,
                                                                              draws=100)  # fmt: skip
    for column in (*STANDARDISED, "statistic", "p_value"):
        np.testing.assert_allclose(bare.coefficients[column], whole.coefficients[column], atol=1e-9)
    for column in ("r2", "adj_r2", "chi2", "cfi", "srmr"):
        np.testing.assert_allclose(bare.fit[column], whole.fit[column], atol=1e-8)
    np.testing.assert_allclose(bare.importance["share"], whole.importance["share"], atol=1e-9)
    ends = 0.03 if model.get("estimator") == "sem" else 1e-9  # draws of a system come in units of its values
    np.testing.assert_allclose(bare.importance[["low", "high"]], whole.importance[["low", "high"]], atol=ends)
    assert bare.coefficients[IN_UNITS].isna().all(axis=None) and whole.coefficients[IN_UNITS].notna().all(axis=None)
    assert bare.items[["mean", "sd"]].isna().all(axis=None) and bare.performance.empty and len(whole.performance)
    for sentences in (bare.warnings, bare.fit["warnings"]):
        assert all("coefficients are standardised" in one for one in sentences if "no standard deviations" in one)
        assert any("map of importance and performance are left empty" in sentence for sentence in sentences)


def test_scales_of_items_without_sds_are_means_of_standardised_items() -> None:
    table, z = rounded(answers()), answers().apply(lambda column: (column - column.mean()) / column.std())
    for model in (CORRECTED, {**CORRECTED, "estimator": "ols"}):
        bare = ts.fit_moments(without(table, "mean", "sd"), model)
        np.testing.assert_allclose(bare.table[STANDARDISED], ts.fit_moments(rounded(z), model).table[STANDARDISED],
                                   atol=1e-9)  # fmt: skip
        assert any("is the mean of standardised items" in sentence for sentence in bare.warnings)
    named = {sheet.name: sheet for sheet in sheets_of(ts.study_moments(without(table, "mean", "sd"), SEM, draws=100))}
    assert "raw items are standardised ones here" in named["scales"].note
    assert {"M", "SD", "skewness"}.isdisjoint(named["items"].head) and "loading" in named["items"].head
    whole, bare = (ts.study_moments(one, SEM, draws=100) for one in (table, without(table, "mean", "sd")))
    for column in ("std_beta", "std_low", "std_high", "p_value"):
        np.testing.assert_allclose(bare.coefficients[column], whole.coefficients[column], atol=1e-7)
    np.testing.assert_allclose(bare.fit["chi2"], whole.fit["chi2"], atol=1e-6)
    np.testing.assert_allclose(bare.tables()["loadings"]["std"], whole.tables()["loadings"]["std"], atol=1e-7)
    assert bare.tables()["loadings"][IN_UNITS].isna().all(axis=None)


def test_errors_take_in_that_sds_were_estimated() -> None:
    """Spread of the standardised coefficient over 2,000 samples, not that of a variance known to be 1 (Cudeck 1989)."""
    rng, r, n = np.random.default_rng(1), 0.8, 100
    x = rng.normal(size=(2000, n))
    y = r * x + np.sqrt(1 - r**2) * rng.normal(size=(2000, n))
    found = [np.corrcoef(a, b)[0, 1] for a, b in zip(x, y, strict=True)]
    frame = pd.DataFrame([[n, n], [1, r], [r, 1]], ["n", "a", "y"], ["a", "y"], dtype=float)
    exact = replace(moments_of(frame), rounding={"sd": 0.0, "correlation": 0.0})
    row = ts.fit_moments(exact, {"drivers": {"y": ["a"]}}).table.iloc[0]
    error = (row["std_high"] - row["std_low"]) / 2 / 1.984
    assert error == pytest.approx(np.std(found), rel=0.1) and error < 0.7 * np.sqrt((1 - r**2) / (n - 2))


def test_rounding_is_in_the_errors_of_correlations_alone(tmp_path: Path) -> None:
    widths = []
    for digits in (6, 2, 1):
        file = tmp_path / f"{digits}.csv"
        without(table_of(survey()), "mean", "sd").round(digits).to_csv(file)
        fit = ts.fit_moments(file, MODEL)
        widths.append((fit.table["std_high"] - fit.table["std_low"]).mean())
    assert widths[0] < widths[1] < widths[2] and any("more decimals" in sentence for sentence in fit.warnings)


def test_sds_without_means_give_coefficients_in_units_and_no_map() -> None:
    table = table_of(survey())
    whole, bare = ts.fit_moments(table, MODEL), ts.fit_moments(without(table, "mean"), MODEL)
    pd.testing.assert_frame_equal(bare.table, whole.table, atol=1e-10)
    with pytest.raises(ts.BadInput, match="needs means and standard deviations.*no mean"):
        ts.performance_map(bare)
    study = ts.study_moments(without(table, "mean"), MODEL, draws=100)
    assert study.items["mean"].isna().all() and study.items["sd"].tolist() == pytest.approx(survey().std().tolist())
    assert any("states no means" in sentence for sentence in study.warnings) and study.performance.empty


def test_means_without_sds_are_used_for_nothing_and_a_note_says_so() -> None:
    fit = ts.fit_moments(without(table_of(survey()), "sd"), MODEL)
    assert any("used for nothing" in sentence for sentence in fit.warnings)
    assert np.isnan(moments_of(without(table_of(survey()), "sd")).means).all()


def test_the_twin_of_correlations_is_standardised_and_that_of_sds_without_means_lies_around_zero() -> None:
    table = table_of(survey())
    for rows, sds in ((("mean", "sd"), np.ones(4)), (("mean",), survey().std())):
        twin = ts.twin(without(table, *rows))
        np.testing.assert_allclose(twin.mean(), 0, atol=1e-10)
        np.testing.assert_allclose(twin.std(), sds, atol=1e-10)
        np.testing.assert_allclose(twin.corr(), survey().corr(), atol=1e-10)


def test_what_is_not_stated_is_not_stated_when_the_table_is_written_and_read_again(tmp_path: Path) -> None:
    read = moments_of(without(table_of(survey()), "mean", "sd"))
    assert read.unstated == ("mean", "sd") and read.table.index.tolist() == ["n", *NAMES]
    read.table.to_csv(tmp_path / "again.csv")
    again = read_moments(tmp_path / "again.csv")
    assert again.unstated == ("mean", "sd") and again.rounding["sd"] == 0
    np.testing.assert_allclose(again.correlations, read.correlations, atol=1e-12)


def test_a_row_of_sds_or_means_with_gaps_is_refused_and_said_to_be_left_out_instead() -> None:
    table = table_of(survey())
    table.loc["sd", ["price", "advice"]] = np.nan
    table.loc["mean"] = np.nan
    with pytest.raises(ts.BadInput) as bad:
        moments_of(table)
    said = str(bad.value)
    assert "row 'mean', column 'speed'" in said and "and 3 more: must be a number (got nothing)" in said
    assert "leave a row out that is not known" in said
    worse = without(table_of(survey()), "mean", "sd").rename(index={"n": "min"})
    worse.loc["speed", "price"] = 1.7
    with pytest.raises(ts.BadInput, match="without it nothing can be said about errors"):
        moments_of(worse)


def test_covariances_in_place_of_correlations_are_told_how_to_be_written() -> None:
    table = pd.DataFrame([[50, 50], [2.3, 0.5], [0.5, 1.9]], ["n", "a", "b"], ["a", "b"])
    with pytest.raises(ts.BadInput, match="must be 1, or empty .got 2.3.; of covariances, write correlations"):
        moments_of(table)


def test_a_table_of_correlations_is_studied_on_the_command_line(tmp_path: Path) -> None:
    table, model, out = tmp_path / "table.csv", tmp_path / "model.yaml", tmp_path / "out"
    without(rounded(scores(), 2), "mean", "sd").to_csv(table)
    model.write_text("drivers:\n  satisfaction: [fulfilment, responsiveness, returns]\n  repurchase: [satisfaction]\n")
    with pytest.raises(SystemExit) as left:
        main(["study", "--moments", str(table), "--model", str(model), "--out", str(out)])
    assert not left.value.code
    assert pd.read_csv(out / "coefficients.csv")[IN_UNITS].isna().all(axis=None)
    assert pd.read_csv(out / "performance.csv").empty
    assert "SD 1 and coefficients are standardised" in (out / "report.html").read_text(encoding="utf-8")
    typeset = (out / "tables.tex").read_text(encoding="utf-8")
    assert r"\caption{Items}" not in typeset, "nothing is known of an item alone"
    assert "nan" not in typeset and "Driver & $\\beta$ & 95" in typeset, "no empty columns"
    np.testing.assert_allclose(pd.read_parquet(out / "twin.parquet").std(), 1, atol=1e-10)
