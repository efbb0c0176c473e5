"""Shared by the parity tests: both libraries side by side, every field compared."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import tokenizers

from wordpiece import Tokenizer
from wordpiece.analysis.parity import FIELDS

Pair = tuple[Tokenizer, tokenizers.Tokenizer]


def assert_same(pair: Pair, texts: Iterable[str | tuple[str, str]], **options: bool) -> None:
    """Every field of every text; ids from the fast path too; and the text that comes back."""
    ours, theirs = pair
    texts = list(texts)
    mine = ours.encode_batch(texts, **options)
    for text, a, b in zip(texts, mine, theirs.encode_batch(texts, **options), strict=True):
        for field in FIELDS:
            assert getattr(a, field) == getattr(b, field), (field, text)
        assert ours.decode(a.ids) == theirs.decode(b.ids), text
    if all(isinstance(text, str) for text in texts):
        ids = ours.encode_ids(texts, **options or {"add_special_tokens": True})  # type: ignore[arg-type]
        assert ids == [encoding.ids for encoding in mine]


def through_files(theirs: tokenizers.Tokenizer, folder: Path) -> Pair:
    """Their tokenizer read by us; theirs read again from what we write."""
    theirs.save(str(folder / "theirs.json"))
    ours = Tokenizer.from_file(folder / "theirs.json")
    ours.save(folder / "ours.json")
    return ours, tokenizers.Tokenizer.from_file(str(folder / "ours.json"))
