"""Files of every kind as batches of text: lines, JSON lines, and the rows of tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from wordpiece.errors import OptionError
from wordpiece.text.corpora import expanded
from wordpiece.text.counts import WordCounter
from wordpiece.text.cuts import lines
from wordpiece.text.json_lines import json_texts
from wordpiece.text.readers import BATCH_BYTES, Block, LineFile, prepare
from wordpiece.text.reading import TABLES, Faults, Kind, Reading
from wordpiece.text.streams import HashingReader, Peeked, can_be_reopened, decompressed, opened
from wordpiece.text.table_rows import arrow_texts, csv_texts

#: Some lines, or texts that were taken out of records.
Batch = Block | list[str]


class Source:
    """A file of a corpus, whatever its kind, to be read once from its beginning.

    Raises `InputError` at once for a file that is missing.
    """

    def __init__(self, name: str, reading: Reading, *, cut_long_lines: bool = False) -> None:
        self.name = name
        self.reading = reading
        prepared = None if can_be_reopened(name) else prepare(name)
        kind = reading.kind_by_name(name)
        if kind is None:
            beginning = prepared.text.beginning() if prepared else beginning_of(name)
            kind = reading.kind_by_content(beginning)
        self.kind: Kind = kind
        # a line that is passed over is passed over whole
        cut = cut_long_lines and kind == "text" and reading.on_error == "stop"
        self.file = LineFile(name, cut_long_lines=cut, prepared=prepared)

    def batches(self, faults: Faults, *, large: bool = False) -> Iterator[Batch]:
        """All that is in the file, in order, in large blocks if asked. Raises `InputError`."""
        if self.kind in ("text", "jsonl"):
            size = BATCH_BYTES if large else None
            yield from self.file.blocks(number_lines=self.kind == "jsonl", size=size)
        elif self.kind in ("csv", "tsv"):
            yield from csv_texts(self.file, self.reading, faults, tabs=self.kind == "tsv")
        else:
            yield from arrow_texts(self.file, self.reading, faults, parquet=self.kind == "parquet")

    def texts(self, faults: Faults) -> Iterator[str]:
        """The texts one by one; a line has its line end."""
        for batch in self.batches(faults):
            yield from texts_of(batch, self.name, self.kind, self.reading, faults)


def texts_of(
    batch: Batch, name: str, kind: Kind, reading: Reading, faults: Faults
) -> Iterable[str]:
    """The texts of a batch: what is in its records, or its lines with their line ends."""
    if not isinstance(batch, Block):
        return batch
    if kind == "jsonl":
        return json_texts(batch, name, reading, faults)
    return lines(batch.text(name, reading, faults))


def beginning_of(name: str) -> bytes:
    """The first bytes of what a file holds, decompressed."""
    with opened(name) as file:
        return Peeked(decompressed(name, HashingReader(file))).beginning()


def sources_of(
    names: Iterable[str],
    reading: Reading,
    *,
    outputs: Iterable[str] = (),
    cut_long_lines: bool = False,
) -> list[Source]:
    """The files that names stand for, but for what is written.

    Raises `OptionError` for a field or a column where no file has such a thing: nothing is taken
    for text that was said to be something else.
    """
    reading.check()
    files = expanded(names, outputs=outputs)
    found = [Source(file, reading, cut_long_lines=cut_long_lines) for file in files]
    kinds = {source.kind for source in found}
    if found and reading.field and "jsonl" not in kinds:
        raise OptionError(
            f"--field {reading.field}: is for JSON lines, and no file is: --format jsonl says so"
        )
    if found and reading.column and not kinds.intersection(TABLES):
        raise OptionError(
            f"--column {reading.column}: is for tables, and no file is one: --format csv or tsv "
            "says so"
        )
    return found


def add_words(
    batch: Batch, name: str, kind: Kind, reading: Reading, *, counter: WordCounter, faults: Faults
) -> None:
    """Count the words of a batch."""
    if isinstance(batch, Block) and kind == "text":
        counter.add_lines(batch.text(name, reading, faults))
    else:
        counter.add_texts(list(texts_of(batch, name, kind, reading, faults)))
