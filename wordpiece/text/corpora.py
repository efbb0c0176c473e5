"""Names on a command line to files: folders and patterns, in a stated order."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from wordpiece.errors import InputError, OptionError
from wordpiece.text.streams import STDIN, can_be_reopened, file_system, is_remote, trouble

PATTERN_SIGNS = "*?["


class CorpusName:
    """A name as it was given, for where a `Path` is asked for: `s3://a/b` must keep both slashes.

    >>> import os
    >>> os.fspath(CorpusName("s3://bucket/./a.txt"))
    's3://bucket/./a.txt'
    """

    def __init__(self, name: str) -> None:
        self.name = name

    def __fspath__(self) -> str:
        return self.name


def given_names(corpus: object) -> list[str]:
    """The names that a caller gave: one, or several. Raises `InputError` for anything else.

    >>> given_names("a.txt"), given_names([CorpusName("b.txt")])
    (['a.txt'], ['b.txt'])
    """
    if isinstance(corpus, str | os.PathLike):
        corpus = [corpus]
    if not isinstance(corpus, Iterable) or isinstance(corpus, bytes):
        raise InputError(f"a corpus must be a path or several, not {type(corpus).__name__}")
    names = [os.fspath(name) if isinstance(name, str | os.PathLike) else name for name in corpus]
    for name in names:
        if not isinstance(name, str):
            raise InputError(f"a path must be a str or a PathLike of it, not {name!r}")
    if not names:
        raise InputError("no corpus: name files, folders or patterns")
    return names


def expanded(names: Iterable[str], *, outputs: Iterable[str] = ()) -> list[str]:
    """The files that names, folders and patterns stand for, in their order.

    The files of a folder (with all below it) and those that match a pattern are sorted by their
    names' code points; what begins with a dot or an underscore is no part of a folder's text.
    Neither are `outputs`, files and folders that an earlier run may have written among the texts.
    Raises `InputError` for a folder or a pattern that holds nothing, and where nothing is left,
    `OptionError` for an output that is named as an input, and would be lost, and for a pipe that is
    named twice.

    >>> expanded(["corpora/*.txt"])[0]
    'corpora/course.txt'
    """
    places = [os.path.realpath(output) for output in outputs]
    found: list[str] = []
    pipes = set()
    passed_over, named = False, list(names)
    for name in named:
        for file in files_of(name):
            if file == name and is_read_once(file):
                if file in pipes:
                    raise OptionError(f"{file}: can be read only once: name it once")
                pipes.add(file)
            if not is_within(file, places):
                found.append(file)
            elif file != name:
                passed_over = True
            else:
                raise OptionError(f"{name}: would be written over: name another output")
    if passed_over and not found:
        raise InputError(f"{', '.join(named)}: holds no text, only what an earlier run wrote there")
    return found


def is_read_once(file: str) -> bool:
    """Whether a file is a pipe, or standard input."""
    with trouble(file):
        return not can_be_reopened(file)


def is_within(file: str, places: Sequence[str]) -> bool:
    """Whether a file is one of some files, or below one of some folders, links followed."""
    if not places or file == STDIN or is_remote(file):
        return False
    with trouble(file):
        real = os.path.realpath(file)
    return any(real == place or real.startswith(f"{place}{os.sep}") for place in places)


def files_of(name: str) -> Iterable[str]:
    """The files that one name stands for."""
    if name == STDIN:
        return [name]
    if not name:
        raise InputError("'': must name a file, a folder or a pattern")
    if is_remote(name):
        return remote_files(name)
    with trouble(name):
        if Path(name).is_dir():
            return folder_files(name)
        if any(sign in name for sign in PATTERN_SIGNS) and not os.path.lexists(name):
            found = sorted(filter(os.path.isfile, glob.iglob(name, recursive=True)))  # noqa: PTH207
            if not found:
                raise InputError(f"{name}: no file matches it")
            return found
    return [name]


def folder_files(folder: str) -> list[str]:
    """Every file in a folder and below."""
    found = sorted(str(path) for path in walked(Path(folder)))
    if not found:
        raise InputError(f"{folder}: the folder holds no file")
    return found


def walked(folder: Path) -> Iterator[Path]:
    """The files of a folder; links to folders are not followed, so that none is met twice."""
    for entry in folder.iterdir():
        if entry.name.startswith((".", "_")):
            continue
        if entry.is_dir():
            if not entry.is_symlink():
                yield from walked(entry)
        elif entry.is_file():
            yield entry


def remote_files(name: str) -> list[str]:
    """The files of an address, which may be a pattern or a folder."""
    system, path = file_system(name)
    with trouble(name):
        if any(sign in path for sign in PATTERN_SIGNS):
            found = sorted(system.glob(path))
        elif system.isdir(path):
            found = sorted(
                each
                for each in system.find(path)
                if not each.rsplit("/", 1)[-1].startswith((".", "_"))
            )
        else:
            return [name]
        addresses = [system.unstrip_protocol(each) for each in found]
    if not addresses:
        raise InputError(f"{name}: no file is there")
    return addresses
