"""Labels of words and stretches of text, carried over to tokens."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wordpiece import InputError, OptionError, Tokenizer, presets
from wordpiece.alignment import align_labels, span_to_tokens

VOCAB = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "a", "b", "##a", "##b", "##ab", "ab"]
tokenizer = Tokenizer(presets.wordpiece(VOCAB))


def test_only_the_first_piece_of_a_word_has_its_label() -> None:
    encoding = tokenizer.encode(["abab", "b", "ba"], is_split_into_words=True)
    assert encoding.tokens == ["[CLS]", "ab", "##ab", "b", "b", "##a", "[SEP]"]
    assert align_labels(encoding, [5, 6, 7]) == [-100, 5, -100, 6, 7, -100, -100]
    every = align_labels(encoding, ["x", "y", "z"], only_first=False, ignored="-")
    assert every == ["-", "x", "x", "y", "z", "z", "-"]


def test_a_window_that_begins_inside_a_word_has_its_label() -> None:
    words = ["abab", "b"]
    encoding = tokenizer.encode(
        words, is_split_into_words=True, truncation=True, max_length=3, padding="max_length"
    )
    assert align_labels(encoding, [5, 6]) == [-100, 5, -100]
    assert [align_labels(each, [5, 6]) for each in encoding.overflowing] == [
        [-100, 5, -100],
        [-100, 6, -100],
    ]


def test_of_a_pair_the_type_says_which_text_is_labeled() -> None:
    encoding = tokenizer.encode(["a"], ["b", "ab"], is_split_into_words=True)
    assert align_labels(encoding, [1, 2], type_id=1) == [-100, -100, -100, 1, 2, -100]


def test_too_few_labels_are_told() -> None:
    with pytest.raises(InputError, match="labels: there are 1, and the text has a word 1"):
        align_labels(tokenizer.encode(["a", "b"], is_split_into_words=True), [0])


def test_an_answer_is_found_in_the_second_text_and_in_its_window() -> None:
    encoding = tokenizer.encode(
        "a b", "ab abab b ab", truncation="only_second", max_length=8, stride=1
    )
    windows = [encoding, *encoding.overflowing]
    found = [span_to_tokens(window, 3, 7, type_id=1) for window in windows]  # abab
    assert [
        window.tokens[slice(*place)] for window, place in zip(windows, found, strict=True) if place
    ] == [["ab", "##ab"]]
    assert span_to_tokens(encoding, 0, 1, type_id=0) == (1, 2)


@given(
    words=st.lists(st.text("ab", min_size=1, max_size=6), min_size=1, max_size=6),
    data=st.data(),
)
def test_the_tokens_of_a_stretch_cover_it_and_no_more(
    words: list[str], data: st.DataObject
) -> None:
    text = " ".join(words)
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    encoding = tokenizer.encode(text)
    found = span_to_tokens(encoding, start, end)
    if not text[start:end].strip():
        assert found is None
        return
    assert found is not None
    first, last = found
    places = encoding.offsets[first:last]
    covered = {at for begin, stop in places for at in range(begin, stop)}
    assert covered >= {at for at in range(start, end) if text[at] != " "}
    assert places[0][1] > start
    assert places[-1][0] < end


@pytest.mark.parametrize(("start", "end"), [(-1, 2), (3, 3), (4, 2)])
def test_a_stretch_that_is_none_is_refused(start: int, end: int) -> None:
    with pytest.raises(OptionError, match="span"):
        span_to_tokens(tokenizer.encode("ab"), start, end)
