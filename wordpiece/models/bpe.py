"""Byte-pair encoding: apply the learned merges, lowest rank first.

The same class serves character BPE and byte-level BPE: for the latter, the pre-tokenizer has turned
every byte into a printable character.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from heapq import heapify, heappop, heappush
from itertools import count, pairwise, repeat
from operator import add
from typing import cast

from wordpiece.errors import FormatError
from wordpiece.models.characters import WholeCharacters, first_of_many, in_order
from wordpiece.types import Piece

#: The end of a symbol list, on either side.
NONE = -1
#: What pairs that are no merge have: more than any rank.
NO_RANK = 1 << 62
#: Up to this many symbols, trying all pairs at each step is faster than a heap.
SHORT = 64
#: Byte-level words of fewer bytes are merged as fast byte by byte; of more, with a heap.
LONG_BYTES, LONGEST_BYTES = 20, 4 * SHORT
#: As many such words take as long as to prepare for merging them by their characters.
WORTH_PREPARING = 2000


class BPE:
    """The merging encoder over a vocabulary and an ordered list of merges.

    >>> model = BPE({"a": 0, "b": 1, "ab": 2, "aba": 3}, [("a", "b"), ("ab", "a")])
    >>> model.pieces("abaa")
    [Piece(id=3, start=0, end=3), Piece(id=0, start=3, end=4)]

    A character that the vocabulary lacks is `unk_token`, one for each, or one for a run of them
    with `fuse_unk`. Without `unk_token` it is dropped and its neighbors join, as `tokenizers` has
    it. With `ignore_merges` a word that is in the vocabulary is taken whole. Raises `FormatError`
    when the parts or the result of a merge are not in the vocabulary.
    """

    def __init__(
        self,
        vocab: Mapping[str, int],
        merges: Iterable[tuple[str, str]],
        *,
        unk_token: str | None = None,
        fuse_unk: bool = False,
        ignore_merges: bool = False,
    ) -> None:
        self.vocab: Mapping[str, int] = dict(sorted(vocab.items(), key=lambda item: item[1]))
        self.merges = tuple(merges)
        self.unk_token = unk_token
        self.fuse_unk = fuse_unk
        self.ignore_merges = ignore_merges
        self._characters = {token: id for token, id in self.vocab.items() if len(token) == 1}
        self._long_words = 0
        lefts, rights = zip(*self.merges, strict=True) if self.merges else ((), ())
        pairs = zip(self._known(lefts), self._known(rights), strict=True)
        self._ranks: dict[tuple[int, int], int] = dict(zip(pairs, count()))
        self._made = self._known(map(add, lefts, rights))  # by rank

    @cached_property
    def lengths(self) -> Mapping[int, int]:
        """How many characters a token stands for, by its id; not the unknown one."""
        known = (item for item in self.vocab.items() if item[0] != self.unk_token)
        return {id: len(token) for token, id in known}

    def with_vocab(self, vocab: Mapping[str, int], merges: Iterable[tuple[str, str]]) -> BPE:
        """The same model over another vocabulary and other merges."""
        return BPE(
            vocab,
            merges,
            unk_token=self.unk_token,
            fuse_unk=self.fuse_unk,
            ignore_merges=self.ignore_merges,
        )

    def _known(self, tokens: Iterable[str]) -> list[int]:
        """The ids of a token of each merge. Raises `FormatError` for one that is not there."""
        tokens = list(tokens)
        ids = list(map(self.vocab.get, tokens))
        if None in ids:
            at = ids.index(None)
            left, right = self.merges[at]
            raise FormatError(
                f"the merge {left!r} {right!r}: the vocabulary has no {tokens[at]!r}; "
                "vocabulary and merges must come from one training"
            )
        return cast(list[int], ids)

    def pieces(self, word: str) -> list[Piece]:
        """The tokens of a word. Raises `FormatError` when `unk_token` is needed and not there."""
        if self.ignore_merges and word in self.vocab:
            return [Piece(self.vocab[word], 0, len(word))]
        symbols = self._symbols(word)
        return merged(symbols, self._ranks, self._made) if len(symbols) > 1 else symbols

    def spans(self, word: str) -> tuple[list[int], list[int], list[int]]:
        """The ids of a word's tokens, where each starts, and where it ends.

        >>> BPE({"a": 0, "b": 1, "ab": 2}, [("a", "b")]).spans("aab")
        ([0, 2], [0, 1], [1, 3])
        """
        pieces = self.pieces(word)
        return [p.id for p in pieces], [p.start for p in pieces], [p.end for p in pieces]

    def beginnings(self) -> None:
        """A token may begin a word or go on with one."""

    def ids(self, word: str) -> list[int]:
        """The ids of a word's tokens: those of `pieces`, found without saying where each stands.

        >>> BPE({"[UNK]": 0, "a": 1}, [], unk_token="[UNK]").ids("abb")
        [1, 0, 0]
        """
        ids = self._short_word_ids(word)
        return [piece.id for piece in self.pieces(word)] if ids is None else ids

    def _short_word_ids(self, word: str) -> list[int] | None:
        """The ids of a short word of known characters; None for any other."""
        if self.ignore_merges and word in self.vocab:
            return None
        ids = None
        try:
            if LONG_BYTES <= len(word) <= LONGEST_BYTES and first_of_many().search(word):
                ids = self._of_whole_characters(word)
            if ids is None and len(word) <= SHORT:
                ids = self._of_characters(word)
        except KeyError:
            return None
        return ids and self._merged(ids)

    def _of_whole_characters(self, word: str) -> list[int] | None:
        """What a byte-level word can begin with, if there were more like it; or None."""
        self._long_words += 1
        if self._long_words < WORTH_PREPARING or self._whole is None:
            return None
        return self._whole.ids(word, SHORT)

    def _of_characters(self, word: str) -> list[int]:
        return list(map(self._characters.__getitem__, word))

    def _merged(self, ids: list[int]) -> list[int]:
        return merged_ids(ids, self._ranks, self._made)

    @cached_property
    def _whole(self) -> WholeCharacters | None:
        """The beginnings of byte-level words by their characters, where that comes to the same."""
        one_by_one = len(set(self.vocab.values())) == len(self.vocab)
        if not (one_by_one and in_order(self._ranks, self._made)):
            return None
        return WholeCharacters(map("".join, self.merges), self._of_characters, self._merged)

    def _symbols(self, word: str) -> list[Piece]:
        """The characters as tokens, unknown ones as they are to be treated."""
        symbols: list[Piece] = []
        fusing = False
        for at, char in enumerate(word):
            id = self.vocab.get(char)
            if id is None:
                if self.unk_token is None:
                    continue
                unknown = Piece(self._unknown(char), at, at + 1)
                if fusing and self.fuse_unk:
                    unknown = unknown._replace(start=symbols.pop().start)
                symbols.append(unknown)
            else:
                symbols.append(Piece(id, at, at + 1))
            fusing = id is None
        return symbols

    def _unknown(self, char: str) -> int:
        try:
            return self.vocab[str(self.unk_token)]
        except KeyError:
            raise FormatError(
                f"the vocabulary has no {self.unk_token!r}, which the character {char!r} needs"
            ) from None


def merged_ids(
    ids: list[int], ranks: Mapping[tuple[int, int], int], made: Sequence[int]
) -> list[int]:
    """Merge the pair of lowest rank, the leftmost of equals, until no pair has a rank.

    The ranks of all pairs are looked through before each merge: for the few symbols of a word, this
    is faster than to keep a heap.

    >>> merged_ids([0, 1, 0, 0], {(0, 1): 0, (2, 0): 1}, [2, 3])
    [3, 0]
    """
    rank_of = ranks.get
    found = list(map(rank_of, pairwise(ids), repeat(NO_RANK)))
    while found:
        rank = min(found)
        if rank == NO_RANK:
            break
        at = found.index(rank)
        ids[at] = made[rank]
        del ids[at + 1], found[at]
        if at:
            found[at - 1] = rank_of((ids[at - 1], ids[at]), NO_RANK)
        if at < len(found):
            found[at] = rank_of((ids[at], ids[at + 1]), NO_RANK)
    return ids


def merged(
    symbols: list[Piece], ranks: Mapping[tuple[int, int], int], made: Sequence[int]
) -> list[Piece]:
    """Merge the pair of lowest rank, the leftmost of equals, until no pair has a rank.

    A heap of (rank, position) with linked symbols, so a word of n characters takes n·log n steps.
    An entry that has come true no more is passed over: its pair is gone, or has another rank.
    """
    ids = [piece.id for piece in symbols]
    following = [*range(1, len(ids)), NONE]
    preceding = list(range(-1, len(ids) - 1))
    queue = [(ranks[pair], at) for at, pair in enumerate(pairwise(ids)) if pair in ranks]
    heapify(queue)
    while queue:
        rank, at = heappop(queue)
        right = following[at]
        if right == NONE or ranks.get((ids[at], ids[right])) != rank:
            continue
        ids[at], ids[right] = made[rank], NONE
        after = following[at] = following[right]
        following[right] = NONE
        if after != NONE:
            preceding[after] = at
        for left, pair in around(ids, preceding[at], at, after):
            if pair in ranks:
                heappush(queue, (ranks[pair], left))
    return gathered(symbols, ids, following)


def around(ids: list[int], before: int, at: int, after: int) -> list[tuple[int, tuple[int, int]]]:
    """The pairs that a new symbol makes with its neighbors, each with where it begins."""
    pairs = []
    if before != NONE:
        pairs.append((before, (ids[before], ids[at])))
    if after != NONE:
        pairs.append((at, (ids[at], ids[after])))
    return pairs


def gathered(symbols: list[Piece], ids: list[int], following: list[int]) -> list[Piece]:
    """The linked symbols as pieces."""
    pieces = []
    at = 0
    while at != NONE:
        after = following[at]
        last = len(symbols) if after == NONE else after
        pieces.append(Piece(ids[at], symbols[at].start, symbols[last - 1].end))
        at = after
    return pieces
