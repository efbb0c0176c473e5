"""BERT's vocab.txt: one token a line, its id the number of the line."""

from __future__ import annotations

import warnings
from collections.abc import Mapping

from wordpiece.errors import FormatError
from wordpiece.text import unicode_tables as tables
from wordpiece.text.code_points import CodePoints


class DuplicateTokenWarning(UserWarning):
    """A vocabulary names a token twice; the last id holds, as in `tokenizers`."""


def parse(text: str, *, source: str) -> dict[str, int]:
    """Token to id, read as `tokenizers` does: line feeds end lines, white space at ends is cut.

    >>> parse("[UNK]\\r\\nthe\\n##s\\n", source="vocab.txt")
    {'[UNK]': 0, 'the': 1, '##s': 2}

    A token that stands twice keeps its last id, with a `DuplicateTokenWarning`. Raises
    `FormatError` when there is no line.
    """
    lines = text.split("\n")
    if lines[-1] == "":
        lines.pop()
    whitespace = CodePoints(tables.WHITESPACE)
    vocab: dict[str, int] = {}
    twice = []
    for id, line in enumerate(lines):
        token = trimmed(line, whitespace)
        if token in vocab:
            twice.append(token)
        vocab[token] = id
    if not any(vocab):
        raise FormatError(f"{source}: holds no token: a vocab.txt has one token a line")
    if twice:
        others = len(twice) - 1
        which = f"and {others:,} others stand" if others else "stands"
        message = f"{source}: {twice[0]!r} {which} twice: the last id holds"
        warnings.warn(message, DuplicateTokenWarning, stacklevel=2)
    return vocab


def trimmed(line: str, whitespace: CodePoints) -> str:
    """The line without white space at its end (Unicode's, which is not quite `str.isspace`)."""
    end = len(line)
    while end and ord(line[end - 1]) in whitespace:
        end -= 1
    return line[:end]


def dump(vocab: Mapping[str, int], *, source: str) -> str:
    """The text of a vocab.txt.

    >>> dump({"[UNK]": 0, "the": 1}, source="vocab.txt")
    '[UNK]\\nthe\\n'

    Where an id has no token, because a token stood twice, the line repeats a later token, whose
    last id then holds again. Raises `FormatError` for a token that a line cannot hold.
    """
    by_id = {id: token for token, id in vocab.items()}
    last = max(by_id, default=-1)
    lines = [by_id.get(id, by_id[last]) for id in range(last + 1)]
    whitespace = CodePoints(tables.WHITESPACE)
    ends = {token[-1:] for token in vocab}
    if "\n" in "".join(vocab) or any(trimmed(end, whitespace) != end for end in ends):
        wrong = next(t for t in vocab if "\n" in t or trimmed(t, whitespace) != t)
        raise FormatError(
            f"{source}: the token {wrong!r} cannot be a line of it: it ends in white space "
            "or has a line end"
        )
    return "".join(f"{line}\n" for line in lines)
