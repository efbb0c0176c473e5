"""Count the words of files, in this process or in several."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from typing import get_args

from wordpiece.errors import OptionError
from wordpiece.text.counts import WordCounter
from wordpiece.text.readers import CorpusFile, DecodingErrors, TextFile
from wordpiece.text.workers import CountingWorkers, default_workers
from wordpiece.types import Progress, ProgressListener

#: Less text than this is counted before a worker has started.
WORTH_WORKERS = 1 << 23


def count_files(
    names: Sequence[str],
    counter: WordCounter,
    *,
    errors: DecodingErrors = "strict",
    workers: int | None = None,
    progress: ProgressListener | None = None,
) -> list[CorpusFile]:
    """Count the words of files one after the other; return what was read.

    The blocks of a file may be counted by worker processes; their counts are added in the order of
    the blocks, so the result is the same for any number of workers. Raises `InputError` for a file
    that cannot be read.
    """
    workers = default_workers() if workers is None else workers
    if type(workers) is not int or workers < 1:
        raise OptionError(f"--workers {workers}: must be a whole number of at least 1")
    if errors not in get_args(DecodingErrors):
        raise OptionError(f"--errors {errors!r}: must be strict or replace")
    files = [TextFile(name, cut_long_lines=counter.rules.lines_may_be_cut) for name in names]
    sizes = [file.size for file in files]
    total = None if None in sizes else sum(size or 0 for size in sizes)
    alone = workers == 1 or (total is not None and total < WORTH_WORKERS)
    with ExitStack() as stack:
        pool = (
            None if alone else stack.enter_context(CountingWorkers(workers, counter.rules, errors))
        )
        done = 0
        for file in files:
            steps = (
                count_here(file, counter, errors) if pool is None else count_in(pool, file, counter)
            )
            report(steps, file, done, total, progress)
            done += file.bytes_read
    return [file.record() for file in files]


def count_here(file: TextFile, counter: WordCounter, errors: DecodingErrors) -> Iterator[None]:
    """Count a file in this process, yielding after each block."""
    for block in file.blocks():
        counter.add_lines(block.text(file.name, errors))
        yield


def count_in(pool: CountingWorkers, file: TextFile, counter: WordCounter) -> Iterator[None]:
    """Have a file counted by workers, yielding after each block."""
    for counts in pool.count(file.name, file.blocks()):
        counter.add_counts(counts)
        yield


def report(
    steps: Iterable[None],
    file: TextFile,
    done: int,
    total: int | None,
    progress: ProgressListener | None,
) -> None:
    """Go through the steps of a file, saying how far it is."""
    for _ in steps:
        if progress:
            progress(Progress("reading", done + file.bytes_read, total, "bytes"))
