"""Where the tokens of a text stand, found from the text and its ids alone, when it is asked for.

The tokens of a word mostly cover it, so the length of each tells where the next begins, and what
the normalizer and the pre-tokenizer made of each character of the text tells where that is. Only
where tokens do not say how much they cover (an unknown word), each word is looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from itertools import accumulate, pairwise
from operator import add
from typing import NamedTuple

from wordpiece.encoding import Encoding
from wordpiece.models.base import Model
from wordpiece.quick_ids import Remembered
from wordpiece.text.chunks import Chunker

#: The start and the end of each token.
Offsets = list[tuple[int, int]]
Spans = tuple[Sequence[int], Sequence[int], Sequence[int]]


class WordSpans(Remembered[Spans]):
    """Word to ids, where each token starts, and where it ends, asking the model for new words."""

    def __init__(self, model: Model) -> None:
        super().__init__()
        self._model = model

    def find(self, key: str) -> Spans:
        """The tokens of a word."""
        return self._model.spans(key)


class Placing:
    """Tokens, offsets and word numbers of texts without added tokens, given their ids."""

    def __init__(self, chunker: Chunker, model: Model, tokens: Mapping[int, str]) -> None:
        self._chunker, self._model = chunker, model
        self._token_of, self._spans = tokens.__getitem__, WordSpans(model)

    @cached_property
    def _length_of(self) -> Callable[[int], int]:
        return self._model.lengths.__getitem__

    @cached_property
    def _begins(self) -> Callable[[int], int] | None:
        begins = self._model.beginnings() if self._chunker.splits_punctuation else None
        return None if begins is None else begins.__getitem__

    def tokens(self, ids: Iterable[int]) -> list[str]:
        """The spellings of tokens."""
        return list(map(self._token_of, ids))

    def offsets(self, text: str, ids: Sequence[int]) -> Offsets:
        """Where each token of a text is, in characters."""
        lengths = self._lengths(text, ids)
        if lengths is None:
            return self._by_words(text)[0]
        places, adjoining = self._chunker.places(text)
        firsts = list(accumulate(lengths, initial=0))
        if firsts[-1] != len(places):  # a character was dropped, or a token may cover more
            return self._by_words(text)[0]
        if isinstance(places, range):
            return list(pairwise(firsts))
        firsts.pop()
        starts = list(map(places.__getitem__, firsts))
        if adjoining:
            return list(zip(starts, map(add, starts, lengths), strict=True))
        lasts = map(add, firsts, map((-1).__add__, lengths))
        return list(zip(starts, map((1).__add__, map(places.__getitem__, lasts)), strict=True))

    def word_ids(self, text: str, ids: Sequence[int]) -> tuple[list[int], int]:
        """The number of the word that each token of a text belongs to; how many words there are."""
        if self._begins is not None:
            return numbered(map(self._begins, ids))
        try:
            firsts = list(accumulate(map(self._length_of, ids), initial=0))
        except KeyError:
            return self._by_words(text)[1:]
        words = list(accumulate(self._chunker.word_sizes(text), initial=0))
        if words.pop() != firsts.pop():
            return self._by_words(text)[1:]
        return numbered(map(set(words).__contains__, firsts))

    def _lengths(self, text: str, ids: Sequence[int]) -> list[int] | None:
        """How many characters each token of a text stands for, if that is known."""
        try:
            return list(map(self._length_of, ids))
        except KeyError:  # an unknown word
            if self._begins is None:
                return None
        numbers, _ = numbered(map(self._begins, ids))
        sizes, known = self._chunker.word_sizes(text), self._model.lengths.get
        return [known(id, 0) or sizes[number] for id, number in zip(ids, numbers, strict=True)]

    def _by_words(self, text: str) -> tuple[Offsets, list[int], int]:
        """Offsets, word numbers, how many words; found word by word."""
        offsets: Offsets = []
        numbers: list[int] = []
        words = self._chunker.aligned_words(text)
        for number, (word, origins) in enumerate(words):
            ids, starts, ends = self._spans[word]
            numbers += [number] * len(ids)
            offsets += [
                (origins[start], origins[end - 1] + 1)
                for start, end in zip(starts, ends, strict=True)
            ]
        return offsets, numbers, len(words)


def numbered(begins: Iterable[int]) -> tuple[list[int], int]:
    """The word of each token, from 0 on, and how many, of tokens that begin one (1) or do not (0).

    >>> numbered([1, 0, True])
    ([0, 0, 1], 2)
    """
    numbers = list(accumulate(begins, initial=-1))
    return numbers[1:], numbers[-1] + 1


class Frame(NamedTuple):
    """What is put around the tokens of one text, and their type id."""

    before: Encoding
    after: Encoding
    type_id: int

    @property
    def is_empty(self) -> bool:
        """Whether nothing is put around."""
        return not (self.before.ids or self.after.ids)

    def around(self, own: list[int]) -> list[int]:
        """The ids of a text with what is put around them."""
        return [*self.before.ids, *own, *self.after.ids]


class FramedFields(NamedTuple):
    """What the fields of an encoding are made of: see `Encoding.made_later`.

    A text without added tokens, its ids without what is put around them, and what knows where they
    stand. `trim` makes offsets smaller, given the tokens and their offsets.
    """

    text: str
    ids: list[int]
    frame: Frame
    placing: Placing
    trim: Callable[[list[str], Offsets], Offsets] | None

    def tokens(self) -> list[str]:
        """The spellings."""
        before, after, _ = self.frame
        return [*before.tokens, *self.placing.tokens(self.ids), *after.tokens]

    def offsets(self) -> list[tuple[int, int]]:
        """Where the tokens are."""
        before, after, _ = self.frame
        own = self.placing.offsets(self.text, self.ids)
        if self.trim is not None:
            own = self.trim(self.placing.tokens(self.ids), own)
        return [*before.offsets, *own, *after.offsets]

    def type_ids(self) -> list[int]:
        """The text that each token is of."""
        before, after, type_id = self.frame
        return [*before.type_ids, *[type_id] * len(self.ids), *after.type_ids]

    def attention_mask(self) -> list[int]:
        """Nothing is padding."""
        before, after, _ = self.frame
        return [1] * (len(before.ids) + len(self.ids) + len(after.ids))

    def special_tokens_mask(self) -> list[int]:
        """What was put around."""
        before, after, _ = self.frame
        return [*before.special_tokens_mask, *[0] * len(self.ids), *after.special_tokens_mask]

    def word_ids(self) -> list[int | None]:
        """The word that each token is of."""
        before, after, _ = self.frame
        own, _ = self.placing.word_ids(self.text, self.ids)
        return [*before.word_ids, *own, *after.word_ids]

    def overflowing(self) -> list[Encoding]:
        """Nothing was cut off."""
        return []
