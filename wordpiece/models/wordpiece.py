"""WordPiece: greedy longest match first.

From the left, the longest vocabulary entry that fits is taken, then the longest that continues from
there, written with `##`. If at any position nothing fits, the whole word is one unknown token.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from wordpiece.errors import FormatError
from wordpiece.types import Piece


class WordPiece:
    """The greedy encoder over a vocabulary.

    >>> model = WordPiece({"[UNK]": 0, "un": 1, "una": 2, "##ffa": 3, "##ble": 4})
    >>> model.pieces("unaffable")
    [Piece(id=2, start=0, end=3), Piece(id=3, start=3, end=6), Piece(id=4, start=6, end=9)]
    >>> model.pieces("unaware")
    [Piece(id=0, start=0, end=7)]

    A word of more than `max_input_chars_per_word` characters is unknown without being looked at
    (Hugging Face's rule; it keeps the search from being quadratic in hostile input).
    """

    def __init__(
        self,
        vocab: Mapping[str, int],
        *,
        unk_token: str = "[UNK]",
        continuing_subword_prefix: str = "##",
        max_input_chars_per_word: int = 100,
    ) -> None:
        self.vocab: Mapping[str, int] = dict(sorted(vocab.items(), key=lambda item: item[1]))
        self.unk_token = unk_token
        self.continuing_subword_prefix = continuing_subword_prefix
        self.max_input_chars_per_word = max_input_chars_per_word
        prefix = continuing_subword_prefix
        # A word is looked up as it stands, so an entry that begins with ## can match at a word's
        # start too.
        self._beginning: Mapping[str, int] = self.vocab
        self._continuing = {
            token[len(prefix) :]: id for token, id in self.vocab.items() if token.startswith(prefix)
        }
        self._longest_beginning = longest_by_two_characters(self._beginning)
        self._longest_continuing = longest_by_two_characters(self._continuing)

    def pieces(self, word: str) -> list[Piece]:
        """The tokens of a word; one unknown token for the whole word when it cannot be covered.

        Raises `FormatError` when the unknown token is needed and the vocabulary lacks it.
        """
        return list(map(Piece, *self.spans(word)))

    def spans(self, word: str) -> tuple[list[int], list[int], list[int]]:
        """The ids of a word's tokens, where each starts, and where it ends.

        >>> WordPiece({"[UNK]": 0, "a": 1, "##b": 2}).spans("ab")
        ([1, 2], [0, 1], [1, 2])
        """
        found = self._matches(word)
        if found is None:
            return [self._unknown(word)], [0], [len(word)]
        ids, ends = found
        return ids, [0, *ends][: len(ids)], ends

    def ids(self, word: str) -> list[int]:
        """The ids of a word's tokens.

        >>> WordPiece({"[UNK]": 0, "a": 1, "##b": 2}).ids("ab")
        [1, 2]
        """
        found = self._matches(word)
        return [self._unknown(word)] if found is None else found[0]

    def _matches(self, word: str) -> tuple[list[int], list[int]] | None:
        """The ids of the longest matches from the left, and where each ends; None if one fails."""
        length = len(word)
        if length > self.max_input_chars_per_word:
            return None
        whole = self.vocab.get(word)
        if whole is not None and length:
            return [whole], [length]
        ids, ends = [], []
        start = 0
        entries, longest = self._beginning, self._longest_beginning
        while start < length:
            limit = start + longest.get(word[start : start + 2], 1)
            for end in range(min(length, limit), start, -1):
                id = entries.get(word[start:end])
                if id is not None:
                    break
            else:
                return None
            ids.append(id)
            ends.append(end)
            start = end
            entries, longest = self._continuing, self._longest_continuing
        return ids, ends

    def _unknown(self, word: str) -> int:
        try:
            return self.vocab[self.unk_token]
        except KeyError:
            raise FormatError(
                f"the vocabulary has no {self.unk_token!r}, which the word {word[:40]!r} needs: "
                "add it as a line of vocab.txt"
            ) from None


def longest_by_two_characters(entries: Iterable[str]) -> dict[str, int]:
    """The length of the longest entry for each first two characters: nothing longer need be tried.

    Where no entry begins with two characters, only the first of them can be one.

    >>> longest_by_two_characters(["a", "abc", "ab", "bcde"])
    {'ab': 3, 'bc': 4}
    """
    longest: dict[str, int] = {}
    for entry in entries:
        if len(entry) > 1 and len(entry) > longest.get(entry[:2], 0):
            longest[entry[:2]] = len(entry)
    return longest
