"""Counting on a real local Spark: the same counts as on one machine, word for word."""

from __future__ import annotations

import gzip
import json
import re
import shutil
from pathlib import Path

import pyarrow
import pyarrow.parquet
import pytest

import wordpiece
from tests.command import Wp, remains
from wordpiece import FormatError, InputError, OutputError, spark
from wordpiece.text.reading import Reading
from wordpiece.text.rules import TextRules

pytestmark = [
    pytest.mark.skipif(shutil.which("java") is None, reason="Spark needs Java"),
    pytest.mark.filterwarnings("ignore"),  # Spark's own
]
BYTE_LEVEL = TextRules("byte-level", False, False, False, False)


@pytest.fixture(autouse=True, scope="module")
def session() -> object:
    """One session for all, since a Java takes seconds to start."""
    pyspark = pytest.importorskip("pyspark.sql")
    with spark.spark_trouble():
        found = pyspark.SparkSession.builder.master("local[2]").getOrCreate()
    yield found
    found.stop()


def counts(path: str) -> list[tuple[str, int]]:
    return list(wordpiece.load_counts(path).counts.items())


def expected(names: list[str], **options: object) -> list[tuple[str, int]]:
    wordpiece.count_words(names, "one.tsv", **options)  # type: ignore[arg-type]
    wordpiece.merge_counts(["one.tsv"], "canonical.tsv")
    return counts("canonical.tsv")


@pytest.mark.parametrize("rules", [TextRules(lowercase=True), BYTE_LEVEL], ids=["bert", "bytes"])
def test_files_of_every_kind_give_the_counts_of_one_machine(
    rules: TextRules, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("in").mkdir()
    lines = [
        f"Wörd{number % 91} the  number {number}, \\ \x07 \r{number}\n" for number in range(900)
    ]
    Path("in/a.txt").write_text("".join(lines) + "no end", encoding="utf-8", newline="")
    records = [json.dumps({"text": line}) for line in lines[:50]]
    Path("in/b.jsonl").write_text("\n".join(records), encoding="utf-8")
    pyarrow.parquet.write_table(pyarrow.table({"text": lines[50:90]}), "in/c.parquet")
    monkeypatch.setattr(spark, "PART_BYTES", 5000)
    monkeypatch.setattr(spark, "SHARD_WORDS", 500)
    found = spark.count_with_spark(["in"], "out", rules=rules, reading=Reading())
    assert len(list(Path("out").iterdir())) == -(-(found.word_types or 0) // 500) > 1
    options = {"lowercase": True} if rules != BYTE_LEVEL else {"model": "byte-bpe"}
    assert counts("out") == expected(["in"], **options)
    assert found.words == sum(count for _, count in counts("out"))
    wordpiece.merge_counts(["out"], "merged.tsv")
    assert counts("merged.tsv") == counts("canonical.tsv")


def test_a_link_is_what_its_name_says() -> None:
    """As in a cache of downloads, where names are links to files that are called by hashes."""
    Path("blob").write_text('id,text\n1,hello world\n2,"hello, again"\n')
    Path("data.csv").symlink_to("blob")
    spark.count_with_spark(["data.csv"], "out", rules=TextRules(), reading=Reading())
    assert counts("out") == expected(["data.csv"])


def test_real_text_in_shards_and_in_parquet(data: Path) -> None:
    assert_shards_and_parquet_count_the_same((data / "english" / "books_1mb.txt").read_bytes())


@pytest.mark.slow
def test_a_hundred_megabytes_in_shards_and_in_parquet(data: Path) -> None:
    text = gzip.decompress((data / "english" / "books_100mb.txt.gz").read_bytes())
    assert_shards_and_parquet_count_the_same(text.decode("utf-8", "ignore").encode())


def assert_shards_and_parquet_count_the_same(text: bytes) -> None:
    """As one file on one machine, that is: word for word, in the same order."""
    Path("in").mkdir()
    lines = text.splitlines(keepends=True)
    for number in range(8):
        Path(f"in/{number}.txt").write_bytes(b"".join(lines[number::8]))
    rows = [line.decode() for line in lines]
    pyarrow.parquet.write_table(pyarrow.table({"line": rows}), "t.parquet")
    Path("whole.txt").write_bytes(text)
    want = expected(["whole.txt"])
    spark.count_with_spark(["in"], "a", rules=TextRules(), reading=Reading())
    spark.count_with_spark(["t.parquet"], "b", rules=TextRules(), reading=Reading(column="line"))
    assert counts("a") == counts("b") == want


def test_the_command_and_a_training_from_its_shards(wp: Wp) -> None:
    Path("a.jsonl").write_text('{"text": "low lower lowest"}\n{"text": 5}\n')
    said = wp("count", "a.jsonl", "--engine", "spark", "-o", "out", "--on-error", "skip", "--json")
    document = json.loads(said)
    assert (document["words"], document["word_types"], document["skipped"]) == (3, 3, 1)
    assert json.loads(wp("train", "--counts", "out", "-v", "15", "--json"))["words"] == 3


def test_a_bad_record_is_named_in_one_line(wp: Wp) -> None:
    Path("a.jsonl").write_text('{"text": "x"}\n{"text": 5}\n')
    wp("count", "a.jsonl", "--engine", "spark", "-o", "out", code=2)
    assert re.match(r"wp: /.*/a\.jsonl: line 2: the text is number, not a string: mend it", wp.err)
    assert wp.err.count("\n") == 1
    assert not Path("out").exists()
    assert remains() == []


def test_a_folder_that_is_there_is_left_alone() -> None:
    Path("out").mkdir()
    Path("out/mine.txt").write_text("x")
    Path("a.txt").write_text("x")
    with pytest.raises(OutputError, match="out: is there already"):
        spark.count_with_spark(["a.txt"], "out", rules=TextRules(), reading=Reading())
    assert Path("out/mine.txt").read_text() == "x"


def test_shards_that_do_not_follow_each_other_are_not_one_text() -> None:
    Path("d").mkdir()
    for name in ("a", "b"):
        Path("a.txt").write_text(f"x y {name}")
        wordpiece.count_words("a.txt", f"{name}.tsv")
        wordpiece.merge_counts([f"{name}.tsv"], f"d/{name}.tsv")
    with pytest.raises(FormatError, match=r"d/b\.tsv: does not go on where .* wp merge-counts"):
        wordpiece.load_counts("d")
    wordpiece.merge_counts(["d"], "all.tsv")
    assert counts("all.tsv") == [("x", 2), ("y", 2), ("a", 1), ("b", 1)]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("-o out", "--engine spark: standard input cannot be divided"),
        ("a.txt -o out --workers 2", "--workers: is for --engine local"),
        ("a.txt -o out --memory 2G", "--memory: is for --engine local"),
        ("missing -o out", "missing: no such file"),
    ],
)
def test_mistakes_are_one_line(wp: Wp, arguments: str, message: str) -> None:
    Path("a.txt").write_text("x")
    wp("count", "--engine", "spark", *arguments.split(), code=2)
    assert message in wp.err


def test_a_master_is_for_spark(wp: Wp) -> None:
    Path("a.txt").write_text("x")
    wp("count", "a.txt", "-o", "out", "--master", "yarn", code=2)
    assert "--master yarn: is for --engine spark" in wp.err


def test_java_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    class PySparkRuntimeError(Exception):
        __module__ = "pyspark.errors"

    with pytest.raises(InputError, match="is Java 17 or later installed"), spark.spark_trouble():
        raise PySparkRuntimeError("[JAVA_GATEWAY_EXITED] Java gateway process exited")
