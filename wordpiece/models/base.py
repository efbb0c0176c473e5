"""What every model can do, whatever it is called."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from wordpiece.types import Piece


class Model(Protocol):
    """Splits one word into tokens of a vocabulary."""

    @property
    def vocab(self) -> Mapping[str, int]:
        """Token to id, in id order."""

    def pieces(self, word: str) -> list[Piece]:
        """The tokens of a word, with the characters that each covers."""

    def spans(self, word: str) -> tuple[Sequence[int], Sequence[int], Sequence[int]]:
        """The same in three lists: ids, where each token starts, and where it ends."""

    @property
    def lengths(self) -> Mapping[int, int]:
        """How many characters of a word a token stands for, by its id; not of unknown ones.

        Where a token may stand for more than one number of them, it is the least.
        """

    def beginnings(self) -> Mapping[int, int] | None:
        """By id, 1 for tokens that begin a word and 0 for those that go on with one.

        It holds where every punctuation character is a word by itself. None where tokens do not
        tell.
        """

    def ids(self, word: str) -> list[int]:
        """The ids of a word's tokens alone."""
