"""Labelled texts: two columns of a table, or two fields of JSON lines."""

from __future__ import annotations

import csv
import json
import random
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

from wordpiece.errors import InputError, OptionError
from wordpiece.text.json_lines import at_path
from wordpiece.text.readers import LineFile
from wordpiece.text.reading import Reading
from wordpiece.text.table_rows import (
    column_number,
    csv_rows,
    decoded_lines,
    long_fields,
    row_error,
)

#: Where the texts and labels are unless something else is said, in order of preference.
TEXT_NAMES = ("text", "sentence", "document", "review")
LABEL_NAMES = ("label", "labels", "class", "category")
#: More classes than this are no classes: the column holds something else.
MOST_CLASSES = 1000
#: What columns of labels are called too.
OTHER_LABEL_NAMES = ("sentiment", "rating", "score", "stars", "polarity", "target", "y")


@dataclass(frozen=True)
class Labelled:
    """Texts with their classes: `labels` are places in `names`, which are sorted.

    `empty` counts rows that were passed over because their text is empty.
    """

    file: str
    texts: tuple[str, ...]
    labels: tuple[int, ...]
    names: tuple[str, ...]
    empty: int = 0

    def __len__(self) -> int:
        return len(self.texts)

    @property
    def majority(self) -> float:
        """The share of the most frequent class: the accuracy of who always says that."""
        return max(Counter(self.labels).values(), default=0) / max(len(self), 1)

    def numbered(self, names: tuple[str, ...]) -> Labelled:
        """The same texts with classes numbered as in `names`.

        >>> Labelled("t", ("x",), (0,), ("pos",)).numbered(("neg", "pos")).labels
        (1,)

        Raises `InputError` for a class that is not among them.
        """
        numbers = {name: number for number, name in enumerate(names)}
        for label in sorted(set(self.labels)):
            if self.names[label] not in numbers:
                known = ", ".join(map(repr, names))
                raise InputError(f"{self.file}: the class {self.names[label]!r} is none of {known}")
        labels = tuple(numbers[self.names[label]] for label in self.labels)
        return replace(self, labels=labels, names=names)

    def taken(self, places: Sequence[int]) -> Labelled:
        """Some of the texts, with the same classes."""
        return Labelled(
            self.file,
            tuple(self.texts[at] for at in places),
            tuple(self.labels[at] for at in places),
            self.names,
        )


def read_labelled(
    file: str,
    *,
    text_column: str | None = None,
    label_column: str | None = None,
    names: Sequence[str] | None = None,
) -> Labelled:
    """Read a text and a label from each row of a CSV, TSV or JSON lines file, compressed or not.

    Columns are given by name, or by number from 1 on. Left out, they are found by usual names
    (`text`, `sentence`, `document` or `review`; `label`), and where the first row holds none of
    them, the first column is the text and the second the label. What a file is its name says; a
    `.txt` is TSV. `names` are the classes that are known from before.

    Raises `InputError` for a file that cannot be read, holds no labels, or only one class;
    `OptionError` for a column that is not there.
    """
    kind = Reading().kind_by_name(file)
    if kind in ("parquet", "arrow"):
        raise InputError(f"{file}: labels are read from CSV, TSV and JSON lines: convert it first")
    if kind == "jsonl":
        found = list(json_pairs(file, text_column, label_column))
    else:
        rows = table_rows(file, tabs=kind != "csv")
        found = list(table_pairs(file, rows, text_column, label_column))
    kept = [(text, label) for text, label in found if text.strip()]
    if not kept:
        raise InputError(f"{file}: holds no labelled text")
    if text_column is label_column is None and kind != "jsonl":
        check_first_row(file, kept)
    classes = tuple(names) if names is not None else class_names(file, kept)
    numbers = {name: number for number, name in enumerate(classes)}
    for _, label in kept:
        if label not in numbers:
            raise InputError(f"{file}: has a label {label!r}; known are {', '.join(classes)}")
    texts, labels = zip(*kept, strict=True)
    return Labelled(
        file, texts, tuple(numbers[label] for label in labels), classes, len(found) - len(kept)
    )


def check_first_row(file: str, kept: Sequence[tuple[str, str]]) -> None:
    """Raise `InputError` when the first row looks like names of columns that are not known.

    Its label is a usual name for one, or the only one that is no number.
    """
    (text, label), others = kept[0], {label for _, label in kept[1:]}
    number_of_none = bool(others) and all(map(str.isdecimal, others)) and not label.isdecimal()
    if label not in others and (
        number_of_none or label.lower() in (*LABEL_NAMES, *OTHER_LABEL_NAMES)
    ):
        raise InputError(
            f"{file}: row 1 ({text[:40]!r}, {label[:40]!r}) looks like names of columns: name them "
            "with --text-column and --label-column, or give their numbers if it is a text"
        )


def class_names(file: str, kept: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """The classes: numbers in their order, other names by code points.

    Raises `InputError` when there is only one, or so many that they are none.
    """
    found = {label for _, label in kept}
    if len(found) < 2:
        raise InputError(
            f"{file}: all texts have the label {next(iter(found))!r}: there must be two classes"
        )
    if len(found) > MOST_CLASSES:
        raise InputError(
            f"{file}: {len(found):,} different labels are no classes (at most {MOST_CLASSES:,}): "
            "name the right column with --label-column"
        )
    numeric = all(label.isdecimal() for label in found)
    return tuple(sorted(found, key=lambda name: (int(name), name) if numeric else (0, name)))


# ---------------------------------------------------------------- tables


def table_rows(file: str, *, tabs: bool) -> Iterator[list[str]]:
    """The rows of a table that are not empty."""
    with long_fields():
        rows = csv_rows(decoded_lines(LineFile(file), Reading()), tabs=tabs)
        try:
            yield from (row for row in rows if row)
        except csv.Error as error:
            raise InputError(f"{file}: line {rows.line_num}: {row_error(error)}") from None


def table_pairs(
    file: str, rows: Iterator[list[str]], text: str | None, label: str | None
) -> Iterator[tuple[str, str]]:
    """The text and the label of each row; the first row may hold the names of the columns."""
    first = next(rows, None)
    if first is None:
        raise InputError(f"{file}: is empty")
    text_at, text_named = place(file, first, text, TEXT_NAMES, "--text-column", 0)
    label_at, label_named = place(file, first, label, LABEL_NAMES, "--label-column", 1)
    if text_at == label_at:
        raise OptionError(f"{file}: text and label are both column {text_at + 1}")
    named = text_named or label_named
    for number, row in enumerate(rows if named else chain([first], rows), start=1 + named):
        yield checked(file, number, row, text_at, label_at)


def place(
    file: str, first: list[str], given: str | None, usual: Sequence[str], option: str, default: int
) -> tuple[int, bool]:
    """The index of a column, and whether the first row names it."""
    number = column_number(given)
    names = [name.strip().lower() for name in first]
    if number is not None:
        if number >= len(first):
            raise OptionError(f"{option} {given}: {file} has {len(first)} columns")
        return number, any(name in names for name in usual)
    if given is not None:
        if given not in first:
            raise OptionError(
                f"{option} {given!r}: {file} has no such column but {', '.join(first)[:200]}: name "
                "one, or give its number, from 1 on"
            )
        return first.index(given), True
    for name in usual:
        if name in names:
            return names.index(name), True
    if len(first) > 2:
        raise InputError(
            f"{file}: has {len(first)} columns, and the first row names none of them "
            f"{' or '.join(usual)}: say which with {option}, by name or by number"
        )
    if default >= len(first):
        raise InputError(
            f"{file}: has no labels: its rows have {len(first)} column{'s' * (len(first) > 1)}, "
            "and a text and a label are needed, with a tab between (a comma in .csv)"
        )
    return default, False


def checked(file: str, number: int, row: list[str], text: int, label: int) -> tuple[str, str]:
    """The two fields of a row. Raises `InputError` when one is missing or the label is empty."""
    if max(text, label) >= len(row):
        raise InputError(f"{file}: row {number}: has {len(row)} of {max(text, label) + 1} columns")
    if not row[label].strip():
        raise InputError(f"{file}: row {number}: the label is empty")
    return row[text], row[label].strip()


# ---------------------------------------------------------------- JSON lines


def json_pairs(file: str, text: str | None, label: str | None) -> Iterator[tuple[str, str]]:
    """The text and the label of each JSON object."""
    for number, line in enumerate(decoded_lines(LineFile(file), Reading()), start=1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise InputError(f"{file}: line {number}: is no JSON: {error}") from None
        own = field(file, number, value, (text,) if text else TEXT_NAMES, "--text-column")
        if not isinstance(own, str):
            raise InputError(f"{file}: line {number}: the text is no string")
        name = field(file, number, value, (label,) if label else LABEL_NAMES, "--label-column")
        if name is None or isinstance(name, dict | list) or not str(name).strip():
            raise InputError(f"{file}: line {number}: the label must be a string or a number")
        yield own, str(name).strip()


def field(file: str, number: int, value: Any, names: Sequence[str], option: str) -> Any:
    """A field of an object, under the first of some names that it has."""
    for name in names:
        try:
            return at_path(value, name)
        except (LookupError, TypeError):
            continue
    raise InputError(f"{file}: line {number}: has no {' or '.join(names)}: name it with {option}")


# ---------------------------------------------------------------- to learn from, and to measure on


def read_divided(
    file: str,
    tests: Sequence[str] = (),
    *,
    text_column: str | None = None,
    label_column: str | None = None,
    seed: int = 0,
) -> tuple[Labelled, Labelled]:
    """The texts to learn from, and those held out: of other files, or one in ten of each class."""
    training = read_labelled(file, text_column=text_column, label_column=label_column)
    if not tests:
        return held_out_part(training, seed=seed)
    held_out = [
        read_labelled(
            test, text_column=text_column, label_column=label_column, names=training.names
        )
        for test in tests
    ]
    return training, joined(held_out)


def held_out_part(labelled: Labelled, *, seed: int) -> tuple[Labelled, Labelled]:
    """One text in ten of each class, and about 2,000 at most, apart from the others.

    A class of one text keeps it. Raises `InputError` when nothing can be held out.
    """
    share = min(0.1, 2000 / max(1, len(labelled)))
    places = list(range(len(labelled)))
    random.Random(seed).shuffle(places)
    held_out: list[int] = []
    for number in range(len(labelled.names)):
        own = [at for at in places if labelled.labels[at] == number]
        held_out += own[: min(len(own) - 1, max(1, round(share * len(own))))]
    if not held_out:
        raise InputError(
            f"{labelled.file}: has one text of each label: none can be held out; name texts to "
            "measure on with --test"
        )
    apart = set(held_out)
    training = [at for at in range(len(labelled)) if at not in apart]
    rest = replace(labelled.taken(training), empty=labelled.empty)
    return rest, labelled.taken(sorted(held_out))


def joined(parts: Sequence[Labelled]) -> Labelled:
    """Several files as one; their classes are the same."""
    return Labelled(
        ", ".join(part.file for part in parts),
        tuple(text for part in parts for text in part.texts),
        tuple(label for part in parts for label in part.labels),
        parts[0].names,
        sum(part.empty for part in parts),
    )


def drawn(labelled: Labelled, limit: int | None, option: str) -> Labelled:
    """No more than so many of the texts. Raises `OptionError` for a number below 1."""
    if limit is not None and limit < 1:
        raise OptionError(f"{option} {limit}: must be at least 1")
    if limit is None or limit >= len(labelled):
        return labelled
    return split(labelled, len(labelled) - limit, seed=0)[0]


def split(labelled: Labelled, held_out: int, *, seed: int) -> tuple[Labelled, Labelled]:
    """Texts to learn from, and `held_out` of them apart, drawn evenly by a seed; none twice.

    Raises `InputError` when nothing would be left to learn from.
    """
    places = list(range(len(labelled)))
    random.Random(seed).shuffle(places)
    if held_out >= len(places):
        raise InputError(
            f"{labelled.file}: has only {len(places):,} texts; {held_out:,} are to be held out"
        )
    training = labelled.taken(sorted(places[held_out:]))
    return training, labelled.taken(sorted(places[:held_out]))
