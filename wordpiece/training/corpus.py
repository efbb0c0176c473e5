"""The corpus as the engine holds it: flat arrays, kept in step with every merge.

All segments stand one after the other in `symbols`, a boundary slot with `NOTHING` around each. A
symbol that covers several characters has its id in its first slot and `NOTHING` in the others;
`widths` holds its number of slots in its first and its last slot, so both neighbors are one look
away and a merge moves nothing. A position (the slot where a pair begins) grows from left to right
and from word to word, so the smallest live position of a pair is its first occurrence.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Mapping, MutableSequence, Sequence
from itertools import chain, compress, islice, repeat
from operator import add, itemgetter, mul
from typing import NamedTuple

from wordpiece.training.alphabet import WordSegments
from wordpiece.training.segments import NOTHING, Segment, laid_out

#: A pair of symbol ids as one int, which hashes faster than a tuple and sorts like one.
Pair = int
SHIFT = 32
MASK = (1 << SHIFT) - 1
concatenated = chain.from_iterable


def pair_of(left: int, right: int) -> Pair:
    """Two symbol ids as one int.

    >>> parts_of(pair_of(3, 5))
    (3, 5)
    """
    return left << SHIFT | right


def parts_of(pair: Pair) -> tuple[int, int]:
    """The two symbol ids of a pair."""
    return pair >> SHIFT, pair & MASK


class Neighbors(NamedTuple):
    """Positions of the pairs that a merge makes anew, by the symbol that stands beside it."""

    left: dict[int, list[int]]
    right: dict[int, list[int]]


class Corpus:
    """Segments with their pair and symbol counts, all exact after every merge.

    >>> corpus = Corpus([Segment([0, 1, 1], 2), Segment([0, 1], 5)])
    >>> corpus.pair_counts[pair_of(0, 1)], corpus.symbol_counts[1], corpus.total
    (7, 9, 16)
    >>> sorted(map(parts_of, corpus.merge(pair_of(0, 1), 2)))
    [(2, 1)]
    >>> corpus.pair_counts, corpus.symbol_counts, corpus.total
    ({8589934593: 2}, {0: 0, 1: 2, 2: 7}, 9)
    """

    def __init__(self, segments: Iterable[Segment]) -> None:
        layout = segments.laid_out() if isinstance(segments, WordSegments) else laid_out(segments)
        self._symbols, self._lengths, weights = layout
        slots = [length + 1 for length in self._lengths]  # each with the boundary before it
        self._weights = [*concatenated(map(repeat, weights, slots)), 0]
        self._weights[0] = 0  # for `_weight_of`
        longest = max(self._lengths, default=0)
        size = len(self._symbols)
        self._widths: MutableSequence[int] = (
            bytearray(b"\x01") * size if longest < 256 else array("I", [1]) * size
        )
        self.symbol_counts: dict[int, int] = {}
        self.pair_counts: dict[Pair, int] = {}
        #: Where each pair begins; most pairs are in one place, which then stands for itself.
        self._occurrences: dict[Pair, array[int] | int] = {}
        self._first: dict[Pair, int] = {}  # index into the occurrences: those before it are gone
        self._count()
        self.total = sum(self.symbol_counts.values())
        self._spread: Spread | None = None
        self._numbers = array("I")  # see `_numbers_of_segments`
        #: No count ever exceeds this.
        self.most = max(self.symbol_counts.values(), default=0)

    def _count(self) -> None:
        """Find the positions of every pair, and count pairs and symbols.

        A symbol is the left one of as many pairs as it occurs, if what is around segments is taken
        for a symbol too. All positions are put into their arrays without a step of Python for each.
        """
        symbols = self._symbols
        base = max(symbols, default=0) + 2
        keys = map(add, map(mul, symbols, repeat(base)), islice(symbols, 1, None))
        found: defaultdict[int, array[int]] = defaultdict(lambda: array("I"))
        deque(map(array.append, map(found.__getitem__, keys), range(len(symbols))), maxlen=0)
        for key, positions in found.items():
            left, right = divmod(key + 1, base)  # `NOTHING` on the right is one less than none
            if left < 0:
                continue
            weight = self._weight_of(positions)
            self.symbol_counts[left] = self.symbol_counts.get(left, 0) + weight
            if right:
                pair = pair_of(left, right - 1)
                self._occurrences[pair] = positions if len(positions) > 1 else positions[0]
                self.pair_counts[pair] = weight

    def _weight_of(self, positions: Iterable[int]) -> int:
        """How often the words at some positions occur, together.

        Slot 0, which has no weight, makes a tuple of what would be one number for one position.
        """
        return sum(itemgetter(0, *positions)(self._weights))

    def merge(self, pair: Pair, new: int) -> list[Pair]:
        """Replace a pair by `new` from left to right; return the pairs with new occurrences."""
        left, right = parts_of(pair)
        is_known = new in self.symbol_counts
        count, neighbors = self._replace(pair, new)
        self.symbol_counts[left] -= count
        self.symbol_counts[right] -= count
        self.symbol_counts[new] = self.symbol_counts.get(new, 0) + count
        self.total -= count
        if left != right and not is_known and new not in neighbors.left:
            return self._move(pair, new, neighbors)
        changes = defaultdict(int, {pair: -count})
        added: defaultdict[Pair, list[int]] = defaultdict(list)
        for symbol, positions in neighbors.left.items():
            moved = self._weight_of(positions)
            made = symbol << SHIFT | new
            changes[symbol << SHIFT | left] -= moved
            changes[made] += moved
            added[made] += positions
        for symbol, positions in neighbors.right.items():
            moved = self._weight_of(positions)
            made = new << SHIFT | symbol
            changes[right << SHIFT | symbol] -= moved
            changes[made] += moved
            added[made] += positions
        self._add_positions(added)
        self._change_counts(changes)
        return [pair for pair in added if pair in self.pair_counts]

    def first(self, pair: Pair) -> int:
        """Where a pair that occurs stands first."""
        left, right = parts_of(pair)
        symbols, widths = self._symbols, self._widths
        positions = self._occurrences[pair]
        if isinstance(positions, int):
            return positions
        start = at = self._first.get(pair, 0)
        while (
            symbols[positions[at]] != left
            or symbols[positions[at] + widths[positions[at]]] != right
        ):
            at += 1
        if at != start:
            self._first[pair] = at
        return positions[at]

    def _replace(self, pair: Pair, new: int) -> tuple[int, Neighbors]:
        """Write `new` over every live occurrence; return their number, and what stands around."""
        left, right = parts_of(pair)
        symbols, widths = self._symbols, self._widths
        live: list[int] = []
        lefts: defaultdict[int, list[int]] = defaultdict(list)
        rights: defaultdict[int, list[int]] = defaultdict(list)
        for position in self.positions(pair):
            if symbols[position] != left:
                continue
            middle = position + widths[position]
            if symbols[middle] != right:
                continue
            end = middle + widths[middle]
            before = position - widths[position - 1]
            neighbor = symbols[before]
            if neighbor >= 0:
                lefts[neighbor].append(before)
            neighbor = symbols[end]
            if neighbor >= 0:
                rights[neighbor].append(position)
            symbols[position] = new
            symbols[middle] = NOTHING
            widths[position] = widths[end - 1] = end - position
            if left == right:
                live.append(position)
        if left != right:  # then no two of them overlap
            return self.pair_counts[pair], Neighbors(lefts, rights)
        return self._weight_of(live), Neighbors(lefts, rights)

    def _move(self, pair: Pair, new: int, neighbors: Neighbors) -> list[Pair]:
        """Move counts and positions to pairs of a new symbol: the usual case, in one step a pair.

        No pair of it was known, and it has no occurrence beside another, so that what is counted
        here is not merged in turn; nothing is left of the merged pair. Returns the new pairs.
        """
        left, right = parts_of(pair)
        counts, occurrences, weights = self.pair_counts, self._occurrences, self._weights
        spread = self._spread
        before, after = neighbors
        moves = [
            (symbol << SHIFT | left, symbol << SHIFT | new, before[symbol]) for symbol in before
        ]
        moves += [
            (right << SHIFT | symbol, new << SHIFT | symbol, after[symbol]) for symbol in after
        ]
        gone = [pair]
        for old, made, positions in moves:
            if len(positions) == 1:
                occurrences[made] = at = positions[0]
                moved = weights[at]
            else:
                occurrences[made] = array("I", positions)
                moved = self._weight_of(positions)
            counts[made] = moved
            known = counts[old]
            rest = counts[old] = known - moved
            if not rest:
                gone.append(old)
            if spread is not None:
                spread.part(known, rest, moved)
        if spread is not None:
            spread.part(counts[pair], 0, 0)
        for old in gone:
            del counts[old], occurrences[old]
            self._first.pop(old, None)
        return [made for _, made, _ in moves]

    # ---------------------------------------------------------------- what only a trace asks for

    def frequency_rank(self, f_ab: int) -> int:
        """One more than the number of pairs that occur more often; counted from the first call."""
        if self._spread is None:
            self._spread = Spread(self.pair_counts.values())
        return 1 + self._spread.above(f_ab)

    def positions(self, pair: Pair) -> Sequence[int]:
        """Where a pair occurs, in order; it may be gone from some of these places."""
        found = self._occurrences[pair]
        return (found,) if isinstance(found, int) else found

    def first_segments(self, pair: Pair, number: int) -> list[int]:
        """Where the first segments begin in which a pair occurs."""
        left, right = parts_of(pair)
        symbols, widths, positions = self._symbols, self._widths, self.positions(pair)
        numbers = self._numbers_of_segments()
        found: dict[int, None] = {}
        for at in range(self._first.get(pair, 0), len(positions)):
            position = positions[at]
            if symbols[position] == left and symbols[position + widths[position]] == right:
                found[bisect_left(numbers, numbers[position]) + 1] = None
                if len(found) == number:
                    break
        return list(found)

    def count_segments_with(self, symbol: int, positions: Sequence[int]) -> int:
        """In how many segments a symbol stands at any of some positions."""
        there = map(symbol.__eq__, map(self._symbols.__getitem__, positions))
        number_at = self._numbers_of_segments().__getitem__
        return len(set(map(number_at, compress(positions, there))))

    def _numbers_of_segments(self) -> array[int]:
        """The segment that each slot is of, by number; found at the first call."""
        if not self._numbers:
            numbers = range(len(self._lengths))
            slots = (length + 1 for length in self._lengths)
            self._numbers = array("I", concatenated(map(repeat, numbers, slots)))
        return self._numbers

    def word_at(self, start: int) -> list[int]:
        """The symbols of the segment that begins at a position."""
        found = []
        while (symbol := self._symbols[start]) != NOTHING:
            found.append(symbol)
            start += self._widths[start]
        return found

    def weight_at(self, position: int) -> int:
        """How often the word at a position occurs."""
        return self._weights[position]

    def _add_positions(self, added: dict[Pair, list[int]]) -> None:
        """Note new occurrences, in order also where a pair has others (a token made again)."""
        for pair, positions in added.items():
            if pair in self._occurrences:
                positions = [*self.positions(pair), *positions]
                self._first.pop(pair, None)
            self._occurrences[pair] = array("I", sorted(positions))

    def _change_counts(self, changes: dict[Pair, int]) -> None:
        """Apply differences, and forget the pairs that are gone."""
        counts = self.pair_counts
        if self._spread is not None:
            self._spread.change(counts, changes)
        for pair, change in changes.items():
            count = counts.get(pair, 0) + change
            if count:
                counts[pair] = count
                continue
            counts.pop(pair, None)
            self._occurrences.pop(pair, None)
            self._first.pop(pair, None)


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

    def part(self, before: int, rest: int, made: int) -> None:
        """Follow a pair of which occurrences become those of a new pair."""
        if before < self.SMALL:
            small = self._small
            small[before] -= 1
            small[rest] += 1
            small[0] -= 1
            small[made] += 1
        else:
            for count, number in ((before, -1), (rest, 1), (0, -1), (made, 1)):
                self._add(count, number)

    def change(self, counts: Mapping[Pair, int], changes: Mapping[Pair, int]) -> None:
        """Follow pairs whose counts are about to change."""
        small, most = self._small, self.SMALL
        for pair, change in changes.items():
            before = counts.get(pair, 0)
            after = before + change
            if before < most and after < most:
                small[before] -= 1
                small[after] += 1
            else:
                self._add(before, -1)
                self._add(after, 1)

    def above(self, count: int) -> int:
        """How many pairs have a higher count."""
        if count < self.SMALL:
            return self._number - sum(self._small[: count + 1])
        return sum(number for other, number in self._large.items() if other > count)
