"""Output that is written bit by bit and can be gone on with: data, lengths, and a journal.

The journal's first line says what the output is of; each further line, how much of it is safely on
the disk. What was written after the last such line is cut off and done again.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from array import array
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Final

from wordpiece.errors import InputError, OptionError, OutputError
from wordpiece.formats.atomic import mode_for, new_file, trouble_in_words

LENGTH_CODE: Final = "I"
LENGTH_BYTES = array(LENGTH_CODE).itemsize
LENGTHS_AT_ONCE = 10_000
#: What is noted on an interruption, for whoever tells of it.
GOES_ON = "what was done is kept, and the same command goes on from there"


@dataclass(frozen=True)
class Done:
    """How much is there: documents, ids, and bytes of data."""

    documents: int = 0
    ids: int = 0
    data_bytes: int = 0


class Partial:
    """What there is of an output; use it in a `with` statement.

    With a `state` (a line that says what it is of), the files stand beside the output, stay when
    something goes wrong, and are taken up again by whoever comes with the same state; an
    interruption gets a note of that. Without one, nothing stays.
    Raises `OutputError`, also if another process is at it.
    """

    def __init__(self, output: str, state: str | None, *, header_bytes: int = 0) -> None:
        self._output = Path(output)
        self._state = state
        self._state_line = (state or "").encode()
        self._header_bytes = header_bytes
        self.done = Done()
        self._vouched = False  # the journal holds something that took time
        stem = f"{output}.partial"
        self._paths = [Path(stem), Path(f"{stem}.lengths"), Path(f"{stem}.journal")]

    def __enter__(self) -> Partial:
        with ExitStack() as stack, trouble_in_words(self._output):
            if self._state is None:
                self._open_unnamed(stack)
            else:
                self._open_named(stack)
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: object
    ) -> None:
        useless = kind is not None and issubclass(kind, InputError | OptionError)
        if (useless and not self._vouched) or not self.done.documents:
            self.remove()
        elif kind is not None and self._state is not None:
            with suppress(OSError, OutputError):  # a full disk, perhaps
                self.check_in()
            if isinstance(error, KeyboardInterrupt) and self._can_be_taken_up():
                error.add_note(GOES_ON)
        with suppress(OSError):
            self._stack.close()

    def _can_be_taken_up(self) -> bool:
        """Whether the journal vouches for data that has not become the output."""
        return self._vouched and self._paths[0].exists()

    def _open_unnamed(self, stack: ExitStack) -> None:
        folder = self._output.parent if self._output.parent.is_dir() else None
        files = (stack.enter_context(unnamed(folder)) for _ in self._paths)
        self._data, self._lengths, self._journal = files
        self._begin()

    def _open_named(self, stack: ExitStack) -> None:
        files = (stack.enter_context(open_both_ways(path)) for path in self._paths)
        self._data, self._lengths, self._journal = files
        lock(self._journal, self._output)
        kept = [line for line in self._journal.read().split(b"\n")[:-1] if line]
        if not kept or kept[0] != self._state_line:
            self._begin()
            return
        for line in reversed(kept[1:]):
            done = done_of(line)
            if done is not None and self._holds(done):
                self.done, self._vouched = done, True
                break
        self._data.seek(self._header_bytes + self.done.data_bytes)
        self._data.truncate()
        self._lengths.seek(self.done.documents * LENGTH_BYTES)
        self._lengths.truncate()

    def _holds(self, done: Done) -> bool:
        """Whether the files are as long as the journal says."""
        data = os.fstat(self._data.fileno()).st_size
        lengths = os.fstat(self._lengths.fileno()).st_size
        return (
            data >= self._header_bytes + done.data_bytes
            and lengths >= done.documents * LENGTH_BYTES
        )

    def _begin(self) -> None:
        """Begin anew."""
        for file in (self._data, self._lengths, self._journal):
            file.seek(0)
            file.truncate()
        self._data.write(bytes(self._header_bytes))
        self._journal.write(self._state_line + b"\n")
        self._journal.flush()

    def add(self, data: bytes, lengths: array[int]) -> None:
        """Add the ids of some documents."""
        with trouble_in_words(self._output):
            self._data.write(data)
            self._lengths.write(lengths.tobytes())
        old = self.done
        self.done = Done(  # in one step, which no interruption divides
            old.documents + len(lengths), old.ids + sum(lengths), old.data_bytes + len(data)
        )

    def check_in(self) -> None:
        """Make sure that what was added is on the disk, and say so in the journal."""
        with trouble_in_words(self._output):
            for file in (self._data, self._lengths):
                file.flush()
                os.fsync(file.fileno())
            self._journal.write(json.dumps(asdict(self.done)).encode() + b"\n")
            self._journal.flush()
        self._vouched = True

    def lengths(self) -> Iterator[int]:
        """How many ids each document has."""
        self._lengths.flush()
        self._lengths.seek(0)
        while data := self._lengths.read(LENGTHS_AT_ONCE * LENGTH_BYTES):
            yield from array(LENGTH_CODE, data)

    def data(self) -> IO[bytes]:
        """The data from its beginning, to be read."""
        self._data.flush()
        file = os.fdopen(os.dup(self._data.fileno()), "rb")
        file.seek(self._header_bytes)
        return file

    def write_header(self, header: bytes) -> None:
        """Fill the room that was left at the beginning."""
        assert len(header) == self._header_bytes
        with trouble_in_words(self._output):
            self._data.seek(0)
            self._data.write(header)

    def take_place(self) -> None:
        """Let the data be the output."""
        with trouble_in_words(self._output):
            self._data.flush()
            os.fsync(self._data.fileno())
            if self._state is None:
                self._copy_out()
                return
            target = self._output.resolve()
            self._paths[0].chmod(mode_for(target))
            self._paths[0].replace(target)
            self.remove()

    def _copy_out(self) -> None:
        self._data.seek(0)
        with new_file(self._output) as file:
            shutil.copyfileobj(self._data, file)

    def remove(self) -> None:
        """Take away what is of no use any more."""
        if self._state is not None:
            for path in self._paths:
                path.unlink(missing_ok=True)


def unnamed(folder: Path | None) -> IO[bytes]:
    """A file without a name."""
    return tempfile.TemporaryFile(dir=folder)


def open_both_ways(path: Path) -> IO[bytes]:
    """A file to be read and written, made if it is not there, as it is if it is."""
    return os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0)), "r+b")


def lock(file: IO[bytes] | int, output: Path) -> None:
    """Hold a file until it is closed. Raises `OutputError` if another process holds it."""
    if sys.platform == "win32":
        return
    import fcntl

    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise OutputError(
            f"{output}: another process is writing it: wait for it, or name another file"
        ) from None
    except OSError:  # a file system without locks
        return


def done_of(line: bytes) -> Done | None:
    """What a line of the journal vouches for; None for one that a failing disk has garbled."""
    try:
        found = json.loads(line)
    except ValueError:
        return None
    if not isinstance(found, dict) or found.keys() != asdict(Done()).keys():
        return None
    return Done(**found) if all(type(each) is int for each in found.values()) else None
