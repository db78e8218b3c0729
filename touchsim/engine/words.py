"""The codes of the vocabulary's words as the compiled rules know them: positions in the lists of `vocabulary`."""

from __future__ import annotations

from typing import Final

from touchsim import vocabulary
from touchsim.vocabulary import keys


def _code(words: tuple[vocabulary.Word, ...], key: str) -> int:
    return keys(words).index(key)


SERVED: Final = _code(vocabulary.OUTCOMES, "served")
ABANDONED: Final = _code(vocabulary.OUTCOMES, "abandoned")
TURNED_AWAY: Final = _code(vocabulary.OUTCOMES, "turned_away")
UNNOTICED: Final = _code(vocabulary.OUTCOMES, "unnoticed")
UNFINISHED: Final = _code(vocabulary.OUTCOMES, "unfinished")

NO_DECISION: Final = _code(vocabulary.DECISIONS, "none")
ADVANCE: Final = _code(vocabulary.DECISIONS, "advance")
STAY: Final = _code(vocabulary.DECISIONS, "stay")
BACK: Final = _code(vocabulary.DECISIONS, "back")
LEAVE: Final = _code(vocabulary.DECISIONS, "leave")

NO_NEED: Final = _code(vocabulary.REASONS, "no_need")
NOTHING_REACHED: Final = _code(vocabulary.REASONS, "nothing_reached")
GAVE_UP: Final = _code(vocabulary.REASONS, "gave_up")
DISAPPOINTED: Final = _code(vocabulary.REASONS, "disappointed")
WENT_ELSEWHERE: Final = _code(vocabulary.REASONS, "went_elsewhere")

PROBLEM_RECOGNITION: Final = _code(vocabulary.NEEDS, "problem_recognition")
INFORMATION_SEARCH: Final = _code(vocabulary.NEEDS, "information_search")
ALTERNATIVES: Final = _code(vocabulary.NEEDS, "alternatives")
PURCHASE_DECISION: Final = _code(vocabulary.NEEDS, "purchase_decision")
DELIVERY: Final = _code(vocabulary.NEEDS, "delivery")
HELP: Final = _code(vocabulary.NEEDS, "help")
RETURN: Final = _code(vocabulary.NEEDS, "return")
SURVEY: Final = _code(vocabulary.NEEDS, "survey")

FULFILMENT: Final = _code(vocabulary.FACETS, "fulfilment")
RESPONSIVENESS: Final = _code(vocabulary.FACETS, "responsiveness")
RETURNS: Final = _code(vocabulary.FACETS, "returns")

UNDER_WAY: Final = _code(vocabulary.STATUSES, "under_way")
LOST: Final = _code(vocabulary.STATUSES, "lost")
ACTIVE: Final = _code(vocabulary.STATUSES, "active")
CHURNED: Final = _code(vocabulary.STATUSES, "churned")

ARRIVAL: Final = _code(vocabulary.ORIGINS, "arrival")
STOCK: Final = _code(vocabulary.ORIGINS, "stock")

LEAD: Final = _code(vocabulary.STAGES, "lead")
PROSPECT: Final = _code(vocabulary.STAGES, "prospect")
CUSTOMER: Final = _code(vocabulary.STAGES, "customer")

GONE: Final = -1
"""Need of a customer who has left."""
