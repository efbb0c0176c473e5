"""The program that an encoding worker runs: texts in, ids out."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import Any, Final

from wordpiece.formats import tokenizer_json_reader
from wordpiece.processes import serve
from wordpiece.tokenizer import Pipeline

MODULE = "wordpiece.encode_worker"
#: What ids are sent as: 32 bits each, or what the machine takes for an unsigned int.
CODE: Final = "I"


def start(settings: Any) -> Callable[[Any], tuple[bytes, bytes]]:
    """A function that encodes texts; the settings are a tokenizer.json and a flag."""
    document, add_special_tokens = settings
    pipeline = Pipeline(tokenizer_json_reader.parse(document, source="tokenizer.json"))
    return lambda texts: packed(pipeline.encode_ids(texts, add_special_tokens=add_special_tokens))


def packed(ids: list[list[int]]) -> tuple[bytes, bytes]:
    """Ids of texts as bytes: all ids, and how many each text has.

    >>> list(unpacked(packed([[5, 6], [], [7]])))
    [[5, 6], [], [7]]
    """
    every = array(CODE, chain.from_iterable(ids))
    return every.tobytes(), array(CODE, map(len, ids)).tobytes()


def unpacked(answer: Iterable[bytes]) -> Iterator[list[int]]:
    """The ids of each text."""
    every, lengths = (array(CODE, data) for data in answer)
    start = 0
    for length in lengths.tolist():
        yield every[start : start + length].tolist()
        start += length


if __name__ == "__main__":
    serve(start)
