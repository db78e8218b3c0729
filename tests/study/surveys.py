"""Surveys made for tests: from published moments, from known loadings, from known slopes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd


def with_exact_moments(mean: np.ndarray, sd: np.ndarray, correlation: np.ndarray, n: int, seed: int = 1) -> np.ndarray:
    """Rows whose sample means, SDs (n - 1) and correlations are exactly these."""
    raw = np.random.default_rng(seed).normal(size=(n, len(mean)))
    raw -= raw.mean(axis=0)
    white = raw @ np.linalg.inv(np.linalg.cholesky(np.cov(raw, rowvar=False))).T
    return white @ np.linalg.cholesky(correlation).T * sd + mean


def rated(
    slopes: dict[str, float], n: int = 600, *, seed: int = 1, items: int = 3, noise: float = 0.5, mood: float = 0.0,
    together: float = 0.3,
) -> pd.DataFrame:  # fmt: skip
    """Answers 1..7 on `items` items for each driver and for satisfaction, which has these slopes on latent drivers.

    `mood` is a common factor added to every answer; `together` the correlation of the latent drivers.
    """
    rng = np.random.default_rng(seed)
    shared = rng.normal(size=n)
    latent = {name: np.sqrt(together) * shared + np.sqrt(1 - together) * rng.normal(size=n) for name in slopes}
    latent["satisfaction"] = sum(slopes[name] * latent[name] for name in slopes) + 0.6 * rng.normal(size=n)
    feeling = mood * rng.normal(size=n)
    columns = {}
    for name, values in latent.items():
        for item in range(1, items + 1):
            answer = values + feeling + noise * rng.normal(size=n)
            columns[f"{name}{item}"] = np.clip(np.round(4 + 1.1 * answer / np.sqrt(1 + mood**2)), 1, 7)
    return pd.DataFrame(columns)


def asked(drivers: list[str], *, items: int = 3, **more: Any) -> dict[str, Any]:
    """The model that fits `rated`."""
    scales = {name: [f"{name}{item}" for item in range(1, items + 1)] for name in [*drivers, "satisfaction"]}
    return {"scales": scales, "drivers": {"satisfaction": drivers}, **more}


def continuous(slopes: list[float], n: int = 500, *, seed: int = 1, together: float = 0.4) -> pd.DataFrame:
    """Columns x0, x1, ... that hang together, and y."""
    rng = np.random.default_rng(seed)
    shared = rng.normal(size=(n, 1))
    x = np.sqrt(together) * shared + np.sqrt(1 - together) * rng.normal(size=(n, len(slopes)))
    frame = pd.DataFrame(x, columns=[f"x{j}" for j in range(len(slopes))])
    return frame.assign(y=x @ np.array(slopes) + rng.normal(size=n))


def equation(p: int, **more: Any) -> dict[str, Any]:
    """The model that fits `continuous`."""
    return {"drivers": {"y": [f"x{j}" for j in range(p)]}, **more}
