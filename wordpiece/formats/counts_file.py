"""Word counts as a file: a header in JSON, then a word, a tab and its count on each line.

The lines are in the order in which a trainer reads the words: that of their first occurrence in the
text, or, of merged files, the most frequent first. The header says which, by which rules the words
were cut, and how many there are. The ending of the name says how the file is compressed.
"""

from __future__ import annotations

import json
import math
import os
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import IO, Any, Literal, get_args

from wordpiece.errors import FormatError, OptionError
from wordpiece.formats.atomic import new_file, open_stream, trouble_in_words
from wordpiece.formats.compressed import compressing
from wordpiece.formats.tokenizer_json import Json
from wordpiece.text.readers import whole_lines
from wordpiece.text.rules import ResolvedRules, TextRules
from wordpiece.text.streams import CorpusFile, HashingReader, decompressed, opened
from wordpiece.types import WordCounts

FORMAT = 1
Order = Literal["first occurrence", "count"]
#: Written as JSON escapes: controls, the line ends of Unicode, halves of surrogate pairs, and what
#: escapes begin with.
UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\\\\\u2028\u2029\ud800-\udfff]")
ESCAPES = re.compile(r'(?:\\(?:u[0-9a-fA-F]{4}|["\\/bfnrt]))+|\\')
#: A count of more digits is a mistake, or a trap: reading it takes time that grows with its square.
MOST_DIGITS = 1000
#: What is wrong with a file in a folder of shards.
NO_SHARD = "does not go on where the shard before it ended: add them up with wp merge-counts"
#: A header that is longer is none.
LONGEST_HEADER = 1 << 26


@dataclass(frozen=True)
class Header:
    """What the first line of a counts file says.

    `words` counts occurrences, `word_types` distinct words; None where it was not said.
    """

    rules: ResolvedRules
    order: Order = "first occurrence"
    words: int | None = None
    word_types: int | None = None
    skipped: int = 0
    corpus: tuple[CorpusFile, ...] = ()
    first_skipped: str = ""  # is said to the user, and not written

    def dump(self) -> str:
        """The line, without its end."""
        document = {
            "format": FORMAT,
            "rules": self.rules._asdict(),
            "rules_hash": self.rules.hash,
            "order": self.order,
            "words": self.words,
            "word_types": self.word_types,
            "skipped": self.skipped,
            "corpus": [file._asdict() for file in self.corpus],
        }
        return json.dumps(document, ensure_ascii=True)


@dataclass(frozen=True)
class CountsFile:
    """A counts file that was read: its words in order, its header, and what file it was.

    `wordpiece.train` takes it in the place of a text, if its options ask for the same rules.
    """

    counts: WordCounts = field(repr=False)
    header: Header
    file: CorpusFile

    def check(self, rules: TextRules) -> None:
        """Raise `OptionError`, with both values, if the words were cut by other rules."""
        here, asked = self.header.rules, rules.resolved()
        different = here.differing(asked)
        if different:
            raise OptionError(
                f"{self.file.name}: was counted with {shown(here, different)}, and the options say "
                f"{shown(asked, different)}: give the options that it was counted with, or count "
                "again"
            )

    def summary(self) -> Json:
        """What the signature of a training says of it."""
        own, *corpus = (
            file._replace(name=file.name.encode("utf-8", "backslashreplace").decode())._asdict()
            for file in (self.file, *self.header.corpus)
        )
        return {**own, "order": self.header.order, "corpus": corpus}


def shown(rules: ResolvedRules, names: Iterable[str]) -> str:
    """Some rules and their values, for an error."""
    return ", ".join(f"{name} {json.dumps(getattr(rules, name))}" for name in names)


# ---------------------------------------------------------------- writing


def write(name: str, header: Header, rows: Iterable[tuple[str, int]]) -> Header:
    """Write a counts file, in one step; return its header with the totals.

    The totals stand before the words that they are the totals of, so the words are first written to
    a file without a name. Raises `OutputError`.
    """
    folder = None if open_stream(name) is not None else Path(name).resolve().parent
    folder = folder if folder is not None and folder.is_dir() else None
    with new_file(name) as file, temporary(folder) as body, trouble_in_words(name):
        words = types = 0
        with compressing(body, name) as target:
            for word, count in rows:
                words += count
                types += 1
                target.write(f"{escaped(word)}\t{count}\n".encode())
        header = replace(header, words=words, word_types=types)
        with compressing(file, name) as target:
            target.write(f"{header.dump()}\n".encode())
        body.seek(0)
        shutil.copyfileobj(body, file)
    return header


def check_output(name: str) -> None:
    """Raise `OutputError` now if `write` would later."""
    with trouble_in_words(name), compressing(BytesIO(), name):
        target = Path(name)
        if open_stream(name) is None and not (target.exists() and not target.is_file()):
            tempfile.TemporaryFile(dir=Path(os.path.realpath(name)).parent).close()


def temporary(folder: Path | None) -> IO[bytes]:
    """A file without a name, on the disk that a folder is on."""
    with trouble_in_words(folder or tempfile.gettempdir()):
        return tempfile.TemporaryFile(dir=folder)


def escaped(word: str) -> str:
    r"""A word as it stands in the file.

    >>> escaped("a\tb"), escaped("\\"), escaped('"')
    ('a\\u0009b', '\\\\', '"')
    """
    return UNSAFE.sub(_escape, word) if UNSAFE.search(word) else word


def _escape(found: re.Match[str]) -> str:
    char = found.group()
    return "\\\\" if char == "\\" else f"\\u{ord(char):04x}"


# ---------------------------------------------------------------- reading


def read(name: str) -> CountsFile:
    """Read a counts file. Raises `InputError`, and `FormatError` with the line that is wrong."""
    counts: dict[str, int] = {}
    with reading(name) as (header, rows, reader):
        for word, count in rows:
            if word in counts:
                raise FormatError(
                    f"{name}: line {len(counts) + 2}: the word {word[:40]!r} was there before: "
                    "wp merge-counts adds up such lines"
                )
            counts[word] = count
    return CountsFile(WordCounts(counts), header, reader.record(name))


def read_shards(name: str, files: Iterable[str]) -> CountsFile:
    """Read the counts files of a folder as one, their words one after the other.

    Raises `FormatError` for shards that do not go on where the one before ended: such files are to
    be merged.
    """
    shards = [read(file) for file in files]
    counts: dict[str, int] = {}
    last = (-math.inf, "")
    for shard in shards:
        if shard.header.order != "count" or shard.header.rules != shards[0].header.rules:
            raise FormatError(f"{shard.file.name}: {NO_SHARD}")
        for word, count in shard.counts.items():
            if (-count, word) <= last:
                raise FormatError(f"{shard.file.name}: {NO_SHARD}")
            last = (-count, word)
            counts[word] = count
    digest = sha256("".join(shard.file.sha256 for shard in shards).encode()).hexdigest()
    file = CorpusFile(name, sum(shard.file.bytes for shard in shards), digest)
    corpus = tuple(each for shard in shards for each in shard.header.corpus)
    skipped = sum(shard.header.skipped for shard in shards)
    header = Header(shards[0].header.rules, "count", None, None, skipped, corpus)
    return CountsFile(WordCounts(counts), header, file)


@contextmanager
def reading(name: str) -> Iterator[tuple[Header, Iterator[tuple[str, int]], HashingReader]]:
    """The header of a counts file, its words and counts as they come, and what they come from."""
    with opened(name) as file:
        reader = HashingReader(file)
        lines = file_lines(name, decompressed(name, reader))
        header = parse_header(next(lines, ""), name)
        yield header, checked_rows(lines, header, name), reader


def file_lines(name: str, stream: Any) -> Iterator[str]:
    """The lines of a stream, without their ends."""
    number = 1
    for data in whole_lines(stream, cut_long_lines=False):
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError as error:
            number += data.count(b"\n", 0, error.start)
            raise FormatError(f"{name}: line {number}: is not UTF-8") from None
        lines = text.split("\n")
        if not lines[-1]:
            lines.pop()
        yield from lines
        number += len(lines)


def parse_header(line: str, name: str) -> Header:
    """The header that a line holds. Raises `FormatError`."""
    try:
        document = json.loads(line) if len(line) < LONGEST_HEADER else None
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict) or "format" not in document:
        example = json.dumps({"format": FORMAT, "rules": TextRules().resolved()._asdict()})
        raise FormatError(
            f"{name}: line 1: is no header of a counts file: make one with wp count, or write "
            f"the rules by which the words were cut, such as {example}"
        )
    if document["format"] != FORMAT:
        raise FormatError(
            f"{name}: line 1: format {document['format']!r}: only {FORMAT} is known: "
            "a newer version may read it"
        )
    try:
        return header_of(document)
    except (KeyError, TypeError, ValueError) as error:
        raise FormatError(f"{name}: line 1: the header is damaged: {error}") from None


def header_of(document: Json) -> Header:
    """A header from its JSON; raises `TypeError`, `KeyError` or `ValueError` for a damaged one."""
    rules = rules_of(document["rules"])
    if document.get("rules_hash", rules.hash) != rules.hash:
        raise ValueError("rules_hash is not that of the rules")
    order = document.get("order", "first occurrence")
    if order not in get_args(Order):
        raise ValueError(f"order must be one of {', '.join(get_args(Order))}")
    totals = {key: document.get(key) for key in ("words", "word_types")}
    skipped = document.get("skipped", 0)
    for key, value in {**totals, "skipped": skipped}.items():
        if value is not None and (type(value) is not int or value < 0):
            raise TypeError(f"{key} must be a number, not {value!r}")
    files = [
        CorpusFile(**{k: e[k] for k in CorpusFile._fields}) for e in document.get("corpus", [])
    ]
    words, types = totals["words"], totals["word_types"]
    return Header(rules, order, words, types, skipped or 0, tuple(files))


def rules_of(document: Any) -> ResolvedRules:
    """Rules from their JSON; raises `TypeError` or `ValueError`."""
    expected = TextRules().resolved()._asdict()
    if not isinstance(document, dict) or document.keys() != expected.keys():
        raise ValueError(f"rules must be an object of {', '.join(expected)}")
    for key, value in document.items():
        if type(value) is not type(expected[key]):
            raise TypeError(f"rules: {key} must not be {value!r}")
    return ResolvedRules(**document)


def checked_rows(lines: Iterator[str], header: Header, name: str) -> Iterator[tuple[str, int]]:
    """The words and counts of lines. Raises `FormatError` for one that holds none."""
    words = types = 0
    for number, line in enumerate(lines, start=2):
        word, tab, digits = line.rpartition("\t")
        if not tab:
            raise FormatError(f"{name}: line {number}: must be a word, a tab and a count")
        if not (digits.isascii() and digits.isdigit() and len(digits) < MOST_DIGITS):
            raise FormatError(
                f"{name}: line {number}: the count {digits[:40]!r} must be a whole number of at "
                "least 1"
            )
        count = int(digits)
        if not count:
            raise FormatError(f"{name}: line {number}: the count must be at least 1")
        if "\\" in word:
            word = unescaped(word, name, number)
        if not word or "\t" in line[: len(line) - len(digits) - 1]:
            raise FormatError(f"{name}: line {number}: the word is empty, or holds a tab")
        words += count
        types += 1
        yield word, count
    for what, said, found in (
        ("words", header.words, words),
        ("distinct words", header.word_types, types),
    ):
        if said is not None and said != found:
            raise FormatError(
                f"{name}: is cut off or was changed: the header says {said} {what}, the lines "
                f"hold {found}"
            )


def unescaped(word: str, name: str, number: int) -> str:
    """A word that stands in the file with escapes."""
    try:
        return ESCAPES.sub(_unescape, word)
    except ValueError:
        raise FormatError(
            f"{name}: line {number}: {word[:40]!r} has a backslash that is no JSON escape: write "
            "it twice"
        ) from None


def _unescape(found: re.Match[str]) -> str:
    text: str = json.loads(f'"{found.group()}"')
    return text
