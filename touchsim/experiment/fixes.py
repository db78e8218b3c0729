"""What mending the weakest touchpoints is truly worth: each fixed alone, in a world that is otherwise the same.

The touchpoint map ranks symptoms (`touchsim.measure.weakest`).  Here each of the weakest is *fixed* by the reason that
the map names, and the same customers live through the mended world with the same luck (common random numbers):

    in vain, long waits     no limit of capacity or line, always open: nobody waits, gives up or is turned away
    unnoticed               every contact is noticed, and its message asks for no attention
    later than promised     half of the promised time, so that what comes before fits in, too; nobody waits there
    slow refunds            the days until a refund that customers find normal, and no more
    weak evidence           each facet shown as promised, or as the average contact feels (artanh of mean emotion) where
                            that is more, if it was shown weaker; no risk events, no more steps of a return than normal.
                            Conflicts with other touchpoints stay

and the gain is the paired difference over replications, for all customers alike, buyers or not:

    gain_k = mean latent satisfaction with touchpoint k fixed - mean latent satisfaction as it is

beside it the share of contacts served and the purchases per customer.  Whether the map would have told the order is
Kendall's rank correlation (1938) between loss and gain, its form for ties (tau-b: Kendall 1945),

    tau = (concordant - discordant) / sqrt((pairs - ties in loss) * (pairs - ties in gain))

with a bootstrap over whole replications (Efron & Tibshirani 1993).  A fix is what would be perfect, not what can be
bought: costs are left out.  Fixed alone, two touchpoints may each gain nothing where both together would.  Touchpoints
out of the brand's hands (`managed: false`) and those that lose nothing are left out.

Called by users and by ``touchsim map --fix``; drawn by `touchsim.plots.fixes`.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from touchsim.errors import BadInput, Finding, verb
from touchsim.languages import tell, told
from touchsim.measure.database import open_database
from touchsim.measure.intervals import LEVEL, over_replications
from touchsim.measure.weakest import losses_by_replication, weakest_touchpoints
from touchsim.plots.canvas import records
from touchsim.plots.numerals import fixed, interval
from touchsim.vocabulary import name_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from touchsim.log.eventlog import EventLog
    from touchsim.world.scenario import Scenario
    from touchsim.world.touchpoints import Touchpoint

__all__ = ["FIXED", "Fixes", "fix_of", "fix_weakest", "rank_agreement"]

Values: TypeAlias = npt.NDArray[np.float64]

DRAWS = 2000
"""Bootstrap draws of whole replications behind the interval of the rank agreement."""

FIXED = {
    "in_vain": told("nobody waits, gives up or is turned away, always open"),
    "long_wait": told("nobody waits, gives up or is turned away, always open"),
    "unnoticed": told("every contact is noticed"),
    "late_delivery": told("nothing comes later than promised"),
    "slow_refund": told("no refund takes longer than customers find normal"),
    "poor_evidence": told("every facet shown as promised, or as the average contact feels; nothing goes wrong"),
}  # fmt: skip
"""What a fix makes true, by the reason that the map names."""

_FIGURES = ("satisfaction", "served", "purchases")
_KEY = 20170103
_EARLY = 0.5
_MOST = 0.999
"""Emotion beyond which its place on the z-scale says nothing."""
_QUERY = """
SELECT c.replication, c.satisfaction, v.served, c.purchases, v.emotion FROM
    (SELECT replication, favg(satisfaction) AS satisfaction, avg(purchases) AS purchases
     FROM customers GROUP BY replication) c
    JOIN (SELECT replication, avg((outcome = 'served')::INTEGER) AS served, favg(emotion) AS emotion
          FROM visits GROUP BY replication) v USING (replication)
ORDER BY c.replication
"""


@dataclass(frozen=True, eq=False)
class Fixes:
    """What fixing each of the weakest touchpoints alone would bring, beside their rank on the map.

    Attributes
    ----------
    table : DataFrame
        One row per touchpoint that was fixed, the weakest by the map first: ``rank`` (by the map), ``rank_by_gain``
        (1 = the best fix; ties share a place), ``touchpoint, channel, cause``, ``changed`` (false: it was as good as
        the fix makes it), ``loss`` (points of mean emotion) and, paired, ``gain`` (mean latent satisfaction, z),
        ``served`` (share of all contacts) and ``purchases`` (per customer), each with ``_low`` and ``_high``;
        ``replications``.
    tau, tau_low, tau_high : float
        Rank agreement of loss and gain, -1 to 1, with its bootstrap interval; null with fewer than two touchpoints, or
        where all gains are equal.
    runs : DataFrame
        ``touchpoint, replication, loss, gain, served, purchases``.
    provenance : dict
        Of the base run, with ``replications`` and ``seed``.
    """

    table: pd.DataFrame
    tau: float
    tau_low: float
    tau_high: float
    runs: pd.DataFrame = field(repr=False)
    provenance: dict[str, Any] = field(repr=False)

    @property
    def text(self) -> str:
        """A paragraph made from the table: the best fix, the weakest touchpoint's own, and whether the map knew."""
        if self.table.empty:
            return tell("No touchpoint that the brand runs loses anything, so there is nothing to fix.")
        rows = records(self.table)
        first, best = rows[0], min(rows, key=lambda row: row["rank_by_gain"])
        said = [tell("Fixing {touchpoint} alone brings most: mean latent satisfaction changes by {gain}.",
                     touchpoint=self._name(best), gain=_gain(best))]  # fmt: skip
        if best["gain_low"] <= 0:
            said = [tell("No single fix is sure to raise latent satisfaction; the largest change, at {touchpoint}, is "
                         "{gain}.", touchpoint=self._name(best), gain=_gain(best))]  # fmt: skip
        if first is not best:
            words = told("The weakest that the brand runs, {touchpoint}, is number {place} of {n} by effect: {gain}.")
            if not first["changed"]:
                words = told("The weakest that the brand runs, {touchpoint}, has nothing to fix: it is as good as the "
                             "fix would make it.")  # fmt: skip
            said.append(tell(words, touchpoint=self._name(first), place=first["rank_by_gain"], n=len(rows),
                             gain=_gain(first)))  # fmt: skip
        if not np.isnan(self.tau):
            tau = interval(self.tau, self.tau_low, self.tau_high, _points)
            words = told("The ranks by symptom and by effect agree with a Kendall tau of {tau}: the map cannot be told "
                         "from a guess at the best place to begin.")  # fmt: skip
            if self.tau_low > 0:
                words = told("The ranks by symptom and by effect agree with a Kendall tau of {tau}: the map points the "
                             "right way.")  # fmt: skip
            elif self.tau_high < 0:
                words = told("The ranks by symptom and by effect agree with a Kendall tau of {tau}: the map points the "
                             "wrong way.")  # fmt: skip
            said.append(tell(words, tau=tau))
        said.append(tell("Each touchpoint was fixed alone, over {runs} paired replications (seed {seed}); what a fix "
                         "costs is left out.", runs=int(self.provenance["replications"]),
                         seed=self.provenance["seed"]))  # fmt: skip
        return " ".join(said)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the gains in the order of the map."""
        from touchsim.plots.fixes import plot_fixes

        return plot_fixes(self.table, names={row["touchpoint"]: self._name(row) for row in records(self.table)}, ax=ax)

    def _repr_html_(self) -> str:
        return f"<p>{self.text}</p>{self.table.to_html(index=False, na_rep='', float_format='{:.4g}'.format)}"

    def _name(self, row: dict[str, Any]) -> str:
        facts = self.provenance.get("touchpoints", {}).get(row["touchpoint"], {})
        return name_of(row["touchpoint"], facts.get("label"))


@verb
def fix_weakest(
    scenario: Scenario, *, top: int = 5, replications: int = 20, customers: int | None = None,
    days: float | None = None, seed: int = 1, progress: Callable[[int], None] | None = None,
) -> Fixes:  # fmt: skip
    """Fix each of the weakest touchpoints alone and measure what it brings, with the same customers and luck.

    What "fixed" means, by the reason that the map names, stands at the head of this file.

    Parameters
    ----------
    scenario : Scenario
    top : int
        So many of the weakest touchpoints; those that the brand does not run, or that lose nothing, are passed over.
    replications : int
        Pairs of runs, at least 2.
    customers, days : optional
        Length of each run, as for `touchsim.simulate`.
    seed : int
        Key of all randomness.
    progress : callable, optional
        Called with 1 after each replication of each world.

    Returns
    -------
    Fixes
        Frozen, with ``.table``, ``.text``, ``.plot()``, ``.tau``.

    Raises
    ------
    BadInput
        Less than one touchpoint, fewer than two replications; and what `simulate` refuses.

    Examples
    --------
    >>> from touchsim.world.scenario import load_scenario
    >>> found = fix_weakest(load_scenario("corner_shop"), top=2, replications=3, customers=200)
    >>> found.table["rank"].tolist(), sorted(found.table["rank_by_gain"].tolist())
    ([1, 3], [1, 2])
    """
    findings = []
    for name, value, least in (("top", top, 1), ("replications", replications, 2)):
        if not isinstance(value, (int, np.integer)) or isinstance(value, bool) or value < least:
            findings.append(Finding(name, f"must be a whole number, {least} or more", got=str(value)))
    if findings:
        raise BadInput(findings)
    how = {"customers": customers, "days": days, "seed": seed, "replications": replications, "progress": progress}
    base, weakest, losses, standard, provenance = _played(scenario, how)
    chosen = weakest[weakest["managed"] & (weakest["loss"] > 0) & weakest["cause"].isin(FIXED)].head(top)
    parts, changed = [], []
    for row in records(chosen):
        key = str(row["touchpoint"])
        fix = fix_of(scenario, key, str(row["cause"]), standard=standard)
        mended = _figures(scenario.with_(touchpoints={key: fix}), how) if fix else base
        own = losses.loc[losses["touchpoint"] == key].set_index("replication")["loss"].reindex(base.index)
        apart = (mended - base).rename(columns={"satisfaction": "gain"})
        parts.append(apart.assign(touchpoint=key, loss=own).reset_index())
        changed.append(bool(fix))
    columns = ["touchpoint", "replication", "loss", "gain", *_FIGURES[1:]]
    runs = pd.concat(parts, ignore_index=True)[columns] if parts else pd.DataFrame(columns=columns)
    kept = ["rank", "touchpoint", "channel", "cause", "loss", "loss_low", "loss_high"]
    table = chosen[kept].reset_index(drop=True).assign(changed=changed)
    for name in ("gain", *_FIGURES[1:]):
        found = over_replications(runs, ["touchpoint"], name)
        for end, column in (("", "value"), ("_low", "low"), ("_high", "high")):
            table[f"{name}{end}"] = found[column].to_numpy(float)
    table.insert(1, "rank_by_gain", (-table["gain"]).rank(method="min").astype(int))
    table["replications"] = replications
    table.attrs = {"title": "What fixing the weakest touchpoints would bring", "provenance": provenance}
    return Fixes(table, *_agreement(runs), runs, provenance)


def fix_of(scenario: Scenario, key: str, cause: str, *, standard: float = 0.0) -> dict[str, Any]:
    """Changes of one touchpoint that take away a cause, in the form of a scenario; none if there is nothing to change.

    `standard` is the level (z) to which weak evidence is lifted where no more than that is promised.

    Examples
    --------
    >>> from touchsim.world.scenario import load_scenario
    >>> fix_of(load_scenario("corner_shop"), "phone", "in_vain")
    {'capacity': None, 'line': None}
    """
    place = scenario.touchpoints[key]
    free: dict[str, Any] = {name: None for name in ("capacity", "line") if getattr(place, name) is not None}
    free |= {"open": None} if place.open else {}
    if cause in ("in_vain", "long_wait"):
        return free
    if cause == "unnoticed":
        noticed: dict[str, Any] = {"noticed": 1.0} if place.noticed < 1.0 else {}
        return noticed | ({"message": "0 s"} if place.message > 0.0 else {})
    if cause == "late_delivery":
        return free | {"delay": {"law": "fixed", "mean": f"{_EARLY * scenario.orders.promised!r} days"}}
    if cause == "slow_refund":
        return {"handling": place.handling_standard.model_dump(mode="json", exclude_none=True)}
    return _evidence(scenario, place, standard)


def _evidence(scenario: Scenario, place: Touchpoint, standard: float) -> dict[str, Any]:
    """Lift the facets shown below promise or standard up to it; no risk events, no more steps than normal."""
    level = {facet: max(scenario.views.promise.get(facet, standard), standard) for facet in place.facets}
    weak = {facet: {"mean": level[facet], "sd": shown.sd} for facet, shown in place.facets.items()
            if shown.mean < level[facet]}  # fmt: skip
    changes: dict[str, Any] = {"facets": weak} if weak else {}
    if place.risk.probability > 0.0:
        changes["risk"] = {"probability": 0.0}
    if "return" in place.serves and place.steps > place.steps_standard:
        changes["steps"] = place.steps_standard
    return changes


def rank_agreement(one: Values, other: Values) -> float:
    """Kendall's tau-b of two lists; null where one of them does not vary.

    Examples
    --------
    >>> rank_agreement(np.array([3.0, 2.0, 1.0]), np.array([0.3, 0.2, 0.2])).__round__(3)
    0.816
    """
    upper = np.triu_indices(len(one), 1)
    signs = [np.sign(values[:, np.newaxis] - values)[upper] for values in (one, other)]
    untied = float(np.sqrt(np.abs(signs[0]).sum() * np.abs(signs[1]).sum()))
    return float((signs[0] * signs[1]).sum()) / untied if untied > 0 else float("nan")


def _agreement(runs: pd.DataFrame) -> tuple[float, float, float]:
    """Rank agreement of mean losses and gains, and its interval from draws of whole replications."""
    if runs["touchpoint"].nunique() < 2:
        return float("nan"), float("nan"), float("nan")
    loss, gain = (runs.pivot(index="touchpoint", columns="replication", values=name).to_numpy(float)
                  for name in ("loss", "gain"))  # fmt: skip
    loss, count = np.nan_to_num(loss), loss.shape[1]
    drawn = np.random.Generator(np.random.Philox(key=_KEY)).integers(0, count, (DRAWS, count))
    found = [rank_agreement(loss[:, row].mean(axis=1), gain[:, row].mean(axis=1)) for row in drawn]
    known = [tau for tau in found if not np.isnan(tau)]
    if not known:
        return float("nan"), float("nan"), float("nan")
    low, high = np.quantile(known, [(1.0 - LEVEL) / 2, (1.0 + LEVEL) / 2])
    return rank_agreement(loss.mean(axis=1), gain.mean(axis=1)), float(low), float(high)


def _played(
    scenario: Scenario, how: dict[str, Any]
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame, float, dict[str, Any]]:
    """Figures of the world as it is, its weakest touchpoints and what they lose by replication, and the mean in z."""
    from touchsim.engine import simulation

    with tempfile.TemporaryDirectory(prefix="touchsim-") as folder:
        log = simulation.simulate(scenario, **how, out=folder)
        figures = _measured(log)
        standard = float(np.arctanh(np.clip(np.nan_to_num(figures.pop("emotion").mean()), -_MOST, _MOST)))
        return figures, weakest_touchpoints(log), losses_by_replication(log), standard, dict(log.provenance)


def _figures(scenario: Scenario, how: dict[str, Any]) -> pd.DataFrame:
    from touchsim.engine import simulation

    with tempfile.TemporaryDirectory(prefix="touchsim-") as folder:
        return _measured(simulation.simulate(scenario, **how, out=folder)).drop(columns="emotion")


def _measured(log: EventLog) -> pd.DataFrame:
    with open_database(log) as connection:
        found: pd.DataFrame = connection.execute(_QUERY).df()
    return found.set_index("replication").astype(float)


def _points(value: float | None) -> str:
    return fixed(value, 2)


def _gain(row: dict[str, Any]) -> str:
    return interval(row["gain"], row["gain_low"], row["gain_high"], _signed)


def _signed(value: float | None) -> str:
    said = fixed(value, 4)
    return f"+{said}" if value is not None and value > 0 and said != fixed(0.0, 4) else said
