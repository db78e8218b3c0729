"""What a log cannot write or draws cannot tell apart is refused before anybody is born."""

from __future__ import annotations

import numpy as np
import pytest

from touchsim.engine.simulation import simulate
from touchsim.errors import BadInput
from touchsim.world import blueprint
from touchsim.world.layout import place_of
from touchsim.world.scenario import Scenario, load_scenario

TWINS = ("group19622", "group130126")
STOCK_OF, TWIN_OF_STOCK = "group115429", "group69068"


def shop(**segments: dict[str, float]) -> Scenario:
    return load_scenario("corner_shop").with_(segments=segments)


def test_two_segments_whose_customers_would_be_the_same_persons_are_refused():
    one, other = (place_of(f"segment:{key}") for key in TWINS)
    assert one >> 32 == other >> 32 and one != other
    with pytest.raises(BadInput) as bad:
        simulate(shop(**{key: {"arrivals": 1} for key in TWINS}), customers=10)
    (finding,) = bad.value.findings
    assert finding.where == f"segments.{TWINS[1]}" and f"the hash of '{TWINS[0]}'" in finding.law
    assert finding.hint == "give one of the two another name"


def test_those_present_at_the_start_may_not_be_the_arrivals_of_another_segment():
    kept = shop(**{STOCK_OF: {"arrivals": 1}, TWIN_OF_STOCK: {"arrivals": 1}})
    blueprint.draw(kept)  # without a stock nobody shares an identity
    with pytest.raises(BadInput, match="the same persons"):
        blueprint.draw(shop(**{STOCK_OF: {"arrivals": 1, "stock": 5}, TWIN_OF_STOCK: {"arrivals": 1}}))


def test_more_of_a_kind_than_a_log_has_codes_for_is_refused(monkeypatch):
    assert np.iinfo(np.int16).max == blueprint.MOST_OF_A_KIND
    monkeypatch.setattr(blueprint, "MOST_OF_A_KIND", 2)
    crowded = shop(**{f"group{n}": {"arrivals": 1} for n in range(3)})
    with pytest.raises(BadInput) as bad:
        blueprint.draw(crowded)
    assert [finding.where for finding in bad.value.findings] == ["touchpoints", "segments"]
    assert "must be at most 2 (got 6)" in str(bad.value)
