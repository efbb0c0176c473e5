"""The ids of much text, with the work done once per distinct string.

Text repeats itself: of the chunks between white space in 30 MB of English, one in twenty is new.
So a chunk's ids are looked up, and only a chunk that was not met before is normalized, split into
words and given to the model; a word that was met before is looked up in turn.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import TypeVar

from wordpiece.models.base import Model
from wordpiece.packing import IdType, packed
from wordpiece.text.chunks import Chunker

#: How many distinct chunks, and how many words, a generation of what is remembered holds.
GENERATION = 1 << 18
#: A longer string is not remembered: it will hardly come again, and it takes much room.
LONGEST_KEPT = 64
#: Texts are looked at together, up to so many and so many characters.
TEXTS_AT_ONCE = 1000
CHARACTERS_AT_ONCE = 1 << 20
#: The same where another process may get them.
MANY = (1 << 16, 1 << 19)

Ids = tuple[int, ...]
Value = TypeVar("Value")
concatenated = chain.from_iterable


class Remembered(dict[str, Value]):
    """What was found for strings, in two generations.

    When the young one is full it becomes the old one, and what was there is forgotten; what is
    looked up again in time is young again. So what comes often is never forgotten, however much
    comes only once.
    """

    def __init__(self) -> None:
        super().__init__()
        self.old: dict[str, Value] = {}

    def __missing__(self, key: str) -> Value:
        value = self.old.pop(key, None) if self.old else None
        if value is None:
            value = self.find(key)
        if len(self) >= GENERATION:
            self.old = dict(self)
            self.clear()
        if len(key) <= LONGEST_KEPT:
            self[key] = value
        return value

    def find(self, key: str) -> Value:
        """What there is for a string that is not remembered."""
        raise NotImplementedError


class WordIds(Remembered[Ids]):
    """Word to ids, asking the model for words that were not met before."""

    def __init__(self, model: Model) -> None:
        super().__init__()
        self._ids = model.ids

    def find(self, key: str) -> Ids:
        """The ids of a word."""
        return tuple(self._ids(key))

    def of_whole(self, word: str) -> Ids:
        """The ids of a word that is a chunk, and is remembered as that."""
        return self.get(word) or self.find(word)


class ChunkIds(Remembered[Ids]):
    """Chunk to ids, splitting chunks that were not met before into words."""

    def __init__(self, split: Callable[[str], list[str]], words: WordIds) -> None:
        super().__init__()
        self._split, self._words = split, words

    def find(self, key: str) -> Ids:
        """The ids of a chunk's words."""
        known = self._words
        words = self._split(key)
        if len(words) == 1:
            word = words[0]
            return known.of_whole(word) if word == key else known[word]
        if len(words) == 2:
            return known[words[0]] + known[words[1]]
        return tuple(concatenated(map(known.__getitem__, words)))


class QuickIds:
    """Texts to ids, for a chunker and a model; equal to encoding each word of each chunk."""

    def __init__(self, chunker: Chunker, model: Model) -> None:
        self.chunker = chunker
        self.chunks = ChunkIds(chunker.words, WordIds(model))

    def of(self, text: str) -> list[int]:
        """The ids of one text, which may be long."""
        ids: list[int] = []
        for part in self.chunker.parts(text):
            ids += concatenated(map(self.chunks.__getitem__, self.chunker.cut(part)))
        return ids

    def of_each(self, texts: list[str], joined: str) -> list[list[int]]:
        """The ids of some texts; `joined` is all of them, with NULs between."""
        if len(joined) > 2 * CHARACTERS_AT_ONCE:
            return list(map(self.of, texts))
        ready, cut = self.chunker.quickened(texts, joined)
        get = self.chunks.__getitem__
        return [list(concatenated(map(get, cut(text)))) for text in ready]


class PackedChunkIds(Remembered[bytes]):
    """Chunk to ids as bytes, from what finds the ids of chunks."""

    def __init__(self, chunks: ChunkIds, dtype: IdType) -> None:
        super().__init__()
        self._ids, self._dtype = chunks.find, dtype

    def find(self, key: str) -> bytes:
        """The ids of a chunk."""
        return packed(self._ids(key), self._dtype)


class PackedIds:
    """The ids of texts as bytes, which take no list on their way to a file or a pipe."""

    def __init__(self, quick: QuickIds, dtype: IdType) -> None:
        self._quick, self._dtype = quick, dtype
        self.chunks = PackedChunkIds(quick.chunks, dtype)

    def of_each(self, texts: list[str], joined: str) -> list[bytes]:
        """The ids of some texts; `joined` is all of them, with NULs between."""
        if len(joined) > 2 * CHARACTERS_AT_ONCE:
            return [packed(self._quick.of(text), self._dtype) for text in texts]
        ready, cut = self._quick.chunker.quickened(texts, joined)
        get = self.chunks.__getitem__
        return [b"".join(map(get, cut(text))) for text in ready]


def batches(texts: Iterable[str], *, many: bool = False) -> Iterator[list[str]]:
    """Texts, not too many and not too much at a time; `many` where it is work to hand them on.

    >>> [len(batch) for batch in batches(["a"] * 1500)]
    [1000, 500]
    """
    most, most_characters = MANY if many else (TEXTS_AT_ONCE, CHARACTERS_AT_ONCE)
    if not isinstance(texts, list):  # what is read as it comes is not read ahead
        yield from batches_by_size(texts, most, most_characters)
        return
    for at in range(0, len(texts), most):
        batch = texts[at : at + most]
        if sum(map(len, batch)) <= most_characters:
            yield batch
        else:
            yield from batches_by_size(batch, most, most_characters)


def batches_by_size(texts: Iterable[str], most: int, most_characters: int) -> Iterator[list[str]]:
    """Texts, up to so many, and until they have more characters than that."""
    batch: list[str] = []
    size = 0
    for text in texts:
        batch.append(text)
        size += len(text)
        if len(batch) == most or size > most_characters:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch
