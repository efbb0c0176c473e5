"""How the training itself splits a word: its merges in their order, each made everywhere at once.

Byte-pair encoding splits text this way too. WordPiece encodes by longest match instead, so a word
of its own training text may be split otherwise in use than it was in training.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from itertools import pairwise
from typing import NamedTuple

from wordpiece.training.reference import merged


class Stage(NamedTuple):
    """The tokens of a word after a step; step 0 is before the first merge."""

    step: int
    tokens: tuple[str, ...]


class MergeOrder:
    """Merges in order, by which words can be split as far as any step.

    >>> order = MergeOrder([("##g", "##s"), ("h", "##u"), ("hu", "##gs")])
    >>> order.stages("hugs")[-1]
    Stage(step=3, tokens=('hugs',))
    >>> order.split("hugs", until=2)
    ('hu', '##gs')
    """

    def __init__(self, pairs: Iterable[tuple[str, str]], *, prefix: str = "##") -> None:
        self.prefix = prefix
        self._steps: dict[tuple[str, str], list[int]] = {}
        for step, pair in enumerate(pairs, start=1):
            self._steps.setdefault(pair, []).append(step)

    def split(self, word: str, *, until: int | None = None) -> tuple[str, ...]:
        """The tokens of a word after a step, or after the last."""
        return self.stages(word, until=until)[-1].tokens

    def stages(self, word: str, *, until: int | None = None) -> list[Stage]:
        """The word before the first merge and after each step that changes it."""
        tokens = symbols_of(word, self.prefix)
        found = [Stage(0, tuple(tokens))]
        step = 0
        while True:
            following = [self._next(pair, step) for pair in pairwise(tokens)]
            step = min((after for after in following if after is not None), default=0)
            if not step or (until is not None and step > until):
                return found
            pair = tokens[(at := following.index(step))], tokens[at + 1]
            tokens = merged(tokens, pair, pair[0] + pair[1].removeprefix(self.prefix))
            found.append(Stage(step, tuple(tokens)))

    def _next(self, pair: tuple[str, str], step: int) -> int | None:
        """The first step after one that merges a pair."""
        steps = self._steps.get(pair)
        if steps is None:
            return None
        at = bisect_right(steps, step)
        return steps[at] if at < len(steps) else None


def symbols_of(word: str, prefix: str) -> list[str]:
    """The characters of a word, all but the first with the prefix.

    >>> symbols_of("hug", "##")
    ['h', '##u', '##g']
    """
    return [prefix + char if at else char for at, char in enumerate(word)]
