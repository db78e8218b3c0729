"""What the brand wants to reach: a goal for a key figure, at least or at most so much.

    targets:
      answered: {figure: wait_minutes, group: "touchpoint:phone", at_most: 3}
      loved:    {figure: csat, at_least: 0.7}

A target moves no customer; `touchsim.measure.goals` says how likely a run meets it.  Which figures and groups there
are is known there too, and checked when figures are taken.
"""

from __future__ import annotations

import math

from pydantic import Field, model_validator

from touchsim.documents import Document, Finding, Laws

__all__ = ["Target"]


class Target(Document):
    """A goal for one key figure."""

    figure: str = Field(description="key figure, as kpis.csv names it")
    group: str = Field("all", description="whole run, or touchpoint:KEY, channel:KEY, segment:KEY ... as in kpis.csv")
    at_least: float | None = Field(None, description="met from here on, in the unit of the figure (share: 0 to 1)")
    at_most: float | None = Field(None, description="met up to here, in the unit of the figure (share: 0 to 1)")

    @model_validator(mode="after")
    def _makes_sense(self) -> Target:
        said = [goal for goal in (self.at_least, self.at_most) if goal is not None]
        if not said:
            raise Laws([Finding("at_least", "is needed, or at_most: a target without a goal is none")])
        if not all(math.isfinite(goal) for goal in said):
            raise Laws([Finding("at_least" if self.at_least in said else "at_most", "must be a number")])
        if len(said) == 2 and said[0] > said[1]:
            raise Laws([Finding("at_least", "is above at_most, so that nothing can meet both", got=f"{said[0]:g}")])
        return self
