"""Read files as blocks of text that can be counted apart.

A block ends after a line end (or, in a line longer than a block, after a space), so no word is cut
in two. Bytes are hashed as they come from the disk, so that a training can say exactly what it was
made from.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from io import SEEK_END
from itertools import pairwise
from pathlib import Path
from typing import BinaryIO, Literal, NamedTuple, Protocol

from wordpiece.errors import InputError

#: What to do with bytes that are not UTF-8: refuse the file, or put U+FFFD for them.
DecodingErrors = Literal["strict", "replace"]

BLOCK_BYTES = 1 << 23
STDIN = "-"

#: By the ending of a name, the module that decompresses; it is imported when it is needed.
DECOMPRESSORS = {".gz": "gzip", ".bz2": "bz2", ".xz": "lzma"}


class CorpusFile(NamedTuple):
    """A file that was read: name as given, size in bytes and SHA-256, both as it is stored."""

    name: str
    bytes: int
    sha256: str


class HashingReader:
    """A binary file that remembers how many bytes were read, and their SHA-256."""

    def __init__(self, file: BinaryIO) -> None:
        import hashlib

        self._file = file
        self._hash = hashlib.sha256()
        self.bytes = 0

    def read(self, size: int = -1) -> bytes:
        """Read as the file underneath does."""
        data = self._file.read(size)
        self._hash.update(data)
        self.bytes += len(data)
        return data

    def record(self, name: str) -> CorpusFile:
        """What was read, under a name."""
        return CorpusFile(name, self.bytes, self._hash.hexdigest())


class Block(NamedTuple):
    """Some bytes of a text, and how many came before them."""

    data: bytes
    offset: int

    def text(self, name: str, errors: DecodingErrors) -> str:
        """The block decoded. Raises `InputError` with the name and the offset of a wrong byte."""
        try:
            return self.data.decode("utf-8", errors)
        except UnicodeDecodeError as error:
            raise InputError(
                f"{name}: byte {self.offset + error.start} (0x{self.data[error.start]:02x}) is "
                "not UTF-8: convert the file, or use --errors replace to go on"
            ) from None


class TextFile:
    """A text file (or `-` for standard input), read once, block by block.

    A name that ends in .gz, .bz2 or .xz is decompressed. Raises `InputError` at once for a file
    that is missing.
    """

    def __init__(self, name: str, *, cut_long_lines: bool = True) -> None:
        self.name = name
        self.size = None if name == STDIN else size_of(name)
        self._cut_long_lines = cut_long_lines
        self._compressed = Path(name).suffix in DECOMPRESSORS
        self._reader: HashingReader | None = None

    @property
    def bytes_read(self) -> int:
        """Bytes read from the disk so far, compressed as they are."""
        return self._reader.bytes if self._reader else 0

    def record(self) -> CorpusFile:
        """What was read, once all was."""
        assert self._reader is not None  # blocks() comes first
        return self._reader.record(self.name)

    def ranges(self, number: int) -> list[tuple[int, int]]:
        """About so many stretches of bytes, each ending where a word ends, to be read apart.

        None for what can only be read from its beginning: standard input, and compressed files.
        """
        if self.name == STDIN or self._compressed or not self.size:
            return []
        with opened(self.name) as file:
            starts = (self.size * part // number for part in range(1, number))
            cuts = [next_cut(file, at, cut_long_lines=self._cut_long_lines) for at in starts]
        bounds = sorted({0, *(min(cut, self.size) for cut in cuts), self.size})
        return list(pairwise(bounds))

    def read_through(self) -> None:
        """Read all bytes, for nothing but the record of them."""
        with opened(self.name) as file:
            self._reader = HashingReader(file)
            while self._reader.read(BLOCK_BYTES):
                pass

    def blocks(self) -> Iterator[Block]:
        """The bytes of the text, in blocks that end where a word ends.

        Raises `InputError` for a file that cannot be read or decompressed.
        """
        module = DECOMPRESSORS.get(Path(self.name).suffix)
        opener = import_module(module).open if module else None
        with opened(self.name) as file:
            self._reader = HashingReader(file)
            text: Readable = opener(self._reader, "rb") if opener else self._reader
            offset = 0
            for data in whole_lines(text, cut_long_lines=self._cut_long_lines):
                yield Block(data, offset)
                offset += len(data)


def size_of(name: str) -> int:
    """Bytes of a file on the disk."""
    with opened(name) as file:
        return file.seek(0, SEEK_END) if file.seekable() else 0


@contextmanager
def opened(name: str) -> Iterator[BinaryIO]:
    """The bytes of a file or of standard input, with trouble put into words."""
    try:
        if name == STDIN:
            yield standard_input()
        else:
            with Path(name).open("rb") as file:
                yield file
    except FileNotFoundError:
        raise InputError(f"{name}: no such file") from None
    except IsADirectoryError:
        raise InputError(f"{name}: is a folder: name the files in it") from None
    except decompression_errors() as error:
        raise InputError(f"{name}: cannot be decompressed: {error}") from None
    except OSError as error:
        raise InputError(f"{name}: cannot be read: {error.strerror or error}") from None
    except ValueError as error:  # a NUL in a name
        raise InputError(f"{name!r}: cannot be read: {error}") from None


def decompression_errors() -> tuple[type[Exception], ...]:
    """What decompressors raise; asked for when something was raised, and not before."""
    from gzip import BadGzipFile
    from lzma import LZMAError
    from zlib import error as zlib_error

    return EOFError, zlib_error, LZMAError, BadGzipFile


def standard_input() -> BinaryIO:
    """The bytes of standard input. Raises `InputError` when there is none."""
    if sys.stdin is None:
        raise InputError("standard input is closed: name a file instead")
    return sys.stdin.buffer


def range_blocks(name: str, start: int, end: int, *, cut_long_lines: bool) -> Iterator[Block]:
    """The blocks of a stretch of a plain file."""
    with opened(name) as file:
        file.seek(start)
        for data in whole_lines(Limited(file, end - start), cut_long_lines=cut_long_lines):
            yield Block(data, start)
            start += len(data)


class Limited:
    """A binary file that seems to end after some bytes."""

    def __init__(self, file: BinaryIO, left: int) -> None:
        self._file, self._left = file, left

    def read(self, size: int) -> bytes:
        """Read as the file underneath does, up to the limit."""
        data = self._file.read(min(size, self._left))
        self._left -= len(data)
        return data


def next_cut(file: BinaryIO, start: int, *, cut_long_lines: bool) -> int:
    """Where the text may be cut next after some byte: after a line end, or perhaps a space."""
    file.seek(start)
    while data := file.read(BLOCK_BYTES):
        cut = data.find(b"\n") + 1 or (data.find(b" ") + 1 if cut_long_lines else 0)
        if cut:
            return start + cut
        start += len(data)
    return start


class Readable(Protocol):
    """What blocks are read from."""

    def read(self, size: int, /) -> bytes:
        """The next bytes, none at the end."""


def whole_lines(file: Readable, *, cut_long_lines: bool) -> Iterator[bytes]:
    """Blocks of about 8 MiB, cut after the last line end, or after a space if that is allowed."""
    pending: list[bytes] = []  # the start of a line that no block has ended
    while data := file.read(BLOCK_BYTES):
        cut = data.rfind(b"\n") + 1 or (data.rfind(b" ") + 1 if cut_long_lines else 0)
        if cut:
            yield b"".join([*pending, data[:cut]])
            pending = []
        pending.append(data[cut:])
    if rest := b"".join(pending):
        yield rest
