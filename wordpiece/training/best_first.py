"""Read a heap of bounds from the best pair on, without taking anything out of it.

The queues keep pairs under bounds that are never worse than what they stand for. The best pair is
on top when it has been settled; who comes second, the heap does not say. It is found here by a
search from the top: a node is looked at only when its bound is better than what is known exactly.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from heapq import heappop, heappush
from typing import Any

#: A pair with its negated exact score, and what orders equals: both as the queue has them.
Exact = tuple[float, int, int]
#: A stretch of a heap that is still to be looked at: its bound, `UNKNOWN`, and where it begins.
UNKNOWN = -1


def from_the_best(
    heap: Sequence[tuple[Any, ...]], exact: Callable[[Any], Exact | None], scale: float = 1
) -> Iterator[Exact]:
    """The pairs of a heap in the order of their exact scores, equals by their second number.

    `exact` turns an entry into what it stands for now, or None for an entry that is void. The first
    number of an entry, times `scale`, is its bound. The heap must not change meanwhile.

    >>> list(from_the_best([(-9, 5), (-7, 6), (-8, 7)], lambda entry: (entry[0] + 2, 0, entry[1])))
    [(-7, 0, 5), (-6, 0, 7), (-5, 0, 6)]
    """
    waiting: list[Exact] = [(heap[0][0] * scale, UNKNOWN, 0)] if heap else []
    seen: set[int] = set()
    while waiting:
        found = heappop(waiting)
        _, order, at = found
        if order != UNKNOWN:
            if at not in seen:  # a pair may stand in the heap twice
                seen.add(at)
                yield found
            continue
        for child in (2 * at + 1, 2 * at + 2):
            if child < len(heap):
                heappush(waiting, (heap[child][0] * scale, UNKNOWN, child))
        entry = exact(heap[at])
        if entry is not None:
            heappush(waiting, entry)
