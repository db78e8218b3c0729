"""How much is best: one dial of contact turned from little to much, and where the curve has its top, with an interval.

Too few contacts are forgotten, too many tire and drive customers away, so that the effect of contact is an inverted U
(wear-in and wear-out: Pechmann & Stewart 1988; Naik, Mantrala & Sawyer 1998).  Every setting of the dial is played
with the same customers and the same luck (common random numbers), so that the shape of the curve is sharper than its
height.  A parabola goes through the highest point of the mean curve and its two neighbours,

    y = a + b * p + c * p**2,      top at p = -b / (2 * c),  c < 0, which lies between the neighbours

with p the place of a setting in the grid (0, 1, 2 ...), read back as a setting between the two beside it, so that a
grid may grow by factors;
and whole replications are drawn anew (bootstrap: Efron & Tibshirani 1993) for the interval of the top.  A curve that is
highest at the first or last setting has no top between: the result says *at the edge* instead of naming an optimum.
The interval speaks of chance; a coarse grid adds its own doubt, so refine it around the top.

    ts.best_intensity(shop, exposure="banner", grid=(0, 0.1, 0.2, 0.4, 0.8), kpi="profit", customers=2000).text

Called by users and notebooks.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from touchsim.errors import BadInput, Finding, nearest, verb
from touchsim.languages import tell, told
from touchsim.measure.definitions import KPIS, kpi_of
from touchsim.measure.figures import kpis_by_replication
from touchsim.measure.intervals import LEVEL, over_replications
from touchsim.plots.numerals import number, percent, together, with_unit

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from touchsim.world.scenario import Scenario

__all__ = ["DRAWS", "Optimum", "best_intensity", "top_of"]

Values: TypeAlias = npt.NDArray[np.float64]

DRAWS = 2000
"""Bootstrap draws of whole replications behind the interval of an optimum."""

_DIALS = {"intensity": told("intensity of {name}"), "times": told("times of {name}")}
_KEY = 20170102
_EDGE_SHARE = (1.0 - LEVEL) / 2


@dataclass(frozen=True, eq=False)
class Optimum:
    """Where a figure is best along one dial.

    Attributes
    ----------
    table : DataFrame
        One row per setting: ``setting, value, low, high`` (95 % t interval over replications), ``share_best`` (of
        bootstrap draws in which this setting has the best mean), ``replications``.
    best, low, high : float
        Setting at the top and its 95 % bootstrap interval.
    inside : bool
        True where the top lies between settings that are worse on both sides, in the mean and in all but 2.5 % of the
        draws at either end; False = at the edge.
    what, kpi : str
        The dial in words, and the key figure.
    runs : DataFrame
        ``setting, replication, value``.
    provenance : dict
        Scenario, seed, replications, currency.
    """

    table: pd.DataFrame
    best: float
    low: float
    high: float
    inside: bool
    what: str
    kpi: str
    runs: pd.DataFrame = field(repr=False)
    provenance: dict[str, Any] = field(repr=False)

    @property
    def text(self) -> str:
        """A paragraph made from the table: where the top is, how sure, or that it is at the edge."""
        kpi, rows = kpi_of(self.kpi), self.table
        currency = str(self.provenance.get("currency", ""))
        unit = currency if kpi.unit == "currency" else kpi.unit
        values = rows["value"].to_numpy()
        peak = rows.to_dict("records")[int(values.argmin() if kpi.better == "lower" else values.argmax())]
        at = tell("{value} at {setting}", value=with_unit(peak["value"], unit, currency),
                  setting=number(peak["setting"]))  # fmt: skip
        words = told("{figure} is best at {what} of {best} ({low} to {high}, 95 % bootstrap interval); the best "
                     "setting tried gives {at}, best in {share} of draws.")  # fmt: skip
        if not self.inside:
            words = told("{figure} has no certain top inside the settings tried of {what}: the best is at the edge or "
                         "cannot be told from it (95 % bootstrap interval {low} to {high}; best setting tried {at}). "
                         "Try a wider grid or more replications.")  # fmt: skip
        best, low, high = together(self.best, self.low, self.high)
        found = tell(words, figure=_begun(kpi.label), what=self._dial(), best=best, low=low, high=high, at=at,
                     share=percent(peak["share_best"]))  # fmt: skip
        basis = tell("From {n} paired replications (seed {seed}), {settings} settings from {first} to {last}.",
                     n=int(self.provenance["replications"]), seed=self.provenance["seed"], settings=len(rows),
                     first=number(rows["setting"].min()), last=number(rows["setting"].max()))  # fmt: skip
        return f"{found} {basis}"

    def _dial(self) -> str:
        """The dial in the language spoken."""
        dial, _, name = self.what.partition(" of ")
        return tell(_DIALS[dial], name=name) if dial in _DIALS else self.what

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the curve and its top."""
        from touchsim.plots.optimum import plot_optimum

        kpi, currency = kpi_of(self.kpi), str(self.provenance.get("currency", ""))
        unit = currency if kpi.unit == "currency" else kpi.unit
        return plot_optimum(self.table, best=self.best, low=self.low, high=self.high, inside=self.inside,
                            setting=self._dial(), figure=kpi.label, unit=unit, ax=ax)  # fmt: skip

    def _repr_html_(self) -> str:
        return f"<p>{self.text}</p>{self.table.to_html(index=False, na_rep='', float_format='{:.4g}'.format)}"


@verb
def best_intensity(
    scenario: Scenario, *, exposure: str | None = None, rule: str | None = None,
    grid: Sequence[float] = (0.0, 0.1, 0.2, 0.4, 0.8), kpi: str = "profit", customers: int | None = None,
    days: float | None = None, replications: int = 20, seed: int = 1, progress: Callable[[int], None] | None = None,
) -> Optimum:  # fmt: skip
    """Find how much contact is best: the intensity of an exposure, or how often a rule of automation may send.

    Parameters
    ----------
    scenario : Scenario
    exposure, rule : str
        Exposure whose ``intensity`` (contacts a day), or rule whose ``times`` (whole numbers from 1), is varied; one
        of the two.
    grid : sequence of float
        Settings to try, at least three different ones.
    kpi : str
        Key figure to be best, by its own direction ("profit", "conversion" ...).
    customers, days : optional
        Length of each run, as for `touchsim.simulate`.
    replications : int
        Runs per setting, paired, at least 2.
    seed : int
        Key of all randomness.
    progress : callable, optional
        Called with 1 after each replication of each setting.

    Returns
    -------
    Optimum
        Frozen, with ``.table``, ``.text``, ``.plot()``, ``.best``, ``.low``, ``.high`` and ``.inside``.

    Raises
    ------
    BadInput
        Neither or both of exposure and rule, an unknown name, a grid that is too small, a figure without a better
        direction or without a value; and what `simulate` refuses.

    Examples
    --------
    >>> from touchsim.world.scenario import load_scenario
    >>> leaflet = {"channel": "print", "online": False, "started_by": "brand", "serves": []}
    >>> shop = load_scenario("corner_shop").with_(
    ...     touchpoints={"leaflet": leaflet}, exposure={"leaflet": {"send": "leaflet"}})
    >>> found = best_intensity(shop, exposure="leaflet", grid=(0, 0.2, 0.4), customers=50, replications=2)
    >>> found.table["setting"].tolist()
    [0.0, 0.2, 0.4]
    """
    settings = sorted({float(value) for value in grid})
    _check(scenario, exposure, rule, settings, kpi, replications)
    section, name, dial = ("exposure", exposure, "intensity") if exposure else ("automation", rule, "times")
    parts: list[pd.DataFrame] = []
    first: dict[str, Any] = {}
    for setting in settings:
        value = setting if section == "exposure" else int(setting)
        figures, first = _played(scenario.with_(**{section: {name: {dial: value}}}), kpi, {
            "customers": customers, "days": days, "seed": seed, "replications": replications, "progress": progress,
        })  # fmt: skip
        parts.append(figures.assign(setting=setting))
    runs = pd.concat(parts, ignore_index=True)[["setting", "replication", "value"]]
    values = runs.pivot(index="setting", columns="replication", values="value").to_numpy(float)
    values = values[:, ~np.isnan(values).any(axis=0)]
    if values.shape[1] < 2:
        law = "must have a value in at least two replications of every setting"
        raise BadInput(Finding("kpi", law, got=kpi, hint="more customers, or another figure"))
    sign = -1.0 if kpi_of(kpi).better == "lower" else 1.0
    best, low, high, inside, shares = _top(np.array(settings), sign * values)
    table = over_replications(runs, ["setting"])
    table.insert(4, "share_best", shares)
    what = f"intensity of {exposure}" if exposure else f"times of {rule}"
    provenance = {"scenario": scenario.name, "scenario_hash": scenario.hash, "interventions": list(scenario.applied),
                  "seed": seed, "replications": replications, "customers": customers, "days": first.get("days", days),
                  "currency": scenario.currency, "versions": first.get("versions", {})}  # fmt: skip
    return Optimum(table, best, low, high, inside, what, kpi, runs, provenance)


def _begun(label: str) -> str:
    """Begin a sentence with a label, abbreviations left as they are."""
    return label[:1].upper() + label[1:]


def top_of(settings: Values, curve: Values) -> tuple[float, bool]:
    """Where a curve has its top: the vertex of the parabola through its highest point, and whether it is inside.

    Parameters
    ----------
    settings, curve : array of shape (settings,)
        Settings from low to high, and the figure at each; the highest is the best.

    Returns
    -------
    top : float
        Setting at the top; the highest point itself at the edge and on a plateau.
    inside : bool
        False where the first or the last setting is the highest.

    Examples
    --------
    >>> x = np.array([0.0, 1.0, 2.0, 3.0])
    >>> top_of(x, 5.0 - (x - 1.25) ** 2)
    (1.25, True)
    >>> top_of(x, x)
    (3.0, False)
    """
    peak = int(np.argmax(curve))
    if peak in (0, len(settings) - 1):
        return float(settings[peak]), False
    before, here, after = curve[peak - 1 : peak + 2]
    bend = before - 2.0 * here + after
    off = 0.5 * (before - after) / bend if bend < 0.0 else 0.0
    return float(np.interp(peak + off, np.arange(len(settings)), settings)), True


def _top(settings: Values, values: Values) -> tuple[float, float, float, bool, Values]:
    """Top of the mean curve, its bootstrap interval, whether it is inside, and how often each setting is best."""
    count = values.shape[1]
    drawn = np.random.Generator(np.random.Philox(key=_KEY)).integers(0, count, (DRAWS, count))
    curves = values[:, drawn].mean(axis=2).T
    tops = [top_of(settings, curve) for curve in curves]
    low, high = np.quantile([top for top, _ in tops], [_EDGE_SHARE, 1.0 - _EDGE_SHARE])
    best, inside = top_of(settings, values.mean(axis=1))
    highest = curves.argmax(axis=1)
    shares = np.bincount(highest, minlength=len(settings)) / DRAWS
    inside = inside and shares[0] <= _EDGE_SHARE and shares[-1] <= _EDGE_SHARE
    return best, float(low), float(high), bool(inside), shares


def _played(scenario: Scenario, kpi: str, how: dict[str, Any]) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Simulate one setting through a folder and keep one figure of each replication."""
    from touchsim.engine import simulation

    with tempfile.TemporaryDirectory(prefix="touchsim-") as folder:
        log = simulation.simulate(scenario, **how, out=folder)
        figures = kpis_by_replication(log)
        found = figures[(figures["kpi"] == kpi) & (figures["group"] == "all")]
        return found[["replication", "value"]], log.provenance


def _check(
    scenario: Scenario, exposure: str | None, rule: str | None, settings: list[float], kpi: str, replications: int
) -> None:
    findings = []
    if (exposure is None) == (rule is None):
        findings.append(Finding("exposure", "name one dial: exposure=... or rule=..."))
    for said, word, known in (("exposure", exposure, scenario.exposure), ("rule", rule, scenario.automation)):
        if word is not None and word not in known:
            hint = nearest(word, known) or f"known: {', '.join(known) or 'none'}"
            findings.append(Finding(said, f"'{scenario.name}' has none of this name", got=word, hint=hint))
    if len(settings) < 3:
        findings.append(Finding("grid", "needs at least three different settings", got=str(len(settings))))
    if settings and not all(np.isfinite(value) and value >= 0.0 for value in settings):
        findings.append(Finding("grid", "settings must be numbers, 0 or more"))
    elif rule is not None and not all(value >= 1.0 and value == int(value) for value in settings):
        findings.append(Finding("grid", "times are whole numbers from 1"))
    directions = {one.key: one.better for one in KPIS}
    if kpi not in directions:
        findings.append(Finding("kpi", "no such key figure", got=kpi, hint=nearest(kpi, directions)))
    elif directions[kpi] is None:
        findings.append(Finding("kpi", "neither more nor less of it is better", got=kpi))
    if replications < 2:
        findings.append(Finding("replications", "must be 2 or more: one run has no interval", got=str(replications)))
    if findings:
        raise BadInput(findings)
