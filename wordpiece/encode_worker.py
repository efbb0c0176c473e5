"""The program that an encoding worker runs: texts in, ids out, as bytes in one of several forms."""

from __future__ import annotations

import pickle
from array import array
from collections.abc import Callable, Iterator
from typing import Any, Final, Literal, get_args

from wordpiece.packing import BYTES, IdType, unpacked
from wordpiece.processes import serve
from wordpiece.tokenizer import Parts, Pipeline

MODULE = "wordpiece.encode_worker"
#: What the numbers of ids are sent as: 32 bits each, or what the machine takes for an unsigned int.
CODE: Final = "I"
#: Ids as numbers of a type; as JSON lines; as lines of ids or of tokens.
Form = Literal[IdType, "jsonl", "ids", "tokens"]
#: The parts of a tokenizer, whether special tokens are added, and a form.
Settings = tuple[bytes, bool, Form]
#: The ids of all texts in a form, and how many each text has, in the machine's own numbers.
Answer = tuple[bytes, bytes]


def settings_for(parts: Parts, form: Form, *, add_special_tokens: bool) -> Settings:
    """What a worker is told first.

    Parts are pickled, which is written and read in a fifth of the time that a tokenizer.json takes.
    """
    return pickle.dumps(parts, pickle.HIGHEST_PROTOCOL), add_special_tokens, form


def start(settings: Any) -> Callable[[Any], Answer]:
    """A function that encodes texts, from what `settings_for` gave."""
    parts, add_special_tokens, form = settings
    pipeline = Pipeline(pickle.loads(parts))
    return encoder(pipeline, form, add_special_tokens=add_special_tokens)


def encoder(
    pipeline: Pipeline, form: Form, *, add_special_tokens: bool
) -> Callable[[list[str]], Answer]:
    """A function from texts to their ids in a form."""
    assert form in get_args(Form)
    if form == "uint16" or form == "uint32":
        return packer(pipeline, form, add_special_tokens=add_special_tokens)
    line = line_writer(pipeline, form)

    def answer(texts: list[str]) -> Answer:
        ids = pipeline.encode_ids(texts, add_special_tokens=add_special_tokens)
        return "".join(map(line, ids)).encode(), array(CODE, map(len, ids)).tobytes()

    return answer


def packer(
    pipeline: Pipeline, dtype: IdType, *, add_special_tokens: bool
) -> Callable[[list[str]], Answer]:
    """A function from texts to their ids as numbers."""
    size = BYTES[dtype]

    def answer(texts: list[str]) -> Answer:
        ids = pipeline.packed_ids(texts, dtype, add_special_tokens=add_special_tokens)
        return b"".join(ids), array(CODE, [len(own) // size for own in ids]).tobytes()

    return answer


def line_writer(
    pipeline: Pipeline, form: Literal["jsonl", "ids", "tokens"]
) -> Callable[[list[int]], str]:
    """A function that writes the ids of a text as a line."""
    tokens = {id: token for token, id in pipeline.get_vocab().items()}
    name = (tokens if form == "tokens" else Numerals()).__getitem__
    if form == "jsonl":
        return lambda ids: f'{{"ids": [{", ".join(map(name, ids))}]}}\n'
    return lambda ids: f"{' '.join(map(name, ids))}\n"


class Numerals(dict[int, str]):
    """Numbers as text, each written once."""

    def __missing__(self, number: int) -> str:
        text = self[number] = str(number)
        return text


def ids_of_each(answer: Answer, dtype: IdType) -> Iterator[list[int]]:
    """The ids of each text, from an answer with numbers of a type.

    >>> from wordpiece.packing import packed
    >>> every, lengths = packed([5, 6, 7], "uint16"), array(CODE, [2, 0, 1]).tobytes()
    >>> list(ids_of_each((every, lengths), "uint16"))
    [[5, 6], [], [7]]
    """
    data, lengths = answer
    every = unpacked(data, dtype)
    start = 0
    for length in array(CODE, lengths).tolist():
        yield every[start : start + length].tolist()
        start += length


if __name__ == "__main__":
    serve(start)
