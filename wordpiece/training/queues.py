"""Which pair is best now: one queue a score, each exact at every step.

After a merge of (a, b) the counts of a and b have fallen, so under `likelihood` and `gain` the
scores of all other pairs that contain a or b have risen. A heap whose entries are looked at only
when they come up finds out about a score that fell, never about one that rose. So the rule of every
queue here: an entry is never worse than what it stands for. What rises is entered anew at once;
what falls is found when it comes up.

An entry is a tuple that sorts best first: negated score (or a key with the same order), first
position, pair. Equal scores are thus in order of first occurrence, which is the tie rule; positions
only grow, except where an old token is made again, and those pairs are entered anew.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from heapq import heapify, heappop, heappush, heapreplace
from math import log
from typing import Protocol

from wordpiece.training.corpus import MASK, SHIFT, Corpus, Pair, parts_of
from wordpiece.training.scores import gain, likelihood
from wordpiece.training.segments import Task

#: Two different fractions p/q > r/s differ by at least one part in p·s. While that product is below
#: this, they never round to the same double, nor do they after one more division.
EXACT_PRODUCT = 1 << 50
#: Otherwise entries this close (relatively) to the best are compared by their exact scores.
NEARLY_EQUAL = 1 - 2**-50
#: More than rounding can take from a gain, per occurrence of the pair.
ROUNDING = 1e-12


#: A pair in a queue: its negated priority, its first position when it was entered, and the pair.
Entry = tuple[float, int, Pair]
#: The best pair of a hub: its negated exact score, its first position, the pair, and the hub.
HubEntry = tuple[float, int, Pair, int]


class Queue(Protocol):
    """Knows the best pair, given every change."""

    def best(self) -> Pair | None:
        """The pair to merge next, or None when there is none."""

    def update(self, merged: Pair, raised: list[Pair]) -> None:
        """After a merge: its two symbols are rarer, the pairs `raised` have new occurrences."""


class Candidates:
    """Which pairs may be merged at all."""

    def __init__(self, task: Task, corpus: Corpus, tokens: list[str]) -> None:
        self._task, self._counts, self._tokens = task, corpus.pair_counts, tokens
        self._least = task.min_frequency

    def allow(self, pair: Pair) -> bool:
        """Whether a pair is frequent enough and its token short enough."""
        if self._counts.get(pair, 0) < self._least:
            return False
        if self._task.max_token_length is None:
            return True
        left, right = parts_of(pair)
        return self._task.allows(self._tokens[left], self._tokens[right])


class FrequencyQueue:
    """By f(ab), then by the ids of left and right symbol: one heap, since counts only fall."""

    def __init__(self, corpus: Corpus, candidates: Candidates) -> None:
        self._counts, self._candidates = corpus.pair_counts, candidates
        self._heap = [
            (-count, pair) for pair, count in corpus.pair_counts.items() if candidates.allow(pair)
        ]
        heapify(self._heap)

    def best(self) -> Pair | None:
        """The most frequent pair."""
        heap = self._heap
        while heap:
            key, pair = heap[0]
            count = self._counts.get(pair, 0)
            if count == -key:
                return pair
            if self._candidates.allow(pair):
                heapreplace(heap, (-count, pair))
            else:
                heappop(heap)
        return None

    def update(self, merged: Pair, raised: list[Pair]) -> None:
        """Enter the pairs that have new occurrences."""
        for pair in raised:
            if self._candidates.allow(pair):
                heappush(self._heap, (-self._counts[pair], pair))


class LikelihoodQueue:
    """By f(ab)/(f(a)·f(b)): a heap for each symbol that is the more frequent of a pair, its hub.

    Within a hub the order of f(ab)/f(rarer) does not depend on the hub's own count. So when the
    count of a common symbol falls, one number changes (the best of its hub, over that count)
    instead of thousands; and when the count of a symbol falls, only the pairs in which it is the
    rarer part are entered anew.
    """

    def __init__(self, corpus: Corpus, candidates: Candidates) -> None:
        self._corpus, self._candidates = corpus, candidates
        self._pair_counts, self._counts = corpus.pair_counts, corpus.symbol_counts
        self._most = max(corpus.symbol_counts.values(), default=0)  # no count ever exceeds it
        self._entries: dict[Pair, Entry] = {}  # the one entry of a pair that counts
        self._rarer: dict[Pair, int] = {}
        self._pairs_by_rarer: defaultdict[int, list[Pair]] = defaultdict(list)
        self._heaps: defaultdict[int, list[Entry]] = defaultdict(list)
        self._hubs: list[HubEntry] = []
        self._hub_entries: dict[int, HubEntry] = {}
        for pair in corpus.pair_counts:
            if candidates.allow(pair):
                self._enter(pair, corpus.first(pair))
        for hub in self._heaps:
            self._enter_hub(hub)

    def best(self) -> Pair | None:
        """The pair with the highest score; among equals the one that occurs first."""
        hubs = self._hubs
        while hubs:
            entry = hubs[0]
            _, _, pair, hub = entry
            if self._hub_entries.get(hub) is not entry:
                heappop(hubs)
                continue
            now = self._best_of(hub)
            if now == entry:
                return pair
            if now is None:
                heappop(hubs)
                del self._hub_entries[hub]
            else:
                heapreplace(hubs, now)
                self._hub_entries[hub] = now
        return None

    def update(self, merged: Pair, raised: list[Pair]) -> None:
        """Enter what may have risen: new pairs, pairs whose rarer part fell, hubs that fell."""
        allow, first, entries, rarer = (
            *(self._candidates.allow, self._corpus.first, self._entries, self._rarer),
        )
        fallen = sorted(set(parts_of(merged)))
        changed: set[int | None] = set(fallen)
        for pair in raised:
            if allow(pair):
                changed.add(self._enter(pair, first(pair)))
        for symbol in fallen:
            for pair in self._pairs_by_rarer.pop(symbol, ()):
                if rarer.get(pair) == symbol:
                    del rarer[pair]
                    known = entries.pop(pair, None)
                    if allow(pair):  # where it was first is not after where it is first now
                        position = first(pair) if known is None else known[1]
                        changed.add(self._enter(pair, position))
        changed.discard(None)
        for hub in changed:
            self._enter_hub(hub)  # type: ignore[arg-type]

    def _enter(self, pair: Pair, position: int) -> int | None:
        """Enter a pair with its present numbers under its more frequent symbol.

        Returns that symbol if the pair may now be the best of its hub. An entry that is not on top
        of its heap is not, as long as keys are exact.
        """
        left, right = pair >> SHIFT, pair & MASK
        f_left, f_right = self._counts[left], self._counts[right]
        hub, rarer, f_rarer = (left, right, f_right) if f_left >= f_right else (right, left, f_left)
        if self._rarer.get(pair) != rarer:
            self._rarer[pair] = rarer
            self._pairs_by_rarer[rarer].append(pair)
        count = self._pair_counts[pair]
        self._entries[pair] = entry = (-count / f_rarer, position, pair)
        heap = self._heaps[hub]
        heappush(heap, entry)
        return hub if heap[0] is entry or count * self._most >= EXACT_PRODUCT else None

    def _enter_hub(self, hub: int) -> None:
        """Enter a hub with its best pair, unless the entry that it has says the same."""
        entry = self._best_of(hub)
        if entry is not None and entry != self._hub_entries.get(hub):
            self._hub_entries[hub] = entry
            heappush(self._hubs, entry)

    def _best_of(self, hub: int) -> HubEntry | None:
        """The best pair of a hub, with its exact score."""
        heap = self._heaps.get(hub)
        if not heap or not self._settle(heap):
            return None
        key, _, pair = heap[0]
        if self._pair_counts[pair] * self._most < EXACT_PRODUCT:
            return self._scored(heap[0], hub)
        limit = key * NEARLY_EQUAL
        near = []
        while self._settle(heap) and heap[0][0] <= limit:
            near.append(heappop(heap))
        for entry in near:
            heappush(heap, entry)
        return min(self._scored(entry, hub) for entry in near)

    def _scored(self, entry: Entry, hub: int) -> HubEntry:
        _, position, pair = entry
        left, right = parts_of(pair)
        score = likelihood(self._pair_counts[pair], self._counts[left], self._counts[right])
        return -score, position, pair, hub

    def _settle(self, heap: list[Entry]) -> bool:
        """Bring up an entry that is true now; False when there is none."""
        while heap:
            entry = heap[0]
            key, position, pair = entry
            if self._entries.get(pair) is not entry:
                heappop(heap)
            elif not self._candidates.allow(pair):
                heappop(heap)
                del self._entries[pair]
            else:
                key_now = -self._pair_counts[pair] / self._counts[self._rarer[pair]]
                position_now = self._corpus.first(pair)
                if key_now == key and position_now == position:
                    return True
                self._entries[pair] = now = (key_now, position_now, pair)
                heapreplace(heap, now)
        return False


class Slack:
    """How far symbol counts may fall before the bounds that rest on them must be made anew."""

    def __init__(self, counts: Mapping[int, int], *, shift: int) -> None:
        self._counts, self._shift = counts, shift
        self.floors: dict[int, int] = {}
        self.pairs: defaultdict[int, list[Pair]] = defaultdict(list)

    def floor(self, symbol: int) -> int:
        """The count that bounds assume: one part in 2**shift below what it was when it was set."""
        floor = self.floors.get(symbol)
        return self.renew(symbol) if floor is None else floor

    def renew(self, symbol: int) -> int:
        """Set the floor of a symbol by its present count."""
        count = self._counts[symbol]
        self.floors[symbol] = floor = max(count - (count >> self._shift), 1)
        return floor

    def fell_through(self, symbol: int) -> bool:
        """Whether a symbol is rarer than the bounds assume."""
        return self._counts[symbol] < self.floor(symbol)

    def note(self, pair: Pair) -> None:
        """List a pair under its symbols."""
        left, right = parts_of(pair)
        self.pairs[left].append(pair)
        if left != right:
            self.pairs[right].append(pair)


class GainQueue:
    """By the gain in log-likelihood, which moves for every pair at every step, but slowly.

    A pair is entered under a bound: its gain if both symbols were rarer than they are, by a slack.
    The bound holds until a symbol's count has fallen through its slack; then the pairs that rest on
    it are entered anew. (The number of symbols in the corpus falls too, and with it every gain; a
    pair's own count can only lower a gain above zero.) The best pair is found by computing exact
    gains in the order of the bounds, until the next bound is below the best gain found.

    There are two slacks. Most pairs are far from the top: a wide slack lets them sleep until a
    count has halved. A pair that comes up is entered again with a narrow slack, so that it does not
    come up at every step.
    """

    def __init__(self, corpus: Corpus, candidates: Candidates) -> None:
        self._corpus, self._candidates = corpus, candidates
        self._pair_counts, self._counts = corpus.pair_counts, corpus.symbol_counts
        self._wide, self._narrow = Slack(self._counts, shift=1), Slack(self._counts, shift=8)
        self._bounds: dict[Pair, float] = {}
        self._heap: list[tuple[float, Pair]] = []
        self._awake: set[Pair] = set()  # under a narrow bound, and listed there with both symbols
        self._highest = 0.0  # the gain of the last best pair
        for pair in corpus.pair_counts:
            self._wide.note(pair)
            self._enter_wide(pair)

    def best(self) -> Pair | None:
        """The pair with the highest gain above zero; among equals the one that occurs first."""
        heap, bounds = self._heap, self._bounds
        best: Pair | None = None
        highest = 0.0
        looked_at = []
        while heap and -heap[0][0] >= highest:
            key, pair = heappop(heap)
            if bounds.get(pair) != -key:
                continue
            del bounds[pair]
            if not self._candidates.allow(pair):
                continue
            looked_at.append(pair)
            exact = self._gain(pair)
            if exact > highest or (
                exact == highest and best is not None and self._precedes(pair, best)
            ):
                best, highest = pair, exact
        self._highest = highest
        for pair in looked_at:
            self._enter_narrow(pair)
        return best

    def update(self, merged: Pair, raised: list[Pair]) -> None:
        """Enter pairs with new occurrences, and those that rest on a count below its floor."""
        for pair in raised:
            self._wide.note(pair)
            self._enter_wide(pair)
        for symbol in parts_of(merged):
            if self._wide.fell_through(symbol):
                self._wide.renew(symbol)
                self._narrow.renew(symbol)
                self._awake.difference_update(self._narrow.pairs.pop(symbol, ()))
                self._enter_all(symbol, self._wide)
            elif self._narrow.fell_through(symbol):
                self._narrow.renew(symbol)
                self._enter_all(symbol, self._narrow)
        if len(self._heap) > 4 * len(self._bounds) + 1000:
            self._heap = [(-bound, pair) for pair, bound in self._bounds.items()]
            heapify(self._heap)

    def _enter_all(self, symbol: int, slack: Slack) -> None:
        """Enter anew the pairs that rest on the count of a symbol."""
        known = self._pair_counts if slack is self._wide else self._awake
        pairs = list(dict.fromkeys(pair for pair in slack.pairs.pop(symbol, ()) if pair in known))
        if slack is self._wide:
            slack.pairs[symbol] = pairs
        else:
            self._awake.difference_update(pairs)
        for pair in pairs:
            self._enter_wide(pair)

    def _enter_wide(self, pair: Pair) -> None:
        """Enter a pair under a wide bound, or a narrow one if the wide one would bring it up soon.

        The bound is the gain with (x − f)·log1p(−f/x) taken as f²/x − f for the symbols, which is
        more, and as −f for the corpus, which is less: one logarithm instead of four.
        """
        if not self._candidates.allow(pair):
            self._bounds.pop(pair, None)
            return
        left, right = parts_of(pair)
        count = self._pair_counts[pair]
        if left == right:
            self._enter_narrow(pair)
            return
        low_left, low_right = (
            max(self._wide.floor(left), count),
            max(self._wide.floor(right), count),
        )
        logs = log(count * self._corpus.total / (low_left * low_right))
        bound = count * (logs - 1 + count / low_left + count / low_right + ROUNDING)
        if bound < self._highest:
            self._set_bound(pair, bound)
        else:
            self._enter_narrow(pair)

    def _enter_narrow(self, pair: Pair) -> None:
        """Enter a pair under its gain at the floors of the narrow slack."""
        left, right = parts_of(pair)
        count = self._pair_counts[pair]
        low_left, low_right = self._narrow.floor(left), self._narrow.floor(right)
        if left != right:  # no symbol is rarer than its pair
            low_left, low_right = max(low_left, count), max(low_right, count)
        bound = (
            gain(count, low_left, low_right, self._corpus.total, same=left == right)
            + count * ROUNDING
        )
        if pair not in self._awake:
            self._awake.add(pair)
            self._narrow.note(pair)
        self._set_bound(pair, bound)

    def _set_bound(self, pair: Pair, bound: float) -> None:
        if bound > 0:
            self._bounds[pair] = bound
            heappush(self._heap, (-bound, pair))
        else:  # no gain before a count falls through its slack
            self._bounds.pop(pair, None)

    def _gain(self, pair: Pair) -> float:
        left, right = parts_of(pair)
        counts = self._counts
        return gain(
            self._pair_counts[pair],
            counts[left],
            counts[right],
            self._corpus.total,
            same=left == right,
        )

    def _precedes(self, pair: Pair, other: Pair) -> bool:
        return self._corpus.first(pair) < self._corpus.first(other)


QUEUES: dict[str, type[FrequencyQueue] | type[LikelihoodQueue] | type[GainQueue]] = {
    "frequency": FrequencyQueue,
    "likelihood": LikelihoodQueue,
    "gain": GainQueue,
}
