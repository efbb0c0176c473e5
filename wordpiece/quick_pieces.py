"""The tokens of a text with their places, found once per distinct chunk.

What a chunk becomes, and where in it each token stands, does not hang on what is around it. So it
is remembered, and moved to where the chunk stands.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from wordpiece.encoding import Encoding
from wordpiece.models.base import Model
from wordpiece.quick_ids import Remembered
from wordpiece.text.chunks import Chunker

#: What is remembered of a chunk: plain tuples, which are taken apart faster than named ones.
Entry = tuple[Any, Any, Any, Any, int]


class WordTokens(NamedTuple):
    """The tokens of a word: ids, spellings, stretches of the word, and a zero for each."""

    ids: tuple[int, ...]
    tokens: tuple[str, ...]
    spans: tuple[tuple[int, int], ...]
    words: tuple[int, ...]


class ChunkPieces(NamedTuple):
    """The tokens of a chunk: ids, spellings, stretches of the chunk, the word of each."""

    ids: tuple[int, ...]
    tokens: tuple[str, ...]
    spans: tuple[tuple[int, int], ...]
    words: tuple[int, ...]
    word_count: int


class WordPieces(Remembered[WordTokens]):
    """Word to tokens, asking the model for words that were not met before."""

    def __init__(self, model: Model, tokens: Mapping[int, str]) -> None:
        super().__init__()
        self._spans, self._tokens = model.spans, tokens

    def find(self, key: str) -> WordTokens:
        """The tokens of a word."""
        ids, starts, ends = self._spans(key)
        tokens = tuple(map(self._tokens.__getitem__, ids))
        return WordTokens(
            tuple(ids), tokens, tuple(zip(starts, ends, strict=True)), (0,) * len(ids)
        )


def from_words(words: Iterable[tuple[WordTokens, Sequence[int]]]) -> ChunkPieces:
    """The tokens of words, each with the origins of its characters, as the tokens of a chunk.

    >>> from_words([(WordTokens((7, 8), ("a", "##b"), ((0, 1), (1, 2)), (0, 0)), [4, 6])])
    ChunkPieces(ids=(7, 8), tokens=('a', '##b'), spans=((4, 5), (6, 7)), words=(0, 0), word_count=1)
    """
    ids: list[int] = []
    tokens: list[str] = []
    spans: list[tuple[int, int]] = []
    of_words: list[int] = []
    count = 0
    for found, origins in words:
        ids += found.ids
        tokens += found.tokens
        spans += [(origins[start], origins[end - 1] + 1) for start, end in found.spans]
        of_words += [count] * len(found.ids)
        count += 1
    return ChunkPieces(tuple(ids), tuple(tokens), tuple(spans), tuple(of_words), count)


class QuickPieces(Remembered[Entry]):
    """Chunk to tokens, made by a function for chunks that were not met before.

    An entry has the fields of `ChunkPieces`. For the many chunks that are one word of one token,
    it has that id, token and stretch instead of tuples of them, and None for the words.
    """

    def __init__(self, chunker: Chunker, words: WordPieces) -> None:
        super().__init__()
        self._chunker, self._words = chunker, words

    def find(self, key: str) -> Entry:
        """The entry of a chunk."""
        ids, tokens, spans, words, word_count = self.chunk_pieces(key)
        if word_count == len(ids) == 1:
            return ids[0], tokens[0], spans[0], None, 1
        return ids, tokens, spans, words, word_count

    def chunk_pieces(self, chunk: str) -> ChunkPieces:
        """The tokens of a chunk, stage by stage, each with where it comes from."""
        if self._chunker.is_word(chunk):  # and not worth remembering twice
            return ChunkPieces(*self._words.find(chunk), 1)
        words = self._chunker.aligned_words(chunk)
        return from_words((self._words[word], origins) for word, origins in words)

    def add_to(
        self, encoding: Encoding, text: str, chunks: Iterable[str], *, shift: int, word_id: int
    ) -> int:
        """Append the tokens of chunks, which follow each other in `text`, moved by `shift`.

        Words are numbered from `word_id`; returns the next number.
        """
        ids, tokens = encoding.ids, encoding.tokens
        offsets, word_ids = encoding.offsets, encoding.word_ids
        add_id, add_token = ids.append, tokens.append
        add_span, add_word = offsets.append, word_ids.append
        find = text.find
        end = 0
        for chunk in chunks:
            begin = find(chunk, end)
            end = begin + len(chunk)
            of_ids, of_tokens, spans, words, word_count = self[chunk]
            start = begin + shift
            if words is None:
                add_id(of_ids)
                add_token(of_tokens)
                first, last = spans
                add_span((start + first, start + last))
                add_word(word_id)
            else:
                ids += of_ids
                tokens += of_tokens
                offsets += [(start + first, start + last) for first, last in spans]
                word_ids += [word_id + word for word in words]
            word_id += word_count
        return word_id
