"""Tables for a paper: every figure of the study is there as printed, nothing breaks LaTeX, no warning is lost."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

import touchsim as ts
from tests.equations.cases import THIRTEEN, survey
from touchsim.show.drivers import WAYS
from touchsim.show.paper import ERRORS, _sentences, sheets_of, text_page
from touchsim.show.typeset import FITTING, Sheet, escaped, html_tables, latex_tables
from touchsim.study.corrected import COV_TYPE
from touchsim.study.latent import ERRORS as LATENT_ERRORS
from touchsim.study.survey import Study


@pytest.fixture(scope="module")
def study() -> Study:
    rng = np.random.default_rng(1)
    x = rng.normal(size=(60, 3))
    x[:, 2] = x[:, 1] + 0.1 * x[:, 2]
    frame = pd.DataFrame(x, columns=["cost_%", "R&D", "speed"])
    frame["liking"] = 0.8 * x[:, 0] - 0.5 * x[:, 1] + rng.normal(size=60)
    frame["S1"], frame["S2"] = frame["speed"] + rng.normal(size=60), frame["speed"] + rng.normal(size=60)
    model = {"scales": {"pace": ["S1", "S2"]}, "drivers": {"liking": ["cost_%", "R&D", "speed"]}}
    return ts.study_survey(frame, model, draws=100)


def test_every_coefficient_stands_in_the_table_with_its_interval(study: Study) -> None:
    sheet = sheets_of(study)[1]
    assert sheet.title == "Drivers of liking" and len(sheet.rows) == len(study.coefficients) == 3
    for cells, row in zip(sheet.rows, study.coefficients.to_dict("records"), strict=True):
        assert float(cells[1]) == pytest.approx(row["estimate"], abs=0.0051)
        assert [float(part) for part in cells[3].strip("[]").split(", ")] == pytest.approx(
            [row["low"], row["high"]], abs=0.0051
        )
        assert float(cells[4]) == pytest.approx(row["std_beta"], abs=0.0051)
        assert not re.search(r"(?<!\d)0\.", cells[4] + cells[6])


def test_no_table_leaves_without_the_warnings_of_its_equation(study: Study) -> None:
    warned = study.fit["warnings"].iloc[0]
    assert "go together" in warned
    for sheet in sheets_of(study)[1:3]:
        assert warned in sheet.note
    assert escaped(warned) in re.sub(r"\\textit{(\w+)}", r"\1", latex_tables(sheets_of(study)))
    assert all(f"- {sentence}" in text_page(study) for sentence in study.warnings)


def test_latex_has_as_many_cells_in_a_row_as_columns_and_closes_what_it_opens(study: Study) -> None:
    text = latex_tables(sheets_of(study))
    opened, closed = (re.findall(rf"\\{word}{{(\w+)}}", text) for word in ("begin", "end"))
    assert sorted(opened) == sorted(closed) and opened.count("tabular") == len(sheets_of(study)) == 5
    bodies = re.findall(r"\\begin{tabular}{@{}((?:l|p{.26.linewidth})r*)@{}}(.*?)\\end{tabular}", text, flags=re.S)
    assert len(bodies) == 5
    for body in bodies:
        rows = [line for line in body[1].splitlines() if line.endswith(r"\\")]
        width = 1 + body[0].count("r", body[0].rfind("}") + 1)
        assert rows and all(len(re.findall(r"(?<!\\)&", row)) + 1 == width for row in rows)
        assert body[1].count(r"\toprule") == body[1].count(r"\midrule") == body[1].count(r"\bottomrule") == 1
    assert r"cost\_\%" in text and r"R\&D" in text or r"r\&d" in text
    text = text.replace(FITTING, "").replace("@{}", "")
    bare = re.sub(r"\\[a-z]+{[^}]*}|\\[&%$#_{}]|^%.*$|\\\\|\\[a-z]+", "", text, flags=re.M)
    assert not re.search(r"[%#_^~]", bare)
    labels = re.findall(r"\\label{([^}]*)}", text)
    assert len(set(labels)) == len(labels)


@pytest.mark.parametrize("estimator", ["sem_mlr", "sem_wlsmv"])
def test_structural_equations_print_their_loadings_and_how_far_constructs_are_apart(estimator: str) -> None:
    scales = {name: list(THIRTEEN[name]) for name in ("fulfilment", "returns", "satisfaction")}
    model = {"scales": scales, "drivers": {"satisfaction": ["fulfilment", "returns"]}, "estimator": estimator}
    study = ts.study_survey(survey().head(400), model, draws=100)
    named = {sheet.name: sheet for sheet in sheets_of(study)}
    loadings, apart = named["loadings"], named["discriminant"]
    cfa = study.measurement
    assert cfa is not None and len(loadings.rows) == 9 and cfa.fit.words in loadings.note
    for cells, row in zip(loadings.rows, cfa.loadings.to_dict("records"), strict=True):
        assert cells[1] == row["item"] and float(cells[2]) == pytest.approx(row["std"], abs=0.0051)
        assert [float(part) for part in cells[3].strip("[]").split(", ")] == pytest.approx(
            [row["std_low"], row["std_high"]], abs=0.0051
        )
    first = [cells for cells in loadings.rows if cells[0]]
    assert [float(cells[6]) for cells in first] == pytest.approx(cfa.reliability["ave"].tolist(), abs=0.0051)
    matrix = np.array([[float(cell) for cell in cells[1:]] for cells in apart.rows])
    assert np.diag(matrix) == pytest.approx(np.sqrt(cfa.reliability["ave"]), abs=0.0051)
    pairs = {(row["a"], row["b"]): row for row in cfa.discriminant.to_dict("records")}
    one = pairs.get(("fulfilment", "returns")) or pairs["returns", "fulfilment"]
    assert matrix[1, 0] == pytest.approx(one["correlation"], abs=0.0051)
    assert matrix[0, 1] == pytest.approx(one["htmt"], abs=0.0051)
    assert ("behind the answers" in loadings.note) == (estimator == "sem_wlsmv")


def test_a_negative_number_has_a_minus_and_a_word_keeps_its_hyphen() -> None:
    sheet = Sheet("t", "T", ("term", "B"), (("after-sales", "[-.10, -.02]"),), "n")
    assert "after-sales & [$-$.10, $-$.02]" in latex_tables([sheet])
    assert "<td>[−.10, −.02]</td>" in html_tables([sheet])  # noqa: RUF001
    assert "<td>after-sales</td>" in html_tables([sheet])


def test_html_says_the_same_and_escapes_its_words(study: Study) -> None:
    page = html_tables(sheets_of(study))
    assert page.count("<table") == page.count("</table>") == 5 and "Table 5." in page
    assert "R&amp;D" in page or "r&amp;d" in page
    assert "<script" not in html_tables([Sheet("t", "<script>", ("a",), (("<script>",),), "<script>")])


def test_a_table_without_figures_is_left_out_and_so_are_shares_of_a_single_driver() -> None:
    frame = pd.DataFrame({"a": range(30), "b": np.random.default_rng(2).normal(size=30)})
    study = ts.study_survey(frame, {"drivers": {"b": "a"}}, draws=100)
    assert [sheet.name for sheet in sheets_of(study)] == ["constructs", "coefficients-b", "items"]
    assert "shares" not in study.text


def test_the_first_table_has_mean_sd_alpha_and_correlations_of_the_constructs(study: Study) -> None:
    sheet = sheets_of(study)[0]
    scores = study.regressions.answers.scores
    assert sheet.head == ("Construct", "M", "SD", "α", "1", "2", "3", "4")  # noqa: RUF001
    names = [cells[0].split(" ", 1)[1] for cells in sheet.rows]
    assert set(names) == {"pace", "cost_%", "R&D", "speed", "liking"}
    for place, (name, cells) in enumerate(zip(names, sheet.rows, strict=True)):
        mean, sd = scores[name].mean(), scores[name].std()
        assert [float(cells[1]), float(cells[2])] == pytest.approx([mean, sd], abs=0.0051)
        wanted = [scores[name].corr(scores[other]) for other in names[:place]]
        assert [float(cell) for cell in cells[4 : 4 + place]] == pytest.approx(wanted, abs=0.0051)
        assert "".join(cells[4 + place :]) == ("–" if place < 4 else "")
    assert [bool(cells[3]) for cells in sheet.rows] == [name == "pace" for name in names], "alpha of several items"


def test_outcomes_with_a_single_driver_stand_in_one_table_with_their_groups() -> None:
    rng = np.random.default_rng(3)
    frame = pd.DataFrame(rng.normal(size=(200, 2)), columns=["a", "b"])
    frame["y"] = frame["a"] + frame["b"] + rng.normal(size=200)
    frame["z"], frame["w"] = frame["y"] + rng.normal(size=200), -frame["y"] + rng.normal(size=200)
    frame["land"] = np.where(rng.random(200) < 0.4, "A_1", "B")
    study = ts.study_survey(frame, {"drivers": {"y": ["a", "b"], "z": "y", "w": "y"}, "groups": "land"}, draws=100)
    sheets = {sheet.name: sheet for sheet in sheets_of(study)}
    single = sheets["coefficients-single"]
    assert single.title == "Outcomes of y" and not any("coefficients-z" in name for name in sheets)
    assert [cells[0] for cells in single.rows] == ["z", "– A_1", "– B", "w", "– A_1", "– B"]
    alone = study.coefficients[study.coefficients["outcome"] != "y"]
    assert [float(cells[1]) for cells in single.rows] == pytest.approx(alone["estimate"].tolist(), abs=0.0051)
    assert "N = 200; A_1 N = " in single.note and "R² is the square of β" in single.note
    assert sheets["coefficients-y-b"].title == "Drivers of y, group B"
    assert all(len(sheet.rows) > 1 for sheet in sheets.values())


def alone(estimator: str = "ols", **more: object) -> dict[str, object]:
    return {"drivers": {"z": "y", "w": "y"}, "estimator": estimator, **more}


def answers() -> pd.DataFrame:
    rng = np.random.default_rng(4)
    y, shop = rng.normal(size=240), np.arange(240) % 24
    noise = {f"{name}{item}": rng.normal(size=240) for name in "yzw" for item in (1, 2)}
    return pd.DataFrame({name: y + one for name, one in noise.items()}).assign(shop=shop)


SCALES = {name: [f"{name}1", f"{name}2"] for name in "yzw"}


def test_outcomes_with_a_single_driver_of_correlations_alone_have_no_empty_columns() -> None:
    frame = answers()[["y1", "z1", "w1"]].set_axis(["y", "z", "w"], axis=1)
    table = frame.corr().round(3)
    table.loc["n"] = 240
    study = ts.study_moments(table, alone(), draws=100)
    single = {sheet.name: sheet for sheet in sheets_of(study)}["coefficients-single"]
    assert single.head == ("Outcome", "β", "95 % CI of β", "p")
    assert all(len(cells) == 4 and all(cells) for cells in single.rows)
    assert "R² is the square of β" in single.note
    for cells, row in zip(single.rows, study.fit.to_dict("records"), strict=True):
        assert float(cells[1]) ** 2 == pytest.approx(row["r2"], abs=0.011)


def test_the_square_of_beta_is_claimed_of_plain_least_squares_alone_and_a_sentence_stands_once() -> None:
    study = ts.study_survey(answers(), alone("corrected", scales=SCALES), draws=100)
    note = {sheet.name: sheet for sheet in sheets_of(study)}["coefficients-single"].note
    assert "square of β" not in note and "Standard errors from the influence of each answer." in note
    assert "R² = " + ", ".join(f"{r2:.2f}".removeprefix("0") for r2 in study.fit["r2"]) in note
    twice = [f"{name} is odd (Kim et al. 2010). Both are far." for name in "zw"]
    assert _sentences([*twice, None]) == ["z is odd (Kim et al. 2010).", "Both are far.", "w is odd (Kim et al. 2010)."]
    gaps = answers()[["y1", "z1", "w1"]].set_axis(["y", "z", "w"], axis=1)
    gaps.loc[::9, "y"] = np.nan
    study = ts.study_survey(gaps, alone(missing={"how": "impute"}), draws=100)
    note = {sheet.name: sheet for sheet in sheets_of(study)}["coefficients-single"].note
    assert "square of β" not in note and re.search(r"Standard errors are HC3, pooled over \d+ imputations\.", note)


def test_every_kind_of_errors_has_its_words_below_a_table() -> None:
    assert {*WAYS, *LATENT_ERRORS.values(), COV_TYPE, "HC3"} == set(ERRORS)
    study = ts.study_survey(answers(), alone(scales=SCALES, clusters="shop"), draws=100)
    note = {sheet.name: sheet for sheet in sheets_of(study)}["coefficients-single"].note
    assert study.fit["cov_type"].iloc[0] == "CR3 by shop"
    assert "Standard errors are CR3 (jackknife), by clusters of shop." in note


def test_letters_of_statistics_are_italic_and_signs_are_signs() -> None:
    sheet = Sheet("t", "T", ("Driver", "B", "SE", "95 % CI of β", "p (Holm)", "R²"), (("B", "-.10 (.02)", *[""] * 4),),
                  "N = 9; R² = .41; chi2(3) = 4.1, p = 0.180, -0.04 [-0.15; 0.02]. B 12 and co-op")  # fmt: skip
    page, text = html_tables([sheet]), latex_tables([sheet])
    assert "<th><i>B</i></th><th><i>SE</i></th><th>95 % CI of β</th><th><i>p</i> (Holm)</th><th><i>R</i>²</th>" in page
    assert "<td>B</td><td>−.10 (.02)</td>" in page  # noqa: RUF001
    assert "<i>N</i> = 9; <i>R</i>² = .41; χ²(3) = 4.1, <i>p</i> = .180, −0.04 [−0.15; 0.02]. B 12 and co-op" in page  # noqa: RUF001
    assert r"\textit{R}\textsuperscript{2} = .41" in text and r"$-$0.04 [$-$0.15; 0.02]" in text
