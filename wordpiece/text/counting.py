"""Count the words of files, in this process or in several."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from typing import get_args

from wordpiece.errors import OptionError
from wordpiece.processes import Workers, checked_workers
from wordpiece.text.counts import WordCounter
from wordpiece.text.readers import CorpusFile, DecodingErrors, TextFile
from wordpiece.text.workers import Step, count_blocks, count_ranges, counting_workers
from wordpiece.types import Progress, ProgressListener

#: Less text than this is counted before a worker has started.
WORTH_WORKERS = 1 << 23
#: Of a long file, a worker counts no more than so many bytes at a time, so that what it holds does
#: not grow with the file.
LONGEST_RANGE = 50_000_000


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
    workers = checked_workers(workers)
    if errors not in get_args(DecodingErrors):
        raise OptionError(f"--errors {errors!r}: must be strict or replace")
    files = [TextFile(name, cut_long_lines=counter.rules.lines_may_be_cut) for name in names]
    sizes = [file.size for file in files]
    total = None if None in sizes else sum(size or 0 for size in sizes)
    alone = workers == 1 or (total is not None and total < WORTH_WORKERS)
    with ExitStack() as stack:
        pool = None
        if not alone:
            pool = stack.enter_context(counting_workers(workers, counter.rules, errors))
        done = 0
        for file in files:
            steps = count_here(file, errors, counter) if pool is None else count_in(pool, file)
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


def count_in(pool: Workers, file: TextFile) -> Iterator[Step]:
    """Have a file counted by workers, in stretches where it is long and plain."""
    size = file.size or 0
    number = max(pool.number, -(-size // LONGEST_RANGE))
    ranges = file.ranges(number) if size >= WORTH_WORKERS else []
    return count_ranges(pool, file, ranges=ranges) if ranges else count_blocks(pool, file)


def report(progress: ProgressListener | None, done: int, total: int | None) -> None:
    """Say how far the reading is."""
    if progress:
        progress(Progress("reading", done, total, "bytes"))
