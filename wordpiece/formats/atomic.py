"""Write files so that a reader sees the old ones or the new ones, never a half."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from wordpiece.errors import OutputError

AT_FDCWD = -100
RENAME_EXCHANGE = 2


def write_file(path: Path, text: str) -> None:
    """Write one file. Raises `OutputError`."""
    with new_text_file(path) as file:
        file.write(text)


@contextmanager
def new_text_file(path: str | Path) -> Iterator[TextIO]:
    """A file that takes its place when all of it is written. Raises `OutputError`."""
    path = Path(path).resolve()
    if path.exists() and not path.is_file():  # a device or a pipe has no neighbor to be renamed
        with trouble_in_words(path), path.open("w", encoding="utf-8", newline="") as file:
            yield file
        return
    with trouble_in_words(path):
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with trouble_in_words(path), os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            yield file
        with trouble_in_words(path):
            Path(temporary).chmod(0o666 & ~current_umask())
            Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def write_folder(folder: Path, files: Mapping[str, str], *, ours: Collection[str] = ()) -> None:
    """Write the files of a folder all at once; other files in it stay. Raises `OutputError`.

    Files with names in `ours` that are not written now are removed: they belong to what was there.

    A neighbor is filled with the new files and with links to the foreign ones, then takes the
    folder's place. Where a folder cannot be exchanged (somebody stands in it, or it is a mount
    point), its files are replaced one by one.
    """
    folder = folder.resolve()
    with trouble_in_words(folder), neighbor(folder) as new:
        for name, text in files.items():
            (new / name).write_text(text, encoding="utf-8", newline="")
        if not folder.exists():
            new.rename(folder)
        elif Path.cwd().is_relative_to(folder) or folder.is_mount():
            replace_each(new, folder, list(files), stale=set(ours) - files.keys())
        else:
            link_foreign(folder, new, {*ours, *files})
            shutil.copymode(folder, new)
            exchange(new, folder)


def check_writable(folder: Path) -> None:
    """Raise `OutputError` now if `write_folder` would later."""
    folder = folder.resolve()
    with trouble_in_words(folder), neighbor(folder):
        if folder.exists() and not folder.is_dir():
            raise NotADirectoryError(0, "exists and is no folder")


@contextmanager
def neighbor(folder: Path) -> Iterator[Path]:
    """A new folder beside the given one (so on the same disk), gone afterwards."""
    missing = [parent for parent in folder.parents if not parent.exists()]
    folder.parent.mkdir(parents=True, exist_ok=True)
    outer = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}."))
    inner = outer / folder.name
    try:
        inner.mkdir()
        yield inner
    finally:
        shutil.rmtree(outer, ignore_errors=True)
        for parent in missing:  # nearest first; those that now hold something stay
            if parent.exists() and not any(parent.iterdir()):
                parent.rmdir()


@contextmanager
def trouble_in_words(path: Path) -> Iterator[None]:
    """Turn what the system says into an `OutputError`."""
    try:
        yield
    except OSError as error:
        raise OutputError(f"{path}: cannot be written: {error.strerror or error}") from None


def link_foreign(folder: Path, new: Path, ours: Collection[str]) -> None:
    """Link a folder's foreign files into its successor; copy what cannot be linked."""
    for entry in folder.iterdir():
        if entry.name in ours:
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


def exchange(new: Path, old: Path) -> None:
    """Let two folders change places: in one step on Linux, else in two with a way back."""
    if exchange_in_one_step(new, old):
        return
    aside = new.with_name(new.name + ".old")
    old.rename(aside)
    try:
        new.rename(old)
    except BaseException:
        aside.rename(old)
        raise


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


def replace_each(new: Path, folder: Path, names: list[str], *, stale: set[str]) -> None:
    """Replace files one by one and remove stale ones; if one resists, put back all of them."""
    backups = new.with_name(new.name + ".old")
    backups.mkdir()
    old = [name for name in (*names, *stale) if (folder / name).exists()]
    for name in old:
        link_or_copy(str(folder / name), str(backups / name))
    try:
        for name in names:
            (new / name).replace(folder / name)
        for name in stale:
            (folder / name).unlink(missing_ok=True)
    except BaseException:
        for name in names:
            (folder / name).unlink(missing_ok=True)
        for name in old:
            link_or_copy(str(backups / name), str(folder / name))
        raise


def current_umask() -> int:
    """The permissions that new files do not get."""
    mask = os.umask(0)
    os.umask(mask)
    return mask
