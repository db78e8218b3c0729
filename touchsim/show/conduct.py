"""What was done with a scenario: read from a result, never from memory, so that a sheet can say it.

    EventLog     a run         seed, replications, customers or days, engine, versions, key figures
    answers      a survey      the same, and who was asked, who answered
    Comparison   what if       the same, and the variants
    ScoreCard    many studies  design, versions

A result of another scenario is refused.  Called by `sheets`; `stress`, `odd` and `ademp` read it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pandas as pd

from touchsim.errors import BadInput, Finding
from touchsim.experiment.comparison import Comparison
from touchsim.experiment.score import ScoreCard
from touchsim.log.eventlog import EventLog
from touchsim.measure.kpis import kpis

if TYPE_CHECKING:
    from touchsim.world.scenario import Scenario

__all__ = ["Conduct", "conduct_of"]


@dataclass(frozen=True)
class Conduct:
    """What was done.

    Attributes
    ----------
    command : str
        ``run``, ``study``, ``compare`` or ``score``; empty where nothing was run yet.
    facts : mapping
        Seed, replications, customers, days, engine, end, versions: as the result holds them.
    figures : tuple of str
        Keys of the key figures that were reported.
    variants : mapping
        Name to scenario, of a comparison.
    card : ScoreCard, optional
    estimator : str
        Of a study.
    """

    command: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    figures: tuple[str, ...] = ()
    variants: Mapping[str, Scenario] = field(default_factory=dict)
    card: ScoreCard | None = None
    estimator: str = ""

    @property
    def versions(self) -> dict[str, str]:
        """Versions of touchsim, Python and libraries."""
        return dict(self.facts.get("versions") or {})

    @property
    def replications(self) -> int:
        """Independent repetitions; 0 where nothing was run."""
        return int(self.facts.get("replications") or 0)


def conduct_of(scenario: Scenario, result: object = None, *, figures: tuple[str, ...] = ()) -> Conduct:
    """Read what was done from a result.

    Parameters
    ----------
    scenario : Scenario
        To which the result must belong.
    result : EventLog, DataFrame of answers, Comparison or ScoreCard, optional
    figures : tuple of str
        Key figures of a run, where they are known already; measured from the log otherwise.

    Raises
    ------
    BadInput
        A result of another kind, or of another scenario.
    """
    if result is None:
        return Conduct()
    if isinstance(result, EventLog):
        found = Conduct("run", result.provenance, figures or tuple(dict.fromkeys(kpis(result)["kpi"])))
    elif isinstance(result, Comparison):
        worlds = dict(zip((result.base, *result.variants), result.worlds, strict=False))
        variants = {name: worlds[name] for name in result.variants if name in worlds}
        base = result.provenance["scenarios"][result.base]
        found = Conduct("compare", result.provenance | base, tuple(dict.fromkeys(result.table["kpi"])), variants)
    elif isinstance(result, ScoreCard):
        found = Conduct("score", result.design, card=result)
    elif isinstance(result, pd.DataFrame) and "asked" in result.attrs.get("provenance", {}):
        estimator = str(result.attrs.get("model", {}).get("estimator", ""))
        found = Conduct("study", result.attrs["provenance"], estimator=estimator)
    else:
        law = "must be what came of the scenario: a log, answers, a comparison or a score card"
        raise BadInput(Finding("result", law, got=type(result).__name__, hint="or leave it out"))
    if found.facts.get("scenario_hash") != scenario.hash:
        said = f"{found.facts.get('scenario')} ({found.facts.get('scenario_hash')})"
        law = f"is of another scenario than {scenario.name} ({scenario.hash})"
        raise BadInput(Finding("result", law, got=said, hint="give the scenario that was run, interventions included"))
    return found
