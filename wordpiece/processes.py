"""Worker processes, and how to talk to them.

They are plain interpreters started with `-m`, not forks and not `multiprocessing`: nothing of the
caller's program is imported again, no thread is forked, and a script needs no `if __name__ ==
"__main__"`. Messages go over pipes, as `marshal` writes them.
"""

from __future__ import annotations

import marshal
import os
import signal
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from queue import SimpleQueue
from threading import Lock
from types import TracebackType
from typing import IO, TYPE_CHECKING, Any, NamedTuple, TypeVar

from wordpiece import errors
from wordpiece.errors import OptionError, WordpieceError

if TYPE_CHECKING:  # neither is of use to a worker, or to who needs none
    import subprocess
    from concurrent.futures import Future

LENGTH_BYTES = 8
#: What a pipe is to hold, if the system lets it: most messages whole.
PIPE_BYTES = 1 << 20

Request = TypeVar("Request")
Value = TypeVar("Value")


def default_workers() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def checked_workers(workers: int | None) -> int:
    """The number of processes that was asked for, or one for each processor."""
    workers = default_workers() if workers is None else workers
    if type(workers) is not int or workers < 1:
        raise OptionError(f"--workers {workers}: must be a whole number of at least 1")
    return workers


class Turns(NamedTuple):
    """Who may send to a process, and who may receive from it: answers come in the order sent."""

    sending: Lock
    receiving: Lock


class Workers:
    """A few processes that run a module each and answer requests; use it in a `with` statement.

    The first message that a process gets is `settings`. It may send ints, which say how far it is,
    before its answer; an answer that is a str is the class of an error and what it says.

    Each process may hold so many requests at a time: more than one, so that the next is there when
    an answer is done.
    """

    def __init__(
        self, number: int, module: str, settings: tuple[object, ...], *, held: int = 1
    ) -> None:
        from concurrent.futures import ThreadPoolExecutor

        self.number = number
        self.stopped = False  # for threads that are at other work
        self._module, self._settings, self._held = module, settings, held
        self._processes: list[subprocess.Popen[bytes]] = []
        self._turns: dict[subprocess.Popen[bytes], Turns] = {}
        self._idle: SimpleQueue[subprocess.Popen[bytes]] = SimpleQueue()
        self.threads = ThreadPoolExecutor(number * held + 1)  # one is for whoever works beside them

    def __enter__(self) -> Workers:
        import subprocess

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
                self._turns[process] = Turns(Lock(), Lock())
                widen(pipe(process.stdin))
                widen(pipe(process.stdout))
            for process in self._processes * self._held:
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
        self.stopped = True
        for process in self._processes:
            process.kill()
        for process in [*self._processes * self._held, *self._processes[:1]]:
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

    def shared(
        self,
        requests: Iterable[Request],
        *,
        here: Callable[[Request], Value],
        there: Callable[[Any], Value],
    ) -> Iterator[Value]:
        """What becomes of requests, in their order, with this process working too.

        It is `there` of an answer, or `here` of a request that comes when all processes have enough
        to do.
        """
        pending: deque[tuple[Future[Any], Callable[[Any], Value] | None]] = deque()
        for request in requests:
            if self._idle.empty():
                pending.append((done(here, request), None))
            else:
                pending.append((self.threads.submit(self.ask, request), there))
            while pending and pending[0][0].done():
                yield result(*pending.popleft())
        while pending:
            yield result(*pending.popleft())

    def ask(self, request: object, report: Callable[[int], None] = lambda _: None) -> Any:
        """Have one process answer a request. Raises the error that it raises."""
        process = self._idle.get()
        turns = self._turns[process]
        with turns.sending:
            self._talk(process, request)
            turns.receiving.acquire()  # before anybody sends the next request
        try:
            while isinstance(answer := receive(pipe(process.stdout)), int):
                report(answer)
        except (OSError, EOFError, ValueError, TypeError):
            raise ended_early() from None
        finally:
            turns.receiving.release()
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


def done(work: Callable[[Request], Value], request: Request) -> Future[Value]:
    """What becomes of a request, or the error that it raises, as if it had been waited for."""
    from concurrent.futures import Future

    future: Future[Value] = Future()
    try:
        future.set_result(work(request))
    except WordpieceError as error:
        future.set_exception(error)
    return future


def result(future: Future[Any], read: Callable[[Any], Any] | None) -> Any:
    """The result, or what is read from it."""
    return future.result() if read is None else read(future.result())


def widen(file: IO[bytes]) -> None:
    """Let a pipe hold more, so that whoever writes need not wait for the reader; Linux can."""
    with suppress(ImportError, AttributeError, OSError):
        import fcntl

        fcntl.fcntl(file, fcntl.F_SETPIPE_SZ, PIPE_BYTES)


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
