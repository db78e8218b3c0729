"""Laws of duration as a person writes them: a plain duration, or a mapping with the name of the law.

    service: 6 min                                     always six minutes
    service: {law: exponential, mean: 6 min}
    service: {law: lognormal, mean: 6 min, cv: 0.8}    cv = standard deviation / mean; gamma likewise
    transit: {law: weibull, mean: 2 days, shape: 1.5}
    transit: {law: triangular, low: 1 day, mode: 2 days, high: 5 days}
    transit: {law: empirical, values: [1 day, 1 day, 2 days, 6 days]}

`blueprint` turns them into the parameters that `engine.durations` inverts.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, PlainSerializer, model_validator

from touchsim.documents import Days, Document, Finding, Laws, Positive

__all__ = ["Duration", "Law"]

_PARAMETERS: dict[str, tuple[str, ...]] = {
    "fixed": ("mean",), "exponential": ("mean",), "lognormal": ("mean", "cv"), "gamma": ("mean", "cv"),
    "weibull": ("mean", "shape"), "triangular": ("low", "mode", "high"), "empirical": ("values",),
}  # fmt: skip


class Law(Document):
    """A law of duration and its parameters; a parameter of another law is refused."""

    law: Literal["fixed", "exponential", "lognormal", "gamma", "weibull", "triangular", "empirical"]
    mean: Days | None = None
    cv: Positive | None = None
    shape: Positive | None = None
    low: Days | None = None
    mode: Days | None = None
    high: Days | None = None
    values: Annotated[tuple[Days, ...], Field(strict=False)] | None = None

    @model_validator(mode="after")
    def _has_its_parameters(self) -> Law:
        wanted, findings = _PARAMETERS[self.law], []
        for name in ("mean", "cv", "shape", "low", "mode", "high", "values"):
            given = getattr(self, name) is not None
            if given and name not in wanted:
                findings.append(Finding(name, f"does not belong to the law '{self.law}'"))
            elif not given and name in wanted:
                findings.append(Finding(name, f"is required by the law '{self.law}'"))
        if not findings and self.law == "triangular":
            low, mode, high = self.low or 0.0, self.mode or 0.0, self.high or 0.0
            if not (low <= mode <= high and low < high):
                findings.append(Finding("mode", "must lie between low and high, and low below high"))
        if not findings and self.law == "empirical" and not self.values:
            findings.append(Finding("values", "must hold at least one duration"))
        if not findings and self.law not in ("fixed", "triangular", "empirical") and not self.mean:
            findings.append(Finding("mean", "must be above 0", hint="write a plain duration for a fixed one"))
        if not findings and self.law == "weibull" and not 0.2 <= (self.shape or 0.0) <= 20.0:
            findings.append(Finding("shape", "must be between 0.2 and 20"))
        if not findings and self.law in ("gamma", "lognormal") and not 0.01 <= (self.cv or 0.0) <= 3.0:
            findings.append(Finding("cv", "must be between 0.01 and 3", hint="use a fixed law for less"))
        if findings:
            raise Laws(findings)
        return self

    @property
    def is_nothing(self) -> bool:
        """Whether it always takes no time at all."""
        return (self.law == "fixed" and not self.mean) or (self.law == "empirical" and not any(self.values or ()))


def _written_plainly(value: object) -> object:
    return {"law": "fixed", "mean": value} if isinstance(value, (str, int, float)) else value


def _plain(law: Law) -> Any:
    written = law.model_dump(mode="json", exclude_none=True)
    return written["mean"] if law.law == "fixed" else written


Duration = Annotated[Law, BeforeValidator(_written_plainly), PlainSerializer(_plain)]
"""A law of duration; a plain duration is the fixed law."""
