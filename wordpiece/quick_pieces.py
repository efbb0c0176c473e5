"""The tokens of a text with their places, found once per distinct chunk.

What a chunk becomes, and where in it each token stands, does not hang on what is around it. So it
is remembered. Mostly the tokens of a chunk cover it, one after the other, and chunks follow each
other with one space between; then the places of all tokens of a text are sums of their lengths.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import accumulate, chain, islice, pairwise
from operator import add, itemgetter
from typing import NamedTuple

from wordpiece.encoding import Encoding
from wordpiece.models.base import Model
from wordpiece.quick_ids import Remembered
from wordpiece.text.chunks import Chunker

Numbers = tuple[int, ...]
Spans = tuple[tuple[int, int], ...]
concatenated = chain.from_iterable
#: How many shapes are remembered: most chunks have one of a few thousand.
SHAPES = 1 << 14
#: Chunks with one space between each two.
SINGLE_SPACED = re.compile(r"\S+(?: \S+)*")

#: What is remembered of a chunk: its ids, its shape, and where the tokens are if it has none.
Entry = tuple[Numbers, Numbers | None, Numbers | None, Numbers | None, "Places | None"]


#: The columns of entries.
IDS, LENGTHS, STEPS, NEWS = map(itemgetter, range(4))


class Shape(NamedTuple):
    """How tokens cover a word or a chunk, one after the other.

    The length of each; how far it is from each to the next, the gap after the chunk included; and
    whether a word begins there (1 or 0).
    """

    lengths: Numbers
    steps: Numbers
    news: Numbers


class Places(NamedTuple):
    """The stretches of a chunk that its tokens stand for, the word of each, how many words."""

    spans: Spans
    words: Numbers
    word_count: int


#: What is remembered of a word: its ids, and where each token ends, if they cover it.
Word = tuple[Numbers, Numbers | None]


class Frame(NamedTuple):
    """What is put around the tokens of one text, and their type id."""

    before: Encoding
    after: Encoding
    type_id: int


class FramedFields(NamedTuple):
    """What the fields of an encoding are made of: see `Encoding.made_later`.

    The entries of the chunks of a text, all covered by their tokens, how many tokens they have, and
    where the first begins.
    """

    frame: Frame
    entries: list[Entry]
    size: int
    start: int
    token_of: Callable[[int], str]

    def tokens(self) -> list[str]:
        """The spellings."""
        before, after, _ = self.frame
        ids = concatenated(map(IDS, self.entries))
        return [*before.tokens, *map(self.token_of, ids), *after.tokens]

    def offsets(self) -> list[tuple[int, int]]:
        """Where the tokens are."""
        before, after, _ = self.frame
        own = offsets_of(map(LENGTHS, self.entries), map(STEPS, self.entries), self.start)
        return [*before.offsets, *own, *after.offsets]

    def type_ids(self) -> list[int]:
        """The text that each token is of."""
        before, after, type_id = self.frame
        return [*before.type_ids, *[type_id] * self.size, *after.type_ids]

    def attention_mask(self) -> list[int]:
        """Nothing is padding."""
        before, after, _ = self.frame
        return [1] * (len(before.ids) + self.size + len(after.ids))

    def special_tokens_mask(self) -> list[int]:
        """What was put around."""
        before, after, _ = self.frame
        return [*before.special_tokens_mask, *[0] * self.size, *after.special_tokens_mask]

    def word_ids(self) -> list[int | None]:
        """The word that each token is of."""
        before, after, _ = self.frame
        return [*before.word_ids, *word_ids_of(map(NEWS, self.entries), 0), *after.word_ids]

    def overflowing(self) -> list[Encoding]:
        """Nothing was cut off."""
        return []


class WordPieces(Remembered[Word]):
    """Word to tokens, asking the model for words that were not met before."""

    def __init__(self, model: Model) -> None:
        super().__init__()
        self.spans, self._cover = model.spans, model.cover

    def find(self, key: str) -> Word:
        """The tokens of a word."""
        found = self._cover(key)
        if found is None:
            return tuple(self.spans(key)[0]), None
        ids, ends = found
        return tuple(ids), tuple(ends)


class QuickPieces(Remembered[Entry]):
    """The key of a chunk to its tokens, made for chunks that were not met before."""

    def __init__(self, chunker: Chunker, model: Model, tokens: Mapping[int, str]) -> None:
        super().__init__()
        self._chunker, self._words = chunker, WordPieces(model)
        self._token_of = tokens.__getitem__

    def find(self, key: str) -> Entry:
        """The entry of the chunk that a key stands for."""
        chunk = self._chunker.chunk_of(key)
        if not chunk:
            return (), (), (), (), None
        words = self._chunker.covering_words(chunk)
        if not words:
            return self._entry_of_places(chunk)
        if len(words) == 1:  # and not worth remembering twice
            found = [self._words.find(words[0])]
            ids = found[0][0]
        else:
            found = list(map(self._words.__getitem__, words))
            ids = tuple(concatenated([own for own, _ in found]))
        ends = tuple([last for _, last in found if last is not None])
        if len(ends) < len(words):
            return self._entry_of_places(chunk)
        return ids, *shape_of(ends, self._chunker.gap), None

    def _entry_of_places(self, chunk: str) -> Entry:
        """The entry of a chunk that its tokens do not cover one after the other."""
        ids: list[int] = []
        spans: list[tuple[int, int]] = []
        of_words: list[int] = []
        words = self._chunker.aligned_words(chunk)
        for number, (word, origins) in enumerate(words):
            own, ends = self._words[word]
            ids += own
            within: Iterable[tuple[int, int]] = pairwise((0, *(ends or ())))
            if ends is None:
                within = zip(*self._words.spans(word)[1:], strict=True)
            spans += [(origins[start], origins[end - 1] + 1) for start, end in within]
            of_words += [number] * len(own)
        places = Places(tuple(spans), tuple(of_words), len(words))
        return tuple(ids), None, None, None, places

    def add_to(
        self, encoding: Encoding, text: str, keys: Sequence[str], *, shift: int, word_id: int
    ) -> int:
        """Append the tokens of chunks, which are all that is in `text`, moved by `shift`.

        Words are numbered from `word_id`; returns the next number.
        """
        if not keys:
            return word_id
        if not self._chunker.gap:
            return self._add_run(encoding, keys, shift, word_id)
        start = text.find(keys[0])
        if text.startswith(" ".join(keys), start):
            return self._add_run(encoding, keys, start + shift, word_id)
        for run in SINGLE_SPACED.finditer(text):
            start = run.start() + shift
            word_id = self._add_run(encoding, run.group().split(" "), start, word_id)
        return word_id

    def framed(self, text: str, keys: Sequence[str], frame: Frame) -> Encoding | None:
        """The tokens of chunks, which are all that is in `text`, and what is put around them.

        None where they are not one run of chunks that their tokens cover.
        """
        start = text.find(keys[0]) if keys and self._chunker.gap else 0
        if not keys or (self._chunker.gap and not text.startswith(" ".join(keys), start)):
            return None
        entries = list(map(self.__getitem__, keys))
        if None in map(LENGTHS, entries):
            return None
        ids = [*frame.before.ids, *concatenated(map(IDS, entries)), *frame.after.ids]
        size = len(ids) - len(frame.before.ids) - len(frame.after.ids)
        fields = FramedFields(frame, entries, size, start, self._token_of)
        return Encoding.made_later(ids, fields)

    def _add_run(self, encoding: Encoding, keys: Sequence[str], start: int, word_id: int) -> int:
        """Append the tokens of chunks with the usual gap between, the first of them at start."""
        entries = list(map(self.__getitem__, keys))
        ids, lengths, steps, news, places = zip(*entries, strict=True)
        found = list(concatenated(ids))
        encoding.ids.extend(found)
        encoding.tokens.extend(map(self._token_of, found))
        if places.count(None) < len(places):
            return self._add_places(encoding, zip(keys, entries, strict=True), start, word_id)
        encoding.offsets.extend(offsets_of(lengths, steps, start))
        encoding.word_ids.extend(word_ids_of(news, word_id))
        return word_id + sum(map(sum, news))

    def _add_places(
        self, encoding: Encoding, entries: Iterable[tuple[str, Entry]], start: int, word_id: int
    ) -> int:
        """Append the offsets and words of a run, chunk by chunk; return the next word's number."""
        offsets, word_ids = encoding.offsets, encoding.word_ids
        for key, (_, lengths, _, news, places) in entries:
            if places is None:
                ends = list(accumulate(lengths or (), initial=start))
                offsets += pairwise(ends)
                numbers: list[int] = list(accumulate(news or (), initial=word_id - 1))
                word_ids += numbers[1:]
                word_id = numbers[-1] + 1
            else:
                offsets += [(start + first, start + last) for first, last in places.spans]
                word_ids += [word_id + word for word in places.words]
                word_id += places.word_count
            start += len(self._chunker.chunk_of(key)) + self._chunker.gap
        return word_id


def offsets_of(
    lengths: Iterable[Numbers], steps: Iterable[Numbers], start: int
) -> Iterable[tuple[int, int]]:
    """Where tokens are that have lengths, and steps from each to the next, by chunk.

    >>> list(offsets_of([(2, 1), (3,)], [(2, 2), (4,)], 0))
    [(0, 2), (2, 3), (4, 7)]
    """
    starts = list(accumulate(concatenated(steps), initial=start))
    starts.pop()  # after the last token
    return zip(starts, map(add, starts, concatenated(lengths)), strict=True)


def word_ids_of(news: Iterable[Numbers], word_id: int) -> Iterable[int]:
    """The numbers of words, from `word_id` on, for tokens of which it is known where words begin.

    >>> list(word_ids_of([(1, 0), (1,)], 5))
    [5, 5, 6]
    """
    return islice(accumulate(concatenated(news), initial=word_id - 1), 1, None)


@lru_cache(SHAPES)
def shape_of(words: tuple[Numbers, ...], gap: int) -> Shape:
    """The shape of a chunk, from where each token ends in its word; so many spaces stand after it.

    >>> shape_of(((2, 3), (1,)), 1)
    Shape(lengths=(2, 1, 1), steps=(2, 1, 2), news=(1, 0, 1))
    """
    lengths = tuple(end - start for ends in words for start, end in pairwise((0, *ends)))
    news = tuple(int(at == 0) for ends in words for at in range(len(ends)))
    return Shape(lengths, (*lengths[:-1], lengths[-1] + gap), news)
