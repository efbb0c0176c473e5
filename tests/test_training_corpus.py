"""Counts kept in step with a merge equal counts made anew."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wordpiece.training.alphabet import WordSegments
from wordpiece.training.corpus import Corpus, pair_of, parts_of
from wordpiece.training.reference import count_pairs, count_symbols, merged
from wordpiece.training.segments import Segment, laid_out
from wordpiece.types import WordCounts

# sequence, pair, what is left when the pair becomes 9
TABLE = [
    ([1, 2], (1, 2), [9]),
    ([1, 2, 3], (1, 2), [9, 3]),
    ([3, 1, 2], (1, 2), [3, 9]),
    ([1, 2, 1, 2], (1, 2), [9, 9]),
    ([1, 2, 2, 1, 2], (1, 2), [9, 2, 9]),
    ([1, 1], (1, 1), [9]),
    ([1, 1, 1], (1, 1), [9, 1]),
    ([1, 1, 1, 1], (1, 1), [9, 9]),
    ([1, 1, 1, 1, 1], (1, 1), [9, 9, 1]),
    ([2, 1, 1, 1, 2], (1, 1), [2, 9, 1, 2]),
    ([1, 2, 3, 1, 1, 2], (1, 2), [9, 3, 1, 9]),
]


@pytest.mark.parametrize(("symbols", "pair", "left"), TABLE)
def test_counts_after_one_merge(symbols: list[int], pair: tuple[int, int], left: list[int]) -> None:
    corpus = Corpus([Segment(symbols, 3)])
    corpus.merge(pair_of(*pair), 9)
    assert merged(symbols, pair, 9) == left
    assert_counts(corpus, [Segment(left, 3)])


@given(
    sequences=st.lists(st.lists(st.integers(0, 3), min_size=1, max_size=12), min_size=1),
    weights=st.lists(st.integers(1, 9), min_size=20, max_size=20),
    choices=st.lists(st.integers(0, 10**6), max_size=8),
    reuse=st.booleans(),
    least=st.sampled_from([1, 1, 3, 10]),
)
def test_counts_after_many_merges(
    sequences: list[list[int]], weights: list[int], choices: list[int], reuse: bool, least: int
) -> None:
    """New ids, and ids that are used again, which puts new occurrences between old ones."""
    segments = [Segment(s, weights[at % len(weights)]) for at, s in enumerate(sequences)]
    corpus = Corpus(segments, least)
    for step, choice in enumerate(choices):
        pairs = sorted(corpus.pair_counts)
        if not pairs:
            break
        pair = pairs[choice % len(pairs)]
        new = 4 + (step % 2 if reuse else step)
        if new in parts_of(pair):
            continue
        corpus.merge(pair, new)
        segments = [Segment(merged(s.symbols, parts_of(pair), new), s.weight) for s in segments]
        assert_counts(corpus, segments)
        assert_first_occurrences(corpus, segments)
    followed = set(corpus.pair_counts)
    assert set(corpus.follow_all()) == set(corpus.pair_counts) - followed
    assert_counts(corpus, segments)
    assert_first_occurrences(corpus, segments)


def assert_counts(corpus: Corpus, segments: list[Segment]) -> None:
    symbols = count_symbols(segments)
    assert {s: f for s, f in corpus.symbol_counts.items() if f} == dict(symbols)
    pairs = {pair: f for pair, f in count_pairs(segments).items() if f >= corpus.least}
    assert {parts_of(pair): f for pair, f in corpus.pair_counts.items()} == pairs
    assert corpus.total == symbols.total()


def assert_first_occurrences(corpus: Corpus, segments: list[Segment]) -> None:
    in_order = sorted(corpus.pair_counts, key=corpus.first)
    pairs = [pair for pair, f in count_pairs(segments).items() if f >= corpus.least]
    assert [parts_of(pair) for pair in in_order] == pairs


def test_words_longer_than_a_byte_can_count() -> None:
    symbols = [1, 2] * 300
    corpus = Corpus([Segment(symbols, 1)])
    corpus.merge(pair_of(1, 2), 3)
    segments = [Segment([3] * 300, 1)]
    assert_counts(corpus, segments)
    for new in (4, 5, 6, 7, 8, 9):
        pair = next(iter(corpus.pair_counts))
        corpus.merge(pair, new)
        segments = [Segment(merged(s.symbols, parts_of(pair), new), 1) for s in segments]
        assert_counts(corpus, segments)


@given(
    words=st.dictionaries(st.text("ab\0\1", min_size=1, max_size=4), st.integers(1, 2**40)),
    forms=st.sets(st.sampled_from([*"ab\0\1", "##a", "##b", "##\0", "##\1", "##"])),
    prefix=st.sampled_from(["##", ""]),
)
def test_words_are_laid_out_together_as_one_by_one(
    words: dict[str, int], forms: set[str], prefix: str
) -> None:
    """Also where characters have no symbol, or are those that stand between."""
    ids = {form: id for id, form in enumerate(sorted(forms))}
    found = WordSegments(WordCounts(words), ids, prefix=prefix)
    assert found.laid_out() == laid_out(iter(found))
