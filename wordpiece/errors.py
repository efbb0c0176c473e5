"""What can go wrong, and whose fault it was.

    WordpieceError
    ├── OptionError   an option that cannot work (also a ValueError)
    ├── InputError    text or a corpus that cannot be read
    ├── FormatError   a tokenizer file that is broken
    │   └── UnsupportedError   one that is whole, but holds a part that is not supported
    └── OutputError   a place that cannot be written

Each message is one line: the value, what is allowed, what to try. The commands print it and exit
with 2.
"""

from __future__ import annotations

#: A message that quotes what was in a file or a text is cut to about so many characters.
LONGEST_MESSAGE = 1000


class WordpieceError(Exception):
    """Any error that is the package's to report."""

    def __init__(self, message: str = "") -> None:
        if len(message) > LONGEST_MESSAGE:
            half = LONGEST_MESSAGE // 2
            message = f"{message[:half]} ... {message[-half:]}"
        super().__init__(message)


class OptionError(WordpieceError, ValueError):
    """An option, or a combination of options, that cannot work."""


class InputError(WordpieceError):
    """Text that cannot be read: a missing file, an empty corpus, bytes that are not UTF-8."""


def no_word(names: str = "") -> InputError:
    """The error for text in which there is nothing to count, in files of some names.

    >>> print(no_word("a.txt"))
    a.txt: holds no word: it is empty or all white space
    """
    holds = f"{names}: holds" if names else "the corpus holds"
    return InputError(f"{holds} no word: it is empty or all white space")


class FormatError(WordpieceError):
    """A tokenizer file that is broken, or that holds a part which is not supported."""


class UnsupportedError(FormatError):
    """A tokenizer file that is whole, but holds a part that is not supported here."""


class OutputError(WordpieceError):
    """A file or folder that cannot be written."""
