"""Fixtures of the pictures: frames to draw, and a fresh sheet that is closed afterwards."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import matplotlib
import pytest

matplotlib.use("Agg")


@pytest.fixture(scope="session")
def frames():
    """Builders of plausible frames (``frames.py``)."""
    spec = importlib.util.spec_from_file_location("frames", Path(__file__).with_name("frames.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(autouse=True)
def closed_figures():
    """Close what a test opened, so that no test sees the figures of another."""
    yield
    from matplotlib import pyplot

    pyplot.close("all")
