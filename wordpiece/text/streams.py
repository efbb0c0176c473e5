"""Names to bytes: files, standard input, remote paths; compressed or not; trouble put into words.

Bytes are hashed as they are stored, so that a training can say exactly what it was made from.
"""

from __future__ import annotations

import codecs
import os
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from io import SEEK_END
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, Protocol, cast

from wordpiece.errors import InputError, WordpieceError

#: How much is read at a time. Larger pieces, decoded and let go, leave holes in memory that stay.
BLOCK_BYTES = 1 << 18
STDIN = "-"
#: How many first bytes are looked at to tell what a stream is.
BEGINNING = 4096
#: How many bytes of a zstd stream are decompressed at a time.
SLICE = 1 << 11

#: By the ending of a name, the module that decompresses; it is imported when it is needed.
DECOMPRESSORS = {".gz": "gzip", ".bz2": "bz2", ".xz": "lzma", ".zst": "zstandard"}
#: The first bytes of compressed streams; none of them is UTF-8, or begins any text.
MAGIC = {
    b"\x1f\x8b": ".gz",
    b"BZh91AY&SY": ".bz2",
    b"\xfd7zXZ\x00": ".xz",
    b"\x28\xb5\x2f\xfd": ".zst",
}
#: Where and how an archive of files shows what it is.
ARCHIVES = ((257, b"ustar", "tar"), (0, b"PK\x03\x04", "zip"))
#: How a text that is not UTF-8 begins, and what it is called.
MARKS = {b"\xff\xfe\x00\x00": "UTF-32", b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16"}
#: Control characters, of which texts have few; line ends are left out.
CONTROLS = bytes(byte for byte in range(0x20) if byte not in b"\n\r")


class Readable(Protocol):
    """What bytes are read from."""

    def read(self, size: int = -1, /) -> bytes:
        """The next bytes, none at the end."""


class CorpusFile(NamedTuple):
    """A file that was read: name as given, size in bytes and SHA-256, both as it is stored."""

    name: str
    bytes: int
    sha256: str


class HashingReader:
    """A binary stream that remembers how many bytes were read, and their SHA-256."""

    def __init__(self, file: Readable) -> None:
        import hashlib

        self._file = Peeked(file)
        self._hash = hashlib.sha256()
        self.bytes = 0

    def beginning(self) -> bytes:
        """The first bytes, without reading them."""
        return self._file.beginning()

    def read(self, size: int = -1) -> bytes:
        """Read as the stream underneath does."""
        data = self._file.read(size)
        self._hash.update(data)
        self.bytes += len(data)
        return data

    def record(self, name: str) -> CorpusFile:
        """What was read, under a name."""
        return CorpusFile(name, self.bytes, self._hash.hexdigest())


def recorded(name: str) -> CorpusFile:
    """The size and the SHA-256 of a file as it is stored."""
    with opened(name) as file:
        reader = HashingReader(file)
        while reader.read(BLOCK_BYTES):
            pass
        return reader.record(name)


class Peeked:
    """A stream whose first bytes can be looked at before they are read."""

    def __init__(self, stream: Readable) -> None:
        self._stream = stream
        self._seen = b""

    def beginning(self) -> bytes:
        """The first bytes, without reading them."""
        while len(self._seen) < BEGINNING and (data := self._stream.read(BEGINNING)):
            self._seen += data
        return self._seen[:BEGINNING]

    def read(self, size: int = -1) -> bytes:
        """Read as the stream underneath does."""
        if not self._seen:
            return self._stream.read(size)
        data = self._seen if size < 0 else self._seen[:size]
        self._seen = self._seen[len(data) :]
        if len(data) == size:
            return data
        return data + self._stream.read(size - len(data) if size >= 0 else -1)


class Snapshot:
    """What the system says of a file, to notice when somebody writes to it meanwhile."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._state = state_of(name)

    def check(self) -> None:
        """Raise `InputError` if the file is another one now."""
        if state_of(self._name) != self._state:
            raise InputError(
                f"{self._name}: changed while it was read: wait until it is written, or copy it"
            )


def state_of(name: str) -> tuple[int, ...] | None:
    """Which file a name stands for, its size, and when it was last written; None for no file."""
    try:
        found = os.stat(name)  # noqa: PTH116 - a remote name is no path
    except (OSError, ValueError):
        return None
    if not stat.S_ISREG(found.st_mode):
        return None
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns


def is_stream(name: str) -> bool:
    """Whether a name is a pipe or the like, which gives its bytes once; standard input is."""
    if name == STDIN:
        return True
    try:
        mode = os.stat(name).st_mode  # noqa: PTH116 - a remote name is no path
    except (OSError, ValueError):
        return False
    return stat.S_ISFIFO(mode) or stat.S_ISCHR(mode) or stat.S_ISSOCK(mode)


def is_remote(name: str) -> bool:
    """Whether a name is an address such as s3://bucket/file."""
    return "://" in name


def file_system(name: str) -> tuple[Any, str]:
    """The file system of an address, and the path there. Raises `InputError`."""
    try:
        fsspec = import_module("fsspec")
    except ImportError:
        raise InputError(
            f'{name}: remote paths need fsspec: pip install "wordpiece-lab[remote]"'
        ) from None
    with trouble(name):
        found: tuple[Any, str] = fsspec.core.url_to_fs(name)
    return found


@contextmanager
def opened(name: str) -> Iterator[BinaryIO]:
    """The bytes of a file, a remote file or standard input, with trouble put into words."""
    with trouble(name):
        if name == STDIN:
            yield standard_input()
        elif is_remote(name):
            system, path = file_system(name)
            with system.open(path, "rb") as file:
                yield file
        else:
            with Path(name).open("rb") as file:
                yield file


@contextmanager
def trouble(name: str) -> Iterator[None]:
    """Turn what goes wrong with a file into an `InputError`."""
    try:
        yield
    except WordpieceError:
        raise
    except FileNotFoundError:
        raise InputError(f"{name}: no such file") from None
    except IsADirectoryError:
        raise InputError(f"{name}: is a folder: name the files in it") from None
    except decompression_errors() as error:
        raise InputError(f"{name}: cannot be decompressed: {error}") from None
    except OSError as error:
        raise InputError(f"{name}: cannot be read: {error.strerror or error}") from None
    except (ValueError, ImportError) as error:  # a NUL in a name; a protocol without its library
        raise InputError(f"{name!r}: cannot be read: {error}") from None
    except Exception as error:
        if not is_remote(name):
            raise
        # whatever the library of a remote file system raises
        raise InputError(f"{name}: cannot be read: {type(error).__name__}: {error}") from None


def decompression_errors() -> tuple[type[Exception], ...]:
    """What decompressors raise; asked for when something was raised, and not before."""
    from gzip import BadGzipFile
    from lzma import LZMAError
    from zlib import error as zlib_error

    zstandard = sys.modules.get("zstandard")
    more = (zstandard.ZstdError,) if zstandard else ()
    return EOFError, zlib_error, LZMAError, BadGzipFile, *more


def standard_input() -> BinaryIO:
    """The bytes of standard input. Raises `InputError` when there is none."""
    if sys.stdin is None:
        raise InputError("standard input is closed: name a file instead")
    return sys.stdin.buffer


def can_be_reopened(name: str) -> bool:
    """Whether a name stands for something that can be read twice: no pipe, no terminal."""
    return name != STDIN and (is_remote(name) or not Path(name).exists() or Path(name).is_file())


def size_of(name: str) -> int | None:
    """Bytes of a file as it is stored; None where that cannot be told in advance."""
    if not can_be_reopened(name):
        return None
    with opened(name) as file:
        return file.seek(0, SEEK_END) if file.seekable() else None


def compression(name: str, beginning: bytes) -> str | None:
    """The ending that says how a stream is compressed, by its name or its first bytes.

    >>> compression("a.gz", b""), compression("a.txt", b"BZh91AY&SY"), compression("a", b"text")
    ('.gz', '.bz2', None)
    """
    ending = Path(name).suffix.lower()
    if ending in DECOMPRESSORS:
        return ending
    return next((end for magic, end in MAGIC.items() if beginning.startswith(magic)), None)


def decompressed(name: str, reader: HashingReader) -> Readable:
    """The bytes that a stream holds, decompressed if it is compressed."""
    ending = compression(name, reader.beginning())
    if ending is None:
        return reader
    return cast("Readable", decompressor(ending, name)(reader))


def decompressor(ending: str, name: str) -> Callable[[Any], Any]:
    """What opens a compressed stream. Raises `InputError` where the library is missing."""
    try:
        module = import_module(DECOMPRESSORS[ending])
    except ImportError:
        raise InputError(
            f'{name}: zstd files need a library: pip install "wordpiece-lab[zstd]"'
        ) from None
    new: dict[str, Callable[[], Any]] = {
        ".bz2": lambda: module.BZ2Decompressor(),
        ".xz": lambda: module.LZMADecompressor(),
        ".zst": lambda: module.ZstdDecompressor().decompressobj(),
    }
    if ending in new:
        return lambda file: WholeFrames(new[ending], file)
    return lambda file: module.open(file, "rb")


class WholeFrames:
    """The bytes of compressed streams, one after the other, with zeros between at most.

    One that is cut off is an error, and what is none, as they are for gzip: Python's own readers of
    bz2 and xz leave out all that comes after a first stream and is damaged. Little is decompressed
    at a time, for a few bytes may stand for very many.
    """

    def __init__(self, new: Callable[[], Any], file: Readable) -> None:
        self._file, self._new = file, new
        self._frame = self._new()
        self._inside = False
        self._ready = b""

    def read(self, size: int = -1) -> bytes:
        """The next bytes, fewer than `size` only at the end."""
        parts = [self._ready]
        have = len(self._ready)
        while (size < 0 or have < size) and (data := self._more()) is not None:
            parts.append(data)
            have += len(data)
        every = b"".join(parts)
        size = have if size < 0 else size
        self._ready = every[size:]
        return every[:size]

    def _more(self) -> bytes | None:
        """Some more bytes, perhaps none as yet; None at the end."""
        data = b""
        if self._frame.eof:
            data, self._frame, self._inside = self._frame.unused_data, self._new(), False
        data = data or self._file.read(SLICE)
        if data and not self._inside and not (data := data.lstrip(b"\0")):
            return b""
        if data:
            self._inside = True
            found: bytes = self._frame.decompress(data)
            return found
        if self._inside:
            raise EOFError("the stream ended in the middle of a frame")
        return None


def looks_like_utf16(beginning: bytes) -> bool:
    """Whether text without a mark has two bytes a character.

    Of Latin letters every other byte is a NUL, of scripts below U+2000 another control character,
    of which texts have few. Of those beyond, only spaces and line ends have a NUL, and the whole is
    no UTF-8.

    >>> texts = "text", "Это было давно", "한국어 텍스트입니다 그리고 문장\\n"
    >>> [looks_like_utf16(text.encode("utf-16-le")) for text in texts]
    [True, True, True]
    >>> looks_like_utf16(b"a\\0b c"), looks_like_utf16(b"1\\t2\\t3\\0" * 9)
    (False, False)
    """
    if 0 not in beginning:
        return False
    even, odd = beginning[::2], beginning[1::2]
    return any(is_upper_half(*halves, whole=beginning) for halves in ((even, odd), (odd, even)))


def is_upper_half(upper: bytes, lower: bytes, *, whole: bytes) -> bool:
    """Whether some bytes are the more significant ones of characters, and others the less."""
    nuls, others = upper.count(0), lower.count(0)
    if nuls < 2 or others * 8 >= nuls:
        return False
    if nuls * 4 > len(upper) * 3:
        return True
    if not {(0, 0x20), (0, 0x0A)}.intersection(zip(upper, lower, strict=False)):
        return False
    if (len(upper) - len(upper.translate(None, CONTROLS))) * 4 > len(upper) * 3:
        return True
    return nuls * 16 > len(upper) and not begins_as_utf8(whole)


def begins_as_utf8(beginning: bytes) -> bool:
    """Whether some bytes are the beginning of UTF-8, perhaps within a character.

    >>> begins_as_utf8("é".encode()[:1]), begins_as_utf8("가".encode("utf-16-le"))
    (True, False)
    """
    try:
        codecs.getincrementaldecoder("utf-8")().decode(beginning)
    except UnicodeDecodeError:
        return False
    return True


def check_encoding(name: str, beginning: bytes) -> None:
    """Raise `InputError` for what looks like UTF-16, UTF-32 or an archive of files.

    >>> check_encoding("a.txt", "text".encode("utf-16-le"))
    Traceback (most recent call last):
    ...
    wordpiece.errors.InputError: a.txt: looks like UTF-16: convert it first, with iconv -f UTF-16...
    """
    for start, magic, archive in ARCHIVES:
        if beginning.startswith(magic, start):
            raise InputError(f"{name}: is a {archive} archive: unpack it first")
    found = next((kind for mark, kind in MARKS.items() if beginning.startswith(mark)), None)
    if found is None and looks_like_utf16(beginning):
        found = "UTF-16"
    if found:
        raise InputError(
            f"{name}: looks like {found}: convert it first, with iconv -f {found} -t UTF-8"
        )
