"""Dominance of drivers: equal to refitting every subset, never more certain than the draws, honest where it samples."""

from __future__ import annotations

from itertools import combinations
from math import comb

import numpy as np
import pandas as pd
import pytest

import touchsim as ts
from tests.study.surveys import continuous, equation, with_exact_moments
from tests.study.test_importance import answered, r2_of
from touchsim.study import subsets
from touchsim.study.drivers import fit_drivers
from touchsim.study.importance import relative_importance
from touchsim.study.moments import fit_moments
from touchsim.study.resampling import correlation_draws
from touchsim.study.subsets import additions_of


def added(x: np.ndarray, y: np.ndarray, i: int, chosen: list[int]) -> float:
    return r2_of(x[:, [*chosen, i]], y) - r2_of(x[:, chosen], y)


def subsets_without(p: int, *out: int) -> list[list[int]]:
    rest = [k for k in range(p) if k not in out]
    return [list(chosen) for size in range(len(rest) + 1) for chosen in combinations(rest, size)]


@pytest.mark.parametrize("p", [2, 3, 5])
def test_what_drivers_add_is_what_refitting_every_subset_says(p):
    frame = continuous(list(np.linspace(-0.4, 1.0, p)), 120, seed=p)
    x, y = frame.iloc[:, :-1].to_numpy(), frame["y"].to_numpy()
    found = additions_of(np.corrcoef(frame.to_numpy(), rowvar=False)[None])
    for i in range(p):
        for k in range(p):
            chosen = [s for s in subsets_without(p, i) if len(s) == k]
            brute = sum(added(x, y, i, s) for s in chosen) / comb(p - 1, k)
            assert found.by_size[0, i, k] == pytest.approx(brute, abs=1e-10)
        assert found.general[0, i] == pytest.approx(found.by_size[0, i].mean(), abs=1e-12)
        for j in set(range(p)) - {i}:
            wins = [added(x, y, i, s) > added(x, y, j, s) for s in subsets_without(p, i, j)]
            assert found.more[0, i, j] == pytest.approx(np.mean(wins))
            assert found.never_less[0, i, j] == all(wins)
    assert found.error == 0.0 and found.subsets == 2 ** (p - 2)


def test_two_drivers_add_by_the_closed_form_and_the_larger_correlation_dominates():
    r1, r2, r12 = 0.6, 0.3, 0.5
    found = additions_of(np.array([[[1, r12, r1], [r12, 1, r2], [r1, r2, 1]]]))
    both = (r1**2 + r2**2 - 2 * r1 * r2 * r12) / (1 - r12**2)
    assert found.by_size[0].tolist() == pytest.approx(np.array([[r1**2, both - r2**2], [r2**2, both - r1**2]]))
    assert found.never_less[0, 0, 1] and not found.never_less[0, 1, 0]


def test_general_dominance_is_the_lmg_part_of_r2():
    fit = fit_drivers(continuous([0.6, 0.3, 0.1, 0.0], 300), equation(4))
    means = ts.dominance(fit, draws=200).increments.query("size.isna()").set_index("term")
    shares = relative_importance(fit, draws=200).table.query("method == 'lmg'").set_index("term")
    r2 = fit.summary["r2"].item()
    assert (means["increment"] / r2).to_dict() == pytest.approx(shares["share"].to_dict(), abs=1e-10)
    assert means["increment"].sum() == pytest.approx(r2)


def test_complete_dominance_is_conditional_and_conditional_is_general_in_survey_and_draws():
    fit = fit_drivers(continuous([0.5, 0.4, 0.2, 0.1, 0.0], 150, seed=2), equation(5))
    table = ts.dominance(fit, draws=300).table
    for _, pair in table.groupby(["a", "b"]):
        by = pair.set_index("level")
        assert by.loc["complete", "dominance"] <= by.loc["conditional", "dominance"] <= by.loc["general", "dominance"]
        for side in ("p_a", "p_b"):
            assert by.loc["complete", side] <= by.loc["conditional", side] <= by.loc["general", side]
    assert (table[["p_a", "p_b", "p_neither"]].sum(axis=1) - 1).abs().max() < 1e-12
    same = np.where(table["dominance"] == 1, table["p_a"], table["p_neither"])
    assert table["reproducibility"].tolist() == pytest.approx(same)


def test_a_suppressor_breaks_complete_dominance_and_the_words_say_on_average_only():
    # x0 correlates most with y; alone x1 says little, beside x0 and x2 it says much
    r = np.array([[1, 0.6, 0.0, 0.6], [0.6, 1, 0.0, 0.1], [0, 0, 1, 0.3], [0.6, 0.1, 0.3, 1]])
    frame = pd.DataFrame(with_exact_moments(np.zeros(4), np.ones(4), r, 300), columns=["x0", "x1", "x2", "y"])
    found = ts.dominance(fit_drivers(frame, equation(3)), draws=200)
    pair = found.table[(found.table["a"].isin(["x1", "x2"])) & (found.table["b"].isin(["x1", "x2"]))]
    assert pair.set_index("level").loc["complete", "dominance"] == 0.5
    assert "completely" in found.text and "on average only" in found.text
    assert found.text.count("of the draws)") == 2 and "2 of 3 pairs are ordered completely" in found.text


def test_drivers_that_are_alike_dominate_each_other_half_the_time():
    even = np.array([[1, 0.4, 0.5], [0.4, 1, 0.5], [0.5, 0.5, 1]])
    frame = pd.DataFrame(with_exact_moments(np.zeros(3), np.ones(3), even, 400), columns=["x0", "x1", "y"])
    row = ts.dominance(fit_drivers(frame, equation(2)), draws=1000).table.iloc[0]
    assert row["p_a"] == pytest.approx(0.5, abs=0.07) and row["p_a"] + row["p_b"] == pytest.approx(1.0)


def test_logits_constructs_and_published_tables_are_judged_from_the_matrices_of_their_importance():
    fit = answered("ordered_logit")
    means = ts.dominance(fit, draws=100).increments.query("size.isna()").set_index("term")["increment"]
    shares = relative_importance(fit, draws=100).table.query("method == 'lmg_latent'").set_index("term")["share"]
    assert (means / means.sum()).to_dict() == pytest.approx(shares.to_dict(), abs=1e-10)
    table = pd.DataFrame({"a": [0, 1, 300, 1, 0.3, 0.6], "b": [0, 1, 300, 0.3, 1, 0.4], "y": [0, 1, 300, 0.6, 0.4, 1]},
                         index=["mean", "sd", "n", "a", "b", "y"])  # fmt: skip
    found = ts.dominance(fit_moments(table, {"drivers": {"y": ["a", "b"]}}), draws=500).table.iloc[0]
    assert (found["a"], found["dominance"]) == ("a", 1.0) and found["reproducibility"] > 0.9


def test_sampled_subsets_agree_with_all_subsets_within_their_stated_error(monkeypatch):
    frame = continuous(list(np.linspace(0, 1, 10)), 300)
    matrices = correlation_draws(frame.to_numpy(), 30)
    exact = additions_of(matrices)
    monkeypatch.setattr(subsets, "EXACT_UP_TO", 5)
    sampled = additions_of(matrices)
    assert 0 < sampled.error < 0.01 and sampled.subsets >= 100
    assert np.abs(sampled.by_size[0] - exact.by_size[0]).max() < 4.5 * sampled.error
    assert sampled.by_size[:, :, 0] == pytest.approx(exact.by_size[:, :, 0]), "alone: one subset, always seen"
    assert sampled.by_size[:, :, -1] == pytest.approx(exact.by_size[:, :, -1], abs=1e-8), "last: likewise"
    assert not (exact.never_less & ~sampled.never_less).any(), "what holds in all subsets holds in some"
    clear = np.abs(exact.more - 0.5) > 0.45
    assert ((sampled.more > 0.5) == (exact.more > 0.5))[clear].all()


def test_beyond_fifteen_drivers_the_text_says_that_subsets_are_sampled():
    found = ts.dominance(fit_drivers(continuous([0.3] + [0.1] * 16, 600), equation(17)), draws=100)
    assert not found.exact and found.error > 0
    assert f"Subsets are sampled, {found.subsets} for a pair at least" in found.text


def test_what_cannot_be_compared_is_refused_at_once():
    fit = fit_drivers(continuous([0.5, 0.3]), equation(2))
    with pytest.raises(ts.BadInput) as bad:
        ts.dominance(fit, "yy", group="al", draws=10)
    assert [finding.where for finding in bad.value.findings] == ["draws", "outcome", "group"]
    assert "did you mean 'y'?" in str(bad.value) and "did you mean 'all'?" in str(bad.value)
    with pytest.raises(ts.BadInput, match="at least two drivers"):
        ts.dominance(fit_drivers(continuous([1.0]), equation(1)))
    frame = continuous([1.0, 0.3], 200)
    frame["y"] = (frame["x0"] > 0).astype(int)
    with pytest.raises(ts.BadInput, match="no finite coefficients"):
        ts.dominance(fit_drivers(frame, equation(2, estimator="logit")), draws=100)


def test_the_picture_has_a_cell_for_each_ordered_pair_and_fills_those_of_which_the_draws_are_sure():
    from matplotlib import pyplot

    found = ts.dominance(fit_drivers(continuous([0.9, 0.4, 0.38], 200), equation(3)), draws=300)
    ax = found.plot()
    cells = {gid: len(ax.findobj(lambda part, gid=gid: part.get_gid() == gid)) for gid in ("sure", "unsure")}
    best = found.table[found.table["dominance"] == 1].drop_duplicates(["a", "b"])
    assert cells["sure"] == (best["reproducibility"] >= 0.95).sum() > 0
    assert cells["unsure"] == (best["reproducibility"] < 0.95).sum() > 0
    pyplot.close("all")


def test_a_group_is_judged_by_its_own_rows():
    one, other = continuous([0.9, 0.2], 300, seed=1), continuous([0.1, 0.9], 300, seed=2)
    frame = pd.concat([one.assign(who="left"), other.assign(who="right")], ignore_index=True)
    fit = fit_drivers(frame, equation(2, groups="who"))
    first = {group: ts.dominance(fit, group=group, draws=200).table.iloc[0] for group in ("left", "right")}
    assert (first["left"]["a"], first["right"]["a"]) == ("x0", "x1")
    alone = ts.dominance(fit_drivers(one, equation(2)), draws=200)
    assert first["left"].equals(alone.table.iloc[0])
