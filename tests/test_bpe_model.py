"""Merging by rank: the worked cases, and the two ways of doing it."""

from __future__ import annotations

import pickle
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wordpiece import FormatError
from wordpiece.models import bpe
from wordpiece.models.bpe import BPE
from wordpiece.text.byte_alphabet import byte_characters, from_text

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


def bytes_model(*merges: str) -> BPE:
    """Byte-level BPE; a merge is two runs of bytes in hexadecimal, with a space between."""
    pairs = [tuple(named(bytes.fromhex(part)) for part in merge.split()) for merge in merges]
    tokens = dict.fromkeys([*map(named, map(bytes, zip(range(256)))), *map("".join, pairs)])
    return BPE(dict(zip(tokens, range(len(tokens)), strict=True)), pairs)  # type: ignore[arg-type]


def named(data: bytes) -> str:
    """Bytes as byte-level tokens have them."""
    return "".join(map(byte_characters().__getitem__, data))


@pytest.fixture
def whole_characters(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let any word with a character of three bytes be begun by its characters."""
    monkeypatch.setattr(bpe, "WORTH_PREPARING", 0)
    monkeypatch.setattr(bpe, "LONG_BYTES", 0)


# 国 is e5 9b bd, 家 is e5 ae b6
@pytest.mark.parametrize(
    ("merges", "begun"),
    [
        (["e5 9b", "e59b bd", "e5 ae", "e5ae b6", "e59bbd e5aeb6"], "e59bbd e5aeb6"),
        (["e5 9b", "e59b bd"], "e59bbd e5 ae b6"),
        (["bd e5", "e5 9b", "e59b bd"], "e5 9b bd e5 ae b6"),
        (["e5 9b", "e59b bd", "e59bbd e5"], "e5 9b bd e5 ae b6"),
        (["e5 ae", "e5ae b6", "bd e5aeb6"], "e5 9b bd e5 ae b6"),
        (["20 e5", "e5 ae", "e5ae b6"], "e5 9b bd e5aeb6"),
    ],
)
@pytest.mark.usefixtures("whole_characters")
def test_merging_begins_with_characters_but_beside_a_ragged_token(
    merges: list[str], begun: str
) -> None:
    model = bytes_model(*merges)
    word = from_text("国家")
    ids = [model.vocab[named(bytes.fromhex(part))] for part in begun.split()]
    assert model._whole is not None
    assert model._whole.ids(word, 10) == ids
    assert model.ids(word) == [piece.id for piece in model.pieces(word)]


@pytest.mark.usefixtures("whole_characters")
def test_a_token_may_be_ragged_at_both_ends() -> None:
    model = bytes_model("e5 ae", "e5ae b6", "bd e5aeb6", "bde5aeb6 e5", "e5 9b", "e59b bd")
    word = from_text("国家国")
    assert model.ids(word) == [piece.id for piece in model.pieces(word)]
    assert model.vocab[named(bytes.fromhex("bde5aeb6e5"))] in model.ids(word)


@pytest.mark.usefixtures("whole_characters")
def test_what_characters_come_to_goes_to_another_process() -> None:
    model = bytes_model("e5 9b", "e59b bd", "bd e5")
    words = [from_text("国家"), from_text("家国国")]
    expected = list(map(model.ids, words[:1]))
    copied = pickle.loads(pickle.dumps(model))
    assert list(map(copied.ids, words)) == [*expected, model.ids(words[1])]


def test_merging_begins_with_bytes_where_it_matters() -> None:
    assert bytes_model("e59b bd", "e5 9b")._whole is None  # a merge before that of its part
    shared = BPE({"a": 0, "b": 0, "ab": 1}, [("a", "b")])
    assert shared._whole is None
    model = bytes_model("e5 9b")
    assert model._whole is not None
    for word in ("é", from_text("国")[:2], from_text("国家")[1:], from_text("国") * 11):
        assert model._whole.ids(word, 10) is None


@given(data=st.data(), text=st.text("ab é국가家😀", max_size=30))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@pytest.mark.usefixtures("whole_characters")
def test_characters_first_comes_to_the_same(data: st.DataObject, text: str) -> None:
    """Merges of any neighbors that the text has, in any order that a training could find."""
    word = from_text(text)
    symbols = list(word)
    merges: list[tuple[str, str]] = []
    for _ in range(data.draw(st.integers(0, min(20, max(0, len(symbols) - 1))))):
        if len(symbols) < 2:
            break
        at = data.draw(st.integers(0, len(symbols) - 2))
        pair = (symbols[at], symbols[at + 1])
        merges.append(pair)
        symbols = list(joined(symbols, pair))
    if data.draw(st.booleans()):
        merges = data.draw(st.permutations(merges))
    tokens = dict.fromkeys([*map(named, map(bytes, zip(range(256)))), *map("".join, merges)])
    model = BPE(dict(zip(tokens, range(len(tokens)), strict=True)), dict.fromkeys(merges))
    for again in (text, text[::-1], text * 2):
        word = from_text(again)
        assert model.ids(word) == [piece.id for piece in model.pieces(word)]


def joined(symbols: list[str], pair: tuple[str, str]) -> Iterator[str]:
    """The symbols with a pair made one wherever it stands."""
    waiting = list(reversed(symbols))
    while waiting:
        symbol = waiting.pop()
        if waiting and (symbol, waiting[-1]) == pair:
            symbol += waiting.pop()
        yield symbol


def test_an_unknown_token_that_is_not_there_is_named() -> None:
    with pytest.raises(FormatError, match=r"no '\[UNK\]', which the character 'x' needs"):
        BPE({"a": 0}, [], unk_token="[UNK]").ids("ax")
