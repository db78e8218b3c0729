"""Pictures in every language: nothing English is left in them, nothing runs over anything, numbers have its marks."""

from __future__ import annotations

import importlib.util
import re
from functools import partial
from pathlib import Path

import pytest

from touchsim.languages import codes, language, texts_of
from touchsim.plots.comparison import plot_differences
from touchsim.plots.dominance import plot_dominance
from touchsim.plots.drivers import plot_coefficients, plot_consequences, plot_importance
from touchsim.plots.eigenvalues import plot_eigenvalues
from touchsim.plots.emotion import plot_emotion
from touchsim.plots.funnel import plot_funnel
from touchsim.plots.journeys import plot_journeys
from touchsim.plots.mystery_guest import plot_guest
from touchsim.plots.optimum import plot_optimum
from touchsim.plots.penalties import plot_penalties
from touchsim.plots.performance import plot_performance
from touchsim.plots.promise import plot_promise_gap
from touchsim.plots.reviews import plot_reviews
from touchsim.plots.studies import plot_studies
from touchsim.plots.threats import plot_threats
from touchsim.plots.touchpoint_map import VALUES, plot_touchpoint_map
from touchsim.plots.weakest import plot_weakest
from touchsim.plots.worlds import plot_worlds

OTHERS = codes()[1:]
PICTURES = {"funnel": plot_funnel, "touchpoint_map": plot_touchpoint_map, "flows": plot_journeys,
            "crowded_flows": plot_journeys,
            "emotion": plot_emotion, "comparison": plot_differences, "coefficients": plot_coefficients,
            "consequences": plot_consequences, "importance": plot_importance, "promise": plot_promise_gap,
            "reviews": plot_reviews, "mystery_guest": plot_guest, "studies": plot_studies,
            "performance": plot_performance, "penalties": plot_penalties, "dominance": plot_dominance,
             "eigenvalues": plot_eigenvalues, "threats": plot_threats, "wild_threats": plot_threats,
             "worlds": plot_worlds,
             "optimum": partial(plot_optimum, best=0.42, low=0.39, high=0.47, inside=True, setting="banner",
                                figure="ROI", unit="share")}  # fmt: skip
SURVEYS = ("coefficients", "studies", "consequences", "importance", "performance", "penalties", "dominance",
           "eigenvalues", "threats", "wild_threats", "worlds")  # fmt: skip


@pytest.fixture(scope="module")
def frames():
    """Builders of plausible frames, shared with the tests of pictures."""
    spec = importlib.util.spec_from_file_location("frames", Path(__file__).parents[1] / "plots" / "frames.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.consequences = module.coefficients
    return module


@pytest.fixture(autouse=True)
def closed():
    """Close every figure when a test is done."""
    yield
    from matplotlib import pyplot

    pyplot.close("all")


def said(ax):
    """Every text of a picture that is seen."""
    ax.figure.canvas.draw()
    axes = [ax, *ax.child_axes]
    parts = [part for one in axes for part in (*one.texts, *one.get_xticklabels(), *one.get_yticklabels())]
    parts += [part for one in axes for part in (one.xaxis.label, one.yaxis.label, one._left_title)]
    if ax.get_legend():
        parts += ax.get_legend().get_texts()
    return [part for part in parts if part.get_text() and part.get_visible()]


def drawn(frames, name, replications=20, **options):
    make = getattr(frames, name)
    return PICTURES[name](make() if name in SURVEYS else make(replications), **options)


@pytest.mark.parametrize("replications", [1, 20])
@pytest.mark.parametrize("name", PICTURES)
@pytest.mark.parametrize("code", OTHERS)
def test_no_words_of_a_picture_run_over_each_other(code, name, replications, frames):
    with language(code):
        ax = drawn(frames, name, replications)
        boxes = [(part.get_text(), part.get_window_extent()) for part in said(ax)]
    for place, (one, box) in enumerate(boxes):
        for other, rival in boxes[place + 1 :]:
            wide = min(box.x1, rival.x1) - max(box.x0, rival.x0)
            high = min(box.y1, rival.y1) - max(box.y0, rival.y0)
            assert min(wide, high) <= 1.5, f"{one!r} runs over {other!r}"


@pytest.mark.parametrize("name", PICTURES)
@pytest.mark.parametrize("code", OTHERS)
def test_a_picture_says_nothing_in_english(code, name, frames):
    fixed = {english for english, text in texts_of(code).items() if " " in english and "{" not in english
             and english.lower() not in text.lower()}  # fmt: skip
    options = [{"value": value} for value in VALUES] if name == "touchpoint_map" else [{}]
    for option in options:
        english = " ".join(part.get_text() for part in said(drawn(frames, name, **option)))
        with language(code):
            words = " ".join(part.get_text() for part in said(drawn(frames, name, **option)))
        words, english = (re.sub(r"\s+", " ", text) for text in (words, english))
        left = {text for text in fixed if re.sub(r"\s+", " ", text) in words}
        assert not left and words != english
        assert any(re.sub(r"\s+", " ", text) in english for text in fixed), "the test looks for what English says"


@pytest.mark.parametrize("code", OTHERS)
def test_ticks_keep_the_marks_of_their_language_when_they_are_drawn_after_it(code, frames):
    with language(code):
        ax = plot_coefficients(frames.coefficients())
    ax.figure.canvas.draw()
    ticks = [tick.get_text() for tick in ax.get_xticklabels()]
    with language(code):
        weak = plot_weakest(frames.weakest())
    weak.figure.canvas.draw()
    ticks += [tick.get_text() for tick in weak.get_xticklabels()]
    assert any("," in tick for tick in ticks) and not any("." in tick for tick in ticks)
