"""Where the pairs of a corpus occur, found by one process or by several.

Run as a program, it is what another process does of that.
"""

from __future__ import annotations

from array import array
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import accumulate, islice, pairwise, repeat
from operator import add, mul
from typing import Any

from wordpiece.processes import Workers, serve
from wordpiece.training.segments import NOTHING

MODULE = "wordpiece.training.occurrences"
#: So many symbols are worth another process, if there are as many different ones: the pairs of a
#: small alphabet are found faster than a process is started and what it says is read.
WORTH_A_PROCESS, LARGE_ALPHABET = 500_000, 1000
#: How many this process has looked at before another has started.
HEAD_START = 200_000
#: After so many, other threads have their turn: one sends what another process is to do.
TURN = 1 << 16

#: Positions by what stands there and after it: `left * base + right`.
Occurrences = dict[int, "array[int]"]
#: Some symbols, as the bytes of an array, the position of the first, and the base of the keys.
Stretch = tuple[bytes, int, int]


def base_of(symbols: Iterable[int]) -> int:
    """More than any symbol and `NOTHING` differ, so that keys do not meet.

    >>> base_of([NOTHING, 0, 5])
    7
    """
    return max(symbols, default=0) + 2


def occurrences_of(symbols: list[int], places: Iterable[int], base: int) -> Occurrences:
    """The positions of every symbol but the last, by it and what follows; in order.

    >>> dict(occurrences_of([0, 1, 0, 1], range(4), 10))
    {1: array('I', [0, 2]), 10: array('I', [1])}

    All are put into their arrays without a step of Python for each.
    """
    keys = map(add, map(mul, symbols, repeat(base)), islice(symbols, 1, None))
    found: defaultdict[int, array[int]] = defaultdict(partial(array, "I"))
    steps = map(array.append, map(found.__getitem__, keys), places)
    for _ in range(0, len(symbols), TURN):
        deque(islice(steps, TURN), maxlen=0)
    return found


def shared_occurrences(symbols: list[int], base: int, workers: int) -> Occurrences:
    """The same for a corpus from its first position on, with the help of other processes.

    The order of the pairs is that in which they occur, for any number of processes.
    """
    number = min(workers, len(symbols) // WORTH_A_PROCESS)
    if number < 2 or base < LARGE_ALPHABET:
        return occurrences_of(symbols, range(len(symbols)), base)
    parts = stretches(symbols, base, number)
    with Workers(number - 1, MODULE, ()) as pool:
        return joined(pool.shared(parts, here=occurrences_in, there=read))


def joined(parts: Iterator[Occurrences]) -> Occurrences:
    """The positions of all parts of a corpus, which come in order.

    >>> joined(iter([{5: array("I", [0])}, {7: array("I", [4]), 5: array("I", [6])}]))
    {5: array('I', [0, 6]), 7: array('I', [4])}
    """
    found = next(parts)
    for part in parts:
        for key, positions in part.items():
            known = found.get(key)
            if known is None:
                found[key] = positions
            else:
                known.extend(positions)
    return found


def stretches(symbols: list[int], base: int, number: int) -> Iterator[Stretch]:
    """Symbols in so many stretches, the last the longest; each ends with what the next begins with.

    They are cut at boundaries, which are no part of any pair.
    """
    share = (len(symbols) - HEAD_START) // number
    cuts = [symbols.index(NOTHING, share * part) for part in range(number)]
    for start, end in pairwise([*cuts, len(symbols)]):
        yield array("i", symbols[start : end + 1]).tobytes(), start, base


def occurrences_in(stretch: Stretch) -> Occurrences:
    """The positions in a stretch."""
    packed, start, base = stretch
    symbols = array("i", packed).tolist()
    return occurrences_of(symbols, range(start, start + len(symbols)), base)


def written(found: Occurrences) -> tuple[bytes, bytes, bytes]:
    """Positions as bytes: the keys, how many there are of each, and they themselves.

    >>> read(written({7: array("I", [2, 5]), -1: array("I", [9])}))
    {7: array('I', [2, 5]), -1: array('I', [9])}
    """
    sizes = array("I", map(len, found.values()))
    return array("q", found).tobytes(), sizes.tobytes(), b"".join(found.values())


def read(answer: tuple[bytes, bytes, bytes]) -> Occurrences:
    """Positions that were written."""
    keys, sizes, positions = map(array, "qII", answer)
    ends = pairwise(accumulate(sizes, initial=0))
    return {key: positions[start:end] for key, (start, end) in zip(keys, ends, strict=True)}


def start(settings: Any) -> Callable[[Any], tuple[bytes, bytes, bytes]]:
    """A function that finds the positions in a stretch."""
    return lambda stretch: written(occurrences_in(stretch))


if __name__ == "__main__":
    serve(start)
