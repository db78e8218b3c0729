"""The questionnaire: what is asked, on which scale, of whom, and how people turn what they think into ticks.

It is the `survey` section of a scenario file.  Each respondent i answers item j of construct f by

    answer = cut(shift_i + stretch_i * (loading * judged_if + method * mood_i + noise * e_ij))

where `judged` is what the respondent thinks of the construct (latent, known to the simulator) as far as memory keeps it
(`forgetting`, `recall_decay`) and as satisfaction colours it (`colouring`), `mood` is common to all answers of one
person (halo: Thorndike 1920; common method: Podsakoff, MacKenzie, Lee & Podsakoff 2003), and shift and stretch are the
person's way of using the scale (Rossi, Gilula & Allenby 2001).  `cut` has equally spaced cut points.  A marker scale,
if there is one, asks for something that has nothing to do with the world, in the same way as the rest: what its items
share with others is mood and way of answering, and nothing else (Lindell & Whitney 2001).  A coefficient of 0 gives
exactly what its absence would give.

Every default is marked as an assumption or a fact and turns up in the list of assumptions of a report.  A scenario
embeds `Questionnaire`; `respondents` answers it; `study` gets only the answers and the model made from it.
"""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from touchsim.documents import Assumption, Document, NonNegative, Positive, Probability
from touchsim.vocabulary import CONSEQUENCES, FACETS, MARKERS

__all__ = ["ASKED", "Intention", "Intentions", "Items", "Judge", "Questionnaire", "Response", "Stated", "Style"]

ASKED = ("all", "buyers", "repeat_buyers", "returners")
"""Who may be asked: everyone; whom a survey contact reached; of these, who has bought again, or sent something back."""

Basis: TypeAlias = Literal["experience", "impression"]
Length: TypeAlias = Annotated[int, Field(ge=1, le=20)]
Points: TypeAlias = Annotated[int, Field(ge=2, le=101)]
Correlation: TypeAlias = Annotated[float, Field(ge=-1, le=1)]


class Items(Document):
    """Number of items of each construct; `each` holds for those that are not named."""

    each: Length = Assumption(3, "fewer do not identify a one-factor model, more tire the respondent")
    product_information: Length | None = None
    appearance: Length | None = None
    ease_of_use: Length | None = None
    customisation: Length | None = None
    checkout: Length | None = None
    security: Length | None = None
    fulfilment: Length | None = None
    responsiveness: Length | None = None
    returns: Length | None = None
    satisfaction: Length | None = None
    repurchase: Length | None = None
    recommendation: Length | None = None
    willingness_to_pay: Length | None = None

    def of(self, construct: str) -> int:
        """Return the number of items of a construct."""
        return int(getattr(self, construct) or self.each)


class Judge(Document):
    """On what a facet is judged: only on own experience (else *not applicable*), or on any impression of it.

    `each` holds for those that are not named.
    """

    each: Basis = Assumption("impression", "people rate terms and service lines that they never met")
    product_information: Basis | None = None
    appearance: Basis | None = None
    ease_of_use: Basis | None = None
    customisation: Basis | None = None
    checkout: Basis | None = None
    security: Basis | None = None
    fulfilment: Basis | None = Assumption("experience", "an order must have arrived before anybody rates its delivery")
    responsiveness: Basis | None = None
    returns: Basis | None = None

    def of(self, facet: str) -> str:
        """Return what a facet is judged on."""
        return str(getattr(self, facet) or self.each)


class Style(Document):
    """How people use the scale (Rossi, Gilula & Allenby 2001), and how many do not read it at all."""

    shift_mean: float = Assumption(0.3, "satisfaction ratings lean upwards (Peterson & Wilson 1992); size assumed")
    shift_sd: NonNegative = Assumption(0.3, "yea- and nay-sayers exist (Baumgartner & Steenkamp 2001); size assumed")
    stretch_sd: NonNegative = Assumption(0.2, "sd of the logarithm: some tick ends, some the middle; size assumed")
    careless: Probability = Assumption(0.03, "some percent answer without reading (Meade & Craig 2012); size assumed")
    straight_lining: Probability = Assumption(0.5, "half of the careless tick one column, half at random")


class Response(Document):
    """Who answers: logit(p) = a + on_extremity * |S| + on_disposition * disposition.

    `rate` fixes a: it is the share that answers in a reference crowd in which satisfaction S and disposition are
    independent standard normal.  The reference does not move with the scenario, so that a better world may well have
    another response rate.
    """

    rate: Probability = Assumption(0.25, "online customer surveys reach some ten to thirty percent")
    on_extremity: float = Assumption(0.0, "delighted and furious people may answer more (Hu, Pavlou & Zhang 2009)")
    on_disposition: float = Assumption(0.0, "cheerful people may answer more; to be varied")
    skip: Probability = Assumption(0.01, "single items are skipped by oversight, at random")


class Intention(Document):
    """What a satisfied customer says about the future: slope * S + spread * e."""

    slope: float
    spread: NonNegative


class Intentions(Document):
    """The three consequences of satisfaction; intentions as said, not behaviour (Mittal & Kamakura 2001)."""

    repurchase: Intention = Assumption(
        Intention(slope=0.7, spread=0.6), "positive by the abstract of Pham & Ahammad (2017); size assumed"
    )
    recommendation: Intention = Assumption(
        Intention(slope=0.8, spread=0.6), "positive by the abstract of Pham & Ahammad (2017); size assumed"
    )
    willingness_to_pay: Intention = Assumption(
        Intention(slope=0.0, spread=0.9),
        "not significant in Pham & Ahammad (2017), taken as 0; Homburg, Koschate & Hoyer (2005) found an effect",
    )


class Stated(Document):
    """Stated importance: cut(shift_i + stretch_i * (level + insight * weight_f + noise * e)), weights standardised."""

    level: float = Assumption(1.0, "when asked, people call everything important")
    insight: float = Assumption(0.5, "people know only partly what drives them (Nisbett & Wilson 1977); size assumed")
    noise: NonNegative = Assumption(0.7, "assumed as large as in other items")


class Questionnaire(Document):
    """The survey of a scenario: scale, items, people, ways of answering.

    Examples
    --------
    >>> plain = Questionnaire()
    >>> plain.points, plain.judge.of("fulfilment"), plain.columns()["returns"]
    (7, 'experience', ('ER1', 'ER2', 'ER3'))
    """

    points: Points = Assumption(7, "five and seven points are the usual lengths of a Likert scale")
    span: Positive = Assumption(4.0, "the scale covers two standard deviations of judgement to either side")
    items: Items = Items()
    judge: Judge = Judge()
    asked: Literal["all", "buyers", "repeat_buyers", "returners"] = Assumption(
        "buyers", "the survey contact follows a purchase"
    )
    response: Response = Response()
    loading: float = Assumption(0.8, "with unit spread gives scales of usual reliability")
    method: float = Assumption(0.25, "answers of one person share a mood (Podsakoff et al. 2003); size assumed")
    halo: Correlation = Assumption(
        0.5, "correlation of that mood with disposition: cheerful people rate higher and buy more"
    )
    noise: NonNegative = Assumption(0.5, "spread of an item's own error, with `loading` it sets the reliability")
    style: Style = Style()
    forgetting: NonNegative = Assumption(
        0.0, "rate a day at which single views fade into the overall impression; 0 = asked while memory is fresh"
    )
    recall_decay: NonNegative = Assumption(
        0.0, "rate a day at which single views are lost and guessed instead (Ebbinghaus 1885); 0 = nothing is lost"
    )
    colouring: Probability = Assumption(
        0.0, "share by which what is said of each facet is drawn to satisfaction (Nisbett & Wilson 1977); to be varied"
    )
    intentions: Intentions = Intentions()
    stated: Stated | None = None
    marker: Annotated[Length | None, Field(description="items of a marker scale, liking of the colour blue")] = None

    def columns(self) -> dict[str, tuple[str, ...]]:
        """Item columns of each construct, named SHORT + number: facets, satisfaction and intentions, marker."""
        lengths = {word: self.items.of(word.key) for word in (*FACETS, *CONSEQUENCES)}
        lengths |= {} if self.marker is None else dict.fromkeys(MARKERS, self.marker)
        return {word.key: tuple(f"{word.short}{j + 1}" for j in range(many)) for word, many in lengths.items()}
