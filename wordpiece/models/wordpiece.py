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
        self._longest_beginning = longest_by_first_character(self._beginning)
        self._longest_continuing = longest_by_first_character(self._continuing)

    def pieces(self, word: str) -> list[Piece]:
        """The tokens of a word; one unknown token for the whole word when it cannot be covered.

        Raises `FormatError` when the unknown token is needed and the vocabulary lacks it.
        """
        if len(word) > self.max_input_chars_per_word:
            return [self._unknown(word)]
        pieces = []
        start = 0
        entries, longest = self._beginning, self._longest_beginning
        while start < len(word):
            piece = longest_match(word, start, entries, longest)
            if piece is None:
                return [self._unknown(word)]
            pieces.append(piece)
            start = piece.end
            entries, longest = self._continuing, self._longest_continuing
        return pieces

    def ids(self, word: str) -> list[int]:
        """The ids of a word's tokens: those of `pieces`, found without saying where each stands.

        >>> WordPiece({"[UNK]": 0, "a": 1, "##b": 2}).ids("ab")
        [1, 2]
        """
        length = len(word)
        if length > self.max_input_chars_per_word:
            return [self._unknown(word).id]
        whole = self.vocab.get(word)
        if whole is not None and length:
            return [whole]
        ids = []
        start = 0
        entries, longest = self._beginning, self._longest_beginning
        while start < length:
            for end in range(min(length, start + longest.get(word[start], 0)), start, -1):
                id = entries.get(word[start:end])
                if id is not None:
                    break
            else:
                return [self._unknown(word).id]
            ids.append(id)
            start = end
            entries, longest = self._continuing, self._longest_continuing
        return ids

    def _unknown(self, word: str) -> Piece:
        try:
            return Piece(self.vocab[self.unk_token], 0, len(word))
        except KeyError:
            raise FormatError(
                f"the vocabulary has no {self.unk_token!r}, which the word {word[:40]!r} needs: "
                "add it as a line of vocab.txt"
            ) from None


def longest_by_first_character(entries: Iterable[str]) -> dict[str, int]:
    """The length of the longest entry for each first character: nothing longer need be tried.

    >>> longest_by_first_character(["a", "abc", "b"])
    {'a': 3, 'b': 1}
    """
    longest: dict[str, int] = {}
    for entry in entries:
        if entry and len(entry) > longest.get(entry[0], 0):
            longest[entry[0]] = len(entry)
    return longest


def longest_match(
    word: str, start: int, entries: Mapping[str, int], longest: Mapping[str, int]
) -> Piece | None:
    """The longest entry that stands at `start`, or None."""
    limit = min(len(word), start + longest.get(word[start], 0))
    for end in range(limit, start, -1):
        id = entries.get(word[start:end])
        if id is not None:
            return Piece(id, start, end)
    return None
