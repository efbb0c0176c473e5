"""Truncation, windows, padding and pre-split words: every field equal to `tokenizers`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from tokenizers import Tokenizer as Theirs

from wordpiece import presets
from wordpiece.encoding import Encoding
from wordpiece.errors import InputError, OptionError
from wordpiece.fitting import lengths_within, windows
from wordpiece.formats import tokenizer_json
from wordpiece.postprocess import roberta_template
from wordpiece.pretrained import Tokenizer
from wordpiece.text.byte_alphabet import byte_characters

VOCAB = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *"abcé", "##a", "##b", "ab", "-", "##bc"]
FIELDS = (
    *("ids", "tokens", "offsets", "type_ids"),
    *("attention_mask", "special_tokens_mask", "word_ids"),
)


def bert() -> Tokenizer:
    return Tokenizer(presets.wordpiece(VOCAB, lowercase=True))


def plain_bpe() -> Tokenizer:
    """Byte-level BPE without a template, with a padding token."""
    vocab = ["<|endoftext|>", *byte_characters(), "ab", "Ġa"]
    merges = [("a", "b"), ("Ġ", "a")]
    return Tokenizer(presets.byte_bpe(vocab, merges=merges))


PAIRS = {name: make() for name, make in (("bert", bert), ("byte-bpe", plain_bpe))}


def theirs_of(name: str) -> Any:
    return Theirs.from_str(tokenizer_json.dump(PAIRS[name].parts))


THEIRS = {name: theirs_of(name) for name in PAIRS}
PAD = {"bert": (0, "[PAD]"), "byte-bpe": (0, "<|endoftext|>")}

texts = st.lists(
    st.sampled_from(["a", "ab", "abc", "é", "-", "x", "c-ab", "[MASK]"]), max_size=9
).map(" ".join)
words = st.lists(st.sampled_from(["a", "ab-c", "", "é", "x y", "[MASK]", " b"]), max_size=6)


def fields(encoding: Any) -> list[Any]:
    return [list(getattr(encoding, name)) for name in FIELDS]


def same(ours: Encoding, theirs: Any) -> None:
    """All fields, and those of every window that overflows."""
    assert fields(ours) == fields(theirs)
    assert [fields(each) for each in ours.overflowing] == [
        fields(each) for each in theirs.overflowing
    ]


def set_up(name: str, options: dict[str, Any]) -> Any:
    """Their tokenizer with the same options."""
    theirs = THEIRS[name]
    theirs.no_truncation()
    theirs.no_padding()
    if options.get("truncation"):
        try:
            theirs.enable_truncation(
                options["max_length"],
                stride=options["stride"],
                strategy=options["truncation"],
                direction=options["truncation_side"],
            )
        except ValueError:  # as if special tokens were always added
            assume(False)
    if options.get("padding"):
        id, token = PAD[name]
        theirs.enable_padding(
            direction=options["padding_side"],
            pad_id=id,
            pad_token=token,
            length=options["max_length"] if options["padding"] == "max_length" else None,
            pad_to_multiple_of=options["pad_to_multiple_of"],
        )
    return theirs


options = st.fixed_dictionaries(
    {
        "truncation": st.sampled_from([False, "longest_first", "only_first", "only_second"]),
        "padding": st.sampled_from([False, "longest", "max_length"]),
        "max_length": st.integers(3, 12),
        "stride": st.integers(0, 3),
        "pad_to_multiple_of": st.none() | st.integers(1, 8),
        "truncation_side": st.sampled_from(["left", "right"]),
        "padding_side": st.sampled_from(["left", "right"]),
    }
)


def encoded(name: str, call: Any) -> Any:
    """What ours gives; None where it refuses what cannot be."""
    try:
        return call(PAIRS[name])
    except (InputError, OptionError):
        return None


@pytest.mark.parametrize("name", PAIRS)
@given(batch=st.lists(st.tuples(texts, st.none() | texts), min_size=1, max_size=4), chosen=options)
def test_a_batch_is_fitted_as_theirs(
    name: str, batch: list[tuple[str, str | None]], chosen: dict[str, Any]
) -> None:
    inputs: Sequence[Any] = [one if other is None else (one, other) for one, other in batch]
    kept = dict(chosen)
    if not kept["truncation"]:
        kept["stride"] = 0
    ours = encoded(name, lambda t: t.encode_batch(inputs, pad_token=PAD[name][1], **kept))
    assume(ours is not None)
    theirs = set_up(name, kept).encode_batch(inputs)
    for own, their in zip(ours, theirs, strict=True):
        same(own, their)


@pytest.mark.parametrize("name", PAIRS)
@given(first=words, second=st.none() | words, chosen=options, special=st.booleans())
def test_words_that_are_split_already_are_fitted_as_theirs(
    name: str, first: list[str], second: list[str] | None, chosen: dict[str, Any], special: bool
) -> None:
    kept = dict(chosen)
    if not kept["truncation"]:
        kept["stride"] = 0
    ours = encoded(
        name,
        lambda t: t.encode(
            first,
            second,
            is_split_into_words=True,
            add_special_tokens=special,
            pad_token=PAD[name][1],
            **kept,
        ),
    )
    assume(ours is not None)
    theirs = set_up(name, kept).encode(
        first, second, is_pretokenized=True, add_special_tokens=special
    )
    same(ours, theirs)


@given(
    first=st.integers(0, 9),
    second=st.none() | st.integers(0, 9),
    room=st.integers(0, 12),
    strategy=st.sampled_from(["longest_first", "only_first", "only_second"]),
)
def test_what_is_cut_fits(first: int, second: int | None, room: int, strategy: Any) -> None:
    try:
        one, other = lengths_within(first, second, room, strategy)
    except InputError:
        return
    assert one + (other or 0) <= room
    assert one <= first
    assert other is None or (second is not None and other <= second)
    if first + (second or 0) >= room and strategy == "longest_first":
        assert one + (other or 0) == room


@given(
    length=st.integers(0, 30),
    size=st.integers(1, 12),
    stride=st.integers(0, 11),
    side=st.sampled_from(["left", "right"]),
)
def test_windows_cover_a_text_and_share_the_stride(
    length: int, size: int, stride: int, side: Any
) -> None:
    assume(stride < size)
    found = windows(length, size, stride, side)
    assert {at for start, stop in found for at in range(start, stop)} == set(range(length))
    assert all(stop - start <= size for start, stop in found)
    ordered = sorted(found)
    for (_, stop), (start, _) in pairwise(ordered):
        assert stop - start >= stride


@pytest.mark.parametrize(
    ("chosen", "error"),
    [
        ({"truncation": True}, "truncation: needs max_length"),
        ({"padding": "max_length"}, "padding: needs max_length"),
        ({"truncation": True, "max_length": 0}, "max_length 0: must be at least 1"),
        ({"truncation": True, "max_length": 1}, "max_length 1: the special tokens alone are 2"),
        ({"truncation": True, "max_length": 4, "stride": 4}, "stride 4: must be from 0 to 3"),
        ({"truncation": True, "max_length": 4, "stride": 2}, "must be less than the 2 tokens"),
        ({"truncation": "middle", "max_length": 4}, "truncation 'middle': must be True, False"),
        ({"truncation": "only_second", "max_length": 4}, "there is no second text to cut"),
        ({"padding": True, "padding_side": "top"}, "padding_side 'top': must be 'left' or"),
        ({"padding": True, "pad_to_multiple_of": 0}, "pad_to_multiple_of 0: must be at least 1"),
        ({"stride": 2}, "stride 2: is for truncation"),
        ({"padding": True, "pad_token": "[NO]"}, "pad_token '[NO]': is not in the vocabulary"),
    ],
)
def test_what_cannot_be_is_refused(chosen: dict[str, Any], error: str) -> None:
    with pytest.raises((InputError, OptionError)) as raised:
        bert().encode("a b c a b c", **chosen)
    assert error in str(raised.value)


def test_a_vocabulary_without_a_padding_token_says_so() -> None:
    with pytest.raises(OptionError, match="has no padding token: name one with pad_token"):
        PAIRS["byte-bpe"].encode("a", padding=True)


def test_bert_literature_draws_it_so(data: Path) -> None:
    """`[CLS] i love paris [SEP] [PAD] [PAD]`, mask 1 1 1 1 1 0 0."""
    bert = Tokenizer.from_file(data / "bert-vocabs/bert-base-uncased.txt", lowercase=True)
    found = bert.encode("I love Paris", max_length=7, padding="max_length")
    assert found.tokens == ["[CLS]", "i", "love", "paris", "[SEP]", "[PAD]", "[PAD]"]
    assert found.attention_mask == [1, 1, 1, 1, 1, 0, 0]
    assert found.ids == [101, 1045, 2293, 3000, 102, 0, 0]
    assert found.type_ids == [0] * 7


def test_windows_that_overflow_keep_the_types_of_the_template() -> None:
    """Where `tokenizers` has 0 and 1, whatever the template says: README names the difference."""
    parts = presets.wordpiece(VOCAB, lowercase=True)
    template = roberta_template("[CLS]", "[SEP]", parts.model.vocab)
    ours = Tokenizer(replace(parts, template=template))
    theirs = Theirs.from_str(tokenizer_json.dump(ours.parts))
    theirs.enable_truncation(8)
    found = ours.encode("a b c", "c b a", truncation=True, max_length=8)
    expected = theirs.encode("a b c", "c b a")
    assert fields(found) == fields(expected)
    assert len(found.overflowing) == len(expected.overflowing) > 0
    for own, other in zip(found.overflowing, expected.overflowing, strict=True):
        assert own.ids == other.ids
        assert set(own.type_ids) == {0}
    assert any(set(other.type_ids) == {0, 1} for other in expected.overflowing)
