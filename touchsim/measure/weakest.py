"""The weakest touchpoints: which of them pull the feeling of the whole journey down, and by what.

A contact is judged by its emotion x (-1..1); one in vain (abandoned, turned away, closed) or unnoticed that left no
feeling counts as 0, the middle of the scale (an assumption of this index); a served one without a feeling, or one still
under way, is not judged.  With N judged contacts in all, of mean m, a touchpoint k with n_k of mean x_k *loses*

    loss_k = n_k * (m - x_k) / N                                           (the losses of all touchpoints sum to 0)

that is, mean emotion would be so much higher if its contacts felt as the average contact does.  The loss is split,
without a remainder, over what went wrong.  Contacts fall into classes: in vain, unnoticed, later than promised, refund
later than the standard, wait longer than the standard, and *smooth*, of mean s_k:

    loss_k = n_k * (m - s_k) / N  [weak even when nothing goes wrong]  +  sum over classes c of  n_c * (s_k - x_c) / N

(s_k = m where no contact was smooth).  The largest part is the *cause*.  A touchpoint that lifts the mean on the whole
is named for what goes wrong there all the same (its largest part that is surely above 0), else for its cost where that
goes mostly to contacts after which nobody went on.

This is a ranking of symptoms.  It weighs what many people meet a little against what few meet badly, it compares
adverts with refunds, and it does not say what mending would do: people who would have left go on and meet other lines
(see `touchsim.fix_weakest` for that).

Called by users, the command line and reports; `touchsim.plots.weakest` draws it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from touchsim import vocabulary as words
from touchsim.errors import verb
from touchsim.languages import ENGLISH, language, tell, told
from touchsim.log.eventlog import EventLog
from touchsim.measure.cells import SPARSE_BELOW
from touchsim.measure.database import open_database, runs_of, touchpoints_of
from touchsim.measure.intervals import over_replications, signed
from touchsim.plots.frames import WeakestFrame
from touchsim.plots.numerals import interval, minutes, number, percent, signed as with_sign

__all__ = ["losses_by_replication", "reason_of", "weakest_touchpoints"]

_WRONG = ("in_vain", "unnoticed", "late_delivery", "slow_refund", "long_wait")
_PARTS = (*_WRONG, "poor_evidence")
_REASONS = {
    "in_vain": told("customers give up, are turned away or find it closed, in {share} of its contacts"),
    "unnoticed": told("contacts pass unnoticed, in {share} of its contacts"),
    "late_delivery": told("deliveries come later than promised, in {share} of its contacts"),
    "slow_refund": told("refunds take longer than the {days} days that customers find normal, in {share} of its "
                        "contacts"),
    "long_wait": told("waits are longer than the {time} that customers find normal, in {share} of its contacts"),
}  # fmt: skip
_MOSTLY = 0.5
"""Share of a touchpoint's cost spent without progress from which its cost is named as the cause."""

_CLASSES = """
SELECT v.replication, v.touchpoint,
    CASE WHEN v.outcome = 'unnoticed' THEN 'unnoticed'
         WHEN v.outcome IN ('abandoned', 'turned_away', 'closed') THEN 'in_vain'
         WHEN v.outcome <> 'served' THEN CASE WHEN v.emotion IS NULL THEN 'open' ELSE 'in_vain' END
         WHEN v.late_days > 0 THEN 'late_delivery'
         WHEN v.handling_days > t.standard_handling THEN 'slow_refund'
         WHEN v.started - v.arrived > t.standard_wait THEN 'long_wait'
         ELSE 'smooth' END AS class,
    count(*) AS contacts,
    count(*) FILTER (v.emotion IS NOT NULL OR v.outcome IN ('abandoned', 'turned_away', 'closed', 'unnoticed'))
        AS judged,
    count(v.emotion) AS felt, coalesce(fsum(v.emotion), 0) AS feeling,
    sum(v.cost_cents)::BIGINT AS cost_cents,
    coalesce(sum(v.cost_cents) FILTER (v.outcome <> 'served' OR v.decision IN ('stay', 'back', 'leave')), 0)::BIGINT
        AS idle_cents
FROM visits v LEFT JOIN touchpoints t USING (touchpoint)
GROUP BY ALL ORDER BY ALL
"""


@verb
def weakest_touchpoints(log: EventLog) -> WeakestFrame:
    """Rank the touchpoints by what they lose, each with the reason that contributes most.

    It is a ranking of symptoms, not of the effect of mending them: that is what `touchsim.fix_weakest` measures.

    Returns
    -------
    WeakestFrame
        A DataFrame whose ``.plot(ax=None)`` draws it.  One row per touchpoint that was met, the weakest first:
        ``rank, touchpoint, channel, managed, loss`` (points of mean emotion; below 0: it lifts the mean), ``contacts``
        and ``idle_cost`` (currency spent on contacts after which nobody went on) per replication, ``emotion``,
        ``cause`` (see `touchsim.vocabulary.WEAKNESSES`), ``part`` (of the loss, due to the cause; null without one),
        ``share`` (of its contacts that the cause hit; of its cost where the cause is cost), each number with
        ``_low`` and ``_high``; ``reason`` (the cause in words), ``from_in_vain`` ... ``from_poor_evidence`` (means
        that sum to the loss), ``sparse`` (fewer than 30 contacts in all), ``replications``.

    Examples
    --------
    >>> import touchsim as ts
    >>> table = ts.weakest_touchpoints(ts.simulate(ts.load_scenario("corner_shop"), customers=200))
    >>> table["rank"].tolist(), bool(abs(table["loss"].sum()) < 1e-12), table.attrs["interval"]
    ([1, 2, 3, 4, 5, 6], True, 'single run')
    """
    values, replications, places = _read(log)
    tall = values.reset_index()
    bounds = {"loss": (None, None), "contacts": (0.0, None), "emotion": (-1.0, 1.0), "idle_cost": (0.0, None)}
    table = pd.DataFrame({"touchpoint": places})
    facts = log.provenance.get("touchpoints", {})
    table["channel"] = [str(facts.get(place, {}).get("channel", "")) for place in places]
    table["managed"] = [bool(facts.get(place, {}).get("managed", True)) for place in places]
    for name, (least, most) in bounds.items():
        table = table.assign(**_estimate(tall, name, name, least, most))
    parts = {name: over_replications(tall, ["touchpoint"], f"from_{name}") for name in _PARTS}
    idle = over_replications(tall, ["touchpoint"], "share_idle_cost")["value"]
    for name in _PARTS:
        table[f"from_{name}"] = parts[name]["value"].fillna(0.0)
    sure = _rows(pd.DataFrame({name: parts[name]["low"].fillna(parts[name]["value"]) for name in _WRONG}))
    chosen = [_cause(row, low, share) for row, low, share in zip(_rows(table), sure, idle, strict=True)]
    table["cause"] = chosen
    for name, prefix, (least, most) in (("part", "from", (None, None)), ("share", "share", (0.0, 1.0))):
        ends = [_of_cause(tall[tall["touchpoint"] == place], f"{prefix}_{cause}", least, most)
                for place, cause in zip(places, chosen, strict=True)]  # fmt: skip
        table[[name, f"{name}_low", f"{name}_high"]] = np.array(ends, dtype=float).reshape(len(places), 3)
    table["reason"] = _in_english(table, facts)
    table["sparse"] = values["contacts"].groupby("touchpoint", sort=False).sum().to_numpy() < SPARSE_BELOW
    table["replications"] = len(replications)
    table = table.sort_values("loss", ascending=False, kind="stable", na_position="last").reset_index(drop=True)
    table.insert(0, "rank", np.arange(1, len(table) + 1))
    first = ["rank", "touchpoint", "channel", "managed", "loss", "loss_low", "loss_high", "cause", "reason"]
    last = [*(f"from_{name}" for name in _PARTS), "sparse", "replications"]
    middle = [column for column in table.columns if column not in (*first, *last)]
    return signed(WeakestFrame(table[[*first, *middle, *last]]), log.provenance, "Weakest touchpoints")


def losses_by_replication(log: EventLog) -> pd.DataFrame:
    """Return what each touchpoint loses in each replication: columns ``replication, touchpoint, loss``."""
    return _read(log)[0].reset_index()[["replication", "touchpoint", "loss"]]


def _read(log: EventLog) -> tuple[pd.DataFrame, list[int], list[str]]:
    """Losses and their parts by replication and touchpoint, the replications, and the touchpoints that were met."""
    with open_database(log) as connection:
        replications = [int(number) for number in runs_of(log, connection)["replication"]]
        classes: pd.DataFrame = connection.execute(_CLASSES).df()
    met = set(classes["touchpoint"])
    known = touchpoints_of(log)
    places = [*known.loc[known["touchpoint"].isin(met), "touchpoint"]]
    places += sorted(met - set(places))
    return _by_replication(classes, replications, places), replications, places


def _by_replication(classes: pd.DataFrame, replications: list[int], places: list[str]) -> pd.DataFrame:
    """Losses and their parts; index (replication, touchpoint).  Arrays are (replications, touchpoints, classes)."""
    index = pd.MultiIndex.from_product([replications, places, [*_WRONG, "open", "smooth"]])
    table = classes.set_index(["replication", "touchpoint", "class"]).reindex(index, fill_value=0)
    shape = (len(replications), len(places), len(_WRONG) + 2)
    n, x = (table[name].to_numpy(float).reshape(shape) for name in ("judged", "feeling"))
    with np.errstate(divide="ignore", invalid="ignore"):
        everywhere = n.sum(axis=(1, 2))[:, np.newaxis]
        mean = x.sum(axis=(1, 2))[:, np.newaxis] / everywhere
        smooth = np.where(n[:, :, -1] > 0, x[:, :, -1] / n[:, :, -1], mean)
        here = n.sum(axis=2)
        parts = (n * smooth[:, :, np.newaxis] - x) / everywhere[:, :, np.newaxis]
        count = table["contacts"].to_numpy(float).reshape(shape)
        shares = count / count.sum(axis=2, keepdims=True)
        sums = {name: table[name].to_numpy(float).reshape(shape).sum(axis=2) for name in
                ("contacts", "felt", "feeling", "cost_cents", "idle_cents")}  # fmt: skip
        values = {
            "contacts": sums["contacts"], "emotion": sums["feeling"] / sums["felt"],
            "idle_cost": sums["idle_cents"] / 100, "share_idle_cost": sums["idle_cents"] / sums["cost_cents"],
            "loss": (here * mean - x.sum(axis=2)) / everywhere,
            "from_poor_evidence": here * (mean - smooth) / everywhere, "share_poor_evidence": shares[:, :, -1],
        }  # fmt: skip
    for place, name in enumerate(_WRONG):
        values[f"from_{name}"], values[f"share_{name}"] = parts[:, :, place], shares[:, :, place]
    rows = pd.MultiIndex.from_product([replications, places], names=["replication", "touchpoint"])
    return pd.DataFrame({name: array.ravel() for name, array in values.items()}, index=rows)


def _estimate(tall: pd.DataFrame, name: str, column: str, least: float | None, most: float | None) -> dict[str, Any]:
    part = over_replications(tall, ["touchpoint"], column)
    return {name: part["value"].to_numpy(), f"{name}_low": part["low"].clip(lower=least).to_numpy(),
            f"{name}_high": part["high"].clip(upper=most).to_numpy()}  # fmt: skip


def _of_cause(rows: pd.DataFrame, column: str, least: float | None, most: float | None) -> tuple[float, float, float]:
    """Mean and interval of a column of one touchpoint; null where the cause has no such column."""
    if column not in rows:
        return np.nan, np.nan, np.nan
    found = _estimate(rows, "value", column, least, most)
    return found["value"][0], found["value_low"][0], found["value_high"][0]


def _in_english(table: pd.DataFrame, facts: Mapping[str, Any]) -> list[str]:
    """Reasons as the table keeps them, the same in every language."""
    with language(ENGLISH):
        return [reason_of(row, facts.get(row["touchpoint"], {})) for row in _rows(table)]


def _rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): value for name, value in row.items()} for row in table.to_dict("records")]


def _cause(row: Mapping[str, Any], sure: Mapping[str, Any], idle: float) -> str:
    """Key of the largest part of a loss; without one, of what surely goes wrong all the same."""
    wrong = _PARTS if row["loss"] > 0 else [name for name in _WRONG if sure[name] > 0]
    if wrong:
        return max(wrong, key=lambda name: float(row[f"from_{name}"]))
    return "idle_cost" if idle > _MOSTLY else "no_loss"


def reason_of(row: Mapping[str, Any], facts: Mapping[str, Any]) -> str:
    """Say in the language spoken what contributes most to a loss, with the share of contacts that it hit.

    Parameters
    ----------
    row : mapping
        A row of `weakest_touchpoints`.
    facts : mapping
        What the provenance says of its touchpoint.

    Examples
    --------
    >>> reason_of({"cause": "unnoticed", "share": 0.5, "share_low": 0.4, "share_high": 0.6, "loss": 0.1}, {})
    'contacts pass unnoticed, in 50.0 % (40.0 to 60.0 %) of its contacts'
    """
    cause, share = row["cause"], interval(row["share"], row["share_low"], row["share_high"], percent)
    shown = facts.get("facets", {})
    if cause == "no_loss":
        return tell("none: its contacts feel no worse than the average contact")
    if cause == "idle_cost":
        return tell("cost without progress: nobody went on after contacts that took {share} of its cost", share=share)
    if cause == "poor_evidence" and not shown:
        return words.label("poor_evidence")
    if cause == "poor_evidence":
        facet = min(shown, key=lambda key: float(shown[key]))
        return tell("weak even when nothing goes wrong: {facet} is shown at {z} only", facet=words.label(facet),
                    z=with_sign(float(shown[facet])))  # fmt: skip
    said = tell(_REASONS[cause], share=share, days=number(facts.get("standard_handling_days")),
                time=minutes(facts.get("standard_wait_minutes")))  # fmt: skip
    return said if row["loss"] > 0 else tell("{reason}; it lifts the mean all the same", reason=said)
