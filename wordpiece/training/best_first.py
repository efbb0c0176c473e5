"""Read a heap of bounds from the best pair on, without taking anything out of it.

The queues keep pairs under bounds that are never worse than what they stand for. The best pair is
on top when it has been settled; who comes second, the heap does not say. It is found here by a
search from the top: a node is looked at only when nothing that is known exactly comes before it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from heapq import heappop, heappush
from typing import Any

#: A pair with its negated exact score, and what orders equals: both as the queue has them.
Exact = tuple[float, int, int]
#: What an entry says of itself: the best that it and all below it can be, as a negated score and
#: what orders equals; and what it stands for now, if anything, when that is not known to be equal.
Bound = tuple[tuple[float, int], Exact | None, bool]
#: In the place of what orders equals: before all of them.
BEFORE_ALL = -1


def from_the_best(heap: Sequence[Any], bound: Callable[[Any], Bound]) -> Iterator[Exact]:
    """The pairs of a heap in the order of their exact scores, equals by their second number.

    `bound` tells of an entry how good it and what is below it can be, what it stands for (None for
    an entry that is void), and whether that is as good as the bound. An entry for which it is comes
    at once, however many others have the same score. The heap must not change meanwhile.

    >>> def bound(entry):
    ...     return (entry[0], -1), (entry[0] + 2, 0, entry[1]), False
    >>> list(from_the_best([(-9, 5), (-7, 6), (-8, 7)], bound))
    [(-7, 0, 5), (-6, 0, 7), (-5, 0, 6)]
    """
    waiting: list[tuple[float, int, int, Exact | None, bool]] = []
    known: list[Exact] = []
    seen: set[int] = set()

    def add(node: int) -> None:
        (key, order), exact, equal = bound(heap[node])
        heappush(waiting, (key, order, node, exact, equal))

    if heap:
        add(0)
    while waiting or known:
        if known and (not waiting or known[0][:2] < waiting[0][:2]):
            found = heappop(known)
        else:
            _, _, node, exact, equal = heappop(waiting)
            for child in (2 * node + 1, 2 * node + 2):
                if child < len(heap):
                    add(child)
            if exact is None or not equal:
                if exact is not None:
                    heappush(known, exact)
                continue
            found = exact
        if found[2] not in seen:  # a pair may stand in the heap twice
            seen.add(found[2])
            yield found
