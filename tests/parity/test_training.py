"""Training with `frequency`: the vocabulary, the ids and the merges of Hugging Face's trainers."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
import tokenizers
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import models, normalizers, pre_tokenizers, trainers

import wordpiece
from wordpiece import presets
from wordpiece.models.bpe import BPE

SPECIAL = list(presets.BERT_SPECIAL_TOKENS)


def bert_text(tokenizer: tokenizers.Tokenizer) -> tokenizers.Tokenizer:
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=False)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    return tokenizer


def their_bpe(size: int, **options: Any) -> tuple[tokenizers.Tokenizer, trainers.Trainer]:
    tokenizer = bert_text(tokenizers.Tokenizer(models.BPE(unk_token="[UNK]")))
    trainer = trainers.BpeTrainer(
        vocab_size=size, special_tokens=SPECIAL, show_progress=False, **options
    )
    return tokenizer, trainer


def their_byte_bpe(size: int, **options: Any) -> tuple[tokenizers.Tokenizer, trainers.Trainer]:
    tokenizer = tokenizers.Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    trainer = trainers.BpeTrainer(
        vocab_size=size,
        special_tokens=["<|endoftext|>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
        **options,
    )
    return tokenizer, trainer


THEIRS = {"bpe": their_bpe, "byte-bpe": their_byte_bpe}


def vocabulary_and_merges(tokenizer: tokenizers.Tokenizer) -> tuple[dict[str, int], list[Any]]:
    model = json.loads(tokenizer.to_str())["model"]
    return model["vocab"], [tuple(merge) for merge in model["merges"]]


def assert_same_training(path: Path, model: str, size: int, **options: Any) -> None:
    tokenizer, trainer = THEIRS[model](size, **options)
    tokenizer.train([str(path)], trainer)
    ours = wordpiece.train(path, vocab_size=size, model=model, **options)  # type: ignore[arg-type]
    learned = ours.tokenizer.parts.model
    assert isinstance(learned, BPE)
    vocab, merges = vocabulary_and_merges(tokenizer)
    assert list(learned.merges) == merges
    assert dict(learned.vocab) == vocab


TEXTS = {
    "english": "english/books_1mb.txt",
    "korean": "korean/nsmc_ratings_test.txt.gz",
    "chinese": "multilingual/zh.txt.gz",
    "german": "multilingual/de.txt.gz",
}


def megabyte(data: Path, language: str, target: Path) -> Path:
    raw = (data / TEXTS[language]).read_bytes()
    raw = gzip.decompress(raw) if TEXTS[language].endswith(".gz") else raw
    target.write_bytes(raw[:1_000_000].decode("utf-8", "ignore").encode())
    return target


@pytest.mark.parametrize("model", THEIRS)
@pytest.mark.parametrize(
    ("language", "size"),
    [
        ("english", 1000),
        ("english", 3000),
        ("english", 8000),
        ("korean", 8000),
        ("chinese", 8000),
        ("german", 8000),
    ],
)
def test_bpe_on_real_text(data: Path, tmp_path: Path, model: str, language: str, size: int) -> None:
    assert_same_training(megabyte(data, language, tmp_path / "text"), model, size)


@pytest.mark.parametrize("model", THEIRS)
@pytest.mark.parametrize("min_frequency", [1, 3])
def test_bpe_on_code(tmp_path: Path, model: str, min_frequency: int) -> None:
    code = "".join(Path(module.__file__).read_text(encoding="utf-8") for module in (json, gzip))  # type: ignore[arg-type]
    (tmp_path / "code").write_text(code * 2, encoding="utf-8")
    assert_same_training(tmp_path / "code", model, 1000, min_frequency=min_frequency)


tied_lines = st.lists(
    st.text("ab \n", min_size=1, max_size=30) | st.text("abcé 한'.1\n", max_size=20), max_size=6
)


@given(texts=tied_lines, extra=st.integers(0, 40), min_frequency=st.sampled_from([1, 2, 3]))
@pytest.mark.parametrize("model", THEIRS)
def test_bpe_on_small_texts_with_ties(
    tmp_path_factory: pytest.TempPathFactory,
    model: str,
    texts: list[str],
    extra: int,
    min_frequency: int,
) -> None:
    path = tmp_path_factory.getbasetemp() / "tied.txt"
    path.write_text("".join(["a", *texts]), encoding="utf-8", newline="")
    base = 257 if model == "byte-bpe" else 20
    assert_same_training(path, model, base + extra, min_frequency=min_frequency)


# ---------------------------------------------------------------- WordPiece by frequency


def seeded_wordpiece(texts: list[str], seeds: list[str], size: int) -> dict[str, int]:
    """Hugging Face's WordPieceTrainer with every form as a special token, which orders its ids."""
    tokenizer = bert_text(tokenizers.Tokenizer(models.WordPiece(unk_token="[UNK]")))
    trainer = trainers.WordPieceTrainer(
        vocab_size=size, special_tokens=[*SPECIAL, *seeds], show_progress=False
    )
    tokenizer.train_from_iterator(texts, trainer)
    vocab: dict[str, int] = json.loads(tokenizer.to_str())["model"]["vocab"]
    return vocab


def assert_same_frequency_vocabulary(texts: list[str], size: int) -> None:
    """Every character and every ## form seen, each group by code point, then the merges."""
    ours = wordpiece.train(texts, vocab_size=size, score="frequency").tokenizer.get_vocab()
    base = wordpiece.train(texts, vocab_size=size, score="frequency", min_frequency=10**9)
    seeds = list(base.tokenizer.get_vocab())[len(SPECIAL) :]
    assert seeded_wordpiece(texts, seeds, size) == ours


@given(texts=tied_lines, extra=st.integers(0, 40))
def test_wordpiece_by_frequency_on_small_texts(texts: list[str], extra: int) -> None:
    assert_same_frequency_vocabulary(["a", *texts], 40 + extra)


def test_wordpiece_by_frequency_on_real_text(data: Path, tmp_path: Path) -> None:
    text = megabyte(data, "english", tmp_path / "text").read_text(encoding="utf-8")
    assert_same_frequency_vocabulary([text[:300_000]], 3000)
