"""Counts as files: what comes back, what is refused, what memory and merging leave unchanged."""

from __future__ import annotations

import gzip
import json
import random
import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import IO

import pytest
from hypothesis import given
from hypothesis import strategies as st

import wordpiece
from tests.command import REPOSITORY, Wp
from tests.strategies import nasty_text
from wordpiece import FormatError, InputError, OptionError, OutputError, WordCounts
from wordpiece.formats import counts_file
from wordpiece.formats.counts_file import Header
from wordpiece.text import counting, counts, sorted_runs
from wordpiece.text.rules import TextRules
from wordpiece.text.sorted_runs import SortedRuns

RULES = TextRules().resolved()
hostile_words = nasty_text.filter(lambda word: word and "\t" not in word)


def save(name: str, words: dict[str, int], **options: object) -> Header:
    return counts_file.write(name, Header(RULES, **options), words.items())  # type: ignore[arg-type]


def rows(name: str) -> list[tuple[str, int]]:
    return list(counts_file.read(name).counts.items())


@pytest.fixture
def corpus() -> str:
    rng = random.Random(3)
    words = [f"w{number:x}é" for number in range(3000)]
    lines = (" ".join(words[int(3000 * rng.random() ** 2)] for _ in range(9)) for _ in range(2000))
    Path("corpus.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return "corpus.txt"


# ---------------------------------------------------------------- the file


def test_a_counts_file_is_a_header_and_a_word_a_line() -> None:
    save("c.tsv", {"b": 2, "a\x07\\": 1})
    first, *lines = Path("c.tsv").read_text(encoding="utf-8").split("\n")
    assert lines == ["b\t2", "a\\u0007\\\\\t1", ""]
    header = json.loads(first)
    assert header["format"] == 1
    assert header["rules"] == {
        "splitting": "bert",
        "clean_text": True,
        "cjk_spacing": True,
        "strip_accents": False,
        "lowercase": False,
        "unicode_tables": "tokenizers 0.23.3",
    }
    assert (header["words"], header["word_types"], header["order"]) == (3, 2, "first occurrence")


@given(
    st.dictionaries(st.one_of(hostile_words, st.text(min_size=1)), st.integers(1, 2**70)),
    st.sampled_from(["", ".gz", ".bz2", ".xz", ".zst"]),
)
def test_any_words_come_back_in_their_order(words: dict[str, int], ending: str) -> None:
    save(f"c.tsv{ending}", words)
    assert rows(f"c.tsv{ending}") == list(words.items())


def test_every_line_end_of_unicode_is_written_so_that_no_reader_ends_the_line() -> None:
    words = {f"a{end}b": 1 for end in "\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"}
    save("c.tsv", words)
    assert len(Path("c.tsv").read_text(encoding="utf-8").splitlines()) == 1 + len(words)
    assert rows("c.tsv") == list(words.items())


def test_lone_surrogates_come_back() -> None:
    words = {chr(0xD83D): 1, chr(0xDE00): 2, chr(0xD83D) + "\x00": 3}
    save("c.tsv", words)
    assert rows("c.tsv") == list(words.items())


@pytest.mark.parametrize("ending", [".gz", ".bz2", ".xz", ".zst"])
def test_the_same_counts_are_the_same_bytes(ending: str) -> None:
    save(f"a.tsv{ending}", {"a": 1, "b": 2})
    save(f"b.tsv{ending}", {"a": 1, "b": 2})
    assert Path(f"a.tsv{ending}").read_bytes() == Path(f"b.tsv{ending}").read_bytes()


GOOD = json.dumps({"format": 1, "rules": RULES._asdict()})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "line 1: is no header of a counts file: make one with wp count, or write the rules"),
        ("word\t1\n", "line 1: is no header"),
        ("[" * 100_000, "line 1: is no header"),
        ('{"format": 2}\n', "line 1: format 2: only 1 is known"),
        ('{"format": 1}\n', "line 1: the header is damaged: 'rules'"),
        ('{"format": 1, "rules": {}}\n', "line 1: the header is damaged: rules must be an object"),
        (GOOD.replace("true", "1") + "\n", "rules: clean_text must not be 1"),
        (GOOD[:-1] + ', "order": "random"}\n', "order must be one of first occurrence, count"),
        (GOOD[:-1] + ', "words": "x"}\n', "words must be a number, not 'x'"),
        (GOOD[:-1] + ', "rules_hash": "x"}\n', "rules_hash is not that of the rules"),
        (GOOD[:-1] + ', "corpus": [{}]}\n', "the header is damaged: 'name'"),
        (GOOD[:-1] + ', "words": 3}\na\t2\n', "the header says 3 words, the lines hold 2"),
        (GOOD[:-1] + ', "word_types": 2}\na\t2\n', "says 2 distinct words, the lines hold 1"),
        (GOOD + "\nword\n", "line 2: must be a word, a tab and a count"),
        (GOOD + "\na\t1\n\n", "line 3: must be a word, a tab and a count"),
        (GOOD + "\na\t1.5\n", "line 2: the count '1.5' must be a whole number of at least 1"),
        (GOOD + "\na\t-1\n", "line 2: the count '-1' must be"),
        (GOOD + "\na\t١\n", "line 2: the count '١' must be"),
        (GOOD + "\na\t0\n", "line 2: the count must be at least 1"),
        (GOOD + "\na\t" + "9" * 10_000 + "\n", "line 2: the count '9999"),
        (GOOD + "\n\t1\n", "line 2: the word is empty, or holds a tab"),
        (GOOD + "\na\tb\t1\n", "line 2: the word is empty, or holds a tab"),
        (GOOD + "\na\\x\t1\n", "line 2: 'a\\\\\\\\x' has a backslash that is no JSON escape"),
        (GOOD + "\na\t1\nb\t1\na\t2\n", "line 4: the word 'a' was there before"),
        (GOOD + "\na\t1\r\n", "line 2: the count '1\\\\r' must be"),
    ],
)
def test_a_damaged_file_is_named_with_its_line(text: str, message: str) -> None:
    Path("c.tsv").write_text(text, encoding="utf-8", newline="")
    with pytest.raises(FormatError, match=r"^c\.tsv: ") as caught:
        counts_file.read("c.tsv")
    assert message.replace("\\\\", "\\") in str(caught.value)


def test_bytes_that_are_not_utf8_are_named_with_their_line() -> None:
    Path("c.tsv").write_bytes(GOOD.encode() + b"\na\t1\n\xff\t2\n")
    with pytest.raises(FormatError, match="line 3: is not UTF-8"):
        counts_file.read("c.tsv")


def test_a_header_may_be_written_by_hand_and_escapes_be_those_of_json() -> None:
    Path("c.tsv").write_text(GOOD + '\na\\"\\u00e9\\ud83d\\ude00\t3\n"\t1\n', encoding="utf-8")
    assert rows("c.tsv") == [('a"é😀', 3), ('"', 1)]


def test_a_place_that_cannot_be_written_is_told() -> None:
    with pytest.raises(OutputError, match="cannot be written"):
        save("nowhere/c.tsv", {"a": 1})


# ---------------------------------------------------------------- counting


@pytest.mark.parametrize("options", [{}, {"lowercase": True}, {"model": "byte-bpe"}])
def test_training_from_counts_equals_training_from_the_text(
    corpus: str, options: dict[str, object]
) -> None:
    wordpiece.count_words(corpus, "c.tsv.gz", **options)  # type: ignore[arg-type]
    loaded = wordpiece.load_counts("c.tsv.gz")
    result = wordpiece.train(loaded, vocab_size=400, **options)  # type: ignore[arg-type]
    expected = wordpiece.train(corpus, vocab_size=400, **options)  # type: ignore[arg-type]
    assert result.merges == expected.merges
    assert result.tokenizer.get_vocab() == expected.tokenizer.get_vocab()
    signature = json.loads(result.signature())
    assert signature["corpus"] == []
    assert signature["counts"]["name"] == "c.tsv.gz"
    assert signature["counts"]["corpus"] == json.loads(expected.signature())["corpus"]


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("memory", [1_000_000, 4_000_000])
def test_words_that_memory_does_not_hold_come_in_the_same_order(
    corpus: str, workers: int, memory: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    wordpiece.count_words(corpus, "expected.tsv")
    spilled = []
    monkeypatch.setattr(counts, "ENTRY_BYTES", 3000)
    monkeypatch.setattr(counts, "MOST_CHUNKS", 100)
    monkeypatch.setattr(counting, "WORTH_WORKERS", 0)
    monkeypatch.setattr(counting, "SHORTEST_RANGE", 5000)
    monkeypatch.setattr(sorted_runs, "MOST_RUNS", 3)
    written = sorted_runs.written
    monkeypatch.setattr(sorted_runs, "written", lambda r: spilled.append(1) or written(r))
    wordpiece.count_words(corpus, "c.tsv", workers=workers, memory=memory)
    assert spilled, "or nothing was tried"
    assert Path("c.tsv").read_bytes() == Path("expected.tsv").read_bytes()


@given(st.lists(st.tuples(st.text(max_size=3), st.integers(0, 2**80)), max_size=40), st.data())
def test_sorted_runs_sort_whatever_memory_there_is(
    cells: list[tuple[str, int]], data: st.DataObject
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sorted_runs, "LOOK_EVERY", data.draw(st.integers(1, 5)))
        patch.setattr(sorted_runs, "ROWS_AT_ONCE", 2)
        patch.setattr(sorted_runs, "MOST_RUNS", data.draw(st.integers(2, 4)))
        with SortedRuns(data.draw(st.sampled_from([1, 500, 10**9]))) as runs:
            runs.extend(cells)
            assert list(runs) == sorted(cells)


def test_long_words_do_not_fill_a_table_that_is_bounded_by_number() -> None:
    words = [f"{number}{'x' * 50_000}" for number in range(60)]
    with counts.BoundedCounter(TextRules(), memory=1_000_000) as counter:
        for word in words:
            counter.add(word)
            assert sum(map(len, counter._chunks)) <= 300_000 + len(word)
        assert list(counter.in_order()) == [(word, 1) for word in words]


def test_a_row_is_written_no_more_often_than_there_are_levels(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Sixteen runs in levels of four: once as they come, once as four, once as one."""
    rows = 0
    written = sorted_runs.written

    def counted(found: Iterable[sorted_runs.Row]) -> IO[bytes]:
        nonlocal rows
        found = list(found)
        rows += len(found)
        return written(found)

    monkeypatch.setattr(sorted_runs, "MOST_RUNS", 4)
    monkeypatch.setattr(sorted_runs, "LOOK_EVERY", 10)
    monkeypatch.setattr(sorted_runs, "written", counted)
    with SortedRuns(1) as runs:
        runs.extend((f"w{number}", number) for number in range(160))
        assert len(list(runs)) == 160
    assert rows == 3 * 160


def test_other_rules_are_refused_with_both_values(corpus: str) -> None:
    wordpiece.count_words(corpus, "c.tsv", lowercase=True)
    loaded = wordpiece.load_counts("c.tsv")
    with pytest.raises(
        OptionError, match=r"with strip_accents true, lowercase true, and the opt.*"
    ):
        wordpiece.train(loaded, vocab_size=400)
    with pytest.raises(OptionError, match=r'splitting "bert".* say splitting "byte-level"'):
        wordpiece.train(loaded, vocab_size=400, model="byte-bpe")
    assert wordpiece.train(loaded, vocab_size=400, lowercase=True, strip_accents=True).merges


def test_a_corpus_without_a_word_gives_a_file_without_a_word() -> None:
    Path("empty.txt").write_bytes(b" \n")
    assert wordpiece.count_words("empty.txt", "c.tsv").words == 0
    with pytest.raises(InputError, match=r"c\.tsv: holds no word"):
        wordpiece.train(wordpiece.load_counts("c.tsv"), vocab_size=100)


def test_partitions_add_up_to_the_whole(corpus: str) -> None:
    lines = Path(corpus).read_text(encoding="utf-8").splitlines(keepends=True)
    total: Counter[str] = Counter()
    for start in range(0, len(lines), 300):
        for word, count in wordpiece.count_partition(lines[start : start + 300], lowercase=True):
            total[word] += count
    wordpiece.count_words(corpus, "c.tsv", lowercase=True)
    assert total == Counter(dict(rows("c.tsv")))


# ---------------------------------------------------------------- merging


@given(
    st.lists(st.dictionaries(st.text(min_size=1, max_size=2), st.integers(1, 2**70)), min_size=1),
    st.sampled_from([10**6, 10**9]),
)
def test_merging_adds_up_the_most_frequent_first(parts: list[dict[str, int]], memory: int) -> None:
    names = []
    total: Counter[str] = Counter()
    for number, part in enumerate(parts):
        names.append(f"{number}.tsv")
        save(names[-1], part)
        total.update(part)
    header = wordpiece.merge_counts(names, "all.tsv", memory=memory)
    assert rows("all.tsv") == sorted(total.items(), key=lambda item: (-item[1], item[0]))
    assert (header.order, header.words, header.word_types) == (
        "count",
        total.total(),
        len(total),
    )


def test_merging_is_the_same_whatever_memory_there_is(monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(5):
        save(f"{number}.tsv", {f"w{(i * 7 + number) % 900}": i + 1 for i in range(900)})
    names = [f"{number}.tsv" for number in range(5)]
    wordpiece.merge_counts(names, "expected.tsv")
    monkeypatch.setattr(sorted_runs, "ROW_BYTES", 10_000)
    monkeypatch.setattr(sorted_runs, "LOOK_EVERY", 10)
    wordpiece.merge_counts(names, "c.tsv", memory=1_000_000)
    assert Path("c.tsv").read_bytes() == Path("expected.tsv").read_bytes()
    wordpiece.merge_counts(["c.tsv"], "again.tsv")
    assert rows("again.tsv") == rows("c.tsv")


def test_counts_of_other_rules_are_not_added_up(corpus: str) -> None:
    wordpiece.count_words(corpus, "a.tsv")
    wordpiece.count_words(corpus, "b.tsv", lowercase=True)
    message = (
        r"^b\.tsv: was counted with strip_accents true, lowercase true, and a\.tsv with "
        r"strip_accents false, lowercase false: only counts of the same rules can be added up$"
    )
    with pytest.raises(OptionError, match=message):
        wordpiece.merge_counts(["a.tsv", "b.tsv"], "all.tsv")
    assert not Path("all.tsv").exists()


# ---------------------------------------------------------------- commands


def test_what_was_passed_over_is_said_by_every_command(wp: Wp) -> None:
    Path("a.jsonl").write_text('{"text": "low lower"}\n{"text": 5}\n')
    said = "1 record was passed over; the first: a.jsonl: line 2: the text is number"
    wp("count", "a.jsonl", "-o", "c.tsv", "--on-error", "skip", "-q")
    assert said in wp.err
    wp("train", "a.jsonl", "-v", "20", "--on-error", "skip", "-q")
    assert said in wp.err
    wp("encode", "--input", "a.jsonl", "--on-error", "skip")
    assert said in wp.err


def test_a_corpus_whose_name_is_not_utf8_is_in_the_signature(wp: Wp) -> None:
    name = "n\udcff.txt"
    Path(name).write_text("low lower lowest\n")
    wordpiece.count_words(name, "c.tsv")
    wp("train", "--counts", "c.tsv", "-v", "20", "-q")
    counts = json.loads(Path("tokenizer/training.json").read_text())["counts"]
    assert counts["corpus"][0]["name"] == "n\\udcff.txt"


@pytest.mark.parametrize("command", ["count", "merge-counts"])
def test_a_folder_of_nothing_but_the_last_output_is_told_and_kept(
    wp: Wp, corpus: str, command: str
) -> None:
    Path("x").mkdir()
    wp("count", corpus, "-o", "x/out.tsv")
    before = Path("x/out.tsv").read_bytes()
    wp(command, "x", "-o", "x/out.tsv", code=2)
    assert wp.err == "wp: x: holds no text, only what an earlier run wrote there\n"
    assert Path("x/out.tsv").read_bytes() == before


def test_the_commands_go_together(wp: Wp, corpus: str) -> None:
    Path("b.txt").write_text("w1é w2é more\n", encoding="utf-8")
    out = wp("count", corpus, "-o", "a.tsv.zst")
    assert re.search(r"words +18,000, 2,\d\d\d distinct\norder +by first occurrence", out)
    document = json.loads(wp("count", "b.txt", "-o", "b.tsv", "--json"))
    assert (document["words"], document["word_types"]) == (3, 3)
    merged = json.loads(wp("merge-counts", "a.tsv.zst", "b.tsv", "-o", "all.tsv.gz", "--json"))
    assert (merged["words"], merged["order"]) == (18_003, "count")
    trained = json.loads(wp("train", "--counts", "all.tsv.gz", "-v", "300", "--json"))
    assert trained["words"] == 18_003
    wp("compare", code=2)
    assert "that training read no file to read again: name one with wp compare --corpus" in wp.err
    assert gzip.decompress(Path("all.tsv.gz").read_bytes()).startswith(b'{"format": 1')


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("count C -o c.tsv --memory lots", "--memory 'lots': must be a size such as 200M"),
        ("count C -o c.tsv --memory 1K", "--memory 1000: must be at least 1M"),
        ("count C", "Missing option '--output'"),
        ("count missing -o c.tsv", "missing: no such file"),
        ("count C -o nowhere/c.tsv", "nowhere/c.tsv: cannot be written"),
        ("count C -o c.tsv --model byte-bpe --lowercase", "byte-bpe takes text as it is"),
        ("merge-counts -o c.tsv", "Missing argument 'FILE...'"),
        ("merge-counts C -o c.tsv", "line 1: is no header of a counts file"),
        ("train --counts C -v 100", "line 1: is no header of a counts file"),
        ("train --counts x C -v 100", "--counts x: takes the place of CORPUS"),
        ("train --counts a.tsv -v 100 --lowercase", "strip_accents false, lowercase false, and"),
        ("train --counts a.tsv -v 100 --field x", "--field x: is for text, not for --counts"),
        ("train --counts missing -v 100", "missing: no such file"),
    ],
)
def test_mistakes_are_one_line(wp: Wp, corpus: str, arguments: str, message: str) -> None:
    course = str(REPOSITORY / "corpora" / "course.txt")
    wordpiece.count_words(course, "a.tsv")
    wp(*(course if word == "C" else word for word in arguments.split()), code=2)
    assert message in wp.err
    assert wp.err.count("\n") == 1
    assert not Path("c.tsv").exists()


def test_words_in_python_are_counts_too() -> None:
    assert wordpiece.train(WordCounts({"low": 5, "lower": 2}), vocab_size=14).merges


def test_counts_that_were_added_up_before_are_not_added_again() -> None:
    Path("a.txt").write_text("a b\n")
    Path("f").mkdir()
    wordpiece.count_words("a.txt", "f/a.tsv")
    for _ in range(3):
        wordpiece.merge_counts(["f"], "f/all.tsv")
        assert wordpiece.load_counts("f/all.tsv").counts == {"a": 1, "b": 1}
    with pytest.raises(OptionError, match=r"f/a\.tsv: would be written over"):
        wordpiece.merge_counts(["f/a.tsv"], "f/a.tsv")


def test_a_model_that_is_none_is_refused_for_counting_too() -> None:
    Path("a.txt").write_text("a b\n")
    with pytest.raises(OptionError, match="--model 'byte_bpe': must be one of"):
        wordpiece.count_words("a.txt", "o.tsv", model="byte_bpe")  # type: ignore[arg-type]
