"""What was promised and what was delivered, worked out on paper and held against a simulated world."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

import touchsim as ts
from tests.log.small import MINUTE, TOUCHPOINTS, Rows, small_log
from touchsim import vocabulary as words
from touchsim.log.eventlog import EventLog
from touchsim.measure.promise import promise_gap

NAN = np.nan


def delivered(**facets: float) -> list[float]:
    return [facets.get(key, NAN) for key in words.keys(words.FACETS)]


def wait(minutes: float, day: float = 1.0) -> dict[str, object]:
    return {"customer": 0, "touchpoint": "phone", "arrived": day, "started": day + minutes * MINUTE, "ended": day + 0.1}


CUSTOMERS: Rows = [
    {"customer": 0, "delivered": delivered(returns=-1.0, security=0.5)},
    {"customer": 1, "delivered": delivered(returns=0.25)},
    {"customer": 2, "delivered": delivered(returns=0.0)},
    {"customer": 3},
]  # fmt: skip
VISITS: Rows = [
    wait(1.0), wait(2.5), wait(10.0), {"customer": 0, "touchpoint": "phone", "arrived": 2.0, "outcome": "abandoned"},
    {"customer": 0, "touchpoint": "parcel", "need": "delivery", "arrived": 5.0, "started": 5.0, "ended": 5.0,
     "late_days": 0.0},
    {"customer": 1, "touchpoint": "parcel", "need": "delivery", "arrived": 6.0, "started": 6.0, "ended": 6.0,
     "late_days": 2.0},
    {"customer": 1, "touchpoint": "store", "need": "return", "arrived": 7.0, "started": 7.0, "ended": 7.0,
     "handling_days": 4.0, "decision": "advance"},
    {"customer": 1, "touchpoint": "store", "need": "return", "arrived": 8.0, "started": 8.0, "ended": 8.0,
     "handling_days": 0.1, "sent_by": "call_back"},
]  # fmt: skip


@pytest.fixture(scope="module")
def log() -> EventLog:
    places = {key: facts | ({"standard_handling_days": 5.0} if key == "store" else {})
              for key, facts in TOUCHPOINTS.items()}  # fmt: skip
    return small_log((VISITS, CUSTOMERS), promise={"returns": 0.0, "security": 1.0}, promised_days=3.0,
                     touchpoints=places)  # fmt: skip


def test_every_promise_equals_what_paper_says(log: EventLog) -> None:
    table = promise_gap(log).set_index(["kind", "name"])
    assert table.index.tolist() == [("facet", "security"), ("facet", "returns"), ("wait", "phone"),
                                    ("delivery", "all"), ("refund", "store")]  # fmt: skip
    expected = {
        ("facet", "security"): (1.0, 0.5, -0.5, 1.0, 1), ("facet", "returns"): (0.0, -0.25, -0.25, 1 / 3, 3),
        ("wait", "phone"): (2.0, 4.5, -2.5, 2 / 3, 3), ("delivery", "all"): (3.0, 4.0, -1.0, 1 / 2, 2),
        ("refund", "store"): (5.0, 4.0, 1.0, 0.0, 1),
    }  # fmt: skip
    for key, numbers in expected.items():
        got = table.loc[key, ["promise", "delivered", "gap", "disappointed", "cases"]].to_numpy(float)
        np.testing.assert_allclose(got, numbers, atol=1e-9)
    assert table["low"].isna().all() and promise_gap(log).attrs["interval"] == "single run"


def test_a_promise_raised_by_a_half_opens_every_gap_by_a_half_where_nobody_learns_from_promises() -> None:
    """The promise moves what is expected, not what is delivered; conversion may follow, so only the same runs count."""
    shop = ts.load_scenario("corner_shop").with_(choice={"emotion_on_advance": 0.0, "emotion_on_leave": 0.0})
    shop = shop.with_(loyalty={"recommend_slope": 0.0, "repeat_slope": 0.0})
    more = {key: shop.views.promise.get(key, 0.0) + 0.5 for key in words.keys(words.FACETS)}
    high = shop.with_(views={"promise": more})
    one, other = (promise_gap(ts.simulate(world, customers=400, replications=3)) for world in (shop, high))
    facets = one["kind"] == "facet"
    np.testing.assert_allclose((one["gap"] - other["gap"])[facets], 0.5, atol=1e-12)
    assert (other["disappointed"] >= one["disappointed"])[facets].all()
    pd.testing.assert_frame_equal(one[~facets], other[~facets])


def test_shares_over_replications_have_intervals_within_their_bounds() -> None:
    table = promise_gap(ts.simulate(ts.load_scenario("webshop"), customers=500, replications=3))
    assert (table["low"] <= table["gap"]).all() and (table["gap"] <= table["high"]).all()
    assert table[["disappointed_low", "disappointed_high"]].stack().between(0.0, 1.0).all()
    assert {"facet", "wait", "delivery", "refund"} == set(table["kind"])
    late = ts.kpis(ts.simulate(ts.load_scenario("webshop"), customers=500, replications=3))
    late = late[(late["kpi"] == "late_share") & (late["group"] == "all")]["value"].iloc[0]
    assert table.set_index("kind").loc["delivery", "disappointed"] == pytest.approx(late)


def test_the_table_draws_itself_and_names_the_promise_that_is_broken_most(log: EventLog) -> None:
    ax = Figure().add_subplot()
    frame = promise_gap(log)
    assert frame.plot(ax=ax) is ax
    title = next(text.get_text() for text in ax.texts if text.get_gid() == "headline").replace("\n", " ")
    assert title == "The promise is broken most often on security assurance: 100 % got less"
    assert [float(bar.get_width()) for bar in ax.patches] == pytest.approx([100, 100 / 3, 200 / 3, 50, 0])
    assert any("nothing to show" in text.get_text() for text in frame[:0].plot().texts)
    assert [line.get_label() for line in frame[["gap", "promise"]].plot().lines] == ["gap", "promise"]
