"""A line with opening hours and shifts, told step by step: the slow reference that both engines are held against.

Time goes on in steps of 45 minutes, 32 a day, because their sums are exact in floating point, so that ties are ties
everywhere.  Nothing here is computed ahead: at each step servers are free or not, doors open or closed.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

STEPS_A_DAY = 32
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True)
class Join:
    """Somebody who comes to the line: when, for how long, how long they can bear it; in steps."""

    at: int
    service: int
    patience: int


@dataclass(frozen=True)
class Desk:
    """A desk: for each step of the week whether it is open and how many are on shift; in the order of a scenario."""

    is_open: list[bool]
    on_shift: list[int]
    said: dict[str, object]
    inbox: bool
    limit: int | None
    early: int

    def serve(self, joins: list[Join], steps: int) -> dict[int, tuple[str, float, float]]:
        """Say of each who comes: outcome, start of service (-1 if none) and end, in steps."""
        week = len(self.is_open)
        free_at = [0] * max(self.on_shift)
        line: list[tuple[int, int]] = []
        fates: dict[int, tuple[str, float, float]] = {}

        def takes(now: int, who: int) -> bool:
            for server in range(self.on_shift[now % week]):
                if free_at[server] <= now:
                    free_at[server] = now + joins[who].service
                    fates[who] = "served", now, free_at[server]
                    return True
            return False

        for now in range(steps):
            while line and takes(now, line[0][0]):
                line.pop(0)
            if not self.inbox and not self.is_open[now % week] and self.is_open[(now - 1) % week]:
                fates |= {who: ("turned_away", -1, now) for who, _ in line}
                line = []
            fates |= {who: ("abandoned", -1, now) for who, until in line if until == now}
            line = [(who, until) for who, until in line if until != now]
            for who, join in enumerate(joins):
                if join.at != now:
                    continue
                opens = next(then for then in range(now, now + week + 1) if self.is_open[then % week])
                if not self.inbox and opens > now + self.early:
                    fates[who] = "closed", -1, now
                elif takes(now, who):
                    pass
                elif self.limit is not None and len(line) >= self.limit:
                    fates[who] = "turned_away", -1, now
                elif opens + join.patience == now:
                    fates[who] = "abandoned", -1, now
                else:
                    line.append((who, opens + join.patience))
        return fates


def clock(step: int) -> str:
    return f"{step * 45 // 60:02d}:{step * 45 % 60:02d}"


def some_desk(chance: random.Random, first_day: int) -> Desk:
    """A desk made by chance, whose run begins on this day of the week."""
    is_open, on_shift = [False] * 7 * STEPS_A_DAY, [0] * 7 * STEPS_A_DAY
    by_schedule, constant = chance.random() < 0.6, chance.randint(1, 3)
    week: dict[str, dict[str, int]] = {}
    for day, name in enumerate(DAYS):
        cuts = sorted(chance.sample(range(STEPS_A_DAY + 1), chance.choice([2, 3, 4])))
        if chance.random() < 0.2:
            cuts[0], cuts[-1] = 0, STEPS_A_DAY
        for opens, closes in zip(cuts, cuts[1:], strict=False):
            count = chance.randint(0, 3) if by_schedule else constant
            if chance.random() < 0.7 or (not week and day == 6):
                count = max(count, 1) if day == 6 else count
                week.setdefault(name, {})[f"{clock(opens)}-{clock(closes)}"] = count
                for step in range(opens, closes):
                    at = ((day - first_day) % 7) * STEPS_A_DAY + step
                    is_open[at], on_shift[at] = True, count
    if not any(on_shift):
        return some_desk(chance, first_day)
    said = {"capacity": week} if by_schedule else {
        "capacity": constant, "open": {day: ", ".join(spans) for day, spans in week.items()}
    }  # fmt: skip
    inbox = chance.random() < 0.3
    limit = None if inbox else chance.choice([None, None, 0, 1, 3])
    early = chance.choice([0, 0, 1, 4, 30])
    said |= {"early": f"{early * 45} min", "line": limit, "mode": "async" if inbox else "sync"}
    return Desk(is_open, on_shift, said, inbox, limit, early)


def some_joins(chance: random.Random, steps: int) -> list[Join]:
    """People who come by chance, many at the same instants; in the order in which they come."""
    times = sorted(chance.choice(range(0, steps, chance.choice([1, 2, 8]))) for _ in range(chance.randint(1, 40)))
    return [Join(at, chance.choice([0, 0, 1, 2, 5, 20]), chance.choice([0, 1, 2, 8, 40, 10_000])) for at in times]
