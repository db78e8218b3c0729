"""The layout of the two float64 tables that the engines see: the world (read) and the customers (written).

**Everything in the world is a row of one table.**  A need, a stage, a touchpoint, a segment is a row, its properties
are columns, and other rows refer to it by its row number; hence a rule is called with two arrays and a few numbers,
which costs a third of a microsecond from Python, while a record of thirty arrays would cost five.  `blueprint` fills
the table from a scenario, `engine.rules` reads it, nothing else knows the columns.

    row 0                     the world as a whole       columns of `General`
    rows NEEDS ...            one per need               columns of `Need`
    rows STAGES ...           one per funnel stage       columns of `Stage`
    rows TOUCHPOINTS ...      one per touchpoint         columns of `Touch`
    then                      one per segment            columns of `Segment`
    then                      one per rival              columns of `Competitor`
    then                      one per exposure and rule  columns of `Message`
    then                      tables of quantiles, row after row; opening hours, a window a row (columns of `Window`)
    last                      a mystery guest and the visits of their script (columns of `Act`), if there is one

The columns are integer enumerations, because compiled functions can read those by name.  A property of many columns
(one per facet, say) is named by its first: ``General.PROMISE + facet``.  A law of duration takes four columns (kind
and three parameters, see `engine.durations`).  A 64-bit word (a hash, the seed, an identity) keeps its bits: its column
is read as an integer (`engine.identity`), never as the number those bits would be.

**A customer is a row of the other table**, columns of `Me`, from birth until the day of leaving; then the row is
used for somebody else, so that memory follows the number of customers present, not the number ever born.
"""

from __future__ import annotations

import hashlib
from enum import IntEnum
from itertools import count
from typing import Final, cast

import numpy as np

from touchsim.vocabulary import CHANNELS, FACETS, NEEDS as NEED_WORDS, STAGES as STAGE_WORDS
from touchsim.world.traits import TRAITS
from touchsim.world.value import COMPONENTS

__all__ = ["Act", "Competitor", "Fit", "GENERAL", "General", "Me", "Message", "N_COMPONENTS", "N_FACETS", "N_NEEDS"]
__all__ += ["N_STAGES", "N_TRAITS", "NEEDS", "Need", "Option", "STAGES", "Segment", "Stage", "TOUCHPOINTS", "Touch"]
__all__ += ["Window", "columns", "constant", "place_of"]

N_CHANNELS: Final = len(CHANNELS)
N_FACETS: Final = len(FACETS)
N_NEEDS: Final = len(NEED_WORDS)
N_STAGES: Final = len(STAGE_WORDS)
N_TRAITS: Final = len(TRAITS)
N_COMPONENTS: Final = len(COMPONENTS)


def constant(n: int) -> int:
    """Return a number for compiled code: numba compiles functions anew for every *literal* Python integer."""
    return cast(int, np.int64(n))


GENERAL: Final = constant(0)
NEEDS: Final = 1
STAGES: Final = NEEDS + N_NEEDS
TOUCHPOINTS: Final = STAGES + N_STAGES

LAW: Final = 4
"""Columns of a law: kind, and three parameters."""
N_LATE: Final = 4
"""Thresholds of the loss by late delivery."""


def place_of(key: str) -> int:
    """64-bit hash of a key, the same on every machine and in every version.

    Examples
    --------
    >>> place_of("phone") == place_of("phone"), place_of("phone") == place_of("store")
    (True, False)
    """
    return int.from_bytes(hashlib.blake2b(key.encode(), digest_size=8).digest(), "big")


class _Columns:
    """Hands out column numbers, one after the other."""

    def __init__(self) -> None:
        self.free = count()

    def one(self) -> int:
        return next(self.free)

    def many(self, n: int) -> int:
        first = next(self.free)
        for _ in range(n - 1):
            next(self.free)
        return first


_c = _Columns()


class General(IntEnum):
    """Columns of row 0: what holds for the whole world."""

    SEED, REPLICATION = _c.one(), _c.one()  # words
    UNTIL = _c.one()  # days; nothing happens at this instant or later
    LAST_TOUCHPOINT, FIRST_SEGMENT, LAST_SEGMENT = _c.one(), _c.one(), _c.one()  # row numbers, last = one past the end
    TRIES = _c.one()  # contacts in vain for one need before giving up
    SAME_RARITY = _c.one()  # exp(-inertia): what makes the channel used last rarer (below 1: likelier)
    RECENCY, PRIOR, EXPECTATION_SD = _c.one(), _c.one(), _c.one()
    GAIN_WAIT, GAIN_LATENESS, GAIN_HANDLING, GAIN_STEPS = _c.one(), _c.one(), _c.one(), _c.one()
    WAIT_SOFTENING, HANDLING_SOFTENING, REFUSED = _c.one(), _c.one(), _c.one()
    EMOTION_ADVANCE, EMOTION_LEAVE, VAIN_LEAVE = _c.one(), _c.one(), _c.one()
    PROMISED, LATE_FROM, LATE_LOSS = _c.one(), _c.many(N_LATE), _c.many(N_LATE)
    HELP, HELP_LATE, RETURN_SEARCH, RETURN_EXPERIENCE, INVITED = _c.one(), _c.one(), _c.one(), _c.one(), _c.one()
    BASKET, MARGIN = _c.many(LAW), _c.one()
    W_PRODUCT, W_VALUE, W_DISPOSITION, W_NOISE = _c.one(), _c.one(), _c.one(), _c.one()
    RECOMMEND, RECOMMEND_SLOPE, REPEAT, REPEAT_SLOPE, GAP = _c.one(), _c.one(), _c.one(), _c.one(), _c.many(LAW)
    WEIGHT_SEARCH, WEIGHT_EXPERIENCE, PROMISE = _c.many(N_FACETS), _c.many(N_FACETS), _c.many(N_FACETS)
    FACET = _c.many(N_FACETS)  # words: the hash of each facet
    TRAIT = _c.many(N_TRAITS)  # words: the hash of each trait
    FIRST_RIVAL, LAST_RIVAL, FIRST_MESSAGE, LAST_MESSAGE = _c.one(), _c.one(), _c.one(), _c.one()  # row numbers
    RICH = _c.one()  # 1 if offers, pairs or pressure may move a choice
    VALUE_CHOICE, VALUE_ADVANCE, VALUE_SATISFACTION = _c.one(), _c.one(), _c.one()
    PULL, REINFORCE, PENALTY, CONFLICT_VALUE, SAVES = _c.one(), _c.one(), _c.one(), _c.one(), _c.one()
    AWARE_LEARN, AWARE_EFFECT, AWARE_MEMORY, AWARE_CHOICE, AWARE_ADVANCE = (_c.one() for _ in range(5))
    PRESSURE_FADING, PRESSURE_LEAVE, PRESSURE_ADVANCE, PRESSURE_CHOICE, OPT_OUT = (_c.one() for _ in range(5))
    COVERAGE, ACCURACY, PROFILE_VIEW, PROFILE_ADDON = _c.one(), _c.one(), _c.one(), _c.one()
    DISCONFIRMATION, LOSS, LEARN, PRIMACY, W_PEAK_END, CHEERFUL = (_c.one() for _ in range(6))
    ADDON, ADDON_VALUE, SWITCHING, RENEW_SLOPE, RENEWAL = _c.one(), _c.one(), _c.one(), _c.one(), _c.many(LAW)
    RATE_CV, RATE = _c.one(), _c.many(LAW)
    VOICE = _c.one()  # 1 if anybody speaks up
    POST, POST_ABOVE, POST_BELOW, POST_REFERENCE = _c.one(), _c.one(), _c.one(), _c.one()
    STARS_PRIOR, STARS_MEAN, STARS_VOLUME = _c.one(), _c.one(), _c.one()
    NAME_ADVANCE, NAME_CHOICE, NAME_VIEW, TALK_ADVANCE = _c.one(), _c.one(), _c.one(), _c.one()
    TELL_GOOD, TELL_BAD, SPEED_GOOD, SPEED_BAD, TALK_FADING = (_c.one() for _ in range(5))
    REFERRALS, REFERRAL_DELAY, MARKET = _c.one(), _c.many(LAW), _c.one()
    REPUTATION, TALK, REACHED = _c.one(), _c.one(), _c.one()  # as published last midnight
    KNOWS_HOURS = _c.one()  # probability of not coming to a closed door
    SCRIPT, SCRIPT_ENDS = _c.one(), _c.one()  # rows of the guest and one past the last visit; 0 = no guest
    AFFINE = _c.one()  # 1 if any segment likes some channel better or worse
    START = _c.one()  # calendar day of the start, counted from 1 March of the year 0
    WIDTH = _c.one()


_c = _Columns()


class Need(IntEnum):
    """Columns of a need: how a customer decides there, how long they think, who serves it."""

    HASH = _c.one()
    ADVANCE, STAY, BACK, LEAVE = _c.one(), _c.one(), _c.one(), _c.one()  # 1 / probability
    THINK = _c.many(LAW)
    VALUE = _c.many(N_COMPONENTS)  # weight of each component in this step
    N_OPTIONS = _c.one()
    OPTION = _c.one()  # columns of `Option`, once for each touchpoint that serves the need


_c = _Columns()


class Option(IntEnum):
    """What a choice must know of a touchpoint, side by side: eight columns, one line of the processor's cache."""

    HASH, TOUCHPOINT, CHANNEL, RARITY = _c.one(), _c.one(), _c.one(), _c.one()
    REACH, NEEDS_CONSENT, ONLINE, BRAND = _c.one(), _c.one(), _c.one(), _c.one()
    WIDTH = _c.one()


_c = _Columns()


class Stage(IntEnum):
    """Columns of a funnel stage: the least a customer must have done to enter it."""

    VISITS, CONSENT, ACTIONS, PURCHASES, RECOMMENDATIONS = (_c.one() for _ in range(5))
    WIDTH = _c.one()


_c = _Columns()


class Touch(IntEnum):
    """Columns of a touchpoint."""

    HASH = _c.one()
    CHANNEL, NOTICED = _c.one(), _c.one()
    CAPACITY, LINE = _c.one(), _c.one()  # capacity 0 = unlimited, else the largest; line = most who may wait
    N_SHIFTS = _c.one()  # pieces of the week with a number of servers; 0 = always open
    DELAY, SERVICE, PATIENCE, HANDLING = _c.many(LAW), _c.many(LAW), _c.many(LAW), _c.many(LAW)
    STANDARD, HANDLING_STANDARD, STEPS = _c.one(), _c.one(), _c.one()  # steps = beyond the standard
    COST = _c.one()  # cents per contact
    VISIT, ACTION = _c.one(), _c.one()  # 1 if it counts as a visit of the site, as an action of a prospect
    N_SHOWN = _c.one()
    SHOWN, QUALITY, SPREAD = _c.many(N_FACETS), _c.many(N_FACETS), _c.many(N_FACETS)
    BRAND, MESSAGE = _c.one(), _c.one()  # 1 if the brand starts it; days of attention that its message asks for
    TALK = _c.one()  # others speak there: 1 in writing (reviews, blogs and forums), 2 by word of mouth
    RISK, RISK_LOSS, RISK_SCARES = _c.one(), _c.one(), _c.one()
    ASKS = _c.one()  # logits that a request for a review adds to the urge to post one
    OFFERED, OFFER = _c.one(), _c.many(N_COMPONENTS)  # 1 if anything about the offer is special
    SHIFTS, SESSIONS, N_SESSIONS = _c.one(), _c.one(), _c.one()  # first rows of `Window`; sessions 0 = never closes
    INBOX, EARLY = _c.one(), _c.one()  # 1 if it keeps what comes while it is closed; days, who waits for the opening
    FITTED, SPARED = _c.one(), _c.one()  # 1 if a pair leads here; 1 if another contact may make this one needless
    PAIR = _c.one()  # columns of `Fit`, once for each touchpoint that may come before


_c = _Columns()


class Fit(IntEnum):
    """Columns of an ordered pair of touchpoints, in the row of the second."""

    FIDELITY, CONFLICT, SUPPLEMENT = _c.one(), _c.one(), _c.one()
    WIDTH = _c.one()


_c = _Columns()


class Competitor(IntEnum):
    """Columns of a rival."""

    HASH, RARITY, ONLINE, NEXT_TIME = _c.one(), _c.one(), _c.one(), _c.one()
    OFFER, SERVES = _c.many(N_COMPONENTS), _c.many(N_NEEDS)  # serves: 1 for each need in which one may turn there
    WIDTH = _c.one()


_c = _Columns()


class Message(IntEnum):
    """Columns of an exposure (bought contacts) or of a rule of automation."""

    HASH, TOUCHPOINT = _c.one(), _c.one()
    INTENSITY, TARGETING, SEARCHING = _c.one(), _c.one(), _c.one()  # of an exposure; a rule has intensity 0
    WHEN, UNLESS, TIMES, BRINGS_BACK, WAIT = _c.one(), _c.one(), _c.one(), _c.one(), _c.many(LAW)  # of a rule
    PLANNED = _c.one()  # 1 if it takes a server's time: the customer's next contact, not one beside the journey
    NEEDS_CONSENT = _c.one()  # 1 if an exposure reaches only those who consented; of a rule 0: it always asks
    WIDTH = _c.one()


_c = _Columns()


class Window(IntEnum):
    """Columns of a piece of the week: minutes from the beginning of the week in which the run starts."""

    OPENS, CLOSES, SERVERS = _c.one(), _c.one(), _c.one()


_c = _Columns()


class Act(IntEnum):
    """Columns of a mystery guest (the first row of a script) and of the visits (the rows below)."""

    IDENTITY, STARTS, SEGMENT, PATIENCE, GOODS, CONSENT = (_c.one() for _ in range(6))  # nan = drawn
    TOUCHPOINT, NEED, AFTER, ORDERED = (_c.one() for _ in range(4))  # after -1 = thinks; needs 1 an order, 2 its goods


_c = _Columns()


class Segment(IntEnum):
    """Columns of a segment: how many come, and the laws of the traits drawn at birth."""

    HASH = _c.one()
    RATE, EVERY = _c.one(), _c.one()  # arrivals per day, on a grid of so many days (0 = at any time)
    CONSENT, EXPERIENCE = _c.one(), _c.one()  # probabilities
    AFFINITY, AFFINITY_SD, PATIENCE_SD = _c.one(), _c.one(), _c.one()
    DRAWN, CORRELATED = _c.one(), _c.one()  # 1 if the further traits are read; 1 if traits go together
    SPAN, SPAN_SD, TOLERANCE, TOLERANCE_SD = _c.one(), _c.one(), _c.one(), _c.one()
    WEIGHT, WEIGHT_SD, INERTIA_SD, INTEREST_SD, VOICE_SD = _c.many(N_COMPONENTS), *(_c.one() for _ in range(4))
    CHOLESKY = _c.many(N_TRAITS * (N_TRAITS + 1) // 2)
    FLOWS, GROWTH = _c.one(), _c.one()  # 1 if arrivals rise and fall; 1 + trend
    WEEKDAY, MONTH = _c.many(7), _c.many(12)  # factors, from Monday, from January
    PIECES, DAY, OF_DAY = _c.one(), _c.one(), _c.one()  # pieces of a day; row of the table of them; their mean factor
    STOCK, STOCK_STAGE, STOCK_HASH = _c.one(), _c.one(), _c.one()  # present at the start; how far; a word
    CHANNEL_RARITY = _c.many(N_CHANNELS)  # exp(-affinity)
    WIDTH = _c.one()


_c = _Columns()


class Me(IntEnum):
    """Columns of a customer; what every contact touches comes first and lies together."""

    ROW, SEGMENT, IDENTITY, NOW = _c.one(), _c.one(), _c.one(), _c.one()
    NEED, STAGE, AT, LAST = _c.one(), _c.one(), _c.one(), _c.one()  # need -1 = gone; rows of touchpoints, -1 = none
    BEFORE = _c.one()  # the last touchpoint that served; last = the last one, in vain or not
    VISIT, NEED_THEN, STAGE_THEN, TRIES = _c.one(), _c.one(), _c.one(), _c.one()  # then = when the contact began
    NTH_THEN, JOURNEY_THEN, STEP, DUE, CALL_AT = (_c.one() for _ in range(5))  # due: message; call: planned
    WILLING, GOODS, ONLINE_RARITY, PATIENCE = _c.one(), _c.one(), _c.one(), _c.one()  # exp(-affinity)
    SAME_RARITY, RISK_THEN, CAUSE, SENT_BY = _c.one(), _c.one(), _c.one(), _c.one()  # row of what sent it, or -1
    CONSENT, VISITED, ACTIONS, PURCHASES, RECOMMENDATIONS, COST = (_c.one() for _ in range(6))
    LATE, HANDLING = _c.one(), _c.one()  # days, of the last delivery and the last return
    CAME, CALLED_FOR = _c.one(), _c.one()  # last own contact began; planned contact under way: coming since, or nan
    SALE, SALE_MARGIN = _c.one(), _c.one()  # cents, of the contact under way
    LINKED, LINKED_THEN, WORTH, WORTHS = _c.one(), _c.one(), _c.one(), _c.one()
    AWARE, AWARE_AT, PRESSED, PRESSED_AT = _c.one(), _c.one(), _c.one(), _c.one()
    REPUTATION, TALK = _c.one(), _c.one()  # as read when the last choice was made
    SCRIPT = _c.one()  # row of the next scripted visit; 0 = decides for themselves
    SPAN, TOLERANCE, WEIGHT, INTEREST, PROPENSITY, VOICE, RATE = (
        _c.one(), _c.one(), _c.many(N_COMPONENTS), *(_c.one() for _ in range(4)))  # fmt: skip
    CHOICES = _c.many(N_NEEDS)
    VIEW, SEEN = _c.many(N_FACETS), _c.many(N_FACETS)
    EXPECTED, DELIVERED = _c.many(N_FACETS), _c.many(N_FACETS)  # delivered: sum of the evidence seen
    REACHED = _c.many(N_STAGES)
    BORN, ORDERED, FIRST_PURCHASE, BOUGHT_AT, REVENUE, MARGIN = (_c.one() for _ in range(6))
    REASON, ENDED, SURVEYED, SATISFACTION = _c.one(), _c.one(), _c.one(), _c.one()
    DISPOSITION, PRODUCT, VALUE, NOISE = _c.one(), _c.one(), _c.one(), _c.one()
    ORIGIN, BOUGHT_BEFORE, TOLD_BEFORE = _c.one(), _c.one(), _c.one()  # before = before the run began
    VIEW_THEN, SEEN_THEN = _c.many(N_FACETS), _c.many(N_FACETS)  # as they were when the survey came
    PEAK, LAST_FELT, JOURNEY, SPARED, OPTED_OUT, RIVAL = (_c.one() for _ in range(6))
    FELT = _c.one()  # contacts that moved a view
    POSTS, STARS, ADDONS, REFERRED, LEFT_FROM = (_c.one() for _ in range(5))
    POSTED, TOLD, REFERRAL, SPOKE_AT = _c.one(), _c.one(), _c.one(), _c.one()  # not yet handed to the world
    ASKED, SILENT_SINCE, DONE = _c.one(), _c.one(), _c.one()  # logits; done with a purchase, or inf; a contact's end
    RECEIVED = _c.one()  # 1 once the last order has come
    SCORE = _c.many(N_TRAITS)
    MET = _c.one()  # twice as many as there are touchpoints: how often this customer met each; was served by each


def columns(n_touchpoints: int, n_messages: int) -> tuple[int, int]:
    """Width of the world's table and of the customers' table for so many touchpoints, exposures and rules.

    After the columns of `Me` come, for each touchpoint, how often the customer met it, and again for each, how often it
    served; then, for each message, when it is due (infinity: not), when that was decided, and how often it was sent.

    Examples
    --------
    >>> columns(100, 0)[0] >= 100
    True
    """
    world = max(General.WIDTH, Segment.WIDTH, Competitor.WIDTH, Message.WIDTH, Touch.PAIR + Fit.WIDTH * n_touchpoints,
                Need.OPTION + Option.WIDTH * n_touchpoints)  # fmt: skip
    return world, Me.MET + 2 * n_touchpoints + 3 * n_messages
