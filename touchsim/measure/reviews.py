"""The stars that are posted beside the stars that all buyers would give: what reviews hide.

Only buyers post, and those in the middle post less, so that posted stars pile up at the ends while opinions do not
(under-reporting and purchasing bias: Hu, Pavlou & Zhang 2009).  Here everybody's satisfaction is known, so that the
bias can be seen.  Both sides use the cuts of the reviews themselves (-1.5, -0.5, 0.5, 1.5 of latent satisfaction):

    posted    last review of each customer who posted
    everyone  1 + number of cuts that the satisfaction of a buyer reaches: at the survey, else on leaving or at the end
    gap       mean of posted - mean of everyone, star for star

Each share is a mean over replications with its t interval.  Called by users and reports; drawn by
`touchsim.plots.reviews`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from touchsim.errors import verb
from touchsim.log.eventlog import EventLog
from touchsim.measure.customers import STARS
from touchsim.measure.database import open_database, runs_of
from touchsim.measure.intervals import over_replications, signed
from touchsim.plots.frames import ReviewFrame

__all__ = ["reviews"]

_COUNT = """
SELECT replication, {stars} AS stars, count(*) AS n FROM customers WHERE {who} GROUP BY ALL ORDER BY ALL
"""
_SIDES = {"posted": ("stars", "stars > 0"), "everyone": (STARS, "purchases > 0")}


@verb
def reviews(log: EventLog) -> ReviewFrame:
    """Distribution of the stars posted, beside that of the stars that all buyers would have given.

    Parameters
    ----------
    log : EventLog

    Returns
    -------
    ReviewFrame
        A DataFrame whose ``.plot(ax=None)`` draws both.  One row per number of stars, 1 to 5: ``stars``, ``posted``
        (share of those who posted) with ``posted_low, posted_high``, ``everyone`` (share of all buyers) with
        ``everyone_low, everyone_high``, ``replications``; null where nobody posted or bought.  ``attrs`` holds
        ``reviewers`` and ``buyers`` (per replication) and ``posted``, ``everyone``, ``gap``: mean stars and their
        difference, each as ``value, low, high``.

    Examples
    --------
    >>> import touchsim as ts
    >>> shop = ts.load_scenario("corner_shop").with_(voice={"above": 1.0, "below": 1.5})
    >>> table = reviews(ts.simulate(shop, customers=400, replications=2))
    >>> table["posted"].sum().round(9), table["everyone"].sum().round(9)
    (np.float64(1.0), np.float64(1.0))
    """
    with open_database(log) as base:
        numbers = [int(number) for number in runs_of(log, base)["replication"]]
        found = {side: _shares(base.execute(_COUNT.format(stars=stars, who=who)).df(), numbers)
                 for side, (stars, who) in _SIDES.items()}  # fmt: skip
    table = pd.DataFrame({"stars": np.arange(1, 6)})
    means, people = {}, {}
    for side, counts in found.items():
        total = counts.sum(axis=1)
        shares = counts.div(total.where(total > 0), axis=0)
        tall = shares.melt(ignore_index=False, var_name="stars", value_name="value")
        part = over_replications(tall, ["stars"])
        table[side] = part["value"].to_numpy()
        table[f"{side}_low"], table[f"{side}_high"] = (part[end].clip(0.0, 1.0).to_numpy() for end in ("low", "high"))
        means[side] = shares.mul(np.arange(1.0, 6.0)).sum(axis=1, skipna=False)
        people[side] = float(total.mean())
    table["replications"] = len(numbers)
    made = signed(ReviewFrame(table), log.provenance, "Stars posted, and stars of all buyers")
    means["gap"] = means["posted"] - means["everyone"]
    made.attrs |= {"reviewers": people["posted"], "buyers": people["everyone"],
                   **{name: _mean(values) for name, values in means.items()}}  # fmt: skip
    return made


def _shares(counts: pd.DataFrame, numbers: list[int]) -> pd.DataFrame:
    """Bring counts into shape (replications, five stars); zero where nobody gave so many."""
    wide = counts.pivot_table(index="replication", columns="stars", values="n", aggfunc="sum", fill_value=0)
    return wide.reindex(index=numbers, columns=range(1, 6), fill_value=0).astype(float)


def _mean(values: pd.Series) -> dict[str, Any]:
    row = over_replications(pd.DataFrame({"what": "mean", "value": values}), ["what"]).iloc[0]
    return {part: float(row[part]) for part in ("value", "low", "high")}
