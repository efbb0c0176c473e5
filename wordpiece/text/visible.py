"""Make characters visible that a terminal or a page would hide, obey or reorder."""

from __future__ import annotations

import unicodedata

#: Controls, formats (zero width, bidi), surrogates, private use, unassigned, line and paragraph
#: separators.
HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def visible(text: str) -> str:
    """The text with every hidden character, and every space but U+0020, written as its code point.

    >>> visible("a\\u202eb\\x1b"), visible("한국 [unused1]")
    ('a<U+202E>b<U+001B>', '한국 [unused1]')
    """
    if text.isprintable():  # true of U+0020 too, and of nothing hidden
        return text
    return "".join(char if is_shown(char) else f"<U+{ord(char):04X}>" for char in text)


def is_shown(char: str) -> bool:
    """Whether a character shows as itself."""
    category = unicodedata.category(char)
    return char == " " or (category not in HIDDEN and category != "Zs")
