"""The four sentences of the course: vocabulary, scores and split as they were published."""

from __future__ import annotations

from pathlib import Path

import wordpiece
from tests.training_tools import task_for
from wordpiece.text.counts import WordCounter
from wordpiece.text.rules import TextRules
from wordpiece.training import reference
from wordpiece.training.scores import likelihood

SPECIAL = "[PAD] [UNK] [CLS] [SEP] [MASK]"
CONTINUING = (
    "##a ##b ##c ##d ##e ##f ##g ##h ##i ##k ##l ##m ##n ##o ##p ##r ##s ##t ##u ##v ##w ##y ##z"
)
MERGES = (
    "ab ##fu Fa Fac ##ct ##ful ##full ##fully Th ##hm ##thm Hu Hug Hugg ch cha chap chapt sh th is "
    "##thms ##za ##zat ##ut ##ta"
)
MERGES_CAPITAL = (
    "ab ##fu Fa Fac ##ct ##ful ##full ##fully Th ch ##hm cha chap chapt ##thm Hu Hug Hugg sh th is "
    "##thms ##za ##zat ##ut"
)
SPLIT = (
    "Th ##i ##s is th ##e Hugg ##i ##n ##g Fac ##e c ##o ##u ##r ##s ##e [UNK]"  # ! was never seen
)


def test_vocabulary_of_seventy(course: Path) -> None:
    tokenizer = wordpiece.train(course, vocab_size=70).tokenizer
    vocab = " ".join(tokenizer.get_vocab())
    assert vocab == f"{SPECIAL} {CONTINUING} , . F H T a b c g h i s t u w y {MERGES}"
    assert list(tokenizer.get_vocab().values()) == list(range(70))


def test_vocabulary_as_the_course_prints_it(course: Path) -> None:
    """The course's own text has a capital in Hugging Face Course."""
    text = course.read_text(encoding="utf-8").replace("course", "Course")
    tokenizer = wordpiece.train([text], vocab_size=70).tokenizer
    vocab = " ".join(tokenizer.get_vocab())
    assert vocab == f"{SPECIAL} {CONTINUING} , . C F H T a b c g h i s t u w y {MERGES_CAPITAL}"


def test_first_scores(course: Path) -> None:
    counter = WordCounter(TextRules())
    counter.add(course.read_text(encoding="utf-8"))
    counts = counter.counts()
    assert (len(counts), counts.total) == (30, 36)
    task = task_for(counts)
    pairs = reference.count_pairs(list(task.segments))
    symbols = reference.count_symbols(list(task.segments))
    assert symbols.total() == 171
    ids = {token: id for id, token in enumerate(task.tokens)}
    scores = {
        (task.tokens[a], task.tokens[b]): likelihood(f_ab, symbols[a], symbols[b])
        for (a, b), f_ab in pairs.items()
    }
    assert ids["##a"] == 5
    assert scores["T", "##h"] == 0.125
    assert scores["##h", "##i"] == 0.03409090909090909
    assert scores["##i", "##s"] == 0.02727272727272727
    assert scores["i", "##s"] == 0.1
    assert scores["t", "##h"] == 0.03571428571428571


def test_first_merge(course: Path) -> None:
    first = wordpiece.train(course, vocab_size=45)
    merge = first.merges[0]
    assert (merge.left, merge.right, merge.new, merge.score) == ("a", "##b", "ab", 0.2)
    assert first.tokenizer.encode("about", add_special_tokens=False).tokens == [
        *("ab", "##o", "##u", "##t")
    ]


def test_the_sentence_is_split_as_published(course: Path) -> None:
    for size in (69, 70):
        tokenizer = wordpiece.train(course, vocab_size=size).tokenizer
        encoding = tokenizer.encode("This is the Hugging Face course!", add_special_tokens=False)
        assert " ".join(encoding.tokens) == SPLIT


def test_gain_begins_with_this(course: Path) -> None:
    merges = wordpiece.train(course, vocab_size=70, score="gain").merges
    made = [merge.new for merge in merges[:10]]
    assert made == ["Th", "Thi", "This", "##ok", "tok", "ab", "is", "##iz", "toke", "token"]
