"""What both trainers start from, and the rules that they share."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, NamedTuple

from wordpiece.training.scores import Score

#: Why a training ended: the size was reached, no pair was left that may be merged, or none would
#: gain anything.
StopReason = Literal["size", "no pair left", "no gain left"]


class Segment(NamedTuple):
    """A run of symbol ids within a word, and how often the word occurs.

    A word is one segment, or several when characters that are not in the alphabet stand between
    them: nothing is merged across such a gap.
    """

    symbols: list[int]
    weight: int


#: What stands around each segment where they are laid out.
NOTHING = -1


class Layout(NamedTuple):
    """Segments one after the other: `NOTHING`, the symbols of one, `NOTHING`, those of the next.

    `symbols` ends with `NOTHING` too; `lengths` counts the symbols of each segment.
    """

    symbols: list[int]
    lengths: list[int]
    weights: list[int]


def laid_out(segments: Iterable[Segment]) -> Layout:
    """Segments one after the other.

    >>> laid_out([Segment([0, 1], 2), Segment([5], 1)])
    Layout(symbols=[-1, 0, 1, -1, 5, -1], lengths=[2, 1], weights=[2, 1])
    """
    layout = Layout([NOTHING], [], [])
    for segment, weight in segments:
        layout.symbols.extend(segment)
        layout.symbols.append(NOTHING)
        layout.lengths.append(len(segment))
        layout.weights.append(weight)
    return layout


@dataclass(frozen=True)
class Task:
    """A training to be done: segments in order, the first tokens in id order, and the rules."""

    segments: Iterable[Segment]
    tokens: tuple[str, ...]
    score: Score
    vocab_size: int
    prefix: str = "##"
    min_frequency: int = 1
    max_token_length: int | None = None
    #: For scores by which rare pairs come last: pairs below this count, if it comes to them at
    #: all, may be counted when no other is left.
    rare: int = 1
    #: How many processes may work, which never changes the result.
    workers: int = 1

    def token(self, left: str, right: str) -> str:
        """The token that a merge makes: the right part loses its prefix.

        >>> from wordpiece.training.scores import SCORES
        >>> Task([], (), SCORES["likelihood"], 0).token("##a", "##b")
        '##ab'
        """
        return left + right.removeprefix(self.prefix)

    def bare(self, token: str) -> str:
        """The token without its prefix."""
        return token.removeprefix(self.prefix)

    def allows(self, left: str, right: str) -> bool:
        """Whether the token of a merge is short enough."""
        limit = self.max_token_length
        return limit is None or len(self.bare(self.token(left, right))) <= limit
