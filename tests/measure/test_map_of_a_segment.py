"""The map of one segment: its contacts only, and all segments together are the whole map."""

from __future__ import annotations

import pandas as pd
import pytest

from touchsim.engine.simulation import simulate
from touchsim.errors import BadInput
from touchsim.measure.touchpoint_map import touchpoint_map
from touchsim.world.scenario import load_scenario

KEYS = ["step", "channel"]


def test_maps_of_all_segments_add_up_to_the_map_and_each_has_the_feelings_of_its_own() -> None:
    shop = load_scenario("webshop")
    log = simulate(shop, customers=600, replications=3, seed=4)
    whole = touchpoint_map(log).set_index(KEYS)
    parts = [touchpoint_map(log, segment=key).set_index(KEYS) for key in shop.segments]
    for column in ("contacts", "cost", "asked", "sent"):
        together = pd.concat([part[column] for part in parts], axis=1).fillna(0.0).sum(axis=1)
        pd.testing.assert_series_equal(together.reindex(whole.index), whole[column], check_names=False)
    visits = log.visits_frame()
    for key, part in zip(shop.segments, parts, strict=True):
        own = visits[(visits.segment == key) & (visits.step == "information_search") & (visits.channel == "website")]
        mean = own.groupby("replication").emotion.mean().mean()
        assert part.loc[("information_search", "website"), "emotion"] == pytest.approx(mean)


def test_a_segment_that_likes_the_phone_fills_its_cells_of_the_map() -> None:
    shop = load_scenario("webshop")
    fond = shop.with_(segments={"planners": {"affinity": {"phone": 1.5}}})
    calls = [touchpoint_map(simulate(world, customers=1500, seed=4), segment="planners")
             .query("channel == 'phone'")["contacts"].sum() for world in (shop, fond)]  # fmt: skip
    assert calls[1] > 1.5 * calls[0]


def test_a_segment_that_nobody_knows_gets_the_nearest_one() -> None:
    log = simulate(load_scenario("webshop"), customers=20, seed=1)
    with pytest.raises(BadInput, match=r"is no segment of this log \(got planer\); did you mean 'planners'\?"):
        touchpoint_map(log, segment="planer")
