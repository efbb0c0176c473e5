"""Read files as blocks of lines that can be counted apart.

A block ends after a line end (or, in a line longer than a block, after a space if that is allowed),
so no word and no record is cut in two.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import BinaryIO, NamedTuple

from wordpiece.errors import InputError
from wordpiece.text.reading import Faults, Reading
from wordpiece.text.streams import (
    BLOCK_BYTES,
    STDIN,
    CorpusFile,
    HashingReader,
    Peeked,
    Readable,
    Snapshot,
    check_encoding,
    compression,
    decompressed,
    is_remote,
    opened,
    size_of,
    standard_input,
    trouble,
)

#: How much another process gets at a time: it answers with the words of it, each once.
BATCH_BYTES = 1 << 21


class Block(NamedTuple):
    """Some bytes of a file, how many came before them, and the number of their first line.

    Lines are counted from 1; 0 where the lines before were not counted.
    """

    data: bytes
    offset: int
    line: int = 0

    def text(self, name: str, reading: Reading, faults: Faults) -> str:
        """The block decoded, without lines that cannot be and are to be passed over.

        Raises `InputError` with the name and the offset of a wrong byte.
        """
        try:
            return self.data.decode("utf-8", reading.errors)
        except UnicodeDecodeError as error:
            if faults.on_error == "skip":
                return "".join(self._decodable_lines(name, faults))
            raise InputError(
                f"{self._not_utf8(name, error)}: convert the file, or use --errors replace to go on"
            ) from None

    def pieces(self) -> Iterator[Block]:
        """The same in blocks of whole lines, as small as they would be read."""
        yield from blocks_of(
            BytesIO(self.data), offset=self.offset, line=self.line, cut_long_lines=False
        )

    def _decodable_lines(self, name: str, faults: Faults) -> Iterator[str]:
        offset = self.offset
        for line in re.findall(rb"[^\n]*\n|[^\n]+", self.data):
            try:
                yield line.decode("utf-8")
            except UnicodeDecodeError as error:
                faults.add(Block(line, offset)._not_utf8(name, error))
            offset += len(line)

    def _not_utf8(self, name: str, error: UnicodeDecodeError) -> str:
        return (
            f"{name}: byte {self.offset + error.start} (0x{self.data[error.start]:02x}) is "
            "not UTF-8"
        )


class Prepared(NamedTuple):
    """What can be read only once, opened: the bytes as they are, and decompressed."""

    file: BinaryIO
    reader: HashingReader
    text: Peeked


def prepare(name: str) -> Prepared:
    """Open what can be read only once, a pipe or standard input, to look at its beginning."""
    with trouble(name):
        file = standard_input() if name == STDIN else Path(name).open("rb")  # noqa: SIM115
        reader = HashingReader(file)
        text = Peeked(decompressed(name, reader))
        text.beginning()
    return Prepared(file, reader, text)


class LineFile:
    """A file (or `-` for standard input), read once, in blocks of whole lines.

    It is decompressed if it is compressed. Raises `InputError` at once for a file that is missing.
    """

    def __init__(
        self, name: str, *, cut_long_lines: bool = False, prepared: Prepared | None = None
    ) -> None:
        self.name = name
        self._prepared = prepared
        self.size = size_of(name)
        self._cut_long_lines = cut_long_lines
        self._reader: HashingReader | None = None
        self._snapshot = Snapshot(name)

    @property
    def bytes_read(self) -> int:
        """Bytes read from the disk so far, compressed as they are."""
        return self._reader.bytes if self._reader else 0

    def record(self) -> CorpusFile:
        """What was read, once all was. Raises `InputError` if the file changed meanwhile."""
        assert self._reader is not None  # blocks() comes first
        self._snapshot.check()
        return self._reader.record(self.name)

    def ranges(self, number: int) -> list[tuple[int, int]]:
        """About so many stretches of bytes, each ending where a word ends, to be read apart.

        An empty list for what can only be read from its beginning: standard input, remote and
        compressed files.
        """
        if self._prepared or is_remote(self.name) or not self.size:
            return []
        with opened(self.name) as file:
            beginning = HashingReader(file).beginning()
            if compression(self.name, beginning):
                return []
            check_encoding(self.name, beginning)
            cuts = [0]
            for part in range(1, number):
                at = self.size * part // number
                if cuts[-1] <= at:  # a long line is looked through once
                    cuts.append(next_cut(file, at, cut_long_lines=self._cut_long_lines))
        bounds = sorted({*(min(cut, self.size) for cut in cuts), self.size})
        return list(pairwise(bounds))

    def read_through(self, needless: Callable[[], bool] = lambda: False) -> None:
        """Read all bytes, for nothing but the record of them, unless that becomes needless."""
        with opened(self.name) as file:
            self._reader = self._limited(file)
            while self._reader.read(BLOCK_BYTES) and not needless():
                pass

    def _limited(self, file: BinaryIO) -> HashingReader:
        """The bytes that were there at first: somebody may be writing faster than is read here."""
        return HashingReader(Limited(file, self.size) if self.size else file)

    def blocks(self, *, number_lines: bool = False, size: int | None = None) -> Iterator[Block]:
        """The bytes of the text, in blocks of about some size that end where a word ends.

        Raises `InputError` for a file that cannot be read or decompressed.
        """
        with ExitStack() as stack:
            if self._prepared:
                stack.enter_context(trouble(self.name))
                file, self._reader, text = self._prepared
                if self.name != STDIN:
                    stack.callback(file.close)
            else:
                file = stack.enter_context(opened(self.name))
                self._reader = self._limited(file)
                text = Peeked(decompressed(self.name, self._reader))
            check_encoding(self.name, text.beginning())
            yield from blocks_of(
                text, line=int(number_lines), cut_long_lines=self._cut_long_lines, size=size
            )


def range_blocks(name: str, start: int, end: int, *, cut_long_lines: bool) -> Iterator[Block]:
    """The blocks of a stretch of a plain file."""
    with opened(name) as file:
        file.seek(start)
        stretch = Limited(file, end - start)
        yield from blocks_of(stretch, offset=start, cut_long_lines=cut_long_lines)


def blocks_of(
    file: Readable,
    *,
    offset: int = 0,
    line: int = 0,
    cut_long_lines: bool,
    size: int | None = None,
) -> Iterator[Block]:
    """Blocks of a stream, the first at some offset, and at some line if lines are counted."""
    for data in whole_lines(file, cut_long_lines=cut_long_lines, size=size):
        yield Block(data, offset, line)
        offset += len(data)
        if line:
            line += data.count(b"\n")


class Limited:
    """A binary file that seems to end after some bytes."""

    def __init__(self, file: BinaryIO, left: int) -> None:
        self._file, self._left = file, left

    def read(self, size: int = -1) -> bytes:
        """Read as the file underneath does, up to the limit."""
        data = self._file.read(min(size, self._left) if size >= 0 else self._left)
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


def whole_lines(
    file: Readable, *, cut_long_lines: bool, size: int | None = None
) -> Iterator[bytes]:
    """Bytes of about some size, cut after a line end, or after a space if that is allowed."""
    size = size or BLOCK_BYTES
    pending: list[bytes] = []  # the start of a line that nothing read so far has ended
    while data := file.read(size):
        cut = data.rfind(b"\n") + 1 or (data.rfind(b" ") + 1 if cut_long_lines else 0)
        if cut:
            yield b"".join([*pending, data[:cut]])
            pending = []
        pending.append(data[cut:])
    if rest := b"".join(pending):
        yield rest
