"""touchsim: customer journeys across online and offline touchpoints, simulated, surveyed and explained.

The front door.  Every verb of a study is reached from here and lives in the room that its noun names; nothing heavy is
imported before the first verb is used.

    scenario --simulate--> log --funnel, touchpoint_map, weakest_touchpoints, kpis--> frames
                            |--cohorts--> customers by the month of their birth, targets--> chance that a goal is met
                            |--ask--> answers --fit_drivers, relative_importance, mediation, fit_cfa, fit_sem--> results
                                    fit --dominance, performance_map--> who is ahead, and where to begin
                                    fit --common_method--> whether answers share a method, and what a marker leaves
                            answers --exploratory_factors--> which items hang together, beside the scales
                            answers --penalty_reward--> what low ratings cost and high ones bring
    facts --load_fact, or a file--> published table --fit_moments, study_moments--> results; --twin--> answers
    scenario, variant --compare--> paired differences          log --story--> one customer's journey
    scenario, script --mystery_guest--> planned against actual, and where the promise broke
    scenario --score_card--> what a survey of this design finds, study after study, against the truth
                             score cards --referee_forest--> one design in several worlds, on one scale
    scenario --weigh_threats--> what each threat to a survey does to its drivers, beside a design without any
    scenario --fix_weakest--> what mending each of the weakest touchpoints would bring
    log, its variant's log --map_difference--> cell by cell
    scenario, what came of it --reporting_sheet--> STRESS-DES, ODD, ADEMP, filled
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from touchsim.datasets import scenarios
    from touchsim.engine.simulation import simulate
    from touchsim.errors import BadInput
    from touchsim.experiment.comparison import compare
    from touchsim.experiment.fixes import fix_weakest
    from touchsim.experiment.grid import design_grid
    from touchsim.experiment.mystery_guest import mystery_guest
    from touchsim.experiment.optimum import best_intensity
    from touchsim.experiment.referee import referee_forest
    from touchsim.experiment.score import score_card
    from touchsim.experiment.threats import weigh_threats
    from touchsim.languages import language
    from touchsim.measure.cohorts import cohorts
    from touchsim.measure.goals import targets
    from touchsim.measure.kpis import funnel, kpis
    from touchsim.measure.lifetime import lifetime_value
    from touchsim.measure.map_difference import map_difference
    from touchsim.measure.promise import promise_gap
    from touchsim.measure.reviews import reviews
    from touchsim.measure.touchpoint_map import touchpoint_map
    from touchsim.measure.weakest import weakest_touchpoints
    from touchsim.show.sheets import reporting_sheet
    from touchsim.show.story import story
    from touchsim.study.catalogue import facts, load_fact
    from touchsim.study.dominance import dominance
    from touchsim.study.drivers import fit_drivers
    from touchsim.study.exploratory import exploratory_factors
    from touchsim.study.importance import relative_importance
    from touchsim.study.latent import fit_sem
    from touchsim.study.measurement import fit_cfa
    from touchsim.study.method import common_method
    from touchsim.study.moments import fit_moments, study_moments
    from touchsim.study.paths import mediation
    from touchsim.study.penalties import penalty_reward
    from touchsim.study.performance import performance_map
    from touchsim.study.published import read_moments
    from touchsim.study.survey import study_survey
    from touchsim.study.twins import twin
    from touchsim.survey.respondents import ask
    from touchsim.world.library import touchpoints
    from touchsim.world.scenario import load_scenario

__version__ = "0.1.0"

__all__ = [
    "BadInput",
    "ask",
    "cohorts",
    "targets",
    "best_intensity",
    "common_method",
    "compare",
    "dominance",
    "design_grid",
    "exploratory_factors",
    "facts",
    "fit_cfa",
    "fit_drivers",
    "fix_weakest",
    "fit_moments",
    "fit_sem",
    "funnel",
    "kpis",
    "language",
    "lifetime_value",
    "load_fact",
    "load_scenario",
    "map_difference",
    "penalty_reward",
    "performance_map",
    "mediation",
    "promise_gap",
    "mystery_guest",
    "read_moments",
    "referee_forest",
    "relative_importance",
    "reporting_sheet",
    "reviews",
    "scenarios",
    "score_card",
    "simulate",
    "story",
    "study_moments",
    "study_survey",
    "touchpoint_map",
    "touchpoints",
    "twin",
    "weakest_touchpoints",
    "weigh_threats",
]

_ROOMS = {
    "BadInput": "errors",
    "ask": "survey.respondents",
    "cohorts": "measure.cohorts",
    "targets": "measure.goals",
    "best_intensity": "experiment.optimum",
    "common_method": "study.method",
    "compare": "experiment.comparison",
    "dominance": "study.dominance",
    "design_grid": "experiment.grid",
    "exploratory_factors": "study.exploratory",
    "facts": "study.catalogue",
    "fit_cfa": "study.measurement",
    "fit_drivers": "study.drivers",
    "fix_weakest": "experiment.fixes",
    "fit_moments": "study.moments",
    "fit_sem": "study.latent",
    "funnel": "measure.kpis",
    "kpis": "measure.kpis",
    "language": "languages",
    "lifetime_value": "measure.lifetime",
    "load_fact": "study.catalogue",
    "load_scenario": "world.scenario",
    "map_difference": "measure.map_difference",
    "penalty_reward": "study.penalties",
    "performance_map": "study.performance",
    "mediation": "study.paths",
    "promise_gap": "measure.promise",
    "mystery_guest": "experiment.mystery_guest",
    "referee_forest": "experiment.referee",
    "read_moments": "study.published",
    "relative_importance": "study.importance",
    "reporting_sheet": "show.sheets",
    "reviews": "measure.reviews",
    "scenarios": "datasets",
    "score_card": "experiment.score",
    "simulate": "engine.simulation",
    "story": "show.story",
    "study_moments": "study.moments",
    "study_survey": "study.survey",
    "touchpoint_map": "measure.touchpoint_map",
    "touchpoints": "world.library",
    "twin": "study.twins",
    "weakest_touchpoints": "measure.weakest",
    "weigh_threats": "experiment.threats",
}


def __getattr__(name: str) -> Any:
    """Fetch a verb from its room on first use."""
    if name not in _ROOMS:
        raise AttributeError(f"module 'touchsim' has no attribute {name!r}")
    value = getattr(import_module(f"touchsim.{_ROOMS[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """Verbs of the front door."""
    return [*__all__, "__version__"]
