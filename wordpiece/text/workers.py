"""Worker processes that count words.

They are plain interpreters started with `-m`, not forks and not `multiprocessing`: nothing of the
caller's program is imported again, no thread is forked, and a script needs no `if __name__ ==
"__main__"`. Blocks of bytes go in and counts come out over pipes.
"""

from __future__ import annotations

import marshal
import os
import subprocess
import sys
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue
from types import TracebackType
from typing import IO, Any

from wordpiece.errors import InputError, WordpieceError
from wordpiece.text.readers import Block, DecodingErrors
from wordpiece.text.rules import TextRules

MODULE = "wordpiece.text.count_worker"
LENGTH_BYTES = 8


def default_workers() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class CountingWorkers:
    """A few processes that count blocks of text; use it in a `with` statement."""

    def __init__(self, workers: int, rules: TextRules, errors: DecodingErrors) -> None:
        self._settings = (*rules, errors)
        self._workers = workers
        self._processes: list[subprocess.Popen[bytes]] = []
        self._idle: SimpleQueue[subprocess.Popen[bytes]] = SimpleQueue()
        self._threads = ThreadPoolExecutor(workers)

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

    def count(self, name: str, blocks: Iterable[Block]) -> Iterator[dict[str, int]]:
        """The word counts of each block, in the order of the blocks.

        Raises `InputError` for the first block that is not UTF-8. No more blocks are held than keep
        the workers busy.
        """
        pending: deque[Future[dict[str, int]]] = deque()
        for block in blocks:
            pending.append(self._threads.submit(self._count_block, name, block))
            if len(pending) > self._workers:
                yield pending.popleft().result()
        while pending:
            yield pending.popleft().result()

    def _count_block(self, name: str, block: Block) -> dict[str, int]:
        process = self._idle.get()
        try:
            send(pipe(process.stdin), (name, block.data, block.offset))
            answer = receive(pipe(process.stdout))
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
