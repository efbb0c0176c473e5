"""Greedy longest match: literal words over ten lines of vocabulary."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wordpiece.errors import FormatError
from wordpiece.models.wordpiece import WordPiece

VOCAB = ["[UNK]", "un", "una", "##ffa", "##ble", "a", "##a", "##ab", "wa", "##wa"]
MODEL = WordPiece({token: id for id, token in enumerate(VOCAB)})


def tokens(model: WordPiece, word: str) -> list[str]:
    names = {id: token for token, id in model.vocab.items()}
    return [names[id] for id in model.ids(word)]


@pytest.mark.parametrize(
    ("word", "split"),
    [
        ("unaffable", "una ##ffa ##ble"),
        ("unaffableX", "[UNK]"),  # one position without a match loses the whole word
        ("un", "un"),
        ("aab", "a ##ab"),
        ("aaab", "a ##a ##ab"),
        ("wawa", "wa ##wa"),
        ("b", "[UNK]"),
        ("", ""),
    ],
)
def test_longest_match_first(word: str, split: str) -> None:
    assert " ".join(tokens(MODEL, word)) == split


def test_greedy_does_not_look_ahead() -> None:
    """un ##aff ##able would fit, but una is longer than un, and then nothing does."""
    vocab = {"[UNK]": 0, "un": 1, "una": 2, "##aff": 3, "##able": 4}
    assert tokens(WordPiece(vocab), "unaffable") == ["[UNK]"]


@pytest.mark.parametrize(("length", "split"), [(100, 100), (101, 1)])
def test_a_word_of_more_than_a_hundred_characters_is_unknown(length: int, split: int) -> None:
    pieces = MODEL.pieces("a" * length)
    assert len(pieces) == split
    assert (pieces[0].start, pieces[-1].end) == (0, length)
    assert (pieces[0].id == 0) == (length > 100)


def test_the_limit_counts_characters_not_bytes() -> None:
    model = WordPiece({"[UNK]": 0, "한": 1, "##한": 2})
    assert 0 not in model.ids("한" * 100)


def test_the_prefix_is_a_setting() -> None:
    model = WordPiece({"?": 0, "a": 1, "@b": 2}, unk_token="?", continuing_subword_prefix="@")
    assert model.ids("ab") == [1, 2]
    bare = WordPiece({"?": 0, "a": 1, "b": 2}, unk_token="?", continuing_subword_prefix="")
    assert bare.ids("ab") == [1, 2]


def test_an_entry_with_the_prefix_matches_at_the_start_of_a_word_too() -> None:
    model = WordPiece({"[UNK]": 0, "##a": 1, "##": 2, "#": 3})
    assert model.ids("##a") == [1]


def test_a_missing_unknown_token_is_an_error_only_when_needed() -> None:
    model = WordPiece({"a": 0})
    assert model.ids("a") == [0]
    with pytest.raises(FormatError, match=r"no '\[UNK\]', which the word 'b' needs"):
        model.ids("b")


def plain_greedy(vocab: set[str], word: str) -> list[str]:
    """The rule in its plainest form, for comparison."""
    pieces: list[str] = []
    rest = word
    while rest:
        prefix = "##" if pieces else ""
        fits = [n for n in range(len(rest), 0, -1) if prefix + rest[:n] in vocab]
        if not fits:
            return ["[UNK]"]
        pieces.append(prefix + rest[: fits[0]])
        rest = rest[fits[0] :]
    return pieces


@given(
    entries=st.sets(st.text("ab", min_size=1, max_size=4)),
    continuing=st.sets(st.text("ab", min_size=1, max_size=4)),
    word=st.text("ab", max_size=12),
)
def test_any_vocabulary_splits_as_the_plain_rule_says(
    entries: set[str], continuing: set[str], word: str
) -> None:
    vocab = ["[UNK]", *sorted(entries), *(f"##{token}" for token in sorted(continuing))]
    model = WordPiece({token: id for id, token in enumerate(vocab)})
    assert tokens(model, word) == plain_greedy(set(vocab), word)
    pieces = model.pieces(word)
    assert "".join(word[piece.start : piece.end] for piece in pieces) == word
    assert model.ids(word) == [piece.id for piece in pieces]
