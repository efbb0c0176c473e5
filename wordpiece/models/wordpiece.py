"""WordPiece: greedy longest match first.

From the left, the longest vocabulary entry that fits is taken, then the longest that continues from
there, written with `##`. If at any position nothing fits, the whole word is one unknown token.
"""

from __future__ import annotations

import string
from collections.abc import Iterable, Mapping
from functools import cached_property

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

    @cached_property
    def _lengths_beginning(self) -> dict[str, tuple[int, ...]]:
        return lengths_by_two_characters(self._beginning)

    @cached_property
    def _lengths_continuing(self) -> dict[str, tuple[int, ...]]:
        return lengths_by_two_characters(self._continuing)

    def with_vocab(self, vocab: Mapping[str, int]) -> WordPiece:
        """The same model over another vocabulary."""
        return WordPiece(
            vocab,
            unk_token=self.unk_token,
            continuing_subword_prefix=self.continuing_subword_prefix,
            max_input_chars_per_word=self.max_input_chars_per_word,
        )

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
        ids, ends = self._matches(word) or ([self._unknown(word)], [len(word)])
        return ids, [0, *ends][: len(ids)], ends

    @cached_property
    def lengths(self) -> Mapping[int, int]:
        """How many characters a token stands for, by its id: of most tokens without the prefix.

        >>> WordPiece({"[UNK]": 0, "a": 1, "##bc": 2}).lengths
        {1: 1, 2: 2}
        """
        prefix = self.continuing_subword_prefix
        return {
            id: len(token.removeprefix(prefix))
            for token, id in self.vocab.items()
            if token != self.unk_token
        }

    def beginnings(self) -> Mapping[int, int] | None:
        """1 for tokens without the prefix, if that is punctuation, two characters or more.

        None for any other prefix, and if the unknown token has it.

        >>> WordPiece({"[UNK]": 0, "a": 1, "##bc": 2}).beginnings()
        {0: 1, 1: 1, 2: 0}
        """
        prefix = self.continuing_subword_prefix
        if len(prefix) < 2 or prefix[0] not in string.punctuation:
            return None
        if self.unk_token.startswith(prefix):
            return None
        return {id: int(not token.startswith(prefix)) for token, id in self.vocab.items()}

    def ids(self, word: str) -> list[int]:
        """The ids of a word's tokens.

        >>> WordPiece({"[UNK]": 0, "a": 1, "##b": 2}).ids("ab")
        [1, 2]
        """
        found = self._matches(word)
        return [self._unknown(word)] if found is None else found[0]

    def covers(self, word: str) -> bool:
        """Whether a word has tokens, and is not unknown.

        >>> WordPiece({"[UNK]": 0, "a": 1, "##b": 2}).covers("ac")
        False
        """
        return self._matches(word) is not None

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
        entries, lengths = self._beginning, self._lengths_beginning
        while start < length:
            left = length - start
            for size in lengths.get(word[start : start + 2], ()):
                if size <= left:
                    id = entries.get(word[start : start + size])
                    if id is not None:
                        break
            else:
                size = 1
                id = entries.get(word[start])
                if id is None:
                    return None
            start += size
            ids.append(id)
            ends.append(start)
            entries, lengths = self._continuing, self._lengths_continuing
        return ids, ends

    def _unknown(self, word: str) -> int:
        try:
            return self.vocab[self.unk_token]
        except KeyError:
            raise FormatError(
                f"the vocabulary has no {self.unk_token!r}, which the word {word[:40]!r} needs: "
                "add it as a line of vocab.txt"
            ) from None


def lengths_by_two_characters(entries: Iterable[str]) -> dict[str, tuple[int, ...]]:
    """The lengths of the entries that begin with two characters, the longest first.

    No other length need be tried there but that of the first character alone.

    >>> lengths_by_two_characters(["a", "abc", "ab", "abd", "bcde"])
    {'ab': (3, 2), 'bc': (4,)}
    """
    lengths: dict[str, set[int]] = {}
    for entry in entries:
        if len(entry) > 1:
            lengths.setdefault(entry[:2], set()).add(len(entry))
    return {start: tuple(sorted(found, reverse=True)) for start, found in lengths.items()}
