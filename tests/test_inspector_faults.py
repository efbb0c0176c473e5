"""The inspector on damaged files and odd trainings, and figures that are easily wrong."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import wordpiece
from tests.command import Wp
from wordpiece.analysis.biography import biography
from wordpiece.analysis.diff import diff
from wordpiece.analysis.inspection import inspect, text_of, training_text
from wordpiece.analysis.lineage import Lineage
from wordpiece.analysis.replay import Replay
from wordpiece.analysis.studied import Studied, study
from wordpiece.errors import InputError, OptionError, WordpieceError
from wordpiece.formats.trace import Trace
from wordpiece.types import WordCounts


@pytest.fixture
def trained(course: Path) -> Path:
    Path("corpus.txt").write_bytes(course.read_bytes())
    wordpiece.train("corpus.txt", vocab_size=70).save("t")
    return Path("t")


def each_command(wp: Wp) -> list[tuple[int, str]]:
    """Every command of the inspector on `t`: exit code and what stands on stderr."""
    found = []
    for arguments in (
        ("inspect",),
        ("inspect", "ab"),
        ("explain", "about"),
        ("replay", "about", "--size", "all"),
        ("diff", "t", "t"),
        ("report", "--no-compare"),
    ):
        own = () if arguments[0] == "diff" else ("--tokenizer", "t")
        found.append((wp.run(*arguments, *own), wp.err))
    return found


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"f_a": 5', '"f_a": 0'),
        ('"score": 0.2', '"score": Infinity'),
        ('"score": 0.2', '"score": NaN'),
        ('"f_ab": 2', f'"f_ab": 1{"0" * 400}'),
        ('"new": "ab"', '"new": "a"'),
        ('"right": "##b"', '"right": "##c"'),
        ('"left": "##f"', '"left": "nowhere"'),
    ],
)
def test_a_damaged_trace_is_one_line_for_every_command(
    wp: Wp, trained: Path, old: str, new: str
) -> None:
    file = trained / "merges.jsonl"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    for code, said in each_command(wp):
        assert (code, said.count("\n")) == (2, 1)
        assert "merges.jsonl: line 1" in said


def test_a_trace_that_was_cut_short_is_refused(wp: Wp, trained: Path) -> None:
    file = trained / "merges.jsonl"
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    file.write_text("".join(lines[:5]), encoding="utf-8")
    for code, said in each_command(wp):
        assert code == 2
        assert "holds 5 of the 26 merges" in said


@pytest.mark.parametrize(
    "change",
    [
        {"options": "x"},
        {"options": []},
        {"corpus": [5]},
        {"corpus": ["x"]},
        {"corpus": [[]]},
        {"corpus": {}},
        {"result": 7},
        {"counts": 3},
    ],
)
def test_a_damaged_signature_takes_nothing_else_down(
    wp: Wp, trained: Path, change: dict[str, Any]
) -> None:
    file = trained / "training.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), **change}), encoding="utf-8")
    for code, said in each_command(wp):
        assert code in (0, 2)
        assert said.count("\n") <= 1


@pytest.mark.parametrize("value", [[], {}, 5, "yes"])
def test_rules_that_are_none_are_told(trained: Path, value: object) -> None:
    file = trained / "training.json"
    document = json.loads(file.read_text())
    document["options"]["clean_text"] = value
    file.write_text(json.dumps(document), encoding="utf-8")
    assert "training.json is damaged" in training_text(study("t")).problem


def test_a_counts_file_that_was_replaced_is_not_the_training_text(course: Path) -> None:
    Path("other.txt").write_text("other words", encoding="utf-8")
    wordpiece.count_words(course, "c.tsv")
    wordpiece.train(wordpiece.load_counts("c.tsv"), vocab_size=70).save("t")
    wordpiece.count_words("other.txt", "c.tsv")
    assert "has changed since the training" in training_text(study("t")).problem
    Path("c.tsv").write_text("damage", encoding="utf-8")
    assert training_text(study("t")).problem != ""


def test_diff_notices_a_corpus_of_the_same_size(wp: Wp, trained: Path) -> None:
    text = Path("corpus.txt").read_bytes()
    Path("corpus.txt").write_bytes(text.replace(b"T", b"t", 1))
    assert "has changed since the training" in wp("diff", "t", "t")


def test_reversed_merges_and_another_normalizer_are_differences(course: Path) -> None:
    wordpiece.train(course, vocab_size=90, model="bpe").tokenizer.save("one.json")
    document = json.loads(Path("one.json").read_text(encoding="utf-8"))
    document["model"]["merges"].reverse()
    Path("two.json").write_text(json.dumps(document), encoding="utf-8")
    found = diff(study("one.json"), study("two.json"))
    assert not found.same
    assert found.pipeline == ("merges",)
    document["model"]["merges"].reverse()
    document["normalizer"]["lowercase"] = True
    Path("three.json").write_text(json.dumps(document), encoding="utf-8")
    assert diff(study("one.json"), study("three.json")).pipeline == ("normalizer",)


def test_nothing_is_called_the_same_that_was_not_looked_at(wp: Wp, course: Path) -> None:
    wp("train", str(course), "--vocab-size", "70", "--trace", "none")
    shown = wp("diff", "tokenizer", "tokenizer")
    assert "no difference found in what could be looked at" in shown
    assert shown.count("not shown") == 1


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"min_frequency": 2}, "b passes over pairs seen fewer than 2 times"),
        ({"max_token_length": 1}, "b had ended"),
        ({"max_token_length": 2}, "b makes no token of more than 2 characters"),
    ],
)
def test_an_option_that_made_trainings_part_is_named(
    course: Path, options: dict[str, Any], reason: str
) -> None:
    wordpiece.train(course, vocab_size=70).save("a")
    wordpiece.train(course, vocab_size=70, **options).save("b")
    found = diff(study("a"), study("b")).parting
    assert found is not None
    assert reason in found.reasons


def test_unknown_and_added_tokens_are_counted_where_they_are_emitted(trained: Path) -> None:
    Path("text").write_text("about zebra zebra is", encoding="utf-8")
    known = study("t")
    text = text_of(known, ["text"])
    assert biography(known, "[UNK]", text).emitted == 2
    document = json.loads((trained / "tokenizer.json").read_text(encoding="utf-8"))
    token = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False}
    document["added_tokens"].append({"id": 70, "content": "two words", "special": False, **token})
    Path("added.json").write_text(json.dumps(document), encoding="utf-8")
    Path("text").write_text("about two words is two words", encoding="utf-8")
    added = study("added.json")
    use = inspect(added, text_of(added, ["text"])).use
    assert use is not None
    assert use.counts[70] == 2
    assert use.unknown_words == 0
    assert "two words" not in {each.token for each in use.dead}
    assert biography(added, "two words", text_of(added, ["text"])).emitted == 2


def test_a_token_built_in_a_thousand_steps_is_told(wp: Wp) -> None:
    word = "".join(map(chr, range(0x400, 0x400 + 1200)))
    Path("word.txt").write_text("".join(c for c in word if c.isalpha()), encoding="utf-8")
    wp("train", "word.txt", "--vocab-size", "2600")
    longest = max(study("tokenizer").encoder.vocab, key=len)
    assert len(longest) > 800
    assert len(wp("inspect", longest, "--no-text")) < 30_000
    json.loads(wp("inspect", longest, "--json", "--no-text"))
    assert len(wp("inspect", "--no-text")) < 20_000


def test_what_is_left_is_not_told_where_the_trace_does_not_say_it() -> None:
    result = wordpiece.train(WordCounts({"abbbb": 1, "a": 5}), vocab_size=8)
    last = result.merges[-1]
    assert last.left == last.right
    assert Lineage(Trace(result.merges)).left_at_end(last.left) is None
    recorded = Lineage(Trace(result.merges, result.details))
    assert recorded.left_at_end("##b") == 0


counts = st.dictionaries(
    st.text("abc", min_size=1, max_size=8), st.integers(1, 9), min_size=1, max_size=12
)


@given(counts=counts, size=st.integers(12, 30))
def test_special_tokens_that_merges_make_again_belong_to_every_prefix(
    counts: dict[str, int], size: int
) -> None:
    special = ["[UNK]", "ab", "##ab", "abc", "##bc"]
    result = wordpiece.train(WordCounts(counts), vocab_size=40, special_tokens=special)
    replay = Replay(Studied("t", result.tokenizer, Trace(result.merges, result.details)))
    assert not {merge.new for merge in result.merges if merge.id < replay.begun_with} - {*special}
    if size < replay.begun_with:
        return
    smaller = wordpiece.train(WordCounts(counts), vocab_size=size, special_tokens=special)
    assert replay.step_of_size(size) == len(smaller.merges)
    assert replay.prefix(size).get_vocab() == smaller.tokenizer.get_vocab()


@pytest.mark.parametrize(
    ("word", "error"),
    [
        ("日", "the vocabulary has no '日'"),
        ("aé", "the vocabulary has no '##é'"),
        ("[MASK]", "is a token that is recognized before any word"),
        (" ", "holds no word to watch"),
    ],
)
def test_what_cannot_be_watched_is_refused(trained: Path, word: str, error: str) -> None:
    with pytest.raises(InputError, match=error):
        Replay(study("t"), [word])


def test_a_count_is_not_shown_as_a_likelihood(wp: Wp, course: Path) -> None:
    wp("train", str(course), "--vocab-size", "90", "--score", "frequency")
    steps = range(1, 35)
    shown = "".join(wp("replay", "--step", str(step), "about") for step in steps)
    assert " / (" not in shown


@pytest.mark.parametrize(
    "arguments",
    [("inspect", "ab"), ("replay", "--step", "12"), ("replay", "about"), ("diff", "t", "other")],
)
def test_a_narrow_terminal_cuts_no_number_of_the_inspector(
    wp: Wp, course: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    for folder, name in (("tokenizer", "likelihood"), ("t", "likelihood"), ("other", "gain")):
        wp("train", str(course), "--vocab-size", "90", "--score", name, "-o", folder)
    shown = {}
    for columns in ("36", "100"):
        monkeypatch.setenv("COLUMNS", columns)
        shown[columns] = set(re.findall(r"(?<![\w#])[\d.,]+(?:e-\d+)?(?!\S)", wp(*arguments)))
    assert len(shown["100"]) > 3
    assert shown["100"] <= shown["36"]


def test_a_count_as_a_score_is_shown_in_all_its_digits(wp: Wp) -> None:
    Path("many.txt").write_text("ab\n" * 123_457 + "ac\n" * 9, encoding="utf-8")
    options = ("--score", "frequency", "--min-frequency", "1")
    wp("train", "many.txt", "--vocab-size", "60", *options)
    for arguments in (("replay", "ab"), ("replay", "--step", "1"), ("inspect", "ab")):
        assert "123,457" in wp(*arguments)
        assert "e+" not in wp.out, "1.235e+05"


def test_a_trace_without_rivals_does_not_say_that_there_are_some(wp: Wp, course: Path) -> None:
    wp("train", str(course), "--vocab-size", "90", "--trace", "merges")
    assert "not recorded: wp train --trace full does" in wp("replay", "--step", "3")


def test_merges_that_are_not_shown_are_told_of(wp: Wp, trained: Path) -> None:
    shown = wp("replay", "--tokenizer", "t")
    assert shown.endswith("... and 15 more: --step N shows the merges around one, --json has all\n")
    assert "the training ended at 70 tokens" in wp("replay", "--tokenizer", "t", "--size", "10000")
    assert "ended" not in wp("replay", "--tokenizer", "t", "--size", "70")


def test_a_training_and_a_tokenizer_can_be_looked_into_as_they_are(trained: Path) -> None:
    result = wordpiece.train("corpus.txt", vocab_size=70)
    result.save("again")
    saved = study("again")
    assert wordpiece.explain(result, "about").words == wordpiece.explain(saved, "about").words
    assert wordpiece.inspect(result).chains == wordpiece.inspect(saved).chains
    assert wordpiece.biography(result, "ab").merge == wordpiece.biography(saved, "ab").merge
    assert wordpiece.diff(result, saved).same
    assert study(result).training_words() == saved.training_words()
    alone = wordpiece.explain(result.tokenizer, "about").words[0]
    assert [piece.token for piece in alone.pieces] == ["ab", "##o", "##ut"]
    assert wordpiece.inspect(result.tokenizer).missing == ("a tokenizer alone has no trace",)
    untraced = wordpiece.train("corpus.txt", vocab_size=70, trace="none")
    assert study(untraced).untraced == "the training recorded no trace"
    for what in ("t", 5, None):
        with pytest.raises(InputError, match="cannot be looked into: give what"):
            wordpiece.inspect(what)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="a tokenizer must be a Tokenizer, not str"):
        wordpiece.compare(["t"], ["a"])  # type: ignore[list-item]
    with pytest.raises(InputError, match="not bytes"):
        list(wordpiece.count_partition([b"a"]))  # type: ignore[list-item]


def test_what_is_taken_as_it_is_takes_no_options_of_a_file(trained: Path) -> None:
    tokenizer = study("t").tokenizer
    with pytest.raises(OptionError, match=r"^lowercase: is for a bare vocab\.txt"):
        study(tokenizer, lowercase=True)
    result = wordpiece.train("corpus.txt", vocab_size=70)
    assert Replay(result, ["about"]).pinned == Replay(study("t"), ["about"]).pinned


def test_a_corpus_that_became_a_folder_cannot_be_read_again(wp: Wp, trained: Path) -> None:
    Path("corpus.txt").unlink()
    Path("corpus.txt").mkdir()
    assert "corpus.txt: cannot be read again: name a text with --text" in wp("inspect", "-t", "t")


def test_a_page_beside_itself_is_refused(wp: Wp, trained: Path) -> None:
    for others in (("t",), ("corpus", "corpus")):
        Path("corpus").write_text("[UNK]\na\n")
        named = [part for other in others for part in ("--with", other)]
        wp("report", "--tokenizer", "t", *named, code=2)
        assert wp.err == f"wp: --with {others[0]}: is there already\n"


def test_a_width_of_nothing_is_no_width(wp: Wp, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("vocab.txt").write_text("[UNK]\na\n", encoding="utf-8")
    for width in ("0", "", "wide"):
        monkeypatch.setenv("COLUMNS", width)
        assert "unreachable" in wp("inspect", "--tokenizer", "vocab.txt")


def test_a_size_with_thousands_of_digits_is_one_line(wp: Wp, trained: Path) -> None:
    wp("replay", "--tokenizer", "t", "--size", "9" * 5000, code=2)
    assert wp.err.count("\n") == 1


def test_errors_of_the_inspector_are_ours(trained: Path) -> None:
    (trained / "merges.jsonl").write_bytes(b"\xff\n")
    with pytest.raises(WordpieceError):
        study("t")
