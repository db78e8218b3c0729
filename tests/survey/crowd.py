"""Hand-made customers for the survey: a log that is only a table, with views drawn from known laws."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from touchsim.vocabulary import FACETS, keys

WEIGHTS = dict(zip(keys(FACETS), (0.10, 0.0, 0.10, 0.12, 0.08, 0.14, 0.32, 0.24, 0.28), strict=True))

PLAIN: dict[str, Any] = {
    "loading": 1.0, "method": 0.0, "halo": 0.0, "noise": 0.0,
    "style": {"shift_mean": 0.0, "shift_sd": 0.0, "stretch_sd": 0.0, "careless": 0.0},
    "response": {"rate": 1.0, "skip": 0.0},
    "judge": {"fulfilment": "impression"},
}  # fmt: skip
"""A questionnaire without any error: every tick is the view itself, cut."""


@dataclass
class Crowd:
    """What `ask` needs of a log."""

    people: pd.DataFrame
    survey: dict[str, Any] = field(default_factory=dict)
    weights: dict[str, dict[str, float]] = field(default_factory=lambda: {"search": WEIGHTS, "experience": WEIGHTS})

    @property
    def provenance(self) -> dict[str, Any]:
        return {"scenario": "hand-made", "survey": self.survey, "weights": self.weights, "seed": 1}

    def customers_frame(self) -> pd.DataFrame:
        return self.people.copy()


def customers(n: int, *, seed: int = 1, spread: float = 1.0, replications: int = 1, noise: float = 0.6) -> pd.DataFrame:
    """Everybody bought and was surveyed; views independent with one sd, S = weights * views + disposition + noise."""
    rng = np.random.default_rng(seed)
    total = n * replications
    views = spread * rng.standard_normal((total, len(FACETS)))
    disposition = rng.standard_normal(total)
    frame = pd.DataFrame({
        "replication": np.repeat(np.arange(replications, dtype=np.int32), n),
        "customer": np.tile(np.arange(n, dtype=np.int64), replications),
        "identity": np.tile(np.arange(n, dtype=np.int64), replications),
        "segment": "everybody",
        "goods": np.where(rng.random(total) < 0.5, "search", "experience"),
        "surveyed": 10.0 + rng.random(total), "first_purchase": 5.0 + rng.random(total),
        "purchases": 1, "disposition": disposition, "product": 0.0, "value": 0.0,
        "satisfaction": views @ np.array(list(WEIGHTS.values())) + 0.3 * disposition
        + noise * rng.standard_normal(total),
    })  # fmt: skip
    for facet, column in zip(keys(FACETS), views.T, strict=True):
        frame[f"perceived_{facet}"] = column
        frame[f"seen_{facet}"] = np.int32(1)
    return frame


def changed(**survey: Any) -> dict[str, Any]:
    """Return the plain questionnaire with something else in it; mappings are merged one level deep."""
    mixed = dict(PLAIN)
    for key, value in survey.items():
        mixed[key] = {**mixed.get(key, {}), **value} if isinstance(value, dict) else value
    return mixed
