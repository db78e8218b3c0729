"""Laws of duration are the quantile functions of their distributions, with the mean that the scenario says."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import special, stats

from touchsim.engine.durations import quantile
from touchsim.world.blueprint import draw
from touchsim.world.layout import TOUCHPOINTS, Touch
from touchsim.world.scenario import load_scenario

U = np.concatenate([[1e-12, 1e-6], np.linspace(0.001, 0.999, 400), [1 - 1e-6, 1 - 1e-12]])


def inverse(law: Any) -> np.ndarray:
    shop = load_scenario("corner_shop").with_(touchpoints={"word_of_mouth": {"service": law}})
    world = draw(shop).table
    return np.array([quantile(world, TOUCHPOINTS, Touch.SERVICE, u) for u in U])


def gamma(mean: float, cv: float) -> Any:
    return stats.gamma(1 / cv**2, scale=mean * cv**2)


def lognormal(mean: float, cv: float) -> Any:
    sigma = np.sqrt(np.log1p(cv**2))
    return stats.lognorm(sigma, scale=mean / np.exp(sigma**2 / 2))


@pytest.mark.parametrize("cv", [0.05, 0.3, 0.5, 1.0, 1.7, 3.0])
def test_a_gamma_duration_is_scipys_quantile(cv: float) -> None:
    ours = inverse({"law": "gamma", "mean": "3 days", "cv": cv})
    theirs = gamma(3.0, cv).ppf(U)
    kept = theirs > 1e-12
    np.testing.assert_allclose(ours[kept], theirs[kept], rtol=1e-8)


@pytest.mark.parametrize("cv", [0.1, 0.8, 2.5])
def test_a_lognormal_duration_is_scipys_quantile(cv: float) -> None:
    ours = inverse({"law": "lognormal", "mean": "2 h", "cv": cv})
    np.testing.assert_allclose(ours, lognormal(1 / 12, cv).ppf(U), rtol=1e-10)


def test_exponential_and_weibull_durations_are_scipys_quantiles_from_above() -> None:
    ours = inverse({"law": "exponential", "mean": "6 h"})
    np.testing.assert_allclose(ours, stats.expon(scale=0.25).isf(U), rtol=1e-9)
    ours = inverse({"law": "weibull", "mean": "1 day", "shape": 1.5})
    theirs = stats.weibull_min(1.5, scale=1 / special.gamma(1 + 1 / 1.5))
    np.testing.assert_allclose(ours, theirs.isf(U), rtol=1e-9)
    assert theirs.mean() == pytest.approx(1.0)


def test_a_triangular_duration_is_scipys_quantile() -> None:
    ours = inverse({"law": "triangular", "low": "1 day", "mode": "2 days", "high": "5 days"})
    np.testing.assert_allclose(ours, stats.triang(0.25, loc=1, scale=4).ppf(U), rtol=1e-9)


def test_an_empirical_duration_is_one_of_its_values_each_as_often() -> None:
    ours = inverse({"law": "empirical", "values": ["5 days", "1 day", "2 days", "2 days"]})
    values, counts = np.unique(ours, return_counts=True)
    assert values.tolist() == [1.0, 2.0, 5.0]
    assert counts / len(U) == pytest.approx([0.25, 0.5, 0.25], abs=0.01)


def test_a_fixed_duration_is_always_the_same() -> None:
    assert set(inverse("90 min")) == {90 / 1440}


def test_a_slightly_longer_mean_makes_every_customer_a_little_slower() -> None:
    short, long = (inverse({"law": "gamma", "mean": mean, "cv": 0.7}) for mean in ("100 h", "101 h"))
    np.testing.assert_allclose(long / short, 1.01, rtol=1e-9)
