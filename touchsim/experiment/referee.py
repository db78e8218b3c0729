"""One survey design held against the truth in several worlds at once: score cards --referee_forest--> a picture.

A design that finds what drives satisfaction in one world may invent it in another.  Who reviews a study asks for both:
here the same questionnaire, size and estimators stand side by side, in worlds that differ in what is true.  Called by
users and notebooks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from touchsim.errors import BadInput, Finding
from touchsim.experiment.score import ESTIMANDS, MAIN, ScoreCard
from touchsim.experiment.studies import is_number, one_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["referee_forest"]


def referee_forest(
    *cards: ScoreCard, estimand: str = MAIN, respondents: int | None = None, ax: Axes | None = None
) -> Axes:
    """Draw truth, estimates and coverage of one survey design in several worlds, on one scale.

    Parameters
    ----------
    *cards : ScoreCard
        One for each world, of the same drivers and estimators.
    estimand : {"projection", "structural", "total"}
        Which truth.
    respondents : int, optional
        Size of the studies; the largest that all cards have, if None.
    ax : Axes, optional
        Where to draw; a new figure if None.

    Returns
    -------
    Axes

    Raises
    ------
    BadInput
        No card, or what is none; cards of other drivers, estimators or numbers of studies than the first; no size that
        all have; an estimand that a card lacks.

    Examples
    --------
    >>> from touchsim.experiment.score import score_card
    >>> from touchsim.world.scenario import load_scenario
    >>> cards = [score_card(load_scenario(name), n=100, studies=2, workers=1) for name in ("corner_shop", "halo_only")]
    >>> len(referee_forest(*cards).get_yticklabels())
    9
    """
    from touchsim.plots.worlds import plot_worlds

    size = _agreed(cards, estimand, respondents)
    parts = []
    for card in cards:
        rows = card.table[(card.table["estimand"] == estimand) & (card.table["respondents"] == size)]
        parts.append(rows.assign(world=card.design["title"]))
    return plot_worlds(pd.concat(parts, ignore_index=True), ax=ax)


def _agreed(cards: tuple[ScoreCard, ...], estimand: str, respondents: int | None) -> int:
    """Size that all cards have, once it is known that they may stand side by side."""
    made = "ts.score_card(ts.load_scenario(...))"
    findings = [] if cards else [Finding("cards", "names nothing", hint=f"type ts.referee_forest({made}, ...)")]
    findings += [Finding(f"card {nth + 1}", "must be a score card", got=type(card).__name__, hint=f"type {made}")
                 for nth, card in enumerate(cards) if not isinstance(card, ScoreCard)]  # fmt: skip
    if findings:
        raise BadInput(findings)
    findings = one_of("estimand", estimand, ESTIMANDS, "no such one")
    if respondents is not None and not is_number(respondents, whole=True):
        findings.append(Finding("respondents", "must be a whole number", got=str(respondents)))
    if findings:
        raise BadInput(findings)
    sizes: set[int] = set()
    titles: set[str] = set()
    for nth, card in enumerate(cards):
        where, title, table = f"card {nth + 1}", str(card.design["title"]), card.table
        if title in titles:
            findings.append(Finding(where, "each world is named once", got=title, hint="title: in the scenario"))
        titles.add(title)
        for column in ("term", "estimator"):
            first, here = (list(dict.fromkeys(one.table[column])) for one in (cards[0], card))
            if here != first:
                hint = f"those of the first card: {', '.join(first)}"
                findings.append(Finding(where, f"has another {column}", got=", ".join(here), hint=hint))
        if card.design["studies"] != cards[0].design["studies"]:
            findings.append(Finding(where, "has another number of studies", got=str(card.design["studies"]),
                                    hint=f"studies={cards[0].design['studies']}"))  # fmt: skip
        if estimand not in set(table["estimand"]):
            findings.append(Finding(where, "lacks this estimand", got=estimand, hint="score_card(..., estimands=...)"))
        sizes = set(table["respondents"]) if nth == 0 else sizes & set(table["respondents"])
    if not sizes:
        findings.append(Finding("cards", "have no number of respondents in common"))
    elif respondents is not None:
        findings += one_of("respondents", respondents, sorted(sizes), "not in all cards")
    if findings:
        raise BadInput(findings)
    return int(respondents or max(sizes))
