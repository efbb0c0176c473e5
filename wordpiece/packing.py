"""Ids as bytes, for files and pipes: the lowest byte of each first, whatever the machine has."""

from __future__ import annotations

import sys
from array import array
from collections.abc import Iterable, Mapping
from typing import Literal

#: What NumPy calls ids of 2 and of 4 bytes.
IdType = Literal["uint16", "uint32"]
#: Bytes of an id.
BYTES: dict[IdType, int] = {"uint16": 2, "uint32": 4}
#: What `array` calls them.
CODES: dict[IdType, Literal["H", "I"]] = {"uint16": "H", "uint32": "I"}


def narrowest(vocab: Mapping[str, int]) -> IdType:
    """The smallest type that holds every id of a vocabulary.

    >>> narrowest({"[UNK]": 0, "a": 65535}), narrowest({"[UNK]": 0, "a": 65536})
    ('uint16', 'uint32')
    """
    return "uint16" if max(vocab.values(), default=0) < 1 << 16 else "uint32"


def packed(ids: Iterable[int], dtype: IdType) -> bytes:
    """Ids one after the other.

    >>> packed([1, 258], "uint16")
    b'\\x01\\x00\\x02\\x01'

    Raises `OverflowError` for an id that the type does not hold.
    """
    return in_little_endian(array(CODES[dtype], ids)).tobytes()


def unpacked(data: bytes, dtype: IdType) -> array[int]:
    """The ids that were packed.

    >>> list(unpacked(packed([1, 258], "uint32"), "uint32"))
    [1, 258]
    """
    return in_little_endian(array(CODES[dtype], data))


def in_little_endian(ids: array[int]) -> array[int]:
    """Numbers with their bytes turned around where the machine has the highest first."""
    if sys.byteorder == "big":
        ids.byteswap()
    return ids
