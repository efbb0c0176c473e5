"""Count the words of files, in this process or in several."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from typing import get_args

from wordpiece.errors import OptionError
from wordpiece.text.counts import WordCounter
from wordpiece.text.readers import CorpusFile, DecodingErrors, TextFile
from wordpiece.text.workers import CountingWorkers, Step, default_workers
from wordpiece.types import Progress, ProgressListener

#: Less text than this is counted before a worker has started.
WORTH_WORKERS = 1 << 23
#: Of a long file, a worker counts no more than so many bytes at a time.
LONGEST_RANGE = 1 << 27


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
            if pool is None:
                steps = count_here(file, errors, counter)
            else:
                steps = count_in(pool, file, workers)
            for step in steps:
                if step.counts:
                    counter.add_counts(step.counts)
                report(progress, done + step.bytes_read, total)
            done += file.bytes_read
    return [file.record() for file in files]


def count_here(file: TextFile, errors: DecodingErrors, counter: WordCounter) -> Iterator[Step]:
    """Count a file in this process."""
    for block in file.blocks():
        counter.add_lines(block.text(file.name, errors))
        yield Step({}, file.bytes_read)


def count_in(pool: CountingWorkers, file: TextFile, workers: int) -> Iterator[Step]:
    """Have a file counted by workers, in stretches where it is long and plain."""
    if (file.size or 0) < WORTH_WORKERS:
        return pool.count(file)
    number = max(workers, -(-(file.size or 0) // LONGEST_RANGE))
    ranges = file.ranges(number)
    return pool.count_ranges(file, ranges=ranges) if ranges else pool.count(file)


def report(progress: ProgressListener | None, done: int, total: int | None) -> None:
    """Say how far the reading is."""
    if progress:
        progress(Progress("reading", done, total, "bytes"))
