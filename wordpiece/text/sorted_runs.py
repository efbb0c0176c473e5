"""Sort more than memory holds: sorted runs in files without names, merged when they are read."""

from __future__ import annotations

import marshal
import tempfile
from collections.abc import Iterable, Iterator
from heapq import merge
from itertools import chain, islice
from operator import itemgetter
from sys import getsizeof
from typing import IO, Any

from wordpiece.errors import OutputError

#: What a tuple of three and two ints in it take beside a string, in bytes.
ROW_BYTES = 180
#: Rows that are written and read together.
ROWS_AT_ONCE = 1000
#: No more files are open at once.
MOST_RUNS = 64
#: How many rows pass between two looks at how much memory they take.
LOOK_EVERY = 1000

Row = tuple[Any, ...]


class SortedRuns:
    """Rows, each of them a str and some ints, that come back sorted; for a `with` statement.

    >>> with SortedRuns(memory=1) as rows:
    ...     rows.extend([("b", 1), ("a", 2)])
    ...     list(rows)
    [('a', 2), ('b', 1)]

    About `memory` bytes are held. The files have no names, so none is left if the process is
    killed. Raises `OutputError` when the disk is full.
    """

    def __init__(self, memory: int) -> None:
        self._memory = memory
        self._rows: list[Row] = []
        self._held = 0
        self._levels: list[list[IO[bytes]]] = [[]]  # each run is of many of the level before

    def __enter__(self) -> SortedRuns:
        return self

    def __exit__(self, *_: object) -> None:
        for run in chain.from_iterable(self._levels):
            run.close()
        self._rows = []

    def extend(self, rows: Iterable[Row]) -> None:
        """Add some rows."""
        remaining = iter(rows)
        while some := list(islice(remaining, LOOK_EVERY)):
            self._rows += some
            self._held += sum(getsizeof(cell) for row in some for cell in row if type(cell) is str)
            self._held += ROW_BYTES * len(some)
            if self._held > self._memory:
                self._spill()

    def write(self, rows: Iterable[Row]) -> None:
        """Add some rows that are not to be held in memory."""
        self._add_run(sorted(rows))

    def __iter__(self) -> Iterator[Row]:
        self._rows.sort()
        return merge(*map(read_run, chain.from_iterable(self._levels)), self._rows)

    def _spill(self) -> None:
        """Write what is held to a file."""
        self._rows.sort()
        self._add_run(self._rows)
        self._rows, self._held = [], 0

    def _add_run(self, rows: Iterable[Row], level: int = 0) -> None:
        """Write a run; many runs of a level become one of the next, so that few are open."""
        if level == len(self._levels):
            self._levels.append([])
        runs = self._levels[level]
        runs.append(written(rows))
        if len(runs) >= MOST_RUNS:
            self._levels[level] = []
            self._add_run(merge(*map(read_run, runs)), level + 1)
            for run in runs:
                run.close()


def written(rows: Iterable[Row]) -> IO[bytes]:
    """A file without a name that holds rows."""
    try:
        file = tempfile.TemporaryFile()  # noqa: SIM115 - whoever asked for it closes it
        remaining = iter(rows)
        while some := list(islice(remaining, ROWS_AT_ONCE)):
            marshal.dump(some, file)
        file.flush()
    except OSError as error:
        raise OutputError(
            f"{tempfile.gettempdir()}: cannot hold what memory does not: {error.strerror}: make "
            "room there, point TMPDIR elsewhere, or raise --memory"
        ) from None
    return file


def read_run(file: IO[bytes]) -> Iterator[Row]:
    """The rows of a file."""
    file.seek(0)
    while True:
        try:
            yield from marshal.load(file)
        except EOFError:
            return


def summed(rows: Iterable[Row]) -> Iterator[Row]:
    """Of sorted rows (word, position, count), one a word: the first position, the sum of counts.

    >>> list(summed([("a", 1, 10), ("a", 7, 5), ("b", 2, 1)]))
    [('a', 1, 15), ('b', 2, 1)]
    """
    word, position, total = None, 0, 0
    for next_word, next_position, count in rows:
        if next_word != word:
            if word is not None:
                yield word, position, total
            word, position, total = next_word, next_position, 0
        total += count
    if word is not None:
        yield word, position, total


def by_position(rows: Iterable[Row], *, memory: int) -> Iterator[tuple[str, int]]:
    """Of rows (word, position, count) each word's sum, in the order of their first positions."""
    with SortedRuns(memory) as ordered:
        ordered.extend((position, word, count) for word, position, count in summed(rows))
        yield from map(itemgetter(1, 2), ordered)


def by_count(rows: Iterable[Row], *, memory: int) -> Iterator[tuple[str, int]]:
    """Of rows (word, position, count) each word's sum, the highest first, then by word."""
    with SortedRuns(memory) as ordered:
        ordered.extend((-count, word) for word, _, count in summed(rows))
        yield from ((word, -count) for count, word in ordered)
