"""Targets: the share of runs that meet a goal, with Wilson's interval, and clean findings about goals of nothing."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, strategies as st

from touchsim.engine.simulation import simulate
from touchsim.errors import BadInput
from touchsim.experiment.comparison import compare
from touchsim.measure.figures import kpis_by_replication
from touchsim.measure.goals import check_targets, targets, targets_met
from touchsim.world.scenario import load_scenario

GOALS = {"answered": {"figure": "wait_minutes", "group": "touchpoint:phone", "at_most": 6},
         "loved": {"figure": "csat", "at_least": 0.6},
         "steady": {"figure": "purchases", "at_least": 60, "at_most": 80}}  # fmt: skip


def wilson(kept: int, n: int, z: float = 1.959963984540054) -> tuple[float, float]:
    """Score interval in its textbook form."""
    p = kept / n
    middle, half = p + z**2 / (2 * n), z * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    return (middle - half) / (1 + z**2 / n), (middle + half) / (1 + z**2 / n)


@given(values=st.lists(st.floats(-3, 3), min_size=2, max_size=30), low=st.floats(-2, 2), width=st.floats(0, 2))
def test_the_probability_is_the_share_of_runs_between_the_goals(values: list[float], low: float, width: float) -> None:
    runs = pd.DataFrame({"replication": range(len(values)), "kpi": "nps", "group": "all", "value": values})
    row = targets_met(runs, {"it": {"figure": "nps", "group": "all", "at_least": low, "at_most": low + width}}).iloc[0]
    kept = sum(low <= value <= low + width for value in values)
    assert row["probability"] == kept / len(values)
    assert np.allclose([row["probability_low"], row["probability_high"]], wilson(kept, len(values)), atol=1e-12)
    assert row["met"] == (low <= row["value"] <= low + width)


def test_targets_of_a_run_count_its_replications() -> None:
    shop = load_scenario("corner_shop").with_(targets=GOALS)
    log = simulate(shop, customers=200, replications=12, seed=3)
    table, runs = targets(log).set_index("target"), kpis_by_replication(log)
    assert list(table.index) == list(GOALS)
    waits = runs[(runs["kpi"] == "wait_minutes") & (runs["group"] == "touchpoint:phone")]["value"].dropna()
    assert table.loc["answered", "probability"] == (waits <= 6).mean()
    bought = runs[(runs["kpi"] == "purchases") & (runs["group"] == "all")]["value"]
    assert table.loc["steady", "probability"] == bought.between(60, 80).mean()
    assert 0 < table.loc["steady", "probability"] < 1, "or the test shows nothing"
    assert table.loc["steady", "value"] == pytest.approx(bought.mean())


def test_a_single_run_has_no_probability() -> None:
    shop = load_scenario("corner_shop").with_(targets=GOALS)
    table = targets(simulate(shop, customers=200, seed=3))
    assert table[["probability", "probability_low", "probability_high"]].isna().all(axis=None)
    assert table.attrs["interval"] == "single run"


def test_targets_move_no_customer_and_no_hash() -> None:
    shop = load_scenario("corner_shop")
    wishing = shop.with_(targets=GOALS)
    assert wishing.hash == shop.hash
    logs = [simulate(world, customers=100, seed=3) for world in (shop, wishing)]
    assert logs[0].describe_difference(logs[1]) is None


def test_a_comparison_says_how_likely_each_world_meets_them() -> None:
    shop = load_scenario("corner_shop").with_(targets=GOALS)
    key = next(iter(shop.interventions))
    both = compare(shop, shop.with_(key), replications=5, customers=150)
    assert list(both.targets["scenario"].unique()) == [both.base, *both.variants]
    assert len(both.targets) == 2 * len(GOALS)
    own = both.targets[both.targets["scenario"] == both.base].drop(columns="scenario").reset_index(drop=True)
    pd.testing.assert_frame_equal(own, targets(simulate(shop, customers=150, replications=5, seed=1)), check_like=True)
    assert "The chance that a run meets the target loved" in both.text


@pytest.mark.parametrize(("goal", "said"), [
    ({"figure": "csatt", "at_least": 1}, "targets.it.figure: is no key figure (got csatt); did you mean 'csat'?"),
    ({"figure": "wait_minutes", "group": "touchpoint:fone", "at_most": 1},
     "targets.it.group: names nothing of this scenario (got touchpoint:fone); did you mean 'touchpoint:phone'?"),
    ({"figure": "csat"}, "targets.it.at_least: is needed, or at_most"),
    ({"figure": "csat", "at_least": 0.9, "at_most": 0.1}, "targets.it.at_least: is above at_most"),
    ({"figure": "csat", "at_least": ".inf"}, "targets.it.at_least"),
])  # fmt: skip
def test_a_target_of_nothing_gets_one_finding(goal: dict[str, object], said: str) -> None:
    with pytest.raises(BadInput) as caught:
        check_targets(load_scenario("corner_shop").with_(targets={"it": goal}))
    assert len(caught.value.findings) == 1
    assert said in str(caught.value)


def test_a_figure_that_has_no_such_group_is_said_when_it_is_measured() -> None:
    goal = {"figure": "conversion", "group": "step:information_search", "at_least": 0.1}
    shop = load_scenario("corner_shop").with_(targets={"it": goal})
    check_targets(shop)
    log = simulate(shop, customers=50, seed=1)
    with pytest.raises(BadInput, match="is no group of conversion"):
        targets(log)
