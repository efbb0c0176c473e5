"""BERT's split into words: where it cuts, and that it is Hugging Face's."""

from __future__ import annotations

import pytest
from hypothesis import given
from tokenizers.pre_tokenizers import BertPreTokenizer as Theirs

from tests.strategies import nasty_strings, nasty_text
from wordpiece.text.normalize import Normalized
from wordpiece.text.pretokenize import BertPreTokenizer

OURS = BertPreTokenizer()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", []),
        (" \n\t", []),
        ("don't stop.", ["don", "'", "t", "stop", "."]),
        ("a$b^c", ["a", "$", "b", "^", "c"]),
        ("€5±©×", ["€5±©×"]),
        ("a\x1cb", ["a\x1cb"]),  # white space to str.split, not here
        ("a\x85b\u2028c", ["a", "b", "c"]),
        ("a\u166db\U000111c9c", ["a", "\u166d", "b", "\U000111c9", "c"]),
        ("a\u061db\u2e43c", ["a\u061db\u2e43c"]),  # younger punctuation is not split
    ],
)
def test_where_words_are_cut(text: str, words: list[str]) -> None:
    assert OURS.split(text) == words


def test_words_have_their_offsets() -> None:
    words = OURS.split_aligned(Normalized("a, b", [7, 8, 9, 9]))
    assert words == [("a", [7]), (",", [8]), ("b", [9])]


def test_every_scalar_value_is_split_as_hugging_face_does() -> None:
    for first in range(0, 0x110000, 4096):
        codes = [c for c in range(first, first + 4096) if not 0xD800 <= c <= 0xDFFF]
        assert_equal("z".join(f"x{chr(code)}y" for code in codes))


@given(text=nasty_text)
def test_hostile_text_is_split_as_hugging_face_does(text: str) -> None:
    assert_equal(text)


def test_many_hostile_texts_are_split_as_hugging_face_does() -> None:
    for text in nasty_strings(3000, seed=2):
        assert_equal(text)


def assert_equal(text: str) -> None:
    aligned = OURS.split_aligned(Normalized(text, range(len(text))))
    ours = [(word, (origins[0], origins[-1] + 1)) for word, origins in aligned]
    assert ours == Theirs().pre_tokenize_str(text)
    assert OURS.split(text) == [word for word, _ in ours]
