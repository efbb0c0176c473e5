"""Byte-level words by their characters: what the bytes of one come to is remembered.

A character beyond ASCII is two to four bytes, whose merges are done again in every word that has
it. They need not be: merging may as well begin with what each character comes to by itself, if

* no token that holds part of a character and something beside it can stand in the word; the few
  tokens of a trained vocabulary that do are called ragged here;
* every merge comes after those that make its parts, as in every list that was trained.

For then merges can be done by rank, all of one before any of the next; those within a character do
not depend on what is beside it; and those of several find whole characters only, all made before.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from itertools import chain, pairwise

from wordpiece.text.byte_alphabet import byte_characters


def inside(first: int, end: int) -> str:
    """The inside of a character class, for bytes from one up to another."""
    return "".join(map(re.escape, byte_characters()[first:end]))


#: The bytes of UTF-8 that go on with a character.
CONTINUING = inside(0x80, 0xC0)
Ids = tuple[int, ...]


@cache
def one_character() -> re.Pattern[str]:
    """A character of UTF-8, whole."""
    return re.compile(
        f"[{inside(0, 0x80)}]|[{inside(0xC2, 0xE0)}][{CONTINUING}]"
        f"|[{inside(0xE0, 0xF0)}][{CONTINUING}]{{2}}|[{inside(0xF0, 0xF5)}][{CONTINUING}]{{3}}"
    )


@cache
def first_of_many() -> re.Pattern[str]:
    """The first byte of a character of three or four."""
    return re.compile(f"[{inside(0xE0, 0xF5)}]")


@cache
def beyond_ascii() -> re.Pattern[str]:
    """A byte of a character that has several."""
    return re.compile(f"[{inside(0x80, 0x100)}]")


@cache
def parts_of_characters() -> re.Pattern[str]:
    """What a token has of one character after the other."""
    return re.compile(f"^[{CONTINUING}]+|[^{CONTINUING}][{CONTINUING}]*")


class WholeCharacters:
    """What merging may begin with in place of single bytes.

    `tokens` are all that merging makes, `bytes_of` gives the ids of single bytes, and `merged` what
    these come to.
    """

    def __init__(
        self,
        tokens: Iterable[str],
        bytes_of: Callable[[str], list[int]],
        merged: Callable[[list[int]], list[int]],
    ) -> None:
        self._borders = RaggedBorders(tokens)
        self._bytes_of = bytes_of
        self._ids = CharacterIds(bytes_of, merged, self._borders)

    def ids(self, word: str, most: int) -> list[int] | None:
        """The ids of a word's characters, or of their bytes beside a ragged border.

        None if it has more than `most` characters or is not made of them.
        """
        characters = one_character().findall(word)
        if len(characters) > most or sum(map(len, characters)) != len(word):
            return None
        each: list[Sequence[int]] = list(map(self._ids.__getitem__, characters))
        for at in self._borders.places(characters):
            for beside in (at, at + 1):
                each[beside] = self._bytes_of(characters[beside])
        return list(chain.from_iterable(each))


class CharacterIds(dict[str, Ids]):
    """What the bytes of a character come to when they are merged, found once for each."""

    def __init__(
        self,
        bytes_of: Callable[[str], list[int]],
        merged: Callable[[list[int]], list[int]],
        borders: RaggedBorders,
    ) -> None:
        super().__init__()
        self._bytes_of, self._merged, self._borders = bytes_of, merged, borders

    def __missing__(self, character: str) -> Ids:
        self._borders.learn(character)
        ids = self[character] = tuple(self._merged(self._bytes_of(character)))
        return ids


class RaggedBorders:
    """Where ragged tokens may stand: what must not come after a character, and before one.

    >>> borders = RaggedBorders(["åĽ½å", "½å®¶"])
    >>> borders.places(["åľ°", "åĽ½", "åľ°"]), borders.places(["åľ°", "å®¶"])
    ([1], [])
    """

    def __init__(self, tokens: Iterable[str]) -> None:
        self._after: dict[str, tuple[str, ...]] = {}  # a character: beginnings of the next
        self._before: dict[str, tuple[str, ...]] = {}  # a character: ends of the one before
        self._after_end: dict[str, tuple[str, ...]] = {}  # the end of a character, likewise
        borders = map(ragged_borders, filter(beyond_ascii().search, tokens))
        for left, right in chain.from_iterable(borders):
            if left[0] not in CONTINUING:
                self._after[left] = (*self._after.get(left, ()), right)
            elif one_character().fullmatch(right):
                self._before[right] = (*self._before.get(right, ()), left)
            else:
                self._after_end[left] = (*self._after_end.get(left, ()), right)
        self._beside = {*self._after, *self._before}

    def learn(self, character: str) -> None:
        """Know a character by its ends; to be done before it is asked for."""
        for at in range(1, len(character)):
            if beginnings := self._after_end.get(character[at:]):
                self._after[character] = (*self._after.get(character, ()), *beginnings)
                self._beside.add(character)

    def places(self, characters: Sequence[str]) -> list[int]:
        """Which characters of a word may be parted from the next by a ragged token."""
        if self._beside.isdisjoint(characters):
            return []
        after, before = self._after, self._before
        return [
            at
            for at, (left, right) in enumerate(pairwise(characters))
            if (left in after and right.startswith(after[left]))
            or (right in before and left.endswith(before[right]))
        ]


def in_order(ranks: Mapping[tuple[int, int], int], made: Sequence[int]) -> bool:
    """Whether every merge comes after those that make its parts.

    >>> in_order({(0, 1): 0, (2, 0): 1}, [2, 3]), in_order({(2, 0): 0, (0, 1): 1}, [3, 2])
    (True, False)
    """
    last = dict(zip(made, range(len(made)), strict=True))
    return all(last.get(part, -1) < rank for pair, rank in ranks.items() for part in pair)


def ragged_borders(token: str) -> list[tuple[str, str]]:
    """What a ragged token has on both sides of the borders that it shares with parts.

    >>> ragged_borders("½å®¶"), ragged_borders("åĽ½å")
    ([('½', 'å®¶')], [('åĽ½', 'å')])
    >>> ragged_borders("åĽ½å®¶"), ragged_borders("½")
    ([], [])
    """
    found = parts_of_characters().findall(token)
    borders = list(pairwise(found))
    if not borders:
        return []
    first = borders[:1] if found[0][0] in CONTINUING else []
    return first if one_character().fullmatch(found[-1]) else [*first, borders[-1]]
