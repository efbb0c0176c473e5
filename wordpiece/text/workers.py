"""Worker processes that count words.

Of a long plain file each reads a stretch of its own; batches of what can only be read from its
beginning are sent to them. Counts come back, and what was passed over.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from wordpiece.processes import Workers
from wordpiece.text.readers import Block
from wordpiece.text.reading import Faults, Reading
from wordpiece.text.rules import TextRules
from wordpiece.text.sources import Batch, Source

if TYPE_CHECKING:  # most files are too small for workers
    from concurrent.futures import Future

MODULE = "wordpiece.text.count_worker"
#: How often the progress of a stretch is asked for.
REPORT_SECONDS = 0.1


class Step(NamedTuple):
    """Words counted since the last step, and how many bytes of the file have been read."""

    counts: dict[str, int]
    bytes_read: int


def counting_workers(number: int, rules: TextRules, reading: Reading) -> Workers:
    """Processes that count, for a `with` statement."""
    return Workers(number, MODULE, (tuple(rules), tuple(reading)))


def count_batches(pool: Workers, source: Source, *, faults: Faults) -> Iterator[Step]:
    """The word counts of each batch of a file, in the order of the batches.

    Raises `InputError` for the first batch that is not as it must be.
    """
    requests = (request_for(batch, source) for batch in source.batches(faults, large=True))
    for answer in pool.in_order(requests):
        yield Step(counts_of(answer, faults), source.file.bytes_read)


def request_for(batch: Batch, source: Source) -> tuple[Any, ...]:
    """What a worker is sent: what to count, and what it is."""
    plain = tuple(batch) if isinstance(batch, Block) else batch
    return source.name, source.kind, plain


def counts_of(answer: Any, faults: Faults) -> dict[str, int]:
    """The counts in a worker's answer; what it passed over is added to the faults."""
    counts: dict[str, int]
    counts, skipped, first = answer
    faults.add_counted(skipped, first)
    return counts


def count_ranges(
    pool: Workers, source: Source, *, ranges: Sequence[tuple[int, int]], faults: Faults
) -> Iterator[Step]:
    """The word counts of stretches of a plain file, in their order; each process reads its own.

    Meanwhile the file is read once more here, for the record of it.
    """
    from concurrent.futures import wait

    record = pool.threads.submit(source.file.read_through, lambda: pool.stopped)
    done = [0] * len(ranges)
    pending: deque[Future[Any]] = deque()
    waiting = deque(enumerate(ranges))
    while waiting or pending:
        while waiting and len(pending) <= pool.number:  # and no more, for the counts take room
            at, each = waiting.popleft()
            report = partial(done.__setitem__, at)
            pending.append(pool.threads.submit(count_range, pool, source.name, each, report))
        future = pending.popleft()
        while not wait([future], timeout=REPORT_SECONDS).done:
            yield Step({}, sum(done))
        yield Step(counts_of(future.result(), faults), sum(done))
    record.result()


def count_range(
    pool: Workers, name: str, stretch: tuple[int, int], report: Callable[[int], None]
) -> Any:
    """The answer for one stretch; `report` is told how many of its bytes have been read."""
    return pool.ask((name, "text", stretch), report)
