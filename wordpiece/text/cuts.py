"""Where text may be cut whatever the rules are, and what a cut says."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import NamedTuple

#: A long text is cut into parts of about so many characters.
PART = 1 << 20
#: How many chunks are normalized and split as one text.
CHUNKS_AT_ONCE = 1 << 10
#: White space, letters and digits to everybody: Latin, Greek, Cyrillic, Hebrew, Arabic, Korean.
WHITE = " \t\n\r"
LETTER = "[0-9A-Za-zÀ-ÖØ-öø-ɏα-ωА-яא-תا-غ가-힣]"


class Quickened(NamedTuple):
    """Texts, and the fastest cut for them."""

    texts: list[str]
    cut: Callable[[str], list[str]]


class Places(NamedTuple):
    """For each character of the words of a text, one word after the other, its place in the text.

    With `adjoining`, those of a word stand next to each other, as many as there are in the word.
    """

    each: Sequence[int]
    adjoining: bool


def parts(text: str, white: str = WHITE) -> Iterator[str]:
    """A text in parts of some size, cut before white space that stands between two letters.

    >>> [len(part) for part in parts("ab " * PART)]
    [1048577, 1048578, 1048573]
    """
    start = 0
    while len(text) - start > PART and (found := between(white).search(text, start + PART)):
        yield text[start : found.start() + 1]
        start = found.start() + 1
    yield text[start:]


def lines(block: str) -> list[str]:
    """The lines of a block, each with its line feed; no other character ends a line.

    >>> lines("a\\r\\nb\\x0bc")
    ['a\\r\\n', 'b\\x0bc']
    """
    return re.findall(r"[^\n]*\n|[^\n]+", block)


@cache
def between(white: str) -> re.Pattern[str]:
    """A letter or digit before white space and another."""
    return re.compile(f"{LETTER}(?=[{white}]{LETTER})")
