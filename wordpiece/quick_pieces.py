"""The tokens of a text with their places, found once per distinct chunk.

What a chunk becomes, and where in it each token stands, does not hang on what is around it. So it
is remembered. Mostly the tokens of a chunk cover it, one after the other, and chunks follow each
other with one space between; then the places of all tokens of a text are sums of their lengths.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate, chain, pairwise
from operator import add, sub
from typing import NamedTuple

from wordpiece.encoding import Encoding
from wordpiece.models.base import Model
from wordpiece.quick_ids import Remembered
from wordpiece.text.chunks import Chunker

Numbers = tuple[int, ...]
Spans = tuple[tuple[int, int], ...]
concatenated = chain.from_iterable
#: Chunks with one space between each two.
SINGLE_SPACED = re.compile(r"\S+(?: \S+)*")

#: What is remembered of a word that its tokens cover: ids, spellings, lengths, and for each token
#: whether a word begins there (1 or 0). Without lengths the tokens do not cover it.
Word = tuple[Numbers, tuple[str, ...], Numbers | None, Numbers]
#: The same of a chunk; then how far it is from each token to the next, and where the tokens are if
#: they do not cover it.
Entry = tuple[
    Numbers, tuple[str, ...], Numbers | None, Numbers | None, Numbers | None, "Places | None"
]


class Places(NamedTuple):
    """The stretches of a chunk that its tokens stand for, the word of each, how many words."""

    spans: Spans
    words: Numbers
    word_count: int


class WordPieces(Remembered[Word]):
    """Word to tokens, asking the model for words that were not met before."""

    def __init__(self, model: Model, tokens: Mapping[int, str]) -> None:
        super().__init__()
        self.spans, self._tokens = model.spans, tokens

    def find(self, key: str) -> Word:
        """The tokens of a word."""
        ids, starts, ends = self.spans(key)
        if len(ids) == 1 and ends[0] - starts[0] == len(key):
            return (ids[0],), (self._tokens[ids[0]],), (len(key),), (1,)
        tokens = tuple(map(self._tokens.__getitem__, ids))
        covered = [*starts, len(key)] == [0, *ends]
        lengths = tuple(map(sub, ends, starts)) if covered else None
        return tuple(ids), tokens, lengths, (1, *(0,) * (len(ids) - 1))


class QuickPieces(Remembered[Entry]):
    """The key of a chunk to its tokens, made for chunks that were not met before."""

    def __init__(self, chunker: Chunker, words: WordPieces) -> None:
        super().__init__()
        self._chunker, self._words = chunker, words

    def find(self, key: str) -> Entry:
        """The entry of the chunk that a key stands for."""
        chunk = self._chunker.chunk_of(key)
        if not chunk:
            return (), (), (), (), (), None
        words = self._chunker.covering_words(chunk)
        if not words:
            return self._entry_of_places(chunk)
        if len(words) == 1:  # and not worth remembering twice
            ids, tokens, lengths, news = self._words.find(words[0])
        else:
            each = list(map(self._words.__getitem__, words))
            if any(word[2] is None for word in each):
                return self._entry_of_places(chunk)
            columns = map(concatenated, zip(*each, strict=True))
            ids, tokens, lengths, news = map(tuple, columns)
        if lengths is None:
            return self._entry_of_places(chunk)
        steps = lengths
        if self._chunker.gap:
            steps = (*lengths[:-1], lengths[-1] + self._chunker.gap)
        return ids, tokens, lengths, steps, news, None

    def _entry_of_places(self, chunk: str) -> Entry:
        """The entry of a chunk that its tokens do not cover one after the other."""
        ids: list[int] = []
        tokens: list[str] = []
        spans: list[tuple[int, int]] = []
        of_words: list[int] = []
        words = self._chunker.aligned_words(chunk)
        for number, (word, origins) in enumerate(words):
            own, spellings, lengths, _ = self._words[word]
            ids += own
            tokens += spellings
            within: Iterable[tuple[int, int]] = pairwise(accumulate(lengths or (), initial=0))
            if lengths is None:
                within = zip(*self._words.spans(word)[1:], strict=True)
            spans += [(origins[start], origins[end - 1] + 1) for start, end in within]
            of_words += [number] * len(own)
        places = Places(tuple(spans), tuple(of_words), len(words))
        return tuple(ids), tuple(tokens), None, None, None, places

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

    def _add_run(self, encoding: Encoding, keys: Sequence[str], start: int, word_id: int) -> int:
        """Append the tokens of chunks with the usual gap between, the first of them at start."""
        entries = list(map(self.__getitem__, keys))
        ids, tokens, lengths, steps, news, places = zip(*entries, strict=True)
        encoding.ids.extend(concatenated(ids))
        encoding.tokens.extend(concatenated(tokens))
        if places.count(None) < len(places):
            return self._add_places(encoding, zip(keys, entries, strict=True), start, word_id)
        starts = list(accumulate(concatenated(steps), initial=start))
        starts.pop()  # after the last token
        ends = map(add, starts, concatenated(lengths))
        encoding.offsets.extend(zip(starts, ends, strict=True))
        numbers: list[int] = list(accumulate(concatenated(news), initial=word_id - 1))
        encoding.word_ids.extend(numbers[1:])
        return numbers[-1] + 1

    def _add_places(
        self, encoding: Encoding, entries: Iterable[tuple[str, Entry]], start: int, word_id: int
    ) -> int:
        """Append the offsets and words of a run, chunk by chunk; return the next word's number."""
        offsets, word_ids = encoding.offsets, encoding.word_ids
        for key, (_, _, lengths, _, news, places) in entries:
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
