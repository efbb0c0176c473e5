"""Write files so that a reader sees the old ones or the new ones, never a half."""

from __future__ import annotations

import errno
import os
import re
import shutil
import stat
import sys
import tempfile
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cache
from io import TextIOWrapper
from pathlib import Path
from typing import BinaryIO, TextIO
from zlib import crc32

from wordpiece.errors import OutputError, WordpieceError

AT_FDCWD = -100
RENAME_EXCHANGE = 2
STREAMS = {"/dev/stdout": 1, "/dev/stderr": 2}
#: What temporary files and folders begin with; short, so that any legal name has room for one.
PREFIX = ".wp-"
#: What to do when a disk is full.
FULL = ": make room, then run the same command again"


def write_file(path: Path, text: str) -> None:
    """Write one file. Raises `OutputError`."""
    with new_text_file(path) as file:
        file.write(text)


@contextmanager
def new_text_file(path: str | Path) -> Iterator[TextIO]:
    """A text file that takes its place when all of it is written. Raises `OutputError`."""
    with new_file(path) as file, TextIOWrapper(file, encoding="utf-8", newline="") as text:
        yield text


@contextmanager
def new_file(path: str | Path) -> Iterator[BinaryIO]:
    """A file that takes its place when all of it is written. Raises `OutputError`.

    What is no regular file (a device, a pipe, an open stream) is written as it stands: it has no
    neighbor that could be renamed.
    """
    descriptor = open_stream(str(path))
    if descriptor is not None or (Path(path).exists() and not Path(path).is_file()):
        with trouble_in_words(path):
            target = Path(path) if descriptor is None else os.dup(descriptor)
            with open(target, "wb") as file:  # noqa: PTH123
                yield file
        return
    with trouble_in_words(path):
        path = Path(path).resolve()
        remove_remains(path.parent)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=own_prefix())
    try:
        with trouble_in_words(path), os.fdopen(handle, "wb") as file:
            yield file
        with trouble_in_words(path):
            Path(temporary).chmod(mode_for(path))
            Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


@cache
def place() -> str:
    """A few characters for the machine, or the container, whose numbers of processes we see."""
    machine = os.uname().nodename if hasattr(os, "uname") else ""
    with suppress(OSError):
        machine += str(Path("/proc/self/ns/pid").readlink())
    return f"{crc32(machine.encode()):08x}"


def own_prefix() -> str:
    """What our temporary files and folders begin with: they say which process they belong to."""
    return f"{PREFIX}{place()}-{os.getpid()}-"


def remove_remains(folder: Path) -> None:
    """Delete what a process that was killed could not take away; what a living one writes stays."""
    pattern = re.compile(rf"{re.escape(PREFIX)}{place()}-(\d+)-")
    with suppress(OSError):
        for entry in os.scandir(folder):
            found = pattern.match(entry.name)
            if found is None or lives(int(found[1])):
                continue
            if entry.is_dir(follow_symlinks=False):
                remove(Path(entry.path))
            else:
                Path(entry.path).unlink(missing_ok=True)


def lives(process: int) -> bool:
    """Whether a process is still there."""
    if sys.platform == "win32":
        return True  # os.kill would end it
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:  # it is somebody else's
        pass
    return True


def open_stream(path: str) -> int | None:
    """The descriptor that a name such as /dev/stdout stands for; opening it anew would overwrite.

    >>> open_stream("/dev/stdout"), open_stream("/dev/fd/3"), open_stream("corpus.ids")
    (1, 3, None)
    """
    if path in STREAMS:
        return STREAMS[path]
    number = path.removeprefix("/dev/fd/")
    return int(number) if number != path and number.isdecimal() else None


def write_folder(
    folder: Path,
    files: Mapping[str, str],
    *,
    ours: Collection[str] = (),
    fill: Callable[[Path], object] | None = None,
) -> None:
    """Write the files of a folder all at once; other files in it stay. Raises `OutputError`.

    Files with names in `ours` that are not written now are removed: they belong to what was there.
    `fill` is given the folder that is being made, and writes further files into it.

    A neighbor is filled with the new files and with links to the foreign ones, then takes the
    folder's place. Where a folder cannot be exchanged (somebody stands in it, it is a mount point,
    its parent is not ours to write), its files are replaced one by one.
    """
    with trouble_in_words(folder), workspace(folder) as new:
        folder = folder.resolve()
        for name, text in files.items():
            (new / name).write_text(text, encoding="utf-8", newline="")
        if fill is not None:
            fill(new)
        names = sorted(path.name for path in new.iterdir())
        for name in names:
            (new / name).chmod(mode_for(folder / name))
            if (folder / name).is_dir():
                raise IsADirectoryError(0, f"{name} in it is a folder")
        ours = {*ours, *names}
        if not folder.exists():
            new.rename(folder)
        elif new.is_relative_to(folder) or not exchanged(new, folder, ours):
            replace_each(new, folder, names, stale=ours - set(names))


def check_writable(folder: Path) -> None:
    """Raise `OutputError` now if `write_folder` would later."""
    with trouble_in_words(folder), workspace(folder):
        if folder.exists() and not folder.is_dir():
            raise NotADirectoryError(0, "exists and is no folder")


@contextmanager
def workspace(folder: Path) -> Iterator[Path]:
    """A new folder on the same disk, beside the given one or else in it, gone afterwards."""
    if not str(folder) or (str(folder) == "." and not folder.is_dir()):
        raise FileNotFoundError(0, "names no folder")
    folder = folder.resolve()
    missing = [parent for parent in folder.parents if not parent.exists()]
    folder.parent.mkdir(parents=True, exist_ok=True)
    inside = folder.is_dir() and must_stay(folder)
    beside = folder if inside else folder.parent
    remove_remains(beside)
    outer = Path(tempfile.mkdtemp(dir=beside, prefix=own_prefix()))
    inner = outer / "new"
    try:
        inner.mkdir()
        yield inner
    finally:
        remove(outer)
        for parent in missing:  # nearest first; those that now hold something stay
            if parent.exists() and not any(parent.iterdir()):
                parent.rmdir()


def must_stay(folder: Path) -> bool:
    """Whether the folder itself cannot be exchanged for another."""
    stands_in_it = Path.cwd().is_relative_to(folder)
    return stands_in_it or folder.is_mount() or not os.access(folder.parent, os.W_OK | os.X_OK)


def remove(folder: Path) -> None:
    """Delete a folder of ours with all in it, folders that were read-only included."""
    for path, _, _ in os.walk(folder):
        Path(path).chmod(stat.S_IRWXU)
    shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def trouble_in_words(path: str | Path) -> Iterator[None]:
    """Turn what the system says into an `OutputError`."""
    try:
        yield
    except WordpieceError:  # some of them are ValueErrors
        raise
    except OSError as error:
        hint = FULL if error.errno in (errno.ENOSPC, errno.EDQUOT) else ""
        what = error.strerror or error
        raise OutputError(f"{path}: cannot be written: {what}{hint}") from None
    except (ValueError, RuntimeError) as error:  # a NUL in a name; links that lead in a circle
        raise OutputError(f"{str(path)!r}: cannot be written: {error}") from None


def link_foreign(folder: Path, new: Path, ours: Collection[str]) -> None:
    """Link a folder's foreign files into its successor; copy what cannot be linked."""
    for entry in folder.iterdir():
        if (entry.name in ours and not entry.is_dir()) or os.path.lexists(new / entry.name):
            continue
        if entry.is_dir() and not entry.is_symlink():
            shutil.copytree(entry, new / entry.name, symlinks=True, copy_function=link_or_copy)
        else:
            link_or_copy(str(entry), str(new / entry.name))


def link_or_copy(source: str, target: str) -> None:
    """A second name for a file, or a copy of it."""
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError:
        shutil.copy2(source, target, follow_symlinks=False)


def exchanged(new: Path, folder: Path, ours: Collection[str]) -> bool:
    """Let a new folder take the place of an old one, foreign files with it; False where it cannot.

    What somebody put into the old folder in the meantime is linked afterwards.
    """
    link_foreign(folder, new, ours)
    shutil.copymode(folder, new)
    try:
        old = new if exchange_in_one_step(new, folder) else exchange_in_two_steps(new, folder)
    except PermissionError:  # a folder of somebody else's, in a folder where only owners may rename
        return False
    link_foreign(old, folder, ours)
    return True


def exchange_in_one_step(first: Path, second: Path) -> bool:
    """Linux's renameat2 with RENAME_EXCHANGE; False where there is no such call."""
    if not sys.platform.startswith("linux"):
        return False
    import ctypes

    rename = getattr(ctypes.CDLL(None), "renameat2", None)
    if rename is None:
        return False
    done: int = rename(AT_FDCWD, os.fsencode(first), AT_FDCWD, os.fsencode(second), RENAME_EXCHANGE)
    return done == 0


def exchange_in_two_steps(new: Path, folder: Path) -> Path:
    """Move the old folder aside and the new one in, or neither; return where the old one is."""
    aside = new.with_name("old")
    folder.rename(aside)
    try:
        new.rename(folder)
    except BaseException:
        aside.rename(folder)
        raise
    return aside


def replace_each(new: Path, folder: Path, names: list[str], *, stale: set[str]) -> None:
    """Replace files one by one and remove stale ones; if one resists, put back all of them."""
    backups = new.with_name("backups")
    backups.mkdir()
    old = [name for name in (*names, *sorted(stale)) if (folder / name).is_file()]
    for name in old:
        link_or_copy(str(folder / name), str(backups / name))
    try:
        for name in names:
            (new / name).replace(folder / name)
        for name in stale.intersection(old):
            (folder / name).unlink()
    except BaseException:
        for name in names:
            (folder / name).unlink(missing_ok=True)
        for name in old:
            link_or_copy(str(backups / name), str(folder / name))
        raise


def mode_for(path: Path) -> int:
    """The permissions of the file that is replaced, or those that new files get."""
    if path.is_file():
        return stat.S_IMODE(path.stat().st_mode)
    return 0o666 & ~current_umask()


def current_umask() -> int:
    """The permissions that new files do not get."""
    mask = os.umask(0)
    os.umask(mask)
    return mask
