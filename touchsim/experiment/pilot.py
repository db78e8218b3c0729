"""One crowd before any study: which driver is the strongest, and which threats can do nothing to this survey.

A threat can do nothing where whom it asks are those who are asked anyhow, where everybody answers whatever they feel,
or where no answer of the pilot changes under it, as memory has nothing to forget on the day of buying.  To try it would
be to report its silence as a finding, so it is left out and named with its reason.  Called by `threats`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

from touchsim.errors import BadInput
from touchsim.experiment.grid import OMITTED, Setting, turned
from touchsim.languages import told

if TYPE_CHECKING:
    from touchsim.log.eventlog import EventLog
    from touchsim.world.scenario import Scenario

__all__ = ["HARDLY_ANYBODY", "idle_threats", "piloted", "strongest_driver"]

PILOT, TICKED = 10_000, 500
"""Customers of the pilot; how many of them are asked whether a threat changes an answer."""

HARDLY_ANYBODY = told("this world has hardly anybody to ask")
NOT_FEWER = told("everybody whom the clean design asks is one of them")
OTHERS = told("not all of them belong to those whom the clean design asks")
ALL_ANSWER, NOBODY_ANSWERS = told("everybody answers, whatever they feel"), told("nobody answers")
SAME_DAY = told("nothing is forgotten: no time lies between buying and the survey")
NO_CHANGE = told("no answer changes")


def piloted(clean: Scenario, seed: int) -> EventLog:
    """Let the pilot of a clean design live."""
    from touchsim.engine.simulation import simulate

    return simulate(clean, customers=PILOT, seed=seed)


def strongest_driver(log: EventLog, seed: int) -> str:
    """Name the facet with the largest coefficient among the true views of those whom the clean design asks."""
    from touchsim.survey.respondents import ask, survey_model

    truth = survey_model(log, ask(log, seed=seed, sample=1))["truth"]["coefficients"]["all"]["satisfaction"]
    return str(max(truth, key=lambda facet: float(truth[facet])))


def idle_threats(clean: Scenario, log: EventLog, settings: Mapping[str, Setting], seed: int) -> dict[str, str]:
    """Threats that can do nothing to this survey, each with its reason, in English as `tell` says it.

    Parameters
    ----------
    clean : Scenario
        With the questionnaire of the clean design.
    log : EventLog
        The pilot of it.
    settings : mapping
        Threat to its setting (`grid.DIALS`).
    seed : int
        Of the survey.
    """
    found = {}
    for name, setting in settings.items():
        reason = _reason(clean, log, setting, seed)
        if reason:
            found[name] = reason
    return found


def _reason(clean: Scenario, log: EventLog, setting: Setting, seed: int) -> str:
    """Why a threat can do nothing; empty where it can."""
    (dial,) = setting
    rate = clean.survey.response.rate
    if dial == OMITTED:
        return ""
    if dial in ("non_response", "extremes"):
        return {1.0: ALL_ANSWER, 0.0: NOBODY_ANSWERS}.get(rate, "")
    if dial == "asked":
        return _of_whom(clean, log, setting)
    if not _ticks(clean, log, seed).equals(_ticks(turned(clean, setting), log, seed)):
        return ""
    return SAME_DAY if dial in ("recall", "collinearity") else NO_CHANGE


def _of_whom(clean: Scenario, log: EventLog, setting: Setting) -> str:
    """Why asking only some is no loss of anybody, or asks others; buyers hold repeat buyers and returners."""
    from touchsim.survey.respondents import asked_views

    who, asked = clean.survey.asked, setting["asked"]
    if asked in (who, "buyers") and who != "all":
        return NOT_FEWER
    if who not in ("all", "buyers"):
        return OTHERS
    try:
        many = len(asked_views(_said(turned(clean, setting), log)))
    except BadInput:
        return HARDLY_ANYBODY
    return NOT_FEWER if many == len(asked_views(log)) else ""


def _ticks(world: Scenario, log: EventLog, seed: int) -> pd.DataFrame:
    """Every tick of some of the pilot."""
    from touchsim.survey.respondents import ask

    answers = ask(_said(world, log), response_rate=1.0, seed=seed, sample=TICKED)
    answers.attrs = {}
    return answers[["identity", *(item for some in world.survey.columns().values() for item in some)]]


def _said(world: Scenario, log: EventLog) -> EventLog:
    """The same crowd, asked by the questionnaire of another world."""
    return replace(log, provenance={**log.provenance, "survey": world.survey.model_dump(mode="json")})
