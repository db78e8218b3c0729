"""Rows that were pasted twice are told; people who answer alike, and frequencies, are not."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from touchsim.study.drivers import fit_drivers
from touchsim.study.repeats import repeated_rows

ITEMS = [f"q{number}" for number in range(1, 13)]
MODEL = {"scales": {"a": ITEMS[:4], "b": ITEMS[4:8], "y": ITEMS[8:]}, "drivers": {"y": ["a", "b"]}}


def survey(n: int = 300, *, mood: float = 0.5, seed: int = 1, cuts: tuple[float, ...] = (-1.5, -0.5, 0.5, 1.5)):
    """Twelve items on five points that share a mood, and a number for each respondent."""
    rng = np.random.default_rng(seed)
    fine = np.sqrt(mood) * rng.normal(size=(n, 1)) + np.sqrt(1 - mood) * rng.normal(size=(n, 12))
    return pd.DataFrame(np.digitize(fine, cuts) + 1, columns=ITEMS).assign(id=range(n))


def said(frame: pd.DataFrame, **more: object) -> list[str]:
    return [one for one in fit_drivers(frame, MODEL | more).warnings if "earlier row" in one]


def test_a_file_pasted_twice_and_a_part_appended_are_told_with_their_number():
    frame = survey()
    assert said(frame) == []
    (whole,) = said(pd.concat([frame, frame]))
    assert "300 of 600 rows repeat an earlier row in all columns: if a file was pasted twice" in whole
    (part,) = said(pd.concat([frame, frame.iloc[:40]], ignore_index=True))
    assert "40 of 340 rows" in part
    (renamed,) = said(pd.concat([frame, frame], ignore_index=True).assign(wave=[1] * 300 + [2] * 300))
    assert "300 of 600 rows give the same answers as an earlier row to all questions of the model" in renamed
    assert said(pd.concat([frame, frame.iloc[:10]])) == [], "under 5 %"


def test_copies_under_numbers_of_their_own_are_copies_in_all_columns():
    frame = survey().drop(columns="id")
    twice = pd.concat([frame, frame], ignore_index=True).assign(id=range(600))
    assert repeated_rows(twice, twice[ITEMS]) == (300, True)


@pytest.mark.parametrize("n", [300, 5000])
@pytest.mark.parametrize(("mood", "cuts"), [(0.5, (-1.5, -0.5, 0.5, 1.5)), (0.95, (-1.5, -0.5, 0.5, 1.5)),
                                            (0.9, (-3, -2.5, -2, -1))])  # fmt: skip
def test_people_of_one_mood_or_below_a_ceiling_answer_alike_and_are_no_copies(n, mood, cuts):
    frame = survey(n, mood=mood, cuts=cuts)[ITEMS]
    alike = frame[frame.nunique(axis=1) > 1].duplicated().mean()
    assert repeated_rows(frame, frame) == (0, False)
    assert mood < 0.9 or n < 5000 or alike > 0.05, "or nothing is tested"


def test_people_who_click_through_scale_by_scale_are_no_copies():
    rng = np.random.default_rng(3)
    frame = pd.DataFrame(rng.integers(1, 6, (2000, 39)), columns=[f"i{number}" for number in range(39)])
    blocks = [list(frame.columns[start : start + 3]) for start in range(0, 39, 3)]
    frame.iloc[:500] = np.repeat(np.where(rng.random((500, 13)) < 0.85, 4, 5), 3, axis=1)
    assert frame[frame.nunique(axis=1) > 1].duplicated().mean() > 0.05, "or nothing is tested"
    assert repeated_rows(frame, frame, blocks) == (0, False)
    assert repeated_rows(pd.concat([frame, frame]), pd.concat([frame, frame]), blocks)[0] > 1900


def test_one_answer_to_everything_short_scales_and_tables_are_no_copies():
    frame = survey()[ITEMS]
    frame.iloc[:60] = np.repeat(np.arange(60) % 5 + 1, 12).reshape(60, 12)
    assert repeated_rows(frame, frame) == (0, False)
    short = survey(2000)[ITEMS[:3]]
    assert repeated_rows(short, short) == (0, False)
    rng = np.random.default_rng(2)
    table = pd.DataFrame({f"c{j}": np.sort(rng.integers(0, 3, 2000)) for j in range(4)})
    table = table.assign(**{f"again{j}": table[f"c{j}"].map({0: "x", 1: "y", 2: "z"}) for j in range(4)})
    assert repeated_rows(table, table[[f"c{j}" for j in range(4)]]) == (0, False)


def test_people_who_use_nothing_and_people_at_the_top_are_no_copies():
    rng = np.random.default_rng(4)
    visits = rng.poisson(3.0, (1000, 14)) * (np.arange(1000) >= 350)[:, None]
    frame = pd.DataFrame(visits, columns=[f"v{j}" for j in range(14)]).assign(y=rng.integers(1, 8, 1000))
    assert repeated_rows(frame, frame) == (0, False)
    tops = np.array([5, 7, 11] * 4)
    rated = np.where(np.arange(300)[:, None] < 75, tops, rng.integers(1, 5, (300, 12)))
    frame = pd.DataFrame(rated, columns=[f"q{j}" for j in range(12)])
    assert repeated_rows(frame, frame) == (0, False)
    twice = pd.concat([frame, frame])
    assert repeated_rows(twice, twice)[0] >= 225


def test_frequencies_are_no_copies():
    frame = survey().drop(columns="id").drop_duplicates()
    assert said(frame.assign(times=3), weights="times") == []
