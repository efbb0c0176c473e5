"""The garbage collector, held back where much is made and nothing of it is garbage."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collector_paused() -> Iterator[None]:
    """Hold the garbage collector back while many lists or tuples are made that are kept.

    It would look through all of them again and again: a third of the time of encoding, a fifth of
    that of training. What was made is handed to its oldest generation (freezing and unfreezing
    does that), where it would come to lie anyway, or it would look through all of it at the end.
    """
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        if not gc.get_freeze_count():  # or what somebody froze would be thawed
            gc.freeze()
            gc.unfreeze()
        gc.enable()
