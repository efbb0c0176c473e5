"""Texts made to fit: cut to a length, in windows that overlap, and filled up to a common length.

The rules are those of `tokenizers` (its truncation and padding): the length counts the special
tokens that the template adds, windows of the first and the second text are combined each with each,
and what is cut off is kept in `overflowing`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypedDict, get_args

from wordpiece.encoding import Encoding
from wordpiece.errors import InputError, OptionError

Strategy = Literal["longest_first", "only_first", "only_second"]
PaddingTo = Literal["longest", "max_length"]
Side = Literal["left", "right"]


@dataclass(frozen=True)
class Fitting:
    """How encodings are to be cut and filled up.

    `max_length` counts tokens, special ones included. `stride` tokens of a window are in the next
    one too. `multiple` rounds the length that is padded to up.

    >>> Fitting(truncation="longest_first", max_length=5, stride=5)
    Traceback (most recent call last):
    ...
    wordpiece.errors.OptionError: stride 5: must be from 0 to 4, less than max_length
    """

    truncation: Strategy | None = None
    padding: PaddingTo | None = None
    max_length: int | None = None
    stride: int = 0
    multiple: int | None = None
    truncation_side: Side = "right"
    padding_side: Side = "right"

    def __post_init__(self) -> None:
        check_side("truncation_side", self.truncation_side)
        check_side("padding_side", self.padding_side)
        if self.max_length is not None:
            check_number("max_length", self.max_length, 1, "tokens, special ones included")
        if self.multiple is not None:
            check_number("pad_to_multiple_of", self.multiple, 1, "such as 8")
        check_number("stride", self.stride, 0, "tokens that windows share")
        for name in ("truncation", "padding"):
            if getattr(self, name) is not None and self.max_length is None:
                if name == "padding" and self.padding == "longest":
                    continue
                raise OptionError(f"{name}: needs max_length, the length in tokens")
        if self.truncation is not None and self.stride >= (self.max_length or 1):
            most = (self.max_length or 1) - 1
            raise OptionError(
                f"stride {self.stride}: must be from 0 to {most}, less than max_length"
            )
        if self.stride and self.truncation is None:
            raise OptionError(f"stride {self.stride}: is for truncation, which was not asked for")

    @property
    def does_nothing(self) -> bool:
        """Whether encodings are left as they are."""
        return self.truncation is None and self.padding is None


class FitOptions(TypedDict, total=False):
    """The options of `fitting`, as `Tokenizer.encode` takes them."""

    padding: bool | PaddingTo
    truncation: bool | Strategy
    max_length: int | None
    stride: int
    pad_to_multiple_of: int | None
    truncation_side: Side
    padding_side: Side


def fitting(
    *,
    padding: bool | str = False,
    truncation: bool | str = False,
    max_length: int | None = None,
    stride: int = 0,
    pad_to_multiple_of: int | None = None,
    truncation_side: Side = "right",
    padding_side: Side = "right",
) -> Fitting:
    """What was asked for, as `transformers` names it: True is `"longest"` and `"longest_first"`.

    Raises `OptionError` for what cannot be.
    """
    if padding is False and truncation is False and max_length is not None:
        raise OptionError(f"max_length {max_length}: is for truncation, padding, or both")
    return Fitting(
        truncation=choice("truncation", truncation, "longest_first", Strategy),
        padding=choice("padding", padding, "longest", PaddingTo),
        max_length=max_length,
        stride=stride,
        multiple=pad_to_multiple_of,
        truncation_side=truncation_side,
        padding_side=padding_side,
    )


def choice(name: str, value: bool | str, if_true: str, choices: Any) -> Any:
    """One of some names; True stands for the usual one, False for none."""
    if value is False:
        return None
    if value is True:
        return if_true
    allowed = get_args(choices)
    if value not in allowed:
        named = " or ".join(map(repr, allowed))
        raise OptionError(f"{name} {value!r}: must be True, False, {named}")
    return value


def check_side(name: str, value: object) -> None:
    """Raise `OptionError` for what is no side."""
    if value not in ("left", "right"):
        raise OptionError(f"{name} {value!r}: must be 'left' or 'right'")


def check_number(name: str, value: object, least: int, hint: str) -> None:
    """Raise `OptionError` for a number that is too small, or none."""
    if type(value) is not int:
        raise OptionError(f"{name} {value!r}: must be an int, at least {least}, {hint}")
    if value < least:
        raise OptionError(f"{name} {value!r}: must be at least {least}, {hint}")


# ---------------------------------------------------------------- truncation


def lengths_within(
    first: int, second: int | None, room: int, strategy: Strategy
) -> tuple[int, int | None]:
    """To how many tokens each text is cut so that both fit; `second` is None for one text.

    >>> lengths_within(4, 4, 4, "longest_first"), lengths_within(2, 7, 6, "only_second")
    ((2, 2), (2, 4))

    Raises `InputError` where the text that is to be cut cannot give so many, or is not there.
    """
    excess = first + (second or 0) - room
    if excess <= 0:
        return first, second
    if room == 0:
        return 0, None if second is None else 0
    if strategy == "longest_first":
        return (first - excess, None) if second is None else longest_first(first, second, room)
    if strategy == "only_second" and second is None:
        raise InputError("truncation 'only_second': there is no second text to cut")
    length = first if strategy == "only_first" else second or 0
    if length <= excess:
        raise InputError(
            f"truncation {strategy!r}: the text has {length} tokens, and {excess} are too many: "
            "give a larger max_length, or 'longest_first'"
        )
    if strategy == "only_first":
        return first - excess, second
    return first, length - excess


def longest_first(first: int, second: int, room: int) -> tuple[int, int]:
    """The lengths of two texts, the longer cut first, then both alike; the second has the odd one.

    >>> longest_first(9, 2, 6), longest_first(2, 9, 6), longest_first(9, 9, 5)
    ((4, 2), (2, 4), (2, 3))
    """
    shorter, longer = sorted((first, second))
    longer = shorter if shorter > room else max(shorter, room - shorter)
    if shorter + longer > room:
        shorter = room // 2
        longer = shorter + room % 2
    return (longer, shorter) if first > second else (shorter, longer)


def windows(length: int, size: int, stride: int, side: Side) -> list[tuple[int, int]]:
    """The stretches of a text that are of a size, the first to be kept, then what overflows.

    >>> windows(7, 4, 1, "right"), windows(7, 4, 1, "left"), windows(3, 0, 0, "right")
    ([(0, 4), (3, 7)], [(3, 7), (0, 4)], [(0, 0), (0, 3)])
    """
    if size >= length:
        return [(0, length)]
    if size == 0:
        return [(0, 0), (0, length)]
    if stride >= size:
        raise OptionError(
            f"stride {stride}: must be less than the {size} tokens that a window has beside the "
            "special tokens and the other text"
        )
    found = []
    step = size - stride
    if side == "right":
        for start in range(0, length, step):
            found.append((start, min(start + size, length)))
            if start + size >= length:
                break
    else:
        for stop in range(length, 0, -step):
            found.append((max(stop - size, 0), stop))
            if stop <= size:
                break
    return found


def pairs_of_windows(first: int, second: int) -> Iterable[tuple[int, int]]:
    """Which window of the first text stands with which of the second, in the order of `tokenizers`.

    >>> list(pairs_of_windows(2, 2))
    [(0, 0), (1, 0), (1, 1), (0, 1)]
    """
    yield 0, 0
    yield from ((one, other) for one in range(1, first) for other in range(second))
    yield from ((0, other) for other in range(1, second))


def windows_of(texts: Sequence[Encoding], fitting: Fitting, added: int) -> list[list[Encoding]]:
    """For each of one or two texts its windows, so that any two and the added tokens fit.

    Raises `OptionError` when the added tokens alone do not.
    """
    if fitting.truncation is None or fitting.max_length is None:
        return [[text] for text in texts]
    room = fitting.max_length - added
    if room < 0:
        raise OptionError(
            f"max_length {fitting.max_length}: the special tokens alone are {added}; give a larger "
            "one"
        )
    lengths = list(map(len, texts))
    second = lengths[1] if len(lengths) > 1 else None
    sizes = lengths_within(lengths[0], second, room, fitting.truncation)
    return [
        [stretch(text, *place) for place in windows(len(text), size, fitting.stride, side)]
        for text, size, side in zip(texts, sizes, [fitting.truncation_side] * 2, strict=False)
        if size is not None
    ]


def stretch(encoding: Encoding, start: int, stop: int) -> Encoding:
    """Some of the tokens of an encoding."""
    return Encoding(
        encoding.ids[start:stop],
        encoding.tokens[start:stop],
        encoding.offsets[start:stop],
        encoding.type_ids[start:stop],
        encoding.attention_mask[start:stop],
        encoding.special_tokens_mask[start:stop],
        encoding.word_ids[start:stop],
    )


# ---------------------------------------------------------------- padding


@dataclass(frozen=True)
class PaddingToken:
    """What fills up: its id and how it is written."""

    id: int
    token: str


def padded_length(lengths: Sequence[int], fitting: Fitting) -> int:
    """To how many tokens encodings are filled up.

    >>> padded_length([3, 5], Fitting(padding="longest", multiple=4))
    8
    """
    longest = fitting.max_length if fitting.padding == "max_length" else max(lengths, default=0)
    length = longest or 0
    multiple = fitting.multiple
    return length if not multiple else -(-length // multiple) * multiple


def pad(encoding: Encoding, length: int, token: PaddingToken, side: Side) -> None:
    """Fill an encoding up in place, and what overflows it; a longer one stays as it is.

    Padding stands for no text and no word, is masked, and has type 0.
    """
    for window in encoding.overflowing:
        pad(window, length, token, side)
    count = length - len(encoding)
    if count <= 0:
        return
    filling: list[tuple[list[Any], Any]] = [
        (encoding.ids, token.id),
        (encoding.tokens, token.token),
        (encoding.offsets, (0, 0)),
        (encoding.type_ids, 0),
        (encoding.attention_mask, 0),
        (encoding.special_tokens_mask, 1),
        (encoding.word_ids, None),
    ]
    for values, value in filling:
        at = len(values) if side == "right" else 0
        values[at:at] = [value] * count
