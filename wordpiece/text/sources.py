"""Files of every kind as batches of text: lines, JSON lines, and the rows of tables."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from wordpiece.errors import InputError, OptionError
from wordpiece.text.chunks import lines
from wordpiece.text.counts import WordCounter
from wordpiece.text.readers import Block, LineFile, prepare
from wordpiece.text.reading import DEFAULT_FIELD, TABLES, Faults, Kind, Reading
from wordpiece.text.streams import (
    STDIN,
    HashingReader,
    Peeked,
    can_be_reopened,
    decompressed,
    opened,
)

#: Rows of a table that are handed on together.
ROWS_AT_ONCE = 1000
#: Some lines, or texts that were taken out of records.
Batch = Block | list[str]
#: A number that is no more than a few digits is the number of a column.
MOST_DIGITS = 6


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

    def batches(self, faults: Faults) -> Iterator[Batch]:
        """All that is in the file, in order. Raises `InputError`."""
        if self.kind in ("text", "jsonl"):
            yield from self.file.blocks(number_lines=self.kind == "jsonl")
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
    names: Iterable[str], reading: Reading, *, cut_long_lines: bool = False
) -> list[Source]:
    """The files that names stand for. Raises `OptionError` for a field or column of none of them.

    Nothing is taken for text that was said to be something else.
    """
    reading.check()
    found = [Source(name, reading, cut_long_lines=cut_long_lines) for name in names]
    kinds = {source.kind for source in found}
    if found and reading.field and "jsonl" not in kinds:
        raise OptionError(f"--field {reading.field}: no file is JSON lines; --format jsonl says so")
    if found and reading.column and not kinds.intersection(TABLES):
        raise OptionError(f"--column {reading.column}: no file is a table; --format csv says so")
    return found


def add_words(
    batch: Batch, name: str, kind: Kind, reading: Reading, *, counter: WordCounter, faults: Faults
) -> None:
    """Count the words of a batch."""
    if isinstance(batch, Block) and kind == "text":
        counter.add_lines(batch.text(name, reading, faults))
    else:
        counter.add_texts(list(texts_of(batch, name, kind, reading, faults)))


# ---------------------------------------------------------------- JSON lines


def json_texts(block: Block, name: str, reading: Reading, faults: Faults) -> list[str]:
    """The texts of the JSON values in a block, one a line; empty lines are no records.

    >>> json_texts(Block(b'{"text": "one"}\\n', 0, 1), "a.jsonl", Reading(), Faults("stop"))
    ['one']
    """
    found = []
    decode = json.JSONDecoder().decode
    for number, line in enumerate(block.data.split(b"\n"), start=block.line):
        if not line or line.isspace():
            continue
        try:
            value = decode(line.decode("utf-8-sig" if number == 1 else "utf-8", reading.errors))
            found.append(checked_text(at_path(value, reading.path)))
        except UnicodeDecodeError as error:
            byte = f"byte {error.start} (0x{line[error.start]:02x})"
            faults.add(f"{name}: line {number}: {byte} of it is not UTF-8")
        except json.JSONDecodeError as error:
            hint = ", a list over several lines perhaps" * (line.strip() == b"[")
            faults.add(
                f"{name}: line {number}: is no JSON: {error.msg} at character {error.pos + 1}{hint}"
            )
        except RecursionError:
            faults.add(f"{name}: line {number}: is nested too deeply")
        except (LookupError, TypeError, ValueError) as error:
            faults.add(f"{name}: line {number}: {error.args[0]}")
    return found


def at_path(value: Any, path: str) -> Any:
    """What is in a JSON object under a name, or under names with dots between.

    >>> at_path({"meta": {"body": "x"}}, "meta.body"), at_path({"a.b": "y"}, "a.b")
    ('x', 'y')
    """
    if not isinstance(value, dict):
        raise TypeError(f"is a JSON {json_kind(value)}, not an object with a field {path!r}")
    if path in value:
        return value[path]
    first, _, rest = path.partition(".")
    if not rest or first not in value:
        names = ", ".join(sorted(map(str, value))[:8])
        raise LookupError(f"has no field {first!r}, but {names or 'none'}: name one with --field")
    return at_path(value[first], rest)


def checked_text(value: Any) -> str:
    """A value that is a text. Raises `TypeError` or `ValueError`, which say what it is."""
    if not isinstance(value, str):
        raise TypeError(f"the text is {json_kind(value)}, not a string")
    if not value.isascii():
        try:
            value.encode("utf-8")
        except UnicodeEncodeError as error:
            code = ord(value[error.start])
            raise ValueError(f"the text holds half a surrogate pair (\\u{code:04x})") from None
    return value


def json_kind(value: Any) -> str:
    """What JSON calls a value."""
    if value is None:
        return "null"
    kinds = {bool: "boolean", int: "number", float: "number", str: "string", list: "array"}
    return kinds.get(type(value), "object" if isinstance(value, dict) else type(value).__name__)


# ---------------------------------------------------------------- CSV and TSV


def csv_texts(
    file: LineFile, reading: Reading, faults: Faults, *, tabs: bool
) -> Iterator[list[str]]:
    """The texts of one column, by the rules of Python's `csv`.

    With the name of a column the first row holds names; with a number it is a row like any other.
    A quote that never closes is an error, not a field that swallows the rest. In TSV a quote is a
    character like any other.
    """
    decoded = decoded_lines(file, reading)
    style: dict[str, Any] = (
        {"delimiter": "\t", "quoting": csv.QUOTE_NONE} if tabs else {"strict": True}
    )
    rows = csv.reader(decoded, **style)
    at = column_number(reading.column)
    if at is None:
        try:
            with long_fields():
                names = next(rows, [])
        except csv.Error as error:
            raise InputError(f"{file.name}: line 1: {row_error(error)}") from None
        at = named_column(names, file.name, reading.column or DEFAULT_FIELD)
    while True:
        with long_fields():
            texts, ended = some_rows(rows, at, file.name, faults)
        yield texts
        if ended:
            return


def some_rows(rows: Any, at: int, name: str, faults: Faults) -> tuple[list[str], bool]:
    """The texts of the next rows, and whether they were the last."""
    texts: list[str] = []
    for _ in range(ROWS_AT_ONCE):
        try:
            row = next(rows)
            if row:  # an empty line is no row
                texts.append(row[at])
        except StopIteration:
            return texts, True
        except IndexError:
            fields = f"{len(row)} field{'s' * (len(row) > 1)}"
            faults.add(f"{name}: line {rows.line_num}: has {fields}, none in column {at + 1}")
        except csv.Error as error:
            message = f"{name}: line {rows.line_num}: {row_error(error)}"
            if "unexpected end" in str(error):  # the rest of the file is in this field
                raise InputError(f"{message}: a quote is not closed") from None
            faults.add(message)
    return texts, False


def row_error(error: csv.Error) -> str:
    """What is wrong with a row; lines that end in a carriage return alone are of another age."""
    if "new-line character" in str(error):
        return "a carriage return within a row: end lines with line feeds, as tr '\\r' '\\n' does"
    return str(error)


def decoded_lines(file: LineFile, reading: Reading) -> Iterator[str]:
    """The lines of a table, without a byte order mark."""
    strict = Faults("stop")  # a line that is not text cannot be told from a row
    for block in file.blocks():
        text = block.text(file.name, reading, strict)
        yield from lines(text.removeprefix("\ufeff") if block.offset == 0 else text)


def column_number(column: str | None) -> int | None:
    """The index of a column that is given by its number, from 1 on; None for a name."""
    if column is None or not column.isdecimal() or len(column) > MOST_DIGITS or int(column) < 1:
        return None
    return int(column) - 1


def named_column(names: list[str], file: str, column: str) -> int:
    """The index of a column that is given by its name. Raises `InputError`."""
    if column in names:
        return names.index(column)
    shown = ", ".join(names[:8])
    raise InputError(
        f"{file}: has no column {column!r} but {shown[:200] or 'none'}: name one with --column, "
        "or give its number, from 1 on, if the first row holds no names"
    )


@contextmanager
def long_fields() -> Iterator[None]:
    """Let fields be of any length, which is a setting of the whole process."""
    before = csv.field_size_limit(2**31 - 1)
    try:
        yield
    finally:
        csv.field_size_limit(before)


# ---------------------------------------------------------------- Parquet and Arrow


def arrow_texts(
    file: LineFile, reading: Reading, faults: Faults, *, parquet: bool
) -> Iterator[list[str]]:
    """The texts of one column of a Parquet or Arrow file, batch by batch."""
    if not can_be_reopened(file.name):
        where = "standard input" if file.name == STDIN else "a pipe"
        raise InputError(f"{file.name}: Parquet and Arrow cannot be read from {where}: name a file")
    try:
        pyarrow = import_module("pyarrow")
    except ImportError:
        raise InputError(
            f"{file.name}: Parquet and Arrow files need a library: "
            'pip install "wordpiece-lab[parquet]"'
        ) from None
    with opened(file.name) as stream:
        try:
            batches = parquet_batches if parquet else arrow_batches
            row = 0
            for values in batches(pyarrow, stream, file.name, reading.column or DEFAULT_FIELD):
                yield list(row_texts(values, row, file.name, reading, faults))
                row += len(values)
        except pyarrow.ArrowException as error:
            message = str(error).split("\n")[0][:300]
            raise InputError(f"{file.name}: cannot be read: {message}") from None
    file.read_through()


def row_texts(
    values: Iterable[Any], before: int, name: str, reading: Reading, faults: Faults
) -> Iterator[str]:
    """The values of some rows that are texts; the others are faults."""
    for number, value in enumerate(values, start=before + 1):
        try:
            text = value.decode("utf-8", reading.errors) if isinstance(value, bytes) else value
            yield checked_text(text)
        except UnicodeDecodeError as error:
            byte = f"byte {error.start} (0x{value[error.start]:02x})"
            faults.add(f"{name}: row {number}: {byte} of it is not UTF-8")
        except (TypeError, ValueError) as error:
            faults.add(f"{name}: row {number}: {error.args[0]}")


def parquet_batches(pyarrow: Any, stream: Any, name: str, column: str) -> Iterator[list[Any]]:
    """The values of a column of a Parquet file."""
    table = import_module("pyarrow.parquet").ParquetFile(stream)
    names = table.schema_arrow.names
    at = arrow_column(pyarrow, table.schema_arrow, name, column)
    for batch in table.iter_batches(batch_size=ROWS_AT_ONCE, columns=[names[at]]):
        # by name: "a.b" brings along what is b within a
        yield values_of(pyarrow, batch.column(batch.schema.names.index(names[at])))


def arrow_batches(pyarrow: Any, stream: Any, name: str, column: str) -> Iterator[list[Any]]:
    """The values of a column of an Arrow file, in the format of files or that of streams."""
    is_file = stream.read(6) == b"ARROW1"
    stream.seek(0)
    ipc = import_module("pyarrow.ipc")
    table = ipc.open_file(stream) if is_file else ipc.open_stream(stream)
    at = arrow_column(pyarrow, table.schema, name, column)
    batches = map(table.get_batch, range(table.num_record_batches)) if is_file else table
    for batch in batches:
        values = batch.column(at)
        for start in range(0, len(values), ROWS_AT_ONCE):
            yield values_of(pyarrow, values.slice(start, ROWS_AT_ONCE))


def values_of(pyarrow: Any, array: Any) -> list[Any]:
    """The values of an array; as bytes where some are not UTF-8."""
    try:
        found: list[Any] = array.to_pylist()
    except UnicodeDecodeError:
        found = array.cast(pyarrow.large_binary()).to_pylist()
    return found


def arrow_column(pyarrow: Any, schema: Any, name: str, column: str) -> int:
    """The index of a column, by name or by number. Raises `InputError`."""
    number = column_number(column)
    if column in schema.names:
        number = schema.names.index(column)
    if number is None or number >= len(schema.names):
        shown = ", ".join(schema.names[:8])
        raise InputError(f"{name}: has no column {column!r} but {shown}: name one with --column")
    kind = schema.field(number).type
    types = pyarrow.types
    if types.is_dictionary(kind):
        kind = kind.value_type
    if not (types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind)):
        raise InputError(f"{name}: column {schema.names[number]!r} holds {kind}, not strings")
    return number
