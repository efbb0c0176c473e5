"""`wp replay`: steps, prefixes as tokenizers, and the keys in a terminal."""

from __future__ import annotations

import json
import os
import select
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import wordpiece
from tests.command import WP, Wp, environment
from tests.test_trace import SCORES
from wordpiece.analysis.inspection import Text, inspect, text_of, training_text
from wordpiece.analysis.replay import Replay
from wordpiece.analysis.studied import Studied, study
from wordpiece.errors import InputError, OptionError
from wordpiece.formats.trace import Trace
from wordpiece.pretrained import Tokenizer
from wordpiece.text.added_tokens import AddedToken
from wordpiece.training.scores import ScoreName
from wordpiece.training.trainers import ModelName
from wordpiece.types import WordCounts

words = st.dictionaries(
    st.text("abc", min_size=1, max_size=8) | st.text("#a", min_size=1, max_size=8),
    st.integers(1, 9),
    min_size=1,
    max_size=12,
)


def replay_of(counts: dict[str, int], score: ScoreName, size: int, *watched: str) -> Replay:
    result = wordpiece.train(WordCounts(counts), vocab_size=size, score=score)
    return Replay(Studied("t", result.tokenizer, Trace(result.merges, result.details)), watched)


@pytest.fixture
def trained(course: Path) -> Studied:
    wordpiece.train(course, vocab_size=70).save("tokenizer")
    return study("tokenizer")


@pytest.mark.parametrize("score", SCORES)
@given(counts=words, size=st.integers(15, 40))
def test_a_prefix_is_the_tokenizer_of_a_training_to_that_size(
    score: ScoreName, counts: dict[str, int], size: int
) -> None:
    replay = replay_of(counts, score, 40)
    smaller = wordpiece.train(WordCounts(counts), vocab_size=size, score=score).tokenizer
    prefix = replay.prefix(size)
    assert prefix.get_vocab() == smaller.get_vocab()
    assert prefix.encode_ids(list(counts)) == smaller.encode_ids(list(counts))


def test_a_character_that_is_made_again_was_there_before_the_first_merge() -> None:
    """`##` and `###` make `###`, which is `#` within a word."""
    replay = replay_of({"#####": 5}, "frequency", 12)
    assert "###" in {merge.new for merge in replay.trace.merges}
    assert replay.begun_with == 7
    with pytest.raises(OptionError, match="--size 6: must be at least 7, which it began with"):
        replay.step_of_size(6)
    studied = replay.studied
    assert list(studied.encoder.vocab)[5:7] == ["#", "###"]


def test_tokens_that_were_added_later_are_no_part_of_the_training(trained: Studied) -> None:
    parts = trained.tokenizer.parts
    added = (*parts.added_tokens, AddedToken("new", 70, special=False))
    later = replace(trained, tokenizer=Tokenizer(replace(parts, added_tokens=added)))
    assert Replay(later).begun_with == Replay(trained).begun_with == 44


@pytest.mark.parametrize(("model", "size"), [("bpe", 55), ("byte-bpe", 280)])
def test_a_prefix_of_bpe_has_the_merges_so_far(course: Path, model: ModelName, size: int) -> None:
    result = wordpiece.train(course, vocab_size=300, model=model)
    prefix = Replay(Studied("t", result.tokenizer, Trace(result.merges))).prefix(size)
    smaller = wordpiece.train(course, vocab_size=size, model=model).tokenizer
    assert prefix.get_vocab() == smaller.get_vocab()
    text = course.read_text(encoding="utf-8")
    assert prefix.encode(text).ids == smaller.encode(text).ids


def test_watched_words_change_when_their_merges_are_made(trained: Studied) -> None:
    replay = Replay(trained, ["about This"])
    assert [(s.step, s.tokens) for s in replay.pinned[0].stages] == [
        (0, ("a", "##b", "##o", "##u", "##t")),
        (1, ("ab", "##o", "##u", "##t")),
        (25, ("ab", "##o", "##ut")),
    ]
    assert replay.changes() == [1, 9, 25]
    frame = replay.frame(9)
    assert frame.merge is not None
    assert frame.merge.new == "Th"
    assert frame.changed == ("This",)
    assert frame.splits["about"] == ("ab", "##o", "##u", "##t")
    assert frame.vocab_size == 44 + 9
    assert replay.frame(0).merge is None
    assert replay.pinned[0].at(24) == ("ab", "##o", "##u", "##t")


def test_a_size_and_the_inspection_say_the_same_of_a_text_with_added_tokens(
    trained: Studied,
) -> None:
    Path("held.txt").write_text("about [MASK] courses [MASK] about [SEP]\n", encoding="utf-8")
    text = text_of(trained, ["held.txt"])
    use = inspect(trained, text).use
    assert use is not None
    assert (use.words, use.types) == (6, 4)
    assert Replay(trained).size(70, text).fertility == use.fertility


def test_a_size_is_reached_at_the_first_step_that_has_it() -> None:
    """A special token that is made again makes no step of size."""
    counts = WordCounts({"abba": 3, "cab": 2})
    special = ["[UNK]", "[CLS]", "[SEP]", "[PAD]", "ab"]
    result = wordpiece.train(counts, vocab_size=14, score="frequency", special_tokens=special)
    again = [merge.step for merge in result.merges if merge.new == "ab"]
    assert again == [1]
    replay = Replay(Studied("t", result.tokenizer, Trace(result.merges)))
    assert replay.frame(1).vocab_size == replay.begun_with
    assert [replay.step_of_size(replay.begun_with + more) for more in range(3)] == [0, 2, 3]


def test_unknown_words_of_a_size_are_a_share_of_running_words() -> None:
    result = wordpiece.train(["ab ab abc"], vocab_size=10)
    replay = Replay(Studied("t", result.tokenizer, Trace(result.merges)))
    text = Text(WordCounts({"ab": 1, "zz": 3}), "t")
    assert replay.size(10, text).unknown_words == 3 / 4


def test_sizes_measure_the_training_text(trained: Studied) -> None:
    replay = Replay(trained, ["about"])
    text = training_text(trained)
    begun, ended = replay.size(44, text), replay.size(70, text)
    assert (begun.step, begun.fertility, begun.unknown_words) == (0, 171 / 36, 0)
    assert (ended.step, ended.fertility) == (26, 140 / 36)
    assert ended.splits == {"about": ("ab", "##o", "##ut")}
    assert replay.size(50).fertility is None
    assert replay.usual_sizes() == [70]
    many = replay_of({"abcd": 9, "bcda": 3}, "gain", 2000)
    assert many.usual_sizes()[-1] == many.studied.tokenizer.get_vocab_size()


def test_what_is_not_there_is_refused(trained: Studied) -> None:
    replay = Replay(trained)
    with pytest.raises(OptionError, match="--step 27: must be from 0 to 26"):
        replay.frame(27)
    with pytest.raises(OptionError, match="--size 43: must be at least 44"):
        replay.size(43)
    with pytest.raises(InputError, match="'fully': no merge made it: near it: ##fully"):
        replay.step_of("fully")
    with pytest.raises(InputError, match="'a': was there before the first merge"):
        replay.step_of("a")
    assert replay.step_of("##fully") == 8


def test_without_a_trace_there_is_nothing_to_replay(wp: Wp, course: Path) -> None:
    wp("train", str(course), "--vocab-size", "70", "--trace", "none")
    wp("replay", code=2)
    assert wp.err.count("\n") == 1
    assert "no merges.jsonl" in wp.err
    assert "--trace none" in wp.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--step", "99"), "must be from 0 to 26"),
        (("--size", "x"), "must be a number of tokens, or all"),
        (("--size", "9"), "must be at least 44"),
        (("--step", "1", "--until", "ab"), "give one of them"),
    ],
)
def test_bad_input_is_one_line(
    wp: Wp, course: Path, arguments: tuple[str, ...], message: str
) -> None:
    wp("train", str(course), "--vocab-size", "70")
    wp("replay", *arguments, code=2)
    assert wp.err.count("\n") == 1
    assert message in wp.err


def test_the_command_shows_words_steps_and_sizes(wp: Wp, course: Path) -> None:
    wp("train", str(course), "--vocab-size", "70")
    assert "25  ##ut" in wp("replay", "about")
    assert "a + ##b -> ab" in wp("replay", "--step", "1")
    shown = json.loads(wp("replay", "about", "--until", "##ut", "--json"))["steps"]
    assert [step["step"] for step in shown] == [25]
    assert shown[0]["words"] == {"about": ["ab", "##o", "##ut"]}
    assert shown[0]["detail"]["rivals"]
    sizes = json.loads(wp("replay", "about", "--size", "50", "--size", "all", "--json"))["sizes"]
    assert [size["vocab_size"] for size in sizes] == [50, 70]
    assert wp("replay", "--size", "50", "--no-text").split() == ["tokens", "step", "50", "6"]


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_arrow_keys_move_through_the_training(wp: Wp, course: Path) -> None:
    """In a terminal: a step on, to the next change of the word, to the end, and out."""
    import pty

    wp("train", str(course), "--vocab-size", "70")
    process, terminal = pty.fork()
    if not process:  # pragma: no cover (the child)
        os.execvpe(
            WP[0],
            [*WP, "replay", "about"],
            environment(TERM="xterm-256color", COLUMNS="80", LINES="30"),
        )
    try:
        until(terminal, "0 of 26")
        for key, expected in (
            (b"\x1b[C", "1 of 26"),
            (b"\x1b[B", "25 of 26"),
            (b"\x1b[D", "24 of 26"),
            (b"\x1b[F", "26 of 26"),
            (b"\x1b[H", "0 of 26"),
        ):
            os.write(terminal, key)
            until(terminal, expected)
        os.write(terminal, b"q")
        assert os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]) == 0
    finally:
        os.close(terminal)


def until(terminal: int, expected: str) -> None:
    """Read what a terminal is sent until it has shown something."""
    seen = b""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        if select.select([terminal], [], [], 1)[0]:
            seen += os.read(terminal, 1 << 16)
            if f" {expected}".encode() in seen:
                return
    raise AssertionError(f"{expected!r} was not shown: {seen!r}")
