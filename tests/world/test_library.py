"""The library of ready touchpoints: what is promised to be in it, and how it is listed."""

from __future__ import annotations

import pytest
from pandas.testing import assert_frame_equal

import touchsim as ts
from touchsim.show.library import entry, listing
from touchsim.vocabulary import CHANNELS, NEEDS, STEPS, keys
from touchsim.world.library import fields_of
from touchsim.world.scenario import load_scenario
from touchsim.world.touchpoints import library

PROMISED = [
    "advert", "app", "banner", "blog", "cart_reminder", "catalogue", "chat", "checkout", "click_and_collect",
    "delivery", "email", "fax", "forum", "invoice", "newsletter", "phone", "phone_order", "product", "product_page",
    "receipt", "renewal_mail", "return_desk", "return_parcel", "review_request", "reviews", "sales_call",
    "salesperson", "search_ad", "search_result", "sms", "social_post", "store", "survey_mail", "technician",
    "website", "word_of_mouth",
]  # fmt: skip

SPONTANEOUS = {"social_post", "word_of_mouth", "search_result", "reviews", "blog", "forum", "price_comparison"}


def test_the_promised_touchpoints_are_ready() -> None:
    assert set(PROMISED) <= set(library())


def test_every_channel_has_a_ready_touchpoint_and_every_need_has_one_that_serves_it() -> None:
    table = ts.touchpoints()
    assert set(table["channel"]) == set(keys(CHANNELS))
    assert {need for needs in table["needs"] for need in needs.split(", ")} - {""} == set(keys(NEEDS))


def test_what_others_write_is_spontaneous_and_what_the_brand_sends_is_managed() -> None:
    table = ts.touchpoints().set_index("key")
    assert set(table.index[~table["managed"]]) == SPONTANEOUS
    assert table.loc[table["started_by"] == "brand", "managed"].all()
    assert (table.loc[table["needs"] == "", "started_by"] == "brand").all()


@pytest.mark.parametrize("key", library())
def test_a_scenario_that_names_an_entry_gets_just_what_the_list_says(key: str) -> None:
    shop = load_scenario("corner_shop")
    sent = {} if library()[key]["serves"] else {"automation": {"it": {"when": "lead", "wait": "1 day", "send": key}}}
    place = shop.with_(touchpoints={key: {}}, **sent).touchpoints[key] if key not in shop.touchpoints else None
    row = ts.touchpoints().set_index("key").loc[key]
    if place is not None:
        assert all(row[name] == getattr(place, name) for name in ("channel", "online", "mode", "cost", "managed"))
        assert row["needs"] == ", ".join(place.serves)
    said = fields_of(key).set_index("field")
    assert (said["why"].str.len() > 0).all()
    assert {name for name, where in said["source"].items() if where == "library"} >= {
        name for name in library()[key] if name not in ("like", "offer", "risk")
    }


@pytest.mark.parametrize("step", keys(STEPS))
def test_a_list_by_step_holds_what_serves_it_and_nothing_else(step: str) -> None:
    table = ts.touchpoints()
    fits = table[[step in steps.split(", ") for steps in table["steps"]]].reset_index(drop=True)
    assert 0 < len(fits) < len(table)
    assert_frame_equal(ts.touchpoints(step=step), fits)


def test_a_channel_and_a_need_narrow_the_list_together() -> None:
    assert ts.touchpoints(channel="phone", step="help")["key"].to_list() == ["phone"]
    assert ts.touchpoints(channel="print", step="renewal").empty
    assert "no ready touchpoint fits" in listing(channel="print", step="renewal")


def test_the_lines_name_every_entry_once_and_all_fields_of_one() -> None:
    lines = listing().splitlines()
    assert [line.split()[0] for line in lines[1:-2]] == ts.touchpoints()["key"].to_list()
    assert lines[-1].startswith(f"{len(library())} ready touchpoints")
    said = entry("technician")
    assert "capacity" in said and "{law: gamma, mean: 1 day, cv: 0.3}" in said
    assert "default" in said and "library" in said


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: ts.touchpoints(channel="phon"), "there is no such channel (got phon); did you mean 'phone'?"),
        (lambda: ts.touchpoints(step="alternatifs"), "did you mean 'alternatives'?"),
        (lambda: fields_of("technicien"), "is not in the library (got technicien); did you mean 'technician'?"),
        (lambda: fields_of("zzz"), "touchsim touchpoints lists them"),
    ],
)
def test_a_word_that_is_none_is_answered_with_the_nearest(call, said: str) -> None:
    with pytest.raises(ts.BadInput) as bad:
        call()
    assert said in str(bad.value)


def test_both_wrong_words_are_said_at_once() -> None:
    with pytest.raises(ts.BadInput) as bad:
        ts.touchpoints(channel="x", step="y")
    assert len(bad.value.findings) == 2
