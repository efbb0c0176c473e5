"""Keys as they are pressed, without waiting for the end of a line, and without showing them."""

from __future__ import annotations

import os
import select
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

ESCAPE = "\x1b"
#: How long the rest of an arrow key may be on its way, in seconds.
PATIENCE = 0.1


@contextmanager
def pressed_keys() -> Iterator[Callable[[], str]]:
    """A function that waits for a key: a character, or the whole sequence of an arrow key.

    The terminal is set once for all keys, so none is lost between two of them, and set back at the
    end.
    """
    if sys.platform == "win32":
        from click import getchar

        yield getchar
        return
    import termios
    import tty

    terminal = sys.stdin.fileno()
    before = termios.tcgetattr(terminal)
    tty.setcbreak(terminal)
    try:
        yield lambda: read_key(terminal)
    finally:
        termios.tcsetattr(terminal, termios.TCSADRAIN, before)


def read_key(terminal: int) -> str:
    """One key from a terminal; "" at its end."""
    key = os.read(terminal, 1).decode("latin-1")
    while key.startswith(ESCAPE) and not ends_sequence(key):
        if not select.select([terminal], [], [], PATIENCE)[0]:
            break
        key += os.read(terminal, 1).decode("latin-1")
    return key


def ends_sequence(key: str) -> bool:
    r"""Whether what began with an escape is a whole key.

    >>> ends_sequence("\x1b["), ends_sequence("\x1b[C"), ends_sequence("\x1b[1;5C")
    (False, True, True)
    """
    return len(key) > 2 and (key[-1].isalpha() or key[-1] == "~")
