"""Tables of a score card for a paper: every figure as in the card, and no error of 0 for a share of 1."""

from __future__ import annotations

import dataclasses
import re

import pytest

import touchsim as ts
from touchsim.experiment.score import ScoreCard
from touchsim.show.scored import sheets_of_card
from touchsim.show.typeset import html_tables, latex_tables
from touchsim.vocabulary import label


@pytest.fixture(scope="module")
def card() -> ScoreCard:
    return ts.score_card(ts.load_scenario("corner_shop"), n=[60, 120], studies=12, workers=1, seed=2)


def test_measures_stand_with_their_monte_carlo_errors_the_strongest_truth_first(card: ScoreCard) -> None:
    sheet = {sheet.name: sheet for sheet in sheets_of_card(card)}["score-ols-projection"]
    rows = card.table.query("respondents == 120 and estimand == 'projection' and estimator == 'ols'")
    rows = rows.sort_values("truth", ascending=False, kind="stable").to_dict("records")
    assert len(sheet.rows) == len(rows) == 9
    for cells, row in zip(sheet.rows, rows, strict=True):
        assert cells[0] == label(row["term"])
        value, error = map(float, re.fullmatch(r"(\S+) \((\S+)\)", cells[3]).groups())
        assert [value, error] == pytest.approx([row["bias"], row["bias_mcse"]], abs=0.00051)
    assert "12 simulated studies of N = 120 answers" in sheet.note and "25 percentage points" in sheet.note


def test_three_studies_leave_a_share_of_none_open_by_100_points_and_not_by_1e02(card: ScoreCard) -> None:
    few = dataclasses.replace(card, design={**card.design, "studies": 3})
    assert "may be up to 100 percentage points away" in sheets_of_card(few)[0].note


def test_power_stands_at_every_size_and_a_share_of_one_without_an_error(card: ScoreCard) -> None:
    whole = dataclasses.replace(card, table=card.table.assign(power=1.0, power_mcse=0.0))
    power = {sheet.name: sheet for sheet in sheets_of_card(whole)}["score-ols-power"]
    assert power.head[-2:] == ("N = 60", "N = 120") and {cells[-1] for cells in power.rows} == {"1.00"}
    one = dataclasses.replace(card, table=card.table[card.table["respondents"] == 60])
    assert not [sheet.name for sheet in sheets_of_card(one) if "power" in sheet.name]


def test_answers_are_told_or_why_there_are_none(card: ScoreCard) -> None:
    sheet = {sheet.name: sheet for sheet in sheets_of_card(card)}["score-corrected-answers"]
    needed = card.sizes_needed(0.8).query("estimator == 'corrected'")
    needed = needed.sort_values("truth", ascending=False, kind="stable").to_dict("records")
    assert {row["basis"] for row in needed} >= {"", "more than", "extrapolated"}
    for cells, row in zip(sheet.rows, needed, strict=True):
        many, high = (f"{value:,.0f}" if value <= 1200 else "more than 1,200"
                      for value in (row["needed"], row["needed_high"]))  # fmt: skip
        interval = f"[{row['needed_low']:,.0f}, {high}]"
        assert cells[2:] == {
            "": (row["doubt"], ""), "simulated": (many, interval), "extrapolated": (f"{many}, extrapolated", interval),
            "more than": ("more than 1,200", ""), "at most": (f"at most {many}", "")}[row["basis"]]  # fmt: skip
    assert "Extrapolated: beyond the largest size simulated (N = 120)" in sheet.note
    assert "More than: extrapolated to over 10 times" in sheet.note and "At most:" not in sheet.note
    text, page = latex_tables(sheets_of_card(card)), html_tables(sheets_of_card(card))
    assert text.count(r"\begin{tabular}") == page.count("<table") == 8 and "∞" not in text
