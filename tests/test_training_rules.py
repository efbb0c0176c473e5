"""The rules of training, one test a rule, on corpora small enough to check by hand.

Each holds for both trainers: the plain one, which defines them, and the engine.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.training_tools import run, task_for
from wordpiece.errors import OptionError
from wordpiece.text.counts import WordCounter
from wordpiece.text.rules import TextRules
from wordpiece.training import engine, reference
from wordpiece.training.alphabet import WordSegments
from wordpiece.training.scores import SCORES
from wordpiece.training.segments import Task
from wordpiece.training.trainers import Trainer, TrainingOptions, learn
from wordpiece.types import WordCounts

HUG = {"hug": 10, "pug": 5, "pun": 12, "bun": 4, "hugs": 5}

both_trainers = pytest.mark.parametrize(
    "trainer", [reference.merges, engine.merges], ids=["reference", "engine"]
)


@both_trainers
def test_the_published_example_step_by_step(trainer: Trainer) -> None:
    """The course's five words; it gives the third score as 1/15 for (hu, ##g), where it is 2/45."""
    merges, _ = run(trainer, task_for(HUG, steps=4))
    assert [(m.left, m.right, m.new, m.score) for m in merges] == [
        ("##g", "##s", "##gs", 5 / (20 * 5)),
        ("h", "##u", "hu", 15 / (15 * 36)),
        ("hu", "##gs", "hugs", 5 / (15 * 5)),
        ("hu", "##g", "hug", 10 / (10 * 15)),
    ]


@both_trainers
def test_the_published_example_under_gain(trainer: Trainer) -> None:
    merges, _ = run(trainer, task_for(HUG, score="gain", steps=4))
    assert [(m.new, round(m.score, 10)) for m in merges] == [
        ("##ug", 28.0178084227),
        ("##un", 42.6973158247),
        ("hug", 26.723229701),
        ("pun", 11.1663820007),
    ]
    assert merges[0].n == 113


@both_trainers
def test_words_are_read_in_order_of_first_occurrence(trainer: Trainer) -> None:
    """Both pairs score 1; the one in the earlier word is merged first."""
    first = run(trainer, task_for({"ab": 1, "cd": 1}, steps=1))[0][0]
    swapped = run(trainer, task_for({"cd": 1, "ab": 1}, steps=1))[0][0]
    assert (first.new, swapped.new) == ("ab", "cd")


@both_trainers
@pytest.mark.parametrize("score", ["likelihood", "gain"])
def test_ties_go_to_the_pair_that_occurs_first_as_segmented_now(
    trainer: Trainer, score: str
) -> None:
    """zy and ba tie in every step; within a word the left pair is first."""
    merges, _ = run(trainer, task_for({"zyba": 3}, score=score, steps=1))
    assert merges[0].new == "zy"


@both_trainers
def test_ties_of_frequency_go_to_the_smaller_ids(trainer: Trainer) -> None:
    merges, _ = run(trainer, task_for({"zy": 3, "ba": 3}, score="frequency", steps=1))
    assert merges[0].new == "ba"


@both_trainers
def test_the_best_score_wins_over_the_earliest_pair(trainer: Trainer) -> None:
    merges, _ = run(trainer, task_for({"ab": 3, "ac": 3, "de": 1}, steps=1))
    assert merges[0].new == "de"


@both_trainers
def test_scores_of_other_pairs_rise_when_a_symbol_becomes_rarer(trainer: Trainer) -> None:
    """The fault of lazy heaps: after (h, ##u) is merged, h and ##u are rarer elsewhere too."""
    merges, _ = run(trainer, task_for(HUG))
    assert all(m.score == m.f_ab / (m.f_a * m.f_b) for m in merges)
    scores = [m.score for m in merges]
    assert scores != sorted(scores, reverse=True), "likelihood is not monotone over a run"


@both_trainers
def test_runs_are_merged_from_left_to_right_without_overlap(trainer: Trainer) -> None:
    merges, _ = run(trainer, task_for({"aaaaa": 1}, score="frequency"))
    assert [(m.left, m.right) for m in merges] == [
        ("##a", "##a"),  # a ##aa ##aa
        ("a", "##aa"),
        ("aaa", "##aa"),
    ]


@both_trainers
def test_pairs_in_a_run_are_counted_at_every_position(trainer: Trainer) -> None:
    merges, _ = run(trainer, task_for({"aaaa": 2}, score="frequency", steps=1))
    assert merges[0].f_ab == 4


@both_trainers
def test_an_existing_token_is_used_again_and_the_vocabulary_does_not_grow(
    trainer: Trainer,
) -> None:
    """Behind the prefix ##, # + #### is ###, which is in the alphabet already."""
    merges, _ = run(trainer, task_for({"####": 1}, score="frequency"))
    assert [(m.left, m.right, m.new, m.id) for m in merges] == [
        ("###", "###", "####", 7),
        ("#", "####", "###", 6),
        ("###", "###", "####", 7),
    ]
    learned = learn(WordCounts({"####": 1}), TrainingOptions(vocab_size=99, score="frequency"))
    assert learned.tokens[5:] == ("#", "###", "####")


@both_trainers
def test_an_existing_special_token_is_used_again(trainer: Trainer) -> None:
    task = task_for({"ab": 3}, special_tokens=("[UNK]", "ab"), steps=5)
    merges, _ = run(trainer, task)
    assert [(m.new, m.id) for m in merges] == [("ab", 1)]


@both_trainers
@pytest.mark.parametrize("score", ["likelihood", "gain", "frequency"])
def test_rare_pairs_are_passed_over_and_do_not_end_the_training(
    trainer: Trainer, score: str
) -> None:
    merges, why = run(trainer, task_for({"qx": 1, "ab": 9}, score=score, min_frequency=2))
    assert [m.new for m in merges] == ["ab"]
    assert why == "no pair left"


@both_trainers
@pytest.mark.parametrize("score", ["likelihood", "gain", "frequency"])
def test_long_tokens_are_passed_over_and_do_not_end_the_training(
    trainer: Trainer, score: str
) -> None:
    merges, _ = run(trainer, task_for({"abab": 9, "cd": 1}, score=score, max_token_length=2))
    assert {m.new for m in merges} == {"ab", "##ab", "cd"}


@both_trainers
def test_the_reason_of_the_end_is_told(trainer: Trainer) -> None:
    assert run(trainer, task_for({"ab": 1}, steps=0))[1] == "size"
    assert run(trainer, task_for({"ab": 1}))[1] == "no pair left"
    # every letter follows every other equally often: no pair says more than its parts
    independent = {first + second: 1 for first in "abcdefghij" for second in "klmnopqrst"}
    assert run(trainer, task_for(independent, score="gain")) == ([], "no gain left")


def test_vocabulary_is_special_tokens_then_sorted_forms_then_merges() -> None:
    learned = learn(WordCounts({"bab": 2, "ca": 1}), TrainingOptions(vocab_size=12))
    assert learned.tokens[:5] == ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
    assert learned.tokens[5:9] == ("##a", "##b", "b", "c")
    assert [m.id for m in learned.merges] == [9, 10, 11]


def test_frequency_orders_the_alphabet_as_hugging_face_would_without_hashing() -> None:
    options = TrainingOptions(vocab_size=10, score="frequency")
    learned = learn(WordCounts({"bab": 2, "c": 1}), options)
    assert learned.tokens[5:] == ("a", "b", "c", "##a", "##b")


def test_full_alphabet_has_both_forms_of_every_character() -> None:
    options = TrainingOptions(vocab_size=9, full_alphabet=True)
    learned = learn(WordCounts({"ab": 2}), options)
    assert learned.tokens[5:] == ("##a", "##b", "a", "b")


def test_limited_alphabet_keeps_the_most_frequent_characters_by_code_point_on_a_tie() -> None:
    options = TrainingOptions(vocab_size=99, limit_alphabet=2)
    learned = learn(WordCounts({"ba": 5, "cda": 5}), options)
    assert learned.tokens[5:8] == ("##a", "b", "ba")


@both_trainers
def test_nothing_is_merged_across_a_character_that_was_dropped(trainer: Trainer) -> None:
    """Hugging Face makes neighbors of a and b in axb when x is dropped; they never were."""
    task = task_for({"axb": 9, "ayb": 1, "abab": 1}, limit_alphabet=2, score="frequency")
    merges, _ = run(trainer, task)
    assert max(m.f_ab for m in merges) == 1


@both_trainers
def test_counts_do_not_overflow(trainer: Trainer) -> None:
    merges, _ = run(trainer, task_for({"ab": 2**62, "abab": 2**62}, score="frequency", steps=1))
    assert merges[0].f_ab == 2**63


# ---------------------------------------------------------------- published examples of BPE


@both_trainers
def test_bpe_of_the_classic_string(trainer: Trainer) -> None:
    """aaabdaaabac: aa, then ab (or its tie), then aaab, as the encyclopedias show it."""
    merges, _ = run(trainer, task_for({"aaabdaaabac": 1}, model="bpe", score="frequency"))
    assert [m.new for m in merges[:3]] == ["aa", "ab", "aaab"]
    assert [m.f_ab for m in merges[:3]] == [4, 2, 2]


def test_bpe_of_the_course_under_its_own_tie_rule(course: Path) -> None:
    """The 50-token example: GPT-2's split, ties to the pair that occurs first; 19 merges."""
    counter = WordCounter(TextRules("byte-level"))
    for line in course.read_text(encoding="utf-8").replace("course", "Course").splitlines():
        counter.add(line)
    counts = counter.counts()
    alphabet = sorted({char for word in counts for char in word})
    tokens = ("<|endoftext|>", *alphabet)
    ids = {token: id for id, token in enumerate(tokens)}
    score = replace(SCORES["frequency"], ties_by_id=False)
    words = list(WordSegments(counts, ids, prefix=""))
    merges, _ = run(reference.merges, Task(words, tokens, score, 50, prefix=""))
    assert " ".join(m.new for m in merges) == (
        "Ġt is er Ġa Ġto en Th This ou se Ġtok Ġtoken nd Ġis Ġth Ġthe in Ġab Ġtokeni"
    )


@pytest.mark.parametrize("name", ["vocab_size", "min_frequency"])
@pytest.mark.parametrize("value", [None, 0, 2.5, "70", True])
def test_a_number_that_is_none_is_refused(name: str, value: object) -> None:
    option = f"--{name.replace('_', '-')} {value!r}"
    with pytest.raises(OptionError, match=f"{option}: must be (an int, )?at least 1"):
        TrainingOptions(**{"vocab_size": 70, name: value})  # type: ignore[arg-type]
