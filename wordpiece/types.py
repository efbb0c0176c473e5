"""What passes between the stages of the pipeline.

Every offset in this package counts characters (Python's code points), never bytes, and every span
is half-open: `text[start:end]`.
"""

from __future__ import annotations

from collections.abc import Callable, ItemsView, Iterator, Mapping, ValuesView
from dataclasses import dataclass
from typing import NamedTuple

from wordpiece.errors import OptionError


class Span(NamedTuple):
    """A stretch of a text, in characters: `text[start:end]`."""

    start: int
    end: int


class Word(NamedTuple):
    """A word that the pre-tokenizer cut out, and where it stands in the text it was cut from.

    >>> Word("don", 0, 3)
    Word(text='don', start=0, end=3)
    """

    text: str
    start: int
    end: int


class Piece(NamedTuple):
    """A token that a model found in a word: its id, and the characters that it covers."""

    id: int
    start: int
    end: int


class Merge(NamedTuple):
    """One step of a training: which pair became one token, and the counts that made it the best.

    `step` counts from 1. `f_ab`, `f_a` and `f_b` are occurrences in the corpus just before the
    merge, `n` the number of symbols in it then; `score` is the number that was compared. `new` is
    an existing token when `id` is an old id.

    >>> Merge(1, "a", "##b", "ab", 44, f_ab=2, f_a=5, f_b=2, n=171, score=0.2).new
    'ab'
    """

    step: int
    left: str
    right: str
    new: str
    id: int
    f_ab: int
    f_a: int
    f_b: int
    n: int
    score: float


class Rival(NamedTuple):
    """A pair that was not merged at a step, with the numbers that it had then."""

    left: str
    right: str
    f_ab: int
    f_a: int
    f_b: int
    score: float


@dataclass(frozen=True, slots=True)
class Example:
    """A word that a merge changed, how often it occurs, and its tokens before and after.

    >>> Example("about", 2, ("a", "##b", "##o", "##u", "##t"), ("ab", "##o", "##u", "##t")).count
    2
    """

    word: str
    count: int
    before: tuple[str, ...]
    after: tuple[str, ...]


#: Pairs of the same score are counted up to so many: on small corpora there are thousands.
MOST_TIED = 20


class MergeDetail(NamedTuple):
    """What a merge was chosen against, and what it changed.

    `n_after` is the number of symbols in the corpus after it. `n_tied` pairs had the highest score,
    the winner among them (20 stands for twenty or more), and `chosen_by` says what decided:
    `"score"` when it stood alone, else the rule for ties. `frequency_rank` is the winner's place
    when pairs are ordered by f(ab) alone, as byte-pair encoding does; 1 is the most frequent.
    `margin` is the winner's score over that of the best rival, or for `gain` their difference; None
    without a rival. `words_touched` counts distinct words. `rivals` are the next best, the best
    first; `examples` the first words of at most 100 characters, in order of occurrence.
    """

    n_after: int
    n_tied: int
    chosen_by: str
    frequency_rank: int
    margin: float | None
    words_touched: int
    rivals: tuple[Rival, ...]
    examples: tuple[Example, ...]


class Progress(NamedTuple):
    """How far a long piece of work has come: `done` of `total` units (None: not known)."""

    phase: str
    done: int
    total: int | None
    unit: str


#: Called now and then with how far the work has come.
ProgressListener = Callable[[Progress], None]


class WordCounts(Mapping[str, int]):
    """How often each word occurs, in a stated order: what a trainer learns from.

    The order is the order of first occurrence in the corpus, and it breaks ties between equally
    good merges. A word here is whatever the caller says it is; nothing is normalized or split
    again.

    >>> counts = WordCounts({"hug": 10, "pug": 5})
    >>> counts["hug"], counts.total, list(counts)
    (10, 15, ['hug', 'pug'])

    Raises `OptionError` for an empty word, and for a count that is not a positive int.
    """

    __slots__ = ("_counts",)

    def __init__(self, counts: Mapping[str, int]) -> None:
        self._counts = dict(counts)
        if not self._is_plain():
            self._check()

    def _is_plain(self) -> bool:
        """Whether there is nothing wrong, found without a step of Python for each word."""
        numbers = self._counts.values()
        return (
            {str}.issuperset(map(type, self._counts))
            and "" not in self._counts
            and {int}.issuperset(map(type, numbers))
            and min(numbers, default=1) >= 1
        )

    def _check(self) -> None:
        for word, count in self._counts.items():
            if not isinstance(word, str) or not word:
                raise OptionError(f"a word must be a non-empty str, not {word!r}")
            if type(count) is not int or count < 1:
                raise OptionError(
                    f"the count of {word!r} must be an int of at least 1, not {count!r}"
                )

    def __getitem__(self, word: str) -> int:
        return self._counts[word]

    def __iter__(self) -> Iterator[str]:
        return iter(self._counts)

    def __len__(self) -> int:
        return len(self._counts)

    def items(self) -> ItemsView[str, int]:
        """The words with their counts, in order."""
        return self._counts.items()

    def values(self) -> ValuesView[int]:
        """The counts, in the order of the words."""
        return self._counts.values()

    def __repr__(self) -> str:
        return f"WordCounts({len(self)} words, {self.total} occurrences)"

    @property
    def total(self) -> int:
        """Occurrences of all words together."""
        return sum(self._counts.values())
