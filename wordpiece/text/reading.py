"""How corpora are to be read: the kind of each file, where its texts are, what is passed over."""

from __future__ import annotations

import re
from pathlib import PurePath
from typing import Any, Literal, NamedTuple, get_args

from wordpiece.errors import InputError, OptionError

#: What to do with bytes that are not UTF-8: refuse the file, or put U+FFFD for them.
DecodingErrors = Literal["strict", "replace"]
#: What to do with a record that cannot be read: refuse the file, or pass over the record.
OnError = Literal["stop", "skip"]
#: Lines of text; a JSON value a line; rows of a table, as text or in the two formats of Arrow.
Kind = Literal["text", "jsonl", "csv", "tsv", "parquet", "arrow"]
Format = Literal["auto", "text", "jsonl", "csv", "tsv", "parquet", "arrow"]

#: The endings of names that say what a file is, once an ending that says how it is compressed is
#: taken off.
KINDS: dict[str, Kind] = {
    ".txt": "text",
    ".text": "text",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".jsonlines": "jsonl",
    ".json": "jsonl",
    ".csv": "csv",
    ".tsv": "tsv",
    ".tab": "tsv",
    ".parquet": "parquet",
    ".arrow": "arrow",
    ".feather": "arrow",
}
COMPRESSED = {".gz", ".bz2", ".xz", ".zst"}
#: The kinds whose rows have columns.
TABLES = ("csv", "tsv", "parquet", "arrow")
#: Where the text of a JSON object or of a row is, unless something else is said.
DEFAULT_FIELD = "text"
#: How a stream of Arrow begins, which no text does.
ARROW_STREAM = b"\xff\xff\xff\xff"
#: The beginning of a JSON object that has this field first or later; for names that say nothing.
JSON_OBJECT = re.compile(rb'(?:\xef\xbb\xbf)?\s*\{\s*"')


class Reading(NamedTuple):
    """How to read: the kind of the files (`auto`: each says it), and where in them the texts are.

    `field` is a path of names with dots in a JSON object, `column` the name of a column, or its
    number from 1 on in a table without a row of names. `errors` is about bytes that are not UTF-8,
    `on_error` about records that cannot be read.

    >>> Reading(column="2").kind_by_content(b"1,some text")
    'csv'
    """

    format: Format = "auto"
    field: str | None = None
    column: str | None = None
    errors: DecodingErrors = "strict"
    on_error: OnError = "stop"

    def check(self) -> None:
        """Raise `OptionError` for values that are not allowed."""
        for option, value, choices in (
            ("--format", self.format, get_args(Format)),
            ("--errors", self.errors, get_args(DecodingErrors)),
            ("--on-error", self.on_error, get_args(OnError)),
        ):
            if value not in choices:
                raise OptionError(f"{option} {value!r}: must be one of {', '.join(choices)}")
        for option, name in (("--field", self.field), ("--column", self.column)):
            if name == "" or not isinstance(name, str | None):
                raise OptionError(f"{option} {name!r}: must name where the text is")
        if self.field and self.format not in ("auto", "jsonl"):
            raise OptionError(f"--field {self.field}: is for JSON lines, not for {self.format}")
        if self.column and self.format not in ("auto", *TABLES):
            raise OptionError(f"--column {self.column}: is for tables, not for {self.format}")

    def kind_by_name(self, name: str) -> Kind | None:
        """What a file is, as was said, or as the ending of its name says; None where neither does.

        >>> Reading().kind_by_name("a.jsonl.gz"), Reading().kind_by_name("-")
        ('jsonl', None)
        """
        if self.format != "auto":
            return self.format
        path = PurePath(name)
        packed = path.suffix.lower() in COMPRESSED
        ending = PurePath(path.stem).suffix if packed else path.suffix
        return KINDS.get(ending.lower())

    def kind_by_content(self, beginning: bytes) -> Kind:
        """What a file is whose name does not say it, by where in it the texts are, or its bytes."""
        if beginning.startswith(b"PAR1"):
            return "parquet"
        if beginning.startswith((b"ARROW1", ARROW_STREAM)):
            return "arrow"
        if self.field or (not self.column and JSON_OBJECT.match(beginning)):
            return "jsonl"
        return "csv" if self.column else "text"

    @property
    def path(self) -> str:
        """Where the text of a JSON object is."""
        return self.field or DEFAULT_FIELD


#: Files read as they say themselves, where nothing was said.
AS_IT_IS = Reading()


class Faults:
    """Records that cannot be read: the first one ends the reading, or they are counted.

    >>> faults = Faults("skip")
    >>> faults.add("a.jsonl: line 3: no field 'text'")
    >>> faults.number, faults.first
    (1, "a.jsonl: line 3: no field 'text'")
    """

    def __init__(self, on_error: OnError) -> None:
        self.on_error = on_error
        self.number = 0
        self.first = ""

    def add(self, message: str) -> None:
        """Raise `InputError` with what is wrong, or count it."""
        if self.on_error == "stop":
            raise InputError(f"{message}: mend it, or pass over such records with --on-error skip")
        self.add_counted(1, message)

    def add_counted(self, number: int, first: str) -> None:
        """Add what was passed over elsewhere."""
        if number and not self.number:
            self.first = first
        self.number += number

    def take(self) -> tuple[int, str]:
        """How many there were since they were last taken, and the first."""
        found = self.number, self.first
        self.number, self.first = 0, ""
        return found


def skip_warnings(number: int, first: str) -> list[str]:
    """What to say of records that were passed over."""
    if not number:
        return []
    were = "record was" if number == 1 else "records were"
    return [f"{number} {were} passed over; the first: {first}"]


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
