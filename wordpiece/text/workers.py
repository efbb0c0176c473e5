"""Worker processes that count words.

Of a long plain file each reads a stretch of its own; blocks of what can only be read from its
beginning are sent to them. Counts come back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import wait
from functools import partial
from typing import NamedTuple

from wordpiece.processes import Workers
from wordpiece.text.readers import DecodingErrors, TextFile
from wordpiece.text.rules import TextRules

MODULE = "wordpiece.text.count_worker"
#: How often the progress of a stretch is asked for.
REPORT_SECONDS = 0.1


class Step(NamedTuple):
    """Words counted since the last step, and how many bytes of the file have been read."""

    counts: dict[str, int]
    bytes_read: int


def counting_workers(number: int, rules: TextRules, errors: DecodingErrors) -> Workers:
    """Processes that count, for a `with` statement."""
    return Workers(number, MODULE, (*rules, errors))


def count_blocks(pool: Workers, file: TextFile) -> Iterator[Step]:
    """The word counts of each block of a file, in the order of the blocks.

    Raises `InputError` for the first block that is not UTF-8.
    """
    requests = ((file.name, block.data, block.offset) for block in file.blocks())
    for counts in pool.in_order(requests):
        yield Step(counts, file.bytes_read)


def count_ranges(
    pool: Workers, file: TextFile, *, ranges: Sequence[tuple[int, int]]
) -> Iterator[Step]:
    """The word counts of stretches of a plain file, in their order; each process reads its own.

    Meanwhile the file is read once more here, for the record of it.
    """
    record = pool.threads.submit(file.read_through)
    done = [0] * len(ranges)
    pending = [
        pool.threads.submit(count_range, pool, file.name, each, partial(done.__setitem__, at))
        for at, each in enumerate(ranges)
    ]
    for future in pending:
        while not wait([future], timeout=REPORT_SECONDS).done:
            yield Step({}, sum(done))
        yield Step(future.result(), sum(done))
    record.result()


def count_range(
    pool: Workers, name: str, stretch: tuple[int, int], report: Callable[[int], None]
) -> dict[str, int]:
    """The word counts of one stretch; `report` is told how many of its bytes have been read."""
    counts: dict[str, int] = pool.ask((name, *stretch), report)
    return counts
