"""Cut normalized text into words, as BERT does or as GPT-2 does.

BERT's rule, as `tokenizers` has it (its `BertPreTokenizer`): split at white space and drop it, then
make every punctuation character a word of its own. Punctuation is all of ASCII that is no letter,
digit or space, and Unicode's categories P* as they stood when the tables were frozen; white space
is the Unicode property, not `str.isspace`.

GPT-2's rule (its `ByteLevel`): contractions, letters, numbers or other characters with the space
before them, runs of white space; then every byte of a word is written as a printable character.
What is a letter, a number or white space comes from tables as well: `re` and `regex` follow other
versions of Unicode.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Protocol

from wordpiece.text import byte_alphabet
from wordpiece.text import unicode_tables as tables
from wordpiece.text.code_points import Patterns
from wordpiece.text.normalize import Normalized


class PreTokenizer(Protocol):
    """Cuts text into words."""

    def split(self, text: str) -> list[str]:
        """The words, as the model gets them."""

    def split_aligned(self, text: Normalized) -> list[Normalized]:
        """The words, with the origin of each of their characters."""


@dataclass(frozen=True)
class BertPreTokenizer:
    """BERT's split into words.

    >>> BertPreTokenizer().split("don't stop")
    ['don', "'", 't', 'stop']
    """

    def split(self, text: str) -> list[str]:
        """The words of a normalized text."""
        return bert_pattern().on(text).findall(text)

    def split_aligned(self, text: Normalized) -> list[Normalized]:
        """The words of a normalized text, with the origin of each character.

        >>> BertPreTokenizer().split_aligned(Normalized("no.", range(3)))
        [Normalized(text='no', origins=range(0, 2)), Normalized(text='.', origins=range(2, 3))]
        """
        ascii_only = text.text.isascii() and text.text.isprintable()
        pattern = ASCII_WORDS if ascii_only else bert_pattern().on(text.text)
        found = pattern.finditer(text.text)
        return [Normalized(m.group(), text.origins[m.start() : m.end()]) for m in found]


@dataclass(frozen=True)
class ByteLevelPreTokenizer:
    """GPT-2's split into words of byte characters.

    >>> ByteLevelPreTokenizer().split("I'm  café")
    ['I', "'m", 'Ġ', 'ĠcafÃ©']

    `add_prefix_space` puts a space before a text that does not begin with one, so that its first
    word is like any other. Without `use_regex` the text stays one word.
    """

    add_prefix_space: bool = False
    use_regex: bool = True

    def split(self, text: str) -> list[str]:
        """The words of a text. Raises `InputError` for a lone surrogate, which has no bytes."""
        return self.split_prefixed(self.prefixed(text))

    def split_prefixed(self, text: str) -> list[str]:
        """The words of a text that has its prefix already.

        Most short texts are a word, or a word and a punctuation mark: those are told without the
        pattern.
        """
        if self.use_regex and text.isascii() and text.isprintable():
            space = byte_alphabet.SPACE if text.startswith(" ") else ""
            bare = text[1:] if space else text
            if bare.isalpha():
                return [space + bare]
            mark = bare[-1:]
            if bare[:-1].isalpha() and not mark.isdigit() and mark != " ":
                return [space + bare[:-1], mark]
        return [byte_alphabet.from_text(piece) for piece in self._pieces(text)]

    def sizes(self, text: str) -> list[int]:
        """How many bytes each word of a text has.

        >>> ByteLevelPreTokenizer().sizes("a café")
        [1, 6]
        """
        pieces = self._pieces(self.prefixed(text))
        return list(map(len, pieces if text.isascii() else map(byte_alphabet.encoded, pieces)))

    def split_aligned(self, text: Normalized) -> list[Normalized]:
        """The words, with the origin of each byte's character; a prefix has that of what follows.

        >>> ByteLevelPreTokenizer().split_aligned(Normalized("é", range(1)))
        [Normalized(text='Ã©', origins=[0, 0])]
        """
        prefixed = self.prefixed(text.text)
        if prefixed.isascii() and len(prefixed) == len(text.text):  # a byte for each character
            words = []
            start = 0
            for piece in self._pieces(prefixed):
                end = start + len(piece)
                words.append(Normalized(byte_alphabet.from_text(piece), text.origins[start:end]))
                start = end
            return words
        return self._split_encoded(prefixed, list(text.origins))

    def _split_encoded(self, prefixed: str, origins: list[int]) -> list[Normalized]:
        """The same where a character may be several bytes."""
        if len(prefixed) > len(origins):
            origins.insert(0, origins[0])
        words = []
        start = 0
        for piece in self._pieces(prefixed):
            end = start + len(piece)
            parts = [byte_alphabet.from_text(char) for char in piece]
            each = zip(parts, origins[start:end], strict=True)
            words.append(Normalized("".join(parts), [at for part, at in each for _ in part]))
            start = end
        return words

    def prefixed(self, text: str) -> str:
        """The text with the prefix that it should have."""
        return f" {text}" if self.add_prefix_space and text and text[0] != " " else text

    def _pieces(self, text: str) -> list[str]:
        if self.use_regex:
            pattern = ASCII_GPT2 if text.isascii() else gpt2_pattern().on(text)
            return pattern.findall(text)
        return [text] if text else []


#: BERT's words in printable ASCII.
ASCII_WORDS = re.compile("[0-9A-Za-z]+|[^0-9A-Za-z ]")


@cache
def bert_pattern(*, lines: bool = False) -> Patterns:
    """One punctuation character, or a run of what is neither punctuation nor white space.

    With `lines`, line feeds are found too.
    """
    feed = "\n|" if lines else ""

    def write(inside: Callable[[str], str]) -> str:
        punctuation, whitespace = inside(tables.PUNCTUATION), inside(tables.WHITESPACE)
        return f"{feed}[{punctuation}]|[^{punctuation}{whitespace}]+"

    return Patterns(write)


#: White space of BERT's rules, and what becomes a space.
BLANKS = f"{tables.WHITESPACE} {tables.TO_SPACE}"


#: GPT-2's pattern for ASCII: contractions, letters, numbers, other characters, white space.
ASCII_GPT2 = re.compile(
    r"'s|'t|'re|'ve|'m|'ll|'d| ?[A-Za-z]+| ?[0-9]+| ?[^\t-\r A-Za-z0-9]+"
    r"|[\t-\r ]+(?![^\t-\r ])|[\t-\r ]+"
)


@cache
def bert_text_pattern(*, cjk_spacing: bool, lines: bool = False) -> Patterns:
    """BERT's words in text as it is, where normalizing would do no more than put spaces somewhere.

    What becomes a space is a boundary like white space, and an ideograph is a word where spaces are
    put around it. With `lines`, line feeds are found too.
    """
    feed = "\n|" if lines else ""

    def write(inside: Callable[[str], str]) -> str:
        alone = inside(tables.PUNCTUATION) + (inside(tables.CJK) if cjk_spacing else "")
        return f"{feed}[{alone}]|[^{alone}{inside(BLANKS)}]+"

    return Patterns(write)


@cache
def bert_run_pattern() -> Patterns:
    """BERT's words of characters that do not stand alone, as ideographs do, in text as it is."""

    def write(inside: Callable[[str], str]) -> str:
        return f"([^{inside(tables.PUNCTUATION)}{inside(tables.CJK)}{inside(BLANKS)}]+)"

    return Patterns(write)


@cache
def gpt2_pattern(found: str = "", passed: str = "") -> Patterns:
    """The same for all of Unicode, with letters, numbers and white space from the tables.

    Two characters may stand between texts: one is found as if it were a word, one is passed over.
    """
    marks = found + passed
    start = f"{found}|" if found else ""

    def write(inside: Callable[[str], str]) -> str:
        letters, numbers = inside(tables.BYTE_LEVEL_LETTERS), inside(tables.BYTE_LEVEL_NUMBERS)
        space = inside(tables.BYTE_LEVEL_SPACE)
        return (
            f"{start}'s|'t|'re|'ve|'m|'ll|'d| ?[{letters}]+| ?[{numbers}]+"
            f"| ?[^{space}{letters}{numbers}{marks}]+|[{space}]+(?![^{space}{marks}])|[{space}]+"
        )

    return Patterns(write)
