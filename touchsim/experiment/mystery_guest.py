"""A mystery guest: a scripted customer is sent through the simulated world, and what was planned is held against it.

    ts.mystery_guest(shop, {"name": "anna", "visits": [{"touchpoint": "phone", "expect": {"wait": "2 min"}}]}).text

Mystery shopping sends a trained customer with a script (Wilson 1998); here the guest meets the lines, opening hours,
deliveries and refunds that all other simulated customers make.  Each visit is held against every promise that concerns
it: the standard wait, the promised days of delivery, the standard days of a refund, the usual steps of a return, and
what the script expects; what was delivered on each facet is held against the brand's promise.  A promise of a visit
breaks in a replication; a facet's promise, which is one about the mean, breaks where the whole interval lies below it.

The result is frozen: `.table` has a row per visit and measure, `.text` is a paragraph made from it, `.plot()`
draws it.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from touchsim.errors import BadInput, Finding, verb
from touchsim.experiment.wording import told_guest
from touchsim.measure.intervals import over_replications
from touchsim.measure.journeys import journey_of
from touchsim.plots.mystery_guest import SHARES
from touchsim.vocabulary import FACETS, OUTCOMES, keys
from touchsim.world.script import Script, needs_of, read_script

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from touchsim.log.eventlog import EventLog
    from touchsim.world.scenario import Scenario

__all__ = ["MysteryGuest", "mystery_guest"]

DAY = 1440.0
BOUNDS = dict.fromkeys((*SHARES, "outcome"), (0.0, 1.0)) | {
    "wait_minutes": (0.0, np.inf), "refund_days": (0.0, np.inf), "emotion": (-1.0, 1.0),
}  # fmt: skip
"""Values beyond which a mean cannot lie: intervals end there."""
COLUMNS = ["visit", "touchpoint", "need", "measure", "promise", "by", "value", "low", "high", "replications", "broke",
           "broken"]  # fmt: skip


@dataclass(frozen=True, eq=False)
class MysteryGuest:
    """What a mystery guest met, against what was planned.

    Attributes
    ----------
    table : DataFrame
        One row per visit and measure, then one per facet: ``visit`` (counted from 1; 0 = the whole journey),
        ``touchpoint`` (or the facet), ``need, measure, promise``, ``by`` (whose promise), ``value, low, high``
        (mean and 95 % interval), ``replications`` that count, ``broke`` (share of them), ``broken``.
    visits : DataFrame
        The contacts of the guest as the logs have them, with ``position`` in the script.
    name : str
        Of the guest.
    provenance : dict
        Where it came from.
    """

    table: pd.DataFrame
    visits: pd.DataFrame = field(repr=False)
    name: str
    provenance: dict[str, Any] = field(repr=False)

    @property
    def sentences(self) -> tuple[str, ...]:
        """What was planned, a sentence for each visit, where the promise broke, and what it rests on."""
        return told_guest(self.table, self.name, self.provenance)

    @property
    def text(self) -> str:
        """A paragraph made from the table: what the guest met, and where the promise broke."""
        return " ".join(self.sentences)

    def plot(self, *, ax: Axes | None = None) -> Axes:
        """Draw, visit by visit, how often each promise broke; returns the axes."""
        from touchsim.plots.mystery_guest import plot_guest

        return plot_guest(self.table, ax=ax)

    def __str__(self) -> str:
        return self.text


@verb
def mystery_guest(
    scenario: Scenario, script: Script | Mapping[str, Any] | str | Path, *, replications: int = 20,
    at: float | None = None, customers: int | None = None, days: float | None = None, seed: int = 1,
    engine: Any = "compiled", progress: Callable[[int], None] | None = None,
) -> MysteryGuest:  # fmt: skip
    """Send a scripted customer through a scenario with all its other customers.

    Parameters
    ----------
    scenario : Scenario
        The world.
    script : Script, mapping, str or Path
        The script, what its file would say, or the path of that file (see `touchsim.world.script`).
    replications : int
        Independent repetitions; intervals need at least two.
    at : float, optional
        Day on which the guest comes, instead of the script's `starts`.
    customers, days, seed, engine
        As of `simulate`.
    progress : callable, optional
        Called with 1 after each replication.

    Returns
    -------
    MysteryGuest
        Frozen, with ``.table .text .plot()``.

    Raises
    ------
    BadInput
        A script that breaks a law or does not fit the scenario; arguments that make no sense.

    Examples
    --------
    >>> import touchsim as ts
    >>> shop = ts.load_scenario("corner_shop")
    >>> anna = {"name": "Anna", "starts": "2 days", "visits": [{"touchpoint": "store"}]}
    >>> mystery_guest(shop, anna, replications=2, days=3).table["touchpoint"].iloc[0]
    'store'
    """
    from touchsim.engine.simulation import simulate

    plan = read_script(script)
    if at is not None:
        if not 0.0 <= at < 1e6:  # noqa: PLR2004
            raise BadInput(Finding("at", "must be a day, 0 or more", got=str(at)))
        plan = plan.model_copy(update={"starts": float(at)})
    needs = needs_of(plan, scenario)
    with tempfile.TemporaryDirectory(prefix="touchsim-") as folder:
        log = simulate(scenario, customers=customers, days=days, seed=seed, replications=replications, engine=engine,
                       out=folder, progress=progress, guest=plan)  # fmt: skip
        guests = log.customers_frame().query("origin == 'guest'")
        visits = _visits_of(log, guests, plan, needs)
        facts = log.provenance | {"guest": plan.model_dump(mode="json")}
    rows = [row for n in range(len(needs)) for row in _rows_of_visit(scenario, plan, needs, n, visits)]
    table = _measured(rows, guests, facts, replications)
    table.attrs["provenance"] = {"touchpoints": facts.get("touchpoints", {})}
    return MysteryGuest(table, visits, plan.name, facts)


def _visits_of(log: EventLog, guests: pd.DataFrame, script: Script, needs: tuple[str, ...]) -> pd.DataFrame:
    """Contacts of the guest's own, each with its place in the script."""
    found = []
    for who in guests.itertuples():
        visits = journey_of(log, int(str(who.customer)), replication=int(str(who.replication)))[0]
        own = visits[visits["sent_by"].isna()].copy()
        places, n = [], 0
        for visit in own.itertuples():
            while (script.visits[n].touchpoint, needs[n]) != (str(visit.touchpoint), str(visit.need)):
                n += 1
            places.append(n)
            n += 1
        own["position"] = places
        found.append(own)
    return pd.concat(found, ignore_index=True)


def _rows_of_visit(
    scenario: Scenario, script: Script, needs: tuple[str, ...], n: int, visits: pd.DataFrame
) -> list[dict[str, Any]]:
    """Say what each measure of a visit was in each replication, and what was promised: value above promise breaks."""
    planned, need = script.visits[n], needs[n]
    place, want = scenario.touchpoints[planned.touchpoint], script.visits[n].expect
    here = visits[visits["position"] == n].set_index("replication")
    done = here[here["outcome"] != "unfinished"]
    served = done[done["outcome"] == "served"]
    head = {"visit": n + 1, "touchpoint": planned.touchpoint, "need": need}
    rows: list[dict[str, Any]] = []

    def add(
        measure: str, values: pd.Series[Any], promise: float | None = None, by: str = "", least: bool = False
    ) -> None:
        told = {"measure": measure, "values": values.astype(float), "promise": promise, "by": by, "least": least}
        rows.append(head | told)

    add("made", pd.Series(1.0, index=here.index))
    for outcome in keys(OUTCOMES):
        if outcome == "served" or (done["outcome"] == outcome).any():
            add(outcome, (done["outcome"] == outcome).astype(float))
    waits = (done["started"].fillna(done["ended"]) - done["arrived"]) * DAY
    waits = waits[done["outcome"] != "unnoticed"]
    lasts = bool(place.capacity or place.open)
    add("wait_minutes", waits, DAY * (place.standard.mean or 0.0) if lasts else None, "standard" if lasts else "")
    if want.wait is not None:
        add("wait_minutes", waits, DAY * want.wait, "script")
    if want.outcome is not None:
        add("outcome", (done["outcome"] == want.outcome).astype(float), 1.0, "script", least=True)
    if need == "delivery":
        add("late_days", served["late_days"], 0.0, "promised days")
        if want.late is not None:
            add("late_days", served["late_days"], want.late, "script")
    if need == "return":
        add("refund_days", served["handling_days"], place.handling_standard.mean or 0.0, "standard")
        if want.refund is not None:
            add("refund_days", served["handling_days"], want.refund, "script")
        add("steps", pd.Series(float(place.steps), index=served.index), float(place.steps_standard), "standard")
    add("emotion", done["emotion"].dropna(), want.emotion, "" if want.emotion is None else "script", least=True)
    return rows


def _measured(
    rows: list[dict[str, Any]], guests: pd.DataFrame, facts: dict[str, Any], replications: int
) -> pd.DataFrame:
    """Average over replications, say how often each promise broke, and add the facets."""
    table = []
    for row in rows:
        values, promise = row.pop("values"), row["promise"]
        if row["measure"] == "made":
            values = values.reindex(range(replications), fill_value=0.0)
        least = row.pop("least")
        broke = np.nan
        if promise is not None and len(values):
            slack = 1e-9 * max(1.0, abs(promise))
            broke = float(np.mean(values < promise - slack if least else values > promise + slack))
        table.append(row | _mean(values, BOUNDS.get(row["measure"])) | {"broke": broke, "broken": broke > 0.0})
    promised = facts.get("promise", {})
    for facet in keys(FACETS):
        seen = guests[guests[f"delivered_{facet}"].notna()].set_index("replication")
        if seen.empty:
            continue
        expected = float(promised.get(facet, 0.0))
        evidence = _mean(seen[f"delivered_{facet}"])
        highest = evidence["high"] if evidence["replications"] > 1 else evidence["value"]
        broke = float((seen[f"delivered_{facet}"] < expected).mean())
        head = {"visit": 0, "touchpoint": facet, "need": ""}
        table.append(head | {"measure": "evidence", "promise": expected, "by": "brand"} | evidence
                     | {"broke": broke, "broken": highest < expected})  # fmt: skip
        change = _mean(seen[f"perceived_{facet}"] - expected)
        told = {"measure": "change", "promise": None, "by": "", "broke": np.nan, "broken": False}
        table.append(head | told | change)
    frame = pd.DataFrame(table)[COLUMNS]
    return frame.astype({"promise": float, "broken": bool})


def _mean(values: pd.Series[Any], bounds: tuple[float, float] | None = None) -> dict[str, Any]:
    """Mean over replications with its interval, which ends where a mean cannot lie."""
    if not len(values):
        return {"value": np.nan, "low": np.nan, "high": np.nan, "replications": 0}
    runs = pd.DataFrame({"all": "all", "value": values.to_numpy(float)})
    row = over_replications(runs, ["all"]).iloc[0]
    found: dict[str, Any] = {name: row[name] for name in ("value", "low", "high", "replications")}
    if bounds is not None:
        found["low"], found["high"] = np.clip([found["low"], found["high"]], *bounds)
    return found | {"replications": int(found["replications"])}
