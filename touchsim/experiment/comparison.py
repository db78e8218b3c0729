"""Two or more worlds side by side: the same customers, the same luck, one thing changed.

    ts.compare(shop, shop.with_("return_status_online"), replications=50).text

Every scenario is simulated with the same seed and the same replication numbers (common random numbers), measured
replication by replication, and compared in pairs (`touchsim.experiment.pairing`).  Logs pass through a folder that is
gone afterwards, a scenario at a time: only the key figures of each replication are kept, so that memory does not grow
with the number of contacts.

The result is frozen: `.table` has a row per figure, group and variant; `.text` is a paragraph made from it; `.plot()`
draws it.  Each interval stands for its own figure; among a hundred figures that do not change, some five will seem to.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from touchsim.errors import BadInput, Finding, verb
from touchsim.experiment.pairing import differences
from touchsim.languages import tell, told
from touchsim.measure.definitions import kpi_of
from touchsim.measure.goals import TARGETS, targets_met
from touchsim.plots.numerals import number, percent

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from touchsim.world.scenario import Scenario

__all__ = ["HEADLINES", "Comparison", "compare"]

HEADLINES = ("profit", "conversion", "csat", "nps", "ces", "wait_minutes", "abandonment", "return_rate")
"""Figures that the paragraph speaks of, in this order."""


@dataclass(frozen=True, eq=False)
class Comparison:
    """What changes against the base scenario.

    Attributes
    ----------
    table : DataFrame
        ``kpi, group, variant, base, value, difference, low, high, p_best, replications, variance_ratio``.
    runs : DataFrame
        What the table was made of: ``scenario, replication, kpi, group, value``.
    base : str
        Name of the base scenario.
    variants : tuple of str
        Names of the others.
    provenance : dict
        Hashes and interventions of all scenarios, seed, replications, currency, versions.
    targets : DataFrame
        Chances that each target is met, by scenario.
    worlds : tuple of Scenario
        The base and the variants, in the order of their names.
    """

    table: pd.DataFrame
    runs: pd.DataFrame = field(repr=False)
    base: str
    variants: tuple[str, ...]
    provenance: dict[str, Any] = field(repr=False)
    targets: pd.DataFrame = field(repr=False)
    worlds: tuple[Scenario, ...] = field(repr=False, default=())

    @property
    def text(self) -> str:
        """A paragraph made from the table: what changed for certain, what cannot be told, and from how many runs."""
        return " ".join(self.paragraphs)

    @property
    def paragraphs(self) -> tuple[str, ...]:
        """The same in parts: one for each variant, and one on what the intervals are."""
        rows = self.table[(self.table["group"] == "all") & self.table["kpi"].isin(HEADLINES)]
        said = [self._variant_in_words(name, rows[rows["variant"] == name]) for name in self.variants]
        runs, seed = int(self.provenance["replications"]), self.provenance["seed"]
        ratios = rows["variance_ratio"].replace(np.inf, np.nan).dropna()
        basis = tell("Each interval is 95 %, for its own figure, over {runs} paired replications (seed {seed}, common "
                     "random numbers).", runs=runs, seed=seed)  # fmt: skip
        if len(ratios):
            basis = tell("Each interval is 95 %, for its own figure, over {runs} paired replications (seed {seed}, "
                         "common random numbers; independent runs would need {times} times as many, by the median).",
                         runs=runs, seed=seed, times=number(float(ratios.median()), 2))  # fmt: skip
        return (*said, *self._targets_in_words(), basis)

    def _targets_in_words(self) -> list[str]:
        """How likely a run meets each target, in each scenario."""
        said = []
        for target, rows in self.targets.groupby("target", sort=False):
            chances = [tell("{scenario} {share} ({low} to {high})", scenario=row["scenario"],
                            share=percent(row["probability"]), low=percent(row["probability_low"]),
                            high=percent(row["probability_high"])) for row in rows.to_dict("records")]  # fmt: skip
            said.append(tell("The chance that a run meets the target {target}: {chances}.",
                             target=str(target).replace("_", " "), chances="; ".join(chances)))  # fmt: skip
        return said

    def _variant_in_words(self, name: str, rows: pd.DataFrame) -> str:
        ranked = sorted(rows.to_dict("records"), key=lambda row: HEADLINES.index(row["kpi"]))
        currency = str(self.provenance.get("currency", ""))
        moved = [row for row in ranked if row["low"] > 0 or row["high"] < 0]
        still = [row for row in ranked if row["low"] <= 0 <= row["high"]]
        same = [kpi_of(row["kpi"]).label for row in still if row["low"] == row["high"]]
        flat = [kpi_of(row["kpi"]).label for row in still if row["low"] < row["high"]]
        who = {"base": self.base, "variant": name}
        sentences = []
        if moved:
            changes = _listed([_change_in_words(row, currency) for row in moved])
            sentences.append(tell("Against {base}, {variant} changes {changes}.", **who, changes=changes))
        if flat:
            lead = told("Against {base}, {variant} changes nothing for certain in {figures} (the interval holds zero).")
            more = told("No change can be told apart from chance in {figures} (the interval holds zero).")
            sentences.append(tell(more if moved else lead, **who, figures=_listed(flat)))
        if same:
            lead = told("Against {base}, {variant} changes nothing at all in {figures}.")
            more = told("Nothing at all changes in {figures}.")
            sentences.append(tell(more if sentences else lead, **who, figures=_listed(same)))
        return " ".join(sentences) or tell("Against {base}, {variant} has no figure that both scenarios report.", **who)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the relative differences of the headline figures."""
        from touchsim.plots.comparison import plot_differences

        currency = str(self.provenance.get("currency", ""))
        kinds = [kpi_of(key) for key in HEADLINES]
        labels = {kpi.key: kpi.label for kpi in kinds}
        units = {kpi.key: currency if kpi.unit == "currency" else kpi.unit for kpi in kinds}
        return plot_differences(self.table, kpis=HEADLINES, labels=labels, units=units, ax=ax)

    def _repr_html_(self) -> str:
        rows = self.table[self.table["group"] == "all"].drop(columns="group")
        return f"<p>{self.text}</p>{rows.to_html(index=False, na_rep='', float_format='{:.4g}'.format)}"


@verb
def compare(
    base: Scenario, *variants: Scenario, replications: int = 20, customers: int | None = None,
    days: float | None = None, seed: int = 1, workers: int | None = None,
    progress: Callable[[int], None] | None = None,
) -> Comparison:  # fmt: skip
    """Compare scenarios with a base, replication by replication, on common random numbers.

    Parameters
    ----------
    base : Scenario
        The world as it is.
    *variants : Scenario
        One or more worlds as they could be, usually ``base.with_(...)``.
    replications : int
        Pairs of runs, at least 2.
    customers, days : optional
        Length of each run, as for `touchsim.simulate`.
    seed : int
        Key of all randomness, the same for all scenarios.
    workers : int, optional
        Scenarios simulated side by side; default one after another (one simulation already uses all cores).
    progress : callable, optional
        Called with 1 after each replication of each scenario.

    Returns
    -------
    Comparison

    Raises
    ------
    BadInput
        Without a variant, with fewer than two replications or fewer than one worker; and what `simulate` refuses.

    Examples
    --------
    >>> from touchsim.world.scenario import load_scenario
    >>> shop = load_scenario("corner_shop")
    >>> twin = compare(shop, shop, replications=2, customers=50)
    >>> bool((twin.table["difference"] == 0).all())
    True
    """
    findings = []
    if not variants:
        findings.append(Finding("variants", "a comparison needs at least one scenario beside the base"))
    if not _whole(replications) or replications < 2:
        findings.append(Finding("replications", "must be 2 or more: one run has no interval", got=str(replications)))
    if workers is not None and (not _whole(workers) or workers < 1):
        findings.append(Finding("workers", "must be 1 or more", got=str(workers)))
    if findings:
        raise BadInput(findings)
    scenarios = [base, *variants]
    names = _names(scenarios)

    def measured(scenario: Scenario) -> tuple[pd.DataFrame, dict[str, Any]]:
        return _figures(scenario, {"customers": customers, "days": days, "seed": seed, "replications": replications,
                                   "progress": progress})  # fmt: skip

    done: list[tuple[pd.DataFrame, dict[str, Any]]]
    if workers is None or workers == 1:
        done = [measured(scenario) for scenario in scenarios]
    else:
        from joblib import Parallel, delayed

        done = Parallel(n_jobs=workers, backend="threading")(delayed(measured)(scenario) for scenario in scenarios)
    runs = pd.concat([table.assign(scenario=name) for name, (table, _) in zip(names, done, strict=True)],
                     ignore_index=True)[["scenario", "replication", "kpi", "group", "value"]]  # fmt: skip
    first = done[0][1]
    provenance = {
        "scenarios": {name: {"scenario": scenario.name, "scenario_hash": scenario.hash,
                             "interventions": list(scenario.applied)}
                      for name, scenario in zip(names, scenarios, strict=True)},
        "seed": seed, "replications": replications, "customers": customers, "days": first.get("days", days),
        "currency": first.get("currency", ""), "versions": first.get("versions", {}),
    }  # fmt: skip
    table = differences(runs, names[0], names[1:])
    table.attrs = {"title": f"Against {names[0]}", "currency": provenance["currency"], "provenance": provenance}
    met = [targets_met(runs[runs["scenario"] == name], facts.get("targets", {}), provenance["currency"])
           .assign(scenario=name) for name, (_, facts) in zip(names, done, strict=True)]  # fmt: skip
    wanted = pd.concat(met, ignore_index=True)[["scenario", *TARGETS]]
    return Comparison(table, runs, names[0], tuple(names[1:]), provenance, wanted, tuple(scenarios))


def _figures(scenario: Scenario, how: dict[str, Any]) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Simulate one scenario through a folder and keep its key figures only."""
    from touchsim.engine import simulation
    from touchsim.measure.figures import kpis_by_replication

    with tempfile.TemporaryDirectory(prefix="touchsim-") as folder:
        log = simulation.simulate(scenario, **how, out=folder)
        return kpis_by_replication(log), log.provenance


def _names(scenarios: list[Scenario]) -> list[str]:
    """Name each scenario by what was applied beyond the base; a name that occurs again gets a number."""
    base, names = scenarios[0], [scenarios[0].name]
    for scenario in scenarios[1:]:
        shared = len(base.applied) if scenario.applied[: len(base.applied)] == base.applied else 0
        name = " + ".join(_plain(item) for item in scenario.applied[shared:]) or scenario.name
        again = 1
        while (name if again == 1 else f"{name} ({again})") in names:
            again += 1
        names.append(name if again == 1 else f"{name} ({again})")
    return names


def _plain(applied: str) -> str:
    """Read changes given in Python, remembered as JSON, as ``touchpoints phone capacity 6``."""
    return " ".join(re.sub(r'[{}\[\]":,]', " ", applied).split()) if applied.startswith("{") else applied


def _whole(value: object) -> bool:
    return isinstance(value, (int, np.integer)) and not isinstance(value, bool)


def _change_in_words(row: Mapping[Any, Any], currency: str) -> str:
    kpi = kpi_of(row["kpi"])
    share = kpi.unit == "share"
    unit = {"share": tell("percentage points"), "currency": currency}.get(kpi.unit, tell(kpi.unit))
    middle, low, high = (_signed(100 * row[part] if share else row[part]) for part in ("difference", "low", "high"))
    how = tell("{low} to {high}", low=low, high=high)
    if not pd.isna(row["p_best"]):
        how += "; " + tell("best in {share} of bootstrap draws", share=percent(row["p_best"]))
    return tell("{figure} by {change} ({interval})", figure=kpi.label, change=f"{middle} {unit}".rstrip(), interval=how)


def _signed(value: float) -> str:
    return f"+{number(value)}" if value > 0 else number(value)


def _listed(words: list[str]) -> str:
    if len(words) == 1:
        return words[0]
    return tell("{first} and {last}", first=", ".join(words[:-1]), last=words[-1])
