"""What is done to text before a model sees it, as a few plain values that can be sent to a
worker."""

from __future__ import annotations

from typing import Literal, NamedTuple

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

    @property
    def lines_may_be_cut(self) -> bool:
        """Whether a line may be cut after a space without changing its words."""
        return self.splitting == "bert" and self.clean_text
