"""What the tests of models share: PyTorch on one thread, and a tokenizer of a small text."""

from __future__ import annotations

from typing import Any

import pytest

import wordpiece
from wordpiece.pretrained import Tokenizer

torch = pytest.importorskip("torch")
pytest.importorskip("sklearn")
pytest.importorskip("accelerate")

GOOD = ["good film", "a fine story", "lovely and warm", "great fun", "truly moving"]
BAD = ["bad film", "a dull story", "cold and empty", "no fun", "truly tedious"]


@pytest.fixture(scope="session", autouse=True)
def _one_thread() -> None:
    """Several threads on a busy machine wait for each other longer than they work."""
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def reviews() -> list[tuple[str, str]]:
    """Texts with labels that a model can tell apart."""
    found = []
    for number in range(60):
        kind, name = ((GOOD, "good"), (BAD, "bad"))[number % 2]
        one, other = kind[number % 5], kind[number // 2 % 5]
        found.append((f"{one}, {other}", name))
    return found


@pytest.fixture(scope="session")
def tokenizer(reviews: list[tuple[str, str]]) -> Tokenizer:
    """WordPiece of those texts."""
    texts = [text for text, _ in reviews]
    return wordpiece.train(texts, vocab_size=120, score="gain", lowercase=True).tokenizer


@pytest.fixture
def distilbert(tokenizer: Tokenizer) -> Any:
    """The configuration of a small DistilBERT for it, of `transformers`."""
    import transformers

    return transformers.DistilBertConfig(
        vocab_size=tokenizer.get_vocab_size(),
        dim=32,
        hidden_dim=64,
        n_layers=1,
        n_heads=1,
        max_position_embeddings=24,
    )


@pytest.fixture
def labelled_file(reviews: list[tuple[str, str]]) -> str:
    """A table of them in the folder of the test."""
    from pathlib import Path

    Path("reviews.tsv").write_text("".join(f"{text}\t{name}\n" for text, name in reviews))
    return "reviews.tsv"
