"""What was promised against what was delivered: the brand's promise facet by facet, and the standards of service.

For each facet the promise is the mean evidence that the brand lets people expect (``views.promise``, in z), and what
was delivered is the mean of a customer's own evidence, averaged over the customers who saw the facet:

    gap = delivered - promise                 disappointed = share of those customers whose own mean is below it

(the gap model of service quality: Parasuraman, Zeithaml & Berry 1985; here both sides are known, none is asked).  The
standards of service are promises in time: the wait at a touchpoint with a line, the promised day of a delivery, the
days until a refund.  There ``gap = standard - time taken``, so that **a gap below zero is always a broken promise**.
Each is a mean over replications with its t interval (`touchsim.measure.intervals`).

Called by users, reports and the mystery guest; drawn by `touchsim.plots.promise`.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from touchsim import vocabulary as words
from touchsim.errors import verb
from touchsim.log.eventlog import EventLog
from touchsim.measure.database import open_database
from touchsim.measure.intervals import over_replications, signed
from touchsim.plots.frames import PromiseFrame

__all__ = ["promise_gap"]

COLUMNS = ["kind", "name", "label", "promise", "delivered", "unit", "gap", "low", "high", "disappointed",
           "disappointed_low", "disappointed_high", "cases", "replications"]  # fmt: skip

_FACET = """
SELECT replication, count(*) AS cases, favg({own}) AS delivered, avg(({own} < {promise})::INTEGER) AS disappointed
FROM customers WHERE {own} IS NOT NULL GROUP BY replication ORDER BY replication
"""
_TIME = """
SELECT v.replication, count(*) AS cases, favg({taken}) AS delivered, avg(({late})::INTEGER) AS disappointed
FROM visits v WHERE v.outcome = 'served' AND {taken} IS NOT NULL AND {where}
GROUP BY v.replication ORDER BY v.replication
"""
_OWN = "CASE WHEN v.sent_by IS NULL THEN v.handling_days END"


@verb
def promise_gap(log: EventLog) -> PromiseFrame:
    """Hold the brand's promise and the standards of service against what customers met.

    Parameters
    ----------
    log : EventLog
        Of this version of touchsim: the promise and the standards stand in its provenance.

    Returns
    -------
    PromiseFrame
        A DataFrame whose ``.plot(ax=None)`` draws the gaps.  One row per facet that anybody saw, then per touchpoint
        with a standard for waits, for deliveries, and per touchpoint with a standard for refunds: ``kind`` (facet,
        wait, delivery, refund), ``name`` (facet, touchpoint, or all), ``label``, ``promise`` and ``delivered`` in
        ``unit`` (z, minutes, days), ``gap`` with ``low, high`` (below zero = less than promised), ``disappointed``
        with its interval (share of customers below a promised facet, of contacts beyond a standard), ``cases``
        (customers or contacts per replication) and ``replications``.

    Examples
    --------
    >>> import touchsim as ts
    >>> table = promise_gap(ts.simulate(ts.load_scenario("corner_shop"), customers=300))
    >>> bool(table["disappointed"].between(0, 1).all())
    True
    """
    facts, parts = log.provenance, []
    promised = {str(key): float(value) for key, value in facts.get("promise", {}).items()}
    with open_database(log) as base:

        def add(kind: str, name: str, query: str, promise: float, unit: str) -> None:
            runs: pd.DataFrame = base.execute(query).df()
            if len(runs):
                label = words.label(name) if kind == "facet" else _label(log, name)
                parts.append(_row(runs, promise, unit) | {"kind": kind, "name": name, "label": label})

        for facet in words.keys(words.FACETS):
            promise = promised.get(facet, 0.0)
            add("facet", facet, _FACET.format(own=f"delivered_{facet}", promise=repr(promise)), promise, "z")
        places = facts.get("touchpoints", {})
        for key, place in places.items():
            if place.get("standard_wait_minutes") is not None:
                standard, wait = float(place["standard_wait_minutes"]), "(v.started - v.arrived) * 1440"
                query = _TIME.format(taken=wait, late=f"{wait} > {standard!r}", where=f"v.touchpoint = '{key}'")
                add("wait", key, query, standard, "minutes")
        if facts.get("promised_days") is not None:
            day = float(facts["promised_days"])
            query = _TIME.format(taken=f"(v.late_days + {day!r})", late="v.late_days > 0", where="TRUE")
            add("delivery", "all", query, day, "days")
        for key, place in places.items():
            if place.get("standard_handling_days") is not None:
                standard, here = float(place["standard_handling_days"]), f"v.need = 'return' AND v.touchpoint = '{key}'"
                query = _TIME.format(taken=_OWN, late=f"{_OWN} > {standard!r}", where=here)
                add("refund", key, query, standard, "days")
    table = pd.DataFrame(parts, columns=COLUMNS)
    return signed(PromiseFrame(table), facts, "Promised and delivered")


def _row(runs: pd.DataFrame, promise: float, unit: str) -> dict[str, object]:
    """Average one promise over replications; times become gaps that are below zero where it took too long."""
    delivered = runs["delivered"]
    gaps = delivered - promise if unit == "z" else promise - delivered
    gap = over_replications(runs.assign(what="gap", value=gaps), ["what"]).iloc[0]
    share = over_replications(runs.assign(what="share", value=runs["disappointed"]), ["what"]).iloc[0]
    low, high = np.clip([share["low"], share["high"]], 0.0, 1.0)
    return {
        "promise": promise, "delivered": float(delivered.mean()), "unit": unit, "gap": float(gap["value"]),
        "low": float(gap["low"]), "high": float(gap["high"]), "disappointed": float(share["value"]),
        "disappointed_low": float(low), "disappointed_high": float(high), "cases": float(runs["cases"].mean()),
        "replications": int(gap["replications"]),
    }  # fmt: skip


def _label(log: EventLog, name: str) -> str:
    place = log.provenance.get("touchpoints", {}).get(name, {})
    return "the promised day" if name == "all" else str(place.get("label") or words.label(name))
