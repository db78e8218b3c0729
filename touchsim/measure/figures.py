"""Key figures of a run, one value per replication: what comparisons, targets and intervals are made of.

Every figure is a sum, or a ratio of two sums, over the contacts or the customers of one replication:

    conversion   = converted / newcomers           abandonment = abandoned / contacts, where one can wait
    utilisation  = time in service / capacity on shift, over the days on which customers arrive
    profit       = margin - contact cost - overhead

`touchsim.measure.definitions` says in words what each of them means, in which unit, and which direction is better.  A
ratio over nothing is null, never zero.  `touchsim.measure.kpis` averages over replications with intervals; a
comparison pairs two worlds replication by replication before it does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from touchsim import vocabulary as words
from touchsim.log.eventlog import EventLog
from touchsim.measure.contacts import AMOUNTS, contacts_cube, quantiles_of_wait
from touchsim.measure.customers import (
    TOTALS,
    collectors,
    customers_cube,
    days_in_stage,
    lost_to_rivals,
    reached,
    switchers,
    visited,
)  # fmt: skip
from touchsim.measure.database import open_database, rivals_of, runs_of, server_days, touchpoints_of
from touchsim.measure.definitions import KPIS

__all__ = ["kpis_by_replication"]

Values: TypeAlias = npt.NDArray[np.float64]

_CONTACT_SUMS = {"contacts": ("contacts", 1.0), "cost": ("cost_cents", 100.0)}
_CONTACT_RATIOS = {
    "wait_minutes": ("line_wait", "line_served", 1440.0),
    "abandonment": ("line_abandoned", "line_contacts", 1.0),
    "turned_away": ("line_turned_away", "line_contacts", 1.0),
    "found_closed": ("found_closed", "hours_contacts", 1.0),
    "unnoticed": ("sent_unnoticed", "sent", 1.0),
    "unfinished": ("unfinished", "contacts", 1.0),
    "late_share": ("late", "deliveries", 1.0),
    "days_late": ("days_late", "deliveries", 1.0),
    "refund_days": ("refund_days", "refunds", 1.0),
    "ces": ("care_contacts", "care_solved", 1.0),
    "emotion": ("emotion", "emotions", 1.0),
    "linked_share": ("linked", "contacts", 1.0),
    "risk_share": ("risks", "contacts", 1.0),
    "handover_hours": ("planned_days", "planned", 24.0),
}
_CUSTOMER_SUMS = {
    "customers": ("customers", 1.0), "purchases": ("purchases", 1.0), "revenue": ("revenue_cents", 100.0),
    "margin": ("margin_cents", 100.0),
}  # fmt: skip
_CUSTOMER_RATIOS = {
    "conversion": ("converted", "newcomers"), "purchases_per_customer": ("purchases", "buyers"),
    "repeat_rate": ("repeaters", "converted"), "recommendations": ("recommendations", "buyers"),
    "opt_out": ("opted_out", "customers"), "contacts_spared": ("spared", "customers"),
    "addon_rate": ("addons", "purchases"),
    "journeys_per_customer": ("journeys", "customers"), "lost_to_rivals": ("to_rivals", "customers"),
    "reviews_per_buyer": ("posts", "buyers"), "stars": ("stars", "reviewers"),
    "one_star_share": ("one_star", "reviewers"), "five_star_share": ("five_stars", "reviewers"),
    "referrals_per_buyer": ("referrals", "buyers"),
    "satisfaction": ("satisfaction", "surveyed"), "csat": ("satisfied", "surveyed"),
    **{f"share_{key}": (f"status_{key}", "customers") for key in words.keys(words.STATUSES)},
    **{f"left_{key}": (f"reason_{key}", "customers") for key in words.keys(words.REASONS)[1:]},
}  # fmt: skip


def kpis_by_replication(log: EventLog) -> pd.DataFrame:
    """Compute every key figure of a log, replication by replication.

    Parameters
    ----------
    log : EventLog
        In memory or opened from a run folder; the same code reads both.

    Returns
    -------
    DataFrame
        Columns ``replication, kpi, group, value``, ordered by figure, group and replication.  `group` is ``all`` or
        ``kind:key`` with kind touchpoint, channel, side (online, offline), nature (digital, analogue, physical),
        management (managed, spontaneous), stage, step, segment or rival; `value` is null where the figure is a
        ratio over nothing.
    """
    with open_database(log) as connection:
        touchpoints, runs = touchpoints_of(log), runs_of(log, connection)
        visits, customers = contacts_cube(connection, touchpoints), customers_cube(connection)
        waits, stays, switched = quantiles_of_wait(connection), days_in_stage(connection), switchers(connection)
        collected, came, rivals = collectors(connection), visited(connection), lost_to_rivals(connection)
    numbers = [int(number) for number in runs["replication"]]
    segments = _all_of(log.provenance.get("segments", {}), customers["segment"], visits["segment"])
    groups = {
        "all": _Group("all", ["all"], numbers),
        "touchpoint": _Group("touchpoint", _all_of(touchpoints["touchpoint"], visits["touchpoint"]), numbers),
        "channel": _Group("channel", _all_of(touchpoints["channel"], visits["channel"]), numbers),
        **{kind: _Group(kind, list(dict.fromkeys(touchpoints[kind])), numbers)
           for kind in ("side", "nature", "management")},
        "stage": _Group("stage", list(words.keys(words.STAGES)), numbers),
        "step": _Group("step", list(words.keys(words.STEPS)), numbers),
        "segment": _Group("segment", segments, numbers),
    }
    for group in groups.values():
        _add_contacts(group, group.sums(visits, AMOUNTS))
    for kind in ("all", "segment", "stage"):
        _add_customers(groups[kind], groups[kind].sums(customers, TOTALS))
    opened = runs["opened"].to_numpy(float)
    on_shift = np.column_stack([server_days(log, name, opened) for name in groups["touchpoint"].names] or [opened])
    _add_places(groups["touchpoint"], touchpoints, runs, groups["all"].figures["customers"], on_shift)
    _add_money(groups, touchpoints, runs)
    _add_stages(groups["stage"], reached(customers, numbers), stays)
    for kind in ("all", "touchpoint"):
        groups[kind].add("wait_p90_minutes", groups[kind].looked_up(waits[waits["kind"] == kind], "value"))
    for kpi in ("webrooming", "showrooming"):
        groups["all"].add(kpi, _over(*(groups["all"].looked_up(switched, column) for column in (kpi, "buyers"))))
    _add_rivals(groups, _all_of(rivals_of(log)["rival"], rivals.loc[rivals["name"] != "all", "name"]), rivals)
    for kpi, counted in (("click_and_collect", collected), ("appointment_then_visit", came)):
        groups["all"].add(kpi, _over(*(groups["all"].looked_up(counted, column) for column in (kpi, "buyers"))))
    return _in_order(pd.concat([group.tall() for group in groups.values()], ignore_index=True))


@dataclass(frozen=True)
class _Group:
    """The figures of one kind of group: for each an array of shape (replications, names)."""

    kind: str
    names: list[str]
    replications: list[int]
    figures: dict[str, Values] = field(default_factory=dict)

    def add(self, kpi: str, values: Values) -> None:
        self.figures[kpi] = values

    def looked_up(self, frame: pd.DataFrame, column: str) -> Values:
        """Bring a column of a frame with ``replication`` and ``name`` into shape; null where it has no row."""
        index = pd.MultiIndex.from_product([self.replications, self.names])
        found = frame.set_index(["replication", "name"])[column].reindex(index)
        return found.to_numpy(float).reshape(len(self.replications), len(self.names))

    def sums(self, cube: pd.DataFrame, columns: tuple[str, ...]) -> dict[str, Values]:
        """Sum columns of a cube; zero where nothing happened."""
        index = pd.MultiIndex.from_product([self.replications, self.names])
        table = cube.groupby(["replication", self.kind], observed=True)[list(columns)].sum()
        array = table.reindex(index, fill_value=0).to_numpy(float)
        shape = (len(self.replications), len(self.names))
        return {column: array[:, place].reshape(shape) for place, column in enumerate(columns)}

    def tall(self) -> pd.DataFrame:
        groups = ["all"] if self.kind == "all" else [f"{self.kind}:{name}" for name in self.names]
        cells = len(self.replications) * len(groups)
        return pd.DataFrame({
            "replication": np.tile(np.repeat(self.replications, len(groups)), len(self.figures)),
            "kpi": np.repeat(list(self.figures), cells),
            "group": np.tile(groups, len(self.replications) * len(self.figures)),
            "value": np.concatenate([values.ravel() for values in self.figures.values()]),
        })  # fmt: skip


def _in_order(table: pd.DataFrame) -> pd.DataFrame:
    """Order rows by figure (as in the table of figures), group (as they came) and replication."""
    place = {kpi.key: place for place, kpi in enumerate(KPIS)}
    figure, group = table["kpi"].map(place).to_numpy(), pd.factorize(table["group"])[0]
    return table.iloc[np.lexsort((table["replication"], group, figure))].reset_index(drop=True)


def _all_of(known: Mapping[str, object] | pd.Series, *seen: pd.Series) -> list[str]:
    """Names that the provenance knows, in its order, then others that occur."""
    names = dict.fromkeys(str(name) for name in known)
    for column in seen:
        names |= dict.fromkeys(str(name) for name in column.unique())
    return list(names)


def _over(top: Values, below: Values) -> Values:
    """Divide; null where there is nothing below."""
    blank: Values = np.full(np.broadcast(top, below).shape, np.nan)
    return np.divide(top, below, out=blank, where=below != 0)


def _add_contacts(group: _Group, sums: Mapping[str, Values]) -> None:
    for kpi, (column, unit) in _CONTACT_SUMS.items():
        group.add(kpi, sums[column] / unit)
    for kpi, (top, below, scale) in _CONTACT_RATIOS.items():
        group.add(kpi, _over(sums[top], sums[below]) * scale)
    for column in ("first_contacts", "days_in_line", "days_busy") if group.kind == "touchpoint" else ():
        group.add(column, sums[column])
    for column in ("returned", "messages", "messages_noticed") if group.kind in ("all", "segment") else ():
        group.add(column, sums[column])


def _add_customers(group: _Group, totals: Mapping[str, Values]) -> None:
    group.add("nps", 100 * _over(totals["promoters"] - totals["detractors"], totals["surveyed"]))
    for kpi, (top, below) in _CUSTOMER_RATIOS.items():
        if group.kind != "stage" or below == "surveyed":
            group.add(kpi, _over(totals[top], totals[below]))
    if group.kind == "stage":
        return
    for kpi, (column, unit) in _CUSTOMER_SUMS.items():
        group.add(kpi, totals[column] / unit)
    group.add("contacts_per_customer", _over(group.figures["contacts"], totals["customers"]))
    for kpi, column in (("messages_per_customer", "messages"), ("messages_noticed_per_customer", "messages_noticed")):
        group.add(kpi, _over(group.figures.pop(column), totals["customers"]))
    given = _over(totals["stars"], totals["reviewers"])
    group.add("review_gap", given - _over(totals["would_give"], totals["buyers"]))
    group.add("contribution", group.figures["margin"] - group.figures["cost"])
    group.add("return_rate", _over(group.figures.pop("returned"), totals["purchases"]))


def _add_places(
    group: _Group, touchpoints: pd.DataFrame, runs: pd.DataFrame, customers: Values, on_shift: Values
) -> None:
    """Reach, use and lines of the touchpoints."""
    facts = touchpoints.set_index("touchpoint").reindex(group.names)
    span = runs["opened"].to_numpy(float)[:, np.newaxis]
    group.add("reach", _over(group.figures.pop("first_contacts"), customers))
    line = np.where(facts["can_wait"].eq(True), group.figures.pop("days_in_line"), np.nan)
    group.add("line_length", _over(line, span))
    group.add("utilisation", _over(group.figures.pop("days_busy"), on_shift))


def _add_money(groups: Mapping[str, _Group], touchpoints: pd.DataFrame, runs: pd.DataFrame) -> None:
    """Overheads, in whole cents per touchpoint and run, and what they leave of the margin."""
    per_day = touchpoints.set_index("touchpoint")["cost_per_day_cents"].reindex(groups["touchpoint"].names)
    cents = np.rint(np.outer(runs["opened"].to_numpy(float), per_day.fillna(0).to_numpy(float)))
    groups["touchpoint"].add("overhead", cents / 100)
    channel_of = touchpoints.set_index("touchpoint")["channel"].reindex(groups["touchpoint"].names).to_numpy()
    by_channel = [cents[:, channel_of == channel].sum(axis=1) for channel in groups["channel"].names]
    groups["channel"].add("overhead", np.column_stack(by_channel) / 100 if by_channel else np.empty((len(runs), 0)))
    whole = groups["all"].figures
    overhead = cents.sum(axis=1, keepdims=True) / 100
    profit = whole["margin"] - whole["cost"] - overhead
    for kpi, values in {"overhead": overhead, "profit": profit,
                        "roi": _over(profit, whole["cost"] + overhead)}.items():  # fmt: skip
        groups["all"].add(kpi, values)


def _add_rivals(groups: dict[str, _Group], names: list[str], lost: pd.DataFrame) -> None:
    """Who won the customers that left for a rival; nobody where nobody is counted."""
    whole = groups["all"]
    everyone = whole.figures["customers"]
    if names:
        groups["rival"] = _Group("rival", names, whole.replications)
        gone = np.nan_to_num(groups["rival"].looked_up(lost, "customers"))
        groups["rival"].add("lost_to_rivals", _over(gone, everyone))
    for group in (whole, groups["rival"]) if names else (whole,):
        shown = np.nan_to_num(group.looked_up(lost, "showrooming_at_rivals"))
        group.add("showrooming_at_rivals", _over(shown, everyone))


def _add_stages(group: _Group, counts: pd.DataFrame, stays: pd.DataFrame) -> None:
    here = counts.to_numpy(float)
    deeper = np.column_stack([here[:, 1:], np.full(len(here), np.nan)])
    group.add("drop_off", _over(here - deeper, here))
    group.add("days_in_stage", group.looked_up(stays, "mean"))
    group.add("days_in_stage_median", group.looked_up(stays, "median"))
