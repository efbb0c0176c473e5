"""Cut normalized text into words.

BERT's rule, as `tokenizers` has it (its `BertPreTokenizer`): split at white space and drop it, then
make every punctuation character a word of its own. Punctuation is all of ASCII that is no letter,
digit or space, and Unicode's categories P* as they stood when the tables were frozen; white space
is the Unicode property, not `str.isspace`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from wordpiece.text import unicode_tables as tables
from wordpiece.text.code_points import pattern_class
from wordpiece.types import Word


@dataclass(frozen=True)
class BertPreTokenizer:
    """BERT's split into words.

    >>> BertPreTokenizer().split("don't stop")
    ['don', "'", 't', 'stop']
    """

    def split(self, text: str) -> list[str]:
        """The words of a normalized text."""
        return word_pattern().findall(text)

    def words(self, text: str) -> list[Word]:
        """The words of a normalized text, with their offsets in it.

        >>> BertPreTokenizer().words("no.")
        [Word(text='no', start=0, end=2), Word(text='.', start=2, end=3)]
        """
        return [
            Word(found.group(), found.start(), found.end())
            for found in word_pattern().finditer(text)
        ]


@cache
def word_pattern() -> re.Pattern[str]:
    """One punctuation character, or a run of what is neither punctuation nor white space."""
    punctuation, whitespace = pattern_class(tables.PUNCTUATION), pattern_class(tables.WHITESPACE)
    return re.compile(f"[{punctuation}]|[^{punctuation}{whitespace}]+")
