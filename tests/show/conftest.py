"""Fixtures of what people read: a small run, a study and a comparison of plausible frames."""

from __future__ import annotations

import dataclasses
import importlib.util
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest

import touchsim as ts
from touchsim.measure.goals import TARGETS


@pytest.fixture(scope="session")
def frames():
    """Builders of plausible frames, shared with the tests of pictures."""
    spec = importlib.util.spec_from_file_location("frames", Path(__file__).parents[1] / "plots" / "frames.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def shop():
    return ts.load_scenario("webshop")


@pytest.fixture(scope="session")
def single(shop):
    """One run of three hundred customers."""
    return ts.simulate(shop, customers=300, seed=3)


@pytest.fixture(scope="session")
def several(shop):
    """Three runs of three hundred customers."""
    return ts.simulate(shop, customers=300, seed=3, replications=3)


@pytest.fixture(scope="session")
def nobody(single):
    """A run in which nobody arrived."""
    return dataclasses.replace(single, visits=single.visits.slice(0, 0), customers=single.customers.slice(0, 0))


@pytest.fixture(scope="session")
def study(frames):
    """A study of the nine facets as the reports see it."""
    summary = pd.DataFrame({
        "outcome": ["satisfaction", "repurchase"], "group": "all", "n": 420, "n_rows": 600, "n_lost": 180, "r2": 0.6123,
        "adj_r2": 0.6, "cov_type": "HC3", "estimator": "ols", "estimand": "regression projection among those asked",
        "warnings": "",
    })  # fmt: skip
    scales = pd.DataFrame({"construct": ["fulfilment", "returns"], "items": 3, "n": 420, "alpha": [0.8219, None],
                           "omega": 0.83, "cr": 0.83, "ave": 0.57})  # fmt: skip
    blocks = pd.DataFrame({"outcome": "satisfaction", "group": "all", "block": ["online", "offline"], "terms": "",
                           "statistic": [3.2, 37.6], "df_num": 6.0, "df_den": 410.0, "p_value": [0.0047, 1e-20],
                           "share": [0.29, 0.71], "low": [0.25, 0.67], "high": [0.33, 0.75]})  # fmt: skip
    return SimpleNamespace(
        coefficients=frames.coefficients(), importance=frames.importance(), fit=summary, scales=scales,
        performance=frames.performance(), groups=pd.DataFrame(), mediation=pd.DataFrame(),
        parallel=pd.DataFrame(), items=pd.DataFrame(), exploratory=None, method=None,
        htmt=pd.DataFrame({"a": ["fulfilment"], "b": ["returns"], "htmt": [0.912]}), blocks=blocks, measurement=None,
        words="Satisfaction: fulfilment leads.\nRepurchase: follows.",
        answer="Offline leads. It explains 71 % [67; 75]. Read it with care.",
        warnings=("One factor carries much of all items <mood>.", "180 of 600 rows had a gap."),
    )  # fmt: skip


@pytest.fixture(scope="session")
def comparison(frames):
    """A comparison of two variants as the reports see it."""
    worlds = ("webshop", "return_status_online", "faster_phone")
    runs = [(world, run, "conversion", "all", 0.184 + 0.001 * run) for world in worlds for run in range(3)]
    return SimpleNamespace(
        runs=pd.DataFrame(runs, columns=["scenario", "replication", "kpi", "group", "value"]),
        table=frames.comparison().replace({"kpi": {"cost_per_customer": "profit", "referrals": "roi"}}),
        text="Against webshop, faster_phone changes nothing for certain.", base="webshop",
        variants=("return_status_online", "faster_phone"),
        provenance={"seed": 1, "replications": 20, "customers": 1000, "currency": "EUR",
                    "scenarios": {"webshop": {"scenario_hash": "abc", "interventions": []}}},
        targets=pd.DataFrame(columns=["scenario", *TARGETS]),
    )  # fmt: skip
