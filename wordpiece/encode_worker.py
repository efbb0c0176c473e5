"""The program that an encoding worker runs: texts in, ids out, as bytes in one of several forms."""

from __future__ import annotations

import sys
from array import array
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import Any, Final, Literal, get_args

from wordpiece.formats import tokenizer_json_reader
from wordpiece.processes import serve
from wordpiece.tokenizer import Pipeline

MODULE = "wordpiece.encode_worker"
#: What ids are sent as: 32 bits each, or what the machine takes for an unsigned int.
CODE: Final = "I"
#: Ids as numbers of a width, the lowest byte first; as JSON lines; as lines of ids or of tokens.
Form = Literal["packed", "uint16", "uint32", "jsonl", "ids", "tokens"]
CODES: dict[str, Literal["H", "I"]] = {"uint16": "H", "uint32": "I"}
Ids = list[list[int]]
#: The ids of all texts in a form, and how many each text has, in the machine's own numbers.
Answer = tuple[bytes, bytes]


def start(settings: Any) -> Callable[[Any], Answer]:
    """A function that encodes texts; the settings are a tokenizer.json, a flag and a form."""
    document, add_special_tokens, form = settings
    pipeline = Pipeline(tokenizer_json_reader.parse(document, source="tokenizer.json"))
    return encoder(pipeline, form, add_special_tokens=add_special_tokens)


def encoder(
    pipeline: Pipeline, form: Form, *, add_special_tokens: bool
) -> Callable[[list[str]], Answer]:
    """A function from texts to their ids in a form."""
    assert form in get_args(Form)
    write = writer(pipeline, form)

    def answer(texts: list[str]) -> Answer:
        ids = pipeline.encode_ids(texts, add_special_tokens=add_special_tokens)
        return write(ids), array(CODE, map(len, ids)).tobytes()

    return answer


def writer(pipeline: Pipeline, form: Form) -> Callable[[Ids], bytes]:
    """A function that writes the ids of texts in a form."""
    match form:
        case "packed":
            return lambda ids: array(CODE, chain.from_iterable(ids)).tobytes()
        case "uint16" | "uint32":
            return lambda ids: little_endian(ids, CODES[form])
        case "jsonl":
            return lambda ids: "".join(f'{{"ids": {own}}}\n' for own in ids).encode()
        case "ids":
            return lambda ids: "".join(f"{' '.join(map(str, own))}\n" for own in ids).encode()
        case "tokens":
            tokens = {id: token for token, id in pipeline.get_vocab().items()}
            name = tokens.__getitem__
            return lambda ids: "".join(f"{' '.join(map(name, own))}\n" for own in ids).encode()


def little_endian(ids: Ids, code: Literal["H", "I"]) -> bytes:
    """The ids of texts one after the other, the lowest byte of each first.

    >>> little_endian([[1, 2], [], [258]], "H")
    b'\\x01\\x00\\x02\\x00\\x02\\x01'
    """
    every = array(code, chain.from_iterable(ids))
    if sys.byteorder == "big":
        every.byteswap()
    return every.tobytes()


def from_little_endian(data: bytes, code: Literal["H", "I"]) -> array[int]:
    """The ids that `little_endian` wrote."""
    every = array(code, data)
    if sys.byteorder == "big":
        every.byteswap()
    return every


def unpacked(answer: Iterable[bytes]) -> Iterator[list[int]]:
    """The ids of each text, from an answer in the form `packed`.

    >>> ids = [[5, 6], [], [7]]
    >>> every, lengths = (array(CODE, numbers).tobytes() for numbers in ([5, 6, 7], [2, 0, 1]))
    >>> list(unpacked((every, lengths))) == ids
    True
    """
    every, lengths = (array(CODE, data) for data in answer)
    start = 0
    for length in lengths.tolist():
        yield every[start : start + length].tolist()
        start += length


if __name__ == "__main__":
    serve(start)
