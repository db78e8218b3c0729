"""Who is asked and who answers; what the study gets from them, and the truth that it should have found.

A survey contact stores in the world what its customer thinks at that moment; `ask` reads this snapshot from a log and
turns it into answers, so that the true views stand beside the ticks.  Asked are buyers, or all, or of the buyers
only those who buy again by the end of the run, or who had sent something back before the survey.  They answer with a
probability that may depend on how extreme their satisfaction and how sunny their disposition is, and every draw is
addressed by person and item: the same person gives the same answers in any sample, and worlds that are compared share
their response draws.  Answers of two scenarios are paired by replication and ``identity``; the running number
``customer`` of a person is another one wherever others are born before.

    log --ask--> answers (items | latent_* | seen_*) --> study            with answers.attrs["model"], its MODEL.yaml
     +----survey_model--> the same model with the truth: what OLS on the latent views of all who were asked gives

Three estimands are never mixed up; the one given here is the **regression projection among those asked**: pooled
kinds of goods, omitted product and price, a shared disposition and selection (only buyers) make it differ from the
structural weights, and no survey of these people, however large, can find anything else.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil, log2
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from touchsim.documents import validate_document
from touchsim.errors import BadInput, Finding, verb
from touchsim.languages import told
from touchsim.survey.answers import INTENTIONS, intentions_of, marked_by, response_chance, stated_importance, ticked
from touchsim.survey.draws import identities, survey_words, uniforms
from touchsim.vocabulary import BLOCKS, FACETS, MARKERS, keys
from touchsim.world.questionnaire import Questionnaire

if TYPE_CHECKING:
    from touchsim.log.eventlog import EventLog
    from touchsim.world.scenario import Scenario

__all__ = ["ESTIMAND", "ask", "asked_views", "survey_model", "survey_study"]

ESTIMAND = told("regression projection among those asked")
ASKED_FOR_TRUTH = 20_000
"""`survey_study` computes the truth from so many asked customers, where the market holds them: error below .01."""

FIRST_CROWD, LARGEST_STUDY = 2_000, 4_000_000
"""Customers to begin with (fewer might hold no buyer by chance), and customers after which a study gives up."""

LACKING = {"returners": "give the scenario a touchpoint for the need 'return' and orders that go back",
           "repeat_buyers": "let customers buy again"}  # fmt: skip
"""What a world is short of where people are surveyed, but nobody of these."""

VIEWS = tuple(f"perceived_{facet}" for facet in keys(FACETS))
READ = ("replication", "customer", "identity", "segment", "goods", "surveyed", "first_purchase", "satisfaction",
        "disposition", *VIEWS, *(f"seen_{facet}" for facet in keys(FACETS)))  # fmt: skip
"""Columns of the customers that a survey reads."""


@verb
def ask(log: EventLog, *, response_rate: float | None = None, seed: int = 1, sample: int | None = None) -> pd.DataFrame:
    """Survey the customers of a run.

    Parameters
    ----------
    log : EventLog
        A run; its provenance holds the questionnaire of the scenario.
    response_rate : float, optional
        Share that answers, instead of the questionnaire's (see `questionnaire.Response` for what it refers to).
    seed : int
        Seed of everything that happens in the survey; the run has its own.
    sample : int, optional
        Ask only so many customers of each replication, drawn at random; smaller samples are parts of larger ones.

    Returns
    -------
    DataFrame, one row per respondent, ordered by replication and customer
        ``replication, customer, identity, segment, goods_type``; ``identity`` is the person, the same in every
        scenario; items ``PI1 ...`` as nullable integers (null = not applicable
        or not answered); ``stated_<facet>`` where asked; ``latent_<facet>``, ``latent_satisfaction`` and the latent
        intentions, in z; ``seen_<facet>`` contacts that showed the facet; items ``LB1 ...`` and
        ``latent_liking_of_blue`` of a marker where asked.  ``attrs["model"]`` is the MODEL.yaml of the
        study, ``attrs["provenance"]`` that of the run with the survey's own figures under ``"asked"``.

    Raises
    ------
    BadInput
        When an argument is out of range, the run surveyed nobody, or its customers lack a column, as those of a log do
        that an earlier version wrote.

    Examples
    --------
    >>> import touchsim as ts
    >>> log = ts.simulate(ts.load_scenario("corner_shop"), customers=400, seed=1)
    >>> answers = ts.ask(log, response_rate=0.5)
    >>> answers[["SA1", "SA2", "SA3"]].notna().any(axis=1).all(), answers["SA1"].max() <= 7
    (np.True_, np.True_)
    """
    _check(response_rate=response_rate, seed=seed, sample=sample)
    questionnaire = _questionnaire(log, response_rate)
    asked = _asked(log, questionnaire)
    if sample is not None:
        lot = pd.Series(uniforms(_lot(asked, "sample", seed)), index=asked.index)
        asked = asked[lot.groupby(asked["replication"]).rank(method="first") <= sample]
    chance = response_chance(
        questionnaire.response, asked["satisfaction"].to_numpy(float), asked["disposition"].to_numpy(float)
    )
    people = asked[uniforms(_lot(asked, "response", seed)) < chance].reset_index(drop=True)
    answers = _sheet(people, questionnaire, log.provenance.get("weights", {}), seed)
    several = {name: answers[name].nunique() > 1 for name in ("goods_type", "replication")}
    answers.attrs["model"] = _model(questionnaire, several["goods_type"], several["replication"])
    answers.attrs["provenance"] = {
        **log.provenance,
        "asked": {"seed": seed, "asked": len(asked), "answered": len(people), "sample": sample,
                  "response_rate": questionnaire.response.rate},
    }  # fmt: skip
    return answers


def asked_views(log: EventLog) -> pd.DataFrame:
    """Return what everyone who was asked truly thought, whether they answered or not.

    Returns
    -------
    DataFrame, one row per customer asked
        ``replication``, ``goods``, one column per facet and ``satisfaction``, in z.

    Raises
    ------
    BadInput
        When the run surveyed nobody.
    """
    asked = _asked(log, _questionnaire(log, None))
    views = asked[["replication", "goods", *VIEWS, "satisfaction"]]
    return views.rename(columns=dict(zip(VIEWS, keys(FACETS), strict=True)))


def survey_model(log: EventLog, answers: pd.DataFrame, truth: bool = True) -> dict[str, Any]:
    """Return the model of a simulated survey, with the truth that its regressions should have found.

    Parameters
    ----------
    log : EventLog
        The run that was surveyed.
    answers : DataFrame
        From `ask`.
    truth : bool
        Add the section ``truth``.

    Returns
    -------
    dict
        MODEL.yaml as plain data.  ``truth.coefficients[group][outcome][driver]`` are standardised coefficients over
        *all* customers who were asked, whether they answered or not: for satisfaction OLS on the latent facets, for
        the intentions slope * sd(S) / sd(intention).  Groups are ``all`` and, where there are several, each kind of
        goods.  A facet that does not vary in a group has no coefficient there.
    """
    model = dict(answers.attrs["model"])
    if not truth:
        return model
    questionnaire = _questionnaire(log, None)
    asked = _asked(log, questionnaire)
    goods = asked["goods"].astype(str)
    groups = {"all": np.ones(len(asked), dtype=bool)}
    if "groups" in model:
        groups |= {kind: (goods == kind).to_numpy() for kind in sorted(goods.unique())}
    coefficients = {name: _projected(asked[rows], questionnaire) for name, rows in groups.items()}
    return model | {"truth": {"estimand": ESTIMAND, "units": "standardised", "coefficients": coefficients}}


def survey_study(
    scenario: Scenario, *, respondents: int = 1000, seed: int = 1, replications: int = 1
) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Simulate a survey with a given number of respondents, and its model with the truth.

    Parameters
    ----------
    scenario : Scenario
        The world.
    respondents : int
        Answers wanted in each replication; of more, those with the lowest customer numbers are kept.
    seed : int
        Seed of the run and of the survey (their draws have different addresses).
    replications : int
        Independent surveys.

    Returns
    -------
    (DataFrame, dict)
        Answers as from `ask`, and the model as from `survey_model`.

    Raises
    ------
    BadInput
        When the scenario surveys nobody, or so few that the wanted answers do not come together.
    """
    from touchsim.engine.simulation import simulate

    _check(seed=seed, respondents=respondents, replications=replications)
    customers, before = max(4 * respondents, FIRST_CROWD), 0
    while True:
        log = simulate(scenario, customers=customers, seed=seed, replications=replications)
        answers = ask(log, seed=seed)
        got = answers.groupby("replication").size().reindex(range(replications), fill_value=0).min()
        asked = answers.attrs["provenance"]["asked"]["asked"]
        missing = max(respondents / max(got, 1), min(ASKED_FOR_TRUTH, 20 * respondents * replications) / asked)
        whole_market = asked < 1.1 * before  # more customers would be nobody new: a finite market has no more
        if missing <= 1.0 or (whole_market and got >= respondents):
            break
        if customers * replications >= max(LARGEST_STUDY, 64 * respondents * replications):
            law = f"{got} of {customers} customers answered, too few for {respondents} respondents"
            raise BadInput(Finding("survey", law, hint="raise response.rate, ask all, or bring more to buy"))
        customers, before = customers * (2 ** ceil(log2(missing)) if got else 2), asked
    first = answers.groupby("replication").cumcount() < respondents
    kept = answers[first].reset_index(drop=True)
    kept.attrs = answers.attrs
    return kept, survey_model(log, kept)


def _check(**given: float | None) -> None:
    findings = []
    for name, value in given.items():
        if value is None:
            continue
        if name == "response_rate":
            if not 0.0 <= value <= 1.0:
                findings.append(Finding(name, "must be between 0 and 1", got=str(value)))
        elif isinstance(value, bool) or not isinstance(value, (int, np.integer)):
            findings.append(Finding(name, "must be a whole number", got=repr(value)))
        elif not (0 if name == "seed" else 1) <= value < 2**63:
            findings.append(Finding(name, f"must be at least {0 if name == 'seed' else 1}", got=str(value)))
    if findings:
        raise BadInput(findings)


def _questionnaire(log: EventLog, response_rate: float | None) -> Questionnaire:
    said: Mapping[str, Any] = log.provenance.get("survey") or {}
    questionnaire = validate_document(Questionnaire, said)
    if response_rate is None:
        return questionnaire
    response = questionnaire.response.model_copy(update={"rate": float(response_rate)})
    return questionnaire.model_copy(update={"response": response})


def _asked(log: EventLog, questionnaire: Questionnaire) -> pd.DataFrame:
    """Rows of the customers who are asked: all whose views are known, or those of them whom `asked` names."""
    people = log.customers_frame()
    people.attrs = {}  # pandas copies attrs, deeply, whenever a column is taken
    read = (*READ, "reached_repeat_customer") if questionnaire.asked == "repeat_buyers" else READ
    lacking = [name for name in read if name not in people.columns]
    if lacking:
        law, hint = f"must have the {'column' if len(lacking) == 1 else 'columns'} {', '.join(lacking)}", "run it again"
        raise BadInput(Finding("the customers of the run", law, got="a log of an earlier version?", hint=hint))
    reached = people["satisfaction"].notna()
    if questionnaire.asked != "all":
        reached &= people["surveyed"].notna()
    if questionnaire.asked == "repeat_buyers":
        reached &= people["reached_repeat_customer"].notna()
    if questionnaire.asked == "returners":
        reached &= _returned(log, people)
    asked = people[reached]
    if asked.empty:
        whom = "" if questionnaire.asked in ("all", "buyers") else f" who belongs to the {_words(questionnaire.asked)}"
        law = f"the run surveyed nobody{whom} among {len(people)} customers"
        hint = "give the scenario a touchpoint for the need 'survey', run more customers, or set survey.asked: all"
        if questionnaire.asked == "all":
            hint = "run more customers"
        elif questionnaire.asked in LACKING and people["surveyed"].notna().any():
            hint = f"{LACKING[questionnaire.asked]}, run more customers, or set survey.asked: buyers"
        raise BadInput(Finding("survey", law, hint=hint))
    return asked.reset_index(drop=True)


def _words(key: str) -> str:
    return key.replace("_", " ")


def _returned(log: EventLog, people: pd.DataFrame) -> NDArray[np.bool_]:
    """Who had sent something back before the survey."""
    returns = log.returns_frame()
    who = ["replication", "customer"]
    first = returns.groupby(who)["arrived"].min().reindex(pd.MultiIndex.from_frame(people[who]))
    return np.asarray(first.to_numpy() < people["surveyed"].to_numpy(float), dtype=np.bool_)


def _lot(people: pd.DataFrame, what: str, seed: int) -> NDArray[np.uint64]:
    words = survey_words(seed, people["replication"].to_numpy(), identities(people), what)
    return np.asarray(words[0], dtype=np.uint64)


def _sheet(
    people: pd.DataFrame, questionnaire: Questionnaire, weights: dict[str, dict[str, float]], seed: int
) -> pd.DataFrame:
    """Answers with what lies behind them."""
    said = intentions_of(people, questionnaire, seed)
    who = pd.DataFrame({
        "replication": people["replication"], "customer": people["customer"], "identity": people["identity"],
        "segment": people["segment"].astype(str), "goods_type": people["goods"].astype(str),
    })  # fmt: skip
    latent = {f"latent_{facet}": people[f"perceived_{facet}"].astype(float) for facet in keys(FACETS)}
    latent["latent_satisfaction"] = people["satisfaction"].astype(float)
    latent |= {f"latent_{key}": pd.Series(values, index=people.index) for key, values in said.items()}
    seen = {f"seen_{facet}": people[f"seen_{facet}"] for facet in keys(FACETS)}
    marker = marked_by(people, questionnaire, seed)
    ticks = ticked(people, said | marker, questionnaire, seed)
    stated = stated_importance(people, questionnaire, weights, seed)
    beside = [item for key in marker for item in questionnaire.columns()[key]]
    latent_marker = pd.DataFrame({f"latent_{key}": values for key, values in marker.items()}, index=people.index)
    return pd.concat([who, ticks.drop(columns=beside), stated, pd.DataFrame(latent | seen, index=people.index),
                      ticks[beside], latent_marker], axis=1)  # fmt: skip


def _model(questionnaire: Questionnaire, several_goods: bool, several_replications: bool) -> dict[str, Any]:
    """MODEL.yaml of the survey as plain data; customers of one replication met in the same queues."""
    drivers = {"satisfaction": list(keys(FACETS))} | {key: ["satisfaction"] for key in INTENTIONS}
    model: dict[str, Any] = {
        "scales": {construct: list(items) for construct, items in questionnaire.columns().items()},
        "drivers": drivers,
        "blocks": {block: list(facets) for block, facets in BLOCKS.items()},
    }
    if questionnaire.marker is not None:
        model["marker"] = MARKERS[0].key
    if several_goods:
        model["groups"] = "goods_type"
    if several_replications:
        model["clusters"] = "replication"
    return model | {"missing": {"how": "listwise"}, "estimator": "ols"}


def _projected(asked: pd.DataFrame, questionnaire: Questionnaire) -> dict[str, dict[str, float]]:
    """Standardised coefficients of the population projection, by least squares on the latent views."""
    satisfaction = asked["satisfaction"].to_numpy(float)
    spread = satisfaction.std()
    views = asked[list(VIEWS)].to_numpy(float)
    sds = views.std(axis=0)
    vary = sds > 1e-12 * np.maximum(1.0, np.abs(views).max(axis=0))
    z = (views[:, vary] - views[:, vary].mean(axis=0)) / sds[vary]
    y = (satisfaction - satisfaction.mean()) / (spread if spread > 0 else 1.0)
    betas = np.linalg.lstsq(z, y, rcond=None)[0]
    facets = np.array(keys(FACETS))[vary]
    found = {"satisfaction": {str(facet): float(beta) for facet, beta in zip(facets, betas, strict=True)}}
    for key in INTENTIONS:
        intention = getattr(questionnaire.intentions, key)
        total = np.hypot(intention.slope * spread, intention.spread)
        found[key] = {"satisfaction": float(intention.slope * spread / total) if total > 0 else 0.0}
    return found
