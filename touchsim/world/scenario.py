"""A scenario: everything that can be said about a world, validated once and frozen.

    scenario.yaml --documents--> Scenario --blueprint--> the engines' table
                                    | ^
                                    +-+ with_(...)   another scenario, which remembers what was applied

What a file does not say has a documented default, and every default is a fact with its source or an assumption to
vary (`Scenario.assumptions`); a file marks its own facts in the section `facts`.  Built in Python as easily as in
YAML: ``Scenario.of(name="mine", segments=..., touchpoints=...)``.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Self

from pydantic import Field, PrivateAttr, model_validator

from touchsim import datasets
from touchsim.documents import (
    Assumption,
    BadInput,
    Days,
    Document,
    Finding,
    Key,
    Laws,
    defaults_of,
    dump_yaml,
    nearest,
    read_document,
    validate_document,
)  # fmt: skip
from touchsim.errors import verb
from touchsim.vocabulary import NEEDS, keys
from touchsim.world.alignment import Alignment
from touchsim.world.contacting import Awareness, Crm, Exposure, Pressure, Rule
from touchsim.world.customers import Choice, Loyalty, Orders, Satisfaction, Segment, Views
from touchsim.world.funnel import Funnel, Needs
from touchsim.world.interventions import Intervention, changed
from touchsim.world.questionnaire import Questionnaire
from touchsim.world.references import broken_references
from touchsim.world.targets import Target
from touchsim.world.touchpoints import Touchpoint, library
from touchsim.world.value import Rival, Value
from touchsim.world.voice import Voice

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Scenario", "load_scenario"]

_WORDS_ONLY = ("title", "about", "targets", "interventions", "facts")


class Scenario(Document):
    """A world and its customers; see the module.

    Examples
    --------
    >>> shop = load_scenario("corner_shop")
    >>> shop.with_(touchpoints={"phone": {"capacity": 6}}).touchpoints["phone"].capacity
    6
    >>> shop.touchpoints["phone"].capacity == 6
    False
    """

    name: Key
    title: str = ""
    about: str = Field("", description="what the scenario is for, and what in it is fact")
    start: date = Assumption(date(2026, 1, 5), "a Monday")
    currency: str = Field("EUR", min_length=1, max_length=8)
    days: Days = Assumption("90 days", "births happen in a quarter of a year, unless a run asks for so many customers")
    follow_up: Days = Assumption("60 days", "days after the last birth, so that most journeys come to an end", gt=0.0)
    segments: dict[Key, Segment] = Field(min_length=1)
    touchpoints: dict[Key, Touchpoint] = Field(min_length=1)
    needs: Needs = Needs()
    funnel: Funnel = Funnel()
    choice: Choice = Choice()
    orders: Orders = Orders()
    views: Views = Views()
    satisfaction: Satisfaction = Satisfaction()
    loyalty: Loyalty = Loyalty()
    value: Value = Value()
    rivals: dict[Key, Rival] = Field(default_factory=dict)
    alignment: Alignment = Alignment()
    awareness: Awareness = Awareness()
    pressure: Pressure = Pressure()
    crm: Crm = Crm()
    exposure: dict[Key, Exposure] = Field(default_factory=dict)
    automation: dict[Key, Rule] = Field(default_factory=dict)
    voice: Voice | None = Field(None, description="nobody speaks up unless this section is there")
    market: Annotated[int, Field(ge=1, le=2_000_000_000)] | None = Field(
        None, description="people who can ever be reached; arrivals and referrals thin out as it fills; none: no limit"
    )
    survey: Questionnaire = Questionnaire()
    targets: dict[Key, Target] = Field(default_factory=dict, description="goals for key figures")
    interventions: dict[Key, Intervention] = Field(default_factory=dict)
    facts: dict[str, str] = Field(default_factory=dict, description="place in this file: source of the fact")

    _applied: tuple[str, ...] = PrivateAttr(())
    _hash: str = PrivateAttr("")

    @classmethod
    def completed(cls, data: dict[str, Any]) -> dict[str, Any]:
        """Give needs that are only half said their defaults, and touchpoints what the library knows of them."""
        data = dict(data)
        places = data.get("touchpoints")
        if isinstance(places, dict):
            data["touchpoints"] = {key: _from_library(key, place) for key, place in places.items()}
        needs = data.get("needs")
        if isinstance(needs, dict):
            ready = Needs().model_dump(mode="json")
            data["needs"] = {
                key: {"think": ready[key]["think"], **said} if key in ready and isinstance(said, dict) else said
                for key, said in needs.items()
            }
        return data

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        findings = []
        for step in keys(NEEDS)[:4]:
            if not any(step in place.serves for place in self.touchpoints.values()):
                findings.append(Finding("touchpoints", f"no touchpoint serves {step}: nobody can ever go on"))
        if all(place.needs_consent for place in self.touchpoints.values() if "problem_recognition" in place.serves):
            if any("problem_recognition" in place.serves for place in self.touchpoints.values()):
                law = "every touchpoint of problem_recognition needs consent, which nobody has given yet"
                findings.append(Finding("touchpoints", law))
        if not any(segment.arrivals > 0.0 or segment.stock for segment in self.segments.values()):
            findings.append(Finding("segments", "nobody ever arrives: all arrivals are 0"))
        if not any(place.visit for place in self.touchpoints.values()) and self.funnel.lead.visits:
            hint = "mark a touchpoint with visit: true"
            findings.append(Finding("funnel.lead.visits", "nobody can reach it: no touchpoint counts as a visit",
                                    hint=hint))  # fmt: skip
        if not any(place.action for place in self.touchpoints.values()) and self.funnel.prospect.actions:
            hint = "mark a touchpoint with action: true"
            findings.append(Finding("funnel.prospect.actions", "nobody can reach it: no touchpoint counts as an action",
                                    hint=hint))  # fmt: skip
        if self._time_can_stand_still():
            law = "no time passes from one purchase to the next and nobody leaves: customers go round for ever at once"
            findings.append(Finding("loyalty.gap", law, hint='e.g. "60 days", or let them think before a contact'))
        findings += broken_references(self)
        data = self.model_dump(mode="json")
        for place_of_fact in self.facts:
            if _entry(data, place_of_fact) is _NOWHERE:
                findings.append(Finding(f"facts.{place_of_fact}", "names no place in this scenario"))
        if not findings:
            findings = self._findings_of_interventions(data)
        if findings:
            raise Laws(findings)
        told = {key: value for key, value in data.items() if key not in _WORDS_ONLY}
        self._hash = hashlib.blake2b(json.dumps(told, sort_keys=True).encode(), digest_size=8).hexdigest()
        return self

    def _time_can_stand_still(self) -> bool:
        """Whether a customer could buy again and again, without end, at one and the same instant."""
        round_trip = [*keys(NEEDS)[:4], "delivery"]
        places = [place for place in self.touchpoints.values() if not set(round_trip).isdisjoint(place.serves)]
        spans = [self.loyalty.gap, *(law for place in places for law in (place.delay, place.service))]
        spans += [self.needs.of(need).think for need in round_trip if any(need in place.serves for place in places)]
        return all(span.is_nothing for span in spans) and not any(self.needs.of(n).leave for n in round_trip[:4])

    def _findings_of_interventions(self, data: dict[str, Any]) -> list[Finding]:
        findings = []
        plain = {**data, "interventions": {}}
        for key, intervention in self.interventions.items():
            try:
                validate_document(type(self), changed(plain, intervention.changes))
            except BadInput as bad:
                at = f"interventions.{key}.changes"
                findings += [Finding(f"{at}.{bug.where}", bug.law, bug.got, bug.hint) for bug in bad.findings]
        return findings

    @classmethod
    def of(cls, **data: Any) -> Scenario:
        """Build a scenario in Python from what a file would say; raises `BadInput` with every finding."""
        return validate_document(cls, data)

    def __repr__(self) -> str:
        applied = "".join(f" + {name}" for name in self.applied)
        return f"<Scenario {self.name}{applied}: {len(self.touchpoints)} touchpoints, {self.hash}>"

    def __str__(self) -> str:
        return repr(self)

    @property
    def applied(self) -> tuple[str, ...]:
        """Names of the interventions that made this scenario, in order."""
        return self._applied

    @property
    def hash(self) -> str:
        """Sixteen hex digits that tell scenarios apart: of everything that can change a number of a run."""
        return self._hash

    def with_(self, *names_or_files: str | Path, **changes: Any) -> Scenario:
        """Return another scenario with interventions applied, in order; this one stays as it is.

        Parameters
        ----------
        *names_or_files : str or Path
            Interventions of this scenario by name, or YAML files that hold changes in the form of a scenario.
        **changes
            Further changes as plain data: ``touchpoints={"phone": {"capacity": 6}}``.

        Raises
        ------
        BadInput
            An unknown name, or changes that break a law.
        """
        data, applied = self.model_dump(mode="json"), list(self.applied)
        for item in names_or_files:
            if str(item) in self.interventions:
                change: Mapping[str, Any] = self.interventions[str(item)].changes
                applied.append(str(item))
            elif datasets.is_path(item):
                change = read_document(Intervention, item).changes
                applied.append(Path(item).stem)
            else:
                known = ", ".join(self.interventions) or "none"
                hint = nearest(item, self.interventions) or f"known: {known}; a file is given with its ending"
                raise BadInput(Finding("with", f"'{self.name}' has no such intervention", got=str(item), hint=hint))
            data = changed(data, change)
        if changes:
            data = changed(data, changes)
            applied.append(json.dumps(changes, sort_keys=True, default=str))
        made = validate_document(Scenario, data)
        made._applied = tuple(applied)
        return made

    def to_yaml(self) -> str:
        """Everything this scenario says, defaults included, as YAML that reads back to an equal scenario."""
        return dump_yaml(self, full=True)

    def assumptions(self) -> pd.DataFrame:
        """Every number of this scenario, and whether it is a fact or an assumption.

        Returns
        -------
        DataFrame
            Columns path, value, kind (fact or assumption), source (for an assumption: why this number).
        """
        import pandas as pd

        said = {path: (default, status, text) for path, default, status, text in defaults_of(type(self))}
        ready = library()
        rows = []
        for path, value in _leaves(self.model_dump(mode="json", exclude={"targets", "interventions", "facts"})):
            kind, source = "assumption", "set by this scenario"
            pattern = _pattern(path)
            for general in (pattern, pattern.rpartition(".")[0], pattern.rpartition(".")[0].rpartition(".")[0]):
                default, status, text = said.get(general, (None, "unmarked", ""))
                if status != "unmarked":
                    if status == "assumption" or _entry_or_itself(default, pattern[len(general) + 1 :]) == value:
                        kind, source = status, text  # another number than the fact is no fact
                    break
            parts = path.split(".")
            if parts[0] == "touchpoints" and parts[2] in ready.get(self.touchpoints[parts[1]].like or parts[1], {}):
                kind, source = "assumption", "library of ready touchpoints, or set by this scenario"
            for place, text in self.facts.items():
                if path == place or path.startswith(f"{place}."):
                    kind, source = "fact", text
            rows.append((path, value, kind, source))
        return pd.DataFrame(rows, columns=["path", "value", "kind", "source"])


_NOWHERE = object()
_WORDS = {"name", "title", "about", "label", "currency", "start", "channel", "nature", "started_by", "mode", "like",
          "law", "send", "when", "unless", "stock_as"}  # fmt: skip


def _from_library(key: str, place: Any) -> Any:
    if place is None:
        place = {}
    if not isinstance(place, dict):
        return place
    ready = library().get(str(place.get("like") or key), {})
    return {**ready, **place} if ready else place


def _entry(data: Any, path: str) -> Any:
    for part in path.split("."):
        if not isinstance(data, dict) or part not in data:
            return _NOWHERE
        data = data[part]
    return data


def _entry_or_itself(default: Any, path: str) -> Any:
    """Number inside the default of a section, as `_leaves` gives it."""
    if isinstance(default, (list, tuple)):
        return json.dumps([part.model_dump(mode="json") for part in default])
    return _entry(default, path) if path else default


def _leaves(data: Any, path: str = "") -> list[tuple[str, Any]]:
    """Numbers and durations of plain data, with their places."""
    if isinstance(data, dict):
        rows: list[tuple[str, Any]] = []
        for key, value in data.items():
            if key not in _WORDS:
                rows += _leaves(value, f"{path}.{key}" if path else key)
        return rows
    if isinstance(data, list):
        return [] if all(isinstance(item, str) for item in data) else [(path, json.dumps(data))]
    return [] if data is None or isinstance(data, bool) else [(path, data)]


def _pattern(path: str) -> str:
    """Place of a field in the document's classes: names that the user gave become ``*``."""
    parts = path.split(".")
    if parts[0] in ("touchpoints", "segments", "rivals", "exposure", "automation") and len(parts) > 1:
        parts[1] = "*"
    elif parts[:2] == ["alignment", "pairs"] and len(parts) > 2:
        parts[2] = "*"
    return ".".join(parts)


@verb
def load_scenario(name_or_path: str | Path) -> Scenario:
    """Read a scenario.

    Parameters
    ----------
    name_or_path : str or Path
        Name of a built-in scenario, or a YAML file.

    Returns
    -------
    Scenario
        Frozen and valid.

    Raises
    ------
    BadInput
        Every finding, each with file, line, place and law.

    Examples
    --------
    >>> load_scenario("webshop").name
    'webshop'
    """
    return read_document(Scenario, datasets.scenario_path(name_or_path))
