"""A field that nothing reads is a defect: every number of a scenario moves a run, a survey, or a figure."""

from __future__ import annotations

from functools import cache
from typing import Any

import pandas as pd
import pytest

from touchsim.engine.simulation import simulate
from touchsim.log.eventlog import EventLog
from touchsim.measure.kpis import kpis
from touchsim.survey.respondents import ask
from touchsim.world.scenario import Scenario, load_scenario

BUSY: dict[str, Any] = {
    "segments": {"planners": {"patience_sd": 0.3, "every": "1 h", "affinity": {"phone": 0.8}}},
    "touchpoints": {
        "phone": {"line": 1, "capacity": 1, "service": "3 h", "patience": {"law": "exponential", "mean": "2 h"},
                  "serves": ["information_search", "help"], "facets": {"responsiveness": {"mean": 0.2, "sd": 0.5}},
                  "offer": {"price": 0.5, "service": 0.5, "personalisation": 0.5, "closeness": 0.5}},
        "return_desk": {"cost_per_day": 10.0},
        "store": {"open": {"mon-fri": "09:00-18:00", "sat": "10:00-16:00"},
                  "offer": {"price": -0.5, "service": 0.5, "personalisation": 0.5, "closeness": 0.5},
                  "risk": {"label": "out of stock", "probability": 0.1}},
        "website": {"message": "8 s"}, "email": {"open": {"mon-fri": "09:00-12:00"}},
        "search_result": {"offer": {"price": 0.2, "service": 0.2, "personalisation": 0.5, "closeness": 0.2}},
        "newsletter": {"message": "6 s", "asks_for_review": 0.5},
        "sales_call": {"like": "phone", "started_by": "brand", "serves": [], "capacity": 1},
    },
    "rivals": {"discounter": {"offer": {"price": 1.0, "service": -0.5, "personalisation": 0.1, "closeness": -0.2}}},
    "alignment": {"pairs": {
        "site_to_shop": {"from": ["website", "product_page"], "to": ["store", "phone"], "fidelity": 0.6,
                         "conflict": 0.3},
        "written": {"from": "email", "to": "phone", "supplement": 0.5},
        "browsed": {"from": "website", "to": "product_page", "supplement": 0.3},
    }},
    "exposure": {"banner": {"send": "newsletter", "intensity": 0.3, "targeting": 0.4, "searching": 2.0}},
    "automation": {
        "cart": {"when": "cart_abandoned", "wait": "1 day", "unless": "purchase", "send": "newsletter",
                 "brings_back": 0.6},
        "welcome": {"when": "prospect", "wait": "2 h", "send": "newsletter"},
        "hand_over": {"when": "lead", "wait": "5 h", "send": "sales_call"},
    },
    "awareness": {"on_choice": 0.5, "on_advance": 0.5},
    "pressure": {"on_leave": 0.3, "on_advance": 0.3, "on_choice": 0.3, "opt_out": 0.2},
    "crm": {"coverage": 0.7, "accuracy": 0.2},
    "voice": {"post": 0.5, "on_advance": 1.0, "on_view": 0.5, "talk_advance": 1.0, "referrals": 0.3},
    "market": 2000,
    "orders": {"addon": 0.3}, "loyalty": {"rate_cv": 0.5, "repeat": 1.0}, "satisfaction": {"peak_end": 0.2},
    "views": {"disconfirmation": 0.3, "loss": 2.0, "learn": 0.2, "primacy": 0.5},
    "choice": {"disposition_on_advance": 0.2},
    "survey": {
        "asked": "all", "style": {"careless": 0.3}, "forgetting": 0.01, "stated": {},
        "response": {"on_extremity": 0.2, "on_disposition": 0.2},
    },
}  # fmt: skip

CHANGES: list[tuple[str, Any]] = [
    ("days", "40 days"), ("follow_up", "7 days"),
    *((f"segments.planners.{name}", value) for name, value in {
        "arrivals": 60.0, "every": "2 h", "consent": 0.1, "experience_goods": 0.9, "online": -2.0, "online_sd": 0.1,
        "affinity": {"store": 3.0}, "affinity.phone": -3.0,
        "patience_sd": 1.5, "span": "3 s", "span_sd": 1.5, "tolerance": 0.5, "tolerance_sd": 1.5, "price": 2.0,
        "service": 2.0, "personalisation": 2.0, "closeness": 2.0, "value_sd": 1.0, "inertia_sd": 1.0,
        "interest_sd": 1.5, "voice_sd": 2.0, "correlation": {"price, online": 0.8}}.items()),
    *((f"touchpoints.store.offer.{name}", 2.0) for name in ("price", "service", "personalisation", "closeness")),
    *((f"touchpoints.store.risk.{name}", value) for name, value in {
        "probability": 0.5, "loss": 3.0, "scares": 4.0}.items()),
    ("touchpoints.website.message", "20 s"), ("touchpoints.newsletter.asks_for_review", 9.0),
    *((f"rivals.discounter.{name}", value) for name, value in {
        "offer.price": 3.0, "offer.service": 2.0, "offer.personalisation": 2.0, "offer.closeness": 2.0, "appeal": 2.0,
        "online": False, "serves": ["alternatives"], "next_time": 5.0}.items()),
    *((f"value.{name}", 3.0) for name in ("on_choice", "on_advance", "on_satisfaction")),
    *((f"value.steps.{component}.{step}", 6.0) for component in ("price", "service", "personalisation", "closeness")
      for step in ("problem_recognition", "information_search", "alternatives", "purchase_decision", "after_sales")),
    *((f"alignment.{name}", value) for name, value in {
        "pull": 3.0, "reinforce": 2.0, "penalty": 3.0, "on_value": 3.0, "saves": 0.9,
        "pairs.site_to_shop.fidelity": 1.0, "pairs.site_to_shop.conflict": 1.0, "pairs.written.supplement": 1.0,
        "pairs.browsed": None}.items()),
    *((f"awareness.{name}", value) for name, value in {
        "learn": "2 s", "effect": 1.0, "memory": "2 days", "on_choice": 3.0, "on_advance": 3.0}.items()),
    *((f"pressure.{name}", value) for name, value in {
        "fading": "90 days", "on_leave": 2.0, "on_advance": 2.0, "on_choice": 3.0, "opt_out": 2.0}.items()),
    *((f"crm.{name}", value) for name, value in {
        "coverage": 0.2, "accuracy": 0.9, "on_customisation": 3.0, "on_cross_sell": 5.0}.items()),
    *((f"exposure.banner.{name}", value) for name, value in {
        "intensity": 1.0, "targeting": 1.5, "searching": 5.0, "send": "advert"}.items()),
    *((f"automation.cart.{name}", value) for name, value in {
        "when": "left", "wait": "9 days", "brings_back": 0.1, "send": "advert"}.items()),
    ("automation.cart.times", 9), ("automation.welcome.unless", "contact"), ("automation.hand_over.wait", "3 days"),
    *((f"voice.{name}", value) for name, value in {
        "post": 3.0, "above": 3.0, "below": 3.0, "reference": 1.0, "prior": 1.0, "prior_stars": 1.0, "volume": 1.0,
        "on_advance": 0.0, "on_choice": 2.0, "on_view": 3.0, "good": 9.0, "bad": 9.0, "good_speed": "20 days",
        "bad_speed": "20 days", "fading": "1 day", "talk_advance": 5.0, "referrals": 0.9,
        "referral_delay": "1 day"}.items()),
    ("market", 600),
    ("choice.disposition_on_advance", 1.0), ("orders.addon", 0.9), ("orders.addon_value", 3.0),
    ("loyalty.rate_cv", 1.5), ("loyalty.switching", -3.0), ("satisfaction.peak_end", 2.0),
    *((f"views.{name}", value) for name, value in {
        "disconfirmation": 2.0, "loss": 5.0, "learn": 0.9, "primacy": 3.0}.items()),
    *((path, value) for path, value in {
        "loyalty.renewal": "3 days", "loyalty.renew_slope": 3.0, "needs.renewal.think": "9 days",
        "touchpoints.renewal_mail.reach": 0.5}.items()),
    *((f"segments.browsers.{name}", value) for name, value in {
        "weekdays": {"mon": 3.0}, "season": {"jan": 3.0}, "hours": {"09:00-12:00": 5.0}, "trend": 5.0,
        "stock": 9}.items()),
    *((f"touchpoints.phone.{name}", value) for name, value in {
        "channel": "chat", "online": True, "serves": ["help"], "appeal": 9.0, "reach": 0.3, "needs_consent": True,
        "noticed": 0.5, "delay": "1 day", "service": "1 h", "capacity": 2, "line": 5, "patience": "1 h",
        "standard": "1 h", "facets": {"responsiveness": {"mean": 1.0, "sd": 0.5}}, "action": True, "visit": True,
        "cost": 1.0, "cost_per_day": 1.0, "managed": False, "started_by": "brand", "nature": "physical"}.items()),
    ("touchpoints.email.mode", "sync"), ("touchpoints.store.early", "3 h"), ("choice.knows_hours", 0.1),
    ("touchpoints.store.open", {"mon-fri": "09:00-20:00"}), ("touchpoints.store.open.sat", "10:00-12:00"),
    ("touchpoints.phone.open", {"daily": "08:00-20:00"}),
    ("touchpoints.phone.capacity", {"daily": {"00:00-12:00": 1, "12:00-24:00": 2}}),
    ("touchpoints.phone.facets.responsiveness.sd", 0.1),
    *((f"touchpoints.return_desk.{name}", value) for name, value in {
        "handling": "30 days", "handling_standard": "1 day", "steps": 9, "steps_standard": 1}.items()),
    *((f"needs.{need}.think", "3 h") for need in ("problem_recognition", "information_search", "alternatives",
                                                  "purchase_decision", "delivery", "help", "return", "survey")),
    ("needs.information_search", {"advance": 0.2, "stay": 0.2, "back": 0.2, "leave": 0.4, "think": "1 h"}),
    ("funnel.lead", {"visits": 3, "consent": True}), ("funnel.prospect", {"actions": 5}),
    ("funnel.customer", {"purchases": 2}), ("funnel.repeat_customer", {"purchases": 3}),
    ("funnel.advocate", {"recommendations": 2}),
    *((f"choice.{name}", value) for name, value in {
        "inertia": 2.0, "emotion_on_advance": 2.0, "emotion_on_leave": 2.0, "vain_on_leave": 3.0, "tries": 1}.items()),
    *((f"orders.{name}", value) for name, value in {
        "margin": 0.1, "promised": "1 day", "help": 0.6, "help_if_late": 0.9, "return_search": 0.5,
        "return_experience": 0.6, "invited": 0.3}.items()),
    ("orders.basket.mean", 10.0), ("orders.basket.cv", 0.0),
    *((f"views.{name}", value) for name, value in {
        "promise": {"security": 1.0}, "expectation_sd": 0.1, "prior": 5.0, "recency": 0.9, "wait": 2.0,
        "wait_softening": "1 h", "refused": 3.0, "lateness": 3.0, "late": [{"days": "1 day", "loss": 1.0}],
        "handling": 2.0, "handling_softening": "9 days", "steps": 1.0}.items()),
    *((f"satisfaction.{goods}.{facet}", 0.9) for goods in ("search", "experience") for facet in (
        "product_information", "appearance", "ease_of_use", "customisation", "checkout", "security", "fulfilment",
        "responsiveness", "returns")),
    *((f"satisfaction.{name}", 0.9) for name in ("product", "value", "disposition", "noise")),
    *((f"loyalty.{name}", value) for name, value in {
        "recommend": 1.0, "recommend_slope": 0.0, "repeat": 3.0, "repeat_slope": 0.0, "gap": "3 days"}.items()),
    *((f"survey.{name}", value) for name, value in {
        "points": 5, "span": 2.0, "asked": "buyers", "loading": 0.3, "method": 0.9, "halo": 0.0, "noise": 1.0,
        "forgetting": 0.5, "recall_decay": 0.5, "colouring": 0.5,
        "items.each": 2, "items.returns": 1, "judge.each": "experience",
        "judge.fulfilment": "impression", "response.rate": 0.6, "response.on_extremity": 2.0,
        "response.on_disposition": 2.0, "response.skip": 0.3, "style.shift_mean": 1.0, "style.shift_sd": 1.0,
        "style.stretch_sd": 0.6, "style.careless": 0.5, "style.straight_lining": 1.0,
        "intentions.repurchase.slope": 0.1, "intentions.repurchase.spread": 2.0, "intentions.recommendation.slope": 0.1,
        "intentions.recommendation.spread": 2.0, "intentions.willingness_to_pay.spread": 0.1,
        "intentions.willingness_to_pay.slope": 0.9, "stated.level": 0.0, "stated.insight": 2.0, "stated.noise": 0.0,
        "marker": 2,
        }.items()),
]  # fmt: skip

@cache
def busy() -> Scenario:
    return load_scenario("webshop").with_(**BUSY)


def figures(scenario: Scenario, end: float | None) -> tuple[EventLog, pd.DataFrame, pd.DataFrame]:
    log = simulate(scenario, customers=None if end else 900, days=end, seed=5)
    return log, ask(log, seed=2), kpis(log)


SUBSCRIPTION = {"touchpoints": {"renewal_mail": {"message": "0 s", "noticed": 0.9}}}
"""Beside the rest: where renewals are, needs do not come back."""


def base(path: str) -> Scenario:
    """World in which a number is at work."""
    return busy().with_(**SUBSCRIPTION) if "renew" in path else busy()


@cache
def before(path: str, end: float | None) -> tuple[EventLog, pd.DataFrame, pd.DataFrame]:
    return figures(base(path), end)


@pytest.mark.parametrize(("path", "value"), CHANGES, ids=[path for path, _ in CHANGES])
def test_every_number_of_a_scenario_moves_something(path: str, value: Any) -> None:
    change: Any = value
    for part in reversed(path.split(".")):
        change = {part: change}
    if path == "days":
        endless = busy().with_(market=None)
        assert simulate(endless.with_(**change), seed=1).n_customers < simulate(endless, seed=1).n_customers
        return
    log, answers, table = figures(base(path).with_(**change), None)
    was, answered, told = before("renew" if "renew" in path else "", None)
    moved = log.describe_difference(was) is not None or not answers.equals(answered) or not table.equals(told)
    assert moved, f"{path} = {value} changes nothing"


def test_the_list_above_names_every_number_of_a_scenario() -> None:
    named, forgotten = {path for path, _ in CHANGES}, []
    for path in busy().assumptions()["path"]:
        parts = path.split(".")
        if parts[0] in ("touchpoints", "segments"):
            parts[1] = {"touchpoints": "phone", "segments": "planners"}[parts[0]]
        if parts[0] == "needs" and "think" not in parts:
            parts[1] = "information_search"
        prefixes = {".".join(parts[:n]) for n in range(1, len(parts) + 1)}
        alike = {prefix.replace("touchpoints.phone", f"touchpoints.{other}") for prefix in prefixes
                 for other in ("return_desk", "store", "website", "newsletter")}  # fmt: skip
        alike |= {prefix.replace("segments.planners", "segments.browsers") for prefix in prefixes}
        alike |= {f"automation.{rule}.{parts[2]}" for rule in busy().automation if parts[0] == "automation"}
        alike |= {f"alignment.pairs.{key}.{parts[3]}" for key in busy().alignment.pairs if parts[1:2] == ["pairs"]}
        facet = {f"touchpoints.phone.facets.{n}" for n in ("responsiveness",)} if "facets" in parts else set()
        if not named & (prefixes | alike | facet):
            forgotten.append(path)
    assert not forgotten
