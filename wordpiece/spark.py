"""Count the words of a corpus on a cluster, with Spark.

Each part of the corpus (a file, or a stretch of a plain one) is read and counted where there is
room, by the functions that count on one machine; the sums are sorted and written as shards of
counts, which `wp merge-counts` and `wp train --counts` read. The files must have the same names on
every machine, and the package must be there: it is pure Python, so a wheel in `--py-files` will do.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from importlib import import_module
from itertools import chain, islice
from operator import add
from pathlib import Path
from typing import Any, NamedTuple

from wordpiece.errors import InputError, OptionError, OutputError
from wordpiece.formats import counts_file
from wordpiece.formats.atomic import trouble_in_words, workspace
from wordpiece.formats.counts_file import Header
from wordpiece.text.cuts import lines
from wordpiece.text.readers import range_blocks
from wordpiece.text.reading import Faults, Reading
from wordpiece.text.rules import TextRules
from wordpiece.text.sources import Source, sources_of
from wordpiece.text.streams import STDIN, is_remote
from wordpiece.word_counts import counted

#: Words of a shard: a fixed number, so that the shards do not hang on the cluster.
SHARD_WORDS = 1_000_000
#: About how many bytes of a plain file are one part.
PART_BYTES = 64_000_000
#: No word is empty, so this key stands for the records that were passed over.
SKIPPED = ""
#: No word begins with a NUL, so a key that does is what is wrong with a record. (An error that is
#: raised on a machine of the cluster would be tried again and again, and logged over many lines.)
WRONG = "\0"


class Part(NamedTuple):
    """What one task counts: a file, or a stretch of a plain one."""

    name: str
    start: int = 0
    end: int | None = None


def count_with_spark(
    names: Sequence[str],
    output: str,
    *,
    rules: TextRules,
    reading: Reading,
    master: str | None = None,
) -> Header:
    """Count the words of files into a folder of shards, the most frequent words first.

    `master` is Spark's URL of a cluster (default: what `spark-submit` says, else this machine).
    Returns a header with the totals. Raises `InputError`, `OutputError` for a folder that is there
    already, and `OptionError`.
    """
    folder = Path(output)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise OutputError(f"{output}: is there already: shards are written to a new folder")
    if STDIN in names:
        raise OptionError("--engine spark: standard input cannot be divided: name files")
    sources = sources_of(names, reading, outputs=[output])
    parts = list(chain.from_iterable(map(parts_of, sources)))
    with session(master) as spark, workspace(folder) as new:
        words = (
            spark.sparkContext.parallelize(parts, max(len(parts), 1))
            .flatMap(lambda part: count_part(Part(*part), rules, reading))
            .reduceByKey(add)
        )
        notes = dict(words.filter(is_note).collect())
        wrong = min((key for key in notes if key.startswith(WRONG)), default=None)
        if wrong is not None:
            raise InputError(wrong.removeprefix(WRONG))
        skipped = notes.get(SKIPPED, 0)
        ordered = words.filter(lambda row: not is_note(row)).sortBy(canonical)
        header = Header(rules.resolved(), "count", skipped=skipped)
        total = write_shards(ordered.toLocalIterator(), new, header)
        with trouble_in_words(folder):
            if folder.is_dir():
                folder.rmdir()
            new.rename(folder)
    return total


def parts_of(source: Source) -> list[Part]:
    """The parts of a file: stretches of lines where it is plain and long."""
    size = source.file.size or 0
    ranges = source.file.ranges(-(-size // PART_BYTES)) if source.kind == "text" else []
    # links are not followed: the ending of a name says what kind of file it is
    name = source.name if is_remote(source.name) else str(Path(source.name).absolute())
    return [Part(name, *each) for each in ranges] or [Part(name)]


def count_part(part: Part, rules: TextRules, reading: Reading) -> Iterator[tuple[str, int]]:
    """The words of a part, how many of its records were passed over, and what is wrong with it."""
    faults = Faults(reading.on_error)
    try:
        yield from counted(texts_of_part(part, reading, faults), rules)
    except InputError as error:
        yield f"{WRONG}{error}", 1
    if faults.number:
        yield SKIPPED, faults.number


def texts_of_part(part: Part, reading: Reading, faults: Faults) -> Iterator[str]:
    """The lines or records of a part."""
    if part.end is None:
        yield from Source(part.name, reading).texts(faults)
        return
    for block in range_blocks(part.name, part.start, part.end, cut_long_lines=False):
        yield from lines(block.text(part.name, reading, faults))


def is_note(row: tuple[str, int]) -> bool:
    """Whether a row is no word."""
    return row[0] == SKIPPED or row[0].startswith(WRONG)


def canonical(row: tuple[str, int]) -> tuple[int, str]:
    """What words are sorted by: the most frequent first, then by code points."""
    return -row[1], row[0]


def write_shards(rows: Iterator[tuple[str, int]], folder: Path, header: Header) -> Header:
    """Write rows as counts files of some size; return the header of all together."""
    words = types = number = 0
    while True:
        some = list(islice(rows, SHARD_WORDS))
        if not some and number:
            break
        own = replace(header, skipped=0) if number else header
        written = counts_file.write(str(folder / f"part-{number:05}.tsv"), own, some)
        words += written.words or 0
        types += written.word_types or 0
        number += 1
    return replace(header, words=words, word_types=types)


@contextmanager
def session(master: str | None) -> Iterator[Any]:
    """A Spark session; one that was there before stays. Trouble is put into words."""
    try:
        sql = import_module("pyspark.sql")
    except ImportError:
        raise InputError(
            '--engine spark: needs PySpark: pip install "wordpiece-lab[spark]"'
        ) from None
    before = sql.SparkSession.getActiveSession()
    with spark_trouble():
        builder = sql.SparkSession.builder.appName("wp count").config("spark.log.level", "ERROR")
        builder = builder.config("spark.ui.showConsoleProgress", "false")
        if master or not os.environ.get("PYSPARK_GATEWAY_PORT"):  # not under spark-submit
            builder = builder.master(master or "local[*]")
        spark = builder.getOrCreate()
        try:
            yield spark
        finally:
            if before is None:
                spark.stop()


@contextmanager
def spark_trouble() -> Iterator[None]:
    """Turn what Spark and its Java say into one line of ours."""
    try:
        yield
    except Exception as error:
        kind = type(error).__module__.partition(".")[0]
        if kind not in ("pyspark", "py4j"):
            raise
        first = str(error).strip().split("\n")[0][:300]
        hint = ": is Java 17 or later installed, and JAVA_HOME right?" * ("JAVA_GATEWAY" in first)
        raise InputError(f"--engine spark: {first}{hint}") from None
