"""Stories: every contact told, in time order, in words that its row bears out."""

from __future__ import annotations

from datetime import datetime

import pytest

import touchsim as ts
from touchsim.errors import BadInput
from touchsim.show.reasons import paid_of, why_of
from touchsim.show.sentences import Contact, sentence_of, when_of
from touchsim.show.story import story

NOON = "At 12:00 the same day"


def contact(**changes):
    """Somebody calls for help, is served at once and has the matter settled."""
    facts = {"number": 2, "need": "help", "touchpoint": "phone", "channel": "phone", "started_by": "customer",
             "outcome": "served", "decision": "advance", "emotion": 0.4, "waited": 0.0, "late_days": None,
             "handling_days": None}  # fmt: skip
    return Contact(**{**facts, **changes})


def told(**changes):
    return sentence_of(contact(**changes), NOON, new_need=False)


def test_a_story_has_a_beginning_a_sentence_for_each_contact_and_an_end(single):
    for customer in range(20):
        tale = story(single, customer=customer)
        assert len(tale.sentences) == len(tale.table) + 2
        assert tale.text.startswith(f"Customer {customer} is one of the ")
        assert tale.text.endswith("This is one customer of a single run, not an average.")
        assert list(tale.table["arrived"]) == sorted(tale.table["arrived"])


def test_all_stories_of_a_run_are_clean_english(single):
    for customer in range(0, single.n_customers, 4):
        for sentence in story(single, customer=customer).sentences:
            assert sentence[0].isupper() and sentence.endswith(".")
            assert not any(slip in sentence for slip in ("  ", " ,", ",,", " .", "..", "_", "nan", "None", "{", "; ."))


def test_the_end_of_a_story_says_what_the_customers_table_says(single):
    customers = single.customers_frame()
    for row in customers.head(30).itertuples():
        end = story(single, customer=row.customer).sentences[-1]
        assert ("without buying" in end) == (row.purchases == 0)
        assert ("they were gone" in end or "had been gone" in end) == (row.ended == row.ended)
        assert ("recommended" in end) == (row.recommendations > 0)


def test_the_same_customer_is_told_in_the_same_words_every_time(several):
    assert story(several, customer=7, replication=2).text == story(several, customer=7, replication=2).text
    assert story(several, customer=7, replication=2).text != story(several, customer=7, replication=1).text


def test_the_front_door_tells_stories_and_notebooks_show_them_as_a_list(single):
    tale = ts.story(single, customer=3)
    assert tale._repr_html_().count("<li>") == len(tale.table)
    assert str(tale) == tale.text


def test_a_customer_that_is_not_there_is_refused(single):
    with pytest.raises(BadInput, match="must be one of the 300 customers"):
        story(single, customer=300)


def test_waits_and_failures_are_told():
    assert told(waited=12.0) == f"{NOON} they phoned, waited 12 min, felt pleased and had the matter settled."
    assert "gave up after waiting 6 min" in told(outcome="abandoned", waited=6.0, decision="stay")
    assert "gave up almost at once" in told(outcome="abandoned", waited=0.2, decision="stay")
    assert "were turned away" in told(outcome="turned_away", decision="stay", emotion=None)
    assert "were turned away at closing time after waiting 9 min" in told(outcome="turned_away", waited=9.0)
    assert "they phoned, found it closed" in told(outcome="closed", waited=0.0, decision="stay", emotion=None)
    assert told(outcome="unfinished", decision="none", emotion=None, waited=None) == (
        f"{NOON} they phoned and were still waiting when the simulation ended."
    )
    assert "being served when" in told(outcome="unfinished", decision="none", emotion=None, in_service=True)


@pytest.mark.parametrize(
    ("emotion", "words"),
    [(0.9, "delighted"), (0.3, "pleased"), (0.1, "fairly content"), (0.0, "neither good nor bad"), (-0.2, "put off"),
     (-0.5, "annoyed"), (-1.0, "angry")],
)  # fmt: skip
def test_feelings_have_words_from_delighted_to_angry(emotion, words):
    assert f"felt {words}" in told(emotion=emotion).replace("a little ", "")


def test_messages_reach_people_or_pass_them_by():
    advert = {"started_by": "brand", "touchpoint": "advert", "channel": "social", "need": "problem_recognition"}
    assert told(**advert, outcome="unnoticed", decision="stay", emotion=None) == (
        f"{NOON} the advert was shown, but they did not notice it."
    )
    assert "the advert reached them; they felt pleased and began" in told(**advert)


def test_deliveries_are_held_against_the_promise():
    parcel = {"started_by": "brand", "touchpoint": "delivery", "channel": "delivery", "need": "delivery"}
    assert told(**parcel, late_days=2.0) == f"{NOON} the delivery came, 2 days later than promised; they felt pleased."
    assert "as promised" in told(**parcel, late_days=-0.5)
    assert "1.5 days earlier than promised" in told(**parcel, late_days=-1.5)


def test_moments_are_told_from_the_last_one():
    first = datetime(2026, 1, 5, 9, 0)
    assert when_of(first.replace(minute=5), first) == "Minutes later, at 09:05,"
    assert when_of(first.replace(day=8), first) == "On Thursday at 09:00"
    assert when_of(first.replace(day=25), first) == "On Sunday 25 January at 09:00"
    assert when_of(first.replace(year=2027), first) == "On Tuesday 5 January 2027 at 09:00"


def test_a_customer_of_the_stock_was_there_when_the_run_began() -> None:
    shop = ts.load_scenario("corner_shop").with_(segments={"neighbours": {"stock": 2}})
    log = ts.simulate(shop, customers=3, seed=1)
    assert "they were there when the simulation began, on Monday 5 January 2026." in ts.story(log, customer=1).text
    assert "the need arose on" in ts.story(log, customer=2).text


@pytest.fixture(scope="module")
def retailer():
    """A run in which messages go on after customers have left, and some opt out of them."""
    return ts.simulate(ts.load_scenario("omnichannel_retailer"), customers=300, seed=1)


def test_who_left_before_the_last_message_had_been_gone_and_who_left_with_the_last_contact_was(retailer) -> None:
    people, last = retailer.customers_frame(), retailer.visits_frame().groupby("customer")["arrived"].max()
    left = people[people["ended"].notna() & people["customer"].isin(last.index)].head(150)
    later = left["customer"].map(last) > left["ended"]
    assert later.sum() > 10 and (~later).sum() > 10
    for customer, after in zip(left["customer"], later, strict=True):
        said = ts.story(retailer, customer=int(customer)).sentences[-1]
        assert said.startswith("They had been gone since ") == after
        assert ("what came later did not bring them back" in said) == after


def test_opting_out_is_told_where_it_happened_by_somebody_who_had_agreed(retailer) -> None:
    people = retailer.customers_frame()
    for who in people[people["opted_out"].notna()].head(20).itertuples():
        tale = ts.story(retailer, customer=int(who.customer))
        assert ", and has agreed to be contacted" in tale.sentences[0]
        told_in = [n for n, sentence in enumerate(tale.sentences[1:-1]) if "Then they opted out" in sentence]
        assert told_in == [int((tale.table["arrived"] == who.opted_out).to_numpy().argmax())]
    out = people[people["opted_out"].isna()].head(50)
    assert not any("opted out" in ts.story(retailer, customer=int(k)).text for k in out["customer"])


def test_customers_who_were_there_before_buy_nothing_in_that_time_only(retailer) -> None:
    people = retailer.customers_frame()
    for origin, words in (("stock", "without buying in that time"), ("arrival", "without buying")):
        who = people[(people["origin"] == origin) & (people["purchases"] == 0)].iloc[0]
        said = ts.story(retailer, customer=int(who["customer"])).sentences[-1]
        assert words in said and ("in that time" in said) == (origin == "stock")


def test_a_call_of_the_brand_behind_a_closed_door_comes_to_nothing():
    call = {"started_by": "brand", "touchpoint": "first call", "channel": "phone", "need": "alternatives"}
    assert told(**call, outcome="closed", decision="stay", waited=0.0, emotion=0.0) == (
        f"{NOON} the first call came to nothing outside opening hours; they felt neither good nor bad and kept "
        "comparing."
    )


def test_who_comes_home_is_waited_for_and_money_comes_back_after_a_return_only():
    visit = {"started_by": "brand", "touchpoint": "technician", "channel": "home", "need": "delivery"}
    said = f"{NOON} the technician was due; they waited 8.3 h and felt pleased."
    assert told(**visit, waited=500.0, late_days=-0.5) == said
    assert "the technician was due, 2 days later than promised; they" in told(**visit, waited=500.0, late_days=2.0)
    assert "had the money back after 3 days" in told(need="return", handling_days=3.0)
    assert "money" not in told(handling_days=3.0)
    again = told(**(visit | {"need": "return"}), handling_days=3.0, decision="advance")
    assert again == f"{NOON} the technician was due; they felt pleased and had it put right after 3 days."


def test_a_contact_in_vain_is_never_told_as_a_pleasure():
    for outcome in ("abandoned", "turned_away", "closed"):
        said = told(outcome=outcome, decision="stay", emotion=0.9, waited=2.0)
        assert "felt" not in said and "were happy" not in said and "would have to try again" in said
        assert "felt angry" in told(outcome=outcome, decision="stay", emotion=-0.9, waited=2.0)
    assert "felt delighted" in told(outcome="served", decision="stay", emotion=0.9)


def test_an_invoice_that_nobody_notices_comes_again_until_the_renewal_lapses():
    invoice = {"started_by": "brand", "touchpoint": "invoice", "channel": "email", "need": "renewal",
               "outcome": "unnoticed", "emotion": None}  # fmt: skip
    sent = f"{NOON} the invoice was sent, but they did not notice it"
    assert told(**invoice, decision="stay") == f"{sent}; it would come again."
    assert told(**invoice, decision="leave") == f"{sent}, and so they did not renew."
    assert "again" not in told(**invoice, decision="none") and "renew" not in told(**invoice, decision="none")


def test_the_sum_of_a_purchase_is_told_in_words_that_fit_a_loan_as_well_as_a_price():
    assert paid_of(1012900, "EUR") == "The sum was 10,129 EUR." and paid_of(0, "EUR") == ""


def test_a_reason_is_told_only_where_it_says_something():
    row = {"cause": "felt_badly", "decision": "advance", "need": "alternatives", "outcome": "served", "emotion": -0.4,
           "revenue_cents": None}  # fmt: skip
    assert why_of(row) == "They went on although it had felt bad."
    assert why_of(row | {"emotion": -0.05}) == ""  # told as "felt neither good nor bad"
    assert why_of(row | {"need": "delivery"}) == "" and why_of(row | {"need": "renewal", "revenue_cents": 999}) != ""
    vain = row | {"cause": "came_in_vain", "decision": "leave", "need": "renewal"}
    assert why_of(vain | {"outcome": "abandoned"}) != "" and why_of(vain | {"outcome": "unnoticed"}) == ""
