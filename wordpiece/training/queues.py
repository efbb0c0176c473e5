"""Which pair is best now: one queue a score, each exact at every step.

After a merge of (a, b) the counts of a and b have fallen, so under `likelihood` and `gain` the
scores of all other pairs that contain a or b have risen. A heap whose entries are looked at only
when they come up finds out about a score that fell, never about one that rose. So the rule of every
queue here: an entry is never worse than what it stands for. What rises is entered anew at once;
what falls is found when it comes up.

Where scores have to be computed, an entry is a tuple that sorts best first: negated score (or a key
with the same order), first position, pair. Equal scores are thus in order of first occurrence,
which is the tie rule; positions only grow, except where an old token is made again, and those pairs
are entered anew.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from heapq import heapify, heappop, heappush, heapreplace
from math import inf, log
from typing import Any, Protocol

from wordpiece.training.best_first import BEFORE_ALL, Bound, Exact, from_the_best
from wordpiece.training.corpus import MASK, SHIFT, Corpus, Pair, parts_of
from wordpiece.training.scores import ABOVE_ONE, gain, likelihood
from wordpiece.training.segments import Task

#: Two different fractions p/q > r/s differ by at least one part in p·s. While that product is below
#: this, they never round to the same double, nor do they after one more division.
EXACT_PRODUCT = 1 << 50
#: Otherwise entries this close (relatively) to the best are compared by their exact scores.
NEARLY_EQUAL = 1 - 2**-50
#: More than the roundings take from a score that is found by way of its hub.
JUST_MORE = 1 + 2**-50
#: Below this share of a symbol, the bound of a gain needs no logarithm for what is left of it.
HALF = 0.5
#: How far below a count its floor is: one part in 2**2.
FLOOR_SHIFT = 2
#: More than rounding can take from a gain, per occurrence of the pair.
ROUNDING = 1e-12


#: A pair of a hub: its negated priority, its first position when it was entered, the pair, the
#: rarer of its symbols, and the two counts that the priority is made of.
Entry = tuple[float, int, Pair, int, int, int]
#: The best pair of a hub, or what none there is better than: its negated score, its first position,
#: the pair, and the hub.
HubEntry = tuple[float, int, Pair, int]
#: A pair under a bound of its gain, negated.
GainEntry = tuple[float, Pair]


class Queue(Protocol):
    """Knows the best pair, given every change."""

    def best(self) -> Pair | None:
        """The pair to merge next, or None when there is none."""

    def update(self, merged: Pair, raised: list[Pair]) -> None:
        """After a merge: its two symbols are rarer, the pairs `raised` have new occurrences."""

    def ranking(self) -> Iterator[Exact]:
        """All pairs from the best on, after `best`: negated score, what orders equals, the pair.

        The best pair stays what it is; it must be read before anything else changes.
        """


class Candidates:
    """Which pairs may be merged at all."""

    def __init__(self, task: Task, corpus: Corpus, tokens: list[str]) -> None:
        self._task, self._corpus, self._tokens = task, corpus, tokens
        self._counts = corpus.pair_counts
        self.least = task.min_frequency
        self.any_length = task.max_token_length is None

    def allow(self, pair: Pair) -> bool:
        """Whether a pair is frequent enough and its token short enough."""
        if self._counts.get(pair, 0) < self.least:
            return False
        if self.any_length:
            return True
        left, right = parts_of(pair)
        return self._task.allows(self._tokens[left], self._tokens[right])

    def followed(self, pairs: Iterable[Pair]) -> list[Pair]:
        """Those of some followed pairs that may be merged: as a rule, all are frequent enough."""
        if self.any_length and self._corpus.least >= self.least:
            return list(pairs)
        return self.among(pairs)

    def among(self, pairs: Iterable[Pair]) -> list[Pair]:
        """Those of some pairs that may be merged."""
        count, least = self._counts.get, self.least
        frequent = [pair for pair in pairs if count(pair, 0) >= least]
        return frequent if self.any_length else list(filter(self.allow, frequent))


class FrequencyQueue:
    """By f(ab), then by the ids of left and right symbol.

    Most pairs are rare, and never come up. So pairs wait in a list for each count, their level, and
    only the highest level is made a heap. Counts only fall, except where a token is made again: a
    pair that fell is found when it comes up, and goes down to its level.
    """

    def __init__(self, corpus: Corpus, candidates: Candidates) -> None:
        self._counts, self._candidates = corpus.pair_counts, candidates
        self._levels: dict[int, list[Pair]] = {}
        self._order: list[int] = []  # negated counts of the levels, as a heap
        self._heaped = 0  # the level that is a heap
        self._enter(candidates.followed(corpus.pair_counts))

    def best(self) -> Pair | None:
        """The most frequent pair."""
        least = self._candidates.least
        while self._order:
            count = -self._order[0]
            level = self._levels[count]
            if count != self._heaped:
                heapify(level)
                self._heaped = count
            if not level:
                del self._levels[count]
                heappop(self._order)
                continue
            pair = level[0]
            now = self._counts.get(pair, 0)
            if now == count:
                return pair
            heappop(level)
            if now >= least:
                self._enter((pair,))
        return None

    def update(self, merged: Pair, raised: list[Pair]) -> None:
        """Enter the pairs that have new occurrences."""
        self._enter(self._candidates.followed(raised))

    def _enter(self, pairs: Iterable[Pair]) -> None:
        """Put pairs into the levels of their counts."""
        counts, levels, heaped = self._counts, self._levels, self._heaped
        for pair in pairs:
            count = counts[pair]
            level = levels.get(count)
            if level is None:
                levels[count] = [pair]
                heappush(self._order, -count)
            elif count == heaped:
                heappush(level, pair)
            else:
                level.append(pair)

    def ranking(self) -> Iterator[Exact]:
        """All pairs from the best on: level after level, with those that fell from above."""
        counts, least = self._counts, self._candidates.least
        order = self._order.copy()
        fallen: defaultdict[int, set[Pair]] = defaultdict(set)
        while order:
            level = -heappop(order)
            pairs = self._levels.get(level, [])
            if level == self._heaped:  # the highest
                yield from from_the_best(pairs, partial(self._bound, level))
            else:
                rest = [*fallen.pop(level, set()).union(p for p in pairs if counts.get(p) == level)]
                heapify(rest)
                while rest:
                    pair = heappop(rest)
                    yield -level, pair, pair
            for pair in pairs:
                now = counts.get(pair, 0)
                if least <= now < level:
                    if now not in self._levels and now not in fallen:
                        heappush(order, -now)
                    fallen[now].add(pair)

    def _bound(self, level: int, pair: Pair) -> Bound:
        there = self._counts.get(pair, 0) == level
        return (-level, pair), (-level, pair, pair) if there else None, True


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


class LikelihoodQueue:
    """By f(ab)/(f(a)·f(b)): a heap for each symbol that is the more frequent of a pair, its hub.

    Within a hub the order of f(ab)/f(rarer) does not depend on the hub's own count. So when the
    count of a common symbol falls, one number changes (the best of its hub, over that count)
    instead of thousands.

    When the rarer symbol falls, the pair rises within its hub. So a pair is entered under a bound,
    f(ab) over a floor that is a quarter below f(rarer), and entered anew when that count has fallen
    through its floor. A pair that comes to the top of its hub is awake: it is entered with its
    present numbers, and entered anew whenever its rarer symbol falls.

    A hub in turn is entered under what is on top of its heap. What its best pair is now is looked
    for when the hub comes to the top.

    And most pairs have a symbol that is too frequent for them to be the best as yet: a pair has at
    most 1/f of either symbol, for it is not more frequent than the other one. They sleep by their
    hubs, entered nowhere, until the best score has come down to that.
    """

    def __init__(self, corpus: Corpus, candidates: Candidates) -> None:
        self._corpus, self._candidates = corpus, candidates
        self._pair_counts, self._counts = corpus.pair_counts, corpus.symbol_counts
        self._most = corpus.most
        self._entries: dict[Pair, Entry] = {}  # the one entry of a pair that counts
        self._slack = Slack(self._counts, shift=FLOOR_SHIFT)  # its pairs are by their rarer symbols
        self._awake_by_rarer: defaultdict[int, list[Pair]] = defaultdict(list)
        self._heaps: defaultdict[int, list[Entry]] = defaultdict(list)
        self._hubs: list[HubEntry] = []
        self._hub_entries: dict[int, HubEntry] = {}
        self._awake: set[int] = set()  # hubs whose pairs are entered
        self._asleep: dict[int, list[Pair]] = {}  # pairs that are not, by what was their hub
        self._sleepers: list[tuple[int, int]] = []  # the floors of hubs asleep, some of them void
        self._highest = inf  # the last best score
        self._follow(candidates.followed(corpus.pair_counts))

    def best(self) -> Pair | None:
        """The pair with the highest score; among equals the one that occurs first."""
        hubs = self._hubs
        while hubs or self._wake(0):
            entry = hubs[0]
            hub = entry[3]
            if self._hub_entries.get(hub) is not entry:
                heappop(hubs)
                continue
            now = self._best_of(hub)
            if now is None:
                heappop(hubs)
                del self._hub_entries[hub]
                continue
            if now != entry:
                self._hub_entries[hub] = now
                heapreplace(hubs, now)
            if (now == entry or hubs[0] is now) and not self._wake(-now[0]):
                self._highest = -now[0]
                return now[2]
        return None

    def update(self, merged: Pair, raised: list[Pair]) -> None:
        """Enter what may have risen: new pairs, pairs whose rarer part fell, hubs that fell."""
        changed = self._follow(self._candidates.followed(raised))
        for symbol in {merged >> SHIFT, merged & MASK}:
            if not self._counts[symbol]:
                self._forget(symbol)
                continue
            changed.add(symbol)
            awake = self._awake_by_rarer.pop(symbol, None)
            if self._slack.fell_through(symbol):
                floor = self._slack.renew(symbol)
                own = self._resting_on(symbol, self._slack.pairs.pop(symbol, []))
                self._slack.pairs[symbol] = own
                changed |= self._enter_again(own)
                if symbol in self._asleep:
                    heappush(self._sleepers, (floor, symbol))
            elif awake:
                changed |= self._enter_again(self._resting_on(symbol, awake))
        for hub in changed:
            self._enter_hub(hub)
        if 2 * len(self._hubs) > 3 * len(self._hub_entries) + 50:  # a third are void
            self._hubs = list(self._hub_entries.values())
            heapify(self._hubs)

    def _forget(self, symbol: int) -> None:
        """Forget the pairs of a symbol that is there no more; most are hubs of nothing."""
        self._asleep.pop(symbol, None)
        self._slack.floors.pop(symbol, None)
        self._awake_by_rarer.pop(symbol, None)
        for pair in self._slack.pairs.pop(symbol, ()):
            self._entries.pop(pair, None)
        if self._heaps.pop(symbol, None):
            self._hub_entries.pop(symbol, None)

    def _resting_on(self, symbol: int, listed: Iterable[Pair]) -> list[Pair]:
        """The pairs listed of which a symbol still is the rarer, each once."""
        entry_of = self._entries.get
        return [
            pair
            for pair in dict.fromkeys(listed)
            if (entry := entry_of(pair)) is not None and entry[3] == symbol
        ]

    def _enter_again(self, pairs: list[Pair]) -> set[int]:
        """Enter pairs whose rarer symbol fell, under the positions that they have.

        Where a pair was first is not after where it is first now.
        """
        entries = self._entries
        return self._enter((pair, entries[pair][1]) for pair in self._candidates.among(pairs))

    def _follow(self, pairs: Iterable[Pair]) -> set[int]:
        """Enter pairs whose hubs are awake, and let the others sleep; returns as `_enter` does."""
        counts, awake, asleep = self._counts, self._awake, self._asleep
        entered = []
        for pair in pairs:
            left, right = pair >> SHIFT, pair & MASK
            hub = left if counts[left] >= counts[right] else right
            if hub in awake:
                entered.append(pair)
            elif hub in asleep:
                asleep[hub].append(pair)
            elif likelihood(1, 1, counts[hub]) >= self._highest:
                awake.add(hub)
                entered.append(pair)
            else:
                asleep[hub] = [pair]
                heappush(self._sleepers, (self._slack.floor(hub), hub))
        return self._enter(zip(entered, map(self._corpus.first, entered), strict=True))

    def _wake(self, score: float) -> bool:
        """Enter pairs asleep that may have such a score, or for 0 those of one hub; whether any."""
        sleepers, asleep = self._sleepers, self._asleep
        woken: list[Pair] = []
        while sleepers and likelihood(1, 1, sleepers[0][0]) >= score:
            _, hub = heappop(sleepers)
            pairs = asleep.pop(hub, None)
            if pairs is not None:
                self._awake.add(hub)
                woken += self._candidates.among(dict.fromkeys(pairs))
                if woken and not score:
                    break
        if not woken:
            return False
        for hub in self._enter(zip(woken, map(self._corpus.first, woken), strict=True)):
            self._enter_hub(hub)
        return True

    def _enter(self, pairs: Iterable[tuple[Pair, int]]) -> set[int]:
        """Enter pairs, with their positions, under their bounds in the heaps of their hubs.

        Returns the hubs of pairs that may now be the best there. An entry that is not on top of its
        heap is not, as long as keys are exact.
        """
        counts, pair_counts, slack = self._counts, self._pair_counts, self._slack
        entries, heaps, by_rarer, floors = self._entries, self._heaps, slack.pairs, slack.floors
        inexact = EXACT_PRODUCT // self._most if self._most else 0
        changed = set()
        for pair, position in pairs:
            left, right = pair >> SHIFT, pair & MASK
            f_left, f_right = counts[left], counts[right]
            if f_left >= f_right:
                hub, rarer = left, right
            else:
                hub, rarer = right, left
            known = entries.get(pair)
            if known is None or known[3] != rarer:
                by_rarer[rarer].append(pair)
            floor = floors.get(rarer) or slack.floor(rarer)
            count = pair_counts[pair]
            entries[pair] = entry = (-count / floor, position, pair, rarer, count, floor)
            heap = heaps[hub]
            heappush(heap, entry)
            if heap[0] is entry or count >= inexact:
                changed.add(hub)
        return changed

    def _enter_hub(self, hub: int) -> None:
        """Enter a hub under what is on top of its heap, unless it is under what is as good.

        Whether that still is what it was when it was entered is not looked at before the hub is the
        best one. Where keys are not exact, a pair below it may be a little better.
        """
        heap = self._heaps.get(hub)
        if not heap:
            return
        _, position, pair, _, count, floor = heap[0]
        score = likelihood(count, floor, self._counts[hub])
        if count * self._most < EXACT_PRODUCT:
            entry = -score, position, pair, hub
        else:
            entry = -score * JUST_MORE, BEFORE_ALL, pair, hub
        known = self._hub_entries.get(hub)
        if known is None or entry < known:
            self._hub_entries[hub] = entry
            heappush(self._hubs, entry)

    def _best_of(self, hub: int) -> HubEntry | None:
        """The best pair of a hub, with its exact score."""
        heap = self._heaps.get(hub)
        if not heap or not self._settle(heap):
            return None
        key, _, pair, *_ = heap[0]
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
        _, position, pair, *_ = entry
        counts = self._counts
        score = likelihood(self._pair_counts[pair], counts[pair >> SHIFT], counts[pair & MASK])
        return -score, position, pair, hub

    def _settle(self, heap: list[Entry]) -> bool:
        """Bring up an entry that is true now; False when there is none."""
        entries, pair_counts, counts = self._entries, self._pair_counts, self._counts
        allow, first = self._candidates.allow, self._corpus.first
        while heap:
            entry = heap[0]
            key, position, pair, rarer, _, _ = entry
            if entries.get(pair) is not entry:
                heappop(heap)
            elif not allow(pair):
                heappop(heap)
                del entries[pair]
            else:
                count, f_rarer = pair_counts[pair], counts[rarer]
                key_now, position_now = -count / f_rarer, first(pair)
                if key_now == key and position_now == position:
                    return True
                entries[pair] = now = (key_now, position_now, pair, rarer, count, f_rarer)
                heapreplace(heap, now)
                self._awake_by_rarer[rarer].append(pair)
                if heap[0] is now:
                    return True
        return False

    def ranking(self) -> Iterator[Exact]:
        """All pairs from the best on; those asleep are woken when it comes to them."""
        seen: set[Pair] = set()
        while True:
            for found in self._ranking_of_entered():
                if self._wake(-found[0]):
                    break
                if found[2] not in seen:
                    seen.add(found[2])
                    yield found
            else:
                if not self._wake(0):
                    return

    def _ranking_of_entered(self) -> Iterator[Exact]:
        """The pairs that are not asleep: hub after hub, as long as their best may come before.

        Of a hub whose turn it is, the pairs come as its heap gives them.
        """
        hubs = from_the_best(self._hubs, self._hub_bound)
        open_hubs: list[tuple[Exact, Iterator[Exact]]] = []
        following = next(hubs, None)
        while following or open_hubs:
            if following and (not open_hubs or following[:2] <= open_hubs[0][0][:2]):
                pairs = self._ranking_of(following[2])
                following = next(hubs, None)
            else:
                found, pairs = heappop(open_hubs)
                yield found
            first = next(pairs, None)
            if first is not None:
                heappush(open_hubs, (first, pairs))

    def _hub_bound(self, entry: HubEntry) -> Bound:
        """A hub under what its best pair was when it was entered, which it has not passed since."""
        key, position, _, hub = entry
        there = self._hub_entries.get(hub) is entry and self._counts[hub] > 0
        return (key, position), (key, position, hub) if there else None, True

    def _ranking_of(self, hub: int) -> Iterator[Exact]:
        """The pairs of a hub, in the order of their exact scores."""
        scale = JUST_MORE / self._counts[hub]

        def bound(entry: Entry) -> Bound:
            key, position, pair, rarer, _, _ = entry
            if self._entries.get(pair) is not entry or not self._candidates.allow(pair):
                return (key * scale, BEFORE_ALL), None, False
            left, right = parts_of(pair)
            count = self._pair_counts[pair]
            score = likelihood(count, self._counts[left], self._counts[right])
            first = self._corpus.first(pair)
            exact = (-score, first, pair)
            # equal keys are then equal fractions, and what is below has no better one
            true = key == -count / self._counts[rarer] and position == first
            if true and count * self._most < EXACT_PRODUCT:
                return (-score, first), exact, True
            return (key * scale, BEFORE_ALL), exact, False

        return from_the_best(self._heaps[hub], bound)


def gain_bound(f_ab: int, f_a: int, f_b: int, n: int) -> float:
    """A little more than the gain of a pair of two symbols, with fewer logarithms.

    Of the corpus, −(n − f)·ln(1 − f/n) is less than f. For what is left of a symbol, see `kept`.

    >>> exact, more = gain(10, 500, 700, 10**5), gain_bound(10, 500, 700, 10**5)
    >>> 0 < more - exact < 0.001 * exact
    True
    """
    a, b = f_ab / f_a, f_ab / f_b
    kept_a = a * (0.5 + a / (6 - 6 * a)) if a < HALF else kept(a)
    kept_b = b * (0.5 + b / (6 - 6 * b)) if b < HALF else kept(b)
    return f_ab * (log(f_ab * n / (f_a * f_b)) - 1 + kept_a + kept_b + ROUNDING)


def kept(share: float) -> float:
    """1 + (x − f)·ln(1 − r)/f, where r = f/x is a pair's share of one of its symbols.

    That is r/2 + r²/6 + r³/12 + …, and what follows r/2 is less than r²/(6·(1 − r)): where r is
    below a half, this is near enough.

    >>> round(kept(0.5), 3), kept(1.0)
    (0.307, 1.0)
    """
    return 1 + (1 / share - 1) * log(1 - share) if share < 1 else 1.0


class GainQueue:
    """By the gain in log-likelihood, which moves for every pair at every step, but slowly.

    A pair is entered under a bound: its gain if both symbols were rarer than they are, by a slack.
    The bound holds until a symbol's count has fallen through its slack; then the pairs that rest on
    it are entered anew. (The number of symbols in the corpus falls too, and with it every gain; a
    pair's own count can only lower a gain above zero.) The best pair is found by computing exact
    gains in the order of the bounds, until the next bound is below the best gain found.

    There are two slacks. Most pairs are far from the top: a wide slack lets them be until a count
    has fallen by a quarter. A pair near it has a narrow slack. And what came up and was not merged
    is entered under its gain itself, with no slack at all, so that it does not come up at every
    step; that holds until one of its symbols falls, when it is entered under a slack again.

    And most pairs are too rare to be the best as yet, whatever their symbols: they sleep by their
    counts, under no bound at all, until the best gain has come down to what such a count can have.
    """

    def __init__(self, corpus: Corpus, candidates: Candidates) -> None:
        self._corpus, self._candidates = corpus, candidates
        self._pair_counts, self._counts = corpus.pair_counts, corpus.symbol_counts
        self._wide, self._narrow = Slack(self._counts, shift=2), Slack(self._counts, shift=7)
        self._bounds: dict[Pair, float] = {}
        self._heap: list[GainEntry] = []
        self._near: set[Pair] = set()  # under a narrow bound, and listed there with both symbols
        self._exact: set[Pair] = set()  # under the gain itself, and listed with both symbols
        self._exact_pairs: defaultdict[int, list[Pair]] = defaultdict(list)
        self._highest = 0.0  # the gain of the last best pair
        self._asleep: dict[int, list[Pair]] = {}  # by the counts that they had
        self._levels: list[int] = []  # these counts, negated, as a heap
        self._awake_from = corpus.most + 1  # the lowest count whose pairs are awake
        self._follow(corpus.pair_counts)

    def best(self) -> Pair | None:
        """The pair with the highest gain above zero; among equals the one that occurs first."""
        heap, bounds, allow = self._heap, self._bounds, self._candidates.allow
        pair_counts, counts, total = self._pair_counts, self._counts, self._corpus.total
        best: Pair | None = None
        highest = 0.0
        looked_at = []
        while True:
            if not heap or -heap[0][0] < highest:
                if self._wake(highest):
                    continue
                break
            key, pair = heappop(heap)
            if bounds.get(pair) != -key:
                continue
            del bounds[pair]
            if not allow(pair):
                continue
            left, right = pair >> SHIFT, pair & MASK
            count, f_left, f_right = pair_counts[pair], counts[left], counts[right]
            if left != right:
                bound = gain_bound(count, f_left, f_right, total)
                if bound < highest:
                    looked_at.append((pair, bound))
                    continue
            exact = gain(count, f_left, f_right, total, same=left == right)
            looked_at.append((pair, exact + count * ROUNDING))
            if exact > highest or (
                exact == highest and best is not None and self._precedes(pair, best)
            ):
                best, highest = pair, exact
        self._highest = highest
        self._enter_exact(looked_at)
        return best

    def update(self, merged: Pair, raised: list[Pair]) -> None:
        """Enter pairs with new occurrences, and those that rest on a count below its floor."""
        self._follow(raised)
        for symbol in parts_of(merged):
            exact = self._exact_pairs.pop(symbol, [])
            if self._wide.fell_through(symbol):
                self._wide.renew(symbol)
                self._narrow.renew(symbol)
                self._near.difference_update(self._narrow.pairs.pop(symbol, ()))
                self._exact.difference_update(exact)
                self._enter_all(symbol, self._wide)
                continue
            if self._narrow.fell_through(symbol):
                self._narrow.renew(symbol)
                self._enter_all(symbol, self._narrow)
            if exact:
                self._enter_again(exact)
        if len(self._heap) > 4 * len(self._bounds) + 1000:
            self._heap = [(-bound, pair) for pair, bound in self._bounds.items()]
            heapify(self._heap)

    def _follow(self, pairs: Iterable[Pair]) -> None:
        """Enter pairs that are not awake, or let them sleep; a symbol with itself never does."""
        counts, awake_from, asleep = self._pair_counts, self._awake_from, self._asleep
        awake = []
        for pair in self._candidates.among(pairs):
            count = counts[pair]
            if count >= awake_from or pair >> SHIFT == pair & MASK:
                self._wide.note(pair)
                awake.append(pair)
            elif count in asleep:
                asleep[count].append(pair)
            else:
                asleep[count] = [pair]
                heappush(self._levels, -count)
        self._enter_wide(awake)

    def _wake(self, highest: float) -> bool:
        """Enter the most frequent pairs asleep, unless such a gain is above theirs; whether so."""
        if not self._levels or -self._ceiling(self._levels[0]) < highest:
            return False
        self._awake_from = count = -heappop(self._levels)
        self._follow(self._asleep.pop(count))
        return True

    def _ceiling(self, level: int) -> float:
        """More than the gain of any pair asleep on a level or below it; both are negated.

        As `gain_ceiling`; and neither symbol is rarer than the pair, so the logarithm is at most
        that of n/f(ab). It grows with f(ab), which is not above n, though the level may be.
        """
        total = self._corpus.total
        count = min(-level, total)
        return -count * (log(total / count) + ABOVE_ONE)

    def _enter_all(self, symbol: int, slack: Slack) -> None:
        """Enter anew the pairs that rest on the count of a symbol."""
        listed = slack.pairs.pop(symbol, [])
        if slack is self._wide:
            slack.pairs[symbol] = self._enter_wide(listed)
        else:
            near = [pair for pair in listed if pair in self._near]
            self._near.difference_update(near)
            self._enter_wide(near)

    def _enter_exact(self, pairs: Iterable[tuple[Pair, float]]) -> None:
        """Enter pairs under their gains, or what bounds these by the present counts."""
        near, exact, listed = self._near, self._exact, self._exact_pairs
        bounds, heap = self._bounds, self._heap
        for pair, bound in pairs:
            bounds[pair] = bound
            heappush(heap, (-bound, pair))
            if pair not in exact:
                exact.add(pair)
                near.discard(pair)
                listed[pair >> SHIFT].append(pair)
                listed[pair & MASK].append(pair)

    def _enter_again(self, listed: list[Pair]) -> None:
        """Enter anew pairs that were under their gains, as a symbol of theirs fell."""
        exact = self._exact
        again = [pair for pair in dict.fromkeys(listed) if pair in exact]
        exact.difference_update(again)
        self._enter_wide(again)

    def _enter_wide(self, pairs: Iterable[Pair]) -> list[Pair]:
        """Enter pairs under wide bounds, or narrow ones if the wide one would bring them up soon.

        The bound is `gain_bound` at the floors, written out, with 1 in place of `kept` above a
        half. Returns those of the pairs that may be merged.
        """
        count_of, total, highest = self._pair_counts.get, self._corpus.total, self._highest
        floors, bounds, heap = self._wide.floors, self._bounds, self._heap
        floor, least = self._wide.floor, self._candidates.least
        allow = None if self._candidates.any_length else self._candidates.allow
        allowed, near = [], []
        for pair in pairs:
            count = count_of(pair, 0)
            if count < least or (allow and not allow(pair)):
                bounds.pop(pair, None)
                continue
            allowed.append(pair)
            left, right = pair >> SHIFT, pair & MASK
            if left == right:
                near.append(pair)
                continue
            low_left = floors.get(left) or floor(left)
            low_right = floors.get(right) or floor(right)
            share = count / low_left
            kept_left = share * (0.5 + share / (6 - 6 * share)) if share < HALF else 1.0
            if low_left < count:  # no symbol is rarer than its pair
                low_left = count
            share = count / low_right
            kept_right = share * (0.5 + share / (6 - 6 * share)) if share < HALF else 1.0
            if low_right < count:
                low_right = count
            logs = log(count * total / (low_left * low_right))
            bound = count * (logs - 1 + kept_left + kept_right + ROUNDING)
            if bound >= highest:
                near.append(pair)
            elif bound > 0:
                bounds[pair] = bound
                heappush(heap, (-bound, pair))
            else:  # no gain before a count falls through its slack
                bounds.pop(pair, None)
        self._enter_narrow(near)
        return allowed

    def _enter_narrow(self, pairs: Iterable[Pair]) -> None:
        """Enter pairs under bounds of their gains at the floors of the narrow slack."""
        pair_counts, total = self._pair_counts, self._corpus.total
        floors, floor = self._narrow.floors, self._narrow.floor
        known, listed = self._near, self._narrow.pairs
        bounds, heap = self._bounds, self._heap
        for pair in pairs:
            left, right = pair >> SHIFT, pair & MASK
            count = pair_counts[pair]
            low_left = floors.get(left) or floor(left)
            low_right = floors.get(right) or floor(right)
            if left == right:
                bound = gain(count, low_left, low_right, total, same=True) + count * ROUNDING
            else:  # no symbol is rarer than its pair
                low_left = low_left if low_left > count else count
                low_right = low_right if low_right > count else count
                bound = gain_bound(count, low_left, low_right, total)
            if pair not in known:
                known.add(pair)
                listed[left].append(pair)
                if left != right:
                    listed[right].append(pair)
            if bound > 0:
                bounds[pair] = bound
                heappush(heap, (-bound, pair))
            else:  # no gain before a count falls through its slack
                bounds.pop(pair, None)

    def ranking(self) -> Iterator[Exact]:
        """All pairs with a gain from the best on.

        A pair comes up under the bound that it was entered with (or its level, if it is asleep),
        then under one that its present counts give, then with its gain: most are not looked at
        beyond the second.
        """
        allow = self._candidates.allow
        asleep, entered, bounded, exact = range(4)  # of equal numbers what is known comes last
        heaps: dict[int, Sequence[Any]] = {asleep: self._levels, entered: self._heap}
        waiting: list[tuple[float, int, int, Pair]] = []

        def add(kind: int, at: int) -> None:
            if at < len(heaps[kind]):
                top = heaps[kind][at]
                heappush(waiting, (top[0] if kind == entered else self._ceiling(top), kind, at, 0))

        add(asleep, 0)
        add(entered, 0)
        seen: set[Pair] = set()
        while waiting:
            key, kind, at, pair = heappop(waiting)
            if kind == exact:
                yield key, at, pair
            elif kind == bounded:
                value = self._value(pair)
                if value > 0:
                    heappush(waiting, (-value, exact, self._corpus.first(pair), pair))
            else:
                add(kind, 2 * at + 1)
                add(kind, 2 * at + 2)
                for pair in self._pairs_at(heaps[kind][at]):
                    if pair not in seen and allow(pair):
                        seen.add(pair)
                        heappush(waiting, (-self._present_bound(pair, -key), bounded, 0, pair))

    def _pairs_at(self, node: int | GainEntry) -> Sequence[Pair]:
        """The pairs of a level, or of an entry, if it is the one that counts."""
        if isinstance(node, int):
            return self._asleep[-node]
        key, pair = node
        return [pair] if self._bounds.get(pair) == -key else []

    def _value(self, pair: Pair) -> float:
        """The gain of a pair."""
        left, right = parts_of(pair)
        f_left, f_right = self._counts[left], self._counts[right]
        count = self._pair_counts[pair]
        return gain(count, f_left, f_right, self._corpus.total, same=left == right)

    def _present_bound(self, pair: Pair, bound: float) -> float:
        """A bound of the gain of a pair by its present counts, or the one that it has."""
        left, right = parts_of(pair)
        count, f_left, f_right = self._pair_counts[pair], self._counts[left], self._counts[right]
        if left == right:
            return bound
        return gain_bound(count, f_left, f_right, self._corpus.total)

    def _precedes(self, pair: Pair, other: Pair) -> bool:
        return self._corpus.first(pair) < self._corpus.first(other)


QUEUES: dict[str, type[FrequencyQueue] | type[LikelihoodQueue] | type[GainQueue]] = {
    "frequency": FrequencyQueue,
    "likelihood": LikelihoodQueue,
    "gain": GainQueue,
}
