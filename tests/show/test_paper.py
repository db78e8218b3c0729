"""Tables for a paper: every figure of the study is there as printed, nothing breaks LaTeX, no warning is lost."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

import touchsim as ts
from tests.equations.cases import THIRTEEN, survey
from touchsim.show.paper import sheets_of, text_page
from touchsim.show.typeset import FITTING, Sheet, escaped, html_tables, latex_tables
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
    sheet = sheets_of(study)[0]
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
    for sheet in sheets_of(study)[:2]:
        assert warned in sheet.note
    assert escaped(warned) in latex_tables(sheets_of(study))
    assert all(f"- {sentence}" in text_page(study) for sentence in study.warnings)


def test_latex_has_as_many_cells_in_a_row_as_columns_and_closes_what_it_opens(study: Study) -> None:
    text = latex_tables(sheets_of(study))
    opened, closed = (re.findall(rf"\\{word}{{(\w+)}}", text) for word in ("begin", "end"))
    assert sorted(opened) == sorted(closed) and opened.count("tabular") == len(sheets_of(study)) == 4
    bodies = re.findall(r"\\begin{tabular}{@{}((?:l|p{.26.linewidth})r*)@{}}(.*?)\\end{tabular}", text, flags=re.S)
    assert len(bodies) == 4
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
    assert cfa is not None and len(loadings.rows) == 9 and cfa.fit.text in loadings.note
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
    assert page.count("<table") == page.count("</table>") == 4 and "Table 4." in page
    assert "R&amp;D" in page or "r&amp;d" in page
    assert "<script" not in html_tables([Sheet("t", "<script>", ("a",), (("<script>",),), "<script>")])


def test_a_table_without_figures_is_left_out_and_so_are_shares_of_a_single_driver() -> None:
    frame = pd.DataFrame({"a": range(30), "b": np.random.default_rng(2).normal(size=30)})
    study = ts.study_survey(frame, {"drivers": {"b": "a"}}, draws=100)
    assert [sheet.name for sheet in sheets_of(study)] == ["coefficients-b", "items"]
    assert "shares" not in study.text
