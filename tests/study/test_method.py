"""Harman's share and the marker say what their formulas say, with intervals that hold for answers of any kind."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

import touchsim as ts
from tests.study.surveys import asked, rated
from touchsim.study.drivers import fit_drivers
from touchsim.study.method import METHOD, CommonMethod, common_method
from touchsim.study.model import model_of

SLOPES = {"speed": 0.5, "price": 0.3, "help": 0.0}
CONSTRUCTS = [*SLOPES, "satisfaction"]


def moody(n: int = 600, *, mood: float = 0.8, seed: int = 1, blue: int = 3) -> pd.DataFrame:
    """Answers as numbers, all with the same mood in them; blue has nothing else in common with the rest."""
    rng = np.random.default_rng(seed)
    shared = rng.normal(size=n)
    latent = {name: rng.normal(size=n) for name in SLOPES}
    rest = np.sqrt(1 - sum(slope**2 for slope in SLOPES.values()))
    latent["satisfaction"] = sum(slope * latent[name] for name, slope in SLOPES.items()) + rest * rng.normal(size=n)
    latent["blue"] = rng.normal(size=n)
    feeling = mood * shared
    return pd.DataFrame({f"{name}{j + 1}": values + feeling + 0.3 * rng.normal(size=n) for name, values in
                         latent.items() for j in range(blue if name == "blue" else 3)})  # fmt: skip


def with_marker(**more: Any) -> dict[str, Any]:
    model = asked(list(SLOPES))
    model["scales"]["blue"] = ["blue1", "blue2", "blue3"]
    return {**model, "marker": "blue", **more}


def found(frame: pd.DataFrame, model: dict[str, Any]) -> CommonMethod:
    return common_method(fit_drivers(frame, model))


def rows(of: CommonMethod, what: str) -> pd.DataFrame:
    return of.table[of.table["what"] == what].reset_index(drop=True)


def scores(frame: pd.DataFrame, names: list[str]) -> np.ndarray:
    return np.column_stack([frame[[f"{name}{j}" for j in (1, 2, 3)]].mean(axis=1) for name in names])


def test_what_is_taken_out_and_left_is_that_of_lindell_and_whitney() -> None:
    frame = moody()
    own = found(frame, with_marker())
    r = np.corrcoef(scores(frame, [*CONSTRUCTS, "blue"]), rowvar=False)
    m = r[-1, :-1].mean()
    left = (r[:-1, :-1] - m) / (1 - m)
    np.fill_diagonal(left, 1)
    assert list(own.table) == METHOD and (own.table["n"] == len(frame)).all()
    assert rows(own, "mean_correlation")["plain"].item() == pytest.approx(m, abs=1e-12)
    assert rows(own, "marker_correlation")["plain"].tolist() == pytest.approx(r[-1, :-1].tolist(), abs=1e-12)
    assert rows(own, "correlation")["adjusted"].tolist() == pytest.approx(left[:3, 3].tolist(), abs=1e-12)
    for kind, matrix in (("plain", r), ("adjusted", left)):
        slopes = np.linalg.solve(matrix[:3, :3], matrix[:3, 3])
        assert rows(own, "coefficient")[kind].tolist() == pytest.approx(slopes.tolist(), abs=1e-12)
    plain = fit_drivers(frame, with_marker()).table["std_beta"]
    assert rows(own, "coefficient")["plain"].tolist() == pytest.approx(plain.tolist(), abs=1e-12)


def test_harmans_share_is_that_of_the_first_eigenvalue_of_all_items_but_the_marker() -> None:
    frame = moody()
    items = [name for name in frame if not name.startswith("blue")]
    values = np.linalg.eigvalsh(np.corrcoef(frame[items].to_numpy(), rowvar=False))
    assert rows(found(frame, with_marker()), "share")["plain"].item() == pytest.approx(values[-1] / 12, abs=1e-12)


def test_intervals_are_as_wide_as_those_of_the_bootstrap() -> None:
    fit = fit_drivers(moody(500).round(0), with_marker())  # steps, no normal distribution
    own = common_method(fit).table
    rng, drawn = np.random.default_rng(2), []
    for _ in range(400):
        rows = rng.integers(0, 500, 500)
        items, scored = (frame.iloc[rows].reset_index(drop=True) for frame in (fit.answers.items, fit.answers.scores))
        drawn.append(common_method(replace(fit, answers=replace(fit.answers, items=items, scores=scored))).table)
    for figure in ("plain", "adjusted", "change"):
        known = own[figure].notna()
        spread = np.array([table[figure] for table in drawn]).std(axis=0)[known]
        reach = (own[f"{figure}_high"] - own[f"{figure}_low"])[known] / (2 * 1.96)
        assert (reach / spread).to_numpy() == pytest.approx(np.ones(known.sum()), abs=0.15)


def test_every_case_twice_in_its_own_cluster_is_every_case_once() -> None:
    frame = moody(200)
    twice = pd.concat([frame, frame], ignore_index=True).assign(who=[*range(200), *range(200)])
    once, both = found(frame, with_marker()).table, found(twice, with_marker(clusters="who")).table
    figures = [name for name in METHOD if name.startswith(("plain", "adjusted", "change"))]
    assert both[figures].to_numpy(float) == pytest.approx(once[figures].to_numpy(float), abs=1e-10, nan_ok=True)


def test_without_a_method_intervals_of_changes_hold_zero_as_often_as_they_say() -> None:
    hits, many = 0, 200
    for seed in range(many):
        own = rows(found(moody(150, mood=0.0, seed=seed), with_marker()), "mean_correlation")
        hits += int(own["plain_low"].item() <= 0 <= own["plain_high"].item())
    assert 0.90 <= hits / many <= 0.985


def test_with_a_method_what_is_left_is_the_truth() -> None:
    own = rows(found(moody(40_000, mood=1.0), with_marker()), "coefficient")
    reliability = 1 / (1 + 0.03)  # of the scores without the mood: three items with an error of sd 0.3
    assert own["adjusted"].tolist() == pytest.approx([slope * reliability for slope in SLOPES.values()], abs=0.02)
    assert (own["plain"] - own["adjusted"]).iloc[2] > 0.04, "the facet that does nothing got a part of the mood"


def test_a_marker_that_goes_against_the_rest_takes_nothing_out() -> None:
    frame = moody(mood=0.3)
    for j in (1, 2, 3):
        frame[f"blue{j}"] = -frame[f"blue{j}"]
    own = found(frame, with_marker())
    assert rows(own, "mean_correlation")["plain"].item() < 0
    coefficients = rows(own, "coefficient")
    assert coefficients["change"].tolist() == pytest.approx([0, 0, 0], abs=1e-12)
    assert coefficients["adjusted_low"].tolist() == pytest.approx(coefficients["plain_low"].tolist())
    assert "nothing is taken out" in own.text


def test_without_a_marker_the_second_smallest_correlation_stands_in_and_says_so() -> None:
    frame = moody()
    own = found(frame, asked(list(SLOPES)))
    r = np.corrcoef(scores(frame, CONSTRUCTS), rowvar=False)
    positive = np.sort(r[np.triu_indices(4, 1)][r[np.triu_indices(4, 1)] > 0])
    assert rows(own, "mean_correlation")["plain"].item() == pytest.approx(positive[1], abs=1e-12)
    assert set(own.table["method"]) == {"harman", "second_smallest"}
    assert "Without a marker question" in own.text and "picked after the fact" in own.text
    few = found(frame, {"scales": {"speed": ["speed1", "speed2"]}, "drivers": {"help1": ["speed"]}})
    assert few.table["method"].tolist() == ["harman"]


def test_a_poor_marker_is_called_poor() -> None:
    frame = moody(mood=0.3)
    one = with_marker()
    del one["scales"]["blue"]
    assert "single item of unknown reliability" in found(frame, {**one, "marker": "blue1"}).text
    rng = np.random.default_rng(1)
    for j in (1, 2, 3):
        frame[f"blue{j}"] += 3 * rng.normal(size=len(frame))
    assert "measured badly (alpha 0." in found(frame, with_marker()).text
    assert not any("reliability of blue" in warning for warning in fit_drivers(frame, with_marker()).warnings)


def test_imputed_answers_have_wider_intervals() -> None:
    frame = moody(300)
    gaps = frame.mask(np.random.default_rng(1).random(frame.shape) < 0.3)
    whole = found(frame, with_marker()).table
    filled = found(gaps, with_marker(missing={"how": "impute", "imputations": 5})).table
    assert len(filled) == len(whole) and (filled["n"] == 300).all()
    width = [(table["change_high"] - table["change_low"])[table["what"] == "coefficient"].mean()
             for table in (whole, filled)]  # fmt: skip
    assert width[1] > width[0]


def test_groups_clusters_and_products_leave_their_rows_out() -> None:
    model = asked(list(SLOPES), interactions=[["speed", "price"]])
    assert "speed*price" not in set(found(moody(), model).table["term"])


def test_a_study_writes_it_and_a_published_table_has_none() -> None:
    study = ts.study_survey(moody(), with_marker(), draws=100)
    assert {"exploratory", "eigenvalues", "method"} <= set(study.tables())
    assert "The marker (blue) correlates" in study.text and "Exploratory factor analysis of 15 items" in study.text
    bank = ts.fit_moments("plspm_bank_n250_moments.csv", {"drivers": {"sat": ["imag", "expe"]}})
    with pytest.raises(ts.BadInput, match="must be of answers"):
        common_method(bank)
    with pytest.raises(ts.BadInput, match="at least 3 items"):
        common_method(fit_drivers(moody(), {"drivers": {"speed1": ["price1"]}}))


@pytest.mark.parametrize(
    ("more", "law"),
    [
        ({"marker": "speed"}, "marker: must have nothing to do with the equations: it is a driver"),
        ({"marker": "satisfaction"}, "marker: must have nothing to do with the equations"),
        ({"marker": "speed1"}, "marker: must share no item with another scale: 'speed1' is one of 'speed'"),
        ({"marker": "blue", "weights": "blue1"}, "weights: must be a column that is no item, outcome or driver"),
        ({"marker": ["blue", "speed"]}, "marker: must be"),
    ],
)  # fmt: skip
def test_laws_of_a_marker(more: dict[str, Any], law: str) -> None:
    with pytest.raises(ts.BadInput) as bad:
        model_of(with_marker(**more))
    assert law in str(bad.value)


def test_a_marker_that_is_nowhere_is_said() -> None:
    with pytest.raises(ts.BadInput, match="column 'green': is no construct and no column"):
        fit_drivers(rated(SLOPES), asked(list(SLOPES), marker="green"))


def test_a_marker_whose_score_is_constant_is_said() -> None:
    frame = moody()
    frame["blue1"] = np.resize([1.0, 2.0, 4.0], len(frame))
    frame["blue2"] = 8 - frame["blue1"]
    model = with_marker()
    model["scales"]["blue"] = ["blue1", "blue2"]
    with pytest.raises(ts.BadInput, match="marker: the score of 'blue' is constant, so it can correlate with nothing"):
        fit_drivers(frame, model)


def test_where_nothing_is_taken_out_nothing_changes_and_nothing_is_doubted() -> None:
    frame = moody(mood=0.3)
    one = with_marker()
    del one["scales"]["blue"]
    own = found(frame.assign(blue1=-frame["blue1"]), {**one, "marker": "blue1"})
    coefficients = rows(own, "coefficient")
    assert (coefficients[["change", "change_low", "change_high"]] == 0).all(axis=None)
    assert own.doubts == () and "Largest changes" not in own.text


def test_a_column_with_a_star_in_its_name_is_no_product() -> None:
    frame = moody().rename(columns={"help1": "help*1"})
    model = {"drivers": {"satisfaction1": ["speed1", "price1", "help*1"]}, "interactions": [["speed1", "price1"]]}
    assert set(rows(found(frame, model), "coefficient")["term"]) == {"speed1", "price1", "help*1"}
