"""Read files as blocks of text that can be counted apart.

A block ends after a line end (or, in a line longer than a block, after a space), so no word is cut in two. Bytes
are hashed as they come from the disk, so that a training can say exactly what it was made from.
"""

from __future__ import annotations

import bz2
import gzip
import hashlib
import lzma
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, BinaryIO, Literal, NamedTuple, cast

from wordpiece.errors import InputError

#: What to do with bytes that are not UTF-8: refuse the file, or put U+FFFD for them.
DecodingErrors = Literal["strict", "replace"]

BLOCK_BYTES = 1 << 22
STDIN = "-"

DECOMPRESSORS: dict[str, Any] = {".gz": gzip.open, ".bz2": bz2.open, ".xz": lzma.open}


class CorpusFile(NamedTuple):
    """A file that was read: its name as given, its size in bytes and their SHA-256, both as stored (compressed)."""

    name: str
    bytes: int
    sha256: str


class HashingReader:
    """A binary file that remembers how many bytes were read, and their SHA-256."""

    def __init__(self, file: BinaryIO) -> None:
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


class TextFile:
    """A text file (or `-` for standard input), read block by block.

    `blocks` may be read once; `record` then says what was read. A name that ends in .gz, .bz2 or .xz is decompressed.
    """

    def __init__(self, name: str, *, errors: DecodingErrors = "strict", cut_long_lines: bool = True) -> None:
        self.name = name
        self._cut_long_lines = cut_long_lines
        self.errors = errors
        self.bytes_read = 0
        self.record: CorpusFile | None = None

    @property
    def size(self) -> int | None:
        """Bytes on the disk, if that can be known."""
        return None if self.name == STDIN else Path(self.name).stat().st_size

    def blocks(self) -> Iterator[str]:
        """The text, in blocks that end where a word ends.

        Raises `InputError` for a file that is missing, unreadable, wrongly compressed, or not UTF-8.
        """
        with opened(self.name) as file:
            reader = HashingReader(file)
            offset = 0
            for block in whole_lines(self._decompressed(reader), cut_long_lines=self._cut_long_lines):
                yield self._decoded(block, offset)
                offset += len(block)
                self.bytes_read = reader.bytes
            self.record = reader.record(self.name)

    def _decompressed(self, reader: HashingReader) -> IO[bytes]:
        opener = DECOMPRESSORS.get(Path(self.name).suffix)
        return cast("IO[bytes]", opener(reader, "rb") if opener else reader)

    def _decoded(self, block: bytes, offset: int) -> str:
        try:
            return block.decode("utf-8", self.errors)
        except UnicodeDecodeError as error:
            at = offset + error.start
            raise InputError(
                f"{self.name}: byte {at} (0x{block[error.start]:02x}) is not UTF-8: "
                "convert the file, or use --errors replace to go on"
            ) from None


@contextmanager
def opened(name: str) -> Iterator[BinaryIO]:
    """The bytes of a file or of standard input, with trouble put into words."""
    try:
        if name == STDIN:
            yield sys.stdin.buffer
        else:
            with Path(name).open("rb") as file:
                yield file
    except FileNotFoundError:
        raise InputError(f"{name}: no such file") from None
    except IsADirectoryError:
        raise InputError(f"{name}: is a folder: name the files in it") from None
    except (EOFError, zlib.error, lzma.LZMAError, gzip.BadGzipFile) as error:
        raise InputError(f"{name}: cannot be decompressed: {error}") from None
    except OSError as error:
        raise InputError(f"{name}: cannot be read: {error.strerror or error}") from None


def whole_lines(file: IO[bytes], *, cut_long_lines: bool) -> Iterator[bytes]:
    """Blocks of about 4 MiB, each cut after its last line end, or else after its last space if that is allowed."""
    pending: list[bytes] = []  # the start of a line that no block has ended
    while data := file.read(BLOCK_BYTES):
        cut = data.rfind(b"\n") + 1 or (data.rfind(b" ") + 1 if cut_long_lines else 0)
        if cut:
            yield b"".join([*pending, data[:cut]])
            pending = []
        pending.append(data[cut:])
    if rest := b"".join(pending):
        yield rest
