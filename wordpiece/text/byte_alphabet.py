"""GPT-2's printable names for the 256 bytes.

Bytes that print in Latin-1 stand for themselves; the others, space and controls among them, get the
characters from U+0100 on, in order. So a space is `Ġ` and a line feed `Ċ`.
"""

from __future__ import annotations

from functools import cache

from wordpiece.text.code_points import lone_surrogate

#: The bytes that stand for themselves: printable ASCII and printable Latin-1.
PRINTABLE = (*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100))


@cache
def byte_characters() -> str:
    """The character of each byte, by its value.

    >>> byte_characters()[ord("A")], byte_characters()[ord(" ")], byte_characters()[0xFF]
    ('A', 'Ġ', 'ÿ')
    """
    others = iter(range(0x100, 0x200))
    return "".join(chr(byte if byte in PRINTABLE else next(others)) for byte in range(256))


#: The character for the byte of a space; other printable ASCII stands for itself.
SPACE = byte_characters()[0x20]


@cache
def _to_characters() -> dict[int, str]:
    return dict(enumerate(byte_characters()))


@cache
def _to_bytes() -> dict[str, int]:
    return {char: byte for byte, char in enumerate(byte_characters())}


def from_text(text: str) -> str:
    """The bytes of a text (UTF-8) as characters.

    >>> from_text(" é")
    'ĠÃ©'

    Raises `InputError` for a lone surrogate, which has no bytes.
    """
    if text.isascii() and text.isprintable():
        return text.replace(" ", SPACE)
    return encoded(text).decode("latin-1").translate(_to_characters())


def encoded(text: str) -> bytes:
    """The bytes of a text (UTF-8). Raises `InputError` for a lone surrogate, which has none."""
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise lone_surrogate(text[error.start]) from None


def to_bytes(text: str) -> bytes | None:
    """The bytes that characters stand for, or None if one of them stands for none.

    >>> to_bytes("ĠÃ©"), to_bytes("한")
    (b' \\xc3\\xa9', None)
    """
    table = _to_bytes()
    try:
        return bytes(map(table.__getitem__, text))
    except KeyError:
        return None


def to_text(word: str) -> str:
    """What a word in these characters says; "" where its bytes are no whole characters.

    >>> to_text("ĠÃ©"), to_text("Ã")
    (' é', '')
    """
    data = to_bytes(word)
    try:
        return "" if data is None else data.decode("utf-8")
    except UnicodeDecodeError:
        return ""
