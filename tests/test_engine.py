"""The engine is the reference, only faster: same merges, order, counts, scores and end."""

from __future__ import annotations

import gzip
import random
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from math import log
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.strategies import word_counts
from tests.training_tools import run, task_for
from wordpiece.text.counts import WordCounter
from wordpiece.text.rules import TextRules
from wordpiece.training import engine, queues, reference
from wordpiece.training.best_first import Exact
from wordpiece.training.corpus import Corpus, parts_of
from wordpiece.types import WordCounts

scores = st.sampled_from(["likelihood", "gain", "frequency"])


@given(
    counts=word_counts,
    score=scores,
    steps=st.integers(0, 40),
    min_frequency=st.sampled_from([1, 1, 2, 5]),
    max_token_length=st.sampled_from([None, None, 2, 3]),
    limit_alphabet=st.sampled_from([None, None, 1, 2]),
    special_tokens=st.sampled_from([("[UNK]",), ("[UNK]", "ab", "##ab"), ("[UNK]", "a")]),
    rare=st.sampled_from([1, 1, 4, 9, 30]),
)
@example(  # a pair that dies and comes back: `#` makes ### in more than one way
    counts={"############": 9, "##": 8, "###": 2, "####": 5, "#" * 19: 1},
    score="gain",
    steps=18,
    min_frequency=1,
    max_token_length=None,
    limit_alphabet=None,
    special_tokens=("[UNK]",),
    rare=1,
)
@example(  # the same, where what was not followed has to be found
    counts={"############": 9, "##": 8, "###": 2, "####": 5, "#" * 19: 1},
    score="frequency",
    steps=18,
    min_frequency=1,
    max_token_length=None,
    limit_alphabet=None,
    special_tokens=("[UNK]",),
    rare=9,
)
def test_engine_equals_reference(counts: dict[str, int], **options: object) -> None:
    task = task_for(counts, **options)  # type: ignore[arg-type]
    assert run(engine.merges, task) == run(reference.merges, task)


@pytest.mark.parametrize(
    ("counts", "score"),
    [
        # a symbol that dies out and is made again, beside itself
        ({"#a#a#a": 1, "###aa##a": 1000, "#a": 3}, "gain"),
        # counts that a double cannot tell apart, and where f/f(a) rounds to 1
        ({"ab": 2**53, "xy": 2**53 + 1}, "frequency"),
        ({"baa": 2**60 + 1, "b": 2}, "gain"),
        ({"ab": 2**54 - 1, "a": 1}, "gain"),
    ],
)
def test_corpora_that_once_broke_it(counts: dict[str, int], score: str) -> None:
    task = task_for(counts, score=score, special_tokens=("[UNK]",))
    merges, why = run(engine.merges, task)
    assert merges
    assert (merges, why) == run(reference.merges, task)


def test_frequency_compares_ints() -> None:
    task = task_for({"ab": 2**53, "xy": 2**53 + 1}, score="frequency")
    assert [merge.new for merge in run(engine.merges, task)[0]] == ["xy", "ab"]


class CountingQueue(queues.LikelihoodQueue):
    """Counts how often a hub's best pair is looked for."""

    looks = 0

    def _scored(self, entry: queues.Entry, hub: int) -> queues.HubEntry:
        CountingQueue.looks += 1
        return super()._scored(entry, hub)


def test_huge_counts_cost_no_more_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond 2^26 every tie in a hub was once compared at every step."""
    monkeypatch.setitem(queues.QUEUES, "likelihood", CountingQueue)
    rng = random.Random(4)
    words = {"".join(rng.choices("abcdefgh", k=6)): rng.randint(1, 3) for _ in range(400)}
    looks = []
    for factor in (1, 2**27):
        CountingQueue.looks = 0
        run(engine.merges, task_for({word: n * factor for word, n in words.items()}, steps=300))
        looks.append(CountingQueue.looks)
    assert looks[1] <= 2 * looks[0]


@given(counts=word_counts, steps=st.integers(0, 40))
def test_engine_equals_reference_where_keys_may_round_alike(
    counts: dict[str, int], steps: int
) -> None:
    """Huge counts make the queue compare near ties by exact score; here it always does."""
    task = task_for(counts, steps=steps)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(queues, "EXACT_PRODUCT", 0)
        assert run(engine.merges, task) == run(reference.merges, task)


def test_near_ties_within_a_hub_are_decided_by_the_exact_score() -> None:
    """f/f(rarer) rounds to one double for both pairs, but the scores differ in the last bit."""
    base = 2**52
    counts = {"xa": base - 1, "a": 1, "xb": base - 3, "b": 1, "x": 2**54}
    task = task_for(counts)
    assert run(engine.merges, task) == run(reference.merges, task)


SLICES = {
    "english": ("english/books_1mb.txt", 200_000),
    "korean": ("korean/nsmc_ratings_test.txt.gz", 200_000),
    "chinese": ("multilingual/zh.txt.gz", 2_000_000),
    "german": ("multilingual/de.txt.gz", 200_000),
}


def slice_counts(data: Path, language: str) -> WordCounts:
    """The word counts of the first 200 kB of a real text."""
    name, size = SLICES[language]
    raw = (data / name).read_bytes()
    raw = gzip.decompress(raw) if name.endswith(".gz") else raw
    counter = WordCounter(TextRules())
    counter.add(raw[:size].decode("utf-8", "ignore"))
    return counter.counts()


each_language = pytest.mark.parametrize("language", SLICES)
each_score = pytest.mark.parametrize(
    ("score", "min_frequency"),
    [("likelihood", 1), ("likelihood", 5), ("gain", 1), ("frequency", 1)],
)


@each_language
@each_score
def test_engine_begins_as_the_reference_on_real_text(
    data: Path, language: str, score: str, min_frequency: int
) -> None:
    assert_equal_on_slice(data, language, score, min_frequency, steps=40)


@pytest.mark.slow
@each_language
@each_score
def test_engine_equals_reference_on_real_text(
    data: Path, language: str, score: str, min_frequency: int
) -> None:
    assert_equal_on_slice(data, language, score, min_frequency, steps=500)


def assert_equal_on_slice(
    data: Path, language: str, score: str, min_frequency: int, *, steps: int
) -> None:
    counts = slice_counts(data, language)
    task = task_for(counts, score=score, min_frequency=min_frequency, steps=steps)
    merges, why = run(engine.merges, task)
    assert len(merges) >= steps
    assert (merges, why) == run(reference.merges, task)


# ---------------------------------------------------------------- how much is done


def zipfian(number: int) -> dict[str, int]:
    """Words of common and rare letters, the n-th of them with one n-th of the count."""
    rng = random.Random(3)
    letters = "etaoinshrdlucmfwypvbgk"

    def letter() -> str:
        return letters[min(int(rng.expovariate(0.22)), len(letters) - 1)]

    words: dict[str, int] = {}
    for rank in range(1, number + 1):
        word = "".join(letter() for _ in range(rng.randint(2, 10)))
        words.setdefault(word, max(1, 200_000 // rank))
    return words


@pytest.mark.parametrize(("score", "most"), [("likelihood", 9), ("gain", 22), ("frequency", 5)])
def test_few_pairs_are_entered_for_each_merge(
    score: str, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At most twice what it takes: entering every pair of a symbol at each merge takes far more."""
    entered = 0
    push = queues.heappush

    def counted(heap: list[object], entry: object) -> None:
        nonlocal entered
        entered += 1
        push(heap, entry)

    monkeypatch.setattr(queues, "heappush", counted)
    merges, _ = run(engine.merges, task_for(zipfian(2000), score=score, steps=1000))
    assert len(merges) == 1000
    assert entered / len(merges) < most


def test_few_hubs_are_looked_at_for_each_merge(monkeypatch: pytest.MonkeyPatch) -> None:
    """A third more than it takes: a hub whose pairs changed waits until it may be the best."""
    monkeypatch.setitem(queues.QUEUES, "likelihood", CountingQueue)
    CountingQueue.looks = 0
    merges, _ = run(engine.merges, task_for(zipfian(2000), steps=1000))
    assert CountingQueue.looks / len(merges) < 3


def test_of_many_equal_hubs_few_are_looked_at_for_a_ranking(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Their first positions are known before their best pairs are."""
    looked_at = 0
    ranking_of = queues.LikelihoodQueue._ranking_of

    def counted(queue: queues.LikelihoodQueue, hub: int) -> Iterator[Exact]:
        nonlocal looked_at
        looked_at += 1
        return ranking_of(queue, hub)

    monkeypatch.setattr(queues.LikelihoodQueue, "_ranking_of", counted)
    equal = {f"{chr(0x4E00 + 2 * at)}{chr(0x4E01 + 2 * at)}": 2 for at in range(600)}
    task = task_for(equal)
    corpus = Corpus(task.segments)
    candidates = queues.Candidates(task, corpus, list(task.tokens))
    queue = queues.LikelihoodQueue(corpus, candidates)
    queue.best()
    assert len(list(islice(queue.ranking(), 4))) == 4
    assert looked_at < 8


def test_pairs_of_frequent_symbols_are_not_entered_before_their_time() -> None:
    """A pair of letters that are there 8,000 times has a score of 1/8,000 at most."""
    frequent = {a + b: 1000 for a in "abcdefgh" for b in "abcdefgh"}
    task = task_for({"xy": 1, "uv": 2, **frequent})
    corpus = Corpus(task.segments)
    candidates = queues.Candidates(task, corpus, list(task.tokens))
    queue = queues.LikelihoodQueue(corpus, candidates)
    assert [task.tokens[part] for part in parts_of(queue.best() or 0)] == ["x", "##y"]
    assert len(queue._entries) <= 2
    assert len(list(queue.ranking())) == len(queue._entries) == 66


def test_few_gains_are_computed_for_each_merge(monkeypatch: pytest.MonkeyPatch) -> None:
    """Half as many again as it takes: a pair near the best is not looked at at every step."""
    computed = 0

    def counting(compute: Callable[..., float]) -> Callable[..., float]:
        def counted(*counts: int, **options: bool) -> float:
            nonlocal computed
            computed += 1
            return compute(*counts, **options)

        return counted

    for name in ("gain", "gain_bound"):
        monkeypatch.setattr(queues, name, counting(getattr(queues, name)))
    merges, _ = run(engine.merges, task_for(zipfian(2000), score="gain", steps=1000))
    assert computed / len(merges) < 11


def test_pairs_too_rare_to_be_the_best_are_not_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    """600 pairs that occur once cannot have the gain of what occurs a million times."""
    taken = 0

    def counted(number: float) -> float:
        nonlocal taken
        taken += 1
        return log(number)

    monkeypatch.setattr(queues, "log", counted)
    rare = {f"{chr(0x4E00 + at)}{chr(0x4E01 + at)}": 1 for at in range(600)}
    task = task_for({"ab": 10**6, "cd": 10**5, **rare}, score="gain", steps=2)
    merges, _ = run(engine.merges, task)
    assert [merge.new for merge in merges] == ["ab", "cd"]
    assert taken < 30


@pytest.mark.parametrize("score", ["likelihood", "gain", "frequency"])
def test_no_place_is_looked_at_again_and_again(score: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """All merges together look at about as many places as the corpus has symbols."""
    looked_at = 0
    positions = Corpus.positions

    def counted(self: Corpus, pair: int) -> Sequence[int]:
        nonlocal looked_at
        found = positions(self, pair)
        looked_at += len(found)
        return found

    monkeypatch.setattr(Corpus, "positions", counted)
    words = zipfian(2000)
    run(engine.merges, task_for(words, score=score, steps=1000))
    assert looked_at < 1.5 * sum(map(len, words))


@given(
    counts=word_counts,
    score=st.sampled_from(["gain", "frequency"]),
    rare=st.sampled_from([4, 9, 30]),
    cut=st.integers(0, 30),
)
@example(counts={"ab": 5, "cd": 3}, score="frequency", rare=4, cut=2)
def test_a_training_that_came_to_rare_pairs_goes_on_from_any_merge(
    counts: dict[str, int], score: str, rare: int, cut: int
) -> None:
    task = task_for(counts, score=score, rare=rare, steps=30)
    whole, _ = run(engine.merges, task)
    assert whole[:cut] + list(engine.merges(task, whole[:cut])) == whole
