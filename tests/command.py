"""Runs the command for the tests, in this process and in others that are killed on their way."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from wordpiece.cli import main as entry
from wordpiece.formats import atomic

REPOSITORY = Path(__file__).parent.parent
#: The command in a process of its own.
WP = [sys.executable, "-m", "wordpiece"]


def environment(**more: str) -> dict[str, str]:
    """The environment of a process that imports this package, wherever it stands."""
    return {**os.environ, "PYTHONPATH": str(REPOSITORY), **more}


def contents(folder: Path) -> dict[str, bytes]:
    """The files of a folder."""
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def remains(folder: Path | None = None) -> list[str]:
    """What was left half-written in a folder, or in the current one."""
    names = [path.name for path in (folder or Path()).iterdir()]
    return [name for name in names if name.startswith(atomic.PREFIX)]


class Wp:
    """Runs `wp` in this process and keeps what it printed."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, *arguments: str, code: int = 0) -> str:
        """Standard output, after the exit code was as expected."""
        assert self.run(*arguments) == code, self.err
        return self.out

    def run(self, *arguments: str) -> int:
        """The exit code."""
        with pytest.raises(SystemExit) as end:
            entry.main(arguments)
        self.out, self.err = self._capsys.readouterr()
        return int(end.value.code or 0)


def notes_of(interrupted: Callable[[], object]) -> list[str]:
    """What is noted on the interruption with which something ends."""
    with pytest.raises(KeyboardInterrupt) as caught:
        interrupted()
    return getattr(caught.value, "__notes__", [])


def killed_until_done(
    program: str,
    rng: random.Random,
    *,
    longest: float,
    times: int,
    done: Callable[[], bool] = lambda: False,
) -> bool:
    """Run Python code again and again, each time killed after 0.1 s and up to `longest` s more.

    Until it comes to its end first, or `done` says that it did all but that: then it is True. It
    is killed once at least.
    """
    killed = 0
    for _ in range(times):
        process = subprocess.Popen([sys.executable, "-c", program])
        time.sleep(0.1 + rng.random() * longest)
        process.kill()
        code = process.wait()
        assert code in (0, -signal.SIGKILL), f"it ended by itself, with exit code {code}"
        killed += code != 0
        if code == 0 or done():
            assert killed, "it was done before it was killed once"
            return True
    return False
