"""What a merge was chosen against: rivals, ties, and the words that it changed.

A recorder looks at the corpus and the queue just before and just after a merge, so its numbers are
those that the trainer used. To look at every step of a long training would take longer than the
training: the first steps are all recorded, and then one in so many.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from itertools import islice

from wordpiece.training.corpus import Corpus, Pair, parts_of
from wordpiece.training.queues import Queue
from wordpiece.training.scores import Score
from wordpiece.training.segments import Task
from wordpiece.types import MOST_TIED, Example, MergeDetail, Rival

#: Every step is recorded up to this one, and at most as many as `SAMPLED` of those that follow.
ALL_UNTIL = 500
SAMPLED = 250
#: How many rivals and how many words are kept of a step.
RIVALS = 5
EXAMPLES = 3
#: A longer word, in characters or for byte-level BPE in bytes, is none of them.
LONGEST_EXAMPLE = 100


@cache
def stride(vocab_size: int) -> int:
    """After the first steps, one in so many is recorded: 1, 2, 5, 10, 20, 50 and so on.

    >>> stride(700), stride(8_000), stride(30_000)
    (1, 50, 200)
    """
    power = 1
    while True:
        for digit in (1, 2, 5):
            if vocab_size - ALL_UNTIL <= SAMPLED * digit * power:
                return digit * power
        power *= 10


def is_recorded(step: int, vocab_size: int) -> bool:
    """Whether a step of a training to this size is recorded with its rivals.

    >>> is_recorded(7, 30_000), is_recorded(501, 30_000), is_recorded(520, 30_000)
    (True, False, False)
    """
    return step <= ALL_UNTIL or step % stride(vocab_size) == 0


def tie_rule(score: Score) -> str:
    """What decides between pairs of the same score."""
    return "smaller ids" if score.ties_by_id else "first occurrence"


class Recorder:
    """Collects a `MergeDetail` for each step that is recorded, in `details`, by step.

    `done` are those of a training that was cut off.
    """

    def __init__(self, task: Task, done: Mapping[int, MergeDetail] | None = None) -> None:
        self.details: dict[int, MergeDetail] = dict(done or {})
        self._task = task

    def wants(self, step: int) -> bool:
        """Whether a step is recorded."""
        return is_recorded(step, self._task.vocab_size)

    def before(self, pair: Pair, queue: Queue, corpus: Corpus, tokens: list[str]) -> Observed:
        """Look at a pair that is about to be merged."""
        return Observed(pair, queue, corpus, tokens, self._task)

    def after(self, step: int, observed: Observed) -> None:
        """Look again when it has become a symbol."""
        self.details[step] = observed.detail()


class Observed:
    """One merge, seen before and after."""

    def __init__(
        self, pair: Pair, queue: Queue, corpus: Corpus, tokens: list[str], task: Task
    ) -> None:
        self._corpus, self._tokens, self._task, self._pair = corpus, tokens, task, pair
        ranking = queue.ranking()
        best, *others = islice(ranking, RIVALS + 1)
        self._score = -best[0]
        self._rivals = tuple(self._rival(-score, other) for score, _, other in others)
        self._tied = 1 + sum(score == best[0] for score, _, _ in others)
        if self._tied == RIVALS + 1:
            more = islice(ranking, MOST_TIED - self._tied)
            for score, _, _ in more:
                if score != best[0]:
                    break
                self._tied += 1
        # Frequency merges the most frequent pair, if no token is too long; otherwise it is counted.
        by_frequency = task.score.name == "frequency" and task.max_token_length is None
        self._rank = 1 if by_frequency else corpus.frequency_rank(corpus.pair_counts[pair])
        starts = corpus.first_segments(pair, EXAMPLES, LONGEST_EXAMPLE)
        self._before = {start: corpus.word_at(start) for start in starts}

    @property
    def lacks_rivals(self) -> bool:
        """Whether fewer rivals were found than are kept, or one may be a pair not followed."""
        ceiling = self._task.score.ceiling(self._corpus.least - 1, self._corpus.total)
        return len(self._rivals) < RIVALS or self._rivals[-1].score <= ceiling

    def _rival(self, score: float, pair: Pair) -> Rival:
        left, right = parts_of(pair)
        counts = self._corpus.symbol_counts
        f_ab = self._corpus.pair_counts[pair]
        names = self._tokens[left], self._tokens[right]
        return Rival(*names, f_ab, counts[left], counts[right], score)

    def detail(self) -> MergeDetail:
        """What there is to say, once the merge is made."""
        second = self._rivals[0].score if self._rivals else None
        return MergeDetail(
            n_after=self._corpus.total,
            n_tied=self._tied,
            chosen_by=self._chosen_by(),
            frequency_rank=self._rank,
            margin=None if second is None else self._margin(second),
            words_touched=self._corpus.segments_merged(),
            rivals=self._rivals,
            examples=tuple(self._example(*item) for item in self._before.items()),
        )

    def _chosen_by(self) -> str:
        if self._tied == 1:
            return "score"
        return tie_rule(self._task.score)

    def _margin(self, second: float) -> float:
        return self._score - second if self._task.score.is_sum else self._score / second

    def _example(self, start: int, before: list[int]) -> Example:
        name = self._tokens.__getitem__
        first, *rest = map(name, before)
        after = self._corpus.word_at(start)
        word = first + "".join(map(self._task.bare, rest))
        count = self._corpus.weight_at(start)
        return Example(word, count, tuple(map(name, before)), tuple(map(name, after)))
