"""The fast trainer: the same merges as `reference`, without counting anything twice.

It is a generator of `Merge`; whoever wants a progress bar, a trace or a test reads the stream.
Counts are kept in step by `corpus`, the best pair is known to `queues`.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence

from wordpiece.errors import InputError
from wordpiece.training.corpus import Corpus, pair_of, parts_of
from wordpiece.training.queues import QUEUES, Candidates, Queue
from wordpiece.training.recorder import Recorder
from wordpiece.training.segments import StopReason, Task
from wordpiece.types import Merge


def merges(
    task: Task, done: Sequence[Merge] = (), recorder: Recorder | None = None
) -> Generator[Merge, None, StopReason]:
    """Yield merge after merge; the generator's return value says why it ended.

    The merges of a training that was cut off may be given as `done`: they are made again, without
    looking for the best pair, and not yielded. Raises `InputError` if they are of another training.
    """
    tokens = list(task.tokens)
    ids = {token: id for id, token in enumerate(tokens)}
    corpus = Corpus(task.segments, max(task.rare, task.min_frequency), workers=task.workers)
    make_again(done, task, corpus, tokens, ids)
    queue = queue_of(task, corpus, tokens)
    pair_counts, symbol_counts = corpus.pair_counts, corpus.symbol_counts
    value, token_of = task.score.value, task.token
    step = len(done)
    while len(tokens) < task.vocab_size:
        pair = queue.best()
        if pair is None and follow_rare(task, corpus):
            queue = queue_of(task, corpus, tokens)
            continue
        if pair is None:
            return (
                "no gain left"
                if task.score.positive_only and has_candidate(task, corpus, tokens)
                else "no pair left"
            )
        left, right = parts_of(pair)
        f_ab, f_a, f_b = pair_counts[pair], symbol_counts[left], symbol_counts[right]
        n = corpus.total
        score = value(f_ab, f_a, f_b, n, left == right)
        if may_be_rare(score, task, corpus):
            follow_rare(task, corpus)
            queue = queue_of(task, corpus, tokens)
            continue
        new = token_of(tokens[left], tokens[right])
        if new not in ids:
            ids[new] = len(tokens)
            tokens.append(new)
        step += 1
        observed = None
        if recorder and recorder.wants(step):
            observed = recorder.before(pair, queue, corpus, tokens)
            if observed.lacks_rivals and follow_rare(task, corpus):
                queue = queue_of(task, corpus, tokens)
                queue.best()  # the same
                observed = recorder.before(pair, queue, corpus, tokens)
        queue.update(pair, corpus.merge(pair, ids[new]))
        if recorder and observed:
            recorder.after(step, observed)
        yield Merge(step, tokens[left], tokens[right], new, ids[new], f_ab, f_a, f_b, n, score)
    return "size"


def queue_of(task: Task, corpus: Corpus, tokens: list[str]) -> Queue:
    """The queue of a score, with all pairs that are followed."""
    return QUEUES[task.score.name](corpus, Candidates(task, corpus, tokens))


def may_be_rare(score: float, task: Task, corpus: Corpus) -> bool:
    """Whether a pair that is not followed as yet may have such a score."""
    least = corpus.least
    return least > task.min_frequency and score <= task.score.ceiling(least - 1, corpus.total)


def follow_rare(task: Task, corpus: Corpus) -> bool:
    """Follow the rare pairs too; whether they were not followed until now."""
    if corpus.least <= task.min_frequency:
        return False
    corpus.follow_all(task.min_frequency)
    return True


def make_again(
    done: Sequence[Merge], task: Task, corpus: Corpus, tokens: list[str], ids: dict[str, int]
) -> None:
    """Make merges that are known, and hold their counts against the corpus."""
    for merge in done:
        pair = pair_of(ids.get(merge.left, 0), ids.get(merge.right, 0))
        if pair not in corpus.pair_counts:
            follow_rare(task, corpus)
        left, right = (corpus.symbol_counts.get(symbol) for symbol in parts_of(pair))
        found = (corpus.pair_counts.get(pair), left, right, corpus.total)
        if found != (merge.f_ab, merge.f_a, merge.f_b, merge.n):
            raise InputError(f"merge {merge.step} ({merge.new!r}) is not of this training")
        if merge.new not in ids:
            ids[merge.new] = len(tokens)
            tokens.append(merge.new)
        corpus.merge(pair, ids[merge.new])


def has_candidate(task: Task, corpus: Corpus, tokens: list[str]) -> bool:
    """Whether any pair may be merged at all, whatever its score."""
    candidates = Candidates(task, corpus, tokens)
    return any(candidates.allow(pair) for pair in corpus.pair_counts)
