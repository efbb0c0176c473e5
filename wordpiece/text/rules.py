"""What is done to text before a model sees it, as a few plain values that can be sent to a
worker."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

from wordpiece.text import unicode_tables
from wordpiece.text.chunks import Chunker, chunker
from wordpiece.text.normalize import BertNormalizer, NoNormalizer, Normalizer
from wordpiece.text.pretokenize import BertPreTokenizer, ByteLevelPreTokenizer, PreTokenizer

#: BERT's normalizer and split, or GPT-2's split of text as it is.
Splitting = Literal["bert", "byte-level"]


class TextRules(NamedTuple):
    """Which normalizer and which pre-tokenizer, with their options.

    >>> TextRules(lowercase=True).chunker().words("Don't")
    ['don', "'", 't']
    """

    splitting: Splitting = "bert"
    clean_text: bool = True
    cjk_spacing: bool = True
    strip_accents: bool | None = None
    lowercase: bool = False

    def normalizer(self) -> Normalizer:
        """The normalizer."""
        if self.splitting == "byte-level":
            return NoNormalizer()
        return BertNormalizer(self.clean_text, self.cjk_spacing, self.strip_accents, self.lowercase)

    def pre_tokenizer(self) -> PreTokenizer:
        """The pre-tokenizer."""
        return ByteLevelPreTokenizer() if self.splitting == "byte-level" else BertPreTokenizer()

    def chunker(self) -> Chunker:
        """Both, applied once per distinct chunk of text."""
        return chunker(self.normalizer(), self.pre_tokenizer())

    def resolved(self) -> dict[str, Any]:
        """The rules with nothing left open, and the tables of Unicode that they stand on.

        >>> TextRules(lowercase=True).resolved()["strip_accents"]
        True
        """
        byte_level = self.splitting == "byte-level"
        strips = self.lowercase if self.strip_accents is None else self.strip_accents
        return {
            "splitting": self.splitting,
            "clean_text": self.clean_text and not byte_level,
            "cjk_spacing": self.cjk_spacing and not byte_level,
            "strip_accents": strips and not byte_level,
            "lowercase": self.lowercase and not byte_level,
            "unicode_tables": unicode_tables.MEASURED_WITH,
        }

    @staticmethod
    def hash_of(resolved: Mapping[str, Any]) -> str:
        """A short name for resolved rules."""
        from hashlib import sha256

        return sha256(json.dumps(resolved, sort_keys=True).encode()).hexdigest()[:16]

    @property
    def lines_may_be_cut(self) -> bool:
        """Whether a line may be cut after a space without changing its words."""
        return self.splitting == "bert" and self.clean_text
