"""Write compressed streams, the same bytes for the same content."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import IO, Protocol

from wordpiece.errors import OutputError


class Writable(Protocol):
    """What bytes are written to."""

    def write(self, data: bytes, /) -> object:
        """Write some bytes."""


@contextmanager
def compressing(file: IO[bytes], name: str) -> Iterator[Writable]:
    """A stream that compresses into a file as the ending of a name says, or does not.

    What is written in several `with` statements, one after the other, reads as one.
    """
    match Path(name).suffix.lower():
        case ".gz":
            from gzip import GzipFile

            with GzipFile("", "wb", fileobj=file, mtime=0) as zipped:  # neither name nor time in it
                yield zipped
        case ".bz2":
            from bz2 import BZ2File

            with BZ2File(file, "wb") as zipped:
                yield zipped
        case ".xz":
            from lzma import LZMAFile

            with LZMAFile(file, "wb") as zipped:
                yield zipped
        case ".zst":
            try:
                zstandard = import_module("zstandard")
            except ImportError:
                raise OutputError(
                    f'{name}: zstd files need a library: pip install "wordpiece-lab[zstd]"'
                ) from None
            with zstandard.ZstdCompressor().stream_writer(file, closefd=False) as zipped:
                yield zipped
        case _:
            yield file
