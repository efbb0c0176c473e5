"""Byte-level BPE: the split, the encoding and the decoding of GPT-2 and of RoBERTa."""

from __future__ import annotations

import gzip
import random
from collections import Counter
from itertools import chain
from pathlib import Path

import pytest
import tokenizers
from hypothesis import example, given
from hypothesis import strategies as st
from tokenizers import AddedToken, decoders, models, pre_tokenizers, processors

import wordpiece
from tests.parity.tools import Pair, assert_same, through_files
from tests.strategies import nasty_strings, nasty_text
from wordpiece.decoding import ByteLevelDecoder
from wordpiece.text.chunks import Chunker, chunker
from wordpiece.text.cuts import lines
from wordpiece.text.normalize import NoNormalizer, Normalized
from wordpiece.text.pretokenize import ByteLevelPreTokenizer

SETTINGS = [(prefix, regex) for prefix in (False, True) for regex in (True, False)]
each_setting = st.sampled_from(SETTINGS)


def assert_same_split(text: str, prefix: bool, regex: bool) -> None:
    ours = ByteLevelPreTokenizer(add_prefix_space=prefix, use_regex=regex)
    theirs = pre_tokenizers.ByteLevel(add_prefix_space=prefix, use_regex=regex)
    aligned = ours.split_aligned(Normalized(text, range(len(text))))
    mine = [(word, (origins[0], origins[-1] + 1)) for word, origins in aligned]
    assert mine == theirs.pre_tokenize_str(text)
    words = [word for word, _ in mine]
    assert ours.split(text) == words
    chunks = chunker(NoNormalizer(), ours)
    assert [word for chunk in chunks.cut(text) for word in chunks.words(chunk)] == words
    by_line = [word for line in lines(text) for word in ours.split(line)]
    for keys, expected in ((chunks.keys(text), words), (chunks.line_keys(text), by_line)):
        assert_counted(chunks, keys, expected)
        # among keys that are mostly no ASCII
        others = [" " + "힣" * length for length in range(1, len(keys) + 2)]
        more = [key for other in others for key in chunks.keys(other)]
        assert_counted(chunks, keys + more, [*expected, *chain(*map(ours.split, others))])


def assert_counted(chunks: Chunker, keys: list[str], words: list[str]) -> None:
    found: dict[str, int] = {}
    chunks.add_words(Counter(keys), found)
    assert list(found.items()) == list(Counter(words).items())


@given(text=nasty_text, setting=each_setting)
def test_hostile_text_is_split_as_hugging_face_does(text: str, setting: tuple[bool, bool]) -> None:
    assert_same_split(text, *setting)


@example(text="\n\x85", setting=(True, True))
@given(text=st.text(" \n\t\r\x0b\x85\xa0\u2028\u3000a1!'st", max_size=12), setting=each_setting)
def test_white_space_is_split_as_hugging_face_does(text: str, setting: tuple[bool, bool]) -> None:
    assert_same_split(text, *setting)


def test_a_block_is_cut_at_spaces_but_where_each_line_is_looked_at(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("wordpiece.text.byte_level_chunks.CUT_BY_LINES", 8)
    plain = "I'm here, to \n\n  be\nor not. \n be"
    for odd in (" ", "   ", "\t", "\r\n", "\xa0", "  \n", "a\0b", "é"):
        for text in (f"{plain}{odd}{plain}", f"{odd}{plain}", f"{plain}{odd}"):
            assert_same_split(text * 3, False, True)


@pytest.mark.parametrize("frame", ["{}", "x{} ", " {}'s"])
def test_every_scalar_value_is_split_as_hugging_face_does(frame: str) -> None:
    for first in range(0, 0x110000, 512):
        codes = [c for c in range(first, first + 512) if not 0xD800 <= c <= 0xDFFF]
        assert_same_split("".join(frame.format(chr(code)) for code in codes), False, True)


def test_a_lone_surrogate_is_refused() -> None:
    for encode in (ByteLevelPreTokenizer().split, SMALL.encode):
        with pytest.raises(wordpiece.InputError, match=r"U\+DC00"):
            encode("a b\udc00")


@given(
    tokens=st.lists(
        st.text("ĠaÃ©íķľĊðŁĻ", max_size=4) | st.sampled_from(["한", "<|endoftext|>", "Ġ", ""]),
        max_size=6,
    )
)
def test_broken_bytes_are_decoded_as_hugging_face_does(tokens: list[str]) -> None:
    assert ByteLevelDecoder().decode(tokens) == decoders.ByteLevel().decode(tokens)


# ---------------------------------------------------------------- whole tokenizers

CORPUS = [
    "low lower lowest\n",
    "  don't   stop\n\n",
    "café 한국어 naïve\n",
    "it's 1999, isn't it?\n",
]
SMALL = wordpiece.train(CORPUS * 3, vocab_size=330, model="byte-bpe").tokenizer


@given(text=nasty_text | st.text())
def test_nothing_is_lost_and_nothing_unknown(text: str) -> None:
    assert SMALL.decode(SMALL.encode(text).ids, skip_special_tokens=False) == text
    ids = SMALL.encode_ids([text])[0]
    assert SMALL.decode(ids, skip_special_tokens=False) == text


def gpt2_like(model: models.BPE, **options: bool) -> tokenizers.Tokenizer:
    """A tokenizer over a byte-level model, with a token that swallows the space before it."""
    tokenizer = tokenizers.Tokenizer(model)
    prefix = options["prefix"]
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=prefix)
    tokenizer.decoder = decoders.ByteLevel()
    mask = AddedToken("<mask>", lstrip=True, rstrip=options["rstrip"], special=True)
    tokenizer.add_special_tokens(["<s>", "</s>", mask])
    if options["roberta"]:
        sep, cls = (tokenizer.token_to_id(token) for token in ("</s>", "<s>"))
        tokenizer.post_processor = processors.RobertaProcessing(
            ("</s>", sep), ("<s>", cls), trim_offsets=options["trim"], add_prefix_space=prefix
        )
    else:
        tokenizer.post_processor = processors.ByteLevel(
            trim_offsets=options["trim"], add_prefix_space=prefix
        )
    return tokenizer


OPTIONS = [
    {"prefix": prefix, "trim": trim, "roberta": roberta, "rstrip": prefix != trim}
    for prefix in (False, True)
    for trim in (False, True)
    for roberta in (False, True)
]


def spaced_strings(number: int) -> list[str]:
    """Texts with spaces of every kind where offsets are trimmed."""
    rng = random.Random(5)
    pieces = [
        " ",
        "  ",
        "   ",
        "\n",
        "\t",
        "a",
        "hi",
        "<mask>",
        "\xa0",
        "é",
        "\u3000",
        " \n ",
        "한",
    ]
    return ["".join(rng.choices(pieces, k=rng.randint(0, 7))) for _ in range(number)]


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_every_field_through_files(options: dict[str, bool], tmp_path: Path) -> None:
    model = models.BPE(dict(SMALL.parts.model.vocab), list(SMALL.parts.model.merges))  # type: ignore[attr-defined]
    pair = through_files(gpt2_like(model, **options), tmp_path)
    texts = [*spaced_strings(800), *nasty_strings(400, seed=8)]
    assert_same(pair, texts)
    assert_same(pair, texts, add_special_tokens=False)
    assert_same(pair, zip(texts[::2], texts[1::2], strict=True))


@pytest.fixture(params=[OPTIONS[0], OPTIONS[3], OPTIONS[7]], ids=str)
def gpt2(request: pytest.FixtureRequest, data: Path, tmp_path: Path) -> Pair:
    """GPT-2's vocabulary, as GPT-2 or as RoBERTa uses it."""
    folder = data / "gpt2"
    model = models.BPE.from_file(str(folder / "vocab.json"), str(folder / "merges.txt"))
    return through_files(gpt2_like(model, **request.param), tmp_path)


def text_lines(data: Path, name: str) -> list[str]:
    raw = (data / "multilingual" / f"{name}.txt.gz").read_bytes()
    return gzip.decompress(raw).decode("utf-8").split("\n")


NAMES = ("udhr_all", "tatoeba_all", "zh", "de", "fi", "es")


def test_gpt2_on_a_sample(gpt2: Pair, data: Path) -> None:
    for name in NAMES:
        assert_same(gpt2, text_lines(data, name)[::200])
    assert_same(gpt2, nasty_strings(1000, seed=10))


@pytest.mark.slow
def test_gpt2_on_every_line(gpt2: Pair, data: Path) -> None:
    for name in NAMES:
        assert_same(gpt2, text_lines(data, name))
    assert_same(gpt2, nasty_strings(20_000, seed=11))


def test_gpt2_is_read_from_its_two_files(data: Path) -> None:
    ours = wordpiece.Tokenizer.from_file(data / "gpt2")
    assert ours.encode("Hello world<|endoftext|>").tokens == ["Hello", "Ġworld", "<|endoftext|>"]
    assert ours.get_vocab_size() == 50257


@pytest.mark.slow
def test_every_file_comes_back_byte_for_byte(data: Path) -> None:
    ours = wordpiece.Tokenizer.from_file(data / "gpt2")
    for path in sorted(path for path in data.rglob("*") if path.is_file()):
        raw = path.read_bytes()
        text = (gzip.decompress(raw) if path.suffix == ".gz" else raw).decode("utf-8")
        pieces = [text[at : at + 1_000_000] for at in range(0, len(text), 1_000_000)]
        for piece, ids in zip(pieces, ours.encode_ids(pieces), strict=True):
            assert ours.decode(ids, skip_special_tokens=False) == piece, path
