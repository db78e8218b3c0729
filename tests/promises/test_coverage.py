"""A thousand simulated studies: regression on the true views finds the true weights as often as its intervals say."""

from __future__ import annotations

import pandas as pd
import pytest
from scipy import stats

from touchsim.engine.simulation import simulate
from touchsim.study.drivers import fit_drivers
from touchsim.vocabulary import FACETS, keys
from touchsim.world.scenario import load_scenario

STUDIES, RESPONDENTS, CUSTOMERS, SEED = 1000, 1000, 6_600, 20_260
DRIVERS = keys(FACETS)
MODEL = {"drivers": {"satisfaction": list(DRIVERS)}, "estimator": "ols"}


def latent_studies(first: int, count: int) -> pd.DataFrame:
    """True views and satisfaction of the buyers who were surveyed, a replication a study."""
    log = simulate(load_scenario("webshop"), customers=CUSTOMERS, seed=SEED + first, replications=count)
    people = log.customers_frame()
    people = people[people.surveyed.notna()]
    people.attrs = {}  # pandas copies them deeply at every step
    views = people[[f"perceived_{key}" for key in DRIVERS]].set_axis(DRIVERS, axis=1)
    return views.assign(satisfaction=people.satisfaction, study=people.replication, goods=people.goods.astype(str))


@pytest.mark.proof
def test_intervals_on_true_views_cover_the_structural_weights_in_a_thousand_studies() -> None:
    weights = load_scenario("webshop").satisfaction
    covered = {(goods, key): 0 for goods in ("search", "experience") for key in DRIVERS}
    for first in range(0, STUDIES, 50):
        for (_, goods), study in latent_studies(first, 50).groupby(["study", "goods"]):
            assert len(study) >= RESPONDENTS, "a study lacks respondents"
            table = fit_drivers(study.head(RESPONDENTS), model=MODEL).table
            for row in table.itertuples():
                truth = getattr(getattr(weights, goods), row.term)
                covered[goods, row.term] += bool(row.low <= truth <= row.high)
    p_values = {cell: stats.binomtest(hits, STUDIES, 0.95).pvalue for cell, hits in covered.items()}
    assert min(p_values.values()) > 0.01, {cell: (covered[cell], p) for cell, p in p_values.items() if p <= 0.01}
