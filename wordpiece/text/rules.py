"""What is done to text before a model sees it, as a few plain values that can be sent to a
worker."""

from __future__ import annotations

import json
from typing import Literal, NamedTuple

from wordpiece.text import unicode_tables
from wordpiece.text.chunks import Chunker, chunker
from wordpiece.text.normalize import BertNormalizer, NoNormalizer, Normalizer
from wordpiece.text.pretokenize import BertPreTokenizer, ByteLevelPreTokenizer, PreTokenizer

#: BERT's normalizer and split, or GPT-2's split of text as it is.
Splitting = Literal["bert", "byte-level"]


class ResolvedRules(NamedTuple):
    """By what words were cut: no value hangs on another. Two of them are equal or cut otherwise."""

    splitting: str
    clean_text: bool
    cjk_spacing: bool
    strip_accents: bool
    lowercase: bool
    unicode_tables: str

    @property
    def hash(self) -> str:
        """A short name for them."""
        from hashlib import sha256

        return sha256(json.dumps(self._asdict(), sort_keys=True).encode()).hexdigest()[:16]

    def differing(self, other: ResolvedRules) -> list[str]:
        """The names of those that are not the same.

        >>> TextRules().resolved().differing(TextRules(lowercase=True).resolved())
        ['strip_accents', 'lowercase']
        """
        return [name for name in self._fields if getattr(self, name) != getattr(other, name)]


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

    def resolved(self) -> ResolvedRules:
        """The rules with nothing left open, and the tables of Unicode that they stand on.

        >>> TextRules(lowercase=True).resolved().strip_accents
        True
        """
        bert = self.splitting == "bert"
        strips = self.lowercase if self.strip_accents is None else self.strip_accents
        return ResolvedRules(
            self.splitting,
            clean_text=bert and self.clean_text,
            cjk_spacing=bert and self.cjk_spacing,
            strip_accents=bert and strips,
            lowercase=bert and self.lowercase,
            unicode_tables=unicode_tables.MEASURED_WITH,
        )

    @property
    def lines_may_be_cut(self) -> bool:
        """Whether a line may be cut after a space without changing its words."""
        return self.splitting == "bert" and self.clean_text
