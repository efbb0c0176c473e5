"""What all benchmarks share: sides run in turns, a process each; medians and ratios printed."""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple


class Run(NamedTuple):
    """One run of one side: seconds, the greatest sum of resident memory in MB, and what it said."""

    seconds: float
    megabytes: float
    said: str = ""


class Side(NamedTuple):
    """A command, and the environment variables that it needs."""

    command: Sequence[str]
    environment: Mapping[str, str] = {}


def in_turns(sides: Mapping[str, Side], runs: int) -> dict[str, list[Run]]:
    """Every side once, then every side again, so that a slow minute meets all of them."""
    found: dict[str, list[Run]] = {name: [] for name in sides}
    for _ in range(runs):
        for name, side in sides.items():
            found[name].append(measured(side))
    return found


def measured(side: Side) -> Run:
    """Run a command, with a thread that looks at the memory of its process tree every 20 ms.

    Compiled modules may be kept, as those of an installed package are.
    """
    environment = {**os.environ, **side.environment}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    peaks = [0.0]
    ended = threading.Event()
    started = time.perf_counter()
    with subprocess.Popen(
        side.command,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment,
        text=True,
    ) as process:

        def look() -> None:
            while not ended.wait(0.02):
                peaks.append(tree_megabytes(process.pid))

        looking = threading.Thread(target=look)
        looking.start()
        try:
            said, _ = process.communicate()
            seconds = time.perf_counter() - started
        finally:
            ended.set()
            looking.join()
    if process.returncode:
        sys.exit(f"failed: {' '.join(side.command)[:300]}")
    return Run(seconds, max(peaks), said.strip())


def tree_megabytes(root: int) -> float:
    """Resident memory of a process and all below it (Linux's /proc)."""
    pages = 0
    waiting = [root]
    while waiting:
        pid = waiting.pop()
        try:
            pages += int(Path(f"/proc/{pid}/statm").read_text().split()[1])
            children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        except (OSError, IndexError):
            continue
        waiting += map(int, children)
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def python(code: str, *arguments: object) -> list[str]:
    """The command for a few lines of Python."""
    return [sys.executable, "-c", code, *map(str, arguments)]


def machine() -> str:
    """Versions and processors, for the head of a table."""
    import tokenizers

    versions = f"Python {platform.python_version()}, tokenizers {tokenizers.__version__}"
    return f"{versions}, {os.cpu_count()} processors"


def print_table(title: str, runs: Mapping[str, Sequence[Run]], *, memory: bool = True) -> None:
    """Medians, and ratios against the first side."""
    print(f"{title}; {machine()}\n")
    print(f"| side | seconds (median) | min to max | times faster |{' peak memory, MB |' * memory}")
    print(f"|---|---|---|---|{'---|' * memory}")
    base = statistics.median(run.seconds for run in next(iter(runs.values())))
    for name, own in runs.items():
        seconds = [run.seconds for run in own]
        median = statistics.median(seconds)
        spread = f"{min(seconds):.3g} to {max(seconds):.3g}"
        megabytes = f" {statistics.median(run.megabytes for run in own):.0f} |" if memory else ""
        print(f"| {name} | {median:.3g} | {spread} | {base / median:.2f} |{megabytes}")
    print()


def write_json(path: str | Path | None, document: object) -> None:
    """Keep what was measured, if a file was named."""
    if path:
        Path(path).write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
