"""How touchpoints fit each other: the alignment matrix, said for ordered pairs.

For a customer who was at touchpoint a before b,

    fidelity    0..1   how much of what was told at a is known at b: reinforces, saves time, draws towards b
    conflict    0..1   how far b contradicts a, for example by another price: lowers what is thought of facets and value
    supplement  0..1   probability that a made b needless: the return status on the site saves the call

Each pair, or all pairs of two lists, has a name of its own, by which `Scenario.with_` changes it:

    pairs: {site_to_shop: {from: [website, app], to: store, fidelity: 0.2, conflict: 0.35}}

Touchpoints that stand in no pair have 0 of each.  Equations in `engine.alignment`; `views` and `rules` read it.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Field, model_validator

from touchsim.documents import Assumption, Document, Finding, Key, Laws, NonNegative, Probability, broken, nearest

__all__ = ["Alignment", "Pair"]


def _many(value: object) -> object:
    return (value,) if isinstance(value, str) else tuple(value) if isinstance(value, list) else value


Touchpoints = Annotated[tuple[Key, ...], BeforeValidator(_many)]
"""One touchpoint, or a list of them."""
Logits = Annotated[float, Field(ge=-50.0, le=50.0)]


class Pair(Document):
    """One ordered pair of touchpoints, or all pairs of two lists of them."""

    first: Touchpoints = Field(alias="from", min_length=1)
    then: Touchpoints = Field(alias="to", min_length=1)
    fidelity: Probability = Assumption(0.0, "nothing is handed over unless said")
    conflict: Probability = Assumption(0.0, "no contradiction unless said")
    supplement: Probability = Assumption(0.0, "no contact replaces another unless said")


def _named(pairs: Any) -> Any:
    """Refuse a list, and a name without sides: a misspelt one would else be a new pair that lacks both of them."""
    if isinstance(pairs, list):
        hint = "e.g. site_to_shop: {from: website, to: store, fidelity: 0.5}"
        raise broken("must be a mapping: a name of your own for each pair", hint)
    if not isinstance(pairs, dict):
        return pairs
    lost = [key for key, pair in pairs.items() if isinstance(pair, dict) and not {"from", "to"} & pair.keys()]
    known = [key for key in pairs if key not in lost]
    law = "is no pair of this scenario, and a new one must say from and to"
    if lost:
        raise Laws(Finding(key, law, hint=nearest(key, known) or f"known: {', '.join(known) or 'none'}")
                   for key in lost)  # fmt: skip
    return pairs


class Alignment(Document):
    """What fit and misfit do; 0 switches an effect off."""

    pull: Logits = Assumption(0.5, "pull of the touchpoint to which everything is handed over")
    reinforce: NonNegative = Assumption(0.3, "evidence gained where the hand-over is perfect, in z")
    penalty: NonNegative = Assumption(0.8, "evidence lost where touchpoints contradict each other, in z")
    on_value: NonNegative = Assumption(0.5, "value lost where touchpoints contradict each other, in z")
    saves: Probability = Assumption(0.2, "share of the service time saved where nothing need be told again")
    pairs: Annotated[dict[Key, Pair], BeforeValidator(_named)] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _said_once(self) -> Alignment:
        seen: dict[tuple[str, str], str] = {}
        findings = []
        for name, pair in self.pairs.items():
            for couple in [(a, b) for a in pair.first for b in pair.then]:
                if couple in seen:
                    law = f"says {couple[0]} -> {couple[1]} again, see '{seen[couple]}'"
                    findings.append(Finding(f"pairs.{name}", law))
                seen[couple] = name
        if findings:
            raise Laws(findings)
        return self
