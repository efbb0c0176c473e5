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

    def cover(self, word: str) -> tuple[Sequence[int], Sequence[int]] | None:
        """The ids of a word's tokens and where each ends, if the next one begins there.

        None where the tokens do not cover the word from its start to its end.
        """

    def ids(self, word: str) -> list[int]:
        """The ids of a word's tokens alone."""
