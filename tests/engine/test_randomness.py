"""Addressed randomness: published test vectors, numpy's Philox, uniform and normal numbers without gaps."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, strategies as st
from scipy import special, stats

from touchsim.engine.randomness import mix, normal, philox, uniform
from touchsim.world.layout import place_of

WORD = st.integers(0, 2**64 - 1)
ONES = 0xFFFFFFFFFFFFFFFF

# Known-answer vectors of the Random123 distribution (Salmon et al. 2011): counter, key, result.
KNOWN = [
    ((0, 0, 0, 0), (0, 0), (0x16554D9ECA36314C, 0xDB20FE9D672D0FDC, 0xD7E772CEE186176B, 0x7E68B68AEC7BA23B)),
    ((ONES,) * 4, (ONES,) * 2, (0x87B092C3013FE90B, 0x438C3C67BE8D0224, 0x9CC7D7C69CD777B6, 0xA09CAEBF594F0BA0)),
    (
        (0x243F6A8885A308D3, 0x13198A2E03707344, 0xA4093822299F31D0, 0x082EFA98EC4E6C89),
        (0x452821E638D01377, 0xBE5466CF34E90C6C),
        (0xA528F45403E61D95, 0x38C72DBD566E9788, 0xA5A1610E72FD18B5, 0x57BD43B5E52B7FE6),
    ),
]


def words(key: tuple[int, ...], counter: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(int(word) for word in philox(*(np.uint64(part) for part in (*key, *counter))))


@pytest.mark.parametrize(("counter", "key", "result"), KNOWN)
def test_philox_gives_the_published_vectors(
    counter: tuple[int, ...], key: tuple[int, ...], result: tuple[int, ...]
) -> None:
    assert words(key, counter) == result


@given(st.tuples(WORD, WORD), st.tuples(st.integers(1, 2**64 - 1), WORD, WORD, WORD))
def test_philox_is_numpys_philox_word_for_word(key: tuple[int, ...], counter: tuple[int, ...]) -> None:
    before = np.array([counter[0] - 1, *counter[1:]], dtype=np.uint64)  # numpy counts up before it draws
    theirs = np.random.Philox(counter=before, key=np.array(key, dtype=np.uint64)).random_raw(4)
    assert words(key, counter) == tuple(int(word) for word in theirs)


@given(WORD)
def test_a_uniform_number_lies_strictly_between_0_and_1(word: int) -> None:
    assert 0.0 < uniform(np.uint64(word)) < 1.0


@given(st.floats(1e-300, 1 - 1e-16))
def test_the_normal_quantile_equals_scipys(u: float) -> None:
    assert normal(u) == pytest.approx(special.ndtri(u), rel=2e-15, abs=1e-15)


def test_words_mixed_for_two_options_are_independent_uniforms() -> None:
    a, b = place_of("store"), place_of("phone")
    drawn = [philox(*(np.uint64(n) for n in (1, 0, i, 2, 3, 4)))[0] for i in range(4000)]
    mixed = [[mix(np.uint64(word), np.uint64(place)) for place in (a, b)] for word in drawn]
    pairs = np.array([[uniform(np.uint64(word)) for word in pair] for pair in mixed])
    assert stats.kstest(pairs[:, 0], "uniform").pvalue > 0.001
    assert stats.kstest(pairs[:, 1], "uniform").pvalue > 0.001
    assert abs(np.corrcoef(pairs.T)[0, 1]) < 4 / np.sqrt(len(drawn))


def test_hashes_of_places_never_change() -> None:
    assert place_of("phone") == 0xE70D8D9FCA47B9F3
