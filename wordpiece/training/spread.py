"""Which rank a count has among all pairs, for the trace."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable


class Spread:
    """How many pairs have each count, so that the rank of a count is not searched for.

    >>> spread = Spread([5, 2, 2, 1])
    >>> spread.above(1), spread.above(2), spread.above(70_000)
    (3, 1, 0)
    """

    #: Counts below this are in a list, whose stretches are quickly summed.
    SMALL = 1 << 14

    def __init__(self, counts: Iterable[int]) -> None:
        self._small = [0] * self.SMALL
        self._large: Counter[int] = Counter()
        self._number = 0
        for count in counts:
            self._add(count, 1)

    def _add(self, count: int, number: int) -> None:
        self._number += number
        if count < self.SMALL:
            self._small[count] += number
        else:
            self._large[count] += number

    def change(self, before: int, after: int) -> None:
        """Follow a pair whose count changes; one that comes or goes has a count of 0."""
        if before < self.SMALL and after < self.SMALL:
            self._small[before] -= 1
            self._small[after] += 1
        else:
            self._add(before, -1)
            self._add(after, 1)

    def above(self, count: int) -> int:
        """How many pairs have a higher count."""
        if count < self.SMALL:
            return self._number - sum(self._small[: count + 1])
        return sum(number for other, number in self._large.items() if other > count)
