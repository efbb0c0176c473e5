"""The positions of pairs are the same, whoever finds them."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wordpiece import WordCounts, WordpieceError, train
from wordpiece.training import occurrences as module
from wordpiece.training.occurrences import (
    Occurrences,
    base_of,
    joined,
    occurrences_in,
    occurrences_of,
    read,
    shared_occurrences,
    stretches,
    written,
)
from wordpiece.training.segments import NOTHING, Segment, laid_out

words = st.lists(st.lists(st.integers(0, 3), min_size=1, max_size=6), min_size=1, max_size=12)


def plain(symbols: list[int], base: int) -> Occurrences:
    """Position after position."""
    found: dict[int, list[int]] = {}
    for at, (left, right) in enumerate(pairwise(symbols)):
        found.setdefault(left * base + right, []).append(at)
    return found  # type: ignore[return-value]


def in_order(found: Occurrences) -> list[tuple[int, list[int]]]:
    """The pairs in their order, with their positions."""
    return [(key, list(positions)) for key, positions in found.items()]


@given(sequences=words, number=st.integers(1, 4), turn=st.integers(1, 5))
def test_parts_have_what_the_whole_has(sequences: list[list[int]], number: int, turn: int) -> None:
    symbols = laid_out(Segment(word, 1) for word in sequences).symbols
    base = base_of(symbols)
    expected = in_order(plain(symbols, base))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "TURN", turn)
        patch.setattr(module, "HEAD_START", 0)
        assert in_order(occurrences_of(symbols, range(len(symbols)), base)) == expected
        parts = [occurrences_in(each) for each in stretches(symbols, base, number)]
    assert len(parts) == number
    assert in_order(joined(read(written(part)) for part in parts)) == expected


def test_parts_are_cut_between_words_and_the_last_is_the_longest(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "HEAD_START", 4)
    symbols = [NOTHING, 5, 6, NOTHING, 7, NOTHING, 8, NOTHING, 9, 9, NOTHING]
    found = [(start, len(data) // 4) for data, start, _ in stretches(symbols, 100, 2)]
    assert found == [(0, 4), (3, 8)]


@pytest.mark.parametrize("workers", [1, 2, 3])
def test_other_processes_find_the_same(workers: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "WORTH_A_PROCESS", 1000)
    monkeypatch.setattr(module, "HEAD_START", 100)
    monkeypatch.setattr(module, "LARGE_ALPHABET", 0)
    symbols = laid_out(Segment([at % 7, at % 11, at % 13], 1) for at in range(2000)).symbols
    base = base_of(symbols)
    assert in_order(shared_occurrences(symbols, base, workers)) == in_order(plain(symbols, base))


@pytest.mark.parametrize("options", [{}, {"score": "gain"}, {"model": "byte-bpe"}])
def test_a_training_is_the_same_with_other_processes(
    options: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    counts = WordCounts({f"w{at * at}o{at % 7}rd": 1 + at % 5 for at in range(3000)})
    first = train(counts, vocab_size=400, workers=1, **options)  # type: ignore[arg-type]
    monkeypatch.setattr(module, "WORTH_A_PROCESS", 1000)
    monkeypatch.setattr(module, "HEAD_START", 100)
    monkeypatch.setattr(module, "LARGE_ALPHABET", 0)
    second = train(counts, vocab_size=400, workers=2, **options)  # type: ignore[arg-type]
    assert second.merges == first.merges
    assert second.details == first.details


def test_no_process_is_started_for_a_small_alphabet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "WORTH_A_PROCESS", 2)
    monkeypatch.setattr(module, "MODULE", "wordpiece.training.nothing_here")
    symbols = laid_out([Segment([0, 1], 1)] * 9).symbols
    assert len(shared_occurrences(symbols, base_of(symbols), 2)) == 3


def test_a_process_that_dies_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "WORTH_A_PROCESS", 2)
    monkeypatch.setattr(module, "HEAD_START", 0)
    monkeypatch.setattr(module, "LARGE_ALPHABET", 0)
    monkeypatch.setattr(module, "MODULE", "wordpiece.training.nothing_here")
    with pytest.raises(WordpieceError, match="a worker process ended early"):
        train(WordCounts({"word": 1, "words": 2}), vocab_size=30, workers=2)
