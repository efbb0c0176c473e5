"""Reading: every kind of file, wherever it is, however compressed; bad records named or counted."""

from __future__ import annotations

import bz2
import csv
import gzip
import io
import json
import lzma
import os
import shlex
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pyarrow
import pyarrow.feather
import pyarrow.parquet
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

import wordpiece
from tests.command import WP, environment
from tests.strategies import nasty_text
from wordpiece import InputError, OptionError, train
from wordpiece.text import counting, readers, sources, streams, table_rows
from wordpiece.text.corpora import expanded
from wordpiece.text.counting import count_files
from wordpiece.text.counts import WordCounter
from wordpiece.text.reading import Faults, Reading
from wordpiece.text.rules import TextRules
from wordpiece.text.sources import Source
from wordpiece.text.streams import BLOCK_BYTES, HashingReader

TEXTS = ["one two", "", "three\nfour", 'he said "no", twice', "다섯, 여섯\ttab"]
BYTE_LEVEL = TextRules("byte-level", False, False, False, False)


def write_jsonl(path: Path, texts: list[str]) -> None:
    path.write_text("".join(json.dumps({"text": t, "n": 1}) + "\n" for t in texts), "utf-8")


def write_csv(path: Path, texts: list[str]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("n", "text"), *enumerate(texts)])


def table(texts: list[str]) -> pyarrow.Table:
    return pyarrow.table({"n": range(len(texts)), "text": pyarrow.array(texts, pyarrow.string())})


def write_parquet(path: Path, texts: list[str]) -> None:
    pyarrow.parquet.write_table(table(texts), path, row_group_size=2)


def write_arrow_file(path: Path, texts: list[str]) -> None:
    pyarrow.feather.write_feather(table(texts), str(path), chunksize=2)


def write_arrow_stream(path: Path, texts: list[str]) -> None:
    found = table(texts)
    with pyarrow.ipc.new_stream(str(path), found.schema) as writer:
        writer.write_table(found, max_chunksize=2)


KINDS: dict[str, Callable[[Path, list[str]], None]] = {
    "a.jsonl": write_jsonl,
    "a.csv": write_csv,
    "a.parquet": write_parquet,
    "a.feather": write_arrow_file,
    "a.arrow": write_arrow_stream,
}


def texts(name: str, **options: str) -> list[str]:
    return list(Source(name, Reading(**options)).texts(Faults("stop")))  # type: ignore[arg-type]


def words_of(name: str, rules: TextRules, workers: int) -> list[tuple[str, int]]:
    counter = WordCounter(rules)
    count_files([name], counter, workers=workers)
    return list(counter.counts().items())


@pytest.mark.parametrize("name", KINDS)
def test_a_record_is_a_text_whatever_the_kind(name: str) -> None:
    KINDS[name](Path(name), TEXTS)
    assert texts(name) == TEXTS


def test_tables_without_a_name_are_known_by_their_content() -> None:
    for name, write in KINDS.items():
        if name != "a.csv":  # which nothing tells from text
            write(Path("nothing_said"), TEXTS)
            assert texts("nothing_said") == TEXTS


@given(st.lists(nasty_text, max_size=5), st.sampled_from(sorted(KINDS)))
def test_any_text_comes_back_from_a_record(found: list[str], name: str) -> None:
    KINDS[name](Path(name), found)
    assert texts(name) == found


@pytest.mark.parametrize("rules", [TextRules(), BYTE_LEVEL], ids=["bert", "byte-level"])
@pytest.mark.parametrize("name", KINDS)
def test_workers_and_batches_change_no_count(
    name: str, rules: TextRules, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each record is a text of its own: byte-level words do not reach over its ends."""
    many = [f"{text} w{number % 7}" for number, text in enumerate(TEXTS * 5)]
    KINDS[name](Path(name), many)
    monkeypatch.setattr(table_rows, "ROWS_AT_ONCE", 3)
    monkeypatch.setattr(readers, "BLOCK_BYTES", 100)
    monkeypatch.setattr(sources, "BATCH_BYTES", 250)
    monkeypatch.setattr(counting, "WORTH_WORKERS", 0)
    counter = WordCounter(rules)
    for text in many:
        counter.add(text)
    expected = list(counter.counts().items())
    assert words_of(name, rules, 1) == expected
    assert words_of(name, rules, 2) == expected


COMPRESS: dict[str, Callable[[bytes], bytes]] = {
    ".gz": gzip.compress,
    ".bz2": bz2.compress,
    ".xz": lzma.compress,
    ".zst": zstandard.ZstdCompressor().compress,
}


@pytest.mark.parametrize("ending", COMPRESS)
def test_compression_is_told_by_name_or_by_content(ending: str) -> None:
    data = COMPRESS[ending](b'{"text": "one"}\n{"text": "two"}\n')
    for name in (f"a.jsonl{ending}", "named_nothing"):
        Path(name).write_bytes(data)
        assert texts(name) == ["one", "two"]
    Path("a.txt").write_bytes(data)
    assert texts("a.txt") == ['{"text": "one"}\n', '{"text": "two"}\n'], "a name that says text"


@pytest.mark.parametrize("ending", COMPRESS)
def test_several_streams_in_one_file_are_all_read(ending: str) -> None:
    Path(f"a.txt{ending}").write_bytes(COMPRESS[ending](b"one\n") + COMPRESS[ending](b"two\n"))
    assert texts(f"a.txt{ending}") == ["one\n", "two\n"]


@pytest.mark.parametrize("ending", COMPRESS)
def test_a_compressed_file_that_is_cut_off_is_an_error(ending: str) -> None:
    data = COMPRESS[ending](bytes(range(97, 123)) * 50)
    for end in (len(data) - 3, len(data) // 2, 5):
        Path(f"a.txt{ending}").write_bytes(data[:end])
        with pytest.raises(InputError, match="cannot be"):
            texts(f"a.txt{ending}")


def test_a_few_bytes_that_stand_for_very_many_are_read_in_pieces() -> None:
    bomb = zstandard.ZstdCompressor().compress(bytes(50_000_000))
    new = lambda: zstandard.ZstdDecompressor().decompressobj()  # noqa: E731
    stream = streams.WholeFrames(new, io.BytesIO(bomb))
    sizes = iter(lambda: len(stream.read(1 << 20)), 0)
    assert sum(sizes) == 50_000_000


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl"])
def test_a_byte_order_mark_is_one_only_at_the_beginning(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Elsewhere, at the beginning of a block too, the same character is text."""
    monkeypatch.setattr(readers, "BLOCK_BYTES", 64)
    words = [f"\ufeffword{number}" for number in range(200)]
    if name == "a.csv":
        Path(name).write_text("\ufefftext\n" + "".join(f"{w}\n" for w in words), encoding="utf-8")
    else:
        rows = "".join(f"{json.dumps({'text': w}, ensure_ascii=False)}\n" for w in words)
        Path(name).write_text(f"\ufeff{rows}", encoding="utf-8")
    assert texts(name) == words


def test_a_row_of_a_large_table_is_named_by_its_number() -> None:
    values = [*("x" for _ in range(2500)), None, "y"]
    pyarrow.parquet.write_table(pyarrow.table({"text": values}), "a.parquet")
    with pytest.raises(InputError, match=r"^a\.parquet: row 2501: "):
        texts("a.parquet")


@pytest.mark.parametrize("ending", COMPRESS)
def test_streams_one_after_the_other_are_read_to_the_end(ending: str) -> None:
    compress = COMPRESS[ending]
    lines = [f"line {at}\n" * 500 for at in range(9)]
    parts = [compress(line.encode()) for line in lines]
    Path(f"a.txt{ending}").write_bytes(b"".join(parts) + bytes(8))
    assert "".join(texts(f"a.txt{ending}")) == "".join(lines)
    damaged = bytes([parts[1][0] ^ 255]) + parts[1][1:]
    for wrong in (parts[0] + damaged, parts[0] + b"garbage", parts[0] + parts[1][:-9]):
        Path(f"a.txt{ending}").write_bytes(wrong)
        with pytest.raises(InputError, match=rf"^a\.txt{ending}: cannot be"):
            texts(f"a.txt{ending}")


def test_an_empty_table_has_no_texts_as_any_empty_file() -> None:
    for name in ("a.csv", "a.tsv", "a.jsonl", "a.txt"):
        Path(name).write_bytes(b"")
        assert texts(name) == []


@pytest.mark.parametrize(
    ("name", "content", "options", "expected"),
    [
        ("a.jsonl", '{"a": {"b": "x"}}', {"field": "a.b"}, ["x"]),
        ("a.jsonl", '{"a.b": "x"}', {"field": "a.b"}, ["x"]),
        ("a.jsonl", '\ufeff{"text": "x"}\r\n\n  \n{"text": "y"}', {}, ["x", "y"]),
        ("a.ndjson", '{"text": "\\u00e9\\ud83d\\ude00"}', {}, ["é😀"]),
        ("a.txt", '{"text": "x"}\n', {}, ['{"text": "x"}\n']),
        ("unnamed", '{"text": "x"}\n', {}, ["x"]),
        ("unnamed", "{not json}\n", {}, ["{not json}\n"]),
        ("a.txt", '{"text": "x"}\n', {"format": "jsonl"}, ["x"]),
        ("a.csv", "n,text\n1,x\n\n2,y", {}, ["x", "y"]),
        ("a.csv", "\ufefftext\nx\n", {}, ["x"]),
        ("a.csv", "1,x\n2,y\n", {"column": "2"}, ["x", "y"]),
        ("a.csv", 'text\n"a\nb"\n"c ""d"""\n', {}, ["a\nb", 'c "d"']),
        ("a.tsv", 'id\ttext\n1\t"x\n2\ty"z\n', {}, ['"x', 'y"z']),
        ("unnamed", "1,x\n", {"column": "2"}, ["x"]),
        ("a.csv", f"text\n{'x' * 200_000}\n", {}, ["x" * 200_000]),
        ("a.txt", "a\rb\r\nc", {}, ["a\rb\r\n", "c"]),
        ("a.txt", "\ufeffa", {}, ["\ufeffa"]),
        ("a.txt", "\0\0\0\0", {}, ["\0\0\0\0"]),
    ],
)
def test_what_is_a_text(
    name: str, content: str, options: dict[str, str], expected: list[str]
) -> None:
    Path(name).write_text(content, encoding="utf-8", newline="")
    assert texts(name, **options) == expected


def test_reading_tables_leaves_the_limit_of_csv_as_it_was() -> None:
    before = csv.field_size_limit()
    Path("a.csv").write_text("text\nx\n")
    texts("a.csv")
    assert csv.field_size_limit() == before


@pytest.mark.parametrize(
    ("name", "content", "options", "message"),
    [
        ("a.jsonl", b'{"text": "x"}\n{"text": 5}\n', {}, "line 2: the text is number, not a str"),
        ("a.jsonl", b'{"text": null}', {}, "line 1: the text is null"),
        ("a.jsonl", b'{"b": 1, "a": 2}', {}, "line 1: has no field 'text', but a, b: name one"),
        ("a.jsonl", b'{"a": "x"}', {"field": "a.b"}, "is a JSON string, not an object with a fie"),
        ("a.jsonl", b'\n["x"]', {}, "line 2: is a JSON array, not an object"),
        ("a.jsonl", b"[\n{}\n]", {}, "line 1: is no JSON: .*, a list over several lines perhaps"),
        ("a.jsonl", b'{"text": "x"', {}, "line 1: is no JSON: .* at character 13"),
        ("a.jsonl", b'{"text": "\xff"}', {}, r"line 1: byte 10 \(0xff\) of it is not UTF-8"),
        ("a.jsonl", b'{"text": "a\\ud800"}', {}, r"half a surrogate pair \(\\ud800\)"),
        ("a.jsonl", b'{"a":' * 100_000, {}, "line 1: is nested too deeply"),
        ("a.jsonl", b'{"text": ' + b"9" * 10_000 + b"}", {}, "line 1: Exceeds the limit"),
        ("a.csv", b"n,text\n1\n", {}, "line 2: has 1 field, none in column 2"),
        ("a.jsonl", '{"text": "x"}\n\ufeff{"text": "y"}\n'.encode(), {}, "line 2: is no JSON"),
        ("a.csv", b"n,text\n1,x\n2\n", {"column": "2"}, "line 3: has 1 field, none in column 2"),
        ("a.csv", b'n,text\n1,"x\n2,y\n', {}, "line 3: unexpected end of data"),
        ("a.csv", b"n,body\n1,x\n", {}, "has no column 'text' but n, body: name one with --col"),
        ("a.csv", b"n,text\n1,\xff\n", {}, r"byte 9 \(0xff\) is not UTF-8"),
        ("a.parquet", b"PAR1 and nothing else", {}, "cannot be read: "),
        ("a.arrow", b"ARROW1 and nothing else", {}, "cannot be read: "),
        ("a.txt", "text".encode("utf-16"), {}, "looks like UTF-16: convert it first, with iconv"),
        ("a.txt", "text".encode("utf-16-be"), {}, "looks like UTF-16"),
        ("a.txt", "text".encode("utf-32"), {}, "looks like UTF-32"),
        ("a.csv", "text\nx".encode("utf-16"), {}, "looks like UTF-16"),
        ("a.json", b'[\n  {"text": "x"}\n]', {}, "line 1: is no JSON: .*, a list over several"),
        ("a.json", b'["x"]', {}, "line 1: is a JSON array, not an object"),
        ("a.zip", b"PK\x03\x04and more", {}, "is a zip archive: unpack it first"),
        ("a.tar", bytes(257) + b"ustar" + bytes(99), {}, "is a tar archive: unpack it first"),
    ],
)
def test_bad_records_are_named_by_file_and_line(
    name: str, content: bytes, options: dict[str, str], message: str
) -> None:
    Path(name).write_bytes(content)
    with pytest.raises(InputError, match=f"^{name}: .*{message}"):
        texts(name, **options)


@pytest.mark.parametrize("number", [1, 2])
def test_bad_records_can_be_passed_over_and_are_counted(
    number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counting, "WORTH_WORKERS", 0)
    monkeypatch.setattr(readers, "BLOCK_BYTES", 30)
    monkeypatch.setattr(sources, "BATCH_BYTES", 50)
    Path("a.jsonl").write_text('{"text": "x"}\n{"text": 5}\n{"text": "y"}\n?\n')
    Path("b.csv").write_text('n,text\n1\n2,z\n3,"q"r\n4,v\n')
    Path("c.txt").write_bytes(b"u\n\xff t\ns\n")
    pyarrow.parquet.write_table(pyarrow.table({"text": ["r", None]}), "d.parquet")
    counter = WordCounter(TextRules())
    names = ["a.jsonl", "b.csv", "c.txt", "d.parquet"]
    found = count_files(names, counter, reading=Reading(on_error="skip"), workers=number)
    assert list(counter.counts()) == ["x", "y", "z", "v", "u", "s", "r"]
    assert found.skipped == 6
    assert found.first_skipped == "a.jsonl: line 2: the text is number, not a string"


def test_what_was_passed_over_is_said_in_a_warning_and_in_the_signature() -> None:
    Path("a.jsonl").write_text('{"text": "low lower"}\n{"text": 5}\n')
    result = train(Path("a.jsonl"), vocab_size=15, on_error="skip")
    assert result.skipped == 1
    assert result.warnings[0].startswith("1 record was passed over; the first: a.jsonl: line 2: ")
    signature = json.loads(result.signature())
    assert signature["result"]["skipped"] == 1
    assert signature["options"]["on_error"] == "skip"


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"body": ["x"]}, "has no column 'text' but body: name one with --column"),
        ({"text": [1]}, "column 'text' holds int64, not strings"),
        ({"text": [["x"]]}, "column 'text' holds list<.*>, not strings"),
        ({"text": ["x", None]}, "row 2: the text is null"),
    ],
)
@pytest.mark.parametrize("name", ["a.parquet", "a.feather"])
def test_columns_that_hold_no_text_are_refused(
    name: str, values: dict[str, list[object]], message: str
) -> None:
    write = pyarrow.parquet.write_table if name == "a.parquet" else pyarrow.feather.write_feather
    write(pyarrow.table(values), name)
    with pytest.raises(InputError, match=f"^{name}: .*{message}"):
        texts(name)


def test_bytes_in_parquet_that_are_not_utf8_are_named_by_row() -> None:
    column = pyarrow.array([b"x", b"caf\xe9", b"y"]).view(pyarrow.string())
    pyarrow.parquet.write_table(pyarrow.table({"text": column}), "a.parquet")
    with pytest.raises(InputError, match=r"^a\.parquet: row 2: byte 3 \(0xe9\) of it is not UTF-8"):
        texts("a.parquet")
    assert texts("a.parquet", errors="replace") == ["x", "caf\ufffd", "y"]
    assert list(Source("a.parquet", Reading()).texts(Faults("skip"))) == ["x", "y"]


def test_a_column_with_a_dot_in_its_name_is_not_a_part_of_another() -> None:
    both = {"text": [{"b": "inside"}], "text.b": ["whole"]}
    pyarrow.parquet.write_table(pyarrow.table(both), "a.parquet")
    assert texts("a.parquet", column="text.b") == ["whole"]


@pytest.mark.parametrize("corpus", [5, b"a.txt", [b"a.txt"], [5], []])
def test_what_is_no_path_is_told(corpus: object) -> None:
    Path("a.txt").write_text("x")
    tokenizer = train(["one two"], vocab_size=20).tokenizer
    for call in (
        lambda: wordpiece.count_words(corpus, "c.tsv"),  # type: ignore[arg-type]
        lambda: wordpiece.merge_counts(corpus, "c.tsv"),  # type: ignore[arg-type]
        lambda: wordpiece.encode_corpus(tokenizer, corpus, "ids.bin"),  # type: ignore[arg-type]
    ):
        with pytest.raises(InputError, match=r"path|no corpus"):
            call()


def test_an_output_that_cannot_be_written_is_told_before_anything_is_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    Path("a.txt").write_text("x")
    monkeypatch.setattr("wordpiece.word_counts.count_files", lambda *_, **__: pytest.fail("read"))
    with pytest.raises(wordpiece.OutputError, match=r"nowhere/c\.tsv: cannot be written"):
        wordpiece.count_words("a.txt", "nowhere/c.tsv")
    monkeypatch.setitem(sys.modules, "zstandard", None)
    with pytest.raises(wordpiece.OutputError, match=r"wordpiece-lab\[zstd\]"):
        wordpiece.count_words("a.txt", "c.tsv.zst")


def test_columns_of_categories_and_by_number_are_read() -> None:
    column = pyarrow.array(["x", "y", "x"]).dictionary_encode()
    pyarrow.parquet.write_table(pyarrow.table({"n": [1, 2, 3], "kind": column}), "a.parquet")
    assert texts("a.parquet", column="kind") == texts("a.parquet", column="2") == ["x", "y", "x"]


def test_folders_and_patterns_stand_for_their_files_in_order() -> None:
    for name in ("d/b.txt", "d/a/z.txt", "d/.hidden", "d/_SUCCESS", "d/a/c.jsonl"):
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text("x\n")
    Path("d/again").symlink_to(Path("d").absolute())
    assert expanded(["d", "-"]) == ["d/a/c.jsonl", "d/a/z.txt", "d/b.txt", "-"]
    Path("d/again").unlink()
    assert expanded(["d/**/*.txt"]) == ["d/a/z.txt", "d/b.txt"]
    Path("what[1]?.txt").write_text("x\n")
    assert expanded(["what[1]?.txt"]) == ["what[1]?.txt"], "a name that looks like a pattern"
    with pytest.raises(InputError, match="no file matches it"):
        expanded(["d/*.xml"])
    Path("empty").mkdir()
    with pytest.raises(InputError, match="the folder holds no file"):
        expanded(["empty"])


def test_a_record_that_nobody_needs_any_more_is_not_made(monkeypatch: pytest.MonkeyPatch) -> None:
    """As after an error near the beginning of a long file."""
    size = 40 * BLOCK_BYTES
    Path("a.txt").write_bytes(b"\xff" + b"a\n" * (size // 2))
    read = HashingReader.read
    seen: list[int] = []

    def slow(self: HashingReader, size: int = -1) -> bytes:
        seen.append(size)
        time.sleep(0.2)
        return read(self, size)

    monkeypatch.setattr(HashingReader, "read", slow)
    monkeypatch.setattr(counting, "WORTH_WORKERS", 1000)
    with pytest.raises(InputError, match="is not UTF-8"):
        train(Path("a.txt"), vocab_size=50, workers=2)
    assert len(seen) < 40


def test_what_can_be_read_only_once_is_named_once() -> None:
    Path("a.txt").write_text("a\n")
    os.mkfifo("pipe")
    assert expanded(["a.txt", "-", "a.txt", "pipe"]) == ["a.txt", "-", "a.txt", "pipe"]
    for name in ("-", "pipe"):
        with pytest.raises(OptionError, match=f"{name}: can be read only once: name it once"):
            expanded([name, "a.txt", name])


def test_remote_paths_are_read_through_fsspec() -> None:
    fsspec = pytest.importorskip("fsspec")
    memory = fsspec.filesystem("memory")
    memory.pipe("/corpus/a.jsonl.gz", gzip.compress(b'{"text": "one"}\n'))
    memory.pipe("/corpus/b.txt", b"two\n")
    buffer = io.BytesIO()
    pyarrow.parquet.write_table(table(["three"]), buffer)
    memory.pipe("/corpus/c.parquet", buffer.getvalue())
    for names in (["memory://corpus"], ["memory://corpus/*"]):
        counter = WordCounter(TextRules())
        count_files(names, counter)
        assert list(counter.counts()) == ["one", "two", "three"]
    with pytest.raises(InputError, match=r"^memory://nothing: no such file"):
        texts("memory://nothing")
    with pytest.raises(InputError, match="cannot be read"):
        texts("nosuchprotocol://a/b")


@pytest.mark.parametrize(
    ("name", "library", "extra"),
    [
        ("a.txt.zst", "zstandard", "zstd"),
        ("a.parquet", "pyarrow", "parquet"),
        ("s3://b/a.txt", "fsspec", "remote"),
    ],
)
def test_a_library_that_is_missing_is_named_with_its_extra(
    name: str, library: str, extra: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if "://" not in name:
        Path(name).write_bytes(b"")
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(InputError, match=rf'pip install "wordpiece-lab\[{extra}\]"'):
        texts(name)


@pytest.mark.parametrize(
    "options",
    [
        {"format": "xml"},
        {"errors": "ignore"},
        {"on_error": "panic"},
        {"field": "x", "format": "csv"},
        {"column": "x", "format": "jsonl"},
        {"field": ""},
        {"column": ""},
    ],
)
def test_ways_of_reading_that_are_none_are_refused(options: dict[str, str]) -> None:
    with pytest.raises(OptionError, match="--"):
        train(Path("a.txt"), vocab_size=100, **options)  # type: ignore[arg-type]


def test_standard_input_is_known_by_its_first_bytes() -> None:
    command = [*WP, "train", "-", "-v", "30", "-o", "out", "--json"]
    data = b'{"text": "low lower lowest"}\n'
    for sent in (data, gzip.compress(data)):
        run = subprocess.run(command, input=sent, capture_output=True, check=True)
        assert json.loads(run.stdout)["words"] == 3
    run = subprocess.run([*command, "--format", "parquet"], input=b"PAR1", capture_output=True)
    assert run.returncode == 2
    assert b"cannot be read from standard input" in run.stderr


def test_a_file_that_changes_while_it_is_read_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    path = Path("log.txt")
    path.write_text("one two\n" * 100)
    monkeypatch.setattr(readers, "BLOCK_BYTES", 100)

    def grow(_: object) -> None:
        with path.open("a") as file:
            file.write("three\n")

    with pytest.raises(InputError, match=r"^log\.txt: changed while it was read"):
        count_files(["log.txt"], WordCounter(TextRules()), workers=1, progress=grow)


def test_a_file_that_vanishes_before_it_is_read_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("a.txt", "b.txt"):
        Path(name).write_text("one two\n")
    monkeypatch.setattr(readers, "BLOCK_BYTES", 4)
    with pytest.raises(InputError, match=r"^b\.txt: no such file"):
        count_files(
            ["a.txt", "b.txt"],
            WordCounter(TextRules()),
            workers=1,
            progress=lambda _: Path("b.txt").unlink(missing_ok=True),
        )


@pytest.mark.parametrize("pack", [bytes, *COMPRESS.values()], ids=["plain", *COMPRESS])
@pytest.mark.parametrize("slowly", [False, True])
def test_standard_input_is_known_however_it_comes(
    pack: Callable[[bytes], bytes], slowly: bool
) -> None:
    """More than a pipe holds, compressed or not, in one piece or byte by byte at first."""
    data = pack(
        b"".join(b'\xef\xbb\xbf{"text": "w%d"}\n'[3 * (n > 0) :] % n for n in range(20_000))
    )
    command = [*WP, "count", "-", "-o", "c.tsv", "--json"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin
        for byte in data[:5] if slowly else b"":
            process.stdin.write(bytes([byte]))
            process.stdin.flush()
        process.stdin.write(data[5:] if slowly else data)
        process.stdin.close()
        assert process.stdout
        assert json.loads(process.stdout.read())["words"] == 20_000


def test_a_pipe_with_a_name_is_read_once() -> None:
    Path("a.jsonl").write_text('{"text": "one"}\n{"text": "two"}\n')
    script = f"{shlex.join(WP)} count <(cat a.jsonl) <(echo three) -o c.tsv -q && tail -n 3 c.tsv"
    run = subprocess.run(["bash", "-c", script], capture_output=True, text=True, timeout=60)
    assert run.stdout == "one\t1\ntwo\t1\nthree\t1\n", run.stderr


@pytest.mark.parametrize("number", [1, 2])
def test_a_line_that_is_passed_over_is_passed_over_whole(
    number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counting, "WORTH_WORKERS", 0)
    monkeypatch.setattr(readers, "BLOCK_BYTES", 20)
    Path("a.txt").write_bytes(b"one\n" + b"many words " * 20 + b"\xff\rand more\ntwo\n")
    counter = WordCounter(TextRules())
    found = count_files(["a.txt"], counter, reading=Reading(on_error="skip"), workers=number)
    assert list(counter.counts()) == ["one", "two"]
    assert found.skipped == 1


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.csv", '"text"x,b\na,b\n', "line 1: "),
        ("a.csv", "id,text\r1,abc\r", "line 1: a carriage return within a row"),
        ("a.tsv", "id\ttext\r1\tabc\r", "line 1: a carriage return within a row"),
    ],
)
def test_a_row_of_names_that_is_none_is_told(name: str, content: str, message: str) -> None:
    Path(name).write_text(content, newline="")
    with pytest.raises(InputError, match=f"^{name}: {message}"):
        texts(name)


def test_a_quote_that_never_closes_is_not_passed_over_with_the_rest_of_the_file() -> None:
    Path("a.csv").write_text('text\n"abc\nx\ny\n')
    with pytest.raises(InputError, match="a quote is not closed"):
        list(Source("a.csv", Reading()).texts(Faults("skip")))


def test_endings_in_capitals_say_the_same() -> None:
    write_csv(Path("A.CSV"), TEXTS)
    Path("B.CSV.GZ").write_bytes(gzip.compress(Path("A.CSV").read_bytes()))
    assert texts("A.CSV") == texts("B.CSV.GZ") == TEXTS


def test_compressed_text_that_is_utf16_is_told_too() -> None:
    Path("a.txt.gz").write_bytes(gzip.compress("some text".encode("utf-16-le")))
    with pytest.raises(InputError, match="looks like UTF-16"):
        texts("a.txt.gz")


def test_a_text_with_some_nuls_is_a_text() -> None:
    Path("a.txt").write_bytes(b"a\0b\0c\nabc def\n")
    assert texts("a.txt") == ["a\0b\0c\n", "abc def\n"]
    tables = b"1\t0\t1\t1\t0\t1\t0\t0\n" * 20 + b"x\0\n", b"1\t2\t3\0" * 30
    for alone in (b"\0", b"\0\n", *tables, b"\x01a\x02b\x03c\0d" * 20):
        Path("a.txt").write_bytes(alone)
        assert "".join(texts("a.txt")) == alone.decode()
    others = (
        "Это было давно, и я не помню\n",
        "זה משפט קצר\n",
        "한국어 텍스트입니다 그리고 문장\n" * 5,
    )
    for text in ("나비 다람\n" * 9, "ab\n", "größer als\n", *others):
        for encoding in ("utf-16-le", "utf-16-be"):
            Path("a.txt").write_bytes(text.encode(encoding))
            with pytest.raises(InputError, match="looks like UTF-16"):
                texts("a.txt")


@pytest.mark.parametrize(("option", "name"), [("field", "a.txt"), ("column", "a.jsonl")])
def test_a_place_in_records_that_no_file_has_is_refused(option: str, name: str) -> None:
    Path(name).write_text('{"text": "x"}\n')
    with pytest.raises(OptionError, match=f"--{option} x: is for .*, and no file is"):
        count_files([name], WordCounter(TextRules()), reading=Reading(**{option: "x"}))  # type: ignore[arg-type]


def test_an_empty_name_is_no_folder() -> None:
    with pytest.raises(InputError, match="'': must name a file"):
        expanded([""])


def test_addresses_keep_their_slashes_in_a_training(tmp_path: Path) -> None:
    pytest.importorskip("fsspec")
    Path("a.txt").write_text("low lower lowest\n")
    address = f"file://{tmp_path}/a.txt"
    assert train(address, vocab_size=15).corpus[0].name == address
    command = [*WP, "train", address, "-v", "15", "-q"]
    subprocess.run(command, check=True)


def test_what_is_written_is_no_input() -> None:
    Path("d").mkdir()
    Path("d/a.txt").write_text("one two\n")
    for _ in range(2):  # the second time the first one's output lies among the texts
        assert wordpiece.count_words("d", "d/c.tsv").words == 2
    with pytest.raises(OptionError, match=r"d/c\.tsv: would be written over"):
        wordpiece.count_words("d/c.tsv", "d/c.tsv")
    tokenizer = train(["one two"], vocab_size=20).tokenizer
    for _ in range(2):
        encoded = wordpiece.encode_corpus(tokenizer, "d/*.txt", "d/ids.txt")
        assert encoded.documents == 1
    with pytest.raises(OptionError, match=r"d/a\.txt: would be written over"):
        wordpiece.encode_corpus(tokenizer, "d/a.txt", "d/a.txt")
    assert Path("d/a.txt").read_text() == "one two\n"


def test_a_text_may_lie_in_the_folder_of_the_tokenizer() -> None:
    """What a training writes there is no text, and what the user put there is."""
    Path("d").mkdir()
    Path("d/a.txt").write_text("low lower lowest\n")
    for corpus in ("d/a.txt", "d", "d/*"):
        for _ in range(2):
            command = [*WP, "train", corpus, "-v", "15", "-o", "d"]
            subprocess.run([*command, "--checkpoint", "d", "-q"], check=True)
            signature = json.loads(Path("d/training.json").read_text())
            assert [file["name"] for file in signature["corpus"]] == ["d/a.txt"]


def test_workers_do_not_run_what_lies_in_the_working_folder() -> None:
    Path("a.txt").write_text("one two\n" * 2_000_000)
    for name in ("csv", "json", "wordpiece"):
        Path(f"{name}.py").write_text("raise SystemExit('the code of somebody else ran')")
    program = (
        "import sys; sys.path.remove(''); import wordpiece; wordpiece.count_words('a.txt', 'c')"
    )
    command = [sys.executable, "-c", program]
    run = subprocess.run(command, capture_output=True, text=True, env=environment())
    assert run.returncode == 0, run.stderr
    assert run.stderr == ""
