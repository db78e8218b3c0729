"""How touchpoints fit each other: the alignment matrix, said for ordered pairs.

For a customer who was at touchpoint a before b,

    fidelity    0..1   how much of what was told at a is known at b: reinforces, saves time, draws towards b
    conflict    0..1   how far b contradicts a, for example by another price: lowers what is thought of facets and value
    supplement  0..1   probability that a made b needless: the return status on the site saves the call

Pairs that are not named have 0 of each.  Equations in `engine.alignment`; `views` and `rules` read it.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from touchsim.documents import Assumption, Document, Finding, Key, Laws, NonNegative, Probability

__all__ = ["Alignment", "Pair"]

Logits = Annotated[float, Field(ge=-50.0, le=50.0)]


class Pair(Document):
    """One ordered pair of touchpoints, or all pairs of two lists of them."""

    first: tuple[Key, ...] = Field(alias="from", min_length=1, strict=False)
    then: tuple[Key, ...] = Field(alias="to", min_length=1, strict=False)
    fidelity: Probability = Assumption(0.0, "nothing is handed over unless said")
    conflict: Probability = Assumption(0.0, "no contradiction unless said")
    supplement: Probability = Assumption(0.0, "no contact replaces another unless said")

    @model_validator(mode="before")
    @classmethod
    def _one_or_many(cls, data: object) -> object:
        if isinstance(data, dict):
            return {key: [value] if key in ("from", "to") and isinstance(value, str) else value
                    for key, value in data.items()}  # fmt: skip
        return data


class Alignment(Document):
    """What fit and misfit do; 0 switches an effect off."""

    pull: Logits = Assumption(0.5, "pull of the touchpoint to which everything is handed over")
    reinforce: NonNegative = Assumption(0.3, "evidence gained where the hand-over is perfect, in z")
    penalty: NonNegative = Assumption(0.8, "evidence lost where touchpoints contradict each other, in z")
    on_value: NonNegative = Assumption(0.5, "value lost where touchpoints contradict each other, in z")
    saves: Probability = Assumption(0.2, "share of the service time saved where nothing need be told again")
    pairs: tuple[Pair, ...] = ()

    @model_validator(mode="after")
    def _said_once(self) -> Alignment:
        seen: dict[tuple[str, str], int] = {}
        findings = []
        for n, pair in enumerate(self.pairs):
            for couple in [(a, b) for a in pair.first for b in pair.then]:
                if couple in seen:
                    law = f"says {couple[0]} -> {couple[1]} again, see pairs[{seen[couple]}]"
                    findings.append(Finding(f"pairs.{n}", law))
                seen[couple] = n
        if findings:
            raise Laws(findings)
        return self
