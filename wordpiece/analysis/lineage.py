"""Where tokens come from and where they go: the merges of a training, read as family relations.

A token is born by a merge, and later merges may take occurrences of it for longer tokens. What is
left at the end is what the training itself used it for.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from wordpiece.formats.trace import Trace
from wordpiece.types import Merge


@dataclass(frozen=True)
class Consumption:
    """A merge that took occurrences of a token, and how many."""

    merge: Merge
    taken: int


class Lineage:
    """The merges of a training by the tokens that they make and take.

    >>> merges = (
    ...     Merge(1, "a", "##b", "ab", 3, f_ab=5, f_a=7, f_b=5, n=20, score=0.1),
    ...     Merge(2, "ab", "##c", "abc", 4, f_ab=5, f_a=5, f_b=6, n=15, score=0.1),
    ... )
    >>> lineage = Lineage(Trace(merges))
    >>> lineage.born("ab").step, lineage.consumer("ab").merge.new, lineage.left_at_end("ab")
    (1, 'abc', 0)
    """

    def __init__(self, trace: Trace) -> None:
        self.trace = trace
        self._births: dict[str, Merge] = {}
        #: How many of a token there were when the first was taken, and were made since.
        self._there: Counter[str] = Counter()
        self._not_known: set[str] = set()
        self._consumptions: defaultdict[str, list[Consumption]] = defaultdict(list)
        for merge, replaced in zip(trace.merges, replacements(trace), strict=True):
            if not makes_a_character(merge):
                self._births.setdefault(merge.new, merge)
            if replaced is None:
                self._not_known |= {merge.left, merge.new}
                continue
            same = merge.left == merge.right
            counts = {merge.left: merge.f_a, merge.right: merge.f_b}
            for part, count in counts.items():
                if part not in self._consumptions:
                    self._there[part] = count
                self._consumptions[part].append(Consumption(merge, (1 + same) * replaced))
            self._there[merge.new] += replaced

    def born(self, token: str) -> Merge | None:
        """The merge that first made a token; None for the alphabet, and tokens that none made."""
        return self._births.get(token)

    def consumptions(self, token: str) -> list[Consumption]:
        """The merges that took occurrences of a token, in order."""
        return self._consumptions.get(token, [])

    def consumer(self, token: str) -> Consumption | None:
        """The merge that took most of a token's occurrences, the earliest of equals."""
        return max(self.consumptions(token), key=lambda each: each.taken, default=None)

    def left_at_end(self, token: str) -> int | None:
        """Occurrences of a token in the training's own split when it ended.

        None where the trace does not say: for a token of the alphabet that no merge ever took, and
        where the last merge of all joined a symbol with itself.
        """
        taken = self.consumptions(token)
        if token in self._not_known or not (taken or token in self._births):
            return None
        return self._there[token] - sum(each.taken for each in taken)

    @cached_property
    def scaffolds(self) -> dict[str, str]:
        """Tokens of which nothing is left, all taken by one merge, with the token that it made."""
        found = {}
        for token in self._births:
            consumptions = self.consumptions(token)
            if len(consumptions) == 1 and self.left_at_end(token) == 0:
                found[token] = consumptions[0].merge.new
        return found

    def chains(self) -> list[tuple[str, ...]]:
        """Runs of tokens that were only steps to the last of them (`ex`, `exp`, `expl`, …).

        Longest first, equals by the first token. Single steps are left out.
        """
        later = set(self.scaffolds.values())
        found = []
        for token in self.scaffolds:
            if token in later:
                continue
            chain = [token]
            while chain[-1] in self.scaffolds:
                chain.append(self.scaffolds[chain[-1]])
            if len(chain) > 2:
                found.append(tuple(chain))
        return sorted(found, key=lambda chain: (-len(chain), chain))


def makes_a_character(merge: Merge) -> bool:
    """Whether a merge makes a token of the alphabet again, as `##` and `###` make `###`.

    What the prefix is can be seen from the merge.

    >>> makes_a_character(Merge(1, "##", "###", "###", 7, f_ab=1, f_a=1, f_b=1, n=3, score=1))
    True
    """
    size = len(merge.left) + len(merge.right) - len(merge.new)
    return len(merge.new) == size + 1 and merge.new.startswith(merge.right[:size])


def replacements(trace: Trace) -> Iterable[int | None]:
    """How many occurrences each merge replaced: fewer than f(ab) where a pair overlaps itself.

    None for the last merge where that may be and was not recorded.
    """
    found: list[int | None] = [before.n - after.n for before, after in pairwise(trace.merges)]
    if trace.merges:
        last = trace.merges[-1]
        detail = trace.details.get(last.step)
        whole = last.f_ab if last.left != last.right else None
        found.append(whole if detail is None else last.n - detail.n_after)
    return found
