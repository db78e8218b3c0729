"""Targets: how likely a run of this length meets what the brand wants to reach.

    probability = runs that meet the target / runs,    with the score interval of Wilson (1927)

A target is met in a replication if the figure of this replication lies at or beyond its goal; a replication in which
the figure is a ratio over nothing counts for neither side.  With one replication there is no probability, only the
words "single run" and whether this one met it.  Called by users, the command line and comparisons.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np
import pandas as pd
from scipy import stats

from touchsim import vocabulary as words
from touchsim.errors import BadInput, Finding, nearest, verb
from touchsim.log.eventlog import EventLog
from touchsim.measure.definitions import KPIS, kpi_of
from touchsim.measure.figures import kpis_by_replication
from touchsim.measure.intervals import LEVEL, over_replications, signed, within_bounds

__all__ = ["TARGETS", "check_targets", "targets", "targets_met"]

TARGETS = ("target", "kpi", "group", "unit", "at_least", "at_most", "value", "low", "high", "met", "probability",
           "probability_low", "probability_high", "replications")  # fmt: skip
"""Columns, in their order."""


class Wishes(Protocol):
    """What is asked of a scenario: its targets, and what they may speak of."""

    @property
    def targets(self) -> Mapping[str, Any]:
        """Name to ``figure, group, at_least, at_most``."""

    @property
    def touchpoints(self) -> Mapping[str, Any]:
        """Key to what has a `channel`."""

    @property
    def segments(self) -> Mapping[str, Any]:
        """By key."""

    @property
    def rivals(self) -> Mapping[str, Any]:
        """By key."""


@verb
def targets(log: EventLog) -> pd.DataFrame:
    """Say for each target of the scenario how likely a run meets it.

    Parameters
    ----------
    log : EventLog
        In memory or opened from a run folder; its scenario has a section `targets`.

    Returns
    -------
    DataFrame
        One row per target: ``target, kpi, group, unit, at_least, at_most, value`` (mean over replications) with ``low,
        high`` (95 % t interval), ``met`` (whether the mean meets it), ``probability`` (share of replications that do)
        with ``probability_low, probability_high`` (95 %, Wilson 1927; null in a single run), ``replications``.

    Raises
    ------
    BadInput
        A target of a figure or a group that this log does not have.

    Examples
    --------
    >>> import touchsim as ts
    >>> shop = ts.load_scenario("corner_shop").with_(targets={"loved": {"figure": "csat", "at_least": 0.5}})
    >>> table = targets(ts.simulate(shop, customers=300, replications=5, seed=1))
    >>> table[["target", "kpi", "at_least", "replications"]].values.tolist()
    [['loved', 'csat', 0.5, 5]]
    """
    table = targets_met(kpis_by_replication(log), log.provenance.get("targets", {}), str(log.provenance["currency"]))
    return signed(table, log.provenance, "Targets")


def targets_met(runs: pd.DataFrame, goals: Mapping[str, Mapping[str, Any]], currency: str = "currency") -> pd.DataFrame:
    """Hold figures of replications against goals.

    Parameters
    ----------
    runs : DataFrame
        Columns ``replication, kpi, group, value``.
    goals : mapping
        Name of a target to ``figure, group, at_least, at_most``.
    currency : str
        Unit of money.

    Returns
    -------
    DataFrame
        Columns `TARGETS`.
    """
    problems = [finding for name, goal in goals.items() for finding in _unknown(name, goal, runs)]
    if problems:
        raise BadInput(problems)
    rows = []
    for name, goal in goals.items():
        here = runs[(runs["kpi"] == goal["figure"]) & (runs["group"] == goal["group"])].dropna(subset="value")
        values, unit = here["value"].to_numpy(float), kpi_of(goal["figure"]).unit
        mean = over_replications(here, ["kpi"]).to_dict("records")
        told = mean[0] if mean else {"value": np.nan, "low": np.nan, "high": np.nan}
        kept, n = int(_meets(values, goal).sum()), len(values)
        several = stats.binomtest(kept, n).proportion_ci(LEVEL, method="wilson") if n > 1 else None
        rows.append({
            "target": name, "kpi": goal["figure"], "group": goal["group"],
            "unit": currency if unit == "currency" else unit, "at_least": _number(goal["at_least"]),
            "at_most": _number(goal["at_most"]), "value": told["value"], "low": told["low"], "high": told["high"],
            "met": bool(_meets(np.array([told["value"]]), goal)[0]),
            "probability": kept / n if several else np.nan, "probability_low": several.low if several else np.nan,
            "probability_high": several.high if several else np.nan, "replications": n,
        })  # fmt: skip
    table = pd.DataFrame(rows, columns=list(TARGETS))
    table = within_bounds(table, table["kpi"].map(lambda key: kpi_of(key).unit))
    return table.astype({"met": bool, "replications": np.int64})


def check_targets(scenario: Wishes) -> None:
    """Refuse targets of figures or groups that no run of a scenario can have; all of them at once.

    Raises
    ------
    BadInput
    """
    named = {"touchpoint": scenario.touchpoints, "segment": scenario.segments, "rival": scenario.rivals,
             "channel": {place.channel for place in scenario.touchpoints.values()},
             "stage": words.keys(words.STAGES), "step": words.keys(words.STEPS), "side": ("online", "offline"),
             "nature": ("digital", "analogue", "physical"), "management": ("managed", "spontaneous")}  # fmt: skip
    findings = []
    for name, goal in scenario.targets.items():
        findings += _no_figure(name, goal.figure)
        kind, _, key = goal.group.partition(":")
        if goal.group != "all" and (kind not in named or key not in named[kind]):
            known = ["all", *(f"{kind}:{key}" for kind, keys in named.items() for key in keys)]
            hint = nearest(goal.group, known) or "all, or touchpoint:KEY, segment:KEY ... as in kpis.csv of a run"
            where, law = f"targets.{name}.group", "names nothing of this scenario"
            findings.append(Finding(where, law, got=goal.group, hint=hint))
    if findings:
        raise BadInput(findings)


def _no_figure(name: str, figure: str) -> list[Finding]:
    known = [kpi.key for kpi in KPIS]
    if figure in known:
        return []
    hint = nearest(figure, known) or "kpis.csv of a run names them"
    return [Finding(f"targets.{name}.figure", "is no key figure", got=figure, hint=hint)]


def _meets(values: np.ndarray, goal: Mapping[str, Any]) -> np.ndarray:
    low = -np.inf if goal["at_least"] is None else goal["at_least"]
    high = np.inf if goal["at_most"] is None else goal["at_most"]
    return np.asarray((values >= low) & (values <= high))


def _unknown(name: str, goal: Mapping[str, Any], runs: pd.DataFrame) -> list[Finding]:
    """Findings about a target of nothing."""
    figure, group = goal["figure"], goal["group"]
    if found := _no_figure(name, figure):
        return found
    groups = list(dict.fromkeys(runs["group"][runs["kpi"] == figure]))
    if group not in groups:
        hint = nearest(group, groups) or f"one of {', '.join(groups[:6])}"
        return [Finding(f"targets.{name}.group", f"is no group of {figure}", got=group, hint=hint)]
    return []


def _number(value: float | None) -> float:
    return np.nan if value is None else float(value)
