"""Too many contacts: the best intensity lies inside, has an interval, and moves with what customers tolerate."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.figure import Figure

import touchsim as ts
from touchsim.errors import BadInput
from touchsim.experiment.optimum import Optimum, best_intensity, top_of
from touchsim.world.scenario import Scenario

GRID = (0.0, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2)


def poster_world(tolerance: float = 3.0, on_leave: float = 1.5) -> Scenario:
    """A shop whose posters remind (awareness) and, beyond what is tolerated, drive away (pressure)."""
    shop = ts.load_scenario("corner_shop")
    poster = {"channel": "print", "online": False, "started_by": "brand", "serves": [], "cost": 0.02, "message": "8 s"}
    return shop.with_(
        segments={key: {"tolerance": tolerance} for key in shop.segments}, touchpoints={"poster": poster},
        exposure={"poster": {"send": "poster", "intensity": 0.2}}, awareness={"on_advance": 3.0},
        pressure={"on_leave": on_leave, "opt_out": 0.2 if on_leave else 0.0},
    )  # fmt: skip


@pytest.fixture(scope="module")
def optima() -> list[Optimum]:
    return [best_intensity(poster_world(tolerance), exposure="poster", grid=GRID, kpi="conversion", customers=400,
                           replications=6) for tolerance in (1.0, 6.0)]  # fmt: skip


def test_the_best_intensity_lies_inside_with_an_interval_around_it(optima: list[Optimum]) -> None:
    for found in optima:
        assert found.inside
        assert GRID[0] < found.low <= found.best <= found.high < GRID[-1]
        assert found.low < found.high
        assert found.table["setting"].tolist() == list(GRID)
        assert found.table["share_best"].sum() == pytest.approx(1.0)
        assert "is best at intensity of poster" in found.text and "95 % bootstrap interval" in found.text


def test_customers_who_tolerate_more_are_best_reached_more_often(optima: list[Optimum]) -> None:
    irritable, patient = optima
    assert irritable.high < patient.low


def test_where_nobody_is_ever_irritated_more_is_better_and_the_answer_is_at_the_edge() -> None:
    found = best_intensity(poster_world(on_leave=0.0), exposure="poster", grid=(0.0, 0.05, 0.1), kpi="conversion",
                           customers=400, replications=4)  # fmt: skip
    assert not found.inside and "at the edge" in found.text
    assert found.best == 0.1


def test_a_setting_of_zero_is_the_world_without_the_exposure(optima: list[Optimum]) -> None:
    log = ts.simulate(poster_world(1.0).with_(exposure={"poster": {"intensity": 0.0}}), customers=400, replications=6)
    alone = ts.kpis(log).set_index(["kpi", "group"]).loc[("conversion", "all"), "value"]
    assert optima[0].table["value"].iloc[0] == pytest.approx(alone, rel=1e-12)


def test_the_top_of_a_parabola_is_its_vertex_and_a_top_at_the_end_is_none() -> None:
    x = np.arange(6.0)
    for vertex in (1.0, 2.3, 3.9):
        top, inside = top_of(x, 7.0 - 2.0 * (x - vertex) ** 2)
        assert inside and top == pytest.approx(vertex)
    assert top_of(x, x**2) == (5.0, False)
    assert top_of(x, -x) == (0.0, False)
    assert top_of(x, np.array([0.0, 1.0, 1.0, 1.0, 0.0, 0.0])) == (1.5, True)


def test_a_figure_that_should_be_low_has_its_best_where_it_is_lowest() -> None:
    world = poster_world(1.0)
    found = best_intensity(world, exposure="poster", grid=(0.0, 0.1, 0.4, 1.6), kpi="share_lost", customers=300,
                           replications=4)  # fmt: skip
    assert found.table.set_index("setting")["value"].idxmin() == 0.1
    assert found.best < 0.4


def test_the_times_of_a_rule_can_be_varied_too() -> None:
    world = poster_world().with_(automation={"reminder": {"when": "prospect", "wait": "1 day", "send": "poster"}})
    found = best_intensity(world, rule="reminder", grid=(1, 2, 4), kpi="conversion", customers=100, replications=2)
    assert found.what == "times of reminder" and found.table["setting"].tolist() == [1.0, 2.0, 4.0]


def test_everything_wrong_is_said_at_once() -> None:
    with pytest.raises(BadInput) as caught:
        best_intensity(poster_world(), exposure="pster", grid=(0.1, 0.2), kpi="proft", replications=1)
    said = str(caught.value)
    for law in ("has none of this name", "did you mean 'poster'", "three different settings", "no such key figure",
                "did you mean 'profit'", "must be 2 or more"):  # fmt: skip
        assert law in said
    with pytest.raises(BadInput, match="name one dial"):
        best_intensity(poster_world())
    with pytest.raises(BadInput, match="whole numbers from 1"):
        best_intensity(poster_world().with_(automation={"reminder": {"when": "lead", "wait": "1 day",
                                                                     "send": "poster"}}), rule="reminder")  # fmt: skip
    with pytest.raises(BadInput, match="neither more nor less"):
        best_intensity(poster_world(), exposure="poster", kpi="webrooming")


def test_the_picture_shows_the_top_and_says_where_it_is(optima: list[Optimum]) -> None:
    ax = Figure().add_subplot()
    assert optima[1].plot(ax=ax) is ax
    title = next(text.get_text() for text in ax.texts if text.get_gid() == "headline").replace("\n", " ")
    assert title.startswith("Conversion is best at intensity of poster")
    assert any(line.get_gid() == "interval" for line in ax.lines)
