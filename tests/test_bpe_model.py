"""Merging by rank: the worked cases, and the two ways of doing it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wordpiece import FormatError
from wordpiece.models import bpe
from wordpiece.models.bpe import BPE

VOCAB = {token: id for id, token in enumerate(["[UNK]", "a", "b", "c", "ab", "bc", "abc", "aa"])}


@pytest.mark.parametrize(
    ("merges", "word", "split"),
    [
        ([], "abc", ["a", "b", "c"]),
        ([("a", "b"), ("b", "c")], "abc", ["ab", "c"]),
        ([("b", "c"), ("a", "b")], "abc", ["a", "bc"]),
        ([("a", "b"), ("ab", "c")], "abcab", ["abc", "ab"]),
        ([("a", "a")], "aaaaa", ["aa", "aa", "a"]),
    ],
)
def test_the_lowest_rank_is_merged_first(
    merges: list[tuple[str, str]], word: str, split: list[str]
) -> None:
    model = BPE(VOCAB, merges)
    tokens = {id: token for token, id in VOCAB.items()}
    assert [tokens[id] for id in model.ids(word)] == split


@given(data=st.data(), word=st.text("abcx", max_size=40))
def test_ids_are_those_of_the_pieces(data: st.DataObject, word: str) -> None:
    """Looking at all pairs, and keeping them in a heap, come to the same."""
    tokens = ["a", "b", "c"]
    merges = []
    for _ in range(data.draw(st.integers(0, 8))):
        pair = (data.draw(st.sampled_from(tokens)), data.draw(st.sampled_from(tokens)))
        merges.append(pair)
        tokens = list(dict.fromkeys([*tokens, "".join(pair)]))
    merges = list(dict.fromkeys(merges))
    vocab = {token: id for id, token in enumerate(["[UNK]", *tokens])}
    for options in ({}, {"unk_token": "[UNK]"}, {"unk_token": "[UNK]", "fuse_unk": True}):
        model = BPE(vocab, merges, **options)  # type: ignore[arg-type]
        pieces = model.pieces(word)
        assert model.ids(word) == [piece.id for piece in pieces]
        assert list(zip(*model.spans(word), strict=True)) == [tuple(piece) for piece in pieces]


def test_long_words_are_merged_with_a_heap(monkeypatch: pytest.MonkeyPatch) -> None:
    """Looking at all pairs before each merge would take quadratic time."""
    model = BPE(VOCAB, [("a", "b")])
    expected = [VOCAB["ab"]] * 50_000
    monkeypatch.setattr(bpe, "merged_ids", None)
    assert model.ids("ab" * 50_000) == expected


def test_an_unknown_token_that_is_not_there_is_named() -> None:
    with pytest.raises(FormatError, match=r"no '\[UNK\]', which the character 'x' needs"):
        BPE({"a": 0}, [], unk_token="[UNK]").ids("ax")
