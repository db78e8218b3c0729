"""Statistics of items are those of R's psych; what a table of moments does not hold is left empty."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import touchsim as ts
from tests.equations.cases import survey
from touchsim.study.items import ITEMS, OF_ANSWERS, item_table
from touchsim.study.scales import reliability_table

PSYCH = json.loads((Path(__file__).parent / "items.json").read_text(encoding="utf-8"))
SCALES = {name: figures["items"] for name, figures in PSYCH.items() if name != "versions"}


@pytest.mark.parametrize("name", SCALES)
def test_items_and_both_alphas_are_those_of_psych(name: str) -> None:
    there, table = PSYCH[name], item_table(survey(), {name: SCALES[name]})
    scale = reliability_table(survey(), {name: SCALES[name]}).iloc[0]
    assert scale["alpha"] == pytest.approx(there["alpha"], abs=1e-10)
    assert scale["alpha_std"] == pytest.approx(there["alpha_std"], abs=1e-10)
    known = ["mean", "sd", "skewness", "kurtosis", "item_rest"] + (["alpha_without"] if len(SCALES[name]) > 2 else [])
    for column in known:
        assert table[column].tolist() == pytest.approx(there[column], abs=1e-10), column


def test_shares_at_the_ends_are_counted_and_loadings_those_of_the_scale() -> None:
    table = item_table(survey(), {"fulfilment": SCALES["fulfilment"]}).set_index("item")
    values = survey()["OF1"]
    assert table.loc["OF1", "highest"] == (values == values.max()).mean() > 0
    assert table.loc["OF1", "lowest"] == (values == values.min()).mean() > 0
    scale = reliability_table(survey(), {"fulfilment": SCALES["fulfilment"]}).iloc[0]
    assert (table["loading"] ** 2).mean() == pytest.approx(scale["ave"], abs=1e-12)


def test_one_item_two_items_and_one_that_does_not_vary_have_what_can_be_said_of_them() -> None:
    frame = pd.DataFrame({"a": [1, 2, 3, 4], "b": [2, 2, 3, 5], "c": 3})
    scales = {"one": ["a"], "two": ["a", "b"], "still": ["a", "b", "c"]}
    table = item_table(frame, scales).set_index(["construct", "item"])
    assert np.isnan(table.loc[("one", "a"), ["item_rest", "alpha_without", "loading"]].astype(float)).all()
    assert table.loc[("two", "a"), "item_rest"] == pytest.approx(np.corrcoef(frame["a"], frame["b"])[0, 1])
    assert np.isnan(table.loc[("two", "a"), "alpha_without"]) and np.isnan(table.loc[("still", "c"), "item_rest"])
    assert table.loc[("still", "a"), "item_rest"] == pytest.approx(table.loc[("two", "a"), "item_rest"])


def test_a_study_writes_them_and_a_published_table_says_nothing_of_answers() -> None:
    model = {"scales": SCALES, "drivers": {"fulfilment": ["responsiveness", "SA1"]}}
    study = ts.study_survey(survey(), model, draws=100)
    table = study.tables()["items"]
    assert table.columns.tolist() == ITEMS and table["item"].tolist() == [
        item for name in (*SCALES, "SA1") for item in SCALES.get(name, [name])]  # fmt: skip
    model = {"scales": {"value": [f"val{j}" for j in range(1, 5)], "satisfaction": [f"sat{j}" for j in range(1, 5)]},
             "drivers": {"satisfaction": ["value"]}}  # fmt: skip
    for estimator in ("ols", "corrected", "sem"):
        of_table = ts.study_moments("plspm_bank_items", model | {"estimator": estimator})
        printed = of_table.items
        assert printed[OF_ANSWERS].isna().all(axis=None) and printed[["mean", "sd", "loading"]].notna().all(axis=None)
        assert of_table.method is None, "there are no answers that could share a method"
