"""Draws are functions of their address: numpy's own generator and the published vectors give the same words."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from touchsim.survey.draws import normals, philox_words, survey_words, uniforms

# Known answers of Random123 for philox4x64-10: counter, key, words.
PUBLISHED = [
    ([0] * 4, [0] * 2, [0x16554D9ECA36314C, 0xDB20FE9D672D0FDC, 0xD7E772CEE186176B, 0x7E68B68AEC7BA23B]),
    ([2**64 - 1] * 4, [2**64 - 1] * 2,
     [0x87B092C3013FE90B, 0x438C3C67BE8D0224, 0x9CC7D7C69CD777B6, 0xA09CAEBF594F0BA0]),
    ([0x243F6A8885A308D3, 0x13198A2E03707344, 0xA4093822299F31D0, 0x082EFA98EC4E6C89],
     [0x452821E638D01377, 0xBE5466CF34E90C6C],
     [0xA528F45403E61D95, 0x38C72DBD566E9788, 0xA5A1610E72FD18B5, 0x57BD43B5E52B7FE6]),
]  # fmt: skip


@pytest.mark.parametrize(("counter", "key", "words"), PUBLISHED)
def test_the_published_vectors_come_out(counter, key, words):
    assert philox_words(tuple(key), tuple(counter)).tolist() == words


def test_the_words_are_those_of_numpy():
    rng = np.random.default_rng(11)
    addresses = rng.integers(0, 2**64, size=(200, 6), dtype=np.uint64)
    ours = philox_words((addresses[:, 0], addresses[:, 1]), tuple(addresses[:, 2:].T))
    for row, address in enumerate(addresses):
        counter = address[2:].copy()
        counter[0] -= np.uint64(1)  # numpy counts up before it draws
        theirs = np.random.Philox(counter=counter, key=address[:2]).random_raw(4)
        assert ours[:, row].tolist() == theirs.tolist()


def test_a_draw_does_not_know_who_else_is_drawn():
    crowd = survey_words(3, 0, np.arange(100), "PI1")
    alone = survey_words(3, 0, np.array([42]), "PI1")
    assert (crowd[:, 42] == alone[:, 0]).all()


def test_seed_replication_customer_and_place_each_change_the_words():
    base = survey_words(1, 0, 5, "PI1")
    others = [survey_words(2, 0, 5, "PI1"), survey_words(1, 1, 5, "PI1"), survey_words(1, 0, 6, "PI1"),
              survey_words(1, 0, 5, "PI2"), survey_words(1, 0, 5, "PI1", nth=2)]  # fmt: skip
    assert all((base != other).all() for other in others)


def test_uniform_and_normal_numbers_have_their_laws():
    words = survey_words(9, 0, np.arange(20_000), "law")
    assert stats.kstest(uniforms(words[0]), "uniform").pvalue > 1e-3
    assert stats.kstest(normals(words[1]), "norm").pvalue > 1e-3
    assert abs(np.corrcoef(normals(words))[np.triu_indices(4, 1)]).max() < 4 / np.sqrt(20_000)


def test_uniform_numbers_never_reach_the_ends():
    ends = uniforms(np.array([0, 2**64 - 1], dtype=np.uint64))
    assert 0.0 < ends[0] < ends[1] < 1.0
