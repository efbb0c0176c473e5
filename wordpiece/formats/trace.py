"""merges.jsonl: a merge a line, and of the steps that were recorded, what it was chosen against.

A line has the fields of `Merge`, then those of `MergeDetail` where the step was recorded, exact
integers throughout. There are no times in it: the same training writes the same bytes.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import isfinite
from pathlib import Path
from typing import Any, Literal

from wordpiece.errors import FormatError
from wordpiece.types import Example, Merge, MergeDetail, Rival

#: What of a training is written: nothing, the merges, or what each was chosen against too.
TraceMode = Literal["none", "merges", "full"]
#: A string as JSON has it.
quoted = json.encoder.encode_basestring
#: A line without its braces, to be filled in with the fields as JSON has them.
PLAIN = ", ".join(f'"{name}": %s' for name in Merge._fields)


@dataclass(frozen=True)
class Trace:
    """The merges of a training in order, and by step what was recorded of some of them."""

    merges: tuple[Merge, ...] = ()
    details: Mapping[int, MergeDetail] = field(default_factory=dict)


def dump(
    merges: Iterable[Merge],
    details: Mapping[int, MergeDetail] | None = None,
    *,
    fractions: bool = False,
) -> str:
    """The text of a merges.jsonl; with `fractions` the likelihood score is written as one too.

    >>> dump([Merge(1, "a", "##b", "ab", 44, f_ab=2, f_a=5, f_b=2, n=171, score=0.2)])[:44]
    '{"step": 1, "left": "a", "right": "##b", "ne'
    """
    encode = json.JSONEncoder(ensure_ascii=False).encode  # made once, and not for each line
    known = details or {}
    return "".join(
        f"{encode(record(merge, known[merge.step], fractions=fractions))}\n"
        if merge.step in known
        else plain_line(merge, fractions=fractions)
        for merge in merges
    )


def plain_line(merge: Merge, *, fractions: bool = False) -> str:
    """The line of a merge of which nothing was recorded, as most are: what `json` would write.

    >>> plain_line(Merge(1, "a", "##b", "ab", 44, f_ab=2, f_a=5, f_b=2, n=171, score=0.2))[:44]
    '{"step": 1, "left": "a", "right": "##b", "ne'
    """
    step, left, right, new, *numbers = merge
    line = PLAIN % (step, quoted(left), quoted(right), quoted(new), *numbers)
    more = f', "fraction": {quoted(fraction(merge))}' if fractions else ""
    return f"{{{line}{more}}}\n"


def fraction(merge: Merge) -> str:
    """The likelihood score as a fraction, not reduced: it shows the counts that it is made of.

    >>> fraction(Merge(1, "a", "##b", "ab", 44, f_ab=2, f_a=5, f_b=2, n=171, score=0.2))
    '2/10'
    """
    return f"{merge.f_ab}/{merge.f_a * merge.f_b}"


def record(merge: Merge, detail: MergeDetail, *, fractions: bool = False) -> dict[str, Any]:
    """What a line says of a merge, and of what was recorded of it."""
    fields = merge._asdict()
    if fractions:
        fields["fraction"] = fraction(merge)
    return {**fields, **detail_fields(detail)}


def detail_fields(detail: MergeDetail) -> dict[str, Any]:
    """What was recorded of a step, as JSON has it."""
    return {
        **detail._asdict(),
        "rivals": [rival._asdict() for rival in detail.rivals],
        "examples": [
            {name: getattr(example, name) for name in Example.__slots__}
            for example in detail.examples
        ],
    }


def load(path: Path) -> Trace:
    """Read a merges.jsonl. Raises `FormatError` for a line that is no merge; `OSError`."""
    return parse(path.read_bytes(), source=str(path))


def parse(data: bytes, *, source: str) -> Trace:
    """Read the bytes of a merges.jsonl. Raises `FormatError` for a line that is no merge.

    >>> line = dump([Merge(1, "a", "##b", "ab", 44, f_ab=2, f_a=5, f_b=2, n=171, score=0.2)])
    >>> parse(line.encode(), source="merges.jsonl").merges[0].new
    'ab'
    """
    merges, details = [], {}
    lines = data.split(b"\n")
    for step, line in enumerate(lines if lines[-1] else lines[:-1], start=1):
        try:
            merge, detail = merge_of(json.loads(line.decode("utf-8")), step)
        except (ValueError, TypeError, KeyError, RecursionError) as error:
            raise FormatError(f"{source}: line {step} holds no merge {step}: {error}") from None
        merges.append(merge)
        if detail is not None:
            details[step] = detail
    return Trace(tuple(merges), details)


def merge_of(document: dict[str, Any], step: int) -> tuple[Merge, MergeDetail | None]:
    """The merge of a line, and its detail if it has one, with values as they must be."""
    merge = checked(Merge, {name: document[name] for name in Merge._fields})
    if merge.step != step:
        raise ValueError(f"its step is {merge.step}")
    if 0 in (merge.f_ab, merge.f_a, merge.f_b, merge.n):
        raise ValueError("a count is 0")
    if not merge.new.startswith(merge.left) or len(merge.new) <= len(merge.left):
        raise ValueError(f"{merge.new!r} is not made of {merge.left!r} and more")
    if "rivals" not in document:
        return merge, None
    plain = {name: document[name] for name in MergeDetail._fields}
    rivals = tuple(checked(Rival, rival) for rival in plain.pop("rivals"))
    examples = tuple(map(example_of, plain.pop("examples")))
    detail = MergeDetail(**plain, rivals=rivals, examples=examples)
    counts = (detail.n_after, detail.n_tied, detail.frequency_rank, detail.words_touched)
    if not all(map(is_count, counts)) or not isinstance(detail.chosen_by, str):
        raise ValueError("a count is no whole number")
    if detail.margin is not None and not is_number(detail.margin):
        raise ValueError("its margin is no number")
    return merge, detail


NAMES = frozenset({"left", "right", "new"})
#: No corpus has as many symbols; a larger number is damage.
MOST = 10**30


def checked(kind: type[Any], values: dict[str, Any]) -> Any:
    """A merge or a rival, its tokens strings, its counts whole numbers, its score a number."""
    found = kind(**values)
    for name, value in values.items():
        allowed = is_token if name in NAMES else is_number if name == "score" else is_count
        if not allowed(value):
            raise ValueError(f"{name} is {str(value)[:40]}")
    return found


def is_token(value: object) -> bool:
    """Whether a value is a token."""
    return isinstance(value, str) and bool(value)


def is_count(value: object) -> bool:
    """Whether a value can be a count, a step or an id."""
    return type(value) is int and 0 <= value < MOST


def is_number(value: object) -> bool:
    """Whether a value can be a score."""
    return is_count(value) or (type(value) is float and isfinite(value))


def example_of(values: dict[str, Any]) -> Example:
    """A word with its tokens before and after."""
    example = Example(
        values["word"], values["count"], tuple(values["before"]), tuple(values["after"])
    )
    names = (example.word, *example.before, *example.after)
    if type(example.count) is not int or not all(isinstance(name, str) for name in names):
        raise ValueError("an example is no word with its tokens")
    return example
