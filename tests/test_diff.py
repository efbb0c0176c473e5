"""`wp diff`: the first merge that differs and why, vocabularies, and what changes on a text."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import wordpiece
from tests.command import Wp
from wordpiece import presets
from wordpiece.analysis import diff as diff_module
from wordpiece.analysis.diff import Diff, diff, equal_start, same_text
from wordpiece.analysis.inspection import Text
from wordpiece.analysis.studied import Studied, study
from wordpiece.formats.trace import Trace
from wordpiece.models.wordpiece import WordPiece
from wordpiece.postprocess import OffsetTrimming
from wordpiece.pretrained import Tokenizer
from wordpiece.text.byte_alphabet import byte_characters
from wordpiece.training.scores import gain, likelihood
from wordpiece.types import WordCounts


def trained(folder: str, corpus: object, **options: object) -> Studied:
    wordpiece.train(corpus, **{"vocab_size": 70, **options}).save(folder)  # type: ignore[arg-type]
    return study(folder)


@pytest.fixture
def scores(course: Path) -> Diff:
    """Likelihood and gain on the same four sentences."""
    one = trained("a", course)
    return diff(one, trained("b", course, score="gain"), words_of(course))


def words_of(path: Path) -> Text:
    return Text(WordCounts(Counter(path.read_text(encoding="utf-8").split())), "course")


def test_the_first_difference_has_the_scores_of_both_pairs_in_both_trainings(scores: Diff) -> None:
    found = scores.parting
    assert found is not None
    assert (found.step, scores.equal_merges) == (1, 0)
    assert found.first is not None
    assert found.second is not None
    assert (found.first.new, found.second.new) == ("ab", "Th")
    assert found.second_in_first is not None
    assert found.first_in_second is not None
    assert found.second_in_first.score == likelihood(3, 3, 8)
    assert found.first_in_second.score == gain(2, 5, 2, 171)
    assert found.reasons == ("the scores are likelihood and gain",)
    assert scores.options == {"score": ("likelihood", "gain")}
    assert scores.same_corpus is True


def test_offsets_that_are_trimmed_otherwise_are_a_difference() -> None:
    parts = presets.byte_bpe(byte_characters(), merges=[])
    both = [replace(parts, trimming=each) for each in (None, OffsetTrimming(False))]
    found = diff(*(Studied("t", Tokenizer(each)) for each in both))
    assert found.pipeline == ("trimming",)
    assert not found.same


def test_settings_of_the_model_are_a_difference() -> None:
    parts = presets.wordpiece(["[UNK]", "a"])
    model = WordPiece(parts.model.vocab, max_input_chars_per_word=3)
    found = diff(*(Studied("t", Tokenizer(each)) for each in (parts, replace(parts, model=model))))
    assert found.pipeline == ("settings of the model",)


def test_a_length_stands_beside_the_words_that_are_unknown(wp: Wp) -> None:
    Path("a.txt").write_text("ab ab cd\n")
    wordpiece.train(["ab cd"], vocab_size=9).save("one")
    wordpiece.train(["ab"], vocab_size=8).save("other")
    shown = wp("diff", "one", "other", "--text", "a.txt")
    assert re.search(r"^tokens +6 and 3 .*\nunknown +0 and 1 running words$", shown, re.MULTILINE)
    found = json.loads(wp("diff", "one", "other", "--text", "a.txt", "--json"))["segmentation"]
    assert (found["unknown_first"], found["unknown_second"]) == (0, 1)


def test_words_cut_alike_are_no_change_however_the_tokens_are_written() -> None:
    pieces = presets.wordpiece(["[UNK]", "ab", "##c", "x", "##y"])
    merges = [("a", "b"), ("Ġ", "ab"), ("x", "y"), ("Ġ", "xy")]
    vocab = [*byte_characters(), *map("".join, merges)]
    both = [Studied("t", Tokenizer(each)) for each in (pieces, presets.byte_bpe(vocab, merges))]
    found = diff(*both, Text(WordCounts({"abc": 2, "xy": 3}), "t")).segmentation
    assert found is not None
    assert [(each.word, each.count) for each in found.changed] == [("xy", 3)]
    assert (found.types, found.words) == (1, 3)


def test_the_most_frequent_words_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(diff_module, "MOST_WORDS", 2)
    known = Studied("t", Tokenizer(presets.wordpiece(["[UNK]", "a", "b", "c"])))
    found = diff(known, known, Text(WordCounts({"a": 1, "b": 5, "c": 2}), "t")).segmentation
    assert found is not None
    assert (found.all_types, found.all_words, found.left_out) == (2, 7, 1)


@pytest.mark.parametrize(
    ("options", "same"),
    [
        ({"score": "gain"}, True),
        ({"vocab_size": 60}, True),
        ({"min_frequency": 2}, True),
        ({"limit_alphabet": 9}, False),
        ({"lowercase": True}, False),
    ],
)
def test_scores_of_the_other_follow_only_where_the_text_is_the_same(
    course: Path, options: dict[str, object], same: bool
) -> None:
    one, other = trained("a", course), trained("b", course, **options)
    assert same_text(one.signature, other.signature) is same


def test_trainings_of_other_text_say_so(course: Path) -> None:
    Path("more.txt").write_bytes(course.read_bytes() + b"more words after all\n")
    one = trained("a", course, trace="merges")
    other = trained("b", "more.txt", score="likelihood", trace="merges")
    found = diff(one, other).parting
    assert found is not None
    assert found.reasons == ("the texts differ: 171 and 188 symbols at this step",)


def test_vocabularies_are_compared_by_kind(scores: Diff) -> None:
    assert scores.shared + scores.only_first.number == 70
    assert scores.shared + scores.only_second.number == 70
    assert "##fully" in scores.only_first.continuing
    assert "This" in scores.only_second.beginning
    assert scores.only_first.special == scores.only_first.single == ()


def test_the_words_that_change_most_come_first(scores: Diff) -> None:
    found = scores.segmentation
    assert found is not None
    weights = [each.weight for each in found.changed]
    assert weights == sorted(weights, reverse=True)
    assert found.first - found.second > 0
    assert any(each.word == "This" and each.second == ("This",) for each in found.changed)


def test_another_spelling_is_found_by_its_counts(course: Path) -> None:
    """The course prints its text with a capital C: the corpora differ, and the numbers say so."""
    other = Path("capital.txt")
    other.write_text(course.read_text(encoding="utf-8").replace("course", "Course"), "utf-8")
    found = diff(trained("a", course), trained("b", other))
    assert found.same_corpus is False
    assert found.parting is not None
    assert found.parting.step == 10
    assert found.parting.first is not None
    assert found.parting.second is not None
    assert (found.parting.first.new, found.parting.second.new) == ("##hm", "ch")
    assert found.parting.reasons == ("the two have counted different text",)
    assert found.only_second.single == ("C",)


def test_a_training_that_ended_earlier_is_told(course: Path) -> None:
    found = diff(trained("a", course, vocab_size=60), trained("b", course))
    assert found.equal_merges == 16
    assert found.parting is not None
    assert found.parting.first is None
    assert found.parting.reasons == ("a had ended",)


def test_equal_tokenizers_have_no_difference(course: Path) -> None:
    found = diff(trained("a", course), trained("b", course), words_of(course))
    assert found.same
    assert found.parting is None
    assert found.equal_merges == 26


def test_models_that_write_tokens_differently_are_compared_by_their_cuts(course: Path) -> None:
    found = diff(
        trained("a", course, vocab_size=300),
        trained("b", course, vocab_size=300, model="byte-bpe"),
        Text(WordCounts({"about": 2, ".": 1}), "two words"),
    )
    assert found.segmentation is not None
    assert found.segmentation.types == sum(
        len(each.first) != len(each.second) for each in found.segmentation.changed
    )


words = st.dictionaries(
    st.text("abc", min_size=1, max_size=6), st.integers(1, 9), min_size=1, max_size=9
)


@given(one=words, other=words)
def test_the_equal_start_is_the_longest(one: dict[str, int], other: dict[str, int]) -> None:
    first, second = (
        Trace(wordpiece.train(WordCounts(counts), vocab_size=30).merges) for counts in (one, other)
    )
    number = equal_start(first, second)
    pairs = [[(merge.left, merge.right) for merge in each.merges] for each in (first, second)]
    assert pairs[0][:number] == pairs[1][:number]
    assert pairs[0][number : number + 1] != pairs[1][number : number + 1] or not pairs[0][number:]


def test_the_command_says_where_and_why(wp: Wp, course: Path) -> None:
    wp("train", str(course), "--vocab-size", "70", "-o", "a")
    wp("train", str(course), "--vocab-size", "70", "-o", "b", "--score", "gain")
    shown = wp("diff", "a", "b")
    assert "0 merges are the same; step 1 differs" in shown
    assert "the scores are likelihood and gain" in shown
    document = json.loads(wp("diff", "a", "b", "--json"))
    assert document["parting"]["second_in_first"]["score"] == 0.125
    assert document["segmentation"]["all_types"] == 30
    assert "no difference found" in wp("diff", "a", "a")


def test_without_a_trace_vocabularies_are_still_compared(wp: Wp, course: Path) -> None:
    wp("train", str(course), "--vocab-size", "70", "-o", "a", "--trace", "none")
    wp("train", str(course), "--vocab-size", "70", "-o", "b", "--score", "gain")
    shown = wp("diff", "a", "b", "--no-text")
    assert "not shown: a: there is no merges.jsonl" in shown
    assert "only second" in shown


def test_a_path_that_is_not_there_is_one_line(wp: Wp) -> None:
    wp("diff", "a", "b", code=2)
    assert wp.err.count("\n") == 1
