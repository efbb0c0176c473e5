"""The corpus as the engine holds it: flat arrays, kept in step with every merge.

All segments stand one after the other in `symbols`, a boundary slot with `NOTHING` around each. A
symbol that covers several characters has as many slots, and its id in the first and in the last of
them, so both neighbors of a pair are one look away and a merge moves nothing. A position (the slot
where a pair begins) grows from left to right and from word to word, so the smallest live position
of a pair is its first occurrence.

Positions stay in the lists of pairs when a symbol of theirs is merged with another neighbor. That
is seen from the slots. Where the left symbol began there is the id of what it became a part of, or
of what ends there, or `NOTHING`: never its own, as long as a symbol always has as many slots. So it
has, for what a token is made of does not hang on what stands around it; the exceptions (a token
made again in another way, such as `##a` from `##` and `##a`) are noticed, and from then on `starts`
says where symbols begin.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections import defaultdict, deque
from collections.abc import Iterable, Sequence
from itertools import chain, compress, islice, repeat
from operator import itemgetter, ne

from wordpiece.training.alphabet import WordSegments
from wordpiece.training.occurrences import Occurrences, base_of, occurrences_of, shared_occurrences
from wordpiece.training.segments import NOTHING, Segment, laid_out
from wordpiece.training.spread import Spread

#: A pair of symbol ids as one int, which hashes faster than a tuple and sorts like one.
Pair = int
SHIFT = 32
MASK = (1 << SHIFT) - 1
concatenated = chain.from_iterable
#: So many long segments are passed over in search of short ones.
MOST_PASSED_OVER = 100


def pair_of(left: int, right: int) -> Pair:
    """Two symbol ids as one int.

    >>> parts_of(pair_of(3, 5))
    (3, 5)
    """
    return left << SHIFT | right


def parts_of(pair: Pair) -> tuple[int, int]:
    """The two symbol ids of a pair."""
    return pair >> SHIFT, pair & MASK


def by_symbol(symbols: Iterable[int], places: Iterable[int]) -> dict[int, list[int]]:
    """Places by the symbol that each is given with, in order.

    >>> dict(by_symbol([5, 7, 5], [0, 2, 4]))
    {5: [0, 4], 7: [2]}
    """
    found: defaultdict[int, list[int]] = defaultdict(list)
    deque(map(list.append, map(found.__getitem__, symbols), places), maxlen=0)
    return found


def side_by_side(
    befores: dict[int, list[int]], right: int, afters: dict[int, list[int]], left: int, width: int
) -> list[int]:
    """Take out occurrences of a pair that follow another, and the others; return the former.

    `befores` are occurrences by what stands before them, `afters` by what stands after them.

    >>> befores, afters = {1: [3, 9]}, {0: [1, 5]}
    >>> side_by_side(befores, 1, afters, 0, 2), befores, afters
    ([3], {1: [9]}, {0: [5]})
    """
    if right not in befores or left not in afters:
        return []
    second = sorted({at + width for at in afters[left]}.intersection(befores[right]))
    for places, found in ((befores, second), (afters, [at - width for at in second])):
        symbol = right if places is befores else left
        rest = sorted(set(places.pop(symbol)).difference(found))
        if rest:
            places[symbol] = rest
    return second


class Corpus:
    """Segments with their pair and symbol counts, all exact after every merge.

    Pairs that occur fewer than `least` times are not followed: they have no count and no places,
    until `follow_all` finds them.

    >>> corpus = Corpus([Segment([0, 1, 1], 2), Segment([0, 1], 5)])
    >>> corpus.pair_counts[pair_of(0, 1)], corpus.symbol_counts[1], corpus.total
    (7, 9, 16)
    >>> sorted(map(parts_of, corpus.merge(pair_of(0, 1), 2)))
    [(2, 1)]
    >>> corpus.pair_counts, corpus.symbol_counts, corpus.total
    ({8589934593: 2}, {0: 0, 1: 2, 2: 7}, 9)
    """

    def __init__(self, segments: Iterable[Segment], least: int = 1, *, workers: int = 1) -> None:
        layout = segments.laid_out() if isinstance(segments, WordSegments) else laid_out(segments)
        self._symbols, self._lengths, weights = layout
        slots = [length + 1 for length in self._lengths]  # each with the boundary before it
        self._weights = [*concatenated(map(repeat, weights, slots)), 0]
        self._weights[0] = 0  # for `_weight_of`
        self._starts = bytearray(b"\x01") * len(self._symbols)
        self.least = least
        self.symbol_counts: dict[int, int] = {}
        self.pair_counts: dict[Pair, int] = {}
        #: Where each pair begins; most pairs are in one place, which then stands for itself.
        self._occurrences: dict[Pair, array[int] | int] = {}
        self._first: dict[Pair, int] = {}  # index into the occurrences: those before it are gone
        base = base_of(self._symbols)
        self._count(shared_occurrences(self._symbols, base, workers), base)
        #: The slots of each symbol, as long as each has one width.
        self._widths: dict[int, int] | None = dict.fromkeys(self.symbol_counts, 1)
        self.total = sum(self.symbol_counts.values())
        self._spread: Spread | None = None
        self._numbers = array("I")  # see `_numbers_of_segments`
        self._merged: list[int] = []  # where the last merge was made, in order
        #: No count ever exceeds this.
        self.most = max(self.symbol_counts.values(), default=0)

    def _count(self, found: Occurrences, base: int) -> None:
        """Count pairs and, the first time, symbols, by the positions of every pair.

        A symbol is the left one of as many pairs as it occurs, if what is around segments is taken
        for a symbol too.
        """
        of_symbols: defaultdict[int, int] = defaultdict(int)
        least, weights = self.least, self._weights
        occurrences, pair_counts = self._occurrences, self.pair_counts
        for key, positions in found.items():
            left, right = divmod(key + 1, base)  # `NOTHING` on the right is one less than none
            if left < 0:
                continue
            one = len(positions) == 1
            weight = weights[positions[0]] if one else self._weight_of(positions)
            of_symbols[left] += weight
            if right and weight >= least:
                pair = left << SHIFT | right - 1
                occurrences[pair] = positions[0] if one else positions
                pair_counts[pair] = weight
        if not self.symbol_counts:
            self.symbol_counts.update(of_symbols)

    def follow_all(self, least: int = 1) -> list[Pair]:
        """Count all pairs anew that occur `least` times; return those not followed until now."""
        followed = set(self.pair_counts)
        self.least = least
        for known in (self.pair_counts, self._occurrences, self._first):
            known.clear()
        symbols = list(compress(self._symbols, self._starts))
        places = compress(range(len(self._symbols)), self._starts)
        base = base_of(symbols)
        self._count(occurrences_of(symbols, places, base), base)
        if self._spread is not None:
            self._spread = Spread(self.pair_counts.values())
        return [pair for pair in self.pair_counts if pair not in followed]

    def _weight_of(self, positions: Iterable[int]) -> int:
        """How often the words at some positions occur, together.

        Slot 0, which has no weight, makes a tuple of what would be one number for one position.
        """
        return sum(itemgetter(0, *positions)(self._weights))

    def merge(self, pair: Pair, new: int) -> list[Pair]:
        """Replace a pair by `new` from left to right; return the pairs with new occurrences."""
        left, right = parts_of(pair)
        found: list[Pair] = []
        if new in self.symbol_counts and self._widths is not None:
            self._widths = None  # a token made in another way may be as wide as it is not elsewhere
            found = self.follow_all() if self.least > 1 else found
        if left != right and self._widths is not None:
            made = self._merge_at_once(pair, new, self._widths)
        else:
            made = self._merge_in_turn(pair, new)
        if self._widths is not None:
            self._widths[new] = self._widths[left] + self._widths[right]
        return made + list(filter(self.pair_counts.__contains__, found)) if found else made

    def first(self, pair: Pair) -> int:
        """Where a pair that occurs stands first."""
        positions = self._occurrences[pair]
        if isinstance(positions, int):
            return positions
        left, right = pair >> SHIFT, pair & MASK
        start = at = self._first.get(pair, 0)
        if self._widths is None:
            while not self._begins(left, right, positions[at]):
                at += 1
        else:
            symbols, middle = self._symbols, self._widths[left]
            while symbols[(begin := positions[at])] != left or symbols[begin + middle] != right:
                at += 1
        if at != start:
            self._first[pair] = at
        return positions[at]

    def _begins(self, left: int, right: int, position: int) -> bool:
        """Whether a symbol begins at a position, and another follows it."""
        symbols, starts = self._symbols, self._starts
        return bool(
            symbols[position] == left
            and starts[position]
            and symbols[starts.find(1, position + 1)] == right
        )

    def _change_symbols(self, left: int, right: int, new: int, count: int) -> None:
        """Count symbols after so many merges."""
        counts = self.symbol_counts
        counts[left] -= count
        counts[right] -= count
        counts[new] = counts.get(new, 0) + count
        self.total -= count

    # ---------------------------------------------------------------- the usual merge

    def _merge_at_once(self, pair: Pair, new: int, widths: dict[int, int]) -> list[Pair]:
        """Merge two different symbols where each symbol has one width and `new` is not known."""
        left, right = parts_of(pair)
        symbols, starts = self._symbols, self._starts
        middle = widths[left]
        end = middle + widths[right]
        positions = self._occurrences[pair]
        doubled: list[int] = []
        befores: dict[int, list[int]]
        if isinstance(positions, int):
            places = [positions]
            befores, afters = {symbols[positions - 1]: places}, {symbols[positions + end]: places}
        else:
            places = [
                at for at in positions if symbols[at] == left and symbols[at + middle] == right
            ]
            befores = by_symbol([symbols[at - 1] for at in places], places)
            afters = by_symbol([symbols[at + end] for at in places], places)
            doubled = side_by_side(befores, right, afters, left, end)
        self._merged = places
        last = end - 1
        for at in places:
            symbols[at + middle] = NOTHING
            symbols[at] = symbols[at + last] = new
            starts[at + middle] = 0
        count = self.pair_counts[pair]
        self._change_symbols(left, right, new, count)
        moves = [
            (symbol << SHIFT | left, symbol << SHIFT | new, found, widths[symbol])
            for symbol, found in befores.items()
            if symbol != NOTHING
        ]
        for symbol, found in afters.items():
            if symbol != NOTHING:
                moves.append((right << SHIFT | symbol, new << SHIFT | symbol, found, 0))
        if doubled:
            moves.append((right << SHIFT | left, new << SHIFT | new, doubled, end))
        made = self._move(moves)
        if self._spread is not None:
            self._spread.change(count, 0)
        self._forget(pair)
        return made

    def _move(self, moves: list[tuple[Pair, Pair, list[int], int]]) -> list[Pair]:
        """Move occurrences of pairs to pairs that were not known; return those that are followed.

        A move is the two pairs, places, and how far before each of them the new pair begins.
        """
        counts, occurrences, weights = self.pair_counts, self._occurrences, self._weights
        least, spread = self.least, self._spread
        followed = []
        for old, made, places, distance in moves:
            one = len(places) == 1
            moved = weights[places[0]] if one else self._weight_of(places)
            known = counts.get(old)
            if known is not None:
                rest = known - moved
                if rest >= least:
                    counts[old] = rest
                else:
                    self._forget(old)
                if spread is not None:
                    spread.change(known, rest)
            if moved >= least:
                counts[made] = moved
                if one:
                    occurrences[made] = places[0] - distance
                else:
                    occurrences[made] = array("I", [at - distance for at in places])
                followed.append(made)
                if spread is not None:
                    spread.change(0, moved)
        return followed

    def _forget(self, pair: Pair) -> None:
        """Follow a pair no more."""
        del self.pair_counts[pair], self._occurrences[pair]
        self._first.pop(pair, None)

    # ---------------------------------------------------------------- any merge

    def _merge_in_turn(self, pair: Pair, new: int) -> list[Pair]:
        """Merge two symbols, occurrence after occurrence, whatever they and `new` are."""
        left, right = parts_of(pair)
        self._merged, befores, afters = self._replace_in_turn(pair, new)
        count = self._weight_of(self._merged)
        self._change_symbols(left, right, new, count)
        changes: defaultdict[Pair, int] = defaultdict(int, {pair: -count})
        added: defaultdict[Pair, list[int]] = defaultdict(list)
        moves = [(pair_of(s, left), pair_of(s, new), found) for s, found in befores.items()]
        moves += [(pair_of(right, s), pair_of(new, s), found) for s, found in afters.items()]
        for old, made, positions in moves:
            moved = self._weight_of(positions)
            changes[old] -= moved
            changes[made] += moved
            added[made] += positions
        self._change_counts(changes)
        followed = [pair for pair in added if pair in self.pair_counts]
        for made in followed:
            positions = added[made]
            if made in self._occurrences:  # a token made again
                positions += self.positions(made)
                self._first.pop(made, None)
            self._occurrences[made] = array("I", sorted(positions))
        return followed

    def _replace_in_turn(
        self, pair: Pair, new: int
    ) -> tuple[list[int], dict[int, list[int]], dict[int, list[int]]]:
        """Write `new` over every live occurrence from left to right.

        Returns their positions, those of the symbols before them and those of `new` before others,
        by the symbol that stands there.
        """
        left, right = parts_of(pair)
        symbols, starts = self._symbols, self._starts
        live: list[int] = []
        befores: defaultdict[int, list[int]] = defaultdict(list)
        afters: defaultdict[int, list[int]] = defaultdict(list)
        for position in self.positions(pair):
            if not self._begins(left, right, position):
                continue
            middle = starts.find(1, position + 1)
            end = starts.find(1, middle + 1)
            neighbor = symbols[position - 1]
            if neighbor >= 0:
                befores[neighbor].append(starts.rfind(1, 0, position))
            neighbor = symbols[end]
            if neighbor >= 0:
                afters[neighbor].append(position)
            symbols[middle] = NOTHING
            symbols[position] = symbols[end - 1] = new
            starts[middle] = 0
            live.append(position)
        return live, befores, afters

    def _change_counts(self, changes: dict[Pair, int]) -> None:
        """Apply differences, and forget the pairs that are gone or have become too rare.

        Of a pair that is not followed it is known that it has become rarer, or it is new.
        """
        counts = self.pair_counts
        for pair, change in changes.items():
            before = counts.get(pair, 0)
            after = before + change
            if self._spread is not None and (before or after >= self.least):
                self._spread.change(before, max(after, 0))
            if after >= self.least:
                counts[pair] = after
            elif before:
                self._forget(pair)

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

    def first_segments(self, pair: Pair, number: int, longest: int) -> list[int]:
        """Where the first segments begin in which a pair occurs.

        Those of more slots are passed over, as far as they are not too many.
        """
        left, right = parts_of(pair)
        positions = self.positions(pair)
        numbers = self._numbers_of_segments()
        found: list[int] = []
        passed_over = 0
        at = self._first.get(pair, 0)
        while at < len(positions) and len(found) < number and passed_over < MOST_PASSED_OVER:
            position = positions[at]
            at += 1
            if self._begins(left, right, position):
                segment = numbers[position]
                length = self._lengths[segment]
                start = bisect_left(numbers, segment) + 1
                if length <= longest:
                    found.append(start)
                else:
                    passed_over += 1
                at = bisect_left(positions, start + length, at)  # on to the next segment
        return found

    def segments_merged(self) -> int:
        """In how many segments the last merge was made."""
        numbers = list(map(self._numbers_of_segments().__getitem__, self._merged))
        return int(sum(map(ne, numbers, islice(numbers, 1, None)))) + bool(numbers)

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
            start = self._starts.find(1, start + 1)
        return found

    def weight_at(self, position: int) -> int:
        """How often the word at a position occurs."""
        return self._weights[position]
