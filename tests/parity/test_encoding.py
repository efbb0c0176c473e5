"""Encoding with BERT's own vocabularies: every field as Hugging Face's fast tokenizers give it."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
import tokenizers
from hypothesis import given
from hypothesis import strategies as st

from tests.parity.tools import Pair, assert_same
from tests.strategies import nasty_strings, nasty_text
from wordpiece import Tokenizer, presets

VOCABULARIES = {
    "bert-base-uncased": True,
    "bert-base-cased": False,
    "bert-base-multilingual-cased": False,
}

#: A vocabulary that knows a few words and characters, for tests that need no real one.
SMALL = [
    *("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "the", "un", "una", "##ffa", "##ble", "##ing"),
    *("token", "##ed", "a", "b", "x", "##a", "##b", "##x", "don", "'", "t", ".", "#", "[", "]"),
    *("中", "文", "한", "##국", "\u1112", "##\u1161", "##\u11ab", "é", "e", "##\u0301", "σ", "i"),
    *("mask", "cls", "##i", "##ß", "👨", "0", "##0", "##s", "##t"),
]


def judge(path: Path, *, tmp: Path, **options: bool) -> Pair:
    """A vocabulary in both libraries: ours from vocab.txt, theirs from our tokenizer.json."""
    ours = Tokenizer.from_file(path, **options)
    ours.save(tmp / "tokenizer.json")
    return ours, tokenizers.Tokenizer.from_file(str(tmp / "tokenizer.json"))


def judge_built(vocab: dict[str, int], *, lowercase: bool, strip_accents: bool | None) -> Pair:
    """A vocabulary in both libraries, each built from its own parts."""
    ours = Tokenizer(presets.wordpiece(vocab, lowercase=lowercase, strip_accents=strip_accents))
    theirs = tokenizers.Tokenizer(tokenizers.models.WordPiece(vocab, unk_token="[UNK]"))
    theirs.normalizer = tokenizers.normalizers.BertNormalizer(
        lowercase=lowercase, strip_accents=strip_accents
    )
    theirs.pre_tokenizer = tokenizers.pre_tokenizers.BertPreTokenizer()
    theirs.post_processor = tokenizers.processors.BertProcessing(
        ("[SEP]", vocab["[SEP]"]), ("[CLS]", vocab["[CLS]"])
    )
    theirs.decoder = tokenizers.decoders.WordPiece()
    theirs.add_special_tokens([t for t in presets.BERT_SPECIAL_TOKENS if t in vocab])
    return ours, theirs


small_pair = {
    (lowercase, strip): judge_built(
        {token: id for id, token in enumerate(SMALL)}, lowercase=lowercase, strip_accents=strip
    )
    for lowercase in (True, False)
    for strip in (None, True, False)
}


@given(
    text=nasty_text,
    second=st.none() | nasty_text,
    options=st.sampled_from(sorted(small_pair, key=str)),
)
def test_hostile_text(text: str, second: str | None, options: tuple[bool, bool | None]) -> None:
    item = text if second is None else (text, second)
    assert_same(small_pair[options], [item])
    assert_same(small_pair[options], [item], add_special_tokens=False)


@given(ids=st.lists(st.integers(0, len(SMALL) + 3), max_size=12))
def test_decoding_of_any_ids(ids: list[int]) -> None:
    """Ids that stand for nothing are passed over; `##` stays on a first token."""
    ours, theirs = small_pair[True, None]
    for skip in (True, False):
        assert ours.decode(ids, skip_special_tokens=skip) == theirs.decode(
            ids, skip_special_tokens=skip
        )


CLEANED = [
    ". ",
    "?",
    "!",
    ",",
    "'",
    "n't",
    "'m",
    "do",
    "not",
    "'s",
    "'ve",
    "'re",
    "##'s",
    "a",
    "##b",
]


@given(tokens=st.lists(st.sampled_from(CLEANED), max_size=8))
def test_decoder_cleans_up_token_by_token(tokens: list[str]) -> None:
    assert presets.WordPieceDecoder().decode(tokens) == tokenizers.decoders.WordPiece().decode(
        tokens
    )


@pytest.fixture(params=VOCABULARIES)
def real_pair(request: pytest.FixtureRequest, data: Path, tmp_path: Path) -> Pair:
    """One of BERT's vocabularies, in both libraries."""
    path = data / "bert-vocabs" / f"{request.param}.txt"
    return judge(path, tmp=tmp_path, lowercase=VOCABULARIES[request.param])


def lines(path: Path) -> list[str]:
    return gzip.decompress(path.read_bytes()).decode("utf-8").split("\n")


def test_real_vocabularies_on_a_sample(real_pair: Pair, data: Path) -> None:
    for name in ("udhr_all", "tatoeba_all"):
        assert_same(real_pair, lines(data / "multilingual" / f"{name}.txt.gz")[::100])
    assert_same(real_pair, nasty_strings(1000, seed=3))
    assert_same(real_pair, [chr(code) for code in range(0x20, 0x3100)])
    strings = nasty_strings(600, seed=4)
    assert_same(real_pair, zip(strings[::2], strings[1::2], strict=True))


@pytest.mark.slow
def test_real_vocabularies_on_every_code_point(real_pair: Pair) -> None:
    codes = [c for c in range(0x110000) if not 0xD800 <= c <= 0xDFFF]
    assert_same(real_pair, (f"{chr(c)} a{chr(c)}b" for c in codes))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["udhr_all", "tatoeba_all"])
def test_real_vocabularies_on_every_line(real_pair: Pair, data: Path, name: str) -> None:
    assert_same(real_pair, lines(data / "multilingual" / f"{name}.txt.gz"))


@pytest.mark.slow
def test_real_vocabularies_on_twenty_thousand_hostile_strings(real_pair: Pair) -> None:
    assert_same(real_pair, nasty_strings(20_000, seed=5))
    assert_same(real_pair, nasty_strings(5000, seed=6), add_special_tokens=False)


@pytest.mark.parametrize("lowercase", [True, False])
def test_vocab_txt_is_read_as_hugging_face_reads_it(tmp_path: Path, lowercase: bool) -> None:
    """Line ends of Windows, white space at line ends, a token twice, an empty line."""
    path = tmp_path / "vocab.txt"
    text = "[UNK]\r\n[CLS]\n[SEP]\nthe \nthe\u3000\n\na\x0b\na\x85b\n##s\nlast"
    path.write_bytes(text.encode())
    theirs = tokenizers.models.WordPiece.read_file(str(path))
    with pytest.warns(UserWarning, match="stands? twice"):
        ours = Tokenizer.from_file(path, lowercase=lowercase)
    assert ours.get_vocab() == theirs
