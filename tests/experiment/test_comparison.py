from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest

from tests.log.small import codebook, customer_rows, provenance, visit_rows
from touchsim.engine.columns import columns_of
from touchsim.errors import BadInput
from touchsim.experiment.comparison import Comparison, compare
from touchsim.experiment.pairing import differences, share_of_draws_best
from touchsim.log.eventlog import EventLog
from touchsim.log.writer import LogWriter


@dataclass(frozen=True)
class World:
    """A scenario that does one thing: everyone spends what luck says, plus a gift."""

    name: str = "shop"
    applied: tuple[str, ...] = ()
    gift_cents: int = 0
    own_luck: int = 0
    visits: bool = True

    @property
    def hash(self) -> str:
        return f"{self.gift_cents}"


def play(world: World, *, customers: int | None = None, days: float | None = None, seed: int = 1,
         replications: int = 1, progress: Callable[[int], None] | None = None, out: str) -> EventLog:  # fmt: skip
    """Play a world by hand: luck depends on the seed, the replication and, if it has any, the world's own."""
    n = customers or 20
    with LogWriter(codebook(), Path(out)) as writer:
        for number in range(replications):
            luck = np.random.default_rng([seed, number, world.own_luck])
            spent = luck.integers(0, 20000, n) + world.gift_cents
            people = [{"customer": i, "status": "active", "stage": "customer", "purchases": 1, "bought_at": "site",
                       "first_purchase": 1.0, "margin_cents": int(cents), "revenue_cents": int(cents)}
                      for i, cents in enumerate(spent)]  # fmt: skip
            calls = [{"customer": i, "touchpoint": "phone", "started": 0.0, "ended": 0.1, "cost_cents": 100}
                     for i in range(n) if world.visits]  # fmt: skip
            writer.visits(columns_of(visit_rows(calls)), number)
            writer.customers(columns_of(customer_rows(people)), number)
            if progress is not None:
                progress(1)
        return writer.close(provenance(replications, days=days))


@pytest.fixture(autouse=True)
def played_by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    from touchsim.engine import simulation

    monkeypatch.setattr(simulation, "simulate", play)


def worlds(*worlds: World, **how: Any) -> Comparison:
    return compare(*worlds, **({"replications": 5} | how))  # type: ignore[arg-type]


BASE = World()
RICHER = World(applied=("gift",), gift_cents=500)


def test_identical_scenarios_differ_by_exactly_nothing_and_neither_is_best() -> None:
    table = worlds(BASE, BASE).table
    assert (table[["difference", "low", "high"]] == 0.0).all(axis=None)
    assert set(table["p_best"].dropna()) == {0.5}
    assert (table["base"] == table["value"]).all()


def test_a_known_shift_is_recovered_exactly_and_is_certain() -> None:
    row = worlds(BASE, RICHER).table.set_index(["kpi", "group"]).loc[("margin", "all")]
    assert row["difference"] == pytest.approx(20 * 5.0)
    assert row["low"] == pytest.approx(100.0) and row["high"] == pytest.approx(100.0)
    assert row["value"] - row["base"] == pytest.approx(100.0)
    assert row["p_best"] == 1.0 and row["replications"] == 5
    assert row["variance_ratio"] > 1e6


def test_without_common_luck_the_interval_is_students_on_the_differences() -> None:
    result = worlds(BASE, World(applied=("other",), own_luck=9), replications=8)
    wide = result.runs[(result.runs["kpi"] == "margin") & (result.runs["group"] == "all")].pivot(
        index="replication", columns="scenario", values="value"
    )
    apart = (wide["other"] - wide["shop"]).to_numpy()
    half = 2.3646242515927844 * apart.std(ddof=1) / np.sqrt(8)  # t(0.975; 7 degrees of freedom)
    row = result.table.set_index(["kpi", "group"]).loc[("margin", "all")]
    assert row["low"] == pytest.approx(apart.mean() - half) and row["high"] == pytest.approx(apart.mean() + half)
    ratio = (wide["shop"].var() + wide["other"].var()) / apart.var(ddof=1)
    assert row["variance_ratio"] == pytest.approx(ratio)


def test_several_variants_share_the_probability_of_being_best() -> None:
    middle, other = World(applied=("small",), gift_cents=10), World(applied=("luck",), own_luck=3)
    result = worlds(BASE, middle, RICHER, other, replications=6)
    assert result.variants == ("small", "gift", "luck")
    whole = result.table[result.table["group"] == "all"]
    best = whole[whole["kpi"] == "margin"].set_index("variant")["p_best"]
    assert best["small"] == 0.0 and 0.0 < best["gift"] <= 1.0
    assert best["gift"] + best["luck"] == pytest.approx(1.0)
    cost = whole[whole["kpi"] == "cost"]["p_best"]
    assert cost.tolist() == [0.25] * 3


def test_the_table_has_the_promised_columns() -> None:
    assert list(worlds(BASE, RICHER).table.columns) == [
        "kpi", "group", "variant", "base", "value", "difference", "low", "high", "p_best", "replications",
        "variance_ratio",
    ]  # fmt: skip


def test_the_text_says_what_changed_by_how_much_and_from_how_many_runs() -> None:
    text = worlds(BASE, RICHER).text
    assert text.startswith("Against shop, gift changes profit by +100 EUR (+100 to +100; best in 100 % of bootstrap")
    assert "Nothing at all changes in conversion" in text
    assert "over 5 paired replications (seed 1, common random numbers" in text
    unsure = worlds(BASE, World(applied=("luck",), own_luck=1)).text
    assert "changes nothing for certain in profit (the interval holds zero)" in unsure


def test_more_workers_change_nothing(tmp_path: Path) -> None:
    one, two = worlds(BASE, RICHER), worlds(BASE, RICHER, workers=2)
    pd.testing.assert_frame_equal(one.table, two.table, check_exact=True)


def test_progress_is_told_once_for_each_replication_of_each_scenario() -> None:
    told: list[int] = []
    worlds(BASE, RICHER, replications=3, progress=told.append)
    assert sum(told) == 6


def test_provenance_names_every_scenario_and_the_seed() -> None:
    facts = worlds(BASE, RICHER, seed=7).provenance
    assert facts["seed"] == 7 and facts["replications"] == 5
    assert facts["scenarios"]["gift"] == {"scenario": "shop", "scenario_hash": "500", "interventions": ["gift"]}


def test_variants_are_named_by_what_was_applied_beyond_the_base() -> None:
    base = World(applied=("first",))
    same_twice = World(name="shop", applied=("first", "second")), World(name="shop", applied=("first", "second"))
    changed = World(applied=('{"touchpoints": {"phone": {"capacity": 6}}}',))
    assert worlds(base, *same_twice, changed).variants == ("second", "second (2)", "touchpoints phone capacity 6")


def test_a_touchpoint_that_one_world_does_not_have_counts_as_zero_contacts_but_has_no_wait_there() -> None:
    rows = [("variant", number, kpi, "touchpoint:kiosk", 20.0) for number in (0, 1) for kpi in ("contacts", "emotion")]
    rows += [("base", number, "contacts", "all", 5.0) for number in (0, 1)]
    runs = pd.DataFrame(rows, columns=["scenario", "replication", "kpi", "group", "value"])
    table = differences(runs, "base", ["variant"])
    kiosk = table[table["group"] == "touchpoint:kiosk"]
    assert kiosk[["kpi", "base", "value", "difference"]].values.tolist() == [["contacts", 0.0, 20.0, 20.0]]


def test_everything_wrong_is_said_at_once() -> None:
    with pytest.raises(BadInput) as caught:
        compare(BASE, replications=1, workers=0)  # type: ignore[arg-type]
    assert [finding.where for finding in caught.value.findings] == ["variants", "replications", "workers"]


def test_a_comparison_draws_itself_and_shows_itself_in_a_notebook() -> None:
    result = worlds(BASE, RICHER)
    ax = result.plot()
    assert ax.get_lines()
    words = " ".join(text.get_text() for text in (*ax.texts, *ax.get_yticklabels()))
    assert "wait_minutes" not in words and "EUR" in words
    page = result._repr_html_()
    assert result.text in page and "<table" in page


@pytest.mark.parametrize("correlation", [0.0, 0.9])
def test_paired_intervals_cover_the_true_difference_nineteen_times_in_twenty(correlation: float) -> None:
    """4,000 studies of 6 replications with a true difference of 0.3, judged by a binomial test at 1 %."""
    random = np.random.default_rng(20261)
    studies, replications = 4000, 6
    common = random.normal(size=(studies, replications)) * np.sqrt(correlation)
    rows = []
    for name, shift in (("base", 0.0), ("variant", 0.3)):
        values = shift + common + random.normal(size=(studies, replications)) * np.sqrt(1 - correlation)
        rows.append(pd.DataFrame({
            "scenario": name, "kpi": "margin", "group": np.repeat([f"study:{i}" for i in range(studies)], replications),
            "replication": np.tile(np.arange(replications), studies), "value": values.ravel(),
        }))  # fmt: skip
    table = differences(pd.concat(rows), "base", ["variant"])
    covered = int(((table["low"] <= 0.3) & (0.3 <= table["high"])).sum())
    assert binomtest(covered, studies, 0.95).pvalue > 0.01
    assert np.median(table["variance_ratio"]) == pytest.approx(1 / (1 - correlation), rel=0.2)


def test_bootstrap_shares_agree_with_the_normal_law_for_many_replications() -> None:
    random = np.random.default_rng(3)
    apart = random.normal(size=400)
    apart = (apart - apart.mean()) / apart.std() + 0.05  # mean one standard error above zero
    values = np.stack([np.zeros((1, 400)), apart[np.newaxis]])
    best = share_of_draws_best(values, ["higher"], draws=20000)
    assert best[1, 0] == pytest.approx(0.8413, abs=0.015)
    assert share_of_draws_best(values, ["lower"], draws=20000)[1, 0] == pytest.approx(1 - 0.8413, abs=0.015)
    assert np.isnan(share_of_draws_best(values, [None])).all()
