"""What is printed without rich, which takes as long to load as all else here.

Where a terminal reads it, it is left to `render`.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TextIO

from wordpiece.text.visible import visible
from wordpiece.types import ProgressListener

#: Variables that let rich take a pipe or a file for a terminal.
FORCING = ("FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE")


def is_terminal(stream: TextIO) -> bool:
    """Whether rich takes a stream for a terminal, or may."""
    return stream.isatty() or any(map(os.environ.get, FORCING))


def print_json(document: object) -> None:
    """One JSON document on stdout; escapes where stdout cannot take every character."""
    ascii_only = (sys.stdout.encoding or "").lower().replace("-", "") != "utf8"
    sys.stdout.write(json.dumps(document, ensure_ascii=ascii_only) + "\n")


def print_warnings(warnings: Sequence[str]) -> None:
    """Warnings on stderr, a line each; a terminal gets them wrapped between words."""
    if warnings and is_terminal(sys.stderr):
        from wordpiece.cli import render

        render.print_warnings(warnings)
        return
    with suppress(OSError):  # a disk is full, or nobody reads it
        sys.stderr.writelines(f"warning: {visible(warning)}\n" for warning in warnings)


@contextmanager
def progress(*, quiet: bool) -> Iterator[ProgressListener | None]:
    """A listener that draws a bar a phase on stderr; None when nobody would see it."""
    if quiet or not sys.stderr.isatty():
        yield None
        return
    from wordpiece.cli import render

    with render.progress() as listener:
        yield listener
