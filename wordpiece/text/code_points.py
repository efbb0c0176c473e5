"""Sets of code points, read from the strings of `unicode_tables`."""

from __future__ import annotations

from bisect import bisect_right

from wordpiece.errors import InputError


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


def lone_surrogate(char: str) -> InputError:
    """The error for half of a UTF-16 pair, which is no character and has no bytes."""
    return InputError(
        f"the text has a lone surrogate, U+{ord(char):04X}: decode its bytes as UTF-8 first"
    )
