"""Tokens that are cut out of the raw text before anything else sees it, such as `[MASK]`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from wordpiece.text import unicode_tables as tables
from wordpiece.text.code_points import pattern_class


@dataclass(frozen=True)
class AddedToken:
    """A token known by its exact spelling in the raw text.

    `special` tokens can be left out when decoding; `lstrip` and `rstrip` make the token swallow the
    white space on that side.
    """

    content: str
    id: int
    special: bool = True
    lstrip: bool = False
    rstrip: bool = False


class Stretch(NamedTuple):
    """A stretch of the raw text: an added token, or (token None) text between them."""

    token: AddedToken | None
    start: int
    end: int


class AddedTokens:
    """Finds added tokens in raw text: from the left, the longest that fits.

    >>> found = AddedTokens([AddedToken("[MASK]", 4)]).stretches("a[MASK]b")
    >>> [(stretch.token and stretch.token.id, stretch.start, stretch.end) for stretch in found]
    [(None, 0, 1), (4, 1, 7), (None, 7, 8)]
    """

    def __init__(self, tokens: Iterable[AddedToken]) -> None:
        self.tokens = tuple(tokens)
        self.by_content = {token.content: token for token in self.tokens if token.content}
        longest_first = sorted(self.by_content, key=lambda content: (-len(content), content))
        self._pattern = (
            re.compile("|".join(map(re.escape, longest_first))) if longest_first else None
        )

    def are_in(self, text: str) -> bool:
        """Whether any of them occurs."""
        return self._pattern is not None and self._pattern.search(text) is not None

    def stretches(self, text: str) -> Iterator[Stretch]:
        """The text cut at the added tokens; empty stretches are left out."""
        done = 0
        for found in self._pattern.finditer(text) if self._pattern else ():
            token = self.by_content[found.group()]
            start, end = found.span()
            if end <= done:  # white space that the token before has swallowed
                continue
            if token.lstrip:
                start = max(done, start - trailing_space(text[done:start]))
            if token.rstrip:
                end = space_end(text, end)
            if done < start:
                yield Stretch(None, done, start)
            yield Stretch(token, start, end)
            done = end
        if done < len(text):
            yield Stretch(None, done, len(text))


@cache
def whitespace_run() -> re.Pattern[str]:
    """A run of Unicode white space, at the start of what is searched."""
    return re.compile(f"[{pattern_class(tables.WHITESPACE)}]*")


def space_end(text: str, start: int) -> int:
    """Where the white space ends that begins somewhere in a text."""
    found = whitespace_run().match(text, start)
    assert found is not None  # the pattern matches nothing too
    return found.end()


def trailing_space(text: str) -> int:
    """How many characters of white space the text ends with."""
    return space_end(text[::-1], 0)
