"""Worker processes that count words.

They are plain interpreters started with `-m`, not forks and not `multiprocessing`: nothing of the
caller's program is imported again, no thread is forked, and a script needs no `if __name__ ==
"__main__"`. Of a plain file each reads a stretch of its own; blocks of what can only be read from
its beginning go in over pipes. Counts come out over pipes.
"""

from __future__ import annotations

import marshal
import os
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from types import TracebackType
from typing import IO, Any, NamedTuple

from wordpiece.errors import InputError, WordpieceError
from wordpiece.text.readers import Block, DecodingErrors, TextFile
from wordpiece.text.rules import TextRules

MODULE = "wordpiece.text.count_worker"
LENGTH_BYTES = 8
#: How often the progress of a stretch is asked for.
REPORT_SECONDS = 0.1


def default_workers() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Step(NamedTuple):
    """Words counted since the last step, and how many bytes of the file have been read."""

    counts: dict[str, int]
    bytes_read: int


class CountingWorkers:
    """A few processes that count blocks of text; use it in a `with` statement."""

    def __init__(self, workers: int, rules: TextRules, errors: DecodingErrors) -> None:
        self._settings = (*rules, errors)
        self._workers = workers
        self._processes: list[subprocess.Popen[bytes]] = []
        self._idle: SimpleQueue[subprocess.Popen[bytes]] = SimpleQueue()
        self._threads = ThreadPoolExecutor(workers + 1)  # one is for whoever reads beside them

    def __enter__(self) -> CountingWorkers:
        package = str(Path(__file__).parents[2])
        path = os.pathsep.join([package, *filter(None, [os.environ.get("PYTHONPATH")])])
        for _ in range(self._workers):
            process = subprocess.Popen(
                [sys.executable, "-m", MODULE],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env={**os.environ, "PYTHONPATH": path},
            )
            send(pipe(process.stdin), self._settings)
            self._processes.append(process)
            self._idle.put(process)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for process in self._processes:
            process.kill()
        self._threads.shutdown(cancel_futures=True)
        for process in self._processes:
            process.communicate()

    def count(self, file: TextFile) -> Iterator[Step]:
        """The word counts of each block of a file, in the order of the blocks.

        Raises `InputError` for the first block that is not UTF-8. No more blocks are held than keep
        the workers busy.
        """
        pending: deque[Future[dict[str, int]]] = deque()
        for block in file.blocks():
            pending.append(self._threads.submit(self._count_block, file.name, block))
            if len(pending) > self._workers:
                yield Step(pending.popleft().result(), file.bytes_read)
        while pending:
            yield Step(pending.popleft().result(), file.bytes_read)

    def count_ranges(self, file: TextFile, *, ranges: Sequence[tuple[int, int]]) -> Iterator[Step]:
        """The word counts of stretches of a plain file, in their order; each reads its own.

        Meanwhile the file is read once more here, for the record of it.
        """
        record = self._threads.submit(file.read_through)
        done = [0] * len(ranges)
        pending = [
            self._threads.submit(self._count_range, file.name, *each, partial(done.__setitem__, at))
            for at, each in enumerate(ranges)
        ]
        for future in pending:
            while not wait([future], timeout=REPORT_SECONDS).done:
                yield Step({}, sum(done))
            yield Step(future.result(), sum(done))
        record.result()

    def _count_block(self, name: str, block: Block) -> dict[str, int]:
        return self._ask((name, block.data, block.offset), lambda _: None)

    def _count_range(
        self, name: str, start: int, end: int, report: Callable[[int], None]
    ) -> dict[str, int]:
        return self._ask((name, start, end), report)

    def _ask(self, request: tuple[object, ...], report: Callable[[int], None]) -> dict[str, int]:
        """Have one process count; before it answers it may say how many bytes it has read."""
        process = self._idle.get()
        try:
            send(pipe(process.stdin), request)
            while isinstance(answer := receive(pipe(process.stdout)), int):
                report(answer)
        except (OSError, EOFError, ValueError, TypeError):
            raise WordpieceError(
                "a counting process ended early, perhaps for want of memory: try --workers 1"
            ) from None
        self._idle.put(process)
        if isinstance(answer, str):
            raise InputError(answer)
        counts: dict[str, int] = answer
        return counts


def pipe(file: IO[bytes] | None) -> IO[bytes]:
    """A pipe that was asked for, and so is there."""
    assert file is not None
    return file


def send(file: IO[bytes], message: Any) -> None:
    """Write a message, its length before it, and let it go."""
    data = marshal.dumps(message)
    file.write(len(data).to_bytes(LENGTH_BYTES, "little"))
    file.write(data)
    file.flush()


def receive(file: IO[bytes]) -> Any:
    """Read a message. Raises `EOFError` when there is none, or half of one.

    All of it is read at once: `marshal.load` would ask the file for a few bytes at a time.
    """
    length = int.from_bytes(file.read(LENGTH_BYTES), "little")
    data = file.read(length)
    if not length or len(data) < length:
        raise EOFError
    return marshal.loads(data)
