"""How what people think becomes what they tick: judgements, moods, styles of answering, carelessness, gaps.

For respondent i, facet f and item j, all on the z-scale of the world's views:

    kept_if   = w_i * perceived_if + (1 - w_i) * mean over f of perceived_if,  w_i = exp(-forgetting * days)
    trace_if  = r_i * kept_if + sqrt(1 - r_i^2) * e_if,                        r_i = exp(-recall_decay * days)
    judged_if = (1 - colouring) * trace_if + colouring * S_i
    said_ic   = slope_c * S_i + spread_c * e_ic     for intention c; for satisfaction S_i itself; for a marker e_ic
    mood_i    = halo * disposition_i + sqrt(1 - halo^2) * e_i
    value_ij  = shift_i + stretch_i * (loading * judged_if + method * mood_i + noise * e_ij)
    shift_i   = shift_mean + shift_sd * e_i,   stretch_i = exp(stretch_sd * e_i)
    answer_ij = 1 + number of cut points at or below value_ij,   cut points span/points apart, centred on 0

`days` lie between buying and the survey.  Memory fails in two ways: single views fall back on the overall impression,
which makes facets alike (Feldman & Lynch 1988), or are lost and guessed (Ebbinghaus 1885), one guess for all items of a
facet, so that no reliability shows it; satisfaction itself is a summary that lasts.  Who is satisfied may say better
things of every facet because of it: cause and effect reversed (Nisbett & Wilson 1977).  The mood is a common-method
factor (Podsakoff et al. 2003); shift and stretch are those of Rossi, Gilula & Allenby (2001); the careless tick one
column or at random (Meade & Craig 2012).  All e are addressed standard normal draws (see `draws`), so that nobody's
answers depend on who else is asked.  Called by `respondents`.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from touchsim.survey.draws import Words, identities, normals, survey_words, uniforms
from touchsim.vocabulary import CONSEQUENCES, FACETS, MARKERS, keys
from touchsim.world.questionnaire import Questionnaire, Response

__all__ = ["cut_points", "intentions_of", "marked_by", "response_chance", "stated_importance", "ticked"]

Floats = NDArray[np.float64]
INTENTIONS = keys(CONSEQUENCES)[1:]


def cut_points(questionnaire: Questionnaire) -> Floats:
    """Return the points - 1 boundaries between the answers 1, 2, ..., points; shape (points - 1,).

    Examples
    --------
    >>> cut_points(Questionnaire(points=5, span=5.0)).tolist()
    [-1.5, -0.5, 0.5, 1.5]
    """
    points = questionnaire.points
    return np.asarray((np.arange(1, points) - points / 2) * (questionnaire.span / points), dtype=np.float64)


def response_chance(response: Response, satisfaction: Floats, disposition: Floats) -> Floats:
    """Return the probability that each customer answers, shape (customers,).

    The intercept makes the mean over a reference crowd (satisfaction and disposition independent standard normal)
    equal `response.rate`; it is found by bisection on a grid of 61 x 61 quantile midpoints.
    """
    if response.rate in (0.0, 1.0):
        return np.full(len(satisfaction), response.rate)
    slopes = response.on_extremity, response.on_disposition
    if slopes == (0.0, 0.0):
        return np.full(len(satisfaction), response.rate)
    grid = normals(((np.arange(61) + 0.5) / 61 * 2.0**64).astype(np.uint64))
    crowd = slopes[0] * np.abs(grid)[:, None] + slopes[1] * grid
    low, high = -50.0 - np.abs(crowd).max(), 50.0 + np.abs(crowd).max()
    for _ in range(100):
        middle = (low + high) / 2
        low, high = (middle, high) if _logistic(middle + crowd).mean() < response.rate else (low, middle)
    return _logistic(middle + slopes[0] * np.abs(satisfaction) + slopes[1] * disposition)


def _logistic(x: Floats) -> Floats:
    return np.asarray(0.5 + 0.5 * np.tanh(x / 2), dtype=np.float64)


def intentions_of(people: pd.DataFrame, questionnaire: Questionnaire, seed: int) -> dict[str, Floats]:
    """Return what each respondent intends, latent, for the three consequences of satisfaction."""
    satisfaction = people["satisfaction"].to_numpy(float)
    said = {}
    for key in INTENTIONS:
        intention = getattr(questionnaire.intentions, key)
        said[key] = intention.slope * satisfaction + intention.spread * normals(_words(people, key, seed)[0])
    return said


def marked_by(people: pd.DataFrame, questionnaire: Questionnaire, seed: int) -> dict[str, Floats]:
    """Return what each respondent thinks of a matter that has nothing to do with the world; empty unless asked."""
    asked = questionnaire.marker is not None
    return {key: normals(_words(people, key, seed)[0]) for key in keys(MARKERS) if asked}


def ticked(people: pd.DataFrame, said: dict[str, Floats], questionnaire: Questionnaire, seed: int) -> pd.DataFrame:
    """Return the answers to every item.

    Parameters
    ----------
    people : DataFrame, shape (respondents, columns)
        Rows of the customers table.
    said : dict
        Latent intentions, from `intentions_of`, and the latent marker, from `marked_by`.
    questionnaire : Questionnaire
        What is asked.
    seed : int
        Seed of the survey.

    Returns
    -------
    DataFrame, shape (respondents, items)
        Nullable small integers; null = not applicable or not answered.
    """
    judged = _judged(people, questionnaire, seed) | {"satisfaction": people["satisfaction"].to_numpy(float)} | said
    mood = questionnaire.method * _mood(people, questionnaire, seed)
    shift, stretch = _style(people, questionnaire, seed)
    careless, column = _careless(people, questionnaire, seed)
    cuts, points = cut_points(questionnaire), questionnaire.points
    answers = {}
    for construct, items in questionnaire.columns().items():
        applies = np.ones(len(people), dtype=bool)
        if construct in keys(FACETS) and questionnaire.judge.of(construct) == "experience":
            applies = people[f"seen_{construct}"].to_numpy() > 0
        for item in items:
            words = _words(people, item, seed)
            value = shift + stretch * (
                questionnaire.loading * judged[construct] + mood + questionnaire.noise * normals(words[0])
            )
            answer = 1 + np.searchsorted(cuts, value, side="right")
            blind = np.where(column > 0, column, 1 + np.floor(uniforms(words[2]) * points).astype(int))
            answer = np.where(careless, blind, answer)
            given = applies & (uniforms(words[1]) >= questionnaire.response.skip)
            answers[item] = pd.array(answer, dtype="Int8")
            answers[item][~given] = pd.NA
    return pd.DataFrame(answers, index=people.index)


def stated_importance(
    people: pd.DataFrame, questionnaire: Questionnaire, weights: dict[str, dict[str, float]], seed: int
) -> pd.DataFrame:
    """Return how important each facet is *said* to be, columns ``stated_<facet>``; no columns unless asked.

    The true weights of a respondent's kind of goods are standardised over the facets, so that `insight` is the slope
    of what is said on what is true.
    """
    stated = questionnaire.stated
    if stated is None:
        return pd.DataFrame(index=people.index)
    shift, stretch = _style(people, questionnaire, seed)
    goods = people["goods"].astype(str)
    true = {kind: _standardised(weights.get(kind, {})) for kind in goods.unique()}
    answers = {}
    for facet in keys(FACETS):
        weight = goods.map({kind: standardised[facet] for kind, standardised in true.items()}).to_numpy(float)
        error = normals(_words(people, f"stated_{facet}", seed)[0])
        value = stated.level + stated.insight * weight + stated.noise * error
        answer = 1 + np.searchsorted(cut_points(questionnaire), shift + stretch * value, side="right")
        answers[f"stated_{facet}"] = pd.array(answer, dtype="Int8")
    return pd.DataFrame(answers, index=people.index)


def _words(people: pd.DataFrame, what: str, seed: int) -> Words:
    return survey_words(seed, people["replication"].to_numpy(), identities(people), what)


def _judged(people: pd.DataFrame, questionnaire: Questionnaire, seed: int) -> dict[str, Floats]:
    """Return what memory has kept of each facet, as satisfaction colours it."""
    views = people[[f"perceived_{facet}" for facet in keys(FACETS)]].to_numpy(float)
    if questionnaire.forgetting > 0.0:
        kept = _kept(people, questionnaire.forgetting)
        views = kept * views + (1.0 - kept) * views.mean(axis=1, keepdims=True)
    if questionnaire.recall_decay > 0.0:
        kept = _kept(people, questionnaire.recall_decay)
        guesses = [normals(_words(people, f"recall:{facet}", seed)[0]) for facet in keys(FACETS)]
        views = kept * views + np.sqrt(1.0 - kept**2) * np.column_stack(guesses)
    if questionnaire.colouring > 0.0:
        share = questionnaire.colouring
        views = (1.0 - share) * views + share * people[["satisfaction"]].to_numpy(float)
    return dict(zip(keys(FACETS), views.T, strict=True))


def _kept(people: pd.DataFrame, rate: float) -> Floats:
    """Share of single views that is left after the days since the first purchase, shape (people, 1)."""
    days = (people["surveyed"] - people["first_purchase"]).fillna(0.0).clip(lower=0.0).to_numpy(float)
    return np.asarray(np.exp(-rate * days)[:, None], dtype=np.float64)


def _mood(people: pd.DataFrame, questionnaire: Questionnaire, seed: int) -> Floats:
    own = normals(_words(people, "mood", seed)[0])
    halo = questionnaire.halo
    return np.asarray(halo * people["disposition"].to_numpy(float) + np.sqrt(1.0 - halo**2) * own, dtype=np.float64)


def _style(people: pd.DataFrame, questionnaire: Questionnaire, seed: int) -> tuple[Floats, Floats]:
    """Shift and stretch of each person."""
    words, style = _words(people, "style", seed), questionnaire.style
    return style.shift_mean + style.shift_sd * normals(words[0]), np.exp(style.stretch_sd * normals(words[1]))


def _careless(
    people: pd.DataFrame, questionnaire: Questionnaire, seed: int
) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    """Say who answers without reading, and in which column (0 = a new one for every item)."""
    words, style = _words(people, "careless", seed), questionnaire.style
    column = 1 + np.floor(uniforms(words[2]) * questionnaire.points).astype(np.int64)
    straight = uniforms(words[1]) < style.straight_lining
    return uniforms(words[0]) < style.careless, np.where(straight, column, 0)


def _standardised(weights: dict[str, float]) -> dict[str, float]:
    values = np.array([float(weights.get(facet, 0.0)) for facet in keys(FACETS)])
    spread = values.std()
    values = (values - values.mean()) / (spread if spread > 0 else 1.0)
    return dict(zip(keys(FACETS), values.tolist(), strict=True))
