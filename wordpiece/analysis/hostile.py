"""Texts that have broken tokenizers before."""

from __future__ import annotations

import random

#: From bug reports: controls, marks of odd classes, unassigned and private code points, look-alike
#: spaces, new punctuation, Hangul in both forms, ideographs in and out of the spaced ranges, emoji
#: sequences, final sigma, dotted I, sharp s.
PIECES = (
    *"aZ09 .,'#[]-_$+<=>^`|~\t\n\r",
    *"\x00\x0b\x0c\x1c\x1f\x7f\x85\xa0\xad",
    *"\u0300\u0316\u0323\u0334\u0344\u0345\u034f\u0378\u05bf\u061d\u08d4\u0f71\u0f73\u0f74\u0f81",
    *"\u1160\u11ab\u166d\u1680\u1734\u180e\u1b44\u2000\u200b\u200d\u2028\u202e\u202f\u2060\u2e43",
    *"\u3000\u3005\u3007\u302e\ue000\ufeff\ufe0f\ufffd\uffff",
    *"\U000111c9\U00010d24\U00011938\U0001d15e\U0001d165\U0002b820\U0002b920\U000e0001\U0010ffff",
    *"ÀéñöüßẞİıŉΣσςΟΔдйїЇ",
    *"한국어가각힣",
    "\u1112\u1161\u11ab",
    *"中文龥𠀀々〇かがガ",
    *"हिन्दी",
    "👨‍👩‍👧",
    "❤️",
    "🇰🇷",
    "[MASK]",
    "[mask]",
    "[UNK]",
    "[CLS]",
    "<|endoftext|>",
    "##",
    "##a",
    "don't",
    "unaffable",
    "x" * 99,
    "x" * 101,
)


def hostile_texts(number: int, *, seed: int = 0) -> list[str]:
    """A fixed set of texts: such pieces, and code points from all of Unicode.

    >>> hostile_texts(3) == hostile_texts(3)
    True
    """
    rng = random.Random(seed)
    return ["".join(piece(rng) for _ in range(rng.randint(0, 14))) for _ in range(number)]


def piece(rng: random.Random) -> str:
    """One piece."""
    kind = rng.random()
    if kind < 0.6:
        return str(rng.choice(PIECES))
    if kind < 0.8:
        return chr(rng.randrange(0x20, 0x3000))
    code = rng.randrange(0x110000 - 0x800)  # the surrogates are no characters
    return chr(code if code < 0xD800 else code + 0x800)
