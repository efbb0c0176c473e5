"""Count the words of files, in this process or in several."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from typing import NamedTuple

from wordpiece.processes import Workers, checked_workers
from wordpiece.text.counts import WordCounter
from wordpiece.text.reading import Faults, Reading
from wordpiece.text.sources import Source, add_words, sources_of
from wordpiece.text.streams import CorpusFile
from wordpiece.text.workers import Step, count_batches, count_ranges, counting_workers
from wordpiece.types import Progress, ProgressListener

#: Less text than this is counted before a worker has started.
WORTH_WORKERS = 1 << 23
#: Of a long file, a worker counts no more than so many bytes at a time, so that what it holds does
#: not grow with the file.
LONGEST_RANGE = 5_000_000
#: The same where memory is limited: the counts of a text that never repeats take many times the
#: room of the text.
SHORTEST_RANGE = 1_000_000
RANGE_PART = 64


class Files(NamedTuple):
    """The files that were read, how many of their records were passed over, and the first."""

    files: tuple[CorpusFile, ...] = ()
    skipped: int = 0
    first_skipped: str = ""


def count_files(
    names: Sequence[str],
    counter: WordCounter,
    *,
    reading: Reading | None = None,
    outputs: Iterable[str] = (),
    workers: int | None = None,
    memory: int | None = None,
    progress: ProgressListener | None = None,
) -> Files:
    """Count the words of files (folders, patterns) one after the other; return what was read.

    `outputs` are not read: see `expanded`.

    The batches of a file may be counted by worker processes; their counts are added in the order of
    the batches, so the result is the same for any number of workers. With `memory`, the workers
    together hold about so many bytes. Raises `InputError` for a file that cannot be read,
    `OptionError` for a way of reading that is none.
    """
    workers = checked_workers(workers)
    reading = reading or Reading()
    cut_long_lines = counter.rules.lines_may_be_cut
    sources = sources_of(names, reading, outputs=outputs, cut_long_lines=cut_long_lines)
    sizes = [source.file.size for source in sources]
    total = None if None in sizes else sum(size or 0 for size in sizes)
    alone = workers == 1 or (total is not None and total < WORTH_WORKERS)
    longest = range_bytes(memory, workers)
    faults = Faults(reading.on_error)
    with ExitStack() as stack:
        pool = None
        if not alone:
            pool = stack.enter_context(counting_workers(workers, counter.rules, reading))
        done = 0
        for source in sources:
            steps = (
                count_here(source, counter, faults)
                if pool is None
                else count_in(pool, source, faults, longest)
            )
            for step in steps:
                if step.counts:
                    counter.add_counts(step.counts)
                report(progress, done + step.bytes_read, total)
            done += source.file.bytes_read
    return Files(tuple(source.file.record() for source in sources), faults.number, faults.first)


def count_here(source: Source, counter: WordCounter, faults: Faults) -> Iterator[Step]:
    """Count a file in this process."""
    for batch in source.batches(faults):
        add_words(batch, source.name, source.kind, source.reading, counter=counter, faults=faults)
        yield Step({}, source.file.bytes_read)


def range_bytes(memory: int | None, workers: int) -> int:
    """How much of a long file a worker counts at a time."""
    if memory is None:
        return LONGEST_RANGE
    return min(max(memory // workers // RANGE_PART, SHORTEST_RANGE), LONGEST_RANGE)


def count_in(pool: Workers, source: Source, faults: Faults, longest: int) -> Iterator[Step]:
    """Have a file counted by workers, in stretches where it is long and plain."""
    size = source.file.size or 0
    rounds = max(1, -(-size // (longest * pool.number)))  # as many stretches for each worker
    long = size >= WORTH_WORKERS and source.kind == "text"
    ranges = source.file.ranges(rounds * pool.number) if long else []
    if ranges:
        return count_ranges(pool, source, ranges=ranges, faults=faults)
    return count_batches(pool, source, faults=faults)


def report(progress: ProgressListener | None, done: int, total: int | None) -> None:
    """Say how far the reading is."""
    if progress:
        progress(Progress("reading", done, total, "bytes"))
