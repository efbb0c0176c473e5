"""BERT's normalizer: clean, space ideographs, strip accents, lower-case, in that order.

The rules and their frozen Unicode tables are those of `tokenizers` (its `BertNormalizer`), measured
for every code point: Python's `unicodedata` and `str.lower` answer differently, and differently in
each Python version. Each character is normalized on its own, so one table from character to
replacement does the work. One rule is not per character: accent stripping decomposes (NFD), and NFD
sorts marks by combining class. Stripping then deletes nearly all marks, so the order is seen only
where one of a few marks that stripping keeps occurs; only such text takes the slow way.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain, count, repeat
from typing import NamedTuple, Protocol

from wordpiece.text import unicode_tables as tables
from wordpiece.text.code_points import (
    LAST_BASIC,
    CodePoints,
    Patterns,
    lone_surrogate,
    parse_mapping,
    parse_shifts,
)

FIRST_SYLLABLE, LAST_SYLLABLE = 0xAC00, 0xD7A3


class Normalized(NamedTuple):
    """Normalized text, and for each character the index of the original one that it came from."""

    text: str
    origins: Sequence[int]


class Normalizer(Protocol):
    """Prepares a text for the pre-tokenizer."""

    @property
    def lowercase(self) -> bool:
        """Whether it lower-cases."""

    @property
    def strips_accents(self) -> bool:
        """Whether it strips accents."""

    @property
    def cjk_spacing(self) -> bool:
        """Whether it makes ideographs words of their own."""

    def normalize(self, text: str) -> str:
        """The normalized text."""

    def normalize_aligned(self, text: str) -> Normalized:
        """The normalized text, with the origin of each character."""


@dataclass(frozen=True)
class NoNormalizer:
    """Leaves text as it is."""

    lowercase = strips_accents = cjk_spacing = False

    def normalize(self, text: str) -> str:
        """The text."""
        return text

    def normalize_aligned(self, text: str) -> Normalized:
        """The text, every character its own origin."""
        return Normalized(text, range(len(text)))


@dataclass(frozen=True)
class BertNormalizer:
    """BERT's text normalization, equal to that of `tokenizers` for every scalar value.

    >>> BertNormalizer(lowercase=True).normalize("Café 北京")
    'cafe  北  京 '
    >>> BertNormalizer().normalize("Café")
    'Café'

    `strip_accents=None` means "as `lowercase` says", as in `tokenizers`. Stripping decomposes
    Hangul syllables into Jamo and does not compose them again, as BERT does.
    """

    clean_text: bool = True
    cjk_spacing: bool = True
    strip_accents: bool | None = None
    lowercase: bool = False

    @property
    def strips_accents(self) -> bool:
        """Whether accents are stripped, `None` resolved."""
        return self.lowercase if self.strip_accents is None else self.strip_accents

    def normalize(self, text: str) -> str:
        """The normalized text. Raises `InputError` for a lone surrogate, which is no character."""
        if self._keeps_marks_of(text):
            return self._normalize_reordering(text).text
        return text.translate(self._table)

    def changes_letters_of(self, text: str) -> bool:
        """Whether normalizing a text does more to it than put spaces somewhere.

        >>> BertNormalizer().changes_letters_of("Café 北京")
        False
        >>> BertNormalizer(lowercase=True).changes_letters_of("Café")
        True
        """
        return self._letters_changed.on(text).search(text) is not None

    @property
    def changes_case_or_accents(self) -> bool:
        """Whether more letters are changed than those that are deleted."""
        return self.lowercase or self.strips_accents

    def without_deleted(self, text: str) -> str:
        """The text without what is deleted, where no more is changed of letters than that.

        >>> BertNormalizer().without_deleted("a\\u200bb 北京")
        'ab 北京'
        """
        table = self._table
        return self._letters_changed.on(text).sub(lambda found: table[ord(found[0])], text)

    def changes_length_of(self, text: str) -> bool:
        """Whether a character that is not white space may become none, a space, or several.

        Spaces that are put somewhere do not count.

        >>> BertNormalizer(lowercase=True).changes_length_of("Café 北京")
        False
        >>> BertNormalizer(lowercase=True).changes_length_of("한")
        True
        """
        return self._length_changed.on(text).search(text) is not None

    def normalize_lines(self, texts: Iterable[str]) -> str:
        """Texts without line feeds, normalized, a line feed before each; for many small texts.

        >>> BertNormalizer(lowercase=True).normalize_lines(["É", "B"])
        '\\ne\\nb'
        """
        joined = "".join(f"\n{text}" for text in texts)
        if self._keeps_marks_of(joined):
            return "".join(f"\n{self.normalize(text)}" for text in joined[1:].split("\n"))
        return joined.translate(self._line_table)

    def normalize_aligned(self, text: str) -> Normalized:
        """The normalized text, with the origin of each character.

        >>> BertNormalizer(lowercase=True).normalize_aligned("É京")
        Normalized(text='e 京 ', origins=[0, 1, 1, 1])
        """
        if text.isascii() and text.isprintable():  # nothing to clean or strip
            return Normalized(text.lower() if self.lowercase else text, range(len(text)))
        if self._keeps_marks_of(text):
            return self._normalize_reordering(text)
        table = self._table
        pieces = list(map(table.__getitem__, map(ord, text)))
        joined = "".join(pieces)
        if len(joined) == len(text) and all(pieces):
            return Normalized(joined, range(len(text)))
        origins = chain.from_iterable(map(repeat, count(), map(len, pieces)))
        return Normalized(joined, list(origins))

    @property
    def _table(self) -> Replacements:
        return replacements(self.clean_text, self.cjk_spacing, self.strips_accents, self.lowercase)

    @property
    def _letters_changed(self) -> Patterns:
        return letters_changed(self.clean_text, self.strips_accents, self.lowercase)

    @property
    def _length_changed(self) -> Patterns:
        return length_changed(self.clean_text, self.strips_accents, self.lowercase)

    @property
    def _line_table(self) -> Replacements:
        return line_replacements(
            self.clean_text, self.cjk_spacing, self.strips_accents, self.lowercase
        )

    def _keeps_marks_of(self, text: str) -> bool:
        if not self.strips_accents or text.isascii():
            return False
        return kept_marks().on(text).search(text) is not None

    def _normalize_reordering(self, text: str) -> Normalized:
        """The four stages one after the other, with canonical ordering in full."""
        first = replacements(self.clean_text, self.cjk_spacing, False, False)
        last = replacements(False, False, True, self.lowercase)
        spaced = [(char, at) for at, original in enumerate(text) for char in first[ord(original)]]
        marks = mark_set(tables.MARKS)
        chars, origins = [], []
        for char, at in canonical_order(spaced):
            if ord(char) not in marks:
                for replacement in last[ord(char)]:
                    chars.append(replacement)
                    origins.append(at)
        return Normalized("".join(chars), origins)


class Replacements(dict[int, str]):
    """What becomes of each code point, found when it is first met: a table for `str.translate`."""

    def __init__(self, *, clean: bool, spaced: bool, stripped: bool, lowered: bool) -> None:
        super().__init__()
        self._clean, self._spaced, self._stripped, self._lowered = clean, spaced, stripped, lowered

    def __missing__(self, code_point: int) -> str:
        if 0xD800 <= code_point <= 0xDFFF:
            raise lone_surrogate(chr(code_point))
        text = chr(code_point)
        if self._clean:
            text = cleaned(text)
        if self._spaced and code_point in mark_set(tables.CJK):
            text = f" {text} "
        if self._stripped:
            text = "".join(map(stripped, text))
        if self._lowered:
            text = "".join(map(lowered, text))
        self[code_point] = text
        return text


@cache
def replacements(clean: bool, spaced: bool, stripped: bool, lowered: bool) -> Replacements:
    """The table for one set of options; normalizers with equal options share it."""
    return Replacements(clean=clean, spaced=spaced, stripped=stripped, lowered=lowered)


@cache
def line_replacements(clean: bool, spaced: bool, stripped: bool, lowered: bool) -> Replacements:
    """The table of the same options that leaves line feeds as they are."""
    table = Replacements(clean=clean, spaced=spaced, stripped=stripped, lowered=lowered)
    table[ord("\n")] = "\n"
    return table


@cache
def letters_changed(clean: bool, stripped: bool, lowered: bool) -> Patterns:
    """Finds a character that is deleted, stripped, put in order, or lower-cased."""
    members = never_one(clean, stripped)
    if stripped:
        members.append(table_of(stripped_table()))
    if lowered:
        members.append(table_of(lowered_table()))
    return Patterns(lambda inside: f"[{''.join(map(inside, members))}]")


@cache
def length_changed(clean: bool, stripped: bool, lowered: bool) -> Patterns:
    """Finds a character that is deleted, put in order, or becomes several, or a space.

    And white space that is not of Latin-1.
    """
    table = replacements(clean, False, stripped, lowered)
    spaces = mark_set(tables.TO_SPACE)
    changed = (lowered_table() if lowered else {}) | (stripped_table() if stripped else {})
    others = {code for code in changed if len(table[code]) != 1 or ord(table[code]) in spaces}
    others.update(code for code in range(0x100, LAST_BASIC + 1) if code in spaces)
    members = [*never_one(clean, stripped), table_of(others)]
    return Patterns(lambda inside: f"[{''.join(map(inside, members))}]")


def never_one(clean: bool, stripped: bool) -> list[str]:
    """Tables of characters that are deleted, put in order, or become several; not all of these."""
    tables_of_them = ["d800-dfff"]
    if clean:
        tables_of_them.append(tables.REMOVED)
    if stripped:
        hangul = f"{FIRST_SYLLABLE:x}-{LAST_SYLLABLE:x}"
        tables_of_them += tables.MARKS, tables.KEPT_MARKS, hangul
    return tables_of_them


def table_of(code_points: Iterable[int]) -> str:
    """Code points as a table of them.

    >>> table_of({0x62, 0x61})
    '61 62'
    """
    return " ".join(f"{code:x}" for code in sorted(code_points))


@cache
def mark_set(table: str) -> CodePoints:
    """One of the sets of `unicode_tables`, read when it is first needed."""
    return CodePoints(table)


@cache
def kept_marks() -> Patterns:
    """Finds marks that stripping keeps and ordering moves, and what decomposes into them."""
    made = {
        code
        for code, text in stripped_table().items()
        if any(ord(c) in CodePoints(tables.KEPT_MARKS) for c in text)
    }
    return Patterns(lambda inside: f"[{inside(tables.KEPT_MARKS)}{inside(table_of(made))}]")


@cache
def stripped_table() -> dict[int, str]:
    """What accent stripping leaves of what it changes, but for deleted marks and Hangul."""
    return parse_mapping(tables.STRIPPED)


@cache
def lowered_table() -> dict[int, str]:
    """Lower-case of each code point that has one."""
    return parse_shifts(tables.LOWER) | parse_mapping(tables.LOWER_MANY)


def cleaned(char: str) -> str:
    """One character after clean_text: itself, a space, or nothing (controls leave no space)."""
    if ord(char) in mark_set(tables.REMOVED):
        return ""
    return " " if ord(char) in mark_set(tables.TO_SPACE) else char


def stripped(char: str) -> str:
    """One character after NFD and the deletion of marks.

    >>> stripped("é"), [hex(ord(jamo)) for jamo in stripped("한")]
    ('e', ['0x1112', '0x1161', '0x11ab'])
    """
    if FIRST_SYLLABLE <= ord(char) <= LAST_SYLLABLE:
        return unicodedata.normalize("NFD", char)
    if ord(char) in mark_set(tables.MARKS):
        return ""
    return stripped_table().get(ord(char), char)


def lowered(char: str) -> str:
    """One character in lower case, whatever its neighbors: a final sigma is like any other."""
    return lowered_table().get(ord(char), char)


def canonical_order(chars: list[tuple[str, int]]) -> Iterator[tuple[str, int]]:
    """NFD of characters with their origins, each run of marks sorted by combining class.

    `tokenizers` counts the decomposed characters that stand for a whole original one; after
    sorting, the n-th of them gets the n-th origin, and the others the origin before them.
    """
    decomposed = [
        (combining_class(part), part, not nth)
        for char, _ in chars
        for nth, part in enumerate(decomposition(char))
    ]
    start = 0
    while start < len(decomposed):
        end = start + 1
        while end < len(decomposed) and decomposed[start][0] and decomposed[end][0]:
            end += 1
        decomposed[start:end] = sorted(decomposed[start:end], key=lambda item: item[0])
        start = end
    heads = -1
    for _, part, is_head in decomposed:
        heads += is_head
        yield part, chars[max(heads, 0)][1]


def decomposition(char: str) -> str:
    """Canonical decomposition of one character, where `tokenizers` has one.

    What it decomposes was assigned long ago, and such decompositions never change, so Python's are
    right.
    """
    code = ord(char)
    known = (
        code in stripped_table()
        or code in mark_set(tables.MARKS)
        or FIRST_SYLLABLE <= code <= LAST_SYLLABLE
    )
    return unicodedata.normalize("NFD", char) if known else char


def combining_class(char: str) -> int:
    """Canonical combining class, 0 for marks that are younger than the tables."""
    return unicodedata.combining(char) if ord(char) in mark_set(tables.REORDERED) else 0
