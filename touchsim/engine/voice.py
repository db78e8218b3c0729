"""Opinions that travel: who speaks up after a purchase, what is read of it, and whom it brings.

    speaks     P = 1 / (1 + exp(-(post + above * max(S - r, 0) + below * max(r - S, 0) + voice_i + asked)))
    asked      sum of `asks_for_review` of the requests noticed since the purchase
    stars      1 + number of cuts in (-1.5, -0.5, 0.5, 1.5) that S reaches
    reputation (prior * prior_stars + sum of stars) / (prior + n) - 3,  plus  volume * ln(1 + n)
    talk       (good - bad) / (good + bad + 1) of what has been heard and not yet forgotten

Under-reporting of the moderate makes reviews J-shaped (Hu, Pavlou & Zhang 2009); only buyers speak.  All of it is
published at midnight and stays until the next, and it is counted in whole numbers, so that the order in which people
speak changes nothing.  `speak` is called by `aftermath` when all about a purchase is done, `ask` by `messages` and
`decision` at each contact that is noticed, `hand_over` by both engines after each step; `Opinion` keeps what is public.
"""

from __future__ import annotations

import math

import numpy as np

from touchsim.engine.arrivals import expected_guest
from touchsim.engine.compiling import compiled, rule
from touchsim.engine.identity import block, place_at
from touchsim.engine.randomness import SPEAK, mix, put_word, uniform, word_at
from touchsim.engine.views import satisfaction
from touchsim.engine.words import PURCHASE_DECISION
from touchsim.world.layout import GENERAL, NEEDS, General, Me, Touch

__all__ = ["BAD", "GOOD", "Opinion", "ask", "hand_over", "refer", "speak"]

GOOD, BAD, COLUMNS = 5, 6, 7
"""Columns of the tally of a day: reviews of one to five stars, good and bad news told."""


@compiled
def speak(world: np.ndarray, people: np.ndarray, i: int, content: float, now: float) -> None:
    """Speak up at time `now`, perhaps, about the purchase lived through last, with satisfaction `content`.

    Whoever keeps silent may be asked once more (`ask`): the draw belongs to the purchase, so that all who would have
    spoken unasked speak, and P is the share of those who have spoken in the end, asked before or after.
    """
    if world[GENERAL, General.VOICE] == 0.0:
        return
    people[i, Me.SILENT_SINCE] = now
    off = content - world[GENERAL, General.POST_REFERENCE]
    slope = General.POST_ABOVE if off >= 0.0 else General.POST_BELOW
    logit = world[GENERAL, General.POST] + world[GENERAL, slope] * abs(off) + people[i, Me.VOICE]
    logit += people[i, Me.ASKED]
    word, _, _, _ = block(world, people, i, place_at(world, NEEDS + PURCHASE_DECISION), people[i, Me.PURCHASES], SPEAK)
    if uniform(word) >= 1.0 / (1.0 + np.exp(-logit)):
        return
    stars = 1.0
    for cut in (-1.5, -0.5, 0.5, 1.5):
        if content >= cut:
            stars += 1.0
    people[i, Me.POSTS] += 1.0
    people[i, Me.STARS] = stars
    people[i, Me.POSTED], people[i, Me.TOLD] = stars, 1.0 if off >= 0.0 else -1.0
    people[i, Me.SPOKE_AT], people[i, Me.SILENT_SINCE] = now, np.inf


@compiled
def ask(world: np.ndarray, people: np.ndarray, i: int, k: int, now: float) -> None:
    """Hear the request for a review that touchpoint `k` may make at time `now`; whoever is silent may speak up now.

    Nobody answers before the contact under way is over, nor before all about the purchase is done.
    """
    asks = world[k, Touch.ASKS]
    if asks == 0.0:
        return
    people[i, Me.ASKED] += asks
    if people[i, Me.SILENT_SINCE] < np.inf:
        now = max(now, people[i, Me.DONE], people[i, Me.SILENT_SINCE])
        speak(world, people, i, satisfaction(world, people, i), now)


@rule
def refer(world: np.ndarray, people: np.ndarray, i: int, word: int, delay: float) -> None:
    """Bring a new customer with a recommendation, perhaps; born on a later day, after `delay` days at the earliest."""
    if world[GENERAL, General.REFERRALS] > 0.0 and uniform(word) < world[GENERAL, General.REFERRALS]:
        people[i, Me.REFERRED] += 1.0
        people[i, Me.REFERRAL] = max(np.floor(people[i, Me.NOW]) + 1.0, people[i, Me.NOW] + delay)


@rule
def hand_over(people: np.ndarray, i: int, tally: np.ndarray, referrals: np.ndarray, n: int) -> int:
    """Hand what a customer has said over to the public, and whom they refer as row `n` of `referrals`; return the rows.

    A referred customer's identity is a hash of the referrer and of how-many-th referral it is: the same referral makes
    the same person in every scenario.
    """
    if people[i, Me.POSTED] > 0.0:
        day = int(people[i, Me.SPOKE_AT])
        if day < len(tally):
            tally[day, int(people[i, Me.POSTED]) - 1] += 1
            tally[day, GOOD if people[i, Me.TOLD] > 0.0 else BAD] += 1
        people[i, Me.POSTED] = 0.0
    if people[i, Me.REFERRAL] > 0.0:
        referrals[n, 0], referrals[n, 2] = people[i, Me.REFERRAL], people[i, Me.SEGMENT]
        nth = np.uint64(np.int64(people[i, Me.REFERRED]))
        put_word(referrals, n, 1, mix(word_at(people, i, Me.IDENTITY), nth * np.uint64(0x9E3779B97F4A7C15)))
        people[i, Me.REFERRAL] = 0.0
        return n + 1
    return n


class Opinion:
    """What is public: reviews, talk, and how many have been reached; published at midnight into the world's table.

    Parameters
    ----------
    world : ndarray of float64
        The world's table; `UNTIL` is set.
    """

    def __init__(self, world: np.ndarray) -> None:
        self.world = world
        self.tally = np.zeros((int(math.ceil(world[GENERAL, General.UNTIL])) + 1, COLUMNS), np.int64)
        self.stars = [0] * 5
        self.coming, self.heard = [0.0, 0.0], [0.0, 0.0]
        self.referrals = expected_guest(world)

    def publish(self, day: int, reached: int) -> np.ndarray:
        """Publish what was said before `day`; return the referrals born on it, in order of time, shape (n, 3).

        `reached` is the number of customers born before that day.
        """
        world = self.world[GENERAL]
        if day > 0 and world[General.VOICE] > 0.0:
            said = self.tally[day - 1]
            self.stars = [n + int(more) for n, more in zip(self.stars, said, strict=False)]
            for side, (many, speed) in enumerate(((General.TELL_GOOD, General.SPEED_GOOD),
                                                  (General.TELL_BAD, General.SPEED_BAD))):  # fmt: skip
                coming = self.coming[side] + float(world[many]) * int(said[GOOD + side])
                arrives = coming * -math.expm1(-1.0 / world[speed])
                self.coming[side] = coming - arrives
                self.heard[side] = self.heard[side] * math.exp(-1.0 / world[General.TALK_FADING]) + arrives
        if world[General.VOICE] > 0.0:
            n, total = sum(self.stars), sum((k + 1) * many for k, many in enumerate(self.stars))
            prior, mean = float(world[General.STARS_PRIOR]), float(world[General.STARS_MEAN])
            shown = (prior * mean + total) / (prior + n) if prior + n > 0.0 else mean
            world[General.REPUTATION] = shown - 3.0 + float(world[General.STARS_VOLUME]) * math.log1p(n)
            good, bad = self.heard
            world[General.TALK] = (good - bad) / (good + bad + 1.0)
        world[General.REACHED] = float(reached)
        due = self.referrals[:, 0] < day + 1.0
        today = self.referrals[due & (self.referrals[:, 0] < world[General.UNTIL])]
        self.referrals = self.referrals[~due]
        return today[np.lexsort((today[:, 1].view(np.uint64), today[:, 0]))] if len(today) > 1 else today

    def expect(self, referrals: np.ndarray) -> None:
        """Take referrals handed over, shape (n, 3): time of birth, identity (a word), row of the segment."""
        if len(referrals):
            self.referrals = np.concatenate([self.referrals, referrals])
