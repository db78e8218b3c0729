"""What a study may say: offline leads in the web shop, not in its counter-worlds, where the kit objects."""

from __future__ import annotations

import pytest

from touchsim.study.survey import study_survey
from touchsim.survey.respondents import survey_study
from touchsim.world.scenario import load_scenario


@pytest.mark.parametrize("seed", [3, 14])
def test_offline_leads_on_the_web_shop(seed: int) -> None:
    answers, model = survey_study(load_scenario("webshop"), respondents=1500, seed=seed)
    study = study_survey(answers, model)
    shares = study.importance.query("outcome == 'satisfaction' and method == 'lmg'").set_index("term")["share"]
    assert shares["block:offline"] > shares["block:online"]
    assert "offline block leads" in study.answer


@pytest.mark.parametrize("seed", [3, 14])
def test_offline_does_not_lead_where_the_site_decides(seed: int) -> None:
    answers, model = survey_study(load_scenario("web_first"), respondents=1500, seed=seed)
    study = study_survey(answers, model)
    shares = study.importance.query("outcome == 'satisfaction' and method == 'lmg'").set_index("term")["share"]
    assert shares["block:offline"] < shares["block:online"]
    assert "offline block leads" not in study.text


@pytest.mark.parametrize("seed", [3, 14])
@pytest.mark.parametrize("knows_truth", [True, False])
def test_where_only_the_mood_speaks_no_block_leads_without_a_warning(seed: int, knows_truth: bool) -> None:
    answers, model = survey_study(load_scenario("halo_only"), respondents=1500, seed=seed)
    if not knows_truth:
        model = {key: part for key, part in model.items() if key != "truth"}
        answers = answers[[column for column in answers if not column.startswith(("latent_", "seen_"))]]
    study = study_survey(answers, model)
    assert any("mood" in warning for warning in study.warnings)
    for told in (study.answer, study.text):
        assert "leads" not in told or "mood" in told
