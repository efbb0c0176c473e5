"""The pipeline as a whole: fields, offsets, added tokens, decoding, the vocabulary."""

from __future__ import annotations

import copy
import gc
import pickle
import threading
import weakref
from array import array
from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Any

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

import wordpiece
from tests.strategies import nasty_text
from wordpiece import FormatError, InputError, OptionError, Tokenizer, presets
from wordpiece.encoding import Encoding
from wordpiece.models.wordpiece import WordPiece
from wordpiece.packing import unpacked
from wordpiece.postprocess import Template, TextSlot
from wordpiece.text.added_tokens import AddedToken, AddedTokens
from wordpiece.text.byte_alphabet import byte_characters
from wordpiece.text.chunks import WhitespaceChunks, kept_words, places_of, plain_text
from wordpiece.text.normalize import BertNormalizer
from wordpiece.text.pretokenize import BertPreTokenizer
from wordpiece.tokenizer import Parts, Pipeline

VOCAB = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "i", "love", "par", "##is", "é", "中", "a"]
TOKENIZER = Tokenizer(presets.wordpiece(VOCAB, lowercase=True, strip_accents=False))


def test_every_field_of_a_sentence_pair() -> None:
    encoding = TOKENIZER.encode("I love Paris", "[MASK]é?")
    assert encoding.tokens == [
        *("[CLS]", "i", "love", "par", "##is", "[SEP]", "[MASK]", "é", "[UNK]", "[SEP]")
    ]
    assert encoding.ids == [2, 5, 6, 7, 8, 3, 4, 9, 1, 3]
    assert encoding.offsets == [
        *((0, 0), (0, 1), (2, 6), (7, 10), (10, 12), (0, 0), (0, 6), (6, 7), (7, 8), (0, 0))
    ]
    assert encoding.type_ids == [0, 0, 0, 0, 0, 0, 1, 1, 1, 1]
    assert encoding.attention_mask == [1] * 10
    assert encoding.special_tokens_mask == [1, 0, 0, 0, 0, 1, 0, 0, 0, 1]
    assert encoding.word_ids == [None, 0, 1, 2, 2, None, 0, 1, 2, None]
    assert len(encoding) == 10


def test_without_special_tokens() -> None:
    encoding = TOKENIZER.encode("i", "i", add_special_tokens=False)
    assert (encoding.tokens, encoding.type_ids) == (["i", "i"], [0, 1])


def test_empty_texts() -> None:
    assert TOKENIZER.encode("").tokens == ["[CLS]", "[SEP]"]
    assert TOKENIZER.encode("i", "").tokens == ["[CLS]", "i", "[SEP]", "[SEP]"]
    assert TOKENIZER.encode("", add_special_tokens=False).tokens == []
    assert TOKENIZER.encode_ids(["", " "]) == [[], []]


def test_offsets_are_of_the_original_text() -> None:
    assert TOKENIZER.encode(" 中\x00i", add_special_tokens=False).offsets == [(1, 2), (3, 4)]
    uncased = Tokenizer(presets.wordpiece([*VOCAB, "\u1112", "##\u1161"], lowercase=True))
    assert uncased.encode("하", add_special_tokens=False).offsets == [(0, 1), (0, 1)]


@pytest.mark.parametrize("gaps", [" ", "  ", "\n", " \t"])
def test_offsets_are_right_whatever_is_between_the_chunks(gaps: str) -> None:
    uncased = Tokenizer(presets.wordpiece([*VOCAB, "##e", "cafe", "\u1112"], lowercase=True))
    text = gaps.join(["i", "love,é", "[MASK]paris", "하", "i", "cafe\u0301i", "a中", "x\x00i"])
    for tokenizer in (uncased, TOKENIZER):
        encoding = tokenizer.encode(text, add_special_tokens=False)
        words = [(word.start, word.end) for word in tokenizer.words(text)]
        found: dict[int | None, tuple[int, int]] = {}
        for word, (start, end) in zip(encoding.word_ids, encoding.offsets, strict=True):
            found[word] = (found.get(word, (start, end))[0], end)
        assert list(found.values()) == words


def test_special_tokens_in_the_text_are_cut_out_before_normalization() -> None:
    encoding = TOKENIZER.encode("a[MASK]a [mask]", add_special_tokens=False)
    assert encoding.tokens == ["a", "[MASK]", "a", "[UNK]", "[UNK]", "[UNK]"]
    assert encoding.word_ids == [0, 1, 2, 3, 4, 5]
    assert encoding.special_tokens_mask == [0] * 6


def test_words_are_the_stretches_that_the_tokens_belong_to() -> None:
    assert [tuple(word) for word in TOKENIZER.words("I PARis [MASK]")] == [
        ("i", 0, 1),
        ("paris", 2, 7),
        ("[MASK]", 8, 14),
    ]


@given(text=nasty_text)
def test_fields_agree_with_each_other(text: str) -> None:
    encoding = TOKENIZER.encode(text)
    lengths = {
        len(field)
        for field in (
            *(encoding.ids, encoding.tokens, encoding.offsets, encoding.type_ids),
            *(encoding.attention_mask, encoding.special_tokens_mask, encoding.word_ids),
        )
    }
    assert lengths == {len(encoding)}
    assert all(0 <= start <= end <= len(text) for start, end in encoding.offsets)
    assert [TOKENIZER.token_to_id(token) for token in encoding.tokens] == encoding.ids
    assert TOKENIZER.encode_ids([text], add_special_tokens=True) == [encoding.ids]


def quick(parts: Parts) -> Tokenizer:
    """A tokenizer that has not encoded anything yet."""
    return Tokenizer(parts)


def plain_ids(tokenizer: Tokenizer, texts: list[str]) -> list[list[int]]:
    """What the fast path must give: each text on its own, all fields found and the ids kept."""
    return [tokenizer.encode(text, add_special_tokens=False).ids for text in texts]


BYTE_VOCAB = [*byte_characters(), "<s>", "he", "Ġhe", "ĠĠ", ".Ċ", "ĊĊ", "Ġ,"]
BYTE_MERGES = [("h", "e"), ("Ġ", "he"), ("Ġ", "Ġ"), (".", "Ċ"), ("Ċ", "Ċ"), ("Ġ", ",")]
LETTERS = ["[UNK]", "a", "b", "ab", "##a", "##b", "##ab", ".", "'", "e", "##e", "中"]
QUICK_PARTS = {
    "wordpiece": presets.wordpiece(LETTERS),
    "uncased": presets.wordpiece(LETTERS, lowercase=True),
    "bpe": presets.bpe(LETTERS, [("a", "b")]),
    "byte-bpe": presets.byte_bpe(BYTE_VOCAB, BYTE_MERGES, special_tokens=["<s>"]),
    "prefix space": presets.byte_bpe(BYTE_VOCAB, BYTE_MERGES, add_prefix_space=True),
}
PIPELINES = {kind: Pipeline(parts) for kind, parts in QUICK_PARTS.items()}
spaced_text = st.lists(
    st.sampled_from(
        [
            " ",
            " ",
            "  ",
            "\n",
            "\t",
            "\u3000",
            "he",
            "a",
            "Ab",
            "ab.",
            ",",
            "'s",
            "中é",
            '"b-',
            "\0",
        ]
    )
).map("".join)


@given(texts=st.lists(spaced_text | nasty_text, max_size=5))
@pytest.mark.parametrize("kind", QUICK_PARTS)
def test_the_fast_path_gives_the_same_ids(kind: str, texts: list[str]) -> None:
    tokenizer = quick(QUICK_PARTS[kind])
    expected = plain_ids(tokenizer, texts)
    assert tokenizer.encode_ids(texts) == expected
    assert tokenizer.encode_ids(texts) == expected, "also when the chunks are known"
    assert tokenizer.encode_ids(["".join(texts)]) == plain_ids(tokenizer, ["".join(texts)])


def test_packed_ids_have_two_or_four_bytes() -> None:
    texts = ["i", "", "[MASK] é"]
    two, four = (TOKENIZER.packed_ids(texts, dtype) for dtype in ("uint16", "uint32"))
    assert two == [b"\x05\0", b"", b"\x04\0\x09\0"]
    assert four == [b"\x05\0\0\0", b"", b"\x04\0\0\0\x09\0\0\0"]
    around = TOKENIZER.packed_ids(["i"], "uint16", add_special_tokens=True)
    assert around == [b"\x02\0\x05\0\x03\0"]


def test_an_id_that_two_bytes_do_not_hold_is_refused() -> None:
    tokenizer = Tokenizer(presets.wordpiece({"[UNK]": 0, "a": 65_536}))
    assert tokenizer.packed_ids(["a b"], "uint32") == [b"\0\0\1\0\0\0\0\0"]
    with pytest.raises(OverflowError):
        tokenizer.packed_ids(["a b"], "uint16")


@given(texts=st.lists(spaced_text | nasty_text, max_size=5), special=st.booleans())
@pytest.mark.parametrize("kind", QUICK_PARTS)
def test_packed_ids_are_the_ids(kind: str, texts: list[str], special: bool) -> None:
    tokenizer = quick(QUICK_PARTS[kind])
    expected = tokenizer.encode_ids(texts, add_special_tokens=special)
    for dtype in ("uint16", "uint32", "uint16"):
        found = tokenizer.packed_ids(texts, dtype, add_special_tokens=special)
        assert [list(unpacked(data, dtype)) for data in found] == expected
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("wordpiece.quick_ids.CHARACTERS_AT_ONCE", 2)
        assert tokenizer.packed_ids(texts, dtype, add_special_tokens=special) == found


@pytest.mark.parametrize("kind", QUICK_PARTS)
@given(text=st.text("aab가é \n\r\t.", max_size=60))
def test_long_texts_are_cut_into_parts(kind: str, text: str) -> None:
    tokenizer = quick(QUICK_PARTS[kind])
    expected = plain_ids(tokenizer, [text])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("wordpiece.text.cuts.PART", 5)
        patch.setattr("wordpiece.quick_ids.CHARACTERS_AT_ONCE", 2)
        assert tokenizer.encode_ids([text]) == expected
        patch.setattr("wordpiece.tokenizer.CHARACTERS_AT_ONCE", 2)
        in_parts = tokenizer.encode(text)
    assert in_parts == tokenizer.encode(text)


@given(text=spaced_text | nasty_text)
@pytest.mark.parametrize("kind", QUICK_PARTS)
def test_places_are_those_found_word_by_word(kind: str, text: str) -> None:
    placing, ids = PIPELINES[kind]._placing, PIPELINES[kind]._quick.of(text)
    offsets, numbers, count = placing._by_words(text)
    assert placing.offsets(text, ids) == offsets
    assert placing.word_ids(text, ids) == (numbers, count)


@pytest.mark.parametrize(
    ("vocab", "word"),
    [
        (["[UNK]", "a", "b", "ab"], "ab"),  # without a prefix a token does not say where it stands
        (["[UNK]", "a", "+b", "+"], "ab"),
        (["[UNK]", "a", "#b", "#"], "#"),  # the prefix as a word
    ],
)
def test_words_are_told_whatever_the_prefix(vocab: list[str], word: str) -> None:
    prefix = {"a": "", "+": "+", "#": "#"}[vocab[-1][0]]
    ids = {token: id for id, token in enumerate(vocab)}
    parts = presets.wordpiece(ids)
    model = WordPiece(ids, continuing_subword_prefix=prefix)
    encoding = Pipeline(replace(parts, model=model)).encode(f"{word} {word}")
    assert encoding.word_ids == [n for n in (0, 1) for _ in encoding.word_ids[::2]]
    assert encoding.offsets[0][0] == 0
    assert encoding.offsets[-1][1] == 2 * len(word) + 1


def test_an_unknown_token_with_the_prefix_is_a_word_all_the_same() -> None:
    ids = {"##?": 0, "a": 1, "##b": 2}
    model = WordPiece(ids, unk_token="##?")
    parts = replace(presets.wordpiece({"[UNK]": 0, **ids}), model=model)
    encoding = Pipeline(parts).encode("ab xyz ab")
    assert encoding.ids == [1, 2, 0, 1, 2]
    assert encoding.offsets == [(0, 1), (1, 2), (3, 6), (7, 8), (8, 9)]
    assert encoding.word_ids == [0, 0, 1, 2, 2]


@pytest.mark.parametrize("lowercase", [False, True])
@pytest.mark.parametrize("strip_accents", [False, True])
def test_words_of_plain_text_are_told_by_every_rule(lowercase: bool, strip_accents: bool) -> None:
    """All characters that the short way takes, each among others of its kind."""
    normalizer = BertNormalizer(lowercase=lowercase, strip_accents=strip_accents)
    chunks = WhitespaceChunks(normalizer, BertPreTokenizer())
    words = kept_words(strips_accents=strip_accents, capitals=True)
    text = plain_text(strips_accents=strip_accents)
    plain = [char for char in map(chr, range(0x110000)) if text.fullmatch(char)]
    assert ("한" in plain) == ("ㅋ" in plain) == (not strip_accents)
    for char in plain:
        tried = f"{char}a{char} 1{char}"
        sizes = [len(word.text) for word in chunks.aligned_words(tried)]
        assert chunks.word_sizes(tried) == [len(word) for word in words.findall(tried)] == sizes
        assert not normalizer.changes_length_of(char)


@pytest.mark.parametrize("lowercase", [False, True])
@pytest.mark.parametrize("strip_accents", [False, True])
def test_characters_that_stay_one_are_told_from_others(
    lowercase: bool, strip_accents: bool
) -> None:
    normalizer = BertNormalizer(lowercase=lowercase, strip_accents=strip_accents)
    chunks = WhitespaceChunks(normalizer, BertPreTokenizer())
    every = (chr(code) for code in range(0x110000) if not 0xD800 <= code <= 0xDFFF)
    kept = "".join(char for char in every if not normalizer.changes_length_of(char))
    assert len(kept) > 900_000 - 0x3000 * strip_accents
    assert chunks.places(kept).adjoining
    assert chunks.places(kept).each == places_of(chunks.aligned_words(kept)).each


@pytest.mark.parametrize("kind", QUICK_PARTS)
def test_the_fast_path_forgets_rather_than_grow(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wordpiece.quick_ids.GENERATION", 3)
    monkeypatch.setattr("wordpiece.quick_ids.LONGEST_KEPT", 4)
    tokenizer = quick(QUICK_PARTS[kind])
    texts = ["a ab b he, a ababab ab é 中 a", "ababab b"]
    assert tokenizer.encode_ids(texts) == plain_ids(tokenizer, texts)
    assert [tokenizer.encode(text, add_special_tokens=False).ids for text in texts] == (
        tokenizer.encode_ids(texts)
    )
    tokenizer.packed_ids(texts, "uint16")
    for text in texts:  # places are found word by word where there are unknown characters
        assert len(tokenizer.encode(text).offsets) == len(tokenizer.encode(text).word_ids)
    ids, packed_ids = tokenizer._quick, tokenizer._packed["uint16"]
    assert packed_ids.chunks
    for cache in (ids.chunks, packed_ids.chunks, tokenizer._placing._spans):
        assert len(cache) <= 3
        assert len(cache.old) <= 3
        assert all(len(chunk) <= 4 for chunk in (*cache, *cache.old))


@pytest.mark.parametrize("kind", QUICK_PARTS)
def test_work_is_done_once_for_each_distinct_string(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    tokenizer = quick(QUICK_PARTS[kind])
    model = tokenizer.parts.model
    asked: list[str] = []
    ids = type(model).ids
    monkeypatch.setattr(type(model), "ids", lambda self, w: asked.append(w) or ids(self, w))
    tokenizer = quick(QUICK_PARTS[kind])
    tokenizer.encode_ids(["ab he, ab he. ab\n"] * 50)
    assert len(asked) == len(set(asked)) <= 8


@pytest.mark.parametrize("workers", [1, 2, 3])
def test_the_number_of_processes_changes_no_id(
    workers: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wordpiece.quick_ids.MANY", (100, 1000))
    texts = [f"I love {name} [MASK]" for name in ("paris", "é", "", "中 a")] * 700
    expected = TOKENIZER.encode_ids(texts, add_special_tokens=True)
    assert TOKENIZER.encode_ids(iter(texts), add_special_tokens=True, workers=workers) == expected


def test_what_is_no_text_is_told_with_several_processes_too() -> None:
    with pytest.raises(InputError, match="a text must be a str, not int"):
        TOKENIZER.encode_ids(["a", 7], workers=2)  # type: ignore[list-item]
    with pytest.raises(OptionError, match="--workers 0: must be a whole number"):
        TOKENIZER.encode_ids(["a"], workers=0)
    missing = Tokenizer(presets.wordpiece(["a"]))
    with pytest.raises(FormatError, match="which the word 'b' needs"):
        missing.encode_ids(["a b"], workers=2)


def test_of_several_wrong_texts_the_first_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whichever process has come further."""
    monkeypatch.setattr("wordpiece.quick_ids.MANY", (1, 1))
    missing = Tokenizer(presets.wordpiece(["a"]))
    for right in range(12):
        texts = ["a"] * right + list("bcdefghijklmnopqrs")
        with pytest.raises(FormatError, match="which the word 'b' needs"):
            missing.encode_ids(texts, workers=2)


def test_the_collector_runs_again_after_encoding_and_what_is_frozen_stays_so() -> None:
    assert gc.isenabled()
    with pytest.raises(InputError):
        TOKENIZER.encode_ids(["a", 7])  # type: ignore[list-item]
    assert gc.isenabled()
    gc.freeze()
    try:
        frozen = gc.get_freeze_count()
        TOKENIZER.encode_ids(["a"])
        assert gc.get_freeze_count() >= frozen - 10  # what is freed meanwhile is no longer there
    finally:
        gc.unfreeze()
    gc.disable()
    try:
        TOKENIZER.encode_ids(["a"])
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_a_batch_takes_texts_and_pairs() -> None:
    single, pair = TOKENIZER.encode_batch(["i", ("i", "a")])
    assert single == TOKENIZER.encode("i")
    assert pair == TOKENIZER.encode("i", "a")


def test_decoding() -> None:
    ids = TOKENIZER.encode("I love Paris").ids
    assert TOKENIZER.decode(ids) == "i love paris"
    assert TOKENIZER.decode(ids, skip_special_tokens=False) == "[CLS] i love paris [SEP]"
    assert TOKENIZER.decode([8, 99, 5]) == "##is i"


def test_vocabulary() -> None:
    assert TOKENIZER.get_vocab_size() == 12
    assert list(TOKENIZER.get_vocab()) == VOCAB
    assert (TOKENIZER.token_to_id("love"), TOKENIZER.id_to_token(6)) == (6, "love")
    assert (TOKENIZER.token_to_id("nope"), TOKENIZER.id_to_token(99)) == (None, None)
    assert repr(TOKENIZER) == "Tokenizer(WordPiece, 12 tokens)"


@pytest.mark.parametrize("text", [None, b"bytes", 7])
def test_what_is_no_text_is_refused(text: object) -> None:
    with pytest.raises(InputError, match="must be a str, not"):
        TOKENIZER.encode(text)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="must be a str, not"):
        TOKENIZER.encode_ids([text])  # type: ignore[list-item]


def test_a_batch_must_be_a_list_of_texts_or_pairs() -> None:
    with pytest.raises(InputError, match="not one str"):
        TOKENIZER.encode_batch("abc")
    with pytest.raises(InputError, match="not one str"):
        TOKENIZER.encode_ids("abc")
    with pytest.raises(InputError, match="a pair must be two texts, not 3"):
        TOKENIZER.encode_batch([("a", "b", "c")])  # type: ignore[list-item]


@pytest.mark.parametrize(
    "single",
    [(), (TextSlot("B", 0),), (TextSlot("A", 0), TextSlot("A", 1)), (TextSlot("A", 0),)],
)
@pytest.mark.parametrize("special", [True, False])
def test_ids_alone_are_those_of_the_encoding_for_any_template(
    single: tuple[TextSlot, ...], special: bool
) -> None:
    template = Template(single, single)
    tokenizer = Tokenizer(replace(TOKENIZER.parts, template=template))
    expected = tokenizer.encode("I a", add_special_tokens=special).ids
    assert tokenizer.encode_ids(["I a"], add_special_tokens=special) == [expected]


def test_white_space_that_a_token_swallowed_is_no_token() -> None:
    added = AddedTokens([AddedToken("x", 1, rstrip=True), AddedToken("\n", 2)])
    assert [(s.token and s.token.id, s.start, s.end) for s in added.stretches("x \na")] == [
        *((1, 0, 3), (None, 3, 4))
    ]


def test_the_longest_added_token_wins_and_swallows_space_where_it_should() -> None:
    added = AddedTokens([AddedToken("<a>", 1), AddedToken("<a>b", 2, lstrip=True, rstrip=True)])
    stretches = [(s.token and s.token.id, s.start, s.end) for s in added.stretches("x <a>b <a>")]
    assert stretches == [(None, 0, 1), (2, 1, 7), (1, 7, 10)]


def test_a_template_may_put_the_texts_in_any_order() -> None:
    template = Template((TextSlot("A", 3),), (TextSlot("B", 1), TextSlot("A", 0)))
    first, second = (TOKENIZER.encode(text, add_special_tokens=False) for text in ("i", "a"))
    assert template.apply(first, second, add_special_tokens=True).tokens == ["a", "i"]
    assert template.apply(first, None, add_special_tokens=True).type_ids == [3]


def test_a_tokenizer_that_nobody_has_any_more_is_freed_at_once() -> None:
    """Without the garbage collector, which may come late: caches are large."""
    tokenizer = Tokenizer(presets.wordpiece(["[UNK]", "[CLS]", "[SEP]", "a"]))
    tokenizer.encode("a b")
    tokenizer.encode_ids(["a b"])
    gone = weakref.ref(tokenizer)
    gc.disable()
    try:
        del tokenizer
        assert gone() is None
    finally:
        gc.enable()


@pytest.mark.parametrize("lowercase", [False, True])
@pytest.mark.parametrize("strip_accents", [False, True])
def test_words_that_are_kept_are_kept_by_every_rule(lowercase: bool, strip_accents: bool) -> None:
    """All characters that the short way takes, each among others of its kind."""
    normalizer = BertNormalizer(lowercase=lowercase, strip_accents=strip_accents)
    short_way = kept_words(strips_accents=strip_accents)
    kept = [char for char in map(chr, range(0x10000)) if short_way.fullmatch(char)]
    assert ("한" in kept) == ("ㅋ" in kept) == (not strip_accents)
    for char in kept:
        chunk = f"a{char}1{char}"
        assert BertPreTokenizer().split(normalizer.normalize(chunk)) == short_way.findall(chunk)


@pytest.mark.parametrize("kind", QUICK_PARTS)
@pytest.mark.parametrize("again", [lambda each: pickle.loads(pickle.dumps(each)), copy.deepcopy])
def test_a_tokenizer_goes_to_another_process(
    kind: str, again: Callable[[Tokenizer], Tokenizer]
) -> None:
    """Whatever it remembers by then stays behind."""
    tokenizer = Tokenizer(QUICK_PARTS[kind])
    texts = ["he said: ab 12", "wörld 한국 中文\u200b", "[MASK] x"]
    expected = [tokenizer.encode(text) for text in texts]
    assert tokenizer.encode_ids(texts, add_special_tokens=True) == [each.ids for each in expected]
    copied = again(tokenizer)
    assert type(copied) is Tokenizer
    assert tokenizer._quick.chunks
    assert not copied._quick.chunks
    assert [copied.encode(text) for text in texts] == expected


class Named(Tokenizer):
    """One with something of its own."""

    def __init__(self, parts: Parts, name: str = "") -> None:
        super().__init__(parts)
        self.name = name


@pytest.mark.parametrize(
    "again", [lambda each: pickle.loads(pickle.dumps(each)), copy.copy, copy.deepcopy]
)
def test_what_a_subclass_has_goes_with_it(again: Callable[[Named], Named]) -> None:
    tokenizer = Named(QUICK_PARTS["wordpiece"], "mine")
    tokenizer.packed_ids(["he said"], "uint16")
    tokenizer.encode_ids(["he said"])
    copied = again(tokenizer)
    assert (type(copied), copied.name) == (Named, "mine")
    assert not copied._quick.chunks
    plain = Tokenizer(tokenizer.parts)
    plain.packed_ids(["he said"], "uint16")
    assert len(plain.__reduce__()) == 2, "what was made of the parts is made again"


class Locked(Tokenizer):
    """One with something that cannot be copied, and is made anew."""

    def __init__(self, parts: Parts) -> None:
        super().__init__(parts)
        self.lock = threading.Lock()

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in super().__getstate__().items() if name != "lock"}


def test_a_subclass_says_what_goes_with_it() -> None:
    copied = pickle.loads(pickle.dumps(Locked(QUICK_PARTS["wordpiece"])))
    assert isinstance(copied, Locked)
    assert copied.lock.acquire()


@pytest.mark.parametrize(
    ("ids", "message"),
    [([52.0], "52.0 is none"), ([1, "2"], "'2' is none"), (7, "a list of whole numbers, not 7")],
)
def test_what_is_no_id_is_named(ids: object, message: str) -> None:
    with pytest.raises(InputError, match=message):
        Tokenizer(QUICK_PARTS["wordpiece"]).decode(ids)  # type: ignore[arg-type]


def made_later() -> tuple[Encoding, Encoding]:
    """The encoding of a text, of which only the ids are made, and the same field by field."""
    vocab = {token: id for id, token in enumerate(["[UNK]", "[CLS]", "[SEP]", "to", "##ken", "s"])}
    encoding = Pipeline(presets.wordpiece(vocab)).encode("token s")
    fields = (
        [1, 3, 4, 5, 2],
        ["[CLS]", "to", "##ken", "s", "[SEP]"],
        [(0, 0), (0, 2), (2, 5), (6, 7), (0, 0)],
        [0, 0, 0, 0, 0],
        [1, 1, 1, 1, 1],
        [1, 0, 0, 0, 1],
        [None, 0, 0, 1, None],
    )
    return encoding, Encoding(*fields)


@pytest.mark.parametrize(
    "same",
    [
        lambda encoding: encoding,
        lambda encoding: pickle.loads(pickle.dumps(encoding)),
        copy.copy,
        copy.deepcopy,
        replace,
        lambda encoding: Encoding(**asdict(encoding)),
    ],
)
def test_fields_that_are_made_later_are_like_any(same: Callable[[Encoding], Encoding]) -> None:
    encoding, plain = made_later()
    assert same(encoding) == plain
    assert same(encoding) == plain  # now with fields that are kept
    assert repr(same(encoding)) == repr(plain)
    assert len(encoding) == 5


def test_a_field_that_is_asked_for_again_is_kept() -> None:
    encoding, plain = made_later()
    for name in ("tokens", "offsets", "word_ids", "overflowing"):
        assert getattr(encoding, name) == getattr(plain, name)
        assert getattr(encoding, name) is getattr(encoding, name)
    with pytest.raises(AttributeError, match="'Encoding' object has no attribute 'token'"):
        _ = encoding.token  # type: ignore[attr-defined]


def test_an_encoding_does_not_carry_the_vocabulary_along() -> None:
    encoding, plain = made_later()
    assert len(pickle.dumps(encoding)) == len(pickle.dumps(plain))


@pytest.mark.parametrize(
    "call",
    [
        lambda t: t.encode(None),
        lambda t: t.encode(None, padding=True, pad_token="s"),
        lambda t: t.encode(None, is_split_into_words=True),
        lambda t: t.encode(5, is_split_into_words=True),
        lambda t: t.encode("a", 5, padding=True, pad_token="s"),
        lambda t: t.encode(["a", None], is_split_into_words=True),
        lambda t: t.encode_batch([None], truncation=True, max_length=5),
        lambda t: t.decode("12"),
        lambda t: t.decode([None]),
        lambda t: t.decode([3.0]),
        lambda t: t.decode([[3]]),
        lambda t: t.decode(3),
    ],
)
def test_what_is_no_text_and_what_are_no_ids_is_told(call: Callable[[Pipeline], object]) -> None:
    with pytest.raises(InputError):
        call(Pipeline(presets.wordpiece(["[UNK]", "[CLS]", "[SEP]", "to", "##ken", "s"])))


def test_ids_may_be_of_any_kind_of_whole_number() -> None:
    tokenizer = Pipeline(presets.wordpiece(["[UNK]", "[CLS]", "[SEP]", "to", "##ken", "s"]))
    for ids in ([3, 4], (3, 4), iter([3, 4]), array("H", [3, 4]), numpy.array([3, 4])):
        assert tokenizer.decode(ids) == "token"
    with pytest.raises(OptionError, match="dtype 'uint8': must be 'uint16' or 'uint32'"):
        tokenizer.packed_ids(["a"], "uint8")  # type: ignore[arg-type]


def test_a_tokenizer_that_has_remembered_characters_can_be_copied_and_shared() -> None:
    """As one of byte-level BPE does after some thousand long words."""
    text = "".join(map(chr, range(0x4E00, 0x4E00 + 3000)))
    words = [text[at : at + 20] for at in range(2500)]
    tokenizer = wordpiece.train([text] * 2, vocab_size=300, model="byte-bpe").tokenizer
    expected = tokenizer.encode_ids(words)
    assert "_whole" in vars(tokenizer.parts.model)
    assert pickle.loads(pickle.dumps(tokenizer)).encode_ids(words) == expected
    assert tokenizer.encode_ids(words * 40, workers=2) == expected * 40
