"""Interactions: whether one driver counts for more where another is high.

A pair of drivers in `interactions` enters every equation that has both, as the product of their scores, each less its
mean among everyone:

    y = a + b1 x1 + b2 x2 + b12 (x1 - m1)(x2 - m2) + ...

so that b1 and b2 stay the slopes at the mean of the other (Aiken & West 1991), in groups as well, and the product has a
row of its own, ``x1*x2``.  Its share of importance is what it adds as one more driver; being centred it hardly takes
from its parts.  Whether slopes differ between *groups* is the business of `groups`.  Called by `drivers`.
"""

from __future__ import annotations

from dataclasses import replace

from touchsim.study.columns import Answers
from touchsim.study.model import StudyModel

__all__ = ["crossed"]


def crossed(model: StudyModel, answers: Answers) -> tuple[StudyModel, Answers]:
    """Add the products that a model asks for to its equations and to the scores.

    Parameters
    ----------
    model : StudyModel
    answers : Answers

    Returns
    -------
    model : StudyModel
        With each product among the drivers of the equations that have both of its drivers.
    answers : Answers
        With a column of scores for each product.

    Examples
    --------
    >>> import pandas as pd
    >>> from touchsim.study.columns import complete_answers
    >>> from touchsim.study.model import model_of
    >>> model = model_of({"drivers": {"y": ["a", "b"]}, "interactions": [["a", "b"]]})
    >>> answers = complete_answers(pd.DataFrame({"a": [1, 2, 3], "b": [5, 6, 4], "y": [1, 2, 4]}), model)
    >>> model, answers = crossed(model, answers)
    >>> model.drivers["y"], answers.scores["a*b"].abs().tolist()
    (('a', 'b', 'a*b'), [0.0, 0.0, 1.0])
    """
    if not model.interactions:
        return model, answers
    scores = answers.scores - answers.scores.mean()
    products = {f"{a}*{b}": scores[a] * scores[b] for a, b in model.interactions}
    drivers = {outcome: (*names, *(f"{a}*{b}" for a, b in model.interactions if a in names and b in names))
               for outcome, names in model.drivers.items()}  # fmt: skip
    asked = model.model_copy(update={"drivers": drivers, "interactions": ()})
    return asked, replace(answers, scores=answers.scores.assign(**products))
