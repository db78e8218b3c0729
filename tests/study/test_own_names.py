"""Names of someone's own survey stay as they were written, whatever touchsim calls by the same words."""

import numpy as np
import pandas as pd
import pytest

import touchsim as ts
from touchsim.languages import language
from touchsim.plots.drivers import plot_coefficients, plot_importance
from touchsim.show.paper import sheets_of
from touchsim.show.report import write_study_report
from touchsim.show.typeset import latex_tables
from touchsim.study import exploratory, fit, method, paths
from touchsim.study.model import model_of
from touchsim.study.survey import study_survey

MODEL = {
    "scales": {"returns": ["R1", "R2"], "delivery": ["D1", "D2"], "security": ["S1", "S2"], "blame_x": ["B1", "B2"],
               "satisfaction": ["Z1", "Z2"]},
    "drivers": {"satisfaction": ["returns", "delivery", "security", "blame_x"]},
    "blocks": {"online": ["returns", "delivery"], "offline": ["security", "blame_x"]},
    "groups": "land",
}  # fmt: skip
VOCABULARY = ("ease of return", "security assurance", "blame x", "Lieferung", "Sicherheit", "Rückgabe", "Zufriedenheit",
              "DE <b>x")  # fmt: skip


def own_survey() -> pd.DataFrame:
    rng = np.random.default_rng(4)
    views = {key: rng.normal(size=300) for key in "RDSB"}
    views["Z"] = sum(views.values()) + rng.normal(size=300)
    items = {f"{key}{j}": view + rng.normal(size=300) for key, view in views.items() for j in (1, 2)}
    return pd.DataFrame(items).assign(land=np.array(["search", "DE_<b>x"])[rng.integers(0, 2, 300)])


@pytest.mark.parametrize("code", ["en", "de"])
def test_names_of_an_own_survey_are_told_as_written(code, tmp_path):
    with language(code):
        study = study_survey(own_survey(), MODEL, draws=200)
        write_study_report(tmp_path / "report.html", study)
        page = (tmp_path / "report.html").read_text(encoding="utf-8")
        page, paper = page.replace("DE_&lt;b&gt;x", "DE_<b>x"), latex_tables(sheets_of(study)).replace(r"\_", "_")
        texts = [study.answer, study.text, *study.warnings, page, paper, study.regressions.text, study.shares.text]
        assert not [(word, text[:60]) for text in texts for word in VOCABULARY if word in text]
        assert "returns" in study.answer + study.text
        assert "blame_x" in page
        assert "search goods" not in page and "Suchgüter" not in page
        for plot in (plot_coefficients, plot_importance):
            names = {tick.get_text() for tick in plot(study.coefficients if plot is plot_coefficients
                                                      else study.importance).get_yticklabels()}  # fmt: skip
            assert {"returns", "security", "blame_x"} <= names


def test_names_of_the_questionnaire_here_get_their_labels():
    answers = ts.ask(ts.simulate(ts.load_scenario("webshop"), customers=1500, seed=1), seed=1)
    study = study_survey(answers, draws=200)
    assert not study.model.names_its_own
    assert "ease of return" in study.text
    assert "ease of return" in {tick.get_text() for tick in plot_coefficients(study.coefficients).get_yticklabels()}


def test_a_model_is_told_from_the_questionnaire_by_keys_and_items():
    kit = {"scales": {"returns": ["ER1", "ER2"], "satisfaction": ["SA1"]}, "drivers": {"satisfaction": ["returns"]}}
    assert not model_of(kit).names_its_own
    assert model_of(kit | {"scales": kit["scales"] | {"returns": ["R1"]}}).names_its_own
    assert model_of({"drivers": {"satisfaction": ["returns"]}}).names_its_own


def test_no_text_of_a_study_has_a_zero_with_a_sign():
    assert {room._two(-0.001) for room in (exploratory, fit, method, paths)} == {"0.00"}
