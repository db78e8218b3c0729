"""Broken scenario files: each gives clean findings that say where, which law, what was got; nothing else happens."""

from __future__ import annotations

from pathlib import Path

import pytest

from touchsim.datasets import scenario_path
from touchsim.documents import parse_document
from touchsim.errors import BadInput
from touchsim.vocabulary import NEEDS, keys
from touchsim.world.scenario import Scenario, load_scenario

SHOP = scenario_path("corner_shop").read_text(encoding="utf-8")
WEB = scenario_path("webshop").read_text(encoding="utf-8")

# name: (text to replace, replacement, what must be said)
BROKEN: dict[str, tuple[str, str, str]] = {
    "misspelt key": ("arrivals: 6", "arivals: 6", "did you mean 'arrivals'"),
    "misspelt section": ("orders:", "ordrs:", "did you mean 'orders'"),
    "unknown unit": ("mean: 20 min", "mean: 20 mins", "did you mean 'min'"),
    "no unit": ("mean: 20 min", "mean: 20", "write a unit"),
    "probability over 1": ("consent: 0.6", "consent: 1.6", "must be between 0 and 1 (got 1.6)"),
    "percent for probability": ("consent: 0.6", "consent: 60", "did you mean 0.6?"),
    "negative rate": ("arrivals: 6", "arrivals: -6", "(got -6)"),
    "nobody arrives": ("arrivals: 6", "arrivals: 0", "nobody ever arrives"),
    "unknown channel": ("label: the shop", "channel: stoer", "did you mean 'store'"),
    "unknown need": ("serves: [problem_recognition, information_search, alternatives]",
                     "serves: [problem_recogniton, information_search, alternatives]",
                     "did you mean 'problem_recognition'"),
    "unknown facet": ("facets: {appearance: 0.0", "facets: {apearance: 0.0", "did you mean 'appearance'"),
    "unknown law of duration": ("law: exponential", "law: exponental", "did you mean 'exponential'"),
    "law without its mean": ("service: {law: exponential, mean: 20 min}", "service: {law: exponential}", "is required"),
    "parameter of another law": ("{law: exponential, mean: 20 min}", "{law: exponential, mean: 20 min, cv: 1}",
                                 "does not belong to the law 'exponential'"),
    "capacity of nobody": ("capacity: 1\n    line: 6", "capacity: 0\n    line: 6", "store.capacity"),
    "line without capacity": ("capacity: 1\n    line: 6", "capacity: null\n    line: 6", "needs a capacity"),
    "unknown library touchpoint": ("label: the shop", "like: shoop", "no such touchpoint in the library"),
    "boolean for a number": ("arrivals: 6", "arrivals: no", "arrivals"),
    "text for a number": ("arrivals: 6", "arrivals: many", "many"),
    "nothing for a number": ("arrivals: 6", "arrivals: ", "arrivals"),
    "infinite": ("arrivals: 6", "arrivals: .inf", "arrivals"),
    "not a number": ("arrivals: 6", "arrivals: .nan", "arrivals"),
    "a list for a mapping": ("orders: {promised: 2 days, basket: {mean: 25}}", "orders: [1, 2]", "orders"),
    "no touchpoint serves a step": ("serves: [information_search, alternatives, purchase_decision]",
                                    "serves: [information_search, alternatives]",
                                    "no touchpoint serves purchase_decision"),
    "same key twice": ("title: A corner shop", "name: another\ntitle: A corner shop", "twice"),
    "key of capitals": ("  phone: {capacity", "  Phone: {capacity", "small letters"),
    "unknown intervention target": ("touchpoints: {store: {capacity: 2}}", "touchpoints: {store: {capasity: 2}}",
                                    "did you mean 'capacity'"),
    "fact of nothing": ("orders: {promised", "facts: {orders.promisd: me}\norders: {promised", "names no place"),
    "a date that is none": ("title: A", "start: 2026-02-30\ntitle: A", "start"),
    "endless thinking in a circle": ("orders: {promised", "needs: {information_search: {stay: 1}}\norders: {promised",
                                     "unreachable"),
    "going round for ever": ("orders: {promised", "needs:\n  problem_recognition: {advance: 1}\n  information_search: "
                             "{advance: 1}\n  alternatives: {back: 1}\norders: {promised", "go round for ever"),
    "a wait that softens nothing": ("orders: {promised", "views: {wait_softening: 0 s}\norders: {promised", "above 0"),
    "patience beyond all numbers": ("consent: 0.6", "consent: 0.6, patience_sd: 500", "at most 50"),
    "spans that overlap": ("label: the shop", 'open: {mon-fri: "09:00-12:00, 11:00-17:00"}',
                           "spans overlap on mon: 09:00-12:00 and 11:00-17:00"),
    "spans of two days that overlap": ("label: the shop", 'open: {mon-fri: "09:00-12:00", fri: "11:00-17:00"}',
                                       "spans overlap on fri"),
    "an hour that no day has": ("label: the shop", 'open: {mon: "09:00-25:00"}',
                                "store.open.mon: must lie between 00:00 and 24:00 (got 09:00-25:00)"),
    "a day that no week has": ("label: the shop", 'open: {mondy: "09:00-17:00"}', "did you mean 'mon'"),
    "closing before opening": ("label: the shop", 'open: {mon: "17:00-09:00"}', "must close after it opens"),
    "hours that are none": ("label: the shop", "open: {mon: nine to five}", "must be hours of the day"),
    "open and closed": ("label: the shop", 'open: {daily: closed, sun: "10:00-12:00"}', "closed as well (sun)"),
    "never open": ("label: the shop", "open: {daily: closed}", "is never open"),
    "nobody ever on shift": ("capacity: 1\n    line: 6", 'capacity: {mon-fri: {"09:00-17:00": 0}}\n    line: 6',
                             "nobody ever serves"),
    "less than nobody on shift": ("capacity: 1\n    line: 6", 'capacity: {mon: {"09:00-17:00": -1}}\n    line: 6',
                                  "must be at least 0 (got -1)"),
    "hours said twice": ("capacity: 1\n    line: 6",
                         'capacity: {mon: {"09:00-17:00": 1}}\n    open: {mon: "09:00-17:00"}',
                         "store.open: must not stand beside a schedule of capacity"),
    "a cost beyond all numbers": ("phone: {capacity", "phone: {cost: 1.0e+300, capacity", "at most 1000000000"),
    "a basket beyond all numbers": ("mean: 25}", "mean: 1.0e+300}", "at most 1000000000"),
    "chances that do not sum to 1": ("orders: {promised",
                                     "needs: {alternatives: {advance: 0.9, leave: 0.3}}\norders: {promised",
                                     "sum to 1.2, must sum to 1"),
    "back from the first step": ("orders: {promised",
                                 "needs: {problem_recognition: {advance: 0.5, back: 0.2, leave: 0.3}}\n"
                                 "orders: {promised", "no step before the first"),
    "after-sales that never ends": ("orders: {promised", "needs: {help: {stay: 1}}\norders: {promised",
                                    "nobody ever gets out"),
    "thresholds that fall": ("orders: {promised", "views: {late: [{days: 3 days, loss: 1}, {days: 1 day, loss: 2}]}\n"
                             "orders: {promised", "must rise"),
    "YAML that is none": ("name: corner_shop", "name: [corner_shop", ""),
    "a tab": ("segments:\n  neighbours", "segments:\n\tneighbours", ""),
    "an alias": ("name: corner_shop", "name: &a corner_shop\ncurrency: *a", ""),
}  # fmt: skip


HOURS = ("spans that overlap", "spans of two days that overlap", "an hour that no day has", "a day that no week has",
         "closing before opening", "hours that are none", "open and closed", "never open", "nobody ever on shift",
         "less than nobody on shift", "hours said twice")  # fmt: skip
"""Broken hours that must give one finding and no more."""


@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_scenario_gives_clean_findings(what: str, tmp_path: Path) -> None:
    old, new, said = BROKEN[what]
    text = SHOP.replace(old, new, 1)
    assert text != SHOP, "the example no longer fits the scenario"
    file = tmp_path / "shop.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(BadInput) as caught:
        load_scenario(file)
    findings = caught.value.findings
    assert said in str(caught.value)
    assert len(findings) == 1 or what not in HOURS
    assert all(finding.file == str(file) and finding.law for finding in findings)
    assert any(finding.line for finding in findings)
    assert "Traceback" not in str(caught.value) and "pydantic" not in str(caught.value)


def test_a_stage_that_nobody_can_enter_is_a_finding() -> None:
    shop = load_scenario("corner_shop")
    with pytest.raises(BadInput, match="no touchpoint counts as an action"):
        shop.with_(touchpoints={key: {"action": False} for key in shop.touchpoints})


def test_every_broken_law_of_one_file_is_reported_at_once(tmp_path: Path) -> None:
    file = tmp_path / "shop.yaml"
    text = SHOP.replace("arrivals: 6", "arrivals: -6").replace("mean: 20 min", "mean: 20").replace("line: 3", "line: x")
    file.write_text(text, encoding="utf-8")
    with pytest.raises(BadInput) as caught:
        load_scenario(file)
    assert len(caught.value.findings) == 3
    assert [finding.line for finding in caught.value.findings] == sorted(f.line or 0 for f in caught.value.findings)


@pytest.mark.parametrize(("content", "said"), [
    (b"", "empty"), (b"\x00\x01\xff\xfe" * 40, ""), (b"a: 1\n" * 10_500_000, "MB"), (b"- 1\n- 2\n", "mapping"),
    (b"just words", "mapping"), (b"{" * 5000, ""),
])  # fmt: skip
def test_a_file_that_is_no_scenario_gives_one_clean_finding(content: bytes, said: str, tmp_path: Path) -> None:
    file = tmp_path / "odd.yaml"
    file.write_bytes(content)
    with pytest.raises(BadInput) as caught:
        load_scenario(file)
    assert said in str(caught.value)


def test_a_missing_file_a_folder_and_an_unknown_name_are_findings(tmp_path: Path) -> None:
    for given in (tmp_path / "nothing.yaml", tmp_path, "webshopp"):
        with pytest.raises(BadInput):
            load_scenario(given)


def without_time(**decision: float) -> Scenario:
    """A shop in which nothing takes time and the next need comes at once."""
    place = {"channel": "store", "online": False, "visit": True, "action": True, "serves": list(keys(NEEDS)[:4])}
    needs = {need: {"think": "0 s", **decision} for need in keys(NEEDS)[:4]}
    return Scenario.of(name="here_and_now", segments={"all": {"arrivals": 1.0}}, needs=needs,
                       touchpoints={"shop": {**place, "service": "0 s"}}, loyalty={"gap": "0 s"})  # fmt: skip


def test_buying_without_end_at_one_instant_is_refused() -> None:
    with pytest.raises(BadInput, match=r"loyalty\.gap: .*go round for ever at once"):
        without_time(advance=1.0)
    assert without_time(advance=0.5, leave=0.5), "who may leave comes to an end"
    assert load_scenario("corner_shop").with_(loyalty={"gap": "0 s"}), "where service takes time, time passes"


def test_an_unknown_intervention_names_the_nearest() -> None:
    with pytest.raises(BadInput, match="did you mean 'faster_returns'"):
        load_scenario("webshop").with_("faster_return")


def test_changes_that_break_a_law_leave_the_scenario_as_it_was() -> None:
    shop = load_scenario("webshop")
    with pytest.raises(BadInput, match="between 0 and 1"):
        shop.with_(orders={"help": 7.0})
    assert shop.orders.help == 0.15


@pytest.mark.parametrize("name", ["corner_shop", "webshop", "web_first", "halo_only"])
def test_a_scenario_reads_back_from_its_own_yaml(name: str, tmp_path: Path) -> None:
    shop = load_scenario(name)
    file = tmp_path / "again.yaml"
    file.write_text(shop.to_yaml(), encoding="utf-8")
    again = load_scenario(file)
    assert again == shop and again.hash == shop.hash


def test_files_stay_short() -> None:
    assert len(SHOP.splitlines()) < 60 and len(WEB.splitlines()) < 200


def test_the_web_shop_is_the_world_that_the_study_needs() -> None:
    shop = load_scenario("webshop")
    places = shop.touchpoints.values()
    assert len(places) >= 14 and {need for place in places for need in place.serves} == set(keys(NEEDS)) - {"renewal"}
    assert {place.online for place in places} == {True, False} == {place.managed for place in places}
    assert all(shop.touchpoints[key].capacity for key in ("phone", "store", "return_desk"))
    assert {segment.experience_goods for segment in shop.segments.values()} == {0.35, 0.70}


def test_interventions_are_remembered_and_can_be_stacked() -> None:
    shop = load_scenario("webshop").with_("faster_returns").with_("more_phone_staff", orders={"help": 0.2})
    assert shop.applied[:2] == ("faster_returns", "more_phone_staff") and len(shop.applied) == 3
    assert shop.touchpoints["phone"].capacity == 3 and shop.touchpoints["return_desk"].steps == 3
    assert isinstance(shop, Scenario) and shop.hash != load_scenario("webshop").hash


def test_null_lifts_a_limit_that_the_library_has_and_a_file_keeps_it_lifted() -> None:
    """The key must stay, saying none: a key that is gone would bring the value of the library back."""
    shop = load_scenario("home_repair")
    phone = shop.touchpoints["phone"]
    assert phone.capacity is not None and phone.line is not None and phone.open
    free = shop.with_(touchpoints={"phone": {"capacity": None, "line": None, "open": None}})
    assert parse_document(Scenario, free.to_yaml()).hash == free.hash != shop.hash
    for place in (free.touchpoints["phone"], parse_document(Scenario, free.to_yaml()).touchpoints["phone"]):
        assert (place.capacity, place.line, place.week) == (None, None, ())
    written = shop.with_(touchpoints={"phone": {"label": None}}).touchpoints["phone"]
    assert written.capacity == phone.capacity, "null elsewhere takes the key away, as before"


@pytest.mark.parametrize("said", ["risk: {probability: 0.5}", "action: true", "service: 3 min", "appeal: 2.0"])
def test_what_a_message_cannot_have_is_refused(said: str) -> None:
    """The brand sends it, so nobody is ever served there: a number that moves nothing is a mistake."""
    place = f"touchpoints:\n  sms: {{{said}}}\n"
    text = WEB.replace("touchpoints:\n", place, 1) + "\n"
    key = said.partition(":")[0]
    sent = "automation:\n  hello: {when: purchase, wait: 1 day, send: sms}\n"
    text = text.replace("automation:\n", sent, 1) if "\nautomation:" in text else text + sent
    with pytest.raises(BadInput) as caught:
        parse_document(Scenario, text, file="shop.yaml")
    assert f"touchpoints.sms.{key}: changes nothing: the brand sends this touchpoint" in str(caught.value)
    assert len(caught.value.findings) == 1


def test_one_pair_of_touchpoints_is_changed_or_taken_away_and_the_others_stay() -> None:
    shop = load_scenario("home_repair")
    pairs = shop.alignment.pairs
    better = shop.with_(alignment={"pairs": {"booked_online": {"fidelity": 0.9}}}).alignment.pairs
    assert better == {**pairs, "booked_online": pairs["booked_online"].model_copy(update={"fidelity": 0.9})}
    fewer = shop.with_(alignment={"pairs": {"advice_to_booking": None}}).alignment.pairs
    assert fewer == {key: pair for key, pair in pairs.items() if key != "advice_to_booking"}


@pytest.mark.parametrize(("pairs", "said"), [
    ({"boked_online": {"fidelity": 0.9}}, "alignment.pairs.boked_online: is no pair of this scenario, and a new one "
                                          "must say from and to; did you mean 'booked_online'?"),
    ({"Booked Online": {"from": "website", "to": "technician"}}, "small letters"),
    ({"told": {"from": "website"}}, "alignment.pairs.told.to: is required"),
    ({"told": {"from": "websit", "to": "phone"}}, "alignment.pairs.told.from: names no touchpoint of this scenario "
                                                  "(got websit); did you mean 'website'?"),
    ({"again": {"from": "booking_page", "to": "technician"}}, "alignment.pairs.again: says booking_page -> technician "
                                                              "again, see 'booked_online'"),
    ([{"from": "website", "to": "phone"}], "alignment.pairs: must be a mapping: a name of your own for each pair"),
    ({"booked_online": {"fidelty": 0.9}}, "booked_online.fidelty: unknown key; did you mean 'fidelity'?"),
    ({"booked_online": 0.9}, "alignment.pairs.booked_online: must be a mapping of keys (got 0.9)"),
])  # fmt: skip
def test_a_pair_that_is_none_gets_one_finding_that_says_what_to_write(pairs: object, said: str) -> None:
    with pytest.raises(BadInput) as caught:
        load_scenario("home_repair").with_(alignment={"pairs": pairs})
    assert len(caught.value.findings) == 1
    assert said in str(caught.value)
