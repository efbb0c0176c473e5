"""Pairs of sentences for next-sentence prediction: half of them follow each other, half do not."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from wordpiece.errors import InputError

#: What `next_sentence_label` means in `transformers`.
IS_NEXT, NOT_NEXT = 0, 1


class SentencePair(NamedTuple):
    """Two sentences, and whether the second came after the first; to be encoded as a pair."""

    first: str
    second: str
    is_next: bool

    @property
    def label(self) -> int:
        """0 for IsNext, 1 for NotNext, as `BertForNextSentencePrediction` takes it."""
        return IS_NEXT if self.is_next else NOT_NEXT


def sentence_pairs(
    documents: Iterable[Sequence[str]], seed: int | random.Random = 0
) -> list[SentencePair]:
    """For each sentence but the last of its document, it and the next, or a random one.

    >>> [pair.is_next for pair in sentence_pairs([["a", "b", "c"], ["x", "y"]], seed=1)]
    [True, False, True]

    The random sentence is one of another document, drawn evenly among their sentences; of a single
    document it is any sentence that is neither the first nor its successor. Encode the pairs with
    `Batch.of(tokenizer, [(pair.first, pair.second) for pair in pairs])`, which gives
    `[CLS] A [SEP] B [SEP]` and type ids.

    Raises `InputError` when no document has two sentences, or there is nothing else to draw from.
    """
    texts = [list(document) for document in documents]
    for document in texts:
        for sentence in document:
            if not isinstance(sentence, str):
                raise InputError(f"a sentence must be a str, not {type(sentence).__name__}")
    draw = seed if isinstance(seed, random.Random) else random.Random(seed)
    found = list(drawn_pairs(texts, draw))
    if not found:
        raise InputError(
            "no document has two sentences: put one sentence a line, and an empty line between "
            "documents"
        )
    return found


def drawn_pairs(texts: list[list[str]], draw: random.Random) -> Iterator[SentencePair]:
    """The pairs of all documents, in order."""
    everything = [sentence for document in texts for sentence in document]
    start = 0
    for document in texts:
        own = range(start, start + len(document))
        for at, (first, second) in enumerate(pairwise(document)):
            if draw.random() < 0.5:
                yield SentencePair(first, second, True)
                continue
            # of another document; with only one, whatever does not come next
            taken = own if len(own) < len(everything) else range(start + at, start + at + 2)
            if len(everything) <= len(taken):
                raise InputError("there are only two sentences: none is left that does not follow")
            place = draw.randrange(len(everything) - len(taken))
            yield SentencePair(
                first, everything[place + len(taken) * (place >= taken.start)], False
            )
        start += len(document)


def documents_of(lines: Iterable[str]) -> list[list[str]]:
    """Documents of lines: a sentence a line, an empty line between documents, as BERT reads them.

    >>> documents_of(["a.", "b.", "", "", "c."])
    [['a.', 'b.'], ['c.']]
    """
    found: list[list[str]] = [[]]
    for line in map(str.strip, lines):
        if line:
            found[-1].append(line)
        elif found[-1]:
            found.append([])
    return [document for document in found if document]
