"""The closed lists of words that touchsim knows, each with its label, unit and colour; said here once.

Scenario files, logs, measures, surveys, pictures and reports all name steps, stages, channels, outcomes and facets by
the keys below and take labels and colours from here, so that a word means one thing everywhere.  The order of a list
is the order in which it is drawn, and (for steps, needs and stages) the order in which a customer meets it; codes in
logs are positions in these lists, so new words go at the end of a list or before a release, never silently between.

A survey of someone's own may call its constructs by words that stand here, too, and mean something else.  Its tables
say so (`signed`), and whatever is told of them is told `in_its_names`, as they were written.

Labels are English here; `label` says them in the language spoken (`touchsim.languages`).  A new word is a `Word` at the
end of its list and a line for its label in every file of ``touchsim/languages``.

Colours are the palette of Okabe & Ito (2008), safe for the common forms of colour blindness.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from touchsim.languages import tell

__all__ = [
    "BLOCKS", "CAUSES", "CHANNELS", "CONSEQUENCES", "DECISIONS", "FACETS", "KANO", "LANES", "MARKERS", "NEEDS",
    "ORIGINS", "OUTCOMES", "OWN_NAMES", "PHASES", "QUADRANTS", "REASONS", "STAGES", "STATUSES", "STEPS", "WEAKNESSES",
    "Word", "colour", "in_its_names", "keys", "label", "name_of", "naming", "phase_of", "signed", "step_of",
    "tells_own_names",
]  # fmt: skip

BLACK, ORANGE, SKY, GREEN = "#000000", "#E69F00", "#56B4E9", "#009E73"
YELLOW, BLUE, VERMILION, PURPLE, GREY = "#F0E442", "#0072B2", "#D55E00", "#CC79A7", "#8A8A8A"


@dataclass(frozen=True)
class Word:
    """A word of a closed list: its key in files and tables, its English label, its colour in pictures."""

    key: str
    label: str
    colour: str = GREY
    short: str = ""


PHASES = (Word("before", "before the purchase", SKY), Word("during", "during the purchase", ORANGE),
          Word("after", "after the purchase", GREEN))  # fmt: skip

STEPS = (
    Word("problem_recognition", "problem recognition", SKY),
    Word("information_search", "information search", BLUE),
    Word("alternatives", "weighing alternatives", PURPLE),
    Word("purchase_decision", "purchase decision", ORANGE),
    Word("after_sales", "after-sales", GREEN),
)
"""The five steps of buying (Engel, Kollat & Blackwell 1968); every touchpoint serves one or more of them."""

NEEDS = (
    Word("problem_recognition", "problem recognition", SKY),
    Word("information_search", "information search", BLUE),
    Word("alternatives", "weighing alternatives", PURPLE),
    Word("purchase_decision", "purchase decision", ORANGE),
    Word("delivery", "delivery", GREEN),
    Word("help", "help", YELLOW),
    Word("return", "return", VERMILION),
    Word("survey", "survey", GREY),
    Word("renewal", "renewal", BLUE),
)
"""What a customer wants at one moment: one of the first four steps, or an after-sales need raised by an event."""

STAGES = (
    Word("suspect", "suspect", SKY),
    Word("lead", "lead", BLUE),
    Word("prospect", "prospect", PURPLE),
    Word("customer", "customer", ORANGE),
    Word("repeat_customer", "repeat customer", VERMILION),
    Word("advocate", "advocate", GREEN),
)
"""Funnel stages from wide to narrow; a stage once earned is kept."""

STATUSES = (
    Word("under_way", "under way", SKY),
    Word("lost", "lost before buying", GREY),
    Word("active", "active customer", GREEN),
    Word("churned", "churned after buying", VERMILION),
)

REASONS = (
    Word("none", "still here"),
    Word("no_need", "the need went away"),
    Word("nothing_reached", "found nothing that suited the need"),
    Word("gave_up", "gave up after trying in vain"),
    Word("disappointed", "left after a contact"),
    Word("went_elsewhere", "bought elsewhere the next time"),
    Word("to_a_rival", "went to a rival"),
    Word("irritated", "was contacted too often"),
    Word("scared_away", "was scared away by what went wrong"),
    Word("not_renewed", "did not renew"),
    Word("script_ended", "the script ended"),
)
"""Why a customer left, in the words of the last decision."""

ORIGINS = (
    Word("arrival", "arrived", BLUE),
    Word("stock", "present at the start", GREY),
    Word("referral", "sent by another customer", GREEN),
    Word("guest", "mystery guest", PURPLE),
)
"""How a customer came into the run; all but those present at the start are born in it."""

CHANNELS = (
    Word("website", "website", BLUE), Word("app", "app", SKY), Word("search", "search engine", PURPLE),
    Word("social", "social media", YELLOW), Word("email", "e-mail", ORANGE), Word("chat", "chat", GREEN),
    Word("reviews", "review sites", VERMILION), Word("community", "blogs and forums", PURPLE),
    Word("word_of_mouth", "word of mouth", GREY),
    Word("phone", "phone", BLUE), Word("sms", "SMS", SKY), Word("fax", "fax", PURPLE), Word("print", "print", YELLOW),
    Word("store", "store", ORANGE), Word("delivery", "delivery", GREEN), Word("desk", "return desk", VERMILION),
    Word("home", "at home", GREY), Word("product", "the product itself", BLACK), Word("survey", "survey", GREY),
)  # fmt: skip

OUTCOMES = (
    Word("served", "served", GREEN),
    Word("abandoned", "abandoned", VERMILION),
    Word("turned_away", "turned away", ORANGE),
    Word("unnoticed", "unnoticed", GREY),
    Word("unfinished", "unfinished", SKY),
    Word("closed", "found it closed", PURPLE),
)
"""How a contact ended; a failure is a row like any other."""

DECISIONS = (
    Word("none", "no decision", GREY),
    Word("advance", "went on", GREEN),
    Word("stay", "stayed in this step", SKY),
    Word("back", "went a step back", ORANGE),
    Word("leave", "left", VERMILION),
)

CAUSES = (
    Word("none", "nothing to decide", GREY),
    Word("own_mind", "made up their own mind", SKY),
    Word("felt_well", "it felt well", GREEN),
    Word("felt_badly", "it felt badly", VERMILION),
    Word("came_in_vain", "it was in vain", ORANGE),
    Word("went_wrong", "something went wrong", VERMILION),
    Word("pressed", "there were too many messages", PURPLE),
    Word("aware", "they knew the brand", BLUE),
    Word("worth_it", "the offer was worth it", GREEN),
    Word("not_worth_it", "the offer was not worth it", ORANGE),
    Word("good_name", "others spoke well of it", YELLOW),
    Word("bad_name", "others spoke badly of it", BLACK),
    Word("cheerful", "it is in their nature", YELLOW),
)
"""What weighed most in a decision, beside chance."""

FACETS = (
    Word("product_information", "product information", BLUE, "PI"),
    Word("appearance", "website appearance", BLUE, "WA"),
    Word("ease_of_use", "ease of use", BLUE, "EU"),
    Word("customisation", "customisation", BLUE, "CU"),
    Word("checkout", "ease of check-out", BLUE, "CO"),
    Word("security", "security assurance", BLUE, "SE"),
    Word("fulfilment", "order fulfilment", ORANGE, "OF"),
    Word("responsiveness", "responsiveness of customer service", ORANGE, "RS"),
    Word("returns", "ease of return", ORANGE, "ER"),
)
"""The nine facets of Pham & Ahammad (2017); blue ones belong to the web shop, orange ones to what follows offline."""

CONSEQUENCES = (
    Word("satisfaction", "satisfaction", GREEN, "SA"),
    Word("repurchase", "repurchase intention", PURPLE, "RP"),
    Word("recommendation", "recommendation", PURPLE, "RC"),
    Word("willingness_to_pay", "willingness to pay more", PURPLE, "WP"),
)

MARKERS = (Word("liking_of_blue", "liking of the colour blue", GREY, "LB"),)
"""Questions on a matter that in theory has nothing to do with the rest of a survey (Simmering et al. 2015)."""

BLOCKS = {
    "online": tuple(word.key for word in FACETS[:6]),
    "offline": tuple(word.key for word in FACETS[6:]),
}
"""Facets met on the web shop against facets met after the click."""

LANES = (
    Word("features", "product features shown", PURPLE),
    Word("interactions", "interactions", BLUE),
    Word("communication", "communication", ORANGE),
    Word("emotions", "emotions and perceptions", GREEN),
)
"""What a cell of the touchpoint map holds."""

WEAKNESSES = (
    Word("in_vain", "gave up, turned away or found it closed", VERMILION),
    Word("unnoticed", "unnoticed", GREY),
    Word("late_delivery", "later than promised", ORANGE),
    Word("slow_refund", "slow refunds", YELLOW),
    Word("long_wait", "long waits", PURPLE),
    Word("poor_evidence", "weak even when nothing goes wrong", SKY),
    Word("idle_cost", "cost without progress", BLACK),
    Word("no_loss", "no loss", GREEN),
)
"""Why a touchpoint is weak, in the order in which a contact is counted under one of them."""

QUADRANTS = (
    Word("concentrate", "concentrate here", VERMILION),
    Word("keep_up", "keep up the good work", GREEN),
    Word("low_priority", "low priority", GREY),
    Word("overkill", "possible overkill", SKY),
)
"""Where a driver stands on the map of importance and performance (Martilla & James 1977)."""

KANO = (
    Word("must_be", "must-be", VERMILION),
    Word("one_dimensional", "one-dimensional", PURPLE),
    Word("attractive", "attractive", BLUE),
    Word("indifferent", "indifferent", GREY),
    Word("reverse", "reverse", BLACK),
)
"""What low and high ratings of a driver do to an outcome (Kano 1984)."""

_LISTS = (PHASES, STEPS, NEEDS, STAGES, STATUSES, REASONS, CHANNELS, OUTCOMES, DECISIONS, CAUSES, FACETS, CONSEQUENCES,
          ORIGINS, LANES, WEAKNESSES, QUADRANTS, KANO, MARKERS)  # fmt: skip
_WORDS = {word.key: word for words in reversed(_LISTS) for word in words}
_WORDS |= {"online": Word("online", "online", BLUE), "offline": Word("offline", "offline", ORANGE)}


_P = ParamSpec("_P")
_R = TypeVar("_R")
OWN_NAMES = "own_names"
"""Under this word the tables of a study say whose names they hold."""

_OWN: ContextVar[bool] = ContextVar("touchsim_own_names", default=False)


def signed(own: bool, *frames: Any) -> None:
    """Sign the tables of a study (in ``attrs``): its names are someone's own, or those of the questionnaire here."""
    for frame in frames:
        frame.attrs[OWN_NAMES] = own


@contextmanager
def naming(subject: object) -> Iterator[None]:
    """Tell names within a ``with`` as `subject` does: a signed table, whatever has one, or True for names as written.

    Examples
    --------
    >>> with naming(True):
    ...     label("returns")
    'returns'
    """
    own = subject
    if not isinstance(subject, bool):
        table = subject if hasattr(subject, "attrs") else getattr(subject, "table", None)
        table = getattr(subject, "coefficients", None) if table is None else table
        own = getattr(table, "attrs", {}).get(OWN_NAMES, tells_own_names())
    token = _OWN.set(bool(own))
    try:
        yield
    finally:
        _OWN.reset(token)


def tells_own_names() -> bool:
    """Whether the names told here and now are someone's own."""
    return _OWN.get()


def in_its_names(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """Let a function tell names as its first argument does (`naming`)."""

    @wraps(function)
    def telling(*given: _P.args, **named: _P.kwargs) -> _R:
        with naming(given[0] if given else named.get("frame")):
            return function(*given, **named)

    return telling


def keys(words: Iterable[Word]) -> tuple[str, ...]:
    """Keys of a list of words, in its order."""
    return tuple(word.key for word in words)


def label(key: str, words: Iterable[Word] | None = None) -> str:
    """Return the label of a key in the language spoken; a key of no list is its own, underscores read as spaces.

    Of someone's own survey (`naming`) keys are names, and stay as they were written; a key that touchsim gave, such as
    a quadrant, is looked up in its list, `words`.

    Examples
    --------
    >>> label("returns"), label("my_touchpoint")
    ('ease of return', 'my touchpoint')
    """
    if words is not None:
        return tell(next(word.label for word in words if word.key == key))
    if tells_own_names():
        return " × ".join(key.split("*")) if "*" in key.strip("*") else key
    word = _WORDS.get(key)
    if word is None and "*" in key.strip("*"):  # a product of drivers
        return " × ".join(label(part) for part in key.split("*"))
    return tell(word.label) if word else key.replace("_", " ")


def name_of(key: str, given: str | None = None) -> str:
    """Name of a touchpoint or segment: as its scenario gives it, else its key, in the language spoken if it is known.

    Examples
    --------
    >>> name_of("phone", "service line"), name_of("return_desk", "return desk")
    ('service line', 'return desk')
    """
    plain = key.replace("_", " ")
    return tell(plain) if given in (None, "", plain) else given


def colour(key: str) -> str:
    """Return the colour of a key as ``#rrggbb``; grey for a key of no list."""
    word = _WORDS.get(key)
    return word.colour if word else GREY


def step_of(need: str) -> str:
    """Step of buying in which a need arises; every need after the purchase belongs to ``after_sales``."""
    return need if need in keys(STEPS) else "after_sales"


def phase_of(step: str) -> str:
    """Phase of a step: before, during or after the purchase."""
    return {"purchase_decision": "during", "after_sales": "after"}.get(step, "before")
