"""Sets of code points, read from the strings of `unicode_tables`."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable
from functools import cached_property

from wordpiece.errors import InputError

#: The last character of the first plane.
LAST_BASIC = 0xFFFF


class CodePoints:
    """A set of code points, kept as ranges.

    >>> 0x62 in CodePoints("61-7a 5f"), 0x41 in CodePoints("61-7a 5f")
    (True, False)
    """

    __slots__ = ("_firsts", "_lasts")

    def __init__(self, table: str) -> None:
        spans = sorted(parse_range(entry) for entry in table.split())
        self._firsts = [first for first, _ in spans]
        self._lasts = [last for _, last in spans]

    def __contains__(self, code_point: int) -> bool:
        at = bisect_right(self._firsts, code_point) - 1
        return at >= 0 and code_point <= self._lasts[at]


def parse_range(entry: str) -> tuple[int, int]:
    """First and last code point of one entry.

    >>> parse_range("61-7a"), parse_range("5f")
    ((97, 122), (95, 95))
    """
    first, _, last = entry.partition("-")
    return int(first, 16), int(last or first, 16)


def characters_of(table: str) -> str:
    """All characters of a table.

    >>> characters_of("61-63 5f")
    'abc_'
    """
    spans = map(parse_range, table.split())
    return "".join(chr(code) for first, last in spans for code in range(first, last + 1))


def parse_mapping(table: str) -> dict[int, str]:
    """Replacements of code points.

    >>> parse_mapping("c0-c1:41 130:69+307")
    {192: 'A', 193: 'A', 304: 'i̇'}
    """
    replacements = {}
    for entry in table.split():
        span, _, codes = entry.partition(":")
        first, last = parse_range(span)
        text = "".join(chr(int(code, 16)) for code in codes.split("+"))
        replacements.update(dict.fromkeys(range(first, last + 1), text))
    return replacements


def parse_shifts(table: str) -> dict[int, str]:
    """Replacements written as a difference: first-last/step+difference.

    >>> parse_shifts("41-42/1+32 178-178/1-121")
    {65: 'a', 66: 'b', 376: 'ÿ'}
    """
    replacements = {}
    for entry in table.split():
        span, _, rule = entry.partition("/")
        first, last = parse_range(span)
        step, delta = int(rule[0]), int(rule[1:])
        replacements.update({code: chr(code + delta) for code in range(first, last + 1, step)})
    return replacements


def pattern_class(table: str) -> str:
    r"""The inside of a `re` character class.

    >>> pattern_class("21-2f 61")
    '\\U00000021-\\U0000002f\\U00000061'
    """
    spans = [parse_range(entry) for entry in table.split()]
    return "".join(f"\\U{a:08x}" if a == b else f"\\U{a:08x}-\\U{b:08x}" for a, b in spans)


def first_plane_class(table: str) -> str:
    r"""The same of the first plane alone.

    >>> first_plane_class("61 1f600")
    '\\U00000061'
    """
    spans = [parse_range(entry) for entry in table.split()]
    basic = (f"{a:x}-{min(b, LAST_BASIC):x}" for a, b in spans if a <= LAST_BASIC)
    return pattern_class(" ".join(basic))


def is_basic(text: str) -> bool:
    """Whether all characters are of the first plane: a code unit of UTF-16 each.

    >>> is_basic("한국어"), is_basic("😀")
    (True, False)
    """
    return len(text.encode("utf-16-le", "surrogatepass")) == 2 * len(text)


class Patterns:
    """A pattern for any text, and one that says the same of text of the first plane.

    `re` looks up characters of the first plane in a table, but when they are not in it, it goes on
    to each range of the planes beyond: for text that has no such characters, as nearly all has
    not, the second pattern is several times faster. `write` makes a pattern, given what makes the
    inside of a character class from a table.

    >>> letters = Patterns(lambda inside: f"[{inside('61-7a 1f600')}]+")
    >>> letters.on("ab c").findall("ab c")
    ['ab', 'c']
    """

    def __init__(self, write: Callable[[Callable[[str], str]], str]) -> None:
        self._write = write

    def on(self, text: str) -> re.Pattern[str]:
        """The pattern for a text."""
        return self._basic if is_basic(text) else self._any

    @cached_property
    def _any(self) -> re.Pattern[str]:
        return re.compile(self._write(pattern_class))

    @cached_property
    def _basic(self) -> re.Pattern[str]:
        return re.compile(self._write(first_plane_class))


def lone_surrogate(char: str) -> InputError:
    """The error for half of a UTF-16 pair, which is no character and has no bytes."""
    return InputError(
        f"the text has a lone surrogate, U+{ord(char):04X}: decode its bytes as UTF-8 first"
    )
