"""Tables: a text in one column of each row, in CSV and TSV or in the formats of Arrow."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from wordpiece.errors import InputError
from wordpiece.text.cuts import lines
from wordpiece.text.readers import LineFile
from wordpiece.text.reading import DEFAULT_FIELD, Faults, Reading, checked_text
from wordpiece.text.streams import STDIN, can_be_reopened, opened

#: Rows of a table that are handed on together.
ROWS_AT_ONCE = 1000
#: A number that is no more than a few digits is the number of a column.
MOST_DIGITS = 6


# ---------------------------------------------------------------- CSV and TSV


def csv_texts(
    file: LineFile, reading: Reading, faults: Faults, *, tabs: bool
) -> Iterator[list[str]]:
    """The texts of one column, by the rules of Python's `csv`.

    With the name of a column the first row holds names; with a number it is a row like any other.
    A quote that never closes is an error, not a field that swallows the rest. In TSV a quote is a
    character like any other.
    """
    rows = csv_rows(decoded_lines(file, reading), tabs=tabs)
    at = column_number(reading.column)
    if at is None:
        try:
            with long_fields():
                names: list[str] = next(rows, [])
        except csv.Error as error:
            raise InputError(f"{file.name}: line 1: {row_error(error)}") from None
        if not names:
            return  # an empty file has no rows
        at = named_column(names, file.name, reading.column or DEFAULT_FIELD)
    while True:
        with long_fields():
            texts, ended = some_rows(rows, at, file.name, faults)
        yield texts
        if ended:
            return


def csv_rows(lines: Iterator[str], *, tabs: bool) -> Any:
    """The rows of lines; in TSV a quote is a character like any other."""
    if tabs:
        return csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
    return csv.reader(lines, strict=True)


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
