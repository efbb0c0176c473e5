"""Cut text where the cut cannot change the words.

Text repeats itself, so normalizing and splitting are done once per distinct chunk. White space is a
boundary for BERT's rules: no stage looks across it. For GPT-2's pattern a chunk is a run of
anything but
white space with the one space before it, or a run of white space: the pattern never matches across
these.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Protocol

from wordpiece.text import unicode_tables as tables
from wordpiece.text.code_points import pattern_class
from wordpiece.text.normalize import BertNormalizer, NoNormalizer, Normalizer
from wordpiece.text.pretokenize import (
    BertPreTokenizer,
    ByteLevelPreTokenizer,
    PreTokenizer,
    bert_pattern,
)

#: White space to `str.split`, nothing at all to clean_text: VT, FF, information separators, NEL.
DELETED_SEPARATORS = "\x0b\x0c\x1c\x1d\x1e\x1f\x85"
#: How many chunks are normalized and split as one text.
CHUNKS_AT_ONCE = 1 << 13
_DELETE = dict.fromkeys(map(ord, DELETED_SEPARATORS))


class Chunker(Protocol):
    """Cuts text into chunks, and chunks into words."""

    def cut(self, text: str) -> list[str]:
        """The chunks of one text."""

    def cut_lines(self, block: str) -> list[str]:
        """The chunks of a block of lines, each line a text with its line end."""

    def words(self, chunk: str) -> list[str]:
        """The words of a chunk, as the model gets them."""

    def add_words(self, chunks: Mapping[str, int], words: dict[str, int]) -> None:
        """Add the words of counted chunks to counts of words, in the order of the chunks."""


def chunker(normalizer: Normalizer, pre_tokenizer: PreTokenizer) -> Chunker:
    """The finest cut that is safe for a normalizer and a pre-tokenizer."""
    match normalizer, pre_tokenizer:
        case BertNormalizer(clean_text=True), BertPreTokenizer():
            return WhitespaceChunks(normalizer, pre_tokenizer)
        case NoNormalizer(), ByteLevelPreTokenizer(use_regex=True):
            return ByteLevelChunks(pre_tokenizer)
    return WholeTexts(normalizer, pre_tokenizer)


@dataclass(frozen=True)
class WhitespaceChunks:
    """Chunks between white space, for BERT's rules with clean_text.

    >>> WhitespaceChunks(BertNormalizer(), BertPreTokenizer()).cut("one two\\x0bthree")
    ['one', 'twothree']

    Python's `str.split` takes seven characters for white space that clean_text deletes, so that
    their
    neighbors join; they are deleted first.
    """

    normalizer: BertNormalizer
    pre_tokenizer: BertPreTokenizer

    def cut(self, text: str) -> list[str]:
        """The chunks of a text."""
        if any(separator in text for separator in DELETED_SEPARATORS):
            text = text.translate(_DELETE)
        return text.split()

    def cut_lines(self, block: str) -> list[str]:
        """The chunks of a block of lines: a line end is white space like any other."""
        return self.cut(block)

    def words(self, chunk: str) -> list[str]:
        """The words of a chunk."""
        return self.pre_tokenizer.split(self.normalizer.normalize(chunk))

    def add_words(self, chunks: Mapping[str, int], words: dict[str, int]) -> None:
        """Add the words of counted chunks, normalized and split many at a time.

        The chunks are put on one line each; both rules are applied to the whole, and the line ends,
        which are white space to both, say where the next chunk's count begins.
        """
        each = list(chunks)
        for at in range(0, len(each), CHUNKS_AT_ONCE):
            part = each[at : at + CHUNKS_AT_ONCE]
            counts = map(chunks.__getitem__, part)
            count = 0
            for word in line_word_pattern().findall(self.normalizer.normalize_lines(part)):
                if word == "\n":
                    count = next(counts)
                else:
                    words[word] = words.get(word, 0) + count


@dataclass(frozen=True)
class ByteLevelChunks:
    """Chunks for GPT-2's pattern: what is not white space with a space before it, or white space.

    >>> ByteLevelChunks(ByteLevelPreTokenizer()).cut("I'm here.  \\n\\nNow")
    ["I'm", ' here.', '  \\n', '\\n', 'Now']
    """

    pre_tokenizer: ByteLevelPreTokenizer

    def cut(self, text: str) -> list[str]:
        """The chunks of a text."""
        return chunk_pattern().findall(self.pre_tokenizer.prefixed(text))

    def cut_lines(self, block: str) -> list[str]:
        """The chunks of a block of lines: white space after a line end belongs to the next line."""
        if self.pre_tokenizer.add_prefix_space:
            return [chunk for line in lines(block) for chunk in self.cut(line)]
        return line_chunk_pattern().findall(block)

    def words(self, chunk: str) -> list[str]:
        """The words of a chunk."""
        return self.pre_tokenizer.split_prefixed(chunk)

    def add_words(self, chunks: Mapping[str, int], words: dict[str, int]) -> None:
        """Add the words of counted chunks."""
        add_each(self, chunks, words)


@dataclass(frozen=True)
class WholeTexts:
    """Each text one chunk, for rules that allow no other cut."""

    normalizer: Normalizer
    pre_tokenizer: PreTokenizer

    def cut(self, text: str) -> list[str]:
        """The text."""
        return [text] if text else []

    def cut_lines(self, block: str) -> list[str]:
        """The lines."""
        return lines(block)

    def words(self, chunk: str) -> list[str]:
        """The words of a text."""
        return self.pre_tokenizer.split(self.normalizer.normalize(chunk))

    def add_words(self, chunks: Mapping[str, int], words: dict[str, int]) -> None:
        """Add the words of counted texts."""
        add_each(self, chunks, words)


def add_each(chunker: Chunker, chunks: Mapping[str, int], words: dict[str, int]) -> None:
    """Add the words of counted chunks, one chunk after the other."""
    for chunk, count in chunks.items():
        for word in chunker.words(chunk):
            words[word] = words.get(word, 0) + count


def lines(block: str) -> list[str]:
    """The lines of a block, each with its line feed; no other character ends a line.

    >>> lines("a\\r\\nb\\x0bc")
    ['a\\r\\n', 'b\\x0bc']
    """
    return re.findall(r"[^\n]*\n|[^\n]+", block)


@cache
def line_word_pattern() -> re.Pattern[str]:
    """BERT's words, and line feeds."""
    return re.compile(f"\n|{bert_pattern().pattern}")


@cache
def chunk_pattern() -> re.Pattern[str]:
    """The chunks of a text for GPT-2's pattern."""
    space = pattern_class(tables.BYTE_LEVEL_SPACE)
    return re.compile(f" ?[^{space}]+|[{space}]+(?![^{space}])|[{space}]+")


@cache
def line_chunk_pattern() -> re.Pattern[str]:
    """The same for a block of lines: no run of white space goes on after a line feed."""
    space = pattern_class(tables.BYTE_LEVEL_SPACE)
    inner = f"(?!\\n)[{space}]"
    return re.compile(f" ?[^{space}]+|(?:{inner})*\\n|(?:{inner})+(?![^{space}])|(?:{inner})+")
