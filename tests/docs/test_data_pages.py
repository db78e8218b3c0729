"""The pages about data are true: every file is registered as it is, every column of every table is explained."""

from __future__ import annotations

import re

import pandas as pd
import pytest

import touchsim as ts
from tests.docs.registry import COLUMNS, DATA, checksum, registered
from touchsim.log.eventlog import CUSTOMERS, VISITS
from touchsim.show.wall import maps_of
from touchsim.vocabulary import CONSEQUENCES, FACETS, MARKERS, STAGES, keys

FAMILIES = {
    "reached_<stage>": [f"reached_{key}" for key in keys(STAGES)[1:]],
    "perceived_<facet>": [f"perceived_{key}" for key in keys(FACETS)],
    "seen_<facet>": [f"seen_{key}" for key in keys(FACETS)],
    "delivered_<facet>": [f"delivered_{key}" for key in keys(FACETS)],
    "stated_<facet>": [f"stated_{key}" for key in keys(FACETS)],
    "latent_<facet>": [f"latent_{key}" for key in keys(FACETS)],
    "latent_<consequence>": [f"latent_{key}" for key in keys(CONSEQUENCES)],
    "<marker item>": [f"{word.short}{n}" for word in MARKERS for n in (1, 2, 3)],
    "latent_<marker>": [f"latent_{key}" for key in keys(MARKERS)],
    "<item>": [f"{word.short}{n}" for word in (*FACETS, *CONSEQUENCES) for n in (1, 2, 3)],
}


def explained() -> dict[str, list[str]]:
    """Columns of each table, as the dictionary gives them, in its order."""
    page = (DATA / "DICTIONARY.md").read_text(encoding="utf-8")
    tables = {}
    for part in re.split(r"^## ", page, flags=re.M)[1:]:
        names = re.findall(r"^\| `([^`]+)` \| [^|]+ \|", part, flags=re.M)
        tables[part.split("\n", 1)[0]] = [column for name in names for column in FAMILIES.get(name, [name])]
    return tables


DICTIONARY = explained()


def _constructs(answers: pd.DataFrame) -> dict[str, object]:
    """A small model of constructs: its study has every table."""
    scales = {word.key: [f"{word.short}{n}" for n in (1, 2, 3)] for word in (*FACETS, *CONSEQUENCES)}
    drivers, outcome = keys(FACETS)[6:8], keys(CONSEQUENCES)[0]
    return {"scales": {name: scales[name] for name in (*drivers, outcome)}, "drivers": {outcome: drivers},
            "missing": {"how": "listwise"}, "estimator": "sem"}  # fmt: skip


def _in_groups(answers: pd.DataFrame) -> dict[str, object]:
    """The survey's own model, in groups."""
    return {**answers.attrs["model"], "groups": "goods_type", "truth": None}


def _in_levels(answers: pd.DataFrame) -> dict[str, object]:
    """Satisfaction in levels, by odds."""
    drivers = {keys(CONSEQUENCES)[0]: keys(FACETS)[6:8]}
    return {**_constructs(answers), "drivers": drivers, "estimator": "ordered_logit"}


@pytest.fixture(scope="module")
def written() -> dict[str, list[str]]:
    """Columns of each table, as the program makes them."""
    goals = {"loved": {"figure": "csat", "at_least": 0.5}}
    shop = ts.load_scenario("corner_shop").with_(survey={"stated": {}, "marker": 3}, targets=goals)
    log = ts.simulate(shop, customers=600, seed=1)
    answers = ts.ask(log, response_rate=0.9)
    leaflet = {"channel": "print", "online": False, "started_by": "brand", "serves": []}
    papered = shop.with_(touchpoints={"leaflet": leaflet}, exposure={"leaflet": {"send": "leaflet"}})
    best = ts.best_intensity(papered, exposure="leaflet", grid=(0, 0.1, 0.2), customers=50, replications=2)
    card = ts.score_card(shop, n=100, studies=2, workers=1)
    compared = ts.compare(shop, shop.with_("second_assistant"), customers=50, replications=2)
    maps = maps_of(log, ts.simulate(shop.with_("second_assistant"), customers=600, seed=1)).tables()
    assert list(maps.pop("touchpoint_map_to_be")) == list(maps["touchpoint_map"])
    ranked = ts.dominance(ts.fit_drivers(answers, _constructs(answers)), draws=100)
    tables: dict[str, pd.DataFrame] = {
        **ts.study_survey(answers, _constructs(answers), draws=100).tables(), "answers": answers, "kpis": ts.kpis(log),
        "funnel": ts.funnel(log), "comparison": compared.table, **maps,
        "touchpoints": ts.touchpoints(), "facts": ts.facts(),
        "cohorts": ts.cohorts(log), "targets": ts.targets(log),
        "promise_gap": ts.promise_gap(log), "reviews": ts.reviews(log), "lifetime_value": ts.lifetime_value(log),
        "penalty_reward": ts.penalty_reward(answers, _constructs(answers)).table,
        "optimum": best.table, "dominance": ranked.table, "dominance_increments": ranked.increments,
        "groups": ts.study_survey(answers, _in_groups(answers), draws=100).groups,
        "mediation": ts.mediation(answers).table,
        "parallel": ts.study_survey(answers, _in_levels(answers), draws=100).parallel,
        "score_card": card.table, "ranks": card.ranks, "estimates": card.studies,
        "sizes_needed": card.sizes_needed(0.8),
        "threats": ts.weigh_threats(shop, n=100, studies=2, only=["halo"], workers=1).table,
        "fixes": ts.fix_weakest(shop, top=2, customers=50, replications=2).table,
    }  # fmt: skip
    return {"visits": VISITS.names, "customers": CUSTOMERS.names} | {name: list(f) for name, f in tables.items()}


def test_the_dictionary_has_every_table_and_no_other(written: dict[str, list[str]]) -> None:
    assert set(DICTIONARY) == set(written)


@pytest.mark.parametrize("name", DICTIONARY)
def test_the_dictionary_names_exactly_the_columns_in_their_order(name: str, written: dict[str, list[str]]) -> None:
    assert DICTIONARY[name] == written[name]


def test_every_data_file_is_registered_with_its_checksum_source_and_licence() -> None:
    files = {path.relative_to(DATA).as_posix() for path in DATA.rglob("*") if path.suffix in (".csv", ".yaml")}
    rows = registered()
    assert [*rows[0]] == COLUMNS
    assert sorted(row["file"] for row in rows) == sorted(files - {"registry.csv"})
    for row in rows:
        assert row["sha256"] == checksum(row["file"]), f"{row['file']} changed: python -m tests.docs.registry"
        assert row["source"] and row["licence"]


def test_every_moment_table_is_a_correlation_matrix_with_means_and_deviations() -> None:
    for name in ts.facts().query("kind == 'moments'")["file"]:
        table = pd.read_csv(DATA / "facts" / name, index_col=0)
        correlations = table.loc[list(table)]
        assert (correlations.to_numpy() == correlations.to_numpy().T).all()
        assert (correlations.to_numpy().diagonal() == 1).all()
        assert (table.loc["sd"] > 0).all() and table.loc["n"].nunique() == 1
