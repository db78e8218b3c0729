"""What fixing the weakest touchpoints is worth: the paired effect of each fix, and whether the map knew it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure

import touchsim as ts
from tests.engine.effects.small import STEPS, decide, site, world
from touchsim.errors import BadInput
from touchsim.experiment.fixes import FIXED, Fixes, fix_of, rank_agreement
from touchsim.languages import language
from touchsim.world.scenario import Scenario

HOW: dict[str, Any] = {"customers": 400, "replications": 4}


def crowded_chat(**changes: Any) -> Scenario:
    """A chat where most find no room, though every question is answered on the site; and parcels that come late."""
    places = {
        "site": site(facets={"appearance": {"mean": 0.4, "sd": 0.0}}),
        "chat": site("information_search", "alternatives", channel="chat", appeal=4.0, capacity=1, line=0,
                     service="3 h", facets={"responsiveness": {"mean": 0.0, "sd": 0.0}}),
        "parcel": site("delivery", channel="delivery", online=False, delay="4 days",
                       facets={"fulfilment": {"mean": 0.6, "sd": 0.0}}),
    }  # fmt: skip
    said = {"satisfaction": {"search": {"fulfilment": 0.8, "appearance": 0.2}, "product": 0.0, "value": 0.0,
                             "disposition": 0.0, "noise": 0.0},
            "choice": {"tries": 50, "vain_on_leave": 0.0, "inertia": 0.0, "emotion_on_leave": 0.0,
                       "emotion_on_advance": 0.0}}  # fmt: skip
    return world(places, {step: decide(1.0, think="1 h") for step in STEPS}, {"arrivals": 40.0}, **said | changes)


@pytest.fixture(scope="module")
def found() -> Fixes:
    return ts.fix_weakest(crowded_chat(), top=3, **HOW)


def test_the_weakest_by_the_map_is_not_worth_fixing_where_hardly_anyone_depends_on_it(found: Fixes) -> None:
    """The map sees contacts in vain; the customers ask on the site instead, and are disappointed by the parcel."""
    rows = found.table.set_index("touchpoint")
    assert found.table["touchpoint"].tolist()[0] == "chat" and rows.loc["chat", "cause"] == "in_vain"
    assert rows.loc["chat", "loss_low"] > rows.loc["parcel", "loss_high"]
    assert rows.loc["chat", "gain_high"] < 0.01 and rows.loc["chat", "served"] > 0.1
    assert rows.loc["parcel", "cause"] == "late_delivery" and rows.loc["parcel", "gain_low"] > 0.2
    assert (rows.loc["parcel", "rank_by_gain"], rows.loc["chat", "rank_by_gain"]) == (1, 2)
    assert found.tau == -1.0 and "points the wrong way" in found.text
    assert found.text.startswith("Fixing parcel alone brings most") and "chat, is number 2 of 2" in found.text


def test_a_gain_is_the_paired_difference_of_mean_satisfaction_of_all_customers(found: Fixes) -> None:
    before = crowded_chat()
    after = before.with_(touchpoints={"parcel": fix_of(before, "parcel", "late_delivery")})
    means = [ts.simulate(one, **HOW).customers.to_pandas().groupby("replication")["satisfaction"].mean()
             for one in (before, after)]  # fmt: skip
    apart = means[1] - means[0]
    row = found.table.set_index("touchpoint").loc["parcel"]
    assert row["gain"] == pytest.approx(apart.mean(), rel=1e-12)
    runs = found.runs[found.runs["touchpoint"] == "parcel"]
    np.testing.assert_allclose(runs["gain"], apart, rtol=1e-12)


def test_a_fix_takes_its_cause_away() -> None:
    before = crowded_chat()
    chat = before.with_(touchpoints={"chat": fix_of(before, "chat", "in_vain")})
    assert set(ts.simulate(chat, **HOW).visits.column("outcome").unique().to_pylist()) == {"served"}
    parcel = before.with_(touchpoints={"parcel": fix_of(before, "parcel", "late_delivery")})
    late = ts.simulate(parcel, **HOW).visits.column("late_days").drop_null().to_numpy()
    before_it = ts.simulate(before, **HOW).visits.column("late_days").drop_null().to_numpy()
    assert (before_it > 0).mean() > 0.99 and (late > 0).mean() < 0.01


def test_each_cause_is_fixed_by_what_it_says_and_by_nothing_else() -> None:
    shop = ts.load_scenario("omnichannel_retailer")
    fixes = {cause: fix_of(shop, "return_desk", cause) for cause in FIXED}
    assert set(fixes["in_vain"]) == set(fixes["long_wait"]) == {"capacity", "line", "open"}
    desk = shop.with_(touchpoints={"return_desk": fixes["in_vain"]}).touchpoints["return_desk"]
    assert (desk.capacity, desk.line, desk.week) == (None, None, ())
    quick = shop.with_(touchpoints={"return_desk": fixes["slow_refund"]}).touchpoints["return_desk"]
    assert quick.handling == quick.handling_standard
    level = 0.7
    good = shop.with_(touchpoints={"return_desk": fix_of(shop, "return_desk", "poor_evidence", standard=level)})
    place = good.touchpoints["return_desk"]
    assert place.facets and all(shown.mean >= level for shown in place.facets.values())
    assert place.risk.probability == 0.0 and place.steps <= place.steps_standard
    mail = shop.with_(touchpoints={"newsletter": fix_of(shop, "newsletter", "unnoticed")}).touchpoints["newsletter"]
    assert (mail.noticed, mail.message) == (1.0, 0.0)


def test_what_is_as_good_as_its_fix_changes_nothing_at_all_and_says_so() -> None:
    free = crowded_chat().with_(touchpoints={"parcel": {"facets": {"fulfilment": {"mean": 3.0}}, "delay": "0 days"},
                                             "chat": {"line": None, "capacity": None, "service": "0 min"}})  # fmt: skip
    found = ts.fix_weakest(free.with_(touchpoints={"site": {"facets": {"appearance": {"mean": 2.0}}},
                                                   "chat": {"facets": {"responsiveness": {"mean": -1.0}}}}),
                           top=3, **HOW)  # fmt: skip
    row = found.table.set_index("touchpoint").loc["chat"]
    assert row["changed"] and row["cause"] == "poor_evidence"
    assert fix_of(free, "chat", "in_vain") == {} == fix_of(free, "chat", "unnoticed")


def test_touchpoints_out_of_the_brands_hands_are_passed_over() -> None:
    theirs = crowded_chat().with_(touchpoints={"chat": {"managed": False}})
    found = ts.fix_weakest(theirs, top=3, **HOW)
    assert "chat" not in set(found.table["touchpoint"]) and found.table["rank"].min() == 2
    assert np.isnan(found.tau) and "Kendall" not in found.text


def test_ranks_agree_from_one_to_minus_one_and_ties_count_half() -> None:
    falling, ties = np.array([4.0, 3.0, 2.0, 1.0]), np.array([2.0, 2.0, 1.0, 1.0])
    assert rank_agreement(falling, falling) == 1.0 and rank_agreement(falling, -falling) == -1.0
    assert rank_agreement(falling, ties) == pytest.approx(4 / np.sqrt(6 * 4))
    assert np.isnan(rank_agreement(falling, np.zeros(4)))


def test_the_result_draws_itself_and_speaks_every_language(found: Fixes) -> None:
    ax = found.plot()
    assert isinstance(ax.figure, Figure)
    dots = [line for line in ax.lines if line.get_gid() == "gain"]
    assert [float(dot.get_xdata()[0]) for dot in dots] == found.table["gain"].tolist()
    with language("nl"):
        assert "wijst de verkeerde kant op" in found.text


def test_asking_for_nothing_or_for_a_single_run_is_refused_with_both_findings() -> None:
    with pytest.raises(BadInput) as bad:
        ts.fix_weakest(crowded_chat(), top=0, replications=1)
    assert [finding.where for finding in bad.value.findings] == ["top", "replications"]
