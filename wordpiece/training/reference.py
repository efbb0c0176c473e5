"""The definition of training: count everything, merge the best pair, and again from the start.

This is the plain algorithm, as slow as it is short. The engine must give the same merges, in the
same order, with the same counts and scores, on any corpus; the tests hold it to that.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator, Sequence
from itertools import pairwise
from typing import TypeVar

from wordpiece.training.segments import Segment, StopReason, Task
from wordpiece.types import Merge

Pair = tuple[int, int]
Symbol = TypeVar("Symbol", int, str)


def merges(task: Task) -> Generator[Merge, None, StopReason]:
    """Yield merge after merge; the generator's return value says why it ended."""
    segments = list(task.segments)
    tokens = list(task.tokens)
    ids = {token: id for id, token in enumerate(tokens)}
    step = 0
    while len(tokens) < task.vocab_size:
        pairs, symbols = count_pairs(segments), count_symbols(segments)
        n = symbols.total()
        scores = {
            (a, b): task.score.value(f_ab, symbols[a], symbols[b], n, a == b)
            for (a, b), f_ab in pairs.items()
            if f_ab >= task.min_frequency and task.allows(tokens[a], tokens[b])
        }
        if not scores:
            return "no pair left"
        a, b = best_pair(scores, ties_by_id=task.score.ties_by_id)
        if task.score.positive_only and scores[a, b] <= 0:
            return "no gain left"
        new = task.token(tokens[a], tokens[b])
        if new not in ids:
            ids[new] = len(tokens)
            tokens.append(new)
        segments = [
            Segment(merged(segment.symbols, (a, b), ids[new]), segment.weight)
            for segment in segments
        ]
        step += 1
        yield Merge(
            step,
            tokens[a],
            tokens[b],
            new,
            ids[new],
            pairs[a, b],
            symbols[a],
            symbols[b],
            n,
            scores[a, b],
        )
    return "size"


def count_pairs(segments: list[Segment]) -> Counter[Pair]:
    """How often each pair occurs, in the order of first occurrence.

    >>> count_pairs([Segment([1, 1, 1], 2), Segment([1, 2], 5)])
    Counter({(1, 2): 5, (1, 1): 4})
    """
    pairs: Counter[Pair] = Counter()
    for symbols, weight in segments:
        for pair in pairwise(symbols):
            pairs[pair] += weight
    return pairs


def count_symbols(segments: list[Segment]) -> Counter[int]:
    """How often each symbol occurs."""
    found: Counter[int] = Counter()
    for symbols, weight in segments:
        for symbol in symbols:
            found[symbol] += weight
    return found


def best_pair(scores: dict[Pair, float], *, ties_by_id: bool) -> Pair:
    """The pair with the highest score; among equals, the smallest ids or the first occurrence.

    >>> best_pair({(3, 1): 0.5, (2, 9): 0.5}, ties_by_id=False)
    (3, 1)
    """
    highest = max(scores.values())
    tied = [pair for pair, score in scores.items() if score == highest]
    return min(tied) if ties_by_id else tied[0]


def merged(symbols: Sequence[Symbol], pair: tuple[Symbol, Symbol], new: Symbol) -> list[Symbol]:
    """Replace a pair from left to right, without overlap.

    >>> merged([1, 1, 1], (1, 1), 7)
    [7, 1]
    """
    result: list[Symbol] = []
    at = 0
    while at < len(symbols):
        if tuple(symbols[at : at + 2]) == pair:
            result.append(new)
            at += 2
        else:
            result.append(symbols[at])
            at += 1
    return result
