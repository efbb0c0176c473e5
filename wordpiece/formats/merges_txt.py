"""GPT-2's two files: vocab.json (token to id) and merges.txt (one merge a line, in order)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from wordpiece.errors import FormatError

VERSION = "#version: 0.2"


def dump_merges(merges: Iterable[tuple[str, str]]) -> str:
    """The text of a merges.txt.

    >>> dump_merges([("a", "b")])
    '#version: 0.2\\na b\\n'
    """
    return "".join(f"{line}\n" for line in (VERSION, *(f"{a} {b}" for a, b in merges)))


def parse_merges(text: str, *, source: str) -> list[tuple[str, str]]:
    """The merges of a merges.txt, in order. Raises `FormatError` with the number of a bad line."""
    if text.startswith("\ufeff"):
        raise FormatError(f"{source}: begins with a byte order mark, which is no token: remove it")
    merges = []
    for number, line in enumerate(text.removesuffix("\n").split("\n"), start=1):
        if line.startswith("#version") or (number == 1 and not line):
            continue
        parts = line.removesuffix("\r").split(" ")
        if len(parts) != 2 or not all(parts):
            raise FormatError(f"{source}: line {number}, {line!r}: must be two tokens and a space")
        merges.append((parts[0], parts[1]))
    return merges


def dump_vocab(vocab: Mapping[str, int]) -> str:
    """The text of a vocab.json, in id order."""
    return json.dumps(dict(vocab), ensure_ascii=False) + "\n"


def parse_vocab(text: str, *, source: str) -> dict[str, int]:
    """Token to id. Raises `FormatError` for anything else, and for gaps and doubled ids."""
    try:
        vocab = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise FormatError(f"{source}: is no JSON: {error}") from None
    if not isinstance(vocab, dict) or not all(type(id) is int for id in vocab.values()):
        raise FormatError(f"{source}: must map tokens to whole numbers")
    for token in vocab:
        if any(0xD800 <= ord(char) <= 0xDFFF for char in token):
            raise FormatError(f"{source}: the token {token!a} has half a UTF-16 pair")
    check_ids(vocab, source=source)
    return vocab


def check_ids(vocab: Mapping[str, int], *, source: str, gaps: bool = False) -> None:
    """Raise `FormatError` unless the ids are 0, 1, 2 and so on, each once.

    With `gaps` some may be left out, though not nine in ten of them.

    >>> check_ids({"a": 0, "b": 2}, source="vocab.json")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    wordpiece.errors.FormatError: vocab.json: no token has the id 1, and 'b' has 2: ids must be ...
    """
    tokens: dict[int, str] = {}
    for token, id in vocab.items():
        if id in tokens:
            raise FormatError(f"{source}: {tokens[id]!r} and {token!r} both have the id {id}")
        tokens[id] = token
    if gaps and max(tokens, default=0) < 10 * len(tokens):
        return
    for id in range(len(tokens)):
        if id not in tokens:
            last = max(tokens, key=lambda id: (id < 0, abs(id)))
            raise FormatError(
                f"{source}: no token has the id {id}, and {tokens[last]!r} has {last}: "
                "ids must be 0, 1, 2, ..."
            )
