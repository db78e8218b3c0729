"""A published table says what its answers say, no more and no less, and a broken one is told in full."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

import touchsim as ts
from touchsim.datasets import fact_path
from touchsim.study.matrices import nearest_correlation
from touchsim.study.moments import rounded_tables
from touchsim.study.published import moments_of, read_moments

NAMES = ["speed", "price", "advice", "liking"]
MODEL = {"drivers": {"liking": ["speed", "price", "advice"]}}
BANK = fact_path("plspm_bank_n250_moments.csv")
BANK_MODEL = {"drivers": {"sat": ["imag", "expe", "qual", "val"], "loy": ["sat", "imag"]}}


def survey(n: int = 300, seed: int = 1) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 3)) @ np.array([[1, 0.4, 0.2], [0, 1, 0.3], [0, 0, 1]])
    y = x @ np.array([0.5, 0.2, 0.0]) + rng.normal(size=n)
    return pd.DataFrame(np.column_stack([x * [1, 2, 3] + 5, y]), columns=NAMES)


def table_of(answers: pd.DataFrame) -> pd.DataFrame:
    rows = [answers.mean(), answers.std(), pd.Series(len(answers), answers.columns)]
    head = pd.DataFrame(rows, index=["mean", "sd", "n"])
    return pd.concat([head, answers.corr()])


def written(folder: Path, table: pd.DataFrame, digits: int = 6) -> Path:
    file = folder / "table.csv"
    table.round(digits).to_csv(file)
    return file


def findings(table: pd.DataFrame | Path, model: dict[str, object] | None = None) -> str:
    with pytest.raises(ts.BadInput) as bad:
        ts.fit_moments(table, model or MODEL)
    return str(bad.value)


def test_a_table_of_raw_moments_gives_the_regression_of_the_answers() -> None:
    answers = survey()
    fit, raw = ts.fit_moments(table_of(answers), MODEL), ts.fit_drivers(answers, MODEL)
    true = sm.OLS(answers["liking"], sm.add_constant(answers[NAMES[:3]])).fit()
    for ours, theirs in [("estimate", true.params), ("std_error", true.bse), ("p_value", true.pvalues),
                         ("low", true.conf_int()[0]), ("high", true.conf_int()[1])]:  # fmt: skip
        np.testing.assert_allclose(fit.table[ours], theirs.iloc[1:], rtol=1e-10, atol=1e-10)
    np.testing.assert_allclose(fit.summary["r2"], true.rsquared, atol=1e-12)
    np.testing.assert_allclose(fit.summary["adj_r2"], true.rsquared_adj, atol=1e-12)
    for column in ("std_beta", "vif"):
        np.testing.assert_allclose(fit.table[column], raw.table[column], atol=1e-10)
    ours, theirs = (ts.relative_importance(one, draws=100).table["share"] for one in (fit, raw))
    np.testing.assert_allclose(ours, theirs, atol=1e-10)


def test_scales_of_items_are_those_of_the_answers() -> None:
    answers = survey()
    answers["speed2"] = answers["speed"] + np.random.default_rng(5).normal(size=len(answers))
    model = {"scales": {"pace": ["speed", "speed2"]}, "drivers": {"liking": ["pace", "price"]}}
    fit, raw = ts.fit_moments(table_of(answers), model), ts.fit_drivers(answers, model)
    np.testing.assert_allclose(fit.table["estimate"], raw.table["estimate"], atol=1e-10)
    np.testing.assert_allclose(fit.scales["alpha"], raw.scales["alpha"], atol=1e-10)


def test_the_published_bank_table_gives_the_coefficients_of_its_survey() -> None:
    folder = Path(os.environ.get("TOUCHSIM_DATA", "../shared/data"))
    if not (folder / "facts").is_dir():
        pytest.skip("TOUCHSIM_DATA is not here")
    fit = ts.fit_moments(folder / "facts" / "plspm_bank_n250_moments.csv", BANK_MODEL)
    satisfaction = fit.table[fit.table["outcome"] == "sat"]
    assert satisfaction["std_beta"].round(3).tolist() == [0.188, 0.009, 0.150, 0.558]
    assert fit.summary["r2"].round(3).tolist()[0] == 0.684


def test_intervals_of_standardised_coefficients_cover_the_truth_as_often_as_they_say() -> None:
    """Error of the delta method against the spread over 2,000 samples; 5 % is 3 Monte Carlo errors of an SD."""
    found = []
    for seed in range(2000):
        corr = survey(200, seed).corr().to_numpy()
        found.append(np.linalg.solve(corr[:3, :3], corr[:3, 3]))
    fit = ts.fit_moments(table_of(survey(200_000)), MODEL)
    df = 200_000 - 4
    error = (fit.table["std_high"] - fit.table["std_low"]) / (2 * 1.95997) * np.sqrt(df / 196)
    np.testing.assert_allclose(error, np.std(found, axis=0), rtol=0.05)


def test_fewer_decimals_give_wider_intervals_around_nearly_the_same_value(tmp_path: Path) -> None:
    table = table_of(survey())
    widths = []
    for rounding in (0.0, 0.005, 0.05):  # the same figures, said to be known to so much
        read = read_moments(written(tmp_path, table, 1))
        known = replace(read, rounding={"sd": rounding, "correlation": rounding})
        fit = ts.fit_moments(known, MODEL)
        widths.append((fit.table["high"] - fit.table["low"]).to_numpy())
    assert (widths[0] < widths[1]).all() and (widths[1] < widths[2]).all()
    assert any("more decimals" in sentence for sentence in fit.warnings)
    full = ts.fit_moments(table, MODEL).table["estimate"]
    assert ((fit.table["low"] < full) & (full < fit.table["high"])).all()


def test_tables_within_rounding_would_print_as_the_published_one(tmp_path: Path) -> None:
    table = read_moments(written(tmp_path, table_of(survey()), 2))
    sds, correlations = rounded_tables(table, draws=200)
    assert (sds.round(2) == table.sds.round(2)).all()
    assert (correlations.round(2) == table.correlations.round(2)).all()
    assert (np.linalg.eigvalsh(correlations) > 0).all() and len(np.unique(correlations[:, 0, 1])) == 200


def test_a_table_near_its_limit_is_still_drawn_positive_definite() -> None:
    names = ["a", "b", "c"]
    r = pd.DataFrame([[1, 0.9, 0.45], [0.9, 1, 0.79], [0.45, 0.79, 1]], names, names)
    head = pd.DataFrame([[1.0] * 3, [1.0] * 3, [90] * 3], ["mean", "sd", "n"], names)
    sds, correlations = rounded_tables(moments_of(pd.concat([head, r])), draws=100)
    assert len(sds) == len(correlations) == 100 and (np.linalg.eigvalsh(correlations) > 0).all()


def test_wishart_draws_give_the_intervals_of_a_bootstrap_of_normal_answers() -> None:
    answers = survey(600)
    ours = ts.relative_importance(ts.fit_moments(table_of(answers), MODEL)).table
    theirs = ts.relative_importance(ts.fit_drivers(answers, MODEL)).table
    np.testing.assert_allclose(ours[["low", "high"]], theirs[["low", "high"]], atol=0.04)


def test_drawn_covariances_are_those_of_wishart() -> None:
    """Mean S, and var(s_ij) = (s_ij^2 + s_ii s_jj) / (n - 1) (Muirhead 1982, section 3.2); the published one first."""
    table = replace(moments_of(table_of(survey())), rounding={"sd": 0.0, "correlation": 0.0})
    fit = ts.fit_moments(table, MODEL)
    assert fit.drawn_covariances is not None
    draws = fit.drawn_covariances(NAMES, 20_000, 1)
    s, spread = survey().cov().to_numpy(), np.outer(survey().std(), survey().std())
    np.testing.assert_allclose(draws[0], s, atol=1e-10)
    np.testing.assert_allclose(draws[1:].mean(axis=0) / spread, s / spread, atol=0.003)
    want = np.sqrt((s**2 + np.outer(np.diag(s), np.diag(s))) / 299)
    np.testing.assert_allclose(draws[1:].std(axis=0), want, rtol=0.03)


def test_a_twin_has_exactly_the_published_moments_whatever_the_seed() -> None:
    table = read_moments(BANK)
    one, other = ts.twin(table), ts.twin(table, seed=2)
    for answers in (one, other, ts.twin(table, n=40)):
        np.testing.assert_allclose(answers.mean(), table.means, atol=1e-10)
        np.testing.assert_allclose(answers.cov(), table.covariances, atol=1e-10)
    assert len(one) == 250 and not np.allclose(one, other)
    pd.testing.assert_frame_equal(one, ts.twin(table))


def test_a_fit_of_the_twin_is_the_fit_of_the_table() -> None:
    fit, again = ts.fit_moments(BANK, BANK_MODEL), ts.fit_drivers(ts.twin(BANK), BANK_MODEL)
    np.testing.assert_allclose(fit.table["estimate"], again.table["estimate"], atol=1e-10)


def test_full_matrix_and_both_triangles_and_columns_beside_say_the_same(tmp_path: Path) -> None:
    full = table_of(survey()).round(3)
    lower, upper = full.copy(), full.copy()
    for i, name in enumerate(NAMES):
        lower.loc[name, NAMES[i + 1 :]] = np.nan
        upper.loc[name, NAMES[:i]] = np.nan
    beside = full.loc[NAMES].copy()
    beside.insert(0, "M", full.loc["mean"])
    beside.insert(1, "SD", full.loc["sd"])
    beside.insert(2, "N", full.loc["n"].astype(int))
    want = moments_of(full)
    for number, table in enumerate((lower, upper, beside)):
        file = tmp_path / f"{number}.csv"
        table.to_csv(file)
        got = read_moments(file)
        assert (got.correlations == want.correlations).all() and (got.sds == want.sds).all() and got.n == want.n


def test_figures_are_read_as_they_are_printed(tmp_path: Path) -> None:
    file = tmp_path / "printed.csv"
    file.write_text(";a;b\nM;4,10;3,20\nSD;1,05;0,90\nN;120;\na;–;\nb;−,45**;1\n", encoding="utf-8")  # noqa: RUF001
    table = read_moments(file)
    assert (table.correlations[0, 1], table.means.tolist(), table.n) == (-0.45, [4.1, 3.2], 120)
    assert table.rounding == {"sd": 0.005, "correlation": 0.005}


def test_an_sd_that_no_answers_within_the_range_have_is_told(tmp_path: Path) -> None:
    table = table_of(survey())
    table.loc["min"], table.loc["max"] = 1.0, 7.0
    table.loc["mean"], table.loc["sd"] = 4.0, 1.5
    table.loc["mean", "speed"], table.loc["sd", "speed"] = 6.9, 2.9
    assert "row 'sd', column 'speed': must be at most 0.938" in findings(table)
    table.loc["sd", "speed"] = 0.9
    assert read_moments(written(tmp_path, table, 1)).sds.max() == 1.5


def test_everything_that_is_broken_is_told_at_once() -> None:
    table = table_of(survey())
    table.loc["min"], table.loc["max"] = 1.0, 10.0
    table.loc["mean", "speed"] = 11.0
    table.loc["sd", "price"] = 0.0
    table.loc["speed", "price"] = 0.9
    table.loc["advice", "liking"] = table.loc["liking", "advice"] = 1.2
    table.loc["advice", "advice"] = 0.8
    table.loc["n"] = 5.5
    said = findings(table)
    for part in ("column 'speed': must lie between min and max (1 to 10) (got 11)", "must be above 0 (got 0)",
                 "is not symmetric: row 'speed', column 'price' says 0.9", "must be between -1 and 1 (got 1.2)",
                 "row 'advice', column 'advice': must be 1, or empty (got 0.8)", "must be whole"):  # fmt: skip
        assert part in said
    assert said.count("\n") == 6


def test_rows_that_are_missing_or_misspelt_are_named() -> None:
    table = table_of(survey()).drop(index="n").rename(index={"price": "prise"})
    said = findings(table)
    assert "row 'prise': is no variable of the header" in said and "did you mean 'price'?" in said
    assert "row 'n': is missing" in said and "row 'price': is missing" in said


def test_a_survey_given_for_a_table_is_told_once(tmp_path: Path) -> None:
    file = tmp_path / "answers.csv"
    survey().round(2).to_csv(file, index=False)
    said = findings(file)
    assert "looks like 300 answers, not a table of moments" in said and "use --survey" in said
    assert str(file) in said and "\n" not in said


def test_a_row_separated_otherwise_than_the_header_is_named(tmp_path: Path) -> None:
    file = tmp_path / "mixed.csv"
    file.write_text(",a,b\nmean;2;3\nsd,1,2\nn,50,\na,1,\nb,.5,1\n")
    said = findings(file, {"drivers": {"b": ["a"]}})
    assert "row 'mean': is separated by ';', the header is not" in said


@pytest.mark.parametrize("name", ["n", "M", "sd"])
def test_a_variable_with_a_reserved_name_is_told_so(name: str) -> None:
    table = table_of(survey()).rename(index={"price": name}, columns={"price": name})
    said = findings(table)
    assert f"column '{name}': is a reserved name" in said and "give it another name" in said and "\n" not in said


def test_findings_of_one_kind_are_told_as_one() -> None:
    table = table_of(survey()).astype(object)
    table.loc[NAMES] = "?"
    said = findings(table)
    assert said.count("must be a number") == 1 and "and 13 more" in said
    assert "row 'speed', column 'speed', row 'speed', column 'price'" in said


def test_a_model_that_cannot_be_read_and_a_broken_table_are_told_together() -> None:
    table = table_of(survey()).drop(index="n")
    said = findings(table, {"drivers": {"liking": ["speed"], "speed": ["liking"]}})
    assert "row 'n': is missing" in said and "drivers" in said


def test_too_few_answers_for_the_drivers_are_told() -> None:
    table = table_of(survey())
    table.loc["n"] = 4
    assert "needs more answers than drivers and intercept (4) (got n = 4)" in findings(table)


def test_a_matrix_that_no_answers_can_have_names_its_variables_and_offers_the_nearest() -> None:
    table = table_of(survey())
    for pair, value in {("speed", "price"): 0.9, ("price", "advice"): 0.9, ("speed", "advice"): -0.5}.items():
        table.loc[pair], table.loc[pair[::-1]] = value, value
    said = findings(table)
    assert "not positive definite" in said and "--nearest" in said and "r(speed, " in said
    assert all(name in said.split("look at ")[1].split(" (got")[0] for name in ("speed", "price", "advice"))
    fit = ts.fit_moments(table, MODEL, nearest=True)
    assert any("nearest correlation matrix is used instead" in sentence for sentence in fit.warnings)


def test_the_nearest_matrix_is_that_of_the_literature() -> None:
    """Higham (2002), section 4: the nearest one to the tridiagonal matrix of ones has 0.7607 and 0.1573."""
    got = nearest_correlation(np.array([[1.0, 1, 0], [1, 1, 1], [0, 1, 1]]))
    np.testing.assert_allclose(got[[0, 0], [1, 2]], [0.7607, 0.1573], atol=2e-4)
    np.testing.assert_allclose(np.diag(got), 1)


def test_what_needs_answers_is_refused_in_a_model() -> None:
    said = findings(BANK, {**BANK_MODEL, "groups": "sex", "estimator": "logit", "missing": {"codes": [99]}})
    assert all(f"{place}: needs the answers themselves" in said for place in ("groups", "estimator", "missing.codes"))


def test_sections_of_a_model_that_would_be_passed_over_are_refused() -> None:
    more = {"marker": "expe", "words": {"sat": ["low", "high"]}, "missing": {"how": "impute"}}
    said = findings(BANK, {"drivers": {"sat": ["imag", "qual"]}, **more})
    assert all(f"{place}: needs the answers themselves" in said for place in ("marker", "words", "missing.how"))
    assert "estimator: sem takes items" in findings(BANK, {**BANK_MODEL, "estimator": "sem_wlsmv"})


def test_an_unknown_variable_gets_its_nearest_name() -> None:
    said = findings(BANK, {"drivers": {"sat": ["quall"]}, "estimator": "logit", "scales": {"other": ["zzz"]}})
    assert "did you mean 'qual'?" in said and "estimator: needs the answers" in said
    assert "column 'zzz': no such column in the table; the table has imag" in said and "survey" not in said


def test_the_study_of_a_table_says_what_a_table_cannot_show() -> None:
    study = ts.study_moments(BANK, BANK_MODEL, draws=200)
    assert "least squares from a published table" in study.text and "HC3" not in study.text
    assert "drawn correlation matrices" in study.answer and "drawn correlation matrices" in study.text
    assert not any("bootstrap" in told for told in (study.answer, study.text, *study.provenance))
    assert all("published table of 250 answers" in warned for warned in study.fit["warnings"])
    assert any("published table of 250 answers" in sentence for sentence in study.warnings)
    assert set(study.fit["cov_type"]) == {"classical, rounding"}
    assert study.provenance["rows"] == 250 and study.provenance["columns"] == 6


@pytest.mark.parametrize("labels", [("1. Price", "2. Speed", "3. Liking"), ("Price", "Speed", "Liking"),
                                    ("(1) Price", "(2) Speed", "(3) Liking")])  # fmt: skip
@pytest.mark.parametrize("last", [True, False])
def test_columns_that_are_numbered_as_in_papers_have_the_names_of_the_rows(
    tmp_path: Path, labels: tuple[str, ...], last: bool
) -> None:
    heads = ["1", "2", "3"] if last else ["1", "2"]
    figures = [["5.1", "1.4", "—"], ["6.2", "1.1", ".41**", "—"], ["5.9", "1.6", ".52**", ".47**", "—"]]
    lines = [["", "M", "SD", *heads], *([label, *row] for label, row in zip(labels, figures, strict=True)),
             ["n", "250"]]  # fmt: skip
    file = tmp_path / "table.csv"
    file.write_text("\n".join(";".join(line) for line in lines), encoding="utf-8")
    if not last:
        file.write_text(file.read_text(encoding="utf-8").replace(".47**;—", ".47**"), encoding="utf-8")
    table = read_moments(file)
    assert table.names == ("Price", "Speed", "Liking") and table.n == 250
    assert table.means.tolist() == [5.1, 6.2, 5.9] and table.sds.tolist() == [1.4, 1.1, 1.6]
    assert table.correlations[np.tril_indices(3, -1)].tolist() == [0.41, 0.52, 0.47]


def test_variables_that_are_called_by_numbers_keep_them(tmp_path: Path) -> None:
    file = tmp_path / "table.csv"
    file.write_text(",1,2\nmean,5,6\nsd,1,2\nn,99\n1,1\n2,.5,1\n", encoding="utf-8")
    assert read_moments(file).names == ("1", "2")
