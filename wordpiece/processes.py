"""Worker processes, and how to talk to them.

They are plain interpreters started with `-m`, not forks and not `multiprocessing`: nothing of the
caller's program is imported again, no thread is forked, and a script needs no `if __name__ ==
"__main__"`. Messages go over pipes, as `marshal` writes them.
"""

from __future__ import annotations

import marshal
import os
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue
from types import TracebackType
from typing import IO, Any

from wordpiece import errors
from wordpiece.errors import OptionError, WordpieceError

LENGTH_BYTES = 8


def default_workers() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def checked_workers(workers: int | None) -> int:
    """The number of processes that was asked for, or one for each processor."""
    workers = default_workers() if workers is None else workers
    if type(workers) is not int or workers < 1:
        raise OptionError(f"--workers {workers}: must be a whole number of at least 1")
    return workers


class Workers:
    """A few processes that run a module each and answer requests; use it in a `with` statement.

    The first message that a process gets is `settings`. It may send ints, which say how far it is,
    before its answer; an answer that is a str is the class of an error and what it says.
    """

    def __init__(self, number: int, module: str, settings: tuple[object, ...]) -> None:
        self.number = number
        self._module, self._settings = module, settings
        self._processes: list[subprocess.Popen[bytes]] = []
        self._idle: SimpleQueue[subprocess.Popen[bytes]] = SimpleQueue()
        self.threads = ThreadPoolExecutor(number + 1)  # one is for whoever works beside them

    def __enter__(self) -> Workers:
        package = str(Path(__file__).parents[1])
        path = os.pathsep.join([package, *filter(None, [os.environ.get("PYTHONPATH")])])
        # -P: not what lies in the folder that the caller happens to be in; a group of its own:
        # whoever started us decides what an interruption from the terminal means
        own = {"process_group": 0} if hasattr(os, "setpgid") else {}
        try:
            for _ in range(self.number):
                process = subprocess.Popen(
                    [sys.executable, "-P", "-m", self._module],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    env={**os.environ, "PYTHONPATH": path},
                    **own,  # type: ignore[call-overload]
                )
                self._processes.append(process)
                self._idle.put(process)
            for process in self._processes:
                self._talk(process, self._settings)
        except OSError as error:
            self._stop()
            raise WordpieceError(
                f"{self.number} worker processes cannot be started: {error.strerror or error}: try "
                "--workers 1"
            ) from None
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop()

    def _stop(self) -> None:
        """End the processes, whatever they are doing."""
        for process in self._processes:
            process.kill()
        for process in [*self._processes, *self._processes[:1]]:
            self._idle.put(process)  # no thread is to wait for an idle one: it finds a dead one
        self.threads.shutdown(cancel_futures=True)
        for process in self._processes:
            process.communicate()

    def in_order(self, requests: Iterable[object]) -> Iterator[Any]:
        """The answers to requests, in their order; no more are held than keep all busy."""
        pending: deque[Future[Any]] = deque()
        for request in requests:
            pending.append(self.threads.submit(self.ask, request))
            if len(pending) > self.number:
                yield pending.popleft().result()
        while pending:
            yield pending.popleft().result()

    def ask(self, request: object, report: Callable[[int], None] = lambda _: None) -> Any:
        """Have one process answer a request. Raises the error that it raises."""
        process = self._idle.get()
        self._talk(process, request)
        try:
            while isinstance(answer := receive(pipe(process.stdout)), int):
                report(answer)
        except (OSError, EOFError, ValueError, TypeError):
            raise ended_early() from None
        self._idle.put(process)
        if isinstance(answer, str):
            name, _, message = answer.partition(":")
            raise getattr(errors, name)(message)
        return answer

    def _talk(self, process: subprocess.Popen[bytes], message: object) -> None:
        try:
            send(pipe(process.stdin), message)
        except OSError:
            raise ended_early() from None


def ended_early() -> WordpieceError:
    """The error for a process that is there no more."""
    return WordpieceError(
        "a worker process ended early, perhaps for want of memory: try --workers 1"
    )


def serve(start: Callable[[Any], Callable[[Any], Any]]) -> None:
    """Answer requests from standard input until it ends: what a worker's module runs.

    `start` gets the settings and returns the function that answers.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever started us decides when to stop
    source, target = sys.stdin.buffer, sys.stdout.buffer
    try:
        settings = receive(source)
    except EOFError:  # whoever started us is gone already
        return
    answer = start(settings)
    while True:
        try:
            request = receive(source)
        except EOFError:
            return
        try:
            send(target, answer(request))
        except WordpieceError as error:
            send(target, f"{type(error).__name__}:{error}")


def tell(progress: int) -> None:
    """Say from within an answering function how far it is."""
    send(sys.stdout.buffer, progress)


def pipe(file: IO[bytes] | None) -> IO[bytes]:
    """A pipe that was asked for, and so is there."""
    assert file is not None
    return file


def send(file: IO[bytes], message: object) -> None:
    """Write a message, its length before it, and let it go."""
    data = marshal.dumps(message)  # type: ignore[arg-type]  # plain values, or it raises
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
