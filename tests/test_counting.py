"""Counting: words and their order, files of several kinds, and workers that change nothing."""

from __future__ import annotations

import bz2
import gzip
import lzma
import random
import subprocess
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.strategies import nasty_text
from wordpiece import InputError, OptionError, WordCounts, WordpieceError
from wordpiece.text import counting, counts, readers, workers
from wordpiece.text.counting import count_files
from wordpiece.text.counts import WordCounter
from wordpiece.text.normalize import BertNormalizer
from wordpiece.text.pretokenize import BertPreTokenizer
from wordpiece.text.readers import Block
from wordpiece.text.reading import Faults, Reading
from wordpiece.text.rules import TextRules
from wordpiece.types import Progress

SPLIT = BertPreTokenizer()


def counter(**options: bool | None) -> WordCounter:
    return WordCounter(TextRules(**options))


def plain_counts(texts: list[str], normalizer: BertNormalizer) -> Counter[str]:
    """The definition: normalize and split everything, then count."""
    return Counter(word for text in texts for word in SPLIT.split(normalizer.normalize(text)))


@given(
    texts=st.lists(nasty_text, max_size=6),
    lowercase=st.booleans(),
    strip_accents=st.sampled_from([None, True, False]),
    cjk_spacing=st.booleans(),
    clean_text=st.booleans(),
    most_chunks=st.sampled_from([1, 3, 1000]),
)
def test_counting_chunks_equals_counting_everything(
    texts: list[str], most_chunks: int, **options: bool
) -> None:
    """White space to Python but not to BERT; marks at a boundary; a table flushed at any time."""
    chunked = counter(**options)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(counts, "MOST_CHUNKS", most_chunks)
        for text in texts:
            chunked.add(text)
        got = chunked.counts() if texts else {}
    expected = plain_counts(texts, BertNormalizer(**options))
    assert list(got.items()) == list(expected.items()), "same counts in the same order"


IDEOGRAPHS = "北京\u3400\uf900\U00020000あ한2aÉé，。-_ \u3000\x85\x1c\0\u0301"


@given(
    texts=st.lists(st.text(IDEOGRAPHS, min_size=1)),
    again=st.integers(1, 3),
    lowercase=st.booleans(),
    cjk_spacing=st.booleans(),
)
@example(texts=["北京2024年，北京 é", "北京"], again=2, lowercase=False, cjk_spacing=True)
def test_ideographs_are_counted_as_all_else_is(
    texts: list[str], again: int, **options: bool
) -> None:
    """Most chunks of them are there once, and are counted together; the others are not lost."""
    chunked = counter(**options)
    texts += texts[: len(texts) // 2] * again
    for text in texts:
        chunked.add(text)
    expected = plain_counts(texts, BertNormalizer(**options))
    assert list(chunked.counts().items()) == list(expected.items())


@pytest.mark.parametrize(
    "text",
    [
        "a!\u0301b",  # an accent on a mark
        "I\u0307.I\u0307 İ,İ",
        "ΟΔΟΣ'Σ-ΟΔΟΣ, ΣΣ;Σ",  # lower case hangs on what stands around a sigma
        "\u212a-K?\u037e",  # the Kelvin sign, the Greek question mark
        'x\x0b,\x0by.\x1c"',  # what is deleted
        "\ufeff-\u200d-\u00ad!",
        "a\0,b\0",
    ],
)
@pytest.mark.parametrize("lowercase", [False, True])
@pytest.mark.parametrize("strip_accents", [None, True, False])
def test_spaces_around_marks_change_no_word(
    text: str, lowercase: bool, strip_accents: bool | None
) -> None:
    options = {"lowercase": lowercase, "strip_accents": strip_accents}
    chunked = counter(**options)
    chunked.add(text)
    expected = plain_counts([text], BertNormalizer(**options))
    assert list(chunked.take().items()) == list(expected.items())


@pytest.mark.parametrize("rules", [TextRules(), TextRules("byte-level", *[False] * 4)])
@given(text=st.text("ab가é \n\r\t.", max_size=60))
def test_a_long_line_is_counted_in_parts(text: str, rules: TextRules) -> None:
    whole = WordCounter(rules)
    whole.add_lines(text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("wordpiece.text.counts.PART", 5)
        patch.setattr("wordpiece.text.cuts.PART", 5)
        patch.setattr(counts, "CUT_AT_ONCE", 5)
        cut = WordCounter(rules)
        cut.add_lines(text)
    assert cut.take() == whole.take()


def test_words_come_in_order_of_first_occurrence() -> None:
    words = counter()
    words.add("b, a b")
    words.add("c a")
    assert list(words.counts().items()) == [("b", 2), (",", 1), ("a", 2), ("c", 1)]


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """Half a megabyte whose words go on appearing for the first time."""
    rng = random.Random(1)
    vocabulary = [f"w{number:x}é" for number in range(9000)]
    lines = (
        " ".join(vocabulary[int(9000 * rng.random() ** 3)] for _ in range(12)) for _ in range(6000)
    )
    path = tmp_path / "corpus.txt"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


@pytest.mark.parametrize("number", [1, 2, 3])
def test_the_number_of_workers_changes_nothing(
    corpus: Path, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counting, "WORTH_WORKERS", 0)
    monkeypatch.setattr(readers, "BLOCK_BYTES", 10_000)
    words = counter(lowercase=True)
    (record,) = count_files([str(corpus)], words, workers=number).files
    expected = plain_counts([corpus.read_text(encoding="utf-8")], BertNormalizer(lowercase=True))
    assert list(words.counts().items()) == list(expected.items())
    assert record.bytes == corpus.stat().st_size


@pytest.mark.parametrize(("workers", "stretches"), [(2, 4), (3, 3), (4, 4)])
def test_every_worker_gets_as_many_stretches(
    corpus: Path, workers: int, stretches: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three would do; with two workers the third would be counted by one, while one waits."""
    monkeypatch.setattr(counting, "WORTH_WORKERS", 0)
    monkeypatch.setattr(counting, "LONGEST_RANGE", corpus.stat().st_size // 3 + 1)
    asked: list[int] = []
    ranges = readers.LineFile.ranges
    monkeypatch.setattr(
        readers.LineFile, "ranges", lambda self, n: asked.append(n) or ranges(self, n)
    )
    count_files([str(corpus)], counter(), workers=workers)
    assert asked == [stretches]


@pytest.mark.parametrize("number", [1, 2])
def test_bytes_that_are_not_utf8_are_named_by_file_and_offset(
    number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counting, "WORTH_WORKERS", 0)
    monkeypatch.setattr(readers, "BLOCK_BYTES", 100)
    Path("bad.txt").write_bytes(b"word\n" * 100 + b"caf\xe9 x\n" + b"\xff\n" * 50)
    with pytest.raises(InputError, match=r"^bad\.txt: byte 503 \(0xe9\) is not UTF-8: .*--errors"):
        count_files(["bad.txt"], counter(), workers=number)
    words = counter()
    count_files(["bad.txt"], words, reading=Reading(errors="replace"), workers=number)
    assert dict(words.counts()) == {"word": 100, "caf": 1, "x": 1}


def test_a_worker_that_dies_is_reported(corpus: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counting, "WORTH_WORKERS", 0)
    monkeypatch.setattr(workers, "MODULE", "wordpiece.text.nothing_here")
    with pytest.raises(WordpieceError, match="a worker process ended early"):
        count_files([str(corpus)], counter(), workers=2)


@pytest.mark.parametrize(
    ("suffix", "compress"), [("gz", gzip.compress), ("bz2", bz2.compress), ("xz", lzma.compress)]
)
def test_compressed_files_are_read_by_their_names(suffix: str, compress: object) -> None:
    data = b"one two\nthree"
    path = Path(f"corpus.txt.{suffix}")
    path.write_bytes(compress(data))  # type: ignore[operator]
    words = counter()
    (record,) = count_files([str(path)], words).files
    assert list(words.counts()) == ["one", "two", "three"]
    assert record.bytes == path.stat().st_size
    path.write_bytes(compress(data)[:-4])  # type: ignore[operator]
    with pytest.raises(InputError, match="cannot be decompressed"):
        count_files([str(path)], counter())
    path.write_bytes(b"not compressed at all")
    with pytest.raises(InputError, match="cannot be"):
        count_files([str(path)], counter())


@pytest.mark.parametrize(
    ("data", "blocks"),
    [
        (b"", []),
        (b"ab cd\nef", [b"ab cd\n", b"ef"]),
        (b"abcdefghijkl mno", [b"abcdefghijkl ", b"mno"]),
        (b"abcdefghijklmnop", [b"abcdefghijklmnop"]),
        (b"\n\n\n\n", [b"\n\n\n\n"]),
    ],
)
def test_blocks_end_where_words_end(
    data: bytes, blocks: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readers, "BLOCK_BYTES", 8)
    Path("t.txt").write_bytes(data)
    got = list(readers.LineFile("t.txt", cut_long_lines=True).blocks())
    assert [block.data for block in got] == blocks
    assert [block.offset for block in got] == [
        sum(map(len, blocks[:at])) for at in range(len(blocks))
    ]


def test_a_block_comes_apart_into_small_ones_that_know_where_they_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What another process gets is large; decoded whole, it would leave holes in its memory."""
    monkeypatch.setattr(readers, "BLOCK_BYTES", 8)
    whole = Block(b"ab\ncd\nef\nghijklmnopqr\ns", 100, 5)
    pieces = list(whole.pieces())
    assert pieces == [
        Block(b"ab\ncd\n", 100, 5),
        Block(b"ef\n", 106, 7),
        Block(b"ghijklmnopqr\n", 109, 8),
        Block(b"s", 122, 9),
    ]
    assert [piece.line for piece in Block(whole.data, 0).pieces()] == [0, 0, 0, 0]


def test_lines_are_kept_whole_when_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readers, "BLOCK_BYTES", 8)
    Path("t.txt").write_bytes(b"abcdefghijkl mno pqr\nst u")
    got = readers.LineFile("t.txt").blocks()
    assert [block.data for block in got] == [b"abcdefghijkl mno pqr\n", b"st u"]


def test_progress_is_told_in_bytes(corpus: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readers, "BLOCK_BYTES", 100_000)
    heard: list[Progress] = []
    count_files([str(corpus), str(corpus)], counter(), workers=1, progress=heard.append)
    size = corpus.stat().st_size
    assert [step.done for step in heard] == sorted(step.done for step in heard)
    assert heard[-1] == Progress("reading", 2 * size, 2 * size, "bytes")


def test_trouble_with_files_is_put_into_words(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        count_files(["nothing.txt"], counter())
    with pytest.raises(InputError, match="the folder holds no file"):
        count_files([str(tmp_path)], counter())
    with pytest.raises(OptionError, match="--workers 0"):
        count_files([], counter(), workers=0)


def test_a_block_that_is_not_text_is_refused() -> None:
    with pytest.raises(InputError, match="must be a str, not bytes"):
        counter().add(b"abc")  # type: ignore[arg-type]
    assert Block(b"a\xff", 10).text("f", Reading(errors="replace"), Faults("stop")) == "a\ufffd"


@pytest.mark.parametrize("bad", [{"": 1}, {"a": 0}, {"a": 1.5}, {"a": True}, {7: 1}])
def test_word_counts_are_checked(bad: dict[str, int]) -> None:
    with pytest.raises(OptionError):
        WordCounts(bad)


def test_processes_that_cannot_be_started_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[subprocess.Popen[bytes]] = []
    popen = subprocess.Popen

    def start(*arguments: Any, **options: Any) -> subprocess.Popen[bytes]:
        if len(started) == 2:
            raise OSError(24, "Too many open files")
        started.append(popen(*arguments, **options))
        return started[-1]

    monkeypatch.setattr("subprocess.Popen", start)
    Path("a.txt").write_text("x y\n")
    monkeypatch.setattr(counting, "WORTH_WORKERS", 0)
    with pytest.raises(WordpieceError, match="9 worker processes cannot be started: Too many op"):
        count_files(["a.txt"], counter(), workers=9)
    assert all(process.poll() is not None for process in started)


def test_no_thread_waits_for_a_process_that_will_not_come() -> None:
    """More requests than processes, and a process that dies over the first of them."""
    from wordpiece.processes import Workers

    settings = (tuple(TextRules()), tuple(Reading()))
    requests = [("a", "text", ["word"])] * 9
    with Workers(2, "wordpiece.text.count_worker", settings) as pool:
        for process in pool._processes:
            process.kill()
        with pytest.raises(WordpieceError, match="a worker process ended early"):
            list(pool.in_order(requests))
