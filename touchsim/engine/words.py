"""The codes of the vocabulary's words as the compiled rules know them: positions in the lists of `vocabulary`."""

from __future__ import annotations

from typing import Final

from touchsim import vocabulary
from touchsim.vocabulary import keys
from touchsim.world.layout import constant


def _code(words: tuple[vocabulary.Word, ...], key: str) -> int:
    return constant(keys(words).index(key))


SERVED: Final = _code(vocabulary.OUTCOMES, "served")
ABANDONED: Final = _code(vocabulary.OUTCOMES, "abandoned")
TURNED_AWAY: Final = _code(vocabulary.OUTCOMES, "turned_away")
UNNOTICED: Final = _code(vocabulary.OUTCOMES, "unnoticed")
UNFINISHED: Final = _code(vocabulary.OUTCOMES, "unfinished")
CLOSED: Final = _code(vocabulary.OUTCOMES, "closed")

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
TO_A_RIVAL: Final = _code(vocabulary.REASONS, "to_a_rival")
IRRITATED: Final = _code(vocabulary.REASONS, "irritated")
SCARED_AWAY: Final = _code(vocabulary.REASONS, "scared_away")
NOT_RENEWED: Final = _code(vocabulary.REASONS, "not_renewed")

NO_CAUSE: Final = _code(vocabulary.CAUSES, "none")
OWN_MIND: Final = _code(vocabulary.CAUSES, "own_mind")
FELT_WELL: Final = _code(vocabulary.CAUSES, "felt_well")
FELT_BADLY: Final = _code(vocabulary.CAUSES, "felt_badly")
IN_VAIN: Final = _code(vocabulary.CAUSES, "came_in_vain")
WENT_WRONG: Final = _code(vocabulary.CAUSES, "went_wrong")
PRESSED: Final = _code(vocabulary.CAUSES, "pressed")
AWARE: Final = _code(vocabulary.CAUSES, "aware")
WORTH_IT: Final = _code(vocabulary.CAUSES, "worth_it")
NOT_WORTH_IT: Final = _code(vocabulary.CAUSES, "not_worth_it")
GOOD_NAME: Final = _code(vocabulary.CAUSES, "good_name")
BAD_NAME: Final = _code(vocabulary.CAUSES, "bad_name")
CHEERFUL: Final = _code(vocabulary.CAUSES, "cheerful")

LEAD: Final = _code(vocabulary.STAGES, "lead")

PROBLEM_RECOGNITION: Final = _code(vocabulary.NEEDS, "problem_recognition")
INFORMATION_SEARCH: Final = _code(vocabulary.NEEDS, "information_search")
ALTERNATIVES: Final = _code(vocabulary.NEEDS, "alternatives")
PURCHASE_DECISION: Final = _code(vocabulary.NEEDS, "purchase_decision")
DELIVERY: Final = _code(vocabulary.NEEDS, "delivery")
HELP: Final = _code(vocabulary.NEEDS, "help")
RETURN: Final = _code(vocabulary.NEEDS, "return")
SURVEY: Final = _code(vocabulary.NEEDS, "survey")
RENEWAL: Final = _code(vocabulary.NEEDS, "renewal")

CUSTOMISATION: Final = _code(vocabulary.FACETS, "customisation")
FULFILMENT: Final = _code(vocabulary.FACETS, "fulfilment")
RESPONSIVENESS: Final = _code(vocabulary.FACETS, "responsiveness")
RETURNS: Final = _code(vocabulary.FACETS, "returns")

UNDER_WAY: Final = _code(vocabulary.STATUSES, "under_way")
LOST: Final = _code(vocabulary.STATUSES, "lost")
ACTIVE: Final = _code(vocabulary.STATUSES, "active")
CHURNED: Final = _code(vocabulary.STATUSES, "churned")

ARRIVAL: Final = _code(vocabulary.ORIGINS, "arrival")
STOCK: Final = _code(vocabulary.ORIGINS, "stock")
REFERRAL: Final = _code(vocabulary.ORIGINS, "referral")

PROSPECT: Final = _code(vocabulary.STAGES, "prospect")
CUSTOMER: Final = _code(vocabulary.STAGES, "customer")

GONE: Final = constant(-1)
"""Need of a customer who has left."""

CART_ABANDONED, PURCHASE, DELIVERED, RETURNED, LEFT = (constant(n) for n in range(105, 110))
"""Events that set off a rule of automation; a stage is its own code (see `world.contacting`)."""
CONTACT_SINCE: Final = constant(107)
"""What a rule may wait in vain for, besides a stage and (106) a purchase: a contact that the customer began."""
